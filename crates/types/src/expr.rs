//! Expressions: literals of basic types, operators, comparisons, shifts, and the dispatch to the rest.

use crate::checker::Checker;
use crate::constant::{Arith, Const};
use crate::info::Mode;
use crate::operand::Operand;
use crate::predicates::Incomparable;
use crate::types::{BasicKind, Type, TypeId, tid};
use std::cmp::Ordering;
use syntax::{BinaryOp, Expr, ExprKind, LitKind, Pos, UnaryOp};

/// Literals longer than this are refused.
const MAX_LITERAL: usize = 10_000;
/// Shift counts of constants beyond this are refused.
const MAX_SHIFT: u64 = 1023 - 1 + 52;

impl<'a> Checker<'a> {
    /// Checks `e` as a single value.
    pub fn expr(&mut self, x: &mut Operand<'a>, e: &'a Expr) {
        self.raw_expr(x, e, None, false);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// As `expr`, in a context of type `t` (which a generic function value takes its type arguments from).
    pub fn expr_with(&mut self, x: &mut Operand<'a>, e: &'a Expr, t: Option<TypeId>) {
        let Some(t) = t else { return self.expr(x, e) };
        self.raw_expr(x, e, None, true);
        self.infer_from_target(x, e, t);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// As `expr`, but a generic function value may stay uninstantiated.
    pub fn generic_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr) {
        self.raw_expr(x, e, None, true);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// As `expr`, for an element of a composite literal whose type is known.
    pub fn expr_with_hint(&mut self, x: &mut Operand<'a>, e: &'a Expr, hint: TypeId) {
        self.raw_expr(x, e, Some(hint), false);
        self.exclude(x, true, true);
        self.single_value(x);
    }

    /// As `expr`, but a type is fine.
    pub fn expr_or_type(&mut self, x: &mut Operand<'a>, e: &'a Expr, allow_generic: bool) {
        self.raw_expr(x, e, None, allow_generic);
        self.exclude(x, true, false);
        self.single_value(x);
    }

    /// Refuses what is no value.
    fn exclude(&mut self, x: &mut Operand<'a>, builtins: bool, types: bool) {
        let what = match x.mode {
            Mode::NoValue if types => "used as value",
            Mode::NoValue => "used as value or type",
            Mode::Builtin if builtins => "must be called",
            Mode::Type if types => "is not an expression",
            _ => return,
        };
        let msg = format!("{} {what}", self.os(x));
        self.error(x.pos(), msg);
        x.mode = Mode::None;
    }

    /// Refuses several values.
    pub fn single_value(&mut self, x: &mut Operand<'a>) {
        if x.mode == Mode::Value && matches!(self.store.get(x.ty), Type::Tuple(_)) {
            let msg = format!("multiple-value {} in single-value context", self.os(x));
            self.error(x.pos(), msg);
            x.mode = Mode::None;
        }
    }

    /// Checks `e` as whatever it is, and records it.
    pub fn raw_expr(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        hint: Option<TypeId>,
        allow_generic: bool,
    ) {
        *x = Operand::invalid();
        self.expr_internal(x, e, hint);
        if !allow_generic {
            self.non_generic(x, e);
        }
        x.expr = Some(e);
        self.record(x, e);
    }

    fn record(&mut self, x: &Operand<'a>, e: &'a Expr) {
        if x.mode == Mode::None {
            return;
        }
        self.record_type(e.id, x.mode, x.ty, x.val.clone());
    }

    fn non_generic(&mut self, x: &mut Operand<'a>, e: &'a Expr) {
        let what = match x.mode {
            Mode::Type if self.is_generic_type(x.ty) => "type",
            Mode::Value
                if self
                    .store
                    .as_signature(x.ty)
                    .is_some_and(|s| !s.tparams.is_empty()) =>
            {
                "function"
            }
            _ => return,
        };
        let msg = format!(
            "cannot use generic {what} {} without instantiation",
            self.es(e)
        );
        self.error(e.pos, msg);
        x.mode = Mode::None;
        x.ty = tid::INVALID;
    }

    fn expr_internal(&mut self, x: &mut Operand<'a>, e: &'a Expr, hint: Option<TypeId>) {
        x.expr = Some(e);
        match &e.kind {
            ExprKind::Bad => {}
            ExprKind::Ident(name) => self.ident(x, e, *name, false),
            ExprKind::Ellipsis(_) => self.error(e.pos, "invalid use of ..."),
            ExprKind::BasicLit(l) => self.basic_lit(x, e, l.kind, &l.text),
            ExprKind::FuncLit(f) => self.func_lit(x, e, f),
            ExprKind::CompositeLit(c) => self.composite_lit(x, e, c, hint),
            ExprKind::Paren(inner) => {
                self.raw_expr(x, inner, hint, true);
                x.expr = Some(e);
            }
            ExprKind::Selector { .. } => self.selector(x, e, false),
            ExprKind::Index(ix) => self.index_expr(x, e, ix),
            ExprKind::Slice(s) => self.slice_expr(x, e, s),
            ExprKind::TypeAssert { x: inner, ty } => {
                self.expr(x, inner);
                if x.is_invalid() {
                    // The type is still looked at, so that its names are used.
                    self.var_type(ty);
                    return;
                }
                if self.store.is_type_param(x.ty) {
                    let msg = format!(
                        "invalid operation: cannot use type assertion on type parameter value {}",
                        self.os(x)
                    );
                    self.error(x.pos(), msg);
                    x.mode = Mode::None;
                    return;
                }
                if !self.store.is_interface(x.ty) {
                    if x.ty != tid::INVALID {
                        let msg = format!("invalid operation: {} is not an interface", self.os(x));
                        self.error(x.pos(), msg);
                    }
                    x.mode = Mode::None;
                    return;
                }
                let t = self.var_type(ty);
                if t == tid::INVALID {
                    x.mode = Mode::None;
                    return;
                }
                self.type_assertion(e, x, t, false);
                x.mode = Mode::CommaOk;
                x.ty = t;
            }
            ExprKind::Call(c) => self.call_expr(x, e, c),
            ExprKind::Star(inner) => {
                self.expr_or_type(x, inner, false);
                match x.mode {
                    Mode::None => {}
                    Mode::Type => {
                        let t = x.ty;
                        self.later(move |c| c.check_pointer_base(inner, t));
                        x.ty = self.store.pointer(x.ty);
                    }
                    _ => {
                        if x.is_nil() {
                            self.error(x.pos(), "invalid operation: cannot indirect nil");
                            x.mode = Mode::None;
                            return;
                        }
                        let elem = match self
                            .store
                            .core_type(x.ty)
                            .map(|c| self.store.get(c).clone())
                        {
                            Some(Type::Pointer(e)) => e,
                            _ => {
                                if x.ty != tid::INVALID {
                                    let msg = format!(
                                        "invalid operation: cannot indirect {}",
                                        self.os(x)
                                    );
                                    self.error(x.pos(), msg);
                                }
                                x.mode = Mode::None;
                                return;
                            }
                        };
                        x.mode = Mode::Variable;
                        x.ty = elem;
                    }
                }
            }
            ExprKind::Unary { op, x: inner } => self.unary(x, e, *op, inner),
            ExprKind::Binary {
                op,
                op_pos,
                x: a,
                y: b,
            } => self.binary(x, Some(e), a, b, *op, *op_pos),
            ExprKind::KeyValue { .. } => self.error(e.pos, "no key:value expected"),
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::FuncType(_)
            | ExprKind::InterfaceType(_)
            | ExprKind::MapType { .. }
            | ExprKind::ChanType { .. } => {
                let t = self.typ(e);
                if t != tid::INVALID {
                    x.mode = Mode::Type;
                    x.ty = t;
                }
            }
        }
    }

    fn check_pointer_base(&mut self, _e: &'a Expr, _t: TypeId) {}

    fn basic_lit(&mut self, x: &mut Operand<'a>, e: &'a Expr, kind: LitKind, text: &str) {
        if matches!(kind, LitKind::Int | LitKind::Float | LitKind::Imag) && text.len() > MAX_LITERAL
        {
            let msg = format!(
                "excessively long constant: {}... ({} chars)",
                &text[..10],
                text.len()
            );
            self.error(e.pos, msg);
            return;
        }
        let (ty, val) = match kind {
            LitKind::Int => (tid::UNTYPED_INT, Const::parse_int(text)),
            LitKind::Float => (tid::UNTYPED_FLOAT, Const::parse_float(text)),
            LitKind::Imag => (tid::UNTYPED_COMPLEX, Const::parse_imaginary(text)),
            LitKind::Char => (
                tid::UNTYPED_RUNE,
                syntax::unquote_char(text).map_or(Const::Unknown, |c| Const::Int(i64::from(c))),
            ),
            LitKind::String => (
                tid::UNTYPED_STRING,
                Const::Str(syntax::unquote_string(text).into()),
            ),
        };
        if !val.is_known() {
            // The scanner has reported it.
            return;
        }
        x.mode = Mode::Const;
        x.ty = ty;
        x.val = val;
        self.overflow(x, e.pos);
    }

    // Unary operators

    fn unary(&mut self, x: &mut Operand<'a>, e: &'a Expr, op: UnaryOp, inner: &'a Expr) {
        if op == UnaryOp::Addr {
            // A parenthesised composite literal may have its address taken too.
            self.expr(x, inner);
            if x.is_invalid() {
                return;
            }
            let bare = inner.unparen();
            if !matches!(bare.kind, ExprKind::CompositeLit(_)) && x.mode != Mode::Variable {
                let msg = format!("invalid operation: cannot take address of {}", self.os(x));
                self.error(x.pos(), msg);
                x.mode = Mode::None;
                return;
            }
            self.mark_address_taken(bare);
            x.mode = Mode::Value;
            x.ty = self.store.pointer(x.ty);
            return;
        }
        self.expr(x, inner);
        if x.is_invalid() {
            return;
        }
        match op {
            UnaryOp::Recv => {
                let Some(elem) = self.chan_elem(x, x.pos(), true) else {
                    x.mode = Mode::None;
                    return;
                };
                x.mode = Mode::CommaOk;
                x.ty = elem;
                self.env.has_call = true;
                return;
            }
            UnaryOp::Tilde => {
                let msg = if self.store.all_basic(x.ty, BasicKind::is_integer) {
                    "cannot use ~ outside of interface or type constraint (use ^ for bitwise complement)"
                } else {
                    "cannot use ~ outside of interface or type constraint"
                };
                self.error(e.pos, msg);
                x.mode = Mode::None;
                return;
            }
            _ => {}
        }
        let ok = match op {
            UnaryOp::Plus | UnaryOp::Neg => self.store.all_basic(x.ty, BasicKind::is_numeric),
            UnaryOp::Xor => self.store.all_basic(x.ty, BasicKind::is_integer),
            _ => self.store.all_basic(x.ty, BasicKind::is_boolean),
        };
        if !ok {
            self.undefined_operator(op.text(), x);
            return;
        }
        if x.is_const() {
            let kind = self.store.basic(x.ty).unwrap_or(BasicKind::Invalid);
            x.val = match op {
                UnaryOp::Plus => x.val.clone(),
                UnaryOp::Neg => x.val.neg(),
                UnaryOp::Xor => x.val.not(kind.is_unsigned().then(|| kind.int_bits())),
                _ => x.val.as_bool().map_or(Const::Unknown, |b| Const::Bool(!b)),
            };
            x.expr = Some(e);
            self.overflow(x, e.pos);
            return;
        }
        x.mode = Mode::Value;
    }

    fn undefined_operator(&mut self, op: &str, x: &mut Operand<'a>) {
        if x.ty != tid::INVALID {
            let msg = format!(
                "invalid operation: operator {op} not defined on {}",
                self.os(x)
            );
            self.error(x.pos(), msg);
        }
        x.mode = Mode::None;
    }

    /// The variable behind `x`, `x.f`, `x[i]` of arrays gets its address taken.
    pub fn mark_address_taken(&mut self, e: &Expr) {
        let mut e = e.unparen();
        loop {
            match &e.kind {
                ExprKind::Ident(_) => {
                    if let Some(o) = self.info.object(e.id)
                        && let crate::objects::ObjKind::Var(v) = &mut self.objs[o.0 as usize].kind
                    {
                        v.address_taken = true;
                    }
                    return;
                }
                ExprKind::Selector { x, .. } => {
                    if self.info.selections.get(&e.id).is_none_or(|s| s.indirect) {
                        return;
                    }
                    e = x.unparen();
                }
                ExprKind::Index(ix) => {
                    let t = self.info.type_of(ix.x.id).ty;
                    let u = self.under(t);
                    if !matches!(self.store.get(u), Type::Array(..)) {
                        return;
                    }
                    e = ix.x.unparen();
                }
                _ => return,
            }
        }
    }

    /// The element type of the channel `x`, to receive from or send to; reports what is wrong if it is none.
    pub fn chan_elem(&mut self, x: &Operand<'a>, pos: Pos, recv: bool) -> Option<TypeId> {
        use syntax::ChanDir;
        if x.ty == tid::INVALID {
            return None;
        }
        let is_param = self.store.is_type_param(x.ty);
        let mut cause = String::new();
        let mut elem = None;
        let terms = self.store.terms_of(x.ty).filter(|t| !t.is_empty());
        match terms {
            None => cause = "no specific channel type".into(),
            Some(terms) => {
                for m in terms {
                    let u = self.under(m.ty);
                    let t = m.ty;
                    match *self.store.get(u) {
                        Type::Chan(ChanDir::Send, _) if recv => {
                            cause = format!("send-only channel {}", self.ts(t))
                        }
                        Type::Chan(ChanDir::Recv, _) if !recv => {
                            cause = format!("receive-only channel {}", self.ts(t));
                        }
                        Type::Chan(_, el) => match elem {
                            None => elem = Some(el),
                            Some(e) if !self.store.identical(e, el) => {
                                cause = "no specific channel type".into()
                            }
                            _ => {}
                        },
                        _ => cause = format!("non-channel {}", self.ts(t)),
                    }
                    if !cause.is_empty() {
                        break;
                    }
                }
            }
        }
        if cause.is_empty() {
            return elem;
        }
        let verb = if recv { "receive from" } else { "send to" };
        let shown = self.os(x);
        let msg = if is_param {
            format!("invalid operation: cannot {verb} {shown}: {cause}")
        } else {
            format!("invalid operation: cannot {verb} {cause} {shown}")
        };
        self.error(pos, msg);
        None
    }

    // Binary operators

    /// `lhs op rhs`; `e` is absent for `lhs op= rhs`.
    pub fn binary(
        &mut self,
        x: &mut Operand<'a>,
        e: Option<&'a Expr>,
        lhs: &'a Expr,
        rhs: &'a Expr,
        op: BinaryOp,
        op_pos: Pos,
    ) {
        let mut y = Operand::invalid();
        self.expr(x, lhs);
        self.expr(&mut y, rhs);
        if x.is_invalid() {
            return;
        }
        if y.is_invalid() {
            x.mode = Mode::None;
            x.expr = y.expr;
            return;
        }
        self.binary_operands(x, &mut y, e, Some((lhs, rhs)), op, op_pos);
    }

    /// A binary operation on checked operands.
    pub fn binary_operands(
        &mut self,
        x: &mut Operand<'a>,
        y: &mut Operand<'a>,
        e: Option<&'a Expr>,
        sides: Option<(&'a Expr, &'a Expr)>,
        op: BinaryOp,
        op_pos: Pos,
    ) {
        if op.is_shift() {
            self.shift(x, y, e, op, op_pos);
            return;
        }
        if !self.match_types(x, y) {
            x.mode = Mode::None;
            return;
        }
        if op.is_comparison() {
            self.comparison(x, y, op, false);
            return;
        }
        if !self.store.identical(x.ty, y.ty) {
            if x.ty != tid::INVALID && y.ty != tid::INVALID {
                self.mismatched(x, y, e, sides, op);
            }
            x.mode = Mode::None;
            return;
        }
        let ok = match op {
            BinaryOp::Add => self
                .store
                .all_basic(x.ty, |k| k.is_numeric() || k.is_string()),
            BinaryOp::Sub | BinaryOp::Mul | BinaryOp::Div => {
                self.store.all_basic(x.ty, BasicKind::is_numeric)
            }
            BinaryOp::LogAnd | BinaryOp::LogOr => self.store.all_basic(x.ty, BasicKind::is_boolean),
            _ => self.store.all_basic(x.ty, BasicKind::is_integer),
        };
        if !ok {
            self.undefined_operator(op.text(), x);
            return;
        }
        let integer = self.store.all_basic(x.ty, BasicKind::is_integer);
        if matches!(op, BinaryOp::Div | BinaryOp::Rem) && (x.is_const() || integer) && y.is_const()
        {
            // The quotient of complex numbers divides by the sum of squares.
            let square = |c: Const| c.arith(Arith::Mul, &c);
            let zero = y.val.is_zero()
                || self.store.all_basic(x.ty, BasicKind::is_complex)
                    && square(y.val.real()).is_zero()
                    && square(y.val.imag()).is_zero();
            if zero {
                self.error(y.pos(), "invalid operation: division by zero");
                x.mode = Mode::None;
                return;
            }
        }
        if x.is_const() && y.is_const() {
            x.val = match op {
                BinaryOp::LogAnd | BinaryOp::LogOr => match (x.val.as_bool(), y.val.as_bool()) {
                    (Some(a), Some(b)) => Const::Bool(if op == BinaryOp::LogAnd {
                        a && b
                    } else {
                        a || b
                    }),
                    _ => Const::Unknown,
                },
                _ => {
                    let arith = match op {
                        BinaryOp::Add => Arith::Add,
                        BinaryOp::Sub => Arith::Sub,
                        BinaryOp::Mul => Arith::Mul,
                        BinaryOp::Div if integer => Arith::IntQuo,
                        BinaryOp::Div => Arith::Quo,
                        BinaryOp::Rem => Arith::Rem,
                        BinaryOp::And => Arith::And,
                        BinaryOp::Or => Arith::Or,
                        BinaryOp::Xor => Arith::Xor,
                        _ => Arith::AndNot,
                    };
                    let (a, b) = if integer {
                        (x.val.to_int(), y.val.to_int())
                    } else {
                        (x.val.clone(), y.val.clone())
                    };
                    a.arith(arith, &b)
                }
            };
            if let Some(e) = e {
                x.expr = Some(e);
            }
            self.overflow(x, op_pos);
            return;
        }
        x.mode = Mode::Value;
        x.val = Const::Unknown;
    }

    fn mismatched(
        &mut self,
        x: &mut Operand<'a>,
        y: &Operand<'a>,
        e: Option<&'a Expr>,
        sides: Option<(&'a Expr, &'a Expr)>,
        op: BinaryOp,
    ) {
        if x.ty == tid::INVALID || y.ty == tid::INVALID {
            x.mode = Mode::None;
            return;
        }
        let (a, b) = (self.ts(x.ty), self.ts(y.ty));
        let msg = match (e, sides) {
            (Some(e), _) => format!(
                "invalid operation: {} (mismatched types {a} and {b})",
                self.es(e)
            ),
            (None, Some((l, r))) => {
                format!(
                    "invalid operation: {} {op}= {} (mismatched types {a} and {b})",
                    self.es(l),
                    self.es(r)
                )
            }
            _ => format!("invalid operation: mismatched types {a} and {b}"),
        };
        self.error(x.pos(), msg);
        x.mode = Mode::None;
    }

    /// `x op y` for a comparison operator; `in_case` for the cases of a switch on `y`.
    pub fn comparison(
        &mut self,
        x: &mut Operand<'a>,
        y: &mut Operand<'a>,
        op: BinaryOp,
        in_case: bool,
    ) {
        if x.ty == tid::INVALID || y.ty == tid::INVALID {
            x.mode = Mode::None;
            return;
        }
        let mut blame_y = false;
        let mut cause = String::new();
        let mut ok = true;
        if self.assignable(x, y.ty).is_err() && self.assignable(y, x.ty).is_err() {
            blame_y = true;
            ok = false;
            cause = format!("mismatched types {} and {}", self.ts(x.ty), self.ts(y.ty));
        } else if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
            if x.is_nil() || y.is_nil() {
                let t = if x.is_nil() { y.ty } else { x.ty };
                if !self.store.has_nil(t) || t == tid::UNTYPED_NIL {
                    blame_y = true;
                    ok = false;
                }
            } else if let Some(why) = self.store.incomparable_part(x.ty, true) {
                ok = false;
                cause = self.incomparable_cause(x.ty, why);
            } else if let Some(why) = self.store.incomparable_part(y.ty, true) {
                blame_y = true;
                ok = false;
                cause = self.incomparable_cause(y.ty, why);
            }
        } else if !self.store.all_ordered(x.ty) {
            ok = false;
        } else if !self.store.all_ordered(y.ty) {
            blame_y = true;
            ok = false;
        }
        if !ok {
            if cause.is_empty() {
                let (xp, yp) = (
                    self.store.is_type_param(x.ty),
                    self.store.is_type_param(y.ty),
                );
                if xp || yp {
                    if !xp {
                        blame_y = true;
                    }
                    let t = if blame_y { y.ty } else { x.ty };
                    cause = format!("type parameter {} cannot use operator {op}", self.ts(t));
                } else {
                    let t = if blame_y { y.ty } else { x.ty };
                    let kind = self.composite_kind(t);
                    let what = if t == tid::UNTYPED_NIL {
                        "nil".to_string()
                    } else if kind.is_empty() {
                        self.ts(t)
                    } else {
                        kind.to_string()
                    };
                    cause = format!("operator {op} not defined on {what}");
                }
            }
            let xs = self.xs(x);
            // The tag of a switch without one is `true`.
            let ys = if y.expr.is_none() {
                y.val.to_string()
            } else {
                self.xs(y)
            };
            if in_case {
                self.error(
                    x.pos(),
                    format!("invalid case {xs} in switch on {ys} ({cause})"),
                );
            } else {
                let pos = if blame_y { y.pos() } else { x.pos() };
                self.error(pos, format!("invalid operation: {xs} {op} {ys} ({cause})"));
            }
            x.mode = Mode::None;
            return;
        }
        if x.is_const() && y.is_const() {
            let order = x.val.compare(&y.val);
            x.val = match order {
                None => Const::Unknown,
                Some(o) => Const::Bool(match op {
                    BinaryOp::Eq => o == Ordering::Equal,
                    BinaryOp::Ne => o != Ordering::Equal,
                    BinaryOp::Lt => o == Ordering::Less,
                    BinaryOp::Le => o != Ordering::Greater,
                    BinaryOp::Gt => o == Ordering::Greater,
                    _ => o != Ordering::Less,
                }),
            };
        } else {
            x.mode = Mode::Value;
            x.val = Const::Unknown;
            for o in [&*x, &*y] {
                let t = self.store.default_type(o.ty);
                if let Some(e) = o.expr {
                    self.update_expr_type(e, t, true);
                }
            }
        }
        x.ty = tid::UNTYPED_BOOL;
    }

    fn incomparable_cause(&mut self, t: TypeId, why: Incomparable) -> String {
        match why {
            Incomparable::Kind(k) => format!("{k} can only be compared to nil"),
            Incomparable::Field(f) => {
                format!("struct containing {} cannot be compared", self.ts(f))
            }
            Incomparable::Element => format!("{} cannot be compared", self.ts(t)),
            Incomparable::TypeParam => {
                if self.store.type_set(t).is_empty() {
                    "empty type set".into()
                } else {
                    "incomparable types in type set".into()
                }
            }
            Incomparable::Plain => String::new(),
        }
    }

    // Shifts

    fn shift(
        &mut self,
        x: &mut Operand<'a>,
        y: &mut Operand<'a>,
        e: Option<&'a Expr>,
        op: BinaryOp,
        op_pos: Pos,
    ) {
        let untyped = self.store.is_untyped(x.ty);
        let xval = if x.is_const() {
            x.val.to_int()
        } else {
            Const::Unknown
        };
        let integer = self.store.all_basic(x.ty, BasicKind::is_integer);
        // An untyped constant may be a float of integer value.
        if !(integer || (untyped && x.is_const() && xval.is_known())) {
            if x.ty != tid::INVALID {
                let msg = format!(
                    "invalid operation: shifted operand {} must be integer",
                    self.os(x)
                );
                self.error(x.pos(), msg);
            }
            x.mode = Mode::None;
            return;
        }
        let mut yval = Const::Unknown;
        if y.is_const() {
            yval = y.val.to_int();
            if yval.is_known() && yval.signum() < 0 {
                let msg = format!("invalid operation: negative shift count {}", self.os(y));
                self.error(y.pos(), msg);
                x.mode = Mode::None;
                return;
            }
            let float = self.store.is_untyped(y.ty);
            if float {
                self.representable(y, tid::UINT);
                if y.is_invalid() {
                    x.mode = Mode::None;
                    return;
                }
                if let Some(ye) = y.expr {
                    self.update_value(&Operand {
                        val: yval.clone(),
                        ..y.clone()
                    });
                    self.update_expr_type(ye, tid::UINT, true);
                }
            }
        }
        if !y.is_const() || !self.store.is_untyped(y.ty) {
            if !self.store.all_basic(y.ty, BasicKind::is_integer) {
                if self.store.is_untyped(y.ty) {
                    self.convert_untyped(y, tid::UINT);
                } else {
                    if y.ty != tid::INVALID {
                        let msg = format!(
                            "invalid operation: shift count {} must be integer",
                            self.os(y)
                        );
                        self.error(y.pos(), msg);
                    }
                    y.mode = Mode::None;
                }
            } else if self.store.is_untyped(y.ty) {
                self.convert_untyped(y, tid::UINT);
            }
            if y.is_invalid() {
                x.mode = Mode::None;
                return;
            }
        }
        if x.is_const() {
            if y.is_const() {
                if !x.val.is_known() || !yval.is_known() {
                    x.val = Const::Unknown;
                    if !integer {
                        x.ty = tid::UNTYPED_INT;
                    }
                    return;
                }
                let count = yval
                    .as_u64()
                    .filter(|&n| n < MAX_SHIFT + 1 || op == BinaryOp::Shr);
                let Some(n) = count else {
                    let msg = format!("invalid operation: invalid shift count {}", self.os(y));
                    self.error(y.pos(), msg);
                    x.mode = Mode::None;
                    return;
                };
                if untyped && !self.store.is_basic(x.ty, BasicKind::is_integer) {
                    x.ty = tid::UNTYPED_INT;
                }
                let n = u32::try_from(n).unwrap_or(u32::MAX);
                x.val = if op == BinaryOp::Shl {
                    xval.shl(n)
                } else {
                    xval.shr(n.min(1 << 20))
                };
                if let Some(e) = e {
                    x.expr = Some(e);
                }
                self.overflow(x, op_pos);
                return;
            }
            if untyped {
                // The operand takes the type that the context gives the shift; remember to check it then.
                if let Some(xe) = x.expr {
                    self.info.untyped_lhs.insert(xe.id);
                    let mut inner = xe;
                    while let ExprKind::Paren(p) = &inner.kind {
                        inner = p;
                        self.info.untyped_lhs.insert(inner.id);
                    }
                }
                x.mode = Mode::Value;
                return;
            }
        }
        x.mode = Mode::Value;
        x.val = Const::Unknown;
    }

    /// Checks that `x.(t)` (or `case t`) is possible.
    pub fn type_assertion(&mut self, e: &'a Expr, x: &Operand<'a>, t: TypeId, type_switch: bool) {
        // The dynamic type may have any methods besides.
        if self.store.is_interface(t) || self.store.is_type_param(t) {
            return;
        }
        let Some((name, why)) = self.missing_method_of(t, x.ty, false) else {
            return;
        };
        let cause = self.missing_cause(t, x.ty, name, &why);
        let text = self.es(e);
        let msg = if type_switch {
            format!(
                "impossible type switch case: {text}\n\t{} cannot have dynamic type {} {cause}",
                self.os(x),
                self.ts(t)
            )
        } else {
            format!(
                "impossible type assertion: {text}\n\t{} does not implement {} {cause}",
                self.ts(t),
                self.ts(x.ty)
            )
        };
        self.error(e.pos, msg);
    }
}
