//! Itabs: the method tables of (interface type, concrete type) pairs, made once and kept for ever.

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
        }
    }

    /// The itab of `typ` for interface type `inter`; None when `typ` lacks a method.
    pub fn get(&self, inter: *const RType, typ: *const RType) -> Option<*const Itab> {
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
