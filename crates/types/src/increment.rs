//! What an interactive session asks of the checker besides increments: taking one back, and leave to enter bare expressions.

use crate::objects::{ObjId, ObjKind, PkgId, State};
use crate::program::{Package, Program};
use rustc_hash::FxHashMap;
use syntax::{NodeId, Symbol};

/// The state of a package before an increment.
pub struct Mark {
    pkg: PkgId,
    package: Package,
    objs: u32,
    packages: usize,
    mono_edges: usize,
    methods: FxHashMap<ObjId, Vec<ObjId>>,
}

impl Program {
    /// Notes what `undo` goes back to.
    pub fn mark(&self, pkg: PkgId) -> Mark {
        let own = |o: &ObjId| self.obj(*o).pkg == Some(pkg);
        let methods = self.decls.methods.iter().filter(|(base, _)| own(base));
        Mark {
            pkg,
            package: self.package(pkg).clone(),
            objs: self.objs.len() as u32,
            packages: self.packages.len(),
            mono_edges: self.mono_edges.len(),
            methods: methods.map(|(&base, list)| (base, list.clone())).collect(),
        }
    }

    /// Takes back the increments since the mark: the package declares what it declared then. Nothing of them may have been compiled.
    /// With `reload`, packages loaded since are loaded anew when they are imported again (they had errors, perhaps).
    pub fn undo(&mut self, mark: &Mark, reload: bool) {
        self.packages[mark.pkg.0 as usize] = mark.package.clone();
        self.mono_edges.truncate(mark.mono_edges);
        let changed: Vec<ObjId> = self
            .decls
            .methods
            .iter()
            .filter(|&(base, list)| mark.methods.get(base) != Some(list))
            .map(|(&base, _)| base)
            .collect();
        for base in changed {
            // What is declared since the mark is out of sight anyway.
            if base.0 < mark.objs
                && self.obj(base).pkg == Some(mark.pkg)
                && self.obj(base).state == State::Done
            {
                let list = mark.methods.get(&base).cloned().unwrap_or_default();
                let list = list.into_iter().map(|m| (self.obj(m).name, m)).collect();
                let named = self.ty(base);
                if let Some(named) = self.store.named_mut(named) {
                    named.methods = list;
                }
            }
        }
        let objs = &self.objs;
        self.decls
            .methods
            .retain(|base, _| objs[base.0 as usize].pkg != Some(mark.pkg));
        self.decls.methods.extend(
            mark.methods
                .iter()
                .map(|(&base, list)| (base, list.clone())),
        );
        if reload {
            self.by_path
                .retain(|_, pkg| (pkg.0 as usize) < mark.packages);
        }
    }

    /// Takes the variables declared since the mark out of scope: their initialisation failed. What they shadow is visible again.
    pub fn forget_variables(&mut self, mark: &Mark) {
        for name in self.declared_since(mark) {
            let scope = &self.packages[mark.pkg.0 as usize].scope;
            if !matches!(self.obj(scope[&name]).kind, ObjKind::Var(_)) {
                continue;
            }
            let scope = &mut self.packages[mark.pkg.0 as usize].scope;
            match mark.package.scope.get(&name) {
                Some(&earlier) => scope.insert(name, earlier),
                None => scope.remove(&name),
            };
        }
    }

    /// Names that the package declares since the mark.
    pub fn declared_since(&self, mark: &Mark) -> Vec<Symbol> {
        let scope = self.package(mark.pkg).scope.iter();
        scope
            .filter(|(_, o)| o.0 >= mark.objs)
            .map(|(&name, _)| name)
            .collect()
    }

    /// Takes a name out of a package's scope: something else is to be found by it.
    pub fn forget_name(&mut self, pkg: PkgId, name: Symbol) {
        self.packages[pkg.0 as usize].scope.remove(&name);
    }

    /// Gives types that were checked before an increment the methods that it declares for them: functions `from..` of the package.
    pub(crate) fn extend_types(&mut self, pkg: PkgId, from: usize) {
        let added = &self.package(pkg).funcs[from..];
        let mut bases: Vec<ObjId> = added
            .iter()
            .filter_map(|&f| Some(self.obj(f).func()?.recv?.base))
            .collect();
        bases.retain(|&base| self.obj(base).state == State::Done);
        bases.dedup();
        self.with_checker(|c| {
            for base in bases {
                c.collect_methods(base, c.ty(base));
            }
            c.process_delayed(0);
        });
    }

    /// Whether methods were declared since the mark for a type declared before it.
    pub fn extends_earlier_types(&self, mark: &Mark) -> bool {
        let added = &self.package(mark.pkg).funcs[mark.package.funcs.len()..];
        added
            .iter()
            .filter_map(|&f| self.obj(f).func()?.recv)
            .any(|recv| recv.base.0 < mark.objs)
    }

    /// Allows these expression statements, outside of declared functions, in the next increment: any expression, or a type. What they are
    /// is in the file's side tables.
    pub fn want_values(&mut self, statements: impl IntoIterator<Item = NodeId>) {
        self.wanted = statements.into_iter().collect();
    }
}
