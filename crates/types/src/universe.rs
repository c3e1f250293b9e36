//! The predeclared objects, and package unsafe.

use crate::builtins::Builtin;
use crate::constant::Const;
use crate::objects::{ObjId, ObjKind, Object, PkgId, State};
use crate::program::{Package, Program};
use crate::types::{BASIC, BasicKind, PackageName, TypeId, tid};
use syntax::{Pos, Symbol, sym};

/// The package number of unsafe.
pub(crate) const UNSAFE: PkgId = PkgId(0);

/// Predeclared functions, with the least number of arguments and whether there may be more.
pub(crate) const BUILTINS: [(Builtin, &str, usize, bool); 26] = [
    (Builtin::Append, "append", 1, true),
    (Builtin::Cap, "cap", 1, false),
    (Builtin::Clear, "clear", 1, false),
    (Builtin::Close, "close", 1, false),
    (Builtin::Complex, "complex", 2, false),
    (Builtin::Copy, "copy", 2, false),
    (Builtin::Delete, "delete", 2, false),
    (Builtin::Imag, "imag", 1, false),
    (Builtin::Len, "len", 1, false),
    (Builtin::Make, "make", 1, true),
    (Builtin::Max, "max", 1, true),
    (Builtin::Min, "min", 1, true),
    (Builtin::New, "new", 1, false),
    (Builtin::Panic, "panic", 1, false),
    (Builtin::Print, "print", 0, true),
    (Builtin::Println, "println", 0, true),
    (Builtin::Real, "real", 1, false),
    (Builtin::Recover, "recover", 0, false),
    (Builtin::Add, "Add", 2, false),
    (Builtin::Alignof, "Alignof", 1, false),
    (Builtin::Offsetof, "Offsetof", 1, false),
    (Builtin::Sizeof, "Sizeof", 1, false),
    (Builtin::Slice, "Slice", 2, false),
    (Builtin::SliceData, "SliceData", 1, false),
    (Builtin::String, "String", 2, false),
    (Builtin::StringData, "StringData", 1, false),
];

impl Builtin {
    /// Its name, least number of arguments, and whether there may be more.
    pub(crate) fn facts(self) -> (&'static str, usize, bool) {
        let (_, name, min, variadic) = BUILTINS[self as usize];
        (name, min, variadic)
    }

    /// Whether it belongs to package unsafe.
    pub fn is_unsafe(self) -> bool {
        self as usize >= Builtin::Add as usize
    }
}

impl Program {
    pub(crate) fn declare_universe(&mut self) {
        let add = |p: &mut Program,
                   pkg: Option<PkgId>,
                   name: Symbol,
                   ty: TypeId,
                   kind: ObjKind|
         -> ObjId {
            p.add_object(Object {
                name,
                pkg,
                pos: Pos::NONE,
                ty,
                kind,
                state: State::Done,
                scope_pos: Pos::NONE,
                used: true,
            })
        };
        let type_name = || ObjKind::TypeName { alias: false };
        let mut types: Vec<(Symbol, TypeId)> = vec![
            (sym::ERROR, tid::ERROR),
            (sym::COMPARABLE, tid::COMPARABLE),
            (sym::ANY, tid::ANY),
        ];
        for (i, (kind, name)) in BASIC.iter().enumerate() {
            if *kind != BasicKind::Invalid
                && *kind != BasicKind::UnsafePointer
                && !kind.is_untyped()
            {
                types.push((Symbol::intern(name), TypeId(i as u32)));
            }
        }
        for (name, ty) in types {
            let o = add(self, None, name, ty, type_name());
            if let Some(n) = self.store.named_mut(ty) {
                n.obj = o;
            }
            self.universe.insert(name, o);
        }
        for (name, value) in [
            (sym::TRUE, Const::Bool(true)),
            (sym::FALSE, Const::Bool(false)),
        ] {
            let o = add(self, None, name, tid::UNTYPED_BOOL, ObjKind::Const(value));
            self.universe.insert(name, o);
        }
        let iota = add(
            self,
            None,
            sym::IOTA,
            tid::UNTYPED_INT,
            ObjKind::Const(Const::Int(0)),
        );
        self.universe.insert(sym::IOTA, iota);
        let nil = add(self, None, sym::NIL, tid::UNTYPED_NIL, ObjKind::Nil);
        self.universe.insert(sym::NIL, nil);

        let path: std::sync::Arc<str> = "unsafe".into();
        self.store.packages.push(PackageName {
            path: path.clone(),
            name: sym::UNSAFE,
        });
        self.by_path.insert(path.clone(), UNSAFE);
        let mut unsafe_scope = rustc_hash::FxHashMap::default();
        let pointer = Symbol::intern("Pointer");
        unsafe_scope.insert(
            pointer,
            add(
                self,
                Some(UNSAFE),
                pointer,
                tid::UNSAFE_POINTER,
                type_name(),
            ),
        );
        for (b, name, _, _) in BUILTINS {
            let name = Symbol::intern(name);
            let pkg = b.is_unsafe().then_some(UNSAFE);
            let o = add(self, pkg, name, tid::INVALID, ObjKind::Builtin(b));
            if b.is_unsafe() {
                unsafe_scope.insert(name, o);
            } else {
                self.universe.insert(name, o);
            }
        }
        self.packages.push(Package {
            scope: unsafe_scope,
            ..Package::empty(path, sym::UNSAFE, true)
        });
    }
}
