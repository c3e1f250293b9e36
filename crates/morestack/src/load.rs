//! From what the user names (files, a directory, a package of a module) and what programs import, to parsed packages.
//!
//! Import paths are looked up in this order: the module that the program belongs to (the nearest go.mod above it) and its local `replace`
//! directives, a `vendor` folder, the standard packages.

use std::collections::{HashMap, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use syntax::build::Constraint;
use syntax::{File, FileSet, Mode, Outline, OutlinedPackage, SourceFile, Text, parse_file};
use types::{Diagnostic, Importer, PackageSource};

/// Why a program could not be loaded: an I/O error, no Go files, ... The text is complete.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadError(pub String);

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for LoadError {}

/// Where standard packages come from.
#[derive(Clone, Debug, Default)]
pub enum Standard {
    /// The copy inside the program.
    #[default]
    Embedded,
    /// A directory laid out as crates/stdlib/go.
    Directory(PathBuf),
}

impl Standard {
    /// `MORESTACK_STDLIB=dir` reads the standard packages from there.
    pub fn from_env() -> Standard {
        match std::env::var_os("MORESTACK_STDLIB") {
            Some(dir) if !dir.is_empty() => Standard::Directory(dir.into()),
            _ => Standard::Embedded,
        }
    }

    fn has(&self, path: &str) -> bool {
        match self {
            Standard::Embedded => stdlib::package(path).is_some(),
            Standard::Directory(dir) => {
                matches!(stdlib::sources_from(dir, path), Ok(Some(_)))
            }
        }
    }

    /// A package by import path, `None` where there is none.
    fn package(&self, path: &str, files: &FileSet) -> Option<Result<PackageSource, LoadError>> {
        match self {
            Standard::Embedded => {
                let package = stdlib::package(path)?;
                Some(embedded(package, files))
            }
            Standard::Directory(dir) => {
                let texts = stdlib::sources_from(dir, path).ok().flatten()?;
                Some(read_standard(path, texts, files))
            }
        }
    }
}

/// A package of the program's own copy, which is known by its outline.
fn embedded(
    package: &'static stdlib::EmbeddedPackage,
    files: &FileSet,
) -> Result<PackageSource, LoadError> {
    let mut sources = Vec::new();
    for &(name, text) in package.files {
        sources.push(add(files, package.path, name, Text::Embedded(text))?);
    }
    let outline = Outline::new(package.outline);
    Ok(PackageSource {
        path: package.path.to_owned(),
        outlined: Some(OutlinedPackage::new(outline, sources)),
        lazy: true,
        ..PackageSource::default()
    })
}

/// A package from a directory, outlined as the embedded ones are. One with mistakes is parsed and reports them.
fn read_standard(
    path: &str,
    texts: Vec<stdlib::SourceFile>,
    files: &FileSet,
) -> Result<PackageSource, LoadError> {
    let mut source = PackageSource {
        path: path.to_owned(),
        lazy: true,
        ..PackageSource::default()
    };
    let mut sources = Vec::new();
    for (name, text) in texts {
        let file = add(files, path, &name, text.into())?;
        let (tree, errors) = parse_file(&file, Mode::Lazy);
        source.errors.extend(errors);
        source.files.push(Arc::new(tree));
        sources.push(file);
    }
    let trees: Vec<&File> = source.files.iter().map(|f| &**f).collect();
    if source.errors.is_empty()
        && let Ok(outline) = syntax::outline::write(&trees)
    {
        let outline = Outline::new(outline.leak());
        source.outlined = Some(OutlinedPackage::new(outline, sources));
        source.files.clear();
    }
    Ok(source)
}

fn add(files: &FileSet, path: &str, name: &str, text: Text) -> Result<Arc<SourceFile>, LoadError> {
    let name = standard_name(path, name);
    files.try_add(&name, text).ok_or_else(|| too_large(&name))
}

fn too_large(name: &str) -> LoadError {
    LoadError(format!("{name}: the program's source is larger than 4 GB"))
}

/// A module: the folder with a go.mod file.
#[derive(Clone, Debug)]
pub struct Module {
    pub root: PathBuf,
    pub path: String,
    /// Local replacements: import path prefix, folder.
    pub replaced: Vec<(String, PathBuf)>,
}

impl Module {
    /// The module that a folder belongs to, if any.
    pub fn find(dir: &Path) -> Option<Module> {
        let dir = fs::canonicalize(dir).ok()?;
        dir.ancestors().find_map(|root| {
            let text = fs::read_to_string(root.join("go.mod")).ok()?;
            Some(Module::parse(root, &text))
        })
    }

    fn parse(root: &Path, text: &str) -> Module {
        let mut module = Module {
            root: root.to_owned(),
            path: String::new(),
            replaced: Vec::new(),
        };
        let mut in_replace = false;
        for line in text.lines() {
            let line = line.split("//").next().unwrap_or("").trim();
            let line = match line.strip_prefix("replace") {
                Some(rest) if rest.trim_start().starts_with('(') => {
                    in_replace = true;
                    continue;
                }
                Some(rest) if rest.starts_with(char::is_whitespace) => rest,
                _ if in_replace && line == ")" => {
                    in_replace = false;
                    continue;
                }
                _ if in_replace => line,
                _ => {
                    if let Some(path) = line
                        .strip_prefix("module")
                        .filter(|p| p.starts_with(char::is_whitespace))
                    {
                        module.path = path.trim().trim_matches('"').to_owned();
                    }
                    continue;
                }
            };
            if let Some((from, to)) = line.split_once("=>") {
                let from = from.split_whitespace().next().unwrap_or("");
                let to = to.split_whitespace().next().unwrap_or("");
                if to.starts_with("./") || to.starts_with("../") || to.starts_with('/') {
                    module.replaced.push((from.to_owned(), root.join(to)));
                }
            }
        }
        module
    }

    /// The folder of an import path inside the module.
    pub(crate) fn folder(&self, path: &str) -> Option<PathBuf> {
        let inside = |prefix: &str, root: &Path| {
            let rest = path.strip_prefix(prefix)?;
            match rest.strip_prefix('/') {
                Some(rest) => Some(root.join(rest)),
                None => rest.is_empty().then(|| root.to_owned()),
            }
        };
        let replaced = self
            .replaced
            .iter()
            .filter_map(|(prefix, root)| inside(prefix, root))
            .next();
        replaced
            .or_else(|| inside(&self.path, &self.root).filter(|_| !self.path.is_empty()))
            .or_else(|| {
                let vendored = self.root.join("vendor").join(path);
                vendored.is_dir().then_some(vendored)
            })
    }
}

/// Loads packages for one program.
pub struct Loader {
    pub files: Arc<FileSet>,
    pub standard: Standard,
    pub module: Option<Module>,
    /// Parse bodies of the user's packages at once.
    pub eager: bool,
    /// Who imports whom, for reports.
    pub imports: Arc<Mutex<Imports>>,
    /// Import path of the package that was named, also when that is a package main.
    pub root: String,
}

/// The imports of the user's packages as they were met.
#[derive(Debug, Default)]
pub struct Imports {
    /// By importing package: imported path, name of the importing file.
    edges: HashMap<String, Vec<(String, String)>>,
    /// Texts of failed imports.
    pub failures: Vec<String>,
    /// What the parser found in packages whose errors forbid checking.
    pub syntax: Vec<Diagnostic>,
}

impl Imports {
    /// Notes what a package imports.
    pub(crate) fn add(&mut self, path: &str, source: &PackageSource) {
        // As gc: other errors of the scanner (a broken literal) leave a tree that can be checked.
        if source
            .errors
            .iter()
            .any(|e| e.msg.starts_with("syntax error"))
        {
            self.syntax.extend(source.errors.iter().map(|e| Diagnostic {
                pos: e.pos,
                msg: e.msg.clone(),
            }));
        }
        let edges = self.edges.entry(path.to_owned()).or_default();
        for file in &source.files {
            let name = file.source.name();
            let name = name.rsplit('/').next().unwrap_or(name);
            edges.extend(
                file.imports
                    .iter()
                    .map(|import| (import.path.to_string(), name.to_owned())),
            );
        }
    }

    /// The go command's report of an import cycle that can be reached from `main`, if there is one.
    pub fn cycle(&self, main: &str) -> Option<String> {
        // A cycle may lead back to where the search begins.
        let mut path = vec![(main.to_owned(), String::new())];
        let mut done = HashSet::new();
        if !self.search(main, &mut path, &mut done) {
            return None;
        }
        let name = |path: &str| {
            if path.is_empty() {
                "main".to_owned()
            } else {
                path.to_owned()
            }
        };
        let mut text = format!("package {}", name(main));
        for (import, file) in &path[1..] {
            text.push_str(&format!("\n\timports {import} from {file}"));
        }
        Some(text + ": import cycle not allowed")
    }

    fn search(
        &self,
        at: &str,
        path: &mut Vec<(String, String)>,
        done: &mut HashSet<String>,
    ) -> bool {
        for (import, file) in self.edges.get(at).into_iter().flatten() {
            let closes = path.iter().any(|(earlier, _)| earlier == import);
            path.push((import.clone(), file.clone()));
            if closes || (!done.contains(import) && self.search(import, path, done)) {
                return true;
            }
            path.pop();
        }
        done.insert(at.to_owned());
        false
    }
}

/// The files of a package before parsing.
struct Sources {
    files: Vec<(PathBuf, Arc<[u8]>)>,
}

impl Loader {
    pub fn new(files: Arc<FileSet>, standard: Standard) -> Loader {
        Loader {
            files,
            standard,
            module: None,
            eager: true,
            imports: Arc::default(),
            root: String::new(),
        }
    }

    /// The package that the arguments of `morestack run` name: Go files, or one directory.
    pub fn named(&mut self, args: &[PathBuf], tests: bool) -> Result<PackageSource, LoadError> {
        let [first, ..] = args else {
            return Err(LoadError("no Go files named".into()));
        };
        let as_files = args.len() > 1 || !first.is_dir();
        let (sources, dir) = if as_files {
            let mut files = Vec::new();
            for path in args {
                if path.is_dir() {
                    return Err(LoadError(format!(
                        "{}: a directory among files",
                        path.display()
                    )));
                }
                files.push((absolute(path), read(path)?));
            }
            (
                Sources { files },
                first.parent().map(Path::to_owned).unwrap_or_default(),
            )
        } else {
            (self.directory(first, tests)?, first.clone())
        };
        let dir = if dir.as_os_str().is_empty() {
            PathBuf::from(".")
        } else {
            dir
        };
        self.module = Module::find(&dir);
        let path = match &self.module {
            Some(module) if !as_files => self.import_path(module, &dir).unwrap_or_default(),
            _ => String::new(),
        };
        let mut source = self.parse(
            &path,
            sources,
            if self.eager { Mode::Eager } else { Mode::Lazy },
        )?;
        let mut imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        imports.add(&source.path, &source);
        drop(imports);
        self.root.clone_from(&source.path);
        // Symbols of package main are called main.*, wherever it lies.
        let name = source
            .files
            .first()
            .map(|f| f.package.name.as_str().to_owned())
            .unwrap_or_default();
        if name == "main" || source.path.is_empty() {
            source.path = if name.is_empty() { "main".into() } else { name };
        }
        Ok(source)
    }

    pub(crate) fn import_path(&self, module: &Module, dir: &Path) -> Option<String> {
        let dir = fs::canonicalize(dir).ok()?;
        let rest = dir.strip_prefix(&module.root).ok()?.to_str()?;
        Some(if rest.is_empty() {
            module.path.clone()
        } else {
            format!("{}/{rest}", module.path)
        })
    }

    /// The Go files of a directory that apply here.
    fn directory(&self, dir: &Path, tests: bool) -> Result<Sources, LoadError> {
        let failed = |e: std::io::Error| LoadError(format!("{}: {}", dir.display(), describe(&e)));
        let mut names: Vec<PathBuf> = Vec::new();
        for entry in fs::read_dir(dir).map_err(failed)? {
            names.push(entry.map_err(failed)?.path());
        }
        names.sort();
        let mut files = Vec::new();
        let mut excluded = false;
        for path in names {
            let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
                continue;
            };
            if !name.ends_with(".go") || name.starts_with(['.', '_']) || !path.is_file() {
                continue;
            }
            if (name.ends_with("_test.go") && !tests) || !name_applies(name) {
                excluded = true;
                continue;
            }
            let text = read(&path)?;
            if !constraint_applies(&text) {
                excluded = true;
                continue;
            }
            files.push((absolute(&path), text));
        }
        if files.is_empty() {
            let why = if excluded {
                "build constraints exclude all Go files in"
            } else {
                "no Go files in"
            };
            return Err(LoadError(format!("{why} {}", absolute(dir).display())));
        }
        Ok(Sources { files })
    }

    fn parse(&self, path: &str, sources: Sources, mode: Mode) -> Result<PackageSource, LoadError> {
        let mut parsed: Vec<Arc<File>> = Vec::new();
        let mut errors = Vec::new();
        for (name, text) in sources.files {
            let name = name.to_string_lossy();
            let Some(file) = self.files.try_add(&name, text) else {
                return Err(too_large(&name));
            };
            let (tree, found) = parse_file(&file, mode);
            errors.extend(found);
            parsed.push(Arc::new(tree));
        }
        Ok(PackageSource {
            path: path.to_owned(),
            files: parsed,
            outlined: None,
            errors,
            lazy: mode == Mode::Lazy,
        })
    }

    /// A package by import path.
    fn package(&self, path: &str, from: &str) -> Result<PackageSource, String> {
        if path.is_empty() {
            return Err("invalid import path (empty string)".into());
        }
        if path == "C" {
            return Err("cgo is not supported: import \"C\"".into());
        }
        if let Some(relative) = path
            .strip_prefix("./")
            .or_else(|| path.strip_prefix("../").map(|_| path))
        {
            let _ = relative;
            return Err(format!(
                "\"{path}\" is relative, but relative import paths are not supported in module mode"
            ));
        }
        // What standard packages import is standard.
        let user = !self.standard.has(from);
        let folder = self
            .module
            .as_ref()
            .filter(|_| user)
            .and_then(|m| m.folder(path))
            .filter(|f| f.is_dir());
        if let Some(folder) = folder {
            if !internal_allowed(path, from) {
                return Err(format!("use of internal package {path} not allowed"));
            }
            let sources = self.directory(&folder, false).map_err(|e| e.0)?;
            let mode = if self.eager { Mode::Eager } else { Mode::Lazy };
            let mut source = self.parse(path, sources, mode).map_err(|e| e.0)?;
            source.lazy = false;
            if source
                .files
                .first()
                .is_some_and(|f| f.package.name.as_str() == "main")
            {
                return Err(format!(
                    "import \"{path}\" is a program, not an importable package"
                ));
            }
            return Ok(source);
        }
        if let Some(package) = self.standard.package(path, &self.files) {
            if user && (path.starts_with("internal/") || path.contains("/internal/")) {
                return Err(format!("use of internal package {path} not allowed"));
            }
            return package.map_err(|e| e.0);
        }
        let first = path.split('/').next().unwrap_or("");
        if !first.contains('.') {
            return Err(match &self.module {
                Some(m) if first == m.path || path.starts_with(&format!("{}/", m.path)) => {
                    format!("package {path} is not in std and not in module {}", m.path)
                }
                _ => format!(
                    "package {path} is not in std ({})",
                    standard_name(path, "").trim_end_matches('/')
                ),
            });
        }
        Err(match &self.module {
            Some(_) => {
                format!("no required module provides package {path}; to add it:\n\tgo get {path}")
            }
            None => format!(
                "no required module provides package {path}: go.mod file not found in current directory or any parent directory; see 'go help modules'"
            ),
        })
    }
}

/// How files of standard packages are called in traces: below a root that stands for the library's place.
fn standard_name(path: &str, name: &str) -> String {
    format!("$GOROOT/src/{path}/{name}")
}

impl Importer for Loader {
    fn import(&mut self, path: &str, from: &str) -> Result<PackageSource, String> {
        let result = self.package(path, from);
        let mut imports = self.imports.lock().unwrap_or_else(PoisonError::into_inner);
        match &result {
            Ok(source) if !source.lazy => imports.add(path, source),
            Ok(_) => {}
            Err(text) => imports.failures.push(text.clone()),
        }
        result
    }
}

/// A package below `internal` may be imported from within the tree above that folder.
fn internal_allowed(path: &str, from: &str) -> bool {
    let above = match path
        .find("/internal/")
        .or_else(|| path.strip_suffix("/internal").map(str::len))
    {
        Some(at) => &path[..at],
        None => return true,
    };
    // Package main goes by its bare name; it lies in the module.
    from == "main" || from == above || from.starts_with(&format!("{above}/"))
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

fn describe(e: &std::io::Error) -> String {
    match e.kind() {
        std::io::ErrorKind::NotFound => "no such file or directory".into(),
        std::io::ErrorKind::PermissionDenied => "permission denied".into(),
        std::io::ErrorKind::IsADirectory => "is a directory".into(),
        _ => e.to_string(),
    }
}

fn read(path: &Path) -> Result<Arc<[u8]>, LoadError> {
    match fs::read(path) {
        Ok(mut text) => {
            // `#!/usr/bin/env morestack`: a comment, and positions stay as they are.
            if text.starts_with(b"#!") {
                text[..2].copy_from_slice(b"//");
            }
            Ok(text.into())
        }
        Err(e) => Err(LoadError(format!(
            "open {}: {}",
            path.display(),
            describe(&e)
        ))),
    }
}

const SYSTEMS: &[&str] = &[
    "aix",
    "android",
    "darwin",
    "dragonfly",
    "freebsd",
    "hurd",
    "illumos",
    "ios",
    "js",
    "linux",
    "nacl",
    "netbsd",
    "openbsd",
    "plan9",
    "solaris",
    "wasip1",
    "windows",
    "zos",
];
const MACHINES: &[&str] = &[
    "386", "amd64", "arm", "arm64", "loong64", "mips", "mips64", "mips64le", "mipsle", "ppc64",
    "ppc64le", "riscv64", "s390x", "wasm",
];

/// `name_GOOS.go`, `name_GOARCH.go`, `name_GOOS_GOARCH.go`, with or without `_test`.
fn name_applies(name: &str) -> bool {
    let stem = name.trim_end_matches(".go");
    let stem = stem.strip_suffix("_test").unwrap_or(stem);
    let mut parts: Vec<&str> = stem.split('_').collect();
    // The first part is never a constraint.
    parts.remove(0);
    let (last, before) = (parts.pop(), parts.pop());
    match last {
        Some(arch) if MACHINES.contains(&arch) => {
            arch == "amd64" && before.is_none_or(|os| !SYSTEMS.contains(&os) || os == "linux")
        }
        Some(os) if SYSTEMS.contains(&os) => os == "linux",
        _ => true,
    }
}

/// Whether the `//go:build` line of a file, if it has one, holds here.
fn constraint_applies(text: &[u8]) -> bool {
    for line in text.split(|b| *b == b'\n') {
        let line = line.trim_ascii();
        if let Some(rest) = line.strip_prefix(b"//go:build ") {
            let rest = String::from_utf8_lossy(rest);
            return Constraint::parse(&rest).is_none_or(|c| c.eval(&tag_applies));
        }
        if !line.is_empty() && !line.starts_with(b"//") && !line.starts_with(b"/*") {
            break;
        }
    }
    true
}

/// Build tags that are set: system, machine, `gc`-compatible compiler, and language versions up to this one.
fn tag_applies(tag: &str) -> bool {
    match tag {
        "linux" | "unix" | "amd64" | "gc" | "morestack" => true,
        _ => tag
            .strip_prefix("go1.")
            .and_then(|minor| minor.parse::<u32>().ok())
            .is_some_and(|minor| minor <= 27),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn file_names_are_constraints() {
        for (name, want) in [
            ("a.go", true),
            ("a_linux.go", true),
            ("a_windows.go", false),
            ("linux.go", true),
            ("windows.go", true),
            ("a_windows_amd64.go", false),
            ("a_linux_amd64.go", true),
            ("a_arm64_test.go", false),
            ("a_other.go", true),
        ] {
            assert_eq!(name_applies(name), want, "{name}");
        }
    }

    #[test]
    fn go_mod_is_read() {
        let m = Module::parse(
            Path::new("/m"),
            "module example.com/m // c\n\ngo 1.27\n\nreplace (\n\tx.org/a v1 => ./a\n)\nreplace y.org/b => ../b\n",
        );
        assert_eq!(m.path, "example.com/m");
        assert_eq!(
            m.folder("example.com/m/sub").as_deref(),
            Some(Path::new("/m/sub"))
        );
        assert_eq!(
            m.folder("x.org/a/q").as_deref(),
            Some(Path::new("/m/./a/q"))
        );
        assert_eq!(m.folder("y.org/b").as_deref(), Some(Path::new("/m/../b")));
        assert_eq!(m.folder("example.com/mother"), None);
    }

    #[test]
    fn internal_packages_stay_inside() {
        assert!(internal_allowed("a/b/internal/c", "a/b/x"));
        assert!(!internal_allowed("a/b/internal/c", "a/x"));
        assert!(internal_allowed("a/b", "q"));
    }
}
