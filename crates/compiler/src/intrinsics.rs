//! Functions that are single instructions: those of package math and math/bits, and reflect's call.

use bytecode::isa::Op;
use syntax::{CallExpr, Expr};
use types::{TypeId, tid};

use crate::asm::{ExtArg, Slot};
use crate::func::{Fx, To};

/// What stands for a call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Intrinsic {
    One(Op),
    Two(Op),
    Fma,
    /// The bits as they are.
    Same,
    Lzcnt(u32),
    Tzcnt(u32),
    Len(u32),
    /// Swap bytes, then shift right.
    Swap(u32),
    /// (high, low) of a product; (sum, carry out); (difference, borrow out).
    Mul,
    Add,
    Sub,
    /// An operation of sync/atomic.
    Atomic {
        operation: Atomic,
        wide: bool,
        signed: bool,
    },
    /// reflect.callReflect(closure, block, slots), without a result.
    ReflectCall,
}

/// What package sync/atomic does with a word. (Its operations that store pointers are natives: they have a write barrier.)
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Atomic {
    Load,
    Store,
    Swap,
    Add,
    CompareAndSwap,
}

fn lookup_atomic(name: &str) -> Option<Intrinsic> {
    if name == "LoadPointer" {
        return Some(Intrinsic::One(Op::AtomLdP));
    }
    let (wide, signed, prefix) = [
        ("Int32", false, true),
        ("Uint32", false, false),
        ("Int64", true, true),
        ("Uint64", true, false),
        ("Uintptr", true, false),
    ]
    .into_iter()
    .find_map(|(typ, wide, signed)| Some((wide, signed, name.strip_suffix(typ)?)))?;
    let operation = match prefix {
        "Load" => Atomic::Load,
        "Store" => Atomic::Store,
        "Swap" => Atomic::Swap,
        "Add" => Atomic::Add,
        "CompareAndSwap" => Atomic::CompareAndSwap,
        _ => return None,
    };
    Some(Intrinsic::Atomic {
        operation,
        wide,
        signed,
    })
}

fn lookup(path: &str, name: &str) -> Option<Intrinsic> {
    use Intrinsic::{Add, Fma, Len, Lzcnt, Mul, One, Same, Sub, Swap, Two, Tzcnt};
    if path == "sync/atomic" {
        return lookup_atomic(name);
    }
    Some(match (path, name) {
        ("math", "Sqrt" | "sqrt") => One(Op::Sqrt),
        ("math", "Abs") => One(Op::Abs),
        ("math", "Floor") => One(Op::Floor),
        ("math", "Ceil") => One(Op::Ceil),
        ("math", "Trunc") => One(Op::Trunc),
        ("math", "Copysign") => Two(Op::Copysign),
        ("math", "FMA") => Fma,
        ("math", "Float64bits" | "Float64frombits" | "Float32bits" | "Float32frombits") => Same,
        ("math/bits", "LeadingZeros" | "LeadingZeros64") => Lzcnt(64),
        ("math/bits", "LeadingZeros32") => Lzcnt(32),
        ("math/bits", "LeadingZeros16") => Lzcnt(16),
        ("math/bits", "LeadingZeros8") => Lzcnt(8),
        ("math/bits", "TrailingZeros" | "TrailingZeros64") => Tzcnt(64),
        ("math/bits", "TrailingZeros32") => Tzcnt(32),
        ("math/bits", "TrailingZeros16") => Tzcnt(16),
        ("math/bits", "TrailingZeros8") => Tzcnt(8),
        ("math/bits", "Len" | "Len64" | "Len32" | "Len16" | "Len8") => Len(64),
        (
            "math/bits",
            "OnesCount" | "OnesCount64" | "OnesCount32" | "OnesCount16" | "OnesCount8",
        ) => One(Op::Popcnt),
        ("math/bits", "RotateLeft" | "RotateLeft64") => Two(Op::Rotl64),
        ("math/bits", "RotateLeft32") => Two(Op::Rotl32),
        ("math/bits", "ReverseBytes" | "ReverseBytes64") => Swap(0),
        ("math/bits", "ReverseBytes32") => Swap(32),
        ("math/bits", "ReverseBytes16") => Swap(48),
        ("math/bits", "Mul64" | "Mul") => Mul,
        ("math/bits", "Add64" | "Add") => Add,
        ("math/bits", "Sub64" | "Sub") => Sub,
        ("reflect", "callReflect") => Intrinsic::ReflectCall,
        _ => return None,
    })
}

impl Fx<'_> {
    /// The intrinsic that a call names.
    pub fn intrinsic_name(&self, call: &CallExpr) -> Option<Intrinsic> {
        let obj = self.static_object(&call.fun)?;
        let object = self.c.program.obj(obj);
        if object.func()?.recv.is_some() {
            return None;
        }
        let path = &self.c.program.package(object.pkg?).path;
        if !path.starts_with("math") && !matches!(&**path, "reflect" | "sync/atomic") {
            return None;
        }
        lookup(path, object.name.as_str())
    }

    fn gives_two(intrinsic: Intrinsic) -> bool {
        matches!(intrinsic, Intrinsic::Mul | Intrinsic::Add | Intrinsic::Sub)
    }

    fn intrinsic_args(&mut self, call: &CallExpr) -> Vec<Slot> {
        self.in_call_order(call, |fx| {
            call.args.iter().map(|arg| fx.expr(arg, To::Any)).collect()
        })
    }

    pub fn intrinsic(&mut self, e: &Expr, call: &CallExpr, to: To) -> Option<Slot> {
        let intrinsic = self.intrinsic_name(call).filter(|i| !Self::gives_two(*i))?;
        if self.has_tuple_argument(call) {
            return None;
        }
        let t = self.ty(e);
        let args = self.intrinsic_args(call);
        if intrinsic == Intrinsic::ReflectCall {
            self.emit(Op::CallReflect, args[0], args[1], args[2]);
            return Some(args[0]);
        }
        if let Intrinsic::Atomic {
            operation,
            wide,
            signed,
        } = intrinsic
        {
            return Some(self.atomic(operation, wide, signed, &args, to, t));
        }
        let dst = self.dst(to, t);
        match intrinsic {
            Intrinsic::One(op) => self.emit(op, dst, args[0], ()),
            Intrinsic::Two(op) => self.emit(op, dst, args[0], args[1]),
            Intrinsic::Fma => {
                let slots = ExtArg::Slots([Some(args[2]), None, None, None]);
                self.emit_ext(Op::Fma, dst, args[0], args[1], &[slots]);
            }
            Intrinsic::Same => self.emit(Op::Mov, dst, args[0], ()),
            Intrinsic::Lzcnt(bits) => {
                self.emit(Op::Clz, dst, args[0], ());
                if bits < 64 {
                    self.emit(Op::AddI, dst, dst, i64::from(bits) - 64);
                }
            }
            Intrinsic::Tzcnt(64) => self.emit(Op::Ctz, dst, args[0], ()),
            Intrinsic::Tzcnt(bits) => {
                // A bit just above the width ends the count.
                let word = self.word();
                self.load_word(word, 1i64 << bits);
                self.emit(Op::Or, word, word, args[0]);
                self.emit(Op::Ctz, dst, word, ());
            }
            Intrinsic::Len(_) => {
                self.emit(Op::Clz, dst, args[0], ());
                self.emit(Op::RsubI, dst, dst, 64);
            }
            Intrinsic::Swap(shift) => {
                self.emit(Op::Bswap, dst, args[0], ());
                if shift > 0 {
                    self.emit(Op::ShrUI, dst, dst, shift);
                }
            }
            Intrinsic::Mul | Intrinsic::Add | Intrinsic::Sub => unreachable!("two results"),
            Intrinsic::ReflectCall | Intrinsic::Atomic { .. } => unreachable!("done above"),
        }
        Some(dst)
    }

    fn atomic(
        &mut self,
        operation: Atomic,
        wide: bool,
        signed: bool,
        args: &[Slot],
        to: To,
        t: TypeId,
    ) -> Slot {
        let pick = |narrow: Op, full: Op| if wide { full } else { narrow };
        if operation == Atomic::Store {
            let before = self.word();
            let op = pick(Op::AtomSwap32, Op::AtomSwap64);
            self.emit(op, before, args[0], args[1]);
            return args[0];
        }
        let dst = self.dst(to, t);
        match operation {
            Atomic::Load => self.emit(pick(Op::AtomLd32, Op::AtomLd64), dst, args[0], ()),
            Atomic::Swap => {
                let op = pick(Op::AtomSwap32, Op::AtomSwap64);
                self.emit(op, dst, args[0], args[1]);
            }
            Atomic::Add => {
                let op = pick(Op::AtomAdd32, Op::AtomAdd64);
                self.emit(op, dst, args[0], args[1]);
            }
            Atomic::CompareAndSwap => {
                let slots = ExtArg::Slots([Some(args[2]), None, None, None]);
                let op = pick(Op::AtomCas32, Op::AtomCas64);
                self.emit_ext(op, dst, args[0], args[1], &[slots]);
                return dst;
            }
            Atomic::Store => unreachable!("done above"),
        }
        if signed && !wide {
            self.emit(Op::ExtS32, dst, dst, ());
        }
        dst
    }

    fn has_tuple_argument(&mut self, call: &CallExpr) -> bool {
        let [only] = &call.args[..] else { return false };
        let t = self.ty(only);
        matches!(self.c.program.store.get(t), types::Type::Tuple(_))
    }

    /// An intrinsic with two results.
    pub fn intrinsic_tuple(&mut self, _e: &Expr, call: &CallExpr) -> Option<Vec<(Slot, TypeId)>> {
        let intrinsic = self.intrinsic_name(call).filter(|i| Self::gives_two(*i))?;
        if self.has_tuple_argument(call) {
            return None;
        }
        let args = self.intrinsic_args(call);
        let (first, second) = (self.word(), self.word());
        match intrinsic {
            Intrinsic::Mul => {
                self.emit(Op::MulHiU, first, args[0], args[1]);
                self.emit(Op::Mul, second, args[0], args[1]);
            }
            Intrinsic::Add => {
                // At most one of the two additions carries.
                let (sum, carry) = (self.word(), self.word());
                self.emit(Op::CarryU, second, args[0], args[1]);
                self.emit(Op::Add, sum, args[0], args[1]);
                self.emit(Op::CarryU, carry, sum, args[2]);
                self.emit(Op::Add, first, sum, args[2]);
                self.emit(Op::Or, second, second, carry);
            }
            _ => {
                let (difference, borrow) = (self.word(), self.word());
                self.emit(Op::LtU, second, args[0], args[1]);
                self.emit(Op::Sub, difference, args[0], args[1]);
                self.emit(Op::LtU, borrow, difference, args[2]);
                self.emit(Op::Sub, first, difference, args[2]);
                self.emit(Op::Or, second, second, borrow);
            }
        }
        Some(vec![(first, tid::UINT64), (second, tid::UINT64)])
    }
}
