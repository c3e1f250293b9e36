//! Predeclared functions and those of package unsafe.

/// A predeclared function.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
#[allow(missing_docs)]
#[repr(u8)]
pub enum Builtin {
    Append,
    Cap,
    Clear,
    Close,
    Complex,
    Copy,
    Delete,
    Imag,
    Len,
    Make,
    Max,
    Min,
    New,
    Panic,
    Print,
    Println,
    Real,
    Recover,
    /// `unsafe.Add`
    Add,
    /// `unsafe.Alignof`
    Alignof,
    /// `unsafe.Offsetof`
    Offsetof,
    /// `unsafe.Sizeof`
    Sizeof,
    /// `unsafe.Slice`
    Slice,
    /// `unsafe.SliceData`
    SliceData,
    /// `unsafe.String`
    String,
    /// `unsafe.StringData`
    StringData,
}
