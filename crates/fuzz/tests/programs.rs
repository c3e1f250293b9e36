//! Random programs by all engines under all stress modes, and the programs that once failed, with what they print.
//!
//! The morestack command is taken from `MORESTACK_BIN`, or from the target directory, where it is built if it is not there.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use fuzz::run::{Behaviour, Mode, STRESS, limits, run_morestack};
use fuzz::{generate, programs};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

const PROGRAMS: usize = 24;

const ENGINES: [&str; 3] = ["interp", "tiered", "jit"];

fn morestack() -> &'static Path {
    static FOUND: OnceLock<PathBuf> = OnceLock::new();
    FOUND.get_or_init(|| {
        if let Some(path) = env::var_os("MORESTACK_BIN") {
            return path.into();
        }
        // target/<profile>/deps/<this test>
        let exe = env::current_exe().expect("a test has a path");
        let dir = exe.ancestors().nth(2).expect("tests lie in deps");
        let path = dir.join("morestack");
        if !path.exists() {
            let cargo = env::var_os("CARGO").unwrap_or("cargo".into());
            let mut command = Command::new(cargo);
            command.args(["build", "-p", "morestack-cli"]);
            if dir.ends_with("release") {
                command.arg("--release");
            }
            let status = command.status().expect("cargo can be run");
            assert!(status.success(), "building the morestack command: {status}");
        }
        path
    })
}

/// Every engine under every combination of stress modes.
fn modes() -> impl Iterator<Item = Mode> {
    STRESS.iter().flat_map(|stress| {
        ENGINES.iter().map(|engine| Mode {
            stress: stress.to_string(),
            engine: Some(engine.to_string()),
            checked: true,
        })
    })
}

fn run(file: &Path, mode: &Mode) -> Behaviour {
    run_morestack(morestack(), file, mode, limits(60)).expect("morestack can be run")
}

#[test]
fn all_modes_agree() {
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR"));
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[42; 32]);
    let mut runner = TestRunner::new_with_rng(Config::default(), rng);
    let mut wrong = Vec::new();
    for i in 0..PROGRAMS {
        let tree = programs(8)
            .new_tree(&mut runner)
            .expect("nothing is filtered out");
        let file = dir.join(format!("random{i}.go"));
        fs::write(&file, generate(&tree.current())).expect("the directory can be written to");
        let mut modes = modes();
        let first = modes.next().expect("there are modes");
        let expected = run(&file, &first);
        for mode in modes {
            if run(&file, &mode) != expected {
                wrong.push(format!("{}: {mode} and {first} differ", file.display()));
            }
        }
        if expected.stderr.contains(".go:") && expected.stdout.is_empty() {
            wrong.push(format!("{}: {}", file.display(), expected.stderr));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn programs_that_once_failed() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("regressions");
    let mut wrong = Vec::new();
    for entry in fs::read_dir(&dir).expect("the directory is part of the crate") {
        let file = entry.expect("it can be listed").path();
        if file.extension().is_none_or(|e| e != "go") {
            continue;
        }
        let expected = fs::read_to_string(file.with_extension("out")).expect("its expectation");
        for mode in modes() {
            let got = run(&file, &mode).text();
            if got != expected {
                wrong.push(format!("{}, {mode}:\n{got}", file.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
