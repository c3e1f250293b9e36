//! Inference of type arguments: from function arguments, from the type a function value is assigned
//! to, from constraints, and from untyped constants' default types.

use crate::checker::Checker;
use crate::operand::Operand;
use crate::types::{Term, Type, TypeId, tid};
use crate::unify::{Match, Unifier};
use syntax::Pos;

/// Why type arguments could not be inferred.
#[derive(Clone, Debug)]
pub(crate) struct InferError {
    pub pos: Pos,
    pub msg: String,
}

impl<'a> Checker<'a> {
    /// The type arguments for `tparams`, some of which are known, when `args` are passed for `params`.
    /// `params[i]` is the parameter of `args[i]`. With `reverse` the "parameters" are assignment targets.
    pub fn infer(
        &mut self,
        pos: Pos,
        tparams: &[TypeId],
        known: &[Option<TypeId>],
        params: &[TypeId],
        args: &[&Operand<'a>],
        reverse: bool,
    ) -> Result<Vec<TypeId>, InferError> {
        if known.len() == tparams.len()
            && let Some(all) = known.iter().copied().collect::<Option<Vec<TypeId>>>()
        {
            return Ok(all);
        }
        let mut u = Unifier::new(tparams, known);
        let silent = InferError {
            pos,
            msg: String::new(),
        };
        if args.iter().any(|a| a.is_invalid() || a.ty == tid::INVALID) && u.unknown() > 0 {
            return Err(silent);
        }
        let mut untyped: Vec<usize> = Vec::new();
        for (i, (&p, a)) in params.iter().zip(args).enumerate() {
            if !self.mentions_any(p, tparams) && !self.mentions_any(a.ty, tparams) {
                continue;
            }
            if self.store.is_untyped(a.ty) {
                // nil has no type to infer from.
                if tparams.contains(&p) && !a.is_nil() {
                    untyped.push(i);
                }
                continue;
            }
            if !self.unify(&mut u, p, a.ty, Match::Assign) {
                let inferred = self.current(&u, p, tparams);
                let (at, shown, arg) = (a.pos(), self.ts(a.ty), self.xs(a));
                let msg = if reverse {
                    if inferred != p {
                        format!(
                            "inferred type {} for {} does not match type {shown} of {arg}",
                            self.ts(inferred),
                            self.ts(p)
                        )
                    } else {
                        format!("type {shown} of {arg} does not match {}", self.ts(p))
                    }
                } else if inferred != p {
                    format!(
                        "type {shown} of {arg} does not match inferred type {} for {}",
                        self.ts(inferred),
                        self.ts(p)
                    )
                } else {
                    let names: Vec<String> = tparams.iter().map(|&t| self.ts(t)).collect();
                    let list = match &names[..] {
                        [one] => one.clone(),
                        [a, b] => format!("{a} and {b}"),
                        [rest @ .., last] => format!("{}, and {last}", rest.join(", ")),
                        [] => String::new(),
                    };
                    format!(
                        "type {shown} of {arg} does not match {} (cannot infer {list})",
                        self.ts(p)
                    )
                };
                return Err(InferError { pos: at, msg });
            }
        }
        self.infer_from_constraints(&mut u, pos)?;
        // Untyped constants give their default types to what is left.
        let mut largest: Vec<(usize, TypeId)> = Vec::new();
        for i in untyped {
            let Some(k) = tparams.iter().position(|&t| t == params[i]) else {
                continue;
            };
            if u.at(k).is_some() {
                continue;
            }
            let ty = args[i].ty;
            match largest.iter_mut().find(|(j, _)| *j == k) {
                None => largest.push((k, ty)),
                Some((_, old)) => match self.larger_untyped(*old, ty) {
                    Some(t) => *old = t,
                    None => {
                        let msg = format!(
                            "mismatched types {} and {} (cannot infer {})",
                            self.ts(*old),
                            self.ts(ty),
                            self.ts(params[i])
                        );
                        return Err(InferError {
                            pos: args[i].pos(),
                            msg,
                        });
                    }
                },
            }
        }
        for (k, t) in largest {
            let t = self.store.default_type(t);
            u.set(k, t);
        }
        // Inferred types may mention other parameters.
        let mut result: Vec<Option<TypeId>> = (0..tparams.len()).map(|i| u.at(i)).collect();
        for _ in 0..=tparams.len() {
            let mut changed = false;
            for i in 0..result.len() {
                let Some(t) = result[i] else { continue };
                if !self.mentions_any(t, tparams) {
                    continue;
                }
                // A parameter that stands for something containing itself cannot be inferred.
                let from: Vec<TypeId> = (0..result.len())
                    .filter(|&j| j != i && result[j].is_some())
                    .map(|j| tparams[j])
                    .collect();
                let to: Vec<TypeId> = (0..result.len())
                    .filter(|&j| j != i)
                    .filter_map(|j| result[j])
                    .collect();
                let n = self.store.subst(t, &from, &to);
                if n != t {
                    result[i] = Some(n);
                    changed = true;
                }
            }
            if !changed {
                break;
            }
        }
        let mut out = Vec::with_capacity(tparams.len());
        for (i, r) in result.iter().enumerate() {
            match r {
                Some(t) if !self.mentions_any(*t, tparams) => out.push(*t),
                _ => {
                    let (name, at) = self
                        .store
                        .type_param(tparams[i])
                        .map_or((syntax::sym::EMPTY, Pos::NONE), |p| (p.name, p.pos));
                    let at = self.pos_string(at);
                    return Err(InferError {
                        pos,
                        msg: format!("cannot infer {name} (declared at {at})"),
                    });
                }
            }
        }
        Ok(out)
    }

    fn current(&mut self, u: &Unifier, p: TypeId, tparams: &[TypeId]) -> TypeId {
        let (mut from, mut to) = (Vec::new(), Vec::new());
        for (i, &t) in tparams.iter().enumerate() {
            if let Some(a) = u.at(i) {
                from.push(t);
                to.push(a);
            }
        }
        self.store.subst(p, &from, &to)
    }

    /// Whether any of the type parameters occurs in a type.
    pub fn mentions_any(&mut self, t: TypeId, tparams: &[TypeId]) -> bool {
        if !self.store.mentions_params(t) {
            return false;
        }
        match self.store.get(t).clone() {
            Type::TypeParam(_) => tparams.contains(&t),
            Type::Basic(_) => false,
            Type::Named(_) => {
                let targs = self
                    .store
                    .named(t)
                    .map(|n| n.targs.clone())
                    .unwrap_or_default();
                targs.iter().any(|&a| self.mentions_any(a, tparams))
            }
            Type::Pointer(e) | Type::Slice(e) | Type::Array(_, e) | Type::Chan(_, e) => {
                self.mentions_any(e, tparams)
            }
            Type::Map(k, v) => self.mentions_any(k, tparams) || self.mentions_any(v, tparams),
            Type::Tuple(ts) => ts.iter().any(|&e| self.mentions_any(e, tparams)),
            Type::Struct(s) => s.fields.iter().any(|f| self.mentions_any(f.ty, tparams)),
            Type::Signature(s) => s
                .params
                .iter()
                .chain(&s.results)
                .any(|p| self.mentions_any(p.ty, tparams)),
            Type::Interface(i) => {
                i.methods.iter().any(|m| self.mentions_any(m.ty, tparams))
                    || i.embeds.iter().any(|&e| self.mentions_any(e, tparams))
            }
            Type::Union(ts) => ts.iter().any(|m| self.mentions_any(m.ty, tparams)),
        }
    }

    fn larger_untyped(&mut self, a: TypeId, b: TypeId) -> Option<TypeId> {
        let (x, y) = (self.store.basic(a)?, self.store.basic(b)?);
        if x == y {
            return Some(a);
        }
        (x.is_numeric() && y.is_numeric()).then_some(if x < y { b } else { a })
    }

    /// The single term of a constraint's type set, up to underlying types: what a parameter's type
    /// argument must look like. With whether it is the only type.
    fn core_term(&mut self, tparam: TypeId) -> Option<(Term, bool)> {
        let terms = self.store.terms_of(tparam)?;
        if let [one] = terms[..] {
            return Some((
                Term {
                    tilde: one.tilde,
                    ty: one.ty,
                },
                true,
            ));
        }
        let mut core: Option<TypeId> = None;
        for m in &terms {
            let u = self.under(m.ty);
            match core {
                None => core = Some(u),
                Some(c) if self.store.identical(c, u) => {}
                _ => return None,
            }
        }
        core.map(|ty| (Term { tilde: true, ty }, false))
    }

    fn infer_from_constraints(&mut self, u: &mut Unifier, pos: Pos) -> Result<(), InferError> {
        let tparams = u.tparams.clone();
        loop {
            let before = u.unknown();
            for (i, &p) in tparams.iter().enumerate() {
                let tx = u.at(i);
                if let Some((core, single)) = self.core_term(p) {
                    match tx {
                        Some(tx) => {
                            // The argument itself need not be a type literal where the constraint has a tilde.
                            let mut arg = tx;
                            if core.tilde && !self.store.is_type_param(tx) {
                                arg = self.under(tx);
                            }
                            if !self.unify(u, arg, core.ty, Match::Inexact) {
                                let bound = self.store.type_param(p).map_or(tid::ANY, |d| d.bound);
                                let msg = format!(
                                    "{} (type {}) does not satisfy {}",
                                    self.ts(p),
                                    self.ts(tx),
                                    self.ts(bound)
                                );
                                return Err(InferError { pos, msg });
                            }
                        }
                        None if single && !core.tilde => u.set(i, core.ty),
                        // A core type with a tilde does not tell the argument itself.
                        None => {}
                    }
                }
                if let Some(tx) = tx {
                    // The argument's methods tell about types in the constraint's methods.
                    let methods = self.store.type_set(p).methods.clone();
                    for m in methods {
                        if let Ok(f) = self.lookup_member(tx, m.name, m.pkg, false)
                            && f.member != crate::lookup::Member::Field
                            && !self.unify(u, f.ty, m.ty, Match::Exact)
                        {
                            let bound = self.store.type_param(p).map_or(tid::ANY, |d| d.bound);
                            let cause = self
                                .implements(tx, bound, true)
                                .err()
                                .and_then(|c| c.find('(').map(|at| format!(" {}", &c[at..])))
                                .unwrap_or_default();
                            let msg = format!(
                                "{} (type {}) does not satisfy {}{cause}",
                                self.ts(p),
                                self.ts(tx),
                                self.ts(bound)
                            );
                            return Err(InferError { pos, msg });
                        }
                    }
                }
            }
            if u.unknown() == before {
                return Ok(());
            }
        }
    }

    /// Fresh copies of type parameters, so that a generic function can be applied to types that
    /// mention its own parameters; and the types with the copies put in.
    pub fn rename_tparams(
        &mut self,
        tparams: &[TypeId],
        types: &[TypeId],
    ) -> (Vec<TypeId>, Vec<TypeId>) {
        let mut fresh = Vec::with_capacity(tparams.len());
        for &p in tparams {
            let Some(data) = self.store.type_param(p).cloned() else {
                continue;
            };
            fresh.push(self.store.new_type_param(data));
        }
        for &f in &fresh {
            if let Type::TypeParam(id) = *self.store.get(f) {
                let bound = self.store.tparams[id.0 as usize].bound;
                self.store.tparams[id.0 as usize].bound = self.store.subst(bound, tparams, &fresh);
            }
        }
        let types = types
            .iter()
            .map(|&t| self.store.subst(t, tparams, &fresh))
            .collect();
        (fresh, types)
    }
}
