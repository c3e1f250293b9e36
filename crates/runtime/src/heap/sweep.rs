//! Sweeping: what is not marked becomes free. Touches span metadata only, never the objects.

use std::sync::atomic::Ordering;

use super::Heap;

/// What a sweep found.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub struct Swept {
    pub live_bytes: u64,
    pub live_objects: u64,
    pub freed_objects: u64,
}

impl Heap {
    /// Frees every unmarked object and clears the marks. All caches have been flushed.
    pub(crate) fn sweep(&self) -> Swept {
        let mut inner = self.inner.lock().unwrap();
        let inner = &mut *inner;
        let mut swept = Swept::default();
        for list in &mut inner.partial {
            list.clear();
        }
        let mut at = 0;
        while at < inner.spans.len() {
            let span = inner.spans[at];
            // SAFETY: the list holds valid spans; the program is stopped.
            let s = unsafe { &mut *span };
            let (mut freed, mut used) = (0, 0);
            for (alloc, mark) in s.alloc.iter_mut().zip(&mut s.mark) {
                let mark = mark.get_mut();
                freed += (*alloc & !*mark).count_ones();
                *alloc &= *mark;
                used += alloc.count_ones();
                *mark = 0;
            }
            let class = usize::from(s.class);
            inner.stats.frees[class] += u64::from(freed);
            swept.freed_objects += u64::from(freed);
            if freed > 0 {
                s.need_zero = true;
            }
            s.used = used;
            s.hint = 0;
            s.listed = false;
            if used == 0 {
                if class == 0 {
                    inner.stats.large_free += s.size as u64;
                }
                // The last span takes this one's place in the list.
                self.free_span(inner, span);
                continue;
            }
            swept.live_objects += u64::from(used);
            swept.live_bytes += u64::from(used) * s.size as u64;
            if used < s.slots {
                s.listed = true;
                inner.partial[class * 2 + usize::from(s.noscan)].push(span);
            }
            at += 1;
        }
        self.live.store(swept.live_bytes, Ordering::Relaxed);
        swept
    }
}
