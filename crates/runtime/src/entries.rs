//! Places in linked code where compiled code goes on.
//!
//! The first word of the instruction at such a place is replaced by `Op::Enter` and a number; the table has the instruction's own word and the compiled code. Whoever
//! reads an instruction from linked code asks for its own word (`original`).

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytecode::isa::{Instr, Op};

/// Entries that a machine may have.
const MOST: usize = 1 << 16;

struct Entry {
    word: AtomicU64,
    code: AtomicPtr<u8>,
}

#[derive(Default)]
pub struct Entries {
    /// `MOST` entries, mapped with the first one: pages become real when used.
    table: AtomicPtr<Entry>,
    used: Mutex<usize>,
}

impl Entries {
    /// From now on whoever comes to the instruction at `pc` goes on in the compiled code. The frame is at home there.
    ///
    /// # Safety
    /// `pc` is an instruction of linked code; `code` goes on at it.
    pub unsafe fn install(&self, pc: *const u64, code: *const u8) {
        let mut used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: linked code is words that are only accessed whole.
        let place = unsafe { &*pc.cast::<AtomicU64>() };
        let word = place.load(Ordering::Relaxed);
        let taken = matches!(Instr::unpack(word).map(|i| i.op), None | Some(Op::Enter));
        if taken || *used == MOST {
            return;
        }
        if self.table.load(Ordering::Relaxed).is_null() {
            let Some(table) = crate::heap::reserve(MOST * size_of::<Entry>()) else {
                return;
            };
            self.table.store(table as *mut Entry, Ordering::Release);
        }
        // SAFETY: the table has `MOST` entries, which are valid when they are zero.
        let entry = unsafe { &*self.table.load(Ordering::Relaxed).add(*used) };
        entry.word.store(word, Ordering::Relaxed);
        entry.code.store(code.cast_mut(), Ordering::Relaxed);
        place.store(Op::Enter as u64 | (*used as u64) << 16, Ordering::Release);
        *used += 1;
    }

    /// Goes on in other code at `pc` if anybody goes on in compiled code there.
    ///
    /// # Safety
    /// As for `install`.
    pub unsafe fn replace(&self, pc: *const u64, code: *const u8) {
        let _used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: linked code is words that are only accessed whole.
        let word = unsafe { &*pc.cast::<AtomicU64>() }.load(Ordering::Relaxed);
        if word as u16 == Op::Enter as u16 {
            let entry = self.entry(word);
            entry.code.store(code.cast_mut(), Ordering::Relaxed);
        }
    }

    /// The compiled code of an `Op::Enter`.
    #[inline(always)]
    pub fn code(&self, word: u64) -> *const u8 {
        self.entry(word).code.load(Ordering::Relaxed)
    }

    #[inline(always)]
    fn entry(&self, word: u64) -> &Entry {
        // SAFETY: `Op::Enter` has the number of an entry that was made before it.
        unsafe {
            &*self
                .table
                .load(Ordering::Acquire)
                .add((word >> 16) as usize)
        }
    }

    /// The word of an instruction, whatever has been put over it.
    #[inline(always)]
    pub fn original(&self, word: u64) -> u64 {
        if word as u16 == Op::Enter as u16 {
            self.entry(word).word.load(Ordering::Relaxed)
        } else {
            word
        }
    }
}

impl Drop for Entries {
    fn drop(&mut self) {
        let table = *self.table.get_mut();
        if !table.is_null() {
            // SAFETY: our own mapping; the machine is gone, so nobody uses it.
            unsafe { libc::munmap(table.cast(), MOST * size_of::<Entry>()) };
        }
    }
}
