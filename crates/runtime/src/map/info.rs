//! What is derived from a map type once.

use std::sync::Mutex;
use std::sync::atomic::{AtomicPtr, Ordering};

use bytecode::rtype::{Kind, PLAIN_MEMORY, RType};
use rustc_hash::FxHashMap;

use super::{FEW, Map, MapIter, SMALL};
use crate::layout::composed_layout;

/// How keys of a map are hashed and compared.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum KeyKind {
    Word64,
    Word32,
    Word16,
    Word8,
    String,
    /// By descriptor.
    Other,
}

/// What is derived from a map type once: the layout of entries and the types of the objects.
#[repr(C)]
pub struct MapInfo {
    pub typ: *const RType,
    pub(super) key: *const RType,
    pub(super) elem: *const RType,
    pub(super) key_size: usize,
    pub(super) elem_size: usize,
    pub(super) elem_offset: usize,
    pub(super) entry_size: usize,
    pub(super) kind: KeyKind,
    /// An assignment to an existing entry replaces the key as well: equal keys can differ (+0 and -0), or keep other memory alive.
    pub(super) overwrite_key: bool,
    /// Hashing may fail: the key holds interfaces. Such keys are hashed even where the hash is not needed.
    pub(super) may_fault: bool,
    /// `struct{key; elem}`.
    pub(super) entry: RType,
    /// `struct{dead uint64; entries [FEW]entry}`.
    pub(super) few: RType,
    /// `struct{dead uint64; entries [SMALL]entry}`.
    pub(super) small: RType,
}

const RECENT: usize = 64;

struct Recent([AtomicPtr<MapInfo>; RECENT]);

impl Default for Recent {
    fn default() -> Recent {
        Recent(std::array::from_fn(|_| AtomicPtr::default()))
    }
}

impl Recent {
    fn place(&self, typ: *const RType) -> &AtomicPtr<MapInfo> {
        let hash = (typ as usize >> 4).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        &self.0[hash >> (usize::BITS - RECENT.trailing_zeros())]
    }
}

/// The map types that have been used, by address.
#[derive(Default)]
pub struct MapTypes {
    /// Some of them, by a hash of the address: found without the lock.
    recent: Recent,
    infos: Mutex<FxHashMap<usize, &'static MapInfo>>,
    /// The layouts of the two fixed objects.
    objects: std::sync::OnceLock<Objects>,
}

pub(super) struct Objects {
    pub(super) header: RType,
    pub(super) iter: RType,
}

// SAFETY: descriptors are immutable and immortal.
unsafe impl Send for MapInfo {}

// SAFETY: as above.
unsafe impl Sync for MapInfo {}

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
        let group = |room| {
            let parts: Vec<_> = (0..room).map(|i| (8 + i * entry_size, &entry)).collect();
            composed_layout(8 + room * entry_size, &[], &parts)
        };
        let (few, small) = (group(FEW), group(SMALL));
        let plain = key.flags & PLAIN_MEMORY != 0;
        let kind = match key.size {
            8 if plain => KeyKind::Word64,
            4 if plain => KeyKind::Word32,
            2 if plain => KeyKind::Word16,
            1 if plain => KeyKind::Word8,
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
            few,
            small,
        }
    }
}

impl MapTypes {
    /// The layout for a map type.
    pub fn info(&self, typ: *const RType) -> &'static MapInfo {
        let recent = self.recent.place(typ);
        // SAFETY: null, or immortal and immutable.
        if let Some(info) = unsafe { recent.load(Ordering::Acquire).as_ref() }
            && info.typ == typ
        {
            return info;
        }
        let info = self.find(typ);
        recent.store(std::ptr::from_ref(info).cast_mut(), Ordering::Release);
        info
    }

    fn find(&self, typ: *const RType) -> &'static MapInfo {
        let mut infos = self.infos.lock().unwrap_or_else(|e| e.into_inner());
        infos
            .entry(typ as usize)
            .or_insert_with(|| Box::leak(Box::new(MapInfo::new(typ))))
    }

    pub(super) fn objects(&self) -> &Objects {
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
