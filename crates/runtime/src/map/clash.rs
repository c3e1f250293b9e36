//! Goroutines that use a map at the same time, one of them writing, without a lock: found out by chance, as in Go.
//!
//! Who writes says so in the map while it does; who comes and sees that notes what has met, and that stays. So who has no words
//! for it (lookups give an address, and compiled code leaves to the interpreter, which does the same again) can leave the report to who has them.

use std::ptr;

use super::Map;
use crate::equal::EqualFault;

/// What a map is being used for, as far as others must know. Zeroed memory is a map at rest.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(super) enum Use {
    Rest,
    Write,
    /// A write, when another goroutine came to read,
    MetRead,
    /// to write,
    MetWrite,
    /// or with an iterator.
    MetIteration,
}

/// What a lookup gives instead of an address when it meets a goroutine that writes. `get`, `reference` and `delete` have the words.
pub const CLASH: *mut u8 = ptr::without_provenance_mut(1);

/// # Safety
/// A map.
#[inline(always)]
unsafe fn in_use(map: *const Map) -> Use {
    // SAFETY: by the contract; others may be writing it, one byte.
    unsafe { (&raw const (*map).use_now).read_volatile() }
}

/// # Safety
/// A map.
#[inline(always)]
unsafe fn set_use(map: *mut Map, to: Use) {
    // SAFETY: by the contract.
    unsafe { (&raw mut (*map).use_now).write_volatile(to) };
}

/// Whether a goroutine is writing, or has been met while it was; notes what meets it.
///
/// # Safety
/// A map.
#[inline(always)]
pub(super) unsafe fn meets_writer(map: *const Map, what: Use) -> bool {
    // SAFETY: by the contract.
    unsafe {
        let rests = in_use(map) == Use::Rest;
        if !rests {
            note(map.cast_mut(), what);
        }
        !rests
    }
}

#[cold]
#[inline(never)]
unsafe fn note(map: *mut Map, what: Use) {
    // SAFETY: by the caller, a map.
    unsafe {
        if matches!(in_use(map), Use::Rest | Use::Write) {
            set_use(map, what);
        }
    }
}

/// `meets_writer` in words.
///
/// # Safety
/// A map.
#[inline(always)]
pub(super) unsafe fn check(map: *const Map, what: Use) -> Result<(), EqualFault> {
    // SAFETY: by the contract.
    unsafe {
        if meets_writer(map, what) {
            return Err(fault(map, what));
        }
    }
    Ok(())
}

/// What is to be reported of who has met a writer: what came first.
///
/// # Safety
/// A map.
#[cold]
pub(super) unsafe fn fault(map: *const Map, what: Use) -> EqualFault {
    // SAFETY: by the contract.
    let first = match unsafe { in_use(map) } {
        Use::Rest | Use::Write => what,
        noted => noted,
    };
    EqualFault::Concurrent(match first {
        Use::MetRead => "concurrent map read and map write",
        Use::MetIteration => "concurrent map iteration and map write",
        Use::Rest | Use::Write | Use::MetWrite => "concurrent map writes",
    })
}

/// A goroutine writes to the map, until this is dropped.
pub(super) struct Writing(*mut Map);

impl Writing {
    /// # Safety
    /// A map, which outlives this.
    #[inline(always)]
    pub(super) unsafe fn begin(map: *mut Map) -> Result<Writing, EqualFault> {
        // SAFETY: by the contract.
        unsafe { Writing::try_begin(map).ok_or_else(|| fault(map, Use::MetWrite)) }
    }

    /// As `begin`, without words.
    ///
    /// # Safety
    /// As for `begin`.
    #[inline(always)]
    pub(super) unsafe fn try_begin(map: *mut Map) -> Option<Writing> {
        // SAFETY: by the contract.
        unsafe {
            if meets_writer(map, Use::MetWrite) {
                return None;
            }
            set_use(map, Use::Write);
        }
        Some(Writing(map))
    }
}

impl Drop for Writing {
    #[inline(always)]
    fn drop(&mut self) {
        // SAFETY: the map that `begin` was given.
        unsafe {
            // What has been met meanwhile stays.
            if in_use(self.0) == Use::Write {
                set_use(self.0, Use::Rest);
            }
        }
    }
}
