//! Slices: slicing and append.

use bytecode::isa::{Instr, NO_SLOT, Op as B};
use bytecode::rtype::{GoSlice, Kind, RType};

use super::Builder;
use super::memory::at;
use crate::helpers;
use crate::opt::{Effect, effect};
use crate::ssa::{Addr, Args, BinOp, Cond, Inst, Op, Type, Value, Width};

/// Base, length and capacity of a slice.
type Parts = [Value; 3];

/// A slice in memory.
struct Header {
    /// Of the first word.
    addr: Addr,
    args: Args,
}

impl Builder<'_> {
    pub(super) fn optional(&mut self, slot: u16) -> Option<Value> {
        (slot != NO_SLOT).then(|| self.word(usize::from(slot)))
    }

    fn difference(&mut self, x: Value, y: Option<Value>) -> Value {
        match y {
            Some(y) => self.push(Op::Bin(BinOp::Sub), &[x, y], Some(Type::Word), None),
            None => x,
        }
    }

    fn product(&mut self, x: Value, size: usize) -> Value {
        let size = self.constant(size as i64);
        self.push(Op::Bin(BinOp::Mul), &[x, size], Some(Type::Word), None)
    }

    fn sum(&mut self, x: Value, y: Value, typ: Type) -> Value {
        self.push(Op::Bin(BinOp::Add), &[x, y], Some(typ), None)
    }

    /// `base + low * size`, or the base where nothing is left: nothing may point one past an object.
    fn start(&mut self, base: Value, low: Option<Value>, size: usize, left: Value) -> Value {
        let Some(low) = low else { return base };
        let offset = self.product(low, size);
        let start = self.sum(base, offset, Type::Ptr);
        let zero = self.constant(0);
        let args = [left, zero, base, start];
        self.push(Op::Select(Cond::Eq), &args, Some(Type::Ptr), None)
    }

    /// Checks `low:high:max` and writes the slice. `slots` names high and max.
    fn slice(&mut self, instr: Instr, slots: u64, size: u64, [base, len, cap]: Parts) {
        let low = self.optional(instr.c);
        let (high, max) = (
            self.optional(slots as u16),
            self.optional((slots >> 16) as u16),
        );
        if let Some(max) = max {
            self.guard(Cond::LeU, max, cap);
            self.guard(Cond::LeU, high.unwrap_or(len), max);
        } else if let Some(high) = high {
            self.guard(Cond::LeU, high, cap);
        }
        let high = high.unwrap_or(len);
        if let Some(low) = low {
            self.guard(Cond::LeU, low, high);
        }
        let len = self.difference(high, low);
        let cap = self.difference(max.unwrap_or(cap), low);
        let start = self.start(base, low, size as usize, cap);
        self.set_slice(instr.a, [start, len, cap]);
    }

    pub(super) fn set_slice(&mut self, slot: u16, parts: Parts) {
        for (i, v) in parts.into_iter().enumerate() {
            self.set(usize::from(slot) + i, v);
        }
    }

    fn parts(&mut self, slot: u16) -> Parts {
        [0, 1, 2].map(|i| self.word(usize::from(slot) + i))
    }

    pub(super) fn slice_slice(&mut self, instr: Instr, slots: u64, size: u64) {
        let parts = self.parts(instr.b);
        self.slice(instr, slots, size, parts);
    }

    pub(super) fn slice_array(&mut self, instr: Instr, slots: u64, size: u64, len: u64) {
        let base = self.pointer(usize::from(instr.b));
        let len = self.constant(len as i64);
        self.slice(instr, slots, size, [base, len, len]);
    }

    pub(super) fn slice_string(&mut self, instr: Instr, slots: u64) {
        let (base, len) = (
            self.word(usize::from(instr.b)),
            self.word(usize::from(instr.b) + 1),
        );
        let (low, high) = (self.optional(instr.c), self.optional(slots as u16));
        if let Some(high) = high {
            self.guard(Cond::LeU, high, len);
        }
        let high = high.unwrap_or(len);
        if let Some(low) = low {
            self.guard(Cond::LeU, low, high);
        }
        let len = self.difference(high, low);
        let start = self.start(base, low, 1, len);
        self.set(usize::from(instr.a), start);
        self.set(usize::from(instr.a) + 1, len);
    }

    /// Room for `extra` more elements behind a slice of which `needed` will be in use; gives base and capacity. The appended slice is stored to
    /// `back`, where the slice is: base and capacity only when they are others.
    fn room(
        &mut self,
        elem: &RType,
        [base, len, cap]: Parts,
        needed: Value,
        extra: Value,
        back: Option<Header>,
    ) -> [Value; 2] {
        let [full, room] = self.fork(Cond::GtU, needed, cap);
        let (join, params) = self.join(&[Type::Ptr, Type::Word]);
        self.seldom(full, |b| {
            b.poll();
            let elem = b.constant(std::ptr::from_ref(elem) as i64);
            let moved = b.helper(helpers::grow(), &[elem, base, len, cap, extra]);
            let zero = b.constant(0);
            b.guard(Cond::Ne, moved, zero);
            let cap = b.second_result();
            if let Some(back) = &back {
                b.store_part(back, 0, moved, Width::P);
                b.store_part(back, 16, cap, Width::W);
            }
            b.jump(join, vec![moved, cap]);
        });
        self.block = room;
        self.jump(join, vec![base, cap]);
        self.block = join;
        // Before the elements: what they are stored to might, for all that is known, be the slice.
        if let Some(back) = &back {
            self.store_part(back, 8, needed, Width::W);
        }
        [params[0], params[1]]
    }

    fn store_part(&mut self, header: &Header, offset: i32, part: Value, width: Width) {
        let addr = Addr {
            disp: header.addr.disp + offset,
            ..header.addr
        };
        let args: Vec<Value> = header.args.iter().copied().chain([part]).collect();
        self.store(addr, &args, width);
    }

    /// Where the slice has just been loaded from, if nothing may have written it since.
    fn header(&self, parts: Parts) -> Option<Header> {
        let mut found = [const { None }; 3];
        for inst in self.ssa.blocks[self.block].insts.iter().rev() {
            if let (Op::Load(addr, Width::W), Some(v)) = (inst.op, inst.result)
                && let Some(i) = parts.iter().position(|p| *p == v)
            {
                let disp = addr.disp - 8 * i as i32;
                found[i] = Some((Addr { disp, ..addr }, &inst.args));
            }
            if let [Some(x), Some(y), Some(z)] = found {
                let (addr, args) = x;
                return (x == y && y == z).then(|| Header {
                    addr,
                    args: args.clone(),
                });
            }
            if effect(inst.op) != Effect::None {
                break;
            }
        }
        None
    }

    /// Whether this is the address of the element of a slice of slices, computed and checked in the current block.
    fn is_slice_in(&self, address: Value, [base, len, index]: [Value; 3]) -> bool {
        let insts = &self.ssa.blocks[self.block].insts;
        let made = |v: Value| insts.iter().rev().find(|i| i.result == Some(v));
        let Some(sum) = made(address).filter(|i| i.op == Op::Bin(BinOp::Add)) else {
            return false;
        };
        let Some(product) = made(sum.args[1]).filter(|i| i.op == Op::Bin(BinOp::Mul)) else {
            return false;
        };
        let size = self.constants.get(&product.args[1]);
        let is_checked = |i: &Inst| i.op == Op::Guard(Cond::LtU) && i.args[..] == [index, len];
        sum.args[0] == base
            && product.args[0] == index
            && size == Some(&(size_of::<GoSlice<u8>>() as i64))
            && insts.iter().any(is_checked)
    }

    /// Of an append to a slice in memory that the next instruction stores there again: where that is. The append is to do what that instruction does.
    fn stored_back(&mut self, block: usize, instr: Instr, parts: Parts) -> Option<Header> {
        let next = self.pc + instr.words();
        if next >= self.slots.blocks[block].end {
            return None;
        }
        let header = self.header(parts)?;
        let (addr, args) = (header.addr, &header.args[..]);
        let store = Instr::unpack(self.info.function.code[next])?;
        // SAFETY: linked code has the same words; it is immortal, and so are descriptors.
        let linked = |i: usize| unsafe { *self.info.code.add(next + i) };
        let is_slice = |i: usize| {
            // SAFETY: as above.
            let typ = unsafe { &*(linked(i) as *const RType) };
            typ.kind == Kind::Slice
        };
        let held = |slot: usize| self.held(slot).map(|held| held.value);
        let same = match store.op {
            B::StSliceM if store.b == instr.a => {
                let p = held(usize::from(store.a));
                addr == at(0, i32::from(store.c)) && args.first().copied() == p
            }
            B::StGN if store.a == instr.a => {
                let at_place = self.constants.get(args.first()?) == Some(&(linked(1) as i64));
                is_slice(2) && addr == at(0, 0) && at_place
            }
            B::StXN if store.c == instr.a => {
                let [base, len, index] = [store.a.into(), usize::from(store.a) + 1, store.b.into()];
                let element = [held(base)?, held(len)?, held(index)?];
                is_slice(1) && addr == at(0, 0) && self.is_slice_in(*args.first()?, element)
            }
            _ => false,
        };
        if !same {
            return None;
        }
        self.done = Some(next);
        Some(header)
    }

    /// The address behind the last element.
    fn end(&mut self, base: Value, len: Value, elem: &RType) -> Value {
        let offset = self.product(len, elem.size);
        self.sum(base, offset, Type::Ptr)
    }

    pub(super) fn append_one(&mut self, block: usize, instr: Instr, elem: &RType) {
        let [base, len, cap] = self.parts(instr.b);
        let back = self.stored_back(block, instr, [base, len, cap]);
        let one = self.constant(1);
        let needed = self.sum(len, one, Type::Word);
        // Read here: it is not to be loaded on one path only.
        let value = usize::from(instr.c);
        let scalar = (instr.op != B::AppendN).then(|| self.get(value));
        let [base, cap] = self.room(elem, [base, len, cap], needed, one, back);
        match (scalar, instr.op) {
            (Some(v), B::Append8) => self.store(at(1, 0), &[base, len, v], Width::U8),
            (Some(v), B::Append32) => self.store(at(4, 0), &[base, len, v], Width::U32),
            (Some(v), B::AppendP) => self.store(at(8, 0), &[base, len, v], Width::P),
            (Some(v), _) => self.store(at(8, 0), &[base, len, v], Width::W),
            (None, _) => {
                let end = self.end(base, len, elem);
                self.store_value(value, elem, end, at(0, 0));
            }
        }
        self.set_slice(instr.a, [base, needed, cap]);
    }

    pub(super) fn append_slice(&mut self, block: usize, instr: Instr, elem: &RType) {
        let [base, len, cap] = self.parts(instr.b);
        let back = self.stored_back(block, instr, [base, len, cap]);
        let more = usize::from(instr.c);
        let (source, count) = (self.word(more), self.word(more + 1));
        let needed = self.sum(len, count, Type::Word);
        let [base, cap] = self.room(elem, [base, len, cap], needed, count, back);
        let to = self.end(base, len, elem);
        self.copy_values(elem, to, source, Some(count));
        self.set_slice(instr.a, [base, needed, cap]);
    }

    pub(super) fn append_zeroed(&mut self, block: usize, instr: Instr, elem: &RType) {
        let [base, len, cap] = self.parts(instr.b);
        let back = self.stored_back(block, instr, [base, len, cap]);
        let count = self.constant(i64::from(instr.c));
        let needed = self.sum(len, count, Type::Word);
        let [base, cap] = self.room(elem, [base, len, cap], needed, count, back);
        let to = self.end(base, len, elem);
        let bytes = self.product(count, elem.size);
        self.zero_values(elem, to, bytes);
        self.set_slice(instr.a, [base, needed, cap]);
    }
}
