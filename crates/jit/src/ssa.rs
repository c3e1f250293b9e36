//! The intermediate form: SSA with block arguments, values of four types.
//!
//! A function works on an interpreter's frame (see the crate's documentation). `Exit` is the way back: it says which slots of the frame
//! hold stale words, what belongs there, and at which bytecode instruction the interpreter is to go on.

use std::fmt;

use bytecode::func::CallSite;
use smallvec::SmallVec;

use crate::origins::Origins;

pub type Value = u32;
pub type BlockId = usize;

/// All are 64 bits wide, so that no word is too long for any of them. A float32's upper half is clear, as it is in its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Type {
    Word,
    Ptr,
    F64,
    F32,
}

impl Type {
    pub fn is_float(self) -> bool {
        matches!(self, Type::F64 | Type::F32)
    }

    /// Whether a value of the other type is one of this, too, as it is.
    pub fn is_as(self, other: Type) -> bool {
        self == other || !self.is_float() && !other.is_float()
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum BinOp {
    Add,
    Sub,
    Mul,
    And,
    Or,
    Xor,
    AndNot,
    /// Shifts as Go's: counts of 64 and more shift everything out.
    Shl,
    ShrU,
    ShrS,
    /// Shifts as the processor's: the count is taken modulo the number of bits.
    ShlMod,
    ShrUMod,
    ShrSMod,
    /// The divisor is not zero.
    DivS,
    DivU,
    RemS,
    RemU,
    /// The high half of the unsigned product.
    MulHiU,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum UnOp {
    Neg,
    Not,
    ExtS8,
    ExtS16,
    ExtS32,
    ExtU8,
    ExtU16,
    ExtU32,
    Clz,
    Ctz,
    Popcnt,
    Bswap,
    Sqrt,
    Abs,
    FNeg,
    Floor,
    Ceil,
    Trunc,
    /// A float truncated to 32 bits, sign-extended; -1<<31 where it does not fit.
    Convert32,
    /// Between integers and floats; the types of argument and result say which.
    Convert,
    /// The same bits in another type.
    Bitcast,
    /// The same value, in another place.
    Copy,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum FloatOp {
    Add,
    Sub,
    Mul,
    Div,
    /// Go's: the bits of both are united where one is NaN or they compare equal.
    Min,
}

/// Comparisons, of floats when the arguments are. Not-less holds for NaN.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Cond {
    Eq,
    Ne,
    LtS,
    LeS,
    GtS,
    GeS,
    LtU,
    LeU,
    GtU,
    GeU,
    FEq,
    FNe,
    FLt,
    FLe,
    FNlt,
    FNle,
}

/// Width and extension of a memory access.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Width {
    S8,
    U8,
    S16,
    U16,
    S32,
    U32,
    W,
    /// A word that is a pointer, in stores: where the memory is no frame's for certain, the collector is told.
    P,
}

impl Width {
    /// What makes of a word one that is loaded so; None where it is the word itself.
    pub fn extension(self) -> Option<UnOp> {
        match self {
            Width::S8 => Some(UnOp::ExtS8),
            Width::U8 => Some(UnOp::ExtU8),
            Width::S16 => Some(UnOp::ExtS16),
            Width::U16 => Some(UnOp::ExtU16),
            Width::S32 => Some(UnOp::ExtS32),
            Width::U32 => Some(UnOp::ExtU32),
            Width::W | Width::P => None,
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Base {
    /// The first argument.
    Value,
    /// The same, a closure: once made nobody writes it.
    Closure,
    /// Slot 0 of the frame.
    Frame,
    /// The visit's `Context`, where helpers leave second results.
    Context,
    /// An address that never changes.
    Absolute(u64),
}

/// An address: base + index * scale + disp; the index, if any, is the argument after the base.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Addr {
    pub base: Base,
    /// 0: no index.
    pub scale: u8,
    pub disp: i32,
}

/// What is called.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Callee {
    /// The function with this handle.
    Direct(u64),
    /// The argument is a closure.
    Closure,
    /// The argument is a function's handle.
    Handle,
}

/// Arguments that are passed in registers, too. Their slots have them in any case.
pub const REGISTER_ARGS: usize = 4;
/// `Op::Param` of the closure.
pub const CLOSURE: u8 = REGISTER_ARGS as u8;

/// A function of the runtime that is no safepoint: it may read and write memory, but never moves the stack, collects or blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Helper {
    pub address: u64,
    /// It takes the `Context` before the arguments.
    pub context: bool,
}

/// A zeroed object that is made in place (`runtime::heap::cache::in_place` says of which there is a way).
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Object {
    pub bytes: u32,
    /// Bit i: word i is a pointer.
    pub pointers: u64,
}

/// Sequentially consistent accesses.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum AtomicOp {
    Load,
    /// Takes the new value, gives the old one.
    Swap,
    /// Takes what is added, gives the sum.
    Add,
    /// Takes the old value and the new one, gives whether they have been exchanged.
    CompareAndSwap,
}

/// The interpreter's function for an instruction at a word offset, which is to lead to the second offset.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub struct Operation {
    pub pc: u32,
    pub next: u32,
    pub op: bytecode::isa::Op,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Op {
    /// What the caller has passed in a register, known at the function's entry only: the argument in this slot of its outgoing area, or the
    /// closure (`CLOSURE`).
    Param(u8),
    Const(i64),
    Bin(BinOp),
    Un(UnOp),
    /// The same on the arguments' low 32 bits; the result's others are clear. The last passes make them.
    Bin32(BinOp),
    Un32(UnOp),
    Float(FloatOp),
    Rotl64,
    Rotl32,
    Compare(Cond),
    /// The third argument where the condition holds of the first two, else the fourth; all are words.
    Select(Cond),
    Load(Addr, Width),
    Store(Addr, Width),
    FrameAddr(i32),
    /// Takes the exit unless the condition holds of what is checked and what it is checked against. Where that is an unsigned "less", it is
    /// a length or capacity, never negative.
    Guard(Cond),
    /// Takes the exit when the scheduler or the collector wants something.
    Poll,
    /// Of the 16 bytes at the first argument, an address, how many elements there are before the first of which the condition does not hold: all when there is none.
    /// They are compared with the second argument, a word of which the low part counts, or (`true`) with those at that address. Orders are of unsigned elements of
    /// less than a word.
    Span(Cond, Width, bool),
    /// Copies so many bytes to the first argument from the second, in order: they may overlap if the first is the lower one. Tells nobody of pointers.
    Copy(u16),
    /// Writes the low part of a word again and again into so many bytes, a multiple of 8. Tells nobody, either.
    Fill(Width, u16),
    /// One word of memory, which other threads may access at the same time: the argument is its address, then what the operation takes. `true`: 64 bits, else 32.
    Atomic(AtomicOp, bool),
    /// A call of the runtime; arguments and result are words.
    Helper(Helper),
    /// A new object, its address. As with helpers, it is no safepoint, and nobody has seen the memory before.
    Alloc(Object),
    /// The instruction's operands are at home, its results will be. No safepoint: everything else stays where it is, unless it panics,
    /// which leaves compiled code.
    Perform(Operation),
    /// Does nothing. Its exit says how the interpreter enters the loop that begins after it, for checks that are moved here.
    Anchor,
    /// All of the frame is in memory before these two, and nothing is known of it after them. A call's arguments are the closure or handle, if any, and the first
    /// arguments of the callee; its result is the callee's first, which is in its slot as well.
    Call(Callee, u32),
    /// A safepoint, or more: another goroutine may run before it is done.
    Step(Operation),
    /// A note for the checker of homes, made when it is wanted: the slot's value is the argument from here on. No use of it.
    Becomes(u32),
    /// As such: here the argument is taken to be the slot's value.
    Reads(u32),
}

impl Op {
    /// The result depends on nothing but arguments and operation, and there is no effect. (A frame's address changes when the stack moves.)
    pub fn is_pure(self) -> bool {
        matches!(
            self,
            Op::Const(_)
                | Op::Bin(_)
                | Op::Un(_)
                | Op::Bin32(_)
                | Op::Un32(_)
                | Op::Float(_)
                | Op::Rotl64
                | Op::Rotl32
                | Op::Compare(_)
                | Op::Select(_)
        )
    }
    /// What has a float for a result makes one of numbers; it does not only move it.
    fn is_float_arithmetic(self) -> bool {
        matches!(self, Op::Float(_) | Op::Un(_))
            && !matches!(self, Op::Un(UnOp::Bitcast | UnOp::Copy))
    }
    /// Does nothing, and passes are to act as if it were not there.
    pub fn is_note(self) -> bool {
        matches!(self, Op::Becomes(_) | Op::Reads(_))
    }
    /// Nothing is lost when it is not executed and its result not used.
    pub fn is_removable(self) -> bool {
        self.is_pure()
            || matches!(
                self,
                Op::Load(..) | Op::FrameAddr(_) | Op::Param(_) | Op::Alloc(_)
            )
    }
}

/// A way back to the interpreter.
#[derive(Clone, Debug, Default)]
pub struct Exit {
    /// Word offset where the interpreter goes on.
    pub pc: u32,
    /// What has to be written into which slots first. An inlined callee's frame is below: its slots have negative numbers.
    pub live: Vec<(i32, Value)>,
}

/// Few instructions have more arguments than fit without an allocation.
pub type Args = SmallVec<[Value; 4]>;

#[derive(Clone, Debug)]
pub struct Inst {
    pub op: Op,
    /// Word offset of the bytecode instruction that it comes from.
    pub pc: u32,
    pub args: Args,
    pub result: Option<Value>,
    pub exit: Option<Exit>,
}

#[derive(Clone, Debug, Default)]
pub struct Edge {
    pub block: BlockId,
    pub args: Vec<Value>,
}

#[derive(Clone, Debug)]
pub enum Term {
    Jump(Edge),
    Branch {
        cond: Cond,
        args: [Value; 2],
        edges: [Edge; 2],
    },
    /// Entry `index` of the edges, the last one when there is none.
    Table {
        index: Value,
        edges: Vec<Edge>,
    },
    /// With the first result, if there is one.
    Return(Option<Value>),
    Exit(Exit),
}

impl Term {
    /// To the first block where the condition holds of the arguments, else to the second; neither has parameters.
    pub fn branch(cond: Cond, args: [Value; 2], to: [BlockId; 2]) -> Term {
        let edges = to.map(|block| Edge {
            block,
            args: Vec::new(),
        });
        Term::Branch { cond, args, edges }
    }
    pub fn edges(&self) -> &[Edge] {
        match self {
            Term::Jump(edge) => std::slice::from_ref(edge),
            Term::Branch { edges, .. } => edges,
            Term::Table { edges, .. } => edges,
            Term::Return(_) | Term::Exit(_) => &[],
        }
    }
    pub fn edges_mut(&mut self) -> &mut [Edge] {
        match self {
            Term::Jump(edge) => std::slice::from_mut(edge),
            Term::Branch { edges, .. } => edges,
            Term::Table { edges, .. } => edges,
            Term::Return(_) | Term::Exit(_) => &mut [],
        }
    }
    /// Every value that is read, edges' arguments included.
    pub fn for_each_use(&mut self, f: &mut dyn FnMut(&mut Value)) {
        match self {
            Term::Branch { args, .. } => args.iter_mut().for_each(&mut *f),
            Term::Table { index, .. } => f(index),
            Term::Return(Some(value)) => f(value),
            Term::Exit(exit) => exit.live.iter_mut().for_each(|(_, v)| f(v)),
            _ => {}
        }
        for edge in self.edges_mut() {
            edge.args.iter_mut().for_each(&mut *f);
        }
    }
}

impl Inst {
    /// Every value that is read.
    pub fn for_each_use(&mut self, f: &mut dyn FnMut(&mut Value)) {
        if !self.op.is_note() {
            self.for_each_value(f);
        }
    }
    /// Every value that is named, by a note, too; results are not.
    pub fn for_each_value(&mut self, f: &mut dyn FnMut(&mut Value)) {
        self.args.iter_mut().for_each(&mut *f);
        if let Some(exit) = &mut self.exit {
            exit.live.iter_mut().for_each(|(_, v)| f(v));
        }
    }
}

#[derive(Clone, Debug)]
pub struct Block {
    pub params: Vec<Value>,
    pub insts: Vec<Inst>,
    pub term: Term,
}

/// A list of blocks for each block, all in one piece of memory.
pub struct Lists {
    ends: Vec<u32>,
    items: Vec<BlockId>,
}

impl Lists {
    /// `pairs` calls what it is given with each list's number and one of its items, twice the same.
    pub fn new(count: usize, pairs: impl Fn(&mut dyn FnMut(BlockId, BlockId))) -> Lists {
        let mut ends = vec![0; count + 1];
        pairs(&mut |list, _| ends[list + 1] += 1);
        for i in 0..count {
            ends[i + 1] += ends[i];
        }
        // Where the next item of each list goes; in the end, where the list ends.
        let mut items = vec![0; ends[count] as usize];
        pairs(&mut |list, item| {
            items[ends[list] as usize] = item;
            ends[list] += 1;
        });
        ends.pop();
        Lists { ends, items }
    }
}

impl std::ops::Index<BlockId> for Lists {
    type Output = [BlockId];

    fn index(&self, list: BlockId) -> &[BlockId] {
        let start = list.checked_sub(1).map_or(0, |before| self.ends[before]);
        &self.items[start as usize..self.ends[list] as usize]
    }
}

/// A function; block 0 is the entry and has no parameters and no predecessors.
#[derive(Default)]
pub struct Ssa {
    pub blocks: Vec<Block>,
    pub types: Vec<Type>,
    /// Blocks that are seldom entered.
    pub cold: Vec<BlockId>,
    /// Words of variables that are accessed in memory only, some of them through their addresses; the first is the lowest of what is `below`.
    pub exposed: Vec<bool>,
    /// Values that arithmetic with floats has made. Other values of such a type may be anything: a slot that holds a float at one time and a pointer at another has the float's type.
    computed: Vec<bool>,
    /// Which words of its code are whose.
    pub origins: Origins,
    /// Words below our frame that frames of inlined callees would take, at most.
    pub below: u32,
    /// Of these, what the stack must have room for before anything else is done; 0 when the red zone is enough.
    pub room: u32,
    /// Call sites that are guessed at, and what was known of them.
    pub guesses: Vec<Guess>,
}

/// A call site that code rests on: should it come to be known for calling anything else, the code is to be made anew.
#[derive(Clone, Copy)]
pub struct Guess {
    pub site: &'static CallSite,
    pub seen: [u64; 2],
}

impl Ssa {
    pub fn value(&mut self, typ: Type) -> Value {
        self.types.push(typ);
        (self.types.len() - 1) as Value
    }
    /// A new block with parameters of these types, which returns as long as nothing else is said.
    pub fn new_block(&mut self, params: &[Type]) -> BlockId {
        let params = params.iter().map(|t| self.value(*t)).collect();
        self.blocks.push(Block {
            params,
            insts: Vec::new(),
            term: Term::Return(None),
        });
        self.blocks.len() - 1
    }
    /// The result of an operation.
    pub fn result(&mut self, op: Op, typ: Type) -> Value {
        let value = self.value(typ);
        if typ.is_float() && op.is_float_arithmetic() {
            self.computed.resize(self.types.len(), false);
            self.computed[value as usize] = true;
        }
        value
    }
    /// The value is a float, never a pointer in a float's register.
    pub fn is_computed(&self, value: Value) -> bool {
        self.computed.get(value as usize).copied().unwrap_or(false)
    }
    /// The number of a word of the frame, or of what is below it, counted from the lowest.
    pub fn number(&self, word: i32) -> usize {
        (word + self.below as i32).max(0) as usize
    }
    pub fn is_exposed(&self, word: i32) -> bool {
        let number = self.number(word);
        self.exposed.get(number).copied().unwrap_or(false)
    }
    pub fn typ(&self, value: Value) -> Type {
        self.types[value as usize]
    }
    /// The predecessors of each block.
    pub fn preds(&self) -> Lists {
        let edges = |see: &mut dyn FnMut(BlockId, BlockId)| {
            for (i, block) in self.blocks.iter().enumerate() {
                block.term.edges().iter().for_each(|e| see(e.block, i));
            }
        };
        Lists::new(self.blocks.len(), edges)
    }
    /// Reachable blocks, each before its successors except along back-edges.
    pub fn reverse_postorder(&self) -> Vec<BlockId> {
        let mut seen = vec![false; self.blocks.len()];
        let mut order = Vec::with_capacity(self.blocks.len());
        let mut stack = Vec::with_capacity(self.blocks.len());
        stack.push((0, 0));
        seen[0] = true;
        while let Some((block, next)) = stack.pop() {
            if let Some(edge) = self.blocks[block].term.edges().get(next) {
                stack.push((block, next + 1));
                if !std::mem::replace(&mut seen[edge.block], true) {
                    stack.push((edge.block, 0));
                }
            } else {
                order.push(block);
            }
        }
        order.reverse();
        order
    }
    /// Immediate dominators (Cooper, Harvey and Kennedy); unreachable blocks have none.
    pub fn dominators(&self) -> Vec<Option<BlockId>> {
        let order = self.reverse_postorder();
        let mut number = vec![usize::MAX; self.blocks.len()];
        for (i, block) in order.iter().enumerate() {
            number[*block] = i;
        }
        let preds = self.preds();
        let mut idom: Vec<Option<BlockId>> = vec![None; self.blocks.len()];
        idom[0] = Some(0);
        let mut changed = true;
        while changed {
            changed = false;
            for &block in &order[1..] {
                let mut new: Option<BlockId> = None;
                for &pred in &preds[block] {
                    if idom[pred].is_none() {
                        continue;
                    }
                    new = Some(match new {
                        None => pred,
                        Some(mut x) => {
                            let mut y = pred;
                            while x != y {
                                if number[x] > number[y] {
                                    x = idom[x].expect("numbered blocks have dominators");
                                } else {
                                    y = idom[y].expect("numbered blocks have dominators");
                                }
                            }
                            x
                        }
                    });
                }
                if idom[block] != new {
                    idom[block] = new;
                    changed = true;
                }
            }
        }
        idom
    }
}

impl fmt::Display for Ssa {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |values: &[Value]| {
            let texts: Vec<String> = values.iter().map(|v| format!("v{v}")).collect();
            texts.join(", ")
        };
        let edge = |e: &Edge| format!("b{}({})", e.block, list(&e.args));
        let exit = |e: &Exit| {
            let live: Vec<String> = e.live.iter().map(|(s, v)| format!("s{s}=v{v}")).collect();
            format!("exit {} [{}]", e.pc, live.join(", "))
        };
        for (i, block) in self.blocks.iter().enumerate() {
            let params: Vec<String> = block
                .params
                .iter()
                .map(|v| format!("v{v}: {:?}", self.typ(*v)))
                .collect();
            writeln!(f, "b{i}({}):", params.join(", "))?;
            let notes = f.alternate();
            for inst in block.insts.iter().filter(|i| notes || !i.op.is_note()) {
                write!(f, "    ")?;
                if let Some(v) = inst.result {
                    write!(f, "v{v}: {:?} = ", self.typ(v))?;
                }
                write!(f, "{:?} {}", inst.op, list(&inst.args))?;
                if let Some(e) = &inst.exit {
                    write!(f, " else {}", exit(e))?;
                }
                writeln!(f)?;
            }
            match &block.term {
                Term::Jump(e) => writeln!(f, "    jump {}", edge(e))?,
                Term::Branch { cond, args, edges } => writeln!(
                    f,
                    "    branch {cond:?} {} {} {}",
                    list(args),
                    edge(&edges[0]),
                    edge(&edges[1])
                )?,
                Term::Table { index, edges } => {
                    let edges: Vec<String> = edges.iter().map(edge).collect();
                    writeln!(f, "    table v{index} {}", edges.join(" "))?;
                }
                Term::Return(value) => writeln!(f, "    return {}", list(value.as_slice()))?,
                Term::Exit(e) => writeln!(f, "    {}", exit(e))?,
            }
        }
        Ok(())
    }
}

impl Cond {
    /// The condition on words that holds of y and x when this one holds of x and y.
    pub fn swap(self) -> Option<Cond> {
        Some(match self {
            Cond::Eq | Cond::Ne => self,
            Cond::LtS => Cond::GtS,
            Cond::LeS => Cond::GeS,
            Cond::GtS => Cond::LtS,
            Cond::GeS => Cond::LeS,
            Cond::LtU => Cond::GtU,
            Cond::LeU => Cond::GeU,
            Cond::GtU => Cond::LtU,
            Cond::GeU => Cond::LeU,
            _ => return None,
        })
    }
    /// The condition that holds when this one does not.
    pub fn negate(self) -> Cond {
        match self {
            Cond::Eq => Cond::Ne,
            Cond::Ne => Cond::Eq,
            Cond::LtS => Cond::GeS,
            Cond::LeS => Cond::GtS,
            Cond::GtS => Cond::LeS,
            Cond::GeS => Cond::LtS,
            Cond::LtU => Cond::GeU,
            Cond::GeU => Cond::LtU,
            Cond::LeU => Cond::GtU,
            Cond::GtU => Cond::LeU,
            Cond::FEq => Cond::FNe,
            Cond::FNe => Cond::FEq,
            Cond::FLt => Cond::FNlt,
            Cond::FLe => Cond::FNle,
            Cond::FNlt => Cond::FLt,
            Cond::FNle => Cond::FLe,
        }
    }
}
