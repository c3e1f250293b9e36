//! Conditions: short-circuit operators become control flow, comparisons are fused with the jump.

use bytecode::isa::Op;
use syntax::{BinaryOp, Expr, ExprKind, UnaryOp};
use types::{Mode, Type, TypeId};

use crate::asm::{Label, Opd, Slot};
use crate::func::{Fx, Rep, To};

/// A comparison, lowered up to the point where either a jump or a boolean can be made of it.
enum Test {
    /// Known at compile time.
    Known(bool),
    /// Jump when (a op b), with the opcode that jumps when it does not hold; opcodes that make a boolean, negated or not.
    Fused {
        jump: Op,
        unless: Op,
        a: Slot,
        b: Opd,
        value: ValueOp,
    },
    /// A boolean in a word, to be negated or not.
    Word { slot: Slot, negate: bool },
}

/// How a fused test becomes a boolean.
struct ValueOp {
    op: Op,
    swap: bool,
    negate: bool,
}

impl Fx<'_> {
    /// Jumps to `label` when `e` is `sense`, else falls through.
    pub fn cond(&mut self, e: &Expr, label: Label, sense: bool, back: bool) {
        if self.prebound.is_empty()
            && let Some(known) = self
                .info
                .type_of(e.id)
                .constant()
                .and_then(types::Const::as_bool)
        {
            if known == sense {
                if back {
                    self.f.b.jump_back(label)
                } else {
                    self.f.b.jump(label)
                }
            }
            return;
        }
        match &e.kind {
            _ if self.prebound.contains_key(&e.id) => {}
            ExprKind::Paren(x) => return self.cond(x, label, sense, back),
            ExprKind::Unary {
                op: UnaryOp::Not,
                x,
            } => return self.cond(x, label, !sense, back),
            ExprKind::Binary { op, x, y, .. }
                if matches!(op, BinaryOp::LogAnd | BinaryOp::LogOr) =>
            {
                // `sense` decides alone when either operand of || is true, or of && false.
                let either = (*op == BinaryOp::LogOr) == sense;
                if either {
                    self.cond(x, label, sense, back);
                    self.cond(y, label, sense, back);
                } else {
                    let skip = self.f.b.label();
                    self.cond(x, skip, !sense, false);
                    self.cond(y, label, sense, back);
                    self.f.b.bind(skip);
                }
                return;
            }
            _ => {}
        }
        let mark = self.mark();
        let test = self.in_order([e], |fx| match &e.kind {
            ExprKind::Binary { op, x, y, .. }
                if op.is_comparison() && !fx.prebound.contains_key(&e.id) =>
            {
                fx.pos(e.pos);
                fx.compare(*op, x, y)
            }
            _ => Test::Word {
                slot: fx.expr_volatile(e, To::Any),
                negate: false,
            },
        });
        match test {
            Test::Known(known) => {
                if known == sense {
                    if back {
                        self.f.b.jump_back(label)
                    } else {
                        self.f.b.jump(label)
                    }
                }
            }
            Test::Fused {
                jump, unless, a, b, ..
            } => {
                let op = if sense { jump } else { unless };
                let (op, a, b) = orient(op, a, b);
                if back {
                    self.f.b.branch_back(op, a, b, label)
                } else {
                    self.f.b.branch(op, a, b, label)
                }
            }
            Test::Word { slot, negate } => {
                let op = if sense != negate {
                    Op::JTrue
                } else {
                    Op::JFalse
                };
                if back {
                    self.f.b.branch_back(op, slot, (), label)
                } else {
                    self.f.b.branch(op, slot, (), label)
                }
            }
        }
        self.release(mark);
    }

    /// A boolean expression's value.
    pub fn bool_value(&mut self, e: &Expr, to: To) -> Slot {
        let t = self.ty(e);
        match &e.kind {
            ExprKind::Unary {
                op: UnaryOp::Not,
                x,
            } => {
                let a = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, t);
                self.emit(Op::BoolNot, dst, a, ());
                dst
            }
            ExprKind::Binary { op, x, y, .. } if op.is_comparison() => {
                self.pos(e.pos);
                let test = self.compare(*op, x, y);
                let dst = self.dst(to, t);
                self.test_value(test, dst);
                dst
            }
            ExprKind::Binary { .. } => {
                // x && y: y's value unless x decides.
                let dst = self.built_dst(to, t);
                let ExprKind::Binary { op, x, y, .. } = &e.kind else {
                    unreachable!()
                };
                let (decided, end) = (self.f.b.label(), self.f.b.label());
                let decides = *op == BinaryOp::LogOr;
                self.cond(x, decided, decides, false);
                self.in_order([&**y], |fx| fx.expr(y, To::Fresh(dst)));
                self.f.b.jump(end);
                self.f.b.bind(decided);
                self.load_word(dst, i64::from(decides));
                self.f.b.bind(end);
                self.deliver(dst, t, to)
            }
            _ => self.expr_volatile(e, to),
        }
    }

    fn test_value(&mut self, test: Test, dst: Slot) {
        match test {
            Test::Known(known) => self.load_word(dst, i64::from(known)),
            Test::Word {
                slot,
                negate: false,
            } => self.emit(Op::Mov, dst, slot, ()),
            Test::Word { slot, negate: true } => self.emit(Op::BoolNot, dst, slot, ()),
            Test::Fused { a, b, value, .. } => {
                match b {
                    Opd::Slot(b) if value.swap => self.emit(value.op, dst, b, a),
                    b => self.emit(value.op, dst, a, b),
                }
                if value.negate {
                    self.emit(Op::BoolNot, dst, dst, ());
                }
            }
        }
    }

    /// Jumps when two values of one type are equal (or are not).
    pub fn jump_equal(&mut self, a: Slot, b: Slot, t: TypeId, label: Label, sense: bool) {
        match self.compare_slots(BinaryOp::Eq, a, b, t) {
            Test::Fused {
                jump, unless, a, b, ..
            } => {
                let (op, a, b) = orient(if sense { jump } else { unless }, a, b);
                self.f.b.branch(op, a, b, label);
            }
            Test::Word { slot, negate } => {
                let op = if sense != negate {
                    Op::JTrue
                } else {
                    Op::JFalse
                };
                self.f.b.branch(op, slot, (), label);
            }
            Test::Known(known) => {
                if known == sense {
                    self.f.b.jump(label);
                }
            }
        }
    }

    fn compare(&mut self, op: BinaryOp, x: &Expr, y: &Expr) -> Test {
        if self.is_nil(y) {
            return self.compare_nil(op, x);
        }
        if self.is_nil(x) {
            return self.compare_nil(op, y);
        }
        let (tx, ty) = (self.ty(x), self.ty(y));
        match (self.is_iface(tx), self.is_iface(ty)) {
            (true, false) => {
                // The concrete operand takes the interface's type.
                let a = self.expr(x, To::Any);
                let b = self.convert_to(y, tx, To::Any);
                return self.compare_slots(op, a, b, tx);
            }
            (false, true) => {
                let a = self.convert_to(x, ty, To::Any);
                let b = self.expr(y, To::Any);
                return self.compare_slots(op, a, b, ty);
            }
            (true, true) if !self.c.program.store.identical(tx, ty) => {
                // Only the dynamic types and values count.
                let a = self.expr(x, To::Any);
                let a = self.as_empty_interface(a, tx);
                let b = self.expr(y, To::Any);
                let b = self.as_empty_interface(b, ty);
                return self.compare_slots(op, a, b, types::tid::EMPTY_INTERFACE);
            }
            _ => {}
        }
        let t = if matches!(self.info.type_of(x.id).mode, Mode::Const) {
            ty
        } else {
            tx
        };
        let lay = self.lay(t);
        if let Rep::Int { bytes, signed } = lay.rep {
            // Zero-extended narrow words compare alike signed and unsigned.
            let order = signed || bytes < 8;
            if let Some(imm) = self.immediate(y)
                && (order || matches!(op, BinaryOp::Eq | BinaryOp::Ne))
            {
                let a = self.expr_volatile(x, To::Any);
                return immediate_test(op, a, imm);
            }
            if let Some(imm) = self.immediate(x)
                && (order || matches!(op, BinaryOp::Eq | BinaryOp::Ne))
            {
                let b = self.expr_volatile(y, To::Any);
                return immediate_test(mirror(op), b, imm);
            }
        }
        if lay.rep == Rep::Str && matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            for (s, other) in [(y, x), (x, y)] {
                let empty = self
                    .info
                    .type_of(s.id)
                    .constant()
                    .and_then(|c| c.as_str())
                    .is_some_and(|s| s.is_empty());
                if empty {
                    let a = self.expr_volatile(other, To::Any);
                    return immediate_test(op, a.offset(1), 0);
                }
            }
        }
        if lay.rep == Rep::Str
            && let Some((a, b)) = self.texts_in_place(x, y)
        {
            return self.compare_slots(op, a, b, t);
        }
        if lay.rep == Rep::Block && lay.slots > 16 {
            // Large values are compared where they are.
            if let (Some(a), Some(b)) = (self.memory_of(x), self.memory_of(y)) {
                let dst = self.word();
                self.emit_t(Op::EqMem, dst, a, b, t);
                return Test::Word {
                    slot: dst,
                    negate: op == BinaryOp::Ne,
                };
            }
        }
        let (a, b) = self.operands(x, y);
        self.compare_slots(op, a, b, t)
    }

    /// The address of an operand that is in memory already.
    pub fn memory_of(&mut self, e: &Expr) -> Option<Slot> {
        if self.info.type_of(e.id).mode != Mode::Variable || !self.is_simple(e) {
            return None;
        }
        let t = self.ty(e);
        let place = self.place(e);
        Some(self.address(&place, t))
    }

    fn compare_nil(&mut self, op: BinaryOp, x: &Expr) -> Test {
        let t = self.ty(x);
        let lay = self.lay(t);
        if self.is_nil(x) {
            return Test::Known(op == BinaryOp::Eq);
        }
        let a = self.expr_volatile(x, To::Any);
        if lay.is_iface() {
            return immediate_test(op, a, 0);
        }
        let nil = Test::Fused {
            jump: Op::JNil,
            unless: Op::JNotNil,
            a,
            b: Opd::None,
            value: ValueOp {
                op: Op::IsNil,
                swap: false,
                negate: false,
            },
        };
        match (op, nil) {
            (
                BinaryOp::Ne,
                Test::Fused {
                    jump, unless, a, b, ..
                },
            ) => Test::Fused {
                jump: unless,
                unless: jump,
                a,
                b,
                value: ValueOp {
                    op: Op::NotNil,
                    swap: false,
                    negate: false,
                },
            },
            (_, nil) => nil,
        }
    }

    fn compare_slots(&mut self, op: BinaryOp, a: Slot, b: Slot, t: TypeId) -> Test {
        let lay = self.lay(t);
        let fused = |jump, unless, value: Op, swap| Test::Fused {
            jump,
            unless,
            a,
            b: Opd::Slot(b),
            value: ValueOp {
                op: value,
                swap,
                negate: false,
            },
        };
        let word = |fx: &mut Self, op, a, b, negate| {
            let slot = fx.word();
            fx.emit(op, slot, a, b);
            Test::Word { slot, negate }
        };
        match lay.rep {
            Rep::Int { signed, bytes } => {
                let signed = signed || bytes < 8;
                match (op, signed) {
                    (BinaryOp::Eq, _) => fused(Op::JEq, Op::JNe, Op::Eq, false),
                    (BinaryOp::Ne, _) => fused(Op::JNe, Op::JEq, Op::Ne, false),
                    (BinaryOp::Lt, true) => fused(Op::JLtS, REVERSED_LE_S, Op::LtS, false),
                    (BinaryOp::Le, true) => fused(Op::JLeS, REVERSED_LT_S, Op::LeS, false),
                    (BinaryOp::Gt, true) => fused(REVERSED_LT_S, Op::JLeS, Op::LtS, true),
                    (BinaryOp::Ge, true) => fused(REVERSED_LE_S, Op::JLtS, Op::LeS, true),
                    (BinaryOp::Lt, false) => fused(Op::JLtU, REVERSED_LE_U, Op::LtU, false),
                    (BinaryOp::Le, false) => fused(Op::JLeU, REVERSED_LT_U, Op::LeU, false),
                    (BinaryOp::Gt, false) => fused(REVERSED_LT_U, Op::JLeU, Op::LtU, true),
                    (BinaryOp::Ge, false) => fused(REVERSED_LE_U, Op::JLtU, Op::LeU, true),
                    (other, _) => panic!("{other} is no comparison"),
                }
            }
            Rep::F64 => {
                let (a, b) = if matches!(op, BinaryOp::Gt | BinaryOp::Ge) {
                    (b, a)
                } else {
                    (a, b)
                };
                let (jump, unless, value) = match op {
                    BinaryOp::Eq => (Op::JEqF64, Op::JNeF64, Op::EqF64),
                    BinaryOp::Ne => (Op::JNeF64, Op::JEqF64, Op::NeF64),
                    BinaryOp::Lt | BinaryOp::Gt => (Op::JLtF64, Op::JNltF64, Op::LtF64),
                    _ => (Op::JLeF64, Op::JNleF64, Op::LeF64),
                };
                let value = ValueOp {
                    op: value,
                    swap: false,
                    negate: false,
                };
                Test::Fused {
                    jump,
                    unless,
                    a,
                    b: Opd::Slot(b),
                    value,
                }
            }
            Rep::F32 => {
                let (a, b) = if matches!(op, BinaryOp::Gt | BinaryOp::Ge) {
                    (b, a)
                } else {
                    (a, b)
                };
                let value = match op {
                    BinaryOp::Eq => Op::EqF32,
                    BinaryOp::Ne => Op::NeF32,
                    BinaryOp::Lt | BinaryOp::Gt => Op::LtF32,
                    _ => Op::LeF32,
                };
                word(self, value, a, b, false)
            }
            Rep::Ptr => match op {
                BinaryOp::Eq => fused(Op::JEqP, Op::JNeP, Op::EqP, false),
                _ => fused(Op::JNeP, Op::JEqP, Op::NeP, false),
            },
            Rep::Str => match op {
                BinaryOp::Eq => fused(Op::JEqStr, Op::JNeStr, Op::EqStr, false),
                BinaryOp::Ne => fused(Op::JNeStr, Op::JEqStr, Op::NeStr, false),
                BinaryOp::Lt => word(self, Op::LtStr, a, b, false),
                BinaryOp::Le => word(self, Op::LeStr, a, b, false),
                BinaryOp::Gt => word(self, Op::LtStr, b, a, false),
                _ => word(self, Op::LeStr, b, a, false),
            },
            Rep::Eface => word(self, Op::EqEface, a, b, op == BinaryOp::Ne),
            Rep::Iface => word(self, Op::EqIface, a, b, op == BinaryOp::Ne),
            Rep::Block => {
                if lay.size == 0 {
                    return Test::Known(op == BinaryOp::Eq);
                }
                // A struct of one word-sized part compares as that part.
                if let Some(part) = self.single_part(t) {
                    return self.compare_slots(op, a, b, part);
                }
                let slot = self.word();
                self.emit_t(Op::EqBlock, slot, a, b, t);
                Test::Word {
                    slot,
                    negate: op == BinaryOp::Ne,
                }
            }
            Rep::Slice => panic!("slices are compared with nil only"),
        }
    }

    fn single_part(&mut self, t: TypeId) -> Option<TypeId> {
        let part = match self.under(t) {
            Type::Struct(s) if s.fields.len() == 1 && !s.fields[0].name.is_blank() => {
                s.fields[0].ty
            }
            Type::Array(1, elem) => elem,
            _ => return None,
        };
        (!self.lay(part).is_narrow() && self.lay(part).size >= 8).then_some(part)
    }
}

// There is no jump on "greater": these stand for the swapped forms until `orient`.
const REVERSED_LT_S: Op = Op::LtS;
const REVERSED_LE_S: Op = Op::LeS;
const REVERSED_LT_U: Op = Op::LtU;
const REVERSED_LE_U: Op = Op::LeU;

/// Puts the operands of a swapped comparison in order.
fn orient(op: Op, a: Slot, b: Opd) -> (Op, Slot, Opd) {
    let jump = match op {
        REVERSED_LT_S => Op::JLtS,
        REVERSED_LE_S => Op::JLeS,
        REVERSED_LT_U => Op::JLtU,
        REVERSED_LE_U => Op::JLeU,
        op => return (op, a, b),
    };
    let Opd::Slot(other) = b else {
        panic!("swapped comparison with an immediate")
    };
    (jump, other, Opd::Slot(a))
}

fn mirror(op: BinaryOp) -> BinaryOp {
    match op {
        BinaryOp::Lt => BinaryOp::Gt,
        BinaryOp::Le => BinaryOp::Ge,
        BinaryOp::Gt => BinaryOp::Lt,
        BinaryOp::Ge => BinaryOp::Le,
        op => op,
    }
}

fn immediate_test(op: BinaryOp, a: Slot, imm: i64) -> Test {
    let (jump, unless, value) = match op {
        BinaryOp::Eq => (Op::JEqI, Op::JNeI, Op::EqI),
        BinaryOp::Ne => (Op::JNeI, Op::JEqI, Op::NeI),
        BinaryOp::Lt => (Op::JLtSI, Op::JGeSI, Op::LtSI),
        BinaryOp::Le => (Op::JLeSI, Op::JGtSI, Op::LeSI),
        BinaryOp::Gt => (Op::JGtSI, Op::JLeSI, Op::GtSI),
        _ => (Op::JGeSI, Op::JLtSI, Op::GeSI),
    };
    Test::Fused {
        jump,
        unless,
        a,
        b: Opd::Imm(imm),
        value: ValueOp {
            op: value,
            swap: false,
            negate: false,
        },
    }
}
