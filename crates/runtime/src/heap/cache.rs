//! Allocation: a processor's runs of free slots, the short path over them, and large objects.

pub mod in_place;

use std::sync::atomic::Ordering;

use bytecode::func::Func;
use bytecode::rtype::RType;

use super::barrier::marking;
use super::central::SpanPtr;
use super::mark::{Grey, Marker};
use super::sizeclass::{CLASSES, MAX_SMALL, PAGE, SIZES, class_of};
use super::span::Span;
use super::sweep::Swept;
use super::{Heap, ZERO_BASE};
use crate::g::POISON;
use crate::runtime::{M, Runtime};

/// Pointer-free objects below this size are packed into blocks of it.
pub(crate) const TINY: usize = 16;
/// The run of the blocks: their class (16 bytes) * 2 + noscan.
const TINY_RUN: usize = 5;
/// Full spans that an allocation sweeps in vain before it takes a new one.
const SWEEPS: usize = 64;

/// A run of free, zeroed slots.
#[repr(C)]
#[derive(Clone, Copy)]
struct Run {
    next: usize,
    end: usize,
    /// Where the run began: what lies below `next` has been allocated.
    start: usize,
    span: *mut Span,
}

const NO_RUN: Run = Run {
    next: 0,
    end: 0,
    start: 0,
    span: std::ptr::null_mut(),
};

/// What a processor allocates from, and what its write barriers have shaded.
#[repr(C)]
pub struct HeapCache {
    /// By class * 2 + noscan.
    runs: [Run; CLASSES * 2],
    /// The rest of the last block for tiny objects.
    tiny: usize,
    tiny_end: usize,
    /// Tiny objects that did not begin a block, since they were last counted.
    tiny_count: u64,
    pub(crate) grey: Grey,
}

impl HeapCache {
    pub fn new() -> HeapCache {
        HeapCache {
            runs: [NO_RUN; CLASSES * 2],
            tiny: 0,
            tiny_end: 0,
            tiny_count: 0,
            grey: Grey::default(),
        }
    }

    /// Marking begins, with the program stopped: what will be allocated from the runs is born marked.
    pub(crate) fn blacken(&mut self, heap: &Heap) {
        self.tiny_end = 0;
        self.tiny = 0;
        for run in &self.runs {
            if run.next < run.end {
                // SAFETY: the cache's own span.
                let span = unsafe { &*run.span };
                span.set_marks(span.slot_of(run.next), span.slot_of(run.end - 1) + 1);
                heap.marked_bytes
                    .fetch_add((run.end - run.next) as u64, Ordering::Relaxed);
            }
        }
    }

    /// Returns what the cache holds to the heap, so that allocation bits and counters are exact.
    pub(crate) fn flush(&mut self, heap: &Heap) {
        self.tiny_end = 0;
        self.tiny = 0;
        let tiny = std::mem::take(&mut self.tiny_count);
        heap.stats.tiny.fetch_add(tiny, Ordering::Relaxed);
        for (index, run) in self.runs.iter_mut().enumerate() {
            if run.span.is_null() {
                continue;
            }
            count(heap, run, index / 2);
            // SAFETY: the cache's own span.
            let span = unsafe { &*run.span };
            if run.next < run.end {
                span.give_back(span.slot_of(run.next), span.slot_of(run.end - 1) + 1);
                let bytes = (run.end - run.next) as u64;
                heap.pacer.live.fetch_sub(bytes, Ordering::Relaxed);
                if heap.marking.load(Ordering::Relaxed) {
                    heap.marked_bytes.fetch_sub(bytes, Ordering::Relaxed);
                }
            }
            heap.central[index].put(SpanPtr(run.span));
            *run = NO_RUN;
        }
    }

    /// Objects that the cache has allocated but not yet counted: by class, and tiny ones.
    pub(crate) fn uncounted(&self, counts: &mut [u64; CLASSES]) -> u64 {
        for (index, run) in self.runs.iter().enumerate() {
            if !run.span.is_null() {
                counts[index / 2] +=
                    ((run.next - run.start) / usize::from(SIZES[index / 2])) as u64;
            }
        }
        self.tiny_count
    }
}

impl Default for HeapCache {
    fn default() -> HeapCache {
        HeapCache::new()
    }
}

/// The alignment of a part of a block for tiny objects: as much as its size can need.
#[inline(always)]
fn tiny_align(bytes: usize) -> usize {
    match bytes & 7 {
        0 => 8,
        2 | 6 => 2,
        4 => 4,
        _ => 1,
    }
}

/// The pointer mask of a type of at most 64 words.
#[inline(always)]
pub fn small_mask(typ: &RType) -> u64 {
    let bytes = typ.ptr_bytes.div_ceil(64);
    // SAFETY: gc_mask has a bit for each of ptr_bytes/8 words.
    unsafe {
        if bytes <= 1 {
            return u64::from(*typ.gc_mask);
        }
        let mut mask = 0;
        for i in 0..bytes {
            mask |= u64::from(*typ.gc_mask.add(i)) << (8 * i);
        }
        mask
    }
}

impl M {
    /// A zeroed value of the type, on the heap.
    #[inline]
    pub fn alloc(&mut self, typ: *const RType) -> *mut u8 {
        // SAFETY: descriptors are immortal.
        let t = unsafe { &*typ };
        if t.ptr_bytes == 0 {
            return self.alloc_noscan(t.size);
        }
        if t.size <= 512 {
            return self.alloc_words(t.size, small_mask(t));
        }
        self.alloc_repeated(t, 1)
    }

    /// A zeroed object of so many bytes whose word i is a pointer when bit i of `pointers` is set; if there are any, of 512 bytes at most.
    #[inline(always)]
    pub fn alloc_words(&mut self, bytes: usize, pointers: u64) -> *mut u8 {
        if pointers == 0 {
            return self.alloc_noscan(bytes);
        }
        let addr = self.alloc_slot(class_of(bytes) * 2);
        self.rt().heap.or_bits(addr as usize, pointers);
        addr
    }

    /// `n` zeroed values of type `elem`. The caller has checked the size (`array_bytes`).
    #[inline]
    pub fn alloc_array(&mut self, elem: *const RType, n: usize) -> *mut u8 {
        // SAFETY: descriptors are immortal.
        let t = unsafe { &*elem };
        if t.ptr_bytes == 0 {
            return self.alloc_noscan(t.size * n);
        }
        self.alloc_repeated(t, n)
    }

    /// `bytes` zeroed bytes that hold no pointers.
    #[inline]
    pub fn alloc_noscan(&mut self, bytes: usize) -> *mut u8 {
        if bytes < TINY {
            return self.alloc_tiny(bytes);
        }
        if bytes <= MAX_SMALL {
            return self.alloc_slot(class_of(bytes) * 2 + 1);
        }
        self.alloc_large(bytes, true)
    }

    /// As `alloc_noscan`, for memory of which the caller will write the first `filled` bytes at once.
    pub fn alloc_noscan_filled(&mut self, bytes: usize, filled: usize) -> *mut u8 {
        if bytes <= MAX_SMALL {
            return self.alloc_noscan(bytes);
        }
        self.alloc_large_filled(bytes, true, filled)
    }

    /// A part of a block that several small objects share: it lives as long as any of them.
    #[inline(always)]
    fn alloc_tiny(&mut self, bytes: usize) -> *mut u8 {
        let cache = &mut self.p().heap;
        let addr = cache.tiny.next_multiple_of(tiny_align(bytes));
        if addr + bytes <= cache.tiny_end && bytes > 0 {
            cache.tiny = addr + bytes;
            cache.tiny_count += 1;
            return addr as *mut u8;
        }
        self.new_tiny(bytes)
    }

    #[inline(never)]
    fn new_tiny(&mut self, bytes: usize) -> *mut u8 {
        if bytes == 0 {
            return (&raw const ZERO_BASE).cast_mut().cast();
        }
        let block = self.alloc_slot(TINY_RUN);
        let cache = &mut self.p().heap;
        // The block with more room left is kept.
        if TINY - bytes > cache.tiny_end - cache.tiny {
            cache.tiny = block as usize + bytes;
            cache.tiny_end = block as usize + TINY;
        }
        block
    }

    /// A copy of `bytes` (null-ish base for none).
    #[inline]
    pub fn alloc_bytes(&mut self, bytes: &[u8]) -> *mut u8 {
        let addr = self.alloc_noscan(bytes.len());
        // SAFETY: a fresh object of this length.
        unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), addr, bytes.len()) };
        addr
    }

    /// A closure object: the function's handle and `captured` zeroed words, of which those with a bit in `ptr_bits` are pointers.
    #[inline]
    pub fn alloc_closure(&mut self, func: *const Func, captured: usize, ptr_bits: u64) -> *mut u8 {
        let bytes = 8 + 8 * captured;
        let addr = if ptr_bits == 0 {
            self.alloc_noscan(bytes)
        } else {
            let addr = self.alloc_slot(class_of(bytes) * 2);
            let heap = &self.rt().heap;
            heap.or_bits(addr as usize + 8, ptr_bits);
            addr
        };
        // SAFETY: first word of a fresh object.
        unsafe { addr.cast::<*const Func>().write(func) };
        addr
    }

    /// `bytes` zeroed bytes whose word i is a pointer when bit i of `mask` (64 words an element) is set.
    pub fn alloc_scan_words(&mut self, bytes: usize, mask: &[u64]) -> *mut u8 {
        let addr = if bytes <= MAX_SMALL {
            self.alloc_slot(class_of(bytes.max(1)) * 2)
        } else {
            self.alloc_large(bytes, false)
        };
        let heap = &self.rt().heap;
        for (i, &word) in mask.iter().enumerate() {
            if word != 0 {
                heap.or_bits(addr as usize + i * 512, word);
            }
        }
        addr
    }

    /// `n` values of a type with pointers, of any size.
    #[inline(never)]
    fn alloc_repeated(&mut self, t: &RType, n: usize) -> *mut u8 {
        let bytes = t.size * n;
        if bytes == 0 {
            return (&raw const ZERO_BASE).cast_mut().cast();
        }
        let addr = if bytes <= MAX_SMALL {
            self.alloc_slot(class_of(bytes) * 2)
        } else {
            self.alloc_large(bytes, false)
        };
        let heap = &self.rt().heap;
        let base = addr as usize;
        if t.size == 8 {
            // []*T and the like: all ones.
            let mut left = n;
            let mut at = base;
            while left > 0 {
                let count = left.min(64);
                heap.or_bits(
                    at,
                    if count == 64 {
                        u64::MAX
                    } else {
                        (1 << count) - 1
                    },
                );
                at += count * 8;
                left -= count;
            }
        } else if t.ptr_bytes <= 512 {
            let mask = small_mask(t);
            for i in 0..n {
                heap.or_bits(base + i * t.size, mask);
            }
        } else {
            for i in 0..n {
                for byte in 0..t.ptr_bytes.div_ceil(64) {
                    // SAFETY: gc_mask has a bit for each of ptr_bytes/8 words.
                    let mask = unsafe { *t.gc_mask.add(byte) };
                    if mask != 0 {
                        heap.or_bits(base + i * t.size + byte * 64, u64::from(mask));
                    }
                }
            }
        }
        addr
    }

    /// A slot of the cache's run `index` (class * 2 + noscan), zeroed, its pointer bits clear.
    #[inline(always)]
    fn alloc_slot(&mut self, index: usize) -> *mut u8 {
        let run = &mut self.p().heap.runs[index];
        let addr = run.next;
        let next = addr + usize::from(SIZES[index / 2]);
        if next <= run.end {
            run.next = next;
            return addr as *mut u8;
        }
        self.alloc_refill(index)
    }

    #[cold]
    #[inline(never)]
    fn alloc_refill(&mut self, index: usize) -> *mut u8 {
        let rt = self.rt();
        let heap = &rt.heap;
        let run = &mut self.p().heap.runs[index];
        count(heap, run, index / 2);
        let mut span = SpanPtr(run.span);
        let (first, count) = loop {
            if !span.0.is_null() {
                if let Some(found) = span.get().take_run() {
                    break found;
                }
                heap.central[index].put(span);
            }
            span = span_with_room(rt, index);
        };
        let s = span.get();
        let start = s.slot_addr(first);
        let bytes = count * s.size;
        if s.need_zero.load(Ordering::Relaxed) {
            // SAFETY: free slots of the cache's span.
            unsafe { std::ptr::write_bytes(start as *mut u8, 0, bytes) };
        }
        if index.is_multiple_of(2) {
            heap.clear_bits(start, bytes);
        }
        if marking() && heap.marking.load(Ordering::Relaxed) {
            s.set_marks(first, first + count);
            heap.marked_bytes.fetch_add(bytes as u64, Ordering::Relaxed);
        }
        self.p().heap.runs[index] = Run {
            next: start + s.size,
            end: start + bytes,
            start,
            span: span.0,
        };
        self.pay(bytes as u64);
        start as *mut u8
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&mut self, bytes: usize, noscan: bool) -> *mut u8 {
        self.alloc_large_filled(bytes, noscan, 0)
    }

    fn alloc_large_filled(&mut self, bytes: usize, noscan: bool, filled: usize) -> *mut u8 {
        let rt = self.rt();
        let heap = &rt.heap;
        let Some(pages) = bytes.checked_add(PAGE - 1).map(|b| b / PAGE) else {
            out_of_memory()
        };
        let span = new_span(rt, pages, 0, noscan);
        let s = span.get();
        heap.stats.mallocs[0].fetch_add(1, Ordering::Relaxed);
        heap.stats
            .large_alloc
            .fetch_add(s.size as u64, Ordering::Relaxed);
        if s.need_zero.load(Ordering::Relaxed) {
            let filled = filled.min(s.size);
            // SAFETY: the new span's memory.
            unsafe { std::ptr::write_bytes((s.start + filled) as *mut u8, 0, s.size - filled) };
        }
        s.set_allocated(0, 1, true);
        s.used.store(1, Ordering::Relaxed);
        if marking() && heap.marking.load(Ordering::Relaxed) {
            s.set_marks(0, 1);
            heap.marked_bytes
                .fetch_add(s.size as u64, Ordering::Relaxed);
        }
        heap.central[usize::from(noscan)].put(span);
        self.pay(s.size as u64);
        s.start as *mut u8
    }

    /// What `bytes` of allocation cost: a collection may be due, and while one marks, part of that work.
    fn pay(&mut self, bytes: u64) {
        let rt = self.rt();
        let heap = &rt.heap;
        let due = heap.pacer.allocated(bytes);
        if heap.marking.load(Ordering::Relaxed) {
            let debt = heap.pacer.debt(bytes);
            if debt > 0 && !heap.greys.is_empty() {
                let begin = rt.nanotime();
                let mut marker = Marker::new(heap);
                marker.drain(debt);
                heap.pacer.add_credit(marker.scanned);
                marker.share();
                let spent = (rt.nanotime() - begin) as u64;
                rt.gc.assist_ns.fetch_add(spent, Ordering::Relaxed);
            }
        } else if due {
            rt.request_gc();
        }
        if heap.pacer.is_ahead() && !self.g.is_null() {
            self.g().stackguard.store(POISON, Ordering::Relaxed);
        }
    }

    /// Returns what the cache holds to the heap, so that allocation bits and counters are exact.
    pub fn flush_heap_cache(&mut self) {
        let heap = &self.rt().heap;
        self.p().heap.flush(heap);
    }
}

/// A span of the class that has room, from the class's lists, from among those that are to be swept, or new.
fn span_with_room(rt: &'static Runtime, index: usize) -> SpanPtr {
    let heap = &rt.heap;
    let central = &heap.central[index];
    if let Some(span) = central.take_partial() {
        return span;
    }
    for _ in 0..SWEEPS {
        let Some(span) = central.take_stale() else {
            break;
        };
        let swept = heap.sweep_span(span, &rt.gc.specials);
        if swept == Swept::Empty || !span.get().is_full() {
            return span;
        }
        central.put(span);
    }
    new_span(
        rt,
        Heap::pages_for_class(index / 2),
        index / 2,
        index % 2 == 1,
    )
}

fn new_span(rt: &'static Runtime, pages: usize, class: usize, noscan: bool) -> SpanPtr {
    let heap = &rt.heap;
    if !rt.heap_may_take(heap.stats.pages_in_use.load(Ordering::Relaxed), pages) {
        out_of_memory();
    }
    let mut inner = heap.inner.lock().unwrap();
    match heap.new_span(&mut inner, pages, class, noscan) {
        Some(span) => SpanPtr(span),
        None => out_of_memory(),
    }
}

/// Counts what was allocated from a run.
fn count(heap: &Heap, run: &mut Run, class: usize) {
    if !run.span.is_null() {
        let n = ((run.next - run.start) / usize::from(SIZES[class])) as u64;
        heap.stats.mallocs[class].fetch_add(n, Ordering::Relaxed);
        run.start = run.next;
    }
}

/// Bytes of `n` values of a type, if an object can be that large.
pub fn array_bytes(elem: &RType, n: usize) -> Option<usize> {
    elem.size.checked_mul(n).filter(|&bytes| bytes <= 1 << 47)
}

/// Go's end when memory is exhausted.
fn out_of_memory() -> ! {
    crate::traceback::write_stderr(b"fatal error: runtime: out of memory\n");
    // SAFETY: ends the process.
    unsafe { libc::_exit(2) }
}
