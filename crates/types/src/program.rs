//! A program under construction: its packages, objects, types and what is known about its source.

use crate::errors::Diagnostic;
use crate::info::{BodyInfo, Info};
use crate::objects::{Arena, FileId, NodeRef, ObjId, Object, PkgId};
use crate::types::{TypeId, TypeStore};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::{File, FileSet, OutlinedPackage, Symbol};

/// Where imported packages come from.
pub trait Importer: Send {
    /// The source of the package that `path` means in the package `from`; the error is the text of
    /// the diagnostic at the import.
    fn import(&mut self, path: &str, from: &str) -> Result<PackageSource, String>;
}

/// The parsed source of a package.
#[derive(Clone, Debug, Default)]
pub struct PackageSource {
    /// The canonical import path.
    pub path: String,
    /// Its files; none for an outlined package.
    pub files: Vec<Arc<File>>,
    /// The package, when its declarations are to be parsed only when they are asked for (standard packages).
    pub outlined: Option<OutlinedPackage>,
    /// Syntax errors.
    pub errors: Vec<syntax::Error>,
    /// Whether bodies are checked only when asked for (standard packages).
    pub lazy: bool,
}

/// A package.
#[derive(Clone, Debug)]
pub struct Package {
    /// Import path.
    pub path: Arc<str>,
    /// The name in the package clause.
    pub name: Symbol,
    /// Its files.
    pub files: Vec<FileId>,
    /// Package-level objects by name; of an outlined package those that have been asked for.
    pub scope: FxHashMap<Symbol, ObjId>,
    /// Packages that it imports, in source order, each once.
    pub imports: Vec<PkgId>,
    /// Its functions and methods in source order (blank and init functions included); not kept of outlined packages.
    pub funcs: Vec<ObjId>,
    /// Its package-level variables in source order; of an outlined package those with values, then what has been asked for.
    pub vars: Vec<ObjId>,
    /// Its init functions in source order.
    pub inits: Vec<ObjId>,
    /// Its package-level initialisers in the order in which they run.
    pub init_order: Vec<Initializer>,
    /// Whether its bodies are checked only when asked for.
    pub lazy: bool,
    /// How many variables and initialisers are in order already (increments add more).
    pub(crate) ordered: usize,
    pub(crate) outlined: Option<Arc<OutlinedPackage>>,
}

/// One package-level initialisation `lhs = rhs`.
#[derive(Clone, Debug)]
pub struct Initializer {
    /// The variables; several when the right side is a call with several results (or a two-value form).
    pub lhs: Vec<ObjId>,
    /// The right side's node, in the file's or the declaration's arena.
    pub rhs: NodeRef,
    /// The declaration that holds it.
    pub decl: Arc<syntax::VarDecl>,
    /// The index of the right side in `decl.values`.
    pub index: u32,
}

/// A source file of a program.
#[derive(Debug)]
pub(crate) struct FileEntry {
    pub pkg: PkgId,
    pub info: Info,
    /// The side tables of declarations that are arenas of their own.
    pub own: FxHashMap<u32, Info>,
    /// Names that its imports declare.
    pub scope: FxHashMap<Symbol, ObjId>,
    /// Its imports' objects, with the positions of their paths.
    pub imports: Vec<(ObjId, syntax::Pos)>,
    /// Whether the names that an outlined file imports are in `scope`.
    pub open: bool,
}

/// All packages of a program, and everything known of them.
pub struct Program {
    /// The source files' text and positions.
    pub fileset: Arc<FileSet>,
    /// All types.
    pub store: TypeStore,
    /// All objects, by `ObjId`.
    pub objs: Vec<Object>,
    /// All packages, by `PkgId`; an imported package comes before its importers.
    pub packages: Vec<Package>,
    /// Errors so far, unsorted; see [`Program::take_errors`].
    pub errors: Vec<Diagnostic>,
    pub(crate) universe: FxHashMap<Symbol, ObjId>,
    pub(crate) by_path: FxHashMap<Arc<str>, PkgId>,
    pub(crate) asts: Vec<Arc<File>>,
    pub(crate) files: Vec<FileEntry>,
    pub(crate) decls: crate::decl::Decls,
    pub(crate) bodies: FxHashMap<ObjId, Arc<BodyInfo>>,
    pub(crate) importer: Option<Box<dyn Importer>>,
    pub(crate) local_types: u32,
    /// Paths of the packages being loaded, outermost first.
    pub(crate) loading: Vec<Arc<str>>,
    /// The first file of the increment under way: names of earlier files may be redeclared.
    pub(crate) increment_from: u32,
    /// Expression statements of the increment under way whose values are wanted: that they are not used is no error.
    pub(crate) wanted: rustc_hash::FxHashSet<syntax::NodeId>,
    /// Instantiations that mention type parameters.
    pub(crate) mono_edges: Vec<crate::mono::MonoEdge>,
    /// How many package-level declarations have been checked.
    pub(crate) checked_decls: usize,
}

impl Program {
    /// A type of an object.
    pub fn obj(&self, id: ObjId) -> &Object {
        &self.objs[id.0 as usize]
    }

    /// The side tables of a file's top level.
    pub fn file_info(&self, f: FileId) -> &Info {
        &self.files[f.0 as usize].info
    }

    /// The tree of a file.
    pub fn file(&self, f: FileId) -> &Arc<File> {
        &self.asts[f.0 as usize]
    }

    /// The package that a file belongs to.
    pub fn file_package(&self, f: FileId) -> PkgId {
        self.files[f.0 as usize].pkg
    }

    /// A package.
    pub fn package(&self, p: PkgId) -> &Package {
        &self.packages[p.0 as usize]
    }

    /// The package with an import path, if it has been loaded.
    pub fn find_package(&self, path: &str) -> Option<PkgId> {
        self.by_path.get(path).copied()
    }

    /// The package-level object of a name (unresolved as yet, maybe; see [`Program::resolve`]).
    pub fn lookup_object(&mut self, pkg: PkgId, name: &str) -> Option<ObjId> {
        self.in_scope(pkg, Symbol::intern(name))
    }

    /// All errors so far, sorted; they are removed. Without sorting they are in [`Program::errors`] in the
    /// order in which gc finds them, for [`limit_diagnostics`](crate::errors::limit_diagnostics).
    pub fn take_errors(&mut self) -> Vec<Diagnostic> {
        let mut errors = std::mem::take(&mut self.errors);
        crate::errors::sort_diagnostics(&mut errors);
        errors
    }

    /// The side tables of an arena; a body's only after [`Program::check_body`].
    pub fn info(&self, a: Arena) -> Option<&Info> {
        match a {
            Arena::File(f) => Some(self.file_info(f)),
            Arena::Decl(f, decl) => self.files[f.0 as usize].own.get(&decl),
            Arena::Body(f) => self.bodies.get(&f).map(|b| &**b),
        }
    }

    pub(crate) fn add_object(&mut self, o: Object) -> ObjId {
        let id = ObjId(self.objs.len() as u32);
        self.objs.push(o);
        id
    }

    pub(crate) fn ty(&self, o: ObjId) -> TypeId {
        self.objs[o.0 as usize].ty
    }
}

/// A program moves between threads.
const _: () = {
    const fn assert_send<T: Send>() {}
    assert_send::<Program>();
};
