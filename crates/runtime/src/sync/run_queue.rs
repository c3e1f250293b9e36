//! A processor's queue of runnable goroutines: its owner pushes and pops, others steal half of it.
//!
//! A ring between two counters. Only the owner moves `tail`; `head` moves by compare-and-swap, by the owner and by thieves. Entries between the two
//! are written before `tail` is published and are not overwritten before `head` has passed them.
//!
//! Beside the ring there are two slots: `next`, for the goroutine that the running one has just made ready: it runs before the others; and `behind`, for one
//! that has filled the ring and gives way until it is worked off.

use crate::atomics::{AtomicPtr, AtomicU32, Ordering};

/// A queue of at most `N` (a power of two) pointers, and the slot.
pub struct RunQueue<T, const N: usize> {
    head: AtomicU32,
    tail: AtomicU32,
    ring: Box<[AtomicPtr<T>; N]>,
    next: AtomicPtr<T>,
    behind: AtomicPtr<T>,
}

impl<T, const N: usize> Default for RunQueue<T, N> {
    fn default() -> RunQueue<T, N> {
        const { assert!(N.is_power_of_two()) };
        RunQueue {
            head: AtomicU32::new(0),
            tail: AtomicU32::new(0),
            ring: Box::new(std::array::from_fn(
                |_| AtomicPtr::new(std::ptr::null_mut()),
            )),
            next: AtomicPtr::new(std::ptr::null_mut()),
            behind: AtomicPtr::new(std::ptr::null_mut()),
        }
    }
}

impl<T, const N: usize> RunQueue<T, N> {
    fn at(&self, i: u32) -> &AtomicPtr<T> {
        &self.ring[i as usize & (N - 1)]
    }

    /// By the owner: puts an item at the end. When the ring is full, half of it and the item go to `overflow`, in their order.
    pub fn push(&self, item: *mut T, mut overflow: impl FnMut(*mut T)) {
        let tail = self.tail.load(Ordering::Relaxed);
        loop {
            let head = self.head.load(Ordering::Acquire);
            if tail.wrapping_sub(head) < N as u32 {
                self.at(tail).store(item, Ordering::Relaxed);
                self.tail.store(tail.wrapping_add(1), Ordering::Release);
                return;
            }
            let half = N as u32 / 2;
            let mut moved = [std::ptr::null_mut(); N];
            for i in 0..half {
                moved[i as usize] = self.at(head.wrapping_add(i)).load(Ordering::Relaxed);
            }
            if self.advance(head, half) {
                moved[..half as usize]
                    .iter()
                    .for_each(|&item| overflow(item));
                overflow(item);
                return;
            }
        }
    }

    /// By the owner: takes the first item of the ring, then the one behind it; null when there is none.
    pub fn pop(&self) -> *mut T {
        loop {
            let head = self.head.load(Ordering::Acquire);
            if head == self.tail.load(Ordering::Relaxed) {
                return self.take_behind();
            }
            let item = self.at(head).load(Ordering::Relaxed);
            if self.advance(head, 1) {
                return item;
            }
        }
    }

    /// By the owner of `self`, an empty ring: takes half of `victim`'s ring, or what is behind it. One item is returned, the others are in `self`.
    pub fn steal_from(&self, victim: &RunQueue<T, N>) -> *mut T {
        let tail = self.tail.load(Ordering::Relaxed);
        loop {
            let head = victim.head.load(Ordering::Acquire);
            let len = victim.tail.load(Ordering::Acquire).wrapping_sub(head);
            // The two counters may be from different moments.
            if len > N as u32 {
                continue;
            }
            if len == 0 {
                return victim.take_behind();
            }
            let count = len - len / 2;
            for i in 0..count {
                let item = victim.at(head.wrapping_add(i)).load(Ordering::Relaxed);
                self.at(tail.wrapping_add(i)).store(item, Ordering::Relaxed);
            }
            if victim.advance(head, count) {
                let last = count - 1;
                let item = self.at(tail.wrapping_add(last)).load(Ordering::Relaxed);
                self.tail.store(tail.wrapping_add(last), Ordering::Release);
                return item;
            }
        }
    }

    /// Takes `count` items at `head` off the ring, if nobody else was faster.
    fn advance(&self, head: u32, count: u32) -> bool {
        self.head
            .compare_exchange(
                head,
                head.wrapping_add(count),
                Ordering::AcqRel,
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// By the owner: fills the slot; what was in it.
    pub fn swap_next(&self, item: *mut T) -> *mut T {
        self.next.swap(item, Ordering::AcqRel)
    }

    /// What is in the slot, to look at or to `take_next`.
    pub fn peek_next(&self) -> *mut T {
        self.next.load(Ordering::Acquire)
    }

    /// By anybody: empties the slot if it still holds `item`.
    pub fn take_next(&self, item: *mut T) -> bool {
        self.next
            .compare_exchange(
                item,
                std::ptr::null_mut(),
                Ordering::AcqRel,
                Ordering::Relaxed,
            )
            .is_ok()
    }

    /// By the owner: puts an item behind the ring. False: there is one already.
    pub fn put_behind(&self, item: *mut T) -> bool {
        let free = self.peek_behind().is_null();
        if free {
            self.behind.store(item, Ordering::Release);
        }
        free
    }

    /// What is behind the ring, to look at.
    pub fn peek_behind(&self) -> *mut T {
        self.behind.load(Ordering::Acquire)
    }

    /// By anybody: takes what is behind the ring, null when there is nothing.
    pub fn take_behind(&self) -> *mut T {
        if self.peek_behind().is_null() {
            return std::ptr::null_mut();
        }
        self.behind.swap(std::ptr::null_mut(), Ordering::AcqRel)
    }

    /// By the owner: takes all items.
    pub fn drain(&self, mut to: impl FnMut(*mut T)) {
        let next = self.swap_next(std::ptr::null_mut());
        if !next.is_null() {
            to(next);
        }
        loop {
            let item = self.pop();
            if item.is_null() {
                return;
            }
            to(item);
        }
    }

    /// By the owner: the first item of the ring, to look at; thieves may take it at any time.
    pub fn peek(&self) -> *mut T {
        let head = self.head.load(Ordering::Relaxed);
        if head == self.tail.load(Ordering::Relaxed) {
            return std::ptr::null_mut();
        }
        self.at(head).load(Ordering::Relaxed)
    }

    /// By the owner: the ring has little room left.
    pub fn is_almost_full(&self) -> bool {
        self.ring_len() + N / 16 >= N
    }

    /// Items in the ring, by anybody: a moment's truth.
    pub fn ring_len(&self) -> usize {
        let head = self.head.load(Ordering::Acquire);
        let tail = self.tail.load(Ordering::Acquire);
        (tail.wrapping_sub(head) as usize).min(N)
    }

    /// Nothing in the ring and nothing in the slots.
    pub fn is_empty(&self) -> bool {
        self.ring_len() == 0 && self.peek_next().is_null() && self.peek_behind().is_null()
    }
}
