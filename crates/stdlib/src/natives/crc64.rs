//! The natives of `hash/crc64`.
//!
//! ```text
//! hash/crc64.fill(tables []Table, poly uint64)
//! hash/crc64.update(crc uint64, table *Table, p []byte) uint64
//! hash/crc64.updateEight(crc uint64, tables *[8]Table, p []byte) uint64
//! ```

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("hash/crc64.fill", fill),
    ("hash/crc64.update", update),
    ("hash/crc64.updateEight", update_eight),
];

type Table = [u64; 256];

fn fill(_: &mut NativeCx, s: Slots) -> Flow {
    let poly = s.word(3);
    if let [first, rest @ ..] = s.slice_mut::<Table>(0) {
        for (i, entry) in first.iter_mut().enumerate() {
            *entry = (0..8).fold(i as u64, |crc, _| {
                crc >> 1 ^ if crc & 1 == 1 { poly } else { 0 }
            });
        }
        // Each further table stands for a zero byte more.
        let mut previous: &Table = first;
        for table in rest {
            for (entry, crc) in table.iter_mut().zip(previous) {
                *entry = first[usize::from(*crc as u8)] ^ crc >> 8;
            }
            previous = table;
        }
    }
    Flow::Done
}

fn bytewise(crc: u64, table: &Table, p: &[u8]) -> u64 {
    p.iter().fold(crc, |crc, byte| {
        table[usize::from(crc as u8 ^ byte)] ^ crc >> 8
    })
}

fn update(_: &mut NativeCx, s: Slots) -> Flow {
    if s.ptr(1).is_null() {
        return Flow::panic(runtime::gopanic::GoPanic::NilDeref);
    }
    // SAFETY: slot 1 holds a *Table that is not nil.
    let table = unsafe { &*s.ptr(1).cast::<Table>() };
    s.set_word(5, !bytewise(!s.word(0), table, s.slice(2)));
    Flow::Done
}

fn update_eight(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: slot 1 holds a *[8]Table that is not nil.
    let tables = unsafe { &*s.ptr(1).cast::<[Table; 8]>() };
    let (words, rest) = s.slice::<u8>(2).as_chunks::<8>();
    let crc = words.iter().fold(!s.word(0), |crc, word| {
        let bytes = (crc ^ u64::from_le_bytes(*word)).to_le_bytes();
        (0..8).fold(0, |crc, i| crc ^ tables[7 - i][usize::from(bytes[i])])
    });
    s.set_word(5, !bytewise(crc, &tables[0], rest));
    Flow::Done
}
