//! The interpreter: executes linked bytecode on goroutine stacks.
//!
//! [`run`] is the whole interface: it takes the goroutines that the scheduler hands out, one after the other, until the program ends. There is no state in here:
//! a goroutine that is not running is described by its stack and its `G` alone, so it could go on in another engine.
//!
//! * `dispatch`: the loop, with the instructions that programs execute all the time;
//! * `ops`: the others, a function each;
//! * `compiled`: what compiled code leaves to the interpreter;
//! * `slow`: calls that need more than a frame, safepoints where something is due, goroutine switches, panics.

mod compiled;
mod dispatch;
mod ops;
mod slow;

use runtime::runtime::{M, Stop};

/// Runs the machine's goroutines, on this thread and on others that the scheduler starts, until the program ends: when the main goroutine returns, by a panic or
/// a fatal error, or by os.Exit. The exit code. When it returns, no goroutine is running.
pub fn run(m: &mut M) -> i32 {
    let _ = m.rt().engine.set(work);
    m.resume();
    // Whatever ends the run for another reason says so.
    m.stop = Stop::Exit;
    let code = run_goroutines(m);
    m.come_home(code);
    code
}

/// A thread that the scheduler has started.
fn work(m: &mut M) {
    loop {
        m.stop = Stop::Exit;
        let code = run_goroutines(m);
        m.leave(code);
    }
}

/// Runs one goroutine after the other until the program ends.
fn run_goroutines(m: &mut M) -> i32 {
    let state = slow::switch(m);
    if let Some(code) = state.exit() {
        return code;
    }
    // SAFETY: the state is that of a goroutine from the scheduler, whose code has been verified and linked.
    let end = unsafe {
        if m.rt().config.stress.any() {
            dispatch::execute::<true, true, false>(m, state)
        } else if m.rt().tier.get().is_some() {
            dispatch::execute::<false, true, false>(m, state)
        } else {
            dispatch::execute::<false, false, false>(m, state)
        }
    };
    end.exit().unwrap_or(0)
}
