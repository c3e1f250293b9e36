//! Walking over trees. A visitor overrides what it wants to see and calls `walk_*` to go on into the children.

use crate::ast::*;

/// Called for the nodes of a tree, in source order.
pub trait Visitor {
    /// An expression or a type.
    fn visit_expr(&mut self, x: &Expr) {
        walk_expr(self, x);
    }
    /// A statement.
    fn visit_stmt(&mut self, s: &Stmt) {
        walk_stmt(self, s);
    }
    /// A declaration. The body of a declared function is not entered.
    fn visit_decl(&mut self, d: &Decl) {
        walk_decl(self, d);
    }
    /// The body of a function literal.
    fn visit_func_lit(&mut self, f: &FuncLit) {
        walk_func_type(self, &f.ty);
        walk_stmts(self, &f.body.stmts);
    }
}

/// Visits each statement of a list.
pub fn walk_stmts<V: Visitor + ?Sized>(v: &mut V, stmts: &[Stmt]) {
    for s in stmts {
        v.visit_stmt(s);
    }
}

fn exprs<'a, V: Visitor + ?Sized>(v: &mut V, xs: impl IntoIterator<Item = &'a Expr>) {
    for x in xs {
        v.visit_expr(x);
    }
}

/// Visits the types of fields.
pub fn walk_fields<V: Visitor + ?Sized>(v: &mut V, fields: &[Field]) {
    exprs(v, fields.iter().map(|f| &f.ty));
}

/// Visits the types of parameters and results.
pub fn walk_func_type<V: Visitor + ?Sized>(v: &mut V, ty: &FuncType) {
    walk_fields(v, &ty.params);
    walk_fields(v, &ty.results);
}

/// Visits the children of an expression.
pub fn walk_expr<V: Visitor + ?Sized>(v: &mut V, x: &Expr) {
    match &x.kind {
        ExprKind::Bad | ExprKind::Ident(_) | ExprKind::BasicLit(_) => {}
        ExprKind::CompositeLit(c) => {
            exprs(v, &c.ty);
            exprs(v, &c.elts);
        }
        ExprKind::FuncLit(f) => v.visit_func_lit(f),
        ExprKind::Paren(x)
        | ExprKind::Selector { x, .. }
        | ExprKind::Star(x)
        | ExprKind::Unary { x, .. }
        | ExprKind::SliceType(x)
        | ExprKind::ChanType { elem: x, .. }
        | ExprKind::Ellipsis(x) => v.visit_expr(x),
        ExprKind::Index(i) => {
            v.visit_expr(&i.x);
            exprs(v, &i.indices);
        }
        ExprKind::Slice(s) => {
            v.visit_expr(&s.x);
            exprs(v, [&s.lo, &s.hi, &s.max].into_iter().flatten());
        }
        ExprKind::TypeAssert { x, ty: y }
        | ExprKind::Binary { x, y, .. }
        | ExprKind::KeyValue { key: x, value: y }
        | ExprKind::MapType { key: x, value: y } => {
            v.visit_expr(x);
            v.visit_expr(y);
        }
        ExprKind::Call(c) => {
            v.visit_expr(&c.fun);
            exprs(v, &c.args);
        }
        ExprKind::ArrayType { len, elem } => {
            exprs(v, len.as_deref());
            v.visit_expr(elem);
        }
        ExprKind::StructType(s) => {
            for f in &s.fields {
                v.visit_expr(&f.ty);
                exprs(v, &f.tag);
            }
        }
        ExprKind::FuncType(ty) => walk_func_type(v, ty),
        ExprKind::InterfaceType(i) => {
            for e in &i.elems {
                match e {
                    InterfaceElem::Method(m) => walk_func_type(v, &m.ty),
                    InterfaceElem::Embed(x) => v.visit_expr(x),
                }
            }
        }
    }
}

/// Visits the children of a statement.
pub fn walk_stmt<V: Visitor + ?Sized>(v: &mut V, s: &Stmt) {
    match &s.kind {
        StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
        StmtKind::Expr(x) | StmtKind::IncDec { x, .. } | StmtKind::Go(x) | StmtKind::Defer(x) => {
            v.visit_expr(x)
        }
        StmtKind::Send { chan, value, .. } => {
            v.visit_expr(chan);
            v.visit_expr(value);
        }
        StmtKind::Assign(a) => {
            exprs(v, &a.lhs);
            exprs(v, &a.rhs);
        }
        StmtKind::Return(xs) => exprs(v, xs),
        StmtKind::Block(b) => walk_stmts(v, &b.stmts),
        StmtKind::If(s) => {
            walk_stmts(v, s.init.as_slice());
            v.visit_expr(&s.cond);
            walk_stmts(v, &s.then.stmts);
            walk_stmts(v, s.els.as_slice());
        }
        StmtKind::Switch(s) => {
            walk_stmts(v, s.init.as_slice());
            exprs(v, &s.tag);
            clauses(v, &s.clauses);
        }
        StmtKind::TypeSwitch(s) => {
            walk_stmts(v, s.init.as_slice());
            v.visit_expr(&s.x);
            clauses(v, &s.clauses);
        }
        StmtKind::Select(s) => {
            for c in &s.clauses {
                walk_stmts(v, c.comm.as_slice());
                walk_stmts(v, &c.body);
            }
        }
        StmtKind::For(s) => {
            walk_stmts(v, s.init.as_slice());
            exprs(v, &s.cond);
            walk_stmts(v, s.post.as_slice());
            walk_stmts(v, &s.body.stmts);
        }
        StmtKind::Range(s) => {
            exprs(v, [&s.key, &s.value, &s.extra].into_iter().flatten());
            v.visit_expr(&s.x);
            walk_stmts(v, &s.body.stmts);
        }
        StmtKind::Labeled { stmt, .. } => v.visit_stmt(stmt),
        StmtKind::Decl(decls) => decls.iter().for_each(|d| v.visit_decl(d)),
    }
}

fn clauses<V: Visitor + ?Sized>(v: &mut V, clauses: &[CaseClause]) {
    for c in clauses {
        exprs(v, &c.exprs);
        walk_stmts(v, &c.body);
    }
}

/// Visits the types and values of a declaration; not the body of a function.
pub fn walk_decl<V: Visitor + ?Sized>(v: &mut V, d: &Decl) {
    match d {
        Decl::Const(c) => {
            for s in &c.specs {
                exprs(v, &s.ty);
                exprs(v, &s.values);
            }
        }
        Decl::Type(t) => {
            walk_fields(v, &t.tparams);
            v.visit_expr(&t.ty);
        }
        Decl::Var(d) => {
            exprs(v, &d.ty);
            exprs(v, &d.values);
        }
        Decl::Func(f) => {
            walk_fields(v, f.recv.as_slice());
            walk_fields(v, &f.tparams);
            walk_func_type(v, &f.ty);
        }
    }
}
