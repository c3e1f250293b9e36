//! Statements.

use super::Parser;
use crate::ast::*;
use crate::pos::Pos;
use crate::print::{expr_string, expr_string_emphasized};
use crate::scanner::{Op, SemiKind};
use crate::token::{BinaryOp, Token};

/// What a simple statement stands in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    For,
    Switch,
    If,
}

impl Place {
    fn keyword(self) -> &'static str {
        match self {
            Place::Plain => "",
            Place::For => "for",
            Place::Switch => "switch",
            Place::If => "if",
        }
    }
}

/// The part of a range clause before the body.
struct RangeClause {
    lhs: Vec<Expr>,
    define: bool,
    range_pos: Pos,
    x: Expr,
}

enum Simple {
    Stmt(Stmt),
    Range(RangeClause),
}

/// What stands between a keyword and its block.
#[derive(Default)]
struct Header {
    init: Option<Stmt>,
    /// The condition or tag.
    cond: Option<Expr>,
    /// The condition is a type switch's `bind := x.(type)` or `x.(type)`, `cond` being x.
    guard: bool,
    bind: Option<Ident>,
    post: Option<Stmt>,
    range: Option<RangeClause>,
}

impl Parser<'_> {
    /// `{ statements }`. `context` tells what the block follows, where its `{` may be missing.
    pub(super) fn block(&mut self, context: &str) -> Block {
        let lbrace = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("expected {{ after {context}"));
            self.advance(&[Token::Name, Token::Rbrace]);
            let rbrace = self.pos();
            if self.got(Token::Rbrace) {
                return Block {
                    lbrace,
                    stmts: Vec::new(),
                    rbrace,
                };
            }
        }
        let stmts = self.stmt_list();
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        Block {
            lbrace,
            stmts,
            rbrace,
        }
    }

    fn stmt_list(&mut self) -> Vec<Stmt> {
        let mut stmts = Vec::new();
        while !matches!(
            self.tok(),
            Token::Eof | Token::Rbrace | Token::Case | Token::Default
        ) {
            let Some(s) = self.stmt_or_none() else { break };
            stmts.push(s);
            self.end_of_statement();
        }
        stmts
    }

    /// The semicolon after a statement, which may be left out before a `}`.
    pub(super) fn end_of_statement(&mut self) {
        if !self.got(Token::Semi) && self.tok() != Token::Rbrace {
            self.syntax_error("at end of statement");
            self.advance(&[Token::Semi, Token::Rbrace, Token::Case, Token::Default]);
            self.got(Token::Semi);
        }
    }

    pub(super) fn stmt_or_none(&mut self) -> Option<Stmt> {
        let outer = self.enter();
        let s = self.stmt();
        self.leave(outer);
        s
    }

    fn stmt(&mut self) -> Option<Stmt> {
        let pos = self.pos();
        let kind = match self.tok() {
            Token::Name => {
                let mut lhs = self.expr_list();
                if self.tok() == Token::Colon
                    && let [only] = &lhs[..]
                    && let Some(label) = only.as_ident()
                {
                    return self.labeled(label);
                }
                if lhs.len() == 1 && self.tok() == Token::Semi {
                    // By far the most frequent ends here.
                    let x = lhs.pop().expect("one expression");
                    StmtKind::Expr(x)
                } else {
                    return Some(self.plain_stmt(Some(lhs)));
                }
            }
            Token::Const | Token::Type | Token::Var => {
                let mut decls = Vec::new();
                self.generic_decl(Vec::new(), &mut decls);
                StmtKind::Decl(decls)
            }
            Token::Lbrace => StmtKind::Block(self.block("")),
            Token::Operator | Token::Star => {
                use BinaryOp as B;
                match self.s.op {
                    Op::Binary(B::Add | B::Sub | B::Mul | B::And | B::Xor) | Op::Not => {
                        return Some(self.plain_stmt(None));
                    }
                    _ => return None,
                }
            }
            Token::Literal
            | Token::Func
            | Token::Lparen
            | Token::Lbrack
            | Token::Struct
            | Token::Map
            | Token::Chan
            | Token::Interface
            | Token::Arrow => return Some(self.plain_stmt(None)),
            Token::For => self.for_stmt(),
            Token::Switch => self.switch_stmt(),
            Token::Select => self.select_stmt(),
            Token::If => self.if_stmt(),
            Token::Fallthrough => {
                self.next();
                StmtKind::Branch {
                    tok: BranchTok::Fallthrough,
                    label: None,
                }
            }
            Token::Break | Token::Continue => {
                let tok = if self.tok() == Token::Break {
                    BranchTok::Break
                } else {
                    BranchTok::Continue
                };
                self.next();
                let label = (self.tok() == Token::Name).then(|| self.name());
                StmtKind::Branch { tok, label }
            }
            Token::Goto => {
                self.next();
                let label = Some(self.name());
                StmtKind::Branch {
                    tok: BranchTok::Goto,
                    label,
                }
            }
            Token::Go => {
                self.next();
                StmtKind::Go(self.callee("go"))
            }
            Token::Defer => {
                self.next();
                StmtKind::Defer(self.callee("defer"))
            }
            Token::Return => {
                self.next();
                StmtKind::Return(if matches!(self.tok(), Token::Semi | Token::Rbrace) {
                    Vec::new()
                } else {
                    self.expr_list()
                })
            }
            Token::Semi => StmtKind::Empty,
            _ => return None,
        };
        Some(self.stmt_node(pos, kind))
    }

    /// The call of a `go` or `defer` statement.
    fn callee(&mut self, keyword: &str) -> Expr {
        let mut x = self.primary_expr(None, true);
        if let ExprKind::Paren(_) = x.kind {
            let msg = format!("expression in {keyword} must not be parenthesized");
            self.error_at(x.pos, msg);
            while let ExprKind::Paren(inner) = x.kind {
                x = *inner;
            }
        }
        x
    }

    fn labeled(&mut self, label: Ident) -> Option<Stmt> {
        let colon = self.pos();
        self.want(Token::Colon);
        let stmt = if self.tok() == Token::Rbrace {
            // The empty statement before a brace has no semicolon to show for it.
            let pos = self.pos();
            self.stmt_node(pos, StmtKind::Empty)
        } else {
            match self.stmt_or_none() {
                Some(s) => s,
                None => {
                    self.syntax_error_at(colon, "missing statement after label");
                    return None;
                }
            }
        };
        let stmt = Box::new(stmt);
        Some(self.stmt_node(label.pos, StmtKind::Labeled { label, stmt }))
    }

    fn plain_stmt(&mut self, lhs: Option<Vec<Expr>>) -> Stmt {
        match self.simple_stmt(lhs, Place::Plain) {
            Simple::Stmt(s) => s,
            Simple::Range(_) => unreachable!("range clauses are read in for headers only"),
        }
    }

    /// An expression, send, `++`, `--`, assignment, or in a `for` header a range clause. The expressions
    /// on the left may have been read.
    fn simple_stmt(&mut self, lhs: Option<Vec<Expr>>, place: Place) -> Simple {
        if place == Place::For && self.tok() == Token::Range {
            return Simple::Range(self.range_clause(Vec::new(), false));
        }
        let mut lhs = match lhs {
            Some(lhs) => lhs,
            None => self.expr_list(),
        };
        let start = lhs[0].pos;
        let op_pos = self.pos();
        let single = lhs.len() == 1;
        let kind = match self.tok() {
            tok @ (Token::Assign | Token::Define) => {
                let define = tok == Token::Define;
                self.next();
                if place == Place::For && self.tok() == Token::Range {
                    return Simple::Range(self.range_clause(lhs, define));
                }
                let rhs = self.expr_list();
                StmtKind::Assign(Box::new(AssignStmt {
                    lhs,
                    op_pos,
                    op: None,
                    define,
                    rhs,
                }))
            }
            Token::AssignOp if single => {
                let op = match self.s.op {
                    Op::Binary(op) => Some(op),
                    _ => None,
                };
                self.next();
                let rhs = vec![self.expr()];
                StmtKind::Assign(Box::new(AssignStmt {
                    lhs,
                    op_pos,
                    op,
                    define: false,
                    rhs,
                }))
            }
            Token::IncOp if single => {
                let inc = self.s.op == Op::Binary(BinaryOp::Add);
                self.next();
                let x = lhs.swap_remove(0);
                StmtKind::IncDec { x, inc, op_pos }
            }
            Token::Arrow if single => {
                self.next();
                let value = self.expr();
                StmtKind::Send {
                    chan: lhs.swap_remove(0),
                    arrow: op_pos,
                    value,
                }
            }
            _ if single => StmtKind::Expr(lhs.swap_remove(0)),
            _ => {
                self.syntax_error("expected := or = or comma");
                self.advance(&[Token::Semi, Token::Rbrace]);
                StmtKind::Expr(lhs.swap_remove(0))
            }
        };
        Simple::Stmt(self.stmt_node(start, kind))
    }

    fn range_clause(&mut self, lhs: Vec<Expr>, define: bool) -> RangeClause {
        let range_pos = self.pos();
        self.next();
        RangeClause {
            lhs,
            define,
            range_pos,
            x: self.expr(),
        }
    }

    /// What stands between `if`, `for` or `switch` and the block.
    fn header(&mut self, place: Place) -> Header {
        self.next();
        let mut h = Header::default();
        if self.tok() == Token::Lbrace {
            if place == Place::If {
                self.syntax_error("missing condition in if statement");
                h.cond = Some(self.bad_expr());
            }
            return h;
        }
        let outer = std::mem::replace(&mut self.xnest, -1);
        self.header_parts(place, &mut h);
        self.xnest = outer;
        h
    }

    fn header_parts(&mut self, place: Place, h: &mut Header) {
        if self.tok() != Token::Semi {
            if self.got(Token::Var) {
                let keyword = place.keyword();
                self.syntax_error(&format!(
                    "var declaration not allowed in {keyword} initializer"
                ));
            }
            match self.simple_stmt(None, place) {
                Simple::Stmt(s) => h.init = Some(s),
                Simple::Range(r) => {
                    h.range = Some(r);
                    return;
                }
            }
        }
        let mut semi: Option<(Pos, SemiKind)> = None;
        let cond = if self.tok() == Token::Lbrace {
            h.init.take()
        } else {
            if self.tok() == Token::Semi {
                semi = Some((self.pos(), self.s.semi));
                self.next();
            } else {
                self.want(Token::Lbrace);
                if self.tok() != Token::Lbrace {
                    self.advance(&[Token::Lbrace, Token::Rbrace]);
                }
            }
            if place == Place::For {
                self.for_rest(h)
            } else if self.tok() != Token::Lbrace {
                match self.simple_stmt(None, place) {
                    Simple::Stmt(s) => Some(s),
                    Simple::Range(_) => None,
                }
            } else {
                None
            }
        };
        match cond {
            Some(s) => self.condition(s, place, h),
            None if place == Place::If => {
                if let Some((pos, kind)) = semi {
                    if kind == SemiKind::Written {
                        self.syntax_error_at(pos, "missing condition in if statement");
                    } else {
                        let msg =
                            format!("unexpected {}, expected {{ after if clause", kind.text());
                        self.syntax_error_at(pos, &msg);
                    }
                }
                h.cond = Some(self.bad_expr());
            }
            None => {}
        }
    }

    /// The condition and post statement of a three-part `for`, after its first semicolon.
    fn for_rest(&mut self, h: &mut Header) -> Option<Stmt> {
        let mut cond = None;
        if self.tok() != Token::Semi {
            if self.tok() == Token::Lbrace {
                self.syntax_error("expected for loop condition");
                return None;
            }
            cond = Some(self.plain_stmt(None));
        }
        self.want(Token::Semi);
        if self.tok() != Token::Lbrace {
            let post = self.plain_stmt(None);
            if let StmtKind::Assign(a) = &post.kind
                && a.define
            {
                self.syntax_error_at(a.op_pos, "cannot declare in post statement of for loop");
            }
            h.post = Some(post);
        }
        cond
    }

    /// Makes a condition, tag or type switch guard of a simple statement, or complains that it is none.
    fn condition(&mut self, s: Stmt, place: Place, h: &mut Header) {
        let id = s.id;
        let pos;
        let what = match s.kind {
            StmtKind::Expr(x) => {
                if place == Place::Switch && self.claim_guard(&x) {
                    h.guard = true;
                    h.cond = Some(guarded(x));
                } else {
                    h.cond = Some(x);
                }
                return;
            }
            StmtKind::Assign(mut a) => {
                if place == Place::Switch
                    && a.define
                    && let ([name], [x]) = (&a.lhs[..], &a.rhs[..])
                    && let Some(name) = name.as_ident()
                    && self.claim_guard(x)
                {
                    h.guard = true;
                    h.bind = Some(name);
                    h.cond = a.rhs.pop().map(guarded);
                    return;
                }
                pos = a.op_pos;
                let join = |list: &[Expr], f: fn(&Expr) -> String| {
                    list.iter().map(f).collect::<Vec<_>>().join(", ")
                };
                match a.op {
                    Some(op) => format!(
                        "{} {op}= {}",
                        join(&a.lhs, expr_string),
                        join(&a.rhs, expr_string)
                    ),
                    None if a.define => format!(
                        "{} := {}",
                        join(&a.lhs, expr_string),
                        join(&a.rhs, expr_string)
                    ),
                    // Emphasis on the `=` that should perhaps be `==`.
                    None => format!(
                        "assignment {} = {}",
                        join(&a.lhs, expr_string_emphasized),
                        join(&a.rhs, expr_string_emphasized)
                    ),
                }
            }
            StmtKind::IncDec { x, inc, op_pos } => {
                pos = op_pos;
                format!("{}{}", expr_string(&x), if inc { "++" } else { "--" })
            }
            StmtKind::Send { chan, arrow, value } => {
                pos = arrow;
                format!("{} <- {}", expr_string(&chan), expr_string(&value))
            }
            _ => unreachable!("simple statements are these"),
        };
        self.syntax_error_at(pos, &format!("cannot use {what} as value"));
        h.cond = Some(Expr {
            id,
            pos,
            end: pos,
            kind: ExprKind::Bad,
        });
    }

    fn for_stmt(&mut self) -> StmtKind {
        let h = self.header(Place::For);
        let body = self.block("for clause");
        let Some(r) = h.range else {
            return StmtKind::For(Box::new(ForStmt {
                init: h.init,
                cond: h.cond,
                post: h.post,
                body,
            }));
        };
        let mut lhs = r.lhs.into_iter();
        StmtKind::Range(Box::new(RangeStmt {
            key: lhs.next(),
            value: lhs.next(),
            extra: lhs.next(),
            define: r.define,
            range_pos: r.range_pos,
            x: r.x,
            body,
        }))
    }

    fn if_stmt(&mut self) -> StmtKind {
        let h = self.header(Place::If);
        let then = self.block("if clause");
        let mut els = None;
        if self.got(Token::Else) {
            match self.tok() {
                Token::If | Token::Lbrace => els = self.stmt_or_none(),
                _ => {
                    self.syntax_error("else must be followed by if or statement block");
                    self.advance(&[Token::Name, Token::Rbrace]);
                }
            }
        }
        let cond = match h.cond {
            Some(c) => c,
            None => self.bad_expr(),
        };
        StmtKind::If(Box::new(IfStmt {
            init: h.init,
            cond,
            then,
            els,
        }))
    }

    /// The `{` of a switch or select.
    fn clauses_start(&mut self, keyword: &str) -> Pos {
        let lbrace = self.pos();
        if !self.got(Token::Lbrace) {
            self.syntax_error(&format!("missing {{ after {keyword} clause"));
            self.advance(&[Token::Case, Token::Default, Token::Rbrace]);
        }
        lbrace
    }

    /// Reports that a clause does not begin with its keyword.
    fn no_clause(&mut self) {
        self.syntax_error("expected case or default or }");
        self.advance(&[Token::Colon, Token::Case, Token::Default, Token::Rbrace]);
    }

    fn switch_stmt(&mut self) -> StmtKind {
        let h = self.header(Place::Switch);
        let lbrace = self.clauses_start("switch");
        let mut clauses = Vec::new();
        while !matches!(self.tok(), Token::Eof | Token::Rbrace) {
            clauses.push(self.case_clause());
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        match h.cond {
            Some(x) if h.guard => StmtKind::TypeSwitch(Box::new(TypeSwitchStmt {
                init: h.init,
                bind: h.bind,
                x,
                lbrace,
                clauses,
                rbrace,
            })),
            tag => StmtKind::Switch(Box::new(SwitchStmt {
                init: h.init,
                tag,
                lbrace,
                clauses,
                rbrace,
            })),
        }
    }

    fn case_clause(&mut self) -> CaseClause {
        let pos = self.pos();
        let id = self.id();
        let mut exprs = Vec::new();
        let mut is_default = false;
        match self.tok() {
            Token::Case => {
                self.next();
                exprs = self.expr_list();
            }
            Token::Default => {
                self.next();
                is_default = true;
            }
            _ => self.no_clause(),
        }
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        CaseClause {
            id,
            pos,
            is_default,
            exprs,
            colon,
            body,
            end: self.prev_end(),
        }
    }

    fn select_stmt(&mut self) -> StmtKind {
        self.next();
        let lbrace = self.clauses_start("select");
        let mut clauses = Vec::new();
        while !matches!(self.tok(), Token::Eof | Token::Rbrace) {
            clauses.push(self.comm_clause());
        }
        let rbrace = self.pos();
        self.want(Token::Rbrace);
        StmtKind::Select(Box::new(SelectStmt {
            lbrace,
            clauses,
            rbrace,
        }))
    }

    fn comm_clause(&mut self) -> CommClause {
        let pos = self.pos();
        let id = self.id();
        let mut comm = None;
        match self.tok() {
            Token::Case => {
                self.next();
                comm = Some(self.plain_stmt(None));
            }
            Token::Default => self.next(),
            _ => self.no_clause(),
        }
        let colon = self.pos();
        self.want(Token::Colon);
        let body = self.stmt_list();
        CommClause {
            id,
            pos,
            comm,
            colon,
            body,
            end: self.prev_end(),
        }
    }
}

/// The x of `x.(type)`.
fn guarded(guard: Expr) -> Expr {
    match guard.kind {
        ExprKind::TypeAssert { x, .. } => *x,
        _ => unreachable!("claim_guard has looked"),
    }
}
