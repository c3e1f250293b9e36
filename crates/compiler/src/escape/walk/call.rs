//! Flows of calls: arguments to parameters, results back; conversions and predeclared functions.

use syntax::ast::{CallExpr, Expr, ExprKind};
use types::{Arena, Builtin, Mode, ObjId, ObjKind, SelectionKind, Type, TypeId};

use super::{Callee, Dst, Walk, deref, no_leaks};
use crate::escape::MAX_IMPLICIT_BYTES;
use crate::escape::graph::{HEAP, Loc, Site};

impl Walk<'_> {
    pub(super) fn call(&mut self, x: &Expr, call: &CallExpr, dsts: &[Dst]) {
        let fun = call.fun.unparen();
        let tv = self.info.type_of(call.fun.id);
        let (mode, fun_ty) = (tv.mode, tv.ty);
        match mode {
            Mode::Type => {
                if let Some(arg) = call.args.first() {
                    self.conversion(arg, fun_ty, dsts.first().copied().flatten());
                }
                return;
            }
            Mode::Builtin => {
                self.builtin(x, call, dsts.first().copied().flatten());
                return;
            }
            _ => {}
        }
        self.call_with(x, call, fun, fun_ty, dsts, None);
    }

    fn conversion(&mut self, arg: &Expr, to: TypeId, dst: Dst) {
        let from = self.ty(arg);
        match (self.under(from), self.under(to)) {
            (Type::Slice(_), Type::Array(..)) => self.value(arg, deref(dst, 1)),
            (Type::Slice(_), Type::Basic(_)) | (Type::Basic(_), Type::Slice(_)) => {
                self.discard(arg)
            }
            _ => self.assign(arg, to, dst),
        }
    }

    /// A call of anything but a builtin. `keep`: where arguments go besides (the closure of a `defer`, or the heap for `go`).
    pub(super) fn call_with(
        &mut self,
        x: &Expr,
        call: &CallExpr,
        fun: &Expr,
        fun_ty: TypeId,
        dsts: &[Dst],
        keep: Option<Loc>,
    ) {
        let mut args: Vec<Loc> = Vec::new();
        let callee = match &fun.kind {
            ExprKind::FuncLit(lit) => {
                let loc = self.closure(fun, lit, keep != Some(HEAP));
                if let Some(keep) = keep {
                    self.graph.flow(keep, loc, -1);
                }
                self.info
                    .func_index
                    .get(&fun.id)
                    .map_or(Callee::Unknown, |index| Callee::Literal(*index))
            }
            ExprKind::Selector { x: base, .. } => {
                match self.info.selections.get(&fun.id).cloned() {
                    Some(selection) => match selection.kind {
                        SelectionKind::Method(method) => {
                            let receiver = self.new_loc(Site::Temp);
                            self.receiver(base, &selection, method, Some((receiver, 0)));
                            args.push(receiver);
                            self.callee_leaks(method)
                        }
                        SelectionKind::InterfaceMethod(_) => {
                            self.value(base, Some((HEAP, 0)));
                            Callee::Unknown
                        }
                        SelectionKind::MethodExpr(method) => self.callee_leaks(method),
                        SelectionKind::InterfaceMethodExpr(_) => Callee::Unknown,
                        SelectionKind::Field => {
                            self.value(fun, keep.map(|k| (k, 0)));
                            Callee::Unknown
                        }
                    },
                    None => self.named_callee(fun),
                }
            }
            ExprKind::Ident(_) => {
                let callee = self.named_callee(fun);
                if matches!(callee, Callee::Unknown) {
                    self.value(fun, keep.map(|k| (k, 0)));
                }
                callee
            }
            ExprKind::Index(index)
                if index
                    .indices
                    .iter()
                    .all(|i| self.info.type_of(i.id).mode == Mode::Type) =>
            {
                let inner = index.x.unparen();
                match self.info.selections.get(&inner.id).map(|s| s.kind) {
                    Some(SelectionKind::Method(_)) => {
                        // A generic method: rare; its receiver counts as leaking.
                        if let ExprKind::Selector { x: base, .. } = &inner.kind {
                            self.address(base, Some((HEAP, 0)));
                        }
                        Callee::Unknown
                    }
                    _ => self.named_callee(inner),
                }
            }
            _ => {
                self.value(fun, keep.map(|k| (k, 0)));
                Callee::Unknown
            }
        };

        self.arguments(x, call, fun_ty, &mut args);
        if let Some(keep) = keep {
            for arg in &args {
                self.graph.flow(keep, *arg, 0);
            }
        }
        match callee {
            Callee::Unknown => {
                for arg in args {
                    self.graph.flow(HEAP, arg, 0);
                }
            }
            Callee::Known(leaks) => {
                for (i, arg) in args.into_iter().enumerate() {
                    let Some(leak) = leaks.get(i) else {
                        self.graph.flow(HEAP, arg, 0);
                        continue;
                    };
                    if let Some(derefs) = leak.heap {
                        self.graph.flow(HEAP, arg, derefs);
                    }
                    for (result, derefs) in &leak.results {
                        self.flow(dsts.get(*result as usize).copied().flatten(), arg, *derefs);
                    }
                }
            }
            Callee::InBatch(unit) => {
                let (params, results) = (
                    self.units[unit].params.clone(),
                    self.units[unit].results.clone(),
                );
                self.connect(
                    args,
                    &params.into_iter().flatten().collect::<Vec<_>>(),
                    &results,
                    dsts,
                );
            }
            Callee::Literal(index) => {
                let info = self.info.clone();
                let func = &info.funcs[index as usize];
                let params: Vec<Loc> = func
                    .params
                    .iter()
                    .filter_map(|p| self.var_loc(*p))
                    .collect();
                let results: Vec<Loc> = func
                    .results
                    .iter()
                    .filter_map(|r| self.var_loc(*r))
                    .collect();
                self.connect(args, &params, &results, dsts);
            }
        }
    }

    fn connect(&mut self, args: Vec<Loc>, params: &[Loc], results: &[Loc], dsts: &[Dst]) {
        for (i, arg) in args.into_iter().enumerate() {
            let to = params.get(i).copied().unwrap_or(HEAP);
            self.graph.flow(to, arg, 0);
        }
        for (result, dst) in results.iter().zip(dsts) {
            self.flow(*dst, *result, 0);
        }
    }

    /// Evaluates the arguments into a location each (variadic ones into their slice).
    fn arguments(&mut self, x: &Expr, call: &CallExpr, fun_ty: TypeId, args: &mut Vec<Loc>) {
        let Type::Signature(signature) = self.under(fun_ty) else {
            call.args
                .iter()
                .for_each(|a| self.value(a, Some((HEAP, 0))));
            return;
        };
        let params: Vec<TypeId> = signature.params.iter().map(|p| p.ty).collect();
        let fixed = if signature.variadic && call.ellipsis.is_none() {
            params.len() - 1
        } else {
            params.len()
        };
        let first = args.len();
        for _ in 0..params.len() {
            let loc = self.new_loc(Site::Temp);
            args.push(loc);
        }
        // The slice that holds variadic arguments, and its element type.
        let rest = (fixed < params.len()).then(|| {
            let elem = match self.under(params[fixed]) {
                Type::Slice(elem) => elem,
                _ => params[fixed],
            };
            let count = call.args.len().saturating_sub(fixed) as i64;
            let too_large = self.program.store.mentions_params(elem)
                || self.program.store.sizeof(elem).saturating_mul(count) > MAX_IMPLICIT_BYTES;
            let text = (count > 0).then(|| "... argument".to_owned());
            let loc = self.make_site(x.id, call.lparen, too_large, text);
            if too_large {
                self.graph.flow(HEAP, loc, -1);
            }
            self.graph.flow(args[first + fixed], loc, -1);
            (loc, elem)
        });
        let target = |i: usize| -> (Dst, TypeId) {
            match rest {
                Some((loc, elem)) if i >= fixed => (Some((loc, 0)), elem),
                _ if i < params.len() => (Some((args[first + i], 0)), params[i]),
                _ => (Some((HEAP, 0)), types::tid::INVALID),
            }
        };
        if let [only] = &call.args[..]
            && let ExprKind::Call(inner) = &only.unparen().kind
            && let Type::Tuple(results) = self.under(self.ty(only))
            && results.len() > 1
        {
            // f(g()): g's results are the arguments.
            let dsts: Vec<Dst> = results
                .iter()
                .enumerate()
                .map(|(i, from)| {
                    let (dst, to) = target(i);
                    if self.boxes(*from, to) {
                        Some((HEAP, 0))
                    } else {
                        dst
                    }
                })
                .collect();
            self.call(only.unparen(), inner, &dsts);
            return;
        }
        for (i, arg) in call.args.iter().enumerate() {
            let (dst, to) = target(i);
            self.assign(arg, to, dst);
        }
    }

    pub(super) fn named_callee(&mut self, fun: &Expr) -> Callee {
        let id = match &fun.kind {
            ExprKind::Selector { sel, .. } => sel.id,
            _ => fun.id,
        };
        match self.info.object(id) {
            Some(object) if matches!(self.program.obj(object).kind, ObjKind::Func(_)) => {
                self.callee_leaks(object)
            }
            _ => Callee::Unknown,
        }
    }

    pub(super) fn callee_leaks(&mut self, func: ObjId) -> Callee {
        if let Some(unit) = self.units.iter().position(|u| u.arena == Arena::Body(func)) {
            return Callee::InBatch(unit);
        }
        let Some(decl) = self.program.obj(func).func().map(|f| f.decl().clone()) else {
            return Callee::Unknown;
        };
        if decl.body.is_none() {
            // A native: its declaration says whether it keeps its arguments.
            return if decl.pragma.noescape {
                Callee::Known(no_leaks())
            } else {
                Callee::Unknown
            };
        }
        if let Some(known) = self.escape.summaries.get(&func) {
            return Callee::Known(known.clone());
        }
        // Not analysed by now: either too deep in standard packages, or reached through a value only.
        Callee::Unknown
    }

    fn builtin(&mut self, x: &Expr, call: &CallExpr, dst: Dst) {
        let object = match &call.fun.unparen().kind {
            ExprKind::Selector { sel, .. } => self.info.object(sel.id),
            _ => self.info.object(call.fun.unparen().id),
        };
        let Some(ObjKind::Builtin(builtin)) = object.map(|o| self.program.obj(o).kind.clone())
        else {
            call.args
                .iter()
                .for_each(|a| self.value(a, Some((HEAP, 0))));
            return;
        };
        match builtin {
            Builtin::Append => {
                let Some((slice, rest)) = call.args.split_first() else {
                    return;
                };
                let slice_ty = self.ty(slice);
                let elem = match self.under(slice_ty) {
                    Type::Slice(elem) => elem,
                    _ => slice_ty,
                };
                self.value(slice, dst);
                for arg in rest {
                    if call.ellipsis.is_some() {
                        let content = self.has_pointers(elem).then_some((HEAP, 1));
                        self.value(arg, content);
                    } else {
                        self.assign(arg, elem, Some((HEAP, 0)));
                    }
                }
            }
            Builtin::Copy => {
                let elem_pointers =
                    match call.args.get(1).map(|a| self.ty(a)).map(|t| self.under(t)) {
                        Some(Type::Slice(elem)) => self.has_pointers(elem),
                        _ => false,
                    };
                for (i, arg) in call.args.iter().enumerate() {
                    self.value(arg, (i == 1 && elem_pointers).then_some((HEAP, 1)));
                }
            }
            Builtin::Panic => {
                if let Some(arg) = call.args.first() {
                    self.value(arg, Some((HEAP, 0)));
                }
            }
            Builtin::New => {
                let ty = match self.under(self.ty(x)) {
                    Type::Pointer(elem) => elem,
                    _ => return,
                };
                let too_large = self.too_large(ty, MAX_IMPLICIT_BYTES);
                let loc =
                    self.make_site(x.id, call.lparen, too_large, Some(syntax::expr_string(x)));
                if too_large {
                    self.graph.flow(HEAP, loc, -1);
                }
                if let Some(arg) = call.args.first()
                    && self.info.type_of(arg.id).mode != Mode::Type
                {
                    self.assign(arg, ty, Some((loc, 0)));
                }
                self.flow(dst, loc, -1);
            }
            Builtin::Make => {
                let ty = self.ty(x);
                if let Type::Slice(elem) = self.under(ty) {
                    let size = call
                        .args
                        .last()
                        .and_then(|a| self.info.type_of(a.id).constant().and_then(|c| c.as_i64()));
                    let constant = call.args[1..]
                        .iter()
                        .all(|a| self.info.type_of(a.id).mode == Mode::Const);
                    let too_large = !constant
                        || self.program.store.mentions_params(elem)
                        || size.is_none_or(|n| {
                            self.program.store.sizeof(elem).saturating_mul(n) > MAX_IMPLICIT_BYTES
                        });
                    let loc =
                        self.make_site(x.id, call.lparen, too_large, Some(syntax::expr_string(x)));
                    if too_large {
                        self.graph.flow(HEAP, loc, -1);
                    }
                    self.flow(dst, loc, -1);
                }
                call.args[1..].iter().for_each(|a| self.discard(a));
            }
            Builtin::Min
            | Builtin::Max
            | Builtin::Add
            | Builtin::Slice
            | Builtin::SliceData
            | Builtin::String
            | Builtin::StringData => call.args.iter().for_each(|a| self.value(a, dst)),
            Builtin::Delete => {
                let key = match call.args.first().map(|a| self.ty(a)).map(|t| self.under(t)) {
                    Some(Type::Map(key, _)) => key,
                    _ => types::tid::INVALID,
                };
                for (i, arg) in call.args.iter().enumerate() {
                    if i == 1 {
                        self.assign(arg, key, None)
                    } else {
                        self.discard(arg)
                    }
                }
            }
            _ => call.args.iter().for_each(|a| self.discard(a)),
        }
    }
}
