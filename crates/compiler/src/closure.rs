//! Function literals and method values: closure objects and what they capture.
//!
//! A variable that is never assigned after its declaration is captured by value; of others the closure holds the address.

use std::sync::Arc;

use bytecode::func::{Func, HAS_CTX};
use bytecode::isa::{Op, Trap};
use syntax::{Expr, FuncLit, NodeId, Symbol, sym};
use types::{ObjId, PkgId, SelectionKind, Type, TypeId, tid};

use crate::asm::{ExtArg, Slot};
use crate::call::Target;
use crate::func::{Fx, Loc, To};
use crate::wrappers::First;
use crate::{LitSource, Source};

/// A captured variable.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Capture {
    pub obj: ObjId,
    pub by_ref: bool,
}

/// Captured words that one `NewClosure` can describe.
const MAX_WORDS: usize = 64;

impl Fx<'_> {
    pub fn captures(&mut self, objs: &[ObjId]) -> Arc<[Capture]> {
        objs.iter()
            .map(|&obj| Capture {
                obj,
                by_ref: self.by_reference(obj),
            })
            .collect()
    }

    pub fn func_literal(&mut self, e: &Expr, lit: &Arc<FuncLit>, to: To) -> Slot {
        let index = self.info.func_index[&e.id];
        let objs = self.info.funcs[index as usize].captures.clone();
        let objs: Vec<ObjId> = objs
            .into_iter()
            .filter(|o| self.f.vars.contains_key(o))
            .collect();
        let captures = self.captures(&objs);
        let name = self.literal_name(index);
        let func = self
            .host
            .new_func(&name, if captures.is_empty() { 0 } else { HAS_CTX });
        let source = LitSource {
            arena: self.arena,
            pkg: self.pkg,
            index,
            lit: lit.clone(),
            env: self.env.clone(),
            captures: captures.clone(),
            name,
        };
        self.c.set_source(func, Source::Lit(Arc::new(source)));
        let words = self.captured_words(&captures);
        self.closure(func, &words, e.id, to)
    }

    /// gc's names: `f.func1`, and `f.func1.2` for a literal in a literal.
    fn literal_name(&mut self, index: u32) -> String {
        let names = match &self.lit_names {
            Some(names) => names.clone(),
            None => {
                let names: Arc<[String]> = literal_suffixes(&self.info).into();
                self.lit_names = Some(names.clone());
                names
            }
        };
        let base = match self.arena {
            types::Arena::Body(obj) => self.c.func_name(obj),
            types::Arena::File(_) | types::Arena::Decl(..) => {
                format!("{}.init", self.c.program.package(self.pkg).path)
            }
        };
        format!("{base}{}", names[index as usize])
    }

    /// The words that a closure object holds for captured variables, and which are pointers.
    pub fn captured_words(&mut self, captures: &[Capture]) -> Vec<(Slot, bool)> {
        let mut words = Vec::new();
        for capture in captures {
            let t = self.obj_type(capture.obj);
            let loc = *self.f.vars.get(&capture.obj).unwrap_or_else(|| {
                panic!(
                    "{} captures {} unknown",
                    self.f.name,
                    self.symbol(capture.obj)
                )
            });
            match (capture.by_ref, loc) {
                (true, Loc::Boxed(slot)) => words.push((slot, true)),
                (true, Loc::Stack(slot) | Loc::Slots(slot)) => {
                    let size = self.lay(t).size;
                    let ptr = self.frame_address(slot, 0, size);
                    words.push((ptr, true));
                }
                (false, loc) => {
                    let place = self.var_place(loc, t);
                    let slot = self.load(&place, t);
                    for (k, &pointer) in self.pattern(t).iter().enumerate() {
                        words.push((slot.offset(k as u32), pointer));
                    }
                }
            }
        }
        words
    }

    /// At entry: captured variables from the closure object.
    pub fn load_captures(&mut self, captures: &[Capture]) {
        if captures.is_empty() {
            return;
        }
        let ctx = self.f.b.ctx();
        let mut off = 8u32;
        for capture in captures {
            let t = self.obj_type(capture.obj);
            let loc = if capture.by_ref {
                let slot = self.f.b.local(&[true]);
                self.emit(Op::LdP, slot, ctx, off);
                off += 8;
                Loc::Boxed(slot)
            } else {
                let pattern = self.pattern(t);
                let slot = if pattern.is_empty() {
                    self.empty_slot()
                } else {
                    self.f.b.local(&pattern)
                };
                off = self.load_words(slot, ctx, off, &pattern);
                Loc::Slots(slot)
            };
            self.f.vars.insert(capture.obj, loc);
            self.name_var(capture.obj, loc, t);
        }
    }

    /// Words of a closure object into slots; the offset after them.
    pub fn load_words(&mut self, slot: Slot, ctx: Slot, mut off: u32, pattern: &[bool]) -> u32 {
        for (k, &pointer) in pattern.iter().enumerate() {
            self.emit(
                if pointer { Op::LdP } else { Op::LdW },
                slot.offset(k as u32),
                ctx,
                off,
            );
            off += 8;
        }
        off
    }

    /// A closure object; `node` says where it may live.
    pub fn closure(
        &mut self,
        func: *const Func,
        words: &[(Slot, bool)],
        node: NodeId,
        to: To,
    ) -> Slot {
        let on_stack = self.escape.expr_on_stack(node);
        self.closure_in(func, words, on_stack, to)
    }

    pub fn closure_in(
        &mut self,
        func: *const Func,
        words: &[(Slot, bool)],
        on_stack: bool,
        to: To,
    ) -> Slot {
        if words.is_empty() {
            let dst = to.slot().unwrap_or_else(|| self.ptr());
            self.emit_ext(Op::LdFn, dst, (), (), &[ExtArg::Func(func)]);
            return dst;
        }
        let ptr = self.ptr();
        if on_stack {
            let mut pattern = vec![false];
            pattern.extend(words.iter().map(|w| w.1));
            let home = self.f.b.local(&pattern);
            self.f.b.mark_address_taken(home, pattern.len() as u32);
            self.emit_ext(Op::LdFnW, home, (), (), &[ExtArg::Func(func)]);
            for (k, &(slot, _)) in words.iter().enumerate() {
                self.emit(Op::Mov, home.offset(k as u32 + 1), slot, ());
            }
            self.emit(Op::LeaL, ptr, home, 0);
        } else {
            if words.len() <= MAX_WORDS {
                let mask = words
                    .iter()
                    .enumerate()
                    .fold(0u64, |mask, (k, w)| mask | u64::from(w.1) << k);
                self.emit_ext(
                    Op::NewClosure,
                    ptr,
                    words.len() as u32,
                    (),
                    &[ExtArg::Func(func), ExtArg::Const(mask)],
                );
            } else {
                let t = self.words_type(words);
                self.emit_t(Op::New, ptr, (), (), t);
                let word = self.word();
                self.emit_ext(Op::LdFnW, word, (), (), &[ExtArg::Func(func)]);
                self.emit(Op::StW, ptr, word, 0);
            }
            for (k, &(slot, pointer)) in words.iter().enumerate() {
                self.emit(
                    if pointer { Op::StP } else { Op::StW },
                    ptr,
                    slot,
                    8 * (k as u32 + 1),
                );
            }
        }
        match to.slot() {
            Some(dst) => {
                self.emit(Op::Mov, dst, ptr, ());
                dst
            }
            None => ptr,
        }
    }

    /// A struct type for a closure object.
    fn words_type(&mut self, words: &[(Slot, bool)]) -> TypeId {
        let field = |pointer: bool| types::Field {
            name: sym::BLANK,
            ty: if pointer {
                tid::UNSAFE_POINTER
            } else {
                tid::UINTPTR
            },
            embedded: false,
            tag: None,
            pkg: Some(PkgId(0)),
            pos: syntax::Pos::NONE,
        };
        let mut fields = vec![field(false)];
        fields.extend(words.iter().map(|w| field(w.1)));
        self.c
            .program
            .store
            .intern(Type::Struct(Arc::new(types::StructType { fields })))
    }

    /// `x.m` that is not called, `T.m`, `I.m`.
    pub fn method_value(&mut self, e: &Expr, x: &Expr, name: Symbol, to: To) -> Slot {
        let selection = self.info.selections[&e.id].clone();
        let sig = self.ty(e);
        self.pos(e.pos);
        let method = self.resolve_method(x, &selection, name);
        match selection.kind {
            SelectionKind::MethodExpr(_) | SelectionKind::InterfaceMethodExpr(_) => {
                let t = self.subst(selection.recv);
                let func = self.c.method_expr(self.host, t, &method, sig, name);
                let dst = to.slot().unwrap_or_else(|| self.ptr());
                self.emit_ext(Op::LdFn, dst, (), (), &[ExtArg::Func(func)]);
                dst
            }
            _ => {
                let value = self.receiver(x, &method, To::Any);
                let base = self
                    .c
                    .program
                    .store
                    .pointer_elem(method.holder)
                    .unwrap_or(method.holder);
                let t = match method.target {
                    Target::Interface { .. } => {
                        let ok = self.f.b.label();
                        self.f.b.branch(Op::JNeI, value, 0, ok);
                        self.emit(Op::Trap, Trap::NilDeref as u32, (), ());
                        self.f.b.bind(ok);
                        method.holder
                    }
                    Target::Declared { pointer: true, .. } => self.c.program.store.pointer(base),
                    Target::Declared { pointer: false, .. } => base,
                };
                let words: Vec<(Slot, bool)> = self
                    .pattern(t)
                    .iter()
                    .enumerate()
                    .map(|(k, &p)| (value.offset(k as u32), p))
                    .collect();
                let func =
                    self.c
                        .forward(self.host, First::Context, t, &[], &method.target, sig, name);
                // Even without words the function wants its own closure.
                self.closure(func, &words, e.id, to)
            }
        }
    }
}

/// For each function of an arena what its name has after the declared function's.
fn literal_suffixes(info: &types::Info) -> Vec<String> {
    let mut counts = vec![0u32; info.funcs.len()];
    let mut names: Vec<String> = vec![String::new(); info.funcs.len()];
    // Literals are numbered in source order; a parent comes before its children.
    for (i, f) in info.funcs.iter().enumerate().skip(1) {
        let parent = f.parent as usize;
        counts[parent] += 1;
        let joint = if parent == 0 { ".func" } else { "." };
        names[i] = format!("{}{joint}{}", names[parent], counts[parent]);
    }
    names
}
