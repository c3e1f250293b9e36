//! Types that contain themselves by value.

use crate::checker::Checker;
use crate::objects::ObjId;
use crate::types::{Type, TypeId, tid};
use rustc_hash::FxHashSet;
use std::sync::Arc;

/// A declared type or instance whose memory what is being looked at is a part of.
struct Enclosing {
    typ: TypeId,
    /// The generic type's parameters, and what they stand for.
    tparams: Arc<[TypeId]>,
    targs: Arc<[TypeId]>,
}

impl<'a> Checker<'a> {
    /// Reports a declared type that contains itself other than through pointers and the like.
    pub fn check_valid_type(&mut self, named: TypeId) {
        let mut done = std::mem::take(&mut self.valid_types);
        let cycle = self.find_containment(named, &mut Vec::new(), &mut Vec::new(), &mut done);
        self.valid_types = done;
        if let Some(cycle) = cycle {
            let objs: Vec<ObjId> = cycle
                .iter()
                .filter_map(|&t| self.store.named(t).map(|n| n.obj))
                .collect();
            self.report_cycle(&objs);
            for t in cycle {
                self.store.set_underlying(t, tid::INVALID);
            }
        }
    }

    /// The types of a cycle through `t`. `path` holds the types (and generic types) on the way down, `nest` those of them that enclose `t` in memory.
    fn find_containment(
        &mut self,
        t: TypeId,
        path: &mut Vec<(TypeId, TypeId)>,
        nest: &mut Vec<Enclosing>,
        done: &mut FxHashSet<TypeId>,
    ) -> Option<Vec<TypeId>> {
        match self.store.get(t).clone() {
            Type::Array(_, e) => self.find_containment(e, path, nest, done),
            Type::Struct(s) => s
                .fields
                .iter()
                .find_map(|f| self.find_containment(f.ty, path, nest, done)),
            Type::Interface(i) => i
                .embeds
                .iter()
                .find_map(|&e| self.find_containment(e, path, nest, done)),
            Type::Union(ts) => ts
                .iter()
                .find_map(|m| self.find_containment(m.ty, path, nest, done)),
            Type::TypeParam(_) => {
                // The argument was written outside the instance: what is found in it does not contain the instance.
                let inner = nest.pop()?;
                let found = match inner.tparams.iter().position(|&p| p == t) {
                    Some(i) => inner
                        .targs
                        .get(i)
                        .and_then(|&a| self.find_containment(a, path, nest, done)),
                    None => None,
                };
                nest.push(inner);
                found
            }
            Type::Named(_) => {
                if done.contains(&t) {
                    return None;
                }
                let n = self.store.named(t)?;
                let origin = n.origin;
                let targs = n.targs.clone();
                if nest.iter().any(|e| e.typ == t) {
                    let from = path.iter().position(|(p, _)| *p == t)?;
                    return Some(path[from..].iter().map(|(_, origin)| *origin).collect());
                }
                let n = self.store.named(origin)?;
                let (u, tparams) = (n.underlying?, n.tparams.clone());
                path.push((t, origin));
                nest.push(Enclosing {
                    typ: t,
                    tparams,
                    targs: targs.clone(),
                });
                let found = self.find_containment(u, path, nest, done);
                nest.pop();
                path.pop();
                if found.is_none() && targs.is_empty() {
                    done.insert(t);
                }
                found
            }
            _ => None,
        }
    }
}
