//! Lookups.

use std::ptr;

use bytecode::rtype::{GoStr, PLAIN_MEMORY, RType};

use super::Map;
use super::clash::{CLASH, Use, check, meets_writer};
use super::info::{KeyKind, MapInfo};
use crate::equal::{EqualFault, bytes_equal, equal_values, hash_bytes, hash_value, hash_word};

/// Searches the index: the position of the entry's word in it and the entry, null when there is none.
#[inline(always)]
pub(super) unsafe fn probe(
    map: &Map,
    entry_size: usize,
    hash: u64,
    same: impl Fn(*mut u8) -> bool,
) -> (usize, *mut u8) {
    // SAFETY: index words name entries below `used`; there is always a free word.
    unsafe {
        let mut at = hash as u32 as usize & map.mask;
        loop {
            let word = *map.index.add(at);
            if word == 0 {
                return (at, ptr::null_mut());
            }
            if (word >> 32) as u32 == hash as u32 {
                let entry = map.entries.add((word as u32 - 1) as usize * entry_size);
                if same(entry) {
                    return (at, entry);
                }
            }
            at = (at + 1) & map.mask;
        }
    }
}

/// Searches a small map: the entry or null.
#[inline(always)]
pub(super) unsafe fn scan(map: &Map, entry_size: usize, same: impl Fn(*mut u8) -> bool) -> *mut u8 {
    if map.used == 0 {
        return ptr::null_mut();
    }
    // SAFETY: `used` entries exist; the dead word precedes them.
    unsafe {
        let dead = *map.entries.sub(8).cast::<u64>();
        let mut entry = map.entries;
        for i in 0..map.used {
            if same(entry) && dead >> i & 1 == 0 {
                return entry;
            }
            entry = entry.add(entry_size);
        }
    }
    ptr::null_mut()
}

#[inline(always)]
pub(super) unsafe fn same_string(entry: *mut u8, ptr: *const u8, len: usize) -> bool {
    // SAFETY: an entry begins with its key, a string.
    unsafe {
        let own = &*entry.cast::<GoStr>();
        own.len == len && bytes_equal(own.ptr, ptr, len)
    }
}

/// A plain key of up to 8 bytes.
pub trait WordKey: Copy + Eq + Into<u64> {}
impl WordKey for u8 {}
impl WordKey for u16 {}
impl WordKey for u32 {}
impl WordKey for u64 {}

/// The element for a plain key of this size, null when there is none, `CLASH` when a goroutine is writing.
///
/// # Safety
/// A map whose keys are such (`PLAIN_MEMORY`), or null.
#[inline]
pub unsafe fn get_word<K: WordKey>(map: *const Map, key: K) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() || (*map).count == 0 {
            return ptr::null_mut();
        }
        if meets_writer(map, Use::MetRead) {
            return CLASH;
        }
        let (map, info) = (&*map, &*(*map).info);
        let same = |entry: *mut u8| entry.cast::<K>().read_unaligned() == key;
        let entry = if map.index.is_null() {
            scan(map, info.entry_size, same)
        } else {
            probe(map, info.entry_size, hash_word(key.into(), map.seed), same).1
        };
        if entry.is_null() {
            entry
        } else {
            entry.add(info.elem_offset)
        }
    }
}

/// The element for a string key, as `get_word`.
///
/// # Safety
/// A map whose keys are strings, or null; the string is readable.
#[inline]
pub unsafe fn get_string(map: *const Map, ptr: *const u8, len: usize) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() || (*map).count == 0 {
            return ptr::null_mut();
        }
        if meets_writer(map, Use::MetRead) {
            return CLASH;
        }
        let (map, info) = (&*map, &*(*map).info);
        let same = |entry: *mut u8| same_string(entry, ptr, len);
        let entry = if map.index.is_null() {
            scan(map, info.entry_size, same)
        } else {
            probe(map, info.entry_size, hash_bytes(ptr, len, map.seed), same).1
        };
        if entry.is_null() {
            entry
        } else {
            entry.add(info.elem_offset)
        }
    }
}

/// The hash of a key in memory.
pub(super) unsafe fn hash_key(
    map: &Map,
    info: &MapInfo,
    key: *const u8,
) -> Result<u64, EqualFault> {
    // SAFETY: by the caller, a key of the map's type.
    unsafe {
        Ok(match info.kind {
            KeyKind::Word64 => hash_word(key.cast::<u64>().read_unaligned(), map.seed),
            KeyKind::Word32 => hash_word(u64::from(key.cast::<u32>().read_unaligned()), map.seed),
            KeyKind::Word16 => hash_word(u64::from(key.cast::<u16>().read_unaligned()), map.seed),
            KeyKind::Word8 => hash_word(u64::from(*key), map.seed),
            KeyKind::String => {
                let text = &*key.cast::<GoStr>();
                hash_bytes(text.ptr, text.len, map.seed)
            }
            KeyKind::Other => return hash_value(info.key, key, map.seed),
        })
    }
}

/// Finds the key's entry: (position in the index, entry or null, hash if it was needed).
pub(super) unsafe fn find(
    map: &Map,
    info: &MapInfo,
    key: *const u8,
) -> Result<(usize, *mut u8, u64), EqualFault> {
    // SAFETY: by the caller, a key of the map's type.
    unsafe {
        let size = info.entry_size;
        let small = map.index.is_null();
        let hash = if !small || info.may_fault {
            hash_key(map, info, key)?
        } else {
            0
        };
        macro_rules! search {
            ($same:expr) => {{
                let same = $same;
                if small {
                    (0, scan(map, size, same))
                } else {
                    probe(map, size, hash, same)
                }
            }};
        }
        macro_rules! search_word {
            ($word:ty) => {{
                let key = key.cast::<$word>().read_unaligned();
                search!(|entry: *mut u8| entry.cast::<$word>().read_unaligned() == key)
            }};
        }
        let (at, entry) = match info.kind {
            KeyKind::Word64 => search_word!(u64),
            KeyKind::Word32 => search_word!(u32),
            KeyKind::Word16 => search_word!(u16),
            KeyKind::Word8 => search_word!(u8),
            KeyKind::String => {
                let GoStr { ptr, len } = *key.cast::<GoStr>();
                search!(|entry: *mut u8| same_string(entry, ptr, len))
            }
            // The key has been hashed if it could fail, and so have all in the map: comparing them cannot.
            KeyKind::Other => {
                search!(|entry: *mut u8| equal_values(info.key, entry, key).unwrap_or(false))
            }
        };
        Ok((at, entry, hash))
    }
}

/// The element for a key in memory, or null.
///
/// # Safety
/// A map of type `typ`, or null; `key` addresses a key.
pub unsafe fn get(
    map: *const Map,
    typ: *const RType,
    key: *const u8,
) -> Result<*mut u8, EqualFault> {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() {
            // An unhashable key is an error even there.
            let key_type = &*(*typ).key;
            if key_type.flags & PLAIN_MEMORY == 0 {
                hash_value(key_type, key, 0)?;
            }
            return Ok(ptr::null_mut());
        }
        let info = &*(*map).info;
        if (*map).count != 0 {
            check(map, Use::MetRead)?;
        }
        let (_, entry, _) = find(&*map, info, key)?;
        Ok(if entry.is_null() {
            entry
        } else {
            entry.add(info.elem_offset)
        })
    }
}
