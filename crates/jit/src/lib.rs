//! The compiler for hot code: bytecode to x86-64.
//!
//! Compiled code works on the interpreter's frames. A slot's home is its place in the frame; between calls, and between the instructions that
//! compiled code leaves to the interpreter, registers hold what is used. Wherever anybody else may look (calls, exits, steps) all that is live is at
//! home, so that frame walks, pointer maps, collections, stack copies and tracebacks know nothing of compiled code, and
//! it can be entered or left at any such point. Return addresses into compiled code are on the thread's stack only: leaving drops them, and the callers go
//! on interpreted. docs/decisions/jit-first.md says why, and what comes next.
//!
//! The pipeline: `build` (SSA from slots), `validate`, `opt`, `lower` (instructions and operand constraints), `alloc` (regalloc2), `emit`,
//! `memory`. `context` is what compiled code finds at run time.

mod alloc;
mod build;
mod context;
mod emit;
mod lower;
mod memory;
mod opt;
mod ssa;
mod validate;

use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};

use bytecode::func::{Func, FuncId, FuncInfo};
use runtime::runtime::M;
use runtime::tier::{NativeState, Services, Tier};
use rustc_hash::{FxHashMap, FxHashSet};

use context::Stubs;
use memory::CodeMemory;

/// The compiler of a virtual machine.
pub struct Jit {
    memory: CodeMemory,
    stubs: Stubs,
    /// Code at loop heads, by function and word offset; null where there can be none.
    loops: Mutex<FxHashMap<(FuncId, u32), usize>>,
    /// Functions that are not to be tried again.
    refused: Mutex<FxHashSet<FuncId>>,
    compiled: AtomicU32,
    sample_every: u32,
}

impl Jit {
    /// A compiler that compiles a function or loop when every `sample_every`-th call or back-edge hits it. None on
    /// a processor or system that can't have one (BMI, LZCNT, POPCNT and AVX are taken for granted).
    pub fn new(sample_every: u32) -> Option<Jit> {
        let features = is_x86_feature_detected!("avx")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        let memory = features.then(CodeMemory::new)??;
        Some(Jit {
            stubs: Stubs::new(&memory)?,
            memory,
            loops: Mutex::default(),
            refused: Mutex::default(),
            compiled: AtomicU32::new(0),
            sample_every: sample_every.max(1),
        })
    }

    /// Functions and loops compiled, and bytes of code.
    pub fn stats(&self) -> (u32, usize) {
        (self.compiled.load(Ordering::Relaxed), self.memory.used())
    }

    /// Code of the function, or from the head of a loop on.
    fn code(&self, info: &FuncInfo, func: &Func, head: Option<u32>) -> Option<*const u8> {
        let ssa = optimised(info, head.unwrap_or(0) as usize)?;
        let code = lower::lower(&ssa);
        let output = match alloc::allocate(&code) {
            Ok(output) => output,
            Err(e) => {
                debug_assert!(false, "{}: register allocation: {e}", info.function.name);
                return None;
            }
        };
        let bytes = emit::emit(info, func, head.is_some(), &code, &output)?;
        self.compiled.fetch_add(1, Ordering::Relaxed);
        self.memory.install(&bytes)
    }
}

/// The SSA form after all passes.
fn optimised(info: &FuncInfo, entry: usize) -> Option<ssa::Ssa> {
    let check = |ssa: &ssa::Ssa, stage: &str| {
        if cfg!(debug_assertions)
            && let Err(e) = validate::validate(ssa)
        {
            panic!("{} after {stage}: {e}\n{ssa}", info.function.name);
        }
    };
    let mut ssa = build::build(info, entry)?;
    check(&ssa, "building");
    opt::run(&mut ssa);
    check(&ssa, "optimisation");
    Some(ssa)
}

/// The SSA form of a linked function, as text; None when it is not compiled.
pub fn listing(info: &FuncInfo, entry: usize) -> Option<String> {
    optimised(info, entry).map(|ssa| ssa.to_string())
}

impl Tier for Jit {
    fn sample_every(&self) -> u32 {
        self.sample_every
    }

    fn compile(&self, m: &mut M, func: &'static Func) {
        if !func.native_entry.load(Ordering::Acquire).is_null() {
            return;
        }
        // A function that does not compile to bytecode is the interpreter's to report.
        if m.rt().ensure_compiled(func).is_err() {
            return;
        }
        let mut refused = self.refused.lock().unwrap();
        // The runtime's stubs are entered in ways of their own.
        if func.flags.load(Ordering::Relaxed) & bytecode::func::HIDDEN != 0
            || refused.contains(&func.id)
        {
            return;
        }
        match self.code(m.rt().funcs.info(func.id), func, None) {
            Some(code) => func.native_entry.store(code.cast_mut(), Ordering::Release),
            None => {
                refused.insert(func.id);
            }
        }
    }

    fn loop_entry(&self, m: &mut M, func: FuncId, offset: u32) -> *const u8 {
        let mut loops = self.loops.lock().unwrap();
        let entry = *loops.entry((func, offset)).or_insert_with(|| {
            let handle = m.rt().funcs.get(func);
            if handle.flags.load(Ordering::Relaxed) & bytecode::func::HIDDEN != 0 {
                return 0;
            }
            let code = self.code(m.rt().funcs.info(func), handle, Some(offset));
            code.map_or(0, |c| c as usize)
        });
        entry as *const u8
    }

    unsafe fn enter(
        &self,
        m: &mut M,
        services: &Services,
        entry: *const u8,
        fp: *mut u64,
        closure: u64,
    ) -> NativeState {
        // SAFETY: by the contract.
        unsafe { self.stubs.run(m, services, entry, fp, closure) }
    }
}
