//! First stack sizes that learn: each `go` statement remembers how far its goroutines' stacks went, and the next ones start there.
//!
//! A goroutine that grows from 2 KB to 32 KB moves four times; when thousands of them do the same and end, growth is most of what they do. So
//! each statement ([`Site`]) counts, over windows of 32 goroutines that ended, which sizes they came to need, and starts the next
//! ones with the largest size that three quarters of them needed. A statement whose goroutines rarely go deep stays at 2 KB.
//!
//! Starting large must not hide that small would do. A goroutine on a learned size is *unproven*: its guard stands at the middle of the stack,
//! where the next smaller size would have ended. Who gets below takes the guard check's slow path once, which proves the need and sets the
//! true guard. Who ends unproven votes for half the size. So what is no longer true is forgotten, one power of two a window.
//!
//! And it must not take more memory than growing would have. Stacks are handed out when a goroutine first runs, not when it is made, so
//! those that wait for their turn have none. At most 64 unproven goroutines of a statement exist at a time (others start at 2 KB), and the collector
//! halves the stacks of those that stay shallow.

use std::fmt::Write;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU8, AtomicU32, AtomicU64, Ordering::Relaxed};

use bytecode::func::{FuncId, Safepoint};
use rustc_hash::FxHashMap;

use crate::g::{G, G_UNPROVEN};
use crate::runtime::{M, Runtime};
use crate::stack::{MIN_STACK, ORDERS, order_of};

/// Goroutines that end between two decisions.
const WINDOW: u32 = 32;
/// How many of them must have needed a size.
const NEEDED: u32 = WINDOW / 4 * 3;
/// Goroutines of one statement that may be on a learned size without having needed it yet.
const MAX_UNPROVEN: u32 = 64;

/// A `go` statement. Lives as long as the machine.
pub struct Site {
    /// The address after the `go` instruction.
    pub pc: *const u64,
    /// The first stack has `MIN_STACK << order` bytes.
    order: AtomicU8,
    unproven: AtomicU32,
    /// Goroutines that ended since the last decision, and the sizes they needed. Approximate when several threads count.
    ended: AtomicU32,
    needed: [AtomicU32; ORDERS],
    /// Goroutines that ended, and those that began on a learned size.
    total: AtomicU64,
    learned: AtomicU64,
}

// SAFETY: the pc points to immortal code and is only compared and looked up.
unsafe impl Send for Site {}
// SAFETY: as above; the rest is atomics.
unsafe impl Sync for Site {}

fn bump(counter: &AtomicU32) -> u32 {
    let value = counter.load(Relaxed) + 1;
    counter.store(value, Relaxed);
    value
}

impl Site {
    fn new(pc: *const u64) -> Site {
        Site {
            pc,
            order: AtomicU8::new(0),
            unproven: AtomicU32::new(0),
            ended: AtomicU32::new(0),
            needed: [const { AtomicU32::new(0) }; ORDERS],
            total: AtomicU64::new(0),
            learned: AtomicU64::new(0),
        }
    }

    /// The function that has the statement.
    pub fn func(&self) -> FuncId {
        // SAFETY: an address behind a `go` instruction in linked code: the word before it is the instruction's safepoint word.
        Safepoint::unpack(unsafe { *self.pc.sub(1) }).func
    }

    /// The order of the next goroutine's first stack. Above 0: it counts as unproven from now on.
    fn first_order(&self) -> u8 {
        let order = self.order.load(Relaxed);
        if order == 0 || self.unproven.load(Relaxed) >= MAX_UNPROVEN {
            return 0;
        }
        self.unproven.fetch_add(1, Relaxed);
        self.learned.fetch_add(1, Relaxed);
        order
    }

    /// A goroutine has ended that needed a stack of this order.
    fn vote(&self, order: u8) {
        self.total.store(self.total.load(Relaxed) + 1, Relaxed);
        bump(&self.needed[usize::from(order).min(ORDERS - 1)]);
        if bump(&self.ended) < WINDOW {
            return;
        }
        self.ended.store(0, Relaxed);
        let mut this_or_more = 0;
        let mut decided = 0;
        for (order, count) in self.needed.iter().enumerate().rev() {
            this_or_more += count.swap(0, Relaxed);
            if decided == 0 && this_or_more >= NEEDED {
                decided = order;
            }
        }
        self.order.store(decided as u8, Relaxed);
    }
}

/// All `go` statements that have been executed.
#[derive(Default)]
pub struct Sites {
    by_pc: Mutex<FxHashMap<usize, &'static Site>>,
}

/// A processor's view of `Sites`.
#[derive(Default)]
pub struct SiteCache {
    last: Option<&'static Site>,
    by_pc: FxHashMap<usize, &'static Site>,
}

impl SiteCache {
    /// The statement that ends at `pc`.
    pub(crate) fn find(&mut self, pc: *const u64, sites: &Sites) -> &'static Site {
        if let Some(site) = self.last.filter(|site| site.pc == pc) {
            return site;
        }
        let site = *self.by_pc.entry(pc as usize).or_insert_with(|| {
            let mut all = sites.by_pc.lock().unwrap_or_else(|e| e.into_inner());
            all.entry(pc as usize)
                .or_insert_with(|| Box::leak(Box::new(Site::new(pc))))
        });
        self.last = Some(site);
        site
    }
}

impl G {
    /// The guard that the goroutine's frames are compared with while nobody wants anything of it.
    #[inline]
    pub(crate) fn wanted_guard(&self) -> usize {
        let plain = self.plain_guard();
        if self.flags & G_UNPROVEN != 0 {
            plain + self.stack.size() / 2
        } else {
            plain
        }
    }

    /// The goroutine needs the stack it has.
    pub(crate) fn prove_stack(&mut self) {
        if self.flags & G_UNPROVEN != 0 {
            self.flags &= !G_UNPROVEN;
            if let Some(site) = self.site {
                site.unproven.fetch_sub(1, Relaxed);
            }
        }
    }

    /// The goroutine's stack has become larger or smaller.
    pub(crate) fn note_stack_size(&mut self, grown: bool) {
        let order = order_of(self.stack.size()).min(ORDERS - 1) as u8;
        // Made smaller before it was needed: then it was not.
        self.needed = if !grown && self.flags & G_UNPROVEN != 0 {
            order
        } else {
            self.needed.max(order)
        };
        self.prove_stack();
    }

    /// The goroutine ends: its statement learns from it.
    pub(crate) fn teach_site(&mut self) {
        let unneeded = u8::from(self.flags & G_UNPROVEN != 0);
        self.prove_stack();
        let Some(site) = self.site.take() else { return };
        site.vote(self.needed - unneeded);
    }
}

impl M {
    /// Size of the first stack of a goroutine that is to run for the first time.
    pub(crate) fn first_stack_size(&mut self, g: &mut G) -> usize {
        g.needed = 0;
        if let Some(site) = g.site.filter(|_| self.rt().config.stack_learn) {
            g.needed = site.first_order();
            if g.needed > 0 {
                g.flags |= G_UNPROVEN;
            }
        }
        MIN_STACK << g.needed
    }
}

impl Runtime {
    /// A line for each `go` statement, the busiest first.
    pub(crate) fn sites_report(&self) -> String {
        let sites = self.stacks.sites.by_pc.lock();
        let mut sites: Vec<&Site> = sites
            .unwrap_or_else(|e| e.into_inner())
            .values()
            .copied()
            .collect();
        sites.sort_by_key(|site| {
            (
                std::cmp::Reverse(site.total.load(Relaxed)),
                site.pc as usize,
            )
        });
        let mut out = String::new();
        for site in sites {
            let place = self.location(site.pc as usize - 8);
            let (file, line) = place
                .as_ref()
                .map_or(("?", 0), |place| (place.file.as_str(), place.line));
            let _ = writeln!(
                out,
                "First stack at {file}:{line}: {} bytes; {} goroutines ended, {} began above {MIN_STACK}",
                MIN_STACK << site.order.load(Relaxed),
                site.total.load(Relaxed),
                site.learned.load(Relaxed),
            );
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn votes(site: &Site, orders: impl IntoIterator<Item = u8>) -> u8 {
        for order in orders {
            site.vote(order);
        }
        site.order.load(Relaxed)
    }

    #[test]
    fn a_window_of_deep_goroutines_teaches_their_size() {
        let site = Site::new(std::ptr::null());
        assert_eq!(votes(&site, [4; 31]), 0);
        assert_eq!(votes(&site, [4]), 4);
    }

    #[test]
    fn a_size_that_few_need_is_not_learned() {
        let site = Site::new(std::ptr::null());
        assert_eq!(
            votes(&site, (0..1000).map(|i| if i % 1000 == 7 { 4 } else { 0 })),
            0
        );
        assert_eq!(
            votes(&site, (0..96).map(|i| if i % 2 == 0 { 4 } else { 1 })),
            1
        );
    }

    #[test]
    fn what_is_no_longer_true_is_forgotten() {
        let site = Site::new(std::ptr::null());
        votes(&site, [4; 32]);
        for expected in [3, 2, 1, 0] {
            // They end unproven: half would have done.
            let half = site.order.load(Relaxed) - 1;
            assert_eq!(votes(&site, [half; 32]), expected);
        }
    }

    #[test]
    fn few_are_unproven_at_a_time() {
        let site = Site::new(std::ptr::null());
        votes(&site, [3; 32]);
        for _ in 0..MAX_UNPROVEN {
            assert_eq!(site.first_order(), 3);
        }
        assert_eq!(site.first_order(), 0);
    }
}
