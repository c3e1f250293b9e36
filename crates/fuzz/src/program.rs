//! What a random program is made from: trees of small choices. Text is made from a tree by [`crate::generate`], and every tree gives a
//! valid program, so shrinking a tree (dropping statements, lowering choices) shrinks the program.

use proptest::collection::vec;
use proptest::prelude::*;

/// One statement (or a section of the program): the choices that it is made with, and the statements in its blocks.
#[derive(Clone, Debug, Default)]
pub struct Node {
    pub choices: Vec<u8>,
    pub children: Vec<Node>,
}

/// A whole program: choices for its types and globals, then its sections (functions that `main` calls in order).
#[derive(Clone, Debug, Default)]
pub struct Program {
    pub header: Vec<u8>,
    pub sections: Vec<Node>,
}

/// Reads choices one after the other; past the end every choice is 0, which is always the simplest.
pub struct Tape<'a> {
    choices: &'a [u8],
    at: usize,
}

impl<'a> Tape<'a> {
    pub fn new(choices: &'a [u8]) -> Tape<'a> {
        Tape { choices, at: 0 }
    }

    /// A number below `n` (at most 256).
    pub fn pick(&mut self, n: usize) -> usize {
        let choice = self.choices.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        // Scaled rather than modulo, so that lowering a choice lowers what is picked.
        (usize::from(choice) * n) >> 8
    }

    /// True once in `n` times or less; false when choices have run out.
    pub fn chance(&mut self, n: usize) -> bool {
        self.pick(n) + 1 == n && n > 1
    }

    pub fn of<'b, T>(&mut self, items: &'b [T]) -> &'b T {
        &items[self.pick(items.len())]
    }
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = vec(any::<u8>(), 2..32).prop_map(|choices| Node {
        choices,
        children: Vec::new(),
    });
    leaf.prop_recursive(4, 48, 6, |inner| {
        (vec(any::<u8>(), 2..32), vec(inner, 0..6))
            .prop_map(|(choices, children)| Node { choices, children })
    })
}

fn section() -> impl Strategy<Value = Node> {
    (vec(any::<u8>(), 4..48), vec(node(), 1..12))
        .prop_map(|(choices, children)| Node { choices, children })
}

/// Random programs of at most `sections` sections.
pub fn programs(sections: usize) -> impl Strategy<Value = Program> {
    (vec(any::<u8>(), 8..48), vec(section(), 1..=sections.max(1)))
        .prop_map(|(header, sections)| Program { header, sections })
}
