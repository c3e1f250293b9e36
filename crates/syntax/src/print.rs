//! Expressions as text, the way diagnostics quote them: bodies and elements are shortened to `…`.

use crate::ast::*;
use std::fmt::Write;

/// The expression in Go syntax, shortened.
pub fn expr_string(x: &Expr) -> String {
    let mut out = String::new();
    expr(&mut out, x);
    out
}

/// As [`expr_string`], with parentheses around a binary expression.
pub(crate) fn expr_string_emphasized(x: &Expr) -> String {
    let s = expr_string(x);
    match x.kind {
        ExprKind::Binary { .. } => format!("({s})"),
        _ => s,
    }
}

fn list(out: &mut String, xs: &[Expr]) {
    for (i, x) in xs.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        expr(out, x);
    }
}

fn shortened(out: &mut String, empty: bool) {
    out.push_str(if empty { "{}" } else { "{…}" });
}

fn expr(out: &mut String, x: &Expr) {
    match &x.kind {
        ExprKind::Bad => out.push_str("<bad expr>"),
        ExprKind::Ident(name) => out.push_str(name.as_str()),
        ExprKind::BasicLit(lit) => out.push_str(&lit.text),
        ExprKind::CompositeLit(c) => {
            if let Some(ty) = &c.ty {
                expr(out, ty);
            }
            shortened(out, c.elts.is_empty());
        }
        ExprKind::FuncLit(f) => {
            out.push_str("func");
            signature(out, &f.ty);
            out.push(' ');
            shortened(out, f.body.stmts.is_empty());
        }
        ExprKind::Paren(x) => {
            out.push('(');
            expr(out, x);
            out.push(')');
        }
        ExprKind::Selector { x, sel } => {
            expr(out, x);
            let _ = write!(out, ".{}", sel.name);
        }
        ExprKind::Index(i) => {
            expr(out, &i.x);
            out.push('[');
            list(out, &i.indices);
            out.push(']');
        }
        ExprKind::Slice(s) => {
            expr(out, &s.x);
            out.push('[');
            if let Some(lo) = &s.lo {
                expr(out, lo);
            }
            out.push(':');
            if let Some(hi) = &s.hi {
                expr(out, hi);
            }
            if s.three {
                out.push(':');
                if let Some(max) = &s.max {
                    expr(out, max);
                }
            }
            out.push(']');
        }
        ExprKind::TypeAssert { x, ty } => {
            expr(out, x);
            out.push_str(".(");
            match ty.kind {
                ExprKind::Bad => out.push_str("type"),
                _ => expr(out, ty),
            }
            out.push(')');
        }
        ExprKind::Call(c) => {
            expr(out, &c.fun);
            out.push('(');
            list(out, &c.args);
            if c.ellipsis.is_some() {
                out.push_str("...");
            }
            out.push(')');
        }
        ExprKind::Star(x) => {
            out.push('*');
            expr(out, x);
        }
        ExprKind::Unary { op, x } => {
            out.push_str(op.text());
            expr(out, x);
        }
        ExprKind::Binary { op, x, y, .. } => {
            expr(out, x);
            let _ = write!(out, " {op} ");
            expr(out, y);
        }
        ExprKind::KeyValue { key, value } => {
            expr(out, key);
            out.push_str(": ");
            expr(out, value);
        }
        ExprKind::ArrayType { len, elem } => {
            out.push('[');
            match len {
                Some(len) => expr(out, len),
                None => out.push_str("..."),
            }
            out.push(']');
            expr(out, elem);
        }
        ExprKind::SliceType(elem) => {
            out.push_str("[]");
            expr(out, elem);
        }
        ExprKind::StructType(s) => {
            out.push_str("struct");
            shortened(out, s.fields.is_empty());
        }
        ExprKind::FuncType(ty) => {
            out.push_str("func");
            signature(out, ty);
        }
        ExprKind::InterfaceType(i) => {
            out.push_str("interface");
            shortened(out, i.elems.is_empty());
        }
        ExprKind::MapType { key, value } => {
            out.push_str("map[");
            expr(out, key);
            out.push(']');
            expr(out, value);
        }
        ExprKind::ChanType { dir, elem } => {
            out.push_str(match dir {
                ChanDir::Both => "chan ",
                ChanDir::Send => "chan<- ",
                ChanDir::Recv => "<-chan ",
            });
            let ambiguous = *dir == ChanDir::Both
                && matches!(
                    elem.kind,
                    ExprKind::ChanType {
                        dir: ChanDir::Recv,
                        ..
                    }
                );
            if ambiguous {
                out.push('(');
            }
            expr(out, elem);
            if ambiguous {
                out.push(')');
            }
        }
        ExprKind::Ellipsis(elem) => {
            out.push_str("...");
            expr(out, elem);
        }
    }
}

fn fields(out: &mut String, fields: &[Field]) {
    out.push('(');
    for (i, f) in fields.iter().enumerate() {
        if i > 0 {
            out.push_str(", ");
        }
        for (j, name) in f.names.iter().enumerate() {
            if j > 0 {
                out.push_str(", ");
            }
            out.push_str(name.name.as_str());
        }
        if !f.names.is_empty() {
            out.push(' ');
        }
        expr(out, &f.ty);
    }
    out.push(')');
}

fn signature(out: &mut String, ty: &FuncType) {
    fields(out, &ty.params);
    match &ty.results[..] {
        [] => {}
        [only] if only.names.is_empty() => {
            out.push(' ');
            expr(out, &only.ty);
        }
        results => {
            out.push(' ');
            fields(out, results);
        }
    }
}
