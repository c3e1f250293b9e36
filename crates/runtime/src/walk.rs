//! The frame walk: the one way in which the collector, the stack copier, panics and tracebacks see a stack.
//!
//! From a frame pointer and a safepoint word everything follows in O(1) a frame: the word names function and pointer map; the function's
//! frame size leads to the return pc; the word before the return pc is the caller's safepoint word.
//!
//! ```text
//!   fp + 8*frame_slots      return pc -> [ .. call .. | safepoint word | next instruction ]
//!   fp + 8*(frame_slots+1)  the caller's fp
//! ```
//!
//! Frames of call stubs (`stubs`) were pushed by the runtime below a frame that made no call: there the caller's safepoint word is in the stub's
//! frame. The goroutine's first frame is that of the start stub, which ends the walk.

use bytecode::func::{FuncId, FuncInfo, HAS_CTX, Safepoint};
use bytecode::isa::{Instr, Op};

use crate::g::{G, Status, Top};
use crate::runtime::Runtime;
use crate::stubs::{START, STUB_SAFEPOINT, is_call_stub};

/// Calls `visit` with the address of every slot that holds a pointer by the maps, topmost frame first.
///
/// # Safety
/// `top` is the state of a goroutine at a safepoint on a stack that ends at `hi`. Visited slots may be changed; return pcs must not.
#[inline(always)]
pub unsafe fn walk_pointers(
    rt: &Runtime,
    top: &Top,
    hi: usize,
    mut visit: impl FnMut(*mut u64),
) -> usize {
    let mut fp = top.fp;
    let mut word = top.safepoint;
    let mut frames = 1;
    // The topmost frame may lie partly below what is in use.
    let mut safepoint = Safepoint::unpack(word);
    let mut info = rt.funcs.info(safepoint.func);
    let low = top.sp as usize;
    let mut context_seen = false;
    for_each_bit(info.map(safepoint.map), |i| {
        let slot = fp.wrapping_add(i);
        context_seen |= i + 1 == info.frame_slots as usize;
        if slot as usize >= low {
            visit(slot);
        }
    });
    if !context_seen
        && info.function.flags & HAS_CTX != 0
        && safepoint.map == info.function.entry_map
        // Other safepoints may have the same map, when the closure is not used any more.
        && top.pc == info.code
    {
        // At entry the closure is in its slot whatever the map says.
        let slot = fp.wrapping_add(info.frame_slots as usize - 1);
        if slot as usize >= low && info.frame_slots > 0 {
            visit(slot);
        }
    }
    let mut map = info.map(safepoint.map);
    let mut empty = map.iter().all(|&w| w == 0);
    // SAFETY (whole loop): the frames of a stack at a safepoint are linked as described above.
    unsafe {
        loop {
            if safepoint.func == START {
                return frames;
            }
            let ret = fp.wrapping_add(info.frame_slots as usize);
            debug_assert!((ret as usize) < hi, "walked past the stack's end");
            let next = if is_call_stub(safepoint.func) {
                *fp.add(STUB_SAFEPOINT)
            } else {
                *(*ret as *const u64).sub(1)
            };
            fp = ret.add(1);
            frames += 1;
            // Recursion: the same call in the same function, frame after frame.
            if next != word {
                word = next;
                safepoint = Safepoint::unpack(word);
                info = rt.funcs.info(safepoint.func);
                map = info.map(safepoint.map);
                empty = map.iter().all(|&w| w == 0);
            }
            if !empty {
                for_each_bit(map, |i| visit(fp.add(i)));
            }
        }
    }
}

#[inline(always)]
fn for_each_bit(map: &[u64], mut f: impl FnMut(usize)) {
    for (w, &bits) in map.iter().enumerate() {
        let mut bits = bits;
        while bits != 0 {
            f(w * 64 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
}

/// A frame as tracebacks and panics see it.
#[derive(Clone, Copy)]
pub struct Frame {
    pub fp: *mut u64,
    pub func: FuncId,
    pub info: &'static FuncInfo,
    /// Where execution is: an address in linked code; see `after_call`.
    pub pc: *const u64,
    /// `pc` is a return address: the call is the instruction before it.
    pub after_call: bool,
    pub safepoint: u64,
    /// The function has been called and has done nothing yet.
    pub at_entry: bool,
}

impl Frame {
    /// Word offset of the instruction that is being executed, good for a line lookup.
    pub fn pc_offset(&self) -> u32 {
        let offset = (self.pc as usize).wrapping_sub(self.info.code as usize) / 8;
        if self.after_call {
            offset.saturating_sub(1) as u32
        } else {
            offset as u32
        }
    }

    /// The argument area: parameters, then results.
    pub fn args(&self) -> *mut u64 {
        self.fp.wrapping_add(self.info.frame_slots as usize + 1)
    }
}

/// The frames of a stack, topmost first; the start stub's is the last.
pub struct Frames<'a> {
    rt: &'a Runtime,
    next: Option<Frame>,
}

impl<'a> Frames<'a> {
    /// # Safety
    /// `top` is the state of a goroutine at a safepoint, and the stack stays as it is while the iterator is used.
    pub unsafe fn new(rt: &'a Runtime, top: &Top) -> Frames<'a> {
        let func = Safepoint::unpack(top.safepoint).func;
        let info = rt.funcs.info(func);
        // SAFETY: contract of this function.
        let waits = unsafe { is_waiting(rt, info, top) };
        let offset = (top.pc as usize).wrapping_sub(info.code as usize) / 8;
        let inside = offset > 0 && offset < info.function.code.len();
        // SAFETY: the pc is inside the function's code, at an instruction.
        let after_call = inside && !waits && unsafe { *top.pc.sub(1) } == top.safepoint;
        Frames {
            rt,
            next: Some(Frame {
                fp: top.fp,
                func,
                info,
                pc: top.pc,
                after_call,
                safepoint: top.safepoint,
                at_entry: top.pc == info.code && !waits,
            }),
        }
    }
}

/// The instruction that is still to be executed, where the topmost state is that before it at its own safepoint.
unsafe fn to_come(rt: &Runtime, info: &FuncInfo, top: &Top) -> Option<Instr> {
    let offset = (top.pc as usize).wrapping_sub(info.code as usize) / 8;
    if offset >= info.function.code.len() {
        return None;
    }
    // SAFETY: the pc is inside the function's code, at an instruction.
    unsafe {
        Instr::unpack(rt.entries.original(*top.pc))
            .filter(|instr| *top.pc.add(instr.words() - 1) == top.safepoint)
    }
}

/// Whether a channel operation is parked and will be executed again.
unsafe fn is_waiting(rt: &Runtime, info: &FuncInfo, top: &Top) -> bool {
    // SAFETY: by the caller, a goroutine's saved state.
    let instr = unsafe { to_come(rt, info, top) };
    instr.is_some_and(|i| matches!(i.op, Op::Send | Op::Recv | Op::RecvOk | Op::Select))
}

/// Slots of arguments of the native that a goroutine is in, without a processor, or is to call as soon as it goes on. What comes after them in the frame is of no account: results that
/// are not there yet.
///
/// # Safety
/// A goroutine that has started and does not run.
pub(crate) unsafe fn native_arguments(rt: &Runtime, g: &G) -> usize {
    let top = g.top();
    let in_it = g.status() == Status::Syscall;
    // SAFETY: by the contract a saved state; when the native runs, `pc` is behind its call, of three words.
    let instr = unsafe {
        if in_it {
            Instr::unpack(rt.entries.original(*top.pc.sub(3)))
        } else {
            let info = rt.funcs.info(Safepoint::unpack(top.safepoint).func);
            to_come(rt, info, &top)
        }
    };
    let call = instr.filter(|instr| instr.op == Op::CallNative);
    debug_assert!(call.is_some() || !in_it, "in a native without its call");
    call.map_or(0, |instr| usize::from(instr.b))
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        let frame = self.next?;
        self.next = (frame.func != START).then(|| {
            let ret = frame.fp.wrapping_add(frame.info.frame_slots as usize);
            let stub = is_call_stub(frame.func);
            // SAFETY: contract of `new`.
            let (pc, safepoint) = unsafe {
                let pc = *ret as *const u64;
                (
                    pc,
                    if stub {
                        *frame.fp.add(STUB_SAFEPOINT)
                    } else {
                        *pc.sub(1)
                    },
                )
            };
            let func = Safepoint::unpack(safepoint).func;
            Frame {
                fp: ret.wrapping_add(1),
                func,
                info: self.rt.funcs.info(func),
                pc,
                // Below a stub the pc is the instruction that panicked.
                after_call: !stub,
                safepoint,
                at_entry: false,
            }
        });
        Some(frame)
    }
}
