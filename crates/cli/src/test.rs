//! `morestack test`: finds packages, runs their tests and reports, with the arguments and the output of `go test`.
//!
//! Each package's tests run in a process of their own, forked when everything has been checked: a test may end the process, change its directory or
//! crash it.

use std::fs::File;
use std::io::{Read, Write};
use std::os::fd::{AsRawFd, FromRawFd};
use std::path::{Path, PathBuf};
use std::time::Instant;

use morestack::check::{Checked, MAX_DIAGNOSTICS};
use morestack::machine::Machine;
use morestack::testing::{TestFailure, TestPackage, check_tests, directories_below, directory_of};
use morestack::{Config, Standard};

/// Flags of the test program that take a value.
const VALUE_FLAGS: &[&str] = &[
    "run",
    "bench",
    "benchtime",
    "count",
    "timeout",
    "parallel",
    "cpu",
    "list",
    "skip",
    "shuffle",
    "fuzz",
    "outputdir",
    "blockprofile",
    "cpuprofile",
    "memprofile",
    "mutexprofile",
    "trace",
];
/// Flags of the test program that take none.
const BOOL_FLAGS: &[&str] = &[
    "v",
    "benchmem",
    "short",
    "failfast",
    "fullpath",
    "artifacts",
];
/// Flags of `go test` that change nothing here, with a value or without.
const IGNORED_VALUE_FLAGS: &[&str] = &["vet", "p", "mod"];
const IGNORED_FLAGS: &[&str] = &["trimpath", "a", "x"];
/// Flags of `go test` that would change something.
const UNSUPPORTED: &[&str] = &[
    "c",
    "o",
    "i",
    "json",
    "exec",
    "race",
    "msan",
    "asan",
    "cover",
    "covermode",
    "coverpkg",
    "coverprofile",
    "tags",
];

/// What a test program writes when nothing is chosen.
const NOTHING_RUN: &str = "testing: warning: no tests to run\n";

/// The command line, taken apart.
#[derive(Default)]
struct Options {
    packages: Vec<String>,
    /// What the test programs get, `-test.` flags first.
    program_args: Vec<String>,
    verbose: bool,
    bench: bool,
    list: bool,
    fail_fast: bool,
}

impl Options {
    fn parse(args: &[String]) -> Result<Options, String> {
        let mut options = Options::default();
        let mut rest = Vec::new();
        let mut timeout = false;
        let mut flag_since_packages = false;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if arg == "-args" || arg == "--args" {
                rest.extend(args.by_ref().cloned());
                break;
            }
            let Some(flag) = arg
                .strip_prefix("--")
                .or_else(|| arg.strip_prefix('-'))
                .filter(|f| !f.is_empty())
            else {
                if options.packages.is_empty() || !flag_since_packages {
                    options.packages.push(arg.clone());
                    flag_since_packages = false;
                } else {
                    rest.push(arg.clone());
                }
                continue;
            };
            flag_since_packages = true;
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (flag, None),
            };
            let name = name.strip_prefix("test.").unwrap_or(name);
            let mut needed = |name: &str| match value.clone().or_else(|| args.next().cloned()) {
                Some(value) => Ok(value),
                None => Err(format!("flag needs an argument: -{name}")),
            };
            if VALUE_FLAGS.contains(&name) {
                let value = needed(name)?;
                match name {
                    "bench" => options.bench = !value.is_empty(),
                    "list" => options.list = !value.is_empty(),
                    "timeout" => timeout = true,
                    _ => {}
                }
                options.program_args.push(format!("-test.{name}={value}"));
            } else if BOOL_FLAGS.contains(&name) {
                let value = value.unwrap_or_else(|| "true".into());
                let on = !matches!(
                    value.as_str(),
                    "false" | "0" | "f" | "F" | "FALSE" | "False"
                );
                match name {
                    "v" => options.verbose = on,
                    "failfast" => options.fail_fast = on,
                    _ => {}
                }
                options.program_args.push(format!("-test.{name}={value}"));
            } else if IGNORED_VALUE_FLAGS.contains(&name) {
                needed(name)?;
            } else if UNSUPPORTED.contains(&name) {
                return Err(format!("flag -{name} is not supported"));
            } else if !IGNORED_FLAGS.contains(&name) {
                // A flag that the tests define.
                rest.push(arg.clone());
            }
        }
        if !timeout {
            options.program_args.push("-test.timeout=10m0s".into());
        }
        options.program_args.append(&mut rest);
        Ok(options)
    }

    /// Whether what passing tests write is shown.
    fn show_passing(&self) -> bool {
        self.verbose || self.list
    }

    /// The packages: a directory or files each. What cannot be found stays as it is, for an error that names it.
    fn resolve(&self) -> Vec<Vec<PathBuf>> {
        if self.packages.is_empty() {
            return vec![vec![".".into()]];
        }
        if self.packages.iter().all(|p| p.ends_with(".go")) {
            return vec![self.packages.iter().map(PathBuf::from).collect()];
        }
        let mut all: Vec<Vec<PathBuf>> = Vec::new();
        for package in &self.packages {
            let (name, below) = match package.strip_suffix("/...") {
                Some(name) => (name, true),
                None if package == "..." => (".", true),
                None => (package.as_str(), false),
            };
            let mut dir = PathBuf::from(name);
            if !dir.is_dir()
                && let Some(found) = directory_of(name)
            {
                dir = found;
            }
            let found = if below {
                directories_below(&dir).ok()
            } else {
                None
            };
            for dir in found.unwrap_or_else(|| vec![dir]) {
                if !all.contains(&vec![dir.clone()]) {
                    all.push(vec![dir]);
                }
            }
        }
        all
    }
}

/// Runs `morestack test`; the exit code.
pub fn test(args: &[String]) -> u8 {
    let options = match Options::parse(args) {
        Ok(options) => options,
        Err(message) => {
            eprintln!("morestack test: {message}");
            return 2;
        }
    };
    let packages = options.resolve();
    if packages.is_empty() {
        eprintln!(
            "morestack: warning: {:?} matched no packages",
            options.packages.join(" ")
        );
        return 0;
    }
    let standard = Standard::from_env();
    let single = packages.len() == 1;
    let mut failed = false;
    for package in packages {
        let ok = match check_tests(&package, &standard) {
            Ok(package) => run_package(package, &options, single),
            Err(failure) => {
                report_failure(&failure);
                false
            }
        };
        failed |= !ok;
        if failed && options.fail_fast {
            break;
        }
    }
    if failed && !options.packages.is_empty() {
        println!("FAIL");
    }
    u8::from(failed)
}

/// Tells why a package's tests cannot run.
fn report_failure(failure: &TestFailure) {
    let path = &failure.path;
    let (header, state) = if failure.setup {
        (path.clone(), "setup")
    } else {
        (format!("{path} [{path}.test]"), "build")
    };
    eprintln!("# {header}");
    failure
        .failure
        .lines(Some(MAX_DIAGNOSTICS))
        .iter()
        .for_each(|line| eprintln!("{line}"));
    println!("FAIL\t{path} [{state} failed]");
}

/// Runs a package's tests and prints the line about them; whether they passed.
fn run_package(package: TestPackage, options: &Options, single: bool) -> bool {
    let path = package.path;
    let Some(program) = package.program else {
        println!("?   \t{path}\t[no test files]");
        return true;
    };
    let start = Instant::now();
    // As go test: what is asked for by name is shown when it is done, what a benchmark or the tests of this directory write is shown at once.
    let stream = options.packages.is_empty() || options.bench;
    let echo = single && options.show_passing();
    let name = format!("{}.test", path.rsplit('/').next().unwrap_or(&path));
    let mut args = vec![name];
    args.extend(options.program_args.iter().cloned());
    let end = match run_forked(program, &package.dir, args, !stream, echo) {
        Ok(end) => end,
        Err(e) => {
            eprintln!("morestack test: {path}: {e}");
            println!("FAIL\t{path} [setup failed]");
            return false;
        }
    };
    let took = format!("{:.3}s", start.elapsed().as_secs_f64());
    if end.code == Some(0) {
        if options.show_passing() && !echo {
            print!("{}", end.output);
        }
        let nothing =
            end.output.starts_with(NOTHING_RUN) || end.output.contains(&format!("\n{NOTHING_RUN}"));
        println!(
            "ok  \t{path}\t{took}{}",
            if nothing { " [no tests to run]" } else { "" }
        );
        return true;
    }
    if !echo {
        print!("{}", end.output);
    }
    if end.output.is_empty() {
        println!("{}", end.status());
    } else if !end.output.ends_with('\n') {
        println!();
    }
    println!("FAIL\t{path}\t{took}");
    false
}

/// How a test program ended.
struct End {
    /// Its exit code, unless a signal ended it.
    code: Option<i32>,
    signal: i32,
    /// What it wrote, if it was kept.
    output: String,
}

impl End {
    fn status(&self) -> String {
        match self.code {
            Some(code) => format!("exit status {code}"),
            None => format!("signal: {}", self.signal),
        }
    }
}

/// Runs a program in a child process in `dir`. With `keep` its output is kept, else it goes where this process's does; `echo` shows it at once as well.
fn run_forked(
    program: Checked,
    dir: &Path,
    args: Vec<String>,
    keep: bool,
    echo: bool,
) -> std::io::Result<End> {
    let mut stdout = std::io::stdout();
    // Nothing that is buffered may be written twice.
    stdout.flush()?;
    let mut fds = [-1; 2];
    if keep {
        // SAFETY: the array has room for two descriptors.
        if unsafe { libc::pipe2(fds.as_mut_ptr(), libc::O_CLOEXEC) } < 0 {
            return Err(std::io::Error::last_os_error());
        }
    }
    // SAFETY: no other thread runs: the one that started this one waits for its end. The child can go on as if it were this process.
    let pid = unsafe { libc::fork() };
    match pid {
        -1 => return Err(std::io::Error::last_os_error()),
        0 => run_child(program, dir, args, fds[1]),
        _ => {}
    }
    let mut output = Vec::new();
    if keep {
        // SAFETY: both descriptors are this function's own.
        let (mut from, to) = unsafe { (File::from_raw_fd(fds[0]), File::from_raw_fd(fds[1])) };
        drop(to);
        let mut chunk = [0; 1 << 14];
        loop {
            let n = from.read(&mut chunk)?;
            if n == 0 {
                break;
            }
            output.extend_from_slice(&chunk[..n]);
            if echo {
                stdout.write_all(&chunk[..n])?;
                stdout.flush()?;
            }
        }
    }
    let mut status = 0;
    // SAFETY: waits for the child just made.
    while unsafe { libc::waitpid(pid, &mut status, 0) } < 0 {
        let e = std::io::Error::last_os_error();
        if e.kind() != std::io::ErrorKind::Interrupted {
            return Err(e);
        }
    }
    let code = libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
    Ok(End {
        code,
        signal: libc::WTERMSIG(status),
        output: String::from_utf8_lossy(&output).into_owned(),
    })
}

/// The child's part: output to `to` (unless it is negative), errors to the same place, then the program.
fn run_child(program: Checked, dir: &Path, args: Vec<String>, to: i32) -> ! {
    let out = std::io::stdout().as_raw_fd();
    // SAFETY: descriptors of this process.
    unsafe {
        if to >= 0 {
            libc::dup2(to, out);
        }
        libc::dup2(out, std::io::stderr().as_raw_fd());
    }
    let code = match std::env::set_current_dir(dir) {
        Ok(()) => Machine::new(program, Config::from_env(), args).run(),
        Err(e) => {
            eprintln!("{}: {e}", dir.display());
            1
        }
    };
    // SAFETY: ends the process; what the parent process left in its buffers and handlers is none of the child's.
    unsafe { libc::_exit(code) }
}

#[cfg(test)]
mod tests {
    use super::Options;

    fn parse(text: &str) -> Options {
        let args: Vec<String> = text.split(' ').map(str::to_owned).collect();
        Options::parse(&args).unwrap_or_else(|e| panic!("{e}"))
    }

    #[test]
    fn arguments() {
        let o = parse("-v -bench . -benchtime=20ms a_test.go -run X extra -own=1 -args -v");
        assert!(o.verbose && o.bench);
        assert_eq!(o.packages, ["a_test.go"]);
        assert_eq!(
            o.program_args,
            [
                "-test.v=true",
                "-test.bench=.",
                "-test.benchtime=20ms",
                "-test.run=X",
                "-test.timeout=10m0s",
                "extra",
                "-own=1",
                "-v"
            ]
        );
        assert_eq!(parse("./a ./b -count 2").packages, ["./a", "./b"]);
        assert!(Options::parse(&["-run".into()]).is_err());
        assert!(Options::parse(&["-race".into()]).is_err());
    }
}
