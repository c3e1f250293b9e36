//! Interface values: boxing and unboxing, values between frame slots and memory, and the words of failed conversions.

use bytecode::rtype::{Kind, RType};

use crate::runtime::M;

/// Boxed values that need no memory of their own: the word i at index i, for every type of up to 8 bytes whose value has these bytes.
pub static SMALL_WORDS: [u64; 256] = {
    let mut words = [0; 256];
    let mut i = 0;
    while i < 256 {
        words[i] = i as u64;
        i += 1;
    }
    words
};

/// Where all pointers to zero values of up to this size may point.
static ZEROS: [u64; 8] = [0; 8];

/// The address of read-only zeros: a pointer to a value without bytes, or to a zero value of up to 64 bytes.
pub fn zero_cell() -> *mut u8 {
    (&raw const ZEROS).cast_mut().cast()
}

/// Where a string of this one byte may point.
pub fn byte_cell(byte: u8) -> *const u8 {
    // Words are little-endian: the byte comes first.
    (&raw const SMALL_WORDS[usize::from(byte)]).cast()
}

/// The data word of an interface that holds the value in `slots`.
///
/// # Safety
/// `slots` holds a value of the type.
#[inline]
pub unsafe fn box_value(m: &mut M, typ: &RType, slots: *const u64) -> *mut u8 {
    // SAFETY: by the contract; the fresh object has the type's size.
    unsafe {
        if typ.is_direct() {
            return *slots as *mut u8;
        }
        if typ.size <= 8 {
            let shift = 64 - 8 * typ.size as u32;
            let word = if typ.size == 0 {
                0
            } else {
                *slots << shift >> shift
            };
            if word < 256 && !typ.has_pointers() {
                return (&raw const SMALL_WORDS[word as usize]).cast_mut().cast();
            }
        } else if typ.kind == Kind::String && *slots.add(1) == 0
            || typ.kind == Kind::Slice && *slots == 0
        {
            return zero_cell();
        }
        let data = m.alloc(typ);
        m.barrier_values(typ, slots.cast(), 1);
        store_value(typ, slots, data);
        data
    }
}

/// As `box_value` for a value in memory.
///
/// # Safety
/// `at` addresses a value of the type.
pub unsafe fn box_memory(m: &mut M, typ: &RType, at: *const u8) -> *mut u8 {
    // SAFETY: by the contract.
    unsafe {
        if typ.is_direct() {
            return *at.cast::<*mut u8>();
        }
        if typ.size == 0 {
            return zero_cell();
        }
        let data = m.alloc(typ);
        m.barrier_values(typ, at, 1);
        std::ptr::copy_nonoverlapping(at, data, typ.size);
        data
    }
}

/// Unpacks an interface's data word whose dynamic type is `typ` into slots.
///
/// # Safety
/// `data` is such a word; `slots` has room for the type.
#[inline]
pub unsafe fn unbox(typ: &RType, data: *mut u8, slots: *mut u64) {
    // SAFETY: by the contract.
    unsafe {
        if typ.is_direct() {
            *slots = data as u64;
        } else {
            load_value(typ, data, slots);
        }
    }
}

/// Loads a value from memory into slots: scalars canonical, the rest in memory layout.
///
/// # Safety
/// `from` addresses a value of the type; `slots` has room for it and does not overlap it.
#[inline]
pub unsafe fn load_value(typ: &RType, from: *const u8, slots: *mut u64) {
    // SAFETY: by the contract.
    unsafe {
        match typ.kind {
            Kind::Int8 => *slots = i64::from(*from.cast::<i8>()) as u64,
            Kind::Int16 => *slots = i64::from(from.cast::<i16>().read_unaligned()) as u64,
            Kind::Int32 => *slots = i64::from(from.cast::<i32>().read_unaligned()) as u64,
            Kind::String | Kind::Interface => {
                *slots = from.cast::<u64>().read_unaligned();
                *slots.add(1) = from.cast::<u64>().add(1).read_unaligned();
            }
            _ => {
                // Zero extension is the same for scalars and for the last slot of an aggregate.
                let words = typ.size / 8;
                let rest = typ.size % 8;
                for i in 0..words {
                    *slots.add(i) = from.cast::<u64>().add(i).read_unaligned();
                }
                if rest != 0 {
                    let mut word = 0u64;
                    let bytes = (&raw mut word).cast::<u8>();
                    match rest {
                        1 => *bytes = *from.add(words * 8),
                        2 => bytes
                            .cast::<u16>()
                            .write(from.add(words * 8).cast::<u16>().read_unaligned()),
                        4 => bytes
                            .cast::<u32>()
                            .write(from.add(words * 8).cast::<u32>().read_unaligned()),
                        _ => std::ptr::copy_nonoverlapping(from.add(words * 8), bytes, rest),
                    }
                    *slots.add(words) = word;
                }
            }
        }
    }
}

/// Stores the value in slots to memory: exactly the type's bytes.
///
/// # Safety
/// `slots` holds a value of the type; `to` has room for it. It may be the slots themselves (`*p = v` where p is `&v`).
#[inline]
pub unsafe fn store_value(typ: &RType, slots: *const u64, to: *mut u8) {
    // SAFETY: by the contract; slots are in memory layout, and the low bytes of a canonical scalar are its value.
    unsafe {
        match typ.size {
            1 => *to = *slots as u8,
            2 => to.cast::<u16>().write_unaligned(*slots as u16),
            4 => to.cast::<u32>().write_unaligned(*slots as u32),
            8 => to.cast::<u64>().write_unaligned(*slots),
            16 => {
                let (low, high) = (*slots, *slots.add(1));
                to.cast::<u64>().write_unaligned(low);
                to.cast::<u64>().add(1).write_unaligned(high);
            }
            size => std::ptr::copy(slots.cast::<u8>(), to, size),
        }
    }
}

/// Clears the slots of a value.
///
/// # Safety
/// `slots` has room for the type.
#[inline]
pub unsafe fn zero_value(typ: &RType, slots: *mut u64) {
    // SAFETY: by the contract.
    unsafe { std::ptr::write_bytes(slots, 0, typ.slots()) }
}

/// The text of a failed `x.(T)`: `inter` the static type of x where it is told, `concrete` its dynamic type, null for nil.
///
/// # Safety
/// Descriptors, or null where that is allowed.
pub unsafe fn assertion_text(
    inter: *const RType,
    concrete: *const RType,
    wanted: *const RType,
) -> String {
    // SAFETY: by the contract.
    unsafe {
        let inter = if inter.is_null() {
            "interface"
        } else {
            (*inter).display()
        };
        let want = (*wanted).display();
        if concrete.is_null() {
            return format!("interface conversion: {inter} is nil, not {want}");
        }
        let have = (*concrete).display();
        let same = if have != want {
            ""
        } else if (*concrete).pkg_path.bytes() != (*wanted).pkg_path.bytes() {
            " (types from different packages)"
        } else {
            " (types from different scopes)"
        };
        format!("interface conversion: {inter} is {have}, not {want}{same}")
    }
}

/// The text of a failed `x.(I)` for an interface type I.
///
/// # Safety
/// `inter` is an interface type's descriptor, `concrete` a descriptor or null; both of `types`.
pub unsafe fn missing_method_text(
    types: &bytecode::registry::TypeRegistry,
    inter: *const RType,
    concrete: *const RType,
) -> String {
    // SAFETY: by the contract.
    unsafe {
        if concrete.is_null() {
            return assertion_text(std::ptr::null(), concrete, inter);
        }
        let (have, want) = ((*concrete).display(), (*inter).display());
        let missing = crate::itab::find_methods(types, &*inter, &*concrete).err();
        let name = missing.unwrap_or("?");
        format!("interface conversion: {have} is not {want}: missing method {name}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytecode::registry::TypeRegistry;

    #[test]
    fn loads_are_canonical_and_stores_exact() {
        let types = TypeRegistry::default();
        let mut slot = [0x5555_5555_5555_5555u64; 2];
        unsafe {
            load_value(
                &*types.basic(Kind::Int8),
                [0x80u8].as_ptr(),
                slot.as_mut_ptr(),
            );
            assert_eq!(slot[0] as i64, -128);
            load_value(
                &*types.basic(Kind::Uint16),
                [0xff, 0xff, 0x77, 0].as_ptr(),
                slot.as_mut_ptr(),
            );
            assert_eq!(slot[0], 0xffff);
            let three = types.array(types.basic(Kind::Uint8), 11);
            load_value(&*three, [1u8; 16].as_ptr(), slot.as_mut_ptr());
            assert_eq!(slot, [0x0101_0101_0101_0101, 0x01_0101]);
            let mut to = [9u8; 16];
            store_value(&*three, slot.as_ptr(), to.as_mut_ptr());
            assert_eq!(to, [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 9, 9, 9, 9, 9]);
        }
    }

    #[test]
    fn texts_of_failed_assertions() {
        let types = TypeRegistry::default();
        let (int, string, any) = (
            types.basic(Kind::Int),
            types.basic(Kind::String),
            types.interface(&[]),
        );
        unsafe {
            assert_eq!(
                assertion_text(any, string, int),
                "interface conversion: interface {} is string, not int"
            );
            assert_eq!(
                assertion_text(any, std::ptr::null(), int),
                "interface conversion: interface {} is nil, not int"
            );
        }
    }
}
