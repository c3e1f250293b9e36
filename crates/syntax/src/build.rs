//! `//go:build` constraints: what they ask for, and whether a set of tags satisfies them.

/// A parsed constraint.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Constraint {
    Tag(String),
    Not(Box<Constraint>),
    And(Box<Constraint>, Box<Constraint>),
    Or(Box<Constraint>, Box<Constraint>),
}

/// Deeper nesting is no build line but an attack on the stack.
const MAX_DEPTH: usize = 200;

impl Constraint {
    /// Parses the text after `//go:build`; `None` when it is malformed.
    pub fn parse(text: &str) -> Option<Constraint> {
        let mut p = Reader {
            rest: text,
            depth: 0,
        };
        let c = p.or()?;
        p.rest.trim().is_empty().then_some(c)
    }

    /// Whether it holds where `has` tells which tags are set.
    pub fn eval(&self, has: &dyn Fn(&str) -> bool) -> bool {
        match self {
            Constraint::Tag(t) => has(t),
            Constraint::Not(x) => !x.eval(has),
            Constraint::And(x, y) => x.eval(has) && y.eval(has),
            Constraint::Or(x, y) => x.eval(has) || y.eval(has),
        }
    }

    /// The lowest language version that the constraint implies.
    fn go_version(&self) -> Option<(u32, u32)> {
        match self {
            Constraint::Tag(t) => {
                let rest = t.strip_prefix("go1")?;
                match rest.strip_prefix('.') {
                    Some(minor) => Some((1, minor.parse().ok()?)),
                    None if rest.is_empty() => Some((1, 0)),
                    None => None,
                }
            }
            Constraint::Not(_) => None,
            Constraint::And(x, y) => x.go_version().max(y.go_version()),
            Constraint::Or(x, y) => Some(x.go_version()?.min(y.go_version()?)),
        }
    }
}

/// The lowest language version that a build line implies.
pub fn go_version(text: &str) -> Option<(u32, u32)> {
    Constraint::parse(text)?.go_version()
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn got(&mut self, word: &str) -> bool {
        match self.rest.trim_start().strip_prefix(word) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn or(&mut self) -> Option<Constraint> {
        let mut x = self.and()?;
        while self.got("||") {
            self.depth += 1;
            x = Constraint::Or(Box::new(x), Box::new(self.and()?));
        }
        Some(x)
    }

    fn and(&mut self) -> Option<Constraint> {
        let mut x = self.not()?;
        while self.got("&&") {
            self.depth += 1;
            x = Constraint::And(Box::new(x), Box::new(self.not()?));
        }
        Some(x)
    }

    fn not(&mut self) -> Option<Constraint> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return None;
        }
        if self.got("!") {
            return Some(Constraint::Not(Box::new(self.not()?)));
        }
        if self.got("(") {
            let x = self.or()?;
            return self.got(")").then_some(x);
        }
        self.rest = self.rest.trim_start();
        let len = self
            .rest
            .find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.'))
            .unwrap_or(self.rest.len());
        let (tag, rest) = self.rest.split_at(len);
        self.rest = rest;
        (!tag.is_empty()).then(|| Constraint::Tag(tag.into()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints() {
        let has = |t: &str| t == "linux" || t == "go1.21";
        for (text, want) in [
            ("linux", Some(true)),
            ("!linux", Some(false)),
            ("linux && (windows || !arm)", Some(true)),
            ("windows || darwin", Some(false)),
            ("linux &&", None),
            ("(linux", None),
        ] {
            assert_eq!(
                Constraint::parse(text).map(|c| c.eval(&has)),
                want,
                "{text}"
            );
        }
        assert_eq!(go_version("linux && go1.21"), Some((1, 21)));
        assert_eq!(go_version("linux || go1.21"), None);
        assert_eq!(go_version("go1.22 || go1.21"), Some((1, 21)));
        let deep = "(".repeat(100_000);
        assert_eq!(Constraint::parse(&deep), None);
    }
}
