//! The Go standard packages: Rust natives, and Go source compiled by morestack itself.
