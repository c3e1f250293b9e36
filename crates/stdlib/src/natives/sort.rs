//! The natives of `sort` and `slices`.
//!
//! ```text
//! sort.swapElements(x any, i, j int)
//! sort.length(x any) int
//! slices.sortInts(x []int)
//! slices.sortFloat64s(x []float64)
//! slices.sortStrings(x []string)
//! ```

use std::cmp::Ordering;

use bytecode::rtype::{GoSlice, GoStr, Kind};
use runtime::gopanic::Eface;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("sort.swapElements", swap_elements),
    ("sort.length", length),
    ("slices.sortInts", sort_ints),
    ("slices.sortFloat64s", sort_floats),
    ("slices.sortStrings", sort_strings),
];

/// The slice in an interface, and the size of its elements.
fn slice_in(x: Eface) -> Option<(GoSlice<u8>, usize)> {
    // SAFETY: the type word of an interface is null or a descriptor; a slice is boxed, so the data word points to one.
    unsafe {
        let typ = x.typ.as_ref()?;
        (typ.kind == Kind::Slice).then(|| (*x.data.cast::<GoSlice<u8>>(), (*typ.elem).size))
    }
}

fn swap_elements(_: &mut NativeCx, s: Slots) -> Flow {
    let Some((slice, size)) = slice_in(s.eface(0)) else {
        return Flow::fatal("sort: not a slice");
    };
    let (i, j) = (s.int(2), s.int(3));
    let len = slice.len as i64;
    for index in [i, j] {
        if !(0..len).contains(&index) {
            return Flow::panic(runtime::gopanic::GoPanic::Index { index, len });
        }
    }
    if i != j && size != 0 {
        let at = |i: i64| slice.ptr.cast_mut().wrapping_add(i as usize * size);
        // SAFETY: both elements lie in the slice and, being different, do not overlap.
        unsafe { std::ptr::swap_nonoverlapping(at(i), at(j), size) };
    }
    Flow::Done
}

fn length(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(
        2,
        slice_in(s.eface(0)).map_or(-1, |(slice, _)| slice.len as i64),
    );
    Flow::Done
}

fn sort_ints(_: &mut NativeCx, s: Slots) -> Flow {
    s.slice_mut::<i64>(0).sort_unstable();
    Flow::Done
}

fn sort_floats(_: &mut NativeCx, s: Slots) -> Flow {
    s.slice_mut::<f64>(0)
        .sort_unstable_by(|a, b| match (a.is_nan(), b.is_nan()) {
            (false, false) => a.partial_cmp(b).unwrap_or(Ordering::Equal),
            (a, b) => b.cmp(&a),
        });
    Flow::Done
}

fn sort_strings(_: &mut NativeCx, s: Slots) -> Flow {
    s.slice_mut::<GoStr>(0)
        .sort_unstable_by(|a, b| a.bytes().cmp(b.bytes()));
    Flow::Done
}
