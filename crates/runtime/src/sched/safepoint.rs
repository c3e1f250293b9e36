//! The slow path of a safepoint: what a running goroutine does when somebody has poisoned its guard.

use std::sync::atomic::Ordering;

use bytecode::func::Safepoint;

use crate::g::{G_CANCELLED, G_CRAMPED, Top};
use crate::panic::Step;
use crate::runtime::{After, M};
use crate::stubs::GOEXIT;

/// What kind of instruction a safepoint is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SafepointKind {
    /// A function's entry (after the frame is known to fit, the closure is in its slot).
    Entry,
    /// A loop's back-edge.
    Loop,
    /// An allocation, before it allocates.
    Alloc,
    /// Any other instruction that may move the stack.
    Other,
}

impl M {
    /// The slow path of a safepoint, taken when `poll` says so (or when a call's frame does not fit in a poisoned guard; first `grow_stack` if the frame
    /// does not fit above `G::plain_guard`). Collects, moves the stack in stress modes, gives way.
    ///
    /// `top` describes the state from which the goroutine is to go on; after `Continue` the engine reloads `fp` from it. After `Switch` the goroutine
    /// is queued with this state, and the engine calls `schedule`.
    pub fn safepoint_slow(&mut self, top: &mut Top, kind: SafepointKind) -> After {
        let rt = self.rt();
        let stress = rt.config.stress;
        let g = self.g();
        g.save(top);
        if (top.fp as usize) < g.wanted_guard() {
            g.prove_stack();
        }
        if rt.world.is_stopping() {
            self.stop_here();
        }
        if self.gc_safepoint() {
            return After::Switch;
        }
        if rt.gc_requested.load(Ordering::Acquire) {
            self.collect_if_due();
        } else if stress.collect && kind == SafepointKind::Alloc {
            self.collect_a_little();
        }
        if stress.move_stacks {
            let size = self.g().stack.size();
            self.copy_stack(self.g, size, &mut []);
        }
        if self.g().flags & G_CRAMPED != 0 {
            self.g().flags &= !G_CRAMPED;
            let size = self.g().stack.size() * 2;
            if size <= rt.max_stack.load(Ordering::Relaxed) {
                self.copy_stack(self.g, size, &mut []);
            }
        }
        *top = self.g().top();
        if self.g().flags & G_CANCELLED != 0 && kind != SafepointKind::Entry {
            self.g().flags &= !G_CANCELLED;
            if let Step::Continue { pc, fp } = self.start_goexit(top.pc, top.fp) {
                *top = Top::at(
                    pc,
                    fp,
                    Safepoint {
                        map: 1,
                        func: GOEXIT,
                    }
                    .pack(),
                );
            }
        }
        if !self.p().hands_over() {
            // The goroutine did not give way to the one in the slot.
            let waiting = self.p().take_own_next();
            if !waiting.is_null() {
                self.enqueue(waiting);
                rt.sched.wake_another(rt);
            }
        }
        // The host's thread, if it is wanted, finds out in `schedule`.
        let preempt = self.p().preempt.swap(false, Ordering::AcqRel)
            || stress.preempt
            || self.is_main && (rt.sched.host_calls() || rt.sched.is_finished());
        if preempt {
            self.yield_now(top);
            return After::Switch;
        }
        if std::mem::take(&mut self.p().flooded) {
            self.yield_behind(top);
            return After::Switch;
        }
        self.reset_guard();
        After::Continue
    }

    /// Whether a frame at `fp` fits on the current goroutine's stack, whatever its guard says.
    #[inline]
    pub fn frame_fits(&mut self, fp: *const u64) -> bool {
        fp as usize >= self.g().plain_guard() && fp as usize <= self.g().stack.hi
    }
}
