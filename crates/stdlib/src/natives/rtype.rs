//! Package internal/rtype: types, maps and channels by their descriptors, for reflect and fmt.

use std::ptr;

use bytecode::registry::FieldSpec;
use bytecode::rtype::{Field, GoSlice, RType};
use runtime::chan::{self, Chan, Outcome, Target};
use runtime::equal::{EqualFault, equal_values};
use runtime::map::{self, Map, MapIter};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

fn typ(slots: Slots, i: usize) -> *const RType {
    slots.ptr(i).cast()
}

fn size_of(typ: *const RType) -> usize {
    // SAFETY: Go code passes descriptors only.
    unsafe { (*typ).size }
}

fn fault(fault: EqualFault) -> Flow {
    match fault {
        EqualFault::Concurrent(text) => Flow::fatal(text),
        fault => Flow::runtime_error(fault.message()),
    }
}

fn pointer_to(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_ptr(1, cx.rt().types.pointer(typ(slots, 0)).cast());
    Flow::Done
}

fn slice_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_ptr(1, cx.rt().types.slice(typ(slots, 0)).cast());
    Flow::Done
}

fn array_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_ptr(
        2,
        cx.rt()
            .types
            .array(typ(slots, 1), slots.word(0) as usize)
            .cast(),
    );
    Flow::Done
}

fn map_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_ptr(2, cx.rt().types.map(typ(slots, 0), typ(slots, 1)).cast());
    Flow::Done
}

fn chan_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_ptr(
        2,
        cx.rt()
            .types
            .chan(typ(slots, 1), slots.word(0) as usize)
            .cast(),
    );
    Flow::Done
}

/// `func FuncOf(params, results []*Type, variadic bool) *Type`
fn func_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    let (params, results) = (
        slots.slice::<*const RType>(0),
        slots.slice::<*const RType>(3),
    );
    slots.set_ptr(7, cx.rt().types.func(params, results, slots.bool(6)).cast());
    Flow::Done
}

/// `func StructOf(fields []Field) *Type`
fn struct_of(cx: &mut NativeCx, slots: Slots) -> Flow {
    let fields: Vec<FieldSpec> = slots
        .slice::<Field>(0)
        .iter()
        .map(|f| FieldSpec {
            name: f.name.to_str().to_owned(),
            pkg_path: f.pkg_path.to_str().to_owned(),
            typ: f.typ,
            tag: f.tag.to_str().to_owned(),
            embedded: f.embedded != 0,
        })
        .collect();
    slots.set_ptr(3, cx.rt().types.structure(&fields).cast());
    Flow::Done
}

fn new(cx: &mut NativeCx, slots: Slots) -> Flow {
    let value = cx.alloc(typ(slots, 0));
    slots.set_ptr(1, value);
    Flow::Done
}

fn new_array(cx: &mut NativeCx, slots: Slots) -> Flow {
    let values = cx.m.alloc_array(typ(slots, 0), slots.word(1) as usize);
    slots.set_ptr(2, values);
    Flow::Done
}

/// `func Move(t *Type, dst, src unsafe.Pointer)`
fn move_one(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: the caller gives two places for a value of the type.
    unsafe {
        cx.m.barrier_copy(&*typ(slots, 0), slots.ptr(1), slots.ptr(2), 1);
        ptr::copy(slots.ptr(2), slots.ptr(1), size_of(typ(slots, 0)));
    }
    Flow::Done
}

fn zero(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: the caller gives a place for a value of the type.
    unsafe {
        cx.m.barrier_values(&*typ(slots, 0), slots.ptr(1), 1);
        ptr::write_bytes(slots.ptr(1), 0, size_of(typ(slots, 0)));
    }
    Flow::Done
}

fn move_n(cx: &mut NativeCx, slots: Slots) -> Flow {
    let count = slots.word(3) as usize;
    let bytes = size_of(typ(slots, 0)) * count;
    // SAFETY: the caller gives two places for n values of the type.
    unsafe {
        cx.m.barrier_copy(&*typ(slots, 0), slots.ptr(1), slots.ptr(2), count);
        ptr::copy(slots.ptr(2), slots.ptr(1), bytes);
    }
    Flow::Done
}

fn equal(_: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: the caller gives two values of the type.
    match unsafe { equal_values(typ(slots, 0), slots.ptr(1), slots.ptr(2)) } {
        Ok(same) => {
            slots.set_bool(3, same);
            Flow::Done
        }
        Err(e) => fault(e),
    }
}

/// `func MethodTable(t *Type) []Method`
fn method_table(cx: &mut NativeCx, slots: Slots) -> Flow {
    let methods = cx.rt().types.methods(typ(slots, 0));
    let slice = GoSlice {
        ptr: if methods.is_empty() {
            ptr::null()
        } else {
            methods.as_ptr()
        },
        len: methods.len(),
        cap: methods.len(),
    };
    slots.set_slice(1, slice);
    Flow::Done
}

fn get_itab(cx: &mut NativeCx, slots: Slots) -> Flow {
    let itab = cx.rt().itabs.get(typ(slots, 0), typ(slots, 1));
    slots.set_ptr(2, itab.unwrap_or(ptr::null()).cast());
    Flow::Done
}

fn make_map(cx: &mut NativeCx, slots: Slots) -> Flow {
    let made = map::make(cx.m, typ(slots, 0), slots.int(1));
    slots.set_ptr(2, made.cast());
    Flow::Done
}

/// `func MapGet(t *Type, m, key unsafe.Pointer) unsafe.Pointer`: a copy, since entries may move.
fn map_get(cx: &mut NativeCx, slots: Slots) -> Flow {
    let map_type = typ(slots, 0);
    // SAFETY: a map of the type and a key, given by the caller.
    match unsafe { map::get(slots.ptr(1).cast::<Map>(), map_type, slots.ptr(2)) } {
        Ok(found) if found.is_null() => slots.set_ptr(3, ptr::null()),
        Ok(found) => {
            // SAFETY: a map type has an element type; both places hold one.
            unsafe {
                let elem = (*map_type).elem;
                let copy = cx.alloc(elem);
                cx.m.barrier_values(&*elem, found, 1);
                ptr::copy_nonoverlapping(found, copy, size_of(elem));
                slots.set_ptr(3, copy);
            }
        }
        Err(e) => return fault(e),
    }
    Flow::Done
}

fn map_set(cx: &mut NativeCx, slots: Slots) -> Flow {
    let (map_type, target) = (typ(slots, 0), slots.ptr(1).cast::<Map>());
    if target.is_null() {
        return Flow::plain_panic("assignment to entry in nil map");
    }
    // SAFETY: a map of the type, a key and an element, given by the caller.
    match unsafe { map::reference(cx.m, target, slots.ptr(2)) } {
        Ok(place) => {
            // SAFETY: as above.
            unsafe {
                let elem = &*(*map_type).elem;
                cx.m.barrier_copy(elem, place, slots.ptr(3), 1);
                ptr::copy_nonoverlapping(slots.ptr(3), place, elem.size);
            }
            Flow::Done
        }
        Err(e) => fault(e),
    }
}

fn map_delete(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a map of the type and a key, given by the caller.
    match unsafe {
        map::delete(
            cx.m,
            slots.ptr(1).cast::<Map>(),
            typ(slots, 0),
            slots.ptr(2),
        )
    } {
        Ok(()) => Flow::Done,
        Err(e) => fault(e),
    }
}

fn map_clear(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a map, given by the caller.
    match unsafe { map::clear(cx.m, slots.ptr(1).cast()) } {
        Ok(()) => Flow::Done,
        Err(e) => fault(e),
    }
}

fn map_len(_: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a map, given by the caller.
    slots.set_word(1, unsafe { map::len(slots.ptr(0).cast()) } as u64);
    Flow::Done
}

/// An iterator for reflect: the machine's, and the sizes to copy.
#[repr(C)]
struct Iter {
    inner: *mut MapIter,
    map_type: *const RType,
}

/// `func MapIterNew(t *Type, m unsafe.Pointer) unsafe.Pointer`
fn map_iter_new(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a map of the type; the object has two words, the first a pointer.
    unsafe {
        let inner = map::iter(cx.m, slots.ptr(1).cast());
        let iter =
            cx.m.alloc_scan_words(std::mem::size_of::<Iter>(), &[1])
                .cast::<Iter>();
        iter.write(Iter {
            inner,
            map_type: typ(slots, 0),
        });
        slots.set_ptr(2, iter.cast());
    }
    Flow::Done
}

/// `func MapIterNext(it, key, elem unsafe.Pointer) bool`
fn map_iter_next(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: an iterator from `map_iter_new`, and places for a key and an element or nil.
    unsafe {
        let iter = &*slots.ptr(0).cast::<Iter>();
        let step = map::iter_next(cx.m, iter.inner);
        if step == map::Step::Clash {
            return fault(map::fault_of_iter(iter.inner));
        }
        let more = step == map::Step::Entry;
        if more {
            let (key, elem) = ((*iter.map_type).key, (*iter.map_type).elem);
            for (to, from, typ) in [
                (slots.ptr(1), (*iter.inner).key, key),
                (slots.ptr(2), (*iter.inner).elem, elem),
            ] {
                if !to.is_null() {
                    cx.m.barrier_copy(&*typ, to, from, 1);
                    ptr::copy_nonoverlapping(from, to, size_of(typ));
                }
            }
        }
        slots.set_bool(3, more);
    }
    Flow::Done
}

fn make_chan(cx: &mut NativeCx, slots: Slots) -> Flow {
    match chan::make(cx.m, typ(slots, 0), slots.int(1)) {
        Ok(made) => {
            slots.set_ptr(2, made.cast());
            Flow::Done
        }
        Err(text) => Flow::plain_panic(text),
    }
}

fn chan_len(_: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a channel, given by the caller.
    slots.set_word(1, unsafe { chan::len(slots.ptr(0).cast::<Chan>()) } as u64);
    Flow::Done
}

fn chan_cap(_: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a channel, given by the caller.
    slots.set_word(1, unsafe { chan::cap(slots.ptr(0).cast::<Chan>()) } as u64);
    Flow::Done
}

fn chan_close(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a channel, given by the caller.
    match unsafe { chan::close(cx.m, slots.ptr(0).cast::<Chan>()) } {
        Outcome::Panic(misuse) => Flow::plain_panic(misuse.text()),
        _ => Flow::Done,
    }
}

/// `func ChanTrySend(t *Type, c, elem unsafe.Pointer) bool`
fn chan_try_send(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a channel of the type and an element, given by the caller.
    match unsafe { chan::try_send(cx.m, slots.ptr(1).cast::<Chan>(), slots.ptr(2)) } {
        Outcome::Panic(misuse) => return Flow::plain_panic(misuse.text()),
        outcome => slots.set_bool(3, outcome == Outcome::Done),
    }
    Flow::Done
}

/// `func ChanTryRecv(t *Type, c, elem unsafe.Pointer) int`: 0 nothing there, 1 received, 2 closed.
fn chan_try_recv(cx: &mut NativeCx, slots: Slots) -> Flow {
    // SAFETY: a channel of the type and a place for an element, given by the caller.
    let outcome = unsafe {
        chan::try_recv(
            cx.m,
            slots.ptr(1).cast::<Chan>(),
            Target::Memory(slots.ptr(2)),
        )
    };
    slots.set_word(3, outcome.received());
    Flow::Done
}

/// `func ChanWait(c unsafe.Pointer, send bool)`: the Go side tries again when the others have run.
fn chan_wait(_: &mut NativeCx, slots: Slots) -> Flow {
    if slots.ptr(0).is_null() {
        use runtime::g::WaitReason::{ChanReceiveNil, ChanSendNil};
        return Flow::Park(if slots.bool(1) {
            ChanSendNil
        } else {
            ChanReceiveNil
        });
    }
    Flow::Yield
}

/// `func ChanWaitAny(chans []unsafe.Pointer, sends []bool)`
fn chan_wait_any(_: &mut NativeCx, slots: Slots) -> Flow {
    if slots.slice::<*mut u8>(0).iter().all(|c| c.is_null()) {
        return Flow::Park(runtime::g::WaitReason::SelectNoCases);
    }
    Flow::Yield
}

/// The package's natives, but for those that only compute.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("internal/rtype.ChanClose", chan_close),
    ("internal/rtype.ChanTrySend", chan_try_send),
    ("internal/rtype.ChanTryRecv", chan_try_recv),
    ("internal/rtype.ChanWait", chan_wait),
    ("internal/rtype.ChanWaitAny", chan_wait_any),
];

pub static COMPUTING: &[(&str, NativeFn)] = &[
    ("internal/rtype.PointerTo", pointer_to),
    ("internal/rtype.SliceOf", slice_of),
    ("internal/rtype.ArrayOf", array_of),
    ("internal/rtype.MapOf", map_of),
    ("internal/rtype.ChanOf", chan_of),
    ("internal/rtype.FuncOf", func_of),
    ("internal/rtype.StructOf", struct_of),
    ("internal/rtype.New", new),
    ("internal/rtype.NewArray", new_array),
    ("internal/rtype.Move", move_one),
    ("internal/rtype.Zero", zero),
    ("internal/rtype.MoveN", move_n),
    ("internal/rtype.Equal", equal),
    ("internal/rtype.MethodTable", method_table),
    ("internal/rtype.GetItab", get_itab),
    ("internal/rtype.MakeMap", make_map),
    ("internal/rtype.MapGet", map_get),
    ("internal/rtype.MapSet", map_set),
    ("internal/rtype.MapDelete", map_delete),
    ("internal/rtype.MapClear", map_clear),
    ("internal/rtype.MapLen", map_len),
    ("internal/rtype.MapIterNew", map_iter_new),
    ("internal/rtype.MapIterNext", map_iter_next),
    ("internal/rtype.MakeChan", make_chan),
    ("internal/rtype.ChanLen", chan_len),
    ("internal/rtype.ChanCap", chan_cap),
];
