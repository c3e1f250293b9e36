//! Conversions, explicit and implicit, boxing into interfaces, and type assertions.

use bytecode::isa::Op;
use syntax::{Expr, ExprKind};
use types::{Mode, Type, TypeId, tid};

use crate::asm::{ExtArg, Slot};
use crate::func::{Fx, Lay, Rep, To};
use crate::place::Place;

impl Fx<'_> {
    /// Evaluates `e` as a value of type `t`, to which it is assignable.
    pub fn convert_to(&mut self, e: &Expr, t: TypeId, to: To) -> Slot {
        if self.prebound.is_empty() || !self.prebound.contains_key(&e.id) {
            if self.is_nil(e) {
                let dst = self.dst(to, t);
                self.zero(dst, t);
                return dst;
            }
            if self.is_iface(t)
                && let Some(value) = self.info.type_of(e.id).constant().cloned()
            {
                let s = self.ty(e);
                let s = self.c.program.store.default_type(s);
                if !self.is_iface(s)
                    && let Some(cell) = self.c.const_cell(self.host, &value, s)
                {
                    let dst = self.dst(to, t);
                    self.type_word(dst, s, t);
                    self.emit_ext(Op::LeaG, dst.offset(1), (), (), &[ExtArg::Global(cell, 0)]);
                    return dst;
                }
            }
        }
        let s = self.value_type(e);
        if !self.needs_interface(s, t) {
            return self.expr(e, to);
        }
        if self.lay(s).slots > 64
            && !self.is_iface(s)
            && let Some(from) = self.memory_of(e)
        {
            let copy = self.ptr();
            self.emit_t(Op::New, copy, (), (), s);
            self.emit_t(Op::CopyMem, copy, from, (), s);
            let dst = self.dst(to, t);
            self.emit(Op::Mov, dst.offset(1), copy, ());
            self.type_word(dst, s, t);
            return dst;
        }
        let value = self.expr(e, To::Any);
        self.box_value(value, s, t, to)
    }

    /// The type of an expression's value, a type by itself when it is untyped.
    pub fn value_type(&mut self, e: &Expr) -> TypeId {
        if let Some(&(_, t)) = self.prebound.get(&e.id) {
            return t;
        }
        let t = self.ty(e);
        self.c.program.store.default_type(t)
    }

    /// Whether a value of type `s` changes its form when it becomes a `t`.
    pub fn needs_interface(&mut self, s: TypeId, t: TypeId) -> bool {
        if s == t || !self.is_iface(t) {
            return false;
        }
        if !self.is_iface(s) {
            return true;
        }
        let (a, b) = (self.lay(s).rep, self.lay(t).rep);
        if a == Rep::Eface && b == Rep::Eface {
            return false;
        }
        let (s, t) = (
            self.c.program.store.underlying(s),
            self.c.program.store.underlying(t),
        );
        !self.c.program.store.identical(s, t)
    }

    /// The first word of an interface of type `t` that holds an `s`.
    fn type_word(&mut self, dst: Slot, s: TypeId, t: TypeId) {
        if self.lay(t).rep == Rep::Eface {
            self.emit_t(Op::LdType, dst, (), (), s);
        } else {
            let pair = ExtArg::Itab(self.rt(t), self.rt(s));
            self.emit_ext(Op::LdItab, dst, (), (), &[pair]);
        }
    }

    /// A value of type `s` in slots (not outgoing ones) as a value of interface type `t`.
    pub fn box_value(&mut self, value: Slot, s: TypeId, t: TypeId, to: To) -> Slot {
        if !self.needs_interface(s, t) {
            return self.deliver(value, t, to);
        }
        let empty = self.lay(t).rep == Rep::Eface;
        if self.is_iface(s) {
            let dst = self.dst(to, t);
            if empty {
                let word = self.word();
                self.emit(Op::ItabType, word, value, ());
                self.emit(Op::Mov, dst.offset(1), value.offset(1), ());
                self.emit(Op::Mov, dst, word, ());
            } else {
                let ext = [self.rt_ext(t), self.rt_ext(s)];
                self.emit_ext(Op::ConvI, dst, value, (), &ext);
            }
            return dst;
        }
        let typ = self.rt(s);
        // SAFETY: descriptors are immortal.
        if unsafe { (*typ).is_direct() } {
            let dst = self.dst(to, t);
            self.emit(Op::Mov, dst.offset(1), value, ());
            self.type_word(dst, s, t);
            return dst;
        }
        let value = self.settle(value, s);
        let dst = self.safe_dst(to, t);
        if empty {
            self.emit_ext(Op::MkEface, dst, value, (), &[ExtArg::Type(typ)]);
        } else {
            let inter = self.rt(t);
            self.emit_ext(
                Op::MkIface,
                dst,
                value,
                (),
                &[ExtArg::Type(typ), ExtArg::Itab(inter, typ)],
            );
        }
        self.deliver(dst, t, to)
    }

    pub fn as_empty_interface(&mut self, value: Slot, s: TypeId) -> Slot {
        self.box_value(value, s, tid::EMPTY_INTERFACE, To::Any)
    }

    /// The slice of bytes that the expression is a conversion of to a string.
    pub fn converted_bytes<'e>(&mut self, e: &'e Expr) -> Option<&'e Expr> {
        let e = e.unparen();
        let ExprKind::Call(call) = &e.kind else {
            return None;
        };
        let fun = call.fun.unparen();
        let is_conversion =
            self.prebound.is_empty() && self.info.type_of(fun.id).mode == Mode::Type;
        let [x] = &call.args[..] else {
            return None;
        };
        if !is_conversion || self.is_nil(x) {
            return None;
        }
        let t = self.ty(e);
        let s = self.value_type(x);
        if self.lay(t).rep != Rep::Str || self.lay(s).rep != Rep::Slice {
            return None;
        }
        let elem = self.elem(s);
        (self.lay(elem).size == 1).then_some(x)
    }

    /// What the conversion of a slice of bytes to a string would copy, where it is: for who reads it before anybody can write to the bytes. None of other expressions.
    pub fn text_in_place(&mut self, e: &Expr) -> Option<Slot> {
        let bytes = self.converted_bytes(e)?;
        // A slice begins as a string does.
        Some(self.expr(bytes, To::Any))
    }

    /// Two operands of a comparison of strings, with conversions among them as in `text_in_place`.
    pub fn texts_in_place(&mut self, x: &Expr, y: &Expr) -> Option<(Slot, Slot)> {
        let (bx, by) = (self.converted_bytes(x), self.converted_bytes(y));
        if bx.is_none() && by.is_none() {
            return None;
        }
        let (x, y) = (bx.unwrap_or(x), by.unwrap_or(y));
        (self.is_simple(x) && self.is_simple(y)).then(|| self.operands(x, y))
    }

    /// The conversion `t(x)`.
    pub fn conversion(&mut self, e: &Expr, x: &Expr, t: TypeId, to: To) -> Slot {
        if self.is_nil(x) || self.is_iface(t) {
            self.pos(e.pos);
            return self.convert_to(x, t, to);
        }
        let mut s = self.value_type(x);
        if self.info.type_of(x.id).mode == Mode::Const && self.is_iface(s) {
            s = t;
        }
        let (from, into) = (self.lay(s), self.lay(t));
        let numeric = |rep| matches!(rep, Rep::Int { .. } | Rep::F32 | Rep::F64 | Rep::Block);
        if numeric(from.rep)
            && numeric(into.rep)
            && let Some(value) = self.info.type_of(x.id).constant().cloned()
        {
            // `T(1)` for a type parameter T.
            return self.constant(&value, t, to);
        }
        match (from.rep, into.rep) {
            (Rep::Int { .. }, Rep::Int { .. }) => {
                let value = self.expr_volatile(
                    x,
                    if into.slots == 1 && to != To::Any {
                        To::Any
                    } else {
                        to
                    },
                );
                self.convert_int(value, from, into, t, to)
            }
            (Rep::Int { .. } | Rep::F32 | Rep::F64, Rep::Int { .. } | Rep::F32 | Rep::F64) => {
                let value = self.expr_volatile(x, To::Any);
                self.convert_number(value, from, into, t, to)
            }
            (Rep::Int { .. }, Rep::Str) => {
                let value = self.expr(x, To::Any);
                let value = self.rune_of(value, from);
                let dst = self.safe_dst(to, t);
                self.emit(Op::RuneToStr, dst, value, ());
                self.deliver(dst, t, to)
            }
            (Rep::Slice, Rep::Str) => {
                let elem = self.elem(s);
                let op = if self.lay(elem).size == 1 {
                    Op::BytesToStr
                } else {
                    Op::RunesToStr
                };
                let value = self.expr(x, To::Any);
                let dst = self.safe_dst(to, t);
                self.emit(op, dst, value, ());
                self.deliver(dst, t, to)
            }
            (Rep::Str, Rep::Slice) => {
                let elem = self.elem(t);
                let op = if self.lay(elem).size == 1 {
                    Op::StrToBytes
                } else {
                    Op::StrToRunes
                };
                let value = self.expr(x, To::Any);
                let dst = self.safe_dst(to, t);
                self.emit(op, dst, value, ());
                self.deliver(dst, t, to)
            }
            (Rep::Slice, Rep::Ptr | Rep::Block) => {
                let value = self.expr(x, To::Any);
                self.pos(e.pos);
                let array = if into.rep == Rep::Ptr {
                    self.elem(t)
                } else {
                    t
                };
                let Type::Array(len, _) = self.under(array) else {
                    panic!("conversion to no array")
                };
                let ptr = self.ptr();
                self.emit_ext(Op::SliceToArr, ptr, value, (), &[ExtArg::Const(len as u64)]);
                if into.rep == Rep::Ptr {
                    return self.deliver(ptr, t, to);
                }
                if len == 0 {
                    return to.slot().unwrap_or_else(|| self.empty_slot());
                }
                self.load_to(&Place::Mem { ptr, off: 0 }, t, to)
            }
            (Rep::Ptr, Rep::Int { .. }) => {
                let value = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, t);
                self.emit(Op::PtrToWord, dst, value, ());
                dst
            }
            (Rep::Int { .. }, Rep::Ptr) => {
                let value = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, t);
                self.emit(Op::WordToPtr, dst, value, ());
                dst
            }
            (Rep::Block, Rep::Block) if self.is_complex(t) && from.size != into.size => {
                let value = self.expr(x, To::Any);
                let (re, im) = self.parts(value, s);
                let op = if into.size == 16 {
                    Op::F32ToF64
                } else {
                    Op::F64ToF32
                };
                let (a, b) = (self.word(), self.word());
                self.emit(op, a, re, ());
                self.emit(op, b, im, ());
                self.make_complex(a, b, t, to)
            }
            _ => self.expr_volatile(x, to),
        }
    }

    fn is_complex(&mut self, t: TypeId) -> bool {
        self.basic(t).is_some_and(types::BasicKind::is_complex)
    }

    fn convert_int(&mut self, value: Slot, from: Lay, into: Lay, t: TypeId, to: To) -> Slot {
        let (
            Rep::Int {
                bytes: fb,
                signed: fs,
            },
            Rep::Int {
                bytes: ib,
                signed: is,
            },
        ) = (from.rep, into.rep)
        else {
            panic!("integers")
        };
        let same = ib == 8 || (fb == ib && fs == is) || (fb < ib && (!fs || is));
        if same {
            return self.deliver(value, t, to);
        }
        let dst = self.dst(to, t);
        let op = match (ib, is) {
            (1, true) => Op::ExtS8,
            (1, false) => Op::ExtU8,
            (2, true) => Op::ExtS16,
            (2, false) => Op::ExtU16,
            (_, true) => Op::ExtS32,
            (_, false) => Op::ExtU32,
        };
        self.emit(op, dst, value, ());
        dst
    }

    fn convert_number(&mut self, value: Slot, from: Lay, into: Lay, t: TypeId, to: To) -> Slot {
        let dst = self.dst(to, t);
        let wide_unsigned = |lay: Lay| {
            matches!(
                lay.rep,
                Rep::Int {
                    bytes: 8,
                    signed: false
                }
            )
        };
        // int32 and what is narrower is made from a 32-bit integer, uint32 from a 64-bit one: it shows where the value does not fit.
        let by_32_bits = |lay: Lay| {
            matches!(
                lay.rep,
                Rep::Int { bytes: 1 | 2, .. }
                    | Rep::Int {
                        bytes: 4,
                        signed: true
                    }
            )
        };
        match (from.rep, into.rep) {
            (Rep::F32, Rep::F64) => self.emit(Op::F32ToF64, dst, value, ()),
            (Rep::F64, Rep::F32) => self.emit(Op::F64ToF32, dst, value, ()),
            (Rep::Int { .. }, Rep::F64) => {
                self.emit(
                    if wide_unsigned(from) {
                        Op::U64ToF64
                    } else {
                        Op::S64ToF64
                    },
                    dst,
                    value,
                    (),
                );
            }
            (Rep::Int { .. }, Rep::F32) => {
                self.emit(
                    if wide_unsigned(from) {
                        Op::U64ToF32
                    } else {
                        Op::S64ToF32
                    },
                    dst,
                    value,
                    (),
                );
            }
            (Rep::F64, Rep::Int { .. }) => {
                self.emit(
                    if wide_unsigned(into) {
                        Op::F64ToU64
                    } else if by_32_bits(into) {
                        Op::F64ToS32
                    } else {
                        Op::F64ToS64
                    },
                    dst,
                    value,
                    (),
                );
                self.extend(dst, into);
            }
            (Rep::F32, Rep::Int { .. }) => {
                self.emit(
                    if wide_unsigned(into) {
                        Op::F32ToU64
                    } else if by_32_bits(into) {
                        Op::F32ToS32
                    } else {
                        Op::F32ToS64
                    },
                    dst,
                    value,
                    (),
                );
                self.extend(dst, into);
            }
            _ => self.emit(Op::Mov, dst, value, ()),
        }
        dst
    }

    /// An integer as the rune that `string(i)` encodes: what does not fit becomes -1.
    fn rune_of(&mut self, value: Slot, from: Lay) -> Slot {
        let Rep::Int { bytes: 8, .. } = from.rep else {
            return value;
        };
        let rune = self.word();
        let (fits, end) = (self.f.b.label(), self.f.b.label());
        let limit = self.word();
        self.load_word(limit, 0x10_ffff);
        self.f.b.branch(Op::JLeU, value, limit, fits);
        self.load_word(rune, -1);
        self.f.b.jump(end);
        self.f.b.bind(fits);
        self.emit(Op::Mov, rune, value, ());
        self.f.b.bind(end);
        rune
    }

    /// `x.(t)`
    pub fn assert(&mut self, x: &Expr, t: TypeId, to: To) -> Slot {
        let s = self.ty(x);
        let value = self.expr_volatile(x, To::Any);
        let dst = self.dst(to, t);
        let op = if self.is_iface(t) {
            Op::AssertI
        } else {
            Op::Assert
        };
        let ext = [self.rt_ext(t), self.rt_ext(s)];
        self.emit_ext(op, dst, value, (), &ext);
        dst
    }

    /// `v, ok` of `x.(t)` for an interface value of type `s` in slots.
    pub fn assert_ok(&mut self, value: Slot, s: TypeId, t: TypeId) -> (Slot, Slot) {
        let (dst, ok) = (self.temp(t), self.word());
        let op = if self.is_iface(t) {
            Op::AssertIOk
        } else {
            Op::AssertOk
        };
        let ext = [self.rt_ext(t), self.rt_ext(s)];
        self.emit_ext(op, dst, value, ok, &ext);
        (dst, ok)
    }
}
