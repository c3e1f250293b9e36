//! Puts values aside where a path that is seldom taken makes a call.
//!
//! No register survives a call, and the allocator, which knows no frequencies, splits a value that lives across one wherever the blocks' order has it: the
//! counter of a loop that has a slow path was in a spill slot on the fast one. So such a path gets copies of its own: one where it begins,
//! which may be in a spill slot all along, and one where it leads back, which the loop goes on with.

use rustc_hash::FxHashMap;

use crate::opt::flow::{Dominators, Loop, definitions, loops};
use crate::opt::params;
use crate::ssa::{Args, BlockId, Inst, Lists, Op, Ssa, Term, UnOp, Value};

/// Copies in a function, and blocks that one may have.
const MOST_COPIES: usize = 300;
const MOST_BLOCKS: usize = 2000;

pub fn run(ssa: &mut Ssa) {
    if ssa.blocks.len() > MOST_BLOCKS || !ssa.blocks.iter().any(calls) {
        return;
    }
    let order = ssa.reverse_postorder();
    // Of blocks that are entered: others lead into some, too.
    let preds = Lists::new(ssa.blocks.len(), |see| {
        for &b in &order {
            let edges = ssa.blocks[b].term.edges();
            edges.iter().for_each(|e| see(e.block, b));
        }
    });
    let found = loops(ssa, &Dominators::new(ssa));
    let paths = Paths::new(ssa, &order, &preds, &found);
    if paths.of.iter().all(Option::is_none) {
        return;
    }
    let Some(copies) = copies(ssa, &order, &preds, &paths) else {
        return;
    };
    Renamer::new(ssa, preds, &copies).run(ssa, &order, &copies);
    // Where nothing is put aside the parameters that were made bring one value.
    params::run(ssa);
}

/// Whether a block makes calls, of whatever leaves few registers as they are.
fn calls(block: &crate::ssa::Block) -> bool {
    block.insts.iter().any(|i| {
        matches!(
            i.op,
            Op::Helper(_) | Op::Call(..) | Op::Step(_) | Op::Perform(_)
        )
    })
}

/// The paths in loops that are seldom taken.
struct Paths {
    /// The path that a block is on.
    of: Vec<Option<usize>>,
    /// How many loops each block is in.
    depth: Vec<u32>,
}

impl Paths {
    /// A path has what is known to be seldom, and calls that few runs of a loop get to.
    fn new(ssa: &Ssa, order: &[BlockId], preds: &Lists, loops: &[Loop]) -> Paths {
        let count = ssa.blocks.len();
        let mut depth = vec![0; count];
        let mut seldom = vec![false; count];
        ssa.cold.iter().for_each(|b| seldom[*b] = true);
        let within = loops.iter().flat_map(|l| &l.blocks);
        within.for_each(|b| depth[*b] += 1);
        // Inner loops come first: what is in one is no part of those around it.
        let mut done = vec![false; count];
        for l in loops {
            mark(ssa, order, l, &done, &mut seldom);
            l.blocks.iter().for_each(|b| done[*b] = true);
        }
        (0..count)
            .filter(|b| depth[*b] == 0)
            .for_each(|b| seldom[b] = false);
        // What leads to such a block only.
        for &b in order.iter().rev() {
            if let Term::Jump(edge) = &ssa.blocks[b].term
                && seldom[edge.block]
                && depth[b] == depth[edge.block]
            {
                seldom[b] = true;
            }
        }
        // What only such blocks lead to.
        for &b in order {
            let all = |p: &BlockId| seldom[*p] && depth[*p] == depth[b];
            if depth[b] > 0 && preds[b].iter().all(all) {
                seldom[b] = true;
            }
        }
        let mut of = vec![None; count];
        for &first in order {
            if !seldom[first] || of[first].is_some() {
                continue;
            }
            let mut work = vec![first];
            let mut path = Vec::new();
            while let Some(b) = work.pop() {
                if seldom[b] && of[b].is_none() {
                    of[b] = Some(first);
                    path.push(b);
                    work.extend(&preds[b]);
                    work.extend(ssa.blocks[b].term.edges().iter().map(|e| e.block));
                }
            }
            if !path.iter().any(|b| calls(&ssa.blocks[*b])) {
                path.iter().for_each(|b| {
                    seldom[*b] = false;
                    of[*b] = None;
                });
            }
        }
        Paths { of, depth }
    }
}

/// Marks blocks with calls that few runs of a loop get to and that are in no loop that is `done`, if all branches go either way as often but never where it is known to be seldom.
fn mark(ssa: &Ssa, order: &[BlockId], l: &Loop, done: &[bool], seldom: &mut [bool]) {
    const FEW: f32 = 0.25;
    let mut number = vec![usize::MAX; ssa.blocks.len()];
    l.blocks.iter().for_each(|b| number[*b] = 0);
    let mut blocks: Vec<BlockId> = Vec::with_capacity(l.blocks.len());
    for &b in order.iter().filter(|b| number[**b] == 0) {
        blocks.push(b);
    }
    blocks.iter().enumerate().for_each(|(i, b)| number[*b] = i);
    let mut runs = vec![0.0; blocks.len()];
    runs[0] = 1.0;
    let mut rare = Vec::new();
    for (i, &b) in blocks.iter().enumerate() {
        if runs[i] <= FEW && !done[b] && calls(&ssa.blocks[b]) {
            rare.push(b);
        }
        // Going on in the loop, not back in it.
        let on = |to: BlockId| number[to] != usize::MAX && number[to] > i && !seldom[to];
        let edges = ssa.blocks[b].term.edges().iter();
        let to: Vec<BlockId> = edges.map(|e| e.block).filter(|to| on(*to)).collect();
        let share = runs[i] / to.len() as f32;
        to.iter().for_each(|to| runs[number[*to]] += share);
    }
    rare.iter().for_each(|b| seldom[*b] = true);
}

/// Where a copy is made.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Place {
    Start(BlockId),
    End(BlockId),
}

/// The copies that are to be made: of which values, and where. None: too many, or none.
fn copies(
    ssa: &mut Ssa,
    order: &[BlockId],
    preds: &Lists,
    paths: &Paths,
) -> Option<Vec<(Place, Value)>> {
    let live = live(ssa, order);
    let wanted = wanted(ssa, order, paths);
    let is_live = |b: BlockId, v: Value| live[b][v as usize / 64] >> (v % 64) & 1 != 0;
    let mut copies = Vec::new();
    // What each path leads back with.
    let mut back: FxHashMap<usize, Vec<Value>> = FxHashMap::default();
    for &b in order {
        let Some(path) = paths.of[b] else {
            continue;
        };
        for edge in ssa.blocks[b].term.edges() {
            let to = edge.block;
            if paths.of[to].is_some() || paths.depth[to] == 0 {
                continue;
            }
            let place = match preds[to].len() {
                1 => Place::Start(to),
                _ => Place::End(b),
            };
            let own = edge.args.iter().filter(|_| place == Place::End(b)).copied();
            let through = members(&live[to]);
            for v in through.chain(own) {
                let wanted = wanted[v as usize].is_some_and(|depth| depth >= paths.depth[to]);
                if wanted && !copies.contains(&(place, v)) {
                    copies.push((place, v));
                    back.entry(path).or_default().push(v);
                }
            }
        }
    }
    for &b in order {
        let Some(path) = paths.of[b] else {
            continue;
        };
        if preds[b].iter().all(|p| paths.of[*p].is_some()) {
            continue;
        }
        let mut values = back.get(&path).cloned().unwrap_or_default();
        values.sort_unstable();
        values.dedup();
        let values = values.into_iter().filter(|v| is_live(b, *v));
        copies.extend(values.map(|v| (Place::Start(b), v)));
    }
    (1..=MOST_COPIES).contains(&copies.len()).then_some(copies)
}

/// The values in a set.
fn members(set: &[u64]) -> impl Iterator<Item = Value> + '_ {
    let words = (0..).zip(set).filter(|(_, word)| **word != 0);
    words.flat_map(|(i, word)| {
        (0..64)
            .filter(move |bit| word >> bit & 1 != 0)
            .map(move |bit| 64 * i + bit)
    })
}

/// In how many loops each value is read, at most, outside of the paths; None for those that are made on one, or cheaply.
fn wanted(ssa: &mut Ssa, order: &[BlockId], paths: &Paths) -> Vec<Option<u32>> {
    let mut wanted = vec![Some(0); ssa.types.len()];
    for &b in order {
        let block = &mut ssa.blocks[b];
        if paths.of[b].is_none() {
            let mut read = |v: Value| {
                if let Some(depth) = &mut wanted[v as usize] {
                    *depth = paths.depth[b].max(*depth);
                }
            };
            let args = block.insts.iter().flat_map(|i| &i.args);
            args.for_each(|v| read(*v));
            if !matches!(block.term, Term::Exit(_)) {
                block.term.for_each_use(&mut |v| read(*v));
            }
        }
    }
    for &b in order {
        let block = &ssa.blocks[b];
        if paths.of[b].is_some() {
            block.params.iter().for_each(|v| wanted[*v as usize] = None);
        }
        for inst in &block.insts {
            if let Some(v) = inst.result
                && (paths.of[b].is_some() || matches!(inst.op, Op::Const(_)))
            {
                wanted[v as usize] = None;
            }
        }
    }
    wanted
}

/// The values that are live at each block's start, its parameters not among them.
fn live(ssa: &mut Ssa, order: &[BlockId]) -> Vec<Vec<u64>> {
    let words = ssa.types.len().div_ceil(64);
    let mut live = vec![vec![0u64; words]; ssa.blocks.len()];
    let mut now = vec![0u64; words];
    let mut changed = true;
    while changed {
        changed = false;
        for &b in order.iter().rev() {
            let block = &mut ssa.blocks[b];
            now.fill(0);
            for edge in block.term.edges() {
                now.iter_mut()
                    .zip(&live[edge.block])
                    .for_each(|(x, y)| *x |= y);
            }
            let clear = |now: &mut [u64], v: Value| now[v as usize / 64] &= !(1 << (v % 64));
            let set = |now: &mut [u64], v: Value| now[v as usize / 64] |= 1 << (v % 64);
            block.term.for_each_use(&mut |v| set(&mut now, *v));
            for inst in block.insts.iter().rev() {
                inst.result.iter().for_each(|v| clear(&mut now, *v));
                inst.args.iter().for_each(|v| set(&mut now, *v));
                let exit = inst.exit.iter().flat_map(|e| &e.live);
                exit.for_each(|(_, v)| set(&mut now, *v));
            }
            block.params.iter().for_each(|v| clear(&mut now, *v));
            if now != live[b] {
                live[b].copy_from_slice(&now);
                changed = true;
            }
        }
    }
    live
}

/// Has each use read the copy that reaches it, through parameters where several do (Braun and others, 2013).
struct Renamer {
    preds: Lists,
    defined: Vec<Option<(BlockId, usize)>>,
    copies: FxHashMap<(Place, Value), Value>,
    /// Of which values there are copies.
    copied: Vec<bool>,
    /// What values are at the starts of blocks, before copies there.
    known: FxHashMap<(BlockId, Value), Value>,
    params: Vec<(BlockId, Value)>,
    /// What blocks bring to them, in their order.
    args: Vec<(BlockId, Value)>,
}

impl Renamer {
    fn new(ssa: &mut Ssa, preds: Lists, places: &[(Place, Value)]) -> Renamer {
        let mut renamer = Renamer {
            preds,
            copied: vec![false; ssa.types.len()],
            defined: definitions(ssa),
            copies: FxHashMap::default(),
            known: FxHashMap::default(),
            params: Vec::new(),
            args: Vec::new(),
        };
        for &(place, v) in places {
            renamer.copies.insert((place, v), ssa.value(ssa.typ(v)));
            renamer.copied[v as usize] = true;
        }
        renamer
    }

    fn run(mut self, ssa: &mut Ssa, order: &[BlockId], places: &[(Place, Value)]) {
        let mut made: Vec<(Place, Inst)> = Vec::new();
        for &(place, v) in places {
            let from = match place {
                Place::Start(b) => self.before(ssa, b, v),
                Place::End(b) => self.within(ssa, b, v),
            };
            let inst = Inst {
                op: Op::Un(UnOp::Copy),
                pc: 0,
                args: Args::from_slice(&[from]),
                result: Some(self.copies[&(place, v)]),
                exit: None,
            };
            made.push((place, inst));
        }
        for &b in order {
            let mut insts = std::mem::take(&mut ssa.blocks[b].insts);
            for inst in &mut insts {
                inst.for_each_use(&mut |v| *v = self.within(ssa, b, *v));
            }
            ssa.blocks[b].insts = insts;
            let mut term = std::mem::replace(&mut ssa.blocks[b].term, Term::Return(None));
            term.for_each_use(&mut |v| *v = self.behind(ssa, b, *v));
            ssa.blocks[b].term = term;
        }
        for (b, param) in self.params {
            ssa.blocks[b].params.push(param);
        }
        for (b, arg) in self.args {
            ssa.blocks[b].term.edges_mut()[0].args.push(arg);
        }
        for (place, mut inst) in made {
            let (Place::Start(b) | Place::End(b)) = place;
            let insts = &mut ssa.blocks[b].insts;
            inst.pc = insts.first().map_or(0, |i| i.pc);
            let at = match place {
                Place::Start(_) => 0,
                Place::End(_) => insts.len(),
            };
            insts.insert(at, inst);
        }
    }

    /// What stands for the value at a block's end, behind copies there.
    fn behind(&mut self, ssa: &mut Ssa, b: BlockId, v: Value) -> Value {
        match self.copies.get(&(Place::End(b), v)) {
            Some(copy) => *copy,
            None => self.within(ssa, b, v),
        }
    }

    /// In a block, between the copies at its start and its end.
    fn within(&mut self, ssa: &mut Ssa, b: BlockId, v: Value) -> Value {
        match self.copies.get(&(Place::Start(b), v)) {
            Some(copy) => *copy,
            None => self.before(ssa, b, v),
        }
    }

    /// At a block's start.
    fn before(&mut self, ssa: &mut Ssa, b: BlockId, v: Value) -> Value {
        if !self.copied.get(v as usize).is_some_and(|copied| *copied)
            || self.defined[v as usize].is_some_and(|(def, _)| def == b)
        {
            return v;
        }
        if let Some(known) = self.known.get(&(b, v)) {
            return *known;
        }
        if let [pred] = self.preds[b] {
            let value = self.behind(ssa, pred, v);
            self.known.insert((b, v), value);
            return value;
        }
        let param = ssa.value(ssa.typ(v));
        self.known.insert((b, v), param);
        let preds = self.preds[b].to_vec();
        let args: Vec<(BlockId, Value)> = preds
            .into_iter()
            .map(|p| (p, self.behind(ssa, p, v)))
            .collect();
        self.params.push((b, param));
        self.args.extend(args);
        param
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, at, operations};
    use crate::ssa::{BinOp, Cond, Helper, Type};

    const COPY: Op = Op::Un(UnOp::Copy);

    fn call(m: &mut Maker, arg: Value) -> Value {
        let helper = Helper {
            address: 0,
            context: false,
        };
        m.push(Op::Helper(helper), &[arg], Some(Type::Word))
    }

    /// A loop with a counter that goes one of two ways around, of which the second makes a call and may be known for being seldom taken.
    fn looped(seldom: bool) -> (Ssa, [BlockId; 3]) {
        let mut m = Maker::new();
        let (object, one) = (m.slot(0), m.constant(1));
        let head = m.block(&[Type::Word]);
        let [quick, slow, tail, done] = [(); 4].map(|()| m.block(&[]));
        m.jump(head, &[one]);
        m.at(head);
        let i = m.param(head, 0);
        let x = m.load(at(0, 0), &[object]);
        m.branch(Cond::LtU, i, x, quick, slow);
        m.at(quick);
        m.jump(tail, &[]);
        m.at(slow);
        call(&mut m, i);
        m.jump(tail, &[]);
        m.at(tail);
        let next = m.binary(BinOp::Add, i, one);
        m.store(at(0, 8), &[object, next]);
        let back = m.edge_to(head, &[next]);
        m.branch(Cond::Ne, next, x, back, done);
        m.at(done);
        m.ret();
        if seldom {
            m.ssa.cold.push(slow);
        }
        (m.after(run), [quick, slow, tail])
    }

    #[test]
    fn what_lives_across_a_call_is_put_aside_on_its_path() {
        let (ssa, [quick, slow, tail]) = looped(true);
        // The counter, the object, and what is loaded.
        let copies = |b: BlockId| operations(&ssa, b).iter().filter(|op| **op == COPY).count();
        assert_eq!([quick, slow, tail].map(copies), [0, 6, 0]);
        let ops = operations(&ssa, slow);
        assert!(matches!(ops[3], Op::Helper(_)));
        // Where the paths meet each comes from both, and the object goes around the loop.
        assert_eq!(ssa.blocks[tail].params.len(), 3);
        assert_eq!(ssa.blocks[1].params.len(), 2);
        // What is put aside is what the call is given.
        let insts = &ssa.blocks[slow].insts;
        assert!(
            insts[..3]
                .iter()
                .any(|i| i.result == Some(insts[3].args[0]))
        );
    }

    #[test]
    fn calls_that_half_of_all_runs_make_are_left() {
        let (ssa, blocks) = looped(false);
        assert!(blocks.iter().all(|b| !operations(&ssa, *b).contains(&COPY)));
        assert!(ssa.blocks[blocks[2]].params.is_empty());
    }

    #[test]
    fn one_way_of_many_is_seldom_taken() {
        let mut m = Maker::new();
        let (object, index) = (m.slot(0), m.slot(1));
        let [head, tail] = [(); 2].map(|()| m.block(&[]));
        let ways = [(); 4].map(|()| m.block(&[]));
        m.jump(head, &[]);
        m.at(head);
        let edges = ways.map(|block| crate::ssa::Edge {
            block,
            args: Vec::new(),
        });
        m.ssa.blocks[head].term = Term::Table {
            index,
            edges: edges.to_vec(),
        };
        for way in ways {
            m.at(way);
            m.store(at(0, 0), &[object, index]);
            if way == ways[1] {
                call(&mut m, index);
            }
            m.jump(tail, &[]);
        }
        m.at(tail);
        m.jump(head, &[]);
        let ssa = m.after(run);
        let copies = ways.map(|b| operations(&ssa, b).contains(&COPY));
        assert_eq!(copies, [false, true, false, false]);
    }

    #[test]
    fn blocks_that_are_never_entered_lead_nowhere() {
        let mut m = Maker::new();
        let (object, index) = (m.slot(0), m.slot(1));
        let [head, slow, tail, lost] = [(); 4].map(|()| m.block(&[]));
        m.jump(head, &[]);
        m.at(head);
        let quick = m.block(&[]);
        m.branch(Cond::LtU, object, index, quick, slow);
        m.at(quick);
        m.jump(tail, &[]);
        m.at(slow);
        call(&mut m, index);
        m.jump(tail, &[]);
        m.at(lost);
        let again = m.block(&[]);
        m.branch(Cond::LtU, object, index, again, tail);
        m.at(again);
        m.jump(lost, &[]);
        m.at(tail);
        m.store(at(0, 0), &[object, index]);
        m.jump(head, &[]);
        m.ssa.cold.push(slow);
        let ssa = m.after(run);
        assert_eq!(ssa.blocks[tail].params.len(), 2);
    }
}
