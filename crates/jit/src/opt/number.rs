//! Value numbering over the dominator tree: a pure operation, or a check, that a dominating block has done on the same
//! values is not done again.

use rustc_hash::FxHashMap;

use crate::opt::flow::Dominators;
use crate::opt::replace;
use crate::ssa::{Op, Ssa, Type, Value};

type Key = (Op, Option<Type>, Vec<Value>);

pub fn run(ssa: &mut Ssa) {
    let children = Dominators::new(ssa).children;
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    let mut known: FxHashMap<Key, Option<Value>> = FxHashMap::default();
    enum Work {
        Enter(usize),
        Leave(Vec<Key>),
    }
    let mut work = vec![Work::Enter(0)];
    while let Some(next) = work.pop() {
        let b = match next {
            Work::Leave(keys) => {
                keys.iter().for_each(|key| {
                    known.remove(key);
                });
                continue;
            }
            Work::Enter(b) => b,
        };
        let mut added = Vec::new();
        let types = &ssa.types;
        ssa.blocks[b].insts.retain(|inst| {
            if !inst.op.is_pure() && !matches!(inst.op, Op::Guard(_)) {
                return true;
            }
            let args = inst.args.iter().map(|v| map[*v as usize]).collect();
            let key = (inst.op, inst.result.map(|v| types[v as usize]), args);
            if let Some(old) = known.get(&key) {
                if let (Some(v), Some(old)) = (inst.result, old) {
                    map[v as usize] = *old;
                }
                return false;
            }
            known.insert(key.clone(), inst.result);
            added.push(key);
            true
        });
        work.push(Work::Leave(added));
        work.extend(children[b].iter().map(|c| Work::Enter(*c)));
    }
    replace(ssa, &mut map);
}
