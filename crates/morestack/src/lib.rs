//! The embeddable library: load, check, compile and run Go programs.
//!
//! ```no_run
//! use morestack::{Standard, check::check, machine::Machine};
//! let checked = check(&["prog.go".into()], Standard::Embedded, false).expect("a correct program");
//! let code = Machine::new(checked, morestack::Config::from_env(), vec!["prog".into()]).run();
//! ```

pub mod check;
pub mod load;
pub mod machine;
pub mod repl;
pub mod testing;

pub use jit::Form;
pub use load::Standard;
pub use runtime::runtime::{Config, parse_bytes};
pub use runtime::tier::Engine;

/// Runs `f` on a thread with a stack that recursion over any accepted source fits in.
pub fn on_large_stack<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    syntax::on_large_stack(f)
}
