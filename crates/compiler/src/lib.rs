//! Checked program to bytecode: escape analysis, frame layout, liveness, pointer maps.

pub mod asm;
pub mod liveness;
