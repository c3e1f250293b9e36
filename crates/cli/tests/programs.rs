//! Runs every program of `programs/` and of the standard packages' tests, and compares what it does with its expectation: by each engine, in the normal mode and
//! under each stress mode.
//!
//! * `MORESTACK_PROGRAMS=text` picks the programs whose path contains the text.
//! * `MORESTACK_BENCH_PROGRAMS=1` adds the benchmark programs, which are only bearable in release mode.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Instant;

use harness::process::Limits;
use harness::program::{self, Kind, Program};

/// What the command chooses by itself.
const TIERED: &str = "tiered";

/// Seconds for one program, normally and with every step made expensive.
const TIME_LIMIT: u64 = 60;
const STRESS_TIME_LIMIT: u64 = 240;

fn programs() -> Vec<Program> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs");
    let mut folders: Vec<PathBuf> = ["guide", "examples", "failing", "soak"]
        .map(|name| root.join(name))
        .to_vec();
    folders.push(root.join("../crates/stdlib/tests/go"));
    if env::var_os("MORESTACK_BENCH_PROGRAMS").is_some() {
        folders.push(root.join("bench"));
    }
    let filter = env::var("MORESTACK_PROGRAMS").unwrap_or_default();
    let mut programs: Vec<Program> = folders
        .iter()
        .flat_map(|folder| program::discover(folder).unwrap())
        .collect();
    programs.retain(|program| program.path.to_string_lossy().contains(&filter));
    programs
}

/// Runs all programs by the given engine in the given environment and reports all that differ, at the end.
fn run_all(engine: &str, env: &[(&str, &str)]) {
    let morestack = PathBuf::from(env!("CARGO_BIN_EXE_morestack"));
    let stressed = !env.is_empty();
    let limits = Limits::seconds(if stressed {
        STRESS_TIME_LIMIT
    } else {
        TIME_LIMIT
    });
    let mut failures = Vec::new();
    let mut count = 0;
    for program in programs() {
        // A program that does not compile does not run: there is nothing to stress.
        if stressed && program.fails_to_compile() {
            continue;
        }
        // `morestack test` takes no engine: once is enough.
        if program.kind == Kind::Test && engine != TIERED {
            continue;
        }
        count += 1;
        let start = Instant::now();
        let result = match program.run(&morestack, Some(engine), env, limits) {
            Ok(outcome) => program.check(&outcome),
            Err(error) => Err(format!("{error:#}")),
        };
        let (folder, file) = program.folder_and_file();
        let name = format!(
            "{}/{file}",
            folder.file_name().unwrap_or_default().to_string_lossy()
        );
        println!(
            "{} {name} ({:.2?})",
            if result.is_ok() { "ok  " } else { "FAIL" },
            start.elapsed()
        );
        if let Err(difference) = result {
            failures.push(format!("{name}: {difference}"));
        }
    }
    assert!(
        failures.is_empty(),
        "{} of {count} programs differ with {engine}{}:\n  {}",
        failures.len(),
        env.iter()
            .map(|(name, value)| format!(" with {name}={value}"))
            .collect::<String>(),
        failures.join("\n  ")
    );
}

/// Under stress a program takes a hundred times its time and more, so those that are large by design are told to be small.
fn small(engine: &str, name: &str, value: &str) {
    run_all(engine, &[(name, value), ("PROGRAM_SCALE", "small")]);
}

/// What is expected of a program is expected of it from each engine, however many processors there are, and whatever is made to happen at each of its
/// safepoints.
macro_rules! in_all_modes {
    ($($module:ident: $engine:expr),*) => {$(
        mod $module {
            use super::*;

            #[test]
            fn normal() {
                run_all($engine, &[]);
            }

            #[test]
            fn one_processor() {
                small($engine, "GOMAXPROCS", "1");
            }

            /// More than the machine has.
            #[test]
            fn eight_processors() {
                small($engine, "GOMAXPROCS", "8");
            }

            #[test]
            fn moving() {
                small($engine, "MORESTACK_STRESS", "move");
            }

            #[test]
            fn collecting() {
                small($engine, "MORESTACK_STRESS", "gc");
            }

            #[test]
            fn marking() {
                small($engine, "MORESTACK_STRESS", "mark");
            }

            #[test]
            fn preempting() {
                small($engine, "MORESTACK_STRESS", "preempt");
            }
        }
    )*};
}

in_all_modes!(interpreter: "interp", compiler: "jit", tiers: TIERED);

/// Every function compiled at its first call.
#[test]
fn stress_jit() {
    small(TIERED, "MORESTACK_STRESS", "jit");
}

/// Every loop compiled when it is first gone round, and nothing else.
#[test]
fn stress_loops() {
    small(TIERED, "MORESTACK_STRESS", "loops");
}
