//! MORESTACK_STRESS: modes in which a program must behave as ever, while everything that may happen does happen, always.
//!
//! The modes keep every guard poisoned, so each safepoint takes its slow path, where they strike.

/// The modes that are on.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Stress {
    /// Copy the stack to a fresh one at every safepoint that may move it; poison the old one.
    pub move_stacks: bool,
    /// Collect at every safepoint.
    pub collect: bool,
    /// Yield at every safepoint.
    pub preempt: bool,
    /// Collect without a break, beside the program, and check every marking (poisons no guard).
    pub mark: bool,
    /// Compile everything at its first call (poisons no guard).
    pub jit: bool,
    /// Compile loops only, each when it is first gone round, so that compiled code is entered in the middle and left at every call.
    pub loops: bool,
}

impl Stress {
    /// Parses a comma-separated list; unknown words are ignored.
    pub fn parse(text: &str) -> Stress {
        let mut stress = Stress::default();
        for word in text.split(',') {
            match word.trim() {
                "move" => stress.move_stacks = true,
                "gc" => stress.collect = true,
                "preempt" => stress.preempt = true,
                "mark" => stress.mark = true,
                "jit" => stress.jit = true,
                "loops" => stress.loops = true,
                _ => {}
            }
        }
        stress
    }

    pub fn any(self) -> bool {
        self.move_stacks || self.collect || self.preempt
    }

    pub fn moves(self) -> bool {
        self.move_stacks
    }

    /// Whether collections are followed by a check of every pointer.
    pub fn verify(self) -> bool {
        self.mark || self.any() && cfg!(debug_assertions)
    }
}
