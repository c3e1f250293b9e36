//! Removes checks that can't fail and branches that can go one way only.
//!
//! What is asked is always whether x - y <= c, over whole numbers. `Facts` collects what branches and checks tell about pairs of values and where each
//! holds; a proof walks from x along facts and definitions (as the ABCD algorithm of Bodik, Gupta and Sarkar does), and through a loop's
//! parameter by induction: the claim is taken to hold in the iteration before.

use rustc_hash::FxHashMap;

use crate::opt::extent::{extension, range, range_of_load};
use crate::opt::flow::{Dominators, definitions};
use crate::ssa::{BinOp, BlockId, Cond, Inst, Lists, Op, Ssa, Term, Type, UnOp, Value};

/// Steps that a proof may take.
const BUDGET: u32 = 96;
const DEPTH: u32 = 10;
/// Stands for the number 0: constants are distances from it.
const ZERO: Value = Value::MAX;
/// Pointers below this are nil.
const PAGE: i64 = 4096;

pub fn run(ssa: &mut Ssa) {
    let dominators = Dominators::new(ssa);
    let facts = Facts::new(ssa, &dominators);
    let order = ssa.reverse_postorder();
    let mut useless: Vec<(BlockId, usize)> = Vec::new();
    let mut decided: Vec<(BlockId, bool)> = Vec::new();
    for &b in &order {
        let block = &ssa.blocks[b];
        for (i, inst) in block.insts.iter().enumerate() {
            if let Op::Guard(cond) = inst.op
                && facts.holds(cond, inst.args[0], inst.args[1], (b, i + 1))
            {
                useless.push((b, i));
            }
        }
        if let Term::Branch { cond, args, .. } = &block.term {
            let end = (b, block.insts.len() + 1);
            if facts.holds(*cond, args[0], args[1], end) {
                decided.push((b, true));
            } else if facts.holds(cond.negate(), args[0], args[1], end) {
                decided.push((b, false));
            }
        }
    }
    for (b, i) in useless.into_iter().rev() {
        ssa.blocks[b].insts.remove(i);
    }
    for (b, holds) in decided {
        let edge = ssa.blocks[b].term.edges()[usize::from(!holds)].clone();
        ssa.blocks[b].term = Term::Jump(edge);
    }
}

/// A block and the position of an instruction in it, counted from 1; parameters are at 0.
type Point = (BlockId, usize);

/// x - y <= c after a point.
#[derive(Clone, Copy)]
struct Fact {
    from: Point,
    y: Value,
    c: i128,
}

/// How a value is made, as far as proofs understand it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Def {
    Other,
    Const(i64),
    /// The sum of a value and a constant, wrapping.
    Offset(Value, i64),
    Binary(BinOp, Value, Value),
    /// A block's parameter: block, index.
    Param(BlockId, usize),
}

pub struct Facts<'a> {
    ssa: &'a Ssa,
    dominators: &'a Dominators,
    defs: Vec<Def>,
    place: Vec<Option<Point>>,
    range: Vec<(i64, i64)>,
    /// By x.
    facts: FxHashMap<Value, Vec<Fact>>,
    /// Pointers that are not nil after a point.
    pointers: FxHashMap<Value, Vec<Point>>,
    /// Where arguments for a block come from.
    incoming: Lists,
}

/// A claim that is being proved.
struct Goal {
    x: Value,
    y: Value,
    c: i128,
}

struct Proof {
    steps: u32,
    /// What is taken to hold in the iteration before.
    goals: Vec<Goal>,
    /// What is being tried, or was in vain, at the end of or in which block: something harder need not be.
    tried: Vec<(Goal, BlockId)>,
}

impl<'a> Facts<'a> {
    pub fn new(ssa: &'a Ssa, dominators: &'a Dominators) -> Facts<'a> {
        let count = ssa.types.len();
        let mut facts = Facts {
            ssa,
            dominators,
            defs: vec![Def::Other; count],
            place: definitions(ssa),
            range: vec![(i64::MIN, i64::MAX); count],
            facts: FxHashMap::default(),
            pointers: FxHashMap::default(),
            incoming: ssa.preds(),
        };
        let order = ssa.reverse_postorder();
        for &b in &order {
            for (i, p) in ssa.blocks[b].params.iter().enumerate() {
                facts.defs[*p as usize] = Def::Param(b, i);
            }
            for inst in &ssa.blocks[b].insts {
                facts.define(inst);
            }
        }
        for &b in &order {
            facts.learn(b);
        }
        facts
    }

    fn define(&mut self, inst: &Inst) {
        let Some(v) = inst.result else {
            return;
        };
        let constant = |v: Value| match self.defs[v as usize] {
            Def::Const(k) => Some(k),
            _ => None,
        };
        let full = (i64::MIN, i64::MAX);
        let below = |max: i64| (0, max);
        let (def, range) = match inst.op {
            Op::Const(k) => (Def::Const(k), (k, k)),
            Op::Bin(op) => {
                let (x, y) = (inst.args[0], inst.args[1]);
                let (rx, ry) = (self.range[x as usize], self.range[y as usize]);
                let def = match (op, constant(x), constant(y)) {
                    (BinOp::Add, _, Some(k)) => Def::Offset(x, k),
                    (BinOp::Add, Some(k), _) => Def::Offset(y, k),
                    (BinOp::Sub, _, Some(k)) if k != i64::MIN => Def::Offset(x, -k),
                    _ => Def::Binary(op, x, y),
                };
                let range = match op {
                    BinOp::Add => match (rx.0.checked_add(ry.0), rx.1.checked_add(ry.1)) {
                        (Some(low), Some(high)) => (low, high),
                        _ => full,
                    },
                    BinOp::Sub => match (rx.0.checked_sub(ry.1), rx.1.checked_sub(ry.0)) {
                        (Some(low), Some(high)) => (low, high),
                        _ => full,
                    },
                    BinOp::Mul if rx.0 >= 0 && ry.0 >= 0 => match rx.1.checked_mul(ry.1) {
                        Some(high) => (rx.0 * ry.0, high),
                        None => full,
                    },
                    BinOp::And if ry.0 >= 0 && rx.0 >= 0 => below(rx.1.min(ry.1)),
                    BinOp::And if ry.0 >= 0 => below(ry.1),
                    BinOp::And if rx.0 >= 0 => below(rx.1),
                    BinOp::AndNot if rx.0 >= 0 => below(rx.1),
                    BinOp::Or | BinOp::Xor if rx.0 >= 0 && ry.0 >= 0 => {
                        let bits = 64 - (rx.1 | ry.1).leading_zeros();
                        below(if bits >= 63 {
                            i64::MAX
                        } else {
                            (1 << bits) - 1
                        })
                    }
                    BinOp::ShrU => match constant(y) {
                        Some(k) if rx.0 >= 0 && (0..64).contains(&k) => (rx.0 >> k, rx.1 >> k),
                        Some(k) if (1..64).contains(&k) => below((u64::MAX >> k) as i64),
                        _ if rx.0 >= 0 => below(rx.1),
                        _ => full,
                    },
                    BinOp::ShrS => match constant(y) {
                        Some(k) if (0..64).contains(&k) => (rx.0 >> k, rx.1 >> k),
                        _ if rx.0 >= 0 => below(rx.1),
                        _ => full,
                    },
                    BinOp::Shl => match constant(y) {
                        Some(k) if (0..63).contains(&k) && rx.0 >= 0 && rx.1 <= i64::MAX >> k => {
                            (rx.0 << k, rx.1 << k)
                        }
                        _ => full,
                    },
                    BinOp::RemU if ry.0 > 0 => below(ry.1 - 1),
                    BinOp::RemS if ry.0 > 0 && rx.0 >= 0 => below((ry.1 - 1).min(rx.1)),
                    BinOp::RemS if ry.0 > 0 => (1 - ry.1, ry.1 - 1),
                    BinOp::DivS | BinOp::DivU if rx.0 >= 0 && ry.0 > 0 => {
                        (rx.0 / ry.1, rx.1 / ry.0)
                    }
                    _ => full,
                };
                (def, range)
            }
            Op::Un(op) => {
                let from = self.ssa.typ(inst.args[0]);
                let x = self.range[inst.args[0] as usize];
                let extends = extension(inst.op);
                let to = match op {
                    UnOp::Clz | UnOp::Ctz | UnOp::Popcnt => below(64),
                    _ => range(extends),
                };
                if extends.is_some() && !from.is_float() && to.0 <= x.0 && x.1 <= to.1 {
                    (Def::Offset(inst.args[0], 0), x)
                } else {
                    (Def::Other, to)
                }
            }
            Op::Load(_, width) if !self.ssa.typ(v).is_float() => (Def::Other, range_of_load(width)),
            Op::Compare(_) => (Def::Other, below(1)),
            Op::FrameAddr(_) | Op::Alloc(_) => {
                self.pointers.entry(v).or_default().push((0, 0));
                (Def::Other, full)
            }
            _ => (Def::Other, full),
        };
        self.defs[v as usize] = def;
        self.range[v as usize] = range;
    }

    /// What is known in a block because of how it was reached and of its checks.
    fn learn(&mut self, b: BlockId) {
        let ssa = self.ssa;
        if let [pred] = self.incoming[b][..]
            && let Term::Branch { cond, args, edges } = &ssa.blocks[pred].term
            && edges[0].block != edges[1].block
        {
            let cond = if edges[0].block == b {
                *cond
            } else {
                cond.negate()
            };
            self.tell(cond, args[0], args[1], (b, 0));
        }
        for (i, inst) in ssa.blocks[b].insts.iter().enumerate() {
            if let Op::Guard(cond) = inst.op {
                let (x, y) = (inst.args[0], inst.args[1]);
                self.tell(cond, x, y, (b, i + 1));
                if matches!(cond, Cond::LtU | Cond::LeU) {
                    // Neither is negative, as the second is a length.
                    let less = i128::from(cond == Cond::LtU);
                    self.fact(x, y, -less, (b, i + 1));
                    self.fact(ZERO, x, 0, (b, i + 1));
                    self.fact(ZERO, y, -less, (b, i + 1));
                }
            }
        }
    }

    fn tell(&mut self, cond: Cond, x: Value, y: Value, from: Point) {
        match cond {
            Cond::LtS => self.fact(x, y, -1, from),
            Cond::LeS => self.fact(x, y, 0, from),
            Cond::GtS => self.fact(y, x, -1, from),
            Cond::GeS => self.fact(y, x, 0, from),
            Cond::Eq => {
                self.fact(x, y, 0, from);
                self.fact(y, x, 0, from);
            }
            Cond::Ne if self.defs[y as usize] == Def::Const(0) => {
                self.pointers.entry(x).or_default().push(from);
            }
            Cond::GeU if matches!(self.defs[y as usize], Def::Const(k) if k >= PAGE) => {
                self.pointers.entry(x).or_default().push(from);
            }
            Cond::LtU | Cond::LeU if self.range[y as usize].0 >= 0 => {
                self.fact(x, y, -i128::from(cond == Cond::LtU), from);
                self.fact(ZERO, x, 0, from);
            }
            _ => {}
        }
    }

    /// A constant is a distance from zero.
    fn as_distance(&self, v: Value) -> (Value, i128) {
        match self.defs.get(v as usize) {
            Some(Def::Const(k)) => (ZERO, i128::from(*k)),
            _ => (v, 0),
        }
    }

    fn fact(&mut self, x: Value, y: Value, c: i128, from: Point) {
        let ((x, kx), (y, ky)) = (self.as_distance(x), self.as_distance(y));
        let c = c - kx + ky;
        if x != y {
            self.facts.entry(x).or_default().push(Fact { from, y, c });
        }
    }

    fn in_force(&self, from: Point, at: Point) -> bool {
        if from.0 == at.0 {
            from.1 < at.1
        } else {
            self.dominators.dominates(from.0, at.0)
        }
    }

    /// Whether the condition holds whenever the point is reached.
    pub fn holds(&self, cond: Cond, x: Value, y: Value, at: Point) -> bool {
        let le = |x, y, c| self.prove(x, y, c, at);
        match cond {
            Cond::LtS => le(x, y, -1),
            Cond::LeS => le(x, y, 0),
            Cond::GtS => le(y, x, -1),
            Cond::GeS => le(y, x, 0),
            // From zero to y (which need not be known to be positive) there is room for x.
            Cond::LtU => le(ZERO, x, 0) && le(x, y, -1),
            Cond::LeU => le(ZERO, x, 0) && le(x, y, 0),
            Cond::GtU => le(ZERO, y, 0) && le(y, x, -1),
            Cond::GeU => {
                let page =
                    matches!(self.defs[y as usize], Def::Const(k) if (1..=PAGE).contains(&k));
                page && self.is_pointer(x, at, DEPTH) || le(ZERO, y, 0) && le(y, x, 0)
            }
            Cond::Ne => {
                self.defs[y as usize] == Def::Const(0) && self.is_pointer(x, at, DEPTH)
                    || le(x, y, -1)
                    || le(y, x, -1)
            }
            _ => false,
        }
    }

    /// Whether the value is at least zero whenever the point is reached.
    pub fn is_natural(&self, x: Value, at: Point) -> bool {
        self.prove(ZERO, x, 0, at)
    }

    /// Whether a pointer is known not to be nil.
    fn is_pointer(&self, x: Value, at: Point, depth: u32) -> bool {
        let known = self.pointers.get(&x).map_or(&[][..], |points| points);
        if self.ssa.typ(x).is_float() {
            return false;
        }
        known
            .iter()
            .any(|from| self.in_force(*from, at) || *from == (0, 0))
            || match self.defs[x as usize] {
                // Into the same object.
                Def::Offset(base, k) => {
                    self.ssa.typ(x) == Type::Ptr
                        && k >= 0
                        && depth > 0
                        && self.is_pointer(base, at, depth - 1)
                }
                _ => false,
            }
    }

    fn prove(&self, x: Value, y: Value, c: i128, at: Point) -> bool {
        let float = |v: Value| v != ZERO && self.ssa.typ(v).is_float();
        if float(x) || float(y) {
            return false;
        }
        let mut proof = Proof {
            steps: BUDGET,
            goals: Vec::new(),
            tried: Vec::new(),
        };
        self.less(&mut proof, x, y, c, at, DEPTH)
    }

    fn low(&self, v: Value) -> i128 {
        self.range.get(v as usize).map_or(0, |r| i128::from(r.0))
    }
    fn high(&self, v: Value) -> i128 {
        self.range.get(v as usize).map_or(0, |r| i128::from(r.1))
    }

    /// Whether x - y <= c at the point.
    fn less(&self, p: &mut Proof, x: Value, y: Value, c: i128, at: Point, depth: u32) -> bool {
        let ((x, kx), (y, ky)) = (self.as_distance(x), self.as_distance(y));
        let c = c - kx + ky;
        if x == y {
            return c >= 0;
        }
        if self.high(x) - self.low(y) <= c {
            return true;
        }
        if depth == 0 || p.steps == 0 {
            return false;
        }
        p.steps -= 1;
        // In the iteration before.
        if p.goals.iter().any(|g| g.x == x && g.y == y && g.c <= c) {
            return true;
        }
        let harder = |g: &Goal| g.x == x && g.y == y && g.c >= c;
        if p.tried.iter().any(|(g, b)| *b == at.0 && harder(g)) {
            return false;
        }
        p.tried.push((Goal { x, y, c }, at.0));
        let mark = p.tried.len() - 1;
        let holds = self.step(p, x, y, c, at, depth);
        if holds {
            p.tried.remove(mark);
        }
        holds
    }

    fn step(&self, p: &mut Proof, x: Value, y: Value, c: i128, at: Point, depth: u32) -> bool {
        let known = self.facts.get(&x).map_or(&[][..], |facts| facts);
        let in_force = || known.iter().filter(|f| self.in_force(f.from, at));
        if in_force().any(|f| f.y == y && f.c <= c) {
            return true;
        }
        // Every check tells something of zero, mostly of values that have nothing to do with y.
        let hub = x == ZERO;
        if hub && self.less_by_definition_of_y(p, x, y, c, at, depth) {
            return true;
        }
        for f in in_force() {
            if f.y != y && self.less(p, f.y, y, c - f.c, at, depth - 1) {
                return true;
            }
        }
        self.less_by_definition_of_x(p, x, y, c, at, depth)
            || !hub && self.less_by_definition_of_y(p, x, y, c, at, depth)
    }

    fn def(&self, v: Value) -> Def {
        self.defs.get(v as usize).copied().unwrap_or(Def::Const(0))
    }

    fn less_by_definition_of_x(
        &self,
        p: &mut Proof,
        x: Value,
        y: Value,
        c: i128,
        at: Point,
        depth: u32,
    ) -> bool {
        match self.def(x) {
            Def::Offset(base, k) => {
                let exact = self.adds_exactly(p, x, base, k, at, depth);
                exact && self.less(p, base, y, c - i128::from(k), at, depth - 1)
            }
            // Not above an operand that is not negative.
            Def::Binary(BinOp::And, a, b) => [a, b].into_iter().any(|a| {
                self.less(p, ZERO, a, 0, at, depth - 1) && self.less(p, a, y, c, at, depth - 1)
            }),
            Def::Binary(BinOp::ShrU | BinOp::ShrS, a, _) => {
                self.less(p, ZERO, a, 0, at, depth - 1) && self.less(p, a, y, c, at, depth - 1)
            }
            Def::Binary(BinOp::DivS | BinOp::DivU, a, b) => {
                self.low(b) > 0
                    && self.less(p, ZERO, a, 0, at, depth - 1)
                    && self.less(p, a, y, c, at, depth - 1)
            }
            Def::Binary(BinOp::RemU | BinOp::RemS, _, b) => {
                // Below the divisor.
                self.less(p, ZERO, b, -1, at, depth - 1) && self.less(p, b, y, c + 1, at, depth - 1)
            }
            Def::Binary(BinOp::Sub, a, b) => {
                // Not above a.
                self.less(p, ZERO, b, 0, at, depth - 1)
                    && self.less(p, ZERO, a, 0, at, depth - 1)
                    && self.less(p, a, y, c, at, depth - 1)
            }
            Def::Param(block, i) => self.by_induction(p, (x, y, c), block, |p, args, end| {
                let y = self.along(y, block, args)?;
                Some(self.less(p, args[i], y, c, end, depth - 1))
            }),
            _ => false,
        }
    }

    fn less_by_definition_of_y(
        &self,
        p: &mut Proof,
        x: Value,
        y: Value,
        c: i128,
        at: Point,
        depth: u32,
    ) -> bool {
        match self.def(y) {
            Def::Offset(base, k) => {
                let exact = self.adds_exactly(p, y, base, k, at, depth);
                exact && self.less(p, x, base, c + i128::from(k), at, depth - 1)
            }
            Def::Binary(BinOp::And, a, b) if x == ZERO && c >= 0 => {
                self.less(p, ZERO, a, 0, at, depth - 1) || self.less(p, ZERO, b, 0, at, depth - 1)
            }
            Def::Binary(BinOp::ShrU | BinOp::ShrS, a, _) if x == ZERO && c >= 0 => {
                self.less(p, ZERO, a, 0, at, depth - 1)
            }
            Def::Binary(BinOp::RemS, a, _) if x == ZERO && c >= 0 => {
                self.less(p, ZERO, a, 0, at, depth - 1)
            }
            Def::Binary(BinOp::RemU, _, b) if x == ZERO && c >= 0 => {
                self.less(p, ZERO, b, -1, at, depth - 1)
            }
            Def::Binary(BinOp::DivS | BinOp::DivU, a, b) if x == ZERO && c >= 0 => {
                self.low(b) > 0 && self.less(p, ZERO, a, 0, at, depth - 1)
            }
            Def::Binary(BinOp::Sub, a, b) if x == ZERO => {
                // a - b is at least -c when b - a is at most c: and does not wrap when neither is negative.
                self.less(p, ZERO, b, 0, at, depth - 1)
                    && self.less(p, ZERO, a, 0, at, depth - 1)
                    && self.less(p, b, a, c, at, depth - 1)
            }
            Def::Param(block, i) if self.is_before(x, block) => {
                self.by_induction(p, (x, y, c), block, |p, args, end| {
                    Some(self.less(p, x, args[i], c, end, depth - 1))
                })
            }
            _ => false,
        }
    }

    /// Whether a value is the same in all iterations of a loop that begins with the block.
    fn is_before(&self, v: Value, block: BlockId) -> bool {
        v == ZERO
            || self.place[v as usize]
                .is_some_and(|(b, _)| b != block && self.dominators.dominates(b, block))
    }

    /// What a value of the start of a block is at the end of a predecessor that brings these arguments.
    fn along(&self, v: Value, block: BlockId, args: &[Value]) -> Option<Value> {
        if self.is_before(v, block) {
            return Some(v);
        }
        match self.def(v) {
            Def::Param(b, i) if b == block => Some(args[i]),
            _ => None,
        }
    }

    /// Proves a claim about a block's parameters for every way into the block, taking it for granted below.
    fn by_induction(
        &self,
        p: &mut Proof,
        (x, y, c): (Value, Value, i128),
        block: BlockId,
        step: impl Fn(&mut Proof, &[Value], Point) -> Option<bool>,
    ) -> bool {
        p.goals.push(Goal { x, y, c });
        let all = self.incoming[block].iter().all(|pred| {
            if self.dominators.idom[*pred].is_none() {
                return true;
            }
            let from = &self.ssa.blocks[*pred];
            let end = (*pred, from.insts.len() + 1);
            let Some(edge) = from.term.edges().iter().find(|e| e.block == block) else {
                return false;
            };
            step(p, &edge.args, end) == Some(true)
        });
        p.goals.pop();
        all
    }

    /// Whether sum = base + k does not wrap.
    fn adds_exactly(
        &self,
        p: &mut Proof,
        sum: Value,
        base: Value,
        k: i64,
        at: Point,
        depth: u32,
    ) -> bool {
        if k == 0 {
            return true;
        }
        let k = i128::from(k);
        if self.low(base) + k >= i128::from(i64::MIN) && self.high(base) + k <= i128::from(i64::MAX)
        {
            return true;
        }
        if k < 0 {
            return self.less(p, ZERO, base, 0, at, depth - 1);
        }
        // Something that is larger than the base by as much is a number, too. Candidates: what base and sum are compared with.
        let candidates = |v: Value| {
            let facts = self.facts.get(&v).map_or(&[][..], |facts| facts);
            facts
                .iter()
                .map(|f| f.y)
                .filter(|y| *y != base && *y != sum)
        };
        if self.less(p, base, ZERO, i128::from(i64::MAX) - k, at, depth - 1) {
            return true;
        }
        let mut seen: Vec<Value> = Vec::new();
        for y in candidates(base).chain(candidates(sum)) {
            if seen.contains(&y) || seen.len() == 4 {
                continue;
            }
            seen.push(y);
            if self.less(p, base, y, -k, at, depth - 1) {
                return true;
            }
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, guards};

    /// `for i := first; i cond len; i += step`, the test at the end and once before; `body` gets i and len. The loop is block 1.
    fn counting(
        first: i64,
        step: i64,
        cond: Cond,
        body: impl FnOnce(&mut Maker, Value, Value),
    ) -> Ssa {
        let mut m = Maker::new();
        let head = m.block(&[Type::Word]);
        let end = m.block(&[]);
        let len = m.slot(0);
        let first = m.constant(first);
        let (enter, skip) = (m.edge_to(head, &[first]), m.edge_to(end, &[]));
        m.branch(cond, first, len, enter, skip);
        m.at(head);
        let i = m.param(head, 0);
        body(&mut m, i, len);
        let step = m.constant(step);
        let next = m.binary(BinOp::Add, i, step);
        let (again, out) = (m.edge_to(head, &[next]), m.edge_to(end, &[]));
        m.branch(cond, next, len, again, out);
        m.at(end);
        m.ret();
        m.after(run)
    }

    #[test]
    fn a_counter_below_the_length_is_an_index() {
        let ssa = counting(0, 1, Cond::LtS, |m, i, len| m.guard(Cond::LtU, i, len));
        assert_eq!(guards(&ssa, 1), 0);
    }

    #[test]
    fn a_counter_that_reaches_the_length_or_starts_below_zero_is_none() {
        let ssa = counting(0, 1, Cond::LeS, |m, i, len| m.guard(Cond::LtU, i, len));
        assert_eq!(guards(&ssa, 1), 1);
        let ssa = counting(-1, 1, Cond::LtS, |m, i, len| m.guard(Cond::LtU, i, len));
        assert_eq!(guards(&ssa, 1), 1);
    }

    #[test]
    fn what_other_checks_tell_of_zero_does_not_wear_a_proof_out() {
        const OTHERS: usize = 2 * BUDGET as usize;
        let ssa = counting(0, 1, Cond::LtS, |m, i, len| {
            for slot in 1..=OTHERS {
                let other = m.slot(slot as i32);
                m.guard(Cond::LtU, other, len);
            }
            m.guard(Cond::LtU, i, len);
        });
        assert_eq!(guards(&ssa, 1), OTHERS);
    }

    #[test]
    fn a_counter_that_may_wrap_is_none() {
        // The sum may pass the largest number, and come back below zero and the length.
        let ssa = counting(0, 3, Cond::LtS, |m, i, len| m.guard(Cond::LtU, i, len));
        assert_eq!(guards(&ssa, 1), 1);
    }

    #[test]
    fn neighbours_are_checked_where_they_may_be_outside() {
        let ssa = counting(1, 1, Cond::LtS, |m, i, len| {
            let one = m.constant(1);
            let before = m.binary(BinOp::Sub, i, one);
            m.guard(Cond::LtU, before, len);
            let after = m.binary(BinOp::Add, i, one);
            m.guard(Cond::LtU, after, len);
        });
        assert_eq!(guards(&ssa, 1), 1);
    }

    #[test]
    fn a_counter_going_down_to_zero() {
        // for i := len - 1; i >= 0; i--
        let mut m = Maker::new();
        let head = m.block(&[Type::Word]);
        let end = m.block(&[]);
        let (len, one, zero) = (m.slot(0), m.constant(1), m.constant(0));
        m.guard(Cond::LeU, zero, len);
        let last = m.binary(BinOp::Sub, len, one);
        let (enter, skip) = (m.edge_to(head, &[last]), m.edge_to(end, &[]));
        m.branch(Cond::GeS, last, zero, enter, skip);
        m.at(head);
        let i = m.param(head, 0);
        m.guard(Cond::LtU, i, len);
        let next = m.binary(BinOp::Sub, i, one);
        let (again, out) = (m.edge_to(head, &[next]), m.edge_to(end, &[]));
        m.branch(Cond::GeS, next, zero, again, out);
        m.at(end);
        m.ret();
        assert_eq!(guards(&m.after(run), head), 0);
    }

    #[test]
    fn masks_bytes_and_remainders_are_within_their_limits() {
        let mut m = Maker::new();
        let (x, len) = (m.slot(0), m.slot(1));
        let k = [15, 16, 256].map(|k| m.constant(k));
        let masked = m.binary(BinOp::And, x, k[0]);
        m.guard(Cond::LtU, masked, k[1]);
        let byte = m.unary(UnOp::ExtU8, x);
        m.guard(Cond::LtU, byte, k[2]);
        m.guard(Cond::LtU, byte, k[1]);
        m.guard(Cond::LtU, k[0], len);
        let rest = m.binary(BinOp::RemU, x, len);
        m.guard(Cond::LtU, rest, len);
        let rest = m.binary(BinOp::RemS, x, len);
        m.guard(Cond::LtU, rest, len);
        m.ret();
        // What stays: a byte below 16, the length above 15, the signed remainder, which may be below zero.
        let ssa = m.after(run);
        assert_eq!(guards(&ssa, 0), 3, "{ssa}");
    }

    #[test]
    fn a_larger_index_vouches_for_a_smaller_one() {
        let mut m = Maker::new();
        let len = m.slot(0);
        let (seven, three) = (m.constant(7), m.constant(3));
        m.guard(Cond::LtU, three, len);
        m.guard(Cond::LtU, seven, len);
        m.guard(Cond::LtU, three, len);
        m.ret();
        assert_eq!(guards(&m.after(run), 0), 2);
    }

    #[test]
    fn a_test_for_nil_is_a_check() {
        let mut m = Maker::new();
        let (then, end) = (m.block(&[]), m.block(&[]));
        let (p, zero, page) = (m.slot(0), m.constant(0), m.constant(PAGE));
        m.branch(Cond::Ne, p, zero, then, end);
        m.at(then);
        m.guard(Cond::GeU, p, page);
        m.ret();
        m.at(end);
        m.guard(Cond::GeU, p, page);
        m.ret();
        let ssa = m.after(run);
        assert_eq!((guards(&ssa, then), guards(&ssa, end)), (0, 1));
    }

    #[test]
    fn a_new_object_is_not_nil() {
        let mut m = Maker::new();
        let object = m.object(16, 1);
        let page = m.constant(PAGE);
        m.guard(Cond::GeU, object, page);
        m.ret();
        assert_eq!(guards(&m.after(run), 0), 0);
    }

    #[test]
    fn a_branch_that_goes_one_way() {
        let ssa = counting(0, 1, Cond::LtS, |m, i, len| {
            let (other, join) = (m.block(&[]), m.block(&[]));
            let skip = m.edge_to(join, &[]);
            m.branch(Cond::GeS, i, len, other, skip);
            m.at(other);
            m.jump(join, &[]);
            m.at(join);
        });
        assert!(matches!(ssa.blocks[1].term, Term::Jump(_)));
    }
}
