//! Functions that the compiler makes to forward calls: what interfaces call for methods with value receivers or promoted ones,
//! method values and expressions, and natives as func values.

use std::sync::Arc;

use bytecode::func::{Func, FuncId, Function, HAS_CTX, VALUE_WRAPPER, WRAPPER};
use bytecode::isa::Op;
use syntax::{Pos, Symbol};
use types::{Arena, Member, MethodEntry, ObjId, PkgId, Signature, Type, TypeId};

use crate::asm::FnBuilder;
use crate::call::{Callee, Method, Target};
use crate::func::{Fx, To, finish_builder, list_pattern};
use crate::generic::Env;
use crate::place::Place;
use crate::{Compiler, FuncKey, Host, Source};

/// Where a forwarding function finds the receiver.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum First {
    /// Its first parameter is the data word of an interface that holds the type.
    DataWord,
    /// Its first parameter is a value of the type.
    Param,
    /// The closure object holds a value of the type.
    Context,
}

#[derive(PartialEq, Eq, Hash, Clone)]
pub(crate) struct ForwardKey {
    first: First,
    ty: TypeId,
    path: Vec<u32>,
    name: Symbol,
    /// The declared method, or the number of an interface's.
    method: Result<ObjId, u32>,
}

pub(crate) struct Forward {
    pub name: String,
    pub first: First,
    pub ty: TypeId,
    pub path: Vec<u32>,
    pub target: Target,
    pub params: Vec<TypeId>,
    pub results: Vec<TypeId>,
}

impl Compiler {
    pub(crate) fn declared_target(&mut self, obj: ObjId, holder: TypeId) -> Target {
        let base = self.program.store.pointer_elem(holder).unwrap_or(holder);
        let targs = self
            .program
            .store
            .named(base)
            .map(|n| n.targs.clone())
            .unwrap_or_default();
        let pointer = self
            .program
            .obj(obj)
            .func()
            .and_then(|f| f.recv)
            .is_some_and(|r| r.pointer);
        Target::Declared {
            obj,
            targs,
            pointer,
        }
    }

    /// The type at the end of a path of fields.
    pub(crate) fn path_type(&mut self, t: TypeId, path: &[u32]) -> TypeId {
        let mut t = t;
        for &index in path {
            t = self.program.store.pointer_elem(t).unwrap_or(t);
            let u = self.program.store.underlying(t);
            let Type::Struct(s) = self.program.store.get(u) else {
                panic!("a path through no struct")
            };
            t = s.fields[index as usize].ty;
        }
        t
    }

    /// The function behind a method of a type's method table, called with the interface's data word.
    pub(crate) fn method_func(
        &mut self,
        host: &mut dyn Host,
        t: TypeId,
        entry: &MethodEntry,
    ) -> *const Func {
        let path = &entry.found.path;
        let holder = self.path_type(t, path);
        let target = match entry.found.member {
            Member::Method { func, .. } => self.declared_target(func, holder),
            Member::InterfaceMethod { index, .. } => Target::Interface { index },
            Member::Field => panic!("a field in a method set"),
        };
        if let Target::Declared {
            obj,
            targs,
            pointer,
        } = &target
            && path.is_empty()
        {
            let is_pointer = self.program.store.pointer_elem(t).is_some();
            let same = if *pointer {
                is_pointer
            } else {
                !is_pointer && self.is_direct(t)
            };
            if same {
                return self.decl_func(host, *obj, targs);
            }
        }
        self.forward(
            host,
            First::DataWord,
            t,
            path,
            &target,
            entry.found.ty,
            entry.name,
        )
    }

    /// Whether the interface data word of a type is the value. (Asked while descriptors are incomplete.)
    pub(crate) fn is_direct(&mut self, t: TypeId) -> bool {
        let u = self.program.store.underlying(t);
        match self.program.store.get(u).clone() {
            Type::Pointer(_) | Type::Map(..) | Type::Chan(..) | Type::Signature(_) => true,
            Type::Basic(kind) => kind == types::BasicKind::UnsafePointer,
            Type::Struct(s) if s.fields.len() == 1 => self.is_direct(s.fields[0].ty),
            Type::Array(1, elem) => self.is_direct(elem),
            _ => false,
        }
    }

    /// `T.m` as a function.
    pub(crate) fn method_expr(
        &mut self,
        host: &mut dyn Host,
        t: TypeId,
        method: &Method,
        sig: TypeId,
        name: Symbol,
    ) -> *const Func {
        if let Target::Declared {
            obj,
            targs,
            pointer,
        } = &method.target
            && method.path.is_empty()
            && *pointer == self.program.store.pointer_elem(t).is_some()
        {
            return self.decl_func(host, *obj, targs);
        }
        // The signature has the receiver as its first parameter.
        let u = self.program.store.underlying(sig);
        let mut bare = self
            .program
            .store
            .as_signature(u)
            .map(|s| (*s).clone())
            .unwrap_or_default();
        bare.params.remove(0);
        let bare = self.program.store.signature(bare);
        self.forward(
            host,
            First::Param,
            t,
            &method.path,
            &method.target,
            bare,
            name,
        )
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the facts that make up a forwarding function"
    )]
    pub(crate) fn forward(
        &mut self,
        host: &mut dyn Host,
        first: First,
        ty: TypeId,
        path: &[u32],
        target: &Target,
        sig: TypeId,
        name: Symbol,
    ) -> *const Func {
        let ty = self.program.store.canon(ty);
        let method = match target {
            Target::Declared { obj, .. } => Ok(*obj),
            Target::Interface { index } => Err(*index),
        };
        let key = FuncKey::Forward(ForwardKey {
            first,
            ty,
            path: path.to_vec(),
            name,
            method,
        });
        if let Some(&func) = self.interned.get(&key) {
            return func;
        }
        let u = self.program.store.underlying(sig);
        let sig: Arc<Signature> = self.program.store.as_signature(u).unwrap_or_default();
        let text = self.receiver_text(ty);
        let text = match first {
            First::Context => format!("{text}.{name}-fm"),
            _ => format!("{text}.{name}"),
        };
        let flags = self.forward_flags(first, ty, path, target);
        let func = host.new_func(&text, flags);
        self.interned.insert(key, func);
        let forward = Forward {
            name: text,
            first,
            ty,
            path: path.to_vec(),
            target: target.clone(),
            params: sig.params.iter().map(|p| p.ty).collect(),
            results: sig.results.iter().map(|p| p.ty).collect(),
        };
        self.set_source(func, Source::Forward(Arc::new(forward)));
        func
    }

    fn forward_flags(&mut self, first: First, ty: TypeId, path: &[u32], target: &Target) -> u32 {
        let value_method = matches!(target, Target::Declared { pointer: false, .. });
        match first {
            First::Context => WRAPPER | HAS_CTX,
            _ if value_method
                && path.is_empty()
                && self.program.store.pointer_elem(ty).is_some() =>
            {
                WRAPPER | VALUE_WRAPPER
            }
            _ => WRAPPER,
        }
    }

    /// A receiver as it stands in a function's name: `main.T`, `main.(*T)`.
    fn receiver_text(&mut self, t: TypeId) -> String {
        let elem = self.program.store.pointer_elem(t);
        let base = elem.unwrap_or(t);
        let Some(named) = self.program.store.named(base) else {
            return self.program.store.runtime_string(t);
        };
        let path = named.pkg.map_or(String::new(), |p| {
            format!("{}.", self.program.package(p).path)
        });
        let dots = if named.targs.is_empty() { "" } else { "[...]" };
        let name = named.name;
        if elem.is_some() {
            format!("{path}(*{name}{dots})")
        } else {
            format!("{path}{name}{dots}")
        }
    }

    pub(crate) fn compile_forward(
        &mut self,
        host: &mut dyn Host,
        id: FuncId,
        f: &Forward,
    ) -> Option<Function> {
        let flags = self.forward_flags(f.first, f.ty, &f.path, &f.target);
        let direct = self.is_direct(f.ty);
        let own = match f.first {
            First::DataWord => vec![true],
            First::Param => list_pattern(self, &[f.ty]),
            First::Context => Vec::new(),
        };
        let args = list_pattern(self, &f.params);
        let results = list_pattern(self, &f.results);
        let params: Vec<bool> = own.iter().chain(&args).copied().collect();
        let mut fx = Fx::plain(self, host, id, f.name.clone(), flags);
        fx.f.b = FnBuilder::new(f.name.clone(), id, flags, &params, &results);
        let first = fx.f.b.param(0);
        let place = match f.first {
            First::DataWord if !direct => Place::Mem { ptr: first, off: 0 },
            First::DataWord | First::Param => fx.slots_place(first, f.ty),
            First::Context => {
                let pattern = fx.pattern(f.ty);
                let slot = fx.temp_like(&pattern);
                let ctx = fx.f.b.ctx();
                fx.load_words(slot, ctx, 8, &pattern);
                fx.slots_place(slot, f.ty)
            }
        };
        if flags & VALUE_WRAPPER != 0 {
            // A value of no size would not be read.
            fx.emit(Op::NilCheck, first, (), ());
        }
        let (place, holder) = fx.walk(place, f.ty, &f.path);
        let receiver = fx.receiver_of(place, holder, &f.target, To::Any);
        let mut pattern = Vec::new();
        let callee = match &f.target {
            Target::Declared {
                obj,
                targs,
                pointer,
            } => {
                let base = fx.c.program.store.pointer_elem(holder).unwrap_or(holder);
                let t = if *pointer {
                    fx.c.program.store.pointer(base)
                } else {
                    base
                };
                let out = fx.f.b.out(0);
                fx.mov(out, receiver, t);
                pattern.extend_from_slice(&fx.pattern(t));
                match fx.c.native_name(*obj) {
                    Some(name) => Callee::Native(name),
                    None => Callee::Func(fx.c.decl_func(fx.host, *obj, targs)),
                }
            }
            Target::Interface { index } => {
                let out = fx.f.b.out(0);
                fx.emit(Op::Mov, out, receiver.offset(1), ());
                pattern.push(true);
                Callee::Iface(receiver, *index)
            }
        };
        fx.forward_call(
            &callee,
            pattern,
            own.len() as u32,
            &args,
            results.len() as u32,
        );
        let b = fx.f.b;
        finish_builder(self, b, Pos::NONE, 0)
    }

    /// The code of a declared function without body: calls the native.
    pub(crate) fn native_wrapper(
        &mut self,
        host: &mut dyn Host,
        id: FuncId,
        obj: ObjId,
    ) -> Option<Function> {
        let name = self.func_name(obj);
        let native = self.native_name(obj).expect("a function without body");
        let ty = self.program.resolve(obj);
        let sig = self.program.store.as_signature(ty).unwrap_or_default();
        let mut params: Vec<TypeId> = Vec::new();
        if let Some(recv) = self.program.obj(obj).func().and_then(|f| f.recv) {
            let base = self.program.resolve(recv.base);
            params.push(if recv.pointer {
                self.program.store.pointer(base)
            } else {
                base
            });
        }
        params.extend(sig.params.iter().map(|p| p.ty));
        let results: Vec<TypeId> = sig.results.iter().map(|p| p.ty).collect();
        let params = list_pattern(self, &params);
        let results = list_pattern(self, &results);
        let mut fx = Fx::plain(self, host, id, name.clone(), WRAPPER);
        fx.f.b = FnBuilder::new(name, id, WRAPPER, &params, &results);
        fx.forward_call(
            &Callee::Native(native),
            Vec::new(),
            0,
            &params,
            results.len() as u32,
        );
        let b = fx.f.b;
        finish_builder(self, b, Pos::NONE, 0)
    }
}

impl<'a> Fx<'a> {
    /// A lowering without a body.
    pub fn plain(
        c: &'a mut Compiler,
        host: &'a mut dyn Host,
        id: FuncId,
        name: String,
        flags: u32,
    ) -> Fx<'a> {
        let arena = Arena::File(types::FileId(0));
        Fx::new(
            c,
            host,
            id,
            name,
            arena,
            Arc::default(),
            PkgId(0),
            Arc::new(Env::default()),
            0,
            flags,
        )
    }

    /// Copies this function's parameters from `from` on behind what is in the outgoing area, calls, and returns the results.
    fn forward_call(
        &mut self,
        callee: &Callee,
        mut pattern: Vec<bool>,
        from: u32,
        args: &[bool],
        results: u32,
    ) {
        let at = pattern.len() as u32;
        let n = args.len() as u32;
        if n > 0 {
            self.f.b.reserve_out(at + n);
            let (out, param) = (self.f.b.out(at), self.f.b.param(from));
            self.mov_n(out, param, n);
        }
        pattern.extend_from_slice(args);
        self.emit_callee(callee, &pattern, at + n, results);
        if results > 0 {
            let (out, result) = (self.f.b.out(at + n), self.f.b.result(0));
            self.f.b.reserve_out(at + n + results);
            self.mov_n(result, out, results);
        }
        self.emit(Op::Ret, (), (), ());
    }
}
