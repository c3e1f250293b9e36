//! Go files and what the checker says about them. A file under `tests/diagnostics/` carries its
//! expected diagnostics in a file of the same name with `.txt`; they come from the real toolchain
//! (`go build -gcflags=-e`), and a missing or empty one means that the program is correct.

use std::path::Path;
use std::sync::Arc;
use syntax::{FileSet, Mode, parse_file};
use types::{Importer, PackageSource, Program};

/// A few packages that the test programs import.
struct Packages(Arc<FileSet>);

impl Importer for Packages {
    fn import(&mut self, path: &str, _from: &str) -> Result<PackageSource, String> {
        let text = match path {
            "fmt" => {
                "package fmt\ntype Stringer interface { String() string }\nfunc Println(a ...any) (n int, err error)\nfunc Printf(format string, a ...any) (n int, err error)\nfunc Sprint(a ...any) string\nfunc newPrinter() {}\n"
            }
            "cmp" => {
                "package cmp\ntype Ordered interface { ~int | ~int8 | ~int16 | ~int32 | ~int64 | ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64 | ~uintptr | ~float32 | ~float64 | ~string }\n"
            }
            "os" => "package os\nvar Args []string\nfunc Exit(code int)\n",
            "errors" => "package errors\nfunc New(text string) error\n",
            _ => return Err(format!("package {path} is not in std")),
        };
        let file = self.0.add(&format!("{path}.go"), text.as_bytes());
        let (tree, errors) = parse_file(&file, Mode::Lazy);
        Ok(PackageSource {
            path: path.into(),
            files: vec![Arc::new(tree)],
            outlined: None,
            errors,
            lazy: true,
        })
    }
}

fn check(path: &Path) -> String {
    let files = Arc::new(FileSet::new());
    let name = path.file_name().unwrap().to_str().unwrap();
    let file = files.add(name, std::fs::read(path).unwrap());
    let (tree, errors) = parse_file(&file, Mode::Eager);
    let mut program = Program::new(files.clone(), Box::new(Packages(files.clone())));
    program.check_package(PackageSource {
        path: "main".into(),
        files: vec![Arc::new(tree)],
        outlined: None,
        errors,
        lazy: false,
    });
    let lines: Vec<String> = program
        .take_errors()
        .iter()
        .map(|d| d.render(&files) + "\n")
        .collect();
    lines.concat()
}

#[test]
fn diagnostics_are_those_of_the_toolchain() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/diagnostics");
    let mut failures = String::new();
    let mut entries: Vec<_> = std::fs::read_dir(&dir)
        .unwrap()
        .map(|e| e.unwrap().path())
        .collect();
    entries.sort();
    let mut count = 0;
    for path in entries
        .iter()
        .filter(|p| p.extension().is_some_and(|e| e == "go"))
    {
        count += 1;
        let want = std::fs::read_to_string(path.with_extension("txt")).unwrap_or_default();
        let got = check(path);
        if got != want {
            failures += &format!("{}:\n--- want\n{want}--- got\n{got}", path.display());
        }
    }
    assert!(count > 0);
    assert!(failures.is_empty(), "{failures}");
}
