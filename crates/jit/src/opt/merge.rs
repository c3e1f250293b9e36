//! Makes one block of two where the first goes only to the second, and the second comes only from the first. The builder begins a block
//! wherever bytecode may jump; what passes and the register allocator do for each block is saved, and so are jumps.

use crate::opt::replace;
use crate::ssa::{Op, Ssa, Term, Value};

pub fn run(ssa: &mut Ssa) {
    let order = ssa.reverse_postorder();
    let mut incoming = vec![0; ssa.blocks.len()];
    for &b in &order {
        for edge in ssa.blocks[b].term.edges() {
            incoming[edge.block] += 1;
        }
    }
    let mut cold = vec![false; ssa.blocks.len()];
    ssa.cold.iter().for_each(|b| cold[*b] = true);
    let mut gone = vec![false; ssa.blocks.len()];
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    for b in order {
        // Where the last block that was added begins.
        let mut last = 0;
        // What has gone has its successors in the block that took it.
        while !gone[b]
            && let Term::Jump(edge) = &ssa.blocks[b].term
            && incoming[edge.block] == 1
            && cold[b] == cold[edge.block]
        {
            let edge = edge.clone();
            let next = &mut ssa.blocks[edge.block];
            let term = std::mem::replace(&mut next.term, Term::Return(None));
            let mut insts = std::mem::take(&mut next.insts);
            for (param, arg) in std::mem::take(&mut next.params).into_iter().zip(edge.args) {
                map[param as usize] = arg;
            }
            gone[edge.block] = true;
            let block = &mut ssa.blocks[b];
            // An anchor before a block with one way in is no loop's.
            if let Some(at) = block.insts[last..].iter().rposition(|i| i.op == Op::Anchor) {
                block.insts.remove(last + at);
            }
            last = block.insts.len();
            block.insts.append(&mut insts);
            block.term = term;
        }
    }
    replace(ssa, &mut map);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, operations};
    use crate::ssa::{Cond, Exit, Type};

    #[test]
    fn a_chain_becomes_one_block() {
        let mut m = Maker::new();
        let (second, third) = (m.block(&[Type::Word]), m.block(&[]));
        let x = m.slot(0);
        m.jump(second, &[x]);
        m.at(second);
        let y = m.param(second, 0);
        m.set_slot(1, y);
        m.jump(third, &[]);
        m.at(third);
        m.set_slot(2, y);
        m.ret();
        let ssa = m.after(run);
        assert_eq!(ssa.reverse_postorder(), [0]);
        assert_eq!(ssa.blocks[0].insts.len(), 3);
        assert!(ssa.blocks[0].insts[1..].iter().all(|i| i.args[..] == [x]));
    }

    #[test]
    fn the_anchor_of_what_is_no_loop_goes() {
        let mut m = Maker::new();
        let (once, head) = (m.block(&[]), m.block(&[]));
        m.push_exit(Op::Anchor, &[], None, Some(Exit::default()));
        m.jump(once, &[]);
        m.at(once);
        let x = m.slot(0);
        m.push_exit(Op::Anchor, &[], None, Some(Exit::default()));
        m.jump(head, &[]);
        m.at(head);
        let again = m.edge_to(head, &[]);
        let end = m.block(&[]);
        m.branch(Cond::Eq, x, x, again, end);
        m.at(end);
        m.ret();
        let ssa = m.after(run);
        let ops = operations(&ssa, 0);
        assert_eq!((ops.len(), ops[1]), (2, Op::Anchor));
    }

    #[test]
    fn joins_loops_and_cold_blocks_stay() {
        let mut m = Maker::new();
        let (head, end) = (m.block(&[]), m.block(&[]));
        let (left, right) = (m.block(&[]), m.block(&[]));
        let x = m.slot(0);
        m.jump(head, &[]);
        m.at(head);
        let y = m.slot(1);
        m.branch(Cond::Eq, x, y, left, right);
        m.at(left);
        m.jump(head, &[]);
        m.at(right);
        m.jump(end, &[]);
        m.at(end);
        m.ret();
        m.ssa.cold.push(right);
        let ssa = m.after(run);
        assert_eq!(ssa.reverse_postorder().len(), 5);
    }
}
