//! Package runtime/debug: settings of the virtual machine that a program may change.

use std::sync::atomic::Ordering;

use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::runtime::Config;

/// `func setMaxStack(bytes int) int`
fn set_max_stack(cx: &mut NativeCx, slots: Slots) -> Flow {
    let bytes = slots.int(0).max(0) as usize;
    let old = cx.rt().max_stack.swap(bytes, Ordering::Relaxed);
    slots.set_word(1, old as u64);
    Flow::Done
}

/// `func setGCPercent(percent int) int`
fn set_gc_percent(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_int(1, cx.rt().set_gc_percent(slots.int(0)));
    Flow::Done
}

/// `func setMemoryLimit(limit int64) int64`
fn set_memory_limit(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_int(1, cx.rt().set_memory_limit(slots.int(0)));
    Flow::Done
}

/// `func releaseMemory()`
fn release_memory(cx: &mut NativeCx, _: Slots) -> Flow {
    cx.m.release_all_memory();
    Flow::Done
}

/// `func setTraceback(level string)`. Less than the environment asks for is never shown.
fn set_traceback(cx: &mut NativeCx, slots: Slots) -> Flow {
    let level = Config::traceback_of(&String::from_utf8_lossy(slots.str(0)));
    let rt = cx.rt();
    rt.traceback
        .store(level.max(rt.config.traceback), Ordering::Relaxed);
    Flow::Done
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("runtime/debug.setMaxStack", set_max_stack),
    ("runtime/debug.setGCPercent", set_gc_percent),
    ("runtime/debug.setMemoryLimit", set_memory_limit),
    ("runtime/debug.releaseMemory", release_memory),
    ("runtime/debug.setTraceback", set_traceback),
];
