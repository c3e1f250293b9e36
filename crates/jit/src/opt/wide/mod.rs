//! Loops that copy, fill or search memory element by element do most of it in wide moves.
//!
//! The loop stays as it is. Before it, a count is computed: how many iterations will certainly be run to their end, whatever memory holds. The memory
//! effect of so many iterations is had at once (`move_elements` and its like; for searches 16 bytes at a time in place), and the loop is entered
//! as if they had been. So what ends the loop, or fails in it, is still done by the loop itself, with exact counters, and a count that
//! is too small is as right as any: it is below the number of iterations, so that the last one is the loop's, and none where the runs of memory overlap so
//! that the order of accesses matters.
//!
//! `cycle` finds out what an iteration does, `make` writes the code.

mod cycle;
mod linear;
mod make;

#[cfg(test)]
mod tests;

use crate::opt::flow::{Dominators, definitions, loops};
use crate::opt::wide::cycle::Cycle;
use crate::ssa::Ssa;

pub fn run(ssa: &mut Ssa) {
    let dominators = Dominators::new(ssa);
    let mut found = loops(ssa, &dominators);
    found.retain(|l| l.preheader.is_some() && cycle::may_be_wide(ssa, l));
    if found.is_empty() {
        return;
    }
    let defs = definitions(ssa);
    let cycles: Vec<Cycle> = found
        .iter()
        .filter_map(|l| cycle::analyse(ssa, l, &defs))
        .collect();
    for cycle in cycles {
        make::make(ssa, cycle);
    }
}
