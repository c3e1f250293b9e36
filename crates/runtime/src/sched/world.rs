//! Stopping the world: every processor is idle, or its thread waits at a safepoint, and nobody starts running.
//!
//! Who stops it may be a thread with a processor, which itself is at a safepoint or in a native, or one without. One at a time: a second one waits,
//! and if it holds a processor it counts as stopped meanwhile. While the world is stopped, processors, goroutines and their stacks belong to who stopped
//! it; goroutines marked `G_PINNED` or in a system call are not to be moved.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard};
use std::time::{Duration, Instant};

use super::procs::{IDLE, RUNNING, STOPPED, SYSCALL};
use crate::g::G_PINNED;
use crate::runtime::{M, P, Runtime};

/// Whether the world is stopped.
#[derive(Default)]
pub struct World {
    /// Somebody has stopped the world or is about to.
    held: Mutex<bool>,
    changed: Condvar,
    /// The same, for those who only pass by.
    stopping: AtomicBool,
}

/// How long a report of the program's end waits for threads that do not come to a safepoint.
const PATIENCE: Duration = Duration::from_secs(1);

/// The world is stopped; it goes on when this is dropped.
pub struct Stopped {
    rt: &'static Runtime,
    /// The thread that stopped it had done so before.
    nested: bool,
}

impl World {
    #[inline]
    pub fn is_stopping(&self) -> bool {
        self.stopping.load(Ordering::SeqCst)
    }

    fn lock(&self) -> MutexGuard<'_, bool> {
        self.held.lock().unwrap_or_else(|e| e.into_inner())
    }

    fn wait<'a>(&self, held: MutexGuard<'a, bool>) -> MutexGuard<'a, bool> {
        self.changed.wait(held).unwrap_or_else(|e| e.into_inner())
    }
}

impl Stopped {
    /// Calls `visit` with every processor that was ever made.
    pub fn for_each_p(&self, mut visit: impl FnMut(&mut P)) {
        for p in self.rt.sched.made_procs() {
            // SAFETY: processors are never freed; the world is stopped.
            visit(unsafe { &mut *p });
        }
    }
}

impl Drop for Stopped {
    fn drop(&mut self) {
        if !self.nested {
            self.rt.start_world();
        }
    }
}

impl Runtime {
    /// Stops the world, from a thread without a processor.
    pub fn stop_world(&'static self) -> Stopped {
        let mut held = self.world.lock();
        while *held {
            held = self.world.wait(held);
        }
        *held = true;
        self.world.stopping.store(true, Ordering::SeqCst);
        drop(held);
        self.await_stop(std::ptr::null_mut(), None);
        Stopped {
            rt: self,
            nested: false,
        }
    }

    /// Waits until every processor but `own` has stopped, or the time is up.
    fn await_stop(&self, own: *mut P, patience: Option<Duration>) {
        let begin = Instant::now();
        let mut rounds = 0u32;
        loop {
            let mut left = 0;
            {
                // Who took a processor off the idle list before `stopping` was set is seen as running from here on.
                let mut inner = self.sched.inner();
                for i in 0..self.sched.procs() {
                    let p = self.sched.proc(i);
                    if p == own {
                        continue;
                    }
                    // SAFETY: processors are never freed.
                    let r = unsafe { &*p };
                    match r.status.load(Ordering::SeqCst) {
                        SYSCALL => {
                            let taken = r.status.compare_exchange(
                                SYSCALL,
                                IDLE,
                                Ordering::SeqCst,
                                Ordering::Relaxed,
                            );
                            if taken.is_ok() {
                                self.sched.detached.fetch_add(1, Ordering::SeqCst);
                                self.sched.put_idle(&mut inner, p);
                            } else {
                                left += 1;
                            }
                        }
                        RUNNING => left += 1,
                        _ => {}
                    }
                }
            }
            if left == 0 || patience.is_some_and(|p| begin.elapsed() > p) {
                return;
            }
            if rounds.is_multiple_of(16) {
                self.sched.poison_running(self);
            }
            rounds += 1;
            if rounds < 64 {
                for _ in 0..50 {
                    std::hint::spin_loop();
                }
            } else {
                let held = self.world.lock();
                let _ = self
                    .world
                    .changed
                    .wait_timeout(held, Duration::from_micros(50));
            }
        }
    }

    pub(crate) fn start_world(&'static self) {
        {
            let mut held = self.world.lock();
            *held = false;
            self.world.stopping.store(false, Ordering::SeqCst);
        }
        self.world.changed.notify_all();
        if self.sched.any_work() {
            self.sched.wake_another(self);
        } else {
            self.sched.reconsider();
        }
    }
}

impl M {
    /// Stops the world. At a safepoint, or in a native; the current goroutine's state is saved.
    pub fn stop_world(&mut self) -> Stopped {
        self.stop_world_within(None)
    }

    /// As `stop_world`, but after a second goes on although some thread has not stopped: to report the program's end.
    pub(crate) fn stop_world_to_report(&mut self) -> Stopped {
        self.stop_world_within(Some(PATIENCE))
    }

    fn stop_world_within(&mut self, patience: Option<Duration>) -> Stopped {
        let rt = self.rt();
        if self.holds_world {
            return Stopped { rt, nested: true };
        }
        // While it waits for its turn another collector may look at its goroutine, but not move it.
        let pinned = !self.g.is_null() && self.g().flags & G_PINNED == 0;
        if pinned {
            self.g().flags |= G_PINNED;
        }
        let mut held = rt.world.lock();
        while *held {
            if self.must_come_home() {
                // The machine is being handed over to its host, whose thread this is.
                self.holds_world = true;
                break;
            }
            if self.p.is_null() {
                held = rt.world.wait(held);
            } else {
                held = self.wait_stopped(held);
            }
        }
        *held = true;
        rt.world.stopping.store(true, Ordering::SeqCst);
        drop(held);
        if pinned {
            self.g().flags &= !G_PINNED;
        }
        rt.await_stop(self.p, patience);
        Stopped {
            rt,
            nested: self.holds_world,
        }
    }

    /// Waits as a stopped processor until the world goes on.
    fn wait_stopped<'a>(&mut self, mut held: MutexGuard<'a, bool>) -> MutexGuard<'a, bool> {
        let world = &self.rt().world;
        self.p().status.store(STOPPED, Ordering::SeqCst);
        world.changed.notify_all();
        while *held && !self.must_come_home() {
            held = world.wait(held);
        }
        self.p().status.store(RUNNING, Ordering::SeqCst);
        held
    }

    /// At a safepoint, with the goroutine's state saved (its stack may be moved): lets whoever wants to stop the world do so.
    #[cold]
    pub(crate) fn stop_here(&mut self) {
        let held = self.rt().world.lock();
        if *held {
            drop(self.wait_stopped(held));
        }
    }

    /// The host's thread: the program has come to its end in another thread.
    fn must_come_home(&self) -> bool {
        self.is_main && self.rt().sched.is_finished_holding()
    }

    /// Wakes the host's thread if it waits for the world.
    pub(crate) fn notify_world(&self) {
        drop(self.rt().world.lock());
        self.rt().world.changed.notify_all();
    }
}
