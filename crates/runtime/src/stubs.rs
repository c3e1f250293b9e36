//! Stubs: the few functions of bytecode that the runtime itself has on goroutine stacks.
//!
//! * The *start stub* is every goroutine's first frame: it calls the closure in its slot, then ends the goroutine. It ends frame walks.
//! * *Call stubs* are pushed below a frame that made no call itself, to call deferred functions for it: when it
//!   panics, or exits its goroutine. Their frame keeps what a call would have left in the code: the interrupted frame's safepoint word. The slot above the
//!   frame holds the interrupted frame's pc, where `ret` goes on.
//! * The *finalizer stub* is the body of the goroutine that runs finalizers and cleanups.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bitvec::vec::BitVec;
use bytecode::func::{Func, FuncId, Function, HIDDEN, Safepoint};
use bytecode::isa::{Instr, NO_SLOT, Op};

use crate::func_table::FuncTable;
use crate::g::WaitReason;
use crate::itab::ItabTable;
use crate::link::link;
use crate::native::{Flow, NativeCx, NativeFn, NativeTable, Slots};

/// The start stub.
pub const START: FuncId = FuncId(0);
/// Runs a panic.
pub const PANIC: FuncId = FuncId(1);
/// Runs a Goexit.
pub const GOEXIT: FuncId = FuncId(2);
/// Runs finalizers.
pub const FINALIZERS: FuncId = FuncId(3);

/// Frame size of the call stubs: room for a receiver and a string result below.
pub const STUB_SLOTS: usize = 8;
/// Call stubs: the closure to call (a pointer).
pub const STUB_CLOSURE: usize = 4;
/// Call stubs: the interrupted frame's safepoint word.
pub const STUB_SAFEPOINT: usize = 5;
/// Call stubs: 1 while the text of a panic value is being made.
pub const STUB_STATE: usize = 6;
/// Call stubs: word offset of the instruction after the call.
pub const STUB_STEP: usize = 2;

/// Whether frames of this function keep their caller's safepoint word themselves.
#[inline(always)]
pub fn is_call_stub(func: FuncId) -> bool {
    func.0.wrapping_sub(1) < 2
}

/// The stubs' handles.
pub struct Stubs {
    pub start: &'static Func,
    pub panic: &'static Func,
    pub goexit: &'static Func,
    pub finalizers: &'static Func,
}

impl Stubs {
    /// Makes the stubs: the first functions of the table.
    pub fn new(funcs: &FuncTable) -> Stubs {
        let ids = [START, PANIC, GOEXIT, FINALIZERS];
        for id in ids {
            // SAFETY: handles are immortal.
            let func = unsafe { &*funcs.new_func(HIDDEN) };
            assert_eq!(func.id, id, "stubs come first in the table");
        }
        let natives = NativeTable::new(&[&[(NEXT_FINALIZER, next_finalizer as NativeFn)]]);
        let publish = |function: Function| {
            let func = funcs.get(function.id);
            link(
                func,
                Arc::new(function),
                funcs,
                &natives,
                &ItabTable::default(),
            )
            .expect("stubs link");
            func
        };
        Stubs {
            start: publish(start_stub()),
            panic: publish(call_stub(
                "runtime.gopanic",
                PANIC,
                &[op(Op::PanicStep, 0, 0, 0), point(PANIC, 1)],
            )),
            goexit: publish(call_stub(
                "runtime.Goexit",
                GOEXIT,
                &[op(Op::GoexitStep, 0, 0, 0), point(GOEXIT, 1)],
            )),
            finalizers: publish(finalizer_stub()),
        }
    }
}

fn op(op: Op, a: u16, b: u16, c: u16) -> u64 {
    Instr::new(op, a, b, c).pack()
}

fn point(func: FuncId, map: u32) -> u64 {
    Safepoint { map, func }.pack()
}

/// Map 0 is empty; map 1 has `pointers`.
fn stub(
    name: &str,
    id: FuncId,
    frame_slots: usize,
    pointers: &[usize],
    code: Vec<u64>,
) -> Function {
    let empty = BitVec::repeat(false, frame_slots + 1);
    let mut full = empty.clone();
    for &slot in pointers {
        full.set(slot, true);
    }
    Function {
        name: name.to_owned(),
        id,
        flags: HIDDEN,
        code,
        frame_slots: frame_slots as u32,
        out_slots: 4.min(frame_slots as u32),
        arg_slots: 0,
        result_slots: 0,
        slot_is_pointer: full.clone(),
        maps: vec![empty, full],
        entry_map: 0,
        panic_map: 1,
        address_taken: Vec::new(),
        recover_pc: None,
        lines: Vec::new(),
        files: Vec::new(),
        decl_line: 0,
        vars: Vec::new(),
        arg_words: Vec::new(),
        func_pool: Vec::new(),
        type_pool: Vec::new(),
        string_pool: Vec::new(),
        global_pool: Vec::new(),
        native_pool: vec![NEXT_FINALIZER.into()],
    }
}

fn start_stub() -> Function {
    let code = vec![
        op(Op::CallClosure, 0, 0, 0),
        point(START, 1),
        op(Op::GoEnd, 0, 0, 0),
        point(START, 0),
    ];
    stub("runtime.goexit", START, 1, &[0], code)
}

fn call_stub(name: &str, id: FuncId, step: &[u64]) -> Function {
    let mut code = vec![op(Op::CallClosure, STUB_CLOSURE as u16, 0, 0), point(id, 1)];
    code.extend(step);
    // A step that goes on with this frame has set the closure for another call.
    code.push(
        Instr::new(Op::Jmp, 0, 0, 0)
            .with_imm32(-(code.len() as i32))
            .pack(),
    );
    stub(name, id, STUB_SLOTS, &[STUB_CLOSURE], code)
}

const NEXT_FINALIZER: &str = "runtime.nextFinalizer";

fn finalizer_stub() -> Function {
    // Outgoing 0..3: closure, argument block, counts; 3, 4, 5: the same while the call runs.
    let code = vec![
        op(Op::CallNative, 0, 0, 3),
        0,
        point(FINALIZERS, 0),
        op(Op::Mov, 3, 0, 0),
        op(Op::Mov, 4, 1, 0),
        op(Op::Mov, 5, 2, 0),
        op(Op::CallReflect, 3, 4, 5),
        point(FINALIZERS, 1),
        Instr::new(Op::JmpL, 0, 0, 0).with_imm32(-8).pack(),
        point(FINALIZERS, 0),
    ];
    debug_assert_ne!(NO_SLOT, 0);
    stub("runtime.runFinalizers", FINALIZERS, 6, &[3, 4], code)
}

/// The next finalizer or cleanup: closure, argument block, parameter slots | result slots << 32. Parks when there is none.
fn next_finalizer(cx: &mut NativeCx, slots: Slots) -> Flow {
    let gc = &cx.rt().gc;
    let mut due = gc.specials.take_due();
    if due.is_none() {
        gc.finalizers_wait.store(true, Ordering::SeqCst);
        // Who makes some due after this finds the goroutine waiting; then it parks whatever there is now.
        if !gc.specials.has_due() || !gc.finalizers_wait.swap(false, Ordering::SeqCst) {
            return Flow::ParkRetry(WaitReason::FinalizerWait);
        }
        due = gc.specials.take_due();
    }
    let Some(call) = due else {
        return Flow::Retry;
    };
    cx.m.barrier_object(call.closure);
    for param in call.params {
        cx.m.barrier_object(param as *const u8);
    }
    let words = (call.param_slots + call.result_slots).max(1) as usize;
    // Parameters are an object's address or an interface; of the latter the first word is no heap pointer, which marking ignores.
    let block =
        cx.m.alloc_scan_words(words * 8, &[(1 << call.param_slots) - 1]);
    for i in 0..call.param_slots as usize {
        // SAFETY: a fresh object of that many words.
        unsafe { *block.cast::<u64>().add(i) = call.params[i] };
    }
    slots.set_ptr(0, call.closure);
    slots.set_ptr(1, block);
    slots.set_word(
        2,
        u64::from(call.param_slots) | u64::from(call.result_slots) << 32,
    );
    Flow::Done
}
