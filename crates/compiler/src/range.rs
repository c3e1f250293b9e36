//! Range loops over integers, strings, slices, arrays, maps and channels. (Functions: `rangefunc`.)

use bytecode::isa::Op;
use syntax::{Expr, NodeId, RangeStmt};
use types::{ObjId, RangeKind, Type, TypeId, tid};

use crate::asm::{ExtArg, Label, Slot};
use crate::func::{Fx, Loc, Rep, Target, To};
use crate::place::Place;

/// The labels of a loop.
struct Loop {
    top: Label,
    next: Label,
    end: Label,
}

impl Fx<'_> {
    pub fn range_stmt(&mut self, s: &RangeStmt, id: NodeId) {
        let scope = self.scope_mark();
        let xt = self.ty(&s.x);
        let under = self.core_type(xt);
        self.in_order([&s.x], |fx| fx.range_over(s, id, xt, under));
        self.end_scope(scope);
    }

    fn range_over(&mut self, s: &RangeStmt, id: NodeId, xt: TypeId, under: Type) {
        let info = self.info.ranges[&id];
        match (info.kind, under) {
            (RangeKind::Func, _) => self.range_func(s, id),
            (_, Type::Signature(_)) => self.range_func(s, id),
            (RangeKind::Map, Type::Map(key, elem)) => self.range_map(s, id, xt, key, elem),
            (RangeKind::Chan, Type::Chan(_, elem)) => self.range_chan(s, id, xt, elem),
            (RangeKind::String, _) => self.range_string(s, id),
            (RangeKind::Int, _) => self.range_int(s, id, info.key),
            (_, Type::Slice(elem)) => self.range_slice(s, id, xt, elem),
            (_, Type::Array(len, elem)) => self.range_array(s, id, xt, len, elem),
            (_, Type::Pointer(array)) => {
                let Type::Array(len, elem) = self.under(array) else {
                    panic!("range over a pointer to no array")
                };
                let ptr = self.expr(&s.x, To::Any);
                let ptr = self.hold(&s.x, ptr, &[true]);
                self.range_indexed(s, id, len, elem, |index| Place::ArrayElem {
                    ptr,
                    off: 0,
                    index,
                    len: len as u64,
                });
            }
            (kind, under) => panic!("range {kind:?} over {under:?}"),
        }
    }

    fn core_type(&mut self, t: TypeId) -> Type {
        match self.c.program.store.core_type(t) {
            Some(core) => self.c.program.store.get(core).clone(),
            None => self.under(t),
        }
    }

    fn start(&mut self, id: NodeId) -> Loop {
        let l = Loop {
            top: self.f.b.label(),
            next: self.f.b.label(),
            end: self.f.b.label(),
        };
        self.f.targets.insert(
            id,
            Target {
                brk: Some(l.end),
                cont: Some(l.next),
            },
        );
        l
    }

    /// A private copy of slots that the loop reads on every turn, unless nobody can change them.
    fn hold(&mut self, x: &Expr, slot: Slot, pattern: &[bool]) -> Slot {
        if self.is_steady(x) {
            return slot;
        }
        let copy = self.scoped_like(pattern);
        self.mov_n(copy, slot, pattern.len() as u32);
        copy
    }

    /// The variable that a range clause declares, or `None` when it assigns or has none.
    fn clause_var(&self, s: &RangeStmt, e: Option<&Expr>) -> Option<ObjId> {
        let ident = e?.as_ident()?;
        if !s.define || ident.name.is_blank() {
            return None;
        }
        self.info.object(ident.id)
    }

    fn wanted(e: &Option<Expr>) -> bool {
        e.as_ref()
            .is_some_and(|e| e.unparen().as_ident().is_none_or(|i| !i.name.is_blank()))
    }

    /// Gives a value to what stands on the left of the range clause.
    fn yield_value(&mut self, s: &RangeStmt, e: Option<&Expr>, slot: Slot, t: TypeId) {
        let Some(e) = e else { return };
        let mark = self.mark();
        if s.define {
            if let Some(obj) = self.clause_var(s, Some(e)) {
                self.define_from(obj, slot, t);
            }
        } else {
            self.assign_slot(e, slot, t);
        }
        self.release(mark);
    }

    /// Gives values to both.
    fn yield_both(&mut self, s: &RangeStmt, key: (Slot, TypeId), value: (Slot, TypeId)) {
        if let (false, Some(k), Some(v)) = (s.define, &s.key, &s.value) {
            let mark = self.mark();
            self.assign_pair([k, v], [key, value]);
            self.release(mark);
            return;
        }
        self.yield_value(s, s.key.as_ref(), key.0, key.1);
        self.yield_value(s, s.value.as_ref(), value.0, value.1);
    }

    /// A counter that may be the loop's variable itself, when nobody else writes or refers to it.
    fn counter(&mut self, s: &RangeStmt, t: TypeId) -> (Slot, bool) {
        if let Some(obj) = self.clause_var(s, s.key.as_ref()) {
            let v = self.c.program.obj(obj).var().cloned();
            let captured = self.loop_captured.contains(&obj);
            if v.is_some_and(|v| !v.reassigned && !v.address_taken && !v.captured) && !captured {
                let slot = self.scoped(t);
                let loc = Loc::Slots(slot);
                self.f.vars.insert(obj, loc);
                self.name_var(obj, loc, t);
                return (slot, true);
            }
        }
        (self.scoped(t), false)
    }

    fn range_int(&mut self, s: &RangeStmt, id: NodeId, key: TypeId) {
        let mut t = self.subst(key);
        if t == tid::INVALID || self.c.program.store.is_untyped(t) {
            t = self.value_type(&s.x);
        }
        let l = self.start(id);
        let lay = self.lay(t);
        let (counter, direct) = self.counter(s, t);
        let limit = match self.immediate(&s.x) {
            Some(imm) => {
                self.load_word(counter, 0);
                if imm <= 0 {
                    self.f.b.jump(l.end);
                }
                Err(imm)
            }
            None => {
                let n = self.expr(&s.x, To::Any);
                let n = self.hold(&s.x, n, &[false]);
                self.load_word(counter, 0);
                let unsigned = matches!(
                    lay.rep,
                    Rep::Int {
                        bytes: 8,
                        signed: false
                    }
                );
                if unsigned {
                    self.f.b.branch(Op::JEqI, n, 0, l.end);
                } else {
                    self.f.b.branch(Op::JLeSI, n, 0, l.end);
                }
                Ok(n)
            }
        };
        self.f.b.bind(l.top);
        let scope = self.scope_mark();
        if !direct {
            self.yield_value(s, s.key.as_ref(), counter, t);
        }
        self.block(&s.body);
        self.end_scope(scope);
        self.f.b.bind(l.next);
        self.count(counter, limit, lay.rep, l.top);
        self.f.b.bind(l.end);
    }

    /// Increments and loops while below the limit.
    fn count(&mut self, counter: Slot, limit: Result<Slot, i64>, rep: Rep, top: Label) {
        match limit {
            Err(imm) => self.f.b.branch_back(Op::IncJLtIL, counter, imm, top),
            Ok(n)
                if matches!(
                    rep,
                    Rep::Int {
                        bytes: 8,
                        signed: false
                    }
                ) =>
            {
                self.emit(Op::AddI, counter, counter, 1);
                self.f.b.branch_back(Op::JLtU, counter, n, top);
            }
            Ok(n) => self.f.b.branch_back(Op::IncJLtL, counter, n, top),
        }
    }

    fn range_slice(&mut self, s: &RangeStmt, id: NodeId, _t: TypeId, elem: TypeId) {
        let slice = self.expr(&s.x, To::Any);
        let slice = self.hold(&s.x, slice, &[true, false]);
        let l = self.start(id);
        let (counter, direct) = self.counter(s, tid::INT);
        let len = slice.offset(1);
        self.load_word(counter, 0);
        self.f.b.branch(Op::JLeSI, len, 0, l.end);
        self.f.b.bind(l.top);
        let scope = self.scope_mark();
        self.indexed_turn(
            s,
            counter,
            direct,
            elem,
            &Place::SliceElem {
                slice,
                index: counter,
            },
        );
        self.end_scope(scope);
        self.f.b.bind(l.next);
        self.f.b.branch_back(Op::IncJLtL, counter, len, l.top);
        self.f.b.bind(l.end);
    }

    /// One turn of a loop with an index: variables, body.
    fn indexed_turn(
        &mut self,
        s: &RangeStmt,
        counter: Slot,
        direct: bool,
        elem: TypeId,
        place: &Place,
    ) {
        let mark = self.mark();
        let value = Self::wanted(&s.value);
        let var = self.clause_var(s, s.value.as_ref());
        if value
            && s.define
            && let Some(obj) = var
        {
            if !direct {
                self.yield_value(s, s.key.as_ref(), counter, tid::INT);
            }
            match self.declare(obj) {
                Loc::Slots(slot) => {
                    self.load_to(place, elem, To::Fresh(slot));
                }
                loc => {
                    let slot = self.load(place, elem);
                    let home = self.var_place(loc, elem);
                    self.store(&home, slot, elem);
                }
            }
        } else {
            let loaded = value.then(|| self.load(place, elem));
            match loaded {
                Some(slot) if !direct => self.yield_both(s, (counter, tid::INT), (slot, elem)),
                Some(slot) => self.yield_value(s, s.value.as_ref(), slot, elem),
                None if !direct => self.yield_value(s, s.key.as_ref(), counter, tid::INT),
                None => {}
            }
        }
        self.release(mark);
        self.block(&s.body);
    }

    fn range_array(&mut self, s: &RangeStmt, id: NodeId, t: TypeId, len: i64, elem: TypeId) {
        if !Self::wanted(&s.value) {
            if Self::is_call(&s.x) {
                self.expr(&s.x, To::Any);
            }
            let dummy = self.empty_slot();
            self.range_indexed(s, id, len, elem, |_| Place::Slots(dummy));
            return;
        }
        // The loop ranges over a copy.
        let lay = self.lay(t);
        if lay.slots > 64 || lay.size == 0 {
            let ptr = self.scoped_like(&[true]);
            let place = self.place(&s.x);
            let from = self.address(&place, t);
            self.emit_t(Op::New, ptr, (), (), t);
            self.emit_t(Op::CopyMem, ptr, from, (), t);
            self.range_indexed(s, id, len, elem, |index| Place::ArrayElem {
                ptr,
                off: 0,
                index,
                len: len as u64,
            });
        } else {
            let pattern = self.pattern(t);
            let copy = self.f.b.local(&pattern);
            self.expr(&s.x, To::Fresh(copy));
            self.range_indexed(s, id, len, elem, |index| Place::FrameElem {
                slot: copy,
                byte: 0,
                index,
                len: len as u64,
            });
        }
    }

    fn range_indexed(
        &mut self,
        s: &RangeStmt,
        id: NodeId,
        len: i64,
        elem: TypeId,
        place: impl Fn(Slot) -> Place,
    ) {
        let l = self.start(id);
        let (counter, direct) = self.counter(s, tid::INT);
        self.load_word(counter, 0);
        if len == 0 {
            self.f.b.jump(l.end);
        }
        let limit = match i16::try_from(len) {
            Ok(imm) => Err(i64::from(imm)),
            Err(_) => {
                let n = self.scoped(tid::INT);
                self.load_word(n, len);
                Ok(n)
            }
        };
        self.f.b.bind(l.top);
        let scope = self.scope_mark();
        self.indexed_turn(s, counter, direct, elem, &place(counter));
        self.end_scope(scope);
        self.f.b.bind(l.next);
        self.count(
            counter,
            limit,
            Rep::Int {
                bytes: 8,
                signed: true,
            },
            l.top,
        );
        self.f.b.bind(l.end);
    }

    fn range_string(&mut self, s: &RangeStmt, id: NodeId) {
        let text = self.expr(&s.x, To::Any);
        let text = self.hold(&s.x, text, &[true, false]);
        let l = self.start(id);
        let test = self.f.b.label();
        let (index, next, rune) = (
            self.scoped(tid::INT),
            self.scoped(tid::INT),
            self.scoped(tid::INT32),
        );
        self.load_word(next, 0);
        self.f.b.branch(Op::JLeSI, text.offset(1), 0, l.end);
        self.f.b.bind(l.top);
        self.emit(Op::Mov, index, next, ());
        self.emit_ext(Op::StrNext, rune, text, index, &[ExtArg::SlotDef(next)]);
        let scope = self.scope_mark();
        self.yield_both(s, (index, tid::INT), (rune, tid::INT32));
        self.block(&s.body);
        self.end_scope(scope);
        self.f.b.bind(l.next);
        self.f.b.bind(test);
        self.f.b.branch_back(Op::JLtS, next, text.offset(1), l.top);
        self.f.b.bind(l.end);
    }

    fn range_map(&mut self, s: &RangeStmt, id: NodeId, t: TypeId, key: TypeId, elem: TypeId) {
        let map = self.expr(&s.x, To::Any);
        let iter = self.scoped_like(&[true]);
        self.pos(s.range_pos);
        self.emit_t(Op::IterInit, iter, map, (), t);
        let l = self.start(id);
        self.f.b.bind(l.next);
        self.f.b.bind(l.top);
        self.f.b.branch(Op::IterNext, iter, (), l.end);
        let scope = self.scope_mark();
        let mark = self.mark();
        let mut parts = [None, None];
        if Self::wanted(&s.key) {
            let slot = self.temp(key);
            self.emit_t(Op::IterKey, slot, iter, (), key);
            parts[0] = Some((slot, key));
        }
        if Self::wanted(&s.value) {
            let slot = self.temp(elem);
            self.emit_t(Op::IterElem, slot, iter, (), elem);
            parts[1] = Some((slot, elem));
        }
        match parts {
            [Some(key), Some(value)] => self.yield_both(s, key, value),
            [Some((slot, t)), None] => self.yield_value(s, s.key.as_ref(), slot, t),
            [None, Some((slot, t))] => self.yield_value(s, s.value.as_ref(), slot, t),
            [None, None] => {}
        }
        self.release(mark);
        self.block(&s.body);
        self.end_scope(scope);
        self.f.b.jump_back(l.top);
        self.f.b.bind(l.end);
    }

    fn range_chan(&mut self, s: &RangeStmt, id: NodeId, t: TypeId, elem: TypeId) {
        let ch = self.expr(&s.x, To::Any);
        let ch = self.hold(&s.x, ch, &[true]);
        let l = self.start(id);
        self.f.b.bind(l.next);
        self.f.b.bind(l.top);
        let mark = self.mark();
        let (slot, ok) = (self.temp(elem), self.word());
        self.pos(s.range_pos);
        self.emit_t(Op::RecvOk, slot, ch, ok, t);
        self.f.b.branch(Op::JFalse, ok, (), l.end);
        let scope = self.scope_mark();
        self.yield_value(s, s.key.as_ref(), slot, elem);
        self.release(mark);
        self.block(&s.body);
        self.end_scope(scope);
        self.f.b.jump_back(l.top);
        self.f.b.bind(l.end);
    }
}
