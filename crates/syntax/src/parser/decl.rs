//! Files and declarations.

use super::{Mode, Parser};
use crate::ast::*;
use crate::build;
use crate::literal::unquote_string;
use crate::pos::Pos;
use crate::symbol::{Symbol, sym};
use crate::token::{BinaryOp, LitKind, Token, UnaryOp};
use std::sync::Arc;

const DECLARATION_STARTS: &[Token] = &[
    Token::Import,
    Token::Const,
    Token::Type,
    Token::Var,
    Token::Func,
];

/// A `//go:name arguments` comment.
struct Directive {
    pos: Pos,
    name: String,
    args: String,
}

impl Parser<'_> {
    pub(super) fn file(&mut self) -> File {
        self.next();
        let mut build = None;
        for d in self.directives() {
            if d.name == "build" {
                build.get_or_insert(d.args.into_boxed_str());
            }
        }
        let mut file = File {
            source: self.file.clone(),
            pos: self.pos(),
            package: Ident {
                id: NodeId(0),
                pos: self.pos(),
                name: sym::BLANK,
            },
            imports: Vec::new(),
            decls: Vec::new(),
            outlined: None,
            go_version: build.as_deref().and_then(build::go_version),
            build,
            linknames: Vec::new(),
            soft_errors: Vec::new(),
            node_count: 0,
            end: self.pos(),
            deep: false,
        };
        if !self.got(Token::Package) {
            self.syntax_error("package statement must be first");
            file.package = self.blank();
        } else {
            file.package = self.name();
            self.want(Token::Semi);
            // A file whose first line is wrong is no Go file; what is wrong with later bytes does not matter here.
            let here = self.pos();
            if self.errors.iter().all(|e| e.pos > here) {
                self.top_level(&mut file);
            }
        }
        file.node_count = self.next_id;
        file.end = self.pos();
        file.deep = self.height > super::SHALLOW;
        file
    }

    fn top_level(&mut self, file: &mut File) {
        let mut prev = Token::Import;
        while self.tok() != Token::Eof {
            if self.tok() == Token::Import && prev != Token::Import {
                self.syntax_error("imports must appear before other declarations");
            }
            prev = self.tok();
            match self.tok() {
                Token::Import => self.imports(&mut file.imports),
                Token::Const | Token::Type | Token::Var => {
                    let directives = self.directives();
                    let embeds = self.file_directives(directives, &mut file.linknames).1;
                    self.generic_decl(embeds, &mut file.decls);
                }
                Token::Func => {
                    let directives = self.directives();
                    let pragma = self.file_directives(directives, &mut file.linknames).0;
                    let f = self.func_decl(pragma);
                    file.decls.push(Decl::Func(Arc::new(f)));
                }
                _ => {
                    let after_func_without_body = matches!(file.decls.last(),
                        Some(Decl::Func(f)) if f.body.is_none());
                    if self.tok() == Token::Lbrace && after_func_without_body {
                        self.syntax_error("unexpected semicolon or newline before {");
                    } else {
                        self.syntax_error("non-declaration statement outside function body");
                    }
                    self.advance(DECLARATION_STARTS);
                    continue;
                }
            }
            self.s.comments.clear();
            if self.tok() != Token::Eof && !self.got(Token::Semi) {
                self.syntax_error("after top level declaration");
                self.advance(DECLARATION_STARTS);
            }
        }
        let directives = self.directives();
        self.file_directives(directives, &mut file.linknames);
    }

    fn directives(&mut self) -> Vec<Directive> {
        if self.s.comments.is_empty() {
            return Vec::new();
        }
        let comments = std::mem::take(&mut self.s.comments);
        let src = self.s.src();
        comments
            .into_iter()
            .map(|(start, end)| {
                let text = String::from_utf8_lossy(&src[start + "//go:".len()..end]);
                let (name, args) = text.split_once([' ', '\t']).unwrap_or((&text, ""));
                Directive {
                    pos: Pos(self.base + start as u32),
                    name: name.into(),
                    args: args.trim().into(),
                }
            })
            .collect()
    }

    /// Sorts directives before a declaration into pragmas, embedded patterns and link names.
    fn file_directives(
        &self,
        directives: Vec<Directive>,
        linknames: &mut Vec<Linkname>,
    ) -> (Pragma, Vec<Box<str>>) {
        let mut pragma = Pragma::default();
        let mut embeds = Vec::new();
        for d in directives {
            match d.name.as_str() {
                "noinline" => pragma.noinline = true,
                "nosplit" => pragma.nosplit = true,
                "noescape" => pragma.noescape = true,
                "wrapper" => pragma.wrapper = true,
                "norace" => pragma.norace = true,
                "uintptrescapes" | "uintptrkeepalive" => pragma.uintptr_escapes = true,
                "embed" => embeds.push(d.args.into_boxed_str()),
                "linkname" => {
                    let mut words = d.args.split_whitespace();
                    if let Some(local) = words.next() {
                        linknames.push(Linkname {
                            pos: d.pos,
                            local: Symbol::intern(local),
                            target: words.next().map(Into::into),
                        });
                    }
                }
                _ => {}
            }
        }
        (pragma, embeds)
    }

    /// `f` or `( f ; f ... )`, the keyword taken.
    fn group(&mut self, f: &mut dyn FnMut(&mut Self)) {
        if self.got(Token::Lparen) {
            self.list(
                "grouped declaration",
                Token::Semi,
                Token::Rparen,
                &mut |p| {
                    f(p);
                    false
                },
            );
        } else {
            f(self);
        }
    }

    pub(super) fn imports(&mut self, out: &mut Vec<ImportDecl>) {
        self.next();
        self.group(&mut |p| p.import_spec(out));
    }

    fn import_spec(&mut self, out: &mut Vec<ImportDecl>) {
        let pos = self.pos();
        let name = match self.tok() {
            Token::Name => Some(self.name()),
            Token::Dot => {
                let mut dot = self.blank();
                dot.name = sym::DOT;
                self.next();
                Some(dot)
            }
            _ => None,
        };
        let path_pos = self.pos();
        if self.tok() != Token::Literal {
            self.syntax_error("missing import path");
            self.advance(&[Token::Semi, Token::Rparen]);
            return;
        }
        if self.s.kind == LitKind::String {
            let path = unquote_string(&self.token_text());
            out.push(ImportDecl {
                pos,
                name,
                path_pos,
                path: String::from_utf8_lossy(&path).into(),
            });
        } else {
            self.syntax_error_at(path_pos, "import path must be a string");
        }
        self.next();
    }

    /// A `const`, `type` or `var` declaration.
    pub(super) fn generic_decl(&mut self, embeds: Vec<Box<str>>, out: &mut Vec<Decl>) {
        let tok = self.tok();
        if tok == Token::Const {
            out.push(self.const_decl());
            return;
        }
        self.next();
        match tok {
            Token::Type => self.group(&mut |p| {
                let d = p.type_spec();
                out.push(Decl::Type(Arc::new(d)));
            }),
            _ => {
                let mut above = Some(embeds);
                self.group(&mut |p| {
                    let mut embeds = above.take().unwrap_or_default();
                    let inside = p.directives();
                    embeds.extend(p.file_directives(inside, &mut Vec::new()).1);
                    let d = p.var_spec(embeds);
                    out.push(Decl::Var(Arc::new(d)));
                });
            }
        }
    }

    pub(super) fn const_decl(&mut self) -> Decl {
        let pos = self.pos();
        self.next();
        let mut specs: Vec<ConstSpec> = Vec::new();
        self.group(&mut |p| p.const_spec(&mut specs));
        let end = self.prev_end();
        Decl::Const(Arc::new(ConstDecl { pos, specs, end }))
    }

    fn const_spec(&mut self, specs: &mut Vec<ConstSpec>) {
        let pos = self.pos();
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if !matches!(self.tok(), Token::Eof | Token::Semi | Token::Rparen) {
            ty = self.type_or_none();
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        let index = specs.len() as u32;
        let own = ty.is_some() || !values.is_empty();
        let source = match specs.last() {
            Some(before) if !own => before.source,
            _ => index,
        };
        specs.push(ConstSpec {
            pos,
            names,
            ty,
            values,
            iota: index,
            source,
        });
    }

    pub(super) fn var_spec(&mut self, embeds: Vec<Box<str>>) -> VarDecl {
        let pos = self.pos();
        let first = self.name();
        let names = self.name_list(first);
        let mut ty = None;
        let mut values = Vec::new();
        if self.got_assign() {
            values = self.expr_list();
        } else {
            ty = Some(self.type_());
            if self.got_assign() {
                values = self.expr_list();
            }
        }
        VarDecl {
            pos,
            names,
            ty,
            values,
            embeds,
            end: self.prev_end(),
        }
    }

    pub(super) fn type_spec(&mut self) -> TypeDecl {
        let pos = self.pos();
        let name = self.name();
        let mut tparams = Vec::new();
        let mut alias = false;
        let ty;
        if self.tok() == Token::Lbrack {
            let lbrack = self.pos();
            self.next();
            match self.tok() {
                Token::Name => {
                    // Type parameters or an array length: `[P any]`, `[P *T,]` or `[N]`, `[N*2]`. Both begin
                    // like an expression, but for `[P []E]`.
                    let first = self.name();
                    let mut x = Self::ident_expr(first);
                    if self.tok() != Token::Lbrack {
                        self.xnest += 1;
                        let operand = self.primary_expr(Some(x), false);
                        x = self.binary_expr(Some(operand), 0);
                        self.xnest -= 1;
                    }
                    let force = self.tok() == Token::Comma;
                    match split_type_param(x, force) {
                        Ok((pname, ptype)) if ptype.is_some() || self.tok() != Token::Rbrack => {
                            tparams = self.type_params(Some((pname, ptype)));
                            alias = self.got_assign();
                            ty = self.type_or_none();
                        }
                        Ok((pname, _)) => {
                            ty = Some(self.array_type(lbrack, Some(Self::ident_expr(pname))));
                        }
                        Err(len) => ty = Some(self.array_type(lbrack, Some(*len))),
                    }
                }
                Token::Rbrack => {
                    self.next();
                    ty = Some(self.slice_type(lbrack));
                }
                _ => ty = Some(self.array_type(lbrack, None)),
            }
        } else {
            alias = self.got_assign();
            ty = self.type_or_none();
        }
        let ty = ty.unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("in type declaration");
            self.advance(&[Token::Semi, Token::Rparen]);
            bad
        });
        TypeDecl {
            pos,
            name,
            tparams,
            alias,
            ty,
            end: self.prev_end(),
        }
    }

    pub(super) fn func_decl(&mut self, pragma: Pragma) -> FuncDecl {
        let pos = self.pos();
        self.next();
        let mut recv = None;
        let has_recv = self.got(Token::Lparen);
        if has_recv {
            let count;
            (recv, count) = self.receiver();
            match count {
                0 => self.error("method has no receiver"),
                1 => {}
                _ => self.error("method has multiple receivers"),
            }
        }
        let mut tparams = Vec::new();
        let name;
        let ty;
        if self.tok() == Token::Name {
            name = self.name();
            (tparams, ty) = self.func_type(pos, None);
        } else {
            name = self.blank();
            ty = FuncType {
                pos,
                params: Vec::new(),
                results: Vec::new(),
                end: self.pos(),
            };
            self.syntax_error(if has_recv {
                "expected name"
            } else {
                "expected name or ("
            });
            self.advance(&[Token::Lbrace, Token::Semi]);
        }
        let body = (self.tok() == Token::Lbrace).then(|| {
            // A function on a nesting level of its own: the arena is.
            let mode = self.mode;
            if self.fnest > 0 {
                self.mode = Mode::Eager;
            }
            let body = self.lazy_body();
            self.mode = mode;
            body
        });
        FuncDecl {
            pos,
            recv,
            name,
            tparams,
            ty,
            body,
            pragma,
            end: self.prev_end(),
        }
    }
}

/// Splits `x` into a type parameter's name and constraint where it reads as `name constraint`:
/// `P *T` looks like a product and `P (T)` like a call. Where it could be either, only `force` (a comma follows)
/// makes it a type parameter. A plain name has no constraint.
fn split_type_param(x: Expr, force: bool) -> Result<(Ident, Option<Expr>), Box<Expr>> {
    if !splits(&x, force) {
        return Err(Box::new(x));
    }
    let Expr {
        id, pos, end, kind, ..
    } = x;
    Ok(match kind {
        ExprKind::Ident(name) => (Ident { id, pos, name }, None),
        ExprKind::Binary {
            op: BinaryOp::Mul,
            op_pos,
            x,
            y,
        } => {
            let name = x.as_ident().expect("checked by splits");
            let star = Expr {
                id,
                pos: op_pos,
                end,
                kind: ExprKind::Star(y),
            };
            (name, Some(star))
        }
        ExprKind::Binary {
            op, op_pos, x, y, ..
        } => {
            let (name, lhs) = split_type_param(*x, true)?;
            let lhs = lhs.expect("checked by splits");
            let union = Expr {
                id,
                pos: lhs.pos,
                end,
                kind: ExprKind::Binary {
                    op,
                    op_pos,
                    x: Box::new(lhs),
                    y,
                },
            };
            (name, Some(union))
        }
        ExprKind::Call(mut call) => {
            let name = call.fun.as_ident().expect("checked by splits");
            (name, call.args.pop())
        }
        _ => unreachable!("checked by splits"),
    })
}

fn splits(x: &Expr, force: bool) -> bool {
    match &x.kind {
        ExprKind::Ident(_) => true,
        ExprKind::Binary {
            op: BinaryOp::Mul,
            x,
            y,
            ..
        } => x.as_ident().is_some() && (force || is_type_elem(y)),
        ExprKind::Binary {
            op: BinaryOp::Or,
            x,
            y,
            ..
        } => x.as_ident().is_none() && splits(x, force || is_type_elem(y)),
        ExprKind::Call(c) => {
            c.fun.as_ident().is_some()
                && c.args.len() == 1
                && c.ellipsis.is_none()
                && (force || is_type_elem(&c.args[0]))
        }
        _ => false,
    }
}

/// Whether `x` can only be a type element, never a value.
fn is_type_elem(x: &Expr) -> bool {
    match &x.kind {
        ExprKind::ArrayType { .. }
        | ExprKind::SliceType(_)
        | ExprKind::StructType(_)
        | ExprKind::FuncType(_)
        | ExprKind::InterfaceType(_)
        | ExprKind::MapType { .. }
        | ExprKind::ChanType { .. } => true,
        ExprKind::Unary { op, x } => *op == UnaryOp::Tilde || is_type_elem(x),
        ExprKind::Star(x) | ExprKind::Paren(x) => is_type_elem(x),
        ExprKind::Binary { x, y, .. } => is_type_elem(x) || is_type_elem(y),
        _ => false,
    }
}
