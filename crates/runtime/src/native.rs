//! The native ABI: how Rust functions that Go declarations without a body name are called.
//!
//! A native runs on the thread's system stack. It finds its arguments, and leaves its results, in the caller's outgoing slots: parameters
//! first, each `ceil(size/8)` slots in memory layout (scalars canonical), results after them. Its goroutine's stack does not move and no
//! collection happens while it runs; memory that it allocates is safe until it returns, if it is then reachable from the results.

use std::panic::{AssertUnwindSafe, catch_unwind};

use bytecode::rtype::{GoSlice, GoStr, RType};
use rustc_hash::FxHashMap;

use crate::g::{G, WaitReason};
use crate::gopanic::{Eface, GoPanic};
use crate::runtime::{M, Runtime};

/// What a native asks of the engine when it returns.
#[derive(Debug)]
pub enum Flow {
    /// Results are in place.
    Done,
    /// The goroutine has been put on some wait list: switch away. It goes on after the call when someone calls `ready` for it. A native that parks has no results
    /// (they stay as they were; what wakes the goroutine may write nothing into its frame).
    Park(WaitReason),
    /// Let others run, then go on after the call.
    Yield,
    /// Let others run, then execute the call again (its arguments are unchanged).
    Retry,
    /// As `Park`, but the call is executed again when the goroutine goes on: for natives that block and have results.
    ParkRetry(WaitReason),
    /// A Go panic at the call.
    Panic(Box<GoPanic>),
    /// runtime.Goexit
    Goexit,
    /// Ends the process with this code.
    Exit(i32),
    /// `fatal error: ...` with traces, exit code 2.
    Fatal(Box<str>),
}

impl Flow {
    pub fn panic(panic: GoPanic) -> Flow {
        Flow::Panic(Box::new(panic))
    }
    /// A `runtime.Error` panic with this text after `runtime error: `.
    pub fn runtime_error(text: impl Into<String>) -> Flow {
        Flow::panic(GoPanic::Text(text.into()))
    }
    /// A run-time panic whose text has no prefix.
    pub fn plain_panic(text: impl Into<String>) -> Flow {
        Flow::panic(GoPanic::Plain(text.into()))
    }
    pub fn fatal(text: impl Into<String>) -> Flow {
        Flow::Fatal(text.into().into_boxed_str())
    }
}

/// A native's entry.
pub type NativeFn = fn(cx: &mut NativeCx, slots: Slots) -> Flow;

/// What a native may use of the virtual machine.
pub struct NativeCx<'a> {
    pub m: &'a mut M,
}

impl NativeCx<'_> {
    pub fn rt(&self) -> &'static Runtime {
        self.m.rt()
    }

    /// The calling goroutine.
    pub fn g(&mut self) -> *mut G {
        self.m.g
    }

    /// A zeroed value of the type.
    pub fn alloc(&mut self, typ: *const RType) -> *mut u8 {
        self.m.alloc(typ)
    }

    /// A string with these bytes.
    pub fn new_string(&mut self, bytes: &[u8]) -> GoStr {
        GoStr {
            ptr: self.m.alloc_bytes(bytes),
            len: bytes.len(),
        }
    }

    /// A byte slice with these bytes.
    pub fn new_bytes(&mut self, bytes: &[u8]) -> GoSlice<u8> {
        GoSlice {
            ptr: self.m.alloc_bytes(bytes),
            len: bytes.len(),
            cap: bytes.len(),
        }
    }
}

/// The outgoing area of a native's caller.
#[derive(Clone, Copy)]
pub struct Slots {
    base: *mut u64,
}

impl Slots {
    /// # Safety
    /// `base` is the outgoing area of a frame that called a native, with the slots that the native's declaration has.
    #[inline]
    pub unsafe fn new(base: *mut u64) -> Slots {
        Slots { base }
    }

    /// Address of slot `i`.
    #[inline]
    pub fn at(self, i: usize) -> *mut u64 {
        self.base.wrapping_add(i)
    }
    #[inline]
    pub fn word(self, i: usize) -> u64 {
        // SAFETY: slot i is one of the declaration's (contract of `new`).
        unsafe { *self.at(i) }
    }
    #[inline]
    pub fn set_word(self, i: usize, value: u64) {
        // SAFETY: as in `word`.
        unsafe { *self.at(i) = value }
    }
    #[inline]
    pub fn int(self, i: usize) -> i64 {
        self.word(i) as i64
    }
    #[inline]
    pub fn set_int(self, i: usize, value: i64) {
        self.set_word(i, value as u64);
    }
    #[inline]
    pub fn bool(self, i: usize) -> bool {
        self.word(i) & 1 != 0
    }
    #[inline]
    pub fn set_bool(self, i: usize, value: bool) {
        self.set_word(i, u64::from(value));
    }
    #[inline]
    pub fn f64(self, i: usize) -> f64 {
        f64::from_bits(self.word(i))
    }
    #[inline]
    pub fn set_f64(self, i: usize, value: f64) {
        self.set_word(i, value.to_bits());
    }
    #[inline]
    pub fn f32(self, i: usize) -> f32 {
        f32::from_bits(self.word(i) as u32)
    }
    #[inline]
    pub fn set_f32(self, i: usize, value: f32) {
        self.set_word(i, u64::from(value.to_bits()));
    }
    #[inline]
    pub fn ptr(self, i: usize) -> *mut u8 {
        self.word(i) as *mut u8
    }
    #[inline]
    pub fn set_ptr(self, i: usize, value: *const u8) {
        self.set_word(i, value as u64);
    }
    #[inline]
    pub fn gostr(self, i: usize) -> GoStr {
        GoStr {
            ptr: self.ptr(i),
            len: self.word(i + 1) as usize,
        }
    }
    /// The bytes of the string at slots `i, i+1`. They stay in place until the native returns.
    #[inline]
    pub fn str<'a>(self, i: usize) -> &'a [u8] {
        self.slice(i)
    }
    #[inline]
    pub fn set_str(self, i: usize, value: GoStr) {
        self.set_ptr(i, value.ptr);
        self.set_word(i + 1, value.len as u64);
    }
    #[inline]
    pub fn goslice(self, i: usize) -> GoSlice<u8> {
        GoSlice {
            ptr: self.ptr(i),
            len: self.word(i + 1) as usize,
            cap: self.word(i + 2) as usize,
        }
    }
    /// The elements of a slice (or the bytes of a string) at slots `i, i+1`, which must be of a `T`-sized plain type.
    #[inline]
    pub fn slice<'a, T: Copy>(self, i: usize) -> &'a [T] {
        let len = self.word(i + 1) as usize;
        if len == 0 {
            return &[];
        }
        // SAFETY: slots i, i+1 hold a valid Go slice or string; its memory stays alive while the native runs (no collection).
        unsafe { std::slice::from_raw_parts(self.ptr(i).cast::<T>(), len) }
    }
    /// As `slice`, writable.
    #[inline]
    pub fn slice_mut<'a, T: Copy>(self, i: usize) -> &'a mut [T] {
        let len = self.word(i + 1) as usize;
        if len == 0 {
            return &mut [];
        }
        // SAFETY: as in `slice`; Go allows writing through any slice.
        unsafe { std::slice::from_raw_parts_mut(self.ptr(i).cast::<T>(), len) }
    }
    #[inline]
    pub fn set_slice<T>(self, i: usize, value: GoSlice<T>) {
        self.set_ptr(i, value.ptr.cast());
        self.set_word(i + 1, value.len as u64);
        self.set_word(i + 2, value.cap as u64);
    }
    /// An interface value (the first word is an `*RType` for `any`, an `*Itab` otherwise).
    #[inline]
    pub fn eface(self, i: usize) -> Eface {
        Eface {
            typ: self.ptr(i).cast(),
            data: self.ptr(i + 1),
        }
    }
    #[inline]
    pub fn set_eface(self, i: usize, value: Eface) {
        self.set_ptr(i, value.typ.cast());
        self.set_ptr(i + 1, value.data);
    }
}

/// Calls a native through the one boundary that stops Rust panics: they are bugs of the virtual machine, reported as such.
#[inline]
pub fn call(native: NativeFn, m: &mut M, slots: Slots) -> Flow {
    let mut cx = NativeCx { m };
    match catch_unwind(AssertUnwindSafe(|| native(&mut cx, slots))) {
        Ok(flow) => flow,
        Err(payload) => {
            let text = payload
                .downcast_ref::<&str>()
                .map(|s| (*s).to_owned())
                .or_else(|| payload.downcast_ref::<String>().cloned())
                .unwrap_or_else(|| "unknown".to_owned());
            Flow::fatal(format!(
                "morestack: internal error in a native function: {text}"
            ))
        }
    }
}

/// Calls a native that only computes. False when it did not come back with `Flow::Done`: then it is to be called again, by `call`.
#[inline]
pub fn compute(native: NativeFn, m: &mut M, slots: Slots) -> bool {
    let mut cx = NativeCx { m };
    // The flow is looked at where it is: a copy would wait for its one byte to reach memory.
    let done = || matches!(native(&mut cx, slots), Flow::Done);
    catch_unwind(AssertUnwindSafe(done)).unwrap_or(false)
}

/// Set in a native's word in linked code when it only *computes*: it neither blocks nor switches nor looks at its goroutine's stack, and when it does not come
/// back with `Flow::Done` it has had no effect, so that the call can be executed again.
pub const COMPUTES: u64 = 1 << 63;

/// The entry of the native whose word this is in linked code.
///
/// # Safety
/// The word comes from `NativeTable::linked`.
#[inline(always)]
pub unsafe fn entry(word: u64) -> NativeFn {
    // SAFETY: by the contract, but for the bit the address of such a function.
    unsafe { std::mem::transmute::<usize, NativeFn>((word & !COMPUTES) as usize) }
}

/// The natives of a virtual machine by name: `import/path.Func` or `import/path.(*T).Method`.
#[derive(Default)]
pub struct NativeTable {
    /// Entries, and whether they only compute.
    entries: FxHashMap<&'static str, (NativeFn, bool)>,
}

impl NativeTable {
    pub fn new(lists: &[&[(&'static str, NativeFn)]]) -> NativeTable {
        let mut table = NativeTable::default();
        for list in lists {
            table.add(list);
        }
        table
    }

    /// Later entries replace earlier ones.
    pub fn add(&mut self, list: &[(&'static str, NativeFn)]) {
        let rows = list.iter().map(|(name, native)| (*name, (*native, false)));
        self.entries.extend(rows);
    }

    /// As `add`, for natives that only compute (see `COMPUTES`).
    pub fn add_computing(&mut self, list: &[(&'static str, NativeFn)]) {
        let rows = list.iter().map(|(name, native)| (*name, (*native, true)));
        self.entries.extend(rows);
    }

    /// The native's word in linked code.
    pub fn linked(&self, name: &str) -> u64 {
        let (native, computes) = match self.entries.get(name) {
            Some(row) => *row,
            None => (missing_native as NativeFn, false),
        };
        native as usize as u64 | if computes { COMPUTES } else { 0 }
    }

    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        self.entries.keys().copied()
    }
}

/// Stands in for a name that no native implements.
pub fn missing_native(_: &mut NativeCx, _: Slots) -> Flow {
    Flow::fatal("call of a function without body that no native implements")
}
