//! Questions about types. `is_x` looks at a type's own underlying type, `all_x` also holds for a type
//! parameter when it holds for every type of its type set.

use crate::types::{BasicKind, Type, TypeId, TypeStore, tid};

use BasicKind as B;

impl BasicKind {
    /// An integer type, untyped ones included.
    pub fn is_integer(self) -> bool {
        matches!(
            self,
            B::Int
                | B::Int8
                | B::Int16
                | B::Int32
                | B::Int64
                | B::Uint
                | B::Uint8
                | B::Uint16
                | B::Uint32
                | B::Uint64
                | B::Uintptr
                | B::UntypedInt
                | B::UntypedRune
                | B::Byte
                | B::Rune
        )
    }

    /// An unsigned integer type.
    pub fn is_unsigned(self) -> bool {
        matches!(
            self,
            B::Uint | B::Uint8 | B::Uint16 | B::Uint32 | B::Uint64 | B::Uintptr | B::Byte
        )
    }

    /// A floating-point type.
    pub fn is_float(self) -> bool {
        matches!(self, B::Float32 | B::Float64 | B::UntypedFloat)
    }

    /// A complex type.
    pub fn is_complex(self) -> bool {
        matches!(self, B::Complex64 | B::Complex128 | B::UntypedComplex)
    }

    /// Any number.
    pub fn is_numeric(self) -> bool {
        self.is_integer() || self.is_float() || self.is_complex()
    }

    /// A string type.
    pub fn is_string(self) -> bool {
        matches!(self, B::String | B::UntypedString)
    }

    /// A boolean type.
    pub fn is_boolean(self) -> bool {
        matches!(self, B::Bool | B::UntypedBool)
    }

    /// An untyped kind.
    pub fn is_untyped(self) -> bool {
        (B::UntypedBool as u8..=B::UntypedNil as u8).contains(&(self as u8))
    }

    /// A type that constants can have.
    pub fn is_const_type(self) -> bool {
        self.is_numeric() || self.is_string() || self.is_boolean()
    }

    /// Bits of an integer type.
    pub fn int_bits(self) -> u32 {
        match self {
            B::Int8 | B::Uint8 | B::Byte => 8,
            B::Int16 | B::Uint16 => 16,
            B::Int32 | B::Uint32 | B::Rune => 32,
            _ => 64,
        }
    }
}

impl TypeStore {
    /// The basic kind under a type.
    pub fn basic(&mut self, t: TypeId) -> Option<BasicKind> {
        let u = self.underlying(t);
        match *self.get(u) {
            Type::Basic(k) => Some(k),
            _ => None,
        }
    }

    /// Whether the type is an untyped kind.
    pub fn is_untyped(&self, t: TypeId) -> bool {
        matches!(self.get(t), Type::Basic(k) if k.is_untyped())
    }

    /// Whether the type's underlying type is of a basic kind that satisfies `f`.
    pub fn is_basic(&mut self, t: TypeId, f: impl Fn(BasicKind) -> bool) -> bool {
        self.basic(t).is_some_and(f)
    }

    /// As `is_basic`; of a type parameter all types must satisfy `f`.
    pub fn all_basic(&mut self, t: TypeId, f: impl Fn(BasicKind) -> bool + Copy) -> bool {
        if !self.is_type_param(t) {
            return self.is_basic(t, f);
        }
        match self.terms_of(t) {
            Some(ts) => !ts.is_empty() && ts.iter().all(|m| self.all_basic_term(m.ty, f)),
            None => false,
        }
    }

    fn all_basic_term(&mut self, t: TypeId, f: impl Fn(BasicKind) -> bool + Copy) -> bool {
        !self.is_type_param(t) && self.is_basic(t, f)
    }

    /// Whether `<` applies.
    pub fn all_ordered(&mut self, t: TypeId) -> bool {
        self.all_basic(t, |k| k.is_integer() || k.is_float() || k.is_string())
    }

    /// Whether the type is an interface (type parameters are not).
    pub fn is_interface(&mut self, t: TypeId) -> bool {
        let u = self.underlying(t);
        matches!(self.get(u), Type::Interface(_))
    }

    /// Whether `nil` is a value of the type (of all types of a type parameter).
    pub fn has_nil(&mut self, t: TypeId) -> bool {
        if self.is_type_param(t) {
            return match self.terms_of(t) {
                Some(ts) => {
                    !ts.is_empty()
                        && ts
                            .iter()
                            .all(|m| !self.is_type_param(m.ty) && self.has_nil(m.ty))
                }
                None => false,
            };
        }
        let u = self.underlying(t);
        match self.get(u) {
            Type::Basic(k) => matches!(k, B::UnsafePointer | B::UntypedNil | B::Invalid),
            Type::Pointer(_)
            | Type::Slice(_)
            | Type::Map(..)
            | Type::Chan(..)
            | Type::Signature(_)
            | Type::Interface(_) => true,
            _ => false,
        }
    }

    /// Whether `==` applies to values of the type (interfaces included).
    pub fn is_comparable(&mut self, t: TypeId) -> bool {
        self.incomparable_part(t, true).is_none()
    }

    /// Whether `==` applies and cannot panic.
    pub fn is_strictly_comparable(&mut self, t: TypeId) -> bool {
        self.incomparable_part(t, false).is_none()
    }

    /// Why the type is not comparable: the offending part's description (maybe empty). `dynamic`
    /// admits interfaces, whose comparison may panic.
    pub(crate) fn incomparable_part(&mut self, t: TypeId, dynamic: bool) -> Option<Incomparable> {
        if self.is_type_param(t) {
            let set = self.type_set(t);
            if set.comparable {
                return None;
            }
            return match &set.terms {
                Some(ts)
                    if ts
                        .iter()
                        .all(|m| self.incomparable_part(m.ty, false).is_none()) =>
                {
                    None
                }
                _ => Some(Incomparable::TypeParam),
            };
        }
        let u = self.underlying(t);
        match self.get(u).clone() {
            Type::Basic(B::UntypedNil) => Some(Incomparable::Plain),
            Type::Basic(_) | Type::Pointer(_) | Type::Chan(..) => None,
            Type::Interface(_) => {
                if dynamic || self.type_set(u).comparable {
                    return None;
                }
                match &self.type_set(u).terms {
                    Some(ts)
                        if ts
                            .iter()
                            .all(|m| self.incomparable_part(m.ty, false).is_none()) =>
                    {
                        None
                    }
                    _ => Some(Incomparable::Plain),
                }
            }
            Type::Struct(s) => s.fields.iter().find_map(|f| {
                self.incomparable_part(f.ty, dynamic)
                    .map(|_| Incomparable::Field(f.ty))
            }),
            Type::Array(_, e) => self
                .incomparable_part(e, dynamic)
                .map(|_| Incomparable::Element),
            Type::Slice(_) => Some(Incomparable::Kind("slice")),
            Type::Map(..) => Some(Incomparable::Kind("map")),
            Type::Signature(_) => Some(Incomparable::Kind("func")),
            _ => Some(Incomparable::Plain),
        }
    }

    /// The type that an untyped value takes by itself.
    pub fn default_type(&self, t: TypeId) -> TypeId {
        match self.get(t) {
            Type::Basic(B::UntypedBool) => tid::BOOL,
            Type::Basic(B::UntypedInt) => tid::INT,
            Type::Basic(B::UntypedRune) => tid::RUNE,
            Type::Basic(B::UntypedFloat) => tid::FLOAT64,
            Type::Basic(B::UntypedComplex) => tid::COMPLEX128,
            Type::Basic(B::UntypedString) => tid::STRING,
            _ => t,
        }
    }

    /// Whether the type has a name: predeclared, declared or a type parameter.
    pub fn has_name(&self, t: TypeId) -> bool {
        matches!(
            self.get(t),
            Type::Basic(_) | Type::Named(_) | Type::TypeParam(_)
        )
    }

    /// The element type, if the type is a pointer.
    pub fn pointer_elem(&mut self, t: TypeId) -> Option<TypeId> {
        let u = self.underlying(t);
        match *self.get(u) {
            Type::Pointer(e) => Some(e),
            _ => None,
        }
    }

    /// Whether the type is `[]byte` or `[]rune` in form.
    pub fn is_bytes_or_runes(&mut self, t: TypeId) -> bool {
        let u = self.underlying(t);
        match *self.get(u) {
            Type::Slice(e) => {
                let e = self.underlying(e);
                matches!(
                    self.get(e),
                    Type::Basic(B::Uint8 | B::Byte | B::Int32 | B::Rune)
                )
            }
            _ => false,
        }
    }
}

/// Why a type is not comparable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Incomparable {
    /// Slices, maps and functions compare with nil only.
    Kind(&'static str),
    /// A struct field of this type.
    Field(TypeId),
    /// An array's element.
    Element,
    /// The type set of a type parameter holds incomparable types.
    TypeParam,
    /// Nothing more to say.
    Plain,
}
