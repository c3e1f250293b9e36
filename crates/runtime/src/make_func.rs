//! Functions made by `reflect.MakeFunc`: their arguments go into a block of heap memory, which a Go function of package reflect
//! works on, and their results come out of it.
//!
//! There is one such function for each distinct shape (the pattern of pointers among its parameters and results); its code is ordinary bytecode.
//! The closure object holds `[function, implementation, runner]`; the runner is called with the implementation and the block.

use std::sync::{Arc, Mutex};

use bitvec::vec::BitVec;
use bytecode::func::{Func, Function, HAS_CTX, HIDDEN, Safepoint, WRAPPER};
use bytecode::isa::{Instr, Op};
use bytecode::rtype::RType;
use rustc_hash::FxHashMap;

use crate::runtime::Runtime;

/// The functions made so far, by block type and number of parameter slots.
#[derive(Default)]
pub struct MadeFuncs {
    known: Mutex<FxHashMap<(usize, u32), &'static Func>>,
}

/// Slots of the frame: the runner's two parameters, the block, the runner, this function's closure.
const BLOCK: u16 = 2;
const RUNNER: u16 = 3;
const CTX: u16 = 4;
const FRAME_SLOTS: u32 = 5;
/// Offsets in bytes of what the closure object captures.
const IMPLEMENTATION_AT: u16 = 8;
const RUNNER_AT: u16 = 16;

impl Runtime {
    /// The function with `params` parameter slots whose arguments and results are laid out as the words of the struct type `block`.
    pub fn made_func(&self, block: &'static RType, params: u32) -> &'static Func {
        let key = (std::ptr::from_ref(block) as usize, params);
        let mut known = self
            .made_funcs
            .known
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        known.entry(key).or_insert_with(|| {
            // SAFETY: handles are immortal.
            let func = unsafe { &*self.new_func(HAS_CTX | HIDDEN | WRAPPER) };
            let function = make(func, block, params);
            self.publish(func, Arc::new(function))
                .expect("a function that links");
            func
        })
    }
}

fn make(func: &Func, block: &'static RType, params: u32) -> Function {
    let words = block.size / 8;
    let results = words as u32 - params;
    let first = FRAME_SLOTS as u16 + 1;
    let safepoint = |map| Safepoint { map, func: func.id }.pack();
    let mut code = vec![Instr::new(Op::New, BLOCK, 0, 0).pack(), 0, safepoint(1)];
    for word in 0..params as u16 {
        let op = if block.word_is_pointer(usize::from(word)) {
            Op::StP
        } else {
            Op::StW
        };
        code.push(Instr::new(op, BLOCK, first + word, word * 8).pack());
    }
    code.push(Instr::new(Op::LdP, 0, CTX, IMPLEMENTATION_AT).pack());
    code.push(Instr::new(Op::Mov, 1, BLOCK, 0).pack());
    code.push(Instr::new(Op::LdP, RUNNER, CTX, RUNNER_AT).pack());
    code.push(Instr::new(Op::CallClosure, RUNNER, 2, 0).pack());
    code.push(safepoint(2));
    for word in params as u16..words as u16 {
        let op = if block.word_is_pointer(usize::from(word)) {
            Op::LdP
        } else {
            Op::LdW
        };
        code.push(Instr::new(op, first + word, BLOCK, word * 8).pack());
    }
    code.push(Instr::new(Op::Ret, 0, 0, 0).pack());

    let total = FRAME_SLOTS as usize + 1 + words;
    let mut slot_is_pointer = BitVec::repeat(false, total);
    let mut entry: BitVec = slot_is_pointer.clone();
    for word in 0..words {
        let pointer = block.word_is_pointer(word);
        slot_is_pointer.set(usize::from(first) + word, pointer);
        if word < params as usize {
            entry.set(usize::from(first) + word, pointer);
        }
    }
    for slot in [BLOCK, RUNNER, CTX] {
        slot_is_pointer.set(usize::from(slot), true);
    }
    let mut allocating = entry.clone();
    allocating.set(usize::from(CTX), true);
    let mut calling: BitVec = BitVec::repeat(false, total);
    for slot in [BLOCK, RUNNER, CTX] {
        calling.set(usize::from(slot), true);
    }
    let none = BitVec::repeat(false, total);
    Function {
        name: "reflect.makeFuncStub".to_owned(),
        id: func.id,
        flags: HAS_CTX | HIDDEN | WRAPPER,
        code,
        frame_slots: FRAME_SLOTS,
        out_slots: 2,
        arg_slots: params,
        result_slots: results,
        slot_is_pointer,
        maps: vec![entry, allocating, calling, none],
        entry_map: 0,
        panic_map: 3,
        address_taken: Vec::new(),
        recover_pc: None,
        lines: Vec::new(),
        files: Vec::new(),
        decl_line: 0,
        vars: Vec::new(),
        arg_words: Vec::new(),
        func_pool: Vec::new(),
        type_pool: vec![std::ptr::from_ref(block)],
        string_pool: Vec::new(),
        global_pool: Vec::new(),
        native_pool: Vec::new(),
    }
}
