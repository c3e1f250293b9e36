//! Removes instructions whose results nobody reads, block parameters included.

use crate::ssa::{Ssa, Value};

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
    for &b in &order {
        for (i, p) in ssa.blocks[b].params.iter().enumerate() {
            def[*p as usize] = Some((b, i, true));
        }
        for i in 0..ssa.blocks[b].insts.len() {
            let inst = &mut ssa.blocks[b].insts[i];
            if let Some(v) = inst.result {
                def[v as usize] = Some((b, i, false));
            }
            if !inst.op.is_removable() {
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
        ssa.blocks[b]
            .insts
            .retain(|inst| !inst.op.is_removable() || inst.result.is_none_or(|v| live[v as usize]));
    }
}
