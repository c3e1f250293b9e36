//! Bytecode decoded once, for the analyses that go over it several times.

use bytecode::func::FuncInfo;
use bytecode::isa::{Instr, Op};
use bytecode::operands::{Access, Operand};

use super::splice::{Spliced, operands};
use super::translate::{Effect, effect};

pub struct Decoded {
    /// In the order of the code.
    instructions: Vec<Instruction>,
    operands: Vec<Operand>,
    /// The number of the instruction at each word offset where one begins.
    number: Vec<u32>,
}

/// An instruction at a word offset.
#[derive(Clone, Copy)]
pub struct Instruction {
    pub pc: usize,
    pub instr: Instr,
    pub effect: Effect,
    operands: (u32, u32),
}

impl Decoded {
    /// Operands in slots whose address is taken are left out, but for the takings: nobody asks for them, and a frame may have arrays of thousands. None
    /// where there is an unknown instruction.
    pub fn new(info: &FuncInfo, spliced: Option<&Spliced>) -> Option<Decoded> {
        let f = &*info.function;
        let mut decoded = Decoded {
            instructions: Vec::with_capacity(f.code.len()),
            operands: Vec::with_capacity(4 * f.code.len()),
            number: vec![u32::MAX; f.code.len()],
        };
        let mut taken = vec![false; f.slot_is_pointer.len()];
        for (first, count) in &f.address_taken {
            let end = (first + count).min(taken.len() as u32);
            taken[*first as usize..end as usize].fill(true);
        }
        let mut pc = 0;
        while pc < f.code.len() {
            let instr = Instr::unpack(f.code[pc])?;
            let start = decoded.operands.len() as u32;
            operands(info, spliced, pc, &mut |o| {
                if o.access == Access::Address || !taken[o.slot as usize] {
                    decoded.operands.push(o);
                }
            });
            decoded.number[pc] = decoded.instructions.len() as u32;
            decoded.instructions.push(Instruction {
                pc,
                instr,
                effect: effect(info, pc),
                operands: (start, decoded.operands.len() as u32),
            });
            pc += instr.words();
        }
        Some(decoded)
    }

    pub fn all(&self) -> &[Instruction] {
        &self.instructions
    }

    /// Forgets operands in other slots.
    pub fn retain_operands(&mut self, is_wanted: impl Fn(usize) -> bool) {
        let mut kept = 0;
        for i in &mut self.instructions {
            let (start, end) = i.operands;
            i.operands.0 = kept;
            for o in start..end {
                let operand = self.operands[o as usize];
                if is_wanted(operand.slot as usize) {
                    self.operands[kept as usize] = operand;
                    kept += 1;
                }
            }
            i.operands.1 = kept;
        }
    }

    /// The instructions from one word offset to another.
    pub fn between(&self, start: usize, end: usize) -> &[Instruction] {
        let from = self.number[start] as usize;
        let rest = &self.instructions[from..];
        &rest[..rest.partition_point(|i| i.pc < end)]
    }

    /// What it touches, uses first.
    pub fn operands(&self, instruction: &Instruction) -> &[Operand] {
        let (start, end) = instruction.operands;
        &self.operands[start as usize..end as usize]
    }
}

impl Instruction {
    /// Whether it moves or clears many slots at home, one like the other.
    pub fn is_done_in_bulk(&self) -> bool {
        self.effect == Effect::Operands && matches!(self.instr.op, Op::MovN | Op::ZeroN)
    }

    /// Whether its operands may be wanted in registers.
    pub fn takes_registers(&self) -> bool {
        self.effect == Effect::None || matches!(self.instr.op, Op::CallClosure | Op::CallIface)
    }
}
