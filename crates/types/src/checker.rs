//! The checker's working state: what is being checked, where its facts go, and what is put off.

use crate::constant::Const;
use crate::info::{FuncLitInfo, Info, Instance, Mode, Selection, TypeAndValue};
use crate::objects::{Arena, FileId, ObjId, ObjKind, Object, PkgId, State, VarInfo, VarKind};
use crate::program::Program;
use crate::types::{TypeId, tid};
use rustc_hash::{FxHashMap, FxHashSet};
use std::collections::VecDeque;
use std::ops::{Deref, DerefMut};
use std::sync::Arc;
use syntax::{Expr, File, Ident, NodeId, Pos, Symbol};

/// One block's names.
#[derive(Debug, Default)]
pub(crate) struct Scope {
    pub parent: Option<usize>,
    pub names: Vec<(Symbol, ObjId)>,
}

/// What surrounds the code being checked.
#[derive(Clone)]
pub(crate) struct Env {
    pub pkg: PkgId,
    pub file: FileId,
    pub arena: Arena,
    /// The innermost block; `None` at package level.
    pub scope: Option<usize>,
    /// The function whose body is checked.
    pub sig: Option<TypeId>,
    pub results: Arc<[ObjId]>,
    /// Its index in `Info::funcs`.
    pub func: u32,
    /// Whether a body (rather than a package-level declaration) is checked.
    pub in_body: bool,
    pub iota: Option<Const>,
    /// Where errors in an inherited constant expression are reported.
    pub errpos: Option<Pos>,
    /// The package-level object whose declaration is checked: what it uses are its dependencies.
    pub decl: Option<ObjId>,
    /// Type parameters in scope that local types depend on.
    pub outer_tparams: Arc<[TypeId]>,
    /// Whether a call or receive was seen: `len(x)` is then no constant.
    pub has_call: bool,
}

/// The parts of a checker that belong to one body.
pub(crate) struct BodyState {
    locals: Vec<ObjId>,
    deps: Vec<ObjId>,
    deps_seen: FxHashSet<ObjId>,
    panics: FxHashSet<NodeId>,
    scopes: Vec<Scope>,
    path: Vec<ObjId>,
    delayed_base: usize,
    nesting: u32,
}

type Action<'a> = Box<dyn FnOnce(&mut Checker<'a>) + 'a>;

/// A check under way.
pub(crate) struct Checker<'a> {
    p: &'a mut Program,
    pub asts: &'a [Arc<File>],
    pub env: Env,
    /// The side tables of `env.arena`.
    pub info: Info,
    pub scopes: Vec<Scope>,
    delayed: VecDeque<Action<'a>>,
    /// Objects whose declarations are being resolved, outermost first.
    pub path: Vec<ObjId>,
    /// Calls of the predeclared `panic`, for the missing-return analysis.
    pub panics: FxHashSet<NodeId>,
    /// Variables declared in the body under check.
    pub locals: Vec<ObjId>,
    /// Package-level objects that the body or declaration under check uses.
    pub deps: Vec<ObjId>,
    pub deps_seen: FxHashSet<ObjId>,
    /// How deeply expressions and statements are nested, as a guard.
    pub nesting: u32,
    pub had_error: bool,
    /// Declared types known not to contain themselves.
    pub valid_types: FxHashSet<TypeId>,
    /// Functions whose bodies are under check.
    pub checking: FxHashSet<ObjId>,
    /// Actions put off before the body under check belong to others.
    pub delayed_base: usize,
    /// Statements around the one under check that `break` and `continue` may refer to.
    pub targets: Vec<crate::stmt::Target>,
    /// Labels of the function under check.
    pub labels: FxHashMap<Symbol, NodeId>,
    /// Constants in cycles that have been reported.
    pub reported_cycles: FxHashSet<ObjId>,
}

impl Deref for Checker<'_> {
    type Target = Program;
    fn deref(&self) -> &Program {
        self.p
    }
}

impl DerefMut for Checker<'_> {
    fn deref_mut(&mut self) -> &mut Program {
        self.p
    }
}

impl Program {
    /// Runs `f` with a checker over all loaded files.
    pub(crate) fn with_checker<T>(&mut self, f: impl FnOnce(&mut Checker<'_>) -> T) -> T {
        let asts = std::mem::take(&mut self.asts);
        let had_error = !self.errors.is_empty();
        let r = {
            let mut c = Checker {
                p: &mut *self,
                asts: &asts,
                env: Env {
                    pkg: PkgId(0),
                    file: FileId(0),
                    // No body has this object; facts recorded outside of any declaration go nowhere.
                    arena: Arena::Body(ObjId(u32::MAX)),
                    scope: None,
                    sig: None,
                    results: [].into(),
                    func: 0,
                    in_body: false,
                    iota: None,
                    errpos: None,
                    decl: None,
                    outer_tparams: [].into(),
                    has_call: false,
                },
                info: Info::default(),
                scopes: Vec::new(),
                delayed: VecDeque::new(),
                path: Vec::new(),
                panics: FxHashSet::default(),
                locals: Vec::new(),
                deps: Vec::new(),
                deps_seen: FxHashSet::default(),
                nesting: 0,
                had_error,
                valid_types: FxHashSet::default(),
                checking: FxHashSet::default(),
                delayed_base: 0,
                targets: Vec::new(),
                labels: FxHashMap::default(),
                reported_cycles: FxHashSet::default(),
            };
            let r = f(&mut c);
            c.process_delayed(0);
            r
        };
        self.asts = asts;
        r
    }
}

impl<'a> Checker<'a> {
    /// Reports an error. Likely consequences of earlier errors are dropped.
    pub fn error(&mut self, pos: Pos, msg: impl Into<String>) {
        let msg = msg.into();
        if self.had_error {
            let follow = |s: &str| msg.find(s).is_some_and(|i| i > 0);
            if follow("invalid operand") || follow("invalid type") {
                return;
            }
        }
        self.had_error = true;
        let pos = self.env.errpos.unwrap_or(pos);
        // One of several equal messages for a line is enough.
        if let Some(last) = self.p.errors.last().filter(|d| d.msg == msg) {
            let (a, b) = (
                self.p.fileset.position(last.pos),
                self.p.fileset.position(pos),
            );
            if a.file == b.file && a.line == b.line {
                return;
            }
        }
        self.p.errors.push(crate::errors::Diagnostic { pos, msg });
    }

    /// A position as it appears inside a message.
    pub fn pos_string(&self, pos: Pos) -> String {
        self.fileset.position(pos).to_string()
    }

    /// Puts a check off until the declarations under way are complete.
    pub fn later(&mut self, f: impl FnOnce(&mut Checker<'a>) + 'a) {
        let env = self.env.clone();
        self.delayed.push_back(Box::new(move |c| {
            c.with_env(env, f);
        }));
    }

    /// How many actions are put off.
    pub fn delayed_len(&self) -> usize {
        self.delayed.len()
    }

    /// Runs what was put off since there were `from` actions.
    pub fn process_delayed(&mut self, from: usize) {
        while self.delayed.len() > from {
            let Some(f) = self.delayed.remove(from) else {
                break;
            };
            f(self);
        }
    }

    /// Runs `f` in another environment, side tables and all.
    pub fn with_env<T>(&mut self, env: Env, f: impl FnOnce(&mut Checker<'a>) -> T) -> T {
        let outer = std::mem::replace(&mut self.env, env);
        if outer.arena == self.env.arena {
            let r = f(self);
            self.env = outer;
            return r;
        }
        let mut saved = std::mem::take(&mut self.info);
        let inner = self.env.arena;
        if let Some(kept) = self.kept_info(outer.arena) {
            *kept = std::mem::take(&mut saved);
        }
        if let Some(kept) = self.kept_info(inner) {
            self.info = std::mem::take(kept);
        }
        let r = f(self);
        let done = std::mem::take(&mut self.info);
        if let Some(kept) = self.kept_info(inner) {
            *kept = done;
        }
        self.info = match self.kept_info(outer.arena) {
            Some(kept) => std::mem::take(kept),
            None => saved,
        };
        self.env = outer;
        r
    }

    /// The place of side tables that are kept while another arena's are in use; a body's wait with whoever checks it.
    fn kept_info(&mut self, arena: Arena) -> Option<&mut Info> {
        match arena {
            Arena::File(file) => Some(&mut self.files[file.0 as usize].info),
            Arena::Decl(file, decl) => self.files[file.0 as usize].own.get_mut(&decl),
            Arena::Body(_) => None,
        }
    }

    /// The environment of a package-level declaration in a file.
    pub fn file_env(&mut self, file: FileId) -> Env {
        self.open_file(file);
        Env {
            pkg: self.files[file.0 as usize].pkg,
            file,
            arena: Arena::File(file),
            scope: None,
            sig: None,
            results: [].into(),
            func: 0,
            in_body: false,
            iota: None,
            errpos: None,
            decl: None,
            outer_tparams: [].into(),
            has_call: false,
        }
    }

    // Scopes

    /// Opens a block.
    pub fn open_scope(&mut self) {
        let scope = Scope {
            parent: self.env.scope,
            names: Vec::new(),
        };
        self.env.scope = Some(self.scopes.len());
        self.scopes.push(scope);
    }

    /// Closes the innermost block.
    pub fn close_scope(&mut self) {
        if let Some(s) = self.env.scope {
            self.env.scope = self.scopes[s].parent;
        }
    }

    /// The object that a name means at `pos`.
    pub fn lookup(&mut self, name: Symbol, pos: Pos) -> Option<ObjId> {
        let mut scope = self.env.scope;
        while let Some(i) = scope {
            let s = &self.scopes[i];
            for &(n, o) in s.names.iter().rev() {
                if n == name && self.obj(o).scope_pos <= pos {
                    return Some(o);
                }
            }
            scope = s.parent;
        }
        let (file, pkg) = (self.env.file, self.env.pkg);
        if let Some(&o) = self.files[file.0 as usize].scope.get(&name) {
            return Some(o);
        }
        self.in_scope(pkg, name)
            .or_else(|| self.universe.get(&name).copied())
    }

    /// Declares an object in the innermost block, in scope from `scope_pos` on.
    pub fn declare(&mut self, obj: ObjId, scope_pos: Pos) {
        let (name, pos) = (self.obj(obj).name, self.obj(obj).pos);
        self.objs[obj.0 as usize].scope_pos = scope_pos;
        let Some(s) = self.env.scope else { return };
        if name.is_blank() || name == syntax::sym::EMPTY {
            return;
        }
        if let Some(&(_, alt)) = self.scopes[s].names.iter().find(|(n, _)| *n == name) {
            self.redeclared(name, pos, alt);
            return;
        }
        self.scopes[s].names.push((name, obj));
    }

    /// Reports a second declaration of a name.
    pub fn redeclared(&mut self, name: Symbol, pos: Pos, other: ObjId) {
        let at = self.obj(other).pos;
        let msg = if at.is_valid() {
            format!(
                "{name} redeclared in this block\n\t{}: other declaration of {name}",
                self.pos_string(at)
            )
        } else {
            format!("{name} redeclared in this block")
        };
        self.error(pos, msg);
    }

    /// A new object of this package.
    pub fn new_object(&mut self, name: Ident, ty: TypeId, kind: ObjKind) -> ObjId {
        let pkg = Some(self.env.pkg);
        let o = self.add_object(Object {
            name: name.name,
            pkg,
            pos: name.pos,
            ty,
            kind,
            state: State::Done,
            scope_pos: name.pos,
            used: false,
        });
        if name.id.index() < self.info.objects.len() && name.pos.is_valid() {
            self.info.objects[name.id.index()] = Some(o);
        }
        o
    }

    /// A new variable.
    pub fn new_var(&mut self, name: Ident, ty: TypeId, kind: VarKind) -> ObjId {
        let info = VarInfo {
            kind,
            func: self.env.func,
            captured: false,
            address_taken: false,
            reassigned: false,
        };
        self.new_object(name, ty, ObjKind::Var(info))
    }

    // Records

    /// Records what an identifier declares or uses.
    pub fn record_object(&mut self, id: NodeId, obj: ObjId) {
        if let Some(slot) = self.info.objects.get_mut(id.index()) {
            *slot = Some(obj);
        }
    }

    /// Records an expression's mode, type and value.
    pub fn record_type(&mut self, id: NodeId, mode: Mode, ty: TypeId, value: Const) {
        if let Some(slot) = self.info.types.get_mut(id.index()) {
            *slot = TypeAndValue { mode, ty, value };
        }
    }

    /// Records a selection.
    pub fn record_selection(&mut self, id: NodeId, s: Selection) {
        self.info.selections.insert(id, s);
    }

    /// Records an instantiation, by the identifier inside `e`.
    pub fn record_instance(&mut self, e: &Expr, targs: &[TypeId], ty: TypeId) {
        use syntax::ExprKind as K;
        let id = match &e.unparen().kind {
            K::Ident(_) => e.unparen().id,
            K::Selector { sel, .. } => sel.id,
            K::Index(ix) => return self.record_instance(&ix.x, targs, ty),
            _ => return,
        };
        self.info.instances.insert(
            id,
            Instance {
                targs: targs.into(),
                ty,
            },
        );
    }

    /// Notes that the declaration under check depends on a package-level object.
    pub fn depend(&mut self, obj: ObjId) {
        if self.deps_seen.insert(obj) {
            self.deps.push(obj);
        }
    }

    /// A new function entry in the side tables.
    pub fn new_func(&mut self, node: NodeId, parent: u32) -> u32 {
        let i = self.info.funcs.len() as u32;
        self.info.funcs.push(FuncLitInfo {
            node,
            parent,
            sig: tid::INVALID,
            captures: Vec::new(),
            recv: None,
            params: Vec::new(),
            results: Vec::new(),
            has_defer: false,
            has_recover: false,
        });
        i
    }

    /// Notes the use of a local variable in the current function: a capture when it belongs to another one.
    pub fn use_local(&mut self, obj: ObjId) {
        let Some(owner) = self
            .obj(obj)
            .var()
            .filter(|v| v.kind != VarKind::Package)
            .map(|v| v.func)
        else {
            return;
        };
        let mut f = self.env.func;
        if owner == f {
            return;
        }
        if let ObjKind::Var(v) = &mut self.objs[obj.0 as usize].kind {
            v.captured = true;
        }
        while f != owner {
            let Some(info) = self.info.funcs.get_mut(f as usize) else {
                return;
            };
            if f == 0 || info.captures.contains(&obj) {
                return;
            }
            info.captures.push(obj);
            f = info.parent;
        }
    }

    /// Sets aside what belongs to the body under check, for another body to be checked in between.
    pub fn save_body_state(&mut self) -> BodyState {
        let state = BodyState {
            locals: std::mem::take(&mut self.locals),
            deps: std::mem::take(&mut self.deps),
            deps_seen: std::mem::take(&mut self.deps_seen),
            panics: std::mem::take(&mut self.panics),
            scopes: std::mem::take(&mut self.scopes),
            path: std::mem::take(&mut self.path),
            delayed_base: self.delayed_base,
            nesting: std::mem::take(&mut self.nesting),
        };
        self.delayed_base = self.delayed.len();
        state
    }

    /// Takes back what `save_body_state` set aside.
    pub fn restore_body_state(&mut self, s: BodyState) {
        self.locals = s.locals;
        self.deps = s.deps;
        self.deps_seen = s.deps_seen;
        self.panics = s.panics;
        self.scopes = s.scopes;
        self.path = s.path;
        self.delayed_base = s.delayed_base;
        self.nesting = s.nesting;
    }

    /// A type as diagnostics print it.
    pub fn ts(&self, t: TypeId) -> String {
        self.store.type_string(t, Some(self.env.pkg))
    }

    /// The underlying type.
    pub fn under(&mut self, t: TypeId) -> TypeId {
        self.store.underlying(t)
    }
}
