//! Flows of expressions: values, addresses, composite literals, closures.

use syntax::Pos;
use syntax::ast::{Expr, ExprKind, FuncLit};
use syntax::token::{BinaryOp, UnaryOp};
use types::{Mode, ObjId, ObjKind, Selection, SelectionKind, Type, TypeId};

use super::{Callee, Dst, Walk, deref};
use crate::escape::graph::{HEAP, Loc, Site};
use crate::escape::{MAX_IMPLICIT_BYTES, captured_by_value};

impl Walk<'_> {
    pub(super) fn value(&mut self, x: &Expr, dst: Dst) {
        let tv = self.info.type_of(x.id);
        if tv.mode == Mode::Type || tv.mode == Mode::Const {
            return;
        }
        let ty = tv.ty;
        // A uintptr may be an address on its way to a system call, which must not move meanwhile.
        let dst = dst.filter(|_| ty == types::tid::UINTPTR || self.has_pointers(ty));
        match &x.kind {
            ExprKind::Ident(_) => {
                if let Some(object) = self.info.object(x.id)
                    && matches!(self.program.obj(object).kind, ObjKind::Var(_))
                    && let Some(loc) = self.var_loc(object)
                {
                    self.flow(dst, loc, 0);
                }
            }
            ExprKind::Paren(inner) => self.value(inner, dst),
            ExprKind::CompositeLit(_) => self.composite(x, dst),
            ExprKind::FuncLit(lit) => {
                let loc = self.closure(x, lit, false);
                self.flow(dst, loc, -1);
            }
            ExprKind::Selector { x: base, .. } => self.selector(x, base, dst),
            ExprKind::Index(index) => {
                if index
                    .indices
                    .iter()
                    .all(|i| self.info.type_of(i.id).mode == Mode::Type)
                {
                    self.discard(&index.x);
                    return;
                }
                let base_ty = self.ty(&index.x);
                match self.under(base_ty) {
                    Type::Array(..) => self.value(&index.x, dst),
                    Type::Map(key, _) => {
                        self.value(&index.x, deref(dst, 1));
                        for i in &index.indices {
                            self.assign(i, key, None);
                        }
                        return;
                    }
                    _ => self.value(&index.x, deref(dst, 1)),
                }
                index.indices.iter().for_each(|i| self.discard(i));
            }
            ExprKind::Slice(slice) => {
                let base_ty = self.ty(&slice.x);
                if matches!(self.under(base_ty), Type::Array(..)) {
                    self.address(&slice.x, dst);
                } else {
                    self.value(&slice.x, dst);
                }
                [&slice.lo, &slice.hi, &slice.max]
                    .into_iter()
                    .flatten()
                    .for_each(|i| self.discard(i));
            }
            ExprKind::TypeAssert { x: inner, .. } => self.value(inner, dst),
            ExprKind::Call(call) => self.call(x, call, &[dst]),
            ExprKind::Star(inner) => self.value(inner, deref(dst, 1)),
            ExprKind::Unary {
                op: UnaryOp::Addr,
                x: inner,
            } => self.address_at(inner, x.pos, dst),
            ExprKind::Unary { x: inner, .. } => self.discard(inner),
            ExprKind::Binary {
                op,
                x: left,
                y: right,
                ..
            } => {
                if matches!(op, BinaryOp::Eq | BinaryOp::Ne) {
                    let (l, r) = (self.ty(left), self.ty(right));
                    self.assign(left, r, None);
                    self.assign(right, l, None);
                } else {
                    self.discard(left);
                    self.discard(right);
                }
            }
            _ => {}
        }
    }

    /// The address of `x` reaches `dst`.
    pub(super) fn address(&mut self, x: &Expr, dst: Dst) {
        self.address_at(x, x.pos, dst);
    }

    /// As `address`; `at` is where notes point: the `&` if there is one.
    fn address_at(&mut self, x: &Expr, at: Pos, dst: Dst) {
        match &x.kind {
            ExprKind::Paren(inner) => self.address_at(inner, at, dst),
            ExprKind::CompositeLit(_) => {
                let ty = self.ty(x);
                let too_large = self.too_large(ty, MAX_IMPLICIT_BYTES);
                let text = Some(format!("&{}", syntax::expr_string(x)));
                let loc = self.make_site(x.id, at, too_large, text);
                self.elements(x, ty, Some((loc, 0)));
                if too_large {
                    self.graph.flow(HEAP, loc, -1);
                }
                self.flow(dst, loc, -1);
            }
            ExprKind::Ident(_) => {
                if let Some(object) = self.info.object(x.id)
                    && let Some(loc) = self.var_loc(object)
                {
                    self.flow(dst, loc, -1);
                }
            }
            ExprKind::Selector { x: base, .. } => {
                let Some(selection) = self.info.selections.get(&x.id).cloned() else {
                    return;
                };
                let (derefs, _) = self.path_derefs(&selection);
                if derefs == 0 {
                    self.address(base, dst);
                } else {
                    self.value(base, deref(dst, derefs - 1));
                }
            }
            ExprKind::Index(index) => {
                let base_ty = self.ty(&index.x);
                if matches!(self.under(base_ty), Type::Array(..)) {
                    self.address(&index.x, dst);
                } else {
                    self.value(&index.x, dst);
                }
                index.indices.iter().for_each(|i| self.discard(i));
            }
            ExprKind::Star(inner) => self.value(inner, dst),
            // The address of something that is no variable: the lowering copies it to a temporary on the heap.
            _ => self.value(x, Some((HEAP, 0))),
        }
    }

    /// Pointers followed along a selection's path, and the type at its end.
    pub(super) fn path_derefs(&mut self, selection: &Selection) -> (i32, TypeId) {
        let (mut derefs, mut ty) = (0, selection.recv);
        for &index in selection.path.iter() {
            if let Type::Pointer(elem) = self.under(ty) {
                derefs += 1;
                ty = elem;
            }
            match self.under(ty) {
                Type::Struct(s) if (index as usize) < s.fields.len() => {
                    ty = s.fields[index as usize].ty
                }
                _ => break,
            }
        }
        (derefs, ty)
    }

    fn selector(&mut self, x: &Expr, base: &Expr, dst: Dst) {
        let Some(selection) = self.info.selections.get(&x.id).cloned() else {
            return;
        };
        match selection.kind {
            SelectionKind::Field => {
                let (derefs, _) = self.path_derefs(&selection);
                self.value(base, deref(dst, derefs));
            }
            SelectionKind::Method(method) => {
                let loc = self.make_site(x.id, x.pos, false, Some(syntax::expr_string(x)));
                let receiver = self.new_loc(Site::Temp);
                self.receiver(base, &selection, method, Some((receiver, 0)));
                self.graph.flow(loc, receiver, 0);
                // Whoever calls the method value gets its results: they count as going to the heap.
                match self.callee_leaks(method) {
                    Callee::Known(leaks) => {
                        if let Some(leak) = leaks.first() {
                            let least = leak.results.iter().map(|r| r.1).chain(leak.heap).min();
                            if let Some(derefs) = least {
                                self.graph.flow(HEAP, receiver, derefs);
                            }
                        }
                    }
                    _ => self.graph.flow(HEAP, receiver, 0),
                }
                self.flow(dst, loc, -1);
            }
            SelectionKind::InterfaceMethod(_) => {
                let loc = self.make_site(x.id, x.pos, false, Some(syntax::expr_string(x)));
                self.value(base, Some((HEAP, 0)));
                self.flow(dst, loc, -1);
            }
            SelectionKind::MethodExpr(_) | SelectionKind::InterfaceMethodExpr(_) => {}
        }
    }

    /// The receiver that a method call or value on `base` passes.
    pub(super) fn receiver(&mut self, base: &Expr, selection: &Selection, method: ObjId, dst: Dst) {
        let (derefs, end) = self.path_derefs(selection);
        let at_pointer = matches!(self.under(end), Type::Pointer(_));
        let wants_pointer = self
            .program
            .obj(method)
            .func()
            .and_then(|f| f.recv)
            .is_some_and(|r| r.pointer);
        match (wants_pointer, at_pointer) {
            (true, true) | (false, false) => self.value(base, deref(dst, derefs)),
            (false, true) => self.value(base, deref(dst, derefs + 1)),
            (true, false) if derefs == 0 => self.address(base, dst),
            (true, false) => self.value(base, deref(dst, derefs - 1)),
        }
    }

    fn composite(&mut self, x: &Expr, dst: Dst) {
        let ty = self.ty(x);
        match self.under(ty) {
            // The elided &T{} of an element.
            Type::Pointer(elem) => {
                let too_large = self.too_large(elem, MAX_IMPLICIT_BYTES);
                let loc = self.make_site(
                    x.id,
                    x.pos,
                    too_large,
                    Some(format!("&{}", syntax::expr_string(x))),
                );
                self.elements(x, elem, Some((loc, 0)));
                if too_large {
                    self.graph.flow(HEAP, loc, -1);
                }
                self.flow(dst, loc, -1);
            }
            Type::Slice(elem) => {
                let len = self.literal_len(x);
                let too_large = self.program.store.mentions_params(elem)
                    || self.program.store.sizeof(elem).saturating_mul(len) > MAX_IMPLICIT_BYTES;
                let loc = self.make_site(x.id, x.pos, too_large, Some(syntax::expr_string(x)));
                self.elements(x, ty, Some((loc, 0)));
                if too_large {
                    self.graph.flow(HEAP, loc, -1);
                }
                self.flow(dst, loc, -1);
            }
            Type::Map(..) => self.elements(x, ty, Some((HEAP, 0))),
            _ => self.elements(x, ty, dst),
        }
    }

    /// Length of a slice literal: one past its largest index.
    fn literal_len(&self, x: &Expr) -> i64 {
        let ExprKind::CompositeLit(lit) = &x.kind else {
            return 0;
        };
        let (mut next, mut len) = (0i64, 0i64);
        for elt in &lit.elts {
            if let ExprKind::KeyValue { key, .. } = &elt.kind {
                next = self
                    .info
                    .type_of(key.id)
                    .value
                    .as_i64()
                    .unwrap_or(i64::MAX - 1);
            }
            next = next.saturating_add(1);
            len = len.max(next);
        }
        len
    }

    fn elements(&mut self, x: &Expr, ty: TypeId, dst: Dst) {
        let ExprKind::CompositeLit(lit) = &x.kind else {
            return;
        };
        let under = self.under(ty);
        for (i, elt) in lit.elts.iter().enumerate() {
            let (key, value) = match &elt.kind {
                ExprKind::KeyValue { key, value } => (Some(&**key), &**value),
                _ => (None, elt),
            };
            let elem = match &under {
                Type::Struct(s) => {
                    let field = match key.and_then(|k| k.as_ident()) {
                        Some(name) => s.fields.iter().find(|f| f.name == name.name),
                        None => s.fields.get(i),
                    };
                    field.map(|f| f.ty)
                }
                Type::Array(_, elem) | Type::Slice(elem) => Some(*elem),
                Type::Map(map_key, elem) => {
                    if let Some(key) = key {
                        self.assign(key, *map_key, dst);
                    }
                    Some(*elem)
                }
                _ => None,
            };
            match elem {
                Some(elem) => self.assign(value, elem, dst),
                None => self.value(value, Some((HEAP, 0))),
            }
        }
    }

    /// A function literal: its location, with what it captures flowing in, and its body.
    pub(super) fn closure(&mut self, x: &Expr, lit: &FuncLit, called_here: bool) -> Loc {
        let loc = self.make_site(x.id, x.pos, false, Some("func literal".to_owned()));
        let Some(&index) = self.info.func_index.get(&x.id) else {
            return loc;
        };
        let info = self.info.clone();
        let func = &info.funcs[index as usize];
        for &var in &func.captures {
            let by_value = captured_by_value(self.program, var);
            if let Some(src) = self.var_loc(var) {
                self.graph.flow(loc, src, if by_value { 0 } else { -1 });
            }
        }
        let (outer, depth) = (self.literal, self.loop_depth);
        (self.literal, self.loop_depth) = (index, 1);
        for &param in &func.params {
            self.declare(param);
        }
        for &result in &func.results {
            let result = self.declare(result);
            if !called_here {
                self.graph.flow(HEAP, result, 0);
            }
        }
        self.stmts(&lit.body.stmts);
        (self.literal, self.loop_depth) = (outer, depth);
        loc
    }
}
