//! Allocation in place: what `M::alloc_words` does where the processor's cache has room, and a call of it out of line where it has none.

use runtime::heap::cache::in_place::{self, Free, PROCESSOR, Way};

use super::*;
use crate::ssa::Object;

/// Registers that it takes beside that of the result.
pub fn temporaries(object: Object) -> usize {
    1 + usize::from(object.pointers != 0)
}

impl Emitter<'_> {
    pub(super) fn alloc(&mut self, object: Object, allocs: &[Allocation]) {
        let (d, t) = (reg(allocs[0]), reg(allocs[1]));
        let (slow, done) = (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
        let way = in_place::way(object.bytes as usize, object.pointers != 0)
            .expect("the builder has asked for it");
        asm!(self, mov r11, [BYTE r13 + offset_of!(Context, m) as i8]);
        memory!(self, (SCRATCH, 0, 0, PROCESSOR as i32), load mov Rq(SCRATCH), QWORD);
        match way {
            Way::Part { free, align, count } => {
                memory!(self, (SCRATCH, 0, 0, free.next as i32), load mov Rq(d), QWORD);
                if align > 1 {
                    let align = align as i8;
                    asm!(self, add Rq(d), BYTE align - 1);
                    asm!(self, and Rq(d), BYTE -align);
                }
                self.take(free, object.bytes as usize, d, t, slow);
                asm!(self, inc QWORD [r11 + count as i32]);
            }
            Way::Slot { free, size } => {
                memory!(self, (SCRATCH, 0, 0, free.next as i32), load mov Rq(d), QWORD);
                self.take(free, size, d, t, slow);
                if object.pointers != 0 {
                    let straddles = !size.is_power_of_two();
                    self.pointer_bits(object.pointers, straddles, d, t, reg(allocs[2]));
                }
            }
        }
        asm!(self, =>done);
        self.cold.push(Cold::Alloc {
            label: slow,
            back: done,
            object,
            to: d,
        });
    }

    /// Takes what is from `d` on, if there is so much.
    fn take(&mut self, free: Free, bytes: usize, d: u8, t: u8, slow: DynamicLabel) {
        memory!(self, (d, 0, 0, bytes as i32), address Rq(t));
        asm!(self, cmp Rq(t), [r11 + free.end as i32]);
        asm!(self, ja =>slow);
        memory!(self, (SCRATCH, 0, 0, free.next as i32), store mov Rq(t), QWORD);
    }

    /// Sets the pointer bits of the object at `d`. `t` and `u` are free.
    fn pointer_bits(&mut self, pointers: u64, straddles: bool, d: u8, t: u8, u: u8) {
        asm!(self, mov r11, [BYTE r13 + offset_of!(Context, bits_origin) as i8]);
        asm!(self, mov Rq(t), Rq(d));
        asm!(self, shr Rq(t), 3);
        // The last bit from which they do not reach into the next word.
        let last = pointers.leading_zeros();
        let back = (straddles && last < 63).then(|| {
            let (label, back) = (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
            asm!(self, mov Rd(u), Rd(t));
            asm!(self, and Rd(u), BYTE 63);
            asm!(self, cmp Rd(u), last as i32);
            asm!(self, ja =>label);
            self.cold.push(Cold::PointerBits {
                label,
                back,
                pointers,
                temporaries: [t, u],
            });
            back
        });
        self.mask(u, pointers);
        asm!(self, shlx Rq(u), Rq(u), Rq(t));
        asm!(self, shr Rq(t), 6);
        asm!(self, or[r11 + Rq(t) * 8], Rq(u));
        if let Some(back) = back {
            asm!(self, =>back);
        }
    }

    fn mask(&mut self, to: u8, pointers: u64) {
        match u32::try_from(pointers) {
            Ok(bits) => asm!(self, mov Rd(to), bits as i32),
            Err(_) => asm!(self, mov Rq(to), QWORD pointers as i64),
        }
    }

    /// The cold part of `alloc`.
    pub(super) fn alloc_slowly(&mut self, object: Object, to: u8) {
        match i32::try_from(object.pointers) {
            Ok(bits) => asm!(self, push DWORD bits),
            Err(_) => {
                asm!(self, mov r11, QWORD object.pointers as i64);
                asm!(self, push r11);
            }
        }
        asm!(self, push DWORD object.bytes as i32);
        asm!(self, call QWORD [BYTE r13 + offset_of!(Context, alloc_stub) as i8]);
        asm!(self, mov Rq(to), r11);
        asm!(self, add rsp, 16);
    }

    /// Pointer bits in two words: r11 is the bitmap's origin, `t` the number of the first bit from there.
    pub(super) fn bits_in_two_words(&mut self, pointers: u64, [t, u]: [u8; 2]) {
        self.mask(u, pointers);
        asm!(self, shlx Rq(u), Rq(u), Rq(t));
        asm!(self, push Rq(t));
        asm!(self, shr Rq(t), 6);
        asm!(self, lea r11, [r11 + Rq(t) * 8]);
        asm!(self, or[r11], Rq(u));
        asm!(self, pop Rq(t));
        // What was shifted out: the number of the first bit is not 0.
        asm!(self, neg Rq(t));
        self.mask(u, pointers);
        asm!(self, shrx Rq(u), Rq(u), Rq(t));
        asm!(self, or [BYTE r11 + 8], Rq(u));
    }
}
