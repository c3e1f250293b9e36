//! Timers: a 4-ary heap of what is to happen at a time, with O(log n) cancellation by handle.

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use crate::g::G;
use crate::runtime::M;

/// What a timer does. It runs on the scheduler's stack and must be short.
#[derive(Clone, Copy)]
pub enum Action {
    /// Makes a parked goroutine runnable.
    Ready(*mut G),
    /// Calls a Rust function with the argument (a GC root while the timer is set) and the time it was due. It must not touch timers.
    Call(fn(&mut M, *mut u8, i64), *mut u8),
    /// Starts a goroutine that calls this closure (a GC root while the timer is set).
    Spawn(*mut u8),
}

/// Names a timer. Stale handles are harmless.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct TimerId {
    index: u32,
    generation: u32,
}

impl TimerId {
    /// As one word, never 0.
    pub fn to_word(self) -> u64 {
        (u64::from(self.generation) << 32 | u64::from(self.index)) + 1
    }
    pub fn from_word(word: u64) -> Option<TimerId> {
        let word = word.checked_sub(1)?;
        Some(TimerId {
            index: word as u32,
            generation: (word >> 32) as u32,
        })
    }
}

struct Timer {
    when: i64,
    /// Breaks ties in the order of setting.
    sequence: u64,
    period: i64,
    action: Action,
    generation: u32,
    /// Place in the heap.
    at: u32,
}

const NOT_SET: u32 = u32::MAX;

/// The machine's timers.
pub struct Timers {
    inner: Mutex<Inner>,
    /// When the first is due, i64::MAX when there is none.
    next: AtomicI64,
}

#[derive(Default)]
struct Inner {
    slab: Vec<Timer>,
    free: Vec<u32>,
    heap: Vec<u32>,
    sequence: u64,
}

// SAFETY: the pointers in actions are only followed by threads that run goroutines.
unsafe impl Send for Timer {}

impl Default for Timers {
    fn default() -> Timers {
        Timers {
            inner: Mutex::default(),
            next: AtomicI64::new(i64::MAX),
        }
    }
}

impl Timers {
    /// Sets a timer for `when` (nanotime); with a period it repeats.
    pub fn add(&self, when: i64, period: i64, action: Action) -> TimerId {
        let mut inner = self.inner.lock().unwrap();
        let index = inner.free.pop().unwrap_or_else(|| {
            inner.slab.push(Timer {
                when: 0,
                sequence: 0,
                period: 0,
                action,
                generation: 0,
                at: NOT_SET,
            });
            inner.slab.len() as u32 - 1
        });
        inner.sequence += 1;
        let sequence = inner.sequence;
        let at = inner.heap.len() as u32;
        let timer = &mut inner.slab[index as usize];
        timer.when = when;
        timer.sequence = sequence;
        timer.period = period;
        timer.action = action;
        timer.at = at;
        let id = TimerId {
            index,
            generation: timer.generation,
        };
        inner.heap.push(index);
        inner.up(at as usize);
        self.publish(&inner);
        id
    }

    /// Takes a timer back; false when it has fired or was stopped before.
    pub fn stop(&self, id: TimerId) -> bool {
        let mut inner = self.inner.lock().unwrap();
        let set = inner
            .slab
            .get(id.index as usize)
            .is_some_and(|t| t.generation == id.generation && t.at != NOT_SET);
        if set {
            inner.remove(id.index);
            self.publish(&inner);
        }
        set
    }

    /// When the next timer is due.
    pub fn next_due(&self) -> Option<i64> {
        let next = self.next.load(Ordering::Acquire);
        (next != i64::MAX).then_some(next)
    }

    /// Number of timers set.
    pub fn len(&self) -> usize {
        self.inner.lock().unwrap().heap.len()
    }

    pub fn is_empty(&self) -> bool {
        self.next_due().is_none()
    }

    /// A timer that is due at `now`: its time and action. Periodic ones are set again. `call` is called with what it calls and its time, while nobody can
    /// stop the timer: so who has stopped one knows that it has fired before, or never will.
    fn take_due(
        &self,
        now: i64,
        call: impl FnOnce(fn(&mut M, *mut u8, i64), *mut u8, i64),
    ) -> Option<(i64, Action)> {
        if self.next.load(Ordering::Acquire) > now {
            return None;
        }
        let mut inner = self.inner.lock().unwrap();
        let &index = inner.heap.first()?;
        let timer = &mut inner.slab[index as usize];
        let (when, action) = (timer.when, timer.action);
        if when > now {
            return None;
        }
        if timer.period > 0 {
            // Missed periods are dropped.
            timer.when += timer.period * (1 + (now - when) / timer.period);
            inner.down(0);
        } else {
            inner.remove(index);
        }
        self.publish(&inner);
        if let Action::Call(function, arg) = action {
            call(function, arg, when);
        }
        Some((when, action))
    }

    /// Calls `visit` with every address that a set timer keeps alive.
    pub(crate) fn for_each_root(&self, mut visit: impl FnMut(*mut u8)) {
        let inner = self.inner.lock().unwrap();
        for &index in &inner.heap {
            match inner.slab[index as usize].action {
                Action::Ready(_) => {}
                Action::Call(_, arg) => visit(arg),
                Action::Spawn(closure) => visit(closure),
            }
        }
    }

    fn publish(&self, inner: &Inner) {
        let next = inner
            .heap
            .first()
            .map_or(i64::MAX, |&i| inner.slab[i as usize].when);
        self.next.store(next, Ordering::Release);
    }
}

impl Inner {
    fn key(&self, at: usize) -> (i64, u64) {
        let timer = &self.slab[self.heap[at] as usize];
        (timer.when, timer.sequence)
    }

    fn place(&mut self, at: usize, index: u32) {
        self.heap[at] = index;
        self.slab[index as usize].at = at as u32;
    }

    fn swap(&mut self, a: usize, b: usize) {
        let (x, y) = (self.heap[a], self.heap[b]);
        self.place(a, y);
        self.place(b, x);
    }

    fn up(&mut self, mut at: usize) {
        while at > 0 {
            let parent = (at - 1) / 4;
            if self.key(parent) <= self.key(at) {
                break;
            }
            self.swap(at, parent);
            at = parent;
        }
    }

    fn down(&mut self, mut at: usize) {
        loop {
            let first = at * 4 + 1;
            let least =
                (first..(first + 4).min(self.heap.len())).min_by_key(|&child| self.key(child));
            match least {
                Some(child) if self.key(child) < self.key(at) => {
                    self.swap(at, child);
                    at = child;
                }
                _ => break,
            }
        }
    }

    fn remove(&mut self, index: u32) {
        let at = self.slab[index as usize].at as usize;
        let last = self.heap.len() - 1;
        self.swap(at, last);
        self.heap.pop();
        if at < last {
            self.up(at);
            self.down(at);
        }
        let timer = &mut self.slab[index as usize];
        timer.at = NOT_SET;
        timer.generation = timer.generation.wrapping_add(1);
        self.free.push(index);
    }
}

impl M {
    /// Sets a timer and makes sure that somebody looks at it.
    pub fn add_timer(&mut self, when: i64, period: i64, action: Action) -> TimerId {
        let rt = self.rt();
        match action {
            Action::Ready(_) => {}
            Action::Call(_, root) | Action::Spawn(root) => self.barrier_object(root),
        }
        let id = rt.timers.add(when, period, action);
        rt.sched.timer_set(rt, when);
        id
    }

    /// Runs what is due.
    pub(crate) fn run_timers(&mut self) {
        let rt = self.rt();
        if rt.timers.is_empty() {
            return;
        }
        let now = rt.nanotime();
        loop {
            let due = rt.timers.take_due(now, |function, arg, when| {
                self.barrier_object(arg);
                function(self, arg, when);
            });
            match due {
                None => return,
                Some((_, Action::Ready(g))) => self.ready(g),
                Some((_, Action::Call(..))) => {}
                Some((_, Action::Spawn(closure))) => {
                    self.spawn(closure, std::ptr::null());
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn nothing(_: &mut M, _: *mut u8, _: i64) {}

    #[test]
    fn timers_fire_in_order_of_time_then_setting() {
        let timers = Timers::default();
        let set = |when, name: usize| timers.add(when, 0, Action::Call(nothing, name as *mut u8));
        let names = [50, 10, 30, 10, 90, 20, 70]
            .iter()
            .enumerate()
            .map(|(i, &when)| set(when, i));
        let ids: Vec<TimerId> = names.collect();
        assert!(timers.stop(ids[2]));
        assert!(!timers.stop(ids[2]));
        let mut fired = Vec::new();
        while let Some((when, Action::Call(_, name))) = timers.take_due(80, |_, _, _| {}) {
            fired.push((when, name as usize));
        }
        assert_eq!(fired, [(10, 1), (10, 3), (20, 5), (50, 0), (70, 6)]);
        assert_eq!(timers.next_due(), Some(90));
    }

    #[test]
    fn a_period_skips_what_it_missed() {
        let timers = Timers::default();
        let id = timers.add(10, 10, Action::Call(nothing, std::ptr::null_mut()));
        assert_eq!(
            timers.take_due(35, |_, _, _| {}).map(|(when, _)| when),
            Some(10)
        );
        assert_eq!(timers.next_due(), Some(40));
        assert!(timers.stop(id));
        assert!(timers.is_empty());
    }

    #[test]
    fn many_timers_keep_the_heap_in_order() {
        let timers = Timers::default();
        let mut x = 1u64;
        let mut ids = Vec::new();
        for _ in 0..5000 {
            x = x
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            ids.push(timers.add(
                (x >> 40) as i64,
                0,
                Action::Call(nothing, std::ptr::null_mut()),
            ));
        }
        for id in ids.iter().step_by(3) {
            assert!(timers.stop(*id));
        }
        let mut last = 0;
        let mut count = 0;
        while let Some((when, _)) = timers.take_due(i64::MAX - 1, |_, _, _| {}) {
            assert!(when >= last);
            last = when;
            count += 1;
        }
        assert_eq!(count, 5000 - ids.len().div_ceil(3));
    }
}
