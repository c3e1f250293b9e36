//! Checks a function in SSA form: every use is dominated by its one definition, types fit, edges bring as many arguments as
//! their targets have parameters, and only jumps bring any (so that no critical edge needs moves).

use crate::ssa::{Op, Ssa, Term, Value};

/// What is wrong with the function, if anything.
pub fn validate(ssa: &Ssa) -> Result<(), String> {
    let idom = ssa.dominators();
    // Where each value is defined: block, position (0: parameter).
    let mut defs: Vec<Option<(usize, usize)>> = vec![None; ssa.types.len()];
    for (b, block) in ssa.blocks.iter().enumerate() {
        let results = block
            .insts
            .iter()
            .enumerate()
            .filter_map(|(i, inst)| Some((inst.result?, i + 1)));
        for (v, at) in block.params.iter().map(|v| (*v, 0)).chain(results) {
            if defs[v as usize].replace((b, at)).is_some() {
                return Err(format!("v{v} is defined twice"));
            }
        }
    }
    let dominated = |v: Value, block: usize, at: usize| {
        let Some((def, pos)) = defs[v as usize] else {
            return false;
        };
        if def == block {
            return pos < at;
        }
        let mut x = block;
        while x != 0 {
            match idom[x] {
                Some(d) => x = d,
                None => return true,
            }
            if x == def {
                return true;
            }
        }
        false
    };
    for (b, block) in ssa.blocks.iter().enumerate() {
        if idom[b].is_none() {
            continue;
        }
        for (i, inst) in block.insts.iter().enumerate() {
            let mut bad = None;
            inst.clone().for_each_use(&mut |v| {
                if !dominated(*v, b, i + 1) {
                    bad = Some(*v);
                }
            });
            if let Some(v) = bad {
                return Err(format!("v{v} is not defined at its use in block {b}"));
            }
            let wants_float = match inst.op {
                Op::Float(_) => Some(true),
                Op::Bin(_)
                | Op::Bin32(_)
                | Op::Un32(_)
                | Op::Rotl32
                | Op::Rotl64
                | Op::Guard(_)
                | Op::Select(_)
                | Op::Atomic(..)
                | Op::Helper(_)
                | Op::Alloc(_) => Some(false),
                _ => None,
            };
            if let Some(wants) = wants_float {
                let mut all = inst.args.iter().chain(&inst.result);
                if all.any(|v| ssa.typ(*v).is_float() != wants) {
                    return Err(format!("types of {:?} in block {b}", inst.op));
                }
            }
        }
        let mut bad = None;
        block.term.clone().for_each_use(&mut |v| {
            if !dominated(*v, b, block.insts.len() + 1) {
                bad = Some(*v);
            }
        });
        if let Some(v) = bad {
            return Err(format!("v{v} is not defined at the end of block {b}"));
        }
        for edge in block.term.edges() {
            let params = &ssa.blocks[edge.block].params;
            if params.len() != edge.args.len() {
                return Err(format!("arguments from block {b} to {}", edge.block));
            }
            if !edge.args.is_empty() && !matches!(block.term, Term::Jump(_)) {
                return Err(format!("block {b} brings arguments along a branch"));
            }
            for (p, a) in params.iter().zip(&edge.args) {
                if ssa.typ(*p).is_float() != ssa.typ(*a).is_float() {
                    return Err(format!("type of v{a} from block {b} to {}", edge.block));
                }
            }
        }
    }
    Ok(())
}
