//! Calls from compiled code to compiled code.
//!
//! A call of a function that has no code yet goes by way of a few instructions that look into the callee's handle. Once there is code, the call is made to lead there:
//! its distance is one aligned word of 32 bits, written at once through the region's writable mapping, so a thread that comes by meanwhile takes the old
//! way or the new one. Code is never moved or given back, so that is all.

use std::collections::hash_map::Entry;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytecode::func::{Func, FuncId};
use rustc_hash::FxHashMap;

use crate::memory::CodeMemory;

/// A call in a piece of code: where its distance is in it, and whom it calls.
#[derive(Clone, Copy)]
pub struct Call {
    pub at: u32,
    pub callee: &'static Func,
}

enum Callee {
    /// Has code, here.
    Compiled(usize),
    /// Is waited for by these calls: addresses of their distances.
    Awaited(Vec<usize>),
}

#[derive(Default)]
pub struct Links {
    callees: Mutex<FxHashMap<FuncId, Callee>>,
}

impl Links {
    fn lock(&self) -> MutexGuard<'_, FxHashMap<FuncId, Callee>> {
        self.callees.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Code with calls in it has been installed.
    pub fn link(&self, memory: &CodeMemory, code: *const u8, calls: &[Call]) {
        if calls.is_empty() || !memory.can_patch() {
            return;
        }
        let mut callees = self.lock();
        for call in calls {
            let site = code as usize + call.at as usize;
            let new = || Callee::Awaited(Vec::new());
            match callees.entry(call.callee.id).or_insert_with(new) {
                Callee::Compiled(entry) => memory.patch(site, *entry),
                Callee::Awaited(sites) => sites.push(site),
            }
        }
    }

    /// The function has code: who waits for it gets it.
    pub fn compiled(&self, memory: &CodeMemory, func: FuncId, entry: *const u8) {
        let entry = entry as usize;
        match self.lock().entry(func) {
            Entry::Vacant(new) => {
                new.insert(Callee::Compiled(entry));
            }
            Entry::Occupied(mut known) => {
                let before = std::mem::replace(known.get_mut(), Callee::Compiled(entry));
                if let Callee::Awaited(sites) = before {
                    sites.iter().for_each(|site| memory.patch(*site, entry));
                }
            }
        }
    }
}
