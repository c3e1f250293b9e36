//! Tokens to syntax tree.

use crate::ast::{Body, File};
use crate::pos::{Error, Pos, SourceFile};
use std::sync::Arc;

/// When function bodies are parsed.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// With the file, so that their errors are found: for a user's packages.
    Eager,
    /// When first asked for: for standard packages.
    Lazy,
}

/// Parses a file.
pub fn parse_file(_file: &Arc<SourceFile>, _mode: Mode) -> (File, Vec<Error>) {
    todo!()
}

pub(crate) fn parse_body(_file: &Arc<SourceFile>, _lbrace: Pos) -> Body {
    todo!()
}
