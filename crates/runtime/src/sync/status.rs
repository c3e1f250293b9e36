//! What a goroutine does at the moment, and who may touch it therefore.
//!
//! * `Running`, `Syscall`: the thread that runs it. In a system call its stack may be read by others, who take the scan lock, but not moved.
//! * `Runnable`: the queue it is in, then whoever took it out.
//! * `Waiting`: the wait list it is on, then whoever took it off.
//!
//! A goroutine puts itself on a wait list, lets go of that list's lock, and only then parks; so somebody may wake it who sees it `Running` still. The waker waits
//! for that moment (`make_runnable`). Parking saves the goroutine's state before the status changes, so whoever makes it runnable finds it.
//!
//! The collector looks at goroutines that do not run: it takes the *scan lock*, a bit of the status, and until it lets go nobody can
//! change the status. It does so only while it marks, which begins and ends with the world stopped: so who sees that nobody marks may change a status that it owns by a
//! plain store until its next safepoint.

use crate::atomics::{AtomicU8, Backoff, Ordering};

/// A goroutine's status.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Status {
    /// On a free list.
    Dead = 0,
    Runnable,
    Running,
    /// Parked; `G::wait_reason` says why.
    Waiting,
    /// In a native that may block, without a processor.
    Syscall,
}

impl Status {
    fn from_bits(bits: u8) -> Status {
        match bits & !SCAN {
            0 => Status::Dead,
            1 => Status::Runnable,
            2 => Status::Running,
            3 => Status::Waiting,
            _ => Status::Syscall,
        }
    }
}

/// Set while somebody reads or moves the stack of a goroutine that does not run.
const SCAN: u8 = 0x80;

/// The status and its scan lock.
pub struct StatusCell(AtomicU8);

impl StatusCell {
    pub fn new(status: Status) -> StatusCell {
        StatusCell(AtomicU8::new(status as u8))
    }

    #[inline]
    pub fn get(&self) -> Status {
        Status::from_bits(self.0.load(Ordering::Acquire))
    }

    /// A change by whoever owns the goroutine, which nobody can have scan-locked: it runs, or is dead.
    #[inline]
    pub fn set(&self, status: Status) {
        self.0.store(status as u8, Ordering::Release);
    }

    /// Changes `from` to `to`, waiting for the scan lock to be free. False: it is in another status.
    #[inline]
    pub fn change(&self, from: Status, to: Status) -> bool {
        let mut backoff = Backoff::default();
        loop {
            match self
                .0
                .compare_exchange(from as u8, to as u8, Ordering::AcqRel, Ordering::Acquire)
            {
                Ok(_) => return true,
                Err(now) if now == from as u8 | SCAN => backoff.wait(),
                Err(_) => return false,
            }
        }
    }

    /// As `change`, when `scanned` tells whether anybody may take the scan lock at present.
    #[inline]
    pub fn change_unless(&self, scanned: bool, from: Status, to: Status) -> bool {
        if scanned {
            return self.change(from, to);
        }
        let is = self.0.load(Ordering::Acquire) == from as u8;
        if is {
            self.0.store(to as u8, Ordering::Release);
        }
        is
    }

    /// By a waker, who has taken the goroutine off its wait list: waits until it has parked, then makes it runnable. `scanned` as above.
    #[inline]
    pub fn make_runnable(&self, scanned: bool) {
        let mut backoff = Backoff::default();
        while !self.change_unless(scanned, Status::Waiting, Status::Runnable) {
            debug_assert!(
                matches!(self.get(), Status::Running | Status::Waiting),
                "woke a goroutine that is not parking: {:?}",
                self.get()
            );
            backoff.wait();
        }
    }

    /// Locks a goroutine that does not run: it stays as it is until `unlock_scan`. The status it is in; None when it runs, is dead, or is locked.
    pub fn try_lock_scan(&self) -> Option<Status> {
        let now = self.0.load(Ordering::Acquire);
        let status = Status::from_bits(now);
        if now & SCAN != 0 || matches!(status, Status::Running | Status::Dead) {
            return None;
        }
        self.0
            .compare_exchange(now, now | SCAN, Ordering::AcqRel, Ordering::Relaxed)
            .is_ok()
            .then_some(status)
    }

    /// By who holds the scan lock.
    pub fn unlock_scan(&self) {
        let now = self.0.load(Ordering::Relaxed);
        self.0.store(now & !SCAN, Ordering::Release);
    }
}
