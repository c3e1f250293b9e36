//! Equality and hashing of values in memory, driven by their type descriptors: what `==` on interfaces, structs and
//! arrays means, and what maps hash by.
//!
//! Both agree: equal values have equal hashes. They can fail on an interface whose dynamic type has no `==`; the failure is
//! returned, and becomes a Go panic in the engine.

use bytecode::rtype::{GoStr, Itab, Kind, PLAIN_MEMORY, RType};

/// An interface inside the value holds a type without `==`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum EqualFault {
    /// Found while hashing a map key.
    Hash(*const RType),
    /// Found while comparing.
    Compare(*const RType),
    /// Another goroutine was found writing to the map: Go's fatal error with this text.
    Concurrent(&'static str),
}

impl EqualFault {
    /// The run-time error's text, without the `runtime error: ` in front.
    pub fn message(self) -> String {
        // SAFETY: descriptors are immortal.
        unsafe {
            match self {
                EqualFault::Hash(typ) => format!("hash of unhashable type {}", (*typ).display()),
                EqualFault::Compare(typ) => {
                    format!("comparing uncomparable type {}", (*typ).display())
                }
                EqualFault::Concurrent(text) => text.to_owned(),
            }
        }
    }
}

const MULTIPLIER: u64 = 0x9e37_79b9_7f4a_7c15;
const STRING_MULTIPLIER: u64 = 0xd6e8_feb8_6659_fd93;

/// Multiplies to 128 bits and folds the halves: one multiplication mixes all bits of both words.
#[inline(always)]
fn fold(a: u64, b: u64) -> u64 {
    let product = u128::from(a) * u128::from(b);
    (product >> 64) as u64 ^ product as u64
}

/// Hash of a word.
#[inline(always)]
pub fn hash_word(word: u64, seed: u64) -> u64 {
    fold(word ^ seed, MULTIPLIER)
}

/// Hash of a run of bytes.
///
/// # Safety
/// `ptr..ptr + len` is readable.
#[inline]
pub unsafe fn hash_bytes(ptr: *const u8, len: usize, seed: u64) -> u64 {
    // SAFETY: every read below lies in ptr..ptr + len.
    unsafe {
        let word = |at: usize| ptr.add(at).cast::<u64>().read_unaligned();
        let half = |at: usize| u64::from(ptr.add(at).cast::<u32>().read_unaligned());
        let mut state = seed ^ (len as u64).wrapping_mul(MULTIPLIER);
        let (a, b);
        if len <= 16 {
            if len >= 8 {
                (a, b) = (word(0), word(len - 8));
            } else if len >= 4 {
                (a, b) = (half(0), half(len - 4));
            } else if len > 0 {
                (a, b) = (
                    u64::from(*ptr) << 16
                        | u64::from(*ptr.add(len / 2)) << 8
                        | u64::from(*ptr.add(len - 1)),
                    0,
                );
            } else {
                (a, b) = (0, 0);
            }
        } else {
            let mut at = 0;
            while at + 16 < len {
                state = fold(word(at) ^ STRING_MULTIPLIER, word(at + 8) ^ state);
                at += 16;
            }
            (a, b) = (word(len - 16), word(len - 8));
        }
        fold(fold(a ^ STRING_MULTIPLIER, b ^ state), MULTIPLIER)
    }
}

/// Hash of a float's value: zeros are one, NaNs are spread by their address (they match nothing anyway).
fn hash_float(value: f64, at: *const u8, seed: u64) -> u64 {
    if value == 0.0 {
        hash_word(0, seed)
    } else if value.is_nan() {
        // Every NaN is a key of its own; the same hash for all would make a list of them.
        hash_word(at as u64 ^ nan_salt(), seed)
    } else {
        hash_word(value.to_bits(), seed)
    }
}

/// A number that differs from call to call.
fn nan_salt() -> u64 {
    use std::sync::atomic::{AtomicU64, Ordering};
    static CALLS: AtomicU64 = AtomicU64::new(1);
    CALLS
        .fetch_add(1, Ordering::Relaxed)
        .wrapping_mul(MULTIPLIER)
}

/// Hash of the value of type `typ` at `ptr`.
///
/// # Safety
/// `ptr` addresses a value of the type.
pub unsafe fn hash_value(typ: *const RType, ptr: *const u8, seed: u64) -> Result<u64, EqualFault> {
    // SAFETY: by the contract, recursively for the parts.
    unsafe {
        let typ = &*typ;
        if typ.flags & PLAIN_MEMORY != 0 {
            return Ok(match typ.size {
                8 => hash_word(ptr.cast::<u64>().read_unaligned(), seed),
                4 => hash_word(u64::from(ptr.cast::<u32>().read_unaligned()), seed),
                size => hash_bytes(ptr, size, seed),
            });
        }
        match typ.kind {
            Kind::String => {
                let text = &*ptr.cast::<GoStr>();
                Ok(hash_bytes(text.ptr, text.len, seed))
            }
            Kind::Float32 => Ok(hash_float(f64::from(*ptr.cast::<f32>()), ptr, seed)),
            Kind::Float64 => Ok(hash_float(*ptr.cast::<f64>(), ptr, seed)),
            Kind::Complex64 => {
                let parts = ptr.cast::<f32>();
                let first = hash_float(f64::from(*parts), ptr, seed);
                Ok(hash_float(f64::from(*parts.add(1)), ptr, first))
            }
            Kind::Complex128 => {
                let parts = ptr.cast::<f64>();
                Ok(hash_float(
                    *parts.add(1),
                    ptr,
                    hash_float(*parts, ptr, seed),
                ))
            }
            Kind::Interface => {
                let words = ptr.cast::<usize>();
                let dynamic = dynamic_type(typ, *words);
                if dynamic.is_null() {
                    return Ok(hash_word(0, seed));
                }
                if !comparable(dynamic) {
                    return Err(EqualFault::Hash(dynamic));
                }
                let data = words.add(1);
                let value = if (*dynamic).is_direct() {
                    data.cast()
                } else {
                    *data as *const u8
                };
                hash_value(dynamic, value, seed ^ u64::from((*dynamic).hash))
            }
            Kind::Array => {
                let elem = &*typ.elem;
                let mut hash = seed;
                for i in 0..typ.len {
                    hash = hash_value(elem, ptr.add(i * elem.size), hash)?;
                }
                Ok(hash)
            }
            Kind::Struct => {
                let mut hash = seed;
                for field in typ.fields.items() {
                    if !is_blank(&field.name) {
                        hash = hash_value(field.typ, ptr.add(field.offset), hash)?;
                    }
                }
                Ok(hash)
            }
            Kind::Slice | Kind::Map | Kind::Func => Err(EqualFault::Hash(typ)),
            _ => Ok(hash_bytes(ptr, typ.size, seed)),
        }
    }
}

fn is_blank(name: &GoStr) -> bool {
    name.bytes() == b"_"
}

/// Whether `==` is defined on the type (it may still fail on an interface inside).
///
/// # Safety
/// A descriptor.
unsafe fn comparable(typ: *const RType) -> bool {
    // SAFETY: by the contract.
    unsafe { (*typ).flags & bytecode::rtype::COMPARABLE != 0 }
}

/// The dynamic type in an interface value's first word, null for nil.
///
/// # Safety
/// `word` is the first word of a value of interface type `inter`.
#[inline]
pub unsafe fn dynamic_type(inter: &RType, word: usize) -> *const RType {
    if inter.imethods.len == 0 {
        word as *const RType
    } else if word == 0 {
        std::ptr::null()
    } else {
        // SAFETY: the first word of a non-empty interface type's value is an itab.
        unsafe { (*(word as *const Itab)).typ }
    }
}

/// Whether two runs of bytes are equal.
///
/// # Safety
/// Both readable for `len` bytes.
#[inline(always)]
pub unsafe fn bytes_equal(a: *const u8, b: *const u8, len: usize) -> bool {
    // SAFETY: by the contract; an empty run may have any address, so it is not made a slice.
    len == 0
        || a == b
        || unsafe { std::slice::from_raw_parts(a, len) == std::slice::from_raw_parts(b, len) }
}

/// `==` on two empty-interface values, or on two values of one non-empty interface type once
/// `dynamic_type` has been applied to their first words.
///
/// # Safety
/// The words are those of valid interface values, the types descriptors or null.
pub unsafe fn interfaces_equal(
    left: (*const RType, usize),
    right: (*const RType, usize),
) -> Result<bool, EqualFault> {
    if left.0 != right.0 {
        return Ok(false);
    }
    let typ = left.0;
    if typ.is_null() {
        return Ok(true);
    }
    // SAFETY: by the contract.
    unsafe {
        if !comparable(typ) {
            return Err(EqualFault::Compare(typ));
        }
        if (*typ).is_direct() {
            return Ok(left.1 == right.1);
        }
        equal_values(typ, left.1 as *const u8, right.1 as *const u8)
    }
}

/// Whether the values of type `typ` at `a` and `b` are equal as Go's `==` has it.
///
/// # Safety
/// Both address values of the type.
pub unsafe fn equal_values(
    typ: *const RType,
    a: *const u8,
    b: *const u8,
) -> Result<bool, EqualFault> {
    // SAFETY: by the contract, recursively for the parts.
    unsafe {
        let typ = &*typ;
        if typ.flags & PLAIN_MEMORY != 0 {
            return Ok(bytes_equal(a, b, typ.size));
        }
        match typ.kind {
            Kind::String => {
                let (a, b) = (&*a.cast::<GoStr>(), &*b.cast::<GoStr>());
                Ok(a.len == b.len && bytes_equal(a.ptr, b.ptr, a.len))
            }
            Kind::Float32 => Ok(*a.cast::<f32>() == *b.cast::<f32>()),
            Kind::Float64 => Ok(*a.cast::<f64>() == *b.cast::<f64>()),
            Kind::Complex64 => Ok(*a.cast::<[f32; 2]>() == *b.cast::<[f32; 2]>()),
            Kind::Complex128 => Ok(*a.cast::<[f64; 2]>() == *b.cast::<[f64; 2]>()),
            Kind::Interface => {
                let (a, b) = (a.cast::<usize>(), b.cast::<usize>());
                interfaces_equal(
                    (dynamic_type(typ, *a), *a.add(1)),
                    (dynamic_type(typ, *b), *b.add(1)),
                )
            }
            Kind::Array => {
                let elem = &*typ.elem;
                for i in 0..typ.len {
                    if !equal_values(elem, a.add(i * elem.size), b.add(i * elem.size))? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Kind::Struct => {
                // What is cheap decides first, as gc has it, up to a field whose comparison may fail.
                for field in typ.fields.items() {
                    let (kind, flags) = ((*field.typ).kind, (*field.typ).flags);
                    if matches!(kind, Kind::Interface | Kind::Struct | Kind::Array)
                        && flags & PLAIN_MEMORY == 0
                    {
                        break;
                    }
                    let (a, b) = (a.add(field.offset), b.add(field.offset));
                    let differs = if kind == Kind::String {
                        (*a.cast::<GoStr>()).len != (*b.cast::<GoStr>()).len
                    } else {
                        flags & PLAIN_MEMORY != 0 && !bytes_equal(a, b, (*field.typ).size)
                    };
                    if differs && !is_blank(&field.name) {
                        return Ok(false);
                    }
                }
                for field in typ.fields.items() {
                    let (a, b) = (a.add(field.offset), b.add(field.offset));
                    if !is_blank(&field.name) && !equal_values(field.typ, a, b)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Kind::Slice | Kind::Map | Kind::Func => Err(EqualFault::Compare(typ)),
            _ => Ok(bytes_equal(a, b, typ.size)),
        }
    }
}

/// Whether a value of the type may be different from itself: it holds a float (NaN), perhaps in an interface.
pub fn may_be_unequal_to_itself(typ: &RType) -> bool {
    if typ.flags & PLAIN_MEMORY != 0 {
        return false;
    }
    // SAFETY: parts of a descriptor are descriptors.
    unsafe {
        match typ.kind {
            Kind::Float32
            | Kind::Float64
            | Kind::Complex64
            | Kind::Complex128
            | Kind::Interface => true,
            Kind::Array => may_be_unequal_to_itself(&*typ.elem),
            Kind::Struct => typ
                .fields
                .items()
                .iter()
                .any(|f| may_be_unequal_to_itself(&*f.typ)),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytecode::registry::TypeRegistry;

    fn hash<T>(typ: *const RType, value: &T) -> u64 {
        unsafe { hash_value(typ, (value as *const T).cast(), 7).unwrap() }
    }
    fn equal<T>(typ: *const RType, a: &T, b: &T) -> Result<bool, EqualFault> {
        unsafe { equal_values(typ, (a as *const T).cast(), (b as *const T).cast()) }
    }

    #[test]
    fn zeros_are_equal_and_nan_is_not() {
        let types = TypeRegistry::default();
        let float = types.basic(Kind::Float64);
        assert_eq!(equal(float, &0.0f64, &-0.0f64), Ok(true));
        assert_eq!(hash(float, &0.0f64), hash(float, &-0.0f64));
        assert_eq!(equal(float, &f64::NAN, &f64::NAN), Ok(false));
    }

    #[test]
    fn strings_hash_by_their_bytes() {
        let types = TypeRegistry::default();
        let string = types.basic(Kind::String);
        for len in [0, 1, 3, 4, 7, 8, 15, 16, 17, 31, 32, 33, 100] {
            let text = "x".repeat(len);
            let (a, b) = (GoStr::leak(&text), GoStr::leak(&text));
            assert_eq!(equal(string, &a, &b), Ok(true));
            assert_eq!(hash(string, &a), hash(string, &b));
        }
    }

    #[test]
    fn uncomparable_dynamic_types_are_faults() {
        let types = TypeRegistry::default();
        let slice = types.slice(types.basic(Kind::Int));
        let any = types.interface(&[]);
        let boxed = [slice as usize, 8];
        assert_eq!(equal(any, &boxed, &boxed), Err(EqualFault::Compare(slice)));
        let fault = unsafe { hash_value(any, boxed.as_ptr().cast(), 0) }.unwrap_err();
        assert_eq!(fault.message(), "hash of unhashable type []int");
    }
}
