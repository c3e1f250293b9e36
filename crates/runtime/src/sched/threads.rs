//! Threads: how they sleep, are woken with a processor in hand, and are made.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicI64, AtomicPtr, Ordering, fence};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use super::Inner;
use super::Sched;
use super::procs::{IDLE, RUNNING, SYSCALL};
use crate::g::{G, Status, Top};
use crate::runtime::{M, P, Runtime};

/// Threads that a machine may have: Go's limit.
const MAX_THREADS: usize = 10_000;
/// Address space for a thread's stack: functions are compiled on whatever thread calls them first, and the compiler recurses over their trees.
const THREAD_STACK: usize = 256 << 20;

/// What others know of a thread: how to wake it.
pub struct Thread {
    token: AtomicBool,
    /// The system's, once it has slept.
    handle: OnceLock<std::thread::Thread>,
    /// It waits for descriptors instead, and the token is announced by a write to `event`.
    pub(crate) polls: AtomicBool,
    /// Made when it is first needed.
    event: AtomicI32,
    /// As the keeper: when it means to wake up.
    pub(crate) wakes_at: AtomicI64,
    /// What it is woken with.
    processor: AtomicPtr<P>,
    spinning: AtomicBool,
    goroutine: AtomicPtr<G>,
}

impl Default for Thread {
    fn default() -> Thread {
        Thread {
            token: AtomicBool::new(false),
            handle: OnceLock::new(),
            polls: AtomicBool::new(false),
            event: AtomicI32::new(-1),
            wakes_at: AtomicI64::new(i64::MAX),
            processor: AtomicPtr::default(),
            spinning: AtomicBool::new(false),
            goroutine: AtomicPtr::default(),
        }
    }
}

impl Thread {
    /// Sleeps until there is a token, and takes it; or until the time is up. By the thread itself.
    pub(crate) fn park(&self, timeout: Option<Duration>) {
        self.handle.get_or_init(std::thread::current);
        // Who leaves a token finds the handle, or the token is seen here.
        fence(Ordering::SeqCst);
        let deadline = timeout.map(|t| Instant::now() + t);
        while !self.take_token() {
            match deadline {
                None => std::thread::park(),
                Some(deadline) => {
                    let left = deadline.saturating_duration_since(Instant::now());
                    if left.is_zero() {
                        return;
                    }
                    std::thread::park_timeout(left);
                }
            }
        }
    }

    /// Takes the token if there is one.
    pub(crate) fn take_token(&self) -> bool {
        self.token.swap(false, Ordering::SeqCst)
    }

    /// The descriptor that wakes it; negative when there is none to be had.
    pub(crate) fn event(&self) -> i32 {
        let event = self.event.load(Ordering::Acquire);
        if event >= 0 {
            return event;
        }
        // SAFETY: a system call.
        let event = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
        self.event.store(event, Ordering::Release);
        event
    }

    pub(crate) fn unpark(&self) {
        self.token.store(true, Ordering::SeqCst);
        fence(Ordering::SeqCst);
        if let Some(handle) = self.handle.get() {
            handle.unpark();
        }
        if self.polls.load(Ordering::SeqCst) {
            let value = 1u64;
            // SAFETY: writes 8 bytes.
            unsafe { libc::write(self.event(), (&raw const value).cast(), 8) };
        }
    }

    /// Gives it a processor, before `unpark`.
    fn hand(&self, p: *mut P, spinning: bool, g: *mut G) {
        self.spinning.store(spinning, Ordering::Relaxed);
        self.goroutine.store(g, Ordering::Relaxed);
        self.processor.store(p, Ordering::Release);
    }
}

impl Sched {
    /// After work has been published: wakes a thread if a processor is idle and nobody searches.
    #[inline]
    pub(crate) fn wake_another(&self, rt: &'static Runtime) {
        if self.gate.should_wake() {
            self.wake_slow(rt);
        }
    }

    #[cold]
    pub(crate) fn wake_slow(&self, rt: &'static Runtime) {
        let mut inner = self.inner();
        let idle = if rt.engine.get().is_some() {
            self.take_idle(rt, &mut inner)
        } else {
            None
        };
        match idle {
            Some(p) => self.start_thread(rt, inner, p, true),
            None => {
                self.gate.end_spin();
            }
        }
    }

    /// Lets a thread run with a processor that is the caller's to give away.
    fn start_thread(
        &self,
        rt: &'static Runtime,
        mut inner: std::sync::MutexGuard<'_, Inner>,
        p: *mut P,
        spinning: bool,
    ) {
        // The keeper of the timers goes last: another would have to take its place.
        if let Some(thread) = inner.sleeping.pop().or_else(|| inner.keeper.take()) {
            thread.hand(p, spinning, std::ptr::null_mut());
            drop(inner);
            thread.unpark();
            return;
        }
        let made = inner.threads < MAX_THREADS && {
            inner.threads += 1;
            true
        };
        drop(inner);
        let p_address = p as usize;
        let spawned = made
            && std::thread::Builder::new()
                .name("goroutines".to_owned())
                .stack_size(THREAD_STACK)
                .spawn(move || {
                    let mut m = M::new(rt);
                    m.p = p_address as *mut P;
                    m.spinning = spinning;
                    if let Some(engine) = rt.engine.get() {
                        // A panic here is a bug of the machine, which has been printed. The goroutine and what it held are lost, so nothing can go on.
                        let run = std::panic::AssertUnwindSafe(|| engine(&mut m));
                        if std::panic::catch_unwind(run).is_err() {
                            // SAFETY: ends the process.
                            unsafe { libc::_exit(2) }
                        }
                    }
                })
                .is_ok();
        if !spawned {
            // There is no thread to be had: those that run have to do.
            let mut inner = self.inner();
            inner.threads -= usize::from(made);
            self.put_idle(&mut inner, p);
            if spinning {
                self.gate.end_spin();
            }
        }
    }

    /// The monitor takes a processor away from a thread whose goroutine has been in a system call for long.
    pub(crate) fn retake(&self, rt: &'static Runtime, p: *mut P) -> bool {
        let inner = self.inner();
        // SAFETY: processors are never freed.
        let status = unsafe { &(*p).status };
        if rt.world.is_stopping()
            || status
                .compare_exchange(SYSCALL, RUNNING, Ordering::SeqCst, Ordering::Relaxed)
                .is_err()
        {
            return false;
        }
        self.detached.fetch_add(1, Ordering::SeqCst);
        // SAFETY: it is ours now.
        unsafe { (*p).running.store(std::ptr::null_mut(), Ordering::Relaxed) };
        self.start_thread(rt, inner, p, false);
        true
    }
}

impl M {
    /// What the thread has been woken with.
    pub(crate) fn take_handed(&mut self) -> bool {
        let p = self
            .thread
            .processor
            .swap(std::ptr::null_mut(), Ordering::AcqRel);
        if p.is_null() {
            return false;
        }
        self.p = p;
        self.spinning = self.thread.spinning.load(Ordering::Relaxed);
        true
    }

    /// A native is about to do what may block: until `exit_blocking` others may have the processor, and the goroutine's stack is read, but not moved.
    ///
    /// In between nothing of the machine may be touched.
    pub fn enter_blocking(&mut self) {
        self.g().status.set(Status::Syscall);
        let p = self.p();
        p.running.store(std::ptr::null_mut(), Ordering::Relaxed);
        p.syscalls.store(
            p.syscalls.load(Ordering::Relaxed).wrapping_add(1),
            Ordering::Relaxed,
        );
        p.status.store(SYSCALL, Ordering::SeqCst);
    }

    /// Ends what `enter_blocking` began. If all processors are busy, the thread has none afterwards (`has_p`): the native must return at once (its results may be
    /// words, no pointers), and the engine calls `requeue`.
    pub fn exit_blocking(&mut self) {
        let rt = self.rt();
        // SAFETY: processors are never freed.
        let status = unsafe { &(*self.p).status };
        let kept = status
            .compare_exchange(SYSCALL, RUNNING, Ordering::SeqCst, Ordering::Relaxed)
            .is_ok();
        if !kept {
            self.p = std::ptr::null_mut();
            let mut inner = rt.sched.inner();
            match rt.sched.take_idle(rt, &mut inner) {
                Some(p) => self.p = p,
                None => return,
            }
            rt.sched.detached.fetch_sub(1, Ordering::SeqCst);
        }
        let changed = self.g().status.change(Status::Syscall, Status::Running);
        debug_assert!(changed);
        let g = self.g;
        self.p().running.store(g, Ordering::SeqCst);
        self.reset_guard();
    }

    /// After a native that has lost its processor: the goroutine waits for its turn to go on at `top`. Then the engine calls `schedule`.
    pub fn requeue(&mut self, top: &Top) {
        debug_assert!(self.p.is_null());
        let rt = self.rt();
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        // SAFETY: descriptors are never freed; the goroutine is this thread's until it is in the queue. Its stack was not moved, and readers take the
        // scan lock, which `change` waits for.
        unsafe {
            (*g).save(top);
            let changed = (*g).status.change(Status::Syscall, Status::Runnable);
            debug_assert!(changed);
        }
        rt.sched.push_global(g);
        rt.sched.detached.fetch_sub(1, Ordering::SeqCst);
        rt.sched.wake_another(rt);
    }

    /// runtime.LockOSThread: the goroutine runs on this thread only, and nobody else on it.
    pub fn lock_thread(&mut self) {
        let thread = Arc::as_ptr(&self.thread);
        let g = self.g;
        self.locked_g = g;
        let g = self.g();
        g.flags |= crate::g::G_LOCKED;
        let extra = g.extra();
        extra.locked_to = thread;
        extra.lock_count += 1;
    }

    /// runtime.UnlockOSThread: as often as it was locked.
    pub fn unlock_thread(&mut self) {
        if self.locked_g.is_null() {
            return;
        }
        let g = self.g();
        let extra = g.extra();
        extra.lock_count = extra.lock_count.saturating_sub(1);
        if extra.lock_count == 0 {
            extra.locked_to = std::ptr::null();
            g.flags &= !crate::g::G_LOCKED;
            self.locked_g = std::ptr::null_mut();
        }
    }

    /// The thread of a locked goroutine that cannot run now: gives its processor away and sleeps until it is brought back together with the goroutine.
    pub(crate) fn sleep_locked(&mut self) -> *mut G {
        let rt = self.rt();
        if !self.p.is_null() {
            self.drop_spinning();
            let inner = rt.sched.inner();
            let p = std::mem::replace(&mut self.p, std::ptr::null_mut());
            // SAFETY: it was this thread's.
            unsafe { (*p).running.store(std::ptr::null_mut(), Ordering::Relaxed) };
            rt.sched.start_thread(rt, inner, p, false);
        }
        loop {
            self.thread.park(None);
            if self.take_handed() {
                return self
                    .thread
                    .goroutine
                    .swap(std::ptr::null_mut(), Ordering::AcqRel);
            }
            if self.is_main && (rt.sched.is_finished() || rt.sched.host_calls()) {
                return std::ptr::null_mut();
            }
        }
    }

    /// A goroutine that belongs to another thread has been picked: gives it and the processor to that one.
    pub(crate) fn hand_to_its_thread(&mut self, g: *mut G) {
        self.drop_spinning();
        let p = std::mem::replace(&mut self.p, std::ptr::null_mut());
        // SAFETY: descriptors are never freed; the goroutine was taken from a queue. Threads of locked goroutines do not end.
        unsafe {
            let Some(extra) = (*g).extra.as_deref() else {
                unreachable!("a locked goroutine has extras")
            };
            let thread = &*extra.locked_to;
            debug_assert_ne!((*p).status.load(Ordering::Relaxed), IDLE);
            thread.hand(p, false, g);
            thread.unpark();
        }
    }
}
