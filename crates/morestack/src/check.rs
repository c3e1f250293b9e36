//! Loading and checking: from files to a checked program or diagnostics.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use syntax::FileSet;
use types::{Diagnostic, PkgId, Program};

use crate::load::{LoadError, Loader, Module, Standard};

/// At most this many diagnostics are shown unless all are asked for, as gc does.
pub const MAX_DIAGNOSTICS: usize = 10;

/// Packages that the virtual machine itself needs in every program.
pub(crate) const ALWAYS_LOADED: &[&str] = &["runtime"];

/// A checked program.
pub struct Checked {
    pub program: Program,
    pub main: PkgId,
    /// The name in its package clause.
    pub package_name: String,
}

/// Why there is no checked program.
#[derive(Debug)]
pub enum Failure {
    Load(LoadError),
    Diagnostics(Vec<Rendered>),
}

/// A diagnostic ready to print: `file:line:col: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// Empty for a message without a position.
    pub place: String,
    pub message: String,
}

impl std::fmt::Display for Rendered {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.place.is_empty() { f.write_str(&self.message) } else { write!(f, "{}: {}", self.place, self.message) }
    }
}

impl Failure {
    /// The lines to print: at most `limit` diagnostics, then "too many errors".
    pub fn lines(&self, limit: Option<usize>) -> Vec<String> {
        match self {
            Failure::Load(e) => vec![e.to_string()],
            Failure::Diagnostics(all) => {
                let shown = limit.unwrap_or(all.len()).min(all.len());
                let mut lines: Vec<String> = all[..shown].iter().map(ToString::to_string).collect();
                if shown < all.len() {
                    let place = &all[shown - 1].place;
                    lines.push(if place.is_empty() {
                        "too many errors".into()
                    } else {
                        format!("{place}: too many errors")
                    });
                }
                lines
            }
        }
    }
}

impl From<LoadError> for Failure {
    fn from(e: LoadError) -> Failure {
        Failure::Load(e)
    }
}

/// Loads the package that `args` name (files, or a directory) with all it imports, and checks it.
///
/// # Errors
/// What could not be read, or the program's diagnostics.
pub fn check(args: &[PathBuf], standard: Standard, tests: bool) -> Result<Checked, Failure> {
    let files = Arc::new(FileSet::new());
    let mut loader = Loader::new(files.clone(), standard.clone());
    let source = loader.named(args, tests)?;
    let package_name = source.files.first().map(|f| f.package.name.as_str().to_owned()).unwrap_or_default();
    let importer = Loader { module: loader.module.clone(), ..Loader::new(files.clone(), standard) };
    let mut program = Program::new(files.clone(), Box::new(importer));
    for path in ALWAYS_LOADED {
        program.import(path).map_err(|e| Failure::Load(LoadError(format!("{path}: {e}"))))?;
    }
    let main = program.check_package(source);
    let errors = program.take_errors();
    if errors.is_empty() {
        Ok(Checked { program, main, package_name })
    } else {
        Err(Failure::Diagnostics(render(&errors, &files)))
    }
}

/// Diagnostics with their places as gc prints them: relative to the working directory.
pub fn render(errors: &[Diagnostic], files: &FileSet) -> Vec<Rendered> {
    let here = std::env::current_dir().unwrap_or_default();
    errors
        .iter()
        .map(|e| {
            let place = files.position(e.pos).to_string();
            let place = if e.pos.is_valid() { shorten(&place, &here) } else { String::new() };
            Rendered { place, message: shorten_in_text(&e.msg, &here) }
        })
        .collect()
}

/// `./x.go` for a file below the working directory, else the path as it is.
pub fn shorten(place: &str, here: &Path) -> String {
    match place.strip_prefix(&*here.to_string_lossy()).and_then(|rest| rest.strip_prefix('/')) {
        Some(rest) => format!("./{rest}"),
        None => place.to_owned(),
    }
}

/// Places inside a message (`\t/dir/a.go:3:5: other declaration of x`).
fn shorten_in_text(text: &str, here: &Path) -> String {
    let here = format!("{}/", here.to_string_lossy());
    if here.len() > 1 { text.replace(&here, "./") } else { text.to_owned() }
}

/// The module that the program named by `args` belongs to.
pub fn module_of(args: &[PathBuf]) -> Option<Module> {
    let first = args.first()?;
    let dir = if first.is_dir() { first.clone() } else { first.parent()?.to_owned() };
    Module::find(if dir.as_os_str().is_empty() { Path::new(".") } else { &dir })
}
