//! The syntax tree.
//!
//! Boxed enums. Every expression, identifier and statement carries a `NodeId` that is unique within
//! its *arena*: one arena for a file's top level (signatures, types, package-level initialisers and
//! the function literals in them), one for each declared function's body (function literals inside
//! included). In a file known by its outline each top-level declaration has an arena of its own. Ids count from 0 in each arena, so side tables are plain vectors of `node_count` entries.
//!
//! `pos` is the leftmost byte of a node, `end` the byte after its last; operators and brackets that
//! diagnostics point at have positions of their own.

use crate::outline::Outlined;
use crate::pos::{Error, Pos, SourceFile};
use crate::symbol::Symbol;
use crate::token::{BinaryOp, LitKind, UnaryOp};
use std::sync::{Arc, OnceLock};

/// The number of a node in its arena.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct NodeId(pub u32);

impl NodeId {
    /// The id as an index of a side table.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// An identifier that is declared, or that stands where only a name can (after a dot, as a label).
/// A name used as an expression is an `Expr` of kind `Ident`; see [`Expr::as_ident`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Ident {
    /// Its node.
    pub id: NodeId,
    /// Its first byte.
    pub pos: Pos,
    /// Its name.
    pub name: Symbol,
}

impl Ident {
    /// The byte after its last.
    pub fn end(&self) -> Pos {
        Pos(self.pos.0 + self.name.as_str().len() as u32)
    }
}

/// An expression or a type: the two look alike until names are resolved.
#[derive(Debug)]
pub struct Expr {
    pub id: NodeId,
    pub pos: Pos,
    pub end: Pos,
    pub kind: ExprKind,
}

/// The forms of expressions and types.
#[derive(Debug)]
pub enum ExprKind {
    /// Something that could not be parsed; an error has been reported.
    Bad,
    Ident(Symbol),
    BasicLit(BasicLit),
    CompositeLit(Box<CompositeLit>),
    /// Held by `Arc` so that a compiler can keep it.
    FuncLit(Arc<FuncLit>),
    Paren(Box<Expr>),
    Selector {
        x: Box<Expr>,
        sel: Ident,
    },
    /// `x[i]`, and instantiation `x[T1, T2]`; there is at least one index.
    Index(Box<IndexExpr>),
    Slice(Box<SliceExpr>),
    /// `x.(ty)`. `x.(type)` occurs only as `StmtKind::TypeSwitch`; the parser reports it elsewhere.
    TypeAssert {
        x: Box<Expr>,
        ty: Box<Expr>,
    },
    Call(Box<CallExpr>),
    /// `*x`, dereference or pointer type.
    Star(Box<Expr>),
    Unary {
        op: UnaryOp,
        x: Box<Expr>,
    },
    Binary {
        op: BinaryOp,
        op_pos: Pos,
        x: Box<Expr>,
        y: Box<Expr>,
    },
    /// `key: value`; only as an element of a composite literal.
    KeyValue {
        key: Box<Expr>,
        value: Box<Expr>,
    },
    /// `[len]elem`, or `[...]elem` when `len` is `None`.
    ArrayType {
        len: Option<Box<Expr>>,
        elem: Box<Expr>,
    },
    SliceType(Box<Expr>),
    StructType(Box<StructType>),
    FuncType(Box<FuncType>),
    InterfaceType(Box<InterfaceType>),
    MapType {
        key: Box<Expr>,
        value: Box<Expr>,
    },
    ChanType {
        dir: ChanDir,
        elem: Box<Expr>,
    },
    /// `...elem` as a parameter's type.
    Ellipsis(Box<Expr>),
}

impl Expr {
    /// The identifier, when the expression is just that.
    pub fn as_ident(&self) -> Option<Ident> {
        match self.kind {
            ExprKind::Ident(name) => Some(Ident {
                id: self.id,
                pos: self.pos,
                name,
            }),
            _ => None,
        }
    }

    /// The expression without the parentheses around it.
    pub fn unparen(&self) -> &Expr {
        let mut e = self;
        while let ExprKind::Paren(x) = &e.kind {
            e = x;
        }
        e
    }
}

/// A number, rune or string as it is written in the source (carriage returns in raw strings included).
#[derive(Debug, Clone)]
pub struct BasicLit {
    pub kind: LitKind,
    pub text: Box<str>,
}

/// `ty{elts}`; `ty` is absent in nested literals.
#[derive(Debug)]
pub struct CompositeLit {
    pub ty: Option<Expr>,
    pub lbrace: Pos,
    /// Elements; keyed ones are `KeyValue`.
    pub elts: Vec<Expr>,
    pub rbrace: Pos,
}

/// A function literal.
#[derive(Debug)]
pub struct FuncLit {
    pub ty: FuncType,
    pub body: Block,
}

/// `x[indices]`.
#[derive(Debug)]
pub struct IndexExpr {
    pub x: Expr,
    pub lbrack: Pos,
    pub indices: Vec<Expr>,
}

/// `x[lo:hi:max]`.
#[derive(Debug)]
pub struct SliceExpr {
    pub x: Expr,
    pub lbrack: Pos,
    pub lo: Option<Expr>,
    pub hi: Option<Expr>,
    pub max: Option<Expr>,
    /// Whether there are two colons.
    pub three: bool,
}

/// `fun(args...)`.
#[derive(Debug)]
pub struct CallExpr {
    pub fun: Expr,
    pub lparen: Pos,
    pub args: Vec<Expr>,
    /// The `...` after the last argument.
    pub ellipsis: Option<Pos>,
    pub rparen: Pos,
}

/// The direction of a channel type.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum ChanDir {
    Both,
    /// `chan<-`
    Send,
    /// `<-chan`
    Recv,
}

/// Parameters, results or type parameters that share a type: `a, b T`; unnamed ones have no names
/// (and then stand for one parameter each). In one list either all fields have names or none.
#[derive(Debug)]
pub struct Field {
    pub pos: Pos,
    pub names: Vec<Ident>,
    /// `ExprKind::Ellipsis` for a variadic parameter; the constraint for type parameters.
    pub ty: Expr,
}

/// Parameters and results.
#[derive(Debug)]
pub struct FuncType {
    /// The `func` keyword, or the name for interface methods.
    pub pos: Pos,
    pub params: Vec<Field>,
    pub results: Vec<Field>,
    pub end: Pos,
}

/// `struct { ... }`.
#[derive(Debug)]
pub struct StructType {
    pub fields: Vec<StructField>,
    pub rbrace: Pos,
}

/// Fields of a struct that share a type and tag.
#[derive(Debug)]
pub struct StructField {
    pub pos: Pos,
    /// Empty for an embedded field.
    pub names: Vec<Ident>,
    pub ty: Expr,
    /// The tag literal as written.
    pub tag: Option<Expr>,
}

impl StructField {
    /// Whether the field is embedded.
    pub fn is_embedded(&self) -> bool {
        self.names.is_empty()
    }
}

/// `interface { ... }`.
#[derive(Debug)]
pub struct InterfaceType {
    pub elems: Vec<InterfaceElem>,
    pub rbrace: Pos,
}

/// A method or an embedded element.
#[derive(Debug)]
pub enum InterfaceElem {
    Method(MethodSpec),
    /// A type, `~T` (`Unary` with `Tilde`) or a union (`Binary` with `Or`).
    Embed(Expr),
}

/// A method of an interface.
#[derive(Debug)]
pub struct MethodSpec {
    pub name: Ident,
    pub ty: FuncType,
}

/// `{ stmts }`.
#[derive(Debug)]
pub struct Block {
    pub lbrace: Pos,
    pub stmts: Vec<Stmt>,
    /// Where gc reports a missing return.
    pub rbrace: Pos,
}

/// A statement.
#[derive(Debug)]
pub struct Stmt {
    pub id: NodeId,
    pub pos: Pos,
    pub end: Pos,
    pub kind: StmtKind,
}

/// The forms of statements.
#[derive(Debug)]
pub enum StmtKind {
    /// Something that could not be parsed; an error has been reported.
    Bad,
    Empty,
    Expr(Expr),
    Send {
        chan: Expr,
        arrow: Pos,
        value: Expr,
    },
    /// `x++` when `inc`, else `x--`.
    IncDec {
        x: Expr,
        inc: bool,
        op_pos: Pos,
    },
    Assign(Box<AssignStmt>),
    /// The call of a `go` statement; anything but a call has been reported by the parser.
    Go(Expr),
    Defer(Expr),
    Return(Vec<Expr>),
    Branch {
        tok: BranchTok,
        label: Option<Ident>,
    },
    Block(Block),
    If(Box<IfStmt>),
    Switch(Box<SwitchStmt>),
    TypeSwitch(Box<TypeSwitchStmt>),
    Select(Box<SelectStmt>),
    For(Box<ForStmt>),
    Range(Box<RangeStmt>),
    Labeled {
        label: Ident,
        stmt: Box<Stmt>,
    },
    /// `const`, `type` or `var`; a group of types or variables gives several.
    Decl(Vec<Decl>),
}

/// `lhs = rhs`, `lhs op= rhs`, `lhs := rhs`.
#[derive(Debug)]
pub struct AssignStmt {
    pub lhs: Vec<Expr>,
    pub op_pos: Pos,
    /// The operator of `op=`.
    pub op: Option<BinaryOp>,
    /// Whether it is `:=`. (The left sides may still be anything but names: the checker reports it.)
    pub define: bool,
    pub rhs: Vec<Expr>,
}

/// The keyword of a branch statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum BranchTok {
    Break,
    Continue,
    Goto,
    Fallthrough,
}

/// `if init; cond { then } else els`.
#[derive(Debug)]
pub struct IfStmt {
    pub init: Option<Stmt>,
    pub cond: Expr,
    pub then: Block,
    /// A `Block` or another `If`.
    pub els: Option<Stmt>,
}

/// `switch init; tag { clauses }`.
#[derive(Debug)]
pub struct SwitchStmt {
    pub init: Option<Stmt>,
    pub tag: Option<Expr>,
    pub lbrace: Pos,
    pub clauses: Vec<CaseClause>,
    pub rbrace: Pos,
}

/// `switch init; bind := x.(type) { clauses }`.
#[derive(Debug)]
pub struct TypeSwitchStmt {
    pub init: Option<Stmt>,
    pub bind: Option<Ident>,
    pub x: Expr,
    pub lbrace: Pos,
    pub clauses: Vec<CaseClause>,
    pub rbrace: Pos,
}

/// One `case` or `default` of a switch. Its id stands for the variable that a type switch declares in it.
#[derive(Debug)]
pub struct CaseClause {
    pub id: NodeId,
    pub pos: Pos,
    pub is_default: bool,
    /// Values or types; empty for `default`.
    pub exprs: Vec<Expr>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
    pub end: Pos,
}

/// `select { clauses }`.
#[derive(Debug)]
pub struct SelectStmt {
    pub lbrace: Pos,
    pub clauses: Vec<CommClause>,
    pub rbrace: Pos,
}

/// One `case` or `default` of a select.
#[derive(Debug)]
pub struct CommClause {
    pub id: NodeId,
    pub pos: Pos,
    /// A `Send`, an `Expr` or an `Assign`; `None` for `default`.
    pub comm: Option<Stmt>,
    pub colon: Pos,
    pub body: Vec<Stmt>,
    pub end: Pos,
}

/// `for init; cond; post { body }`.
#[derive(Debug)]
pub struct ForStmt {
    pub init: Option<Stmt>,
    pub cond: Option<Expr>,
    pub post: Option<Stmt>,
    pub body: Block,
}

/// `for key, value := range x { body }`.
#[derive(Debug)]
pub struct RangeStmt {
    pub key: Option<Expr>,
    pub value: Option<Expr>,
    /// A third variable, which only a diagnostic wants.
    pub extra: Option<Expr>,
    pub define: bool,
    /// The `range` keyword.
    pub range_pos: Pos,
    pub x: Expr,
    pub body: Block,
}

/// A declaration, of a file or in a function. Held by `Arc` so that a checker can keep it.
#[derive(Debug, Clone)]
pub enum Decl {
    Const(Arc<ConstDecl>),
    Type(Arc<TypeDecl>),
    Var(Arc<VarDecl>),
    Func(Arc<FuncDecl>),
}

/// `import local "path"`.
#[derive(Debug)]
pub struct ImportDecl {
    pub pos: Pos,
    /// The local name: a name, `_`, or `.` (`sym::DOT`).
    pub name: Option<Ident>,
    pub path_pos: Pos,
    /// The path, unquoted.
    pub path: Box<str>,
}

/// A constant declaration with all specs of its group.
#[derive(Debug)]
pub struct ConstDecl {
    /// The `const` keyword.
    pub pos: Pos,
    pub specs: Vec<ConstSpec>,
    pub end: Pos,
}

/// `names ty = values`.
#[derive(Debug)]
pub struct ConstSpec {
    pub pos: Pos,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    /// Empty when they are repeated from an earlier spec.
    pub values: Vec<Expr>,
    /// The value of `iota` in this spec: its index in the group.
    pub iota: u32,
    /// The index of the spec whose type and values apply here; its own index when it has values or
    /// when no spec before it has (which the checker reports).
    pub source: u32,
}

impl ConstDecl {
    /// Type and values that apply to spec `i`, implicit repetition resolved.
    pub fn effective(&self, i: usize) -> (Option<&Expr>, &[Expr]) {
        let s = &self.specs[self.specs[i].source as usize];
        (s.ty.as_ref(), &s.values)
    }
}

/// `type name[tparams] ty` or `type name[tparams] = ty`.
#[derive(Debug)]
pub struct TypeDecl {
    pub pos: Pos,
    pub name: Ident,
    pub tparams: Vec<Field>,
    pub alias: bool,
    pub ty: Expr,
    pub end: Pos,
}

/// `names ty = values`.
#[derive(Debug)]
pub struct VarDecl {
    pub pos: Pos,
    pub names: Vec<Ident>,
    pub ty: Option<Expr>,
    pub values: Vec<Expr>,
    /// Arguments of the `//go:embed` directives above.
    pub embeds: Vec<Box<str>>,
    pub end: Pos,
}

/// Directives on a function declaration.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Pragma {
    pub noinline: bool,
    pub nosplit: bool,
    pub noescape: bool,
    pub norace: bool,
    /// Numbers that are made of pointers in the arguments keep what these point to for the time of the call.
    pub uintptr_escapes: bool,
    /// `//go:wrapper`, of standard packages: traces and `recover` look through the function.
    pub wrapper: bool,
}

/// `func (recv) name[tparams] ty body`.
#[derive(Debug)]
pub struct FuncDecl {
    /// The `func` keyword.
    pub pos: Pos,
    /// The receiver: one field with at most one name.
    pub recv: Option<Field>,
    pub name: Ident,
    pub tparams: Vec<Field>,
    pub ty: FuncType,
    pub body: Option<LazyBody>,
    pub pragma: Pragma,
    pub end: Pos,
}

impl FuncDecl {
    /// The body, parsed now if it has not been; `None` for a function without one.
    pub fn body(&self) -> Option<&Body> {
        self.body.as_ref().map(LazyBody::get)
    }
}

/// A function body that is parsed at once or when first asked for.
#[derive(Debug)]
pub struct LazyBody {
    pub(crate) cell: OnceLock<Body>,
    pub(crate) file: Arc<SourceFile>,
    /// The opening and the closing brace.
    pub lbrace: Pos,
    pub rbrace: Pos,
}

impl LazyBody {
    /// The body, parsed now if it has not been.
    pub fn get(&self) -> &Body {
        self.cell
            .get_or_init(|| crate::parser::parse_body(&self.file, self.lbrace, self.rbrace))
    }
}

/// A parsed function body with an arena of its own.
#[derive(Debug)]
pub struct Body {
    pub block: Block,
    pub node_count: u32,
    /// Errors, soft ones included, found when the body was parsed on demand; those of a body that is parsed
    /// with its file are the file's.
    pub errors: Vec<Error>,
    pub(crate) deep: bool,
}

/// `//go:linkname local target`.
#[derive(Debug, Clone)]
pub struct Linkname {
    pub pos: Pos,
    pub local: Symbol,
    /// Absent in the one-argument form.
    pub target: Option<Box<str>>,
}

/// A source file: parsed, or known by its [outline](crate::outline).
#[derive(Debug)]
pub struct File {
    pub source: Arc<SourceFile>,
    /// The `package` keyword.
    pub pos: Pos,
    pub package: Ident,
    pub imports: Vec<ImportDecl>,
    /// In source order, imports left out. Empty for an outlined file, whose declarations [`File::decl`] parses.
    pub decls: Vec<Decl>,
    pub(crate) outlined: Option<Outlined>,
    /// The constraint of the `//go:build` line.
    pub build: Option<Box<str>>,
    /// The language version that the build line asks for, as `(1, 21)`.
    pub go_version: Option<(u32, u32)>,
    pub linknames: Vec<Linkname>,
    /// Mistakes with labels and branch statements and misplaced `.(type)`, in parsed bodies and at top level. They do
    /// not keep a file from being checked: gc reports them together with type errors, as should the checker.
    pub soft_errors: Vec<Error>,
    /// Ids in the file's own arena.
    pub node_count: u32,
    pub end: Pos,
    pub(crate) deep: bool,
}

impl File {
    /// A declaration by its index, parsed now if it has not been.
    ///
    /// # Panics
    /// When there are no so many declarations.
    pub fn decl(&self, index: u32) -> &Decl {
        match &self.outlined {
            Some(outlined) => &outlined.get(&self.source, index).decl,
            None => &self.decls[index as usize],
        }
    }

    /// The number of nodes of a declaration that is an arena of its own, as those of outlined files are.
    pub fn own_nodes(&self, index: u32) -> Option<u32> {
        let outlined = self.outlined.as_ref()?;
        Some(outlined.get(&self.source, index).node_count)
    }

    /// Whether declarations nest so deep that recursion over them wants [`crate::on_large_stack`].
    pub fn is_deep(&self) -> bool {
        self.deep
    }
}

impl Body {
    /// Whether the body nests so deep that recursion over it wants [`crate::on_large_stack`].
    pub fn is_deep(&self) -> bool {
        self.deep
    }
}
