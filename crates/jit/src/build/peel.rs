//! Code that begins in the middle of a nest of loops.
//!
//! Entered at the head of an inner loop, the loops around it would have two ways in, and no place before them that what does not change could move to.
//! So what is left of the present iteration of each of them is a copy of its own, whose back-edges lead to loops with one entry.

use super::slots::Range;

/// Which copy of a block: what runs first, or the loops proper.
const FIRST: usize = 0;
const PROPER: usize = 1;

/// The blocks that can be reached, with what runs first copied, and the new number of the entry.
pub fn peel(blocks: Vec<Range>, entry: usize) -> (Vec<Range>, usize) {
    let around = loops_around(&blocks, entry);
    let goes_to = |copy: usize, from: usize, to: usize| {
        let leaves = around[to] && is_back(&blocks, from, to);
        (if leaves { PROPER } else { copy }, to)
    };
    let mut number = [vec![None; blocks.len()], vec![None; blocks.len()]];
    number[FIRST][entry] = Some(0);
    let mut found = vec![(FIRST, entry)];
    let mut next = 0;
    while let Some(&(copy, block)) = found.get(next) {
        next += 1;
        for succ in &blocks[block].succs {
            let (copy, succ) = goes_to(copy, block, *succ);
            if number[copy][succ].is_none() {
                number[copy][succ] = Some(found.len());
                found.push((copy, succ));
            }
        }
    }
    let copies = found.iter().map(|&(copy, block)| {
        let succs = blocks[block].succs.iter().map(|succ| {
            let (copy, succ) = goes_to(copy, block, *succ);
            number[copy][succ].expect("successors are found with their blocks")
        });
        Range {
            succs: succs.collect(),
            ..blocks[block]
        }
    });
    (copies.collect(), 0)
}

fn is_back(blocks: &[Range], from: usize, to: usize) -> bool {
    blocks[from].repeats && blocks[from].succs[0] == to
}

/// The heads of loops that have the entry in them, other than its own.
fn loops_around(blocks: &[Range], entry: usize) -> Vec<bool> {
    let mut preds = vec![Vec::new(); blocks.len()];
    for (b, block) in blocks.iter().enumerate() {
        block.succs.iter().for_each(|s| preds[*s].push(b));
    }
    let mut around = vec![false; blocks.len()];
    for (head, preds_of_head) in preds.iter().enumerate() {
        let latches = preds_of_head.iter().copied();
        let mut work: Vec<usize> = latches.filter(|p| is_back(blocks, *p, head)).collect();
        if head == entry || work.is_empty() {
            continue;
        }
        let mut seen = vec![false; blocks.len()];
        seen[head] = true;
        while let Some(block) = work.pop() {
            if !std::mem::replace(&mut seen[block], true) {
                work.extend(&preds[block]);
            }
        }
        around[head] = seen[entry];
    }
    around
}

#[cfg(test)]
mod tests {
    use super::*;

    fn graph(succs: &[&[usize]]) -> Vec<Range> {
        let range = |(i, s): (usize, &&[usize])| Range {
            start: i,
            end: i + 1,
            last: i,
            repeats: s.first().is_some_and(|to| *to <= i),
            is_left: false,
            succs: s.to_vec(),
        };
        succs.iter().enumerate().map(range).collect()
    }

    #[test]
    fn an_outermost_loop_stays_as_it_is() {
        let (blocks, entry) = peel(graph(&[&[0, 1], &[]]), 0);
        assert_eq!((blocks.len(), entry), (2, 0));
    }

    #[test]
    fn the_loop_around_is_entered_at_its_head_only() {
        // 0: the outer head; 1: the inner loop; 2: the outer latch; 3: the end.
        let (blocks, entry) = peel(graph(&[&[1], &[1, 2], &[0, 3], &[]]), 1);
        let starts: Vec<usize> = blocks.iter().map(|b| b.start).collect();
        assert_eq!((entry, starts[0]), (0, 1));
        // The inner loop and the latch twice, the head once.
        assert_eq!(starts.iter().filter(|s| **s == 1).count(), 2);
        assert_eq!(starts.iter().filter(|s| **s == 0).count(), 1);
        let head = starts.iter().position(|s| *s == 0).unwrap();
        let into_head = blocks.iter().filter(|b| b.succs.contains(&head)).count();
        assert_eq!(into_head, 2);
        // The first copy of the latch does not lead back to the first copy of the inner loop.
        let latch = blocks[0].succs[1];
        assert_eq!(blocks[latch].succs[0], head);
        assert_ne!(blocks[head].succs[0], 0);
    }
}
