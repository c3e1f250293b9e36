//! Package os: waiting for descriptors.

use std::sync::atomic::AtomicI32;

use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::sched::netpoll::Interest;

fn interest(write: bool) -> Interest {
    if write {
        Interest::Write
    } else {
        Interest::Read
    }
}

/// `func pollWait(fd int, write bool, stop *int32)`
fn poll_wait(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a word of a heap object, which the caller holds.
    let stop = unsafe { AtomicI32::from_ptr(slots.ptr(2).cast()) };
    cx.m.wait_for_descriptor(slots.int(0) as i32, interest(slots.bool(1)), stop)
}

/// `func pollReady(fd int) bool`
fn poll_ready(_: &mut NativeCx, slots: Slots) -> Flow {
    let mut poll = libc::pollfd {
        fd: slots.int(0) as i32,
        events: libc::POLLIN,
        revents: 0,
    };
    // SAFETY: one entry; it does not wait.
    let count = unsafe { libc::poll(&mut poll, 1, 0) };
    // What can't be told is for the read to say.
    slots.set_bool(1, count != 0);
    Flow::Done
}

/// `func pollWake(fd int, write bool)`
fn poll_wake(cx: &mut NativeCx, slots: Slots) -> Flow {
    let woken = cx
        .rt()
        .netpoll
        .take(slots.int(0) as i32, interest(slots.bool(1)));
    if let Some(g) = woken {
        cx.m.ready(g);
    }
    Flow::Done
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("os.pollWait", poll_wait),
    ("os.pollReady", poll_ready),
    ("os.pollWake", poll_wake),
];
