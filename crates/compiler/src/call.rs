//! Calls: what is called, the order in which arguments are evaluated, and how they reach the outgoing slots.
//!
//! Outgoing slots may be filled only right before the call. So what needs a call, an allocation or another safepoint is evaluated into temporaries, but for the last
//! such argument; that and the rest go straight to their places.

use std::sync::Arc;

use bytecode::func::Func;
use bytecode::isa::Op;
use syntax::{CallExpr, Expr, ExprKind, NodeId, Symbol};
use types::{
    Builtin, Member, Mode, ObjId, ObjKind, Selection, SelectionKind, Signature, Type, TypeId, tid,
};

use crate::asm::Slot;
use crate::func::{Fx, To};
use crate::place::Place;

/// What is called.
#[derive(Clone, Debug)]
pub(crate) enum Callee {
    Func(*const Func),
    Native(String),
    /// A func value in a slot.
    Closure(Slot),
    /// A method of an interface whose first word is in a slot; the data word is the first argument.
    Iface(Slot, u32),
}

/// An argument.
#[derive(Clone, Copy)]
pub(crate) enum Item<'e> {
    Expr(&'e Expr),
    /// The receiver of a method call: the operand of the selector.
    Receiver(&'e Expr, usize),
    /// In slots already.
    Slot(Slot, TypeId),
    /// The arguments for a variadic parameter.
    Variadic(&'e [Expr]),
}

/// A call taken apart.
pub(crate) struct Plan<'e> {
    pub callee: Callee,
    /// Arguments with the types of their parameters, receiver first.
    pub items: Vec<(Item<'e>, TypeId)>,
    pub results: Vec<TypeId>,
    methods: Vec<Method>,
    node: NodeId,
}

/// A method that a selector selects, on types without type parameters.
#[derive(Clone, Debug)]
pub(crate) struct Method {
    pub path: Vec<u32>,
    /// The type of the value that has the method, at the end of the path.
    pub holder: TypeId,
    pub target: Target,
}

#[derive(Clone, Debug)]
pub(crate) enum Target {
    Declared {
        obj: ObjId,
        targs: Arc<[TypeId]>,
        pointer: bool,
    },
    Interface {
        index: u32,
    },
}

impl Fx<'_> {
    /// A call as an expression with at most one result.
    pub fn call_expr(&mut self, e: &Expr, call: &CallExpr, to: To) -> Slot {
        let fun = call.fun.unparen();
        match self.info.type_of(fun.id).mode {
            Mode::Type => {
                let t = self.ty(e);
                return self.conversion(e, &call.args[0], t, to);
            }
            Mode::Builtin => {
                let builtin = self.builtin_of(fun).expect("a builtin");
                return self.builtin(e, call, builtin, to);
            }
            _ => {}
        }
        if let Some(slot) = self.intrinsic(e, call, to) {
            return slot;
        }
        let (base, results) = self.call(e, call);
        match results.first() {
            Some(&t) => self.deliver(base, t, to),
            None => base,
        }
    }

    pub fn builtin_of(&self, fun: &Expr) -> Option<Builtin> {
        let obj = self.named_object(fun)?;
        match self.c.program.obj(obj).kind {
            ObjKind::Builtin(b) => Some(b),
            _ => None,
        }
    }

    /// Makes a call; the results are in consecutive outgoing slots from the answer on.
    pub fn call(&mut self, e: &Expr, call: &CallExpr) -> (Slot, Vec<TypeId>) {
        let (kept, plan, slots, pattern) = self.in_call_order(call, |fx| {
            let kept = fx.pointers_to_keep(call);
            let plan = fx.plan(e, call);
            let (slots, pattern) = fx.place_args(&plan);
            (kept, plan, slots, pattern)
        });
        // A call stands where its parenthesis does, as in gc: that tells the calls of a chain over several lines apart.
        self.pos(call.lparen);
        let results: u32 = plan.results.iter().map(|&t| self.lay(t).slots).sum();
        self.emit_callee(&plan.callee, &pattern, slots, results);
        for (node, pointer) in kept {
            self.prebound.remove(&node);
            // It is live until here.
            let copy = self.ptr();
            self.emit(Op::Mov, copy, pointer, ());
        }
        (self.f.b.out(slots), plan.results)
    }

    /// The pointers that arguments `uintptr(p)` are made of, evaluated, where the function wants them kept (`//go:uintptrescapes`).
    fn pointers_to_keep(&mut self, call: &CallExpr) -> Vec<(NodeId, Slot)> {
        let fun = call.fun.unparen();
        let method = self.info.selections.get(&fun.id).map(|s| s.kind);
        let obj = match method {
            Some(SelectionKind::Method(obj)) => Some(obj),
            Some(_) => None,
            None => self.static_object(fun),
        };
        let func = obj.and_then(|obj| self.c.program.obj(obj).func());
        if !func.is_some_and(|func| func.decl().pragma.uintptr_escapes) {
            return Vec::new();
        }
        let mut kept = Vec::new();
        for arg in &call.args {
            if let ExprKind::Call(conversion) = &arg.unparen().kind
                && let [x] = &conversion.args[..]
                && self.info.type_of(conversion.fun.unparen().id).mode == Mode::Type
                && self.value_type(x) == tid::UNSAFE_POINTER
            {
                let pointer = self.ptr();
                self.expr(x, To::Fresh(pointer));
                self.prebound.insert(x.id, (pointer, tid::UNSAFE_POINTER));
                kept.push((x.id, pointer));
            }
        }
        kept
    }

    pub fn emit_callee(&mut self, callee: &Callee, pattern: &[bool], slots: u32, results: u32) {
        match callee {
            Callee::Func(func) => self.f.b.call(*func, slots, results),
            Callee::Native(name) => self.f.b.call_native(name, pattern, results),
            Callee::Closure(slot) => self.f.b.call_closure(*slot, slots, results),
            Callee::Iface(tab, index) => self.f.b.call_iface(*tab, *index, slots, results),
        }
    }

    /// Evaluates what is called, and lists the arguments without evaluating them.
    pub fn plan<'e>(&mut self, e: &'e Expr, call: &'e CallExpr) -> Plan<'e> {
        let fun = call.fun.unparen();
        let sig_type = self.ty(fun);
        let Type::Signature(sig) = self.under(sig_type) else {
            panic!("call of no function")
        };
        let results = sig.results.iter().map(|p| p.ty).collect();
        let mut plan = Plan {
            callee: Callee::Native(String::new()),
            items: Vec::new(),
            results,
            methods: Vec::new(),
            node: e.id,
        };
        let selection = match &fun.kind {
            ExprKind::Selector { x, sel } => self
                .info
                .selections
                .get(&fun.id)
                .cloned()
                .map(|s| (&**x, *sel, s)),
            _ => None,
        };
        match selection {
            Some((x, sel, s))
                if matches!(
                    s.kind,
                    SelectionKind::Method(_) | SelectionKind::InterfaceMethod(_)
                ) =>
            {
                let method = self.resolve_method(x, &s, sel.name);
                match &method.target {
                    Target::Declared {
                        obj,
                        targs,
                        pointer,
                    } => {
                        plan.callee = match self.c.native_name(*obj) {
                            Some(name) => Callee::Native(name),
                            None => Callee::Func(self.c.decl_func(self.host, *obj, targs)),
                        };
                        let base = self
                            .c
                            .program
                            .store
                            .pointer_elem(method.holder)
                            .unwrap_or(method.holder);
                        let t = if *pointer {
                            self.c.program.store.pointer(base)
                        } else {
                            base
                        };
                        plan.items.push((Item::Receiver(x, 0), t));
                        plan.methods.push(method);
                    }
                    Target::Interface { index } => {
                        let index = *index;
                        let iface = self.receiver(x, &method, To::Any);
                        let iface = self.settle(iface, method.holder);
                        plan.callee = Callee::Iface(iface, index);
                        plan.items.push((
                            Item::Slot(iface.offset(1), types::tid::UNSAFE_POINTER),
                            types::tid::UNSAFE_POINTER,
                        ));
                    }
                }
            }
            _ => {
                plan.callee = match self.static_callee(fun) {
                    Some(callee) => callee,
                    None => {
                        self.pos(e.pos);
                        Callee::Closure(self.expr(fun, To::Any))
                    }
                };
            }
        }
        self.list_args(&sig, call, &mut plan);
        plan
    }

    fn list_args<'e>(&mut self, sig: &Signature, call: &'e CallExpr, plan: &mut Plan<'e>) {
        let params: Vec<TypeId> = sig.params.iter().map(|p| p.ty).collect();
        let fixed = params.len() - usize::from(sig.variadic);
        if let [only] = &call.args[..]
            && self.is_tuple(only)
        {
            // A receiver without calls is read after this one.
            for i in 0..plan.items.len() {
                let (item, t) = plan.items[i];
                if matches!(item, Item::Receiver(x, _) if self.makes_calls(x)) {
                    let slot = self.eval_item(item, t, plan, To::Any);
                    plan.items[i].0 = Item::Slot(self.settle(slot, t), t);
                }
            }
            let values = self.tuple(only).expect("several values");
            // f(g()) with several results of g.
            for (i, &(slot, t)) in values.iter().take(fixed).enumerate() {
                plan.items.push((Item::Slot(slot, t), params[i]));
            }
            if sig.variadic {
                let slice = params[fixed];
                let rest: Vec<(Slot, TypeId)> = values[fixed.min(values.len())..].to_vec();
                let elem = self.elem(slice);
                let packed = self.pack_slots(&rest, elem, slice, plan.node);
                plan.items.push((Item::Slot(packed, slice), slice));
            }
            return;
        }
        for (arg, &t) in call.args.iter().zip(&params).take(fixed) {
            plan.items.push((Item::Expr(arg), t));
        }
        if sig.variadic {
            let t = params[fixed];
            if call.ellipsis.is_some() {
                plan.items.push((Item::Expr(&call.args[fixed]), t));
            } else {
                plan.items.push((Item::Variadic(&call.args[fixed..]), t));
            }
        }
    }

    pub fn is_tuple(&mut self, e: &Expr) -> bool {
        let t = self.ty(e);
        matches!(self.c.program.store.get(t), Type::Tuple(types) if types.len() > 1)
    }

    /// The values of a call with several results, in temporaries; `None` for other expressions.
    pub fn tuple(&mut self, e: &Expr) -> Option<Vec<(Slot, TypeId)>> {
        let t = self.ty(e);
        let Type::Tuple(types) = self.c.program.store.get(t).clone() else {
            return None;
        };
        let ExprKind::Call(call) = &e.unparen().kind else {
            return None;
        };
        if types.len() < 2 {
            return None;
        }
        if let Some(&(base, _)) = self.prebound.get(&e.id) {
            let mut at = base;
            return Some(
                types
                    .iter()
                    .map(|&t| {
                        let here = at;
                        at = at.offset(self.lay(t).slots);
                        (here, t)
                    })
                    .collect(),
            );
        }
        let values = match self.intrinsic_tuple(e.unparen(), call) {
            Some(values) => values,
            None => {
                let (base, types) = self.call(e.unparen(), call);
                let mut at = base;
                let mut values = Vec::with_capacity(types.len());
                for t in types {
                    let temp = self.temp(t);
                    self.mov(temp, at, t);
                    at = at.offset(self.lay(t).slots);
                    values.push((temp, t));
                }
                values
            }
        };
        Some(values)
    }

    /// A declared function that an expression names: what to call.
    fn static_callee(&mut self, fun: &Expr) -> Option<Callee> {
        let obj = self.static_object(fun)?;
        match self.c.native_name(obj) {
            Some(name) => Some(Callee::Native(name)),
            None => self.static_func(fun).map(Callee::Func),
        }
    }

    /// The declared function that an expression names, instantiated or not.
    pub fn static_object(&self, fun: &Expr) -> Option<ObjId> {
        let mut fun = fun.unparen();
        if let ExprKind::Index(index) = &fun.kind {
            fun = index.x.unparen();
        }
        let obj = self.named_object(fun)?;
        matches!(self.c.program.obj(obj).kind, ObjKind::Func(_)).then_some(obj)
    }

    pub fn static_func(&mut self, fun: &Expr) -> Option<*const Func> {
        let obj = self.static_object(fun)?;
        let mut name = fun.unparen();
        if let ExprKind::Index(index) = &name.kind {
            name = index.x.unparen();
        }
        let node = match &name.kind {
            ExprKind::Selector { sel, .. } => sel.id,
            _ => name.id,
        };
        let targs = match self.info.instances.get(&node).map(|i| i.targs.clone()) {
            Some(targs) => targs.iter().map(|&t| self.subst(t)).collect(),
            None => Arc::from([]),
        };
        Some(self.c.decl_func(self.host, obj, &targs))
    }

    /// The method that a selector selects once type parameters are replaced.
    pub fn resolve_method(&mut self, x: &Expr, s: &Selection, name: Symbol) -> Method {
        let t = match s.kind {
            SelectionKind::MethodExpr(_) | SelectionKind::InterfaceMethodExpr(_) => {
                self.subst(s.recv)
            }
            _ => self.ty(x),
        };
        self.method_of(t, s, name)
    }

    pub fn method_of(&mut self, t: TypeId, s: &Selection, name: Symbol) -> Method {
        let (path, declared, index) = match s.kind {
            SelectionKind::Method(obj) | SelectionKind::MethodExpr(obj) => {
                (s.path.to_vec(), Some(obj), 0)
            }
            SelectionKind::InterfaceMethod(i) | SelectionKind::InterfaceMethodExpr(i)
                if self.env.is_empty() =>
            {
                (s.path.to_vec(), None, i)
            }
            _ => {
                let found = self
                    .c
                    .program
                    .lookup_field_or_method(t, name, self.pkg)
                    .unwrap_or_else(|| panic!("{name} not found in an instance"));
                match found.member {
                    Member::Method { func, .. } => (found.path, Some(func), 0),
                    Member::InterfaceMethod { index, .. } => (found.path, None, index),
                    Member::Field => panic!("{name} is a field in an instance"),
                }
            }
        };
        let holder = self.path_type(t, &path);
        let target = match declared {
            Some(obj) => self.declared_target(obj, holder),
            None => Target::Interface { index },
        };
        Method {
            path,
            holder,
            target,
        }
    }

    pub fn declared_target(&mut self, obj: ObjId, holder: TypeId) -> Target {
        self.c.declared_target(obj, holder)
    }

    /// The type at the end of a path of fields.
    pub fn path_type(&mut self, t: TypeId, path: &[u32]) -> TypeId {
        self.c.path_type(t, path)
    }

    /// The receiver argument of a method call: for an interface method the interface.
    pub fn receiver(&mut self, x: &Expr, method: &Method, to: To) -> Slot {
        let t = self.value_type(x);
        let place = self.place(x);
        let (place, holder) = self.walk(place, t, &method.path);
        self.receiver_of(place, holder, &method.target, to)
    }

    pub fn receiver_of(&mut self, place: Place, holder: TypeId, target: &Target, to: To) -> Slot {
        let elem = self.c.program.store.pointer_elem(holder);
        match target {
            Target::Interface { .. } => self.load_to(&place, holder, to),
            Target::Declared { pointer: true, .. } => match elem {
                Some(_) => self.load_to(&place, holder, to),
                None => {
                    let ptr = match place {
                        // Taking the address of a variable's box needs no check; other pointers do.
                        Place::Mem { ptr, off: 0 } => {
                            self.emit(Op::NilCheck, ptr, (), ());
                            ptr
                        }
                        place => self.address(&place, holder),
                    };
                    let pointer = self.c.program.store.pointer(holder);
                    self.deliver(ptr, pointer, to)
                }
            },
            Target::Declared { pointer: false, .. } => match elem {
                Some(elem) => {
                    let ptr = self.load(&place, holder);
                    self.load_to(&Place::Mem { ptr, off: 0 }, elem, to)
                }
                None => self.load_to(&place, holder, to),
            },
        }
    }

    // ---- arguments

    fn item_is_simple(&mut self, item: Item, t: TypeId) -> bool {
        match item {
            Item::Expr(e) => {
                let s = self.value_type(e);
                if self.needs_interface(s, t)
                    && !self.is_nil(e)
                    && self.info.type_of(e.id).mode != Mode::Const
                {
                    return false;
                }
                self.is_simple(e)
            }
            Item::Receiver(x, _) => self.is_simple(x),
            Item::Slot(_, s) => !self.needs_interface(s, t),
            Item::Variadic(args) => args.is_empty(),
        }
    }

    pub fn eval_item(&mut self, item: Item, t: TypeId, plan: &Plan, to: To) -> Slot {
        match item {
            Item::Expr(e) => self.convert_to(e, t, to),
            Item::Receiver(x, m) => {
                let method = plan.methods[m].clone();
                self.pos(x.pos);
                self.receiver(x, &method, to)
            }
            Item::Slot(slot, s) => self.box_value(slot, s, t, to),
            Item::Variadic(args) => {
                let slot = self.pack(args, t, plan.node);
                self.deliver(slot, t, to)
            }
        }
    }

    /// Evaluates the arguments into outgoing slots; their number, and which hold pointers.
    fn place_args(&mut self, plan: &Plan) -> (u32, Vec<bool>) {
        let n = plan.items.len();
        let mut at = Vec::with_capacity(n);
        let mut pattern = Vec::new();
        for &(_, t) in &plan.items {
            at.push(pattern.len() as u32);
            pattern.extend_from_slice(&self.pattern(t));
        }
        let slots = pattern.len() as u32;
        self.f.b.reserve_out(slots);
        let mut simple = Vec::with_capacity(n);
        for &(item, t) in &plan.items {
            simple.push(self.item_is_simple(item, t));
        }
        let last = simple.iter().rposition(|s| !s);
        let mut ready: Vec<Option<Slot>> = vec![None; n];
        if let Some(last) = last {
            for i in 0..last {
                let (item, t) = plan.items[i];
                if !simple[i] {
                    let slot = self.eval_item(item, t, plan, To::Any);
                    ready[i] = Some(self.settle(slot, t));
                }
            }
            let (item, t) = plan.items[last];
            let slot = match item {
                Item::Expr(e) => {
                    let s = self.value_type(e);
                    if self.needs_interface(s, t) {
                        self.eval_item(item, t, plan, To::Any)
                    } else {
                        self.expr_volatile(e, To::Any)
                    }
                }
                _ => self.eval_item(item, t, plan, To::Any),
            };
            let out = self.f.b.out(at[last]);
            self.mov(out, slot, t);
        }
        for i in 0..n {
            if Some(i) == last {
                continue;
            }
            let (item, t) = plan.items[i];
            let out = self.f.b.out(at[i]);
            match ready[i] {
                Some(slot) => self.mov(out, slot, t),
                None => {
                    let mark = self.mark();
                    self.eval_item(item, t, plan, To::Fresh(out));
                    self.release(mark);
                }
            }
        }
        (slots, pattern)
    }

    /// The slice for a variadic parameter.
    fn pack(&mut self, args: &[Expr], slice: TypeId, node: NodeId) -> Slot {
        let dst = self.temp(slice);
        if args.is_empty() {
            self.zero(dst, slice);
            return dst;
        }
        let elem = self.elem(slice);
        let base = self.backing(elem, args.len() as u64, node);
        let size = self.lay(elem).size;
        for (i, arg) in args.iter().enumerate() {
            let mark = self.mark();
            let value = self.convert_to(arg, elem, To::Any);
            self.store(
                &Place::Mem {
                    ptr: base,
                    off: i as u64 * size,
                },
                value,
                elem,
            );
            self.release(mark);
        }
        self.make_slice_value(dst, base, args.len() as i64);
        dst
    }

    fn pack_slots(
        &mut self,
        values: &[(Slot, TypeId)],
        elem: TypeId,
        slice: TypeId,
        node: NodeId,
    ) -> Slot {
        let dst = self.temp(slice);
        if values.is_empty() {
            self.zero(dst, slice);
            return dst;
        }
        let base = self.backing(elem, values.len() as u64, node);
        let size = self.lay(elem).size;
        for (i, &(slot, t)) in values.iter().enumerate() {
            let value = self.box_value(slot, t, elem, To::Any);
            self.store(
                &Place::Mem {
                    ptr: base,
                    off: i as u64 * size,
                },
                value,
                elem,
            );
        }
        self.make_slice_value(dst, base, values.len() as i64);
        dst
    }

    pub fn make_slice_value(&mut self, dst: Slot, base: Slot, len: i64) {
        self.emit(Op::Mov, dst, base, ());
        self.load_word(dst.offset(1), len);
        self.load_word(dst.offset(2), len);
    }

    /// Memory for an array of `n` elements that node `node` makes: in the frame if it does not escape.
    pub fn backing(&mut self, elem: TypeId, n: u64, node: NodeId) -> Slot {
        let array = self.c.program.store.array(n as i64, elem);
        self.memory(array, node)
    }

    /// Zeroed memory for a value that node `node` makes: in the frame if it does not escape.
    pub fn memory(&mut self, t: TypeId, node: NodeId) -> Slot {
        let lay = self.lay(t);
        let ptr = self.ptr();
        if lay.size > 0 && lay.size <= 64 * 1024 && self.escape.expr_on_stack(node) {
            let pattern = self.pattern(t);
            let home = self.f.b.local(&pattern);
            self.f.b.mark_address_taken(home, lay.slots);
            self.zero(home, t);
            self.emit(Op::LeaL, ptr, home, 0);
        } else {
            self.emit_t(Op::New, ptr, (), (), t);
        }
        ptr
    }
}
