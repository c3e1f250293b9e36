//! Instructions that the loop does not spell out: slices, strings, maps, interfaces, channels, natives.
//!
//! Each takes the machine, the instruction's address and the frame, and answers where to go on. Allocating ones are called when their safepoint has been
//! passed: from here on nothing moves and nothing is collected.

use std::ptr;

use bytecode::isa::{Instr, NO_SLOT, Op};
use bytecode::rtype::{GoStr, Itab, RType};
use runtime::chan::{self, Case, Outcome, Target};
use runtime::equal::{EqualFault, dynamic_type, equal_values, interfaces_equal};
use runtime::g::Top;
use runtime::gopanic::GoPanic;
use runtime::heap::cache::array_bytes;
use runtime::heap::sizeclass::rounded_size;
use runtime::iface::{self, load_value, store_value, zero_value};
use runtime::native::{self, COMPUTES, Flow, Slots};
use runtime::runtime::M;
use runtime::slice::reserve;
use runtime::{map, strings, text};
use smallvec::SmallVec;

use crate::dispatch::State;
use crate::slow;

/// An instruction and its frame.
#[derive(Clone, Copy)]
struct Site {
    pc: *const u64,
    fp: *mut u64,
    /// Its first word.
    word: u64,
}

// SAFETY (all of the accessors): linked code has been verified: fields that an arm reads as slots or extension words are such.
impl Site {
    unsafe fn op(self) -> Op {
        // SAFETY: as above.
        unsafe { std::mem::transmute(self.word as u16) }
    }
    fn a(self) -> usize {
        (self.word >> 16) as u16 as usize
    }
    fn b(self) -> usize {
        (self.word >> 32) as u16 as usize
    }
    fn c(self) -> usize {
        (self.word >> 48) as usize
    }
    unsafe fn slot(self, i: usize) -> u64 {
        unsafe { *self.fp.add(i) }
    }
    unsafe fn set(self, i: usize, value: u64) {
        unsafe { *self.fp.add(i) = value }
    }
    unsafe fn ext(self, i: usize) -> u64 {
        unsafe { *self.pc.add(i) }
    }
    unsafe fn typ(self, i: usize) -> &'static RType {
        unsafe { &*(self.ext(i) as *const RType) }
    }
    unsafe fn string(self, i: usize) -> GoStr {
        unsafe {
            GoStr {
                ptr: self.slot(i) as *const u8,
                len: self.slot(i + 1) as usize,
            }
        }
    }
    unsafe fn set_string(self, i: usize, value: GoStr) {
        unsafe {
            self.set(i, value.ptr as u64);
            self.set(i + 1, value.len as u64);
        }
    }
    unsafe fn set_slice(self, i: usize, ptr: u64, len: u64, cap: u64) {
        unsafe {
            self.set(i, ptr);
            self.set(i + 1, len);
            self.set(i + 2, cap);
        }
    }
    /// An optional operand.
    unsafe fn optional(self, slot: u16) -> Option<u64> {
        unsafe { (slot != NO_SLOT).then(|| self.slot(usize::from(slot))) }
    }
    /// Goes on `words` further.
    unsafe fn next(self, words: usize) -> State {
        unsafe {
            State {
                pc: self.pc.add(words),
                fp: self.fp,
            }
        }
    }
    /// Raises a run-time panic here.
    unsafe fn raise(self, m: &mut M, panic: GoPanic) -> State {
        unsafe { slow::raise(m, self.pc, self.fp, panic) }
    }
    unsafe fn fault(self, m: &mut M, fault: EqualFault) -> State {
        match fault {
            EqualFault::Concurrent(text) => slow::fatal_at(m, self.pc, self.fp, text),
            // SAFETY: as above.
            _ => unsafe { self.raise(m, GoPanic::Text(fault.message())) },
        }
    }
}

macro_rules! operations {
    ($($(#[$doc:meta])* fn $name:ident($m:ident, $s:ident) $body:block)*) => { $(
        $(#[$doc])*
        ///
        /// # Safety
        /// `pc` is such an instruction of verified, linked code, `fp` its frame on the stack of the running goroutine.
        #[inline(never)]
        pub unsafe extern "sysv64" fn $name($m: &mut M, pc: *const u64, fp: *mut u64) -> State {
            // SAFETY: by the contract; Go's own checks are made where they are due.
            unsafe {
                let $s = Site { pc, fp, word: $m.rt().entries.original(*pc) };
                $body
            }
        }
    )* };
}

/// Checks a slice expression's bounds: (low, high, max).
fn bounds(
    low: Option<u64>,
    high: Option<u64>,
    max: Option<u64>,
    len: u64,
    cap: u64,
    is_cap: bool,
) -> Result<(u64, u64, u64), GoPanic> {
    let low = low.unwrap_or(0);
    if let Some(max) = max {
        let high = high.unwrap_or(len);
        if max > cap {
            return Err(GoPanic::Slice3Max {
                max: max as i64,
                limit: cap as i64,
                is_cap,
            });
        }
        if high > max {
            return Err(GoPanic::Slice3High {
                high: high as i64,
                max: max as i64,
            });
        }
        if low > high {
            return Err(GoPanic::Slice3Low {
                low: low as i64,
                high: high as i64,
            });
        }
        return Ok((low, high, max));
    }
    let high = match high {
        Some(high) if high > cap => {
            return Err(GoPanic::SliceHigh {
                high: high as i64,
                limit: cap as i64,
                is_cap,
            });
        }
        Some(high) => high,
        None => len,
    };
    if low > high {
        return Err(GoPanic::SliceLow {
            low: low as i64,
            high: high as i64,
        });
    }
    Ok((low, high, cap))
}

/// Writes the slice `base[low:high:max]`. Nothing may point one past an object, so an empty end keeps the old base.
unsafe fn put_slice(s: Site, base: u64, elem_size: u64, (low, high, max): (u64, u64, u64)) {
    let base = if max == low {
        base
    } else {
        base + low * elem_size
    };
    // SAFETY: the instruction's destination.
    unsafe { s.set_slice(s.a(), base, high - low, max - low) }
}

operations! {
    // ---- comparisons
    fn equal_interfaces(m, s) {
        let typed = |at: usize| {
            let word = s.slot(at);
            let typ = if s.op() == Op::EqEface || word == 0 { word as *const RType } else { (*(word as *const Itab)).typ };
            (typ, s.slot(at + 1) as usize)
        };
        match interfaces_equal(typed(s.b()), typed(s.c())) {
            Ok(equal) => {
                s.set(s.a(), u64::from(equal));
                s.next(1)
            }
            Err(fault) => s.fault(m, fault),
        }
    }
    fn equal_memory(m, s) {
        let (x, y) = (s.slot(s.b()), s.slot(s.c()));
        if x < crate::dispatch::NIL_PAGE || y < crate::dispatch::NIL_PAGE {
            return slow::nil_deref(m, s.pc, s.fp);
        }
        match equal_values(s.typ(1), x as *const u8, y as *const u8) {
            Ok(equal) => {
                s.set(s.a(), u64::from(equal));
                s.next(2)
            }
            Err(fault) => s.fault(m, fault),
        }
    }
    fn equal_blocks(m, s) {
        match equal_values(s.typ(1), s.fp.add(s.b()).cast(), s.fp.add(s.c()).cast()) {
            Ok(equal) => {
                s.set(s.a(), u64::from(equal));
                s.next(2)
            }
            Err(fault) => s.fault(m, fault),
        }
    }

    // ---- slices
    fn slice_slice(m, s) {
        let (from, slots) = (s.b(), s.ext(1));
        let low = s.optional(s.c() as u16);
        let (high, max) = (s.optional(slots as u16), s.optional((slots >> 16) as u16));
        match bounds(low, high, max, s.slot(from + 1), s.slot(from + 2), true) {
            Ok(range) => {
                put_slice(s, s.slot(from), s.ext(2), range);
                s.next(3)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn slice_string(m, s) {
        let (from, slots) = (s.b(), s.ext(1));
        let text = s.string(from);
        let len = text.len as u64;
        match bounds(s.optional(s.c() as u16), s.optional(slots as u16), None, len, len, false) {
            Ok((low, high, _)) => {
                let base = if low == high { text.ptr } else { text.ptr.add(low as usize) };
                s.set_string(s.a(), GoStr { ptr: base, len: (high - low) as usize });
                s.next(2)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn slice_array(m, s) {
        let (base, slots, len) = (s.slot(s.b()), s.ext(1), s.ext(3));
        if base < crate::dispatch::NIL_PAGE {
            return slow::nil_deref(m, s.pc, s.fp);
        }
        let low = s.optional(s.c() as u16);
        let (high, max) = (s.optional(slots as u16), s.optional((slots >> 16) as u16));
        match bounds(low, high, max, len, len, false) {
            Ok(range) => {
                put_slice(s, base, s.ext(2), range);
                s.next(4)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn make_slice(m, s) {
        let (len, cap) = (s.slot(s.b()), s.slot(s.c()));
        let elem = s.typ(1);
        let fits = |n: u64| (n as i64) >= 0 && array_bytes(elem, n as usize).is_some();
        if !fits(len) || !fits(cap) || len > cap {
            let what = if fits(len) { "cap" } else { "len" };
            return s.raise(m, GoPanic::Text(format!("makeslice: {what} out of range")));
        }
        let memory = m.alloc_array(elem, cap as usize);
        s.set_slice(s.a(), memory as u64, len, cap);
        s.next(3)
    }
    /// append of one element to a full slice.
    fn append_one(m, s) {
        let (from, elem) = (s.b(), s.typ(1));
        let len = s.slot(from + 1);
        match reserve(m, elem, (s.slot(from), len, s.slot(from + 2)), 1) {
            Ok((base, cap)) => {
                let to = (base as *mut u8).add(len as usize * elem.size);
                m.barrier_copy(elem, to, s.fp.add(s.c()).cast(), 1);
                store_value(elem, s.fp.add(s.c()), to);
                s.set_slice(s.a(), base, len + 1, cap);
                s.next(3)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn append_slice(m, s) {
        let (from, more, elem) = (s.b(), s.c(), s.typ(1));
        let (len, count) = (s.slot(from + 1), s.slot(more + 1));
        let source = s.slot(more) as *const u8;
        match reserve(m, elem, (s.slot(from), len, s.slot(from + 2)), count) {
            Ok((base, cap)) => {
                // The two may be parts of one array.
                let to = (base as *mut u8).wrapping_add(len as usize * elem.size);
                m.barrier_copy(elem, to, source, count as usize);
                ptr::copy(source, to, count as usize * elem.size);
                s.set_slice(s.a(), base, len + count, cap);
                s.next(3)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn append_zeroed(m, s) {
        let (from, count, elem) = (s.b(), s.c() as u64, s.typ(1));
        let len = s.slot(from + 1);
        match reserve(m, elem, (s.slot(from), len, s.slot(from + 2)), count) {
            Ok((base, cap)) => {
                let to = (base as *mut u8).wrapping_add(len as usize * elem.size);
                m.barrier_values(elem, to, count as usize);
                ptr::write_bytes(to, 0, count as usize * elem.size);
                s.set_slice(s.a(), base, len + count, cap);
                s.next(3)
            }
            Err(panic) => s.raise(m, panic),
        }
    }
    fn copy_slice(m, s) {
        let (to, from) = (s.b(), s.c());
        let count = s.slot(to + 1).min(s.slot(from + 1));
        m.barrier_copy(s.typ(1), s.slot(to) as *const u8, s.slot(from) as *const u8, count as usize);
        ptr::copy(s.slot(from) as *const u8, s.slot(to) as *mut u8, count as usize * s.typ(1).size);
        s.set(s.a(), count);
        s.next(2)
    }

    // ---- strings
    fn concat_two(m, s) {
        let parts = [s.string(s.b()), s.string(s.c())];
        concatenate(m, s, &parts)
    }
    fn concat_many(m, s) {
        // In a frame as in memory.
        let parts = std::slice::from_raw_parts(s.fp.add(s.b()).cast::<GoStr>(), s.c());
        concatenate(m, s, parts)
    }
    fn string_to_bytes(m, s) {
        let from = s.string(s.b());
        let (ptr, cap) = text::to_bytes(m, from);
        s.set_slice(s.a(), ptr as u64, from.len as u64, cap as u64);
        s.next(2)
    }
    fn bytes_to_string(m, s) {
        let bytes = s.string(s.b());
        let ptr = text::from_bytes(m, bytes.ptr, bytes.len);
        s.set_string(s.a(), GoStr { ptr, len: bytes.len });
        s.next(2)
    }
    fn string_to_runes(m, s) {
        let text = s.string(s.b());
        let count = strings::count_runes(text.bytes());
        let room = if count == 0 { 0 } else { rounded_size(4 * count) };
        let memory = m.alloc_noscan(room);
        strings::write_runes(text.bytes(), memory.cast());
        s.set_slice(s.a(), memory as u64, count as u64, room as u64 / 4);
        s.next(2)
    }
    fn runes_to_string(m, s) {
        let (at, count) = (s.slot(s.b()) as *const i32, s.slot(s.b() + 1) as usize);
        let runes = if count == 0 { &[] } else { std::slice::from_raw_parts(at, count) };
        let len = strings::utf8_len(runes);
        let memory = m.alloc_noscan(len);
        strings::write_utf8(runes, memory);
        s.set_string(s.a(), GoStr { ptr: memory, len });
        s.next(2)
    }
    fn rune_to_string(m, s) {
        let string = text::from_rune(m, s.slot(s.b()) as i64);
        s.set_string(s.a(), string);
        s.next(2)
    }

    // ---- maps
    fn make_map(m, s) {
        let hint = s.optional(s.b() as u16).map_or(0, |hint| hint as i64);
        s.set(s.a(), map::make(m, s.typ(1), hint) as u64);
        s.next(3)
    }
    fn map_get(m, s) {
        let typ = s.typ(1);
        match map::get(s.slot(s.b()) as *const _, typ, s.fp.add(s.c()).cast()) {
            Ok(elem) if elem.is_null() => zero_value(&*typ.elem, s.fp.add(s.a())),
            Ok(elem) => load_value(&*typ.elem, elem, s.fp.add(s.a())),
            Err(fault) => return s.fault(m, fault),
        }
        s.next(2)
    }
    fn map_get_ok(m, s) {
        let typ = s.typ(1);
        let found = match map::get(s.slot(s.b()) as *const _, typ, s.fp.add(s.c()).cast()) {
            Ok(elem) if elem.is_null() => {
                zero_value(&*typ.elem, s.fp.add(s.a()));
                false
            }
            Ok(elem) => {
                load_value(&*typ.elem, elem, s.fp.add(s.a()));
                true
            }
            Err(fault) => return s.fault(m, fault),
        };
        s.set(s.ext(2) as u16 as usize, u64::from(found));
        s.next(3)
    }
    fn map_ref(m, s) {
        let target = s.slot(s.b()) as *mut map::Map;
        if target.is_null() {
            return s.raise(m, GoPanic::Plain("assignment to entry in nil map".to_owned()));
        }
        match map::reference(m, target, s.fp.add(s.c()).cast()) {
            Ok(elem) => {
                s.set(s.a(), elem as u64);
                s.next(3)
            }
            Err(fault) => s.fault(m, fault),
        }
    }
    fn map_delete(m, s) {
        match map::delete(m, s.slot(s.b()) as *mut _, s.typ(1), s.fp.add(s.c()).cast()) {
            Ok(()) => s.next(2),
            Err(fault) => s.fault(m, fault),
        }
    }
    fn map_clear(m, s) {
        match map::clear(m, s.slot(s.a()) as *mut _) {
            Ok(()) => s.next(2),
            Err(fault) => s.fault(m, fault),
        }
    }
    /// An iterator has met a goroutine that writes to its map.
    fn iter_clash(m, s) {
        s.fault(m, map::fault_of_iter(s.slot(s.a()) as *const _))
    }

    // ---- interfaces
    fn assertion_failed(m, s) {
        let (wanted, inter) = (s.typ(1), s.typ(2));
        let concrete = dynamic_type(inter, s.slot(s.b()) as usize);
        let text = iface::assertion_text(inter, concrete, wanted);
        s.raise(m, GoPanic::TypeAssertion(text))
    }
    /// Conversion and assertion to interface types.
    fn to_interface(m, s) {
        let (op, wanted, inter) = (s.op(), s.typ(1), s.typ(2));
        let concrete = dynamic_type(inter, s.slot(s.b()) as usize);
        let mut words = None;
        if concrete.is_null() {
            // A nil interface converts to nil, and passes no assertion.
            if op == Op::ConvI {
                words = Some((0, 0));
            }
        } else if wanted.imethods.len == 0 {
            words = Some((concrete as u64, s.slot(s.b() + 1)));
        } else if let Some(itab) = m.rt().itabs.get(wanted, concrete) {
            words = Some((itab as u64, s.slot(s.b() + 1)));
        }
        if words.is_none() && op != Op::AssertIOk {
            let text = iface::missing_method_text(&m.rt().types, wanted, concrete);
            return s.raise(m, GoPanic::TypeAssertion(text));
        }
        let (first, data) = words.unwrap_or((0, 0));
        s.set(s.a(), first);
        s.set(s.a() + 1, data);
        if op == Op::AssertIOk {
            s.set(s.c(), u64::from(words.is_some()));
        }
        s.next(3)
    }

    // ---- natives
    fn call_native(m, s) {
        let word = s.ext(1);
        // SAFETY: linking put a native's word there.
        let native = native::entry(word);
        let after = s.pc.add(3);
        if word & COMPUTES != 0 && native::compute(native, m, Slots::new(s.fp)) {
            return State { pc: after, fp: s.fp };
        }
        m.g().save(&Top::at(after, s.fp, s.ext(2)));
        match native::call(native, m, Slots::new(s.fp)) {
            Flow::Done if m.has_p() => State { pc: after, fp: s.fp },
            Flow::Done => slow::without_processor(m, &Top::at(after, s.fp, s.ext(2))),
            flow => slow::flow(m, s.pc, s.fp, flow),
        }
    }

    // ---- channels. A goroutine that comes here with a wait record has been parked in this very instruction.
    fn make_chan(m, s) {
        let cap = s.optional(s.b() as u16).map_or(0, |cap| cap as i64);
        match chan::make(m, s.typ(1), cap) {
            Ok(channel) => {
                s.set(s.a(), channel as u64);
                s.next(3)
            }
            Err(text) => s.raise(m, GoPanic::Plain(text.to_owned())),
        }
    }
    fn send(m, s) {
        let outcome = if m.g().wait.is_null() {
            chan::send(m, s.slot(s.a()) as *mut _, s.fp.add(s.b()).cast())
        } else {
            chan::finish(m, Target::Discard)
        };
        match outcome {
            Outcome::Parked(reason) => slow::park(m, s.pc, s.fp, s.ext(2), reason),
            Outcome::Panic(misuse) => s.raise(m, GoPanic::Plain(misuse.text().to_owned())),
            _ => s.next(3),
        }
    }
    fn receive(m, s) {
        let target = Target::Slots(s.fp.add(s.a()));
        let outcome = if m.g().wait.is_null() {
            chan::recv(m, s.slot(s.b()) as *mut _, target)
        } else {
            chan::finish(m, target)
        };
        if let Outcome::Parked(reason) = outcome {
            return slow::park(m, s.pc, s.fp, s.ext(2), reason);
        }
        if s.op() == Op::RecvOk {
            s.set(s.c(), u64::from(outcome == Outcome::Done));
        }
        s.next(3)
    }
    fn close(m, s) {
        match chan::close(m, s.slot(s.a()) as *mut _) {
            Outcome::Panic(misuse) => s.raise(m, GoPanic::Plain(misuse.text().to_owned())),
            _ => s.next(1),
        }
    }
    fn select(m, s) {
        let count = s.b();
        let words = Instr { op: Op::Select, a: 0, b: count as u16, c: 0 }.words();
        let fields = |case: usize| {
            let word = s.ext(1 + 3 * case);
            (word as u16 == 1, (word >> 16) as u16, (word >> 32) as u16, (word >> 48) as u16)
        };
        let target = |value: u16| match value {
            NO_SLOT => Target::Discard,
            slot => Target::Slots(s.fp.add(usize::from(slot))),
        };
        let (outcome, chosen) = if m.g().wait.is_null() {
            let case = |case: usize| {
                let (sends, channel, value, _) = fields(case);
                let from = if sends && value != NO_SLOT { s.fp.add(usize::from(value)).cast() } else { ptr::null() };
                let chan = s.slot(usize::from(channel)) as *mut chan::Chan;
                Case { chan, sends, from, target: if sends { Target::Discard } else { target(value) } }
            };
            if count == 1 {
                chan::select(m, &[case(0)], s.c() != 0)
            } else {
                let mut cases: SmallVec<[Case; 8]> = SmallVec::new();
                (0..count).for_each(|i| cases.push(case(i)));
                chan::select(m, &cases, s.c() != 0)
            }
        } else {
            chan::finish_select(m, |case| target(fields(case).2))
        };
        match outcome {
            Outcome::Parked(reason) => return slow::park(m, s.pc, s.fp, s.ext(words - 1), reason),
            Outcome::Panic(misuse) => return s.raise(m, GoPanic::Plain(misuse.text().to_owned())),
            Outcome::WouldBlock => {
                s.set(s.a(), -1i64 as u64);
                return s.next(words);
            }
            Outcome::Done | Outcome::Closed => {}
        }
        let (sends, _, _, ok) = fields(chosen);
        if !sends && ok != NO_SLOT {
            s.set(usize::from(ok), u64::from(outcome == Outcome::Done));
        }
        s.set(s.a(), chosen as u64);
        s.next(words)
    }
}

unsafe fn concatenate(m: &mut M, s: Site, parts: &[GoStr]) -> State {
    // SAFETY: as in the operations that call this.
    unsafe {
        match text::concat(m, parts) {
            Some(string) => {
                s.set_string(s.a(), string);
                s.next(2)
            }
            None => s.raise(
                m,
                GoPanic::Plain("string concatenation too long".to_owned()),
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slice_bounds() {
        assert_eq!(bounds(Some(1), None, None, 3, 5, true), Ok((1, 3, 5)));
        assert_eq!(
            bounds(Some(1), Some(6), None, 3, 5, true),
            Err(GoPanic::SliceHigh {
                high: 6,
                limit: 5,
                is_cap: true
            })
        );
        assert_eq!(
            bounds(Some(4), None, None, 3, 5, true),
            Err(GoPanic::SliceLow { low: 4, high: 3 })
        );
        assert_eq!(bounds(Some(0), Some(2), Some(4), 3, 5, true), Ok((0, 2, 4)));
    }
}
