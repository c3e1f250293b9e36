//! Loading: imports, and the package-level objects of each file.

use crate::decl::{DeclSite, Declared};
use crate::errors::Diagnostic;
use crate::info::{FuncLitInfo, Info};
use crate::objects::{FileId, FuncInfo, ObjId, ObjKind, Object, PkgId, State, VarInfo};
use crate::program::{FileEntry, Package, PackageSource, Program};
use crate::types::{PackageName, TypeId, tid};
use crate::universe::UNSAFE;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{Decl, ExprKind, File, Ident, ImportDecl, NodeId, Pos, Symbol, sym};

impl Package {
    pub(crate) fn empty(path: Arc<str>, name: Symbol, lazy: bool) -> Package {
        Package {
            path,
            name,
            files: Vec::new(),
            scope: FxHashMap::default(),
            imports: Vec::new(),
            funcs: Vec::new(),
            vars: Vec::new(),
            inits: Vec::new(),
            init_order: Vec::new(),
            lazy,
            ordered: 0,
            outlined: None,
        }
    }
}

impl Program {
    fn report(&mut self, pos: Pos, msg: impl Into<String>) {
        self.errors.push(Diagnostic {
            pos,
            msg: msg.into(),
        });
    }

    /// Loads a package's source and all that it imports, and declares its objects.
    pub(crate) fn load(&mut self, source: PackageSource) -> PkgId {
        let PackageSource {
            path,
            files,
            outlined,
            errors,
            lazy,
        } = source;
        let path: Arc<str> = path.into();
        for e in errors {
            self.report(e.pos, e.msg);
        }
        if let Some(outlined) = outlined {
            return self.load_outlined(path, outlined);
        }
        if !lazy {
            for e in files.iter().flat_map(|f| &f.soft_errors) {
                self.report(e.pos, e.msg.clone());
            }
        }
        // Imported packages come first, so that they have lower numbers and are initialised earlier.
        let mut links = Vec::new();
        self.loading.push(path.clone());
        for f in &files {
            links.push(self.load_imports(f, &path));
        }
        self.loading.pop();
        let name = files.first().map_or(sym::MAIN, |f| f.package.name);
        let pkg = PkgId(self.packages.len() as u32);
        self.store.packages.push(PackageName {
            path: path.clone(),
            name,
        });
        self.packages.push(Package::empty(path.clone(), name, lazy));
        self.by_path.insert(path, pkg);
        for (f, l) in files.into_iter().zip(links) {
            self.add_file(pkg, f, &l);
        }
        self.check_file_conflicts(pkg, 0);
        pkg
    }

    /// The packages of a file's imports, in order; `None` where an import failed.
    pub(crate) fn load_imports(&mut self, f: &File, from: &str) -> Vec<Option<PkgId>> {
        f.imports
            .iter()
            .map(|i| self.load_import(&i.path, from, i.path_pos))
            .collect()
    }

    pub(crate) fn load_import(&mut self, path: &str, from: &str, pos: Pos) -> Option<PkgId> {
        if path == "unsafe" {
            return Some(UNSAFE);
        }
        if path.is_empty() {
            self.report(pos, "invalid import path (empty string)");
            return None;
        }
        let bad = |c: char| {
            c.is_control()
                || c == ' '
                || c == '\u{fffd}'
                || "!\"#$%&'()*,:;<=>?[]^`{|}\\".contains(c)
        };
        if path.contains(bad) {
            let shown = crate::constant::quote(path.as_bytes());
            self.report(pos, format!("invalid import path: {shown}"));
            return None;
        }
        if path == "C" {
            self.report(pos, "import \"C\": cgo is not supported");
            return None;
        }
        match self.import_from(path, from) {
            Ok(p) => Some(p),
            Err(msg) => {
                self.report(pos, msg);
                None
            }
        }
    }

    /// The package that `path` means in package `from`, loaded now if it has not been.
    pub(crate) fn import_from(&mut self, path: &str, from: &str) -> Result<PkgId, String> {
        if let Some(&p) = self.by_path.get(path) {
            return Ok(p);
        }
        if self.loading.iter().any(|l| **l == *path) {
            return Err("import cycle not allowed".into());
        }
        let mut importer = self.importer.take().ok_or("no importer")?;
        let found = importer.import(path, from);
        self.importer = Some(importer);
        let source = found?;
        if let Some(&p) = self.by_path.get(source.path.as_str()) {
            return Ok(p);
        }
        if self.loading.iter().any(|l| **l == *source.path) {
            return Err("import cycle not allowed".into());
        }
        let pkg = self.load(source);
        Ok(pkg)
    }

    /// Declares a file's imports and objects.
    pub(crate) fn add_file(
        &mut self,
        pkg: PkgId,
        file: Arc<File>,
        imports: &[Option<PkgId>],
    ) -> FileId {
        let id = FileId(self.files.len() as u32);
        let expected = self.package(pkg).name;
        if file.package.name.is_blank() {
            self.report(file.package.pos, "invalid package name _");
        } else if file.package.name != expected {
            let msg = format!("package {}; expected package {expected}", file.package.name);
            self.report(file.package.pos, msg);
        }
        let mut info = Info::with_nodes(file.node_count);
        info.funcs.push(FuncLitInfo::top_level());
        self.files.push(FileEntry::new(pkg, info));
        self.asts.push(file.clone());
        self.packages[pkg.0 as usize].files.push(id);
        self.declare_imports(pkg, id, &file.imports, imports);
        let lazy = self.package(pkg).lazy;
        let mut methods = Vec::new();
        for (d, decl) in file.decls.iter().enumerate() {
            let d = d as u32;
            match decl {
                Decl::Const(c) => {
                    for (s, spec) in c.specs.iter().enumerate() {
                        for (n, name) in spec.names.iter().enumerate() {
                            let o = self.new_global(
                                pkg,
                                id,
                                name,
                                ObjKind::Const(crate::constant::Const::Unknown),
                            );
                            self.decls.sites.insert(
                                o,
                                Declared::new(id, d, DeclSite::Const(s as u32, n as u32)),
                            );
                        }
                    }
                }
                Decl::Var(v) => {
                    for (n, name) in v.names.iter().enumerate() {
                        let kind = ObjKind::Var(VarInfo::package_level());
                        let o = self.new_global(pkg, id, name, kind);
                        self.decls
                            .sites
                            .insert(o, Declared::new(id, d, DeclSite::Var(n as u32)));
                        self.decls.var_sites.insert((id, d, n as u32), o);
                        self.packages[pkg.0 as usize].vars.push(o);
                    }
                }
                Decl::Type(t) => {
                    let o = self.new_global(pkg, id, &t.name, ObjKind::TypeName { alias: t.alias });
                    self.decls
                        .sites
                        .insert(o, Declared::new(id, d, DeclSite::Type));
                }
                Decl::Func(f) => {
                    let name = f.name;
                    let info = Arc::new(FuncInfo::new(file.clone(), d, id, None));
                    if f.recv.is_some() {
                        let o = self.new_unscoped(pkg, id, &name, ObjKind::Func(info));
                        self.decls
                            .sites
                            .insert(o, Declared::new(id, d, DeclSite::Func));
                        self.packages[pkg.0 as usize].funcs.push(o);
                        methods.push(o);
                        continue;
                    }
                    if name.name == sym::INIT || (name.name == sym::MAIN && expected == sym::MAIN) {
                        if let Some(p) = f.tparams.first() {
                            self.report(
                                p.pos,
                                format!("func {} must have no type parameters", name.name),
                            );
                        }
                        if !f.ty.params.is_empty() || !f.ty.results.is_empty() {
                            let msg = format!(
                                "func {} must have no arguments and no return values",
                                name.name
                            );
                            self.report(name.pos, msg);
                        }
                    }
                    let o = if name.name == sym::INIT {
                        if f.body.is_none() && !lazy {
                            self.report(name.pos, "func init must have a body");
                        }
                        let o = self.new_unscoped(pkg, id, &name, ObjKind::Func(info));
                        self.packages[pkg.0 as usize].inits.push(o);
                        o
                    } else {
                        self.new_global(pkg, id, &name, ObjKind::Func(info))
                    };
                    self.decls
                        .sites
                        .insert(o, Declared::new(id, d, DeclSite::Func));
                    self.packages[pkg.0 as usize].funcs.push(o);
                }
            }
        }
        for m in methods {
            self.decls.unassigned_methods.push((pkg, m));
        }
        id
    }

    pub(crate) fn declare_imports(
        &mut self,
        pkg: PkgId,
        id: FileId,
        specs: &[ImportDecl],
        targets: &[Option<PkgId>],
    ) {
        for (spec, target) in specs.iter().zip(targets) {
            let Some(target) = *target else { continue };
            if !self.packages[pkg.0 as usize].imports.contains(&target) && target != UNSAFE {
                self.packages[pkg.0 as usize].imports.push(target);
            }
            let package_name = self.package(target).name;
            let name = spec.name.map_or(package_name, |n| n.name);
            if name == sym::INIT {
                self.report(
                    spec.pos,
                    "cannot import package as init - init must be a func",
                );
                continue;
            }
            if name.is_blank() {
                continue;
            }
            let ident = spec.name.unwrap_or(Ident {
                id: NodeId(u32::MAX),
                pos: spec.path_pos,
                name,
            });
            let o = self.add_object(Object {
                name,
                pkg: Some(pkg),
                pos: ident.pos,
                ty: tid::INVALID,
                kind: ObjKind::PkgName(target),
                state: State::Done,
                scope_pos: Pos::NONE,
                used: false,
            });
            self.files[id.0 as usize].imports.push((o, spec.path_pos));
            if name == sym::DOT {
                self.declare_all(target);
                let mut all: Vec<(Symbol, ObjId)> = self
                    .package(target)
                    .scope
                    .iter()
                    .map(|(&n, &o)| (n, o))
                    .filter(|(n, _)| n.is_exported())
                    .collect();
                all.sort_by_key(|&(_, o)| o);
                for (n, dot) in all {
                    self.files[id.0 as usize].scope.insert(n, dot);
                    self.decls.dot_imported.insert((id, n), o);
                }
                continue;
            }
            if let Some(&other) = self.files[id.0 as usize].scope.get(&name) {
                let at = self.fileset.position(self.obj(other).pos);
                self.report(
                    ident.pos,
                    format!("{name} redeclared in this block\n\t{at}: other declaration of {name}"),
                );
                continue;
            }
            self.files[id.0 as usize].scope.insert(name, o);
            if let Some(slot) = self.files[id.0 as usize]
                .info
                .objects
                .get_mut(ident.id.index())
            {
                *slot = Some(o);
            }
        }
    }

    fn new_unscoped(&mut self, pkg: PkgId, file: FileId, name: &Ident, kind: ObjKind) -> ObjId {
        let o = self.add_object(Object {
            name: name.name,
            pkg: Some(pkg),
            pos: name.pos,
            ty: TypeId(0),
            kind,
            state: State::Unresolved,
            scope_pos: Pos::NONE,
            used: true,
        });
        if let Some(slot) = self.files[file.0 as usize]
            .info
            .objects
            .get_mut(name.id.index())
        {
            *slot = Some(o);
        }
        self.decls.order.push((pkg, o));
        o
    }

    fn new_global(&mut self, pkg: PkgId, file: FileId, name: &Ident, kind: ObjKind) -> ObjId {
        let is_func = matches!(kind, ObjKind::Func(_));
        let o = self.new_unscoped(pkg, file, name, kind);
        if name.name == sym::INIT && !is_func {
            self.report(name.pos, "cannot declare init - must be func");
            return o;
        }
        if name.name == sym::MAIN && !is_func && self.package(pkg).name == sym::MAIN {
            self.report(name.pos, "cannot declare main - must be func");
            return o;
        }
        if name.name.is_blank() {
            return o;
        }
        let first_file = self.increment_from;
        if let Some(&other) = self.package(pkg).scope.get(&name.name) {
            let old = self
                .decls
                .sites
                .get(&other)
                .is_some_and(|d| d.file.0 < first_file);
            if !old {
                let at = self.fileset.position(self.obj(other).pos);
                let n = name.name;
                self.report(
                    name.pos,
                    format!("{n} redeclared in this block\n\t{at}: other declaration of {n}"),
                );
                return o;
            }
        }
        self.packages[pkg.0 as usize].scope.insert(name.name, o);
        o
    }

    /// Reports names that both a file's imports and the package declare; of its files from `from` on.
    pub(crate) fn check_file_conflicts(&mut self, pkg: PkgId, from: u32) {
        for f in self.package(pkg).files.clone() {
            if f.0 < from || self.files[f.0 as usize].scope.is_empty() {
                continue;
            }
            let mut conflicts = Vec::new();
            for (name, &import) in &self.files[f.0 as usize].scope {
                if let Some(&o) = self.package(pkg).scope.get(name) {
                    if self.decls.sites.get(&o).is_some_and(|d| d.file.0 >= from) {
                        conflicts.push((*name, import, o));
                    } else {
                        continue;
                    }
                }
            }
            for (name, import, o) in conflicts {
                let pos = self.obj(o).pos;
                let text = match self.obj(import).kind {
                    ObjKind::PkgName(target) => {
                        let p = self.package(target);
                        format!(
                            "already declared through import of package {} (\"{}\")",
                            p.name, p.path
                        )
                    }
                    _ => {
                        let p = self.obj(import).pkg.unwrap_or(UNSAFE);
                        let p = self.package(p);
                        format!(
                            "already declared through dot-import of package {} (\"{}\")",
                            p.name, p.path
                        )
                    }
                };
                let at = match self.decls.dot_imported.get(&(f, name)) {
                    Some(&o) => self.obj(o).pos,
                    None => self.obj(import).pos,
                };
                let at = self.fileset.position(at);
                self.report(
                    pos,
                    format!("{name} {text}\n\t{at}: other declaration of {name}"),
                );
            }
        }
    }

    /// Gives the methods collected so far to their base types' names.
    pub(crate) fn assign_methods(&mut self) {
        for (pkg, m) in std::mem::take(&mut self.decls.unassigned_methods) {
            let Some(info) = self.obj(m).func().cloned() else {
                continue;
            };
            let Some(recv) = &info.decl().recv else {
                continue;
            };
            let mut e = recv.ty.unparen();
            let mut pointer = false;
            if let ExprKind::Star(x) = &e.kind {
                pointer = true;
                e = x.unparen();
            }
            if let ExprKind::Index(ix) = &e.kind {
                e = ix.x.unparen();
            }
            let Some(name) = e.as_ident() else { continue };
            let Some(base) = self.method_base(pkg, name.name, &mut pointer) else {
                continue;
            };
            let recv = crate::objects::Receiver { base, pointer };
            self.objs[m.0 as usize].kind = ObjKind::Func(Arc::new(FuncInfo {
                recv: Some(recv),
                ..FuncInfo::clone(&info)
            }));
            let first_file = self.increment_from;
            let mut methods = self.decls.methods.remove(&base).unwrap_or_default();
            if first_file > 0 {
                let name = self.obj(m).name;
                methods.retain(|&o| {
                    self.obj(o).name != name
                        || self.obj(o).func().is_none_or(|f| f.file.0 >= first_file)
                });
            }
            methods.push(m);
            self.decls.methods.insert(base, methods);
        }
    }

    /// The type name behind a receiver's name, through aliases.
    fn method_base(&self, pkg: PkgId, name: Symbol, pointer: &mut bool) -> Option<ObjId> {
        let mut name = name;
        for _ in 0..100 {
            let o = *self.package(pkg).scope.get(&name)?;
            let site = self.decls.sites.get(&o)?;
            let Decl::Type(t) = &self.asts[site.file.0 as usize].decls[site.decl as usize] else {
                return None;
            };
            if !t.alias {
                return Some(o);
            }
            let mut e = t.ty.unparen();
            if let ExprKind::Star(x) = &e.kind {
                if *pointer {
                    return None;
                }
                *pointer = true;
                e = x.unparen();
            }
            if let ExprKind::Index(ix) = &e.kind {
                e = ix.x.unparen();
            }
            name = e.as_ident()?.name;
        }
        None
    }
}

impl FuncLitInfo {
    pub(crate) fn top_level() -> FuncLitInfo {
        FuncLitInfo {
            node: NodeId(u32::MAX),
            parent: 0,
            sig: tid::INVALID,
            captures: Vec::new(),
            recv: None,
            params: Vec::new(),
            results: Vec::new(),
            has_defer: false,
            has_recover: false,
        }
    }
}
