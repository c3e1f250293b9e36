//! Places in linked code where compiled code goes on.
//!
//! The first word of the instruction at such a place is replaced by `Op::Enter` and a number; the table has the instruction's own word and the compiled code. Whoever
//! reads an instruction from linked code asks for its own word (`original`).

use std::sync::atomic::{AtomicPtr, AtomicU64, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};

use bytecode::isa::{Instr, Op};

/// Entries that a machine may have; pages become real when used.
const MOST: usize = 1 << 16;

struct Entry {
    word: AtomicU64,
    code: AtomicPtr<u8>,
}

#[derive(Default)]
pub struct Entries {
    table: OnceLock<Box<[Entry]>>,
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
        let table = self.table.get_or_init(|| {
            let entry = || Entry {
                word: AtomicU64::new(0),
                code: AtomicPtr::new(std::ptr::null_mut()),
            };
            std::iter::repeat_with(entry).take(MOST).collect()
        });
        let taken = matches!(Instr::unpack(word).map(|i| i.op), None | Some(Op::Enter));
        if taken || *used == table.len() {
            return;
        }
        let entry = &table[*used];
        entry.word.store(word, Ordering::Relaxed);
        entry.code.store(code.cast_mut(), Ordering::Relaxed);
        place.store(Op::Enter as u64 | (*used as u64) << 16, Ordering::Release);
        *used += 1;
    }

    /// The compiled code of an `Op::Enter`.
    pub fn code(&self, word: u64) -> *const u8 {
        self.entry(word).code.load(Ordering::Relaxed)
    }

    fn entry(&self, word: u64) -> &Entry {
        let table = self.table.get().expect("an entry comes from the table");
        &table[(word >> 16) as usize]
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
