//! Objects: what names stand for.

use crate::builtins::Builtin;
use crate::constant::Const;
use crate::types::TypeId;
use std::sync::Arc;
use syntax::{Decl, File, FuncDecl, NodeId, Pos, Symbol};

/// An object of a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct ObjId(pub u32);

/// A package of a program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct PkgId(pub u32);

/// A source file of a program; names its top-level [`Info`](crate::Info).
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct FileId(pub u32);

/// A named thing.
#[derive(Clone, Debug)]
pub struct Object {
    /// Its name.
    pub name: Symbol,
    /// The package that declares it; `None` for the universe.
    pub pkg: Option<PkgId>,
    /// Where its name is declared.
    pub pos: Pos,
    /// Its type; for a package-level object only after `Program::resolve`.
    pub ty: TypeId,
    /// What it is.
    pub kind: ObjKind,
    /// How far its declaration is resolved.
    pub(crate) state: State,
    /// From where on a local object is in scope.
    pub(crate) scope_pos: Pos,
    /// Whether anything refers to it (variables, imports and labels).
    pub used: bool,
}

/// How far a declaration is resolved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum State {
    Unresolved,
    InProgress,
    Done,
}

/// The kinds of objects.
#[derive(Clone, Debug)]
pub enum ObjKind {
    /// An imported package.
    PkgName(PkgId),
    /// A constant and its value.
    Const(Const),
    /// A type.
    TypeName {
        /// Whether it is an alias.
        alias: bool,
    },
    /// A variable.
    Var(VarInfo),
    /// A function or method with a declaration.
    Func(Arc<FuncInfo>),
    /// A label.
    Label,
    /// A predeclared function.
    Builtin(Builtin),
    /// `nil`
    Nil,
}

/// The kinds of variables.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum VarKind {
    /// Declared at package level.
    Package,
    /// Declared by a statement.
    Local,
    /// A parameter.
    Param,
    /// A receiver.
    Recv,
    /// A result.
    Result,
}

/// What is known of a variable.
#[derive(Clone, Debug)]
pub struct VarInfo {
    /// Its kind.
    pub kind: VarKind,
    /// The function it belongs to, as an index into [`Info::funcs`](crate::Info) of its body or file.
    pub func: u32,
    /// Whether a function literal uses it that is nested in its own function.
    pub captured: bool,
    /// Whether `&x`, a method call with pointer receiver on it or on a part, or slicing an array in it takes its address.
    pub address_taken: bool,
    /// Whether it is assigned to other than by its declaration.
    pub reassigned: bool,
}

/// A declared function or method.
#[derive(Clone, Debug)]
pub struct FuncInfo {
    pub(crate) ast: Arc<File>,
    /// The declaration's index in its file.
    pub(crate) index: u32,
    /// The file that declares it.
    pub file: FileId,
    /// The receiver, if it is a method.
    pub recv: Option<Receiver>,
}

impl FuncInfo {
    pub(crate) fn new(
        ast: Arc<File>,
        index: u32,
        file: FileId,
        recv: Option<Receiver>,
    ) -> FuncInfo {
        FuncInfo {
            ast,
            index,
            file,
            recv,
        }
    }

    /// Its declaration, parsed now if it has not been.
    pub fn decl(&self) -> &Arc<FuncDecl> {
        match self.ast.decl(self.index) {
            Decl::Func(decl) => decl,
            other => panic!("a function is declared by {other:?}"),
        }
    }
}

/// The receiver of a method.
#[derive(Clone, Copy, Debug)]
pub struct Receiver {
    /// The base type's name; its type is the (generic, if it is) named type.
    pub base: ObjId,
    /// Whether the receiver is a pointer.
    pub pointer: bool,
}

/// Where a node is: in a file's top level or in a declared function's body.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Arena {
    /// A file's top level.
    File(FileId),
    /// A top-level declaration of an outlined file, by its index there.
    Decl(FileId, u32),
    /// The body of a `Func` object.
    Body(ObjId),
}

/// A node of the program.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct NodeRef {
    /// Its arena.
    pub arena: Arena,
    /// Its id there.
    pub node: NodeId,
}

impl Object {
    /// The variable's facts.
    pub fn var(&self) -> Option<&VarInfo> {
        match &self.kind {
            ObjKind::Var(v) => Some(v),
            _ => None,
        }
    }

    /// The function's facts.
    pub fn func(&self) -> Option<&Arc<FuncInfo>> {
        match &self.kind {
            ObjKind::Func(f) => Some(f),
            _ => None,
        }
    }
}
