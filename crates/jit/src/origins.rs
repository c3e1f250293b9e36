//! Which function each word of a function's code comes from, when callees have been put in the place of their calls, and the frames that the
//! interpreter would have made for them.

use std::sync::Arc;

use bytecode::func::Function;

/// An inlined callee's frame: not made, until somebody is to see it.
#[derive(Clone)]
pub struct Frame {
    /// The frame of its caller, when that is inlined, too.
    pub parent: Option<usize>,
    /// Words from our frame down to it.
    pub depth: u32,
    /// Where its caller goes on.
    pub return_pc: u64,
    /// Its function's linked code.
    pub code: u64,
    pub function: Arc<Function>,
}

/// Words of code, up to the next region.
#[derive(Clone)]
struct Region {
    start: u32,
    frame: Option<usize>,
    /// Word offset in that frame's function of the first word,
    own: u32,
    /// and of all others: what passes arguments and results belongs to the call.
    glue: bool,
}

/// A place in some function.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Place {
    pub frame: Option<usize>,
    pub pc: u32,
    pub glue: bool,
}

#[derive(Clone, Default)]
pub struct Origins {
    pub frames: Vec<Frame>,
    regions: Vec<Region>,
}

impl Origins {
    /// From word `start` on, code is that of `own` and what follows it; of `own` alone when it is glue.
    pub fn begin(&mut self, start: usize, frame: Option<usize>, own: u32, glue: bool) {
        let start = start as u32;
        debug_assert!(self.regions.last().is_none_or(|r| r.start <= start));
        self.regions.push(Region {
            start,
            frame,
            own,
            glue,
        });
    }

    /// Where the word at an offset comes from.
    pub fn at(&self, pc: u32) -> Place {
        let next = self.regions.partition_point(|r| r.start <= pc);
        match next.checked_sub(1).map(|i| &self.regions[i]) {
            Some(r) => Place {
                frame: r.frame,
                pc: if r.glue {
                    r.own
                } else {
                    r.own + (pc - r.start)
                },
                glue: r.glue,
            },
            None => Place {
                frame: None,
                pc,
                glue: false,
            },
        }
    }

    /// A frame and those around it, outermost first.
    pub fn chain(&self, frame: Option<usize>) -> Vec<&Frame> {
        let mut chain = Vec::new();
        let mut next = frame;
        while let Some(i) = next {
            chain.push(&self.frames[i]);
            next = self.frames[i].parent;
        }
        chain.reverse();
        chain
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_belong_to_the_region_before_them() {
        let mut origins = Origins::default();
        assert_eq!(origins.at(7).pc, 7);
        origins.begin(0, None, 0, false);
        origins.begin(10, None, 4, true);
        origins.begin(12, Some(0), 0, false);
        let at = |pc| (origins.at(pc).frame, origins.at(pc).pc);
        assert_eq!(at(9), (None, 9));
        assert_eq!((at(10), at(11)), ((None, 4), (None, 4)));
        assert_eq!(at(15), (Some(0), 3));
    }
}
