//! When is another thread to be woken? Enough must run that no work lies idle, and no more.
//!
//! A thread that finds no work searches a while (it *spins*) before it sleeps. Who makes a goroutine ready wakes a sleeper only when a processor is
//! idle and nobody is searching: a searcher will find the work. The danger is the searcher that gives up just then. So the one side publishes
//! its work and then looks at the counters, and the other changes the counters and then looks at all work once more; with a full fence
//! between each pair at least one of them sees the other.

use crate::atomics::{AtomicUsize, Ordering, fence, fence_after_swap};

/// The two counters.
pub struct WakeGate {
    idle: AtomicUsize,
    spinning: AtomicUsize,
}

impl Default for WakeGate {
    fn default() -> WakeGate {
        WakeGate {
            idle: AtomicUsize::new(0),
            spinning: AtomicUsize::new(0),
        }
    }
}

impl WakeGate {
    /// After work has been published: whether the caller is to wake a thread, which then counts as searching already.
    #[inline]
    pub fn should_wake(&self) -> bool {
        fence(Ordering::SeqCst);
        self.look()
    }

    /// As `should_wake`, when the work was published by a swap.
    #[inline]
    pub fn should_wake_after_swap(&self) -> bool {
        fence_after_swap();
        self.look()
    }

    #[inline]
    fn look(&self) -> bool {
        self.idle.load(Ordering::Relaxed) > 0
            && self.spinning.load(Ordering::Relaxed) == 0
            && self
                .spinning
                .compare_exchange(0, 1, Ordering::SeqCst, Ordering::Relaxed)
                .is_ok()
    }

    /// A thread may search: at most half of the busy processors' number do.
    pub fn may_spin(&self, processors: usize) -> bool {
        let busy = processors.saturating_sub(self.idle.load(Ordering::Relaxed));
        2 * self.spinning.load(Ordering::Relaxed) < busy
    }

    pub fn begin_spin(&self) {
        self.spinning.fetch_add(1, Ordering::SeqCst);
    }

    /// Ends a search. True: it was the last, so one who found work should see to it that there is another (`should_wake`), and one who found none looks once more.
    pub fn end_spin(&self) -> bool {
        self.spinning.fetch_sub(1, Ordering::SeqCst) == 1
    }

    /// A processor becomes idle. Then look at all work again.
    pub fn add_idle(&self) {
        self.idle.fetch_add(1, Ordering::SeqCst);
        fence(Ordering::SeqCst);
    }

    pub fn remove_idle(&self) {
        self.idle.fetch_sub(1, Ordering::SeqCst);
    }

    pub fn idle(&self) -> usize {
        self.idle.load(Ordering::SeqCst)
    }

    pub fn spinning(&self) -> usize {
        self.spinning.load(Ordering::SeqCst)
    }
}
