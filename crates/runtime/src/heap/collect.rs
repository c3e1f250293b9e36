//! A collection from beginning to end.
//!
//! With the program stopped, marking is turned on. Then, beside the program: roots are marked, each goroutine's stack once, at a safepoint of its, and
//! what the greys lead to. When nothing is left, the program is stopped again; if there is nothing grey in the processors' buffers either, marking
//! is over and everything is to be swept. Sweeping, and what follows from it, is beside the program again. Neither stop does
//! anything in proportion to heap, spans or goroutines.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU32, AtomicU64, Ordering};

use super::barrier::MARKING;
use super::collector::Collector;
use super::history::History;
use super::mark::Marker;
use super::sizeclass::PAGE;
use super::special::Specials;
use crate::g::{G, Status};
use crate::runtime::{Config, Runtime};
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
    pub(crate) finalizers_needed: AtomicBool,
    /// It waits for something to do: whoever makes this false wakes it.
    pub finalizers_wait: AtomicBool,
    /// Collections whose marking has ended.
    pub cycles: AtomicU64,
    /// The collection under way, or the last one. Who holds the lock leads it.
    pub(crate) cycle: Mutex<Cycle>,
    /// Its number. Goroutines remember in which one their stack was looked at last.
    pub number: AtomicU32,
    /// Bytes of the roots that it has looked at.
    root_bytes: AtomicU64,
    /// Nanoseconds that goroutines have marked in its course.
    pub(crate) assist_ns: AtomicU64,
    pub collector: Collector,
}

/// How far a collection has got.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Phase {
    /// Everything has been swept.
    Idle,
    Marking,
    Sweeping,
}

/// The collection under way.
pub(crate) struct Cycle {
    pub phase: Phase,
    /// Root jobs that have been done: the fixed ones, then one for each slab of goroutines.
    jobs: usize,
    /// Goroutines that were running when their slab's turn came.
    pub running: Vec<*mut G>,
    pub forced: bool,
    /// When the first stop began and ended, and the second.
    pub times: [i64; 4],
    /// Nanoseconds of marking by the collector's own thread.
    pub mark_ns: i64,
    /// Live bytes at the beginning and at the end of marking.
    pub live: [u64; 2],
    pub root_bytes: u64,
    /// What the heap was to stay below.
    pub goal: u64,
    /// Where sweeping has got to.
    sweep_class: usize,
}

// SAFETY: descriptors are never freed; who looks into one holds its scan lock.
unsafe impl Send for Cycle {}

#[derive(Default)]
struct Handles {
    values: Vec<*mut u8>,
    free: Vec<usize>,
}

impl Gc {
    pub fn new(_: &Config) -> Gc {
        Gc {
            specials: Specials::default(),
            history: Mutex::new(History::default()),
            handles: Mutex::new(Handles::default()),
            forced: AtomicBool::new(false),
            finalizer_g: AtomicPtr::new(std::ptr::null_mut()),
            finalizers_needed: AtomicBool::new(false),
            finalizers_wait: AtomicBool::new(false),
            cycles: AtomicU64::new(0),
            cycle: Mutex::new(Cycle {
                phase: Phase::Idle,
                jobs: 0,
                running: Vec::new(),
                forced: false,
                times: [0; 4],
                mark_ns: 0,
                live: [0; 2],
                root_bytes: 0,
                goal: 0,
                sweep_class: 0,
            }),
            number: AtomicU32::new(0),
            root_bytes: AtomicU64::new(0),
            assist_ns: AtomicU64::new(0),
            collector: Collector::default(),
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

/// Root jobs before the goroutines'.
const FIXED_JOBS: usize = 4;
/// Bytes that the second stop may still mark, if little is left.
const LAST_BYTES: usize = 32 << 10;

/// Who marks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Beside {
    /// The program is stopped: every goroutine's state is saved, and stays.
    Stopped,
    /// The program runs.
    Program,
}

impl Runtime {
    /// Turns marking on. The program is stopped, and everything has been swept.
    pub(crate) fn begin_marking(&self, cycle: &mut Cycle, world: &Stopped) {
        debug_assert_eq!(cycle.phase, Phase::Idle);
        if self.config.stress.verify() {
            self.verify();
        }
        self.gc_requested.store(false, Ordering::Release);
        cycle.phase = Phase::Marking;
        cycle.jobs = 0;
        cycle.mark_ns = 0;
        cycle.forced = self.gc.forced.swap(false, Ordering::Relaxed);
        cycle.live[0] = self.heap.live_bytes();
        cycle.goal = self.heap.pacer.goal.load(Ordering::Relaxed);
        self.gc.root_bytes.store(0, Ordering::Relaxed);
        self.gc.assist_ns.store(0, Ordering::Relaxed);
        self.gc.number.fetch_add(1, Ordering::SeqCst);
        self.heap.marked_bytes.store(0, Ordering::Relaxed);
        world.for_each_p(|p| p.heap.blacken(&self.heap));
        self.heap.pacer.begin();
        self.heap.marking.store(true, Ordering::SeqCst);
        MARKING.fetch_add(1, Ordering::SeqCst);
    }

    /// Marks: roots that have not been looked at, then `budget` bytes of objects at most. True: all that is known to be grey is black, though
    /// goroutines that run may not have been looked at.
    pub(crate) fn mark_some(&self, cycle: &mut Cycle, budget: usize, beside: Beside) -> bool {
        let mut marker = Marker::new(&self.heap);
        let mut done = true;
        while self.mark_roots(cycle, &mut marker, beside) {
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
    fn mark_roots(&self, cycle: &mut Cycle, marker: &mut Marker, beside: Beside) -> bool {
        match cycle.jobs {
            0 => {
                let bytes = self.globals.mark_roots(marker);
                self.gc.root_bytes.fetch_add(bytes, Ordering::Relaxed);
            }
            1 => self.timers.for_each_root(|addr| marker.mark(addr as usize)),
            2 => {
                for &value in &self.gc.handles.lock().unwrap().values {
                    marker.mark(value as usize);
                }
            }
            3 => self.gc.specials.mark_roots(marker),
            job => {
                let Some(slab) = self.sched.slab(job - FIXED_JOBS) else {
                    return false;
                };
                for i in 0..slab.len() {
                    let g = slab.cast::<G>().wrapping_add(i);
                    if !self.mark_goroutine(g, marker, beside) {
                        cycle.running.push(g);
                    }
                }
            }
        }
        cycle.jobs += 1;
        true
    }

    /// Looks again at the goroutines that were running; false: some of them still are, and have not looked at their stacks themselves.
    pub(crate) fn mark_running(&self, cycle: &mut Cycle) -> bool {
        let mut marker = Marker::new(&self.heap);
        cycle
            .running
            .retain(|&g| !self.mark_goroutine(g, &mut marker, Beside::Program));
        marker.share();
        if !cycle.running.is_empty() {
            self.sched.poison_running(self);
        }
        cycle.running.is_empty()
    }

    /// Whether a goroutine has nothing that this collection has to look at any more.
    fn is_scanned(&self, g: &G) -> bool {
        g.scanned.load(Ordering::SeqCst) == self.gc.number.load(Ordering::SeqCst)
    }

    /// Whether the goroutine that is about to run, or runs, must come to a safepoint for the collector.
    pub(crate) fn wants_safepoint(&self, g: &G) -> bool {
        self.heap.marking.load(Ordering::SeqCst) && !self.is_scanned(g)
            || self.gc.collector.stops_goroutines()
    }

    /// Marks what a goroutine holds unless that has been done in this collection. False: it runs.
    fn mark_goroutine(&self, g: *mut G, marker: &mut Marker, beside: Beside) -> bool {
        // SAFETY: descriptors are never freed; these fields are atomics.
        let status = unsafe { &(*g).status };
        if status.get() == Status::Dead || self.is_scanned(unsafe { &*g }) {
            return true;
        }
        if beside == Beside::Program && status.try_lock_scan().is_none() {
            // Running, or just now being looked at by somebody else, or dead since.
            return false;
        }
        // SAFETY: it does not run, and cannot before it is unlocked.
        self.mark_stopped(unsafe { &mut *g }, marker);
        if beside == Beside::Program {
            status.unlock_scan();
        }
        true
    }

    /// Marks what a goroutine holds, and shrinks its stack. Its state is saved, and it does not run.
    pub(crate) fn mark_stopped(&self, g: &mut G, marker: &mut Marker) {
        if self.is_scanned(g) {
            return;
        }
        if g.status() == Status::Waiting && g.waiting_since == 0 {
            g.waiting_since = self.nanotime();
        }
        if g.wants_shrink() {
            self.shrink_stack(g);
        }
        self.for_each_root_of(g, |addr| marker.mark(addr));
        g.scanned
            .store(self.gc.number.load(Ordering::SeqCst), Ordering::SeqCst);
        let bytes = (g.stack.hi - g.sp as usize) as u64;
        self.gc.root_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// Calls `visit` with every pointer that a goroutine holds: on its stack and in its descriptor.
    pub(crate) fn for_each_root_of(&self, g: &G, mut visit: impl FnMut(usize)) {
        if g.has_started() {
            // SAFETY: the goroutine is stopped with its state saved.
            unsafe {
                walk::walk_pointers(self, &g.top(), g.stack.hi, |slot| visit(*slot as usize));
            }
        }
        if g.has_started() {
            // What the kernel reads or writes is handed over as plain words; its owners may have forgotten it already, also when the call is still to come.
            // SAFETY: as above; the arguments are in the topmost frame's first slots.
            let words = unsafe {
                let count = walk::native_arguments(self, g);
                std::slice::from_raw_parts(g.fp, count)
            };
            for &word in words {
                if self.heap.object_of(word as usize).is_some() {
                    visit(word as usize);
                }
            }
        }
        visit(g.wait as usize);
        for record in g.defers.records() {
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

    /// Ends marking, if hardly anything is grey any more; else false, and marking goes on. The program is stopped, and every goroutine has been looked at.
    pub(crate) fn end_marking(&self, cycle: &mut Cycle, world: &Stopped) -> bool {
        world.for_each_p(|p| self.heap.flush_grey(&mut p.heap.grey));
        if !self.heap.greys.is_empty() {
            let mut marker = Marker::new(&self.heap);
            let done = marker.drain(LAST_BYTES);
            marker.share();
            if !done {
                return false;
            }
        }
        if self.config.stress.verify() {
            self.verify_marks();
        }
        world.for_each_p(|p| {
            p.heap.flush(&self.heap);
            p.records.forget();
        });
        self.heap.marking.store(false, Ordering::SeqCst);
        MARKING.fetch_sub(1, Ordering::SeqCst);
        let stats = &self.heap.stats;
        let peak = stats.recent_peak.load(Ordering::Relaxed);
        let now = stats.pages_in_use.load(Ordering::Relaxed);
        stats
            .recent_peak
            .store(now.max(peak - peak / 8), Ordering::Relaxed);
        cycle.live[1] = self.heap.live_bytes();
        cycle.root_bytes = self.gc.root_bytes.load(Ordering::Relaxed);
        let marked = self.heap.marked_bytes.load(Ordering::Relaxed);
        let allocated = cycle.live[1].saturating_sub(cycle.live[0]);
        self.heap.pacer.end(marked, allocated);
        self.heap
            .pacer
            .plan(marked, cycle.root_bytes, self.heap_room());
        self.heap.central.iter().for_each(|c| c.turn_over());
        self.gc.specials.end_marking();
        cycle.phase = Phase::Sweeping;
        cycle.sweep_class = 0;
        true
    }

    /// Sweeps `spans` spans at most; true: everything is swept.
    pub(crate) fn sweep_some(&self, cycle: &mut Cycle, spans: usize) -> bool {
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

    /// Returns unused memory to the system; keeps what the heap will need until it has reached its goal, or grows past it as it has of late: a page that
    /// is given back and taken again costs more than clearing it.
    pub(crate) fn trim_memory(&self) {
        let goal = self.heap.pacer.goal.load(Ordering::Relaxed);
        let wanted = (goal.saturating_add(goal / 10) / PAGE as u64) as usize;
        let peak = self.heap.stats.recent_peak.load(Ordering::Relaxed);
        let limit = self.heap.pacer.memory_limit.load(Ordering::Relaxed) / PAGE as u64;
        let wanted = wanted.max(peak.min(2 * wanted).min(limit as usize / 2));
        let in_use = self.heap.stats.pages_in_use.load(Ordering::Relaxed);
        self.release_memory(wanted.saturating_sub(in_use).max(512));
    }

    /// Returns free memory to the system, but for `keep` pages.
    pub(crate) fn release_memory(&self, keep: usize) {
        self.stacks.trim();
        let mut below = usize::MAX;
        let pages = || self.heap.inner.lock().unwrap();
        while pages().pages.release_some(keep, &mut below) {}
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
