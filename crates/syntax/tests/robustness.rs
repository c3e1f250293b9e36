//! Any bytes in: never a panic, a hang or an overflowing stack.

use proptest::prelude::*;
use std::time::{Duration, Instant};
use syntax::{Decl, FileSet, Mode, ReplParse, parse_file, parse_repl_entry};

/// Parses in every way, on the small stack that test threads have, and drops the trees there.
fn parse_all(text: impl Into<Vec<u8>>) -> Vec<syntax::Error> {
    let files = FileSet::new();
    let source = files.add("t.go", text.into());
    let (_, errors) = parse_file(&source, Mode::Eager);
    let (file, _) = parse_file(&source, Mode::Lazy);
    for d in &file.decls {
        if let Decl::Func(f) = d {
            f.body();
        }
    }
    parse_repl_entry(&source);
    for e in &errors {
        assert!(files.position(e.pos).line > 0);
    }
    errors
}

fn parse_repeated(before: &str, unit: &str, n: usize, after: &str) -> Vec<syntax::Error> {
    let start = Instant::now();
    let errors = parse_all(format!("{before}{}{after}", unit.repeat(n)));
    assert!(start.elapsed() < Duration::from_secs(60), "{before}{unit}");
    errors
}

#[test]
fn deep_nesting_is_a_diagnostic() {
    let deep = |before: &str, unit: &str, n, after: &str| {
        let errors = parse_repeated(before, unit, n, after);
        assert!(
            errors.iter().any(|e| e.msg.contains("nesting too deep")),
            "{before}{unit}: {:?}",
            errors.first()
        );
    };
    let body = "package p\nfunc f() {\n";
    deep("package p\nvar x = ", "(", 200_000, "");
    deep("package p\nvar x = ", "- ", 1_000_000, "1\n");
    deep("package p\nvar x = a", ".b", 1_000_000, "\n");
    deep("package p\nvar x = a", "()", 1_000_000, "\n");
    deep("package p\nvar x = a", "+a", 1_000_000, "\n");
    deep("package p\nvar x ", "[]", 1_000_000, "int\n");
    deep("package p\nvar x ", "struct{a ", 200_000, "");
    deep("package p\nvar x ", "func(", 200_000, "");
    deep("package p\nvar x = ", "T{", 200_000, "");
    deep("package p\nvar x = T{", "{", 200_000, "");
    deep("package p\ntype x ", "a[", 200_000, "");
    deep(body, "{", 1_000_000, "");
    deep(body, "if x {} else ", 200_000, "{}}\n");
    deep(body, "for {", 200_000, "");
    deep(body, "L:", 1_000_000, "");
    deep(body, "func(){", 200_000, "");
    deep(body, "switch { case x:", 200_000, "");
}

#[test]
fn depth_below_the_limit_is_parsed_and_dropped() {
    for (before, open, close, after) in [
        ("package p\nvar x = ", "(", ")", "\n"),
        ("package p\nvar x = ", "T{", "}", "\n"),
        ("package p\nfunc f() {", "{", "}", "}\n"),
        ("package p\nfunc f() {", "if x {", "}", "}\n"),
        ("package p\nvar x ", "[]", "", "int\n"),
    ] {
        let n = 3_000;
        let text = format!("{before}{}{}{after}", open.repeat(n), close.repeat(n));
        let text = text.replace("(())", "(1)").replace("T{}", "T{1}");
        assert_eq!(parse_all(text), [], "{before}{open}");
    }
    let sum = format!("package p\nvar x = a{}\n", "+a".repeat(9_000));
    assert_eq!(parse_all(sum), []);
}

#[test]
fn long_inputs_take_linear_time() {
    let n = 1_000_000;
    parse_repeated("package p\nvar x = []int{", "1,", n, "}\n");
    parse_repeated("package p\n", "@", n, "\n");
    parse_repeated("package p\n", "\0", n, "\n");
    parse_repeated("package p\nfunc f() {", "x.(type);", 200_000, "}\n");
    parse_repeated("package p\nfunc f() {", "goto L; L: ", 100_000, "}\n");
    parse_repeated("", "(", n, "");
    parse_repeated("package p\n", "func f() {", n / 10, "\n");
    parse_repeated("package p; var x = `", "a", n, "");
}

#[test]
fn repl_tells_incomplete_from_wrong() {
    let files = FileSet::new();
    let parse = |text: &str| parse_repl_entry(&files.add("repl", text.as_bytes()));
    for text in [
        "func f() {\n",
        "x := 1 +\n",
        "f(1,\n",
        "s := `abc\n",
        "/* c\n",
        "type T struct {\n\ta int\n",
        "if x {\n",
        "a.\n",
        "import (\n",
    ] {
        assert!(matches!(parse(text), ReplParse::Incomplete), "{text}");
    }
    for (text, items) in [
        ("x := 1; x++\n", 2),
        ("import \"fmt\"\nfmt.Println(1)\n", 2),
        ("func f() int { return 1 }\n", 1),
        ("func (t T) m() {}\n", 1),
        ("func() { println() }()\n", 1),
        ("func(x int) T { return x }(1)\n", 1),
        ("type T struct{}; var a, b = 1, 2; const c = 3", 3),
        ("1 + 2", 1),
        ("for i := range 3 {\n}\n", 1),
        ("", 0),
    ] {
        match parse(text) {
            ReplParse::Entry(entry, errors) => {
                assert_eq!(errors, [], "{text}");
                assert_eq!(entry.items.len(), items, "{text}");
            }
            ReplParse::Incomplete => panic!("incomplete: {text}"),
        }
    }
    for text in ["x := )\n", "\"abc\n", "f(1 2)\n", "}\n", "type\n"] {
        let wrong = match parse(text) {
            ReplParse::Entry(_, errors) => !errors.is_empty(),
            ReplParse::Incomplete => text == "type\n",
        };
        assert!(wrong, "{text}");
    }
}

const WORDS: &[&str] = &[
    "(",
    ")",
    "[",
    "]",
    "{",
    "}",
    ",",
    ";",
    "\n",
    ":",
    ".",
    "...",
    ":=",
    "=",
    "+",
    "*",
    "&",
    "<-",
    "~",
    "|",
    "++",
    "+=",
    "!",
    "==",
    "func",
    "if",
    "else",
    "for",
    "range",
    "switch",
    "select",
    "case",
    "default",
    "type",
    "var",
    "const",
    "struct",
    "interface",
    "map",
    "chan",
    "go",
    "defer",
    "return",
    "goto",
    "break",
    "continue",
    "fallthrough",
    "package",
    "import",
    "x",
    "y",
    "T",
    "_",
    "1",
    "0x",
    "1.5e3",
    "'a'",
    "\"s\"",
    "`r`",
    "\"",
    "'",
    "`",
    "//",
    "/*",
    "*/",
    "//line a:1\n",
    "@",
    "\\",
    "\u{e9}",
    "\u{feff}",
    "\0",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1000))]

    #[test]
    fn random_bytes(text in proptest::collection::vec(any::<u8>(), 0..300)) {
        parse_all(text);
    }

    #[test]
    fn token_soup(words in proptest::collection::vec(proptest::sample::select(WORDS), 0..120)) {
        let soup = words.join(" ");
        parse_all(soup.clone());
        parse_all(format!("package p\n{soup}"));
        parse_all(format!("package p\nfunc f() {{\n{soup}\n}}\n"));
    }
}
