//! Moving a stack: growth (morestack), shrinking, and the copy with its precise adjustment.
//!
//! The used part is copied once, to the high end of the new stack. Then the frames are walked in the new memory, and each slot that its
//! safepoint's map marks, and whose value lies in the old stack, gets the distance added. Nothing else is touched: an integer that happens to
//! equal a stack address stays as it is. Records that the goroutine's descriptor keeps are adjusted likewise; most name frames by their
//! distance from `hi`, which no copy changes.

use std::sync::atomic::Ordering;

use crate::g::{G, G_PINNED, POISON, Status, Top};
use crate::runtime::{M, Runtime};
use crate::stack::{MIN_STACK, RED_ZONE, Stack};
use crate::walk;

/// A goroutine's stack would exceed the limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackOverflow {
    pub limit: usize,
}

impl G {
    /// Whether less than a quarter of the stack is in use and it may become smaller.
    pub(crate) fn wants_shrink(&self) -> bool {
        let size = self.stack.size();
        let stays =
            matches!(self.status(), Status::Dead | Status::Syscall) || self.flags & G_PINNED != 0;
        if size <= MIN_STACK || stays {
            return false;
        }
        // What is in use at least must leave room below the guard of the smaller stack.
        let used = self.stack.hi.saturating_sub(self.sp as usize) + RED_ZONE;
        used < size / 4
    }
}

impl M {
    /// Grows the current goroutine's stack until a frame at `top.fp` fits (`needed` more bytes below it, usually 0). `top` and `extra` (addresses that
    /// may point into the stack: a closure about to be called) are adjusted.
    pub fn grow_stack(
        &mut self,
        top: &mut Top,
        needed: usize,
        extra: &mut [usize],
    ) -> Result<(), StackOverflow> {
        let rt = self.rt();
        let begin = rt.nanotime();
        let g = self.g();
        let used = (g.stack.hi - (top.fp as usize).min(top.sp as usize)) + needed + RED_ZONE;
        let mut size = g.stack.size() * 2;
        while size < used {
            size *= 2;
        }
        let limit = rt.max_stack.load(Ordering::Relaxed);
        if size > limit {
            return Err(StackOverflow { limit });
        }
        g.save(top);
        self.check_stack_limit(size);
        self.copy_stack(self.g, size, extra);
        *top = self.g().top();
        let counts = &rt.stacks.counts;
        counts.grows.fetch_add(1, Ordering::Relaxed);
        counts
            .grow_ns
            .fetch_add((rt.nanotime() - begin) as u64, Ordering::Relaxed);
        Ok(())
    }

    /// Moves a goroutine, whose state is saved in its `G`, to a fresh stack of `size` bytes.
    pub(crate) fn copy_stack(&mut self, g: *mut G, size: usize, extra: &mut [usize]) {
        let new = self.alloc_stack(size);
        // SAFETY: descriptors are never freed; the goroutine is stopped or is the caller's.
        let old = self.rt().move_to_stack(unsafe { &mut *g }, new, extra);
        self.free_stack(old);
    }
}

impl Runtime {
    /// Halves a goroutine's stack. Its state is saved in its `G`, and it stays where it is meanwhile.
    pub(crate) fn shrink_stack(&self, g: &mut G) {
        let new = self.stacks.alloc_shared(g.stack.size() / 2);
        let old = self.move_to_stack(g, new, &mut []);
        self.stacks.free_shared(old);
        self.stacks.counts.shrinks.fetch_add(1, Ordering::Relaxed);
    }

    /// Moves a goroutine, whose state is saved in its `G`, to another stack; the old one.
    fn move_to_stack(&self, g: &mut G, new: Stack, extra: &mut [usize]) -> Stack {
        let rt = self;
        let size = new.size();
        let old = g.stack;
        let delta = new.hi.wrapping_sub(old.hi);
        let used = old.hi - g.sp as usize;
        debug_assert!(used <= size);
        // SAFETY: `used` bytes below `hi` belong to either stack.
        unsafe {
            std::ptr::copy_nonoverlapping(g.sp.cast::<u8>(), (new.hi - used) as *mut u8, used);
        }
        g.stack = new;
        if new.size() != old.size() {
            g.note_stack_size(new.size() > old.size());
        }
        g.fp = (g.fp as usize).wrapping_add(delta) as *mut u64;
        g.sp = (new.hi - used) as *mut u64;
        // Unless somebody wants something of it, now or at this very moment.
        let guard = g.stackguard.load(Ordering::Relaxed);
        if guard < POISON {
            let wanted = g.wanted_guard();
            let _ =
                g.stackguard
                    .compare_exchange(guard, wanted, Ordering::SeqCst, Ordering::Relaxed);
        }
        let moved = |addr: u64| {
            if old.contains(addr as usize) {
                addr.wrapping_add(delta as u64)
            } else {
                addr
            }
        };
        let mut adjusted = 0u64;
        // SAFETY: the copy is a stack at the same safepoint.
        let frames = unsafe {
            walk::walk_pointers(rt, &g.top(), new.hi, |slot| {
                let value = *slot;
                if (value as usize).wrapping_sub(old.lo) < old.hi - old.lo {
                    *slot = value.wrapping_add(delta as u64);
                    adjusted += 1;
                }
            })
        };
        for record in g.defers.records_mut() {
            record.closure = moved(record.closure as u64) as *mut u8;
        }
        if let Some(extra) = &mut g.extra {
            for panic in &mut extra.panics {
                panic.value.data = moved(panic.value.data as u64) as *mut u8;
            }
        }
        for value in extra {
            *value = moved(*value as u64) as usize;
        }
        let counts = &rt.stacks.counts;
        counts
            .copied_bytes
            .fetch_add(used as u64, Ordering::Relaxed);
        counts.frames.fetch_add(frames as u64, Ordering::Relaxed);
        counts.adjusted_slots.fetch_add(adjusted, Ordering::Relaxed);
        old
    }
}
