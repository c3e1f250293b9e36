//! The representation of types. A `TypeId` names a type in a [`TypeStore`]; types without a name
//! are hash-consed, so equal ids are the common case of identity. Aliases are resolved away.

use crate::objects::{ObjId, PkgId};
use crate::typeset::TypeSet;
use rustc_hash::FxHashMap;
use std::hash::{Hash, Hasher};
use std::sync::Arc;
use syntax::{ChanDir, Pos, Symbol, sym};

/// A type of a [`TypeStore`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct TypeId(pub u32);

/// A declared or instantiated type of a [`TypeStore`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NamedId(pub u32);

/// A type parameter of a [`TypeStore`].
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct TypeParamId(pub u32);

/// Predeclared types. `Byte` and `Rune` are identical to `Uint8` and `Int32` and differ in print only.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum BasicKind {
    Invalid,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    String,
    UnsafePointer,
    UntypedBool,
    UntypedInt,
    UntypedRune,
    UntypedFloat,
    UntypedComplex,
    UntypedString,
    UntypedNil,
    Byte,
    Rune,
}

use BasicKind as B;

/// All basic kinds in the order of their `TypeId`s, with their printed names.
pub const BASIC: [(BasicKind, &str); 28] = [
    (B::Invalid, "invalid type"),
    (B::Bool, "bool"),
    (B::Int, "int"),
    (B::Int8, "int8"),
    (B::Int16, "int16"),
    (B::Int32, "int32"),
    (B::Int64, "int64"),
    (B::Uint, "uint"),
    (B::Uint8, "uint8"),
    (B::Uint16, "uint16"),
    (B::Uint32, "uint32"),
    (B::Uint64, "uint64"),
    (B::Uintptr, "uintptr"),
    (B::Float32, "float32"),
    (B::Float64, "float64"),
    (B::Complex64, "complex64"),
    (B::Complex128, "complex128"),
    (B::String, "string"),
    (B::UnsafePointer, "unsafe.Pointer"),
    (B::UntypedBool, "untyped bool"),
    (B::UntypedInt, "untyped int"),
    (B::UntypedRune, "untyped rune"),
    (B::UntypedFloat, "untyped float"),
    (B::UntypedComplex, "untyped complex"),
    (B::UntypedString, "untyped string"),
    (B::UntypedNil, "untyped nil"),
    (B::Byte, "byte"),
    (B::Rune, "rune"),
];

/// `TypeId`s of the predeclared types.
#[allow(missing_docs)]
pub mod tid {
    use super::TypeId;
    pub const INVALID: TypeId = TypeId(0);
    pub const BOOL: TypeId = TypeId(1);
    pub const INT: TypeId = TypeId(2);
    pub const INT8: TypeId = TypeId(3);
    pub const INT16: TypeId = TypeId(4);
    pub const INT32: TypeId = TypeId(5);
    pub const INT64: TypeId = TypeId(6);
    pub const UINT: TypeId = TypeId(7);
    pub const UINT8: TypeId = TypeId(8);
    pub const UINT16: TypeId = TypeId(9);
    pub const UINT32: TypeId = TypeId(10);
    pub const UINT64: TypeId = TypeId(11);
    pub const UINTPTR: TypeId = TypeId(12);
    pub const FLOAT32: TypeId = TypeId(13);
    pub const FLOAT64: TypeId = TypeId(14);
    pub const COMPLEX64: TypeId = TypeId(15);
    pub const COMPLEX128: TypeId = TypeId(16);
    pub const STRING: TypeId = TypeId(17);
    pub const UNSAFE_POINTER: TypeId = TypeId(18);
    pub const UNTYPED_BOOL: TypeId = TypeId(19);
    pub const UNTYPED_INT: TypeId = TypeId(20);
    pub const UNTYPED_RUNE: TypeId = TypeId(21);
    pub const UNTYPED_FLOAT: TypeId = TypeId(22);
    pub const UNTYPED_COMPLEX: TypeId = TypeId(23);
    pub const UNTYPED_STRING: TypeId = TypeId(24);
    pub const UNTYPED_NIL: TypeId = TypeId(25);
    pub const BYTE: TypeId = TypeId(26);
    pub const RUNE: TypeId = TypeId(27);
    /// `interface{}`
    pub const EMPTY_INTERFACE: TypeId = TypeId(28);
    /// `any`: identical to `interface{}`, printed by its name.
    pub const ANY: TypeId = TypeId(29);
    /// The empty tuple: the "type" of a call without results.
    pub const NO_VALUE: TypeId = TypeId(30);
    /// `error`
    pub const ERROR: TypeId = TypeId(31);
    /// `comparable`
    pub const COMPARABLE: TypeId = TypeId(32);
}

/// One type. Cheap to clone.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum Type {
    /// A predeclared type or an untyped kind.
    Basic(BasicKind),
    /// A declared type or an instance of a generic one; see [`TypeStore::named`].
    Named(NamedId),
    /// `*T`
    Pointer(TypeId),
    /// `[]T`
    Slice(TypeId),
    /// `[n]T`; a length of -1 is the result of an error.
    Array(i64, TypeId),
    /// `map[K]V`
    Map(TypeId, TypeId),
    /// `chan T`, `chan<- T`, `<-chan T`
    Chan(ChanDir, TypeId),
    /// `struct{...}`
    Struct(Arc<StructType>),
    /// Several values.
    Tuple(Arc<[TypeId]>),
    /// `func(...)...`
    Signature(Arc<Signature>),
    /// `interface{...}`
    Interface(Arc<InterfaceType>),
    /// `~A | B`, only as a constraint's element.
    Union(Arc<[Term]>),
    /// A type parameter; see [`TypeStore::type_param`].
    TypeParam(TypeParamId),
}

/// A struct type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct StructType {
    /// Fields in declaration order, blank ones included.
    pub fields: Vec<Field>,
}

/// A field of a struct.
#[derive(Clone, Debug)]
pub struct Field {
    /// The name (for an embedded field the type's).
    pub name: Symbol,
    /// Its type.
    pub ty: TypeId,
    /// Whether it is embedded.
    pub embedded: bool,
    /// The tag's value.
    pub tag: Option<Arc<str>>,
    /// The package whose source declares it (names that are not exported differ between packages).
    pub pkg: Option<PkgId>,
    /// Where it is declared; no part of the type's identity.
    pub pos: Pos,
}

fn scope_of(name: Symbol, pkg: Option<PkgId>) -> Option<PkgId> {
    if name.is_exported() { None } else { pkg }
}

impl PartialEq for Field {
    fn eq(&self, o: &Field) -> bool {
        self.name == o.name
            && self.ty == o.ty
            && self.embedded == o.embedded
            && self.tag == o.tag
            && scope_of(self.name, self.pkg) == scope_of(o.name, o.pkg)
    }
}
impl Eq for Field {}
impl Hash for Field {
    fn hash<H: Hasher>(&self, h: &mut H) {
        (self.name, self.ty, self.embedded).hash(h);
    }
}

/// A parameter or result.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Param {
    /// Its name; empty when it has none.
    pub name: Symbol,
    /// Its type; `[]T` for a variadic `...T`.
    pub ty: TypeId,
}

/// A function type. A method's type does not contain the receiver.
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct Signature {
    /// Parameters.
    pub params: Vec<Param>,
    /// Results.
    pub results: Vec<Param>,
    /// Whether the last parameter is variadic.
    pub variadic: bool,
    /// Type parameters of a generic function (`Type::TypeParam`s); empty once instantiated.
    pub tparams: Arc<[TypeId]>,
}

/// An interface type as written; its methods and types in full are its [`TypeSet`].
#[derive(Clone, PartialEq, Eq, Hash, Debug, Default)]
pub struct InterfaceType {
    /// Explicitly declared methods, in source order.
    pub methods: Vec<Method>,
    /// Embedded types and unions.
    pub embeds: Vec<TypeId>,
    /// The interface around a constraint literal such as `[T ~int]`.
    pub implicit: bool,
    /// The interface under the predeclared `comparable`.
    pub comparable: bool,
    /// The interface that prints as `any`.
    pub any: bool,
}

/// A method of an interface.
#[derive(Clone, Copy, Debug)]
pub struct Method {
    /// Its name.
    pub name: Symbol,
    /// The package that declares it.
    pub pkg: Option<PkgId>,
    /// Its signature.
    pub ty: TypeId,
    /// Where it is declared; no part of the type's identity.
    pub pos: Pos,
}

impl PartialEq for Method {
    fn eq(&self, o: &Method) -> bool {
        self.name == o.name
            && self.ty == o.ty
            && scope_of(self.name, self.pkg) == scope_of(o.name, o.pkg)
    }
}
impl Eq for Method {}
impl Hash for Method {
    fn hash<H: Hasher>(&self, h: &mut H) {
        (self.name, self.ty).hash(h);
    }
}

/// A term of a union.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Term {
    /// `~T`: all types whose underlying type is `T`.
    pub tilde: bool,
    /// The type.
    pub ty: TypeId,
}

/// A declared type, generic or not, or an instance of a generic one.
#[derive(Clone, Debug)]
pub struct Named {
    /// The `TypeName` object that declares it.
    pub obj: ObjId,
    /// Its name.
    pub name: Symbol,
    /// Its package; `None` for predeclared types.
    pub pkg: Option<PkgId>,
    /// For an instance, the generic type; else the type itself.
    pub origin: TypeId,
    /// For an instance, its type arguments.
    pub targs: Arc<[TypeId]>,
    /// For a generic type, its type parameters.
    pub tparams: Arc<[TypeId]>,
    /// The underlying type once it is known; use [`TypeStore::underlying`].
    pub(crate) underlying: Option<TypeId>,
    /// The declared methods (`Func` objects) of a type that is no instance, in source order.
    pub methods: Vec<(Symbol, ObjId)>,
    /// Whether it is declared inside a function, and a number that tells such types of one name apart.
    pub local: u32,
    /// How many leading type parameters are those of the function that declares it.
    pub implicit: u32,
}

/// A type parameter.
#[derive(Clone, Debug)]
pub struct TypeParam {
    /// The `TypeName` object that declares it.
    pub obj: ObjId,
    /// Its name.
    pub name: Symbol,
    /// Its index in the list that declares it.
    pub index: u32,
    /// Its constraint: any type; see [`TypeStore::constraint`] for the interface.
    pub bound: TypeId,
    /// Where it is declared.
    pub pos: Pos,
}

/// How a package is called in type strings.
#[derive(Clone, Debug)]
pub struct PackageName {
    /// Import path.
    pub path: Arc<str>,
    /// Name in its package clause.
    pub name: Symbol,
}

/// All types of a program.
#[derive(Debug)]
pub struct TypeStore {
    pub(crate) types: Vec<Type>,
    /// By type: whether it mentions type parameters, and how deeply it is nested.
    flags: Vec<(bool, u32)>,
    interned: FxHashMap<Type, TypeId>,
    pub(crate) nameds: Vec<Named>,
    pub(crate) tparams: Vec<TypeParam>,
    pub(crate) instances: FxHashMap<(TypeId, Arc<[TypeId]>), TypeId>,
    pub(crate) typesets: FxHashMap<TypeId, Arc<TypeSet>>,
    pub(crate) canonical: FxHashMap<TypeId, TypeId>,
    /// Names of packages by `PkgId`.
    pub packages: Vec<PackageName>,
}

impl Default for TypeStore {
    fn default() -> Self {
        Self::new()
    }
}

impl TypeStore {
    /// A store that holds the predeclared types.
    pub fn new() -> Self {
        let mut s = TypeStore {
            types: Vec::with_capacity(1024),
            flags: Vec::with_capacity(1024),
            interned: FxHashMap::default(),
            nameds: Vec::new(),
            tparams: Vec::new(),
            instances: FxHashMap::default(),
            typesets: FxHashMap::default(),
            canonical: FxHashMap::default(),
            packages: Vec::new(),
        };
        for (kind, _) in BASIC {
            s.intern(Type::Basic(kind));
        }
        let empty = s.intern(Type::Interface(Arc::new(InterfaceType::default())));
        let any = s.intern(Type::Interface(Arc::new(InterfaceType {
            any: true,
            ..Default::default()
        })));
        let none = s.tuple(&[]);
        debug_assert!(empty == tid::EMPTY_INTERFACE && any == tid::ANY && none == tid::NO_VALUE);
        let error = s.new_named(ObjId(0), sym::ERROR, None);
        let comparable = s.new_named(ObjId(0), sym::COMPARABLE, None);
        debug_assert!(error == tid::ERROR && comparable == tid::COMPARABLE);
        let text = s.signature(Signature {
            results: vec![Param {
                name: sym::EMPTY,
                ty: tid::STRING,
            }],
            ..Default::default()
        });
        let method = Method {
            name: sym::ERROR_METHOD,
            pkg: None,
            ty: text,
            pos: Pos::NONE,
        };
        let u = s.intern(Type::Interface(Arc::new(InterfaceType {
            methods: vec![method],
            ..Default::default()
        })));
        s.set_underlying(error, u);
        let u = s.intern(Type::Interface(Arc::new(InterfaceType {
            comparable: true,
            ..Default::default()
        })));
        s.set_underlying(comparable, u);
        s
    }

    /// The type behind an id.
    pub fn get(&self, t: TypeId) -> &Type {
        &self.types[t.0 as usize]
    }

    /// The id of a type without a name.
    pub fn intern(&mut self, t: Type) -> TypeId {
        if let Some(&id) = self.interned.get(&t) {
            return id;
        }
        let id = TypeId(self.types.len() as u32);
        let flags = self.compute_flags(&t);
        self.flags.push(flags);
        self.types.push(t.clone());
        self.interned.insert(t, id);
        id
    }

    fn compute_flags(&self, t: &Type) -> (bool, u32) {
        let mut has = false;
        let mut depth = 0;
        let mut part = |e: TypeId| {
            let (h, d) = self.flags[e.0 as usize];
            has |= h;
            depth = depth.max(d + 1);
        };
        match t {
            Type::Basic(_) | Type::Named(_) => {}
            Type::TypeParam(_) => has = true,
            Type::Pointer(e) | Type::Slice(e) | Type::Array(_, e) | Type::Chan(_, e) => part(*e),
            Type::Map(k, v) => {
                part(*k);
                part(*v);
            }
            Type::Struct(s) => s.fields.iter().for_each(|f| part(f.ty)),
            Type::Tuple(ts) => ts.iter().for_each(|&e| part(e)),
            Type::Signature(s) => s.params.iter().chain(&s.results).for_each(|p| part(p.ty)),
            Type::Interface(i) => {
                i.methods.iter().for_each(|m| part(m.ty));
                i.embeds.iter().for_each(|&e| part(e));
            }
            Type::Union(ts) => ts.iter().for_each(|m| part(m.ty)),
        }
        (has, depth)
    }

    pub(crate) fn set_flags(&mut self, t: TypeId, mentions_params: bool, depth: u32) {
        self.flags[t.0 as usize] = (mentions_params, depth);
    }

    /// Whether type parameters occur in the type.
    pub fn mentions_params(&self, t: TypeId) -> bool {
        self.flags[t.0 as usize].0
    }

    /// How deeply the type is nested.
    pub(crate) fn depth(&self, t: TypeId) -> u32 {
        self.flags[t.0 as usize].1
    }

    /// `*T`
    pub fn pointer(&mut self, t: TypeId) -> TypeId {
        self.intern(Type::Pointer(t))
    }

    /// `[]T`
    pub fn slice(&mut self, t: TypeId) -> TypeId {
        self.intern(Type::Slice(t))
    }

    /// `[n]T`
    pub fn array(&mut self, n: i64, t: TypeId) -> TypeId {
        self.intern(Type::Array(n, t))
    }

    /// `map[K]V`
    pub fn map(&mut self, k: TypeId, v: TypeId) -> TypeId {
        self.intern(Type::Map(k, v))
    }

    /// A channel type.
    pub fn chan(&mut self, dir: ChanDir, t: TypeId) -> TypeId {
        self.intern(Type::Chan(dir, t))
    }

    /// Several values.
    pub fn tuple(&mut self, ts: &[TypeId]) -> TypeId {
        self.intern(Type::Tuple(ts.into()))
    }

    /// A function type.
    pub fn signature(&mut self, s: Signature) -> TypeId {
        self.intern(Type::Signature(Arc::new(s)))
    }

    /// A new declared type whose underlying type is not known yet.
    pub(crate) fn new_named(&mut self, obj: ObjId, name: Symbol, pkg: Option<PkgId>) -> TypeId {
        let id = NamedId(self.nameds.len() as u32);
        let t = self.intern(Type::Named(id));
        self.nameds.push(Named {
            obj,
            name,
            pkg,
            origin: t,
            targs: [].into(),
            tparams: [].into(),
            underlying: None,
            methods: Vec::new(),
            local: 0,
            implicit: 0,
        });
        t
    }

    /// A new type parameter.
    pub(crate) fn new_type_param(&mut self, p: TypeParam) -> TypeId {
        let id = TypeParamId(self.tparams.len() as u32);
        self.tparams.push(p);
        self.intern(Type::TypeParam(id))
    }

    pub(crate) fn set_underlying(&mut self, named: TypeId, underlying: TypeId) {
        if let Type::Named(n) = *self.get(named) {
            self.nameds[n.0 as usize].underlying = Some(underlying);
        }
    }

    /// The declaration behind a `Type::Named`.
    pub fn named(&self, t: TypeId) -> Option<&Named> {
        match self.get(t) {
            Type::Named(n) => Some(&self.nameds[n.0 as usize]),
            _ => None,
        }
    }

    pub(crate) fn named_mut(&mut self, t: TypeId) -> Option<&mut Named> {
        match *self.get(t) {
            Type::Named(n) => Some(&mut self.nameds[n.0 as usize]),
            _ => None,
        }
    }

    /// The type parameter behind a `Type::TypeParam`.
    pub fn type_param(&self, t: TypeId) -> Option<&TypeParam> {
        match self.get(t) {
            Type::TypeParam(p) => Some(&self.tparams[p.0 as usize]),
            _ => None,
        }
    }

    /// Whether `t` is a type parameter.
    pub fn is_type_param(&self, t: TypeId) -> bool {
        matches!(self.get(t), Type::TypeParam(_))
    }

    /// The signature behind a `Type::Signature`.
    pub fn as_signature(&self, t: TypeId) -> Option<Arc<Signature>> {
        match self.get(t) {
            Type::Signature(s) => Some(s.clone()),
            _ => None,
        }
    }

    /// The components of a tuple; a single type is its own only component, `NO_VALUE` has none.
    pub fn components(&self, t: TypeId) -> Vec<TypeId> {
        match self.get(t) {
            Type::Tuple(ts) => ts.to_vec(),
            _ => vec![t],
        }
    }

    /// The type of a parameter or result list: `NO_VALUE`, one type, or a tuple.
    pub fn params_type(&mut self, ps: &[Param]) -> TypeId {
        match ps {
            [] => tid::NO_VALUE,
            [p] => p.ty,
            _ => {
                let ts: Vec<TypeId> = ps.iter().map(|p| p.ty).collect();
                self.tuple(&ts)
            }
        }
    }
}
