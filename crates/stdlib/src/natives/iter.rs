//! Package iter: two goroutines of which one runs while the other waits.
//!
//! They share a word: the goroutine that waits, 0 while there is none. Whoever hands over puts itself there and makes the other ready, which then runs here as soon as the
//! one that has made it ready is parked, without a lock or a queue.

use std::sync::atomic::{AtomicUsize, Ordering};

use runtime::g::{G, WaitReason};
use runtime::gopanic::GoPanic;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// # Safety
/// The first argument is the address of a word of Go memory, or nil.
unsafe fn waiting<'a>(slots: &Slots) -> Option<&'a AtomicUsize> {
    let word = slots.ptr(0).cast::<usize>();
    // SAFETY: by the contract; what natives get escapes to the heap.
    (!word.is_null()).then(|| unsafe { AtomicUsize::from_ptr(word) })
}

/// `func await(waiting *uintptr)`: waits to be handed over to. The word is 0.
fn await_turn(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: the native's parameter.
    let Some(waiting) = (unsafe { waiting(&slots) }) else {
        return Flow::panic(GoPanic::NilDeref);
    };
    waiting.store(cx.m.g as usize, Ordering::Release);
    Flow::Park(WaitReason::CoroutineWait)
}

/// `func handOver(waiting *uintptr)`: the other one runs, and this one waits.
fn hand_over(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: as above.
    let Some(waiting) = (unsafe { waiting(&slots) }) else {
        return Flow::panic(GoPanic::NilDeref);
    };
    // It has only just been started.
    if waiting.load(Ordering::Acquire) == 0 {
        return Flow::Retry;
    }
    let other = waiting.swap(cx.m.g as usize, Ordering::AcqRel);
    cx.m.ready(other as *mut G);
    Flow::Park(WaitReason::CoroutineWait)
}

/// `func leave(waiting *uintptr)`: the other one runs, and this one is through.
fn leave(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: as above.
    let Some(waiting) = (unsafe { waiting(&slots) }) else {
        return Flow::panic(GoPanic::NilDeref);
    };
    match waiting.swap(0, Ordering::AcqRel) {
        0 => Flow::Retry,
        other => {
            cx.m.ready(other as *mut G);
            Flow::Done
        }
    }
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("iter.await", await_turn),
    ("iter.handOver", hand_over),
    ("iter.leave", leave),
];
