//! A lock of one word for sections of a few instructions: channels, of which there may be millions.

use crate::atomics::{AtomicU32, Backoff, Ordering};

/// Unlocked when all its bytes are zero, as fresh heap objects are.
#[repr(transparent)]
#[derive(Default)]
pub struct SpinLock(AtomicU32);

impl SpinLock {
    #[inline(always)]
    pub fn lock(&self) {
        if self
            .0
            .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
            .is_err()
        {
            self.lock_contended();
        }
    }

    #[cold]
    #[inline(never)]
    fn lock_contended(&self) {
        let mut backoff = Backoff::default();
        loop {
            if self.0.load(Ordering::Relaxed) == 0
                && self
                    .0
                    .compare_exchange(0, 1, Ordering::Acquire, Ordering::Relaxed)
                    .is_ok()
            {
                return;
            }
            backoff.wait();
        }
    }

    #[inline(always)]
    pub fn unlock(&self) {
        self.0.store(0, Ordering::Release);
    }
}
