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

/// Sorts by position and drops repetitions, as gc prints them.
pub fn sort_diagnostics(errors: &mut Vec<Diagnostic>) {
    errors.sort_by_key(|d| d.pos);
    errors.dedup();
}

/// The errors that gc prints when it stops after `limit` of them: the first ones found, sorted; and
/// the position of the last of them, which is where gc says that there are too many (even if none follows).
pub fn limit_diagnostics(
    mut errors: Vec<Diagnostic>,
    limit: usize,
) -> (Vec<Diagnostic>, Option<Pos>) {
    let too_many = errors.get(limit.wrapping_sub(1)).map(|d| d.pos);
    errors.truncate(limit);
    sort_diagnostics(&mut errors);
    (errors, too_many)
}
