//! Pacing: when a collection begins, and how much of it those who allocate must do themselves, so that it ends before the heap exceeds its goal.
//!
//! The goal follows from GOGC and the memory limit when a collection has ended. While the next one marks, the program goes on allocating; what it
//! allocated during the last ones tells how far below the goal to begin. If marking falls behind nonetheless, every allocation pays for its
//! bytes with marking in proportion: what remains to be marked to what remains until the goal.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

/// Bytes looked at by an assisting goroutine at a time, at least: a shared buffer is worth taking.
const ASSIST: i64 = 64 << 10;

/// What may be allocated between two collections at least, in bytes, whatever the percentage. A collection of an empty heap takes 0.15 ms, in which a thread
/// may allocate half of this; gc, which lets it, collects as seldom.
const LEAST_DISTANCE: u64 = 1 << 20;

/// The pacer of a heap.
pub struct Pacer {
    /// GOGC; negative: off.
    pub gc_percent: AtomicI64,
    /// GOMEMLIMIT in bytes.
    pub memory_limit: AtomicU64,
    /// Bytes of objects that survived the last collection, and allocated or handed to caches since.
    pub live: AtomicU64,
    /// A collection is due when `live` reaches this.
    pub trigger: AtomicU64,
    /// What `live` is to stay below.
    pub goal: AtomicU64,
    /// Bytes marked by the last collection, and bytes of its roots.
    marked: AtomicU64,
    roots: AtomicU64,
    /// Bytes allocated while the last collections marked, falling slowly.
    runway: AtomicU64,
    /// Mark work owed for each byte allocated, times 1024; 0 when marking is off.
    ratio: AtomicU64,
    /// Marking done by others that allocations need not do, in bytes.
    credit: AtomicI64,
}

impl Pacer {
    pub fn new(gc_percent: i64, memory_limit: u64) -> Pacer {
        Pacer {
            gc_percent: AtomicI64::new(gc_percent),
            memory_limit: AtomicU64::new(memory_limit),
            live: AtomicU64::new(0),
            trigger: AtomicU64::new(0),
            goal: AtomicU64::new(0),
            marked: AtomicU64::new(0),
            roots: AtomicU64::new(0),
            runway: AtomicU64::new(0),
            ratio: AtomicU64::new(0),
            credit: AtomicI64::new(0),
        }
    }

    /// Bytes that the last collection marked.
    pub fn last_marked(&self) -> u64 {
        self.marked.load(Ordering::Relaxed)
    }

    /// Plans the next collection from the bytes that survived and those of the roots. `room`: bytes that the heap may take at all.
    pub fn plan(&self, marked: u64, roots: u64, room: u64) {
        self.marked.store(marked, Ordering::Relaxed);
        self.roots.store(roots, Ordering::Relaxed);
        let percent = self.gc_percent.load(Ordering::Relaxed);
        let limit = self.memory_limit.load(Ordering::Relaxed);
        let mut goal = if percent < 0 {
            u64::MAX
        } else {
            let least = (4 << 20) * percent as u64 / 100;
            (marked + (marked + roots) / 100 * percent as u64)
                .max(least)
                .max(marked + LEAST_DISTANCE)
        };
        if limit < i64::MAX as u64 {
            // What stacks and the rest take is not the heap's; never collect more often than after an eighth of growth.
            goal = goal.min(
                limit
                    .saturating_sub(roots)
                    .max(marked + marked / 8 + LEAST_DISTANCE),
            );
        }
        // Near the limit collect before it is reached.
        if room < u64::MAX {
            goal = goal.min((room - room / 16).max(marked + LEAST_DISTANCE));
        }
        self.goal.store(goal, Ordering::Relaxed);
        let trigger = trigger(goal, marked, self.runway.load(Ordering::Relaxed));
        self.trigger.store(trigger, Ordering::Relaxed);
    }

    /// Plans anew after a change of the settings.
    pub fn replan(&self, room: u64) {
        self.plan(
            self.marked.load(Ordering::Relaxed),
            self.roots.load(Ordering::Relaxed),
            room,
        );
    }

    /// Counts bytes that were allocated or handed to a cache; true: a collection is due.
    #[inline]
    pub fn allocated(&self, bytes: u64) -> bool {
        let live = self.live.fetch_add(bytes, Ordering::Relaxed) + bytes;
        live >= self.trigger.load(Ordering::Relaxed)
    }

    /// Whether the heap has grown so far past its goal that who allocates should wait for the collector.
    #[inline]
    pub fn is_ahead(&self) -> bool {
        let goal = self.goal.load(Ordering::Relaxed);
        self.live.load(Ordering::Relaxed) > goal.saturating_add(goal / 8)
    }

    /// Marking begins.
    pub fn begin(&self) {
        self.credit.store(0, Ordering::Relaxed);
        let live = self.live.load(Ordering::Relaxed);
        // What was marked last time is there again, more or less, and part of what came since.
        let work = self.marked.load(Ordering::Relaxed).max(live / 4);
        let room = self
            .goal
            .load(Ordering::Relaxed)
            .saturating_sub(live)
            .max(live / 16 + (64 << 10));
        self.ratio
            .store((work << 10) / room.max(1), Ordering::Relaxed);
    }

    /// Marking has ended: `marked` bytes are alive, `allocated` of them allocated meanwhile.
    pub fn end(&self, marked: u64, allocated: u64) {
        self.ratio.store(0, Ordering::Relaxed);
        self.credit.store(0, Ordering::Relaxed);
        self.live.store(marked, Ordering::Relaxed);
        let old = self.runway.load(Ordering::Relaxed);
        self.runway
            .store(allocated.max(old - old / 4), Ordering::Relaxed);
    }

    /// Somebody has marked in the background.
    pub fn add_credit(&self, bytes: usize) {
        self.credit.fetch_add(bytes as i64, Ordering::Relaxed);
    }

    /// An allocation of `bytes` while marking is on: bytes of marking that its goroutine is to do now.
    #[inline]
    pub fn debt(&self, bytes: u64) -> usize {
        let owed = (bytes.saturating_mul(self.ratio.load(Ordering::Relaxed)) >> 10) as i64;
        let left = self.credit.fetch_sub(owed, Ordering::Relaxed) - owed;
        if left >= 0 {
            return 0;
        }
        ASSIST.max(-left) as usize
    }
}

/// Where to begin so that `runway` bytes, and a fifth, may be allocated before the goal.
fn trigger(goal: u64, marked: u64, runway: u64) -> u64 {
    if goal == u64::MAX {
        return goal;
    }
    let distance = goal.saturating_sub(marked);
    let wanted = goal.saturating_sub(runway + runway / 5);
    wanted.clamp(marked + distance / 2, marked + distance / 20 * 19)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_goal_follows_gogc_the_limit_and_the_room() {
        let goal = |percent, limit, marked, roots, room| {
            let pacer = Pacer::new(percent, limit);
            pacer.plan(marked, roots, room);
            pacer.goal.load(Ordering::Relaxed)
        };
        const MB: u64 = 1 << 20;
        let none = i64::MAX as u64;
        assert_eq!(goal(100, none, 0, 0, u64::MAX), 4 * MB);
        assert_eq!(goal(100, none, 100 * MB, 0, u64::MAX) >> 20, 200);
        assert_eq!(goal(50, none, 100 * MB, 100 * MB, u64::MAX) >> 20, 200);
        assert_eq!(goal(-1, none, 100 * MB, 0, u64::MAX), u64::MAX);
        assert_eq!(goal(1, none, 50 * MB, 0, u64::MAX) >> 20, 51);
        assert_eq!(goal(100, 120 * MB, 100 * MB, 0, u64::MAX) >> 20, 120);
        assert_eq!(goal(100, 50 * MB, 100 * MB, 0, u64::MAX) >> 20, 113);
        assert_eq!(goal(100, none, 100 * MB, 0, 160 * MB) >> 20, 150);
    }

    #[test]
    fn a_collection_begins_a_runway_before_the_goal() {
        assert_eq!(trigger(200, 100, 0), 195);
        assert_eq!(trigger(200, 100, 20), 176);
        assert_eq!(trigger(200, 100, 1000), 150);
        assert_eq!(trigger(u64::MAX, 100, 20), u64::MAX);
    }

    #[test]
    fn allocation_pays_what_the_background_has_not_done() {
        let pacer = Pacer::new(100, i64::MAX as u64);
        pacer.plan(64 << 20, 0, u64::MAX);
        pacer.live.store(96 << 20, Ordering::Relaxed);
        pacer.begin();
        // 64 MB to mark, 32 MB to allocate until the goal.
        pacer.add_credit(4096);
        assert_eq!(pacer.debt(1024), 0);
        let debt = pacer.debt(1 << 20);
        assert!((2_000_000..2_200_000).contains(&debt), "{debt}");
        pacer.end(80 << 20, 8 << 20);
        assert_eq!(pacer.debt(1 << 20), 0);
    }
}
