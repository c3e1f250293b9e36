//! Programs that use a map from two goroutines without a lock: found out as by Go, in every engine.

use std::path::Path;
use std::process::Command;

/// The first line on standard error of `races/maps.go`, which ends by itself when nothing has been found out for 20 seconds.
fn met(what: &str, engine: &str) -> (Option<i32>, String) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/races/maps.go");
    let output = Command::new(env!("CARGO_BIN_EXE_morestack"))
        .args(["run", engine])
        .arg(file)
        .arg(what)
        .env("GOMAXPROCS", "4")
        .output()
        .unwrap();
    let err = String::from_utf8_lossy(&output.stderr);
    let first = err.lines().next().unwrap_or_default().to_owned();
    (output.status.code(), first)
}

fn all_meet(uses: &[&str], text: &str) {
    for what in uses {
        for engine in ["--engine=interp", "--engine=jit"] {
            let (code, line) = met(what, engine);
            assert_eq!(line, format!("fatal error: {text}"), "{what} ({engine})");
            assert_eq!(code, Some(2), "{what} ({engine})");
        }
    }
}

#[test]
fn reading_while_another_writes() {
    let uses = ["word", "byte", "text", "struct"];
    all_meet(&uses, "concurrent map read and map write");
}

#[test]
fn iterating_while_another_writes() {
    all_meet(&["range"], "concurrent map iteration and map write");
}

#[test]
fn writing_while_another_writes() {
    let uses = ["write", "insert", "delete", "clear"];
    all_meet(&uses, "concurrent map writes");
}
