//! Fields and methods of types, promotion through embedded fields included.

use crate::checker::Checker;
use crate::objects::{ObjId, PkgId};
use crate::types::{Type, TypeId};
use rustc_hash::FxHashSet;
use syntax::Symbol;

/// A field or method found in a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub member: Member,
    /// Field indices through embedded fields; for a field its own index is the last.
    pub path: Vec<u32>,
    /// Whether a pointer is dereferenced on the way, the type itself being one included.
    pub indirect: bool,
    /// The type: of the field, or the signature of the method (with the receiver's type arguments put in).
    pub ty: TypeId,
}

/// What a lookup finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A field.
    Field,
    /// A declared method.
    Method {
        /// Its `Func` object.
        func: ObjId,
        /// The named type that declares it (an instance, maybe): the type of the receiver without pointer.
        recv: TypeId,
    },
    /// A method of an interface or of a type parameter's constraint, by index in the sorted method list.
    InterfaceMethod {
        /// The interface or type parameter.
        iface: TypeId,
        /// Index in `TypeSet::methods`.
        index: u32,
    },
}

/// One entry of a method set.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// Its name.
    pub name: Symbol,
    /// The package of a name that is not exported.
    pub pkg: Option<PkgId>,
    /// How it is reached.
    pub found: Found,
    /// Whether the method itself has a pointer receiver.
    pub pointer_receiver: bool,
}

/// An embedded type on the way down.
struct Level {
    ty: TypeId,
    path: Vec<u32>,
    indirect: bool,
    /// Reached in several ways at this depth: anything found in it is ambiguous.
    multiple: bool,
}

impl<'a> Checker<'a> {
    /// The field or method `name` of `t`, as package `pkg` sees it. `Err(true)` when it is ambiguous.
    /// `fold` ignores case and package.
    pub fn lookup_member(
        &mut self,
        t: TypeId,
        name: Symbol,
        pkg: Option<PkgId>,
        fold: bool,
    ) -> Result<Found, bool> {
        if name.is_blank() {
            return Err(false);
        }
        // A declared pointer type has its base's fields but no methods.
        if self.store.named(t).is_some() {
            let u = self.under(t);
            if matches!(self.store.get(u), Type::Pointer(_)) {
                let f = self.lookup_from(u, name, pkg, fold)?;
                return if f.member == Member::Field {
                    Ok(f)
                } else {
                    Err(false)
                };
            }
        }
        self.lookup_from(t, name, pkg, fold)
    }

    fn lookup_from(
        &mut self,
        t: TypeId,
        name: Symbol,
        pkg: Option<PkgId>,
        fold: bool,
    ) -> Result<Found, bool> {
        let (base, pointer) = match *self.store.get(t) {
            Type::Pointer(e) => (e, true),
            _ => (t, false),
        };
        if pointer && (self.store.is_interface(base) || self.store.is_type_param(base)) {
            return Err(false);
        }
        let same = |n: Symbol, p: Option<PkgId>| {
            if fold {
                n.as_str().eq_ignore_ascii_case(name.as_str())
            } else {
                n == name && (n.is_exported() || p == pkg)
            }
        };
        let mut level = vec![Level {
            ty: base,
            path: Vec::new(),
            indirect: pointer,
            multiple: false,
        }];
        let mut seen: FxHashSet<TypeId> = FxHashSet::default();
        while !level.is_empty() {
            let mut next: Vec<Level> = Vec::new();
            let mut found: Option<Found> = None;
            for l in &level {
                let named = self
                    .store
                    .named(l.ty)
                    .map(|n| (n.origin, n.targs.clone(), n.pkg));
                if let Some((origin, targs, tpkg)) = named {
                    if !seen.insert(l.ty) {
                        continue;
                    }
                    let method = self
                        .store
                        .named(origin)
                        .and_then(|n| n.methods.iter().find(|(n, _)| same(*n, tpkg)).map(|m| m.1));
                    if let Some(func) = method {
                        if found.is_some() || l.multiple {
                            return Err(true);
                        }
                        let ty = self.method_type(func, origin, &targs);
                        found = Some(Found {
                            member: Member::Method { func, recv: l.ty },
                            path: l.path.clone(),
                            indirect: l.indirect,
                            ty,
                        });
                        continue;
                    }
                }
                let u = self.under(l.ty);
                match self.store.get(u).clone() {
                    Type::Struct(s) => {
                        for (i, f) in s.fields.iter().enumerate() {
                            if same(f.name, f.pkg) {
                                if found.is_some() || l.multiple {
                                    return Err(true);
                                }
                                let mut path = l.path.clone();
                                path.push(i as u32);
                                found = Some(Found {
                                    member: Member::Field,
                                    path,
                                    indirect: l.indirect,
                                    ty: f.ty,
                                });
                                continue;
                            }
                            // Only types with a name can be embedded, so no other field needs a look.
                            if found.is_none() && f.embedded {
                                let (ty, pointer) = match *self.store.get(f.ty) {
                                    Type::Pointer(e) => (e, true),
                                    _ => (f.ty, false),
                                };
                                let mut path = l.path.clone();
                                path.push(i as u32);
                                let indirect = l.indirect || pointer;
                                next.push(Level {
                                    ty,
                                    path,
                                    indirect,
                                    multiple: l.multiple,
                                });
                            }
                        }
                    }
                    Type::Interface(_) | Type::TypeParam(_) => {
                        let set = self.store.type_set(l.ty);
                        if let Some(i) = set.methods.iter().position(|m| same(m.name, m.pkg)) {
                            if found.is_some() || l.multiple {
                                return Err(true);
                            }
                            found = Some(Found {
                                member: Member::InterfaceMethod {
                                    iface: l.ty,
                                    index: i as u32,
                                },
                                path: l.path.clone(),
                                indirect: l.indirect,
                                ty: set.methods[i].ty,
                            });
                        }
                    }
                    _ => {}
                }
            }
            if let Some(f) = found {
                return Ok(f);
            }
            level = consolidate(next);
        }
        Err(false)
    }

    /// A declared method's signature for a receiver type with these type arguments.
    pub fn method_type(&mut self, func: ObjId, origin: TypeId, targs: &[TypeId]) -> TypeId {
        self.resolve_obj(func);
        let ty = self.ty(func);
        if targs.is_empty() {
            return ty;
        }
        let tparams = self
            .store
            .named(origin)
            .map(|n| n.tparams.clone())
            .unwrap_or_default();
        self.subst_method(ty, &tparams, targs)
    }

    /// Substitution in a method's signature; a generic method's own parameters get substituted bounds.
    fn subst_method(&mut self, ty: TypeId, from: &[TypeId], to: &[TypeId]) -> TypeId {
        if from == to {
            return ty;
        }
        let Some(sig) = self.store.as_signature(ty) else {
            return ty;
        };
        if sig.tparams.is_empty() {
            return self.store.subst(ty, from, to);
        }
        let fresh: Vec<TypeId> = sig
            .tparams
            .iter()
            .map(|&p| {
                let mut data = self
                    .store
                    .type_param(p)
                    .cloned()
                    .unwrap_or_else(|| unreachable!("a type parameter"));
                data.bound = self.store.subst(data.bound, from, to);
                self.store.new_type_param(data)
            })
            .collect();
        let (f, t): (Vec<TypeId>, Vec<TypeId>) = (
            from.iter().chain(sig.tparams.iter()).copied().collect(),
            to.iter().chain(&fresh).copied().collect(),
        );
        for &p in &fresh {
            if let Type::TypeParam(id) = *self.store.get(p) {
                let bound = self.store.tparams[id.0 as usize].bound;
                self.store.tparams[id.0 as usize].bound = self.store.subst(bound, &f, &t);
            }
        }
        let new = self.store.subst(ty, &f, &t);
        match self.store.as_signature(new) {
            Some(s) => self.store.signature(crate::types::Signature {
                tparams: fresh.into(),
                ..(*s).clone()
            }),
            None => new,
        }
    }

    /// The method of `v` whose name differs from `name` in case only.
    pub fn folded_name(&mut self, v: TypeId, name: Symbol) -> Option<Symbol> {
        let f = self.lookup_member(v, name, None, true).ok()?;
        match f.member {
            Member::Method { func, .. } => Some(self.obj(func).name),
            Member::InterfaceMethod { iface, index } => {
                Some(self.store.type_set(iface).methods[index as usize].name)
            }
            Member::Field => {
                let mut t = v;
                for (n, &i) in f.path.iter().enumerate() {
                    if let Some(e) = self.store.pointer_elem(t) {
                        t = e;
                    }
                    let u = self.under(t);
                    let Type::Struct(s) = self.store.get(u).clone() else {
                        return None;
                    };
                    let field = s.fields.get(i as usize)?;
                    if n + 1 == f.path.len() {
                        return Some(field.name);
                    }
                    t = field.ty;
                }
                None
            }
        }
    }

    /// All methods of a type that can be called on a value of it, sorted by name.
    pub fn methods_of(&mut self, t: TypeId) -> Vec<MethodEntry> {
        let mut names: Vec<(Symbol, Option<PkgId>)> = Vec::new();
        let mut seen: FxHashSet<TypeId> = FxHashSet::default();
        let mut stack = vec![t];
        while let Some(t) = stack.pop() {
            let base = match *self.store.get(t) {
                Type::Pointer(e) => e,
                _ => t,
            };
            if !seen.insert(base) {
                continue;
            }
            if let Some(n) = self.store.named(base) {
                let (origin, pkg) = (n.origin, n.pkg);
                if let Some(o) = self.store.named(origin) {
                    names.extend(o.methods.iter().map(|(n, _)| (*n, pkg)));
                }
            }
            let u = self.under(base);
            match self.store.get(u).clone() {
                Type::Struct(s) => {
                    stack.extend(s.fields.iter().filter(|f| f.embedded).map(|f| f.ty))
                }
                Type::Interface(_) | Type::TypeParam(_) => {
                    names.extend(
                        self.store
                            .type_set(base)
                            .methods
                            .iter()
                            .map(|m| (m.name, m.pkg)),
                    );
                }
                _ => {}
            }
        }
        names.sort_by(|a, b| a.0.as_str().cmp(b.0.as_str()).then(a.1.cmp(&b.1)));
        names.dedup_by(|a, b| a.0 == b.0 && (a.0.is_exported() || a.1 == b.1));
        let methods = names.into_iter();
        methods
            .filter_map(|(name, pkg)| self.method_of(t, name, pkg))
            .collect()
    }

    /// The method of this name that can be called on a value of a type.
    pub fn method_of(
        &mut self,
        t: TypeId,
        name: Symbol,
        pkg: Option<PkgId>,
    ) -> Option<MethodEntry> {
        let found = self.lookup_member(t, name, pkg, false).ok()?;
        let pointer_receiver = match found.member {
            Member::Field => return None,
            Member::Method { func, .. } => self.has_pointer_receiver(func),
            Member::InterfaceMethod { .. } => false,
        };
        if pointer_receiver && !found.indirect {
            return None;
        }
        Some(MethodEntry {
            name,
            pkg: if name.is_exported() { None } else { pkg },
            found,
            pointer_receiver,
        })
    }
}

/// Merges entries of one type: what they hold is ambiguous.
fn consolidate(list: Vec<Level>) -> Vec<Level> {
    let mut out: Vec<Level> = Vec::with_capacity(list.len());
    for l in list {
        match out.iter_mut().find(|o| o.ty == l.ty) {
            Some(o) => o.multiple = true,
            None => out.push(l),
        }
    }
    out
}
