//! The heap: one reserved address range, cut into spans of pages, found from any address in O(1).
//!
//! * A page table maps each page to its span, so an interior pointer finds its object with a multiplication.
//! * A flat bitmap has one bit for each word of the range: 1 where an object of a scanned span holds a pointer. Allocation writes it
//!   from the type's mask; marking reads nothing else. It costs 1/64 of the memory and keeps objects free of headers.
//! * Each processor allocates from runs of free slots in spans of its own (`cache`): a compare and an add.
//! * Objects never move. Marking (`mark`) and sweeping (`sweep`) run with the program stopped at safepoints (`collect`).

pub mod cache;
pub mod collect;
pub mod mark;
pub mod pages;
pub mod sizeclass;
pub mod span;
pub mod special;
pub mod sweep;

use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use crate::runtime::Config;
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
    /// Bit i: word i of the range is a pointer.
    bitmap: *mut u64,
    /// Span of each page, null for free ones.
    table: *mut *mut Span,
    pub(crate) inner: Mutex<HeapInner>,
    /// Bytes allocated or handed to caches since the last collection, and live before: what is compared with the trigger.
    pub live: AtomicU64,
    /// A collection is due when `live` reaches this.
    pub trigger: AtomicU64,
    pub gc_percent: AtomicI64,
    pub memory_limit: AtomicU64,
}

/// What is shared by the processors, under the heap's lock.
pub(crate) struct HeapInner {
    pub pages: Pages,
    /// All spans in use.
    pub spans: Vec<*mut Span>,
    /// Span descriptors not in use.
    pub free_spans: Vec<*mut Span>,
    pub span_structs: usize,
    /// Spans with free slots that no cache holds, by class * 2 + noscan.
    pub partial: Vec<Vec<*mut Span>>,
    pub stats: Stats,
}

/// Counters of the heap.
#[derive(Clone)]
pub struct Stats {
    /// Objects allocated and freed, by class (0: large).
    pub mallocs: [u64; CLASSES],
    pub frees: [u64; CLASSES],
    /// Bytes of large objects.
    pub large_alloc: u64,
    pub large_free: u64,
    pub pages_in_use: usize,
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
            bitmap: bitmap as *mut u64,
            table: table as *mut *mut Span,
            inner: Mutex::new(HeapInner {
                pages: Pages::new(base, size / PAGE),
                spans: Vec::new(),
                free_spans: Vec::new(),
                span_structs: 0,
                partial: vec![Vec::new(); CLASSES * 2],
                stats: Stats {
                    mallocs: [0; CLASSES],
                    frees: [0; CLASSES],
                    large_alloc: 0,
                    large_free: 0,
                    pages_in_use: 0,
                },
            }),
            live: AtomicU64::new(0),
            trigger: AtomicU64::new(0),
            gc_percent: AtomicI64::new(config.gc_percent),
            memory_limit: AtomicU64::new(config.memory_limit),
        };
        heap.set_trigger(0, 0);
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
        unsafe { *self.table.add(offset >> PAGE_SHIFT) }
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

    /// Bit word and bit of an address in the pointer bitmap.
    #[inline(always)]
    pub(crate) fn bit_of(&self, addr: usize) -> (*mut u64, usize) {
        let word = (addr - self.base) / 8;
        // SAFETY: the bitmap has a bit for each word of the range.
        (unsafe { self.bitmap.add(word / 64) }, word % 64)
    }

    /// Clears the pointer bits of `bytes` bytes at `addr`.
    pub(crate) fn clear_bits(&self, addr: usize, bytes: usize) {
        let (mut at, bit) = self.bit_of(addr);
        let mut left = bytes / 8;
        // SAFETY: the words belong to the range `addr..addr+bytes`, which is the caller's.
        unsafe {
            if bit != 0 {
                let count = left.min(64 - bit);
                let mask = if count == 64 {
                    u64::MAX
                } else {
                    ((1u64 << count) - 1) << bit
                };
                *at &= !mask;
                at = at.add(1);
                left -= count;
            }
            while left >= 64 {
                *at = 0;
                at = at.add(1);
                left -= 64;
            }
            if left > 0 {
                *at &= !((1u64 << left) - 1);
            }
        }
    }

    /// ORs `mask` (bit i: word i after `addr` is a pointer) into the bitmap.
    #[inline(always)]
    pub(crate) fn or_bits(&self, addr: usize, mask: u64) {
        let (at, bit) = self.bit_of(addr);
        // SAFETY: the words of the object at `addr`, which the caller is building; a mask that reaches into the next bitmap word has the object
        // reaching there too.
        unsafe {
            *at |= mask << bit;
            let rest = (mask >> 1) >> (63 - bit);
            if rest != 0 {
                *at.add(1) |= rest;
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
            (*span).index = inner.spans.len() as u32;
            for page in taken.page..taken.page + pages {
                *self.table.add(page) = span;
            }
        }
        inner.spans.push(span);
        inner.stats.pages_in_use += pages;
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
            unsafe { *self.table.add(page) = std::ptr::null_mut() };
        }
        inner.pages.give(first, s.pages as usize);
        inner.stats.pages_in_use -= s.pages as usize;
        s.in_use = false;
        let index = s.index as usize;
        inner.spans.swap_remove(index);
        if let Some(&moved) = inner.spans.get(index) {
            // SAFETY: the list holds valid spans.
            unsafe { (*moved).index = index as u32 };
        }
        inner.free_spans.push(span);
    }

    /// Sets when the next collection is due, from the bytes that survived and those of the roots.
    pub(crate) fn set_trigger(&self, marked: u64, roots: u64) {
        let percent = self.gc_percent.load(Ordering::Relaxed);
        let limit = self.memory_limit.load(Ordering::Relaxed);
        let mut goal = if percent < 0 {
            u64::MAX
        } else {
            let least = (4 << 20) * percent as u64 / 100;
            (marked + (marked + roots) / 100 * percent as u64).max(least)
        };
        if limit < i64::MAX as u64 {
            // What stacks and the rest take is not the heap's; never collect more often than after an eighth of growth.
            goal = goal.min(
                limit
                    .saturating_sub(roots)
                    .max(marked + marked / 8 + (1 << 20)),
            );
        }
        self.trigger.store(goal, Ordering::Relaxed);
    }

    pub(crate) fn pages_for_class(class: usize) -> usize {
        usize::from(SPAN_PAGES[class])
    }
}
