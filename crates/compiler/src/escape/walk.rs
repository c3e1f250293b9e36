//! From checked trees to flows: what each expression and statement lets reach what.

use std::sync::Arc;

use rustc_hash::FxHashSet;
use syntax::ast::{AssignStmt, CallExpr, Decl, Expr, ExprKind, FuncLit, RangeStmt, Stmt, StmtKind};
use syntax::token::{BinaryOp, UnaryOp};
use syntax::{NodeId, Pos};
use types::{
    Arena, Builtin, Info, Mode, ObjId, ObjKind, Program, RangeKind, Selection, SelectionKind, Type,
    TypeId, VarKind,
};

use super::graph::{Graph, HEAP, Loc, Site};
use super::{Escape, Leak, MAX_IMPLICIT_BYTES, Unit, captured_by_value};

/// An allocation by a node.
pub struct Made {
    pub node: NodeId,
    pub loc: Loc,
    pub pos: Pos,
    pub too_large: bool,
    /// What `-m` calls it; `None` to keep quiet.
    pub text: Option<String>,
}

/// Where a value goes, after some dereferences. `None`: nowhere.
type Dst = Option<(Loc, i32)>;

fn deref(dst: Dst, n: i32) -> Dst {
    dst.map(|(loc, d)| (loc, d + n))
}

struct Walk<'a> {
    escape: &'a mut Escape,
    program: &'a mut Program,
    graph: &'a mut Graph,
    units: &'a mut Vec<Unit>,
    number: usize,
    info: Arc<Info>,
    literal: u32,
    loop_depth: u32,
    made: Vec<Made>,
    /// Labels that a goto names.
    goto_targets: FxHashSet<NodeId>,
}

/// Adds the flows of unit `number`.
pub fn build(
    escape: &mut Escape,
    program: &mut Program,
    graph: &mut Graph,
    units: &mut Vec<Unit>,
    number: usize,
) -> Vec<Made> {
    let (info, arena) = (units[number].info.clone(), units[number].arena);
    let goto_targets = info.branches.values().copied().collect();
    let mut walk = Walk {
        escape,
        program,
        graph,
        units,
        number,
        info,
        literal: 0,
        loop_depth: 1,
        made: Vec::new(),
        goto_targets,
    };
    match arena {
        Arena::Body(func) => {
            let decl = walk.program.obj(func).func().map(|f| f.decl().clone());
            if let Some(body) = decl.as_ref().and_then(|d| d.body()) {
                walk.stmts(&body.block.stmts);
            }
        }
        Arena::File(file) => {
            let file = walk.program.file(file).clone();
            for decl in &file.decls {
                walk.package_level(decl);
            }
        }
        Arena::Decl(file, decl) => {
            let file = walk.program.file(file).clone();
            walk.package_level(file.decl(decl));
        }
    }
    walk.made
}

impl Walk<'_> {
    fn package_level(&mut self, decl: &Decl) {
        if let Decl::Var(var) = decl {
            for value in &var.values {
                self.value(value, Some((HEAP, 0)));
            }
        }
    }

    fn unit(&mut self) -> &mut Unit {
        &mut self.units[self.number]
    }

    fn new_loc(&mut self, site: Site) -> Loc {
        self.graph
            .add(site, self.number as u32, self.literal, self.loop_depth)
    }

    fn declare(&mut self, var: ObjId) -> Loc {
        let loc = self.new_loc(Site::Var(var));
        self.unit().vars.insert(var, loc);
        loc
    }

    fn var_loc(&mut self, var: ObjId) -> Option<Loc> {
        if let Some(loc) = self.unit().vars.get(&var) {
            return Some(*loc);
        }
        match self.program.obj(var).var() {
            Some(v) if v.kind != VarKind::Package => Some(self.declare(var)),
            _ => None,
        }
    }

    fn flow(&mut self, dst: Dst, src: Loc, derefs: i32) {
        if let Some((loc, d)) = dst {
            self.graph.flow(loc, src, d + derefs);
        }
    }

    fn ty(&self, x: &Expr) -> TypeId {
        self.info.type_of(x.id).ty
    }

    fn under(&mut self, ty: TypeId) -> Type {
        let under = self.program.store.underlying(ty);
        let under = if self.program.store.is_type_param(under) {
            self.program.store.core_type(under).unwrap_or(under)
        } else {
            under
        };
        self.program.store.get(under).clone()
    }

    fn has_pointers(&mut self, ty: TypeId) -> bool {
        self.program.store.mentions_params(ty) || self.program.store.has_pointers(ty)
    }

    fn is_interface(&mut self, ty: TypeId) -> bool {
        !self.program.store.is_type_param(ty) && matches!(self.under(ty), Type::Interface(_))
    }

    /// Whether converting `from` to `to` copies a value that may hold pointers into a box on the heap.
    fn boxes(&mut self, from: TypeId, to: TypeId) -> bool {
        if !self.is_interface(to) || self.is_interface(from) || !self.has_pointers(from) {
            return false;
        }
        let under = self.under(from);
        self.program.store.is_type_param(from)
            || !matches!(
                under,
                Type::Pointer(_)
                    | Type::Map(..)
                    | Type::Chan(..)
                    | Type::Signature(_)
                    | Type::Basic(types::BasicKind::UnsafePointer | types::BasicKind::UntypedNil)
            )
    }

    /// A value that is converted to type `to` on its way.
    fn assign(&mut self, x: &Expr, to: TypeId, dst: Dst) {
        let from = self.ty(x);
        let dst = if self.boxes(from, to) {
            Some((HEAP, 0))
        } else {
            dst
        };
        self.value(x, dst);
    }

    fn discard(&mut self, x: &Expr) {
        self.value(x, None);
    }

    fn make_site(&mut self, node: NodeId, pos: Pos, too_large: bool, text: Option<String>) -> Loc {
        let loc = self.new_loc(Site::Expr(node));
        self.made.push(Made {
            node,
            loc,
            pos,
            too_large,
            text: text.map(|t| t.replace('…', "...")),
        });
        loc
    }

    fn too_large(&mut self, ty: TypeId, limit: i64) -> bool {
        self.program.store.mentions_params(ty) || self.program.store.sizeof(ty) > limit
    }

    // ---- expressions

    fn value(&mut self, x: &Expr, dst: Dst) {
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
    fn address(&mut self, x: &Expr, dst: Dst) {
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
    fn path_derefs(&mut self, selection: &Selection) -> (i32, TypeId) {
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
    fn receiver(&mut self, base: &Expr, selection: &Selection, method: ObjId, dst: Dst) {
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
    fn closure(&mut self, x: &Expr, lit: &FuncLit, called_here: bool) -> Loc {
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

    // ---- calls

    fn call(&mut self, x: &Expr, call: &CallExpr, dsts: &[Dst]) {
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
    fn call_with(
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

    fn named_callee(&mut self, fun: &Expr) -> Callee {
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

    fn callee_leaks(&mut self, func: ObjId) -> Callee {
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

    // ---- statements

    fn stmts(&mut self, stmts: &[Stmt]) {
        stmts.iter().for_each(|s| self.stmt(s));
    }

    fn stmt(&mut self, s: &Stmt) {
        match &s.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Expr(x) => self.discard(x),
            StmtKind::Send { chan, value, .. } => {
                let elem = match self.under(self.ty(chan)) {
                    Type::Chan(_, elem) => elem,
                    _ => types::tid::INVALID,
                };
                self.discard(chan);
                self.assign(value, elem, Some((HEAP, 0)));
            }
            StmtKind::IncDec { x, .. } => self.discard(x),
            StmtKind::Assign(assign) => self.assignment(assign),
            StmtKind::Go(x) => self.go_or_defer(x, Some(HEAP)),
            StmtKind::Defer(x) => {
                // In a loop there is one deferred call for each turn: no slot of the frame can hold them.
                let loc = self.make_site(s.id, x.pos, false, None);
                if self.loop_depth > 1 {
                    self.graph.flow(HEAP, loc, -1);
                    self.go_or_defer(x, Some(HEAP));
                } else {
                    self.go_or_defer(x, Some(loc));
                }
            }
            StmtKind::Return(values) => self.return_stmt(values),
            StmtKind::Branch { .. } => {}
            StmtKind::Block(block) => self.stmts(&block.stmts),
            StmtKind::If(stmt) => {
                stmt.init.iter().for_each(|i| self.stmt(i));
                self.discard(&stmt.cond);
                self.stmts(&stmt.then.stmts);
                stmt.els.iter().for_each(|e| self.stmt(e));
            }
            StmtKind::Switch(stmt) => {
                stmt.init.iter().for_each(|i| self.stmt(i));
                let tag_ty = stmt.tag.as_ref().map(|t| self.ty(t));
                let mut boxed = false;
                for clause in &stmt.clauses {
                    for x in &clause.exprs {
                        match tag_ty {
                            Some(ty) => {
                                self.assign(x, ty, None);
                                let case_ty = self.ty(x);
                                boxed |= self.boxes(ty, case_ty);
                            }
                            None => self.discard(x),
                        }
                    }
                    self.stmts(&clause.body);
                }
                stmt.tag
                    .iter()
                    .for_each(|t| self.value(t, boxed.then_some((HEAP, 0))));
            }
            StmtKind::TypeSwitch(stmt) => {
                stmt.init.iter().for_each(|i| self.stmt(i));
                let tag = self.new_loc(Site::Temp);
                self.value(&stmt.x, Some((tag, 0)));
                for clause in &stmt.clauses {
                    if let Some(&var) = self.info.implicits.get(&clause.id) {
                        let loc = self.declare(var);
                        self.graph.flow(loc, tag, 0);
                    }
                    self.stmts(&clause.body);
                }
            }
            StmtKind::Select(stmt) => {
                for clause in &stmt.clauses {
                    clause.comm.iter().for_each(|c| self.stmt(c));
                    self.stmts(&clause.body);
                }
            }
            StmtKind::For(stmt) => {
                self.loop_depth += 1;
                stmt.init.iter().for_each(|i| self.stmt(i));
                stmt.cond.iter().for_each(|c| self.discard(c));
                stmt.post.iter().for_each(|p| self.stmt(p));
                self.stmts(&stmt.body.stmts);
                self.loop_depth -= 1;
            }
            StmtKind::Range(range) => self.range(s, range),
            StmtKind::Labeled { stmt, .. } => {
                if self.goto_targets.contains(&s.id) {
                    // A jump back here makes a loop of what follows.
                    self.loop_depth += 1;
                }
                self.stmt(stmt);
            }
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(var) = decl {
                        let lhs: Vec<Option<ObjId>> =
                            var.names.iter().map(|n| self.info.object(n.id)).collect();
                        self.define(&lhs, &var.values);
                    }
                }
            }
        }
    }

    fn go_or_defer(&mut self, x: &Expr, keep: Option<Loc>) {
        let x = x.unparen();
        let ExprKind::Call(call) = &x.kind else {
            self.value(x, Some((HEAP, 0)));
            return;
        };
        let fun_ty = self.ty(&call.fun);
        match self.info.type_of(call.fun.id).mode {
            Mode::Builtin => {
                // The arguments are kept until the call.
                call.args
                    .iter()
                    .for_each(|a| self.value(a, Some((HEAP, 0))));
            }
            Mode::Type => call
                .args
                .iter()
                .for_each(|a| self.value(a, Some((HEAP, 0)))),
            _ => self.call_with(x, call, call.fun.unparen(), fun_ty, &[], keep),
        }
    }

    fn define(&mut self, lhs: &[Option<ObjId>], values: &[Expr]) {
        let dsts: Vec<(Dst, TypeId)> = lhs
            .iter()
            .map(|var| match var {
                Some(var) => {
                    let ty = self.program.obj(*var).ty;
                    let known = self.unit().vars.get(var).copied();
                    (Some((known.unwrap_or_else(|| self.declare(*var)), 0)), ty)
                }
                None => (None, types::tid::INVALID),
            })
            .collect();
        self.assign_all(&dsts, values);
    }

    fn assign_all(&mut self, dsts: &[(Dst, TypeId)], values: &[Expr]) {
        if values.len() == dsts.len() {
            for ((dst, ty), value) in dsts.iter().zip(values) {
                self.assign(value, *ty, *dst);
            }
            return;
        }
        let [value] = values else { return };
        let inner = value.unparen();
        if let (ExprKind::Call(call), Type::Tuple(results)) =
            (&inner.kind, self.under(self.ty(value)))
        {
            let dsts: Vec<Dst> = results
                .iter()
                .zip(dsts)
                .map(|(from, (dst, to))| {
                    if self.boxes(*from, *to) {
                        Some((HEAP, 0))
                    } else {
                        *dst
                    }
                })
                .collect();
            self.call(inner, call, &dsts);
        } else {
            // v, ok := of a map element, assertion or receive.
            let (dst, ty) = dsts.first().copied().unwrap_or((None, types::tid::INVALID));
            self.assign(inner, ty, dst);
        }
    }

    fn assignment(&mut self, assign: &AssignStmt) {
        if assign.op.is_some() {
            assign.lhs.iter().for_each(|x| self.discard(x));
            assign.rhs.iter().for_each(|x| self.discard(x));
            return;
        }
        let dsts: Vec<(Dst, TypeId)> = assign
            .lhs
            .iter()
            .map(|x| (self.target(x, assign.define), self.target_type(x)))
            .collect();
        self.assign_all(&dsts, &assign.rhs);
    }

    fn target_type(&mut self, x: &Expr) -> TypeId {
        if let ExprKind::Ident(_) = x.unparen().kind
            && let Some(object) = self.info.object(x.unparen().id)
        {
            return self.program.obj(object).ty;
        }
        self.ty(x)
    }

    /// Where an assignment to `x` puts the value. Stores through pointers count as going to the heap.
    fn target(&mut self, x: &Expr, define: bool) -> Dst {
        match &x.kind {
            ExprKind::Paren(inner) => self.target(inner, define),
            ExprKind::Ident(_) => {
                let object = self.info.object(x.id)?;
                if !matches!(self.program.obj(object).kind, ObjKind::Var(_)) {
                    return None;
                }
                let loc = if define && !self.unit().vars.contains_key(&object) {
                    Some(self.declare(object))
                } else {
                    self.var_loc(object)
                };
                Some((loc.unwrap_or(HEAP), 0))
            }
            ExprKind::Selector { x: base, .. } => {
                let Some(selection) = self.info.selections.get(&x.id).cloned() else {
                    return Some((HEAP, 0));
                };
                if self.path_derefs(&selection).0 == 0 {
                    self.target(base, false)
                } else {
                    self.discard(base);
                    Some((HEAP, 0))
                }
            }
            ExprKind::Index(index) => {
                match self.under(self.ty(&index.x)) {
                    Type::Array(..) => {
                        index.indices.iter().for_each(|i| self.discard(i));
                        return self.target(&index.x, false);
                    }
                    Type::Map(key, _) => index
                        .indices
                        .iter()
                        .for_each(|i| self.assign(i, key, Some((HEAP, 0)))),
                    _ => index.indices.iter().for_each(|i| self.discard(i)),
                }
                self.discard(&index.x);
                Some((HEAP, 0))
            }
            ExprKind::Star(inner) => {
                self.discard(inner);
                Some((HEAP, 0))
            }
            _ => Some((HEAP, 0)),
        }
    }

    fn return_stmt(&mut self, values: &[Expr]) {
        if values.is_empty() {
            return;
        }
        let info = self.info.clone();
        let Some(func) = info.funcs.get(self.literal as usize) else {
            return;
        };
        let dsts: Vec<(Dst, TypeId)> = func
            .results
            .iter()
            .map(|r| {
                (
                    self.var_loc(*r).map(|loc| (loc, 0)),
                    self.program.obj(*r).ty,
                )
            })
            .collect();
        self.assign_all(&dsts, values);
    }

    fn range(&mut self, s: &Stmt, range: &RangeStmt) {
        let kind = self.info.ranges.get(&s.id).map(|r| r.kind);
        let x_value = self.new_loc(Site::Temp);
        if kind == Some(RangeKind::Func) {
            self.range_func(s, range);
            return;
        }
        self.value(&range.x, Some((x_value, 0)));
        self.loop_depth += 1;
        for (i, var) in [&range.key, &range.value].into_iter().enumerate() {
            let Some(var) = var else { continue };
            let dst = self.target(var, range.define);
            // Elements may be boxed on their way to a variable of interface type that was there before.
            let content = match (kind, i) {
                (Some(RangeKind::Array), 1) => Some(0),
                (Some(RangeKind::Slice | RangeKind::ArrayPointer), 1)
                | (Some(RangeKind::Map), _) => Some(1),
                _ => None,
            };
            if let Some(derefs) = content {
                let info = self.info.ranges.get(&s.id).copied();
                let from = info.map_or(
                    types::tid::INVALID,
                    |r| if i == 0 { r.key } else { r.value },
                );
                let to = self.target_type(var);
                let dst = if self.boxes(from, to) {
                    Some((HEAP, 0))
                } else {
                    dst
                };
                self.flow(dst, x_value, derefs);
            }
        }
        self.stmts(&range.body.stmts);
        self.loop_depth -= 1;
    }

    /// The body of a range over a function is a closure that the function calls.
    fn range_func(&mut self, s: &Stmt, range: &RangeStmt) {
        let body = self.make_site(s.id, range.x.pos, false, None);
        struct Used<'a> {
            info: &'a Info,
            found: Vec<ObjId>,
        }
        impl syntax::walk::Visitor for Used<'_> {
            fn visit_expr(&mut self, x: &Expr) {
                if let ExprKind::Ident(_) = x.kind {
                    self.found.extend(self.info.object(x.id));
                }
                syntax::walk::walk_expr(self, x);
            }
        }
        let info = self.info.clone();
        let mut used = Used {
            info: &info,
            found: Vec::new(),
        };
        for var in [&range.key, &range.value].into_iter().flatten() {
            syntax::walk::Visitor::visit_expr(&mut used, var);
        }
        syntax::walk::walk_stmts(&mut used, &range.body.stmts);
        for var in used.found {
            // Known already: declared outside.
            if let Some(loc) = self.unit().vars.get(&var).copied() {
                self.graph.flow(body, loc, -1);
            }
        }
        // A return inside stores the results from the closure.
        if let Some(func) = info.funcs.get(self.literal as usize) {
            for result in &func.results {
                if let Some(loc) = self.unit().vars.get(result).copied() {
                    self.graph.flow(body, loc, -1);
                }
            }
        }
        let x = range.x.unparen();
        let callee = match &x.kind {
            ExprKind::Ident(_) | ExprKind::Selector { .. } => {
                match self.info.selections.get(&x.id).cloned() {
                    Some(Selection {
                        kind: SelectionKind::Method(method),
                        ..
                    }) => {
                        self.value(x, None);
                        match self.callee_leaks(method) {
                            Callee::Known(leaks) => {
                                Callee::Known(leaks.iter().skip(1).cloned().collect())
                            }
                            Callee::InBatch(unit) => {
                                let param = self.units[unit].params.get(1).copied().flatten();
                                self.graph.flow(param.unwrap_or(HEAP), body, -1);
                                Callee::Known(no_leaks())
                            }
                            other => other,
                        }
                    }
                    _ => {
                        self.value(x, None);
                        self.named_callee(x)
                    }
                }
            }
            _ => {
                self.value(x, None);
                Callee::Unknown
            }
        };
        match callee {
            Callee::Known(leaks) => {
                if let Some(derefs) = leaks.first().and_then(|l| l.heap) {
                    self.graph.flow(HEAP, body, derefs - 1);
                }
            }
            Callee::InBatch(unit) => {
                let param = self.units[unit].params.first().copied().flatten();
                self.graph.flow(param.unwrap_or(HEAP), body, -1);
            }
            _ => self.graph.flow(HEAP, body, -1),
        }
        self.loop_depth += 1;
        for var in [&range.key, &range.value].into_iter().flatten() {
            self.target(var, range.define);
        }
        self.stmts(&range.body.stmts);
        self.loop_depth -= 1;
    }
}

/// What is known of a call's target.
enum Callee {
    Unknown,
    Known(Arc<[Leak]>),
    /// A function of the batch.
    InBatch(usize),
    /// A function literal that is called where it stands.
    Literal(u32),
}

/// Leaks of a function that keeps nothing.
fn no_leaks() -> Arc<[Leak]> {
    vec![Leak::default(); 64].into()
}
