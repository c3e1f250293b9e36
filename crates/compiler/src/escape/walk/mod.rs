//! From checked trees to flows: what each expression and statement lets reach what.

mod call;
mod expr;
mod stmt;

use std::sync::Arc;

use rustc_hash::FxHashSet;
use syntax::ast::{Decl, Expr};
use syntax::{NodeId, Pos};
use types::{Arena, Info, ObjId, Program, Type, TypeId, VarKind};

use super::graph::{Graph, HEAP, Loc, Site};
use super::{Escape, Leak, Unit};

/// An allocation by a node.
pub struct Made {
    pub node: NodeId,
    pub loc: Loc,
    pub pos: Pos,
    pub too_large: bool,
    /// What `-m` calls it; `None` to keep quiet.
    pub text: Option<String>,
}

/// Where a value goes, after some dereferences. `None`: nowhere.
type Dst = Option<(Loc, i32)>;

fn deref(dst: Dst, n: i32) -> Dst {
    dst.map(|(loc, d)| (loc, d + n))
}

struct Walk<'a> {
    escape: &'a mut Escape,
    program: &'a mut Program,
    graph: &'a mut Graph,
    units: &'a mut Vec<Unit>,
    number: usize,
    info: Arc<Info>,
    literal: u32,
    loop_depth: u32,
    made: Vec<Made>,
    /// Labels that a goto names.
    goto_targets: FxHashSet<NodeId>,
}

/// Adds the flows of unit `number`.
pub fn build(
    escape: &mut Escape,
    program: &mut Program,
    graph: &mut Graph,
    units: &mut Vec<Unit>,
    number: usize,
) -> Vec<Made> {
    let (info, arena) = (units[number].info.clone(), units[number].arena);
    let goto_targets = info.branches.values().copied().collect();
    let mut walk = Walk {
        escape,
        program,
        graph,
        units,
        number,
        info,
        literal: 0,
        loop_depth: 1,
        made: Vec::new(),
        goto_targets,
    };
    match arena {
        Arena::Body(func) => {
            let decl = walk.program.obj(func).func().map(|f| f.decl().clone());
            if let Some(body) = decl.as_ref().and_then(|d| d.body()) {
                walk.stmts(&body.block.stmts);
            }
        }
        Arena::File(file) => {
            let file = walk.program.file(file).clone();
            for decl in &file.decls {
                walk.package_level(decl);
            }
        }
        Arena::Decl(file, decl) => {
            let file = walk.program.file(file).clone();
            walk.package_level(file.decl(decl));
        }
    }
    walk.made
}

impl Walk<'_> {
    fn package_level(&mut self, decl: &Decl) {
        if let Decl::Var(var) = decl {
            for value in &var.values {
                self.value(value, Some((HEAP, 0)));
            }
        }
    }

    fn unit(&mut self) -> &mut Unit {
        &mut self.units[self.number]
    }

    fn new_loc(&mut self, site: Site) -> Loc {
        self.graph
            .add(site, self.number as u32, self.literal, self.loop_depth)
    }

    fn declare(&mut self, var: ObjId) -> Loc {
        let loc = self.new_loc(Site::Var(var));
        self.unit().vars.insert(var, loc);
        loc
    }

    fn var_loc(&mut self, var: ObjId) -> Option<Loc> {
        if let Some(loc) = self.unit().vars.get(&var) {
            return Some(*loc);
        }
        match self.program.obj(var).var() {
            Some(v) if v.kind != VarKind::Package => Some(self.declare(var)),
            _ => None,
        }
    }

    fn flow(&mut self, dst: Dst, src: Loc, derefs: i32) {
        if let Some((loc, d)) = dst {
            self.graph.flow(loc, src, d + derefs);
        }
    }

    fn ty(&self, x: &Expr) -> TypeId {
        self.info.type_of(x.id).ty
    }

    fn under(&mut self, ty: TypeId) -> Type {
        let under = self.program.store.underlying(ty);
        let under = if self.program.store.is_type_param(under) {
            self.program.store.core_type(under).unwrap_or(under)
        } else {
            under
        };
        self.program.store.get(under).clone()
    }

    fn has_pointers(&mut self, ty: TypeId) -> bool {
        self.program.store.mentions_params(ty) || self.program.store.has_pointers(ty)
    }

    fn is_interface(&mut self, ty: TypeId) -> bool {
        !self.program.store.is_type_param(ty) && matches!(self.under(ty), Type::Interface(_))
    }

    /// Whether converting `from` to `to` copies a value that may hold pointers into a box on the heap.
    fn boxes(&mut self, from: TypeId, to: TypeId) -> bool {
        if !self.is_interface(to) || self.is_interface(from) || !self.has_pointers(from) {
            return false;
        }
        let under = self.under(from);
        self.program.store.is_type_param(from)
            || !matches!(
                under,
                Type::Pointer(_)
                    | Type::Map(..)
                    | Type::Chan(..)
                    | Type::Signature(_)
                    | Type::Basic(types::BasicKind::UnsafePointer | types::BasicKind::UntypedNil)
            )
    }

    /// A value that is converted to type `to` on its way.
    fn assign(&mut self, x: &Expr, to: TypeId, dst: Dst) {
        let from = self.ty(x);
        let dst = if self.boxes(from, to) {
            Some((HEAP, 0))
        } else {
            dst
        };
        self.value(x, dst);
    }

    fn discard(&mut self, x: &Expr) {
        self.value(x, None);
    }

    fn make_site(&mut self, node: NodeId, pos: Pos, too_large: bool, text: Option<String>) -> Loc {
        let loc = self.new_loc(Site::Expr(node));
        self.made.push(Made {
            node,
            loc,
            pos,
            too_large,
            text: text.map(|t| t.replace('…', "...")),
        });
        loc
    }

    fn too_large(&mut self, ty: TypeId, limit: i64) -> bool {
        self.program.store.mentions_params(ty) || self.program.store.sizeof(ty) > limit
    }
}

/// What is known of a call's target.
enum Callee {
    Unknown,
    Known(Arc<[Leak]>),
    /// A function of the batch.
    InBatch(usize),
    /// A function literal that is called where it stands.
    Literal(u32),
}

/// Leaks of a function that keeps nothing.
fn no_leaks() -> Arc<[Leak]> {
    vec![Leak::default(); 64].into()
}
