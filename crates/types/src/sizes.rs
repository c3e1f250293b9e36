//! Sizes, alignments and field offsets as gc lays out types on amd64.

use crate::types::{BasicKind, Type, TypeId, TypeStore};

/// Larger types are refused by the checker; sizes saturate here.
const MAX: i64 = 1 << 50;

impl TypeStore {
    /// Size in bytes. Types with type parameters have none (0).
    pub fn sizeof(&mut self, t: TypeId) -> i64 {
        let u = self.underlying(t);
        match self.get(u).clone() {
            Type::Basic(k) => match k {
                BasicKind::Bool
                | BasicKind::Int8
                | BasicKind::Uint8
                | BasicKind::Byte
                | BasicKind::UntypedBool => 1,
                BasicKind::Int16 | BasicKind::Uint16 => 2,
                BasicKind::Int32
                | BasicKind::Uint32
                | BasicKind::Rune
                | BasicKind::Float32
                | BasicKind::UntypedRune => 4,
                BasicKind::Complex128
                | BasicKind::String
                | BasicKind::UntypedString
                | BasicKind::UntypedComplex => 16,
                BasicKind::Invalid => 0,
                _ => 8,
            },
            Type::Pointer(_) | Type::Map(..) | Type::Chan(..) | Type::Signature(_) => 8,
            Type::Slice(_) => 24,
            Type::Interface(_) => 16,
            Type::Array(n, e) => self.sizeof(e).saturating_mul(n.max(0)).min(MAX),
            Type::Struct(_) => self.layout(u).1,
            Type::Tuple(_) | Type::Union(_) | Type::TypeParam(_) | Type::Named(_) => 0,
        }
    }

    /// Alignment in bytes.
    pub fn alignof(&mut self, t: TypeId) -> i64 {
        let u = self.underlying(t);
        match self.get(u).clone() {
            Type::Basic(BasicKind::Complex64) => 4,
            Type::Basic(_) => self.sizeof(u).clamp(1, 8),
            Type::Array(_, e) => self.alignof(e),
            Type::Struct(s) => s
                .fields
                .iter()
                .map(|f| self.alignof(f.ty))
                .max()
                .unwrap_or(1),
            Type::Tuple(_) | Type::Union(_) | Type::TypeParam(_) | Type::Named(_) => 1,
            _ => 8,
        }
    }

    /// The offset of each field of a struct type.
    pub fn offsetsof(&mut self, t: TypeId) -> Vec<i64> {
        self.layout(t).0
    }

    fn layout(&mut self, t: TypeId) -> (Vec<i64>, i64) {
        let u = self.underlying(t);
        let Type::Struct(s) = self.get(u).clone() else {
            return (Vec::new(), 0);
        };
        let up = |n: i64, a: i64| (n + a - 1) / a * a;
        let (mut offset, mut align) = (0i64, 1);
        let mut offsets = Vec::with_capacity(s.fields.len());
        let mut last_size = 1;
        for f in &s.fields {
            let a = self.alignof(f.ty);
            align = align.max(a);
            offset = up(offset, a);
            offsets.push(offset);
            last_size = self.sizeof(f.ty);
            offset = (offset + last_size).min(MAX);
        }
        // A pointer to a final field without size must not point past the struct.
        if last_size == 0 && offset > 0 {
            offset += 1;
        }
        (offsets, up(offset, align))
    }

    /// Whether values of the type hold pointers that a garbage collector must see.
    pub fn has_pointers(&mut self, t: TypeId) -> bool {
        let u = self.underlying(t);
        match self.get(u).clone() {
            Type::Basic(k) => matches!(
                k,
                BasicKind::String | BasicKind::UnsafePointer | BasicKind::UntypedString
            ),
            Type::Array(n, e) => n > 0 && self.has_pointers(e),
            Type::Struct(s) => s.fields.iter().any(|f| self.has_pointers(f.ty)),
            Type::Tuple(ts) => ts.iter().any(|&e| self.has_pointers(e)),
            _ => true,
        }
    }
}
