//! A collection from beginning to end: stop, mark from all roots, sweep, shrink stacks, give memory back, decide when the next is due.
//!
//! Runs only at safepoints, with every goroutine's topmost state saved in its `G`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, Ordering};

use super::mark::Marker;
use super::special::Specials;
use super::sweep::Swept;
use crate::g::{G, Status};
use crate::runtime::{Config, M, Runtime};
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
    pub cycles: AtomicU64,
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
    pub last_swept: Swept,
}

#[derive(Default)]
struct Handles {
    values: Vec<*mut u8>,
    free: Vec<usize>,
}

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
                last_swept: Swept::default(),
            }),
            handles: Mutex::new(Handles::default()),
            forced: AtomicBool::new(false),
            finalizer_g: AtomicPtr::new(std::ptr::null_mut()),
            cycles: AtomicU64::new(0),
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

/// Everything that a goroutine's descriptor holds of the heap.
fn mark_g(rt: &Runtime, g: &G, marker: &mut Marker) {
    if g.has_started() {
        // SAFETY: the goroutine is stopped with its state saved.
        unsafe {
            walk::walk_pointers(rt, &g.top(), g.stack.hi, |slot| marker.mark(*slot as usize));
        }
    }
    marker.mark(g.wait as usize);
    for record in &g.defers {
        marker.mark(record.closure as usize);
    }
    for panic in g.panics() {
        marker.mark(panic.value.data as usize);
    }
}

impl M {
    /// Collects garbage. Every goroutine's state is saved (also that of the current one); the current one's stack may have been moved on return.
    pub fn collect(&mut self) {
        let rt = self.rt();
        let begin = rt.nanotime();
        let forced = rt.gc.forced.swap(false, Ordering::Relaxed);
        rt.gc_requested.store(false, Ordering::Release);
        self.flush_heap_cache();
        let before = rt.heap.live_bytes();

        let mut marker = Marker::new(&rt.heap);
        let mut root_bytes = rt.globals.mark_roots(&mut marker);
        rt.timers.for_each_root(|addr| marker.mark(addr as usize));
        for &value in &rt.gc.handles.lock().unwrap().values {
            marker.mark(value as usize);
        }
        rt.gc.specials.mark_roots(&mut marker);
        let now = rt.nanotime();
        let mut shrinkable = Vec::new();
        rt.sched.for_each_g(|g| {
            // SAFETY: descriptors are never freed and the program is stopped.
            let r = unsafe { &mut *g };
            if r.status() == Status::Waiting && r.waiting_since == 0 {
                r.waiting_since = now;
            }
            root_bytes += (r.stack.hi - r.sp as usize) as u64;
            if r.wants_shrink() {
                shrinkable.push(g);
            }
            mark_g(rt, r, &mut marker);
            marker.drain();
        });
        marker.drain();
        rt.gc.specials.find_due(&mut marker);
        debug_assert!(
            marker.dangling == 0 || !rt.config.stress.any(),
            "{} dangling pointers",
            marker.dangling
        );

        let swept = rt.heap.sweep();
        rt.heap.set_trigger(swept.live_bytes, root_bytes);
        // Near the limit collect before it is reached, though not more often than every megabyte.
        let room = rt.heap_room();
        let cap = (room - room / 16).max(swept.live_bytes + (1 << 20));
        rt.heap.trigger.fetch_min(cap, Ordering::Relaxed);
        for g in shrinkable {
            self.shrink_stack(g);
        }
        self.trim_memory();

        let end = rt.nanotime();
        let cycle = rt.gc.cycles.fetch_add(1, Ordering::Relaxed);
        {
            let mut history = rt.gc.history.lock().unwrap();
            let at = (cycle % 256) as usize;
            history.pause_ns[at] = (end - begin) as u64;
            history.pause_end[at] = rt.wall_of(end) as u64;
            history.pause_total_ns += (end - begin) as u64;
            history.last = rt.wall_of(end) as u64;
            history.forced += u32::from(forced);
            history.last_swept = swept;
        }
        if rt.config.gctrace {
            let ms = |ns: i64| ns as f64 / 1e6;
            let text = format!(
                "gc {} @{:.3}s {}%: {:.3} ms clock, {}->{}->{} MB, {} MB goal, {} P{}\n",
                cycle + 1,
                begin as f64 / 1e9,
                rt.gc.history.lock().unwrap().pause_total_ns * 100 / end.max(1) as u64,
                ms(end - begin),
                before >> 20,
                before >> 20,
                swept.live_bytes >> 20,
                rt.heap.trigger.load(Ordering::Relaxed) >> 20,
                1,
                if forced { " (forced)" } else { "" },
            );
            crate::traceback::write_stderr(text.as_bytes());
        }
        if rt.config.stress.verify() {
            rt.verify();
        }
        self.check_heap_limit();
        if rt.gc.specials.has_due() {
            self.wake_finalizer_goroutine();
        }
    }

    /// Returns unused memory to the system; keeps some for what comes next.
    fn trim_memory(&mut self) {
        let rt = self.rt();
        rt.stacks.trim();
        let mut inner = rt.heap.inner.lock().unwrap();
        // A tenth above what is in use, and what the next cycle will need anyway if it is small.
        let keep = (inner.stats.pages_in_use / 10).max(512);
        inner.pages.release(keep);
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
        let old = self
            .heap
            .gc_percent
            .swap(percent.max(-1), Ordering::Relaxed);
        self.heap.set_trigger(self.last_live(), 0);
        old
    }

    /// debug.SetMemoryLimit: negative leaves it as it is. The previous setting.
    pub fn set_memory_limit(&self, bytes: i64) -> i64 {
        let old = self.heap.memory_limit.load(Ordering::Relaxed);
        if bytes >= 0 {
            self.heap
                .memory_limit
                .store(bytes as u64, Ordering::Relaxed);
            self.heap.set_trigger(self.last_live(), 0);
        }
        old as i64
    }

    fn last_live(&self) -> u64 {
        self.gc.history.lock().unwrap().last_swept.live_bytes
    }
}
