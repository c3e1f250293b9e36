//! Underlying types, instantiation of generic types and substitution of type parameters.

use crate::types::{
    Field, InterfaceType, Method, Param, Signature, StructType, Term, Type, TypeId, TypeStore, tid,
};
use std::sync::Arc;

/// Instances nested deeper than this are not expanded: the checker has refused the program by then.
const MAX_CHAIN: usize = 10_000;

impl TypeStore {
    /// The underlying type. A type parameter is its own; `INVALID` while a declaration is unresolved.
    pub fn underlying(&mut self, t: TypeId) -> TypeId {
        let mut at = t;
        for _ in 0..MAX_CHAIN {
            let Type::Named(n) = *self.get(at) else {
                if at != t {
                    self.set_underlying(t, at);
                }
                return at;
            };
            let named = &self.nameds[n.0 as usize];
            if let Some(u) = named.underlying {
                at = u;
                continue;
            }
            if named.origin == at {
                return tid::INVALID;
            }
            let (origin, targs) = (named.origin, named.targs.clone());
            let generic = self.underlying(origin);
            if generic == tid::INVALID && !self.is_resolved(origin) {
                return tid::INVALID;
            }
            let tparams = self
                .named(origin)
                .map(|o| o.tparams.clone())
                .unwrap_or_default();
            let u = self.subst(generic, &tparams, &targs);
            self.set_underlying(at, u);
            at = u;
        }
        tid::INVALID
    }

    /// Whether a declared type's right side is known (types that are not declared always are).
    pub(crate) fn is_resolved(&self, t: TypeId) -> bool {
        match self.named(t) {
            Some(n) if n.origin != t => self.is_resolved(n.origin),
            Some(n) => n.underlying.is_some(),
            None => true,
        }
    }

    /// The instance of a generic named type.
    pub fn instantiate(&mut self, generic: TypeId, targs: &[TypeId]) -> TypeId {
        let Some(n) = self.named(generic) else {
            return tid::INVALID;
        };
        let generic = n.origin;
        let key = (generic, Arc::<[TypeId]>::from(targs));
        if let Some(&t) = self.instances.get(&key) {
            return t;
        }
        let Some(origin) = self.named(generic).cloned() else {
            return tid::INVALID;
        };
        let t = self.new_named(origin.obj, origin.name, origin.pkg);
        let depth = targs.iter().map(|&a| self.depth(a)).max().unwrap_or(0) + 1;
        let has = targs.iter().any(|&a| self.mentions_params(a));
        self.set_flags(t, has, depth);
        if let Some(n) = self.named_mut(t) {
            n.origin = generic;
            n.targs = key.1.clone();
            n.local = origin.local;
            n.implicit = origin.implicit;
        }
        self.instances.insert(key, t);
        t
    }

    /// A generic signature with its type parameters replaced.
    pub fn instantiate_signature(&mut self, sig: &Signature, targs: &[TypeId]) -> TypeId {
        let tparams = sig.tparams.clone();
        let bare = Signature {
            tparams: [].into(),
            ..sig.clone()
        };
        let s = self.subst_signature(&bare, &tparams, targs);
        self.signature(s)
    }

    /// `t` with each of `from` (type parameters) replaced by the type at its index in `to`.
    pub fn subst(&mut self, t: TypeId, from: &[TypeId], to: &[TypeId]) -> TypeId {
        if from.is_empty() || !self.mentions_params(t) {
            return t;
        }
        match self.get(t).clone() {
            Type::Basic(_) => t,
            Type::TypeParam(_) => from
                .iter()
                .position(|&p| p == t)
                .and_then(|i| to.get(i).copied())
                .unwrap_or(t),
            Type::Named(n) => {
                let n = &self.nameds[n.0 as usize];
                let (origin, targs) = (n.origin, n.targs.clone());
                let new: Vec<TypeId> = targs.iter().map(|&a| self.subst(a, from, to)).collect();
                if new[..] == targs[..] {
                    t
                } else {
                    self.instantiate(origin, &new)
                }
            }
            Type::Pointer(e) => {
                let e = self.subst(e, from, to);
                self.pointer(e)
            }
            Type::Slice(e) => {
                let e = self.subst(e, from, to);
                self.slice(e)
            }
            Type::Array(n, e) => {
                let e = self.subst(e, from, to);
                self.array(n, e)
            }
            Type::Map(k, v) => {
                let (k, v) = (self.subst(k, from, to), self.subst(v, from, to));
                self.map(k, v)
            }
            Type::Chan(d, e) => {
                let e = self.subst(e, from, to);
                self.chan(d, e)
            }
            Type::Tuple(ts) => {
                let ts: Vec<TypeId> = ts.iter().map(|&a| self.subst(a, from, to)).collect();
                self.tuple(&ts)
            }
            Type::Struct(s) => {
                let fields = s
                    .fields
                    .iter()
                    .map(|f| Field {
                        ty: self.subst(f.ty, from, to),
                        ..f.clone()
                    })
                    .collect();
                self.intern(Type::Struct(Arc::new(StructType { fields })))
            }
            Type::Signature(s) => {
                let s = self.subst_signature(&s, from, to);
                self.signature(s)
            }
            Type::Interface(i) => {
                let methods = i
                    .methods
                    .iter()
                    .map(|m| Method {
                        ty: self.subst(m.ty, from, to),
                        ..*m
                    })
                    .collect();
                let embeds = i.embeds.iter().map(|&e| self.subst(e, from, to)).collect();
                self.intern(Type::Interface(Arc::new(InterfaceType {
                    methods,
                    embeds,
                    ..(*i).clone()
                })))
            }
            Type::Union(ts) => {
                let ts = ts
                    .iter()
                    .map(|m| Term {
                        tilde: m.tilde,
                        ty: self.subst(m.ty, from, to),
                    })
                    .collect();
                self.intern(Type::Union(ts))
            }
        }
    }

    fn subst_signature(&mut self, s: &Signature, from: &[TypeId], to: &[TypeId]) -> Signature {
        let mut list = |ps: &[Param]| {
            ps.iter()
                .map(|p| Param {
                    name: p.name,
                    ty: self.subst(p.ty, from, to),
                })
                .collect()
        };
        Signature {
            params: list(&s.params),
            results: list(&s.results),
            variadic: s.variadic,
            tparams: s.tparams.clone(),
        }
    }

    /// The interface that constrains a type parameter.
    pub fn constraint(&mut self, tparam: TypeId) -> TypeId {
        let Some(p) = self.type_param(tparam) else {
            return tid::EMPTY_INTERFACE;
        };
        let bound = p.bound;
        let u = self.underlying(bound);
        match self.get(u) {
            Type::Interface(_) => u,
            Type::Basic(crate::types::BasicKind::Invalid) => tid::EMPTY_INTERFACE,
            _ => {
                let i = InterfaceType {
                    embeds: vec![bound],
                    implicit: true,
                    ..Default::default()
                };
                self.intern(Type::Interface(Arc::new(i)))
            }
        }
    }
}
