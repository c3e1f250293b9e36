//! What can be seen of compiled code from outside.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

/// Adds up, in a function and in a loop of main's; says which of its own pages can be written and executed.
const PROGRAM: &str = r#"package main

import (
	"fmt"
	"os"
	"strings"
)

func sum(xs []int) (total int) {
	for _, x := range xs {
		total += x
	}
	// What defers is not inlined.
	defer func() {}()
	return total
}

func main() {
	xs := make([]int, 1000)
	total := 0
	for i := range xs {
		xs[i] = i
		total += sum(xs)
	}
	fmt.Println(total)
	maps, err := os.ReadFile("/proc/self/maps")
	if err != nil {
		panic(err)
	}
	code := 0
	for _, line := range strings.Split(string(maps), "\n") {
		fields := strings.Fields(line)
		if len(fields) < 2 {
			continue
		}
		if strings.Contains(fields[1], "w") && strings.Contains(fields[1], "x") {
			fmt.Println("writable and executable:", line)
		}
		if strings.Contains(fields[1], "x") && strings.Contains(line, "morestack-code") {
			code++
		}
	}
	fmt.Println("executable code regions:", code)
}
"#;

const OUTPUT: &str = "166666500\nexecutable code regions: 1\n";

fn program(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).unwrap();
    let file = folder.join("sums.go");
    fs::write(&file, PROGRAM).unwrap();
    file
}

fn run(args: &[&str], file: &Path) -> (u32, Output) {
    let child = Command::new(env!("CARGO_BIN_EXE_morestack"))
        .args(args)
        .arg(file)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    (child.id(), child.wait_with_output().unwrap())
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

#[test]
fn no_page_is_writable_and_executable() {
    let file = program("pages");
    for engine in ["--engine=jit", "--engine=tiered"] {
        let (_, output) = run(&["run", engine], &file);
        assert_eq!(text(&output.stdout), OUTPUT, "{engine}");
    }
}

#[test]
fn what_was_compiled_is_counted() {
    let (_, output) = run(&["run", "--engine=jit", "--stats"], &program("stats"));
    let stats = text(&output.stderr);
    assert_eq!(text(&output.stdout), OUTPUT);
    let first = stats.lines().find(|l| l.starts_with("compiled: ")).unwrap();
    assert!(!first.contains(" 0 functions"), "{stats}");
    assert!(stats.contains("Stack copies"), "{stats}");
}

#[test]
fn beyond_the_limit_nothing_is_compiled() {
    let args = ["run", "--engine=jit", "--stats", "--max-code=2000"];
    let (_, output) = run(&args, &program("limit"));
    assert_eq!(text(&output.stdout), OUTPUT);
    let stats = text(&output.stderr);
    assert!(
        stats.contains(" of at most 2000,") && !stats.contains("; 0 refused"),
        "{stats}"
    );
}

#[test]
fn perf_gets_names() {
    let (pid, output) = run(&["run", "--engine=jit", "--perf-map"], &program("perf"));
    assert_eq!(text(&output.stdout), OUTPUT);
    let path = std::env::temp_dir().join(format!("perf-{pid}.map"));
    let map = fs::read_to_string(&path).unwrap();
    fs::remove_file(&path).unwrap();
    let mut last = (0, 0);
    for line in map.lines() {
        let mut fields = line.splitn(3, ' ');
        let mut number = || usize::from_str_radix(fields.next().unwrap(), 16).unwrap();
        let (start, len) = (number(), number());
        assert!(
            start >= last.0 + last.1,
            "{line} overlaps what is before it"
        );
        last = (start, len);
    }
    assert!(map.lines().any(|l| l.ends_with(" main.sum")), "{map}");
}

#[test]
fn listings_have_lines() {
    let file = program("listing");
    let list = |form: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_morestack"))
            .args(["disasm", form])
            .arg(&file)
            .arg("main.sum")
            .output()
            .unwrap();
        text(&output.stdout).to_owned()
    };
    let native = list("--native");
    assert!(
        native.contains("sums.go:11") && native.contains("ret"),
        "{native}"
    );
    let all = list("--ssa=all");
    assert!(
        all.contains("after build") && all.contains("after dead"),
        "{all}"
    );
    // The counter is below the length: no check of it is left.
    assert!(all.contains("Guard(LtU)"), "{all}");
    assert!(!list("--ssa").contains("Guard(LtU)"), "{all}");
    assert!(list("--maps").contains("poll to"), "{all}");
}

/// The guard is what a prologue compares with.
#[test]
fn only_leaves_with_small_frames_do_not_look_at_the_guard() {
    let source = r#"package main

func leaf(a, b int) int { return a/b + a%b }

func large(a, b, c, d, e, f int) int {
	g, h, i := a/b, b/c, c/d
	return g*h*i + d/e + e/f + (a/c)*(b/d)*(c/e)*(d/f)
}

func caller(n int) int {
	if n <= 1 {
		return 1
	}
	return caller(n-1) + caller(n-2)
}

func repeats(n int) (sum int) {
	for n > 1 {
		n = n*3>>1&1023 - 1
		sum += n
	}
	return sum
}

func main() {
	println(leaf(7, 2), large(1, 2, 3, 4, 5, 6), caller(3), repeats(5))
}
"#;
    let file = program("leaves");
    fs::write(&file, source).unwrap();
    let looks = |func: &str| {
        let output = Command::new(env!("CARGO_BIN_EXE_morestack"))
            .args(["disasm", "--native"])
            .arg(&file)
            .arg(func)
            .output()
            .unwrap();
        let text = text(&output.stdout);
        assert!(text.contains("ret"), "{text}");
        let mut compares = text.lines().filter(|l| l.contains("cmp "));
        compares.any(|l| l.contains("[r12"))
    };
    assert!(!looks("main.leaf"));
    assert!(looks("main.large") && looks("main.caller") && looks("main.repeats"));
}

/// Set before there is a process, so before there is code, it waits for the function to be compiled.
#[test]
fn gdb_stops_at_a_function_that_is_compiled_later() {
    let file = program("gdb");
    let debugged = Command::new("gdb")
        .args(["-nx", "-batch", "-ex", "set breakpoint pending on"])
        .args(["-ex", "break main.sum", "-ex", "run", "-ex", "backtrace 2"])
        .args(["-ex", "delete", "-ex", "continue", "--args"])
        .args([env!("CARGO_BIN_EXE_morestack"), "run"])
        .args(["--engine=jit", "--gdb"])
        .arg(&file)
        .output();
    let output = match debugged {
        Ok(output) => output,
        Err(e) => return eprintln!("skipped: gdb does not run: {e}"),
    };
    let (said, errors) = (text(&output.stdout), text(&output.stderr));
    if errors.contains("ptrace") {
        return eprintln!("skipped: gdb may not trace: {errors}");
    }
    let result = OUTPUT.lines().next().unwrap();
    for part in [
        "Breakpoint 1, main.sum",
        "sums.go:9",
        "in main.main",
        result,
    ] {
        assert!(said.contains(part), "{part}: {said}{errors}");
    }
}
