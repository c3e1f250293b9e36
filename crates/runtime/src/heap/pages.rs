//! The page allocator: which pages of the reserved address range are free, and which of these the system has taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::sizeclass::PAGE;

/// Pages that `release_some` returns at a time.
const RELEASED_AT_ONCE: usize = 1024;

/// Pages taken: first page, and whether all of them are known to be zero.
pub struct Taken {
    pub page: usize,
    pub zero: bool,
}

/// Free pages as ranges, coalesced. Page numbers count from the heap's base.
pub struct Pages {
    base: usize,
    /// Pages of the whole reservation.
    limit: usize,
    /// Pages below this have been handed out at some time.
    top: usize,
    /// Free ranges below `top`: first page -> count.
    by_start: BTreeMap<usize, usize>,
    /// The same ranges as (count, first page).
    by_size: BTreeSet<(usize, usize)>,
    /// A bit a page below `top`: free, and given back to the system (so it reads as zero).
    released: Vec<u64>,
    pub free: usize,
    pub released_count: usize,
}

impl Pages {
    pub fn new(base: usize, limit: usize) -> Pages {
        Pages {
            base,
            limit,
            top: 0,
            by_start: BTreeMap::new(),
            by_size: BTreeSet::new(),
            released: Vec::new(),
            free: 0,
            released_count: 0,
        }
    }

    /// Pages ever handed out: what the system has been asked for.
    pub fn top(&self) -> usize {
        self.top
    }

    /// Takes `n` consecutive pages, best fit, lowest address among equals.
    pub fn take(&mut self, n: usize) -> Option<Taken> {
        if let Some(&(count, page)) = self.by_size.range((n, 0)..).next() {
            self.remove(page, count);
            if count > n {
                self.insert(page + n, count - n);
            }
            let mut released = 0;
            for p in page..page + n {
                released += self.clear_released(p);
            }
            self.free -= n;
            self.released_count -= released;
            return Some(Taken {
                page,
                zero: released == n,
            });
        }
        if self.top + n > self.limit {
            return None;
        }
        let page = self.top;
        self.top += n;
        self.released.resize(self.top.div_ceil(64), 0);
        Some(Taken { page, zero: true })
    }

    /// Gives pages back.
    pub fn give(&mut self, page: usize, n: usize) {
        self.free += n;
        let (mut start, mut count) = (page, n);
        if let Some((&before, &len)) = self.by_start.range(..page).next_back()
            && before + len == page
        {
            self.remove(before, len);
            start = before;
            count += len;
        }
        if let Some(&len) = self.by_start.get(&(page + n)) {
            self.remove(page + n, len);
            count += len;
        }
        self.insert(start, count);
    }

    /// Returns free pages below page `below` to the system, until at most `keep` free ones are backed by memory: from the highest on, since those are taken last. A
    /// few at a time, as others wait for the lock meanwhile: true when there may be more, below the new `below`.
    pub fn release_some(&mut self, keep: usize, below: &mut usize) -> bool {
        let backed = self.free - self.released_count;
        let Some((&start, &count)) = self.by_start.range(..*below).next_back() else {
            return false;
        };
        if backed <= keep {
            return false;
        }
        let end = (start + count).min(*below);
        let first = start.max(end.saturating_sub(RELEASED_AT_ONCE));
        *below = first;
        let mut fresh = 0;
        for p in first..end {
            let bit = 1 << (p % 64);
            fresh += usize::from(self.released[p / 64] & bit == 0);
            self.released[p / 64] |= bit;
        }
        if fresh > 0 {
            // SAFETY: the range is free heap memory.
            unsafe {
                libc::madvise(
                    (self.base + first * PAGE) as *mut _,
                    (end - first) * PAGE,
                    libc::MADV_DONTNEED,
                );
            }
        }
        self.released_count += fresh;
        true
    }

    fn clear_released(&mut self, page: usize) -> usize {
        let bit = 1 << (page % 64);
        let was = self.released[page / 64] & bit != 0;
        self.released[page / 64] &= !bit;
        usize::from(was)
    }

    fn insert(&mut self, start: usize, count: usize) {
        self.by_start.insert(start, count);
        self.by_size.insert((count, start));
    }

    fn remove(&mut self, start: usize, count: usize) {
        self.by_start.remove(&start);
        self.by_size.remove(&(count, start));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_are_released_from_the_top_until_few_are_backed() {
        let base = crate::heap::reserve(10_000 * PAGE).unwrap();
        let mut pages = Pages::new(base, 10_000);
        pages.take(10_000).unwrap();
        pages.give(100, 50);
        pages.give(1000, 5000);
        let mut below = usize::MAX;
        while pages.release_some(60, &mut below) {}
        assert_eq!(pages.free - pages.released_count, 50);
        assert!(pages.take(5000).unwrap().zero);
        assert!(!pages.take(50).unwrap().zero);
        assert_eq!((pages.free, pages.released_count), (0, 0));
    }

    #[test]
    fn neighbours_coalesce_and_the_best_fit_is_taken() {
        let mut pages = Pages::new(0, 1000);
        let taken: Vec<usize> = (0..5).map(|_| pages.take(10).unwrap().page).collect();
        assert_eq!(taken, [0, 10, 20, 30, 40]);
        pages.give(0, 10);
        pages.give(20, 10);
        pages.give(10, 10);
        pages.give(40, 10);
        assert_eq!(pages.take(10).unwrap().page, 40);
        assert_eq!(pages.take(30).unwrap().page, 0);
        assert!(pages.take(951).is_none());
        assert_eq!(pages.free, 0);
    }
}
