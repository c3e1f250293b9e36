//! Range clauses.

use crate::checker::Checker;
use crate::info::{Mode, RangeInfo, RangeKind};
use crate::objects::{ObjId, VarKind};
use crate::operand::Operand;
use crate::types::{Type, TypeId, tid};
use syntax::{ChanDir, Expr, RangeStmt, Stmt};

impl<'a> Checker<'a> {
    /// `for k, v := range x {...}`
    pub fn range_stmt(&mut self, s: &'a Stmt, r: &'a RangeStmt) {
        let outer_call = std::mem::replace(&mut self.env.has_call, false);
        let mut x = Operand::invalid();
        self.expr(&mut x, &r.x);
        let called = self.env.has_call;
        self.env.has_call |= outer_call;
        let mut info: Option<RangeInfo> = None;
        if !x.is_invalid() && x.ty != tid::INVALID {
            let yields = |t: TypeId| t != tid::INVALID;
            match self.range_key_value(x.ty) {
                Err(cause) => {
                    let mut msg = format!("cannot range over {}", self.os(&x));
                    if !cause.is_empty() {
                        msg += &format!(": {cause}");
                    }
                    self.error(x.pos(), msg);
                }
                Ok(mut i) => {
                    let shown = self.os(&x);
                    if let Some(k) = r.key.as_ref().filter(|_| !yields(i.key)) {
                        self.error(
                            k.pos,
                            format!("range over {shown} permits no iteration variables"),
                        );
                    } else if let Some(v) = r.value.as_ref().filter(|_| !yields(i.value)) {
                        self.error(
                            v.pos,
                            format!("range over {shown} permits only one iteration variable"),
                        );
                    } else if let Some(e) = &r.extra {
                        self.error(
                            e.pos,
                            "range clause permits at most two iteration variables",
                        );
                    }
                    i.evaluated = !(matches!(i.kind, RangeKind::Array | RangeKind::ArrayPointer)
                        && r.value.is_none()
                        && !called);
                    info = Some(i);
                }
            }
        }
        if let Some(i) = info {
            self.info.ranges.insert(s.id, i);
        }
        let key = info.map_or(tid::INVALID, |i| i.key);
        let value = info.map_or(tid::INVALID, |i| i.value);
        let over_int = info.is_some_and(|i| i.kind == RangeKind::Int);
        self.open_scope();
        let sides = [(r.key.as_ref(), key), (r.value.as_ref(), value)];
        if r.define {
            let mut vars: Vec<(ObjId, &'a Expr)> = Vec::new();
            for (lhs, t) in sides {
                let Some(l) = lhs else { continue };
                let Some(name) = l.as_ident() else {
                    let msg = format!("non-name {} on left side of :=", self.es(l));
                    self.error(l.pos, msg);
                    continue;
                };
                let o = self.new_var(name, tid::INVALID, VarKind::Local);
                if !name.name.is_blank() {
                    self.locals.push(o);
                }
                vars.push((o, l));
                if t == tid::INVALID {
                    self.objs[o.0 as usize].used = true;
                    continue;
                }
                if over_int {
                    // The variable has the type of the range expression.
                    let mut y = x.clone();
                    self.init_var(o, None, &mut y, "range clause");
                } else {
                    self.objs[o.0 as usize].ty = t;
                }
                let t = self.ty(o);
                self.record_type(l.id, Mode::Variable, t, crate::constant::Const::Unknown);
            }
            if over_int && vars.is_empty() && self.store.is_untyped(x.ty) {
                self.assignment(&mut x.clone(), None, "range clause");
            }
            for &(o, _) in &vars {
                self.declare(o, r.body.lbrace);
            }
        } else {
            for (lhs, t) in sides {
                let Some(l) = lhs else { continue };
                if t == tid::INVALID {
                    self.lhs_var(l);
                    continue;
                }
                if over_int {
                    let target = self.lhs_var(l);
                    if let Some(target) = target {
                        let mut y = x.clone();
                        let target = if target == tid::INVALID {
                            None
                        } else {
                            Some(target)
                        };
                        self.assignment(&mut y, target, "range clause");
                    }
                } else {
                    let mut y = Operand::value(t, Some(l));
                    self.assign_var(l, None, Some(&mut y), "range clause");
                }
            }
            if over_int && r.key.is_none() && self.store.is_untyped(x.ty) {
                self.assignment(&mut x.clone(), None, "range clause");
            }
        }
        // An untyped range expression has its final type by now: refresh what the clause yields.
        if over_int {
            let t = self.info.type_of(r.x.id).ty;
            let t = self.store.default_type(t);
            if let Some(i) = self.info.ranges.get_mut(&s.id) {
                i.key = t;
            }
        } else if self.store.is_untyped(x.ty) && !x.is_invalid() {
            self.assignment(&mut x.clone(), None, "range clause");
        }
        self.open_scope();
        self.stmts(&r.body.stmts);
        self.close_scope();
        self.close_scope();
    }

    /// How a type is ranged over, or why it cannot be.
    pub fn range_key_value(&mut self, t: TypeId) -> Result<RangeInfo, String> {
        let core = match self.store.core_type(t) {
            Some(c) => c,
            None => return Err(self.no_common_type(t)),
        };
        let info = |kind, key, value| {
            Ok(RangeInfo {
                kind,
                key,
                value,
                evaluated: true,
            })
        };
        match self.store.get(core).clone() {
            Type::Basic(k) if k.is_string() => info(RangeKind::String, tid::INT, tid::RUNE),
            Type::Basic(k) if k.is_integer() => info(RangeKind::Int, t, tid::INVALID),
            // An untyped constant such as 1e3 is an integer if its value is one.
            Type::Array(_, e) => info(RangeKind::Array, tid::INT, e),
            Type::Pointer(p) => match self.array_of(p) {
                Some((_, e)) => info(RangeKind::ArrayPointer, tid::INT, e),
                None => Err(String::new()),
            },
            Type::Slice(e) => info(RangeKind::Slice, tid::INT, e),
            Type::Map(k, v) => info(RangeKind::Map, k, v),
            Type::Chan(ChanDir::Send, _) => Err("receive from send-only channel".into()),
            Type::Chan(_, e) => info(RangeKind::Chan, e, tid::INVALID),
            Type::Signature(s) => {
                let shape = "func must be func(yield func(...) bool)";
                if s.params.len() != 1 {
                    return Err(format!("{shape}: wrong argument count"));
                }
                if !s.results.is_empty() {
                    return Err(format!("{shape}: unexpected results"));
                }
                let cb = self
                    .store
                    .core_type(s.params[0].ty)
                    .and_then(|c| self.store.as_signature(c));
                let Some(cb) = cb else {
                    return Err(format!("{shape}: argument is not func"));
                };
                if cb.params.len() > 2 {
                    return Err(format!("{shape}: yield func has too many parameters"));
                }
                if cb.results.len() != 1 || !self.store.identical(cb.results[0].ty, tid::BOOL) {
                    let boolean = cb.results.len() == 1
                        && self.store.is_basic(cb.results[0].ty, |k| k.is_boolean());
                    return Err(if boolean {
                        format!("{shape}: yield func returns user-defined boolean, not bool")
                    } else {
                        format!("{shape}: yield func does not return bool")
                    });
                }
                let at = |i: usize| cb.params.get(i).map_or(tid::INVALID, |p| p.ty);
                info(RangeKind::Func, at(0), at(1))
            }
            _ => Err(String::new()),
        }
    }

    /// Why the types of a type parameter have no underlying type in common.
    fn no_common_type(&mut self, t: TypeId) -> String {
        let types = self.term_types(t);
        let first = types[0];
        let u = self.under(first);
        for &other in &types[1..] {
            let v = self.under(other);
            if !self.store.identical(u, v) {
                return format!(
                    "{} and {} have different underlying types",
                    self.ts(first),
                    self.ts(other)
                );
            }
        }
        "no specific type".into()
    }
}
