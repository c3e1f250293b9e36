//! What the compiler counts: how much it compiled, and where its time went.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use crate::opt::PASSES;
use crate::ssa::{Op, Ssa};

/// The stages of the pipeline whose time is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    Build,
    Optimise,
    Lower,
    Allocate,
    Emit,
    Install,
}

const STAGES: [(Stage, &str); 6] = [
    (Stage::Build, "build"),
    (Stage::Optimise, "optimise"),
    (Stage::Lower, "lower"),
    (Stage::Allocate, "allocate"),
    (Stage::Emit, "emit"),
    (Stage::Install, "install"),
];

/// Counters that every thread adds to.
#[derive(Default)]
pub struct Counters {
    /// Whether times are taken, and what passes remove is counted.
    pub measured: bool,
    pub functions: AtomicU64,
    pub loops: AtomicU64,
    pub refused: AtomicU64,
    /// Bytes of bytecode that were compiled, copies of callees included.
    pub bytecode: AtomicU64,
    /// Visits to compiled code from the interpreter.
    pub entries: AtomicU64,
    /// Nanoseconds that goroutines waited for code.
    pub blocked: AtomicU64,
    /// Nanoseconds from the beginning of each compilation to its end, by the clock on the wall.
    elapsed: AtomicU64,
    stages: [AtomicU64; STAGES.len()],
    passes: [PassCounters; PASSES.len()],
}

/// What a pass has done to all functions together.
#[derive(Default)]
struct PassCounters {
    time: AtomicU64,
    removed: [AtomicU64; KINDS.len()],
}

/// What of a function is counted.
const KINDS: [&str; 5] = ["instructions", "checks", "loads", "stores", "parameters"];

/// How many of each kind a function has.
fn sizes(ssa: &Ssa) -> [u64; KINDS.len()] {
    let mut sizes = [0; KINDS.len()];
    for block in &ssa.blocks {
        sizes[0] += block.insts.len() as u64;
        sizes[4] += block.params.len() as u64;
        for inst in &block.insts {
            match inst.op {
                Op::Guard(_) => sizes[1] += 1,
                Op::Load(..) => sizes[2] += 1,
                Op::Store(..) => sizes[3] += 1,
                _ => {}
            }
        }
    }
    sizes
}

/// Takes the times of one compilation: what its thread has run, so that other work of the machine does not count.
pub struct Watch<'a> {
    counters: &'a Counters,
    began: Option<Instant>,
    last: u64,
    sizes: [u64; KINDS.len()],
}

impl Watch<'_> {
    fn lap(&mut self) -> u64 {
        let now = thread_time();
        now - std::mem::replace(&mut self.last, now)
    }

    /// The stage is done.
    pub fn stage(&mut self, stage: Stage) {
        if self.counters.measured {
            let time = self.lap();
            add(&self.counters.stages[stage as usize], time);
        }
    }

    /// The passes are to begin.
    pub fn passes(&mut self, ssa: &Ssa) {
        if self.counters.measured {
            self.sizes = sizes(ssa);
            self.last = thread_time();
        }
    }

    /// A pass is done.
    pub fn pass(&mut self, number: usize, ssa: &Ssa) {
        if !self.counters.measured {
            return;
        }
        let time = self.lap();
        add(&self.counters.stages[Stage::Optimise as usize], time);
        let pass = &self.counters.passes[number];
        add(&pass.time, time);
        let after = sizes(ssa);
        for ((removed, before), after) in pass.removed.iter().zip(self.sizes).zip(after) {
            // Less than none where the pass adds some.
            add(removed, before.wrapping_sub(after));
        }
        self.sizes = after;
        self.last = thread_time();
    }
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if let Some(began) = self.began {
            add(&self.counters.elapsed, nanoseconds(began));
        }
    }
}

/// Nanoseconds that the calling thread has run.
fn thread_time() -> u64 {
    // SAFETY: a plain system call that fills in what it is given.
    let now = unsafe {
        let mut now = std::mem::zeroed();
        libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now);
        now
    };
    now.tv_sec as u64 * 1_000_000_000 + now.tv_nsec as u64
}

impl Counters {
    pub fn new(measured: bool) -> Counters {
        Counters {
            measured,
            ..Counters::default()
        }
    }

    /// A compilation begins.
    pub fn watch(&self) -> Watch<'_> {
        Watch {
            counters: self,
            began: self.measured.then(Instant::now),
            last: if self.measured { thread_time() } else { 0 },
            sizes: [0; KINDS.len()],
        }
    }

    pub fn read(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let time = |counter| Duration::from_nanos(get(counter));
        let passes = PASSES.iter().zip(&self.passes);
        Stats {
            functions: get(&self.functions),
            loops: get(&self.loops),
            refused: get(&self.refused),
            bytecode: get(&self.bytecode),
            entries: get(&self.entries),
            blocked: time(&self.blocked),
            elapsed: time(&self.elapsed),
            stages: STAGES.map(|(stage, name)| (name, time(&self.stages[stage as usize]))),
            passes: passes
                .map(|((name, _), pass)| Pass {
                    name,
                    time: time(&pass.time),
                    removed: pass.removed.each_ref().map(|n| get(n) as i64),
                })
                .collect(),
            ..Stats::default()
        }
    }
}

pub fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

pub fn nanoseconds(since: Instant) -> u64 {
    since.elapsed().as_nanos() as u64
}

/// A moment's figures.
#[derive(Clone, Debug, Default)]
pub struct Stats {
    pub functions: u64,
    pub loops: u64,
    /// What can't be compiled, or no longer.
    pub refused: u64,
    /// Requests that nobody has got to.
    pub waiting: u64,
    pub bytecode: u64,
    pub code: u64,
    pub code_limit: u64,
    pub entries: u64,
    pub blocked: Duration,
    /// From the beginning of each compilation to its end.
    pub elapsed: Duration,
    /// Of these, what the compiling threads have run in each stage.
    pub stages: [(&'static str, Duration); STAGES.len()],
    pub passes: Vec<Pass>,
}

/// What a pass took and removed. (Less than none where it adds.)
#[derive(Clone, Debug)]
pub struct Pass {
    pub name: &'static str,
    pub time: Duration,
    removed: [i64; KINDS.len()],
}

impl fmt::Display for Stats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total: Duration = self.stages.iter().map(|(_, time)| *time).sum();
        let ms = |time: Duration| time.as_secs_f64() * 1e3;
        writeln!(
            f,
            "compiled: {} functions, {} loops; {} refused, {} waiting",
            self.functions, self.loops, self.refused, self.waiting
        )?;
        let rate = self.bytecode as f64 / 1e6 / total.as_secs_f64().max(1e-9);
        writeln!(
            f,
            "code: {} bytes of at most {}, from {} bytes of bytecode ({rate:.2} MB/s)",
            self.code, self.code_limit, self.bytecode
        )?;
        write!(
            f,
            "compiler: {:.3} ms of its threads ({:.3} by the clock):",
            ms(total),
            ms(self.elapsed)
        )?;
        for (name, time) in &self.stages {
            write!(f, " {name} {:.3}", ms(*time))?;
        }
        writeln!(f)?;
        write!(f, "{:<10}{:>10}   removed:", "pass", "ms")?;
        KINDS.iter().try_for_each(|k| write!(f, "{k:>14}"))?;
        writeln!(f)?;
        for pass in &self.passes {
            write!(f, "{:<10}{:>10.3}{:11}", pass.name, ms(pass.time), "")?;
            pass.removed.iter().try_for_each(|n| write!(f, "{n:>14}"))?;
            writeln!(f)?;
        }
        writeln!(
            f,
            "goroutines waited for the compiler: {:.3} ms",
            ms(self.blocked)
        )?;
        write!(f, "entries into compiled code: {}", self.entries)
    }
}
