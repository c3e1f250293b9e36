//! The order of evaluation. The language fixes the order of calls, receives and logical operators only; when the variables, elements and fields between them are
//! read it leaves open. Programs rely on what gc does all the same: it makes the calls of a statement's operands from left to right (with them comes what is
//! `Node::Early`) and reads the rest when the operands are used, after all of them. In `b.buf[b.grow()] = c` the slice is the one that `grow` leaves.
//!
//! Operands are evaluated in the order in which they stand everywhere else in this crate. Where that would read something before a later call, the calls are
//! made first, by `in_order`: what they give is found in `prebound` when the operands are evaluated, which then make none.
//!
//! Each list of operands that is evaluated together (those of a statement, the receiver and arguments of a call, both sides of a logical operator by themselves)
//! goes through it once.
//!
//! Not as in gc: the value of a comparison that becomes an interface is read late as well.

use syntax::{BinaryOp, CallExpr, Expr, ExprKind, NodeId, UnaryOp};
use types::{Builtin, Mode, ObjKind, SelectionKind, Type};

use crate::asm::Slot;
use crate::call::Target;
use crate::func::{Fx, Loc, Rep, To};

/// Literals with more elements than this are evaluated in the order in which they are written: what their calls give would not find room in a frame.
const MAX_ELEMENTS: usize = 256;

/// What there is to be known of an expression, with the operands that are evaluated as a part of it.
enum Node<'e> {
    /// Nothing that happens changes its value.
    Fixed,
    /// A value made of its operands' values.
    Pure(Parts<'e>),
    /// It reads something that calls may change, or fails, which calls would have to precede.
    Read(Parts<'e>),
    /// gc evaluates it when it comes to it, so that later calls do not change it.
    Early(Parts<'e>),
    /// It may change what is read, and is evaluated when gc comes to it.
    Call,
}

/// Operands, from left to right.
#[derive(Clone, Copy)]
enum Parts<'e> {
    Few([Option<&'e Expr>; 4]),
    /// Arguments, or elements of a literal with or without their keys.
    List(&'e [Expr]),
}

impl<'e> Parts<'e> {
    const NONE: Parts<'e> = Parts::List(&[]);

    fn one(x: &'e Expr) -> Parts<'e> {
        Parts::Few([Some(x), None, None, None])
    }

    fn two(x: &'e Expr, y: &'e Expr) -> Parts<'e> {
        Parts::Few([Some(x), Some(y), None, None])
    }

    fn iter(self) -> impl Iterator<Item = &'e Expr> {
        let (few, list) = match self {
            Parts::Few(few) => (few, &[][..]),
            Parts::List(list) => ([None; 4], list),
        };
        let values = list.iter().map(|part| match &part.kind {
            ExprKind::KeyValue { value, .. } => &**value,
            _ => part,
        });
        few.into_iter().flatten().chain(values)
    }
}

impl Fx<'_> {
    /// Evaluates operands as gc does: what it evaluates before it uses any of them is done before `evaluate` is.
    pub fn in_order<'e, T>(
        &mut self,
        operands: impl IntoIterator<Item = &'e Expr> + Clone,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        self.in_order_after(false, operands, evaluate)
    }

    /// As `in_order`, for the receiver and the arguments of a call.
    pub fn in_call_order<T>(
        &mut self,
        call: &CallExpr,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        if !call.args.iter().any(|arg| self.makes_calls(arg)) {
            return evaluate(self);
        }
        let (callee, reads) = self.callee(call);
        self.in_order_after(reads, callee.into_iter().chain(&call.args), evaluate)
    }

    /// `reads`: whether something is read before these operands.
    fn in_order_after<'e, T>(
        &mut self,
        mut reads: bool,
        operands: impl IntoIterator<Item = &'e Expr> + Clone,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut all = operands.clone().into_iter();
        if all.any(|e| self.reads_before_call(e, &mut reads)) {
            self.after_calls(operands, evaluate)
        } else {
            evaluate(self)
        }
    }

    /// As `in_order`, whether it makes a difference or not.
    pub fn after_calls<'e, T>(
        &mut self,
        operands: impl IntoIterator<Item = &'e Expr>,
        evaluate: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut done = Vec::new();
        for e in operands {
            self.call_early(e, &mut done);
        }
        let made = evaluate(self);
        for node in done {
            self.prebound.remove(&node);
        }
        made
    }

    /// An expression by itself.
    pub fn alone(&mut self, e: &Expr) -> Slot {
        self.in_order([e], |fx| fx.expr(e, To::Any))
    }

    /// What is evaluated of the expression that is called, and whether something is read besides.
    fn callee<'e>(&mut self, call: &'e CallExpr) -> (Option<&'e Expr>, bool) {
        let fun = call.fun.unparen();
        if let ExprKind::Selector { x, sel } = &fun.kind
            && let Some(s) = self.info.selections.get(&fun.id).cloned()
            && matches!(
                s.kind,
                SelectionKind::Method(_) | SelectionKind::InterfaceMethod(_)
            )
        {
            let method = self.resolve_method(x, &s, sel.name);
            let t = self.ty(x);
            let pointer = self.c.program.store.pointer_elem(t).is_some();
            let reads = match method.target {
                Target::Declared { pointer: false, .. } => pointer || s.indirect,
                // The interface or pointer itself, or the address of a variable.
                _ => pointer && !method.path.is_empty(),
            };
            return (Some(x), reads);
        }
        match self.node(fun) {
            Node::Fixed => (None, false),
            _ => (Some(fun), false),
        }
    }

    /// Whether a part of the expression may change what others read.
    pub fn makes_calls(&mut self, e: &Expr) -> bool {
        match self.node(e) {
            Node::Fixed => false,
            Node::Call => true,
            Node::Pure(parts) | Node::Read(parts) | Node::Early(parts) => {
                parts.iter().any(|part| self.makes_calls(part))
            }
        }
    }

    fn is_fixed(&mut self, e: &Expr) -> bool {
        match self.node(e) {
            Node::Fixed => true,
            Node::Pure(parts) | Node::Early(parts) => parts.iter().all(|part| self.is_fixed(part)),
            Node::Read(_) | Node::Call => false,
        }
    }

    /// Whether something is read and a call comes later. `reads`: whether something has been read already.
    fn reads_before_call(&mut self, e: &Expr, reads: &mut bool) -> bool {
        let (parts, read) = match self.node(e) {
            Node::Fixed => return false,
            Node::Call => return *reads,
            Node::Pure(parts) | Node::Early(parts) => (parts, false),
            Node::Read(parts) => (parts, true),
        };
        let found = parts.iter().any(|part| self.reads_before_call(part, reads));
        *reads |= read;
        found
    }

    fn call_early(&mut self, e: &Expr, done: &mut Vec<NodeId>) {
        match self.node(e) {
            Node::Fixed => {}
            Node::Pure(parts) | Node::Read(parts) => {
                for part in parts.iter() {
                    self.call_early(part, done);
                }
            }
            Node::Early(parts) if parts.iter().all(|part| self.is_fixed(part)) => {}
            Node::Early(_) | Node::Call => {
                let e = e.unparen();
                // The only operand with several values is the last one.
                if !self.is_tuple(e) {
                    let t = self.value_type(e);
                    // In slots of its own: the length of a slice in the frame would be read where it is.
                    let slot = self.temp(t);
                    self.expr(e, To::Fresh(slot));
                    self.prebound.insert(e.id, (slot, t));
                    done.push(e.id);
                }
            }
        }
    }

    fn node<'e>(&mut self, e: &'e Expr) -> Node<'e> {
        let e = e.unparen();
        if self.prebound.contains_key(&e.id) {
            return Node::Fixed;
        }
        if matches!(
            self.info.type_of(e.id).mode,
            Mode::Const | Mode::Nil | Mode::Type | Mode::Builtin
        ) {
            return Node::Fixed;
        }
        match &e.kind {
            ExprKind::Ident(_) => self.named(e),
            ExprKind::Selector { x, .. } => match self.info.selections.get(&e.id) {
                None => self.named(e),
                Some(s) => match s.kind {
                    SelectionKind::Field if !s.indirect => Node::Pure(Parts::one(x)),
                    SelectionKind::MethodExpr(_) | SelectionKind::InterfaceMethodExpr(_) => {
                        Node::Fixed
                    }
                    _ => Node::Read(Parts::one(x)),
                },
            },
            ExprKind::Star(x) => Node::Read(Parts::one(x)),
            ExprKind::Index(index) => {
                let (x, i) = (&index.x, &index.indices[0]);
                if self.is_instantiation(x) {
                    return Node::Fixed;
                }
                let t = self.ty(x);
                match self.under(t) {
                    Type::Array(..) if self.const_index(i).is_some() => Node::Pure(Parts::one(x)),
                    _ => Node::Read(Parts::two(x, i)),
                }
            }
            ExprKind::Slice(s) => Node::Early(Parts::Few([
                Some(&s.x),
                s.lo.as_ref(),
                s.hi.as_ref(),
                s.max.as_ref(),
            ])),
            ExprKind::TypeAssert { x, .. } => {
                let t = self.ty(e);
                match self.lay(t).rep {
                    // The value is the interface's own word.
                    Rep::Ptr => Node::Read(Parts::one(x)),
                    _ => Node::Early(Parts::one(x)),
                }
            }
            ExprKind::Unary {
                op: UnaryOp::Recv, ..
            } => Node::Call,
            ExprKind::Unary { x, .. } => Node::Pure(Parts::one(x)),
            ExprKind::Binary { op, x, y, .. } => match op {
                BinaryOp::LogAnd | BinaryOp::LogOr => Node::Early(Parts::two(x, y)),
                BinaryOp::Div | BinaryOp::Rem => Node::Read(Parts::two(x, y)),
                _ => Node::Pure(Parts::two(x, y)),
            },
            ExprKind::Call(call) => self.call_node(e, call),
            ExprKind::CompositeLit(lit) => {
                let t = self.ty(e);
                let map = matches!(self.under(t), Type::Map(..));
                match map || lit.elts.len() > MAX_ELEMENTS {
                    true => Node::Call,
                    false => Node::Pure(Parts::List(&lit.elts)),
                }
            }
            ExprKind::FuncLit(_) => Node::Fixed,
            _ => Node::Call,
        }
    }

    /// A call, or what is written like one.
    fn call_node<'e>(&mut self, e: &Expr, call: &'e CallExpr) -> Node<'e> {
        let args = Parts::List(&call.args);
        let fun = call.fun.unparen();
        let mode = self.info.type_of(fun.id).mode;
        match mode {
            Mode::Type => {
                let (t, s) = (self.ty(e), self.value_type(&call.args[0]));
                let (to, from) = (self.lay(t).rep, self.lay(s).rep);
                // What a conversion copies is read when it is made.
                match to != from && (to == Rep::Str || from == Rep::Str) && !self.is_iface(t) {
                    true => Node::Early(args),
                    false => Node::Pure(args),
                }
            }
            Mode::Builtin if !call.args.iter().any(|arg| self.is_tuple(arg)) => {
                match self.builtin_of(fun) {
                    Some(
                        Builtin::Len
                        | Builtin::Cap
                        | Builtin::Real
                        | Builtin::Imag
                        | Builtin::Complex
                        | Builtin::Min
                        | Builtin::Max,
                    ) => Node::Early(args),
                    _ => Node::Call,
                }
            }
            _ => Node::Call,
        }
    }

    /// An expression that names an object.
    fn named<'e>(&mut self, e: &Expr) -> Node<'e> {
        match self
            .named_object(e)
            .map(|obj| (obj, &self.c.program.obj(obj).kind))
        {
            Some((obj, ObjKind::Var(_))) => match self.f.vars.get(&obj) {
                // Nobody but this function's own code knows these slots.
                Some(Loc::Slots(_)) => Node::Fixed,
                _ => Node::Read(Parts::NONE),
            },
            _ => Node::Fixed,
        }
    }
}
