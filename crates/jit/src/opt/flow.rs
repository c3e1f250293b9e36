//! Control flow as passes see it: the dominator tree with constant-time queries, and the nest of loops.

use crate::ssa::{BlockId, Lists, Ssa, Term, Value};

/// The dominator tree of the reachable blocks.
pub struct Dominators {
    /// None for unreachable blocks; the entry is its own.
    pub idom: Vec<Option<BlockId>>,
    pub children: Lists,
    /// When a walk of the tree enters and leaves a block.
    span: Vec<(u32, u32)>,
}

impl Dominators {
    pub fn new(ssa: &Ssa) -> Dominators {
        let idom = ssa.dominators();
        let children = Lists::new(idom.len(), |see| {
            for (b, d) in idom.iter().enumerate().skip(1) {
                if let Some(d) = d {
                    see(*d, b);
                }
            }
        });
        let mut span = vec![(0, 0); idom.len()];
        let mut clock = 0;
        let mut stack = vec![(0, 0)];
        while let Some((block, next)) = stack.pop() {
            if next == 0 {
                clock += 1;
                span[block].0 = clock;
            }
            if let Some(child) = children[block].get(next) {
                stack.push((block, next + 1));
                stack.push((*child, 0));
            } else {
                clock += 1;
                span[block].1 = clock;
            }
        }
        Dominators {
            idom,
            children,
            span,
        }
    }

    /// Whether every path to `b` leads through `a`; a block dominates itself.
    pub fn dominates(&self, a: BlockId, b: BlockId) -> bool {
        let ((start, end), (from, to)) = (self.span[a], self.span[b]);
        start != 0 && start <= from && to <= end
    }
}

/// A natural loop.
pub struct Loop {
    pub header: BlockId,
    /// In no order; the header is among them.
    pub blocks: Vec<BlockId>,
    /// Blocks that jump back to the header.
    pub latches: Vec<BlockId>,
    /// The block that alone leads into the loop and nowhere else.
    pub preheader: Option<BlockId>,
}

/// All natural loops, inner ones first.
pub fn loops(ssa: &Ssa, dominators: &Dominators) -> Vec<Loop> {
    let preds = ssa.preds();
    let mut loops = Vec::new();
    let mut inside = vec![usize::MAX; ssa.blocks.len()];
    for header in ssa.reverse_postorder().into_iter().rev() {
        let is_latch = |p: &BlockId| dominators.dominates(header, *p);
        let latches: Vec<BlockId> = preds[header].iter().copied().filter(is_latch).collect();
        if latches.is_empty() {
            continue;
        }
        inside[header] = header;
        let mut blocks = vec![header];
        let mut work = latches.clone();
        while let Some(block) = work.pop() {
            if inside[block] != header {
                inside[block] = header;
                blocks.push(block);
                work.extend(
                    preds[block]
                        .iter()
                        .filter(|p| dominators.idom[**p].is_some()),
                );
            }
        }
        let mut outside = preds[header]
            .iter()
            .filter(|p| !is_latch(p) && dominators.idom[**p].is_some());
        let preheader = match (outside.next(), outside.next()) {
            (Some(p), None) if matches!(ssa.blocks[*p].term, Term::Jump(_)) => Some(*p),
            _ => None,
        };
        loops.push(Loop {
            header,
            blocks,
            latches,
            preheader,
        });
    }
    loops
}

/// Where each value is defined: block and position; parameters are at 0, instruction i at i + 1.
pub fn definitions(ssa: &Ssa) -> Vec<Option<(BlockId, usize)>> {
    let mut defs = vec![None; ssa.types.len()];
    for (b, block) in ssa.blocks.iter().enumerate() {
        let set = |defs: &mut Vec<_>, v: Value, at: usize| defs[v as usize] = Some((b, at));
        block.params.iter().for_each(|v| set(&mut defs, *v, 0));
        for (i, inst) in block.insts.iter().enumerate() {
            if let Some(v) = inst.result {
                set(&mut defs, v, i + 1);
            }
        }
    }
    defs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::Maker;
    use crate::ssa::{Cond, Type};

    #[test]
    fn nested_loops_come_inside_out() {
        let mut m = Maker::new();
        let [outer, inner, end] = [m.block(&[]), m.block(&[]), m.block(&[])];
        m.jump(outer, &[]);
        m.at(outer);
        let [x, y] = [m.constant(1), m.constant(2)];
        m.jump(inner, &[]);
        m.at(inner);
        let again = m.edge_to(inner, &[]);
        let leave = m.block(&[]);
        m.branch(Cond::Eq, x, y, again, leave);
        m.at(leave);
        let back = m.edge_to(outer, &[]);
        let out = m.edge_to(end, &[]);
        m.branch(Cond::Eq, x, y, back, out);
        m.at(end);
        m.ret();
        let ssa = m.ssa;
        let dominators = Dominators::new(&ssa);
        let found = loops(&ssa, &dominators);
        let headers: Vec<BlockId> = found.iter().map(|l| l.header).collect();
        assert_eq!(headers, [inner, outer]);
        assert_eq!(found[0].preheader, Some(outer));
        assert_eq!(found[1].preheader, Some(0));
        assert_eq!(found[1].blocks.len(), 5);
        assert_eq!(ssa.typ(x), Type::Word);
        assert!(dominators.dominates(outer, back) && !dominators.dominates(back, outer));
    }
}
