//! Calls, and the tests before callees that have been guessed.

use std::mem::offset_of;

use bytecode::func::HAS_CTX;
use bytecode::isa::Instr;
use bytecode::rtype::{GoSlice, Itab};

use super::Builder;
use super::memory::at;
use crate::ssa::{
    Addr, Base, Callee, Cond, Edge, Exit, Guess, Op, REGISTER_ARGS, Term, Type, Value, Width,
};

/// What nil and small offsets from it are below.
const NIL_PAGE: i64 = 4096;

impl Builder<'_> {
    pub(super) fn call(&mut self, callee: Callee, args: &[Value], instr: Instr) {
        self.flush();
        let base = self.base();
        let mut args = args.to_vec();
        for slot in 0..usize::from(instr.b).min(REGISTER_ARGS) {
            let value = self.word(base + slot);
            args.push(value);
        }
        let after = (self.pc + instr.words()) as u32;
        let result = (instr.c > 0).then_some(Type::Word);
        let value = self.push(Op::Call(callee, after), &args, result, None);
        self.held.fill(None);
        if result.is_some() {
            // It is in the outgoing area, too.
            self.keep(base + usize::from(instr.b), value);
        }
    }

    /// Whether nothing is known of the call, which has not been made yet.
    pub(super) fn is_unseen(&mut self) -> bool {
        if self.cautious {
            return false;
        }
        let place = self.ssa.origins.at(self.pc as u32);
        let info = self.spliced.and_then(|s| s.callee(self.pc));
        let Some(site) = info.unwrap_or(self.info).site_at(place.pc) else {
            return false;
        };
        let guess = Guess::now(site);
        let unseen = guess.seen == [0; 2];
        if unseen {
            self.ssa.guesses.push(guess);
        }
        unseen
    }

    /// The interpreter goes on at the current instruction.
    pub(super) fn leave(&mut self) {
        let exit = Exit {
            pc: self.pc as u32,
            live: Vec::new(),
        };
        self.ssa.blocks[self.block].term = Term::Exit(exit);
    }

    /// The interpreter makes the call, and learns from it.
    pub(super) fn leave_at_call(&mut self) {
        self.flush();
        self.leave();
        self.ssa.cold.push(self.block);
    }

    /// Whether the slot holds the closure that runs: what it has captured never changes.
    pub(super) fn is_closure(&self, slot: usize) -> bool {
        let callee = self.spliced.and_then(|s| s.callee(self.pc));
        let info = callee.unwrap_or(self.info);
        let end = self.base() + info.frame_slots as usize;
        info.function.flags & HAS_CTX != 0 && slot + 1 == end
    }

    /// The handle of a closure's function.
    pub(super) fn function_of(&mut self, closure: Value) -> Value {
        let word = Addr {
            base: Base::Closure,
            scale: 0,
            disp: 0,
        };
        self.push(Op::Load(word, Width::W), &[closure], Some(Type::Word), None)
    }

    /// The handle of a method of the itab in the slot, which is not nil.
    pub(super) fn method(&mut self, slot: usize, method: u64) -> Value {
        let itab = self.pointer(slot);
        self.method_of(itab, method)
    }

    pub(super) fn method_of(&mut self, itab: Value, method: u64) -> Value {
        let funcs = offset_of!(Itab, funcs) + offset_of!(GoSlice<*const bytecode::func::Func>, ptr);
        let load = |d: i32| Op::Load(at(0, d), Width::W);
        let funcs = self.push(load(funcs as i32), &[itab], Some(Type::Word), None);
        let offset = 8 * method as i32;
        self.push(load(offset), &[funcs], Some(Type::Word), None)
    }

    /// Leaves unless the callee is the expected one.
    pub(super) fn expect(&mut self, func: Value, expected: u64) {
        let expected = self.constant(expected as i64);
        self.guard(Cond::Eq, func, expected);
    }

    /// Ends the block: to the first successor of bytecode block `block` when the pointer is nil, or the two that `test` gives are not equal.
    pub(super) fn unless_nil(
        &mut self,
        block: usize,
        pointer: Value,
        test: impl FnOnce(&mut Self) -> (Value, u64),
    ) -> bool {
        let [other, same] = self.slots.blocks[block].succs[..] else {
            unreachable!("a conditional jump has two successors");
        };
        let page = self.constant(NIL_PAGE);
        let [some, nil] = self.fork(Cond::GeU, pointer, page);
        let held = self.held.clone();
        self.block = nil;
        self.goto(other, None);
        self.ssa.cold.push(nil);
        self.held = held;
        self.block = some;
        let (func, expected) = test(self);
        let expected = self.constant(expected as i64);
        let edges: [Edge; 2] = [self.edge(same, None), self.edge(other, None)];
        self.ssa.blocks[self.block].term = Term::Branch {
            cond: Cond::Eq,
            args: [func, expected],
            edges,
        };
        true
    }
}
