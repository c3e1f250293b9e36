//! What the compiler counts: how much it compiled, and where its time went.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

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
    pub functions: AtomicU64,
    pub loops: AtomicU64,
    pub refused: AtomicU64,
    /// Bytes of bytecode that were read.
    pub bytecode: AtomicU64,
    /// Visits to compiled code from the interpreter.
    pub entries: AtomicU64,
    /// Nanoseconds that goroutines waited for code.
    pub blocked: AtomicU64,
    stages: [AtomicU64; STAGES.len()],
}

impl Counters {
    /// Takes the time of a stage.
    pub fn time<T>(&self, stage: Stage, work: impl FnOnce() -> T) -> T {
        let start = Instant::now();
        let result = work();
        add(&self.stages[stage as usize], nanoseconds(start));
        result
    }

    pub fn read(&self) -> Stats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        Stats {
            functions: get(&self.functions),
            loops: get(&self.loops),
            refused: get(&self.refused),
            bytecode: get(&self.bytecode),
            entries: get(&self.entries),
            blocked: Duration::from_nanos(get(&self.blocked)),
            stages: STAGES.map(|(stage, name)| {
                let time = get(&self.stages[stage as usize]);
                (name, Duration::from_nanos(time))
            }),
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
    pub stages: [(&'static str, Duration); STAGES.len()],
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
        write!(f, "compiler: {:.3} ms:", ms(total))?;
        for (name, time) in &self.stages {
            write!(f, " {name} {:.3}", ms(*time))?;
        }
        writeln!(f)?;
        writeln!(
            f,
            "goroutines waited for the compiler: {:.3} ms",
            ms(self.blocked)
        )?;
        write!(f, "entries into compiled code: {}", self.entries)
    }
}
