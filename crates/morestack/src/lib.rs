//! The embeddable library: load, compile, run.
