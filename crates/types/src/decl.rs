//! Declarations of constants, variables, types and functions: package-level ones are resolved on
//! demand, with detection of cycles; those in function bodies as they come.

use crate::checker::{Checker, Env};
use crate::constant::Const;
use crate::objects::{FileId, FuncInfo, ObjId, ObjKind, PkgId, State, VarKind};
use crate::operand::Operand;
use crate::types::{Type, TypeId, tid};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{ConstDecl, Decl, Expr, Pos, Symbol, TypeDecl, VarDecl};

/// Longer chains of declarations that need one another are refused, as deeper nesting is.
const MAX_CHAIN: usize = 10_000;

/// Where a package-level object is declared.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Declared {
    pub file: FileId,
    /// Index in the file's declarations.
    pub decl: u32,
    pub site: DeclSite,
}

/// Where in a declaration.
#[derive(Clone, Copy, Debug)]
pub(crate) enum DeclSite {
    /// Spec and name.
    Const(u32, u32),
    /// Name.
    Var(u32),
    Type,
    Func,
}

impl Declared {
    pub fn new(file: FileId, decl: u32, site: DeclSite) -> Declared {
        Declared { file, decl, site }
    }
}

/// The variables that a function's signature declares.
#[derive(Clone, Debug, Default)]
pub(crate) struct FuncParams {
    pub recv: Option<ObjId>,
    pub params: Vec<ObjId>,
    pub results: Vec<ObjId>,
    /// All names in the function's outermost block, type parameters included.
    pub names: Vec<(Symbol, ObjId)>,
    pub tparams: Arc<[TypeId]>,
}

/// Package-level declarations and what is known of them.
#[derive(Debug, Default)]
pub(crate) struct Decls {
    pub sites: FxHashMap<ObjId, Declared>,
    pub var_sites: FxHashMap<(FileId, u32, u32), ObjId>,
    /// Methods by their base type's name, in source order.
    pub methods: FxHashMap<ObjId, Vec<ObjId>>,
    pub unassigned_methods: Vec<(PkgId, ObjId)>,
    /// All package-level objects in order of declaration.
    pub order: Vec<(PkgId, ObjId)>,
    pub dot_imported: FxHashMap<(FileId, Symbol), ObjId>,
    /// Package-level objects that a declaration (for functions: the body) uses.
    pub deps: FxHashMap<ObjId, Vec<ObjId>>,
    pub params: FxHashMap<ObjId, FuncParams>,
    /// Type parameters of generic aliases.
    pub alias_tparams: FxHashMap<ObjId, Arc<[TypeId]>>,
}

impl<'a> Checker<'a> {
    /// Makes an object's type known.
    pub fn resolve_obj(&mut self, obj: ObjId) {
        match self.obj(obj).state {
            State::Done => return,
            State::InProgress => {
                let valid = self.valid_cycle(obj);
                let ty = self.ty(obj);
                match self.obj(obj).kind {
                    ObjKind::Const(_) | ObjKind::Var(_) if !valid || ty == tid::INVALID => {
                        self.objs[obj.0 as usize].ty = tid::INVALID;
                    }
                    ObjKind::TypeName { .. } if !valid => {
                        self.objs[obj.0 as usize].ty = tid::INVALID
                    }
                    _ => {}
                }
                return;
            }
            State::Unresolved => {}
        }
        if self.path.len() > MAX_CHAIN {
            let pos = self.obj(obj).pos;
            self.error(pos, "declarations refer to one another in too long a chain");
            self.objs[obj.0 as usize].state = State::Done;
            return;
        }
        let Some(site) = self.decls.sites.get(&obj).copied() else {
            return;
        };
        self.objs[obj.0 as usize].state = State::InProgress;
        self.path.push(obj);
        let asts: &'a [_] = self.asts;
        let arena = self.decl_arena(site, &asts[site.file.0 as usize]);
        let mut env = self.file_env(site.file);
        env.arena = arena;
        env.decl = Some(obj);
        let deps = std::mem::take(&mut self.deps);
        let seen = std::mem::take(&mut self.deps_seen);
        let nesting = std::mem::take(&mut self.nesting);
        self.with_env(env, |c| c.resolve_site(obj, site));
        self.nesting = nesting;
        let found = std::mem::replace(&mut self.deps, deps);
        self.deps_seen = seen;
        if !found.is_empty() && !matches!(site.site, DeclSite::Func | DeclSite::Type) {
            self.decls.deps.entry(obj).or_default().extend(found);
        }
        self.path.pop();
        self.objs[obj.0 as usize].state = State::Done;
        if self.path.is_empty() && !self.env.in_body {
            self.process_delayed(0);
        }
    }

    fn resolve_site(&mut self, obj: ObjId, site: Declared) {
        let asts: &'a [_] = self.asts;
        match (asts[site.file.0 as usize].decl(site.decl), site.site) {
            (Decl::Const(d), DeclSite::Const(spec, name)) => {
                self.const_decl(obj, d, spec as usize, name as usize)
            }
            (Decl::Var(d), DeclSite::Var(name)) => {
                let all: Vec<ObjId> = (0..d.names.len() as u32)
                    .filter_map(|n| {
                        self.decls
                            .var_sites
                            .get(&(site.file, site.decl, n))
                            .copied()
                    })
                    .collect();
                self.var_decl(obj, d, name as usize, &all);
            }
            (Decl::Type(d), _) => self.type_decl(obj, d),
            (Decl::Func(_), _) => self.func_decl(obj),
            _ => {}
        }
    }

    // Cycles

    /// Whether meeting `obj` again while it is being resolved is fine; reports the cycle if not.
    fn valid_cycle(&mut self, obj: ObjId) -> bool {
        let Some(start) = self.path.iter().rposition(|&o| o == obj) else {
            return true;
        };
        let cycle: Vec<ObjId> = self.path[start..].to_vec();
        let (mut values, mut defs) = (0, 0);
        for &o in &cycle {
            match self.obj(o).kind {
                ObjKind::Const(_) | ObjKind::Var(_) => values += 1,
                ObjKind::TypeName { alias: false } => defs += 1,
                _ => {}
            }
        }
        // Cycles of values alone are found when initialisation is ordered.
        if values == cycle.len() || (values == 0 && defs > 0) {
            return true;
        }
        if cycle
            .iter()
            .all(|&o| matches!(self.obj(o).kind, ObjKind::Func(_)))
        {
            return true;
        }
        self.report_cycle(&cycle);
        false
    }

    /// Reports a cycle of declarations.
    pub fn report_cycle(&mut self, cycle: &[ObjId]) {
        // A cycle through something that is invalid already has been reported.
        if cycle.iter().any(|&o| {
            matches!(self.obj(o).kind, ObjKind::TypeName { .. })
                && self.obj(o).state != State::InProgress
                && self.ty(o) == tid::INVALID
        }) {
            return;
        }
        let first = (0..cycle.len())
            .min_by_key(|&i| self.obj(cycle[i]).pos)
            .unwrap_or(0);
        let name = |c: &Self, o: ObjId| c.obj(o).name;
        let obj = cycle[first];
        let is_type = matches!(self.obj(obj).kind, ObjKind::TypeName { .. });
        let pos = self.obj(obj).pos;
        if cycle.len() == 1 {
            let what = if is_type {
                "invalid recursive type"
            } else {
                "invalid cycle in declaration"
            };
            let msg = format!("{what}: {} refers to itself", name(self, obj));
            self.error(pos, msg);
            return;
        }
        let mut msg = if is_type {
            format!("invalid recursive type {}", name(self, obj))
        } else {
            format!("invalid cycle in declaration of {}", name(self, obj))
        };
        for i in 0..cycle.len() {
            let o = cycle[(first + i) % cycle.len()];
            let next = cycle[(first + i + 1) % cycle.len()];
            let at = self.pos_string(self.obj(o).pos);
            msg += &format!("\n\t{at}: {} refers to {}", name(self, o), name(self, next));
        }
        self.error(pos, msg);
    }

    // Constants

    fn const_decl(&mut self, obj: ObjId, d: &'a ConstDecl, spec: usize, name: usize) {
        let s = &d.specs[spec];
        let (ty, values) = d.effective(spec);
        let inherited = s.source as usize != spec;
        self.env.iota = Some(Const::Int(i64::from(s.iota)));
        let declared = match ty {
            None => None,
            Some(e) => {
                let t = self.typ(e);
                let u = self.under(t);
                let ok = match self.store.get(u) {
                    Type::Basic(k) => k.is_const_type() || t == tid::INVALID,
                    _ => false,
                };
                if !ok {
                    if u != tid::INVALID {
                        let msg = format!("invalid constant type {}", self.ts(t));
                        self.error(e.pos, msg);
                    }
                    self.objs[obj.0 as usize].ty = tid::INVALID;
                    self.env.iota = None;
                    return;
                }
                Some(t)
            }
        };
        let mut x = Operand::invalid();
        if let Some(e) = values.get(name) {
            if inherited {
                self.env.errpos = Some(self.obj(obj).pos);
            }
            match declared {
                Some(t) if t != tid::INVALID => self.expr_with(&mut x, e, Some(t)),
                _ => self.expr(&mut x, e),
            }
        }
        self.init_const(obj, declared, &mut x);
        self.env.errpos = None;
        self.env.iota = None;
        if name + 1 == s.names.len() {
            self.const_arity(d, spec);
        }
    }

    fn const_arity(&mut self, d: &'a ConstDecl, spec: usize) {
        let s = &d.specs[spec];
        let (_, values) = d.effective(spec);
        let inherited = s.source as usize != spec;
        if let Some(n) = s.names.get(values.len()) {
            let msg = format!("missing init expr for {}", n.name);
            self.error(n.pos, msg);
        } else if let Some(e) = values.get(s.names.len()) {
            if inherited {
                let at = self.pos_string(e.pos);
                self.error(s.pos, format!("extra init expr at {at}"));
            } else {
                let msg = format!("extra init expr {}", self.es(e));
                self.error(e.pos, msg);
            }
        }
    }

    fn init_const(&mut self, obj: ObjId, declared: Option<TypeId>, x: &mut Operand<'a>) {
        let mut ty = declared;
        if x.is_invalid() || x.ty == tid::INVALID || declared == Some(tid::INVALID) {
            self.objs[obj.0 as usize].ty = declared.unwrap_or(tid::INVALID);
            if ty.is_none() {
                self.objs[obj.0 as usize].ty = tid::INVALID;
            }
            return;
        }
        if !x.is_const() {
            let msg = format!("{} is not constant", self.os(x));
            self.error(x.pos(), msg);
            self.objs[obj.0 as usize].ty = declared.unwrap_or(tid::INVALID);
            return;
        }
        let t = *ty.get_or_insert(x.ty);
        self.objs[obj.0 as usize].ty = t;
        self.assignment(x, Some(t), "constant declaration");
        if x.is_invalid() {
            return;
        }
        self.objs[obj.0 as usize].kind = ObjKind::Const(x.val.clone());
    }

    // Variables

    fn var_decl(&mut self, obj: ObjId, d: &'a VarDecl, index: usize, all: &[ObjId]) {
        let declared = d.ty.as_ref().map(|e| self.var_type(e));
        if let Some(t) = declared {
            self.objs[obj.0 as usize].ty = t;
        }
        if d.values.is_empty() {
            if declared.is_none() {
                self.objs[obj.0 as usize].ty = tid::INVALID;
            }
            return;
        }
        if d.values.len() == all.len() {
            let mut x = Operand::invalid();
            self.expr_with(&mut x, &d.values[index], declared);
            self.init_var(obj, declared, &mut x, "variable declaration");
            if all.len() == 1 || index == 0 {
                return;
            }
            return;
        }
        if d.values.len() == 1 {
            // One call (or two-value form) gives all variables their types at once.
            for &o in all {
                if let Some(t) = declared {
                    self.objs[o.0 as usize].ty = t;
                }
                if o != obj && self.obj(o).state == State::Unresolved {
                    self.objs[o.0 as usize].state = State::Done;
                }
            }
            self.init_vars(all, declared, &d.values, None);
            return;
        }
        // A mismatch, to be reported once.
        if index == 0 {
            self.init_vars(all, declared, &d.values, None);
        } else {
            let t = declared.unwrap_or(tid::INVALID);
            self.objs[obj.0 as usize].ty = t;
        }
    }

    // Types

    fn type_decl(&mut self, obj: ObjId, d: &'a TypeDecl) {
        let later_from = obj;
        if d.alias {
            if d.tparams.is_empty() {
                self.objs[obj.0 as usize].ty = tid::INVALID;
                let t = self.generic_or_plain_type(&d.ty);
                self.objs[obj.0 as usize].ty = t;
            } else {
                self.open_scope();
                let tparams = self.collect_tparams(&d.tparams);
                let t = self.typ(&d.ty);
                if tparams.contains(&t) {
                    self.error(
                        d.ty.pos,
                        "cannot use type parameter declared in alias declaration as RHS",
                    );
                }
                self.close_scope();
                self.objs[obj.0 as usize].ty = t;
                self.decls.alias_tparams.insert(obj, tparams.into());
            }
            self.check_alias_methods(obj);
            return;
        }
        let name = d.name.name;
        let pkg = self.env.pkg;
        let named = self.store.new_named(obj, name, Some(pkg));
        let outer = self.env.outer_tparams.clone();
        if self.env.in_body {
            self.local_types += 1;
            let n = self.local_types;
            if let Some(data) = self.store.named_mut(named) {
                data.local = n;
                data.implicit = outer.len() as u32;
                data.tparams = outer.clone();
            }
        }
        let own = if outer.is_empty() || !d.tparams.is_empty() {
            named
        } else {
            self.store.instantiate(named, &outer)
        };
        self.objs[obj.0 as usize].ty = own;
        if !d.tparams.is_empty() {
            self.open_scope();
            // The list is known before its constraints are: they may mention the type itself.
            let tparams = self.declare_tparams(&d.tparams);
            let all: Vec<TypeId> = outer
                .iter()
                .copied()
                .chain(tparams.iter().copied())
                .collect();
            if let Some(data) = self.store.named_mut(named) {
                data.tparams = all.into();
            }
            self.bind_tparams(&d.tparams, &tparams);
        }
        let rhs = self.defined_type(&d.ty);
        if !d.tparams.is_empty() {
            self.close_scope();
        }
        if self.store.is_type_param(rhs) {
            self.error(
                d.ty.pos,
                "cannot use a type parameter as RHS in type declaration",
            );
            self.store.set_underlying(named, tid::INVALID);
        } else {
            self.store.set_underlying(named, rhs);
            if self.chain_is_cyclic(named) {
                self.store.set_underlying(named, tid::INVALID);
            }
        }
        self.collect_methods(later_from, named);
        self.later(move |c| c.check_valid_type(named));
    }

    /// Follows `type A B; type B C; ...` and reports a chain that comes back.
    fn chain_is_cyclic(&mut self, named: TypeId) -> bool {
        let mut cycle = Vec::new();
        let mut at = named;
        loop {
            let Some(n) = self.store.named(at) else {
                return false;
            };
            let origin = n.origin;
            let Some(o) = self.store.named(origin) else {
                return false;
            };
            cycle.push(o.obj);
            let Some(next) = o.underlying else {
                return false;
            };
            if next == tid::INVALID {
                return false;
            }
            let next_origin = self.store.named(next).map_or(next, |n| n.origin);
            if next_origin == named {
                self.report_cycle(&cycle);
                return true;
            }
            if cycle.len() > 1000 {
                return false;
            }
            at = next_origin;
        }
    }

    fn check_alias_methods(&mut self, _obj: ObjId) {}

    /// Gives a declared type its methods.
    pub fn collect_methods(&mut self, obj: ObjId, named: TypeId) {
        let methods = self.decls.methods.get(&obj).cloned().unwrap_or_default();
        let mut list: Vec<(Symbol, ObjId)> = Vec::with_capacity(methods.len());
        for m in methods {
            let name = self.obj(m).name;
            if !name.is_blank()
                && let Some(&(_, alt)) = list.iter().find(|(n, _)| *n == name)
            {
                let at = self.pos_string(self.obj(alt).pos);
                let base = self.obj(obj).name;
                let pos = self.obj(m).pos;
                self.error(
                    pos,
                    format!("method {base}.{name} already declared at {at}"),
                );
                continue;
            }
            list.push((name, m));
        }
        if list.is_empty() {
            return;
        }
        let names = list.clone();
        if let Some(n) = self.store.named_mut(named) {
            n.methods = list;
        }
        self.later(move |c| {
            let u = c.under(named);
            let Type::Struct(s) = c.store.get(u).clone() else { return };
            for f in &s.fields {
                if f.name.is_blank() {
                    continue;
                }
                if let Some(&(_, m)) = names.iter().find(|(n, _)| *n == f.name) {
                    let at = c.pos_string(f.pos);
                    let pos = c.obj(m).pos;
                    c.error(
                        pos,
                        format!("field and method with the same name {}\n\t{at}: other declaration of {}", f.name, f.name),
                    );
                }
            }
        });
    }

    // Functions

    fn func_decl(&mut self, obj: ObjId) {
        let asts: &'a [_] = self.asts;
        let Some(site) = self.decls.sites.get(&obj).copied() else {
            return;
        };
        let Decl::Func(decl) = asts[site.file.0 as usize].decl(site.decl) else {
            return;
        };
        let decl: &'a syntax::FuncDecl = decl;
        let Some(info) = self.obj(obj).func().cloned() else {
            return;
        };
        let sig = self.func_signature(obj, &info, decl);
        self.objs[obj.0 as usize].ty = sig;
        if decl.body.is_none() {
            let first = decl.tparams.first();
            if first.is_some() {
                self.error(decl.pos, "generic function is missing function body");
            } else if !self.package(self.env.pkg).lazy && decl.name.name != syntax::sym::INIT {
                let linked = asts[site.file.0 as usize]
                    .linknames
                    .iter()
                    .any(|l| l.local == decl.name.name);
                if !linked {
                    self.error(decl.name.pos, "missing function body");
                }
            }
        }
    }

    fn func_signature(
        &mut self,
        obj: ObjId,
        info: &Arc<FuncInfo>,
        decl: &'a syntax::FuncDecl,
    ) -> TypeId {
        self.open_scope();
        let mut recv_obj = None;
        let mut outer: Vec<TypeId> = Vec::new();
        if let Some(recv) = &decl.recv {
            let (o, tparams) = self.collect_receiver(recv, info);
            recv_obj = Some(o);
            outer = tparams;
        }
        let tparams = if decl.tparams.is_empty() {
            Vec::new()
        } else {
            self.collect_tparams(&decl.tparams)
        };
        let (mut sig, mut params) = self.collect_signature(&decl.ty);
        if let Some(s) = self.env.scope {
            params.names = self.scopes[s].names.clone();
        }
        self.close_scope();
        sig.tparams = tparams.clone().into();
        params.recv = recv_obj;
        params.tparams = outer.iter().chain(&tparams).copied().collect();
        self.decls.params.insert(obj, params);
        self.store.signature(sig)
    }

    // Declarations in function bodies

    /// A declaration statement.
    pub fn decl_stmt(&mut self, decls: &'a [Decl]) {
        for d in decls {
            match d {
                Decl::Const(d) => {
                    for (i, spec) in d.specs.iter().enumerate() {
                        let objs: Vec<ObjId> = spec
                            .names
                            .iter()
                            .map(|n| {
                                self.new_object(*n, tid::INVALID, ObjKind::Const(Const::Unknown))
                            })
                            .collect();
                        for (n, &o) in objs.iter().enumerate() {
                            self.const_decl(o, d, i, n);
                        }
                        for &o in &objs {
                            self.declare(
                                o,
                                spec_end(spec.values.last(), spec.ty.as_ref(), spec.names.last()),
                            );
                        }
                    }
                }
                Decl::Var(d) => {
                    let objs: Vec<ObjId> = d
                        .names
                        .iter()
                        .map(|n| self.new_var(*n, tid::INVALID, VarKind::Local))
                        .collect();
                    let declared = d.ty.as_ref().map(|e| self.var_type(e));
                    for &o in &objs {
                        if let Some(t) = declared {
                            self.objs[o.0 as usize].ty = t;
                        }
                        self.locals.push(o);
                    }
                    if d.values.len() == objs.len() {
                        for (&o, e) in objs.iter().zip(&d.values) {
                            let mut x = Operand::invalid();
                            self.expr_with(&mut x, e, declared);
                            self.init_var(o, declared, &mut x, "variable declaration");
                        }
                    } else if !d.values.is_empty() {
                        self.init_vars(&objs, declared, &d.values, None);
                    }
                    let end = spec_end(d.values.last(), d.ty.as_ref(), d.names.last());
                    for &o in &objs {
                        self.declare(o, end);
                    }
                }
                Decl::Type(d) => {
                    let o =
                        self.new_object(d.name, tid::INVALID, ObjKind::TypeName { alias: d.alias });
                    self.declare(o, d.name.pos);
                    let from = self.delayed_len();
                    self.objs[o.0 as usize].state = State::InProgress;
                    self.path.push(o);
                    self.type_decl(o, d);
                    self.path.pop();
                    self.objs[o.0 as usize].state = State::Done;
                    self.process_delayed(from);
                }
                Decl::Func(_) => {}
            }
        }
    }

    /// The environment for a function's body.
    pub fn body_env(&mut self, obj: ObjId, file: FileId) -> Env {
        let mut env = self.file_env(file);
        env.arena = crate::objects::Arena::Body(obj);
        env.in_body = true;
        env.decl = Some(obj);
        env
    }
}

fn spec_end(value: Option<&Expr>, ty: Option<&Expr>, name: Option<&syntax::Ident>) -> Pos {
    value
        .map(|e| e.end)
        .or(ty.map(|e| e.end))
        .or(name.map(syntax::Ident::end))
        .unwrap_or(Pos::NONE)
}
