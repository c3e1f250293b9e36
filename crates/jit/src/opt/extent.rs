//! How many bits a value can have: what is known of words without looking at branches.

use crate::ssa::{BinOp, BlockId, Inst, Op, Ssa, Type, UnOp, Width};

/// Bits of a word.
pub const WORD: u8 = 64;

/// The extension's number of bits, and whether it is a sign that fills the rest.
pub fn extension(op: Op) -> Option<(u8, bool)> {
    match op {
        Op::Un(UnOp::ExtS8) => Some((8, true)),
        Op::Un(UnOp::ExtS16) => Some((16, true)),
        Op::Un(UnOp::ExtS32) => Some((32, true)),
        Op::Un(UnOp::ExtU8) => Some((8, false)),
        Op::Un(UnOp::ExtU16) => Some((16, false)),
        Op::Un(UnOp::ExtU32) => Some((32, false)),
        _ => None,
    }
}

/// The least and the greatest number that such an extension gives; of a word without one, any.
pub fn range(extension: Option<(u8, bool)>) -> (i64, i64) {
    match extension {
        Some((bits, false)) => (0, (1 << bits) - 1),
        Some((bits, true)) => (-1 << (bits - 1), (1 << (bits - 1)) - 1),
        None => (i64::MIN, i64::MAX),
    }
}

/// As `range`, of a word that is loaded so.
pub fn range_of_load(width: Width) -> (i64, i64) {
    range(width.extension().and_then(|op| extension(Op::Un(op))))
}

/// What a word can be: below 2^bits, and the sign extension of its low `signed` bits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Extent {
    pub bits: u8,
    pub signed: u8,
}

const ZERO: Extent = Extent { bits: 0, signed: 1 };
pub const ANY: Extent = Extent {
    bits: WORD,
    signed: WORD,
};

impl Extent {
    fn below(bits: u8) -> Extent {
        let bits = bits.min(WORD);
        Extent {
            bits,
            signed: WORD.min(bits + 1),
        }
    }
    fn signed(signed: u8) -> Extent {
        Extent {
            bits: WORD,
            signed: signed.clamp(1, WORD),
        }
    }
    fn of(k: i64) -> Extent {
        let same = if k < 0 {
            k.leading_ones()
        } else {
            k.leading_zeros()
        };
        Extent {
            bits: WORD - k.leading_zeros() as u8,
            signed: WORD + 1 - same as u8,
        }
    }
    /// What is one or the other.
    fn or(self, other: Extent) -> Extent {
        Extent {
            bits: self.bits.max(other.bits),
            signed: self.signed.max(other.signed),
        }
    }
    /// What is both.
    fn and(self, other: Extent) -> Extent {
        Extent {
            bits: self.bits.min(other.bits),
            signed: self.signed.min(other.signed),
        }
    }
    /// The next larger one of a few, so that loops' parameters grow seldom.
    fn widened(self) -> Extent {
        let up = |n: u8, steps: &[u8]| *steps.iter().find(|s| n <= **s).unwrap_or(&WORD);
        Extent {
            bits: up(self.bits, &[0, 1, 8, 16, 31, 32, 63]),
            signed: up(self.signed, &[1, 2, 8, 16, 32]),
        }
    }
}

/// Walks of a function before parameters count as unknown.
const WALKS: usize = 8;

/// What each value can be.
pub fn extents(ssa: &Ssa, order: &[BlockId], constant: &[Option<i64>]) -> Vec<Extent> {
    let unknown = |v: usize| {
        if ssa.types[v] == Type::Word {
            ZERO
        } else {
            ANY
        }
    };
    let mut extents: Vec<Extent> = (0..ssa.types.len()).map(unknown).collect();
    for walk in 0.. {
        if walk == WALKS {
            let params = order.iter().flat_map(|b| &ssa.blocks[*b].params);
            params.for_each(|v| extents[*v as usize] = ANY);
        }
        let mut grown = false;
        for &b in order {
            let block = &ssa.blocks[b];
            for inst in &block.insts {
                if let Some(v) = inst.result
                    && ssa.typ(v) == Type::Word
                {
                    extents[v as usize] = extent(inst, &extents, constant);
                }
            }
            for edge in block.term.edges() {
                for (param, arg) in ssa.blocks[edge.block].params.iter().zip(&edge.args) {
                    let old = extents[*param as usize];
                    let new = old.or(extents[*arg as usize].widened());
                    grown |= new != old;
                    extents[*param as usize] = new;
                }
            }
        }
        if !grown {
            break;
        }
    }
    extents
}

fn extent(inst: &Inst, extents: &[Extent], constant: &[Option<i64>]) -> Extent {
    let arg = |i: usize| extents[inst.args[i] as usize];
    let count = |i: usize| match constant[inst.args[i] as usize] {
        Some(k @ 0..64) => Some(k as u8),
        _ => None,
    };
    if let Some((bits, signed)) = extension(inst.op) {
        let x = arg(0);
        return match signed {
            // It changes nothing.
            true if x.signed <= bits => x,
            true => Extent::signed(bits),
            false => Extent::below(bits.min(x.bits)),
        };
    }
    match inst.op {
        Op::Const(k) => Extent::of(k),
        Op::Bin(op) => binary(op, arg(0), arg(1), count(1)),
        Op::Bin32(op) => {
            let both = binary(op, arg(0), arg(1), count(1));
            // Where nothing is lost the sum of numbers that are not negative is known better.
            Extent::below(both.bits.min(32))
        }
        Op::Un32(_) | Op::Rotl32 | Op::Load(_, Width::U32) => Extent::below(32),
        Op::Un(UnOp::Not) => Extent::signed(arg(0).signed),
        Op::Un(UnOp::Neg) => Extent::signed(arg(0).signed + 1),
        Op::Un(UnOp::Clz | UnOp::Ctz | UnOp::Popcnt) => Extent::below(7),
        Op::Un(UnOp::Convert32) => Extent::signed(32),
        Op::Compare(_) => Extent::below(1),
        Op::Select(_) => arg(2).or(arg(3)),
        Op::Load(_, Width::U8) => Extent::below(8),
        Op::Load(_, Width::U16) => Extent::below(16),
        Op::Load(_, Width::S8) => Extent::signed(8),
        Op::Load(_, Width::S16) => Extent::signed(16),
        Op::Load(_, Width::S32) => Extent::signed(32),
        _ => ANY,
    }
}

/// `count` is the second argument, where it is a constant below 64.
fn binary(op: BinOp, x: Extent, y: Extent, count: Option<u8>) -> Extent {
    // What is computed without loss is both.
    let sum = Extent::signed(x.signed.max(y.signed) + 1);
    let natural = |e: Extent| e.bits < WORD;
    match (op, count) {
        (BinOp::Add, _) if natural(x) && natural(y) => {
            Extent::below(x.bits.max(y.bits) + 1).and(sum)
        }
        (BinOp::Add | BinOp::Sub, _) => sum,
        (BinOp::Mul, _) => {
            let bits = match natural(x) && natural(y) {
                true => Extent::below(x.bits + y.bits),
                false => ANY,
            };
            bits.and(Extent::signed(x.signed.saturating_add(y.signed)))
        }
        (BinOp::And, _) => Extent::below(x.bits.min(y.bits)).and(x.or(y)),
        (BinOp::Or | BinOp::Xor, _) => x.or(y),
        (BinOp::AndNot, _) => Extent {
            bits: x.bits,
            signed: x.signed.max(y.signed),
        },
        (BinOp::Shl, Some(k)) => Extent::below(x.bits + k).and(Extent::signed(x.signed + k)),
        (BinOp::ShrU, Some(k)) => Extent::below(x.bits.saturating_sub(k)),
        (BinOp::ShrU | BinOp::DivU, _) => Extent::below(x.bits),
        (BinOp::ShrS, k) => {
            let k = k.unwrap_or(0);
            let signed = Extent::signed(x.signed.saturating_sub(k));
            match natural(x) {
                true => Extent::below(x.bits.saturating_sub(k)).and(signed),
                false => signed,
            }
        }
        (BinOp::MulHiU, _) => Extent::below((x.bits + y.bits).saturating_sub(WORD)),
        (BinOp::RemU, _) => Extent::below(x.bits.min(y.bits)),
        (BinOp::DivS | BinOp::RemS, _) if natural(x) && natural(y) => Extent::below(x.bits),
        _ => ANY,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extents_of_operations_hold() {
        let samples = [
            0,
            1,
            2,
            5,
            63,
            127,
            128,
            255,
            256,
            65535,
            1 << 31,
            (1 << 31) - 1,
            (1 << 32) - 1,
            1 << 32,
            -1,
            -2,
            -128,
            -129,
            i64::from(i32::MIN),
            i64::MAX,
            i64::MIN,
        ];
        let holds = |k: i64, e: Extent| {
            let fits = e.bits == WORD || (k as u64) >> e.bits == 0;
            let rest = u32::from(WORD - e.signed);
            fits && k << rest >> rest == k
        };
        let ops = [
            BinOp::Add,
            BinOp::Sub,
            BinOp::Mul,
            BinOp::And,
            BinOp::Or,
            BinOp::Xor,
            BinOp::AndNot,
            BinOp::Shl,
            BinOp::ShrU,
            BinOp::ShrS,
            BinOp::DivS,
            BinOp::DivU,
            BinOp::RemS,
            BinOp::RemU,
        ];
        for (x, y) in samples.iter().flat_map(|x| samples.map(|y| (*x, y))) {
            let (ex, ey) = (Extent::of(x), Extent::of(y));
            assert!(holds(x, ex), "{x}: {ex:?}");
            assert!(holds(x, ex.widened()) && holds(x, ex.or(ey)));
            for op in ops {
                let Some(result) = crate::opt::fold::binary(op, x, y) else {
                    continue;
                };
                let count = u8::try_from(y).ok().filter(|k| *k < WORD);
                for (ex, ey, count) in [
                    (ex, ey, count),
                    (ex, ey, None),
                    (ex.widened(), ey.widened(), None),
                ] {
                    let e = binary(op, ex, ey, count);
                    assert!(holds(result, e), "{op:?} {x} {y} = {result}: {e:?}");
                }
            }
            let high = ((x as u64 as u128 * y as u64 as u128) >> 64) as i64;
            assert!(holds(high, binary(BinOp::MulHiU, ex, ey, None)), "{x} {y}");
        }
    }
}
