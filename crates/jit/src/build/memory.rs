//! Accesses to memory: scalars, and values of several words.

use bytecode::isa::Op as B;
use bytecode::rtype::{Kind, RType};

use super::Builder;
use crate::helpers;
use crate::ssa::{Addr, Base, BinOp, Op, Type, Value, Width};

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
    const MOST: usize = 10;
    let accesses: Vec<(i32, Width)> = match typ.kind {
        Kind::Int8 => vec![(0, Width::S8)],
        Kind::Int16 => vec![(0, Width::S16)],
        Kind::Int32 => vec![(0, Width::S32)],
        _ => pieces(typ.size).collect(),
    };
    (accesses.len() == typ.slots() && accesses.len() <= MOST).then_some(accesses)
}

/// Copies of more bytes are calls.
const INLINE_BYTES: usize = 128;

impl Builder<'_> {
    /// A value in memory, into slots. `addr` has no index.
    pub(super) fn load_value(&mut self, slot: usize, typ: &RType, base: Value, addr: Addr) {
        if let Some(values) = self.loaded(slot, typ, base, addr) {
            for (i, v) in values.into_iter().enumerate() {
                self.set(slot + i, v);
            }
        } else {
            let to = self.frame_address(slot, typ.slots());
            let from = self.offset(base, addr.disp);
            // What is beyond the value in its last slot is zero.
            let last = self.home(slot + typ.slots() - 1);
            let zero = self.constant(0);
            self.push(Op::Store(last, Width::W), &[zero], None, None);
            let bytes = self.constant(typ.size as i64);
            self.helper(helpers::move_memory(), &[to, from, bytes]);
            self.forget(slot, typ.slots());
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
            self.copy_values(typ, to, from, None);
        }
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
        if typ.size > INLINE_BYTES {
            self.copy_values(typ, to, from, None);
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

    pub(super) fn zero_value(&mut self, typ: &RType, to: Value) {
        if typ.size > INLINE_BYTES {
            let bytes = self.constant(typ.size as i64);
            self.zero_values(typ, to, bytes);
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
