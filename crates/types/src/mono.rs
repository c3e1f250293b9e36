//! Instantiations that would never end: a generic function or type that instantiates itself, maybe by
//! way of others, with ever larger types.

use crate::checker::Checker;
use crate::types::{Type, TypeId};
use rustc_hash::{FxHashMap, FxHashSet};
use syntax::Pos;

/// `to`'s type argument mentions `from`.
#[derive(Clone, Debug)]
pub(crate) struct MonoEdge {
    from: TypeId,
    to: TypeId,
    /// Whether the argument is larger than `from` itself.
    grows: bool,
    at: Pos,
    arg: TypeId,
}

impl<'a> Checker<'a> {
    /// Notes an instantiation.
    pub fn note_instance(&mut self, at: &[Pos], tparams: &[TypeId], targs: &[TypeId]) {
        for (i, (&p, &a)) in tparams.iter().zip(targs).enumerate() {
            if !self.store.mentions_params(a) {
                continue;
            }
            let mut inside = Vec::new();
            self.params_in(a, &mut inside);
            for q in inside {
                let at = at.get(i).or(at.last()).copied().unwrap_or_default();
                self.mono_edges.push(MonoEdge {
                    from: q,
                    to: p,
                    grows: a != q,
                    at,
                    arg: a,
                });
            }
        }
    }

    fn params_in(&self, t: TypeId, out: &mut Vec<TypeId>) {
        if !self.store.mentions_params(t) {
            return;
        }
        match self.store.get(t) {
            Type::TypeParam(_) => {
                if !out.contains(&t) {
                    out.push(t);
                }
            }
            Type::Named(_) => {
                if let Some(n) = self.store.named(t) {
                    n.targs.iter().for_each(|&a| self.params_in(a, out));
                }
            }
            Type::Pointer(e) | Type::Slice(e) | Type::Array(_, e) | Type::Chan(_, e) => {
                self.params_in(*e, out)
            }
            Type::Map(k, v) => {
                self.params_in(*k, out);
                self.params_in(*v, out);
            }
            Type::Tuple(ts) => ts.iter().for_each(|&e| self.params_in(e, out)),
            Type::Struct(s) => s.fields.iter().for_each(|f| self.params_in(f.ty, out)),
            Type::Signature(s) => s
                .params
                .iter()
                .chain(&s.results)
                .for_each(|p| self.params_in(p.ty, out)),
            Type::Interface(i) => {
                i.methods.iter().for_each(|m| self.params_in(m.ty, out));
                i.embeds.iter().for_each(|&e| self.params_in(e, out));
            }
            Type::Union(ts) => ts.iter().for_each(|m| self.params_in(m.ty, out)),
            Type::Basic(_) => {}
        }
    }

    /// Reports a cycle of instantiations in which an argument grows.
    pub fn check_instantiation_cycles(&mut self) {
        let edges = std::mem::take(&mut self.mono_edges);
        let mut from: FxHashMap<TypeId, Vec<usize>> = FxHashMap::default();
        for (i, e) in edges.iter().enumerate() {
            from.entry(e.from).or_default().push(i);
        }
        for (i, e) in edges.iter().enumerate().filter(|(_, e)| e.grows) {
            // A way back from the argument's parameter closes the cycle.
            let mut seen: FxHashSet<TypeId> = FxHashSet::default();
            let mut parent: FxHashMap<TypeId, usize> = FxHashMap::default();
            let mut stack = vec![e.to];
            while let Some(t) = stack.pop() {
                if t == e.from {
                    let mut path = vec![i];
                    let mut back = Vec::new();
                    let mut at = t;
                    while at != e.to {
                        let Some(&p) = parent.get(&at) else { break };
                        back.push(p);
                        at = edges[p].from;
                    }
                    back.reverse();
                    path.extend(back);
                    self.report_instantiation_cycle(&edges, &path);
                    return;
                }
                if !seen.insert(t) {
                    continue;
                }
                for &k in from.get(&t).map_or(&[][..], |v| v) {
                    let to = edges[k].to;
                    if !seen.contains(&to) {
                        parent.entry(to).or_insert(k);
                        stack.push(to);
                    }
                }
            }
        }
    }

    fn report_instantiation_cycle(&mut self, edges: &[MonoEdge], path: &[usize]) {
        let first = &edges[path[0]];
        let pos = self
            .store
            .type_param(first.from)
            .map_or(first.at, |p| p.pos);
        let mut msg = String::from("instantiation cycle:");
        for &i in path {
            let e = &edges[i];
            let at = self.pos_string(e.at);
            msg += &format!(
                "\n\t{at}: {} instantiated as {}",
                self.ts(e.to),
                self.ts(e.arg)
            );
        }
        self.error(pos, msg);
    }
}
