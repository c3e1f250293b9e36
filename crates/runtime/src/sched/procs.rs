//! The processors: which there are, which are idle, and whom to ask when something is wanted of a running goroutine.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;

use super::{Inner, MAX_PROCS, Sched};
use crate::g::{G, POISON};
use crate::runtime::{M, P, Runtime};

/// `P::status`: on the idle list.
pub const IDLE: u8 = 0;
/// Held by a thread that runs goroutines or looks for some.
pub const RUNNING: u8 = 1;
/// Its goroutine is in a native that may block; whoever changes this to `IDLE` has taken the processor from its thread.
pub const SYSCALL: u8 = 2;
/// Held by a thread that waits for the world to go on.
pub const STOPPED: u8 = 3;

impl Sched {
    /// The lock of the scheduler's lists.
    pub(crate) fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// GOMAXPROCS
    pub fn procs(&self) -> usize {
        self.proc_count.load(Ordering::Acquire)
    }

    /// A processor by its number, which is below `procs()`.
    #[inline]
    pub(crate) fn proc(&self, i: usize) -> *mut P {
        self.all_procs[i].load(Ordering::Acquire)
    }

    /// All processors that were ever made, also those beyond GOMAXPROCS.
    pub(crate) fn made_procs(&self) -> impl Iterator<Item = *mut P> {
        self.all_procs
            .iter()
            .map(|p| p.load(Ordering::Acquire))
            .take_while(|p| !p.is_null())
    }

    /// Makes processors until there are `count`. All beyond that many go out of use, with nothing to run on them.
    fn make_procs(&self, inner: &mut Inner, count: usize) {
        let count = count.clamp(1, MAX_PROCS);
        for i in 0..count {
            if self.proc(i).is_null() {
                let p = Box::into_raw(Box::new(P::new(i as u32)));
                self.all_procs[i].store(p, Ordering::Release);
                self.put_idle(inner, p);
            }
        }
        self.proc_count.store(count, Ordering::Release);
    }

    /// Puts a processor, whose thread has let go of it, on the idle list.
    pub(crate) fn put_idle(&self, inner: &mut Inner, p: *mut P) {
        // SAFETY: processors are never freed; nobody else has this one.
        unsafe {
            (*p).running.store(std::ptr::null_mut(), Ordering::Relaxed);
            let own = (*p).take_own_next();
            if !own.is_null() {
                self.push_global_locked(inner, own);
            }
            (*p).status.store(IDLE, Ordering::Release);
        }
        inner.idle.push(p);
        self.gate.add_idle();
    }

    /// An idle processor, which is the caller's from now on. None while the world is stopped.
    pub(crate) fn take_idle(&self, rt: &Runtime, inner: &mut Inner) -> Option<*mut P> {
        if rt.world.is_stopping() {
            return None;
        }
        let p = inner.idle.pop()?;
        self.gate.remove_idle();
        // SAFETY: processors are never freed; it was on the list, now it is the caller's.
        unsafe { (*p).status.store(RUNNING, Ordering::Release) };
        self.monitor.rouse();
        Some(p)
    }

    /// Whether some goroutine waits for its turn, where another processor may take it.
    pub(crate) fn any_work(&self) -> bool {
        if self.global_len.load(Ordering::SeqCst) > 0 {
            return true;
        }
        // SAFETY: processors are never freed; these fields are atomics.
        (0..self.procs()).any(|i| unsafe {
            let p = self.proc(i);
            let queue = &(*p).run_queue;
            queue.ring_len() > 0 || !queue.peek_behind().is_null() || (*p).next_may_be_taken()
        })
    }

    /// Whether a goroutine has not come to a safepoint although the world was to be stopped.
    pub(crate) fn still_runs(&self, g: *const G) -> bool {
        self.made_procs().any(|p| {
            // SAFETY: processors are never freed; these fields are atomics.
            unsafe {
                (*p).status.load(Ordering::SeqCst) == RUNNING
                    && (*p).running.load(Ordering::SeqCst).cast_const() == g
            }
        })
    }

    /// Makes every running goroutine come to its next safepoint.
    pub(crate) fn poison_running(&self, rt: &Runtime) {
        // After what is wanted has been made known; see `reset_guard`.
        crate::fences::heavy();
        for i in 0..self.procs() {
            // SAFETY: processors are never freed; these fields are atomics.
            unsafe { (*self.proc(i)).poison() };
        }
        rt.watch_loops();
    }
}

/// After this many goroutines in a row that ran as soon as the one which had made them ready parked, the next such one is left alone.
const HANDOVERS: u32 = 8;

impl P {
    /// The goroutine in the `next` slot is going to run here, by all experience, within a moment.
    pub(crate) fn hands_over(&self) -> bool {
        self.handovers.load(Ordering::Relaxed) >= HANDOVERS
    }

    /// By the processor's thread: takes the goroutine out of its own slot, if there is one.
    #[inline]
    pub(crate) fn take_own_next(&self) -> *mut G {
        let g = self.own_next.load(Ordering::Relaxed);
        if !g.is_null() {
            self.own_next.store(std::ptr::null_mut(), Ordering::Relaxed);
        }
        g
    }

    /// Some goroutine waits for its turn here.
    pub(crate) fn has_work(&self) -> bool {
        !self.run_queue.is_empty() || !self.own_next.load(Ordering::Relaxed).is_null()
    }

    /// There is a goroutine in the `next` slot that another processor should take.
    pub(crate) fn next_may_be_taken(&self) -> bool {
        !self.hands_over() && !self.run_queue.peek_next().is_null()
    }

    /// The running goroutine has parked, and the one in the slot runs.
    pub(crate) fn handed_over(&self) {
        let count = self.handovers.load(Ordering::Relaxed);
        self.handovers
            .store((count + 1).min(HANDOVERS), Ordering::Relaxed);
    }

    /// It did not.
    pub(crate) fn kept_waiting(&self) {
        self.handovers.store(0, Ordering::Relaxed);
    }

    /// Asks the running goroutine to give way.
    pub(crate) fn ask_to_yield(&self, rt: &Runtime) {
        self.preempt.store(true, Ordering::SeqCst);
        self.ask_for_safepoint(rt);
    }

    /// Makes the running goroutine come to its next safepoint.
    pub(crate) fn ask_for_safepoint(&self, rt: &Runtime) {
        crate::fences::heavy();
        self.poison();
        rt.watch_loops();
    }

    /// Poisons the running goroutine's guard, if there is one. After a fence, and before loops are watched.
    fn poison(&self) {
        let g = self.running.load(Ordering::SeqCst);
        if !g.is_null() {
            // SAFETY: descriptors are never freed; a goroutine that has been switched out gets its guard anew.
            unsafe { (*g).stackguard.store(POISON, Ordering::SeqCst) };
        }
    }
}

impl Runtime {
    /// After something has been asked of goroutines: loops of compiled code, which do without polls while nobody asks, have them.
    pub(crate) fn watch_loops(&self) {
        if let Some(tier) = self.tier.get() {
            self.loops_watched.store(true, Ordering::Relaxed);
            tier.watch_loops();
        }
    }

    /// Loops can do without polls again, unless something is wanted.
    #[inline]
    pub(crate) fn relax_loops(&self) {
        if self.loops_watched.load(Ordering::Relaxed) {
            self.relax_watched_loops();
        }
    }

    #[cold]
    fn relax_watched_loops(&self) {
        if let Some(tier) = self.tier.get() {
            tier.relax_loops(&|| {
                let wanted = self.is_something_wanted();
                self.loops_watched.store(wanted, Ordering::Relaxed);
                wanted
            });
        }
    }

    /// Whether some goroutine is to come to a safepoint. What `reset_guard` asks, of all processors.
    fn is_something_wanted(&self) -> bool {
        let asked = |p: &P| {
            let g = p.running.load(Ordering::SeqCst);
            // SAFETY: descriptors are never freed.
            let poisoned = || unsafe { (*g).stackguard.load(Ordering::SeqCst) } == POISON;
            !g.is_null() && (p.preempt.load(Ordering::SeqCst) || poisoned())
        };
        self.world.is_stopping()
            || self.gc_requested.load(Ordering::SeqCst)
            || self.heap.marking.load(Ordering::SeqCst)
            || self.gc.collector.stops_goroutines()
            || self.sched.host_calls()
            || self.sched.is_finished()
            || self.sched.made_procs().any(|p| {
                // SAFETY: processors are never freed; these fields are atomics.
                asked(unsafe { &*p })
            })
    }
}

impl M {
    /// For the host's thread, when the machine is made.
    pub(crate) fn take_first_processor(&mut self) {
        let rt = self.rt();
        let mut inner = rt.sched.inner();
        let count = match rt.config.procs {
            0 => std::thread::available_parallelism().map_or(1, usize::from),
            n => n,
        };
        rt.sched.make_procs(&mut inner, count);
        inner.idle.reverse();
        self.p = rt
            .sched
            .take_idle(rt, &mut inner)
            .expect("one was just made");
        let _ = rt.sched.main_thread.set(self.thread.clone());
    }

    /// runtime.GOMAXPROCS, in a native: the previous number.
    pub fn set_procs(&mut self, count: usize) -> usize {
        let rt = self.rt();
        let old = rt.sched.procs();
        if count == 0 || count.min(MAX_PROCS) == old {
            return old;
        }
        let world = self.stop_world();
        let mut inner = rt.sched.inner();
        let count = count.min(MAX_PROCS);
        rt.sched.make_procs(&mut inner, count);
        // Which are idle is decided anew. Threads with processors that go out of use give them up when they next look for work (`leave_unused`).
        inner.idle.retain(|&p| {
            // SAFETY: as above.
            let used = unsafe { (*p).id as usize } < count;
            if !used {
                rt.sched.gate.remove_idle();
            }
            used
        });
        for p in rt.sched.made_procs() {
            // SAFETY: as above.
            let r = unsafe { &*p };
            if r.id as usize >= count {
                r.ask_to_yield(rt);
            } else if r.status.load(Ordering::Relaxed) == IDLE && !inner.idle.contains(&p) {
                rt.sched.put_idle(&mut inner, p);
            }
        }
        drop(inner);
        drop(world);
        rt.sched.wake_another(rt);
        old
    }

    /// Whether GOMAXPROCS no longer counts this thread's processor. Then it has been given up.
    pub(crate) fn leave_unused(&mut self) -> bool {
        let rt = self.rt();
        let unused = self.p().id as usize >= rt.sched.procs();
        if unused {
            // What it may have been given in between.
            let mut inner = rt.sched.inner();
            let p = std::mem::replace(&mut self.p, std::ptr::null_mut());
            // SAFETY: it is still this thread's.
            unsafe {
                (*p).running.store(std::ptr::null_mut(), Ordering::Relaxed);
                let own = (*p).take_own_next();
                if !own.is_null() {
                    rt.sched.push_global_locked(&mut inner, own);
                }
                (*p).run_queue
                    .drain(|g| rt.sched.push_global_locked(&mut inner, g));
                (*p).status.store(IDLE, Ordering::Release);
            }
        }
        unused
    }
}
