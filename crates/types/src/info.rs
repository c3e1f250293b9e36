//! What the checker found out about the nodes of one arena: a file's top level or a function's body.

use crate::constant::Const;
use crate::objects::ObjId;
use crate::types::{TypeId, tid};
use rustc_hash::FxHashMap;
use std::sync::Arc;
use syntax::NodeId;

/// What kind of thing an expression is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Not an expression, or an erroneous or unchecked one.
    None,
    /// A call without results.
    NoValue,
    /// A predeclared function.
    Builtin,
    /// A type.
    Type,
    /// A constant; its value is in [`TypeAndValue::value`].
    Const,
    /// An addressable variable.
    Variable,
    /// A map element: assignable but not addressable; may give a second value.
    MapIndex,
    /// A value.
    Value,
    /// The untyped nil.
    Nil,
    /// A value that may give a second, boolean value (type assertion, channel receive).
    CommaOk,
}

/// What is known of an expression.
#[derive(Clone, Debug)]
pub struct TypeAndValue {
    /// What kind of thing it is.
    pub mode: Mode,
    /// Its final type; untyped constants have the type of their context. Where a two-value form is
    /// used (`v, ok := m[k]`) it is still the type of the single value.
    pub ty: TypeId,
    /// The value of a constant; `Unknown` otherwise.
    pub value: Const,
}

impl TypeAndValue {
    pub(crate) const EMPTY: TypeAndValue = TypeAndValue {
        mode: Mode::None,
        ty: tid::INVALID,
        value: Const::Unknown,
    };

    /// Whether the expression is a type.
    pub fn is_type(&self) -> bool {
        self.mode == Mode::Type
    }

    /// The constant value, if it is one.
    pub fn constant(&self) -> Option<&Const> {
        (self.mode == Mode::Const).then_some(&self.value)
    }
}

/// What a selector `x.f` selects.
#[derive(Clone, Debug)]
pub struct Selection {
    /// Kind and object.
    pub kind: SelectionKind,
    /// The type of `x` (for a method expression the type `T` itself).
    pub recv: TypeId,
    /// Field indices from `x` through embedded fields; for a field the last index is the field itself,
    /// for methods the path leads to the embedded value that has the method. Pointers are
    /// dereferenced on the way wherever a step starts from one.
    pub path: Arc<[u32]>,
    /// Whether a pointer is dereferenced on the way from `x` to the field or receiver.
    pub indirect: bool,
    /// The type of the selector expression: of the field, or the signature of the method value or expression.
    pub ty: TypeId,
}

/// What a selector selects.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SelectionKind {
    /// A field of a struct.
    Field,
    /// A declared method of a value (`x.m`, called or not).
    Method(ObjId),
    /// A method of an interface (or type parameter) value, by index in the sorted method list of its type set.
    InterfaceMethod(u32),
    /// `T.m` with a declared method: a function with the receiver as first parameter.
    MethodExpr(ObjId),
    /// `I.m` with an interface method.
    InterfaceMethodExpr(u32),
}

/// An instantiation of a generic function or type.
#[derive(Clone, Debug)]
pub struct Instance {
    /// The type arguments.
    pub targs: Arc<[TypeId]>,
    /// The instantiated type or signature.
    pub ty: TypeId,
}

/// How a range clause ranges.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[allow(missing_docs)]
pub enum RangeKind {
    Int,
    String,
    Slice,
    Array,
    ArrayPointer,
    Map,
    Chan,
    /// `func(yield func(...) bool)`
    Func,
}

/// A resolved range clause.
#[derive(Clone, Copy, Debug)]
pub struct RangeInfo {
    /// How it ranges.
    pub kind: RangeKind,
    /// The types that it yields (`INVALID` for one that it does not).
    pub key: TypeId,
    /// Second value.
    pub value: TypeId,
    /// Whether the range expression is evaluated: an array whose length alone matters is not.
    pub evaluated: bool,
}

/// A function of an arena: index 0 is the declared function (or the file's top level), the others are function literals.
#[derive(Clone, Debug)]
pub struct FuncLitInfo {
    /// The literal's node; meaningless for index 0.
    pub node: NodeId,
    /// The function around it.
    pub parent: u32,
    /// Its signature.
    pub sig: TypeId,
    /// Variables of enclosing functions that it (or a literal in it) uses, in order of first use.
    pub captures: Vec<ObjId>,
    /// Its receiver, parameters and results, in order; unnamed and blank ones included.
    pub recv: Option<ObjId>,
    /// Parameters.
    pub params: Vec<ObjId>,
    /// Results.
    pub results: Vec<ObjId>,
    /// Whether it contains a `defer` statement.
    pub has_defer: bool,
    /// Whether it calls `recover`.
    pub has_recover: bool,
}

/// The side tables of one arena.
#[derive(Clone, Debug, Default)]
pub struct Info {
    /// Expressions by node.
    pub types: Vec<TypeAndValue>,
    /// Objects that identifiers declare or use, by node.
    pub objects: Vec<Option<ObjId>>,
    /// Selectors, by the id of the selector expression. Qualified identifiers (`fmt.Println`) are
    /// not here; their `sel` has an object.
    pub selections: FxHashMap<NodeId, Selection>,
    /// Instantiations, by the id of the identifier (for a qualified one or a generic method, of `sel`).
    pub instances: FxHashMap<NodeId, Instance>,
    /// Objects without an identifier: type-switch variables by their clause's id.
    pub implicits: FxHashMap<NodeId, ObjId>,
    /// The function (index 0) and its literals.
    pub funcs: Vec<FuncLitInfo>,
    /// Index into `funcs` by the literal's node.
    pub func_index: FxHashMap<NodeId, u32>,
    /// Targets of `break`, `continue` and `goto` with and without label, by the branch statement's id: the
    /// `For`, `Range`, `Switch`, `TypeSwitch` or `Select` statement, or for `goto` the `Labeled` one.
    pub branches: FxHashMap<NodeId, NodeId>,
    /// Keys of struct literals: the path to the field (of several steps for a promoted one), by the id of the key.
    pub field_keys: FxHashMap<NodeId, Arc<[u32]>>,
    /// Two-value forms (`v, ok = m[k]`, `x.(T)`, `<-c`), by the id of the unparenthesised right side.
    pub comma_ok: rustc_hash::FxHashSet<NodeId>,
    /// Partial instantiations that wait for inference.
    pub(crate) partial_targs: FxHashMap<NodeId, Vec<TypeId>>,
    /// Left operands of shifts that wait for their type.
    pub(crate) untyped_lhs: rustc_hash::FxHashSet<NodeId>,
    /// Range clauses, by the statement's id.
    pub ranges: FxHashMap<NodeId, RangeInfo>,
}

/// The side tables of a declared function's body.
pub type BodyInfo = Info;

impl Info {
    pub(crate) fn with_nodes(n: u32) -> Info {
        Info {
            types: vec![TypeAndValue::EMPTY; n as usize],
            objects: vec![None; n as usize],
            ..Default::default()
        }
    }

    /// What is known of an expression.
    pub fn type_of(&self, id: NodeId) -> &TypeAndValue {
        self.types.get(id.index()).unwrap_or(&TypeAndValue::EMPTY)
    }

    /// The object that an identifier declares or uses.
    pub fn object(&self, id: NodeId) -> Option<ObjId> {
        self.objects.get(id.index()).copied().flatten()
    }
}
