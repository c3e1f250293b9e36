//! Escape analysis: which variables, composite literals, closures and slices may stay in frames.
//!
//! Flow-insensitive and interprocedural, by summaries: for each parameter of a function, what reaches the heap or a result. Functions that call each other are
//! analysed together; a summary is computed when first asked for. Bodies of standard packages are followed only a few
//! calls deep, to keep start-up short; what is not followed counts as leaking.

mod graph;
mod walk;

use std::sync::Arc;

use rustc_hash::{FxHashMap, FxHashSet};
use syntax::NodeId;
use types::{Arena, Info, ObjId, ObjKind, Program, Type};

use graph::{Graph, Loc, Site};

/// Largest variable that stays in a frame, in bytes (gc's limit for explicit variables since 1.23 is the same).
pub const MAX_VAR_BYTES: i64 = 128 << 10;
/// Largest implicit allocation (`new`, `&T{}`, `make`, slice literals) that stays in a frame, in bytes.
pub const MAX_IMPLICIT_BYTES: i64 = 64 << 10;
/// Largest variable that a closure captures by value, in bytes.
pub const MAX_BY_VALUE_BYTES: i64 = 128;
/// How many calls deep bodies of standard packages are followed.
const STANDARD_DEPTH: u32 = 3;

/// What may stay in the frames of one declared function (and its literals), or of a file's initialisers.
#[derive(Debug, Default)]
pub struct EscapeInfo {
    heap_vars: FxHashSet<ObjId>,
    stack_exprs: FxHashSet<NodeId>,
    /// What gc's `-m` would say, unsorted.
    pub notes: Vec<(syntax::Pos, String)>,
}

impl EscapeInfo {
    /// Whether the variable may live in its frame even if its address is taken or a closure captures it by reference.
    pub fn var_on_stack(&self, var: ObjId) -> bool {
        !self.heap_vars.contains(&var)
    }

    /// Whether what the node allocates may live in the frame: `&T{}` and slice literals (by the composite literal's node), `new` and `make` (call),
    /// function literals, method values (selector), the slice of a variadic call (call), the closure of a `defer` (statement), the body of a range over a function
    /// (statement).
    pub fn expr_on_stack(&self, node: NodeId) -> bool {
        self.stack_exprs.contains(&node)
    }
}

/// What flows out of a parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Leak {
    /// Least number of dereferences after which the value reaches the heap.
    pub heap: Option<i32>,
    /// Likewise for results, by number.
    pub results: Vec<(u32, i32)>,
}

/// A function's leaks, receiver first.
pub type Summary = Arc<[Leak]>;

/// The analysis, with what it has found so far.
#[derive(Default)]
pub struct Escape {
    summaries: FxHashMap<ObjId, Summary>,
    results: FxHashMap<Arena, Arc<EscapeInfo>>,
}

/// Whether a closure captures the variable by value: never assigned after its declaration, its address never taken, and small. The lowering asks the
/// same question.
pub fn captured_by_value(program: &mut Program, var: ObjId) -> bool {
    let object = program.obj(var);
    let Some(info) = object.var() else {
        return false;
    };
    // A return statement assigns to results.
    if info.reassigned || info.address_taken || info.kind == types::VarKind::Result {
        return false;
    }
    let ty = object.ty;
    let store = &mut program.store;
    let under = store.underlying(ty);
    match store.get(under) {
        // Of the same size whatever they are made of. A type parameter's underlying type is an interface.
        Type::Pointer(_)
        | Type::Slice(_)
        | Type::Map(..)
        | Type::Chan(..)
        | Type::Signature(_)
        | Type::Interface(_)
            if !matches!(store.get(ty), Type::TypeParam(_)) =>
        {
            true
        }
        // Sizes of type parameters are unknown here; their instances all decide alike, by reference.
        _ => !store.mentions_params(ty) && store.sizeof(ty) <= MAX_BY_VALUE_BYTES,
    }
}

/// A member of a batch of functions that are analysed together.
struct Unit {
    arena: Arena,
    info: Arc<Info>,
    /// Location of each variable.
    vars: FxHashMap<ObjId, Loc>,
    params: Vec<Option<Loc>>,
    results: Vec<Loc>,
}

impl Escape {
    pub fn new() -> Escape {
        Escape::default()
    }

    /// The decisions for a declared function's body.
    pub fn body(&mut self, program: &mut Program, func: ObjId) -> Arc<EscapeInfo> {
        let arena = Arena::Body(func);
        if let Some(known) = self.results.get(&arena) {
            return known.clone();
        }
        self.batch_of(program, func);
        self.results.get(&arena).cloned().unwrap_or_default()
    }

    /// The decisions for the package-level initialisers of an arena.
    pub fn initializers(&mut self, program: &mut Program, arena: Arena) -> Arc<EscapeInfo> {
        if let Some(known) = self.results.get(&arena) {
            return known.clone();
        }
        self.analyse(program, &[arena]);
        self.results.get(&arena).cloned().unwrap_or_default()
    }

    /// Finds the functions that `func` calls and that call it back, and analyses them together; those that it merely calls come first.
    fn batch_of(&mut self, program: &mut Program, func: ObjId) {
        // Tarjan's algorithm, iterative: a chain of calls may be longer than the Rust stack.
        struct Frame {
            func: ObjId,
            callees: Vec<ObjId>,
            next: usize,
            depth: u32,
        }
        let mut index: FxHashMap<ObjId, (u32, u32, bool)> = FxHashMap::default();
        let mut stack: Vec<ObjId> = Vec::new();
        let mut frames = Vec::new();
        let mut counter = 0;
        let mut enter = |escape: &Escape,
                         program: &mut Program,
                         func: ObjId,
                         depth: u32,
                         index: &mut FxHashMap<ObjId, (u32, u32, bool)>,
                         stack: &mut Vec<ObjId>| {
            index.insert(func, (counter, counter, true));
            counter += 1;
            stack.push(func);
            let callees = escape.callees(program, func);
            Frame {
                func,
                callees,
                next: 0,
                depth,
            }
        };
        frames.push(enter(self, program, func, 0, &mut index, &mut stack));
        while let Some(frame) = frames.last_mut() {
            if let Some(&callee) = frame.callees.get(frame.next) {
                frame.next += 1;
                let caller = frame.func;
                if self.summaries.contains_key(&callee) {
                    continue;
                }
                match index.get(&callee) {
                    Some(&(number, _, true)) => {
                        let low = &mut index.get_mut(&caller).expect("entered").1;
                        *low = number.min(*low);
                    }
                    Some(_) => {}
                    None => {
                        let lazy = is_lazy(program, callee);
                        let depth = frame.depth + u32::from(lazy);
                        if lazy && depth > STANDARD_DEPTH {
                            continue;
                        }
                        frames.push(enter(self, program, callee, depth, &mut index, &mut stack));
                    }
                }
                continue;
            }
            let func = frame.func;
            frames.pop();
            let (number, low, _) = index[&func];
            if let Some(caller) = frames.last() {
                let up = &mut index.get_mut(&caller.func).expect("entered").1;
                *up = low.min(*up);
            }
            if low == number {
                let at = stack
                    .iter()
                    .rposition(|f| *f == func)
                    .expect("on the stack");
                let batch: Vec<Arena> = stack.drain(at..).map(Arena::Body).collect();
                for arena in &batch {
                    if let Arena::Body(f) = arena {
                        index.get_mut(f).expect("entered").2 = false;
                    }
                }
                self.analyse(program, &batch);
            }
        }
    }

    /// The declared functions with bodies that `func` calls directly.
    fn callees(&self, program: &mut Program, func: ObjId) -> Vec<ObjId> {
        let Some(info) = program.check_body(func) else {
            return Vec::new();
        };
        let mut found: Vec<ObjId> = Vec::new();
        let mut seen = FxHashSet::default();
        let candidates =
            info.objects
                .iter()
                .flatten()
                .copied()
                .chain(info.selections.values().filter_map(|s| match s.kind {
                    types::SelectionKind::Method(m) | types::SelectionKind::MethodExpr(m) => {
                        Some(m)
                    }
                    _ => None,
                }));
        for object in candidates {
            if has_body(program, object) && seen.insert(object) {
                found.push(object);
            }
        }
        found.sort();
        found
    }

    fn analyse(&mut self, program: &mut Program, batch: &[Arena]) {
        let mut graph = Graph::new();
        let mut units: Vec<Unit> = Vec::new();
        for arena in batch {
            let info = match arena {
                Arena::Body(func) => program.check_body(*func),
                Arena::File(_) | Arena::Decl(..) => {
                    program.info(*arena).map(|info| Arc::new(info.clone()))
                }
            };
            let Some(info) = info else { continue };
            let number = units.len() as u32;
            graph
                .literal_parents
                .push(info.funcs.iter().map(|f| f.parent).collect());
            let mut unit = Unit {
                arena: *arena,
                info: info.clone(),
                vars: FxHashMap::default(),
                params: Vec::new(),
                results: Vec::new(),
            };
            if let (Arena::Body(_), Some(f)) = (arena, info.funcs.first()) {
                for (i, param) in f.recv.iter().chain(&f.params).enumerate() {
                    let loc = graph.add(Site::Var(*param), number, 0, 1);
                    graph.at_mut(loc).param = Some(i as u32);
                    unit.vars.insert(*param, loc);
                    unit.params.push(Some(loc));
                }
                for (i, result) in f.results.iter().enumerate() {
                    let loc = graph.add(Site::Var(*result), number, 0, 1);
                    graph.at_mut(loc).result = Some(i as u32);
                    unit.vars.insert(*result, loc);
                    unit.results.push(loc);
                }
            }
            units.push(unit);
        }
        let mut made: Vec<Vec<walk::Made>> = Vec::new();
        for number in 0..units.len() {
            made.push(walk::build(self, program, &mut graph, &mut units, number));
        }
        graph.solve();
        for (unit, made) in units.iter().zip(made) {
            self.publish(program, &graph, unit, made);
        }
    }

    fn publish(
        &mut self,
        program: &mut Program,
        graph: &Graph,
        unit: &Unit,
        made: Vec<walk::Made>,
    ) {
        let mut result = EscapeInfo::default();
        for (&var, &loc) in &unit.vars {
            let object = program.obj(var);
            let (pos, name, ty) = (object.pos, object.name, object.ty);
            let too_large =
                !program.store.mentions_params(ty) && program.store.sizeof(ty) > MAX_VAR_BYTES;
            if graph.at(loc).escapes || too_large {
                result.heap_vars.insert(var);
                result
                    .notes
                    .push((pos, format!("moved to heap: {}", name.as_str())));
            }
        }
        for site in made {
            let on_stack = !graph.at(site.loc).escapes && !site.too_large;
            if on_stack {
                result.stack_exprs.insert(site.node);
            }
            if let Some(text) = site.text {
                let verdict = if on_stack {
                    "does not escape"
                } else {
                    "escapes to heap"
                };
                result.notes.push((site.pos, format!("{text} {verdict}")));
            }
        }
        if let Arena::Body(func) = unit.arena {
            let mut leaks = Vec::new();
            for param in &unit.params {
                let Some(loc) = param else {
                    leaks.push(Leak {
                        heap: Some(0),
                        results: Vec::new(),
                    });
                    continue;
                };
                let location = graph.at(*loc);
                let leak = Leak {
                    heap: location.leaks_to_heap,
                    results: location.leaks_to_results.clone(),
                };
                if let Site::Var(var) = location.site {
                    self.note_param(program, unit, var, &leak, &mut result);
                }
                leaks.push(leak);
            }
            self.summaries.insert(func, leaks.into());
        }
        self.results.insert(unit.arena, Arc::new(result));
    }

    fn note_param(
        &self,
        program: &mut Program,
        unit: &Unit,
        var: ObjId,
        leak: &Leak,
        result: &mut EscapeInfo,
    ) {
        let object = program.obj(var);
        let (pos, name, ty) = (object.pos, object.name, object.ty);
        let name = name.as_str();
        if name.is_empty()
            || name == "_"
            || !program.store.has_pointers(ty)
            || result.heap_vars.contains(&var)
        {
            return;
        }
        match leak.heap {
            Some(0) => result.notes.push((pos, format!("leaking param: {name}"))),
            Some(_) => result
                .notes
                .push((pos, format!("leaking param content: {name}"))),
            None => {}
        }
        for (number, level) in &leak.results {
            let target = unit
                .info
                .funcs
                .first()
                .and_then(|f| f.results.get(*number as usize))
                .map(|r| program.obj(*r).name);
            let target = match target {
                Some(name) if !name.as_str().is_empty() => name.as_str().to_owned(),
                _ => format!("~r{number}"),
            };
            result.notes.push((
                pos,
                format!("leaking param: {name} to result {target} level={level}"),
            ));
        }
        if leak.heap.is_none() && leak.results.is_empty() {
            result.notes.push((pos, format!("{name} does not escape")));
        }
    }
}

fn is_lazy(program: &Program, func: ObjId) -> bool {
    program
        .obj(func)
        .pkg
        .is_some_and(|pkg| program.package(pkg).lazy)
}

fn has_body(program: &Program, object: ObjId) -> bool {
    matches!(&program.obj(object).kind, ObjKind::Func(f) if f.decl().body.is_some())
}
