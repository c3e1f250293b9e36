//! From a function to its machine code: the stages in order.

use std::sync::atomic::Ordering;

use bytecode::func::{Func, FuncInfo};

use crate::stats::{Counters, Stage, add};
use crate::{alloc, build, emit, lower, opt, ssa, validate};

/// Code of the function, or from the head of a loop on; None when it is not compiled. It is position-independent.
pub fn compile(func: &Func, head: Option<u32>, counters: &Counters) -> Option<Vec<u8>> {
    // SAFETY: set before code was asked for; immortal.
    let info = unsafe { func.info.load(Ordering::Acquire).as_ref()? };
    add(&counters.bytecode, 8 * info.function.code.len() as u64);
    let mut ssa = counters.time(Stage::Build, || {
        build::build(info, head.unwrap_or(0) as usize)
    })?;
    check(&ssa, info, "building");
    counters.time(Stage::Optimise, || opt::run(&mut ssa));
    check(&ssa, info, "optimisation");
    let code = counters.time(Stage::Lower, || lower::lower(&ssa));
    let output = match counters.time(Stage::Allocate, || alloc::allocate(&code)) {
        Ok(output) => output,
        Err(e) => {
            debug_assert!(false, "{}: register allocation: {e}", info.function.name);
            return None;
        }
    };
    counters.time(Stage::Emit, || {
        emit::emit(info, func, head.is_some(), &code, &output)
    })
}

fn check(ssa: &ssa::Ssa, info: &FuncInfo, stage: &str) {
    if cfg!(debug_assertions)
        && let Err(e) = validate::validate(ssa)
    {
        panic!("{} after {stage}: {e}\n{ssa}", info.function.name);
    }
}

/// The SSA form of a linked function, as text; None when it is not compiled.
pub fn listing(info: &FuncInfo, entry: usize) -> Option<String> {
    let mut ssa = build::build(info, entry)?;
    opt::run(&mut ssa);
    Some(ssa.to_string())
}
