//! Static types to run-time descriptors: names, layouts and method tables.
//!
//! A method table is made when somebody asks the registry for it (`MethodSource`), which few programs do for few types; an itab needs
//! the methods of its interface only, one by one.
//!
//! A defined type met behind a pointer is made without structure and completed later from a work list, so that recursive types
//! come out whole; only a type literal that holds a type under definition by value is laid out a second time.

use bytecode::registry::{FieldSpec, IMethodSpec};
use bytecode::rtype::{GoStr, Kind, Method, RType};
use rustc_hash::FxHashMap;
use syntax::ChanDir;
use types::{BasicKind, MethodEntry, PkgId, Type, TypeId};

use crate::{Compiler, Host};

type TypeRef = *const RType;

#[derive(Default)]
pub(crate) struct RTypes {
    known: FxHashMap<TypeId, TypeRef>,
    /// Made without structure so far.
    undefined: Vec<(TypeId, TypeRef)>,
    state: FxHashMap<TypeId, Progress>,
    relayout: Vec<TypeRef>,
    /// Types whose method tables are not made.
    awaited: FxHashMap<TypeRef, TypeId>,
    depth: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Progress {
    Made,
    Defining,
    Done,
}

pub(crate) fn kind_of(kind: BasicKind) -> Kind {
    match kind {
        BasicKind::Invalid | BasicKind::UntypedNil => Kind::UnsafePointer,
        BasicKind::Bool | BasicKind::UntypedBool => Kind::Bool,
        BasicKind::Int | BasicKind::UntypedInt => Kind::Int,
        BasicKind::Int8 => Kind::Int8,
        BasicKind::Int16 => Kind::Int16,
        BasicKind::Int32 | BasicKind::Rune | BasicKind::UntypedRune => Kind::Int32,
        BasicKind::Int64 => Kind::Int64,
        BasicKind::Uint => Kind::Uint,
        BasicKind::Uint8 | BasicKind::Byte => Kind::Uint8,
        BasicKind::Uint16 => Kind::Uint16,
        BasicKind::Uint32 => Kind::Uint32,
        BasicKind::Uint64 => Kind::Uint64,
        BasicKind::Uintptr => Kind::Uintptr,
        BasicKind::Float32 => Kind::Float32,
        BasicKind::Float64 | BasicKind::UntypedFloat => Kind::Float64,
        BasicKind::Complex64 => Kind::Complex64,
        BasicKind::Complex128 | BasicKind::UntypedComplex => Kind::Complex128,
        BasicKind::String | BasicKind::UntypedString => Kind::String,
        BasicKind::UnsafePointer => Kind::UnsafePointer,
    }
}

impl Compiler {
    /// The descriptor of a type.
    pub fn rtype(&mut self, t: TypeId) -> TypeRef {
        let t = self.program.store.canon(t);
        if self.rtypes.depth == 0
            && let Some(&known) = self.rtypes.known.get(&t)
        {
            return known;
        }
        self.rtypes.depth += 1;
        let made = self.whole(t);
        self.rtypes.depth -= 1;
        if self.rtypes.depth == 0 {
            self.finish_types();
        }
        made
    }

    fn finish_types(&mut self) {
        self.rtypes.depth += 1;
        while let Some((t, typ)) = self.rtypes.undefined.pop() {
            self.define(t, typ);
        }
        for typ in std::mem::take(&mut self.rtypes.relayout) {
            // SAFETY: the type was made in this call and is not visible to running code yet.
            unsafe { self.registry.relayout(typ) };
        }
        self.rtypes.depth -= 1;
    }

    /// Leaves a type's method table until it is asked for.
    fn await_methods(&mut self, t: TypeId, typ: TypeRef) {
        if self.may_have_methods(t) && self.rtypes.awaited.insert(typ, t).is_none() {
            self.registry.await_methods(typ);
        }
    }

    fn may_have_methods(&mut self, t: TypeId) -> bool {
        let store = &mut self.program.store;
        let base = store.pointer_elem(t).unwrap_or(t);
        if store.is_interface(base) {
            return false;
        }
        let origin = store.named(base).map(|named| named.origin);
        let declared = origin.and_then(|origin| store.named(origin));
        if declared.is_some_and(|named| !named.methods.is_empty()) {
            return true;
        }
        let under = self.program.store.underlying(base);
        match self.program.store.get(under) {
            Type::Struct(s) => s.fields.iter().any(|f| f.embedded),
            _ => false,
        }
    }

    /// A type whose structure is not needed yet (behind a pointer).
    fn shallow(&mut self, t: TypeId) -> TypeRef {
        let t = self.program.store.canon(t);
        match self.program.store.get(t) {
            Type::Named(_) => self.named_type(t),
            _ => self.whole(t),
        }
    }

    fn named_type(&mut self, t: TypeId) -> TypeRef {
        if let Some(&known) = self.rtypes.known.get(&t) {
            return known;
        }
        let string = self.program.store.runtime_string(t);
        let named = self.program.store.named(t).expect("a defined type").clone();
        let pkg_path = named
            .pkg
            .map_or(String::new(), |p| self.program.package(p).path.to_string());
        let name = match named.pkg {
            Some(_) => string
                .split_once('.')
                .map_or(string.as_str(), |(_, name)| name)
                .to_owned(),
            None => string.clone(),
        };
        let unique = format!("{pkg_path}.{name}#{}", t.0);
        let (typ, new) = self.registry.named(&unique, &string, &name, &pkg_path);
        self.rtypes.known.insert(t, typ);
        if new {
            self.rtypes.state.insert(t, Progress::Made);
            self.rtypes.undefined.push((t, typ));
        }
        typ
    }

    fn define(&mut self, t: TypeId, typ: TypeRef) {
        if self.rtypes.state.get(&t) != Some(&Progress::Made) {
            return;
        }
        self.rtypes.state.insert(t, Progress::Defining);
        let under = self.program.store.underlying(t);
        let under = self.whole(under);
        // SAFETY: the type is not visible to running code before it is complete.
        unsafe { self.registry.define(typ, under) };
        self.rtypes.state.insert(t, Progress::Done);
        if !self.program.store.is_interface(t) {
            self.await_methods(t, typ);
            let pointer = self.program.store.pointer(t);
            self.shallow(pointer);
        }
    }

    /// A type with its structure; `incomplete` parts are put on the list to be laid out again.
    fn whole(&mut self, t: TypeId) -> TypeRef {
        let t = self.program.store.canon(t);
        if let Type::Named(_) = self.program.store.get(t) {
            let typ = self.named_type(t);
            self.define(t, typ);
            return typ;
        }
        if let Some(&known) = self.rtypes.known.get(&t) {
            return known;
        }
        let registry = self.registry.clone();
        let typ = match self.program.store.get(t).clone() {
            Type::Basic(kind) => registry.basic(kind_of(kind)),
            Type::Pointer(elem) => {
                let elem_ref = self.shallow(elem);
                let typ = registry.pointer(elem_ref);
                self.await_methods(t, typ);
                typ
            }
            Type::Slice(elem) => {
                let elem = self.shallow(elem);
                registry.slice(elem)
            }
            Type::Array(len, elem) => {
                let typ = {
                    let elem = self.whole(elem);
                    registry.array(elem, len.max(0) as usize)
                };
                self.note_incomplete(elem, typ);
                typ
            }
            Type::Map(key, elem) => {
                let (key, elem) = (self.shallow(key), self.shallow(elem));
                registry.map(key, elem)
            }
            Type::Chan(dir, elem) => {
                let elem = self.shallow(elem);
                let dir = match dir {
                    ChanDir::Recv => 1,
                    ChanDir::Send => 2,
                    ChanDir::Both => 3,
                };
                registry.chan(elem, dir)
            }
            Type::Signature(sig) => {
                let params: Vec<TypeRef> = sig.params.iter().map(|p| self.shallow(p.ty)).collect();
                let results: Vec<TypeRef> =
                    sig.results.iter().map(|p| self.shallow(p.ty)).collect();
                registry.func(&params, &results, sig.variadic)
            }
            Type::Struct(s) => {
                let mut specs = Vec::with_capacity(s.fields.len());
                for f in &s.fields {
                    specs.push(FieldSpec {
                        name: f.name.as_str().to_owned(),
                        pkg_path: self.scope_path(f.name, f.pkg),
                        typ: self.whole(f.ty),
                        tag: f.tag.as_deref().unwrap_or("").to_owned(),
                        embedded: f.embedded,
                    });
                }
                let typ = registry.structure(&specs);
                for f in &s.fields {
                    self.note_incomplete(f.ty, typ);
                }
                if s.fields.iter().any(|f| f.embedded) {
                    self.await_methods(t, typ);
                }
                typ
            }
            Type::Interface(_) => {
                let set = self.program.store.type_set(t);
                let mut specs = Vec::with_capacity(set.methods.len());
                for m in &set.methods {
                    specs.push(IMethodSpec {
                        name: m.name.as_str().to_owned(),
                        pkg_path: self.scope_path(m.name, m.pkg),
                        typ: self.shallow(m.ty),
                    });
                }
                registry.interface(&specs)
            }
            other => panic!("no run-time type for {other:?}"),
        };
        self.rtypes.known.insert(t, typ);
        typ
    }

    fn note_incomplete(&mut self, part: TypeId, whole: TypeRef) {
        let part = self.program.store.canon(part);
        let typ = self.rtypes.known.get(&part).copied();
        let unfinished = match self.program.store.get(part) {
            Type::Named(_) => self.rtypes.state.get(&part) != Some(&Progress::Done),
            _ => typ.is_some_and(|typ| self.rtypes.relayout.contains(&typ)),
        };
        if unfinished && !self.rtypes.relayout.contains(&whole) {
            self.rtypes.relayout.push(whole);
        }
    }

    fn scope_path(&self, name: syntax::Symbol, pkg: Option<PkgId>) -> String {
        match pkg {
            Some(pkg) if !name.is_exported() => self.program.package(pkg).path.to_string(),
            _ => String::new(),
        }
    }

    /// Makes a type's method table, unless another thread has made it before this one got hold of the compiler.
    #[expect(
        clippy::not_unsafe_ptr_arg_deref,
        reason = "descriptors are immortal, and only one that awaits its table is touched"
    )]
    pub fn fill_methods(&mut self, host: &mut dyn Host, typ: TypeRef) {
        let Some(t) = self.rtypes.awaited.remove(&typ) else {
            return;
        };
        let entries = self.program.method_set(t);
        let methods = entries.iter();
        let methods = methods.filter_map(|entry| self.table_entry(host, t, entry));
        let methods = methods.collect();
        // SAFETY: nobody looks at the table before it is made.
        unsafe { self.registry.set_methods(typ, methods) };
    }

    /// One method of a type whose table is not made.
    pub fn one_method(
        &mut self,
        host: &mut dyn Host,
        typ: TypeRef,
        name: &str,
        pkg_path: &str,
    ) -> Option<Method> {
        let Some(&t) = self.rtypes.awaited.get(&typ) else {
            // It has been made meanwhile.
            return self.registry.method(typ, name, pkg_path);
        };
        let pkg = self.program.find_package(pkg_path);
        let entry = self.program.method(t, name.into(), pkg)?;
        if self.scope_path(entry.name, entry.pkg) != pkg_path {
            return None;
        }
        self.table_entry(host, t, &entry)
    }

    fn table_entry(
        &mut self,
        host: &mut dyn Host,
        t: TypeId,
        entry: &MethodEntry,
    ) -> Option<Method> {
        // A generic method is called directly only: it has no type at run time and satisfies no interface.
        let sig = self.program.store.as_signature(entry.found.ty);
        if sig.is_some_and(|s| !s.tparams.is_empty()) {
            return None;
        }
        Some(Method {
            name: GoStr::leak(entry.name.as_str()),
            pkg_path: GoStr::leak(&self.scope_path(entry.name, entry.pkg)),
            typ: self.rtype(entry.found.ty),
            func: self.method_func(host, t, entry),
        })
    }

    /// Makes the method tables of a package's types, of pointers to them and of structs that embed types anew, after an increment has declared methods
    /// for types that have descriptors; gives these.
    ///
    /// # Safety
    /// No goroutine is running.
    pub unsafe fn refresh_methods(&mut self, host: &mut dyn Host, pkg: PkgId) -> Vec<TypeRef> {
        let store = &mut self.program.store;
        let mut affected = |t: TypeId| {
            let base = store.pointer_elem(t).unwrap_or(t);
            match store.get(base) {
                Type::Named(_) => store.named(base).is_some_and(|n| n.pkg == Some(pkg)),
                Type::Struct(s) => s.fields.iter().any(|f| f.embedded),
                _ => false,
            }
        };
        let known = self.rtypes.known.iter();
        let types: Vec<(TypeId, TypeRef)> = known
            .map(|(&t, &typ)| (t, typ))
            .filter(|&(t, _)| affected(t))
            .collect();
        for &(t, typ) in &types {
            self.rtypes.awaited.insert(typ, t);
            self.fill_methods(host, typ);
        }
        types.into_iter().map(|(_, typ)| typ).collect()
    }
}
