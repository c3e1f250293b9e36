//! The registry of run-time types: makes every descriptor, and makes each type once, so that identity is
//! pointer equality whether the compiler or `reflect` asked for it.

use std::hash::BuildHasher;
use std::sync::atomic::Ordering;
use std::sync::{Mutex, OnceLock};

use rustc_hash::{FxBuildHasher, FxHashMap};

use crate::rtype::{
    COMPARABLE, DIRECT_IFACE, Field, GoSlice, GoStr, IMethod, Kind, Method, NAMED, PLAIN_MEMORY,
    RType, VARIADIC,
};

/// A type descriptor's address; identity of the type.
pub type TypeRef = *const RType;

/// A field, before layout.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct FieldSpec {
    pub name: String,
    /// Package path when the name is not exported, else empty.
    pub pkg_path: String,
    pub typ: TypeRef,
    pub tag: String,
    pub embedded: bool,
}

/// A method of an interface type.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub struct IMethodSpec {
    pub name: String,
    pub pkg_path: String,
    pub typ: TypeRef,
}

/// Structural identity of a type without a name.
#[derive(Clone, PartialEq, Eq, Hash)]
enum Key {
    Basic(Kind),
    Pointer(TypeRef),
    Slice(TypeRef),
    Array(TypeRef, usize),
    Map(TypeRef, TypeRef),
    Chan(TypeRef, usize),
    Func(Vec<TypeRef>, Vec<TypeRef>, bool),
    Struct(Vec<FieldSpec>),
    Interface(Vec<IMethodSpec>),
    /// A defined type, by a key that its maker guarantees to be unique.
    Named(String),
}

/// Who knows the methods of types whose tables are not made yet: the compiler. Most tables are never asked for, and making one
/// needs the declarations of all its methods.
pub trait MethodSource: Send + Sync {
    /// Makes a type's table, by `TypeRegistry::set_methods`.
    fn fill(&self, typ: TypeRef);
    /// One method of a type's method set. The package path is that of an unexported name, else empty.
    fn method(&self, typ: TypeRef, name: &str, pkg_path: &str) -> Option<Method>;
}

/// The registry. Descriptors live as long as the process.
#[derive(Default)]
pub struct TypeRegistry {
    types: Mutex<FxHashMap<Key, usize>>,
    methods: OnceLock<Box<dyn MethodSource>>,
}

/// What a named type's underlying type contributes, see `TypeRegistry::define`.
fn copy_structure(to: &mut RType, from: &RType) {
    to.size = from.size;
    to.ptr_bytes = from.ptr_bytes;
    to.kind = from.kind;
    to.align = from.align;
    to.field_align = from.field_align;
    to.flags = from.flags & !NAMED | NAMED;
    to.gc_mask = from.gc_mask;
    to.elem = from.elem;
    to.key = from.key;
    to.len = from.len;
    to.fields = from.fields;
    to.params = from.params;
    to.results = from.results;
    to.imethods = from.imethods;
}

fn get<'a>(typ: TypeRef) -> &'a RType {
    // SAFETY: every TypeRef comes from this registry and is immortal.
    unsafe { &*typ }
}

/// One word, a pointer.
static ONE_POINTER: [u8; 1] = [1];
/// Two words, the second a pointer: interfaces.
static SECOND_POINTER: [u8; 1] = [2];

fn one_word_pointer(kind: Kind) -> RType {
    RType {
        size: 8,
        align: 8,
        field_align: 8,
        ptr_bytes: 8,
        gc_mask: ONE_POINTER.as_ptr(),
        ..RType::blank(kind)
    }
}

/// Sets `ptr_bytes` and `gc_mask` from the parts (byte offset, type) of an aggregate.
fn set_mask(typ: &mut RType, parts: impl Iterator<Item = (usize, TypeRef)> + Clone) {
    let end = parts
        .clone()
        .filter(|(_, t)| get(*t).has_pointers())
        .map(|(at, t)| at + get(t).ptr_bytes)
        .max();
    let Some(end) = end else { return };
    let words = end / 8;
    let mut mask = vec![0u8; words.div_ceil(8)];
    for (at, part) in parts {
        let part = get(part);
        for i in 0..part.ptr_bytes / 8 {
            if part.word_is_pointer(i) {
                let word = at / 8 + i;
                mask[word / 8] |= 1 << (word % 8);
            }
        }
    }
    typ.ptr_bytes = end;
    typ.gc_mask = Box::leak(mask.into_boxed_slice()).as_ptr();
}

fn join(types: &[TypeRef], variadic: bool) -> String {
    let mut text = String::new();
    for (i, typ) in types.iter().enumerate() {
        if i > 0 {
            text.push_str(", ");
        }
        if variadic && i + 1 == types.len() {
            text.push_str("...");
            text.push_str(get(get(*typ).elem).display());
        } else {
            text.push_str(get(*typ).display());
        }
    }
    text
}

fn signature(params: &[TypeRef], results: &[TypeRef], variadic: bool) -> String {
    let mut text = format!("({})", join(params, variadic));
    match results {
        [] => {}
        [one] => {
            text.push(' ');
            text.push_str(get(*one).display());
        }
        many => text.push_str(&format!(" ({})", join(many, false))),
    }
    text
}

impl TypeRegistry {
    pub fn new() -> TypeRegistry {
        TypeRegistry::default()
    }

    fn intern(&self, key: Key, make: impl FnOnce() -> RType) -> TypeRef {
        if let Some(found) = self
            .types
            .lock()
            .expect("no panic under the lock")
            .get(&key)
        {
            return *found as TypeRef;
        }
        let mut made = make();
        made.hash = FxBuildHasher.hash_one(made.string.bytes()) as u32 ^ made.kind as u32;
        // Two threads may race here; the first to publish wins and the other's descriptor is dropped unseen.
        let mut types = self.types.lock().expect("no panic under the lock");
        *types
            .entry(key)
            .or_insert_with(|| Box::into_raw(Box::new(made)) as usize) as TypeRef
    }

    /// A predeclared type (`int`, `string`, `unsafe.Pointer`, ...).
    pub fn basic(&self, kind: Kind) -> TypeRef {
        self.intern(Key::Basic(kind), || {
            let (name, size, align): (&str, usize, u8) = match kind {
                Kind::Bool => ("bool", 1, 1),
                Kind::Int => ("int", 8, 8),
                Kind::Int8 => ("int8", 1, 1),
                Kind::Int16 => ("int16", 2, 2),
                Kind::Int32 => ("int32", 4, 4),
                Kind::Int64 => ("int64", 8, 8),
                Kind::Uint => ("uint", 8, 8),
                Kind::Uint8 => ("uint8", 1, 1),
                Kind::Uint16 => ("uint16", 2, 2),
                Kind::Uint32 => ("uint32", 4, 4),
                Kind::Uint64 => ("uint64", 8, 8),
                Kind::Uintptr => ("uintptr", 8, 8),
                Kind::Float32 => ("float32", 4, 4),
                Kind::Float64 => ("float64", 8, 8),
                Kind::Complex64 => ("complex64", 8, 4),
                Kind::Complex128 => ("complex128", 16, 8),
                Kind::String => ("string", 16, 8),
                Kind::UnsafePointer => ("unsafe.Pointer", 8, 8),
                other => panic!("{other:?} is no predeclared type"),
            };
            let mut typ = RType::blank(kind);
            typ.size = size;
            typ.align = align;
            typ.field_align = align;
            typ.flags = COMPARABLE | NAMED;
            typ.string = GoStr::leak(name);
            typ.name = GoStr::leak(name.rsplit('.').next().unwrap_or(name));
            match kind {
                Kind::String => {
                    typ.ptr_bytes = 8;
                    typ.gc_mask = ONE_POINTER.as_ptr();
                }
                Kind::UnsafePointer => {
                    typ.ptr_bytes = 8;
                    typ.gc_mask = ONE_POINTER.as_ptr();
                    typ.flags |= DIRECT_IFACE | PLAIN_MEMORY;
                    typ.pkg_path = GoStr::leak("unsafe");
                }
                Kind::Float32 | Kind::Float64 | Kind::Complex64 | Kind::Complex128 => {}
                _ => typ.flags |= PLAIN_MEMORY,
            }
            typ
        })
    }

    /// `*elem`.
    pub fn pointer(&self, elem: TypeRef) -> TypeRef {
        let known = get(elem).ptr_to;
        if !known.is_null() {
            return known;
        }
        let made = self.intern(Key::Pointer(elem), || {
            let mut typ = one_word_pointer(Kind::Pointer);
            typ.flags = DIRECT_IFACE | COMPARABLE | PLAIN_MEMORY;
            typ.elem = elem;
            typ.string = GoStr::leak(&format!("*{}", get(elem).display()));
            typ
        });
        // SAFETY: a word-sized write of the one value that this field ever gets.
        unsafe { (*elem.cast_mut()).ptr_to = made };
        made
    }

    /// `[]elem`.
    pub fn slice(&self, elem: TypeRef) -> TypeRef {
        self.intern(Key::Slice(elem), || {
            let mut typ = one_word_pointer(Kind::Slice);
            typ.size = 24;
            typ.elem = elem;
            typ.string = GoStr::leak(&format!("[]{}", get(elem).display()));
            typ
        })
    }

    /// `[len]elem`. The element type must be complete.
    pub fn array(&self, elem: TypeRef, len: usize) -> TypeRef {
        self.intern(Key::Array(elem, len), || {
            let e = get(elem);
            let mut typ = RType::blank(Kind::Array);
            typ.elem = elem;
            typ.len = len;
            typ.string = GoStr::leak(&format!("[{len}]{}", e.display()));
            layout_array(&mut typ);
            typ
        })
    }

    /// `map[key]elem`.
    pub fn map(&self, key: TypeRef, elem: TypeRef) -> TypeRef {
        self.intern(Key::Map(key, elem), || {
            let mut typ = one_word_pointer(Kind::Map);
            typ.flags = DIRECT_IFACE;
            typ.key = key;
            typ.elem = elem;
            typ.string = GoStr::leak(&format!(
                "map[{}]{}",
                get(key).display(),
                get(elem).display()
            ));
            typ
        })
    }

    /// A channel type; `direction`: 1 receive, 2 send, 3 both.
    pub fn chan(&self, elem: TypeRef, direction: usize) -> TypeRef {
        self.intern(Key::Chan(elem, direction), || {
            let mut typ = one_word_pointer(Kind::Chan);
            typ.flags = DIRECT_IFACE | COMPARABLE | PLAIN_MEMORY;
            typ.elem = elem;
            typ.len = direction;
            let text = get(elem).display();
            typ.string = GoStr::leak(&match direction {
                1 => format!("<-chan {text}"),
                2 => format!("chan<- {text}"),
                _ if text.starts_with("<-") => format!("chan ({text})"),
                _ => format!("chan {text}"),
            });
            typ
        })
    }

    /// A func type; the last parameter of a variadic one is its slice type.
    pub fn func(&self, params: &[TypeRef], results: &[TypeRef], variadic: bool) -> TypeRef {
        self.intern(
            Key::Func(params.to_vec(), results.to_vec(), variadic),
            || {
                let mut typ = one_word_pointer(Kind::Func);
                typ.flags = DIRECT_IFACE | if variadic { VARIADIC } else { 0 };
                typ.params = GoSlice::leak(params.to_vec());
                typ.results = GoSlice::leak(results.to_vec());
                typ.string = GoStr::leak(&format!("func{}", signature(params, results, variadic)));
                typ
            },
        )
    }

    /// A struct type, laid out as gc does on amd64. Field types must be complete.
    pub fn structure(&self, fields: &[FieldSpec]) -> TypeRef {
        self.intern(Key::Struct(fields.to_vec()), || {
            let mut typ = RType::blank(Kind::Struct);
            let laid = fields
                .iter()
                .map(|f| Field {
                    name: GoStr::leak(&f.name),
                    pkg_path: GoStr::leak(&f.pkg_path),
                    typ: f.typ,
                    offset: 0,
                    tag: GoStr::leak(&f.tag),
                    embedded: usize::from(f.embedded),
                })
                .collect();
            typ.string = GoStr::leak(&struct_string(fields));
            typ.fields = GoSlice::leak(laid);
            layout_struct(&mut typ);
            typ
        })
    }

    /// An interface type with the given methods (any order).
    pub fn interface(&self, methods: &[IMethodSpec]) -> TypeRef {
        let mut methods = methods.to_vec();
        methods.sort_by(|a, b| (&a.name, &a.pkg_path).cmp(&(&b.name, &b.pkg_path)));
        self.intern(Key::Interface(methods.clone()), || {
            let mut typ = RType::blank(Kind::Interface);
            typ.size = 16;
            typ.align = 8;
            typ.field_align = 8;
            typ.flags = COMPARABLE;
            typ.ptr_bytes = 16;
            typ.gc_mask = SECOND_POINTER.as_ptr();
            let mut text = String::from("interface {");
            for (i, m) in methods.iter().enumerate() {
                let t = get(m.typ).display();
                let dot = if m.pkg_path.is_empty() {
                    String::new()
                } else {
                    format!("{}.", last_element(&m.pkg_path))
                };
                text.push_str(&format!(
                    "{} {dot}{}{}",
                    if i > 0 { ";" } else { "" },
                    m.name,
                    &t["func".len()..]
                ));
            }
            text.push_str(if methods.is_empty() { "}" } else { " }" });
            typ.string = GoStr::leak(&text);
            typ.imethods = GoSlice::leak(
                methods
                    .iter()
                    .map(|m| IMethod {
                        name: GoStr::leak(&m.name),
                        pkg_path: GoStr::leak(&m.pkg_path),
                        typ: m.typ,
                    })
                    .collect(),
            );
            typ
        })
    }

    /// A defined type by its unique key, made without structure if it is new (then `true` is returned and the caller
    /// must `define` it). `string` is what `%T` prints, `name` the bare name.
    pub fn named(&self, unique: &str, string: &str, name: &str, pkg_path: &str) -> (TypeRef, bool) {
        let mut new = false;
        let typ = self.intern(Key::Named(unique.to_owned()), || {
            new = true;
            let mut typ = RType::blank(Kind::Invalid);
            typ.flags = NAMED;
            typ.string = GoStr::leak(string);
            typ.name = GoStr::leak(name);
            typ.pkg_path = GoStr::leak(pkg_path);
            typ
        });
        (typ, new)
    }

    /// Gives a defined type the structure of its underlying type.
    ///
    /// # Safety
    /// Only before the descriptor is visible to running code.
    pub unsafe fn define(&self, typ: TypeRef, underlying: TypeRef) {
        // SAFETY: by the caller's promise nobody else looks at it.
        copy_structure(unsafe { &mut *typ.cast_mut() }, get(underlying));
    }

    /// Gives a type its method table: sorted by name, then package path.
    ///
    /// # Safety
    /// As for `define`.
    pub unsafe fn set_methods(&self, typ: TypeRef, mut methods: Vec<Method>) {
        methods.sort_by(|a, b| {
            (a.name.bytes(), a.pkg_path.bytes()).cmp(&(b.name.bytes(), b.pkg_path.bytes()))
        });
        // SAFETY: by the caller's promise nobody else looks at it.
        unsafe { (*typ.cast_mut()).methods = GoSlice::leak(methods) };
        get(typ).methods_known.store(true, Ordering::Release);
    }

    /// Notes that a type's table is to be made when it is asked for.
    pub fn await_methods(&self, typ: TypeRef) {
        get(typ).methods_known.store(false, Ordering::Release);
    }

    /// Whom to ask for methods.
    pub fn set_method_source(&self, source: Box<dyn MethodSource>) {
        let _ = self.methods.set(source);
    }

    /// The method table of a type that is no interface. Takes the source's locks where it is not made yet.
    pub fn methods(&self, typ: TypeRef) -> &'static [Method] {
        let typ = get(typ);
        if !typ.methods_known.load(Ordering::Acquire)
            && let Some(source) = self.methods.get()
        {
            source.fill(typ);
        }
        typ.methods.items()
    }

    /// One method of a type that is no interface, as [`TypeRegistry::methods`] has it; the table need not be made for it.
    pub fn method(&self, typ: TypeRef, name: &str, pkg_path: &str) -> Option<Method> {
        let typ = get(typ);
        if !typ.methods_known.load(Ordering::Acquire)
            && let Some(source) = self.methods.get()
        {
            return source.method(typ, name, pkg_path);
        }
        let key = (name.as_bytes(), pkg_path.as_bytes());
        let methods = typ.methods.items();
        let at = methods.binary_search_by(|m| (m.name.bytes(), m.pkg_path.bytes()).cmp(&key));
        at.ok().map(|i| methods[i])
    }

    /// Lays a struct or array type out again, after a defined type inside became complete (only needed where a type literal was made while
    /// one of its parts was still being defined).
    ///
    /// # Safety
    /// As for `define`.
    pub unsafe fn relayout(&self, typ: TypeRef) {
        // SAFETY: by the caller's promise nobody else looks at it.
        let typ = unsafe { &mut *typ.cast_mut() };
        match typ.kind {
            Kind::Struct => layout_struct(typ),
            Kind::Array => layout_array(typ),
            _ => {}
        }
    }

    /// All types made so far, for reports.
    pub fn count(&self) -> usize {
        self.types.lock().expect("no panic under the lock").len()
    }
}

fn layout_array(typ: &mut RType) {
    let e = get(typ.elem);
    let len = typ.len;
    typ.size = e
        .size
        .checked_mul(len)
        .expect("the checker refuses larger arrays");
    typ.align = e.align;
    typ.field_align = e.align;
    typ.flags |= e.flags & (COMPARABLE | PLAIN_MEMORY);
    if len == 1 {
        typ.flags |= e.flags & DIRECT_IFACE;
    }
    if len > 0 && e.has_pointers() {
        let elem = typ.elem;
        let step = e.size;
        set_mask(typ, (0..len).map(move |i| (i * step, elem)));
    }
}

fn layout_struct(typ: &mut RType) {
    let (mut at, mut align) = (0usize, 1u8);
    let mut flags = COMPARABLE | PLAIN_MEMORY;
    let count = typ.fields.len;
    let mut used = 0;
    for i in 0..count {
        // SAFETY: the field array was leaked by `structure`, and nobody else looks at it yet.
        let field = unsafe { &mut *typ.fields.ptr.cast_mut().add(i) };
        let f = get(field.typ);
        at = at.next_multiple_of(usize::from(f.align));
        field.offset = at;
        // gc gives a zero-sized last field a byte, so that its address stays inside the object.
        at += if f.size == 0 && i + 1 == count && at > 0 {
            1
        } else {
            f.size
        };
        used += f.size;
        align = align.max(f.align);
        flags &= f.flags;
        if field.name.bytes() == b"_" {
            flags &= !PLAIN_MEMORY;
        }
    }
    typ.size = at.next_multiple_of(usize::from(align));
    typ.align = align;
    typ.field_align = align;
    if used != typ.size {
        flags &= !PLAIN_MEMORY;
    }
    typ.flags |= flags;
    if count == 1 {
        typ.flags |= get(typ.fields.items()[0].typ).flags & DIRECT_IFACE;
    }
    let fields = typ.fields;
    set_mask(typ, fields.items().iter().map(|f| (f.offset, f.typ)));
}

fn last_element(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

fn struct_string(fields: &[FieldSpec]) -> String {
    let mut text = String::from("struct {");
    for (i, f) in fields.iter().enumerate() {
        text.push_str(if i > 0 { "; " } else { " " });
        if !f.embedded {
            text.push_str(&f.name);
            text.push(' ');
        }
        text.push_str(get(f.typ).display());
        if !f.tag.is_empty() {
            text.push_str(&format!(" {}", quote(&f.tag)));
        }
    }
    text.push_str(if fields.is_empty() { "}" } else { " }" });
    text
}

/// A tag in Go's double quotes.
fn quote(tag: &str) -> String {
    let mut text = String::from("\"");
    for c in tag.chars() {
        match c {
            '"' => text.push_str("\\\""),
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\t' => text.push_str("\\t"),
            c => text.push(c),
        }
    }
    text.push('"');
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, typ: TypeRef) -> FieldSpec {
        FieldSpec {
            name: name.into(),
            pkg_path: String::new(),
            typ,
            tag: String::new(),
            embedded: false,
        }
    }

    #[test]
    fn identical_types_have_one_descriptor() {
        let r = TypeRegistry::new();
        let int = r.basic(Kind::Int);
        assert_eq!(r.slice(r.pointer(int)), r.slice(r.pointer(int)));
        assert_ne!(r.slice(int), r.array(int, 0));
    }

    #[test]
    fn structs_are_laid_out_as_gc_does() {
        let r = TypeRegistry::new();
        let (byte, int, string) = (
            r.basic(Kind::Uint8),
            r.basic(Kind::Int),
            r.basic(Kind::String),
        );
        let t = get(r.structure(&[
            field("a", byte),
            field("b", string),
            field("c", byte),
            field("d", r.pointer(int)),
        ]));
        assert_eq!(t.size, 40);
        assert_eq!(
            t.fields
                .items()
                .iter()
                .map(|f| f.offset)
                .collect::<Vec<_>>(),
            [0, 8, 24, 32]
        );
        assert_eq!(
            (0..5).map(|i| t.word_is_pointer(i)).collect::<Vec<_>>(),
            [false, true, false, false, true]
        );
        let empty = r.structure(&[]);
        assert_eq!(
            get(r.structure(&[field("a", int), field("z", empty)])).size,
            16
        );
        assert_eq!(t.display(), "struct { a uint8; b string; c uint8; d *int }");
    }
}
