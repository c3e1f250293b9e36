//! Strings: comparison, iteration, and new ones.

use bytecode::isa::{Instr, Op as B};

use super::Builder;
use super::memory::{at, bytes};
use crate::helpers;
use crate::ssa::{BinOp, Cond, Op, Term, Type, UnOp, Value, Width};

/// Literals of up to this many bytes are compared in place.
const INLINE_LITERAL: i64 = 24;

impl Builder<'_> {
    fn string(&mut self, slot: usize) -> [Value; 2] {
        [self.word(slot), self.word(slot + 1)]
    }

    /// A string that is known now.
    fn literal(&self, [ptr, len]: [Value; 2]) -> Option<&'static [u8]> {
        let (ptr, len) = (*self.constants.get(&ptr)?, *self.constants.get(&len)?);
        // SAFETY: literals are immortal.
        (0..=INLINE_LITERAL).contains(&len).then(|| unsafe {
            if len == 0 {
                &[]
            } else {
                std::slice::from_raw_parts(ptr as *const u8, len as usize)
            }
        })
    }

    /// Whether two strings of equal length are equal: 0 or 1.
    fn equal_bytes(&mut self, x: [Value; 2], y: [Value; 2]) -> Value {
        let (from, literal) = match (self.literal(x), self.literal(y)) {
            (_, Some(literal)) => (x[0], literal),
            (Some(literal), None) => (y[0], literal),
            (None, None) => {
                return self.helper(helpers::equal_memory(), &[x[0], y[0], x[1]]);
            }
        };
        let mut differences = self.constant(0);
        let mut offset = 0;
        while offset < literal.len() {
            let width = match literal.len() - offset {
                8.. => Width::W,
                4.. => Width::U32,
                2.. => Width::U16,
                _ => Width::U8,
            };
            let count = usize::from(bytes(width));
            let mut word = [0; 8];
            word[..count].copy_from_slice(&literal[offset..offset + count]);
            let load = Op::Load(at(0, offset as i32), width);
            let have = self.push(load, &[from], Some(Type::Word), None);
            let want = self.constant(i64::from_le_bytes(word));
            let args = [have, want];
            let difference = self.push(Op::Bin(BinOp::Xor), &args, Some(Type::Word), None);
            let args = [differences, difference];
            differences = self.push(Op::Bin(BinOp::Or), &args, Some(Type::Word), None);
            offset += count;
        }
        let zero = self.constant(0);
        let compare = Op::Compare(Cond::Eq);
        self.push(compare, &[differences, zero], Some(Type::Word), None)
    }

    /// Whether the strings are equal: 0 or 1.
    pub(super) fn strings_equal(&mut self, b: usize, c: usize) -> Value {
        let (x, y) = (self.string(b), self.string(c));
        let [differ, same] = self.fork(Cond::Ne, x[1], y[1]);
        let (join, params) = self.join(&[Type::Word]);
        self.block = differ;
        let zero = self.constant(0);
        self.jump(join, vec![zero]);
        self.block = same;
        let equal = self.equal_bytes(x, y);
        self.jump(join, vec![equal]);
        self.block = join;
        params[0]
    }

    /// A jump on (in)equality of two strings; ends the block.
    pub(super) fn branch_on_strings(
        &mut self,
        block: usize,
        instr: Instr,
        when_equal: bool,
    ) -> bool {
        let (x, y) = (
            self.string(usize::from(instr.a)),
            self.string(usize::from(instr.b)),
        );
        let [taken, next] = self.slots.blocks[block].succs[..] else {
            unreachable!("a conditional jump has two successors");
        };
        let (to_equal, to_different) = if when_equal {
            (taken, next)
        } else {
            (next, taken)
        };
        let [differ, same] = self.fork(Cond::Ne, x[1], y[1]);
        let held = self.held.clone();
        self.block = differ;
        self.goto(to_different, None);
        self.held = held;
        self.block = same;
        let equal = self.equal_bytes(x, y);
        let zero = self.constant(0);
        let edges = [self.edge(to_equal, None), self.edge(to_different, None)];
        self.ssa.blocks[self.block].term = Term::Branch {
            cond: Cond::Ne,
            args: [equal, zero],
            edges,
        };
        true
    }

    /// -1, 0 or 1. Where both have eight bytes and these differ, they are compared in place.
    pub(super) fn compare_strings(&mut self, b: usize, c: usize) -> Value {
        let (x, y) = (self.string(b), self.string(c));
        let (join, params) = self.join(&[Type::Word]);
        let rest = self.new_block();
        let eight = self.constant(8);
        for len in [x[1], y[1]] {
            let [long, short] = self.fork(Cond::GeU, len, eight);
            self.block = short;
            self.jump(rest, Vec::new());
            self.block = long;
        }
        // The first byte is the one that counts most.
        let [first, second] = [x, y].map(|[ptr, _]| {
            let load = Op::Load(at(0, 0), Width::W);
            let word = self.push(load, &[ptr], Some(Type::Word), None);
            self.push(Op::Un(UnOp::Bswap), &[word], Some(Type::Word), None)
        });
        let [differ, same] = self.fork(Cond::Ne, first, second);
        self.block = differ;
        let (less, greater) = (self.constant(-1), self.constant(1));
        let args = [first, second, less, greater];
        let order = self.push(Op::Select(Cond::LtU), &args, Some(Type::Word), None);
        self.jump(join, vec![order]);
        self.block = same;
        self.jump(rest, Vec::new());
        self.block = rest;
        let args = [x[0], x[1], y[0], y[1]];
        let order = self.helper(helpers::compare_strings(), &args);
        self.jump(join, vec![order]);
        self.block = join;
        params[0]
    }

    /// Concatenations, and conversions that allocate.
    pub(super) fn new_string(&mut self, instr: Instr) {
        let (a, b, c) = (
            usize::from(instr.a),
            usize::from(instr.b),
            usize::from(instr.c),
        );
        self.poll();
        match instr.op {
            B::Concat2 => {
                let (x, y) = (self.string(b), self.string(c));
                let args = [x[0], x[1], y[0], y[1]];
                let start = self.helper(helpers::concat(), &args);
                self.concatenated(a, start);
            }
            B::ConcatN => {
                self.operands_home();
                let parts = self.frame_address(b, 2 * c);
                let count = self.constant(c as i64);
                let start = self.helper(helpers::concat_slots(), &[parts, count]);
                self.concatenated(a, start);
            }
            B::BytesToStr => {
                let bytes = self.string(b);
                let start = self.helper(helpers::bytes_to_string(), &bytes);
                self.set(a, start);
                self.set(a + 1, bytes[1]);
            }
            B::StrToBytes => {
                let text = self.string(b);
                let base = self.helper(helpers::string_to_bytes(), &text);
                let cap = self.second_result();
                self.set_slice(instr.a, [base, text[1], cap]);
            }
            _ => {
                let rune = self.word(b);
                let start = self.helper(helpers::rune_to_string(), &[rune]);
                let len = self.second_result();
                self.set(a, start);
                self.set(a + 1, len);
            }
        }
    }

    fn concatenated(&mut self, slot: usize, start: Value) {
        let too_long = self.constant(-1);
        self.guard(Cond::Ne, start, too_long);
        let len = self.second_result();
        self.set(slot, start);
        self.set(slot + 1, len);
    }

    /// Decodes the rune at an index; `after` gets the index behind it.
    pub(super) fn next_rune(&mut self, instr: Instr, after: usize) {
        let [ptr, len] = self.string(usize::from(instr.b));
        let index = self.word(usize::from(instr.c));
        let load = Op::Load(at(1, 0), Width::U8);
        let first = self.push(load, &[ptr, index], Some(Type::Word), None);
        let limit = self.constant(0x80);
        let [wide, narrow] = self.fork(Cond::GeU, first, limit);
        let (join, params) = self.join(&[Type::Word, Type::Word]);
        let word = Some(Type::Word);
        self.block = wide;
        let place = self.push(Op::Bin(BinOp::Add), &[ptr, index], word, None);
        let left = self.push(Op::Bin(BinOp::Sub), &[len, index], word, None);
        let decoded = self.helper(helpers::decode_rune(), &[place, left]);
        let rune = self.push(Op::Un(crate::ssa::UnOp::ExtU32), &[decoded], word, None);
        let half = self.constant(32);
        let count = self.push(Op::Bin(BinOp::ShrU), &[decoded, half], word, None);
        let next = self.push(Op::Bin(BinOp::Add), &[index, count], word, None);
        self.jump(join, vec![rune, next]);
        self.block = narrow;
        let one = self.constant(1);
        let next = self.push(Op::Bin(BinOp::Add), &[index, one], word, None);
        self.jump(join, vec![first, next]);
        self.block = join;
        self.set(usize::from(instr.a), params[0]);
        self.set(after, params[1]);
    }
}
