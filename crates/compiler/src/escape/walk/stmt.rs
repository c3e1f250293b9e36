//! Flows of statements.

use syntax::ast::{AssignStmt, Decl, Expr, ExprKind, RangeStmt, Stmt, StmtKind};
use types::{Info, Mode, ObjId, ObjKind, RangeKind, Selection, SelectionKind, Type, TypeId};

use super::{Callee, Dst, Walk, no_leaks};
use crate::escape::graph::{HEAP, Loc, Site};

impl Walk<'_> {
    pub(super) fn stmts(&mut self, stmts: &[Stmt]) {
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
