//! Each program in tests/errors is parsed and its diagnostics compared with the `.want` file beside it, which holds what
//! gc says of it.

use std::fs;
use std::path::Path;
use syntax::{FileSet, Mode, parse_file};

fn diagnostics(name: &str, text: Vec<u8>) -> String {
    let files = FileSet::new();
    let source = files.add(name, text);
    let (file, errors) = parse_file(&source, Mode::Eager);
    // As gc does, leave soft errors for a file that is otherwise right.
    let soft = file.soft_errors.iter().filter(|_| errors.is_empty());
    errors
        .iter()
        .chain(soft)
        .map(|e| format!("{}: {}\n", files.position(e.pos), e.msg))
        .collect()
}

#[test]
fn diagnostics_are_those_of_gc() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let mut seen = 0;
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "go") {
            continue;
        }
        let name = path.file_name().unwrap().to_str().unwrap().to_string();
        let want = fs::read_to_string(path.with_extension("want")).unwrap();
        assert_eq!(diagnostics(&name, fs::read(&path).unwrap()), want, "{name}");
        seen += 1;
    }
    assert!(seen >= 10);
}
