//! Itabs: the method tables of (interface type, concrete type) pairs, made once and kept for ever.

use std::sync::atomic::{AtomicPtr, Ordering};
use std::sync::{Arc, RwLock};

use bytecode::func::Func;
use bytecode::registry::TypeRegistry;
use bytecode::rtype::{GoSlice, Itab, RType};
use rustc_hash::FxHashMap;

/// All itabs of a machine, and the pairs known not to match.
#[derive(Default)]
pub struct ItabTable {
    types: Arc<TypeRegistry>,
    known: RwLock<FxHashMap<(usize, usize), Entry>>,
    recent: Recent,
}

/// Answers that were given, by a hash of the pair: read without a lock.
struct Recent([AtomicPtr<Answer>; RECENT]);

const RECENT: usize = 256;

struct Answer {
    inter: usize,
    typ: usize,
    itab: Option<*const Itab>,
}

impl Default for Recent {
    fn default() -> Recent {
        Recent(std::array::from_fn(|_| AtomicPtr::default()))
    }
}

impl Recent {
    /// The two places of a pair.
    fn places(&self, inter: usize, typ: usize) -> [&AtomicPtr<Answer>; 2] {
        let hash = (inter >> 4 ^ typ.rotate_right(5)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let at = hash >> (usize::BITS - RECENT.trailing_zeros());
        [&self.0[at], &self.0[at ^ 1]]
    }

    #[inline]
    fn get(&self, inter: usize, typ: usize) -> Option<Option<*const Itab>> {
        self.places(inter, typ).into_iter().find_map(|place| {
            // SAFETY: null, or immortal.
            let answer = unsafe { place.load(Ordering::Acquire).as_ref()? };
            (answer.inter == inter && answer.typ == typ).then_some(answer.itab)
        })
    }

    /// Remembers an answer, if there is room: a place is taken once, for its reader may look at it for ever.
    fn put(&self, inter: usize, typ: usize, itab: Option<*const Itab>) {
        for place in self.places(inter, typ) {
            if !place.load(Ordering::Relaxed).is_null() {
                continue;
            }
            let answer = Box::into_raw(Box::new(Answer { inter, typ, itab }));
            let empty = std::ptr::null_mut();
            let put = place.compare_exchange(empty, answer, Ordering::AcqRel, Ordering::Relaxed);
            if put.is_ok() {
                return;
            }
            // SAFETY: nobody has seen it.
            drop(unsafe { Box::from_raw(answer) });
        }
    }

    fn clear(&self) {
        for place in &self.0 {
            place.store(std::ptr::null_mut(), Ordering::Release);
        }
    }
}

#[derive(Clone, Copy)]
struct Entry(*const Itab);

// SAFETY: itabs are immortal and immutable.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl ItabTable {
    /// A table for types of this registry.
    pub fn new(types: Arc<TypeRegistry>) -> ItabTable {
        ItabTable {
            types,
            known: RwLock::default(),
            recent: Recent::default(),
        }
    }

    /// The itab of `typ` for interface type `inter`; None when `typ` lacks a method.
    pub fn get(&self, inter: *const RType, typ: *const RType) -> Option<*const Itab> {
        let (i, t) = (inter as usize, typ as usize);
        if let Some(answer) = self.recent.get(i, t) {
            return answer;
        }
        let itab = self.find(inter, typ);
        self.recent.put(i, t, itab);
        itab
    }

    fn find(&self, inter: *const RType, typ: *const RType) -> Option<*const Itab> {
        let key = (inter as usize, typ as usize);
        if let Some(entry) = self.known.read().unwrap().get(&key) {
            return (!entry.0.is_null()).then_some(entry.0);
        }
        // Outside of the lock, since the compiler may have to be asked.
        // SAFETY: descriptors are immortal.
        let made = unsafe { self.make(&*inter, &*typ) };
        let mut known = self.known.write().unwrap();
        let entry = known.entry(key).or_insert_with(|| {
            Entry(made.map_or(std::ptr::null(), |itab| {
                Box::leak(Box::new(itab)) as *const Itab
            }))
        });
        (!entry.0.is_null()).then_some(entry.0)
    }
}

impl ItabTable {
    fn make(&self, inter: &'static RType, typ: &'static RType) -> Option<Itab> {
        let funcs = find_methods(&self.types, inter, typ).ok()?;
        Some(Itab {
            inter,
            typ,
            funcs: GoSlice::leak(funcs),
        })
    }

    /// A type's methods have changed, and its method table is made: brings its itabs up to date, in place, and forgets interfaces that it did not implement.
    ///
    /// # Safety
    /// No goroutine is running.
    pub unsafe fn refresh(&self, typ: *const RType) {
        self.recent.clear();
        self.known.write().unwrap().retain(|key, entry| {
            if key.1 != typ as usize {
                return true;
            }
            if entry.0.is_null() {
                return false;
            }
            // SAFETY: itabs and descriptors are immortal; nobody reads them now.
            unsafe {
                let itab = &*entry.0;
                if let Ok(funcs) = find_methods(&self.types, &*itab.inter, &*typ) {
                    std::ptr::copy_nonoverlapping(
                        funcs.as_ptr(),
                        itab.funcs.ptr.cast_mut(),
                        funcs.len(),
                    );
                }
            }
            true
        });
    }
}

/// The functions behind an interface type's methods, or the name of the first one that `typ` lacks.
pub(crate) fn find_methods(
    types: &TypeRegistry,
    inter: &'static RType,
    typ: &'static RType,
) -> Result<Vec<*const Func>, &'static str> {
    let mut funcs = Vec::with_capacity(inter.imethods.len);
    for want in inter.imethods.items() {
        match types.method(typ, want.name.to_str(), want.pkg_path.to_str()) {
            Some(method) if method.typ == want.typ => funcs.push(method.func),
            _ => return Err(want.name.to_str()),
        }
    }
    Ok(funcs)
}
