//! Writes the table that embeds `go/<import path>/*.go` and the packages' outlines into the library.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs, io};

use syntax::{FileSet, Mode, outline, parse_file};

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

/// The outline of the package that these files are.
fn outline_of(files: &[PathBuf]) -> io::Result<Vec<u8>> {
    let set = FileSet::new();
    let mut trees = Vec::new();
    for file in files {
        let source = set.add(&file.display().to_string(), fs::read(file)?);
        let (tree, errors) = parse_file(&source, Mode::Eager);
        if let Some(e) = errors.iter().chain(&tree.soft_errors).next() {
            let text = format!("{}: {}", set.position(e.pos), e.msg);
            return Err(io::Error::other(text));
        }
        trees.push(tree);
    }
    outline::write(&trees.iter().collect::<Vec<_>>()).map_err(|e| {
        let first = files.first().map_or("".into(), |f| f.display().to_string());
        io::Error::other(format!("{first}: {e}"))
    })
}

fn main() -> io::Result<()> {
    let root = PathBuf::from(env::var("CARGO_MANIFEST_DIR").expect("cargo sets this")).join("go");
    let mut packages = BTreeMap::new();
    collect(&root, "", &mut packages)?;

    // A BTreeMap walks its keys in byte order, so the table can be searched by bisection.
    let out = PathBuf::from(env::var("OUT_DIR").expect("cargo sets this"));
    let mut table = String::from("&[\n");
    for (import_path, files) in &packages {
        let outline = out.join(import_path.replace('/', "-") + ".outline");
        fs::write(&outline, outline_of(files)?)?;
        writeln!(
            table,
            "    EmbeddedPackage {{ path: {import_path:?}, outline: include_bytes!({outline:?}), files: &["
        )
        .expect("writing to a String");
        for file in files {
            let name = file.file_name().and_then(|n| n.to_str()).unwrap_or("");
            println!("cargo:rerun-if-changed={}", file.display());
            writeln!(table, "        ({name:?}, include_bytes!({file:?})),")
                .expect("writing to a String");
        }
        table.push_str("    ] },\n");
    }
    table.push_str("]\n");
    fs::write(out.join("packages.rs"), table)
}
