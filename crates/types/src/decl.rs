//! Package-level declarations.

/// Where package-level objects are declared.
#[derive(Debug, Default)]
pub struct Decls {}
