//! Package testing: the patterns that choose tests.

use std::cell::RefCell;

use regex::Regex;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

thread_local! {
    /// The pattern used last: a run has one or two, asked for again and again.
    static LAST: RefCell<Option<(String, Regex)>> = const { RefCell::new(None) };
}

/// The words of Go's package regexp for the commonest mistakes.
const REASONS: &[(&str, &str)] = &[
    ("unclosed group", "missing closing )"),
    ("unopened group", "unexpected )"),
    ("unclosed character class", "missing closing ]"),
    (
        "repetition operator missing expression",
        "missing argument to repetition operator",
    ),
];

/// What is wrong with a pattern, in one line.
fn problem(pattern: &str, error: &regex::Error) -> String {
    let text = error.to_string();
    let reason = text
        .lines()
        .rev()
        .find_map(|line| line.trim().strip_prefix("error: "))
        .unwrap_or("expression too large");
    let known = REASONS.iter().find(|(theirs, _)| *theirs == reason);
    format!(
        "error parsing regexp: {}: `{pattern}`",
        known.map_or(reason, |(_, ours)| ours)
    )
}

fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    LAST.with_borrow_mut(|last| {
        if let Some((known, regex)) = last
            && known == pattern
        {
            return Ok(regex.is_match(text));
        }
        let regex = Regex::new(pattern).map_err(|e| problem(pattern, &e))?;
        let matched = regex.is_match(text);
        *last = Some((pattern.to_owned(), regex));
        Ok(matched)
    })
}

/// `func matchPattern(pattern, text string) (matched bool, problem string)`
fn match_pattern(cx: &mut NativeCx, slots: Slots) -> Flow {
    let pattern = String::from_utf8_lossy(slots.str(0));
    let text = String::from_utf8_lossy(slots.str(2));
    let (matched, problem) = match matches(&pattern, &text) {
        Ok(matched) => (matched, String::new()),
        Err(problem) => (false, problem),
    };
    let problem = cx.new_string(problem.as_bytes());
    slots.set_bool(4, matched);
    slots.set_str(5, problem);
    Flow::Done
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[("testing.matchPattern", match_pattern)];

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert_eq!(matches("^Test(A|B)$", "TestB"), Ok(true));
        assert_eq!(matches("^Test(A|B)$", "TestC"), Ok(false));
        assert_eq!(
            matches("(", "x"),
            Err("error parsing regexp: missing closing ): `(`".into())
        );
    }
}
