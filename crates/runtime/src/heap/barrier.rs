//! The write barrier: what a program that runs beside marking must tell it.
//!
//! Each goroutine's stack is looked at once a collection, at one of its safepoints, and is black from then on: nothing that it comes to hold later may
//! be lost. So while marking is on, before a pointer in memory other than the running frame is overwritten, the old one is shaded (a stack that has been
//! looked at may have loaded it from there) and the new one too (a stack that has not may hold the only other reference to it).
//! What is stored into new objects, which are born black, counts as well: there the new values are shaded.
//!
//! Marking begins and ends while all goroutines are at safepoints. So an instruction or a native that asks `marking` may rely on the answer until it ends.

use std::sync::atomic::{AtomicU32, Ordering};

use bytecode::rtype::RType;

use crate::runtime::M;

/// Machines of this process that are marking: one flag, at a fixed address, for all code that stores pointers. Which machine it is
/// is asked out of line.
pub static MARKING: AtomicU32 = AtomicU32::new(0);

/// Whether stores of pointers need barriers.
#[inline(always)]
pub fn marking() -> bool {
    MARKING.load(Ordering::Relaxed) != 0
}

impl M {
    /// Comes before the pointer word at `at` becomes `new`.
    ///
    /// # Safety
    /// `at` is a readable pointer word.
    #[inline(always)]
    pub unsafe fn barrier(&mut self, at: *const u64, new: u64) {
        if marking() {
            // SAFETY: by the contract.
            unsafe { self.shade_store(at, new) };
        }
    }

    /// Comes before `count` values of the type at `to` are overwritten by those at `from`.
    ///
    /// # Safety
    /// Both address values of the type.
    #[inline(always)]
    pub unsafe fn barrier_copy(
        &mut self,
        typ: &RType,
        to: *const u8,
        from: *const u8,
        count: usize,
    ) {
        if marking() {
            // SAFETY: by the contract.
            unsafe {
                self.shade_values(typ, to, count);
                self.shade_values(typ, from, count);
            }
        }
    }

    /// Comes before `count` values of the type at `at` are cleared, or after they have been copied to a new object.
    ///
    /// # Safety
    /// `at` addresses such values.
    #[inline(always)]
    pub unsafe fn barrier_values(&mut self, typ: &RType, at: *const u8, count: usize) {
        if marking() {
            // SAFETY: by the contract.
            unsafe { self.shade_values(typ, at, count) };
        }
    }

    /// A reference to an object comes from where it does not count to where it does, or the other way.
    #[inline(always)]
    pub fn barrier_object(&mut self, object: *const u8) {
        if marking() {
            self.shade(object as u64);
        }
    }

    /// # Safety
    /// As `barrier`.
    #[cold]
    #[inline(never)]
    pub unsafe fn shade_store(&mut self, at: *const u64, new: u64) {
        // SAFETY: by the contract.
        self.shade(unsafe { *at });
        self.shade(new);
    }

    #[cold]
    #[inline(never)]
    unsafe fn shade_values(&mut self, typ: &RType, at: *const u8, count: usize) {
        for i in 0..count {
            let value = at.wrapping_add(i * typ.size).cast::<u64>();
            for word in 0..typ.ptr_bytes / 8 {
                // SAFETY: by the caller, a word of a value of the type.
                unsafe {
                    if typ.word_is_pointer(word) {
                        self.shade(*value.add(word));
                    }
                }
            }
        }
    }

    /// Marks the object that `addr` points into, if this machine is marking.
    #[cold]
    #[inline(never)]
    pub fn shade(&mut self, addr: u64) {
        let heap = &self.rt().heap;
        if heap.marking.load(Ordering::Relaxed) {
            heap.shade_and_share(addr as usize, &mut self.p().heap.grey);
        }
    }
}
