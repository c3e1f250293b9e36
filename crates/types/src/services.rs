//! What later stages ask of a checked program: lookups, method sets, layouts, canonical types.

use crate::info::BodyInfo;
use crate::lookup::{Found, MethodEntry};
use crate::objects::{ObjId, PkgId};
use crate::program::{Importer, PackageSource, Program};
use crate::types::TypeId;
use std::sync::Arc;
use syntax::{File, FileSet, Symbol};

impl Program {
    /// An empty program.
    pub fn new(_fileset: Arc<FileSet>, _importer: Box<dyn Importer>) -> Program {
        todo!()
    }

    /// Loads, collects and checks a package and all that it imports. Errors are in `self.errors`.
    pub fn check_package(&mut self, _source: PackageSource) -> PkgId {
        todo!()
    }

    /// Adds a file to a checked package: its declarations may use and redeclare (shadow) earlier ones.
    /// The new initialisers are those of `init_order` past its length before the call; likewise `inits`, `funcs`.
    pub fn check_increment(&mut self, _pkg: PkgId, _file: Arc<File>) {
        todo!()
    }

    /// Loads a package by import path (a standard package that the program itself does not import).
    pub fn import(&mut self, _path: &str) -> Result<PkgId, String> {
        todo!()
    }

    /// The side tables of a declared function's body, checked now if it has not been. `None` without body.
    pub fn check_body(&mut self, _func: ObjId) -> Option<Arc<BodyInfo>> {
        todo!()
    }

    /// Resolves a package-level object's declaration, so that its `ty` (and a constant's value) is known.
    pub fn resolve(&mut self, _obj: ObjId) -> TypeId {
        todo!()
    }

    /// The field or method `name` of `t` as seen from `pkg`.
    pub fn lookup_field_or_method(
        &mut self,
        _t: TypeId,
        _name: Symbol,
        _pkg: PkgId,
    ) -> Option<Found> {
        todo!()
    }

    /// The method set of `t` (pass the pointer type for that of `*T`), sorted by name, promoted methods included.
    pub fn method_set(&mut self, _t: TypeId) -> Vec<MethodEntry> {
        todo!()
    }

    /// Whether `t` (not an interface, or one for a static check) has all methods of `iface`; the first one missing.
    pub fn missing_method(&mut self, _t: TypeId, _iface: TypeId) -> Option<Symbol> {
        todo!()
    }
}
