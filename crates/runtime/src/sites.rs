//! What the call sites of closures and interface methods have been seen to call.
//!
//! The interpreter notes at such a site the first two functions that it calls there, and whether there were more. Linking gives each site its number, which it writes
//! into the instruction, so that noting costs a load and a comparison where nothing is new. A compiler guesses from it (`jit`, inlining) and is told when a
//! guess has become wrong.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bytecode::func::{CallSite, Func};

/// Most sites a machine can have; further ones are never guessed at.
const MAX_SITES: usize = 1 << 20;

/// All call sites of a machine.
pub struct Sites {
    /// Reserved room; memory comes as it is touched. Site 0 stands for those without a number.
    base: *const CallSite,
    count: AtomicU32,
}

// SAFETY: sites are immortal and consist of atomics.
unsafe impl Sync for Sites {}
// SAFETY: as above.
unsafe impl Send for Sites {}

impl Sites {
    pub fn new() -> Sites {
        let Some(base) = crate::heap::reserve(MAX_SITES * size_of::<CallSite>()) else {
            panic!("cannot reserve memory for call sites");
        };
        let sites = Sites {
            base: base as *const CallSite,
            count: AtomicU32::new(1),
        };
        sites.get(0).second.store(CallSite::MANY, Ordering::Relaxed);
        sites
    }

    /// The number of a new site.
    pub fn add(&self) -> u32 {
        let index = self.count.fetch_add(1, Ordering::Relaxed);
        if (index as usize) < MAX_SITES {
            index
        } else {
            self.count.store(MAX_SITES as u32, Ordering::Relaxed);
            0
        }
    }

    #[inline(always)]
    pub fn get(&self, index: u32) -> &'static CallSite {
        // SAFETY: numbers come from `add`; reserved memory is zero, an empty site, and never given back.
        unsafe { &*self.base.add(index as usize) }
    }

    /// Notes a call of `callee`; whether that is news.
    #[cold]
    pub fn note(&self, index: u32, callee: &Func) -> bool {
        let site = self.get(index);
        let callee = std::ptr::from_ref(callee) as u64;
        let put = |word: &AtomicU64| {
            let found = word.compare_exchange(0, callee, Ordering::Relaxed, Ordering::Relaxed);
            found.is_ok()
        };
        if put(&site.first) || site.first.load(Ordering::Relaxed) == callee {
            return true;
        }
        let many = CallSite::MANY;
        put(&site.second)
            || site.second.load(Ordering::Relaxed) != callee
                && site.second.fetch_or(many, Ordering::Relaxed) & many == 0
    }
}

impl Default for Sites {
    fn default() -> Sites {
        Sites::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::func_table::FuncTable;

    #[test]
    fn a_site_remembers_two_callees() {
        let funcs = FuncTable::new();
        // SAFETY: handles are immortal.
        let [a, b, c] = [0; 3].map(|_| unsafe { &*funcs.new_func(0) });
        let sites = Sites::new();
        let site = sites.add();
        assert!(sites.note(site, a));
        let seen = || {
            let seen = sites.get(site).seen();
            (seen.callees.map(|f| f.map(|f| f.id)), seen.many)
        };
        assert_eq!(seen(), ([Some(a.id), None], false));
        assert!(sites.note(site, b));
        assert!(!sites.note(site, b));
        assert_eq!(seen(), ([Some(a.id), Some(b.id)], false));
        assert!(!sites.get(site).knows(c));
        assert!(sites.note(site, c));
        assert!(!sites.note(site, c));
        assert_eq!(seen(), ([Some(a.id), Some(b.id)], true));
        assert!([a, b, c].iter().all(|f| sites.get(site).knows(f)));
        let none = sites.get(0).seen();
        assert!(none.callees.iter().all(|f| f.is_none()) && none.many);
    }
}
