//! The scheduler: who runs next, how goroutines start, park, wake and end, and what happens when nobody can run.
//!
//! A processor has a queue of its own and a slot for the goroutine just made ready; what overflows, yields or is preempted goes to the
//! global queue. The engine's loop is: `schedule`, run the goroutine until it parks, yields or ends, `schedule` again.
//!
//! * `find`: what a thread does that looks for work: its own queue, the global one, others' queues, sleep;
//! * `procs`, `threads`: processors, and the threads that hold them; blocking natives; locked threads;
//! * `world`: stopping everything;
//! * `safepoint`: what a running goroutine does when somebody wants something of it;
//! * `monitor`: the thread that asks for preemption and retakes processors;
//! * `netpoll`: waiting for descriptors;
//! * `finish`: the program's end on any thread.
//!
//! The delicate pieces of it are in `crate::sync`, where they are checked as models.

mod find;
mod finish;
mod monitor;
pub mod netpoll;
pub mod procs;
mod safepoint;
pub mod threads;
pub mod world;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicUsize, Ordering, fence};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;

use crate::g::{G, G_MAIN, G_SYSTEM, POISON, Status, Top, WaitReason};
use crate::heap::barrier::marking;
use crate::runtime::{Config, M, P, Runtime, Stop};
use crate::sync::wake::WakeGate;
use finish::Finish;
use monitor::Monitor;
use threads::Thread;

pub use safepoint::SafepointKind;

/// Goroutines whose descriptors are made at a time.
const SLAB: usize = 64;
/// Slabs whose memory is asked of the system at a time: the allocator's classes of sizes would waste a quarter.
const SLABS_MAPPED: usize = 32;
/// Dead descriptors that a processor keeps.
const FREE_GS: usize = 2 * QUEUE;
/// Length of a processor's queue.
pub const QUEUE: usize = 256;
/// Processors that a machine may have.
pub const MAX_PROCS: usize = 256;
/// Goroutine ids that a processor takes at a time.
const IDS: u64 = 16;
/// How long a goroutine runs before others get their turn.
const SLICE: Duration = Duration::from_millis(10);

/// A million goroutines may wait for their turn: a queue of addresses, so that moving them on does not touch their descriptors.
#[derive(Default)]
struct GlobalQueue(VecDeque<*mut G>);

// SAFETY: descriptors are never freed; those in the queue are the lock holder's.
unsafe impl Send for GlobalQueue {}

/// Room that an empty queue keeps.
const GLOBAL_KEPT: usize = 4096;

impl GlobalQueue {
    fn push(&mut self, g: *mut G) {
        self.0.push_back(g);
    }

    fn pop(&mut self) -> *mut G {
        let g = self.0.pop_front().unwrap_or(std::ptr::null_mut());
        if self.0.is_empty() && self.0.capacity() > GLOBAL_KEPT {
            self.0.shrink_to(GLOBAL_KEPT);
        }
        g
    }

    fn len(&self) -> usize {
        self.0.len()
    }
}

/// All descriptors ever made.
#[derive(Default)]
struct Slabs {
    made: Vec<*mut [G]>,
    /// Memory for the next ones: none of these has been touched.
    fresh: usize,
    left: usize,
}

impl Slabs {
    /// Makes `SLAB` dead descriptors. None: there is no memory.
    fn add(&mut self) -> Option<*mut G> {
        if self.left == 0 {
            self.fresh = crate::heap::reserve(SLABS_MAPPED * SLAB * size_of::<G>())?;
            self.left = SLABS_MAPPED;
        }
        let first = self.fresh as *mut G;
        self.fresh += SLAB * size_of::<G>();
        self.left -= 1;
        for i in 0..SLAB {
            // SAFETY: fresh memory, page-aligned, that nobody else has.
            unsafe { first.add(i).write(G::empty()) };
        }
        self.made
            .push(std::ptr::slice_from_raw_parts_mut(first, SLAB));
        Some(first)
    }
}

/// What processors share.
pub struct Sched {
    slabs: Mutex<Slabs>,
    inner: Mutex<Inner>,
    /// Length of the global queue, for those who only pass by.
    global_len: AtomicUsize,
    pub(crate) gate: WakeGate,
    all_procs: Box<[AtomicPtr<P>]>,
    proc_count: AtomicUsize,
    next_id: std::sync::atomic::AtomicU64,
    /// Goroutines of the runtime itself.
    system_count: AtomicUsize,
    main_gone: AtomicBool,
    monitor: Monitor,
    /// Threads that keep watch: one, or for a moment one more that has been woken.
    watchers: AtomicUsize,
    /// Threads in system calls whose processor has been taken from them.
    detached: AtomicUsize,
    /// Operations under way in other threads that will wake a goroutine.
    external: AtomicUsize,
    /// The program is one that its host feeds: it outlives its main goroutine.
    hosted: AtomicBool,
    /// The host has more to run: that no goroutine can is no deadlock.
    attended: AtomicBool,
    /// The host wants its thread.
    host_call: AtomicBool,
    main_thread: OnceLock<Arc<Thread>>,
    /// Ends of the program that the host has not taken yet.
    finishes: Mutex<VecDeque<Finish>>,
    finished: AtomicBool,
    finished_holding: AtomicBool,
}

// SAFETY: raw pointers inside are to descriptors and processors, which are never freed; the lists are behind locks.
unsafe impl Sync for Sched {}
// SAFETY: as above.
unsafe impl Send for Sched {}

/// The scheduler's lists, under its lock.
#[derive(Default)]
pub(crate) struct Inner {
    global: GlobalQueue,
    idle: Vec<*mut P>,
    /// Threads that have nothing to do.
    sleeping: Vec<Arc<Thread>>,
    /// The one of them that wakes up for timers and descriptors.
    keeper: Option<Arc<Thread>>,
    /// Threads made, without the host's.
    threads: usize,
    /// Dead descriptors.
    free_gs: Vec<*mut G>,
}

/// What the engine does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Run this goroutine from its saved state.
    Run(*mut G),
    /// The engine is to return with this exit code; everything has been printed.
    Exit(i32),
}

impl Sched {
    pub(crate) fn new(_: &Config) -> Sched {
        Sched {
            slabs: Mutex::default(),
            inner: Mutex::default(),
            global_len: AtomicUsize::new(0),
            gate: WakeGate::default(),
            all_procs: (0..MAX_PROCS).map(|_| AtomicPtr::default()).collect(),
            proc_count: AtomicUsize::new(0),
            next_id: std::sync::atomic::AtomicU64::new(1),
            system_count: AtomicUsize::new(0),
            main_gone: AtomicBool::new(false),
            monitor: Monitor::default(),
            watchers: AtomicUsize::new(0),
            detached: AtomicUsize::new(0),
            external: AtomicUsize::new(0),
            hosted: AtomicBool::new(false),
            attended: AtomicBool::new(false),
            host_call: AtomicBool::new(false),
            main_thread: OnceLock::new(),
            finishes: Mutex::default(),
            finished: AtomicBool::new(false),
            finished_holding: AtomicBool::new(false),
        }
    }

    /// runtime.NumGoroutine
    pub fn num_goroutines(&self) -> usize {
        // SAFETY: processors are never freed; the counter is atomic.
        let all: i64 = self
            .made_procs()
            .map(|p| unsafe { (*p).live.load(Ordering::Relaxed) })
            .sum();
        (all.max(0) as usize).saturating_sub(self.system_count.load(Ordering::Relaxed))
    }

    /// Calls `visit` with every goroutine that has not ended. What descriptors hold may be looked at only while the program is stopped, or under the scan lock.
    pub fn for_each_g(&self, mut visit: impl FnMut(*mut G)) {
        for slab in &self.slabs.lock().unwrap().made {
            let first = slab.cast::<G>();
            for i in 0..slab.len() {
                let g = first.wrapping_add(i);
                // SAFETY: slabs are never freed; the status is atomic.
                if unsafe { (*g).status() } != Status::Dead {
                    visit(g);
                }
            }
        }
    }

    /// The descriptors made at a time, by number.
    pub(crate) fn slab(&self, i: usize) -> Option<*mut [G]> {
        self.slabs.lock().unwrap().made.get(i).copied()
    }

    /// Bytes of all descriptors.
    pub fn descriptor_bytes(&self) -> u64 {
        (self.slabs.lock().unwrap().made.len() * SLAB * size_of::<G>()) as u64
    }

    /// Announces an operation in another thread that will call `ready_external`: no deadlock while one is under way.
    pub fn begin_external(&self) {
        self.external.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends an operation announced by `begin_external` without waking anybody.
    pub fn end_external(&self) {
        if self.external.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.reconsider();
        }
    }

    /// Something has ended that kept sleeping threads from finding a deadlock: one of them looks again, if nothing runs.
    pub(crate) fn reconsider(&self) {
        fence(Ordering::SeqCst);
        if self.gate.idle() >= self.procs() {
            let keeper = self.inner().keeper.clone();
            if let Some(thread) = keeper {
                thread.unpark();
            }
        }
    }

    /// Ends an operation announced by `begin_external`: from any thread, makes the parked goroutine runnable.
    pub fn ready_external(&self, rt: &'static Runtime, g: *mut G) {
        self.inject(rt, g);
        self.end_external();
    }

    /// From any thread: makes a parked goroutine runnable.
    pub(crate) fn inject(&self, rt: &'static Runtime, g: *mut G) {
        // SAFETY: descriptors are never freed; who takes a goroutine off its wait list owns it once it is runnable.
        unsafe { make_runnable(g, true) };
        self.push_global(g);
        self.wake_another(rt);
        // Without an engine there is only the host's thread, which may sleep.
        if rt.engine.get().is_none()
            && let Some(thread) = self.main_thread.get()
        {
            thread.unpark();
        }
    }

    /// The machine is fed by a host, which calls the engine again and again. `attended`: there may be more to come, so that having nothing to run
    /// is no deadlock.
    pub fn set_hosted(&self, attended: bool) {
        self.hosted.store(true, Ordering::Relaxed);
        self.attended.store(attended, Ordering::Relaxed);
    }

    /// From any thread: makes the engine return to the host at the next safepoint (`Stop::Host`).
    pub fn call_host(&self, rt: &Runtime) {
        self.host_call.store(true, Ordering::SeqCst);
        self.poison_running(rt);
        if let Some(thread) = self.main_thread.get() {
            thread.unpark();
        }
    }

    pub(crate) fn host_calls(&self) -> bool {
        self.host_call.load(Ordering::SeqCst)
    }

    pub(crate) fn push_global(&self, g: *mut G) {
        self.push_global_locked(&mut self.inner(), g);
    }

    pub(crate) fn push_global_locked(&self, inner: &mut Inner, g: *mut G) {
        inner.global.push(g);
        self.global_len.fetch_add(1, Ordering::SeqCst);
    }
}

/// By a waker, who has taken the goroutine off its wait list.
///
/// # Safety
/// `g` is a descriptor.
unsafe fn make_runnable(g: *mut G, scanned: bool) {
    // SAFETY: by the contract; once it is runnable the goroutine is the waker's.
    unsafe {
        (*g).status.make_runnable(scanned);
        (*g).wait_reason = WaitReason::None;
        (*g).waiting_since = 0;
    }
}

impl M {
    /// Makes the main goroutine, which calls `closure` (no parameters).
    pub fn spawn_main(&mut self, closure: *mut u8) -> *mut G {
        self.spawn_with(closure, std::ptr::null(), G_MAIN)
    }

    /// Starts a goroutine that calls `closure` (no parameters). `created_pc`: the address after the `go` instruction, or null.
    pub fn spawn(&mut self, closure: *mut u8, created_pc: *const u64) -> *mut G {
        self.spawn_with(closure, created_pc, 0)
    }

    fn spawn_with(&mut self, closure: *mut u8, created_pc: *const u64, flags: u8) -> *mut G {
        let rt = self.rt();
        let g = self.new_g();
        let site = if created_pc.is_null() {
            None
        } else {
            Some(self.p().stacks.sites.find(created_pc, &rt.stacks.sites))
        };
        let parent = if self.g.is_null() { 0 } else { self.g().id };
        // SAFETY: a descriptor without goroutine is ours.
        let r = unsafe { &mut *g };
        // Its stack comes when it first runs (`give_first_stack`).
        r.save(&Top::at(std::ptr::null(), std::ptr::null_mut(), 0));
        r.id = self.next_id();
        r.site = site;
        r.parent = parent;
        r.flags = flags;
        r.wait = closure;
        r.wake = 0;
        // All that it will ever hold is reached from the closure.
        self.barrier_object(closure);
        r.scanned
            .store(rt.gc.number.load(Ordering::Relaxed), Ordering::Relaxed);
        r.status.set(Status::Waiting);
        let p = self.p();
        let started = p.started.load(Ordering::Relaxed);
        p.started.store(started + 1, Ordering::Relaxed);
        p.live
            .store(p.live.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
        if parent > 0 {
            rt.sched.start_monitor(rt);
        }
        self.ready(g);
        self.give_way_when_flooding();
        g
    }

    /// After a goroutine has been made. When the queue is about to overflow, the running goroutine gives way at its next safepoint until the queue is worked off: a loop
    /// that starts many goroutines then does so in portions, whose descriptors and stacks are used again while they are in the cache, instead of filling
    /// memory with goroutines that wait for their turn.
    fn give_way_when_flooding(&mut self) {
        if self.g.is_null() {
            return;
        }
        let p = self.p();
        if !p.run_queue.is_almost_full() || !p.run_queue.peek_behind().is_null() {
            return;
        }
        let tolerates = p.tolerates.load(Ordering::Relaxed);
        if tolerates > 0 {
            p.tolerates.store(tolerates - 1, Ordering::Relaxed);
            return;
        }
        p.flooded = true;
        self.g().stackguard.store(POISON, Ordering::Relaxed);
    }

    /// Puts the current goroutine behind those in its processor's queue. Then the engine calls `schedule`.
    pub(crate) fn yield_behind(&mut self, top: &Top) {
        let g = self.g();
        g.save(top);
        g.status.set(Status::Runnable);
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        let p = self.p();
        p.floods.store(
            p.floods.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
        if !p.run_queue.put_behind(g) {
            self.rt().sched.push_global(g);
        }
    }

    /// Starts a goroutine of the runtime's own.
    pub fn spawn_system(&mut self, closure: *mut u8) -> *mut G {
        self.rt().sched.system_count.fetch_add(1, Ordering::Relaxed);
        self.spawn_with(closure, std::ptr::null(), G_SYSTEM)
    }

    fn next_id(&mut self) -> u64 {
        let rt = self.rt();
        let ids = &mut self.p().ids;
        if ids.is_empty() {
            let first = rt.sched.next_id.fetch_add(IDS, Ordering::Relaxed);
            *ids = first..first + IDS;
        }
        ids.start += 1;
        ids.start - 1
    }

    fn new_g(&mut self) -> *mut G {
        let rt = self.rt();
        let p = self.p();
        if p.free_gs.is_null() {
            let mut inner = rt.sched.inner();
            let from = inner.free_gs.len().saturating_sub(FREE_GS / 2);
            let taken = inner.free_gs.split_off(from);
            drop(inner);
            taken.into_iter().for_each(|g| p.push_free(g));
        }
        if p.free_gs.is_null() {
            let slab = rt.sched.slabs.lock().unwrap().add();
            let first = slab.unwrap_or_else(|| self.die_of_memory());
            let p = self.p();
            // The first one comes out first.
            for i in (0..SLAB).rev() {
                p.push_free(first.wrapping_add(i));
            }
        }
        let p = self.p();
        let g = p.free_gs;
        // SAFETY: the free list holds dead descriptors.
        unsafe { p.free_gs = std::mem::replace(&mut (*g).wait, std::ptr::null_mut()).cast() };
        p.free_count -= 1;
        g
    }

    /// Keeps a dead goroutine's descriptor.
    fn free_g(&mut self, g: *mut G) {
        let rt = self.rt();
        let p = self.p();
        p.push_free(g);
        // Those made here may always die elsewhere.
        if p.free_count > FREE_GS {
            let mut inner = rt.sched.inner();
            while p.free_count > FREE_GS / 2 {
                let g = p.free_gs;
                // SAFETY: as in `new_g`.
                unsafe {
                    p.free_gs = std::mem::replace(&mut (*g).wait, std::ptr::null_mut()).cast()
                };
                p.free_count -= 1;
                inner.free_gs.push(g);
            }
        }
    }

    /// Makes a goroutine runnable that the caller has taken off its wait list: it runs next.
    pub fn ready(&mut self, g: *mut G) {
        // SAFETY: descriptors are never freed; who takes a goroutine off its wait list owns it once it is runnable.
        unsafe { make_runnable(g, marking()) };
        let rt = self.rt();
        if self.borrowed {
            // The processor goes back before it could run anything.
            rt.sched.push_global(g);
            return;
        }
        let p = self.p();
        if p.hands_over() {
            // It will run here as soon as the current goroutine parks, sooner than another thread could be woken. If not, the monitor sees it.
            if p.own_next.load(Ordering::Relaxed).is_null() {
                p.own_next.store(g, Ordering::Relaxed);
                return;
            }
            p.kept_waiting();
            let other = p.take_own_next();
            self.enqueue(other);
        }
        let kicked = self.p().run_queue.swap_next(g);
        if !kicked.is_null() {
            self.p().kept_waiting();
            self.enqueue(kicked);
        }
        // What was kicked out of the slot has been published before; who is about to sleep sees what is in the slot now.
        if rt.sched.gate.should_wake_after_swap() {
            rt.sched.wake_slow(rt);
        }
    }

    /// Puts a runnable goroutine at the end of the processor's queue; when that is full, half of it becomes everybody's.
    pub(crate) fn enqueue(&mut self, g: *mut G) {
        let sched = &self.rt().sched;
        let mut inner = None;
        self.p().run_queue.push(g, |g| {
            sched.push_global_locked(inner.get_or_insert_with(|| sched.inner()), g);
        });
    }

    /// Parks the current goroutine, which is on some wait list already. Then the engine calls `schedule`.
    #[inline(always)]
    pub fn park(&mut self, top: &Top, reason: WaitReason) {
        let g = self.g();
        g.save(top);
        g.wait_reason = reason;
        // From here on it may be woken, and run on another thread.
        g.status.set(Status::Waiting);
        self.g = std::ptr::null_mut();
    }

    /// Puts the current goroutine behind all others. Then the engine calls `schedule`.
    pub fn yield_now(&mut self, top: &Top) {
        let g = self.g();
        g.save(top);
        g.status.set(Status::Runnable);
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        self.rt().sched.push_global(g);
    }

    /// Ends the current goroutine (`GoEnd`, or a Goexit that is through). Some(code): it was the main goroutine and returned: the program is over.
    pub fn end_goroutine(&mut self, by_goexit: bool) -> Option<i32> {
        let rt = self.rt();
        let g = self.g();
        let main = g.flags & G_MAIN != 0;
        if main && (!by_goexit || rt.sched.hosted.load(Ordering::Relaxed)) {
            self.stop = Stop::Main;
            return Some(0);
        }
        if main {
            rt.sched.main_gone.store(true, Ordering::Relaxed);
        }
        self.retire();
        None
    }

    /// Buries the current goroutine, which has come to its end.
    pub fn retire(&mut self) {
        let rt = self.rt();
        let g = self.g();
        g.teach_site();
        let stack = g.stack;
        g.stack = crate::stack::Stack { lo: 0, hi: 0 };
        g.defers.clear();
        g.extra = None;
        g.wait = std::ptr::null_mut();
        g.status.set(Status::Dead);
        g.stackguard.store(POISON, Ordering::Relaxed);
        if g.is_system() {
            rt.sched.system_count.fetch_sub(1, Ordering::Relaxed);
        }
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        if self.locked_g == g {
            self.locked_g = std::ptr::null_mut();
        }
        self.free_stack(stack);
        let p = self.p();
        p.live
            .store(p.live.load(Ordering::Relaxed) - 1, Ordering::Relaxed);
        self.free_g(g);
    }
}

impl P {
    fn push_free(&mut self, g: *mut G) {
        // SAFETY: a dead descriptor, which is this processor's.
        unsafe { (*g).wait = self.free_gs.cast() };
        self.free_gs = g;
        self.free_count += 1;
    }
}
