//! Waiting for descriptors: goroutines that found nothing to read, or no room to write, park here until epoll says that it has changed.
//!
//! A thread that waits for events waits for a descriptor of its own besides, by which it alone is woken (two threads may wait for a moment, when one that has
//! been woken has not gone yet).
//!
//! A descriptor is armed for one event each time somebody waits. Regular files can't be polled (EPERM); who reads them blocks.

use std::sync::atomic::{AtomicI32, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::g::{G, WaitReason};
use crate::native::Flow;
use crate::runtime::M;

/// What a goroutine waits for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Interest {
    Read,
    Write,
}

#[derive(Default)]
struct Waiters {
    reader: Option<Waiter>,
    writer: Option<Waiter>,
    /// Known to epoll.
    added: bool,
}

struct Waiter(*mut G);
// SAFETY: descriptors are never freed; who takes a waiter out may wake it.
unsafe impl Send for Waiter {}

/// The descriptors that goroutines wait for.
pub struct Netpoll {
    epoll: AtomicI32,
    waiters: Mutex<FxHashMap<i32, Waiters>>,
    /// Goroutines that wait.
    count: AtomicUsize,
}

impl Default for Netpoll {
    fn default() -> Netpoll {
        Netpoll {
            epoll: AtomicI32::new(-1),
            waiters: Mutex::default(),
            count: AtomicUsize::new(0),
        }
    }
}

fn last_error() -> i32 {
    std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
}

impl Netpoll {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<i32, Waiters>> {
        self.waiters.lock().unwrap_or_else(|e| e.into_inner())
    }

    /// Goroutines that wait for descriptors.
    pub fn waiting(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }

    /// The epoll descriptor, made at the first call. The lock is held.
    fn open(&self) -> Result<i32, i32> {
        let epoll = self.epoll.load(Ordering::Acquire);
        if epoll >= 0 {
            return Ok(epoll);
        }
        // SAFETY: a system call.
        let epoll = unsafe { libc::epoll_create1(libc::EPOLL_CLOEXEC) };
        if epoll < 0 {
            return Err(last_error());
        }
        self.epoll.store(epoll, Ordering::Release);
        Ok(epoll)
    }

    /// Queues the goroutine, which is about to park. An error number when the descriptor can't be polled, or somebody waits for the same already (EBUSY).
    pub fn wait(&self, fd: i32, interest: Interest, g: *mut G) -> Result<(), i32> {
        let mut all = self.lock();
        let epoll = self.open()?;
        let waiters = all.entry(fd).or_default();
        let place = match interest {
            Interest::Read => &mut waiters.reader,
            Interest::Write => &mut waiters.writer,
        };
        if place.is_some() {
            return Err(libc::EBUSY);
        }
        *place = Some(Waiter(g));
        let armed = arm(epoll, fd, waiters);
        if armed.is_err() {
            all.remove(&fd);
            return armed;
        }
        self.count.fetch_add(1, Ordering::SeqCst);
        Ok(())
    }

    /// Takes off the goroutine that waits, if there is one: the caller wakes it.
    pub fn take(&self, fd: i32, interest: Interest) -> Option<*mut G> {
        if self.epoll.load(Ordering::Acquire) < 0 {
            return None;
        }
        let mut all = self.lock();
        let waiters = all.get_mut(&fd)?;
        let place = match interest {
            Interest::Read => &mut waiters.reader,
            Interest::Write => &mut waiters.writer,
        };
        let g = place.take()?.0;
        self.count.fetch_sub(1, Ordering::SeqCst);
        Some(g)
    }

    /// Waits for events, for ever if there is no timeout, or until somebody writes to `event`; the goroutines that can go on.
    pub(crate) fn wait_events(&self, event: i32, timeout: Option<Duration>) -> Vec<*mut G> {
        let entry = |fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        };
        let mut fds = [entry(self.epoll.load(Ordering::Acquire)), entry(event)];
        let timeout = timeout.map(|t| libc::timespec {
            tv_sec: t.as_secs() as i64,
            tv_nsec: i64::from(t.subsec_nanos()),
        });
        let timeout = timeout
            .as_ref()
            .map_or(std::ptr::null(), std::ptr::from_ref);
        // SAFETY: two entries; the time is there if it is given. Reads 8 bytes.
        unsafe {
            libc::ppoll(fds.as_mut_ptr(), 2, timeout, std::ptr::null());
            if fds[1].revents != 0 {
                let mut value = 0u64;
                libc::read(event, (&raw mut value).cast(), 8);
            }
        }
        self.poll()
    }

    /// The goroutines that can go on now.
    pub(crate) fn poll(&self) -> Vec<*mut G> {
        let epoll = self.epoll.load(Ordering::Acquire);
        if epoll < 0 {
            return Vec::new();
        }
        let mut events = [libc::epoll_event { events: 0, u64: 0 }; 64];
        // SAFETY: the array has this length.
        let count = unsafe { libc::epoll_wait(epoll, events.as_mut_ptr(), events.len() as i32, 0) };
        let mut ready = Vec::new();
        if count <= 0 {
            return ready;
        }
        let mut all = self.lock();
        for event in &events[..count as usize] {
            let (fd, flags) = (event.u64 as i32, event.events as i32);
            let Some(waiters) = all.get_mut(&fd) else {
                continue;
            };
            let ended = flags & (libc::EPOLLHUP | libc::EPOLLERR) != 0;
            if ended || flags & (libc::EPOLLIN | libc::EPOLLRDHUP) != 0 {
                ready.extend(waiters.reader.take().map(|w| w.0));
            }
            if ended || flags & libc::EPOLLOUT != 0 {
                ready.extend(waiters.writer.take().map(|w| w.0));
            }
            if waiters.reader.is_some() || waiters.writer.is_some() {
                // Known to epoll already, so this can't fail for want of memory.
                let _ = arm(epoll, fd, waiters);
            }
        }
        self.count.fetch_sub(ready.len(), Ordering::SeqCst);
        ready
    }
}

/// Asks epoll for one event of what is waited for.
fn arm(epoll: i32, fd: i32, waiters: &mut Waiters) -> Result<(), i32> {
    let mut events = libc::EPOLLONESHOT | libc::EPOLLRDHUP;
    if waiters.reader.is_some() {
        events |= libc::EPOLLIN;
    }
    if waiters.writer.is_some() {
        events |= libc::EPOLLOUT;
    }
    let mut interest = libc::epoll_event {
        events: events as u32,
        u64: fd as u64,
    };
    let mut control = |operation| {
        // SAFETY: a system call; what is wrong with the descriptor it says.
        match unsafe { libc::epoll_ctl(epoll, operation, fd, &mut interest) } {
            0 => Ok(()),
            _ => Err(last_error()),
        }
    };
    // A descriptor number may have been closed and given out again since.
    let result = if waiters.added {
        control(libc::EPOLL_CTL_MOD).or_else(|_| control(libc::EPOLL_CTL_ADD))
    } else {
        control(libc::EPOLL_CTL_ADD).or_else(|e| {
            if e == libc::EEXIST {
                control(libc::EPOLL_CTL_MOD)
            } else {
                Err(e)
            }
        })
    };
    waiters.added = result.is_ok();
    result
}

impl M {
    /// In a native: lets the current goroutine park until the descriptor is ready, or somebody takes it off (`Netpoll::take`), unless `stop` is set. It goes on at
    /// once when the descriptor can't be polled.
    pub fn wait_for_descriptor(&mut self, fd: i32, interest: Interest, stop: &AtomicI32) -> Flow {
        let rt = self.rt();
        if rt.netpoll.wait(fd, interest, self.g).is_err() {
            return Flow::Done;
        }
        // Who sets it takes the goroutine off afterwards; if that was before it was on, it is seen here.
        if stop.load(Ordering::SeqCst) != 0 && rt.netpoll.take(fd, interest).is_some() {
            return Flow::Done;
        }
        rt.sched.start_monitor(rt);
        rt.sched.rouse_keeper();
        Flow::Park(WaitReason::IoWait)
    }
}
