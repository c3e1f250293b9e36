//! A program that waits for itself is told so, even when the collector stops the world at the moment at which the last thread falls asleep.

use std::path::Path;

use harness::process::Limits;
use harness::program::Program;

/// Enough to meet that moment once in a while.
const RUNS: usize = 40;

#[test]
fn found_while_collections_run() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../programs/failing");
    let program = Program::load(&folder.join("deadlock_goroutine.go")).unwrap();
    let morestack = Path::new(env!("CARGO_BIN_EXE_morestack"));
    for engine in ["interp", "jit"] {
        for run in 0..RUNS {
            let outcome = program
                .run(
                    morestack,
                    Some(engine),
                    &[("MORESTACK_STRESS", "mark")],
                    Limits::seconds(60),
                )
                .unwrap();
            if let Err(difference) = program.check(&outcome) {
                panic!("{engine}, run {run}: {difference}");
            }
        }
    }
}
