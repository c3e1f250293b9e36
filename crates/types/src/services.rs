//! What the stages around the checker ask of it: checking packages and bodies, increments, lookups,
//! method sets.

use crate::checker::Checker;
use crate::errors::Diagnostic;
use crate::info::{BodyInfo, Info};
use crate::lookup::{Found, MethodEntry};
use crate::objects::{ObjId, ObjKind, PkgId, State};
use crate::program::{Importer, PackageSource, Program};
use crate::types::{TypeId, TypeStore};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{File, FileSet, Symbol};

/// More new declarations than this are checked on a large stack.
const MANY_DECLS: usize = 200;

impl Program {
    /// An empty program.
    pub fn new(fileset: Arc<FileSet>, importer: Box<dyn Importer>) -> Program {
        let mut p = Program {
            fileset,
            store: TypeStore::new(),
            objs: Vec::with_capacity(4096),
            packages: Vec::new(),
            errors: Vec::new(),
            universe: FxHashMap::default(),
            by_path: FxHashMap::default(),
            asts: Vec::new(),
            files: Vec::new(),
            decls: crate::decl::Decls::default(),
            bodies: FxHashMap::default(),
            importer: Some(importer),
            local_types: 0,
            loading: Vec::new(),
            increment_from: 0,
            wanted: rustc_hash::FxHashSet::default(),
            mono_edges: Vec::new(),
            checked_decls: 0,
        };
        p.declare_universe();
        p
    }

    /// Loads, collects and checks a package and all that it imports. Errors are in `self.errors`.
    pub fn check_package(&mut self, source: PackageSource) -> PkgId {
        let deep = source.files.iter().any(|f| f.is_deep());
        let pkg = self.load(source);
        self.check_loaded(deep);
        pkg
    }

    /// Loads a package by import path (a standard package that the program itself does not import).
    pub fn import(&mut self, path: &str) -> Result<PkgId, String> {
        let pkg = self.import_from(path, "")?;
        self.check_loaded(false);
        Ok(pkg)
    }

    /// Adds a file to a checked package: its declarations may use and redeclare (shadow) earlier ones.
    /// The new initialisers are those of `init_order` past its length before the call; likewise `inits`, `funcs`.
    /// Imports that it does not use are no errors; a method replaces an earlier file's of the same name.
    pub fn check_increment(&mut self, pkg: PkgId, file: Arc<File>) {
        let path = self.package(pkg).path.to_string();
        let deep = file.is_deep();
        let links = self.load_imports(&file, &path);
        let first = self.files.len() as u32;
        let funcs = self.package(pkg).funcs.len();
        for e in &file.soft_errors {
            self.errors.push(Diagnostic {
                pos: e.pos,
                msg: e.msg.clone(),
            });
        }
        self.increment_from = first;
        let id = self.add_file(pkg, file, &links);
        self.files[id.0 as usize].imports.clear();
        self.check_file_conflicts(pkg, first);
        self.assign_methods();
        self.increment_from = 0;
        self.extend_types(pkg, funcs);
        self.check_loaded(deep);
        self.wanted.clear();
    }

    /// Checks what has been loaded since the last time.
    fn check_loaded(&mut self, deep: bool) {
        self.assign_methods();
        // Declarations may depend on one another in long chains.
        let many = self.decls.order.len() - self.checked_decls > MANY_DECLS && self.has_new_eager();
        if deep || many {
            syntax::on_large_stack(|| self.check_new());
        } else {
            self.check_new();
        }
    }

    fn has_new_eager(&self) -> bool {
        let new = &self.decls.order[self.checked_decls..];
        new.iter().filter(|(p, _)| !self.package(*p).lazy).count() > MANY_DECLS
    }

    fn check_new(&mut self) {
        let from = self.checked_decls;
        let order: Vec<(PkgId, ObjId)> = self.decls.order[from..].to_vec();
        self.checked_decls = from + order.len();
        self.with_checker(|c| {
            let mut pkgs: Vec<PkgId> = Vec::new();
            let mut consts: Vec<ObjId> = Vec::new();
            for &(pkg, o) in &order {
                if !pkgs.contains(&pkg) {
                    pkgs.push(pkg);
                }
                // A standard package's types, constants and functions wait until they are asked for.
                let lazy = c.package(pkg).lazy;
                if !lazy || matches!(c.obj(o).kind, ObjKind::Var(_)) {
                    c.resolve_obj(o);
                }
                if !lazy && matches!(c.obj(o).kind, ObjKind::Const(_)) {
                    consts.push(o);
                }
            }
            c.process_delayed(0);
            c.check_constant_cycles(&consts);
            for &(pkg, o) in &order {
                if !c.package(pkg).lazy && matches!(c.obj(o).kind, ObjKind::Func(_)) {
                    c.check_func_body(o);
                }
            }
            pkgs.sort();
            for &pkg in &pkgs {
                c.order_initializers(pkg);
            }
            c.report_unused_imports(&pkgs);
            c.process_delayed(0);
            if !c.had_error {
                c.check_instantiation_cycles();
            }
        });
    }

    /// The side tables of a declared function's body, checked now if it has not been. `None` without body.
    pub fn check_body(&mut self, func: ObjId) -> Option<Arc<BodyInfo>> {
        if let Some(b) = self.bodies.get(&func) {
            return Some(b.clone());
        }
        let deep = self
            .obj(func)
            .func()
            .and_then(|f| f.decl().body())
            .is_some_and(syntax::Body::is_deep);
        if deep {
            syntax::on_large_stack(|| self.with_checker(|c| c.check_func_body(func)));
        } else {
            self.with_checker(|c| c.check_func_body(func));
        }
        self.bodies.get(&func).cloned()
    }

    /// Resolves a package-level object's declaration, so that its `ty` (and a constant's value) is known.
    pub fn resolve(&mut self, obj: ObjId) -> TypeId {
        if self.obj(obj).state == State::Unresolved {
            self.with_checker(|c| c.resolve_obj(obj));
        }
        self.ty(obj)
    }

    /// The field or method `name` of `t` as seen from `pkg`.
    pub fn lookup_field_or_method(&mut self, t: TypeId, name: Symbol, pkg: PkgId) -> Option<Found> {
        self.with_checker(|c| c.lookup_member(t, name, Some(pkg), false).ok())
    }

    /// The method set of `t` (pass the pointer type for that of `*T`), sorted by name, promoted methods included.
    pub fn method_set(&mut self, t: TypeId) -> Vec<MethodEntry> {
        self.with_checker(|c| c.methods_of(t))
    }

    /// One method of the method set of `t`; `pkg` is the package of a name that is not exported.
    pub fn method(&mut self, t: TypeId, name: Symbol, pkg: Option<PkgId>) -> Option<MethodEntry> {
        self.with_checker(|c| c.method_of(t, name, pkg))
    }

    /// Whether `t` (not an interface, or one for a static check) has all methods of `iface`; the first one missing.
    pub fn missing_method(&mut self, t: TypeId, iface: TypeId) -> Option<Symbol> {
        self.with_checker(|c| c.missing_method_of(t, iface, true).map(|m| m.0))
    }

    /// Whether `t` implements the interface `iface`.
    pub fn implements(&mut self, t: TypeId, iface: TypeId) -> bool {
        self.with_checker(|c| c.implements(t, iface, false).is_ok())
    }

    /// The type parameters that a declared function's body may mention: its receiver's, then its own.
    pub fn func_tparams(&mut self, func: ObjId) -> Arc<[TypeId]> {
        self.resolve(func);
        self.decls
            .params
            .get(&func)
            .map(|p| p.tparams.clone())
            .unwrap_or_default()
    }

    /// The variables that a declared function's signature declares: receiver, parameters, results.
    pub fn func_params(&mut self, func: ObjId) -> (Option<ObjId>, Vec<ObjId>, Vec<ObjId>) {
        self.resolve(func);
        match self.decls.params.get(&func) {
            Some(p) => (p.recv, p.params.clone(), p.results.clone()),
            None => (None, Vec::new(), Vec::new()),
        }
    }
}

impl<'a> Checker<'a> {
    /// Checks a declared function's body, once.
    pub fn check_func_body(&mut self, func: ObjId) {
        if self.bodies.contains_key(&func) || self.checking.contains(&func) {
            return;
        }
        self.resolve_obj(func);
        let asts: &'a [_] = self.asts;
        let Some(site) = self.decls.sites.get(&func).copied() else {
            return;
        };
        let syntax::Decl::Func(decl) = asts[site.file.0 as usize].decl(site.decl) else {
            return;
        };
        let decl: &'a syntax::FuncDecl = decl;
        let Some(body) = decl.body() else { return };
        let lazy = self.package(self.files[site.file.0 as usize].pkg).lazy;
        if lazy {
            for e in &body.errors {
                self.error(e.pos, e.msg.clone());
            }
        }
        let Some(params) = self.decls.params.get(&func).cloned() else {
            return;
        };
        self.checking.insert(func);
        let sig = self.ty(func);
        let mut env = self.body_env(func, site.file);
        env.sig = Some(sig);
        env.results = params.results.clone().into();
        env.outer_tparams = params.tparams.clone();
        let outer = self.save_body_state();
        self.with_env(env, |c| {
            c.info = Info::with_nodes(body.node_count);
            let f = c.new_func(syntax::NodeId(u32::MAX), 0);
            let entry = &mut c.info.funcs[f as usize];
            entry.sig = sig;
            entry.recv = params.recv;
            entry.params = params.params.clone();
            entry.results = params.results.clone();
            c.open_scope();
            if let Some(s) = c.env.scope {
                c.scopes[s].names.extend(params.names.iter().copied());
            }
            c.func_body(&body.block);
            c.close_scope();
            c.process_delayed(c.delayed_base);
            c.report_unused_locals();
            let info = std::mem::take(&mut c.info);
            c.bodies.insert(func, Arc::new(info));
        });
        let deps = std::mem::take(&mut self.deps);
        self.restore_body_state(outer);
        self.decls.deps.insert(func, deps);
        self.checking.remove(&func);
    }

    /// Reports imports that nothing uses.
    fn report_unused_imports(&mut self, pkgs: &[PkgId]) {
        for &pkg in pkgs {
            if self.package(pkg).lazy {
                continue;
            }
            for f in self.package(pkg).files.clone() {
                for (o, at) in std::mem::take(&mut self.files[f.0 as usize].imports) {
                    if self.obj(o).used {
                        continue;
                    }
                    let ObjKind::PkgName(target) = self.obj(o).kind else {
                        continue;
                    };
                    let (path, base) =
                        (self.package(target).path.clone(), self.package(target).name);
                    let name = self.obj(o).name;
                    // gc says the name where it is not the path's last element.
                    let elem = path.rsplit('/').next().unwrap_or(&path).to_string();
                    let msg = if name == base && elem == name.as_str() || name == syntax::sym::DOT {
                        format!("\"{path}\" imported and not used")
                    } else {
                        format!("\"{path}\" imported as {name} and not used")
                    };
                    let pos = if self.obj(o).pos.is_valid() {
                        self.obj(o).pos
                    } else {
                        at
                    };
                    self.error(pos, msg);
                }
            }
        }
    }
}
