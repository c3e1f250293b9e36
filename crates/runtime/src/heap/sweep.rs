//! Sweeping: what is not marked becomes free. It happens after marking, beside the running program: allocation sweeps the spans that it
//! takes, and what remains is swept in the background, all of it before the next collection begins. It touches span metadata only, never the objects.

use std::sync::atomic::Ordering;

use super::Heap;
use super::central::SpanPtr;
use super::special::Specials;

/// What became of a swept span.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Swept {
    /// No object is left.
    Empty,
    /// There are objects, and maybe room.
    InUse,
}

impl Heap {
    /// Frees the unmarked objects of a span that the caller has taken from its list, and clears the marks.
    pub(crate) fn sweep_span(&self, span: SpanPtr, specials: &Specials) -> Swept {
        let s = span.get();
        if s.has_specials.load(Ordering::Acquire) {
            specials.sweep(s);
        }
        let (mut freed, mut used) = (0, 0);
        for word in 0..s.bit_words() {
            let mark = s.mark[word].load(Ordering::Relaxed);
            let alloc = s.alloc[word].load(Ordering::Relaxed);
            freed += (alloc & !mark).count_ones();
            used += (alloc & mark).count_ones();
            s.alloc[word].store(alloc & mark, Ordering::Relaxed);
            s.mark[word].store(0, Ordering::Relaxed);
        }
        if freed > 0 {
            s.need_zero.store(true, Ordering::Relaxed);
            let class = usize::from(s.class);
            self.stats.frees[class].fetch_add(u64::from(freed), Ordering::Relaxed);
            if class == 0 {
                self.stats
                    .large_free
                    .fetch_add(s.size as u64, Ordering::Relaxed);
            }
        }
        s.used.store(used, Ordering::Relaxed);
        s.hint.store(0, Ordering::Relaxed);
        if used == 0 {
            Swept::Empty
        } else {
            Swept::InUse
        }
    }

    /// Sweeps one span that nobody has swept since the last collection; false when there is none. Large objects come first: they bring most.
    pub(crate) fn sweep_one(&self, specials: &Specials, class: &mut usize) -> bool {
        while let Some(central) = self.central.get(*class) {
            let Some(span) = central.take_stale() else {
                *class += 1;
                continue;
            };
            match self.sweep_span(span, specials) {
                Swept::Empty => self.free_span(&mut self.inner.lock().unwrap(), span.0),
                Swept::InUse => central.put(span),
            }
            return true;
        }
        false
    }
}
