//! Predeclared functions and those of package unsafe.

use bytecode::isa::{Op, Trap};
use syntax::{CallExpr, Expr, ExprKind, NodeId};
use types::{BasicKind, Builtin, Mode, Type, TypeId, tid};

use crate::asm::Slot;
use crate::func::{Fx, Rep, To};
use crate::place::Place;

impl Fx<'_> {
    /// Whether a call needs no safepoint and leaves the outgoing area alone.
    pub fn is_simple_call(&mut self, e: &Expr, call: &CallExpr) -> bool {
        let fun = call.fun.unparen();
        let mode = self.info.type_of(fun.id).mode;
        let simple_kind = if mode == Mode::Type {
            let t = self.ty(e);
            let s = self.value_type(&call.args[0]);
            let (from, into) = (self.lay(s).rep, self.lay(t).rep);
            let number = |rep| matches!(rep, Rep::Int { .. } | Rep::F32 | Rep::F64);
            !self.is_iface(t)
                && (from == into && from != Rep::Block || number(from) && number(into))
        } else {
            matches!(
                self.builtin_of(fun),
                Some(
                    Builtin::Len
                        | Builtin::Cap
                        | Builtin::Real
                        | Builtin::Imag
                        | Builtin::Complex
                        | Builtin::Min
                        | Builtin::Max
                        | Builtin::Sizeof
                        | Builtin::Alignof
                        | Builtin::Offsetof
                        | Builtin::SliceData
                        | Builtin::StringData
                        | Builtin::Add
                )
            )
        };
        simple_kind
            && call
                .args
                .iter()
                .all(|a| matches!(self.info.type_of(a.id).mode, Mode::Type) || self.is_simple(a))
    }

    pub fn builtin(&mut self, e: &Expr, call: &CallExpr, builtin: Builtin, to: To) -> Slot {
        if let [only] = &call.args[..]
            && let Some(values) = self.tuple(only)
        {
            return self.builtin_of_values(e, values, builtin, to);
        }
        self.in_order(&call.args, |fx| {
            fx.builtin_of_operands(e, call, builtin, to)
        })
    }

    fn builtin_of_operands(&mut self, e: &Expr, call: &CallExpr, builtin: Builtin, to: To) -> Slot {
        let args = &call.args[..];
        let t = self.ty(e);
        match builtin {
            Builtin::Len => self.length(&args[0], 1, to),
            Builtin::Cap => self.length(&args[0], 2, to),
            Builtin::Append => self.append(e, call, t, to),
            Builtin::Copy => {
                let dst = self.expr(&args[0], To::Any);
                let src = self.expr(&args[1], To::Any);
                let st = self.ty(&args[0]);
                let elem = self.elem(st);
                let n = self.dst(to, tid::INT);
                self.pos(e.pos);
                self.emit_t(Op::CopySlice, n, dst, src, elem);
                n
            }
            Builtin::Delete => {
                let mt = self.ty(&args[0]);
                let Type::Map(key, _) = self.under(mt) else {
                    panic!("delete from no map")
                };
                let map = self.expr(&args[0], To::Any);
                let key = self.convert_to(&args[1], key, To::Any);
                self.pos(e.pos);
                self.emit_t(Op::MapDelete, (), map, key, mt);
                map
            }
            Builtin::Clear => {
                let t = self.ty(&args[0]);
                let value = self.expr(&args[0], To::Any);
                match self.under(t) {
                    Type::Map(..) => self.emit_t(Op::MapClear, value, (), (), t),
                    _ => {
                        let elem = self.elem(t);
                        self.emit_t(Op::ClearSlice, value, (), (), elem);
                    }
                }
                value
            }
            Builtin::Close => {
                let ch = self.expr(&args[0], To::Any);
                self.pos(e.pos);
                self.emit(Op::Close, ch, (), ());
                ch
            }
            Builtin::Make => self.make(e, args, t, to),
            Builtin::New => {
                let elem = self.elem(t);
                if self.info.type_of(args[0].id).mode == Mode::Type {
                    let ptr = self.memory(elem, e.id);
                    return self.deliver(ptr, t, to);
                }
                let value = self.convert_to(&args[0], elem, To::Any);
                let ptr = self.memory(elem, e.id);
                self.store(&Place::Mem { ptr, off: 0 }, value, elem);
                self.deliver(ptr, t, to)
            }
            Builtin::Panic => {
                let value = self.convert_to(&args[0], tid::EMPTY_INTERFACE, To::Any);
                let value = self.settle(value, tid::EMPTY_INTERFACE);
                self.pos(e.pos);
                self.emit(Op::Panic, value, (), ());
                value
            }
            Builtin::Print | Builtin::Println => {
                self.print(args, builtin == Builtin::Println);
                self.empty_slot()
            }
            Builtin::Recover => {
                self.pos(e.pos);
                let dst = self.safe_dst(to, tid::EMPTY_INTERFACE);
                self.emit(Op::Recover, dst, (), ());
                self.deliver(dst, tid::EMPTY_INTERFACE, to)
            }
            Builtin::Min | Builtin::Max => self.min_max(args, t, builtin == Builtin::Min, to),
            Builtin::Real | Builtin::Imag => {
                let ct = self.ty(&args[0]);
                let value = self.expr(&args[0], To::Any);
                let (re, im) = self.parts(value, ct);
                self.deliver(if builtin == Builtin::Real { re } else { im }, t, to)
            }
            Builtin::Complex => {
                let part = if self.lay(t).size == 16 {
                    tid::FLOAT64
                } else {
                    tid::FLOAT32
                };
                let re = self.float_part(&args[0], part);
                let im = self.float_part(&args[1], part);
                self.make_complex(re, im, t, to)
            }
            Builtin::Add => {
                let ptr = self.expr(&args[0], To::Any);
                let by = self.index_operand(&args[1]);
                let dst = self.dst(to, t);
                self.emit(Op::AddPW, dst, ptr, by);
                dst
            }
            Builtin::Sizeof | Builtin::Alignof => {
                let at = self.ty(&args[0]);
                let n = match builtin {
                    Builtin::Sizeof => self.c.program.store.sizeof(at),
                    _ => self.c.program.store.alignof(at),
                };
                let dst = self.dst(to, t);
                self.load_word(dst, n);
                dst
            }
            Builtin::Offsetof => {
                let n = self.offset_of(&args[0]);
                let dst = self.dst(to, t);
                self.load_word(dst, n);
                dst
            }
            Builtin::SliceData | Builtin::StringData => {
                let value = self.expr_volatile(&args[0], To::Any);
                self.deliver(value, t, to)
            }
            Builtin::Slice | Builtin::String => self.unsafe_slice(e, args, builtin, t, to),
        }
    }

    /// A predeclared function applied to the results of a call: the values stand for argument expressions.
    fn builtin_of_values(
        &mut self,
        e: &Expr,
        values: Vec<(Slot, TypeId)>,
        builtin: Builtin,
        to: To,
    ) -> Slot {
        let name = |i: u32| Expr {
            id: NodeId(u32::MAX - i),
            pos: e.pos,
            end: e.end,
            kind: ExprKind::Ident(syntax::sym::BLANK),
        };
        let outer = std::mem::take(&mut self.prebound);
        let mut args = Vec::with_capacity(values.len());
        for (i, value) in values.into_iter().enumerate() {
            let arg = name(i as u32 + 1);
            self.prebound.insert(arg.id, value);
            args.push(arg);
        }
        let call = CallExpr {
            fun: name(0),
            lparen: e.pos,
            args,
            ellipsis: None,
            rparen: e.end,
        };
        let slot = self.builtin(e, &call, builtin, to);
        self.prebound = outer;
        slot
    }

    fn float_part(&mut self, e: &Expr, part: TypeId) -> Slot {
        match self.info.type_of(e.id).constant().cloned() {
            Some(value) => self.constant(&value, part, To::Any),
            None => self.expr(e, To::Any),
        }
    }

    fn offset_of(&mut self, e: &Expr) -> i64 {
        let ExprKind::Selector { x, .. } = &e.unparen().kind else {
            return 0;
        };
        let Some(selection) = self.info.selections.get(&e.unparen().id).cloned() else {
            return 0;
        };
        let mut t = self.ty(x);
        t = self.c.program.store.pointer_elem(t).unwrap_or(t);
        let mut sum = 0;
        for &index in selection.path.iter() {
            sum += self.c.program.store.offsetsof(t)[index as usize];
            let Type::Struct(s) = self.under(t) else {
                return sum;
            };
            t = s.fields[index as usize].ty;
        }
        sum
    }

    /// `len` (word 1) or `cap` (word 2).
    fn length(&mut self, x: &Expr, word: u32, to: To) -> Slot {
        let t = self.ty(x);
        match self.under(t) {
            Type::Map(..) => {
                let map = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, tid::INT);
                self.emit(Op::MapLen, dst, map, ());
                dst
            }
            Type::Chan(..) => {
                let ch = self.expr_volatile(x, To::Any);
                let dst = self.dst(to, tid::INT);
                self.emit(
                    if word == 1 { Op::ChanLen } else { Op::ChanCap },
                    dst,
                    ch,
                    (),
                );
                dst
            }
            Type::Pointer(array) => {
                self.expr(x, To::Any);
                self.array_length(array, to)
            }
            Type::Array(..) => {
                if self.info.type_of(x.id).mode != Mode::Variable {
                    self.expr(x, To::Any);
                }
                self.array_length(t, to)
            }
            _ => {
                let place = self.place(x);
                match place {
                    // Only the one word is read.
                    Place::Mem { .. } | Place::Global { .. } => {
                        let place = self.offset(place, u64::from(word) * 8, t);
                        self.load_to(&place, tid::INT, to)
                    }
                    place => {
                        let value = self.load(&place, t);
                        self.deliver(value.offset(word), tid::INT, to)
                    }
                }
            }
        }
    }

    fn array_length(&mut self, array: TypeId, to: To) -> Slot {
        let Type::Array(n, _) = self.under(array) else {
            panic!("length of no array")
        };
        let dst = self.dst(to, tid::INT);
        self.load_word(dst, n);
        dst
    }

    fn append(&mut self, e: &Expr, call: &CallExpr, t: TypeId, to: To) -> Slot {
        let args = &call.args[..];
        let elem = self.elem(t);
        if args.len() == 1 {
            return self.convert_to(&args[0], t, to);
        }
        let slice = self.convert_to(&args[0], t, To::Any);
        if call.ellipsis.is_some() {
            let more = self.expr(&args[1], To::Any);
            let nil = self.is_nil(&args[1]);
            if nil {
                return self.deliver(slice, t, to);
            }
            self.pos(e.pos);
            let dst = self.safe_dst(to, t);
            self.emit_t(Op::AppendSlice, dst, slice, more, elem);
            return self.deliver(dst, t, to);
        }
        let mut values = Vec::with_capacity(args.len() - 1);
        for arg in &args[1..] {
            let value = self.convert_to(arg, elem, To::Any);
            values.push(value);
        }
        self.pos(e.pos);
        let lay = self.lay(elem);
        if let [value] = values[..] {
            let dst = self.safe_dst(to, t);
            let op = match lay.rep {
                Rep::Int { bytes: 1, .. } => Op::Append8,
                Rep::Int { bytes: 4, .. } | Rep::F32 => Op::Append32,
                Rep::Int { bytes: 8, .. } | Rep::F64 => Op::AppendW,
                Rep::Ptr => Op::AppendP,
                _ => Op::AppendN,
            };
            self.emit_t(op, dst, slice, value, elem);
            return self.deliver(dst, t, to);
        }
        let index = self.word();
        self.emit(Op::Mov, index, slice.offset(1), ());
        let dst = self.temp(t);
        self.emit_t(Op::AppendGrow, dst, slice, values.len() as u32, elem);
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.emit(Op::AddI, index, index, 1);
            }
            self.store(&Place::SliceElem { slice: dst, index }, value, elem);
        }
        self.deliver(dst, t, to)
    }

    fn make(&mut self, e: &Expr, args: &[Expr], t: TypeId, to: To) -> Slot {
        match self.under(t) {
            Type::Slice(elem) => {
                let constant =
                    |fx: &mut Self, i: usize| args.get(i).and_then(|a| fx.const_index(a));
                let len = constant(self, 1);
                let cap = if args.len() > 2 {
                    constant(self, 2)
                } else {
                    len
                };
                let size = self.lay(elem).size;
                if let (Some(len), Some(cap)) = (len, cap)
                    && cap > 0
                    && len <= cap
                    && cap.saturating_mul(size.max(1)) <= 64 * 1024
                    && self.escape.expr_on_stack(e.id)
                {
                    let base = self.backing(elem, cap, e.id);
                    let dst = self.built_dst(to, t);
                    self.emit(Op::Mov, dst, base, ());
                    self.load_word(dst.offset(1), len as i64);
                    self.load_word(dst.offset(2), cap as i64);
                    return self.deliver(dst, t, to);
                }
                let len = self.index_operand(&args[1]);
                let cap = if args.len() > 2 {
                    self.index_operand(&args[2])
                } else {
                    len
                };
                self.pos(e.pos);
                let dst = self.safe_dst(to, t);
                self.emit_t(Op::MakeSlice, dst, len, cap, elem);
                self.deliver(dst, t, to)
            }
            under => {
                let size = args.get(1).map(|a| self.index_operand(a));
                self.pos(e.pos);
                let dst = self.safe_dst(to, t);
                let op = if matches!(under, Type::Map(..)) {
                    Op::MakeMap
                } else {
                    Op::MakeChan
                };
                self.emit_t(op, dst, size, (), t);
                self.deliver(dst, t, to)
            }
        }
    }

    fn min_max(&mut self, args: &[Expr], t: TypeId, min: bool, to: To) -> Slot {
        let lay = self.lay(t);
        let mut best = self.expr(&args[0], To::Any);
        if args.len() == 1 {
            return self.deliver(best, t, to);
        }
        let acc = self.temp(t);
        for arg in &args[1..] {
            let next = self.expr(arg, To::Any);
            let op = match (lay.rep, min) {
                (
                    Rep::Int {
                        bytes: 8,
                        signed: false,
                    },
                    true,
                ) => Op::MinU,
                (
                    Rep::Int {
                        bytes: 8,
                        signed: false,
                    },
                    false,
                ) => Op::MaxU,
                (Rep::Int { .. }, true) => Op::MinS,
                (Rep::Int { .. }, false) => Op::MaxS,
                (Rep::F64, true) => Op::MinF64,
                (Rep::F64, false) => Op::MaxF64,
                (Rep::F32, true) => Op::MinF32,
                (Rep::F32, false) => Op::MaxF32,
                _ => {
                    let (keep, less) = (self.f.b.label(), self.word());
                    let (a, b) = if min { (next, best) } else { (best, next) };
                    self.emit(Op::LtStr, less, a, b);
                    self.mov(acc, best, t);
                    self.f.b.branch(Op::JFalse, less, (), keep);
                    self.mov(acc, next, t);
                    self.f.b.bind(keep);
                    best = acc;
                    continue;
                }
            };
            self.emit(op, acc, best, next);
            best = acc;
        }
        self.deliver(acc, t, to)
    }

    /// `unsafe.Slice(ptr, len)` and `unsafe.String(ptr, len)`.
    fn unsafe_slice(
        &mut self,
        e: &Expr,
        args: &[Expr],
        builtin: Builtin,
        t: TypeId,
        to: To,
    ) -> Slot {
        let ptr = self.expr(&args[0], To::Any);
        let len = self.index_operand(&args[1]);
        let (bad_len, bad_nil) = if builtin == Builtin::Slice {
            (Trap::UnsafeSliceLen, Trap::UnsafeSliceNil)
        } else {
            (Trap::UnsafeStringLen, Trap::UnsafeStringNil)
        };
        let pt = self.ty(&args[0]);
        let elem = self.elem(pt);
        let size = self.lay(elem).size.max(1);
        self.pos(e.pos);
        let (fits, ok) = (self.f.b.label(), self.f.b.label());
        let limit = self.word();
        self.load_word(limit, ((1u64 << 47) / size) as i64);
        self.f.b.branch(Op::JLeU, len, limit, fits);
        self.emit(Op::Trap, bad_len as u32, (), ());
        self.f.b.bind(fits);
        self.f.b.branch(Op::JNotNil, ptr, (), ok);
        self.f.b.branch(Op::JEqI, len, 0, ok);
        self.emit(Op::Trap, bad_nil as u32, (), ());
        self.f.b.bind(ok);
        // The memory must not run past the end of the address space.
        let inside = self.f.b.label();
        let (bytes, room) = (self.word(), self.word());
        self.load_word(bytes, size as i64);
        self.emit(Op::Mul, bytes, bytes, len);
        self.emit(Op::PtrToWord, room, ptr, ());
        self.emit(Op::Neg, room, room, ());
        self.f.b.branch(Op::JLeU, bytes, room, inside);
        self.emit(Op::Trap, bad_len as u32, (), ());
        self.f.b.bind(inside);
        let dst = self.built_dst(to, t);
        self.emit(Op::Mov, dst, ptr, ());
        self.emit(Op::Mov, dst.offset(1), len, ());
        if builtin == Builtin::Slice {
            self.emit(Op::Mov, dst.offset(2), len, ());
        }
        self.deliver(dst, t, to)
    }

    /// `print` and `println`: natives of package runtime write one value each.
    fn print(&mut self, args: &[Expr], line: bool) {
        let mut values = Vec::with_capacity(args.len());
        for arg in args {
            let mut t = self.value_type(arg);
            if let Some(value) = self.info.type_of(arg.id).constant().cloned() {
                // Untyped constants that fit no int are printed as int64 all the same.
                if self.lay(t).is_iface() {
                    t = tid::INT;
                }
                let slot = self.constant(&value, t, To::Any);
                values.push((slot, t));
            } else {
                let slot = self.expr(arg, To::Any);
                values.push((slot, t));
            }
        }
        for (i, (slot, t)) in values.into_iter().enumerate() {
            if i > 0 && line {
                self.f.b.call_native("runtime.printsp", &[], 0);
            }
            let lay = self.lay(t);
            let name = match lay.rep {
                Rep::Int { .. } if self.basic(t) == Some(BasicKind::Bool) => "runtime.printbool",
                Rep::Int { .. } if self.basic(t) == Some(BasicKind::UntypedBool) => {
                    "runtime.printbool"
                }
                Rep::Int { signed: true, .. } => "runtime.printint",
                Rep::Int { .. } => "runtime.printuint",
                Rep::F32 | Rep::F64 => "runtime.printfloat",
                Rep::Str => "runtime.printstring",
                Rep::Slice => "runtime.printslice",
                Rep::Eface | Rep::Iface => "runtime.printiface",
                Rep::Block => "runtime.printcomplex",
                Rep::Ptr => "runtime.printpointer",
            };
            let out = self.f.b.out(0);
            match lay.rep {
                Rep::F32 => {
                    self.emit(Op::F32ToF64, out, slot, ());
                    self.f.b.call_native(name, &[false], 0);
                }
                Rep::Block => {
                    let wide = if lay.size == 16 {
                        slot
                    } else {
                        self.widen_complex(slot, t)
                    };
                    self.mov_n(out, wide, 2);
                    self.f.b.call_native(name, &[false, false], 0);
                }
                _ => {
                    let pattern = self.pattern(t);
                    self.f.b.reserve_out(pattern.len() as u32);
                    self.mov(out, slot, t);
                    self.f.b.call_native(name, &pattern, 0);
                }
            }
        }
        if line {
            self.f.b.call_native("runtime.printnl", &[], 0);
        }
    }
}
