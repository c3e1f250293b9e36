//! New objects: made in place where their size is known, else by a helper.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{Kind, RType};
use runtime::heap::ZERO_BASE;
use runtime::heap::cache::{in_place, small_mask};
use runtime::iface::{SMALL_WORDS, zero_cell};

use super::Builder;
use super::memory::{at, slot_accesses};
use crate::helpers;
use crate::ssa::{BinOp, Cond, Object, Op, Type, UnOp, Value, Width};

impl Builder<'_> {
    /// New, NewClosure, MakeSlice, MakeMap.
    pub(super) fn allocate(&mut self, instr: Instr) {
        self.poll();
        // SAFETY: linked code has the same words; it is immortal.
        let linked = |i: usize| unsafe { *self.info.code.add(self.pc + i) };
        let (first, second) = (linked(1), linked(2));
        // SAFETY: the first word of these instructions is a descriptor's address, which is immortal.
        let described = || unsafe { &*(first as *const RType) };
        let a = usize::from(instr.a);
        match instr.op {
            B::New => {
                let object = self.new_value(described());
                self.set(a, object);
            }
            B::NewClosure => {
                let object = self.new_closure(first, usize::from(instr.b), second);
                self.set(a, object);
            }
            B::MakeMap => {
                let typ = self.constant(first as i64);
                let zero = self.constant(0);
                let hint = self.optional(instr.b).unwrap_or(zero);
                let map = self.helper(helpers::make_map(), &[typ, hint]);
                self.set(a, map);
            }
            _ => {
                let (len, cap) = (
                    self.word(usize::from(instr.b)),
                    self.word(usize::from(instr.c)),
                );
                let base = self.new_array(described(), len, cap);
                self.set_slice(instr.a, [base, len, cap]);
            }
        }
    }

    /// A zeroed object in place, whose word i is a pointer when bit i of `pointers` is set; None where that is not possible.
    fn object(&mut self, bytes: usize, pointers: u64) -> Option<Value> {
        in_place::way(bytes, pointers != 0)?;
        let object = Object {
            bytes: bytes as u32,
            pointers,
        };
        Some(self.push(Op::Alloc(object), &[], Some(Type::Ptr), None))
    }

    /// So many zeroed values of the type in place.
    fn values(&mut self, typ: &RType, count: usize) -> Option<Value> {
        let bytes = typ.size.checked_mul(count)?;
        if bytes == 0 {
            return Some(self.constant((&raw const ZERO_BASE) as i64));
        }
        if !typ.has_pointers() {
            return self.object(bytes, 0);
        }
        if bytes > in_place::MAX_POINTERS {
            return None;
        }
        let each = small_mask(typ);
        let all = (0..count).fold(0, |mask, i| mask | each << (i * typ.size / 8));
        self.object(bytes, all)
    }

    fn new_value(&mut self, typ: &RType) -> Value {
        if let Some(object) = self.values(typ, 1) {
            return object;
        }
        let descriptor = self.constant(std::ptr::from_ref(typ) as i64);
        self.helper(helpers::new(), &[descriptor])
    }

    /// A closure of the function with this handle.
    fn new_closure(&mut self, func: u64, captured: usize, pointers: u64) -> Value {
        let func = self.constant(func as i64);
        // The first word, the handle, is none that the collector knows.
        let object = match pointers.leading_zeros() {
            0 => None,
            _ => self.object(8 + 8 * captured, pointers << 1),
        };
        if let Some(object) = object {
            self.store(at(0, 0), &[object, func], Width::W);
            return object;
        }
        let captured = self.constant(captured as i64);
        let pointers = self.constant(pointers as i64);
        self.helper(helpers::new_closure(), &[func, captured, pointers])
    }

    /// The memory of a slice.
    fn new_array(&mut self, elem: &RType, len: Value, cap: Value) -> Value {
        let known = |v: &Value| {
            let k = self.constants.get(v).copied()?;
            usize::try_from(k).ok()
        };
        if let (Some(n), Some(count)) = (known(&len), known(&cap))
            && n <= count
            && let Some(object) = self.values(elem, count)
        {
            return object;
        }
        let descriptor = self.constant(std::ptr::from_ref(elem) as i64);
        let base = self.helper(helpers::make_slice(), &[descriptor, len, cap]);
        let zero = self.constant(0);
        self.guard(Cond::Ne, base, zero);
        base
    }

    /// An interface with this first word.
    pub(super) fn make_interface(&mut self, instr: Instr, typ: &'static RType, word: u64) {
        let (a, b) = (usize::from(instr.a), usize::from(instr.b));
        let data = if typ.is_direct() {
            self.word(b)
        } else {
            self.poll();
            self.boxed(b, typ)
        };
        let word = self.constant(word as i64);
        self.set(a, word);
        self.set(a + 1, data);
    }

    /// The data word of an interface that holds the value in these slots, as `iface::box_value` has it.
    fn boxed(&mut self, slot: usize, typ: &RType) -> Value {
        let in_place = in_place::way(typ.size, typ.has_pointers()).is_some();
        if in_place && slot_accesses(typ).is_some() {
            // Known on both ways.
            (0..typ.slots()).for_each(|i| {
                self.get(slot + i);
            });
            if typ.size <= 8 && !typ.has_pointers() {
                return self.boxed_word(slot, typ);
            }
            // Empty strings and nil slices need no memory.
            let empty = match typ.kind {
                Kind::String => Some(slot + 1),
                Kind::Slice => Some(slot),
                _ => None,
            };
            return match empty {
                Some(word) => {
                    let (word, zero) = (self.word(word), self.constant(0));
                    let [none, some] = self.fork(Cond::Eq, word, zero);
                    let cell = |b: &mut Self| b.constant(zero_cell() as i64);
                    self.either(Type::Ptr, [none, some], cell, |b| b.copied(slot, typ))
                }
                None => self.copied(slot, typ),
            };
        }
        let descriptor = self.constant(std::ptr::from_ref(typ) as i64);
        if typ.slots() <= 2 {
            let [x, y] = [0, 1].map(|i| {
                if i < typ.slots() {
                    self.word(slot + i)
                } else {
                    self.constant(0)
                }
            });
            self.helper(helpers::box_words(), &[descriptor, x, y])
        } else {
            self.operands_home();
            let slots = self.frame_address(slot, typ.slots());
            self.helper(helpers::box_slots(), &[descriptor, slots])
        }
    }

    /// A new object with the value in these slots.
    fn copied(&mut self, slot: usize, typ: &RType) -> Value {
        let object = self.new_value(typ);
        self.store_value(slot, typ, object, at(0, 0));
        object
    }

    /// A value of up to a word without pointers: where all that are small are, or a new object.
    fn boxed_word(&mut self, slot: usize, typ: &RType) -> Value {
        let word = self.word(slot);
        let word = self.cast(word, Type::Word);
        let extend = match typ.size {
            1 => Some(UnOp::ExtU8),
            2 => Some(UnOp::ExtU16),
            4 => Some(UnOp::ExtU32),
            _ => None,
        };
        let bits = match extend {
            Some(op) => self.push(Op::Un(op), &[word], Some(Type::Word), None),
            None => word,
        };
        let cells = |b: &mut Self| {
            let (size, cells) = (b.constant(8), b.constant(SMALL_WORDS.as_ptr() as i64));
            let offset = b.push(Op::Bin(BinOp::Mul), &[bits, size], Some(Type::Word), None);
            b.push(Op::Bin(BinOp::Add), &[cells, offset], Some(Type::Ptr), None)
        };
        if typ.size == 1 {
            return cells(self);
        }
        let count = self.constant(SMALL_WORDS.len() as i64);
        let [small, large] = self.fork(Cond::LtU, bits, count);
        self.either(Type::Ptr, [small, large], cells, |b| b.copied(slot, typ))
    }
}
