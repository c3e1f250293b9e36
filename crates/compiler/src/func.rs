//! The lowering's state for one function: types and layouts, variables and where they live, temporaries, and the frame around a
//! body (parameters, results, epilogue).

use std::sync::Arc;

use bytecode::func::{ArgWord, FuncId, Function, HAS_CTX, WRAPPER};
use bytecode::isa::Op;
use bytecode::rtype::RType;
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::{Block, Expr, FuncType, NodeId, Pos, SourceFile, Symbol};
use types::{Arena, BasicKind, Diagnostic, Info, ObjId, PkgId, Type, TypeId};

use crate::asm::{ExtArg, FnBuilder, Label, Opd, Slot};
use crate::closure::Capture;
use crate::generic::Env;
use crate::{Compiler, Host, Source};

/// Variables larger than this live on the heap, as gc has it.
const MAX_STACK_VARIABLE: u64 = 128 * 1024;
/// More words of a value are never described one by one: it does not fit a frame.
const MAX_PATTERN: u32 = 1 << 16;

/// What a trace shows of a function's arguments, as gc has it: words in all, levels of braces.
const SHOWN_WORDS: u32 = 10;
const SHOWN_DEPTH: u32 = 5;

/// How a value of a type is kept.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Rep {
    /// Integers and booleans of `bits`.
    Int {
        bytes: u8,
        signed: bool,
    },
    F32,
    F64,
    /// Pointers, maps, channels, functions.
    Ptr,
    Str,
    Slice,
    /// An interface without methods, and one with.
    Eface,
    Iface,
    /// Structs, arrays and complex numbers: memory layout.
    Block,
}

/// Layout of a type's values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Lay {
    pub rep: Rep,
    pub size: u64,
    pub slots: u32,
}

impl Lay {
    /// A scalar whose slot is not simply its memory.
    pub fn is_narrow(self) -> bool {
        matches!(self.rep, Rep::Int { bytes: 1..=4, .. } | Rep::F32)
    }
    pub fn is_iface(self) -> bool {
        matches!(self.rep, Rep::Iface | Rep::Eface)
    }
}

/// Where a value is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum To {
    /// Anywhere; a variable's own slots may be the answer.
    Any,
    /// In these slots, which hold a variable that the expression may read.
    Slot(Slot),
    /// In these slots, which nothing reads yet.
    Fresh(Slot),
}

impl To {
    pub fn slot(self) -> Option<Slot> {
        match self {
            To::Any => None,
            To::Slot(s) | To::Fresh(s) => Some(s),
        }
    }
}

/// Where a variable lives.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Loc {
    /// In slots of its own, canonical if it is a scalar.
    Slots(Slot),
    /// In slots, in memory layout; its address is taken.
    Stack(Slot),
    /// On the heap (or in an enclosing frame); the slot holds the address.
    Boxed(Slot),
}

/// A result of the function.
#[derive(Clone, Copy)]
pub(crate) struct ResultVar {
    pub ty: TypeId,
    /// Its slot in the frame's result area.
    pub slot: Slot,
    /// The variable, when it is not the result slot itself.
    pub loc: Option<Loc>,
}

/// Where `break` and `continue` of a statement go.
#[derive(Clone, Copy, Default)]
pub(crate) struct Target {
    pub brk: Option<Label>,
    pub cont: Option<Label>,
}

/// One function under construction.
pub(crate) struct Frame {
    pub b: FnBuilder,
    pub name: String,
    pub vars: FxHashMap<ObjId, Loc>,
    pub temps: Vec<Slot>,
    pub scope: Vec<Slot>,
    pub results: Vec<ResultVar>,
    pub has_defer: bool,
    pub epilogue: Option<Label>,
    pub targets: FxHashMap<NodeId, Target>,
    pub gotos: FxHashMap<NodeId, Label>,
    /// Labels that lie behind.
    pub bound: FxHashSet<NodeId>,
    pub result_names: bool,
    pub empty: Option<Slot>,
    /// Slots marked address-taken after the fact.
    pub taken: FxHashSet<(Slot, u32)>,
    /// Set when this is the body of a range-over-func loop.
    pub body: Option<crate::rangefunc::LoopBody>,
}

/// The lowering of one function and the loop bodies in it that became functions.
pub(crate) struct Fx<'a> {
    pub c: &'a mut Compiler,
    pub host: &'a mut dyn Host,
    pub f: Frame,
    /// Functions around a range-over-func body, innermost last.
    pub outer: Vec<Frame>,
    pub arena: Arena,
    pub info: Arc<Info>,
    pub escape: Arc<crate::escape::EscapeInfo>,
    pub pkg: PkgId,
    pub env: Arc<Env>,
    pub subst: FxHashMap<TypeId, TypeId>,
    /// Index in `Info::funcs`.
    pub index: u32,
    pub lit_names: Option<Arc<[String]>>,
    pub file: Option<Arc<SourceFile>>,
    /// Expressions that have been evaluated already, and their type.
    pub prebound: FxHashMap<NodeId, (Slot, TypeId)>,
    /// Variables that range-over-func bodies use from outside.
    pub loop_captured: FxHashSet<ObjId>,
    pub loop_bodies: FxHashMap<NodeId, Arc<[ObjId]>>,
    pub loops: crate::rangefunc::Loops,
    pub counters: [u32; 3],
    pub last_pos: Pos,
}

/// Compiles what a handle stands for.
pub(crate) fn compile(
    c: &mut Compiler,
    host: &mut dyn Host,
    id: FuncId,
    source: &Source,
) -> Option<Function> {
    match source {
        Source::Decl { obj, targs } => {
            let info = c.program.obj(*obj).func().expect("a function").clone();
            if info.decl().body.is_none() {
                return c.native_wrapper(host, id, *obj);
            }
            let body_info = c.program.check_body(*obj)?;
            let errors = c.program.take_errors();
            if !errors.is_empty() {
                c.errors = errors;
                return None;
            }
            let pkg = c.program.file_package(info.file);
            let env = Env {
                from: c.type_params(*obj),
                to: targs.to_vec(),
            };
            let env = if env.to.is_empty() {
                Env::default()
            } else {
                env
            };
            let name = c.func_name(*obj);
            let body = info.decl().body()?;
            let flags = if info.decl().pragma.wrapper && c.program.package(pkg).lazy {
                WRAPPER
            } else {
                0
            };
            let mut fx = Fx::new(
                c,
                host,
                id,
                name,
                Arena::Body(*obj),
                body_info,
                pkg,
                Arc::new(env),
                0,
                flags,
            );
            fx.file = Some(fx.c.program.file(info.file).source.clone());
            fx.body(
                &info.decl().ty,
                &body.block,
                info.decl().pos,
                info.decl().end,
                None,
            );
            fx.finish(info.decl().pos)
        }
        Source::Lit(lit) => {
            let info = c.arena_info(lit.arena)?;
            let flags = if lit.captures.is_empty() { 0 } else { HAS_CTX };
            let pkg = lit.pkg;
            let mut fx = Fx::new(
                c,
                host,
                id,
                lit.name.clone(),
                lit.arena,
                info,
                pkg,
                lit.env.clone(),
                lit.index,
                flags,
            );
            fx.file = fx.c.program.fileset.file(lit.lit.ty.pos);
            fx.body(
                &lit.lit.ty,
                &lit.lit.body,
                lit.lit.ty.pos,
                lit.lit.body.rbrace,
                Some(&lit.captures),
            );
            fx.finish(lit.lit.ty.pos)
        }
        Source::Forward(forward) => c.compile_forward(host, id, forward),
        Source::PackageInit { pkg, from, inits } => {
            c.compile_package_init(host, id, *pkg, *from, *inits)
        }
        Source::Sequence { name, calls } => {
            let mut b = FnBuilder::new(name.clone(), id, bytecode::func::HIDDEN, &[], &[]);
            for &call in calls {
                b.call(call, 0, 0);
            }
            b.emit(Op::Ret, (), (), ());
            b.finish().ok()
        }
    }
}

/// Whether each slot of a parameter or result list holds a pointer.
pub(crate) fn list_pattern(c: &mut Compiler, types: &[TypeId]) -> Vec<bool> {
    let mut all = Vec::new();
    for &t in types {
        all.extend_from_slice(&c.pattern(t));
    }
    all
}

impl Compiler {
    /// How values of a type are kept.
    pub(crate) fn lay(&mut self, t: TypeId) -> Lay {
        if let Some(lay) = self.layouts.get(&t) {
            return *lay;
        }
        let under = self.program.store.underlying(t);
        let size = self.program.store.sizeof(t) as u64;
        let int = |bytes, signed| Rep::Int { bytes, signed };
        let rep = match self.program.store.get(under) {
            Type::Basic(kind) => match kind {
                BasicKind::Bool | BasicKind::UntypedBool | BasicKind::Uint8 | BasicKind::Byte => {
                    int(1, false)
                }
                BasicKind::Int8 => int(1, true),
                BasicKind::Int16 => int(2, true),
                BasicKind::Uint16 => int(2, false),
                BasicKind::Int32 | BasicKind::Rune | BasicKind::UntypedRune => int(4, true),
                BasicKind::Uint32 => int(4, false),
                BasicKind::Int | BasicKind::Int64 | BasicKind::UntypedInt => int(8, true),
                BasicKind::Uint | BasicKind::Uint64 | BasicKind::Uintptr => int(8, false),
                BasicKind::Float32 => Rep::F32,
                BasicKind::Float64 | BasicKind::UntypedFloat => Rep::F64,
                BasicKind::Complex64 | BasicKind::Complex128 | BasicKind::UntypedComplex => {
                    Rep::Block
                }
                BasicKind::String | BasicKind::UntypedString => Rep::Str,
                BasicKind::UnsafePointer | BasicKind::UntypedNil | BasicKind::Invalid => Rep::Ptr,
            },
            Type::Pointer(_) | Type::Map(..) | Type::Chan(..) | Type::Signature(_) => Rep::Ptr,
            Type::Slice(_) => Rep::Slice,
            Type::Interface(_) => {
                if self.program.store.type_set(under).methods.is_empty() {
                    Rep::Eface
                } else {
                    Rep::Iface
                }
            }
            _ => Rep::Block,
        };
        let lay = Lay {
            rep,
            size,
            slots: size.div_ceil(8).min(u64::from(u32::MAX >> 8)) as u32,
        };
        self.layouts.insert(t, lay);
        lay
    }

    /// For each slot of a value whether it holds a pointer.
    pub(crate) fn pattern(&mut self, t: TypeId) -> Arc<[bool]> {
        if let Some(pattern) = self.patterns.get(&t) {
            return pattern.clone();
        }
        let pattern: Arc<[bool]> = match self.lay(t) {
            Lay {
                rep: Rep::Int { .. } | Rep::F32 | Rep::F64,
                ..
            } => [false].into(),
            Lay { rep: Rep::Ptr, .. } => [true].into(),
            Lay { rep: Rep::Str, .. } => [true, false].into(),
            Lay {
                rep: Rep::Slice, ..
            } => [true, false, false].into(),
            Lay {
                rep: Rep::Iface | Rep::Eface,
                ..
            } => [false, true].into(),
            lay => {
                let mut words = vec![false; lay.slots.min(MAX_PATTERN) as usize];
                self.mark_pointers(t, 0, &mut words);
                words.into()
            }
        };
        self.patterns.insert(t, pattern.clone());
        pattern
    }

    /// Marks the words that are pointers in a value of type `t` that begins at a byte offset. (A descriptor would tell too, but it brings along those
    /// of all types that the type mentions.)
    fn mark_pointers(&mut self, t: TypeId, offset: u64, words: &mut [bool]) {
        if !self.program.store.has_pointers(t) {
            return;
        }
        let under = self.program.store.underlying(t);
        match self.program.store.get(under).clone() {
            Type::Struct(s) => {
                let offsets = self.program.store.offsetsof(under);
                for (field, at) in s.fields.iter().zip(offsets) {
                    self.mark_pointers(field.ty, offset + at as u64, words);
                }
            }
            Type::Array(len, elem) => {
                let size = self.program.store.sizeof(elem) as u64;
                for i in 0..len as u64 {
                    let at = offset + i * size;
                    if at / 8 >= words.len() as u64 {
                        break;
                    }
                    self.mark_pointers(elem, at, words);
                }
            }
            _ => {
                for (i, &is_pointer) in self.pattern(t).iter().enumerate() {
                    if let Some(word) = words.get_mut(offset as usize / 8 + i) {
                        *word |= is_pointer;
                    }
                }
            }
        }
    }
}

impl<'a> Fx<'a> {
    #[expect(
        clippy::too_many_arguments,
        reason = "the facts that make up a function"
    )]
    pub fn new(
        c: &'a mut Compiler,
        host: &'a mut dyn Host,
        id: FuncId,
        name: String,
        arena: Arena,
        info: Arc<Info>,
        pkg: PkgId,
        env: Arc<Env>,
        index: u32,
        flags: u32,
    ) -> Fx<'a> {
        let f = Frame::new(FnBuilder::new(name.clone(), id, flags, &[], &[]), name);
        let (subst, prebound) = (FxHashMap::default(), FxHashMap::default());
        let escape = if info.funcs.is_empty() {
            Arc::default()
        } else {
            c.escape_info(arena)
        };
        let mut fx = Fx {
            c,
            host,
            f,
            outer: Vec::new(),
            arena,
            info,
            escape,
            pkg,
            env,
            subst,
            index,
            lit_names: None,
            file: None,
            prebound,
            loop_captured: FxHashSet::default(),
            loop_bodies: FxHashMap::default(),
            loops: crate::rangefunc::Loops::default(),
            counters: [0; 3],
            last_pos: Pos::NONE,
        };
        if let Some(lit) = fx.info.funcs.get(index as usize).cloned() {
            let sig = fx.subst(lit.sig);
            let mut params: Vec<TypeId> = Vec::new();
            if let Some(recv) = lit.recv {
                params.push(fx.obj_type(recv));
            }
            let mut results = Vec::new();
            if let Some(sig) = fx.c.program.store.as_signature(sig) {
                params.extend(sig.params.iter().map(|p| p.ty));
                results.extend(sig.results.iter().map(|p| p.ty));
            }
            let params = list_pattern(fx.c, &params);
            let results = list_pattern(fx.c, &results);
            fx.f.b = FnBuilder::new(fx.f.name.clone(), id, flags, &params, &results);
        }
        fx
    }

    // ---- types

    pub fn subst(&mut self, t: TypeId) -> TypeId {
        if self.env.is_empty() {
            return t;
        }
        if let Some(&known) = self.subst.get(&t) {
            return known;
        }
        let env = self.env.clone();
        let made = self.c.program.store.subst(t, &env.from, &env.to);
        self.subst.insert(t, made);
        made
    }
    /// The type of an expression.
    pub fn ty(&mut self, e: &Expr) -> TypeId {
        if !self.prebound.is_empty()
            && let Some(&(_, t)) = self.prebound.get(&e.id)
        {
            return t;
        }
        let t = self.info.type_of(e.id).ty;
        self.subst(t)
    }
    pub fn obj_type(&mut self, obj: ObjId) -> TypeId {
        let t = self.c.program.obj(obj).ty;
        self.subst(t)
    }
    pub fn under(&mut self, t: TypeId) -> Type {
        let u = self.c.program.store.underlying(t);
        self.c.program.store.get(u).clone()
    }
    pub fn lay(&mut self, t: TypeId) -> Lay {
        self.c.lay(t)
    }
    pub fn pattern(&mut self, t: TypeId) -> Arc<[bool]> {
        self.c.pattern(t)
    }
    pub fn rt(&mut self, t: TypeId) -> *const RType {
        self.c.rtype(t)
    }
    pub fn rt_ext(&mut self, t: TypeId) -> ExtArg {
        ExtArg::Type(self.rt(t))
    }
    pub fn is_iface(&mut self, t: TypeId) -> bool {
        self.c.program.store.is_interface(t)
    }
    /// What a pointer, slice, array, channel or map holds.
    pub fn elem(&mut self, t: TypeId) -> TypeId {
        match self.under(t) {
            Type::Pointer(e)
            | Type::Slice(e)
            | Type::Array(_, e)
            | Type::Chan(_, e)
            | Type::Map(_, e) => e,
            Type::Basic(_) => types::tid::UINT8,
            other => panic!("{other:?} has no element"),
        }
    }

    // ---- slots

    pub fn temp_like(&mut self, pattern: &[bool]) -> Slot {
        if pattern.is_empty() {
            return self.empty_slot();
        }
        let slot = self.f.b.temp(pattern);
        self.f.temps.push(slot);
        slot
    }
    pub fn temp(&mut self, t: TypeId) -> Slot {
        let pattern = self.pattern(t);
        self.temp_like(&pattern)
    }
    pub fn word(&mut self) -> Slot {
        self.temp_like(&[false])
    }
    pub fn ptr(&mut self) -> Slot {
        self.temp_like(&[true])
    }
    /// A slot for values without size.
    pub fn empty_slot(&mut self) -> Slot {
        match self.f.empty {
            Some(slot) => slot,
            None => {
                let slot = self.f.b.local(&[false]);
                self.f.empty = Some(slot);
                slot
            }
        }
    }
    pub fn mark(&self) -> usize {
        self.f.temps.len()
    }
    /// Gives back the temporaries made since `mark`.
    pub fn release(&mut self, mark: usize) {
        while self.f.temps.len() > mark {
            let slot = self.f.temps.pop().expect("not empty");
            self.f.b.free_temp(slot);
        }
    }
    /// Slots of a variable, until the scope ends.
    pub fn scoped(&mut self, t: TypeId) -> Slot {
        let pattern = self.pattern(t);
        self.scoped_like(&pattern)
    }
    pub fn scoped_like(&mut self, pattern: &[bool]) -> Slot {
        if pattern.is_empty() {
            return self.empty_slot();
        }
        let slot = self.f.b.temp(pattern);
        self.f.scope.push(slot);
        slot
    }
    pub fn scope_mark(&self) -> usize {
        self.f.scope.len()
    }
    pub fn end_scope(&mut self, mark: usize) {
        while self.f.scope.len() > mark {
            let slot = self.f.scope.pop().expect("not empty");
            self.f.b.free_temp(slot);
        }
    }
    pub fn dst(&mut self, to: To, t: TypeId) -> Slot {
        match to.slot() {
            Some(slot) => slot,
            None => self.temp(t),
        }
    }
    /// A destination for an instruction that is a safepoint: never an outgoing slot.
    pub fn safe_dst(&mut self, to: To, t: TypeId) -> Slot {
        match to.slot() {
            Some(slot) if !slot.is_out() => slot,
            _ => self.temp(t),
        }
    }
    /// A destination that is written in several steps.
    pub fn built_dst(&mut self, to: To, t: TypeId) -> Slot {
        match to {
            To::Fresh(slot) if !slot.is_out() => slot,
            _ => self.temp(t),
        }
    }
    /// Brings a value that is in `slot` where it is wanted.
    pub fn deliver(&mut self, slot: Slot, t: TypeId, to: To) -> Slot {
        match to.slot() {
            Some(dst) => {
                self.mov(dst, slot, t);
                dst
            }
            None => slot,
        }
    }

    // ---- instructions

    pub fn emit(&mut self, op: Op, a: impl Into<Opd>, b: impl Into<Opd>, c: impl Into<Opd>) {
        self.f.b.emit(op, a, b, c);
    }
    pub fn emit_ext(
        &mut self,
        op: Op,
        a: impl Into<Opd>,
        b: impl Into<Opd>,
        c: impl Into<Opd>,
        ext: &[ExtArg],
    ) {
        self.f.b.emit_ext(op, a, b, c, ext);
    }
    pub fn emit_t(
        &mut self,
        op: Op,
        a: impl Into<Opd>,
        b: impl Into<Opd>,
        c: impl Into<Opd>,
        t: TypeId,
    ) {
        let ext = self.rt_ext(t);
        self.f.b.emit_ext(op, a, b, c, &[ext]);
    }
    pub fn mov_n(&mut self, dst: Slot, src: Slot, n: u32) {
        if dst == src {
            return;
        }
        match n {
            0 => {}
            1 => self.emit(Op::Mov, dst, src, ()),
            2 => self.emit(Op::Mov2, dst, src, 2),
            3 => self.emit(Op::Mov3, dst, src, 3),
            _ => self.emit(Op::MovN, dst, src, n),
        }
    }
    pub fn mov(&mut self, dst: Slot, src: Slot, t: TypeId) {
        let n = self.lay(t).slots;
        self.mov_n(dst, src, n);
    }
    pub fn load_word(&mut self, dst: Slot, value: i64) {
        if i32::try_from(value).is_ok() {
            self.emit(Op::LdI, dst, value, ());
        } else {
            self.emit_ext(Op::LdK, dst, (), (), &[ExtArg::Const(value as u64)]);
        }
    }
    pub fn zero(&mut self, dst: Slot, t: TypeId) {
        let pattern = self.pattern(t);
        self.zero_like(dst, &pattern);
    }
    pub fn zero_like(&mut self, dst: Slot, pattern: &[bool]) {
        match pattern {
            [] => {}
            [false] => self.emit(Op::LdI, dst, 0, ()),
            [true] => self.emit(Op::LdNil, dst, (), ()),
            many => self.emit(Op::ZeroN, dst, many.len() as u32, ()),
        }
    }

    // ---- positions

    pub fn pos(&mut self, pos: Pos) {
        if pos == self.last_pos || !pos.is_valid() {
            return;
        }
        self.last_pos = pos;
        let known = self.file.as_ref().filter(|f| f.contains(pos)).cloned();
        let position = match known {
            Some(file) => file.position(pos),
            None => match self.c.program.fileset.file(pos) {
                Some(file) => {
                    self.file = Some(file.clone());
                    file.position(pos)
                }
                None => return,
            },
        };
        self.f.b.set_pos(&position.file, position.line);
    }
    pub fn line_of(&self, pos: Pos) -> u32 {
        self.c.program.fileset.position(pos).line
    }

    // ---- variables

    /// Whether closures hold the variable's address rather than a copy.
    pub fn by_reference(&mut self, obj: ObjId) -> bool {
        !crate::escape::captured_by_value(&mut self.c.program, obj)
    }
    fn in_memory(&mut self, obj: ObjId) -> bool {
        let Some(v) = self.c.program.obj(obj).var().cloned() else {
            return false;
        };
        let ty = self.obj_type(obj);
        v.address_taken
            || (v.captured || self.loop_captured.contains(&obj)) && self.by_reference(obj)
            || self.lay(ty).size > MAX_STACK_VARIABLE
    }
    fn on_stack(&mut self, obj: ObjId) -> bool {
        let ty = self.obj_type(obj);
        self.lay(ty).size <= MAX_STACK_VARIABLE
            && !self.loops.heap.contains(&obj)
            && self.escape.var_on_stack(obj)
    }
    /// Makes room for a local variable. A boxed one is allocated (zeroed); others are not initialised.
    pub fn declare(&mut self, obj: ObjId) -> Loc {
        let ty = self.obj_type(obj);
        let loc = if !self.in_memory(obj) {
            Loc::Slots(self.scoped(ty))
        } else if self.on_stack(obj) {
            let pattern = self.pattern(ty);
            let slot = if pattern.is_empty() {
                self.empty_slot()
            } else {
                self.f.b.local(&pattern)
            };
            self.f
                .b
                .mark_address_taken(slot, pattern.len().max(1) as u32);
            Loc::Stack(slot)
        } else {
            let slot = self.scoped_like(&[true]);
            self.emit_t(Op::New, slot, (), (), ty);
            Loc::Boxed(slot)
        };
        self.f.vars.insert(obj, loc);
        self.name_var(obj, loc, ty);
        loc
    }
    pub fn name_var(&mut self, obj: ObjId, loc: Loc, ty: TypeId) {
        let name = self.c.program.obj(obj).name;
        let slots = self.lay(ty).slots;
        if name.is_blank() || slots == 0 {
            return;
        }
        let typ = self.rt(ty);
        match loc {
            Loc::Slots(s) | Loc::Stack(s) => self.f.b.var(name.as_str(), s, slots, false, typ),
            Loc::Boxed(s) => self.f.b.var(name.as_str(), s, 1, true, typ),
        }
    }

    // ---- the whole function

    /// Lowers parameters, body and epilogue.
    pub fn body(
        &mut self,
        ty: &FuncType,
        block: &Block,
        pos: Pos,
        end: Pos,
        captures: Option<&[Capture]>,
    ) {
        self.pos(pos);
        self.find_loop_bodies(block);
        let lit = self.info.funcs[self.index as usize].clone();
        self.f.has_defer = lit.has_defer;
        if let Some(captures) = captures {
            self.load_captures(captures);
        }
        let mut at = 0;
        let mut words = Vec::new();
        let (mut shown, mut all_shown) = (0, true);
        let params: Vec<ObjId> = lit
            .recv
            .into_iter()
            .chain(lit.params.iter().copied())
            .collect();
        for &param in &params {
            let t = self.obj_type(param);
            let slot = self.f.b.param(at);
            all_shown =
                all_shown && self.arg_words(t, u64::from(at) * 8, &mut words, &mut shown, 0);
            at += self.lay(t).slots;
            self.bind_param(param, slot, t);
        }
        self.f.b.set_arg_words(words);
        let mut at = 0;
        let named = ty.results.iter().any(|f| !f.names.is_empty());
        for &result in &lit.results {
            let t = self.obj_type(result);
            let slot = self.f.b.result(at);
            at += self.lay(t).slots;
            let mut loc = None;
            if self.in_memory(result) {
                let made = self.declare(result);
                match made {
                    Loc::Stack(s) => self.zero(s, t),
                    Loc::Boxed(s) if self.f.has_defer => self.f.b.mark_address_taken(s, 1),
                    _ => {}
                }
                loc = Some(made);
            } else {
                self.f.vars.insert(result, Loc::Slots(slot));
                self.name_var(result, Loc::Slots(slot), t);
            }
            self.f.results.push(ResultVar { ty: t, slot, loc });
        }
        self.f.result_names = named;
        if named || self.f.has_defer {
            for r in self.f.results.clone() {
                self.zero(r.slot, r.ty);
            }
        }
        self.block(block);
        self.pos(if end.0 > 0 {
            Pos(block.rbrace.0.max(1))
        } else {
            end
        });
        self.return_here();
        self.epilogue();
    }

    fn bind_param(&mut self, param: ObjId, slot: Slot, t: TypeId) {
        if !self.in_memory(param) {
            self.f.vars.insert(param, Loc::Slots(slot));
            self.name_var(param, Loc::Slots(slot), t);
            return;
        }
        if self.on_stack(param) {
            let pattern = self.pattern(t);
            let home = if pattern.is_empty() {
                self.empty_slot()
            } else {
                self.f.b.local(&pattern)
            };
            self.f
                .b
                .mark_address_taken(home, pattern.len().max(1) as u32);
            self.f.vars.insert(param, Loc::Stack(home));
            let place = crate::place::Place::Frame {
                slot: home,
                byte: 0,
            };
            self.store(&place, slot, t);
            self.name_var(param, Loc::Stack(home), t);
        } else {
            let loc = self.declare(param);
            let place = self.var_place(loc, t);
            self.store(&place, slot, t);
        }
    }

    /// Adds what a trace shows of an argument: at most `SHOWN_WORDS` words in all, aggregates in braces down to `SHOWN_DEPTH` levels, and
    /// dots for the rest. False once the dots have been added.
    fn arg_words(
        &mut self,
        t: TypeId,
        offset: u64,
        out: &mut Vec<ArgWord>,
        shown: &mut u32,
        depth: u32,
    ) -> bool {
        if *shown >= SHOWN_WORDS {
            out.push(ArgWord::More);
            return false;
        }
        let lay = self.lay(t);
        // The size of the parts of what is made of equal words, and how many there are.
        let (size, parts) = match lay.rep {
            Rep::Int { .. } | Rep::F32 | Rep::F64 | Rep::Ptr => {
                out.push(ArgWord::Scalar {
                    offset: offset as u32,
                    size: lay.size as u8,
                });
                *shown += 1;
                return true;
            }
            Rep::Str | Rep::Eface | Rep::Iface => (8, 2),
            Rep::Slice => (8, 3),
            Rep::Block => (lay.size / 2, 2),
        };
        out.push(ArgWord::Open);
        if depth + 1 >= SHOWN_DEPTH {
            out.extend([ArgWord::More, ArgWord::Close]);
            *shown += 1;
            return true;
        }
        let under = match lay.rep {
            Rep::Block => Some(self.under(t)),
            _ => None,
        };
        match under {
            Some(Type::Struct(s)) if s.fields.is_empty() => *shown += 1,
            Some(Type::Array(0, _)) => *shown += 1,
            Some(Type::Struct(s)) => {
                let offsets = self.c.program.store.offsetsof(t);
                for (f, at) in s.fields.iter().zip(offsets) {
                    if !self.arg_words(f.ty, offset + at as u64, out, shown, depth + 1) {
                        break;
                    }
                }
            }
            Some(Type::Array(n, elem)) => {
                let size = self.lay(elem).size;
                for i in 0..n as u64 {
                    if !self.arg_words(elem, offset + i * size, out, shown, depth + 1) {
                        break;
                    }
                }
            }
            _ => {
                for i in 0..parts {
                    if *shown >= SHOWN_WORDS {
                        out.push(ArgWord::More);
                        break;
                    }
                    out.push(ArgWord::Scalar {
                        offset: (offset + i * size) as u32,
                        size: size as u8,
                    });
                    *shown += 1;
                }
            }
        }
        out.push(ArgWord::Close);
        true
    }

    /// Leaves the function: results are in their variables.
    pub fn return_here(&mut self) {
        if self.f.has_defer || self.f.results.iter().any(|r| r.loc.is_some()) {
            let label = match self.f.epilogue {
                Some(label) => label,
                None => {
                    let label = self.f.b.label();
                    self.f.epilogue = Some(label);
                    label
                }
            };
            self.f.b.jump(label);
        } else {
            self.emit(Op::Ret, (), (), ());
        }
    }

    fn epilogue(&mut self) {
        let label = self.f.epilogue.take();
        if label.is_none() && !self.f.has_defer {
            return;
        }
        if let Some(label) = label {
            self.f.b.bind(label);
        }
        if self.f.has_defer {
            self.run_deferred();
        }
        for r in self.f.results.clone() {
            if let Some(loc) = r.loc {
                let place = self.var_place(loc, r.ty);
                self.load_to(&place, r.ty, To::Fresh(r.slot));
            }
        }
        self.emit(Op::Ret, (), (), ());
    }

    /// Calls what the function has deferred, last first. A recovered frame goes on here.
    pub fn run_deferred(&mut self) {
        let closure = self.ptr();
        let (next, none) = (self.f.b.label(), self.f.b.label());
        self.f.b.bind_recover();
        self.f.b.bind(next);
        self.f.b.branch(Op::NextDefer, closure, (), none);
        self.f.b.call_closure(closure, 0, 0);
        self.f.b.jump_back(next);
        self.f.b.bind(none);
    }

    pub fn finish(self, pos: Pos) -> Option<Function> {
        let line = self.line_of(pos);
        let Fx { f, c, .. } = self;
        finish_builder(c, f.b, pos, line)
    }

    /// The name of a nested function of the current one.
    pub fn sub_name(&mut self, kind: usize) -> String {
        self.counters[kind] += 1;
        let suffix = ["gowrap", "deferwrap", "range"][kind];
        let outer = self.outer.first().map_or(&self.f.name, |f| &f.name);
        let joint = if kind == 2 { '-' } else { '.' };
        format!("{outer}{joint}{suffix}{}", self.counters[kind])
    }

    pub fn symbol(&self, obj: ObjId) -> Symbol {
        self.c.program.obj(obj).name
    }
}

pub(crate) fn finish_builder(
    c: &mut Compiler,
    mut b: FnBuilder,
    pos: Pos,
    line: u32,
) -> Option<Function> {
    b.set_decl_line(line);
    match b.finish() {
        Ok(function) => Some(function),
        Err(e) => {
            let msg = format!("stack frame too large: {} words", e.slots);
            c.errors.push(Diagnostic { pos, msg });
            None
        }
    }
}

impl Frame {
    pub fn new(b: FnBuilder, name: String) -> Frame {
        Frame {
            b,
            name,
            vars: FxHashMap::default(),
            temps: Vec::new(),
            scope: Vec::new(),
            results: Vec::new(),
            has_defer: false,
            epilogue: None,
            targets: FxHashMap::default(),
            gotos: FxHashMap::default(),
            bound: FxHashSet::default(),
            result_names: false,
            empty: None,
            taken: FxHashSet::default(),
            body: None,
        }
    }
}
