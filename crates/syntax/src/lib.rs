//! Go source text to tokens to syntax tree, with positions. Knows no types.

pub mod ast;
pub mod branches;
pub mod build;
pub mod literal;
pub mod outline;
pub mod parser;
pub mod pos;
pub mod print;
pub mod scanner;
pub mod symbol;
pub mod token;
pub mod walk;

pub use ast::*;
pub use literal::{unquote_char, unquote_string};
pub use outline::{Outline, OutlinedPackage};
pub use parser::{
    MAX_DEPTH, Mode, ReplEntry, ReplItem, ReplParse, on_large_stack, parse_file, parse_repl_entry,
    repl_file,
};
pub use pos::{Error, FileSet, Pos, Position, SourceFile, Text};
pub use print::expr_string;
pub use symbol::{Symbol, sym};
pub use token::{BinaryOp, LitKind, Token, UnaryOp};
pub use walk::{Visitor, walk_decl, walk_expr, walk_stmt, walk_stmts};
