//! runtime.ReadMemStats, and what GODEBUG=stackinfo prints at exit.

use std::sync::atomic::{AtomicU64, Ordering};

use crate::heap::sizeclass::{CLASSES, PAGE, SIZES};
use crate::heap::span::Span;
use crate::runtime::{M, P, Runtime};

/// A size class as runtime.MemStats shows it.
#[repr(C)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct BySize {
    pub size: u32,
    pub mallocs: u64,
    pub frees: u64,
}

/// The layout of Go's runtime.MemStats, field by field.
#[repr(C)]
#[derive(Clone, Debug)]
pub struct MemStats {
    pub alloc: u64,
    pub total_alloc: u64,
    pub sys: u64,
    pub lookups: u64,
    pub mallocs: u64,
    pub frees: u64,
    pub heap_alloc: u64,
    pub heap_sys: u64,
    pub heap_idle: u64,
    pub heap_inuse: u64,
    pub heap_released: u64,
    pub heap_objects: u64,
    pub stack_inuse: u64,
    pub stack_sys: u64,
    pub mspan_inuse: u64,
    pub mspan_sys: u64,
    pub mcache_inuse: u64,
    pub mcache_sys: u64,
    pub buck_hash_sys: u64,
    pub gc_sys: u64,
    pub other_sys: u64,
    pub next_gc: u64,
    pub last_gc: u64,
    pub pause_total_ns: u64,
    pub pause_ns: [u64; 256],
    pub pause_end: [u64; 256],
    pub num_gc: u32,
    pub num_forced_gc: u32,
    pub gc_cpu_fraction: f64,
    pub enable_gc: bool,
    pub debug_gc: bool,
    pub by_size: [BySize; 61],
}

impl M {
    /// The figures of this moment, exact.
    pub fn read_mem_stats(&mut self) -> MemStats {
        let rt = self.rt();
        let world = self.stop_world();
        let mut uncounted = [0; CLASSES];
        let mut tiny = 0;
        let mut free_stacks = 0;
        world.for_each_p(|p| {
            tiny += p.heap.uncounted(&mut uncounted);
            free_stacks += p.stacks.free_bytes();
        });
        let stats = &rt.heap.stats;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        // Tiny objects beyond the first of a block are freed with it, but nobody knows how many there were: they count as freed at once.
        let tiny = tiny + get(&stats.tiny);
        let mut mallocs = get(&stats.mallocs[0]) + tiny;
        let mut frees = get(&stats.frees[0]) + tiny;
        let mut total = get(&stats.large_alloc);
        let mut freed_bytes = get(&stats.large_free);
        let mut by_size = [BySize::default(); 61];
        for class in 1..CLASSES {
            let count = get(&stats.mallocs[class]) + uncounted[class];
            let freed = get(&stats.frees[class]);
            mallocs += count;
            frees += freed;
            total += count * u64::from(SIZES[class]);
            freed_bytes += freed * u64::from(SIZES[class]);
            if let Some(entry) = by_size.get_mut(class) {
                *entry = BySize {
                    size: u32::from(SIZES[class]),
                    mallocs: count,
                    frees: freed,
                };
            }
        }
        let inner = rt.heap.inner.lock().unwrap();
        let page = PAGE as u64;
        let heap_sys = inner.pages.top() as u64 * page;
        let heap_inuse = stats.pages_in_use.load(Ordering::Relaxed) as u64 * page;
        let span_bytes = size_of::<Span>() as u64;
        let mspan_inuse = inner.spans.len() as u64 * span_bytes;
        let mspan_sys = inner.span_structs as u64 * span_bytes;
        // Pointer bitmap and page table of what the heap has touched.
        let gc_sys = heap_sys / 64 + inner.pages.top() as u64 * 8;
        let mcache = size_of::<P>() as u64;
        let stack_inuse = rt.stacks.in_use.load(Ordering::Relaxed) - free_stacks;
        let stack_sys = rt.stacks.mapped.load(Ordering::Relaxed);
        let other_sys = rt.sched.descriptor_bytes() + rt.globals.bytes();
        let history = rt.gc.history.lock().unwrap();
        let elapsed = rt.nanotime().max(1);
        MemStats {
            alloc: total - freed_bytes,
            total_alloc: total,
            sys: heap_sys + stack_sys + mspan_sys + mcache + gc_sys + other_sys,
            lookups: 0,
            mallocs,
            frees,
            heap_alloc: total - freed_bytes,
            heap_sys,
            heap_idle: heap_sys - heap_inuse,
            heap_inuse,
            heap_released: inner.pages.released_count as u64 * page,
            heap_objects: mallocs - frees,
            stack_inuse,
            stack_sys,
            mspan_inuse,
            mspan_sys,
            mcache_inuse: mcache,
            mcache_sys: mcache,
            buck_hash_sys: 0,
            gc_sys,
            other_sys,
            next_gc: rt.heap.pacer.goal.load(Ordering::Relaxed),
            last_gc: history.last,
            pause_total_ns: history.pause_total_ns,
            pause_ns: history.pause_ns,
            pause_end: history.pause_end,
            num_gc: rt.gc.cycles.load(Ordering::Relaxed) as u32,
            num_forced_gc: history.forced,
            gc_cpu_fraction: history.cpu_ns as f64 / (elapsed as f64 * rt.sched.procs() as f64),
            enable_gc: true,
            debug_gc: false,
            by_size,
        }
    }
}

impl Runtime {
    /// What GODEBUG=stackinfo prints when the program ends; empty when it is off.
    pub fn stackinfo_report(&self) -> String {
        match self.config.stackinfo {
            0 => String::new(),
            1 => self.stack_report(),
            _ => self.stack_report() + &self.sites_report(),
        }
    }

    /// How often and how far stacks grew.
    pub fn stack_report(&self) -> String {
        let counts = &self.stacks.counts;
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let mut allocated = (get(&counts.allocations), get(&counts.allocated_bytes));
        for p in self.sched.made_procs() {
            // SAFETY: processors are never freed; the counters are atomics.
            let (stacks, bytes) = unsafe { (*p).stacks.allocated() };
            allocated = (allocated.0 + stacks, allocated.1 + bytes);
        }
        format!(
            "Stack allocations: {} bytes in {} allocations\nStack copies: {} (due to growth)\n\
             Stack shrinks: {}\nStack bytes copied: {} in {} frames, {} pointers adjusted, {} us growing\n",
            allocated.1,
            allocated.0,
            get(&counts.grows),
            get(&counts.shrinks),
            get(&counts.copied_bytes),
            get(&counts.frames),
            get(&counts.adjusted_slots),
            get(&counts.grow_ns) / 1000,
        )
    }

    /// To be called once before the process ends.
    pub fn at_exit(&self) {
        crate::traceback::write_stderr(self.stackinfo_report().as_bytes());
        if self.config.stats {
            let compiled = self.tier.get().map_or_else(String::new, |t| t.report());
            let report = compiled + &self.stack_report() + &self.gc_report() + "\n";
            crate::traceback::write_stderr(report.as_bytes());
        }
    }
}
