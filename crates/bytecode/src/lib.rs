//! The instruction set, functions with frame sizes and pointer maps, run-time type descriptors, verifier and
//! text form.

pub mod func;
pub mod isa;
pub mod operands;
pub mod registry;
pub mod rtype;
pub mod text;
pub mod verify;
