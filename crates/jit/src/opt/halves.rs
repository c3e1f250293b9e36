//! Halves of words that travel by themselves.
//!
//! A `complex64` is a word of two halves. Arithmetic takes it apart and puts it together again, and where it is put together the halves are known: what is taken
//! out of such a word is what went in, and a block's parameter that brings one is given company by two that bring the halves. The word itself is
//! for exits, then, and nobody waits for it.

use crate::opt::replace;
use crate::ssa::{Args, BinOp, Inst, Op, Ssa, Type, UnOp, Value, Width};

const HALF: i64 = 32;

/// The low and the high half, as words of which the upper half is clear.
type Halves = [Value; 2];

pub fn run(ssa: &mut Ssa) {
    let mut all = ssa.blocks.iter().flat_map(|b| &b.insts);
    if !all.any(|i| i.op == Op::Const(HALF)) {
        return;
    }
    let order = ssa.reverse_postorder();
    let made = Made::new(ssa, &order);
    let insts = order.iter().flat_map(|b| &ssa.blocks[*b].insts);
    let put = |inst: &Inst| Some((inst.result?, made.put_together(inst)?));
    let put: Vec<(Value, Halves)> = insts.clone().filter_map(put).collect();
    if put.is_empty() {
        return;
    }
    let taken = |inst: &Inst| Some((inst.result?, made.taken(inst)?));
    let taken: Vec<(Value, (Value, usize))> = insts.filter_map(taken).collect();
    let mut halves: Vec<Option<Halves>> = vec![None; ssa.types.len()];
    put.iter()
        .for_each(|(v, of)| halves[*v as usize] = Some(*of));
    let apart = worth_it(ssa, &order, &halves, &taken);
    let mut first = vec![usize::MAX; ssa.blocks.len()];
    for &b in &order {
        first[b] = ssa.blocks[b].params.len();
        for i in 0..first[b] {
            let param = ssa.blocks[b].params[i];
            if apart[param as usize] {
                let of = [ssa.value(Type::Word), ssa.value(Type::Word)];
                ssa.blocks[b].params.extend(of);
                halves[param as usize] = Some(of);
            }
        }
    }
    for &b in &order {
        for e in 0..ssa.blocks[b].term.edges().len() {
            let edge = &ssa.blocks[b].term.edges()[e];
            let params = &ssa.blocks[edge.block].params[..first[edge.block]];
            let pairs = params.iter().zip(edge.args.clone());
            let args: Vec<Value> = pairs
                .filter(|(p, _)| apart[**p as usize])
                .map(|(_, a)| a)
                .collect();
            for arg in args {
                let of = match halves[arg as usize] {
                    Some(of) => of,
                    None => [take(ssa, b, arg, 0), take(ssa, b, arg, 1)],
                };
                ssa.blocks[b].term.edges_mut()[e].args.extend(of);
            }
        }
    }
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    for (v, (word, half)) in taken {
        if let Some(of) = halves[word as usize] {
            map[v as usize] = of[half];
        }
    }
    replace(ssa, &mut map);
}

/// Takes half of a value at the end of a block.
fn take(ssa: &mut Ssa, b: usize, v: Value, half: usize) -> Value {
    let pc = ssa.blocks[b].insts.last().map_or(0, |i| i.pc);
    let mut push = |op: Op, args: &[Value]| {
        let result = ssa.value(Type::Word);
        ssa.blocks[b].insts.push(Inst {
            op,
            pc,
            args: Args::from_slice(args),
            result: Some(result),
            exit: None,
        });
        result
    };
    if half == 0 {
        return push(Op::Un(UnOp::ExtU32), &[v]);
    }
    let count = push(Op::Const(HALF), &[]);
    push(Op::Bin(BinOp::ShrU), &[v, count])
}

/// Which parameters are to come in halves: somebody takes one out, and at least one of the words that come was put together.
fn worth_it(
    ssa: &Ssa,
    order: &[usize],
    halves: &[Option<Halves>],
    taken: &[(Value, (Value, usize))],
) -> Vec<bool> {
    // Parameters are in a set with those that they bring; for each the next on the way to the one that stands for all.
    let mut set: Vec<Value> = (0..ssa.types.len() as Value).collect();
    fn root(set: &mut [Value], mut v: Value) -> Value {
        while set[v as usize] != v {
            set[v as usize] = set[set[v as usize] as usize];
            v = set[v as usize];
        }
        v
    }
    let mut is_param = vec![false; ssa.types.len()];
    for &b in order {
        let words = ssa.blocks[b].params.iter();
        let words = words.filter(|p| ssa.typ(**p) == Type::Word);
        words.for_each(|p| is_param[*p as usize] = true);
    }
    let mut put = vec![false; ssa.types.len()];
    let mut asked = vec![false; ssa.types.len()];
    let edges = order.iter().flat_map(|b| ssa.blocks[*b].term.edges());
    let pairs = |e: &'_ crate::ssa::Edge| -> Vec<(Value, Value)> {
        let params = ssa.blocks[e.block].params.iter().copied();
        let pairs = params.zip(e.args.iter().copied());
        pairs.filter(|(p, _)| is_param[*p as usize]).collect()
    };
    for (param, arg) in edges.clone().flat_map(pairs) {
        if is_param[arg as usize] {
            let (x, y) = (root(&mut set, param), root(&mut set, arg));
            set[y as usize] = x;
        }
    }
    for (param, arg) in edges.flat_map(pairs) {
        if halves[arg as usize].is_some() {
            put[root(&mut set, param) as usize] = true;
        }
    }
    for (_, (word, _)) in taken {
        asked[root(&mut set, *word) as usize] = true;
    }
    let all = 0..ssa.types.len() as Value;
    all.map(|v| {
        let root = root(&mut set, v) as usize;
        is_param[v as usize] && put[root] && asked[root]
    })
    .collect()
}

/// What is known of how values are made.
struct Made {
    /// Constants.
    constant: Vec<Option<i64>>,
    /// What is shifted by half a word.
    shifted: Vec<Option<Value>>,
    /// The upper half is clear.
    short: Vec<bool>,
}

impl Made {
    fn new(ssa: &Ssa, order: &[usize]) -> Made {
        let count = ssa.types.len();
        let mut made = Made {
            constant: vec![None; count],
            shifted: vec![None; count],
            short: vec![false; count],
        };
        for inst in order.iter().flat_map(|b| &ssa.blocks[*b].insts) {
            let Some(v) = inst.result else {
                continue;
            };
            let v = v as usize;
            match inst.op {
                Op::Const(k) => {
                    made.constant[v] = Some(k);
                    made.short[v] = u32::try_from(k).is_ok();
                }
                Op::Load(_, Width::U8 | Width::U16 | Width::U32)
                | Op::Un(UnOp::ExtU8 | UnOp::ExtU16 | UnOp::ExtU32) => made.short[v] = true,
                Op::Un(UnOp::Bitcast) => {
                    let x = inst.args[0];
                    let float = ssa.typ(x) == Type::F32 && ssa.is_computed(x);
                    made.short[v] = float || made.short[x as usize];
                }
                Op::Bin(BinOp::ShrU) if made.is_half(inst) => made.short[v] = true,
                Op::Bin(BinOp::Shl) if made.is_half(inst) => {
                    made.shifted[v] = Some(inst.args[0]);
                }
                _ => {}
            }
        }
        made
    }

    /// Whether the second argument is the number of bits of half a word.
    fn is_half(&self, inst: &Inst) -> bool {
        self.constant[inst.args[1] as usize] == Some(HALF)
    }

    /// The halves of a result that is put together from two.
    fn put_together(&self, inst: &Inst) -> Option<Halves> {
        if !matches!(inst.op, Op::Bin(BinOp::Or | BinOp::Add | BinOp::Xor)) {
            return None;
        }
        let [x, y] = [inst.args[0], inst.args[1]];
        let halves = |low: Value, high: Value| {
            let high = self.shifted[high as usize]?;
            let short = [low, high].iter().all(|v| self.short[*v as usize]);
            short.then_some([low, high])
        };
        halves(x, y).or_else(|| halves(y, x))
    }

    /// The word that the instruction takes half of, and which one.
    fn taken(&self, inst: &Inst) -> Option<(Value, usize)> {
        match inst.op {
            Op::Un(UnOp::ExtU32) => Some((inst.args[0], 0)),
            Op::Bin(BinOp::ShrU) if self.is_half(inst) => Some((inst.args[0], 1)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, frame, operations, stored};
    use crate::ssa::{Cond, Exit};

    fn half(m: &mut Maker, slot: i32) -> Value {
        let load = Op::Load(frame(8 * slot), Width::U32);
        m.push(load, &[], Some(Type::Word))
    }

    fn put(m: &mut Maker, low: Value, high: Value) -> Value {
        let count = m.constant(HALF);
        let high = m.binary(BinOp::Shl, high, count);
        m.binary(BinOp::Or, low, high)
    }

    fn taken(m: &mut Maker, word: Value) -> Halves {
        let count = m.constant(HALF);
        [
            m.unary(UnOp::ExtU32, word),
            m.binary(BinOp::ShrU, word, count),
        ]
    }

    #[test]
    fn what_went_in_comes_out() {
        let mut m = Maker::new();
        let (low, high) = (half(&mut m, 0), half(&mut m, 1));
        let word = put(&mut m, low, high);
        let long = m.slot(2);
        let other = put(&mut m, long, high);
        let [x, y] = taken(&mut m, word);
        let [z, w] = taken(&mut m, other);
        for (slot, v) in [x, y, z, w].into_iter().enumerate() {
            m.set_slot(slot as i32, v);
        }
        let ssa = m.after(run);
        // Of what has all its bits the upper half is not what was put there.
        assert_eq!(stored(&ssa), [low, high, z, w]);
    }

    /// A loop that takes a word apart, and goes around with what `next` makes of the halves and the word.
    fn looped(next: impl Fn(&mut Maker, Halves, Value) -> Value) -> (Ssa, usize, Value, Halves) {
        let mut m = Maker::new();
        let first = m.slot(0);
        let (head, done) = (m.block(&[Type::Word]), m.block(&[]));
        m.jump(head, &[first]);
        m.at(head);
        let word = m.param(head, 0);
        let halves = taken(&mut m, word);
        let exit = Exit {
            pc: 0,
            live: vec![(0, word)],
        };
        m.push_exit(Op::Poll, &[], None, Some(exit));
        let [x, y] = halves;
        m.set_slot(1, x);
        m.set_slot(2, y);
        let next = next(&mut m, halves, word);
        let back = m.edge_to(head, &[next]);
        m.branch(Cond::LtU, x, y, back, done);
        m.at(done);
        m.ret();
        (m.after(run), head, word, halves)
    }

    #[test]
    fn halves_go_around_with_the_word() {
        let (ssa, head, word, _) = looped(|m, [low, high], _| put(m, high, low));
        let params = &ssa.blocks[head].params;
        assert_eq!((params.len(), params[0]), (3, word));
        assert_eq!(stored(&ssa), params[1..]);
        // The first word is taken apart before the loop.
        assert!(operations(&ssa, 0).contains(&Op::Un(UnOp::ExtU32)));
        let back = ssa.blocks.iter().rposition(|b| !b.term.edges().is_empty());
        let args = &ssa.blocks[back.unwrap()].term.edges()[0].args;
        assert_eq!(args[1..], [params[2], params[1]]);
    }

    #[test]
    fn a_word_that_nobody_puts_together_stays_alone() {
        let (ssa, head, _, halves) = looped(|m, _, word| m.unary(UnOp::Not, word));
        assert_eq!(ssa.blocks[head].params.len(), 1);
        assert_eq!(stored(&ssa), halves);
    }
}
