//! Untyped operands: representability of constants, and giving untyped expressions their final types.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{BasicKind, Type, TypeId, tid};
use syntax::{BinaryOp, Expr, ExprKind, Pos, UnaryOp};

/// Why an operand cannot be given a type.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Misfit {
    /// A fraction cannot be an integer.
    Truncated,
    /// The value is out of range.
    Overflows,
    /// The kinds do not fit.
    Mismatch,
}

/// Untyped integers may not be wider than this.
const MAX_UNTYPED_BITS: u64 = 512;

impl<'a> Checker<'a> {
    /// The value of constant `v` as a value of basic type `kind`, rounded; `None` when it is none.
    pub fn represent(&self, v: &Const, kind: BasicKind) -> Option<Const> {
        if !v.is_known() {
            return Some(Const::Unknown);
        }
        if kind.is_integer() {
            let i = v.to_int();
            if !i.is_known() {
                return None;
            }
            let fits = match kind {
                BasicKind::UntypedInt | BasicKind::UntypedRune => true,
                k if k.is_unsigned() => i.signum() >= 0 && i.bit_len() <= u64::from(k.int_bits()),
                k => {
                    let bits = u64::from(k.int_bits());
                    let magnitude = if i.signum() < 0 {
                        i.not(None).bit_len()
                    } else {
                        i.bit_len()
                    };
                    magnitude < bits
                }
            };
            return fits.then_some(i);
        }
        let round = |v: &Const, single: bool| -> Option<Const> {
            let r = v.to_real();
            let f = if single {
                f64::from(r.to_f32())
            } else {
                r.to_f64()
            };
            if f.is_infinite() {
                return None;
            }
            // An integer that survives the rounding stays an integer.
            Some(match (&r, Const::from_f64(f)) {
                (Const::Int(_) | Const::Big(_), c) => {
                    let i = c.to_int();
                    if i.is_known() { i } else { c }
                }
                (_, c) => c,
            })
        };
        if kind.is_float() {
            let r = v.to_real();
            if !r.is_known() {
                return None;
            }
            return match kind {
                BasicKind::Float32 => round(v, true),
                BasicKind::Float64 => round(v, false),
                _ => Some(r),
            };
        }
        if kind.is_complex() {
            let c = v.to_complex();
            if !c.is_known() {
                return None;
            }
            let single = kind == BasicKind::Complex64;
            return match kind {
                BasicKind::UntypedComplex => Some(c),
                _ => Some(Const::make_complex(
                    round(&c.real(), single)?,
                    round(&c.imag(), single)?,
                )),
            };
        }
        if kind.is_string() {
            return matches!(v, Const::Str(_)).then(|| v.clone());
        }
        if kind.is_boolean() {
            return matches!(v, Const::Bool(_)).then(|| v.clone());
        }
        None
    }

    /// The value of a constant operand in a basic type.
    pub fn representation(&mut self, x: &Operand<'a>, kind: BasicKind) -> Result<Const, Misfit> {
        if let Some(v) = self.represent(&x.val, kind) {
            return Ok(v);
        }
        let from = self.store.basic(x.ty).unwrap_or(BasicKind::Invalid);
        if from.is_numeric() && kind.is_numeric() {
            if !from.is_integer() && kind.is_integer() {
                return Err(Misfit::Truncated);
            }
            return Err(Misfit::Overflows);
        }
        Err(Misfit::Mismatch)
    }

    /// Makes a constant operand a value of a basic type, or reports why it cannot be.
    pub fn representable(&mut self, x: &mut Operand<'a>, t: TypeId) {
        let Some(kind) = self.store.basic(t) else {
            return;
        };
        match self.representation(x, kind) {
            Ok(v) => x.val = v,
            Err(m) => {
                self.invalid_conversion(m, x, t);
                x.mode = Mode::None;
            }
        }
    }

    pub fn invalid_conversion(&mut self, m: Misfit, x: &Operand<'a>, t: TypeId) {
        let (a, b) = (self.os(x), self.ts(t));
        let msg = match m {
            Misfit::Truncated => format!("{a} truncated to {b}"),
            Misfit::Overflows => format!("{a} overflows {b}"),
            Misfit::Mismatch => format!("cannot convert {a} to type {b}"),
        };
        self.error(x.pos(), msg);
    }

    /// Checks a constant result's range.
    pub fn overflow(&mut self, x: &mut Operand<'a>, op_pos: Pos) {
        if !x.val.is_known() {
            self.error(op_pos, "constant result is not representable");
            x.mode = Mode::None;
            return;
        }
        if !self.store.is_untyped(x.ty) {
            let u = self.under(x.ty);
            if self.store.is_type_param(u) {
                return;
            }
            let t = x.ty;
            self.representable(x, t);
            return;
        }
        if x.val.is_int() && x.val.bit_len() > MAX_UNTYPED_BITS {
            let op = x.expr.map_or("", operation_name);
            self.error(
                op_pos,
                format!(
                    "constant {op}{}overflow",
                    if op.is_empty() { "" } else { " " }
                ),
            );
            x.val = Const::Unknown;
            x.mode = Mode::None;
        }
    }

    /// Gives an untyped operand the type `target`.
    pub fn convert_untyped(&mut self, x: &mut Operand<'a>, target: TypeId) {
        match self.implicit_type(x, target) {
            Ok((t, v)) => {
                if let Some(v) = v {
                    x.val = v;
                    self.update_value(x);
                }
                if t != x.ty {
                    x.ty = t;
                    if let Some(e) = x.expr {
                        self.update_expr_type(e, t, false);
                    }
                }
            }
            Err(m) => {
                let t = if self.store.is_type_param(target) {
                    target
                } else {
                    self.under(target)
                };
                self.invalid_conversion(m, x, t);
                x.mode = Mode::None;
            }
        }
    }

    pub fn update_value(&mut self, x: &Operand<'a>) {
        if let Some(e) = x.expr
            && let Some(tv) = self.info.types.get_mut(e.id.index())
            && tv.mode == Mode::Const
        {
            tv.value = x.val.clone();
        }
    }

    /// The type (and, if it changes, the value) that untyped `x` takes in a context of type `target`.
    pub fn implicit_type(
        &mut self,
        x: &Operand<'a>,
        target: TypeId,
    ) -> Result<(TypeId, Option<Const>), Misfit> {
        if x.is_invalid() || !self.store.is_untyped(x.ty) || target == tid::INVALID {
            return Ok((x.ty, None));
        }
        if self.store.is_untyped(target) {
            // Both untyped: the larger kind wins among numbers.
            let (Some(a), Some(b)) = (self.store.basic(x.ty), self.store.basic(target)) else {
                return Err(Misfit::Mismatch);
            };
            if a.is_numeric() && b.is_numeric() {
                return Ok((if a < b { target } else { x.ty }, None));
            }
            return if a == b {
                Ok((x.ty, None))
            } else {
                Err(Misfit::Mismatch)
            };
        }
        if x.is_nil() {
            return if self.store.has_nil(target) {
                Ok((target, None))
            } else {
                Err(Misfit::Mismatch)
            };
        }
        if self.store.is_type_param(target) {
            let Some(terms) = self.store.terms_of(target).filter(|t| !t.is_empty()) else {
                return Err(Misfit::Mismatch);
            };
            for m in terms {
                let u = self.under(m.ty);
                let (t, _) = self.implicit_type(x, u)?;
                if t == tid::INVALID {
                    return Err(Misfit::Mismatch);
                }
            }
            return Ok((target, None));
        }
        let u = self.under(target);
        match *self.store.get(u) {
            Type::Basic(kind) => {
                if x.is_const() {
                    let v = self.representation(x, kind)?;
                    return Ok((target, Some(v)));
                }
                // Untyped values that are no constants: booleans of comparisons, numbers of shifts.
                let ok = match self.store.basic(x.ty) {
                    Some(BasicKind::UntypedBool) => kind.is_boolean(),
                    Some(BasicKind::UntypedString) => kind.is_string(),
                    _ => kind.is_numeric(),
                };
                if ok {
                    Ok((target, None))
                } else {
                    Err(Misfit::Mismatch)
                }
            }
            Type::Interface(_) => {
                // The value keeps its default type; the empty type set of methods is checked on assignment.
                if !self.store.type_set(u).methods.is_empty() {
                    return Err(Misfit::Mismatch);
                }
                Ok((self.store.default_type(x.ty), None))
            }
            _ => Err(Misfit::Mismatch),
        }
    }

    /// Sets the recorded type of an untyped expression and of its untyped operands.
    pub fn update_expr_type(&mut self, e: &'a Expr, t: TypeId, is_final: bool) {
        let Some(old) = self.info.types.get(e.id.index()) else {
            return;
        };
        if old.mode == Mode::None || !self.store.is_untyped(old.ty) {
            return;
        }
        let is_const = old.mode == Mode::Const;
        match &e.kind {
            ExprKind::Paren(x) => self.update_expr_type(x, t, is_final),
            // Operands of constant expressions are never materialised.
            ExprKind::Unary { x, .. } if !is_const => self.update_expr_type(x, t, is_final),
            ExprKind::Binary { op, x, y, .. } if !is_const => {
                if op.is_comparison() {
                    // The operands have their own types.
                } else if op.is_shift() {
                    self.update_expr_type(x, t, is_final);
                } else {
                    self.update_expr_type(x, t, is_final);
                    self.update_expr_type(y, t, is_final);
                }
            }
            _ => {}
        }
        if !is_final && self.store.is_untyped(t) {
            let u = self.under(t);
            self.info.types[e.id.index()].ty = u;
            return;
        }
        // A shift of an untyped constant by a variable takes its type from the context.
        if self.info.untyped_lhs.contains(&e.id) && !self.store.all_basic(t, BasicKind::is_integer)
        {
            let msg = format!(
                "invalid operation: shifted operand {} (type {}) must be integer",
                self.es(e),
                self.ts(t)
            );
            self.error(e.pos, msg);
            return;
        }
        let tv = &mut self.info.types[e.id.index()];
        tv.ty = t;
        if is_const && tv.value.is_known() {
            let v = tv.value.clone();
            let kind = self.store.basic(t);
            if let Some(kind) = kind.filter(|k| !k.is_untyped())
                && let Some(v) = self.represent(&v, kind)
            {
                self.info.types[e.id.index()].value = v;
            }
        }
    }

    /// Records type and value of a constant expression that is used as an index, a length and the like.
    pub fn convert_recorded_untyped(&mut self, e: &'a Expr, t: TypeId, v: Const) {
        self.update_expr_type(e, t, true);
        if let Some(tv) = self.info.types.get_mut(e.id.index())
            && tv.mode == Mode::Const
        {
            tv.value = v;
        }
    }

    /// Brings two operands of a binary operation to a common type, if one of them is untyped and
    /// conversion makes sense. False after an error.
    pub fn match_types(&mut self, x: &mut Operand<'a>, y: &mut Operand<'a>) -> bool {
        if self.may_convert(x, y) {
            let (xt, yt) = (x.ty, y.ty);
            self.convert_untyped(x, yt);
            if x.is_invalid() {
                return false;
            }
            self.convert_untyped(y, xt);
            if y.is_invalid() {
                x.mode = Mode::None;
                return false;
            }
        }
        true
    }

    fn may_convert(&mut self, x: &Operand<'a>, y: &Operand<'a>) -> bool {
        let (ux, uy) = (self.store.is_untyped(x.ty), self.store.is_untyped(y.ty));
        if !ux && !uy {
            return false;
        }
        if self.store.is_interface(x.ty) || self.store.is_interface(y.ty) {
            return true;
        }
        let bools = |c: &mut Self, t| c.store.all_basic(t, BasicKind::is_boolean);
        if bools(self, x.ty) != bools(self, y.ty) {
            return false;
        }
        let strings = |c: &mut Self, t| c.store.all_basic(t, BasicKind::is_string);
        if strings(self, x.ty) != strings(self, y.ty) {
            return false;
        }
        if x.is_nil() {
            return self.store.has_nil(y.ty);
        }
        if y.is_nil() {
            return self.store.has_nil(x.ty);
        }
        let pointer = |c: &mut Self, t: TypeId| c.store.pointer_elem(t).is_some();
        !(pointer(self, x.ty) || pointer(self, y.ty))
    }
}

/// The operation that a constant overflow is blamed on.
fn operation_name(e: &Expr) -> &'static str {
    match &e.kind {
        ExprKind::Binary { op, .. } => match op {
            BinaryOp::Add => "addition",
            BinaryOp::Sub => "subtraction",
            BinaryOp::Xor => "bitwise XOR",
            BinaryOp::Mul => "multiplication",
            BinaryOp::Shl => "shift",
            _ => "",
        },
        ExprKind::Unary {
            op: UnaryOp::Xor, ..
        } => "bitwise complement",
        _ => "",
    }
}
