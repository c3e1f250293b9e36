//! Natives: the Rust side of Go functions without a body. Each module lists its package's natives in a table; `ALL` and `COMPUTING` are what a
//! virtual machine is made with.

pub mod atomic;
pub mod crc32;
pub mod crc64;
pub mod debug;
mod decimal;
pub mod elementary;
pub mod encoding;
pub mod errors;
pub mod iter;
pub mod maphash;
pub mod math;
pub mod number;
pub mod poll;
pub mod print;
pub mod rand;
mod rand_table;
pub mod reflect;
pub mod rtype;
#[path = "runtime.rs"]
pub mod runtime_;
pub mod sort;
pub mod special;
pub mod strconv;
pub mod sync;
pub mod syscall;
pub mod testing;
pub mod text;
pub mod time;
pub mod unicode;
mod unicode_tables;
pub mod weak;

use runtime::native::NativeFn;

/// Natives by `import/path.Func`, but for those in `COMPUTING`.
pub static ALL: &[&[(&str, NativeFn)]] = &[
    debug::NATIVES,
    iter::NATIVES,
    poll::NATIVES,
    print::NATIVES,
    reflect::NATIVES,
    rtype::NATIVES,
    runtime_::NATIVES,
    sync::NATIVES,
    syscall::NATIVES,
    testing::NATIVES,
    time::NATIVES,
    weak::NATIVES,
];

/// Natives that only compute (`runtime::native::COMPUTES`).
pub static COMPUTING: &[&[(&str, NativeFn)]] = &[
    atomic::NATIVES,
    crc32::NATIVES,
    crc64::NATIVES,
    encoding::NATIVES,
    errors::NATIVES,
    maphash::NATIVES,
    math::NATIVES,
    rand::NATIVES,
    rtype::COMPUTING,
    sort::NATIVES,
    strconv::NATIVES,
    sync::COMPUTING,
    text::NATIVES,
    time::COMPUTING,
    unicode::NATIVES,
];
