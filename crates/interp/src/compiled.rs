//! What compiled code leaves to the interpreter: single instructions, and calls that need more than a frame.

use bytecode::func::Func;
use bytecode::isa::{OP_COUNT, Op};
use runtime::runtime::M;
use runtime::tier::{Operation, Services};

use crate::dispatch::{State, execute};
use crate::{ops, slow};

pub static SERVICES: Services = Services {
    operations: &OPERATIONS,
    call: full_call,
};

static OPERATIONS: [Operation; OP_COUNT] = {
    let mut table: [Operation; OP_COUNT] = [any; OP_COUNT];
    let mut i = 0;
    while i < SPECIAL.len() {
        table[SPECIAL[i].0 as usize] = SPECIAL[i].1;
        i += 1;
    }
    table
};

/// Instructions with functions of their own.
const SPECIAL: [(Op, Operation); 43] = [
    (Op::EqEface, ops::equal_interfaces),
    (Op::EqIface, ops::equal_interfaces),
    (Op::EqMem, ops::equal_memory),
    (Op::EqBlock, ops::equal_blocks),
    (Op::Slice, ops::slice_slice),
    (Op::SliceStr, ops::slice_string),
    (Op::SliceArr, ops::slice_array),
    (Op::MakeSlice, ops::make_slice),
    (Op::MakeMap, ops::make_map),
    (Op::MakeChan, ops::make_chan),
    (Op::AppendN, ops::append_one),
    (Op::AppendSlice, ops::append_slice),
    (Op::AppendGrow, ops::append_zeroed),
    (Op::CopySlice, ops::copy_slice),
    (Op::Concat2, ops::concat_two),
    (Op::ConcatN, ops::concat_many),
    (Op::StrToBytes, ops::string_to_bytes),
    (Op::BytesToStr, ops::bytes_to_string),
    (Op::StrToRunes, ops::string_to_runes),
    (Op::RunesToStr, ops::runes_to_string),
    (Op::RuneToStr, ops::rune_to_string),
    (Op::MapGet, ops::map_get),
    (Op::MapGetOk, ops::map_get_ok),
    (Op::MapRef, ops::map_ref),
    (Op::MapDelete, ops::map_delete),
    (Op::MapClear, ops::map_clear),
    (Op::AssertI, ops::to_interface),
    (Op::AssertIOk, ops::to_interface),
    (Op::ConvI, ops::to_interface),
    (Op::CallNative, ops::call_native),
    (Op::Send, ops::send),
    (Op::Recv, ops::receive),
    (Op::RecvOk, ops::receive),
    (Op::Close, ops::close),
    (Op::Select, ops::select),
    (Op::Go, slow::go),
    (Op::Defer, slow::defer),
    (Op::Panic, slow::panic),
    (Op::Recover, slow::recover),
    (Op::CallReflect, slow::call_reflect),
    (Op::PanicStep, slow::panic_step),
    (Op::GoexitStep, slow::goexit_step),
    (Op::GoEnd, slow::go_end),
];

/// Any instruction.
///
/// # Safety
/// As for the operations.
unsafe extern "sysv64" fn any(m: &mut M, pc: *const u64, fp: *mut u64) -> State {
    // SAFETY: by the contract.
    unsafe { execute::<false, false, true>(m, State { pc, fp }) }
}

/// # Safety
/// As for `slow::call`.
unsafe fn full_call(
    m: &mut M,
    after: *const u64,
    fp: *mut u64,
    callee: &Func,
    closure: u64,
) -> State {
    // SAFETY: by the contract.
    unsafe { slow::call(m, after, fp, callee, Some(closure)) }
}
