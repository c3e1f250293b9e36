//! Constant folding, and cheaper forms of operations with one constant.

use rustc_hash::FxHashMap;

use crate::opt::replace;
use crate::ssa::{Args, BinOp, Cond, Inst, Op, Ssa, Term, Type, UnOp, Value};

pub fn run(ssa: &mut Ssa) {
    let mut constant: Vec<Option<i64>> = vec![None; ssa.types.len()];
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    let mut compared: Vec<Option<(Cond, [Value; 2])>> = vec![None; ssa.types.len()];
    // What values have their bits from.
    let mut bitcast: FxHashMap<Value, Value> = FxHashMap::default();
    // Dividend and divisor of remainders by powers of two.
    let mut remainder: FxHashMap<Value, (Value, i64)> = FxHashMap::default();
    for b in ssa.reverse_postorder() {
        let insts = std::mem::take(&mut ssa.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            inst.for_each_use(&mut |v| *v = map[*v as usize]);
            if let (Op::Un(UnOp::Bitcast), Some(v)) = (inst.op, inst.result) {
                if let Some(x) = bitcast.get(&inst.args[0]) {
                    inst.args[0] = *x;
                }
                if ssa.typ(inst.args[0]).is_as(ssa.typ(v)) {
                    // There and back again.
                    map[v as usize] = inst.args[0];
                    continue;
                }
                bitcast.insert(v, inst.args[0]);
            }
            let known = |i: usize| inst.args.get(i).and_then(|v| constant[*v as usize]);
            let value = match inst.op {
                Op::Const(k) => Some(k),
                Op::Bin(op) => match (known(0), known(1)) {
                    (Some(x), Some(y)) => binary(op, x, y),
                    _ => None,
                },
                Op::Un(op) => known(0).and_then(|x| unary(op, x)),
                Op::Compare(cond) => match (known(0), known(1)) {
                    (Some(x), Some(y)) => compare(cond, x, y).map(i64::from),
                    _ if inst.args[0] == inst.args[1] => compare(cond, 0, 0).map(i64::from),
                    _ => None,
                },
                Op::Guard(cond) => match (known(0), known(1)) {
                    (Some(x), Some(y)) if compare(cond, x, y) == Some(true) => continue,
                    _ => None,
                },
                _ => None,
            };
            if let (Some(k), Some(v)) = (value, inst.result) {
                if !ssa.types[v as usize].is_float() {
                    inst.op = Op::Const(k);
                    inst.args.clear();
                    constant[v as usize] = Some(k);
                }
            } else if let (Op::Bin(op), Some(k), Some(v)) = (inst.op, known(1), inst.result) {
                use BinOp::*;
                let x = inst.args[0];
                match (op, k) {
                    (Add | Sub | Or | Xor | Shl | ShrU | ShrS, 0) | (Mul | DivS | DivU, 1) => {
                        map[v as usize] = x;
                        continue;
                    }
                    (Mul, k) if k > 1 && k & (k - 1) == 0 => {
                        let count = ssa.types.len() as Value;
                        ssa.types.push(Type::Word);
                        map.push(count);
                        let shift = i64::from(k.trailing_zeros());
                        constant.push(Some(shift));
                        out.push(Inst {
                            op: Op::Const(shift),
                            pc: inst.pc,
                            args: Args::new(),
                            result: Some(count),
                            exit: None,
                        });
                        inst.op = Op::Bin(Shl);
                        inst.args[1] = count;
                    }
                    _ => {}
                }
            }
            if let (Op::Compare(cond), Some(v)) = (inst.op, inst.result) {
                compared.resize(ssa.types.len(), None);
                compared[v as usize] = Some((cond, [inst.args[0], inst.args[1]]));
            }
            if let (Op::Bin(BinOp::RemS), Some(v)) = (inst.op, inst.result)
                && let Some(d) = constant[inst.args[1] as usize]
                && d > 1
                && d & (d - 1) == 0
            {
                remainder.insert(v, (inst.args[0], d));
            }
            out.push(inst);
        }
        ssa.blocks[b].insts = out;
        let block = &mut ssa.blocks[b];
        if let Term::Branch { cond, args, .. } = &mut block.term
            && let Some(Some((test, on))) = compared.get(map[args[0] as usize] as usize)
            && constant[map[args[1] as usize] as usize] == Some(0)
            && matches!(cond, Cond::Eq | Cond::Ne)
        {
            // A branch on a comparison compares itself.
            *cond = if *cond == Cond::Ne {
                *test
            } else {
                test.negate()
            };
            *args = *on;
        }
        if let Term::Branch { cond, args, .. } = &mut block.term
            && let Some(&(x, d)) = remainder.get(&map[args[0] as usize])
            && constant[map[args[1] as usize] as usize] == Some(0)
            && matches!(cond, Cond::Eq | Cond::Ne)
        {
            // Whether there is a remainder does not depend on signs.
            let [mask, rest] = [0, 1].map(|i| ssa.types.len() as Value + i);
            ssa.types.extend([Type::Word; 2]);
            map.extend([mask, rest]);
            constant.extend([Some(d - 1), None]);
            let pc = block.insts.last().map_or(0, |i| i.pc);
            let ops = [
                (Op::Const(d - 1), vec![], mask),
                (Op::Bin(BinOp::And), vec![x, mask], rest),
            ];
            block.insts.extend(ops.map(|(op, args, result)| Inst {
                op,
                pc,
                args: args.into(),
                result: Some(result),
                exit: None,
            }));
            args[0] = rest;
        }
        if let Term::Branch { cond, args, edges } = &block.term {
            let known = |v: Value| constant[map[v as usize] as usize];
            if let (Some(x), Some(y)) = (known(args[0]), known(args[1]))
                && let Some(holds) = compare(*cond, x, y)
            {
                block.term = Term::Jump(edges[usize::from(!holds)].clone());
            }
        }
    }
    replace(ssa, &mut map);
}

pub fn binary(op: BinOp, x: i64, y: i64) -> Option<i64> {
    let (ux, uy) = (x as u64, y as u64);
    let small = uy < 64;
    Some(match op {
        BinOp::Add => x.wrapping_add(y),
        BinOp::Sub => x.wrapping_sub(y),
        BinOp::Mul => x.wrapping_mul(y),
        BinOp::And => x & y,
        BinOp::Or => x | y,
        BinOp::Xor => x ^ y,
        BinOp::AndNot => x & !y,
        BinOp::Shl => {
            if small {
                x << y
            } else {
                0
            }
        }
        BinOp::ShrU => {
            if small {
                (ux >> y) as i64
            } else {
                0
            }
        }
        BinOp::ShrS => x >> uy.min(63),
        BinOp::DivS if y != 0 => x.wrapping_div(y),
        BinOp::RemS if y != 0 => x.wrapping_rem(y),
        BinOp::DivU if y != 0 => (ux / uy) as i64,
        BinOp::RemU if y != 0 => (ux % uy) as i64,
        _ => return None,
    })
}

fn unary(op: UnOp, x: i64) -> Option<i64> {
    Some(match op {
        UnOp::Neg => x.wrapping_neg(),
        UnOp::Not => !x,
        UnOp::ExtS8 => x as i8 as i64,
        UnOp::ExtS16 => x as i16 as i64,
        UnOp::ExtS32 => x as i32 as i64,
        UnOp::ExtU8 => x as u8 as i64,
        UnOp::ExtU16 => x as u16 as i64,
        UnOp::ExtU32 => x as u32 as i64,
        _ => return None,
    })
}

pub fn compare(cond: Cond, x: i64, y: i64) -> Option<bool> {
    Some(match cond {
        Cond::Eq => x == y,
        Cond::Ne => x != y,
        Cond::LtS => x < y,
        Cond::LeS => x <= y,
        Cond::GtS => x > y,
        Cond::GeS => x >= y,
        Cond::LtU => (x as u64) < y as u64,
        Cond::LeU => x as u64 <= y as u64,
        Cond::GtU => x as u64 > y as u64,
        Cond::GeU => x as u64 >= y as u64,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, operations, stored};

    #[test]
    fn whether_a_number_is_even_is_its_last_bit() {
        let mut m = Maker::new();
        let (even, odd) = (m.block(&[]), m.block(&[]));
        let (n, two, zero) = (m.slot(0), m.constant(2), m.constant(0));
        let rest = m.binary(BinOp::RemS, n, two);
        m.branch(Cond::Eq, rest, zero, even, odd);
        let ssa = m.after(run);
        let Term::Branch { args, .. } = &ssa.blocks[0].term else {
            panic!("{ssa}");
        };
        let test = ssa.blocks[0].insts.last().unwrap();
        assert_eq!((test.op, test.result), (Op::Bin(BinOp::And), Some(args[0])));
    }

    #[test]
    fn what_is_compared_with_itself() {
        let mut m = Maker::new();
        let (x, zero) = (m.slot(0), m.constant(0));
        let sum = m.binary(BinOp::Add, x, zero);
        let carry = m.push(Op::Compare(Cond::LtU), &[sum, x], Some(Type::Word));
        let or = m.binary(BinOp::Or, x, carry);
        m.set_slot(1, or);
        let float = m.push(Op::Un(UnOp::Bitcast), &[x], Some(Type::F64));
        // It may be no number.
        let same = m.push(Op::Compare(Cond::FEq), &[float, float], Some(Type::Word));
        m.set_slot(2, same);
        let ssa = m.after(run);
        assert_eq!(stored(&ssa), [x, same]);
        assert!(operations(&ssa, 0).contains(&Op::Compare(Cond::FEq)));
    }

    #[test]
    fn bits_that_go_and_come_back() {
        let mut m = Maker::new();
        let x = m.slot(0);
        let float = m.push(Op::Un(UnOp::Bitcast), &[x], Some(Type::F64));
        let y = m.push(Op::Un(UnOp::Bitcast), &[float], Some(Type::Word));
        m.set_slot(1, y);
        let single = m.push(Op::Un(UnOp::Bitcast), &[float], Some(Type::F32));
        m.set_slot(2, single);
        let ssa = m.after(run);
        assert_eq!(stored(&ssa), [x, single]);
        let insts = &ssa.blocks[0].insts;
        let last = insts.iter().find(|i| i.result == Some(single)).unwrap();
        assert_eq!(last.args[..], [x]);
    }

    #[test]
    fn constants_are_computed_as_go_does() {
        let mut m = Maker::new();
        let [min, minus, big] = [i64::MIN, -1, 64].map(|k| m.constant(k));
        for (op, x, y) in [
            (BinOp::DivS, min, minus),
            (BinOp::Shl, minus, big),
            (BinOp::ShrS, minus, big),
        ] {
            m.binary(op, x, y);
        }
        let ssa = m.after(run);
        assert_eq!(
            operations(&ssa, 0)[3..],
            [Op::Const(i64::MIN), Op::Const(0), Op::Const(-1)]
        );
    }
}
