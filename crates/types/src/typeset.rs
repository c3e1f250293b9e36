//! Type sets: what an interface, flattened, asks of a type.

use crate::types::{Method, Term};

/// The flattened form of an interface: its methods and, for a constraint, its types.
#[derive(Clone, Debug, Default)]
pub struct TypeSet {
    /// All methods, sorted by name (exported names first compare by text alone, others by text and package).
    pub methods: Vec<Method>,
    /// The types; `None` means all types, an empty list none.
    pub terms: Option<Vec<Term>>,
    /// Whether only comparable types belong to it (from `comparable`).
    pub comparable: bool,
}
