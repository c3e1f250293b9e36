//! `go` and `defer`: the call is taken apart now, its operands go into a closure object, and a small function that
//! makes the call is what runs later.

use bytecode::func::{HAS_CTX, WRAPPER};
use bytecode::isa::{Op, Trap};
use syntax::{CallExpr, Expr, ExprKind, NodeId};
use types::{Mode, TypeId};

use crate::asm::{FnBuilder, Slot};
use crate::call::Callee;
use crate::func::{Frame, Fx, To};

impl Fx<'_> {
    pub fn go_stmt(&mut self, e: &Expr, id: NodeId) {
        let closure = self.suspended(e, id, false);
        self.pos(e.pos);
        let ok = self.f.b.label();
        self.f.b.branch(Op::JNotNil, closure, (), ok);
        self.emit(Op::Trap, Trap::GoNil as u32, (), ());
        self.f.b.bind(ok);
        self.emit(Op::Go, closure, (), ());
    }

    pub fn defer_stmt(&mut self, e: &Expr, id: NodeId) {
        let closure = self.suspended(e, id, true);
        self.pos(e.pos);
        self.register_defer(closure);
    }

    /// A closure without parameters and results that makes the call.
    fn suspended(&mut self, e: &Expr, id: NodeId, defer: bool) -> Slot {
        let e = e.unparen();
        let ExprKind::Call(call) = &e.kind else {
            panic!("go or defer of no call")
        };
        let on_stack = defer && self.f.body.is_none() && self.escape.expr_on_stack(id);
        let fun = call.fun.unparen();
        match self.info.type_of(fun.id).mode {
            Mode::Builtin | Mode::Type => return self.suspended_builtin(e, call, on_stack, defer),
            _ => {}
        }
        if self.intrinsic_name(call).is_some() {
            return self.suspended_builtin(e, call, on_stack, defer);
        }
        self.in_call_order(call, |fx| fx.suspended_call(e, call, on_stack, defer))
    }

    fn suspended_call(&mut self, e: &Expr, call: &CallExpr, on_stack: bool, defer: bool) -> Slot {
        let plan = self.plan(e, call);
        if plan.items.is_empty()
            && plan.results.is_empty()
            && let Callee::Closure(slot) = plan.callee
        {
            return slot;
        }
        if plan.items.is_empty()
            && plan.results.is_empty()
            && let Callee::Func(func) = plan.callee
        {
            return self.closure_in(func, &[], false, To::Any);
        }
        let mut words: Vec<(Slot, bool)> = Vec::new();
        match plan.callee {
            Callee::Closure(slot) => {
                if !defer {
                    // `go` reports a nil func value here.
                    let ok = self.f.b.label();
                    self.f.b.branch(Op::JNotNil, slot, (), ok);
                    self.emit(Op::Trap, Trap::GoNil as u32, (), ());
                    self.f.b.bind(ok);
                }
                words.push((slot, true));
            }
            Callee::Iface(tab, _) => {
                let ok = self.f.b.label();
                self.f.b.branch(Op::JNeI, tab, 0, ok);
                self.emit(Op::Trap, Trap::NilDeref as u32, (), ());
                self.f.b.bind(ok);
                words.push((tab, false));
            }
            _ => {}
        }
        let own = words.len();
        let mut pattern = Vec::new();
        for &(item, t) in &plan.items {
            let slot = self.eval_item(item, t, &plan, To::Any);
            let slot = self.settle(slot, t);
            for (k, &pointer) in self.pattern(t).iter().enumerate() {
                words.push((slot.offset(k as u32), pointer));
                pattern.push(pointer);
            }
        }
        let results: u32 = plan.results.iter().map(|&t| self.lay(t).slots).sum();
        let callee = plan.callee.clone();
        let n = pattern.len() as u32;
        let (func, ()) = self.thunk(!words.is_empty(), defer, |fx| {
            let mut off = 8;
            let mut callee = callee;
            if own > 0 {
                let ctx = fx.f.b.ctx();
                match &mut callee {
                    Callee::Closure(slot) => {
                        *slot = fx.ptr();
                        fx.emit(Op::LdP, *slot, ctx, off);
                    }
                    Callee::Iface(slot, _) => {
                        *slot = fx.word();
                        fx.emit(Op::LdW, *slot, ctx, off);
                    }
                    _ => {}
                }
                off += 8;
            }
            if n > 0 {
                fx.f.b.reserve_out(n);
                let (out, ctx) = (fx.f.b.out(0), fx.f.b.ctx());
                fx.load_words(out, ctx, off, &pattern);
            }
            fx.emit_callee(&callee, &pattern, n, results);
        });
        self.closure_in(func, &words, on_stack, To::Any)
    }

    /// A predeclared function: its arguments are evaluated now and stand for themselves in the later call.
    fn suspended_builtin(
        &mut self,
        e: &Expr,
        call: &CallExpr,
        on_stack: bool,
        defer: bool,
    ) -> Slot {
        let mut words: Vec<(Slot, bool)> = Vec::new();
        let mut bound: Vec<(NodeId, TypeId)> = Vec::new();
        self.in_call_order(call, |fx| {
            for arg in &call.args {
                let tv = fx.info.type_of(arg.id);
                if matches!(tv.mode, Mode::Const | Mode::Type | Mode::Nil) {
                    continue;
                }
                let t = fx.value_type(arg);
                let slot = fx.expr(arg, To::Any);
                for (k, &pointer) in fx.pattern(t).iter().enumerate() {
                    words.push((slot.offset(k as u32), pointer));
                }
                bound.push((arg.id, t));
            }
        });
        let (func, ()) = self.thunk(!words.is_empty(), defer, |fx| {
            let mut off = 8;
            for (node, t) in bound {
                let pattern = fx.pattern(t);
                let slot = fx.temp_like(&pattern);
                if !pattern.is_empty() {
                    let ctx = fx.f.b.ctx();
                    off = fx.load_words(slot, ctx, off, &pattern);
                }
                fx.prebound.insert(node, (slot, t));
            }
            fx.call_expr(e, call, To::Any);
            fx.prebound.clear();
        });
        self.closure_in(func, &words, on_stack, To::Any)
    }

    /// Builds a function of its own, without parameters, around what `body` emits.
    fn thunk<T>(
        &mut self,
        has_ctx: bool,
        defer: bool,
        body: impl FnOnce(&mut Self) -> T,
    ) -> (*const bytecode::func::Func, T) {
        let name = self.sub_name(usize::from(defer));
        let flags = WRAPPER | if has_ctx { HAS_CTX } else { 0 };
        self.nested(name, flags, &[], &[], |fx| {
            let made = body(fx);
            fx.emit(Op::Ret, (), (), ());
            made
        })
    }

    /// Builds another function in the middle of this one.
    pub fn nested<T>(
        &mut self,
        name: String,
        flags: u32,
        params: &[bool],
        results: &[bool],
        body: impl FnOnce(&mut Self) -> T,
    ) -> (*const bytecode::func::Func, T) {
        let func = self.host.new_func(&name, flags);
        // SAFETY: handles are immortal and their id never changes.
        let id = unsafe { (*func).id };
        let frame = Frame::new(
            FnBuilder::new(name.clone(), id, flags, params, results),
            name,
        );
        let outer = std::mem::replace(&mut self.f, frame);
        self.outer.push(outer);
        let pos = std::mem::replace(&mut self.last_pos, syntax::Pos::NONE);
        let prebound = std::mem::take(&mut self.prebound);
        self.pos(pos);
        let made = body(self);
        self.prebound = prebound;
        let outer = self.outer.pop().expect("pushed above");
        let inner = std::mem::replace(&mut self.f, outer);
        self.last_pos = syntax::Pos::NONE;
        let line = self.line_of(pos);
        if let Some(function) = crate::func::finish_builder(self.c, inner.b, pos, line) {
            self.c.ready.insert(id, function);
        }
        (func, made)
    }
}
