//! The checker of homes (`jit/src/homes`) against compiled code that forgets to write a slot: every write that a program's code makes of its frames is left out, one at a time.

use std::path::Path;

use morestack::check::check;
use morestack::machine::Machine;
use morestack::{Config, Form, Standard, on_large_stack};

/// Of the functions of a program: writes after `build` and after all passes, and those that nobody notices when they are left out.
fn left_out(program: &str) -> ([usize; 2], Vec<String>) {
    let file = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../programs")
        .join(program);
    let listings = on_large_stack(|| {
        let checked = check(&[file], Standard::Embedded, false).expect("a correct program");
        let machine = Machine::new(checked, Config::from_env(), Vec::new());
        machine
            .compiled_listings("", &Form::Unnoticed)
            .expect("compiles")
    });
    let (mut all, mut missed) = ([0; 2], Vec::new());
    for text in &listings {
        let mut lines = text.lines();
        let name = lines.next().expect("a heading");
        let mut stage = 0;
        for line in lines {
            assert_ne!(line.trim(), "checks change the code", "{name}");
            match line.trim().strip_prefix("writes ") {
                Some(counts) => {
                    let count = counts.split(' ').next().expect("a number");
                    all[stage] += count.parse::<usize>().expect("a number");
                    stage += 1;
                }
                None => missed.push(format!("{name}, stage {stage}: {}", line.trim())),
            }
        }
    }
    (all, missed)
}

#[test]
fn nearly_every_write_that_is_left_out_is_noticed() {
    let programs = [
        "examples/inlined_frames.go",
        "bench/structs.go",
        "bench/queens.go",
    ];
    for program in programs {
        let (all, missed) = left_out(program);
        assert!(all[0] > 20 && all[1] > 20, "{program}: {all:?} writes");
        assert!(
            missed.len() * 20 < all[0] + all[1],
            "{program}, {all:?} writes:\n{}",
            missed.join("\n")
        );
    }
}
