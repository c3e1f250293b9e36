//! What is put before a loop.

use runtime::heap::barrier::MARKING;

use crate::opt::memory::size;
use crate::opt::wide::cycle::{Against, Copy, Cycle, Fill, Limit, Run, Test, Work};
use crate::opt::wide::linear::{FRAME, Linear};
use crate::ssa::{
    Addr, Base, BinOp, BlockId, Cond, Edge, Exit, Inst, Op, Ssa, Term, Type, UnOp, Value, Width,
};

/// Bytes that `Op::Span` looks at.
const SPAN: i64 = 16;
/// Bytes of a round of copying.
const ROUND: i64 = 64;
/// What is left goes in smaller pieces, if elements are no larger.
const PIECE: i64 = 16;

/// Puts the wide moves of a loop before it.
pub fn make(ssa: &mut Ssa, cycle: Cycle) {
    let mut maker = Maker {
        ssa,
        block: cycle.preheader,
        now: cycle.params.iter().map(|p| p.first.clone()).collect(),
        loaded: Vec::new(),
        cycle: &cycle,
    };
    maker.load_fixed();
    let mut count = None;
    for limit in &cycle.limits {
        let most = maker.most(limit);
        count = Some(match count {
            Some(count) => maker.select(Cond::LtU, [most, count], [most, count]),
            None => most,
        });
    }
    let Some(count) = count else {
        return;
    };
    match &cycle.work {
        Work::Copy(copy) => maker.copy(count, copy),
        Work::Fill(fill) => maker.fill(count, fill),
        Work::Search { tests, width } => maker.search(count, tests, *width),
    }
}

struct Maker<'a> {
    ssa: &'a mut Ssa,
    cycle: &'a Cycle,
    /// What has been loaded before the loop.
    loaded: Vec<Value>,
    /// Where instructions go.
    block: BlockId,
    /// What the parameters are there: at first what they begin with.
    now: Vec<Linear>,
}

impl Maker<'_> {
    /// Loads what the loop loads anew in every iteration.
    fn load_fixed(&mut self) {
        for fixed in &self.cycle.fixed {
            let new = self.push(fixed.load.op, &fixed.load.args, self.ssa.typ(fixed.value));
            self.loaded.push(new);
        }
    }

    // ---- instructions

    fn inst(&mut self, op: Op, args: &[Value], result: Option<Value>, exit: Option<Exit>) {
        self.ssa.blocks[self.block].insts.push(Inst {
            op,
            pc: self.cycle.poll.pc,
            args: args.into(),
            result,
            exit,
        });
    }

    fn push(&mut self, op: Op, args: &[Value], typ: Type) -> Value {
        let result = self.ssa.value(typ);
        self.inst(op, args, Some(result), None);
        result
    }

    fn constant(&mut self, k: i64) -> Value {
        self.push(Op::Const(k), &[], Type::Word)
    }

    fn binary(&mut self, op: BinOp, x: Value, y: Value) -> Value {
        let pointer = op == BinOp::Add && self.ssa.typ(x) == Type::Ptr;
        let typ = if pointer { Type::Ptr } else { Type::Word };
        self.push(Op::Bin(op), &[x, y], typ)
    }

    fn select(&mut self, cond: Cond, compared: [Value; 2], of: [Value; 2]) -> Value {
        let args = [compared[0], compared[1], of[0], of[1]];
        self.push(Op::Select(cond), &args, Type::Word)
    }

    fn product(&mut self, x: Value, by: i64) -> Value {
        let (op, k) = match by {
            1 => return x,
            _ if by > 0 && by & (by - 1) == 0 => (BinOp::Shl, i64::from(by.trailing_zeros())),
            _ => (BinOp::Mul, by),
        };
        let k = self.constant(k);
        self.binary(op, x, k)
    }

    /// The sum, with the parameters as they are now.
    fn value(&mut self, of: &Linear) -> Value {
        let mut sum = Linear::constant(of.constant);
        for (v, k) in &of.terms {
            let param = self.cycle.params.iter().position(|p| p.value == *v);
            let fixed = self.cycle.fixed.iter().position(|f| f.value == *v);
            let now = match (param, fixed) {
                (Some(i), _) => &self.now[i],
                (None, Some(i)) => &Linear::value(self.loaded[i]),
                (None, None) => &Linear::value(*v),
            };
            sum = sum.plus(now, *k);
        }
        let Linear {
            mut terms,
            constant,
        } = sum;
        // Pointers first: their sums with numbers are pointers.
        let is_word = |v: Value| v != FRAME && self.ssa.typ(v) == Type::Word;
        terms.sort_by_key(|(v, k)| (is_word(*v), *k != 1));
        let mut sum = None;
        for (v, k) in terms {
            let v = match v {
                FRAME => self.push(Op::FrameAddr(0), &[], Type::Ptr),
                v => v,
            };
            sum = Some(match (sum, k) {
                (Some(sum), -1) => self.binary(BinOp::Sub, sum, v),
                (Some(sum), k) => {
                    let v = self.product(v, k);
                    self.binary(BinOp::Add, sum, v)
                }
                (None, k) => self.product(v, k),
            });
        }
        match (sum, constant) {
            (Some(sum), 0) => sum,
            (Some(sum), k) => {
                let k = self.constant(k);
                self.binary(BinOp::Add, sum, k)
            }
            (None, k) => self.constant(k),
        }
    }

    // ---- blocks

    fn jump(&mut self, block: BlockId, args: Vec<Value>) {
        self.ssa.blocks[self.block].term = Term::Jump(Edge { block, args });
    }

    /// Into the loop, with the parameters as they are now.
    fn enter(&mut self) {
        let args = (0..self.now.len()).map(|i| self.param(i)).collect();
        self.jump(self.cycle.header, args);
    }

    fn param(&mut self, i: usize) -> Value {
        let now = self.now[i].clone();
        self.value(&now)
    }

    /// Goes on in a new block when the condition holds, else enters the loop.
    fn only_if(&mut self, cond: Cond, x: Value, y: Value) {
        let [then, other] = self.fork(cond, x, y);
        self.block = other;
        self.enter();
        self.block = then;
    }

    /// Ends the block in two ways: where the condition holds, and where not.
    fn fork(&mut self, cond: Cond, x: Value, y: Value) -> [BlockId; 2] {
        let blocks = [(); 2].map(|()| self.ssa.new_block(&[]));
        self.ssa.blocks[self.block].term = Term::branch(cond, [x, y], blocks);
        blocks
    }

    /// The parameters after so many iterations.
    fn advance(&mut self, count: &Linear) {
        for i in 0..self.cycle.params.len() {
            let step = self.cycle.params[i].step;
            if step != 0 {
                let grown = self.now[i].clone().plus(count, step);
                self.now[i] = Linear::value(self.value(&grown));
            }
        }
    }

    /// In how many iterations the condition certainly holds.
    fn most(&mut self, limit: &Limit) -> Value {
        let (x, y) = (self.value(&limit.x), self.value(&limit.y));
        let zero = self.constant(0);
        if limit.step == 0 {
            let all = self.constant(-1);
            return self.select(limit.cond, [x, y], [all, zero]);
        }
        let left = if limit.step > 0 {
            self.binary(BinOp::Sub, y, x)
        } else {
            self.binary(BinOp::Sub, x, y)
        };
        let shift = limit.step.unsigned_abs().trailing_zeros();
        let left = if shift == 0 {
            left
        } else {
            let shift = self.constant(i64::from(shift));
            self.binary(BinOp::ShrU, left, shift)
        };
        if limit.cond == Cond::Ne {
            return left;
        }
        self.select(limit.cond, [x, y], [left, zero])
    }

    // ---- rounds

    /// A block that begins with the parameters that change, and how many iterations are left; the way there from here.
    fn meeting(&mut self) -> BlockId {
        let params = self.cycle.params.iter().filter(|p| p.step != 0);
        let mut types: Vec<Type> = params.map(|p| self.ssa.typ(p.value)).collect();
        types.push(Type::Word);
        self.ssa.new_block(&types)
    }

    fn go(&mut self, meeting: BlockId, left: Value) {
        let moving = (0..self.now.len()).filter(|i| self.cycle.params[*i].step != 0);
        let moving: Vec<usize> = moving.collect();
        let mut args: Vec<Value> = moving.into_iter().map(|i| self.param(i)).collect();
        args.push(left);
        self.jump(meeting, args);
    }

    /// Goes on in such a block; gives how many iterations are left.
    fn meet(&mut self, meeting: BlockId) -> Value {
        self.block = meeting;
        let params = &self.ssa.blocks[meeting].params;
        let moving = (0..self.now.len()).filter(|i| self.cycle.params[*i].step != 0);
        for (i, v) in moving.zip(params) {
            self.now[i] = Linear::value(*v);
        }
        params[params.len() - 1]
    }

    /// Does `work` for so many iterations at a time while as many are left, as there are at first. `work` may enter the loop instead. Gives how many are left then.
    fn rounds(&mut self, left: Value, iterations: i64, work: impl FnOnce(&mut Self)) -> Value {
        let head = self.meeting();
        self.go(head, left);
        let left = self.meet(head);
        work(self);
        self.advance(&Linear::constant(iterations));
        let whole = self.constant(iterations);
        let rest = self.binary(BinOp::Sub, left, whole);
        let exit = self.exit();
        let [again, end] = self.fork(Cond::GeU, rest, whole);
        self.block = again;
        self.inst(Op::Poll, &[], None, Some(exit));
        self.go(head, rest);
        self.block = end;
        rest
    }

    /// As `rounds`, where there may be too few for one.
    fn some_rounds(&mut self, left: Value, iterations: i64, work: impl FnOnce(&mut Self)) -> Value {
        let join = self.meeting();
        let whole = self.constant(iterations);
        let [then, skip] = self.fork(Cond::GeU, left, whole);
        self.block = skip;
        self.go(join, left);
        self.block = then;
        let before = self.now.clone();
        let rest = self.rounds(left, iterations, work);
        self.go(join, rest);
        self.now = before;
        self.meet(join)
    }

    /// Leaves the iteration before, in which the loop would have polled.
    fn exit(&mut self) -> Exit {
        let cycle = self.cycle;
        let live = cycle.live.iter().map(|(slot, at)| (*slot, self.value(at)));
        Exit {
            pc: cycle.poll.exit.as_ref().map_or(0, |exit| exit.pc),
            live: live.collect(),
        }
    }

    // ---- copies and fills

    /// Goes on only where the run of memory shares nothing with what is loaded from the same place again and again, and where nobody
    /// has to be told of pointers.
    fn only_if_apart(&mut self, run: &Run, count: Value) {
        if run.pointers {
            let flag = Addr {
                base: Base::Absolute(std::ptr::from_ref(&MARKING) as u64),
                scale: 0,
                disp: 0,
            };
            let marking = self.push(Op::Load(flag, Width::U32), &[], Type::Word);
            let zero = self.constant(0);
            self.only_if(Cond::Eq, marking, zero);
        }
        if self.cycle.fixed.is_empty() {
            return;
        }
        let to = self.value(&run.to);
        let bytes = self.product(count, run.size);
        for fixed in &self.cycle.fixed {
            let at = self.value(&fixed.at);
            let before = self.binary(BinOp::Sub, at, to);
            self.only_if(Cond::GeU, before, bytes);
            let behind = self.binary(BinOp::Sub, to, at);
            let own = self.constant(fixed.bytes);
            self.only_if(Cond::GeU, behind, own);
        }
    }

    fn copy(&mut self, count: Value, copy: &Copy) {
        let stages = stages(copy.run.size);
        let least = self.constant(stages[stages.len() - 1]);
        self.only_if(Cond::GeU, count, least);
        // What a round reads it has not written before.
        let (to, from) = (self.value(&copy.run.to), self.value(&copy.from));
        let bytes = self.constant(stages[0] * copy.run.size);
        let ahead = self.binary(BinOp::Sub, to, from);
        self.only_if(Cond::GeU, ahead, bytes);
        if !copy.read_first {
            let behind = self.binary(BinOp::Sub, from, to);
            self.only_if(Cond::GeU, behind, bytes);
        }
        self.only_if_apart(&copy.run, count);
        self.in_stages(count, &stages, |m, elements| {
            let (to, from) = (m.value(&copy.run.to), m.value(&copy.from));
            let bytes = (elements * copy.run.size) as u16;
            m.inst(Op::Copy(bytes), &[to, from], None, None);
        });
    }

    fn fill(&mut self, count: Value, fill: &Fill) {
        let stages = stages(fill.run.size);
        let least = self.constant(stages[stages.len() - 1]);
        self.only_if(Cond::GeU, count, least);
        self.only_if_apart(&fill.run, count);
        let value = match fill.value {
            None => self.constant(0),
            Some(v) if self.ssa.typ(v).is_float() => {
                self.push(Op::Un(UnOp::Bitcast), &[v], Type::Word)
            }
            Some(v) => v,
        };
        let width = match (fill.value, fill.run.size) {
            (None, _) | (_, 8) => Width::W,
            (_, 4) => Width::U32,
            (_, 2) => Width::U16,
            _ => Width::U8,
        };
        self.in_stages(count, &stages, |m, elements| {
            let to = m.value(&fill.run.to);
            let bytes = (elements * fill.run.size) as u16;
            m.inst(Op::Fill(width, bytes), &[to, value], None, None);
        });
    }

    /// Rounds of ever fewer iterations, the last number at least; then the loop.
    fn in_stages(&mut self, count: Value, stages: &[i64], work: impl Fn(&mut Self, i64)) {
        let mut left = count;
        match stages {
            [only] => {
                self.rounds(left, *only, |m| work(m, *only));
            }
            _ => {
                for stage in stages {
                    left = self.some_rounds(left, *stage, |m| work(m, *stage));
                }
            }
        }
        self.enter();
    }

    // ---- searches

    fn search(&mut self, count: Value, tests: &[Test], width: Width) {
        let lanes = SPAN / i64::from(size(width));
        let all = self.constant(lanes);
        self.only_if(Cond::GeU, count, all);
        for test in tests {
            if let (Against::Value(v), Some(extend)) = (&test.against, width.extension()) {
                // No element is what does not fit into one.
                let fits = self.push(Op::Un(extend), &[*v], Type::Word);
                self.only_if(Cond::Eq, *v, fits);
            }
        }
        self.rounds(count, lanes, |m| {
            let mut done = None;
            for test in tests {
                let element = m.value(&test.element);
                let (with, two) = match &test.against {
                    Against::Element(other) => (m.value(other), true),
                    Against::Constant(k) => (m.constant(*k), false),
                    Against::Value(v) => (*v, false),
                };
                let span = Op::Span(test.cond, width, two);
                let run = m.push(span, &[element, with], Type::Word);
                done = Some(match done {
                    Some(done) => m.select(Cond::LtU, [run, done], [run, done]),
                    None => run,
                });
            }
            let done = done.unwrap_or(all);
            let [again, found] = m.fork(Cond::Eq, done, all);
            let before = m.now.clone();
            m.block = found;
            m.advance(&Linear::value(done));
            m.enter();
            // What is the same in every round does not wait for what has been found.
            m.now = before;
            m.block = again;
        });
        self.enter();
    }
}

/// How many elements of so many bytes a round of at least `least` bytes takes: a multiple of 8 bytes.
fn elements(size: i64, least: i64) -> i64 {
    let whole = 8 >> size.trailing_zeros().min(3);
    let count = (least + size - 1) / size;
    (count + whole - 1) / whole * whole
}

/// The numbers of elements that rounds take, one kind of rounds after the other.
fn stages(size: i64) -> Vec<i64> {
    let mut stages = vec![elements(size, ROUND), elements(size, PIECE)];
    stages.dedup();
    stages
}
