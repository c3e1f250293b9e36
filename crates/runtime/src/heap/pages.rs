//! The page allocator: which pages of the reserved address range are free, and which of these the system has taken back.

use std::collections::{BTreeMap, BTreeSet};

use super::sizeclass::PAGE;

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

    /// Returns free pages to the system until at most `keep` free ones are backed by memory. Large ranges first.
    pub fn release(&mut self, keep: usize) -> usize {
        let mut backed = self.free - self.released_count;
        let mut total = 0;
        let ranges: Vec<(usize, usize)> = self.by_size.iter().rev().copied().collect();
        for (count, start) in ranges {
            if backed <= keep {
                break;
            }
            let mut fresh = 0;
            for p in start..start + count {
                let bit = 1 << (p % 64);
                if self.released[p / 64] & bit == 0 {
                    self.released[p / 64] |= bit;
                    fresh += 1;
                }
            }
            if fresh > 0 {
                // SAFETY: the range is free heap memory.
                unsafe {
                    libc::madvise(
                        (self.base + start * PAGE) as *mut _,
                        count * PAGE,
                        libc::MADV_DONTNEED,
                    );
                }
                backed -= fresh;
                total += fresh;
            }
        }
        self.released_count += total;
        total
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
