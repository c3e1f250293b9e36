//! What package sync blocks on: semaphores and notification lists, keyed by the address of a word in Go memory.
//!
//! A semaphore's waiters are served first come, first served (or last come first, when they ask so); a release with waiters hands its unit to
//! the first of them.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, MutexGuard};

use rustc_hash::FxHashMap;

use crate::g::G;
use crate::runtime::M;

struct Waiter(*mut G);
// SAFETY: descriptors are never freed; only threads that run goroutines touch them.
unsafe impl Send for Waiter {}

type Queues<T> = Mutex<FxHashMap<usize, VecDeque<T>>>;

/// Waiters by address, in several tables so that unrelated semaphores do not wait for each other.
#[derive(Default)]
pub struct SemaTable {
    semas: [Queues<Waiter>; TABLES],
    /// Notification lists: (ticket, waiter) in order of tickets.
    lists: Queues<(u32, Waiter)>,
}

const TABLES: usize = 32;

impl SemaTable {
    fn of(&self, addr: *mut u32) -> MutexGuard<'_, FxHashMap<usize, VecDeque<Waiter>>> {
        // Neighbours in memory are unrelated; the upper half of a product mixes best.
        let hash = (addr as usize).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 59;
        self.semas[hash % TABLES]
            .lock()
            .unwrap_or_else(|e| e.into_inner())
    }
}

/// # Safety
/// `addr` is a live, aligned word of Go memory.
unsafe fn word<'a>(addr: *mut u32) -> &'a AtomicU32 {
    // SAFETY: contract of this function.
    unsafe { AtomicU32::from_ptr(addr) }
}

impl M {
    /// Takes a unit of the semaphore at `addr`. False: the current goroutine has been queued and must park (`Flow::Park`); when it goes on it
    /// has the unit.
    ///
    /// # Safety
    /// `addr` is a live, aligned word of Go memory, outside goroutine stacks.
    pub unsafe fn sema_acquire(&mut self, addr: *mut u32, last_in_first_out: bool) -> bool {
        // SAFETY: contract of this function.
        let count = unsafe { word(addr) };
        if take_unit(count) {
            return true;
        }
        let mut semas = self.rt().semas.of(addr);
        // A release may have come between.
        if take_unit(count) {
            return true;
        }
        let queue = semas.entry(addr as usize).or_default();
        if last_in_first_out {
            queue.push_front(Waiter(self.g));
        } else {
            queue.push_back(Waiter(self.g));
        }
        false
    }

    /// Gives a unit to the semaphore at `addr`.
    ///
    /// # Safety
    /// As `sema_acquire`.
    pub unsafe fn sema_release(&mut self, addr: *mut u32) {
        let waiter = {
            let mut semas = self.rt().semas.of(addr);
            match semas.get_mut(&(addr as usize)) {
                Some(queue) => {
                    let waiter = queue.pop_front();
                    if queue.is_empty() {
                        semas.remove(&(addr as usize));
                    }
                    waiter
                }
                None => {
                    // Under the lock: who finds no unit has queued before, or sees this one.
                    // SAFETY: contract of this function.
                    unsafe { word(addr) }.fetch_add(1, Ordering::AcqRel);
                    None
                }
            }
        };
        if let Some(Waiter(g)) = waiter {
            self.ready(g);
        }
    }

    /// Queues the current goroutine on the notification list at `addr` with its ticket (the list's `wait` counter before it was increased).
    /// False: it was notified already and need not park.
    ///
    /// # Safety
    /// `addr` points to two words in Go memory: tickets given, next ticket to notify.
    pub unsafe fn notify_wait(&mut self, addr: *mut u32, ticket: u32) -> bool {
        let mut lists = self.rt().semas.lists.lock().unwrap();
        // SAFETY: contract of this function.
        let notified = unsafe { word(addr.add(1)) }.load(Ordering::Acquire);
        if (ticket.wrapping_sub(notified) as i32) < 0 {
            return false;
        }
        lists
            .entry(addr as usize)
            .or_default()
            .push_back((ticket, Waiter(self.g)));
        true
    }

    /// Wakes the goroutine with the next ticket, or all of them.
    ///
    /// # Safety
    /// As `notify_wait`.
    pub unsafe fn notify(&mut self, addr: *mut u32, all: bool) {
        let woken: Vec<Waiter> = {
            let mut lists = self.rt().semas.lists.lock().unwrap();
            // SAFETY: contract of this function.
            let (given, next) = unsafe { (word(addr), word(addr.add(1))) };
            let wait = given.load(Ordering::Acquire);
            let ticket = next.load(Ordering::Acquire);
            if wait == ticket {
                return;
            }
            next.store(
                if all { wait } else { ticket.wrapping_add(1) },
                Ordering::Release,
            );
            let Some(queue) = lists.get_mut(&(addr as usize)) else {
                return;
            };
            let woken = if all {
                queue.drain(..).map(|(_, waiter)| waiter).collect()
            } else {
                let at = queue.iter().position(|(t, _)| *t == ticket);
                at.and_then(|at| queue.remove(at))
                    .map(|(_, waiter)| waiter)
                    .into_iter()
                    .collect()
            };
            if queue.is_empty() {
                lists.remove(&(addr as usize));
            }
            woken
        };
        for Waiter(g) in woken {
            self.ready(g);
        }
    }
}

fn take_unit(count: &AtomicU32) -> bool {
    count
        .fetch_update(Ordering::AcqRel, Ordering::Acquire, |n| n.checked_sub(1))
        .is_ok()
}
