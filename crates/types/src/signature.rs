//! Parameters, results, receivers and type parameters.

use crate::checker::Checker;
use crate::decl::FuncParams;
use crate::objects::{FuncInfo, ObjId, ObjKind, VarKind};
use crate::types::{BasicKind, InterfaceType, Param, Signature, Type, TypeId, TypeParam, tid};
use std::sync::Arc;
use syntax::{BinaryOp, Expr, ExprKind, Field, FuncType, Ident, NodeId, Pos, UnaryOp, sym};

impl<'a> Checker<'a> {
    /// Parameters and results, declared in the innermost block.
    pub fn collect_signature(&mut self, f: &'a FuncType) -> (Signature, FuncParams) {
        let (params, variadic, p) = self.collect_params(&f.params, VarKind::Param, f.end);
        let (results, _, r) = self.collect_params(&f.results, VarKind::Result, f.end);
        let sig = Signature {
            params,
            results,
            variadic,
            tparams: [].into(),
        };
        (
            sig,
            FuncParams {
                recv: None,
                params: p,
                results: r,
                ..Default::default()
            },
        )
    }

    fn collect_params(
        &mut self,
        fields: &'a [Field],
        kind: VarKind,
        end: Pos,
    ) -> (Vec<Param>, bool, Vec<ObjId>) {
        let mut params = Vec::with_capacity(fields.len());
        let mut objs = Vec::with_capacity(fields.len());
        let mut variadic = false;
        for (i, f) in fields.iter().enumerate() {
            let mut t = match &f.ty.kind {
                ExprKind::Ellipsis(elem) => {
                    if kind == VarKind::Param && i + 1 == fields.len() && f.names.len() <= 1 {
                        variadic = true;
                    } else {
                        self.error(f.ty.pos, "can only use ... with final parameter in list");
                    }
                    let t = self.var_type(elem);
                    self.store.slice(t)
                }
                _ => self.var_type(&f.ty),
            };
            if t == tid::NO_VALUE {
                t = tid::INVALID;
            }
            if f.names.is_empty() {
                let name = Ident {
                    id: NodeId(u32::MAX),
                    pos: f.pos,
                    name: sym::EMPTY,
                };
                objs.push(self.new_var(name, t, kind));
                params.push(Param {
                    name: sym::EMPTY,
                    ty: t,
                });
            }
            for n in &f.names {
                let o = self.new_var(*n, t, kind);
                self.declare(o, end);
                objs.push(o);
                params.push(Param {
                    name: n.name,
                    ty: t,
                });
            }
        }
        (params, variadic, objs)
    }

    /// Declares a list of type parameters (in the innermost block) and binds their constraints.
    pub fn collect_tparams(&mut self, fields: &'a [Field]) -> Vec<TypeId> {
        let ps = self.declare_tparams(fields);
        self.bind_tparams(fields, &ps);
        ps
    }

    /// Declares a list of type parameters without constraints.
    pub fn declare_tparams(&mut self, fields: &'a [Field]) -> Vec<TypeId> {
        let mut ps = Vec::new();
        for name in fields.iter().flat_map(|f| &f.names) {
            let obj = self.new_object(*name, tid::INVALID, ObjKind::TypeName { alias: false });
            let index = ps.len() as u32;
            let p = TypeParam {
                obj,
                name: name.name,
                index,
                bound: tid::EMPTY_INTERFACE,
                pos: name.pos,
            };
            let t = self.store.new_type_param(p);
            self.objs[obj.0 as usize].ty = t;
            self.declare(obj, Pos::NONE);
            ps.push(t);
        }
        ps
    }

    /// Evaluates the constraints of declared type parameters.
    pub fn bind_tparams(&mut self, fields: &'a [Field], ps: &[TypeId]) {
        let mut at = 0;
        for f in fields {
            let bound = self.bound(&f.ty);
            if self.store.is_type_param(bound) {
                self.error(f.ty.pos, "cannot use a type parameter as constraint");
            }
            let bound = if self.store.is_type_param(bound) {
                tid::INVALID
            } else {
                bound
            };
            for _ in &f.names {
                if let Some(&t) = ps.get(at)
                    && let Type::TypeParam(id) = *self.store.get(t)
                {
                    self.store.tparams[id.0 as usize].bound = bound;
                }
                at += 1;
            }
        }
    }

    /// A constraint; `~T` and `A | B` stand for the interface that embeds them.
    fn bound(&mut self, e: &'a Expr) -> TypeId {
        let wrap = matches!(
            e.kind,
            ExprKind::Unary {
                op: UnaryOp::Tilde,
                ..
            } | ExprKind::Binary {
                op: BinaryOp::Or,
                ..
            }
        );
        if !wrap {
            return self.typ(e);
        }
        let t = self.union_or_type(e);
        if t == tid::INVALID {
            return t;
        }
        let i = InterfaceType {
            embeds: vec![t],
            implicit: true,
            ..Default::default()
        };
        self.store.intern(Type::Interface(Arc::new(i)))
    }

    /// A method's receiver: its variable, and the type parameters that its type brings into scope
    /// (those of the base type itself, under the receiver's names for them).
    pub fn collect_receiver(
        &mut self,
        recv: &'a Field,
        info: &Arc<FuncInfo>,
    ) -> (ObjId, Vec<TypeId>) {
        let mut e = &recv.ty;
        let mut pointer = false;
        while let ExprKind::Paren(x) = &e.kind {
            e = x;
        }
        if let ExprKind::Star(x) = &e.kind {
            pointer = true;
            e = x.unparen();
        }
        let mut tparams = Vec::new();
        let ty = match &e.kind {
            ExprKind::Index(ix) => {
                let base = self.any_type(&ix.x);
                let generic = self.is_generic_type(base);
                let own: Vec<TypeId> = self
                    .store
                    .named(base)
                    .filter(|_| generic)
                    .map(|n| n.tparams.to_vec())
                    .unwrap_or_default();
                if base != tid::INVALID && !generic {
                    let msg = if self.store.named(base).is_some_and(|n| !n.targs.is_empty()) {
                        format!(
                            "cannot define new methods on instantiated type {}",
                            self.ts(base)
                        )
                    } else {
                        format!("{} is not a generic type", self.ts(base))
                    };
                    self.error(ix.x.pos, msg);
                }
                if generic && own.len() != ix.indices.len() {
                    let msg = format!(
                        "receiver declares {} type parameter{}, but receiver base type declares {}",
                        ix.indices.len(),
                        if ix.indices.len() == 1 { "" } else { "s" },
                        own.len()
                    );
                    self.error(ix.x.pos, msg);
                }
                for (i, a) in ix.indices.iter().enumerate() {
                    let Some(name) = a.as_ident() else {
                        let msg = format!(
                            "receiver type parameter {} must be an identifier",
                            self.es(a)
                        );
                        self.error(a.pos, msg);
                        continue;
                    };
                    let t = own.get(i).copied().unwrap_or(tid::INVALID);
                    let o = self.new_object(name, t, ObjKind::TypeName { alias: false });
                    self.record_type(
                        a.id,
                        crate::info::Mode::Type,
                        t,
                        crate::constant::Const::Unknown,
                    );
                    self.declare(o, Pos::NONE);
                }
                if generic {
                    tparams = own.clone();
                    self.store.instantiate(base, &own)
                } else {
                    tid::INVALID
                }
            }
            _ => self.typ(e),
        };
        let full = if pointer && ty != tid::INVALID {
            self.store.pointer(ty)
        } else {
            ty
        };
        self.record_type(
            recv.ty.id,
            crate::info::Mode::Type,
            full,
            crate::constant::Const::Unknown,
        );
        let name = recv.names.first().copied().unwrap_or(Ident {
            id: NodeId(u32::MAX),
            pos: recv.pos,
            name: sym::EMPTY,
        });
        let o = self.new_var(name, full, VarKind::Recv);
        let end = recv.ty.end;
        self.declare(o, end);
        let pos = recv.ty.pos;
        let local = info.recv.is_some();
        self.later(move |c| c.check_receiver(pos, full, ty, local));
        (o, tparams)
    }

    fn check_receiver(&mut self, pos: Pos, full: TypeId, base: TypeId, local: bool) {
        if base == tid::INVALID {
            return;
        }
        let text = self.ts(full);
        let base_text = self.ts(base);
        match self.store.get(base) {
            Type::Named(_) => {
                let pkg = self.store.named(base).and_then(|n| n.pkg);
                if pkg != Some(self.env.pkg) || !local && !self.is_own_named(base) {
                    self.error(
                        pos,
                        format!("cannot define new methods on non-local type {base_text}"),
                    );
                    return;
                }
                let u = self.under(base);
                match self.store.get(u) {
                    Type::Basic(BasicKind::UnsafePointer) => {
                        self.error(
                            pos,
                            format!("invalid receiver type {base_text} (unsafe.Pointer)"),
                        );
                    }
                    Type::Pointer(_) | Type::Interface(_) => {
                        self.error(
                            pos,
                            format!(
                                "invalid receiver type {base_text} (pointer or interface type)"
                            ),
                        );
                    }
                    _ => {}
                }
            }
            Type::Basic(_) => self.error(
                pos,
                format!("cannot define new methods on non-local type {base_text}"),
            ),
            _ => self.error(pos, format!("invalid receiver type {text}")),
        }
    }

    fn is_own_named(&self, t: TypeId) -> bool {
        self.store
            .named(t)
            .is_some_and(|n| n.pkg == Some(self.env.pkg))
    }
}
