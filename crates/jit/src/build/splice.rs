//! Puts callees in the place of their calls.
//!
//! It is done to the bytecode, before anything looks at it: the callee's code is appended to the caller's, with slots of its own behind the caller's, and
//! the call becomes a jump there. The builder and all passes see one function. What is different is where things are when somebody is
//! to see the callee's frame: each slot has its `home`, counted from the caller's frame (the callee's frame lies below it). Whatever leaves compiled code
//! in the copy, calls, or has the interpreter do something, stores the return pcs of the frames around it and goes to the callee's frame, so that nobody can
//! tell that there was no call (`origins`).
//!
//! While the callee's frame may be seen, so may those around it, stopped at their calls: what their pointer maps name there is live throughout the copy (`Around`).

use std::ops::Range;
use std::sync::Arc;

use bytecode::func::{FuncInfo, Function, HAS_CTX, Safepoint};
use bytecode::isa::{Ext, Field, Instr, NO_SLOT, Op};
use bytecode::operands::{Operand, for_each_operand};

use super::inline::{Choice, Rest, hides_in_red_zone};
use super::slots::members;
use crate::origins::{Frame, Origins, Place};
use crate::ssa::Guess;

/// A function with callees in it.
pub struct Spliced {
    pub info: FuncInfo,
    /// What `info.code` points to.
    _linked: Vec<u64>,
    /// Where each slot is, counted in words from the frame.
    pub home: Vec<i32>,
    pub origins: Origins,
    pub frames: Vec<Copy>,
    /// Results of the function and its callees.
    pub results: Vec<Range<usize>>,
    pub guesses: Vec<Guess>,
    pub below: u32,
    pub room: u32,
}

/// A callee in the place of a call.
pub struct Copy {
    pub info: &'static FuncInfo,
    pub parent: Option<usize>,
    /// Words from our frame down to its.
    pub depth: u32,
    /// Its slot 0.
    pub base: usize,
    /// What is live as long as its frame may be seen: slots in the maps of the frames around it, and its closure.
    pub around: Vec<usize>,
}

impl Spliced {
    fn copy_at(&self, pc: usize) -> (Place, Option<&Copy>) {
        let place = self.origins.at(pc as u32);
        (place, place.frame.map(|f| &self.frames[f]))
    }

    /// Slot 0 of the frame that the code belongs to.
    pub fn base(&self, pc: usize) -> usize {
        self.copy_at(pc).1.map_or(0, |c| c.base)
    }

    /// The function that the code belongs to, when it is inlined.
    pub fn callee(&self, pc: usize) -> Option<&'static FuncInfo> {
        self.copy_at(pc).1.map(|c| c.info)
    }

    pub fn is_glue(&self, pc: usize) -> bool {
        self.origins.at(pc as u32).glue
    }

    /// Slots that are live at the instruction because somebody may look.
    pub fn around(&self, pc: usize) -> &[usize] {
        self.copy_at(pc).1.map_or(&[], |c| &c.around)
    }
}

/// The operands of an instruction, in the numbers of the spliced function's slots.
pub fn operands(info: &FuncInfo, spliced: Option<&Spliced>, pc: usize, f: &mut dyn FnMut(Operand)) {
    let function = &*info.function;
    let base = spliced.map_or(0, |s| s.base(pc)) as u32;
    for_each_operand(&function.code, pc, &function.type_pool, &mut |mut o| {
        if o.outgoing {
            o.slot += base;
        }
        f(o);
    });
}

pub struct Splicer {
    pub code: Vec<u64>,
    pub linked: Vec<u64>,
    pub frames: Vec<Copy>,
    pub guesses: Vec<Guess>,
    types: Vec<*const bytecode::rtype::RType>,
    natives: Vec<Arc<str>>,
    pointers: bitvec::vec::BitVec,
    address_taken: Vec<(u32, u32)>,
    home: Vec<i32>,
    origins: Origins,
    results: Vec<Range<usize>>,
    below: u32,
    room: u32,
    /// The caller's code, and maps.
    own_code: u64,
    own_map: Box<dyn Fn(u32) -> Vec<usize>>,
}

impl Splicer {
    pub fn new(info: &FuncInfo) -> Splicer {
        let f = &*info.function;
        let own = f.slot_is_pointer.len();
        let (maps, stride) = (info.maps.clone(), info.map_stride as usize);
        // SAFETY: immortal, and as long as the symbolic code. First words may change under us, which are not used.
        let linked = |i: usize| unsafe { info.code.add(i).read_volatile() };
        let mut origins = Origins::default();
        origins.begin(0, None, 0, false);
        Splicer {
            code: f.code.clone(),
            linked: (0..f.code.len()).map(linked).collect(),
            frames: Vec::new(),
            guesses: Vec::new(),
            types: f.type_pool.clone(),
            natives: f.native_pool.clone(),
            pointers: f.slot_is_pointer.clone(),
            address_taken: f.address_taken.clone(),
            home: (0..own as i32).collect(),
            origins,
            results: std::iter::once(own - f.result_slots as usize..own).collect(),
            below: 0,
            room: 0,
            own_code: info.code as u64,
            own_map: Box::new(move |map| {
                members(&maps[map as usize * stride..][..stride]).collect()
            }),
        }
    }

    pub fn finish(self, info: &FuncInfo) -> Option<Spliced> {
        if self.frames.is_empty() {
            return None;
        }
        let f = &*info.function;
        let function = Function {
            name: f.name.clone(),
            id: f.id,
            flags: f.flags,
            code: self.code,
            frame_slots: f.frame_slots,
            out_slots: f.out_slots,
            arg_slots: f.arg_slots,
            result_slots: f.result_slots,
            slot_is_pointer: self.pointers,
            maps: f.maps.clone(),
            entry_map: f.entry_map,
            panic_map: f.panic_map,
            address_taken: self.address_taken,
            recover_pc: f.recover_pc,
            lines: Vec::new(),
            files: Vec::new(),
            decl_line: f.decl_line,
            vars: Vec::new(),
            arg_words: Vec::new(),
            func_pool: f.func_pool.clone(),
            type_pool: self.types,
            string_pool: f.string_pool.clone(),
            global_pool: f.global_pool.clone(),
            native_pool: self.natives,
        };
        Some(Spliced {
            info: FuncInfo {
                function: Arc::new(function),
                code: self.linked.as_ptr(),
                maps: info.maps.clone(),
                sites: info.sites.clone(),
                ..*info
            },
            _linked: self.linked,
            home: self.home,
            origins: self.origins,
            frames: self.frames,
            results: self.results,
            guesses: self.guesses,
            below: self.below,
            room: self.room,
        })
    }

    fn push(&mut self, instr: Instr) {
        self.code.push(instr.pack());
        self.linked.push(instr.pack());
    }

    fn word(&mut self, word: u64) {
        self.code.push(word);
        self.linked.push(word);
    }

    fn copy_slot(&mut self, to: usize, from: usize) {
        self.push(Instr::new(Op::Mov, to as u16, from as u16, 0));
    }

    /// A jump at the end of the code.
    fn jump(&mut self, to: usize) {
        let by = to as i64 - self.code.len() as i64;
        self.push(Instr::new(Op::Jmp, 0, 0, 0).with_imm32(by as i32));
    }

    /// Replaces the call at word `site`, which is word `own` of its function. The frames of the copies, and where their bodies begin.
    pub fn replace(
        &mut self,
        site: usize,
        own: usize,
        parent: Option<usize>,
        choice: &Choice,
    ) -> Option<Vec<(usize, usize)>> {
        let call = Instr::unpack(self.code[site])?;
        let after = site + call.words();
        let words: Vec<(u64, u64)> = (site..after)
            .map(|i| (self.code[i], self.linked[i]))
            .collect();
        let entrance = self.code.len();
        let mut copies = Vec::new();
        for (i, (func, callee)) in choice.callees.iter().enumerate() {
            let last = i + 1 == choice.callees.len();
            self.origins
                .begin(self.code.len(), parent, own as u32, true);
            let test = self.code.len();
            let jumps = !last || choice.rest == Rest::Call;
            let op = match (call.op, jumps) {
                (Op::Call, _) => None,
                (Op::CallClosure, true) => Some(Op::IfNotClosure),
                (Op::CallClosure, false) => Some(Op::ExpectClosure),
                (_, true) => Some(Op::IfNotMethod),
                (_, false) => Some(Op::ExpectMethod),
            };
            if let Some(op) = op {
                self.push(Instr::new(op, call.a, 0, 0));
                if call.op == Op::CallIface {
                    self.word(words[1].1);
                }
                self.word(std::ptr::from_ref::<bytecode::func::Func>(func) as u64);
            }
            copies.push(self.copy(site, own, parent, callee)?);
            if op.is_some() && jumps {
                let by = (self.code.len() - test) as i32;
                let word = Instr::unpack(self.code[test])?.with_imm32(by).pack();
                self.code[test] = word;
                self.linked[test] = word;
            }
        }
        if choice.rest == Rest::Call {
            self.origins
                .begin(self.code.len(), parent, own as u32, false);
            for (code, linked) in &words {
                self.code.push(*code);
                self.linked.push(*linked);
            }
            self.origins
                .begin(self.code.len(), parent, own as u32, true);
            self.jump(after);
        }
        let jump = Instr::new(Op::Jmp, 0, 0, 0).with_imm32(entrance as i32 - site as i32);
        self.code[site] = jump.pack();
        self.code[site + 1..after].fill(Instr::new(Op::Nop, 0, 0, 0).pack());
        Some(copies)
    }

    /// Appends a copy of the callee, with what passes arguments and results.
    fn copy(
        &mut self,
        site: usize,
        own: usize,
        parent: Option<usize>,
        callee: &'static FuncInfo,
    ) -> Option<(usize, usize)> {
        let f = &*callee.function;
        let call = Instr::unpack(self.code[site])?;
        let after = site + call.words();
        let size = f.frame_slots as usize;
        let (args, results) = (f.arg_slots as usize, f.result_slots as usize);
        let base = self.home.len();
        // Slots are named by 16 bits, of which some values mean others.
        if base + f.slot_is_pointer.len() > 0x7fff {
            return None;
        }
        let (caller_base, caller_depth, caller_code) = match parent {
            Some(p) => {
                let frame = &self.frames[p];
                (frame.base, frame.depth, frame.info.code as u64)
            }
            None => (0, 0, self.own_code),
        };
        // Its frame lies below its caller's and the return pc; what it calls parameters and results is its caller's outgoing area.
        let depth = caller_depth + f.frame_slots + 1;
        self.home
            .extend((0..f.slot_is_pointer.len() as i32).map(|s| s - depth as i32));
        self.pointers.extend_from_bitslice(&f.slot_is_pointer);
        let taken = f.address_taken.iter();
        self.address_taken
            .extend(taken.map(|(first, n)| (first + base as u32, *n)));
        let first = base + size + 1;
        self.results.push(first + args..first + args + results);
        self.below = self.below.max(depth);
        let hides = hides_in_red_zone(callee, depth);
        let wanted = if hides { 0 } else { depth };
        self.room = self.room.max(wanted);

        let frame = self.frames.len();
        self.frames.push(Copy {
            info: callee,
            parent,
            depth,
            base,
            around: self.around(site, parent, caller_base, callee, base),
        });
        self.origins.frames.push(Frame {
            parent,
            depth,
            return_pc: caller_code + 8 * (own + call.words()) as u64,
            code: callee.code as u64,
            function: callee.function.clone(),
        });
        if f.flags & HAS_CTX != 0 {
            self.copy_slot(base + size - 1, usize::from(call.a));
        }
        for k in 0..args {
            self.copy_slot(first + k, caller_base + k);
        }
        let body = self.code.len();
        self.origins.begin(body, Some(frame), 0, false);
        self.body(callee, base)?;
        self.origins
            .begin(self.code.len(), parent, own as u32, true);
        for k in 0..results {
            self.copy_slot(caller_base + args + k, first + args + k);
        }
        self.jump(after);
        Some((frame, body))
    }

    /// The slots that are live throughout a copy.
    fn around(
        &self,
        site: usize,
        parent: Option<usize>,
        caller_base: usize,
        callee: &FuncInfo,
        base: usize,
    ) -> Vec<usize> {
        let words = Instr::unpack(self.code[site]).map_or(1, Instr::words);
        let map = Safepoint::unpack(self.code[site + words - 1]).map;
        let mut around = match parent {
            Some(p) => {
                let parent = &self.frames[p];
                let mut slots = parent.around.clone();
                slots.extend(members(parent.info.map(map)).map(|s| caller_base + s));
                slots
            }
            None => (self.own_map)(map),
        };
        if callee.function.flags & HAS_CTX != 0 {
            // Who walks the stack takes the closure of the topmost frame to be there.
            around.push(base + callee.frame_slots as usize - 1);
        }
        around.sort_unstable();
        around.dedup();
        around
    }

    /// The callee's code with its slots renumbered; returns become jumps to its end.
    fn body(&mut self, callee: &FuncInfo, base: usize) -> Option<()> {
        let f = &*callee.function;
        let epilogue = self.code.len() + f.code.len();
        let types = self.types.len() as u64;
        self.types.extend(&f.type_pool);
        let natives = self.natives.len() as u64;
        self.natives.extend(f.native_pool.iter().cloned());
        let mut pc = 0;
        while pc < f.code.len() {
            let mut instr = Instr::unpack(f.code[pc])?;
            let op = instr.op.info();
            let values = [&mut instr.a, &mut instr.b, &mut instr.c];
            for (field, value) in op.fields.into_iter().zip(values) {
                use Field::{Imm, Imm32, Jump, Jump32, None, OptWordUse, UImm};
                match field {
                    None | Imm | UImm | Imm32 | Jump | Jump32 => {}
                    OptWordUse if *value == NO_SLOT => {}
                    _ => *value += base as u16,
                }
            }
            if instr.op == Op::Ret {
                self.jump(epilogue);
            } else {
                self.push(instr);
            }
            for i in 1..instr.words() {
                let word = f.code[pc + i];
                // SAFETY: linked code has the same words, and is immortal.
                let linked = unsafe { *callee.code.add(pc + i) };
                let renumbered = |shifts: &[u32]| {
                    shifts.iter().fold(0, |all, shift| {
                        let slot = (word >> shift) as u16;
                        let slot = if slot == NO_SLOT {
                            slot
                        } else {
                            slot + base as u16
                        };
                        all | u64::from(slot) << shift
                    })
                };
                let (word, linked) = match op.ext.get(i - 1) {
                    Some(Ext::Type) => (word + types, linked),
                    Some(Ext::Native) => (word + natives, linked),
                    Some(Ext::Slots) => {
                        let slots = renumbered(&[0, 16, 32, 48]);
                        (slots, slots)
                    }
                    Some(Ext::SlotDef) => {
                        let slot = renumbered(&[0]);
                        (slot, slot)
                    }
                    _ => (word, linked),
                };
                self.code.push(word);
                self.linked.push(linked);
            }
            pc += instr.words();
        }
        Some(())
    }
}
