//! The monitor: a thread without a processor that sees to what running goroutines would keep from happening.
//!
//! It asks goroutines that have run for a time slice to give way, takes processors back from threads that are stuck in system calls, has timers looked
//! at that are due while everybody is busy, and polls descriptors when nobody else does. It is started with the second goroutine or the first timer,
//! and sleeps as long as no processor is in use.

use std::fmt::Write;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

use super::procs::{RUNNING, SYSCALL};
use super::{MAX_PROCS, SLICE, Sched};
use crate::runtime::Runtime;

/// The shortest and the longest pause between two looks.
const SHORTEST: Duration = Duration::from_micros(20);
const LONGEST: Duration = Duration::from_millis(10);
/// Goroutines that may be made in a full queue after working it off has taken longer than a time slice.
const TOLERATED: u32 = 1000;
/// Looks that found nothing to do before the pause becomes longer.
const PATIENT: u32 = 50;

#[derive(Default)]
pub(crate) struct Monitor {
    started: AtomicBool,
    /// It sleeps until a processor comes into use.
    asleep: AtomicBool,
    lock: Mutex<()>,
    signal: Condvar,
}

impl Monitor {
    /// A processor comes into use.
    pub(crate) fn rouse(&self) {
        if self.asleep.load(Ordering::SeqCst) {
            drop(self.lock.lock());
            self.signal.notify_one();
        }
    }
}

/// What the monitor remembers of a processor since its last look.
#[derive(Clone, Copy)]
struct Seen {
    slice: u32,
    since: Instant,
    syscall: u32,
    ticks: u32,
    next: usize,
    flood: u32,
    flood_since: Instant,
}

impl Sched {
    /// Starts the monitor, unless there is one.
    #[inline]
    pub(crate) fn start_monitor(&self, rt: &'static Runtime) {
        if !self.monitor.started.load(Ordering::Relaxed)
            && !self.monitor.started.swap(true, Ordering::AcqRel)
        {
            let built = std::thread::Builder::new()
                .name("monitor".to_owned())
                .stack_size(256 << 10);
            // Without the thread goroutines that never call or block would not be preempted: not fatal.
            let _ = built.spawn(move || monitor(rt));
        }
    }
}

fn monitor(rt: &'static Runtime) {
    let sched = &rt.sched;
    let mut seen = [Seen {
        slice: 0,
        since: Instant::now(),
        syscall: 0,
        ticks: 0,
        next: 0,
        flood: 0,
        flood_since: Instant::now(),
    }; MAX_PROCS];
    let (mut pause, mut quiet) = (SHORTEST, 0);
    let mut last_trace = Instant::now();
    let mut last_poll = Instant::now();
    loop {
        std::thread::sleep(pause);
        if rt.config.schedtrace > 0
            && last_trace.elapsed() >= Duration::from_millis(rt.config.schedtrace)
        {
            last_trace = Instant::now();
            sched.trace(rt);
        }
        if sched.gate.idle() >= sched.procs() && rt.config.schedtrace == 0 {
            let guard = sched.monitor.lock.lock().unwrap_or_else(|e| e.into_inner());
            sched.monitor.asleep.store(true, Ordering::SeqCst);
            // Nobody takes a processor into use unseen: they look at `asleep` after they have.
            if sched.gate.idle() >= sched.procs() {
                drop(sched.monitor.signal.wait(guard));
            }
            sched.monitor.asleep.store(false, Ordering::SeqCst);
            (pause, quiet) = (SHORTEST, 0);
            continue;
        }
        let mut acted = false;
        let now = Instant::now();
        rt.relax_loops();
        for (i, seen) in seen.iter_mut().enumerate().take(sched.procs()) {
            let p = sched.proc(i);
            // SAFETY: processors are never freed; these fields are atomics.
            let r = unsafe { &*p };
            match r.status.load(Ordering::Acquire) {
                RUNNING => {
                    let slice = r.slices.load(Ordering::Relaxed);
                    if slice != seen.slice {
                        (seen.slice, seen.since) = (slice, now);
                    } else if now - seen.since >= SLICE {
                        seen.since = now;
                        r.ask_to_yield(rt);
                    }
                    // A goroutine that was to run within a moment, and does not.
                    let next = r.own_next.load(Ordering::Relaxed) as usize;
                    let ticks = r.ticks.load(Ordering::Relaxed);
                    if next != 0 && (next, ticks) == (seen.next, seen.ticks) {
                        r.kept_waiting();
                        r.ask_for_safepoint(rt);
                    }
                    (seen.next, seen.ticks) = (next, ticks);
                    // One that waits until the queue is worked off, and that takes long.
                    let flood = r.floods.load(Ordering::Relaxed);
                    if flood != seen.flood {
                        (seen.flood, seen.flood_since) = (flood, now);
                    } else if now - seen.flood_since >= SLICE
                        && !r.run_queue.peek_behind().is_null()
                    {
                        // For a moment it is in no queue.
                        sched.begin_external();
                        let g = r.run_queue.take_behind();
                        if !g.is_null() {
                            r.tolerates.store(TOLERATED, Ordering::Relaxed);
                            sched.push_global(g);
                            sched.wake_another(rt);
                        }
                        sched.end_external();
                    }
                }
                SYSCALL => {
                    let call = r.syscalls.load(Ordering::Relaxed);
                    if call != seen.syscall {
                        seen.syscall = call;
                    } else if sched.global_len.load(Ordering::Relaxed) > 0
                        || r.has_work()
                        || sched.gate.idle() + sched.gate.spinning() == 0
                    {
                        acted |= sched.retake(rt, p);
                    }
                }
                _ => {}
            }
        }
        let due = rt.timers.next_due().is_some_and(|t| t <= rt.nanotime());
        if due {
            if sched.gate.idle() > 0 {
                sched.wake_another(rt);
            } else if let Some(p) = (0..sched.procs()).map(|i| sched.proc(i)).next() {
                // SAFETY: as above.
                unsafe { (*p).ask_to_yield(rt) };
            }
        }
        if rt.netpoll.waiting() > 0 && now - last_poll >= LONGEST && !sched.someone_polls() {
            last_poll = now;
            sched.begin_external();
            sched.ready_polled(rt, rt.netpoll.poll());
            sched.end_external();
        }
        if acted {
            (pause, quiet) = (SHORTEST, 0);
        } else {
            quiet += 1;
            if quiet > PATIENT {
                pause = (pause * 2).min(LONGEST);
            }
        }
        if let Some(t) = rt.timers.next_due() {
            let until = Duration::from_nanos((t - rt.nanotime()).max(0) as u64);
            pause = pause.min(until.max(Duration::from_millis(1)));
        }
    }
}

impl Sched {
    /// GODEBUG=schedtrace
    fn trace(&self, rt: &Runtime) {
        let mut out = String::new();
        let (idle_threads, threads) = {
            let inner = self.inner();
            let idle = inner.sleeping.len() + usize::from(inner.keeper.is_some());
            (idle, inner.threads + 1)
        };
        let _ = write!(
            out,
            "SCHED {}ms: gomaxprocs={} idleprocs={} threads={threads} spinningthreads={} needspinning=0 idlethreads={idle_threads} runqueue={} [",
            rt.nanotime() / 1_000_000,
            self.procs(),
            self.gate.idle(),
            self.gate.spinning(),
            self.global_len.load(Ordering::Relaxed),
        );
        for i in 0..self.procs() {
            // SAFETY: processors are never freed; the queue may be looked at by anybody.
            let p = unsafe { &*self.proc(i) };
            let next =
                p.run_queue.peek_next().is_null() && p.own_next.load(Ordering::Relaxed).is_null();
            let len = p.run_queue.ring_len() + usize::from(!next);
            let _ = write!(out, " {len}");
        }
        out.push_str(" ]\n");
        crate::traceback::write_stderr(out.as_bytes());
    }
}
