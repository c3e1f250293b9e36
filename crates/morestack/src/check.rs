//! Loading and checking: from files to a checked program or diagnostics.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use syntax::FileSet;
use types::errors::limit_diagnostics;
use types::{Diagnostic, Importer, PackageSource, PkgId, Program};

use crate::load::{Imports, LoadError, Loader, Standard};

/// At most this many diagnostics are shown unless all are asked for, as gc does.
pub const MAX_DIAGNOSTICS: usize = 10;

/// Packages that the virtual machine itself needs in every program.
const ALWAYS_LOADED: &[&str] = &["runtime"];

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
    Diagnostics(Diagnostics),
}

/// A program's errors.
#[derive(Debug)]
pub struct Diagnostics {
    /// In the order in which they were found: which ten gc would show depends on it.
    found: Vec<Diagnostic>,
    files: Arc<FileSet>,
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
        if self.place.is_empty() {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.place, self.message)
        }
    }
}

impl Diagnostics {
    /// Errors in the order in which they were found.
    pub fn new(found: Vec<Diagnostic>, files: Arc<FileSet>) -> Diagnostics {
        Diagnostics { found, files }
    }
}

impl Failure {
    /// The lines to print: sorted by position; of more than `limit` the first that were found, then "too many errors".
    pub fn lines(&self, limit: Option<usize>) -> Vec<String> {
        let Diagnostics { found, files } = match self {
            Failure::Load(e) => return vec![e.to_string()],
            Failure::Diagnostics(diagnostics) => diagnostics,
        };
        let (shown, more) = limit_diagnostics(found.clone(), limit.unwrap_or(usize::MAX));
        let mut lines: Vec<String> = render(&shown, files)
            .iter()
            .map(ToString::to_string)
            .collect();
        if let Some(pos) = more {
            lines.extend(
                render(
                    &[Diagnostic {
                        pos,
                        msg: "too many errors".into(),
                    }],
                    files,
                )
                .iter()
                .map(ToString::to_string),
            );
        }
        lines
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
    let mut loader = Loader::new(files.clone(), standard);
    let source = loader.named(args, tests)?;
    let package_name = source
        .files
        .first()
        .map(|f| f.package.name.as_str().to_owned())
        .unwrap_or_default();
    let imports = loader.imports.clone();
    let root = loader.root.clone();
    check_source(
        files,
        Box::new(loader),
        &imports,
        source,
        &root,
        package_name,
    )
}

/// Checks a package that has been read, and what it imports. Import cycles are told as `root` meets them.
pub(crate) fn check_source(
    files: Arc<FileSet>,
    importer: Box<dyn Importer>,
    imports: &Mutex<Imports>,
    source: PackageSource,
    root: &str,
    package_name: String,
) -> Result<Checked, Failure> {
    let mut program = Program::new(files.clone(), importer);
    for path in ALWAYS_LOADED {
        program
            .import(path)
            .map_err(|e| Failure::Load(LoadError(format!("{path}: {e}"))))?;
    }
    let main = program.check_package(source);
    let imports = imports.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(cycle) = imports.cycle(root) {
        return Err(Failure::Load(LoadError(cycle)));
    }
    let mut found = std::mem::take(&mut program.errors);
    if !imports.syntax.is_empty() {
        found.clone_from(&imports.syntax);
    }
    // As the go command: packages that are not there are all that is reported.
    if found.iter().any(|d| imports.failures.contains(&d.msg)) {
        found.retain(|d| imports.failures.contains(&d.msg));
    }
    if found.is_empty() {
        if package_name == "main" && program.lookup_object(main, "main").is_none() {
            let text = "runtime.main_main·f: function main is undeclared in the main package";
            return Err(Failure::Load(LoadError(text.into())));
        }
        Ok(Checked {
            program,
            main,
            package_name,
        })
    } else {
        Err(Failure::Diagnostics(Diagnostics { found, files }))
    }
}

/// Diagnostics with their places as gc prints them: relative to the working directory.
pub fn render(errors: &[Diagnostic], files: &FileSet) -> Vec<Rendered> {
    let here = std::env::current_dir().unwrap_or_default();
    errors
        .iter()
        .map(|e| {
            let place = files.position(e.pos).to_string();
            let place = if e.pos.is_valid() {
                shorten(&place, &here)
            } else {
                String::new()
            };
            Rendered {
                place,
                message: shorten_in_text(&e.msg, &here),
            }
        })
        .collect()
}

/// `./x.go` for a file below the working directory, else the path as it is.
pub fn shorten(place: &str, here: &Path) -> String {
    match place
        .strip_prefix(&*here.to_string_lossy())
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(rest) => format!("./{rest}"),
        None => place.to_owned(),
    }
}

/// Places inside a message (`\t/dir/a.go:3:5: other declaration of x`).
fn shorten_in_text(text: &str, here: &Path) -> String {
    let here = format!("{}/", here.to_string_lossy());
    if here.len() > 1 {
        text.replace(&here, "./")
    } else {
        text.to_owned()
    }
}
