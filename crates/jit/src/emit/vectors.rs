//! What is done to 16 bytes at a time, in the scratch registers.

use dynasmrt::{DynasmApi, dynasm};

use super::Emitter;
use crate::lower::{FLOAT_SCRATCH, SCRATCH};
use crate::opt::size;
use crate::ssa::{Cond, Width};

impl Emitter<'_> {
    pub(super) fn copy(&mut self, to: u8, from: u8, bytes: u16) {
        let bytes = i32::from(bytes);
        let mut at = 0;
        while at < bytes {
            let (from, to) = ((from, 0, 0, at), (to, 0, 0, at));
            at += match bytes - at {
                16.. => {
                    memory!(self, from, load vmovdqu Rx(FLOAT_SCRATCH), OWORD);
                    memory!(self, to, store vmovdqu Rx(FLOAT_SCRATCH), OWORD);
                    16
                }
                8.. => {
                    memory!(self, from, load mov Rq(SCRATCH), QWORD);
                    memory!(self, to, store mov Rq(SCRATCH), QWORD);
                    8
                }
                4.. => {
                    memory!(self, from, load mov Rd(SCRATCH), DWORD);
                    memory!(self, to, store mov Rd(SCRATCH), DWORD);
                    4
                }
                2.. => {
                    memory!(self, from, load movzx Rd(SCRATCH), WORD);
                    memory!(self, to, store mov Rw(SCRATCH), WORD);
                    2
                }
                _ => {
                    memory!(self, from, load movzx Rd(SCRATCH), BYTE);
                    memory!(self, to, store mov Rb(SCRATCH), BYTE);
                    1
                }
            };
        }
    }

    /// Writes what `splat` has left.
    pub(super) fn fill(&mut self, to: u8, bytes: u16) {
        let bytes = i32::from(bytes);
        for at in (0..bytes).step_by(16) {
            let to = (to, 0, 0, at);
            if bytes - at >= 16 {
                memory!(self, to, store vmovdqu Rx(FLOAT_SCRATCH), OWORD);
            } else {
                memory!(self, to, store vmovq Rx(FLOAT_SCRATCH), QWORD);
            }
        }
    }

    /// The low part of a word, over and over, in the scratch register.
    pub(super) fn splat(&mut self, width: Width, word: u8) {
        if width == Width::W {
            asm!(self, vmovq xmm15, Rq(word));
        } else {
            asm!(self, vmovd xmm15, Rd(word));
        }
        match size(width) {
            1 => asm!(self, vpbroadcastb xmm15, xmm15),
            2 => asm!(self, vpbroadcastw xmm15, xmm15),
            4 => asm!(self, vpbroadcastd xmm15, xmm15),
            _ => asm!(self, vpbroadcastq xmm15, xmm15),
        }
    }

    /// `Op::Span` of an address and a word, or two addresses; the last register is the result's.
    pub(super) fn span(&mut self, cond: Cond, width: Width, two: bool, [p, with, d]: [u8; 3]) {
        let shift = size(width).trailing_zeros() as i8;
        if two {
            asm!(self, vmovdqu xmm15, [Rq(with)]);
        } else {
            self.splat(width, with);
        }
        // An element is at most the other when it is the smaller one, and so on.
        match (cond, shift) {
            (Cond::LeU | Cond::GtU, 0) => asm!(self, vpminub xmm15, xmm15, [Rq(p)]),
            (Cond::LeU | Cond::GtU, 1) => asm!(self, vpminuw xmm15, xmm15, [Rq(p)]),
            (Cond::LeU | Cond::GtU, _) => asm!(self, vpminud xmm15, xmm15, [Rq(p)]),
            (Cond::GeU | Cond::LtU, 0) => asm!(self, vpmaxub xmm15, xmm15, [Rq(p)]),
            (Cond::GeU | Cond::LtU, 1) => asm!(self, vpmaxuw xmm15, xmm15, [Rq(p)]),
            (Cond::GeU | Cond::LtU, _) => asm!(self, vpmaxud xmm15, xmm15, [Rq(p)]),
            _ => {}
        }
        match shift {
            0 => asm!(self, vpcmpeqb xmm15, xmm15, [Rq(p)]),
            1 => asm!(self, vpcmpeqw xmm15, xmm15, [Rq(p)]),
            2 => asm!(self, vpcmpeqd xmm15, xmm15, [Rq(p)]),
            _ => asm!(self, vpcmpeqq xmm15, xmm15, [Rq(p)]),
        }
        // A bit for each byte; those for which the condition does not hold are to be set, and one behind the last.
        // vpmovmskb r11d, xmm15, for which the assembler wants operands of one size.
        self.asm.extend(&[0xc4, 0x41, 0x79, 0xd7, 0xdf]);
        match cond {
            Cond::Eq | Cond::LeU | Cond::GeU => asm!(self, not r11d),
            _ => asm!(self, or r11d, 1 << 16),
        }
        asm!(self, tzcnt Rd(d), r11d);
        if shift > 0 {
            asm!(self, shr Rd(d), shift);
        }
    }
}
