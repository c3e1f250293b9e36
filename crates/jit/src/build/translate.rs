//! The meaning of each instruction. What has no translation here is a *step*: the interpreter executes it in the middle of compiled code.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::{GoSlice, Itab};

use super::Builder;
use crate::ssa::{
    Addr, Base, BinOp, Callee, Cond, Edge, Exit, FloatOp, Op, Term, Type, UnOp, Value, Width,
};

/// What nil and small offsets from it are below.
const NIL_PAGE: i64 = 4096;

/// Whether nothing is in registers after the instruction.
pub fn clobbers(instr: Instr) -> bool {
    !is_translated(instr) || matches!(instr.op, B::Call | B::CallClosure | B::CallIface)
}

fn is_translated(instr: Instr) -> bool {
    use B::*;
    let large = match instr.op {
        MovN => instr.c > 8,
        ZeroN => instr.b > 16,
        _ => false,
    };
    let step = matches!(
        instr.op,
        MinS | MaxS
            | MinU
            | MaxU
            | MulHiU
            | CarryU
            | MinF64
            | MaxF64
            | MinF32
            | MaxF32
            | NegF32
            | F64ToS32
            | F32ToS32
            | Copysign
            | Fma
            | U64ToF64
            | U64ToF32
            | F64ToU64
            | F32ToU64
            | DivC128
            | EqStr
            | NeStr
            | LtStr
            | LeStr
            | CmpStr
            | EqEface
            | EqIface
            | EqMem
            | EqBlock
            | JEqStr
            | JNeStr
            | LdN
            | StN
            | CopyMem
            | ZeroMem
            | LdGN
            | StGN
            | LdXN
            | StXN
            | Slice
            | SliceStr
            | SliceArr
            | SliceToArr
    );
    let early = (instr.op as u16) < New as u16;
    (early && !step && !large) || matches!(instr.op, Call | CallClosure | CallIface | Ret)
}

fn at(scale: u8, disp: i32) -> Addr {
    Addr {
        base: Base::Value,
        scale,
        disp,
    }
}

/// Width of the narrow accesses by their order in the instruction table.
fn width(op: B, first: B) -> Width {
    [
        Width::S8,
        Width::U8,
        Width::S16,
        Width::U16,
        Width::S32,
        Width::U32,
        Width::W,
        Width::W,
    ][op as usize - first as usize]
}

fn store_width(op: B, first: B) -> Width {
    [Width::U8, Width::U16, Width::U32, Width::W, Width::P][op as usize - first as usize]
}

fn bytes(width: Width) -> u8 {
    match width {
        Width::S8 | Width::U8 => 1,
        Width::S16 | Width::U16 => 2,
        Width::S32 | Width::U32 => 4,
        Width::W | Width::P => 8,
    }
}

impl Builder<'_> {
    /// Translates the current instruction of bytecode block `block`; true when it has ended the SSA block.
    pub(super) fn instruction(&mut self, block: usize) -> bool {
        use B::*;
        let info = self.info;
        let f = &*info.function;
        let pc = self.pc;
        let instr = Instr::unpack(f.code[pc]).expect("verified code");
        let Instr { op, a, b, c } = instr;
        let (a, b, c) = (a as usize, b as usize, c as usize);
        let imm_b = i64::from(instr.b as i16);
        let imm_c = i64::from(instr.c as i16);
        // SAFETY: linked code has the same words; it is immortal.
        let linked = |i: usize| unsafe { *info.code.add(pc + i) };
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
        if !is_translated(instr) {
            return self.step(block, instr);
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
                self.load(a, at(0, c as i32), &[p], width(op, LdS8));
            }
            LdStrM | LdIfaceM | LdSliceM => {
                let p = self.pointer(b);
                let n = if op == LdSliceM { 3 } else { 2 };
                self.load_words(a, at(0, c as i32), &[p], n);
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
                    disp: (8 * b + c) as i32,
                };
                self.load(a, addr, &[], width(op, LdLS8));
            }
            StL8 | StL16 | StL32 => {
                let addr = Addr {
                    base: Base::Frame,
                    scale: 0,
                    disp: (8 * a + c) as i32,
                };
                let v = self.get(b);
                self.store(addr, &[v], store_width(op, StL8));
            }
            LeaL => self.result(a, Op::FrameAddr((8 * b + c) as i32), &[], Type::Ptr),
            LdLXS8 | LdLXU8 | LdLXS16 | LdLXU16 | LdLXS32 | LdLXU32 | LdLXW | LdLXP => {
                let w = width(op, LdLXS8);
                let index = self.checked_index(c, Err(linked(1)));
                let addr = Addr {
                    base: Base::Frame,
                    scale: bytes(w),
                    disp: 8 * b as i32,
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
                    disp: 8 * a as i32,
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

            Call => self.call(Callee::Direct(linked(1)), &[], instr),
            CallClosure => {
                self.flush();
                let closure = self.pointer(a);
                self.call(Callee::Closure, &[closure], instr);
            }
            CallIface => {
                self.flush();
                let itab = self.pointer(a);
                let funcs = std::mem::offset_of!(Itab, funcs)
                    + std::mem::offset_of!(GoSlice<*const bytecode::func::Func>, ptr);
                let load = |d: i32| Op::Load(at(0, d), Width::W);
                let funcs = self.push(load(funcs as i32), &[itab], Some(Type::Word), None);
                let offset = 8 * linked(1) as i32;
                let func = self.push(load(offset), &[funcs], Some(Type::Word), None);
                self.call(Callee::Handle, &[func], instr);
            }
            Ret => {
                self.ssa.blocks[self.block].term = Term::Return;
                return true;
            }
            _ => unreachable!("{op:?} is no step and has no translation"),
        }
        false
    }

    fn word(&mut self, slot: usize) -> Value {
        self.get_as(slot, Type::Word)
    }

    fn result(&mut self, slot: usize, op: Op, args: &[Value], typ: Type) {
        let v = self.push(op, args, Some(typ), None);
        self.set(slot, v);
    }

    fn word_result(&mut self, slot: usize, op: Op, args: &[Value]) {
        self.result(slot, op, args, Type::Word);
    }

    fn load_constant(&mut self, slot: usize, k: i64) {
        let v = self.constant(k);
        self.set(slot, v);
    }

    /// Memory may be a frame's: what of this frame has an address is never held.
    fn load(&mut self, slot: usize, addr: Addr, args: &[Value], width: Width) {
        let typ = match (self.slots.types[slot], width) {
            (Type::F64, Width::W) => Type::F64,
            (Type::F32, Width::U32) => Type::F32,
            (Type::Ptr, _) => Type::Ptr,
            _ => Type::Word,
        };
        self.result(slot, Op::Load(addr, width), args, typ);
    }

    fn load_words(&mut self, slot: usize, addr: Addr, args: &[Value], n: usize) {
        let values: Vec<Value> = (0..n)
            .map(|i| {
                let addr = Addr {
                    disp: addr.disp + 8 * i as i32,
                    ..addr
                };
                let typ = self.slots.types[slot + i];
                self.push(Op::Load(addr, Width::W), args, Some(typ), None)
            })
            .collect();
        values
            .into_iter()
            .enumerate()
            .for_each(|(i, v)| self.set(slot + i, v));
    }

    /// The value is the last argument.
    fn store(&mut self, addr: Addr, args: &[Value], width: Width) {
        let mut args = args.to_vec();
        let value = args.pop().expect("a store has a value");
        let value = match (self.ssa.typ(value), width) {
            (Type::F64, Width::W) | (Type::F32, Width::U32) => value,
            _ => self.cast(value, Type::Word),
        };
        args.push(value);
        self.push(Op::Store(addr, width), &args, None, None);
    }

    fn guard(&mut self, cond: Cond, x: Value, y: Value) {
        let exit = self.exit();
        self.push(Op::Guard(cond), &[x, y], None, Some(exit));
    }

    /// The pointer in the slot, which is not nil.
    fn pointer(&mut self, slot: usize) -> Value {
        let p = self.word(slot);
        let page = self.constant(NIL_PAGE);
        self.guard(Cond::GeU, p, page);
        p
    }

    /// The index in the slot, which is below the length: in a slot, or a number.
    fn checked_index(&mut self, slot: usize, len: Result<usize, u64>) -> Value {
        let index = self.word(slot);
        let len = match len {
            Ok(slot) => self.word(slot),
            Err(len) => self.constant(len as i64),
        };
        self.guard(Cond::LtU, index, len);
        index
    }

    fn element(&mut self, base: usize, index: Value, size: i64) -> Value {
        let base = self.word(base);
        let size = self.constant(size);
        let offset = self.push(Op::Bin(BinOp::Mul), &[index, size], Some(Type::Word), None);
        self.push(Op::Bin(BinOp::Add), &[base, offset], Some(Type::Ptr), None)
    }

    fn branch(&mut self, block: usize, cond: Cond, x: Value, y: Value, back: bool) -> bool {
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

    fn call(&mut self, callee: Callee, args: &[Value], instr: Instr) {
        self.flush();
        let after = (self.pc + instr.words()) as u32;
        let exit = Exit {
            pc: self.pc as u32,
            live: Vec::new(),
        };
        self.push(Op::Call(callee, after), args, None, Some(exit));
        self.held.fill(None);
    }

    /// Lets the interpreter execute the instruction.
    fn step(&mut self, block: usize, instr: Instr) -> bool {
        self.flush();
        let pc = self.pc as u32;
        if !instr.falls_through() {
            let exit = Exit {
                pc,
                live: Vec::new(),
            };
            self.ssa.blocks[self.block].term = Term::Exit(exit);
            return true;
        }
        self.held.fill(None);
        let next = pc + instr.words() as u32;
        if matches!(instr.op, B::JEqStr | B::JNeStr | B::IterNext) {
            let succs = self.slots.blocks[block].succs.clone();
            let edges: [Edge; 2] = [self.edge(succs[0], None), self.edge(succs[1], None)];
            let taken = self.slots.blocks[succs[0]].start as u32;
            self.ssa.blocks[self.block].term = Term::StepBranch {
                pc,
                taken,
                next,
                edges,
            };
            return true;
        }
        self.push(Op::Step(pc, next), &[], None, None);
        false
    }
}
