//! The loop: one `match` over the operation of the word at `pc`.
//!
//! The registers of the machine are three locals: `pc`, the address of the instruction; `fp`, the address of slot 0 of the running frame;
//! `g`, the running goroutine. Arms for what programs do all the time are spelled out here and touch nothing else. All that allocates, hashes,
//! compares deeply, blocks or fails is a function that is not inlined, takes `(m, pc, fp)` and answers with the `State` to go on with: so the compiler keeps the
//! three locals in registers.
//!
//! Linked code has passed the verifier: operations and slots are in range, jumps lead to instructions. What is checked here is what Go checks.

use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

use bytecode::func::{Func, HAS_CTX};
use bytecode::isa::{Op, Trap};
use bytecode::rtype::{GoStr, Itab, RType};
use runtime::equal::bytes_equal;
use runtime::iface::{load_value, store_value, unbox, zero_value};
use runtime::numeric;
use runtime::runtime::M;
pub use runtime::tier::State;

use crate::{ops, slow};

/// Pointers below this are nil plus a small offset.
pub const NIL_PAGE: u64 = 4096;

/// Runs goroutines until the program ends; gives the state with the exit code. `TIER`: calls and back-edges enter compiled code and count. `ONE`: gives
/// the state after one instruction instead. `STRESS` is the loop in which the guards are always poisoned: an instruction that has been at its
/// safepoint must then not stop there again before it has run.
///
/// # Safety
/// `state` is that of `m.g`, a goroutine on linked, verified code.
pub unsafe fn execute<const STRESS: bool, const TIER: bool, const ONE: bool>(
    m: &mut M,
    state: State,
) -> State {
    let State { mut pc, mut fp } = state;
    let sample_every = if TIER { slow::sample_every(m) } else { 0 };
    let mut until_sample = sample_every;
    let mut random = 1u32;
    // Where compiled code was left: not to be entered there before an instruction has been executed.
    let mut left: *const u64 = std::ptr::null();
    let mut executed = false;
    let mut g = m.g;
    // In the stress loop: an instruction that has been at its safepoint and is to be executed.
    let mut passed: *const u64 = if STRESS { pc } else { std::ptr::null() };
    // SAFETY (the whole loop): the verifier's guarantees for operands; Go's checks for memory.
    unsafe {
        loop {
            if ONE && std::mem::replace(&mut executed, true) {
                return State { pc, fp };
            }
            let w = if ONE {
                m.rt().entries.original(*pc)
            } else {
                *pc
            };
            let op: Op = std::mem::transmute(w as u16);

            // Fields, as numbers.
            macro_rules! a {
                () => {
                    (w >> 16) as u16 as usize
                };
            }
            macro_rules! b {
                () => {
                    (w >> 32) as u16 as usize
                };
            }
            macro_rules! c {
                () => {
                    (w >> 48) as usize
                };
            }
            macro_rules! b_imm {
                () => {
                    ((w << 16) as i64 >> 48)
                };
            }
            macro_rules! c_imm {
                () => {
                    (w as i64 >> 48)
                };
            }
            macro_rules! imm32 {
                () => {
                    (w as i64 >> 32)
                };
            }
            // Slots.
            macro_rules! slot {
                ($i:expr) => {
                    *fp.add($i)
                };
            }
            macro_rules! ra {
                () => {
                    slot!(a!())
                };
            }
            macro_rules! rb {
                () => {
                    slot!(b!())
                };
            }
            macro_rules! rc {
                () => {
                    slot!(c!())
                };
            }
            macro_rules! ext {
                ($i:expr) => {
                    *pc.add($i)
                };
            }
            macro_rules! typ {
                ($i:expr) => {
                    &*(ext!($i) as *const RType)
                };
            }
            // Control.
            macro_rules! next {
                ($n:expr) => {{
                    pc = pc.add($n);
                    continue;
                }};
            }
            macro_rules! enter {
                ($state:expr) => {{
                    let state = $state;
                    pc = state.pc;
                    fp = state.fp;
                    if state.exit().is_some() {
                        return state;
                    }
                    if STRESS {
                        // A goroutine that comes back stands where it was stopped.
                        passed = if g == m.g { std::ptr::null() } else { pc };
                    }
                    g = m.g;
                    continue;
                }};
            }
            /// Goes on where compiled code has been left.
            macro_rules! enter_from_native {
                ($state:expr) => {{
                    let state = $state;
                    left = if g == m.g { state.pc } else { std::ptr::null() };
                    enter!(state)
                }};
            }
            /// Whether a sample is due. Intervals vary, lest they keep in step with the program.
            macro_rules! sample {
                () => {{
                    until_sample -= 1;
                    let due = until_sample == 0;
                    if due {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        until_sample = sample_every / 2 + (random >> 16) % sample_every;
                        until_sample += u32::from(until_sample == 0);
                    }
                    due
                }};
            }
            /// A send or receive, of three words. Where goroutines go on after they have waited is a place like a return: one that is hot gets compiled code.
            macro_rules! channel {
                ($f:path) => {{
                    let after = pc.add(3);
                    let waited = TIER && !(*g).wait.is_null();
                    let state = $f(m, pc, fp);
                    if waited && state.pc == after && sample!() {
                        enter_from_native!(slow::hot_place(m, after, state.fp, *pc.add(2)))
                    }
                    enter!(state)
                }};
            }
            /// An operation out of line.
            macro_rules! out_of_line {
                ($f:path) => {{ enter!($f(m, pc, fp)) }};
            }
            macro_rules! polled {
                () => {
                    (fp as usize) < (*g).stackguard.load(Ordering::Relaxed)
                };
            }
            /// Comes to the safepoint before an allocating instruction of `$n` words.
            macro_rules! safepoint {
                ($n:expr) => {
                    if polled!() && (!STRESS || passed != pc) {
                        let state = slow::before_instruction(m, pc, fp, $n);
                        if state.exit().is_some() {
                            return state;
                        }
                        pc = state.pc;
                        fp = state.fp;
                        g = m.g;
                        if STRESS {
                            passed = pc;
                        }
                        continue;
                    }
                };
            }
            macro_rules! branch {
                ($cond:expr) => {{
                    if $cond {
                        pc = pc.offset((w as i64 >> 48) as isize);
                        continue;
                    }
                    next!(1)
                }};
            }
            macro_rules! loop_branch {
                ($cond:expr) => {
                    loop_branch!($cond, (w as i64 >> 48))
                };
                ($cond:expr, $offset:expr) => {{
                    if $cond {
                        let safepoint = pc.add(1);
                        pc = pc.offset($offset as isize);
                        if polled!() {
                            enter!(slow::back_edge(m, pc, fp, *safepoint))
                        }
                        if TIER && sample!() {
                            enter_from_native!(slow::hot_place(m, pc, fp, *safepoint))
                        }
                        continue;
                    }
                    next!(2)
                }};
            }
            macro_rules! unary {
                ($x:ident => $value:expr) => {{
                    let $x = rb!();
                    ra!() = $value;
                    next!(1)
                }};
            }
            macro_rules! binary {
                ($x:ident, $y:ident => $value:expr) => {{
                    let $x = rb!();
                    let $y = rc!();
                    ra!() = $value;
                    next!(1)
                }};
            }
            macro_rules! divide {
                ($x:ident, $y:ident => $value:expr) => {{
                    let $x = rb!();
                    let $y = rc!();
                    if $y == 0 {
                        enter!(slow::divide(m, pc, fp))
                    }
                    ra!() = $value;
                    next!(1)
                }};
            }
            macro_rules! immediate {
                ($x:ident, $y:ident => $value:expr) => {{
                    let $x = rb!();
                    let $y = c_imm!();
                    ra!() = $value;
                    next!(1)
                }};
            }
            macro_rules! float64 {
                ($x:ident, $y:ident => $value:expr) => {
                    binary!(x, y => { let ($x, $y) = (f64::from_bits(x), f64::from_bits(y)); ($value).to_bits() })
                };
            }
            macro_rules! float32 {
                ($x:ident, $y:ident => $value:expr) => {
                    binary!(x, y => {
                        let ($x, $y) = (f32::from_bits(x as u32), f32::from_bits(y as u32));
                        u64::from(($value).to_bits())
                    })
                };
            }
            macro_rules! float64_test {
                ($x:ident, $y:ident => $value:expr) => {
                    binary!(x, y => { let ($x, $y) = (f64::from_bits(x), f64::from_bits(y)); u64::from($value) })
                };
            }
            macro_rules! float32_test {
                ($x:ident, $y:ident => $value:expr) => {
                    binary!(x, y => {
                        let ($x, $y) = (f32::from_bits(x as u32), f32::from_bits(y as u32));
                        u64::from($value)
                    })
                };
            }
            macro_rules! float64_branch {
                ($x:ident, $y:ident => $value:expr) => {
                    branch!({
                        let ($x, $y) = (f64::from_bits(ra!()), f64::from_bits(rb!()));
                        $value
                    })
                };
            }
            macro_rules! string {
                ($i:expr) => {{
                    let at = $i;
                    GoStr {
                        ptr: slot!(at) as *const u8,
                        len: slot!(at + 1) as usize,
                    }
                }};
            }
            macro_rules! strings_equal {
                ($x:expr, $y:expr) => {{
                    let (x, y) = ($x, $y);
                    slot!(x + 1) == slot!(y + 1)
                        && bytes_equal(
                            slot!(x) as *const u8,
                            slot!(y) as *const u8,
                            slot!(x + 1) as usize,
                        )
                }};
            }
            /// The pointer in a slot, which is not nil.
            macro_rules! pointer {
                ($slot:expr) => {{
                    let pointer = $slot;
                    if pointer < NIL_PAGE {
                        enter!(slow::nil_deref(m, pc, fp))
                    }
                    pointer as *mut u8
                }};
            }
            macro_rules! atomic {
                ($atomic:ty, $t:ty, $word:ident => $value:expr) => {{
                    let $word = <$atomic>::from_ptr(pointer!(rb!()).cast::<$t>());
                    ra!() = $value as u64;
                    next!(1)
                }};
            }
            macro_rules! compare_and_swap {
                ($atomic:ty, $t:ty) => {{
                    let word = <$atomic>::from_ptr(pointer!(rb!()).cast::<$t>());
                    let (old, new) = (rc!() as $t, slot!(ext!(1) as u16 as usize) as $t);
                    let swapped =
                        word.compare_exchange(old, new, Ordering::SeqCst, Ordering::SeqCst);
                    ra!() = u64::from(swapped.is_ok());
                    next!(2)
                }};
            }
            macro_rules! check_index {
                ($index:expr, $len:expr) => {
                    if $index >= $len {
                        enter!(slow::index(m, pc, fp, $index, $len))
                    }
                };
            }
            macro_rules! load {
                ($t:ty as $wide:ty) => {{
                    let from = pointer!(rb!()).add(c!()).cast::<$t>();
                    ra!() = from.read_unaligned() as $wide as u64;
                    next!(1)
                }};
            }
            macro_rules! store {
                ($t:ty) => {{
                    let to = pointer!(ra!()).add(c!()).cast::<$t>();
                    to.write_unaligned(rb!() as $t);
                    next!(1)
                }};
            }
            macro_rules! load_global {
                ($t:ty as $wide:ty) => {{
                    ra!() = (*(ext!(1) as *const $t)) as $wide as u64;
                    next!(2)
                }};
            }
            /// A pointer is about to be stored where the collector may not see it.
            macro_rules! barrier {
                ($at:expr, $new:expr) => {
                    m.barrier($at as *const u64, $new)
                };
            }
            macro_rules! store_global {
                ($t:ty) => {{
                    *(ext!(1) as *mut $t) = ra!() as $t;
                    next!(2)
                }};
            }
            macro_rules! load_local {
                ($t:ty as $wide:ty) => {{
                    let from = fp.add(b!()).cast::<u8>().add(c!()).cast::<$t>();
                    ra!() = from.read_unaligned() as $wide as u64;
                    next!(1)
                }};
            }
            macro_rules! store_local {
                ($t:ty) => {{
                    let to = fp.add(a!()).cast::<u8>().add(c!()).cast::<$t>();
                    to.write_unaligned(rb!() as $t);
                    next!(1)
                }};
            }
            /// Element of an array in the frame.
            macro_rules! load_local_elem {
                ($t:ty as $wide:ty) => {{
                    let index = rc!();
                    check_index!(index, ext!(1));
                    ra!() = *fp.add(b!()).cast::<$t>().add(index as usize) as $wide as u64;
                    next!(2)
                }};
            }
            macro_rules! store_local_elem {
                ($t:ty) => {{
                    let index = rb!();
                    check_index!(index, ext!(1));
                    *fp.add(a!()).cast::<$t>().add(index as usize) = rc!() as $t;
                    next!(2)
                }};
            }
            /// Element of a slice or string.
            macro_rules! load_elem {
                ($t:ty as $wide:ty) => {{
                    let (at, index) = (b!(), rc!());
                    check_index!(index, slot!(at + 1));
                    ra!() = (slot!(at) as *const $t)
                        .add(index as usize)
                        .read_unaligned() as $wide as u64;
                    next!(1)
                }};
            }
            macro_rules! store_elem {
                ($t:ty) => {{
                    let (at, index) = (a!(), rb!());
                    check_index!(index, slot!(at + 1));
                    (slot!(at) as *mut $t)
                        .add(index as usize)
                        .write_unaligned(rc!() as $t);
                    next!(1)
                }};
            }
            /// Element of an array behind a pointer.
            macro_rules! load_array_elem {
                ($t:ty as $wide:ty) => {{
                    let from = pointer!(rb!()).cast::<$t>();
                    let index = rc!();
                    check_index!(index, ext!(1));
                    ra!() = from.add(index as usize).read_unaligned() as $wide as u64;
                    next!(2)
                }};
            }
            macro_rules! store_array_elem {
                ($t:ty) => {{
                    let to = pointer!(ra!()).cast::<$t>();
                    let index = rb!();
                    check_index!(index, ext!(1));
                    to.add(index as usize).write_unaligned(rc!() as $t);
                    next!(2)
                }};
            }
            macro_rules! append_elem {
                ($t:ty) => {
                    append_elem!($t, at, {})
                };
                ($t:ty, $at:ident, $before:expr) => {{
                    let (to, from) = (a!(), b!());
                    let (len, cap) = (slot!(from + 1), slot!(from + 2));
                    if len < cap {
                        let base = slot!(from);
                        let $at = (base as *mut $t).add(len as usize);
                        $before;
                        $at.write(rc!() as $t);
                        slot!(to) = base;
                        slot!(to + 1) = len + 1;
                        slot!(to + 2) = cap;
                        next!(3)
                    }
                    safepoint!(3);
                    out_of_line!(ops::append_one)
                }};
            }
            /// Pushes the frame of `$callee` and goes on in it; `$after` is the return pc.
            macro_rules! call {
                ($callee:expr, $after:expr, $context:expr) => {{
                    let callee: &'static Func = $callee;
                    let slots = callee.frame_slots.load(Ordering::Relaxed) as usize;
                    let new_fp = (fp as usize).wrapping_sub(8 + 8 * slots);
                    if new_fp < (*g).stackguard.load(Ordering::Relaxed) {
                        enter!(slow::call(m, $after, fp, callee, $context))
                    }
                    *fp.sub(1) = $after as u64;
                    if TIER {
                        let entry = callee.native_entry.load(Ordering::Relaxed);
                        if !entry.is_null() {
                            let state = slow::native(m, entry, fp, $context.unwrap_or(0));
                            if state.pc == $after && state.fp == fp && g == m.g {
                                // It has returned. (What compiled code leaves to the interpreter is never behind a call that it has not made.)
                                left = std::ptr::null();
                                if STRESS {
                                    passed = std::ptr::null();
                                }
                                pc = state.pc;
                                if sample!() {
                                    enter_from_native!(slow::hot_place(m, pc, fp, *pc.sub(1)))
                                }
                                continue;
                            }
                            enter_from_native!(state)
                        }
                        if sample!() {
                            slow::hot_call(m, callee);
                        }
                    }
                    if let Some(context) = $context {
                        if callee.flags.load(Ordering::Relaxed) & HAS_CTX != 0 {
                            *fp.sub(2) = context;
                        }
                    }
                    fp = new_fp as *mut u64;
                    pc = callee.code.load(Ordering::Relaxed);
                    continue;
                }};
            }

            /// Notes what a call of a closure or method calls; its number is in the upper half of the linked word.
            macro_rules! note {
                ($callee:expr) => {
                    if (TIER || ONE) && !m.rt().funcs.sites.get((w >> 32) as u32).knows($callee) {
                        slow::note_callee(m, (w >> 32) as u32, $callee);
                    }
                };
            }

            match op {
                Op::Enter => {
                    // Who has waited in the instruction here finishes it first.
                    if TIER && left != pc && (*g).wait.is_null() {
                        let code = m.rt().entries.code(w);
                        enter_from_native!(slow::native(m, code, fp, 0))
                    }
                    left = std::ptr::null();
                    enter!(execute::<STRESS, false, true>(m, State { pc, fp }))
                }

                Op::IfNotClosure | Op::IfNotMethod | Op::ExpectClosure | Op::ExpectMethod => {
                    unreachable!("never linked")
                }

                // ---- moves and constants
                Op::Nop => next!(1),
                Op::Mov => {
                    ra!() = rb!();
                    next!(1)
                }
                Op::Mov2 => {
                    let (to, from) = (a!(), b!());
                    let (x, y) = (slot!(from), slot!(from + 1));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    next!(1)
                }
                Op::Mov3 => {
                    let (to, from) = (a!(), b!());
                    let (x, y, z) = (slot!(from), slot!(from + 1), slot!(from + 2));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    slot!(to + 2) = z;
                    next!(1)
                }
                Op::MovN => {
                    std::ptr::copy(fp.add(b!()), fp.add(a!()), c!());
                    next!(1)
                }
                Op::LdI => {
                    ra!() = imm32!() as u64;
                    next!(1)
                }
                Op::LdK | Op::LdFnW | Op::LdType | Op::LdItab | Op::LeaG => {
                    ra!() = ext!(1);
                    next!(2)
                }
                Op::LdNil => {
                    ra!() = 0;
                    next!(1)
                }
                Op::ZeroN => {
                    std::ptr::write_bytes(fp.add(a!()), 0, b!());
                    next!(1)
                }
                Op::LdStr => {
                    let to = a!();
                    slot!(to) = ext!(1);
                    slot!(to + 1) = ext!(2);
                    next!(3)
                }
                Op::LdFn => {
                    ra!() = &raw const (*(ext!(1) as *const Func)).closure as u64;
                    next!(2)
                }
                Op::PtrToWord | Op::WordToPtr => {
                    ra!() = rb!();
                    next!(1)
                }

                // ---- integers
                Op::Add => binary!(x, y => x.wrapping_add(y)),
                Op::Sub => binary!(x, y => x.wrapping_sub(y)),
                Op::Mul => binary!(x, y => x.wrapping_mul(y)),
                Op::And => binary!(x, y => x & y),
                Op::Or => binary!(x, y => x | y),
                Op::Xor => binary!(x, y => x ^ y),
                Op::AndNot => binary!(x, y => x & !y),
                Op::Shl => binary!(x, y => if y < 64 { x << y } else { 0 }),
                Op::ShrU => binary!(x, y => if y < 64 { x >> y } else { 0 }),
                Op::ShrS => binary!(x, y => (x as i64 >> y.min(63)) as u64),
                Op::ChkShift => {
                    if (ra!() as i64) < 0 {
                        enter!(slow::negative_shift(m, pc, fp))
                    }
                    next!(1)
                }
                Op::DivS => divide!(x, y => (x as i64).wrapping_div(y as i64) as u64),
                Op::RemS => divide!(x, y => (x as i64).wrapping_rem(y as i64) as u64),
                Op::DivU => divide!(x, y => x / y),
                Op::RemU => divide!(x, y => x % y),
                Op::AddI => immediate!(x, y => x.wrapping_add(y as u64)),
                Op::RsubI => immediate!(x, y => (y as u64).wrapping_sub(x)),
                Op::MulI => immediate!(x, y => x.wrapping_mul(y as u64)),
                Op::AndI => immediate!(x, y => x & y as u64),
                Op::OrI => immediate!(x, y => x | y as u64),
                Op::XorI => immediate!(x, y => x ^ y as u64),
                Op::ShlI => immediate!(x, y => x << (y & 63)),
                Op::ShrUI => immediate!(x, y => x >> (y & 63)),
                Op::ShrSI => immediate!(x, y => (x as i64 >> (y & 63)) as u64),
                Op::DivSI => {
                    immediate!(x, y => (x as i64).wrapping_div(numeric::divisor(y)) as u64)
                }
                Op::RemSI => {
                    immediate!(x, y => (x as i64).wrapping_rem(numeric::divisor(y)) as u64)
                }
                Op::DivUI => unary!(x => x / numeric::divisor(c!() as i64) as u64),
                Op::RemUI => unary!(x => x % numeric::divisor(c!() as i64) as u64),
                Op::Neg => unary!(x => x.wrapping_neg()),
                Op::Not => unary!(x => !x),
                Op::AddS32 => binary!(x, y => (x as i32).wrapping_add(y as i32) as u64),
                Op::SubS32 => binary!(x, y => (x as i32).wrapping_sub(y as i32) as u64),
                Op::MulS32 => binary!(x, y => (x as i32).wrapping_mul(y as i32) as u64),
                Op::AddIS32 => immediate!(x, y => (x as i32).wrapping_add(y as i32) as u64),
                Op::AddU32 => binary!(x, y => u64::from((x as u32).wrapping_add(y as u32))),
                Op::SubU32 => binary!(x, y => u64::from((x as u32).wrapping_sub(y as u32))),
                Op::MulU32 => binary!(x, y => u64::from((x as u32).wrapping_mul(y as u32))),
                Op::AddIU32 => immediate!(x, y => u64::from((x as u32).wrapping_add(y as u32))),
                Op::ShlU32 => binary!(x, y => if y < 32 { u64::from((x as u32) << y) } else { 0 }),
                Op::ShlIU32 => immediate!(x, y => u64::from((x << (y & 63)) as u32)),
                Op::AddU8 => binary!(x, y => u64::from((x as u8).wrapping_add(y as u8))),
                Op::SubU8 => binary!(x, y => u64::from((x as u8).wrapping_sub(y as u8))),
                Op::AddIU8 => immediate!(x, y => u64::from((x as u8).wrapping_add(y as u8))),
                Op::ExtS8 => unary!(x => x as i8 as u64),
                Op::ExtS16 => unary!(x => x as i16 as u64),
                Op::ExtS32 => unary!(x => x as i32 as u64),
                Op::ExtU8 => unary!(x => u64::from(x as u8)),
                Op::ExtU16 => unary!(x => u64::from(x as u16)),
                Op::ExtU32 => unary!(x => u64::from(x as u32)),
                Op::MinS => binary!(x, y => (x as i64).min(y as i64) as u64),
                Op::MaxS => binary!(x, y => (x as i64).max(y as i64) as u64),
                Op::MinU => binary!(x, y => x.min(y)),
                Op::MaxU => binary!(x, y => x.max(y)),
                Op::Clz => unary!(x => u64::from(x.leading_zeros())),
                Op::Ctz => unary!(x => u64::from(x.trailing_zeros())),
                Op::Popcnt => unary!(x => u64::from(x.count_ones())),
                Op::Bswap => unary!(x => x.swap_bytes()),
                Op::Rotl64 => binary!(x, y => x.rotate_left(y as u32 & 63)),
                Op::Rotl32 => binary!(x, y => u64::from((x as u32).rotate_left(y as u32 & 31))),
                Op::MulHiU => binary!(x, y => ((u128::from(x) * u128::from(y)) >> 64) as u64),
                Op::CarryU => binary!(x, y => u64::from(x.checked_add(y).is_none())),

                // ---- atomic operations
                Op::AtomLd32 => atomic!(AtomicU32, u32, word => word.load(Ordering::SeqCst)),
                Op::AtomLd64 | Op::AtomLdP => {
                    atomic!(AtomicU64, u64, word => word.load(Ordering::SeqCst))
                }
                Op::AtomSwap32 => {
                    atomic!(AtomicU32, u32, word => word.swap(rc!() as u32, Ordering::SeqCst))
                }
                Op::AtomSwap64 => {
                    atomic!(AtomicU64, u64, word => word.swap(rc!(), Ordering::SeqCst))
                }
                Op::AtomAdd32 => atomic!(AtomicU32, u32, word => {
                    let delta = rc!() as u32;
                    word.fetch_add(delta, Ordering::SeqCst).wrapping_add(delta)
                }),
                Op::AtomAdd64 => atomic!(AtomicU64, u64, word => {
                    let delta = rc!();
                    word.fetch_add(delta, Ordering::SeqCst).wrapping_add(delta)
                }),
                Op::AtomCas32 => compare_and_swap!(AtomicU32, u32),
                Op::AtomCas64 => compare_and_swap!(AtomicU64, u64),

                // ---- floats
                Op::AddF64 => float64!(x, y => x + y),
                Op::SubF64 => float64!(x, y => x - y),
                Op::MulF64 => float64!(x, y => x * y),
                Op::DivF64 => float64!(x, y => x / y),
                Op::NegF64 => unary!(x => x ^ 1 << 63),
                Op::AddF32 => float32!(x, y => x + y),
                Op::SubF32 => float32!(x, y => x - y),
                Op::MulF32 => float32!(x, y => x * y),
                Op::DivF32 => float32!(x, y => x / y),
                Op::NegF32 => unary!(x => x ^ 1 << 31),
                Op::MinF64 => float64!(x, y => numeric::min(x, y)),
                Op::MaxF64 => float64!(x, y => numeric::max(x, y)),
                Op::MinF32 => float32!(x, y => numeric::min32(x, y)),
                Op::MaxF32 => float32!(x, y => numeric::max32(x, y)),
                Op::Sqrt => unary!(x => f64::from_bits(x).sqrt().to_bits()),
                Op::Abs => unary!(x => x & !(1 << 63)),
                Op::Floor => unary!(x => f64::from_bits(x).floor().to_bits()),
                Op::Ceil => unary!(x => f64::from_bits(x).ceil().to_bits()),
                Op::Trunc => unary!(x => f64::from_bits(x).trunc().to_bits()),
                Op::Copysign => binary!(x, y => x & !(1 << 63) | y & 1 << 63),
                Op::Fma => {
                    let z = slot!(ext!(1) as u16 as usize);
                    ra!() = f64::from_bits(rb!())
                        .mul_add(f64::from_bits(rc!()), f64::from_bits(z))
                        .to_bits();
                    next!(2)
                }
                Op::S64ToF64 => unary!(x => (x as i64 as f64).to_bits()),
                Op::U64ToF64 => unary!(x => (x as f64).to_bits()),
                Op::S64ToF32 => unary!(x => u64::from((x as i64 as f32).to_bits())),
                Op::U64ToF32 => unary!(x => u64::from((x as f32).to_bits())),
                Op::F64ToS64 => unary!(x => numeric::to_signed(f64::from_bits(x)) as u64),
                Op::F64ToU64 => unary!(x => numeric::to_unsigned(f64::from_bits(x))),
                Op::F32ToS64 => {
                    unary!(x => numeric::to_signed(f64::from(f32::from_bits(x as u32))) as u64)
                }
                Op::F32ToU64 => {
                    unary!(x => numeric::to_unsigned(f64::from(f32::from_bits(x as u32))))
                }
                Op::F64ToS32 => unary!(x => numeric::to_signed_32(f64::from_bits(x)) as u64),
                Op::F32ToS32 => {
                    unary!(x => numeric::to_signed_32(f64::from(f32::from_bits(x as u32))) as u64)
                }
                Op::F64ToF32 => unary!(x => u64::from((f64::from_bits(x) as f32).to_bits())),
                Op::F32ToF64 => unary!(x => f64::from(f32::from_bits(x as u32)).to_bits()),
                Op::DivC128 => {
                    let part = |at: usize| f64::from_bits(*fp.add(at));
                    let (x, y) = (b!(), c!());
                    let (re, im) =
                        numeric::divide_complex((part(x), part(x + 1)), (part(y), part(y + 1)));
                    let to = a!();
                    slot!(to) = re.to_bits();
                    slot!(to + 1) = im.to_bits();
                    next!(2)
                }

                // ---- comparisons to bool
                Op::Eq | Op::EqP => binary!(x, y => u64::from(x == y)),
                Op::Ne | Op::NeP => binary!(x, y => u64::from(x != y)),
                Op::LtS => binary!(x, y => u64::from((x as i64) < y as i64)),
                Op::LeS => binary!(x, y => u64::from(x as i64 <= y as i64)),
                Op::LtU => binary!(x, y => u64::from(x < y)),
                Op::LeU => binary!(x, y => u64::from(x <= y)),
                Op::EqI => immediate!(x, y => u64::from(x as i64 == y)),
                Op::NeI => immediate!(x, y => u64::from(x as i64 != y)),
                Op::LtSI => immediate!(x, y => u64::from((x as i64) < y)),
                Op::LeSI => immediate!(x, y => u64::from(x as i64 <= y)),
                Op::GtSI => immediate!(x, y => u64::from(x as i64 > y)),
                Op::GeSI => immediate!(x, y => u64::from(x as i64 >= y)),
                Op::EqF64 => float64_test!(x, y => x == y),
                Op::NeF64 => float64_test!(x, y => x != y),
                Op::LtF64 => float64_test!(x, y => x < y),
                Op::LeF64 => float64_test!(x, y => x <= y),
                Op::EqF32 => float32_test!(x, y => x == y),
                Op::NeF32 => float32_test!(x, y => x != y),
                Op::LtF32 => float32_test!(x, y => x < y),
                Op::LeF32 => float32_test!(x, y => x <= y),
                Op::IsNil => unary!(x => u64::from(x == 0)),
                Op::NotNil => unary!(x => u64::from(x != 0)),
                Op::BoolNot => unary!(x => x ^ 1),
                Op::EqStr => {
                    ra!() = u64::from(strings_equal!(b!(), c!()));
                    next!(1)
                }
                Op::NeStr => {
                    ra!() = u64::from(!strings_equal!(b!(), c!()));
                    next!(1)
                }
                Op::LtStr | Op::LeStr | Op::CmpStr => {
                    let order = runtime::strings::compare(string!(b!()), string!(c!()));
                    ra!() = match op {
                        Op::LtStr => u64::from(order.is_lt()),
                        Op::LeStr => u64::from(order.is_le()),
                        _ => order as i8 as u64,
                    };
                    next!(1)
                }
                Op::EqEface | Op::EqIface => out_of_line!(ops::equal_interfaces),
                Op::EqMem => out_of_line!(ops::equal_memory),
                Op::EqBlock => out_of_line!(ops::equal_blocks),

                // ---- jumps
                Op::Jmp => {
                    pc = pc.offset(imm32!() as isize);
                    continue;
                }
                Op::JEq | Op::JEqP => branch!(ra!() == rb!()),
                Op::JNe | Op::JNeP => branch!(ra!() != rb!()),
                Op::JLtS => branch!((ra!() as i64) < rb!() as i64),
                Op::JLeS => branch!(ra!() as i64 <= rb!() as i64),
                Op::JLtU => branch!(ra!() < rb!()),
                Op::JLeU => branch!(ra!() <= rb!()),
                Op::JEqI => branch!(ra!() as i64 == b_imm!()),
                Op::JNeI => branch!(ra!() as i64 != b_imm!()),
                Op::JLtSI => branch!((ra!() as i64) < b_imm!()),
                Op::JLeSI => branch!(ra!() as i64 <= b_imm!()),
                Op::JGtSI => branch!(ra!() as i64 > b_imm!()),
                Op::JGeSI => branch!(ra!() as i64 >= b_imm!()),
                Op::JEqF64 => float64_branch!(x, y => x == y),
                Op::JNeF64 => float64_branch!(x, y => x != y),
                Op::JLtF64 => float64_branch!(x, y => x < y),
                Op::JLeF64 => float64_branch!(x, y => x <= y),
                Op::JNltF64 => {
                    float64_branch!(x, y => x.partial_cmp(&y) != Some(std::cmp::Ordering::Less))
                }
                Op::JNleF64 => float64_branch!(x, y => x.partial_cmp(&y).is_none_or(|o| o.is_gt())),
                Op::JTrue | Op::JNotNil => branch!(ra!() != 0),
                Op::JFalse | Op::JNil => branch!(ra!() == 0),
                Op::JEqStr => branch!(strings_equal!(a!(), b!())),
                Op::JNeStr => branch!(!strings_equal!(a!(), b!())),
                Op::JmpL => loop_branch!(true, imm32!()),
                Op::JEqL => loop_branch!(ra!() == rb!()),
                Op::JNeL => loop_branch!(ra!() != rb!()),
                Op::JLtSL => loop_branch!((ra!() as i64) < rb!() as i64),
                Op::JLeSL => loop_branch!(ra!() as i64 <= rb!() as i64),
                Op::JLtUL => loop_branch!(ra!() < rb!()),
                Op::JNeIL => loop_branch!(ra!() as i64 != b_imm!()),
                Op::JLtSIL => loop_branch!((ra!() as i64) < b_imm!()),
                Op::JLeSIL => loop_branch!(ra!() as i64 <= b_imm!()),
                Op::JGtSIL => loop_branch!(ra!() as i64 > b_imm!()),
                Op::JGeSIL => loop_branch!(ra!() as i64 >= b_imm!()),
                Op::JTrueL | Op::JNotNilL => loop_branch!(ra!() != 0),
                Op::JFalseL => loop_branch!(ra!() == 0),
                Op::IncJLtL => {
                    let x = ra!().wrapping_add(1);
                    ra!() = x;
                    loop_branch!((x as i64) < rb!() as i64)
                }
                Op::IncJLtIL => {
                    let x = ra!().wrapping_add(1);
                    ra!() = x;
                    loop_branch!((x as i64) < b_imm!())
                }
                Op::JmpTable => {
                    let (x, entries) = (ra!(), b!());
                    if x < entries as u64 {
                        let offset = *pc.add(1).cast::<i32>().add(x as usize);
                        pc = pc.offset(offset as isize);
                        continue;
                    }
                    next!(1 + entries.div_ceil(2))
                }

                // ---- memory through pointers
                Op::LdS8 => load!(i8 as i64),
                Op::LdU8 => load!(u8 as u64),
                Op::LdS16 => load!(i16 as i64),
                Op::LdU16 => load!(u16 as u64),
                Op::LdS32 => load!(i32 as i64),
                Op::LdU32 => load!(u32 as u64),
                Op::LdW | Op::LdP => load!(u64 as u64),
                Op::LdStrM | Op::LdIfaceM => {
                    let from = pointer!(rb!()).add(c!()).cast::<u64>();
                    let to = a!();
                    let (x, y) = (*from, *from.add(1));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    next!(1)
                }
                Op::LdSliceM => {
                    let from = pointer!(rb!()).add(c!()).cast::<u64>();
                    let to = a!();
                    let (x, y, z) = (*from, *from.add(1), *from.add(2));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    slot!(to + 2) = z;
                    next!(1)
                }
                Op::LdN => {
                    let from = pointer!(rb!()).add(c!());
                    load_value(typ!(1), from, fp.add(a!()));
                    next!(2)
                }
                Op::St8 => store!(u8),
                Op::St16 => store!(u16),
                Op::St32 => store!(u32),
                Op::StW => store!(u64),
                Op::StP => {
                    let to = pointer!(ra!()).add(c!()).cast::<u64>();
                    barrier!(to, rb!());
                    *to = rb!();
                    next!(1)
                }
                Op::StStrM => {
                    let to = pointer!(ra!()).add(c!()).cast::<u64>();
                    let from = b!();
                    barrier!(to, slot!(from));
                    *to = slot!(from);
                    *to.add(1) = slot!(from + 1);
                    next!(1)
                }
                Op::StIfaceM => {
                    let to = pointer!(ra!()).add(c!()).cast::<u64>();
                    let from = b!();
                    barrier!(to.add(1), slot!(from + 1));
                    *to = slot!(from);
                    *to.add(1) = slot!(from + 1);
                    next!(1)
                }
                Op::StSliceM => {
                    let to = pointer!(ra!()).add(c!()).cast::<u64>();
                    let from = b!();
                    barrier!(to, slot!(from));
                    *to = slot!(from);
                    *to.add(1) = slot!(from + 1);
                    *to.add(2) = slot!(from + 2);
                    next!(1)
                }
                Op::StN => {
                    let to = pointer!(ra!()).add(c!());
                    m.barrier_copy(typ!(1), to, fp.add(b!()).cast(), 1);
                    store_value(typ!(1), fp.add(b!()), to);
                    next!(2)
                }
                Op::CopyMem => {
                    let (to, from) = (pointer!(ra!()), pointer!(rb!()));
                    m.barrier_copy(typ!(1), to, from, 1);
                    std::ptr::copy(from, to, typ!(1).size);
                    next!(2)
                }
                Op::ZeroMem => {
                    let to = pointer!(ra!());
                    m.barrier_values(typ!(1), to, 1);
                    std::ptr::write_bytes(to, 0, typ!(1).size);
                    next!(2)
                }
                Op::NilCheck => {
                    let _ = pointer!(ra!());
                    next!(1)
                }
                Op::AddP => {
                    ra!() = pointer!(rb!()) as u64 + c!() as u64;
                    next!(1)
                }
                Op::AddPK => {
                    ra!() = (pointer!(rb!()) as u64).wrapping_add(ext!(1));
                    next!(2)
                }
                Op::AddPW => binary!(x, y => x.wrapping_add(y)),

                // ---- package variables
                Op::LdGS8 => load_global!(i8 as i64),
                Op::LdGU8 => load_global!(u8 as u64),
                Op::LdGS16 => load_global!(i16 as i64),
                Op::LdGU16 => load_global!(u16 as u64),
                Op::LdGS32 => load_global!(i32 as i64),
                Op::LdGU32 => load_global!(u32 as u64),
                Op::LdGW | Op::LdGP => load_global!(u64 as u64),
                Op::LdGN => {
                    load_value(typ!(2), ext!(1) as *const u8, fp.add(a!()));
                    next!(3)
                }
                Op::StG8 => store_global!(u8),
                Op::StG16 => store_global!(u16),
                Op::StG32 => store_global!(u32),
                Op::StGW => store_global!(u64),
                Op::StGP => {
                    barrier!(ext!(1), ra!());
                    *(ext!(1) as *mut u64) = ra!();
                    next!(2)
                }
                Op::StGN => {
                    m.barrier_copy(typ!(2), ext!(1) as *const u8, fp.add(a!()).cast(), 1);
                    store_value(typ!(2), fp.add(a!()), ext!(1) as *mut u8);
                    next!(3)
                }

                // ---- parts of frame variables
                Op::LdLS8 => load_local!(i8 as i64),
                Op::LdLU8 => load_local!(u8 as u64),
                Op::LdLS16 => load_local!(i16 as i64),
                Op::LdLU16 => load_local!(u16 as u64),
                Op::LdLS32 => load_local!(i32 as i64),
                Op::LdLU32 => load_local!(u32 as u64),
                Op::StL8 => store_local!(u8),
                Op::StL16 => store_local!(u16),
                Op::StL32 => store_local!(u32),
                Op::LeaL => {
                    ra!() = fp.add(b!()) as u64 + c!() as u64;
                    next!(1)
                }
                Op::LdLXS8 => load_local_elem!(i8 as i64),
                Op::LdLXU8 => load_local_elem!(u8 as u64),
                Op::LdLXS16 => load_local_elem!(i16 as i64),
                Op::LdLXU16 => load_local_elem!(u16 as u64),
                Op::LdLXS32 => load_local_elem!(i32 as i64),
                Op::LdLXU32 => load_local_elem!(u32 as u64),
                Op::LdLXW | Op::LdLXP => load_local_elem!(u64 as u64),
                Op::StLX8 => store_local_elem!(u8),
                Op::StLX16 => store_local_elem!(u16),
                Op::StLX32 => store_local_elem!(u32),
                Op::StLXW | Op::StLXP => store_local_elem!(u64),

                // ---- elements of slices and strings
                Op::LdXS8 => load_elem!(i8 as i64),
                Op::LdXU8 => load_elem!(u8 as u64),
                Op::LdXS16 => load_elem!(i16 as i64),
                Op::LdXU16 => load_elem!(u16 as u64),
                Op::LdXS32 => load_elem!(i32 as i64),
                Op::LdXU32 => load_elem!(u32 as u64),
                Op::LdXW | Op::LdXP => load_elem!(u64 as u64),
                Op::LdXStr | Op::LdXIface => {
                    let (at, index) = (b!(), rc!());
                    check_index!(index, slot!(at + 1));
                    let from = (slot!(at) as *const u64).add(2 * index as usize);
                    let to = a!();
                    let (x, y) = (*from, *from.add(1));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    next!(1)
                }
                Op::LdXSlice => {
                    let (at, index) = (b!(), rc!());
                    check_index!(index, slot!(at + 1));
                    let from = (slot!(at) as *const u64).add(3 * index as usize);
                    let to = a!();
                    let (x, y, z) = (*from, *from.add(1), *from.add(2));
                    slot!(to) = x;
                    slot!(to + 1) = y;
                    slot!(to + 2) = z;
                    next!(1)
                }
                Op::LdXN => {
                    let (at, index) = (b!(), rc!());
                    check_index!(index, slot!(at + 1));
                    let typ = typ!(1);
                    load_value(
                        typ,
                        (slot!(at) as *const u8).add(typ.size * index as usize),
                        fp.add(a!()),
                    );
                    next!(2)
                }
                Op::StX8 => store_elem!(u8),
                Op::StX16 => store_elem!(u16),
                Op::StX32 => store_elem!(u32),
                Op::StXW => store_elem!(u64),
                Op::StXP => {
                    let (at, index) = (a!(), rb!());
                    check_index!(index, slot!(at + 1));
                    let to = (slot!(at) as *mut u64).add(index as usize);
                    barrier!(to, rc!());
                    *to = rc!();
                    next!(1)
                }
                Op::StXStr => {
                    let (at, index, from) = (a!(), rb!(), c!());
                    check_index!(index, slot!(at + 1));
                    let to = (slot!(at) as *mut u64).add(2 * index as usize);
                    barrier!(to, slot!(from));
                    *to = slot!(from);
                    *to.add(1) = slot!(from + 1);
                    next!(1)
                }
                Op::StXN => {
                    let (at, index) = (a!(), rb!());
                    check_index!(index, slot!(at + 1));
                    let typ = typ!(1);
                    let to = (slot!(at) as *mut u8).add(typ.size * index as usize);
                    m.barrier_copy(typ, to, fp.add(c!()).cast(), 1);
                    store_value(typ, fp.add(c!()), to);
                    next!(2)
                }
                Op::LeaX => {
                    let (at, index) = (b!(), rc!());
                    check_index!(index, slot!(at + 1));
                    ra!() = slot!(at) + index * ext!(1);
                    next!(2)
                }
                Op::LdAXS8 => load_array_elem!(i8 as i64),
                Op::LdAXU8 => load_array_elem!(u8 as u64),
                Op::LdAXS16 => load_array_elem!(i16 as i64),
                Op::LdAXU16 => load_array_elem!(u16 as u64),
                Op::LdAXS32 => load_array_elem!(i32 as i64),
                Op::LdAXU32 => load_array_elem!(u32 as u64),
                Op::LdAXW | Op::LdAXP => load_array_elem!(u64 as u64),
                Op::StAX8 => store_array_elem!(u8),
                Op::StAX16 => store_array_elem!(u16),
                Op::StAX32 => store_array_elem!(u32),
                Op::StAXW => store_array_elem!(u64),
                Op::StAXP => {
                    let to = pointer!(ra!()).cast::<u64>();
                    let index = rb!();
                    check_index!(index, ext!(1));
                    let to = to.add(index as usize);
                    barrier!(to, rc!());
                    *to = rc!();
                    next!(2)
                }
                Op::LeaAX => {
                    let base = pointer!(rb!()) as u64;
                    let index = rc!();
                    check_index!(index, ext!(1));
                    ra!() = base + index * ext!(2);
                    next!(3)
                }
                Op::Bound => {
                    let (index, len) = (ra!(), rb!());
                    check_index!(index, len);
                    next!(1)
                }

                // ---- slicing
                Op::Slice => out_of_line!(ops::slice_slice),
                Op::SliceStr => out_of_line!(ops::slice_string),
                Op::SliceArr => out_of_line!(ops::slice_array),
                Op::SliceToArr => {
                    let from = b!();
                    if slot!(from + 1) < ext!(1) {
                        enter!(slow::slice_to_array(m, pc, fp, slot!(from + 1), ext!(1)))
                    }
                    ra!() = slot!(from);
                    next!(2)
                }

                // ---- allocation
                Op::New => {
                    safepoint!(3);
                    ra!() = m.alloc(ext!(1) as *const RType) as u64;
                    next!(3)
                }
                Op::NewClosure => {
                    safepoint!(4);
                    ra!() = m.alloc_closure(ext!(1) as *const Func, b!(), ext!(2)) as u64;
                    next!(4)
                }
                Op::MakeSlice => {
                    safepoint!(3);
                    out_of_line!(ops::make_slice)
                }
                Op::MakeMap => {
                    safepoint!(3);
                    out_of_line!(ops::make_map)
                }
                Op::MakeChan => {
                    safepoint!(3);
                    out_of_line!(ops::make_chan)
                }
                Op::Append8 => append_elem!(u8),
                Op::Append32 => append_elem!(u32),
                Op::AppendW => append_elem!(u64),
                Op::AppendP => append_elem!(u64, at, barrier!(at, rc!())),
                Op::AppendN => {
                    let (to, from) = (a!(), b!());
                    let (len, cap) = (slot!(from + 1), slot!(from + 2));
                    if len < cap {
                        let (base, typ) = (slot!(from), typ!(1));
                        let at = (base as *mut u8).add(len as usize * typ.size);
                        m.barrier_copy(typ, at, fp.add(c!()).cast(), 1);
                        store_value(typ, fp.add(c!()), at);
                        slot!(to) = base;
                        slot!(to + 1) = len + 1;
                        slot!(to + 2) = cap;
                        next!(3)
                    }
                    safepoint!(3);
                    out_of_line!(ops::append_one)
                }
                Op::AppendSlice => {
                    safepoint!(3);
                    out_of_line!(ops::append_slice)
                }
                Op::AppendGrow => {
                    safepoint!(3);
                    out_of_line!(ops::append_zeroed)
                }
                Op::CopySlice => out_of_line!(ops::copy_slice),
                Op::ClearSlice => {
                    let at = a!();
                    m.barrier_values(typ!(1), slot!(at) as *const u8, slot!(at + 1) as usize);
                    std::ptr::write_bytes(
                        slot!(at) as *mut u8,
                        0,
                        slot!(at + 1) as usize * typ!(1).size,
                    );
                    next!(2)
                }

                // ---- strings
                Op::Concat2 => {
                    safepoint!(2);
                    out_of_line!(ops::concat_two)
                }
                Op::ConcatN => {
                    safepoint!(2);
                    out_of_line!(ops::concat_many)
                }
                Op::StrToBytes => {
                    safepoint!(2);
                    out_of_line!(ops::string_to_bytes)
                }
                Op::BytesToStr => {
                    safepoint!(2);
                    out_of_line!(ops::bytes_to_string)
                }
                Op::StrToRunes => {
                    safepoint!(2);
                    out_of_line!(ops::string_to_runes)
                }
                Op::RunesToStr => {
                    safepoint!(2);
                    out_of_line!(ops::runes_to_string)
                }
                Op::RuneToStr => {
                    safepoint!(2);
                    out_of_line!(ops::rune_to_string)
                }
                Op::StrNext => {
                    let (text, at) = (string!(b!()), rc!() as usize);
                    let first = *text.ptr.add(at);
                    let (rune, len) = if first < 0x80 {
                        (u32::from(first), 1)
                    } else {
                        runtime::strings::decode_rune(std::slice::from_raw_parts(
                            text.ptr.add(at),
                            text.len - at,
                        ))
                    };
                    ra!() = u64::from(rune);
                    slot!(ext!(1) as u16 as usize) = (at + len) as u64;
                    next!(2)
                }

                // ---- maps
                Op::MapGet => out_of_line!(ops::map_get),
                Op::MapGetOk => out_of_line!(ops::map_get_ok),
                Op::MapGetWW => {
                    let elem = runtime::map::get_word(rb!() as *const _, rc!());
                    if elem == runtime::map::CLASH {
                        out_of_line!(ops::map_get)
                    }
                    ra!() = if elem.is_null() {
                        0
                    } else {
                        *elem.cast::<u64>()
                    };
                    next!(2)
                }
                Op::MapGetSW => {
                    let key = string!(c!());
                    let elem = runtime::map::get_string(rb!() as *const _, key.ptr, key.len);
                    if elem == runtime::map::CLASH {
                        out_of_line!(ops::map_get)
                    }
                    ra!() = if elem.is_null() {
                        0
                    } else {
                        *elem.cast::<u64>()
                    };
                    next!(2)
                }
                Op::MapRef => {
                    safepoint!(3);
                    out_of_line!(ops::map_ref)
                }
                Op::MapDelete => out_of_line!(ops::map_delete),
                Op::MapClear => out_of_line!(ops::map_clear),
                Op::MapLen => {
                    ra!() = runtime::map::len(rb!() as *const _) as u64;
                    next!(1)
                }
                Op::IterInit => {
                    safepoint!(3);
                    ra!() = runtime::map::iter(m, rb!() as *mut _) as u64;
                    next!(3)
                }
                Op::IterNext => {
                    let step = runtime::map::iter_next(m, ra!() as *mut _);
                    if step == runtime::map::Step::Clash {
                        out_of_line!(ops::iter_clash)
                    }
                    branch!(step == runtime::map::Step::End)
                }
                Op::IterKey => {
                    let iter = rb!() as *const runtime::map::MapIter;
                    load_value(typ!(1), (*iter).key, fp.add(a!()));
                    next!(2)
                }
                Op::IterElem => {
                    let iter = rb!() as *const runtime::map::MapIter;
                    load_value(typ!(1), (*iter).elem, fp.add(a!()));
                    next!(2)
                }

                // ---- interfaces
                Op::MkEface => {
                    safepoint!(3);
                    let data = runtime::iface::box_value(m, typ!(1), fp.add(b!()));
                    let to = a!();
                    slot!(to) = ext!(1);
                    slot!(to + 1) = data as u64;
                    next!(3)
                }
                Op::MkIface => {
                    safepoint!(4);
                    let data = runtime::iface::box_value(m, typ!(1), fp.add(b!()));
                    let to = a!();
                    slot!(to) = ext!(2);
                    slot!(to + 1) = data as u64;
                    next!(4)
                }
                Op::ItabType => {
                    unary!(x => if x == 0 { 0 } else { (*(x as *const Itab)).typ as u64 })
                }
                Op::Unbox => {
                    unbox(typ!(1), slot!(b!() + 1) as *mut u8, fp.add(a!()));
                    next!(2)
                }
                Op::Assert => {
                    let (typ, from) = (typ!(1), b!());
                    if runtime::equal::dynamic_type(typ!(2), slot!(from) as usize)
                        != &raw const *typ
                    {
                        enter!(ops::assertion_failed(m, pc, fp))
                    }
                    unbox(typ, slot!(from + 1) as *mut u8, fp.add(a!()));
                    next!(3)
                }
                Op::AssertOk => {
                    let (typ, from) = (typ!(1), b!());
                    let ok = runtime::equal::dynamic_type(typ!(2), slot!(from) as usize)
                        == &raw const *typ;
                    if ok {
                        unbox(typ, slot!(from + 1) as *mut u8, fp.add(a!()));
                    } else {
                        zero_value(typ, fp.add(a!()));
                    }
                    rc!() = u64::from(ok);
                    next!(3)
                }
                Op::AssertI | Op::AssertIOk | Op::ConvI => out_of_line!(ops::to_interface),

                // ---- calls
                Op::Call => call!(&*(ext!(1) as *const Func), pc.add(3), None::<u64>),
                Op::CallClosure => {
                    let closure = pointer!(ra!()) as u64;
                    let callee = &**(closure as *const *const Func);
                    note!(callee);
                    call!(callee, pc.add(2), Some(closure))
                }
                Op::CallIface => {
                    let itab = pointer!(ra!()).cast::<Itab>();
                    let callee = &**(*itab).funcs.ptr.add(ext!(1) as usize);
                    note!(callee);
                    call!(callee, pc.add(3), None::<u64>)
                }
                Op::CallNative => {
                    safepoint!(3);
                    out_of_line!(ops::call_native)
                }
                Op::Ret => {
                    // Linking puts the frame's size into the fields.
                    let frame = (w >> 16) as usize;
                    pc = slot!(frame) as *const u64;
                    fp = fp.add(frame + 1);
                    if TIER && sample!() {
                        enter_from_native!(slow::hot_place(m, pc, fp, *pc.sub(1)))
                    }
                    continue;
                }
                Op::Go => {
                    safepoint!(2);
                    out_of_line!(slow::go)
                }
                Op::Defer => {
                    safepoint!(2);
                    out_of_line!(slow::defer)
                }
                Op::NextDefer => {
                    let next = m.next_defer(fp);
                    ra!() = next.unwrap_or(std::ptr::null_mut()) as u64;
                    branch!(next.is_none())
                }
                Op::Panic => out_of_line!(slow::panic),
                Op::Recover => out_of_line!(slow::recover),
                Op::Trap => enter!(slow::trap(
                    m,
                    pc,
                    fp,
                    std::mem::transmute::<u16, Trap>(a!() as u16)
                )),
                Op::CallReflect => {
                    safepoint!(2);
                    out_of_line!(slow::call_reflect)
                }
                Op::PanicStep => out_of_line!(slow::panic_step),
                Op::GoexitStep => out_of_line!(slow::goexit_step),
                Op::GoEnd => out_of_line!(slow::go_end),

                // ---- channels
                Op::Send => {
                    safepoint!(3);
                    channel!(ops::send)
                }
                Op::Recv | Op::RecvOk => {
                    safepoint!(3);
                    channel!(ops::receive)
                }
                Op::Close => out_of_line!(ops::close),
                Op::ChanLen => {
                    ra!() = runtime::chan::len(rb!() as *const _) as u64;
                    next!(1)
                }
                Op::ChanCap => {
                    ra!() = runtime::chan::cap(rb!() as *const _) as u64;
                    next!(1)
                }
                Op::Select => {
                    safepoint!(2 + 3 * b!());
                    out_of_line!(ops::select)
                }
            }
        }
    }
}
