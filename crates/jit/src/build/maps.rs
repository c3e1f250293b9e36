//! Maps: lookups by the usual kinds of keys are calls; other kinds are the interpreter's.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{Kind, PLAIN_MEMORY, RType};
use runtime::map;

use super::Builder;
use super::memory::at;
use crate::helpers;
use crate::ssa::{Cond, Op, Type, Value, Width};

/// How a key is passed.
#[derive(Clone, Copy)]
enum Key {
    /// Plain, of so many bytes.
    Word(usize),
    String,
    Other,
}

fn key_kind(typ: &RType) -> Key {
    // SAFETY: a map type has a key.
    let key = unsafe { &*typ.key };
    match key.size {
        1 | 2 | 4 | 8 if key.flags & PLAIN_MEMORY != 0 => Key::Word(key.size),
        _ if key.kind == Kind::String => Key::String,
        _ => Key::Other,
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
        let kind = key_kind(typ);
        let few = super::memory::slot_accesses(elem).is_some();
        if matches!(kind, Key::Other) || !few {
            self.perform(instr);
            return;
        }
        let map = self.word(b);
        let found = if let Key::Word(bytes) = kind {
            let helper = match bytes {
                1 => helpers::map_word8(),
                2 => helpers::map_word16(),
                4 => helpers::map_word32(),
                _ => helpers::map_word64(),
            };
            let key = self.word(c);
            self.helper(helper, &[map, key])
        } else {
            let key = [self.word(c), self.word(c + 1)];
            self.helper(helpers::map_string(), &[map, key[0], key[1]])
        };
        let ok = (instr.op == B::MapGetOk).then(|| {
            // SAFETY: linked code has the same words; it is immortal.
            let word = unsafe { *self.info.code.add(self.pc + 2) };
            usize::from(word as u16)
        });
        let clash = self.constant(map::CLASH as i64);
        let [absent, present] = self.fork(Cond::LeU, found, clash);
        let current = self.block;
        self.block = present;
        let mut values = self.loaded(a, elem, found, at(0, 0)).unwrap_or_default();
        let types: Vec<Type> = values.iter().map(|v| self.ssa.typ(*v)).collect();
        let all: Vec<Type> = types.iter().copied().chain([Type::Word]).collect();
        let (join, params) = self.join(&all);
        values.push(self.constant(1));
        self.jump(join, values);
        self.block = absent;
        // The interpreter reports that somebody is writing.
        self.guard(Cond::Ne, found, clash);
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
        let kind = key_kind(typ);
        if matches!(kind, Key::Other) {
            self.perform(instr);
            return;
        }
        let map = self.word(b);
        let zero = self.constant(0);
        self.guard(Cond::Ne, map, zero);
        let elem = if let Key::Word(bytes) = kind {
            let helper = match bytes {
                1 => helpers::map_reference_word8(),
                2 => helpers::map_reference_word16(),
                4 => helpers::map_reference_word32(),
                _ => helpers::map_reference_word64(),
            };
            let key = self.word(c);
            self.helper(helper, &[map, key])
        } else {
            let key = [self.word(c), self.word(c + 1)];
            self.helper(helpers::map_reference_string(), &[map, key[0], key[1]])
        };
        // Where others write to the map at the same time the interpreter reports it.
        self.guard(Cond::Ne, elem, zero);
        self.set(usize::from(instr.a), elem);
    }

    pub(super) fn map_delete(&mut self, instr: Instr, typ: &RType) {
        let (b, c) = (usize::from(instr.b), usize::from(instr.c));
        let descriptor = std::ptr::from_ref(typ) as i64;
        let done = match key_kind(typ) {
            Key::Word(_) => {
                let args = [self.word(b), self.constant(descriptor), self.word(c)];
                self.helper(helpers::map_delete_word(), &args)
            }
            Key::String => {
                let (map, descriptor) = (self.word(b), self.constant(descriptor));
                let args = [map, descriptor, self.word(c), self.word(c + 1)];
                self.helper(helpers::map_delete_string(), &args)
            }
            Key::Other => {
                self.perform(instr);
                return;
            }
        };
        let zero = self.constant(0);
        self.guard(Cond::Ne, done, zero);
    }

    /// Goes to the iterator's next entry: 0 when there is none.
    pub(super) fn map_next(&mut self, iter: Value) -> Value {
        let step = self.helper(helpers::map_next(), &[iter]);
        // The interpreter reports that somebody is writing.
        let clash = self.constant(map::Step::Clash as i64);
        self.guard(Cond::Ne, step, clash);
        step
    }

    pub(super) fn load_word(&mut self, base: Value, offset: usize) -> Value {
        let load = Op::Load(at(0, offset as i32), Width::W);
        self.push(load, &[base], Some(Type::Word), None)
    }
}
