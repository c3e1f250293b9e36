//! Makes the expected outputs of programs with the real Go toolchain, or checks that they still are its own.
//!
//!     cargo run -p morestack-bench --bin bless -- [--check] programs/guide [programs/examples ...]

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::{env, fs};

use anyhow::{Context, Result};
use clap::Parser;
use harness::process::{self, End, Limits, Outcome, Streams};
use harness::program::{self, BENCH_TIME, Kind, Program};

#[derive(Parser)]
#[command(about = "Makes the expected outputs of programs with the real Go toolchain")]
struct Options {
    /// Compare only; write nothing.
    #[arg(long)]
    check: bool,
    /// The Go command.
    #[arg(long, default_value = "go")]
    go: String,
    /// Only programs whose path contains this.
    #[arg(long, default_value = "")]
    filter: String,
    #[arg(required = true)]
    folders: Vec<PathBuf>,
}

fn main() -> Result<ExitCode> {
    let options = Options::parse();
    let scratch = env::temp_dir().join(format!("morestack-bless-{}", std::process::id()));
    fs::create_dir_all(&scratch).with_context(|| format!("creating {}", scratch.display()))?;
    let mut failures = 0;
    for folder in &options.folders {
        for program in program::discover(folder)? {
            if !program.path.to_string_lossy().contains(&options.filter) {
                continue;
            }
            let outcome = run_by_go(&program, &options.go, &scratch)?;
            let result = if options.check {
                program.check(&outcome)
            } else {
                program.observe(&outcome).and_then(|expectation| {
                    program
                        .record(&expectation)
                        .map_err(|error| format!("{error:#}"))
                })
            };
            if let Err(difference) = result {
                failures += 1;
                println!("{}: {difference}", program.path.display());
            }
        }
    }
    fs::remove_dir_all(&scratch).with_context(|| format!("removing {}", scratch.display()))?;
    Ok(if failures == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn run_by_go(program: &Program, go: &str, scratch: &Path) -> Result<Outcome> {
    let (folder, file) = program.folder_and_file();
    let mut source = PathBuf::from(&file);
    let limits = Limits::seconds(120);
    let mut build = Command::new(go);
    build
        .current_dir(folder)
        .envs([("GOTOOLCHAIN", "local"), ("GOPROXY", "off")]);
    if program.kind == Kind::Test {
        build
            .args(["test", "-bench", ".", "-benchmem", "-benchtime", BENCH_TIME])
            .arg(&source);
        return Ok(process::run(build, b"", Streams::Apart, limits)?);
    }
    if program.kind == Kind::File {
        let path = folder.join(&file);
        let text =
            fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
        if text.starts_with("#!") {
            // The toolchain knows no scripts: give it a comment for the first line.
            source = scratch.join(&file);
            fs::write(&source, format!("//{text}"))?;
        }
    }
    let binary = scratch.join("program");
    build.arg("build").arg("-o").arg(&binary);
    if program.kind == Kind::Module {
        build.current_dir(&program.path).arg(".");
    } else {
        build.arg(&source);
    }
    let built = process::run(build, b"", Streams::Apart, limits)?;
    if built.end != End::Exit(0) {
        return Ok(built);
    }
    let mut command = Command::new(&binary);
    command.current_dir(folder).args(&program.args);
    command.envs(program.env.iter().map(|(name, value)| (name, value)));
    Ok(process::run(
        command,
        &program.stdin()?,
        Streams::Apart,
        limits,
    )?)
}
