//! Package time: clocks, sleeping and timers.

use runtime::chan::{self, Chan};
use runtime::g::WaitReason;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::runtime::M;
use runtime::timer::{Action, TimerId};

/// `machineTimer` of time/timer.go.
#[repr(C)]
struct MachineTimer {
    id: u64,
    when: i64,
    period: i64,
    chan: *mut Chan,
    /// A func value.
    func: *mut u8,
    loc: *mut u8,
}

/// `time.Time`.
#[repr(C)]
struct GoTime {
    wall: u64,
    ext: i64,
    loc: *mut u8,
}

/// The monotonic clock of package time starts at 1, since 0 means none.
const MONO_START: i64 = 1;
/// Seconds from 1885, where `Time::wall` starts, to 1970.
const WALL_TO_UNIX: i64 = 2_682_288_000;
const HAS_MONOTONIC: u64 = 1 << 63;

/// The time at a reading of the machine's clock.
fn go_time(m: &M, mono: i64, loc: *mut u8) -> GoTime {
    let wall = m.rt().wall_of(mono);
    let (sec, nsec) = (
        wall.div_euclid(1_000_000_000),
        wall.rem_euclid(1_000_000_000),
    );
    GoTime {
        wall: HAS_MONOTONIC | ((sec + WALL_TO_UNIX) as u64) << 30 | nsec as u64,
        ext: mono + MONO_START,
        loc,
    }
}

/// `func now() (sec int64, nsec int32, mono int64)`
fn now(cx: &mut NativeCx, slots: Slots) -> Flow {
    let mono = cx.rt().nanotime();
    let wall = cx.rt().wall_of(mono);
    slots.set_int(0, wall.div_euclid(1_000_000_000));
    slots.set_int(1, wall.rem_euclid(1_000_000_000));
    slots.set_int(2, mono + MONO_START);
    Flow::Done
}

/// `func sleep(d int64)`
fn sleep(cx: &mut NativeCx, slots: Slots) -> Flow {
    let when = cx.rt().nanotime().saturating_add(slots.int(0));
    let g = cx.g();
    cx.m.add_timer(when, 0, Action::Ready(g));
    Flow::Park(WaitReason::Sleep)
}

/// A channel timer fires: sends the time unless nobody took the last one.
fn fire(m: &mut M, arg: *mut u8, when: i64) {
    // SAFETY: `arg` is the timer that `start_timer` was given; set timers are roots.
    let timer = unsafe { &*arg.cast::<MachineTimer>() };
    let now = m.rt().nanotime().max(when);
    let time = go_time(m, now, timer.loc);
    // SAFETY: the channel's elements are `time.Time`.
    unsafe { chan::try_send(m, timer.chan, (&raw const time).cast()) };
}

/// `func startTimer(t *machineTimer)`
fn start_timer(cx: &mut NativeCx, slots: Slots) -> Flow {
    let arg = slots.ptr(0);
    // SAFETY: the caller passes a machineTimer, which escapes to the heap.
    let timer = unsafe { &mut *arg.cast::<MachineTimer>() };
    let action = if timer.func.is_null() {
        // SAFETY: a channel that package time made.
        unsafe { chan::mark_timer(timer.chan) };
        Action::Call(fire, arg)
    } else {
        Action::Spawn(timer.func)
    };
    timer.id =
        cx.m.add_timer(timer.when - MONO_START, timer.period, action)
            .to_word();
    Flow::Done
}

/// `func stopTimer(t *machineTimer) bool`
fn stop_timer(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: as in `start_timer`.
    let timer = unsafe { &mut *slots.ptr(0).cast::<MachineTimer>() };
    let active = TimerId::from_word(timer.id).is_some_and(|id| cx.rt().timers.stop(id));
    timer.id = 0;
    slots.set_bool(1, active);
    Flow::Done
}

/// The package's natives, but for those that only compute.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("time.sleep", sleep),
    ("time.startTimer", start_timer),
    ("time.stopTimer", stop_timer),
];

pub static COMPUTING: &[(&str, NativeFn)] = &[("time.now", now)];
