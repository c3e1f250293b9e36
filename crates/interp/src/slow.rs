//! What the loop leaves to others: calls that do not just push a frame, safepoints where something is due, switches between goroutines, and panics.

use std::sync::atomic::Ordering;

use bytecode::func::{Func, HAS_CTX, Safepoint, UNCOMPILED};
use bytecode::isa::Trap;
use runtime::g::{Top, WaitReason};
use runtime::gopanic::{Eface, GoPanic};
use runtime::native::Flow;
use runtime::panic::Step;
use runtime::runtime::{After, M};
use runtime::sched::{Next, SafepointKind};

use crate::compiled;
use crate::dispatch::{NIL_PAGE, State};

/// Goes on with whatever goroutine is to run next.
#[inline(never)]
pub fn switch(m: &mut M) -> State {
    m.switches += 1;
    match m.schedule() {
        // SAFETY: the scheduler hands out live goroutines with saved states.
        Next::Run(g) => unsafe {
            State {
                pc: (*g).pc,
                fp: (*g).fp,
            }
        },
        Next::Exit(code) => State::leave(code),
    }
}

fn settle(m: &mut M, mut top: Top, kind: SafepointKind) -> State {
    match m.safepoint_slow(&mut top, kind) {
        After::Continue => State {
            pc: top.pc,
            fp: top.fp,
        },
        After::Switch => switch(m),
    }
}

/// The safepoint of an instruction of `words` words, before it is executed.
///
/// # Safety
/// As for the operations: a verified instruction and its frame.
#[cold]
#[inline(never)]
pub unsafe fn before_instruction(m: &mut M, pc: *const u64, fp: *mut u64, words: usize) -> State {
    // SAFETY: the safepoint word is the instruction's last.
    let safepoint = unsafe { *pc.add(words - 1) };
    settle(m, Top::at(pc, fp, safepoint), SafepointKind::Alloc)
}

/// A back-edge to `target`.
///
/// # Safety
/// As for the operations.
#[cold]
#[inline(never)]
pub unsafe fn back_edge(m: &mut M, target: *const u64, fp: *mut u64, safepoint: u64) -> State {
    settle(m, Top::at(target, fp, safepoint), SafepointKind::Loop)
}

/// A call that could not just push its frame: the callee has no code yet, does not fit, or the guard is poisoned.
///
/// # Safety
/// `after` is the return pc behind the call's safepoint word, `fp` the caller's frame.
#[cold]
#[inline(never)]
pub unsafe fn call(
    m: &mut M,
    after: *const u64,
    mut fp: *mut u64,
    callee: &Func,
    context: Option<u64>,
) -> State {
    if callee.frame_slots.load(Ordering::Acquire) == UNCOMPILED {
        // Should the program end here, the trace is that of the caller.
        // SAFETY: the call's last word.
        m.g().save(&Top::at(after, fp, unsafe { *after.sub(1) }));
        if let Err(text) = m.rt().ensure_compiled(callee) {
            return State::leave(m.fatal(&text));
        }
    }
    let slots = callee.frame_slots.load(Ordering::Acquire) as usize;
    let code = callee.code.load(Ordering::Acquire).cast_const();
    let info = m.rt().funcs.info(callee.id);
    let safepoint = Safepoint {
        map: info.function.entry_map,
        func: callee.id,
    }
    .pack();
    let mut context = context.unwrap_or(0);
    // SAFETY: the red zone has room for the return pc; the frame is written once it is known to fit.
    unsafe {
        *fp.sub(1) = after as u64;
        let mut new_fp = fp.wrapping_sub(1 + slots);
        let fits = m.frame_fits(new_fp);
        let room = callee.room.load(Ordering::Relaxed) as usize;
        if !fits || room > 0 && !m.frame_fits(new_fp.wrapping_sub(room)) {
            let mut top = Top {
                pc: code,
                fp: new_fp,
                sp: fp.sub(1),
                safepoint,
            };
            let mut extra = [context as usize];
            // Without the room, the callee is interpreted.
            if let Err(overflow) = m.grow_stack(&mut top, 8 * room, &mut extra)
                && !fits
            {
                // The callee's frame is below what the stack has room for, but its arguments and return pc are there.
                return State::leave(m.stack_overflow(&top, overflow));
            }
            context = extra[0] as u64;
            new_fp = top.fp;
            fp = top.sp.add(1);
        }
        if callee.flags.load(Ordering::Relaxed) & HAS_CTX != 0 {
            *fp.sub(2) = context;
        }
        if m.poll(new_fp) {
            return settle(m, Top::at(code, new_fp, safepoint), SafepointKind::Entry);
        }
        State {
            pc: code,
            fp: new_fp,
        }
    }
}

/// Calls and back-edges between two samples of where the program is.
pub fn sample_every(m: &M) -> u32 {
    m.rt().tier.get().map_or(u32::MAX, |t| t.sample_every())
}

/// A call site calls what it has not called before.
#[cold]
#[inline(never)]
pub fn note_callee(m: &mut M, site: u32, callee: &Func) {
    if m.rt().funcs.sites.note(site, callee)
        && let Some(tier) = m.rt().tier.get()
    {
        tier.site_changed(m, m.rt().funcs.sites.get(site));
    }
}

/// A sample hit this function.
#[cold]
#[inline(never)]
pub fn hot_call(m: &mut M, callee: &'static Func) {
    if let Some(tier) = m.rt().tier.get() {
        tier.compile(m, callee);
    }
}

/// A sample hit the back-edge to `target`, or the return to it: execution goes on in compiled code, if it can be compiled.
///
/// # Safety
/// As for the operations; `safepoint` names the function.
#[cold]
#[inline(never)]
pub unsafe fn hot_place(m: &mut M, target: *const u64, fp: *mut u64, safepoint: u64) -> State {
    let stay = State { pc: target, fp };
    let Some(tier) = m.rt().tier.get() else {
        return stay;
    };
    let func = Safepoint::unpack(safepoint).func;
    // The stub that calls deferred functions returns to an instruction that is no call's successor: what precedes it is no safepoint word.
    if func.0 as usize >= m.rt().funcs.len()
        || m.rt()
            .funcs
            .get(func)
            .code
            .load(Ordering::Acquire)
            .is_null()
    {
        return stay;
    }
    let info = m.rt().funcs.info(func);
    let offset = (target as usize).wrapping_sub(info.code as usize) / 8;
    if offset >= info.function.code.len() {
        return stay;
    }
    let entry = tier.loop_entry(m, func, offset as u32);
    if entry.is_null() {
        return stay;
    }
    // SAFETY: the entry is for this place.
    unsafe { native(m, entry, fp, 0) }
}

/// Goes on in compiled code; see `Tier::enter`.
///
/// # Safety
/// As there.
#[inline(never)]
pub unsafe fn native(m: &mut M, entry: *const u8, fp: *mut u64, closure: u64) -> State {
    let Some(tier) = m.rt().tier.get() else {
        unreachable!("compiled code without a compiler")
    };
    // SAFETY: by the contract.
    unsafe { tier.enter(m, &compiled::SERVICES, entry, fp, closure) }
}

/// Parks the goroutine in the instruction at `pc`, which is executed again when it goes on.
///
/// # Safety
/// As for the operations.
#[inline(never)]
pub unsafe fn park(
    m: &mut M,
    pc: *const u64,
    fp: *mut u64,
    safepoint: u64,
    reason: WaitReason,
) -> State {
    m.park(&Top::at(pc, fp, safepoint), reason);
    switch(m)
}

/// What a native wants other than to go on. `pc` is its call.
///
/// # Safety
/// As for the operations.
#[cold]
#[inline(never)]
pub unsafe fn flow(m: &mut M, pc: *const u64, fp: *mut u64, flow: Flow) -> State {
    // SAFETY: a native's call has three words.
    let (again, after) = unsafe {
        let safepoint = *pc.add(2);
        (
            Top::at(pc, fp, safepoint),
            Top::at(pc.add(3), fp, safepoint),
        )
    };
    match flow {
        Flow::Done => return State { pc: after.pc, fp },
        Flow::Park(reason) => m.park(&after, reason),
        Flow::ParkRetry(reason) => m.park(&again, reason),
        Flow::Yield => m.yield_now(&after),
        Flow::Retry => m.yield_now(&again),
        // SAFETY: by the contract.
        Flow::Panic(panic) => return unsafe { raise(m, pc, fp, *panic) },
        Flow::Goexit => return step(m, |m| m.start_goexit(pc, fp)),
        Flow::Exit(code) => return State::leave(code),
        Flow::Fatal(text) => return State::leave(m.fatal(&text)),
    }
    switch(m)
}

/// A native has done its work and lost its processor over it: the goroutine waits for its turn to go on.
#[cold]
#[inline(never)]
pub fn without_processor(m: &mut M, after: &Top) -> State {
    m.requeue(after);
    switch(m)
}

/// Takes a step of the panic machinery and goes on as it says.
fn step(m: &mut M, take: impl FnOnce(&mut M) -> Step) -> State {
    match take(m) {
        Step::Continue { pc, fp } => State { pc, fp },
        Step::End => end(m, true),
        Step::Exit(code) => State::leave(code),
    }
}

/// Ends the running goroutine.
fn end(m: &mut M, by_goexit: bool) -> State {
    match m.end_goroutine(by_goexit) {
        Some(code) => State::leave(code),
        None => switch(m),
    }
}

/// Raises a panic at the instruction at `pc`.
///
/// # Safety
/// As for the operations.
#[cold]
#[inline(never)]
pub unsafe fn raise(m: &mut M, pc: *const u64, fp: *mut u64, panic: GoPanic) -> State {
    step(m, |m| m.start_panic(pc, fp, &panic))
}

/// Run-time panics with constant causes, out of the loop's way.
macro_rules! panics {
    ($($name:ident($($arg:ident),*) => $panic:expr;)*) => { $(
        /// # Safety
        /// As for the operations.
        #[cold]
        #[inline(never)]
        pub unsafe fn $name(m: &mut M, pc: *const u64, fp: *mut u64 $(, $arg: u64)*) -> State {
            // SAFETY: by the contract.
            unsafe { raise(m, pc, fp, $panic) }
        }
    )* };
}

panics! {
    nil_deref() => GoPanic::NilDeref;
    divide() => GoPanic::Divide;
    negative_shift() => GoPanic::NegativeShift;
    index(index, len) => GoPanic::Index { index: index as i64, len: len as i64 };
    slice_to_array(len, want) => GoPanic::SliceToArray { len: len as i64, want: want as i64 };
}

/// `Op::Trap`.
///
/// # Safety
/// As for the operations.
#[cold]
#[inline(never)]
pub unsafe fn trap(m: &mut M, pc: *const u64, fp: *mut u64, trap: Trap) -> State {
    let text = match trap {
        // SAFETY: by the contract.
        Trap::NilDeref => return unsafe { nil_deref(m, pc, fp) },
        // SAFETY: by the contract.
        Trap::Divide => return unsafe { divide(m, pc, fp) },
        Trap::RangeContinued => {
            "range function continued iteration after function for loop body returned false"
        }
        Trap::RangePanicked => "range function continued iteration after loop body panic",
        Trap::RangeExhausted => "range function continued iteration after whole loop exit",
        Trap::UnsafeSliceLen => "unsafe.Slice: len out of range",
        Trap::UnsafeSliceNil => "unsafe.Slice: ptr is nil and len is not zero",
        Trap::UnsafeStringLen => "unsafe.String: len out of range",
        Trap::UnsafeStringNil => "unsafe.String: ptr is nil and len is not zero",
        Trap::GoNil => return fatal_at(m, pc, fp, "go of nil func value"),
        Trap::MissingNative => {
            return fatal_at(
                m,
                pc,
                fp,
                "call of a function without body that no native implements",
            );
        }
        Trap::Unreachable => {
            return fatal_at(
                m,
                pc,
                fp,
                "morestack: internal error: end of function reached",
            );
        }
    };
    // SAFETY: by the contract.
    unsafe { raise(m, pc, fp, GoPanic::Text(text.to_owned())) }
}

/// A fatal error at an instruction.
pub fn fatal_at(m: &mut M, pc: *const u64, fp: *mut u64, text: &str) -> State {
    let rt = m.rt();
    if let Some(func) = rt.funcs.find(pc) {
        let map = rt.funcs.info(func).function.panic_map;
        m.g().save(&Top::at(pc, fp, Safepoint { map, func }.pack()));
    }
    State::leave(m.fatal(text))
}

macro_rules! operations {
    ($(fn $name:ident($m:ident, $pc:ident, $fp:ident, $a:ident) $body:block)*) => { $(
        /// The instruction of this name.
        ///
        /// # Safety
        /// As for the operations.
        #[inline(never)]
        pub unsafe extern "sysv64" fn $name($m: &mut M, $pc: *const u64, $fp: *mut u64) -> State {
            // SAFETY: by the contract; $a is the number of a slot where the instruction has one.
            unsafe {
                let (_, $a) = ($fp, ($m.rt().entries.original(*$pc) >> 16) as u16 as usize);
                let _ = $a;
                $body
            }
        }
    )* };
}

operations! {
    fn go(m, pc, fp, a) {
        let closure = *fp.add(a);
        if closure == 0 {
            return fatal_at(m, pc, fp, "go of nil func value");
        }
        if !m.may_spawn() {
            let limit = m.rt().config.max_goroutines;
            return fatal_at(m, pc, fp, &format!("too many goroutines: the limit is {limit}"));
        }
        let after = pc.add(2);
        m.spawn(closure as *mut u8, after);
        State { pc: after, fp }
    }
    fn defer(m, pc, fp, a) {
        m.defer(fp, *fp.add(a) as *mut u8);
        State { pc: pc.add(2), fp }
    }
    fn panic(m, pc, fp, a) {
        let value = Eface { typ: *fp.add(a) as *const _, data: *fp.add(a + 1) as *mut u8 };
        raise(m, pc, fp, GoPanic::Value(value))
    }
    fn recover(m, pc, fp, a) {
        let value = m.recover(fp, *pc.add(1));
        *fp.add(a) = value.typ as u64;
        *fp.add(a + 1) = value.data as u64;
        State { pc: pc.add(2), fp }
    }
    fn panic_step(m, pc, fp, a) {
        step(m, |m| m.panic_step(fp))
    }
    fn goexit_step(m, pc, fp, a) {
        step(m, |m| m.goexit_step(fp))
    }
    fn go_end(m, pc, fp, a) {
        end(m, false)
    }
    // The arguments go from the block into a stub's frame; the stub calls, and stores the results into the block (`runtime::reflect_call`).
    fn call_reflect(m, pc, fp, a) {
        let word = m.rt().entries.original(*pc);
        let (b, c) = ((word >> 32) as u16 as usize, (word >> 48) as usize);
        let counts = *fp.add(c);
        let (params, results) = (counts as u32, (counts >> 32) as u32);
        if *fp.add(a) < NIL_PAGE {
            return nil_deref(m, pc, fp);
        }
        let Some(stub) = m.rt().reflect_stub(params, results) else {
            return raise(m, pc, fp, GoPanic::Plain("reflect: call of a function with too many parameters".to_owned()));
        };
        let slots = stub.frame_slots.load(Ordering::Relaxed) as usize;
        let (safepoint, after) = (*pc.add(1), pc.add(2));
        let mut top = Top::at(pc, fp, safepoint);
        let fits = m.frame_fits(fp.wrapping_sub(1 + slots));
        if !fits && let Err(overflow) = m.grow_stack(&mut top, 8 * (1 + slots), &mut []) {
            return State::leave(m.stack_overflow(&top, overflow));
        }
        // The frame may have moved, and with it what its slots hold.
        let caller = top.fp;
        let (closure, block) = (*caller.add(a), *caller.add(b));
        *caller.sub(1) = after as u64;
        let fp = caller.sub(1 + slots);
        std::ptr::copy_nonoverlapping(block as *const u64, fp, params as usize);
        *fp.add(slots - 2) = closure;
        *fp.add(slots - 1) = block;
        State { pc: stub.code.load(Ordering::Relaxed), fp }
    }
}
