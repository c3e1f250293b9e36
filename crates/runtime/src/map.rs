//! Go's maps.
//!
//! A map is a header object and one or two further heap objects:
//!
//! * *entries*: an array of `{key, elem}` in order of insertion, appended to and never moved within;
//! * *index* (absent while there are at most `SMALL` entries): an open-addressing table of words
//!   `hash << 32 | entry number + 1`, probed linearly from `hash & mask` (32 bits of hash); 0 is free. Deletion shifts back, so there are no tombstones in it.
//!   Behind its words lies the bitmap of dead entries.
//!
//! A small map is searched by comparing keys one after the other; its dead bits are in the word before the entries.
//! When the entries are full the map is *rebuilt*: the living are copied to a new array, larger if most were alive. The old arrays stay as
//! they were, which is what makes iteration simple: an iterator walks the array it began with from a random place, and once
//! the map has left that array, looks up each of its keys in the new one.
//!
//! All of it is ordinary garbage-collected memory whose pointers are described by types, so the collector knows nothing of maps. A
//! pointer to an element is good until the map's next insertion.

use std::ptr;
use std::sync::Mutex;

use bytecode::rtype::{GoStr, Kind, PLAIN_MEMORY, RType};
use rustc_hash::FxHashMap;

use crate::equal::{
    EqualFault, bytes_equal, equal_values, hash_bytes, hash_value, hash_word,
    may_be_unequal_to_itself,
};
use crate::layout::composed_layout;
use crate::runtime::M;

/// Entries of a map without an index.
const SMALL: usize = 8;

/// How keys of a map are hashed and compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum KeyKind {
    Word64,
    Word32,
    String,
    /// By descriptor.
    Other,
}

/// What is derived from a map type once: the layout of entries and the types of the objects.
#[repr(C)]
pub struct MapInfo {
    pub typ: *const RType,
    key: *const RType,
    elem: *const RType,
    key_size: usize,
    elem_size: usize,
    elem_offset: usize,
    entry_size: usize,
    kind: KeyKind,
    /// An assignment to an existing entry replaces the key as well: equal keys can differ (+0 and -0), or keep other memory alive.
    overwrite_key: bool,
    /// Hashing may fail: the key holds interfaces. Such keys are hashed even where the hash is not needed.
    may_fault: bool,
    /// `struct{key; elem}`.
    entry: RType,
    /// `struct{dead uint64; entries [SMALL]entry}`.
    small: RType,
}

/// The map types that have been used, by address.
#[derive(Default)]
pub struct MapTypes {
    infos: Mutex<FxHashMap<usize, &'static MapInfo>>,
    /// The layouts of the two fixed objects.
    objects: std::sync::OnceLock<Objects>,
}

struct Objects {
    header: RType,
    iter: RType,
}

// SAFETY: descriptors are immutable and immortal.
unsafe impl Send for MapInfo {}
// SAFETY: as above.
unsafe impl Sync for MapInfo {}

/// The heap as maps need it: zeroed objects. Allocation never collects.
pub trait MapHeap {
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
    seed: u64,
    /// Counts `clear`s.
    clears: u64,
    /// A goroutine is writing.
    writing: bool,
}

/// A goroutine writes to the map, until this is dropped. Goroutines that write at the same time without a lock are found out by chance, as in Go.
struct Writing(*mut Map);

impl Writing {
    unsafe fn begin(map: *mut Map) -> Result<Writing, EqualFault> {
        // SAFETY: by the caller, a map; others may be writing the flag.
        unsafe {
            let flag = &raw mut (*map).writing;
            if flag.read_volatile() {
                return Err(EqualFault::Concurrent("concurrent map writes"));
            }
            flag.write_volatile(true);
        }
        Ok(Writing(map))
    }
}

impl Drop for Writing {
    fn drop(&mut self) {
        // SAFETY: the map that `begin` was given.
        unsafe { (&raw mut (*self.0).writing).write_volatile(false) };
    }
}

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
    clears: u64,
}

impl MapInfo {
    fn new(typ: *const RType) -> MapInfo {
        // SAFETY: a map type's descriptor and its parts.
        let (key, elem) = unsafe { (&*(*typ).key, &*(*typ).elem) };
        let elem_align = usize::from(elem.align.max(1));
        let align = elem_align
            .max(usize::from(key.align.max(1)))
            .max(if key.size % 8 == 0 { 8 } else { 1 });
        let elem_offset = key.size.next_multiple_of(elem_align);
        // An entry is never empty, so that entry numbers and addresses correspond.
        let entry_size = (elem_offset + elem.size).next_multiple_of(align).max(1);
        let has_pointers = key.has_pointers() || elem.has_pointers();
        let entry_size = if has_pointers {
            entry_size.next_multiple_of(8)
        } else {
            entry_size
        };
        let entry = composed_layout(entry_size, &[], &[(0, key), (elem_offset, elem)]);
        let parts: Vec<_> = (0..SMALL).map(|i| (8 + i * entry_size, &entry)).collect();
        let small = composed_layout(8 + SMALL * entry_size, &[], &parts);
        let plain = key.flags & PLAIN_MEMORY != 0;
        let kind = match key.size {
            8 if plain => KeyKind::Word64,
            4 if plain => KeyKind::Word32,
            _ if key.kind == Kind::String => KeyKind::String,
            _ => KeyKind::Other,
        };
        MapInfo {
            typ,
            key,
            elem,
            key_size: key.size,
            elem_size: elem.size,
            elem_offset,
            entry_size,
            kind,
            overwrite_key: !plain,
            may_fault: holds_interface(key),
            entry,
            small,
        }
    }
}

impl MapTypes {
    /// The layout for a map type.
    pub fn info(&self, typ: *const RType) -> &'static MapInfo {
        let mut infos = self.infos.lock().unwrap_or_else(|e| e.into_inner());
        infos
            .entry(typ as usize)
            .or_insert_with(|| Box::leak(Box::new(MapInfo::new(typ))))
    }

    fn objects(&self) -> &Objects {
        self.objects.get_or_init(|| Objects {
            // entries, index
            header: composed_layout(size_of::<Map>(), &[1, 2], &[]),
            // map, entries, index, key, elem
            iter: composed_layout(size_of::<MapIter>(), &[0, 1, 2, 3, 4], &[]),
        })
    }
}

fn holds_interface(typ: &RType) -> bool {
    // SAFETY: parts of a descriptor are descriptors.
    unsafe {
        match typ.kind {
            Kind::Interface => true,
            Kind::Array => holds_interface(&*typ.elem),
            Kind::Struct => typ.fields.items().iter().any(|f| holds_interface(&*f.typ)),
            _ => false,
        }
    }
}

/// `make(map, hint)`.
pub fn make(heap: &mut impl MapHeap, typ: *const RType, hint: usize) -> *mut Map {
    let info = heap.map_types().info(typ);
    let header: *const RType = &heap.map_types().objects().header;
    let map = heap.alloc_array(header, 1).cast::<Map>();
    // SAFETY: a fresh zeroed header.
    unsafe {
        (*map).info = info;
        (*map).seed = heap.random();
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

/// Searches the index: the position of the entry's word in it and the entry, null when there is none.
#[inline(always)]
unsafe fn probe(
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
unsafe fn scan(map: &Map, entry_size: usize, same: impl Fn(*mut u8) -> bool) -> *mut u8 {
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
unsafe fn same_string(entry: *mut u8, ptr: *const u8, len: usize) -> bool {
    // SAFETY: an entry begins with its key, a string.
    unsafe {
        let own = &*entry.cast::<GoStr>();
        own.len == len && bytes_equal(own.ptr, ptr, len)
    }
}

/// The element for an 8-byte plain key, or null.
///
/// # Safety
/// A map whose keys are such (`PLAIN_MEMORY`, 8 bytes), or null.
#[inline]
pub unsafe fn get_word(map: *const Map, key: u64) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() || (*map).count == 0 {
            return ptr::null_mut();
        }
        let (map, info) = (&*map, &*(*map).info);
        let same = |entry: *mut u8| *entry.cast::<u64>() == key;
        let entry = if map.index.is_null() {
            scan(map, info.entry_size, same)
        } else {
            probe(map, info.entry_size, hash_word(key, map.seed), same).1
        };
        if entry.is_null() {
            entry
        } else {
            entry.add(info.elem_offset)
        }
    }
}

/// The element for a string key, or null.
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
unsafe fn hash_key(map: &Map, info: &MapInfo, key: *const u8) -> Result<u64, EqualFault> {
    // SAFETY: by the caller, a key of the map's type.
    unsafe {
        Ok(match info.kind {
            KeyKind::Word64 => hash_word(key.cast::<u64>().read_unaligned(), map.seed),
            KeyKind::Word32 => hash_word(u64::from(key.cast::<u32>().read_unaligned()), map.seed),
            KeyKind::String => {
                let text = &*key.cast::<GoStr>();
                hash_bytes(text.ptr, text.len, map.seed)
            }
            KeyKind::Other => return hash_value(info.key, key, map.seed),
        })
    }
}

/// Finds the key's entry: (position in the index, entry or null, hash if it was needed).
unsafe fn find(
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
        let (at, entry) = match info.kind {
            KeyKind::Word64 => {
                let key = key.cast::<u64>().read_unaligned();
                search!(|entry: *mut u8| entry.cast::<u64>().read_unaligned() == key)
            }
            KeyKind::Word32 => {
                let key = key.cast::<u32>().read_unaligned();
                search!(|entry: *mut u8| entry.cast::<u32>().read_unaligned() == key)
            }
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
        let (_, entry, _) = find(&*map, info, key)?;
        Ok(if entry.is_null() {
            entry
        } else {
            entry.add(info.elem_offset)
        })
    }
}

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
        insert(heap, map, info, key, at, hash)
    }
}

/// Appends an entry for a key that is absent; `at` is its place in the index.
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
        let mut place = Some(at);
        if (*map).used == (*map).cap {
            rebuild(heap, map, info);
            place = None;
        }
        let m = &mut *map;
        let i = m.used;
        if !m.index.is_null() {
            let (mut at, mut hash) = (at, hash);
            if place.is_none() {
                // The table is another now, or new (then there was no hash yet).
                hash = hash_key(m, info, key)?;
                at = hash as u32 as usize & m.mask;
                while *m.index.add(at) != 0 {
                    at = (at + 1) & m.mask;
                }
            }
            *m.index.add(at) = hash << 32 | u64::from(i + 1);
        }
        m.used += 1;
        m.count += 1;
        let entry = m.entries.add(i as usize * info.entry_size);
        heap.barrier_values(&*info.key, key, 1);
        ptr::copy_nonoverlapping(key, entry, info.key_size);
        Ok(entry.add(info.elem_offset))
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
        if old_entries.is_null() || count <= SMALL / 2 && old_index.is_null() {
            let group = heap.alloc_array(&info.small, 1);
            heap.barrier((&raw const (*map).entries).cast(), group as u64);
            (*map).entries = group.add(8);
            (*map).cap = SMALL as u32;
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
pub unsafe fn clear(heap: &mut impl MapHeap, map: *mut Map) {
    // SAFETY: by the contract.
    unsafe {
        if map.is_null() {
            return;
        }
        let m = &mut *map;
        m.clears += 1;
        if m.used == 0 {
            return;
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
    }
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

/// A new iterator, before its first entry.
///
/// # Safety
/// A map or null.
pub unsafe fn iter(heap: &mut impl MapHeap, map: *mut Map) -> *mut MapIter {
    let typ: *const RType = &heap.map_types().objects().iter;
    let iter = heap.alloc_array(typ, 1).cast::<MapIter>();
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

/// Goes to the next entry; false when there is none. `key` and `elem` then address the current one.
///
/// # Safety
/// An iterator from `iter`.
pub unsafe fn iter_next(heap: &mut impl MapHeap, iter: *mut MapIter) -> bool {
    // SAFETY: by the contract; the arrays an iterator holds are kept alive by it.
    unsafe {
        let it = &mut *iter;
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
            return true;
        }
        heap.barrier((&raw const it.key).cast(), 0);
        it.key = ptr::null();
        it.elem = ptr::null();
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytecode::registry::TypeRegistry;
    use std::collections::HashMap;

    /// Memory that is never freed.
    #[derive(Default)]
    struct Leak {
        types: MapTypes,
        random: u64,
    }

    impl MapHeap for Leak {
        fn alloc_array(&mut self, typ: *const RType, count: usize) -> *mut u8 {
            self.alloc_noscan(unsafe { (*typ).size } * count)
        }
        fn alloc_noscan(&mut self, size: usize) -> *mut u8 {
            Box::leak(vec![0u64; size.div_ceil(8)].into_boxed_slice())
                .as_mut_ptr()
                .cast()
        }
        fn random(&mut self) -> u64 {
            self.random = self
                .random
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            self.random >> 11
        }
        fn map_types(&self) -> &MapTypes {
            &self.types
        }
    }

    unsafe fn set<K, V>(heap: &mut Leak, map: *mut Map, key: K, value: V) {
        unsafe {
            reference(heap, map, (&raw const key).cast())
                .unwrap()
                .cast::<V>()
                .write(value)
        }
    }
    unsafe fn find_in<K, V: Copy>(map: *mut Map, key: K) -> Option<V> {
        unsafe {
            let at = get(map, (*(*map).info).typ, (&raw const key).cast()).unwrap();
            (!at.is_null()).then(|| *at.cast::<V>())
        }
    }
    unsafe fn remove<K>(heap: &mut Leak, map: *mut Map, key: K) {
        unsafe { delete(heap, map, (*(*map).info).typ, (&raw const key).cast()).unwrap() }
    }

    #[test]
    fn behaves_like_a_map_under_random_operations() {
        let (types, mut heap) = (TypeRegistry::default(), Leak::default());
        for key_kind in [Kind::Int, Kind::Int32, Kind::Uint16, Kind::Float64] {
            let typ = types.map(types.basic(key_kind), types.basic(Kind::Int));
            let map = make(&mut heap, typ, 0);
            let mut model = HashMap::new();
            for _ in 0..20_000 {
                let (key, op) = (heap.random() % 300, heap.random() % 8);
                macro_rules! step {
                    ($key:expr) => {
                        unsafe {
                            match op {
                                0..=3 => {
                                    set(&mut heap, map, $key, key * 7);
                                    model.insert(key, key * 7);
                                }
                                4..=6 => {
                                    remove(&mut heap, map, $key);
                                    model.remove(&key);
                                }
                                _ => assert_eq!(
                                    find_in::<_, u64>(map, $key),
                                    model.get(&key).copied()
                                ),
                            }
                        }
                    };
                }
                match key_kind {
                    Kind::Int => step!(key),
                    Kind::Int32 => step!(key as u32),
                    Kind::Uint16 => step!(key as u16),
                    _ => step!(key as f64),
                }
                assert_eq!(unsafe { len(map) }, model.len());
            }
            let mut seen = 0;
            unsafe {
                let it = iter(&mut heap, map);
                while iter_next(&mut heap, it) {
                    seen += 1;
                    assert!(model.values().any(|v| *v == *(*it).elem.cast::<u64>()));
                }
            }
            assert_eq!(seen, model.len());
        }
    }

    #[test]
    fn iteration_survives_growth_and_deletion() {
        let (types, mut heap) = (TypeRegistry::default(), Leak::default());
        let typ = types.map(types.basic(Kind::Int), types.basic(Kind::Int));
        for before in [3u64, 8, 9, 40, 1000] {
            let map = make(&mut heap, typ, 0);
            let mut seen = HashMap::new();
            unsafe {
                (0..before).for_each(|k| set(&mut heap, map, k, k));
                let it = iter(&mut heap, map);
                while iter_next(&mut heap, it) {
                    let key = *(*it).key.cast::<u64>();
                    *seen.entry(key).or_insert(0) += 1;
                    assert!(
                        key % 2 == 0 || key >= 10_000 || seen.len() == 1,
                        "deleted key {key} was produced"
                    );
                    if seen.len() == 1 {
                        (0..before)
                            .filter(|k| k % 2 == 1)
                            .for_each(|k| remove(&mut heap, map, k));
                        (10_000..10_000 + 2 * before).for_each(|k| set(&mut heap, map, k, k));
                    }
                }
            }
            assert!(seen.values().all(|n| *n == 1));
            assert!((0..before).step_by(2).all(|k| seen.contains_key(&k)));
        }
    }

    #[test]
    fn nan_keys_are_counted_iterated_and_never_found() {
        let (types, mut heap) = (TypeRegistry::default(), Leak::default());
        let map = make(
            &mut heap,
            types.map(types.basic(Kind::Float64), types.basic(Kind::Int)),
            0,
        );
        unsafe {
            (0..100u64).for_each(|i| set(&mut heap, map, f64::NAN, i));
            assert_eq!(len(map), 100);
            assert_eq!(find_in::<_, u64>(map, f64::NAN), None);
            let it = iter(&mut heap, map);
            let mut sum = 0;
            while iter_next(&mut heap, it) {
                sum += *(*it).elem.cast::<u64>();
            }
            assert_eq!(sum, 4950);
            clear(&mut heap, map);
            assert_eq!(len(map), 0);
        }
    }

    #[test]
    fn string_keys() {
        let (types, mut heap) = (TypeRegistry::default(), Leak::default());
        let map = make(
            &mut heap,
            types.map(types.basic(Kind::String), types.basic(Kind::Int)),
            100,
        );
        unsafe {
            for i in 0..500u64 {
                set(&mut heap, map, GoStr::leak(&format!("key{i}")), i);
            }
            for i in 0..500u64 {
                let key = format!("key{i}");
                assert_eq!(*get_string(map, key.as_ptr(), key.len()).cast::<u64>(), i);
            }
            assert!(get_string(map, "absent".as_ptr(), 6).is_null());
        }
    }
}
