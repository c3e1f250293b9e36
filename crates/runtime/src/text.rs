//! New strings: concatenation, and conversions between strings, bytes and runes. They allocate, but never collect.

use std::ptr;

use bytecode::rtype::GoStr;

use crate::heap::sizeclass::rounded_size;
use crate::iface::byte_cell;
use crate::runtime::M;
use crate::strings::encode_rune;

/// Copies bytes; the places may overlap. Short runs, which most are, without a call: all is read before anything is written.
///
/// # Safety
/// Both places have `len` bytes.
#[inline(always)]
pub unsafe fn copy(from: *const u8, to: *mut u8, len: usize) {
    // SAFETY: every access below lies in the first `len` bytes.
    unsafe {
        macro_rules! ends {
            ($word:ty) => {{
                let last = len - size_of::<$word>();
                let (first, rest) = (
                    from.cast::<$word>().read_unaligned(),
                    from.add(last).cast::<$word>().read_unaligned(),
                );
                to.cast::<$word>().write_unaligned(first);
                to.add(last).cast::<$word>().write_unaligned(rest);
            }};
        }
        match len {
            0 => {}
            1..=3 => {
                let (first, middle, last) = (*from, *from.add(len / 2), *from.add(len - 1));
                *to = first;
                *to.add(len / 2) = middle;
                *to.add(len - 1) = last;
            }
            4..=7 => ends!(u32),
            8..=16 => ends!(u64),
            17..=32 => ends!(u128),
            _ => ptr::copy(from, to, len),
        }
    }
}

/// Concatenates; `None` where the result is too long. What has one part that is not empty is that part: strings do not change.
///
/// # Safety
/// Every part is a string.
#[inline]
pub unsafe fn concat(m: &mut M, parts: &[GoStr]) -> Option<GoStr> {
    let mut len = 0usize;
    let mut filled = 0;
    let mut only = GoStr::EMPTY;
    for part in parts {
        len = len.checked_add(part.len)?;
        if part.len > 0 {
            filled += 1;
            only = *part;
        }
    }
    if len > isize::MAX as usize {
        return None;
    }
    if filled < 2 {
        return Some(only);
    }
    let start = m.alloc_noscan(len);
    let mut to = start;
    for part in parts {
        // SAFETY: there is room for the sum of all lengths.
        unsafe {
            copy(part.ptr, to, part.len);
            to = to.add(part.len);
        }
    }
    Some(GoStr { ptr: start, len })
}

/// `string(bytes)`: where its bytes are.
///
/// # Safety
/// The bytes are readable.
#[inline]
pub unsafe fn from_bytes(m: &mut M, bytes: *const u8, len: usize) -> *const u8 {
    match len {
        0 => ptr::null(),
        // SAFETY: by the contract.
        1 => byte_cell(unsafe { *bytes }),
        _ => {
            let memory = m.alloc_noscan(len);
            // SAFETY: as above; the memory is fresh.
            unsafe { copy(bytes, memory, len) };
            memory
        }
    }
}

/// `[]byte(text)`: where its bytes are, and the capacity.
///
/// # Safety
/// The text is a string.
#[inline]
pub unsafe fn to_bytes(m: &mut M, text: GoStr) -> (*mut u8, usize) {
    let cap = if text.len == 0 {
        0
    } else {
        rounded_size(text.len)
    };
    let memory = m.alloc_noscan(cap);
    // SAFETY: by the contract; the memory is fresh.
    unsafe { copy(text.ptr, memory, text.len) };
    (memory, cap)
}

/// `string(rune)`.
#[inline]
pub fn from_rune(m: &mut M, rune: i64) -> GoStr {
    let (bytes, len) = encode_rune(rune);
    let ptr = if len == 1 {
        byte_cell(bytes[0])
    } else {
        m.alloc_bytes(&bytes[..len]).cast_const()
    };
    GoStr { ptr, len }
}

#[cfg(test)]
mod tests {
    use super::copy;

    #[test]
    fn copies_of_every_length() {
        let from: Vec<u8> = (0..80).collect();
        for len in 0..64 {
            let mut to = vec![0xee; 80];
            unsafe { copy(from.as_ptr().add(3), to.as_mut_ptr().add(5), len) };
            assert_eq!(to[5..5 + len], from[3..3 + len]);
            assert!(to[..5].iter().chain(&to[5 + len..]).all(|b| *b == 0xee));
            for (at, by) in [(10, 13), (13, 10), (10, 26)] {
                let mut bytes = from.clone();
                let len = len.min(40);
                unsafe { copy(bytes.as_ptr().add(at), bytes.as_mut_ptr().add(by), len) };
                assert_eq!(bytes[by..by + len], from[at..at + len]);
            }
        }
    }
}
