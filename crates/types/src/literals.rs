//! Function literals and composite literals.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::operand::Operand;
use crate::types::{Field, Type, TypeId, tid};
use rustc_hash::FxHashSet;
use std::sync::Arc;
use syntax::{CompositeLit, Expr, ExprKind, FuncLit, Symbol};

impl<'a> Checker<'a> {
    /// `func(...) {...}`
    pub fn func_lit(&mut self, x: &mut Operand<'a>, e: &'a Expr, f: &'a Arc<FuncLit>) {
        let parent = self.env.func;
        let func = self.new_func(e.id, parent);
        self.info.func_index.insert(e.id, func);
        let outer = self.env.func;
        self.env.func = func;
        self.open_scope();
        let (sig, params) = self.collect_signature(&f.ty);
        let scope = self.env.scope;
        self.close_scope();
        self.env.func = outer;
        let sig = self.store.signature(sig);
        let results: Arc<[_]> = params.results.clone().into();
        let info = &mut self.info.funcs[func as usize];
        info.sig = sig;
        info.params = params.params;
        info.results = params.results;
        let mut env = self.env.clone();
        env.scope = scope;
        env.sig = Some(sig);
        env.results = results;
        env.func = func;
        env.iota = env.iota.clone();
        let body = &f.body;
        if self.env.in_body {
            self.with_env(env, |c| c.func_body(body));
        } else {
            // The literal may use what is still being declared.
            let decl = self.env.decl;
            let inner = env;
            self.later(move |c| {
                let (deps, seen) = (
                    std::mem::take(&mut c.deps),
                    std::mem::take(&mut c.deps_seen),
                );
                let locals = std::mem::take(&mut c.locals);
                let mut env = inner;
                env.in_body = true;
                c.with_env(env, |c| c.func_body(body));
                c.report_unused_locals();
                c.locals = locals;
                let found = std::mem::replace(&mut c.deps, deps);
                c.deps_seen = seen;
                if let Some(d) = decl {
                    c.decls.deps.entry(d).or_default().extend(found);
                }
            });
        }
        x.mode = Mode::Value;
        x.ty = sig;
    }

    /// `T{...}`
    pub fn composite_lit(
        &mut self,
        x: &mut Operand<'a>,
        e: &'a Expr,
        lit: &'a CompositeLit,
        hint: Option<TypeId>,
    ) {
        let (ty, base) = match (&lit.ty, hint) {
            (Some(te), _) => {
                if let ExprKind::ArrayType { len: None, elem } = &te.kind {
                    // [...]T: the elements tell the length.
                    let elem = self.var_type(elem);
                    let n = self.indexed_elems(&lit.elts, elem, -1);
                    let t = self.store.array(n, elem);
                    self.record_type(te.id, Mode::Type, t, Const::Unknown);
                    if elem == tid::INVALID {
                        return;
                    }
                    x.mode = Mode::Value;
                    x.ty = t;
                    return;
                }
                let t = self.typ(te);
                (t, t)
            }
            (None, Some(h)) => {
                // The elided type of an element; &T for a pointer.
                let core = self.store.core_type(h);
                match core.map(|c| self.store.get(c).clone()) {
                    Some(Type::Pointer(p)) => (h, p),
                    _ => (h, h),
                }
            }
            (None, None) => {
                self.error(e.pos, "missing type in composite literal");
                self.use_exprs(&lit.elts);
                return;
            }
        };
        if ty == tid::INVALID || base == tid::INVALID {
            self.use_exprs(&lit.elts);
            return;
        }
        let core = self.store.core_type(base);
        match core.map(|c| self.store.get(c).clone()) {
            Some(Type::Struct(s)) => self.struct_lit(lit, base, core.unwrap_or(base), &s.fields),
            Some(Type::Array(n, elem)) => {
                self.indexed_elems(&lit.elts, elem, n);
            }
            Some(Type::Slice(elem)) => {
                self.indexed_elems(&lit.elts, elem, -1);
            }
            Some(Type::Map(k, v)) => self.map_lit(lit, k, v),
            Some(Type::Basic(crate::types::BasicKind::Invalid)) => {
                self.use_exprs(&lit.elts);
                return;
            }
            other => {
                self.use_exprs(&lit.elts);
                let cause = if other.is_none() || self.store.is_type_param(base) && core.is_none() {
                    " (no common underlying type)"
                } else {
                    ""
                };
                let qualifier = if lit.ty.is_none() { " element" } else { "" };
                let msg = format!(
                    "invalid composite literal{qualifier} type {}{cause}",
                    self.ts(ty)
                );
                self.error(e.pos, msg);
                x.mode = Mode::None;
                return;
            }
        }
        x.mode = Mode::Value;
        x.ty = ty;
    }

    fn struct_lit(&mut self, lit: &'a CompositeLit, base: TypeId, core: TypeId, fields: &[Field]) {
        let Some(first) = lit.elts.first() else {
            return;
        };
        if matches!(first.kind, ExprKind::KeyValue { .. }) {
            let mut seen: Vec<Vec<u32>> = Vec::new();
            for e in &lit.elts {
                let ExprKind::KeyValue { key, value } = &e.kind else {
                    self.error(
                        e.pos,
                        "mixture of field:value and value elements in struct literal",
                    );
                    self.use_expr(e);
                    continue;
                };
                let Some(name) = key.as_ident() else {
                    let msg = format!("invalid field name {} in struct literal", self.es(key));
                    self.error(e.pos, msg);
                    self.use_expr(value);
                    continue;
                };
                let pkg = Some(self.env.pkg);
                let found = self.lookup_member(core, name.name, pkg, false).ok();
                let Some(found) = found.filter(|f| f.member == crate::lookup::Member::Field) else {
                    let msg = self.unknown_field(base, name.name, fields);
                    self.error(key.pos, msg);
                    self.use_expr(value);
                    continue;
                };
                if found.indirect {
                    let msg = format!(
                        "invalid implicit pointer indirection to reach {}",
                        name.name
                    );
                    self.error(key.pos, msg);
                    self.use_expr(value);
                    continue;
                }
                let mut x = Operand::invalid();
                self.lit_elem(&mut x, value, found.ty);
                self.assignment(&mut x, Some(found.ty), "struct literal");
                let field_name = |c: &mut Self, path: &[u32]| {
                    c.field_at(base, path).map_or(name.name, |f| f.name)
                };
                if let Some(other) = seen
                    .iter()
                    .find(|o| o.starts_with(&found.path) || found.path.starts_with(o))
                {
                    let other = other.clone();
                    let msg = if other.len() == found.path.len() {
                        format!("duplicate field name {} in struct literal", name.name)
                    } else if other.len() < found.path.len() {
                        format!(
                            "cannot specify promoted field {} and enclosing embedded field {}",
                            name.name,
                            field_name(self, &other)
                        )
                    } else {
                        format!(
                            "cannot specify embedded field {} and enclosed promoted field {}",
                            name.name,
                            field_name(self, &other)
                        )
                    };
                    self.error(e.pos, msg);
                } else {
                    seen.push(found.path.clone());
                }
                self.info.field_keys.insert(key.id, found.path.into());
            }
            return;
        }
        for (i, e) in lit.elts.iter().enumerate() {
            if let ExprKind::KeyValue { value, .. } = &e.kind {
                self.error(
                    e.pos,
                    "mixture of field:value and value elements in struct literal",
                );
                self.use_expr(value);
                continue;
            }
            let mut x = Operand::invalid();
            let Some(f) = fields.get(i) else {
                self.expr(&mut x, e);
                let msg = format!(
                    "too many values in struct literal of type {}",
                    self.ts(base)
                );
                self.error(e.pos, msg);
                break;
            };
            self.lit_elem(&mut x, e, f.ty);
            if !f.name.is_exported() && f.pkg != Some(self.env.pkg) {
                let msg = format!(
                    "implicit assignment to unexported field {} in struct literal of type {}",
                    f.name,
                    self.ts(base)
                );
                self.error(x.pos(), msg);
                continue;
            }
            self.assignment(&mut x, Some(f.ty), "struct literal");
        }
        if lit.elts.len() < fields.len() {
            let pkg = Some(self.env.pkg);
            let hidden = fields.iter().any(|f| !f.name.is_exported() && f.pkg != pkg);
            let hint = if hidden {
                " (type has unexported fields - use key:value pairs)"
            } else {
                ""
            };
            let msg = format!(
                "too few values in struct literal of type {}{hint}",
                self.ts(base)
            );
            self.error(lit.rbrace, msg);
        }
    }

    /// A value whose composite literals' types must be written out.
    fn lit_elem(&mut self, x: &mut Operand<'a>, e: &'a Expr, t: TypeId) {
        self.expr_with(x, e, Some(t));
    }

    fn unknown_field(&mut self, base: TypeId, name: Symbol, fields: &[Field]) -> String {
        let t = self.ts(base);
        let pkg = Some(self.env.pkg);
        if let Some(f) = fields
            .iter()
            .find(|f| f.name.as_str().eq_ignore_ascii_case(name.as_str()))
        {
            if f.name == name {
                return format!(
                    "cannot refer to unexported field {name} in struct literal of type {t}"
                );
            }
            if f.name.is_exported() || f.pkg == pkg {
                return format!(
                    "unknown field {name} in struct literal of type {t}, but does have {}",
                    f.name
                );
            }
            return format!(
                "unknown field {name} in struct literal of type {t}, but does have unexported {}",
                f.name
            );
        }
        format!("unknown field {name} in struct literal of type {t}")
    }

    /// The field that a path leads to.
    fn field_at(&mut self, base: TypeId, path: &[u32]) -> Option<Field> {
        let mut t = base;
        let mut field = None;
        for &i in path {
            let u = self.under(t);
            let Type::Struct(s) = self.store.get(u).clone() else {
                return None;
            };
            let f = s.fields.get(i as usize)?.clone();
            t = f.ty;
            field = Some(f);
        }
        field
    }

    fn map_lit(&mut self, lit: &'a CompositeLit, k: TypeId, v: TypeId) {
        let interface_key = self.store.is_interface(k) && !self.store.is_type_param(k);
        let mut seen: FxHashSet<(Option<TypeId>, String)> = FxHashSet::default();
        for e in &lit.elts {
            let ExprKind::KeyValue { key, value } = &e.kind else {
                self.error(e.pos, "missing key in map literal");
                self.use_expr(e);
                continue;
            };
            let mut x = Operand::invalid();
            self.elem_with_hint(&mut x, key, k);
            self.assignment(&mut x, Some(k), "map literal");
            if x.is_const() && x.val.is_known() {
                // Keys of different types in an interface map differ.
                let t = interface_key.then(|| self.info.type_of(key.id).ty);
                if !seen.insert((t, key_text(&x.val))) {
                    let msg = format!("duplicate key {} in map literal", x.val);
                    self.error(x.pos(), msg);
                }
            }
            let mut y = Operand::invalid();
            self.elem_with_hint(&mut y, value, v);
            self.assignment(&mut y, Some(v), "map literal");
        }
    }

    fn elem_with_hint(&mut self, x: &mut Operand<'a>, e: &'a Expr, t: TypeId) {
        if matches!(&e.kind, ExprKind::CompositeLit(c) if c.ty.is_none()) {
            self.expr_with_hint(x, e, t);
        } else {
            self.expr_with(x, e, Some(t));
        }
    }

    /// Elements of an array or slice literal; the length that they need.
    fn indexed_elems(&mut self, elts: &'a [Expr], elem: TypeId, length: i64) -> i64 {
        let keyed = elts
            .iter()
            .any(|e| matches!(e.kind, ExprKind::KeyValue { .. }));
        let mut seen: FxHashSet<i64> = FxHashSet::default();
        let (mut index, mut max) = (0i64, 0i64);
        for e in elts {
            let mut value = e;
            let mut valid = false;
            if let ExprKind::KeyValue { key, value: v } = &e.kind {
                value = v;
                let mut k = Operand::invalid();
                self.expr(&mut k, key);
                if k.is_const() || k.is_invalid() {
                    if !k.is_invalid()
                        && self.valid_index(&mut k, "index", false)
                        && let Some(i) = k.val.to_int().as_i64()
                    {
                        if length >= 0 && i >= length {
                            let msg =
                                format!("invalid argument: index {i} out of bounds [0:{length}]");
                            self.error(key.pos, msg);
                        } else {
                            index = i;
                            valid = true;
                        }
                    }
                } else {
                    let msg = format!("index {} must be integer constant", self.es(key));
                    self.error(key.pos, msg);
                }
            } else if length >= 0 && index >= length {
                self.error(
                    e.pos,
                    format!("index {index} is out of bounds (>= {length})"),
                );
            } else {
                valid = true;
            }
            if valid && keyed && !seen.insert(index) {
                self.error(
                    e.pos,
                    format!("duplicate index {index} in array or slice literal"),
                );
            }
            index += 1;
            max = max.max(index);
            let mut x = Operand::invalid();
            self.elem_with_hint(&mut x, value, elem);
            self.assignment(&mut x, Some(elem), "array or slice literal");
        }
        max
    }
}

/// A text that is equal exactly for equal constants of one type.
pub(crate) fn key_text(v: &Const) -> String {
    match v {
        Const::Str(s) => format!(
            "s{}",
            s.iter().map(|b| format!("{b:02x}")).collect::<String>()
        ),
        Const::Bool(b) => format!("b{b}"),
        v => {
            let i = v.to_int();
            if i.is_known() {
                return format!("n{i}");
            }
            match v {
                Const::Complex(c) => format!("c{}:{}", key_text(&c.0), key_text(&c.1)),
                v => format!("f{:x}", v.to_f64().to_bits()),
            }
        }
    }
}
