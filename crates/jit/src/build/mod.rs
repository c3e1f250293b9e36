//! Bytecode to SSA.
//!
//! A slot is a variable whose home is its place in the frame. Between calls and steps its value may be held in SSA form only; a
//! *dirty* value is one that its home does not have. Exits write dirty values home when they are taken, calls and steps before they are made.
//! A block has a parameter for each slot that may be read in it, or below it, before everything goes home anyway.

mod calls;
mod channels;
mod decoded;
mod defers;
mod demands;
mod inline;
mod interfaces;
mod maps;
mod memory;
mod natives;
mod nest;
mod objects;
mod peel;
mod slices;
mod slots;
mod splice;
mod strings;
mod translate;

use bytecode::func::{FuncInfo, HAS_CTX};
use rustc_hash::FxHashMap;

use crate::ssa::{
    Addr, Args, Base, BlockId, CLOSURE, Cond, Edge, Exit, Inst, Op, REGISTER_ARGS, Ssa, Term, Type,
    UnOp, Value, Width,
};
pub use demands::{Demands, Point};
use nest::Nest;
use slots::{Class, Set, Slots};
use splice::Spliced;

/// Larger functions stay interpreted: words of bytecode, and slots times blocks.
const MAX_WORDS: usize = 6000;
const MAX_SLOT_BLOCKS: usize = 1_500_000;

/// What is to be built.
#[derive(Clone, Copy)]
pub struct Plan {
    /// The word offset in the function where its frame is entered; None: it is called.
    pub place: Option<u32>,
    /// As in `inline`.
    pub cautious: bool,
    /// Leave notes in the form for the checker of homes.
    pub check: bool,
}

/// The SSA form of a function, and what its bytecode demands of it when that is to be checked. None when the function is not to be compiled.
pub fn build(info: &FuncInfo, plan: Plan) -> Option<(Ssa, Option<Demands>)> {
    if info.function.code.len() > MAX_WORDS {
        return None;
    }
    let nest = plan
        .place
        .map(|place| Nest::around(&info.function.code, place as usize));
    let demands = |spliced: Option<&Spliced>| {
        plan.check
            .then(|| Demands::new(info, spliced, plan.place.unwrap_or(0)))
    };
    if let Some(spliced) = inline::inline(info, nest.as_ref(), plan.cautious)
        && let Some(ssa) = build_spliced(&spliced.info, plan, nest.as_ref(), Some(&spliced))
    {
        return Some((ssa, demands(Some(&spliced))));
    }
    Some((
        build_spliced(info, plan, nest.as_ref(), None)?,
        demands(None),
    ))
}

fn build_spliced(
    info: &FuncInfo,
    plan: Plan,
    nest: Option<&Nest>,
    spliced: Option<&Spliced>,
) -> Option<Ssa> {
    let slots = Slots::new(info, nest, spliced)?;
    let (count, all) = (slots.count(), slots.class.len());
    if slots.blocks.len() * count > MAX_SLOT_BLOCKS {
        return None;
    }
    let mut b = Builder {
        info,
        spliced,
        cautious: plan.cautious,
        notes: plan.check,
        ssa: Ssa::default(),
        constants: FxHashMap::default(),
        block: 0,
        held: vec![None; count],
        live: vec![0; slots.words],
        live_after: vec![0; slots.words],
        pc: 0,
        done: None,
        is_head: vec![false; slots.blocks.len()],
        slots,
    };
    if let Some(spliced) = spliced {
        b.ssa.origins = spliced.origins.clone();
        b.ssa.guesses = spliced.guesses.clone();
        (b.ssa.below, b.ssa.room) = (spliced.below, spliced.room);
    }
    let mut slot = 0;
    while slot < all {
        let home = b.word_of(slot);
        let is_next = |n: &usize| {
            let is_memory = b.slots.class.get(slot + n) == Some(&Class::Memory);
            is_memory && b.word_of(slot + n) == home + *n as i32
        };
        let count = (0..).take_while(is_next).count();
        if count > 0 {
            b.expose(slot, count);
        }
        slot += count.max(1);
    }
    b.function(nest.is_none())?;
    Some(b.ssa)
}

#[derive(Clone, Copy)]
struct Held {
    value: Value,
    dirty: bool,
}

struct Builder<'a> {
    info: &'a FuncInfo,
    spliced: Option<&'a Spliced>,
    cautious: bool,
    notes: bool,
    slots: Slots<'a>,
    /// Bytecode blocks that back-edges lead to.
    is_head: Vec<bool>,
    ssa: Ssa,
    constants: FxHashMap<Value, i64>,
    /// Where instructions go.
    block: BlockId,
    /// By the numbers of the slots (`Slots::number`).
    held: Vec<Option<Held>>,
    /// Live before the current instruction,
    live: Set,
    /// and after it.
    live_after: Set,
    pc: usize,
    /// An instruction that the one before has done as well.
    done: Option<usize>,
}

impl Builder<'_> {
    fn function(&mut self, called: bool) -> Option<()> {
        // SSA block i + 1 begins bytecode block i.
        for _ in 0..=self.slots.blocks.len() {
            self.new_block();
        }
        for i in 0..self.slots.blocks.len() {
            let wanted: Vec<usize> = self.slots.members(&self.slots.wanted[i]).collect();
            for slot in wanted {
                let typ = self.slots.types[slot];
                let value = self.ssa.value(typ);
                self.ssa.blocks[i + 1].params.push(value);
            }
        }
        for block in &self.slots.blocks {
            if block.repeats {
                self.is_head[block.succs[0]] = true;
            }
        }
        let first = self.slots.first;
        self.block = 0;
        if called {
            self.parameters();
        }
        self.goto(first, None);
        let mut set = vec![0; self.slots.words];
        // Live at the end of a block and before each of its instructions, the last one first.
        let mut lives: Vec<u64> = Vec::new();
        for i in 0..self.slots.blocks.len() {
            self.block = i + 1;
            self.held.fill(None);
            let wanted: Vec<usize> = self.slots.members(&self.slots.wanted[i]).collect();
            for (k, slot) in wanted.into_iter().enumerate() {
                let value = self.ssa.blocks[i + 1].params[k];
                let dirty = self.slots.has(&self.slots.stale[i], slot);
                self.hold(slot, Held { value, dirty });
            }
            if self.slots.blocks[i].is_left {
                // Everything that is live is at home: a block without instructions wants nothing.
                self.pc = self.slots.blocks[i].start;
                self.leave();
                self.ssa.cold.push(self.block);
                continue;
            }
            let pcs: Vec<usize> = self.slots.instructions(i).iter().map(|i| i.pc).collect();
            let words = self.slots.words;
            set.fill(0);
            for s in &self.slots.blocks[i].succs {
                let live = &self.slots.live[*s];
                set.iter_mut().zip(live).for_each(|(x, y)| *x |= y);
            }
            lives.clear();
            lives.extend_from_slice(&set);
            for instruction in self.slots.instructions(i).iter().rev() {
                self.slots.before(self.info, instruction, &mut set, false);
                lives.extend_from_slice(&set);
            }
            let mut ended = false;
            let before = lives.rchunks_exact(words);
            let after = before.clone().skip(1);
            for (pc, (before, after)) in pcs.into_iter().zip(before.zip(after)) {
                self.pc = pc;
                self.live.copy_from_slice(before);
                self.live_after.copy_from_slice(after);
                ended = self.instruction(i);
                if ended {
                    break;
                }
            }
            if !ended {
                let next = *self.slots.blocks[i].succs.first()?;
                self.goto(next, None);
            }
        }
        Some(())
    }

    /// What the caller has passed in registers.
    fn parameters(&mut self) {
        let f = &*self.info.function;
        let frame = f.frame_slots as usize;
        let args = (f.arg_slots as usize).min(REGISTER_ARGS);
        let closure = (f.flags & HAS_CTX != 0).then(|| (frame - 1, CLOSURE));
        let args = (0..args).map(|k| (frame + 1 + k, k as u8));
        for (slot, number) in args.chain(closure) {
            let typ = self.slots.types[slot];
            if self.slots.class[slot] == Class::Memory || typ.is_float() {
                continue;
            }
            let value = self.push(Op::Param(number), &[], Some(typ), None);
            self.keep(slot, value);
        }
    }

    fn new_block(&mut self) -> BlockId {
        self.ssa.new_block(&[])
    }

    fn push(&mut self, op: Op, args: &[Value], result: Option<Type>, exit: Option<Exit>) -> Value {
        let result = result.map(|t| self.ssa.result(op, t));
        self.ssa.blocks[self.block].insts.push(Inst {
            op,
            pc: self.pc as u32,
            args: Args::from_slice(args),
            result,
            exit,
        });
        result.unwrap_or(0)
    }

    fn constant(&mut self, k: i64) -> Value {
        let v = self.push(Op::Const(k), &[], Some(Type::Word), None);
        self.constants.insert(v, k);
        v
    }

    /// The value as a float of the type, or as a word or pointer.
    fn cast(&mut self, value: Value, typ: Type) -> Value {
        let from = self.ssa.typ(value);
        if from.is_as(typ) {
            return value;
        }
        self.push(Op::Un(UnOp::Bitcast), &[value], Some(typ), None)
    }

    /// Slot 0 of the frame that the current instruction belongs to.
    fn base(&self) -> usize {
        self.spliced.map_or(0, |s| s.base(self.pc))
    }

    /// What the program may have addresses of.
    fn expose(&mut self, slot: usize, count: usize) {
        let first = self.ssa.number(self.word_of(slot));
        let end = first + count;
        if self.ssa.exposed.len() < end {
            self.ssa.exposed.resize(end, false);
        }
        self.ssa.exposed[first..end].fill(true);
    }

    /// The word of the frame that is the slot's home.
    fn word_of(&self, slot: usize) -> i32 {
        self.spliced.map_or(slot as i32, |s| s.home[slot])
    }

    fn home(&self, slot: usize) -> Addr {
        Addr {
            base: Base::Frame,
            scale: 0,
            disp: 8 * self.word_of(slot),
        }
    }

    /// The slot's value as it comes.
    fn get(&mut self, slot: usize) -> Value {
        let value = self.held_or_loaded(slot);
        self.note(Op::Reads(slot as u32), value);
        value
    }

    fn held_or_loaded(&mut self, slot: usize) -> Value {
        if let Some(held) = self.held(slot) {
            return held.value;
        }
        let typ = self.slots.types[slot];
        let home = Op::Load(self.home(slot), Width::W);
        let value = self.push(home, &[], Some(typ), None);
        self.keep(slot, value);
        value
    }

    /// What is known of the slot's value.
    fn held(&self, slot: usize) -> Option<Held> {
        self.held[self.slots.number(slot)?]
    }

    /// From here on, if the slot can be held.
    fn hold(&mut self, slot: usize, held: Held) {
        if let Some(n) = self.slots.number(slot) {
            self.held[n] = Some(held);
        }
    }

    /// The slot's value is at home.
    fn keep(&mut self, slot: usize, value: Value) {
        let dirty = false;
        self.hold(slot, Held { value, dirty });
    }

    /// Nothing is known of the slot's value but that it is at home.
    fn unhold(&mut self, slot: usize) {
        if let Some(n) = self.slots.number(slot) {
            self.held[n] = None;
        }
    }

    fn get_as(&mut self, slot: usize, typ: Type) -> Value {
        let value = self.get(slot);
        self.cast(value, typ)
    }

    fn set(&mut self, slot: usize, value: Value) {
        let dirty = self.slots.class[slot] == Class::Lazy && self.slots.number(slot).is_some();
        if !dirty {
            self.store_home(slot, value);
        }
        self.hold(slot, Held { value, dirty });
        self.note(Op::Becomes(slot as u32), value);
    }

    fn note(&mut self, note: Op, value: Value) {
        if self.notes {
            self.push(note, &[value], None, None);
        }
    }

    fn store_home(&mut self, slot: usize, value: Value) {
        let op = Op::Store(self.home(slot), Width::W);
        self.push(op, &[value], None, None);
    }

    /// The dirty values of these slots.
    fn dirty(&self, live: &[u64]) -> Vec<(usize, Value)> {
        let live = self.slots.members(live);
        live.filter_map(|slot| {
            let held = self.held(slot)?;
            held.dirty.then_some((slot, held.value))
        })
        .collect()
    }

    /// The dirty values of these slots, by the words of the frame.
    fn live_values(&self, live: &[u64]) -> Vec<(i32, Value)> {
        let dirty = self.dirty(live).into_iter();
        dirty.map(|(slot, v)| (self.word_of(slot), v)).collect()
    }

    /// The way back to before the current instruction.
    fn exit(&self) -> Exit {
        Exit {
            pc: self.pc as u32,
            live: self.live_values(&self.live),
        }
    }

    /// Brings everything home that is live before the current instruction.
    fn flush(&mut self) {
        for (slot, value) in self.dirty(&self.live.clone()) {
            self.store_home(slot, value);
        }
        self.held.iter_mut().flatten().for_each(|h| h.dirty = false);
    }

    /// Ends the current SSA block with a jump to a bytecode block; a back-edge polls.
    fn goto(&mut self, to: usize, poll: Option<u32>) {
        let live = self.slots.live[to].clone();
        if let Some(pc) = poll {
            let live = self.live_values(&live);
            self.push(Op::Poll, &[], None, Some(Exit { pc, live }));
        }
        // Also here: what is left of a first iteration enters the loop by its back-edge.
        if self.is_head[to] {
            let pc = self.slots.blocks[to].start as u32;
            let live = self.live_values(&live);
            self.push(Op::Anchor, &[], None, Some(Exit { pc, live }));
        }
        for (slot, value) in self.dirty(&live) {
            debug_assert!(
                !self.slots.has(&self.slots.wanted[to], slot)
                    || self.slots.has(&self.slots.stale[to], slot),
                "slot {slot} is stale in a block that takes it for current"
            );
            if !self.slots.has(&self.slots.wanted[to], slot) {
                self.store_home(slot, value);
            }
        }
        let wanted: Vec<usize> = self.slots.members(&self.slots.wanted[to]).collect();
        let args = wanted
            .into_iter()
            .map(|slot| self.get_as(slot, self.slots.types[slot]))
            .collect();
        self.ssa.blocks[self.block].term = Term::Jump(Edge {
            block: to + 1,
            args,
        });
    }

    /// Ends the block in two ways: where the condition holds, and where not.
    fn fork(&mut self, cond: Cond, x: Value, y: Value) -> [BlockId; 2] {
        let blocks = [self.new_block(), self.new_block()];
        self.ssa.blocks[self.block].term = Term::branch(cond, [x, y], blocks);
        blocks
    }

    /// A block with parameters of these types.
    fn join(&mut self, types: &[Type]) -> (BlockId, Vec<Value>) {
        let block = self.ssa.new_block(types);
        (block, self.ssa.blocks[block].params.clone())
    }

    /// The value that one of two blocks makes; goes on where they join.
    fn either(
        &mut self,
        typ: Type,
        [first, second]: [BlockId; 2],
        make_first: impl FnOnce(&mut Self) -> Value,
        make_second: impl FnOnce(&mut Self) -> Value,
    ) -> Value {
        let (join, params) = self.join(&[typ]);
        self.block = first;
        let value = make_first(self);
        self.jump(join, vec![value]);
        self.block = second;
        let value = make_second(self);
        self.jump(join, vec![value]);
        self.block = join;
        params[0]
    }

    fn jump(&mut self, block: BlockId, args: Vec<Value>) {
        self.ssa.blocks[self.block].term = Term::Jump(Edge { block, args });
    }

    /// Builds a block that is seldom entered. What it learns of slots is forgotten after it.
    fn seldom(&mut self, block: BlockId, build: impl FnOnce(&mut Self)) {
        let (current, held) = (self.block, self.held.clone());
        self.ssa.cold.push(block);
        self.block = block;
        build(self);
        self.block = current;
        self.held = held;
    }

    /// A block that goes on to a bytecode block with the present state.
    fn edge(&mut self, to: usize, poll: Option<u32>) -> Edge {
        let (block, held) = (self.block, self.held.clone());
        self.block = self.new_block();
        let edge = Edge {
            block: self.block,
            args: Vec::new(),
        };
        self.goto(to, poll);
        self.block = block;
        self.held = held;
        edge
    }
}
