//! Maps: lookups by the usual kinds of keys are calls; other kinds are the interpreter's.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{Kind, PLAIN_MEMORY, RType};

use super::Builder;
use super::memory::at;
use crate::helpers;
use crate::ssa::{Cond, Op, Type, Value, Width};

/// How a key is passed.
enum Key {
    Word,
    String,
    Other,
}

fn key_kind(typ: &RType, at_most: usize) -> Key {
    // SAFETY: a map type has a key.
    let key = unsafe { &*typ.key };
    if key.kind == Kind::String {
        Key::String
    } else if key.flags & PLAIN_MEMORY != 0 && (key.size == 8 || key.size < at_most) && key.size > 0
    {
        Key::Word
    } else {
        Key::Other
    }
}

impl Builder<'_> {
    pub(super) fn map_get(&mut self, instr: Instr, typ: &RType) {
        // SAFETY: a map type has an element.
        let elem = unsafe { &*typ.elem };
        let (a, b, c) = (
            usize::from(instr.a),
            usize::from(instr.b),
            usize::from(instr.c),
        );
        let kind = key_kind(typ, 0);
        let few = super::memory::slot_accesses(elem).is_some();
        if matches!(kind, Key::Other) || !few {
            self.perform(instr);
            return;
        }
        let map = self.word(b);
        let found = if matches!(kind, Key::Word) {
            let key = self.word(c);
            self.helper(helpers::map_word(), &[map, key])
        } else {
            let key = [self.word(c), self.word(c + 1)];
            self.helper(helpers::map_string(), &[map, key[0], key[1]])
        };
        let ok = (instr.op == B::MapGetOk).then(|| {
            // SAFETY: linked code has the same words; it is immortal.
            let word = unsafe { *self.info.code.add(self.pc + 2) };
            usize::from(word as u16)
        });
        let zero = self.constant(0);
        let [absent, present] = self.fork(Cond::Eq, found, zero);
        let current = self.block;
        self.block = present;
        let mut values = self.loaded(a, elem, found, at(0, 0)).unwrap_or_default();
        let types: Vec<Type> = values.iter().map(|v| self.ssa.typ(*v)).collect();
        let all: Vec<Type> = types.iter().copied().chain([Type::Word]).collect();
        let (join, params) = self.join(&all);
        values.push(self.constant(1));
        self.jump(join, values);
        self.block = absent;
        let mut values: Vec<Value> = types.iter().map(|t| self.zero(*t)).collect();
        values.push(self.constant(0));
        self.jump(join, values);
        debug_assert_ne!(current, join);
        self.block = join;
        for (i, v) in params[..types.len()].iter().enumerate() {
            self.set(a + i, *v);
        }
        if let Some(ok) = ok {
            self.set(ok, params[types.len()]);
        }
    }

    pub(super) fn zero(&mut self, typ: Type) -> Value {
        let zero = self.constant(0);
        self.cast(zero, typ)
    }

    pub(super) fn map_reference(&mut self, instr: Instr, typ: &RType) {
        self.poll();
        let (b, c) = (usize::from(instr.b), usize::from(instr.c));
        let kind = key_kind(typ, 8);
        if matches!(kind, Key::Other) {
            self.perform(instr);
            return;
        }
        let map = self.word(b);
        let zero = self.constant(0);
        self.guard(Cond::Ne, map, zero);
        let elem = if matches!(kind, Key::Word) {
            let key = self.word(c);
            // SAFETY: a map type has a key.
            let helper = if unsafe { (*typ.key).size } == 8 {
                helpers::map_reference_word64()
            } else {
                helpers::map_reference_word()
            };
            self.helper(helper, &[map, key])
        } else {
            let key = [self.word(c), self.word(c + 1)];
            self.helper(helpers::map_reference_string(), &[map, key[0], key[1]])
        };
        // Where others write to the map at the same time the interpreter reports it.
        self.guard(Cond::Ne, elem, zero);
        self.set(usize::from(instr.a), elem);
    }

    pub(super) fn load_word(&mut self, base: Value, offset: usize) -> Value {
        let load = Op::Load(at(0, offset as i32), Width::W);
        self.push(load, &[base], Some(Type::Word), None)
    }
}
