//! The compiler for hot code: bytecode to x86-64.
//!
//! Compiled code works on the interpreter's frames. A slot's home is its place in the frame; between calls, and between the instructions that
//! compiled code leaves to the interpreter, registers hold what is used. Wherever anybody else may look (calls, exits, steps) all that is live is at
//! home, so that frame walks, pointer maps, collections, stack copies and tracebacks know nothing of compiled code, and
//! it can be entered or left at any such point. Return addresses into compiled code are on the thread's stack only: leaving drops them, and the callers go
//! on interpreted. docs/decisions/jit-first.md says why, and what comes next.
//!
//! The pipeline: `build` (SSA from slots), `validate` and `homes` (checks), `opt`, `lower` (instructions and operand constraints), `alloc` (regalloc2), `emit`,
//! `memory`; `pipeline` leads through it. Requests wait in `queue`, and `stats` counts. `context` is what compiled code finds at run time.

mod alloc;
mod build;
mod context;
mod debuggers;
mod elf;
mod emit;
mod guesses;
mod helpers;
mod homes;
mod links;
mod listing;
mod lower;
mod memory;
mod opt;
mod origins;
mod pipeline;
mod polls;
mod queue;
mod ssa;
mod stats;
mod validate;

use std::collections::hash_map::Entry;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock};
use std::time::Instant;

use bytecode::func::{CallSite, Func, FuncId};
use runtime::entries::Entries;
use runtime::runtime::M;
use runtime::tier::{Services, State, Tier};
use rustc_hash::FxHashMap;

use alloc::Allocator;
use context::Stubs;
use debuggers::Debuggers;
use guesses::Guesses;
use links::Links;
pub use listing::{Form, listing};
use memory::{CodeMemory, Mapping};
use pipeline::Order;
use polls::Polls;
use queue::{Queue, Request};
use ssa::Guess;
pub use stats::Stats;
use stats::{Counters, Stage, add, nanoseconds};

/// `Func::hotness` of a function whose code was asked for.
const REQUESTED: u32 = 1;
/// And of one that has it, or never will.
const ANSWERED: u32 = 2;

/// What a wrong guess counts for, in samples: code that rests on it keeps being left.
const WRONG_GUESS: u32 = 1000;

/// When code is compiled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum When {
    /// While the goroutine waits, at the first sample.
    AtOnce,
    /// By another thread; the goroutine goes on.
    Beside,
}

#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// A function or loop is asked for when every so manyth call or back-edge hits it.
    pub sample_every: u32,
    pub when: When,
    /// Bytes of code, beyond which nothing more is compiled.
    pub code_limit: usize,
    /// Compile no function from its start.
    pub loops_only: bool,
    /// Loops look for requests every time around, even when there is none.
    pub always_poll: bool,
    /// Name compiled code in perf's map file.
    pub perf_map: bool,
    /// Tell GDB of it.
    pub gdb: bool,
    /// Have the form after each pass validated and the allocation of registers proven right; what is wrong ends the process. Debug builds always do.
    pub check: bool,
    /// Count entries into compiled code, take the compiler's times, count what its passes remove.
    pub measure: bool,
    /// Does the work that it is given, as the whole of a compiling thread.
    pub compiling: fn(&mut dyn FnMut()),
}

/// The compiler of a virtual machine; clones are the same one.
#[derive(Clone)]
pub struct Jit {
    options: Options,
    shared: Arc<Shared>,
    queue: Arc<Queue>,
}

/// What the compiling threads need.
struct Shared {
    memory: CodeMemory,
    stubs: Stubs,
    debuggers: Debuggers,
    loops: RwLock<FxHashMap<(FuncId, u32), Loop>>,
    guesses: Guesses,
    /// Where code has been put over instructions, once any has.
    entries: OnceLock<&'static Entries>,
    counters: Counters,
    links: Links,
    polls: Polls,
    always_poll: bool,
    check: bool,
    /// Of threads that are not compiling.
    allocators: Mutex<Vec<Allocator>>,
}

/// Code at the head of a loop.
#[derive(Clone, Copy)]
enum Loop {
    Requested,
    Ready(usize),
    Refused,
}

impl Jit {
    /// None on a processor or system that can't have a compiler (BMI, LZCNT, POPCNT and AVX2 are taken for granted).
    pub fn new(options: Options) -> Option<Jit> {
        let features = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2")
            && is_x86_feature_detected!("lzcnt")
            && is_x86_feature_detected!("popcnt");
        let mapping = if options.gdb {
            Mapping::Private
        } else {
            Mapping::Shared
        };
        let memory = features.then(|| CodeMemory::new(options.code_limit, mapping))??;
        let stubs = Stubs::new(&memory)?;
        let debuggers = Debuggers::new(options.perf_map, options.gdb);
        stubs.describe(&debuggers);
        Some(Jit {
            options,
            shared: Arc::new(Shared {
                stubs,
                debuggers,
                memory,
                loops: RwLock::default(),
                counters: Counters::new(options.measure),
                links: Links::default(),
                polls: Polls::default(),
                always_poll: options.always_poll,
                check: options.check || cfg!(debug_assertions),
                allocators: Mutex::default(),
                guesses: Guesses::default(),
                entries: OnceLock::new(),
            }),
            queue: Arc::new(Queue::new(options.compiling)),
        })
    }

    pub fn stats(&self) -> Stats {
        Stats {
            waiting: self.queue.len() as u64,
            code: self.shared.memory.used() as u64,
            code_limit: self.shared.memory.limit() as u64,
            ..self.shared.counters.read()
        }
    }

    fn request(&self, request: Request, samples: u32) {
        match self.options.when {
            When::Beside => {
                let shared = self.shared.clone();
                self.queue
                    .request(request, samples, move |r| shared.answer_beside(r));
            }
            When::AtOnce => {
                let start = Instant::now();
                self.shared.answer(request);
                add(&self.shared.counters.blocked, nanoseconds(start));
            }
        }
    }

    fn request_again(&self, request: Request) {
        if self.options.when == When::Beside {
            self.queue.again(request);
        }
    }
}

impl Shared {
    /// Compiles, and publishes the code.
    fn answer(&self, request: Request) {
        loop {
            let cautious = self.guesses.is_cautious(&request);
            let code = self.code(request, cautious);
            let (code, holds) = match code {
                Some((code, guesses)) => {
                    let holds = cautious || self.guesses.add(request, &guesses);
                    (Some(code), holds)
                }
                None => (None, true),
            };
            self.publish(request, code);
            if holds {
                return;
            }
        }
    }

    /// On a thread of its own: a compiler that panics costs the program its speed only. (Not when the compiler is what is being tested.)
    fn answer_beside(&self, request: Request) {
        if catch_unwind(AssertUnwindSafe(|| self.answer(request))).is_err() {
            if self.check {
                std::process::abort();
            }
            self.publish(request, None);
        }
    }

    fn allocators(&self) -> MutexGuard<'_, Vec<Allocator>> {
        self.allocators
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    fn code(&self, request: Request, cautious: bool) -> Option<(*const u8, Vec<Guess>)> {
        let Request { func, head } = request;
        let mut watch = self.counters.watch();
        let order = Order {
            head,
            cautious,
            check: self.check,
            patched: self.memory.can_patch() && !self.always_poll,
        };
        let mut allocator = self.allocators().pop().unwrap_or_default();
        let emitted = pipeline::compile(func, order, &self.counters, &mut allocator, &mut watch);
        self.allocators().push(allocator);
        let emitted = emitted?;
        let code = self.memory.install(&emitted.bytes, &emitted.addresses)?;
        self.links.link(&self.memory, code, &emitted.calls);
        self.polls.add(&self.memory, code, &emitted.back_edges);
        watch.stage(Stage::Install);
        if let Some(info) = pipeline::info(func) {
            self.debuggers.code(info, head, code, &emitted);
        }
        if head.is_none() {
            func.room.fetch_max(emitted.room, Ordering::Relaxed);
        }
        Some((code, emitted.guesses))
    }

    fn publish(&self, request: Request, code: Option<*const u8>) {
        let Request { func, head } = request;
        match (code, head) {
            (None, _) => add(&self.counters.refused, 1),
            (_, None) => add(&self.counters.functions, 1),
            (_, Some(_)) => add(&self.counters.loops, 1),
        }
        match head {
            None => {
                if let Some(code) = code {
                    func.native_call.store(code.cast_mut(), Ordering::Release);
                    self.links.compiled(&self.memory, func.id, code);
                    func.native_entry.store(code.cast_mut(), Ordering::Release);
                }
                func.hotness.store(ANSWERED, Ordering::Release);
            }
            Some(head) => {
                let state = code.map_or(Loop::Refused, |c| Loop::Ready(c as usize));
                if let (Some(code), Some(entries), Some(info)) =
                    (code, self.entries.get(), pipeline::info(func))
                {
                    // SAFETY: the offset is that of an instruction, where the code goes on.
                    unsafe { entries.replace(info.code.add(head as usize), code) };
                }
                self.set_loop((func.id, head), state);
            }
        }
    }

    fn loop_at(&self, key: (FuncId, u32)) -> Option<Loop> {
        let loops = self.loops.read().unwrap_or_else(PoisonError::into_inner);
        loops.get(&key).copied()
    }

    /// The loop's state; a new one is requested from now on.
    fn claim_loop(&self, key: (FuncId, u32)) -> Option<Loop> {
        let mut loops = self.loops.write().unwrap_or_else(PoisonError::into_inner);
        match loops.entry(key) {
            Entry::Occupied(known) => Some(*known.get()),
            Entry::Vacant(new) => {
                new.insert(Loop::Requested);
                None
            }
        }
    }

    fn set_loop(&self, key: (FuncId, u32), state: Loop) {
        let mut loops = self.loops.write().unwrap_or_else(PoisonError::into_inner);
        loops.insert(key, state);
    }
}

/// The runtime's stubs are entered in ways of their own.
fn is_hidden(func: &Func) -> bool {
    func.flags.load(Ordering::Relaxed) & bytecode::func::HIDDEN != 0
}

impl Tier for Jit {
    fn report(&self) -> String {
        format!("{}\n", self.stats())
    }

    fn uncompiled(&self) -> *const u8 {
        self.shared.stubs.uncompiled
    }

    fn watch_loops(&self) {
        self.shared.polls.watch(&self.shared.memory);
    }

    fn relax_loops(&self, is_wanted: &dyn Fn() -> bool) {
        self.shared.polls.relax(&self.shared.memory, is_wanted);
    }

    fn sample_every(&self) -> u32 {
        self.options.sample_every.max(1)
    }

    fn compile(&self, m: &mut M, func: &'static Func) {
        if self.options.loops_only || func.hotness.load(Ordering::Acquire) == ANSWERED {
            return;
        }
        // A function that does not compile to bytecode is the interpreter's to report.
        if m.rt().ensure_compiled(func).is_err() || is_hidden(func) {
            return;
        }
        let request = Request { func, head: None };
        let first =
            func.hotness
                .compare_exchange(0, REQUESTED, Ordering::AcqRel, Ordering::Acquire);
        match first {
            Ok(_) => self.request(request, 1),
            Err(REQUESTED) => self.request_again(request),
            Err(_) => {}
        }
    }

    fn loop_entry(&self, m: &mut M, func: FuncId, offset: u32) -> *const u8 {
        let key = (func, offset);
        let func = m.rt().funcs.get(func);
        let request = Request {
            func,
            head: Some(offset),
        };
        let mut state = self.shared.loop_at(key);
        if state.is_none() && !is_hidden(func) {
            state = self.shared.claim_loop(key);
            if state.is_none() {
                self.request(request, 1);
                state = self.shared.loop_at(key);
            }
        }
        match state {
            Some(Loop::Ready(code)) => {
                let code = code as *const u8;
                let info = m.rt().funcs.info(key.0);
                self.shared.entries.get_or_init(|| &m.rt().entries);
                // SAFETY: the offset is that of an instruction, where the code goes on.
                unsafe { m.rt().entries.install(info.code.add(offset as usize), code) };
                code
            }
            Some(Loop::Requested) => {
                self.request_again(request);
                std::ptr::null()
            }
            Some(Loop::Refused) | None => std::ptr::null(),
        }
    }

    fn site_changed(&self, _: &mut M, site: &'static CallSite) {
        for request in self.shared.guesses.changed(site) {
            self.request(request, WRONG_GUESS);
        }
    }

    unsafe fn enter(
        &self,
        m: &mut M,
        services: &Services,
        entry: *const u8,
        fp: *mut u64,
        closure: u64,
    ) -> State {
        if self.options.measure {
            add(&self.shared.counters.entries, 1);
        }
        // SAFETY: by the contract.
        unsafe { self.shared.stubs.run(m, services, entry, fp, closure) }
    }
}
