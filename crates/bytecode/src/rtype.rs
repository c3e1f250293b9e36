//! Run-time type descriptors: what the collector, interfaces, maps, `reflect` and `fmt` know of a type.
//!
//! Descriptors are immortal, immutable once published, and unique: two identical Go types have one
//! descriptor, so type identity at run time is pointer equality. The structures are `repr(C)` and use Go's string and
//! slice layout, because the Go package `internal/rtype` reads them through `unsafe`; the two declarations must
//! change together.

use std::ptr;
use std::sync::atomic::AtomicBool;

/// A Go string in memory.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct GoStr {
    pub ptr: *const u8,
    pub len: usize,
}

/// A Go slice in memory.
#[repr(C)]
pub struct GoSlice<T> {
    pub ptr: *const T,
    pub len: usize,
    pub cap: usize,
}

impl<T> Clone for GoSlice<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for GoSlice<T> {}

impl GoStr {
    pub const EMPTY: GoStr = GoStr {
        ptr: ptr::null(),
        len: 0,
    };

    /// A string that lives as long as the process.
    pub fn leak(text: &str) -> GoStr {
        // An empty box has no address that a collector could make sense of.
        if text.is_empty() {
            return GoStr::EMPTY;
        }
        // Rust's dangling address of an empty box must not be seen by the collector's checks.
        if text.is_empty() {
            return GoStr::EMPTY;
        }
        let text: &'static str = Box::leak(text.to_owned().into_boxed_str());
        GoStr {
            ptr: text.as_ptr(),
            len: text.len(),
        }
    }

    pub fn bytes(&self) -> &[u8] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: a GoStr always describes readable bytes (see the constructors).
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }

    pub fn to_str(&self) -> &str {
        std::str::from_utf8(self.bytes()).unwrap_or("?")
    }
}

impl<T: 'static> GoSlice<T> {
    pub const EMPTY: GoSlice<T> = GoSlice {
        ptr: ptr::null(),
        len: 0,
        cap: 0,
    };

    /// A slice that lives as long as the process.
    pub fn leak(items: Vec<T>) -> GoSlice<T> {
        if items.is_empty() {
            return GoSlice::EMPTY;
        }
        if items.is_empty() {
            return GoSlice::EMPTY;
        }
        let items: &'static mut [T] = Box::leak(items.into_boxed_slice());
        GoSlice {
            ptr: items.as_ptr(),
            len: items.len(),
            cap: items.len(),
        }
    }

    pub fn items(&self) -> &[T] {
        if self.len == 0 {
            return &[];
        }
        // SAFETY: built by `leak` only.
        unsafe { std::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// Kinds with the numbers of Go's `reflect.Kind`.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub enum Kind {
    Invalid = 0,
    Bool,
    Int,
    Int8,
    Int16,
    Int32,
    Int64,
    Uint,
    Uint8,
    Uint16,
    Uint32,
    Uint64,
    Uintptr,
    Float32,
    Float64,
    Complex64,
    Complex128,
    Array,
    Chan,
    Func,
    Interface,
    Map,
    Pointer,
    Slice,
    String,
    Struct,
    UnsafePointer,
}

/// The type's interface data word is the value itself, not a pointer to a copy.
pub const DIRECT_IFACE: u8 = 1 << 0;
/// The type has a name (a defined type or a predeclared one).
pub const NAMED: u8 = 1 << 1;
/// `==` is defined (it may still panic, on an interface inside).
pub const COMPARABLE: u8 = 1 << 2;
/// Equality is equality of the `size` bytes (no padding, floats, strings or interfaces inside), and hashing is of these bytes.
pub const PLAIN_MEMORY: u8 = 1 << 3;
/// Last parameter of a Func type is `...T`.
pub const VARIADIC: u8 = 1 << 4;

/// A type at run time.
#[repr(C)]
pub struct RType {
    /// Size in bytes, as `unsafe.Sizeof`.
    pub size: usize,
    /// Length in bytes of the prefix that holds all pointers; 0 for pointer-free types.
    pub ptr_bytes: usize,
    /// A hash of the type's identity.
    pub hash: u32,
    pub kind: Kind,
    pub align: u8,
    pub field_align: u8,
    /// `DIRECT_IFACE`, `NAMED`, ...
    pub flags: u8,
    /// One bit a word over `ptr_bytes / 8` words, bit i of byte i/8; 1 where the garbage collector finds a pointer.
    pub gc_mask: *const u8,
    /// As `%T` and `reflect.Type.String` print it: `main.T[int]`.
    pub string: GoStr,
    /// The bare name (`T[int]`), empty for a type literal.
    pub name: GoStr,
    /// Import path of the package that declares a named type.
    pub pkg_path: GoStr,
    /// Element of pointer, slice, array, channel, map.
    pub elem: *const RType,
    /// Key of a map.
    pub key: *const RType,
    /// Length of an array; direction of a channel (1 receive, 2 send, 3 both).
    pub len: usize,
    /// Fields of a struct, in order.
    pub fields: GoSlice<Field>,
    /// Parameters and results of a func type.
    pub params: GoSlice<*const RType>,
    pub results: GoSlice<*const RType>,
    /// Methods of an interface type, sorted by name (then package path of unexported names).
    pub imethods: GoSlice<IMethod>,
    /// The method set of a non-interface type, sorted likewise, promoted methods included. Made when somebody asks for it by
    /// `TypeRegistry::methods`.
    pub(crate) methods: GoSlice<Method>,
    /// The type `*T`, null until someone asked the registry for it.
    pub ptr_to: *const RType,
    /// Whether `methods` is what it is to be.
    pub(crate) methods_known: AtomicBool,
}

/// A field of a struct type.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Field {
    pub name: GoStr,
    /// Package path of an unexported name, else empty.
    pub pkg_path: GoStr,
    pub typ: *const RType,
    /// Byte offset.
    pub offset: usize,
    pub tag: GoStr,
    /// 1 for an embedded field.
    pub embedded: usize,
}

/// A method that an interface type asks for.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct IMethod {
    pub name: GoStr,
    /// Package path of an unexported name, else empty.
    pub pkg_path: GoStr,
    /// The func type without a receiver.
    pub typ: *const RType,
}

/// A method that a type has.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct Method {
    pub name: GoStr,
    pub pkg_path: GoStr,
    /// The func type without a receiver.
    pub typ: *const RType,
    /// Called with the interface's data word as its receiver.
    pub func: *const crate::func::Func,
}

/// A pair of interface type and concrete type with the methods that the former asks of the latter.
/// The first word of a non-empty interface value points to one. `funcs` has one entry for each of `inter.imethods`.
#[repr(C)]
pub struct Itab {
    pub inter: *const RType,
    pub typ: *const RType,
    pub funcs: GoSlice<*const crate::func::Func>,
}

// SAFETY: descriptors are immutable after publication (`ptr_to` is set under the registry's lock, `methods` before `methods_known`)
// and never freed.
unsafe impl Send for RType {}
// SAFETY: as above.
unsafe impl Sync for RType {}
// SAFETY: as above.
unsafe impl Send for Itab {}
// SAFETY: as above.
unsafe impl Sync for Itab {}

impl RType {
    /// A type of a kind of which nothing is known.
    pub fn blank(kind: Kind) -> RType {
        RType {
            size: 0,
            ptr_bytes: 0,
            hash: 0,
            kind,
            align: 1,
            field_align: 1,
            flags: 0,
            gc_mask: ptr::null(),
            string: GoStr::EMPTY,
            name: GoStr::EMPTY,
            pkg_path: GoStr::EMPTY,
            elem: ptr::null(),
            key: ptr::null(),
            len: 0,
            fields: GoSlice::EMPTY,
            params: GoSlice::EMPTY,
            results: GoSlice::EMPTY,
            imethods: GoSlice::EMPTY,
            methods: GoSlice::EMPTY,
            ptr_to: ptr::null(),
            methods_known: AtomicBool::new(true),
        }
    }

    pub fn is_direct(&self) -> bool {
        self.flags & DIRECT_IFACE != 0
    }
    pub fn has_pointers(&self) -> bool {
        self.ptr_bytes != 0
    }
    /// Number of 8-byte slots of a value in a frame.
    pub fn slots(&self) -> usize {
        self.size.div_ceil(8)
    }
    /// Whether word `i` of a value is a pointer.
    pub fn word_is_pointer(&self, i: usize) -> bool {
        // SAFETY: gc_mask covers ptr_bytes/8 bits.
        i * 8 < self.ptr_bytes && unsafe { *self.gc_mask.add(i / 8) } >> (i % 8) & 1 != 0
    }
    pub fn display(&self) -> &str {
        self.string.to_str()
    }
}
