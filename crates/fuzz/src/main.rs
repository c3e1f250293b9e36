//! Runs random programs under every engine and stress mode, and with the real toolchain, and keeps what differs.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result};
use clap::Parser;
use fuzz::run::{Behaviour, Mode, STRESS, Toolchain, limits, run_morestack};
use fuzz::{Program, generate, generate_plain, programs};
use harness::process::End;
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

/// Fuzzes morestack with random valid Go programs.
#[derive(Parser)]
struct Args {
    /// How many programs.
    #[arg(long, default_value_t = 100)]
    count: usize,
    /// The same seed gives the same programs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// The morestack command; without it only the real toolchain runs.
    #[arg(long)]
    morestack: Option<PathBuf>,
    /// The go command; `none` to do without.
    #[arg(long, default_value = "go")]
    go: PathBuf,
    /// Values of MORESTACK_STRESS to run under besides the normal mode, separated by spaces (each may be a comma-separated combination).
    #[arg(long)]
    stress: Option<String>,
    /// Engines, separated by commas; without it morestack's own choice.
    #[arg(long)]
    engine: Option<String>,
    /// Programs compiled together by the real toolchain.
    #[arg(long, default_value_t = 50)]
    batch: usize,
    /// Seconds that one run may take.
    #[arg(long, default_value_t = 20)]
    time: u64,
    /// Runs that shrinking one failure may take.
    #[arg(long, default_value_t = 400)]
    shrink: usize,
    /// Stop after so many failures.
    #[arg(long, default_value_t = 10)]
    failures: usize,
    /// Where failures and batches go.
    #[arg(long, default_value = "target/fuzz-failures")]
    out: PathBuf,
    /// Programs that import nothing and print with the builtin println.
    #[arg(long)]
    plain: bool,
    /// Sections that a program has at most: with few, many more programs run in the same time.
    #[arg(long, default_value_t = 8)]
    sections: usize,
    /// Spare the compiler's own checkers, which take half of the time.
    #[arg(long)]
    unchecked: bool,
    /// Only write the programs there; run nothing.
    #[arg(long)]
    write: Option<PathBuf>,
}

impl Args {
    fn text(&self, program: &Program) -> String {
        if self.plain {
            generate_plain(program)
        } else {
            generate(program)
        }
    }
}

struct Fuzzer {
    args: Args,
    modes: Vec<Mode>,
    toolchain: Option<Toolchain>,
}

fn main() -> Result<()> {
    let mut args = Args::parse();
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&args.seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &seed);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    if let Some(dir) = &args.write {
        fs::create_dir_all(dir)?;
        for i in 0..args.count {
            let text = args.text(&new_tree(&mut runner, args.sections).current());
            fs::write(dir.join(format!("p{i}.go")), text)?;
        }
        return Ok(());
    }
    fs::create_dir_all(&args.out).with_context(|| format!("making {}", args.out.display()))?;
    // The toolchain runs in a directory of its own.
    args.out = fs::canonicalize(&args.out)?;
    let stress: Vec<&str> = match &args.stress {
        Some(list) => std::iter::once("").chain(list.split_whitespace()).collect(),
        None => STRESS.to_vec(),
    };
    let engines: Vec<Option<String>> = match &args.engine {
        Some(list) => list.split(',').map(|e| Some(e.to_owned())).collect(),
        None => vec![None],
    };
    let mut modes = Vec::new();
    for engine in engines {
        for stress in &stress {
            modes.push(Mode {
                stress: (*stress).to_owned(),
                engine: engine.clone(),
                checked: !args.unchecked,
            });
        }
    }
    let toolchain = Toolchain::new(args.go.clone(), args.out.clone());
    let fuzzer = Fuzzer {
        modes: if args.morestack.is_some() {
            modes
        } else {
            Vec::new()
        },
        toolchain: toolchain.works().then_some(toolchain),
        args,
    };
    if fuzzer.toolchain.is_none() {
        eprintln!("no real toolchain: morestack is compared with itself");
    }
    fuzzer.fuzz(&mut runner)
}

fn new_tree(
    runner: &mut TestRunner,
    sections: usize,
) -> impl ValueTree<Value = fuzz::Program> + use<> {
    programs(sections)
        .new_tree(runner)
        .expect("nothing is filtered out")
}

impl Fuzzer {
    fn fuzz(&self, runner: &mut TestRunner) -> Result<()> {
        let started = Instant::now();
        let (mut done, mut failures) = (0, 0);
        while done < self.args.count && failures < self.args.failures {
            let size = self.args.batch.min(self.args.count - done);
            let mut trees: Vec<_> = (0..size)
                .map(|_| new_tree(runner, self.args.sections))
                .collect();
            let texts: Vec<String> = trees
                .iter()
                .map(|tree| self.args.text(&tree.current()))
                .collect();
            let expected = match &self.toolchain {
                Some(toolchain) => Some(toolchain.run_all(&texts, limits(self.args.time))?),
                None => None,
            };
            for (i, text) in texts.iter().enumerate() {
                let expected = expected.as_ref().map(|all| &all[i]);
                let Some(found) = self.differs(text, expected, &self.modes)? else {
                    continue;
                };
                failures += 1;
                let name = format!("seed{}-{}", self.args.seed, done + i);
                eprintln!("{name}: {}", found.what);
                let program = self.shrink(&mut trees[i], &found)?;
                self.save(&name, &program)?;
                if failures >= self.args.failures {
                    break;
                }
            }
            done += size;
            eprintln!(
                "{done} programs, {failures} failures, {:.0} s",
                started.elapsed().as_secs_f64()
            );
        }
        anyhow::ensure!(
            failures == 0,
            "{failures} failures, kept in {}",
            self.args.out.display()
        );
        Ok(())
    }

    /// The first mode in which the program does something else than expected (or than the first mode, where nothing is known).
    fn differs(
        &self,
        text: &str,
        expected: Option<&Behaviour>,
        modes: &[Mode],
    ) -> Result<Option<Difference>> {
        let Some(morestack) = &self.args.morestack else {
            return Ok(None);
        };
        let file = self.args.out.join("current.go");
        fs::write(&file, text)?;
        let mut expected = expected.cloned();
        for mode in modes {
            let got = run_morestack(morestack, &file, mode, limits(self.args.time))?;
            match &expected {
                None => expected = Some(got),
                Some(want) if *want != got => {
                    return Ok(Some(Difference {
                        what: format!("{mode}: {}", first_difference(want, &got)),
                        mode: mode.clone(),
                        want: want.clone(),
                        got,
                    }));
                }
                Some(_) => {}
            }
        }
        Ok(None)
    }

    /// Makes the program as small as it gets while it still differs in the same mode.
    fn shrink(
        &self,
        tree: &mut impl ValueTree<Value = fuzz::Program>,
        found: &Difference,
    ) -> Result<(String, Difference)> {
        let mut best = (self.args.text(&tree.current()), found.clone());
        // Compared with itself where the real toolchain gives the same answer as the normal mode: no compiling is needed then.
        let alone = !found.mode.stress.is_empty() || found.mode.engine.is_some();
        let modes: Vec<Mode> = match alone {
            true => vec![self.modes[0].clone(), found.mode.clone()],
            false => vec![found.mode.clone()],
        };
        // No generated program is refused, and none crashes: that is wrong whatever is expected.
        let outright = |b: &Behaviour| match b.end {
            End::Exit(code) => code == 1 || code == 101,
            End::Signal(_) => true,
            _ => false,
        };
        let broken = outright(&found.got);
        let mut runs = 0;
        while runs < self.args.shrink && tree.simplify() {
            loop {
                runs += 1;
                let text = self.args.text(&tree.current());
                let again = if broken {
                    self.differs(&text, Some(&found.want), std::slice::from_ref(&found.mode))?
                        .filter(|again| outright(&again.got))
                } else if alone {
                    self.differs(&text, None, &modes)?
                } else {
                    let toolchain = self.toolchain.as_ref().expect("it gave the expectation");
                    let expected = toolchain
                        .run_all(std::slice::from_ref(&text), limits(self.args.time))?
                        .pop();
                    self.differs(&text, expected.as_ref(), &modes)?
                };
                if let Some(again) = again {
                    best = (text, again);
                    break;
                }
                if runs >= self.args.shrink || !tree.complicate() {
                    return Ok(best);
                }
            }
        }
        Ok(best)
    }

    fn save(&self, name: &str, (text, found): &(String, Difference)) -> Result<()> {
        let write = |ending: &str, text: &str| -> Result<()> {
            let path: &Path = &self.args.out.join(format!("{name}{ending}"));
            fs::write(path, text).with_context(|| format!("writing {}", path.display()))
        };
        write(".go", text)?;
        write(".want", &found.want.text())?;
        write(".got", &format!("{}\n{}", found.what, found.got.text()))
    }
}

#[derive(Clone)]
struct Difference {
    what: String,
    mode: Mode,
    want: Behaviour,
    got: Behaviour,
}

fn first_difference(want: &Behaviour, got: &Behaviour) -> String {
    let streams = [(&want.stdout, &got.stdout), (&want.stderr, &got.stderr)];
    for (want, got) in streams {
        let (mut a, mut b) = (want.lines(), got.lines());
        loop {
            match (a.next(), b.next()) {
                (None, None) => break,
                (x, y) if x == y => {}
                (x, y) => {
                    let shown = |line: Option<&str>| line.unwrap_or("(nothing)").to_owned();
                    return format!("want {}, got {}", shown(x), shown(y));
                }
            }
        }
    }
    format!("want {}, got {}", want.end, got.end)
}
