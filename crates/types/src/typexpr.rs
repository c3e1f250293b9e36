//! Type expressions.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::objects::{ObjId, ObjKind, VarKind};
use crate::operand::Operand;
use crate::types::{Field, InterfaceType, Method, StructType, Term, Type, TypeId, tid};
use std::sync::Arc;
use syntax::{
    BinaryOp, Expr, ExprKind, Ident, InterfaceElem, Pos, StructType as StructExpr, Symbol, UnaryOp,
    sym,
};

/// How deeply types may be nested in source.
const MAX_TERMS: usize = 100;

impl<'a> Checker<'a> {
    /// The identifier `e`, as any kind of operand.
    pub fn ident(&mut self, x: &mut Operand<'a>, e: &'a Expr, name: Symbol, want_type: bool) {
        x.set_invalid(e);
        // The expression of a constant that repeats the one above it stands where the constant does.
        let Some(obj) = self.lookup(name, self.env.errpos.unwrap_or(e.pos)) else {
            if name.is_blank() {
                self.error(e.pos, "cannot use _ as value or type");
            } else {
                self.error(e.pos, format!("undefined: {name}"));
            }
            return;
        };
        self.record_object(e.id, obj);
        if let Some(&import) = self.decls.dot_imported.get(&(self.env.file, name))
            && self.files[self.env.file.0 as usize].scope.get(&name) == Some(&obj)
        {
            self.objs[import.0 as usize].used = true;
        }
        // A variable is used by its mention in an expression; a type by resolving it.
        self.resolve_obj(obj);
        let o = self.obj(obj);
        let ty = o.ty;
        if want_type && !matches!(o.kind, ObjKind::TypeName { .. } | ObjKind::PkgName(_)) {
            let kind = self.object_kind(obj);
            self.error(e.pos, format!("{name} ({kind}) is not a type"));
            if let ObjKind::Var(_) = self.obj(obj).kind {
                self.objs[obj.0 as usize].used = true;
            }
            return;
        }
        match o.kind.clone() {
            ObjKind::PkgName(_) => {
                self.error(e.pos, format!("use of package {name} not in selector"));
                return;
            }
            ObjKind::Const(value) => {
                self.depend_global(obj);
                if ty == tid::INVALID {
                    return;
                }
                if name == sym::IOTA && self.obj(obj).pkg.is_none() {
                    let Some(i) = self.env.iota.clone() else {
                        self.error(e.pos, "cannot use iota outside constant declaration");
                        return;
                    };
                    x.val = i;
                } else {
                    x.val = value;
                }
                x.mode = Mode::Const;
                if !x.val.is_known() {
                    x.mode = Mode::None;
                }
            }
            ObjKind::TypeName { .. } => {
                if ty == tid::INVALID {
                    return;
                }
                x.mode = Mode::Type;
            }
            ObjKind::Var(v) => {
                self.objs[obj.0 as usize].used = true;
                if v.kind == VarKind::Package {
                    self.depend_global(obj);
                } else {
                    self.use_local(obj);
                }
                if ty == tid::INVALID {
                    return;
                }
                x.mode = Mode::Variable;
            }
            ObjKind::Func(_) => {
                self.depend_global(obj);
                x.mode = Mode::Value;
            }
            ObjKind::Builtin(b) => {
                x.builtin = Some(b);
                x.mode = Mode::Builtin;
            }
            ObjKind::Nil => x.mode = Mode::Nil,
            ObjKind::Label => return,
        }
        x.ty = ty;
    }

    /// A package-level object of this package is used.
    pub fn depend_global(&mut self, obj: ObjId) {
        if self.obj(obj).pkg == Some(self.env.pkg) && self.env.decl.is_some() {
            self.depend(obj);
        }
    }

    /// What kind of object it is, in a diagnostic's words.
    pub fn object_kind(&self, obj: ObjId) -> &'static str {
        match &self.obj(obj).kind {
            ObjKind::PkgName(_) => "package name",
            ObjKind::Const(_) => "constant",
            ObjKind::TypeName { .. } if self.store.is_type_param(self.ty(obj)) => "type parameter",
            ObjKind::TypeName { alias: true } => "type alias",
            ObjKind::TypeName { .. } => "defined type",
            ObjKind::Var(v) => match v.kind {
                VarKind::Package => "package-level variable",
                VarKind::Local => "local variable",
                VarKind::Recv => "receiver",
                VarKind::Param => "parameter",
                VarKind::Result => "result variable",
            },
            ObjKind::Func(f) if f.decl().recv.is_some() => "method",
            ObjKind::Func(_) => "function",
            ObjKind::Label => "label",
            ObjKind::Builtin(_) => "built-in function",
            ObjKind::Nil => "untyped nil",
        }
    }

    /// A type that is not generic.
    pub fn typ(&mut self, e: &'a Expr) -> TypeId {
        let t = self.any_type(e);
        if self.check_not_generic(e, t) {
            t
        } else {
            tid::INVALID
        }
    }

    fn check_not_generic(&mut self, e: &'a Expr, t: TypeId) -> bool {
        if self.is_generic_type(t) {
            let msg = format!(
                "cannot use generic type {} without instantiation",
                self.ts(t)
            );
            self.error(e.pos, msg);
            return false;
        }
        if let Some(alias) = self.generic_alias(e) {
            let msg = format!(
                "cannot use generic type {} without instantiation",
                self.alias_string(alias)
            );
            self.error(e.pos, msg);
            return false;
        }
        true
    }

    fn alias_string(&self, alias: ObjId) -> String {
        let mut s = self.obj(alias).name.as_str().to_string();
        if let Some(ps) = self.decls.alias_tparams.get(&alias) {
            let list: Vec<String> = ps
                .iter()
                .map(|&p| {
                    let bound = self.store.type_param(p).map_or(tid::ANY, |p| p.bound);
                    format!("{} {}", self.ts(p), self.ts(bound))
                })
                .collect();
            s += &format!("[{}]", list.join(", "));
        }
        s
    }

    /// Whether a type is generic and not instantiated.
    pub fn is_generic_type(&self, t: TypeId) -> bool {
        self.store
            .named(t)
            .is_some_and(|n| n.targs.is_empty() && n.tparams.len() > n.implicit as usize)
    }

    fn generic_alias(&self, e: &Expr) -> Option<ObjId> {
        let id = match &e.unparen().kind {
            ExprKind::Ident(_) => e.unparen().id,
            ExprKind::Selector { sel, .. } => sel.id,
            _ => return None,
        };
        self.info
            .object(id)
            .filter(|o| self.decls.alias_tparams.contains_key(o))
    }

    /// A type that a variable can have: no constraint interface.
    pub fn var_type(&mut self, e: &'a Expr) -> TypeId {
        let t = self.typ(e);
        self.later(move |c| c.check_not_constraint(e, t));
        t
    }

    fn check_not_constraint(&mut self, e: &'a Expr, t: TypeId) {
        if !self.store.is_interface(t) {
            return;
        }
        let set = self.store.type_set(t);
        if set.is_constraint_only() {
            let why = if set.comparable && set.terms.is_none() {
                "interface is (or embeds) comparable"
            } else {
                "interface contains type constraints"
            };
            let msg = format!(
                "cannot use type {} outside a type constraint: {why}",
                self.ts(t)
            );
            self.error(e.pos, msg);
        }
    }

    /// The right side of an alias declaration.
    pub fn generic_or_plain_type(&mut self, e: &'a Expr) -> TypeId {
        self.typ(e)
    }

    /// The right side of a type declaration.
    pub fn defined_type(&mut self, e: &'a Expr) -> TypeId {
        self.typ(e)
    }

    /// Any type, generic ones included.
    pub fn any_type(&mut self, e: &'a Expr) -> TypeId {
        self.nesting += 1;
        let t = self.type_internal(e);
        self.nesting -= 1;
        self.record_type(e.id, Mode::Type, t, Const::Unknown);
        t
    }

    fn operand_type(&mut self, x: &mut Operand<'a>, e: &'a Expr) -> TypeId {
        match x.mode {
            Mode::Type => x.ty,
            Mode::None => tid::INVALID,
            Mode::NoValue => {
                let msg = format!("{} used as type", self.os(x));
                self.error(e.pos, msg);
                tid::INVALID
            }
            _ => {
                let msg = format!("{} is not a type", self.os(x));
                self.error(e.pos, msg);
                tid::INVALID
            }
        }
    }

    fn type_internal(&mut self, e: &'a Expr) -> TypeId {
        match &e.kind {
            ExprKind::Bad => tid::INVALID,
            ExprKind::Ident(name) => {
                let mut x = Operand::invalid();
                self.ident(&mut x, e, *name, true);
                self.operand_type(&mut x, e)
            }
            ExprKind::Selector { .. } => {
                let mut x = Operand::invalid();
                self.selector(&mut x, e, true);
                self.operand_type(&mut x, e)
            }
            ExprKind::Index(ix) => self.instantiated_type(e, &ix.x, &ix.indices),
            ExprKind::Paren(x) => self.any_type(x),
            ExprKind::ArrayType { len, elem } => {
                let Some(len) = len else {
                    self.error(
                        e.pos,
                        "invalid use of [...] array (outside a composite literal)",
                    );
                    self.var_type(elem);
                    return tid::INVALID;
                };
                let n = self.array_length(len);
                let elem = self.var_type(elem);
                if n < 0 {
                    return tid::INVALID;
                }
                self.store.array(n, elem)
            }
            ExprKind::SliceType(x) => {
                let t = self.var_type(x);
                self.store.slice(t)
            }
            ExprKind::Ellipsis(x) => {
                self.error(e.pos, "invalid use of ...");
                self.var_type(x);
                tid::INVALID
            }
            ExprKind::StructType(s) => self.struct_type(s),
            ExprKind::Star(x) => {
                let t = self.var_type(x);
                if t == tid::INVALID {
                    return t;
                }
                self.store.pointer(t)
            }
            ExprKind::FuncType(f) => {
                self.open_scope();
                let (sig, _) = self.collect_signature(f);
                self.close_scope();
                self.store.signature(sig)
            }
            ExprKind::InterfaceType(i) => self.interface_type(&i.elems),
            ExprKind::MapType { key, value } => {
                let k = self.var_type(key);
                let v = self.var_type(value);
                let key: &'a Expr = key;
                self.later(move |c| c.check_map_key(key, k));
                self.store.map(k, v)
            }
            ExprKind::ChanType { dir, elem } => {
                let t = self.var_type(elem);
                self.store.chan(*dir, t)
            }
            _ => {
                let msg = format!("{} is not a type", self.es(e));
                self.error(e.pos, msg);
                // Its names count as used.
                let mut x = Operand::invalid();
                let from = self.errors.len();
                self.raw_expr(&mut x, e, None, true);
                self.errors.truncate(from);
                tid::INVALID
            }
        }
    }

    fn check_map_key(&mut self, key: &'a Expr, k: TypeId) {
        if k == tid::INVALID || self.store.is_comparable(k) {
            return;
        }
        let why = if self.store.is_type_param(k) {
            " (missing comparable constraint)"
        } else {
            ""
        };
        let msg = format!("invalid map key type {}{why}", self.ts(k));
        self.error(key.pos, msg);
    }

    /// The length of an array type; -1 after an error.
    pub fn array_length(&mut self, e: &'a Expr) -> i64 {
        if let ExprKind::Ident(name) = e.kind {
            match self.lookup(name, e.pos) {
                None => {
                    self.error(
                        e.pos,
                        format!("undefined array length {name} or missing type constraint"),
                    );
                    return -1;
                }
                Some(o) if !matches!(self.obj(o).kind, ObjKind::Const(_)) => {
                    self.objs[o.0 as usize].used = true;
                    self.error(e.pos, format!("invalid array length {name}"));
                    return -1;
                }
                _ => {}
            }
        }
        let mut x = Operand::invalid();
        self.expr(&mut x, e);
        if x.is_invalid() {
            return -1;
        }
        if !x.is_const() {
            let msg = format!("array length {} must be constant", self.os(&x));
            self.error(x.pos(), msg);
            return -1;
        }
        if self.store.is_untyped(x.ty) || self.store.is_basic(x.ty, |k| k.is_integer()) {
            let v = x.val.to_int();
            if v.is_known() {
                match v.as_i64() {
                    Some(n) if n >= 0 => {
                        self.convert_recorded_untyped(e, tid::INT, v.clone());
                        return n;
                    }
                    _ => {
                        let msg = format!("invalid array length {}", self.os(&x));
                        self.error(x.pos(), msg);
                        return -1;
                    }
                }
            }
        }
        let is_int = self.store.is_basic(x.ty, |k| k.is_integer());
        let msg = if is_int {
            format!("invalid array length {}", self.os(&x))
        } else {
            format!("array length {} must be integer", self.os(&x))
        };
        self.error(x.pos(), msg);
        -1
    }

    // Structs

    fn struct_type(&mut self, s: &'a StructExpr) -> TypeId {
        let pkg = Some(self.env.pkg);
        let mut fields: Vec<Field> = Vec::with_capacity(s.fields.len());
        for f in &s.fields {
            let tag: Option<Arc<str>> = f.tag.as_ref().and_then(|t| match &t.kind {
                ExprKind::BasicLit(l) => {
                    let bytes = syntax::literal::unquote_string(&l.text);
                    (!bytes.is_empty()).then(|| String::from_utf8_lossy(&bytes).into_owned().into())
                }
                _ => None,
            });
            if f.is_embedded() {
                let t = self.typ(&f.ty);
                let Some(name) = embedded_name(&f.ty) else {
                    continue;
                };
                let field = Field {
                    name: name.name,
                    ty: t,
                    embedded: true,
                    tag,
                    pkg,
                    pos: name.pos,
                };
                self.add_field(&mut fields, field);
                let e = &f.ty;
                self.later(move |c| c.check_embedded(e, t));
                continue;
            }
            let t = self.var_type(&f.ty);
            for name in &f.names {
                let field = Field {
                    name: name.name,
                    ty: t,
                    embedded: false,
                    tag: tag.clone(),
                    pkg,
                    pos: name.pos,
                };
                self.add_field(&mut fields, field);
            }
        }
        self.store
            .intern(Type::Struct(Arc::new(StructType { fields })))
    }

    fn add_field(&mut self, fields: &mut Vec<Field>, f: Field) {
        if !f.name.is_blank() {
            // Large generated structs would make a linear search slow, so it is done from the end only for small ones.
            if let Some(other) = fields.iter().find(|o| o.name == f.name) {
                let at = self.pos_string(other.pos);
                let n = f.name;
                self.error(
                    f.pos,
                    format!("{n} redeclared\n\t{at}: other declaration of {n}"),
                );
            }
        }
        fields.push(f);
    }

    fn check_embedded(&mut self, e: &'a Expr, t: TypeId) {
        let (base, pointer) = match *self.store.get(t) {
            Type::Pointer(b) => (b, true),
            _ => (t, false),
        };
        let pos = e.pos;
        if self.store.is_type_param(base) {
            self.error(
                pos,
                "embedded field type cannot be a (pointer to a) type parameter",
            );
            return;
        }
        let u = self.under(base);
        match *self.store.get(u) {
            Type::Basic(crate::types::BasicKind::UnsafePointer) => {
                self.error(pos, "embedded field type cannot be unsafe.Pointer");
            }
            Type::Pointer(_) => self.error(pos, "embedded field type cannot be a pointer"),
            Type::Interface(_) => {
                if pointer {
                    self.error(
                        pos,
                        "embedded field type cannot be a pointer to an interface",
                    );
                } else {
                    self.check_not_constraint(e, base);
                }
            }
            _ => {}
        }
    }

    // Interfaces

    fn interface_type(&mut self, elems: &'a [InterfaceElem]) -> TypeId {
        let pkg = Some(self.env.pkg);
        let mut i = InterfaceType::default();
        let mut embed_pos = Vec::new();
        for elem in elems {
            match elem {
                InterfaceElem::Method(m) => {
                    if m.name.name.is_blank() {
                        self.error(m.name.pos, "methods must have a unique non-blank name");
                        continue;
                    }
                    self.open_scope();
                    let (sig, _) = self.collect_signature(&m.ty);
                    self.close_scope();
                    let ty = self.store.signature(sig);
                    if let Some(o) = i.methods.iter().find(|o| o.name == m.name.name) {
                        let at = self.pos_string(o.pos);
                        let n = m.name.name;
                        self.error(
                            m.name.pos,
                            format!(
                                "duplicate method {n}\n\t{at}: other declaration of method {n}"
                            ),
                        );
                        continue;
                    }
                    i.methods.push(Method {
                        name: m.name.name,
                        pkg,
                        ty,
                        pos: m.name.pos,
                    });
                }
                InterfaceElem::Embed(e) => {
                    let t = self.union_or_type(e);
                    if t != tid::INVALID {
                        i.embeds.push(t);
                        embed_pos.push(e.pos);
                    }
                }
            }
        }
        let embeds = i.embeds.clone();
        let methods = i.methods.clone();
        let t = self.store.intern(Type::Interface(Arc::new(i)));
        if !embeds.is_empty() {
            self.later(move |c| c.check_interface(&methods, &embeds, &embed_pos));
        }
        t
    }

    /// Methods of one name from two embedded interfaces must agree.
    fn check_interface(&mut self, own: &[Method], embeds: &[TypeId], at: &[Pos]) {
        let mut all: Vec<(Method, Pos)> = own.iter().map(|m| (*m, m.pos)).collect();
        for (&e, &pos) in embeds.iter().zip(at) {
            let u = self.under(e);
            if !matches!(self.store.get(u), Type::Interface(_)) {
                continue;
            }
            for m in self.store.type_set(u).methods.clone() {
                let other = all
                    .iter()
                    .find(|(o, _)| o.name == m.name && (m.name.is_exported() || o.pkg == m.pkg))
                    .copied();
                match other {
                    None => all.push((m, pos)),
                    Some((o, opos)) => {
                        if !self.store.identical(o.ty, m.ty) {
                            let where_ = self.pos_string(opos);
                            let n = m.name;
                            self.error(pos, format!("duplicate method {n}\n\t{where_}: other declaration of method {n}"));
                        }
                    }
                }
            }
        }
    }

    /// An element of an interface: a type, `~T`, or a union of such.
    pub fn union_or_type(&mut self, e: &'a Expr) -> TypeId {
        let mut parts: Vec<&'a Expr> = Vec::new();
        let mut at = e;
        while let ExprKind::Binary {
            op: BinaryOp::Or,
            x,
            y,
            ..
        } = &at.kind
        {
            parts.push(y);
            at = x;
        }
        parts.push(at);
        parts.reverse();
        if let [one] = parts[..] {
            let term = self.union_term(one);
            if !term.tilde {
                let t = term.ty;
                if self.store.is_type_param(t) {
                    self.error(one.pos, "term cannot be a type parameter");
                    return tid::INVALID;
                }
                return t;
            }
            if term.ty == tid::INVALID {
                return tid::INVALID;
            }
            self.later(move |c| c.check_union(&[(one, term)]));
            let t = self.store.intern(Type::Union([term].into()));
            self.record_type(e.id, Mode::Type, t, Const::Unknown);
            return t;
        }
        let terms: Vec<(&'a Expr, Term)> = parts.iter().map(|p| (*p, self.union_term(p))).collect();
        if terms.len() > MAX_TERMS {
            self.error(
                e.pos,
                format!(
                    "cannot handle more than {MAX_TERMS} union terms (implementation limitation)"
                ),
            );
            return tid::INVALID;
        }
        if terms.iter().any(|t| t.1.ty == tid::INVALID) {
            return tid::INVALID;
        }
        let list: Vec<Term> = terms.iter().map(|t| t.1).collect();
        let t = self.store.intern(Type::Union(list.into()));
        self.record_type(e.id, Mode::Type, t, Const::Unknown);
        self.later(move |c| c.check_union(&terms));
        t
    }

    fn union_term(&mut self, e: &'a Expr) -> Term {
        if let ExprKind::Unary {
            op: UnaryOp::Tilde,
            x,
        } = &e.kind
        {
            let ty = self.typ(x);
            if self.store.is_type_param(ty) {
                let msg = format!("type in term {} cannot be a type parameter", self.es(e));
                self.error(e.pos, msg);
                return Term {
                    tilde: true,
                    ty: tid::INVALID,
                };
            }
            return Term { tilde: true, ty };
        }
        let ty = self.typ(e);
        Term { tilde: false, ty }
    }

    fn check_union(&mut self, terms: &[(&'a Expr, Term)]) {
        for (i, &(e, term)) in terms.iter().enumerate() {
            let t = term.ty;
            if self.store.is_type_param(t) {
                self.error(e.pos, "term cannot be a type parameter");
                continue;
            }
            let u = self.under(t);
            if u == tid::INVALID {
                continue;
            }
            let text = self.ts(t);
            if term.tilde {
                if self.store.is_interface(t) {
                    self.error(e.pos, format!("invalid use of ~ ({text} is an interface)"));
                    continue;
                }
                if !self.store.identical(t, u) {
                    let msg = format!(
                        "invalid use of ~ (underlying type of {text} is {})",
                        self.ts(u)
                    );
                    self.error(e.pos, msg);
                    continue;
                }
            }
            if self.store.is_interface(t) {
                let set = self.store.type_set(t);
                if terms.len() > 1 && !set.methods.is_empty() {
                    self.error(
                        e.pos,
                        format!("cannot use {text} in union ({text} contains methods)"),
                    );
                } else if terms.len() > 1 && t == tid::COMPARABLE {
                    self.error(e.pos, "cannot use comparable in union");
                } else if terms.len() > 1 && set.comparable {
                    self.error(
                        e.pos,
                        format!("cannot use {text} in union ({text} embeds comparable)"),
                    );
                }
                continue;
            }
            for &(_, other) in &terms[..i] {
                if self.store.is_interface(other.ty) {
                    continue;
                }
                if self.store.term_includes(other, term) || self.store.term_includes(term, other) {
                    let show = |c: &Self, m: Term| {
                        format!("{}{}", if m.tilde { "~" } else { "" }, c.ts(m.ty))
                    };
                    let msg = format!(
                        "overlapping terms {} and {}",
                        show(self, term),
                        show(self, other)
                    );
                    self.error(e.pos, msg);
                    break;
                }
            }
        }
    }

    // Instances

    /// `G[A, B]`
    fn instantiated_type(&mut self, _e: &'a Expr, generic: &'a Expr, args: &'a [Expr]) -> TypeId {
        let g = self.any_type(generic);
        let alias = self.generic_alias(generic);
        let targs: Vec<TypeId> = args.iter().map(|a| self.typ(a)).collect();
        if g == tid::INVALID && alias.is_none() {
            return tid::INVALID;
        }
        if targs.contains(&tid::INVALID) {
            return tid::INVALID;
        }
        let name = match alias {
            Some(o) => self.obj(o).name,
            None => self.store.named(g).map_or(sym::EMPTY, |n| n.name),
        };
        let (all, implicit) = match alias {
            Some(o) => (
                self.decls
                    .alias_tparams
                    .get(&o)
                    .cloned()
                    .unwrap_or_default(),
                0,
            ),
            None => match self.store.named(g) {
                Some(n) if self.is_generic_type(g) => (n.tparams.clone(), n.implicit as usize),
                _ => {
                    let list: Vec<String> = args.iter().map(|a| self.es(a)).collect();
                    let msg = format!(
                        "invalid operation: {}[{}] ({} is not a generic type)",
                        self.es(generic),
                        list.join(", "),
                        self.ts(g)
                    );
                    self.error(generic.pos, msg);
                    return tid::INVALID;
                }
            },
        };
        let (outer, tparams): (Vec<TypeId>, Vec<TypeId>) =
            (all[..implicit].to_vec(), all[implicit..].to_vec());
        if targs.len() != tparams.len() {
            let word = if targs.len() < tparams.len() {
                "not enough"
            } else {
                "too many"
            };
            let pos = generic.pos;
            let msg = format!(
                "{word} type arguments for type {name}: have {}, want {}",
                targs.len(),
                tparams.len()
            );
            self.error(pos, msg);
            return tid::INVALID;
        }
        let t = match alias {
            Some(_) => self.store.subst(g, &tparams, &targs),
            None => {
                let full: Vec<TypeId> = outer.into_iter().chain(targs.iter().copied()).collect();
                self.store.instantiate(g, &full)
            }
        };
        self.record_instance(generic, &targs, t);
        let positions: Vec<Pos> = args.iter().map(|a| a.pos).collect();
        self.note_instance(&positions, &tparams, &targs);
        self.later(move |c| {
            c.verify_instance(&positions, &tparams, &targs, true);
            if alias.is_none() {
                c.check_valid_type(t);
            }
        });
        t
    }

    /// Checks type arguments against their constraints; reports the first that fails.
    pub fn verify_instance(
        &mut self,
        at: &[Pos],
        tparams: &[TypeId],
        targs: &[TypeId],
        report: bool,
    ) -> bool {
        for (i, (&p, &a)) in tparams.iter().zip(targs).enumerate() {
            let bound = self.store.type_param(p).map_or(tid::ANY, |p| p.bound);
            let bound = self.store.subst(bound, tparams, targs);
            if let Err(cause) = self.satisfies(a, bound) {
                if report {
                    let pos = at.get(i).or(at.last()).copied().unwrap_or_default();
                    self.error(pos, cause);
                }
                return false;
            }
        }
        true
    }
}

/// The name of an embedded field.
fn embedded_name(e: &Expr) -> Option<Ident> {
    match &e.kind {
        ExprKind::Ident(_) => e.as_ident(),
        ExprKind::Star(x) | ExprKind::Paren(x) => embedded_name(x),
        ExprKind::Selector { sel, .. } => Some(*sel),
        ExprKind::Index(ix) => embedded_name(&ix.x),
        _ => None,
    }
}
