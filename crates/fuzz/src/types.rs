//! The types of generated programs.

use crate::program::Tape;

/// A Go type of a generated program.
#[derive(Clone, PartialEq, Debug)]
pub enum Ty {
    /// Index into [`INTS`].
    Int(usize),
    F32,
    F64,
    C128,
    Bool,
    Str,
    Arr(usize, Box<Ty>),
    Slice(Box<Ty>),
    Map(Box<Ty>, Box<Ty>),
    /// Index into the program's structs.
    Struct(usize),
    Ptr(Box<Ty>),
    /// Parameter, result.
    Func(Box<Ty>, Box<Ty>),
    Any,
    Shape,
    Pair(Box<Ty>, Box<Ty>),
}

/// An integer type: name, bits, signed.
pub struct IntKind {
    pub name: &'static str,
    pub bits: u32,
    pub signed: bool,
}

const fn int(name: &'static str, bits: u32, signed: bool) -> IntKind {
    IntKind { name, bits, signed }
}

/// All integer types, `int` and `int64` where `INT` and `INT64` say.
pub static INTS: [IntKind; 13] = [
    int("int", 64, true),
    int("int8", 8, true),
    int("int16", 16, true),
    int("int32", 32, true),
    int("int64", 64, true),
    int("uint", 64, false),
    int("uint8", 8, false),
    int("uint16", 16, false),
    int("uint32", 32, false),
    int("uint64", 64, false),
    int("uintptr", 64, false),
    int("N0", 16, true),
    int("N1", 8, false),
];
pub const INT: Ty = Ty::Int(0);
pub const INT8: Ty = Ty::Int(1);
pub const INT64: Ty = Ty::Int(4);
pub const UINT8: Ty = Ty::Int(6);

/// A struct type: the types of its fields `f0`, `f1`, ...
pub type Structs = Vec<Vec<Ty>>;

impl Ty {
    /// As Go writes it.
    pub fn text(&self) -> String {
        match self {
            Ty::Int(kind) => INTS[*kind].name.to_owned(),
            Ty::F32 => "float32".to_owned(),
            Ty::F64 => "float64".to_owned(),
            Ty::C128 => "complex128".to_owned(),
            Ty::Bool => "bool".to_owned(),
            Ty::Str => "string".to_owned(),
            Ty::Arr(n, elem) => format!("[{n}]{}", elem.text()),
            Ty::Slice(elem) => format!("[]{}", elem.text()),
            Ty::Map(key, elem) => format!("map[{}]{}", key.text(), elem.text()),
            Ty::Struct(k) => format!("S{k}"),
            Ty::Ptr(elem) => format!("*{}", elem.text()),
            Ty::Func(from, to) => format!("func({}) {}", from.text(), to.text()),
            Ty::Any => "any".to_owned(),
            Ty::Shape => "Shape".to_owned(),
            Ty::Pair(a, b) => format!("pair[{}, {}]", a.text(), b.text()),
        }
    }

    /// No part of a value refers to memory that another value shares (strings do not count: they are immutable).
    pub fn is_flat(&self, structs: &Structs) -> bool {
        match self {
            Ty::Slice(_) | Ty::Map(..) | Ty::Ptr(_) | Ty::Func(..) => false,
            Ty::Any | Ty::Shape => false,
            Ty::Arr(_, elem) => elem.is_flat(structs),
            Ty::Struct(k) => structs[*k].iter().all(|f| f.is_flat(structs)),
            Ty::Pair(a, b) => a.is_flat(structs) && b.is_flat(structs),
            _ => true,
        }
    }

    /// Size in words, about.
    pub fn words(&self, structs: &Structs) -> usize {
        match self {
            Ty::Arr(n, elem) => n * elem.words(structs),
            Ty::Struct(k) => structs[*k].iter().map(|f| f.words(structs)).sum(),
            Ty::Pair(a, b) => a.words(structs) + b.words(structs) + 1,
            Ty::Slice(_) => 3,
            Ty::Str | Ty::Any | Ty::Shape | Ty::C128 => 2,
            _ => 1,
        }
    }

    pub fn is_ordered(&self) -> bool {
        matches!(self, Ty::Int(_) | Ty::F32 | Ty::F64 | Ty::Str)
    }
}

/// A number or a string or a bool.
pub fn basic(t: &mut Tape) -> Ty {
    match t.pick(20) {
        k @ 0..=12 => Ty::Int(k),
        13 => Ty::F32,
        14 | 15 => Ty::F64,
        16 => Ty::C128,
        17 => Ty::Bool,
        _ => Ty::Str,
    }
}

/// A type whose values share nothing.
pub fn flat(t: &mut Tape, structs: &Structs) -> Ty {
    match t.pick(10) {
        0..=5 => basic(t),
        6 | 7 => {
            let n = *t.of(&[1, 2, 3, 4, 5, 8]);
            let elem = if t.pick(3) == 2 {
                flat_struct(t, structs)
            } else {
                basic(t)
            };
            // Large values make slow programs, and no new ones.
            if n * elem.words(structs) > 48 {
                return elem;
            }
            Ty::Arr(n, Box::new(elem))
        }
        8 => flat_struct(t, structs),
        _ => Ty::Pair(Box::new(basic(t)), Box::new(flat_struct(t, structs))),
    }
}

fn flat_struct(t: &mut Tape, structs: &Structs) -> Ty {
    let known: Vec<usize> = (0..structs.len())
        .filter(|k| Ty::Struct(*k).is_flat(structs))
        .collect();
    if known.is_empty() {
        return basic(t);
    }
    Ty::Struct(*t.of(&known))
}

/// A map key. Floats are left out: a NaN key would make sums depend on how often it was stored.
pub fn key(t: &mut Tape) -> Ty {
    match t.pick(8) {
        k @ 0..=4 => Ty::Int(k * 2),
        5 | 6 => Ty::Str,
        _ => Ty::Arr(2, Box::new(INT8)),
    }
}

/// Any type that a variable may have, pointers and functions apart.
pub fn any_type(t: &mut Tape, structs: &Structs) -> Ty {
    match t.pick(16) {
        0..=7 => flat(t, structs),
        8..=10 => Ty::Slice(Box::new(flat(t, structs))),
        11 => Ty::Slice(Box::new(Ty::Slice(Box::new(basic(t))))),
        12 | 13 => Ty::Map(Box::new(key(t)), Box::new(flat(t, structs))),
        14 => Ty::Any,
        _ => Ty::Shape,
    }
}

/// The structs of a program.
pub fn structs(t: &mut Tape) -> Structs {
    let mut all = Structs::new();
    for _ in 0..1 + t.pick(4) {
        let fields = 1 + t.pick(6);
        let mut types = Vec::new();
        for _ in 0..fields {
            types.push(match t.pick(12) {
                0..=8 => flat(t, &all),
                9 => UINT8,
                10 => Ty::Str,
                _ => Ty::Slice(Box::new(basic(t))),
            });
        }
        all.push(types);
    }
    all
}
