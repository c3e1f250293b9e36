//! Packages known by their outlines (the standard ones): their objects come into being when their names are first looked up, and
//! a declaration is parsed when its object is resolved.
//!
//! What acts at the package's initialisation, variables with values and init functions, is declared when the package is loaded;
//! all else in any order. So nothing here may depend on the order of declaration: initialisation is ordered by source position.

use crate::decl::{DeclSite, Declared};
use crate::info::{FuncLitInfo, Info};
use crate::objects::{
    Arena, FileId, FuncInfo, ObjId, ObjKind, Object, PkgId, Receiver, State, VarInfo, VarKind,
};
use crate::program::{FileEntry, Package, Program};
use crate::types::{PackageName, TypeId};
use crate::universe::UNSAFE;
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::outline::{DeclKind, DeclOutline};
use syntax::{OutlinedPackage, Pos, Symbol, sym};

impl Program {
    /// Loads an outlined package and all that it imports.
    pub(crate) fn load_outlined(&mut self, path: Arc<str>, outlined: OutlinedPackage) -> PkgId {
        let mut imports = Vec::new();
        self.loading.push(path.clone());
        for file in 0..outlined.outline.files() {
            for import in outlined.import_paths(file) {
                let target = self.load_import(import, &path, outlined.files[file as usize].pos);
                if let Some(target) = target
                    && target != UNSAFE
                    && !imports.contains(&target)
                {
                    imports.push(target);
                }
            }
        }
        self.loading.pop();
        let name = outlined.files.first().map_or(sym::MAIN, |f| f.package.name);
        let pkg = PkgId(self.packages.len() as u32);
        self.store.packages.push(PackageName {
            path: path.clone(),
            name,
        });
        let mut package = Package::empty(path.clone(), name, true);
        package.imports = imports;
        for file in &outlined.files {
            package.files.push(FileId(self.files.len() as u32));
            self.files.push(FileEntry {
                open: false,
                ..FileEntry::new(pkg, Info::default())
            });
            self.asts.push(file.clone());
        }
        let outlined = Arc::new(outlined);
        package.outlined = Some(outlined.clone());
        self.packages.push(package);
        self.by_path.insert(path, pkg);
        for decl in outlined.outline.initial() {
            let decl = outlined.outline.decl(decl);
            for name in decl.names.clone() {
                let o = self.declare_outlined(pkg, &outlined, name);
                self.decls.order.push((pkg, o));
            }
        }
        pkg
    }

    /// The package-level object of a name.
    pub(crate) fn in_scope(&mut self, pkg: PkgId, name: Symbol) -> Option<ObjId> {
        let package = self.package(pkg);
        if let Some(&o) = package.scope.get(&name) {
            return Some(o);
        }
        let found = package.outlined.as_ref()?.find(name.as_str())?;
        let outlined = package.outlined.clone()?;
        Some(self.declare_outlined(pkg, &outlined, found))
    }

    /// Declares all that a package declares: somebody wants to go through its scope.
    pub(crate) fn declare_all(&mut self, pkg: PkgId) {
        let Some(outlined) = self.package(pkg).outlined.clone() else {
            return;
        };
        let mut names: Vec<u32> = outlined.scope().collect();
        names.sort_unstable();
        for name in names {
            self.declare_outlined(pkg, &outlined, name);
        }
    }

    /// Declares the object of a name, with the variables that are declared together with it or with its methods. Gives the one there
    /// is if the name is in the scope already.
    fn declare_outlined(&mut self, pkg: PkgId, outlined: &OutlinedPackage, name: u32) -> ObjId {
        let entry = outlined.outline.name(name);
        let decl = outlined.outline.decl(entry.decl);
        let symbol = outlined.ident(decl.file, entry.range.clone()).name;
        if let Some(&o) = self.package(pkg).scope.get(&symbol) {
            return o;
        }
        match decl.kind {
            DeclKind::Const => {
                let kind = ObjKind::Const(crate::constant::Const::Unknown);
                let site = DeclSite::Const(entry.spec, entry.index);
                self.outlined_object(pkg, outlined, &decl, name, kind, site)
            }
            DeclKind::Type => {
                let kind = ObjKind::TypeName { alias: decl.alias };
                let base = self.outlined_object(pkg, outlined, &decl, name, kind, DeclSite::Type);
                let mut methods = Vec::new();
                for (method, pointer) in outlined.outline.methods(name) {
                    let decl = outlined.outline.name(method).decl;
                    let decl = outlined.outline.decl(decl);
                    let recv = Some(Receiver { base, pointer });
                    methods.push(self.outlined_func(pkg, outlined, &decl, method, recv));
                }
                if !methods.is_empty() {
                    self.decls.methods.insert(base, methods);
                }
                base
            }
            DeclKind::Func => self.outlined_func(pkg, outlined, &decl, name, None),
            DeclKind::Var => {
                let mut asked = None;
                for (index, of_decl) in decl.names.clone().enumerate() {
                    let kind = ObjKind::Var(VarInfo::package_level());
                    let site = DeclSite::Var(index as u32);
                    let o = self.outlined_object(pkg, outlined, &decl, of_decl, kind, site);
                    let file = self.package(pkg).files[decl.file as usize];
                    self.decls
                        .var_sites
                        .insert((file, decl.index, index as u32), o);
                    self.packages[pkg.0 as usize].vars.push(o);
                    if of_decl == name {
                        asked = Some(o);
                    }
                }
                asked.expect("a name is among those of its declaration")
            }
        }
    }

    fn outlined_func(
        &mut self,
        pkg: PkgId,
        outlined: &OutlinedPackage,
        decl: &DeclOutline,
        name: u32,
        recv: Option<Receiver>,
    ) -> ObjId {
        let file = self.package(pkg).files[decl.file as usize];
        let ast = outlined.files[decl.file as usize].clone();
        let info = FuncInfo::new(ast, decl.index, file, recv);
        let is_method = recv.is_some();
        let kind = ObjKind::Func(Arc::new(info));
        let o = self.outlined_object(pkg, outlined, decl, name, kind, DeclSite::Func);
        let object = &self.objs[o.0 as usize];
        if !is_method && object.name == sym::INIT {
            self.packages[pkg.0 as usize].inits.push(o);
        }
        o
    }

    fn outlined_object(
        &mut self,
        pkg: PkgId,
        outlined: &OutlinedPackage,
        decl: &DeclOutline,
        name: u32,
        kind: ObjKind,
        site: DeclSite,
    ) -> ObjId {
        let ident = outlined.ident(decl.file, outlined.outline.name(name).range);
        let is_method = matches!(&kind, ObjKind::Func(f) if f.recv.is_some());
        let o = self.add_object(Object {
            name: ident.name,
            pkg: Some(pkg),
            pos: ident.pos,
            ty: TypeId(0),
            kind,
            state: State::Unresolved,
            scope_pos: Pos::NONE,
            used: true,
        });
        let package = &mut self.packages[pkg.0 as usize];
        let file = package.files[decl.file as usize];
        let hidden = is_method || ident.name.is_blank() || ident.name == sym::INIT;
        if !hidden {
            package.scope.insert(ident.name, o);
        }
        self.decls
            .sites
            .insert(o, Declared::new(file, decl.index, site));
        o
    }

    /// Makes names of a file known that its imports declare.
    pub(crate) fn open_file(&mut self, file: FileId) {
        let entry = &mut self.files[file.0 as usize];
        let pkg = entry.pkg;
        if std::mem::replace(&mut entry.open, true) {
            return;
        }
        let Some(outlined) = self.packages[pkg.0 as usize].outlined.clone() else {
            return;
        };
        let first = self.package(pkg).files[0];
        let imports = outlined.imports(file.0 - first.0);
        let targets: Vec<Option<PkgId>> = imports
            .iter()
            .map(|import| match &*import.path {
                "unsafe" => Some(UNSAFE),
                path => self.find_package(path),
            })
            .collect();
        self.declare_imports(pkg, file, &imports, &targets);
    }

    /// The arena of a package-level declaration: its file, or the declaration itself in an outlined package, with a table made now if
    /// there is none.
    pub(crate) fn decl_arena(&mut self, site: Declared, ast: &syntax::File) -> Arena {
        let Some(nodes) = ast.own_nodes(site.decl) else {
            return Arena::File(site.file);
        };
        let own = &mut self.files[site.file.0 as usize].own;
        own.entry(site.decl).or_insert_with(|| {
            let mut info = Info::with_nodes(nodes);
            info.funcs.push(FuncLitInfo::top_level());
            info
        });
        Arena::Decl(site.file, site.decl)
    }
}

impl VarInfo {
    pub(crate) fn package_level() -> VarInfo {
        VarInfo {
            kind: VarKind::Package,
            func: 0,
            captured: false,
            address_taken: false,
            reassigned: false,
        }
    }
}

impl FileEntry {
    pub(crate) fn new(pkg: PkgId, info: Info) -> FileEntry {
        FileEntry {
            pkg,
            info,
            own: FxHashMap::default(),
            scope: FxHashMap::default(),
            imports: Vec::new(),
            open: true,
        }
    }
}
