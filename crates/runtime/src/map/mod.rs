//! Go's maps.
//!
//! A map is a header object and one or two further heap objects:
//!
//! * *entries*: an array of `{key, elem}` in order of insertion, appended to and never moved within;
//! * *index* (absent while there are at most `SMALL` entries): an open-addressing table of words
//!   `hash << 32 | entry number + 1`, probed linearly from `hash & mask` (32 bits of hash); 0 is free. Deletion shifts back, so there are no tombstones in it.
//!   Behind its words lies the bitmap of dead entries.
//!
//! A small map is searched by comparing keys one after the other; its dead bits are in the word before the entries. Most small maps are very small: the first array has
//! room for `FEW`, if no more were announced.
//! When the entries are full the map is *rebuilt*: the living are copied to a new array, larger if most were alive. The old arrays stay as
//! they were, which is what makes iteration simple: an iterator walks the array it began with from a random place, and once
//! the map has left that array, looks up each of its keys in the new one.
//!
//! All of it is ordinary garbage-collected memory whose pointers are described by types, so the collector knows nothing of maps. A
//! pointer to an element is good until the map's next insertion.

mod clash;
mod delete;
mod find;
mod info;
mod insert;
mod iter;
#[cfg(test)]
mod tests;

use bytecode::rtype::RType;

pub use self::clash::CLASH;
use self::clash::{Use, Writing};
pub use self::delete::{clear, delete};
pub use self::find::{WordKey, get, get_string, get_word};
pub use self::info::{MapInfo, MapTypes};
pub use self::insert::{reference, reference_string, reference_word};
pub use self::iter::{MapIter, Step, fault_of_iter, iter, iter_next};
use crate::runtime::M;

/// Entries of a map without an index.
const SMALL: usize = 8;
/// Entries of such a map at first.
const FEW: usize = 4;

/// The header, what a value of map type points to.
#[repr(C)]
pub struct Map {
    /// Living entries: `len(m)`; read by engines.
    pub count: usize,
    entries: *mut u8,
    index: *mut u64,
    /// Words of the index less one; 0 while small.
    mask: usize,
    /// Entries begun, dead ones included, and room.
    used: u32,
    cap: u32,
    info: *const MapInfo,
    /// Of the hash; chosen with the first index.
    seed: u64,
    use_now: Use,
    /// More than `FEW` entries were announced.
    not_few: bool,
    /// Counts `clear`s.
    clears: u32,
}

/// The heap as maps need it: zeroed objects. Allocation never collects.
pub trait MapHeap {
    /// A value of the type.
    fn alloc(&mut self, typ: *const RType) -> *mut u8;
    /// An array of `count` values of the type.
    fn alloc_array(&mut self, typ: *const RType, count: usize) -> *mut u8;
    /// Pointer-free memory.
    fn alloc_noscan(&mut self, size: usize) -> *mut u8;
    /// A random number.
    fn random(&mut self) -> u64;
    fn map_types(&self) -> &MapTypes;
    /// The collector's barriers (`heap::barrier`): before a pointer word is stored, before values are overwritten, before they are cleared or after
    /// they have been copied to a new object.
    ///
    /// # Safety
    /// As those of `M`.
    unsafe fn barrier(&mut self, _at: *const u64, _new: u64) {}
    /// # Safety
    /// As those of `M`.
    unsafe fn barrier_copy(&mut self, _typ: &RType, _to: *const u8, _from: *const u8) {}
    /// # Safety
    /// As those of `M`.
    unsafe fn barrier_values(&mut self, _typ: &RType, _at: *const u8, _count: usize) {}
}

impl MapHeap for M {
    fn alloc(&mut self, typ: *const RType) -> *mut u8 {
        M::alloc(self, typ)
    }
    fn alloc_array(&mut self, typ: *const RType, count: usize) -> *mut u8 {
        M::alloc_array(self, typ, count)
    }
    fn alloc_noscan(&mut self, size: usize) -> *mut u8 {
        M::alloc_noscan(self, size)
    }
    fn random(&mut self) -> u64 {
        self.rt().random()
    }
    fn map_types(&self) -> &MapTypes {
        &self.rt().map_types
    }
    #[inline(always)]
    unsafe fn barrier(&mut self, at: *const u64, new: u64) {
        // SAFETY: by the contract.
        unsafe { M::barrier(self, at, new) }
    }
    #[inline(always)]
    unsafe fn barrier_copy(&mut self, typ: &RType, to: *const u8, from: *const u8) {
        // SAFETY: by the contract.
        unsafe { M::barrier_copy(self, typ, to, from, 1) }
    }
    #[inline(always)]
    unsafe fn barrier_values(&mut self, typ: &RType, at: *const u8, count: usize) {
        // SAFETY: by the contract.
        unsafe { M::barrier_values(self, typ, at, count) }
    }
}

/// `make(map, hint)`. A hint is only that: what no memory could hold is not taken seriously.
pub fn make(heap: &mut impl MapHeap, typ: *const RType, hint: i64) -> *mut Map {
    const MOST: usize = 1 << 28;
    let hint = usize::try_from(hint).map_or(0, |hint| if hint < MOST { hint } else { 0 });
    let info = heap.map_types().info(typ);
    let header: *const RType = &heap.map_types().objects().header;
    let map = heap.alloc(header).cast::<Map>();
    // SAFETY: a fresh zeroed header.
    unsafe {
        (*map).info = info;
        (*map).not_few = hint > FEW;
        if hint > SMALL {
            let (cap, words) = sizes(hint);
            attach(heap, map, cap, words);
        }
    }
    map
}

/// Room and index words for at least `entries` entries: the index is a power of two, at most 5/8 full.
fn sizes(entries: usize) -> (usize, usize) {
    let words = (entries.max(SMALL + 1) * 8).div_ceil(5).next_power_of_two();
    (words / 8 * 5, words)
}

/// Gives the map fresh arrays with an index.
unsafe fn attach(heap: &mut impl MapHeap, map: *mut Map, cap: usize, words: usize) {
    assert!(cap < u32::MAX as usize, "map with more than 2^32 entries");
    // SAFETY: by the caller, a valid header.
    unsafe {
        let info = &*(*map).info;
        // Neither object is reachable until stored, but allocation never collects.
        let entries = heap.alloc_array(&info.entry, cap);
        let index = heap
            .alloc_noscan(words * 8 + cap.div_ceil(64) * 8)
            .cast::<u64>();
        heap.barrier((&raw const (*map).entries).cast(), entries as u64);
        heap.barrier((&raw const (*map).index).cast(), index as u64);
        if (*map).index.is_null() {
            (*map).seed = heap.random();
        }
        (*map).entries = entries;
        (*map).index = index;
        (*map).mask = words - 1;
        (*map).cap = cap as u32;
        (*map).used = 0;
    }
}

/// The bitmap of dead entries of a pair of arrays.
#[inline(always)]
unsafe fn dead_bits(entries: *mut u8, index: *mut u64, mask: usize) -> *mut u64 {
    // SAFETY: see the module's comment on layouts.
    unsafe {
        if index.is_null() {
            entries.sub(8).cast()
        } else {
            index.add(mask + 1)
        }
    }
}

#[inline(always)]
unsafe fn is_dead(bits: *mut u64, i: u32) -> bool {
    // SAFETY: the bitmap covers all entries.
    unsafe { *bits.add(i as usize / 64) >> (i % 64) & 1 != 0 }
}

/// `len(m)`.
///
/// # Safety
/// A map or null.
#[inline(always)]
pub unsafe fn len(map: *const Map) -> usize {
    // SAFETY: by the contract.
    if map.is_null() {
        0
    } else {
        unsafe { (*map).count }
    }
}
