//! What compiled code has to know of a processor's cache to allocate without a call: it does what `M::alloc_words` does where there is room, and
//! calls that where there is none.

use std::mem::offset_of;

use super::{HeapCache, MAX_SMALL, Run, SIZES, TINY, class_of};
use crate::heap::Heap;
use crate::runtime::{M, P};

/// Bytes from the machine to the address of the processor that it holds, which is another one after every safepoint.
pub const PROCESSOR: usize = offset_of!(M, p);

/// Objects with pointers that are larger than this many bytes are not allocated in place: one word has all their pointer bits.
pub const MAX_POINTERS: usize = 512;

/// Where free memory begins and ends: bytes from the processor.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Free {
    pub next: usize,
    pub end: usize,
}

/// How objects of one size are allocated.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Way {
    /// The next slot of a run of free slots, `size` bytes each: it is zero, and so are its pointer bits.
    Slot { free: Free, size: usize },
    /// So many bytes of a block for tiny objects, which are zero, from a multiple of `align`; `count`, as far from the processor, counts them.
    Part {
        free: Free,
        align: usize,
        count: usize,
    },
}

/// How an object of so many bytes is allocated; None where that takes a call.
pub fn way(bytes: usize, has_pointers: bool) -> Option<Way> {
    let cache = offset_of!(P, heap);
    let most = if has_pointers {
        MAX_POINTERS
    } else {
        MAX_SMALL
    };
    if bytes == 0 || bytes > most {
        return None;
    }
    if !has_pointers && bytes < TINY {
        return Some(Way::Part {
            free: Free {
                next: cache + offset_of!(HeapCache, tiny),
                end: cache + offset_of!(HeapCache, tiny_end),
            },
            align: super::tiny_align(bytes),
            count: cache + offset_of!(HeapCache, tiny_count),
        });
    }
    let class = class_of(bytes);
    let index = class * 2 + usize::from(!has_pointers);
    let run = cache + offset_of!(HeapCache, runs) + index * size_of::<Run>();
    Some(Way::Slot {
        free: Free {
            next: run + offset_of!(Run, next),
            end: run + offset_of!(Run, end),
        },
        size: usize::from(SIZES[class]),
    })
}

impl Heap {
    /// Where the word of the pointer bitmap for address 0 would be: that for another address is `address / 512` words further, and the
    /// bit in it is number `address / 8 % 64`.
    pub fn bits_origin(&self) -> usize {
        (self.bitmap as usize).wrapping_sub(self.base / 512 * 8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::native::NativeTable;
    use crate::runtime::{Config, Runtime};

    fn machine() -> M {
        Runtime::new(Config::default(), NativeTable::default()).1
    }

    #[test]
    fn an_object_comes_from_where_the_way_leads() {
        let mut m = machine();
        for (bytes, has_pointers) in [
            (8, true),
            (48, true),
            (512, true),
            (16, false),
            (30000, false),
        ] {
            let words = u64::from(has_pointers);
            m.alloc_words(bytes, words);
            let Some(Way::Slot { free, size }) = way(bytes, has_pointers) else {
                panic!("{bytes} bytes are a slot");
            };
            assert!(size >= bytes);
            let p = std::ptr::from_mut(m.p()).cast::<u8>();
            // SAFETY: words of the processor's cache.
            let read = |at: usize| unsafe { *p.add(at).cast::<usize>() };
            let next = read(free.next);
            if next < read(free.end) {
                assert_eq!(m.alloc_words(bytes, words) as usize, next);
                assert_eq!(read(free.next), next + size);
            }
        }
    }

    #[test]
    fn bits_are_where_the_origin_says() {
        let mut m = machine();
        let object = m.alloc_words(48, 0b10_0101) as usize;
        let heap = &m.rt().heap;
        for word in 0..6 {
            let at = object + 8 * word;
            let bits = (heap.bits_origin() + at / 512 * 8) as *const u64;
            // SAFETY: a word of the bitmap.
            let bit = unsafe { *bits } >> (at / 8 % 64) & 1;
            assert_eq!(bit, 0b10_0101 >> word & 1, "word {word}");
        }
    }
}
