//! Parses the files named on the command line (or on standard input, one a line), prints their diagnostics, and with
//! `--time` how fast it went. `--lazy` skips bodies.

use std::io::BufRead;
use std::time::Instant;
use syntax::{FileSet, Mode, parse_file};

fn main() {
    let mut args: Vec<String> = std::env::args().skip(1).collect();
    let mut flag = |name: &str| {
        let before = args.len();
        args.retain(|a| a != name);
        args.len() < before
    };
    let (time, lazy) = (flag("--time"), flag("--lazy"));
    if args.is_empty() {
        args = std::io::stdin()
            .lock()
            .lines()
            .map_while(Result::ok)
            .collect();
    }
    let files = FileSet::new();
    let sources: Vec<_> = args
        .iter()
        .filter_map(|name| match std::fs::read(name) {
            Ok(text) => Some(files.add(name, text)),
            Err(e) => {
                eprintln!("{name}: {e}");
                None
            }
        })
        .collect();
    let mode = if lazy { Mode::Lazy } else { Mode::Eager };
    let start = Instant::now();
    let trees: Vec<_> = sources.iter().map(|s| parse_file(s, mode)).collect();
    let seconds = start.elapsed().as_secs_f64();
    for (file, errors) in &trees {
        for e in errors
            .iter()
            .chain(file.soft_errors.iter().filter(|_| errors.is_empty()))
        {
            println!("{}: {}", files.position(e.pos), e.msg);
        }
    }
    if time {
        let bytes: usize = sources.iter().map(|s| s.text().len()).sum();
        let mb = bytes as f64 / 1e6;
        println!(
            "{} files, {mb:.1} MB, {seconds:.3} s, {:.0} MB/s",
            sources.len(),
            mb / seconds
        );
    }
}
