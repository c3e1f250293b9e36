//! How a thread finds the next goroutine to run: its processor's queue, the global one, descriptors, other processors' queues; and how it sleeps when there is
//! nothing, keeps watch over the timers meanwhile, or finds that nobody will ever run again.

use std::sync::atomic::{Ordering, fence};
use std::time::Duration;

use super::procs::{IDLE, RUNNING};
use super::{Next, Sched};
use crate::g::{G, G_CANCELLED, G_LOCKED, POISON, Status, Top};
use crate::heap::barrier::marking;
use crate::runtime::{M, Runtime, Stop};
use crate::stubs::START;
use bytecode::func::Safepoint;

/// Goroutines that a processor takes from the global queue at most.
const BATCH: usize = 128;
/// Rounds over all processors before a thief gives up; in the last ones it takes what is about to run, too.
const ROUNDS: u32 = 4;
/// A thread that is woken for less work than this, in nanoseconds, so many times running, is no longer woken for a while: it looks for work every now and then.
const BRIEF: i64 = 30_000;
const BRIEF_CALLS: u32 = 4;
const NAP: Duration = Duration::from_micros(150);
const NAPS: u32 = 4;
/// How long the keeper sleeps when a timer is due that it has no processor to run.
const OVERDUE: Duration = Duration::from_micros(200);
/// How long a thief leaves a goroutine alone that has just been made ready on a processor that is running, in spins: some 20 microseconds.
const LEAVE_ALONE: u32 = 500;

/// Has the cache fetch the descriptor of a goroutine that is to run soon. Null does no harm.
fn prefetch(g: *const G) {
    use std::arch::x86_64::{_MM_HINT_T0, _mm_prefetch};
    for line in (0..size_of::<G>()).step_by(64) {
        // SAFETY: a hint that faults on no address.
        unsafe { _mm_prefetch::<_MM_HINT_T0>(g.cast::<i8>().wrapping_add(line)) };
    }
}

impl M {
    /// Finds the next goroutine to run: collects and fires timers on the way, sleeps when there is nothing to do, reports a deadlock when there never will be.
    pub fn schedule(&mut self) -> Next {
        let rt = self.rt();
        debug_assert!(self.g.is_null());
        loop {
            if self.is_main
                && let Some(next) = self.called_home()
            {
                return next;
            }
            if !self.locked_g.is_null() {
                let g = self.sleep_locked();
                if !g.is_null() {
                    self.switch_to(g, false);
                    return Next::Run(g);
                }
                continue;
            }
            if self.p.is_null() {
                if let Some(exit) = self.sleep() {
                    return exit;
                }
                continue;
            }
            // SAFETY: the thread's own processor.
            unsafe {
                (*self.p)
                    .running
                    .store(std::ptr::null_mut(), Ordering::Release);
            }
            if rt.world.is_stopping() {
                self.drop_spinning();
                self.stop_here();
                continue;
            }
            if self.p().id as usize >= rt.sched.procs() {
                self.drop_spinning();
                self.leave_unused();
                continue;
            }
            if rt.gc_requested.load(Ordering::Acquire) {
                self.collect_if_due();
            }
            self.run_timers();
            let (g, inherits) = self.pick();
            if g.is_null() {
                if let Some(exit) = self.idle() {
                    return exit;
                }
                continue;
            }
            // SAFETY: descriptors are never freed; the goroutine was taken from a queue.
            if unsafe { (*g).flags } & G_LOCKED != 0 {
                self.hand_to_its_thread(g);
                continue;
            }
            if std::mem::take(&mut self.spinning) && rt.sched.gate.end_spin() {
                // Where there was one there may be more.
                rt.sched.wake_another(rt);
            }
            self.switch_to(g, inherits);
            return Next::Run(g);
        }
    }

    /// Whether a goroutine that wants a lock may wait awake for an instant: another processor is running a goroutine, which may be the one that holds the lock, and this one has
    /// no other to run.
    pub fn may_wait_awake(&mut self) -> bool {
        let sched = &self.rt().sched;
        let procs = sched.procs();
        let busy = procs.saturating_sub(sched.gate.idle() + sched.gate.spinning());
        let p = self.p();
        busy > 1 && p.run_queue.is_empty() && p.own_next.load(Ordering::Relaxed).is_null()
    }

    /// The host's thread: whether it is to return to the host.
    fn called_home(&mut self) -> Option<Next> {
        let sched = &self.rt().sched;
        if sched.is_finished() {
            return self.take_finish();
        }
        if sched.host_calls() && sched.host_call.swap(false, Ordering::SeqCst) {
            self.stop = Stop::Host;
            return Some(Next::Exit(0));
        }
        None
    }

    pub(crate) fn drop_spinning(&mut self) {
        if std::mem::take(&mut self.spinning) {
            self.rt().sched.gate.end_spin();
        }
    }

    /// The next goroutine, and whether it goes on in the time slice of the one that made it ready (so that two that wake each
    /// other in turn are preempted as one).
    fn pick(&mut self) -> (*mut G, bool) {
        let rt = self.rt();
        let p = self.p();
        let ticks = p.ticks.load(Ordering::Relaxed).wrapping_add(1);
        p.ticks.store(ticks, Ordering::Relaxed);
        if ticks.is_multiple_of(61) {
            let g = rt.sched.pop_global();
            if !g.is_null() {
                return (g, false);
            }
        }
        let own = p.take_own_next();
        if !own.is_null() {
            return (own, true);
        }
        let next = p.run_queue.peek_next();
        if !next.is_null() && p.run_queue.take_next(next) {
            p.handed_over();
            return (next, true);
        }
        let g = p.run_queue.pop();
        if !g.is_null() {
            prefetch(p.run_queue.peek());
            return (g, false);
        }
        let g = self.take_global();
        if !g.is_null() {
            return (g, false);
        }
        (self.search(), false)
    }

    /// A share of the global queue: one goroutine to run, the others for the processor's queue.
    fn take_global(&mut self) -> *mut G {
        let rt = self.rt();
        let sched = &rt.sched;
        let len = sched.global_len.load(Ordering::Acquire);
        if len == 0 {
            return std::ptr::null_mut();
        }
        let share = (len / sched.procs() + 1).min(BATCH);
        let mut taken = [std::ptr::null_mut(); BATCH];
        let mut count = 0;
        {
            let mut inner = sched.inner();
            while count < share {
                let g = inner.global.pop();
                if g.is_null() {
                    break;
                }
                taken[count] = g;
                count += 1;
            }
            sched.global_len.fetch_sub(count, Ordering::SeqCst);
        }
        if count == 0 {
            return std::ptr::null_mut();
        }
        taken[1..count].iter().for_each(|&g| self.enqueue(g));
        taken[0]
    }

    /// Looks where others have goroutines that wait.
    fn search(&mut self) -> *mut G {
        let rt = self.rt();
        let sched = &rt.sched;
        if rt.netpoll.waiting() > 0 && !sched.someone_polls() {
            sched.ready_polled(rt, rt.netpoll.poll());
            let g = sched.pop_global();
            if !g.is_null() {
                return g;
            }
        }
        let procs = sched.procs();
        if procs == 1 {
            return std::ptr::null_mut();
        }
        if !self.spinning {
            if !sched.gate.may_spin(procs) {
                return std::ptr::null_mut();
            }
            self.spinning = true;
            sched.gate.begin_spin();
        }
        for round in 0..ROUNDS {
            let first = rt.random() as usize % procs;
            for i in 0..procs {
                let victim = sched.proc((first + i) % procs);
                if victim == self.p {
                    continue;
                }
                // SAFETY: processors are never freed; others may steal from their queues.
                let victim = unsafe { &*victim };
                let g = self.p().run_queue.steal_from(&victim.run_queue);
                if !g.is_null() {
                    return g;
                }
                if round + 1 < ROUNDS || !victim.next_may_be_taken() {
                    continue;
                }
                let (next, ticks) = (
                    victim.run_queue.peek_next(),
                    victim.ticks.load(Ordering::Relaxed),
                );
                // Most likely the goroutine that made it ready is about to park. If it does, and makes the same one ready again, that is another matter.
                let same = || {
                    victim.ticks.load(Ordering::Relaxed) == ticks
                        && victim.run_queue.peek_next() == next
                };
                if victim.status.load(Ordering::Relaxed) == RUNNING {
                    let mut left = LEAVE_ALONE;
                    while left > 0 && same() {
                        left -= 1;
                        std::hint::spin_loop();
                    }
                }
                if !next.is_null() && same() && victim.run_queue.take_next(next) {
                    return next;
                }
            }
            if rt.world.is_stopping() || sched.global_len.load(Ordering::Relaxed) > 0 {
                break;
            }
        }
        std::ptr::null_mut()
    }

    pub(crate) fn switch_to(&mut self, g: *mut G, inherits: bool) {
        self.g = g;
        // SAFETY: a runnable goroutine taken from a queue is ours, but for who reads it under the scan lock: `change` waits for that.
        let r = unsafe { &mut *g };
        let scanned = marking();
        let changed = r
            .status
            .change_unless(scanned, Status::Runnable, Status::Running);
        debug_assert!(changed, "ran a goroutine that is {:?}", r.status());
        if !r.has_started() {
            self.give_first_stack(r);
        }
        let p = self.p();
        p.flooded = false;
        if !inherits {
            p.slices.store(
                p.slices.load(Ordering::Relaxed).wrapping_add(1),
                Ordering::Relaxed,
            );
            p.preempt.store(false, Ordering::Relaxed);
        }
        p.running.store(g, Ordering::Release);
        self.reset_guard();
    }

    /// Gives a goroutine its first stack: before it runs, so that those that wait for their turn have none.
    fn give_first_stack(&mut self, g: &mut G) {
        let size = self.first_stack_size(g);
        self.check_stack_limit(size);
        g.stack = self.alloc_stack(size);
        let fp = (g.stack.hi - 8) as *mut u64;
        // SAFETY: the first word of a fresh stack: slot 0 of the start stub's frame.
        unsafe { *fp = std::mem::replace(&mut g.wait, std::ptr::null_mut()) as u64 };
        let safepoint = Safepoint {
            map: 1,
            func: START,
        };
        let code = self.rt().stubs.start.code.load(Ordering::Acquire);
        g.save(&Top::at(code, fp, safepoint.pack()));
    }

    /// Sets the running goroutine's guard as what is pending demands.
    pub(crate) fn reset_guard(&mut self) {
        let rt = self.rt();
        let is_main = self.is_main;
        let preempt = self.p().preempt.as_ptr();
        let g = self.g();
        let wanted = if rt.config.stress.any() {
            POISON
        } else {
            g.wanted_guard()
        };
        g.stackguard.store(wanted, Ordering::Relaxed);
        // A request that came before the fence is seen here, one that comes later finds the goroutine running and poisons again.
        crate::fences::light();
        // SAFETY: the flag of the thread's own processor.
        let preempt = unsafe { std::sync::atomic::AtomicBool::from_ptr(preempt) };
        if rt.gc_requested.load(Ordering::SeqCst)
            || preempt.load(Ordering::SeqCst)
            || rt.world.is_stopping()
            || is_main && (rt.sched.host_calls() || rt.sched.is_finished())
            || g.flags & G_CANCELLED != 0
            || rt.wants_safepoint(g)
        {
            g.stackguard.store(POISON, Ordering::SeqCst);
            rt.watch_loops();
        } else {
            rt.relax_loops();
        }
    }

    /// There is nothing to run: lets go of the processor, looks once more, sleeps.
    fn idle(&mut self) -> Option<Next> {
        let rt = self.rt();
        let sched = &rt.sched;
        {
            let mut inner = sched.inner();
            if rt.world.is_stopping() || inner.global.len() > 0 {
                return None;
            }
            sched.put_idle(&mut inner, self.p);
            self.p = std::ptr::null_mut();
        }
        if self.spinning && self.is_wanted_briefly() && self.nap() {
            return None;
        }
        self.drop_spinning();
        fence(Ordering::SeqCst);
        if sched.any_work() && self.take_processor() {
            self.spinning = true;
            sched.gate.begin_spin();
            return None;
        }
        let next = self.sleep();
        self.awake_since = rt.nanotime();
        next
    }

    /// Takes an idle processor, if there is one.
    fn take_processor(&mut self) -> bool {
        let rt = self.rt();
        let taken = rt.sched.take_idle(rt, &mut rt.sched.inner());
        if let Some(p) = taken {
            self.p = p;
        }
        taken.is_some()
    }

    /// Whether the thread has been woken several times running for work that took less time than waking it.
    fn is_wanted_briefly(&mut self) -> bool {
        let brief = self.rt().nanotime() - self.awake_since < BRIEF;
        self.brief_calls = if brief { self.brief_calls + 1 } else { 0 };
        self.brief_calls >= BRIEF_CALLS
    }

    /// Without a processor, but as one that searches still, so that nobody need wake it: sleeps for moments and looks whether there is work. True: it has a processor.
    fn nap(&mut self) -> bool {
        let rt = self.rt();
        let sched = &rt.sched;
        for _ in 0..NAPS {
            self.thread.park(Some(NAP));
            if rt.world.is_stopping() || self.is_main && (sched.is_finished() || sched.host_calls())
            {
                break;
            }
            if sched.any_work() && self.take_processor() {
                self.awake_since = rt.nanotime();
                return true;
            }
        }
        self.brief_calls = 0;
        false
    }

    /// Without a processor: sleeps until it is given one. One sleeper is the keeper, who wakes up for timers and descriptors.
    fn sleep(&mut self) -> Option<Next> {
        let rt = self.rt();
        let sched = &rt.sched;
        loop {
            let keeps;
            {
                let mut inner = sched.inner();
                if self.is_main && (sched.is_finished() || sched.host_calls()) {
                    return None;
                }
                if sched.is_deadlock(rt, &inner) {
                    drop(inner);
                    return Some(self.deadlock());
                }
                keeps = inner.keeper.is_none();
                if keeps {
                    inner.keeper = Some(self.thread.clone());
                } else {
                    inner.sleeping.push(self.thread.clone());
                }
            }
            if keeps {
                self.keep_watch();
            } else {
                self.thread.park(None);
            }
            {
                let mut inner = sched.inner();
                inner
                    .sleeping
                    .retain(|t| !std::sync::Arc::ptr_eq(t, &self.thread));
                if inner
                    .keeper
                    .as_ref()
                    .is_some_and(|t| std::sync::Arc::ptr_eq(t, &self.thread))
                {
                    inner.keeper = None;
                }
            }
            // Who takes a thread off the lists hands it a processor under the same lock.
            if self.take_handed() {
                return None;
            }
            let due = rt.timers.next_due().is_some_and(|t| t <= rt.nanotime());
            if (due || sched.any_work()) && self.take_processor() {
                return None;
            }
            // Where all processors are busy they see to it, or the monitor makes them.
        }
    }

    /// Waits for the next timer, for descriptors, or to be woken.
    fn keep_watch(&mut self) {
        let rt = self.rt();
        let sched = &rt.sched;
        sched.watchers.fetch_add(1, Ordering::SeqCst);
        loop {
            let due = rt.timers.next_due();
            self.thread
                .wakes_at
                .store(due.unwrap_or(i64::MAX), Ordering::SeqCst);
            fence(Ordering::SeqCst);
            // A timer set in between either sees when the keeper means to wake, or is seen here.
            if rt.timers.next_due() != due {
                continue;
            }
            let left = due.map(|t| t - rt.nanotime());
            let wait = match left {
                None => None,
                Some(left) if left > 0 => Some(Duration::from_nanos(left as u64)),
                Some(_) if sched.gate.idle() > 0 && !rt.world.is_stopping() => break,
                // Due, but nobody can run it now.
                Some(_) => Some(OVERDUE),
            };
            let event = if rt.netpoll.waiting() > 0 {
                self.thread.event()
            } else {
                -1
            };
            if event >= 0 {
                self.thread.polls.store(true, Ordering::SeqCst);
                if !self.thread.take_token() {
                    // Whom the poll returns waits no longer, and is not in a queue yet.
                    sched.begin_external();
                    sched.ready_polled(rt, rt.netpoll.wait_events(event, wait));
                    // Not `end_external`: this thread itself looks for a deadlock next.
                    sched.external.fetch_sub(1, Ordering::SeqCst);
                }
                self.thread.polls.store(false, Ordering::SeqCst);
                self.thread.take_token();
            } else {
                self.thread.park(wait);
            }
            break;
        }
        sched.watchers.fetch_sub(1, Ordering::SeqCst);
    }

    /// Reports that nobody will ever run again.
    fn deadlock(&mut self) -> Next {
        let sched = &self.rt().sched;
        let text = if sched.main_gone.load(Ordering::Relaxed) && sched.num_goroutines() == 0 {
            "no goroutines (main called runtime.Goexit) - deadlock!"
        } else {
            "all goroutines are asleep - deadlock!"
        };
        let code = self.fatal(text);
        self.stop = Stop::Deadlock;
        Next::Exit(code)
    }
}

impl Sched {
    fn pop_global(&self) -> *mut G {
        if self.global_len.load(Ordering::Acquire) == 0 {
            return std::ptr::null_mut();
        }
        let g = self.inner().global.pop();
        if !g.is_null() {
            self.global_len.fetch_sub(1, Ordering::SeqCst);
        }
        g
    }

    /// Whether the keeper waits in epoll.
    pub(crate) fn someone_polls(&self) -> bool {
        self.watchers.load(Ordering::SeqCst) > 0
    }

    /// Makes goroutines runnable whose descriptors are ready.
    pub(crate) fn ready_polled(&self, rt: &'static Runtime, ready: Vec<*mut G>) {
        for g in ready {
            self.inject(rt, g);
        }
    }

    /// A timer has been set: the keeper must not sleep beyond it.
    pub(crate) fn timer_set(&self, rt: &'static Runtime, when: i64) {
        // The timer is known before the keeper is asked; the keeper says when it wakes before it asks for timers.
        fence(Ordering::SeqCst);
        let keeper = self.inner().keeper.clone();
        if let Some(thread) = keeper.filter(|t| when < t.wakes_at.load(Ordering::SeqCst)) {
            thread.unpark();
        }
        self.start_monitor(rt);
    }

    /// There is a descriptor to wait for: a keeper that sleeps without looking at descriptors starts anew.
    pub(crate) fn rouse_keeper(&self) {
        let keeper = self.inner().keeper.clone();
        if let Some(thread) = keeper.filter(|t| !t.polls.load(Ordering::SeqCst)) {
            thread.unpark();
        }
    }

    /// Nobody runs, nobody is about to, and nothing is waited for that could change that.
    fn is_deadlock(&self, rt: &Runtime, inner: &super::Inner) -> bool {
        rt.timers.is_empty()
            && rt.netpoll.waiting() == 0
            && self.external.load(Ordering::SeqCst) == 0
            && self.detached.load(Ordering::SeqCst) == 0
            && !self.attended.load(Ordering::Relaxed)
            && !self.is_finished()
            && !rt.world.is_stopping()
            && inner.global.len() == 0
            // SAFETY: processors are never freed; the status is atomic.
            && self
                .made_procs()
                .all(|p| unsafe { (*p).status.load(Ordering::SeqCst) == IDLE })
            && !self.any_work()
    }
}
