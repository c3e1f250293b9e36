//! Jump threading: where a block does nothing but branch on one of its parameters, whoever brings a constant goes where that leads, and whoever brings a
//! comparison branches on it. So `a && b || c` becomes branches, in whatever function it is.

use crate::opt::fold::compare;
use crate::ssa::{Block, BlockId, Cond, Edge, Inst, Op, Ssa, Term, Value};

/// One threaded jump may be the next one's reason.
const ROUNDS: usize = 4;

pub fn run(ssa: &mut Ssa) {
    for _ in 0..ROUNDS {
        if !Threading::new(ssa).round() {
            break;
        }
    }
}

/// A block that only asks whether `cond` holds of its parameter and `k`.
struct Question {
    block: BlockId,
    param: usize,
    cond: Cond,
    k: i64,
    /// Where it leads: when the condition holds, and when not.
    edges: [BlockId; 2],
}

struct Threading<'a> {
    ssa: &'a mut Ssa,
    constant: Vec<Option<i64>>,
    compared: Vec<Option<(Cond, [Value; 2])>>,
    /// Used by another block than the one that defines it: by how many, and the last of them.
    used_by: Vec<(u32, BlockId)>,
    preds: Vec<Vec<BlockId>>,
    number: Vec<usize>,
    order: Vec<BlockId>,
}

impl Threading<'_> {
    fn new(ssa: &mut Ssa) -> Threading<'_> {
        let values = ssa.types.len();
        let order = ssa.reverse_postorder();
        let mut number = vec![usize::MAX; ssa.blocks.len()];
        order.iter().enumerate().for_each(|(i, b)| number[*b] = i);
        let mut constant = vec![None; values];
        let mut compared = vec![None; values];
        let mut home = vec![usize::MAX; values];
        let mut preds = vec![Vec::new(); ssa.blocks.len()];
        for &b in &order {
            let block = &ssa.blocks[b];
            block.params.iter().for_each(|v| home[*v as usize] = b);
            for inst in &block.insts {
                let Some(v) = inst.result else { continue };
                home[v as usize] = b;
                match inst.op {
                    Op::Const(k) => constant[v as usize] = Some(k),
                    Op::Compare(cond) => {
                        compared[v as usize] = Some((cond, [inst.args[0], inst.args[1]]));
                    }
                    _ => {}
                }
            }
            for edge in block.term.edges() {
                preds[edge.block].push(b);
            }
        }
        let mut used_by = vec![(0, usize::MAX); values];
        for &b in &order {
            let mut note = |v: &mut Value| {
                let (count, last) = &mut used_by[*v as usize];
                if home[*v as usize] != b && *last != b {
                    (*count, *last) = (*count + 1, b);
                }
            };
            let block = &mut ssa.blocks[b];
            block
                .insts
                .iter_mut()
                .for_each(|i| i.for_each_use(&mut note));
            block.term.for_each_use(&mut note);
        }
        Threading {
            ssa,
            constant,
            compared,
            used_by,
            preds,
            number,
            order,
        }
    }

    fn round(&mut self) -> bool {
        let mut changed = false;
        for i in 0..self.order.len() {
            let Some(question) = self.question(self.order[i]) else {
                continue;
            };
            for pred in self.preds[question.block].clone() {
                changed |= self.thread(&question, pred);
            }
        }
        changed
    }

    /// Whether a block has constants and a jump only, and comes from one block: then it can be made again elsewhere. Its constants are its own: a loop
    /// that it leads to would have them from nowhere when it is entered by another way.
    fn is_passage(&self, block: BlockId) -> bool {
        let b = &self.ssa.blocks[block];
        let own = |v: Value| self.used_by.get(v as usize).is_some_and(|u| u.0 == 0);
        let constants = b
            .insts
            .iter()
            .all(|i| i.op.is_note() || matches!(i.op, Op::Const(_)) && i.result.is_some_and(own));
        constants
            && matches!(b.term, Term::Jump(_))
            && self.preds.get(block).is_some_and(|p| p.len() == 1)
    }

    fn question(&self, block: BlockId) -> Option<Question> {
        let b = &self.ssa.blocks[block];
        let Term::Branch { cond, args, edges } = &b.term else {
            return None;
        };
        let param = b.params.iter().position(|p| *p == args[0])?;
        let k = self.constant[args[1] as usize]?;
        let edges = [edges[0].block, edges[1].block];
        let little = |i: &Inst| i.op.is_note() || matches!(i.op, Op::Const(_));
        if !b.insts.iter().all(little) || edges[0] == edges[1] {
            return None;
        }
        // A loop keeps its head.
        let later = |p: &BlockId| self.number[*p] >= self.number[block];
        if self.preds[block].iter().any(later) {
            return None;
        }
        // Its values are its own, or are passed on by what can be made again.
        let passages: Vec<BlockId> = edges.into_iter().filter(|e| self.is_passage(*e)).collect();
        let own = b
            .params
            .iter()
            .copied()
            .chain(b.insts.iter().filter_map(|i| i.result));
        for v in own {
            let uses = passages.iter().filter(|p| self.uses(**p, v)).count();
            if self.used_by[v as usize].0 as usize != uses {
                return None;
            }
        }
        Some(Question {
            block,
            param,
            cond: *cond,
            k,
            edges,
        })
    }

    fn uses(&self, block: BlockId, v: Value) -> bool {
        let edges = self.ssa.blocks[block].term.edges();
        edges.iter().any(|e| e.args.contains(&v))
    }

    /// Leads a jump past the question, if what it brings answers it.
    fn thread(&mut self, question: &Question, pred: BlockId) -> bool {
        let Term::Jump(edge) = &self.ssa.blocks[pred].term else {
            return false;
        };
        let args = edge.args.clone();
        let v = args[question.param] as usize;
        // What has come into being in this round waits for the next one.
        let known = self.constant.get(v).copied().flatten();
        let compared = self.compared.get(v).copied().flatten();
        let answer = known.and_then(|x| compare(question.cond, x, question.k));
        if let Some(holds) = answer {
            let to = question.edges[usize::from(!holds)];
            let way = self.way(question.block, to, pred, &args);
            self.ssa.blocks[pred].term = Term::Jump(way);
            return true;
        }
        let Some((cond, of)) = compared else {
            return false;
        };
        // Of 0 and 1.
        let swapped = match (question.cond, question.k) {
            (Cond::Ne, 0) | (Cond::Eq, 1) => false,
            (Cond::Eq, 0) | (Cond::Ne, 1) => true,
            _ => return false,
        };
        let mut edges = question.edges.map(|to| {
            let way = self.way(question.block, to, pred, &args);
            if way.args.is_empty()
                && self.ssa.blocks[way.block].params.is_empty()
                && way.block != to
            {
                return way;
            }
            let block = self.add(pred, Vec::new(), way);
            Edge {
                block,
                args: Vec::new(),
            }
        });
        if swapped {
            edges.swap(0, 1);
        }
        self.ssa.blocks[pred].term = Term::Branch {
            cond,
            args: of,
            edges,
        };
        true
    }

    /// The way that control takes from `pred`, which brings these arguments to the question, when it leads to `to`.
    fn way(&mut self, question: BlockId, to: BlockId, pred: BlockId, args: &[Value]) -> Edge {
        if !self.is_passage(to) {
            // No edge from a branch to where others come, too.
            let only = self.ssa.blocks[question]
                .term
                .edges()
                .iter()
                .any(|e| e.block == to);
            if only {
                let edge = Edge {
                    block: to,
                    args: Vec::new(),
                };
                let between = self.add(question, Vec::new(), edge);
                for edge in self.ssa.blocks[question].term.edges_mut() {
                    if edge.block == to {
                        edge.block = between;
                    }
                }
            }
            let edge = Edge {
                block: to,
                args: Vec::new(),
            };
            let (notes, _) = self.again(&[question], args, |_, _| false);
            if notes.is_empty() {
                return edge;
            }
            let block = self.add(pred, notes, edge);
            return Edge {
                block,
                args: Vec::new(),
            };
        }
        // The passage again, with values of its own.
        let (insts, map) = self.again(&[question, to], args, |this, v| this.uses(to, v));
        let Term::Jump(edge) = &self.ssa.blocks[to].term else {
            unreachable!("a passage jumps");
        };
        let mut edge = edge.clone();
        for v in &mut edge.args {
            if let Some((_, new)) = map.iter().find(|(old, _)| old == v) {
                *v = *new;
            }
        }
        let block = self.add(pred, insts, edge);
        Edge {
            block,
            args: Vec::new(),
        }
    }

    /// The constants of blocks that are wanted, or that notes name, and the notes, with values of their own; and which value is which. The first block's parameters are given.
    fn again(
        &mut self,
        blocks: &[BlockId],
        args: &[Value],
        wanted: impl Fn(&Self, Value) -> bool,
    ) -> (Vec<Inst>, Vec<(Value, Value)>) {
        let params = self.ssa.blocks[blocks[0]].params.iter().copied();
        let mut map: Vec<(Value, Value)> = params.zip(args.iter().copied()).collect();
        let all: Vec<Inst> = blocks
            .iter()
            .flat_map(|b| self.ssa.blocks[*b].insts.clone())
            .collect();
        let noted = |v: Value| all.iter().any(|i| i.op.is_note() && i.args.contains(&v));
        let mut insts = Vec::new();
        for inst in &all {
            let mut inst = inst.clone();
            match inst.result {
                None => {
                    for v in &mut inst.args {
                        if let Some((_, new)) = map.iter().find(|(old, _)| old == v) {
                            *v = *new;
                        }
                    }
                }
                Some(old) if noted(old) || wanted(self, old) => {
                    let new = self.ssa.value(self.ssa.typ(old));
                    inst.result = Some(new);
                    map.push((old, new));
                }
                Some(_) => continue,
            }
            insts.push(inst);
        }
        (insts, map)
    }

    /// A block that jumps; as seldom entered as `like`.
    fn add(&mut self, like: BlockId, insts: Vec<Inst>, edge: Edge) -> BlockId {
        let block = self.ssa.blocks.len();
        self.ssa.blocks.push(Block {
            params: Vec::new(),
            insts,
            term: Term::Jump(edge),
        });
        if self.ssa.cold.contains(&like) {
            self.ssa.cold.push(block);
        }
        block
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::Maker;
    use crate::ssa::Type;

    /// A diamond whose arms bring a constant and what `other` makes, to a block that asks whether it is not 0 and takes what else it is brought along.
    fn asked(other: fn(&mut Maker) -> Value) -> Ssa {
        let mut m = Maker::new();
        let (left, right) = (m.block(&[]), m.block(&[]));
        let question = m.block(&[Type::Word, Type::Word]);
        let (yes, no, end) = (m.block(&[]), m.block(&[]), m.block(&[Type::Word]));
        let (x, ten) = (m.slot(0), m.constant(10));
        m.branch(Cond::LtS, x, ten, left, right);
        m.at(left);
        let one = m.constant(1);
        m.jump(question, &[one, ten]);
        m.at(right);
        let value = other(&mut m);
        m.jump(question, &[value, x]);
        m.at(question);
        let zero = m.constant(0);
        m.branch(Cond::Ne, m.param(question, 0), zero, yes, no);
        m.at(yes);
        m.jump(end, &[m.param(question, 1)]);
        m.at(no);
        let seven = m.constant(7);
        m.jump(end, &[seven]);
        m.at(end);
        m.set_slot(1, m.param(end, 0));
        m.ret();
        m.after(run)
    }

    /// The arguments of the jump at the block's end, or at the end of the block it jumps to.
    fn brings(ssa: &Ssa, block: BlockId) -> &[Value] {
        match &ssa.blocks[block].term {
            Term::Jump(edge) if edge.args.is_empty() => brings(ssa, edge.block),
            term => &term.edges()[0].args,
        }
    }

    /// As the builder leaves them for the checker of homes.
    #[test]
    fn who_goes_past_a_question_takes_its_notes_along() {
        let mut m = Maker::new();
        let (left, right) = (m.block(&[]), m.block(&[]));
        let question = m.block(&[Type::Word]);
        // These do more than jump, so they are not made again.
        let (yes, no) = (m.block(&[]), m.block(&[]));
        let (x, ten) = (m.slot(0), m.constant(10));
        m.branch(Cond::LtS, x, ten, left, right);
        m.at(left);
        let one = m.constant(1);
        m.jump(question, &[one]);
        m.at(right);
        let y = m.slot(2);
        m.jump(question, &[y]);
        m.at(question);
        let zero = m.constant(0);
        m.push(Op::Becomes(3), &[m.param(question, 0)], None);
        m.push(Op::Becomes(4), &[zero], None);
        m.branch(Cond::Ne, m.param(question, 0), zero, yes, no);
        for (block, k) in [(yes, 5), (no, 6)] {
            m.at(block);
            let k = m.constant(k);
            m.set_slot(1, k);
            m.ret();
        }
        let ssa = m.after(run);
        let mut block = left;
        let mut notes = Vec::new();
        while let Term::Jump(edge) = &ssa.blocks[block].term {
            block = edge.block;
            let insts = &ssa.blocks[block].insts;
            notes.extend(insts.iter().filter(|i| i.op.is_note()));
        }
        assert_eq!(block, yes);
        let ops: Vec<Op> = notes.iter().map(|i| i.op).collect();
        assert_eq!(ops, [Op::Becomes(3), Op::Becomes(4)]);
        assert_eq!(notes[0].args[0], one);
    }

    #[test]
    fn constants_answer_and_comparisons_branch() {
        let ssa = asked(|m| {
            let (y, five) = (m.slot(2), m.constant(5));
            m.push(Op::Compare(Cond::GtS), &[y, five], Some(Type::Word))
        });
        // Nobody asks any more.
        assert!(!ssa.reverse_postorder().contains(&3), "{ssa}");
        let [left, right] = [1, 2];
        // What was brought along goes on.
        let ten = ssa.blocks[0].insts[1].result.unwrap();
        assert_eq!(brings(&ssa, left), [ten]);
        let Term::Branch { cond, edges, .. } = &ssa.blocks[right].term else {
            panic!("{ssa}");
        };
        assert_eq!(*cond, Cond::GtS);
        let x = ssa.blocks[0].insts[0].result.unwrap();
        assert_eq!(brings(&ssa, edges[0].block), [x]);
        assert_ne!(brings(&ssa, edges[1].block), [x]);
    }

    #[test]
    fn what_is_not_known_asks() {
        let ssa = asked(|m| m.slot(2));
        assert_eq!(ssa.preds()[3], [2], "{ssa}");
    }

    #[test]
    fn a_loop_keeps_its_head() {
        let mut m = Maker::new();
        let (head, body, end) = (m.block(&[Type::Word]), m.block(&[]), m.block(&[]));
        let one = m.constant(1);
        m.jump(head, &[one]);
        m.at(head);
        let zero = m.constant(0);
        m.branch(Cond::Ne, m.param(head, 0), zero, body, end);
        m.at(body);
        let again = m.slot(0);
        m.jump(head, &[again]);
        m.at(end);
        m.ret();
        let ssa = m.after(run);
        assert_eq!(ssa.preds()[head], [0, body]);
    }

    #[test]
    fn constants_that_a_loop_uses_stay_before_it() {
        let mut m = Maker::new();
        let (left, right) = (m.block(&[]), m.block(&[]));
        let question = m.block(&[Type::Word]);
        let (before, around, end) = (m.block(&[]), m.block(&[]), m.block(&[]));
        let (x, y) = (m.slot(0), m.slot(1));
        m.branch(Cond::LtS, x, y, left, right);
        m.at(left);
        let one = m.constant(1);
        m.jump(question, &[one]);
        m.at(right);
        m.jump(question, &[y]);
        m.at(question);
        let zero = m.constant(0);
        m.branch(Cond::Ne, m.param(question, 0), zero, before, end);
        m.at(before);
        let seven = m.constant(7);
        m.jump(around, &[]);
        m.at(around);
        m.set_slot(2, seven);
        let back = m.edge_to(around, &[]);
        m.branch(Cond::LtS, x, y, back, end);
        m.at(end);
        m.ret();
        // `after` looks whether definitions dominate uses.
        let ssa = m.after(run);
        assert_eq!(ssa.preds()[around], [before, back]);
        assert_eq!(ssa.preds()[question], [right], "{ssa}");
    }
}
