//! Accesses to memory: scalars, and values of several words.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{Kind, PLAIN_MEMORY, RType};

use runtime::heap::barrier::MARKING;

use super::Builder;
use super::slots::Class;
use crate::helpers;
use crate::ssa::{Addr, Base, BinOp, Cond, Op, Type, Value, Width};

pub fn at(scale: u8, disp: i32) -> Addr {
    Addr {
        base: Base::Value,
        scale,
        disp,
    }
}

/// Width of the narrow accesses by their order in the instruction table.
pub fn width(op: B, first: B) -> Width {
    [
        Width::S8,
        Width::U8,
        Width::S16,
        Width::U16,
        Width::S32,
        Width::U32,
        Width::W,
        Width::W,
    ][op as usize - first as usize]
}

pub fn store_width(op: B, first: B) -> Width {
    [Width::U8, Width::U16, Width::U32, Width::W, Width::P][op as usize - first as usize]
}

pub fn bytes(width: Width) -> u8 {
    match width {
        Width::S8 | Width::U8 => 1,
        Width::S16 | Width::U16 => 2,
        Width::S32 | Width::U32 => 4,
        Width::W | Width::P => 8,
    }
}

/// The pieces of so many bytes: offset and width.
fn pieces(size: usize) -> impl Iterator<Item = (i32, Width)> {
    let mut at = 0;
    std::iter::from_fn(move || {
        let (width, bytes) = match size - at {
            0 => return None,
            1 => (Width::U8, 1),
            2 | 3 => (Width::U16, 2),
            4..8 => (Width::U32, 4),
            _ => (Width::W, 8),
        };
        at += bytes;
        Some(((at - bytes) as i32, width))
    })
}

/// One access for each slot that a value of the type takes in a frame; None where it is not worth it, or not possible.
pub fn slot_accesses(typ: &RType) -> Option<Vec<(i32, Width)>> {
    all_slot_accesses(typ).filter(|accesses| accesses.len() <= HELD_SLOTS)
}

/// The same of values of any size.
fn all_slot_accesses(typ: &RType) -> Option<Vec<(i32, Width)>> {
    let accesses: Vec<(i32, Width)> = match typ.kind {
        Kind::Int8 => vec![(0, Width::S8)],
        Kind::Int16 => vec![(0, Width::S16)],
        Kind::Int32 => vec![(0, Width::S32)],
        _ => pieces(typ.size).collect(),
    };
    (accesses.len() == typ.slots()).then_some(accesses)
}

/// The parts of a value that are compared in place; None where there is more to a comparison than its bytes, or these are many.
pub fn compared(typ: &RType) -> Option<Vec<(i32, Width)>> {
    const MOST: usize = 64;
    let plain = typ.flags & PLAIN_MEMORY != 0 && (1..=MOST).contains(&typ.size);
    plain.then(|| pieces(typ.size).collect())
}

/// Values of more slots are not held in registers as they are copied.
pub const HELD_SLOTS: usize = 10;
/// What is copied from memory to memory goes by way of registers up to here,
const HELD_BYTES: usize = 128;
/// and in place up to here; more bytes are a call.
const IN_PLACE_BYTES: usize = 256;

impl Builder<'_> {
    /// A value in memory, into slots. `addr` has no index.
    pub(super) fn load_value(&mut self, slot: usize, typ: &RType, base: Value, addr: Addr) {
        if let Some(values) = self.loaded(slot, typ, base, addr) {
            for (i, v) in values.into_iter().enumerate() {
                self.set(slot + i, v);
            }
        } else if !self.load_some(slot, typ, base, addr) {
            let to = self.frame_address(slot, typ.slots());
            let from = self.offset(base, addr.disp);
            if !typ.size.is_multiple_of(8) {
                // What is beyond the value in its last slot is zero.
                let last = self.home(slot + typ.slots() - 1);
                let zero = self.constant(0);
                self.push(Op::Store(last, Width::W), &[zero], None, None);
            }
            self.move_bytes(to, from, typ.size);
            self.forget(slot, typ.slots());
        }
    }

    /// Of a large value the words that are read later, if these are few.
    fn load_some(&mut self, slot: usize, typ: &RType, base: Value, addr: Addr) -> bool {
        let slots = slot..slot + typ.slots();
        if self.in_memory(slots.clone()) > 0 {
            return false;
        }
        let Some(accesses) = all_slot_accesses(typ) else {
            return false;
        };
        let wanted =
            |b: &Self, s: usize| b.slots.class[s] != Class::Lazy || b.slots.has(&b.live_after, s);
        if slots.clone().filter(|s| wanted(self, *s)).count() > HELD_SLOTS {
            return false;
        }
        for (s, (offset, width)) in slots.zip(accesses) {
            if wanted(self, s) {
                let addr = Addr {
                    disp: addr.disp + offset,
                    ..addr
                };
                self.load(s, addr, &[base], width);
            } else {
                self.unhold(s);
            }
        }
        true
    }

    /// How many of the slots are accessed in memory only.
    pub(super) fn in_memory(&self, slots: std::ops::Range<usize>) -> usize {
        let classes = self.slots.class[slots].iter();
        classes.filter(|c| **c == Class::Memory).count()
    }

    /// So many bytes that are nobody's pointers, or whose owner has been told. They overlap only if they are the same, or if `to` is the lower address.
    pub(super) fn move_bytes(&mut self, to: Value, from: Value, bytes: usize) {
        if bytes <= IN_PLACE_BYTES {
            self.push(Op::Copy(bytes as u16), &[to, from], None, None);
        } else {
            let bytes = self.constant(bytes as i64);
            self.helper(helpers::move_memory(), &[to, from, bytes]);
        }
    }

    /// So many bytes of a frame, a multiple of 8.
    pub(super) fn clear_bytes(&mut self, to: Value, bytes: usize) {
        if bytes <= IN_PLACE_BYTES {
            let zero = self.constant(0);
            let fill = Op::Fill(Width::W, bytes as u16);
            self.push(fill, &[to, zero], None, None);
        } else {
            let bytes = self.constant(bytes as i64);
            self.helper(helpers::zero_memory(), &[to, bytes]);
        }
    }

    /// The words of a value in memory that is to go to slots, if it has few.
    pub(super) fn loaded(
        &mut self,
        slot: usize,
        typ: &RType,
        base: Value,
        addr: Addr,
    ) -> Option<Vec<Value>> {
        let accesses = slot_accesses(typ)?.into_iter().enumerate();
        let values = accesses.map(|(i, (offset, width))| {
            let addr = Addr {
                disp: addr.disp + offset,
                ..addr
            };
            let typ = self.loaded_type(slot + i, width);
            self.push(Op::Load(addr, width), &[base], Some(typ), None)
        });
        Some(values.collect())
    }

    /// A value in slots, into memory.
    pub(super) fn store_value(&mut self, slot: usize, typ: &RType, base: Value, addr: Addr) {
        if let Some(accesses) = slot_accesses(typ) {
            let values: Vec<Value> = (0..typ.slots()).map(|i| self.get(slot + i)).collect();
            for (v, (offset, width)) in values.into_iter().zip(accesses) {
                let addr = Addr {
                    disp: addr.disp + offset,
                    ..addr
                };
                let width = stored_width(typ, offset, width);
                self.store(addr, &[base, v], width);
            }
        } else {
            self.operands_home();
            let from = self.frame_address(slot, typ.slots());
            let to = self.offset(base, addr.disp);
            self.copy_apart(typ, to, from);
        }
    }

    /// Copies a value that shares nothing with the memory that it goes to, or is there already. The collector is told while it marks.
    fn copy_apart(&mut self, typ: &RType, to: Value, from: Value) {
        if typ.size > IN_PLACE_BYTES {
            self.copy_values(typ, to, from, None);
        } else if typ.has_pointers() {
            self.unless_marking(
                |b| b.move_bytes(to, from, typ.size),
                |b| b.copy_values(typ, to, from, None),
            );
        } else {
            self.move_bytes(to, from, typ.size);
        }
    }

    /// One way while the collector does not mark, the other while it does.
    fn unless_marking(&mut self, not: impl FnOnce(&mut Self), marking: impl FnOnce(&mut Self)) {
        let flag = Addr {
            base: Base::Absolute(std::ptr::from_ref(&MARKING) as u64),
            scale: 0,
            disp: 0,
        };
        let load = Op::Load(flag, Width::U32);
        let flag = self.push(load, &[], Some(Type::Word), None);
        let zero = self.constant(0);
        let [tell, go_on] = self.fork(Cond::Ne, flag, zero);
        let (join, _) = self.join(&[]);
        self.seldom(tell, |b| {
            marking(b);
            b.jump(join, Vec::new());
        });
        self.block = go_on;
        not(self);
        self.jump(join, Vec::new());
        self.block = join;
    }

    /// Copies values into memory that the collector may have to be told of.
    pub(super) fn copy_values(
        &mut self,
        typ: &RType,
        to: Value,
        from: Value,
        count: Option<Value>,
    ) {
        let size = self.constant(typ.size as i64);
        let bytes = match count {
            Some(n) => self.push(Op::Bin(BinOp::Mul), &[n, size], Some(Type::Word), None),
            None => size,
        };
        if typ.has_pointers() {
            let descriptor = self.constant(std::ptr::from_ref(typ) as i64);
            let args = [descriptor, to, from, bytes];
            self.helper(helpers::copy_values(), &args);
        } else {
            self.helper(helpers::move_memory(), &[to, from, bytes]);
        }
    }

    /// Clears so many bytes of values of the type.
    pub(super) fn zero_values(&mut self, typ: &RType, to: Value, bytes: Value) {
        if typ.has_pointers() {
            let descriptor = self.constant(std::ptr::from_ref(typ) as i64);
            self.helper(helpers::zero_values(), &[descriptor, to, bytes]);
        } else {
            self.helper(helpers::zero_memory(), &[to, bytes]);
        }
    }

    /// From memory to memory.
    pub(super) fn copy_value(&mut self, typ: &RType, to: Value, from: Value) {
        if typ.size > IN_PLACE_BYTES {
            self.copy_values(typ, to, from, None);
            return;
        }
        if typ.size > HELD_BYTES {
            // An array may be a part of the slice that it is copied to.
            let distance = self.push(Op::Bin(BinOp::Sub), &[to, from], Some(Type::Word), None);
            let size = self.constant(typ.size as i64);
            let [overlap, apart] = self.fork(Cond::LtU, distance, size);
            let (join, _) = self.join(&[]);
            self.seldom(overlap, |b| {
                b.copy_values(typ, to, from, None);
                b.jump(join, Vec::new());
            });
            self.block = apart;
            self.copy_apart(typ, to, from);
            self.jump(join, Vec::new());
            self.block = join;
            return;
        }
        // All is read before anything is written: they may overlap.
        let values: Vec<(i32, Width, Value)> = pieces(typ.size)
            .map(|(offset, width)| {
                let load = Op::Load(at(0, offset), width);
                (
                    offset,
                    width,
                    self.push(load, &[from], Some(Type::Word), None),
                )
            })
            .collect();
        for (offset, width, v) in values {
            let width = stored_width(typ, offset, width);
            self.store(at(0, offset), &[to, v], width);
        }
    }

    /// EqMem, EqBlock of values that are equal when their bytes are.
    pub(super) fn plain_equal(&mut self, instr: Instr, typ: &RType) {
        let (x, y) = (usize::from(instr.b), usize::from(instr.c));
        let parts: Vec<[Value; 2]> = if instr.op == B::EqBlock {
            let slots = 0..typ.slots();
            slots
                .map(|i| [self.word(x + i), self.word(y + i)])
                .collect()
        } else {
            let [x, y] = [x, y].map(|slot| self.pointer(slot));
            let parts = compared(typ).into_iter().flatten();
            parts
                .map(|(offset, width)| {
                    [x, y].map(|base| {
                        let load = Op::Load(at(0, offset), width);
                        self.push(load, &[base], Some(Type::Word), None)
                    })
                })
                .collect()
        };
        let mut differences: Vec<Value> = parts
            .into_iter()
            .map(|parts| self.push(Op::Bin(BinOp::Xor), &parts, Some(Type::Word), None))
            .collect();
        let beyond = typ.size % 8;
        if instr.op == B::EqBlock
            && beyond != 0
            && let Some(last) = differences.last_mut()
        {
            let mask = self.constant((1 << (8 * beyond)) - 1);
            *last = self.push(Op::Bin(BinOp::And), &[*last, mask], Some(Type::Word), None);
        }
        let any = differences
            .into_iter()
            .reduce(|x, y| self.push(Op::Bin(BinOp::Or), &[x, y], Some(Type::Word), None));
        let any = any.expect("a value that is compared has parts");
        let zero = self.constant(0);
        self.word_result(usize::from(instr.a), Op::Compare(Cond::Eq), &[any, zero]);
    }

    pub(super) fn zero_value(&mut self, typ: &RType, to: Value) {
        if typ.size > IN_PLACE_BYTES || typ.size > HELD_BYTES && typ.has_pointers() {
            let bytes = self.constant(typ.size as i64);
            self.zero_values(typ, to, bytes);
            return;
        }
        if typ.size > HELD_BYTES && typ.size.is_multiple_of(8) {
            self.clear_bytes(to, typ.size);
            return;
        }
        let zero = self.constant(0);
        for (offset, width) in pieces(typ.size) {
            let width = stored_width(typ, offset, width);
            self.store(at(0, offset), &[to, zero], width);
        }
    }

    pub(super) fn offset(&mut self, base: Value, bytes: i32) -> Value {
        if bytes == 0 {
            return base;
        }
        let bytes = self.constant(i64::from(bytes));
        self.push(Op::Bin(BinOp::Add), &[base, bytes], Some(Type::Ptr), None)
    }

    /// The type in which a slot's value is loaded.
    fn loaded_type(&self, slot: usize, width: Width) -> Type {
        match (self.slots.types[slot], width) {
            (Type::F64, Width::W) => Type::F64,
            (Type::F32, Width::U32) => Type::F32,
            (Type::Ptr, _) => Type::Ptr,
            _ => Type::Word,
        }
    }

    /// Memory may be a frame's: what of this frame has an address is never held.
    pub(super) fn load(&mut self, slot: usize, addr: Addr, args: &[Value], width: Width) {
        let typ = self.loaded_type(slot, width);
        self.result(slot, Op::Load(addr, width), args, typ);
    }

    pub(super) fn load_words(&mut self, slot: usize, addr: Addr, args: &[Value], n: usize) {
        let values: Vec<Value> = (0..n)
            .map(|i| {
                let addr = Addr {
                    disp: addr.disp + 8 * i as i32,
                    ..addr
                };
                let typ = self.slots.types[slot + i];
                self.push(Op::Load(addr, Width::W), args, Some(typ), None)
            })
            .collect();
        values
            .into_iter()
            .enumerate()
            .for_each(|(i, v)| self.set(slot + i, v));
    }

    /// The value is the last argument.
    pub(super) fn store(&mut self, addr: Addr, args: &[Value], width: Width) {
        let mut args = args.to_vec();
        let value = args.pop().expect("a store has a value");
        let value = match (self.ssa.typ(value), width) {
            (Type::F64, Width::W) | (Type::F32, Width::U32) => value,
            _ => self.cast(value, Type::Word),
        };
        args.push(value);
        self.push(Op::Store(addr, width), &args, None, None);
    }

    pub(super) fn element(&mut self, base: usize, index: Value, size: i64) -> Value {
        let base = self.word(base);
        let size = self.constant(size);
        let offset = self.push(Op::Bin(BinOp::Mul), &[index, size], Some(Type::Word), None);
        self.push(Op::Bin(BinOp::Add), &[base, offset], Some(Type::Ptr), None)
    }
}

/// The width of a store of this part of a value.
fn stored_width(typ: &RType, offset: i32, width: Width) -> Width {
    match width {
        Width::W if typ.has_pointers() && typ.word_is_pointer(offset as usize / 8) => Width::P,
        Width::S8 => Width::U8,
        Width::S16 => Width::U16,
        Width::S32 => Width::U32,
        width => width,
    }
}
