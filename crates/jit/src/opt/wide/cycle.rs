//! What an iteration of a loop does, where all that is an access to the next elements and tests of where the end is.

use crate::opt::extent::{extension, range_of_load};
use crate::opt::flow::Loop;
use crate::opt::memory::size;
use crate::opt::wide::linear::{FRAME, Linear};
use crate::ssa::{Addr, Base, BinOp, BlockId, Cond, Inst, Op, Ssa, Term, Value, Width};

/// How far a value is followed to what it is computed from.
const DEPTH: u32 = 8;
/// Elements have no more bytes.
const LARGEST: i64 = 128;
/// More conditions are not worth testing before the loop.
const CONDITIONS: usize = 6;

/// A loop that can be made wide.
pub struct Cycle {
    pub preheader: BlockId,
    pub header: BlockId,
    /// The header's parameters: what each is at first, and what an iteration adds to it.
    pub params: Vec<Param>,
    /// An iteration is run to its end while all of these hold, and the tests.
    pub limits: Vec<Limit>,
    pub work: Work,
    pub fixed: Vec<Fixed>,
    pub poll: Inst,
    /// What belongs in the slots that its exit writes, after the iteration.
    pub live: Vec<(i32, Linear)>,
}

pub struct Param {
    pub value: Value,
    pub first: Linear,
    pub step: i64,
}

/// What the loop loads in every iteration from the same place, which its stores may reach.
pub struct Fixed {
    pub value: Value,
    pub load: Inst,
    pub at: Linear,
    pub bytes: i64,
}

/// A comparison of two numbers; their difference grows by `step` in each iteration, and one of them is always the same.
pub struct Limit {
    pub cond: Cond,
    pub x: Linear,
    pub y: Linear,
    pub step: i64,
}

/// What the loop is for.
pub enum Work {
    Copy(Copy),
    Fill(Fill),
    /// Of elements of such a width.
    Search {
        tests: Vec<Test>,
        width: Width,
    },
}

/// Elements of so many bytes that are written one after the other.
pub struct Run {
    pub to: Linear,
    pub size: i64,
    pub pointers: bool,
}

pub struct Copy {
    pub run: Run,
    pub from: Linear,
    /// All of an element is read before any part of it is written.
    pub read_first: bool,
}

pub struct Fill {
    pub run: Run,
    /// Of 1, 2, 4 or 8 bytes; nothing for zeros.
    pub value: Option<Value>,
}

/// The condition holds of an element and something else.
pub struct Test {
    pub cond: Cond,
    pub element: Linear,
    pub against: Against,
}

pub enum Against {
    Element(Linear),
    /// A number that an element can be.
    Constant(i64),
    Value(Value),
}

/// Whether the loop has nothing in it that rules it out.
pub fn may_be_wide(ssa: &Ssa, l: &Loop) -> bool {
    let mut loads = false;
    let mut useful = false;
    let mut insts = l.blocks.iter().flat_map(|b| &ssa.blocks[*b].insts);
    let fits = insts.all(|inst| match inst.op {
        Op::Load(..) => {
            loads = true;
            true
        }
        Op::Store(addr, _) => {
            useful = true;
            addr.base != Base::Context
        }
        Op::Guard(_) | Op::Poll => true,
        op => op.is_pure(),
    });
    fits && (useful || loads) && l.latches.len() == 1
}

/// An access to one element an iteration.
struct Access {
    at: Linear,
    width: Width,
    /// Of all instructions of an iteration, the how manieth it is.
    order: usize,
    value: Value,
}

struct Analysis<'a> {
    ssa: &'a Ssa,
    inside: Vec<bool>,
    defs: &'a [Option<(BlockId, usize)>],
    params: Vec<Param>,
    loads: Vec<Access>,
    fixed: Vec<Fixed>,
}

pub fn analyse(ssa: &Ssa, l: &Loop, defs: &[Option<(BlockId, usize)>]) -> Option<Cycle> {
    let mut inside = vec![false; ssa.blocks.len()];
    l.blocks.iter().for_each(|b| inside[*b] = true);
    let mut analysis = Analysis {
        ssa,
        inside,
        defs,
        params: Vec::new(),
        loads: Vec::new(),
        fixed: Vec::new(),
    };
    analysis.cycle(l)
}

impl Analysis<'_> {
    fn cycle(&mut self, l: &Loop) -> Option<Cycle> {
        let ssa = self.ssa;
        let preheader = l.preheader?;
        let path = self.path(l)?;
        self.steps(l)?;
        let mut conditions: Vec<(Cond, Value, Value)> = Vec::new();
        let mut stores: Vec<Access> = Vec::new();
        let mut poll = None;
        let mut order = 0;
        for &b in &path {
            for inst in &ssa.blocks[b].insts {
                order += 1;
                match inst.op {
                    Op::Load(addr, width) => {
                        self.load(inst, addr, width, order, conditions.is_empty());
                    }
                    Op::Store(addr, width) => {
                        let (value, args) = inst.args.split_last()?;
                        let at = self.address(addr, args)?;
                        stores.push(Access {
                            at,
                            width,
                            order,
                            value: *value,
                        });
                    }
                    Op::Guard(cond) => conditions.push((cond, inst.args[0], inst.args[1])),
                    Op::Poll => poll = Some((inst, order)),
                    _ => {}
                }
            }
            if let Term::Branch { cond, args, edges } = &ssa.blocks[b].term {
                let stays = if self.inside[edges[0].block] {
                    *cond
                } else {
                    cond.negate()
                };
                conditions.push((stays, args[0], args[1]));
            }
        }
        if conditions.len() > CONDITIONS {
            return None;
        }
        let mut limits = Vec::new();
        let mut tests = Vec::new();
        let mut width = None;
        for (cond, x, y) in conditions {
            match self.limit(cond, x, y) {
                Some(limit) => limits.push(limit),
                None => tests.push(self.test(cond, x, y, &mut width)?),
            }
        }
        let (poll, polled) = poll?;
        let live = self.live(poll)?;
        // What is done again where the poll leaves is nothing that counts.
        let stored = stores.iter().all(|s| s.order < polled);
        let work = match (stores.is_empty(), width) {
            (true, Some(width)) => Work::Search { tests, width },
            (false, None) if stored => self.moves(stores)?,
            _ => return None,
        };
        Some(Cycle {
            preheader,
            header: l.header,
            params: std::mem::take(&mut self.params),
            limits,
            work,
            fixed: std::mem::take(&mut self.fixed),
            poll: poll.clone(),
            live,
        })
    }

    /// The blocks of an iteration in order, where there is one way through it only.
    fn path(&self, l: &Loop) -> Option<Vec<BlockId>> {
        let mut path = vec![l.header];
        loop {
            let last = path[path.len() - 1];
            let term = &self.ssa.blocks[last].term;
            if matches!(term, Term::Table { .. }) {
                return None;
            }
            let mut next = term.edges().iter().filter(|e| self.inside[e.block]);
            match (next.next(), next.next()) {
                (Some(edge), None) if edge.block == l.header => break,
                (Some(edge), None) if path.len() < l.blocks.len() => path.push(edge.block),
                _ => return None,
            }
        }
        (path.len() == l.blocks.len()).then_some(path)
    }

    /// What an iteration adds to each parameter.
    fn steps(&mut self, l: &Loop) -> Option<()> {
        let ssa = self.ssa;
        let arguments = |from: BlockId| {
            let edges = ssa.blocks[from].term.edges();
            edges.iter().find(|e| e.block == l.header)
        };
        let [first, next] = [l.preheader?, l.latches[0]].map(arguments);
        let (first, next) = (first?, next?);
        let header = &ssa.blocks[l.header];
        // Parameters first: that they are words is what `linear` goes by.
        for (value, first) in header.params.iter().zip(&first.args) {
            self.params.push(Param {
                value: *value,
                first: match self.constant_of(*first) {
                    Some(k) => Linear::constant(k),
                    None => Linear::value(*first),
                },
                step: 0,
            });
        }
        for (i, value) in header.params.iter().enumerate() {
            let next = self.linear(next.args[i], DEPTH)?;
            self.params[i].step = next.distance(&Linear::value(*value))?;
        }
        Some(())
    }

    fn is_fixed(&self, v: Value) -> bool {
        self.defs[v as usize].is_none_or(|(block, _)| !self.inside[block])
    }

    fn inst(&self, v: Value) -> Option<&Inst> {
        let (block, at) = self.defs[v as usize]?;
        self.ssa.blocks[block].insts.get(at.checked_sub(1)?)
    }

    fn constant_of(&self, v: Value) -> Option<i64> {
        match self.inst(v)?.op {
            Op::Const(k) => Some(k),
            _ => None,
        }
    }

    /// The value as a sum of what is fixed and parameters.
    fn linear(&self, v: Value, depth: u32) -> Option<Linear> {
        if self.ssa.typ(v).is_float() || depth == 0 {
            return None;
        }
        if let Some(k) = self.constant_of(v) {
            return Some(Linear::constant(k));
        }
        let known = |p: &Param| p.value == v;
        let loaded = |f: &Fixed| f.value == v;
        if self.is_fixed(v) || self.params.iter().any(known) || self.fixed.iter().any(loaded) {
            return Some(Linear::value(v));
        }
        let inst = self.inst(v)?;
        let arg = |i: usize| self.linear(inst.args[i], depth - 1);
        match inst.op {
            Op::Bin(BinOp::Add) => Some(arg(0)?.plus(&arg(1)?, 1)),
            Op::Bin(BinOp::Sub) => Some(arg(0)?.plus(&arg(1)?, -1)),
            Op::Bin(BinOp::Mul) => match (
                self.constant_of(inst.args[0]),
                self.constant_of(inst.args[1]),
            ) {
                (_, Some(k)) => Some(arg(0)?.times(k)),
                (Some(k), _) => Some(arg(1)?.times(k)),
                _ => None,
            },
            Op::Bin(BinOp::Shl | BinOp::ShlMod) => {
                let count = self.constant_of(inst.args[1])?;
                (0..64)
                    .contains(&count)
                    .then(|| arg(0))?
                    .map(|x| x.times(1 << count))
            }
            _ => None,
        }
    }

    /// How much it grows in an iteration.
    fn step(&self, of: &Linear) -> i64 {
        let step = |v: Value| {
            let param = self.params.iter().find(|p| p.value == v);
            param.map_or(0, |p| p.step)
        };
        let grow = of.terms.iter().map(|(v, k)| k.wrapping_mul(step(*v)));
        grow.fold(0, i64::wrapping_add)
    }

    fn address(&self, addr: Addr, args: &[Value]) -> Option<Linear> {
        let (base, rest) = match addr.base {
            Base::Value | Base::Closure => (self.linear(args[0], DEPTH)?, &args[1..]),
            Base::Frame => (Linear::value(FRAME), args),
            Base::Absolute(address) => (Linear::constant(address as i64), args),
            Base::Context => return None,
        };
        let base = base.plus(&Linear::constant(i64::from(addr.disp)), 1);
        match rest.first() {
            Some(index) => Some(base.plus(&self.linear(*index, DEPTH)?, i64::from(addr.scale))),
            None => Some(base),
        }
    }

    /// `first`: nothing has been tested before it.
    fn load(&mut self, inst: &Inst, addr: Addr, width: Width, order: usize, first: bool) {
        let (Some(at), Some(value)) = (self.address(addr, &inst.args), inst.result) else {
            return;
        };
        match self.step(&at) {
            0 => {
                // It is loaded before the loop, too: nothing that may be tested before it in the loop can be what it rests on.
                let always =
                    matches!(addr.base, Base::Frame | Base::Absolute(_)) && addr.scale == 0;
                let outside = inst.args.iter().all(|v| self.is_fixed(*v));
                if (always || first) && outside && !self.ssa.typ(value).is_float() {
                    self.fixed.push(Fixed {
                        value,
                        load: inst.clone(),
                        at,
                        bytes: i64::from(size(width)),
                    });
                }
            }
            _ => self.loads.push(Access {
                at,
                width,
                order,
                value,
            }),
        }
    }

    fn limit(&self, cond: Cond, x: Value, y: Value) -> Option<Limit> {
        let (x, y) = (self.linear(x, DEPTH)?, self.linear(y, DEPTH)?);
        let step = match (self.step(&x), self.step(&y)) {
            (step, 0) => step,
            (0, step) => step.wrapping_neg(),
            _ => return None,
        };
        let fits = match cond {
            _ if step == 0 => true,
            Cond::LtS | Cond::LeS | Cond::LtU | Cond::LeU => step > 0,
            Cond::GtS | Cond::GeS | Cond::GtU | Cond::GeU => step < 0,
            Cond::Ne => step == 1 || step == -1,
            _ => false,
        };
        let fits = fits && (step == 0 || step.unsigned_abs().is_power_of_two());
        fits.then_some(Limit { cond, x, y, step })
    }

    /// The load that makes a value, where it is of the next element.
    fn element(&self, v: Value) -> Option<&Access> {
        let load = self.loads.iter().find(|l| l.value == v)?;
        let dense = self.step(&load.at) == i64::from(size(load.width));
        (dense && !self.ssa.typ(v).is_float()).then_some(load)
    }

    fn test(&self, cond: Cond, x: Value, y: Value, width: &mut Option<Width>) -> Option<Test> {
        let (cond, x, y) = match self.element(x) {
            Some(_) => (cond, x, y),
            None => (cond.swap()?, y, x),
        };
        let element = self.element(x)?;
        if width.is_some_and(|w| w != element.width) {
            return None;
        }
        *width = Some(element.width);
        let against = if let Some(other) = self.element(y) {
            (other.width == element.width).then(|| Against::Element(other.at.clone()))?
        } else if let Some(k) = self.constant_of(y) {
            let (low, high) = range_of_load(element.width);
            (low..=high).contains(&k).then_some(Against::Constant(k))?
        } else {
            let word = self.is_fixed(y) && !self.ssa.typ(y).is_float();
            word.then_some(Against::Value(y))?
        };
        let cond = match cond {
            Cond::Eq | Cond::Ne => cond,
            _ if !matches!(against, Against::Constant(_)) => return None,
            // Below 2^63 there is no difference.
            Cond::LtS | Cond::LtU => Cond::LtU,
            Cond::LeS | Cond::LeU => Cond::LeU,
            Cond::GtS | Cond::GtU => Cond::GtU,
            Cond::GeS | Cond::GeU => Cond::GeU,
            _ => return None,
        };
        let unsigned = matches!(element.width, Width::U8 | Width::U16 | Width::U32);
        let fits = size(element.width) < 8 && (matches!(cond, Cond::Eq | Cond::Ne) || unsigned);
        fits.then(|| Test {
            cond,
            element: element.at.clone(),
            against,
        })
    }

    /// What belongs into the slots that the poll's exit writes, when the parameters have grown already.
    fn live(&self, poll: &Inst) -> Option<Vec<(i32, Linear)>> {
        let exit = poll.exit.as_ref()?;
        let live = exit.live.iter().map(|(slot, v)| {
            // A float, too, as long as nothing is done to it.
            if self.is_fixed(*v) {
                return Some((*slot, Linear::value(*v)));
            }
            let mut at = self.linear(*v, DEPTH)?;
            at.constant = at.constant.wrapping_sub(self.step(&at));
            Some((*slot, at))
        });
        live.collect()
    }

    /// What the stores of an iteration do together.
    fn moves(&self, mut stores: Vec<Access>) -> Option<Work> {
        // As they follow each other in memory.
        let any = stores.first()?.at.clone();
        let offset = |s: &Access| s.at.distance(&any);
        if stores.iter().any(|s| offset(s).is_none()) {
            return None;
        }
        stores.sort_by_key(offset);
        let to = stores[0].at.clone();
        let mut bytes = 0;
        for store in &stores {
            if store.at.distance(&to) != Some(bytes) {
                return None;
            }
            bytes += i64::from(size(store.width));
        }
        if self.step(&to) != bytes || bytes > LARGEST {
            return None;
        }
        let run = Run {
            to,
            size: bytes,
            pointers: stores.iter().any(|s| s.width == Width::P),
        };
        if stores.iter().all(|s| self.constant_of(s.value) == Some(0)) {
            return Some(Work::Fill(Fill { run, value: None }));
        }
        if let [store] = &stores[..]
            && self.is_fixed(store.value)
            && !run.pointers
        {
            let value = Some(store.value);
            return Some(Work::Fill(Fill { run, value }));
        }
        let first_write = stores.iter().map(|s| s.order).min()?;
        let mut last_read = 0;
        let mut from: Option<Linear> = None;
        for store in &stores {
            let load = self.copied(store)?;
            let offset = store.at.distance(&run.to)?;
            let start = load.at.clone().plus(&Linear::constant(offset), -1);
            if from.get_or_insert_with(|| start.clone()) != &start || load.order > store.order {
                return None;
            }
            last_read = last_read.max(load.order);
        }
        Some(Work::Copy(Copy {
            run,
            from: from?,
            read_first: last_read < first_write,
        }))
    }

    /// The load whose bytes a store writes.
    fn copied(&self, store: &Access) -> Option<&Access> {
        let mut value = store.value;
        let bytes = size(store.width);
        while let Some(inst) = self.inst(value)
            && let Some((bits, _)) = extension(inst.op)
            && i32::from(bits) >= 8 * bytes
        {
            value = inst.args[0];
        }
        let load = self.loads.iter().find(|l| l.value == value)?;
        (size(load.width) == bytes).then_some(load)
    }
}
