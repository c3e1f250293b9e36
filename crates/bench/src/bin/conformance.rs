//! Runs programs of Go's own `test/` folder and tells which pass.
//!
//!     cargo run --release -p morestack-bench --bin conformance -- TESTDIR NAMES_FILE [--jobs 2]
//!
//! As in Go's own driver a program marked `// run` is started with the arguments that follow the mark, standard output and
//! standard error go to one place, and it passes if it exits with 0 and that output is the text of the `.out` file
//! beside it, or nothing where there is none. The working directory is the test folder; `TMPDIR` is a fresh folder
//! for each program.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use std::{env, fs, io, thread};

use anyhow::{Context, Result};
use clap::Parser;
use harness::process::{self, End, Limits, Outcome, Streams};

#[derive(Parser)]
#[command(about = "Runs programs of Go's own test folder under morestack")]
struct Options {
    /// The test folder of a Go tree.
    tests: PathBuf,
    /// The programs' names, one a line; lines that start with # are comments.
    names: PathBuf,
    /// A morestack binary; without this it is built in release mode.
    #[arg(long)]
    morestack: Option<PathBuf>,
    /// Only programs whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
    /// How many programs run at once.
    #[arg(long, default_value_t = 2)]
    jobs: usize,
    /// Seconds that a program may take.
    #[arg(long, default_value_t = 60)]
    timeout: u64,
    /// Megabytes that a program may use.
    #[arg(long, default_value_t = 2048)]
    mem_mb: u64,
    /// Fail unless at least this many pass.
    #[arg(long, default_value_t = 0)]
    at_least: usize,
    /// Also write the names of those that pass to this file.
    #[arg(long)]
    passed: Option<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let morestack = match &options.morestack {
        Some(path) => path
            .canonicalize()
            .with_context(|| format!("{}", path.display()))?,
        None => harness::build_morestack()?,
    };
    let tests = options
        .tests
        .canonicalize()
        .with_context(|| format!("{}", options.tests.display()))?;
    let list = fs::read_to_string(&options.names)
        .with_context(|| format!("reading {}", options.names.display()))?;
    let names: Vec<&str> = list
        .lines()
        .map(str::trim)
        .filter(|name| !name.is_empty() && !name.starts_with('#') && name.contains(&options.filter))
        .collect();
    let scratch = env::temp_dir().join(format!("morestack-conformance-{}", std::process::id()));

    let next = AtomicUsize::new(0);
    let failures = Mutex::new(BTreeMap::new());
    thread::scope(|scope| {
        for _ in 0..options.jobs.max(1) {
            scope.spawn(|| {
                loop {
                    let index = next.fetch_add(1, Ordering::Relaxed);
                    let Some(&name) = names.get(index) else { break };
                    let temporary = scratch.join(index.to_string());
                    let result = test(&morestack, &tests, name, &temporary, &options);
                    // What a program leaves behind is of no interest, and may be in any state.
                    drop(fs::remove_dir_all(&temporary));
                    if let Err(reason) = result {
                        failures
                            .lock()
                            .expect("no holder panics")
                            .insert(name, reason);
                    }
                }
            });
        }
    });
    drop(fs::remove_dir_all(&scratch));

    let failures = failures.into_inner().expect("no holder panics");
    report(&names, &failures);
    if let Some(path) = &options.passed {
        let passed: Vec<&str> = names
            .iter()
            .copied()
            .filter(|name| !failures.contains_key(name))
            .collect();
        fs::write(path, passed.join("\n") + "\n")
            .with_context(|| format!("writing {}", path.display()))?;
    }
    let passed = names.len() - failures.len();
    let enough = if options.at_least > 0 {
        passed >= options.at_least
    } else {
        failures.is_empty()
    };
    Ok(if enough {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Runs one program; `Err` is the reason for its failure, in one line.
fn test(
    morestack: &Path,
    tests: &Path,
    name: &str,
    temporary: &Path,
    options: &Options,
) -> Result<(), String> {
    let plain = |error: io::Error| error.to_string();
    let source = tests.join(name);
    // Some of Go's test programs are deliberately not valid UTF-8.
    let text = fs::read(&source).map_err(|error| format!("{}: {error}", source.display()))?;
    let args = run_arguments(&String::from_utf8_lossy(&text));
    fs::create_dir_all(temporary).map_err(plain)?;

    let mut command = Command::new(morestack);
    command
        .arg("run")
        .arg(name)
        .args(args)
        .current_dir(tests)
        .env("TMPDIR", temporary);
    let limits = Limits {
        time: Duration::from_secs(options.timeout),
        memory: Some(options.mem_mb << 20),
    };
    let outcome = process::run(command, b"", Streams::Merged, limits).map_err(plain)?;
    if outcome.end != End::Exit(0) {
        return Err(reason(&outcome));
    }
    let expected = match fs::read(source.with_extension("out")) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(plain)?,
    };
    if without_returns(&expected) == without_returns(&outcome.stdout) {
        Ok(())
    } else {
        Err(difference(&expected, &outcome.stdout))
    }
}

/// The arguments in a program's `// run` line.
fn run_arguments(source: &str) -> Vec<String> {
    let mark = source
        .lines()
        .find(|line| line.starts_with("// run") || line.starts_with("//run"));
    mark.map(|line| {
        line.trim_start_matches('/')
            .split_whitespace()
            .skip(1)
            .map(str::to_string)
            .collect()
    })
    .unwrap_or_default()
}

fn without_returns(text: &[u8]) -> Vec<u8> {
    text.iter().copied().filter(|&byte| byte != b'\r').collect()
}

/// Why a program that ended badly did so: its limit, its panic, its diagnostic or its last words.
fn reason(outcome: &Outcome) -> String {
    let output = String::from_utf8_lossy(&outcome.stdout);
    let telling = output.lines().find(|line| {
        ["panic:", "fatal error:", "thread '"]
            .iter()
            .any(|start| line.starts_with(start))
            || line.contains(".go:")
    });
    let first = telling
        .or_else(|| output.lines().find(|line| !line.trim().is_empty()))
        .unwrap_or("no output");
    format!("{}: {}", outcome.end, shorten(first))
}

fn difference(expected: &[u8], actual: &[u8]) -> String {
    let (expected, actual) = (
        String::from_utf8_lossy(expected),
        String::from_utf8_lossy(actual),
    );
    let (mut wanted, mut got) = (expected.lines(), actual.lines());
    for number in 1.. {
        let (want, have) = (wanted.next(), got.next());
        if want != have || want.is_none() {
            let show = |line: Option<&str>| {
                line.map_or("the end".to_string(), |line| format!("{:?}", shorten(line)))
            };
            return format!(
                "output, line {number}: want {}, got {}",
                show(want),
                show(have)
            );
        }
    }
    unreachable!("the loop ends with the lines")
}

fn shorten(line: &str) -> String {
    const WIDTH: usize = 140;
    match line.char_indices().nth(WIDTH) {
        Some((at, _)) => format!("{}…", &line[..at]),
        None => line.to_string(),
    }
}

fn report(names: &[&str], failures: &BTreeMap<&str, String>) {
    let mut folders: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for name in names {
        let folder = name.rsplit_once('/').map_or(".", |(folder, _)| folder);
        let row = folders.entry(folder).or_default();
        row.0 += 1;
        row.1 += usize::from(!failures.contains_key(name));
    }
    for (name, reason) in failures {
        println!("FAIL {name}: {reason}");
    }
    println!("\n{:24}{:>8}{:>8}", "folder", "tests", "passed");
    for (folder, (tests, passed)) in &folders {
        println!("{folder:24}{tests:>8}{passed:>8}");
    }
    println!(
        "{:24}{:>8}{:>8}",
        "all",
        names.len(),
        names.len() - failures.len()
    );
}
