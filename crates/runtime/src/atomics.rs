//! The atomics that `sync` is written with. The model checks give those files loom's instead.

pub use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, fence};

/// The full fence between a swap and loads after it. On x86-64 the swap's instruction is one itself; the language has no word for that.
#[inline(always)]
pub fn fence_after_swap() {
    std::sync::atomic::compiler_fence(Ordering::SeqCst);
}

/// Waits for another thread, longer each time: first by itself, then by giving way. Two threads that want the same word all the time get more done when the one that
/// fails stays away for a while.
#[derive(Default)]
pub struct Backoff(u32);

/// Rounds of busy waiting, each twice as long as the last; then it stays as long, and gives the processor away each time.
const ROUNDS: u32 = 8;

impl Backoff {
    /// One more round.
    #[inline]
    pub fn wait(&mut self) {
        for _ in 0..1 << self.0 {
            std::hint::spin_loop();
        }
        if self.0 < ROUNDS {
            self.0 += 1;
        } else {
            // Whom we wait for may be waiting for this processor.
            std::thread::yield_now();
        }
    }
}
