//! Diagnostics: a position and a message in gc's words.

use syntax::{FileSet, Pos};

/// An error in a checked program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// Where.
    pub pos: Pos,
    /// What; further lines begin with a tab.
    pub msg: String,
}

impl Diagnostic {
    /// `file:line:col: message`
    pub fn render(&self, files: &FileSet) -> String {
        format!("{}: {}", files.position(self.pos), self.msg)
    }
}

/// Sorts by position and keeps the first error of each line, as gc prints them.
pub fn sort_diagnostics(errors: &mut Vec<Diagnostic>, files: &FileSet) {
    errors.sort_by_key(|d| d.pos);
    let mut last = None;
    errors.retain(|d| {
        let p = files.position(d.pos);
        let line = (p.file, p.line);
        let fresh = p.line == 0 || last.as_ref() != Some(&line);
        last = Some(line);
        fresh
    });
}
