//! What happens when a program takes more than it may: Go's fatal errors and exit code 2.

use std::process::Command;

/// Standard output and error, and the exit code, of a program run with options.
fn run(name: &str, options: &[&str], body: &str) -> (String, String, Option<i32>) {
    let dir = tempdir(name);
    let file = dir.join("main.go");
    std::fs::write(&file, format!("package main\n\n{body}\n")).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_morestack"))
        .arg("run")
        .args(options)
        .arg(&file)
        .output()
        .unwrap();
    std::fs::remove_dir_all(&dir).unwrap();
    (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
        output.status.code(),
    )
}

fn tempdir(name: &str) -> std::path::PathBuf {
    let dir = std::env::temp_dir().join(format!("morestack-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&dir).unwrap();
    dir
}

#[test]
fn a_heap_that_outgrows_its_limit_ends_the_program() {
    let (_, err, code) = run(
        "hog",
        &["--max-heap", "16MiB"],
        "func main() {\n\tvar keep [][]byte\n\tfor {\n\t\tkeep = append(keep, make([]byte, 1<<20))\n\t}\n}",
    );
    assert!(
        err.starts_with(
            "fatal error: runtime: out of memory\n\ngoroutine 1 [running]:\nmain.main()\n"
        ),
        "{err}"
    );
    assert_eq!(code, Some(2));
}

#[test]
fn garbage_does_not_count() {
    let (out, err, code) = run(
        "churn",
        &["--max-heap", "10MiB"],
        "func main() {\n\tn := 0\n\tfor range 100 {\n\t\tn += len(make([]byte, 1<<20))\n\t}\n\tprintln(n)\n}",
    );
    assert_eq!(
        (out.as_str(), err.as_str(), code),
        ("", "104857600\n", Some(0))
    );
}

const BLOCK: &str = "func main() {\n\tc := make(chan int)\n\tfor range 10_000 {\n\t\tgo func() { <-c }()\n\t}\n\t<-c\n}";

#[test]
fn goroutines_and_their_stacks_are_limited() {
    let (_, err, code) = run("count", &["--max-goroutines", "500"], BLOCK);
    assert!(
        err.starts_with(
            "fatal error: too many goroutines: the limit is 500\n\ngoroutine 1 [running]:"
        ),
        "{err}"
    );
    assert_eq!(code, Some(2));
    let (_, err, code) = run("stacks", &["--max-stack-memory", "1MiB"], BLOCK);
    assert!(
        err.starts_with("fatal error: runtime: out of memory\n\ngoroutine 1 ["),
        "{err}"
    );
    assert_eq!(code, Some(2));
}

#[test]
fn many_goroutines_that_wait_for_ever_are_all_shown() {
    let (_, err, code) = run("deadlock", &[], BLOCK);
    assert!(err.starts_with("fatal error: all goroutines are asleep - deadlock!\n"));
    assert_eq!(err.matches("[chan receive]:").count(), 10_001);
    assert_eq!(code, Some(2));
}
