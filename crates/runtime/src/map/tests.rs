//! Maps against models.

use super::*;
use crate::equal::EqualFault;
use bytecode::registry::TypeRegistry;
use bytecode::rtype::{GoStr, Kind};
use std::collections::HashMap;

/// Memory that is never freed.
#[derive(Default)]
struct Leak {
    types: MapTypes,
    random: u64,
}

impl MapHeap for Leak {
    fn alloc(&mut self, typ: *const RType) -> *mut u8 {
        self.alloc_array(typ, 1)
    }
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
    let kinds = [Kind::Int, Kind::Int32, Kind::Uint16, Kind::Float64];
    // Of all sizes, those without an index and in between included.
    let sizes = [(3, 0), (6, 0), (9, 7), (12, 8), (300, 0)];
    for (key_kind, (keys, hint)) in kinds
        .into_iter()
        .flat_map(|kind| sizes.map(|size| (kind, size)))
    {
        let typ = types.map(types.basic(key_kind), types.basic(Kind::Int));
        let map = make(&mut heap, typ, hint);
        let mut model = HashMap::new();
        for _ in 0..20_000 {
            let (key, op) = (heap.random() % keys, heap.random() % 8);
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
                            _ => assert_eq!(find_in::<_, u64>(map, $key), model.get(&key).copied()),
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
            while iter_next(&mut heap, it) == Step::Entry {
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
            while iter_next(&mut heap, it) == Step::Entry {
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
        while iter_next(&mut heap, it) == Step::Entry {
            sum += *(*it).elem.cast::<u64>();
        }
        assert_eq!(sum, 4950);
        clear(&mut heap, map).unwrap();
        assert_eq!(len(map), 0);
    }
}

#[test]
fn references_by_kind_of_key_are_those_of_any_key() {
    let (types, mut heap) = (TypeRegistry::default(), Leak::default());
    let int = types.basic(Kind::Int);
    let words = make(&mut heap, types.map(int, int), 0);
    let texts = make(&mut heap, types.map(types.basic(Kind::String), int), 0);
    unsafe {
        for i in 0..2000u64 {
            let key = i * 7 % 331;
            *reference_word(&mut heap, words, key).cast::<u64>() += i;
            let text = GoStr::leak(&format!("key {key}"));
            *reference_string(&mut heap, texts, text).cast::<u64>() += i;
            // The last of equal keys stays.
            let own = reference(&mut heap, texts, (&raw const text).cast()).unwrap();
            assert_eq!(*own.sub(16).cast::<*const u8>(), text.ptr);
        }
        assert_eq!((len(words), len(texts)), (331, 331));
        for key in 0..331u64 {
            let sum: u64 = (0..2000).filter(|i| i * 7 % 331 == key).sum();
            assert_eq!(find_in(words, key), Some(sum));
            assert_eq!(
                find_in(texts, GoStr::leak(&format!("key {key}"))),
                Some(sum)
            );
        }
    }
}

#[test]
fn narrow_keys_are_found_by_their_own_bytes() {
    let (types, mut heap) = (TypeRegistry::default(), Leak::default());
    let bool = types.basic(Kind::Bool);
    let maps = [Kind::Uint8, Kind::Uint16, Kind::Uint32]
        .map(|kind| make(&mut heap, types.map(types.basic(kind), bool), 0));
    // In a small map, and in one with an index.
    for count in [5, 200u8] {
        for key in (0..count).step_by(2) {
            unsafe {
                *reference_word(&mut heap, maps[0], key) = key;
                *reference_word(&mut heap, maps[1], u16::from(key)) = key;
                *reference_word(&mut heap, maps[2], u32::from(key)) = key;
            }
        }
        for key in 0..count {
            let found = unsafe {
                [
                    get_word(maps[0], key),
                    get_word(maps[1], u16::from(key)),
                    get_word(maps[2], u32::from(key)),
                    get(maps[1], std::ptr::null(), [key, 0].as_ptr()).unwrap(),
                ]
            };
            let values = found.map(|at| (!at.is_null()).then(|| unsafe { *at }));
            assert_eq!(values, [(key % 2 == 0).then_some(key); 4]);
        }
    }
}

#[test]
fn who_meets_a_writer_is_told() {
    let (types, mut heap) = (TypeRegistry::default(), Leak::default());
    let int = types.basic(Kind::Int);
    let typ = types.map(int, int);
    let map = make(&mut heap, typ, 0);
    let key = 1u64;
    let at = (&raw const key).cast();
    let text = |fault| match fault {
        EqualFault::Concurrent(text) => text,
        _ => panic!("another fault"),
    };
    unsafe {
        for i in 0..20u64 {
            set(&mut heap, map, i, i);
        }
        let it = iter(&mut heap, map);
        // Where it reads, what it says.
        let read = "concurrent map read and map write";
        let writing = Writing::begin(map).unwrap();
        assert_eq!(get_word(map, key), CLASH);
        assert_eq!(text(get(map, typ, at).unwrap_err()), read);
        // What has met stays, though the writer ends.
        drop(writing);
        assert_eq!(get_word(map, key), CLASH);
        assert_eq!(text(get(map, typ, at).unwrap_err()), read);

        (*map).use_now = Use::Write;
        assert_eq!(iter_next(&mut heap, it), Step::Clash);
        assert_eq!(
            text(fault_of_iter(it)),
            "concurrent map iteration and map write"
        );

        let write = "concurrent map writes";
        (*map).use_now = Use::Write;
        assert!(reference_word(&mut heap, map, key).is_null());
        assert_eq!(text(reference(&mut heap, map, at).unwrap_err()), write);
        (*map).use_now = Use::Write;
        assert_eq!(text(delete(&mut heap, map, typ, at).unwrap_err()), write);
        (*map).use_now = Use::Write;
        assert_eq!(text(clear(&mut heap, map).unwrap_err()), write);

        (*map).use_now = Use::Rest;
        assert_eq!(iter_next(&mut heap, it), Step::Entry);
        set(&mut heap, map, key, 7);
        assert_eq!((find_in(map, key), (*map).use_now), (Some(7u64), Use::Rest));
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
