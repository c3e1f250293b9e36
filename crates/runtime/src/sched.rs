//! The scheduler: who runs next, how goroutines start, park, wake and end, and what happens when nobody can run.
//!
//! A processor has a queue of its own and a slot for the goroutine just made ready; what overflows, yields or is preempted goes to the
//! global queue. The engine's loop is: `schedule`, run the goroutine until it parks, yields or ends, `schedule` again.
//!
//! A monitor thread, started with the second goroutine or first timer, asks for preemption after 10 ms by poisoning the running goroutine's guard.

use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex};
use std::time::Duration;

use bytecode::func::Safepoint;

use crate::g::{G, G_CANCELLED, G_MAIN, G_SYSTEM, POISON, Status, Top, WaitReason};
use crate::panic::Step;
use crate::runtime::{After, M, Runtime, Stop};
use crate::stubs::{GOEXIT, START};

/// Goroutines whose descriptors are made at a time.
const SLAB: usize = 64;
/// Length of a processor's queue.
const QUEUE: usize = 256;
/// How long a goroutine runs before others get their turn.
const SLICE: Duration = Duration::from_millis(10);

/// A pointer to a descriptor that may cross threads.
#[derive(Clone, Copy)]
struct GPtr(*mut G);
// SAFETY: descriptors are never freed; who may touch one is decided by its status.
unsafe impl Send for GPtr {}

/// Goroutines linked through their descriptors: a million of them may wait for their turn.
struct GlobalQueue {
    first: *mut G,
    last: *mut G,
}

// SAFETY: as `GPtr`.
unsafe impl Send for GlobalQueue {}

impl Default for GlobalQueue {
    fn default() -> GlobalQueue {
        GlobalQueue {
            first: std::ptr::null_mut(),
            last: std::ptr::null_mut(),
        }
    }
}

impl GlobalQueue {
    fn push(&mut self, g: *mut G) {
        // SAFETY: descriptors are never freed; runnable ones in the queue belong to it.
        unsafe {
            (*g).next = std::ptr::null_mut();
            if self.first.is_null() {
                self.first = g;
            } else {
                (*self.last).next = g;
            }
        }
        self.last = g;
    }

    fn pop(&mut self) -> *mut G {
        let g = self.first;
        if !g.is_null() {
            // SAFETY: as in `push`.
            unsafe { self.first = std::mem::replace(&mut (*g).next, std::ptr::null_mut()) };
        }
        g
    }
}

/// What processors share.
pub struct Sched {
    /// All descriptors ever made.
    slabs: Mutex<Vec<*mut [G]>>,
    global: Mutex<GlobalQueue>,
    global_len: AtomicUsize,
    /// The goroutine that runs, for the monitor.
    pub running: AtomicPtr<G>,
    /// Counts switches, for the monitor.
    tick: AtomicU64,
    next_id: AtomicU64,
    /// Goroutines that the program has, and those of the runtime.
    count: AtomicUsize,
    system_count: AtomicUsize,
    main_gone: AtomicBool,
    preempt: AtomicBool,
    monitor: Monitor,
    /// Operations under way in other threads that will wake a goroutine.
    external: AtomicUsize,
    inbox: Mutex<Vec<GPtr>>,
    inbox_signal: Condvar,
    /// The program is one that its host feeds: it outlives its main goroutine.
    hosted: AtomicBool,
    /// The host has more to run: that no goroutine can is no deadlock.
    attended: AtomicBool,
    /// The host wants its thread.
    host_call: AtomicBool,
    /// Goroutines ever started.
    pub started: AtomicU64,
}

#[derive(Default)]
struct Monitor {
    started: AtomicBool,
    /// It sleeps until someone has work for it.
    idle: AtomicBool,
    lock: Mutex<()>,
    signal: Condvar,
}

/// A processor's queue.
pub struct RunQueue {
    /// Runs next, before the queue: it was made ready by the goroutine that ran last.
    next: *mut G,
    ring: Box<[*mut G; QUEUE]>,
    head: usize,
    len: usize,
}

impl Default for RunQueue {
    fn default() -> RunQueue {
        RunQueue {
            next: std::ptr::null_mut(),
            ring: Box::new([std::ptr::null_mut(); QUEUE]),
            head: 0,
            len: 0,
        }
    }
}

/// What the engine does next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Next {
    /// Run this goroutine from its saved state.
    Run(*mut G),
    /// The process is to end; everything has been printed.
    Exit(i32),
}

impl Sched {
    pub(crate) fn new() -> Sched {
        Sched {
            slabs: Mutex::default(),
            global: Mutex::default(),
            global_len: AtomicUsize::new(0),
            running: AtomicPtr::default(),
            tick: AtomicU64::new(0),
            next_id: AtomicU64::new(1),
            count: AtomicUsize::new(0),
            system_count: AtomicUsize::new(0),
            main_gone: AtomicBool::new(false),
            preempt: AtomicBool::new(false),
            monitor: Monitor::default(),
            external: AtomicUsize::new(0),
            inbox: Mutex::default(),
            inbox_signal: Condvar::new(),
            hosted: AtomicBool::new(false),
            attended: AtomicBool::new(false),
            host_call: AtomicBool::new(false),
            started: AtomicU64::new(0),
        }
    }

    /// runtime.NumGoroutine
    pub fn num_goroutines(&self) -> usize {
        self.count.load(Ordering::Relaxed)
    }

    /// Calls `visit` with every goroutine that has not ended. Descriptors may be looked at only while the program is stopped.
    pub fn for_each_g(&self, mut visit: impl FnMut(*mut G)) {
        for slab in self.slabs.lock().unwrap().iter() {
            // SAFETY: slabs are never freed; the program is stopped.
            for g in unsafe { (**slab).iter_mut() } {
                if g.status() != Status::Dead {
                    visit(g);
                }
            }
        }
    }

    /// The descriptors made at a time, by number.
    pub(crate) fn slab(&self, i: usize) -> Option<*mut [G]> {
        self.slabs.lock().unwrap().get(i).copied()
    }

    /// Bytes of all descriptors.
    pub fn descriptor_bytes(&self) -> u64 {
        (self.slabs.lock().unwrap().len() * SLAB * size_of::<G>()) as u64
    }

    /// Announces an operation in another thread that will call `ready_external`: no deadlock while one is under way.
    pub fn begin_external(&self) {
        self.external.fetch_add(1, Ordering::AcqRel);
    }

    /// Ends an operation announced by `begin_external`: from any thread, makes the parked goroutine runnable.
    pub fn ready_external(&self, g: *mut G) {
        self.inbox.lock().unwrap().push(GPtr(g));
        self.inbox_signal.notify_one();
    }

    /// The machine is fed by a host, which calls the engine again and again. `attended`: there may be more to come, so that having nothing to run
    /// is no deadlock.
    pub fn set_hosted(&self, attended: bool) {
        self.hosted.store(true, Ordering::Relaxed);
        self.attended.store(attended, Ordering::Relaxed);
    }

    /// From any thread: makes the engine return to the host at the next safepoint (`Stop::Host`).
    pub fn call_host(&self) {
        {
            let _inbox = self.inbox.lock().unwrap();
            self.host_call.store(true, Ordering::SeqCst);
            self.inbox_signal.notify_one();
        }
        let running = self.running.load(Ordering::SeqCst);
        if !running.is_null() {
            self.preempt.store(true, Ordering::Release);
            // SAFETY: descriptors are never freed; a goroutine that has been switched out gets its guard anew.
            unsafe { (*running).stackguard.store(POISON, Ordering::SeqCst) };
        }
    }

    fn push_global(&self, g: *mut G) {
        self.global.lock().unwrap().push(g);
        self.global_len.fetch_add(1, Ordering::Release);
    }

    fn pop_global(&self) -> *mut G {
        if self.global_len.load(Ordering::Acquire) == 0 {
            return std::ptr::null_mut();
        }
        let g = self.global.lock().unwrap().pop();
        if !g.is_null() {
            self.global_len.fetch_sub(1, Ordering::Release);
        }
        g
    }

    /// Starts the monitor or wakes it up.
    pub(crate) fn wake_monitor(&self, rt: &'static Runtime) {
        if !self.monitor.started.load(Ordering::Relaxed) {
            if !self.monitor.started.swap(true, Ordering::AcqRel) {
                let built = std::thread::Builder::new()
                    .name("monitor".to_owned())
                    .stack_size(64 << 10);
                // Without the thread goroutines that never call or block would not be preempted: not fatal.
                let _ = built.spawn(move || monitor(rt));
            }
        } else if self.monitor.idle.load(Ordering::Relaxed) {
            let _guard = self.monitor.lock.lock().unwrap();
            self.monitor.signal.notify_one();
        }
    }
}

/// The monitor thread.
fn monitor(rt: &'static Runtime) {
    let sched = &rt.sched;
    let mut last = u64::MAX;
    loop {
        if sched.count.load(Ordering::Relaxed) + sched.system_count.load(Ordering::Relaxed) <= 1
            && rt.timers.is_empty()
        {
            let guard = sched.monitor.lock.lock().unwrap();
            sched.monitor.idle.store(true, Ordering::SeqCst);
            // The timeout covers a wake-up that came just before.
            let _ = sched
                .monitor
                .signal
                .wait_timeout(guard, Duration::from_millis(200));
            sched.monitor.idle.store(false, Ordering::SeqCst);
            continue;
        }
        let until_timer = rt.timers.next_due().map_or(SLICE, |t| {
            Duration::from_nanos((t - rt.nanotime()).max(50_000) as u64)
        });
        std::thread::sleep(SLICE.min(until_timer));
        let tick = sched.tick.load(Ordering::Relaxed);
        let due = rt.timers.next_due().is_some_and(|t| t <= rt.nanotime());
        if tick == last || due {
            let running = sched.running.load(Ordering::Acquire);
            if !running.is_null() {
                sched.preempt.store(true, Ordering::Release);
                // SAFETY: descriptors are never freed; a goroutine that has been switched out gets its guard anew.
                unsafe { (*running).stackguard.store(POISON, Ordering::Release) };
            }
        }
        last = tick;
    }
}

impl RunQueue {
    fn push(&mut self, g: *mut G, sched: &Sched) {
        if self.len == QUEUE {
            // Half of it goes to the global queue, so that other processors would see it.
            for _ in 0..QUEUE / 2 {
                let moved = self.pop();
                sched.push_global(moved);
            }
            sched.push_global(g);
            return;
        }
        self.ring[(self.head + self.len) % QUEUE] = g;
        self.len += 1;
    }

    fn pop(&mut self) -> *mut G {
        if self.len == 0 {
            return std::ptr::null_mut();
        }
        let g = self.ring[self.head];
        self.head = (self.head + 1) % QUEUE;
        self.len -= 1;
        g
    }
}

impl M {
    /// Makes the main goroutine, which calls `closure` (no parameters).
    pub fn spawn_main(&mut self, closure: *mut u8) -> *mut G {
        let g = self.spawn(closure, std::ptr::null());
        // SAFETY: descriptors are never freed.
        unsafe { (*g).flags |= G_MAIN };
        g
    }

    /// Starts a goroutine that calls `closure` (no parameters). `created_pc`: the address after the `go` instruction, or null.
    pub fn spawn(&mut self, closure: *mut u8, created_pc: *const u64) -> *mut G {
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
        r.id = rt.sched.next_id.fetch_add(1, Ordering::Relaxed);
        r.site = site;
        r.parent = parent;
        r.flags = 0;
        r.wait = closure;
        r.wake = 0;
        r.wake_aux = 0;
        // All that it will ever hold is reached from the closure.
        self.barrier_object(closure);
        r.scanned
            .store(rt.gc.number.load(Ordering::Relaxed), Ordering::Relaxed);
        r.set_status(Status::Waiting);
        rt.sched.started.fetch_add(1, Ordering::Relaxed);
        if rt.sched.count.fetch_add(1, Ordering::Relaxed) > 0 {
            rt.sched.wake_monitor(rt);
        }
        self.ready(g);
        g
    }

    /// Starts a goroutine of the runtime's own.
    pub fn spawn_system(&mut self, closure: *mut u8) -> *mut G {
        let g = self.spawn(closure, std::ptr::null());
        let sched = &self.rt().sched;
        sched.count.fetch_sub(1, Ordering::Relaxed);
        sched.system_count.fetch_add(1, Ordering::Relaxed);
        // SAFETY: descriptors are never freed.
        unsafe { (*g).flags |= G_SYSTEM };
        g
    }

    fn new_g(&mut self) -> *mut G {
        let g = self.p().free_gs;
        if !g.is_null() {
            // SAFETY: the free list holds dead descriptors.
            unsafe {
                self.p().free_gs = (*g).next;
                (*g).next = std::ptr::null_mut();
            }
            return g;
        }
        let slab: Box<[G]> = (0..SLAB).map(|_| G::empty()).collect();
        let slab = Box::into_raw(slab);
        let base = slab.cast::<G>();
        self.rt().sched.slabs.lock().unwrap().push(slab);
        for i in (1..SLAB).rev() {
            // SAFETY: elements of the slab, whose memory stays where it is.
            unsafe {
                let g = base.add(i);
                (*g).next = self.p().free_gs;
                self.p().free_gs = g;
            }
        }
        base
    }

    /// Makes a parked goroutine runnable: it runs next.
    pub fn ready(&mut self, g: *mut G) {
        // SAFETY: descriptors are never freed; who wakes a parked goroutine owns it.
        unsafe {
            debug_assert_eq!((*g).status(), Status::Waiting);
            (*g).wait_reason = WaitReason::None;
            (*g).waiting_since = 0;
            (*g).set_status(Status::Runnable);
        }
        let sched = &self.rt().sched;
        let queue = &mut self.p().run_queue;
        let kicked = std::mem::replace(&mut queue.next, g);
        if !kicked.is_null() {
            queue.push(kicked, sched);
        }
    }

    /// Parks the current goroutine, which is on some wait list already. Then the engine calls `schedule`.
    pub fn park(&mut self, top: &Top, reason: WaitReason) {
        let g = self.g();
        g.save(top);
        g.wait_reason = reason;
        g.set_status(Status::Waiting);
        self.g = std::ptr::null_mut();
    }

    /// Puts the current goroutine behind all others. Then the engine calls `schedule`.
    pub fn yield_now(&mut self, top: &Top) {
        let g = self.g();
        g.save(top);
        g.set_status(Status::Runnable);
        self.rt().sched.push_global(self.g);
        self.g = std::ptr::null_mut();
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
        g.set_status(Status::Dead);
        g.stackguard.store(POISON, Ordering::Relaxed);
        let count = if g.is_system() {
            &rt.sched.system_count
        } else {
            &rt.sched.count
        };
        count.fetch_sub(1, Ordering::Relaxed);
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        self.free_stack(stack);
        // SAFETY: the descriptor is dead and ours.
        unsafe {
            (*g).next = self.p().free_gs;
        }
        self.p().free_gs = g;
    }

    /// Finds the next goroutine to run: collects and fires timers on the way, sleeps when there is nothing to do, reports a deadlock when there never will be.
    pub fn schedule(&mut self) -> Next {
        let rt = self.rt();
        debug_assert!(self.g.is_null());
        rt.sched
            .running
            .store(std::ptr::null_mut(), Ordering::Release);
        loop {
            if rt.gc_requested.load(Ordering::Acquire) {
                self.collect();
            }
            if rt.sched.host_call.swap(false, Ordering::AcqRel) {
                self.stop = Stop::Host;
                return Next::Exit(0);
            }
            self.run_timers();
            self.take_inbox();
            let (g, inherits) = self.pick();
            if !g.is_null() {
                self.switch_to(g, inherits);
                return Next::Run(g);
            }
            if let Some(exit) = self.idle() {
                return exit;
            }
        }
    }

    /// The next goroutine, and whether it goes on in the time slice of the one that made it ready (so that two that wake each
    /// other in turn are preempted as one).
    fn pick(&mut self) -> (*mut G, bool) {
        let sched = &self.rt().sched;
        let p = self.p();
        p.ticks = p.ticks.wrapping_add(1);
        if p.ticks.is_multiple_of(61) {
            let g = sched.pop_global();
            if !g.is_null() {
                return (g, false);
            }
        }
        let next = std::mem::replace(&mut p.run_queue.next, std::ptr::null_mut());
        if !next.is_null() {
            return (next, true);
        }
        let g = p.run_queue.pop();
        (if g.is_null() { sched.pop_global() } else { g }, false)
    }

    fn switch_to(&mut self, g: *mut G, inherits: bool) {
        let rt = self.rt();
        self.g = g;
        // SAFETY: a runnable goroutine taken from a queue is ours.
        let r = unsafe { &mut *g };
        if !r.has_started() {
            self.give_first_stack(r);
        }
        r.set_status(Status::Running);
        if !inherits {
            rt.sched.tick.store(
                rt.sched.tick.load(Ordering::Relaxed).wrapping_add(1),
                Ordering::Relaxed,
            );
            rt.sched.preempt.store(false, Ordering::Relaxed);
        }
        rt.sched.running.store(g, Ordering::Release);
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
    fn reset_guard(&mut self) {
        let rt = self.rt();
        let g = self.g();
        let wanted = if rt.config.stress.any() {
            POISON
        } else {
            g.wanted_guard()
        };
        g.stackguard.store(wanted, Ordering::SeqCst);
        // A request that came before the store is seen here, one that comes later poisons again.
        if rt.gc_requested.load(Ordering::SeqCst)
            || rt.sched.preempt.load(Ordering::SeqCst)
            || rt.sched.host_call.load(Ordering::SeqCst)
            || g.flags & G_CANCELLED != 0
        {
            g.stackguard.store(POISON, Ordering::SeqCst);
        }
    }

    fn take_inbox(&mut self) {
        let sched = &self.rt().sched;
        if sched.external.load(Ordering::Acquire) == 0 {
            return;
        }
        let arrived = std::mem::take(&mut *sched.inbox.lock().unwrap());
        for GPtr(g) in arrived {
            sched.external.fetch_sub(1, Ordering::AcqRel);
            self.ready(g);
        }
    }

    /// Nobody can run: waits for a timer or another thread, or reports a deadlock.
    fn idle(&mut self) -> Option<Next> {
        let rt = self.rt();
        let sched = &rt.sched;
        let due = rt.timers.next_due();
        let external = sched.external.load(Ordering::Acquire) > 0;
        let attended = sched.attended.load(Ordering::Relaxed);
        if due.is_none() && !external && !attended {
            let text = if sched.main_gone.load(Ordering::Relaxed) && sched.num_goroutines() == 0 {
                "no goroutines (main called runtime.Goexit) - deadlock!"
            } else {
                "all goroutines are asleep - deadlock!"
            };
            let code = self.fatal(text);
            self.stop = Stop::Deadlock;
            return Some(Next::Exit(code));
        }
        let hosted = sched.hosted.load(Ordering::Relaxed);
        let wait = due.map(|t| Duration::from_nanos((t - rt.nanotime()).max(0) as u64));
        let inbox = sched.inbox.lock().unwrap();
        if inbox.is_empty() && !sched.host_call.load(Ordering::SeqCst) {
            match wait {
                Some(wait) if external || hosted => {
                    drop(sched.inbox_signal.wait_timeout(inbox, wait));
                }
                Some(wait) => {
                    drop(inbox);
                    std::thread::sleep(wait);
                }
                None => {
                    drop(sched.inbox_signal.wait(inbox));
                }
            }
        }
        None
    }

    /// Wakes or makes the goroutine that runs finalizers.
    pub(crate) fn wake_finalizer_goroutine(&mut self) {
        let rt = self.rt();
        let g = rt.gc.finalizer_g.load(Ordering::Acquire);
        if g.is_null() {
            let closure = (&raw const rt.stubs.finalizers.closure)
                .cast_mut()
                .cast::<u8>();
            let g = self.spawn_system(closure);
            rt.gc.finalizer_g.store(g, Ordering::Release);
            return;
        }
        // SAFETY: descriptors are never freed.
        let parked = unsafe {
            (*g).status() == Status::Waiting && (*g).wait_reason == WaitReason::FinalizerWait
        };
        if parked {
            self.ready(g);
        }
    }
}

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
        if rt.gc_requested.load(Ordering::Acquire) {
            self.collect();
        } else if stress.collect && kind == SafepointKind::Alloc {
            self.collect_a_little();
        }
        if stress.move_stacks {
            let size = self.g().stack.size();
            self.copy_stack(self.g, size, &mut []);
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
        // A host that calls gets its thread from `schedule`.
        let preempt = rt.sched.preempt.swap(false, Ordering::AcqRel)
            || stress.preempt
            || rt.sched.host_call.load(Ordering::Acquire);
        if preempt {
            self.yield_now(top);
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
