//! Assignments. Operands of index expressions and pointer indirections on the left come first, then the right sides, then the
//! stores from left to right.

use bytecode::isa::Op;
use syntax::{AssignStmt, BinaryOp, Expr, ExprKind};
use types::{Const, Mode, ObjId, TypeId, tid};

use crate::asm::Slot;
use crate::func::{Fx, Loc, Rep, To};
use crate::place::Place;

impl Fx<'_> {
    pub fn assign(&mut self, s: &AssignStmt) {
        if let Some(op) = s.op {
            let (lhs, rhs) = (&s.lhs[0], &s.rhs[0]);
            self.in_order([lhs, rhs], |fx| fx.op_assign(op, lhs, rhs));
            return;
        }
        if let ([lhs], [rhs]) = (&s.lhs[..], &s.rhs[..]) {
            match self.defined(s.define, lhs) {
                Some(obj) => self.in_order([rhs], |fx| fx.define_var(obj, rhs)),
                None => self.in_order([lhs, rhs], |fx| fx.assign_one(lhs, rhs)),
            }
            return;
        }
        if s.lhs.len() == s.rhs.len() {
            self.in_order(s.lhs.iter().chain(&s.rhs), |fx| fx.assign_each(s));
        } else {
            // The calls on the left come first, the rest belongs to the stores.
            self.after_calls(&s.lhs, |fx| fx.assign_values(s));
        }
    }

    /// The variable that an identifier on the left of `:=` declares.
    pub fn defined(&self, define: bool, lhs: &Expr) -> Option<ObjId> {
        if !define {
            return None;
        }
        let ident = lhs.as_ident()?;
        let obj = self.info.object(ident.id)?;
        (self.c.program.obj(obj).pos == ident.pos).then_some(obj)
    }

    fn is_blank(e: &Expr) -> bool {
        e.unparen().as_ident().is_some_and(|i| i.name.is_blank())
    }

    /// The type of an assignment's target; of `_` that of the value.
    fn target_type(&mut self, lhs: &Expr, value: TypeId) -> TypeId {
        if Self::is_blank(lhs) {
            value
        } else {
            self.ty(lhs)
        }
    }

    fn assign_one(&mut self, lhs: &Expr, rhs: &Expr) {
        if Self::is_blank(lhs) {
            if !self.is_nil(rhs) {
                let t = self.value_type(rhs);
                let place = self.place(rhs);
                // What nobody wants is read for its checks; large values are only looked for.
                if self.lay(t).slots > 4 && !matches!(place, Place::MapElem { .. }) {
                    self.touch(&place, t);
                } else if !matches!(place, Place::Blank) {
                    self.load(&place, t);
                }
            }
            return;
        }
        let t = self.ty(lhs);
        if let Some(slot) = self.slot_of(lhs) {
            self.convert_to(rhs, t, To::Slot(slot));
            return;
        }
        if self.lay(t).slots > 16 && self.copy_large(lhs, rhs, t) {
            return;
        }
        if !self.is_simple(rhs) && self.is_simple(lhs) {
            // The left side's checks belong after the right side's calls.
            let tr = self.value_type(rhs);
            let block = self.lay(t).rep == Rep::Block;
            let value = if block && !self.needs_interface(tr, t) {
                // What is called may have left it in the outgoing area, where nothing simple is put.
                self.expr_volatile(rhs, To::Any)
            } else {
                self.convert_to(rhs, t, To::Any)
            };
            let place = self.place(lhs);
            let value = match place {
                Place::MapElem { .. } => self.settle(value, t),
                _ => value,
            };
            self.pos(lhs.pos);
            self.store(&place, value, t);
        } else {
            let place = self.place(lhs);
            let value = self.convert_to(rhs, t, To::Any);
            self.pos(lhs.pos);
            self.store(&place, value, t);
        }
    }

    /// Large values go from memory to memory.
    fn copy_large(&mut self, lhs: &Expr, rhs: &Expr, t: TypeId) -> bool {
        let tr = self.ty(rhs);
        let variable = matches!(self.info.type_of(rhs.id).mode, Mode::Variable);
        if !variable || !self.is_simple(rhs) || !self.is_simple(lhs) || self.needs_interface(tr, t)
        {
            return false;
        }
        if matches!(self.info.type_of(lhs.id).mode, Mode::MapIndex) {
            return false;
        }
        let src = self.place(rhs);
        let src = self.address(&src, t);
        let dst = self.place(lhs);
        let dst = self.address(&dst, t);
        self.emit_t(Op::CopyMem, dst, src, (), t);
        true
    }

    // ---- several at once

    /// Slots that a store to the place changes.
    fn range_of(&mut self, place: &Place, t: TypeId) -> Option<(Slot, u32)> {
        let lay = self.lay(t);
        match *place {
            Place::Slots(slot) => Some((slot, lay.slots)),
            Place::Frame { slot, byte } => {
                let first = (byte / 8) as u32;
                Some((
                    slot.offset(first),
                    ((byte % 8 + lay.size).div_ceil(8)) as u32,
                ))
            }
            Place::FrameElem {
                slot, byte, len, ..
            } => Some((
                slot.offset((byte / 8) as u32),
                (len * lay.size).div_ceil(8) as u32 + 1,
            )),
            _ => None,
        }
    }

    fn overlaps(ranges: &[(Slot, u32)], slot: Slot, n: u32) -> bool {
        ranges.iter().any(|&(first, count)| {
            (0..count).any(|k| first.offset(k) == slot) || (0..n).any(|k| slot.offset(k) == first)
        })
    }

    fn freeze_slot(&mut self, ranges: &[(Slot, u32)], slot: Slot, pattern: &[bool]) -> Slot {
        if !Self::overlaps(ranges, slot, pattern.len() as u32) {
            return slot;
        }
        let copy = self.temp_like(pattern);
        self.mov_n(copy, slot, pattern.len() as u32);
        copy
    }

    /// Makes a place independent of variables that the statement assigns.
    fn freeze(&mut self, place: Place, ranges: &[(Slot, u32)]) -> Place {
        match place {
            Place::Mem { ptr, off } => Place::Mem {
                ptr: self.freeze_slot(ranges, ptr, &[true]),
                off,
            },
            Place::SliceElem { slice, index } => Place::SliceElem {
                slice: self.freeze_slot(ranges, slice, &[true, false]),
                index: self.freeze_slot(ranges, index, &[false]),
            },
            Place::ArrayElem {
                ptr,
                off,
                index,
                len,
            } => Place::ArrayElem {
                ptr: self.freeze_slot(ranges, ptr, &[true]),
                off,
                index: self.freeze_slot(ranges, index, &[false]),
                len,
            },
            Place::FrameElem {
                slot,
                byte,
                index,
                len,
            } => Place::FrameElem {
                slot,
                byte,
                index: self.freeze_slot(ranges, index, &[false]),
                len,
            },
            Place::MapElem { map, key, map_type } => {
                let map = self.freeze_slot(ranges, map, &[true]);
                let types::Type::Map(k, _) = self.under(map_type) else {
                    panic!("no map")
                };
                let pattern = self.pattern(k);
                Place::MapElem {
                    map,
                    key: self.freeze_slot(ranges, key, &pattern),
                    map_type,
                }
            }
            place => place,
        }
    }

    fn assign_each(&mut self, s: &AssignStmt) {
        let n = s.lhs.len();
        // Where each value goes; variables that are new take theirs at once, since nothing can read them yet.
        let mut places: Vec<Option<(Place, TypeId)>> = Vec::with_capacity(n);
        for (lhs, rhs) in s.lhs.iter().zip(&s.rhs) {
            if self.defined(s.define, lhs).is_some() {
                places.push(None);
            } else {
                let t = self.value_type(rhs);
                let t = self.target_type(lhs, t);
                let place = self.place(lhs);
                places.push(Some((place, t)));
            }
        }
        let mut ranges = Vec::new();
        for (place, t) in places.iter().flatten() {
            ranges.extend(self.range_of(place, *t));
        }
        if !ranges.is_empty() {
            for (place, _) in places.iter_mut().flatten() {
                *place = self.freeze(*place, &ranges);
            }
        }
        let mut earlier: Vec<(Slot, u32)> = Vec::new();
        let mut values = Vec::with_capacity(n);
        for (i, rhs) in s.rhs.iter().enumerate() {
            match places[i] {
                None => {
                    let obj = self.defined(true, &s.lhs[i]).expect("new");
                    self.define_var(obj, rhs);
                    values.push(None);
                }
                Some((place, t)) => {
                    let blank = matches!(place, Place::Blank);
                    let slot = if blank && self.is_nil(rhs) {
                        None
                    } else {
                        Some(self.convert_to(rhs, t, To::Any))
                    };
                    let n = self.lay(t).slots;
                    let exposed = i > 0 && self.is_exposed(rhs);
                    let slot = match slot {
                        Some(slot) if !blank && (exposed || Self::overlaps(&earlier, slot, n)) => {
                            let copy = self.temp(t);
                            self.mov(copy, slot, t);
                            Some(copy)
                        }
                        slot => slot,
                    };
                    earlier.extend(self.range_of(&place, t));
                    values.push(slot);
                }
            }
        }
        for (place, value) in places.into_iter().zip(values) {
            if let (Some((place, t)), Some(value)) = (place, value) {
                self.store(&place, value, t);
            }
        }
    }

    /// Whether the value is read straight from a variable in the frame that stores through pointers may change.
    fn is_exposed(&self, e: &Expr) -> bool {
        match &e.kind {
            ExprKind::Paren(x) | ExprKind::Selector { x, .. } => self.is_exposed(x),
            ExprKind::Index(index) => self.is_exposed(&index.x),
            ExprKind::Ident(_) => self
                .info
                .object(e.id)
                .is_some_and(|obj| matches!(self.f.vars.get(&obj), Some(Loc::Stack(_)))),
            _ => false,
        }
    }

    /// Assigns two values at once: both targets are located before either changes.
    pub fn assign_pair(&mut self, lhs: [&Expr; 2], values: [(Slot, TypeId); 2]) {
        let mut targets = Vec::with_capacity(2);
        let mut ranges = Vec::new();
        for (lhs, (_, t)) in lhs.into_iter().zip(values) {
            let t = self.target_type(lhs, t);
            let place = self.place(lhs);
            ranges.extend(self.range_of(&place, t));
            targets.push((place, t));
        }
        for target in &mut targets {
            target.0 = self.freeze(target.0, &ranges);
        }
        for ((place, t), (slot, s)) in targets.into_iter().zip(values) {
            if !matches!(place, Place::Blank) {
                let value = self.box_value(slot, s, t, To::Any);
                self.store(&place, value, t);
            }
        }
    }

    /// The values of a call with several results or a two-value form.
    pub fn values(&mut self, e: &Expr) -> Vec<(Slot, TypeId)> {
        if let Some(values) = self.tuple(e) {
            return values;
        }
        let (slot, t, ok) = self.comma_ok(e).expect("a form with two values");
        vec![(slot, t), (ok, tid::BOOL)]
    }

    fn assign_values(&mut self, s: &AssignStmt) {
        let values = self.values(&s.rhs[0]);
        let mut places = Vec::with_capacity(s.lhs.len());
        let mut ranges = Vec::new();
        for lhs in &s.lhs {
            places.push(match self.defined(s.define, lhs) {
                Some(obj) => Err(obj),
                None if Self::is_blank(lhs) => Ok((Place::Blank, tid::INT)),
                None => {
                    let (place, t) = (self.place(lhs), self.ty(lhs));
                    ranges.extend(self.range_of(&place, t));
                    Ok((place, t))
                }
            });
        }
        for (place, _) in places.iter_mut().flatten() {
            *place = self.freeze(*place, &ranges);
        }
        for (place, (slot, t)) in places.into_iter().zip(values) {
            match place {
                Err(obj) => self.define_from(obj, slot, t),
                Ok((Place::Blank, _)) => {}
                Ok((place, target)) => {
                    let value = self.box_value(slot, t, target, To::Any);
                    self.store(&place, value, target);
                }
            }
        }
    }

    // ---- x op= y

    fn op_assign(&mut self, op: BinaryOp, lhs: &Expr, rhs: &Expr) {
        let t = self.ty(lhs);
        let lay = self.lay(t);
        let direct = self.slot_of(lhs);
        if lay.rep == Rep::Str {
            let (place, y) = self.op_operands(lhs, rhs);
            let y = self.settle(y, t);
            let x = self.load(&place, t);
            let dst = direct.unwrap_or_else(|| self.temp(t));
            self.pos(lhs.pos);
            self.emit(Op::Concat2, dst, x, y);
            if direct.is_none() {
                self.store(&place, dst, t);
            }
            return;
        }
        if op.is_shift() {
            let imm = self.shift_count(rhs);
            let (place, count) = match imm {
                Some(_) => (self.place(lhs), None),
                None => {
                    let (place, y) = self.op_operands(lhs, rhs);
                    (place, Some((y, self.ty(rhs))))
                }
            };
            // A negative count panics when the element has been made: so it is with gc.
            let place = self.find(place);
            let x = self.load(&place, t);
            let dst = direct.unwrap_or_else(|| self.temp(t));
            self.shift(op, dst, x, imm, count, lay);
            if direct.is_none() {
                self.store(&place, dst, t);
            }
            return;
        }
        if matches!(lay.rep, Rep::Int { .. })
            && let Some(imm) = self.immediate(rhs)
            && self.takes_immediate(op, imm, lay)
        {
            let place = self.found_once(lhs);
            let x = self.load(&place, t);
            let dst = direct.unwrap_or_else(|| self.temp(t));
            self.arith_imm(op, dst, x, imm, lay);
            if direct.is_none() {
                self.store(&place, dst, t);
            }
            return;
        }
        let (mut place, y) = self.op_operands(lhs, rhs);
        // A division that panics makes none.
        if !matches!(op, BinaryOp::Div | BinaryOp::Rem) {
            place = self.find(place);
        }
        let x = self.load(&place, t);
        self.pos(lhs.pos);
        let value = if lay.rep == Rep::Block {
            self.complex_arith(op, x, y, t, To::Any)
        } else {
            let dst = direct.unwrap_or_else(|| self.temp(t));
            self.arith(op, dst, x, y, lay);
            dst
        };
        if direct != Some(value) {
            self.store(&place, value, t);
        }
    }

    /// The place that is changed and the operand.
    fn op_operands(&mut self, lhs: &Expr, rhs: &Expr) -> (Place, Slot) {
        if self.is_simple(rhs) {
            let place = self.place(lhs);
            let y = self.expr(rhs, To::Any);
            (place, y)
        } else if self.is_simple(lhs) {
            let y = self.expr_volatile(rhs, To::Any);
            let place = self.place(lhs);
            (place, y)
        } else {
            let place = self.place(lhs);
            let y = self.expr(rhs, To::Any);
            (place, y)
        }
    }

    /// The place of an expression that is read and then written, with nothing in between that is a safepoint or
    /// changes a map: a map's element is looked for once.
    fn found_once(&mut self, e: &Expr) -> Place {
        let place = self.place(e);
        self.find(place)
    }

    /// A map's element is made if it is absent, and its place is memory from then on.
    fn find(&mut self, place: Place) -> Place {
        let Place::MapElem { map, key, map_type } = place else {
            return place;
        };
        let ptr = self.ptr();
        self.emit_t(Op::MapRef, ptr, map, key, map_type);
        Place::Mem { ptr, off: 0 }
    }

    pub fn inc_dec(&mut self, x: &Expr, inc: bool) {
        let t = self.ty(x);
        let lay = self.lay(t);
        let op = if inc { BinaryOp::Add } else { BinaryOp::Sub };
        if let Some(slot) = self.slot_of(x)
            && matches!(lay.rep, Rep::Int { .. })
        {
            self.arith_imm(op, slot, slot, 1, lay);
            return;
        }
        let place = self.in_order([x], |fx| fx.found_once(x));
        let value = self.load(&place, t);
        let sum = match lay.rep {
            Rep::Int { .. } => {
                let sum = self.temp(t);
                self.arith_imm(op, sum, value, 1, lay);
                sum
            }
            Rep::Block => {
                let one = self.constant(&Const::Int(1), t, To::Any);
                self.complex_arith(op, value, one, t, To::Any)
            }
            _ => {
                let one = self.constant(&Const::Int(1), t, To::Any);
                let sum = self.temp(t);
                self.arith(op, sum, value, one, lay);
                sum
            }
        };
        self.store(&place, sum, t);
    }

    /// Assigns a value in slots to an expression on the left of `=`, as range and select clauses do.
    pub fn assign_slot(&mut self, lhs: &Expr, slot: Slot, t: TypeId) {
        if Self::is_blank(lhs) {
            return;
        }
        let target = self.ty(lhs);
        let place = self.place(lhs);
        let value = self.box_value(slot, t, target, To::Any);
        self.store(&place, value, target);
    }

    /// Whether a variable lives in slots of its own and is only ever assigned by its declaration.
    pub fn is_steady(&self, e: &Expr) -> bool {
        let Some(obj) = self.named_object(e) else {
            return false;
        };
        matches!(self.f.vars.get(&obj), Some(Loc::Slots(_)))
            && self
                .c
                .program
                .obj(obj)
                .var()
                .is_some_and(|v| !v.reassigned && !v.address_taken)
    }

    pub fn is_call(e: &Expr) -> bool {
        matches!(e.unparen().kind, ExprKind::Call(_))
    }
}
