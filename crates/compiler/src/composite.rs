//! Composite literals. They are filled in where they will live: in the slots or the memory of their destination.

use bytecode::isa::Op;
use syntax::{CompositeLit, Expr, ExprKind, NodeId};
use types::{Const, Mode, Type, TypeId};

use crate::asm::{ExtArg, Slot};
use crate::func::{Fx, Rep, To};
use crate::place::Place;

/// Arrays with more slots than this are built in memory.
const MAX_FRAME_SLOTS: u32 = 4096;
/// Constant slice and array literals with more elements than this are copied from static data.
const MIN_STATIC: usize = 8;

impl Fx<'_> {
    pub fn composite(&mut self, e: &Expr, lit: &CompositeLit, t: TypeId, to: To) -> Slot {
        match self.under(t) {
            Type::Slice(elem) => self.slice_literal(e, lit, t, elem, to),
            Type::Map(key, elem) => self.map_literal(lit, t, key, elem, to),
            Type::Pointer(elem) => self.new_composite(e, lit, elem, e.id, to),
            _ => {
                let lay = self.lay(t);
                if lay.slots > MAX_FRAME_SLOTS {
                    let ptr = self.ptr();
                    self.emit_t(Op::New, ptr, (), (), t);
                    self.fill(&Place::Mem { ptr, off: 0 }, lit, t, true);
                    return self.load_to(&Place::Mem { ptr, off: 0 }, t, to);
                }
                let dst = self.built_dst(to, t);
                self.fill(&Place::Frame { slot: dst, byte: 0 }, lit, t, false);
                self.deliver(dst, t, to)
            }
        }
    }

    /// `&T{...}`
    pub fn new_composite(
        &mut self,
        x: &Expr,
        lit: &CompositeLit,
        t: TypeId,
        _node: NodeId,
        to: To,
    ) -> Slot {
        let pointer = self.c.program.store.pointer(t);
        if let Type::Slice(_) | Type::Map(..) | Type::Pointer(_) = self.under(t) {
            let value = self.composite(x, lit, t, To::Any);
            let ptr = self.ptr();
            self.emit_t(Op::New, ptr, (), (), t);
            self.store(&Place::Mem { ptr, off: 0 }, value, t);
            return self.deliver(ptr, pointer, to);
        }
        let ptr = self.memory(t, x.id);
        self.fill(&Place::Mem { ptr, off: 0 }, lit, t, true);
        self.deliver(ptr, pointer, to)
    }

    /// Clears a place.
    pub fn zero_place(&mut self, place: &Place, t: TypeId) {
        let lay = self.lay(t);
        match *place {
            _ if lay.size == 0 => {}
            Place::Slots(slot) => self.zero(slot, t),
            Place::Frame { slot, byte }
                if byte.is_multiple_of(8) && (lay.size.is_multiple_of(8) || byte == 0) =>
            {
                self.zero(slot.offset((byte / 8) as u32), t);
            }
            Place::Mem { .. } | Place::Global { .. } if lay.slots > 3 => {
                let ptr = self.address(place, t);
                self.emit_t(Op::ZeroMem, ptr, (), (), t);
            }
            _ => {
                let zero = self.temp(t);
                self.zero(zero, t);
                self.store(place, zero, t);
            }
        }
    }

    /// Whether a value can be written straight into slots at this place.
    fn whole_slots(&mut self, place: &Place, t: TypeId) -> Option<Slot> {
        let lay = self.lay(t);
        match *place {
            Place::Frame { slot, byte }
                if byte.is_multiple_of(8) && lay.size.is_multiple_of(8) && lay.size > 0 =>
            {
                Some(slot.offset((byte / 8) as u32))
            }
            _ => None,
        }
    }

    /// Writes a struct or array literal into a place that nothing reads meanwhile.
    pub fn fill(&mut self, place: &Place, lit: &CompositeLit, t: TypeId, zeroed: bool) {
        match self.under(t) {
            Type::Struct(s) => {
                let offsets = self.c.program.store.offsetsof(t);
                let complete = lit.elts.len() == s.fields.len()
                    && s.fields.iter().all(|f| !f.name.is_blank())
                    && {
                        let mut end = 0;
                        s.fields.iter().zip(&offsets).all(|(f, &at)| {
                            let size = self.lay(f.ty).size;
                            let whole = at as u64 == end && size.is_multiple_of(8);
                            end = at as u64 + size;
                            whole
                        })
                    };
                if !zeroed && !complete {
                    self.zero_place(place, t);
                }
                for (i, elt) in lit.elts.iter().enumerate() {
                    let (index, value) = match &elt.kind {
                        ExprKind::KeyValue { key, value } => {
                            let name = key.as_ident().expect("a field name").name;
                            (
                                s.fields
                                    .iter()
                                    .position(|f| f.name == name)
                                    .expect("a field"),
                                &**value,
                            )
                        }
                        _ => (i, elt),
                    };
                    if s.fields[index].name.is_blank() {
                        let mark = self.mark();
                        self.convert_to(value, s.fields[index].ty, To::Any);
                        self.release(mark);
                        continue;
                    }
                    let part = self.offset(*place, offsets[index] as u64, t);
                    self.fill_part(&part, value, s.fields[index].ty, zeroed || !complete);
                }
            }
            Type::Array(len, elem) => {
                if lit.elts.len() > MIN_STATIC
                    && !matches!(place, Place::Frame { .. })
                    && let Some(cell) = self.static_array(lit, len as u64, elem)
                {
                    let src = self.ptr();
                    self.emit_ext(Op::LeaG, src, (), (), &[ExtArg::Global(cell, 0)]);
                    let dst = self.address(place, t);
                    self.emit_t(Op::CopyMem, dst, src, (), t);
                    return;
                }
                let size = self.lay(elem).size;
                let complete = lit.elts.len() as i64 == len && size.is_multiple_of(8);
                if !zeroed && !complete {
                    self.zero_place(place, t);
                }
                self.fill_elements(place, lit, elem, zeroed || !complete, t);
            }
            other => panic!("literal of {other:?}"),
        }
    }

    fn fill_elements(
        &mut self,
        base: &Place,
        lit: &CompositeLit,
        elem: TypeId,
        zeroed: bool,
        t: TypeId,
    ) {
        let size = self.lay(elem).size;
        let mut index = 0;
        for elt in &lit.elts {
            let value = match &elt.kind {
                ExprKind::KeyValue { key, value } => {
                    index = self.const_index(key).expect("a constant index");
                    value
                }
                _ => elt,
            };
            let mark = self.mark();
            let part = self.offset(*base, index * size, t);
            self.fill_part(&part, value, elem, zeroed);
            self.release(mark);
            index += 1;
        }
    }

    fn fill_part(&mut self, part: &Place, value: &Expr, t: TypeId, zeroed: bool) {
        let mark = self.mark();
        let nested = match &value.unparen().kind {
            ExprKind::CompositeLit(lit)
                if matches!(self.under(t), Type::Struct(_) | Type::Array(..)) =>
            {
                Some(lit)
            }
            _ => None,
        };
        if let Some(lit) = nested {
            self.fill(part, lit, t, zeroed);
        } else if zeroed && self.is_zero_constant(value, t) {
            // It is there already.
        } else if let Some(slot) = self.whole_slots(part, t) {
            self.convert_to(value, t, To::Fresh(slot));
        } else {
            let slot = self.convert_to(value, t, To::Any);
            self.store(part, slot, t);
        }
        self.release(mark);
    }

    /// Whether `e`, converted to `t`, is all zero bytes. A zero that becomes an interface is not: it has a type.
    fn is_zero_constant(&mut self, e: &Expr, t: TypeId) -> bool {
        let box_value = matches!(self.under(t), Type::Interface(..));
        let tv = self.info.type_of(e.id);
        match (&tv.mode, &tv.value) {
            (Mode::Nil, _) => true,
            _ if box_value => false,
            (Mode::Const, Const::Bool(b)) => !b,
            (Mode::Const, Const::Str(s)) => s.is_empty(),
            (Mode::Const, c) => c.is_zero(),
            _ => false,
        }
    }

    /// Length of an array or slice literal.
    pub fn literal_len(&mut self, lit: &CompositeLit) -> u64 {
        let (mut index, mut len) = (0, 0);
        for elt in &lit.elts {
            if let ExprKind::KeyValue { key, .. } = &elt.kind {
                index = self.const_index(key).unwrap_or(index);
            }
            index += 1;
            len = len.max(index);
        }
        len
    }

    fn slice_literal(
        &mut self,
        e: &Expr,
        lit: &CompositeLit,
        t: TypeId,
        elem: TypeId,
        to: To,
    ) -> Slot {
        let len = self.literal_len(lit);
        let array = self.c.program.store.array(len as i64, elem);
        let base = self.memory(array, e.id);
        let cell = if lit.elts.len() > MIN_STATIC {
            self.static_array(lit, len, elem)
        } else {
            None
        };
        if let Some(cell) = cell {
            let src = self.ptr();
            self.emit_ext(Op::LeaG, src, (), (), &[ExtArg::Global(cell, 0)]);
            self.emit_t(Op::CopyMem, base, src, (), array);
        } else {
            self.fill_elements(&Place::Mem { ptr: base, off: 0 }, lit, elem, true, array);
        }
        let dst = self.built_dst(to, t);
        self.make_slice_value(dst, base, len as i64);
        self.deliver(dst, t, to)
    }

    /// Static memory with the elements of a literal that consists of constants only.
    fn static_array(&mut self, lit: &CompositeLit, len: u64, elem: TypeId) -> Option<*mut u8> {
        if !matches!(
            self.lay(elem).rep,
            Rep::Int { .. } | Rep::F32 | Rep::F64 | Rep::Str
        ) {
            return None;
        }
        for elt in &lit.elts {
            let value = if let ExprKind::KeyValue { value, .. } = &elt.kind {
                value
            } else {
                elt
            };
            if self.info.type_of(value.id).mode != Mode::Const {
                return None;
            }
        }
        let array = self.c.program.store.array(len as i64, elem);
        let typ = self.rt(array);
        let cell = self.host.alloc_global(typ);
        self.write_static_elements(lit, elem, cell);
        Some(cell)
    }

    fn map_literal(
        &mut self,
        lit: &CompositeLit,
        t: TypeId,
        key: TypeId,
        elem: TypeId,
        to: To,
    ) -> Slot {
        let map = self.ptr();
        let mark = self.mark();
        let hint = match lit.elts.len() {
            0 => None,
            n => {
                let hint = self.word();
                self.load_word(hint, n as i64);
                Some(hint)
            }
        };
        self.emit_t(Op::MakeMap, map, hint, (), t);
        self.release(mark);
        for elt in &lit.elts {
            let ExprKind::KeyValue { key: k, value } = &elt.kind else {
                continue;
            };
            let mark = self.mark();
            let key_slot = self.convert_literal(k, key);
            let value_slot = self.convert_literal(value, elem);
            self.store(
                &Place::MapElem {
                    map,
                    key: key_slot,
                    map_type: t,
                },
                value_slot,
                elem,
            );
            self.release(mark);
        }
        self.deliver(map, t, to)
    }

    /// An element of a map literal, whose type may be left out.
    fn convert_literal(&mut self, e: &Expr, t: TypeId) -> Slot {
        self.convert_to(e, t, To::Any)
    }
}
