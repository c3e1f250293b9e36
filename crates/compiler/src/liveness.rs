//! Pointer maps: which slots hold live pointers at each safepoint, by backward data flow over finished code.
//!
//! Every slot has one kind for the whole function, so only pointer slots are tracked. A map holds
//! * the pointers live after the instruction (for the three calls of Go functions), or live before it (for everything else, whose operands the instruction
//!   still needs after the collector or a stack move has run);
//! * address-taken variables, always: a pointer to them may be anywhere;
//! * in a function with defers, results and whatever the epilogue at `recover_pc` reads, always: a panic may resume the frame there from any
//!   safepoint.
//!
//! The outgoing area is never in a map, except at native calls, where it holds the arguments.

use bitvec::vec::BitVec;
use bytecode::isa::{Instr, Op};
use bytecode::operands::{Access, for_each_operand, for_each_target};
use bytecode::rtype::RType;
use rustc_hash::FxHashMap;

/// What the analysis needs to know of a function besides its code.
pub struct Input<'a> {
    pub code: &'a [u64],
    pub types: &'a [*const RType],
    /// Frame, return pc, parameters and results: true for pointer slots.
    pub slot_is_pointer: &'a BitVec,
    pub frame_slots: u32,
    pub arg_slots: u32,
    /// Slots of address-taken variables: (first, count).
    pub address_taken: &'a [(u32, u32)],
    pub has_ctx: bool,
    pub recover_pc: Option<u32>,
    /// Pointer patterns of the arguments of native calls, by word offset of the call.
    pub native_args: &'a FxHashMap<u32, Box<[bool]>>,
}

/// The maps of a function.
pub struct Maps {
    /// Distinct maps.
    pub maps: Vec<BitVec>,
    /// (word offset of the safepoint's instruction, map index).
    pub at: Vec<(u32, u32)>,
    pub entry_map: u32,
    pub panic_map: u32,
    /// Pointer slots, other than parameters, that must be cleared at entry: they are in a map before they are first assigned.
    pub zero_at_entry: Vec<u32>,
}

/// A set of pointer slots as bits of words.
type Set = Vec<u64>;

fn set(bits: &mut [u64], i: u32) {
    bits[i as usize / 64] |= 1 << (i % 64);
}
fn clear(bits: &mut [u64], i: u32) {
    bits[i as usize / 64] &= !(1 << (i % 64));
}
fn merge(into: &mut [u64], from: &[u64]) -> bool {
    let mut changed = false;
    for (a, b) in into.iter_mut().zip(from) {
        changed |= *b & !*a != 0;
        *a |= b;
    }
    changed
}

struct Block {
    /// Word offsets of the instructions.
    start: usize,
    end: usize,
    successors: Vec<u32>,
    live_in: Set,
}

const NO_INDEX: u32 = u32::MAX;

/// Computes the maps.
pub fn analyse(input: &Input) -> Maps {
    // Dense numbers for pointer slots.
    let mut index = vec![NO_INDEX; input.slot_is_pointer.len()];
    let mut slots = Vec::new();
    for slot in input.slot_is_pointer.iter_ones() {
        index[slot] = slots.len() as u32;
        slots.push(slot as u32);
    }
    let words = slots.len().div_ceil(64);
    let tracked = |slot: u32| index.get(slot as usize).copied().filter(|i| *i != NO_INDEX);

    let mut blocks = find_blocks(input.code, words);
    solve(input, &mut blocks, &tracked, words);

    // What is always live.
    let mut always: Set = vec![0; words];
    for (first, count) in input.address_taken {
        (*first..first + count)
            .filter_map(tracked)
            .for_each(|i| set(&mut always, i));
    }
    if let Some(recover) = input.recover_pc {
        if let Some(block) = blocks.iter().find(|b| b.start == recover as usize) {
            let live = block.live_in.clone();
            merge(&mut always, &live);
        }
        let results = input.frame_slots + 1 + input.arg_slots;
        (results..input.slot_is_pointer.len() as u32)
            .filter_map(tracked)
            .for_each(|i| set(&mut always, i));
    }

    let mut pool = MapPool {
        maps: Vec::new(),
        known: FxHashMap::default(),
        slots: &slots,
        len: input.slot_is_pointer.len(),
    };
    let mut at = Vec::new();
    let mut order = Vec::new();
    for block in &blocks {
        order.clear();
        let mut pc = block.start;
        while pc < block.end {
            order.push(pc);
            pc += Instr::unpack(input.code[pc]).map_or(1, Instr::words);
        }
        let mut live = live_out(block, &blocks, words);
        for &pc in order.iter().rev() {
            let instr = Instr::unpack(input.code[pc]).expect("assembled code");
            let after_call = matches!(instr.op, Op::Call | Op::CallClosure | Op::CallIface);
            if after_call && instr.is_safepoint() {
                let mut map = live.clone();
                kill(input, pc, &mut map, &tracked);
                merge(&mut map, &always);
                at.push((pc as u32, pool.add(&map, &[])));
            }
            step(input, pc, &mut live, &tracked);
            if !after_call && instr.is_safepoint() {
                let mut map = live.clone();
                merge(&mut map, &always);
                let args = input
                    .native_args
                    .get(&(pc as u32))
                    .map_or(&[][..], |args| &args[..]);
                at.push((pc as u32, pool.add(&map, args)));
            }
        }
    }

    let params = input.frame_slots + 1..input.frame_slots + 1 + input.arg_slots;
    let mut entry: Set = vec![0; words];
    params
        .clone()
        .filter_map(tracked)
        .for_each(|i| set(&mut entry, i));
    let entry_map = pool.add(&entry, &[]);
    let panic_map = pool.add(&always, &[]);

    let mut need: Set = always;
    if let Some(first) = blocks.first() {
        merge(&mut need, &first.live_in);
    }
    let ctx = input.has_ctx.then(|| input.frame_slots - 1);
    let zero_at_entry = slots
        .iter()
        .enumerate()
        .filter(|(i, slot)| {
            need[i / 64] >> (i % 64) & 1 != 0 && !params.contains(slot) && Some(**slot) != ctx
        })
        .map(|(_, slot)| *slot)
        .collect();
    Maps {
        maps: pool.maps,
        at,
        entry_map,
        panic_map,
        zero_at_entry,
    }
}

struct MapPool<'a> {
    maps: Vec<BitVec>,
    known: FxHashMap<(Set, Box<[bool]>), u32>,
    slots: &'a [u32],
    len: usize,
}

impl MapPool<'_> {
    fn add(&mut self, map: &Set, outgoing: &[bool]) -> u32 {
        let key = (map.clone(), outgoing.into());
        if let Some(known) = self.known.get(&key) {
            return *known;
        }
        let mut bits = BitVec::repeat(false, self.len);
        for (i, slot) in self.slots.iter().enumerate() {
            if map[i / 64] >> (i % 64) & 1 != 0 {
                bits.set(*slot as usize, true);
            }
        }
        for (slot, pointer) in outgoing.iter().enumerate() {
            if *pointer {
                bits.set(slot, true);
            }
        }
        let number = self.maps.len() as u32;
        self.maps.push(bits);
        self.known.insert(key, number);
        number
    }
}

fn live_out(block: &Block, blocks: &[Block], words: usize) -> Set {
    let mut live = vec![0; words];
    for &next in &block.successors {
        merge(&mut live, &blocks[next as usize].live_in);
    }
    live
}

/// Removes what the instruction defines.
fn kill(input: &Input, pc: usize, live: &mut [u64], tracked: &impl Fn(u32) -> Option<u32>) {
    for_each_operand(input.code, pc, input.types, &mut |operand| {
        if operand.access == Access::Def
            && let Some(i) = tracked(operand.slot)
        {
            clear(live, i);
        }
    });
}

/// From the set live after an instruction to the set live before it.
fn step(input: &Input, pc: usize, live: &mut [u64], tracked: &impl Fn(u32) -> Option<u32>) {
    kill(input, pc, live, tracked);
    for_each_operand(input.code, pc, input.types, &mut |operand| {
        if matches!(operand.access, Access::Use | Access::Modify)
            && let Some(i) = tracked(operand.slot)
        {
            set(live, i);
        }
    });
    if Instr::unpack(input.code[pc]).is_some_and(|i| i.op == Op::Ret) {
        let results = input.frame_slots + 1 + input.arg_slots;
        for slot in results..input.slot_is_pointer.len() as u32 {
            if let Some(i) = tracked(slot) {
                set(live, i);
            }
        }
    }
}

fn find_blocks(code: &[u64], words: usize) -> Vec<Block> {
    let mut leader = vec![false; code.len() + 1];
    let mut pc = 0;
    if !code.is_empty() {
        leader[0] = true;
    }
    while pc < code.len() {
        let instr = Instr::unpack(code[pc]).expect("assembled code");
        let next = pc + instr.words();
        let mut jumps = false;
        for_each_target(code, pc, &mut |target| {
            leader[target as usize] = true;
            jumps = true;
        });
        // The epilogue begins a block of its own: a recovered frame enters there.
        if instr.op == Op::NextDefer {
            leader[pc] = true;
        }
        if (jumps || !instr.falls_through()) && next <= code.len() {
            leader[next] = true;
        }
        pc = next;
    }
    let mut blocks: Vec<Block> = Vec::new();
    let mut block_of = FxHashMap::default();
    for (start, _) in leader
        .iter()
        .enumerate()
        .filter(|(at, is)| **is && *at < code.len())
    {
        if let Some(last) = blocks.last_mut() {
            last.end = start;
        }
        block_of.insert(start, blocks.len() as u32);
        blocks.push(Block {
            start,
            end: code.len(),
            successors: Vec::new(),
            live_in: vec![0; words],
        });
    }
    for block in &mut blocks {
        let mut pc = block.start;
        let mut last = pc;
        while pc < block.end {
            last = pc;
            pc += Instr::unpack(code[pc]).map_or(1, Instr::words);
        }
        for_each_target(code, last, &mut |target| {
            block.successors.push(block_of[&(target as usize)])
        });
        if Instr::unpack(code[last]).is_some_and(Instr::falls_through)
            && let Some(next) = block_of.get(&block.end)
        {
            block.successors.push(*next);
        }
    }
    blocks
}

/// Iterates to the fixed point, last block first, with a work list.
fn solve(input: &Input, blocks: &mut [Block], tracked: &impl Fn(u32) -> Option<u32>, words: usize) {
    // Each block once to gen/kill sets.
    let mut transfer: Vec<(Set, Set)> = Vec::with_capacity(blocks.len());
    let mut order = Vec::new();
    for block in blocks.iter() {
        order.clear();
        let mut pc = block.start;
        while pc < block.end {
            order.push(pc);
            pc += Instr::unpack(input.code[pc]).map_or(1, Instr::words);
        }
        let mut uses: Set = vec![0; words];
        let mut keeps: Set = vec![!0; words];
        for &pc in order.iter().rev() {
            step(input, pc, &mut uses, tracked);
            kill(input, pc, &mut keeps, tracked);
        }
        transfer.push((uses, keeps));
    }
    let mut predecessors: Vec<Vec<u32>> = vec![Vec::new(); blocks.len()];
    for (i, block) in blocks.iter().enumerate() {
        for &next in &block.successors {
            predecessors[next as usize].push(i as u32);
        }
    }
    let mut waiting = vec![true; blocks.len()];
    let mut work: Vec<u32> = (0..blocks.len() as u32).collect();
    let mut live: Set = vec![0; words];
    while let Some(at) = work.pop() {
        let at = at as usize;
        waiting[at] = false;
        live.fill(0);
        for i in 0..blocks[at].successors.len() {
            let next = blocks[at].successors[i] as usize;
            merge(&mut live, &blocks[next].live_in);
        }
        let (uses, keeps) = &transfer[at];
        for ((bits, keep), used) in live.iter_mut().zip(keeps).zip(uses) {
            *bits = *bits & keep | used;
        }
        if merge(&mut blocks[at].live_in, &live) {
            for &before in &predecessors[at] {
                if !waiting[before as usize] {
                    waiting[before as usize] = true;
                    work.push(before);
                }
            }
        }
    }
}
