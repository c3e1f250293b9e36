//! Unification of types over a list of type parameters.

use crate::checker::Checker;
use crate::types::{Signature, Type, TypeId, tid};
use syntax::ChanDir;

/// Types nested deeper than this do not unify.
const MAX_DEPTH: u32 = 100;

/// What the type parameters of an inference stand for so far.
#[derive(Clone, Debug)]
pub(crate) struct Unifier {
    pub tparams: Vec<TypeId>,
    /// The slot of each type parameter; joined ones share it.
    handles: Vec<usize>,
    slots: Vec<Option<TypeId>>,
    depth: u32,
}

impl Unifier {
    pub fn new(tparams: &[TypeId], targs: &[Option<TypeId>]) -> Unifier {
        let slots = (0..tparams.len())
            .map(|i| targs.get(i).copied().flatten())
            .collect();
        Unifier {
            tparams: tparams.to_vec(),
            handles: (0..tparams.len()).collect(),
            slots,
            depth: 0,
        }
    }

    fn index(&self, t: TypeId) -> Option<usize> {
        self.tparams.iter().position(|&p| p == t)
    }

    /// What the i-th parameter stands for.
    pub fn at(&self, i: usize) -> Option<TypeId> {
        self.slots[self.handles[i]]
    }

    pub fn set(&mut self, i: usize, t: TypeId) {
        let h = self.handles[i];
        self.slots[h] = Some(t);
    }

    /// How many are unknown.
    pub fn unknown(&self) -> usize {
        (0..self.tparams.len())
            .filter(|&i| self.at(i).is_none())
            .count()
    }

    fn join(&mut self, i: usize, j: usize) {
        let (a, b) = (self.handles[i], self.handles[j]);
        if a == b {
            return;
        }
        if self.slots[a].is_none() {
            self.slots[a] = self.slots[b];
        }
        for h in &mut self.handles {
            if *h == b {
                *h = a;
            }
        }
    }
}

/// How exactly types must agree.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Match {
    /// Identical.
    Exact,
    /// A named type matches its underlying type literal, interfaces match what implements them.
    Inexact,
    /// As `Inexact`, and channel directions are ignored as assignment does.
    Assign,
}

impl<'a> Checker<'a> {
    /// Whether `x` and `y` can be made to agree, recording what the type parameters must be.
    pub fn unify(&mut self, u: &mut Unifier, x: TypeId, y: TypeId, mode: Match) -> bool {
        u.depth += 1;
        let ok = u.depth <= MAX_DEPTH && self.unify_inner(u, x, y, mode);
        u.depth -= 1;
        ok
    }

    fn unify_inner(&mut self, u: &mut Unifier, x: TypeId, y: TypeId, mode: Match) -> bool {
        if x == y {
            return true;
        }
        let (mut x, mut y) = (x, y);
        if u.index(x).is_none() && u.index(y).is_some() {
            std::mem::swap(&mut x, &mut y);
        }
        let inexact = mode != Match::Exact;
        // A defined type against a type literal: its underlying type.
        if inexact && u.index(x).is_none() {
            let literal = |c: &Self, t: TypeId| {
                !matches!(c.store.get(t), Type::Named(_) | Type::TypeParam(_))
            };
            if self.store.named(x).is_some() && literal(self, y) && !self.store.is_interface(y) {
                let ux = self.under(x);
                if !self.store.is_interface(ux) {
                    x = ux;
                }
            } else if self.store.named(y).is_some()
                && literal(self, x)
                && !self.store.is_interface(x)
            {
                let uy = self.under(y);
                if !self.store.is_interface(uy) {
                    y = uy;
                }
            }
        }
        if let Some(i) = u.index(x) {
            if let Some(j) = u.index(y) {
                return match (u.at(i), u.at(j)) {
                    (Some(a), Some(b)) => {
                        let ok = self.unify(u, a, b, mode);
                        if ok {
                            u.join(i, j);
                        }
                        ok
                    }
                    _ => {
                        u.join(i, j);
                        true
                    }
                };
            }
            if let Some(known) = u.at(i) {
                if !self.unify(u, known, y, mode) {
                    return false;
                }
                if inexact {
                    let (kn, yn) = (
                        self.store.named(known).is_some(),
                        self.store.named(y).is_some(),
                    );
                    let (ki, yi) = (self.store.is_interface(known), self.store.is_interface(y));
                    if ki && yi {
                        if kn && yn && !self.store.identical(known, y) {
                            return false;
                        }
                        // The larger interface is kept.
                        let (a, b) = (
                            self.store.type_set(known).methods.len(),
                            self.store.type_set(y).methods.len(),
                        );
                        if b > a || (b == a && yn && !kn) {
                            u.set(i, y);
                        }
                    } else if yi && !ki {
                        // An interface that a concrete type implements.
                        u.set(i, y);
                    } else if ki && !yi {
                        // The interface stays.
                    } else if yn && !kn {
                        u.set(i, y);
                    } else if mode == Match::Assign {
                        let (ku, yu) = (self.under(known), self.under(y));
                        if let (Type::Chan(kd, _), Type::Chan(yd, _)) =
                            (self.store.get(ku).clone(), self.store.get(yu).clone())
                            && kd == ChanDir::Both
                            && yd != ChanDir::Both
                        {
                            u.set(i, y);
                        }
                    }
                }
                return true;
            }
            u.set(i, y);
            return true;
        }
        // Interfaces match what has their methods.
        if inexact {
            let (xi, yi) = (
                self.store.is_interface(x) && !self.store.is_type_param(x),
                self.store.is_interface(y) && !self.store.is_type_param(y),
            );
            let both_named = self.store.named(x).is_some() && self.store.named(y).is_some();
            let same_origin = self.same_origin(x, y);
            if (xi || yi) && !(both_named && same_origin) {
                let (iface, other) = if xi && yi {
                    let (a, b) = (self.store.type_set(x), self.store.type_set(y));
                    if a.terms.is_some() != b.terms.is_some() || a.comparable != b.comparable {
                        return false;
                    }
                    if a.methods.len() <= b.methods.len() {
                        (x, y)
                    } else {
                        (y, x)
                    }
                } else if xi {
                    (x, y)
                } else {
                    (y, x)
                };
                for m in self.store.type_set(iface).methods.clone() {
                    match self.lookup_member(other, m.name, m.pkg, false) {
                        Ok(f) if f.member != crate::lookup::Member::Field => {
                            if !self.unify(u, m.ty, f.ty, Match::Exact) {
                                return false;
                            }
                        }
                        _ => return false,
                    }
                }
                return true;
            }
        }
        self.unify_structure(u, x, y, mode)
    }

    fn same_origin(&self, x: TypeId, y: TypeId) -> bool {
        match (self.store.named(x), self.store.named(y)) {
            (Some(a), Some(b)) => a.origin == b.origin,
            _ => false,
        }
    }

    fn unify_structure(&mut self, u: &mut Unifier, x: TypeId, y: TypeId, mode: Match) -> bool {
        let element = Match::Exact;
        match (self.store.get(x).clone(), self.store.get(y).clone()) {
            (Type::Basic(_), Type::Basic(_)) => self.store.identical(x, y),
            (Type::Array(n, a), Type::Array(m, b)) => n == m && self.unify(u, a, b, element),
            (Type::Slice(a), Type::Slice(b)) | (Type::Pointer(a), Type::Pointer(b)) => {
                self.unify(u, a, b, element)
            }
            (Type::Map(k, a), Type::Map(l, b)) => {
                self.unify(u, k, l, element) && self.unify(u, a, b, element)
            }
            (Type::Chan(d, a), Type::Chan(e, b)) => {
                let directions =
                    d == e || (mode != Match::Exact && (d == ChanDir::Both || e == ChanDir::Both));
                directions && self.unify(u, a, b, element)
            }
            (Type::Struct(a), Type::Struct(b)) => {
                a.fields.len() == b.fields.len()
                    && a.fields.iter().zip(&b.fields).all(|(f, g)| {
                        f.name == g.name
                            && f.embedded == g.embedded
                            && f.tag == g.tag
                            && (f.name.is_exported() || f.pkg == g.pkg)
                            && self.unify(u, f.ty, g.ty, element)
                    })
            }
            (Type::Tuple(a), Type::Tuple(b)) => {
                a.len() == b.len()
                    && a.iter()
                        .zip(b.iter())
                        .all(|(&p, &q)| self.unify(u, p, q, mode))
            }
            (Type::Signature(a), Type::Signature(b)) => self.unify_signatures(u, &a, &b),
            (Type::Interface(_), Type::Interface(_)) => {
                let (a, b) = (self.store.type_set(x), self.store.type_set(y));
                a.methods.len() == b.methods.len()
                    && a.comparable == b.comparable
                    && a.terms.is_some() == b.terms.is_some()
                    && a.methods
                        .iter()
                        .zip(&b.methods)
                        .all(|(m, n)| m.name == n.name && self.unify(u, m.ty, n.ty, Match::Exact))
            }
            (Type::Named(_), Type::Named(_)) => {
                let (Some(a), Some(b)) =
                    (self.store.named(x).cloned(), self.store.named(y).cloned())
                else {
                    return false;
                };
                if a.origin != b.origin || a.targs.len() != b.targs.len() {
                    return false;
                }
                // Type arguments must be identical, but an interface type itself matches by its methods too.
                a.targs
                    .iter()
                    .zip(b.targs.iter())
                    .all(|(&p, &q)| self.unify(u, p, q, Match::Exact))
                    && !a.targs.is_empty()
            }
            (Type::TypeParam(_), Type::TypeParam(_)) => false,
            (Type::TypeParam(_), _) | (_, Type::TypeParam(_)) => {
                // A type parameter of an enclosing function matches through its core type.
                if mode == Match::Exact {
                    return false;
                }
                let (p, t) = if self.store.is_type_param(x) {
                    (x, y)
                } else {
                    (y, x)
                };
                match self.store.core_type(p) {
                    Some(c) if c != tid::INVALID && !self.store.is_type_param(c) => {
                        if self.store.named(t).is_some() {
                            return false;
                        }
                        self.unify(u, c, t, mode)
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn unify_signatures(&mut self, u: &mut Unifier, a: &Signature, b: &Signature) -> bool {
        a.tparams.len() == b.tparams.len()
            && a.variadic == b.variadic
            && a.params.len() == b.params.len()
            && a.results.len() == b.results.len()
            && a.params
                .iter()
                .zip(&b.params)
                .chain(a.results.iter().zip(&b.results))
                .all(|(p, q)| self.unify(u, p.ty, q.ty, Match::Exact))
    }
}
