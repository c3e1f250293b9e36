//! The natives of `hash/crc32`.
//!
//! ```text
//! hash/crc32.fill(table *Table, poly uint32)
//! hash/crc32.update(crc uint32, table *Table, p []byte) uint32
//! hash/crc32.updateIEEE(crc uint32, p []byte) uint32
//! hash/crc32.updateCastagnoli(crc uint32, p []byte) uint32
//! ```

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("hash/crc32.fill", fill),
    ("hash/crc32.update", update),
    ("hash/crc32.updateIEEE", update_ieee),
    ("hash/crc32.updateCastagnoli", update_castagnoli),
];

type Table = [u32; 256];

fn fill(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: slot 0 holds a *Table that the caller has just made.
    let table = unsafe { &mut *s.ptr(0).cast::<Table>() };
    let poly = s.word(1) as u32;
    for (i, entry) in table.iter_mut().enumerate() {
        *entry = (0..8).fold(i as u32, |crc, _| {
            crc >> 1 ^ if crc & 1 == 1 { poly } else { 0 }
        });
    }
    Flow::Done
}

fn update(_: &mut NativeCx, s: Slots) -> Flow {
    if s.ptr(1).is_null() {
        return Flow::panic(runtime::gopanic::GoPanic::NilDeref);
    }
    // SAFETY: slot 1 holds a *Table that is not nil.
    let table = unsafe { &*s.ptr(1).cast::<Table>() };
    let crc = s
        .slice::<u8>(2)
        .iter()
        .fold(!(s.word(0) as u32), |crc, byte| {
            table[usize::from(crc as u8 ^ byte)] ^ crc >> 8
        });
    s.set_word(5, u64::from(!crc));
    Flow::Done
}

fn update_ieee(_: &mut NativeCx, s: Slots) -> Flow {
    let mut hasher = crc32fast::Hasher::new_with_initial(s.word(0) as u32);
    hasher.update(s.slice(1));
    s.set_word(4, u64::from(hasher.finalize()));
    Flow::Done
}

fn update_castagnoli(_: &mut NativeCx, s: Slots) -> Flow {
    let crc = crc32c::crc32c_append(s.word(0) as u32, s.slice(1));
    s.set_word(4, u64::from(crc));
    Flow::Done
}
