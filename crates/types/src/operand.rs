//! Operands: intermediate results of checking an expression, and how diagnostics describe them.

use crate::builtins::Builtin;
use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::types::{BASIC, Type, TypeId, tid};
use syntax::{Expr, Pos, expr_string};

/// An expression's mode, type and value so far.
#[derive(Clone, Debug)]
pub(crate) struct Operand<'a> {
    pub mode: Mode,
    pub ty: TypeId,
    pub val: Const,
    pub expr: Option<&'a Expr>,
    pub builtin: Option<Builtin>,
}

impl<'a> Operand<'a> {
    pub fn invalid() -> Operand<'a> {
        Operand {
            mode: Mode::None,
            ty: tid::INVALID,
            val: Const::Unknown,
            expr: None,
            builtin: None,
        }
    }

    /// A value of a type at an expression.
    pub fn value(ty: TypeId, expr: Option<&'a Expr>) -> Operand<'a> {
        Operand {
            mode: Mode::Value,
            ty,
            val: Const::Unknown,
            expr,
            builtin: None,
        }
    }

    pub fn set_invalid(&mut self, e: &'a Expr) {
        *self = Operand {
            expr: Some(e),
            ..Operand::invalid()
        };
    }

    pub fn is_invalid(&self) -> bool {
        self.mode == Mode::None
    }

    pub fn is_const(&self) -> bool {
        self.mode == Mode::Const
    }

    pub fn is_nil(&self) -> bool {
        self.mode == Mode::Nil
    }

    /// Where diagnostics about it are reported.
    pub fn pos(&self) -> Pos {
        self.expr.map_or(Pos::NONE, |e| e.pos)
    }
}

impl Checker<'_> {
    /// An expression's text.
    pub fn es(&self, e: &Expr) -> String {
        expr_string(e)
    }

    /// The text of an operand's expression.
    pub fn xs(&self, x: &Operand<'_>) -> String {
        x.expr.map_or(String::new(), expr_string)
    }

    /// What kind of composite type it is; empty for basic types.
    pub fn composite_kind(&mut self, t: TypeId) -> &'static str {
        let u = self.under(t);
        match self.store.get(u) {
            Type::Basic(_) | Type::TypeParam(_) | Type::Named(_) => "",
            Type::Array(..) => "array",
            Type::Slice(_) => "slice",
            Type::Struct(_) => "struct",
            Type::Pointer(_) => "pointer",
            Type::Signature(_) => "func",
            Type::Interface(_) => "interface",
            Type::Map(..) => "map",
            Type::Chan(..) => "chan",
            Type::Tuple(_) => "tuple",
            Type::Union(_) => "union",
        }
    }

    /// An operand as diagnostics describe it: `x (variable of type T)`.
    pub fn os(&mut self, x: &Operand<'_>) -> String {
        if x.mode == Mode::Nil {
            return match x.ty {
                tid::INVALID => "nil (with invalid type)".into(),
                tid::UNTYPED_NIL => "nil".into(),
                t => format!("nil (of type {})", self.ts(t)),
            };
        }
        let expr = match (x.expr, x.mode) {
            (Some(e), _) => expr_string(e),
            (None, Mode::Builtin) => x.builtin.map_or("", |b| b.facts().0).into(),
            (None, Mode::Type) => self.ts(x.ty),
            (None, Mode::Const) => x.val.to_string(),
            _ => String::new(),
        };
        let mut s = String::new();
        if !expr.is_empty() {
            s += &expr;
            s += " (";
        }
        let mut has_type = false;
        if !matches!(
            x.mode,
            Mode::None | Mode::NoValue | Mode::Builtin | Mode::Type
        ) {
            match *self.store.get(x.ty) {
                Type::Basic(k) if k.is_untyped() => {
                    s += BASIC[k as usize].1;
                    s.push(' ');
                }
                _ => has_type = true,
            }
        }
        s += match x.mode {
            Mode::None => "invalid operand",
            Mode::NoValue => "no value",
            Mode::Builtin => "built-in",
            Mode::Type => "type",
            Mode::Const => "constant",
            Mode::Variable => "variable",
            Mode::MapIndex => "map index expression",
            Mode::Value => "value",
            Mode::Nil => "nil",
            Mode::CommaOk => "comma, ok expression",
        };
        if x.mode == Mode::Const {
            let v = self.const_string(&x.val, x.ty);
            if v != expr {
                s.push(' ');
                s += &v;
            }
        }
        if has_type {
            if x.ty == tid::INVALID {
                s += " with invalid type";
            } else {
                let mut desc = String::new();
                let generic = self.is_generic_type(x.ty)
                    || self
                        .store
                        .as_signature(x.ty)
                        .is_some_and(|g| !g.tparams.is_empty());
                if generic {
                    desc += "generic ";
                }
                if self.store.named(x.ty).is_some() {
                    let kind = self.composite_kind(x.ty);
                    if kind.is_empty() {
                        let u = self.under(x.ty);
                        desc += &self.ts(u);
                    } else {
                        desc += kind;
                    }
                    desc.push(' ');
                }
                s += &format!(" of {desc}type {}", self.ts(x.ty));
                if let Some(p) = self.store.type_param(x.ty) {
                    let bound = p.bound;
                    s += &format!(" constrained by {}", self.ts(bound));
                    if self.store.type_set(x.ty).is_empty() {
                        s += " with empty type set";
                    }
                }
            }
        }
        if !expr.is_empty() {
            s.push(')');
        }
        s
    }

    /// A constant's text; floating-point constants of integer value print without a point.
    pub fn const_string(&self, v: &Const, _ty: TypeId) -> String {
        v.to_string()
    }
}
