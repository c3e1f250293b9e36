//! Types and parameter lists.

use super::{Parser, token_word};
use crate::ast::*;
use crate::pos::Pos;
use crate::token::{BinaryOp, Token, UnaryOp};

/// One parameter as it is read, before it is known whether the list has names. At least one of the two is there.
struct Param {
    name: Option<Ident>,
    ty: Option<Expr>,
}

/// What a parameter list belongs to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum ListKind {
    Params,
    Results,
    Receiver,
    TypeParams,
    /// `[...]` after a name in an interface: type arguments or (wrongly) type parameters.
    MethodBrackets,
}

impl ListKind {
    fn close(self) -> Token {
        match self {
            ListKind::TypeParams | ListKind::MethodBrackets => Token::Rbrack,
            _ => Token::Rparen,
        }
    }
}

impl Parser<'_> {
    pub(super) fn type_(&mut self) -> Expr {
        self.type_or_none().unwrap_or_else(|| {
            use Token::*;
            let bad = self.bad_expr();
            self.syntax_error("expected type");
            self.advance(&[Comma, Colon, Semi, Rparen, Rbrack, Rbrace]);
            bad
        })
    }

    pub(super) fn type_or_none(&mut self) -> Option<Expr> {
        if self.tok() == Token::Name {
            return Some(self.type_name(None));
        }
        let outer = self.enter();
        let ty = self.type_literal();
        self.leave(outer);
        ty
    }

    fn type_literal(&mut self) -> Option<Expr> {
        let pos = self.pos();
        let kind = match self.tok() {
            Token::Star => {
                self.next();
                ExprKind::Star(Box::new(self.type_()))
            }
            Token::Arrow => {
                self.next();
                self.want(Token::Chan);
                ExprKind::ChanType {
                    dir: ChanDir::Recv,
                    elem: Box::new(self.chan_elem()),
                }
            }
            Token::Chan => {
                self.next();
                let dir = if self.got(Token::Arrow) {
                    ChanDir::Send
                } else {
                    ChanDir::Both
                };
                ExprKind::ChanType {
                    dir,
                    elem: Box::new(self.chan_elem()),
                }
            }
            Token::Func => {
                self.next();
                let (_, ty) = self.func_type(pos, Some("function type"));
                ExprKind::FuncType(Box::new(ty))
            }
            Token::Lbrack => {
                self.next();
                return Some(if self.got(Token::Rbrack) {
                    self.slice_type(pos)
                } else {
                    self.array_type(pos, None)
                });
            }
            Token::Map => {
                self.next();
                self.want(Token::Lbrack);
                let key = Box::new(self.type_());
                self.want(Token::Rbrack);
                ExprKind::MapType {
                    key,
                    value: Box::new(self.type_()),
                }
            }
            Token::Struct => self.struct_type(),
            Token::Interface => self.interface_type(),
            Token::Lparen => {
                self.next();
                let ty = Box::new(self.type_());
                self.want(Token::Rparen);
                ExprKind::Paren(ty)
            }
            _ => return None,
        };
        Some(self.expr_node(pos, kind))
    }

    /// `N`, `p.N`, `N[T1, T2]`; the name may have been read.
    fn type_name(&mut self, name: Option<Ident>) -> Expr {
        let name = match name {
            Some(name) => name,
            None if self.tok() == Token::Name => self.name(),
            None => {
                let blank = self.blank();
                self.syntax_error("expected name");
                self.advance(&[Token::Dot, Token::Semi, Token::Rbrace]);
                blank
            }
        };
        let pos = name.pos;
        let mut x = Self::ident_expr(name);
        if self.got(Token::Dot) {
            let sel = self.name();
            x = self.expr_node(
                pos,
                ExprKind::Selector {
                    x: Box::new(x),
                    sel,
                },
            );
        }
        if self.tok() == Token::Lbrack {
            let outer = self.enter();
            let lbrack = self.pos();
            self.next();
            let indices = if self.tok() == Token::Rbrack {
                self.syntax_error("expected type argument list");
                vec![self.bad_expr()]
            } else {
                self.type_list(true).0
            };
            self.want(Token::Rbrack);
            x = self.expr_node(
                pos,
                ExprKind::Index(Box::new(IndexExpr { x, lbrack, indices })),
            );
            self.leave(outer);
        }
        x
    }

    /// `T1, T2, ... [,]`; the first may be any expression unless `strict`. Also whether there was a comma.
    pub(super) fn type_list(&mut self, strict: bool) -> (Vec<Expr>, bool) {
        self.xnest += 1;
        let first = if strict { self.type_() } else { self.expr() };
        let mut list = vec![first];
        let mut comma = false;
        while self.got(Token::Comma) {
            comma = true;
            match self.type_or_none() {
                Some(t) => list.push(t),
                None => break,
            }
        }
        self.xnest -= 1;
        (list, comma)
    }

    /// The rest of `[len]elem`; the `[` at `pos` and perhaps the length have been read.
    pub(super) fn array_type(&mut self, pos: Pos, len: Option<Expr>) -> Expr {
        let mut len = len;
        if len.is_none() && !self.got(Token::DotDotDot) {
            self.xnest += 1;
            len = Some(self.expr());
            self.xnest -= 1;
        }
        if self.tok() == Token::Comma {
            self.syntax_error("unexpected comma; expected ]");
            self.next();
        }
        self.want(Token::Rbrack);
        let elem = Box::new(self.type_());
        let len = len.map(Box::new);
        self.expr_node(pos, ExprKind::ArrayType { len, elem })
    }

    /// The rest of `[]elem`.
    pub(super) fn slice_type(&mut self, pos: Pos) -> Expr {
        let elem = Box::new(self.type_());
        self.expr_node(pos, ExprKind::SliceType(elem))
    }

    fn chan_elem(&mut self) -> Expr {
        self.type_or_none().unwrap_or_else(|| {
            let bad = self.bad_expr();
            self.syntax_error("missing channel element type");
            bad
        })
    }

    fn struct_type(&mut self) -> ExprKind {
        self.next();
        self.want(Token::Lbrace);
        let mut fields = Vec::new();
        let rbrace = self.list("struct type", Token::Semi, Token::Rbrace, &mut |p| {
            p.struct_field(&mut fields);
            false
        });
        ExprKind::StructType(Box::new(StructType { fields, rbrace }))
    }

    fn struct_field(&mut self, fields: &mut Vec<StructField>) {
        let pos = self.pos();
        let (names, ty) = match self.tok() {
            Token::Name => {
                let name = self.name();
                match self.tok() {
                    Token::Dot | Token::Literal | Token::Semi | Token::Rbrace => {
                        (Vec::new(), self.type_name(Some(name)))
                    }
                    Token::Lbrack => {
                        // An embedded instance `T[P]`, or a field of array or slice type.
                        match self.array_or_type_args(name) {
                            (ty, true) => (Vec::new(), ty),
                            (ty, false) => (vec![name], ty),
                        }
                    }
                    _ => (self.name_list(name), self.type_()),
                }
            }
            Token::Star => {
                self.next();
                let paren = self.tok() == Token::Lparen;
                if paren {
                    self.syntax_error("cannot parenthesize embedded type");
                    self.next();
                }
                let base = self.type_name(None);
                if paren {
                    self.got(Token::Rparen);
                }
                (
                    Vec::new(),
                    self.expr_node(pos, ExprKind::Star(Box::new(base))),
                )
            }
            Token::Lparen => {
                self.syntax_error("cannot parenthesize embedded type");
                self.next();
                let star = self.pos();
                let ty = if self.got(Token::Star) {
                    let base = self.type_name(None);
                    self.expr_node(star, ExprKind::Star(Box::new(base)))
                } else {
                    self.type_name(None)
                };
                self.got(Token::Rparen);
                (Vec::new(), ty)
            }
            _ => {
                self.syntax_error("expected field name or embedded type");
                self.advance(&[Token::Semi, Token::Rbrace]);
                return;
            }
        };
        let tag = self.optional_lit();
        fields.push(StructField {
            pos,
            names,
            ty,
            tag,
        });
    }

    /// After `name`, the current token being `[`: the type `[n]E` or `[]E` (then false), or the instance
    /// `name[T1, T2]` (then true).
    fn array_or_type_args(&mut self, name: Ident) -> (Expr, bool) {
        let lbrack = self.pos();
        self.next();
        if self.got(Token::Rbrack) {
            return (self.slice_type(lbrack), false);
        }
        let (mut indices, comma) = self.type_list(false);
        self.want(Token::Rbrack);
        if !comma && let Some(elem) = self.type_or_none() {
            let len = indices.pop().map(Box::new);
            let elem = Box::new(elem);
            return (
                self.expr_node(lbrack, ExprKind::ArrayType { len, elem }),
                false,
            );
        }
        let instance = IndexExpr {
            x: Self::ident_expr(name),
            lbrack,
            indices,
        };
        (
            self.expr_node(name.pos, ExprKind::Index(Box::new(instance))),
            true,
        )
    }

    fn interface_type(&mut self) -> ExprKind {
        self.next();
        self.want(Token::Lbrace);
        let mut elems = Vec::new();
        let rbrace = self.list("interface type", Token::Semi, Token::Rbrace, &mut |p| {
            let elem = p.interface_elem();
            elems.push(elem);
            false
        });
        ExprKind::InterfaceType(Box::new(InterfaceType { elems, rbrace }))
    }

    fn interface_elem(&mut self) -> InterfaceElem {
        if self.tok() != Token::Name {
            return InterfaceElem::Embed(self.embedded_elem(None));
        }
        let name = self.name();
        let ty = match self.tok() {
            Token::Lparen => return self.method(name),
            Token::Lbrack => {
                let lbrack = self.pos();
                self.next();
                if self.tok() == Token::Rbrack {
                    let rbrack = self.pos();
                    self.next();
                    if self.tok() == Token::Lparen {
                        self.error_at(rbrack, "empty type parameter list");
                        return self.method(name);
                    }
                    self.error_at(rbrack, "empty type argument list");
                    Self::ident_expr(name)
                } else {
                    let (list, _) = self.param_list(None, ListKind::MethodBrackets);
                    match list.first() {
                        None if self.tok() == Token::Lparen => return self.method(name),
                        None => Self::ident_expr(name),
                        Some(first) if !first.names.is_empty() => {
                            let method = self.method(name);
                            self.error_at(lbrack, "interface method must have no type parameters");
                            return method;
                        }
                        Some(_) => {
                            let instance = IndexExpr {
                                x: Self::ident_expr(name),
                                lbrack,
                                indices: list.into_iter().map(|f| f.ty).collect(),
                            };
                            self.expr_node(name.pos, ExprKind::Index(Box::new(instance)))
                        }
                    }
                }
            }
            _ => self.type_name(Some(name)),
        };
        InterfaceElem::Embed(self.embedded_elem(Some(ty)))
    }

    fn method(&mut self, name: Ident) -> InterfaceElem {
        let (_, ty) = self.func_type(name.pos, Some("interface method"));
        InterfaceElem::Method(MethodSpec { name, ty })
    }

    /// `T | ~U | ...`; the first term may have been read.
    fn embedded_elem(&mut self, first: Option<Expr>) -> Expr {
        let outer = self.enter();
        let mut x = match first {
            Some(x) => x,
            None => self.embedded_term(),
        };
        while self.is_op(BinaryOp::Or) {
            let op_pos = self.pos();
            self.next();
            let y = self.embedded_term();
            let pos = x.pos;
            x = self.expr_node(
                pos,
                ExprKind::Binary {
                    op: BinaryOp::Or,
                    op_pos,
                    x: Box::new(x),
                    y: Box::new(y),
                },
            );
            self.grow();
        }
        self.leave(outer);
        x
    }

    fn embedded_term(&mut self) -> Expr {
        let pos = self.pos();
        if self.is_tilde() {
            self.next();
            let x = Box::new(self.type_());
            return self.expr_node(
                pos,
                ExprKind::Unary {
                    op: UnaryOp::Tilde,
                    x,
                },
            );
        }
        self.type_or_none().unwrap_or_else(|| {
            use Token::*;
            let bad = self.bad_expr();
            self.syntax_error("expected ~ term or type");
            self.advance(&[Operator, Semi, Rparen, Rbrack, Rbrace]);
            bad
        })
    }

    /// Type parameters, parameters and results. `no_tparams` names what must not have type parameters.
    pub(super) fn func_type(
        &mut self,
        pos: Pos,
        no_tparams: Option<&str>,
    ) -> (Vec<Field>, FuncType) {
        let mut tparams = Vec::new();
        let lbrack = self.pos();
        if self.got(Token::Lbrack) {
            if let Some(what) = no_tparams {
                self.syntax_error_at(lbrack, &format!("{what} must have no type parameters"));
            }
            if self.tok() == Token::Rbrack {
                self.syntax_error("empty type parameter list");
                self.next();
            } else {
                tparams = self.type_params(None);
            }
        }
        self.want(Token::Lparen);
        let (params, _) = self.param_list(None, ListKind::Params);
        let results = if self.got(Token::Lparen) {
            self.param_list(None, ListKind::Results).0
        } else {
            let pos = self.pos();
            let ty = self.type_or_none();
            ty.map(|ty| Field {
                pos,
                names: Vec::new(),
                ty,
            })
            .into_iter()
            .collect()
        };
        let end = self.prev_end();
        (
            tparams,
            FuncType {
                pos,
                params,
                results,
                end,
            },
        )
    }

    /// Type parameters after their `[`; the first name, perhaps with its constraint, may have been read.
    pub(super) fn type_params(&mut self, first: Option<(Ident, Option<Expr>)>) -> Vec<Field> {
        self.param_list(first, ListKind::TypeParams).0
    }

    /// A receiver after its `(`, and how many parameters there were.
    pub(super) fn receiver(&mut self) -> (Option<Field>, usize) {
        let (fields, count) = self.param_list(None, ListKind::Receiver);
        (fields.into_iter().next(), count)
    }

    fn param(&mut self, name: Option<Ident>, kind: ListKind) -> Option<Param> {
        // In brackets a constraint may be a union or a ~term.
        let sets = kind.close() == Token::Rbrack;
        let mut name = name;
        if name.is_none() && sets && self.is_tilde() {
            let ty = Some(self.embedded_elem(None));
            return Some(Param { name: None, ty });
        }
        if name.is_none() && self.tok() == Token::Name {
            name = Some(self.name());
        }
        if let Some(n) = name {
            let unnamed = match self.tok() {
                Token::Lbrack => {
                    let (ty, instance) = self.array_or_type_args(n);
                    if instance {
                        name = None;
                    }
                    Some(ty)
                }
                Token::Dot => {
                    name = None;
                    Some(self.type_name(Some(n)))
                }
                Token::Operator if sets && self.is_op(BinaryOp::Or) => {
                    name = None;
                    Some(Self::ident_expr(n))
                }
                _ => None,
            };
            if let Some(mut ty) = unnamed {
                if sets && self.is_op(BinaryOp::Or) {
                    ty = self.embedded_elem(Some(ty));
                }
                return Some(Param { name, ty: Some(ty) });
            }
        }
        if self.tok() == Token::DotDotDot {
            let pos = self.pos();
            self.next();
            let ty = match self.type_or_none() {
                Some(elem) => self.expr_node(pos, ExprKind::Ellipsis(Box::new(elem))),
                None => {
                    let bad = self.bad_expr();
                    self.syntax_error("... is missing type");
                    bad
                }
            };
            return Some(Param { name, ty: Some(ty) });
        }
        if sets && self.is_tilde() {
            let ty = Some(self.embedded_elem(None));
            return Some(Param { name, ty });
        }
        let mut ty = self.type_or_none();
        if sets && self.is_op(BinaryOp::Or) && ty.is_some() {
            ty = Some(self.embedded_elem(ty));
        }
        if name.is_some() || ty.is_some() {
            return Some(Param { name, ty });
        }
        let close = kind.close();
        self.syntax_error(&format!("expected {}", token_word(close)));
        self.advance(&[Token::Comma, close]);
        None
    }

    /// The fields of a list after its opening bracket, and how many parameters they are.
    fn param_list(
        &mut self,
        first: Option<(Ident, Option<Expr>)>,
        kind: ListKind,
    ) -> (Vec<Field>, usize) {
        let close = kind.close();
        let mut first = first;
        let mut list: Vec<Param> = Vec::new();
        // `list` below would not call for the only element of a list that is complete.
        let complete = matches!(first, Some((_, Some(_)))) && self.tok() == close;
        if complete && let Some((name, Some(ty))) = first.take() {
            self.next();
            let field = Field {
                pos: name.pos,
                names: vec![name],
                ty,
            };
            return (vec![field], 1);
        }
        let end = self.list("parameter list", Token::Comma, close, &mut |p| {
            let param = match first.take() {
                Some((name, Some(ty))) => Some(Param {
                    name: Some(name),
                    ty: Some(ty),
                }),
                Some((name, None)) => p.param(Some(name), kind),
                None => p.param(None, kind),
            };
            list.extend(param);
            false
        });
        self.distribute_types(&mut list, kind, end);
        self.check_ellipses(&mut list, kind);
        let count = list.len();
        (group_fields(list), count)
    }

    /// Decides whether the names are parameters or types, and reports what is missing.
    fn distribute_types(&mut self, list: &mut [Param], kind: ListKind, end: Pos) {
        let require_names = kind == ListKind::TypeParams;
        let named = list
            .iter()
            .filter(|p| p.name.is_some() && p.ty.is_some())
            .count();
        let typed = list.iter().filter(|p| p.ty.is_some()).count();
        if named == 0 && !require_names {
            for p in list {
                if let Some(name) = p.name.take() {
                    p.ty = Some(Self::ident_expr(name));
                }
            }
            return;
        }
        if named == list.len() {
            return;
        }
        let mut error_pos = None;
        let mut type_follows = false;
        for p in list.iter_mut().rev() {
            match (&p.ty, p.name) {
                (Some(ty), None) => {
                    type_follows = true;
                    error_pos = Some(ty.pos);
                    let mut blank = self.blank();
                    blank.pos = ty.pos;
                    p.name = Some(blank);
                }
                (Some(_), Some(_)) => type_follows = true,
                (None, Some(name)) if !type_follows => {
                    error_pos = Some(name.pos);
                    let mut bad = self.bad_expr();
                    (bad.pos, bad.end) = (name.pos, name.pos);
                    p.ty = Some(bad);
                }
                (None, _) => {}
            }
        }
        let Some(pos) = error_pos else { return };
        if named == typed {
            // Those without a type stand at the end of the list.
            self.syntax_error_at(
                end,
                if require_names {
                    "missing type constraint"
                } else {
                    "missing parameter type"
                },
            );
        } else if !require_names {
            self.syntax_error_at(pos, "missing parameter name");
        } else if list.len() == 1 {
            self.syntax_error_at(pos, "missing type parameter name or invalid array length");
        } else {
            self.syntax_error_at(pos, "missing type parameter name");
        }
    }

    /// `...T` may only be the type of a function's last parameter; elsewhere T stands for it.
    fn check_ellipses(&mut self, list: &mut [Param], kind: ListKind) {
        let allowed = kind == ListKind::Params;
        let last = list.len().saturating_sub(1);
        let mut reported = false;
        for (i, p) in list.iter_mut().enumerate() {
            let Some(ty) = &mut p.ty else { continue };
            if allowed && i == last || !matches!(ty.kind, ExprKind::Ellipsis(_)) {
                continue;
            }
            if !std::mem::replace(&mut reported, true) {
                self.error_at(
                    ty.pos,
                    if allowed {
                        "can only use ... with final parameter"
                    } else {
                        "invalid use of ..."
                    },
                );
            }
            if let ExprKind::Ellipsis(elem) = std::mem::replace(&mut ty.kind, ExprKind::Bad) {
                *ty = *elem;
            }
        }
    }
}

/// Gathers names up to the next type into one field. Every name is followed by a type.
fn group_fields(list: Vec<Param>) -> Vec<Field> {
    let mut fields = Vec::new();
    let mut names: Vec<Ident> = Vec::new();
    for p in list {
        names.extend(p.name);
        if let Some(ty) = p.ty {
            fields.push(Field {
                pos: names.first().map_or(ty.pos, |n| n.pos),
                names: std::mem::take(&mut names),
                ty,
            });
        }
    }
    fields
}
