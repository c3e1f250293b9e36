//! The checker of pointers: independent of the collector's marking, run after collections in stress modes and by tests.
//!
//! Every slot that a map marks must be null, point into its own stack's used part, into a live heap object, or to immortal memory; every pointer
//! word of a live object likewise, but never into a stack. And when marking ends, all that can be reached is marked: a store without its barrier
//! shows here.

use std::sync::atomic::Ordering;

use rustc_hash::FxHashSet;

use crate::g::G;
use crate::heap::central::SpanPtr;
use crate::runtime::Runtime;
use crate::walk;

impl Runtime {
    /// Panics (a bug of the virtual machine) when a pointer is wrong. The program is stopped, caches are flushed.
    pub fn verify(&self) {
        let mut stacks = Vec::new();
        self.sched.for_each_g(|g| {
            // SAFETY: descriptors are never freed and the program is stopped.
            if unsafe { (*g).has_started() } {
                stacks.push(g);
            }
        });
        for &g in &stacks {
            // SAFETY: descriptors are never freed and the program is stopped.
            let g = unsafe { &*g };
            let mut bad = None;
            // SAFETY: the goroutine is stopped with its state saved.
            unsafe {
                walk::walk_pointers(self, &g.top(), g.stack.hi, |slot| {
                    if bad.is_none() && !self.plausible(*slot as usize, Some(g)) {
                        bad = Some((slot, *slot));
                    }
                });
            }
            if let Some((slot, value)) = bad {
                panic!("goroutine {}: {}", g.id, self.describe_slot(g, slot, value));
            }
        }
        self.globals.for_each_pointer(|slot| {
            // SAFETY: a word of a variable.
            let value = unsafe { *slot };
            assert!(
                self.plausible(value as usize, None),
                "package variable {slot:p} holds {value:#x}"
            );
        });
        let spans = self.heap.inner.lock().unwrap().spans.clone();
        for span in spans {
            // SAFETY: the list holds valid spans.
            let s = unsafe { &*span };
            if s.noscan {
                continue;
            }
            for slot in (0..s.slots as usize).filter(|&slot| s.is_allocated(slot)) {
                let start = s.slot_addr(slot);
                for addr in (start..start + s.size).step_by(8) {
                    let (word, bit) = self.heap.bit_of(addr);
                    // SAFETY: a bitmap word and a word of a live object.
                    let value = unsafe {
                        if (*word).load(Ordering::Relaxed) >> bit & 1 == 0 {
                            continue;
                        }
                        *(addr as *const usize)
                    };
                    if !self.plausible(value, None) {
                        let in_stack = stacks.iter().any(|&g| {
                            // SAFETY: as above.
                            unsafe { (*g).stack.contains(value) }
                        });
                        let what = if in_stack {
                            "a pointer into a stack"
                        } else {
                            "a bad pointer"
                        };
                        panic!(
                            "object {start:#x} of {} bytes: word {} is {what}: {value:#x}",
                            s.size,
                            (addr - start) / 8
                        );
                    }
                }
            }
        }
    }

    /// At the end of marking, with the program stopped: panics when something unmarked can be reached.
    pub fn verify_marks(&self) {
        let mut seen: FxHashSet<usize> = FxHashSet::default();
        let mut work: Vec<usize> = Vec::new();
        let mut reach = |addr: usize, work: &mut Vec<usize>, from: &dyn Fn() -> String| {
            let Some((start, _)) = self.heap.object_of(addr) else {
                let inside = addr.wrapping_sub(self.heap.base) < self.heap.size;
                assert!(!inside, "{addr:#x} is no object; found in {}", from());
                return;
            };
            if seen.insert(start) {
                let span = SpanPtr(self.heap.span_of(addr));
                assert!(
                    span.get().is_marked(span.get().slot_of(addr)),
                    "object {start:#x} of {} bytes (class {}, {}) is reached but not marked; found in {}",
                    span.get().size,
                    span.get().class,
                    if span.get().noscan {
                        "no pointers"
                    } else {
                        "with pointers"
                    },
                    from()
                );
                work.push(start);
            }
        };
        self.for_each_other_root(|addr| reach(addr, &mut work, &|| "a root".to_owned()));
        self.sched.for_each_g(|g| {
            // SAFETY: descriptors are never freed and the program is stopped.
            let g = unsafe { &*g };
            self.for_each_root_of(g, |addr| {
                reach(addr, &mut work, &|| {
                    format!("goroutine {} ({:?})", g.id, g.status())
                });
            });
        });
        let mut contents = Vec::new();
        self.gc.specials.for_each_root(
            |addr| reach(addr, &mut work, &|| "a special".to_owned()),
            |addr| contents.push(addr),
        );
        work.extend(
            contents
                .iter()
                .filter_map(|addr| Some(self.heap.object_of(*addr)?.0)),
        );
        while let Some(start) = work.pop() {
            let Some((_, size)) = self.heap.object_of(start) else {
                continue;
            };
            // SAFETY: an object's span.
            if unsafe { (*self.heap.span_of(start)).noscan } {
                continue;
            }
            for addr in (start..start + size).step_by(8) {
                let (word, bit) = self.heap.bit_of(addr);
                // SAFETY: a bitmap word and a word of a live object.
                let value = unsafe {
                    if (*word).load(Ordering::Relaxed) >> bit & 1 == 0 {
                        continue;
                    }
                    *(addr as *const usize)
                };
                reach(value, &mut work, &|| {
                    format!(
                        "word {} of object {start:#x} of {size} bytes",
                        (addr - start) / 8
                    )
                });
            }
        }
    }

    fn plausible(&self, value: usize, g: Option<&G>) -> bool {
        if value == 0 {
            return true;
        }
        if value.wrapping_sub(self.heap.base) < self.heap.size {
            return self.heap.object_of(value).is_some();
        }
        if let Some(g) = g
            && g.stack.contains(value)
        {
            return value >= g.sp as usize;
        }
        // Immortal memory: code, descriptors, string constants, package variables. A poisoned or small word is none of these.
        let mut in_other_stack = false;
        self.sched.for_each_g(|other| {
            // SAFETY: descriptors are never freed and the program is stopped.
            in_other_stack |= unsafe { (*other).stack.contains(value) };
        });
        !in_other_stack && value > 4096 && value < 1 << 47 && value as u32 != 0xdbdb_dbdb
    }

    fn describe_slot(&self, g: &G, slot: *mut u64, value: u64) -> String {
        // SAFETY: the goroutine is stopped with its state saved.
        let frames = unsafe { walk::Frames::new(self, &g.top()) };
        for frame in frames {
            let info = frame.info;
            let end = frame.fp.wrapping_add(
                info.frame_slots as usize + 1 + (info.arg_slots + info.result_slots) as usize,
            );
            if slot >= frame.fp && slot < end {
                let index = (slot as usize - frame.fp as usize) / 8;
                let safepoint = bytecode::func::Safepoint::unpack(frame.safepoint);
                return format!(
                    "{} at word {}: slot {index} of {} is in map {} but holds {value:#x}",
                    info.function.name,
                    frame.pc_offset(),
                    info.frame_slots,
                    safepoint.map
                );
            }
        }
        format!("slot {slot:p} holds {value:#x}")
    }
}
