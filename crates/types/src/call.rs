//! Calls, conversions, instantiations of functions, and selectors.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::{Mode, Selection, SelectionKind};
use crate::lookup::Member;
use crate::objects::{ObjKind, PkgId};
use crate::operand::Operand;
use crate::types::{Param, Signature, Type, TypeId, tid};
use std::sync::Arc;
use syntax::{CallExpr, Expr, ExprKind, Ident, IndexExpr, Pos, sym};

impl<'a> Checker<'a> {
    /// `f[T1, T2]` as a value.
    pub fn func_inst(&mut self, x: &mut Operand<'a>, e: &'a Expr, ix: &'a IndexExpr) {
        let Some((sig, targs)) = self.explicit_targs(x, ix) else {
            x.mode = Mode::None;
            return;
        };
        if targs.len() < sig.tparams.len() {
            // The rest may follow from constraints, or from the type that the function is assigned to.
            let known: Vec<Option<TypeId>> = targs.iter().map(|&t| Some(t)).collect();
            match self.infer(ix.lbrack, &sig.tparams.clone(), &known, &[], &[], false) {
                Ok(all) => {
                    self.finish_inst(x, e, &sig, &all, &ix.indices);
                    return;
                }
                Err(_) => {
                    self.info.partial_targs.insert(e.id, targs);
                    x.expr = Some(e);
                    return;
                }
            }
        }
        self.finish_inst(x, e, &sig, &targs, &ix.indices);
    }

    fn explicit_targs(
        &mut self,
        x: &Operand<'a>,
        ix: &'a IndexExpr,
    ) -> Option<(Arc<Signature>, Vec<TypeId>)> {
        let sig = self.store.as_signature(x.ty)?;
        let targs: Vec<TypeId> = ix.indices.iter().map(|e| self.typ(e)).collect();
        if targs.contains(&tid::INVALID) {
            return None;
        }
        if targs.len() > sig.tparams.len() {
            let msg = format!(
                "got {} type arguments but want {}",
                targs.len(),
                sig.tparams.len()
            );
            let at = ix.indices[sig.tparams.len()].pos;
            let name = self.es(&ix.x);
            let _ = name;
            self.error(at, msg);
            return None;
        }
        Some((sig, targs))
    }

    fn finish_inst(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        sig: &Arc<Signature>,
        targs: &[TypeId],
        at: &'a [Expr],
    ) {
        let ty = self.instantiate_sig(e.pos, e, sig, targs, at);
        x.mode = Mode::Value;
        x.ty = ty;
    }

    /// Instantiates a signature, records it, and has the constraints checked.
    fn instantiate_sig(
        &mut self,
        pos: Pos,
        fun: &'a Expr,
        sig: &Arc<Signature>,
        targs: &[TypeId],
        at: &'a [Expr],
    ) -> TypeId {
        let ty = self.store.instantiate_signature(sig, targs);
        self.record_instance(fun, targs, ty);
        let (tparams, targs) = (sig.tparams.clone(), targs.to_vec());
        let positions: Vec<Pos> = (0..tparams.len())
            .map(|i| at.get(i).map_or(pos, |e| e.pos))
            .collect();
        self.note_instance(&positions, &tparams, &targs);
        self.later(move |c| {
            c.verify_instance(&positions, &tparams, &targs, true);
        });
        ty
    }

    /// A generic function value takes its type arguments from the function type that it is assigned to.
    pub fn infer_from_target(&mut self, x: &mut Operand<'a>, e: &'a Expr, target: TypeId) {
        let Some(sig) = self
            .store
            .as_signature(x.ty)
            .filter(|s| x.mode == Mode::Value && !s.tparams.is_empty())
        else {
            if x.mode == Mode::Type && self.is_generic_type(x.ty) {
                let msg = format!(
                    "cannot use generic type {} without instantiation",
                    self.es(e)
                );
                self.error(e.pos, msg);
                x.mode = Mode::None;
            }
            return;
        };
        let tu = self.under(target);
        let partial = self
            .info
            .partial_targs
            .get(&e.unparen().id)
            .cloned()
            .unwrap_or_default();
        if !matches!(self.store.get(tu), Type::Signature(_)) {
            let msg = format!(
                "cannot use generic function {} without instantiation",
                self.es(e)
            );
            self.error(e.pos, msg);
            x.mode = Mode::None;
            return;
        }
        let known: Vec<Option<TypeId>> = partial.iter().map(|&t| Some(t)).collect();
        let bare = self.store.signature(Signature {
            tparams: [].into(),
            ..(*sig).clone()
        });
        let (fresh, types) = self.rename_tparams(&sig.tparams, &[bare]);
        let arg = Operand::value(tu, Some(e));
        match self.infer(e.pos, &fresh, &known, &types, &[&arg], true) {
            Ok(targs) => {
                let ty = self.instantiate_sig(e.pos, e, &sig, &targs, &[]);
                x.ty = ty;
                self.record_type(e.id, Mode::Value, ty, Const::Unknown);
                if let ExprKind::Paren(_) = e.kind {
                    self.record_type(e.unparen().id, Mode::Value, ty, Const::Unknown);
                }
            }
            Err(err) => {
                if !err.msg.is_empty() {
                    self.error(err.pos, err.msg);
                }
                x.mode = Mode::None;
            }
        }
    }

    /// `f(args)`, `T(x)`, `builtin(args)`
    pub fn call_expr(&mut self, x: &mut Operand<'a>, e: &'a Expr, c: &'a CallExpr) {
        let mut explicit: Vec<TypeId> = Vec::new();
        let mut targ_exprs: &'a [Expr] = &[];
        if let ExprKind::Index(ix) = &c.fun.kind {
            self.expr_or_type(x, &ix.x, true);
            let generic = x.mode == Mode::Value
                && self
                    .store
                    .as_signature(x.ty)
                    .is_some_and(|s| !s.tparams.is_empty());
            if generic {
                let Some((_, targs)) = self.explicit_targs(x, ix) else {
                    self.use_exprs(&c.args);
                    x.mode = Mode::None;
                    x.expr = Some(e);
                    return;
                };
                explicit = targs;
                targ_exprs = &ix.indices;
                x.expr = Some(&c.fun);
            } else {
                self.expr_or_type(x, &c.fun, true);
            }
        } else {
            self.expr_or_type_or_builtin(x, &c.fun);
        }
        match x.mode {
            Mode::None => {
                self.use_exprs(&c.args);
                x.expr = Some(e);
                return;
            }
            Mode::Type => return self.conversion_call(x, e, c),
            Mode::Builtin => {
                let Some(b) = x.builtin else { return };
                self.builtin_call(x, e, c, b);
                x.expr = Some(e);
                if !matches!(x.mode, Mode::None | Mode::Const) {
                    self.env.has_call = true;
                }
                return;
            }
            _ => {}
        }
        let core = self.store.core_type(x.ty);
        let sig = core.and_then(|t| self.store.as_signature(t));
        let Some(sig) = sig else {
            if x.ty != tid::INVALID {
                let why = self.not_callable(x.ty);
                let msg = format!("invalid operation: cannot call {}: {why}", self.os(x));
                self.error(x.pos(), msg);
            }
            self.use_exprs(&c.args);
            x.mode = Mode::None;
            x.expr = Some(e);
            return;
        };
        let args = self.arg_list(&c.args);
        let result = self.arguments(c, &sig, &explicit, targ_exprs, args);
        // A generic function's expression has the instantiated type.
        if !sig.tparams.is_empty()
            && let Some(s) = &result
        {
            let t = self.store.signature((**s).clone());
            self.record_type(c.fun.id, Mode::Value, t, Const::Unknown);
            self.record_type(c.fun.unparen().id, Mode::Value, t, Const::Unknown);
        }
        let final_sig = result.unwrap_or_else(|| sig.clone());
        x.expr = Some(e);
        x.val = Const::Unknown;
        match final_sig.results.len() {
            0 => {
                x.mode = Mode::NoValue;
                x.ty = tid::NO_VALUE;
            }
            1 => {
                x.mode = Mode::Value;
                x.ty = final_sig.results[0].ty;
                if x.ty == tid::INVALID {
                    x.mode = Mode::None;
                }
            }
            _ => {
                x.mode = Mode::Value;
                x.ty = self.store.params_type(&final_sig.results);
            }
        }
        // Results that still mention the function's parameters come from a failed inference.
        if !sig.tparams.is_empty() && x.mode == Mode::Value && self.mentions_any(x.ty, &sig.tparams)
        {
            let own = self.env.outer_tparams.clone();
            if !sig.tparams.iter().any(|t| own.contains(t)) {
                x.mode = Mode::None;
            }
        }
        self.env.has_call = true;
    }

    fn expr_or_type_or_builtin(&mut self, x: &mut Operand<'a>, e: &'a Expr) {
        self.raw_expr(x, e, None, true);
        if x.mode == Mode::NoValue {
            let msg = format!("{} used as value or type", self.os(x));
            self.error(x.pos(), msg);
            x.mode = Mode::None;
        }
        self.single_value(x);
    }

    fn conversion_call(&mut self, x: &mut Operand<'a>, e: &'a Expr, c: &'a CallExpr) {
        let t = x.ty;
        if !matches!(c.fun.kind, ExprKind::Index(_)) && self.is_generic_type(t) {
            let msg = format!(
                "cannot use generic type {} without instantiation",
                self.ts(t)
            );
            self.error(c.fun.pos, msg);
            x.mode = Mode::None;
            x.expr = Some(e);
            return;
        }
        x.mode = Mode::None;
        match &c.args[..] {
            [] => {
                let msg = format!("missing argument in conversion to {}", self.ts(t));
                self.error(c.rparen, msg);
            }
            [arg] => {
                if self.store.is_interface(t) && self.store.type_set(t).is_constraint_only() {
                    let msg = format!(
                        "cannot use interface {} in conversion (contains specific type constraints or is comparable)",
                        self.ts(t)
                    );
                    self.error(e.pos, msg);
                    self.use_expr(arg);
                } else if c.ellipsis.is_some() {
                    let msg = format!("invalid use of ... in conversion to {}", self.ts(t));
                    self.error(arg.pos, msg);
                    self.use_expr(arg);
                } else {
                    self.expr_with(x, arg, Some(t));
                    if !x.is_invalid() {
                        self.conversion(x, t);
                    }
                }
            }
            args => {
                self.use_exprs(args);
                let msg = format!("too many arguments in conversion to {}", self.ts(t));
                self.error(args[args.len() - 1].pos, msg);
            }
        }
        if x.mode == Mode::None {
            x.ty = t;
        } else if x.mode != Mode::Const {
            self.env.has_call |= false;
        }
        x.expr = Some(e);
    }

    /// The arguments of a call: a single call with several results gives them all.
    pub fn arg_list(&mut self, args: &'a [Expr]) -> Vec<Operand<'a>> {
        if let [one] = args {
            let mut x = Operand::invalid();
            self.raw_expr(&mut x, one, None, true);
            self.exclude_args(&mut x);
            if let (Mode::Value, Type::Tuple(ts)) = (x.mode, self.store.get(x.ty).clone()) {
                return ts.iter().map(|&t| Operand::value(t, Some(one))).collect();
            }
            return vec![x];
        }
        args.iter()
            .map(|a| {
                let mut x = Operand::invalid();
                self.generic_expr(&mut x, a);
                x
            })
            .collect()
    }

    fn exclude_args(&mut self, x: &mut Operand<'a>) {
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

    /// Checks arguments against a signature; the instantiated signature if all went well enough.
    fn arguments(
        &mut self,
        c: &'a CallExpr,
        sig: &Arc<Signature>,
        explicit: &[TypeId],
        targ_exprs: &'a [Expr],
        mut args: Vec<Operand<'a>>,
    ) -> Option<Arc<Signature>> {
        let ddd = c.ellipsis.is_some();
        let mut params: Vec<TypeId> = sig.params.iter().map(|p| p.ty).collect();
        if sig.variadic {
            if ddd {
                if c.args.len() == 1 && args.len() > 1 {
                    let msg = format!(
                        "cannot use ... with {}-valued {}",
                        args.len(),
                        self.es(&c.args[0])
                    );
                    self.error(c.args[0].pos, msg);
                    return None;
                }
            } else if args.len() + 1 >= params.len() {
                let last = params.pop().unwrap_or(tid::INVALID);
                let elem = match *self.store.get(last) {
                    Type::Slice(e) => e,
                    _ => last,
                };
                while params.len() < args.len() {
                    params.push(elem);
                }
            }
        } else if ddd {
            let msg = format!(
                "have (...) but function is not variadic: {}",
                self.es(&c.fun)
            );
            let _ = msg;
            let msg = format!("cannot use ... in call to non-variadic {}", self.es(&c.fun));
            let at = c.args.first().map_or(c.rparen, |a| a.pos);
            let _ = at;
            self.error(c.fun.pos, msg);
            return None;
        }
        let fixed = if sig.variadic && !ddd {
            sig.params.len().saturating_sub(1)
        } else {
            sig.params.len()
        };
        let count_ok = if sig.variadic && !ddd {
            args.len() >= fixed
        } else {
            args.len() == fixed
        };
        if !count_ok {
            let too_many = args.len() > fixed;
            let (q, at) = if too_many {
                let at = if c.args.len() == args.len() {
                    c.args.get(fixed)
                } else {
                    c.args.first()
                };
                ("too many", at.map_or(c.rparen, |a| a.pos))
            } else {
                ("not enough", c.args.last().map_or(c.fun.pos, |a| a.pos))
            };
            if args.iter().any(|a| a.is_invalid()) && args.len() == 1 {
                return None;
            }
            let have: Vec<TypeId> = args.iter().map(|a| a.ty).collect();
            let want: Vec<TypeId> = sig.params.iter().map(|p| p.ty).collect();
            let have_text = self.types_summary(&have, false);
            let have_text = if ddd {
                have_text.trim_end_matches(')').to_string() + "...)"
            } else {
                have_text
            };
            let msg = format!(
                "{q} arguments in call to {}\n\thave {have_text}\n\twant {}",
                self.es(&c.fun),
                self.types_summary(&want, sig.variadic)
            );
            self.error(at, msg);
            return None;
        }
        let mut result = sig.clone();
        let generic_arg = |c: &Self, a: &Operand<'a>| {
            a.mode == Mode::Value
                && c.store
                    .as_signature(a.ty)
                    .is_some_and(|s| !s.tparams.is_empty())
        };
        let any_generic_arg = args.iter().any(|a| generic_arg(self, a));
        if !sig.tparams.is_empty() || any_generic_arg {
            let n = sig.tparams.len();
            let rename = any_generic_arg
                || explicit.iter().any(|&t| self.store.mentions_params(t))
                || args.iter().any(|a| self.store.mentions_params(a.ty));
            let (mut tparams, ptypes) = if rename && n > 0 {
                self.rename_tparams(&sig.tparams, &params)
            } else {
                (sig.tparams.to_vec(), params.clone())
            };
            // The parameters of generic arguments are inferred together with the function's own.
            let mut spans: Vec<(usize, usize, usize, Arc<Signature>)> = Vec::new();
            let mut known: Vec<Option<TypeId>> = explicit.iter().map(|&t| Some(t)).collect();
            known.resize(n, None);
            let mut typed: Vec<Operand<'a>> = args.clone();
            for (i, a) in args.iter().enumerate() {
                if !generic_arg(self, a) {
                    continue;
                }
                let Some(asig) = self.store.as_signature(a.ty) else {
                    continue;
                };
                // Only a parameter of function type (or a type parameter) can tell what it should be.
                let pu = self.store.core_type(params[i]);
                let usable = tparams.contains(&ptypes[i])
                    || pu.is_some_and(|u| matches!(self.store.get(u), Type::Signature(_)));
                if !usable {
                    continue;
                }
                let bare = self.store.signature(Signature {
                    tparams: [].into(),
                    ..(*asig).clone()
                });
                let (fresh, types) = self.rename_tparams(&asig.tparams, &[bare]);
                spans.push((i, tparams.len(), fresh.len(), asig.clone()));
                let partial = a
                    .expr
                    .and_then(|e| self.info.partial_targs.get(&e.unparen().id).cloned())
                    .unwrap_or_default();
                for k in 0..fresh.len() {
                    known.push(partial.get(k).copied());
                }
                tparams.extend(fresh);
                typed[i].ty = types[0];
            }
            if !tparams.is_empty() {
                let refs: Vec<&Operand<'a>> = typed.iter().collect();
                let ptypes_known = {
                    let (from, to): (Vec<TypeId>, Vec<TypeId>) = tparams
                        .iter()
                        .zip(&known)
                        .filter_map(|(&p, k)| k.map(|k| (p, k)))
                        .unzip();
                    ptypes
                        .iter()
                        .map(|&t| self.store.subst(t, &from, &to))
                        .collect::<Vec<_>>()
                };
                match self.infer(c.lparen, &tparams, &known, &ptypes_known, &refs, false) {
                    Ok(targs) => {
                        if n > 0 {
                            let own = &targs[..n];
                            let at = c.lparen;
                            let t = self.instantiate_sig(at, &c.fun, sig, own, targ_exprs);
                            result = self.store.as_signature(t)?;
                            params = params
                                .iter()
                                .map(|&p| self.store.subst(p, &sig.tparams, own))
                                .collect();
                        }
                        for (i, from, len, asig) in spans {
                            if let Some(e) = args[i].expr {
                                let t = self.instantiate_sig(
                                    e.pos,
                                    e,
                                    &asig,
                                    &targs[from..from + len],
                                    &[],
                                );
                                args[i].ty = t;
                                self.record_type(e.id, Mode::Value, t, Const::Unknown);
                                self.record_type(e.unparen().id, Mode::Value, t, Const::Unknown);
                            }
                        }
                    }
                    Err(err) => {
                        if !err.msg.is_empty() {
                            let msg = format!("in call to {}, {}", self.es(&c.fun), err.msg);
                            self.error(err.pos, msg);
                        }
                        return None;
                    }
                }
            }
        }
        let context = format!("argument to {}", self.es(&c.fun));
        for (a, &p) in args.iter_mut().zip(&params) {
            self.assignment(a, Some(p), &context);
        }
        Some(result)
    }

    fn not_callable(&mut self, t: TypeId) -> String {
        for m in self.term_types(t) {
            let u = self.under(m);
            if !matches!(self.store.get(u), Type::Signature(_) | Type::TypeParam(_)) {
                return format!("{} is not a function", self.ts(m));
            }
        }
        "no specific type".into()
    }

    // Selectors

    /// `x.sel`: a member of a package, a field, a method value or expression.
    pub fn selector(&mut self, x: &mut Operand<'a>, e: &'a Expr, want_type: bool) {
        let ExprKind::Selector { x: inner, sel } = &e.kind else {
            return;
        };
        if let Some(id) = inner.as_ident()
            && let Some(o) = self.lookup(id.name, id.pos)
            && let ObjKind::PkgName(pkg) = self.obj(o).kind
        {
            self.record_object(id.id, o);
            self.objs[o.0 as usize].used = true;
            self.qualified(x, e, *sel, pkg);
            return;
        }
        self.expr_or_type_or_builtin(x, inner);
        match x.mode {
            Mode::None => {
                x.expr = Some(e);
                return;
            }
            Mode::Builtin => {
                let msg = format!("invalid use of {} in selector expression", self.os(x));
                self.error(e.pos, msg);
                x.mode = Mode::None;
                return;
            }
            Mode::Type if self.is_generic_type(x.ty) => {
                let msg = format!(
                    "cannot use generic type {} without instantiation",
                    self.es(inner)
                );
                self.error(inner.pos, msg);
                x.mode = Mode::None;
                return;
            }
            _ => {}
        }
        if sel.name.is_blank() {
            self.error(sel.pos, "cannot refer to blank field or method");
            x.mode = Mode::None;
            return;
        }
        if x.ty == tid::INVALID {
            x.mode = Mode::None;
            return;
        }
        // A type that is still being declared has no members yet.
        if want_type {
            let msg = format!("{} is not a type", self.es(e));
            self.error(sel.pos, msg);
            x.mode = Mode::None;
            return;
        }
        if x.is_nil() {
            self.error(
                sel.pos,
                "invalid use of nil in selector expression".to_string(),
            );
            x.mode = Mode::None;
            return;
        }
        let pkg = Some(self.env.pkg);
        let found = match self.lookup_member(x.ty, sel.name, pkg, false) {
            Ok(f) => f,
            Err(ambiguous) => {
                self.missing_selector(x, inner, *sel, ambiguous);
                x.mode = Mode::None;
                x.expr = Some(e);
                return;
            }
        };
        let recv = x.ty;
        if x.mode == Mode::Type {
            self.method_expr(x, e, *sel, found, recv);
            return;
        }
        // A pointer method needs an address.
        if let Member::Method { func, .. } = found.member {
            let needs = self.has_pointer_receiver(func);
            if needs && !found.indirect {
                if x.mode != Mode::Variable {
                    let msg = format!(
                        "cannot call pointer method {} on {}",
                        sel.name,
                        self.ts(recv)
                    );
                    self.error(sel.pos, msg);
                    x.mode = Mode::None;
                    return;
                }
                self.mark_address_taken(inner);
            }
            self.depend_global(func);
            self.record_object(sel.id, func);
        }
        let kind = match found.member {
            Member::Field => SelectionKind::Field,
            Member::Method { func, .. } => SelectionKind::Method(func),
            Member::InterfaceMethod { index, .. } => SelectionKind::InterfaceMethod(index),
        };
        let selection = Selection {
            kind,
            recv,
            path: found.path.clone().into(),
            indirect: found.indirect,
            ty: found.ty,
        };
        self.record_selection(e.id, selection);
        if found.member == Member::Field {
            if x.mode == Mode::Variable || found.indirect {
                x.mode = Mode::Variable;
            } else {
                x.mode = Mode::Value;
            }
        } else {
            x.mode = Mode::Value;
        }
        x.val = Const::Unknown;
        x.ty = found.ty;
        x.expr = Some(e);
        if x.ty == tid::INVALID {
            x.mode = Mode::None;
        }
    }

    fn method_expr(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        sel: Ident,
        found: crate::lookup::Found,
        recv: TypeId,
    ) {
        let kind = match found.member {
            Member::Field => {
                let msg = format!(
                    "{}.{} undefined (type {} has no method {})",
                    self.xs(x),
                    sel.name,
                    self.ts(recv),
                    sel.name
                );
                self.error(sel.pos, msg);
                x.mode = Mode::None;
                return;
            }
            Member::Method { func, .. } => {
                if self.has_pointer_receiver(func) && !found.indirect {
                    let t = self.ts(recv);
                    let n = sel.name;
                    self.error(
                        sel.pos,
                        format!(
                            "invalid method expression {t}.{n} (needs pointer receiver (*{t}).{n})"
                        ),
                    );
                    x.mode = Mode::None;
                    return;
                }
                self.depend_global(func);
                self.record_object(sel.id, func);
                SelectionKind::MethodExpr(func)
            }
            Member::InterfaceMethod { index, .. } => SelectionKind::InterfaceMethodExpr(index),
        };
        let Some(sig) = self.store.as_signature(found.ty) else {
            x.mode = Mode::None;
            return;
        };
        let mut params = Vec::with_capacity(sig.params.len() + 1);
        let named = sig.params.first().is_some_and(|p| p.name != sym::EMPTY);
        params.push(Param {
            name: if named { sym::BLANK } else { sym::EMPTY },
            ty: recv,
        });
        params.extend_from_slice(&sig.params);
        let ty = self.store.signature(Signature {
            params,
            ..(*sig).clone()
        });
        self.record_selection(
            e.id,
            Selection {
                kind,
                recv,
                path: found.path.into(),
                indirect: found.indirect,
                ty,
            },
        );
        x.mode = Mode::Value;
        x.ty = ty;
        x.expr = Some(e);
    }

    fn missing_selector(
        &mut self,
        x: &mut Operand<'a>,
        inner: &'a Expr,
        sel: Ident,
        ambiguous: bool,
    ) {
        let name = sel.name;
        let expr = self.es(inner);
        if ambiguous {
            self.error(sel.pos, format!("ambiguous selector {expr}.{name}"));
            return;
        }
        let u = self.under(x.ty);
        if u == tid::INVALID {
            return;
        }
        let pkg = Some(self.env.pkg);
        let why = match self.store.get(u).clone() {
            Type::Pointer(b) if self.store.is_interface(b) || self.store.is_type_param(b) => {
                if self.store.is_type_param(b) {
                    format!(
                        "type {} is pointer to type parameter, not type parameter",
                        self.ts(x.ty)
                    )
                } else {
                    format!(
                        "type {} is pointer to interface, not interface",
                        self.ts(x.ty)
                    )
                }
            }
            _ => {
                let t = self.ts(x.ty);
                match self.lookup_member(x.ty, name, pkg, true) {
                    Ok(f) => {
                        let other = self.folded_name(x.ty, name).unwrap_or(name);
                        let what = if f.member == Member::Field {
                            "field"
                        } else {
                            "method"
                        };
                        if other == name {
                            // Another package's name that is not exported.
                            format!("cannot refer to unexported {what} {name}")
                        } else if other.is_exported()
                            || self.lookup_member(x.ty, other, pkg, false).is_ok()
                        {
                            format!(
                                "type {t} has no field or method {name}, but does have {what} {other}"
                            )
                        } else if other.as_str().eq_ignore_ascii_case(name.as_str())
                            && !name.is_exported()
                        {
                            format!("cannot refer to unexported {what} {other}")
                        } else {
                            format!(
                                "type {t} has no field or method {name}, but does have unexported {what} {other}"
                            )
                        }
                    }
                    Err(_) => {
                        if x.mode == Mode::Type {
                            format!("type {t} has no method {name}")
                        } else {
                            format!("type {t} has no field or method {name}")
                        }
                    }
                }
            }
        };
        self.error(sel.pos, format!("{expr}.{name} undefined ({why})"));
    }

    fn qualified(&mut self, x: &mut Operand<'a>, e: &'a Expr, sel: Ident, pkg: PkgId) {
        x.set_invalid(e);
        // As gc, which sees export data only, names that are not exported do not exist.
        let found = match sel.name.is_exported() {
            true => self.in_scope(pkg, sel.name),
            false => None,
        };
        let Some(obj) = found else {
            let text = self.es(e);
            if !sel.name.is_exported() {
                self.declare_all(pkg);
                let similar = self.package(pkg).scope.keys().find(|k| {
                    k.is_exported() && k.as_str().eq_ignore_ascii_case(sel.name.as_str())
                });
                let msg = match similar {
                    Some(s) => format!("undefined: {text} (but have {s})"),
                    None => format!("undefined: {text}"),
                };
                self.error(sel.pos, msg);
                return;
            }
            self.error(sel.pos, format!("undefined: {text}"));
            return;
        };
        self.resolve_obj(obj);
        self.record_object(sel.id, obj);
        let o = self.obj(obj);
        let ty = o.ty;
        x.ty = ty;
        x.expr = Some(e);
        match o.kind.clone() {
            ObjKind::Const(v) => {
                x.mode = Mode::Const;
                x.val = v;
                if ty == tid::INVALID || !x.val.is_known() {
                    x.mode = Mode::None;
                }
            }
            ObjKind::TypeName { .. } => {
                x.mode = if ty == tid::INVALID {
                    Mode::None
                } else {
                    Mode::Type
                }
            }
            ObjKind::Var(_) => {
                x.mode = if ty == tid::INVALID {
                    Mode::None
                } else {
                    Mode::Variable
                }
            }
            ObjKind::Func(_) => x.mode = Mode::Value,
            ObjKind::Builtin(b) => {
                x.mode = Mode::Builtin;
                x.builtin = Some(b);
            }
            _ => {}
        }
        self.record_type(e.id, x.mode, ty, x.val.clone());
    }
}
