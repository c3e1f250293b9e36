//! Spans that no processor's cache holds, by class: swept ones with and without room, and those that the last collection left to be swept.
//!
//! Taking a span from a list is what gives a thread the right to sweep it and to change its allocation bits. So the end of marking
//! has only to turn the lists over: what was swept is to be swept again.

use std::sync::Mutex;

use super::span::Span;

/// A pointer to a descriptor that may cross threads.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SpanPtr(pub *mut Span);
// SAFETY: descriptors are never freed; who may change one follows from the list that it is on.
unsafe impl Send for SpanPtr {}

impl SpanPtr {
    #[inline]
    pub fn get(&self) -> &Span {
        // SAFETY: descriptors are never freed, and shared ones are changed through atomics only.
        unsafe { &*self.0 }
    }
}

/// The lists of a class (of one kind, with or without pointers).
#[derive(Default)]
pub struct Central {
    lists: Mutex<Lists>,
}

#[derive(Default)]
struct Lists {
    partial: Vec<SpanPtr>,
    full: Vec<SpanPtr>,
    /// Unswept: those that had room, and those that were full.
    stale_partial: Vec<SpanPtr>,
    stale_full: Vec<SpanPtr>,
}

impl Central {
    /// A swept span with room.
    pub fn take_partial(&self) -> Option<SpanPtr> {
        self.lists.lock().unwrap().partial.pop()
    }

    /// A span that is to be swept.
    pub fn take_stale(&self) -> Option<SpanPtr> {
        let mut lists = self.lists.lock().unwrap();
        let span = lists.stale_partial.pop();
        span.or_else(|| lists.stale_full.pop())
    }

    /// Takes a swept span.
    pub fn put(&self, span: SpanPtr) {
        let mut lists = self.lists.lock().unwrap();
        if span.get().is_full() {
            lists.full.push(span);
        } else {
            lists.partial.push(span);
        }
    }

    /// After marking, with the program stopped: all is to be swept. Everything was, so this takes no time.
    pub fn turn_over(&self) {
        let mut lists = self.lists.lock().unwrap();
        let lists = &mut *lists;
        debug_assert!(lists.stale_partial.is_empty() && lists.stale_full.is_empty());
        std::mem::swap(&mut lists.partial, &mut lists.stale_partial);
        std::mem::swap(&mut lists.full, &mut lists.stale_full);
    }
}
