//! Requests for code, and the threads that answer them beside the program.
//!
//! Nobody waits for an answer: code is entered once it is there. A thread is started by the first request and ends when there was nothing to do
//! for a while; a second one helps where requests pile up and there are processors to spare.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

use bytecode::func::Func;

/// What is to be compiled: a function, or the rest of it from the head of a loop on (a word offset).
#[derive(Clone, Copy)]
pub struct Request {
    pub func: &'static Func,
    pub head: Option<u32>,
}

impl Request {
    fn same(&self, other: &Request) -> bool {
        self.func.id == other.func.id && self.head == other.head
    }
}

/// Requests waiting, from which a second thread is worth starting.
const CROWD: usize = 8;
const MAX_WORKERS: usize = 2;
/// A thread without work ends after this.
const IDLE: Duration = Duration::from_secs(2);
const STACK: usize = 8 << 20;

#[derive(Default)]
struct Waiting {
    /// With the number of samples that asked for it.
    requests: Vec<(Request, u32)>,
    workers: usize,
    idle: usize,
}

pub struct Queue {
    waiting: Mutex<Waiting>,
    arrived: Condvar,
    /// `Options::compiling`
    compiling: fn(&mut dyn FnMut()),
}

impl Queue {
    pub fn new(compiling: fn(&mut dyn FnMut())) -> Queue {
        Queue {
            waiting: Mutex::default(),
            arrived: Condvar::new(),
            compiling,
        }
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn len(&self) -> usize {
        self.lock().requests.len()
    }

    /// Adds a request, as if so many samples had asked for it, and a thread if there are too few; `answer` is what a thread does with each request.
    pub fn request<F>(self: &Arc<Self>, request: Request, samples: u32, answer: F)
    where
        F: Fn(Request) + Send + 'static,
    {
        let mut waiting = self.lock();
        waiting.requests.push((request, samples));
        if waiting.idle > 0 {
            self.arrived.notify_one();
            return;
        }
        let spare = thread::available_parallelism().is_ok_and(|n| n.get() > 2);
        let wanted = match waiting.workers {
            0 => true,
            n => n < MAX_WORKERS && spare && waiting.requests.len() >= CROWD,
        };
        if !wanted {
            return;
        }
        waiting.workers += 1;
        let queue = self.clone();
        let started = thread::Builder::new()
            .name("compiler".to_owned())
            .stack_size(STACK)
            .spawn(move || (queue.compiling)(&mut || queue.work(&answer)));
        if started.is_err() {
            waiting.workers -= 1;
        }
    }

    /// Another sample asks for the same: it is answered sooner.
    pub fn again(&self, request: Request) {
        let mut waiting = self.lock();
        let found = waiting.requests.iter_mut().find(|(r, _)| r.same(&request));
        if let Some((_, samples)) = found {
            *samples += 1;
        }
    }

    fn work(&self, answer: &dyn Fn(Request)) {
        block_signals();
        while let Some(request) = self.next() {
            answer(request);
        }
    }

    /// The request that most samples asked for, the oldest of these; None when this thread is to end.
    fn next(&self) -> Option<Request> {
        let mut waiting = self.lock();
        loop {
            let most = waiting.requests.iter().map(|(_, n)| *n).max();
            if let Some(at) = waiting.requests.iter().position(|(_, n)| Some(*n) == most) {
                return Some(waiting.requests.remove(at).0);
            }
            waiting.idle += 1;
            let wait = self.arrived.wait_timeout(waiting, IDLE);
            let (guard, timeout) = wait.unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            waiting.idle -= 1;
            if timeout.timed_out() && waiting.requests.is_empty() {
                waiting.workers -= 1;
                return None;
            }
        }
    }
}

/// Signals to the process are for the threads that run goroutines.
fn block_signals() {
    // SAFETY: plain system calls on a set of this frame; faults stay deliverable.
    unsafe {
        let mut set = std::mem::zeroed();
        libc::sigfillset(&mut set);
        for fault in [libc::SIGSEGV, libc::SIGBUS, libc::SIGFPE, libc::SIGILL] {
            libc::sigdelset(&mut set, fault);
        }
        libc::pthread_sigmask(libc::SIG_BLOCK, &set, std::ptr::null_mut());
    }
}
