//! The process's allocator: the first thread has two megabytes of its own, a compiling thread as many, all else is mimalloc's.
//!
//! A short program allocates little, in one thread. A general allocator spreads that over pages by size and thread; packed, it fits
//! the one large page that the system grants at one fault, and what is freed is soon used again while it is in the cache. When the region is full,
//! and in other threads, blocks come from mimalloc.
//!
//! Most of what a compiler allocates lives for one function. A small one takes half as many pages here as where each size has pages of its own, and the first touch
//! of each is a page fault: a tenth of the compiler's time.

use std::alloc::{GlobalAlloc, Layout};
use std::cell::{Cell, UnsafeCell};
use std::ptr;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use mimalloc::MiMalloc;

/// Bytes of a region.
const START: usize = 2 << 20;
/// Larger blocks are mimalloc's from the beginning.
const LARGEST: usize = 256 << 10;
/// Sizes and addresses are multiples of this.
const GRAIN: usize = 16;
/// Blocks up to this size have a list for each multiple of the grain; larger ones, for each quarter of a power of two.
const SMALL: usize = 1024;
const SMALL_CLASSES: usize = SMALL / GRAIN + 1;
/// Four for each power of two from `SMALL` to `LARGEST`.
const CLASSES: usize = SMALL_CLASSES + 4 * (LARGEST / SMALL).ilog2() as usize + 1;

pub struct Allocator;

/// The regions' address, 0 before the first allocation.
static BASE: AtomicUsize = AtomicUsize::new(0);
/// Where the regions are when there are none: no block is there.
const NOWHERE: usize = usize::MAX - START * REGIONS.len();

thread_local! {
    /// The region that is this thread's; null for none.
    static OWNED: Cell<*mut Region> = const { Cell::new(ptr::null_mut()) };
}

/// A region, as its owner knows it.
struct Region {
    base: *mut u8,
    /// Offset of the first byte that has not been handed out.
    next: usize,
    /// Blocks that were freed, by class; the first word of each is the address of the next.
    free: [*mut u8; CLASSES],
}

struct Shared(UnsafeCell<Region>);

// SAFETY: only the owner looks into it.
unsafe impl Sync for Shared {}

/// They follow each other in memory.
static REGIONS: [Shared; 2] = [const { Shared(UnsafeCell::new(Region::new(ptr::null_mut()))) }; 2];
const FIRST: usize = 0;
const COMPILING: usize = 1;

/// Whether a thread has the compiling thread's region.
static COMPILES: AtomicBool = AtomicBool::new(false);

/// Does a compiling thread's work, which gets its memory from the region for that, unless another such thread has it.
pub fn compile(work: &mut dyn FnMut()) {
    let base = BASE.load(Ordering::Relaxed);
    if base == NOWHERE || !OWNED.get().is_null() || COMPILES.swap(true, Ordering::Acquire) {
        work();
        return;
    }
    let region = REGIONS[COMPILING].0.get();
    // SAFETY: the region is this thread's; what it knows of free blocks stays as the thread before has left it.
    unsafe { (*region).base = (base + START * COMPILING) as *mut u8 };
    OWNED.set(region);
    work();
    OWNED.set(ptr::null_mut());
    COMPILES.store(false, Ordering::Release);
}

/// The class of blocks of at least that size (at most `LARGEST`), and their size.
fn class(size: usize) -> (usize, usize) {
    if size <= SMALL {
        let grains = size.div_ceil(GRAIN).max(1);
        return (grains, grains * GRAIN);
    }
    // `size` is above 4 * quarter, and at most 8 * quarter.
    let quarter = 1 << ((size - 1).ilog2() - 2);
    let quarters = size.div_ceil(quarter);
    let octave = (quarter * 4 / SMALL).ilog2() as usize;
    (
        SMALL_CLASSES + 4 * octave + quarters - 5,
        quarters * quarter,
    )
}

impl Region {
    /// `base` has START bytes, and is aligned to as many; null as long as nobody is the owner.
    const fn new(base: *mut u8) -> Region {
        Region {
            base,
            next: 0,
            free: [ptr::null_mut(); CLASSES],
        }
    }

    /// A block; what is in it is left of what was there before.
    fn take(&mut self, layout: Layout) -> Option<*mut u8> {
        if layout.size() > LARGEST {
            return None;
        }
        let (class, size) = class(layout.size());
        let head = self.free[class];
        if !head.is_null() && layout.align() <= GRAIN {
            // SAFETY: a block in a list is in nobody's use, and its first word is such an address.
            self.free[class] = unsafe { head.cast::<*mut u8>().read() };
            return Some(head);
        }
        let at = self.next.next_multiple_of(layout.align().max(GRAIN));
        let end = at + size;
        if end > START {
            return None;
        }
        self.next = end;
        // SAFETY: within the region.
        Some(unsafe { self.base.add(at) })
    }

    /// Takes a block back.
    ///
    /// # Safety
    /// `take` gave it, for a size of the same class, and nobody uses it.
    unsafe fn give(&mut self, block: *mut u8, layout: Layout) {
        let (class, size) = class(layout.size());
        let offset = block as usize - self.base as usize;
        if offset + size == self.next {
            self.next = offset;
            return;
        }
        // SAFETY: a block has room for an address, and is aligned for it.
        unsafe { block.cast::<*mut u8>().write(self.free[class]) };
        self.free[class] = block;
    }

    /// Whether the block can be of another size where it is; if so, it is.
    fn resize(&mut self, block: *mut u8, old: usize, new: usize) -> bool {
        if new > LARGEST {
            return false;
        }
        let (old, new) = (class(old).1, class(new).1);
        let offset = block as usize - self.base as usize;
        let last = offset + old == self.next && offset + new <= START;
        if last {
            self.next = offset + new;
        }
        last || old == new
    }
}

/// This thread's region; the first thread that asks has the first one.
fn owned() -> Option<*mut Region> {
    let region = OWNED.get();
    if !region.is_null() {
        return Some(region);
    }
    if BASE.load(Ordering::Relaxed) != 0 {
        return None;
    }
    map();
    owned()
}

/// This thread's region, if the block is in it.
fn owner(block: *mut u8) -> Option<*mut Region> {
    let region = OWNED.get();
    // SAFETY: not null, it is one of REGIONS, and this thread's.
    let is_there = !region.is_null()
        && (block as usize).wrapping_sub(unsafe { (*region).base } as usize) < START;
    is_there.then_some(region)
}

/// Maps the regions, aligned so that one large page can hold the first, which is the calling thread's. The first allocation comes before there are threads.
#[cold]
fn map() {
    let size = START * REGIONS.len();
    // SAFETY: fresh mappings; what is left and right of the aligned part is given back. No other thread looks into REGIONS.
    unsafe {
        let addr = libc::mmap(
            ptr::null_mut(),
            size + START,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if addr == libc::MAP_FAILED {
            BASE.store(NOWHERE, Ordering::Relaxed);
            return;
        }
        let start = (addr as usize).next_multiple_of(START);
        if start > addr as usize {
            libc::munmap(addr, start - addr as usize);
        }
        let end = addr as usize + size + START;
        if end > start + size {
            libc::munmap((start + size) as *mut _, end - start - size);
        }
        libc::madvise(start as *mut _, START, libc::MADV_HUGEPAGE);
        (*REGIONS[FIRST].0.get()).base = start as *mut u8;
        BASE.store(start, Ordering::Relaxed);
    }
    OWNED.set(REGIONS[FIRST].0.get());
}

fn is_of_regions(block: *mut u8) -> bool {
    (block as usize).wrapping_sub(BASE.load(Ordering::Relaxed)) < START * REGIONS.len()
}

fn take(layout: Layout) -> Option<*mut u8> {
    // SAFETY: the owner's, and nothing in `take` allocates.
    owned().and_then(|region| unsafe { (*region).take(layout) })
}

// SAFETY: blocks of the region are disjoint, aligned and not reused while in use; all others are mimalloc's.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        match take(layout) {
            Some(block) => block,
            // SAFETY: the caller's promise.
            None => unsafe { MiMalloc.alloc(layout) },
        }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if let Some(region) = owner(block) {
            // SAFETY: the caller's promise; the owner's.
            unsafe { (*region).give(block, layout) };
        } else if !is_of_regions(block) {
            // SAFETY: the caller's promise; the block is not of a region.
            unsafe { MiMalloc.dealloc(block, layout) };
        }
        // What another thread frees is forgotten.
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match take(layout) {
            Some(block) => {
                // It may have been handed out before.
                // SAFETY: a block of that size.
                unsafe { block.write_bytes(0, layout.size()) };
                block
            }
            // SAFETY: the caller's promise.
            None => unsafe { MiMalloc.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if !is_of_regions(block) {
            // SAFETY: the caller's promise; the block is not of a region.
            return unsafe { MiMalloc.realloc(block, layout, size) };
        }
        // SAFETY: the owner's.
        if owner(block)
            .is_some_and(|region| unsafe { (*region).resize(block, layout.size(), size) })
        {
            return block;
        }
        // SAFETY: the caller promises a valid layout; both blocks are valid for the smaller size, and the old one is not used afterwards.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, size.min(layout.size()));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use std::alloc::{GlobalAlloc, Layout};
    use std::collections::VecDeque;
    use std::sync::Mutex;

    use super::*;

    /// Held by tests that take the region for compiling.
    static COMPILED: Mutex<()> = Mutex::new(());

    /// The test's process uses the allocator: enough blocks of all sizes to pass from the region to mimalloc, some growing, some freed,
    /// on several threads. Each keeps what was written to it.
    #[test]
    fn blocks_keep_what_is_written() {
        let _alone = COMPILED.lock().expect("no test fails with it");
        std::thread::scope(|scope| {
            for seed in 1..5u8 {
                scope.spawn(move || write_and_look(seed, &Allocator));
                scope.spawn(move || compile(&mut || write_and_look(seed, &Allocator)));
            }
        });
    }

    #[test]
    fn one_thread_at_a_time_has_the_region_for_compiling() {
        let _alone = COMPILED.lock().expect("no test fails with it");
        fn is_there() -> bool {
            let block = Box::new([1u8; 100]);
            let place = (block.as_ptr() as usize).wrapping_sub(BASE.load(Ordering::Relaxed));
            place / START == COMPILING
        }
        /// Whether a new thread gets the region, which does something while it has it.
        fn gets_it(meanwhile: fn()) -> bool {
            let thread = std::thread::spawn(move || {
                let mut was_there = false;
                compile(&mut || {
                    was_there = is_there();
                    meanwhile();
                });
                assert!(!is_there());
                was_there
            });
            thread.join().expect("no panic")
        }
        for _ in 0..2 {
            assert!(gets_it(|| assert!(!gets_it(|| ()))));
        }
    }

    fn write_and_look(seed: u8, allocator: &dyn GlobalAlloc) {
        let mut kept: VecDeque<(u8, *mut u8, Layout)> = VecDeque::new();
        let mut random = u32::from(seed);
        let holds = |block: *mut u8, size: usize, mark: u8| {
            // SAFETY: a block of that size.
            let bytes = unsafe { std::slice::from_raw_parts(block, size) };
            bytes.iter().all(|&b| b == mark)
        };
        for round in 0..20_000u32 {
            random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let size = 1 + (random >> 8) as usize % (1 << (random >> 28));
            let align = 1 << ((random >> 4) % 8);
            let mark = (round as u8) ^ seed;
            let mut layout = Layout::from_size_align(size, align).expect("a layout");
            // SAFETY: blocks are used within their layouts and freed once.
            unsafe {
                let mut block = allocator.alloc_zeroed(layout);
                assert_eq!(block as usize % align, 0, "aligned");
                assert!(holds(block, size, 0), "zeroed");
                block.write_bytes(mark, size);
                if round % 3 == 0 {
                    let new = if round % 2 == 0 {
                        size * 3
                    } else {
                        size.div_ceil(3)
                    };
                    block = allocator.realloc(block, layout, new);
                    assert!(holds(block, size.min(new), mark), "{round}");
                    block.write_bytes(mark, new);
                    layout = Layout::from_size_align(new, align).expect("a layout");
                }
                kept.push_back((mark, block, layout));
                if kept.len() > 200 {
                    let at = random as usize % kept.len();
                    let (mark, block, layout) = kept.swap_remove_back(at).expect("not empty");
                    assert!(holds(block, layout.size(), mark), "{round}");
                    allocator.dealloc(block, layout);
                }
            }
        }
    }

    /// A region of this test, and mimalloc when it is full.
    struct Own(UnsafeCell<Region>);

    // SAFETY: as the process's allocator.
    unsafe impl GlobalAlloc for Own {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: one thread uses it.
            let taken = unsafe { (*self.0.get()).take(layout) };
            // SAFETY: the caller's promise.
            taken.unwrap_or_else(|| unsafe { MiMalloc.alloc(layout) })
        }

        unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
            // SAFETY: the caller's promise; one thread uses the region.
            unsafe {
                let region = &mut *self.0.get();
                if (block as usize).wrapping_sub(region.base as usize) < START {
                    region.give(block, layout);
                } else {
                    MiMalloc.dealloc(block, layout);
                }
            }
        }
    }

    #[test]
    fn the_owner_s_blocks_keep_what_is_written() {
        let layout = Layout::from_size_align(START, START).expect("a layout");
        for seed in 7..10 {
            // SAFETY: a layout that is not empty.
            let base = unsafe { MiMalloc.alloc(layout) };
            write_and_look(seed, &Own(UnsafeCell::new(Region::new(base))));
            // SAFETY: what was just allocated.
            unsafe { MiMalloc.dealloc(base, layout) };
        }
    }

    #[test]
    fn what_is_freed_is_used_again() {
        let layout = Layout::from_size_align(START, START).expect("a layout");
        // SAFETY: blocks are used within their layouts and freed once.
        unsafe {
            let base = MiMalloc.alloc(layout);
            let mut region = Region::new(base);
            let small = Layout::from_size_align(40, 8).expect("a layout");
            let first = region.take(small).expect("room");
            let second = region.take(small).expect("room");
            region.give(first, small);
            assert_eq!(region.take(small), Some(first));
            assert!(region.resize(second, 40, 4000), "the last one grows");
            assert!(region.resize(first, 40, 48), "of the same class");
            assert!(!region.resize(first, 40, 49));
            region.give(second, Layout::from_size_align(4000, 8).expect("a layout"));
            assert_eq!(
                region.take(small),
                Some(second),
                "the last one is taken back whole"
            );
            MiMalloc.dealloc(base, layout);
        }
    }

    #[test]
    fn classes_are_in_order_and_have_room() {
        let mut last = (0, 0);
        for size in 0..=LARGEST {
            let (class, room) = class(size);
            assert!(
                room >= size && room % GRAIN == 0 && class < CLASSES,
                "{size}"
            );
            assert!(
                room <= size.max(GRAIN) + size.max(4 * GRAIN) / 4,
                "{size}: {room}"
            );
            assert!(class == last.0 && room == last.1 || class > last.0 && room > last.1);
            assert_eq!(super::class(room), (class, room), "{size}");
            last = (class, room);
        }
    }
}
