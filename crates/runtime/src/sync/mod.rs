//! What threads coordinate through, each piece small enough to be checked as a model: `tests/model.rs` compiles these files a second time,
//! over loom's atomics, and runs them in every interleaving.
//!
//! Hence the rule of this folder: nothing but `crate::atomics` and the language.

pub mod claim;
pub mod lock;
pub mod run_queue;
pub mod status;
pub mod wake;
