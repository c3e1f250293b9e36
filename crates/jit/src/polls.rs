//! Polls that cost nothing while nobody asks.
//!
//! A loop without calls has to look, every time around, whether somebody wants something of its goroutine. Where nothing but the poll is between the jump back and the loop's
//! head, the jump goes to the head instead. When the scheduler or the collector wants something, all such jumps are made to lead to their polls, and back when nothing
//! is wanted any more. The distance of a jump is one aligned word, written at once through the region's writable mapping, as with calls (`links`).
//!
//! Who wants something makes that known first and then has the loops watched; whoever has them relaxed asks under the same lock whether anything is wanted. So one of the two sees the other.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::memory::CodeMemory;

/// A jump back, as offsets in a piece of code: its distance, the loop's head, the poll.
#[derive(Clone, Copy, Debug)]
pub struct BackEdge {
    pub at: u32,
    pub head: u32,
    pub poll: u32,
}

/// All jumps back.
#[derive(Default)]
pub struct Polls {
    /// Addresses of the distance, the head and the poll.
    sites: Mutex<Vec<[usize; 3]>>,
    /// Loops poll. Changed under the lock.
    watched: AtomicBool,
}

impl Polls {
    /// Code has been installed, and nobody runs it yet.
    pub fn add(&self, memory: &CodeMemory, code: *const u8, edges: &[BackEdge]) {
        if edges.is_empty() {
            return;
        }
        let mut sites = self.lock();
        for edge in edges {
            let site = [edge.at, edge.head, edge.poll].map(|at| code as usize + at as usize);
            if self.watched.load(Ordering::Relaxed) {
                memory.patch(site[0], site[2]);
            }
            sites.push(site);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Vec<[usize; 3]>> {
        self.sites.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// From now on every loop polls.
    pub fn watch(&self, memory: &CodeMemory) {
        let sites = self.lock();
        if !self.watched.swap(true, Ordering::Relaxed) {
            sites.iter().for_each(|site| memory.patch(site[0], site[2]));
        }
    }

    /// Loops need not poll any more, unless something is wanted.
    pub fn relax(&self, memory: &CodeMemory, is_wanted: &dyn Fn() -> bool) {
        if !self.watched.load(Ordering::Relaxed) {
            return;
        }
        let sites = self.lock();
        if !is_wanted() && self.watched.swap(false, Ordering::Relaxed) {
            sites.iter().for_each(|site| memory.patch(site[0], site[1]));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::memory::Mapping;

    #[test]
    fn jumps_lead_to_polls_while_something_is_wanted() {
        let memory = CodeMemory::new(1 << 20, Mapping::Shared).unwrap();
        let polls = Polls::default();
        // nop x3; jmp head | head: mov eax, 1; ret | poll: mov eax, 2; ret
        let bytes = [
            0x90, 0x90, 0x90, 0xe9, 0, 0, 0, 0, 0xb8, 1, 0, 0, 0, 0xc3, 0xb8, 2, 0, 0, 0, 0xc3,
        ];
        let edge = BackEdge {
            at: 4,
            head: 8,
            poll: 14,
        };
        let install = || {
            let code = memory.install(&bytes, &[]).unwrap();
            polls.add(&memory, code, &[edge]);
            // SAFETY: the bytes are that function.
            unsafe { std::mem::transmute::<*const u8, extern "C" fn() -> i32>(code) }
        };
        let early = install();
        assert_eq!(early(), 1);
        polls.watch(&memory);
        let late = install();
        assert_eq!((early(), late()), (2, 2));
        polls.relax(&memory, &|| true);
        assert_eq!((early(), late()), (2, 2));
        polls.relax(&memory, &|| false);
        assert_eq!((early(), late()), (1, 1));
    }
}
