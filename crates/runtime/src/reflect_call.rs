//! Stubs for calls whose arguments are known at run time only: reflection's, and those of finalizers.
//!
//! There is one stub function for each (parameter slots, result slots) pair in use. Its frame has the callee's outgoing area, the closure to call, and
//! the block of heap memory that the arguments came from. Its code is ordinary bytecode: call the closure, store the results into the block, return.
//! So the collector and the stack copier treat it as any other function.

use std::sync::{Arc, Mutex};

use bitvec::vec::BitVec;
use bytecode::func::{Func, Function, HIDDEN, Safepoint, WRAPPER};
use bytecode::isa::{Instr, Op};
use rustc_hash::FxHashMap;

use crate::runtime::Runtime;

/// Most words of arguments and results: offsets into the block are 16-bit.
const MAX_WORDS: u32 = 8191;

/// The stubs made so far.
#[derive(Default)]
pub struct ReflectStubs {
    known: Mutex<FxHashMap<(u32, u32), &'static Func>>,
}

impl Runtime {
    /// The stub for a call with these many slots. In its frame the slots from 0 on are the callee's parameters and results, then comes
    /// the closure, then the block. None when there are too many.
    pub fn reflect_stub(&self, params: u32, results: u32) -> Option<&'static Func> {
        if params.checked_add(results)? > MAX_WORDS {
            return None;
        }
        let mut known = self
            .reflect_stubs
            .known
            .lock()
            .unwrap_or_else(|e| e.into_inner());
        let stub = known.entry((params, results)).or_insert_with(|| {
            // SAFETY: handles are immortal.
            let func = unsafe { &*self.new_func(HIDDEN | WRAPPER) };
            let function = make(func, params, results);
            self.publish(func, Arc::new(function))
                .expect("a stub that links");
            func
        });
        Some(stub)
    }
}

fn make(func: &Func, params: u32, results: u32) -> Function {
    let words = params + results;
    let (closure, block) = (words as u16, words as u16 + 1);
    let mut code = vec![
        Instr::new(Op::CallClosure, closure, params as u16, results as u16).pack(),
        Safepoint {
            map: 1,
            func: func.id,
        }
        .pack(),
    ];
    for word in params as u16..words as u16 {
        // Any of them may be a pointer. The barrier takes a word that is none for one at worst.
        code.push(Instr::new(Op::StP, block, word, word * 8).pack());
    }
    code.push(Instr::new(Op::Ret, 0, 0, 0).pack());
    let frame_slots = words + 2;
    let empty = BitVec::repeat(false, frame_slots as usize + 1);
    let mut full = empty.clone();
    full.set(usize::from(closure), true);
    full.set(usize::from(block), true);
    Function {
        name: "reflect.call".to_owned(),
        id: func.id,
        flags: HIDDEN | WRAPPER,
        code,
        frame_slots,
        out_slots: words,
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
        native_pool: Vec::new(),
    }
}
