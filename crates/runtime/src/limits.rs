//! What a program may take, and the end when it takes more: Go's fatal error and exit code 2, before the kernel ends the process.
//!
//! Three limits can be set (heap, all stacks, number of goroutines); a fourth is what the machine or its control group has, for heap and stacks
//! together. A heap that meets its limit collects first: the allocation goes through, and only if the next collection, which is
//! due at once, leaves too much does the program end, at a safepoint, where its goroutines can be shown.

use std::path::Path;
use std::sync::atomic::Ordering;

use crate::heap::sizeclass::PAGE;
use crate::runtime::{M, Runtime};

/// Bytes of memory that this process may use: the machine's, or less in a control group.
fn available_memory() -> u64 {
    let read = |path: &Path| std::fs::read_to_string(path).ok();
    let mut least = u64::MAX;
    if let Some(info) = read(Path::new("/proc/meminfo")) {
        let total = info.lines().find_map(|line| line.strip_prefix("MemTotal:"));
        let kilobytes = total.and_then(|t| t.split_whitespace().next()?.parse::<u64>().ok());
        least = kilobytes.map_or(least, |k| k << 10);
    }
    // Lines are number:controllers:path; version 2 has one line, without controllers.
    for line in read(Path::new("/proc/self/cgroup"))
        .unwrap_or_default()
        .lines()
    {
        let mut parts = line.splitn(3, ':').skip(1);
        let (Some(controllers), Some(group)) = (parts.next(), parts.next()) else {
            continue;
        };
        let (root, file) = if controllers.is_empty() {
            ("/sys/fs/cgroup", "memory.max")
        } else if controllers.split(',').any(|c| c == "memory") {
            ("/sys/fs/cgroup/memory", "memory.limit_in_bytes")
        } else {
            continue;
        };
        // Every group up to the root limits what is below it. (Inside a container the path may not exist, but the root does.)
        for group in Path::new(group).ancestors() {
            let group = group.strip_prefix("/").unwrap_or(group);
            let limit = read(&Path::new(root).join(group).join(file));
            let limit = limit.and_then(|text| text.trim().parse::<u64>().ok());
            least = least.min(limit.unwrap_or(u64::MAX));
        }
    }
    least
}

/// So much every program may take. Asking the system what there is means reading several files.
const UNQUESTIONED: u64 = 16 << 20;

impl Runtime {
    /// Bytes that heap and stacks together may take when they are to take `wanted`.
    fn max_memory(&self, wanted: u64) -> u64 {
        match self.config.max_memory {
            Some(set) => set,
            None if wanted <= UNQUESTIONED => u64::MAX,
            None => *self.system_memory.get_or_init(|| {
                // An eighth is left to code, tables and others.
                let memory = available_memory();
                memory - memory / 8
            }),
        }
    }

    /// Bytes that the heap's spans may take at the moment.
    pub(crate) fn heap_room(&self) -> u64 {
        let pages = self.heap.stats.pages_in_use.load(Ordering::Relaxed);
        self.heap_room_for((pages * PAGE) as u64)
    }

    /// As `heap_room`, when the spans are to take `wanted` bytes.
    fn heap_room_for(&self, wanted: u64) -> u64 {
        let others = self.stacks.in_use.load(Ordering::Relaxed);
        let memory = self.max_memory(wanted.saturating_add(others));
        self.config.max_heap.min(memory.saturating_sub(others))
    }

    /// Bytes that stacks may take at the moment, when they are to take `wanted`.
    fn stack_room(&self, wanted: u64) -> u64 {
        let others = self.heap.live_bytes();
        let memory = self.max_memory(wanted.saturating_add(others));
        let config = &self.config;
        config.max_stack_memory.min(memory.saturating_sub(others))
    }

    /// Called before the heap, of which `in_use` pages are in use, takes `pages` more. False: there is no more.
    pub(crate) fn heap_may_take(&'static self, in_use: usize, pages: usize) -> bool {
        let wanted = ((in_use + pages) as u64).saturating_mul(PAGE as u64);
        let room = self.heap_room_for(wanted);
        if wanted <= room {
            return true;
        }
        // The collection decides. What allocates without end before it gets there ends here.
        self.memory_is_short();
        wanted / 2 <= room
    }
}

impl Runtime {
    /// After a collection: whether too much is left.
    pub(crate) fn heap_exceeds_room(&self) -> bool {
        let pages = self.heap.stats.pages_in_use.load(Ordering::Relaxed);
        (pages * PAGE) as u64 > self.heap_room()
    }
}

impl M {
    /// Before a goroutine, whose state is saved, gets a stack of `size` bytes: the program ends if there is no room for it.
    pub(crate) fn check_stack_limit(&mut self, size: usize) {
        let rt = self.rt();
        let wanted = rt.stacks.in_use.load(Ordering::Relaxed) + size as u64;
        if wanted > rt.stack_room(wanted) {
            self.die_of_memory();
        }
    }

    /// Whether a `go` statement may go ahead.
    pub fn may_spawn(&self) -> bool {
        let rt = self.rt();
        let most = rt.config.max_goroutines;
        most == usize::MAX || rt.sched.num_goroutines() < most
    }

    pub(crate) fn die_of_memory(&mut self) -> ! {
        let code = self.fatal("runtime: out of memory");
        self.rt().at_exit();
        // SAFETY: ends the process.
        unsafe { libc::_exit(code) }
    }
}
