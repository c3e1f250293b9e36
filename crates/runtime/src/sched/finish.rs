//! The program's end, on whatever thread it comes: the process exits, or the host's thread returns to its caller with everything else stopped.

use std::collections::VecDeque;
use std::sync::atomic::Ordering;

use super::procs::RUNNING;
use super::{Next, Sched};
use crate::g::G;
use crate::runtime::{M, Runtime, Stop};

/// How the program ended, for the host's thread.
pub(crate) struct Finish {
    stop: Stop,
    code: i32,
    g: *mut G,
    /// The thread that met the end has stopped the world.
    holds_world: bool,
}

// SAFETY: descriptors are never freed; the goroutine is the receiver's.
unsafe impl Send for Finish {}

impl Sched {
    #[inline]
    pub(crate) fn is_finished(&self) -> bool {
        self.finished.load(Ordering::SeqCst)
    }

    /// As `is_finished`, and the world is stopped for good.
    #[inline]
    pub(crate) fn is_finished_holding(&self) -> bool {
        self.finished_holding.load(Ordering::SeqCst)
    }

    /// Changes the list of ends that the host has not taken yet, and what passers-by know of it.
    fn change_finishes<T>(&self, change: impl FnOnce(&mut VecDeque<Finish>) -> T) -> T {
        let mut finishes = self.finishes.lock().unwrap_or_else(|e| e.into_inner());
        let result = change(&mut finishes);
        let holding = finishes.iter().any(|f| f.holds_world);
        self.finished_holding.store(holding, Ordering::SeqCst);
        self.finished.store(!finishes.is_empty(), Ordering::SeqCst);
        result
    }
}

impl Runtime {
    /// Ends the process.
    pub fn exit_process(&self, code: i32) -> ! {
        self.at_exit();
        // SAFETY: ends the process; other threads may be running goroutines, so no destructors and handlers run.
        unsafe { libc::_exit(code) }
    }
}

impl M {
    /// The host's thread, before it runs goroutines (again): lets the world go on.
    pub fn resume(&mut self) {
        let rt = self.rt();
        if std::mem::take(&mut self.borrowed) {
            self.p = std::ptr::null_mut();
        }
        // An end that has come meanwhile is taken first, by `schedule`, with the world stopped still.
        if self.holds_world && !rt.sched.is_finished_holding() {
            self.holds_world = false;
            rt.start_world();
        }
    }

    /// The host's thread is about to return from the engine: everything else stops, and a processor is at hand. With `Config::owns_process` the process ends instead.
    pub fn come_home(&mut self, code: i32) {
        let rt = self.rt();
        if rt.config.owns_process && self.stop != Stop::Host {
            rt.exit_process(code);
        }
        if !self.holds_world {
            std::mem::forget(self.stop_world());
            self.holds_world = true;
        }
        if self.p.is_null() {
            // Its owner, if it has one, is stopped.
            self.p = rt.sched.proc(0);
            self.borrowed = true;
        }
        self.drop_spinning();
    }

    /// Another thread has met the program's end: the engine's loop returns (`stop` says why).
    pub fn leave(&mut self, code: i32) {
        let rt = self.rt();
        debug_assert!(!self.is_main);
        if rt.config.owns_process {
            rt.exit_process(code);
        }
        self.drop_spinning();
        let g = std::mem::replace(&mut self.g, std::ptr::null_mut());
        let holds_world = std::mem::take(&mut self.holds_world);
        let finish = Finish {
            stop: self.stop,
            code,
            g,
            holds_world,
        };
        if !self.p.is_null() {
            let p = std::mem::replace(&mut self.p, std::ptr::null_mut());
            // SAFETY: it was this thread's.
            debug_assert_eq!(unsafe { (*p).status.load(Ordering::Relaxed) }, RUNNING);
            rt.sched.put_idle(&mut rt.sched.inner(), p);
        }
        // The main goroutine may have ended at the same time as another one died: the host gets both.
        rt.sched.change_finishes(|all| all.push_back(finish));
        self.notify_world();
        rt.sched.poison_running(rt);
        if let Some(thread) = rt.sched.main_thread.get() {
            thread.unpark();
        }
    }

    /// The host's thread: the end that another thread has met.
    pub(crate) fn take_finish(&mut self) -> Option<Next> {
        let rt = self.rt();
        if !self.holds_world {
            std::mem::forget(self.stop_world());
            self.holds_world = true;
        }
        let finish = rt.sched.change_finishes(VecDeque::pop_front)?;
        self.stop = finish.stop;
        self.g = finish.g;
        Some(Next::Exit(finish.code))
    }
}
