//! Runs every program of `programs/` and of the standard packages' tests, and compares what it does with its expectation, in the normal mode and under each
//! stress mode.
//!
//! * `MORESTACK_PROGRAMS=text` picks the programs whose path contains the text.
//! * `MORESTACK_BENCH_PROGRAMS=1` adds the benchmark programs, which are only bearable in release mode.

use std::env;
use std::path::{Path, PathBuf};
use std::time::Instant;

use harness::process::Limits;
use harness::program::{self, Program};

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

/// Runs all programs with the given environment and reports all that differ, at the end.
fn run_all(env: &[(&str, &str)]) {
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
        count += 1;
        let start = Instant::now();
        let result = match program.run(&morestack, env, limits) {
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
        "{} of {count} programs differ{}:\n  {}",
        failures.len(),
        env.iter()
            .map(|(name, value)| format!(" with {name}={value}"))
            .collect::<String>(),
        failures.join("\n  ")
    );
}

/// Under stress a program takes a hundred times its time and more, so those that are large by design are told to be small.
fn stress(mode: &str) {
    run_all(&[("MORESTACK_STRESS", mode), ("PROGRAM_SCALE", "small")]);
}

#[test]
fn normal() {
    run_all(&[]);
}

#[test]
fn one_processor() {
    run_all(&[("GOMAXPROCS", "1"), ("PROGRAM_SCALE", "small")]);
}

/// More than the machine has.
#[test]
fn eight_processors() {
    run_all(&[("GOMAXPROCS", "8"), ("PROGRAM_SCALE", "small")]);
}

#[test]
fn stress_move() {
    stress("move");
}

#[test]
fn stress_gc() {
    stress("gc");
}

#[test]
fn stress_mark() {
    stress("mark");
}

#[test]
fn stress_preempt() {
    stress("preempt");
}

/// Every function compiled at its first call.
#[test]
fn stress_jit() {
    stress("jit");
}

/// Every loop compiled when it is first gone round, and nothing else.
#[test]
fn stress_loops() {
    stress("loops");
}
