//! Writes the table that embeds `go/<import path>/*.go` into the library.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

/// Adds every folder below `dir` that holds Go files, keyed by its import path.
fn collect(
    dir: &Path,
    import_path: &str,
    into: &mut BTreeMap<String, Vec<PathBuf>>,
) -> io::Result<()> {
    println!("cargo:rerun-if-changed={}", dir.display());
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        if path.is_dir() {
            let below = if import_path.is_empty() {
                name.to_owned()
            } else {
                format!("{import_path}/{name}")
            };
            collect(&path, &below, into)?;
        } else if name.ends_with(".go") && !name.ends_with("_test.go") {
            files.push(path);
        }
    }
    if !files.is_empty() {
        files.sort();
        into.insert(import_path.to_owned(), files);
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets this")).join("go");
    let mut packages = BTreeMap::new();
    collect(&root, "", &mut packages)?;

    // A BTreeMap walks its keys in byte order, so the table can be searched by bisection.
    let mut table = String::from("&[\n");
    for (import_path, files) in &packages {
        writeln!(table, "    ({import_path:?}, &[").expect("writing to a String");
        for file in files {
            let name = file.file_name().and_then(|n| n.to_str()).unwrap_or("");
            println!("cargo:rerun-if-changed={}", file.display());
            writeln!(table, "        ({name:?}, include_bytes!({file:?})),")
                .expect("writing to a String");
        }
        table.push_str("    ]),\n");
    }
    table.push_str("]\n");
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets this")).join("packages.rs");
    fs::write(out, table)
}
