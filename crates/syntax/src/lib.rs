//! Go source text to tokens to syntax tree, with positions. Knows no types.

pub mod ast;
pub mod parser;
pub mod pos;
pub mod scanner;
pub mod symbol;
pub mod token;

pub use ast::*;
pub use parser::{Mode, parse_file};
pub use pos::{Error, FileSet, Pos, Position, SourceFile};
pub use symbol::{Symbol, sym};
pub use token::{BinaryOp, LitKind, Token, UnaryOp};
