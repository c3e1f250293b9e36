//! SSA to x86-64 instructions over virtual registers: linear order, immediates, operand constraints.
//!
//! Registers: rbx the frame, r12 the goroutine, r13 the `Context`, rsp the thread's own stack (spills, return addresses), r11 and xmm15 the
//! emitter's. All others are the allocator's; none survives a call.

use std::ops::Range;

use regalloc2::{Block, Inst as RInst, InstRange, Operand, PReg, PRegSet, RegClass, VReg};

use crate::emit::alloc;
use crate::ssa::{
    Addr, AtomicOp, Base, BinOp, BlockId, CLOSURE, Callee, Cond, Edge, Op, REGISTER_ARGS, Ssa,
    Term, Type, UnOp, Value, Width,
};

pub const FRAME: u8 = 3;
pub const CONTEXT: u8 = 13;
pub const SCRATCH: u8 = 11;
pub const FLOAT_SCRATCH: u8 = 15;
/// Registers for values, those that need no wider encoding first.
pub const INTS: [u8; 11] = [0, 1, 2, 6, 7, 8, 9, 10, 5, 14, 15];
pub const FLOATS: u8 = 15;

pub fn int(n: u8) -> PReg {
    PReg::new(n as usize, RegClass::Int)
}
pub fn float(n: u8) -> PReg {
    PReg::new(n as usize, RegClass::Float)
}

#[derive(Clone, Copy, Debug)]
pub enum Kind {
    Op(Op),
    /// Defines what is passed in registers.
    Params,
    Jump(usize),
    Branch(Cond, usize, usize),
    /// First successor, number of successors.
    Table,
    Return,
    Leave,
}

#[derive(Debug)]
pub struct Machine {
    pub kind: Kind,
    /// Word offset of the bytecode instruction, where one is known.
    pub pc: Option<u32>,
    /// Where its operands are among those of all.
    pub operands: Range<u32>,
    pub clobbers: PRegSet,
    /// The last argument, where it is a constant.
    pub imm: Option<i32>,
    /// Type of the result, else of the first (a store: the last) argument.
    pub typ: Type,
    pub from: Type,
    pub exit: Option<ExitPlan>,
}

impl Machine {
    fn new(kind: Kind) -> Machine {
        Machine {
            kind,
            pc: None,
            operands: 0..0,
            clobbers: PRegSet::empty(),
            imm: None,
            typ: Type::Word,
            from: Type::Word,
            exit: None,
        }
    }
}

/// An exit: its values are the operands from `first` on.
#[derive(Debug)]
pub struct ExitPlan {
    pub pc: u32,
    pub first: usize,
    /// Where its slots are among those of all exits.
    pub live: Range<u32>,
}

#[derive(Default)]
pub struct Code {
    pub insts: Vec<Machine>,
    /// All instructions' operands.
    pub operands: Vec<Operand>,
    /// Slots that exits write, and what kind of value.
    pub exits: Vec<(i32, Type)>,
    pub ranges: Vec<InstRange>,
    pub succs: Vec<Vec<Block>>,
    pub preds: Vec<Vec<Block>>,
    pub params: Vec<Vec<VReg>>,
    /// Arguments of the jump at a block's end.
    pub args: Vec<Vec<VReg>>,
    pub values: usize,
    /// Blocks in the order of emission: what is seldom entered comes last. (The allocator wants them numbered in reverse postorder.)
    pub emission: Vec<usize>,
}

/// The part of a list that a range names.
pub fn part<'a, T>(list: &'a [T], range: &Range<u32>) -> &'a [T] {
    &list[range.start as usize..range.end as usize]
}

/// Every register that values may be in.
pub fn all_registers() -> PRegSet {
    let mut set = PRegSet::empty();
    INTS.iter().for_each(|n| set.add(int(*n)));
    (0..FLOATS).for_each(|n| set.add(float(n)));
    set
}

/// Registers that no function of the runtime keeps.
fn caller_saved() -> PRegSet {
    let mut set = PRegSet::empty();
    [0, 1, 2, 6, 7, 8, 9, 10]
        .iter()
        .for_each(|n| set.add(int(*n)));
    (0..FLOATS).for_each(|n| set.add(float(n)));
    set
}

/// Registers of arguments, in order.
const ARGUMENTS: [u8; 6] = [7, 6, 2, 1, 8, 9];

/// Registers of compiled functions' arguments, in order.
pub const CALL_ARGUMENTS: [u8; REGISTER_ARGS] = [7, 1, 8, 9];
/// The closure of a call,
const CLOSURE_REGISTER: u8 = 2;
/// the callee's handle,
const HANDLE_REGISTER: u8 = 6;
/// and the first result.
const RESULT_REGISTER: u8 = 0;

/// Lowers a function.
pub fn lower(ssa: &Ssa) -> Code {
    let order = layout(ssa);
    let mut number = vec![usize::MAX; ssa.blocks.len()];
    order.iter().enumerate().for_each(|(i, b)| number[*b] = i);
    let mut lower = Lower {
        ssa,
        constant: vec![None; ssa.types.len()],
        vregs: vec![VReg::invalid(); ssa.types.len()],
        needed: Vec::new(),
        operands: Vec::new(),
        exits: Vec::new(),
    };
    for &b in &order {
        let block = &ssa.blocks[b];
        block.params.iter().for_each(|v| lower.define(*v));
        for inst in &block.insts {
            if let Some(v) = inst.result {
                lower.define(v);
                if let Op::Const(k) = inst.op {
                    lower.constant[v as usize] = Some(k);
                }
            }
        }
    }
    let count: usize = order.iter().map(|b| ssa.blocks[*b].insts.len() + 1).sum();
    let mut insts: Vec<Machine> = Vec::with_capacity(count);
    lower.operands.reserve(3 * count);
    let mut starts = Vec::with_capacity(order.len() + 1);
    for &b in &order {
        let block = &ssa.blocks[b];
        let is_param = |i: &&crate::ssa::Inst| matches!(i.op, Op::Param(_));
        starts.push(insts.len());
        if b == 0 && block.insts.iter().any(|i| is_param(&i)) {
            insts.push(lower.params(block.insts.iter().filter(is_param)));
        }
        let products = wide_products(&block.insts);
        for (i, inst) in block.insts.iter().enumerate() {
            match products.iter().find(|p| p.first == i || p.second == i) {
                _ if is_param(&inst) => {}
                None => insts.push(lower.inst(inst)),
                Some(p) if p.first == i => {
                    insts.push(lower.wide_product(&block.insts[p.high], &block.insts[p.low]));
                }
                Some(_) => {}
            }
        }
        insts.push(lower.term(&block.term, &number));
        for edge in block.term.edges() {
            for v in &edge.args {
                lower.reg(*v);
            }
        }
    }
    starts.push(insts.len());
    let mut code = Code {
        preds: vec![Vec::new(); order.len()],
        values: lower.needed.len(),
        emission: (0..order.len()).collect(),
        ..Code::default()
    };
    let mut cold = vec![false; ssa.blocks.len()];
    ssa.cold.iter().for_each(|b| cold[*b] = true);
    code.emission.sort_by_key(|i| cold[order[*i]]);
    // Constants that are immediates everywhere are in no register.
    let is_left_out = |m: &Machine| {
        matches!(m.kind, Kind::Op(Op::Const(_)))
            && !lower.needed[part(&lower.operands, &m.operands)[0].vreg().vreg()]
    };
    let mut left = 0;
    let mut gone = 0;
    let mut at = 0;
    insts.retain(|m| {
        while starts.get(at) == Some(&left) {
            starts[at] -= gone;
            at += 1;
        }
        let out = is_left_out(m);
        left += 1;
        gone += usize::from(out);
        !out
    });
    starts[order.len()] = insts.len();
    for (i, &b) in order.iter().enumerate() {
        let range = InstRange::new(RInst::new(starts[i]), RInst::new(starts[i + 1]));
        code.ranges.push(range);
        let block = &ssa.blocks[b];
        code.params
            .push(block.params.iter().map(|v| lower.vreg(*v)).collect());
        let edges = block.term.edges();
        code.succs
            .push(edges.iter().map(|e| Block::new(number[e.block])).collect());
        edges
            .iter()
            .for_each(|e| code.preds[number[e.block]].push(Block::new(i)));
        let args: &[Value] = edges.first().map_or(&[], |e: &Edge| &e.args);
        code.args
            .push(args.iter().map(|v| lower.vreg(*v)).collect());
    }
    code.insts = insts;
    code.operands = lower.operands;
    code.exits = lower.exits;
    code
}

/// Both halves of a product: instructions of one block. One machine instruction computes them, in the place of the first.
struct WideProduct {
    high: usize,
    low: usize,
    first: usize,
    second: usize,
}

fn wide_products(insts: &[crate::ssa::Inst]) -> Vec<WideProduct> {
    let mut products: Vec<WideProduct> = Vec::new();
    for (high, inst) in insts.iter().enumerate() {
        if inst.op != Op::Bin(BinOp::MulHiU) {
            continue;
        }
        let (x, y) = (inst.args[0], inst.args[1]);
        let low = insts.iter().position(|i| {
            i.op == Op::Bin(BinOp::Mul)
                && ((i.args[0], i.args[1]) == (x, y) || (i.args[0], i.args[1]) == (y, x))
        });
        if let Some(low) = low
            && products.iter().all(|p| p.low != low)
        {
            products.push(WideProduct {
                high,
                low,
                first: high.min(low),
                second: high.max(low),
            });
        }
    }
    products
}

/// Blocks in the order of emission: reverse postorder in which a loop's back-edge follows the block that takes it.
fn layout(ssa: &Ssa) -> Vec<BlockId> {
    let polls = |b: BlockId| ssa.blocks[b].insts.iter().any(|i| i.op == Op::Poll);
    let mut seen = vec![false; ssa.blocks.len()];
    let mut order = Vec::new();
    let mut stack = vec![(0, 0)];
    seen[0] = true;
    while let Some((block, next)) = stack.pop() {
        let edges = ssa.blocks[block].term.edges();
        if next < edges.len() {
            stack.push((block, next + 1));
            let swap = edges.len() == 2 && polls(edges[0].block);
            let to = edges[if swap { 1 - next } else { next }].block;
            if !std::mem::replace(&mut seen[to], true) {
                stack.push((to, 0));
            }
        } else {
            order.push(block);
        }
    }
    order.reverse();
    order
}

struct Lower<'a> {
    ssa: &'a Ssa,
    constant: Vec<Option<i64>>,
    /// Values' numbers for the allocator, without gaps.
    vregs: Vec<VReg>,
    /// By these numbers: constants that some instruction wants in a register.
    needed: Vec<bool>,
    operands: Vec<Operand>,
    exits: Vec<(i32, Type)>,
}

impl Lower<'_> {
    fn define(&mut self, v: Value) {
        let class = if self.ssa.typ(v).is_float() {
            RegClass::Float
        } else {
            RegClass::Int
        };
        self.vregs[v as usize] = VReg::new(self.needed.len(), class);
        self.needed.push(false);
    }

    /// A register for the course of one instruction.
    fn temporary(&mut self) -> VReg {
        let vreg = VReg::new(self.needed.len(), RegClass::Int);
        self.needed.push(true);
        vreg
    }

    fn vreg(&self, v: Value) -> VReg {
        self.vregs[v as usize]
    }

    fn reg(&mut self, v: Value) -> VReg {
        let vreg = self.vreg(v);
        self.needed[vreg.vreg()] = true;
        vreg
    }

    fn operand(&mut self, operand: Operand) {
        self.operands.push(operand);
    }

    /// The operands from `start` on.
    fn since(&self, start: usize) -> Range<u32> {
        start as u32..self.operands.len() as u32
    }

    /// The high half of a product, with the low half as a second result.
    fn wide_product(&mut self, high: &crate::ssa::Inst, low: &crate::ssa::Inst) -> Machine {
        let mut m = self.inst(high);
        let low = self.vreg(low.result.expect("a product has a result"));
        self.operand(Operand::reg_def(low));
        m.operands.end += 1;
        m
    }

    fn imm(&self, v: Value) -> Option<i32> {
        self.constant[v as usize].and_then(|k| i32::try_from(k).ok())
    }

    /// The low 32 bits of a constant.
    fn half(&self, v: Value) -> Option<i32> {
        self.constant[v as usize].map(|k| k as i32)
    }

    fn params<'s>(&mut self, params: impl Iterator<Item = &'s crate::ssa::Inst>) -> Machine {
        let start = self.operands.len();
        let mut m = Machine::new(Kind::Params);
        for inst in params {
            let (Op::Param(number), Some(v)) = (inst.op, inst.result) else {
                continue;
            };
            let register = if number == CLOSURE {
                CLOSURE_REGISTER
            } else {
                CALL_ARGUMENTS[usize::from(number)]
            };
            let def = Operand::reg_fixed_def(self.vreg(v), int(register));
            self.operand(def);
        }
        m.operands = self.since(start);
        m
    }

    fn inst(&mut self, inst: &crate::ssa::Inst) -> Machine {
        let start = self.operands.len();
        let mut m = self.instruction(inst);
        m.operands = self.since(start);
        m
    }

    fn instruction(&mut self, inst: &crate::ssa::Inst) -> Machine {
        let start = self.operands.len();
        let def = inst.result.map(|v| self.vreg(v));
        let typ_of = |v: Option<&Value>| v.map_or(Type::Word, |v| self.ssa.typ(*v));
        let from = match inst.op {
            Op::Store(..) => typ_of(inst.args.last()),
            _ => typ_of(inst.args.first()),
        };
        let typ = inst.result.map_or(from, |v| self.ssa.typ(v));
        let mut m = Machine {
            kind: Kind::Op(inst.op),
            pc: Some(inst.pc),
            operands: 0..0,
            clobbers: PRegSet::empty(),
            imm: None,
            typ,
            from,
            exit: None,
        };
        let x = inst.args.first().copied();
        let y = inst.args.get(1).copied();
        match inst.op {
            Op::Const(_) => {}
            Op::Bin(BinOp::DivS | BinOp::DivU | BinOp::RemS | BinOp::RemU)
            | Op::Bin32(BinOp::DivU | BinOp::RemU) => {
                let (x, y) = (self.reg(x.unwrap()), self.reg(y.unwrap()));
                self.operand(Operand::reg_fixed_use(x, int(0)));
                self.operand(Operand::reg_use_at_end(y));
                let rem = matches!(
                    inst.op,
                    Op::Bin(BinOp::RemS | BinOp::RemU) | Op::Bin32(BinOp::RemU)
                );
                let (result, other) = if rem { (2, 0) } else { (0, 2) };
                self.operand(Operand::reg_fixed_def(def.unwrap(), int(result)));
                m.clobbers.add(int(other));
                return m;
            }
            Op::Bin(BinOp::MulHiU) => {
                let (x, y) = (self.reg(x.unwrap()), self.reg(y.unwrap()));
                self.operand(Operand::reg_fixed_use(x, int(2)));
                self.operand(Operand::reg_use(y));
                self.operand(Operand::reg_def(def.unwrap()));
                return m;
            }
            Op::Bin(op) | Op::Bin32(op) => {
                let (x, y) = (x.unwrap(), y.unwrap());
                let imm = match inst.op {
                    Op::Bin32(_) => self.half(y),
                    _ => self.imm(y),
                };
                let shift = matches!(
                    op,
                    BinOp::Shl
                        | BinOp::ShrU
                        | BinOp::ShrS
                        | BinOp::ShlMod
                        | BinOp::ShrUMod
                        | BinOp::ShrSMod
                );
                m.imm = match op {
                    _ if shift => self.imm(y).filter(|k| (0..64).contains(k)),
                    BinOp::Sub => imm.filter(|k| *k != i32::MIN),
                    _ => imm,
                };
                let xr = self.reg(x);
                self.operand(Operand::reg_use(xr));
                // Forms with three operands need no copy.
                let three = match op {
                    BinOp::Add | BinOp::AndNot => m.imm.is_none() || op == BinOp::Add,
                    BinOp::Sub | BinOp::Mul => m.imm.is_some(),
                    _ => shift && m.imm.is_none(),
                };
                if m.imm.is_none() {
                    let yr = self.reg(y);
                    self.operand(if three {
                        Operand::reg_use(yr)
                    } else {
                        Operand::reg_use_at_end(yr)
                    });
                }
                self.operand(if three {
                    Operand::reg_def(def.unwrap())
                } else {
                    Operand::reg_reuse_def(def.unwrap(), 0)
                });
                return m;
            }
            Op::Select(_) => {
                for v in &inst.args {
                    let r = self.reg(*v);
                    self.operand(Operand::reg_use(r));
                }
                self.operand(Operand::reg_reuse_def(def.unwrap(), 3));
                return m;
            }
            Op::Atomic(op, _) => {
                let regs: Vec<VReg> = inst.args.iter().map(|v| self.reg(*v)).collect();
                let def = def.unwrap();
                match op {
                    AtomicOp::Load => {
                        self.operand(Operand::reg_use(regs[0]));
                        self.operand(Operand::reg_def(def));
                    }
                    AtomicOp::Swap => {
                        self.operand(Operand::reg_use_at_end(regs[0]));
                        self.operand(Operand::reg_use(regs[1]));
                        self.operand(Operand::reg_reuse_def(def, 1));
                    }
                    AtomicOp::Add => {
                        self.operand(Operand::reg_use(regs[0]));
                        self.operand(Operand::reg_use(regs[1]));
                        self.operand(Operand::reg_def(def));
                    }
                    AtomicOp::CompareAndSwap => {
                        self.operand(Operand::reg_use_at_end(regs[0]));
                        self.operand(Operand::reg_fixed_use(regs[1], int(0)));
                        self.operand(Operand::reg_use_at_end(regs[2]));
                        self.operand(Operand::reg_fixed_def(def, int(0)));
                    }
                }
                return m;
            }
            Op::Helper(helper) => {
                let first = usize::from(helper.context);
                for (v, n) in inst.args.iter().zip(&ARGUMENTS[first..]) {
                    let r = self.reg(*v);
                    self.operand(Operand::reg_fixed_use(r, int(*n)));
                }
                m.clobbers = caller_saved();
                if let Some(def) = def {
                    m.clobbers.remove(int(0));
                    self.operand(Operand::reg_fixed_def(def, int(0)));
                }
                return m;
            }
            Op::Alloc(object) => {
                self.operand(Operand::reg_def(def.expect("an object has an address")));
                for _ in 0..alloc::temporaries(object) {
                    let temporary = self.temporary();
                    self.operand(Operand::reg_def(temporary));
                }
                return m;
            }
            Op::Un(UnOp::Copy) => {
                let xr = self.reg(x.unwrap());
                self.operand(Operand::any_use(xr));
                self.operand(Operand::any_def(def.unwrap()));
                return m;
            }
            Op::Un(op) | Op::Un32(op) => {
                let xr = self.reg(x.unwrap());
                self.operand(Operand::reg_use(xr));
                let moved = op == UnOp::Bitcast && from.is_float() && typ.is_float();
                let two = moved || matches!(op, UnOp::Neg | UnOp::Not | UnOp::Bswap);
                self.operand(if two {
                    Operand::reg_reuse_def(def.unwrap(), 0)
                } else {
                    Operand::reg_def(def.unwrap())
                });
                return m;
            }
            Op::Rotl64 | Op::Rotl32 => {
                let xr = self.reg(x.unwrap());
                self.operand(Operand::reg_use(xr));
                m.imm = self.imm(y.unwrap());
                if m.imm.is_some() {
                    self.operand(Operand::reg_def(def.unwrap()));
                } else {
                    let yr = self.reg(y.unwrap());
                    self.operand(Operand::reg_fixed_use(yr, int(1)));
                    self.operand(Operand::reg_reuse_def(def.unwrap(), 0));
                }
                return m;
            }
            Op::Compare(_) | Op::Guard(_) => {
                let xr = self.reg(x.unwrap());
                self.operand(Operand::reg_use(xr));
                if !from.is_float() {
                    m.imm = self.imm(y.unwrap());
                }
                if m.imm.is_none() {
                    let yr = self.reg(y.unwrap());
                    self.operand(Operand::reg_use(yr));
                }
            }
            Op::Store(addr, width) => {
                let (value, address) = inst.args.split_last().expect("a store has a value");
                for v in address {
                    let r = self.reg(*v);
                    self.operand(Operand::reg_use(r));
                }
                m.imm = match width {
                    _ if from.is_float() => None,
                    Width::W | Width::P => self.imm(*value),
                    Width::S32 | Width::U32 => self.half(*value),
                    _ => None,
                };
                if m.imm.is_none() {
                    let r = self.reg(*value);
                    self.operand(Operand::reg_use(r));
                }
                debug_assert_eq!(address.len(), address_operands(addr));
            }
            Op::Call(callee, _) => {
                let first = match callee {
                    Callee::Direct(_) => None,
                    Callee::Closure => Some(CLOSURE_REGISTER),
                    Callee::Handle => Some(HANDLE_REGISTER),
                };
                let registers = first.into_iter().chain(CALL_ARGUMENTS);
                for (v, n) in inst.args.iter().zip(registers) {
                    let r = self.reg(*v);
                    self.operand(Operand::reg_fixed_use(r, int(n)));
                }
                m.clobbers = all_registers();
                if let Some(def) = def {
                    m.clobbers.remove(int(RESULT_REGISTER));
                    let def = Operand::reg_fixed_def(def, int(RESULT_REGISTER));
                    self.operand(def);
                }
                return m;
            }
            Op::Param(_) => unreachable!("parameters are defined together"),
            Op::Step(_) => m.clobbers = all_registers(),
            Op::Perform(_) => m.clobbers = caller_saved(),
            Op::Anchor | Op::Becomes(_) | Op::Reads(_) => unreachable!("gone with the passes"),
            Op::Float(_)
            | Op::Load(..)
            | Op::Span(..)
            | Op::Copy(_)
            | Op::Fill(..)
            | Op::FrameAddr(_)
            | Op::Poll => {
                for v in &inst.args {
                    let r = self.reg(*v);
                    self.operand(Operand::reg_use(r));
                }
            }
        }
        if let Some(exit) = &inst.exit {
            self.exit(&mut m, start, exit);
        }
        if let Some(def) = def {
            self.operand(Operand::reg_def(def));
        }
        m
    }

    /// `start` is the instruction's first operand.
    fn exit(&mut self, m: &mut Machine, start: usize, exit: &crate::ssa::Exit) {
        let first = self.operands.len() - start;
        for (_, v) in &exit.live {
            let r = self.reg(*v);
            self.operand(Operand::any_use(r));
        }
        let written = self.exits.len() as u32;
        let ssa = self.ssa;
        let live = exit.live.iter().map(|(s, v)| (*s, ssa.typ(*v)));
        self.exits.extend(live);
        let live = written..self.exits.len() as u32;
        m.exit = Some(ExitPlan {
            pc: exit.pc,
            first,
            live,
        });
    }

    fn term(&mut self, term: &Term, number: &[usize]) -> Machine {
        let start = self.operands.len();
        let mut m = Machine::new(Kind::Return);
        match term {
            Term::Return(None) => {}
            Term::Return(Some(v)) => {
                let r = self.reg(*v);
                self.operand(Operand::reg_fixed_use(r, int(RESULT_REGISTER)));
            }
            Term::Jump(e) => m.kind = Kind::Jump(number[e.block]),
            Term::Branch { cond, args, edges } => {
                m.kind = Kind::Branch(*cond, number[edges[0].block], number[edges[1].block]);
                m.from = self.ssa.typ(args[0]);
                let x = self.reg(args[0]);
                self.operand(Operand::reg_use(x));
                if !m.from.is_float() {
                    m.imm = self.imm(args[1]);
                }
                if m.imm.is_none() {
                    let y = self.reg(args[1]);
                    self.operand(Operand::reg_use(y));
                }
            }
            Term::Table { index, .. } => {
                m.kind = Kind::Table;
                let x = self.reg(*index);
                self.operand(Operand::reg_use(x));
            }
            Term::Exit(exit) => {
                m.kind = Kind::Leave;
                self.exit(&mut m, start, exit);
            }
        }
        m.operands = self.since(start);
        m
    }
}

/// Operands that an address has.
pub fn address_operands(addr: Addr) -> usize {
    usize::from(matches!(addr.base, Base::Value | Base::Closure)) + usize::from(addr.scale != 0)
}
