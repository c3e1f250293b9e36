//! Places: where an addressable (or otherwise selectable) operand is, and loads, stores and addresses of places.

use bytecode::isa::Op;
use syntax::{Expr, ExprKind, NodeId};
use types::{Mode, ObjId, ObjKind, SelectionKind, Type, TypeId, VarKind};

use crate::asm::{ExtArg, Slot};
use crate::func::{Fx, Loc, Rep, To};

/// An operand that has been located but not read.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// Whole slots; a scalar is canonical.
    Slots(Slot),
    /// Memory layout in the frame, `byte` bytes after the slot.
    Frame { slot: Slot, byte: u64 },
    /// Behind a pointer.
    Mem { ptr: Slot, off: u64 },
    /// A package variable.
    Global { addr: *mut u8, off: u64 },
    /// Element of a slice or string.
    SliceElem { slice: Slot, index: Slot },
    /// Element of an array behind a pointer.
    ArrayElem {
        ptr: Slot,
        off: u64,
        index: Slot,
        len: u64,
    },
    /// Element of an array in the frame.
    FrameElem {
        slot: Slot,
        byte: u64,
        index: Slot,
        len: u64,
    },
    /// Element of a map, for a key in slots.
    MapElem {
        map: Slot,
        key: Slot,
        map_type: TypeId,
    },
    /// `_`
    Blank,
}

const MAX_OFFSET: u64 = 0xffff;

fn narrow_index(rep: Rep) -> usize {
    match rep {
        Rep::Int {
            bytes: 1,
            signed: true,
        } => 0,
        Rep::Int { bytes: 1, .. } => 1,
        Rep::Int {
            bytes: 2,
            signed: true,
        } => 2,
        Rep::Int { bytes: 2, .. } => 3,
        Rep::Int {
            bytes: 4,
            signed: true,
        } => 4,
        Rep::Int { bytes: 4, .. } | Rep::F32 => 5,
        Rep::Ptr => 7,
        _ => 6,
    }
}

fn store_index(rep: Rep) -> usize {
    match rep {
        Rep::Int { bytes: 1, .. } => 0,
        Rep::Int { bytes: 2, .. } => 1,
        Rep::Int { bytes: 4, .. } | Rep::F32 => 2,
        Rep::Ptr => 4,
        _ => 3,
    }
}

const LD: [Op; 8] = [
    Op::LdS8,
    Op::LdU8,
    Op::LdS16,
    Op::LdU16,
    Op::LdS32,
    Op::LdU32,
    Op::LdW,
    Op::LdP,
];
const ST: [Op; 5] = [Op::St8, Op::St16, Op::St32, Op::StW, Op::StP];
const LDG: [Op; 8] = [
    Op::LdGS8,
    Op::LdGU8,
    Op::LdGS16,
    Op::LdGU16,
    Op::LdGS32,
    Op::LdGU32,
    Op::LdGW,
    Op::LdGP,
];
const STG: [Op; 5] = [Op::StG8, Op::StG16, Op::StG32, Op::StGW, Op::StGP];
const LDL: [Op; 6] = [
    Op::LdLS8,
    Op::LdLU8,
    Op::LdLS16,
    Op::LdLU16,
    Op::LdLS32,
    Op::LdLU32,
];
const STL: [Op; 3] = [Op::StL8, Op::StL16, Op::StL32];
const LDX: [Op; 8] = [
    Op::LdXS8,
    Op::LdXU8,
    Op::LdXS16,
    Op::LdXU16,
    Op::LdXS32,
    Op::LdXU32,
    Op::LdXW,
    Op::LdXP,
];
const STX: [Op; 5] = [Op::StX8, Op::StX16, Op::StX32, Op::StXW, Op::StXP];
const LDAX: [Op; 8] = [
    Op::LdAXS8,
    Op::LdAXU8,
    Op::LdAXS16,
    Op::LdAXU16,
    Op::LdAXS32,
    Op::LdAXU32,
    Op::LdAXW,
    Op::LdAXP,
];
const STAX: [Op; 5] = [Op::StAX8, Op::StAX16, Op::StAX32, Op::StAXW, Op::StAXP];
const LDLX: [Op; 8] = [
    Op::LdLXS8,
    Op::LdLXU8,
    Op::LdLXS16,
    Op::LdLXU16,
    Op::LdLXS32,
    Op::LdLXU32,
    Op::LdLXW,
    Op::LdLXP,
];
const STLX: [Op; 5] = [Op::StLX8, Op::StLX16, Op::StLX32, Op::StLXW, Op::StLXP];

fn is_scalar(rep: Rep) -> bool {
    matches!(rep, Rep::Int { .. } | Rep::F32 | Rep::F64 | Rep::Ptr)
}

impl Fx<'_> {
    /// The place of a variable that lives at `loc`.
    pub fn var_place(&mut self, loc: Loc, t: TypeId) -> Place {
        match loc {
            Loc::Slots(slot) if self.lay(t).rep == Rep::Block => Place::Frame { slot, byte: 0 },
            Loc::Slots(slot) => Place::Slots(slot),
            Loc::Stack(slot) => Place::Frame { slot, byte: 0 },
            Loc::Boxed(ptr) => Place::Mem { ptr, off: 0 },
        }
    }

    /// The place of a local or package variable.
    pub fn obj_place(&mut self, obj: ObjId) -> Place {
        if self.symbol(obj).is_blank() {
            return Place::Blank;
        }
        if let Some(&loc) = self.f.vars.get(&obj) {
            let t = self.obj_type(obj);
            return self.var_place(loc, t);
        }
        match self.c.program.obj(obj).var().map(|v| v.kind) {
            Some(VarKind::Package) => Place::Global {
                addr: self.c.global(self.host, obj),
                off: 0,
            },
            _ => panic!(
                "variable {} of {} has no home",
                self.symbol(obj),
                self.f.name
            ),
        }
    }

    /// The object that an expression names, if it is an identifier or qualified identifier.
    pub fn named_object(&self, e: &Expr) -> Option<ObjId> {
        match &e.unparen().kind {
            ExprKind::Ident(_) => self.info.object(e.unparen().id),
            ExprKind::Selector { sel, .. }
                if !self.info.selections.contains_key(&e.unparen().id) =>
            {
                self.info.object(sel.id)
            }
            _ => None,
        }
    }

    /// Locates an expression without reading it. What has no place of its own is evaluated into slots.
    pub fn place(&mut self, e: &Expr) -> Place {
        if !self.prebound.is_empty()
            && let Some(&(slot, t)) = self.prebound.get(&e.id)
        {
            return self.slots_place(slot, t);
        }
        let mode = self.info.type_of(e.id).mode;
        if mode != Mode::Const {
            match &e.kind {
                ExprKind::Paren(x) => return self.place(x),
                ExprKind::Ident(name) if name.is_blank() => return Place::Blank,
                ExprKind::Ident(_) => {
                    if let Some(obj) = self.info.object(e.id)
                        && matches!(self.c.program.obj(obj).kind, ObjKind::Var(_))
                    {
                        return self.obj_place(obj);
                    }
                }
                ExprKind::Star(x) if mode != Mode::Type => {
                    let ptr = self.expr(x, To::Any);
                    return Place::Mem { ptr, off: 0 };
                }
                ExprKind::Selector { x, sel } => {
                    if let Some(selection) = self.info.selections.get(&e.id).cloned() {
                        if selection.kind == SelectionKind::Field {
                            let base = self.place(x);
                            let t = self.ty(x);
                            return self.walk(base, t, &selection.path).0;
                        }
                    } else if let Some(obj) = self.info.object(sel.id)
                        && matches!(self.c.program.obj(obj).kind, ObjKind::Var(_))
                    {
                        return self.obj_place(obj);
                    }
                }
                ExprKind::Index(index) if !self.is_instantiation(&index.x) => {
                    return self.index_place(&index.x, &index.indices[0]);
                }
                _ => {}
            }
        }
        let t = self.ty(e);
        let slot = self.expr(e, To::Any);
        self.slots_place(slot, t)
    }

    pub fn slots_place(&mut self, slot: Slot, t: TypeId) -> Place {
        if self.lay(t).rep == Rep::Block {
            Place::Frame { slot, byte: 0 }
        } else {
            Place::Slots(slot)
        }
    }

    pub fn is_instantiation(&mut self, x: &Expr) -> bool {
        let tv = self.info.type_of(x.id);
        let (mode, t) = (tv.mode, tv.ty);
        mode == Mode::Type || mode == Mode::Builtin || {
            let t = self.subst(t);
            matches!(self.under(t), Type::Signature(_))
        }
    }

    /// Follows a path of field indices from a value of type `t`, through pointers where there are some.
    pub fn walk(&mut self, base: Place, t: TypeId, path: &[u32]) -> (Place, TypeId) {
        let (mut place, mut t) = (base, t);
        for &index in path {
            if let Type::Pointer(elem) = self.under(t) {
                let ptr = self.load(&place, t);
                place = Place::Mem { ptr, off: 0 };
                t = elem;
            }
            let Type::Struct(s) = self.under(t) else {
                panic!("field of a type that is no struct")
            };
            let offset = self.c.program.store.offsetsof(t)[index as usize] as u64;
            place = self.offset(place, offset, t);
            t = s.fields[index as usize].ty;
        }
        (place, t)
    }

    /// The part of a place that starts `by` bytes in. `t` is the type of the whole.
    pub fn offset(&mut self, place: Place, by: u64, t: TypeId) -> Place {
        match place {
            Place::Slots(slot) => Place::Frame { slot, byte: by },
            Place::Frame { slot, byte } => Place::Frame {
                slot,
                byte: byte + by,
            },
            Place::Mem { ptr, off } => Place::Mem { ptr, off: off + by },
            Place::Global { addr, off } => Place::Global {
                addr,
                off: off + by,
            },
            Place::Blank => Place::Blank,
            Place::MapElem { .. } => {
                let slot = self.load(&place, t);
                Place::Frame { slot, byte: by }
            }
            _ => {
                let ptr = self.address(&place, t);
                Place::Mem { ptr, off: by }
            }
        }
    }

    /// The place of `x[i]`.
    pub fn index_place(&mut self, x: &Expr, i: &Expr) -> Place {
        let t = self.ty(x);
        match self.under(t) {
            Type::Map(key, _) => {
                let map = self.expr(x, To::Any);
                let key_slot = self.convert_to(i, key, To::Any);
                Place::MapElem {
                    map,
                    key: key_slot,
                    map_type: t,
                }
            }
            Type::Slice(_) | Type::Basic(_) => {
                let slice = self.expr(x, To::Any);
                let index = self.index_operand(i);
                Place::SliceElem { slice, index }
            }
            Type::Pointer(array) => {
                let ptr = self.expr(x, To::Any);
                let Type::Array(len, elem) = self.under(array) else {
                    panic!("index of a pointer to no array")
                };
                if let Some(i) = self.const_index(i) {
                    let size = self.lay(elem).size;
                    return Place::Mem { ptr, off: i * size };
                }
                let index = self.index_operand(i);
                Place::ArrayElem {
                    ptr,
                    off: 0,
                    index,
                    len: len as u64,
                }
            }
            Type::Array(len, elem) => {
                let base = self.place(x);
                let size = self.lay(elem).size;
                if let Some(i) = self.const_index(i) {
                    return self.offset(base, i * size, t);
                }
                let base = match base {
                    Place::Slots(slot) => Place::Frame { slot, byte: 0 },
                    Place::MapElem { .. } => {
                        let slot = self.load(&base, t);
                        Place::Frame { slot, byte: 0 }
                    }
                    other => other,
                };
                let index = self.index_operand(i);
                self.array_elem(base, t, index, len as u64)
            }
            other => panic!("index of {other:?}"),
        }
    }

    /// `x[i]` of a map where the key is a string made of bytes, for who reads it at once: the key is not copied. None of others.
    pub fn text_key_place(&mut self, x: &Expr, i: &Expr) -> Option<Place> {
        let t = self.ty(x);
        let Type::Map(key, _) = self.under(t) else {
            return None;
        };
        if self.lay(key).rep != Rep::Str {
            return None;
        }
        self.converted_bytes(i)?;
        let map = self.expr(x, To::Any);
        let key = self.text_in_place(i)?;
        Some(Place::MapElem {
            map,
            key,
            map_type: t,
        })
    }

    /// An element of an array at `base`.
    pub fn array_elem(&mut self, base: Place, t: TypeId, index: Slot, len: u64) -> Place {
        match base {
            Place::Frame { slot, byte } => Place::FrameElem {
                slot,
                byte,
                index,
                len,
            },
            Place::Mem { ptr, off } => Place::ArrayElem {
                ptr,
                off,
                index,
                len,
            },
            Place::Blank => Place::Blank,
            other => {
                let ptr = self.address(&other, t);
                Place::ArrayElem {
                    ptr,
                    off: 0,
                    index,
                    len,
                }
            }
        }
    }

    pub fn const_index(&mut self, i: &Expr) -> Option<u64> {
        self.info
            .type_of(i.id)
            .constant()
            .and_then(|c| c.to_int().as_u64())
    }

    /// An index in a word slot, sign-extended so that negative ones fail the unsigned bounds check.
    pub fn index_operand(&mut self, i: &Expr) -> Slot {
        if let Some(value) = self
            .info
            .type_of(i.id)
            .constant()
            .map(|c| c.to_int().bits64())
        {
            let slot = self.word();
            self.load_word(slot, value as i64);
            return slot;
        }
        self.expr(i, To::Any)
    }

    /// Reads a place. The answer may be the slots of a variable.
    pub fn load(&mut self, place: &Place, t: TypeId) -> Slot {
        self.load_to(place, t, To::Any)
    }

    pub fn load_to(&mut self, place: &Place, t: TypeId, to: To) -> Slot {
        let lay = self.lay(t);
        if lay.size == 0 {
            if let Place::Mem { ptr, .. } = place {
                self.emit(Op::NilCheck, *ptr, (), ());
            } else if let Place::SliceElem { .. }
            | Place::ArrayElem { .. }
            | Place::FrameElem { .. } = place
            {
                self.address(place, t);
            }
            return to.slot().unwrap_or_else(|| self.empty_slot());
        }
        match *place {
            Place::Slots(slot) => self.deliver(slot, t, to),
            Place::Frame { slot, byte } => self.load_frame(slot, byte, t, to),
            Place::Mem { ptr, off } => {
                let (ptr, off) = self.reach(ptr, off);
                let dst = self.dst(to, t);
                match lay.rep {
                    rep if is_scalar(rep) => self.emit(LD[narrow_index(rep)], dst, ptr, off),
                    Rep::Str => self.emit(Op::LdStrM, dst, ptr, off),
                    Rep::Slice => self.emit(Op::LdSliceM, dst, ptr, off),
                    Rep::Eface | Rep::Iface => self.emit(Op::LdIfaceM, dst, ptr, off),
                    _ => self.emit_block(true, dst, ptr, off, t),
                }
                dst
            }
            Place::Global { addr, off } => {
                let dst = self.dst(to, t);
                let global = ExtArg::Global(addr, off as u32);
                if is_scalar(lay.rep) {
                    self.emit_ext(LDG[narrow_index(lay.rep)], dst, (), (), &[global]);
                } else {
                    let typ = self.rt_ext(t);
                    self.emit_ext(Op::LdGN, dst, (), (), &[global, typ]);
                }
                dst
            }
            Place::SliceElem { slice, index } => {
                let dst = self.dst(to, t);
                match lay.rep {
                    rep if is_scalar(rep) => self.emit(LDX[narrow_index(rep)], dst, slice, index),
                    Rep::Str => self.emit(Op::LdXStr, dst, slice, index),
                    Rep::Slice => self.emit(Op::LdXSlice, dst, slice, index),
                    Rep::Eface | Rep::Iface => self.emit(Op::LdXIface, dst, slice, index),
                    _ => self.emit_t(Op::LdXN, dst, slice, index, t),
                }
                dst
            }
            Place::ArrayElem {
                ptr,
                off,
                index,
                len,
            } if is_scalar(lay.rep) => {
                let ptr = self.advance(ptr, off);
                let dst = self.dst(to, t);
                self.emit_ext(
                    LDAX[narrow_index(lay.rep)],
                    dst,
                    ptr,
                    index,
                    &[ExtArg::Const(len)],
                );
                dst
            }
            Place::FrameElem {
                slot,
                byte,
                index,
                len,
            } if is_scalar(lay.rep) && byte.is_multiple_of(8) => {
                let base = slot.offset((byte / 8) as u32);
                self.take_address(base, len * lay.size);
                let dst = self.dst(to, t);
                self.emit_ext(
                    LDLX[narrow_index(lay.rep)],
                    dst,
                    base,
                    index,
                    &[ExtArg::Const(len)],
                );
                dst
            }
            Place::ArrayElem { .. } | Place::FrameElem { .. } => {
                let ptr = self.address(place, t);
                self.load_to(&Place::Mem { ptr, off: 0 }, t, to)
            }
            Place::MapElem { map, key, map_type } => {
                let dst = self.dst(to, t);
                self.emit_map_get(dst, map, key, map_type);
                dst
            }
            Place::Blank => panic!("read of _"),
        }
    }

    fn emit_map_get(&mut self, dst: Slot, map: Slot, key: Slot, map_type: TypeId) {
        let Type::Map(k, v) = self.under(map_type) else {
            panic!("no map")
        };
        let (k, v) = (self.lay(k), self.lay(v));
        let one_word = v.size == 8 && is_scalar(v.rep);
        let op = match k.rep {
            Rep::Str if one_word => Op::MapGetSW,
            Rep::Int { bytes: 8, .. } if one_word => Op::MapGetWW,
            _ => Op::MapGet,
        };
        self.emit_t(op, dst, map, key, map_type);
    }

    /// A load or store of a block; blocks of one or two words take the simple instructions.
    fn emit_block(&mut self, load: bool, value: Slot, ptr: Slot, off: u32, t: TypeId) {
        let size = self.lay(t).size;
        let pattern = self.pattern(t);
        let op = match (&pattern[..], load) {
            ([false], true) if size == 8 => Some(Op::LdW),
            ([false], false) if size == 8 => Some(Op::StW),
            ([true], true) => Some(Op::LdP),
            ([true], false) => Some(Op::StP),
            ([true, false], true) if size == 16 => Some(Op::LdStrM),
            ([true, false], false) if size == 16 => Some(Op::StStrM),
            ([false, true], true) => Some(Op::LdIfaceM),
            ([false, true], false) => Some(Op::StIfaceM),
            ([true, false, false], true) if size == 24 => Some(Op::LdSliceM),
            ([true, false, false], false) if size == 24 => Some(Op::StSliceM),
            _ => None,
        };
        match (op, load) {
            (Some(op), true) => self.emit(op, value, ptr, off),
            (Some(op), false) => self.emit(op, ptr, value, off),
            (None, true) => self.emit_t(Op::LdN, value, ptr, off, t),
            (None, false) => self.emit_t(Op::StN, ptr, value, off, t),
        }
    }

    fn load_frame(&mut self, slot: Slot, byte: u64, t: TypeId, to: To) -> Slot {
        let lay = self.lay(t);
        let (base, part) = (slot.offset((byte / 8) as u32), byte % 8);
        if lay.is_narrow() {
            let dst = self.dst(to, t);
            self.emit(LDL[narrow_index(lay.rep)], dst, base, part as u32);
            return dst;
        }
        if part == 0 && (lay.size >= 8 || lay.rep != Rep::Block) {
            return self.deliver(base, t, to);
        }
        if part == 0 && byte == 0 && lay.slots == 1 {
            return self.deliver(base, t, to);
        }
        let dst = self.dst(to, t);
        match lay.size {
            1 => self.emit(Op::LdLU8, dst, base, part as u32),
            2 if part.is_multiple_of(2) => self.emit(Op::LdLU16, dst, base, part as u32),
            4 if part.is_multiple_of(4) => self.emit(Op::LdLU32, dst, base, part as u32),
            _ => {
                let ptr = self.frame_address(slot, byte, lay.size);
                self.emit_t(Op::LdN, dst, ptr, 0, t);
            }
        }
        dst
    }

    fn take_address(&mut self, base: Slot, size: u64) {
        let slots = size.div_ceil(8).max(1) as u32;
        if self.f.taken.insert((base, slots)) {
            self.f.b.mark_address_taken(base, slots);
        }
    }

    /// The address of a part of the frame.
    pub fn frame_address(&mut self, slot: Slot, byte: u64, size: u64) -> Slot {
        let (base, part) = (slot.offset((byte / 8) as u32), byte % 8);
        self.take_address(base, size + part);
        let ptr = self.ptr();
        self.emit(Op::LeaL, ptr, base, part as u32);
        ptr
    }

    /// Pointer and offset such that the offset fits an instruction.
    fn reach(&mut self, ptr: Slot, off: u64) -> (Slot, u32) {
        if off <= MAX_OFFSET {
            (ptr, off as u32)
        } else {
            (self.advance(ptr, off), 0)
        }
    }

    /// `ptr + off`, nil-checked when there is an offset.
    pub fn advance(&mut self, ptr: Slot, off: u64) -> Slot {
        if off == 0 {
            return ptr;
        }
        let sum = self.ptr();
        if off <= MAX_OFFSET {
            self.emit(Op::AddP, sum, ptr, off as u32);
        } else {
            self.emit_ext(Op::AddPK, sum, ptr, (), &[ExtArg::Const(off)]);
        }
        sum
    }

    /// Writes a value that is in slots.
    pub fn store(&mut self, place: &Place, value: Slot, t: TypeId) {
        let lay = self.lay(t);
        if lay.size == 0 {
            if !matches!(
                place,
                Place::Slots(_) | Place::Frame { .. } | Place::Global { .. } | Place::Blank
            ) {
                self.touch(place, t);
            }
            return;
        }
        match *place {
            Place::Slots(slot) => self.mov(slot, value, t),
            Place::Frame { slot, byte } => {
                let (base, part) = (slot.offset((byte / 8) as u32), byte % 8);
                if lay.is_narrow() {
                    self.emit(STL[store_index(lay.rep)], base, value, part as u32);
                } else if part == 0 && lay.size >= 8 {
                    if lay.size.is_multiple_of(8) {
                        self.mov(base, value, t);
                    } else {
                        // The last slot may be shared with what follows.
                        let ptr = self.frame_address(slot, byte, lay.size);
                        self.emit_t(Op::StN, ptr, value, 0, t);
                    }
                } else {
                    match lay.size {
                        1 => self.emit(Op::StL8, base, value, part as u32),
                        2 if part.is_multiple_of(2) => {
                            self.emit(Op::StL16, base, value, part as u32)
                        }
                        4 if part.is_multiple_of(4) => {
                            self.emit(Op::StL32, base, value, part as u32)
                        }
                        _ => {
                            let ptr = self.frame_address(slot, byte, lay.size);
                            self.emit_t(Op::StN, ptr, value, 0, t);
                        }
                    }
                }
            }
            Place::Mem { ptr, off } => {
                let (ptr, off) = self.reach(ptr, off);
                match lay.rep {
                    rep if is_scalar(rep) => self.emit(ST[store_index(rep)], ptr, value, off),
                    Rep::Str => self.emit(Op::StStrM, ptr, value, off),
                    Rep::Slice => self.emit(Op::StSliceM, ptr, value, off),
                    Rep::Eface | Rep::Iface => self.emit(Op::StIfaceM, ptr, value, off),
                    _ => self.emit_block(false, value, ptr, off, t),
                }
            }
            Place::Global { addr, off } => {
                let global = ExtArg::Global(addr, off as u32);
                if is_scalar(lay.rep) {
                    self.emit_ext(STG[store_index(lay.rep)], value, (), (), &[global]);
                } else {
                    let typ = self.rt_ext(t);
                    self.emit_ext(Op::StGN, value, (), (), &[global, typ]);
                }
            }
            Place::SliceElem { slice, index } => match lay.rep {
                rep if is_scalar(rep) => self.emit(STX[store_index(rep)], slice, index, value),
                Rep::Str => self.emit(Op::StXStr, slice, index, value),
                _ => self.emit_t(Op::StXN, slice, index, value, t),
            },
            Place::ArrayElem {
                ptr,
                off,
                index,
                len,
            } if is_scalar(lay.rep) => {
                let ptr = self.advance(ptr, off);
                self.emit_ext(
                    STAX[store_index(lay.rep)],
                    ptr,
                    index,
                    value,
                    &[ExtArg::Const(len)],
                );
            }
            Place::FrameElem {
                slot,
                byte,
                index,
                len,
            } if is_scalar(lay.rep) && byte.is_multiple_of(8) => {
                let base = slot.offset((byte / 8) as u32);
                self.take_address(base, len * lay.size);
                self.emit_ext(
                    STLX[store_index(lay.rep)],
                    base,
                    index,
                    value,
                    &[ExtArg::Const(len)],
                );
            }
            Place::ArrayElem { .. } | Place::FrameElem { .. } => {
                let ptr = self.address(place, t);
                self.store(&Place::Mem { ptr, off: 0 }, value, t);
            }
            Place::MapElem { map, key, map_type } => {
                let ptr = self.ptr();
                self.emit_t(Op::MapRef, ptr, map, key, map_type);
                self.store(&Place::Mem { ptr, off: 0 }, value, t);
            }
            Place::Blank => {}
        }
    }

    /// Makes the checks that reading the place would make.
    pub fn touch(&mut self, place: &Place, t: TypeId) {
        match place {
            Place::MapElem { map, key, map_type } => {
                let ptr = self.ptr();
                self.emit_t(Op::MapRef, ptr, *map, *key, *map_type);
            }
            Place::Mem { ptr, .. } => self.emit(Op::NilCheck, *ptr, (), ()),
            Place::SliceElem { .. } | Place::ArrayElem { .. } | Place::FrameElem { .. } => {
                self.address(place, t);
            }
            _ => {}
        }
    }

    /// The address of a place, nil- and bounds-checked.
    pub fn address(&mut self, place: &Place, t: TypeId) -> Slot {
        let size = self.lay(t).size;
        match *place {
            Place::Slots(slot) => self.frame_address(slot, 0, size),
            Place::Frame { slot, byte } => self.frame_address(slot, byte, size),
            Place::Mem { ptr, off: 0 } => {
                self.emit(Op::NilCheck, ptr, (), ());
                ptr
            }
            Place::Mem { ptr, off } => self.advance(ptr, off),
            Place::Global { addr, off } => {
                let ptr = self.ptr();
                self.emit_ext(Op::LeaG, ptr, (), (), &[ExtArg::Global(addr, off as u32)]);
                ptr
            }
            Place::SliceElem { slice, index } => {
                let ptr = self.ptr();
                self.emit_ext(Op::LeaX, ptr, slice, index, &[ExtArg::Const(size)]);
                ptr
            }
            Place::ArrayElem {
                ptr,
                off,
                index,
                len,
            } => {
                let base = self.advance(ptr, off);
                let ptr = self.ptr();
                self.emit_ext(
                    Op::LeaAX,
                    ptr,
                    base,
                    index,
                    &[ExtArg::Const(len), ExtArg::Const(size)],
                );
                ptr
            }
            Place::FrameElem {
                slot,
                byte,
                index,
                len,
            } => {
                let base = self.frame_address(slot, byte, size * len);
                let ptr = self.ptr();
                self.emit_ext(
                    Op::LeaAX,
                    ptr,
                    base,
                    index,
                    &[ExtArg::Const(len), ExtArg::Const(size)],
                );
                ptr
            }
            Place::MapElem { .. } => {
                let slot = self.load(place, t);
                self.frame_address(slot, 0, size)
            }
            Place::Blank => panic!("address of _"),
        }
    }

    /// `&x`
    pub fn address_of(&mut self, x: &Expr, node: NodeId, to: To) -> Slot {
        let x = x.unparen();
        if let ExprKind::CompositeLit(lit) = &x.kind {
            let t = self.ty(x);
            return self.new_composite(x, lit, t, node, to);
        }
        let t = self.ty(x);
        let place = self.place(x);
        if let (Place::Mem { ptr, off: 0 }, ExprKind::Star(_)) = (&place, &x.kind) {
            // &*p is p, but p must not be nil.
            self.emit(Op::NilCheck, *ptr, (), ());
            let pointer = self.c.program.store.pointer(t);
            return self.deliver(*ptr, pointer, to);
        }
        let ptr = match place {
            // The box of a variable is never nil.
            Place::Mem { ptr, off: 0 } if matches!(x.kind, ExprKind::Ident(_)) => ptr,
            _ => self.address(&place, t),
        };
        let pointer = self.c.program.store.pointer(t);
        self.deliver(ptr, pointer, to)
    }
}
