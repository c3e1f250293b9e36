//! What hangs on single objects: finalizers, cleanups and weak pointers.
//!
//! A finalizer keeps what its object points to alive, but not the object. When the object's span is swept and it is found unmarked, the finalizer is
//! queued and the object lives until the next collection. Cleanups and weak pointers see the object go.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;
use std::sync::atomic::Ordering;

use super::Heap;
use super::mark::Marker;
use super::span::Span;

/// Something that hangs on an object.
#[derive(Clone, Copy, Debug)]
pub enum Special {
    /// A call of `closure` with the object: as a pointer, or as an interface with this first word.
    Finalizer {
        closure: *mut u8,
        object: *mut u8,
        iface_word: Option<u64>,
        result_slots: u32,
    },
    /// A call of `closure`, without parameters.
    Cleanup { closure: *mut u8, id: u64 },
    /// A cell (8 bytes, without pointers for the collector) that holds the object's address until it is gone. `seen`: the last collection that found it alive
    /// and has swept it.
    Weak { cell: *mut u64, seen: u32 },
}

/// A function that is due to run.
#[derive(Clone, Copy, Debug)]
pub struct DueCall {
    pub closure: *mut u8,
    /// Parameter words: none for a cleanup.
    pub params: [u64; 2],
    pub param_slots: u32,
    pub result_slots: u32,
}

/// The specials of a machine.
#[derive(Default)]
pub struct Specials {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// By address: of an object, or of a part of a block of tiny ones.
    by_address: BTreeMap<usize, Vec<Special>>,
    due: VecDeque<DueCall>,
    next_cleanup: u64,
    /// Collections whose marking has ended.
    markings: u32,
}

impl Specials {
    /// Sets the finalizer of the object at `addr`; false if it has one.
    pub fn set_finalizer(&self, heap: &Heap, addr: usize, finalizer: Special) -> bool {
        let mut inner = self.inner.lock().unwrap();
        let list = inner.by_address.entry(addr).or_default();
        if list.iter().any(|s| matches!(s, Special::Finalizer { .. })) {
            return false;
        }
        list.push(finalizer);
        announce(heap, addr, &finalizer);
        true
    }

    pub fn clear_finalizer(&self, addr: usize) {
        self.retain(addr, |s| !matches!(s, Special::Finalizer { .. }));
    }

    /// Adds a cleanup; the number stops it.
    pub fn add_cleanup(&self, heap: &Heap, addr: usize, closure: *mut u8) -> u64 {
        let mut inner = self.inner.lock().unwrap();
        inner.next_cleanup += 1;
        let id = inner.next_cleanup;
        let special = Special::Cleanup { closure, id };
        inner.by_address.entry(addr).or_default().push(special);
        announce(heap, addr, &special);
        id
    }

    pub fn stop_cleanup(&self, addr: usize, id: u64) {
        self.retain(
            addr,
            |s| !matches!(s, Special::Cleanup { id: other, .. } if *other == id),
        );
    }

    /// The weak cell of an address; `make` makes it if there is none.
    pub fn weak_cell(&self, heap: &Heap, addr: usize, make: impl FnOnce() -> *mut u64) -> *mut u64 {
        let mut inner = self.inner.lock().unwrap();
        let seen = inner.markings;
        let list = inner.by_address.entry(addr).or_default();
        let known = list.iter().find_map(|s| match s {
            Special::Weak { cell, .. } => Some(*cell),
            _ => None,
        });
        known.unwrap_or_else(|| {
            let cell = make();
            let special = Special::Weak { cell, seen };
            list.push(special);
            announce(heap, addr, &special);
            cell
        })
    }

    /// What a weak cell holds, 0 if that is gone: also when it is, and only nobody has swept it yet. Who gives it to the program while marking is on must shade it.
    pub fn weak_value(&self, heap: &Heap, cell: *const u64) -> usize {
        let inner = self.inner.lock().unwrap();
        // SAFETY: a cell made by `weak_cell`; it changes under the lock.
        let addr = unsafe { *cell } as usize;
        let list = inner.by_address.get(&addr).map_or(&[][..], |list| list);
        let swept = list.iter().any(
            |s| matches!(s, Special::Weak { cell: c, seen } if c.cast_const() == cell && *seen == inner.markings),
        );
        let span = heap.span_of(addr);
        if swept || span.is_null() {
            return addr;
        }
        // SAFETY: the table holds valid spans. Who sweeps this one asks for the lock first.
        let span = unsafe { &*span };
        if span.is_marked(span.slot_of(addr)) {
            addr
        } else {
            0
        }
    }

    /// With the program stopped: from now on what is not marked is gone.
    pub(crate) fn end_marking(&self) {
        let mut inner = self.inner.lock().unwrap();
        inner.markings = inner.markings.wrapping_add(1);
    }

    /// The next call that is due.
    pub fn take_due(&self) -> Option<DueCall> {
        self.inner.lock().unwrap().due.pop_front()
    }

    pub fn has_due(&self) -> bool {
        !self.inner.lock().unwrap().due.is_empty()
    }

    fn retain(&self, addr: usize, keep: impl Fn(&Special) -> bool) {
        let mut inner = self.inner.lock().unwrap();
        if let Some(list) = inner.by_address.get_mut(&addr) {
            list.retain(keep);
            if list.is_empty() {
                inner.by_address.remove(&addr);
            }
        }
    }

    /// Marks what specials keep alive whatever happens.
    pub(crate) fn mark_roots(&self, marker: &mut Marker) {
        let inner = self.inner.lock().unwrap();
        for call in &inner.due {
            marker.mark(call.closure as usize);
            for word in call.params {
                marker.mark(word as usize);
            }
        }
        for (&addr, list) in &inner.by_address {
            list.iter().for_each(|special| special.mark(addr, marker));
        }
    }

    /// Calls `visit` with every object that specials keep alive whatever happens, and the start of every object whose contents they do.
    pub(crate) fn for_each_root(
        &self,
        mut visit: impl FnMut(usize),
        mut contents: impl FnMut(usize),
    ) {
        let inner = self.inner.lock().unwrap();
        for call in &inner.due {
            visit(call.closure as usize);
            call.params.iter().for_each(|word| visit(*word as usize));
        }
        for (&addr, list) in &inner.by_address {
            for special in list {
                match special {
                    Special::Finalizer { closure, .. } => {
                        visit(*closure as usize);
                        contents(addr);
                    }
                    Special::Cleanup { closure, .. } => visit(*closure as usize),
                    Special::Weak { cell, .. } => visit(*cell as usize),
                }
            }
        }
    }

    /// Before a span is swept: queues what is due for its unmarked objects. Those that have a finalizer are marked, and so live on.
    pub(crate) fn sweep(&self, span: &Span) {
        let mut inner = self.inner.lock().unwrap();
        let Inner {
            by_address,
            due,
            markings,
            ..
        } = &mut *inner;
        let all = span.start..span.start + span.slots as usize * span.size;
        let mut at = all.start;
        while let Some((&addr, _)) = by_address.range(at..all.end).next() {
            let slot = span.slot_of(addr);
            let object = span.slot_addr(slot)..span.slot_addr(slot + 1);
            at = object.end;
            if span.is_marked(slot) {
                for (_, list) in by_address.range_mut(object) {
                    for special in list {
                        if let Special::Weak { seen, .. } = special {
                            *seen = *markings;
                        }
                    }
                }
                continue;
            }
            // Weak pointers are cleared before a finalizer could bring the object back.
            let mut finalizers = false;
            for (_, list) in by_address.range_mut(object.clone()) {
                list.retain(|special| match special {
                    Special::Weak { cell, .. } => {
                        // SAFETY: the cell was marked as a root.
                        unsafe { **cell = 0 };
                        false
                    }
                    Special::Finalizer { .. } => {
                        finalizers = true;
                        true
                    }
                    Special::Cleanup { .. } => true,
                });
            }
            // While there are finalizers, cleanups wait.
            for (_, list) in by_address.range_mut(object.clone()) {
                list.retain(|special| {
                    let call = special.due_call();
                    let now = finalizers == matches!(special, Special::Finalizer { .. });
                    if now {
                        due.extend(call);
                    }
                    !now
                });
            }
            if finalizers {
                span.set_marks(slot, slot + 1);
            }
            let empty: Vec<usize> = by_address
                .range(object)
                .filter(|(_, list)| list.is_empty())
                .map(|(addr, _)| *addr)
                .collect();
            empty.iter().for_each(|addr| {
                by_address.remove(addr);
            });
        }
        if by_address.range(all).next().is_none() {
            span.has_specials.store(false, Ordering::Release);
        }
    }
}

impl Special {
    /// Marks what it keeps alive.
    fn mark(&self, addr: usize, marker: &mut Marker) {
        match self {
            Special::Finalizer { closure, .. } => {
                marker.mark(*closure as usize);
                marker.mark_contents(addr);
            }
            Special::Cleanup { closure, .. } => marker.mark(*closure as usize),
            // A weak pointer's cell lives as long as its target or a Go reference to it.
            Special::Weak { cell, .. } => marker.mark(*cell as usize),
        }
    }

    fn due_call(&self) -> Option<DueCall> {
        match *self {
            Special::Finalizer {
                closure,
                object,
                iface_word,
                result_slots,
            } => {
                let object = object as u64;
                let (params, param_slots) =
                    iface_word.map_or(([object, 0], 1), |word| ([word, object], 2));
                Some(DueCall {
                    closure,
                    params,
                    param_slots,
                    result_slots,
                })
            }
            Special::Cleanup { closure, .. } => Some(DueCall {
                closure,
                params: [0; 2],
                param_slots: 0,
                result_slots: 0,
            }),
            Special::Weak { .. } => None,
        }
    }
}

/// A special has been added: the sweeper is to know, and marking, if it is under way.
fn announce(heap: &Heap, addr: usize, special: &Special) {
    let span = heap.span_of(addr);
    if !span.is_null() {
        // SAFETY: the table holds valid spans.
        unsafe { (*span).has_specials.store(true, Ordering::Release) };
    }
    if heap.marking.load(Ordering::Relaxed) {
        let mut marker = Marker::new(heap);
        special.mark(addr, &mut marker);
        marker.share();
    }
}
