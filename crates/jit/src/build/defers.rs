//! Deferred calls: the goroutine's list of records (`runtime::defers`), read and written in place.

use std::mem::offset_of;

use runtime::defers::{DeferRecord, LAST, RECORD, ROOM, USED};
use runtime::g::G;
use runtime::stack::Stack;

use super::Builder;
use super::memory::at;
use crate::context::Context;
use crate::helpers;
use crate::ssa::{Addr, Base, BinOp, Cond, Op, Type, Value, Width};

const CLOSURE: i32 = (LAST + offset_of!(DeferRecord, closure)) as i32;
const FRAME: i32 = (LAST + offset_of!(DeferRecord, frame)) as i32;

/// The list, how many of its bytes are used, and what this frame is called in it.
struct List {
    list: Value,
    used: Value,
    frame: Value,
}

impl Builder<'_> {
    fn word_at(&mut self, addr: Addr, args: &[Value], typ: Type) -> Value {
        self.push(Op::Load(addr, Width::W), args, Some(typ), None)
    }

    fn defers(&mut self) -> List {
        let g = Addr {
            base: Base::Context,
            scale: 0,
            disp: offset_of!(Context, g) as i32,
        };
        let g = self.word_at(g, &[], Type::Ptr);
        let list = self.word_at(at(0, offset_of!(G, defers) as i32), &[g], Type::Ptr);
        let used = self.word_at(at(0, USED as i32), &[list], Type::Word);
        let high = offset_of!(G, stack) + offset_of!(Stack, hi);
        let high = self.word_at(at(0, high as i32), &[g], Type::Word);
        let here = self.push(Op::FrameAddr(0), &[], Some(Type::Ptr), None);
        let frame = self.push(Op::Bin(BinOp::Sub), &[high, here], Some(Type::Word), None);
        List { list, used, frame }
    }

    /// Registers the closure in a slot.
    pub(super) fn defer(&mut self, slot: usize) {
        let closure = self.word(slot);
        let List { list, used, frame } = self.defers();
        let room = self.word_at(at(0, ROOM as i32), &[list], Type::Word);
        let [fits, full] = self.fork(Cond::LtU, used, room);
        let (join, _) = self.join(&[]);
        self.seldom(full, |b| {
            let here = b.push(Op::FrameAddr(0), &[], Some(Type::Ptr), None);
            b.helper(helpers::defer(), &[here, closure]);
            b.jump(join, Vec::new());
        });
        self.block = fits;
        let record = self.constant(RECORD as i64);
        let used = self.push(Op::Bin(BinOp::Add), &[used, record], Some(Type::Word), None);
        self.store(at(1, CLOSURE), &[list, used, closure], Width::W);
        self.store(at(1, FRAME), &[list, used, frame], Width::W);
        self.store(at(0, USED as i32), &[list, used], Width::W);
        self.jump(join, Vec::new());
        self.block = join;
    }

    /// Ends the block: with the last closure of this frame in the slot, or to the first successor.
    pub(super) fn next_defer(&mut self, block: usize, slot: usize) -> bool {
        let [other, next] = self.slots.blocks[block].succs[..] else {
            unreachable!("a conditional jump has two successors");
        };
        let List { list, used, frame } = self.defers();
        let last = self.word_at(at(1, FRAME), &[list, used], Type::Word);
        let [none, some] = self.fork(Cond::Ne, last, frame);
        let held = self.held.clone();
        self.block = none;
        let nil = self.constant(0);
        self.set(slot, nil);
        self.goto(other, None);
        self.held = held;
        self.block = some;
        let closure = self.word_at(at(1, CLOSURE), &[list, used], Type::Ptr);
        let record = self.constant(RECORD as i64);
        let rest = self.push(Op::Bin(BinOp::Sub), &[used, record], Some(Type::Word), None);
        self.store(at(0, USED as i32), &[list, rest], Width::W);
        self.set(slot, closure);
        self.goto(next, None);
        true
    }
}
