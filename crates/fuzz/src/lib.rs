//! Random valid Go programs ([`programs`], [`generate`]), and running them in every way that must agree ([`run`]).

mod expr;
mod generate;
mod program;
pub mod run;
mod stmt;
mod types;

pub use generate::{generate, generate_plain};
pub use program::{Node, Program, programs};
