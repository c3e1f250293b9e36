//! Channels: an operation that can go ahead is a call; one that has to wait, or panics, is the interpreter's.

use bytecode::isa::{Instr, Op as B};
use bytecode::rtype::RType;

use super::Builder;
use crate::helpers;
use crate::ssa::{Cond, Op};

/// Whether a channel's elements go from and to the frame.
pub(super) fn in_frame(chan: &RType) -> bool {
    // SAFETY: a channel type has an element.
    unsafe { (*chan.elem).slots() > 1 }
}

impl Builder<'_> {
    pub(super) fn send(&mut self, instr: Instr, typ: &RType) {
        // SAFETY: a channel type has an element.
        let slots = unsafe { (*typ.elem).slots() };
        let (chan, value) = (usize::from(instr.a), usize::from(instr.b));
        let chan = self.word(chan);
        let done = if slots <= 1 {
            let value = if slots == 1 {
                self.word(value)
            } else {
                self.constant(0)
            };
            self.helper(helpers::send_word(), &[chan, value])
        } else {
            self.operands_home();
            let from = self.frame_address(value, slots);
            self.helper(helpers::send_slots(), &[chan, from])
        };
        let zero = self.constant(0);
        self.guard(Cond::Ne, done, zero);
    }

    pub(super) fn receive(&mut self, instr: Instr, typ: &RType) {
        // SAFETY: as above.
        let slots = unsafe { (*typ.elem).slots() };
        let target = usize::from(instr.a);
        let chan = self.word(usize::from(instr.b));
        let zero = self.constant(0);
        let received = if slots <= 1 {
            let received = self.helper(helpers::receive_word(), &[chan]);
            self.guard(Cond::Ne, received, zero);
            if slots == 1 {
                let value = self.second_result();
                self.set(target, value);
            }
            received
        } else {
            let to = self.frame_address(target, slots);
            let received = self.helper(helpers::receive_slots(), &[chan, to]);
            self.guard(Cond::Ne, received, zero);
            self.forget(target, slots);
            received
        };
        if instr.op == B::RecvOk {
            let one = self.constant(1);
            self.word_result(
                usize::from(instr.c),
                Op::Compare(Cond::Eq),
                &[received, one],
            );
        }
    }
}
