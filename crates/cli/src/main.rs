//! The morestack command.

mod allocator;
mod repl;
mod stack;
mod test;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use morestack::check::{MAX_DIAGNOSTICS, check};
use morestack::machine::Machine;
use morestack::{Config, Engine, Form, Standard};

#[global_allocator]
static ALLOCATOR: allocator::Allocator = allocator::Allocator;

#[derive(Parser)]
#[command(
    name = "morestack",
    version,
    about = "Runs Go programs straight from source"
)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a program: Go files, or the directory of a package main; what follows is the program's.
    Run(RunArgs),
    /// Run the tests, benchmarks and examples of packages, as `go test` does.
    Test {
        /// Flags of `go test` (-v, -run, -bench, -benchmem, ...), directories (`./...` for all below) or Go files.
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        args: Vec<String>,
    },
    /// Enter Go piece by piece: an interactive session (`:help` in it tells more), or entries from a pipe.
    Repl,
    /// Report the errors of a program without running it.
    Check {
        /// Report all errors, not only the first ten.
        #[arg(short = 'e')]
        all: bool,
        /// Go files, or a directory.
        #[arg(required = true)]
        files: Vec<PathBuf>,
    },
    /// Print the bytecode of a program's functions: slots, pointer maps, instructions with source lines.
    Disasm {
        /// Print escape analysis' decisions instead.
        #[arg(short = 'm')]
        escapes: bool,
        /// Print what the compiler for hot code works on: after the named stage, after `all`, or at the end.
        #[arg(long, value_name = "STAGE", num_args = 0..=1, require_equals = true, default_missing_value = "")]
        ssa: Option<String>,
        /// Print machine code.
        #[arg(long, conflicts_with = "ssa")]
        native: bool,
        /// Print where machine code and interpreter meet: pointers at calls, what exits write into the frame.
        #[arg(long, conflicts_with_all = ["ssa", "native"])]
        maps: bool,
        /// A Go file, or a directory.
        file: PathBuf,
        /// Only functions whose name contains this.
        #[arg(default_value = "")]
        func: String,
    },
}

#[derive(Args)]
struct RunArgs {
    /// End the program when its heap takes more (1000000, 512MiB, 2GiB).
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_heap: Option<u64>,
    /// End the program when its goroutines' stacks together take more.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_stack_memory: Option<u64>,
    /// End the program when it has more goroutines.
    #[arg(long, value_name = "N")]
    max_goroutines: Option<usize>,
    /// What executes the program: interp, jit (compiles everything at first call), tiered (compiles what is hot).
    #[arg(long, value_parser = parse_engine)]
    engine: Option<Engine>,
    /// Compile nothing more when there are so many bytes of machine code.
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_code: Option<u64>,
    /// When the program has ended, tell on stderr what was compiled and how stacks grew.
    #[arg(long)]
    stats: bool,
    /// Name compiled code in /tmp/perf-PID.map, for perf.
    #[arg(long)]
    perf_map: bool,
    /// Tell GDB of compiled code: names, lines, frames.
    #[arg(long)]
    gdb: bool,
    /// Go files or a directory, then the program's arguments.
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    args: Vec<String>,
}

fn bytes(text: &str) -> Result<u64, String> {
    morestack::parse_bytes(text).ok_or_else(|| "not a number of bytes".to_owned())
}

impl RunArgs {
    fn config(&self) -> Config {
        let mut config = Config::from_env();
        config.max_heap = self.max_heap.unwrap_or(config.max_heap);
        config.max_stack_memory = self.max_stack_memory.unwrap_or(config.max_stack_memory);
        config.max_goroutines = self.max_goroutines.unwrap_or(config.max_goroutines);
        config.engine = self.engine.unwrap_or(config.engine);
        config.max_code = self.max_code.unwrap_or(config.max_code);
        config.stats = self.stats;
        config.perf_map = self.perf_map;
        config.gdb = self.gdb;
        config.compiling = allocator::compile;
        config.owns_process = true;
        config
    }
}

fn parse_engine(text: &str) -> Result<Engine, String> {
    match text {
        "interp" => Ok(Engine::Interp),
        "jit" => Ok(Engine::Jit),
        "tiered" => Ok(Engine::Tiered),
        _ => Err("interp, jit or tiered".to_owned()),
    }
}

fn main() -> ExitCode {
    // Trees may be deep, and the compiler recurses over them.
    let code = stack::on_large_stack(|| dispatch(Cli::parse()));
    ExitCode::from(code)
}

fn dispatch(cli: Cli) -> u8 {
    match cli.command {
        Command::Run(args) => run(&args.args, args.config()),
        Command::Test { args } => test::test(&args),
        Command::Disasm {
            escapes,
            ssa,
            native,
            maps,
            file,
            func,
        } => {
            let form = match ssa {
                Some(stage) => Some(Form::Ssa(stage)),
                None if native => Some(Form::Native),
                None => maps.then_some(Form::Maps),
            };
            disasm(file, escapes, form, &func)
        }
        Command::Repl => repl::repl(),
        Command::Check { all, files } => match check(&files, Standard::from_env(), false) {
            Ok(_) => 0,
            Err(failure) => {
                let limit = (!all).then_some(MAX_DIAGNOSTICS);
                failure
                    .lines(limit)
                    .iter()
                    .for_each(|line| eprintln!("{line}"));
                1
            }
        },
    }
}

/// The leading Go files (or the one directory), and the rest, which is the program's.
fn split_args(args: &[String]) -> (Vec<PathBuf>, Vec<String>) {
    let files = args
        .iter()
        .take_while(|a| a.ends_with(".go"))
        .count()
        .max(1);
    (
        args[..files].iter().map(PathBuf::from).collect(),
        args[files..].to_vec(),
    )
}

fn run(args: &[String], config: Config) -> u8 {
    let (files, rest) = split_args(args);
    match check(&files, Standard::from_env(), false) {
        Ok(checked) => {
            if checked.package_name != "main" {
                eprintln!("package {} is not a main package", checked.package_name);
                return 1;
            }
            let name = files[0].with_extension("").to_string_lossy().into_owned();
            let mut os_args = vec![name];
            os_args.extend(rest);
            end(Machine::new(checked, config, os_args).run())
        }
        Err(failure) => {
            failure
                .lines(Some(MAX_DIAGNOSTICS))
                .iter()
                .for_each(|line| eprintln!("{line}"));
            1
        }
    }
}

/// Ends the process as a Go program ends it, at once: to take apart what the system takes back whole would be felt.
fn end(code: i32) -> ! {
    use std::io::Write;
    let _ = std::io::stdout().flush();
    // SAFETY: nothing is left to do.
    unsafe { libc::_exit(code) }
}

fn disasm(file: PathBuf, escapes: bool, form: Option<Form>, filter: &str) -> u8 {
    let machine = match check(&[file], Standard::from_env(), false) {
        Ok(checked) => Machine::new(checked, Config::default(), Vec::new()),
        Err(failure) => {
            failure
                .lines(Some(MAX_DIAGNOSTICS))
                .iter()
                .for_each(|line| eprintln!("{line}"));
            return 1;
        }
    };
    if escapes {
        machine
            .escape_notes()
            .iter()
            .for_each(|note| println!("{note}"));
        return 0;
    }
    let texts = match form {
        Some(form) => machine.compiled_listings(filter, &form),
        None => machine.listings(filter),
    };
    match texts {
        Ok(texts) if texts.is_empty() => {
            eprintln!("no function's name contains {filter:?}");
            1
        }
        Ok(texts) => {
            println!("{}", texts.join("\n").trim_end());
            0
        }
        Err(e) => {
            eprintln!("{e}");
            1
        }
    }
}
