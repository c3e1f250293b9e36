//! Package sync/atomic. All operations are sequentially consistent, as Go's memory model asks.

use std::sync::atomic::{AtomicI32, AtomicI64, AtomicU32, AtomicU64, Ordering::SeqCst};

use runtime::gopanic::GoPanic;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// The atomic word that argument 0 points to, or Go's panic for a nil pointer.
macro_rules! target {
    ($slots:ident, $atomic:ty, $prim:ty) => {{
        let ptr = $slots.ptr(0).cast::<$prim>();
        if ptr.is_null() {
            return Flow::panic(GoPanic::NilDeref);
        }
        // SAFETY: a non-nil Go pointer to a variable of this size; Go aligns it.
        unsafe { <$atomic>::from_ptr(ptr) }
    }};
}

/// The operations on one width. `$wide` turns a value into its canonical slot.
macro_rules! operations {
    ($module:ident, $atomic:ty, $prim:ty, $wide:expr) => {
        mod $module {
            use super::*;

            fn wide(value: $prim) -> u64 {
                let widen: fn($prim) -> u64 = $wide;
                widen(value)
            }
            pub fn load(_: &mut NativeCx, slots: Slots) -> Flow {
                let value = target!(slots, $atomic, $prim).load(SeqCst);
                slots.set_word(1, wide(value));
                Flow::Done
            }
            pub fn store(_: &mut NativeCx, slots: Slots) -> Flow {
                target!(slots, $atomic, $prim).store(slots.word(1) as $prim, SeqCst);
                Flow::Done
            }
            pub fn swap(_: &mut NativeCx, slots: Slots) -> Flow {
                let old = target!(slots, $atomic, $prim).swap(slots.word(1) as $prim, SeqCst);
                slots.set_word(2, wide(old));
                Flow::Done
            }
            pub fn compare_and_swap(_: &mut NativeCx, slots: Slots) -> Flow {
                let (old, new) = (slots.word(1) as $prim, slots.word(2) as $prim);
                let swapped = target!(slots, $atomic, $prim)
                    .compare_exchange(old, new, SeqCst, SeqCst)
                    .is_ok();
                slots.set_bool(3, swapped);
                Flow::Done
            }
            pub fn add(_: &mut NativeCx, slots: Slots) -> Flow {
                let delta = slots.word(1) as $prim;
                let old = target!(slots, $atomic, $prim).fetch_add(delta, SeqCst);
                slots.set_word(2, wide(old.wrapping_add(delta)));
                Flow::Done
            }
            pub fn and(_: &mut NativeCx, slots: Slots) -> Flow {
                let old = target!(slots, $atomic, $prim).fetch_and(slots.word(1) as $prim, SeqCst);
                slots.set_word(2, wide(old));
                Flow::Done
            }
            pub fn or(_: &mut NativeCx, slots: Slots) -> Flow {
                let old = target!(slots, $atomic, $prim).fetch_or(slots.word(1) as $prim, SeqCst);
                slots.set_word(2, wide(old));
                Flow::Done
            }
        }
    };
}

operations!(i32s, AtomicI32, i32, |v| v as i64 as u64);
operations!(i64s, AtomicI64, i64, |v| v as u64);
operations!(u32s, AtomicU32, u32, u64::from);
operations!(u64s, AtomicU64, u64, |v| v);

/// Pointers: as words, but the collector is told what is overwritten and what is stored.
mod pointers {
    use super::*;

    pub fn store(cx: &mut NativeCx, slots: Slots) -> Flow {
        let new = slots.ptr(1);
        let old = target!(slots, AtomicU64, u64).swap(new as u64, SeqCst);
        cx.m.barrier_object(old as *const u8);
        cx.m.barrier_object(new);
        Flow::Done
    }
    pub fn swap(cx: &mut NativeCx, slots: Slots) -> Flow {
        cx.m.barrier_object(slots.ptr(1));
        let flow = u64s::swap(cx, slots);
        if matches!(flow, Flow::Done) {
            cx.m.barrier_object(slots.ptr(2));
        }
        flow
    }
    pub fn compare_and_swap(cx: &mut NativeCx, slots: Slots) -> Flow {
        for operand in [1, 2] {
            cx.m.barrier_object(slots.ptr(operand));
        }
        u64s::compare_and_swap(cx, slots)
    }
}

/// The rows of one type.
macro_rules! rows {
    ($($module:ident $name:literal),*) => {
        &[$(
            (concat!("sync/atomic.Load", $name), $module::load),
            (concat!("sync/atomic.Store", $name), $module::store),
            (concat!("sync/atomic.Swap", $name), $module::swap),
            (concat!("sync/atomic.CompareAndSwap", $name), $module::compare_and_swap),
            (concat!("sync/atomic.Add", $name), $module::add),
            (concat!("sync/atomic.And", $name), $module::and),
            (concat!("sync/atomic.Or", $name), $module::or),
        )*
            ("sync/atomic.LoadPointer", u64s::load),
            ("sync/atomic.StorePointer", pointers::store),
            ("sync/atomic.SwapPointer", pointers::swap),
            ("sync/atomic.CompareAndSwapPointer", pointers::compare_and_swap),
        ]
    };
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] =
    rows!(i32s "Int32", i64s "Int64", u32s "Uint32", u64s "Uint64", u64s "Uintptr");
