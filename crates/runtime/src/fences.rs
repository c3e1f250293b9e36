//! Fences of which one side is nearly free.
//!
//! Every switch publishes which goroutine runs and then asks whether anybody wants something of it; who wants something makes that known and then looks who runs. A full fence
//! on either side is what keeps the two from missing each other. Switches happen millions of times a second and requests hardly ever, so the system does both parts on the
//! request's side: `membarrier` makes every running thread of the process execute a fence. The switch's side need only keep the compiler from reordering.
//!
//! Where the system has no such call, both sides use fences of their own.

use std::sync::atomic::{AtomicBool, Ordering, compiler_fence, fence};

/// Linux's MEMBARRIER_CMD_PRIVATE_EXPEDITED and its registration.
const EXPEDITED: libc::c_int = 1 << 3;
const REGISTER: libc::c_int = 1 << 4;

static REMOTE: AtomicBool = AtomicBool::new(false);

fn membarrier(command: libc::c_int) -> bool {
    // SAFETY: a system call without memory operands.
    unsafe { libc::syscall(libc::SYS_membarrier, command, 0, 0) == 0 }
}

/// To be called before there are threads that use the fences (registering is dear in a process that has many).
pub(crate) fn register() {
    if !REMOTE.load(Ordering::Relaxed) && membarrier(REGISTER) {
        REMOTE.store(true, Ordering::SeqCst);
    }
}

/// The frequent side's fence: between a store and loads, against `heavy` on the other side.
#[inline(always)]
pub(crate) fn light() {
    if REMOTE.load(Ordering::Relaxed) {
        compiler_fence(Ordering::SeqCst);
    } else {
        fence(Ordering::SeqCst);
    }
}

/// The rare side's fence.
pub(crate) fn heavy() {
    fence(Ordering::SeqCst);
    if REMOTE.load(Ordering::SeqCst) {
        // Registered, it can't fail.
        let done = membarrier(EXPEDITED);
        debug_assert!(done, "membarrier failed after its registration");
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::AtomicU32;

    use super::*;

    /// Two threads that store and then load: at least one of them sees the other's store. Without the fences both miss it within a few thousand rounds.
    #[test]
    fn two_sides_do_not_miss_each_other() {
        register();
        let (x, y) = (AtomicU32::new(0), AtomicU32::new(0));
        let at = std::sync::Barrier::new(2);
        let mut seen = [Vec::new(), Vec::new()];
        const ROUNDS: u32 = 3000;
        let [frequent, rare] = &mut seen;
        std::thread::scope(|scope| {
            scope.spawn(|| {
                for round in 1..=ROUNDS {
                    at.wait();
                    x.store(round, Ordering::Relaxed);
                    light();
                    frequent.push(y.load(Ordering::Relaxed));
                }
            });
            scope.spawn(|| {
                for round in 1..=ROUNDS {
                    at.wait();
                    y.store(round, Ordering::Relaxed);
                    heavy();
                    rare.push(x.load(Ordering::Relaxed));
                }
            });
        });
        for (round, (a, b)) in (1..).zip(seen[0].iter().zip(&seen[1])) {
            assert!(*a >= round || *b >= round, "round {round}: {a} and {b}");
        }
    }
}
