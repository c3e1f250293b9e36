//! Compares morestack's speed with the real toolchain's on the programs of a folder.
//!
//!     cargo run --release -p morestack-bench -- [--go go] [--filter X] [--runs 5] programs/bench
//!
//! Each program is compiled by `go build` beforehand; then the compiled program and morestack run in turn, so that a
//! change in the machine's load meets both, and the best time of each counts. Whole processes are measured. What a program writes to standard error
//! (it measures a part of itself) is shown below its row.

use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Duration;
use std::{env, fs};

use anyhow::{Context, Result, bail};
use clap::Parser;
use harness::process::{self, End, Limits, Outcome, Streams};
use harness::program::{self, Kind, Program};

#[derive(Parser)]
#[command(about = "Compares morestack's speed with the real Go toolchain's")]
struct Options {
    /// The Go command. If there is none, morestack's times are shown alone.
    #[arg(long, default_value = "go")]
    go: String,
    /// A morestack binary; without this it is built in release mode.
    #[arg(long)]
    morestack: Option<PathBuf>,
    /// Arguments for morestack before the program's name, such as --engine=jit.
    #[arg(long, allow_hyphen_values = true)]
    flags: Option<String>,
    /// Only programs whose name contains this.
    #[arg(long, default_value = "")]
    filter: String,
    /// How often each program is run; the best run counts.
    #[arg(long, default_value_t = 5)]
    runs: u32,
    /// Seconds that one run may take.
    #[arg(long, default_value_t = 120)]
    timeout: u64,
    #[arg(default_value = "programs/bench")]
    folder: PathBuf,
}

/// The smallest program: what it takes is the price of starting.
const HELLO: &str =
    "package main\n\nimport \"fmt\"\n\nfunc main() {\n\tfmt.Println(\"hello\")\n}\n";

/// The best of several runs.
struct Best {
    time: Duration,
    max_rss: u64,
    stdout: Vec<u8>,
    /// What the program measured itself, in the best run.
    stderr: Vec<u8>,
}

impl Best {
    fn update(best: &mut Option<Best>, outcome: Outcome) {
        match best {
            Some(best) => {
                if outcome.elapsed < best.time {
                    best.time = outcome.elapsed;
                    best.stderr = outcome.stderr;
                }
                best.max_rss = best.max_rss.max(outcome.max_rss);
            }
            None => {
                *best = Some(Best {
                    time: outcome.elapsed,
                    max_rss: outcome.max_rss,
                    stdout: outcome.stdout,
                    stderr: outcome.stderr,
                })
            }
        }
    }

    fn milliseconds(&self) -> f64 {
        self.time.as_secs_f64() * 1000.0
    }

    fn megabytes(&self) -> f64 {
        self.max_rss as f64 / f64::from(1 << 20)
    }
}

struct Bench {
    options: Options,
    morestack: PathBuf,
    has_go: bool,
    scratch: PathBuf,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    if options.runs == 0 {
        bail!("--runs must be at least 1");
    }
    let morestack = match &options.morestack {
        Some(path) => path
            .canonicalize()
            .with_context(|| format!("{}", path.display()))?,
        None => harness::build_morestack()?,
    };
    let has_go = Command::new(&options.go)
        .arg("version")
        .output()
        .is_ok_and(|output| output.status.success());
    let scratch = env::temp_dir().join(format!("morestack-bench-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("creating {}", scratch.display()))?;
    let bench = Bench {
        options,
        morestack,
        has_go,
        scratch,
    };
    let result = bench.run_all();
    fs::remove_dir_all(&bench.scratch)
        .with_context(|| format!("removing {}", bench.scratch.display()))?;
    Ok(if result? {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

impl Bench {
    /// Runs everything and prints the table. False if a program failed or gave a wrong output.
    fn run_all(&self) -> Result<bool> {
        if !self.has_go {
            println!(
                "no Go toolchain ({:?} does not run): morestack's times alone",
                self.options.go
            );
        }
        println!(
            "{:22}{:>10}{:>14}{:>8}{:>10}{:>10}",
            "program", "go ms", "morestack ms", "ratio", "go MB", "MB"
        );
        let hello = self.scratch.join("hello.go");
        fs::write(&hello, HELLO).with_context(|| format!("writing {}", hello.display()))?;
        let mut good = true;
        let mut ratios = Vec::new();
        for program in program::discover(&self.options.folder)? {
            if program.kind != Kind::File
                || !program.folder_and_file().1.contains(&self.options.filter)
            {
                continue;
            }
            match self.compare(&program)? {
                Ok(ratio) => ratios.extend(ratio),
                Err(reason) => {
                    good = false;
                    println!("{:22}{reason}", name(&program));
                }
            }
        }
        if !ratios.is_empty() {
            let mean = (ratios.iter().map(|ratio: &f64| ratio.ln()).sum::<f64>()
                / ratios.len() as f64)
                .exp();
            let worst = ratios.iter().copied().fold(0.0, f64::max);
            println!(
                "{:46}{mean:>8.2}",
                format!("geometric mean of {}", ratios.len())
            );
            println!("{:46}{worst:>8.2}", "highest");
        }
        println!("start-up:");
        if let Err(reason) = self.compare(&Program::load(&hello)?)? {
            good = false;
            println!("{:22}{reason}", "hello");
        }
        Ok(good)
    }

    /// Runs one program in turn by both and prints its row. The ratio is there if Go is.
    fn compare(&self, program: &Program) -> Result<Result<Option<f64>, String>> {
        let binary = self.scratch.join("program");
        if self.has_go {
            let built = Command::new(&self.options.go)
                .envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off")])
                .args(["build", "-o"])
                .args([&binary, &program.path])
                .output()
                .context("running go build")?;
            if !built.status.success() {
                return Ok(Err(format!(
                    "go build: {}",
                    String::from_utf8_lossy(&built.stderr).trim()
                )));
            }
        }
        let limits = Limits::seconds(self.options.timeout);
        let (mut compiled, mut own) = (None, None);
        for _ in 0..self.options.runs {
            if self.has_go {
                let mut command = Command::new(&binary);
                command.args(&program.args);
                let outcome = process::run(command, &program.stdin()?, Streams::Apart, limits)?;
                if outcome.end != End::Exit(0) {
                    return Ok(Err(format!("compiled: {}", outcome.end)));
                }
                Best::update(&mut compiled, outcome);
            }
            let mut command = Command::new(&self.morestack);
            command.arg("run").args(
                self.options
                    .flags
                    .iter()
                    .flat_map(|flags| flags.split_whitespace()),
            );
            command.arg(&program.path).args(&program.args);
            let outcome = process::run(command, &program.stdin()?, Streams::Apart, limits)?;
            if outcome.end != End::Exit(0) {
                let stderr = String::from_utf8_lossy(&outcome.stderr);
                return Ok(Err(format!(
                    "morestack: {}: {}",
                    outcome.end,
                    stderr.lines().next().unwrap_or_default()
                )));
            }
            Best::update(&mut own, outcome);
        }
        let own = own.context("at least one run")?;
        let expected = program.beside("out");
        if expected.exists() && fs::read(&expected)? != own.stdout {
            return Ok(Err(format!(
                "the output differs from {}",
                expected.display()
            )));
        }
        let Some(compiled) = compiled else {
            println!(
                "{:22}{:>10}{:>14.1}{:>8}{:>10}{:>10.1}",
                name(program),
                "-",
                own.milliseconds(),
                "-",
                "-",
                own.megabytes()
            );
            return Ok(Ok(None));
        };
        if compiled.stdout != own.stdout {
            return Ok(Err(
                "the output differs from the compiled program's".to_string()
            ));
        }
        let ratio = own.time.as_secs_f64() / compiled.time.as_secs_f64();
        println!(
            "{:22}{:>10.1}{:>14.1}{ratio:>8.2}{:>10.1}{:>10.1}",
            name(program),
            compiled.milliseconds(),
            own.milliseconds(),
            compiled.megabytes(),
            own.megabytes()
        );
        for (who, best) in [("go", &compiled), ("morestack", &own)] {
            for line in String::from_utf8_lossy(&best.stderr).lines() {
                println!("    {who}: {line}");
            }
        }
        Ok(Ok(Some(ratio)))
    }
}

fn name(program: &Program) -> String {
    program
        .folder_and_file()
        .1
        .trim_end_matches(".go")
        .to_string()
}
