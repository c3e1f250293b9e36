//! Division and remainder by a constant, without a division.
//!
//! With L the bits of the divisor d and M = floor(2^(63+L) / d) + 1, the product of M and a dividend n of at most 2^63, over 2^(63+L), is off from n/d by less than
//! 1/d: its whole part is the quotient (Granlund and Montgomery, "Division by invariant integers using multiplication"). M has 64 bits, so the
//! high half of the product, shifted by L - 1, is it.

use crate::opt::bounds::Facts;
use crate::opt::flow::Dominators;
use crate::ssa::{BinOp, Inst, Op, Ssa, Type, Value};

pub fn run(ssa: &mut Ssa) {
    let mut constant: Vec<Option<i64>> = vec![None; ssa.types.len()];
    let order = ssa.reverse_postorder();
    for inst in order.iter().flat_map(|b| &ssa.blocks[*b].insts) {
        if let (Op::Const(k), Some(v)) = (inst.op, inst.result) {
            constant[v as usize] = Some(k);
        }
    }
    let divisor = |inst: &Inst| match inst.op {
        Op::Bin(BinOp::DivS | BinOp::DivU | BinOp::RemS | BinOp::RemU) => {
            let d = constant[inst.args[1] as usize]?;
            // The others are for folding, or too rare.
            (d >= 2).then_some(d)
        }
        _ => None,
    };
    let mut found = Vec::new();
    for &b in &order {
        let insts = ssa.blocks[b].insts.iter().enumerate();
        found.extend(insts.filter_map(|(i, inst)| Some((b, i, divisor(inst)?))));
    }
    if found.is_empty() {
        return;
    }
    let dominators = Dominators::new(ssa);
    let facts = Facts::new(ssa, &dominators);
    let natural: Vec<bool> = found
        .iter()
        .map(|&(b, i, _)| facts.is_natural(ssa.blocks[b].insts[i].args[0], (b, i + 1)))
        .collect();
    for (&(b, i, d), natural) in found.iter().zip(natural).rev() {
        let inst = ssa.blocks[b].insts.remove(i);
        let mut maker = Maker {
            ssa,
            pc: inst.pc,
            insts: Vec::new(),
        };
        maker.divide(&inst, d, natural);
        let insts = maker.insts;
        ssa.blocks[b].insts.splice(i..i, insts);
    }
}

struct Maker<'a> {
    ssa: &'a mut Ssa,
    pc: u32,
    insts: Vec<Inst>,
}

impl Maker<'_> {
    fn push(&mut self, op: Op, args: Vec<Value>) -> Value {
        let v = self.ssa.value(Type::Word);
        self.insts.push(Inst {
            op,
            pc: self.pc,
            args: args.into(),
            result: Some(v),
            exit: None,
        });
        v
    }

    fn constant(&mut self, k: i64) -> Value {
        self.push(Op::Const(k), vec![])
    }

    fn binary(&mut self, op: BinOp, x: Value, y: Value) -> Value {
        self.push(Op::Bin(op), vec![x, y])
    }

    fn shift(&mut self, op: BinOp, x: Value, by: u32) -> Value {
        if by == 0 {
            return x;
        }
        let by = self.constant(i64::from(by));
        self.binary(op, x, by)
    }

    /// Makes what stands for the instruction; its result comes last.
    fn divide(&mut self, inst: &Inst, d: i64, natural: bool) {
        let Op::Bin(op) = inst.op else {
            unreachable!("a division");
        };
        let n = inst.args[0];
        let signed = matches!(op, BinOp::DivS | BinOp::RemS) && !natural;
        let remainder = matches!(op, BinOp::RemS | BinOp::RemU);
        let power = d & (d - 1) == 0;
        if power && remainder && !signed {
            let mask = self.constant(d - 1);
            self.binary(BinOp::And, n, mask);
            return self.name(inst);
        }
        let q = match (power, signed) {
            (true, false) => self.shift(BinOp::ShrU, n, d.trailing_zeros()),
            (true, true) => {
                // Rounds towards zero: negative numbers get divisor - 1 added first.
                let shift = d.trailing_zeros();
                let sign = self.shift(BinOp::ShrS, n, 63);
                let bias = self.shift(BinOp::ShrU, sign, 64 - shift);
                let sum = self.binary(BinOp::Add, n, bias);
                if remainder {
                    let mask = self.constant(-d);
                    let whole = self.binary(BinOp::And, sum, mask);
                    self.binary(BinOp::Sub, n, whole);
                    return self.name(inst);
                }
                self.shift(BinOp::ShrS, sum, shift)
            }
            (false, _) => {
                let bits = 64 - (d - 1).leading_zeros();
                if signed {
                    self.quotient(n, d, bits)
                } else if natural {
                    let m = self.constant(reciprocal(63 + bits, d) as i64);
                    let high = self.binary(BinOp::MulHiU, n, m);
                    self.shift(BinOp::ShrU, high, bits - 1)
                } else {
                    // The reciprocal for all 64 bits has one bit more, whose part of the product is n itself.
                    let m = self.constant(reciprocal(64 + bits, d) as i64);
                    let high = self.binary(BinOp::MulHiU, n, m);
                    let rest = self.binary(BinOp::Sub, n, high);
                    let half = self.shift(BinOp::ShrU, rest, 1);
                    let sum = self.binary(BinOp::Add, half, high);
                    self.shift(BinOp::ShrU, sum, bits - 1)
                }
            }
        };
        if remainder {
            let d = self.constant(d);
            let product = self.binary(BinOp::Mul, q, d);
            self.binary(BinOp::Sub, n, product);
        }
        self.name(inst);
    }

    /// The whole part is rounded down, so a negative number's gets one added.
    fn quotient(&mut self, n: Value, d: i64, bits: u32) -> Value {
        let m = self.constant(reciprocal(63 + bits, d) as i64);
        let sign = self.shift(BinOp::ShrS, n, 63);
        // The product of n taken as unsigned has M * 2^64 too much.
        let excess = self.binary(BinOp::And, sign, m);
        let high = self.binary(BinOp::MulHiU, n, m);
        let high = self.binary(BinOp::Sub, high, excess);
        let down = self.shift(BinOp::ShrS, high, bits - 1);
        self.binary(BinOp::Sub, down, sign)
    }

    /// The last value made is the instruction's.
    fn name(&mut self, inst: &Inst) {
        let last = self.insts.last_mut().expect("a division makes something");
        last.result = inst.result;
    }
}

/// floor(2^power / d) + 1, its lower 64 bits.
fn reciprocal(power: u32, d: i64) -> u64 {
    // 2^power may have 128 bits and one more: 2^power - 1 divided by d is the same, as d is no power of two.
    let ones = if power == 128 {
        u128::MAX
    } else {
        (1u128 << power) - 1
    };
    (ones / d as u128) as u64 + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing;
    use crate::ssa::{Term, UnOp, Width};

    /// What the operations of a block without branches give for the word in slot 0.
    fn evaluate(ssa: &Ssa, input: i64) -> i64 {
        let mut values = vec![0i64; ssa.types.len()];
        for inst in &ssa.blocks[0].insts {
            let arg = |i: usize| values[inst.args[i] as usize];
            let value = match inst.op {
                Op::Load(..) => input,
                Op::Const(k) => k,
                Op::Un(UnOp::ExtU32) => i64::from(arg(0) as u32),
                Op::Bin(op) => {
                    let (x, y) = (arg(0), arg(1));
                    match op {
                        BinOp::Add => x.wrapping_add(y),
                        BinOp::Sub => x.wrapping_sub(y),
                        BinOp::Mul => x.wrapping_mul(y),
                        BinOp::And => x & y,
                        BinOp::ShrU => (x as u64 >> y) as i64,
                        BinOp::ShrS => x >> y,
                        BinOp::MulHiU => {
                            ((u128::from(x as u64) * u128::from(y as u64)) >> 64) as i64
                        }
                        _ => panic!("{op:?} is no cheap operation"),
                    }
                }
                Op::Store(..) => return arg(0),
                op => panic!("{op:?}"),
            };
            if let Some(v) = inst.result {
                values[v as usize] = value;
            }
        }
        unreachable!("a store ends the block")
    }

    #[test]
    fn all_give_what_division_gives() {
        let near = |k: i64| [k.wrapping_sub(1), k, k.wrapping_add(1)];
        let mut numbers: Vec<i64> = (0..64).flat_map(|i| near(1 << i)).collect();
        numbers.extend(numbers.clone().iter().map(|n| n.wrapping_neg()));
        let mut divisors = vec![2, 3, 5, 6, 7, 8, 10, 12, 25, 60, 100, 125, 625, 641, 1000];
        divisors.extend([
            1_000_000_007,
            1 << 40,
            (1 << 62) + 1,
            i64::MAX - 1,
            i64::MAX,
        ]);
        for &d in &divisors {
            for narrow in [false, true] {
                for op in [BinOp::DivS, BinOp::RemS, BinOp::DivU, BinOp::RemU] {
                    let mut m = testing::Maker::new();
                    let word = m.slot(0);
                    let n = if narrow {
                        m.unary(UnOp::ExtU32, word)
                    } else {
                        word
                    };
                    let divisor = m.constant(d);
                    let q = m.binary(op, n, divisor);
                    m.push(Op::Store(testing::frame(8), Width::W), &[q], None);
                    let ssa = m.after(run);
                    assert!(matches!(ssa.blocks[0].term, Term::Return(_)));
                    let multiples = (1..4).flat_map(|k| near(d.wrapping_mul(k)));
                    for n in numbers.iter().copied().chain(multiples) {
                        let x = if narrow { i64::from(n as u32) } else { n };
                        let want = match op {
                            BinOp::DivS => x / d,
                            BinOp::RemS => x % d,
                            BinOp::DivU => (x as u64 / d as u64) as i64,
                            _ => (x as u64 % d as u64) as i64,
                        };
                        assert_eq!(evaluate(&ssa, n), want, "{x} {op:?} {d}");
                    }
                }
            }
        }
    }
}
