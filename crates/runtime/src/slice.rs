//! How slices grow.

use std::ptr;

use bytecode::rtype::RType;

use crate::gopanic::GoPanic;
use crate::heap::cache::array_bytes;
use crate::heap::sizeclass::rounded_size;
use crate::runtime::M;

/// The capacity that append gives a slice of `old` elements of room that needs room for `needed`: gc's rule.
fn grown_capacity(old: usize, needed: usize, elem: &RType) -> Option<usize> {
    let mut cap = old;
    if needed > old.saturating_mul(2) {
        cap = needed;
    } else if old < 256 {
        cap = old * 2;
    } else {
        while cap < needed {
            cap = cap.checked_add((cap + 3 * 256) / 4)?;
        }
    }
    let bytes = array_bytes(elem, cap)?;
    if elem.size == 0 {
        return Some(needed);
    }
    // gc keeps a header word in larger objects with pointers, which programs can see in the capacity.
    const HEADER_FROM: usize = 512;
    let header = if elem.has_pointers() && bytes > HEADER_FROM {
        8
    } else {
        0
    };
    let room = if bytes + header <= 32768 {
        rounded_size(bytes + header) - header
    } else {
        rounded_size(bytes)
    };
    Some(room / elem.size)
}

/// Room for `extra` more elements behind a slice: (base, capacity). The elements are copied when it moves.
///
/// # Safety
/// `slice` is (base, length, capacity) of a slice of `elem`.
pub unsafe fn reserve(
    m: &mut M,
    elem: &RType,
    slice: (u64, u64, u64),
    extra: u64,
) -> Result<(u64, u64), GoPanic> {
    let (base, len, cap) = slice;
    let too_long = || GoPanic::Text("growslice: len out of range".to_owned());
    let needed = len
        .checked_add(extra)
        .filter(|n| *n <= i64::MAX as u64)
        .ok_or_else(too_long)?;
    if needed <= cap {
        return Ok((base, cap));
    }
    let new_cap = grown_capacity(cap as usize, needed as usize, elem).ok_or_else(too_long)?;
    let filled = len as usize * elem.size;
    let memory = if elem.ptr_bytes == 0 {
        m.alloc_noscan_filled(elem.size * new_cap, filled)
    } else {
        m.alloc_array(elem, new_cap)
    };
    // SAFETY: the old elements are readable, the new array is larger.
    unsafe {
        m.barrier_values(elem, base as *const u8, len as usize);
        ptr::copy_nonoverlapping(base as *const u8, memory, filled);
    }
    Ok((memory as u64, new_cap as u64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytecode::registry::TypeRegistry;
    use bytecode::rtype::Kind;

    #[test]
    fn capacities_grow_as_with_gc() {
        let types = TypeRegistry::default();
        let int = unsafe { &*types.basic(Kind::Int) };
        let byte = unsafe { &*types.basic(Kind::Uint8) };
        let growth = |elem: &RType, until: usize| {
            let (mut caps, mut cap) = (vec![], 0);
            while cap < until {
                cap = grown_capacity(cap, cap + 1, elem).unwrap();
                caps.push(cap);
            }
            caps
        };
        let pointer = unsafe { &*types.pointer(int) };
        assert_eq!(
            growth(int, 3000),
            [
                1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 848, 1280, 1792, 2560, 3408
            ]
        );
        assert_eq!(
            growth(pointer, 2000),
            [1, 2, 4, 8, 16, 32, 64, 143, 287, 607, 1023, 1535, 2303]
        );
        assert_eq!(grown_capacity(0, 5, byte), Some(8));
    }
}
