//! Expressions.

use super::Parser;
use crate::ast::*;
use crate::pos::Pos;
use crate::print::expr_string;
use crate::scanner::Op;
use crate::token::{BinaryOp, Token, UnaryOp};
use std::sync::Arc;

impl Parser<'_> {
    pub(super) fn expr(&mut self) -> Expr {
        self.binary_expr(None, 0)
    }

    pub(super) fn expr_list(&mut self) -> Vec<Expr> {
        let mut list = vec![self.expr()];
        while self.got(Token::Comma) {
            list.push(self.expr());
        }
        list
    }

    /// Operands joined by operators that bind more than `prec`; `x` is the first, if it has been read.
    pub(super) fn binary_expr(&mut self, x: Option<Expr>, prec: u8) -> Expr {
        let outer = self.enter();
        let mut x = match x {
            Some(x) => x,
            None => self.unary_expr(),
        };
        while let Token::Operator | Token::Star = self.tok() {
            let Op::Binary(op) = self.s.op else { break };
            if op.precedence() <= prec {
                break;
            }
            let op_pos = self.pos();
            self.next();
            let y = self.binary_expr(None, op.precedence());
            let pos = x.pos;
            x = self.expr_node(
                pos,
                ExprKind::Binary {
                    op,
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

    fn unary_expr(&mut self) -> Expr {
        let pos = self.pos();
        match self.tok() {
            Token::Operator | Token::Star => {
                let op = match self.s.op {
                    Op::Binary(BinaryOp::Mul) => None,
                    Op::Binary(BinaryOp::Add) => Some(UnaryOp::Plus),
                    Op::Binary(BinaryOp::Sub) => Some(UnaryOp::Neg),
                    Op::Binary(BinaryOp::Xor) => Some(UnaryOp::Xor),
                    Op::Binary(BinaryOp::And) => Some(UnaryOp::Addr),
                    Op::Not => Some(UnaryOp::Not),
                    Op::Tilde => Some(UnaryOp::Tilde),
                    _ => return self.primary_expr(None, true),
                };
                self.next();
                let x = Box::new(self.nested_unary());
                let kind = match op {
                    None => ExprKind::Star(x),
                    Some(op) => ExprKind::Unary { op, x },
                };
                self.expr_node(pos, kind)
            }
            Token::Arrow => {
                self.next();
                let mut x = self.nested_unary();
                if let ExprKind::ChanType { .. } = x.kind {
                    // `<-chan T` was read as `<-` and `chan T`.
                    self.receive_only(&mut x);
                    x.pos = pos;
                    return x;
                }
                self.expr_node(
                    pos,
                    ExprKind::Unary {
                        op: UnaryOp::Recv,
                        x: Box::new(x),
                    },
                )
            }
            _ => self.primary_expr(None, true),
        }
    }

    fn nested_unary(&mut self) -> Expr {
        let outer = self.enter();
        let x = self.unary_expr();
        self.leave(outer);
        x
    }

    /// Gives a leading `<-` to the channel type it stands before: `<-(chan T)` becomes `(<-chan T)`, and
    /// `<-(chan<- T)` becomes `<-chan (<-T)`, where T must be a channel type in turn.
    fn receive_only(&mut self, x: &mut Expr) {
        let mut t = x;
        loop {
            if !matches!(t.kind, ExprKind::ChanType { .. }) {
                let found = expr_string(t);
                self.syntax_error(&format!("unexpected {found}, expected chan"));
            }
            let ExprKind::ChanType { dir, elem } = &mut t.kind else {
                return;
            };
            let was = std::mem::replace(dir, ChanDir::Recv);
            match was {
                ChanDir::Both => return,
                ChanDir::Recv => {
                    self.syntax_error("unexpected <-, expected chan");
                    return;
                }
                ChanDir::Send => t = elem,
            }
        }
    }

    fn operand(&mut self) -> Expr {
        match self.tok() {
            Token::Name => {
                let name = self.name();
                Self::ident_expr(name)
            }
            Token::Literal => self.basic_lit(),
            Token::Lparen => {
                let pos = self.pos();
                self.next();
                self.xnest += 1;
                let x = self.expr();
                self.xnest -= 1;
                self.want(Token::Rparen);
                self.expr_node(pos, ExprKind::Paren(Box::new(x)))
            }
            Token::Func => self.func_lit_or_type(),
            Token::Lbrack | Token::Chan | Token::Map | Token::Struct | Token::Interface => {
                self.type_()
            }
            _ => {
                let bad = self.bad_expr();
                self.syntax_error("expected expression");
                self.advance(&[Token::Rparen, Token::Rbrack, Token::Rbrace]);
                bad
            }
        }
    }

    /// The current literal token.
    pub(super) fn basic_lit(&mut self) -> Expr {
        let pos = self.pos();
        let lit = BasicLit {
            kind: self.s.kind,
            text: self.token_text().into(),
        };
        self.next();
        self.expr_node(pos, ExprKind::BasicLit(lit))
    }

    pub(super) fn optional_lit(&mut self) -> Option<Expr> {
        (self.tok() == Token::Literal).then(|| self.basic_lit())
    }

    fn func_lit_or_type(&mut self) -> Expr {
        let pos = self.pos();
        self.next();
        let (_, ty) = self.func_type(pos, Some("function type"));
        if self.tok() != Token::Lbrace {
            return self.expr_node(pos, ExprKind::FuncType(Box::new(ty)));
        }
        self.xnest += 1;
        let body = self.func_body();
        self.xnest -= 1;
        self.expr_node(pos, ExprKind::FuncLit(Arc::new(FuncLit { ty, body })))
    }

    /// An operand and what follows it: selectors, indices, arguments, composite literals. `x` is the operand,
    /// if it has been read. Parentheses around the whole are kept in any case; `_callee` documents a `go` or
    /// `defer` operand.
    pub(super) fn primary_expr(&mut self, x: Option<Expr>, _callee: bool) -> Expr {
        let outer = self.enter();
        let mut x = match x {
            Some(x) => x,
            None => self.operand(),
        };
        loop {
            x = match self.tok() {
                Token::Dot => self.selector_or_assertion(x),
                Token::Lbrack => self.index_or_slice(x),
                Token::Lparen => self.call(x),
                Token::Lbrace if self.is_literal_type(&x) => {
                    if let ExprKind::Paren(_) = x.kind {
                        self.syntax_error("cannot parenthesize type in composite literal");
                    }
                    self.composite_lit(Some(x))
                }
                _ => break,
            };
            self.grow();
        }
        self.leave(outer);
        x
    }

    fn selector_or_assertion(&mut self, x: Expr) -> Expr {
        self.next();
        let pos = x.pos;
        match self.tok() {
            Token::Name => {
                let sel = self.name();
                self.expr_node(
                    pos,
                    ExprKind::Selector {
                        x: Box::new(x),
                        sel,
                    },
                )
            }
            Token::Lparen => {
                self.next();
                let ty = if self.tok() == Token::Type {
                    let guard = self.bad_expr();
                    self.guards.push((guard.id, pos));
                    self.next();
                    guard
                } else {
                    self.type_()
                };
                self.want(Token::Rparen);
                self.expr_node(
                    pos,
                    ExprKind::TypeAssert {
                        x: Box::new(x),
                        ty: Box::new(ty),
                    },
                )
            }
            _ => {
                self.syntax_error("expected name or (");
                self.advance(&[Token::Semi, Token::Rparen]);
                x
            }
        }
    }

    fn index_or_slice(&mut self, x: Expr) -> Expr {
        let pos = x.pos;
        let lbrack = self.pos();
        self.next();
        let mut lo = None;
        if self.tok() != Token::Colon {
            let (mut indices, comma) = if self.tok() == Token::Rbrack {
                self.syntax_error("expected operand");
                (vec![self.bad_expr()], false)
            } else {
                self.type_list(false)
            };
            if comma || self.tok() == Token::Rbrack {
                self.want(Token::Rbrack);
                return self.expr_node(
                    pos,
                    ExprKind::Index(Box::new(IndexExpr { x, lbrack, indices })),
                );
            }
            lo = indices.pop();
        }
        if !self.got(Token::Colon) {
            self.syntax_error("expected comma, : or ]");
            self.advance(&[Token::Comma, Token::Colon, Token::Rbrack]);
        }
        self.xnest += 1;
        let mut slice = SliceExpr {
            x,
            lbrack,
            lo,
            hi: None,
            max: None,
            three: false,
        };
        if !matches!(self.tok(), Token::Colon | Token::Rbrack) {
            slice.hi = Some(self.expr());
        }
        if self.tok() == Token::Colon {
            slice.three = true;
            if slice.hi.is_none() {
                self.error("middle index required in 3-index slice");
                slice.hi = Some(self.bad_expr());
            }
            self.next();
            if self.tok() == Token::Rbrack {
                self.error("final index required in 3-index slice");
                slice.max = Some(self.bad_expr());
            } else {
                slice.max = Some(self.expr());
            }
        }
        self.xnest -= 1;
        self.want(Token::Rbrack);
        self.expr_node(pos, ExprKind::Slice(Box::new(slice)))
    }

    fn call(&mut self, fun: Expr) -> Expr {
        let pos = fun.pos;
        let lparen = self.pos();
        self.next();
        let mut args = Vec::new();
        let mut ellipsis: Option<Pos> = None;
        self.xnest += 1;
        let rparen = self.list("argument list", Token::Comma, Token::Rparen, &mut |p| {
            args.push(p.expr());
            ellipsis = (p.tok() == Token::DotDotDot).then(|| p.pos());
            p.got(Token::DotDotDot)
        });
        self.xnest -= 1;
        self.expr_node(
            pos,
            ExprKind::Call(Box::new(CallExpr {
                fun,
                lparen,
                args,
                ellipsis,
                rparen,
            })),
        )
    }

    /// Whether a `{` after `x` begins the elements of a composite literal.
    fn is_literal_type(&self, x: &Expr) -> bool {
        let t = x.unparen();
        match &t.kind {
            ExprKind::Ident(_) | ExprKind::Selector { .. } => self.xnest >= 0,
            ExprKind::Index(_) => self.xnest >= 0 && !is_value(t),
            ExprKind::ArrayType { .. }
            | ExprKind::SliceType(_)
            | ExprKind::StructType(_)
            | ExprKind::MapType { .. } => true,
            _ => false,
        }
    }

    fn composite_lit(&mut self, ty: Option<Expr>) -> Expr {
        let lbrace = self.pos();
        let pos = ty.as_ref().map_or(lbrace, |t| t.pos);
        let mut elts = Vec::new();
        self.xnest += 1;
        self.want(Token::Lbrace);
        let rbrace = self.list("composite literal", Token::Comma, Token::Rbrace, &mut |p| {
            let mut e = p.element();
            if p.got(Token::Colon) {
                let value = p.element();
                let pos = e.pos;
                e = p.expr_node(
                    pos,
                    ExprKind::KeyValue {
                        key: Box::new(e),
                        value: Box::new(value),
                    },
                );
            }
            elts.push(e);
            false
        });
        self.xnest -= 1;
        self.expr_node(
            pos,
            ExprKind::CompositeLit(Box::new(CompositeLit {
                ty,
                lbrace,
                elts,
                rbrace,
            })),
        )
    }

    /// An element or key of a composite literal: an expression, or a literal without its type.
    fn element(&mut self) -> Expr {
        if self.tok() == Token::Lbrace {
            let outer = self.enter();
            let x = self.composite_lit(None);
            self.leave(outer);
            x
        } else {
            self.expr()
        }
    }

    /// Whether `x` is `y.(type)`, not yet claimed by a switch. Claims it.
    pub(super) fn claim_guard(&mut self, x: &Expr) -> bool {
        let ExprKind::TypeAssert { ty, .. } = &x.kind else {
            return false;
        };
        if !matches!(ty.kind, ExprKind::Bad) {
            return false;
        }
        match self.guards.iter().rposition(|(id, _)| *id == ty.id) {
            Some(i) => {
                self.guards.remove(i);
                true
            }
            None => false,
        }
    }
}

/// Whether `x` is certainly a value and no type.
fn is_value(x: &Expr) -> bool {
    match &x.kind {
        ExprKind::BasicLit(_)
        | ExprKind::CompositeLit(_)
        | ExprKind::FuncLit(_)
        | ExprKind::Slice(_)
        | ExprKind::TypeAssert { .. }
        | ExprKind::Call(_)
        | ExprKind::Unary { .. }
        | ExprKind::Binary { .. } => true,
        ExprKind::Paren(x) => is_value(x),
        ExprKind::Index(x) => is_value(&x.x) || x.indices.iter().any(is_value),
        _ => false,
    }
}
