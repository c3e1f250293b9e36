//! The function table: handles at fixed addresses, found from an id by an addition, and linked code found from a pc.

use std::collections::BTreeMap;
use std::sync::RwLock;
use std::sync::atomic::{AtomicPtr, AtomicU32, Ordering};

use bytecode::func::{Func, FuncId, FuncInfo, UNCOMPILED};

use crate::sites::Sites;

/// Most functions a machine can have.
const MAX_FUNCS: usize = 1 << 21;

/// All functions of a machine.
pub struct FuncTable {
    /// Reserved room for `MAX_FUNCS` handles; memory comes as it is touched.
    base: *mut Func,
    count: AtomicU32,
    /// `Func::native_call` of functions without compiled code.
    uncompiled: AtomicPtr<u8>,
    pub sites: Sites,
    /// Linked code by its start: end, function.
    ranges: RwLock<BTreeMap<usize, (usize, FuncId)>>,
}

// SAFETY: handles are immortal and consist of atomics.
unsafe impl Sync for FuncTable {}
// SAFETY: as above.
unsafe impl Send for FuncTable {}

impl FuncTable {
    pub fn new() -> FuncTable {
        let Some(base) = crate::heap::reserve(MAX_FUNCS * size_of::<Func>()) else {
            panic!("cannot reserve memory for the function table");
        };
        FuncTable {
            base: base as *mut Func,
            count: AtomicU32::new(0),
            uncompiled: AtomicPtr::default(),
            sites: Sites::new(),
            ranges: RwLock::default(),
        }
    }

    /// A handle without code. `flags`: `HAS_CTX`, `WRAPPER`, ... (may be completed when the code comes).
    pub fn new_func(&self, flags: u32) -> *const Func {
        let id = self.count.fetch_add(1, Ordering::Relaxed);
        assert!((id as usize) < MAX_FUNCS, "too many functions");
        // SAFETY: room of its own in the reservation.
        unsafe {
            let func = self.base.add(id as usize);
            func.write(Func {
                code: AtomicPtr::default(),
                frame_slots: AtomicU32::new(UNCOMPILED),
                flags: AtomicU32::new(flags),
                closure: AtomicPtr::new(func),
                info: AtomicPtr::default(),
                id: FuncId(id),
                hotness: AtomicU32::new(0),
                native_entry: AtomicPtr::default(),
                native_call: AtomicPtr::new(self.uncompiled.load(Ordering::Acquire)),
                room: AtomicU32::new(0),
            });
            func
        }
    }

    /// Sets what compiled code calls in place of functions without code. Before there is any.
    pub fn set_uncompiled(&self, code: *const u8) {
        self.uncompiled.store(code.cast_mut(), Ordering::Release);
        for id in 0..self.len() {
            let func = self.get(FuncId(id as u32));
            func.native_call.store(code.cast_mut(), Ordering::Release);
        }
    }

    pub fn len(&self) -> usize {
        self.count.load(Ordering::Relaxed) as usize
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The handle of a function.
    #[inline(always)]
    pub fn get(&self, id: FuncId) -> &'static Func {
        debug_assert!((id.0 as usize) < self.len(), "no function {id:?}");
        // SAFETY: ids come from `new_func`; handles are immortal.
        unsafe { &*self.base.add(id.0 as usize) }
    }

    /// What is known of a compiled function.
    #[inline(always)]
    pub fn info(&self, id: FuncId) -> &'static FuncInfo {
        let info = self.get(id).info.load(Ordering::Acquire);
        debug_assert!(!info.is_null(), "function {id:?} has no code");
        // SAFETY: set before the code was published, immortal; frames exist of compiled functions only.
        unsafe { &*info }
    }

    /// The function whose linked code holds `pc`.
    pub fn find(&self, pc: *const u64) -> Option<FuncId> {
        let ranges = self.ranges.read().unwrap();
        let (_, &(end, id)) = ranges.range(..=pc as usize).next_back()?;
        ((pc as usize) < end).then_some(id)
    }

    pub(crate) fn add_range(&self, code: &[u64], id: FuncId) {
        let range = code.as_ptr_range();
        self.ranges
            .write()
            .unwrap()
            .insert(range.start as usize, (range.end as usize, id));
    }
}

impl Default for FuncTable {
    fn default() -> FuncTable {
        FuncTable::new()
    }
}
