//! A parked select's mark: of those who want to complete one of its cases, one does.
//!
//! The mark is looked at and taken under the lock of the case's channel, but a select has cases on several channels. So who has seen it open may find it taken in the
//! next moment, and then must look again at all that it can do: having seen somebody ready is not having met him.

use crate::atomics::{AtomicU8, Ordering};

/// Open at first, and when all its bytes are zero.
#[derive(Default)]
pub struct Claim(AtomicU8);

impl Claim {
    /// By the owner, while nobody else knows of it.
    pub fn renew(&self) {
        self.0.store(0, Ordering::Relaxed);
    }

    /// Whether nobody has taken it yet: a moment's truth.
    #[inline]
    pub fn is_open(&self) -> bool {
        self.0.load(Ordering::Acquire) == 0
    }

    /// Takes it. False: somebody else was faster.
    #[inline]
    pub fn take(&self) -> bool {
        self.0.swap(1, Ordering::AcqRel) == 0
    }
}
