//! Assignability, conversions, and what it takes to implement an interface.

use crate::checker::Checker;
use crate::constant::Const;
use crate::info::Mode;
use crate::lookup::Member;
use crate::operand::Operand;
use crate::types::{BasicKind, Type, TypeId, tid};
use syntax::{ChanDir, Symbol};

/// Why a type has not all methods of an interface.
#[derive(Clone, Debug)]
pub(crate) enum Missing {
    NotFound,
    WrongName(Symbol, TypeId),
    Unexported,
    WrongSignature(TypeId),
    Ambiguous,
    PointerReceiver,
    Field,
}

impl<'a> Checker<'a> {
    /// Whether `x` can be assigned to a variable of type `t`; otherwise why not (maybe empty).
    pub fn assignable(&mut self, x: &Operand<'a>, t: TypeId) -> Result<(), String> {
        if x.is_invalid() || x.ty == tid::INVALID || t == tid::INVALID {
            return Ok(());
        }
        let v = x.ty;
        if self.store.identical(v, t) {
            return Ok(());
        }
        let (vu, tu) = (self.under(v), self.under(t));
        let (vp, tp) = (self.store.is_type_param(v), self.store.is_type_param(t));
        if self.store.is_untyped(v) {
            if tp {
                let Some(terms) = self.store.terms_of(t).filter(|s| !s.is_empty()) else {
                    return Err(String::new());
                };
                for m in terms {
                    let ok = match self.implicit_type(x, m.ty) {
                        Ok((n, _)) => n != tid::INVALID,
                        Err(_) => false,
                    };
                    if !ok {
                        return Err(String::new());
                    }
                }
                return Ok(());
            }
            return match self.implicit_type(x, t) {
                Ok((n, _)) if n != tid::INVALID => Ok(()),
                _ => Err(String::new()),
            };
        }
        // Identical underlying types, one of them without a name.
        if !vp
            && !tp
            && self.store.identical(vu, tu)
            && (!self.store.has_name(v) || !self.store.has_name(t))
        {
            return Ok(());
        }
        let mut cause = String::new();
        if (self.store.is_interface(t) && !tp) || self.is_interface_pointer(t) {
            match self.implements(v, t, false) {
                Ok(()) => return Ok(()),
                Err(why) => {
                    if !vp {
                        return Err(why);
                    }
                    cause = why;
                }
            }
        }
        if self.store.is_interface(v) && !vp && self.implements(t, v, false).is_ok() {
            return Err("need type assertion".into());
        }
        if let (Type::Chan(ChanDir::Both, a), Type::Chan(_, b)) =
            (self.store.get(vu).clone(), self.store.get(tu).clone())
            && self.store.identical(a, b)
        {
            return if !self.store.has_name(v) || !self.store.has_name(t) {
                Ok(())
            } else {
                Err(String::new())
            };
        }
        if !vp && !tp {
            return Err(cause);
        }
        if !self.store.has_name(v) && tp {
            let Some(terms) = self.store.terms_of(t).filter(|s| !s.is_empty()) else {
                return Err(String::new());
            };
            for m in terms {
                if let Err(why) = self.assignable(x, m.ty) {
                    let msg = format!(
                        "cannot assign {} to {} (in {})",
                        self.ts(v),
                        self.ts(m.ty),
                        self.ts(t)
                    );
                    return Err(join(msg, &why));
                }
            }
            return Ok(());
        }
        if vp && !self.store.has_name(t) {
            let Some(terms) = self.store.terms_of(v).filter(|s| !s.is_empty()) else {
                return Err(cause);
            };
            for m in terms {
                let mut y = x.clone();
                y.ty = m.ty;
                if let Err(why) = self.assignable(&y, t) {
                    let msg = format!(
                        "cannot assign {} (in {}) to {}",
                        self.ts(m.ty),
                        self.ts(v),
                        self.ts(t)
                    );
                    return Err(join(msg, &why));
                }
            }
            return Ok(());
        }
        Err(cause)
    }

    fn is_interface_pointer(&mut self, t: TypeId) -> bool {
        match self.store.pointer_elem(t) {
            Some(e) => self.store.is_interface(e) && !self.store.is_type_param(e),
            None => false,
        }
    }

    /// Whether `v` satisfies the constraint `t`.
    pub fn satisfies(&mut self, v: TypeId, t: TypeId) -> Result<(), String> {
        self.implements(v, t, true)
    }

    /// Whether `v` implements the interface `t` (satisfies it, if it is a constraint); otherwise why not.
    pub fn implements(&mut self, v: TypeId, t: TypeId, constraint: bool) -> Result<(), String> {
        let (vu, tu) = (self.under(v), self.under(t));
        if vu == tid::INVALID || tu == tid::INVALID {
            return Ok(());
        }
        if let Some(e) = self.store.pointer_elem(v)
            && self.under(e) == tid::INVALID
            && !self.store.is_type_param(e)
        {
            return Ok(());
        }
        let verb = if constraint { "satisfy" } else { "implement" };
        if !matches!(self.store.get(tu), Type::Interface(_)) {
            if constraint {
                // A constraint that is no interface stands for the interface of that one type.
                let i = crate::types::InterfaceType {
                    embeds: vec![t],
                    implicit: true,
                    ..Default::default()
                };
                let wrapped = self.store.intern(Type::Interface(std::sync::Arc::new(i)));
                return self.implements(v, wrapped, true);
            }
            let detail = if self.is_interface_pointer(t) {
                format!("type {} is pointer to interface, not interface", self.ts(t))
            } else {
                format!("{} is not an interface", self.ts(t))
            };
            return Err(format!(
                "{} does not {verb} {} ({detail})",
                self.ts(v),
                self.ts(t)
            ));
        }
        let tset = self.store.type_set(tu);
        if tset.is_all() {
            return Ok(());
        }
        let v_iface = self.store.is_interface(v) || self.store.is_type_param(v);
        if v_iface && self.store.type_set(v).is_empty() {
            return Ok(());
        }
        if tset.is_empty() {
            return Err(format!("cannot {verb} {} (empty type set)", self.ts(t)));
        }
        if let Some((name, why)) = self.missing_method_of(v, t, true) {
            let cause = self.missing_cause(v, t, name, &why);
            return Err(format!(
                "{} does not {verb} {} {cause}",
                self.ts(v),
                self.ts(t)
            ));
        }
        if tset.comparable && !self.store.is_strictly_comparable(v) {
            // Constraint satisfaction admits types whose comparison may panic.
            if !(constraint && self.store.is_comparable(v)) {
                return Err(format!("{} does not {verb} comparable", self.ts(v)));
            }
        }
        let Some(terms) = tset.terms.clone() else {
            return Ok(());
        };
        if v_iface {
            let Some(own) = self.store.type_set(v).terms.clone() else {
                return Err(format!("{} does not {verb} {}", self.ts(v), self.ts(t)));
            };
            for a in own {
                if !terms.iter().any(|&b| self.store.term_includes(b, a)) {
                    let shown = format!("{}{}", if a.tilde { "~" } else { "" }, self.ts(a.ty));
                    return Err(format!(
                        "{} does not {verb} {} ({shown} missing in {})",
                        self.ts(v),
                        self.ts(t),
                        self.terms_string(&terms)
                    ));
                }
            }
            return Ok(());
        }
        let own = crate::types::Term {
            tilde: false,
            ty: v,
        };
        if terms.iter().any(|&b| self.store.term_includes(b, own)) {
            return Ok(());
        }
        let (a, b) = (self.ts(v), self.ts(t));
        let tilde = terms.iter().find(|m| {
            let u = self.p_under(m.ty);
            !m.tilde && u == vu
        });
        let detail = match tilde {
            Some(m) => format!("possibly missing ~ for {} in {b}", self.ts(m.ty)),
            None => format!("{a} missing in {}", self.terms_string(&terms)),
        };
        Err(format!("{a} does not {verb} {b} ({detail})"))
    }

    fn p_under(&self, t: TypeId) -> TypeId {
        match self.store.named(t).and_then(|n| n.underlying) {
            Some(u) => u,
            None => t,
        }
    }

    fn terms_string(&self, terms: &[crate::types::Term]) -> String {
        let parts: Vec<String> = terms
            .iter()
            .map(|m| format!("{}{}", if m.tilde { "~" } else { "" }, self.ts(m.ty)))
            .collect();
        parts.join(" | ")
    }

    /// The first method of interface `t` that `v` lacks. Unless `static_`, an interface `v` need only not
    /// contradict `t` (for type assertions).
    pub fn missing_method_of(
        &mut self,
        v: TypeId,
        t: TypeId,
        static_: bool,
    ) -> Option<(Symbol, Missing)> {
        let methods = self.store.type_set(t).methods.clone();
        if methods.is_empty() {
            return None;
        }
        if self.store.is_interface(v) {
            let set = self.store.type_set(v);
            for m in &methods {
                match set.method_index(m.name, m.pkg) {
                    None if static_ => return Some((m.name, self.similar_method(v, m.name))),
                    None => {}
                    Some(i) => {
                        let ty = set.methods[i].ty;
                        if !self.store.identical(ty, m.ty) {
                            return Some((m.name, Missing::WrongSignature(ty)));
                        }
                    }
                }
            }
            return None;
        }
        for m in &methods {
            match self.lookup_member(v, m.name, m.pkg, false) {
                Ok(f) => {
                    if f.member == Member::Field {
                        return Some((m.name, Missing::Field));
                    }
                    if !self.store.identical(f.ty, m.ty) {
                        return Some((m.name, Missing::WrongSignature(f.ty)));
                    }
                    if let Member::Method { func, .. } = f.member
                        && !f.indirect
                        && self.has_pointer_receiver(func)
                    {
                        return Some((m.name, Missing::PointerReceiver));
                    }
                }
                Err(true) => return Some((m.name, Missing::Ambiguous)),
                Err(false) => {
                    let why = self.similar_method(v, m.name);
                    return Some((m.name, why));
                }
            }
        }
        None
    }

    /// Whether a method of another case or package would do.
    fn similar_method(&mut self, v: TypeId, name: Symbol) -> Missing {
        let pkg = Some(self.env.pkg);
        match self.lookup_member(v, name, pkg, true) {
            Ok(f) if f.member != Member::Field => {
                let other = self.folded_name(v, name).unwrap_or(name);
                if other == name {
                    Missing::Unexported
                } else {
                    Missing::WrongName(other, f.ty)
                }
            }
            _ => Missing::NotFound,
        }
    }

    /// The parenthesised cause for a missing method.
    pub fn missing_cause(&mut self, v: TypeId, t: TypeId, name: Symbol, why: &Missing) -> String {
        let pkg = Some(self.env.pkg);
        let want = {
            let set = self.store.type_set(t);
            set.methods.iter().find(|m| m.name == name).map(|m| m.ty)
        };
        let sig = |c: &Self, ty: Option<TypeId>| match ty.and_then(|ty| c.store.as_signature(ty)) {
            Some(s) => {
                let bare = crate::types::Signature {
                    params: s
                        .params
                        .iter()
                        .map(|p| crate::types::Param {
                            name: syntax::sym::EMPTY,
                            ..*p
                        })
                        .collect(),
                    results: s
                        .results
                        .iter()
                        .map(|p| crate::types::Param {
                            name: syntax::sym::EMPTY,
                            ..*p
                        })
                        .collect(),
                    ..(*s).clone()
                };
                c.store.signature_string(&bare, pkg)
            }
            None => String::new(),
        };
        match why {
            Missing::NotFound => {
                if self.is_interface_pointer(v) {
                    return format!(
                        "(type {} is pointer to interface, not interface)",
                        self.ts(v)
                    );
                }
                if self.is_interface_pointer(t) {
                    return format!(
                        "(type {} is pointer to interface, not interface)",
                        self.ts(t)
                    );
                }
                if self
                    .store
                    .pointer_elem(v)
                    .is_some_and(|e| self.store.is_type_param(e))
                {
                    return format!(
                        "(type {} is pointer to type parameter, not type parameter)",
                        self.ts(v)
                    );
                }
                format!("(missing method {name})")
            }
            Missing::WrongName(other, ty) => format!(
                "(missing method {name})\n\t\thave {other}{}\n\t\twant {name}{}",
                sig(self, Some(*ty)),
                sig(self, want)
            ),
            Missing::Unexported => format!("(unexported method {name})"),
            Missing::WrongSignature(ty) => {
                let (a, b) = (sig(self, Some(*ty)), sig(self, want));
                if a == b {
                    return format!("(wrong type for method {name})");
                }
                format!("(wrong type for method {name})\n\t\thave {name}{a}\n\t\twant {name}{b}")
            }
            Missing::Ambiguous => format!("(ambiguous selector {}.{name})", self.ts(v)),
            Missing::PointerReceiver => format!("(method {name} has pointer receiver)"),
            Missing::Field => format!("({}.{name} is a field, not a method)", self.ts(v)),
        }
    }

    /// Whether a declared method has a pointer receiver.
    pub fn has_pointer_receiver(&self, func: crate::objects::ObjId) -> bool {
        self.obj(func)
            .func()
            .and_then(|f| f.recv)
            .is_some_and(|r| r.pointer)
    }

    // Conversions

    /// The conversion `T(x)`.
    pub fn conversion(&mut self, x: &mut Operand<'a>, t: TypeId) {
        let const_arg = x.is_const();
        let type_param = self.store.is_type_param(t);
        let const_target = !type_param && self.store.is_basic(t, BasicKind::is_const_type);
        let mut ok = false;
        let mut cause = String::new();
        let mut as_const = false;
        if const_arg && const_target {
            ok = self.const_conversion(x, t);
            as_const = ok;
            if !ok
                && self.store.is_basic(x.ty, BasicKind::is_integer)
                && self.store.is_basic(t, BasicKind::is_integer)
            {
                let msg = format!("constant {} overflows {}", x.val, self.ts(t));
                self.error(x.pos(), msg);
                x.mode = Mode::None;
                return;
            }
        } else if const_arg && type_param {
            match self.store.terms_of(t).filter(|s| !s.is_empty()) {
                None => cause = format!("{} does not contain specific types", self.ts(t)),
                Some(terms) => {
                    ok = true;
                    for m in terms {
                        let u = self.under(m.ty);
                        if self.store.is_basic(u, BasicKind::is_const_type) {
                            let mut y = x.clone();
                            if !self.const_conversion(&mut y, u) {
                                let ints = self.store.is_basic(x.ty, BasicKind::is_integer)
                                    && self.store.is_basic(u, BasicKind::is_integer);
                                cause = if ints {
                                    format!(
                                        "constant {} overflows {} (in {})",
                                        x.val,
                                        self.ts(u),
                                        self.ts(t)
                                    )
                                } else {
                                    format!(
                                        "cannot convert {} to type {} (in {})",
                                        self.os(x),
                                        self.ts(u),
                                        self.ts(t)
                                    )
                                };
                                ok = false;
                            }
                        } else if let Err(why) = self.convertible(x, u) {
                            cause = format!(
                                "cannot convert {} to type {} (in {})",
                                self.os(x),
                                self.ts(u),
                                self.ts(t)
                            );
                            if !why.is_empty() {
                                cause = why;
                            }
                            ok = false;
                        }
                        if !ok {
                            break;
                        }
                    }
                    x.mode = if ok { Mode::Value } else { x.mode };
                }
            }
        } else {
            match self.convertible(x, t) {
                Ok(()) => {
                    ok = true;
                    x.mode = Mode::Value;
                    x.val = Const::Unknown;
                }
                Err(why) => cause = why,
            }
        }
        if !ok {
            let mut msg = format!("cannot convert {} to type {}", self.os(x), self.ts(t));
            if !cause.is_empty() {
                msg += &format!(": {cause}");
            }
            self.error(x.pos(), msg);
            x.mode = Mode::None;
            return;
        }
        if self.store.is_untyped(x.ty) {
            let mut last = t;
            if x.is_nil() {
                // nil takes the type itself.
            } else if self.store.is_interface(t) || (const_arg && !const_target) || type_param {
                last = self.store.default_type(x.ty);
            } else if x.mode == Mode::Const
                && self.store.is_basic(x.ty, BasicKind::is_integer)
                && self.store.all_basic(t, BasicKind::is_string)
            {
                last = x.ty;
                last = self.store.default_type(last);
            }
            if let Some(e) = x.expr {
                self.update_expr_type(e, last, true);
            }
        }
        if !as_const && x.mode == Mode::Nil {
            x.mode = Mode::Value;
        }
        x.ty = t;
    }

    fn const_conversion(&mut self, x: &mut Operand<'a>, t: TypeId) -> bool {
        let Some(kind) = self.store.basic(t) else {
            return false;
        };
        if let Some(v) = self.represent(&x.val, kind) {
            x.val = v;
            return true;
        }
        if self.store.is_basic(x.ty, BasicKind::is_integer) && kind.is_string() {
            let c = x
                .val
                .as_i64()
                .and_then(|i| u32::try_from(i).ok())
                .and_then(char::from_u32)
                .unwrap_or('\u{fffd}');
            x.val = Const::string(c.encode_utf8(&mut [0; 4]));
            return true;
        }
        // A typed floating-point constant converts to an integer only when exact, as does any other.
        false
    }

    /// Whether a value converts to a type (constants aside).
    pub fn convertible(&mut self, x: &Operand<'a>, t: TypeId) -> Result<(), String> {
        let assign = self.assignable(x, t);
        if assign.is_ok() {
            return Ok(());
        }
        let v = x.ty;
        let (vp, tp) = (self.store.is_type_param(v), self.store.is_type_param(t));
        let (vu, tu) = (self.under(v), self.under(t));
        if !vp && !tp && self.store.identical_ignoring_tags(vu, tu) {
            return Ok(());
        }
        if let (Type::Pointer(a), Type::Pointer(b)) =
            (self.store.get(v).clone(), self.store.get(t).clone())
        {
            let (au, bu) = (self.under(a), self.under(b));
            if !self.store.is_type_param(a)
                && !self.store.is_type_param(b)
                && self.store.identical_ignoring_tags(au, bu)
            {
                return Ok(());
            }
        }
        if !vp && !tp {
            let kind = |c: &mut Self, u: TypeId| match *c.store.get(u) {
                Type::Basic(k) => k,
                _ => BasicKind::Invalid,
            };
            let (a, b) = (kind(self, vu), kind(self, tu));
            let real = |k: BasicKind| k.is_integer() || k.is_float();
            if (real(a) && real(b)) || (a.is_complex() && b.is_complex()) {
                return Ok(());
            }
            if b.is_string() && (a.is_integer() || self.store.is_bytes_or_runes(v)) {
                return Ok(());
            }
            if a.is_string() && self.store.is_bytes_or_runes(t) {
                return Ok(());
            }
            let pointerish = |c: &mut Self, u: TypeId, k: BasicKind| {
                k == BasicKind::Uintptr || matches!(c.store.get(u), Type::Pointer(_))
            };
            if (b == BasicKind::UnsafePointer
                && (pointerish(self, vu, a) || a == BasicKind::UnsafePointer))
                || (a == BasicKind::UnsafePointer && pointerish(self, tu, b))
            {
                return Ok(());
            }
            if let Type::Slice(e) = *self.store.get(vu) {
                match self.store.get(tu).clone() {
                    Type::Array(_, f) if self.store.identical(e, f) => return Ok(()),
                    Type::Pointer(p) => {
                        let pu = self.under(p);
                        if let Type::Array(_, f) = *self.store.get(pu)
                            && self.store.identical(e, f)
                        {
                            return Ok(());
                        }
                    }
                    _ => {}
                }
            }
            return Err(match assign {
                Err(why) if self.store.is_interface(t) => why,
                _ => String::new(),
            });
        }
        let vs = if vp {
            self.store.terms_of(v)
        } else {
            Some(vec![crate::types::Term {
                tilde: false,
                ty: v,
            }])
        };
        let ts = if tp {
            self.store.terms_of(t)
        } else {
            Some(vec![crate::types::Term {
                tilde: false,
                ty: t,
            }])
        };
        let (Some(vs), Some(ts)) = (vs, ts) else {
            return Err(String::new());
        };
        if vs.is_empty() || ts.is_empty() {
            return Err(String::new());
        }
        for a in &vs {
            for b in &ts {
                let mut y = x.clone();
                y.ty = a.ty;
                if let Err(why) = self.convertible(&y, b.ty) {
                    let (at, bt) = (self.ts(a.ty), self.ts(b.ty));
                    let (vs, ts) = (self.ts(v), self.ts(t));
                    let msg = match (vp, tp) {
                        (true, true) => {
                            format!("cannot convert {at} (in {vs}) to type {bt} (in {ts})")
                        }
                        (true, false) => format!("cannot convert {at} (in {vs}) to type {ts}"),
                        _ => format!("cannot convert {vs} to type {bt} (in {ts})"),
                    };
                    return Err(join(msg, &why));
                }
            }
        }
        Ok(())
    }
}

fn join(msg: String, why: &str) -> String {
    if why.is_empty() {
        msg
    } else {
        format!("{msg}\n\t{why}")
    }
}
