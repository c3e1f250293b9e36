//! Checked program to bytecode: escape analysis, frame layout, liveness, pointer maps.
//!
//! [`Compiler`] owns the checked program and compiles one function at a time, when the runtime first calls it. What a function handle
//! stands for is its [`Source`]; everything that can be called has one, wrappers and thunks included.

pub mod asm;
mod assign;
mod builtin;
mod call;
mod closure;
mod composite;
mod cond;
mod convert;
mod defer;
pub mod escape;
mod expr;
mod func;
mod generic;
mod globals;
mod intrinsics;
mod liveness;
mod order;
mod place;
mod range;
mod rangefunc;
mod rtypes;
mod stmt;
mod switch;
mod wrappers;

use std::sync::Arc;

use bytecode::func::{Func, FuncId, Function};
use bytecode::registry::TypeRegistry;
use bytecode::rtype::RType;
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::FuncLit;
use types::{Arena, Diagnostic, Info, ObjId, PkgId, Program, TypeId};

use func::Lay;
use generic::Env;
use wrappers::Forward;

/// What the compiler asks of the runtime.
pub trait Host {
    /// A new function handle without code; its first call compiles it.
    fn new_func(&mut self, name: &str, flags: u32) -> *const Func;
    /// Zeroed, immortal memory for a package variable of the type, scanned by the collector.
    fn alloc_global(&mut self, typ: *const RType) -> *mut u8;
}

/// What a function handle stands for.
#[derive(Clone)]
pub(crate) enum Source {
    /// A declared function or method, with the type arguments of it or its receiver.
    Decl { obj: ObjId, targs: Arc<[TypeId]> },
    /// A function literal.
    Lit(Arc<LitSource>),
    /// A compiler-made function that forwards its arguments.
    Forward(Arc<Forward>),
    /// The initialisation of a package: initialisers `from..` of its list and init functions `inits..`.
    PackageInit {
        pkg: PkgId,
        from: usize,
        inits: usize,
    },
    /// Calls functions without parameters one after the other: a program's entry.
    Sequence {
        name: String,
        calls: Vec<*const Func>,
    },
}

pub(crate) struct LitSource {
    pub arena: Arena,
    pub pkg: PkgId,
    /// Index in `Info::funcs`.
    pub index: u32,
    pub lit: Arc<FuncLit>,
    pub env: Arc<Env>,
    pub captures: Arc<[closure::Capture]>,
    pub name: String,
}

#[derive(PartialEq, Eq, Hash, Clone)]
pub(crate) enum FuncKey {
    Decl(ObjId, Arc<[TypeId]>),
    Forward(wrappers::ForwardKey),
}

/// The compiler of one program.
pub struct Compiler {
    pub program: Program,
    pub registry: Arc<TypeRegistry>,
    pub(crate) sources: FxHashMap<FuncId, Source>,
    pub(crate) interned: FxHashMap<FuncKey, *const Func>,
    /// Functions that were compiled together with the one around them.
    pub(crate) ready: FxHashMap<FuncId, Function>,
    pub(crate) layouts: FxHashMap<TypeId, Lay>,
    pub(crate) patterns: FxHashMap<TypeId, Arc<[bool]>>,
    pub(crate) rtypes: rtypes::RTypes,
    pub(crate) globals: globals::Globals,
    /// Side tables of package-level arenas.
    pub(crate) top_infos: FxHashMap<Arena, Arc<Info>>,
    pub escape: escape::Escape,
    pub(crate) errors: Vec<Diagnostic>,
    /// Packages that have been given an init function, with how much of them it covers.
    initialised: FxHashMap<PkgId, (usize, usize)>,
}

// SAFETY: the raw pointers inside name function handles, descriptors and package variables, which are immortal and thread-safe.
unsafe impl Send for Compiler {}

impl Compiler {
    /// A compiler for a checked program. The registry is shared with the runtime.
    pub fn new(program: Program, registry: Arc<TypeRegistry>) -> Compiler {
        Compiler {
            program,
            registry,
            sources: FxHashMap::default(),
            interned: FxHashMap::default(),
            ready: FxHashMap::default(),
            layouts: FxHashMap::default(),
            patterns: FxHashMap::default(),
            rtypes: rtypes::RTypes::default(),
            globals: globals::Globals::default(),
            top_infos: FxHashMap::default(),
            escape: escape::Escape::new(),
            errors: Vec::new(),
            initialised: FxHashMap::default(),
        }
    }

    /// The code of a function. Errors are those of bodies that are checked only now, or a frame that is too large.
    pub fn compile(
        &mut self,
        host: &mut dyn Host,
        id: FuncId,
    ) -> Result<Function, Vec<Diagnostic>> {
        if let Some(function) = self.ready.remove(&id) {
            return Ok(function);
        }
        let source = self
            .sources
            .get(&id)
            .cloned()
            .expect("every handle has a source");
        let function = func::compile(self, host, id, &source);
        let errors = std::mem::take(&mut self.errors);
        match function {
            Some(function) if errors.is_empty() => Ok(function),
            _ => Err(errors),
        }
    }

    /// The handle of a declared function without type parameters.
    pub fn function(&mut self, host: &mut dyn Host, obj: ObjId) -> *const Func {
        self.decl_func(host, obj, &[].into())
    }

    /// The program's entry: initialises the package and all that it imports, each once, in dependency order, then calls its `main`.
    pub fn entry(&mut self, host: &mut dyn Host, main: PkgId) -> *const Func {
        let mut calls = self.package_inits(host, main);
        if let Some(obj) = self.program.lookup_object(main, "main") {
            calls.push(self.function(host, obj));
        }
        self.sequence(host, "runtime.main", calls)
    }

    /// Init functions for what has been added to packages since the last call, in the order in which they must run: `pkg` and all that it imports.
    pub fn package_inits(&mut self, host: &mut dyn Host, pkg: PkgId) -> Vec<*const Func> {
        let mut order = Vec::new();
        self.imports_first(pkg, &mut order, &mut FxHashSet::default());
        let mut calls = Vec::new();
        for pkg in order {
            let (from, inits) = self.initialised.get(&pkg).copied().unwrap_or((0, 0));
            let p = self.program.package(pkg);
            let now = (p.init_order.len(), p.inits.len());
            if now == (from, inits) {
                continue;
            }
            let name = format!("{}.init", p.path);
            self.initialised.insert(pkg, now);
            if !self.needs_init_code(host, pkg, from, inits) {
                continue;
            }
            let func = host.new_func(&name, 0);
            self.set_source(func, Source::PackageInit { pkg, from, inits });
            calls.push(func);
        }
        calls
    }

    /// A function that calls others, without arguments, one after the other.
    pub fn sequence(
        &mut self,
        host: &mut dyn Host,
        name: &str,
        calls: Vec<*const Func>,
    ) -> *const Func {
        let func = host.new_func(name, bytecode::func::HIDDEN);
        self.set_source(
            func,
            Source::Sequence {
                name: name.to_owned(),
                calls,
            },
        );
        func
    }

    fn imports_first(&self, pkg: PkgId, order: &mut Vec<PkgId>, seen: &mut FxHashSet<PkgId>) {
        if !seen.insert(pkg) {
            return;
        }
        for &import in &self.program.package(pkg).imports {
            self.imports_first(import, order, seen);
        }
        order.push(pkg);
    }

    pub(crate) fn set_source(&mut self, func: *const Func, source: Source) {
        // SAFETY: handles are immortal and their id never changes.
        let id = unsafe { (*func).id };
        self.sources.insert(id, source);
    }

    /// What may stay in frames in an arena.
    pub(crate) fn escape_info(&mut self, arena: Arena) -> Arc<escape::EscapeInfo> {
        match arena {
            Arena::Body(obj) => self.escape.body(&mut self.program, obj),
            Arena::File(_) | Arena::Decl(..) => self.escape.initializers(&mut self.program, arena),
        }
    }

    /// The side tables of an arena.
    pub(crate) fn arena_info(&mut self, arena: Arena) -> Option<Arc<Info>> {
        match arena {
            Arena::Body(obj) => self.program.check_body(obj),
            Arena::File(_) | Arena::Decl(..) => {
                if let Some(known) = self.top_infos.get(&arena) {
                    return Some(known.clone());
                }
                let info = Arc::new(self.program.info(arena)?.clone());
                self.top_infos.insert(arena, info.clone());
                Some(info)
            }
        }
    }
}
