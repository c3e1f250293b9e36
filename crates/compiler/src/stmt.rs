//! Statements.

use bytecode::isa::Op;
use syntax::{
    BinaryOp, Block, BranchTok, Decl, Expr, ExprKind, ForStmt, IfStmt, NodeId, Stmt, StmtKind,
    VarDecl,
};
use types::{Builtin, Mode, ObjId, Type};

use crate::asm::{Label, Slot};
use crate::func::{Fx, Loc, Rep, ResultVar, Target, To};
use crate::rangefunc::Exit;

impl Fx<'_> {
    pub fn block(&mut self, block: &Block) {
        self.stmts(&block.stmts);
    }

    pub fn stmts(&mut self, stmts: &[Stmt]) {
        let scope = self.scope_mark();
        for stmt in stmts {
            self.stmt(stmt);
        }
        self.end_scope(scope);
    }

    pub fn stmt(&mut self, stmt: &Stmt) {
        let mark = self.mark();
        self.pos(stmt.pos);
        match &stmt.kind {
            StmtKind::Bad | StmtKind::Empty => {}
            StmtKind::Expr(e) => self.expr_stmt(e),
            StmtKind::Send { chan, value, .. } => {
                let t = self.ty(chan);
                let elem = self.elem(t);
                let (ch, value) = self.in_order([chan, value], |fx| {
                    let ch = fx.expr(chan, To::Any);
                    let value = fx.convert_to(value, elem, To::Any);
                    (ch, fx.settle(value, elem))
                });
                self.pos(stmt.pos);
                self.emit_t(Op::Send, ch, value, (), t);
            }
            StmtKind::IncDec { x, inc, .. } => self.inc_dec(x, *inc),
            StmtKind::Assign(assign) => self.assign(assign),
            StmtKind::Go(e) => self.go_stmt(e, stmt.id),
            StmtKind::Defer(e) => self.defer_stmt(e, stmt.id),
            StmtKind::Return(values) => self.return_stmt(values),
            StmtKind::Branch { tok, .. } => self.branch(*tok, stmt.id),
            StmtKind::Block(block) => self.block(block),
            StmtKind::If(s) => self.if_stmt(s),
            StmtKind::Switch(s) => self.switch_stmt(s, stmt.id),
            StmtKind::TypeSwitch(s) => self.type_switch(s, stmt.id),
            StmtKind::Select(s) => self.select_stmt(s, stmt.id),
            StmtKind::For(s) => self.for_stmt(s, stmt.id),
            StmtKind::Range(s) => self.range_stmt(s, stmt.id),
            StmtKind::Labeled { stmt: inner, .. } => {
                let label = self.goto_label(stmt.id);
                self.f.b.bind(label);
                self.f.bound.insert(stmt.id);
                self.stmt(inner);
            }
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(var) = decl {
                        self.var_decl(var);
                    }
                }
            }
        }
        self.release(mark);
    }

    fn goto_label(&mut self, id: NodeId) -> Label {
        match self.f.gotos.get(&id) {
            Some(label) => *label,
            None => {
                let label = self.f.b.label();
                self.f.gotos.insert(id, label);
                label
            }
        }
    }

    fn expr_stmt(&mut self, e: &Expr) {
        let e = e.unparen();
        if let ExprKind::Call(call) = &e.kind {
            let fun = call.fun.unparen();
            let mode = self.info.type_of(fun.id).mode;
            if mode == Mode::Builtin
                && matches!(self.builtin_of(fun), Some(Builtin::Recover | Builtin::Copy))
            {
                self.expr(e, To::Any);
                return;
            }
            if mode != Mode::Type && mode != Mode::Builtin {
                if self.intrinsic_tuple(e, call).is_none()
                    && self.intrinsic(e, call, To::Any).is_none()
                {
                    self.call(e, call);
                }
                return;
            }
        }
        self.expr(e, To::Any);
    }

    // ---- variables

    fn var_decl(&mut self, decl: &VarDecl) {
        let mark = self.mark();
        self.pos(decl.pos);
        let objs: Vec<Option<ObjId>> = decl.names.iter().map(|n| self.info.object(n.id)).collect();
        if decl.values.is_empty() {
            for obj in objs.into_iter().flatten() {
                self.declare_zero(obj);
            }
        } else if decl.values.len() == decl.names.len() {
            self.in_order(&decl.values, |fx| {
                for (i, (obj, value)) in objs.iter().zip(&decl.values).enumerate() {
                    let mark = fx.mark();
                    match obj {
                        Some(obj) if !decl.names[i].name.is_blank() => {
                            fx.define_var(*obj, value);
                        }
                        Some(obj) => {
                            let t = fx.obj_type(*obj);
                            fx.convert_to(value, t, To::Any);
                        }
                        None => {
                            fx.expr(value, To::Any);
                        }
                    }
                    fx.release(mark);
                }
            });
        } else {
            let values = self.values(&decl.values[0]);
            for (obj, (slot, t)) in objs.into_iter().zip(values) {
                if let Some(obj) = obj {
                    self.define_from(obj, slot, t);
                }
            }
        }
        self.release(mark);
    }

    /// A variable with its zero value.
    pub fn declare_zero(&mut self, obj: ObjId) {
        let t = self.obj_type(obj);
        match self.declare(obj) {
            Loc::Slots(slot) | Loc::Stack(slot) => self.zero(slot, t),
            Loc::Boxed(_) => {}
        }
    }

    /// A new variable that starts with the value of an expression.
    pub fn define_var(&mut self, obj: ObjId, value: &Expr) {
        let t = self.obj_type(obj);
        if self.symbol(obj).is_blank() {
            self.convert_to(value, t, To::Any);
            return;
        }
        // A literal is built in place when the variable is new memory.
        let literal = match &value.unparen().kind {
            ExprKind::CompositeLit(lit)
                if matches!(self.under(t), Type::Struct(_) | Type::Array(..)) =>
            {
                Some(lit)
            }
            _ => None,
        };
        match (self.declare(obj), literal) {
            (Loc::Slots(slot), _) => {
                self.convert_to(value, t, To::Fresh(slot));
            }
            (loc @ Loc::Boxed(_), Some(lit)) => {
                let place = self.var_place(loc, t);
                self.fill(&place, lit, t, true);
            }
            (loc, _) => {
                let vt = self.value_type(value);
                if self.lay(t).slots > 16
                    && !self.needs_interface(vt, t)
                    && let Some(from) = self.memory_of(value)
                {
                    let place = self.var_place(loc, t);
                    let home = self.address(&place, t);
                    self.emit_t(Op::CopyMem, home, from, (), t);
                    return;
                }
                let slot = self.convert_to(value, t, To::Any);
                let place = self.var_place(loc, t);
                self.store(&place, slot, t);
            }
        }
    }

    /// A new variable that starts with a value of type `t` in slots.
    pub fn define_from(&mut self, obj: ObjId, slot: Slot, t: types::TypeId) {
        if self.symbol(obj).is_blank() {
            return;
        }
        let vt = self.obj_type(obj);
        let loc = self.declare(obj);
        let place = self.var_place(loc, vt);
        let value = self.box_value(slot, t, vt, To::Any);
        self.store(&place, value, vt);
    }

    // ---- control flow

    fn if_stmt(&mut self, s: &IfStmt) {
        let scope = self.scope_mark();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let otherwise = self.f.b.label();
        self.pos(s.cond.pos);
        self.cond(&s.cond, otherwise, false, false);
        self.block(&s.then);
        match &s.els {
            Some(els) => {
                let end = self.f.b.label();
                self.f.b.jump(end);
                self.f.b.bind(otherwise);
                self.stmt(els);
                self.f.b.bind(end);
            }
            None => self.f.b.bind(otherwise),
        }
        self.end_scope(scope);
    }

    fn branch(&mut self, tok: BranchTok, id: NodeId) {
        let target = self.info.branches.get(&id).copied();
        match tok {
            // The clause's end knows where a fallthrough goes.
            BranchTok::Fallthrough => {}
            BranchTok::Break => self.exit(Exit::Break(target.expect("a checked branch"))),
            BranchTok::Continue => self.exit(Exit::Continue(target.expect("a checked branch"))),
            BranchTok::Goto => self.exit(Exit::Goto(target.expect("a checked branch"))),
        }
    }

    /// Goes to a target inside the current function; `false` when it lies outside.
    pub fn local_exit(&mut self, exit: Exit) -> bool {
        match exit {
            Exit::Break(id) => match self.f.targets.get(&id).and_then(|t| t.brk) {
                Some(label) => self.f.b.jump(label),
                None => return false,
            },
            Exit::Continue(id) => match self.f.targets.get(&id).and_then(|t| t.cont) {
                Some(label) => self.f.b.jump(label),
                None => return false,
            },
            Exit::Goto(id) => {
                if !self.owns_label(id) {
                    return false;
                }
                let label = self.goto_label(id);
                if self.f.bound.contains(&id) {
                    self.f.b.jump_back(label);
                } else {
                    self.f.b.jump(label);
                }
            }
            Exit::Return => {
                if self.f.body.is_some() {
                    return false;
                }
                self.return_here();
            }
        }
        true
    }

    fn for_stmt(&mut self, s: &ForStmt, id: NodeId) {
        let scope = self.scope_mark();
        let mut boxed = Vec::new();
        if let Some(init) = &s.init {
            self.stmt(init);
            if let StmtKind::Assign(assign) = &init.kind
                && assign.define
            {
                for lhs in &assign.lhs {
                    if let Some(obj) = lhs.as_ident().and_then(|i| self.info.object(i.id))
                        && let Some(Loc::Boxed(slot)) = self.f.vars.get(&obj).copied()
                    {
                        boxed.push((obj, slot));
                    }
                }
            }
        }
        let (top, next, test, end) = (
            self.f.b.label(),
            self.f.b.label(),
            self.f.b.label(),
            self.f.b.label(),
        );
        self.f.targets.insert(
            id,
            Target {
                brk: Some(end),
                cont: Some(next),
            },
        );
        // The condition is tested at the bottom; a simple one is repeated before the loop.
        if let Some(cond) = &s.cond {
            self.pos(cond.pos);
            if self.is_simple(cond) {
                self.cond(cond, end, false, false);
            } else {
                self.f.b.jump(test);
            }
        }
        self.f.b.bind(top);
        self.block(&s.body);
        self.f.b.bind(next);
        for (obj, slot) in boxed {
            self.renew(obj, slot);
        }
        let fused = match (&s.post, &s.cond) {
            (Some(post), Some(cond)) => self.count_up(post, cond, top, test),
            _ => false,
        };
        if !fused {
            if let Some(post) = &s.post {
                self.stmt(post);
            }
            self.f.b.bind(test);
            match &s.cond {
                Some(cond) => {
                    self.pos(cond.pos);
                    self.cond(cond, top, true, true);
                }
                None => self.f.b.jump_back(top),
            }
        }
        self.f.b.bind(end);
        self.end_scope(scope);
    }

    /// A copy of a boxed loop variable for the next iteration.
    fn renew(&mut self, obj: ObjId, slot: Slot) {
        let mark = self.mark();
        let t = self.obj_type(obj);
        let fresh = self.ptr();
        self.emit_t(Op::New, fresh, (), (), t);
        if self.lay(t).slots > 16 {
            self.emit_t(Op::CopyMem, fresh, slot, (), t);
        } else {
            let value = self.load(&crate::place::Place::Mem { ptr: slot, off: 0 }, t);
            self.store(&crate::place::Place::Mem { ptr: fresh, off: 0 }, value, t);
        }
        self.emit(Op::Mov, slot, fresh, ());
        self.release(mark);
    }

    /// `i++` with the condition `i < n` as one instruction, when `n` is a slot or a small constant.
    fn count_up(&mut self, post: &Stmt, cond: &Expr, top: Label, test: Label) -> bool {
        let StmtKind::IncDec {
            x: counter,
            inc: true,
            ..
        } = &post.kind
        else {
            return false;
        };
        let ExprKind::Binary {
            op: BinaryOp::Lt,
            x,
            y,
            ..
        } = &cond.unparen().kind
        else {
            return false;
        };
        let (Some(a), Some(b)) = (self.named_object(counter), self.named_object(x)) else {
            return false;
        };
        let Some(Loc::Slots(slot)) = self.f.vars.get(&a).copied() else {
            return false;
        };
        let t = self.obj_type(a);
        if a != b
            || !matches!(
                self.lay(t).rep,
                Rep::Int {
                    bytes: 8,
                    signed: true
                }
            )
        {
            return false;
        }
        self.pos(post.pos);
        if let Some(imm) = self.immediate(y) {
            self.f.b.bind(test);
            self.f.b.branch_back(Op::IncJLtIL, slot, imm, top);
            return true;
        }
        let bound = match &y.unparen().kind {
            ExprKind::Ident(_) => self.slot_of(y),
            ExprKind::Call(call)
                if self.info.type_of(call.fun.unparen().id).mode == Mode::Builtin
                    && self.builtin_of(call.fun.unparen()) == Some(Builtin::Len) =>
            {
                let t = self.ty(&call.args[0]);
                match self.lay(t).rep {
                    Rep::Str | Rep::Slice => self.slot_of(&call.args[0]).map(|s| s.offset(1)),
                    _ => None,
                }
            }
            _ => None,
        };
        let Some(bound) = bound else { return false };
        self.f.b.bind(test);
        self.f.b.branch_back(Op::IncJLtL, slot, bound, top);
        true
    }

    /// The slots of a variable that has some of its own.
    pub fn slot_of(&self, e: &Expr) -> Option<Slot> {
        let e = e.unparen();
        if self.info.type_of(e.id).mode == Mode::Const || self.prebound.contains_key(&e.id) {
            return None;
        }
        let ident = e.as_ident()?;
        match self.f.vars.get(&self.info.object(ident.id)?)? {
            Loc::Slots(slot) => Some(*slot),
            _ => None,
        }
    }

    // ---- return

    fn return_stmt(&mut self, values: &[Expr]) {
        if self.f.body.is_some() {
            self.return_from_loop(values);
            return;
        }
        self.store_results(values);
        self.return_here();
    }

    /// Evaluates the operands of a return statement into the results.
    pub fn store_results(&mut self, values: &[Expr]) {
        let results = self.f.results.clone();
        if values.is_empty() {
            return;
        }
        if values.len() != results.len() {
            let list = self.tuple(&values[0]).expect("several values");
            for (r, (slot, t)) in results.iter().zip(list) {
                let value = self.box_value(slot, t, r.ty, To::Any);
                self.store_result(r, value);
            }
            return;
        }
        self.in_order(values, |fx| fx.store_each_result(values, &results));
    }

    fn store_each_result(&mut self, values: &[Expr], results: &[ResultVar]) {
        let named = self.named_results();
        if let ([value], [r]) = (values, results) {
            if r.loc.is_none() {
                let to = if named || self.f.has_defer {
                    To::Slot(r.slot)
                } else {
                    To::Fresh(r.slot)
                };
                self.convert_to(value, r.ty, to);
            } else {
                let value = self.convert_to(value, r.ty, To::Any);
                self.store_result(r, value);
            }
            return;
        }
        if !named && !self.f.has_defer && results.iter().all(|r| r.loc.is_none()) {
            // Nothing reads the results: each operand goes to its place.
            for (value, r) in values.iter().zip(results) {
                let mark = self.mark();
                self.convert_to(value, r.ty, To::Fresh(r.slot));
                self.release(mark);
            }
            return;
        }
        let mut slots = Vec::with_capacity(values.len());
        for (value, r) in values.iter().zip(results) {
            let temp = self.temp(r.ty);
            self.convert_to(value, r.ty, To::Fresh(temp));
            slots.push(temp);
        }
        for (r, slot) in results.iter().zip(slots) {
            self.store_result(r, slot);
        }
    }

    fn named_results(&self) -> bool {
        self.f.result_names
    }

    fn store_result(&mut self, r: &ResultVar, value: Slot) {
        match r.loc {
            Some(loc) => {
                let place = self.var_place(loc, r.ty);
                self.store(&place, value, r.ty);
            }
            None => self.mov(r.slot, value, r.ty),
        }
    }
}
