//! Packages under test: their files with the tests in them, and the main function that runs those.
//!
//! A package's tests are its own `_test.go` files and the external package `<name>_test` beside it. A third package, generated, lists what they
//! declare and hands it to package testing. All three keep their real import paths, so that traces and external tests see what they do in a program.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use syntax::{Decl, ExprKind, File, FileSet, FuncDecl, Mode, parse_file};
use types::{Diagnostic, Importer, PackageSource};

use crate::check::{Checked, Diagnostics, Failure, check_source};
use crate::load::{Imports, LoadError, Loader, Module, Standard};

/// A package that can be tested.
pub struct TestPackage {
    /// Its import path.
    pub path: String,
    /// Where its tests run.
    pub dir: PathBuf,
    /// What is to be run; `None` if there are no tests.
    pub program: Option<Checked>,
}

/// Why there is nothing to run.
pub struct TestFailure {
    /// The package's import path.
    pub path: String,
    /// Whether loading failed, not checking.
    pub setup: bool,
    pub failure: Failure,
}

/// Loads and checks a package (a directory, or Go files) with its tests.
///
/// # Errors
/// What could not be read, or the diagnostics.
pub fn check_tests(args: &[PathBuf], standard: &Standard) -> Result<TestPackage, TestFailure> {
    let named = args
        .first()
        .map(|p| p.display().to_string())
        .unwrap_or_default();
    let files = Arc::new(FileSet::new());
    let mut loader = Loader::new(files.clone(), standard.clone());
    let failed = |path: String, e: LoadError| TestFailure {
        path,
        setup: true,
        failure: Failure::Load(e),
    };
    let mut all = loader.named(args, true).map_err(|e| failed(named, e))?;
    let is_dir = args.len() == 1 && args[0].is_dir();
    let dir = if is_dir {
        args[0].clone()
    } else {
        args[0].parent().map(Path::to_owned).unwrap_or_default()
    };
    let dir = if dir.as_os_str().is_empty() {
        PathBuf::from(".")
    } else {
        dir
    };
    // A main package under test is imported like any other.
    all.path = match &loader.module {
        Some(module) if is_dir => loader.import_path(module, &dir).unwrap_or_default(),
        _ => "command-line-arguments".into(),
    };
    let path = all.path.clone();
    let tests = TestSources::split(all);
    if !tests.any {
        return Ok(TestPackage {
            path,
            dir,
            program: None,
        });
    }
    let diagnostics = |setup, found| {
        let failure = Failure::Diagnostics(Diagnostics::new(found, files.clone()));
        TestFailure {
            path: path.clone(),
            setup,
            failure,
        }
    };
    let wrong = tests.wrong_signatures();
    if !wrong.is_empty() {
        return Err(diagnostics(true, wrong));
    }
    let main = tests.main_source(&path, &files);
    // What the loader noted of all files together would make a cycle of an external test and its package.
    let imports = Arc::new(Mutex::new(Imports::default()));
    for source in [&main, &tests.own, &tests.external] {
        lock(&imports).add(&source.path, source);
    }
    loader.imports = imports.clone();
    let importer = Box::new(TestImporter {
        loader,
        own: tests.own,
        external: tests.external,
    });
    match check_source(files, importer, &imports, main, &path, "main".into()) {
        Ok(program) => Ok(TestPackage {
            path,
            dir,
            program: Some(program),
        }),
        Err(failure) => Err(TestFailure {
            path,
            setup: matches!(failure, Failure::Load(_)) || !lock(&imports).failures.is_empty(),
            failure: in_test(failure),
        }),
    }
}

/// The go command's words for an import cycle that is there because of the tests.
fn in_test(failure: Failure) -> Failure {
    match failure {
        Failure::Load(e) if e.0.ends_with("import cycle not allowed") => {
            Failure::Load(LoadError(e.0 + " in test"))
        }
        failure => failure,
    }
}

fn lock(imports: &Mutex<Imports>) -> MutexGuard<'_, Imports> {
    imports.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a program the packages under test, and all others as ever.
struct TestImporter {
    loader: Loader,
    own: PackageSource,
    external: PackageSource,
}

impl Importer for TestImporter {
    fn import(&mut self, path: &str, from: &str) -> Result<PackageSource, String> {
        for tested in [&self.own, &self.external] {
            if path == tested.path && !tested.files.is_empty() {
                return Ok(tested.clone());
            }
        }
        self.loader.import(path, from)
    }
}

/// What a test function is called, and the letter of its parameter's type.
const FORMS: [(&str, &str, &str); 3] = [
    ("Test", "T", "t"),
    ("Benchmark", "B", "b"),
    ("Fuzz", "F", "f"),
];

/// The files of a package under test.
struct TestSources {
    own: PackageSource,
    external: PackageSource,
    /// Whether there are test files.
    any: bool,
}

impl TestSources {
    fn split(all: PackageSource) -> TestSources {
        let external = |f: &File| f.package.name.as_str().ends_with("_test") && is_test_file(f);
        let any = all.files.iter().any(|f| is_test_file(f));
        let (outside, inside): (Vec<_>, Vec<_>) = all.files.into_iter().partition(|f| external(f));
        // Syntax errors belong to the package whose file they are in; one list will do.
        TestSources {
            external: PackageSource {
                path: format!("{}_test", all.path),
                files: outside,
                errors: if inside.is_empty() {
                    all.errors.clone()
                } else {
                    Vec::new()
                },
                outlined: None,
                lazy: false,
            },
            own: PackageSource {
                path: all.path,
                files: inside,
                errors: all.errors,
                outlined: None,
                lazy: false,
            },
            any,
        }
    }

    /// The test files' functions without receiver, each with the name by which the generated file knows its package.
    fn functions(&self) -> impl Iterator<Item = (&'static str, &Arc<File>, &Arc<FuncDecl>)> {
        let packages = [("_test", &self.own), ("_xtest", &self.external)];
        packages.into_iter().flat_map(|(name, source)| {
            source
                .files
                .iter()
                .filter(|f| is_test_file(f))
                .flat_map(move |file| {
                    file.decls.iter().filter_map(move |decl| match decl {
                        Decl::Func(f) if f.recv.is_none() => Some((name, file, f)),
                        _ => None,
                    })
                })
        })
    }

    fn wrong_signatures(&self) -> Vec<Diagnostic> {
        let mut wrong = Vec::new();
        for (_, _, f) in self.functions() {
            let name = f.name.name.as_str();
            for (prefix, letter, param) in FORMS {
                let main = name == "TestMain" && takes(f, "M");
                if is_called(name, prefix) && !main && (!takes(f, letter) || !f.tparams.is_empty())
                {
                    let message = if takes(f, letter) {
                        format!(
                            "wrong type parameters for {name}, must be: func {name}({param} *testing.{letter})"
                        )
                    } else {
                        format!(
                            "wrong signature for {name}, must be: func {name}({param} *testing.{letter})"
                        )
                    };
                    wrong.push(Diagnostic {
                        pos: f.pos,
                        msg: message,
                    });
                }
            }
        }
        wrong
    }

    /// The generated package.
    fn main_source(&self, path: &str, files: &FileSet) -> PackageSource {
        let mut lists: [String; 4] = Default::default();
        let mut examples: Vec<(u32, String)> = Vec::new();
        let mut main = None;
        let mut used = [false; 2];
        let mut note = |package: &str| used[usize::from(package == "_xtest")] = true;
        for (package, file, f) in self.functions() {
            let name = f.name.name.as_str();
            if name == "TestMain" && takes(f, "M") {
                main = Some(package);
                note(package);
                continue;
            }
            for (at, (prefix, ..)) in FORMS.iter().enumerate() {
                if is_called(name, prefix) {
                    let _ = writeln!(lists[at], "\t{{\"{name}\", {package}.{name}}},");
                    note(package);
                }
            }
            if is_called(name, "Example")
                && f.ty.params.is_empty()
                && let Some((output, unordered)) = example_output(file, f)
            {
                let line = format!(
                    "\t{{\"{name}\", {package}.{name}, {}, {unordered}}},\n",
                    quote(&output)
                );
                examples.push((f.pos.0, line));
                note(package);
            }
        }
        examples.sort();
        examples
            .iter()
            .for_each(|(_, line)| lists[3].push_str(line));
        let mut text = "package main\n\nimport (\n\t\"os\"\n\t\"testing\"\n".to_owned();
        for (at, (name, source)) in [("_test", &self.own), ("_xtest", &self.external)]
            .into_iter()
            .enumerate()
        {
            if !source.files.is_empty() {
                let name = if used[at] { name } else { "_" };
                let _ = writeln!(text, "\t{name} {}", quote(&source.path));
            }
        }
        text.push_str(")\n\n");
        let kinds = [
            "InternalTest",
            "InternalBenchmark",
            "InternalFuzzTarget",
            "InternalExample",
        ];
        for (kind, list) in kinds.iter().zip(&lists) {
            let _ = write!(text, "var list{kind} = []testing.{kind}{{\n{list}}}\n\n");
        }
        let run = match main {
            // TestMain may return instead of ending the program.
            Some(package) => format!("{package}.TestMain(m)\n\tos.Exit(exitCode)"),
            None => "os.Exit(m.Run())".to_owned(),
        };
        let _ = write!(
            text,
            "var exitCode int\n\ntype deps struct{{}}\n\nfunc (deps) ImportPath() string {{ return {} }}\n\n\
             func (deps) SetExitCode(code int) {{ exitCode = code }}\n\nfunc main() {{\n\
             \tm := testing.MainStart(deps{{}}, listInternalTest, listInternalBenchmark, listInternalFuzzTarget, listInternalExample)\n\
             \t{run}\n}}\n",
            quote(path)
        );
        let file = files.add("_testmain.go", text.into_bytes());
        let (tree, errors) = parse_file(&file, Mode::Eager);
        PackageSource {
            path: "main".into(),
            files: vec![Arc::new(tree)],
            errors,
            outlined: None,
            lazy: false,
        }
    }
}

fn is_test_file(file: &File) -> bool {
    file.source.name().ends_with("_test.go")
}

/// Whether a name is `prefix`, or goes on after it with anything but a small letter.
fn is_called(name: &str, prefix: &str) -> bool {
    name.strip_prefix(prefix)
        .is_some_and(|rest| !rest.starts_with(char::is_lowercase))
}

/// Whether a function has one parameter, `*letter` or `*package.letter`, and no results.
fn takes(f: &FuncDecl, letter: &str) -> bool {
    let [param] = f.ty.params.as_slice() else {
        return false;
    };
    let ExprKind::Star(base) = &param.ty.kind else {
        return false;
    };
    let named = match &base.kind {
        ExprKind::Ident(name) => name.as_str() == letter,
        ExprKind::Selector { sel, .. } => sel.name.as_str() == letter,
        _ => false,
    };
    named && param.names.len() <= 1 && f.ty.results.is_empty()
}

/// A Go string literal.
fn quote(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04x}", c as u32);
            }
            c => out.push(c),
        }
    }
    out + "\""
}

/// What an example is to print, which the last comment in its body tells after `Output:` or `Unordered output:`; and whether in any order.
fn example_output(file: &File, f: &FuncDecl) -> Option<(String, bool)> {
    let source = &file.source;
    let text = &source.text()[source.offset(f.pos)..source.offset(f.end)];
    let comment = comment_text(&last_comment(text)?);
    let start = comment.trim_start();
    let cut = |prefix: &str| {
        let head = start.get(..prefix.len())?;
        head.eq_ignore_ascii_case(prefix)
            .then(|| &start[prefix.len()..])
    };
    let (rest, unordered) = match cut("unordered output:") {
        Some(rest) => (rest, true),
        None => (cut("output:")?, false),
    };
    let rest = rest.trim_start_matches(' ');
    Some((
        rest.strip_prefix('\n').unwrap_or(rest).to_owned(),
        unordered,
    ))
}

/// The last group of comments of a function: those that only single line ends separate.
fn last_comment(text: &[u8]) -> Option<Vec<String>> {
    let mut group: Vec<String> = Vec::new();
    // Line ends since the last comment, and whether there was anything else.
    let (mut newlines, mut apart) = (0, false);
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        let len = match rest[0] {
            b'\n' => {
                newlines += 1;
                1
            }
            b' ' | b'\t' | b'\r' => 1,
            b'/' if rest.starts_with(b"//") || rest.starts_with(b"/*") => {
                let line = rest[1] == b'/';
                let len = if line {
                    rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
                } else {
                    rest[2..]
                        .windows(2)
                        .position(|w| w == b"*/")
                        .map_or(rest.len(), |n| n + 4)
                };
                if apart || newlines > 1 {
                    group.clear();
                }
                group.push(String::from_utf8_lossy(&rest[..len]).into_owned());
                (newlines, apart) = (0, false);
                len
            }
            quote @ (b'"' | b'\'' | b'`') => {
                apart = true;
                literal_len(rest, quote)
            }
            _ => {
                apart = true;
                1
            }
        };
        at += len;
    }
    (!group.is_empty()).then_some(group)
}

/// The length of a string or rune literal.
fn literal_len(text: &[u8], quote: u8) -> usize {
    let mut at = 1;
    while at < text.len() && text[at] != quote {
        at += if text[at] == b'\\' && quote != b'`' {
            2
        } else {
            1
        };
    }
    (at + 1).min(text.len())
}

/// The text of comments without their markers: no directives, no empty lines around, no blanks at line ends.
fn comment_text(group: &[String]) -> String {
    let mut lines: Vec<String> = Vec::new();
    for comment in group {
        if let Some(line) = comment.strip_prefix("//") {
            let directive = line.starts_with("line ")
                || line.split_once(':').is_some_and(|(tool, rest)| {
                    !tool.is_empty()
                        && tool
                            .bytes()
                            .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
                        && rest.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit())
                });
            if !directive {
                lines.push(line.strip_prefix(' ').unwrap_or(line).to_owned());
            }
        } else {
            let inner = comment.trim_start_matches("/*").trim_end_matches("*/");
            lines.extend(inner.split('\n').map(str::to_owned));
        }
    }
    let mut out = String::new();
    let mut empty = 0;
    for line in &lines {
        let line = line.trim_end();
        if line.is_empty() {
            empty += 1;
            continue;
        }
        if empty > 0 && !out.is_empty() {
            out.push('\n');
        }
        empty = 0;
        out.push_str(line);
        out.push('\n');
    }
    out
}

/// The directories that `dir/...` stands for: those with Go files, `dir` itself among them; no testdata, no vendored or hidden ones, no other modules.
///
/// # Errors
/// A directory that cannot be read.
pub fn directories_below(dir: &Path) -> Result<Vec<PathBuf>, LoadError> {
    let failed = |e: std::io::Error| LoadError(format!("{}: {e}", dir.display()));
    let mut below = Vec::new();
    let mut has_go = false;
    for entry in fs::read_dir(dir).map_err(failed)? {
        let path = entry.map_err(failed)?.path();
        let Some(name) = path.file_name().and_then(|n| n.to_str()) else {
            continue;
        };
        if path.is_dir() {
            let left_out = name.starts_with(['.', '_']) || name == "testdata" || name == "vendor";
            if !left_out && !path.join("go.mod").is_file() {
                below.push(path);
            }
        } else if name.ends_with(".go") && !name.starts_with(['.', '_']) {
            has_go = true;
        }
    }
    below.sort();
    let mut found = if has_go {
        vec![dir.to_owned()]
    } else {
        Vec::new()
    };
    for path in below {
        found.extend(directories_below(&path)?);
    }
    Ok(found)
}

/// The directory of a package by its import path in the module of the working directory.
pub fn directory_of(path: &str) -> Option<PathBuf> {
    Module::find(Path::new("."))?.folder(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn output_of(body: &str) -> Option<(String, bool)> {
        let files = FileSet::new();
        let file = files.add(
            "x_test.go",
            format!("package p\nfunc Example() {{\n{body}\n}}\n").into_bytes(),
        );
        let (tree, _) = parse_file(&file, Mode::Eager);
        let Some(Decl::Func(f)) = tree.decls.first() else {
            panic!("no function")
        };
        example_output(&tree, f)
    }

    #[test]
    fn outputs_of_examples() {
        let some = |text: &str, unordered| Some((text.to_owned(), unordered));
        assert_eq!(output_of("\tf()\n\t// Output: a"), some("a\n", false));
        assert_eq!(
            output_of("\t// unordered output:\n\t// b\n\t// a"),
            some("b\na\n", true)
        );
        assert_eq!(
            output_of("\t// first\n\n\t// Output:\n\t//   x\n\t//\n\t// y"),
            some("  x\n\ny\n", false)
        );
        assert_eq!(output_of("\tf(\"// Output: no\")"), None);
        assert_eq!(output_of("\t// Output: a\n\tf()\n\t// remark"), None);
        assert_eq!(output_of("\t/* Output:\na\n*/"), some("a\n", false));
        assert_eq!(output_of("\t// Output:"), some("", false));
    }

    #[test]
    fn names_of_tests() {
        assert!(is_called("Test", "Test"));
        assert!(is_called("TestX", "Test"));
        assert!(is_called("Test_x", "Test"));
        assert!(!is_called("Testing", "Test"));
    }
}
