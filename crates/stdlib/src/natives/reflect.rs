//! Package reflect: making functions. Everything else it does with descriptors itself, or through internal/rtype.

use bytecode::rtype::RType;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// Blocks are addressed with 16-bit byte offsets.
const MAX_BLOCK: usize = 0xffff;

/// `func newFuncClosure(t, block *rtype.Type, params uintptr, impl *funcImpl, run func(*funcImpl, unsafe.Pointer)) unsafe.Pointer`
fn new_func_closure(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: package reflect passes a type descriptor.
    let block: &'static RType = unsafe { &*slots.ptr(1).cast::<RType>() };
    if block.size > MAX_BLOCK {
        return Flow::plain_panic("reflect.MakeFunc: too many parameters");
    }
    let func = cx.rt().made_func(block, slots.word(2) as u32);
    let closure = cx.m.alloc_closure(func, 2, 0b11);
    for word in [3, 4] {
        cx.m.barrier_object(slots.ptr(word));
    }
    // SAFETY: the closure object has two words after the function's.
    unsafe {
        closure.cast::<u64>().add(1).write(slots.word(3));
        closure.cast::<u64>().add(2).write(slots.word(4));
    }
    slots.set_ptr(5, closure);
    Flow::Done
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[("reflect.newFuncClosure", new_func_closure)];
