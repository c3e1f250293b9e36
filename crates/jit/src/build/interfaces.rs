//! Interfaces: making them, taking them apart, comparing.

use std::mem::offset_of;

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{Itab, RType};

use super::Builder;
use super::memory::at;
use crate::helpers;
use crate::ssa::{Addr, Base, Cond, Op, Type, Value, Width};

impl Builder<'_> {
    /// The value behind a data word, whose type is known.
    pub(super) fn unbox(&mut self, slot: usize, typ: &RType, data: Value) {
        if typ.is_direct() {
            self.set(slot, data);
        } else if typ.size > 0 {
            self.load_value(slot, typ, data, at(0, 0));
        }
    }

    /// The type in an itab; null for none.
    pub(super) fn type_of_itab(&mut self, itab: Value) -> Value {
        let zero = self.constant(0);
        let [none, some] = self.fork(Cond::Eq, itab, zero);
        let (join, params) = self.join(&[Type::Word]);
        self.block = none;
        self.jump(join, vec![zero]);
        self.block = some;
        let typ = self.load_word(itab, offset_of!(Itab, typ));
        self.jump(join, vec![typ]);
        self.block = join;
        params[0]
    }

    pub(super) fn assert(&mut self, instr: Instr, typ: &RType, inter: &RType) {
        let b = usize::from(instr.b);
        let mut dynamic = self.word(b);
        let data = self.word(b + 1);
        if inter.imethods.len > 0 {
            let zero = self.constant(0);
            self.guard(Cond::Ne, dynamic, zero);
            dynamic = self.load_word(dynamic, offset_of!(Itab, typ));
        }
        let wanted = self.constant(std::ptr::from_ref(typ) as i64);
        self.guard(Cond::Eq, dynamic, wanted);
        self.unbox(usize::from(instr.a), typ, data);
    }

    pub(super) fn assert_ok(&mut self, instr: Instr, typ: &RType, inter: &RType) {
        let (a, b, c) = (
            usize::from(instr.a),
            usize::from(instr.b),
            usize::from(instr.c),
        );
        if super::memory::slot_accesses(typ).is_none() {
            self.perform(instr);
            return;
        }
        let mut dynamic = self.word(b);
        let data = self.word(b + 1);
        if inter.imethods.len > 0 {
            dynamic = self.type_of_itab(dynamic);
        }
        let wanted = self.constant(std::ptr::from_ref(typ) as i64);
        let [other, same] = self.fork(Cond::Ne, dynamic, wanted);
        self.block = same;
        let mut values = if typ.is_direct() {
            vec![data]
        } else {
            self.loaded(a, typ, data, at(0, 0)).unwrap_or_default()
        };
        let types: Vec<Type> = values.iter().map(|v| self.ssa.typ(*v)).collect();
        let all: Vec<Type> = types.iter().copied().chain([Type::Word]).collect();
        let (join, params) = self.join(&all);
        values.push(self.constant(1));
        self.jump(join, values);
        self.block = other;
        let mut values: Vec<Value> = types.iter().map(|t| self.zero(*t)).collect();
        values.push(self.constant(0));
        self.jump(join, values);
        self.block = join;
        for (i, v) in params[..types.len()].iter().enumerate() {
            self.set(a + i, *v);
        }
        self.set(c, params[types.len()]);
    }

    /// The itab of a type for an interface type, null where it is none: the one that the site remembers, or what a helper finds.
    fn itab(&mut self, wanted: &RType, typ: Value) -> Value {
        let site = std::ptr::from_ref(helpers::itab_site()) as u64;
        let last = Addr {
            base: Base::Absolute(site),
            scale: 0,
            disp: 0,
        };
        let last = self.push(Op::Load(last, Width::W), &[], Some(Type::Word), None);
        let of = self.load_word(last, offset_of!(Itab, typ));
        let [same, other] = self.fork(Cond::Eq, of, typ);
        self.ssa.cold.push(other);
        let find = |b: &mut Self| {
            let wanted = b.constant(std::ptr::from_ref(wanted) as i64);
            let site = b.constant(site as i64);
            b.helper(helpers::itab(), &[wanted, typ, site])
        };
        self.either(Type::Word, [same, other], |_| last, find)
    }

    /// AssertI, AssertIOk, ConvI: to another interface type.
    pub(super) fn convert_interface(&mut self, instr: Instr, wanted: &RType, inter: &RType) {
        let (a, b) = (usize::from(instr.a), usize::from(instr.b));
        let (word, mut data) = (self.word(b), self.word(b + 1));
        let mut first = if inter.imethods.len > 0 {
            self.type_of_itab(word)
        } else {
            word
        };
        if wanted.imethods.len > 0 {
            first = self.itab(wanted, first);
        }
        let zero = self.constant(0);
        match instr.op {
            B::AssertI => self.guard(Cond::Ne, first, zero),
            B::AssertIOk => {
                let args = [first, zero, zero, data];
                data = self.push(Op::Select(Cond::Eq), &args, Some(Type::Ptr), None);
                let compare = Op::Compare(Cond::Ne);
                let ok = self.push(compare, &[first, zero], Some(Type::Word), None);
                self.set(usize::from(instr.c), ok);
            }
            _ => {}
        }
        self.set(a, first);
        self.set(a + 1, data);
    }

    /// Empty interfaces whose first words differ are not equal, nor are others of which one is nil; what is left the interpreter compares. (One dynamic type may
    /// have come by several method tables.)
    pub(super) fn interfaces_equal(&mut self, instr: Instr) {
        let a = usize::from(instr.a);
        let (x, y) = (
            self.word(usize::from(instr.b)),
            self.word(usize::from(instr.c)),
        );
        let (join, params) = self.join(&[Type::Word]);
        let held = self.held.clone();
        let asked = if instr.op == B::EqEface {
            let [differ, same] = self.fork(Cond::Ne, x, y);
            self.block = differ;
            let zero = self.constant(0);
            self.jump(join, vec![zero]);
            same
        } else {
            let zero = self.constant(0);
            for (one, other) in [(x, y), (y, x)] {
                let [nil, some] = self.fork(Cond::Eq, one, zero);
                self.block = nil;
                let compare = Op::Compare(Cond::Eq);
                let equal = self.push(compare, &[other, zero], Some(Type::Word), None);
                self.jump(join, vec![equal]);
                self.block = some;
            }
            self.block
        };
        self.block = asked;
        self.perform(instr);
        let load = Op::Load(self.home(a), Width::W);
        let equal = self.push(load, &[], Some(Type::Word), None);
        self.jump(join, vec![equal]);
        self.held = held;
        self.block = join;
        self.set(a, params[0]);
    }
}
