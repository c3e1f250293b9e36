//! Runs `morestack test` over the module in `test_command/` and compares the output with what `go test` wrote for the same arguments.
//!
//! Each `.out` file there begins with the arguments and the exit code; times and figures in it are replaced as `normalise` does.

use std::fs;
use std::path::Path;
use std::process::Command;

/// Replaces what differs between two runs: seconds, and the figures of benchmarks.
fn normalise(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.starts_with("cpu: ") {
            continue;
        }
        let fields: Vec<&str> = line.split('\t').collect();
        let line = match fields.as_slice() {
            [state @ ("ok  " | "FAIL"), path, time] if time.starts_with(char::is_numeric) => {
                let note = time.split_once(' ').map_or("", |(_, note)| note);
                format!("{state}\t{path}\t… {note}")
            }
            [name, _, measures @ ..] if name.starts_with("Benchmark") => {
                let name = name.trim_end();
                let name = name.rsplit_once('-').map_or(name, |(name, _)| name);
                let mut line = format!("{name}\t…");
                for measure in measures {
                    let (value, unit) = measure.trim().split_once(' ').unwrap_or((measure, ""));
                    let value = if unit == "ns/op" { "…" } else { value };
                    line.push_str(&format!("\t{value} {unit}"));
                }
                line
            }
            _ => match line.rsplit_once(" (") {
                Some((report, time)) if report.contains("--- ") && time.ends_with("s)") => {
                    format!("{report} (…)")
                }
                _ => line.to_owned(),
            },
        };
        out.push_str(&line);
        out.push('\n');
    }
    out
}

#[test]
fn as_go_test() {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/test_command");
    let mut compared = 0;
    for entry in fs::read_dir(&module).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "out") {
            continue;
        }
        let expected = fs::read_to_string(&path).unwrap();
        let (head, expected) = expected.split_once('\n').unwrap();
        let (args, code) = head.rsplit_once(" => ").unwrap();
        let outcome = Command::new(env!("CARGO_BIN_EXE_morestack"))
            .arg("test")
            .args(args.split_whitespace())
            .current_dir(&module)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&outcome.stderr);
        assert_eq!(stderr, "", "{args}");
        assert_eq!(
            normalise(&String::from_utf8_lossy(&outcome.stdout)),
            expected,
            "{args}"
        );
        assert_eq!(outcome.status.code(), code.parse().ok(), "{args}");
        compared += 1;
    }
    assert!(compared > 0);
}
