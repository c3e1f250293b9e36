//! Index and slice expressions.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{BasicKind, Type, TypeId, tid};
use syntax::{Expr, IndexExpr, SliceExpr};

/// How a type is indexed.
struct Indexed {
    elem: TypeId,
    length: i64,
    mode: Mode,
    /// The key type of a map.
    key: Option<TypeId>,
}

impl<'a> Checker<'a> {
    /// `x[i]`: an element, or an instantiation.
    pub fn index_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr, ix: &'a IndexExpr) {
        self.expr_or_type(x, &ix.x, true);
        match x.mode {
            Mode::None => return self.use_exprs(&ix.indices),
            Mode::Type => {
                *x = Operand::invalid();
                x.expr = Some(e);
                let t = self.var_type(e);
                if t != tid::INVALID {
                    x.mode = Mode::Type;
                    x.ty = t;
                }
                return;
            }
            Mode::Value
                if self
                    .store
                    .as_signature(x.ty)
                    .is_some_and(|s| !s.tparams.is_empty()) =>
            {
                self.func_inst(x, e, ix);
                return;
            }
            _ => {}
        }
        if x.ty == tid::INVALID {
            x.mode = Mode::None;
            return self.use_exprs(&ix.indices);
        }
        let indexed = if self.store.is_type_param(x.ty) {
            self.index_type_param(x)
        } else {
            let (t, mode) = (x.ty, x.mode);
            let v = if x.is_const() {
                Some(x.val.clone())
            } else {
                None
            };
            self.index_type(t, mode, v.as_ref())
        };
        let Some(found) = indexed else {
            let msg = format!("cannot index {}", self.os(x));
            self.error(ix.lbrack, msg);
            x.mode = Mode::None;
            return self.use_exprs(&ix.indices);
        };
        if let Some(extra) = ix.indices.get(1) {
            self.error(extra.pos, "invalid operation: more than one index");
            x.mode = Mode::None;
            return self.use_exprs(&ix.indices);
        }
        x.mode = found.mode;
        x.ty = found.elem;
        x.val = Const::Unknown;
        match found.key {
            Some(key) => {
                let mut k = Operand::invalid();
                self.expr_with(&mut k, &ix.indices[0], Some(key));
                self.assignment(&mut k, Some(key), "map index");
            }
            None => {
                self.index(&ix.indices[0], found.length);
            }
        }
    }

    fn index_type(&mut self, t: TypeId, mode: Mode, constant: Option<&Const>) -> Option<Indexed> {
        let u = self.under(t);
        Some(match *self.store.get(u) {
            Type::Basic(k) if k.is_string() => {
                let length = constant
                    .and_then(Const::as_str)
                    .map_or(-1, |s| s.len() as i64);
                Indexed {
                    elem: tid::BYTE,
                    length,
                    mode: Mode::Value,
                    key: None,
                }
            }
            Type::Array(n, elem) => {
                let mode = if mode == Mode::Variable {
                    mode
                } else {
                    Mode::Value
                };
                Indexed {
                    elem,
                    length: n,
                    mode,
                    key: None,
                }
            }
            Type::Pointer(p) => {
                let pu = self.under(p);
                match *self.store.get(pu) {
                    Type::Array(n, elem) => Indexed {
                        elem,
                        length: n,
                        mode: Mode::Variable,
                        key: None,
                    },
                    _ => return None,
                }
            }
            Type::Slice(elem) => Indexed {
                elem,
                length: -1,
                mode: Mode::Variable,
                key: None,
            },
            Type::Map(k, elem) => Indexed {
                elem,
                length: -1,
                mode: Mode::MapIndex,
                key: Some(k),
            },
            _ => return None,
        })
    }

    fn index_type_param(&mut self, x: &Operand<'a>) -> Option<Indexed> {
        let terms = self.store.terms_of(x.ty).filter(|t| !t.is_empty())?;
        let mut all: Option<Indexed> = None;
        for m in terms {
            let mut i = self.index_type(m.ty, x.mode, None)?;
            if let Some(a) = &mut all {
                if a.key.is_some() != i.key.is_some() || !self.store.identical(a.elem, i.elem) {
                    return None;
                }
                if let (Some(k), Some(l)) = (a.key, i.key)
                    && !self.store.identical(k, l)
                {
                    return None;
                }
                if i.length >= 0 && (a.length < 0 || i.length < a.length) {
                    a.length = i.length;
                }
                // Only if all are variables the element is one.
                if i.mode == Mode::Value {
                    a.mode = Mode::Value;
                }
            } else {
                if i.key.is_none() && i.mode == Mode::Variable && x.mode != Mode::Variable {
                    let u = self.under(m.ty);
                    if matches!(self.store.get(u), Type::Array(..)) {
                        i.mode = Mode::Value;
                    }
                }
                all = Some(i);
            }
        }
        all
    }

    /// An index of something of `length` (-1: unknown). The constant value, if it is one.
    pub fn index(&mut self, e: &'a Expr, length: i64) -> Option<i64> {
        let mut x = Operand::invalid();
        self.expr(&mut x, e);
        if !self.valid_index(&mut x, "index", false) {
            return None;
        }
        if !x.is_const() {
            return None;
        }
        let v = x.val.as_i64()?;
        if length >= 0 && v >= length {
            let msg = format!(
                "invalid argument: index {} out of bounds [0:{length}]",
                x.val
            );
            self.error(x.pos(), msg);
            return None;
        }
        Some(v)
    }

    /// Whether `x` can be an index, length or the like; it takes its final type.
    pub fn valid_index(&mut self, x: &mut Operand<'a>, what: &str, allow_negative: bool) -> bool {
        if x.is_invalid() {
            return false;
        }
        self.convert_untyped_index(x, what);
        if x.is_invalid() {
            return false;
        }
        if !self.store.all_basic(x.ty, BasicKind::is_integer) {
            if x.ty != tid::INVALID {
                let msg = format!("invalid argument: {what} {} must be integer", self.os(x));
                self.error(x.pos(), msg);
            }
            return false;
        }
        if x.is_const() {
            if !allow_negative && x.val.signum() < 0 {
                let msg = format!(
                    "invalid argument: {what} {} must not be negative",
                    self.os(x)
                );
                self.error(x.pos(), msg);
                return false;
            }
            if self.represent(&x.val, BasicKind::Int).is_none() {
                let msg = format!("invalid argument: {what} {} overflows int", self.os(x));
                self.error(x.pos(), msg);
                return false;
            }
        }
        true
    }

    fn convert_untyped_index(&mut self, x: &mut Operand<'a>, what: &str) {
        if !self.store.is_untyped(x.ty) {
            return;
        }
        if x.is_const() && self.store.is_basic(x.ty, BasicKind::is_numeric) {
            let i = x.val.to_int();
            if i.is_known() && self.represent(&i, BasicKind::Int).is_none() {
                let msg = if i.signum() < 0 {
                    format!(
                        "invalid argument: {what} {} must not be negative",
                        self.os(x)
                    )
                } else {
                    format!("invalid argument: {what} {} overflows int", self.os(x))
                };
                self.error(x.pos(), msg);
                x.mode = Mode::None;
                return;
            }
        } else if !self.store.is_basic(x.ty, BasicKind::is_numeric) {
            let msg = format!("invalid argument: {what} {} must be integer", self.os(x));
            self.error(x.pos(), msg);
            x.mode = Mode::None;
            return;
        }
        self.convert_untyped(x, tid::INT);
    }

    /// `x[lo:hi:max]`
    pub fn slice_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr, s: &'a SliceExpr) {
        self.expr(x, &s.x);
        let parts = [s.lo.as_ref(), s.hi.as_ref(), s.max.as_ref()];
        if x.is_invalid() || x.ty == tid::INVALID {
            x.mode = Mode::None;
            for p in parts.into_iter().flatten() {
                self.use_expr(p);
            }
            return;
        }
        let Some(core) = self.slice_core(x) else {
            x.mode = Mode::None;
            for p in parts.into_iter().flatten() {
                self.use_expr(p);
            }
            return;
        };
        let mut length = -1;
        match self.store.get(core).clone() {
            Type::Basic(k) if k.is_string() => {
                if s.three {
                    let at = s.max.as_ref().map_or(e.pos, |m| m.pos);
                    self.error(at, "invalid operation: 3-index slice of string");
                    x.mode = Mode::None;
                    return;
                }
                if let Some(v) = x.val.as_str().filter(|_| x.is_const()) {
                    length = v.len() as i64;
                }
                if self.store.is_untyped(x.ty) {
                    self.update_expr_type(&s.x, tid::STRING, true);
                    x.ty = tid::STRING;
                }
            }
            Type::Array(n, elem) => {
                length = n;
                if x.mode != Mode::Variable {
                    let msg = format!(
                        "invalid operation: cannot slice unaddressable value {}",
                        self.os(x)
                    );
                    self.error(x.pos(), msg);
                    x.mode = Mode::None;
                    return;
                }
                self.mark_address_taken(&s.x);
                x.ty = self.store.slice(elem);
            }
            Type::Pointer(p) if self.array_of(p).is_some() => {
                if let Some((n, elem)) = self.array_of(p) {
                    length = n;
                    x.ty = self.store.slice(elem);
                }
            }
            Type::Slice(_) => {}
            _ => {
                let msg = format!("cannot slice {}", self.os(x));
                self.error(x.pos(), msg);
                x.mode = Mode::None;
                for p in parts.into_iter().flatten() {
                    self.use_expr(p);
                }
                return;
            }
        }
        x.mode = Mode::Value;
        x.val = Const::Unknown;
        let mut constants: Vec<(i64, &'a Expr)> = Vec::new();
        for p in parts.into_iter().flatten() {
            // A slice's upper bounds may reach its capacity, an array's its length.
            let max = if length >= 0 { length + 1 } else { -1 };
            if let Some(v) = self.index(p, max) {
                constants.push((v, p));
            }
        }
        for w in 1..constants.len() {
            if let Some(&(big, _)) = constants[..w].iter().find(|(v, _)| *v > constants[w].0) {
                let (v, at) = constants[w];
                self.error(at.pos, format!("invalid slice indices: {v} < {big}"));
                break;
            }
        }
    }

    pub fn array_of(&mut self, t: TypeId) -> Option<(i64, TypeId)> {
        let u = self.under(t);
        match *self.store.get(u) {
            Type::Array(n, e) => Some((n, e)),
            _ => None,
        }
    }

    fn slice_core(&mut self, x: &mut Operand<'a>) -> Option<TypeId> {
        if !self.store.is_type_param(x.ty) {
            return Some(self.under(x.ty));
        }
        let Some(terms) = self.store.terms_of(x.ty).filter(|t| !t.is_empty()) else {
            let msg = format!(
                "cannot slice {}: no specific type in {}",
                self.os(x),
                self.ts(x.ty)
            );
            self.error(x.pos(), msg);
            return None;
        };
        let mut first: Option<(TypeId, TypeId)> = None;
        let mut has_string = false;
        for m in terms {
            let mut u = self.under(m.ty);
            if self.store.is_basic(u, BasicKind::is_string) {
                u = self.store.slice(tid::BYTE);
                has_string = true;
            }
            match first {
                None => first = Some((m.ty, u)),
                Some((t, c)) if !self.store.identical(c, u) => {
                    let msg = format!(
                        "cannot slice {}: {} and {} have different underlying types",
                        self.os(x),
                        self.ts(t),
                        self.ts(m.ty)
                    );
                    self.error(x.pos(), msg);
                    return None;
                }
                _ => {}
            }
        }
        if has_string {
            Some(tid::STRING)
        } else {
            first.map(|f| f.1)
        }
    }

    /// Checks expressions for the sake of the names in them only.
    pub fn use_exprs(&mut self, es: &'a [Expr]) {
        for e in es {
            self.use_expr(e);
        }
    }

    /// Checks an expression for the sake of the names in it only.
    pub fn use_expr(&mut self, e: &'a Expr) {
        let mut x = Operand::invalid();
        if let syntax::ExprKind::KeyValue { key, value } = &e.kind {
            if !matches!(key.kind, syntax::ExprKind::Ident(_)) {
                self.use_expr(key);
            }
            return self.use_expr(value);
        }
        self.raw_expr(&mut x, e, None, true);
    }
}
