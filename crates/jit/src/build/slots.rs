//! What the builder wants to know of a function's slots before it translates: control flow, how each slot may be held, which are live
//! where, and which hold floats.

use std::rc::Rc;

use bytecode::func::{FuncInfo, Safepoint};
use bytecode::isa::{Instr, Op};
use bytecode::operands::{Access, Operand, for_each_target};

use super::decoded::{Decoded, Instruction};
use super::nest::Nest;
use super::peel::peel;
use super::splice::Spliced;
use super::translate::Effect;
use crate::ssa::Type;

/// How the builder may hold a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    /// In a register, written to the frame when somebody else may look.
    Lazy,
    /// Written at once, remembered while nobody else may write it: outgoing area, results, what a recovered frame reads.
    Through,
    /// Accessed in memory only: its address is taken, or parts of it are accessed.
    Memory,
}

/// A set of slots, by their numbers (`Slots::number`), or of numbers of any kind.
pub type Set = Vec<u64>;

pub fn has(set: &[u64], slot: usize) -> bool {
    set[slot / 64] >> (slot % 64) & 1 != 0
}
pub fn insert(set: &mut [u64], slot: usize) {
    set[slot / 64] |= 1 << (slot % 64);
}
fn remove(set: &mut [u64], slot: usize) {
    set[slot / 64] &= !(1 << (slot % 64));
}
pub fn members(set: &[u64]) -> impl Iterator<Item = usize> + '_ {
    set.iter().enumerate().flat_map(|(i, word)| {
        let mut word = *word;
        std::iter::from_fn(move || {
            (word != 0).then(|| {
                let bit = word.trailing_zeros() as usize;
                word &= word - 1;
                i * 64 + bit
            })
        })
    })
}

/// A basic block of bytecode.
#[derive(Clone)]
pub struct Range {
    pub start: usize,
    pub end: usize,
    /// The last instruction,
    pub last: usize,
    /// and whether it is the jump back of a loop, to the first of the successors.
    pub repeats: bool,
    /// The interpreter goes on at the start: what comes after a nest of loops is not compiled with it.
    pub is_left: bool,
    pub succs: Vec<usize>,
}

pub struct Slots<'a> {
    pub blocks: Vec<Range>,
    /// Where the function is entered.
    pub first: usize,
    pub class: Vec<Class>,
    pub types: Vec<Type>,
    numbers: Rc<Numbers>,
    /// Live at the start of each block.
    pub live: Vec<Set>,
    /// Read after the start of each block before anything that leaves nothing in registers.
    pub wanted: Vec<Set>,
    /// Of these, the slots whose homes may be stale at the start of each block.
    pub stale: Vec<Set>,
    pub words: usize,
    code: Rc<Decoded>,
    spliced: Option<&'a Spliced>,
    /// The function's own results.
    pub results: std::ops::Range<usize>,
}

/// Slots that are worth holding, numbered without gaps: a frame may have arrays of thousands of others.
struct Numbers {
    /// `NONE` where there is none.
    of: Vec<u32>,
    slots: Vec<u32>,
}

const NONE: u32 = u32::MAX;

impl Numbers {
    /// Of slots that are not memory only, those that instructions name one by one.
    fn new(class: &[Class], named: &[bool]) -> Numbers {
        let mut numbers = Numbers {
            of: vec![NONE; class.len()],
            slots: Vec::new(),
        };
        for (slot, (class, named)) in class.iter().zip(named).enumerate() {
            if *class != Class::Memory && *named {
                numbers.of[slot] = numbers.slots.len() as u32;
                numbers.slots.push(slot as u32);
            }
        }
        numbers
    }
}

impl<'a> Slots<'a> {
    /// How many slots may be held.
    pub fn count(&self) -> usize {
        self.numbers.slots.len()
    }

    /// The numbers of those among the slots.
    pub fn numbers(&self, slots: std::ops::Range<usize>) -> std::ops::Range<usize> {
        let below = |end: usize| self.numbers.slots.partition_point(|s| (*s as usize) < end);
        below(slots.start)..below(slots.end)
    }

    /// The number of a slot that may be held.
    pub fn number(&self, slot: usize) -> Option<usize> {
        let number = self.numbers.of[slot];
        (number != NONE).then_some(number as usize)
    }

    /// The slots in a set.
    pub fn members<'s>(&self, set: &'s [u64]) -> impl Iterator<Item = usize> + 's {
        let numbers = self.numbers.clone();
        members(set).map(move |n| numbers.slots[n] as usize)
    }

    /// Whether the slot is in a set.
    pub fn has(&self, set: &[u64], slot: usize) -> bool {
        self.number(slot).is_some_and(|n| has(set, n))
    }

    fn insert(&self, set: &mut [u64], slot: usize) {
        if let Some(n) = self.number(slot) {
            insert(set, n);
        }
    }

    /// Analyses what is reachable from the function's entry, or from that of the nest in it; None where the builder can't know enough.
    pub fn new(
        info: &FuncInfo,
        nest: Option<&Nest>,
        spliced: Option<&'a Spliced>,
    ) -> Option<Slots<'a>> {
        let f = &*info.function;
        let total = f.slot_is_pointer.len();
        let mut code = Decoded::new(info, spliced)?;
        let entry = nest.map_or(0, |nest| nest.entry);
        let (blocks, block_at) = control_flow(&f.code, entry)?;
        let first = block_at[entry]?;
        let mut class = vec![Class::Lazy; total];
        let results = match spliced {
            Some(spliced) => spliced.results.clone(),
            None => std::iter::once(total - f.result_slots as usize..total).collect(),
        };
        // A frame that a panic has left behind has its results in its map, when it can be recovered. No inlined callee's can.
        if f.recover_pc.is_some() {
            for slot in results[0].clone() {
                if f.slot_is_pointer[slot] {
                    class[slot] = Class::Through;
                }
            }
        }
        let mut types = vec![Type::Word; total];
        for slot in f.slot_is_pointer.iter_ones() {
            types[slot] = Type::Ptr;
        }
        let mut named = vec![false; total];
        let mut movs = Vec::new();
        let mut memory = |slot: usize, count: usize| {
            let end = (slot + count).min(total);
            class[slot..end].fill(Class::Memory);
        };
        for (first, count) in &f.address_taken {
            memory(*first as usize, *count as usize);
        }
        let mut unknown = false;
        for i in code.all() {
            let Instruction { pc, instr, .. } = *i;
            let is_named = |o: &Operand| {
                let passed = o.outgoing && i.effect == Effect::Clobbers;
                !passed && !i.is_done_in_bulk()
            };
            for o in code.operands(i) {
                let slot = o.slot as usize;
                named[slot] |= is_named(o);
                if o.access == Access::Address {
                    let known = f
                        .address_taken
                        .iter()
                        .any(|(first, n)| (*first..first + n).contains(&o.slot));
                    unknown |= !known;
                }
                if o.access == Access::Modify && !matches!(instr.op, Op::IncJLtL | Op::IncJLtIL) {
                    memory(slot, 1);
                }
            }
            use Op::*;
            let (a, b, c) = (instr.a as usize, instr.b as usize, instr.c as usize);
            // No more than a guess: variables share slots, and `opt/classes.rs` looks at each by itself.
            let mut float = |t: Type, slots: &[usize]| {
                if t == Type::F64 {
                    slots.iter().for_each(|s| types[*s] = t);
                }
            };
            match instr.op {
                LdLS8 | LdLU8 | LdLS16 | LdLU16 | LdLS32 | LdLU32 => memory(b, 1),
                AddF64 | SubF64 | MulF64 | DivF64 | MinF64 | MaxF64 => float(Type::F64, &[a, b, c]),
                NegF64 | Sqrt | Abs | Floor | Ceil | Trunc => float(Type::F64, &[a, b]),
                AddF32 | SubF32 | MulF32 | DivF32 | MinF32 | MaxF32 => float(Type::F32, &[a, b, c]),
                EqF64 | NeF64 | LtF64 | LeF64 => float(Type::F64, &[b, c]),
                EqF32 | NeF32 | LtF32 | LeF32 => float(Type::F32, &[b, c]),
                JEqF64 | JNeF64 | JLtF64 | JLeF64 | JNltF64 | JNleF64 => float(Type::F64, &[a, b]),
                S64ToF64 | F32ToF64 => float(Type::F64, &[a]),
                S64ToF32 | F64ToF32 => float(Type::F32, &[a]),
                F64ToS64 | F64ToS32 => float(Type::F64, &[b]),
                F32ToS64 | F32ToS32 => float(Type::F32, &[b]),
                // What is passed to and from an inlined callee is of another type at each.
                Mov if !spliced.is_some_and(|s| s.is_glue(pc)) => movs.push((a, b)),
                Mov2 | Mov3 | MovN => movs.extend((0..c).map(|i| (a + i, b + i))),
                _ => {}
            }
        }
        if unknown {
            return None;
        }
        // A copy of a float is one.
        let rounds = if types.iter().any(|t| t.is_float()) {
            3
        } else {
            0
        };
        for _ in 0..rounds {
            for &(to, from) in movs.iter().chain(movs.iter().rev()) {
                for (x, y) in [(to, from), (from, to)] {
                    if types[x] == Type::Word && types[y].is_float() {
                        types[x] = types[y];
                    }
                }
            }
        }
        let numbers = Numbers::new(&class, &named);
        code.retain_operands(|slot| numbers.of[slot] != NONE);
        let words = numbers.slots.len().div_ceil(64).max(1);
        let mut slots = Slots {
            blocks,
            first,
            class,
            types,
            numbers: Rc::new(numbers),
            live: Vec::new(),
            wanted: Vec::new(),
            stale: Vec::new(),
            words,
            code: Rc::new(code),
            spliced,
            results: results[0].clone(),
        };
        slots.live = slots.flow(info, false);
        if let Some(at) = f.recover_pc {
            // The epilogue of a recovered frame finds its variables in memory.
            let all = Slots::liveness_from(info, at as usize, &mut slots)?;
            let all: Vec<usize> = slots.members(&all).collect();
            for slot in all {
                if slots.class[slot] == Class::Lazy {
                    slots.class[slot] = Class::Through;
                }
            }
            slots.live = slots.flow(info, false);
        }
        if let Some(nest) = nest {
            slots.keep_nest(nest, &block_at)?;
        }
        slots.wanted = slots.flow(info, true);
        slots.stale = slots.stale();
        Some(slots)
    }

    /// Leaves out what is not in the nest, but for where control comes to when it leaves it; what is left of a first iteration becomes blocks of its own.
    fn keep_nest(&mut self, nest: &Nest, block_at: &[Option<usize>]) -> Option<()> {
        let mut blocks = std::mem::take(&mut self.blocks);
        for block in blocks.iter_mut().filter(|b| nest.leaves(b.start)) {
            block.is_left = true;
            block.repeats = false;
            block.end = block.start;
            block.succs.clear();
        }
        let (blocks, first) = peel(blocks, self.first);
        let live = std::mem::take(&mut self.live);
        for block in &blocks {
            self.live.push(live[block_at[block.start]?].clone());
        }
        (self.blocks, self.first) = (blocks, first);
        Some(())
    }

    /// What is live where a recovered frame goes on.
    fn liveness_from(info: &FuncInfo, at: usize, slots: &mut Slots<'a>) -> Option<Set> {
        let (blocks, block_at) = control_flow(&info.function.code, at)?;
        let part = Slots {
            blocks,
            first: block_at[at]?,
            class: slots.class.clone(),
            types: Vec::new(),
            numbers: slots.numbers.clone(),
            live: Vec::new(),
            wanted: Vec::new(),
            stale: Vec::new(),
            words: slots.words,
            code: slots.code.clone(),
            spliced: slots.spliced,
            results: slots.results.clone(),
        };
        let live = part.flow(info, false);
        Some(live[part.first].clone())
    }

    /// Backward data flow over lazily held slots. With `effects`, what is live only across an instruction that clobbers registers does not count, nor what is wanted at home.
    fn flow(&self, info: &FuncInfo, effects: bool) -> Vec<Set> {
        let transfers: Vec<Transfer> = (0..self.blocks.len())
            .map(|b| {
                Transfer::new(self.words, |set| {
                    for i in self.instructions(b).iter().rev() {
                        self.before(info, i, set, effects);
                    }
                })
            })
            .collect();
        let mut at = vec![vec![0; self.words]; self.blocks.len()];
        let mut set = vec![0; self.words];
        let order = self.postorder();
        let mut changed = true;
        while changed {
            changed = false;
            for &b in &order {
                set.fill(0);
                for s in &self.blocks[b].succs {
                    set.iter_mut().zip(&at[*s]).for_each(|(x, y)| *x |= y);
                }
                transfers[b].apply(&mut set);
                if set != at[b] {
                    at[b].copy_from_slice(&set);
                    changed = true;
                }
            }
        }
        at
    }

    /// All blocks, each after its successors except along back-edges.
    fn postorder(&self) -> Vec<usize> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::with_capacity(self.blocks.len());
        let mut stack = vec![(self.first, 0)];
        seen[self.first] = true;
        while let Some((block, next)) = stack.pop() {
            if let Some(&succ) = self.blocks[block].succs.get(next) {
                stack.push((block, next + 1));
                if !std::mem::replace(&mut seen[succ], true) {
                    stack.push((succ, 0));
                }
            } else {
                order.push(block);
            }
        }
        order
    }

    /// Forward data flow: what has been written since everything was at home.
    fn stale(&self) -> Vec<Set> {
        let through = |set: &mut [u64], b: usize| {
            for i in self.instructions(b) {
                if i.effect == Effect::Clobbers {
                    set.fill(0);
                    continue;
                }
                for o in self.code.operands(i) {
                    let written = matches!(o.access, Access::Def | Access::Modify);
                    if written && self.class[o.slot as usize] == Class::Lazy {
                        self.insert(set, o.slot as usize);
                    }
                }
            }
        };
        let transfers: Vec<Transfer> = (0..self.blocks.len())
            .map(|b| Transfer::new(self.words, |set| through(set, b)))
            .collect();
        let mut at = vec![vec![0; self.words]; self.blocks.len()];
        let mut set = vec![0; self.words];
        let order = self.postorder();
        let mut changed = true;
        while changed {
            changed = false;
            for &b in order.iter().rev() {
                set.copy_from_slice(&at[b]);
                transfers[b].apply(&mut set);
                for s in &self.blocks[b].succs {
                    for ((x, y), wanted) in at[*s].iter_mut().zip(&set).zip(&self.wanted[*s]) {
                        let new = *x | y & wanted;
                        changed |= new != *x;
                        *x = new;
                    }
                }
            }
        }
        at
    }

    /// The instructions of a block.
    pub fn instructions(&self, block: usize) -> &[Instruction] {
        let Range { start, end, .. } = self.blocks[block];
        self.code.between(start, end)
    }

    /// Turns what is live after the instruction into what is live before it.
    pub fn before(&self, info: &FuncInfo, i: &Instruction, set: &mut [u64], effects: bool) {
        let lazy = |slot: u32| self.class[slot as usize] == Class::Lazy;
        let operands = self.code.operands(i);
        let clobbers = effects && i.effect == Effect::Clobbers;
        if clobbers {
            set.fill(0);
        } else {
            for o in operands.iter().filter(|o| o.access == Access::Def) {
                if let Some(n) = self.number(o.slot as usize) {
                    remove(set, n);
                }
            }
        }
        if i.instr.op == Op::Ret {
            let results = self.results.clone();
            results
                .filter(|s| lazy(*s as u32))
                .for_each(|s| self.insert(set, s));
        }
        let wanted = !effects || i.takes_registers();
        for o in operands {
            let in_register = wanted && !(o.outgoing && clobbers);
            if in_register && o.access != Access::Def && lazy(o.slot) {
                self.insert(set, o.slot as usize);
            }
        }
        if effects {
            return;
        }
        let (callee, base) = match self.spliced {
            Some(spliced) => (spliced.callee(i.pc), spliced.base(i.pc)),
            None => (None, 0),
        };
        if i.instr.is_safepoint() {
            let point = Safepoint::unpack(info.function.code[i.pc + i.instr.words() - 1]);
            for slot in members(callee.unwrap_or(info).map(point.map)) {
                if lazy((base + slot) as u32) {
                    self.insert(set, base + slot);
                }
            }
        }
        for slot in self.spliced.map_or(&[][..], |s| s.around(i.pc)) {
            if lazy(*slot as u32) {
                self.insert(set, *slot);
            }
        }
    }
}

/// What a block does to a set, where each slot's fate depends on itself only.
struct Transfer {
    /// In the set afterwards in any case,
    adds: Set,
    /// and if they were in it before.
    keeps: Set,
}

impl Transfer {
    fn new(words: usize, through: impl Fn(&mut [u64])) -> Transfer {
        let mut transfer = Transfer {
            adds: vec![0; words],
            keeps: vec![!0; words],
        };
        through(&mut transfer.adds);
        through(&mut transfer.keeps);
        transfer
    }

    fn apply(&self, set: &mut [u64]) {
        for ((x, adds), keeps) in set.iter_mut().zip(&self.adds).zip(&self.keeps) {
            *x = adds | *x & keeps;
        }
    }
}

type Blocks = (Vec<Range>, Vec<Option<usize>>);

fn control_flow(code: &[u64], entry: usize) -> Option<Blocks> {
    let mut leader = vec![false; code.len() + 1];
    let mut seen = vec![false; code.len()];
    let mut work = vec![entry];
    leader[entry] = true;
    while let Some(mut pc) = work.pop() {
        while pc < code.len() && !std::mem::replace(&mut seen[pc], true) {
            let instr = Instr::unpack(code[pc])?;
            let mut targets = false;
            for_each_target(code, pc, &mut |t| {
                targets = true;
                leader[t as usize] = true;
                work.push(t as usize);
            });
            if !instr.falls_through() {
                break;
            }
            pc += instr.words();
            if targets {
                *leader.get_mut(pc)? = true;
            }
        }
    }
    let mut block_at = vec![None; code.len() + 1];
    let mut blocks: Vec<Range> = Vec::new();
    for start in (0..code.len()).filter(|pc| leader[*pc] && seen[*pc]) {
        let mut pc = start;
        let last = loop {
            let instr = Instr::unpack(code[pc])?;
            let next = pc + instr.words();
            if !instr.falls_through() || leader[next] {
                break pc;
            }
            pc = next;
        };
        block_at[start] = Some(blocks.len());
        let end = last + Instr::unpack(code[last])?.words();
        blocks.push(Range {
            start,
            end,
            last,
            repeats: false,
            is_left: false,
            succs: Vec::new(),
        });
    }
    for block in &mut blocks {
        let mut succs = Vec::new();
        for_each_target(code, block.last, &mut |t| {
            succs.extend(block_at[t as usize])
        });
        let last = Instr::unpack(code[block.last])?;
        block.repeats = last.is_safepoint() && !succs.is_empty();
        if last.falls_through() {
            succs.push(block_at[block.end]?);
        }
        block.succs = succs;
    }
    Some((blocks, block_at))
}
