//! Spans: runs of pages that hold objects of one size class, or one large object.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};

use super::sizeclass::{PAGE, SIZES};

/// Bit words of a span: the most objects a span can have is a page of 8-byte objects.
pub const BIT_WORDS: usize = PAGE / 8 / 64;

/// Metadata of a span. Lives outside the heap, at a fixed address, and is reused.
///
/// What describes the objects changes only while the span is out of use. Allocation bits, `used` and `hint` are written by whoever owns the span:
/// a processor's cache, the sweeper that took it from a list, or the holder of its list's lock; others may look at them at any time.
/// Mark bits are set by all markers at once. What marking looks at comes first and shares a cache line.
#[repr(C, align(64))]
pub struct Span {
    pub start: usize,
    /// Bytes of an object (large: the whole span).
    pub size: usize,
    /// Multiplier that divides an offset by `size`: `offset * magic >> 32`.
    magic: u32,
    pub slots: u32,
    pub pages: u32,
    /// Size class; 0: one large object.
    pub class: u8,
    /// The objects hold no pointers.
    pub noscan: bool,
    pub in_use: bool,
    /// Some memory of free slots may be other than zero.
    pub need_zero: AtomicBool,
    /// Something hangs on one of the objects (`special`).
    pub has_specials: AtomicBool,
    /// Slots in use (or handed to a cache).
    pub used: AtomicU32,
    /// First bit word that may have a free slot.
    pub hint: AtomicU32,
    /// Index in the heap's list of spans.
    pub index: AtomicU32,
    pub mark: [AtomicU64; BIT_WORDS],
    pub alloc: [AtomicU64; BIT_WORDS],
}

impl Span {
    pub fn new() -> Span {
        Span {
            start: 0,
            size: 0,
            magic: 0,
            slots: 0,
            pages: 0,
            class: 0,
            noscan: false,
            in_use: false,
            need_zero: AtomicBool::new(false),
            has_specials: AtomicBool::new(false),
            used: AtomicU32::new(0),
            hint: AtomicU32::new(0),
            index: AtomicU32::new(0),
            mark: [const { AtomicU64::new(0) }; BIT_WORDS],
            alloc: [const { AtomicU64::new(0) }; BIT_WORDS],
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
        *self.need_zero.get_mut() = need_zero;
        *self.has_specials.get_mut() = false;
        self.size = if class == 0 {
            bytes
        } else {
            usize::from(SIZES[class])
        };
        self.slots = (bytes / self.size) as u32;
        self.magic = if class == 0 {
            0
        } else {
            u32::MAX / self.size as u32 + 1
        };
        *self.used.get_mut() = 0;
        *self.hint.get_mut() = 0;
        for word in self.alloc.iter_mut().chain(&mut self.mark) {
            *word.get_mut() = 0;
        }
    }

    /// The slot that holds `addr`.
    #[inline(always)]
    pub fn slot_of(&self, addr: usize) -> usize {
        // Offsets are below 2^19 (the longest small-object span) and `magic` is rounded up, so the quotient is exact.
        (((addr - self.start) as u64).wrapping_mul(u64::from(self.magic)) >> 32) as usize
    }

    #[inline(always)]
    pub fn slot_addr(&self, slot: usize) -> usize {
        self.start + slot * self.size
    }

    /// Words of bits that the slots take.
    #[inline]
    pub fn bit_words(&self) -> usize {
        (self.slots as usize).div_ceil(64)
    }

    pub fn is_allocated(&self, slot: usize) -> bool {
        slot < self.slots as usize
            && self.alloc[slot / 64].load(Ordering::Relaxed) >> (slot % 64) & 1 != 0
    }

    /// Marks a slot; true when it was not marked before.
    #[inline(always)]
    pub fn set_mark(&self, slot: usize) -> bool {
        let bit = 1u64 << (slot % 64);
        let word = &self.mark[slot / 64];
        // Most objects that are met again are met often: looking first spares the locked instruction.
        word.load(Ordering::Relaxed) & bit == 0 && word.fetch_or(bit, Ordering::Relaxed) & bit == 0
    }

    pub fn is_marked(&self, slot: usize) -> bool {
        self.mark[slot / 64].load(Ordering::Relaxed) >> (slot % 64) & 1 != 0
    }

    /// Marks slots `first..end`, which are free or have just been taken.
    pub fn set_marks(&self, first: usize, end: usize) {
        for_each_mask(first, end, |word, mask| {
            self.mark[word].fetch_or(mask, Ordering::Relaxed);
        });
    }

    /// Takes the next run of free slots: (first slot, count). They count as allocated from now on. For the owner.
    pub fn take_run(&self) -> Option<(usize, usize)> {
        let slots = self.slots as usize;
        let alloc = |word: usize| self.alloc[word].load(Ordering::Relaxed);
        let mut word = self.hint.load(Ordering::Relaxed) as usize;
        while word * 64 < slots {
            let free = !alloc(word);
            let first = word * 64 + free.trailing_zeros() as usize;
            if free == 0 || first >= slots {
                word += 1;
                continue;
            }
            let mut end = first;
            // The run may go on through whole words.
            while end < slots {
                let rest = alloc(end / 64) >> (end % 64);
                let step = (rest.trailing_zeros() as usize).min(64 - end % 64);
                end = (end + step).min(slots);
                if step == 0 || !end.is_multiple_of(64) {
                    break;
                }
            }
            self.set_allocated(first, end, true);
            add(&self.used, (end - first) as u32);
            self.hint.store((end / 64) as u32, Ordering::Relaxed);
            return Some((first, end - first));
        }
        self.hint.store(word as u32, Ordering::Relaxed);
        None
    }

    /// Gives back the slots `first..end` of a run that have not been used. For the owner.
    pub fn give_back(&self, first: usize, end: usize) {
        self.set_allocated(first, end, false);
        add(&self.used, (end - first).wrapping_neg() as u32);
        let hint = self.hint.load(Ordering::Relaxed).min(first as u32 / 64);
        self.hint.store(hint, Ordering::Relaxed);
    }

    /// Whether there is no free slot.
    pub fn is_full(&self) -> bool {
        self.used.load(Ordering::Relaxed) == self.slots
    }

    /// Sets or clears the allocation bits of slots `first..end`. For the owner.
    pub fn set_allocated(&self, first: usize, end: usize, value: bool) {
        for_each_mask(first, end, |word, mask| {
            let old = self.alloc[word].load(Ordering::Relaxed);
            let new = if value { old | mask } else { old & !mask };
            self.alloc[word].store(new, Ordering::Relaxed);
        });
    }
}

/// Adds to a counter that one thread at a time writes.
fn add(counter: &AtomicU32, n: u32) {
    counter.store(
        counter.load(Ordering::Relaxed).wrapping_add(n),
        Ordering::Relaxed,
    );
}

/// Calls `visit` with each bit word that slots `first..end` touch, and their bits in it.
fn for_each_mask(first: usize, end: usize, mut visit: impl FnMut(usize, u64)) {
    let mut at = first;
    while at < end {
        let upto = ((at / 64 + 1) * 64).min(end);
        let count = upto - at;
        let mask = if count == 64 {
            u64::MAX
        } else {
            ((1u64 << count) - 1) << (at % 64)
        };
        visit(at / 64, mask);
        at = upto;
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
