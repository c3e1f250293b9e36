//! Who leads collections: a thread of its own, started with the first one, beside the program. Without an engine (in tests of this crate), with
//! `GODEBUG=gcstoptheworld=1` and under MORESTACK_STRESS=gc it is whichever thread comes to a safepoint, with the program stopped.

use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::Duration;

use super::collect::{Beside, Cycle, Phase};
use super::mark::Marker;
use crate::g::{G, WaitReason};
use crate::native::Flow;
use crate::runtime::{M, Runtime};
use crate::sched::world::Stopped;

/// Bytes marked before the collector looks up.
const SLICE: usize = 1 << 20;
/// Spans swept before it does.
const SWEEP_SLICE: usize = 64;

/// How long a goroutine that is ahead of the collector waits at a time.
const PATIENCE: Duration = Duration::from_millis(5);

/// How long marking threads that have nothing to do sleep.
const LOOK_AGAIN: Duration = Duration::from_micros(20);

/// The collector's thread, and who waits for it.
#[derive(Default)]
pub struct Collector {
    started: AtomicBool,
    /// A collection is due that has not begun.
    requested: AtomicBool,
    waiters: Mutex<Vec<Waiter>>,
    signal: Condvar,
    /// Collections that are through, sweeping included.
    complete: AtomicU64,
    /// `MEMORY_SHORT`, `MEMORY_OUT`
    memory: AtomicU8,
}

/// The heap may take no more before a collection has ended: goroutines wait for it at their next safepoints.
const MEMORY_SHORT: u8 = 1;
/// One has, and it did not help: the program ends at the next safepoint.
const MEMORY_OUT: u8 = 2;

/// A goroutine that waits until so many collections are through.
struct Waiter {
    g: *mut G,
    complete: u64,
}

// SAFETY: descriptors are never freed; who takes a goroutine off the list owns it.
unsafe impl Send for Waiter {}

impl Collector {
    fn lock(&self) -> MutexGuard<'_, Vec<Waiter>> {
        self.waiters.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Whether running goroutines are to come to a safepoint because of the memory's state.
    pub(crate) fn stops_goroutines(&self) -> bool {
        self.memory.load(Ordering::SeqCst) != 0
    }
}

impl Runtime {
    /// Whether collections run beside the program.
    fn collects_beside(&self) -> bool {
        self.engine.get().is_some() && !self.config.stress.collect && !self.config.gc_stop
    }

    /// Asks for a collection.
    pub fn request_gc(&'static self) {
        if !self.collects_beside() {
            // Whoever comes to a safepoint first.
            self.gc_requested.store(true, Ordering::SeqCst);
            self.sched.poison_running(self);
            return;
        }
        let collector = &self.gc.collector;
        if collector.requested.swap(true, Ordering::SeqCst) {
            return;
        }
        if !collector.started.swap(true, Ordering::SeqCst) {
            let built = std::thread::Builder::new()
                .name("collector".to_owned())
                .stack_size(256 << 10)
                .spawn(move || lead(self));
            if built.is_err() {
                crate::traceback::write_stderr(
                    b"fatal error: morestack: cannot start the collector's thread\n",
                );
                // SAFETY: ends the process.
                unsafe { libc::_exit(2) }
            }
            return;
        }
        let _waiters = collector.lock();
        collector.signal.notify_one();
    }

    /// The heap may not take what was asked for. True: the program may go on until it comes to a safepoint, where it waits for a collection.
    pub(crate) fn memory_is_short(&'static self) {
        if self.collects_beside() {
            let memory = &self.gc.collector.memory;
            let _ = memory.compare_exchange(0, MEMORY_SHORT, Ordering::SeqCst, Ordering::SeqCst);
            self.sched.poison_running(self);
        }
        self.request_gc();
    }

    /// One collection, beside the program.
    fn collect_beside(&'static self, cycle: &mut Cycle) {
        let begin = self.nanotime();
        {
            let world = self.stop_world();
            self.begin_marking(cycle, &world);
            // What has been asked for until now is answered by this collection.
            self.gc.collector.requested.store(false, Ordering::SeqCst);
            self.sched.poison_running(self);
        }
        let marking = self.nanotime();
        loop {
            self.mark_beside(cycle);
            let ending = self.nanotime();
            let world = self.stop_world();
            let ended = self.end_marking(cycle, &world);
            drop(world);
            cycle.times = [begin, marking, ending, self.nanotime()];
            if ended {
                break;
            }
        }
        self.record(cycle);
        while !self.sweep_some(cycle, SWEEP_SLICE) {}
        cycle.phase = Phase::Idle;
        self.trim_memory();
    }

    /// Marks until nothing is known to be grey. A quarter of the processors' number of threads take part.
    fn mark_beside(&'static self, cycle: &mut Cycle) {
        let over = AtomicBool::new(false);
        let helped_ns = AtomicU64::new(0);
        std::thread::scope(|scope| {
            for _ in 1..self.sched.procs() / 4 {
                // Without the thread the others do the work.
                let _ = std::thread::Builder::new()
                    .stack_size(256 << 10)
                    .spawn_scoped(scope, || self.help_marking(&over, &helped_ns));
            }
            loop {
                let before = self.nanotime();
                let mut done = self.mark_some(cycle, SLICE, Beside::Program);
                done = self.mark_running(cycle) && done && self.heap.greys.is_empty();
                cycle.mark_ns += self.nanotime() - before;
                if done {
                    break;
                }
                if !cycle.running.is_empty() && self.heap.greys.is_empty() {
                    std::thread::sleep(LOOK_AGAIN);
                }
            }
            over.store(true, Ordering::SeqCst);
        });
        cycle.mark_ns += helped_ns.into_inner() as i64;
    }

    /// A further thread that marks until it is told that it is over; then it shares what it has left.
    fn help_marking(&self, over: &AtomicBool, spent_ns: &AtomicU64) {
        while !over.load(Ordering::SeqCst) {
            if self.heap.greys.is_empty() {
                std::thread::sleep(LOOK_AGAIN);
                continue;
            }
            let before = self.nanotime();
            let mut marker = Marker::new(&self.heap);
            marker.drain(SLICE);
            self.heap.pacer.add_credit(marker.scanned);
            marker.share();
            let spent = self.nanotime() - before;
            spent_ns.fetch_add(spent as u64, Ordering::Relaxed);
        }
    }

    /// Wakes who waits for what has been done.
    fn wake_waiters(&'static self, complete: u64) {
        let mut due = Vec::new();
        self.gc.collector.lock().retain(|waiter| {
            let wake = waiter.complete <= complete;
            if wake {
                due.push(waiter.g);
            }
            !wake
        });
        for g in due {
            self.sched.ready_external(self, g);
        }
        self.wake_finalizers();
    }

    /// Wakes the goroutine that runs finalizers, if it has something to do.
    fn wake_finalizers(&'static self) {
        let finalizers = self.gc.finalizer_g.load(Ordering::Acquire);
        if self.gc.specials.has_due() && !finalizers.is_null() {
            // Between the list and the queue it is in neither.
            self.sched.begin_external();
            if self.gc.finalizers_wait.swap(false, Ordering::SeqCst) {
                self.sched.inject(self, finalizers);
            }
            self.sched.end_external();
        }
    }
}

/// The collector's thread.
fn lead(rt: &'static Runtime) {
    let collector = &rt.gc.collector;
    loop {
        {
            let mut waiters = collector.lock();
            let wanted = |waiters: &[Waiter]| {
                let complete = collector.complete.load(Ordering::Relaxed);
                rt.config.stress.mark
                    || collector.requested.load(Ordering::SeqCst)
                    || waiters.iter().any(|w| w.complete > complete)
            };
            while !wanted(&waiters) {
                waiters = collector
                    .signal
                    .wait(waiters)
                    .unwrap_or_else(|e| e.into_inner());
            }
        }
        let mut cycle = rt.gc.cycle.lock().unwrap_or_else(|e| e.into_inner());
        rt.collect_beside(&mut cycle);
        let memory = if rt.heap_exceeds_room() {
            MEMORY_OUT
        } else {
            0
        };
        collector.memory.store(memory, Ordering::SeqCst);
        if memory == MEMORY_OUT {
            rt.sched.poison_running(rt);
        }
        // Who finds the collection no longer under way counts on the next one.
        let complete = collector.complete.fetch_add(1, Ordering::SeqCst) + 1;
        drop(cycle);
        rt.wake_waiters(complete);
    }
}

impl M {
    /// What a running goroutine does for the collector at a safepoint; its state is saved. True: it waits now.
    pub(crate) fn gc_safepoint(&mut self) -> bool {
        let rt = self.rt();
        self.mark_own_stack();
        if rt.heap.pacer.is_ahead() {
            self.let_collector_catch_up();
        }
        match rt.gc.collector.memory.load(Ordering::SeqCst) {
            0 => false,
            MEMORY_OUT => self.die_of_memory(),
            _ => {
                let top = self.g().top();
                self.wait_for_collection(1);
                self.park(&top, WaitReason::GcWorker);
                true
            }
        }
    }

    /// At a safepoint of a goroutine that allocates faster than the collector begins, or marks: helps and waits, but not for long.
    fn let_collector_catch_up(&mut self) {
        let rt = self.rt();
        let deadline = rt.nanotime() + PATIENCE.as_nanos() as i64;
        while rt.heap.pacer.is_ahead()
            && (rt.heap.marking.load(Ordering::SeqCst)
                || rt.gc.collector.requested.load(Ordering::SeqCst))
            && rt.collects_beside()
            && rt.nanotime() < deadline
        {
            // The collector waits for this goroutine, too.
            self.mark_own_stack();
            if rt.world.is_stopping() {
                self.stop_here();
            } else if rt.heap.marking.load(Ordering::SeqCst) && !rt.heap.greys.is_empty() {
                let mut marker = Marker::new(&rt.heap);
                marker.drain(SLICE / 16);
                rt.heap.pacer.add_credit(marker.scanned);
                marker.share();
            } else {
                std::thread::sleep(Duration::from_micros(50));
            }
        }
        // Marking may have begun meanwhile.
        self.mark_own_stack();
    }

    /// At a safepoint, while the collector marks: looks at the running goroutine's stack in its place, if nobody has yet.
    fn mark_own_stack(&mut self) {
        let rt = self.rt();
        if rt.heap.marking.load(Ordering::SeqCst) && rt.collects_beside() {
            let mut marker = Marker::new(&rt.heap);
            rt.mark_stopped(self.g(), &mut marker);
            marker.share();
        }
    }

    /// Puts the current goroutine on the list of those that wait until `more` further collections are through. It must park then.
    fn wait_for_collection(&mut self, more: u64) {
        let rt = self.rt();
        let collector = &rt.gc.collector;
        rt.sched.begin_external();
        {
            let mut waiters = collector.lock();
            let complete = collector.complete.load(Ordering::SeqCst) + more;
            waiters.push(Waiter {
                g: self.g,
                complete,
            });
        }
        rt.request_gc();
    }

    /// runtime.GC: what its native returns.
    pub fn force_gc(&mut self) -> Flow {
        let rt = self.rt();
        rt.gc.forced.store(true, Ordering::Relaxed);
        if !rt.collects_beside() {
            rt.request_gc();
            return Flow::Yield;
        }
        // One that is under way may have begun before the program dropped what it wants to be rid of.
        let under_way = rt.gc.cycle.try_lock().is_err();
        self.wait_for_collection(1 + u64::from(under_way));
        Flow::Park(WaitReason::GcWorker)
    }

    /// Collects garbage if that is due still: another thread may have been faster. As `collect`.
    pub fn collect_if_due(&mut self) {
        let rt = self.rt();
        if rt.collects_beside() {
            // Asked for before there was an engine.
            if rt.gc_requested.swap(false, Ordering::SeqCst) {
                rt.request_gc();
            }
            return;
        }
        let world = self.stop_world();
        if rt.gc_requested.load(Ordering::SeqCst) {
            self.collect_stopped(world);
        }
    }

    /// Collects garbage, all at once. Every goroutine's state is saved (also that of the current one); the current one's stack may have been moved on return.
    pub fn collect(&mut self) {
        let world = self.stop_world();
        self.collect_stopped(world);
    }

    fn collect_stopped(&mut self, world: Stopped) {
        let rt = self.rt();
        let mut cycle = rt.gc.cycle.lock().unwrap_or_else(|e| e.into_inner());
        // One that has been taken step by step comes to its end first.
        while cycle.phase != Phase::Idle {
            rt.advance(&mut cycle, usize::MAX, &world);
        }
        rt.advance(&mut cycle, usize::MAX, &world);
        while cycle.phase != Phase::Idle {
            rt.advance(&mut cycle, usize::MAX, &world);
        }
        drop(cycle);
        drop(world);
        self.after_collection();
    }

    /// MORESTACK_STRESS=gc: at every safepoint the collection gets on a little, so that every store meets every stage of it.
    pub(crate) fn collect_a_little(&mut self) {
        let world = self.stop_world();
        let rt = self.rt();
        let mut cycle = rt.gc.cycle.lock().unwrap_or_else(|e| e.into_inner());
        let budget = 256 << (rt.random() % 6);
        rt.advance(&mut cycle, budget as usize, &world);
        let idle = cycle.phase == Phase::Idle;
        drop(cycle);
        drop(world);
        if idle {
            self.after_collection();
        }
    }

    /// What is to be done when all has been swept.
    fn after_collection(&mut self) {
        self.rt().trim_memory();
        if self.rt().heap_exceeds_room() {
            self.die_of_memory();
        }
        self.rt().wake_finalizers();
    }

    /// Something has been hung on an object that calls a function one day: makes the goroutine that will, if there is none.
    pub fn need_finalizers(&mut self) {
        let gc = &self.rt().gc;
        if !gc.finalizers_needed.swap(true, Ordering::SeqCst) {
            let closure = (&raw const self.rt().stubs.finalizers.closure)
                .cast_mut()
                .cast::<u8>();
            let g = self.spawn_system(closure);
            gc.finalizer_g.store(g, Ordering::SeqCst);
        }
    }

    /// debug.FreeOSMemory, after a collection.
    pub fn release_all_memory(&mut self) {
        self.rt().release_memory(0);
    }
}

impl Runtime {
    /// Takes the collection a step further, beginning one if none is under way, with the program stopped.
    fn advance(&self, cycle: &mut Cycle, budget: usize, world: &Stopped) {
        let start = self.nanotime();
        match cycle.phase {
            Phase::Idle => {
                self.begin_marking(cycle, world);
                cycle.times = [start, self.nanotime(), 0, 0];
            }
            Phase::Marking => {
                let done = self.mark_some(cycle, budget, Beside::Stopped);
                if done && self.end_marking(cycle, world) {
                    // All of it was one stop.
                    cycle.times[2] = cycle.times[1];
                    cycle.times[3] = self.nanotime();
                    self.record(cycle);
                }
            }
            Phase::Sweeping => {
                if self.sweep_some(cycle, budget) {
                    cycle.phase = Phase::Idle;
                }
            }
        }
    }
}
