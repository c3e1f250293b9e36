//! Type identity, and the canonical representative of identical types.

use crate::types::{
    Field, InterfaceType, Method, Param, Signature, StructType, Term, Type, TypeId, TypeStore, tid,
};
use std::sync::Arc;
use syntax::sym;

impl TypeStore {
    /// Whether two types are identical.
    pub fn identical(&mut self, a: TypeId, b: TypeId) -> bool {
        self.identical_with(a, b, true)
    }

    /// Whether two types are identical when struct tags are left out of account.
    pub fn identical_ignoring_tags(&mut self, a: TypeId, b: TypeId) -> bool {
        self.identical_with(a, b, false)
    }

    fn all_identical(&mut self, a: &[TypeId], b: &[TypeId], tags: bool) -> bool {
        a.len() == b.len()
            && a.iter()
                .zip(b)
                .all(|(&x, &y)| self.identical_with(x, y, tags))
    }

    fn identical_with(&mut self, a: TypeId, b: TypeId, tags: bool) -> bool {
        if a == b {
            return true;
        }
        match (self.get(a).clone(), self.get(b).clone()) {
            (Type::Basic(_), Type::Basic(_)) => plain(a) == plain(b),
            (Type::Named(x), Type::Named(y)) => {
                let (x, y) = (&self.nameds[x.0 as usize], &self.nameds[y.0 as usize]);
                if x.origin != y.origin || x.targs.is_empty() {
                    return false;
                }
                let (x, y) = (x.targs.clone(), y.targs.clone());
                self.all_identical(&x, &y, tags)
            }
            (Type::Pointer(x), Type::Pointer(y)) | (Type::Slice(x), Type::Slice(y)) => {
                self.identical_with(x, y, tags)
            }
            (Type::Array(n, x), Type::Array(m, y)) => {
                (n == m || n < 0 || m < 0) && self.identical_with(x, y, tags)
            }
            (Type::Map(k, x), Type::Map(l, y)) => {
                self.identical_with(k, l, tags) && self.identical_with(x, y, tags)
            }
            (Type::Chan(d, x), Type::Chan(e, y)) => d == e && self.identical_with(x, y, tags),
            (Type::Tuple(x), Type::Tuple(y)) => self.all_identical(&x, &y, tags),
            (Type::Struct(x), Type::Struct(y)) => {
                x.fields.len() == y.fields.len()
                    && x.fields.iter().zip(&y.fields).all(|(f, g)| {
                        f.name == g.name
                            && f.embedded == g.embedded
                            && (!tags || f.tag == g.tag)
                            && (f.name.is_exported() || f.pkg == g.pkg)
                            && self.identical_with(f.ty, g.ty, tags)
                    })
            }
            (Type::Signature(x), Type::Signature(y)) => self.identical_signatures(&x, &y, tags),
            (Type::Interface(_), Type::Interface(_)) => {
                let (x, y) = (self.type_set(a), self.type_set(b));
                x.comparable == y.comparable
                    && x.methods.len() == y.methods.len()
                    && self.same_terms(x.terms.as_deref(), y.terms.as_deref())
                    && x.methods.iter().zip(&y.methods).all(|(m, n)| {
                        m.name == n.name
                            && (m.name.is_exported() || m.pkg == n.pkg)
                            && self.identical_with(m.ty, n.ty, tags)
                    })
            }
            (Type::Union(x), Type::Union(y)) => self.same_terms(Some(&x), Some(&y)),
            _ => false,
        }
    }

    fn same_terms(&mut self, a: Option<&[Term]>, b: Option<&[Term]>) -> bool {
        match (a, b) {
            (None, None) => true,
            (Some(a), Some(b)) => {
                a.iter()
                    .all(|&x| b.iter().any(|&y| self.term_includes(y, x)))
                    && b.iter()
                        .all(|&x| a.iter().any(|&y| self.term_includes(y, x)))
            }
            _ => false,
        }
    }

    fn identical_signatures(&mut self, a: &Signature, b: &Signature, tags: bool) -> bool {
        if a.variadic != b.variadic
            || a.params.len() != b.params.len()
            || a.results.len() != b.results.len()
            || a.tparams.len() != b.tparams.len()
        {
            return false;
        }
        let (from, to) = (b.tparams.clone(), a.tparams.clone());
        for (&p, &q) in from.iter().zip(to.iter()) {
            let (x, y) = (self.constraint(p), self.constraint(q));
            let x = self.subst(x, &from, &to);
            if !self.identical_with(x, y, tags) {
                return false;
            }
        }
        a.params
            .iter()
            .zip(&b.params)
            .chain(a.results.iter().zip(&b.results))
            .all(|(x, y)| {
                let y = self.subst(y.ty, &from, &to);
                self.identical_with(x.ty, y, tags)
            })
    }

    /// The representative of all types identical to `t`: equal ids exactly for identical types.
    /// To be asked only of types whose declarations are all resolved.
    pub fn canon(&mut self, t: TypeId) -> TypeId {
        if let Some(&c) = self.canonical.get(&t) {
            return c;
        }
        let c = match self.get(t).clone() {
            Type::Basic(_) => plain(t),
            Type::TypeParam(_) => t,
            Type::Named(n) => {
                let n = &self.nameds[n.0 as usize];
                if n.targs.is_empty() {
                    t
                } else {
                    let (origin, targs) = (n.origin, n.targs.clone());
                    let targs: Vec<TypeId> = targs.iter().map(|&a| self.canon(a)).collect();
                    self.instantiate(origin, &targs)
                }
            }
            Type::Pointer(e) => {
                let e = self.canon(e);
                self.pointer(e)
            }
            Type::Slice(e) => {
                let e = self.canon(e);
                self.slice(e)
            }
            Type::Array(n, e) => {
                let e = self.canon(e);
                self.array(n, e)
            }
            Type::Map(k, v) => {
                let (k, v) = (self.canon(k), self.canon(v));
                self.map(k, v)
            }
            Type::Chan(d, e) => {
                let e = self.canon(e);
                self.chan(d, e)
            }
            Type::Tuple(ts) => {
                let ts: Vec<TypeId> = ts.iter().map(|&e| self.canon(e)).collect();
                self.tuple(&ts)
            }
            Type::Struct(s) => {
                let fields = s
                    .fields
                    .iter()
                    .map(|f| Field {
                        ty: self.canon(f.ty),
                        ..f.clone()
                    })
                    .collect();
                self.intern(Type::Struct(Arc::new(StructType { fields })))
            }
            Type::Signature(s) => {
                let mut list = |ps: &[Param]| {
                    ps.iter()
                        .map(|p| Param {
                            name: sym::EMPTY,
                            ty: self.canon(p.ty),
                        })
                        .collect()
                };
                let s = Signature {
                    params: list(&s.params),
                    results: list(&s.results),
                    variadic: s.variadic,
                    tparams: s.tparams.clone(),
                };
                self.signature(s)
            }
            Type::Interface(_) => {
                let set = self.type_set(t);
                let methods = set
                    .methods
                    .iter()
                    .map(|m| Method {
                        ty: self.canon(m.ty),
                        ..*m
                    })
                    .collect();
                let embeds = match &set.terms {
                    None => Vec::new(),
                    Some(ts) => {
                        let mut ts: Vec<Term> = ts
                            .iter()
                            .map(|m| Term {
                                tilde: m.tilde,
                                ty: self.canon(m.ty),
                            })
                            .collect();
                        ts.sort_by_key(|m| (m.ty, m.tilde));
                        vec![self.intern(Type::Union(ts.into()))]
                    }
                };
                let i = InterfaceType {
                    methods,
                    embeds,
                    comparable: set.comparable,
                    ..Default::default()
                };
                self.intern(Type::Interface(Arc::new(i)))
            }
            Type::Union(ts) => {
                let ts = ts
                    .iter()
                    .map(|m| Term {
                        tilde: m.tilde,
                        ty: self.canon(m.ty),
                    })
                    .collect();
                self.intern(Type::Union(ts))
            }
        };
        self.canonical.insert(t, c);
        self.canonical.insert(c, c);
        c
    }
}

/// A predeclared type without its second name.
fn plain(t: TypeId) -> TypeId {
    match t {
        tid::BYTE => tid::UINT8,
        tid::RUNE => tid::INT32,
        t => t,
    }
}
