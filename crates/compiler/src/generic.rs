//! Generics by monomorphization: type arguments in force in a function, and the handles of declared functions and their
//! instances.

use std::sync::Arc;

use bytecode::func::Func;
use types::{ObjId, TypeId};

use crate::{Compiler, FuncKey, Host, Source};

/// The type arguments in force: `from[i]` stands for `to[i]`.
#[derive(Default, Clone, PartialEq, Eq, Debug)]
pub(crate) struct Env {
    pub from: Vec<TypeId>,
    pub to: Vec<TypeId>,
}

impl Env {
    pub fn is_empty(&self) -> bool {
        self.from.is_empty()
    }
}

impl Compiler {
    /// The type parameters that a declared function's body mentions: its own or those of its receiver.
    pub(crate) fn type_params(&mut self, obj: ObjId) -> Vec<TypeId> {
        let ty = self.program.resolve(obj);
        let recv = self.program.obj(obj).func().and_then(|f| f.recv);
        if let Some(recv) = recv {
            let base = self.program.resolve(recv.base);
            return self
                .program
                .store
                .named(base)
                .map(|n| n.tparams.to_vec())
                .unwrap_or_default();
        }
        self.program
            .store
            .as_signature(ty)
            .map(|s| s.tparams.to_vec())
            .unwrap_or_default()
    }

    /// The handle of a declared function or method for a list of type arguments.
    pub(crate) fn decl_func(
        &mut self,
        host: &mut dyn Host,
        obj: ObjId,
        targs: &Arc<[TypeId]>,
    ) -> *const Func {
        let targs: Arc<[TypeId]> = targs.iter().map(|&t| self.program.store.canon(t)).collect();
        let obj = self.linked(obj);
        let key = FuncKey::Decl(obj, targs.clone());
        if let Some(&func) = self.interned.get(&key) {
            return func;
        }
        let name = self.func_name(obj);
        let func = host.new_func(&name, 0);
        self.interned.insert(key, func);
        self.set_source(func, Source::Decl { obj, targs });
        func
    }

    /// The declared function behind a body-less one that `//go:linkname` sends elsewhere.
    fn linked(&mut self, obj: ObjId) -> ObjId {
        let Some(target) = self.link_target(obj) else {
            return obj;
        };
        let Some((path, name)) = target.rsplit_once('.') else {
            return obj;
        };
        let Some(pkg) = self.program.find_package(path) else {
            return obj;
        };
        match self.program.lookup_object(pkg, name) {
            Some(found) if self.program.obj(found).func().is_some() => found,
            _ => obj,
        }
    }

    fn link_target(&self, obj: ObjId) -> Option<String> {
        let object = self.program.obj(obj);
        let info = object.func()?;
        if info.decl().body.is_some() || info.recv.is_some() {
            return None;
        }
        let file = self.program.file(info.file);
        let link = file.linknames.iter().find(|l| l.local == object.name)?;
        link.target.as_ref().map(|t| t.to_string())
    }

    /// The name of the native that implements a declared function, when it has no body.
    pub(crate) fn native_name(&mut self, obj: ObjId) -> Option<String> {
        let obj = self.linked(obj);
        let object = self.program.obj(obj);
        if object.func()?.decl().body.is_some() {
            return None;
        }
        Some(match self.link_target(obj) {
            Some(target) => target,
            None => self.func_name(obj),
        })
    }

    /// As tracebacks print it: `main.f`, `main.(*T).M`, `main.T.M`, `main.F[...]`, `main.init.0`.
    pub(crate) fn func_name(&mut self, obj: ObjId) -> String {
        let object = self.program.obj(obj).clone();
        let path = object
            .pkg
            .map_or("", |p| &self.program.package(p).path)
            .to_owned();
        let Some(info) = object.func() else {
            return format!("{path}.{}", object.name);
        };
        match info.recv {
            Some(recv) => {
                let generic = !info
                    .decl()
                    .recv
                    .as_ref()
                    .is_none_or(|_| self.type_params(obj).is_empty());
                let dots = if generic { "[...]" } else { "" };
                let base = self.program.obj(recv.base).name;
                if recv.pointer {
                    format!("{path}.(*{base}{dots}).{}", object.name)
                } else {
                    format!("{path}.{base}{dots}.{}", object.name)
                }
            }
            None if object.name == syntax::sym::INIT => {
                let pkg = object.pkg.expect("init belongs to a package");
                let index = self
                    .program
                    .package(pkg)
                    .inits
                    .iter()
                    .position(|&o| o == obj)
                    .unwrap_or(0);
                format!("{path}.init.{index}")
            }
            None if !info.decl().tparams.is_empty() => format!("{path}.{}[...]", object.name),
            None => format!("{path}.{}", object.name),
        }
    }
}
