//! The order in which package-level variables are initialised.

use crate::checker::Checker;
use crate::decl::DeclSite;
use crate::objects::{NodeRef, ObjId, ObjKind, PkgId};
use crate::program::Initializer;
use rustc_hash::{FxHashMap, FxHashSet};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use syntax::Decl;

impl<'a> Checker<'a> {
    /// Orders the initialisers of a package's variables that have not been ordered yet.
    pub fn order_initializers(&mut self, pkg: PkgId) {
        let from = self.package(pkg).ordered;
        let reached = self.reached_variables(pkg, from);
        let mut vars: Vec<ObjId> = self.package(pkg).vars[from..].to_vec();
        // Those of an outlined package are in the order in which they were asked for.
        vars.sort_by_key(|&v| self.obj(v).pos);
        self.packages[pkg.0 as usize].ordered = from + vars.len();
        let asts: &'a [_] = self.asts;
        let mut inits: Vec<Initializer> = Vec::new();
        let mut of_var: FxHashMap<ObjId, usize> = FxHashMap::default();
        for &v in &vars {
            let Some(site) = self.decls.sites.get(&v).copied() else {
                continue;
            };
            let (Decl::Var(d), DeclSite::Var(n)) =
                (asts[site.file.0 as usize].decl(site.decl), site.site)
            else {
                continue;
            };
            if d.values.is_empty() {
                continue;
            }
            let arena = self.decl_arena(site, &asts[site.file.0 as usize]);
            if d.values.len() == d.names.len() {
                let e = &d.values[n as usize];
                of_var.insert(v, inits.len());
                let rhs = NodeRef { arena, node: e.id };
                inits.push(Initializer {
                    lhs: vec![v],
                    rhs,
                    decl: d.clone(),
                    index: n,
                });
            } else if n == 0 {
                let lhs: Vec<ObjId> = (0..d.names.len() as u32)
                    .filter_map(|n| {
                        self.decls
                            .var_sites
                            .get(&(site.file, site.decl, n))
                            .copied()
                    })
                    .collect();
                for &l in &lhs {
                    of_var.insert(l, inits.len());
                }
                let rhs = NodeRef {
                    arena,
                    node: d.values[0].id,
                };
                inits.push(Initializer {
                    lhs,
                    rhs,
                    decl: d.clone(),
                    index: 0,
                });
            }
        }
        // What each variable needs, through constants and functions. Variables without an initialiser take part: gc gives what
        // uses one its turn only after the variable had its own.
        let node_of: FxHashMap<ObjId, usize> =
            vars.iter().enumerate().map(|(i, &v)| (v, i)).collect();
        let mut pending = vec![0; vars.len()];
        let mut needed_by: Vec<Vec<usize>> = vec![Vec::new(); vars.len()];
        for (i, v) in vars.iter().enumerate() {
            for o in reached.get(v).into_iter().flatten() {
                if let Some(&j) = node_of.get(o) {
                    needed_by[j].push(i);
                    pending[i] += 1;
                }
            }
        }
        let mut ready: BinaryHeap<Reverse<usize>> = (0..vars.len())
            .filter(|&i| pending[i] == 0)
            .map(Reverse)
            .collect();
        let mut done = 0;
        let mut order = Vec::with_capacity(inits.len());
        while let Some(Reverse(i)) = ready.pop() {
            done += 1;
            // Several variables of one call share the initialiser; the first to be ready takes it.
            order.extend(of_var.get(&vars[i]).copied());
            for &j in &needed_by[i] {
                pending[j] -= 1;
                if pending[j] == 0 {
                    ready.push(Reverse(j));
                }
            }
        }
        if done < vars.len() {
            self.report_init_cycle(&vars, &pending);
        }
        let mut slots: Vec<Option<Initializer>> = inits.into_iter().map(Some).collect();
        let ordered: Vec<Initializer> = order.into_iter().filter_map(|i| slots[i].take()).collect();
        self.packages[pkg.0 as usize].init_order.extend(ordered);
    }

    /// The variables that each variable of the package from number `from` on needs, through constants and functions. Looking may
    /// declare more of an outlined package; those need nothing, since what has a value is declared from the start.
    fn reached_variables(&mut self, pkg: PkgId, from: usize) -> FxHashMap<ObjId, Vec<ObjId>> {
        let vars: Vec<ObjId> = self.package(pkg).vars[from..].to_vec();
        let mut reached = FxHashMap::default();
        for v in vars {
            let mut found = Vec::new();
            let mut seen: FxHashSet<ObjId> = FxHashSet::default();
            let mut stack = self.dependencies(v);
            while let Some(o) = stack.pop() {
                if !seen.insert(o) {
                    continue;
                }
                match self.obj(o).kind {
                    ObjKind::Var(_) => found.push(o),
                    _ => stack.extend(self.dependencies(o)),
                }
            }
            if !found.is_empty() {
                reached.insert(v, found);
            }
        }
        reached
    }

    /// Package-level objects of the same package that a declaration uses. Bodies of functions are checked for it.
    fn dependencies(&mut self, o: ObjId) -> Vec<ObjId> {
        if matches!(self.obj(o).kind, ObjKind::Func(_)) {
            self.check_func_body(o);
        }
        self.decls.deps.get(&o).cloned().unwrap_or_default()
    }

    fn report_init_cycle(&mut self, vars: &[ObjId], pending: &[usize]) {
        for (i, &v) in vars.iter().enumerate() {
            if pending[i] == 0 {
                continue;
            }
            if let Some(cycle) = self.find_path(v) {
                self.report_initialization_cycle(&cycle);
                return;
            }
        }
    }

    /// A path of dependencies from `start` back to itself.
    fn find_path(&mut self, start: ObjId) -> Option<Vec<ObjId>> {
        let mut seen: FxHashSet<ObjId> = FxHashSet::default();
        let mut parent: FxHashMap<ObjId, ObjId> = FxHashMap::default();
        let mut stack = vec![start];
        while let Some(o) = stack.pop() {
            let mut deps = self.dependencies(o);
            deps.sort_by_key(|&d| Reverse(self.obj(d).pos));
            for d in deps {
                if d == start {
                    let mut path = vec![o];
                    let mut at = o;
                    while at != start {
                        at = *parent.get(&at)?;
                        path.push(at);
                    }
                    path.reverse();
                    return Some(path);
                }
                if seen.insert(d) {
                    parent.insert(d, o);
                    stack.push(d);
                }
            }
        }
        None
    }

    fn report_initialization_cycle(&mut self, cycle: &[ObjId]) {
        let obj = cycle[0];
        let pos = self.obj(obj).pos;
        let name = self.obj(obj).name;
        if cycle.len() == 1 {
            self.error(
                pos,
                format!("initialization cycle: {name} refers to itself"),
            );
            return;
        }
        let mut msg = format!("initialization cycle for {name}");
        for (i, &o) in cycle.iter().enumerate() {
            let next = cycle[(i + 1) % cycle.len()];
            let at = self.pos_string(self.obj(o).pos);
            msg += &format!(
                "\n\t{at}: {} refers to {}",
                self.obj(o).name,
                self.obj(next).name
            );
        }
        self.error(pos, msg);
    }

    /// Constants that refer to themselves.
    pub fn check_constant_cycles(&mut self, consts: &[ObjId]) {
        for &c in consts {
            let uses_itself = self.decls.deps.get(&c).is_some_and(|d| !d.is_empty());
            if !uses_itself || self.reported_cycles.contains(&c) {
                continue;
            }
            if let Some(cycle) = self.find_const_path(c) {
                self.reported_cycles.extend(cycle.iter().copied());
                self.report_initialization_cycle(&cycle);
            }
        }
    }

    fn find_const_path(&mut self, c: ObjId) -> Option<Vec<ObjId>> {
        // Constants cannot depend on functions, so no bodies need checking.
        let mut path = vec![c];
        let mut seen = FxHashSet::default();
        fn walk(
            ck: &Checker<'_>,
            start: ObjId,
            at: ObjId,
            path: &mut Vec<ObjId>,
            seen: &mut FxHashSet<ObjId>,
        ) -> bool {
            let Some(deps) = ck.decls.deps.get(&at) else {
                return false;
            };
            for &d in deps {
                if d == start {
                    return true;
                }
                if !matches!(ck.obj(d).kind, ObjKind::Const(_))
                    || !seen.insert(d)
                    || path.len() > 1000
                {
                    continue;
                }
                path.push(d);
                if walk(ck, start, d, path, seen) {
                    return true;
                }
                path.pop();
            }
            false
        }
        walk(self, c, c, &mut path, &mut seen).then_some(path)
    }
}
