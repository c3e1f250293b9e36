//! Functions: the symbolic form that the compiler emits and the verifier checks, and the run-time handle
//! that call instructions name.

use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32, AtomicU64, Ordering};

use crate::rtype::RType;

/// Index of a function in the program's function table.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
pub struct FuncId(pub u32);

/// Frame size of a function that has no code yet: no stack has room for it, so that the guard check at a call
/// takes the slow path, which compiles the function.
pub const UNCOMPILED: u32 = u32::MAX / 16;

/// `Func::flags`: the function is called through a closure and wants the closure's address in its slot `frame_slots - 1`.
pub const HAS_CTX: u32 = 1;
/// `Func::flags`: compiler-made forwarding function; tracebacks and `recover` look through it.
pub const WRAPPER: u32 = 2;
/// `Func::flags`: a `WRAPPER` that calls a value method for a pointer receiver, named `pkg.(*T).Method`. A nil dereference in it
/// is reported as the call it is.
pub const VALUE_WRAPPER: u32 = 16;
/// `Func::flags`: has an epilogue that runs deferred closures, beginning with `NextDefer` (`recover_pc` is set).
pub const HAS_DEFER: u32 = 4;
/// `Func::flags`: hidden from tracebacks (runtime stubs).
pub const HIDDEN: u32 = 8;

/// The run-time handle of a function: immortal, at a fixed address. Call instructions hold its address.
///
/// `&self.closure` doubles as the func value of a function that captures nothing.
#[repr(C, align(64))]
pub struct Func {
    /// Linked code of the entry, null until compiled.
    pub code: AtomicPtr<u64>,
    /// Frame size in slots, `UNCOMPILED` until compiled.
    pub frame_slots: AtomicU32,
    pub flags: AtomicU32,
    /// Points to this handle itself: the one-word closure object of the function.
    pub closure: AtomicPtr<Func>,
    /// What the frame walker and tracebacks need; null until compiled.
    pub info: AtomicPtr<FuncInfo>,
    pub id: FuncId,
    /// For engines: calls and back-edges counted.
    pub hotness: AtomicU32,
    /// Reserved for compiled code.
    pub native_entry: AtomicPtr<u8>,
    /// What compiled code calls: the same, or what takes its place while there is none.
    pub native_call: AtomicPtr<u8>,
    /// Words below its frame that compiled code wants the stack to have room for: frames of callees that have been inlined.
    pub room: AtomicU32,
}

/// A call site of closures or methods: the functions it has been seen to call.
#[repr(C)]
pub struct CallSite {
    /// `*const Func`, or 0,
    pub first: AtomicU64,
    /// and another one, with the bit `MANY` when there were more.
    pub second: AtomicU64,
}

/// What a call site has been seen to call.
pub struct Seen {
    /// The first two callees.
    pub callees: [Option<&'static Func>; 2],
    /// There were more.
    pub many: bool,
}

impl CallSite {
    pub const MANY: u64 = 1;

    /// Whether this callee has been noted, or there are too many to note.
    #[inline(always)]
    pub fn knows(&self, callee: &Func) -> bool {
        let callee = std::ptr::from_ref(callee) as u64;
        if self.first.load(Ordering::Relaxed) == callee {
            return true;
        }
        let second = self.second.load(Ordering::Relaxed);
        second == callee || second & CallSite::MANY != 0
    }

    pub fn words(&self) -> [u64; 2] {
        [&self.first, &self.second].map(|w| w.load(Ordering::Relaxed))
    }

    pub fn seen(&self) -> Seen {
        let [first, second] = self.words();
        // SAFETY: handles are immortal.
        let callee = |word: u64| unsafe { (word as *const Func).as_ref() };
        Seen {
            callees: [callee(first), callee(second & !CallSite::MANY)],
            many: second & CallSite::MANY != 0,
        }
    }
}

/// What is known of a compiled function beyond its code. Immutable, immortal.
pub struct FuncInfo {
    pub function: Arc<Function>,
    /// First word of the linked code (same word offsets as `function.code`).
    pub code: *const u64,
    pub frame_slots: u32,
    pub arg_slots: u32,
    pub result_slots: u32,
    /// 64-bit words in one pointer map: covers slots `0 .. frame_slots + 1 + arg_slots + result_slots` (the slot at `frame_slots`, the return pc, is never set).
    pub map_stride: u32,
    /// All maps, one after the other, `map_stride` words each.
    pub maps: Box<[u64]>,
    /// Word offsets of calls of closures and methods, in order, and what is known of them.
    pub sites: Box<[(u32, &'static CallSite)]>,
}

// SAFETY: immutable after publication.
unsafe impl Send for FuncInfo {}
// SAFETY: immutable after publication.
unsafe impl Sync for FuncInfo {}

impl FuncInfo {
    /// The words of pointer map `index`.
    pub fn map(&self, index: u32) -> &[u64] {
        let stride = self.map_stride as usize;
        &self.maps[index as usize * stride..][..stride]
    }

    /// The call site at a word offset.
    pub fn site_at(&self, pc: u32) -> Option<&'static CallSite> {
        let at = self.sites.binary_search_by_key(&pc, |(pc, _)| *pc).ok()?;
        Some(self.sites[at].1)
    }
}

/// What a safepoint's extension word says.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Safepoint {
    pub map: u32,
    pub func: FuncId,
}

impl Safepoint {
    pub fn pack(self) -> u64 {
        u64::from(self.func.0) << 32 | u64::from(self.map)
    }
    pub fn unpack(word: u64) -> Safepoint {
        Safepoint {
            map: word as u32,
            func: FuncId((word >> 32) as u32),
        }
    }
}

/// A place in the source for a range of instructions, from `pc` (a word offset) to the next entry.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct LineEntry {
    pub pc: u32,
    /// Index into `Function::files`.
    pub file: u32,
    pub line: u32,
}

/// A named variable and the slots that hold it, for listings, the debugger and tracebacks.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct VarSlot {
    pub name: String,
    pub slot: u32,
    pub slots: u32,
    /// Its address is taken: it lives in memory layout and is in every map.
    pub address_taken: bool,
    /// The variable lives on the heap; the slot holds its address.
    pub boxed: bool,
    pub typ: *const RType,
}

/// How a traceback prints one word of the arguments, in order. As gc: scalars as hex, aggregates in braces.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum ArgWord {
    /// A scalar at byte `offset` of the parameter area, `size` bytes.
    Scalar {
        offset: u32,
        size: u8,
    },
    Open,
    Close,
    /// Elided (`...`).
    More,
}

/// A function in symbolic, position-independent form: operands that name functions, types, strings, globals or natives
/// are indices into this function's own pools.
pub struct Function {
    /// As tracebacks print it: `main.f`, `main.(*T).M`, `main.f.func1`, `main.Map[...]`.
    pub name: String,
    pub id: FuncId,
    pub flags: u32,
    pub code: Vec<u64>,
    pub frame_slots: u32,
    /// Slots 0..out_slots are the outgoing area.
    pub out_slots: u32,
    pub arg_slots: u32,
    pub result_slots: u32,
    /// For each slot of the frame, the return pc, the parameters and the results: true where the slot holds a pointer. Outgoing slots are
    /// false here: what they hold changes from call to call.
    pub slot_is_pointer: bitvec::vec::BitVec,
    /// Distinct pointer maps, each as long as `slot_is_pointer`.
    pub maps: Vec<bitvec::vec::BitVec>,
    /// The map at entry, before the first instruction: the parameters only.
    pub entry_map: u32,
    /// The map of a frame that a panic has left behind.
    pub panic_map: u32,
    /// Variables and temporaries whose addresses are taken: first slot, slots.
    pub address_taken: Vec<(u32, u32)>,
    /// Word offset of the `NextDefer` where a recovered frame continues.
    pub recover_pc: Option<u32>,
    pub lines: Vec<LineEntry>,
    pub files: Vec<Arc<str>>,
    /// Line of the `func` keyword.
    pub decl_line: u32,
    pub vars: Vec<VarSlot>,
    pub arg_words: Vec<ArgWord>,
    pub func_pool: Vec<*const Func>,
    pub type_pool: Vec<*const RType>,
    pub string_pool: Vec<Arc<[u8]>>,
    /// Addresses of package variables.
    pub global_pool: Vec<*mut u8>,
    /// Names of natives, `import/path.Func`.
    pub native_pool: Vec<Arc<str>>,
}

// SAFETY: the pools hold addresses of immortal, thread-safe objects.
unsafe impl Send for Function {}
// SAFETY: as above.
unsafe impl Sync for Function {}

impl Function {
    /// File and line of the instruction at word offset `pc`.
    pub fn line_at(&self, pc: u32) -> Option<(&str, u32)> {
        let next = self.lines.partition_point(|entry| entry.pc <= pc);
        let entry = self.lines.get(next.checked_sub(1)?)?;
        Some((self.files.get(entry.file as usize)?, entry.line))
    }
}
