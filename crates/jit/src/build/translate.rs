//! The meaning of each instruction. Some call *helpers*, functions of the runtime; some are *performed* by the interpreter's function on operands at home; *steps* are safepoints
//! and want all of the frame at home.

use bytecode::func::FuncInfo;
use bytecode::isa::{Instr, Op as B};
use bytecode::operands::Access;
use bytecode::rtype::RType;
use runtime::map::MapIter;

use super::memory::{at, bytes, store_width, width};
use super::splice::operands;
use super::{Builder, channels, memory, natives};
use crate::context::Context;
use crate::helpers;
use crate::ssa::{
    Addr, AtomicOp, Base, BinOp, Callee, Cond, FloatOp, Helper, Op, Operation, Term, Type, UnOp,
    Value, Width,
};

/// More slots than that are copied,
const MOVED_SLOTS: usize = 10;
/// or cleared, at home.
const ZEROED_SLOTS: usize = 16;
/// What nil and small offsets from it are below.
const NIL_PAGE: i64 = 4096;

/// What an instruction does to values in registers.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Effect {
    None,
    /// Its operands are wanted at home.
    Operands,
    /// Nothing is in registers after it.
    Clobbers,
}

/// What the builder's translation of the instruction at a word offset does to values in registers.
pub fn effect(info: &FuncInfo, pc: usize) -> Effect {
    use B::*;
    let Some(instr) = Instr::unpack(info.function.code[pc]) else {
        return Effect::Clobbers;
    };
    match instr.op {
        CallNative if natives::computes(info, pc) => Effect::Operands,
        // SAFETY: linked code, which is immortal, has the channel's type here.
        Send | Recv | RecvOk
            if unsafe { channels::in_frame(&*(*info.code.add(pc + 1) as *const RType)) } =>
        {
            Effect::Operands
        }
        Call | CallClosure | CallIface | CallNative | CallReflect | MakeChan | Go | Panic
        | Recover | Trap | PanicStep | GoexitStep | GoEnd | Close | Select => Effect::Clobbers,
        // SAFETY: linked code, which is immortal, has the type here.
        EqMem | EqBlock
            if unsafe { memory::compared(&*(*info.code.add(pc + 1) as *const RType)) }
                .is_some() =>
        {
            Effect::None
        }
        DivC128 | EqMem | EqBlock | ConcatN | StrToRunes | RunesToStr | MapClear | CopySlice
        | ClearSlice => Effect::Operands,
        MovN if usize::from(instr.c) > MOVED_SLOTS => Effect::Operands,
        ZeroN if usize::from(instr.b) > ZEROED_SLOTS => Effect::Operands,
        _ => Effect::None,
    }
}

impl Builder<'_> {
    /// Translates the current instruction of bytecode block `block`; true when it has ended the SSA block.
    pub(super) fn instruction(&mut self, block: usize) -> bool {
        use B::*;
        let info = self.info;
        let f = &*info.function;
        let pc = self.pc;
        if self.done == Some(pc) {
            return false;
        }
        let instr = Instr::unpack(f.code[pc]).expect("verified code");
        let Instr { op, a, b, c } = instr;
        let (a, b, c) = (a as usize, b as usize, c as usize);
        let imm_b = i64::from(instr.b as i16);
        let imm_c = i64::from(instr.c as i16);
        // SAFETY: linked code has the same words; it is immortal.
        let linked = |i: usize| unsafe { *info.code.add(pc + i) };
        // SAFETY: linking put a descriptor there.
        let linked_type = |i: usize| unsafe { &*(linked(i) as *const RType) };
        macro_rules! bin {
            ($op:expr) => {{
                let (x, y) = (self.word(b), self.word(c));
                self.word_result(a, Op::Bin($op), &[x, y])
            }};
            ($op:expr, $imm:expr) => {{
                let x = self.word(b);
                let y = self.constant($imm);
                self.word_result(a, Op::Bin($op), &[x, y])
            }};
        }
        macro_rules! un {
            ($op:expr) => {{
                let x = self.word(b);
                self.word_result(a, Op::Un($op), &[x])
            }};
        }
        // With the result extended.
        macro_rules! narrow {
            ($op:expr, $ext:expr) => {{
                let (x, y) = (self.word(b), self.word(c));
                let v = self.push(Op::Bin($op), &[x, y], Some(Type::Word), None);
                self.word_result(a, Op::Un($ext), &[v])
            }};
            ($op:expr, $ext:expr, $imm:expr) => {{
                let x = self.word(b);
                let y = self.constant($imm);
                let v = self.push(Op::Bin($op), &[x, y], Some(Type::Word), None);
                self.word_result(a, Op::Un($ext), &[v])
            }};
        }
        macro_rules! select {
            ($cond:expr) => {{
                let (x, y) = (self.word(b), self.word(c));
                self.word_result(a, Op::Select($cond), &[x, y, x, y])
            }};
        }
        // A helper over the words of b and c.
        macro_rules! word_helper {
            ($helper:ident, $($slot:expr),+) => {{
                let args = [$(self.word($slot)),+];
                let v = self.helper(helpers::$helper(), &args);
                self.set(a, v)
            }};
        }
        // A helper over the pointer in b and words.
        macro_rules! atomic {
            ($op:ident, $wide:expr $(, $slot:expr)*) => {{
                let args = [self.pointer(b), $(self.word($slot)),*];
                self.word_result(a, Op::Atomic(AtomicOp::$op, $wide), &args)
            }};
        }
        macro_rules! divide {
            ($op:expr) => {{
                let (x, y) = (self.word(b), self.word(c));
                let zero = self.constant(0);
                self.guard(Cond::Ne, y, zero);
                self.word_result(a, Op::Bin($op), &[x, y])
            }};
        }
        macro_rules! float {
            ($op:expr, $t:expr) => {{
                let (x, y) = (self.get_as(b, $t), self.get_as(c, $t));
                self.result(a, Op::Float($op), &[x, y], $t)
            }};
        }
        macro_rules! float_un {
            ($op:expr, $from:expr, $to:expr) => {{
                let x = self.get_as(b, $from);
                self.result(a, Op::Un($op), &[x], $to)
            }};
        }
        macro_rules! compare {
            ($cond:expr, $t:expr) => {{
                let (x, y) = (self.get_as(b, $t), self.get_as(c, $t));
                self.word_result(a, Op::Compare($cond), &[x, y])
            }};
        }
        macro_rules! compare_imm {
            ($cond:expr, $imm:expr) => {{
                let x = self.word(b);
                let y = self.constant($imm);
                self.word_result(a, Op::Compare($cond), &[x, y])
            }};
        }
        macro_rules! branch {
            ($cond:expr, $t:expr) => {{
                let (x, y) = (self.get_as(a, $t), self.get_as(b, $t));
                return self.branch(block, $cond, x, y, false);
            }};
        }
        macro_rules! branch_imm {
            ($cond:expr, $imm:expr) => {{
                let x = self.word(a);
                let y = self.constant($imm);
                return self.branch(block, $cond, x, y, false);
            }};
        }
        macro_rules! loop_imm {
            ($cond:expr, $imm:expr) => {{
                let x = self.word(a);
                let y = self.constant($imm);
                return self.branch(block, $cond, x, y, true);
            }};
        }
        macro_rules! loops {
            ($cond:expr) => {{
                let (x, y) = (self.word(a), self.word(b));
                return self.branch(block, $cond, x, y, true);
            }};
        }
        match op {
            Nop => {}
            Mov => {
                let v = self.get(b);
                self.set(a, v);
            }
            PtrToWord | WordToPtr => {
                let v = self.word(b);
                self.set(a, v);
            }
            MovN if c > MOVED_SLOTS => {
                self.operands_home();
                let to = self.frame_address(a, c);
                let from = self.frame_address(b, c);
                // The bytecode's moves may overlap.
                let distance = self.word_of(a) - self.word_of(b);
                if (1..c as i32).contains(&distance) {
                    let bytes = self.constant(8 * c as i64);
                    self.helper(helpers::move_memory(), &[to, from, bytes]);
                } else {
                    self.move_bytes(to, from, 8 * c);
                }
                self.forget(a, c);
            }
            Mov2 | Mov3 | MovN => {
                let n = match op {
                    Mov2 => 2,
                    Mov3 => 3,
                    _ => c,
                };
                let values: Vec<Value> = (0..n).map(|i| self.get(b + i)).collect();
                values
                    .into_iter()
                    .enumerate()
                    .for_each(|(i, v)| self.set(a + i, v));
            }
            LdI => self.load_constant(a, i64::from(instr.imm32())),
            LdK | LdFnW | LdType | LdItab | LeaG => self.load_constant(a, linked(1) as i64),
            LdNil => self.load_constant(a, 0),
            ZeroN if b > ZEROED_SLOTS => {
                let to = self.frame_address(a, b);
                self.clear_bytes(to, 8 * b);
                self.forget(a, b);
            }
            ZeroN => (0..b).for_each(|i| self.load_constant(a + i, 0)),
            LdStr => {
                self.load_constant(a, linked(1) as i64);
                self.load_constant(a + 1, linked(2) as i64);
            }
            LdFn => {
                let offset = std::mem::offset_of!(bytecode::func::Func, closure);
                self.load_constant(a, linked(1) as i64 + offset as i64);
            }

            Add | AddPW => bin!(BinOp::Add),
            Sub => bin!(BinOp::Sub),
            Mul => bin!(BinOp::Mul),
            And => bin!(BinOp::And),
            Or => bin!(BinOp::Or),
            Xor => bin!(BinOp::Xor),
            AndNot => bin!(BinOp::AndNot),
            Shl => bin!(BinOp::Shl),
            ShrU => bin!(BinOp::ShrU),
            ShrS => bin!(BinOp::ShrS),
            ChkShift => {
                let x = self.word(a);
                let zero = self.constant(0);
                self.guard(Cond::GeS, x, zero);
            }
            DivS => divide!(BinOp::DivS),
            DivU => divide!(BinOp::DivU),
            RemS => divide!(BinOp::RemS),
            RemU => divide!(BinOp::RemU),
            AddI => bin!(BinOp::Add, imm_c),
            RsubI => {
                let y = self.word(b);
                let x = self.constant(imm_c);
                self.word_result(a, Op::Bin(BinOp::Sub), &[x, y]);
            }
            MulI => bin!(BinOp::Mul, imm_c),
            AndI => bin!(BinOp::And, imm_c),
            OrI => bin!(BinOp::Or, imm_c),
            XorI => bin!(BinOp::Xor, imm_c),
            ShlI => bin!(BinOp::Shl, imm_c & 63),
            ShrUI => bin!(BinOp::ShrU, imm_c & 63),
            ShrSI => bin!(BinOp::ShrS, imm_c & 63),
            DivSI => bin!(BinOp::DivS, imm_c),
            DivUI => bin!(BinOp::DivU, c as i64),
            RemSI => bin!(BinOp::RemS, imm_c),
            RemUI => bin!(BinOp::RemU, c as i64),
            Neg => un!(UnOp::Neg),
            Not => un!(UnOp::Not),
            MinS => select!(Cond::LtS),
            MaxS => select!(Cond::GtS),
            MinU => select!(Cond::LtU),
            MaxU => select!(Cond::GtU),
            MulHiU => bin!(BinOp::MulHiU),
            CarryU => {
                let (x, y) = (self.word(b), self.word(c));
                let sum = self.push(Op::Bin(BinOp::Add), &[x, y], Some(Type::Word), None);
                self.word_result(a, Op::Compare(Cond::LtU), &[sum, x]);
            }
            AddS32 => narrow!(BinOp::Add, UnOp::ExtS32),
            SubS32 => narrow!(BinOp::Sub, UnOp::ExtS32),
            MulS32 => narrow!(BinOp::Mul, UnOp::ExtS32),
            AddIS32 => narrow!(BinOp::Add, UnOp::ExtS32, imm_c),
            AddU32 => narrow!(BinOp::Add, UnOp::ExtU32),
            SubU32 => narrow!(BinOp::Sub, UnOp::ExtU32),
            MulU32 => narrow!(BinOp::Mul, UnOp::ExtU32),
            AddIU32 => narrow!(BinOp::Add, UnOp::ExtU32, imm_c),
            // Counts of 32 to 63 shift everything past bit 31, larger ones everything.
            ShlU32 => narrow!(BinOp::Shl, UnOp::ExtU32),
            ShlIU32 => narrow!(BinOp::Shl, UnOp::ExtU32, imm_c & 63),
            AddU8 => narrow!(BinOp::Add, UnOp::ExtU8),
            SubU8 => narrow!(BinOp::Sub, UnOp::ExtU8),
            AddIU8 => narrow!(BinOp::Add, UnOp::ExtU8, imm_c),
            ExtS8 => un!(UnOp::ExtS8),
            ExtS16 => un!(UnOp::ExtS16),
            ExtS32 => un!(UnOp::ExtS32),
            ExtU8 => un!(UnOp::ExtU8),
            ExtU16 => un!(UnOp::ExtU16),
            ExtU32 => un!(UnOp::ExtU32),
            Clz => un!(UnOp::Clz),
            Ctz => un!(UnOp::Ctz),
            Popcnt => un!(UnOp::Popcnt),
            Bswap => un!(UnOp::Bswap),
            Rotl64 | Rotl32 => {
                let (x, y) = (self.word(b), self.word(c));
                let op = if op == Rotl64 { Op::Rotl64 } else { Op::Rotl32 };
                self.word_result(a, op, &[x, y]);
            }

            AddF64 => float!(FloatOp::Add, Type::F64),
            SubF64 => float!(FloatOp::Sub, Type::F64),
            MulF64 => float!(FloatOp::Mul, Type::F64),
            DivF64 => float!(FloatOp::Div, Type::F64),
            AddF32 => float!(FloatOp::Add, Type::F32),
            SubF32 => float!(FloatOp::Sub, Type::F32),
            MulF32 => float!(FloatOp::Mul, Type::F32),
            DivF32 => float!(FloatOp::Div, Type::F32),
            MinF64 => float!(FloatOp::Min, Type::F64),
            MinF32 => float!(FloatOp::Min, Type::F32),
            MaxF64 | MaxF32 => {
                let t = if op == MaxF64 { Type::F64 } else { Type::F32 };
                let negated = [b, c].map(|slot| {
                    let x = self.get_as(slot, t);
                    self.push(Op::Un(UnOp::FNeg), &[x], Some(t), None)
                });
                let least = self.push(Op::Float(FloatOp::Min), &negated, Some(t), None);
                self.result(a, Op::Un(UnOp::FNeg), &[least], t);
            }
            NegF32 => float_un!(UnOp::FNeg, Type::F32, Type::F32),
            Copysign => {
                let (x, y) = (self.word(b), self.word(c));
                let sign = self.constant(i64::MIN);
                let x = self.push(Op::Bin(BinOp::AndNot), &[x, sign], Some(Type::Word), None);
                let y = self.push(Op::Bin(BinOp::And), &[y, sign], Some(Type::Word), None);
                self.word_result(a, Op::Bin(BinOp::Or), &[x, y]);
            }
            AtomLd32 => atomic!(Load, false),
            AtomLd64 => atomic!(Load, true),
            AtomLdP => {
                let at = self.pointer(b);
                self.result(a, Op::Atomic(AtomicOp::Load, true), &[at], Type::Ptr);
            }
            AtomSwap32 => atomic!(Swap, false, c),
            AtomSwap64 => atomic!(Swap, true, c),
            AtomAdd32 => atomic!(Add, false, c),
            AtomAdd64 => atomic!(Add, true, c),
            AtomCas32 => {
                let new = linked(1) as u16 as usize;
                atomic!(CompareAndSwap, false, c, new);
            }
            AtomCas64 => {
                let new = linked(1) as u16 as usize;
                atomic!(CompareAndSwap, true, c, new);
            }
            Fma => {
                let z = linked(1) as u16 as usize;
                word_helper!(fma, b, c, z);
            }
            U64ToF64 => word_helper!(u64_to_f64, b),
            U64ToF32 => word_helper!(u64_to_f32, b),
            F64ToU64 => word_helper!(f64_to_u64, b),
            F32ToU64 => word_helper!(f32_to_u64, b),
            F64ToS32 => float_un!(UnOp::Convert32, Type::F64, Type::Word),
            F32ToS32 => float_un!(UnOp::Convert32, Type::F32, Type::Word),
            EqMem | EqBlock if memory::compared(linked_type(1)).is_some() => {
                self.plain_equal(instr, linked_type(1));
            }
            DivC128 | EqMem | EqBlock => self.perform(instr),
            NegF64 => float_un!(UnOp::FNeg, Type::F64, Type::F64),
            Sqrt => float_un!(UnOp::Sqrt, Type::F64, Type::F64),
            Abs => float_un!(UnOp::Abs, Type::F64, Type::F64),
            Floor => float_un!(UnOp::Floor, Type::F64, Type::F64),
            Ceil => float_un!(UnOp::Ceil, Type::F64, Type::F64),
            Trunc => float_un!(UnOp::Trunc, Type::F64, Type::F64),
            S64ToF64 => float_un!(UnOp::Convert, Type::Word, Type::F64),
            S64ToF32 => float_un!(UnOp::Convert, Type::Word, Type::F32),
            F64ToS64 => float_un!(UnOp::Convert, Type::F64, Type::Word),
            F32ToS64 => float_un!(UnOp::Convert, Type::F32, Type::Word),
            F64ToF32 => float_un!(UnOp::Convert, Type::F64, Type::F32),
            F32ToF64 => float_un!(UnOp::Convert, Type::F32, Type::F64),

            Eq | EqP => compare!(Cond::Eq, Type::Word),
            Ne | NeP => compare!(Cond::Ne, Type::Word),
            LtS => compare!(Cond::LtS, Type::Word),
            LeS => compare!(Cond::LeS, Type::Word),
            LtU => compare!(Cond::LtU, Type::Word),
            LeU => compare!(Cond::LeU, Type::Word),
            EqI => compare_imm!(Cond::Eq, imm_c),
            NeI => compare_imm!(Cond::Ne, imm_c),
            LtSI => compare_imm!(Cond::LtS, imm_c),
            LeSI => compare_imm!(Cond::LeS, imm_c),
            GtSI => compare_imm!(Cond::GtS, imm_c),
            GeSI => compare_imm!(Cond::GeS, imm_c),
            EqF64 => compare!(Cond::FEq, Type::F64),
            NeF64 => compare!(Cond::FNe, Type::F64),
            LtF64 => compare!(Cond::FLt, Type::F64),
            LeF64 => compare!(Cond::FLe, Type::F64),
            EqF32 => compare!(Cond::FEq, Type::F32),
            NeF32 => compare!(Cond::FNe, Type::F32),
            LtF32 => compare!(Cond::FLt, Type::F32),
            LeF32 => compare!(Cond::FLe, Type::F32),
            IsNil => compare_imm!(Cond::Eq, 0),
            NotNil => compare_imm!(Cond::Ne, 0),
            BoolNot => bin!(BinOp::Xor, 1),

            EqStr | NeStr => {
                let equal = self.strings_equal(b, c);
                let zero = self.constant(i64::from(op == NeStr));
                self.word_result(a, Op::Bin(BinOp::Xor), &[equal, zero]);
            }
            LtStr | LeStr | CmpStr => {
                let order = self.compare_strings(b, c);
                let zero = self.constant(0);
                match op {
                    LtStr => self.word_result(a, Op::Compare(Cond::LtS), &[order, zero]),
                    LeStr => self.word_result(a, Op::Compare(Cond::LeS), &[order, zero]),
                    _ => self.set(a, order),
                }
            }
            EqEface | EqIface => self.interfaces_equal(instr),
            JEqStr | JNeStr => return self.branch_on_strings(block, instr, op == JEqStr),

            Jmp => {
                let to = self.slots.blocks[block].succs[0];
                self.goto(to, None);
                return true;
            }
            JmpL => {
                let to = self.slots.blocks[block].succs[0];
                self.goto(to, Some(self.slots.blocks[to].start as u32));
                return true;
            }
            JEq | JEqP => branch!(Cond::Eq, Type::Word),
            JNe | JNeP => branch!(Cond::Ne, Type::Word),
            JLtS => branch!(Cond::LtS, Type::Word),
            JLeS => branch!(Cond::LeS, Type::Word),
            JLtU => branch!(Cond::LtU, Type::Word),
            JLeU => branch!(Cond::LeU, Type::Word),
            JEqI => branch_imm!(Cond::Eq, imm_b),
            JNeI => branch_imm!(Cond::Ne, imm_b),
            JLtSI => branch_imm!(Cond::LtS, imm_b),
            JLeSI => branch_imm!(Cond::LeS, imm_b),
            JGtSI => branch_imm!(Cond::GtS, imm_b),
            JGeSI => branch_imm!(Cond::GeS, imm_b),
            JEqF64 => branch!(Cond::FEq, Type::F64),
            JNeF64 => branch!(Cond::FNe, Type::F64),
            JLtF64 => branch!(Cond::FLt, Type::F64),
            JLeF64 => branch!(Cond::FLe, Type::F64),
            JNltF64 => branch!(Cond::FNlt, Type::F64),
            JNleF64 => branch!(Cond::FNle, Type::F64),
            JTrue | JNotNil => branch_imm!(Cond::Ne, 0),
            JFalse | JNil => branch_imm!(Cond::Eq, 0),
            JEqL => loops!(Cond::Eq),
            JNeL => loops!(Cond::Ne),
            JLtSL => loops!(Cond::LtS),
            JLeSL => loops!(Cond::LeS),
            JLtUL => loops!(Cond::LtU),
            JNeIL => loop_imm!(Cond::Ne, imm_b),
            JLtSIL => loop_imm!(Cond::LtS, imm_b),
            JLeSIL => loop_imm!(Cond::LeS, imm_b),
            JGtSIL => loop_imm!(Cond::GtS, imm_b),
            JGeSIL => loop_imm!(Cond::GeS, imm_b),
            JTrueL | JNotNilL => loop_imm!(Cond::Ne, 0),
            JFalseL => loop_imm!(Cond::Eq, 0),
            IncJLtL | IncJLtIL => {
                let x = self.word(a);
                let one = self.constant(1);
                let x = self.push(Op::Bin(BinOp::Add), &[x, one], Some(Type::Word), None);
                self.set(a, x);
                let y = if op == IncJLtL {
                    self.word(b)
                } else {
                    self.constant(imm_b)
                };
                return self.branch(block, Cond::LtS, x, y, true);
            }
            JmpTable => {
                let index = self.word(a);
                let succs = self.slots.blocks[block].succs.clone();
                let edges = succs.into_iter().map(|to| self.edge(to, None)).collect();
                self.ssa.blocks[self.block].term = Term::Table { index, edges };
                return true;
            }

            LdS8 | LdU8 | LdS16 | LdU16 | LdS32 | LdU32 | LdW | LdP => {
                let p = self.pointer(b);
                let mut addr = at(0, c as i32);
                if self.is_closure(b) {
                    addr.base = Base::Closure;
                }
                self.load(a, addr, &[p], width(op, LdS8));
            }
            LdStrM | LdIfaceM | LdSliceM => {
                let p = self.pointer(b);
                let n = if op == LdSliceM { 3 } else { 2 };
                self.load_words(a, at(0, c as i32), &[p], n);
            }
            LdN => {
                let p = self.pointer(b);
                self.load_value(a, linked_type(1), p, at(0, c as i32));
            }
            StN => {
                let p = self.pointer(a);
                self.store_value(b, linked_type(1), p, at(0, c as i32));
            }
            CopyMem => {
                let (to, from) = (self.pointer(a), self.pointer(b));
                self.copy_value(linked_type(1), to, from);
            }
            ZeroMem => {
                let to = self.pointer(a);
                self.zero_value(linked_type(1), to);
            }
            LdGN => {
                let from = self.constant(linked(1) as i64);
                self.load_value(a, linked_type(2), from, at(0, 0));
            }
            StGN => {
                let to = self.constant(linked(1) as i64);
                self.store_value(a, linked_type(2), to, at(0, 0));
            }
            St8 | St16 | St32 | StW | StP => {
                let (p, v) = (self.pointer(a), self.get(b));
                self.store(at(0, c as i32), &[p, v], store_width(op, St8));
            }
            StStrM | StIfaceM | StSliceM => {
                let p = self.pointer(a);
                for i in 0..if op == StSliceM { 3 } else { 2 } {
                    let v = self.get(b + i);
                    let pointer = i == usize::from(op == StIfaceM);
                    let width = if pointer { Width::P } else { Width::W };
                    self.store(at(0, (c + 8 * i) as i32), &[p, v], width);
                }
            }
            NilCheck => {
                self.pointer(a);
            }
            AddP | AddPK => {
                let p = self.pointer(b);
                let k = self.constant(if op == AddP {
                    c as i64
                } else {
                    linked(1) as i64
                });
                self.result(a, Op::Bin(BinOp::Add), &[p, k], Type::Ptr);
            }

            LdGS8 | LdGU8 | LdGS16 | LdGU16 | LdGS32 | LdGU32 | LdGW | LdGP => {
                let addr = Addr {
                    base: Base::Absolute(linked(1)),
                    scale: 0,
                    disp: 0,
                };
                self.load(a, addr, &[], width(op, LdGS8));
            }
            StG8 | StG16 | StG32 | StGW | StGP => {
                let addr = Addr {
                    base: Base::Absolute(linked(1)),
                    scale: 0,
                    disp: 0,
                };
                let v = self.get(a);
                self.store(addr, &[v], store_width(op, StG8));
            }

            LdLS8 | LdLU8 | LdLS16 | LdLU16 | LdLS32 | LdLU32 => {
                let addr = Addr {
                    base: Base::Frame,
                    scale: 0,
                    disp: 8 * self.word_of(b) + c as i32,
                };
                self.load(a, addr, &[], width(op, LdLS8));
            }
            StL8 | StL16 | StL32 => {
                let addr = Addr {
                    base: Base::Frame,
                    scale: 0,
                    disp: 8 * self.word_of(a) + c as i32,
                };
                let v = self.get(b);
                self.store(addr, &[v], store_width(op, StL8));
            }
            LeaL => {
                let disp = 8 * self.word_of(b) + c as i32;
                self.result(a, Op::FrameAddr(disp), &[], Type::Ptr);
            }
            LdLXS8 | LdLXU8 | LdLXS16 | LdLXU16 | LdLXS32 | LdLXU32 | LdLXW | LdLXP => {
                let w = width(op, LdLXS8);
                let index = self.checked_index(c, Err(linked(1)));
                let addr = Addr {
                    base: Base::Frame,
                    scale: bytes(w),
                    disp: 8 * self.word_of(b),
                };
                self.load(a, addr, &[index], w);
            }
            StLX8 | StLX16 | StLX32 | StLXW | StLXP => {
                let w = store_width(op, StLX8);
                let index = self.checked_index(b, Err(linked(1)));
                let v = self.get(c);
                let addr = Addr {
                    base: Base::Frame,
                    scale: bytes(w),
                    disp: 8 * self.word_of(a),
                };
                self.store(addr, &[index, v], w);
            }

            LdXS8 | LdXU8 | LdXS16 | LdXU16 | LdXS32 | LdXU32 | LdXW | LdXP => {
                let w = width(op, LdXS8);
                let index = self.checked_index(c, Ok(b + 1));
                let base = self.word(b);
                self.load(a, at(bytes(w), 0), &[base, index], w);
            }
            LdXStr | LdXIface | LdXSlice => {
                let n = if op == LdXSlice { 3 } else { 2 };
                let index = self.checked_index(c, Ok(b + 1));
                let element = self.element(b, index, 8 * n as i64);
                self.load_words(a, at(0, 0), &[element], n);
            }
            StX8 | StX16 | StX32 | StXW | StXP => {
                let w = store_width(op, StX8);
                let index = self.checked_index(b, Ok(a + 1));
                let (base, v) = (self.word(a), self.get(c));
                self.store(at(bytes(w), 0), &[base, index, v], w);
            }
            StXStr => {
                let index = self.checked_index(b, Ok(a + 1));
                let element = self.element(a, index, 16);
                for i in 0..2 {
                    let v = self.get(c + i);
                    let width = if i == 0 { Width::P } else { Width::W };
                    self.store(at(0, 8 * i as i32), &[element, v], width);
                }
            }
            LdXN => {
                let index = self.checked_index(c, Ok(b + 1));
                let element = self.element(b, index, linked_type(1).size as i64);
                self.load_value(a, linked_type(1), element, at(0, 0));
            }
            StXN => {
                let index = self.checked_index(b, Ok(a + 1));
                let element = self.element(a, index, linked_type(1).size as i64);
                self.store_value(c, linked_type(1), element, at(0, 0));
            }
            LeaX => {
                let index = self.checked_index(c, Ok(b + 1));
                let v = self.element(b, index, linked(1) as i64);
                self.set(a, v);
            }
            LdAXS8 | LdAXU8 | LdAXS16 | LdAXU16 | LdAXS32 | LdAXU32 | LdAXW | LdAXP => {
                let w = width(op, LdAXS8);
                let base = self.pointer(b);
                let index = self.checked_index(c, Err(linked(1)));
                self.load(a, at(bytes(w), 0), &[base, index], w);
            }
            StAX8 | StAX16 | StAX32 | StAXW | StAXP => {
                let w = store_width(op, StAX8);
                let base = self.pointer(a);
                let index = self.checked_index(b, Err(linked(1)));
                let v = self.get(c);
                self.store(at(bytes(w), 0), &[base, index, v], w);
            }
            LeaAX => {
                self.pointer(b);
                let index = self.checked_index(c, Err(linked(1)));
                let v = self.element(b, index, linked(2) as i64);
                self.set(a, v);
            }
            Bound => {
                self.checked_index(a, Ok(b));
            }

            Slice => self.slice_slice(instr, linked(1), linked(2)),
            SliceStr => self.slice_string(instr, linked(1)),
            SliceArr => self.slice_array(instr, linked(1), linked(2), linked(3)),
            SliceToArr => {
                let len = self.word(b + 1);
                let want = self.constant(linked(1) as i64);
                self.guard(Cond::GeU, len, want);
                let base = self.word(b);
                self.set(a, base);
            }

            New | NewClosure | MakeSlice | MakeMap => self.allocate(instr),
            MakeChan => self.step(instr),
            Append8 | Append32 | AppendW | AppendP | AppendN => {
                self.append_one(block, instr, linked_type(1));
            }
            AppendSlice => self.append_slice(block, instr, linked_type(1)),
            AppendGrow => self.append_zeroed(block, instr, linked_type(1)),
            CopySlice | ClearSlice => self.perform(instr),

            Concat2 | ConcatN | StrToBytes | BytesToStr | RuneToStr => self.new_string(instr),
            StrToRunes | RunesToStr => {
                self.poll();
                self.perform(instr);
            }
            StrNext => self.next_rune(instr, linked(1) as u16 as usize),

            MapGet | MapGetOk | MapGetWW | MapGetSW => self.map_get(instr, linked_type(1)),
            MapRef => self.map_reference(instr, linked_type(1)),
            MapDelete => self.map_delete(instr, linked_type(1)),
            MapClear => self.perform(instr),
            MapLen => word_helper!(map_len, b),
            IterInit => {
                self.poll();
                word_helper!(map_iterator, b);
            }
            IterNext => {
                let iter = self.word(a);
                let more = self.map_next(iter);
                let zero = self.constant(0);
                return self.branch(block, Cond::Eq, more, zero, false);
            }
            IterKey | IterElem => {
                let iter = self.word(b);
                let offset = if op == IterKey {
                    std::mem::offset_of!(MapIter, key)
                } else {
                    std::mem::offset_of!(MapIter, elem)
                };
                let load = Op::Load(at(0, offset as i32), Width::W);
                let from = self.push(load, &[iter], Some(Type::Ptr), None);
                self.load_value(a, linked_type(1), from, at(0, 0));
            }

            MkEface => self.make_interface(instr, linked_type(1), linked(1)),
            MkIface => self.make_interface(instr, linked_type(1), linked(2)),
            ItabType => {
                let word = self.word(b);
                let typ = self.type_of_itab(word);
                self.set(a, typ);
            }
            Unbox => {
                let data = self.word(b + 1);
                self.unbox(a, linked_type(1), data);
            }
            Assert => self.assert(instr, linked_type(1), linked_type(2)),
            AssertOk => self.assert_ok(instr, linked_type(1), linked_type(2)),
            AssertI | AssertIOk | ConvI => {
                self.convert_interface(instr, linked_type(1), linked_type(2));
            }

            ChanLen => word_helper!(chan_len, b),
            ChanCap => word_helper!(chan_cap, b),

            Call => self.call(Callee::Direct(linked(1)), &[], instr),
            CallClosure | CallIface if self.is_unseen() => {
                self.leave_at_call();
                return true;
            }
            CallClosure => {
                self.flush();
                let closure = self.pointer(a);
                self.call(Callee::Closure, &[closure], instr);
            }
            CallIface => {
                self.flush();
                let func = self.method(a, linked(1));
                self.call(Callee::Handle, &[func], instr);
            }
            IfNotClosure => {
                let closure = self.word(a);
                return self.unless_nil(block, closure, |b| {
                    let func = b.function_of(closure);
                    (func, linked(1))
                });
            }
            IfNotMethod => {
                let itab = self.word(a);
                return self.unless_nil(block, itab, |b| {
                    let func = b.method_of(itab, linked(1));
                    (func, linked(2))
                });
            }
            ExpectClosure => {
                let closure = self.pointer(a);
                let func = self.function_of(closure);
                self.expect(func, linked(1));
            }
            ExpectMethod => {
                let func = self.method(a, linked(1));
                self.expect(func, linked(2));
            }
            Ret => {
                self.flush();
                let results = self.slots.results.clone();
                let value = (!results.is_empty()).then(|| self.word(results.start));
                self.ssa.blocks[self.block].term = Term::Return(value);
                return true;
            }
            CallNative if self.native(instr) => {}
            Defer => {
                self.poll();
                self.defer(a);
            }
            NextDefer => return self.next_defer(block, a),
            Send => self.send(instr, linked_type(1)),
            Recv | RecvOk => self.receive(instr, linked_type(1)),
            CallNative | CallReflect | Go | Select => {
                self.poll();
                self.step(instr);
            }
            Recover | Close | GoexitStep | PanicStep => self.step(instr),
            Enter => unreachable!("of linked code only"),
            Panic | Trap | GoEnd => {
                self.flush();
                self.leave();
                return true;
            }
        }
        false
    }

    pub(super) fn word(&mut self, slot: usize) -> Value {
        self.get_as(slot, Type::Word)
    }

    pub(super) fn result(&mut self, slot: usize, op: Op, args: &[Value], typ: Type) {
        let v = self.push(op, args, Some(typ), None);
        self.set(slot, v);
    }

    pub(super) fn word_result(&mut self, slot: usize, op: Op, args: &[Value]) {
        self.result(slot, op, args, Type::Word);
    }

    fn load_constant(&mut self, slot: usize, k: i64) {
        let v = self.constant(k);
        self.set(slot, v);
    }

    pub(super) fn guard(&mut self, cond: Cond, x: Value, y: Value) {
        let exit = self.exit();
        self.push(Op::Guard(cond), &[x, y], None, Some(exit));
    }

    /// The pointer in the slot, which is not nil.
    pub(super) fn pointer(&mut self, slot: usize) -> Value {
        let p = self.word(slot);
        let page = self.constant(NIL_PAGE);
        self.guard(Cond::GeU, p, page);
        p
    }

    /// The index in the slot, which is below the length: in a slot, or a number.
    pub(super) fn checked_index(&mut self, slot: usize, len: Result<usize, u64>) -> Value {
        let index = self.word(slot);
        let len = match len {
            Ok(slot) => self.word(slot),
            Err(len) => self.constant(len as i64),
        };
        self.guard(Cond::LtU, index, len);
        index
    }

    pub(super) fn branch(
        &mut self,
        block: usize,
        cond: Cond,
        x: Value,
        y: Value,
        back: bool,
    ) -> bool {
        let [taken, next] = self.slots.blocks[block].succs[..] else {
            unreachable!("a conditional jump has two successors");
        };
        let poll = back.then_some(self.slots.blocks[taken].start as u32);
        let edges = [self.edge(taken, poll), self.edge(next, None)];
        self.ssa.blocks[self.block].term = Term::Branch {
            cond,
            args: [x, y],
            edges,
        };
        true
    }

    /// Brings home what the current instruction reads.
    pub(super) fn operands_home(&mut self) {
        let mut slots = Vec::new();
        operands(self.info, self.spliced, self.pc, &mut |o| {
            if o.access != Access::Def && self.slots.number(o.slot as usize).is_some() {
                slots.push(o.slot as usize);
            }
        });
        slots.into_iter().for_each(|slot| self.bring_home(slot));
    }

    fn bring_home(&mut self, slot: usize) {
        if let Some(held) = self.held(slot)
            && held.dirty
        {
            self.store_home(slot, held.value);
            self.keep(slot, held.value);
        }
    }

    /// Slots that have been written at home.
    pub(super) fn forget(&mut self, first: usize, count: usize) {
        let numbers = self.slots.numbers(first..first + count);
        self.held[numbers].fill(None);
    }

    pub(super) fn helper(&mut self, helper: Helper, args: &[Value]) -> Value {
        let args: Vec<Value> = args.iter().map(|v| self.cast(*v, Type::Word)).collect();
        self.push(Op::Helper(helper), &args, Some(Type::Word), None)
    }

    /// What the last helper has left beside its result.
    pub(super) fn second_result(&mut self) -> Value {
        let second = Addr {
            base: Base::Context,
            scale: 0,
            disp: std::mem::offset_of!(Context, second) as i32,
        };
        let load = Op::Load(second, Width::W);
        self.push(load, &[], Some(Type::Word), None)
    }

    /// The address of so many slots, for a helper that accesses them.
    pub(super) fn frame_address(&mut self, slot: usize, count: usize) -> Value {
        self.expose(slot, count);
        self.push(
            Op::FrameAddr(8 * self.word_of(slot)),
            &[],
            Some(Type::Ptr),
            None,
        )
    }

    /// The safepoint before an allocation: whoever wants something of the goroutine meets it in the interpreter.
    pub(super) fn poll(&mut self) {
        let exit = self.exit();
        self.push(Op::Poll, &[], None, Some(exit));
    }

    /// The interpreter's function does it, on operands at home.
    pub(super) fn perform(&mut self, instr: Instr) {
        self.operands_home();
        // Should it panic, the frames around are walked.
        let spliced = self.spliced;
        for slot in spliced.map_or(&[][..], |s| s.around(self.pc)) {
            self.bring_home(*slot);
        }
        let operation = self.operation(instr);
        self.push(Op::Perform(operation), &[], None, None);
        operands(self.info, self.spliced, self.pc, &mut |o| {
            if o.access == Access::Def {
                self.unhold(o.slot as usize);
            }
        });
    }

    fn operation(&self, instr: Instr) -> Operation {
        Operation {
            pc: self.pc as u32,
            next: (self.pc + instr.words()) as u32,
            op: instr.op,
        }
    }

    /// As `perform`, with all of the frame at home.
    fn step(&mut self, instr: Instr) {
        self.flush();
        let operation = self.operation(instr);
        self.push(Op::Step(operation), &[], None, None);
        self.held.fill(None);
    }
}
