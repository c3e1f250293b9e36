//! The natives of `hash/maphash`: the hash functions of maps.
//!
//! ```text
//! hash/maphash.random() uint64
//! hash/maphash.hashBytes(seed uint64, b []byte) uint64
//! hash/maphash.hashValue(seed uint64, pointer any) uint64
//! ```

use runtime::equal::{hash_bytes, hash_value, hash_word};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

use super::rand::random;

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("hash/maphash.random", random),
    ("hash/maphash.hashBytes", bytes),
    ("hash/maphash.hashValue", value),
];

/// What maps use of a hash are its lower bits; here all have to depend on all of the input.
fn spread(hash: u64) -> u64 {
    hash_word(hash, 0)
}

fn bytes(_: &mut NativeCx, s: Slots) -> Flow {
    let b = s.slice::<u8>(1);
    // SAFETY: the slice is readable.
    let hash = unsafe { hash_bytes(b.as_ptr(), b.len(), s.word(0)) };
    s.set_word(4, spread(hash));
    Flow::Done
}

fn value(_: &mut NativeCx, s: Slots) -> Flow {
    let pointer = s.eface(1);
    // SAFETY: an interface that holds a pointer, which is not nil.
    match unsafe { hash_value((*pointer.typ).elem, pointer.data, s.word(0)) } {
        Ok(hash) => {
            s.set_word(3, spread(hash));
            Flow::Done
        }
        Err(fault) => Flow::runtime_error(fault.message()),
    }
}
