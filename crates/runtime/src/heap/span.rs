//! Spans: runs of pages that hold objects of one size class, or one large object.

use std::sync::atomic::{AtomicU64, Ordering};

use super::sizeclass::{PAGE, SIZES};

/// Bit words of a span: the most objects a span can have is a page of 8-byte objects.
pub const BIT_WORDS: usize = PAGE / 8 / 64;

/// Metadata of a span. Lives outside the heap, at a fixed address, and is reused.
pub struct Span {
    pub start: usize,
    pub pages: u32,
    /// Size class; 0: one large object.
    pub class: u8,
    /// The objects hold no pointers.
    pub noscan: bool,
    pub in_use: bool,
    /// A processor's cache allocates from it: it is on no list.
    pub cached: bool,
    /// It is on its class's list of spans with room.
    pub listed: bool,
    /// Some memory of free slots may be other than zero.
    pub need_zero: bool,
    /// Bytes of an object (large: the whole span).
    pub size: usize,
    pub slots: u32,
    /// Multiplier that divides an offset by `size`: `offset * magic >> 32`.
    magic: u64,
    /// Slots in use (or handed to a cache).
    pub used: u32,
    /// First bit word that may have a free slot.
    pub hint: u32,
    /// Index in the heap's list of spans.
    pub index: u32,
    pub alloc: [u64; BIT_WORDS],
    pub mark: [AtomicU64; BIT_WORDS],
}

impl Span {
    pub fn new() -> Span {
        Span {
            start: 0,
            pages: 0,
            class: 0,
            noscan: false,
            in_use: false,
            cached: false,
            listed: false,
            need_zero: false,
            size: 0,
            slots: 0,
            magic: 0,
            used: 0,
            hint: 0,
            index: 0,
            alloc: [0; BIT_WORDS],
            mark: [const { AtomicU64::new(0) }; BIT_WORDS],
        }
    }

    /// Makes it a span of `pages` pages at `start` for objects of `class` (0: one object).
    pub fn init(
        &mut self,
        start: usize,
        pages: usize,
        class: usize,
        noscan: bool,
        need_zero: bool,
    ) {
        let bytes = pages * PAGE;
        self.start = start;
        self.pages = pages as u32;
        self.class = class as u8;
        self.noscan = noscan;
        self.in_use = true;
        self.cached = false;
        self.listed = false;
        self.need_zero = need_zero;
        self.size = if class == 0 {
            bytes
        } else {
            usize::from(SIZES[class])
        };
        self.slots = (bytes / self.size) as u32;
        self.magic = if class == 0 {
            0
        } else {
            (u64::from(u32::MAX) / self.size as u64) + 1
        };
        self.used = 0;
        self.hint = 0;
        self.alloc = [0; BIT_WORDS];
        for word in &mut self.mark {
            *word.get_mut() = 0;
        }
    }

    /// The slot that holds `addr`.
    #[inline(always)]
    pub fn slot_of(&self, addr: usize) -> usize {
        // Offsets are below 2^19 (the longest small-object span) and `magic` is rounded up, so the quotient is exact.
        (((addr - self.start) as u64 * self.magic) >> 32) as usize
    }

    #[inline(always)]
    pub fn slot_addr(&self, slot: usize) -> usize {
        self.start + slot * self.size
    }

    pub fn is_allocated(&self, slot: usize) -> bool {
        slot < self.slots as usize && self.alloc[slot / 64] >> (slot % 64) & 1 != 0
    }

    /// Marks a slot; true when it was not marked before.
    #[inline(always)]
    pub fn set_mark(&self, slot: usize) -> bool {
        let bit = 1u64 << (slot % 64);
        let word = &self.mark[slot / 64];
        // Only the thread that collects marks now; a parallel marker would use fetch_or.
        let old = word.load(Ordering::Relaxed);
        word.store(old | bit, Ordering::Relaxed);
        old & bit == 0
    }

    pub fn is_marked(&self, slot: usize) -> bool {
        self.mark[slot / 64].load(Ordering::Relaxed) >> (slot % 64) & 1 != 0
    }

    /// Takes the next run of free slots: (first slot, count). They count as allocated from now on.
    pub fn take_run(&mut self) -> Option<(usize, usize)> {
        let slots = self.slots as usize;
        let mut word = self.hint as usize;
        while word * 64 < slots {
            let free = !self.alloc[word];
            let first = word * 64 + free.trailing_zeros() as usize;
            if free == 0 || first >= slots {
                word += 1;
                continue;
            }
            let mut end = first;
            // The run may go on through whole words.
            while end < slots {
                let rest = self.alloc[end / 64] >> (end % 64);
                let step = (rest.trailing_zeros() as usize).min(64 - end % 64);
                end = (end + step).min(slots);
                if step == 0 || !end.is_multiple_of(64) {
                    break;
                }
            }
            self.set_allocated(first, end, true);
            self.used += (end - first) as u32;
            self.hint = (end / 64) as u32;
            return Some((first, end - first));
        }
        self.hint = word as u32;
        None
    }

    /// Sets or clears the allocation bits of slots `first..end`.
    pub fn set_allocated(&mut self, first: usize, end: usize, value: bool) {
        let mut at = first;
        while at < end {
            let upto = ((at / 64 + 1) * 64).min(end);
            let count = upto - at;
            let mask = if count == 64 {
                u64::MAX
            } else {
                ((1u64 << count) - 1) << (at % 64)
            };
            if value {
                self.alloc[at / 64] |= mask;
            } else {
                self.alloc[at / 64] &= !mask;
            }
            at = upto;
        }
    }
}

impl Default for Span {
    fn default() -> Span {
        Span::new()
    }
}

#[cfg(test)]
mod tests {
    use super::super::sizeclass::SPAN_PAGES;
    use super::*;

    #[test]
    fn interior_addresses_find_their_slot_in_every_class() {
        for (class, &pages) in SPAN_PAGES.iter().enumerate().skip(1) {
            let mut span = Span::new();
            span.init(PAGE * 5, usize::from(pages), class, false, false);
            assert!(span.slots as usize <= BIT_WORDS * 64);
            for offset in 0..span.slots as usize * span.size {
                assert_eq!(span.slot_of(span.start + offset), offset / span.size);
            }
        }
    }

    #[test]
    fn runs_are_the_gaps_between_allocated_slots() {
        let mut span = Span::new();
        span.init(0, 1, 2, false, false);
        span.set_allocated(3, 70, true);
        span.set_allocated(200, 300, true);
        let mut runs = Vec::new();
        while let Some(run) = span.take_run() {
            runs.push(run);
        }
        assert_eq!(runs, [(0, 3), (70, 130), (300, 212)]);
    }
}
