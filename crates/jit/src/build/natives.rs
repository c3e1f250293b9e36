//! Natives that are calls of helpers: what of package sync/atomic is no instruction.

use bytecode::isa::Instr;

use super::{Builder, Held};
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

impl Builder<'_> {
    /// Calls a native without the interpreter; false where it has to be asked.
    pub(super) fn native(&mut self, instr: Instr) -> bool {
        let f = &*self.info.function;
        let name = &f.native_pool[f.code[self.pc + 1] as usize];
        let Some((helper, count)) = atomic(name) else {
            return false;
        };
        if usize::from(instr.b) != count {
            return false;
        }
        let args: Vec<Value> = (0..count).map(|i| self.word(i)).collect();
        let zero = self.constant(0);
        // The interpreter's native panics.
        self.guard(Cond::Ne, args[0], zero);
        // As the analysis has it: after natives nothing is in registers.
        self.flush();
        let result = self.helper(helper, &args);
        self.held.fill(None);
        if instr.c > 0 {
            // At home, too, as after any call.
            let slot = usize::from(instr.b);
            self.store_home(slot, result);
            self.held[slot] = Some(Held {
                value: result,
                dirty: false,
            });
        }
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
