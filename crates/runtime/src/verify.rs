//! The checker of pointers: independent of the collector's marking, run after collections in stress modes and by tests.
//!
//! Every slot that a map marks must be null, point into its own stack's used part, into a live heap object, or to immortal memory; every pointer
//! word of a live object likewise, but never into a stack.

use crate::g::G;
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
                        if *word >> bit & 1 == 0 {
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
