//! The heap: one reserved address range, cut into spans of pages, found from any address in O(1).
//!
//! * A page table maps each page to its span, so an interior pointer finds its object with a multiplication.
//! * A flat bitmap has one bit for each word of the range: 1 where an object of a scanned span holds a pointer. Allocation writes it
//!   from the type's mask; marking reads nothing else. It costs 1/64 of the memory and keeps objects free of headers.
//! * Each processor allocates from runs of free slots in spans of its own (`cache`): a compare and an add. Spans that no processor holds are
//!   on the lists of their class (`central`).
//! * Objects never move. Marking (`mark`) runs beside the program, which tells it of the pointers that it overwrites and stores (`barrier`);
//!   sweeping (`sweep`) too. `collect` leads from one to the other, `pacer` decides when. docs/decisions/gc.md has the reasons.

pub mod barrier;
pub mod cache;
pub mod central;
pub mod collect;
pub mod collector;
pub mod history;
pub mod mark;
pub mod pacer;
pub mod pages;
pub mod sizeclass;
pub mod span;
pub mod special;
pub mod sweep;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicPtr, AtomicU64, AtomicUsize, Ordering};

use crate::runtime::Config;
use central::Central;
use mark::GreyList;
use pacer::Pacer;
use pages::Pages;
use sizeclass::{CLASSES, PAGE, PAGE_SHIFT, SPAN_PAGES};
use span::Span;

/// Where zero-sized objects are.
pub static ZERO_BASE: u64 = 0;

/// Bytes of address space reserved, if the system lets us.
const RESERVE: usize = 64 << 30;
/// What is asked for at least.
const MIN_RESERVE: usize = 256 << 20;

/// The heap.
pub struct Heap {
    pub(crate) base: usize,
    pub(crate) size: usize,
    /// Bit i: word i of the range is a pointer. The words of a span's bits are written by whoever allocates from it.
    bitmap: *mut AtomicU64,
    /// Span of each page, null for free ones.
    table: *mut AtomicPtr<Span>,
    pub(crate) inner: Mutex<HeapInner>,
    /// Spans that no cache holds, by class * 2 + noscan; large objects are class 0.
    pub(crate) central: Vec<Central>,
    pub stats: Stats,
    /// Marking is on: what is allocated is born marked, what is overwritten is shaded.
    pub marking: AtomicBool,
    /// Grey objects for whoever has time to look at them.
    pub(crate) greys: GreyList,
    /// Bytes of the objects marked in this collection, as far as they have been reported.
    pub(crate) marked_bytes: AtomicU64,
    pub pacer: Pacer,
}

/// What is shared by the processors, under the heap's lock.
pub(crate) struct HeapInner {
    pub pages: Pages,
    /// All spans in use.
    pub spans: Vec<*mut Span>,
    /// Span descriptors not in use.
    pub free_spans: Vec<*mut Span>,
    pub span_structs: usize,
}

/// Counters of the heap.
pub struct Stats {
    /// Objects allocated and freed, by class (0: large).
    pub mallocs: [AtomicU64; CLASSES],
    pub frees: [AtomicU64; CLASSES],
    /// Bytes of large objects.
    pub large_alloc: AtomicU64,
    pub large_free: AtomicU64,
    /// Objects allocated as parts of a tiny block, beyond the first. They are not freed one by one.
    pub tiny: AtomicU64,
    pub pages_in_use: AtomicUsize,
    /// The most pages that have been in use at the end of a marking, less an eighth for each one since.
    pub recent_peak: AtomicUsize,
}

/// Reserves address space, or nothing.
pub(crate) fn reserve(bytes: usize) -> Option<usize> {
    // SAFETY: a fresh anonymous mapping.
    let addr = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            bytes,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    (addr != libc::MAP_FAILED).then_some(addr as usize)
}

/// Half of the limit on address space, if there is one.
fn address_space_limit() -> usize {
    let mut limit = libc::rlimit {
        rlim_cur: 0,
        rlim_max: 0,
    };
    // SAFETY: fills in the structure.
    let known = unsafe { libc::getrlimit(libc::RLIMIT_AS, &mut limit) } == 0;
    if known && limit.rlim_cur != libc::RLIM_INFINITY {
        limit.rlim_cur as usize / 2
    } else {
        RESERVE
    }
}

impl Heap {
    pub fn new(config: &Config) -> Heap {
        let mut size = RESERVE
            .min(address_space_limit().next_power_of_two() / 2)
            .max(MIN_RESERVE);
        if address_space_limit() >= RESERVE {
            size = RESERVE;
        }
        let (addr, size) = loop {
            // One mapping: pages, page table, bitmap; a page more to align the first.
            match reserve(size + PAGE + size / PAGE * 8 + size / 64) {
                Some(addr) => break (addr, size),
                None if size > MIN_RESERVE => size /= 2,
                None => {
                    eprintln!("fatal error: morestack: cannot reserve memory for the heap");
                    std::process::exit(2);
                }
            }
        };
        let base = addr.next_multiple_of(PAGE);
        let table = base + size;
        let bitmap = table + size / PAGE * 8;
        let heap = Heap {
            base,
            size,
            bitmap: bitmap as *mut AtomicU64,
            table: table as *mut AtomicPtr<Span>,
            inner: Mutex::new(HeapInner {
                pages: Pages::new(base, size / PAGE),
                spans: Vec::new(),
                free_spans: Vec::new(),
                span_structs: 0,
            }),
            central: (0..CLASSES * 2).map(|_| Central::default()).collect(),
            stats: Stats {
                mallocs: [const { AtomicU64::new(0) }; CLASSES],
                frees: [const { AtomicU64::new(0) }; CLASSES],
                large_alloc: AtomicU64::new(0),
                large_free: AtomicU64::new(0),
                tiny: AtomicU64::new(0),
                pages_in_use: AtomicUsize::new(0),
                recent_peak: AtomicUsize::new(0),
            },
            marking: AtomicBool::new(false),
            greys: GreyList::default(),
            marked_bytes: AtomicU64::new(0),
            pacer: Pacer::new(config.gc_percent, config.memory_limit),
        };
        heap.pacer.plan(0, 0, u64::MAX);
        if config.stress.mark {
            heap.pacer.trigger.store(0, Ordering::Relaxed);
        }
        heap
    }

    /// The span that holds `addr`, null outside the heap and in free pages.
    #[inline(always)]
    pub fn span_of(&self, addr: usize) -> *mut Span {
        let offset = addr.wrapping_sub(self.base);
        if offset >= self.size {
            return std::ptr::null_mut();
        }
        // SAFETY: the table has an entry for each page of the range.
        unsafe { (*self.table.add(offset >> PAGE_SHIFT)).load(Ordering::Acquire) }
    }

    /// Start and size of the live object that holds `addr`.
    pub fn object_of(&self, addr: usize) -> Option<(usize, usize)> {
        let span = self.span_of(addr);
        if span.is_null() {
            return None;
        }
        // SAFETY: the table holds valid spans.
        let span = unsafe { &*span };
        let slot = span.slot_of(addr);
        span.is_allocated(slot)
            .then(|| (span.slot_addr(slot), span.size))
    }

    /// Whether the object at `start` may be a block of several tiny ones.
    pub fn is_tiny(&self, start: usize) -> bool {
        let span = self.span_of(start);
        // SAFETY: the table holds valid spans.
        !span.is_null() && unsafe { (*span).noscan && (*span).size == cache::TINY }
    }

    /// Bit word and bit of an address in the pointer bitmap.
    #[inline(always)]
    pub(crate) fn bit_of(&self, addr: usize) -> (*mut AtomicU64, usize) {
        let word = (addr - self.base) / 8;
        // SAFETY: the bitmap has a bit for each word of the range.
        (unsafe { self.bitmap.add(word / 64) }, word % 64)
    }

    /// Clears the pointer bits of `bytes` bytes at `addr`.
    pub(crate) fn clear_bits(&self, addr: usize, bytes: usize) {
        let (mut at, mut bit) = self.bit_of(addr);
        let mut left = bytes / 8;
        while left > 0 {
            let count = left.min(64 - bit);
            // SAFETY: the words belong to the range `addr..addr+bytes`, which is the caller's.
            let word = unsafe { &*at };
            if count == 64 {
                word.store(0, Ordering::Relaxed);
            } else {
                let mask = ((1u64 << count) - 1) << bit;
                word.store(word.load(Ordering::Relaxed) & !mask, Ordering::Relaxed);
            }
            at = at.wrapping_add(1);
            left -= count;
            bit = 0;
        }
    }

    /// ORs `mask` (bit i: word i after `addr` is a pointer) into the bitmap.
    #[inline(always)]
    pub(crate) fn or_bits(&self, addr: usize, mask: u64) {
        let (at, bit) = self.bit_of(addr);
        // SAFETY: the words of the object at `addr`, which the caller is building; a mask that reaches into the next bitmap word has the object
        // reaching there too. Others read the words, but only the span's owner writes them: no locked instructions.
        unsafe {
            let set = |word: &AtomicU64, mask: u64| {
                word.store(word.load(Ordering::Relaxed) | mask, Ordering::Relaxed);
            };
            set(&*at, mask << bit);
            let rest = (mask >> 1) >> (63 - bit);
            if rest != 0 {
                set(&*at.add(1), rest);
            }
        }
    }

    /// A new span, or None when memory has run out.
    pub(crate) fn new_span(
        &self,
        inner: &mut HeapInner,
        pages: usize,
        class: usize,
        noscan: bool,
    ) -> Option<*mut Span> {
        let taken = inner.pages.take(pages)?;
        let span = inner.free_spans.pop().unwrap_or_else(|| {
            inner.span_structs += 1;
            Box::into_raw(Box::new(Span::new()))
        });
        // SAFETY: descriptor not in use; the table entries of pages just taken.
        unsafe {
            (*span).init(
                self.base + taken.page * PAGE,
                pages,
                class,
                noscan,
                !taken.zero,
            );
            *(*span).index.get_mut() = inner.spans.len() as u32;
            for page in taken.page..taken.page + pages {
                (*self.table.add(page)).store(span, Ordering::Release);
            }
        }
        inner.spans.push(span);
        self.stats.pages_in_use.fetch_add(pages, Ordering::Relaxed);
        Some(span)
    }

    /// Takes a span without objects out of use.
    pub(crate) fn free_span(&self, inner: &mut HeapInner, span: *mut Span) {
        // SAFETY: a span in use of which nobody holds an object.
        let s = unsafe { &mut *span };
        let first = (s.start - self.base) / PAGE;
        if !s.noscan {
            self.clear_bits(s.start, s.pages as usize * PAGE);
        }
        for page in first..first + s.pages as usize {
            // SAFETY: the span's own entries.
            unsafe { (*self.table.add(page)).store(std::ptr::null_mut(), Ordering::Release) };
        }
        inner.pages.give(first, s.pages as usize);
        self.stats
            .pages_in_use
            .fetch_sub(s.pages as usize, Ordering::Relaxed);
        s.in_use = false;
        let index = s.index.load(Ordering::Relaxed);
        inner.spans.swap_remove(index as usize);
        if let Some(&moved) = inner.spans.get(index as usize) {
            // SAFETY: the list holds valid spans.
            unsafe { (*moved).index.store(index, Ordering::Relaxed) };
        }
        inner.free_spans.push(span);
    }

    /// Bytes that objects occupy, as of the last refills of the caches.
    pub fn live_bytes(&self) -> u64 {
        self.pacer.live.load(Ordering::Relaxed)
    }

    pub(crate) fn pages_for_class(class: usize) -> usize {
        usize::from(SPAN_PAGES[class])
    }
}
