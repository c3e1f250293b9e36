//! Package weak: cells that the collector clears.

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// `func register(p unsafe.Pointer) (cell unsafe.Pointer)`
fn register(cx: &mut NativeCx, slots: Slots) -> Flow {
    let addr = slots.ptr(0);
    let rt = cx.rt();
    let cell = rt.gc.specials.weak_cell(&rt.heap, addr as usize, || {
        let cell = cx.m.alloc_noscan(8).cast::<u64>();
        // SAFETY: a fresh word.
        unsafe { *cell = addr as u64 };
        cell
    });
    slots.set_ptr(1, cell.cast());
    Flow::Done
}

/// `func value(cell unsafe.Pointer) unsafe.Pointer`
fn value(cx: &mut NativeCx, slots: Slots) -> Flow {
    let rt = cx.rt();
    let addr = rt.gc.specials.weak_value(&rt.heap, slots.ptr(0).cast()) as *mut u8;
    cx.m.barrier_object(addr);
    slots.set_ptr(1, addr);
    Flow::Done
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[("weak.register", register), ("weak.value", value)];
