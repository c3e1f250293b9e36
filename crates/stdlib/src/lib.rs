//! The Go standard packages: Rust natives, and Go source compiled by morestack itself.

pub mod natives;
mod sources;

pub use sources::{EmbeddedPackage, SourceFile, package, packages, sources_from};
