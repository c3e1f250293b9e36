//! Fields and methods of types.

use crate::objects::ObjId;
use crate::types::TypeId;

/// A field or method found in a type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// What it is.
    pub member: Member,
    /// Field indices through embedded fields; for a field its own index is the last.
    pub path: Vec<u32>,
    /// Whether a pointer is dereferenced on the way, the type itself being one included.
    pub indirect: bool,
    /// The type: of the field, or the signature of the method (with the receiver's type arguments put in).
    pub ty: TypeId,
}

/// What a lookup finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Member {
    /// A field.
    Field,
    /// A declared method.
    Method {
        /// Its `Func` object.
        func: ObjId,
        /// The named type that declares it (an instance, maybe): the type of the receiver without pointer.
        recv: TypeId,
    },
    /// A method of an interface or of a type parameter's constraint, by index in the sorted method list.
    InterfaceMethod {
        /// The interface or type parameter.
        iface: TypeId,
        /// Index in `TypeSet::methods`.
        index: u32,
    },
}

/// One entry of a method set.
#[derive(Clone, Debug)]
pub struct MethodEntry {
    /// Its name.
    pub name: syntax::Symbol,
    /// The package of a name that is not exported.
    pub pkg: Option<crate::objects::PkgId>,
    /// How it is reached.
    pub found: Found,
    /// Whether the method itself has a pointer receiver.
    pub pointer_receiver: bool,
}
