//! Which callees are put in the place of their calls: small ones, of calls of functions, and of calls of closures and methods that have been seen to call one or
//! two functions only (`CallSite`). `splice` does it.

use bytecode::func::{CallSite, Func, FuncId, FuncInfo, HAS_DEFER, HIDDEN};
use bytecode::isa::{Instr, Op};
use bytecode::operands::for_each_target;
use runtime::stack::RED_ZONE;

use super::nest::Nest;
use super::splice::{Spliced, Splicer};
use super::translate::{Effect, effect};
use crate::pipeline;
use crate::ssa::Guess;

/// Words of bytecode of a callee that is guessed, and of others, when the call is in a loop; and otherwise,
const MAX_GUESSED: usize = 100;
const MAX_CALLEE: usize = 64;
const MAX_SELDOM: usize = 40;
/// of a callee with a loop, beside which a call is little,
const MAX_LOOPING: usize = 24;
/// of all copies in a function,
const MAX_COPIES: usize = 400;
/// and of copies for calls that are in no loop.
const MAX_SELDOM_COPIES: usize = 160;
/// Words of the frames that would lie below ours. A stack that shrinks keeps more room than this below each frame.
const MAX_BELOW: u32 = 100;
/// Calls in each other.
const MAX_NESTING: usize = 8;
/// How often a function may be in a chain of calls: once, and twice where it is guessed, since one closure often calls another of its kind.
const MAX_SAME: usize = 1;
const MAX_SAME_GUESSED: usize = 2;

/// What stands for a call.
pub struct Choice {
    /// The callees to put in its place, each behind a test unless the call names it.
    pub callees: Vec<(&'static Func, &'static FuncInfo)>,
    pub rest: Rest,
}

/// What is done when it is none of the callees.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Rest {
    /// There is nothing else.
    Never,
    /// Compiled code is left: the interpreter notes what is called, and the code is made anew.
    Leave,
    Call,
}

/// A call that may be replaced.
struct Candidate {
    /// Where it is in the code with copies, and in its own function.
    at: usize,
    own: usize,
    frame: Option<usize>,
    /// In how many loops it is.
    loops: usize,
}

/// Puts callees into the function; None when there is none to put. `cautious`: calls that turn out to be others than guessed are made, not left to the interpreter.
pub fn inline(info: &FuncInfo, nest: Option<&Nest>, cautious: bool) -> Option<Spliced> {
    let mut chooser = Chooser {
        splicer: Splicer::new(info),
        root: info,
        cautious,
        copied: 0,
        copied_seldom: 0,
        calls: Vec::new(),
    };
    chooser.candidates(&info.function.code, 0, None, 0)?;
    if let Some(nest) = nest {
        // Code that begins here makes other calls once, if at all.
        let reached = reached(&info.function.code, nest.entry);
        let calls = &mut chooser.calls;
        calls.retain(|call| call.loops > 0 && reached[call.own] && !nest.leaves(call.own));
    }
    while let Some(call) = chooser.next() {
        chooser.replace(&call)?;
    }
    chooser.splicer.finish(info)
}

/// The words that control comes to from an instruction on.
fn reached(code: &[u64], from: usize) -> Vec<bool> {
    let mut reached = vec![false; code.len()];
    let mut work = vec![from];
    while let Some(mut pc) = work.pop() {
        while pc < code.len() && !std::mem::replace(&mut reached[pc], true) {
            let Some(instr) = Instr::unpack(code[pc]) else {
                break;
            };
            for_each_target(code, pc, &mut |t| work.push(t as usize));
            if !instr.falls_through() {
                break;
            }
            pc += instr.words();
        }
    }
    reached
}

struct Chooser<'a> {
    splicer: Splicer,
    root: &'a FuncInfo,
    cautious: bool,
    copied: usize,
    copied_seldom: usize,
    calls: Vec<Candidate>,
}

impl Chooser<'_> {
    /// The call in most loops, the first of these.
    fn next(&mut self) -> Option<Candidate> {
        let most = self.calls.iter().map(|c| c.loops).max()?;
        let at = self.calls.iter().position(|c| c.loops == most)?;
        Some(self.calls.remove(at))
    }

    /// The calls in a function's code, whose copy begins at `start`.
    fn candidates(
        &mut self,
        code: &[u64],
        start: usize,
        frame: Option<usize>,
        around: usize,
    ) -> Option<()> {
        let mut loops: Vec<(usize, usize)> = Vec::new();
        let mut calls = Vec::new();
        let mut pc = 0;
        while pc < code.len() {
            let instr = Instr::unpack(code[pc])?;
            if instr.is_safepoint() {
                for_each_target(code, pc, &mut |t| loops.push((t as usize, pc)));
            }
            if matches!(instr.op, Op::Call | Op::CallClosure | Op::CallIface) {
                calls.push(pc);
            }
            pc += instr.words();
        }
        for own in calls {
            let repeats = |(head, last): &(usize, usize)| (*head..*last).contains(&own);
            let loops = around + loops.iter().filter(|l| repeats(l)).count();
            self.calls.push(Candidate {
                at: start + own,
                own,
                frame,
                loops,
            });
        }
        Some(())
    }

    fn replace(&mut self, call: &Candidate) -> Option<()> {
        let choice = self.choose(call)?;
        let Some(choice) = choice else {
            return Some(());
        };
        let words: usize = choice
            .callees
            .iter()
            .map(|(_, c)| c.function.code.len())
            .sum();
        self.copied += words;
        if call.loops == 0 {
            self.copied_seldom += words;
        }
        for (frame, body) in self
            .splicer
            .replace(call.at, call.own, call.frame, &choice)?
        {
            let info = self.splicer.frames[frame].info;
            self.candidates(&info.function.code, body, Some(frame), call.loops)?;
        }
        Some(())
    }

    fn choose(&mut self, call: &Candidate) -> Option<Option<Choice>> {
        let instr = Instr::unpack(self.splicer.code[call.at])?;
        if instr.op == Op::Call {
            // SAFETY: linking put the callee's handle there; linked code is immortal.
            let func: &Func = unsafe { &*(self.splicer.linked[call.at + 1] as *const Func) };
            let callee = self.suitable(func, call, false);
            return Some(callee.map(|info| Choice {
                callees: vec![(func, info)],
                rest: Rest::Never,
            }));
        }
        let info = call
            .frame
            .map_or(self.root, |frame| self.splicer.frames[frame].info);
        let Some(site) = info.site_at(call.own as u32) else {
            return Some(None);
        };
        let guess = Guess::now(site);
        let known = site.seen();
        let seen: Vec<&Func> = known.callees.into_iter().flatten().collect();
        let callees: Vec<(&Func, &FuncInfo)> = seen
            .iter()
            .filter_map(|f| Some((*f, self.suitable(f, call, true)?)))
            .collect();
        if callees.is_empty() {
            return Some(None);
        }
        let all = callees.len() == seen.len() && !known.many;
        let rest = if all && !self.cautious {
            Rest::Leave
        } else {
            Rest::Call
        };
        self.splicer.guesses.push(guess);
        Some(Some(Choice { callees, rest }))
    }

    /// What is known of the function, if it may be put in the place of this call.
    fn suitable(&self, func: &Func, call: &Candidate, guessed: bool) -> Option<&'static FuncInfo> {
        let info = pipeline::info(func)?;
        let words = info.function.code.len();
        let most = match (call.loops > 0, guessed) {
            (true, true) => MAX_GUESSED,
            (true, false) => MAX_CALLEE,
            _ => MAX_SELDOM,
        };
        let seldom = call.loops == 0 && self.copied_seldom + words > MAX_SELDOM_COPIES;
        let fits = words <= MAX_LOOPING || words <= most && !has_loop(info);
        if !fits || seldom || self.copied + words > MAX_COPIES {
            return None;
        }
        let above = call.frame.map_or(0, |f| self.splicer.frames[f].depth);
        if above + info.frame_slots + 1 > MAX_BELOW {
            return None;
        }
        let (mut same, mut nesting) = (usize::from(self.root.function.id == func.id), 1);
        let mut next = call.frame;
        while let Some(frame) = next {
            let frame = &self.splicer.frames[frame];
            same += usize::from(frame.info.function.id == func.id);
            nesting += 1;
            next = frame.parent;
        }
        // A function's first copy in itself saves half of its calls; more does not pay.
        let at_most = if guessed { MAX_SAME_GUESSED } else { MAX_SAME };
        let fits = same < at_most && nesting <= MAX_NESTING;
        (fits && is_plain(info)).then_some(info)
    }
}

impl Guess {
    pub fn now(site: &'static CallSite) -> Guess {
        Guess {
            site,
            seen: site.words(),
        }
    }

    /// Whether nothing else has been seen since.
    pub fn holds(&self) -> bool {
        self.site.words() == self.seen
    }
}

fn has_loop(info: &FuncInfo) -> bool {
    let code = &info.function.code;
    let mut pc = 0;
    while let Some(instr) = code.get(pc).and_then(|w| Instr::unpack(*w)) {
        let mut repeats = false;
        for_each_target(code, pc, &mut |_| repeats |= instr.is_safepoint());
        if repeats {
            return true;
        }
        pc += instr.words();
    }
    false
}

/// Whether all of a function's instructions may be in a copy.
fn is_plain(info: &FuncInfo) -> bool {
    let f = &*info.function;
    if f.flags & (HAS_DEFER | HIDDEN) != 0 || f.id == FuncId(0) {
        return false;
    }
    let mut pc = 0;
    while let Some(word) = f.code.get(pc) {
        let Some(instr) = Instr::unpack(*word) else {
            return false;
        };
        use Op::{CallReflect, Defer, GoEnd, GoexitStep, NextDefer, PanicStep, Recover, Select};
        if matches!(
            instr.op,
            CallReflect | Defer | GoEnd | GoexitStep | NextDefer | PanicStep | Recover | Select
        ) {
            return false;
        }
        pc += instr.words();
    }
    true
}

/// Whether nobody ever sees the frame of a call of the function while it goes on in compiled code, and it may lie in the red zone when the interpreter goes on in it.
pub fn hides_in_red_zone(info: &FuncInfo, depth: u32) -> bool {
    let f = &*info.function;
    // The return pc, the frame, and the word below it that a panic's call stores.
    let mut hides = 8 * (depth as usize + 2) <= RED_ZONE && f.address_taken.is_empty();
    let mut pc = 0;
    while let Some(instr) = f.code.get(pc).and_then(|w| Instr::unpack(*w)) {
        hides &=
            !instr.is_safepoint() && (effect(info, pc) == Effect::None || instr.op == Op::Trap);
        pc += instr.words();
    }
    hides
}
