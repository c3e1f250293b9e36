//! Constant folding, and cheaper forms of operations with one constant.

use rustc_hash::FxHashMap;

use crate::opt::replace;
use crate::ssa::{BinOp, Cond, Inst, Op, Ssa, Term, Type, UnOp, Value};

pub fn run(ssa: &mut Ssa) {
    let mut constant: Vec<Option<i64>> = vec![None; ssa.types.len()];
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    let mut compared: Vec<Option<(Cond, [Value; 2])>> = vec![None; ssa.types.len()];
    // What values have their bits from, where none are lost on the way.
    let mut bitcast: FxHashMap<Value, Value> = FxHashMap::default();
    for b in ssa.reverse_postorder() {
        let insts = std::mem::take(&mut ssa.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            inst.for_each_use(&mut |v| *v = map[*v as usize]);
            let known = |i: usize| inst.args.get(i).and_then(|v| constant[*v as usize]);
            let value = match inst.op {
                Op::Const(k) => Some(k),
                Op::Bin(op) => match (known(0), known(1)) {
                    (Some(x), Some(y)) => binary(op, x, y),
                    _ => None,
                },
                Op::Un(UnOp::Bitcast) if bitcast.contains_key(&inst.args[0]) => {
                    // There and back again.
                    let (v, x) = (inst.result, bitcast[&inst.args[0]]);
                    if let Some(v) = v
                        && (ssa.typ(v) == ssa.typ(x)
                            || !ssa.typ(v).is_float() && !ssa.typ(x).is_float())
                    {
                        map[v as usize] = x;
                        continue;
                    }
                    None
                }
                Op::Un(op) => known(0).and_then(|x| unary(op, x)),
                Op::Compare(cond) => match (known(0), known(1)) {
                    (Some(x), Some(y)) => compare(cond, x, y).map(i64::from),
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
                            args: vec![],
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
            if let (Op::Un(UnOp::Bitcast), Some(v)) = (inst.op, inst.result) {
                let (from, to) = (ssa.typ(inst.args[0]), ssa.typ(v));
                if from == Type::F32 || to == Type::F64 || from == Type::F64 {
                    bitcast.insert(v, inst.args[0]);
                }
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

fn binary(op: BinOp, x: i64, y: i64) -> Option<i64> {
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

fn compare(cond: Cond, x: i64, y: i64) -> Option<bool> {
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
