//! Checks that values are at home where somebody else may look: at each exit, call, step and return, every slot that the bytecode says is live, its pointer maps included,
//! has its value at its place in the frame.
//!
//! A forward symbolic walk in the manner of regalloc2's checker. It takes no word of the builder's for what is dirty, live or held: what must be at home comes from
//! `Demands`, what is there from the stores that the form makes. The state at a point is which *things* (words of the frame, the bytecode's slots, values) are equal for certain
//! (`State`). The builder leaves notes where bytecode gives a slot a value (`Op::Becomes`); then slot and value are equal. A store makes word and value equal, and a slot is at home when slot and home
//! are. The notes stay through the passes, so what these leave is checked, too, and whatever way a pass has to see that a write is not needed, the walk must see that as well.

mod state;

use crate::build::{Demands, Point};
use crate::ssa::{Base, BlockId, CLOSURE, Exit, Inst, Op, Ssa, Term, UnOp, Value, Width};
use state::{Now, State};

/// Removes the notes that `of` holds of.
pub fn strip(ssa: &mut Ssa, of: impl Fn(Op) -> bool) {
    for block in &mut ssa.blocks {
        block.insts.retain(|i| !of(i.op));
    }
}

/// What is not at home where it should be, if anything.
pub fn check(ssa: &Ssa, demands: &Demands) -> Result<(), String> {
    let walk = Walk::new(ssa, demands);
    let entries = walk.settle();
    for (block, entry) in entries.iter().enumerate() {
        if let Some(entry) = entry {
            walk.block(block, entry, true)?;
        }
    }
    Ok(())
}

/// Leaves out each write of the frame, one at a time, or one of every few when there are very many: how many, and of which `check` says nothing.
pub fn unnoticed(ssa: &mut Ssa, demands: &Demands) -> (usize, Vec<String>) {
    const MANY: usize = 40;
    let insts = ssa.blocks.iter().flat_map(|b| &b.insts);
    let writes = |i: &Inst| {
        usize::from(matches!(i.op, Op::Store(..))) + i.exit.as_ref().map_or(0, |e| e.live.len())
    };
    let every = insts.map(writes).sum::<usize>() / MANY + 1;
    let (mut seen, mut all, mut unnoticed) = (0, 0, Vec::new());
    let mut judge = |ssa: &Ssa, what: String| {
        seen += 1;
        if seen % every != 0 {
            return;
        }
        all += 1;
        if check(ssa, demands).is_ok() {
            unnoticed.push(what);
        }
    };
    for b in ssa.reverse_postorder() {
        for i in 0..ssa.blocks[b].insts.len() {
            let inst = &mut ssa.blocks[b].insts[i];
            let pc = inst.pc;
            if let Op::Store(addr, _) = inst.op
                && addr.base == Base::Frame
                && addr.scale == 0
                && demands.is_lazy(addr.disp / 8)
            {
                let op = std::mem::replace(&mut inst.op, Op::Anchor);
                judge(ssa, format!("the store of s{} at word {pc}", addr.disp / 8));
                ssa.blocks[b].insts[i].op = op;
            }
            let writes = ssa.blocks[b].insts[i]
                .exit
                .as_ref()
                .map_or(0, |e| e.live.len());
            for k in 0..writes {
                let exit = |ssa: &mut Ssa| ssa.blocks[b].insts[i].exit.take();
                let mut without = exit(ssa).expect("has writes");
                let (word, v) = without.live.remove(k);
                let to = without.pc;
                ssa.blocks[b].insts[i].exit = Some(without);
                judge(ssa, format!("s{word} of the exit to word {to}"));
                let mut whole = exit(ssa).expect("as before");
                whole.live.insert(k, (word, v));
                ssa.blocks[b].insts[i].exit = Some(whole);
            }
        }
    }
    (all, unnoticed)
}

struct Walk<'a> {
    ssa: &'a Ssa,
    demands: &'a Demands,
    /// Words that are home to slots that may be elsewhere, the lowest first: a frame may have arrays of thousands of others.
    words: Vec<i32>,
    /// The number of each such slot,
    numbers: Vec<Option<usize>>,
    /// and of its home.
    homes: Vec<usize>,
    /// What each value is made by; parameters have none.
    made: Vec<Option<(Op, Option<Value>)>>,
    /// Whether a value is named in another block than that which defines it.
    crosses: Vec<bool>,
}

impl<'a> Walk<'a> {
    fn new(ssa: &'a Ssa, demands: &'a Demands) -> Walk<'a> {
        let tracked = || demands.home.iter().zip(&demands.memory);
        let mut words: Vec<i32> = tracked().filter(|(_, m)| !**m).map(|(w, _)| *w).collect();
        words.sort_unstable();
        words.dedup();
        let mut homes = Vec::new();
        let number = |(word, memory): (&i32, &bool)| {
            let word = words.binary_search(word).ok().filter(|_| !memory)?;
            homes.push(word);
            Some(homes.len() - 1)
        };
        let numbers = tracked().map(number).collect();
        let mut walk = Walk {
            ssa,
            demands,
            words,
            numbers,
            homes,
            made: vec![None; ssa.types.len()],
            crosses: vec![false; ssa.types.len()],
        };
        let mut at = vec![usize::MAX; ssa.types.len()];
        let order = ssa.reverse_postorder();
        for &b in &order {
            for p in &ssa.blocks[b].params {
                at[*p as usize] = b;
            }
            for inst in &ssa.blocks[b].insts {
                if let Some(v) = inst.result {
                    at[v as usize] = b;
                    walk.made[v as usize] = Some((inst.op, inst.args.first().copied()));
                }
            }
        }
        for &b in &order {
            let mut named = |v: &mut Value| walk.crosses[*v as usize] |= at[*v as usize] != b;
            for inst in &ssa.blocks[b].insts {
                inst.clone().for_each_value(&mut named);
            }
            ssa.blocks[b].term.clone().for_each_use(&mut named);
        }
        walk
    }

    /// What holds at the start of each block that is reached.
    fn settle(&self) -> Vec<Option<State>> {
        let count = self.ssa.blocks.len();
        let order = self.ssa.reverse_postorder();
        let mut incoming: Vec<Vec<(BlockId, usize)>> = vec![Vec::new(); count];
        for &b in &order {
            for (e, edge) in self.ssa.blocks[b].term.edges().iter().enumerate() {
                incoming[edge.block].push((b, e));
            }
        }
        let mut entries: Vec<Option<State>> = vec![None; count];
        let mut ends: Vec<Vec<State>> = vec![Vec::new(); count];
        let mut changed = true;
        while changed {
            changed = false;
            for &b in &order {
                // Paths not seen yet are taken to agree.
                let paths = incoming[b].iter().filter_map(|(p, e)| ends[*p].get(*e));
                let entry = paths.cloned().reduce(|x, y| x.meet(&y));
                let entry = entry.unwrap_or_else(|| self.entry());
                if entries[b].as_ref() == Some(&entry) {
                    continue;
                }
                ends[b] = self.block(b, &entry, false).expect("does not check");
                entries[b] = Some(entry);
                changed = true;
            }
        }
        entries
    }

    /// Whoever enters the code has everything at home.
    fn entry(&self) -> State {
        State::new(self.words.len(), self.homes.iter().copied())
    }

    /// The number of a word, if slots that may be elsewhere are at home there.
    fn word(&self, word: i32) -> Option<usize> {
        self.words.binary_search(&word).ok()
    }

    /// What holds along each edge from a block; with `check`, what does not hold but should.
    fn block(&self, b: BlockId, entry: &State, check: bool) -> Result<Vec<State>, String> {
        let mut now = Now::new(entry, check);
        for inst in &self.ssa.blocks[b].insts {
            let found = self.inst(&mut now, inst);
            if let (true, Err(e)) = (check, found) {
                return Err(format!(
                    "{e} at {:?} of word {}, block {b}",
                    inst.op, inst.pc
                ));
            }
        }
        let term = &self.ssa.blocks[b].term;
        let found = match term {
            Term::Exit(exit) => self.leaves(&mut now, exit),
            Term::Return(_) => {
                let mut results = self.demands.results.clone();
                results.try_for_each(|s| self.wants(&now, s))
            }
            _ => Ok(()),
        };
        if let (true, Err(e)) = (check, found) {
            return Err(format!("{e} at the end of block {b}"));
        }
        let states = term.edges().iter().map(|edge| {
            let params = &self.ssa.blocks[edge.block].params;
            now.along(params, &edge.args, &|v| self.crosses[v as usize])
        });
        Ok(states.collect())
    }

    fn point(&self, pc: u32) -> Result<&Point, String> {
        let point = self.demands.points.get(&pc);
        point.ok_or_else(|| format!("no instruction at word {pc}"))
    }

    fn wants(&self, now: &Now, slot: u32) -> Result<(), String> {
        let number = self.numbers[slot as usize];
        if number.is_none_or(|n| now.words[self.homes[n]] == now.slots[n]) {
            return Ok(());
        }
        let word = self.demands.home[slot as usize];
        Err(format!("slot {slot} is not at home (word {word})"))
    }

    fn wants_all(&self, now: &Now, slots: &[u32]) -> Result<(), String> {
        if !now.checks {
            return Ok(());
        }
        slots.iter().try_for_each(|s| self.wants(now, *s))
    }

    /// The exit writes what it names; then the interpreter goes on.
    fn leaves(&self, now: &mut Now, exit: &Exit) -> Result<(), String> {
        if !now.checks {
            return Ok(());
        }
        let mut before = Vec::with_capacity(exit.live.len());
        for (word, v) in &exit.live {
            let class = now.value(*v);
            if let Some(word) = self.word(*word) {
                before.push((word, std::mem::replace(&mut now.words[word], class)));
            }
        }
        let live = &self.point(exit.pc)?.live;
        let found = self.wants_all(now, live);
        for (word, class) in before.into_iter().rev() {
            now.words[word] = class;
        }
        found.map_err(|e| format!("{e} for the exit to {}", exit.pc))
    }

    /// The slots from the one at the word on that are next to each other.
    fn run(&self, slots: &[u32], first: i32) -> Vec<u32> {
        let mut run = Vec::new();
        for word in first.. {
            let is_there = |s: &&u32| self.demands.home[**s as usize] == word;
            match slots.iter().find(is_there) {
                Some(s) => run.push(*s),
                None => break,
            }
        }
        run
    }

    /// Memory has been written, and what is there is the slots' value.
    fn written(&self, now: &mut Now, slots: &[u32]) {
        for n in slots.iter().filter_map(|s| self.numbers[*s as usize]) {
            let new = now.fresh();
            now.words[self.homes[n]] = new;
            now.slots[n] = new;
        }
    }

    fn inst(&self, now: &mut Now, inst: &Inst) -> Result<(), String> {
        let mut found = match &inst.exit {
            Some(exit) => self.leaves(now, exit),
            None => Ok(()),
        };
        match inst.op {
            Op::Becomes(slot) => {
                if let Some(n) = self.numbers[slot as usize] {
                    now.slots[n] = now.value(inst.args[0]);
                }
            }
            Op::Reads(slot) => {
                let v = inst.args[0];
                let number = self.numbers[slot as usize];
                if number.is_some_and(|n| now.value(v) != now.slots[n]) {
                    return Err(format!("v{v} is not the value of slot {slot}"));
                }
            }
            Op::Load(addr, Width::W) if addr.base == Base::Frame && addr.scale == 0 => {
                let word = self
                    .word(addr.disp.div_euclid(8))
                    .filter(|_| addr.disp % 8 == 0);
                match (inst.result, word) {
                    (Some(v), Some(word)) => now.define(v, now.words[word]),
                    _ => now.forget(inst.result),
                }
            }
            Op::Store(addr, width) if addr.base == Base::Frame && addr.scale == 0 => {
                if let Some(word) = self.word(addr.disp.div_euclid(8)) {
                    now.words[word] = match width {
                        Width::W | Width::P if addr.disp % 8 == 0 => {
                            now.value(*inst.args.last().expect("a store has a value"))
                        }
                        _ => now.fresh(),
                    };
                }
            }
            Op::Un(UnOp::Bitcast) => {
                let class = now.value(inst.args[0]);
                now.define(inst.result.expect("a copy has a result"), class);
            }
            Op::Param(k) => {
                let slot = match k {
                    CLOSURE => self.demands.frame_slots - 1,
                    k => self.demands.frame_slots + 1 + u32::from(k),
                };
                match (inst.result, self.numbers[slot as usize]) {
                    (Some(v), Some(n)) => now.define(v, now.words[self.homes[n]]),
                    _ => now.forget(inst.result),
                }
            }
            Op::Helper(_) | Op::Copy(_) | Op::Fill(..) => {
                found = found.and(self.helper(now, inst));
                now.forget(inst.result);
            }
            Op::Perform(_) => {
                let point = self.point(inst.pc)?;
                let all = self.wants_all(now, &point.uses);
                found = found.and(all).and(self.wants_all(now, &point.unwound));
                self.written(now, &point.defs);
            }
            Op::Call(..) | Op::Step(_) => {
                let point = self.point(inst.pc)?;
                found = found.and(self.wants_all(now, &point.live));
                self.call(now, point);
                let first = self.word(point.frame + point.args as i32);
                match (inst.op, inst.result, first) {
                    (Op::Call(..), Some(v), Some(word)) => now.define(v, now.words[word]),
                    _ => now.forget(inst.result),
                }
            }
            _ => now.forget(inst.result),
        }
        found
    }

    /// Who is given the address of slots reads those that the instruction reads from there on, then writes those that it writes.
    fn helper(&self, now: &mut Now, inst: &Inst) -> Result<(), String> {
        let addresses = inst.args.iter().filter_map(|v| {
            let mut made = self.made[*v as usize];
            while let Some((Op::Un(UnOp::Bitcast), Some(of))) = made {
                made = self.made[of as usize];
            }
            match made {
                Some((Op::FrameAddr(disp), _)) => Some(disp.div_euclid(8)),
                _ => None,
            }
        });
        let mut found = Ok(());
        for first in addresses {
            let point = self.point(inst.pc)?;
            let read = self.run(&point.uses, first);
            found = found.and(self.wants_all(now, &read));
            // Results of natives are behind the arguments.
            self.written(now, &self.run(&point.defs, first + read.len() as i32));
        }
        found
    }

    /// What others may have done when they return: they write their own frames, below, and the outgoing area. Pointers into the stack are others now.
    fn call(&self, now: &mut Now, point: &Point) {
        let end = point.frame + (point.args + point.results) as i32;
        for word in 0..self.words.partition_point(|w| *w < end) {
            now.words[word] = now.fresh();
        }
        now.move_memory();
        self.written(now, &point.defs);
    }
}

#[cfg(test)]
mod tests;
