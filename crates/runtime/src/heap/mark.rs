//! Marking: from the roots through every pointer that the bitmap shows. Precise and iterative.

use std::sync::atomic::Ordering;

use super::Heap;

/// The state of one marking.
pub struct Marker<'a> {
    heap: &'a Heap,
    /// Marked objects whose words are still to be looked at: address, bytes.
    work: Vec<(usize, usize)>,
    /// Pointers into free pages or free slots that were met: always a bug of the virtual machine or of `unsafe` code.
    pub dangling: usize,
}

impl<'a> Marker<'a> {
    pub fn new(heap: &'a Heap) -> Marker<'a> {
        Marker {
            heap,
            work: Vec::with_capacity(4096),
            dangling: 0,
        }
    }

    /// Marks the object that `addr` points into, if it is in the heap.
    #[inline]
    pub fn mark(&mut self, addr: usize) {
        let span = self.heap.span_of(addr);
        if span.is_null() {
            return;
        }
        // SAFETY: the table holds valid spans.
        let span = unsafe { &*span };
        let slot = span.slot_of(addr);
        if slot >= span.slots as usize || span.alloc[slot / 64] >> (slot % 64) & 1 == 0 {
            self.dangling += 1;
            return;
        }
        if span.set_mark(slot) && !span.noscan {
            self.work.push((span.slot_addr(slot), span.size));
        }
    }

    /// Marks what the object at `addr` points to, but not the object itself.
    pub fn mark_contents(&mut self, addr: usize) {
        let span = self.heap.span_of(addr);
        if span.is_null() {
            return;
        }
        // SAFETY: the table holds valid spans.
        let span = unsafe { &*span };
        if !span.noscan {
            let slot = span.slot_of(addr);
            self.work.push((span.slot_addr(slot), span.size));
        }
    }

    pub fn is_marked(&self, addr: usize) -> bool {
        let span = self.heap.span_of(addr);
        if span.is_null() {
            return true;
        }
        // SAFETY: the table holds valid spans.
        let span = unsafe { &*span };
        span.is_marked(span.slot_of(addr))
    }

    /// Works until nothing is left to look at.
    pub fn drain(&mut self) {
        while let Some((addr, bytes)) = self.work.pop() {
            self.scan(addr, bytes);
        }
    }

    fn scan(&mut self, addr: usize, bytes: usize) {
        let (mut word, bit) = self.heap.bit_of(addr);
        let mut base = addr;
        let mut left = bytes / 8;
        let mut skip = bit;
        while left > 0 {
            let count = left.min(64 - skip);
            // SAFETY: bitmap words of a live object.
            let mut bits = unsafe { *word } >> skip;
            if count < 64 {
                bits &= (1u64 << count) - 1;
            }
            while bits != 0 {
                let i = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // SAFETY: word i of a live object.
                let pointer = unsafe { *((base + i * 8) as *const usize) };
                if pointer != 0 {
                    self.mark(pointer);
                }
            }
            base += count * 8;
            left -= count;
            skip = 0;
            word = word.wrapping_add(1);
        }
    }
}

impl Heap {
    /// Bytes that objects occupy, exact after a cache flush.
    pub fn live_bytes(&self) -> u64 {
        self.live.load(Ordering::Relaxed)
    }
}
