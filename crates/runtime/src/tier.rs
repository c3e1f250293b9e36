//! Where the engines meet: what the interpreter asks of a compiler, and what compiled code asks of the interpreter.
//!
//! Compiled code works on the interpreter's frames, on the thread's own stack. It is entered at a call or at the head of a loop
//! and comes back with a state in which the interpreter can go on.

use bytecode::func::{CallSite, Func, FuncId};
use bytecode::isa::OP_COUNT;

use crate::runtime::M;

/// Which engine runs a program.
#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
pub enum Engine {
    Interp,
    /// Everything is compiled when it is first called in earnest.
    Jit,
    /// What is hot is compiled.
    #[default]
    Tiered,
}

/// A state: the next instruction and its frame. A null `pc` ends the program, with `fp` as exit code.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct State {
    pub pc: *const u64,
    pub fp: *mut u64,
}

impl State {
    /// The end of the program.
    #[inline(always)]
    pub fn leave(code: i32) -> State {
        State {
            pc: std::ptr::null(),
            fp: code as isize as *mut u64,
        }
    }

    /// The exit code, if the state is the program's end.
    #[inline(always)]
    pub fn exit(self) -> Option<i32> {
        self.pc.is_null().then_some(self.fp as isize as i32)
    }
}

/// Executes one instruction, whose safepoint has been passed if it is one that allocates: the state before it, the state after it.
pub type Operation = unsafe extern "sysv64" fn(&mut M, *const u64, *mut u64) -> State;
/// A call that can't just push its frame: return pc, caller's frame, callee, closure.
pub type Call = unsafe fn(&mut M, *const u64, *mut u64, &Func, u64) -> State;

/// What the interpreter does for compiled code.
#[derive(Clone, Copy)]
pub struct Services {
    /// For each operation code the function that executes such an instruction.
    pub operations: &'static [Operation; OP_COUNT],
    pub call: Call,
}

/// A compiler for hot code.
pub trait Tier: Send + Sync {
    /// What it has done, in lines of text.
    fn report(&self) -> String;
    /// What compiled code calls in place of a function without code.
    fn uncompiled(&self) -> *const u8;
    /// Calls and back-edges between two samples; each sample names code to be compiled.
    fn sample_every(&self) -> u32;
    /// Something is wanted of goroutines, and has been made known: loops of compiled code look for it from now on.
    fn watch_loops(&self);
    /// They need not any more, unless something is wanted.
    fn relax_loops(&self, is_wanted: &dyn Fn() -> bool);
    /// Compiles a function that has bytecode; afterwards its `native_entry` is set if that was possible.
    fn compile(&self, m: &mut M, func: &'static Func);
    /// Code that goes on at the head of a loop (a word offset); null if there is none.
    fn loop_entry(&self, m: &mut M, func: FuncId, offset: u32) -> *const u8;
    /// A call site has been seen to call something new.
    fn site_changed(&self, m: &mut M, site: &'static CallSite);
    /// Runs compiled code. `fp` is the caller's frame, which holds the return pc below it, when `entry` is a function's, or the frame itself
    /// at the head of a loop.
    ///
    /// # Safety
    /// The entry comes from this tier; the state is that of `m.g`.
    unsafe fn enter(
        &self,
        m: &mut M,
        services: &Services,
        entry: *const u8,
        fp: *mut u64,
        closure: u64,
    ) -> State;
}
