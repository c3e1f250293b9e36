//! Itabs: the method tables of (interface type, concrete type) pairs, made once and kept for ever.

use std::sync::RwLock;

use bytecode::func::Func;
use bytecode::rtype::{GoSlice, GoStr, Itab, RType};
use rustc_hash::FxHashMap;

/// All itabs of a machine, and the pairs known not to match.
#[derive(Default)]
pub struct ItabTable {
    known: RwLock<FxHashMap<(usize, usize), Entry>>,
}

#[derive(Clone, Copy)]
struct Entry(*const Itab);

// SAFETY: itabs are immortal and immutable.
unsafe impl Send for Entry {}
// SAFETY: as above.
unsafe impl Sync for Entry {}

impl ItabTable {
    /// The itab of `typ` for interface type `inter`; None when `typ` lacks a method.
    pub fn get(&self, inter: *const RType, typ: *const RType) -> Option<*const Itab> {
        let key = (inter as usize, typ as usize);
        if let Some(entry) = self.known.read().unwrap().get(&key) {
            return (!entry.0.is_null()).then_some(entry.0);
        }
        // SAFETY: descriptors are immortal.
        let made = unsafe { make(&*inter, &*typ) };
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
    /// A type's methods have changed: brings its itabs up to date, in place, and forgets interfaces that it did not implement.
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
                if let Ok(funcs) = find_methods(&*itab.inter, &*typ) {
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

fn make(inter: &'static RType, typ: &'static RType) -> Option<Itab> {
    let funcs = find_methods(inter, typ).ok()?;
    Some(Itab {
        inter,
        typ,
        funcs: GoSlice::leak(funcs),
    })
}

/// The name of the first method that `typ` lacks for `inter`.
pub fn missing_method(inter: &'static RType, typ: &'static RType) -> Option<&'static str> {
    find_methods(inter, typ).err()
}

/// One pass over both method lists, which are sorted alike.
fn find_methods(
    inter: &'static RType,
    typ: &'static RType,
) -> Result<Vec<*const Func>, &'static str> {
    let have = typ.methods.items();
    let mut at = 0;
    let mut funcs = Vec::with_capacity(inter.imethods.len);
    for want in inter.imethods.items() {
        let key = |name: &GoStr, pkg: &GoStr| (name.to_str().to_owned(), pkg.to_str().to_owned());
        let wanted = key(&want.name, &want.pkg_path);
        while at < have.len() && key(&have[at].name, &have[at].pkg_path) < wanted {
            at += 1;
        }
        match have.get(at) {
            Some(method)
                if key(&method.name, &method.pkg_path) == wanted && method.typ == want.typ =>
            {
                funcs.push(method.func);
                at += 1;
            }
            _ => return Err(want.name.to_str()),
        }
    }
    Ok(funcs)
}
