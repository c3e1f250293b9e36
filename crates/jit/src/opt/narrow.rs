//! Arithmetic on parts of words: what 32 bits are enough for is done in 32 bits, which clears the upper half for nothing, and extensions that change
//! nothing go.
//!
//! The bytecode has arithmetic of 32 bits, the form has it as arithmetic of 64 and an extension. Two walks put it together again. From uses to
//! definitions: of how many low bits does anything depend (`shorten`)? From definitions to uses: how many bits can there be (`simplify`)?
//! The second sees what the first has made; values that it replaces are equal.

use crate::opt::extent::{ANY, WORD, extension, extents};
use crate::opt::{replace, size};
use crate::ssa::{BinOp, BlockId, Inst, Op, Ssa, Type, UnOp, Value};

pub fn run(ssa: &mut Ssa) {
    let order = ssa.reverse_postorder();
    let mut constant: Vec<Option<i64>> = vec![None; ssa.types.len()];
    for inst in order.iter().flat_map(|b| &ssa.blocks[*b].insts) {
        if let (Op::Const(k), Some(v)) = (inst.op, inst.result) {
            constant[v as usize] = Some(k);
        }
    }
    shorten(ssa, &order, &constant);
    simplify(ssa, &order, &constant);
}

/// Bits of a count that shifts of words and of halves of words look at in the processor.
const WORD_COUNT: u8 = 6;
const HALF_COUNT: u8 = 5;

/// The operation that computes the low 32 bits from the arguments' low 32 bits and clears the others.
fn narrowed(op: Op, count: Option<i64>) -> Option<Op> {
    use BinOp::{Add, And, AndNot, Mul, Or, Shl, Sub, Xor};
    match op {
        Op::Bin(op @ (Add | Sub | Mul | And | Or | Xor | AndNot)) => Some(Op::Bin32(op)),
        // A count that is no constant is compared with 64, as ever.
        Op::Bin(Shl) if count.is_none_or(|k| (0..32).contains(&k)) => Some(Op::Bin32(Shl)),
        Op::Un(op @ (UnOp::Neg | UnOp::Not)) => Some(Op::Un32(op)),
        _ => None,
    }
}

/// Finds how many low bits of each value are read. Operations of which that is half a word at most become such of 32 bits, extensions beyond what is read go.
fn shorten(ssa: &mut Ssa, order: &[BlockId], constant: &[Option<i64>]) {
    let mut read = vec![0u8; ssa.types.len()];
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    // Uses come before definitions: those that do not are parameters, whose arguments count as read whole.
    for &b in order.iter().rev() {
        let block = &mut ssa.blocks[b];
        block.term.for_each_use(&mut |v| read[*v as usize] = WORD);
        for inst in block.insts.iter_mut().rev().filter(|i| !i.op.is_note()) {
            if let Some(exit) = &inst.exit {
                exit.live.iter().for_each(|(_, v)| read[*v as usize] = WORD);
            }
            let of = inst.result.map_or(WORD, |v| read[v as usize]);
            let count = inst.args.get(1).and_then(|v| constant[*v as usize]);
            for (i, &v) in inst.args.iter().enumerate() {
                let bits = bits_read(inst, i, of, constant);
                read[v as usize] = read[v as usize].max(bits);
            }
            let is_word = |v: &Value| ssa.types[*v as usize] == Type::Word;
            let Some(v) = inst.result.filter(is_word) else {
                continue;
            };
            match extension(inst.op) {
                Some((bits, _)) if of <= bits && is_word(&inst.args[0]) => {
                    map[v as usize] = inst.args[0];
                }
                None if of <= 32 => {
                    if let Some(op) = narrowed(inst.op, count) {
                        inst.op = op;
                    }
                }
                _ => {}
            }
        }
    }
    replace(ssa, &mut map);
}

/// On how many low bits of its argument `i` the instruction depends when `of` bits of its result are read.
fn bits_read(inst: &Inst, i: usize, of: u8, constant: &[Option<i64>]) -> u8 {
    let other = |i: usize| inst.args.get(i).and_then(|v| constant[*v as usize]);
    if let Some((bits, _)) = extension(inst.op) {
        return of.min(bits);
    }
    match inst.op {
        Op::Bin(BinOp::And) => {
            let mask = other(1 - i).map_or(WORD, |k| WORD - k.leading_zeros() as u8);
            of.min(mask)
        }
        Op::Bin(BinOp::Add | BinOp::Sub | BinOp::Mul | BinOp::Or | BinOp::Xor | BinOp::AndNot)
        | Op::Un(UnOp::Neg | UnOp::Not) => of,
        Op::Bin(BinOp::Shl) if i == 0 => match other(1) {
            Some(k @ 0..64) => of.saturating_sub(k as u8),
            _ => of,
        },
        Op::Bin(BinOp::ShrU | BinOp::ShrS) if i == 0 => match other(1) {
            Some(k @ 0..64) => WORD.min(of + k as u8),
            _ => WORD,
        },
        Op::Rotl32 if i == 0 => 32,
        Op::Select(_) if i >= 2 => of,
        Op::Store(_, width) if i == inst.args.len() - 1 => 8 * size(width) as u8,
        _ => WORD,
    }
}

/// Leaves out what changes nothing, and takes cheaper operations where the arguments allow it.
fn simplify(ssa: &mut Ssa, order: &[BlockId], constant: &[Option<i64>]) {
    let extents = extents(ssa, order, constant);
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    // For some values: how many of its low bits are another's.
    let mut shared: Vec<(u8, Value)> = map.iter().map(|v| (WORD, *v)).collect();
    for &b in order {
        for inst in &mut ssa.blocks[b].insts {
            let Some(v) = inst.result.filter(|v| ssa.types[*v as usize] == Type::Word) else {
                continue;
            };
            let x = inst.args.first().map_or(ANY, |x| extents[*x as usize]);
            let y = inst.args.get(1).map_or(ANY, |y| extents[*y as usize]);
            let known = inst.args.get(1).and_then(|y| constant[*y as usize]);
            match (inst.op, known) {
                (Op::Bin(BinOp::And) | Op::Bin32(BinOp::And), Some(mask)) => {
                    let mask = match inst.op {
                        Op::Bin(_) => mask as u64,
                        // It clears the upper half, whatever the constant has there.
                        _ => u64::from(mask as u32),
                    };
                    let all = !(u64::MAX.checked_shl(u32::from(x.bits)).unwrap_or(0));
                    if mask & all == all {
                        map[v as usize] = inst.args[0];
                    }
                    let extension = match mask {
                        0xff => Some(UnOp::ExtU8),
                        0xffff => Some(UnOp::ExtU16),
                        0xffff_ffff => Some(UnOp::ExtU32),
                        _ => None,
                    };
                    shared[v as usize] = (mask.trailing_ones() as u8, inst.args[0]);
                    if let Some(extension) = extension {
                        inst.op = Op::Un(extension);
                        inst.args.truncate(1);
                    }
                }
                (Op::Bin(BinOp::Shl | BinOp::ShrU | BinOp::ShrS), None) if y.bits <= WORD_COUNT => {
                    inst.op = match inst.op {
                        Op::Bin(BinOp::Shl) => Op::Bin(BinOp::ShlMod),
                        Op::Bin(BinOp::ShrU) => Op::Bin(BinOp::ShrUMod),
                        _ => Op::Bin(BinOp::ShrSMod),
                    };
                    let (bits, count) = shared[inst.args[1] as usize];
                    if bits >= WORD_COUNT {
                        inst.args[1] = count;
                    }
                }
                (Op::Bin32(BinOp::Shl), None) if y.bits <= HALF_COUNT => {
                    inst.op = Op::Bin32(BinOp::ShlMod);
                    let (bits, count) = shared[inst.args[1] as usize];
                    if bits >= HALF_COUNT {
                        inst.args[1] = count;
                    }
                }
                (Op::Bin(op @ (BinOp::DivS | BinOp::RemS)), _)
                    if x.bits < WORD && y.bits < WORD =>
                {
                    let op = match op {
                        BinOp::DivS => BinOp::DivU,
                        _ => BinOp::RemU,
                    };
                    inst.op = Op::Bin(op);
                }
                _ => {}
            }
            match inst.op {
                Op::Bin(op @ (BinOp::DivU | BinOp::RemU)) if x.bits <= 32 && y.bits <= 32 => {
                    inst.op = Op::Bin32(op);
                }
                op if extents[v as usize].bits <= 32 => {
                    inst.op = narrowed(op, known).unwrap_or(op);
                }
                _ => {}
            }
            if let Some((bits, signed)) = extension(inst.op) {
                let has = if signed { x.signed } else { x.bits };
                if has <= bits {
                    map[v as usize] = inst.args[0];
                }
                shared[v as usize] = (bits, inst.args[0]);
            }
        }
    }
    replace(ssa, &mut map);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, frame, stored};
    use crate::ssa::{Addr, Cond, Exit, Width};

    fn operation(ssa: &Ssa, v: Value) -> Op {
        let mut insts = ssa.blocks.iter().flat_map(|b| &b.insts);
        insts.find(|i| i.result == Some(v)).unwrap().op
    }

    fn part(m: &mut Maker, addr: Addr, width: Width) -> Value {
        m.push(Op::Load(addr, width), &[], Some(Type::Word))
    }

    #[test]
    fn a_sum_of_which_half_is_kept() {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), m.slot(1));
        let sum = m.binary(BinOp::Add, x, y);
        let half = m.unary(UnOp::ExtU32, sum);
        m.set_slot(2, half);
        let ssa = m.after(run);
        assert_eq!(stored(&ssa), [sum]);
        assert_eq!(operation(&ssa, sum), Op::Bin32(BinOp::Add));
    }

    #[test]
    fn a_sum_that_somebody_wants_whole_stays() {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), m.slot(1));
        let sum = m.binary(BinOp::Add, x, y);
        let half = m.unary(UnOp::ExtU32, sum);
        m.set_slot(2, half);
        let exit = Exit {
            pc: 0,
            live: vec![(3, sum)],
        };
        m.push_exit(Op::Guard(Cond::LtU), &[x, y], None, Some(exit));
        let ssa = m.after(run);
        assert_eq!(stored(&ssa), [half]);
        assert_eq!(operation(&ssa, sum), Op::Bin(BinOp::Add));
    }

    #[test]
    fn a_mask_of_all_bits_clears_the_upper_half_where_half_is_kept() {
        let mut m = Maker::new();
        let x = m.slot(0);
        let all = m.constant(-1);
        let masked = m.binary(BinOp::And, x, all);
        let half = m.unary(UnOp::ExtU32, masked);
        m.set_slot(2, half);
        let ssa = m.after(run);
        let [value] = stored(&ssa)[..] else {
            panic!("one store")
        };
        assert_ne!(value, x);
        assert_eq!(operation(&ssa, value), Op::Un(UnOp::ExtU32));
    }

    #[test]
    fn signs_between_operations_are_of_no_interest() {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), m.slot(1));
        let product = m.binary(BinOp::Mul, x, y);
        let half = m.unary(UnOp::ExtS32, product);
        let sum = m.binary(BinOp::Sub, half, y);
        let result = m.unary(UnOp::ExtS32, sum);
        m.set_slot(2, result);
        let ssa = m.after(run);
        // The last one is the value's form in a slot.
        assert_eq!(stored(&ssa), [result]);
        assert_eq!(operation(&ssa, sum), Op::Bin32(BinOp::Sub));
        let insts = &ssa.blocks[0].insts;
        assert!(
            insts
                .iter()
                .any(|i| i.result == Some(sum) && i.args[0] == product)
        );
    }

    #[test]
    fn a_quotient_depends_on_all_bits() {
        for op in [BinOp::DivU, BinOp::ShrU, BinOp::RemS] {
            let mut m = Maker::new();
            let (x, y) = (m.slot(0), m.slot(1));
            let sum = m.binary(BinOp::Add, x, y);
            let quotient = m.binary(op, sum, y);
            let half = m.unary(UnOp::ExtU32, quotient);
            m.set_slot(2, half);
            let ssa = m.after(run);
            assert_eq!(operation(&ssa, sum), Op::Bin(BinOp::Add));
            assert_eq!(operation(&ssa, quotient), Op::Bin(op));
            assert_eq!(stored(&ssa), [half]);
        }
    }

    #[test]
    fn a_shift_to_the_right_reads_what_it_brings_down() {
        for (count, op) in [
            (8, Op::Bin32(BinOp::Xor)),
            (24, Op::Bin32(BinOp::Xor)),
            (25, Op::Bin(BinOp::Xor)),
        ] {
            let mut m = Maker::new();
            let (x, y, count) = (m.slot(0), m.slot(1), m.constant(count));
            let xor = m.binary(BinOp::Xor, x, y);
            let shifted = m.binary(BinOp::ShrU, xor, count);
            m.push(Op::Store(frame(16), Width::U8), &[shifted], None);
            assert_eq!(operation(&m.after(run), xor), op);
        }
    }

    #[test]
    fn what_is_short_already_is_not_cut() {
        let mut m = Maker::new();
        let (byte, bits) = (part(&mut m, frame(0), Width::U8), m.constant(4));
        let shifted = m.binary(BinOp::Shl, byte, bits);
        let cut = m.unary(UnOp::ExtU16, shifted);
        m.set_slot(1, cut);
        let too_short = m.unary(UnOp::ExtU8, shifted);
        m.set_slot(2, too_short);
        // Not negative, so its sign is clear.
        let number = m.unary(UnOp::ExtS16, shifted);
        m.set_slot(3, number);
        let signed = part(&mut m, frame(0), Width::S32);
        let again = m.unary(UnOp::ExtS32, signed);
        m.set_slot(4, again);
        let word = part(&mut m, frame(0), Width::U32);
        let signed = m.unary(UnOp::ExtS32, word);
        m.set_slot(5, signed);
        let ssa = m.after(run);
        assert_eq!(
            stored(&ssa),
            [shifted, too_short, shifted, again - 1, signed]
        );
    }

    #[test]
    fn masks_are_extensions_or_nothing() {
        let mut m = Maker::new();
        let (x, byte) = (m.slot(0), part(&mut m, frame(8), Width::U8));
        let mask = m.constant(0xff);
        let low = m.binary(BinOp::And, x, mask);
        m.set_slot(1, low);
        let same = m.binary(BinOp::And, byte, mask);
        m.set_slot(2, same);
        let other = m.constant(0x7f);
        let less = m.binary(BinOp::And, byte, other);
        m.set_slot(3, less);
        let ssa = m.after(run);
        assert_eq!(stored(&ssa), [low, byte, less]);
        assert_eq!(operation(&ssa, low), Op::Un(UnOp::ExtU8));
        assert_eq!(operation(&ssa, less), Op::Bin32(BinOp::And));
    }

    #[test]
    fn counts_that_are_small() {
        for (bits, op, argument) in [
            (63, BinOp::ShlMod, 0),
            (31, BinOp::ShlMod, 1),
            (127, BinOp::Shl, 1),
            (62, BinOp::ShlMod, 1),
        ] {
            let mut m = Maker::new();
            let (x, n, mask) = (m.slot(0), m.slot(1), m.constant(bits));
            let count = m.binary(BinOp::And, n, mask);
            let shifted = m.binary(BinOp::Shl, x, count);
            m.set_slot(2, shifted);
            let ssa = m.after(run);
            assert_eq!(operation(&ssa, shifted), Op::Bin(op));
            let insts = &ssa.blocks[0].insts;
            let shift = insts.iter().find(|i| i.result == Some(shifted)).unwrap();
            assert_eq!(shift.args[1], [n, count][argument], "{bits}");
        }
    }

    #[test]
    fn half_a_word_is_shifted_by_less_than_its_bits() {
        for (bits, op) in [(31, BinOp::ShlMod), (63, BinOp::Shl)] {
            let mut m = Maker::new();
            let (x, n, mask) = (m.slot(0), m.slot(1), m.constant(bits));
            let count = m.binary(BinOp::And, n, mask);
            let shifted = m.binary(BinOp::Shl, x, count);
            let half = m.unary(UnOp::ExtU32, shifted);
            m.set_slot(2, half);
            let ssa = m.after(run);
            assert_eq!(operation(&ssa, shifted), Op::Bin32(op));
            assert_eq!(stored(&ssa), [shifted]);
        }
    }

    #[test]
    fn divisions_of_what_is_not_negative() {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), part(&mut m, frame(8), Width::U32));
        let one = m.constant(1);
        let natural = m.binary(BinOp::ShrU, x, one);
        let long = m.binary(BinOp::DivS, natural, y);
        m.set_slot(2, long);
        let short = m.binary(BinOp::RemS, y, y);
        m.set_slot(3, short);
        let signed = m.binary(BinOp::DivS, x, y);
        m.set_slot(4, signed);
        let ssa = m.after(run);
        assert_eq!(operation(&ssa, long), Op::Bin(BinOp::DivU));
        assert_eq!(operation(&ssa, short), Op::Bin32(BinOp::RemU));
        assert_eq!(operation(&ssa, signed), Op::Bin(BinOp::DivS));
    }

    /// A loop whose parameter gets `next(parameter)`, from a first value.
    fn looped(first: i64, next: impl Fn(&mut Maker, Value) -> Value) -> (Ssa, Value) {
        let mut m = Maker::new();
        let first = m.constant(first);
        let body = m.block(&[Type::Word]);
        let done = m.block(&[]);
        m.jump(body, &[first]);
        m.at(body);
        let x = m.param(body, 0);
        let cut = m.unary(UnOp::ExtU32, x);
        m.set_slot(1, cut);
        let y = next(&mut m, x);
        let back = m.edge_to(body, &[y]);
        m.branch(Cond::LtU, y, first, back, done);
        m.at(done);
        m.ret();
        (m.after(run), x)
    }

    #[test]
    fn loops_keep_what_all_their_runs_keep() {
        let (ssa, x) = looped(7, |m, x| {
            let sum = m.binary(BinOp::Add, x, x);
            m.unary(UnOp::ExtU32, sum)
        });
        assert_eq!(stored(&ssa), [x]);
        let (ssa, x) = looped(7, |m, x| m.binary(BinOp::Add, x, x));
        assert_ne!(stored(&ssa), [x]);
        let (ssa, x) = looped(-1, |m, x| m.unary(UnOp::ExtU32, x));
        assert_ne!(stored(&ssa), [x]);
    }
}
