//! Removes instructions whose results nobody reads, block parameters included, and objects that are only written to.

use rustc_hash::FxHashMap;

use crate::ssa::{Base, Inst, Op, Ssa, Value};

/// The pointer through which the instruction stores, if it does.
fn stored_through(inst: &Inst) -> Option<Value> {
    match inst.op {
        Op::Store(addr, _) if addr.base == Base::Value => inst.args.first().copied(),
        _ => None,
    }
}

pub fn run(ssa: &mut Ssa) {
    let order = ssa.reverse_postorder();
    let mut incoming = vec![Vec::new(); ssa.blocks.len()];
    for &b in &order {
        for (e, edge) in ssa.blocks[b].term.edges().iter().enumerate() {
            incoming[edge.block].push((b, e));
        }
    }
    let mut def = vec![None; ssa.types.len()];
    let mut live = vec![false; ssa.types.len()];
    let mut work: Vec<Value> = Vec::new();
    // New objects, and what is stored into each: that counts when the object does.
    let mut objects: FxHashMap<Value, Vec<Value>> = FxHashMap::default();
    for &b in &order {
        for inst in &ssa.blocks[b].insts {
            if let (Op::Alloc(_), Some(v)) = (inst.op, inst.result) {
                objects.insert(v, Vec::new());
            }
        }
    }
    for &b in &order {
        for (i, p) in ssa.blocks[b].params.iter().enumerate() {
            def[*p as usize] = Some((b, i, true));
        }
        for i in 0..ssa.blocks[b].insts.len() {
            let inst = &mut ssa.blocks[b].insts[i];
            if let Some(v) = inst.result {
                def[v as usize] = Some((b, i, false));
            }
            if let Some(stored) = stored_through(inst).and_then(|p| objects.get_mut(&p)) {
                stored.extend(&inst.args[1..]);
            } else if !inst.op.is_removable() {
                inst.for_each_use(&mut |v| work.push(*v));
            }
        }
        // Arguments of edges count when the parameter does.
        let mut term = ssa.blocks[b].term.clone();
        term.edges_mut().iter_mut().for_each(|e| e.args.clear());
        term.for_each_use(&mut |v| work.push(*v));
    }
    while let Some(v) = work.pop() {
        if std::mem::replace(&mut live[v as usize], true) {
            continue;
        }
        if let Some(stored) = objects.get(&v) {
            work.extend(stored);
        }
        match def[v as usize] {
            Some((b, i, true)) => {
                for &(p, e) in &incoming[b] {
                    work.push(ssa.blocks[p].term.edges()[e].args[i]);
                }
            }
            Some((b, i, false)) => ssa.blocks[b].insts[i].for_each_use(&mut |v| work.push(*v)),
            None => {}
        }
    }
    for &b in &order {
        let keep: Vec<bool> = ssa.blocks[b]
            .params
            .iter()
            .map(|p| live[*p as usize])
            .collect();
        let filter = |values: &mut Vec<Value>| {
            let mut i = 0;
            values.retain(|_| {
                i += 1;
                keep[i - 1]
            });
        };
        filter(&mut ssa.blocks[b].params);
        for &(p, e) in &incoming[b] {
            filter(&mut ssa.blocks[p].term.edges_mut()[e].args);
        }
        let is_live = |v: Value| live[v as usize];
        ssa.blocks[b].insts.retain(|inst| {
            if let Some(p) = stored_through(inst).filter(|p| objects.contains_key(p)) {
                return is_live(p);
            }
            !inst.op.is_removable() || inst.result.is_none_or(is_live)
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, at, operations};
    use crate::ssa::Type;

    fn objects(ssa: &Ssa) -> usize {
        let all = (0..ssa.blocks.len()).flat_map(|b| operations(ssa, b));
        all.filter(|op| matches!(op, Op::Alloc(_))).count()
    }

    #[test]
    fn an_object_that_is_only_written_to_goes() {
        let mut m = Maker::new();
        let x = m.slot(0);
        let (inner, outer) = (m.object(16, 0), m.object(16, 1));
        m.store(at(0, 8), &[inner, x]);
        m.store(at(0, 0), &[outer, inner]);
        m.ret();
        let ssa = m.after(run);
        assert_eq!(operations(&ssa, 0), []);
    }

    #[test]
    fn an_object_that_is_kept_keeps_what_is_stored_into_it() {
        let mut m = Maker::new();
        let x = m.slot(0);
        let (inner, outer) = (m.object(16, 0), m.object(16, 1));
        m.store(at(0, 8), &[inner, x]);
        m.store(at(0, 0), &[outer, inner]);
        m.set_slot(1, outer);
        m.ret();
        let ssa = m.after(run);
        assert_eq!((objects(&ssa), ssa.blocks[0].insts.len()), (2, 6));
    }

    #[test]
    fn an_object_that_one_path_brings_counts_where_the_parameter_does() {
        for read in [false, true] {
            let mut m = Maker::new();
            let join = m.block(&[Type::Ptr]);
            let (x, object) = (m.slot(0), m.object(8, 0));
            m.store(at(0, 0), &[object, x]);
            m.jump(join, &[object]);
            m.at(join);
            if read {
                let p = m.param(join, 0);
                m.set_slot(1, p);
            }
            m.ret();
            assert_eq!(objects(&m.after(run)), usize::from(read));
        }
    }
}
