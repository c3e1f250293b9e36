//! Range over functions. The loop's body becomes a function that the iterator calls; what leaves the body other than by its end is told to
//! the function around it by a number in the loop's control block, and done there after the iterator has returned.
//!
//! The control block is two words: the loop's state and the number of the exit that was taken (0: none).

use std::sync::Arc;

use bytecode::func::{HAS_CTX, WRAPPER};
use bytecode::isa::{Op, Trap};
use rustc_hash::FxHashSet;
use syntax::{Block, Decl, Expr, ExprKind, NodeId, Pos, RangeStmt, Stmt, StmtKind};
use types::{ObjId, ObjKind, RangeKind, Type, TypeId, VarKind, tid};

use crate::asm::Slot;
use crate::func::{Fx, ResultVar, Target, To};
use crate::place::Place;

const READY: i64 = 0;
const RUNNING: i64 = 1;
const DONE: i64 = 2;
const EXHAUSTED: i64 = 3;

/// A way to leave a statement.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Exit {
    Break(NodeId),
    Continue(NodeId),
    Goto(NodeId),
    Return,
}

/// What a frame that is a loop's body knows of its loop.
pub(crate) struct LoopBody {
    pub id: NodeId,
    /// Address of the control block.
    control: Slot,
    /// Exits to places outside the body; the number of each is its index plus one.
    exits: Vec<Exit>,
    /// Address of the list of deferred closures.
    defers: Option<Slot>,
}

/// Facts about the loops over functions in one function.
#[derive(Default)]
pub(crate) struct Loops {
    /// Loops whose bodies defer.
    defers: FxHashSet<NodeId>,
    /// The loop whose body holds a label.
    labels: rustc_hash::FxHashMap<NodeId, NodeId>,
    /// Variables that must be on the heap, since a loop's body may outlive the frame.
    pub heap: FxHashSet<ObjId>,
}

impl Fx<'_> {
    /// Leaves the statement; out of a loop's body by way of the function around it.
    pub fn exit(&mut self, exit: Exit) {
        if self.local_exit(exit) {
            return;
        }
        let body = self.f.body.as_mut().expect("a target in this function");
        let number = match body.exits.iter().position(|e| *e == exit) {
            Some(index) => index + 1,
            None => {
                body.exits.push(exit);
                body.exits.len()
            }
        };
        let control = body.control;
        let mark = self.mark();
        let word = self.word();
        self.load_word(word, number as i64);
        self.emit(Op::StW, control, word, 8);
        self.release(mark);
        self.leave_body(DONE);
    }

    fn set_state(&mut self, control: Slot, state: i64) {
        let mark = self.mark();
        let word = self.word();
        self.load_word(word, state);
        self.emit(Op::StW, control, word, 0);
        self.release(mark);
    }

    /// Returns from a loop's body: true to go on.
    fn leave_body(&mut self, state: i64) {
        let control = self.f.body.as_ref().expect("a loop's body").control;
        self.set_state(control, state);
        let result = self.f.b.result(0);
        self.load_word(result, i64::from(state == READY));
        self.emit(Op::Ret, (), (), ());
    }

    pub fn return_from_loop(&mut self, values: &[Expr]) {
        self.store_results(values);
        self.exit(Exit::Return);
    }

    pub fn owns_label(&self, label: NodeId) -> bool {
        self.loops.labels.get(&label).copied() == self.f.body.as_ref().map(|b| b.id)
    }

    /// Registers a deferred closure with the declared function or literal, also from a loop's body.
    pub fn register_defer(&mut self, closure: Slot) {
        let Some(list) = self
            .f
            .body
            .as_ref()
            .map(|b| b.defers.expect("a loop that defers"))
        else {
            self.emit(Op::Defer, closure, (), ());
            return;
        };
        let (func, slice) = self.defer_types();
        let place = Place::Mem { ptr: list, off: 0 };
        let old = self.load(&place, slice);
        let new = self.temp(slice);
        self.emit_t(Op::AppendP, new, old, closure, func);
        self.store(&place, new, slice);
    }

    fn defer_types(&mut self) -> (TypeId, TypeId) {
        let func = self.c.program.store.signature(types::Signature::default());
        let slice = self.c.program.store.slice(func);
        (func, slice)
    }

    /// The list that a loop's deferred closures go to, and a deferred function that runs them, last first.
    fn defer_list(&mut self) -> Slot {
        let (func, slice) = self.defer_types();
        let list = self.scoped_like(&[true]);
        self.emit_t(Op::New, list, (), (), slice);
        let name = self.sub_name(1);
        let (runner, ()) = self.nested(name, WRAPPER | HAS_CTX, &[], &[], |fx| {
            // Registered anew here, they run in the right order whatever panics.
            let ctx = fx.f.b.ctx();
            let list = fx.ptr();
            fx.emit(Op::LdP, list, ctx, 8);
            let closures = fx.load(&Place::Mem { ptr: list, off: 0 }, slice);
            let (index, closure) = (fx.word(), fx.ptr());
            fx.load_word(index, 0);
            let (top, end) = (fx.f.b.label(), fx.f.b.label());
            fx.f.b.branch(Op::JLeSI, closures.offset(1), 0, end);
            fx.f.b.bind(top);
            fx.load_to(
                &Place::SliceElem {
                    slice: closures,
                    index,
                },
                func,
                To::Fresh(closure),
            );
            fx.emit(Op::Defer, closure, (), ());
            fx.f.b
                .branch_back(Op::IncJLtL, index, closures.offset(1), top);
            fx.f.b.bind(end);
            fx.run_deferred();
            fx.emit(Op::Ret, (), (), ());
        });
        let closure = self.closure_in(runner, &[(list, true)], false, To::Any);
        self.emit(Op::Defer, closure, (), ());
        list
    }

    pub fn range_func(&mut self, s: &RangeStmt, id: NodeId) {
        let xt = self.ty(&s.x);
        let yields = self.yield_types(xt);
        let iterator = self.expr(&s.x, To::Any);
        let on_stack = self.escape.expr_on_stack(id);
        let control = self.scoped_like(&[true]);
        if on_stack {
            let home = self.f.b.local(&[false, false]);
            self.f.b.mark_address_taken(home, 2);
            self.emit(Op::ZeroN, home, 2, ());
            self.emit(Op::LeaL, control, home, 0);
        } else {
            let block = self.c.program.store.array(2, tid::UINTPTR);
            self.emit_t(Op::New, control, (), (), block);
        }
        let objs = self.loop_bodies.get(&id).cloned().unwrap_or_default();
        let objs: Vec<ObjId> = objs
            .iter()
            .copied()
            .filter(|o| self.f.vars.contains_key(o))
            .collect();
        let captures = self.captures(&objs);
        let mut words = self.captured_words(&captures);
        words.push((control, true));
        let mut list = self.f.body.as_ref().and_then(|b| b.defers);
        if self.loops.defers.contains(&id) && list.is_none() {
            list = Some(self.defer_list());
        }
        if let Some(list) = list {
            words.push((list, true));
        }
        let mut params = Vec::new();
        for &t in &yields {
            params.extend_from_slice(&self.pattern(t));
        }
        let captured: usize = captures.iter().map(|c| self.capture_slots(c)).sum();
        let name = self.sub_name(2);
        let (func, exits) = self.nested(name, HAS_CTX, &params, &[false], |fx| {
            fx.load_captures(&captures);
            let ctx = fx.f.b.ctx();
            let mut off = 8 * (captured as u32 + 1);
            let control = fx.f.b.local(&[true]);
            fx.emit(Op::LdP, control, ctx, off);
            off += 8;
            let defers = list.map(|_| {
                let defers = fx.f.b.local(&[true]);
                fx.emit(Op::LdP, defers, ctx, off);
                defers
            });
            fx.f.body = Some(LoopBody {
                id,
                control,
                exits: Vec::new(),
                defers,
            });
            fx.loop_body(s, id, &yields, control);
            fx.f.body.take().expect("set above").exits
        });
        let closure = self.closure_in(func, &words, on_stack, To::Any);
        self.pos(s.range_pos);
        let out = self.f.b.out(0);
        self.emit(Op::Mov, out, closure, ());
        self.f.b.call_closure(iterator, 1, 0);
        let state = self.word();
        self.emit(Op::LdW, state, control, 0);
        let fine = self.f.b.label();
        self.f.b.branch(Op::JNeI, state, RUNNING, fine);
        self.emit(Op::Trap, Trap::RangePanicked as u32, (), ());
        self.f.b.bind(fine);
        self.set_state(control, EXHAUSTED);
        if exits.is_empty() {
            return;
        }
        let number = self.word();
        self.emit(Op::LdW, number, control, 8);
        for (i, exit) in exits.into_iter().enumerate() {
            let other = self.f.b.label();
            self.f.b.branch(Op::JNeI, number, i as i64 + 1, other);
            self.exit(exit);
            self.f.b.bind(other);
        }
    }

    fn capture_slots(&mut self, capture: &crate::closure::Capture) -> usize {
        if capture.by_ref {
            return 1;
        }
        let t = self.obj_type(capture.obj);
        self.lay(t).slots as usize
    }

    /// What the iterator passes to the loop's body.
    fn yield_types(&mut self, t: TypeId) -> Vec<TypeId> {
        let core = self.c.program.store.core_type(t).unwrap_or(t);
        let Type::Signature(sig) = self.under(core) else {
            panic!("range over no function")
        };
        let yielded = self
            .c
            .program
            .store
            .core_type(sig.params[0].ty)
            .unwrap_or(sig.params[0].ty);
        let Type::Signature(sig) = self.under(yielded) else {
            panic!("an iterator without yield")
        };
        sig.params.iter().map(|p| p.ty).collect()
    }

    fn loop_body(&mut self, s: &RangeStmt, id: NodeId, yields: &[TypeId], control: Slot) {
        let results = self.info.funcs[self.index as usize].results.clone();
        for obj in results {
            if let Some(&loc) = self.f.vars.get(&obj) {
                let ty = self.obj_type(obj);
                let slot = self.f.b.result(0);
                self.f.results.push(ResultVar {
                    ty,
                    slot,
                    loc: Some(loc),
                });
            }
        }
        let state = self.word();
        self.emit(Op::LdW, state, control, 0);
        let (ok, ended, panicked) = (self.f.b.label(), self.f.b.label(), self.f.b.label());
        self.f.b.branch(Op::JEqI, state, READY, ok);
        self.f.b.branch(Op::JEqI, state, DONE, ended);
        self.f.b.branch(Op::JEqI, state, RUNNING, panicked);
        self.emit(Op::Trap, Trap::RangeExhausted as u32, (), ());
        self.f.b.bind(ended);
        self.emit(Op::Trap, Trap::RangeContinued as u32, (), ());
        self.f.b.bind(panicked);
        self.emit(Op::Trap, Trap::RangePanicked as u32, (), ());
        self.f.b.bind(ok);
        self.set_state(control, RUNNING);
        let mut at = 0;
        for (e, &t) in [&s.key, &s.value].into_iter().zip(yields) {
            let slot = self.f.b.param(at);
            at += self.lay(t).slots;
            let Some(e) = e else { continue };
            match self.defined(s.define, e) {
                Some(obj) => self.define_from(obj, slot, t),
                None => {
                    if !s.define {
                        self.assign_slot(e, slot, t);
                    }
                }
            }
        }
        let (next, done) = (self.f.b.label(), self.f.b.label());
        self.f.targets.insert(
            id,
            Target {
                brk: Some(done),
                cont: Some(next),
            },
        );
        self.block(&s.body);
        self.f.b.bind(next);
        self.leave_body(READY);
        self.f.b.bind(done);
        self.leave_body(DONE);
    }

    // ---- what bodies use

    /// Finds the loops over functions in a body and the variables that they use from around them.
    pub fn find_loop_bodies(&mut self, block: &Block) {
        if !self.info.ranges.values().any(|r| r.kind == RangeKind::Func) {
            return;
        }
        let mut found = Vec::new();
        let mut walker = Walker {
            info: &self.info,
            loops: Vec::new(),
            done: &mut found,
            in_literal: 0,
        };
        walker.block(block);
        let results = self.info.funcs[self.index as usize].results.clone();
        for body in found {
            let mut objs: Vec<ObjId> = Vec::new();
            let mut seen = FxHashSet::default();
            for obj in body.objects.into_iter().chain(if body.returns {
                results.clone()
            } else {
                Vec::new()
            }) {
                let object = self.c.program.obj(obj);
                let ObjKind::Var(v) = &object.kind else {
                    continue;
                };
                let inside = object.pos >= body.pos && object.pos < body.end;
                if v.kind == VarKind::Package
                    || inside && v.kind != VarKind::Result
                    || !seen.insert(obj)
                {
                    continue;
                }
                objs.push(obj);
                self.loop_captured.insert(obj);
            }
            if !self.escape.expr_on_stack(body.id) {
                self.loops.heap.extend(objs.iter().copied());
            }
            if body.defers {
                self.loops.defers.insert(body.id);
            }
            for label in body.labels {
                self.loops.labels.entry(label).or_insert(body.id);
            }
            self.loop_bodies.insert(body.id, Arc::from(objs));
        }
    }
}

/// What was seen in the body of one loop.
struct Body {
    id: NodeId,
    pos: Pos,
    end: Pos,
    objects: Vec<ObjId>,
    labels: Vec<NodeId>,
    returns: bool,
    defers: bool,
}

/// Visits names, returns, defers and labels in the bodies of loops over functions. Inner loops are done before outer ones.
struct Walker<'a> {
    info: &'a types::Info,
    loops: Vec<Body>,
    done: &'a mut Vec<Body>,
    in_literal: u32,
}

impl Walker<'_> {
    fn name(&mut self, id: NodeId) {
        if !self.loops.is_empty()
            && let Some(obj) = self.info.object(id)
        {
            for body in &mut self.loops {
                body.objects.push(obj);
            }
        }
    }

    fn block(&mut self, block: &Block) {
        self.stmts(&block.stmts);
    }
    fn stmts(&mut self, stmts: &[Stmt]) {
        for stmt in stmts {
            self.stmt(stmt);
        }
    }
    fn exprs<'e>(&mut self, exprs: impl IntoIterator<Item = &'e Expr>) {
        for e in exprs {
            self.expr(e);
        }
    }

    fn stmt(&mut self, stmt: &Stmt) {
        match &stmt.kind {
            StmtKind::Bad | StmtKind::Empty | StmtKind::Branch { .. } => {}
            StmtKind::Expr(e) | StmtKind::Go(e) => self.expr(e),
            StmtKind::Defer(e) => {
                if self.in_literal == 0 {
                    self.loops.iter_mut().for_each(|b| b.defers = true);
                }
                self.expr(e);
            }
            StmtKind::Send { chan, value, .. } => self.exprs([chan, value]),
            StmtKind::IncDec { x, .. } => self.expr(x),
            StmtKind::Assign(a) => self.exprs(a.lhs.iter().chain(&a.rhs)),
            StmtKind::Return(values) => {
                if self.in_literal == 0 {
                    self.loops.iter_mut().for_each(|b| b.returns = true);
                }
                self.exprs(values);
            }
            StmtKind::Block(b) => self.block(b),
            StmtKind::If(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.expr(&s.cond);
                self.block(&s.then);
                s.els.iter().for_each(|s| self.stmt(s));
            }
            StmtKind::Switch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.exprs(&s.tag);
                for clause in &s.clauses {
                    self.exprs(&clause.exprs);
                    self.stmts(&clause.body);
                }
            }
            StmtKind::TypeSwitch(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.expr(&s.x);
                for clause in &s.clauses {
                    self.stmts(&clause.body);
                }
            }
            StmtKind::Select(s) => {
                for clause in &s.clauses {
                    clause.comm.iter().for_each(|s| self.stmt(s));
                    self.stmts(&clause.body);
                }
            }
            StmtKind::For(s) => {
                s.init.iter().for_each(|s| self.stmt(s));
                self.exprs(&s.cond);
                s.post.iter().for_each(|s| self.stmt(s));
                self.block(&s.body);
            }
            StmtKind::Range(s) => {
                self.expr(&s.x);
                let over_func = self
                    .info
                    .ranges
                    .get(&stmt.id)
                    .is_some_and(|r| r.kind == RangeKind::Func);
                if over_func && self.in_literal == 0 {
                    self.loops.push(Body {
                        id: stmt.id,
                        pos: stmt.pos,
                        end: stmt.end,
                        objects: Vec::new(),
                        labels: Vec::new(),
                        returns: false,
                        defers: false,
                    });
                }
                self.exprs(s.key.iter().chain(&s.value));
                self.block(&s.body);
                if over_func && self.in_literal == 0 {
                    let body = self.loops.pop().expect("pushed above");
                    self.done.push(body);
                }
            }
            StmtKind::Labeled { stmt: inner, .. } => {
                if self.in_literal == 0
                    && let Some(body) = self.loops.last_mut()
                {
                    body.labels.push(stmt.id);
                }
                self.stmt(inner);
            }
            StmtKind::Decl(decls) => {
                for decl in decls {
                    if let Decl::Var(var) = decl {
                        self.exprs(&var.values);
                    }
                }
            }
        }
    }

    fn expr(&mut self, e: &Expr) {
        match &e.kind {
            ExprKind::Ident(_) => self.name(e.id),
            ExprKind::CompositeLit(lit) => {
                for elt in &lit.elts {
                    match &elt.kind {
                        ExprKind::KeyValue { key, value } => self.exprs([&**key, &**value]),
                        _ => self.expr(elt),
                    }
                }
            }
            ExprKind::FuncLit(lit) => {
                self.in_literal += 1;
                self.block(&lit.body);
                self.in_literal -= 1;
            }
            ExprKind::Paren(x)
            | ExprKind::Star(x)
            | ExprKind::Selector { x, .. }
            | ExprKind::TypeAssert { x, .. } => {
                self.expr(x);
            }
            ExprKind::Index(i) => {
                self.expr(&i.x);
                self.exprs(&i.indices);
            }
            ExprKind::Slice(s) => {
                self.expr(&s.x);
                self.exprs(s.lo.iter().chain(&s.hi).chain(&s.max));
            }
            ExprKind::Call(c) => {
                self.expr(&c.fun);
                self.exprs(&c.args);
            }
            ExprKind::Unary { x, .. } => self.expr(x),
            ExprKind::Binary { x, y, .. } => self.exprs([&**x, &**y]),
            _ => {}
        }
    }
}
