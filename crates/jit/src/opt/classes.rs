//! Chooses in which kind of register a word travels: one for integers or one for floats.
//!
//! The builder gives a slot one type for the whole function, but variables share slots: what is an integer here is a float there. Loop
//! counters would be in floats' registers then and sums of `float32` in integers', with a move between the two at each operation.
//! So the types of block parameters are chosen anew. Those that bring each other's values are a *web*, and loads that do are in it: a load has whichever type
//! is wanted. A web takes the type with which the fewest moves are made, those in loops counting more. That is always possible, since no type is
//! too short for a word, and nothing but where a value is follows from it.

use crate::opt::flow::{Dominators, loops};
use crate::opt::replace;
use crate::ssa::{Args, BlockId, Inst, Op, Ssa, Term, Type, UnOp, Value, Width};

pub fn run(ssa: &mut Ssa) {
    if !ssa.types.iter().any(|t| t.is_float()) {
        return;
    }
    let order = ssa.reverse_postorder();
    let weights = weights(ssa);
    // What one web has changed to may decide another that it brings values to.
    for _ in 0..ROUNDS {
        let mut webs = Webs::new(ssa, &order);
        webs.count(ssa, &order, &weights);
        let old = ssa.types.clone();
        if !webs.choose(ssa) {
            break;
        }
        rewrite(ssa, &order, &old);
    }
}

const ROUNDS: usize = 4;

/// The types that a web may have.
const TYPES: [Type; 3] = [Type::Word, Type::F64, Type::F32];

/// What it costs to have a value of a type that is there with another: a move between registers of two kinds takes some cycles, one between
/// registers of a kind is mostly none.
fn cost(from: Type, to: Type) -> u64 {
    if from.is_as(to) {
        0
    } else if from.is_float() && to.is_float() {
        1
    } else {
        4
    }
}

/// How often each block is entered, roughly.
fn weights(ssa: &Ssa) -> Vec<u64> {
    const TIMES: u64 = 8;
    const DEEPEST: u64 = TIMES.pow(6);
    let mut weights = vec![TIMES; ssa.blocks.len()];
    for l in loops(ssa, &Dominators::new(ssa)) {
        for b in l.blocks {
            weights[b] = (weights[b] * TIMES).min(DEEPEST);
        }
    }
    ssa.cold.iter().for_each(|b| weights[*b] = 1);
    weights
}

/// What a use wants of a value.
enum Use {
    /// Every type is as good.
    Any,
    /// The low half, of a word or a float32.
    Half,
    This(Type),
}

/// What the instruction wants of its argument `i`, a value of this type.
fn wanted(ssa: &Ssa, inst: &Inst, i: usize, typ: Type) -> Use {
    match inst.op {
        op if op.is_note() => Use::Any,
        Op::Store(_, width) if i + 1 == inst.args.len() => match width {
            Width::W => Use::Any,
            Width::U32 | Width::S32 => Use::Half,
            _ => Use::This(Type::Word),
        },
        Op::Un(UnOp::Bitcast) => Use::This(inst.result.map_or(typ, |v| ssa.typ(v))),
        _ => Use::This(typ),
    }
}

/// Where a value is made, as far as it matters here.
#[derive(Clone, Copy)]
struct Made {
    block: BlockId,
    /// It is another value's bits.
    from: Option<Value>,
}

struct Webs {
    /// Another value of the web, itself for one of them; None for values of which the type is given.
    of: Vec<Option<Value>>,
    made: Vec<Made>,
    /// What each type would cost; for the web's value that stands for all.
    costs: Vec<[u64; TYPES.len()]>,
    /// Loads of half a word: what is a float64 otherwise is a float32 there.
    half: Vec<bool>,
}

impl Webs {
    fn new(ssa: &Ssa, order: &[BlockId]) -> Webs {
        let count = ssa.types.len();
        let made = Made {
            block: 0,
            from: None,
        };
        let mut webs = Webs {
            of: vec![None; count],
            made: vec![made; count],
            costs: vec![[0; TYPES.len()]; count],
            half: vec![false; count],
        };
        for &b in order {
            let block = &ssa.blocks[b];
            let free = |v: &&Value| ssa.typ(**v) != Type::Ptr;
            for &v in block.params.iter().filter(free) {
                webs.of[v as usize] = Some(v);
            }
            for inst in &block.insts {
                let Some(v) = inst.result else {
                    continue;
                };
                let from = (inst.op == Op::Un(UnOp::Bitcast)).then(|| inst.args[0]);
                webs.made[v as usize] = Made { block: b, from };
                if let Op::Load(_, width @ (Width::W | Width::U32)) = inst.op
                    && free(&&v)
                {
                    webs.of[v as usize] = Some(v);
                    webs.half[v as usize] = width == Width::U32;
                }
            }
        }
        for (param, arg, _) in edges(ssa, order) {
            if let (Some(x), Some(y)) = (webs.root(param), webs.root(arg)) {
                webs.of[y as usize] = Some(x);
            }
        }
        webs
    }

    /// The value that stands for the web that this one is in.
    fn root(&mut self, v: Value) -> Option<Value> {
        let mut root = self.of[v as usize]?;
        while let Some(next) = self.of[root as usize].filter(|next| *next != root) {
            root = next;
        }
        self.of[v as usize] = Some(root);
        Some(root)
    }

    fn count(&mut self, ssa: &Ssa, order: &[BlockId], weights: &[u64]) {
        for &b in order {
            let block = &ssa.blocks[b];
            for inst in &block.insts {
                for (i, &v) in inst.args.iter().enumerate() {
                    self.used(v, &wanted(ssa, inst, i, ssa.typ(v)), weights[b]);
                }
                if let Some(v) = inst.result
                    && self.half[v as usize]
                {
                    self.add(v, weights[b], |to| {
                        cost(Type::F32, to).min(cost(Type::Word, to))
                    });
                }
            }
            for v in asked(&block.term) {
                self.used(v, &Use::This(ssa.typ(v)), weights[b]);
            }
        }
        for (param, arg, b) in edges(ssa, order) {
            if self.of[param as usize].is_none() {
                self.used(arg, &Use::This(ssa.typ(param)), weights[b]);
            } else if self.of[arg as usize].is_none() {
                let made = self.made[arg as usize];
                let from = ssa.typ(made.from.unwrap_or(arg));
                let weight = weights[b].min(weights[made.block]);
                self.add(param, weight, |to| cost(from, to));
            }
        }
    }

    fn used(&mut self, v: Value, wanted: &Use, weight: u64) {
        match *wanted {
            Use::Any => {}
            Use::Half => self.add(v, weight, |from| {
                cost(from, Type::Word).min(cost(from, Type::F32))
            }),
            Use::This(typ) => self.add(v, weight, |from| cost(from, typ)),
        }
    }

    /// Adds to what each type costs the web of the value, if it is in one.
    fn add(&mut self, v: Value, weight: u64, cost: impl Fn(Type) -> u64) {
        if let Some(root) = self.root(v) {
            for (sum, typ) in self.costs[root as usize].iter_mut().zip(TYPES) {
                *sum += weight * cost(typ);
            }
        }
    }

    /// Gives each web its type; whether one has changed.
    fn choose(&mut self, ssa: &mut Ssa) -> bool {
        let old: Vec<Type> = ssa.types.clone();
        let mut changed = false;
        for v in 0..self.of.len() as Value {
            let Some(root) = self.root(v) else {
                continue;
            };
            let costs = TYPES.into_iter().zip(self.costs[root as usize]);
            let now = old[root as usize];
            // The first of the cheapest, but as it is where that is as cheap.
            let best = costs.min_by_key(|(typ, cost)| (*cost, *typ != now));
            let (typ, _) = best.expect("there are types");
            let typ = match typ {
                Type::F64 if self.half[v as usize] => Type::F32,
                typ => typ,
            };
            changed |= typ != old[v as usize];
            ssa.types[v as usize] = typ;
        }
        changed
    }
}

/// What edges bring: a parameter, its argument, and the block that the edge leaves.
fn edges<'a>(
    ssa: &'a Ssa,
    order: &'a [BlockId],
) -> impl Iterator<Item = (Value, Value, BlockId)> + 'a {
    order.iter().flat_map(move |&b| {
        let edges = ssa.blocks[b].term.edges().iter();
        edges.flat_map(move |e| {
            let params = ssa.blocks[e.block].params.iter();
            params.zip(&e.args).map(move |(p, a)| (*p, *a, b))
        })
    })
}

/// What decides where a block goes on, or is returned.
fn asked(term: &Term) -> impl Iterator<Item = Value> {
    let values = match term {
        Term::Branch { args, .. } => Args::from_slice(args),
        Term::Table { index, .. } => Args::from_slice(&[*index]),
        Term::Return(value) => Args::from_slice(value.as_slice()),
        Term::Jump(_) | Term::Exit(_) => Args::new(),
    };
    values.into_iter()
}

/// Makes uses and edges fit the new types.
fn rewrite(ssa: &mut Ssa, order: &[BlockId], old: &[Type]) {
    let mut rewriter = Rewriter {
        map: (0..ssa.types.len() as Value).collect(),
        casts: Vec::new(),
        out: Vec::new(),
        pc: 0,
    };
    let mut source: Vec<Option<Value>> = vec![None; ssa.types.len()];
    for &b in order {
        let insts = std::mem::take(&mut ssa.blocks[b].insts);
        rewriter.casts.clear();
        rewriter.out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            rewriter.pc = inst.pc;
            if let (Op::Un(UnOp::Bitcast), Some(v)) = (inst.op, inst.result) {
                let x = inst.args[0];
                source[v as usize] = Some(x);
                if ssa.typ(x).is_as(ssa.typ(v)) {
                    rewriter.map[v as usize] = x;
                    continue;
                }
            } else {
                for i in 0..inst.args.len() {
                    let v = inst.args[i];
                    let Some(was) = old.get(v as usize).filter(|t| !t.is_as(ssa.typ(v))) else {
                        continue;
                    };
                    inst.args[i] = match wanted(ssa, &inst, i, *was) {
                        Use::Any => v,
                        Use::Half if ssa.typ(v) != Type::F64 => v,
                        Use::Half => rewriter.cast(ssa, v, Type::F32),
                        Use::This(typ) => rewriter.cast(ssa, v, typ),
                    };
                }
            }
            rewriter.out.push(inst);
        }
        let mut term = std::mem::replace(&mut ssa.blocks[b].term, Term::Return(None));
        let mut fit = |ssa: &mut Ssa, v: &mut Value| {
            if let Some(was) = old.get(*v as usize).filter(|t| !t.is_as(ssa.typ(*v))) {
                *v = rewriter.cast(ssa, *v, *was);
            }
        };
        match &mut term {
            Term::Branch { args, .. } => args.iter_mut().for_each(|v| fit(ssa, v)),
            Term::Table { index, .. } => fit(ssa, index),
            Term::Return(Some(value)) => fit(ssa, value),
            Term::Return(None) | Term::Jump(_) | Term::Exit(_) => {}
        }
        for edge in term.edges_mut() {
            for (i, arg) in edge.args.iter_mut().enumerate() {
                let typ = ssa.typ(ssa.blocks[edge.block].params[i]);
                let same = |v: Value| ssa.typ(v).is_as(typ);
                let from = source.get(*arg as usize).copied().flatten();
                if !same(*arg) {
                    *arg = match from.filter(|x| same(*x)) {
                        Some(x) => x,
                        None => rewriter.cast(ssa, *arg, typ),
                    };
                }
            }
        }
        ssa.blocks[b].term = term;
        ssa.blocks[b].insts = std::mem::take(&mut rewriter.out);
    }
    rewriter
        .map
        .extend(rewriter.map.len() as Value..ssa.types.len() as Value);
    replace(ssa, &mut rewriter.map);
}

struct Rewriter {
    /// What stands for values that are gone.
    map: Vec<Value>,
    /// Values that the current block has with another type: value, and what has its bits.
    casts: Vec<(Value, Value)>,
    /// The instructions of the current block.
    out: Vec<Inst>,
    pc: u32,
}

impl Rewriter {
    /// The value with the type.
    fn cast(&mut self, ssa: &mut Ssa, v: Value, typ: Type) -> Value {
        let known = self
            .casts
            .iter()
            .find(|(x, y)| *x == v && ssa.typ(*y) == typ);
        if let Some((_, y)) = known {
            return *y;
        }
        let op = Op::Un(UnOp::Bitcast);
        let y = ssa.result(op, typ);
        self.out.push(Inst {
            op,
            pc: self.pc,
            args: Args::from_slice(&[v]),
            result: Some(y),
            exit: None,
        });
        self.casts.push((v, y));
        y
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, at, frame, operations, stored};
    use crate::ssa::{BinOp, Cond, Exit, FloatOp};

    fn cast(m: &mut Maker, v: Value, typ: Type) -> Value {
        m.push(Op::Un(UnOp::Bitcast), &[v], Some(typ))
    }

    /// A loop of which the parameter has a type; `first` gives what it is entered with, `body` what goes around.
    fn looped(
        typ: Type,
        first: impl Fn(&mut Maker) -> Value,
        body: impl Fn(&mut Maker, Value) -> Value,
    ) -> (Ssa, Value) {
        let mut m = Maker::new();
        let first = first(&mut m);
        let (x, y) = (m.slot(7), m.slot(8));
        let (head, done) = (m.block(&[typ]), m.block(&[]));
        m.jump(head, &[first]);
        m.at(head);
        let param = m.param(head, 0);
        let next = body(&mut m, param);
        let back = m.edge_to(head, &[next]);
        m.branch(Cond::LtU, x, y, back, done);
        m.at(done);
        m.ret();
        (m.after(run), param)
    }

    /// How many casts are used.
    fn casts(ssa: &Ssa) -> usize {
        let mut used = vec![false; ssa.types.len()];
        for block in &mut ssa.blocks.clone() {
            let mut see = |v: &mut Value| used[*v as usize] = true;
            block
                .insts
                .iter_mut()
                .for_each(|i| i.for_each_use(&mut see));
            block.term.for_each_use(&mut see);
        }
        let all = ssa.blocks.iter().flat_map(|b| &b.insts);
        let casts = all.filter(|i| i.op == Op::Un(UnOp::Bitcast));
        casts.filter(|i| used[i.result.unwrap() as usize]).count()
    }

    #[test]
    fn an_integer_in_a_slot_of_floats() {
        let float_slot = |m: &mut Maker| m.push(Op::Load(frame(0), Width::W), &[], Some(Type::F64));
        let (ssa, param) = looped(Type::F64, float_slot, |m, p| {
            let word = cast(m, p, Type::Word);
            let one = m.constant(1);
            let sum = m.binary(BinOp::Add, word, one);
            cast(m, sum, Type::F64)
        });
        assert_eq!((ssa.typ(param), casts(&ssa)), (Type::Word, 0));
    }

    #[test]
    fn a_sum_in_a_slot_of_words() {
        for typ in [Type::F32, Type::F64] {
            let (ssa, param) = looped(
                Type::Word,
                |m| m.constant(0),
                |m, p| {
                    let x = cast(m, p, typ);
                    let sum = m.push(Op::Float(FloatOp::Add), &[x, x], Some(typ));
                    cast(m, sum, Type::Word)
                },
            );
            // What is left is before the loop.
            assert_eq!((ssa.typ(param), casts(&ssa)), (typ, 1));
            assert!(operations(&ssa, 0).contains(&Op::Un(UnOp::Bitcast)));
        }
    }

    #[test]
    fn what_only_moves_stays_as_it_is() {
        for typ in [Type::Word, Type::F64] {
            let load = |m: &mut Maker| m.push(Op::Load(frame(0), Width::W), &[], Some(typ));
            let (ssa, param) = looped(typ, load, |m, p| {
                let exit = Exit {
                    pc: 0,
                    live: vec![(3, p)],
                };
                m.push_exit(Op::Poll, &[], None, Some(exit));
                m.set_slot(1, p);
                p
            });
            assert_eq!((ssa.typ(param), casts(&ssa)), (typ, 0));
        }
    }

    #[test]
    fn the_loop_counts_more_than_what_follows_it() {
        let mut m = Maker::new();
        let zero = m.constant(0);
        let (x, y) = (m.slot(7), m.slot(8));
        let (head, done) = (m.block(&[Type::Word]), m.block(&[]));
        m.jump(head, &[zero]);
        m.at(head);
        let param = m.param(head, 0);
        let float = cast(&mut m, param, Type::F64);
        let sum = m.push(Op::Float(FloatOp::Add), &[float, float], Some(Type::F64));
        let sum = cast(&mut m, sum, Type::Word);
        let back = m.edge_to(head, &[sum]);
        m.branch(Cond::LtU, x, y, back, done);
        m.at(done);
        for k in 1..4 {
            let k = m.constant(k);
            let bits = m.binary(BinOp::Add, param, k);
            m.set_slot(0, bits);
        }
        m.ret();
        let ssa = m.after(run);
        assert_eq!(ssa.typ(param), Type::F64);
        // One cast before the loop, one behind it.
        assert_eq!(casts(&ssa), 2);
        assert_eq!(operations(&ssa, done)[1], Op::Un(UnOp::Bitcast));
    }

    #[test]
    fn loads_are_what_is_wanted_of_them() {
        let mut m = Maker::new();
        let p = m.slot(0);
        let word = m.load(at(0, 0), &[p]);
        let half = m.push(Op::Load(at(0, 8), Width::U32), &[p], Some(Type::Word));
        let signed = m.push(Op::Load(at(0, 12), Width::S32), &[p], Some(Type::Word));
        let x = cast(&mut m, word, Type::F64);
        let y = cast(&mut m, half, Type::F32);
        let z = cast(&mut m, signed, Type::F32);
        for v in [x, y, z] {
            m.push(Op::Float(FloatOp::Add), &[v, v], Some(Type::F64));
        }
        let ssa = m.after(run);
        let types = [word, half, signed].map(|v| ssa.typ(v));
        assert_eq!(types, [Type::F64, Type::F32, Type::Word]);
        assert_eq!(casts(&ssa), 1);
    }

    #[test]
    fn half_of_a_word_is_stored_from_a_register_of_either_kind() {
        for (typ, moves) in [(Type::F32, 0), (Type::F64, 1)] {
            let mut m = Maker::new();
            let x = m.slot(0);
            let float = cast(&mut m, x, typ);
            for _ in 0..2 {
                m.push(Op::Float(FloatOp::Add), &[float, float], Some(typ));
            }
            m.push(Op::Store(frame(8), Width::U32), &[x], None);
            let ssa = m.after(run);
            assert_eq!((ssa.typ(x), casts(&ssa)), (typ, moves));
            assert_eq!(ssa.typ(stored(&ssa)[0]), Type::F32);
        }
    }

    #[test]
    fn a_copy_of_a_variable_goes_with_it() {
        // The second loop's slot is a float's, its variable an integer that the first loop has counted.
        let mut m = Maker::new();
        let (first, one) = (m.constant(0), m.constant(1));
        let (x, y) = (m.slot(7), m.slot(8));
        let (head, next, done) = (m.block(&[Type::Word]), m.block(&[Type::F64]), m.block(&[]));
        m.jump(head, &[first]);
        m.at(head);
        let i = m.param(head, 0);
        let sum = m.binary(BinOp::Add, i, one);
        let back = m.edge_to(head, &[sum]);
        let between = m.block(&[]);
        m.branch(Cond::LtU, x, y, back, between);
        m.at(between);
        let copy = cast(&mut m, i, Type::F64);
        m.jump(next, &[copy]);
        m.at(next);
        let j = m.param(next, 0);
        let word = cast(&mut m, j, Type::Word);
        let sum = m.binary(BinOp::Add, word, one);
        let sum = cast(&mut m, sum, Type::F64);
        let back = m.edge_to(next, &[sum]);
        m.branch(Cond::LtU, x, y, back, done);
        m.at(done);
        m.ret();
        let ssa = m.after(run);
        assert_eq!((ssa.typ(i), ssa.typ(j)), (Type::Word, Type::Word));
        assert_eq!(ssa.blocks[between].term.edges()[0].args, [i]);
    }
}
