//! What is compiled of a function that is entered at the head of one of its loops: the outermost loop around it. What comes after is left to the interpreter until
//! it is hot itself. Otherwise a function with many loops in turn, as main functions are, would be compiled once for each with all that follow.

use std::ops::Range;

use bytecode::isa::Instr;
use bytecode::operands::for_each_target;

/// The outermost loop around an instruction.
pub struct Nest {
    pub entry: usize,
    /// Words of the function's own code; copies of callees come after it.
    own: usize,
    loops: Range<usize>,
}

impl Nest {
    /// Loops are told by their jumps back, which are safepoints.
    pub fn around(code: &[u64], entry: usize) -> Nest {
        let mut loops = entry..entry + 1;
        let mut pc = 0;
        while let Some(instr) = code.get(pc).and_then(|w| Instr::unpack(*w)) {
            let end = pc + instr.words();
            if instr.is_safepoint() && pc >= entry {
                for_each_target(code, pc, &mut |head| {
                    if head as usize <= entry {
                        loops.start = loops.start.min(head as usize);
                        loops.end = end;
                    }
                });
            }
            pc = end;
        }
        Nest {
            entry,
            own: code.len(),
            loops,
        }
    }

    /// Whether control that comes to this instruction has left the loop.
    pub fn leaves(&self, pc: usize) -> bool {
        pc < self.own && !self.loops.contains(&pc)
    }
}
