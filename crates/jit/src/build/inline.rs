//! Small leaf functions, put in the place of their calls.
//!
//! It is done to the bytecode, before anything looks at it: the callee's code is appended to the caller's, with slots of its own behind the caller's, and
//! the call becomes a jump there. The builder and all passes see one function. What is different is where things are when the interpreter
//! is to go on in the midst of the callee: each slot has its `home`, counted from the caller's frame (the callee's frame lies below it), and an exit in the copy stores the return
//! pc and goes to the callee's frame, so that nobody can tell that there was no call.
//!
//! The callee's frame must fit the red zone, which makes a check of the stack at the call superfluous. It calls nothing, allocates nothing and has no
//! loop: it has no safepoint, so no pointer map is ever asked for while its frame is not there.

use std::ops::Range;
use std::sync::Arc;

use bytecode::func::{
    Func, FuncInfo, Function, HAS_CTX, HAS_DEFER, HIDDEN, Safepoint, VALUE_WRAPPER, WRAPPER,
};
use bytecode::isa::{Ext, Field, Instr, Op};
use bytecode::operands::{Access, for_each_operand};
use runtime::stack::RED_ZONE;

use super::translate::{Effect, effect};
use crate::pipeline;
use crate::ssa::Inlined;

/// Words of bytecode: of a callee, and of all copies in a function.
const MAX_CALLEE: usize = 64;
const MAX_COPIES: usize = 1500;

/// A function with callees in it.
pub struct Spliced {
    pub info: FuncInfo,
    /// What `info.code` points to.
    _linked: Vec<u64>,
    /// Where each slot is, counted in words from the frame.
    pub home: Vec<i32>,
    pub inlined: Vec<Inlined>,
    /// The pointer map of the caller's frame at each of these.
    pub maps: Vec<u32>,
    /// Results of the function and its callees.
    pub results: Vec<Range<usize>>,
}

impl Spliced {
    /// The pointer map of the caller's frame at the call whose copy the word offset is in.
    pub fn map_at(&self, pc: u32) -> Option<u32> {
        let next = self.inlined.partition_point(|i| i.range.start <= pc);
        let i = next.checked_sub(1)?;
        self.inlined[i].range.contains(&pc).then(|| self.maps[i])
    }
}

/// Puts callees into the function; None when there is none to put.
pub fn splice(info: &FuncInfo) -> Option<Spliced> {
    let f = &*info.function;
    let mut sites = Vec::new();
    let (mut pc, mut words) = (0, 0);
    while pc < f.code.len() {
        let instr = Instr::unpack(f.code[pc])?;
        if instr.op == Op::Call {
            // SAFETY: linking put the callee's handle there; linked code is immortal.
            let callee: &Func = unsafe { &*(*info.code.add(pc + 1) as *const Func) };
            if let Some(callee) = pipeline::info(callee).filter(|c| is_small_leaf(c)) {
                words += callee.function.code.len();
                if words <= MAX_COPIES {
                    sites.push((pc, callee));
                }
            }
        }
        pc += instr.words();
    }
    if sites.is_empty() {
        return None;
    }
    let own = f.slot_is_pointer.len();
    let results = own - f.result_slots as usize..own;
    // SAFETY: as above, and as long as the symbolic code. First words may change under us, which are not used.
    let linked = |i: usize| unsafe { info.code.add(i).read_volatile() };
    let mut s = Splicer {
        code: f.code.clone(),
        linked: (0..f.code.len()).map(linked).collect(),
        types: f.type_pool.clone(),
        pointers: f.slot_is_pointer.clone(),
        home: (0..own as i32).collect(),
        inlined: Vec::new(),
        maps: Vec::new(),
        results: vec![results],
    };
    for (pc, callee) in sites {
        s.copy(info, pc, callee)?;
    }
    let function = Function {
        name: f.name.clone(),
        id: f.id,
        flags: f.flags,
        code: s.code,
        frame_slots: f.frame_slots,
        out_slots: f.out_slots,
        arg_slots: f.arg_slots,
        result_slots: f.result_slots,
        slot_is_pointer: s.pointers,
        maps: f.maps.clone(),
        entry_map: f.entry_map,
        panic_map: f.panic_map,
        address_taken: f.address_taken.clone(),
        recover_pc: f.recover_pc,
        lines: Vec::new(),
        files: Vec::new(),
        decl_line: f.decl_line,
        vars: Vec::new(),
        arg_words: Vec::new(),
        func_pool: f.func_pool.clone(),
        type_pool: s.types,
        string_pool: f.string_pool.clone(),
        global_pool: f.global_pool.clone(),
        native_pool: f.native_pool.clone(),
    };
    Some(Spliced {
        info: FuncInfo {
            function: Arc::new(function),
            code: s.linked.as_ptr(),
            maps: info.maps.clone(),
            ..*info
        },
        _linked: s.linked,
        home: s.home,
        inlined: s.inlined,
        maps: s.maps,
        results: s.results,
    })
}

/// Whether a function may be put in the place of its calls.
fn is_small_leaf(info: &FuncInfo) -> bool {
    let f = &*info.function;
    let odd = HAS_CTX | HAS_DEFER | HIDDEN | WRAPPER | VALUE_WRAPPER;
    // The return pc, the frame, and the word below it that a panic's call stores.
    let room = 8 * (f.frame_slots as usize + 2) <= RED_ZONE;
    if !room || f.code.len() > MAX_CALLEE || f.flags & odd != 0 || !f.address_taken.is_empty() {
        return false;
    }
    let mut pc = 0;
    while pc < f.code.len() {
        let Some(instr) = Instr::unpack(f.code[pc]) else {
            return false;
        };
        if instr.is_safepoint()
            || effect(info, pc) != Effect::None && instr.op != Op::Trap
            || instr.op == Op::JmpTable
        {
            return false;
        }
        let info = instr.op.info();
        let plain =
            info.ext
                .iter()
                .all(|ext| !matches!(ext, Ext::Slots | Ext::SlotDef))
                && info.fields.iter().all(|field| {
                    !matches!(field, Field::PartUse | Field::PartDef | Field::Address)
                });
        let mut whole = true;
        for_each_operand(&f.code, pc, &f.type_pool, &mut |o| {
            whole &= matches!(o.access, Access::Use | Access::Def);
        });
        if !plain || !whole {
            return false;
        }
        pc += instr.words();
    }
    true
}

struct Splicer {
    code: Vec<u64>,
    linked: Vec<u64>,
    types: Vec<*const bytecode::rtype::RType>,
    pointers: bitvec::vec::BitVec,
    home: Vec<i32>,
    inlined: Vec<Inlined>,
    maps: Vec<u32>,
    results: Vec<Range<usize>>,
}

impl Splicer {
    fn push(&mut self, instr: Instr) {
        self.code.push(instr.pack());
        self.linked.push(instr.pack());
    }

    /// A jump at the end of the code.
    fn jump(&mut self, to: usize) {
        let by = to as i64 - self.code.len() as i64;
        self.push(Instr::new(Op::Jmp, 0, 0, 0).with_imm32(by as i32));
    }

    fn copy(&mut self, info: &FuncInfo, site: usize, callee: &FuncInfo) -> Option<()> {
        let f = &*callee.function;
        let call = Instr::unpack(self.code[site])?;
        let after = site + call.words();
        let frame = f.frame_slots as usize;
        let (args, results) = (f.arg_slots as usize, f.result_slots as usize);
        let base = self.home.len();
        // Slots are named by 16 bits, of which some values mean others.
        if base + f.slot_is_pointer.len() > 0x7fff {
            return None;
        }
        // Its frame lies below ours and the return pc; what it calls parameters and results is our outgoing area.
        let depth = frame as i32 + 1;
        self.home
            .extend((0..f.slot_is_pointer.len() as i32).map(|s| s - depth));
        self.pointers.extend_from_bitslice(&f.slot_is_pointer);
        let first = base + frame + 1;
        self.results.push(first + args..first + args + results);

        let start = self.code.len();
        for k in 0..args {
            self.push(Instr::new(Op::Mov, (first + k) as u16, k as u16, 0));
        }
        let body = self.code.len();
        let epilogue = body + f.code.len();
        let types = self.types.len() as u64;
        self.types.extend(&f.type_pool);
        let mut pc = 0;
        while pc < f.code.len() {
            let mut instr = Instr::unpack(f.code[pc])?;
            let op = instr.op.info();
            for (field, value) in
                op.fields
                    .into_iter()
                    .zip([&mut instr.a, &mut instr.b, &mut instr.c])
            {
                use Field::*;
                match field {
                    None | Imm | UImm | Imm32 | Jump | Jump32 => {}
                    OptWordUse if *value == bytecode::isa::NO_SLOT => {}
                    _ => *value += base as u16,
                }
            }
            if instr.op == Op::Ret {
                self.jump(epilogue);
            } else {
                self.push(instr);
            }
            for (i, ext) in (1..instr.words()).zip(op.ext) {
                let word = f.code[pc + i];
                self.code.push(if *ext == Ext::Type {
                    word + types
                } else {
                    word
                });
                // SAFETY: linked code has the same words, and is immortal.
                self.linked.push(unsafe { *callee.code.add(pc + i) });
            }
            pc += instr.words();
        }
        for k in 0..results {
            self.push(Instr::new(
                Op::Mov,
                (args + k) as u16,
                (first + args + k) as u16,
                0,
            ));
        }
        self.jump(after);
        self.inlined.push(Inlined {
            range: start as u32..self.code.len() as u32,
            body: body as u32,
            code: callee.code as u64,
            return_pc: info.code as u64 + 8 * after as u64,
            depth: depth as u32,
            function: callee.function.clone(),
        });
        let point = Safepoint::unpack(self.code[after - 1]);
        self.maps.push(point.map);
        let jump = Instr::new(Op::Jmp, 0, 0, 0).with_imm32(start as i32 - site as i32);
        self.code[site] = jump.pack();
        self.code[site + 1..after].fill(Instr::new(Op::Nop, 0, 0, 0).pack());
        Some(())
    }
}
