//! Value numbering over the dominator tree: a pure operation, or a check, that a dominating block has done on the same
//! values is not done again.

use std::collections::hash_map::Entry;

use rustc_hash::FxHashMap;

use crate::opt::flow::Dominators;
use crate::opt::replace;
use crate::ssa::{Op, Ssa, Type, Value};

/// Operation, type of the result, arguments, of which pure operations and checks have four at most.
type Key = (Op, Option<Type>, [Value; 4]);
const NO_VALUE: Value = Value::MAX;

pub fn run(ssa: &mut Ssa) {
    let children = Dominators::new(ssa).children;
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    let mut known: FxHashMap<Key, Option<Value>> = FxHashMap::default();
    // What the blocks on the way down have added, in order.
    let mut added: Vec<Key> = Vec::new();
    enum Work {
        Enter(usize),
        /// Forgets what was added beyond so many.
        Leave(usize),
    }
    let mut work = vec![Work::Enter(0)];
    while let Some(next) = work.pop() {
        let b = match next {
            Work::Leave(_) if work.is_empty() => break,
            Work::Leave(count) => {
                for key in added.drain(count..) {
                    known.remove(&key);
                }
                continue;
            }
            Work::Enter(b) => b,
        };
        work.push(Work::Leave(added.len()));
        let types = &ssa.types;
        ssa.blocks[b].insts.retain(|inst| {
            if !inst.op.is_pure() && !matches!(inst.op, Op::Guard(_)) {
                return true;
            }
            let mut args = [NO_VALUE; 4];
            for (to, from) in args.iter_mut().zip(&inst.args) {
                *to = map[*from as usize];
            }
            let key = (inst.op, inst.result.map(|v| types[v as usize]), args);
            match known.entry(key) {
                Entry::Occupied(old) => {
                    if let (Some(v), Some(old)) = (inst.result, old.get()) {
                        map[v as usize] = *old;
                    }
                    false
                }
                Entry::Vacant(new) => {
                    new.insert(inst.result);
                    added.push(key);
                    true
                }
            }
        });
        work.extend(children[b].iter().map(|c| Work::Enter(*c)));
    }
    replace(ssa, &mut map);
}
