//! Calls of natives. Some are operations of their own; those that only compute (`runtime::native::COMPUTES`) are called with their arguments in the outgoing area, while everything else
//! stays where it is; the rest are steps.

use bytecode::func::FuncInfo;
use bytecode::isa::Instr;
use runtime::native::COMPUTES;

use super::Builder;
use crate::helpers;
use crate::ssa::{Cond, Helper, Value};

/// The operation of a native of sync/atomic on numbers: the helper and its arguments, the address included.
fn atomic(name: &str) -> Option<(Helper, usize)> {
    let name = name.strip_prefix("sync/atomic.")?;
    let at = name.find(|c: char| c.is_ascii_digit() || c == 'p' && name.ends_with("Uintptr"));
    let kind = &name[..at?];
    let (operation, signed, wide) = if let Some(operation) = kind.strip_suffix("Uint") {
        (operation, false, name.ends_with("64"))
    } else if let Some(operation) = kind.strip_suffix("Int") {
        (operation, true, name.ends_with("64"))
    } else {
        return None;
    };
    let wide = wide || name.ends_with("ptr");
    let of = |w: fn() -> Helper, s: fn() -> Helper, u: fn() -> Helper| match (wide, signed) {
        (true, _) => w(),
        (false, true) => s(),
        (false, false) => u(),
    };
    use helpers::{and_i32, and_u32, and_word, or_i32, or_u32, or_word};
    Some(match operation {
        "And" => (of(and_word, and_i32, and_u32), 2),
        "Or" => (of(or_word, or_i32, or_u32), 2),
        _ => return None,
    })
}

/// A native that is a function of some of its slots, with a word as result.
fn search(name: &str) -> Option<(Helper, &'static [usize])> {
    Some(match name {
        "strings.IndexByte" => (helpers::index_byte(), &[0, 1, 2]),
        "bytes.IndexByte" => (helpers::index_byte(), &[0, 1, 3]),
        "strings.Index" => (helpers::index(), &[0, 1, 2, 3]),
        "bytes.Index" => (helpers::index(), &[0, 1, 3, 4]),
        _ => return None,
    })
}

/// The native's word in linked code.
fn word(info: &FuncInfo, pc: usize) -> u64 {
    // SAFETY: linked code has the same words; it is immortal.
    unsafe { *info.code.add(pc + 1) }
}

/// Whether the native that is called at this word offset only computes.
pub fn computes(info: &FuncInfo, pc: usize) -> bool {
    word(info, pc) & COMPUTES != 0
}

impl Builder<'_> {
    /// Calls a native without the interpreter; false where it has to be asked.
    pub(super) fn native(&mut self, instr: Instr) -> bool {
        if !computes(self.info, self.pc) {
            return false;
        }
        let f = &*self.info.function;
        let name = &f.native_pool[f.code[self.pc + 1] as usize];
        let (args, results) = (usize::from(instr.b), usize::from(instr.c));
        let base = self.base();
        if let Some((helper, count)) = atomic(name)
            && count == args
        {
            let args: Vec<Value> = (0..count).map(|i| self.word(base + i)).collect();
            let zero = self.constant(0);
            // The interpreter's native panics.
            self.guard(Cond::Ne, args[0], zero);
            let result = self.helper(helper, &args);
            if results > 0 {
                self.set(base + count, result);
            }
            return true;
        }
        if let Some((helper, slots)) = search(name) {
            let values: Vec<Value> = slots.iter().map(|i| self.word(base + i)).collect();
            let found = self.helper(helper, &values);
            self.set(base + args, found);
            return true;
        }
        if &**name == "math/bits.div128" {
            let args = [0, 1, 2].map(|i| self.word(base + i));
            // Division by zero or overflow is for package bits to find.
            self.guard(Cond::LtU, args[0], args[2]);
            let quotient = self.helper(helpers::divide_wide(), &args);
            let rest = self.second_result();
            self.set(base + 3, quotient);
            self.set(base + 4, rest);
            return true;
        }
        self.poll();
        self.operands_home();
        let native = self.constant(word(self.info, self.pc) as i64);
        let slots = self.frame_address(base, (args + results).max(1));
        let done = self.helper(helpers::native(), &[native, slots]);
        let zero = self.constant(0);
        self.guard(Cond::Ne, done, zero);
        self.forget(base + args, results);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::atomic;

    #[test]
    fn names_of_atomic_operations() {
        let count = |name: &str| atomic(name).map(|(_, count)| count);
        assert_eq!(count("sync/atomic.AndInt32"), Some(2));
        assert_eq!(count("sync/atomic.OrUintptr"), Some(2));
        assert_eq!(count("sync/atomic.OrUint64"), Some(2));
        assert_eq!(count("sync/atomic.SwapPointer"), None);
        assert_eq!(count("math.Floor"), None);
    }
}
