//! Deletion of one entry, and of all.

use std::ptr;

use bytecode::rtype::RType;

use super::find::{find, get};
use super::{Map, MapHeap, Writing, dead_bits};
use crate::equal::EqualFault;

/// `delete(m, key)`.
///
/// # Safety
/// A map of type `typ`, or null; `key` addresses a key.
pub unsafe fn delete(
    heap: &mut impl MapHeap,
    map: *mut Map,
    typ: *const RType,
    key: *const u8,
) -> Result<(), EqualFault> {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() {
            return get(map, typ, key).map(|_| ());
        }
        let _writing = Writing::begin(map)?;
        let info = &*(*map).info;
        let (at, entry, _) = find(&*map, info, key)?;
        if entry.is_null() {
            return Ok(());
        }
        let m = &mut *map;
        let i = (entry as usize - m.entries as usize) / info.entry_size;
        *dead_bits(m.entries, m.index, m.mask).add(i / 64) |= 1 << (i % 64);
        heap.barrier_values(&info.entry, entry, 1);
        ptr::write_bytes(entry, 0, info.entry_size);
        m.count -= 1;
        if !m.index.is_null() {
            close_gap(m, at);
        }
        if m.count == 0 {
            // Nothing refers to the entries: begin anew.
            reset_dead(m);
            m.used = 0;
        }
        Ok(())
    }
}

/// Frees a word of the index, moving up what had been displaced past it.
unsafe fn close_gap(map: &Map, mut gap: usize) {
    // SAFETY: positions are masked.
    unsafe {
        let mask = map.mask;
        let mut at = gap;
        loop {
            at = (at + 1) & mask;
            let word = *map.index.add(at);
            if word == 0 {
                break;
            }
            let home = (word >> 32) as usize & mask;
            // It may move into the gap unless its home lies after the gap on the way to where it is.
            if (at.wrapping_sub(home) & mask) >= (at.wrapping_sub(gap) & mask) {
                *map.index.add(gap) = word;
                gap = at;
            }
        }
        *map.index.add(gap) = 0;
    }
}

unsafe fn reset_dead(map: &Map) {
    if map.entries.is_null() {
        return;
    }
    // SAFETY: see `dead_bits`.
    unsafe {
        let words = if map.index.is_null() {
            1
        } else {
            (map.cap as usize).div_ceil(64)
        };
        ptr::write_bytes(dead_bits(map.entries, map.index, map.mask), 0, words);
    }
}

/// `clear(m)`.
///
/// # Safety
/// A map or null.
pub unsafe fn clear(heap: &mut impl MapHeap, map: *mut Map) -> Result<(), EqualFault> {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() {
            return Ok(());
        }
        let _writing = Writing::begin(map)?;
        let m = &mut *map;
        m.clears = m.clears.wrapping_add(1);
        if m.used == 0 {
            return Ok(());
        }
        let info = &*m.info;
        heap.barrier_values(&info.entry, m.entries, m.used as usize);
        ptr::write_bytes(m.entries, 0, m.used as usize * info.entry_size);
        reset_dead(m);
        if !m.index.is_null() {
            ptr::write_bytes(m.index, 0, m.mask + 1);
        }
        m.used = 0;
        m.count = 0;
        Ok(())
    }
}
