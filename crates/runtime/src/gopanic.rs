//! Run-time panics as the engines and natives raise them, and their Go values.
//!
//! A `GoPanic` becomes a Go value of a type that the Go package `runtime` declares (`KnownTypes`), so that programs can recover it, look at
//! it as a `runtime.Error` and print it with Go's text.

use std::sync::atomic::{AtomicPtr, Ordering};

use bytecode::rtype::{GoStr, RType};

use crate::runtime::M;

/// An empty interface value.
#[repr(C)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Eface {
    pub typ: *const RType,
    pub data: *mut u8,
}

impl Eface {
    pub const NIL: Eface = Eface {
        typ: std::ptr::null(),
        data: std::ptr::null_mut(),
    };
}

/// A run-time panic.
#[derive(Clone, Debug, PartialEq)]
pub enum GoPanic {
    /// `x[i]`: index, length. A negative index is reported without the length.
    Index {
        index: i64,
        len: i64,
    },
    /// `x[:high]` with high out of range of the length (strings, arrays) or capacity (slices).
    SliceHigh {
        high: i64,
        limit: i64,
        is_cap: bool,
    },
    /// `x[low:high]`, low > high.
    SliceLow {
        low: i64,
        high: i64,
    },
    /// `x[::max]`, max out of range.
    Slice3Max {
        max: i64,
        limit: i64,
        is_cap: bool,
    },
    /// `x[:high:max]`, high > max.
    Slice3High {
        high: i64,
        max: i64,
    },
    /// `x[low:high:]`, low > high.
    Slice3Low {
        low: i64,
        high: i64,
    },
    /// Slice to array conversion: the slice is too short.
    SliceToArray {
        len: i64,
        want: i64,
    },
    Divide,
    NilDeref,
    /// Shift by a negative count.
    NegativeShift,
    /// A `runtime.Error` with this text after `runtime error: `.
    Text(String),
    /// A `runtime.Error` whose text has no prefix (`close of closed channel`, `assignment to entry in nil map`).
    Plain(String),
    /// `*runtime.TypeAssertionError` with its whole text (`interface conversion: ...`).
    TypeAssertion(String),
    /// panic(v)
    Value(Eface),
}

/// Go types the virtual machine makes values of. Filled in when package `runtime` has been loaded. Each is based on a string:
/// `errorString`, `boundsError` and `plainError` are defined string types; `TypeAssertionError` is a struct whose only field is the text;
/// `PanicNilError` is a struct.
#[derive(Default)]
pub struct KnownTypes {
    pub error_string: AtomicPtr<RType>,
    pub bounds_error: AtomicPtr<RType>,
    pub plain_error: AtomicPtr<RType>,
    /// `*runtime.TypeAssertionError`, and the struct it points to.
    pub type_assertion_error_ptr: AtomicPtr<RType>,
    pub type_assertion_error: AtomicPtr<RType>,
    /// `*runtime.PanicNilError`, and the struct it points to.
    pub panic_nil_error_ptr: AtomicPtr<RType>,
    pub panic_nil_error: AtomicPtr<RType>,
    /// The predeclared type `string`.
    pub string: AtomicPtr<RType>,
}

impl GoPanic {
    /// The text that Go prints after `panic: `, for all but `Value`.
    pub fn text(&self) -> String {
        match self {
            GoPanic::Plain(text) | GoPanic::TypeAssertion(text) => text.clone(),
            GoPanic::Value(_) => String::new(),
            other => format!("runtime error: {}", other.bare_text()),
        }
    }

    /// The text without its `runtime error: ` prefix.
    pub fn bare_text(&self) -> String {
        match self {
            GoPanic::Index { index, .. } if *index < 0 => format!("index out of range [{index}]"),
            GoPanic::Index { index, len } => {
                format!("index out of range [{index}] with length {len}")
            }
            GoPanic::SliceHigh { high, .. } if *high < 0 => {
                format!("slice bounds out of range [:{high}]")
            }
            GoPanic::SliceHigh {
                high,
                limit,
                is_cap,
            } => {
                format!(
                    "slice bounds out of range [:{high}] with {} {limit}",
                    capacity_or_length(*is_cap)
                )
            }
            GoPanic::SliceLow { low, .. } if *low < 0 => {
                format!("slice bounds out of range [{low}:]")
            }
            GoPanic::SliceLow { low, high } => format!("slice bounds out of range [{low}:{high}]"),
            GoPanic::Slice3Max { max, .. } if *max < 0 => {
                format!("slice bounds out of range [::{max}]")
            }
            GoPanic::Slice3Max { max, limit, is_cap } => {
                format!(
                    "slice bounds out of range [::{max}] with {} {limit}",
                    capacity_or_length(*is_cap)
                )
            }
            GoPanic::Slice3High { high, .. } if *high < 0 => {
                format!("slice bounds out of range [:{high}:]")
            }
            GoPanic::Slice3High { high, max } => {
                format!("slice bounds out of range [:{high}:{max}]")
            }
            GoPanic::Slice3Low { low, .. } if *low < 0 => {
                format!("slice bounds out of range [{low}::]")
            }
            GoPanic::Slice3Low { low, high } => {
                format!("slice bounds out of range [{low}:{high}:]")
            }
            GoPanic::SliceToArray { len, want } => {
                format!(
                    "cannot convert slice with length {len} to array or pointer to array with length {want}"
                )
            }
            GoPanic::Divide => "integer divide by zero".to_owned(),
            GoPanic::NilDeref => "invalid memory address or nil pointer dereference".to_owned(),
            GoPanic::NegativeShift => "negative shift amount".to_owned(),
            GoPanic::Text(text) | GoPanic::Plain(text) | GoPanic::TypeAssertion(text) => {
                text.clone()
            }
            GoPanic::Value(_) => String::new(),
        }
    }

    /// The Go value. A nil type word when the type is not known (package runtime not loaded).
    pub fn to_eface(&self, m: &mut M) -> Eface {
        let known = &m.rt().known;
        let get = |cell: &AtomicPtr<RType>| cell.load(Ordering::Acquire) as *const RType;
        let (typ, alloc_typ) = match self {
            GoPanic::Value(value) => return *value,
            GoPanic::Plain(_) => (get(&known.plain_error), get(&known.string)),
            GoPanic::TypeAssertion(_) => (
                get(&known.type_assertion_error_ptr),
                get(&known.type_assertion_error),
            ),
            GoPanic::Divide | GoPanic::NilDeref | GoPanic::NegativeShift | GoPanic::Text(_) => {
                (get(&known.error_string), get(&known.string))
            }
            _ => (get(&known.bounds_error), get(&known.string)),
        };
        if typ.is_null() || alloc_typ.is_null() {
            return Eface::NIL;
        }
        let text = self.bare_text();
        let bytes = m.alloc_bytes(text.as_bytes());
        let data = m.alloc(alloc_typ);
        // SAFETY: `data` is a fresh object of a type that starts with a string.
        unsafe {
            data.cast::<GoStr>().write(GoStr {
                ptr: bytes,
                len: text.len(),
            })
        };
        Eface { typ, data }
    }
}

fn capacity_or_length(is_cap: bool) -> &'static str {
    if is_cap { "capacity" } else { "length" }
}
