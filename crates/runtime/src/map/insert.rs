//! Elements that are made when they are absent, and growth.

use std::ptr;

use bytecode::rtype::GoStr;

use super::find::{WordKey, find, hash_key, probe, same_string, scan};
use super::info::MapInfo;
use super::{FEW, Map, MapHeap, SMALL, Writing, attach, dead_bits, is_dead, sizes};
use crate::equal::{EqualFault, hash_bytes, hash_word};

/// The element for a key, made (zero) when absent.
///
/// # Safety
/// A map (not null); `key` addresses a key.
pub unsafe fn reference(
    heap: &mut impl MapHeap,
    map: *mut Map,
    key: *const u8,
) -> Result<*mut u8, EqualFault> {
    // SAFETY: by the contract; entries below `cap` exist.
    unsafe {
        let _writing = Writing::begin(map)?;
        let info = &*(*map).info;
        let (at, entry, hash) = find(&*map, info, key)?;
        if !entry.is_null() {
            if info.overwrite_key {
                heap.barrier_copy(&*info.key, entry, key);
                ptr::copy_nonoverlapping(key, entry, info.key_size);
            }
            return Ok(entry.add(info.elem_offset));
        }
        let made = insert(heap, map, info, key, at, hash)?;
        heap.barrier_values(&*info.key, key, 1);
        ptr::copy_nonoverlapping(key, made, info.key_size);
        Ok(made.add(info.elem_offset))
    }
}

/// `reference` for a key that is a string; null where `reference` has a fault to report.
///
/// # Safety
/// A map (not null) whose keys are strings; the string is readable.
#[inline]
pub unsafe fn reference_string(heap: &mut impl MapHeap, map: *mut Map, key: GoStr) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        let Some(_writing) = Writing::try_begin(map) else {
            return ptr::null_mut();
        };
        let (m, info) = (&*map, &*(*map).info);
        let same = |entry: *mut u8| same_string(entry, key.ptr, key.len);
        let (at, entry, hash) = if m.index.is_null() {
            (0, scan(m, info.entry_size, same), 0)
        } else {
            let hash = hash_bytes(key.ptr, key.len, m.seed);
            let (at, entry) = probe(m, info.entry_size, hash, same);
            (at, entry, hash)
        };
        if entry.is_null() {
            let Ok(made) = insert(heap, map, info, (&raw const key).cast(), at, hash) else {
                return ptr::null_mut();
            };
            heap.barrier(made.cast(), key.ptr as u64);
            made.cast::<GoStr>().write(key);
            return made.add(info.elem_offset);
        }
        // Equal strings can keep other memory alive: the last one counts.
        let own = entry.cast::<*const u8>();
        if *own != key.ptr {
            heap.barrier(own.cast(), key.ptr as u64);
            *own = key.ptr;
        }
        entry.add(info.elem_offset)
    }
}

/// `reference` for a plain key of this size; null where `reference` has a fault to report.
///
/// # Safety
/// A map (not null) whose keys are such.
#[inline]
pub unsafe fn reference_word<K: WordKey>(
    heap: &mut impl MapHeap,
    map: *mut Map,
    key: K,
) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        let Some(_writing) = Writing::try_begin(map) else {
            return ptr::null_mut();
        };
        let (m, info) = (&*map, &*(*map).info);
        let same = |entry: *mut u8| entry.cast::<K>().read_unaligned() == key;
        let (at, entry, hash) = if m.index.is_null() {
            (0, scan(m, info.entry_size, same), 0)
        } else {
            let hash = hash_word(key.into(), m.seed);
            let (at, entry) = probe(m, info.entry_size, hash, same);
            (at, entry, hash)
        };
        if entry.is_null() {
            let at_key = (&raw const key).cast();
            let Ok(made) = insert(heap, map, info, at_key, at, hash) else {
                return ptr::null_mut();
            };
            heap.barrier_values(&*info.key, at_key, 1);
            made.cast::<K>().write_unaligned(key);
            return made.add(info.elem_offset);
        }
        entry.add(info.elem_offset)
    }
}

/// Appends an entry for a key that is absent, which the caller stores; `at` is its place in the index.
#[inline(always)]
unsafe fn insert(
    heap: &mut impl MapHeap,
    map: *mut Map,
    info: &MapInfo,
    key: *const u8,
    at: usize,
    hash: u64,
) -> Result<*mut u8, EqualFault> {
    // SAFETY: by the caller, as in `reference`.
    unsafe {
        let (mut at, mut hash) = (at, hash);
        if (*map).used == (*map).cap {
            rebuild(heap, map, info);
            // The table is another now, or new (then there was no hash yet).
            if !(*map).index.is_null() {
                (at, hash) = free_place(&*map, info, key)?;
            }
        }
        let m = &mut *map;
        let i = m.used;
        if !m.index.is_null() {
            *m.index.add(at) = hash << 32 | u64::from(i + 1);
        }
        m.used += 1;
        m.count += 1;
        Ok(m.entries.add(i as usize * info.entry_size))
    }
}

/// Where the index has a place for a key that is absent, and the key's hash.
#[cold]
#[inline(never)]
unsafe fn free_place(
    map: &Map,
    info: &MapInfo,
    key: *const u8,
) -> Result<(usize, u64), EqualFault> {
    // SAFETY: by the caller, a map with an index, which has free words.
    unsafe {
        let hash = hash_key(map, info, key)?;
        let mut at = hash as u32 as usize & map.mask;
        while *map.index.add(at) != 0 {
            at = (at + 1) & map.mask;
        }
        Ok((at, hash))
    }
}

/// Makes room for at least one more entry: moves the living to new arrays, larger unless many were dead.
#[cold]
#[inline(never)]
unsafe fn rebuild(heap: &mut impl MapHeap, map: *mut Map, info: &MapInfo) {
    // While marking is on, the barrier for the header's pointers marks the old array. That stays as it is, so what is copied from it is marked as well.
    // SAFETY: by the caller, a valid map; the new arrays have room for all that live.
    unsafe {
        let (old_entries, old_index, old_mask, used) =
            ((*map).entries, (*map).index, (*map).mask, (*map).used);
        let count = (*map).count;
        if old_index.is_null() && count <= SMALL / 2 {
            let (group, room) = if old_entries.is_null() && !(*map).not_few {
                (&info.few, FEW)
            } else {
                (&info.small, SMALL)
            };
            let group = heap.alloc(group);
            heap.barrier((&raw const (*map).entries).cast(), group as u64);
            (*map).entries = group.add(8);
            (*map).cap = room as u32;
            (*map).used = 0;
        } else {
            // Double unless a quarter is dead: then the same room will do, and the work is paid for by the deletions.
            let room = if count * 4 <= used as usize * 3 {
                count.max(SMALL) * 4 / 3
            } else {
                count * 2
            };
            let (cap, words) = sizes(room + 1);
            attach(heap, map, cap, words);
        }
        if old_entries.is_null() {
            return;
        }
        let m = &mut *map;
        let dead = dead_bits(old_entries, old_index, old_mask);
        let mut to = 0u32;
        if m.index.is_null() || old_index.is_null() {
            for i in (0..used).filter(|i| !is_dead(dead, *i)) {
                let from = old_entries.add(i as usize * info.entry_size);
                let entry = m.entries.add(to as usize * info.entry_size);
                ptr::copy_nonoverlapping(from, entry, info.entry_size);
                if !m.index.is_null() {
                    // Hashed before, or of a type that cannot fail.
                    let hash = hash_key(m, info, entry).unwrap_or(0);
                    place(m, hash as u32, to);
                }
                to += 1;
            }
        } else {
            // The old index knows every hash: renumber in the order of entries through a list of hashes.
            let mut hashes = vec![0u32; used as usize];
            for at in 0..=old_mask {
                let word = *old_index.add(at);
                if word != 0 {
                    hashes[(word as u32 - 1) as usize] = (word >> 32) as u32;
                }
            }
            for i in (0..used).filter(|i| !is_dead(dead, *i)) {
                let from = old_entries.add(i as usize * info.entry_size);
                ptr::copy_nonoverlapping(
                    from,
                    m.entries.add(to as usize * info.entry_size),
                    info.entry_size,
                );
                place(m, hashes[i as usize], to);
                to += 1;
            }
        }
        m.used = to;
    }
}

/// Enters entry `i` into the index.
#[inline(always)]
unsafe fn place(map: &Map, hash: u32, i: u32) {
    // SAFETY: the index has free words.
    unsafe {
        let mut at = hash as usize & map.mask;
        while *map.index.add(at) != 0 {
            at = (at + 1) & map.mask;
        }
        *map.index.add(at) = u64::from(hash) << 32 | u64::from(i + 1);
    }
}
