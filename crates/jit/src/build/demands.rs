//! What bytecode demands of compiled code's frame: which slots must be at home where. Computed from the bytecode, its maps and the frames of inlined callees only; of what
//! the builder thinks of slots it knows nothing, so that `homes` can check the builder by it.

use bytecode::func::{FuncInfo, Function, HAS_CTX, Safepoint};
use bytecode::isa::{Instr, Op};
use bytecode::operands::{Access, for_each_target};
use rustc_hash::FxHashMap;

use super::slots::{Set, insert, members};
use super::splice::{Spliced, operands};

/// What an instruction demands.
#[derive(Clone, Default)]
pub struct Point {
    /// Slots that are at home whenever the interpreter goes on at the instruction, or makes it look at the whole frame.
    pub live: Vec<u32>,
    /// Slots that are at home when a panic in it walks the stack.
    pub unwound: Vec<u32>,
    /// Slots that it reads and writes.
    pub uses: Vec<u32>,
    pub defs: Vec<u32>,
    /// The lowest word of its frame, counted from ours.
    pub frame: i32,
    /// Of a call, words that arguments take, and results.
    pub args: u32,
    pub results: u32,
}

pub struct Demands {
    /// The word of each slot, counted from our frame.
    pub home: Vec<i32>,
    /// Whether it is accessed in memory only: its address is taken, or parts of it are accessed.
    pub memory: Vec<bool>,
    /// By word offset.
    pub points: FxHashMap<u32, Point>,
    /// The function's own results.
    pub results: std::ops::Range<u32>,
    /// Words of its frame.
    pub frame_slots: u32,
}

/// An instruction at a word offset, and what follows it.
struct Step {
    pc: usize,
    instr: Instr,
    uses: Vec<u32>,
    defs: Vec<u32>,
    next: Vec<usize>,
    map: Vec<u32>,
}

impl Demands {
    /// Of the function's code, perhaps with callees in it, that is entered at a word offset.
    pub fn new(root: &FuncInfo, spliced: Option<&Spliced>, entry: u32) -> Demands {
        let info = spliced.map_or(root, |s| &s.info);
        let f = &*info.function;
        let total = f.slot_is_pointer.len();
        let mut memory = vec![false; total];
        for (first, count) in &f.address_taken {
            memory[*first as usize..][..*count as usize].fill(true);
        }
        let steps = steps(info, spliced, entry as usize, &mut memory);
        let before = live(&steps, total.div_ceil(64));
        let mut recovered = Vec::new();
        if let Some(at) = f.recover_pc.and_then(|at| before.get(&(at as usize))) {
            recovered.extend(members(at).map(|s| s as u32));
        }
        let tracked = |slots: &mut Vec<u32>| {
            slots.retain(|s| !memory[*s as usize]);
            slots.sort_unstable();
            slots.dedup();
        };
        let mut points = FxHashMap::default();
        for step in steps {
            let mut unwound = recovered.clone();
            unwound.extend(watched(root, spliced, step.pc));
            tracked(&mut unwound);
            let mut live: Vec<u32> = members(&before[&step.pc]).map(|s| s as u32).collect();
            live.extend(&unwound);
            tracked(&mut live);
            let base = spliced.map_or(0, |s| s.base(step.pc));
            let (args, results) = outgoing(info, spliced, step.pc, base as u32);
            points.insert(
                step.pc as u32,
                Point {
                    live,
                    unwound,
                    // A defer's helper gets the address of the frame, not of slot 0.
                    uses: match step.instr.op {
                        Op::Defer => Vec::new(),
                        _ => step.uses,
                    },
                    defs: step.defs,
                    frame: spliced.map_or(base as i32, |s| s.home[base]),
                    args,
                    results,
                },
            );
        }
        let end = f.frame_slots + 1 + f.arg_slots;
        Demands {
            home: match spliced {
                Some(spliced) => spliced.home.clone(),
                None => (0..total as i32).collect(),
            },
            memory,
            points,
            results: end..end + f.result_slots,
            frame_slots: f.frame_slots,
        }
    }
}

impl Demands {
    /// Whether the word is home to slots that may be elsewhere only.
    pub fn is_lazy(&self, word: i32) -> bool {
        let homes = self.home.iter().zip(&self.memory);
        homes
            .into_iter()
            .any(|(home, memory)| *home == word && !memory)
    }
}

/// The instructions that control comes to, in the order of the code.
fn steps(
    info: &FuncInfo,
    spliced: Option<&Spliced>,
    entry: usize,
    memory: &mut [bool],
) -> Vec<Step> {
    let f = &*info.function;
    let mut seen = vec![false; f.code.len()];
    let mut work = vec![entry];
    work.extend(f.recover_pc.map(|at| at as usize));
    let mut steps = Vec::new();
    while let Some(pc) = work.pop() {
        if std::mem::replace(&mut seen[pc], true) {
            continue;
        }
        let instr = Instr::unpack(f.code[pc]).expect("verified code");
        let mut next = Vec::new();
        for_each_target(&f.code, pc, &mut |t| next.push(t as usize));
        if instr.falls_through() {
            next.push(pc + instr.words());
        }
        work.extend(&next);
        let (mut uses, mut defs) = (Vec::new(), Vec::new());
        operands(info, spliced, pc, &mut |o| match o.access {
            Access::Def => defs.push(o.slot),
            Access::Use => uses.push(o.slot),
            Access::Address => {}
            Access::Modify => {
                uses.push(o.slot);
                if !matches!(instr.op, Op::IncJLtL | Op::IncJLtIL) {
                    memory[o.slot as usize] = true;
                }
            }
        });
        use Op::{LdLS8, LdLS16, LdLS32, LdLU8, LdLU16, LdLU32};
        if matches!(instr.op, LdLS8 | LdLS16 | LdLS32 | LdLU8 | LdLU16 | LdLU32) {
            memory[usize::from(instr.b)] = true;
        }
        if instr.op == Op::Ret {
            let end = f.frame_slots + 1 + f.arg_slots;
            uses.extend(end..end + f.result_slots);
        }
        let mut map = Vec::new();
        if instr.is_safepoint() {
            let (function, base) = owner(info, spliced, pc);
            let point = Safepoint::unpack(f.code[pc + instr.words() - 1]);
            map.extend(mapped(function, point.map, base));
        }
        steps.push(Step {
            pc,
            instr,
            uses,
            defs,
            next,
            map,
        });
    }
    steps.sort_unstable_by_key(|s| s.pc);
    steps
}

/// What is live before each instruction. A map reads what it names.
fn live(steps: &[Step], words: usize) -> FxHashMap<usize, Set> {
    let mut before: FxHashMap<usize, Set> = steps.iter().map(|s| (s.pc, vec![0; words])).collect();
    let mut set = vec![0; words];
    let mut changed = true;
    while changed {
        changed = false;
        for step in steps.iter().rev() {
            set.fill(0);
            for next in &step.next {
                set.iter_mut().zip(&before[next]).for_each(|(x, y)| *x |= y);
            }
            for s in &step.defs {
                set[*s as usize / 64] &= !(1 << (s % 64));
            }
            for s in step.uses.iter().chain(&step.map) {
                insert(&mut set, *s as usize);
            }
            let old = before.get_mut(&step.pc).expect("of every step");
            if *old != set {
                old.copy_from_slice(&set);
                changed = true;
            }
        }
    }
    before
}

/// The function that the code belongs to, and its slot 0.
fn owner<'a>(info: &'a FuncInfo, spliced: Option<&'a Spliced>, pc: usize) -> (&'a Function, usize) {
    let callee = spliced.and_then(|s| s.callee(pc));
    let base = spliced.map_or(0, |s| s.base(pc));
    (&callee.unwrap_or(info).function, base)
}

/// The slots that a map of a function names.
fn mapped(function: &Function, map: u32, base: usize) -> impl Iterator<Item = u32> + '_ {
    let slots = function.maps[map as usize].iter_ones();
    slots.map(move |s| (base + s) as u32)
}

/// What whoever walks the stack sees while the instruction's frame is the last: what a panic needs of that frame, the maps of the frames around it at their calls, and
/// closures.
fn watched(root: &FuncInfo, spliced: Option<&Spliced>, pc: usize) -> Vec<u32> {
    let (function, base) = owner(root, spliced, pc);
    let mut slots: Vec<u32> = mapped(function, function.panic_map, base).collect();
    let Some(spliced) = spliced else {
        return slots;
    };
    let place = spliced.origins.at(pc as u32);
    if place.glue {
        // Whoever leaves here makes the call.
        let own = place.pc as usize;
        let words = Instr::unpack(function.code[own]).map_or(1, Instr::words);
        let point = Safepoint::unpack(function.code[own + words - 1]);
        slots.extend(mapped(function, point.map, base));
    }
    let mut next = place.frame;
    while let Some(frame) = next {
        let copy = &spliced.frames[frame];
        let function = &*copy.info.function;
        if function.flags & HAS_CTX != 0 {
            slots.push((copy.base + function.frame_slots as usize - 1) as u32);
        }
        let frame = &spliced.origins.frames[frame];
        // SAFETY: linked code is immortal; before a return address is the call's last word.
        let word = unsafe { *(frame.return_pc as *const u64).sub(1) };
        let (function, base) = match frame.parent {
            Some(p) => (&*spliced.frames[p].info.function, spliced.frames[p].base),
            None => (&*root.function, 0),
        };
        slots.extend(mapped(function, Safepoint::unpack(word).map, base));
        next = frame.parent;
    }
    slots
}

/// How many words of the outgoing area arguments and results take.
fn outgoing(info: &FuncInfo, spliced: Option<&Spliced>, pc: usize, base: u32) -> (u32, u32) {
    let (mut args, mut results) = (0, 0);
    operands(info, spliced, pc, &mut |o| {
        if o.outgoing && o.access == Access::Use {
            args = args.max(o.slot + 1 - base);
        } else if o.outgoing {
            results += 1;
        }
    });
    (args, results)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_reads_and_a_definition_ends_what_is_live() {
        let step = |pc: usize, uses: &[u32], defs: &[u32], map: &[u32]| Step {
            pc,
            instr: Instr::new(Op::Nop, 0, 0, 0),
            uses: uses.to_vec(),
            defs: defs.to_vec(),
            next: if pc < 2 { vec![pc + 1] } else { vec![] },
            map: map.to_vec(),
        };
        let steps = [
            step(0, &[3], &[1], &[]),
            step(1, &[], &[], &[1, 2]),
            step(2, &[4], &[], &[]),
        ];
        let live = live(&steps, 1);
        let slots = |pc: usize| members(&live[&pc]).collect::<Vec<_>>();
        assert_eq!(slots(2), [4]);
        assert_eq!(slots(1), [1, 2, 4]);
        assert_eq!(slots(0), [2, 3, 4]);
    }
}
