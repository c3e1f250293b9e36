//! Type sets: what an interface, flattened, asks of a type.

use crate::types::{BasicKind, Method, Term, Type, TypeId, TypeStore, tid};
use std::sync::Arc;
use syntax::ChanDir;

/// Interfaces nested deeper than this are cyclic, which the checker has reported.
const MAX_NESTING: u32 = 200;

/// The flattened form of an interface: its methods and, for a constraint, its types.
#[derive(Clone, Debug, Default)]
pub struct TypeSet {
    /// All methods, sorted by name.
    pub methods: Vec<Method>,
    /// The types; `None` means all types, an empty list none.
    pub terms: Option<Vec<Term>>,
    /// Whether only comparable types belong to it (from `comparable`).
    pub comparable: bool,
}

impl TypeSet {
    /// Whether every type is in the set.
    pub fn is_all(&self) -> bool {
        self.methods.is_empty() && self.terms.is_none() && !self.comparable
    }

    /// Whether no type is in the set.
    pub fn is_empty(&self) -> bool {
        self.terms.as_ref().is_some_and(Vec::is_empty)
    }

    /// Whether the interface may only be used as a constraint.
    pub fn is_constraint_only(&self) -> bool {
        self.terms.is_some() || self.comparable
    }

    /// The index of a method.
    pub fn method_index(
        &self,
        name: syntax::Symbol,
        pkg: Option<crate::objects::PkgId>,
    ) -> Option<usize> {
        self.methods
            .iter()
            .position(|m| m.name == name && (name.is_exported() || m.pkg == pkg))
    }
}

impl TypeStore {
    /// The type set of an interface type (or of what a declared type is underlain by, or of a type
    /// parameter's constraint).
    pub fn type_set(&mut self, t: TypeId) -> Arc<TypeSet> {
        self.type_set_at(t, 0).0
    }

    fn type_set_at(&mut self, t: TypeId, depth: u32) -> (Arc<TypeSet>, bool) {
        let t = if self.is_type_param(t) {
            self.constraint(t)
        } else {
            self.underlying(t)
        };
        if let Some(s) = self.typesets.get(&t) {
            return (s.clone(), true);
        }
        let Type::Interface(i) = self.get(t).clone() else {
            return (Arc::default(), false);
        };
        if depth > MAX_NESTING {
            return (Arc::default(), false);
        }
        let mut set = TypeSet {
            methods: Vec::new(),
            terms: None,
            comparable: i.comparable,
        };
        let mut complete = true;
        for m in &i.methods {
            if set.method_index(m.name, m.pkg).is_none() {
                set.methods.push(*m);
            }
        }
        for &e in &i.embeds {
            let u = self.underlying(e);
            match self.get(u).clone() {
                Type::Interface(_) => {
                    let (inner, ok) = self.type_set_at(u, depth + 1);
                    complete &= ok;
                    for m in &inner.methods {
                        if set.method_index(m.name, m.pkg).is_none() {
                            set.methods.push(*m);
                        }
                    }
                    set.comparable |= inner.comparable;
                    self.intersect(&mut set, inner.terms.clone());
                }
                Type::Union(ts) => {
                    let (terms, ok) = self.union_terms(&ts, depth + 1);
                    complete &= ok;
                    self.intersect(&mut set, terms);
                }
                Type::Basic(BasicKind::Invalid) => complete &= self.is_resolved(e),
                _ => self.intersect(
                    &mut set,
                    Some(vec![Term {
                        tilde: false,
                        ty: e,
                    }]),
                ),
            }
        }
        if set.comparable && set.terms.is_some() {
            let terms = set.terms.take().unwrap_or_default();
            set.terms = Some(
                terms
                    .into_iter()
                    .filter(|m| self.is_strictly_comparable(m.ty))
                    .collect(),
            );
            set.comparable = false;
        }
        let names: Vec<&str> = set.methods.iter().map(|m| m.name.as_str()).collect();
        if !names.is_sorted() {
            set.methods.sort_by(|a, b| {
                let path = |m: &Method| {
                    m.pkg
                        .and_then(|p| self.packages.get(p.0 as usize))
                        .map(|p| p.path.clone())
                };
                a.name
                    .as_str()
                    .cmp(b.name.as_str())
                    .then_with(|| path(a).cmp(&path(b)))
            });
        }
        let set = Arc::new(set);
        if complete {
            self.typesets.insert(t, set.clone());
        }
        (set, complete)
    }

    fn union_terms(&mut self, ts: &[Term], depth: u32) -> (Option<Vec<Term>>, bool) {
        let mut all = Vec::new();
        let mut complete = true;
        for term in ts {
            let u = self.underlying(term.ty);
            match self.get(u) {
                Type::Interface(_) => {
                    let (inner, ok) = self.type_set_at(u, depth);
                    complete &= ok;
                    match &inner.terms {
                        None => return (None, complete),
                        Some(inner) => all.extend_from_slice(inner),
                    }
                }
                Type::Basic(BasicKind::Invalid) => complete &= self.is_resolved(term.ty),
                _ => all.push(*term),
            }
        }
        let mut out: Vec<Term> = Vec::with_capacity(all.len());
        for term in all {
            if !out.iter().any(|o| self.term_includes(*o, term)) {
                out.push(term);
            }
        }
        (Some(out), complete)
    }

    /// Whether every type of `b` is one of `a`.
    pub(crate) fn term_includes(&mut self, a: Term, b: Term) -> bool {
        if !a.tilde && b.tilde {
            return false;
        }
        if a.tilde {
            let u = self.underlying(b.ty);
            let v = self.underlying(a.ty);
            return self.identical(v, u);
        }
        self.identical(a.ty, b.ty)
    }

    fn intersect(&mut self, set: &mut TypeSet, terms: Option<Vec<Term>>) {
        let Some(new) = terms else { return };
        let Some(old) = set.terms.take() else {
            set.terms = Some(new);
            return;
        };
        let mut both = Vec::new();
        for &a in &old {
            for &b in &new {
                if self.term_includes(a, b) {
                    both.push(b);
                } else if self.term_includes(b, a) {
                    both.push(a);
                }
            }
        }
        set.terms = Some(both);
    }

    /// The terms that a type stands for: those of a type parameter's constraint (`None` when it admits
    /// all types), or the type itself.
    pub fn terms_of(&mut self, t: TypeId) -> Option<Vec<Term>> {
        if self.is_type_param(t) {
            return self.type_set(t).terms.clone();
        }
        Some(vec![Term {
            tilde: false,
            ty: t,
        }])
    }

    /// The one underlying type that all types of `t` share: of a type parameter's type set, else of `t`
    /// itself. Channel types may differ in direction.
    pub fn core_type(&mut self, t: TypeId) -> Option<TypeId> {
        if !self.is_type_param(t) {
            return Some(self.underlying(t));
        }
        let terms = self.terms_of(t)?;
        let mut core: Option<TypeId> = None;
        for m in &terms {
            let u = if self.is_type_param(m.ty) {
                self.core_type(m.ty)?
            } else {
                self.underlying(m.ty)
            };
            let Some(c) = core else {
                core = Some(u);
                continue;
            };
            if self.identical(c, u) {
                continue;
            }
            match (self.get(c).clone(), self.get(u).clone()) {
                (Type::Chan(a, x), Type::Chan(b, y)) if self.identical(x, y) => match (a, b) {
                    (_, ChanDir::Both) => {}
                    (ChanDir::Both, _) => core = Some(u),
                    _ => return None,
                },
                _ => return None,
            }
        }
        core
    }

    /// As `core_type`, but a mix of byte slices and strings has the core type `string`.
    pub fn core_string(&mut self, t: TypeId) -> Option<TypeId> {
        if let Some(c) = self.core_type(t) {
            return Some(c);
        }
        let mut any = false;
        for m in self.terms_of(t)? {
            let u = self.underlying(m.ty);
            match *self.get(u) {
                Type::Basic(BasicKind::String) => {}
                Type::Slice(e) => {
                    let e = self.underlying(e);
                    if !self.identical(e, tid::UINT8) {
                        return None;
                    }
                }
                _ => return None,
            }
            any = true;
        }
        any.then_some(tid::STRING)
    }
}
