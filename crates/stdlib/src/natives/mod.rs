//! Natives: the Rust side of Go functions without a body. Each module lists its package's natives in a table; `ALL` is what a virtual machine is
//! made with.

pub mod atomic;
pub mod rtype;
pub mod sync;

use runtime::native::NativeFn;

/// All natives, by `import/path.Func`.
pub static ALL: &[&[(&str, NativeFn)]] = &[atomic::NATIVES, rtype::NATIVES, sync::NATIVES];
