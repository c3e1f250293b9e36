//! What memory is known to hold: loads of it become the value, stores of it and exits' writes go.
//!
//! A forward data flow over facts "this place holds that value". A fact comes from a load or a store and lasts until something may write
//! the place. Where paths meet, it holds if it holds on all of them, perhaps as a block parameter that brings each path's value.

use crate::opt::memory::{Effect, Place, effect};
use crate::opt::replace;
use crate::ssa::{Args, BlockId, Inst, Op, Ssa, Term, UnOp, Value, Width};

/// Facts about memory other than slots that are kept at a time.
const MAX_FACTS: usize = 48;
/// Rounds after which a function that does not settle is left alone.
const MAX_ROUNDS: usize = 12;
const NONE: Value = Value::MAX;

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Fact {
    place: Place,
    value: Value,
    /// What a load of this width gives; None: what was stored, not yet extended.
    width: Option<Width>,
}

/// What is known at a point.
#[derive(Clone, PartialEq, Eq, Default, Debug)]
struct Known {
    /// The value of each word of the frame that alone is accessed (`Words`).
    slots: Vec<Value>,
    others: Vec<Fact>,
}

pub fn run(ssa: &mut Ssa) {
    let order = ssa.reverse_postorder();
    let words = Words::new(ssa, &order);
    let Some(entries) = settle(ssa, &order, &words) else {
        return;
    };
    let mut map: Vec<Value> = (0..ssa.types.len() as Value).collect();
    for b in order {
        let Some(mut known) = entries[b].clone() else {
            continue;
        };
        // What loads have become is what is compared with what memory holds. Definitions come before uses, in this order.
        known.for_each_value(&mut |v| *v = map[*v as usize]);
        let insts = std::mem::take(&mut ssa.blocks[b].insts);
        let mut out = Vec::with_capacity(insts.len());
        for mut inst in insts {
            inst.for_each_value(&mut |v| *v = map[*v as usize]);
            if let Some(exit) = &mut inst.exit {
                exit.live.retain(|(w, v)| known.slot(words.of(*w)) != *v);
            }
            match inst.op {
                Op::Load(_, width) => {
                    let found = known.load(ssa, &words, &inst, width);
                    if let (Some(new), Some(v)) = (found, inst.result) {
                        match new {
                            Found::Same(value) => {
                                map[v as usize] = value;
                                known.apply(ssa, &words, &inst);
                                continue;
                            }
                            Found::Through(op, value) => {
                                inst.op = Op::Un(op);
                                inst.args = Args::from_slice(&[value]);
                                out.push(inst);
                                continue;
                            }
                        }
                    }
                }
                Op::Store(..) if known.holds_already(ssa, &words, &inst) => continue,
                _ => {}
            }
            known.apply(ssa, &words, &inst);
            out.push(inst);
        }
        ssa.blocks[b].insts = out;
        let term = &mut ssa.blocks[b].term;
        term.for_each_use(&mut |v| *v = map[*v as usize]);
        if let Term::Exit(exit) = term {
            exit.live.retain(|(w, v)| known.slot(words.of(*w)) != *v);
        }
    }
    replace(ssa, &mut map);
}

/// The words of the frame that are accessed as such and are no part of an exposed variable. A frame with arrays has many others.
struct Words {
    below: u32,
    /// The number of each word, from the lowest on.
    numbers: Vec<u32>,
    count: usize,
}

impl Words {
    fn new(ssa: &Ssa, order: &[BlockId]) -> Words {
        let mut words = Words {
            below: ssa.below,
            numbers: Vec::new(),
            count: 0,
        };
        for inst in order.iter().flat_map(|b| &ssa.blocks[*b].insts) {
            let word = Place::of(ssa, inst).and_then(|p| p.word());
            let Some(word) = word.filter(|w| !ssa.is_exposed(*w)) else {
                continue;
            };
            let at = ssa.number(word);
            if words.numbers.len() <= at {
                words.numbers.resize(at + 1, NONE);
            }
            if words.numbers[at] == NONE {
                words.numbers[at] = words.count as u32;
                words.count += 1;
            }
        }
        words
    }

    fn of(&self, word: i32) -> Option<usize> {
        let number = *self.numbers.get((word + self.below as i32) as usize)?;
        (number != NONE).then_some(number as usize)
    }
}

/// What is known at the start of each block; None when that does not settle.
fn settle(ssa: &Ssa, order: &[BlockId], words: &Words) -> Option<Vec<Option<Known>>> {
    let mut incoming: Vec<Vec<(BlockId, usize)>> = vec![Vec::new(); ssa.blocks.len()];
    for &b in order {
        for (e, edge) in ssa.blocks[b].term.edges().iter().enumerate() {
            incoming[edge.block].push((b, e));
        }
    }
    let mut entries: Vec<Option<Known>> = vec![None; ssa.blocks.len()];
    let mut ends = entries.clone();
    for _ in 0..MAX_ROUNDS {
        let mut changed = false;
        for &b in order {
            // Paths not seen yet are taken to agree.
            let known: Vec<(&Known, &[Value])> = incoming[b]
                .iter()
                .filter_map(|(p, e)| {
                    let args = ssa.blocks[*p].term.edges()[*e].args.as_slice();
                    Some((ends[*p].as_ref()?, args))
                })
                .collect();
            let entry = match &known[..] {
                [] => Known {
                    slots: vec![NONE; words.count],
                    others: Vec::new(),
                },
                paths => meet(paths, &ssa.blocks[b].params),
            };
            if entries[b].as_ref() == Some(&entry) {
                continue;
            }
            let mut end = entry.clone();
            entries[b] = Some(entry);
            for inst in &ssa.blocks[b].insts {
                end.apply(ssa, words, inst);
            }
            changed |= ends[b].as_ref() != Some(&end);
            ends[b] = Some(end);
        }
        if !changed {
            return Some(entries);
        }
    }
    None
}

/// What holds on all paths.
fn meet(paths: &[(&Known, &[Value])], params: &[Value]) -> Known {
    let ((first, args), rest) = paths.split_first().expect("a path");
    // The value as the block sees it: one on all paths, or a parameter that brings each path's.
    let merge = |value: Value, others: &dyn Fn(&Known) -> Option<Value>| -> Option<Value> {
        let all = |want: &dyn Fn(&[Value]) -> Value| {
            rest.iter().all(|(k, args)| others(k) == Some(want(args)))
        };
        if all(&|_| value) && !params.contains(&value) {
            return Some(value);
        }
        let brings = |i: &usize| args[*i] == value && all(&|args| args[*i]);
        let i = (0..params.len().min(args.len())).find(brings)?;
        Some(params[i])
    };
    let slots = first.slots.iter().enumerate().map(|(s, value)| {
        if *value == NONE {
            return NONE;
        }
        merge(*value, &|k| Some(k.slots[s])).unwrap_or(NONE)
    });
    let slots = slots.collect();
    let others = first.others.iter().filter_map(|fact| {
        // An address of this block's own parameters is another one here.
        if fact.place.args.iter().any(|a| params.contains(a)) {
            return None;
        }
        let value = merge(fact.value, &|k| {
            let same = |f: &&Fact| f.place.is_at(&fact.place) && f.width == fact.width;
            k.others.iter().find(same).map(|f| f.value)
        })?;
        Some(Fact { value, ..*fact })
    });
    Known {
        slots,
        others: others.collect(),
    }
}

/// What stands for a load.
enum Found {
    Same(Value),
    Through(UnOp, Value),
}

impl Known {
    fn for_each_value(&mut self, f: &mut dyn FnMut(&mut Value)) {
        let slots = self.slots.iter_mut();
        slots.filter(|v| **v != NONE).for_each(&mut *f);
        for fact in &mut self.others {
            f(&mut fact.value);
            fact.place.address_mut().iter_mut().for_each(&mut *f);
        }
    }

    fn slot(&self, slot: Option<usize>) -> Value {
        slot.map_or(NONE, |slot| self.slots[slot])
    }

    /// The slot that alone the place is.
    fn private(words: &Words, place: &Place) -> Option<usize> {
        words.of(place.word()?)
    }

    fn fact(&self, place: &Place) -> Option<&Fact> {
        self.others.iter().find(|f| f.place.is_at(place))
    }

    fn load(&self, ssa: &Ssa, words: &Words, inst: &Inst, width: Width) -> Option<Found> {
        let place = Place::of(ssa, inst)?;
        let (value, of) = match Known::private(words, &place) {
            Some(slot) => (self.slots[slot], Some(Width::W)),
            None => self.fact(&place).map(|f| (f.value, f.width))?,
        };
        if value == NONE {
            return None;
        }
        let (from, to) = (ssa.typ(value), ssa.typ(inst.result?));
        if of.is_none() {
            let extend = width.extension().filter(|_| !from.is_float())?;
            return (!to.is_float()).then_some(Found::Through(extend, value));
        }
        if of.is_some_and(|w| w != width) {
            return None;
        }
        match (from, to) {
            (x, y) if x.is_as(y) => Some(Found::Same(value)),
            _ => Some(Found::Through(UnOp::Bitcast, value)),
        }
    }

    /// Whether the store writes what is there.
    fn holds_already(&self, ssa: &Ssa, words: &Words, inst: &Inst) -> bool {
        let (Some(place), Some(value)) = (Place::of(ssa, inst), inst.args.last()) else {
            return false;
        };
        match Known::private(words, &place) {
            Some(slot) => self.slots[slot] == *value,
            None => self.fact(&place).is_some_and(|f| f.value == *value),
        }
    }

    /// The instruction has been executed.
    fn apply(&mut self, ssa: &Ssa, words: &Words, inst: &Inst) {
        match effect(inst.op) {
            Effect::None => {}
            Effect::Heap => {
                self.others.retain(|f| f.place.constant);
                return;
            }
            Effect::All => {
                self.slots.fill(NONE);
                self.others.clear();
                return;
            }
            Effect::Store => {
                let Some(place) = Place::of(ssa, inst) else {
                    return;
                };
                let value = inst.args[inst.args.len() - 1];
                if let Some(slot) = Known::private(words, &place) {
                    self.slots[slot] = value;
                    self.others.retain(|f| !f.place.overlaps(&place, ssa));
                    return;
                }
                self.others.retain(|f| !f.place.overlaps(&place, ssa));
                self.forget_slots(words, &place);
                // Of a float32 the upper half is clear, of a word that is in its kind of register it need not be.
                let exact = place.size == 8 || ssa.is_computed(value);
                self.remember(Fact {
                    place,
                    value,
                    width: exact.then_some(if place.size == 8 {
                        Width::W
                    } else {
                        Width::U32
                    }),
                });
                return;
            }
        }
        if let (Op::Load(_, width), Some(value)) = (inst.op, inst.result)
            && let Some(place) = Place::of(ssa, inst)
        {
            match Known::private(words, &place) {
                Some(slot) if self.slots[slot] == NONE => self.slots[slot] = value,
                None if self.fact(&place).is_none() => self.remember(Fact {
                    place,
                    value,
                    width: Some(width),
                }),
                _ => {}
            }
        }
    }

    /// A store to a part of private slots, or to some of them.
    fn forget_slots(&mut self, words: &Words, place: &Place) {
        if place.addr.base == crate::ssa::Base::Frame && place.addr.scale == 0 {
            for slot in place.words().filter_map(|word| words.of(word)) {
                self.slots[slot] = NONE;
            }
        }
    }

    fn remember(&mut self, fact: Fact) {
        if self.others.len() == MAX_FACTS {
            self.others.remove(0);
        }
        self.others.push(fact);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::opt::testing::{Maker, at, frame, operations, stored};
    use crate::ssa::{Cond, Exit, FloatOp, Type};

    fn loads(ssa: &Ssa, block: BlockId) -> usize {
        let ops = operations(ssa, block);
        ops.iter().filter(|op| matches!(op, Op::Load(..))).count()
    }

    /// What is taken off a slice in memory leaves its pointer and capacity as they are.
    #[test]
    fn what_was_loaded_twice_is_not_stored() {
        let mut m = Maker::new();
        let p = m.slot(0);
        let first = m.load(at(0, 8), &[p]);
        m.set_slot(1, first);
        let [object, other] = [(); 2].map(|()| m.load(at(0, 8), &[p]));
        let x = m.load(at(0, 0), &[object]);
        let y = m.load(at(0, 0), &[other]);
        m.set_slot(2, x);
        let (next, done) = (m.block(&[]), m.block(&[]));
        m.branch(Cond::Eq, x, y, next, done);
        m.at(next);
        m.store(at(0, 8), &[p, other]);
        m.store(at(0, 0), &[first, y]);
        m.ret();
        m.at(done);
        m.ret();
        let ssa = m.after(run);
        assert_eq!(loads(&ssa, 0), 3);
        assert_eq!(stored(&ssa), [first, x]);
    }

    #[test]
    fn a_second_load_is_the_first() {
        let mut m = Maker::new();
        let p = m.slot(0);
        let x = m.load(at(0, 8), &[p]);
        let y = m.load(at(0, 8), &[p]);
        let z = m.load(at(0, 16), &[p]);
        m.set_slot(1, x);
        m.set_slot(2, y);
        m.set_slot(3, z);
        let ssa = m.after(run);
        assert_eq!(loads(&ssa, 0), 3);
        let stored: Vec<Value> = ssa.blocks[0].insts[3..].iter().map(|i| i.args[0]).collect();
        assert_eq!(stored, [x, x, z]);
    }

    #[test]
    fn a_store_through_another_pointer_may_have_changed_it() {
        let mut m = Maker::new();
        let (p, q) = (m.slot(0), m.slot(1));
        let x = m.load(at(0, 8), &[p]);
        m.store(at(0, 8), &[q, x]);
        let y = m.load(at(0, 8), &[p]);
        // To another word of the same object.
        m.store(at(0, 16), &[p, y]);
        let z = m.load(at(0, 8), &[p]);
        m.set_slot(2, y);
        m.set_slot(3, z);
        let ssa = m.after(run);
        assert_eq!(loads(&ssa, 0), 4);
    }

    /// Slots that are floats at other times bring pointers in floats' registers.
    #[test]
    fn a_pointer_is_overwritten_by_what_moves_as_a_float() {
        for computed in [false, true] {
            let mut m = Maker::new();
            let (p, q) = (m.slot(0), m.slot(1));
            let mut moved = m.push(Op::Load(frame(16), Width::W), &[], Some(Type::F64));
            if computed {
                moved = m.push(Op::Float(FloatOp::Add), &[moved, moved], Some(Type::F64));
            }
            let x = m.push(Op::Load(at(0, 8), Width::W), &[p], Some(Type::Ptr));
            m.store(at(0, 8), &[q, moved]);
            let y = m.push(Op::Load(at(0, 8), Width::W), &[p], Some(Type::Ptr));
            m.store(at(0, 8), &[p, moved]);
            let z = m.push(Op::Load(at(0, 8), Width::W), &[p], Some(Type::Ptr));
            m.set_slot(3, x);
            m.set_slot(4, y);
            m.set_slot(5, z);
            let ssa = m.after(run);
            let stored = ssa.blocks[0].insts.iter().rev().take(3);
            let stored: Vec<Value> = stored.map(|i| i.args[0]).collect();
            // Only what is a float for certain leaves pointers elsewhere alone; what is in the same place it always replaces.
            assert_eq!(stored[1] == x, computed);
            assert_ne!(stored[0], x);
        }
    }

    #[test]
    fn a_new_object_leaves_what_is_known() {
        let mut m = Maker::new();
        let p = m.slot(0);
        let x = m.load(at(0, 8), &[p]);
        let object = m.object(16, 0);
        let y = m.load(at(0, 8), &[p]);
        m.set_slot(1, x);
        m.set_slot(2, y);
        m.set_slot(3, object);
        assert_eq!(loads(&m.after(run), 0), 2);
    }

    #[test]
    fn a_stored_byte_is_extended() {
        let mut m = Maker::new();
        let (p, x) = (m.slot(0), m.slot(1));
        m.push(Op::Store(at(0, 0), Width::U8), &[p, x], None);
        let y = m.push(Op::Load(at(0, 0), Width::S8), &[p], Some(Type::Word));
        m.set_slot(2, y);
        let ssa = m.after(run);
        let inst = &ssa.blocks[0].insts[3];
        assert_eq!((inst.op, &inst.args[..]), (Op::Un(UnOp::ExtS8), &[x][..]));
    }

    #[test]
    fn a_slot_is_known_around_a_loop_unless_the_loop_writes_it() {
        for writes in [false, true] {
            let mut m = Maker::new();
            let (head, end) = (m.block(&[]), m.block(&[]));
            let x = m.slot(0);
            m.jump(head, &[]);
            m.at(head);
            let y = m.slot(0);
            if writes {
                let sum = m.binary(crate::ssa::BinOp::Add, y, x);
                m.set_slot(0, sum);
            }
            let (again, out) = (m.edge_to(head, &[]), m.edge_to(end, &[]));
            m.branch(Cond::LtS, y, x, again, out);
            m.at(end);
            m.ret();
            let ssa = m.after(run);
            assert_eq!(loads(&ssa, head), usize::from(writes));
        }
    }

    #[test]
    fn a_parameter_brings_what_each_path_stored() {
        let mut m = Maker::new();
        let (left, right) = (m.block(&[]), m.block(&[]));
        let join = m.block(&[Type::Word]);
        let (x, y) = (m.slot(0), m.slot(1));
        m.branch(Cond::Eq, x, y, left, right);
        for (block, value) in [(left, x), (right, y)] {
            m.at(block);
            m.set_slot(2, value);
            m.jump(join, &[value]);
        }
        m.at(join);
        let z = m.slot(2);
        m.set_slot(3, z);
        let p = m.param(join, 0);
        let ssa = m.after(run);
        assert_eq!(loads(&ssa, join), 0);
        assert_eq!(ssa.blocks[join].insts[0].args[..], [p]);
    }

    #[test]
    fn an_exit_does_not_write_what_is_there() {
        let mut m = Maker::new();
        let (x, y) = (m.slot(0), m.slot(1));
        let exit = Exit {
            pc: 0,
            live: vec![(0, x), (1, x), (2, y)],
        };
        m.push_exit(Op::Guard(Cond::Eq), &[x, y], None, Some(exit));
        m.set_slot(0, x);
        let ssa = m.after(run);
        let exit = ssa.blocks[0].insts[2].exit.as_ref().unwrap();
        assert_eq!(exit.live, [(1, x), (2, y)]);
        assert_eq!(ssa.blocks[0].insts.len(), 3);
    }

    #[test]
    fn a_call_may_change_everything() {
        let mut m = Maker::new();
        let x = m.slot(0);
        m.set_slot(1, x);
        m.push_exit(
            Op::Call(crate::ssa::Callee::Direct(0), 0),
            &[],
            None,
            Some(Exit::default()),
        );
        let y = m.slot(0);
        m.set_slot(1, y);
        let ssa = m.after(run);
        assert_eq!(loads(&ssa, 0), 2);
    }
}
