//! The natives of `errors`, which looks at dynamic types.
//!
//! ```text
//! errors.targetKind(err error, target any) int
//! errors.assignTo(err error, target any) bool
//! ```

use bytecode::rtype::{Itab, Kind, RType};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("errors.targetKind", target_kind),
    ("errors.assignTo", assign_to),
];

// What `targetKind` returns; the numbers are those of `target...` in errors.go.
const OK: i64 = 0;
const NIL: i64 = 1;
const NOT_POINTER: i64 = 2;
const NO_ERROR: i64 = 3;

fn target_kind(cx: &mut NativeCx, s: Slots) -> Flow {
    let target = s.eface(2);
    // SAFETY: the first word of a value of type error that is not nil is an itab.
    let error = unsafe { (*s.ptr(0).cast::<Itab>()).inter };
    // SAFETY: the type word of an interface is null or a descriptor.
    let kind = unsafe {
        match target.typ.as_ref() {
            None => NIL,
            Some(typ) if typ.kind != Kind::Pointer || target.data.is_null() => NOT_POINTER,
            Some(typ) if (*typ.elem).kind == Kind::Interface => OK,
            Some(typ) if cx.rt().itabs.get(error, typ.elem).is_some() => OK,
            Some(_) => NO_ERROR,
        }
    };
    s.set_int(4, kind);
    Flow::Done
}

/// The dynamic type of a non-empty interface value.
fn dynamic_type(itab: *const u8) -> Option<&'static RType> {
    // SAFETY: the first word of a value of type error is null or an itab, which is immortal, as descriptors are.
    unsafe { itab.cast::<Itab>().as_ref().map(|itab| &*itab.typ) }
}

fn assign_to(cx: &mut NativeCx, s: Slots) -> Flow {
    let Some(typ) = dynamic_type(s.ptr(0)) else {
        s.set_bool(4, false);
        return Flow::Done;
    };
    let data = s.ptr(1);
    let target = s.eface(2);
    // SAFETY: targetKind has found the target to be a non-nil pointer to a value of type `elem`.
    let done = unsafe {
        let elem = &*(*target.typ).elem;
        if elem.kind == Kind::Interface {
            let word = if elem.imethods.len == 0 {
                Some(std::ptr::from_ref(typ).cast::<u8>())
            } else {
                cx.rt().itabs.get(elem, typ).map(<*const Itab>::cast)
            };
            if let Some(word) = word {
                cx.m.barrier(target.data.cast::<u64>().add(1), data as u64);
                target
                    .data
                    .cast::<(*const u8, *mut u8)>()
                    .write((word, data));
            }
            word.is_some()
        } else if std::ptr::eq(elem, typ) {
            if typ.is_direct() {
                cx.m.barrier(target.data.cast(), data as u64);
                target.data.cast::<*mut u8>().write(data);
            } else {
                cx.m.barrier_copy(typ, target.data, data, 1);
                std::ptr::copy_nonoverlapping(data, target.data, typ.size);
            }
            true
        } else {
            false
        }
    };
    s.set_bool(4, done);
    Flow::Done
}
