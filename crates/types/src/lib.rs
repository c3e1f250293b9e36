//! Syntax tree to checked program: names, types, constants, generic instances.
//!
//! A [`Program`] owns everything. `check_package` collects and checks a package and what it imports;
//! `check_body` checks a function's body on demand and gives its side tables. Types are ids in a
//! [`TypeStore`], objects are ids in [`Program::objs`], facts about nodes are in [`Info`]s.
//!
//! On [`TypeStore`], all `&mut self` (they expand instances and fill caches on demand):
//! `underlying(t)`, `core_type(t)`, `identical(a, b)`, `canon(t)`, `subst(t, &[tparam], &[targ])`,
//! `instantiate(generic, &[targ])`, `type_set(iface)`, `sizeof(t)`, `alignof(t)`, `offsetsof(struct)`,
//! `is_comparable(t)`, `has_pointers(t)`, `type_string(t)` (diagnostics), `runtime_string(t)` (as reflect prints).

mod assign;
mod bigfloat;
mod builtin_calls;
pub mod builtins;
mod call;
mod checker;
mod collect;
pub mod constant;
mod consts;
mod convert;
mod decl;
pub mod errors;
mod expr;
mod format;
mod identical;
mod increment;
mod index;
mod infer;
pub mod info;
mod initorder;
mod literals;
pub mod lookup;
mod mono;
pub mod objects;
mod operand;
mod outlined;
mod predicates;
pub mod program;
mod range;
mod returns;
mod services;
mod signature;
mod sizes;
mod stmt;
mod subst;
pub mod types;
pub mod typeset;
mod typexpr;
mod unify;
mod universe;
mod validtype;

pub use builtins::Builtin;
pub use constant::Const;
pub use errors::Diagnostic;
pub use increment::Mark;
pub use info::{
    BodyInfo, FuncLitInfo, Info, Instance, Mode, RangeInfo, RangeKind, Selection, SelectionKind,
    TypeAndValue,
};
pub use lookup::{Found, Member, MethodEntry};
pub use objects::{
    Arena, FileId, FuncInfo, NodeRef, ObjId, ObjKind, Object, PkgId, Receiver, VarInfo, VarKind,
};
pub use program::{Importer, Initializer, Package, PackageSource, Program};
pub use types::{
    BasicKind, Field, InterfaceType, Method, Named, Param, Signature, StructType, Term, Type,
    TypeId, TypeStore, tid,
};
pub use typeset::TypeSet;
