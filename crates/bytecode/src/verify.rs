//! The verifier: checks a function before it runs, and knows nothing of how it was made.
//!
//! * Every word decodes; pool indices, jump targets and slots are in range; control cannot run off the end.
//! * Every slot is used as the kind it has; outgoing slots, whose kind changes from call to call, are followed along all paths.
//! * Pointer maps, by a forward symbolic check in the manner of regalloc2's: a pointer slot is *valid* once it has been assigned on every path, and
//!   becomes invalid at a safepoint whose map leaves it out (a collection or a stack move there would make it stale). Using a slot that is not
//!   valid, or naming one in a map, is refused. This proves maps right whatever liveness analysis made them.

use std::fmt;

use crate::func::{Function, HAS_CTX, Safepoint};
use crate::isa::{Ext, Instr, NO_SLOT, Op};
use crate::operands::{Access, Class, for_each_operand, for_each_target};

/// Why a function was refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyError {
    pub function: String,
    /// Word offset of the offending instruction.
    pub pc: usize,
    pub what: String,
}

impl fmt::Display for VerifyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "bytecode of {} refused at word {}: {}",
            self.function, self.pc, self.what
        )
    }
}

impl std::error::Error for VerifyError {}

/// Valid pointers among frame slots, and what outgoing slots hold.
#[derive(Clone, PartialEq)]
struct State {
    /// For each slot of the frame: holds a pointer that may be used.
    pointer: Vec<u64>,
    /// For each outgoing slot: holds a word that may be used.
    word: Vec<u64>,
}

fn get(bits: &[u64], i: usize) -> bool {
    bits[i / 64] >> (i % 64) & 1 != 0
}
fn put(bits: &mut [u64], i: usize, value: bool) {
    if value {
        bits[i / 64] |= 1 << (i % 64);
    } else {
        bits[i / 64] &= !(1 << (i % 64));
    }
}
fn intersect(into: &mut [u64], with: &[u64]) -> bool {
    let mut changed = false;
    for (a, b) in into.iter_mut().zip(with) {
        changed |= *a & !b != 0;
        *a &= b;
    }
    changed
}

struct Verifier<'a> {
    f: &'a Function,
    slots: usize,
    frame: usize,
    out: usize,
}

/// Checks `function`; see the module's comment for what that means.
pub fn verify(function: &Function) -> Result<(), VerifyError> {
    let v = Verifier {
        f: function,
        slots: function.slot_is_pointer.len(),
        frame: function.frame_slots as usize,
        out: function.out_slots as usize,
    };
    v.shape()?;
    let starts = v.structure()?;
    v.flow(&starts)
}

impl Verifier<'_> {
    fn error<T>(&self, pc: usize, what: impl Into<String>) -> Result<T, VerifyError> {
        Err(VerifyError {
            function: self.f.name.clone(),
            pc,
            what: what.into(),
        })
    }

    /// The header agrees with itself.
    fn shape(&self) -> Result<(), VerifyError> {
        let f = self.f;
        let expected = self.frame as u64 + 1 + u64::from(f.arg_slots) + u64::from(f.result_slots);
        if self.slots as u64 != expected || expected >= u64::from(NO_SLOT) {
            return self.error(0, format!("{} slot kinds for {expected} slots", self.slots));
        }
        if self.out > self.frame || f.slot_is_pointer[self.frame] {
            return self.error(0, "the outgoing area or the return pc is misplaced");
        }
        if f.maps.iter().any(|m| m.len() != self.slots) {
            return self.error(0, "a pointer map has the wrong length");
        }
        if f.entry_map as usize >= f.maps.len() || f.panic_map as usize >= f.maps.len() {
            return self.error(0, "entry or panic map out of range");
        }
        if f.code.is_empty() {
            return self.error(0, "no code");
        }
        if f.flags & HAS_CTX != 0 && (self.frame == 0 || !f.slot_is_pointer[self.frame - 1]) {
            return self.error(0, "no slot for the closure");
        }
        for map in &f.maps {
            for slot in map.iter_ones() {
                if slot >= self.out && !f.slot_is_pointer[slot] {
                    return self.error(0, format!("a map names word slot {slot}"));
                }
            }
        }
        Ok(())
    }

    /// Decodes everything; gives which offsets are starts of instructions.
    fn structure(&self) -> Result<Vec<bool>, VerifyError> {
        let code = &self.f.code;
        let mut starts = vec![false; code.len()];
        let mut pc = 0;
        let mut last = 0;
        while pc < code.len() {
            let Some(instr) = Instr::unpack(code[pc]).filter(|i| i.is_program()) else {
                return self.error(pc, format!("no such operation: {}", code[pc] as u16));
            };
            if pc + instr.words() > code.len() {
                return self.error(pc, "instruction is cut off");
            }
            starts[pc] = true;
            last = pc;
            self.pools(pc, instr)?;
            self.immediates(pc, instr)?;
            pc += instr.words();
        }
        if Instr::unpack(code[last]).is_some_and(Instr::falls_through) {
            return self.error(last, "control runs off the end");
        }
        for pc in (0..code.len()).filter(|pc| starts[*pc]) {
            let mut bad = None;
            for_each_target(code, pc, &mut |target| {
                if usize::try_from(target).ok().and_then(|t| starts.get(t)) != Some(&true) {
                    bad = Some(target);
                }
            });
            if let Some(target) = bad {
                return self.error(pc, format!("jump to {target}"));
            }
        }
        if let Some(recover) = self.f.recover_pc
            && (starts.get(recover as usize) != Some(&true)
                || Instr::unpack(code[recover as usize]).map(|i| i.op) != Some(Op::NextDefer))
        {
            return self.error(recover as usize, "recover_pc is no next.defer");
        }
        Ok(starts)
    }

    fn pools(&self, pc: usize, instr: Instr) -> Result<(), VerifyError> {
        let f = self.f;
        let type_in_range = |index: u64| (index as usize) < f.type_pool.len();
        if instr.op == Op::Select {
            for case in 0..usize::from(instr.b) {
                let (kind, typ) = (f.code[pc + 1 + case * 3] as u16, f.code[pc + 2 + case * 3]);
                if !(1..=2).contains(&kind) || !type_in_range(typ) || !self.is_chan(typ) {
                    return self.error(pc, "bad select case");
                }
            }
            return self.safepoint(pc, f.code[pc + instr.words() - 1]);
        }
        if instr.op == Op::JmpTable {
            return Ok(());
        }
        for (i, ext) in instr.op.info().ext.iter().enumerate() {
            let word = f.code[pc + 1 + i];
            let ok = match ext {
                Ext::Func => (word as usize) < f.func_pool.len(),
                Ext::Type => type_in_range(word) && self.type_fits(instr.op, word),
                Ext::Itab => type_in_range(word >> 32) && type_in_range(word & 0xffff_ffff),
                Ext::StrPtr => f
                    .string_pool
                    .get(word as usize)
                    .is_some_and(|s| s.len() as u64 == f.code[pc + 2 + i]),
                Ext::Global => ((word >> 32) as usize) < f.global_pool.len(),
                Ext::Native => (word as usize) < f.native_pool.len(),
                Ext::Safepoint => return self.safepoint(pc, word),
                _ => true,
            };
            if !ok {
                return self.error(
                    pc,
                    format!("{}: extension word {i} out of range", instr.op.info().text),
                );
            }
        }
        Ok(())
    }

    fn is_chan(&self, typ: u64) -> bool {
        // SAFETY: pool entries are immortal descriptors.
        unsafe { (*self.f.type_pool[typ as usize]).kind == crate::rtype::Kind::Chan }
    }

    /// Operations that look into a type get one of the kind they look into.
    fn type_fits(&self, op: Op, typ: u64) -> bool {
        use crate::rtype::Kind;
        // SAFETY: pool entries are immortal descriptors.
        let kind = unsafe { (*self.f.type_pool[typ as usize]).kind };
        match op {
            Op::MapGet
            | Op::MapGetOk
            | Op::MapGetWW
            | Op::MapGetSW
            | Op::MapRef
            | Op::MapDelete
            | Op::MapClear
            | Op::MakeMap
            | Op::IterInit => kind == Kind::Map,
            Op::Send | Op::Recv | Op::RecvOk | Op::MakeChan => kind == Kind::Chan,
            Op::AssertI | Op::AssertIOk | Op::ConvI => kind == Kind::Interface,
            _ => kind != Kind::Invalid,
        }
    }

    fn safepoint(&self, pc: usize, word: u64) -> Result<(), VerifyError> {
        let safepoint = Safepoint::unpack(word);
        if safepoint.func != self.f.id || safepoint.map as usize >= self.f.maps.len() {
            return self.error(pc, "bad safepoint word");
        }
        Ok(())
    }

    fn immediates(&self, pc: usize, instr: Instr) -> Result<(), VerifyError> {
        let ok = match instr.op {
            Op::ShlI | Op::ShrUI | Op::ShrSI | Op::ShlIU32 => instr.c < 64,
            Op::DivSI | Op::RemSI => instr.c as i16 != 0 && instr.c as i16 != -1,
            Op::DivUI | Op::RemUI => instr.c != 0,
            Op::LdLS8 | Op::LdLU8 | Op::StL8 => instr.c < 8,
            Op::LdLS16 | Op::LdLU16 | Op::StL16 => instr.c < 8 && instr.c.is_multiple_of(2),
            Op::LdLS32 | Op::LdLU32 | Op::StL32 => instr.c < 8 && instr.c.is_multiple_of(4),
            Op::Mov2 => instr.c == 2,
            Op::Mov3 => instr.c == 3,
            Op::NewClosure => instr.b <= 64,
            _ => true,
        };
        if ok {
            Ok(())
        } else {
            self.error(
                pc,
                format!("{}: immediate out of range", instr.op.info().text),
            )
        }
    }

    /// Slots, kinds and maps, along all paths.
    fn flow(&self, starts: &[bool]) -> Result<(), VerifyError> {
        let code = &self.f.code;
        let words = self.slots.div_ceil(64);
        let mut entry = State {
            pointer: vec![0; words],
            word: vec![0; words],
        };
        for slot in self.frame + 1..self.frame + 1 + self.f.arg_slots as usize {
            put(&mut entry.pointer, slot, self.f.slot_is_pointer[slot]);
        }
        if self.f.flags & HAS_CTX != 0 {
            put(&mut entry.pointer, self.frame - 1, true);
        }
        let panic_map = self.bits(self.f.panic_map);

        // States at block starts only: jump targets, and where jumps fall through to.
        let mut leader = vec![false; code.len()];
        leader[0] = true;
        for pc in (0..code.len()).filter(|pc| starts[*pc]) {
            let instr = Instr::unpack(code[pc]).expect("decoded before");
            let mut jumps = !instr.falls_through();
            for_each_target(code, pc, &mut |t| {
                leader[t as usize] = true;
                jumps = true;
            });
            if jumps && let Some(next) = leader.get_mut(pc + instr.words()) {
                *next = true;
            }
        }
        if let Some(recover) = self.f.recover_pc {
            leader[recover as usize] = true;
        }
        let mut states: rustc_hash::FxHashMap<usize, State> = rustc_hash::FxHashMap::default();
        states.insert(0, entry);
        // Lowest first: all forward ways to a join are followed before what comes after it. In another order a chain of joins takes
        // quadratic time.
        let mut work = std::collections::BTreeSet::from([0usize]);
        if let Some(recover) = self.f.recover_pc {
            states.insert(
                recover as usize,
                State {
                    pointer: panic_map.clone(),
                    word: vec![0; words],
                },
            );
            work.insert(recover as usize);
        }
        while let Some(start) = work.pop_first() {
            let mut state = states[&start].clone();
            let mut pc = start;
            let mut prologue = start == 0;
            loop {
                let instr = Instr::unpack(code[pc]).expect("decoded before");
                prologue &= matches!(instr.op, Op::LdNil | Op::ZeroN);
                if !prologue
                    && panic_map
                        .iter()
                        .zip(&state.pointer)
                        .any(|(need, have)| need & !have != 0)
                {
                    return self.error(pc, "the panic map names a slot that may be unset or stale");
                }
                self.step(pc, instr, &mut state, &panic_map)?;
                let mut next: Vec<usize> = Vec::new();
                for_each_target(code, pc, &mut |t| next.push(t as usize));
                let after = pc + instr.words();
                let ends =
                    !instr.falls_through() || !next.is_empty() || leader.get(after) == Some(&true);
                if !ends {
                    pc = after;
                    continue;
                }
                if instr.falls_through() {
                    next.push(after);
                }
                for target in next {
                    let changed = match states.get_mut(&target) {
                        None => {
                            states.insert(target, state.clone());
                            true
                        }
                        Some(known) => {
                            let p = intersect(&mut known.pointer, &state.pointer);
                            intersect(&mut known.word, &state.word) | p
                        }
                    };
                    if changed {
                        work.insert(target);
                    }
                }
                break;
            }
        }
        Ok(())
    }

    fn bits(&self, map: u32) -> Vec<u64> {
        let mut bits = vec![0; self.slots.div_ceil(64)];
        for slot in self.f.maps[map as usize].iter_ones() {
            put(&mut bits, slot, true);
        }
        bits
    }

    fn step(
        &self,
        pc: usize,
        instr: Instr,
        state: &mut State,
        panic_map: &[u64],
    ) -> Result<(), VerifyError> {
        let f = self.f;
        let mut problem: Option<String> = None;
        let mut fail = |text: String| problem = problem.take().or(Some(text));
        let mut defs: Vec<(usize, Class)> = Vec::new();
        let mut uses: Vec<(usize, Class)> = Vec::new();
        for_each_operand(&f.code, pc, &f.type_pool, &mut |o| {
            let slot = o.slot as usize;
            if slot >= self.slots || slot == self.frame || (o.outgoing && slot >= self.out) {
                fail(format!("slot {slot} out of range"));
                return;
            }
            if slot >= self.out {
                let pointer = f.slot_is_pointer[slot];
                if (o.class == Class::Ptr && !pointer) || (o.class == Class::Word && pointer) {
                    fail(format!("slot {slot} is used as the wrong kind"));
                    return;
                }
            }
            match o.access {
                Access::Def => defs.push((slot, o.class)),
                Access::Use => uses.push((slot, o.class)),
                // Valid before is valid after, but no definition: a select that receives from another channel leaves the slot as it is, and
                // stale if the map left it out.
                Access::Modify => uses.push((slot, o.class)),
                Access::Address => {
                    if slot < self.out {
                        fail(format!("address of outgoing slot {slot}"));
                    } else if f.slot_is_pointer[slot] && !get(panic_map, slot) {
                        fail(format!("address of slot {slot}, which is not in every map"));
                    }
                }
            }
        });
        let moves = matches!(instr.op, Op::Mov | Op::Mov2 | Op::Mov3 | Op::MovN);
        for (slot, class) in &uses {
            let (slot, outgoing) = (*slot, *slot < self.out);
            let ok = match (outgoing, class) {
                (true, Class::Ptr) => get(&state.pointer, slot),
                (true, Class::Word) => get(&state.word, slot),
                (true, Class::Any) => get(&state.pointer, slot) || get(&state.word, slot),
                (false, _) => !f.slot_is_pointer[slot] || get(&state.pointer, slot),
            };
            if !ok {
                fail(format!(
                    "slot {slot} may be unset, stale or of the wrong kind"
                ));
            }
        }
        // What a block move carries over.
        let kinds: Vec<(bool, bool)> = if moves {
            uses.iter()
                .map(|(slot, _)| {
                    if *slot < self.out {
                        (get(&state.pointer, *slot), get(&state.word, *slot))
                    } else {
                        (f.slot_is_pointer[*slot], !f.slot_is_pointer[*slot])
                    }
                })
                .collect()
        } else {
            Vec::new()
        };
        if instr.is_safepoint() {
            let word = f.code[pc + instr.words() - 1];
            let map = self.bits(Safepoint::unpack(word).map);
            if panic_map
                .iter()
                .zip(&map)
                .any(|(need, have)| need & !have != 0)
            {
                fail("a map lacks a slot of the panic map".into());
            }
            let go_call = matches!(instr.op, Op::Call | Op::CallClosure | Op::CallIface);
            let pointers = state.pointer.clone();
            for (i, (named, valid)) in map.iter().zip(&mut state.pointer).enumerate() {
                if named & !*valid != 0 {
                    let slot = i * 64 + (named & !*valid).trailing_zeros() as usize;
                    fail(format!(
                        "the map names slot {slot}, which may be unset or stale"
                    ));
                }
                // Everything not in the map is stale from here on.
                *valid &= named;
            }
            // What such an instruction reads it may read after a collection or a move.
            if !go_call
                && let Some((slot, _)) = uses.iter().find(|(slot, _)| {
                    *slot >= self.out && f.slot_is_pointer[*slot] && !get(&map, *slot)
                })
            {
                fail(format!("the map lacks slot {slot}, an operand"));
            }
            if instr.op == Op::CallNative
                && let Some((slot, _)) = uses.iter().find(|(slot, _)| {
                    get(&pointers, *slot) && !get(&state.word, *slot) && !get(&map, *slot)
                })
            {
                fail(format!("the map lacks slot {slot}, a pointer argument"));
            }
            for slot in 0..self.out {
                if get(&map, slot) && instr.op != Op::CallNative {
                    fail(format!("the map names outgoing slot {slot}"));
                }
                put(&mut state.pointer, slot, false);
                if go_call || instr.op == Op::CallNative {
                    put(&mut state.word, slot, false);
                }
            }
        }
        for (i, (slot, class)) in defs.iter().enumerate() {
            let slot = *slot;
            if moves {
                let Some((pointer, word)) = kinds.get(i).copied() else {
                    continue;
                };
                if slot < self.out {
                    put(&mut state.pointer, slot, pointer);
                    put(&mut state.word, slot, word);
                } else if f.slot_is_pointer[slot] {
                    if !pointer {
                        fail(format!("a word is moved to pointer slot {slot}"));
                    }
                    put(&mut state.pointer, slot, true);
                } else if !word {
                    fail(format!("a pointer is moved to word slot {slot}"));
                }
                continue;
            }
            if slot < self.out {
                // Class Any: results of calls and fresh zeroes serve as either.
                put(&mut state.pointer, slot, *class != Class::Word);
                put(&mut state.word, slot, *class != Class::Ptr);
            } else if f.slot_is_pointer[slot] {
                put(&mut state.pointer, slot, true);
            }
        }
        if instr.op == Op::Ret {
            for slot in self.frame + 1 + f.arg_slots as usize..self.slots {
                if f.slot_is_pointer[slot] && !get(&state.pointer, slot) {
                    fail(format!("returns with result slot {slot} unset or stale"));
                }
            }
        }
        match problem {
            Some(text) => self.error(pc, format!("{}: {text}", instr.op.info().text)),
            None => Ok(()),
        }
    }
}
