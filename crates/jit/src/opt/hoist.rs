//! Loop-invariant code motion: what gives the same result in every iteration is done before the loop.
//!
//! Pure operations move freely. A load moves when nothing in the loop may write its place. A check moves when every run of the loop makes it: before
//! the loop it leaves by the exit of the loop's `Anchor`, as if the loop had not been entered, and the interpreter finds in its own
//! time what is wrong.
//!
//! Where a loop begins with a question about memory whose answer it leaves there at its end, only the first iteration has to ask: before the loop, as a check (`ask_once`).
//! Loops over functions ask so whether they may go on; what follows is done by every run of the loop then, and moves in its turn.
//!
//! A load is only safe behind the checks of its address. So it moves when every run of the loop makes it and all checks before it moved, or
//! at least none that tests a part of its address stayed and one that does is made before the loop. Divisions likewise. Behind a check that tells what something is
//! (which function a closure calls, which type a value has) and that stayed, no load moves: what is a pointer in one is none in another.

use rustc_hash::{FxHashMap, FxHashSet};

use crate::opt::flow::{Dominators, Loop, definitions, loops};
use crate::opt::memory::{Effect, Place, effect};
use crate::opt::replace;
use crate::ssa::{Base, BinOp, BlockId, Cond, Exit, Inst, Op, Ssa, Term, Type, Value, Width};

/// How far an address is followed to what checks may have tested.
const DEPTH: u32 = 5;
/// How many blocks a loop's end is looked for a store in.
const WAY_BACK: usize = 4;

pub fn run(ssa: &mut Ssa) {
    let dominators = Dominators::new(ssa);
    let found = loops(ssa, &dominators);
    if !found.is_empty() {
        let mut hoister = Hoister::new(ssa, &dominators);
        for l in &found {
            if let Some(preheader) = l.preheader {
                hoister.hoist(ssa, l, preheader);
                if hoister.ask_once(ssa, l, preheader) {
                    hoister.hoist(ssa, l, preheader);
                }
            }
        }
    }
    for block in &mut ssa.blocks {
        block.insts.retain(|i| i.op != Op::Anchor);
    }
}

/// What a loop does to memory.
#[derive(Default)]
struct Writes {
    places: Vec<Place>,
    heap: bool,
    all: bool,
}

impl Writes {
    fn of(ssa: &Ssa, l: &Loop) -> Writes {
        let mut writes = Writes::default();
        for inst in l.blocks.iter().flat_map(|b| &ssa.blocks[*b].insts) {
            match effect(inst.op) {
                Effect::None => {}
                Effect::Store => writes.places.extend(Place::of(ssa, inst)),
                Effect::Heap => writes.heap = true,
                Effect::All => writes.all = true,
            }
        }
        writes
    }

    fn may_write(&self, ssa: &Ssa, place: &Place) -> bool {
        let private = place.word().is_some_and(|w| !ssa.is_exposed(w));
        let kept = private || place.constant;
        self.all || self.heap && !kept || self.places.iter().any(|p| p.overlaps(place, ssa))
    }
}

/// Checks that stay in the loop.
#[derive(Default)]
struct Kept {
    /// What they test.
    values: Vec<Value>,
    /// Whether one of them tells what something is.
    identity: bool,
}

impl Kept {
    fn add(&mut self, inst: &Inst) {
        if let Op::Guard(cond) = inst.op {
            self.values.push(inst.args[0]);
            self.identity |= cond == Cond::Eq;
        }
    }
}

struct Hoister<'a> {
    dominators: &'a Dominators,
    /// The block where each value is defined, as it moves.
    defined: Vec<Option<BlockId>>,
    /// What pure operations compute their results from, constants not counted.
    sources: Vec<Vec<Value>>,
    /// Blocks with a check whose first operand is this.
    checks: FxHashMap<Value, Vec<BlockId>>,
    constants: FxHashMap<Value, i64>,
}

impl Hoister<'_> {
    fn new<'a>(ssa: &Ssa, dominators: &'a Dominators) -> Hoister<'a> {
        let block_of = |d: Option<(BlockId, usize)>| d.map(|(block, _)| block);
        let mut hoister = Hoister {
            dominators,
            defined: definitions(ssa).into_iter().map(block_of).collect(),
            sources: vec![Vec::new(); ssa.types.len()],
            checks: FxHashMap::default(),
            constants: FxHashMap::default(),
        };
        for b in ssa.reverse_postorder() {
            for inst in &ssa.blocks[b].insts {
                match (inst.op, inst.result) {
                    (Op::Const(k), Some(v)) => {
                        hoister.constants.insert(v, k);
                    }
                    (Op::Guard(_), _) if !hoister.constants.contains_key(&inst.args[0]) => {
                        hoister.checks.entry(inst.args[0]).or_default().push(b);
                    }
                    (op, Some(v)) if op.is_pure() => {
                        let args = inst.args.iter().copied();
                        hoister.sources[v as usize] = args
                            .filter(|a| !hoister.constants.contains_key(a))
                            .collect();
                    }
                    _ => {}
                }
            }
        }
        hoister
    }

    /// Whether the value is one that `test` holds of, or is computed from one.
    fn follows(&self, v: Value, depth: u32, test: &dyn Fn(Value) -> bool) -> bool {
        let sources = &self.sources[v as usize];
        test(v) || depth > 0 && sources.iter().any(|s| self.follows(*s, depth - 1, test))
    }

    fn hoist(&mut self, ssa: &mut Ssa, l: &Loop, preheader: BlockId) {
        let inside: FxHashSet<BlockId> = l.blocks.iter().copied().collect();
        let writes = Writes::of(ssa, l);
        debug_assert_eq!(ssa.blocks[preheader].term.edges()[0].block, l.header);
        let anchor = anchor(ssa, preheader);
        // Where a run of the loop may end.
        let leaves = |b: &BlockId| {
            let term = &ssa.blocks[*b].term;
            matches!(term, Term::Return(_) | Term::Exit(_))
                || term.edges().iter().any(|e| !inside.contains(&e.block))
        };
        let ends: Vec<BlockId> = l.blocks.iter().copied().filter(leaves).collect();
        // Definitions before uses, and checks in the order in which they are made.
        let order: Vec<BlockId> = ssa
            .reverse_postorder()
            .into_iter()
            .filter(|b| inside.contains(b))
            .collect();
        let mut kept_checks = Kept::default();
        let mut moved: Vec<Inst> = Vec::new();
        for b in order {
            let mut before = ends.iter().chain(&l.latches);
            let always = before.all(|end| self.dominators.dominates(b, *end));
            let insts = std::mem::take(&mut ssa.blocks[b].insts);
            let mut out = Vec::with_capacity(insts.len());
            for inst in insts {
                let invariant = inst.args.iter().all(|v| {
                    self.defined[*v as usize].is_none_or(|block| !inside.contains(&block))
                });
                if invariant && self.moves(ssa, &inst, &writes, always, &kept_checks, preheader) {
                    if let Some(v) = inst.result {
                        self.defined[v as usize] = Some(preheader);
                    }
                    if inst.exit.is_none() {
                        moved.push(inst);
                        continue;
                    }
                    if let Some(exit) = anchor.clone() {
                        self.checks.entry(inst.args[0]).or_default().push(preheader);
                        moved.push(Inst {
                            exit: Some(exit),
                            ..inst
                        });
                        continue;
                    }
                }
                kept_checks.add(&inst);
                out.push(inst);
            }
            ssa.blocks[b].insts = out;
        }
        ssa.blocks[preheader].insts.extend(moved);
    }

    /// Whether what the instruction wants to be checked is checked before the loop, where these checks stay in the loop before it.
    fn is_checked(&self, inst: &Inst, kept_checks: &Kept, preheader: BlockId) -> bool {
        if kept_checks.identity {
            return false;
        }
        let kept = |v: Value| kept_checks.values.contains(&v);
        let made = |v: Value| {
            let blocks = self.checks.get(&v).map_or(&[][..], |blocks| blocks);
            blocks
                .iter()
                .any(|b| self.dominators.dominates(*b, preheader))
        };
        let any =
            |test: &dyn Fn(Value) -> bool| inst.args.iter().any(|v| self.follows(*v, DEPTH, test));
        kept_checks.values.is_empty() || !any(&kept) && any(&made)
    }

    /// Whether an instruction with invariant arguments may be executed before the loop.
    fn moves(
        &self,
        ssa: &Ssa,
        inst: &Inst,
        writes: &Writes,
        always: bool,
        kept_checks: &Kept,
        preheader: BlockId,
    ) -> bool {
        let is_safe = || always && self.is_checked(inst, kept_checks, preheader);
        match inst.op {
            Op::Bin(BinOp::DivS | BinOp::DivU | BinOp::RemS | BinOp::RemU) => is_safe(),
            Op::FrameAddr(_) => !writes.all,
            Op::Load(addr, _) => {
                let Some(place) = Place::of(ssa, inst) else {
                    return false;
                };
                let faults = matches!(addr.base, Base::Value | Base::Closure) || addr.scale != 0;
                !writes.may_write(ssa, &place) && (!faults || is_safe())
            }
            Op::Guard(_) => always,
            op => op.is_pure(),
        }
    }
}

impl Hoister<'_> {
    /// Where the loop's header goes on only if a word of memory is a certain number, and each way back to it has stored that number last, asks before the loop and never
    /// again.
    fn ask_once(&mut self, ssa: &mut Ssa, l: &Loop, preheader: BlockId) -> bool {
        let Some((at, number, stays)) = self.question(ssa, l, preheader) else {
            return false;
        };
        let Some(exit) = anchor(ssa, preheader) else {
            return false;
        };
        let load = ssa.blocks[l.header].insts.remove(at);
        let Some(old) = load.result else {
            unreachable!("a load has a result");
        };
        let edge = ssa.blocks[l.header].term.edges()[stays].clone();
        ssa.blocks[l.header].term = Term::Jump(edge);
        let mut add = |op: Op, args: &[Value], typ: Option<Type>, exit: Option<Exit>| {
            let result = typ.map(|t| ssa.value(t));
            if result.is_some() {
                self.defined.push(Some(preheader));
                self.sources.push(Vec::new());
            }
            ssa.blocks[preheader].insts.push(Inst {
                op,
                pc: load.pc,
                args: args.into(),
                result,
                exit,
            });
            result
        };
        let found = add(load.op, &load.args, Some(Type::Word), None);
        let wanted = add(Op::Const(number), &[], Some(Type::Word), None);
        let (Some(found), Some(wanted)) = (found, wanted) else {
            unreachable!("both are values");
        };
        add(Op::Guard(Cond::Eq), &[found, wanted], None, Some(exit));
        self.constants.insert(wanted, number);
        let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
        map[old as usize] = wanted;
        replace(ssa, &mut map);
        true
    }

    /// Which instruction of the header loads the word, what it has to be, and which edge is taken then.
    fn question(&self, ssa: &Ssa, l: &Loop, preheader: BlockId) -> Option<(usize, i64, usize)> {
        let header = &ssa.blocks[l.header];
        let Term::Branch { cond, args, edges } = &header.term else {
            return None;
        };
        let inside = |b: BlockId| l.blocks.contains(&b);
        let stays = match (cond, edges.each_ref().map(|e| inside(e.block))) {
            (Cond::Eq, [true, false]) => 0,
            (Cond::Ne, [false, true]) => 1,
            _ => return None,
        };
        let number = *self.constants.get(&args[1])?;
        let at = header
            .insts
            .iter()
            .position(|i| i.result == Some(args[0]))?;
        let load = &header.insts[at];
        let word = matches!(load.op, Op::Load(_, Width::W)) && ssa.typ(args[0]) == Type::Word;
        let defined_inside = |v: &Value| self.defined[*v as usize].is_some_and(inside);
        let changes = |i: &Inst| effect(i.op) != Effect::None;
        if !word || load.args.iter().any(defined_inside) || header.insts.iter().any(changes) {
            return None;
        }
        let mut kept = Kept::default();
        header.insts[..at].iter().for_each(|i| kept.add(i));
        if !self.is_checked(load, &kept, preheader) {
            return None;
        }
        let place = Place::of(ssa, load)?;
        let preds = ssa.preds();
        let leaves_it = |latch: &BlockId| {
            let mut block = *latch;
            for _ in 0..WAY_BACK {
                for inst in ssa.blocks[block].insts.iter().rev() {
                    match effect(inst.op) {
                        Effect::None => continue,
                        Effect::Store => {}
                        Effect::Heap | Effect::All => return false,
                    }
                    let Some(stored) = Place::of(ssa, inst) else {
                        return false;
                    };
                    if stored.is_at(&place) {
                        let value = inst.args.last().and_then(|v| self.constants.get(v));
                        return value == Some(&number);
                    }
                    if stored.overlaps(&place, ssa) {
                        return false;
                    }
                }
                let is_reached = |p: &&BlockId| self.dominators.idom[**p].is_some();
                let mut before = preds[block].iter().filter(is_reached);
                match (before.next(), before.next()) {
                    (Some(pred), None) if block != l.header => block = *pred,
                    _ => return false,
                }
            }
            false
        };
        let always = l.latches.iter().all(leaves_it);
        always.then_some((at, number, stays))
    }
}

/// The exit that leads to the loop's start.
fn anchor(ssa: &Ssa, preheader: BlockId) -> Option<Exit> {
    let mut insts = ssa.blocks[preheader].insts.iter().rev();
    insts.find(|i| i.op == Op::Anchor)?.exit.clone()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, at, guards, operations};
    use crate::ssa::{Cond, Type, Width};

    /// A loop that counts to the word in slot 0; `body` gets the counter. Blocks: 0 before, 1 the loop.
    fn counting(body: impl FnOnce(&mut Maker, Value)) -> Ssa {
        let mut m = Maker::new();
        let head = m.block(&[Type::Word]);
        let end = m.block(&[]);
        let (zero, one, n) = (m.constant(0), m.constant(1), m.slot(0));
        let exit = Exit {
            pc: 7,
            live: vec![(5, zero)],
        };
        m.push_exit(Op::Anchor, &[], None, Some(exit));
        m.jump(head, &[zero]);
        m.at(head);
        let i = m.param(head, 0);
        body(&mut m, i);
        let next = m.binary(BinOp::Add, i, one);
        let (again, out) = (m.edge_to(head, &[next]), m.edge_to(end, &[]));
        m.branch(Cond::LtS, next, n, again, out);
        m.at(end);
        m.ret();
        m.after(run)
    }

    fn loads(ssa: &Ssa, block: BlockId) -> usize {
        let ops = operations(ssa, block);
        ops.iter().filter(|op| matches!(op, Op::Load(..))).count()
    }

    #[test]
    fn a_checked_load_moves_with_its_check_which_leaves_before_the_loop() {
        let ssa = counting(|m, i| {
            let (p, page) = (m.slot(1), m.constant(4096));
            m.guard(Cond::GeU, p, page);
            let x = m.load(at(0, 8), &[p]);
            let sum = m.binary(BinOp::Add, x, i);
            m.set_slot(2, sum);
        });
        assert_eq!((loads(&ssa, 1), guards(&ssa, 1)), (0, 0));
        let moved = ssa.blocks[0].insts.iter().find(|i| i.exit.is_some());
        let exit = moved.and_then(|i| i.exit.as_ref()).unwrap();
        assert_eq!((exit.pc, exit.live.len()), (7, 1));
    }

    #[test]
    fn a_load_stays_when_the_loop_may_write_its_place() {
        let ssa = counting(|m, i| {
            let (p, q, page) = (m.slot(1), m.slot(3), m.constant(4096));
            m.guard(Cond::GeU, p, page);
            m.guard(Cond::GeU, q, page);
            let x = m.load(at(0, 8), &[p]);
            let sum = m.binary(BinOp::Add, x, i);
            m.store(at(0, 8), &[q, sum]);
        });
        assert_eq!((loads(&ssa, 1), guards(&ssa, 1)), (1, 0));
    }

    #[test]
    fn a_load_stays_behind_a_check_that_stays() {
        let ssa = counting(|m, i| {
            // The length may change, the base is a pointer that does not.
            let (p, q) = (m.slot(1), m.slot(3));
            let base = m.push(Op::Load(at(0, 0), Width::W), &[p], Some(Type::Ptr));
            let len = m.load(at(0, 8), &[p]);
            let five = m.constant(5);
            m.guard(Cond::LtU, five, len);
            let x = m.load(at(0, 40), &[base]);
            let sum = m.binary(BinOp::Add, x, i);
            m.push(Op::Store(at(0, 0), Width::U8), &[q, sum], None);
        });
        assert_eq!((loads(&ssa, 1), guards(&ssa, 1)), (2, 1));
        assert_eq!(loads(&ssa, 0), 4);
    }

    #[test]
    fn loads_stay_behind_the_check_of_what_a_closure_calls() {
        let ssa = counting(|m, i| {
            let (closure, page, function) = (m.slot(1), m.constant(4096), m.constant(77));
            m.guard(Cond::GeU, closure, page);
            // Something in the loop may write the function's word, but not a pointer.
            let found = m.load(at(0, 0), &[closure]);
            m.guard(Cond::Eq, found, function);
            let captured = m.push(Op::Load(at(0, 16), Width::W), &[closure], Some(Type::Ptr));
            m.guard(Cond::GeU, captured, page);
            let x = m.load(at(0, 0), &[captured]);
            let sum = m.binary(BinOp::Add, x, i);
            let bytes = m.slot(3);
            m.push(Op::Store(at(0, 0), Width::U8), &[bytes, sum], None);
        });
        // The check of the closure itself has moved, its words are read in the loop.
        assert_eq!((loads(&ssa, 1), guards(&ssa, 1)), (3, 2));
    }

    #[test]
    fn what_one_path_does_only_stays_there() {
        let ssa = counting(|m, i| {
            let (p, page) = (m.slot(1), m.constant(4096));
            let (left, join) = (m.block(&[]), m.block(&[]));
            let skip = m.edge_to(join, &[]);
            m.branch(Cond::Eq, p, i, left, skip);
            m.at(left);
            m.guard(Cond::GeU, p, page);
            let x = m.load(at(0, 8), &[p]);
            let product = m.binary(BinOp::Mul, p, p);
            let sum = m.binary(BinOp::Add, x, product);
            m.set_slot(2, sum);
            m.jump(join, &[]);
            m.at(join);
        });
        let left = 3;
        assert_eq!((loads(&ssa, left), guards(&ssa, left)), (1, 1));
        assert!(!operations(&ssa, left).contains(&Op::Bin(BinOp::Mul)));
    }

    /// A loop that goes on while the word that slot 1 points to is 0, and stores what `end` gives there; the pointer in slot 3 is checked
    /// behind that. Block 1 is the head.
    fn asking(end: impl FnOnce(&mut Maker, Value)) -> Ssa {
        counting(|m, _| {
            let (p, q, page) = (m.slot(1), m.slot(3), m.constant(4096));
            m.guard(Cond::GeU, p, page);
            let (state, zero) = (m.load(at(0, 0), &[p]), m.constant(0));
            let (on, off) = (m.block(&[]), m.block(&[]));
            m.branch(Cond::Eq, state, zero, on, off);
            m.at(off);
            m.ret();
            m.at(on);
            m.guard(Cond::GeU, q, page);
            end(m, p);
        })
    }

    #[test]
    fn what_a_loop_leaves_in_memory_it_does_not_ask_for() {
        let ssa = asking(|m, p| {
            let [one, zero] = [1, 0].map(|k| m.constant(k));
            m.store(at(0, 0), &[p, one]);
            m.store(at(0, 0), &[p, zero]);
        });
        assert!(matches!(ssa.blocks[1].term, Term::Jump(_)));
        // The check behind the question has moved, too.
        assert_eq!(guards(&ssa, 0), 3);
    }

    #[test]
    fn a_loop_that_may_leave_something_else_asks_every_time() {
        let asks = |ssa: &Ssa| matches!(ssa.blocks[1].term, Term::Branch { .. });
        let ssa = asking(|m, p| {
            let one = m.constant(1);
            m.store(at(0, 0), &[p, one]);
        });
        assert!(asks(&ssa) && guards(&ssa, 0) == 1);
        let ssa = asking(|m, p| {
            let (zero, other) = (m.constant(0), m.slot(4));
            m.store(at(0, 0), &[p, zero]);
            m.store(at(0, 0), &[other, p]);
        });
        assert!(asks(&ssa));
        let ssa = asking(|m, _| {
            m.push_exit(
                Op::Call(crate::ssa::Callee::Direct(0), 0),
                &[],
                None,
                Some(Exit::default()),
            );
        });
        assert!(asks(&ssa));
    }

    #[test]
    fn nothing_of_memory_outlives_a_call() {
        let ssa = counting(|m, i| {
            let x = m.slot(1);
            let address = m.push(Op::FrameAddr(8), &[], Some(Type::Ptr));
            m.store(at(0, 0), &[address, x]);
            m.set_slot(2, i);
            m.push_exit(
                Op::Call(crate::ssa::Callee::Direct(0), 0),
                &[],
                None,
                Some(Exit::default()),
            );
        });
        assert_eq!(loads(&ssa, 1), 1);
        assert!(operations(&ssa, 1).contains(&Op::FrameAddr(8)));
    }
}
