//! Functions that compiled code calls: C's calling convention, words in, a word out. None is a safepoint: nothing moves, nothing is collected, nobody blocks
//! while they run. What can panic says so by its result, and compiled code takes its exit, so that the interpreter raises the panic.

use std::ptr;
use std::sync::atomic::Ordering::{Relaxed, Release, SeqCst};
use std::sync::atomic::{AtomicI32, AtomicPtr, AtomicU32, AtomicU64};

use bytecode::func::Func;
use bytecode::rtype::{GoSlice, GoStr, Itab, RType};
use runtime::equal::bytes_equal;
use runtime::heap::cache::array_bytes;
use runtime::map::{self, Map, MapIter};
use runtime::native::{self, Slots};
use runtime::runtime::M;
use runtime::{chan, iface, numeric, slice, strings, text};

use crate::context::Context;
use crate::ssa::Helper;

/// A function of the arguments alone.
macro_rules! plain {
    ($name:ident) => {
        Helper {
            address: $name as *const () as u64,
            context: false,
        }
    };
}
/// A function that takes the context first.
macro_rules! with_context {
    ($name:ident) => {
        Helper {
            address: $name as *const () as u64,
            context: true,
        }
    };
}

macro_rules! helpers {
    ($($(#[$doc:meta])* $kind:ident $constant:ident = fn $name:ident($($arg:ident: $t:ty),*) -> $result:ty $body:block)*) => { $(
        $(#[$doc])*
        pub fn $name() -> Helper {
            #[allow(non_snake_case)]
            unsafe extern "sysv64" fn $constant($($arg: $t),*) -> $result {
                // SAFETY: compiled code passes what the bytecode's verifier has checked.
                #[allow(unused_unsafe)]
                unsafe { $body }
            }
            $kind!($constant)
        }
    )* };
}

unsafe fn machine<'a>(context: *mut Context) -> &'a mut M {
    // SAFETY: the machine outlives the visit that the context belongs to.
    unsafe { &mut *(*context).m }
}

/// # Safety
/// The parts are strings.
#[inline(always)]
unsafe fn concatenate(context: *mut Context, parts: &[GoStr]) -> u64 {
    // SAFETY: by the contract.
    unsafe {
        match text::concat(machine(context), parts) {
            Some(string) => {
                (*context).second = string.len as u64;
                string.ptr as u64
            }
            None => u64::MAX,
        }
    }
}

fn place(found: Option<usize>) -> i64 {
    found.map_or(-1, |at| at as i64)
}

/// Whether an operation on a channel begins here. Else the goroutine has waited in it, and the interpreter finishes it.
fn begins(m: &mut M) -> bool {
    m.g().wait.is_null()
}

/// # Safety
/// As `chan::try_recv`.
unsafe fn receive(m: &mut M, chan: *mut chan::Chan, target: chan::Target) -> u64 {
    if !begins(m) {
        return 0;
    }
    // SAFETY: by the contract.
    unsafe { chan::try_recv(m, chan, target) }.received()
}

helpers! {
    // ---- memory
    /// (to, from, bytes), which may overlap.
    plain move_memory_ = fn move_memory(to: *mut u8, from: *const u8, bytes: usize) -> u64 {
        text::copy(from, to, bytes);
        0
    }
    plain zero_memory_ = fn zero_memory(to: *mut u8, bytes: usize) -> u64 {
        ptr::write_bytes(to, 0, bytes);
        0
    }
    /// As `move_memory`, for values of a type with pointers.
    with_context copy_values_ = fn copy_values(context: *mut Context, typ: &RType, to: *mut u8, from: *const u8, bytes: usize) -> u64 {
        machine(context).barrier_copy(typ, to, from, bytes / typ.size);
        ptr::copy(from, to, bytes);
        0
    }
    with_context zero_values_ = fn zero_values(context: *mut Context, typ: &RType, to: *mut u8, bytes: usize) -> u64 {
        machine(context).barrier_values(typ, to, bytes / typ.size);
        ptr::write_bytes(to, 0, bytes);
        0
    }
    /// Whether two runs of bytes are equal.
    plain equal_memory_ = fn equal_memory(x: *const u8, y: *const u8, bytes: usize) -> u64 {
        u64::from(bytes_equal(x, y, bytes))
    }

    // ---- numbers, floats as their bits
    plain u64_to_f64_ = fn u64_to_f64(x: u64) -> u64 {
        (x as f64).to_bits()
    }
    plain u64_to_f32_ = fn u64_to_f32(x: u64) -> u64 {
        u64::from((x as f32).to_bits())
    }
    plain f64_to_u64_ = fn f64_to_u64(x: u64) -> u64 {
        numeric::to_unsigned(f64::from_bits(x))
    }
    plain f32_to_u64_ = fn f32_to_u64(x: u64) -> u64 {
        numeric::to_unsigned(f64::from(f32::from_bits(x as u32)))
    }
    plain fma_ = fn fma(x: u64, y: u64, z: u64) -> u64 {
        f64::from_bits(x).mul_add(f64::from_bits(y), f64::from_bits(z)).to_bits()
    }

    /// The quotient of a number of two words, high word first, by one that is larger than the high word; the remainder is the second result.
    with_context divide_wide_ = fn divide_wide(context: *mut Context, high: u64, low: u64, by: u64) -> u64 {
        let (quotient, rest);
        std::arch::asm!("div {by}", by = in(reg) by, inlateout("rax") low => quotient, inlateout("rdx") high => rest, options(pure, nomem, nostack));
        (*context).second = rest;
        quotient
    }

    // ---- natives
    /// Calls a native that only computes (its word in linked code, the outgoing area); 0 when it has to be called by the interpreter.
    with_context native_ = fn native(context: *mut Context, word: u64, slots: *mut u64) -> u64 {
        u64::from(native::compute(native::entry(word), machine(context), Slots::new(slots)))
    }

    // ---- allocation
    with_context new_ = fn new(context: *mut Context, typ: *const RType) -> *mut u8 {
        machine(context).alloc(typ)
    }
    with_context new_closure_ = fn new_closure(context: *mut Context, func: *const Func, captured: usize, pointers: u64) -> *mut u8 {
        machine(context).alloc_closure(func, captured, pointers)
    }
    /// Memory of a slice; null where the lengths are out of range.
    with_context make_slice_ = fn make_slice(context: *mut Context, elem: &RType, len: usize, cap: usize) -> *mut u8 {
        if cap as isize >= 0 && len <= cap && array_bytes(elem, cap).is_some() {
            machine(context).alloc_array(elem, cap)
        } else {
            ptr::null_mut()
        }
    }
    /// The base of a slice that has got room for more elements, its capacity is the second result; null where it can't have.
    with_context grow_ = fn grow(context: *mut Context, elem: &RType, base: u64, len: u64, cap: u64, extra: u64) -> u64 {
        match slice::reserve(machine(context), elem, (base, len, cap), extra) {
            Ok((base, cap)) => {
                (*context).second = cap;
                base
            }
            Err(_) => 0,
        }
    }
    /// The data word of an interface that holds a value of up to two words.
    with_context box_words_ = fn box_words(context: *mut Context, typ: &RType, first: u64, second: u64) -> *mut u8 {
        iface::box_value(machine(context), typ, [first, second].as_ptr())
    }
    with_context box_slots_ = fn box_slots(context: *mut Context, typ: &RType, slots: *const u64) -> *mut u8 {
        iface::box_value(machine(context), typ, slots)
    }

    // ---- defer
    /// Registers a closure to be called when the frame ends.
    with_context defer_ = fn defer(context: *mut Context, frame: *mut u64, closure: *mut u8) -> u64 {
        machine(context).defer(frame, closure);
        0
    }

    // ---- strings
    /// The concatenation of two strings, its length is the second result; all ones where that is out of range.
    with_context concat_ = fn concat(context: *mut Context, x: *const u8, x_len: usize, y: *const u8, y_len: usize) -> u64 {
        concatenate(context, &[GoStr { ptr: x, len: x_len }, GoStr { ptr: y, len: y_len }])
    }
    /// As `concat`, of strings in slots.
    with_context concat_slots_ = fn concat_slots(context: *mut Context, slots: *const GoStr, count: usize) -> u64 {
        concatenate(context, std::slice::from_raw_parts(slots, count))
    }
    with_context bytes_to_string_ = fn bytes_to_string(context: *mut Context, bytes: *const u8, len: usize) -> *const u8 {
        text::from_bytes(machine(context), bytes, len)
    }
    /// The bytes of a string in a new slice, its capacity is the second result.
    with_context string_to_bytes_ = fn string_to_bytes(context: *mut Context, ptr: *const u8, len: usize) -> *mut u8 {
        let (base, cap) = text::to_bytes(machine(context), GoStr { ptr, len });
        (*context).second = cap as u64;
        base
    }
    /// A rune as a string, its length is the second result.
    with_context rune_to_string_ = fn rune_to_string(context: *mut Context, rune: i64) -> *const u8 {
        let string = text::from_rune(machine(context), rune);
        (*context).second = string.len as u64;
        string.ptr
    }
    /// -1, 0 or 1.
    plain compare_strings_ = fn compare_strings(x: *const u8, x_len: usize, y: *const u8, y_len: usize) -> u64 {
        strings::compare(GoStr { ptr: x, len: x_len }, GoStr { ptr: y, len: y_len }) as i8 as u64
    }
    /// The rune that begins at these bytes, and its length in the upper half.
    plain decode_rune_ = fn decode_rune(at: *const u8, left: usize) -> u64 {
        let (rune, len) = strings::decode_rune(std::slice::from_raw_parts(at, left));
        u64::from(rune) | (len as u64) << 32
    }

    // ---- searching: a place, or -1
    plain index_byte_ = fn index_byte(ptr: *const u8, len: usize, c: u64) -> i64 {
        place(strings::index_byte(GoStr { ptr, len }.bytes(), c as u8))
    }
    plain index_ = fn index(ptr: *const u8, len: usize, part: *const u8, part_len: usize) -> i64 {
        place(strings::index(GoStr { ptr, len }.bytes(), GoStr { ptr: part, len: part_len }.bytes()))
    }

    // ---- maps
    with_context make_map_ = fn make_map(context: *mut Context, typ: *const RType, hint: i64) -> *mut Map {
        map::make(machine(context), typ, hint)
    }
    // The element for a plain key of so many bits, null, or `map::CLASH`.
    plain map_word64_ = fn map_word64(map: *const Map, key: u64) -> *mut u8 {
        map::get_word(map, key)
    }
    plain map_word32_ = fn map_word32(map: *const Map, key: u64) -> *mut u8 {
        map::get_word(map, key as u32)
    }
    plain map_word16_ = fn map_word16(map: *const Map, key: u64) -> *mut u8 {
        map::get_word(map, key as u16)
    }
    plain map_word8_ = fn map_word8(map: *const Map, key: u64) -> *mut u8 {
        map::get_word(map, key as u8)
    }
    plain map_string_ = fn map_string(map: *const Map, key: *const u8, len: usize) -> *mut u8 {
        map::get_string(map, key, len)
    }
    // The element, made when absent, or null, which the interpreter reports. The map is not nil.
    with_context map_reference_word64_ = fn map_reference_word64(context: *mut Context, map: *mut Map, key: u64) -> *mut u8 {
        map::reference_word(machine(context), map, key)
    }
    with_context map_reference_word32_ = fn map_reference_word32(context: *mut Context, map: *mut Map, key: u64) -> *mut u8 {
        map::reference_word(machine(context), map, key as u32)
    }
    with_context map_reference_word16_ = fn map_reference_word16(context: *mut Context, map: *mut Map, key: u64) -> *mut u8 {
        map::reference_word(machine(context), map, key as u16)
    }
    with_context map_reference_word8_ = fn map_reference_word8(context: *mut Context, map: *mut Map, key: u64) -> *mut u8 {
        map::reference_word(machine(context), map, key as u8)
    }
    with_context map_reference_string_ = fn map_reference_string(context: *mut Context, map: *mut Map, ptr: *const u8, len: usize) -> *mut u8 {
        map::reference_string(machine(context), map, GoStr { ptr, len })
    }
    // 0 where the interpreter has something to report.
    /// The key is plain and of up to 8 bytes.
    with_context map_delete_word_ = fn map_delete_word(context: *mut Context, map: *mut Map, typ: *const RType, key: u64) -> u64 {
        u64::from(map::delete(machine(context), map, typ, (&raw const key).cast()).is_ok())
    }
    with_context map_delete_string_ = fn map_delete_string(context: *mut Context, map: *mut Map, typ: *const RType, ptr: *const u8, len: usize) -> u64 {
        let key = GoStr { ptr, len };
        u64::from(map::delete(machine(context), map, typ, (&raw const key).cast()).is_ok())
    }
    plain map_len_ = fn map_len(map: *const Map) -> usize {
        map::len(map)
    }
    with_context map_iterator_ = fn map_iterator(context: *mut Context, map: *mut Map) -> *mut MapIter {
        map::iter(machine(context), map)
    }
    /// A `map::Step`.
    with_context map_next_ = fn map_next(context: *mut Context, iter: *mut MapIter) -> u64 {
        map::iter_next(machine(context), iter) as u64
    }

    // ---- sync/atomic
    plain and_word_ = fn and_word(at: &AtomicU64, mask: u64) -> u64 {
        at.fetch_and(mask, SeqCst)
    }
    plain or_word_ = fn or_word(at: &AtomicU64, mask: u64) -> u64 {
        at.fetch_or(mask, SeqCst)
    }
    plain and_i32_ = fn and_i32(at: &AtomicI32, mask: i32) -> u64 {
        i64::from(at.fetch_and(mask, SeqCst)) as u64
    }
    plain or_i32_ = fn or_i32(at: &AtomicI32, mask: i32) -> u64 {
        i64::from(at.fetch_or(mask, SeqCst)) as u64
    }
    plain and_u32_ = fn and_u32(at: &AtomicU32, mask: u32) -> u64 {
        u64::from(at.fetch_and(mask, SeqCst))
    }
    plain or_u32_ = fn or_u32(at: &AtomicU32, mask: u32) -> u64 {
        u64::from(at.fetch_or(mask, SeqCst))
    }

    // ---- channels: 0 for what has to wait or panics
    /// Sends an element of at most a slot.
    with_context send_word_ = fn send_word(context: *mut Context, chan: *mut chan::Chan, value: u64) -> u64 {
        let m = machine(context);
        u64::from(begins(m) && chan::try_send(m, chan, (&raw const value).cast()) == chan::Outcome::Done)
    }
    with_context send_slots_ = fn send_slots(context: *mut Context, chan: *mut chan::Chan, from: *const u8) -> u64 {
        let m = machine(context);
        u64::from(begins(m) && chan::try_send(m, chan, from) == chan::Outcome::Done)
    }
    /// 1 for an element, which is the second result; 2 when the channel is closed.
    with_context receive_word_ = fn receive_word(context: *mut Context, chan: *mut chan::Chan) -> u64 {
        let second = &raw mut (*context).second;
        *second = 0;
        receive(machine(context), chan, chan::Target::Slots(second))
    }
    with_context receive_slots_ = fn receive_slots(context: *mut Context, chan: *mut chan::Chan, to: *mut u64) -> u64 {
        receive(machine(context), chan, chan::Target::Slots(to))
    }
    plain chan_len_ = fn chan_len(chan: *const chan::Chan) -> usize {
        chan::len(chan)
    }
    plain chan_cap_ = fn chan_cap(chan: *const chan::Chan) -> usize {
        chan::cap(chan)
    }

    // ---- interfaces
    /// The itab of the concrete type for the interface type, which the site may remember, or null; null for no type.
    with_context itab_ = fn itab(context: *mut Context, inter: *const RType, concrete: *const RType, site: &AtomicPtr<Itab>) -> u64 {
        if concrete.is_null() {
            return 0;
        }
        let m = machine(context);
        let Some(itab) = m.rt().itabs.get(inter, concrete) else {
            return 0;
        };
        // Where several types come by, threads would take the word from each other all the time if each was remembered.
        const SOME: u32 = 15;
        m.conversions = m.conversions.wrapping_add(1);
        if m.conversions & SOME == 0 || ptr::eq(site.load(Relaxed), &NO_ITAB) {
            site.store(itab.cast_mut(), Release);
        }
        itab as u64
    }
}

/// What a site remembers that has met no type yet: the itab of none.
static NO_ITAB: Itab = Itab {
    inter: ptr::null(),
    typ: ptr::dangling(),
    funcs: GoSlice {
        ptr: ptr::dangling(),
        len: 0,
        cap: 0,
    },
};

/// A place in code that converts to an interface type: it remembers an itab that was found there. As immortal as the code, which is made a few times at most.
pub fn itab_site() -> &'static AtomicPtr<Itab> {
    Box::leak(Box::new(AtomicPtr::new((&raw const NO_ITAB).cast_mut())))
}
