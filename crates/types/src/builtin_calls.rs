//! Calls of predeclared functions and of those of package unsafe.

use crate::builtins::Builtin;
use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{BasicKind, Type, TypeId, tid};
use std::cmp::Ordering;
use syntax::{CallExpr, ChanDir, Expr, ExprKind};

impl<'a> Checker<'a> {
    /// `builtin(args)`
    pub fn builtin_call(&mut self, x: &mut Operand<'a>, e: &'a Expr, c: &'a CallExpr, b: Builtin) {
        let (name, min, variadic) = b.facts();
        let name = if b.is_unsafe() {
            self.es(&c.fun)
        } else {
            name.to_string()
        };
        if c.ellipsis.is_some() && b != Builtin::Append {
            let msg = format!("invalid operation: invalid use of ... with built-in {name}");
            self.error(e.pos, msg);
            self.use_exprs(&c.args);
            x.mode = Mode::None;
            return;
        }
        // len and cap of an array are constant unless evaluating it calls or receives.
        let had_call = self.env.has_call;
        if matches!(b, Builtin::Len | Builtin::Cap) {
            self.env.has_call = false;
        }
        let mut args: Vec<Operand<'a>> = Vec::new();
        match b {
            Builtin::Make | Builtin::New | Builtin::Offsetof => {}
            _ => args = self.builtin_args(&c.args),
        }
        let inner_call = self.env.has_call;
        self.env.has_call |= had_call;
        x.mode = Mode::None;
        if args.iter().any(|a| a.is_invalid()) {
            if matches!(b, Builtin::Panic) {
                self.panics.insert(e.id);
            }
            return;
        }
        let n = match b {
            Builtin::Make | Builtin::New | Builtin::Offsetof => c.args.len(),
            _ => args.len(),
        };
        let wrong = if n < min {
            Some("not enough")
        } else if !variadic && n > min {
            Some("too many")
        } else {
            None
        };
        if let Some(q) = wrong {
            let at = e.pos;
            let msg = format!(
                "invalid operation: {q} arguments for {} (expected {min}, found {n})",
                self.es(e)
            );
            self.error(at, msg);
            return;
        }
        let value = |x: &mut Operand<'a>, t: TypeId| {
            x.mode = Mode::Value;
            x.ty = t;
            x.val = Const::Unknown;
        };
        match b {
            Builtin::Append => self.append(x, c, args),
            Builtin::Len | Builtin::Cap => {
                let Some(a) = args.pop() else { return };
                self.len_cap(x, a, b, inner_call);
            }
            Builtin::Clear => {
                let a = &args[0];
                let ok = self.all_terms(a.ty, |c, u| {
                    matches!(c.store.get(u), Type::Map(..) | Type::Slice(_))
                });
                if !ok {
                    let msg = format!(
                        "invalid argument: cannot clear {}: argument must be (or constrained by) map or slice",
                        self.os(a)
                    );
                    self.error(a.pos(), msg);
                    return;
                }
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            Builtin::Close => {
                let a = &args[0];
                let mut cause = None;
                for t in self.term_types(a.ty) {
                    let u = self.under(t);
                    match *self.store.get(u) {
                        Type::Chan(ChanDir::Recv, _) => cause = Some("receive-only channel"),
                        Type::Chan(..) => {}
                        _ => cause = Some("non-channel"),
                    }
                }
                if let Some(cause) = cause {
                    let msg = format!("invalid operation: cannot close {cause} {}", self.os(a));
                    self.error(a.pos(), msg);
                    return;
                }
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            Builtin::Complex => self.complex_call(x, e, args),
            Builtin::Copy => self.copy_call(x, args),
            Builtin::Delete => {
                let map = args[0].clone();
                let mut key = args[1].clone();
                let mut k: Option<TypeId> = None;
                for t in self.term_types(map.ty) {
                    let u = self.under(t);
                    let Type::Map(kt, _) = *self.store.get(u) else {
                        let msg = format!("invalid argument: {} is not a map", self.os(&map));
                        self.error(map.pos(), msg);
                        return;
                    };
                    if k.is_some_and(|k| !self.store.identical(k, kt)) {
                        let msg = format!(
                            "invalid argument: maps of {} must have identical key types",
                            self.os(&map)
                        );
                        self.error(map.pos(), msg);
                        return;
                    }
                    k = Some(kt);
                }
                self.assignment(&mut key, k, "argument to delete");
                if key.is_invalid() {
                    return;
                }
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            Builtin::Real | Builtin::Imag => self.real_imag(x, b, args),
            Builtin::Make => self.make_call(x, e, c),
            Builtin::Max | Builtin::Min => self.min_max(x, b, args),
            Builtin::New => {
                let arg = &c.args[0];
                let mut a = Operand::invalid();
                self.expr_or_type(&mut a, arg, false);
                match a.mode {
                    Mode::None => (),
                    Mode::Type => {
                        let t = a.ty;
                        if t == tid::INVALID {
                            return;
                        }
                        self.later_not_constraint(arg, t);
                        let p = self.store.pointer(t);
                        value(x, p);
                    }
                    _ => {
                        self.assignment(&mut a, None, "argument to new");
                        if a.is_invalid() {
                            return;
                        }
                        let p = self.store.pointer(a.ty);
                        value(x, p);
                    }
                }
            }
            Builtin::Panic => {
                self.panics.insert(e.id);
                let mut a = args.swap_remove(0);
                self.assignment(&mut a, Some(tid::EMPTY_INTERFACE), "argument to panic");
                if a.is_invalid() {
                    return;
                }
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            Builtin::Print | Builtin::Println => {
                for a in &mut args {
                    let context = if b == Builtin::Print {
                        "argument to built-in print"
                    } else {
                        "argument to built-in println"
                    };
                    self.assignment(a, None, context);
                    if a.is_invalid() {
                        return;
                    }
                }
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            Builtin::Recover => {
                let f = self.env.func as usize;
                if let Some(info) = self.info.funcs.get_mut(f) {
                    info.has_recover = true;
                }
                value(x, tid::EMPTY_INTERFACE);
                x.ty = tid::ANY;
            }
            Builtin::Add => {
                self.assignment(
                    &mut args[0],
                    Some(tid::UNSAFE_POINTER),
                    "argument to unsafe.Add",
                );
                if args[0].is_invalid() || !self.valid_index(&mut args[1], "length", true) {
                    return;
                }
                value(x, tid::UNSAFE_POINTER);
            }
            Builtin::Alignof | Builtin::Sizeof => {
                let a = &mut args[0];
                let what = if b == Builtin::Sizeof {
                    "argument to unsafe.Sizeof"
                } else {
                    "argument to unsafe.Alignof"
                };
                self.assignment(a, None, what);
                if a.is_invalid() {
                    return;
                }
                let t = a.ty;
                x.ty = tid::UINTPTR;
                if self.has_variable_size(t) {
                    x.mode = Mode::Value;
                } else {
                    let n = if b == Builtin::Sizeof {
                        self.store.sizeof(t)
                    } else {
                        self.store.alignof(t)
                    };
                    x.mode = Mode::Const;
                    x.val = Const::Int(n);
                }
            }
            Builtin::Offsetof => self.offsetof(x, &c.args[0]),
            Builtin::Slice => {
                let Some(elem) = self.core_pointer_elem(args[0].ty) else {
                    let msg = format!("invalid argument: {} is not a pointer", self.os(&args[0]));
                    self.error(args[0].pos(), msg);
                    return;
                };
                if !self.valid_index(&mut args[1], "length", false) {
                    return;
                }
                let s = self.store.slice(elem);
                value(x, s);
            }
            Builtin::SliceData => {
                let core = self.store.core_type(args[0].ty);
                let Some(Type::Slice(elem)) = core.map(|u| self.store.get(u).clone()) else {
                    let msg = format!("invalid argument: {} is not a slice", self.os(&args[0]));
                    self.error(args[0].pos(), msg);
                    return;
                };
                let p = self.store.pointer(elem);
                value(x, p);
            }
            Builtin::String => {
                let p = self.store.pointer(tid::BYTE);
                self.assignment(&mut args[0], Some(p), "argument to unsafe.String");
                if args[0].is_invalid() || !self.valid_index(&mut args[1], "length", false) {
                    return;
                }
                value(x, tid::STRING);
            }
            Builtin::StringData => {
                self.assignment(
                    &mut args[0],
                    Some(tid::STRING),
                    "argument to unsafe.StringData",
                );
                if args[0].is_invalid() {
                    return;
                }
                let p = self.store.pointer(tid::BYTE);
                value(x, p);
            }
        }
    }

    fn builtin_args(&mut self, args: &'a [Expr]) -> Vec<Operand<'a>> {
        let mut list = self.arg_list(args);
        for a in &mut list {
            if let (Mode::Value, Some(s)) = (a.mode, self.store.as_signature(a.ty))
                && !s.tparams.is_empty()
            {
                let msg = format!(
                    "cannot use generic function {} without instantiation",
                    self.xs(a)
                );
                self.error(a.pos(), msg);
                a.mode = Mode::None;
            }
        }
        list
    }

    /// The types that a type stands for; of a type parameter without specific types none.
    pub fn term_types(&mut self, t: TypeId) -> Vec<TypeId> {
        match self.store.terms_of(t) {
            Some(ts) if !ts.is_empty() => ts.iter().map(|m| m.ty).collect(),
            _ => vec![t],
        }
    }

    fn all_terms(&mut self, t: TypeId, f: impl Fn(&mut Self, TypeId) -> bool) -> bool {
        self.term_types(t).into_iter().all(|t| {
            let u = self.under(t);
            f(self, u)
        })
    }

    fn core_pointer_elem(&mut self, t: TypeId) -> Option<TypeId> {
        let u = self.store.core_type(t)?;
        match *self.store.get(u) {
            Type::Pointer(e) => Some(e),
            _ => None,
        }
    }

    fn later_not_constraint(&mut self, e: &'a Expr, t: TypeId) {
        if self.store.is_interface(t) && self.store.type_set(t).is_constraint_only() {
            let msg = format!(
                "cannot use type {} outside a type constraint: interface contains type constraints",
                self.ts(t)
            );
            self.error(e.pos, msg);
        }
    }

    fn append(&mut self, x: &mut Operand<'a>, c: &'a CallExpr, mut args: Vec<Operand<'a>>) {
        let s = args[0].ty;
        if args[0].is_nil() {
            self.error(
                args[0].pos(),
                "invalid append: argument must be a slice; have untyped nil",
            );
            return;
        }
        // append([]byte, string...) is a special case.
        let core = self.store.core_string(s);
        let elem = match core.map(|u| self.store.get(u).clone()) {
            Some(Type::Slice(e)) => Some(e),
            Some(Type::Basic(BasicKind::String)) if self.store.is_type_param(s) => Some(tid::BYTE),
            _ => None,
        };
        let Some(elem) = elem else {
            let shown = self.os(&args[0]);
            let pos = args[0].pos();
            if s != tid::INVALID {
                self.error(
                    pos,
                    format!("invalid append: argument must be a slice; have {shown}"),
                );
            }
            return;
        };
        x.mode = Mode::Value;
        x.ty = s;
        x.val = Const::Unknown;
        if c.ellipsis.is_some() {
            if args.len() == 2 {
                let bytes = {
                    let u = self.under(elem);
                    self.store.identical(u, tid::UINT8)
                };
                let t = args[1].ty;
                let string = self
                    .store
                    .core_string(t)
                    .is_some_and(|u| self.store.is_basic(u, BasicKind::is_string));
                if bytes && string {
                    if self.store.is_untyped(t) {
                        self.convert_untyped(&mut args[1], tid::STRING);
                    }
                    return;
                }
                let target = match core {
                    Some(u) if self.store.has_name(s) => u,
                    Some(_) => s,
                    None => s,
                };
                let params = self.store.slice(elem);
                let _ = target;
                self.assignment(&mut args[1], Some(params), "argument to append");
                if args[1].is_invalid() {
                    x.mode = Mode::None;
                }
            } else {
                let msg = if args.len() > 2 {
                    let have: Vec<TypeId> = args.iter().map(|a| a.ty).collect();
                    format!(
                        "too many arguments in call to append\n\thave {}\n\twant ({}, ...{})",
                        self.types_summary(&have, false),
                        self.ts(s),
                        self.ts(elem)
                    )
                } else {
                    "not enough arguments in call to append".to_string()
                };
                let pos = args.get(1).map_or(c.rparen, |a| a.pos());
                self.error(pos, msg);
                x.mode = Mode::None;
            }
            return;
        }
        for a in args.iter_mut().skip(1) {
            if let (Mode::Value, Some(e)) = (a.mode, a.expr)
                && self
                    .store
                    .as_signature(a.ty)
                    .is_some_and(|s| !s.tparams.is_empty())
            {
                self.infer_from_target(a, e, elem);
            }
            self.assignment(a, Some(elem), "argument to append");
        }
    }

    fn len_cap(&mut self, x: &mut Operand<'a>, mut a: Operand<'a>, b: Builtin, called: bool) {
        let mut value: Option<Const> = None;
        let mut ok = true;
        let is_param = self.store.is_type_param(a.ty);
        for t in self.term_types(a.ty) {
            let mut u = self.under(t);
            if let Type::Pointer(p) = *self.store.get(u) {
                let pu = self.under(p);
                if matches!(self.store.get(pu), Type::Array(..)) {
                    u = pu;
                }
            }
            match *self.store.get(u) {
                Type::Basic(k) if k.is_string() && b == Builtin::Len => {
                    if a.is_const() {
                        value = a.val.as_str().map(|s| Const::Int(s.len() as i64));
                    }
                }
                Type::Array(n, _) => {
                    if !called && !is_param && n >= 0 {
                        value = Some(Const::Int(n));
                    }
                }
                Type::Slice(_) | Type::Chan(..) => {}
                Type::Map(..) if b == Builtin::Len => {}
                _ => ok = false,
            }
        }
        if !ok {
            if a.ty != tid::INVALID {
                let name = b.facts().0;
                let msg = format!("invalid argument: {} for built-in {name}", self.os(&a));
                self.error(a.pos(), msg);
            }
            return;
        }
        if self.store.is_untyped(a.ty) && value.is_none() {
            self.convert_untyped(&mut a, tid::STRING);
        } else if self.store.is_untyped(a.ty)
            && let Some(e) = a.expr
        {
            self.update_expr_type(e, tid::STRING, true);
        }
        x.ty = tid::INT;
        match value {
            Some(v) => {
                x.mode = Mode::Const;
                x.val = v;
            }
            None => {
                x.mode = Mode::Value;
                x.val = Const::Unknown;
            }
        }
    }

    fn complex_call(&mut self, x: &mut Operand<'a>, e: &'a Expr, mut args: Vec<Operand<'a>>) {
        let (Some(mut b), Some(mut a)) = (args.pop(), args.pop()) else {
            return;
        };
        let (ua, ub) = (self.store.is_untyped(a.ty), self.store.is_untyped(b.ty));
        match (ua, ub) {
            (false, true) => {
                let t = a.ty;
                self.convert_untyped(&mut b, t);
            }
            (true, false) => {
                let t = b.ty;
                self.convert_untyped(&mut a, t);
            }
            (true, true) => {
                let to_float = |c: &mut Self, x: &mut Operand<'a>| {
                    if c.store.is_basic(x.ty, BasicKind::is_numeric)
                        && x.is_const()
                        && x.val.imag().is_zero()
                    {
                        x.ty = tid::UNTYPED_FLOAT;
                    }
                };
                if a.is_const() && b.is_const() {
                    to_float(self, &mut a);
                    to_float(self, &mut b);
                } else {
                    self.convert_untyped(&mut a, tid::FLOAT64);
                    self.convert_untyped(&mut b, tid::FLOAT64);
                }
            }
            _ => {}
        }
        if a.is_invalid() || b.is_invalid() {
            return;
        }
        if !self.store.identical(a.ty, b.ty) {
            let msg = format!(
                "invalid operation: {} (mismatched types {} and {})",
                self.es(e),
                self.ts(a.ty),
                self.ts(b.ty)
            );
            self.error(a.pos(), msg);
            return;
        }
        let t = match self.store.basic(a.ty) {
            Some(BasicKind::Float32) => tid::COMPLEX64,
            Some(BasicKind::Float64) => tid::COMPLEX128,
            Some(BasicKind::UntypedFloat) => tid::UNTYPED_COMPLEX,
            _ => {
                let msg = format!(
                    "invalid argument: arguments have type {}, expected floating-point",
                    self.ts(a.ty)
                );
                self.error(a.pos(), msg);
                return;
            }
        };
        if a.is_const() && b.is_const() {
            x.mode = Mode::Const;
            x.val = Const::make_complex(a.val.to_real(), b.val.to_real());
        } else {
            x.mode = Mode::Value;
        }
        x.ty = t;
    }

    fn real_imag(&mut self, x: &mut Operand<'a>, b: Builtin, mut args: Vec<Operand<'a>>) {
        let Some(mut a) = args.pop() else { return };
        if self.store.is_untyped(a.ty) {
            if a.is_const() {
                if self.store.is_basic(a.ty, BasicKind::is_numeric) {
                    a.ty = tid::UNTYPED_COMPLEX;
                }
            } else {
                self.convert_untyped(&mut a, tid::COMPLEX128);
                if a.is_invalid() {
                    return;
                }
            }
        }
        let t = match self.store.basic(a.ty) {
            Some(BasicKind::Complex64) => tid::FLOAT32,
            Some(BasicKind::Complex128) => tid::FLOAT64,
            Some(BasicKind::UntypedComplex) => tid::UNTYPED_FLOAT,
            _ => {
                let msg = format!(
                    "invalid argument: argument has type {}, expected complex type",
                    self.ts(a.ty)
                );
                self.error(a.pos(), msg);
                return;
            }
        };
        if a.is_const() {
            let c = a.val.to_complex();
            x.mode = Mode::Const;
            x.val = if b == Builtin::Real {
                c.real()
            } else {
                c.imag()
            };
        } else {
            x.mode = Mode::Value;
        }
        x.ty = t;
    }

    fn copy_call(&mut self, x: &mut Operand<'a>, mut args: Vec<Operand<'a>>) {
        let (Some(mut src), Some(dst)) = (args.pop(), args.pop()) else {
            return;
        };
        if self.store.is_untyped(src.ty) && self.store.is_basic(src.ty, BasicKind::is_string) {
            self.convert_untyped(&mut src, tid::STRING);
        }
        let elem = |c: &mut Self, t: TypeId, string: bool| -> Option<TypeId> {
            let u = if string {
                c.store.core_string(t)?
            } else {
                c.store.core_type(t)?
            };
            match *c.store.get(u) {
                Type::Slice(e) => Some(e),
                Type::Basic(k) if string && k.is_string() => Some(tid::BYTE),
                _ => None,
            }
        };
        let refuse = |c: &mut Self, x: &Operand<'a>| {
            let shown = if x.is_nil() {
                "untyped nil".to_string()
            } else {
                c.os(x)
            };
            c.error(
                x.pos(),
                format!("invalid copy: argument must be a slice; have {shown}"),
            );
        };
        let Some(d) = elem(self, dst.ty, false) else {
            return refuse(self, &dst);
        };
        let Some(s) = elem(self, src.ty, true) else {
            return refuse(self, &src);
        };
        if !self.store.identical(d, s) {
            let msg = format!(
                "invalid copy: arguments {} and {} have different element types {} and {}",
                self.os(&dst),
                self.os(&src),
                self.ts(d),
                self.ts(s)
            );
            self.error(dst.pos(), msg);
            return;
        }
        x.mode = Mode::Value;
        x.ty = tid::INT;
    }

    fn make_call(&mut self, x: &mut Operand<'a>, e: &'a Expr, c: &'a CallExpr) {
        let arg = &c.args[0];
        let t = self.var_type(arg);
        if t == tid::INVALID {
            self.use_exprs(&c.args[1..]);
            return;
        }
        let core = self.store.core_type(t);
        let min = match core.map(|u| self.store.get(u).clone()) {
            Some(Type::Slice(_)) => 2,
            Some(Type::Map(..) | Type::Chan(..)) => 1,
            Some(Type::Basic(BasicKind::Invalid)) => {
                self.use_exprs(&c.args[1..]);
                return;
            }
            Some(_) if !self.store.is_type_param(t) => {
                let msg = format!(
                    "invalid argument: cannot make {}: type must be slice, map, or channel",
                    self.es(arg)
                );
                self.error(arg.pos, msg);
                self.use_exprs(&c.args[1..]);
                return;
            }
            _ => {
                let msg = format!(
                    "invalid argument: cannot make {}: no specific type",
                    self.es(arg)
                );
                self.error(arg.pos, msg);
                self.use_exprs(&c.args[1..]);
                return;
            }
        };
        let n = c.args.len();
        if n < min || n > min + 1 {
            let msg = format!(
                "invalid operation: {} expects {min} or {} arguments; found {n}",
                self.es(e),
                min + 1
            );
            self.error(e.pos, msg);
            self.use_exprs(&c.args[1..]);
            return;
        }
        let mut sizes: Vec<Const> = Vec::new();
        for a in &c.args[1..] {
            let mut s = Operand::invalid();
            self.expr(&mut s, a);
            // A float constant of integer value will do.
            if self.valid_index(&mut s, "index", false) && s.is_const() {
                sizes.push(s.val.clone());
            }
        }
        if let [len, cap] = &sizes[..]
            && len.compare(cap) == Some(Ordering::Greater)
        {
            self.error(
                c.args[1].pos,
                "invalid argument: length and capacity swapped",
            );
        }
        x.mode = Mode::Value;
        x.ty = t;
        x.val = Const::Unknown;
    }

    fn min_max(&mut self, x: &mut Operand<'a>, b: Builtin, args: Vec<Operand<'a>>) {
        let name = b.facts().0;
        for a in &args {
            if !self.store.all_ordered(a.ty) {
                let msg = format!("invalid argument: {} cannot be ordered", self.os(a));
                self.error(a.pos(), msg);
                return;
            }
        }
        let mut rest = args.into_iter();
        let Some(mut acc) = rest.next() else { return };
        let mut all = vec![acc.clone()];
        for mut a in rest {
            if !self.match_types(&mut acc, &mut a) {
                return;
            }
            if !self.store.identical(acc.ty, a.ty) {
                let msg = format!(
                    "invalid argument: mismatched types {} (previous argument) and {} (type of {})",
                    self.ts(acc.ty),
                    self.ts(a.ty),
                    self.xs(&a)
                );
                self.error(a.pos(), msg);
                return;
            }
            if acc.is_const() && a.is_const() {
                let less = a.val.compare(&acc.val) == Some(Ordering::Less);
                if less == (b == Builtin::Min) {
                    acc.val = a.val.clone();
                }
            } else {
                acc.mode = Mode::Value;
            }
            all.push(a);
        }
        let _ = name;
        if acc.mode != Mode::Const {
            acc.mode = Mode::Value;
            acc.val = Const::Unknown;
        }
        // All operands take the common type (an untyped result is converted further by its context).
        let t = acc.ty;
        if !self.store.is_untyped(t) {
            for a in &all {
                if let Some(e) = a.expr {
                    self.update_expr_type(e, t, true);
                }
            }
        }
        x.mode = acc.mode;
        x.ty = t;
        x.val = acc.val;
    }

    fn offsetof(&mut self, x: &mut Operand<'a>, arg: &'a Expr) {
        let ExprKind::Selector { x: inner, sel } = &arg.unparen().kind else {
            let msg = format!(
                "invalid argument: {} is not a selector expression",
                self.es(arg)
            );
            self.error(arg.pos, msg);
            self.use_expr(arg);
            return;
        };
        let mut s = Operand::invalid();
        self.expr(&mut s, inner);
        if s.is_invalid() {
            return;
        }
        let base = self.store.pointer_elem(s.ty).unwrap_or(s.ty);
        let pkg = Some(self.env.pkg);
        let Ok(found) = self.lookup_member(base, sel.name, pkg, false) else {
            let msg = format!(
                "invalid argument: {} has no single field {}",
                self.ts(base),
                sel.name
            );
            self.error(s.pos(), msg);
            return;
        };
        if found.member != crate::lookup::Member::Field {
            let msg = format!("invalid argument: {} is a method value", self.es(arg));
            self.error(arg.pos, msg);
            return;
        }
        if found.indirect {
            let msg = format!(
                "invalid argument: field {} is embedded via a pointer in {}",
                sel.name,
                self.ts(base)
            );
            self.error(s.pos(), msg);
            return;
        }
        let mut t = base;
        let mut offset = 0;
        let mut variable = false;
        for &i in &found.path {
            variable |= self.has_variable_size(t);
            offset += self
                .store
                .offsetsof(t)
                .get(i as usize)
                .copied()
                .unwrap_or(0);
            let u = self.under(t);
            if let Type::Struct(st) = self.store.get(u).clone() {
                t = st.fields[i as usize].ty;
            }
        }
        self.record_selection(
            arg.unparen().id,
            crate::info::Selection {
                kind: crate::info::SelectionKind::Field,
                recv: s.ty,
                path: found.path.into(),
                indirect: false,
                ty: found.ty,
            },
        );
        x.ty = tid::UINTPTR;
        if variable {
            x.mode = Mode::Value;
        } else {
            x.mode = Mode::Const;
            x.val = Const::Int(offset);
        }
    }

    /// Whether a type's size depends on type parameters.
    fn has_variable_size(&mut self, t: TypeId) -> bool {
        if !self.store.mentions_params(t) {
            return false;
        }
        let u = self.under(t);
        match self.store.get(u).clone() {
            Type::TypeParam(_) => true,
            Type::Array(_, e) => self.has_variable_size(e),
            Type::Struct(s) => s.fields.iter().any(|f| self.has_variable_size(f.ty)),
            _ => false,
        }
    }
}
