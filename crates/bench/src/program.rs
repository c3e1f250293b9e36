//! The programs under `programs/` and their expectations: the convention is told in `programs/README.md`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{fs, io};

use anyhow::{Context, Result};

use crate::expect::{self, Form};
use crate::process::{self, End, Limits, Outcome, Streams};

/// How a program is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `name.go`, by `morestack run`.
    File,
    /// `name_test.go`, by `morestack test -bench .`.
    Test,
    /// A folder with a `go.mod`, by `morestack run`.
    Module,
}

/// A program with its settings.
#[derive(Clone, Debug)]
pub struct Program {
    pub path: PathBuf,
    pub kind: Kind,
    pub form: Form,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
}

/// What a program must do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expectation {
    pub stdout: String,
    pub stderr: String,
    pub code: i32,
}

/// How long the benchmarks of a `_test.go` file run, each. They are run for their form, not their figures.
pub const BENCH_TIME: &str = "20ms";

impl Program {
    /// Reads the settings from a program's opening comment.
    pub fn load(path: &Path) -> Result<Self> {
        let kind = if path.is_dir() {
            Kind::Module
        } else if path.to_string_lossy().ends_with("_test.go") {
            Kind::Test
        } else {
            Kind::File
        };
        let mut program = Program {
            path: path.to_path_buf(),
            kind,
            form: Form::Plain,
            args: vec![],
            env: vec![],
        };
        if kind == Kind::Module {
            return Ok(program);
        }
        let source =
            fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let comment = source
            .lines()
            .take_while(|line| line.starts_with("//") || line.starts_with("#!"));
        for line in comment {
            let line = line.trim_start_matches('/').trim();
            if let Some(form) = line.strip_prefix("output: ") {
                program.form = match form {
                    "trace" => Form::Trace,
                    "bench" => Form::Bench,
                    _ => anyhow::bail!("{}: unknown output form {form:?}", path.display()),
                };
            } else if let Some(args) = line.strip_prefix("args: ") {
                program.args = args.split_whitespace().map(str::to_string).collect();
            } else if let Some(env) = line.strip_prefix("env: ") {
                let pairs = env
                    .split_whitespace()
                    .filter_map(|pair| pair.split_once('='));
                program.env = pairs
                    .map(|(name, value)| (name.to_string(), value.to_string()))
                    .collect();
            }
        }
        Ok(program)
    }

    /// The folder it lies in and its name there, extension included.
    pub fn folder_and_file(&self) -> (&Path, String) {
        let folder = self.path.parent().unwrap_or(Path::new("."));
        (
            folder,
            self.path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned(),
        )
    }

    /// Is it one of those that must not compile?
    pub fn fails_to_compile(&self) -> bool {
        self.folder_and_file().1.starts_with("compile_")
    }

    /// The file beside the program with the given extension.
    pub fn beside(&self, extension: &str) -> PathBuf {
        let (folder, file) = self.folder_and_file();
        folder.join(format!("{}.{extension}", file.trim_end_matches(".go")))
    }

    /// What it is given on standard input.
    pub fn stdin(&self) -> Result<Vec<u8>> {
        Ok(optional(&self.beside("in"))?.unwrap_or_default())
    }

    /// What it must do. What no file tells is empty, and the exit code 0.
    pub fn expectation(&self) -> Result<Expectation> {
        let text = |extension| -> Result<String> {
            let bytes = optional(&self.beside(extension))?.unwrap_or_default();
            // A program may write any bytes; both sides are read alike.
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        let code = text("code")?;
        let code = if code.is_empty() {
            0
        } else {
            code.trim()
                .parse()
                .with_context(|| format!("{}", self.beside("code").display()))?
        };
        Ok(Expectation {
            stdout: text("out")?,
            stderr: text("err")?,
            code,
        })
    }

    /// Writes what it must do to the files beside it, and removes those that have nothing to tell.
    pub fn record(&self, expectation: &Expectation) -> Result<()> {
        let code = if expectation.code == 0 {
            String::new()
        } else {
            format!("{}\n", expectation.code)
        };
        for (extension, text) in [
            ("out", &expectation.stdout),
            ("err", &expectation.stderr),
            ("code", &code),
        ] {
            let path = self.beside(extension);
            if !text.is_empty() {
                fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
            } else if path.exists() {
                fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
            }
        }
        Ok(())
    }

    /// The command that runs it under morestack, with one of its engines or its own choice.
    pub fn command(&self, morestack: &Path, engine: Option<&str>) -> Command {
        let (folder, file) = self.folder_and_file();
        let mut command = Command::new(morestack);
        match self.kind {
            Kind::File | Kind::Module => command
                .arg("run")
                .args(engine.map(|engine| format!("--engine={engine}")))
                .arg(file)
                .args(&self.args),
            Kind::Test => command
                .args(["test", "-bench", ".", "-benchmem", "-benchtime", BENCH_TIME])
                .arg(file),
        };
        command
            .current_dir(folder)
            .envs(self.env.iter().map(|(name, value)| (name, value)));
        command
    }

    /// Runs it under morestack.
    pub fn run(
        &self,
        morestack: &Path,
        engine: Option<&str>,
        env: &[(&str, &str)],
        limits: Limits,
    ) -> Result<Outcome> {
        let mut command = self.command(morestack, engine);
        command.envs(env.iter().copied());
        process::run(command, &self.stdin()?, Streams::Apart, limits)
            .with_context(|| format!("running {}", morestack.display()))
    }

    /// What an outcome amounts to, in the form that expectations have.
    pub fn observe(&self, outcome: &Outcome) -> Result<Expectation, String> {
        let End::Exit(code) = outcome.end else {
            let stderr = String::from_utf8_lossy(&outcome.stderr);
            return Err(format!(
                "{} (stderr begins {:?})",
                outcome.end,
                first_line(&stderr)
            ));
        };
        let stdout = String::from_utf8_lossy(&outcome.stdout);
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        Ok(Expectation {
            stdout: expect::normalise(&stdout, self.form),
            stderr: expect::normalise(&stderr, Form::Trace),
            code,
        })
    }

    /// Compares an outcome with the expectation; `Err` tells what differs.
    pub fn check(&self, outcome: &Outcome) -> Result<(), String> {
        let want = self.expectation().map_err(|error| format!("{error:#}"))?;
        let have = self.observe(outcome)?;
        let mut differences = Vec::new();
        if have.code != want.code {
            differences.push(format!("exit code {} instead of {}", have.code, want.code));
        }
        if let Err(difference) = expect::compare(&want.stdout, &have.stdout) {
            differences.push(format!("stdout {difference}"));
        }
        if let Err(difference) = expect::compare(&want.stderr, &have.stderr) {
            differences.push(format!("stderr {difference}"));
        }
        if differences.is_empty() {
            Ok(())
        } else {
            Err(differences.join("; "))
        }
    }
}

/// All programs of a folder, sorted by name.
pub fn discover(folder: &Path) -> Result<Vec<Program>> {
    let mut programs = Vec::new();
    let entries = fs::read_dir(folder).with_context(|| format!("reading {}", folder.display()))?;
    for entry in entries {
        let path = entry?.path();
        if path.extension().is_some_and(|extension| extension == "go")
            || path.join("go.mod").exists()
        {
            programs.push(Program::load(&path)?);
        }
    }
    programs.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(programs)
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

fn optional(path: &Path) -> Result<Option<Vec<u8>>> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("reading {}", path.display())),
    }
}
