//! Runs generated programs in all ways that must agree: morestack as it is and under its stress modes, and the real toolchain.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use harness::process::{End, Limits, Outcome, Streams, run};

/// What a program did, as far as all ways of running it must agree.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Behaviour {
    pub end: End,
    pub stdout: String,
    /// Standard error up to the goroutine traces, which hold addresses.
    pub stderr: String,
}

impl Behaviour {
    fn of(outcome: Outcome) -> Behaviour {
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        let text = stderr.split("\ngoroutine ").next().unwrap_or_default();
        let lines = text.lines().filter(|line| !line.starts_with("[signal "));
        Behaviour {
            end: outcome.end,
            stdout: String::from_utf8_lossy(&outcome.stdout).into_owned(),
            stderr: lines.collect::<Vec<_>>().join("\n").trim_end().to_owned(),
        }
    }

    /// A text for people, and for the files in which expectations are kept.
    pub fn text(&self) -> String {
        format!(
            "{}\n--- stdout\n{}--- stderr\n{}\n",
            self.end, self.stdout, self.stderr
        )
    }
}

/// One way of running a program with morestack.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Mode {
    /// Value of `MORESTACK_STRESS`, empty for none.
    pub stress: String,
    /// Value of `--engine`, if one is asked for.
    pub engine: Option<String>,
    /// Whether what the compiler makes is proven right on the way.
    pub checked: bool,
}

impl std::fmt::Display for Mode {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let stress = match self.stress.as_str() {
            "" => "normal",
            stress => stress,
        };
        write!(f, "{stress}")?;
        match &self.engine {
            Some(engine) => write!(f, " ({engine})"),
            None => Ok(()),
        }
    }
}

/// All combinations of stress modes that are worth a run.
pub const STRESS: [&str; 6] = ["", "move", "gc", "preempt", "move,gc", "move,gc,preempt"];

/// How long one run of a program may take, and how much memory.
pub fn limits(seconds: u64) -> Limits {
    Limits {
        time: Duration::from_secs(seconds),
        memory: Some(2 << 30),
    }
}

/// Runs a Go file with morestack.
pub fn run_morestack(
    morestack: &Path,
    file: &Path,
    mode: &Mode,
    limits: Limits,
) -> Result<Behaviour> {
    let mut command = Command::new(morestack);
    command.arg("run");
    if let Some(engine) = &mode.engine {
        command.arg(format!("--engine={engine}"));
    }
    command.arg(file).env_remove("MORESTACK_STRESS");
    if mode.checked {
        command.env("MORESTACK_CHECK", "code");
    }
    if !mode.stress.is_empty() {
        command.env("MORESTACK_STRESS", &mode.stress);
    }
    let outcome = run(command, b"", Streams::Apart, limits)
        .with_context(|| format!("running {}", morestack.display()))?;
    Ok(Behaviour::of(outcome))
}

/// The real toolchain: builds programs by the batch, since linking each alone would take most of the time.
pub struct Toolchain {
    go: PathBuf,
    dir: PathBuf,
}

impl Toolchain {
    /// `dir` is where batches are built; what is in it is replaced.
    pub fn new(go: PathBuf, dir: PathBuf) -> Toolchain {
        Toolchain { go, dir }
    }

    /// Whether the toolchain can be run at all.
    pub fn works(&self) -> bool {
        let mut command = Command::new(&self.go);
        command.arg("version");
        run(command, b"", Streams::Apart, limits(20)).is_ok_and(|o| o.end == End::Exit(0))
    }

    /// What each program does when compiled. One binary holds them all; its argument says which one runs.
    pub fn run_all(&self, programs: &[String], time: Limits) -> Result<Vec<Behaviour>> {
        let module = self.dir.join("module");
        if module.exists() {
            fs::remove_dir_all(&module)?;
        }
        let mut main = String::from("package main\n\nimport (\n\t\"os\"\n");
        let mut cases = String::new();
        for (i, program) in programs.iter().enumerate() {
            let dir = module.join(format!("batch{i}"));
            fs::create_dir_all(&dir).with_context(|| format!("making {}", dir.display()))?;
            let text = program
                .replacen("package main\n", &format!("package batch{i}\n"), 1)
                .replacen("\nfunc main() {", "\nfunc Main() {", 1);
            fs::write(dir.join("program.go"), text)?;
            main += &format!("\t\"fuzz/batch{i}\"\n");
            cases += &format!("\tcase \"{i}\":\n\t\tbatch{i}.Main()\n");
        }
        main += &format!(")\n\nfunc main() {{\n\tswitch os.Args[1] {{\n{cases}\t}}\n}}\n");
        fs::write(module.join("main.go"), main)?;
        fs::write(module.join("go.mod"), "module fuzz\n\ngo 1.26\n")?;
        let binary = self.dir.join("batch");
        let mut command = Command::new(&self.go);
        command
            .args(["build", "-o"])
            .arg(&binary)
            .arg(".")
            .current_dir(&module)
            .env("GOTOOLCHAIN", "local")
            .env("GOPROXY", "off")
            .env("GOFLAGS", "-mod=mod");
        let built = run(command, b"", Streams::Merged, Limits::seconds(600))?;
        if built.end != End::Exit(0) {
            bail!(
                "the toolchain refuses a generated program: {}\n{}",
                built.end,
                String::from_utf8_lossy(&built.stdout)
            );
        }
        let mut all = Vec::new();
        for i in 0..programs.len() {
            let mut command = Command::new(&binary);
            command.arg(i.to_string());
            let mut behaviour = Behaviour::of(run(command, b"", Streams::Apart, time)?);
            let package = format!("batch{i}.");
            behaviour.stdout = behaviour.stdout.replace(&package, "main.");
            behaviour.stderr = behaviour.stderr.replace(&package, "main.");
            all.push(behaviour);
        }
        Ok(all)
    }
}
