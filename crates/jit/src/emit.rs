//! Machine code from allocated instructions.

#![expect(
    clippy::useless_conversion,
    reason = "the assembler's macro converts register numbers that are bytes already"
)]

use std::mem::offset_of;

use bytecode::func::{Func, FuncInfo, Function, HAS_CTX};
use dynasmrt::{DynamicLabel, DynasmApi, DynasmLabelApi, VecAssembler, dynasm, x64::X64Relocation};
use regalloc2::{Allocation, Block, Edit, InstOrEdit, Output, PReg, RegClass};
use runtime::g::{G, G_CRAMPED, POISON};
use runtime::runtime::M;
use runtime::stack::{RED_ZONE, Stack};

use crate::context::Context;
use crate::links::Call;
use crate::lower::{
    CALL_ARGUMENTS, CONTEXT, Code, FRAME, Kind, Machine, SCRATCH, address_operands, part,
};
use crate::origins::Origins;
use crate::ssa::{
    Addr, AtomicOp, Base, BinOp, Callee, Cond, FloatOp, Guess, Object, Op, Operation, Ssa, Type,
    UnOp, Width,
};

macro_rules! asm {
    ($e:expr $(, $($t:tt)*)?) => { dynasm!($e.asm ; .arch x64 $(; $($t)*)?) };
}

use crate::polls::BackEdge;

/// Machine code, and which bytecode instruction it belongs to from which byte on.
pub struct Emitted {
    pub bytes: Vec<u8>,
    /// Offsets of words that are to hold addresses of places in the code, and the offsets of these.
    pub addresses: Vec<(u32, u32)>,
    pub places: Vec<(u32, u32)>,
    /// Calls that can be made to lead to the callee's code.
    pub calls: Vec<Call>,
    pub origins: Origins,
    pub guesses: Vec<Guess>,
    /// Words below the frame that the stack has to have room for.
    pub room: u32,
    /// Back-edges that go past their polls.
    pub back_edges: Vec<BackEdge>,
    /// Where the prologue is over, and what it takes of the thread's stack.
    pub body: u32,
    pub spill_bytes: u32,
}

impl Emitted {
    /// The function and word offset in it that a place's word offset means.
    pub fn resolve<'a>(&'a self, info: &'a FuncInfo, pc: u32) -> (&'a Function, u32) {
        let place = self.origins.at(pc);
        match place.frame.map(|f| &self.origins.frames[f]) {
            Some(frame) => {
                let last = frame.function.code.len() as u32 - 1;
                (&frame.function, place.pc.min(last))
            }
            None => (&info.function, place.pc),
        }
    }
}

/// Code of a function: entered by a call, or in its frame at the head of a loop.
pub fn emit(
    info: &FuncInfo,
    func: &Func,
    place: Option<u32>,
    ssa: &Ssa,
    code: &Code,
    output: &Output,
    patched: bool,
) -> Option<Emitted> {
    let mut asm = VecAssembler::<X64Relocation>::new(0);
    let leads_to = leads_to(code, output);
    let past_poll = if patched {
        past_polls(code, output, &leads_to)
    } else {
        vec![Past::No; leads_to.len()]
    };
    let own: Vec<DynamicLabel> = code
        .ranges
        .iter()
        .map(|_| asm.new_dynamic_label())
        .collect();
    let labels = leads_to.iter().map(|to| own[*to]).collect();
    // The block where code is entered is the prologue's.
    let emitted = |block: &usize| *block == 0 || leads_to[*block] == *block;
    let mut emission: Vec<usize> = code.emission.iter().copied().filter(emitted).collect();
    // Polls that are gone past are out of the way.
    emission.sort_by_key(|block| matches!(past_poll[*block], Past::Around(_)));
    let calls = code.insts.iter().any(|m| {
        matches!(
            m.kind,
            Kind::Op(Op::Helper(_) | Op::Perform(_) | Op::Call(..) | Op::Step(_))
        )
    });
    let called = |m: &Machine| matches!(m.kind, Kind::Op(Op::Call(..)));
    let deepens = code.insts.iter().any(called) || output.num_spillslots > 256;
    let entry = place.is_none().then(|| asm.new_dynamic_label());
    // Of the frame, its return pc, the frames of inlined callees, and the word below them that a call stores which is made when compiled code has been left.
    let frames = 8 * (info.frame_slots as usize + ssa.below as usize + 2);
    let is_safepoint =
        |m: &Machine| matches!(m.kind, Kind::Op(Op::Call(..) | Op::Step(_) | Op::Poll));
    let points = code.insts.iter().any(is_safepoint);
    let hides = !deepens && frames <= RED_ZONE && !points;
    // A frame that hides may be entered at a place when it has been left.
    let was_hidden = 8 * (info.frame_slots as usize + 2) <= RED_ZONE && points;
    let mut e = Emitter {
        asm,
        entry,
        calls,
        deepens,
        hides,
        was_hidden,
        next: None,
        info,
        func,
        origins: &ssa.origins,
        room: ssa.room,
        code,
        output,
        leads_to: &leads_to,
        past_poll: &past_poll,
        back_edges: Vec::new(),
        labels,
        cold: Vec::new(),
        linked: Vec::new(),
        ways: Vec::new(),
        constants: Vec::new(),
        tables: Vec::new(),
        places: Vec::new(),
    };
    if let Some(entry) = e.entry {
        asm!(e, =>entry);
    }
    e.prologue(place);
    let body = e.asm.offset().0 as u32;
    let spill_bytes = e.spill_bytes() as u32;
    for (i, &block) in emission.iter().enumerate() {
        e.next = emission.get(i + 1).copied();
        if code.preds[block].iter().any(|p| p.index() >= block) {
            e.align();
        }
        let label = own[block];
        asm!(e, =>label);
        let mut late = None;
        for item in output.block_insts_and_edits(code, Block::new(block)) {
            match item {
                InstOrEdit::Edit(Edit::Move { from, to }) => e.transfer(*from, *to),
                InstOrEdit::Inst(inst) => {
                    let allocs = output.inst_allocs(inst);
                    let machine = &code.insts[inst.index()];
                    if let Some(pc) = machine.pc {
                        e.place(pc);
                    }
                    match (past_poll[block], machine.kind) {
                        (Past::Through(head), Kind::Op(Op::Poll)) => {
                            let poll = e.asm.new_dynamic_label();
                            let exit = e.exit_label(machine, allocs);
                            e.cold.push(Cold::Poll {
                                label: poll,
                                exit,
                                head: own[head],
                            });
                            late = Some(poll);
                        }
                        (Past::Through(head), Kind::Jump(_)) => {
                            let poll = late.take().expect("the poll comes first");
                            e.jump_back(own[head], poll);
                        }
                        _ => e.inst(block, machine, allocs),
                    }
                }
            }
        }
    }
    e.cold();
    for (bits, label) in std::mem::take(&mut e.constants) {
        asm!(e, .align 16);
        asm!(e, =>label);
        asm!(e, .i64 bits, 0);
    }
    let mut addresses = Vec::new();
    for (table, entries) in std::mem::take(&mut e.tables) {
        asm!(e, .align 8);
        asm!(e, =>table);
        for to in entries {
            let to = e.asm.labels().resolve_dynamic(to).ok()?;
            addresses.push((e.asm.offset().0 as u32, to.0 as u32));
            asm!(e, .i64 0);
        }
    }
    let mut back_edges = Vec::new();
    for (at, head, poll) in std::mem::take(&mut e.back_edges) {
        let [head, poll] = [head, poll].map(|label| e.asm.labels().resolve_dynamic(label));
        back_edges.push(BackEdge {
            at,
            head: head.ok()?.0 as u32,
            poll: poll.ok()?.0 as u32,
        });
    }
    Some(Emitted {
        bytes: e.asm.finalize().ok()?,
        addresses,
        places: e.places,
        calls: e.linked,
        origins: ssa.origins.clone(),
        guesses: ssa.guesses.clone(),
        room: if hides { 0 } else { ssa.room },
        back_edges,
        body,
        spill_bytes,
    })
}

/// How a block that polls on the way back to a loop's head is gone past until somebody wants something (`polls`).
#[derive(Clone, Copy, PartialEq, Eq)]
enum Past {
    /// It is not.
    No,
    /// It does nothing else: jumps to it go to the head.
    Around(usize),
    /// It moves values, too, and none that the poll's exit writes is lost by that: the jump at its end goes to the head.
    Through(usize),
}

fn past_polls(code: &Code, output: &Output, leads_to: &[usize]) -> Vec<Past> {
    let past = |block: usize| -> Past {
        let mut lost = Vec::new();
        let mut written: Option<&[Allocation]> = None;
        for item in output.block_insts_and_edits(code, Block::new(block)) {
            let inst = match item {
                InstOrEdit::Inst(inst) => inst,
                InstOrEdit::Edit(_) if written.is_none() => return Past::No,
                InstOrEdit::Edit(Edit::Move { to, .. }) => {
                    lost.push(*to);
                    continue;
                }
            };
            let m = &code.insts[inst.index()];
            match (m.kind, written) {
                (Kind::Op(Op::Poll), None) => {
                    let first = m.exit.as_ref().map_or(0, |exit| exit.first);
                    written = Some(&output.inst_allocs(inst)[first..]);
                }
                (Kind::Jump(to), Some(values)) if block > 0 && to <= block => {
                    let head = leads_to[to];
                    return if lost.is_empty() {
                        Past::Around(head)
                    } else if values.iter().any(|v| lost.contains(v)) {
                        Past::No
                    } else {
                        Past::Through(head)
                    };
                }
                _ => return Past::No,
            }
        }
        Past::No
    };
    (0..code.ranges.len()).map(past).collect()
}

/// For each block the one where control gets to from there: another, when it does nothing but jump.
fn leads_to(code: &Code, output: &Output) -> Vec<usize> {
    let jump = |block: usize| -> Option<usize> {
        let mut items = output.block_insts_and_edits(code, Block::new(block));
        let InstOrEdit::Inst(inst) = items.next()? else {
            return None;
        };
        match code.insts[inst.index()].kind {
            Kind::Jump(to) => Some(to),
            _ => None,
        }
    };
    let jumps: Vec<Option<usize>> = (0..code.ranges.len()).map(jump).collect();
    let follow = |from: usize| {
        let mut at = from;
        // A loop of empty blocks has no end.
        for _ in 0..jumps.len() {
            match jumps[at] {
                Some(to) => at = to,
                None => return at,
            }
        }
        from
    };
    (0..jumps.len()).map(follow).collect()
}

/// Code out of the way.
enum Cold<'a> {
    Exit {
        label: DynamicLabel,
        pc: u32,
        /// What is written, and where it is.
        slots: &'a [(i32, Type)],
        values: &'a [Allocation],
    },
    /// rax and rbx have the state.
    Leave { label: DynamicLabel },
    /// rax and rdx have it.
    LeaveTo { label: DynamicLabel },
    /// The poll of a jump back that goes past it otherwise.
    Poll {
        label: DynamicLabel,
        exit: DynamicLabel,
        head: DynamicLabel,
    },
    /// A pointer is stored while the collector marks: tells it.
    Barrier {
        label: DynamicLabel,
        back: DynamicLabel,
        addr: Addr,
        /// The registers of the address, and of the value unless it is a constant.
        regs: [u8; 3],
        imm: Option<i32>,
    },
    /// There is no room for an object in the processor's cache.
    Alloc {
        label: DynamicLabel,
        back: DynamicLabel,
        object: Object,
        to: u8,
    },
    /// The pointer bits of a new object are in two words.
    PointerBits {
        label: DynamicLabel,
        back: DynamicLabel,
        pointers: u64,
        temporaries: [u8; 2],
    },
    /// There is no room for the frames of inlined callees below the frame that is entered at a place in it.
    Cramped { label: DynamicLabel, place: u32 },
    /// The guard check of the prologue failed.
    Enter {
        label: DynamicLabel,
        back: DynamicLabel,
    },
}

struct Emitter<'a> {
    asm: VecAssembler<X64Relocation>,
    /// Where callers come in.
    entry: Option<DynamicLabel>,
    /// Something is called.
    calls: bool,
    /// Compiled code is called, or the frame on the thread's stack is large: how deep it is has to be checked.
    deepens: bool,
    /// Nobody sees the frame while it goes on in compiled code, and it may lie in the red zone when the interpreter goes on in it.
    hides: bool,
    /// It may lie in the red zone when it is entered at a place, where no frame of a callee may be below it.
    was_hidden: bool,
    /// The block that is emitted next.
    next: Option<usize>,
    info: &'a FuncInfo,
    func: &'a Func,
    origins: &'a Origins,
    room: u32,
    code: &'a Code,
    output: &'a Output,
    /// Where control gets to from each block (see `leads_to`), and its label.
    leads_to: &'a [usize],
    past_poll: &'a [Past],
    /// Offset of the distance, the head, the poll.
    back_edges: Vec<(u32, DynamicLabel, DynamicLabel)>,
    labels: Vec<DynamicLabel>,
    cold: Vec<Cold<'a>>,
    linked: Vec<Call>,
    /// The way to a function that has no code yet, by its handle.
    ways: Vec<(u64, DynamicLabel)>,
    /// Constants in memory.
    constants: Vec<(i64, DynamicLabel)>,
    /// Tables of addresses that are jumped to.
    tables: Vec<(DynamicLabel, Vec<DynamicLabel>)>,
    places: Vec<(u32, u32)>,
}

fn reg(a: Allocation) -> u8 {
    a.as_reg()
        .map_or_else(|| panic!("{a} is no register"), |r: PReg| r.hw_enc() as u8)
}

fn spill(a: Allocation) -> i32 {
    8 * a
        .as_stack()
        .map_or_else(|| panic!("{a} is no spill slot"), |s| s.index()) as i32
}

const RAX: u8 = 0;
const RDX: u8 = 2;
const RSP: u8 = 4;
const STACK_LO: i8 = (offset_of!(G, stack) + offset_of!(Stack, lo)) as i8;
const GUARD: i8 = offset_of!(G, stackguard) as i8;
const NATIVE_CALL: i8 = offset_of!(Func, native_call) as i8;

/// With base and index: `op size-of-access` from or to memory, all scales, with displacements of a byte where they fit.
macro_rules! memory {
    ($e:ident, $a:expr, load $op:ident $r:ident($d:expr), $size:ident) => {{
        let (d, (base, index, scale, disp)) = ($d, $a);
        if let Ok(disp) = i8::try_from(disp) {
            match scale {
                0 => asm!($e, $op $r(d), $size [BYTE Rq(base) + disp]),
                1 => asm!($e, $op $r(d), $size [BYTE Rq(base) + Rq(index) + disp]),
                2 => asm!($e, $op $r(d), $size [BYTE Rq(base) + Rq(index) * 2 + disp]),
                4 => asm!($e, $op $r(d), $size [BYTE Rq(base) + Rq(index) * 4 + disp]),
                _ => asm!($e, $op $r(d), $size [BYTE Rq(base) + Rq(index) * 8 + disp]),
            }
        } else {
            match scale {
                0 => asm!($e, $op $r(d), $size [Rq(base) + disp]),
                1 => asm!($e, $op $r(d), $size [Rq(base) + Rq(index) + disp]),
                2 => asm!($e, $op $r(d), $size [Rq(base) + Rq(index) * 2 + disp]),
                4 => asm!($e, $op $r(d), $size [Rq(base) + Rq(index) * 4 + disp]),
                _ => asm!($e, $op $r(d), $size [Rq(base) + Rq(index) * 8 + disp]),
            }
        }
    }};
    ($e:ident, $a:expr, store $op:ident $r:ident($d:expr), $size:ident) => {{
        let (d, (base, index, scale, disp)) = ($d, $a);
        if let Ok(disp) = i8::try_from(disp) {
            match scale {
                0 => asm!($e, $op $size [BYTE Rq(base) + disp], $r(d)),
                1 => asm!($e, $op $size [BYTE Rq(base) + Rq(index) + disp], $r(d)),
                2 => asm!($e, $op $size [BYTE Rq(base) + Rq(index) * 2 + disp], $r(d)),
                4 => asm!($e, $op $size [BYTE Rq(base) + Rq(index) * 4 + disp], $r(d)),
                _ => asm!($e, $op $size [BYTE Rq(base) + Rq(index) * 8 + disp], $r(d)),
            }
        } else {
            match scale {
                0 => asm!($e, $op $size [Rq(base) + disp], $r(d)),
                1 => asm!($e, $op $size [Rq(base) + Rq(index) + disp], $r(d)),
                2 => asm!($e, $op $size [Rq(base) + Rq(index) * 2 + disp], $r(d)),
                4 => asm!($e, $op $size [Rq(base) + Rq(index) * 4 + disp], $r(d)),
                _ => asm!($e, $op $size [Rq(base) + Rq(index) * 8 + disp], $r(d)),
            }
        }
    }};
    ($e:ident, $a:expr, address $r:ident($d:expr)) => {{
        let (d, (base, index, scale, disp)) = ($d, $a);
        if let Ok(disp) = i8::try_from(disp) {
            match scale {
                0 => asm!($e, lea $r(d), [BYTE Rq(base) + disp]),
                1 => asm!($e, lea $r(d), [BYTE Rq(base) + Rq(index) + disp]),
                2 => asm!($e, lea $r(d), [BYTE Rq(base) + Rq(index) * 2 + disp]),
                4 => asm!($e, lea $r(d), [BYTE Rq(base) + Rq(index) * 4 + disp]),
                _ => asm!($e, lea $r(d), [BYTE Rq(base) + Rq(index) * 8 + disp]),
            }
        } else {
            match scale {
                0 => asm!($e, lea $r(d), [Rq(base) + disp]),
                1 => asm!($e, lea $r(d), [Rq(base) + Rq(index) + disp]),
                2 => asm!($e, lea $r(d), [Rq(base) + Rq(index) * 2 + disp]),
                4 => asm!($e, lea $r(d), [Rq(base) + Rq(index) * 4 + disp]),
                _ => asm!($e, lea $r(d), [Rq(base) + Rq(index) * 8 + disp]),
            }
        }
    }};
    ($e:ident, $a:expr, imm $k:expr, $size:ident) => {{
        let (k, (base, index, scale, disp)) = ($k, $a);
        if let Ok(disp) = i8::try_from(disp) {
            match scale {
                0 => asm!($e, mov $size [BYTE Rq(base) + disp], k),
                1 => asm!($e, mov $size [BYTE Rq(base) + Rq(index) + disp], k),
                2 => asm!($e, mov $size [BYTE Rq(base) + Rq(index) * 2 + disp], k),
                4 => asm!($e, mov $size [BYTE Rq(base) + Rq(index) * 4 + disp], k),
                _ => asm!($e, mov $size [BYTE Rq(base) + Rq(index) * 8 + disp], k),
            }
        } else {
            match scale {
                0 => asm!($e, mov $size [Rq(base) + disp], k),
                1 => asm!($e, mov $size [Rq(base) + Rq(index) + disp], k),
                2 => asm!($e, mov $size [Rq(base) + Rq(index) * 2 + disp], k),
                4 => asm!($e, mov $size [Rq(base) + Rq(index) * 4 + disp], k),
                _ => asm!($e, mov $size [Rq(base) + Rq(index) * 8 + disp], k),
            }
        }
    }};
}

/// `op register, constant`, with a constant of a byte where it fits.
macro_rules! immediate {
    ($e:ident, $op:ident $size:ident($r:expr), $k:expr) => {{
        let (r, k): (u8, i32) = ($r, $k);
        match i8::try_from(k) {
            Ok(k) => asm!($e, $op $size(r), BYTE k),
            Err(_) => asm!($e, $op $size(r), k),
        }
    }};
}

// After the macros that they use.
pub mod alloc;
mod vectors;

impl<'a> Emitter<'a> {
    /// What follows belongs to the instruction at `pc`.
    fn place(&mut self, pc: u32) {
        if self.places.last().is_none_or(|(_, last)| *last != pc) {
            self.places.push((self.asm.offset().0 as u32, pc));
        }
    }

    /// The processor fetches and decodes a loop best from the start of such a piece.
    fn align(&mut self) {
        const PIECE: usize = 32;
        self.pad(self.asm.offset().0.wrapping_neg() % PIECE);
    }

    /// So many bytes that do nothing.
    fn pad(&mut self, mut room: usize) {
        while room > 0 {
            let n = room.min(9);
            room -= n;
            const NOPS: [&[u8]; 9] = [
                &[0x90],
                &[0x66, 0x90],
                &[0x0f, 0x1f, 0x00],
                &[0x0f, 0x1f, 0x40, 0],
                &[0x0f, 0x1f, 0x44, 0, 0],
                &[0x66, 0x0f, 0x1f, 0x44, 0, 0],
                &[0x0f, 0x1f, 0x80, 0, 0, 0, 0],
                &[0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
                &[0x66, 0x0f, 0x1f, 0x84, 0, 0, 0, 0, 0],
            ];
            self.asm.extend(NOPS[n - 1]);
        }
    }

    /// What the frame takes on the thread's stack. Where something is called from it the stack pointer is a multiple of 16; at entry it
    /// is 8 off.
    fn spill_bytes(&self) -> i32 {
        let spills = self.output.num_spillslots as i32;
        8 * if self.calls { spills | 1 } else { spills }
    }

    /// Where the interpreter has the instruction at a word offset,
    fn pc_address(&self, offset: u32) -> i64 {
        let place = self.origins.at(offset);
        let code = match place.frame {
            Some(frame) => self.origins.frames[frame].code,
            None => self.info.code as u64,
        };
        code as i64 + 8 * i64::from(place.pc)
    }

    /// and what follows it.
    fn next_address(&self, offset: u32, next: u32) -> i64 {
        self.pc_address(offset) + 8 * i64::from(next - offset)
    }

    /// Makes the frames of the inlined callees that the instruction is in, all but moving the frame pointer: gives how far, in bytes.
    fn make_frames(&mut self, offset: u32) -> i32 {
        let frame = self.origins.at(offset).frame;
        let mut above = 0;
        for callee in self.origins.chain(frame) {
            asm!(self, mov r11, QWORD callee.return_pc as i64);
            memory!(self, (FRAME, 0, 0, -8 - above), store mov Rq(SCRATCH), QWORD);
            above = 8 * callee.depth as i32;
        }
        above
    }

    fn move_frame(&mut self, bytes: i32) {
        if bytes != 0 {
            memory!(self, (FRAME, 0, 0, bytes), address Rq(FRAME));
        }
    }

    fn prologue(&mut self, place: Option<u32>) {
        let spills = self.spill_bytes();
        if let Some(place) = place {
            if self.room > 0 || self.was_hidden {
                let label = self.asm.new_dynamic_label();
                self.compare_room();
                asm!(self, jb =>label);
                self.cold.push(Cold::Cramped { label, place });
            }
        } else {
            let slots = self.info.frame_slots as i32;
            let (slow, body) = (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
            let frame = -(8 + 8 * slots);
            if self.hides {
                self.move_frame(frame);
                if self.info.function.flags & HAS_CTX != 0 {
                    asm!(self, mov[rbx + 8 * (slots - 1)], rdx);
                }
                return self.spill_frame(spills);
            }
            if self.room > 0 {
                let lowest = frame - 8 * self.room as i32;
                memory!(self, (FRAME, 0, 0, lowest), address Rq(SCRATCH));
                asm!(self, cmp r11, [BYTE r12 + GUARD]);
            } else {
                memory!(self, (FRAME, 0, 0, frame), address Rq(RAX));
                asm!(self, cmp rax, [BYTE r12 + GUARD]);
            }
            asm!(self, jb =>slow);
            if self.deepens {
                asm!(self, cmp rsp, [BYTE r13 + offset_of!(Context, stack_limit) as i8]);
                asm!(self, jb =>slow);
            }
            if self.room > 0 {
                self.move_frame(frame);
            } else {
                asm!(self, mov rbx, rax);
            }
            if self.info.function.flags & HAS_CTX != 0 {
                asm!(self, mov[rbx + 8 * (slots - 1)], rdx);
            }
            asm!(self, =>body);
            self.cold.push(Cold::Enter {
                label: slow,
                back: body,
            });
        }
        self.spill_frame(spills);
    }

    fn spill_frame(&mut self, bytes: i32) {
        if bytes != 0 {
            immediate!(self, sub Rq(RSP), bytes);
        }
    }

    /// Whether the frame has the room below it that is wanted ("below": no).
    fn compare_room(&mut self) {
        let bytes = (RED_ZONE + 8 * self.room as usize) as i32;
        asm!(self, mov r11, [BYTE r12 + STACK_LO]);
        asm!(self, add r11, bytes);
        asm!(self, cmp rbx, r11);
    }

    fn transfer(&mut self, from: Allocation, to: Allocation) {
        match (from.as_reg(), to.as_reg()) {
            (Some(x), Some(y)) => {
                if x.class() == RegClass::Int {
                    asm!(self, mov Rq(y.hw_enc() as u8), Rq(x.hw_enc() as u8));
                } else {
                    asm!(self, vmovaps Rx(y.hw_enc() as u8), Rx(x.hw_enc() as u8));
                }
            }
            (Some(x), None) => {
                let at = spill(to);
                if x.class() == RegClass::Int {
                    memory!(self, (RSP, 0, 0, at), store mov Rq(x.hw_enc() as u8), QWORD);
                } else {
                    memory!(self, (RSP, 0, 0, at), store vmovsd Rx(x.hw_enc() as u8), QWORD);
                }
            }
            (None, Some(y)) => {
                let at = spill(from);
                if y.class() == RegClass::Int {
                    memory!(self, (RSP, 0, 0, at), load mov Rq(y.hw_enc() as u8), QWORD);
                } else {
                    memory!(self, (RSP, 0, 0, at), load vmovsd Rx(y.hw_enc() as u8), QWORD);
                }
            }
            (None, None) => {
                let (x, y) = (spill(from), spill(to));
                asm!(self, mov r11, [rsp + x]);
                asm!(self, mov[rsp + y], r11);
            }
        }
    }

    /// Base, index, scale, displacement of an address whose operands come first.
    fn address(&mut self, addr: Addr, allocs: &[Allocation]) -> (u8, u8, u8, i32) {
        let (base, rest) = match addr.base {
            Base::Value | Base::Closure => (reg(allocs[0]), 1),
            Base::Frame => (FRAME, 0),
            Base::Context => (CONTEXT, 0),
            Base::Absolute(address) => {
                asm!(self, mov r11, QWORD address as i64);
                (SCRATCH, 0)
            }
        };
        let index = if addr.scale == 0 {
            0
        } else {
            reg(allocs[rest])
        };
        (base, index, addr.scale, addr.disp)
    }

    /// Comes before a pointer is stored.
    fn barrier(&mut self, addr: Addr, m: &Machine, allocs: &[Allocation]) {
        let (label, back) = (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
        asm!(self, mov r11, [BYTE r13 + offset_of!(Context, marking) as i8]);
        asm!(self, cmp DWORD [r11], 0);
        asm!(self, jne =>label);
        asm!(self, =>back);
        let mut regs = [0; 3];
        let operands = address_operands(addr) + usize::from(m.imm.is_none());
        for (r, a) in regs.iter_mut().zip(&allocs[..operands]) {
            *r = reg(*a);
        }
        self.cold.push(Cold::Barrier {
            label,
            back,
            addr,
            regs,
            imm: m.imm,
        });
    }

    /// A call of the function with this handle.
    fn direct(&mut self, func: u64) {
        if func == std::ptr::from_ref(self.func) as u64
            && let Some(entry) = self.entry
        {
            asm!(self, call =>entry);
            return;
        }
        let known = self.ways.iter().find(|(f, _)| *f == func);
        let way = known.map(|(_, way)| *way).unwrap_or_else(|| {
            let way = self.asm.new_dynamic_label();
            self.ways.push((func, way));
            way
        });
        // The distance, which is written while others may run here, is an aligned word.
        self.pad((self.asm.offset().0 + 1).wrapping_neg() % 4);
        asm!(self, call =>way);
        self.linked.push(Call {
            at: self.asm.offset().0 as u32 - 4,
            // SAFETY: linking put the callee's handle there; handles are immortal.
            callee: unsafe { &*(func as *const Func) },
        });
    }

    fn exit_label(&mut self, m: &Machine, allocs: &'a [Allocation]) -> DynamicLabel {
        let label = self.asm.new_dynamic_label();
        let plan = m.exit.as_ref().expect("a guard has an exit");
        self.cold.push(Cold::Exit {
            label,
            pc: plan.pc,
            slots: part(&self.code.exits, &plan.live),
            values: &allocs[plan.first..],
        });
        label
    }

    /// Compares the first two operands, or the first and the constant.
    fn compare(&mut self, cond: Cond, m: &Machine, allocs: &[Allocation]) {
        let x = reg(allocs[0]);
        if m.from.is_float() {
            let y = reg(allocs[1]);
            // Less is tested with the operands swapped: then unordered is not above.
            let (x, y) = match cond {
                Cond::FEq | Cond::FNe => (x, y),
                _ => (y, x),
            };
            if m.from == Type::F64 {
                asm!(self, vucomisd Rx(x), Rx(y));
            } else {
                asm!(self, vucomiss Rx(x), Rx(y));
            }
            return;
        }
        match m.imm {
            Some(0) => asm!(self, test Rq(x), Rq(x)),
            Some(k) => match i8::try_from(k) {
                // cmp with a constant of a byte, a form that the assembler does not choose.
                Ok(k) => {
                    let bytes = [0x48 | x >> 3, 0x83, 0xf8 | x & 7, k as u8];
                    self.asm.extend(&bytes);
                }
                Err(_) => asm!(self, cmp Rq(x), k),
            },
            None => asm!(self, cmp Rq(x), Rq(reg(allocs[1]))),
        }
    }

    fn jump_if(&mut self, cond: Cond, to: DynamicLabel) {
        match cond {
            Cond::Eq => asm!(self, je =>to),
            Cond::Ne => asm!(self, jne =>to),
            Cond::LtS => asm!(self, jl =>to),
            Cond::LeS => asm!(self, jle =>to),
            Cond::GtS => asm!(self, jg =>to),
            Cond::GeS => asm!(self, jge =>to),
            Cond::LtU => asm!(self, jb =>to),
            Cond::LeU => asm!(self, jbe =>to),
            Cond::GtU => asm!(self, ja =>to),
            Cond::GeU => asm!(self, jae =>to),
            Cond::FEq => {
                let skip = self.asm.new_dynamic_label();
                asm!(self, jp =>skip);
                asm!(self, je =>to);
                asm!(self, =>skip);
            }
            Cond::FNe => {
                asm!(self, jp =>to);
                asm!(self, jne =>to);
            }
            Cond::FLt => asm!(self, ja =>to),
            Cond::FLe => asm!(self, jae =>to),
            Cond::FNlt => asm!(self, jbe =>to),
            Cond::FNle => asm!(self, jb =>to),
        }
    }

    /// To a block.
    fn jump(&mut self, to: usize) {
        let label = self.labels[to];
        if let Past::Around(head) = self.past_poll[to] {
            let head = self.labels[head];
            self.jump_back(head, label);
        } else {
            asm!(self, jmp =>label);
        }
    }

    /// To a loop's head, or to the poll when somebody wants something.
    fn jump_back(&mut self, head: DynamicLabel, poll: DynamicLabel) {
        // The distance is changed while others run here: it has to be aligned.
        self.pad((self.asm.offset().0 + 1).wrapping_neg() % 4);
        self.back_edges
            .push((self.asm.offset().0 as u32 + 1, head, poll));
        asm!(self, jmp =>head);
    }

    /// To a block if the condition holds.
    fn branch(&mut self, cond: Cond, to: usize) {
        // Two jumps are one too many.
        let single = !matches!(cond, Cond::FEq | Cond::FNe);
        let label = self.labels[to];
        if let (Past::Around(head), true) = (self.past_poll[to], single) {
            let head = self.labels[head];
            // Hints that it is taken, so that the distance is aligned and nothing is between the comparison and the jump.
            for _ in 0..(self.asm.offset().0 + 2).wrapping_neg() % 4 {
                self.asm.push(0x3e);
            }
            self.back_edges
                .push((self.asm.offset().0 as u32 + 2, head, label));
            self.jump_if(cond, head);
        } else {
            self.jump_if(cond, label);
        }
    }

    fn inst(&mut self, block: usize, m: &Machine, allocs: &'a [Allocation]) {
        match m.kind {
            Kind::Op(op) => self.op(op, m, allocs),
            Kind::Params => {}
            Kind::Jump(to) => {
                let to = self.leads_to[to];
                if self.next != Some(to) {
                    self.jump(to);
                }
            }
            Kind::Branch(cond, taken, next) => {
                let (taken, next) = (self.leads_to[taken], self.leads_to[next]);
                if taken == next {
                    if self.next != Some(next) {
                        self.jump(next);
                    }
                    return;
                }
                self.compare(cond, m, allocs);
                if self.next == Some(taken) {
                    self.branch(cond.negate(), next);
                } else {
                    self.branch(cond, taken);
                    if self.next != Some(next) {
                        self.jump(next);
                    }
                }
            }
            Kind::Table => {
                let x = reg(allocs[0]);
                let succs = &self.code.succs[block];
                let (last, entries) = succs.split_last().expect("a table has a default");
                const CHAIN: usize = 4;
                if entries.len() > CHAIN {
                    let default = self.labels[last.index()];
                    let table = self.asm.new_dynamic_label();
                    asm!(self, cmp Rq(x), entries.len() as i32);
                    asm!(self, jae =>default);
                    asm!(self, lea r11, [=>table]);
                    asm!(self, jmp QWORD [r11 + Rq(x) * 8]);
                    let entries = entries.iter().map(|to| self.labels[to.index()]);
                    self.tables.push((table, entries.collect()));
                    return;
                }
                for (i, to) in entries.iter().enumerate() {
                    let to = self.labels[to.index()];
                    asm!(self, cmp Rq(x), i as i32);
                    asm!(self, je =>to);
                }
                let to = self.labels[last.index()];
                asm!(self, jmp =>to);
            }
            Kind::Return => {
                let spills = self.spill_bytes();
                if spills != 0 {
                    immediate!(self, add Rq(RSP), spills);
                }
                let frame = 8 + 8 * self.info.frame_slots as i32;
                immediate!(self, add Rq(FRAME), frame);
                asm!(self, ret);
            }
            Kind::Leave => {
                let label = self.exit_label(m, allocs);
                asm!(self, jmp =>label);
            }
        }
    }

    /// Calls the interpreter's function for an instruction: rax and rdx have the state after it. Gives how far below ours its frame is, in bytes.
    fn operation(&mut self, operation: Operation) -> i32 {
        let pc = self.pc_address(operation.pc);
        let depth = self.make_frames(operation.pc);
        asm!(self, mov rdi, [BYTE r13 + offset_of!(Context, m) as i8]);
        asm!(self, mov rsi, QWORD pc);
        memory!(self, (FRAME, 0, 0, -depth), address Rq(RDX));
        asm!(self, mov rax, [BYTE r13 + offset_of!(Context, operations) as i8]);
        asm!(self, call QWORD [rax + 8 * i32::from(operation.op as u16)]);
        depth
    }

    /// A constant behind the code, as wide as a vector operation reads.
    fn float_constant(&mut self, bits: i64) -> DynamicLabel {
        if let Some((_, label)) = self.constants.iter().find(|(known, _)| *known == bits) {
            return *label;
        }
        let label = self.asm.new_dynamic_label();
        self.constants.push((bits, label));
        label
    }

    /// Jumps out of line unless rax is the address of the instruction after the operation.
    fn expect(&mut self, operation: Operation) -> DynamicLabel {
        let label = self.asm.new_dynamic_label();
        let pc = self.next_address(operation.pc, operation.next);
        asm!(self, mov r11, QWORD pc);
        asm!(self, cmp rax, r11);
        asm!(self, jne =>label);
        label
    }

    fn op(&mut self, op: Op, m: &Machine, allocs: &'a [Allocation]) {
        match op {
            Op::Const(k) => {
                let d = reg(allocs[0]);
                match k {
                    0 => asm!(self, xor Rd(d), Rd(d)),
                    k if u32::try_from(k).is_ok() => asm!(self, mov Rd(d), k as i32),
                    k if i32::try_from(k).is_ok() => asm!(self, mov Rq(d), k as i32),
                    k => asm!(self, mov Rq(d), QWORD k),
                }
            }
            Op::Bin(op) => self.binary(op, m, allocs),
            Op::Bin32(op) => self.binary32(op, m, allocs),
            Op::Un32(op) => {
                let d = reg(allocs[1]);
                match op {
                    UnOp::Neg => asm!(self, neg Rd(d)),
                    UnOp::Not => asm!(self, not Rd(d)),
                    _ => unreachable!("other operations have no form of 32 bits"),
                }
            }
            Op::Un(UnOp::Copy) => self.transfer(allocs[0], allocs[1]),
            Op::Un(op) => self.unary(op, m, reg(allocs[1]), reg(allocs[0])),
            Op::Float(op) => {
                let (x, y, d) = (reg(allocs[0]), reg(allocs[1]), reg(allocs[2]));
                match (op, m.typ == Type::F64) {
                    (FloatOp::Add, true) => asm!(self, vaddsd Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Sub, true) => asm!(self, vsubsd Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Mul, true) => asm!(self, vmulsd Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Div, true) => asm!(self, vdivsd Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Add, false) => asm!(self, vaddss Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Sub, false) => asm!(self, vsubss Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Mul, false) => asm!(self, vmulss Rx(d), Rx(x), Rx(y)),
                    (FloatOp::Div, false) => asm!(self, vdivss Rx(d), Rx(x), Rx(y)),
                    // Each order gives its second operand where one is NaN or both are zeros.
                    (FloatOp::Min, true) => {
                        asm!(self, vminsd xmm15, Rx(x), Rx(y));
                        asm!(self, vminsd Rx(d), Rx(y), Rx(x));
                        asm!(self, vorpd Rx(d), Rx(d), xmm15);
                    }
                    (FloatOp::Min, false) => {
                        asm!(self, vminss xmm15, Rx(x), Rx(y));
                        asm!(self, vminss Rx(d), Rx(y), Rx(x));
                        asm!(self, vorps Rx(d), Rx(d), xmm15);
                    }
                }
            }
            Op::Rotl64 | Op::Rotl32 => {
                let (x, d) = (reg(allocs[0]), reg(allocs[allocs.len() - 1]));
                // To the left is to the right by the rest.
                match (op == Op::Rotl64, m.imm) {
                    (true, Some(k)) => asm!(self, rorx Rq(d), Rq(x), (-k & 63) as i8),
                    (true, None) => asm!(self, rol Rq(d), cl),
                    (false, Some(k)) => asm!(self, rorx Rd(d), Rd(x), (-k & 31) as i8),
                    (false, None) => {
                        // Also when the count is 0 the upper half is to be cleared.
                        asm!(self, mov Rd(d), Rd(d));
                        asm!(self, rol Rd(d), cl);
                    }
                }
            }
            Op::Compare(cond) => {
                self.compare(cond, m, allocs);
                let d = reg(allocs[allocs.len() - 1]);
                match cond {
                    Cond::Eq => asm!(self, sete r11b),
                    Cond::Ne => asm!(self, setne r11b),
                    Cond::LtS => asm!(self, setl r11b),
                    Cond::LeS => asm!(self, setle r11b),
                    Cond::GtS => asm!(self, setg r11b),
                    Cond::GeS => asm!(self, setge r11b),
                    Cond::LtU | Cond::FNle => asm!(self, setb r11b),
                    Cond::LeU | Cond::FNlt => asm!(self, setbe r11b),
                    Cond::GeU | Cond::FLe => asm!(self, setae r11b),
                    Cond::GtU | Cond::FLt => asm!(self, seta r11b),
                    Cond::FEq | Cond::FNe => {
                        let skip = self.asm.new_dynamic_label();
                        let unordered = i32::from(cond == Cond::FNe);
                        asm!(self, mov r11d, unordered);
                        asm!(self, jp =>skip);
                        if cond == Cond::FEq {
                            asm!(self, sete r11b);
                        } else {
                            asm!(self, setne r11b);
                        }
                        asm!(self, =>skip);
                    }
                }
                asm!(self, movzx Rd(d), r11b);
            }
            Op::Load(addr, width) => {
                let d = reg(allocs[allocs.len() - 1]);
                let a = self.address(addr, allocs);
                match (m.typ, width) {
                    (Type::F64, _) | (Type::F32, Width::W) => {
                        memory!(self, a, load vmovsd Rx(d), QWORD)
                    }
                    (Type::F32, _) => memory!(self, a, load vmovss Rx(d), DWORD),
                    (_, Width::S8) => memory!(self, a, load movsx Rq(d), BYTE),
                    (_, Width::U8) => memory!(self, a, load movzx Rd(d), BYTE),
                    (_, Width::S16) => memory!(self, a, load movsx Rq(d), WORD),
                    (_, Width::U16) => memory!(self, a, load movzx Rd(d), WORD),
                    (_, Width::S32) => memory!(self, a, load movsxd Rq(d), DWORD),
                    (_, Width::U32) => memory!(self, a, load mov Rd(d), DWORD),
                    (_, Width::W | Width::P) => memory!(self, a, load mov Rq(d), QWORD),
                }
            }
            Op::Store(addr, width) => {
                if width == Width::P && addr.base != Base::Frame {
                    self.barrier(addr, m, allocs);
                }
                let a = self.address(addr, allocs);
                if let Some(k) = m.imm {
                    match width {
                        Width::W | Width::P => memory!(self, a, imm k, QWORD),
                        _ => memory!(self, a, imm k, DWORD),
                    }
                    return;
                }
                let v = reg(allocs[address_operands(addr)]);
                match (m.from, width) {
                    (Type::F64, _) | (Type::F32, Width::W) => {
                        memory!(self, a, store vmovsd Rx(v), QWORD)
                    }
                    (Type::F32, _) => memory!(self, a, store vmovss Rx(v), DWORD),
                    (_, Width::S8 | Width::U8) => memory!(self, a, store mov Rb(v), BYTE),
                    (_, Width::S16 | Width::U16) => memory!(self, a, store mov Rw(v), WORD),
                    (_, Width::S32 | Width::U32) => memory!(self, a, store mov Rd(v), DWORD),
                    (_, Width::W | Width::P) => memory!(self, a, store mov Rq(v), QWORD),
                }
            }
            Op::Span(cond, width, two) => {
                let (p, with, d) = (reg(allocs[0]), reg(allocs[1]), reg(allocs[2]));
                self.span(cond, width, two, [p, with, d]);
            }
            Op::Copy(bytes) => self.copy(reg(allocs[0]), reg(allocs[1]), bytes),
            Op::Fill(width, bytes) => {
                self.splat(width, reg(allocs[1]));
                self.fill(reg(allocs[0]), bytes);
            }
            Op::FrameAddr(disp) => asm!(self, lea Rq(reg(allocs[0])), [rbx + disp]),
            Op::Guard(cond) => {
                self.compare(cond, m, allocs);
                let label = self.exit_label(m, allocs);
                self.jump_if(cond.negate(), label);
            }
            Op::Poll => {
                let label = self.exit_label(m, allocs);
                asm!(self, cmp rbx, [BYTE r12 + GUARD]);
                asm!(self, jb =>label);
            }
            Op::Alloc(object) => self.alloc(object, allocs),
            Op::Anchor | Op::Becomes(_) | Op::Reads(_) => unreachable!("gone with the passes"),
            Op::Call(callee, after) => {
                let pc = m.pc.expect("a call's place is known");
                let after = self.next_address(pc, after);
                let depth = self.make_frames(pc);
                self.move_frame(-depth);
                asm!(self, mov r11, QWORD after);
                asm!(self, mov[rbx - 8], r11);
                match callee {
                    Callee::Direct(func) => self.direct(func),
                    Callee::Closure => {
                        asm!(self, mov rsi, [rdx]);
                        asm!(self, call QWORD [BYTE rsi + NATIVE_CALL]);
                    }
                    Callee::Handle => asm!(self, call QWORD [BYTE rsi + NATIVE_CALL]),
                }
                self.move_frame(depth);
            }
            Op::Param(_) => unreachable!("parameters are defined together"),
            Op::Atomic(op, wide) => {
                let p = reg(allocs[0]);
                match (op, wide) {
                    (AtomicOp::Load, true) => asm!(self, mov Rq(reg(allocs[1])), [Rq(p)]),
                    (AtomicOp::Load, false) => asm!(self, mov Rd(reg(allocs[1])), [Rq(p)]),
                    (AtomicOp::Swap, true) => asm!(self, xchg[Rq(p)], Rq(reg(allocs[1]))),
                    (AtomicOp::Swap, false) => asm!(self, xchg[Rq(p)], Rd(reg(allocs[1]))),
                    (AtomicOp::Add, true) => {
                        let (v, d) = (reg(allocs[1]), reg(allocs[2]));
                        asm!(self, mov r11, Rq(v));
                        asm!(self, lock xadd [Rq(p)], r11);
                        asm!(self, lea Rq(d), [r11 + Rq(v)]);
                    }
                    (AtomicOp::Add, false) => {
                        let (v, d) = (reg(allocs[1]), reg(allocs[2]));
                        asm!(self, mov r11d, Rd(v));
                        asm!(self, lock xadd [Rq(p)], r11d);
                        asm!(self, lea Rd(d), [r11 + Rq(v)]);
                    }
                    (AtomicOp::CompareAndSwap, _) => {
                        let new = reg(allocs[2]);
                        if wide {
                            asm!(self, lock cmpxchg [Rq(p)], Rq(new));
                        } else {
                            asm!(self, lock cmpxchg [Rq(p)], Rd(new));
                        }
                        asm!(self, sete al);
                        asm!(self, movzx eax, al);
                    }
                }
            }
            Op::Helper(helper) => {
                if helper.context {
                    asm!(self, mov rdi, r13);
                }
                asm!(self, mov rax, QWORD helper.address as i64);
                asm!(self, call rax);
            }
            Op::Perform(operation) => {
                self.operation(operation);
                let label = self.expect(operation);
                self.cold.push(Cold::LeaveTo { label });
            }
            Op::Step(operation) => {
                let depth = self.operation(operation);
                asm!(self, mov rbx, rdx);
                let label = self.expect(operation);
                // The same place, but in another goroutine? Or in this one after another thread has run it, and what calls are under way has changed?
                asm!(self, mov r11, [BYTE r13 + offset_of!(Context, m) as i8]);
                asm!(self, mov r11, [r11 + offset_of!(M, switches) as i32]);
                asm!(self, cmp r11, [BYTE r13 + offset_of!(Context, switches) as i8]);
                asm!(self, jne =>label);
                self.cold.push(Cold::Leave { label });
                self.move_frame(depth);
            }
            Op::Select(cond) => {
                let (x, y) = (reg(allocs[0]), reg(allocs[1]));
                let (a, d) = (reg(allocs[2]), reg(allocs[4]));
                asm!(self, cmp Rq(x), Rq(y));
                match cond {
                    Cond::Eq => asm!(self, cmove Rq(d), Rq(a)),
                    Cond::Ne => asm!(self, cmovne Rq(d), Rq(a)),
                    Cond::LtS => asm!(self, cmovl Rq(d), Rq(a)),
                    Cond::LeS => asm!(self, cmovle Rq(d), Rq(a)),
                    Cond::GtS => asm!(self, cmovg Rq(d), Rq(a)),
                    Cond::GeS => asm!(self, cmovge Rq(d), Rq(a)),
                    Cond::LtU => asm!(self, cmovb Rq(d), Rq(a)),
                    Cond::LeU => asm!(self, cmovbe Rq(d), Rq(a)),
                    Cond::GtU => asm!(self, cmova Rq(d), Rq(a)),
                    Cond::GeU => asm!(self, cmovae Rq(d), Rq(a)),
                    _ => unreachable!("a selection compares words"),
                }
            }
        }
    }

    fn binary(&mut self, op: BinOp, m: &Machine, allocs: &[Allocation]) {
        let (x, d) = (reg(allocs[0]), reg(allocs[allocs.len() - 1]));
        if let Some(k) = m.imm {
            match op {
                BinOp::Add if x == d => immediate!(self, add Rq(d), k),
                BinOp::Add => memory!(self, (x, 0, 0, k), address Rq(d)),
                BinOp::Sub => memory!(self, (x, 0, 0, -k), address Rq(d)),
                BinOp::Mul => asm!(self, imul Rq(d), Rq(x), k),
                BinOp::And => immediate!(self, and Rq(d), k),
                BinOp::AndNot => immediate!(self, and Rq(d), !k),
                BinOp::Or => immediate!(self, or Rq(d), k),
                BinOp::Xor => immediate!(self, xor Rq(d), k),
                BinOp::Shl | BinOp::ShlMod => asm!(self, shl Rq(d), k as i8),
                BinOp::ShrU | BinOp::ShrUMod => asm!(self, shr Rq(d), k as i8),
                BinOp::ShrS | BinOp::ShrSMod => asm!(self, sar Rq(d), k as i8),
                _ => unreachable!("division has no immediate form"),
            }
            return;
        }
        let y = reg(allocs[1]);
        match op {
            BinOp::MulHiU => {
                // The low half is somebody's, or nobody's.
                let (high, low) = (reg(allocs[2]), allocs.get(3));
                let low = low.map_or(SCRATCH, |low| reg(*low));
                asm!(self, mulx Rq(high), Rq(low), Rq(y));
            }
            BinOp::Add if x == d => asm!(self, add Rq(d), Rq(y)),
            BinOp::Add if y == d => asm!(self, add Rq(d), Rq(x)),
            BinOp::Add => asm!(self, lea Rq(d), [Rq(x) + Rq(y)]),
            BinOp::Sub => asm!(self, sub Rq(d), Rq(y)),
            BinOp::Mul => asm!(self, imul Rq(d), Rq(y)),
            BinOp::And => asm!(self, and Rq(d), Rq(y)),
            BinOp::Or => asm!(self, or Rq(d), Rq(y)),
            BinOp::Xor => asm!(self, xor Rq(d), Rq(y)),
            BinOp::AndNot => asm!(self, andn Rq(d), Rq(y), Rq(x)),
            BinOp::Shl | BinOp::ShrU => {
                if op == BinOp::Shl {
                    asm!(self, shlx r11, Rq(x), Rq(y));
                } else {
                    asm!(self, shrx r11, Rq(x), Rq(y));
                }
                // All ones when the count is below 64.
                asm!(self, cmp Rq(y), 64);
                asm!(self, sbb Rq(d), Rq(d));
                asm!(self, and Rq(d), r11);
            }
            BinOp::ShlMod => asm!(self, shlx Rq(d), Rq(x), Rq(y)),
            BinOp::ShrUMod => asm!(self, shrx Rq(d), Rq(x), Rq(y)),
            BinOp::ShrSMod => asm!(self, sarx Rq(d), Rq(x), Rq(y)),
            BinOp::ShrS => {
                asm!(self, mov r11d, 63);
                asm!(self, cmp Rq(y), r11);
                asm!(self, cmovb r11, Rq(y));
                asm!(self, sarx Rq(d), Rq(x), r11);
            }
            BinOp::DivU | BinOp::RemU => {
                asm!(self, xor edx, edx);
                asm!(self, div Rq(y));
            }
            BinOp::DivS | BinOp::RemS => {
                // The processor traps where the quotient does not fit.
                let (minus, done) = (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
                asm!(self, cmp Rq(y), -1);
                asm!(self, je =>minus);
                asm!(self, cqo);
                asm!(self, idiv Rq(y));
                asm!(self, jmp =>done);
                asm!(self, =>minus);
                if op == BinOp::DivS {
                    asm!(self, neg rax);
                } else {
                    asm!(self, xor edx, edx);
                }
                asm!(self, =>done);
            }
        }
    }

    /// Instructions of 32 bits clear the upper half.
    fn binary32(&mut self, op: BinOp, m: &Machine, allocs: &[Allocation]) {
        let (x, d) = (reg(allocs[0]), reg(allocs[allocs.len() - 1]));
        if let Some(k) = m.imm {
            match op {
                BinOp::Add if x == d => immediate!(self, add Rd(d), k),
                BinOp::Add => memory!(self, (x, 0, 0, k), address Rd(d)),
                BinOp::Sub => memory!(self, (x, 0, 0, -k), address Rd(d)),
                BinOp::Mul => asm!(self, imul Rd(d), Rd(x), k),
                BinOp::And => immediate!(self, and Rd(d), k),
                BinOp::AndNot => immediate!(self, and Rd(d), !k),
                BinOp::Or => immediate!(self, or Rd(d), k),
                BinOp::Xor => immediate!(self, xor Rd(d), k),
                BinOp::Shl | BinOp::ShlMod => asm!(self, shl Rd(d), k as i8),
                _ => unreachable!("{op:?} has no such form of 32 bits"),
            }
            return;
        }
        let y = reg(allocs[1]);
        match op {
            BinOp::Add if x == d => asm!(self, add Rd(d), Rd(y)),
            BinOp::Add if y == d => asm!(self, add Rd(d), Rd(x)),
            BinOp::Add => asm!(self, lea Rd(d), [Rq(x) + Rq(y)]),
            BinOp::Sub => asm!(self, sub Rd(d), Rd(y)),
            BinOp::Mul => asm!(self, imul Rd(d), Rd(y)),
            BinOp::And => asm!(self, and Rd(d), Rd(y)),
            BinOp::Or => asm!(self, or Rd(d), Rd(y)),
            BinOp::Xor => asm!(self, xor Rd(d), Rd(y)),
            BinOp::AndNot => asm!(self, andn Rd(d), Rd(y), Rd(x)),
            BinOp::ShlMod => asm!(self, shlx Rd(d), Rd(x), Rd(y)),
            BinOp::Shl => {
                // Counts from 32 to 63 leave nothing of the lower half, either.
                asm!(self, shlx r11, Rq(x), Rq(y));
                asm!(self, cmp Rq(y), 64);
                asm!(self, sbb Rd(d), Rd(d));
                asm!(self, and Rd(d), r11d);
            }
            BinOp::DivU | BinOp::RemU => {
                asm!(self, xor edx, edx);
                asm!(self, div Rd(y));
            }
            _ => unreachable!("{op:?} has no form of 32 bits"),
        }
    }

    fn unary(&mut self, op: UnOp, m: &Machine, d: u8, x: u8) {
        use Type::{F32, F64};
        match op {
            UnOp::Neg => asm!(self, neg Rq(d)),
            UnOp::Not => asm!(self, not Rq(d)),
            UnOp::Bswap => asm!(self, bswap Rq(d)),
            UnOp::ExtS8 => asm!(self, movsx Rq(d), Rb(x)),
            UnOp::ExtS16 => asm!(self, movsx Rq(d), Rw(x)),
            UnOp::ExtS32 => asm!(self, movsxd Rq(d), Rd(x)),
            UnOp::ExtU8 => asm!(self, movzx Rd(d), Rb(x)),
            UnOp::ExtU16 => asm!(self, movzx Rd(d), Rw(x)),
            UnOp::ExtU32 => asm!(self, mov Rd(d), Rd(x)),
            UnOp::Clz => asm!(self, lzcnt Rq(d), Rq(x)),
            UnOp::Ctz => asm!(self, tzcnt Rq(d), Rq(x)),
            UnOp::Popcnt => asm!(self, popcnt Rq(d), Rq(x)),
            UnOp::Sqrt => asm!(self, vsqrtsd Rx(d), Rx(x), Rx(x)),
            UnOp::Floor => asm!(self, vroundsd Rx(d), Rx(x), Rx(x), 9),
            UnOp::Ceil => asm!(self, vroundsd Rx(d), Rx(x), Rx(x), 10),
            UnOp::Trunc => asm!(self, vroundsd Rx(d), Rx(x), Rx(x), 11),
            UnOp::Abs => {
                let mask = self.float_constant(i64::MAX);
                asm!(self, vandpd Rx(d), Rx(x), [=>mask]);
            }
            UnOp::FNeg => {
                let sign = if m.from == F64 {
                    i64::MIN
                } else {
                    i64::from(i32::MIN as u32)
                };
                let mask = self.float_constant(sign);
                asm!(self, vxorpd Rx(d), Rx(x), [=>mask]);
            }
            UnOp::Convert32 => {
                if m.from == F64 {
                    asm!(self, vcvttsd2si Rd(d), Rx(x));
                } else {
                    asm!(self, vcvttss2si Rd(d), Rx(x));
                }
                asm!(self, movsxd Rq(d), Rd(d));
            }
            UnOp::Convert => match (m.from, m.typ) {
                (F64, F32) => {
                    // The upper half of the result's word is the scratch register's.
                    asm!(self, vxorps xmm15, xmm15, xmm15);
                    asm!(self, vcvtsd2ss Rx(d), xmm15, Rx(x));
                }
                (F32, F64) => asm!(self, vcvtss2sd Rx(d), Rx(x), Rx(x)),
                (F64, _) => asm!(self, vcvttsd2si Rq(d), Rx(x)),
                (F32, _) => asm!(self, vcvttss2si Rq(d), Rx(x)),
                (_, to) => {
                    // No dependency on what the register held.
                    asm!(self, vxorps xmm15, xmm15, xmm15);
                    if to == F64 {
                        asm!(self, vcvtsi2sd Rx(d), xmm15, Rq(x));
                    } else {
                        asm!(self, vcvtsi2ss Rx(d), xmm15, Rq(x));
                    }
                }
            },
            UnOp::Copy => unreachable!("copies need no registers"),
            UnOp::Bitcast => match (m.from, m.typ) {
                // The allocator takes one register for both.
                (F64 | F32, F64 | F32) => debug_assert_eq!(d, x),
                (F64 | F32, _) => asm!(self, vmovq Rq(d), Rx(x)),
                _ => asm!(self, vmovq Rx(d), Rq(x)),
            },
        }
    }

    /// What has been put off.
    fn cold(&mut self) {
        for (func, way) in std::mem::take(&mut self.ways) {
            asm!(self, =>way);
            asm!(self, mov rsi, QWORD func as i64);
            asm!(self, jmp QWORD [BYTE rsi + NATIVE_CALL]);
        }
        for cold in std::mem::take(&mut self.cold) {
            match cold {
                Cold::Poll { label, exit, head } => {
                    asm!(self, =>label);
                    asm!(self, cmp rbx, [BYTE r12 + GUARD]);
                    asm!(self, jb =>exit);
                    asm!(self, jmp =>head);
                }
                Cold::Exit {
                    label,
                    pc,
                    slots,
                    values,
                } => {
                    self.place(pc);
                    asm!(self, =>label);
                    for (&(slot, typ), &a) in slots.iter().zip(values) {
                        let at = 8 * slot;
                        match a.as_reg().map(|r| r.hw_enc() as u8) {
                            Some(r) if typ.is_float() => {
                                asm!(self, vmovsd QWORD [rbx + at], Rx(r));
                            }
                            Some(r) => asm!(self, mov[rbx + at], Rq(r)),
                            None => {
                                asm!(self, mov r11, [rsp + spill(a)]);
                                asm!(self, mov[rbx + at], r11);
                            }
                        }
                    }
                    let depth = self.make_frames(pc);
                    self.move_frame(-depth);
                    let address = self.pc_address(pc);
                    asm!(self, mov rax, QWORD address);
                    asm!(self, jmp QWORD [BYTE r13 + offset_of!(Context, leave) as i8]);
                }
                Cold::Alloc {
                    label,
                    back,
                    object,
                    to,
                } => {
                    asm!(self, =>label);
                    self.alloc_slowly(object, to);
                    asm!(self, jmp =>back);
                }
                Cold::PointerBits {
                    label,
                    back,
                    pointers,
                    temporaries,
                } => {
                    asm!(self, =>label);
                    self.bits_in_two_words(pointers, temporaries);
                    asm!(self, jmp =>back);
                }
                Cold::Cramped { label, place } => {
                    // The next safepoint makes room.
                    let address = self.pc_address(place);
                    let flags = offset_of!(G, flags) as i32;
                    asm!(self, =>label);
                    asm!(self, or BYTE [r12 + flags], BYTE G_CRAMPED as i8);
                    asm!(self, mov QWORD [BYTE r12 + GUARD], POISON as i32);
                    asm!(self, mov rax, QWORD address);
                    asm!(self, jmp QWORD [BYTE r13 + offset_of!(Context, leave) as i8]);
                }
                Cold::Leave { label } => {
                    asm!(self, =>label);
                    asm!(self, jmp QWORD [BYTE r13 + offset_of!(Context, leave) as i8]);
                }
                Cold::LeaveTo { label } => {
                    asm!(self, =>label);
                    asm!(self, mov rbx, rdx);
                    asm!(self, jmp QWORD [BYTE r13 + offset_of!(Context, leave) as i8]);
                }
                Cold::Barrier {
                    label,
                    back,
                    addr,
                    regs,
                    imm,
                } => {
                    asm!(self, =>label);
                    let at = address_operands(addr);
                    if let Base::Absolute(address) = addr.base {
                        asm!(self, mov r11, QWORD address as i64);
                    } else {
                        let place = (regs[0], regs[1], addr.scale, addr.disp);
                        memory!(self, place, address Rq(SCRATCH));
                    }
                    asm!(self, push r11);
                    match imm {
                        Some(k) => asm!(self, push DWORD k),
                        None => asm!(self, push Rq(regs[at])),
                    }
                    asm!(self, call QWORD [BYTE r13 + offset_of!(Context, barrier_stub) as i8]);
                    asm!(self, add rsp, 16);
                    asm!(self, jmp =>back);
                }
                Cold::Enter { label, back } => {
                    let (leave, leave_here) =
                        (self.asm.new_dynamic_label(), self.asm.new_dynamic_label());
                    let func = std::ptr::from_ref(self.func) as i64;
                    let code = self.pc_address(0);
                    asm!(self, =>label);
                    asm!(self, mov rsi, QWORD func);
                    asm!(self, call QWORD [BYTE r13 + offset_of!(Context, call_stub) as i8]);
                    asm!(self, mov r11, QWORD code);
                    asm!(self, cmp rax, r11);
                    asm!(self, jne =>leave);
                    if self.room > 0 {
                        // At its limit, the stack has not grown.
                        self.compare_room();
                        asm!(self, jb =>leave_here);
                    }
                    // The registers have been lost; what they held is at home.
                    let frame = self.info.frame_slots as i32;
                    if self.info.function.flags & HAS_CTX != 0 {
                        asm!(self, mov rdx, [rbx + 8 * (frame - 1)]);
                    }
                    let args = self.info.arg_slots as i32;
                    for (k, r) in (0..args).zip(CALL_ARGUMENTS) {
                        asm!(self, mov Rq(r), [rbx + 8 * (frame + 1 + k)]);
                    }
                    asm!(self, jmp =>back);
                    asm!(self, =>leave_here);
                    asm!(self, mov rax, QWORD code);
                    asm!(self, =>leave);
                    asm!(self, jmp QWORD [BYTE r13 + offset_of!(Context, leave) as i8]);
                }
            }
        }
    }
}
