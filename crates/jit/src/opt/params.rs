//! Removes block parameters that can only be one value.

use crate::opt::replace;
use crate::ssa::{Ssa, Value};

pub fn run(ssa: &mut Ssa) {
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    fn root(map: &[Value], mut v: Value) -> Value {
        while map[v as usize] != v {
            v = map[v as usize];
        }
        v
    }
    let order = ssa.reverse_postorder();
    let mut incoming = vec![Vec::new(); ssa.blocks.len()];
    for &b in &order {
        for (e, edge) in ssa.blocks[b].term.edges().iter().enumerate() {
            incoming[edge.block].push((b, e));
        }
    }
    let mut changed = true;
    while changed {
        changed = false;
        for &b in &order {
            for i in 0..ssa.blocks[b].params.len() {
                let param = ssa.blocks[b].params[i];
                if map[param as usize] != param {
                    continue;
                }
                let mut only: Option<Value> = None;
                let mut trivial = true;
                for &(p, e) in &incoming[b] {
                    let v = root(&map, ssa.blocks[p].term.edges()[e].args[i]);
                    if v != param && only.is_some_and(|o| o != v) {
                        trivial = false;
                        break;
                    }
                    if v != param {
                        only = Some(v);
                    }
                }
                if let (true, Some(v)) = (trivial, only) {
                    map[param as usize] = v;
                    changed = true;
                }
            }
        }
    }
    for &b in &order {
        let keep: Vec<bool> = ssa.blocks[b]
            .params
            .iter()
            .map(|p| map[*p as usize] == *p)
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
    }
    replace(ssa, &mut map);
}
