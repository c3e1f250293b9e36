//! The instruction set: one table that makes the opcode enum, the printer, the verifier's operand types and the
//! liveness analysis' uses and definitions.
//!
//! An instruction is one 64-bit word `op:16 a:16 b:16 c:16` (op in the low bits), followed by the extension words that its table entry
//! lists. Fields name slots of the frame (see docs/architecture.md), immediates, or jumps (signed, in words, relative to the
//! instruction's own first word). In a `Function` extension words name pool entries; linking replaces them by addresses.
//!
//! Scalars in slots are canonical (sign- or zero-extended to 64 bits), so 64-bit compares, divisions, right shifts and bitwise
//! operations serve all widths; only operations that can leave the range exist per width (or are followed by an `ext`).

/// How an instruction uses a field.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Field {
    /// Unused, zero.
    None,
    /// A word (non-pointer) slot: defined, used, or both.
    WordDef,
    WordUse,
    WordMod,
    /// A pointer slot.
    PtrDef,
    PtrUse,
    /// One slot of either kind.
    AnyDef,
    AnyUse,
    /// Two slots: pointer, word. A string, or the first two words of a slice (pointer and length).
    StrDef,
    StrUse,
    /// Three slots: pointer, word, word.
    SliceDef,
    SliceUse,
    /// Two slots: word (type or itab), pointer (data).
    IfaceDef,
    IfaceUse,
    /// As many slots as the instruction's extent says (see `Extent`), of any kinds.
    BlockDef,
    BlockUse,
    /// The slot is not read or written here but its address, or a part of it, is: the variable must be marked address-taken, or the access is narrow.
    /// Use and partial definition of one slot.
    PartDef,
    PartUse,
    /// First slot of an address-taken variable.
    Address,
    /// Slot number, or `NO_SLOT`: a word.
    OptWordUse,
    /// Signed 16-bit immediate.
    Imm,
    /// Unsigned 16-bit immediate.
    UImm,
    /// Low and high half of a signed 32-bit immediate (in b and c).
    Imm32,
    /// Signed 16-bit jump.
    Jump,
    /// Low and high half of a signed 32-bit jump (in b and c).
    Jump32,
}

/// What an extension word holds, first in a `Function`, then in linked code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Ext {
    /// 64 bits as they are.
    Const,
    /// Index into `func_pool`; linked: `*const Func`.
    Func,
    /// Index into `type_pool`; linked: `*const RType`.
    Type,
    /// `interface type << 32 | concrete type`, both indices into `type_pool`; linked: `*const Itab`.
    Itab,
    /// Index into `string_pool`; linked: the address of the bytes. Always followed by a `StrLen` word.
    StrPtr,
    /// The string's length in bytes.
    StrLen,
    /// `index into global_pool << 32 | byte offset`; linked: the address.
    Global,
    /// Index into `native_pool`; linked: the native's entry.
    Native,
    /// `Safepoint`, same in both forms.
    Safepoint,
    /// Four 16-bit slots (`NO_SLOT` where absent), low half first, words that are used.
    Slots,
    /// One slot in the low 16 bits, a word that is defined.
    SlotDef,
    /// Jump table: see `Op::JmpTable`. Case list: see `Op::Select`.
    Table,
}

/// An absent optional slot.
pub const NO_SLOT: u16 = 0xffff;

/// How many slots the Block fields of an instruction have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Extent {
    None,
    /// Field b, or c, holds the count.
    B,
    C,
    /// The type named by extension word i: its size in slots.
    Type(u8),
    /// The type named by extension word i: its element's size.
    Elem(u8),
    /// The map type named by extension word i: `c` (key) for uses, `a` (element) for definitions.
    MapGet(u8),
    /// The map type named by extension word i: key.
    MapKey(u8),
    /// 2 * c slots (c strings).
    TwoC,
}

macro_rules! isa {
    ($( $(#[$doc:meta])* $name:ident = $text:literal ($a:ident $b:ident $c:ident) [$($ext:ident)*] $extent:expr ;)*) => {
        /// Operation codes.
        #[repr(u16)]
        #[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
        pub enum Op { $( $(#[$doc])* $name, )* }

        /// Number of operation codes.
        pub const OP_COUNT: usize = [$(Op::$name),*].len();

        /// The table.
        pub static OPS: [OpInfo; OP_COUNT] = [
            $( OpInfo { op: Op::$name, text: $text, fields: [Field::$a, Field::$b, Field::$c],
                        ext: &[$(Ext::$ext),*], extent: $extent } ),*
        ];
    };
}

/// A row of the table.
pub struct OpInfo {
    pub op: Op,
    pub text: &'static str,
    pub fields: [Field; 3],
    /// Extension words, in order. `Table` stands for a variable number at the end (before it the count is known, see `instruction_words`).
    pub ext: &'static [Ext],
    pub extent: Extent,
}

use Extent as E;
type Xt = Extent;
const Z: Xt = Xt::None;

isa! {
    // ---- moves and constants
    Nop = "nop" (None None None) [] Z;
    Mov = "mov" (AnyDef AnyUse None) [] Z;
    /// Two slots; source and destination may overlap.
    Mov2 = "mov2" (BlockDef BlockUse UImm) [] E::C;
    Mov3 = "mov3" (BlockDef BlockUse UImm) [] E::C;
    /// c slots; may overlap.
    MovN = "movn" (BlockDef BlockUse UImm) [] E::C;
    LdI = "ldi" (WordDef Imm32 Imm32) [] Z;
    LdK = "ldk" (WordDef None None) [Const] Z;
    /// A null pointer.
    LdNil = "ldnil" (PtrDef None None) [] Z;
    /// Clears b slots from a on.
    ZeroN = "zeron" (BlockDef UImm None) [] E::B;
    LdStr = "ldstr" (StrDef None None) [StrPtr StrLen] Z;
    /// The func value of a function that captures nothing.
    LdFn = "ldfn" (PtrDef None None) [Func] Z;
    /// The function's handle as a word: first word of a closure object.
    LdFnW = "ldfnw" (WordDef None None) [Func] Z;
    /// Address of a package variable (plus offset).
    LeaG = "leag" (PtrDef None None) [Global] Z;
    LdType = "ldtype" (WordDef None None) [Type] Z;
    LdItab = "lditab" (WordDef None None) [Itab] Z;
    PtrToWord = "ptr2w" (WordDef PtrUse None) [] Z;
    WordToPtr = "w2ptr" (PtrDef WordUse None) [] Z;

    // ---- integers
    Add = "add" (WordDef WordUse WordUse) [] Z;
    Sub = "sub" (WordDef WordUse WordUse) [] Z;
    Mul = "mul" (WordDef WordUse WordUse) [] Z;
    And = "and" (WordDef WordUse WordUse) [] Z;
    Or = "or" (WordDef WordUse WordUse) [] Z;
    Xor = "xor" (WordDef WordUse WordUse) [] Z;
    AndNot = "andnot" (WordDef WordUse WordUse) [] Z;
    /// Shifts by an unsigned count of any size (64 and more shift everything out). A signed count is checked by `ChkShift` first.
    Shl = "shl" (WordDef WordUse WordUse) [] Z;
    ShrU = "shr.u" (WordDef WordUse WordUse) [] Z;
    ShrS = "shr.s" (WordDef WordUse WordUse) [] Z;
    /// Panics when the word is negative.
    ChkShift = "chkshift" (WordUse None None) [] Z;
    /// Division panics on zero; the most negative number by -1 wraps.
    DivS = "div.s" (WordDef WordUse WordUse) [] Z;
    DivU = "div.u" (WordDef WordUse WordUse) [] Z;
    RemS = "rem.s" (WordDef WordUse WordUse) [] Z;
    RemU = "rem.u" (WordDef WordUse WordUse) [] Z;
    AddI = "addi" (WordDef WordUse Imm) [] Z;
    /// c - b
    RsubI = "rsubi" (WordDef WordUse Imm) [] Z;
    MulI = "muli" (WordDef WordUse Imm) [] Z;
    AndI = "andi" (WordDef WordUse Imm) [] Z;
    OrI = "ori" (WordDef WordUse Imm) [] Z;
    XorI = "xori" (WordDef WordUse Imm) [] Z;
    /// Immediate counts are 0..=63.
    ShlI = "shli" (WordDef WordUse UImm) [] Z;
    ShrUI = "shri.u" (WordDef WordUse UImm) [] Z;
    ShrSI = "shri.s" (WordDef WordUse UImm) [] Z;
    /// Immediate divisors are neither 0 nor -1.
    DivSI = "divi.s" (WordDef WordUse Imm) [] Z;
    DivUI = "divi.u" (WordDef WordUse UImm) [] Z;
    RemSI = "remi.s" (WordDef WordUse Imm) [] Z;
    RemUI = "remi.u" (WordDef WordUse UImm) [] Z;
    Neg = "neg" (WordDef WordUse None) [] Z;
    Not = "not" (WordDef WordUse None) [] Z;
    /// Results extended from 32 bits.
    AddS32 = "add.s32" (WordDef WordUse WordUse) [] Z;
    SubS32 = "sub.s32" (WordDef WordUse WordUse) [] Z;
    MulS32 = "mul.s32" (WordDef WordUse WordUse) [] Z;
    AddIS32 = "addi.s32" (WordDef WordUse Imm) [] Z;
    AddU32 = "add.u32" (WordDef WordUse WordUse) [] Z;
    SubU32 = "sub.u32" (WordDef WordUse WordUse) [] Z;
    MulU32 = "mul.u32" (WordDef WordUse WordUse) [] Z;
    AddIU32 = "addi.u32" (WordDef WordUse Imm) [] Z;
    ShlU32 = "shl.u32" (WordDef WordUse WordUse) [] Z;
    ShlIU32 = "shli.u32" (WordDef WordUse UImm) [] Z;
    /// Results extended from 8 bits, unsigned.
    AddU8 = "add.u8" (WordDef WordUse WordUse) [] Z;
    SubU8 = "sub.u8" (WordDef WordUse WordUse) [] Z;
    AddIU8 = "addi.u8" (WordDef WordUse Imm) [] Z;
    ExtS8 = "ext.s8" (WordDef WordUse None) [] Z;
    ExtS16 = "ext.s16" (WordDef WordUse None) [] Z;
    ExtS32 = "ext.s32" (WordDef WordUse None) [] Z;
    ExtU8 = "ext.u8" (WordDef WordUse None) [] Z;
    ExtU16 = "ext.u16" (WordDef WordUse None) [] Z;
    ExtU32 = "ext.u32" (WordDef WordUse None) [] Z;
    MinS = "min.s" (WordDef WordUse WordUse) [] Z;
    MaxS = "max.s" (WordDef WordUse WordUse) [] Z;
    MinU = "min.u" (WordDef WordUse WordUse) [] Z;
    MaxU = "max.u" (WordDef WordUse WordUse) [] Z;
    /// math/bits: zero input gives 64.
    Clz = "clz" (WordDef WordUse None) [] Z;
    Ctz = "ctz" (WordDef WordUse None) [] Z;
    Popcnt = "popcnt" (WordDef WordUse None) [] Z;
    Bswap = "bswap" (WordDef WordUse None) [] Z;
    /// Rotate left by c modulo the width.
    Rotl64 = "rotl64" (WordDef WordUse WordUse) [] Z;
    Rotl32 = "rotl32" (WordDef WordUse WordUse) [] Z;
    /// High 64 bits of the unsigned product.
    MulHiU = "mulhi.u" (WordDef WordUse WordUse) [] Z;
    /// Carry (0 or 1) of b + c.
    CarryU = "carry.u" (WordDef WordUse WordUse) [] Z;

    // ---- sync/atomic: sequentially consistent operations on the word that b points to; 32-bit results are zero-extended
    AtomLd32 = "atom.ld32" (WordDef PtrUse None) [] Z;
    AtomLd64 = "atom.ld64" (WordDef PtrUse None) [] Z;
    AtomLdP = "atom.ldp" (PtrDef PtrUse None) [] Z;
    /// Sets the word to c; a: what it was.
    AtomSwap32 = "atom.swap32" (WordDef PtrUse WordUse) [] Z;
    AtomSwap64 = "atom.swap64" (WordDef PtrUse WordUse) [] Z;
    /// Adds c; a: the sum.
    AtomAdd32 = "atom.add32" (WordDef PtrUse WordUse) [] Z;
    AtomAdd64 = "atom.add64" (WordDef PtrUse WordUse) [] Z;
    /// If the word is c, sets it to the first slot of the extension; a: whether it was.
    AtomCas32 = "atom.cas32" (WordDef PtrUse WordUse) [Slots] Z;
    AtomCas64 = "atom.cas64" (WordDef PtrUse WordUse) [Slots] Z;

    // ---- floats (float32 as its bits, zero-extended)
    AddF64 = "add.f64" (WordDef WordUse WordUse) [] Z;
    SubF64 = "sub.f64" (WordDef WordUse WordUse) [] Z;
    MulF64 = "mul.f64" (WordDef WordUse WordUse) [] Z;
    DivF64 = "div.f64" (WordDef WordUse WordUse) [] Z;
    NegF64 = "neg.f64" (WordDef WordUse None) [] Z;
    AddF32 = "add.f32" (WordDef WordUse WordUse) [] Z;
    SubF32 = "sub.f32" (WordDef WordUse WordUse) [] Z;
    MulF32 = "mul.f32" (WordDef WordUse WordUse) [] Z;
    DivF32 = "div.f32" (WordDef WordUse WordUse) [] Z;
    NegF32 = "neg.f32" (WordDef WordUse None) [] Z;
    /// Go's min and max: NaN wins, -0 < +0.
    MinF64 = "min.f64" (WordDef WordUse WordUse) [] Z;
    MaxF64 = "max.f64" (WordDef WordUse WordUse) [] Z;
    MinF32 = "min.f32" (WordDef WordUse WordUse) [] Z;
    MaxF32 = "max.f32" (WordDef WordUse WordUse) [] Z;
    Sqrt = "sqrt" (WordDef WordUse None) [] Z;
    Abs = "abs" (WordDef WordUse None) [] Z;
    Floor = "floor" (WordDef WordUse None) [] Z;
    Ceil = "ceil" (WordDef WordUse None) [] Z;
    Trunc = "trunc" (WordDef WordUse None) [] Z;
    Copysign = "copysign" (WordDef WordUse WordUse) [] Z;
    /// a = b * c + ext slot, rounded once.
    Fma = "fma" (WordDef WordUse WordUse) [Slots] Z;
    S64ToF64 = "s64.f64" (WordDef WordUse None) [] Z;
    U64ToF64 = "u64.f64" (WordDef WordUse None) [] Z;
    S64ToF32 = "s64.f32" (WordDef WordUse None) [] Z;
    U64ToF32 = "u64.f32" (WordDef WordUse None) [] Z;
    /// Truncation; out of range as amd64's gc does (signed: 1<<63; unsigned: gc's sequence).
    F64ToS64 = "f64.s64" (WordDef WordUse None) [] Z;
    F64ToU64 = "f64.u64" (WordDef WordUse None) [] Z;
    F32ToS64 = "f32.s64" (WordDef WordUse None) [] Z;
    F32ToU64 = "f32.u64" (WordDef WordUse None) [] Z;
    /// Truncation to 32 bits, for int32 and what is narrower: out of range it is -1<<31.
    F64ToS32 = "f64.s32" (WordDef WordUse None) [] Z;
    F32ToS32 = "f32.s32" (WordDef WordUse None) [] Z;
    F64ToF32 = "f64.f32" (WordDef WordUse None) [] Z;
    F32ToF64 = "f32.f64" (WordDef WordUse None) [] Z;
    /// complex128 division, Go's rules: 2 slots each.
    DivC128 = "div.c128" (BlockDef BlockUse BlockUse) [Type] E::Type(0);

    // ---- comparisons to bool
    Eq = "eq" (WordDef WordUse WordUse) [] Z;
    Ne = "ne" (WordDef WordUse WordUse) [] Z;
    LtS = "lt.s" (WordDef WordUse WordUse) [] Z;
    LeS = "le.s" (WordDef WordUse WordUse) [] Z;
    LtU = "lt.u" (WordDef WordUse WordUse) [] Z;
    LeU = "le.u" (WordDef WordUse WordUse) [] Z;
    EqI = "eqi" (WordDef WordUse Imm) [] Z;
    NeI = "nei" (WordDef WordUse Imm) [] Z;
    LtSI = "lti.s" (WordDef WordUse Imm) [] Z;
    LeSI = "lei.s" (WordDef WordUse Imm) [] Z;
    GtSI = "gti.s" (WordDef WordUse Imm) [] Z;
    GeSI = "gei.s" (WordDef WordUse Imm) [] Z;
    EqF64 = "eq.f64" (WordDef WordUse WordUse) [] Z;
    NeF64 = "ne.f64" (WordDef WordUse WordUse) [] Z;
    LtF64 = "lt.f64" (WordDef WordUse WordUse) [] Z;
    LeF64 = "le.f64" (WordDef WordUse WordUse) [] Z;
    EqF32 = "eq.f32" (WordDef WordUse WordUse) [] Z;
    NeF32 = "ne.f32" (WordDef WordUse WordUse) [] Z;
    LtF32 = "lt.f32" (WordDef WordUse WordUse) [] Z;
    LeF32 = "le.f32" (WordDef WordUse WordUse) [] Z;
    EqP = "eq.p" (WordDef PtrUse PtrUse) [] Z;
    NeP = "ne.p" (WordDef PtrUse PtrUse) [] Z;
    IsNil = "isnil" (WordDef PtrUse None) [] Z;
    NotNil = "notnil" (WordDef PtrUse None) [] Z;
    BoolNot = "bnot" (WordDef WordUse None) [] Z;
    EqStr = "eq.str" (WordDef StrUse StrUse) [] Z;
    NeStr = "ne.str" (WordDef StrUse StrUse) [] Z;
    LtStr = "lt.str" (WordDef StrUse StrUse) [] Z;
    LeStr = "le.str" (WordDef StrUse StrUse) [] Z;
    /// -1, 0 or 1.
    CmpStr = "cmp.str" (WordDef StrUse StrUse) [] Z;
    /// Two empty-interface values (first words are `*RType`). Panics on uncomparable dynamic types.
    EqEface = "eq.eface" (WordDef IfaceUse IfaceUse) [] Z;
    /// Two values of non-empty interface types (first words are `*Itab`).
    EqIface = "eq.iface" (WordDef IfaceUse IfaceUse) [] Z;
    /// Two values in memory of the type; both pointers non-nil.
    EqMem = "eq.mem" (WordDef PtrUse PtrUse) [Type] Z;
    /// Two values in frame slots of the type.
    EqBlock = "eq.block" (WordDef BlockUse BlockUse) [Type] E::Type(0);

    // ---- jumps
    Jmp = "jmp" (None Jump32 Jump32) [] Z;
    JEq = "jeq" (WordUse WordUse Jump) [] Z;
    JNe = "jne" (WordUse WordUse Jump) [] Z;
    JLtS = "jlt.s" (WordUse WordUse Jump) [] Z;
    JLeS = "jle.s" (WordUse WordUse Jump) [] Z;
    JLtU = "jlt.u" (WordUse WordUse Jump) [] Z;
    JLeU = "jle.u" (WordUse WordUse Jump) [] Z;
    JEqI = "jeqi" (WordUse Imm Jump) [] Z;
    JNeI = "jnei" (WordUse Imm Jump) [] Z;
    JLtSI = "jlti.s" (WordUse Imm Jump) [] Z;
    JLeSI = "jlei.s" (WordUse Imm Jump) [] Z;
    JGtSI = "jgti.s" (WordUse Imm Jump) [] Z;
    JGeSI = "jgei.s" (WordUse Imm Jump) [] Z;
    JEqF64 = "jeq.f64" (WordUse WordUse Jump) [] Z;
    JNeF64 = "jne.f64" (WordUse WordUse Jump) [] Z;
    JLtF64 = "jlt.f64" (WordUse WordUse Jump) [] Z;
    JLeF64 = "jle.f64" (WordUse WordUse Jump) [] Z;
    /// Jump when not less (also on NaN).
    JNltF64 = "jnlt.f64" (WordUse WordUse Jump) [] Z;
    JNleF64 = "jnle.f64" (WordUse WordUse Jump) [] Z;
    JTrue = "jt" (WordUse None Jump) [] Z;
    JFalse = "jf" (WordUse None Jump) [] Z;
    JNil = "jnil" (PtrUse None Jump) [] Z;
    JNotNil = "jnn" (PtrUse None Jump) [] Z;
    JEqP = "jeq.p" (PtrUse PtrUse Jump) [] Z;
    JNeP = "jne.p" (PtrUse PtrUse Jump) [] Z;
    JEqStr = "jeq.str" (StrUse StrUse Jump) [] Z;
    JNeStr = "jne.str" (StrUse StrUse Jump) [] Z;
    /// Back-edges: as above, and safepoints (preemption).
    JmpL = "jmp.l" (None Jump32 Jump32) [Safepoint] Z;
    JEqL = "jeq.l" (WordUse WordUse Jump) [Safepoint] Z;
    JNeL = "jne.l" (WordUse WordUse Jump) [Safepoint] Z;
    JLtSL = "jlt.s.l" (WordUse WordUse Jump) [Safepoint] Z;
    JLeSL = "jle.s.l" (WordUse WordUse Jump) [Safepoint] Z;
    JLtUL = "jlt.u.l" (WordUse WordUse Jump) [Safepoint] Z;
    JNeIL = "jnei.l" (WordUse Imm Jump) [Safepoint] Z;
    JLtSIL = "jlti.s.l" (WordUse Imm Jump) [Safepoint] Z;
    JLeSIL = "jlei.s.l" (WordUse Imm Jump) [Safepoint] Z;
    JGtSIL = "jgti.s.l" (WordUse Imm Jump) [Safepoint] Z;
    JGeSIL = "jgei.s.l" (WordUse Imm Jump) [Safepoint] Z;
    JTrueL = "jt.l" (WordUse None Jump) [Safepoint] Z;
    JFalseL = "jf.l" (WordUse None Jump) [Safepoint] Z;
    JNotNilL = "jnn.l" (PtrUse None Jump) [Safepoint] Z;
    /// a += 1; if a < b (signed) jump back.
    IncJLtL = "incjlt.l" (WordMod WordUse Jump) [Safepoint] Z;
    /// a += 1; if a < imm jump back.
    IncJLtIL = "incjlti.l" (WordMod Imm Jump) [Safepoint] Z;
    /// if a < b (unsigned) jump to entry a of the table of b (immediate) entries; else fall through. Each table word holds two signed 32-bit
    /// jumps, low half first.
    JmpTable = "jmptable" (WordUse UImm None) [Table] Z;

    // ---- memory through pointers: a nil (or small) pointer panics; c is an unsigned byte offset
    LdS8 = "ld.s8" (WordDef PtrUse UImm) [] Z;
    LdU8 = "ld.u8" (WordDef PtrUse UImm) [] Z;
    LdS16 = "ld.s16" (WordDef PtrUse UImm) [] Z;
    LdU16 = "ld.u16" (WordDef PtrUse UImm) [] Z;
    LdS32 = "ld.s32" (WordDef PtrUse UImm) [] Z;
    LdU32 = "ld.u32" (WordDef PtrUse UImm) [] Z;
    LdW = "ld.w" (WordDef PtrUse UImm) [] Z;
    LdP = "ld.p" (PtrDef PtrUse UImm) [] Z;
    LdStrM = "ld.str" (StrDef PtrUse UImm) [] Z;
    LdSliceM = "ld.slice" (SliceDef PtrUse UImm) [] Z;
    LdIfaceM = "ld.iface" (IfaceDef PtrUse UImm) [] Z;
    /// A value of the type, into its slots.
    LdN = "ldn" (BlockDef PtrUse UImm) [Type] E::Type(0);
    /// Stores: a is the pointer, b the value.
    St8 = "st.8" (PtrUse WordUse UImm) [] Z;
    St16 = "st.16" (PtrUse WordUse UImm) [] Z;
    St32 = "st.32" (PtrUse WordUse UImm) [] Z;
    StW = "st.w" (PtrUse WordUse UImm) [] Z;
    StP = "st.p" (PtrUse PtrUse UImm) [] Z;
    StStrM = "st.str" (PtrUse StrUse UImm) [] Z;
    StSliceM = "st.slice" (PtrUse SliceUse UImm) [] Z;
    StIfaceM = "st.iface" (PtrUse IfaceUse UImm) [] Z;
    StN = "stn" (PtrUse BlockUse UImm) [Type] E::Type(0);
    /// Copies a value of the type from *b to *a; may overlap.
    CopyMem = "copymem" (PtrUse PtrUse None) [Type] Z;
    ZeroMem = "zeromem" (PtrUse None None) [Type] Z;
    NilCheck = "nilchk" (PtrUse None None) [] Z;
    /// a = b + c after a nil check of b.
    AddP = "addp" (PtrDef PtrUse UImm) [] Z;
    /// a = b + constant after a nil check.
    AddPK = "addpk" (PtrDef PtrUse None) [Const] Z;
    /// a = b + word c, unchecked (unsafe.Add).
    AddPW = "addpw" (PtrDef PtrUse WordUse) [] Z;

    // ---- package variables
    LdGS8 = "ldg.s8" (WordDef None None) [Global] Z;
    LdGU8 = "ldg.u8" (WordDef None None) [Global] Z;
    LdGS16 = "ldg.s16" (WordDef None None) [Global] Z;
    LdGU16 = "ldg.u16" (WordDef None None) [Global] Z;
    LdGS32 = "ldg.s32" (WordDef None None) [Global] Z;
    LdGU32 = "ldg.u32" (WordDef None None) [Global] Z;
    LdGW = "ldg.w" (WordDef None None) [Global] Z;
    LdGP = "ldg.p" (PtrDef None None) [Global] Z;
    LdGN = "ldg.n" (BlockDef None None) [Global Type] E::Type(1);
    StG8 = "stg.8" (WordUse None None) [Global] Z;
    StG16 = "stg.16" (WordUse None None) [Global] Z;
    StG32 = "stg.32" (WordUse None None) [Global] Z;
    StGW = "stg.w" (WordUse None None) [Global] Z;
    StGP = "stg.p" (PtrUse None None) [Global] Z;
    StGN = "stg.n" (BlockUse None None) [Global Type] E::Type(1);

    // ---- narrow parts of frame variables in memory layout: byte c (0..7) of the slot; and addresses
    LdLS8 = "ldl.s8" (WordDef PartUse UImm) [] Z;
    LdLU8 = "ldl.u8" (WordDef PartUse UImm) [] Z;
    LdLS16 = "ldl.s16" (WordDef PartUse UImm) [] Z;
    LdLU16 = "ldl.u16" (WordDef PartUse UImm) [] Z;
    LdLS32 = "ldl.s32" (WordDef PartUse UImm) [] Z;
    LdLU32 = "ldl.u32" (WordDef PartUse UImm) [] Z;
    StL8 = "stl.8" (PartDef WordUse UImm) [] Z;
    StL16 = "stl.16" (PartDef WordUse UImm) [] Z;
    StL32 = "stl.32" (PartDef WordUse UImm) [] Z;
    /// Address of byte c of slot b.
    LeaL = "leal" (PtrDef Address UImm) [] Z;
    /// Elements of an array in the frame (address-taken): slot b on, index c, length in the extension word; checked.
    LdLXS8 = "ldlx.s8" (WordDef Address WordUse) [Const] Z;
    LdLXU8 = "ldlx.u8" (WordDef Address WordUse) [Const] Z;
    LdLXS16 = "ldlx.s16" (WordDef Address WordUse) [Const] Z;
    LdLXU16 = "ldlx.u16" (WordDef Address WordUse) [Const] Z;
    LdLXS32 = "ldlx.s32" (WordDef Address WordUse) [Const] Z;
    LdLXU32 = "ldlx.u32" (WordDef Address WordUse) [Const] Z;
    LdLXW = "ldlx.w" (WordDef Address WordUse) [Const] Z;
    LdLXP = "ldlx.p" (PtrDef Address WordUse) [Const] Z;
    /// a: first slot of the array, b: index, c: value.
    StLX8 = "stlx.8" (Address WordUse WordUse) [Const] Z;
    StLX16 = "stlx.16" (Address WordUse WordUse) [Const] Z;
    StLX32 = "stlx.32" (Address WordUse WordUse) [Const] Z;
    StLXW = "stlx.w" (Address WordUse WordUse) [Const] Z;
    StLXP = "stlx.p" (Address WordUse PtrUse) [Const] Z;

    // ---- elements of slices and strings: b is (pointer, length), c the index; checked
    LdXS8 = "ldx.s8" (WordDef StrUse WordUse) [] Z;
    LdXU8 = "ldx.u8" (WordDef StrUse WordUse) [] Z;
    LdXS16 = "ldx.s16" (WordDef StrUse WordUse) [] Z;
    LdXU16 = "ldx.u16" (WordDef StrUse WordUse) [] Z;
    LdXS32 = "ldx.s32" (WordDef StrUse WordUse) [] Z;
    LdXU32 = "ldx.u32" (WordDef StrUse WordUse) [] Z;
    LdXW = "ldx.w" (WordDef StrUse WordUse) [] Z;
    LdXP = "ldx.p" (PtrDef StrUse WordUse) [] Z;
    LdXStr = "ldx.str" (StrDef StrUse WordUse) [] Z;
    LdXSlice = "ldx.slice" (SliceDef StrUse WordUse) [] Z;
    LdXIface = "ldx.iface" (IfaceDef StrUse WordUse) [] Z;
    /// A value of the element type.
    LdXN = "ldx.n" (BlockDef StrUse WordUse) [Type] E::Type(0);
    /// a: slice, b: index, c: value.
    StX8 = "stx.8" (StrUse WordUse WordUse) [] Z;
    StX16 = "stx.16" (StrUse WordUse WordUse) [] Z;
    StX32 = "stx.32" (StrUse WordUse WordUse) [] Z;
    StXW = "stx.w" (StrUse WordUse WordUse) [] Z;
    StXP = "stx.p" (StrUse WordUse PtrUse) [] Z;
    StXStr = "stx.str" (StrUse WordUse StrUse) [] Z;
    StXN = "stx.n" (StrUse WordUse BlockUse) [Type] E::Type(0);
    /// Address of element c; extension: element size.
    LeaX = "leax" (PtrDef StrUse WordUse) [Const] Z;
    /// Elements of an array behind pointer b, index c; extension: length (second for LeaAX: element size).
    LdAXS8 = "ldax.s8" (WordDef PtrUse WordUse) [Const] Z;
    LdAXU8 = "ldax.u8" (WordDef PtrUse WordUse) [Const] Z;
    LdAXS16 = "ldax.s16" (WordDef PtrUse WordUse) [Const] Z;
    LdAXU16 = "ldax.u16" (WordDef PtrUse WordUse) [Const] Z;
    LdAXS32 = "ldax.s32" (WordDef PtrUse WordUse) [Const] Z;
    LdAXU32 = "ldax.u32" (WordDef PtrUse WordUse) [Const] Z;
    LdAXW = "ldax.w" (WordDef PtrUse WordUse) [Const] Z;
    LdAXP = "ldax.p" (PtrDef PtrUse WordUse) [Const] Z;
    StAX8 = "stax.8" (PtrUse WordUse WordUse) [Const] Z;
    StAX16 = "stax.16" (PtrUse WordUse WordUse) [Const] Z;
    StAX32 = "stax.32" (PtrUse WordUse WordUse) [Const] Z;
    StAXW = "stax.w" (PtrUse WordUse WordUse) [Const] Z;
    StAXP = "stax.p" (PtrUse WordUse PtrUse) [Const] Z;
    LeaAX = "leaax" (PtrDef PtrUse WordUse) [Const Const] Z;
    /// Panics unless a < b (unsigned), as an index expression.
    Bound = "bound" (WordUse WordUse None) [] Z;

    // ---- slicing; c and the extension's slots (high, max) are optional words. An empty result at the end keeps the old base.
    /// Slice of a slice; Const: element size.
    Slice = "slice" (SliceDef SliceUse OptWordUse) [Slots Const] Z;
    SliceStr = "slice.str" (StrDef StrUse OptWordUse) [Slots] Z;
    /// Slice of the array behind pointer b; Consts: element size, length.
    SliceArr = "slice.arr" (SliceDef PtrUse OptWordUse) [Slots Const Const] Z;
    /// Slice to array pointer: panics unless length b >= Const; result is the slice's pointer (nil stays nil).
    SliceToArr = "slice2arr" (PtrDef SliceUse None) [Const] Z;
    /// unsafe.Slice / unsafe.String checks are calls of natives.

    // ---- allocation (safepoints; memory is zeroed)
    New = "new" (PtrDef None None) [Type Safepoint] Z;
    /// A closure object for c captured words after the function word; Const: bit i set where captured word i is a pointer
    /// (at most 64 words; more go through a `New` of a struct type).
    NewClosure = "newclosure" (PtrDef UImm None) [Func Const Safepoint] Z;
    /// Type: element type; b length, c capacity (may be the same slot).
    MakeSlice = "makeslice" (SliceDef WordUse WordUse) [Type Safepoint] Z;
    /// Type: the map type; b: size hint or absent.
    MakeMap = "makemap" (PtrDef OptWordUse None) [Type Safepoint] Z;
    /// Type: the channel type; b: capacity or absent.
    MakeChan = "makechan" (PtrDef OptWordUse None) [Type Safepoint] Z;
    /// append(b, c): Type: element type.
    Append8 = "append.8" (SliceDef SliceUse WordUse) [Type Safepoint] Z;
    Append32 = "append.32" (SliceDef SliceUse WordUse) [Type Safepoint] Z;
    AppendW = "append.w" (SliceDef SliceUse WordUse) [Type Safepoint] Z;
    AppendP = "append.p" (SliceDef SliceUse PtrUse) [Type Safepoint] Z;
    AppendN = "append.n" (SliceDef SliceUse BlockUse) [Type Safepoint] E::Type(0);
    /// append(b, c...): c is a slice or string, of which (pointer, length) are read.
    AppendSlice = "append.slice" (SliceDef SliceUse StrUse) [Type Safepoint] Z;
    /// Lengthens by c (immediate) zeroed elements.
    AppendGrow = "append.grow" (SliceDef SliceUse UImm) [Type Safepoint] Z;
    /// a = copy(b, c); both (pointer, length). Type: element type.
    CopySlice = "copyslice" (WordDef StrUse StrUse) [Type] Z;
    /// clear(slice a). Type: element type.
    ClearSlice = "clearslice" (StrUse None None) [Type] Z;

    // ---- strings
    Concat2 = "concat2" (StrDef StrUse StrUse) [Safepoint] Z;
    /// c strings in consecutive slots from b on.
    ConcatN = "concatn" (StrDef BlockUse UImm) [Safepoint] E::TwoC;
    StrToBytes = "str2bytes" (SliceDef StrUse None) [Safepoint] Z;
    BytesToStr = "bytes2str" (StrDef StrUse None) [Safepoint] Z;
    StrToRunes = "str2runes" (SliceDef StrUse None) [Safepoint] Z;
    RunesToStr = "runes2str" (StrDef StrUse None) [Safepoint] Z;
    RuneToStr = "rune2str" (StrDef WordUse None) [Safepoint] Z;
    /// Decodes the rune at index c of string b into a; the index after it goes to the slot in the extension. The index is in range.
    StrNext = "strnext" (WordDef StrUse WordUse) [SlotDef] Z;

    // ---- maps. Type: the map type. Hashing or comparing an interface key may panic.
    /// a = b[key at slot c], zero when absent.
    MapGet = "mapget" (BlockDef PtrUse BlockUse) [Type] E::MapGet(0);
    /// And ok in the extension's slot.
    MapGetOk = "mapget.ok" (BlockDef PtrUse BlockUse) [Type SlotDef] E::MapGet(0);
    /// Keys of 8 bytes that are PLAIN_MEMORY words / of strings; elements that are one canonical 8-byte slot.
    MapGetWW = "mapget.ww" (AnyDef PtrUse WordUse) [Type] Z;
    MapGetSW = "mapget.sw" (AnyDef PtrUse StrUse) [Type] Z;
    /// Address of the element for the key, made (zero) when absent. Nil map panics. Valid until the next operation on the map or safepoint.
    MapRef = "mapref" (PtrDef PtrUse BlockUse) [Type Safepoint] E::MapKey(0);
    MapDelete = "mapdel" (None PtrUse BlockUse) [Type] E::MapKey(0);
    MapClear = "mapclear" (PtrUse None None) [Type] Z;
    MapLen = "maplen" (WordDef PtrUse None) [] Z;
    /// An iterator object over map b (nil allowed).
    IterInit = "iterinit" (PtrDef PtrUse None) [Type Safepoint] Z;
    /// Advances iterator a, or jumps when it is done.
    IterNext = "iternext" (PtrUse None Jump) [] Z;
    /// The current key / element of iterator b. Type: the map's key / element type.
    IterKey = "iterkey" (BlockDef PtrUse None) [Type] E::Type(0);
    IterElem = "iterelem" (BlockDef PtrUse None) [Type] E::Type(0);

    // ---- interfaces
    /// Boxes the value at slot b; Type: its type. a: empty interface.
    MkEface = "mkeface" (IfaceDef BlockUse None) [Type Safepoint] E::Type(0);
    /// a: non-empty interface; Itab: its pair, Type: the value's type.
    MkIface = "mkiface" (IfaceDef BlockUse None) [Type Itab Safepoint] E::Type(0);
    /// Dynamic type of an interface's first word: b from a non-empty interface (`*Itab` -> `*RType`); 0 stays 0.
    ItabType = "itabtype" (WordDef WordUse None) [] Z;
    /// The value in interface b, whose dynamic type is known to be Type.
    Unbox = "unbox" (BlockDef IfaceUse None) [Type] E::Type(0);
    /// x.(T), T concrete. Types: T, the static interface type of b. Panics on mismatch.
    Assert = "assert" (BlockDef IfaceUse None) [Type Type] E::Type(0);
    /// v, ok := x.(T): ok into slot c; v zero on mismatch.
    AssertOk = "assert.ok" (BlockDef IfaceUse WordDef) [Type Type] E::Type(0);
    /// x.(I) to interface type I. Types: I, the static type of b. a's first word is RType or Itab as I asks.
    AssertI = "asserti" (IfaceDef IfaceUse None) [Type Type] Z;
    AssertIOk = "asserti.ok" (IfaceDef IfaceUse WordDef) [Type Type] Z;
    /// Implicit conversion between interface types; nil stays nil. Types: target, static type of b.
    ConvI = "convi" (IfaceDef IfaceUse None) [Type Type] Z;

    // ---- calls. b: argument slots, c: result slots (in the outgoing area from slot 0 on)
    Call = "call" (None UImm UImm) [Func Safepoint] Z;
    /// a: closure pointer (nil panics).
    CallClosure = "call.clo" (PtrUse UImm UImm) [Safepoint] Z;
    /// a: slot with the interface's itab; Const: method index. The receiver (data word) is in slot 0. Nil itab panics.
    CallIface = "call.iface" (WordUse UImm UImm) [Const Safepoint] Z;
    CallNative = "call.native" (None UImm UImm) [Native Safepoint] Z;
    Ret = "ret" (None None None) [] Z;
    /// Starts a goroutine that calls closure a (no parameters).
    Go = "go" (PtrUse None None) [Safepoint] Z;
    /// Registers closure a (no parameters, no results) to run when this frame ends.
    Defer = "defer" (PtrUse None None) [Safepoint] Z;
    /// a = the closure that this frame has deferred last, which is deferred no more; jumps, with nil, when there is none left.
    NextDefer = "next.defer" (PtrDef None Jump) [] Z;
    /// panic(empty interface a).
    Panic = "panic" (IfaceUse None None) [Safepoint] Z;
    /// a = recover(), an empty interface.
    Recover = "recover" (IfaceDef None None) [Safepoint] Z;
    /// A run-time panic or fatal error by number (`Trap`).
    Trap = "trap" (UImm None None) [] Z;
    /// reflect's call: closure a, argument block pointer b (words, laid out as outgoing slots: parameters then results), c: word with
    /// parameter slots | result slots << 32. Results are written back into the block after the call.
    CallReflect = "call.reflect" (PtrUse PtrUse WordUse) [Safepoint] Z;
    /// Runtime stubs only: a step of a running panic, of Goexit, and the end of a goroutine.
    PanicStep = "panicstep" (None None None) [Safepoint] Z;
    GoexitStep = "goexitstep" (None None None) [Safepoint] Z;
    GoEnd = "goend" (None None None) [Safepoint] Z;

    // ---- channels. Type: the channel type
    Send = "send" (PtrUse BlockUse None) [Type Safepoint] E::Elem(0);
    Recv = "recv" (BlockDef PtrUse None) [Type Safepoint] E::Elem(0);
    RecvOk = "recv.ok" (BlockDef PtrUse WordDef) [Type Safepoint] E::Elem(0);
    Close = "close" (PtrUse None None) [] Z;
    ChanLen = "chanlen" (WordDef PtrUse None) [] Z;
    ChanCap = "chancap" (WordDef PtrUse None) [] Z;
    /// a: index of the case that went ahead (-1: default). b: number of cases, c: 1 when there is a default.
    /// Each case has three table words: `kind (1 send, 2 receive) | channel slot << 16 | value slot << 32 | ok slot << 48` (NO_SLOT where absent), channel type,
    /// and (unused, 0). The safepoint word comes last, after the table.
    Select = "select" (WordDef UImm UImm) [Table Safepoint] Z;

    /// Linked code only, in place of an instruction's first word: compiled code goes on here. The upper 48 bits are the number of the entry.
    Enter = "enter" (None None None) [] Z;
    /// In copies that the compiler of hot code makes only, before a call that it guesses the callee of (Const: the handle): jumps unless closure a is one of that function.
    /// Nil is left to the call itself.
    IfNotClosure = "ifnot.clo" (PtrUse Jump32 Jump32) [Const] Z;
    /// Likewise, jumps unless method number (first Const) of the itab in a is that function.
    IfNotMethod = "ifnot.method" (WordUse Jump32 Jump32) [Const Const] Z;
    /// The same two, leaving compiled code at the call instead of jumping.
    ExpectClosure = "expect.clo" (PtrUse None None) [Const] Z;
    ExpectMethod = "expect.method" (WordUse None None) [Const Const] Z;
}

/// Numbers of `Op::Trap`.
#[repr(u16)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Trap {
    NilDeref,
    Divide,
    /// The body of a range-over-func loop was called after the loop ended.
    RangeContinued,
    /// ... while panicking.
    RangePanicked,
    /// Iterator function kept going after the loop body panicked or was left.
    RangeExhausted,
    /// Missing return reached: impossible in a checked program.
    Unreachable,
    /// unsafe.Slice: len out of range; unsafe.Slice: ptr is nil and len is not zero; and unsafe.String likewise.
    UnsafeSliceLen,
    UnsafeSliceNil,
    UnsafeStringLen,
    UnsafeStringNil,
    /// `go nil` func value.
    GoNil,
    /// A function without a body that no native implements.
    MissingNative,
}

/// An instruction word taken apart.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Instr {
    pub op: Op,
    pub a: u16,
    pub b: u16,
    pub c: u16,
}

impl Op {
    pub fn from_word(word: u64) -> Option<Op> {
        OPS.get(word as u16 as usize).map(|info| info.op)
    }
    pub fn info(self) -> &'static OpInfo {
        &OPS[self as usize]
    }
}

impl Instr {
    pub fn new(op: Op, a: u16, b: u16, c: u16) -> Instr {
        Instr { op, a, b, c }
    }
    pub fn pack(self) -> u64 {
        self.op as u64 | u64::from(self.a) << 16 | u64::from(self.b) << 32 | u64::from(self.c) << 48
    }
    pub fn unpack(word: u64) -> Option<Instr> {
        Some(Instr {
            op: Op::from_word(word)?,
            a: (word >> 16) as u16,
            b: (word >> 32) as u16,
            c: (word >> 48) as u16,
        })
    }
    /// The 32-bit immediate or jump in b and c.
    pub fn imm32(self) -> i32 {
        (u32::from(self.b) | u32::from(self.c) << 16) as i32
    }
    pub fn with_imm32(self, value: i32) -> Instr {
        Instr {
            b: value as u16,
            c: (value as u32 >> 16) as u16,
            ..self
        }
    }
    /// Words of this instruction, extension words included.
    pub fn words(self) -> usize {
        1 + match self.op {
            Op::JmpTable => usize::from(self.b).div_ceil(2),
            Op::Select => usize::from(self.b) * 3 + 1,
            op => op.info().ext.len(),
        }
    }
    /// Whether control can go on to the next instruction.
    pub fn falls_through(self) -> bool {
        !matches!(
            self.op,
            Op::Jmp | Op::JmpL | Op::Ret | Op::Panic | Op::Trap | Op::GoEnd
        )
    }
    /// Whether functions may have it: some operations are of linked code or of the compiler's copies only.
    pub fn is_program(self) -> bool {
        !matches!(
            self.op,
            Op::Enter | Op::IfNotClosure | Op::IfNotMethod | Op::ExpectClosure | Op::ExpectMethod
        )
    }
    pub fn is_safepoint(self) -> bool {
        self.op.info().ext.contains(&Ext::Safepoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_safepoint_word_is_always_last() {
        for info in &OPS {
            if let Some(at) = info.ext.iter().position(|e| *e == Ext::Safepoint) {
                assert_eq!(at, info.ext.len() - 1, "{}", info.text);
            }
        }
    }

    #[test]
    fn instructions_survive_packing() {
        for info in &OPS {
            let instr = Instr::new(info.op, 1, 0xfffe, 77);
            assert_eq!(Instr::unpack(instr.pack()), Some(instr));
        }
    }
}
