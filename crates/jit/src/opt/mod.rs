//! The passes, in order.

mod aside;
mod bounds;
mod classes;
mod dead;
mod divide;
mod extent;
mod flow;
mod fold;
mod forward;
mod halves;
mod hoist;
mod memory;
mod merge;
mod narrow;
mod number;
mod params;
#[cfg(test)]
pub mod testing;
mod thread;
mod wide;

pub use memory::{Effect, effect, size};

use crate::ssa::Ssa;

/// A pass improves a function on its own.
pub type Pass = (&'static str, fn(&mut Ssa));

pub const PASSES: &[Pass] = &[
    // The builder gives a block a parameter for each slot that may be read below it; most bring one value only.
    ("params", params::run),
    // Makes parameters, of which the next pass says where they are.
    ("halves", halves::run),
    // While moves between registers are with the uses that want them: folded, they are where a value came from.
    ("classes", classes::run),
    // Constants first: what they turn into constants or cheaper operations is what value numbering compares.
    ("fold", fold::run),
    // With the branches that constants decide gone, for the passes below, which do something for each block.
    ("merge", merge::run),
    // While constants are where they are asked for: a shared one would seem to be used below.
    ("thread", thread::run),
    ("params", params::run),
    ("number", number::run),
    // What memory holds needs addresses that are equal when they mean the same.
    ("forward", forward::run),
    ("number", number::run),
    ("hoist", hoist::run),
    // After hoisting, which relies on the checks of loads standing before them.
    ("bounds", bounds::run),
    // Asks which dividends can't be negative; what ranges proofs draw from divisions is lost with them.
    ("divide", divide::run),
    // Bounds decides branches, too.
    ("merge", merge::run),
    ("number", number::run),
    // The passes before know arithmetic of 64 bits only.
    ("narrow", narrow::run),
    // Takes out what the others have made useless.
    (DEAD, dead::run),
    // Looks for loops in which nothing else happens.
    ("wide", wide::run),
    // For the allocator of registers: other passes would see through the copies.
    ("aside", aside::run),
];

/// The pass that takes out values that only notes name.
pub const DEAD: &str = "dead";

/// Replaces uses of values: `map[v]` stands for v, transitively.
pub fn replace(ssa: &mut Ssa, map: &mut [u32]) {
    if map.iter().zip(0..).all(|(to, v)| *to == v) {
        return;
    }
    let mut find = |v: &mut u32| {
        let mut root = *v;
        while map[root as usize] != root {
            root = map[root as usize];
        }
        let mut x = *v;
        while map[x as usize] != root {
            x = std::mem::replace(&mut map[x as usize], root);
        }
        *v = root;
    };
    for block in &mut ssa.blocks {
        for inst in &mut block.insts {
            inst.for_each_value(&mut find);
        }
        block.term.for_each_use(&mut find);
    }
}
