//! Makes small functions for the tests of passes.

use crate::ssa::{
    Addr, Base, BinOp, BlockId, Cond, Edge, Exit, Inst, Object, Op, Ssa, Term, Type, UnOp, Value,
    Width,
};
use crate::validate::validate;

pub struct Maker {
    pub ssa: Ssa,
    block: BlockId,
}

pub fn frame(disp: i32) -> Addr {
    Addr {
        base: Base::Frame,
        scale: 0,
        disp,
    }
}

pub fn at(scale: u8, disp: i32) -> Addr {
    Addr {
        base: Base::Value,
        scale,
        disp,
    }
}

impl Maker {
    /// With an entry block, where instructions go at first.
    pub fn new() -> Maker {
        let mut maker = Maker {
            ssa: Ssa::default(),
            block: 0,
        };
        maker.block(&[]);
        maker
    }

    pub fn block(&mut self, params: &[Type]) -> BlockId {
        self.ssa.new_block(params)
    }

    pub fn param(&self, block: BlockId, i: usize) -> Value {
        self.ssa.blocks[block].params[i]
    }

    pub fn at(&mut self, block: BlockId) {
        self.block = block;
    }

    pub fn push(&mut self, op: Op, args: &[Value], result: Option<Type>) -> Value {
        self.push_exit(op, args, result, None)
    }

    /// A new object.
    pub fn object(&mut self, bytes: u32, pointers: u64) -> Value {
        let object = Object { bytes, pointers };
        self.push(Op::Alloc(object), &[], Some(Type::Ptr))
    }

    pub fn push_exit(
        &mut self,
        op: Op,
        args: &[Value],
        result: Option<Type>,
        exit: Option<Exit>,
    ) -> Value {
        let result = result.map(|t| self.ssa.result(op, t));
        self.ssa.blocks[self.block].insts.push(Inst {
            op,
            pc: 0,
            args: args.into(),
            result,
            exit,
        });
        result.unwrap_or(0)
    }

    pub fn constant(&mut self, k: i64) -> Value {
        self.push(Op::Const(k), &[], Some(Type::Word))
    }

    pub fn binary(&mut self, op: BinOp, x: Value, y: Value) -> Value {
        self.push(Op::Bin(op), &[x, y], Some(Type::Word))
    }

    pub fn unary(&mut self, op: UnOp, x: Value) -> Value {
        self.push(Op::Un(op), &[x], Some(Type::Word))
    }

    /// The word in a slot: something of which nothing is known.
    pub fn slot(&mut self, slot: i32) -> Value {
        self.push(Op::Load(frame(8 * slot), Width::W), &[], Some(Type::Word))
    }

    pub fn set_slot(&mut self, slot: i32, value: Value) {
        self.push(Op::Store(frame(8 * slot), Width::W), &[value], None);
    }

    pub fn load(&mut self, addr: Addr, args: &[Value]) -> Value {
        self.push(Op::Load(addr, Width::W), args, Some(Type::Word))
    }

    pub fn store(&mut self, addr: Addr, args: &[Value]) {
        self.push(Op::Store(addr, Width::W), args, None);
    }

    pub fn guard(&mut self, cond: Cond, x: Value, y: Value) {
        self.push_exit(Op::Guard(cond), &[x, y], None, Some(Exit::default()));
    }

    pub fn jump(&mut self, to: BlockId, args: &[Value]) {
        self.ssa.blocks[self.block].term = Term::Jump(Edge {
            block: to,
            args: args.to_vec(),
        });
    }

    /// A block that jumps on: arguments do not go along branches.
    pub fn edge_to(&mut self, to: BlockId, args: &[Value]) -> BlockId {
        let (here, edge) = (self.block, self.block(&[]));
        self.block = edge;
        self.jump(to, args);
        self.block = here;
        edge
    }

    pub fn branch(&mut self, cond: Cond, x: Value, y: Value, taken: BlockId, next: BlockId) {
        self.ssa.blocks[self.block].term = Term::branch(cond, [x, y], [taken, next]);
    }

    pub fn ret(&mut self) {
        self.ssa.blocks[self.block].term = Term::Return(None);
    }

    /// The function after a pass, which must leave it valid.
    pub fn after(mut self, pass: fn(&mut Ssa)) -> Ssa {
        validate(&self.ssa).unwrap();
        pass(&mut self.ssa);
        if let Err(e) = validate(&self.ssa) {
            panic!("{e}\n{}", self.ssa);
        }
        self.ssa
    }
}

/// What is stored, in order, of all blocks.
pub fn stored(ssa: &Ssa) -> Vec<Value> {
    let insts = ssa.blocks.iter().flat_map(|b| &b.insts);
    let stores = insts.filter(|i| matches!(i.op, Op::Store(..)));
    stores.map(|i| *i.args.last().unwrap()).collect()
}

/// The operations of a block.
pub fn operations(ssa: &Ssa, block: BlockId) -> Vec<Op> {
    ssa.blocks[block].insts.iter().map(|i| i.op).collect()
}

/// How many of a block's operations are checks.
pub fn guards(ssa: &Ssa, block: BlockId) -> usize {
    let is_guard = |i: &&Inst| matches!(i.op, Op::Guard(_));
    ssa.blocks[block].insts.iter().filter(is_guard).count()
}
