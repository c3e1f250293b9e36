//! Package sync: what its Go code blocks on.

use runtime::g::WaitReason;
use runtime::gopanic::GoPanic;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// The numbers of `wait*` in sync/mutex.go.
const REASONS: [WaitReason; 6] = [
    WaitReason::SemAcquire,
    WaitReason::SyncMutexLock,
    WaitReason::SyncRWMutexRLock,
    WaitReason::SyncRWMutexLock,
    WaitReason::SyncWaitGroupWait,
    WaitReason::SyncCondWait,
];

/// `func semacquire(addr *uint32, reason int, front bool)`
fn semacquire(cx: &mut NativeCx, slots: Slots) -> Flow {
    let addr = slots.ptr(0).cast::<u32>();
    if addr.is_null() {
        return Flow::panic(GoPanic::NilDeref);
    }
    // SAFETY: a word of Go memory; what natives get escapes to the heap.
    if unsafe { cx.m.sema_acquire(addr, slots.bool(2)) } {
        return Flow::Done;
    }
    Flow::Park(
        REASONS
            .get(slots.word(1) as usize)
            .copied()
            .unwrap_or(WaitReason::SemAcquire),
    )
}

/// `func semrelease(addr *uint32, handoff bool)`
fn semrelease(cx: &mut NativeCx, slots: Slots) -> Flow {
    let addr = slots.ptr(0).cast::<u32>();
    if addr.is_null() {
        return Flow::panic(GoPanic::NilDeref);
    }
    // SAFETY: as above.
    unsafe { cx.m.sema_release(addr) };
    if slots.bool(1) {
        Flow::Yield
    } else {
        Flow::Done
    }
}

/// `func fatal(text string)`
fn fatal(_: &mut NativeCx, slots: Slots) -> Flow {
    Flow::fatal(String::from_utf8_lossy(slots.str(0)))
}

/// `func gcCycles() *uint32`: where it stands how many collections there have been; pools drop what two of them have seen.
fn gc_cycles(cx: &mut NativeCx, slots: Slots) -> Flow {
    // The lower half of the number, which lives as long as the program.
    slots.set_ptr(0, cx.rt().gc.cycles.as_ptr().cast());
    Flow::Done
}

/// Rounds that a lock's taker waits without queueing, and how often it waits for an instant in each.
const ROUNDS: u64 = 4;
const INSTANTS: u32 = 30;

/// `func spin(round int) bool`
fn spin(cx: &mut NativeCx, slots: Slots) -> Flow {
    let spins = slots.word(0) < ROUNDS && cx.m.may_wait_awake();
    if spins {
        (0..INSTANTS).for_each(|_| std::hint::spin_loop());
    }
    slots.set_word(1, u64::from(spins));
    Flow::Done
}

/// `func nanotime() int64`
fn nanotime(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_word(0, cx.rt().nanotime() as u64);
    Flow::Done
}

/// The package's natives, but for those that only compute.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("sync.semacquire", semacquire),
    ("sync.semrelease", semrelease),
    ("sync.fatal", fatal),
];

pub static COMPUTING: &[(&str, NativeFn)] = &[
    ("sync.gcCycles", gc_cycles),
    ("sync.nanotime", nanotime),
    ("sync.spin", spin),
];
