//! The Go sources of the standard packages: embedded at build time with their outlines, or read from a directory.

use std::fs;
use std::io;
use std::path::Path;

/// A standard package as it is part of the program.
#[derive(Debug)]
pub struct EmbeddedPackage {
    pub path: &'static str,
    /// What `syntax::outline::write` made of the files.
    pub outline: &'static [u8],
    /// Names and bytes, sorted by name.
    pub files: &'static [(&'static str, &'static [u8])],
}

/// A file's name and its bytes, read at run time.
pub type SourceFile = (String, Vec<u8>);

/// Sorted by import path; written by `build.rs`.
static PACKAGES: &[EmbeddedPackage] = include!(concat!(env!("OUT_DIR"), "/packages.rs"));

/// The embedded package `import_path`, or `None` where there is no such standard package.
pub fn package(import_path: &str) -> Option<&'static EmbeddedPackage> {
    let at = PACKAGES.binary_search_by(|package| package.path.cmp(import_path));
    Some(&PACKAGES[at.ok()?])
}

/// The files of a package as [`package`] has them, but read from `dir/<import_path>/*.go` (the layout of `crates/stdlib/go`).
/// `Ok(None)` means that the folder does not exist or holds no Go file; an error names its path.
pub fn sources_from(dir: &Path, import_path: &str) -> io::Result<Option<Vec<SourceFile>>> {
    let folder = dir.join(import_path);
    let with_path =
        |path: &Path, e: io::Error| io::Error::new(e.kind(), format!("{}: {e}", path.display()));
    let entries = match fs::read_dir(&folder) {
        Ok(entries) => entries,
        Err(e)
            if matches!(
                e.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(e) => return Err(with_path(&folder, e)),
    };
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|e| with_path(&folder, e))?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        if name.ends_with(".go") && !name.ends_with("_test.go") && path.is_file() {
            let bytes = fs::read(&path).map_err(|e| with_path(&path, e))?;
            files.push((name.to_owned(), bytes));
        }
    }
    files.sort();
    Ok((!files.is_empty()).then_some(files))
}

/// The import paths of all embedded packages, sorted.
pub fn packages() -> impl Iterator<Item = &'static str> {
    PACKAGES.iter().map(|package| package.path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn embedded_and_directory_agree() {
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        for path in packages() {
            let embedded = package(path).expect("listed").files;
            let read = sources_from(&dir, path)
                .expect("readable")
                .expect("present");
            assert_eq!(embedded.len(), read.len(), "{path}");
            for ((a, x), (b, y)) in embedded.iter().zip(&read) {
                assert_eq!((*a, *x), (b.as_str(), y.as_slice()), "{path}");
            }
        }
    }

    #[test]
    fn absent_package() {
        assert!(package("no/such/package").is_none());
        let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("go");
        assert!(sources_from(&dir, "no/such/package").unwrap().is_none());
    }
}
