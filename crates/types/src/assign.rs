//! Assignments: of values to types, and of lists of values to variables.

use crate::checker::Checker;
use crate::consts::Misfit;
use crate::info::Mode;
use crate::objects::{ObjId, ObjKind, VarKind};
use crate::operand::Operand;
use crate::types::{Type, TypeId, tid};
use syntax::{Expr, ExprKind, Pos};

impl<'a> Checker<'a> {
    /// Converts `x` to type `t` (to its default type without one), or reports that it cannot be assigned.
    pub fn assignment(&mut self, x: &mut Operand<'a>, t: Option<TypeId>, context: &str) {
        self.single_value(x);
        match x.mode {
            Mode::None => return,
            Mode::Const
            | Mode::Variable
            | Mode::MapIndex
            | Mode::Value
            | Mode::Nil
            | Mode::CommaOk => {}
            _ => {
                let shown = self.os(x);
                let target = t.map_or(String::new(), |t| self.ts(t));
                self.error(
                    x.pos(),
                    format!("cannot assign {shown} to {target} in {context}"),
                );
                x.mode = Mode::None;
                return;
            }
        }
        if t == Some(tid::INVALID) {
            // The variable's declaration is at fault.
            x.mode = Mode::None;
            return;
        }
        if self.store.is_untyped(x.ty) {
            let mut target = t;
            match t {
                None => {
                    if x.is_nil() {
                        self.error(x.pos(), format!("use of untyped nil in {context}"));
                        x.mode = Mode::None;
                        return;
                    }
                    target = Some(self.store.default_type(x.ty));
                }
                Some(tt)
                    if self.store.is_interface(tt)
                        && !self.store.is_type_param(tt)
                        && !x.is_nil() =>
                {
                    target = Some(self.store.default_type(x.ty));
                }
                _ => {}
            }
            let target = target.unwrap_or(tid::INVALID);
            match self.implicit_type(x, target) {
                Err(m) => {
                    let mut msg = format!(
                        "cannot use {} as {} value in {context}",
                        self.os(x),
                        self.ts(target)
                    );
                    match m {
                        Misfit::Truncated => msg += " (truncated)",
                        Misfit::Overflows => msg += " (overflows)",
                        Misfit::Mismatch => {}
                    }
                    self.error(x.pos(), msg);
                    x.mode = Mode::None;
                    return;
                }
                Ok((nt, v)) => {
                    if let Some(v) = v {
                        x.val = v;
                        self.update_value(x);
                    }
                    if nt != x.ty {
                        x.ty = nt;
                        if let Some(e) = x.expr {
                            self.update_expr_type(e, nt, false);
                        }
                    }
                }
            }
        }
        if self
            .store
            .as_signature(x.ty)
            .is_some_and(|s| !s.tparams.is_empty())
        {
            let msg = format!(
                "cannot use generic function {} without instantiation",
                self.xs(x)
            );
            self.error(x.pos(), msg);
            x.mode = Mode::None;
            return;
        }
        let Some(t) = t else { return };
        if let Err(cause) = self.assignable(x, t) {
            let mut msg = format!(
                "cannot use {} as {} value in {context}",
                self.os(x),
                self.ts(t)
            );
            if !cause.is_empty() {
                msg += &format!(": {cause}");
            }
            self.error(x.pos(), msg);
            x.mode = Mode::None;
        }
    }

    /// Initialises a variable; without a declared type it takes the value's.
    pub fn init_var(
        &mut self,
        var: ObjId,
        declared: Option<TypeId>,
        x: &mut Operand<'a>,
        context: &str,
    ) {
        if x.is_invalid() || x.ty == tid::INVALID || declared == Some(tid::INVALID) {
            if declared.is_none() {
                self.objs[var.0 as usize].ty = tid::INVALID;
            }
            x.mode = Mode::None;
            return;
        }
        let t = match declared {
            Some(t) => t,
            None => {
                let mut t = x.ty;
                if self.store.is_untyped(t) {
                    if t == tid::UNTYPED_NIL {
                        self.error(x.pos(), format!("use of untyped nil in {context}"));
                        self.objs[var.0 as usize].ty = tid::INVALID;
                        x.mode = Mode::None;
                        return;
                    }
                    t = self.store.default_type(t);
                }
                self.objs[var.0 as usize].ty = t;
                t
            }
        };
        self.assignment(x, Some(t), context);
    }

    /// Initialises variables with values. `ret` is the position of a return statement whose results these are.
    pub fn init_vars(
        &mut self,
        vars: &[ObjId],
        declared: Option<TypeId>,
        rhs: &'a [Expr],
        ret: Option<Pos>,
    ) {
        let context = if ret.is_some() {
            "return statement"
        } else {
            "assignment"
        };
        let decl_of = |c: &Self, v: ObjId| {
            if ret.is_some() {
                Some(c.ty(v))
            } else {
                declared
            }
        };
        let is_call = rhs.len() == 1 && matches!(rhs[0].unparen().kind, ExprKind::Call(_));
        if vars.len() == rhs.len() && !is_call {
            for (&v, e) in vars.iter().zip(rhs) {
                let mut x = Operand::invalid();
                let d = decl_of(self, v);
                self.expr_with(&mut x, e, d);
                self.init_var(v, d, &mut x, context);
            }
            return;
        }
        if rhs.len() != 1 {
            // Whatever the values are, they do not fit; are they themselves in order?
            let mut ok = true;
            for e in rhs {
                let mut x = Operand::invalid();
                self.raw_expr(&mut x, e, None, true);
                ok &= !x.is_invalid();
            }
            self.invalidate_vars(vars, declared);
            if ok {
                match ret {
                    Some(pos) => self.return_error(pos, vars, rhs),
                    None => self.assign_error(rhs, vars.len(), rhs.len()),
                }
            }
            return;
        }
        let (mut xs, comma_ok) = self.multi_operands(&rhs[0], vars.len() == 2 && ret.is_none());
        if xs.len() == vars.len() {
            for (x, &v) in xs.iter_mut().zip(vars) {
                let d = decl_of(self, v);
                self.init_var(v, d, x, context);
            }
            if comma_ok {
                self.info.comma_ok.insert(rhs[0].unparen().id);
            }
            return;
        }
        self.invalidate_vars(vars, declared);
        if xs.iter().all(|x| !x.is_invalid()) {
            match ret {
                Some(pos) => {
                    let types: Vec<TypeId> = xs.iter().map(|x| x.ty).collect();
                    self.return_mismatch(pos, vars, &types, &rhs[0]);
                }
                None => self.assign_error(rhs, vars.len(), xs.len()),
            }
        }
    }

    fn invalidate_vars(&mut self, vars: &[ObjId], declared: Option<TypeId>) {
        for &v in vars {
            if declared.is_none() && self.obj(v).var().is_some_and(|i| i.kind != VarKind::Result) {
                self.objs[v.0 as usize].ty = tid::INVALID;
            }
        }
    }

    /// The values of one expression: of a call with several results, or of a two-value form when
    /// `comma_ok` is wanted.
    pub fn multi_operands(&mut self, e: &'a Expr, comma_ok: bool) -> (Vec<Operand<'a>>, bool) {
        let mut x = Operand::invalid();
        self.raw_expr(&mut x, e, None, false);
        self.exclude_multi(&mut x);
        if let (Mode::Value, Type::Tuple(ts)) = (x.mode, self.store.get(x.ty).clone()) {
            return (
                ts.iter().map(|&t| Operand::value(t, Some(e))).collect(),
                false,
            );
        }
        if comma_ok && matches!(x.mode, Mode::MapIndex | Mode::CommaOk) {
            x.mode = Mode::Value;
            let ok = Operand {
                ty: tid::UNTYPED_BOOL,
                ..Operand::value(tid::UNTYPED_BOOL, None)
            };
            return (vec![x, ok], true);
        }
        (vec![x], false)
    }

    fn exclude_multi(&mut self, x: &mut Operand<'a>) {
        let what = match x.mode {
            Mode::NoValue => "used as value",
            Mode::Builtin => "must be called",
            Mode::Type => "is not an expression",
            _ => return,
        };
        let msg = format!("{} {what}", self.os(x));
        self.error(x.pos(), msg);
        x.mode = Mode::None;
    }

    /// Reports a wrong number of values.
    pub fn assign_error(&mut self, rhs: &'a [Expr], l: usize, r: usize) {
        let measure = |n: usize, unit: &str| format!("{n} {unit}{}", if n == 1 { "" } else { "s" });
        let (vars, vals) = (measure(l, "variable"), measure(r, "value"));
        let pos = rhs.first().map_or(Pos::NONE, |e| e.pos);
        if let [one] = rhs
            && let ExprKind::Call(c) = &one.unparen().kind
        {
            let msg = format!(
                "assignment mismatch: {vars} but {} returns {vals}",
                self.es(&c.fun)
            );
            self.error(pos, msg);
            return;
        }
        self.error(pos, format!("assignment mismatch: {vars} but {vals}"));
    }

    fn return_error(&mut self, pos: Pos, vars: &[ObjId], rhs: &'a [Expr]) {
        let types: Vec<TypeId> = rhs.iter().map(|e| self.info.type_of(e.id).ty).collect();
        let at = if rhs.len() > vars.len() {
            &rhs[vars.len()]
        } else {
            match rhs.last() {
                Some(e) => e,
                None => {
                    self.error(pos, "not enough return values");
                    return;
                }
            }
        };
        self.return_mismatch(pos, vars, &types, at);
    }

    fn return_mismatch(&mut self, _pos: Pos, vars: &[ObjId], have: &[TypeId], at: &'a Expr) {
        let q = if have.len() > vars.len() {
            "too many"
        } else {
            "not enough"
        };
        let want: Vec<TypeId> = vars.iter().map(|&v| self.ty(v)).collect();
        let msg = format!(
            "{q} return values\n\thave {}\n\twant {}",
            self.types_summary(have, false),
            self.types_summary(&want, false)
        );
        self.error(at.pos, msg);
    }

    /// A list of types in a mismatch message: `(number, string)`.
    pub fn types_summary(&mut self, ts: &[TypeId], variadic: bool) -> String {
        let mut parts = Vec::with_capacity(ts.len());
        for (i, &t) in ts.iter().enumerate() {
            let s = match *self.store.get(t) {
                _ if t == tid::INVALID => "unknown type".to_string(),
                Type::Basic(k) if k.is_untyped() => {
                    if k.is_numeric() {
                        "number".into()
                    } else if k == crate::types::BasicKind::UntypedNil {
                        "nil".into()
                    } else {
                        self.ts(t).trim_start_matches("untyped ").to_string()
                    }
                }
                Type::Slice(e) if variadic && i + 1 == ts.len() => format!("...{}", self.ts(e)),
                _ => self.ts(t),
            };
            parts.push(s);
        }
        format!("({})", parts.join(", "))
    }

    /// The type of the left side of an assignment; `None` after an error, `Some(INVALID)` for `_`.
    pub fn lhs_var(&mut self, lhs: &'a Expr) -> Option<TypeId> {
        let bare = lhs.unparen();
        if let ExprKind::Ident(name) = bare.kind {
            if name.is_blank() {
                return Some(tid::INVALID);
            }
            // An assignment is no use.
            let target = self.lookup(name, bare.pos).filter(|&o| {
                self.obj(o)
                    .var()
                    .is_some_and(|v| v.kind != VarKind::Package)
                    && self.obj(o).pkg == Some(self.env.pkg)
            });
            let used = target.map(|o| self.obj(o).used);
            let mut x = Operand::invalid();
            self.expr(&mut x, lhs);
            if let (Some(o), Some(u)) = (target, used) {
                self.objs[o.0 as usize].used = u;
            }
            if let Some(ObjKind::Var(v)) = self
                .info
                .object(bare.id)
                .map(|o| &mut self.objs[o.0 as usize].kind)
            {
                v.reassigned = true;
            }
            return self.lhs_result(&x);
        }
        let mut x = Operand::invalid();
        self.expr(&mut x, lhs);
        self.mark_reassigned(bare);
        self.lhs_result(&x)
    }

    /// Storing into a part of a variable reassigns it.
    fn mark_reassigned(&mut self, e: &Expr) {
        let mut e = e.unparen();
        loop {
            match &e.kind {
                ExprKind::Ident(_) => {
                    if let Some(ObjKind::Var(v)) = self
                        .info
                        .object(e.id)
                        .map(|o| &mut self.objs[o.0 as usize].kind)
                    {
                        v.reassigned = true;
                    }
                    return;
                }
                ExprKind::Selector { x, .. } => e = x.unparen(),
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

    fn lhs_result(&mut self, x: &Operand<'a>) -> Option<TypeId> {
        match x.mode {
            Mode::None => None,
            Mode::Variable | Mode::MapIndex => Some(x.ty).filter(|&t| t != tid::INVALID),
            _ => {
                if let Some(e) = x.expr
                    && let ExprKind::Selector { x: inner, .. } = &e.unparen().kind
                    && self.info.type_of(inner.unparen().id).mode == Mode::MapIndex
                {
                    let msg = format!("cannot assign to struct field {} in map", self.es(e));
                    self.error(x.pos(), msg);
                    return None;
                }
                let shown = self.xs(x);
                self.error(
                    x.pos(),
                    format!(
                        "cannot assign to {shown} (neither addressable nor a map index expression)"
                    ),
                );
                None
            }
        }
    }

    /// `lhs = x`
    pub fn assign_var(
        &mut self,
        lhs: &'a Expr,
        rhs: Option<&'a Expr>,
        x: Option<&mut Operand<'a>>,
        context: &str,
    ) {
        let t = self.lhs_var(lhs);
        let Some(t) = t else {
            if let Some(r) = rhs {
                self.use_expr(r);
            }
            return;
        };
        let target = if t == tid::INVALID { None } else { Some(t) };
        let mut own = Operand::invalid();
        let x = match x {
            Some(x) => x,
            None => {
                if let Some(r) = rhs {
                    self.expr_with(&mut own, r, target);
                }
                &mut own
            }
        };
        let context = if target.is_none() {
            "assignment to _ identifier"
        } else {
            context
        };
        self.assignment(x, target, context);
        if target.is_none() && !x.is_invalid() {
            let ty = x.ty;
            self.record_blank(lhs, ty);
        }
    }

    fn record_blank(&mut self, lhs: &'a Expr, ty: TypeId) {
        self.record_type(
            lhs.unparen().id,
            Mode::Variable,
            ty,
            crate::constant::Const::Unknown,
        );
    }

    /// `lhs = rhs` for lists.
    pub fn assign_vars(&mut self, lhs: &'a [Expr], rhs: &'a [Expr]) {
        let is_call = rhs.len() == 1 && matches!(rhs[0].unparen().kind, ExprKind::Call(_));
        if lhs.len() == rhs.len() && !is_call {
            for (l, r) in lhs.iter().zip(rhs) {
                self.assign_var(l, Some(r), None, "assignment");
            }
            return;
        }
        if rhs.len() != 1 {
            let mut ok = true;
            for l in lhs {
                ok &= self.lhs_var(l).is_some();
            }
            for e in rhs {
                let mut x = Operand::invalid();
                self.raw_expr(&mut x, e, None, true);
                ok &= !x.is_invalid();
            }
            if ok {
                self.assign_error(rhs, lhs.len(), rhs.len());
            }
            return;
        }
        let (mut xs, comma_ok) = self.multi_operands(&rhs[0], lhs.len() == 2);
        if xs.len() == lhs.len() {
            for (x, l) in xs.iter_mut().zip(lhs) {
                self.assign_var(l, None, Some(x), "assignment");
            }
            if comma_ok {
                self.info.comma_ok.insert(rhs[0].unparen().id);
            }
            return;
        }
        for l in lhs {
            self.lhs_var(l);
        }
        if xs.iter().all(|x| !x.is_invalid()) {
            self.assign_error(rhs, lhs.len(), xs.len());
        }
    }

    /// `lhs := rhs`
    pub fn short_var_decl(&mut self, pos: Pos, lhs: &'a [Expr], rhs: &'a [Expr], end: Pos) {
        let mut vars = Vec::with_capacity(lhs.len());
        let mut new = Vec::new();
        let mut seen = Vec::new();
        let mut had_error = false;
        for l in lhs {
            let Some(name) = l.as_ident() else {
                self.use_lhs(l);
                let msg = format!("non-name {} on left side of :=", self.es(l));
                self.error(l.pos, msg);
                had_error = true;
                let dummy = syntax::Ident {
                    id: syntax::NodeId(u32::MAX),
                    pos: l.pos,
                    name: syntax::sym::BLANK,
                };
                vars.push(self.new_var(dummy, tid::INVALID, VarKind::Local));
                continue;
            };
            if !name.name.is_blank() {
                if seen.contains(&name.name) {
                    self.error(l.pos, format!("{} repeated on left side of :=", name.name));
                    had_error = true;
                    let dummy = syntax::Ident {
                        id: syntax::NodeId(u32::MAX),
                        pos: l.pos,
                        name: syntax::sym::BLANK,
                    };
                    vars.push(self.new_var(dummy, tid::INVALID, VarKind::Local));
                    continue;
                }
                seen.push(name.name);
                let existing = self.env.scope.and_then(|s| {
                    self.scopes[s]
                        .names
                        .iter()
                        .find(|(n, _)| *n == name.name)
                        .map(|x| x.1)
                });
                if let Some(o) = existing {
                    self.record_object(name.id, o);
                    if self.obj(o).var().is_some() {
                        if let ObjKind::Var(v) = &mut self.objs[o.0 as usize].kind {
                            v.reassigned = true;
                        }
                        let t = self.ty(o);
                        self.record_type(l.id, Mode::Variable, t, crate::constant::Const::Unknown);
                        vars.push(o);
                    } else {
                        let msg = format!("cannot assign to {}", self.es(l));
                        self.error(l.pos, msg);
                        had_error = true;
                        let dummy = syntax::Ident {
                            id: syntax::NodeId(u32::MAX),
                            pos: l.pos,
                            name: syntax::sym::BLANK,
                        };
                        vars.push(self.new_var(dummy, tid::INVALID, VarKind::Local));
                    }
                    continue;
                }
            }
            let o = self.new_var(name, tid::INVALID, VarKind::Local);
            if !name.name.is_blank() {
                self.locals.push(o);
            }
            new.push((o, l));
            vars.push(o);
        }
        self.init_short(&vars, &new, rhs);
        for &(o, l) in &new {
            let t = self.ty(o);
            self.record_type(l.id, Mode::Variable, t, crate::constant::Const::Unknown);
        }
        let named = new.iter().any(|(o, _)| !self.obj(*o).name.is_blank());
        for &(o, _) in &new {
            self.declare(o, end);
        }
        if !named && !had_error {
            self.error(pos, "no new variables on left side of :=");
        }
    }

    fn use_lhs(&mut self, l: &'a Expr) {
        self.use_expr(l);
    }

    fn init_short(&mut self, vars: &[ObjId], new: &[(ObjId, &'a Expr)], rhs: &'a [Expr]) {
        let is_new = |v: ObjId| new.iter().any(|(o, _)| *o == v);
        let decl = |c: &Self, v: ObjId| if is_new(v) { None } else { Some(c.ty(v)) };
        let is_call = rhs.len() == 1 && matches!(rhs[0].unparen().kind, ExprKind::Call(_));
        if vars.len() == rhs.len() && !is_call {
            for (&v, e) in vars.iter().zip(rhs) {
                let mut x = Operand::invalid();
                let d = decl(self, v).filter(|&t| t != tid::INVALID);
                self.expr_with(&mut x, e, d);
                self.init_var(v, d, &mut x, "assignment");
            }
            return;
        }
        if rhs.len() != 1 {
            let mut ok = true;
            for e in rhs {
                let mut x = Operand::invalid();
                self.raw_expr(&mut x, e, None, true);
                ok &= !x.is_invalid();
            }
            if ok {
                self.assign_error(rhs, vars.len(), rhs.len());
            }
            return;
        }
        let (mut xs, comma_ok) = self.multi_operands(&rhs[0], vars.len() == 2);
        if xs.len() == vars.len() {
            for (x, &v) in xs.iter_mut().zip(vars) {
                let d = decl(self, v).filter(|&t| t != tid::INVALID);
                self.init_var(v, d, x, "assignment");
            }
            if comma_ok {
                self.info.comma_ok.insert(rhs[0].unparen().id);
            }
            return;
        }
        if xs.iter().all(|x| !x.is_invalid()) {
            self.assign_error(rhs, vars.len(), xs.len());
        }
    }
}
