//! Switches, type switches and selects.

use bytecode::isa::Op;
use syntax::{
    CaseClause, Expr, ExprKind, NodeId, SelectStmt, Stmt, StmtKind, SwitchStmt, TypeSwitchStmt,
    UnaryOp,
};
use types::{Const, Mode, TypeId, tid};

use crate::asm::{Label, SelectCase, Slot};
use crate::func::{Fx, Rep, Target, To};

/// Fewer constant cases than this are tried one after the other.
const MIN_TABLE: usize = 5;
const MIN_SEARCH: usize = 9;

impl Fx<'_> {
    pub fn switch_stmt(&mut self, s: &SwitchStmt, id: NodeId) {
        let scope = self.scope_mark();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let end = self.f.b.label();
        self.f.targets.insert(
            id,
            Target {
                brk: Some(end),
                cont: self.f.targets.get(&id).and_then(|t| t.cont),
            },
        );
        let bodies: Vec<Label> = s.clauses.iter().map(|_| self.f.b.label()).collect();
        let default = s
            .clauses
            .iter()
            .position(|c| c.is_default)
            .map_or(end, |i| bodies[i]);
        let mark = self.mark();
        match &s.tag {
            None => {
                for (clause, &body) in s.clauses.iter().zip(&bodies) {
                    for e in &clause.exprs {
                        self.pos(e.pos);
                        self.cond(e, body, true, false);
                    }
                }
                self.f.b.jump(default);
            }
            Some(tag) => self.tag_switch(tag, &s.clauses, &bodies, default),
        }
        self.release(mark);
        for (i, clause) in s.clauses.iter().enumerate() {
            self.f.b.bind(bodies[i]);
            self.stmts(&clause.body);
            let falls = matches!(
                clause.body.last().map(innermost),
                Some(Stmt {
                    kind: StmtKind::Branch {
                        tok: syntax::BranchTok::Fallthrough,
                        ..
                    },
                    ..
                })
            );
            if falls && i + 1 < bodies.len() {
                self.f.b.jump(bodies[i + 1]);
            } else {
                self.f.b.jump(end);
            }
        }
        self.f.b.bind(end);
        self.end_scope(scope);
    }

    fn tag_switch(&mut self, tag: &Expr, clauses: &[CaseClause], bodies: &[Label], default: Label) {
        let t = self.value_type(tag);
        let constant = |fx: &Self, e: &Expr| fx.info.type_of(e.id).mode == Mode::Const;
        let all_constant = clauses
            .iter()
            .flat_map(|c| &c.exprs)
            .all(|e| constant(self, e));
        let mut value = self.in_order([tag], |fx| {
            let in_place = match all_constant {
                true => fx.text_in_place(tag),
                false => None,
            };
            in_place.unwrap_or_else(|| fx.convert_to(tag, t, To::Any))
        });
        if !all_constant && !self.is_steady(tag) {
            let copy = self.temp(t);
            self.mov(copy, value, t);
            value = copy;
        }
        let lay = self.lay(t);
        let count: usize = clauses.iter().map(|c| c.exprs.len()).sum();
        if all_constant && count >= MIN_TABLE {
            match lay.rep {
                Rep::Int { signed, .. } => {
                    let mut cases: Vec<(i64, Label)> = Vec::with_capacity(count);
                    for (clause, &body) in clauses.iter().zip(bodies) {
                        for e in &clause.exprs {
                            let bits = match &self.info.type_of(e.id).value {
                                Const::Bool(b) => i64::from(*b),
                                v => v.to_int().bits64() as i64,
                            };
                            cases.push((bits, body));
                        }
                    }
                    if signed || cases.iter().all(|c| c.0 >= 0) {
                        cases.sort_by_key(|c| c.0);
                        cases.dedup_by_key(|c| c.0);
                        return self.integer_switch(value, &cases, default);
                    }
                }
                Rep::Str if count >= MIN_SEARCH => {
                    let mut cases: Vec<(Vec<u8>, Label)> = Vec::with_capacity(count);
                    for (clause, &body) in clauses.iter().zip(bodies) {
                        for e in &clause.exprs {
                            let text = self
                                .info
                                .type_of(e.id)
                                .value
                                .as_str()
                                .map(|s| s.to_vec())
                                .unwrap_or_default();
                            cases.push((text, body));
                        }
                    }
                    cases.sort_by(|a, b| (a.0.len(), &a.0).cmp(&(b.0.len(), &b.0)));
                    cases.dedup_by(|a, b| a.0 == b.0);
                    return self.string_switch(value, &cases, default);
                }
                _ => {}
            }
        }
        for (clause, &body) in clauses.iter().zip(bodies) {
            for e in &clause.exprs {
                let mark = self.mark();
                self.pos(e.pos);
                self.in_order([e], |fx| fx.case_test(value, t, e, body));
                self.release(mark);
            }
        }
        self.f.b.jump(default);
    }

    /// Jumps to `body` when the tag equals the case.
    fn case_test(&mut self, value: Slot, t: TypeId, e: &Expr, body: Label) {
        let lay = self.lay(t);
        if self.is_nil(e) {
            if lay.is_iface() {
                self.f.b.branch(Op::JEqI, value, 0, body);
            } else {
                self.f.b.branch(Op::JNil, value, (), body);
            }
            return;
        }
        if matches!(lay.rep, Rep::Int { .. })
            && let Some(imm) = self.immediate(e)
        {
            self.f.b.branch(Op::JEqI, value, imm, body);
            return;
        }
        let et = self.value_type(e);
        match (self.is_iface(t), self.is_iface(et)) {
            (true, false) => {
                let case = self.convert_to(e, t, To::Any);
                self.jump_equal(value, case, t, body, true);
            }
            (false, true) => {
                let case = self.expr(e, To::Any);
                let value = self.box_value(value, t, et, To::Any);
                self.jump_equal(value, case, et, body, true);
            }
            (true, true) if !self.c.program.store.identical(t, et) => {
                let case = self.expr(e, To::Any);
                let (a, b) = (
                    self.as_empty_interface(value, t),
                    self.as_empty_interface(case, et),
                );
                self.jump_equal(a, b, tid::EMPTY_INTERFACE, body, true);
            }
            _ => {
                let case = if constant_mode(self, e) {
                    let value = self.info.type_of(e.id).value.clone();
                    self.constant(&value, t, To::Any)
                } else {
                    self.expr(e, To::Any)
                };
                self.jump_equal(value, case, t, body, true);
            }
        }
    }

    fn integer_switch(&mut self, value: Slot, cases: &[(i64, Label)], default: Label) {
        let (first, last) = (cases[0].0, cases[cases.len() - 1].0);
        let width = last.wrapping_sub(first) as u64;
        if cases.len() >= MIN_TABLE && width < 4 * cases.len() as u64 && width < 30_000 {
            let mut targets = vec![default; width as usize + 1];
            for &(key, label) in cases {
                targets[key.wrapping_sub(first) as usize] = label;
            }
            let index = if first == 0 {
                value
            } else {
                let index = self.word();
                match i16::try_from(first.wrapping_neg()) {
                    Ok(by) => self.emit(Op::AddI, index, value, i64::from(by)),
                    Err(_) => {
                        self.load_word(index, first);
                        self.emit(Op::Sub, index, value, index);
                    }
                }
                index
            };
            self.f.b.jump_table(index, &targets);
            self.f.b.jump(default);
            return;
        }
        if cases.len() < MIN_SEARCH {
            for &(key, label) in cases {
                let mark = self.mark();
                match i16::try_from(key) {
                    Ok(imm) => self.f.b.branch(Op::JEqI, value, i64::from(imm), label),
                    Err(_) => {
                        let word = self.word();
                        self.load_word(word, key);
                        self.f.b.branch(Op::JEq, value, word, label);
                    }
                }
                self.release(mark);
            }
            self.f.b.jump(default);
            return;
        }
        let (low, high) = cases.split_at(cases.len() / 2);
        let below = self.f.b.label();
        let mark = self.mark();
        match i16::try_from(high[0].0) {
            Ok(imm) => self.f.b.branch(Op::JLtSI, value, i64::from(imm), below),
            Err(_) => {
                let word = self.word();
                self.load_word(word, high[0].0);
                self.f.b.branch(Op::JLtS, value, word, below);
            }
        }
        self.release(mark);
        self.integer_switch(value, high, default);
        self.f.b.bind(below);
        self.integer_switch(value, low, default);
    }

    /// Cases are sorted by length, then text.
    fn string_switch(&mut self, value: Slot, cases: &[(Vec<u8>, Label)], default: Label) {
        if cases.len() <= 4 {
            for (text, label) in cases {
                let mark = self.mark();
                let case = self.constant(&Const::Str(text.as_slice().into()), tid::STRING, To::Any);
                self.f.b.branch(Op::JEqStr, value, case, *label);
                self.release(mark);
            }
            self.f.b.jump(default);
            return;
        }
        let (low, high) = cases.split_at(cases.len() / 2);
        let below = self.f.b.label();
        let (a, b) = (&low[low.len() - 1].0, &high[0].0);
        let mark = self.mark();
        let len = value.offset(1);
        if a.len() != b.len() {
            self.length_below(len, b.len(), below);
        } else {
            // Shorter ones are below, longer ones above, those of this length by text.
            let above = self.f.b.label();
            self.length_below(len, b.len(), below);
            let longer = self.word();
            self.load_word(longer, b.len() as i64);
            self.f.b.branch(Op::JLtS, longer, len, above);
            let case = self.constant(&Const::Str(b.as_slice().into()), tid::STRING, To::Any);
            let less = self.word();
            self.emit(Op::LtStr, less, value, case);
            self.f.b.branch(Op::JTrue, less, (), below);
            self.f.b.bind(above);
        }
        self.release(mark);
        self.string_switch(value, high, default);
        self.f.b.bind(below);
        self.string_switch(value, low, default);
    }

    fn length_below(&mut self, len: Slot, limit: usize, label: Label) {
        match i16::try_from(limit) {
            Ok(imm) => self.f.b.branch(Op::JLtSI, len, i64::from(imm), label),
            Err(_) => {
                let word = self.word();
                self.load_word(word, limit as i64);
                self.f.b.branch(Op::JLtS, len, word, label);
            }
        }
    }

    // ---- type switches

    pub fn type_switch(&mut self, s: &TypeSwitchStmt, id: NodeId) {
        let scope = self.scope_mark();
        if let Some(init) = &s.init {
            self.stmt(init);
        }
        let x = match &s.x.unparen().kind {
            ExprKind::TypeAssert { x, .. } => x,
            _ => &s.x,
        };
        let t = self.ty(x);
        let end = self.f.b.label();
        self.f.targets.insert(
            id,
            Target {
                brk: Some(end),
                cont: None,
            },
        );
        let bodies: Vec<Label> = s.clauses.iter().map(|_| self.f.b.label()).collect();
        let default = s
            .clauses
            .iter()
            .position(|c| c.is_default)
            .map_or(end, |i| bodies[i]);
        let value = self.scoped(t);
        self.expr(x, To::Fresh(value));
        let word = if self.lay(t).rep == Rep::Iface {
            let word = self.scoped_like(&[false]);
            self.emit(Op::ItabType, word, value, ());
            word
        } else {
            value
        };
        for (clause, &body) in s.clauses.iter().zip(&bodies) {
            for e in &clause.exprs {
                let mark = self.mark();
                if self.is_nil(e) {
                    self.f.b.branch(Op::JEqI, word, 0, body);
                } else {
                    let case = self.ty(e);
                    if self.is_iface(case) {
                        let (_, ok) = self.assert_ok(value, t, case);
                        self.f.b.branch(Op::JTrue, ok, (), body);
                    } else {
                        let typ = self.word();
                        self.emit_t(Op::LdType, typ, (), (), case);
                        self.f.b.branch(Op::JEq, word, typ, body);
                    }
                }
                self.release(mark);
            }
        }
        self.f.b.jump(default);
        for (clause, &body) in s.clauses.iter().zip(&bodies) {
            self.f.b.bind(body);
            let inner = self.scope_mark();
            if let Some(&obj) = self.info.implicits.get(&clause.id) {
                let mark = self.mark();
                let vt = self.obj_type(obj);
                let single = clause.exprs.len() == 1 && !self.is_nil(&clause.exprs[0]);
                if !single || self.c.program.store.identical(vt, t) {
                    self.define_from(obj, value, t);
                } else if self.is_iface(vt) {
                    let slot = self.temp(vt);
                    let ext = [self.rt_ext(vt), self.rt_ext(t)];
                    self.emit_ext(Op::AssertI, slot, value, (), &ext);
                    self.define_from(obj, slot, vt);
                } else {
                    let slot = self.temp(vt);
                    self.emit_t(Op::Unbox, slot, value, (), vt);
                    self.define_from(obj, slot, vt);
                }
                self.release(mark);
            }
            self.stmts(&clause.body);
            self.end_scope(inner);
            self.f.b.jump(end);
        }
        self.f.b.bind(end);
        self.end_scope(scope);
    }

    // ---- select

    pub fn select_stmt(&mut self, s: &SelectStmt, id: NodeId) {
        let scope = self.scope_mark();
        let end = self.f.b.label();
        self.f.targets.insert(
            id,
            Target {
                brk: Some(end),
                cont: None,
            },
        );
        let mark = self.mark();
        let mut cases = Vec::new();
        let mut bodies: Vec<(Label, Option<usize>)> = Vec::new();
        let mut received: Vec<Option<(Slot, TypeId, Option<Slot>)>> = Vec::new();
        for clause in &s.clauses {
            let label = self.f.b.label();
            let Some(comm) = &clause.comm else {
                bodies.push((label, None));
                received.push(None);
                continue;
            };
            bodies.push((label, Some(cases.len())));
            self.pos(comm.pos);
            match &comm.kind {
                StmtKind::Send { chan, value, .. } => {
                    let t = self.ty(chan);
                    let elem = self.elem(t);
                    let channel = self.kept(chan, t);
                    let slot = self.temp(elem);
                    self.convert_to(value, elem, To::Fresh(slot));
                    let typ = self.rt(t);
                    cases.push(SelectCase {
                        send: true,
                        channel,
                        value: Some(slot),
                        ok: None,
                        typ,
                    });
                    received.push(None);
                }
                kind => {
                    let (recv, wants_value, wants_ok) = match kind {
                        StmtKind::Expr(e) => (e, false, false),
                        StmtKind::Assign(a) => (&a.rhs[0], true, a.lhs.len() > 1),
                        other => panic!("select case {other:?}"),
                    };
                    let ExprKind::Unary {
                        op: UnaryOp::Recv,
                        x,
                    } = &recv.unparen().kind
                    else {
                        panic!("select case is no receive")
                    };
                    let t = self.ty(x);
                    let elem = self.elem(t);
                    let channel = self.kept(x, t);
                    let sized = self.lay(elem).size > 0;
                    let slot = if wants_value {
                        Some(self.temp(elem))
                    } else {
                        None
                    };
                    let ok = if wants_ok { Some(self.word()) } else { None };
                    let typ = self.rt(t);
                    cases.push(SelectCase {
                        send: false,
                        channel,
                        value: slot.filter(|_| sized),
                        ok,
                        typ,
                    });
                    received.push(slot.map(|slot| (slot, elem, ok)));
                }
            }
        }
        self.pos(s.lbrace);
        let has_default = s.clauses.iter().any(|c| c.comm.is_none());
        let index = self.word();
        self.f.b.select(index, &cases, has_default);
        let default = bodies.iter().find(|b| b.1.is_none()).map(|b| b.0);
        for &(label, case) in &bodies {
            if let Some(case) = case {
                self.f.b.branch(Op::JEqI, index, case as i64, label);
            }
        }
        match default {
            Some(label) => self.f.b.jump(label),
            None => self.emit(Op::Trap, bytecode::isa::Trap::Unreachable as u32, (), ()),
        }
        for ((clause, &(label, _)), value) in s.clauses.iter().zip(&bodies).zip(&received) {
            self.f.b.bind(label);
            let inner = self.scope_mark();
            if let (
                Some(Stmt {
                    kind: StmtKind::Assign(assign),
                    ..
                }),
                Some((slot, elem, ok)),
            ) = (&clause.comm, value)
            {
                let parts = [Some((*slot, *elem)), ok.map(|ok| (ok, tid::BOOL))];
                for (lhs, part) in assign.lhs.iter().zip(parts) {
                    let Some((slot, t)) = part else { continue };
                    match self.defined(assign.define, lhs) {
                        Some(obj) => self.define_from(obj, slot, t),
                        None => self.assign_slot(lhs, slot, t),
                    }
                }
            }
            self.stmts(&clause.body);
            self.end_scope(inner);
            self.f.b.jump(end);
        }
        self.f.b.bind(end);
        self.release(mark);
        self.end_scope(scope);
    }

    /// An operand that stays the same while others are evaluated.
    fn kept(&mut self, e: &Expr, t: TypeId) -> Slot {
        let slot = self.expr(e, To::Any);
        if self.is_steady(e) {
            return slot;
        }
        let copy = self.temp(t);
        self.mov(copy, slot, t);
        copy
    }
}

fn constant_mode(fx: &Fx, e: &Expr) -> bool {
    fx.info.type_of(e.id).mode == Mode::Const
}

/// The statement under labels.
fn innermost(stmt: &Stmt) -> &Stmt {
    match &stmt.kind {
        StmtKind::Labeled { stmt, .. } => innermost(stmt),
        _ => stmt,
    }
}
