//! Register allocation: `Code` as regalloc2 wants to see it.
//!
//! No pointer map comes out of it: at every point where a map is needed all of the frame is in its slots, and the bytecode's maps hold.

use regalloc2::{
    Algorithm, Block, Ctx, Function, Inst, InstRange, MachineEnv, Operand, Output, PRegSet,
    RegClass, RegallocOptions, VReg,
};

use crate::lower::{Code, FLOAT_SCRATCH, FLOATS, INTS, Kind, SCRATCH, float, int, part};

impl Function for Code {
    fn num_insts(&self) -> usize {
        self.insts.len()
    }
    fn num_blocks(&self) -> usize {
        self.ranges.len()
    }
    fn entry_block(&self) -> Block {
        Block::new(0)
    }
    fn block_insns(&self, block: Block) -> InstRange {
        self.ranges[block.index()]
    }
    fn block_succs(&self, block: Block) -> &[Block] {
        &self.succs[block.index()]
    }
    fn block_preds(&self, block: Block) -> &[Block] {
        &self.preds[block.index()]
    }
    fn block_params(&self, block: Block) -> &[VReg] {
        &self.params[block.index()]
    }
    fn is_ret(&self, inst: Inst) -> bool {
        matches!(self.insts[inst.index()].kind, Kind::Return | Kind::Leave)
    }
    fn is_branch(&self, inst: Inst) -> bool {
        use Kind::{Branch, Jump, Table};
        matches!(self.insts[inst.index()].kind, Jump(_) | Branch(..) | Table)
    }
    fn branch_blockparams(&self, block: Block, _: Inst, succ: usize) -> &[VReg] {
        if succ == 0 {
            &self.args[block.index()]
        } else {
            &[]
        }
    }
    fn inst_operands(&self, inst: Inst) -> &[Operand] {
        part(&self.operands, &self.insts[inst.index()].operands)
    }
    fn inst_clobbers(&self, inst: Inst) -> PRegSet {
        self.insts[inst.index()].clobbers
    }
    fn num_vregs(&self) -> usize {
        self.values
    }
    fn spillslot_size(&self, _: RegClass) -> usize {
        1
    }
}

/// What the allocator has from one function to the next: memory, above all.
pub struct Allocator {
    env: MachineEnv,
    ctx: Ctx,
}

/// More instructions than most functions have: what the allocator took for them is not kept.
const LARGE: usize = 20_000;

impl Default for Allocator {
    fn default() -> Allocator {
        let mut ints = PRegSet::empty();
        INTS.iter().for_each(|n| ints.add(int(*n)));
        let mut floats = PRegSet::empty();
        (0..FLOATS).for_each(|n| floats.add(float(n)));
        let none = PRegSet::empty();
        Allocator {
            env: MachineEnv {
                preferred_regs_by_class: [ints, floats, none],
                non_preferred_regs_by_class: [none; 3],
                scratch_by_class: [Some(int(SCRATCH)), Some(float(FLOAT_SCRATCH)), None],
                fixed_stack_slots: Vec::new(),
            },
            ctx: Ctx::default(),
        }
    }
}

impl Allocator {
    /// Assigns registers and spill slots. `check` has the result proven right, by a checker that knows nothing of how it was found.
    ///
    /// # Errors
    /// What the allocator or the checker found wrong, which is a fault of the compiler.
    pub fn allocate(&mut self, code: &Code, check: bool) -> Result<&Output, String> {
        let options = RegallocOptions {
            verbose_log: false,
            validate_ssa: check,
            algorithm: Algorithm::Ion,
        };
        if self.ctx.output.allocs.len() > LARGE {
            self.ctx = Ctx::default();
        }
        let output = regalloc2::run_with_ctx(code, &self.env, &options, &mut self.ctx)
            .map_err(|e| format!("{e:?}"))?;
        if check {
            prove(code, &self.env, output)?;
        }
        Ok(output)
    }
}

/// Follows every value through the registers and spill slots to its uses.
fn prove(code: &Code, env: &MachineEnv, output: &Output) -> Result<(), String> {
    let mut checker = regalloc2::checker::Checker::new(code, env);
    checker.prepare(output);
    checker.run().map_err(|e| format!("{e:?}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lower::lower;
    use crate::opt::testing::Maker;
    use crate::ssa::{BinOp, Ssa};

    fn difference() -> Ssa {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), m.slot(1));
        let z = m.binary(BinOp::Sub, x, y);
        m.set_slot(2, z);
        m.ret();
        m.ssa
    }

    #[test]
    fn a_wrong_register_is_found() {
        let code = lower(&difference());
        let mut allocator = Allocator::default();
        let mut output = allocator.allocate(&code, true).unwrap().clone();
        let first = *output.inst_allocs(Inst::new(0)).first().unwrap();
        let second = *output.inst_allocs(Inst::new(1)).first().unwrap();
        assert_ne!(first, second);
        // The second load goes where the first one went.
        let at = output.inst_alloc_offsets[1] as usize;
        output.allocs[at] = first;
        assert!(prove(&code, &allocator.env, &output).is_err());
    }

    #[test]
    fn what_is_kept_between_functions_does_not_show() {
        let code = lower(&difference());
        let mut allocator = Allocator::default();
        let once = allocator.allocate(&code, true).unwrap().allocs.clone();
        let again = allocator.allocate(&code, true).unwrap();
        assert_eq!(again.allocs, once);
    }
}
