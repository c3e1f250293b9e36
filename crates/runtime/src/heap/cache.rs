//! Allocation: a processor's runs of free slots, the short path over them, and large objects.

use std::sync::atomic::Ordering;

use bytecode::func::Func;
use bytecode::rtype::RType;

use super::sizeclass::{CLASSES, MAX_SMALL, PAGE, SIZES, class_of};
use super::span::Span;
use super::{Heap, HeapInner, ZERO_BASE};
use crate::runtime::M;

/// A run of free, zeroed slots.
#[derive(Clone, Copy)]
struct Run {
    next: usize,
    end: usize,
    /// Where the run began: what lies below `next` has been allocated.
    start: usize,
    span: *mut Span,
}

/// A processor's runs, by class * 2 + noscan.
pub struct HeapCache {
    runs: [Run; CLASSES * 2],
}

impl HeapCache {
    pub fn new() -> HeapCache {
        let none = Run {
            next: 0,
            end: 0,
            start: 0,
            span: std::ptr::null_mut(),
        };
        HeapCache {
            runs: [none; CLASSES * 2],
        }
    }
}

impl Default for HeapCache {
    fn default() -> HeapCache {
        HeapCache::new()
    }
}

/// The pointer mask of a type of at most 64 words.
#[inline(always)]
fn small_mask(typ: &RType) -> u64 {
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
            let addr = self.alloc_slot(class_of(t.size) * 2);
            self.rt().heap.or_bits(addr as usize, small_mask(t));
            return addr;
        }
        self.alloc_repeated(t, 1)
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
        if bytes <= MAX_SMALL {
            if bytes == 0 {
                return (&raw const ZERO_BASE).cast_mut().cast();
            }
            return self.alloc_slot(class_of(bytes) * 2 + 1);
        }
        self.alloc_large(bytes, true)
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
        let (class, noscan) = (index / 2, index % 2 == 1);
        let heap = &rt.heap;
        let mut inner = heap.inner.lock().unwrap();
        let run = &mut self.p().heap.runs[index];
        retire(&mut inner, run, class);
        let mut span = run.span;
        let (first, count) = loop {
            if !span.is_null() {
                // SAFETY: the cache's own span.
                let s = unsafe { &mut *span };
                if let Some(found) = s.take_run() {
                    break found;
                }
                s.cached = false;
            }
            span = match inner.partial[index].pop() {
                Some(span) => span,
                None => {
                    let pages = Heap::pages_for_class(class);
                    if !rt.heap_may_take(inner.stats.pages_in_use, pages) {
                        out_of_memory();
                    }
                    match heap.new_span(&mut inner, pages, class, noscan) {
                        Some(span) => span,
                        None => out_of_memory(),
                    }
                }
            };
            // SAFETY: a span on no list any more.
            unsafe {
                (*span).listed = false;
                (*span).cached = true;
            }
        };
        // SAFETY: the cache's own span.
        let s = unsafe { &mut *span };
        let start = s.slot_addr(first);
        let bytes = count * s.size;
        if s.need_zero {
            // SAFETY: free slots of the cache's span.
            unsafe { std::ptr::write_bytes(start as *mut u8, 0, bytes) };
        }
        if !noscan {
            heap.clear_bits(start, bytes);
        }
        *run = Run {
            next: start + s.size,
            end: start + bytes,
            start,
            span,
        };
        drop(inner);
        let live = heap.live.fetch_add(bytes as u64, Ordering::Relaxed) + bytes as u64;
        if live >= heap.trigger.load(Ordering::Relaxed) {
            rt.request_gc();
        }
        start as *mut u8
    }

    #[cold]
    #[inline(never)]
    fn alloc_large(&mut self, bytes: usize, noscan: bool) -> *mut u8 {
        let rt = self.rt();
        let heap = &rt.heap;
        let Some(pages) = bytes.checked_add(PAGE - 1).map(|b| b / PAGE) else {
            out_of_memory()
        };
        let mut inner = heap.inner.lock().unwrap();
        if !rt.heap_may_take(inner.stats.pages_in_use, pages) {
            out_of_memory();
        }
        let Some(span) = heap.new_span(&mut inner, pages, 0, noscan) else {
            out_of_memory()
        };
        // SAFETY: a new span.
        let s = unsafe { &mut *span };
        s.alloc[0] = 1;
        s.used = 1;
        inner.stats.mallocs[0] += 1;
        inner.stats.large_alloc += s.size as u64;
        drop(inner);
        if s.need_zero {
            // SAFETY: the new span's memory.
            unsafe { std::ptr::write_bytes(s.start as *mut u8, 0, s.size) };
        }
        let live = heap.live.fetch_add(s.size as u64, Ordering::Relaxed) + s.size as u64;
        if live >= heap.trigger.load(Ordering::Relaxed) {
            rt.request_gc();
        }
        s.start as *mut u8
    }

    /// Returns what the cache holds to the heap, so that allocation bits and counters are exact.
    pub fn flush_heap_cache(&mut self) {
        let rt = self.rt();
        let mut inner = rt.heap.inner.lock().unwrap();
        for index in 0..CLASSES * 2 {
            let run = &mut self.p().heap.runs[index];
            if run.span.is_null() {
                continue;
            }
            retire(&mut inner, run, index / 2);
            // SAFETY: the cache's own span.
            let s = unsafe { &mut *run.span };
            let (first, end) = (s.slot_of(run.next), s.slot_of(run.end - 1) + 1);
            if run.next < run.end {
                s.set_allocated(first, end, false);
                s.used -= (end - first) as u32;
                s.hint = s.hint.min(first as u32 / 64);
                rt.heap
                    .live
                    .fetch_sub((run.end - run.next) as u64, Ordering::Relaxed);
            }
            s.cached = false;
            if s.used < s.slots {
                s.listed = true;
                inner.partial[index].push(run.span);
            }
            *run = Run {
                next: 0,
                end: 0,
                start: 0,
                span: std::ptr::null_mut(),
            };
        }
    }

    /// Objects and bytes that the cache has allocated but not yet counted: (by class).
    pub(crate) fn uncounted(&mut self) -> [u64; CLASSES] {
        let mut counts = [0; CLASSES];
        for (index, run) in self.p().heap.runs.iter().enumerate() {
            if !run.span.is_null() {
                counts[index / 2] +=
                    ((run.next - run.start) / usize::from(SIZES[index / 2])) as u64;
            }
        }
        counts
    }
}

/// Counts what was allocated from a run.
fn retire(inner: &mut HeapInner, run: &mut Run, class: usize) {
    if !run.span.is_null() {
        inner.stats.mallocs[class] += ((run.next - run.start) / usize::from(SIZES[class])) as u64;
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
