//! A collection from beginning to end.
//!
//! With the program stopped, marking is turned on. Then, beside the program: roots are marked, each goroutine's stack once, at a safepoint of its, and
//! what the greys lead to. When nothing is left, the program is stopped again; if there is nothing grey in the processors' buffers either, marking
//! is over and everything is to be swept. Sweeping, and what follows from it, is beside the program again. Neither stop does
//! anything in proportion to heap, spans or goroutines.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use super::barrier::MARKING;
use super::cache::HeapCache;
use super::mark::Marker;
use super::special::Specials;
use crate::g::{G, Status};
use crate::runtime::{Config, M, Runtime};
use crate::sched::world::Stopped;
use crate::walk;

/// The collector's own state.
pub struct Gc {
    pub specials: Specials,
    pub history: Mutex<History>,
    /// Values that natives keep across calls: GC roots by handle.
    handles: Mutex<Handles>,
    /// The next collection was asked for by the program (runtime.GC).
    pub forced: AtomicBool,
    /// The goroutine that runs finalizers, once there is one.
    pub finalizer_g: AtomicPtr<G>,
    /// It waits for something to do: whoever makes this false wakes it.
    pub finalizers_wait: AtomicBool,
    /// Collections that have ended.
    pub cycles: AtomicU64,
    /// The collection under way, or the last one. Who holds the lock leads it.
    cycle: Mutex<Cycle>,
    /// Its number. Goroutines remember in which one their stack was looked at last.
    pub number: AtomicU32,
}

/// How far a collection has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Everything has been swept.
    Idle,
    Marking,
    Sweeping,
}

/// The collection under way.
struct Cycle {
    phase: Phase,
    /// Root jobs that have been done: the fixed ones, then one for each slab of goroutines.
    jobs: usize,
    root_bytes: u64,
    forced: bool,
    /// When it began, and time that the program has been stopped for it.
    begun: i64,
    stopped: i64,
    /// Live bytes at the beginning and at the end of marking.
    live: [u64; 2],
    /// Where sweeping has got to.
    sweep_class: usize,
}

/// What ReadMemStats tells of past collections.
#[derive(Clone)]
pub struct History {
    pub pause_total_ns: u64,
    /// The most recent pauses and their ends (wall clock), circular by cycle number.
    pub pause_ns: [u64; 256],
    pub pause_end: [u64; 256],
    pub forced: u32,
    /// Wall clock of the last collection's end.
    pub last: u64,
}

#[derive(Default)]
struct Handles {
    values: Vec<*mut u8>,
    free: Vec<usize>,
}

/// Calls its argument with the cache of each processor.
pub(crate) type EachCache<'a> = &'a mut dyn FnMut(&mut dyn FnMut(&mut HeapCache));

impl Gc {
    pub fn new(_: &Config) -> Gc {
        Gc {
            specials: Specials::default(),
            history: Mutex::new(History {
                pause_total_ns: 0,
                pause_ns: [0; 256],
                pause_end: [0; 256],
                forced: 0,
                last: 0,
            }),
            handles: Mutex::new(Handles::default()),
            forced: AtomicBool::new(false),
            finalizer_g: AtomicPtr::new(std::ptr::null_mut()),
            finalizers_wait: AtomicBool::new(false),
            cycles: AtomicU64::new(0),
            cycle: Mutex::new(Cycle {
                phase: Phase::Idle,
                jobs: 0,
                root_bytes: 0,
                forced: false,
                begun: 0,
                stopped: 0,
                live: [0; 2],
                sweep_class: 0,
            }),
            number: AtomicU32::new(0),
        }
    }

    /// Collections so far.
    pub fn cycles(&self) -> u64 {
        self.cycles.load(Ordering::Relaxed)
    }

    /// Keeps an object alive until `drop_handle`.
    pub fn new_handle(&self, value: *mut u8) -> usize {
        let mut handles = self.handles.lock().unwrap();
        if let Some(at) = handles.free.pop() {
            handles.values[at] = value;
            return at;
        }
        handles.values.push(value);
        handles.values.len() - 1
    }

    pub fn drop_handle(&self, handle: usize) {
        let mut handles = self.handles.lock().unwrap();
        handles.values[handle] = std::ptr::null_mut();
        handles.free.push(handle);
    }

    pub fn handle(&self, handle: usize) -> *mut u8 {
        self.handles.lock().unwrap().values[handle]
    }
}

/// Slots of the arguments of a system call.
const SYSCALL_WORDS: usize = 7;

/// Root jobs before the goroutines'.
const FIXED_JOBS: usize = 4;

impl Runtime {
    /// Turns marking on. The program is stopped, and everything has been swept.
    fn begin_marking(&self, cycle: &mut Cycle, caches: EachCache) {
        debug_assert_eq!(cycle.phase, Phase::Idle);
        if self.config.stress.verify() {
            self.verify();
        }
        self.gc_requested.store(false, Ordering::Release);
        cycle.phase = Phase::Marking;
        cycle.jobs = 0;
        cycle.root_bytes = 0;
        cycle.forced = self.gc.forced.swap(false, Ordering::Relaxed);
        cycle.begun = self.nanotime();
        cycle.stopped = 0;
        cycle.live[0] = self.heap.live_bytes();
        self.gc.number.fetch_add(1, Ordering::Relaxed);
        self.heap.marked_bytes.store(0, Ordering::Relaxed);
        caches(&mut |cache| cache.blacken(&self.heap));
        self.heap.pacer.begin();
        self.heap.marking.store(true, Ordering::SeqCst);
        MARKING.fetch_add(1, Ordering::SeqCst);
    }

    /// Marks: roots that have not been looked at, then `budget` bytes of objects at most. True: all that is known to be grey is black.
    fn mark_some(&self, cycle: &mut Cycle, budget: usize) -> bool {
        let mut marker = Marker::new(&self.heap);
        let mut done = true;
        while self.mark_roots(cycle, &mut marker) {
            if !marker.drain(budget.saturating_sub(marker.scanned)) {
                done = false;
                break;
            }
        }
        done = done && marker.drain(budget.saturating_sub(marker.scanned));
        self.heap.pacer.add_credit(marker.scanned);
        marker.share();
        done
    }

    /// Does the next root job; false: all have been done.
    fn mark_roots(&self, cycle: &mut Cycle, marker: &mut Marker) -> bool {
        let job = cycle.jobs;
        match job {
            0 => cycle.root_bytes += self.globals.mark_roots(marker),
            1 => self.timers.for_each_root(|addr| marker.mark(addr as usize)),
            2 => {
                for &value in &self.gc.handles.lock().unwrap().values {
                    marker.mark(value as usize);
                }
            }
            3 => self.gc.specials.mark_roots(marker),
            _ => {
                let Some(slab) = self.sched.slab(job - FIXED_JOBS) else {
                    return false;
                };
                // SAFETY: slabs are never freed, and the program is stopped.
                for g in unsafe { &mut *slab } {
                    cycle.root_bytes += self.mark_goroutine(g, marker);
                }
            }
        }
        cycle.jobs += 1;
        true
    }

    /// Marks what a goroutine holds, and shrinks its stack, unless that has been done in this collection; the bytes looked at. Its state is saved.
    fn mark_goroutine(&self, g: &mut G, marker: &mut Marker) -> u64 {
        let number = self.gc.number.load(Ordering::Relaxed);
        if g.status() == Status::Dead || g.scanned.load(Ordering::Relaxed) == number {
            return 0;
        }
        if g.status() == Status::Waiting && g.waiting_since == 0 {
            g.waiting_since = self.nanotime();
        }
        if g.wants_shrink() {
            self.shrink_stack(g);
        }
        self.for_each_root_of(g, |addr| marker.mark(addr));
        g.scanned.store(number, Ordering::Release);
        (g.stack.hi - g.sp as usize) as u64
    }

    /// Calls `visit` with every pointer that a goroutine holds: on its stack and in its descriptor.
    pub(crate) fn for_each_root_of(&self, g: &G, mut visit: impl FnMut(usize)) {
        if g.has_started() {
            // SAFETY: the goroutine is stopped with its state saved.
            unsafe {
                walk::walk_pointers(self, &g.top(), g.stack.hi, |slot| visit(*slot as usize));
            }
        }
        if g.status() == Status::Syscall {
            // What the kernel reads or writes was handed over as plain words; its owners may have forgotten it already.
            for i in 0..SYSCALL_WORDS {
                // SAFETY: the goroutine is in a native: its arguments are in the topmost frame's first slots.
                let word = unsafe { *g.fp.add(i) } as usize;
                if self.heap.object_of(word).is_some() {
                    visit(word);
                }
            }
        }
        visit(g.wait as usize);
        for record in &g.defers {
            visit(record.closure as usize);
        }
        for panic in g.panics() {
            visit(panic.value.data as usize);
        }
    }

    /// Calls `visit` with every root that is no goroutine's.
    pub(crate) fn for_each_other_root(&self, mut visit: impl FnMut(usize)) {
        // SAFETY: words of variables.
        self.globals
            .for_each_pointer(|slot| visit(unsafe { *slot } as usize));
        self.timers.for_each_root(|addr| visit(addr as usize));
        for &value in &self.gc.handles.lock().unwrap().values {
            visit(value as usize);
        }
    }

    /// Ends marking, if nothing is grey any more; else false, and marking goes on. The program is stopped.
    fn end_marking(&self, cycle: &mut Cycle, caches: EachCache) -> bool {
        caches(&mut |cache| self.heap.flush_grey(&mut cache.grey));
        if !self.heap.greys.is_empty() {
            return false;
        }
        if self.config.stress.verify() {
            self.verify_marks();
        }
        caches(&mut |cache| cache.flush(&self.heap));
        self.heap.marking.store(false, Ordering::SeqCst);
        MARKING.fetch_sub(1, Ordering::SeqCst);
        cycle.live[1] = self.heap.live_bytes();
        let marked = self.heap.marked_bytes.load(Ordering::Relaxed);
        let allocated = cycle.live[1].saturating_sub(cycle.live[0]);
        self.heap.pacer.end(marked, allocated);
        self.heap
            .pacer
            .plan(marked, cycle.root_bytes, self.heap_room());
        self.heap.central.iter().for_each(|c| c.turn_over());
        cycle.phase = Phase::Sweeping;
        cycle.sweep_class = 0;
        true
    }

    /// Sweeps `spans` spans at most; true: everything is swept.
    fn sweep_some(&self, cycle: &mut Cycle, spans: usize) -> bool {
        for _ in 0..spans {
            if !self
                .heap
                .sweep_one(&self.gc.specials, &mut cycle.sweep_class)
            {
                return true;
            }
        }
        false
    }

    /// Counts a collection whose marking has ended.
    fn record(&self, cycle: &Cycle) {
        let end = self.nanotime();
        let number = self.gc.cycles.fetch_add(1, Ordering::Relaxed);
        let mut history = self.gc.history.lock().unwrap();
        let at = (number % 256) as usize;
        history.pause_ns[at] = cycle.stopped as u64;
        history.pause_end[at] = self.wall_of(end) as u64;
        history.pause_total_ns += cycle.stopped as u64;
        history.last = self.wall_of(end) as u64;
        history.forced += u32::from(cycle.forced);
        if self.config.gctrace {
            let ms = |ns: i64| ns as f64 / 1e6;
            let text = format!(
                "gc {} @{:.3}s {}%: {:.3} ms clock, {}->{}->{} MB, {} MB goal, {} P{}\n",
                number + 1,
                cycle.begun as f64 / 1e9,
                history.pause_total_ns * 100 / end.max(1) as u64,
                ms(end - cycle.begun),
                cycle.live[0] >> 20,
                cycle.live[1] >> 20,
                self.heap.pacer.last_marked() >> 20,
                self.heap.pacer.goal.load(Ordering::Relaxed) >> 20,
                self.sched.procs(),
                if cycle.forced { " (forced)" } else { "" },
            );
            crate::traceback::write_stderr(text.as_bytes());
        }
    }

    /// Returns unused memory to the system; keeps some for what comes next.
    fn trim_memory(&self) {
        self.stacks.trim();
        // A tenth above what is in use, and what the next cycle will need anyway if it is small.
        let keep = (self.heap.stats.pages_in_use.load(Ordering::Relaxed) / 10).max(512);
        self.heap.inner.lock().unwrap().pages.release(keep);
    }
}

impl M {
    /// Collects garbage, all at once. Every goroutine's state is saved (also that of the current one); the current one's stack may have been moved on return.
    pub fn collect(&mut self) {
        let world = self.stop_world();
        self.collect_stopped(world);
    }

    /// Collects garbage if that is due still: another thread may have been faster. As `collect`.
    pub fn collect_if_due(&mut self) {
        let world = self.stop_world();
        if self.rt().gc_requested.load(Ordering::SeqCst) {
            self.collect_stopped(world);
        }
    }

    fn collect_stopped(&mut self, world: Stopped) {
        let rt = self.rt();
        let mut cycle = rt.gc.cycle.lock().unwrap();
        // One that has been taken step by step comes to its end first.
        while cycle.phase != Phase::Idle {
            self.advance(&mut cycle, usize::MAX);
        }
        self.advance(&mut cycle, usize::MAX);
        while cycle.phase != Phase::Idle {
            self.advance(&mut cycle, usize::MAX);
        }
        drop(cycle);
        drop(world);
        self.after_collection();
    }

    /// MORESTACK_STRESS=gc: at every safepoint the collection gets on a little, so that every store meets every stage of it.
    pub(crate) fn collect_a_little(&mut self) {
        let world = self.stop_world();
        let rt = self.rt();
        let mut cycle = rt.gc.cycle.lock().unwrap();
        let budget = 256 << (rt.random() % 6);
        self.advance(&mut cycle, budget as usize);
        let idle = cycle.phase == Phase::Idle;
        drop(cycle);
        drop(world);
        if idle {
            self.after_collection();
        }
    }

    /// Takes the collection a step further, beginning one if none is under way. The program is stopped: all goroutines' states are saved.
    fn advance(&mut self, cycle: &mut Cycle, budget: usize) {
        let rt = self.rt();
        let start = rt.nanotime();
        let caches: EachCache = &mut |visit| {
            for p in rt.sched.made_procs() {
                // SAFETY: processors are never freed; the world is stopped.
                visit(unsafe { &mut (*p).heap });
            }
        };
        match cycle.phase {
            Phase::Idle => {
                rt.begin_marking(cycle, caches);
            }
            Phase::Marking => {
                if rt.mark_some(cycle, budget) && rt.end_marking(cycle, caches) {
                    cycle.stopped += rt.nanotime() - start;
                    rt.record(cycle);
                }
            }
            Phase::Sweeping => {
                if rt.sweep_some(cycle, budget) {
                    cycle.phase = Phase::Idle;
                }
            }
        }
        cycle.stopped += rt.nanotime() - start;
    }

    /// What is to be done when all has been swept.
    fn after_collection(&mut self) {
        self.rt().trim_memory();
        self.check_heap_limit();
        if self.rt().gc.specials.has_due() {
            self.wake_finalizer_goroutine();
        }
    }

    /// debug.FreeOSMemory, after a collection.
    pub fn release_all_memory(&mut self) {
        self.rt().stacks.trim();
        self.rt().heap.inner.lock().unwrap().pages.release(0);
    }

    /// runtime.GC in a native: the native returns `Flow::Yield` after this.
    pub fn force_gc(&mut self) {
        self.rt().gc.forced.store(true, Ordering::Relaxed);
        self.rt().request_gc();
    }
}

impl Runtime {
    /// debug.SetGCPercent: negative turns collections off. The previous setting.
    pub fn set_gc_percent(&self, percent: i64) -> i64 {
        let pacer = &self.heap.pacer;
        let old = pacer.gc_percent.swap(percent.max(-1), Ordering::Relaxed);
        pacer.replan(self.heap_room());
        old
    }

    /// debug.SetMemoryLimit: negative leaves it as it is. The previous setting.
    pub fn set_memory_limit(&self, bytes: i64) -> i64 {
        let pacer = &self.heap.pacer;
        let old = pacer.memory_limit.load(Ordering::Relaxed);
        if bytes >= 0 {
            pacer.memory_limit.store(bytes as u64, Ordering::Relaxed);
            pacer.replan(self.heap_room());
        }
        old as i64
    }
}
