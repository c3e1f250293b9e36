//! Goroutine stacks: their layout, their sizes, and where their memory comes from.
//!
//! ```text
//!   hi   +--------------------------+
//!        | start stub's frame       |  the closure to run
//!        | frames, growing down     |
//!   sp   +--------------------------+
//!        | free                     |
//!        +--------------------------+  stackguard = lo + RED_ZONE
//!        | red zone                 |  return pc of a call whose frame does not fit
//!   lo   +--------------------------+
//! ```
//!
//! A call computes the callee's frame pointer and compares it with `stackguard`: below means morestack (or a poisoned guard).
//! The interpreter runs on the thread's own stack, so the red zone need hold no more than the word that a call stores before it knows that
//! the frame fits. Frames of small compiled leaves, which do not compare, may lie in it, too.
//!
//! Sizes are powers of two from 2048 bytes. Up to 32 KB they come from per-processor lists, refilled from 256 KB chunks; larger
//! ones are mappings of their own, of which a few are kept. Nothing here is inside the garbage-collected heap.

use std::ops::Range;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use crate::learn::{SiteCache, Sites};
use crate::runtime::{Config, M};

/// Size of a goroutine's first stack.
pub const MIN_STACK: usize = 2048;
/// Bytes above `lo` that a frame never occupies.
pub const RED_ZONE: usize = 128;
/// Sizes below this (orders 0..=4: 2 KB to 32 KB) are cached per processor.
pub(crate) const ORDERS: usize = 5;
/// A processor keeps at most this many bytes of each order.
const CACHE_BYTES: usize = 64 << 10;
/// Memory for small stacks comes and goes in such pieces,
const CHUNK: usize = 256 << 10;
/// cut from reservations that grow from one of these to the other. (Each mapping keeps page faults of other threads waiting.)
const RESERVED_FIRST: usize = 4 * CHUNK;
const RESERVED_MOST: usize = 256 * CHUNK;
/// Large stacks kept for reuse, in bytes.
const LARGE_KEPT: usize = 64 << 20;
/// Stacks of at least this size ask for huge pages.
const HUGE: usize = 16 << 20;
/// What a freed stack is filled with when stress asks for it.
pub const POISON_BYTE: u8 = 0xdb;

/// A stack's memory: `[lo, hi)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stack {
    pub lo: usize,
    pub hi: usize,
}

impl Stack {
    pub fn size(&self) -> usize {
        self.hi - self.lo
    }
    pub fn contains(&self, addr: usize) -> bool {
        addr.wrapping_sub(self.lo) < self.hi - self.lo
    }
}

/// A list of free stacks of one size, linked through their first words.
#[derive(Clone, Copy)]
struct FreeList {
    head: *mut usize,
    count: usize,
}

impl Default for FreeList {
    fn default() -> FreeList {
        FreeList {
            head: std::ptr::null_mut(),
            count: 0,
        }
    }
}

impl FreeList {
    fn push(&mut self, lo: usize) {
        let node = lo as *mut usize;
        // SAFETY: a free stack's memory is ours.
        unsafe { *node = self.head as usize };
        self.head = node;
        self.count += 1;
    }

    fn pop(&mut self) -> Option<usize> {
        if self.head.is_null() {
            return None;
        }
        let node = self.head;
        // SAFETY: as in `push`.
        self.head = unsafe { *node } as *mut usize;
        self.count -= 1;
        Some(node as usize)
    }
}

/// The first `size` bytes of a range, if there are any.
fn cut(range: &mut Range<usize>, size: usize) -> Option<usize> {
    let lo = range.start;
    (lo < range.end).then(|| {
        range.start += size;
        lo
    })
}

/// A processor's free stacks.
#[derive(Default)]
pub struct StackCache {
    lists: [FreeList; ORDERS],
    /// Memory that no stack has been cut from, for when the list is empty: its pages are first touched by who runs on them, never under the pool's lock.
    fresh: [Range<usize>; ORDERS],
    /// Stacks handed out here, and their bytes. Written by the processor's thread only.
    allocations: AtomicU64,
    allocated_bytes: AtomicU64,
    pub(crate) sites: SiteCache,
}

impl StackCache {
    /// Bytes of the free stacks kept here. By the processor's thread, or while the world is stopped.
    pub(crate) fn free_bytes(&self) -> u64 {
        let listed = self.lists.iter().enumerate();
        let listed = listed.map(|(order, l)| l.count * (MIN_STACK << order));
        let fresh = self.fresh.iter().map(|range| range.len());
        listed.chain(fresh).sum::<usize>() as u64
    }

    fn take(&mut self, order: usize) -> Option<usize> {
        if let Some(lo) = self.lists[order].pop() {
            return Some(lo);
        }
        cut(&mut self.fresh[order], MIN_STACK << order)
    }

    /// Stacks handed out here, and their bytes.
    pub(crate) fn allocated(&self) -> (u64, u64) {
        (
            self.allocations.load(Ordering::Relaxed),
            self.allocated_bytes.load(Ordering::Relaxed),
        )
    }
}

/// The machine's stacks.
pub struct StackPool {
    inner: Mutex<Inner>,
    poison: bool,
    /// Tell of each stack (GODEBUG=stackinfo=2).
    verbose: bool,
    /// Bytes of stacks that goroutines or processors' lists have.
    pub in_use: AtomicU64,
    /// Bytes mapped for stacks.
    pub mapped: AtomicU64,
    pub counts: Counts,
    pub(crate) sites: Sites,
}

/// Counters for GODEBUG=stackinfo.
#[derive(Default)]
pub struct Counts {
    /// Stacks handed out without a processor, and their bytes. The others are counted where they were handed out (`StackCache`).
    pub allocations: AtomicU64,
    pub allocated_bytes: AtomicU64,
    /// Copies to a larger stack.
    pub grows: AtomicU64,
    pub shrinks: AtomicU64,
    pub copied_bytes: AtomicU64,
    pub frames: AtomicU64,
    pub adjusted_slots: AtomicU64,
    /// Nanoseconds inside growth.
    pub grow_ns: AtomicU64,
}

#[derive(Default)]
struct Inner {
    lists: [FreeList; ORDERS],
    /// The parts of the newest chunks that no stack has been cut from: not in the lists, whose links would touch each page.
    fresh: [Range<usize>; ORDERS],
    /// Chunks that small stacks are cut from: start.
    chunks: Vec<usize>,
    /// What is left of the newest reservation.
    reserved: Range<usize>,
    /// All reservations: (start, bytes).
    reservations: Vec<(usize, usize)>,
    /// Chunks without a stack in use, given back to the system but still reserved.
    spare_chunks: Vec<usize>,
    /// Free large stacks: (size, lo).
    large: Vec<(usize, usize)>,
    large_bytes: usize,
}

pub(crate) fn order_of(size: usize) -> usize {
    (size / MIN_STACK).trailing_zeros() as usize
}

fn map(bytes: usize) -> usize {
    match crate::heap::reserve(bytes) {
        Some(addr) => addr,
        None => {
            crate::traceback::write_stderr(b"fatal error: runtime: out of memory (stack)\n");
            // SAFETY: ends the process.
            unsafe { libc::_exit(2) }
        }
    }
}

/// A mapping of `bytes` at a multiple of `CHUNK`: a small stack's chunk is found from its address.
fn map_aligned(bytes: usize) -> usize {
    let addr = map(bytes + CHUNK);
    let start = addr.next_multiple_of(CHUNK);
    let (before, after) = (start - addr, addr + CHUNK - start);
    // SAFETY: unmaps what is left and right of the aligned part.
    unsafe {
        if before > 0 {
            libc::munmap(addr as *mut _, before);
        }
        if after > 0 {
            libc::munmap((start + bytes) as *mut _, after);
        }
    }
    start
}

impl Inner {
    /// A chunk that no stack has been cut from.
    fn reserve_chunk(&mut self) -> usize {
        if let Some(start) = cut(&mut self.reserved, CHUNK) {
            return start;
        }
        let bytes = match self.reservations.last() {
            Some((_, bytes)) => (bytes * 2).min(RESERVED_MOST),
            None => RESERVED_FIRST,
        };
        let start = map_aligned(bytes);
        self.reservations.push((start, bytes));
        self.reserved = start + CHUNK..start + bytes;
        start
    }
}

impl StackPool {
    pub fn new(config: &Config) -> StackPool {
        StackPool {
            inner: Mutex::new(Inner::default()),
            poison: config.stress.moves() || cfg!(debug_assertions),
            verbose: config.stackinfo >= 2,
            in_use: AtomicU64::new(0),
            mapped: AtomicU64::new(0),
            counts: Counts::default(),
            sites: Sites::default(),
        }
    }

    fn add_chunk(&self, inner: &mut Inner, order: usize) {
        let start = inner.spare_chunks.pop().unwrap_or_else(|| {
            self.mapped.fetch_add(CHUNK as u64, Ordering::Relaxed);
            inner.reserve_chunk()
        });
        inner.chunks.push(start);
        inner.fresh[order] = start..start + CHUNK;
    }

    /// A small stack; from a new chunk when there is none.
    fn take(&self, inner: &mut Inner, order: usize) -> usize {
        if let Some(lo) = inner.lists[order].pop() {
            self.in_use
                .fetch_add((MIN_STACK << order) as u64, Ordering::Relaxed);
            return lo;
        }
        self.take_fresh(inner, order, 1).start
    }

    /// Memory for up to `count` stacks that nobody has used, at least one.
    fn take_fresh(&self, inner: &mut Inner, order: usize, count: usize) -> Range<usize> {
        if inner.fresh[order].is_empty() {
            self.add_chunk(inner, order);
        }
        let fresh = &mut inner.fresh[order];
        let bytes = fresh.len().min(count * (MIN_STACK << order));
        self.in_use.fetch_add(bytes as u64, Ordering::Relaxed);
        fresh.start += bytes;
        fresh.start - bytes..fresh.start
    }

    /// A processor's share of what is free.
    fn refill(&self, cache: &mut StackCache, order: usize) {
        let size = MIN_STACK << order;
        let count = (CACHE_BYTES / 2 / size).max(1);
        let mut inner = self.inner.lock().unwrap();
        if inner.lists[order].head.is_null() {
            cache.fresh[order] = self.take_fresh(&mut inner, order, count);
            return;
        }
        let list = &mut cache.lists[order];
        while list.count < count
            && let Some(lo) = inner.lists[order].pop()
        {
            list.push(lo);
        }
        self.in_use
            .fetch_add((list.count * size) as u64, Ordering::Relaxed);
    }

    /// Takes a small stack back.
    fn put_back(&self, inner: &mut Inner, order: usize, lo: usize) {
        self.in_use
            .fetch_sub((MIN_STACK << order) as u64, Ordering::Relaxed);
        inner.lists[order].push(lo);
    }

    fn alloc_large(&self, size: usize) -> usize {
        self.in_use.fetch_add(size as u64, Ordering::Relaxed);
        let mut inner = self.inner.lock().unwrap();
        if let Some(at) = inner.large.iter().rposition(|&(s, _)| s == size) {
            let (_, lo) = inner.large.swap_remove(at);
            inner.large_bytes -= size;
            return lo;
        }
        drop(inner);
        self.mapped.fetch_add(size as u64, Ordering::Relaxed);
        let lo = map(size);
        if size >= HUGE {
            // A stack that has grown this far will be written from end to end: fewer, larger page faults.
            // SAFETY: advice on a fresh mapping of ours.
            unsafe { libc::madvise(lo as *mut _, size, libc::MADV_HUGEPAGE) };
        }
        lo
    }

    fn free_large(&self, lo: usize, size: usize) {
        self.in_use.fetch_sub(size as u64, Ordering::Relaxed);
        let mut inner = self.inner.lock().unwrap();
        if inner.large_bytes + size <= LARGE_KEPT {
            inner.large.push((size, lo));
            inner.large_bytes += size;
            return;
        }
        drop(inner);
        self.unmap(lo, size);
    }

    fn unmap(&self, lo: usize, size: usize) {
        // SAFETY: a mapping of our own that nothing uses any more.
        unsafe { libc::munmap(lo as *mut _, size) };
        self.mapped.fetch_sub(size as u64, Ordering::Relaxed);
    }

    /// After a collection: large stacks go back to the system, and chunks of which no stack is in use.
    pub fn trim(&self) {
        let mut inner = self.inner.lock().unwrap();
        for (size, lo) in std::mem::take(&mut inner.large) {
            self.unmap(lo, size);
        }
        inner.large_bytes = 0;
        let free: usize = inner
            .lists
            .iter()
            .enumerate()
            .map(|(order, l)| l.count * (MIN_STACK << order))
            .sum();
        if free < 4 * CHUNK || free * 2 < inner.chunks.len() * CHUNK {
            return;
        }
        // Count free bytes by chunk; a chunk that is wholly free leaves the lists.
        let mut stacks: Vec<(usize, usize)> = Vec::new();
        for order in 0..ORDERS {
            while let Some(lo) = inner.lists[order].pop() {
                stacks.push((lo, order));
            }
        }
        let mut free_in: rustc_hash::FxHashMap<usize, usize> = rustc_hash::FxHashMap::default();
        for &(lo, order) in &stacks {
            *free_in.entry(lo & !(CHUNK - 1)).or_default() += MIN_STACK << order;
        }
        for fresh in &mut inner.fresh {
            if fresh.start < fresh.end {
                let free = free_in.entry(fresh.start & !(CHUNK - 1)).or_default();
                *free += fresh.len();
                if *free == CHUNK {
                    *fresh = 0..0;
                }
            }
        }
        for &(lo, order) in &stacks {
            if free_in[&(lo & !(CHUNK - 1))] < CHUNK {
                inner.lists[order].push(lo);
            }
        }
        let Inner {
            chunks,
            spare_chunks,
            ..
        } = &mut *inner;
        chunks.retain(|start| {
            let whole = free_in.get(start) == Some(&CHUNK);
            if whole {
                // SAFETY: free stack memory.
                unsafe { libc::madvise(*start as *mut _, CHUNK, libc::MADV_DONTNEED) };
                spare_chunks.push(*start);
            }
            !whole
        });
    }
}

impl StackPool {
    /// As `M::alloc_stack`, for threads without a processor.
    pub(crate) fn alloc_shared(&self, size: usize) -> Stack {
        let order = order_of(size);
        let lo = if order >= ORDERS {
            self.alloc_large(size)
        } else {
            self.take(&mut self.inner.lock().unwrap(), order)
        };
        self.counts.allocations.fetch_add(1, Ordering::Relaxed);
        self.counts
            .allocated_bytes
            .fetch_add(size as u64, Ordering::Relaxed);
        self.report_allocation(lo, size)
    }

    /// As `M::free_stack`, for threads without a processor.
    pub(crate) fn free_shared(&self, stack: Stack) {
        let size = stack.size();
        self.report_free(stack);
        let order = order_of(size);
        if order >= ORDERS {
            self.free_large(stack.lo, size);
        } else {
            self.put_back(&mut self.inner.lock().unwrap(), order, stack.lo);
        }
    }

    fn report_allocation(&self, lo: usize, size: usize) -> Stack {
        if self.verbose {
            let text = format!("stackalloc {size}\n  allocated {lo:#x}\n");
            crate::traceback::write_stderr(text.as_bytes());
        }
        Stack { lo, hi: lo + size }
    }

    fn report_free(&self, stack: Stack) {
        if self.poison {
            // SAFETY: nothing uses this memory any more.
            unsafe { std::ptr::write_bytes(stack.lo as *mut u8, POISON_BYTE, stack.size()) };
        }
        if self.verbose {
            let text = format!("stackfree {:#x} {}\n", stack.lo, stack.size());
            crate::traceback::write_stderr(text.as_bytes());
        }
    }
}

impl M {
    /// A stack of `size` bytes, a power of two of at least `MIN_STACK`. Its contents are arbitrary.
    pub fn alloc_stack(&mut self, size: usize) -> Stack {
        let rt = self.rt();
        let pool = &rt.stacks;
        let order = order_of(size);
        let lo = if order >= ORDERS {
            pool.alloc_large(size)
        } else {
            let cache = &mut self.p().stacks;
            cache.take(order).unwrap_or_else(|| {
                pool.refill(cache, order);
                cache.take(order).expect("refilled")
            })
        };
        let cache = &self.p().stacks;
        let add = |counter: &AtomicU64, more: u64| {
            counter.store(counter.load(Ordering::Relaxed) + more, Ordering::Relaxed);
        };
        add(&cache.allocations, 1);
        add(&cache.allocated_bytes, size as u64);
        pool.report_allocation(lo, size)
    }

    /// Takes a stack back.
    pub fn free_stack(&mut self, stack: Stack) {
        let rt = self.rt();
        let pool = &rt.stacks;
        let size = stack.size();
        pool.report_free(stack);
        let order = order_of(size);
        if order >= ORDERS {
            pool.free_large(stack.lo, size);
            return;
        }
        let list = &mut self.p().stacks.lists[order];
        list.push(stack.lo);
        if list.count * size > CACHE_BYTES {
            let mut inner = pool.inner.lock().unwrap();
            while list.count * size > CACHE_BYTES / 2 {
                if let Some(lo) = list.pop() {
                    pool.put_back(&mut inner, order, lo);
                }
            }
        }
    }
}

impl Drop for StackPool {
    fn drop(&mut self) {
        let inner = self.inner.get_mut().unwrap();
        for &(start, bytes) in &inner.reservations {
            // SAFETY: the machine is gone, so nobody uses its stacks.
            unsafe { libc::munmap(start as *mut _, bytes) };
        }
        for &(size, lo) in &inner.large {
            // SAFETY: as above.
            unsafe { libc::munmap(lo as *mut _, size) };
        }
    }
}
