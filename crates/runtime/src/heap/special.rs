//! What hangs on single objects: finalizers, cleanups and weak pointers.
//!
//! A finalizer keeps what its object points to alive, but not the object; when the object is found unreachable the finalizer is
//! queued and the object lives until the next collection. Cleanups and weak pointers see the object go.

use std::collections::VecDeque;
use std::sync::Mutex;

use rustc_hash::FxHashMap;

use super::mark::Marker;

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
    /// A cell (8 bytes, without pointers for the collector) that holds the object's address until it is gone.
    Weak { cell: *mut u64 },
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
    /// By start of the object.
    by_object: FxHashMap<usize, Vec<Special>>,
    due: VecDeque<DueCall>,
    next_cleanup: u64,
}

impl Specials {
    /// Sets the finalizer of the object that starts at `start`; false if it has one.
    pub fn set_finalizer(&self, start: usize, finalizer: Special) -> bool {
        let mut inner = self.inner.lock().unwrap();
        let list = inner.by_object.entry(start).or_default();
        if list.iter().any(|s| matches!(s, Special::Finalizer { .. })) {
            return false;
        }
        list.push(finalizer);
        true
    }

    pub fn clear_finalizer(&self, start: usize) {
        self.retain(start, |s| !matches!(s, Special::Finalizer { .. }));
    }

    /// Adds a cleanup; the number stops it.
    pub fn add_cleanup(&self, start: usize, closure: *mut u8) -> u64 {
        let mut inner = self.inner.lock().unwrap();
        inner.next_cleanup += 1;
        let id = inner.next_cleanup;
        inner
            .by_object
            .entry(start)
            .or_default()
            .push(Special::Cleanup { closure, id });
        id
    }

    pub fn stop_cleanup(&self, start: usize, id: u64) {
        self.retain(
            start,
            |s| !matches!(s, Special::Cleanup { id: other, .. } if *other == id),
        );
    }

    /// The weak cell of an object, if it has one.
    pub fn weak_cell(&self, start: usize) -> Option<*mut u64> {
        let inner = self.inner.lock().unwrap();
        inner.by_object.get(&start)?.iter().find_map(|s| match s {
            Special::Weak { cell } => Some(*cell),
            _ => None,
        })
    }

    pub fn add_weak(&self, start: usize, cell: *mut u64) {
        let mut inner = self.inner.lock().unwrap();
        inner
            .by_object
            .entry(start)
            .or_default()
            .push(Special::Weak { cell });
    }

    /// The next call that is due.
    pub fn take_due(&self) -> Option<DueCall> {
        self.inner.lock().unwrap().due.pop_front()
    }

    pub fn has_due(&self) -> bool {
        !self.inner.lock().unwrap().due.is_empty()
    }

    fn retain(&self, start: usize, keep: impl Fn(&Special) -> bool) {
        let mut inner = self.inner.lock().unwrap();
        if let Some(list) = inner.by_object.get_mut(&start) {
            list.retain(keep);
            if list.is_empty() {
                inner.by_object.remove(&start);
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
        for (&start, list) in &inner.by_object {
            for special in list {
                match special {
                    Special::Finalizer { closure, .. } => {
                        marker.mark(*closure as usize);
                        marker.mark_contents(start);
                    }
                    Special::Cleanup { closure, .. } => marker.mark(*closure as usize),
                    // A weak pointer's cell lives as long as its target or a Go reference to it.
                    Special::Weak { cell } => marker.mark(*cell as usize),
                }
            }
        }
    }

    /// After marking: queues what is due for unreachable objects.
    pub(crate) fn find_due(&self, marker: &mut Marker) {
        let mut inner = self.inner.lock().unwrap();
        let Inner { by_object, due, .. } = &mut *inner;
        let mut resurrected = Vec::new();
        by_object.retain(|&start, list| {
            if marker.is_marked(start) {
                return true;
            }
            // Weak pointers are cleared before a finalizer could bring the object back.
            for special in list.iter() {
                if let Special::Weak { cell } = special {
                    // SAFETY: the cell was marked as a root.
                    unsafe { **cell = 0 };
                }
            }
            list.retain(|s| !matches!(s, Special::Weak { .. }));
            let finalizer = list
                .iter()
                .position(|s| matches!(s, Special::Finalizer { .. }));
            if let Some(at) = finalizer {
                if let Special::Finalizer {
                    closure,
                    object,
                    iface_word,
                    result_slots,
                } = list.swap_remove(at)
                {
                    let object = object as u64;
                    let (params, param_slots) =
                        iface_word.map_or(([object, 0], 1), |word| ([word, object], 2));
                    due.push_back(DueCall {
                        closure,
                        params,
                        param_slots,
                        result_slots,
                    });
                    resurrected.push(start);
                }
            } else {
                for special in list.drain(..) {
                    if let Special::Cleanup { closure, .. } = special {
                        due.push_back(DueCall {
                            closure,
                            params: [0; 2],
                            param_slots: 0,
                            result_slots: 0,
                        });
                    }
                }
            }
            !list.is_empty()
        });
        for start in resurrected {
            marker.mark(start);
        }
        marker.drain();
    }
}
