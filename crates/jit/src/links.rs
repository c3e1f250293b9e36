//! Calls from compiled code to compiled code.
//!
//! A call of a function that has no code yet goes by way of a few instructions that look into the callee's handle. Once there is code, the call is made to lead there:
//! its distance is one aligned word of 32 bits, written at once through the region's writable mapping, so a thread that comes by meanwhile takes the old
//! way or the new one. Code is never moved or given back, so that is all. When it is made anew, calls are made to lead to the new code.

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

/// A callee's code, once there is some, and its calls: addresses of their distances.
#[derive(Default)]
struct Callee {
    entry: Option<usize>,
    sites: Vec<usize>,
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
            let callee = callees.entry(call.callee.id).or_default();
            callee.sites.push(site);
            if let Some(entry) = callee.entry {
                memory.patch(site, entry);
            }
        }
    }

    /// The function has code, or other code than before: its callers get it.
    pub fn compiled(&self, memory: &CodeMemory, func: FuncId, entry: *const u8) {
        let entry = entry as usize;
        let mut callees = self.lock();
        let callee = callees.entry(func).or_default();
        callee.entry = Some(entry);
        callee
            .sites
            .iter()
            .for_each(|site| memory.patch(*site, entry));
    }
}
