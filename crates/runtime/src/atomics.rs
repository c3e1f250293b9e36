//! The atomics that `sync` is written with. The model checks give those files loom's instead.

pub use std::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, fence};

/// Waits a little for another thread: first by itself, then by giving way.
#[derive(Default)]
pub struct Backoff(u32);

/// Rounds of busy waiting before the processor is given away.
const SPINS: u32 = 64;

impl Backoff {
    /// One more round.
    #[inline]
    pub fn wait(&mut self) {
        self.0 += 1;
        if self.0 < SPINS {
            std::hint::spin_loop();
        } else {
            // Whom we wait for may be waiting for this processor.
            std::thread::yield_now();
        }
    }
}
