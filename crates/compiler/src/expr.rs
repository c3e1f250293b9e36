//! Expressions. Lowering is destination-driven: `expr(e, to)` gives the slots that hold the value, which are `to`'s when it names some.

use bytecode::isa::Op;
use syntax::{BinaryOp, Expr, ExprKind, UnaryOp};
use types::{BasicKind, Const, Mode, ObjId, ObjKind, SelectionKind, Type, TypeId, tid};

use crate::asm::{ExtArg, Slot};
use crate::func::{Fx, Lay, Rep, To};
use crate::place::Place;

/// Strings joined by one instruction.
const CONCAT_CHUNK: usize = 128;

impl Fx<'_> {
    /// Evaluates; the slots stay valid (and unchanged, unless they are a variable's) until the temporaries are released.
    pub fn expr(&mut self, e: &Expr, to: To) -> Slot {
        let slot = self.expr_volatile(e, to);
        if slot.is_out() && to == To::Any {
            let t = self.ty(e);
            let temp = self.temp(t);
            self.mov(temp, slot, t);
            return temp;
        }
        slot
    }

    /// Evaluates; the answer may lie in the outgoing area and must be used at once.
    pub fn expr_volatile(&mut self, e: &Expr, to: To) -> Slot {
        if !self.prebound.is_empty()
            && let Some(&(slot, t)) = self.prebound.get(&e.id)
        {
            return self.deliver(slot, t, to);
        }
        let tv = self.info.type_of(e.id);
        match tv.mode {
            Mode::Const => {
                let value = tv.value.clone();
                let t = self.ty(e);
                return self.constant(&value, t, to);
            }
            Mode::Nil => {
                let t = self.ty(e);
                let dst = self.dst(to, t);
                self.zero(dst, t);
                return dst;
            }
            _ => {}
        }
        match &e.kind {
            ExprKind::Paren(x) => self.expr_volatile(x, to),
            ExprKind::Ident(_) => {
                let obj = self.info.object(e.id).expect("a resolved name");
                self.object_value(obj, e, to)
            }
            ExprKind::Selector { x, sel } => {
                match self.info.selections.get(&e.id).map(|s| s.kind) {
                    Some(SelectionKind::Field) => {
                        let t = self.ty(e);
                        let place = self.place(e);
                        self.load_to(&place, t, to)
                    }
                    Some(_) => self.method_value(e, x, sel.name, to),
                    None => {
                        let obj = self.info.object(sel.id).expect("a resolved name");
                        self.object_value(obj, e, to)
                    }
                }
            }
            ExprKind::Index(index) => {
                if self.is_instantiation(&index.x) {
                    return self.func_value(&index.x, to);
                }
                self.pos(e.pos);
                let t = self.ty(e);
                let place = match self.text_key_place(&index.x, &index.indices[0]) {
                    Some(place) => place,
                    None => self.place(e),
                };
                self.load_to(&place, t, to)
            }
            ExprKind::Star(_) => {
                self.pos(e.pos);
                let t = self.ty(e);
                let place = self.place(e);
                self.load_to(&place, t, to)
            }
            ExprKind::CompositeLit(lit) => {
                let t = self.ty(e);
                self.composite(e, lit, t, to)
            }
            ExprKind::FuncLit(lit) => self.func_literal(e, lit, to),
            ExprKind::Call(call) => self.call_expr(e, call, to),
            ExprKind::Slice(slice) => self.slice_expr(e, slice, to),
            ExprKind::TypeAssert { x, .. } => {
                let t = self.ty(e);
                self.in_order([&**x], |fx| {
                    fx.pos(e.pos);
                    fx.assert(x, t, to)
                })
            }
            ExprKind::Unary { op, x } => self.unary(e, *op, x, to),
            ExprKind::Binary { op, x, y, .. } => self.binary(e, *op, x, y, to),
            other => panic!("no value: {other:?}"),
        }
    }

    fn object_value(&mut self, obj: ObjId, e: &Expr, to: To) -> Slot {
        match &self.c.program.obj(obj).kind {
            ObjKind::Var(_) => {
                let t = self.obj_type(obj);
                let place = self.obj_place(obj);
                self.load_to(&place, t, to)
            }
            ObjKind::Func(_) => self.func_value(e, to),
            ObjKind::Nil => {
                let t = self.ty(e);
                let dst = self.dst(to, t);
                self.zero(dst, t);
                dst
            }
            other => panic!("no value: {other:?}"),
        }
    }

    /// A declared function as a value.
    pub fn func_value(&mut self, e: &Expr, to: To) -> Slot {
        let func = self.static_func(e).expect("a declared function");
        let dst = match to.slot() {
            Some(slot) => slot,
            None => self.ptr(),
        };
        self.emit_ext(Op::LdFn, dst, (), (), &[ExtArg::Func(func)]);
        dst
    }

    // ---- constants

    pub fn constant(&mut self, value: &Const, t: TypeId, to: To) -> Slot {
        let lay = self.lay(t);
        if lay.is_iface() {
            let default = match value {
                Const::Bool(_) => tid::BOOL,
                Const::Str(_) => tid::STRING,
                Const::Int(_) | Const::Big(_) => tid::INT,
                Const::Complex(_) => tid::COMPLEX128,
                _ => tid::FLOAT64,
            };
            let slot = self.constant(value, default, To::Any);
            return self.box_value(slot, default, t, to);
        }
        let dst = self.dst(to, t);
        match lay.rep {
            Rep::Int { .. } => {
                let bits = match value {
                    Const::Bool(b) => i64::from(*b),
                    v => v.bits64() as i64,
                };
                self.load_word(dst, bits);
            }
            Rep::F64 => self.load_word(dst, value.to_f64().to_bits() as i64),
            Rep::F32 => self.load_word(dst, i64::from(value.to_f32().to_bits())),
            Rep::Str => {
                let text = value.as_str().cloned().unwrap_or_default();
                if text.is_empty() {
                    self.emit(Op::ZeroN, dst, 2, ());
                } else {
                    self.emit_ext(Op::LdStr, dst, (), (), &[ExtArg::Str(text)]);
                }
            }
            Rep::Ptr => match value.bits64() {
                0 => self.emit(Op::LdNil, dst, (), ()),
                bits => {
                    let word = self.word();
                    self.load_word(word, bits as i64);
                    self.emit(Op::WordToPtr, dst, word, ());
                }
            },
            Rep::Block => {
                let (re, im) = (value.real(), value.imag());
                if lay.size == 16 {
                    self.load_word(dst, re.to_f64().to_bits() as i64);
                    self.load_word(dst.offset(1), im.to_f64().to_bits() as i64);
                } else {
                    let bits =
                        u64::from(re.to_f32().to_bits()) | u64::from(im.to_f32().to_bits()) << 32;
                    self.load_word(dst, bits as i64);
                }
            }
            Rep::Slice | Rep::Eface | Rep::Iface => self.zero(dst, t),
        }
        dst
    }

    /// The value of an integer (or boolean) constant expression that fits an immediate field.
    pub fn immediate(&mut self, e: &Expr) -> Option<i64> {
        let value = self.info.type_of(e.id).constant()?.clone();
        let t = self.ty(e);
        if !matches!(self.lay(t).rep, Rep::Int { .. }) {
            return None;
        }
        let bits = match value {
            Const::Bool(b) => i64::from(b),
            v => v.to_int().bits64() as i64,
        };
        i16::try_from(bits).is_ok().then_some(bits)
    }

    // ---- what evaluation may do

    /// Whether evaluation is free of calls, allocations and other safepoints, so that it leaves the outgoing area alone.
    pub fn is_simple(&mut self, e: &Expr) -> bool {
        if !self.prebound.is_empty() && self.prebound.contains_key(&e.id) {
            return true;
        }
        if matches!(self.info.type_of(e.id).mode, Mode::Const | Mode::Nil) {
            return true;
        }
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Star(x) => self.is_simple(x),
            ExprKind::Ident(_) => true,
            ExprKind::Selector { x, .. } => match self.info.selections.get(&e.id).map(|s| s.kind) {
                Some(SelectionKind::Field) => self.is_simple(x),
                Some(_) => false,
                None => true,
            },
            ExprKind::Index(i) => {
                if self.is_instantiation(&i.x) {
                    return true;
                }
                let t = self.ty(&i.x);
                if let Type::Map(key, _) = self.under(t)
                    && self.lay(key).is_iface()
                {
                    return false;
                }
                self.is_simple(&i.x) && self.is_simple(&i.indices[0])
            }
            ExprKind::Slice(s) => {
                let t = self.ty(&s.x);
                !matches!(self.under(t), Type::Array(..))
                    && self.is_simple(&s.x)
                    && [&s.lo, &s.hi, &s.max]
                        .into_iter()
                        .flatten()
                        .all(|e| self.is_simple(e))
            }
            ExprKind::TypeAssert { x, .. } => self.is_simple(x),
            ExprKind::Unary { op, x } => match op {
                UnaryOp::Recv => false,
                UnaryOp::Addr => {
                    !matches!(x.unparen().kind, ExprKind::CompositeLit(_)) && self.is_simple(x)
                }
                _ => self.is_simple(x),
            },
            ExprKind::Binary { op, x, y, .. } => {
                let (tx, ty) = (self.ty(x), self.ty(y));
                if *op == BinaryOp::Add && self.lay(tx).rep == Rep::Str {
                    return false;
                }
                if op.is_comparison()
                    && self.is_iface(tx) != self.is_iface(ty)
                    && !self.is_nil(x)
                    && !self.is_nil(y)
                {
                    return false;
                }
                self.is_simple(x) && self.is_simple(y)
            }
            ExprKind::Call(call) => self.is_simple_call(e, call),
            ExprKind::FuncLit(_) => self
                .info
                .func_index
                .get(&e.id)
                .is_some_and(|&i| self.info.funcs[i as usize].captures.is_empty()),
            _ => false,
        }
    }

    pub fn is_nil(&self, e: &Expr) -> bool {
        self.info.type_of(e.unparen().id).mode == Mode::Nil
            || e.unparen().as_ident().is_some_and(|i| {
                self.info
                    .object(i.id)
                    .is_some_and(|o| matches!(self.c.program.obj(o).kind, ObjKind::Nil))
            })
    }

    /// Two operands, both valid together.
    pub fn operands(&mut self, x: &Expr, y: &Expr) -> (Slot, Slot) {
        let a = if self.is_simple(y) {
            self.expr_volatile(x, To::Any)
        } else {
            self.expr(x, To::Any)
        };
        let b = self.expr_volatile(y, To::Any);
        (a, b)
    }

    // ---- operators

    fn unary(&mut self, e: &Expr, op: UnaryOp, x: &Expr, to: To) -> Slot {
        let t = self.ty(e);
        match op {
            UnaryOp::Plus => self.expr_volatile(x, to),
            UnaryOp::Addr => self.address_of(x, e.id, to),
            UnaryOp::Recv => {
                self.pos(e.pos);
                let ct = self.ty(x);
                let ch = self.alone(x);
                let dst = self.safe_dst(to, t);
                self.emit_t(Op::Recv, dst, ch, (), ct);
                self.deliver(dst, t, to)
            }
            UnaryOp::Not => self.bool_value(e, to),
            UnaryOp::Neg => {
                let lay = self.lay(t);
                let a = self.expr_volatile(x, To::Any);
                if lay.rep == Rep::Block {
                    return self.complex_neg(a, t, to);
                }
                let dst = self.dst(to, t);
                match lay.rep {
                    Rep::F64 => self.emit(Op::NegF64, dst, a, ()),
                    Rep::F32 => self.emit(Op::NegF32, dst, a, ()),
                    _ => {
                        self.emit(Op::Neg, dst, a, ());
                        self.extend(dst, lay);
                    }
                }
                dst
            }
            UnaryOp::Xor => {
                let lay = self.lay(t);
                let a = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, t);
                self.emit(Op::Not, dst, a, ());
                if matches!(lay.rep, Rep::Int { signed: false, .. }) {
                    self.extend(dst, lay);
                }
                dst
            }
            UnaryOp::Tilde => panic!("~ in an expression"),
        }
    }

    /// Makes a word canonical for a narrow integer type.
    pub fn extend(&mut self, slot: Slot, lay: Lay) {
        let op = match lay.rep {
            Rep::Int {
                bytes: 1,
                signed: true,
            } => Op::ExtS8,
            Rep::Int { bytes: 1, .. } => Op::ExtU8,
            Rep::Int {
                bytes: 2,
                signed: true,
            } => Op::ExtS16,
            Rep::Int { bytes: 2, .. } => Op::ExtU16,
            Rep::Int {
                bytes: 4,
                signed: true,
            } => Op::ExtS32,
            Rep::Int { bytes: 4, .. } => Op::ExtU32,
            _ => return,
        };
        self.emit(op, slot, slot, ());
    }

    fn binary(&mut self, e: &Expr, op: BinaryOp, x: &Expr, y: &Expr, to: To) -> Slot {
        if op.is_comparison() || matches!(op, BinaryOp::LogAnd | BinaryOp::LogOr) {
            return self.bool_value(e, to);
        }
        let t = self.ty(e);
        let lay = self.lay(t);
        if lay.rep == Rep::Str {
            return self.concat(e, t, to);
        }
        if op.is_shift() {
            let imm = self.shift_count(y);
            let (a, count) = match imm {
                Some(_) => (self.expr_volatile(x, To::Any), None),
                None => {
                    let (a, b) = self.operands(x, y);
                    (a, Some((b, self.ty(y))))
                }
            };
            self.pos(e.pos);
            let dst = self.dst(to, t);
            self.shift(op, dst, a, imm, count, lay);
            return dst;
        }
        if matches!(lay.rep, Rep::Int { .. })
            && let Some(imm) = self.immediate(y)
            && self.takes_immediate(op, imm, lay)
        {
            let a = self.expr_volatile(x, To::Any);
            let dst = self.dst(to, t);
            self.arith_imm(op, dst, a, imm, lay);
            return dst;
        }
        if matches!(op, BinaryOp::Add | BinaryOp::Mul | BinaryOp::Sub)
            && matches!(lay.rep, Rep::Int { .. })
            && let Some(imm) = self.immediate(x)
        {
            let b = self.expr_volatile(y, To::Any);
            let dst = self.dst(to, t);
            if op == BinaryOp::Sub {
                self.emit(Op::RsubI, dst, b, imm);
                self.extend(dst, lay);
            } else {
                self.arith_imm(op, dst, b, imm, lay);
            }
            return dst;
        }
        let (a, b) = self.operands(x, y);
        if matches!(op, BinaryOp::Div | BinaryOp::Rem) {
            self.pos(e.pos);
        }
        if lay.rep == Rep::Block {
            return self.complex_arith(op, a, b, t, to);
        }
        let dst = self.dst(to, t);
        self.arith(op, dst, a, b, lay);
        dst
    }

    /// A constant shift count.
    pub fn shift_count(&mut self, y: &Expr) -> Option<u64> {
        let value = self.info.type_of(y.id).constant()?.to_int();
        Some(value.as_u64().unwrap_or(u64::MAX))
    }

    pub fn takes_immediate(&self, op: BinaryOp, imm: i64, lay: Lay) -> bool {
        let signed = matches!(lay.rep, Rep::Int { signed: true, .. });
        match op {
            BinaryOp::Add | BinaryOp::Mul => true,
            BinaryOp::Sub => imm != i64::from(i16::MIN),
            BinaryOp::And | BinaryOp::Or | BinaryOp::Xor | BinaryOp::AndNot => imm >= 0 || signed,
            BinaryOp::Div | BinaryOp::Rem => imm > 0 || signed && imm < -1,
            _ => false,
        }
    }

    pub fn arith_imm(&mut self, op: BinaryOp, dst: Slot, a: Slot, imm: i64, lay: Lay) {
        let Rep::Int { bytes, signed } = lay.rep else {
            panic!("immediates are integers")
        };
        let imm = if op == BinaryOp::Sub { -imm } else { imm };
        match op {
            BinaryOp::Add | BinaryOp::Sub => match (bytes, signed) {
                (8, _) => self.emit(Op::AddI, dst, a, imm),
                (4, true) => self.emit(Op::AddIS32, dst, a, imm),
                (4, false) => self.emit(Op::AddIU32, dst, a, imm),
                (1, false) => self.emit(Op::AddIU8, dst, a, imm),
                _ => {
                    self.emit(Op::AddI, dst, a, imm);
                    self.extend(dst, lay);
                }
            },
            BinaryOp::Mul => {
                if imm > 0 && (imm as u64).is_power_of_two() {
                    self.shift(
                        BinaryOp::Shl,
                        dst,
                        a,
                        Some(u64::from(imm.trailing_zeros())),
                        None,
                        lay,
                    );
                } else {
                    self.emit(Op::MulI, dst, a, imm);
                    self.extend(dst, lay);
                }
            }
            BinaryOp::And => self.emit(Op::AndI, dst, a, imm),
            BinaryOp::AndNot => self.emit(Op::AndI, dst, a, !imm),
            BinaryOp::Or => self.emit(Op::OrI, dst, a, imm),
            BinaryOp::Xor => self.emit(Op::XorI, dst, a, imm),
            BinaryOp::Div if signed => self.emit(Op::DivSI, dst, a, imm),
            BinaryOp::Div if (imm as u64).is_power_of_two() => {
                self.emit(Op::ShrUI, dst, a, imm.trailing_zeros())
            }
            BinaryOp::Div => self.emit(Op::DivUI, dst, a, imm),
            BinaryOp::Rem if signed => self.emit(Op::RemSI, dst, a, imm),
            BinaryOp::Rem if (imm as u64).is_power_of_two() => self.emit(Op::AndI, dst, a, imm - 1),
            BinaryOp::Rem => self.emit(Op::RemUI, dst, a, imm),
            other => panic!("no immediate form of {other}"),
        }
    }

    /// Arithmetic on two scalars.
    pub fn arith(&mut self, op: BinaryOp, dst: Slot, a: Slot, b: Slot, lay: Lay) {
        let op = match (lay.rep, op) {
            (Rep::F64, BinaryOp::Add) => Op::AddF64,
            (Rep::F64, BinaryOp::Sub) => Op::SubF64,
            (Rep::F64, BinaryOp::Mul) => Op::MulF64,
            (Rep::F64, BinaryOp::Div) => Op::DivF64,
            (Rep::F32, BinaryOp::Add) => Op::AddF32,
            (Rep::F32, BinaryOp::Sub) => Op::SubF32,
            (Rep::F32, BinaryOp::Mul) => Op::MulF32,
            (Rep::F32, BinaryOp::Div) => Op::DivF32,
            (Rep::Int { bytes, signed }, op) => {
                let (plain, exact) = match (op, bytes, signed) {
                    (BinaryOp::Add, 4, true) => (Op::AddS32, true),
                    (BinaryOp::Add, 4, false) => (Op::AddU32, true),
                    (BinaryOp::Add, 1, false) => (Op::AddU8, true),
                    (BinaryOp::Add, ..) => (Op::Add, false),
                    (BinaryOp::Sub, 4, true) => (Op::SubS32, true),
                    (BinaryOp::Sub, 4, false) => (Op::SubU32, true),
                    (BinaryOp::Sub, 1, false) => (Op::SubU8, true),
                    (BinaryOp::Sub, ..) => (Op::Sub, false),
                    (BinaryOp::Mul, 4, true) => (Op::MulS32, true),
                    (BinaryOp::Mul, 4, false) => (Op::MulU32, true),
                    (BinaryOp::Mul, ..) => (Op::Mul, false),
                    (BinaryOp::And, ..) => (Op::And, true),
                    (BinaryOp::Or, ..) => (Op::Or, true),
                    (BinaryOp::Xor, ..) => (Op::Xor, true),
                    (BinaryOp::AndNot, ..) => (Op::AndNot, true),
                    (BinaryOp::Div, _, true) => (Op::DivS, false),
                    (BinaryOp::Div, _, false) => (Op::DivU, true),
                    (BinaryOp::Rem, _, true) => (Op::RemS, true),
                    (BinaryOp::Rem, _, false) => (Op::RemU, true),
                    (other, ..) => panic!("{other} on integers"),
                };
                self.emit(plain, dst, a, b);
                if !exact {
                    self.extend(dst, lay);
                }
                return;
            }
            (rep, op) => panic!("{op} on {rep:?}"),
        };
        self.emit(op, dst, a, b);
    }

    /// A shift by a constant or by a count of some type.
    pub fn shift(
        &mut self,
        op: BinaryOp,
        dst: Slot,
        a: Slot,
        imm: Option<u64>,
        count: Option<(Slot, TypeId)>,
        lay: Lay,
    ) {
        let Rep::Int { bytes, signed } = lay.rep else {
            panic!("shift of no integer")
        };
        if let Some(n) = imm {
            match op {
                BinaryOp::Shr if signed => self.emit(Op::ShrSI, dst, a, n.min(63) as u32),
                _ if n > 63 => self.load_word(dst, 0),
                BinaryOp::Shr => self.emit(Op::ShrUI, dst, a, n as u32),
                _ if bytes == 4 && !signed => {
                    self.emit(Op::ShlI, dst, a, n as u32);
                    self.extend(dst, lay);
                }
                _ => {
                    self.emit(Op::ShlI, dst, a, n as u32);
                    self.extend(dst, lay);
                }
            }
            return;
        }
        let (count, t) = count.expect("a count");
        if let Lay {
            rep: Rep::Int { signed: true, .. },
            ..
        } = self.lay(t)
        {
            self.emit(Op::ChkShift, count, (), ());
        }
        match op {
            BinaryOp::Shr if signed => self.emit(Op::ShrS, dst, a, count),
            BinaryOp::Shr => self.emit(Op::ShrU, dst, a, count),
            _ => {
                self.emit(Op::Shl, dst, a, count);
                self.extend(dst, lay);
            }
        }
    }

    // ---- strings

    fn concat(&mut self, e: &Expr, t: TypeId, to: To) -> Slot {
        let mut parts = Vec::new();
        let mut at = e;
        loop {
            match &at.kind {
                ExprKind::Paren(x) if !self.is_folded(at) => at = x,
                ExprKind::Binary {
                    op: BinaryOp::Add,
                    x,
                    y,
                    ..
                } if !self.is_folded(at) => {
                    parts.push(&**y);
                    at = x;
                }
                _ => break,
            }
        }
        parts.push(at);
        parts.reverse();
        if let [x, y] = parts[..] {
            let (a, b) = self.operands(x, y);
            // The instruction is a safepoint: its operands must not lie in the outgoing area.
            let (a, b) = (self.settle(a, t), self.settle(b, t));
            self.pos(e.pos);
            let dst = self.safe_dst(to, t);
            self.emit(Op::Concat2, dst, a, b);
            return self.deliver(dst, t, to);
        }
        let mut done: Option<Slot> = None;
        let mut rest = &parts[..];
        while !rest.is_empty() {
            let (chunk, more) = rest.split_at(rest.len().min(CONCAT_CHUNK));
            rest = more;
            let n = chunk.len() + usize::from(done.is_some());
            let pattern: Vec<bool> = (0..2 * n).map(|i| i % 2 == 0).collect();
            let base = self.temp_like(&pattern);
            let mut at = base;
            if let Some(done) = done {
                self.mov_n(at, done, 2);
                at = at.offset(2);
            }
            for part in chunk {
                let mark = self.mark();
                self.expr(part, To::Fresh(at));
                self.release(mark);
                at = at.offset(2);
            }
            self.pos(e.pos);
            let dst = if rest.is_empty() {
                self.safe_dst(to, t)
            } else {
                self.temp(t)
            };
            self.emit(Op::ConcatN, dst, base, n as u32);
            done = Some(dst);
        }
        let dst = done.expect("at least two parts");
        self.deliver(dst, t, to)
    }

    fn is_folded(&self, e: &Expr) -> bool {
        self.info.type_of(e.id).mode == Mode::Const || self.prebound.contains_key(&e.id)
    }

    /// A copy of a value that lies in the outgoing area.
    pub fn settle(&mut self, slot: Slot, t: TypeId) -> Slot {
        if !slot.is_out() {
            return slot;
        }
        let temp = self.temp(t);
        self.mov(temp, slot, t);
        temp
    }

    // ---- slicing

    fn slice_expr(&mut self, e: &Expr, s: &syntax::SliceExpr, to: To) -> Slot {
        let t = self.ty(e);
        let xt = self.ty(&s.x);
        let under = self.under(xt);
        // The bounds are read one after the other, before what is sliced.
        let (mut bounds, base) = self.after_calls([&s.x], |fx| {
            let bounds = [&s.lo, &s.hi, &s.max].map(|bound| {
                let e = bound.as_ref()?;
                Some(fx.in_order([e], |fx| fx.index_operand(e)))
            });
            let base = match under {
                Type::Array(..) => {
                    let place = fx.place(&s.x);
                    fx.address(&place, xt)
                }
                _ => fx.expr(&s.x, To::Any),
            };
            (bounds, base)
        });
        // A low bound of zero is no bound.
        if s.lo
            .as_ref()
            .is_some_and(|e| self.const_index(e) == Some(0))
        {
            bounds[0] = None;
        }
        self.pos(e.pos);
        let slots = ExtArg::Slots([bounds[1], bounds[2], None, None]);
        let dst = self.dst(to, t);
        match under {
            Type::Basic(_) => self.emit_ext(Op::SliceStr, dst, base, bounds[0], &[slots]),
            Type::Slice(elem) => {
                let size = self.lay(elem).size;
                self.emit_ext(
                    Op::Slice,
                    dst,
                    base,
                    bounds[0],
                    &[slots, ExtArg::Const(size)],
                );
            }
            Type::Array(..) | Type::Pointer(_) => {
                let array = if let Type::Pointer(a) = under { a } else { xt };
                let Type::Array(len, elem) = self.under(array) else {
                    panic!("slice of no array")
                };
                let size = self.lay(elem).size;
                let ext = [slots, ExtArg::Const(size), ExtArg::Const(len as u64)];
                self.emit_ext(Op::SliceArr, dst, base, bounds[0], &ext);
            }
            other => panic!("slice of {other:?}"),
        }
        dst
    }

    // ---- complex numbers

    /// Real and imaginary part of a complex value in slots.
    pub fn parts(&mut self, slot: Slot, t: TypeId) -> (Slot, Slot) {
        if self.lay(t).size == 16 {
            return (slot, slot.offset(1));
        }
        let (re, im) = (self.word(), self.word());
        self.emit(Op::ExtU32, re, slot, ());
        self.emit(Op::ShrUI, im, slot, 32);
        (re, im)
    }
    pub fn make_complex(&mut self, re: Slot, im: Slot, t: TypeId, to: To) -> Slot {
        let dst = self.dst(to, t);
        if self.lay(t).size == 16 {
            if dst == im {
                let copy = self.word();
                self.emit(Op::Mov, copy, im, ());
                self.emit(Op::Mov, dst, re, ());
                self.emit(Op::Mov, dst.offset(1), copy, ());
            } else {
                self.emit(Op::Mov, dst, re, ());
                self.emit(Op::Mov, dst.offset(1), im, ());
            }
        } else {
            let high = self.word();
            self.emit(Op::ShlI, high, im, 32);
            self.emit(Op::Or, dst, re, high);
        }
        dst
    }
    fn complex_neg(&mut self, a: Slot, t: TypeId, to: To) -> Slot {
        let op = if self.lay(t).size == 16 {
            Op::NegF64
        } else {
            Op::NegF32
        };
        let (re, im) = self.parts(a, t);
        let (nre, nim) = (self.word(), self.word());
        self.emit(op, nre, re, ());
        self.emit(op, nim, im, ());
        self.make_complex(nre, nim, t, to)
    }
    pub fn complex_arith(&mut self, op: BinaryOp, a: Slot, b: Slot, t: TypeId, to: To) -> Slot {
        let wide = self.lay(t).size == 16;
        let (mut re, mut im) = (self.word(), self.word());
        if let BinaryOp::Add | BinaryOp::Sub = op {
            let op = match (op, wide) {
                (BinaryOp::Add, true) => Op::AddF64,
                (BinaryOp::Add, false) => Op::AddF32,
                (_, true) => Op::SubF64,
                (_, false) => Op::SubF32,
            };
            let ((ar, ai), (br, bi)) = (self.parts(a, t), self.parts(b, t));
            self.emit(op, re, ar, br);
            self.emit(op, im, ai, bi);
            return self.make_complex(re, im, t, to);
        }
        // Products and quotients of complex64 are computed in float64, as gc does.
        let a = if wide { a } else { self.widen_complex(a, t) };
        let b = if wide { b } else { self.widen_complex(b, t) };
        if op == BinaryOp::Mul {
            let (x, y) = (self.word(), self.word());
            self.emit(Op::MulF64, x, a, b);
            self.emit(Op::MulF64, y, a.offset(1), b.offset(1));
            self.emit(Op::SubF64, re, x, y);
            self.emit(Op::MulF64, x, a, b.offset(1));
            self.emit(Op::MulF64, y, a.offset(1), b);
            self.emit(Op::AddF64, im, x, y);
        } else {
            let quotient = self.temp_like(&[false, false]);
            self.emit_t(Op::DivC128, quotient, a, b, tid::COMPLEX128);
            (re, im) = (quotient, quotient.offset(1));
        }
        if wide {
            return self.make_complex(re, im, t, to);
        }
        let (nre, nim) = (self.word(), self.word());
        self.emit(Op::F64ToF32, nre, re, ());
        self.emit(Op::F64ToF32, nim, im, ());
        self.make_complex(nre, nim, t, to)
    }
    pub fn widen_complex(&mut self, a: Slot, t: TypeId) -> Slot {
        let (re, im) = self.parts(a, t);
        let wide = self.temp_like(&[false, false]);
        self.emit(Op::F32ToF64, wide, re, ());
        self.emit(Op::F32ToF64, wide.offset(1), im, ());
        wide
    }

    // ---- two-value forms

    /// `v, ok` of a map index, type assertion or receive: evaluates into fresh slots (value, ok).
    pub fn comma_ok(&mut self, e: &Expr) -> Option<(Slot, TypeId, Slot)> {
        let e = e.unparen();
        let t = self.ty(e);
        match &e.kind {
            ExprKind::Index(index) => {
                let (x, i) = (&index.x, &index.indices[0]);
                let place = self.in_order([x, i], |fx| match fx.text_key_place(x, i) {
                    Some(place) => place,
                    None => fx.index_place(x, i),
                });
                let Place::MapElem { map, key, map_type } = place else {
                    return None;
                };
                self.pos(e.pos);
                let (dst, ok) = (self.temp(t), self.word());
                let typ = self.rt_ext(map_type);
                self.emit_ext(Op::MapGetOk, dst, map, key, &[typ, ExtArg::SlotDef(ok)]);
                Some((dst, t, ok))
            }
            ExprKind::TypeAssert { x, .. } => {
                let xt = self.ty(x);
                let value = self.alone(x);
                self.pos(e.pos);
                let (dst, ok) = self.assert_ok(value, xt, t);
                Some((dst, t, ok))
            }
            ExprKind::Unary {
                op: UnaryOp::Recv,
                x,
            } => {
                let ct = self.ty(x);
                let ch = self.alone(x);
                self.pos(e.pos);
                let (dst, ok) = (self.temp(t), self.word());
                self.emit_t(Op::RecvOk, dst, ch, ok, ct);
                Some((dst, t, ok))
            }
            _ => None,
        }
    }

    /// The basic kind under a type.
    pub fn basic(&mut self, t: TypeId) -> Option<BasicKind> {
        self.c.program.store.basic(t)
    }
}
