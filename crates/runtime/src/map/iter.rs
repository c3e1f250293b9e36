//! Iteration: a walk over the array of entries that the map had when it began.

use std::ptr;

use bytecode::rtype::RType;

use super::clash::{Use, fault, meets_writer};
use super::find::find;
use super::info::MapInfo;
use super::{Map, MapHeap, dead_bits, is_dead};
use crate::equal::{EqualFault, equal_values, may_be_unequal_to_itself};

/// An iterator object.
#[repr(C)]
pub struct MapIter {
    map: *mut Map,
    entries: *mut u8,
    index: *mut u64,
    /// The current key and element.
    pub key: *const u8,
    pub elem: *const u8,
    info: *const MapInfo,
    mask: usize,
    position: u32,
    /// Entries yet to be looked at.
    left: u32,
    /// Entries that the array held at the start: where the walk wraps around.
    end: u32,
    clears: u32,
}

/// A new iterator, before its first entry.
///
/// # Safety
/// A map or null.
pub unsafe fn iter(heap: &mut impl MapHeap, map: *mut Map) -> *mut MapIter {
    let typ: *const RType = &heap.map_types().objects().iter;
    let iter = heap.alloc(typ).cast::<MapIter>();
    // SAFETY: by the contract; the iterator is fresh and zeroed.
    unsafe {
        if map.is_null() || (*map).count == 0 {
            return iter;
        }
        let (it, m) = (&mut *iter, &*map);
        // The iterator is black, and the map may be on a grey stack only.
        heap.barrier((&raw const it.map).cast(), map as u64);
        heap.barrier((&raw const it.entries).cast(), m.entries as u64);
        heap.barrier((&raw const it.index).cast(), m.index as u64);
        it.map = map;
        it.entries = m.entries;
        it.index = m.index;
        it.mask = m.mask;
        it.info = m.info;
        it.left = m.used;
        it.end = m.used;
        it.position = (heap.random() % u64::from(m.used)) as u32;
        it.clears = m.clears;
    }
    iter
}

/// Where an iterator has come to.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    End,
    /// `key` and `elem` address the current entry.
    Entry,
    /// To where a goroutine is writing: `fault_of_iter` has the words.
    Clash,
}

/// What a step that ended in a clash is to be reported as.
///
/// # Safety
/// An iterator of which a step has ended so.
pub unsafe fn fault_of_iter(iter: *const MapIter) -> EqualFault {
    // SAFETY: by the contract.
    unsafe { fault((*iter).map, Use::MetIteration) }
}

/// Goes to the next entry.
///
/// # Safety
/// An iterator from `iter`.
pub unsafe fn iter_next(heap: &mut impl MapHeap, iter: *mut MapIter) -> Step {
    // SAFETY: by the contract; the arrays an iterator holds are kept alive by it.
    unsafe {
        let it = &mut *iter;
        if !it.map.is_null() && meets_writer(it.map, Use::MetIteration) {
            return Step::Clash;
        }
        while it.left > 0 {
            let m = &*it.map;
            let info = &*it.info;
            let i = it.position;
            it.left -= 1;
            it.position = if i + 1 == it.end { 0 } else { i + 1 };
            let entry = it.entries.add(i as usize * info.entry_size);
            let moved = m.entries != it.entries;
            // Still the map's own array: entries past `used` are gone (it was emptied).
            if !moved && i >= m.used || is_dead(dead_bits(it.entries, it.index, it.mask), i) {
                continue;
            }
            let mut current = entry;
            if moved {
                // The map has moved on: what the key is there, if it is there still.
                current = find(m, info, entry).map_or(ptr::null_mut(), |found| found.1);
                if current.is_null() {
                    // A key that does not equal itself cannot have been deleted, only cleared.
                    let is_nan = info.overwrite_key
                        && may_be_unequal_to_itself(&*info.key)
                        && !equal_values(info.key, entry, entry).unwrap_or(true);
                    if !is_nan || m.clears != it.clears {
                        continue;
                    }
                    current = entry;
                }
            }
            heap.barrier((&raw const it.key).cast(), current as u64);
            it.key = current;
            // What has no size could lie one past the array.
            it.elem = current.add(if info.elem_size == 0 {
                0
            } else {
                info.elem_offset
            });
            return Step::Entry;
        }
        heap.barrier((&raw const it.key).cast(), 0);
        it.key = ptr::null();
        it.elem = ptr::null();
        Step::End
    }
}
