//! The virtual machine instance (`Runtime`), its threads (`M`) and processors (`P`).
//!
//! As in Go: goroutines (G) run on threads (M) that hold a processor (P), of which there are GOMAXPROCS. What they share is behind locks and atomics in
//! `Runtime`; what a processor owns (allocation caches, run queue, stack cache) is in its `P`, reachable only through the `M` that holds it, and
//! by whoever has stopped the world.

use std::sync::Mutex;
use std::sync::atomic::{
    AtomicBool, AtomicI64, AtomicPtr, AtomicU8, AtomicU32, AtomicU64, AtomicUsize, Ordering,
};
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use bytecode::func::{Func, FuncId, Function};

use crate::chan::Records;
use crate::func_table::FuncTable;
use crate::g::G;
use crate::globals::Globals;
use crate::gopanic::KnownTypes;
use crate::heap::Heap;
use crate::heap::cache::HeapCache;
use crate::itab::ItabTable;
use crate::native::NativeTable;
use crate::sched::threads::Thread;
use crate::sched::world::World;
use crate::sched::{QUEUE, Sched};
use crate::sema::SemaTable;
use crate::stack::{StackCache, StackPool};
use crate::stress::Stress;
use crate::stubs::Stubs;
use crate::sync::run_queue::RunQueue;
use crate::timer::Timers;

/// Compiles a function when it is first called.
pub type CompileHook = Box<dyn FnMut(FuncId) -> Result<Arc<Function>, String> + Send>;

/// What may be chosen when a virtual machine is made.
#[derive(Clone, Debug)]
pub struct Config {
    pub stress: Stress,
    pub engine: crate::tier::Engine,
    /// GODEBUG=stackinfo: 0, 1 or 2.
    pub stackinfo: u32,
    /// GODEBUG=stacklearn=0 turns learned first stack sizes off.
    pub stack_learn: bool,
    /// GODEBUG=gctrace=1
    pub gctrace: bool,
    /// GODEBUG=gcstoptheworld=1: collections do not run beside the program.
    pub gc_stop: bool,
    /// GOGC; negative: off.
    pub gc_percent: i64,
    /// GOMEMLIMIT in bytes.
    pub memory_limit: u64,
    /// debug.SetMaxStack
    pub max_stack: usize,
    /// Bytes that the heap may take.
    pub max_heap: u64,
    /// Bytes that all stacks together may take.
    pub max_stack_memory: u64,
    /// Bytes that heap and stacks together may take; none for what the system tells, which is asked when they take more than a little.
    pub max_memory: Option<u64>,
    pub max_goroutines: usize,
    /// Bytes of machine code, beyond which nothing more is compiled.
    pub max_code: u64,
    /// Count what costs time to count.
    pub stats: bool,
    /// Name compiled code in perf's map file.
    pub perf_map: bool,
    /// Tell GDB of compiled code.
    pub gdb: bool,
    /// Have what the compiler for hot code does checked, as debug builds do: the process ends when it is wrong.
    pub check_code: bool,
    /// Does the work that it is given, as the whole of a compiling thread: whoever embeds the machine may prepare such threads.
    pub compiling: fn(&mut dyn FnMut()),
    /// GOMAXPROCS at the start; 0: as many as the machine or its control group grants.
    pub procs: usize,
    /// The process is the program's: whichever thread comes to its end exits.
    pub owns_process: bool,
    /// GODEBUG=schedtrace=N: a line about the scheduler every N milliseconds; 0: none.
    pub schedtrace: u64,
    /// GOTRACEBACK: none 0, single 1, all 2, system 3, crash 4.
    pub traceback: u32,
}

impl Default for Config {
    fn default() -> Config {
        Config {
            stress: Stress::default(),
            engine: crate::tier::Engine::default(),
            stackinfo: 0,
            stack_learn: true,
            gctrace: false,
            gc_stop: false,
            gc_percent: 100,
            memory_limit: i64::MAX as u64,
            max_stack: 1_000_000_000,
            max_heap: u64::MAX,
            max_stack_memory: u64::MAX,
            max_memory: Some(u64::MAX),
            max_goroutines: usize::MAX,
            max_code: u64::MAX,
            stats: false,
            perf_map: false,
            gdb: false,
            check_code: false,
            compiling: |work| work(),
            procs: 0,
            owns_process: false,
            schedtrace: 0,
            traceback: 1,
        }
    }
}

impl Config {
    /// The choices made by the environment: MORESTACK_STRESS, MORESTACK_CHECK, GODEBUG, GOGC, GOMEMLIMIT, GOTRACEBACK, and the memory there is.
    pub fn from_env() -> Config {
        let mut config = Config::default();
        let var = |name: &str| std::env::var(name).unwrap_or_default();
        config.stress = Stress::parse(&var("MORESTACK_STRESS"));
        config.check_code = var("MORESTACK_CHECK").split(',').any(|what| what == "code");
        if config.stress.jit || config.stress.loops {
            config.engine = crate::tier::Engine::Jit;
        }
        for item in var("GODEBUG").split(',') {
            match item.split_once('=') {
                Some(("stackinfo", value)) => config.stackinfo = value.parse().unwrap_or(0),
                Some(("stacklearn", value)) => config.stack_learn = value != "0",
                Some(("schedtrace", value)) => config.schedtrace = value.parse().unwrap_or(0),
                Some(("gctrace", value)) => config.gctrace = value != "0",
                Some(("gcstoptheworld", value)) => config.gc_stop = value != "0",
                _ => {}
            }
        }
        match var("GOGC").as_str() {
            "off" => config.gc_percent = -1,
            text => config.gc_percent = text.parse().unwrap_or(100),
        }
        if let Some(limit) = parse_bytes(&var("GOMEMLIMIT")) {
            config.memory_limit = limit;
        }
        config.traceback = Config::traceback_of(&var("GOTRACEBACK"));
        config.procs = var("GOMAXPROCS").parse().unwrap_or(0);
        config.max_memory = None;
        config
    }

    /// The level that a value of GOTRACEBACK names.
    pub fn traceback_of(name: &str) -> u32 {
        match name {
            "none" | "0" => 0,
            "all" | "1" => 2,
            "system" | "2" => 3,
            "crash" => 4,
            _ => 1,
        }
    }
}

/// `512MiB` and the like.
pub fn parse_bytes(text: &str) -> Option<u64> {
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let number: u64 = text[..digits].parse().ok()?;
    let shift = match &text[digits..] {
        "" | "B" => 0,
        "KiB" => 10,
        "MiB" => 20,
        "GiB" => 30,
        "TiB" => 40,
        _ => return None,
    };
    number.checked_mul(1 << shift)
}

/// A virtual machine.
pub struct Runtime {
    pub config: Config,
    pub heap: Heap,
    pub globals: Globals,
    pub stacks: StackPool,
    pub funcs: FuncTable,
    pub entries: crate::entries::Entries,
    pub natives: NativeTable,
    pub itabs: ItabTable,
    pub map_types: crate::map::MapTypes,
    pub chan_types: crate::chan::ChanTypes,
    pub reflect_stubs: crate::reflect_call::ReflectStubs,
    pub made_funcs: crate::make_func::MadeFuncs,
    pub known: KnownTypes,
    /// All type descriptors, the compiler's and those that `reflect` makes.
    pub types: Arc<bytecode::registry::TypeRegistry>,
    pub stubs: Stubs,
    pub sched: Sched,
    pub world: World,
    pub netpoll: crate::sched::netpoll::Netpoll,
    pub timers: Timers,
    pub semas: SemaTable,
    pub gc: crate::heap::collect::Gc,
    compile: Mutex<Option<CompileHook>>,
    /// debug.SetMaxStack
    pub max_stack: AtomicUsize,
    /// How much a report shows, as `Config::traceback`; debug.SetTraceback.
    pub traceback: AtomicU32,
    /// A collection is due at the next safepoint.
    pub gc_requested: AtomicBool,
    /// Loops of compiled code poll (`watch_loops`), as far as those who pass by know.
    pub(crate) loops_watched: AtomicBool,
    /// Counts random decisions (hash seeds, select order, map iteration).
    random: AtomicU64,
    started: Instant,
    /// Seconds of the wall clock at `started` in nanoseconds since 1970.
    started_wall: i64,
    /// The engine, for threads that the scheduler starts; without one there is only the host's thread.
    pub engine: OnceLock<fn(&mut M)>,
    /// What `max_memory` was found to be.
    pub(crate) system_memory: OnceLock<u64>,
    /// What compiles hot code, if anything does.
    pub tier: OnceLock<Box<dyn crate::tier::Tier>>,
    /// Path and arguments of the program, os.Args.
    pub args: OnceLock<Vec<String>>,
}

// SAFETY: raw pointers inside are owned by the tables that hold them, which are behind locks or immutable after publication.
unsafe impl Sync for Runtime {}
// SAFETY: as above.
unsafe impl Send for Runtime {}

/// A processor: what a thread needs to run goroutines without taking locks.
pub struct P {
    pub id: u32,
    /// `sched::procs`: idle, running, in a system call, stopped.
    pub(crate) status: AtomicU8,
    pub heap: HeapCache,
    pub stacks: StackCache,
    pub run_queue: RunQueue<G, QUEUE>,
    pub(crate) records: Records,
    /// Dead goroutines' descriptors, and how many.
    pub(crate) free_gs: *mut G,
    pub(crate) free_count: usize,
    /// Counts switches; every 61st looks at the global queue first.
    pub(crate) ticks: AtomicU32,
    /// The goroutine that runs on it, for those who want something of it.
    pub running: AtomicPtr<G>,
    /// That goroutine is to give way.
    pub(crate) preempt: AtomicBool,
    /// Counts time slices and system calls, for the monitor.
    pub(crate) slices: AtomicU32,
    pub(crate) syscalls: AtomicU32,
    /// Goroutines started here, and those less the ones that ended here.
    pub(crate) started: AtomicU64,
    pub(crate) live: AtomicI64,
    /// Goroutine ids handed out to it.
    pub(crate) ids: std::ops::Range<u64>,
    /// How often in a row the goroutine in the `next` slot ran at once, since the one that had made it ready parked.
    pub(crate) handovers: AtomicU32,
    /// When that is the rule, the goroutine waits here instead, where nobody can steal it and no atomic operation is needed. Written by the processor's thread only.
    pub(crate) own_next: AtomicPtr<G>,
    /// The running goroutine has filled the queue and is to give way until it is worked off.
    pub(crate) flooded: bool,
    /// Counts how often one has.
    pub(crate) floods: AtomicU32,
    /// How many goroutines more may be made in a full queue without that: it took too long to work the queue off.
    pub(crate) tolerates: AtomicU32,
}

/// A thread that runs goroutines. Engines and natives get everything through it.
pub struct M {
    rt: *const Runtime,
    /// The processor that it holds, or null.
    pub(crate) p: *mut P,
    /// The goroutine that runs, or null.
    pub g: *mut G,
    /// Counts how often the engine has asked the scheduler for a goroutine. While it stays the same, nobody else has run the one that runs.
    pub switches: u64,
    /// Counts conversions to interface types whose sites remembered another type's itab.
    pub conversions: u32,
    /// Why the engine returned last.
    pub stop: Stop,
    /// What other threads know of it.
    pub(crate) thread: Arc<Thread>,
    /// The host's thread, which alone comes back to its caller.
    pub(crate) is_main: bool,
    /// It searches for work (`sync::wake`).
    pub(crate) spinning: bool,
    /// Nanoseconds at which it was last woken, and how often running it was woken for little.
    pub(crate) awake_since: i64,
    pub(crate) brief_calls: u32,
    /// It has stopped the world.
    pub(crate) holds_world: bool,
    /// The processor is another thread's, which is stopped.
    pub(crate) borrowed: bool,
    /// The goroutine that it alone runs (runtime.LockOSThread).
    pub(crate) locked_g: *mut G,
}

/// Why the engine returned to its caller.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Stop {
    /// The main goroutine has ended. It is `M::g` still.
    Main,
    /// The program asked for its end.
    Exit,
    /// A panic that nobody recovered, or a fatal error, has been reported; `M::g` is its goroutine.
    Died,
    /// A deadlock has been reported.
    Deadlock,
    /// `Sched::call_host` was called.
    Host,
}

impl Runtime {
    /// A virtual machine without code, and the thread that is to run it. The machine lives as long as the process.
    pub fn new(config: Config, natives: NativeTable) -> (&'static Runtime, M) {
        crate::fences::register();
        let mut seed = [0u8; 8];
        // SAFETY: writes 8 bytes into the buffer.
        unsafe { libc::getrandom(seed.as_mut_ptr().cast(), 8, 0) };
        let wall = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos() as i64);
        let types = Arc::<bytecode::registry::TypeRegistry>::default();
        let funcs = FuncTable::new();
        let stubs = Stubs::new(&funcs);
        let rt = Box::new(Runtime {
            heap: Heap::new(&config),
            globals: Globals::default(),
            stacks: StackPool::new(&config),
            natives,
            itabs: ItabTable::new(types.clone()),
            map_types: crate::map::MapTypes::default(),
            chan_types: crate::chan::ChanTypes::default(),
            reflect_stubs: crate::reflect_call::ReflectStubs::default(),
            made_funcs: crate::make_func::MadeFuncs::default(),
            known: KnownTypes::default(),
            types,
            stubs,
            funcs,
            entries: crate::entries::Entries::default(),
            sched: Sched::new(&config),
            world: World::default(),
            netpoll: Default::default(),
            timers: Timers::default(),
            semas: SemaTable::default(),
            gc: crate::heap::collect::Gc::new(&config),
            compile: Mutex::new(None),
            max_stack: AtomicUsize::new(config.max_stack),
            traceback: AtomicU32::new(config.traceback),
            gc_requested: AtomicBool::new(false),
            loops_watched: AtomicBool::new(false),
            random: AtomicU64::new(u64::from_ne_bytes(seed) | 1),
            started: Instant::now(),
            started_wall: wall,
            engine: OnceLock::new(),
            system_memory: OnceLock::new(),
            tier: OnceLock::new(),
            args: OnceLock::new(),
            config,
        });
        let rt: &'static Runtime = Box::leak(rt);
        let mut m = M::new(rt);
        m.is_main = true;
        m.take_first_processor();
        (rt, m)
    }

    /// Sets what compiles functions. Before it is set, calling a function without code is a fatal error.
    pub fn set_compile_hook(&self, hook: CompileHook) {
        *self.compile.lock().unwrap() = Some(hook);
    }

    /// Sets the compiler for hot code, before anything runs.
    pub fn set_tier(&self, tier: Box<dyn crate::tier::Tier>) {
        self.funcs.set_uncompiled(tier.uncompiled());
        let _ = self.tier.set(tier);
    }

    /// The handle of a new function without code.
    pub fn new_func(&self, flags: u32) -> *const Func {
        self.funcs.new_func(flags)
    }

    /// Gives `func` code if it has none: the slow path of a call that meets `frame_slots == UNCOMPILED`.
    pub fn ensure_compiled(&self, func: &Func) -> Result<(), String> {
        if !func.code.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        let mut hook = self.compile.lock().unwrap_or_else(|e| e.into_inner());
        // Another thread may have been at it.
        if !func.code.load(Ordering::Acquire).is_null() {
            return Ok(());
        }
        let Some(compile) = hook.as_mut() else {
            return Err("function has no code and no compiler is set".to_owned());
        };
        let function = compile(func.id)?;
        self.publish(func, function)
    }

    /// Nanoseconds of the monotonic clock since the machine was made.
    pub fn nanotime(&self) -> i64 {
        self.started.elapsed().as_nanos() as i64
    }

    /// Nanoseconds since 1970 of a `nanotime`.
    pub fn wall_of(&self, mono: i64) -> i64 {
        self.started_wall + mono
    }

    /// A pseudo-random number (not for secrets).
    pub fn random(&self) -> u64 {
        // A Weyl sequence, mixed: any interleaving of threads gives distinct values.
        let mut x = self
            .random
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        x ^ (x >> 31)
    }

    /// How much a report shows.
    pub fn traceback_level(&self) -> u32 {
        self.traceback.load(Ordering::Relaxed)
    }
}

impl P {
    pub(crate) fn new(id: u32) -> P {
        P {
            id,
            status: AtomicU8::new(crate::sched::procs::IDLE),
            heap: HeapCache::new(),
            stacks: StackCache::default(),
            run_queue: RunQueue::default(),
            records: Records::default(),
            free_gs: std::ptr::null_mut(),
            free_count: 0,
            ticks: AtomicU32::new(0),
            running: AtomicPtr::default(),
            preempt: AtomicBool::new(false),
            slices: AtomicU32::new(0),
            syscalls: AtomicU32::new(0),
            started: AtomicU64::new(0),
            live: AtomicI64::new(0),
            ids: 0..0,
            handovers: AtomicU32::new(0),
            own_next: AtomicPtr::default(),
            flooded: false,
            floods: AtomicU32::new(0),
            tolerates: AtomicU32::new(0),
        }
    }
}

impl M {
    /// A thread without processor.
    pub(crate) fn new(rt: &'static Runtime) -> M {
        M {
            rt,
            p: std::ptr::null_mut(),
            g: std::ptr::null_mut(),
            switches: 0,
            conversions: 0,
            stop: Stop::Exit,
            thread: Arc::default(),
            is_main: false,
            spinning: false,
            awake_since: 0,
            brief_calls: 0,
            holds_world: false,
            borrowed: false,
            locked_g: std::ptr::null_mut(),
        }
    }

    /// The virtual machine.
    #[inline]
    pub fn rt(&self) -> &'static Runtime {
        // SAFETY: machines are leaked (see `Runtime::new`).
        unsafe { &*self.rt }
    }

    /// The processor that this thread holds.
    #[inline]
    pub fn p(&mut self) -> &mut P {
        debug_assert!(!self.p.is_null());
        // SAFETY: processors are never freed; this one belongs to the thread.
        unsafe { &mut *self.p }
    }

    /// Whether the thread holds a processor: after a native that gave it away it may have none.
    #[inline]
    pub fn has_p(&self) -> bool {
        !self.p.is_null()
    }

    /// The running goroutine.
    #[inline]
    pub fn g(&mut self) -> &mut G {
        debug_assert!(!self.g.is_null());
        // SAFETY: descriptors are never freed; the running goroutine's belongs to its thread.
        unsafe { &mut *self.g }
    }

    /// Whether the goroutine has to take the slow path at this safepoint (`safepoint_slow`). The same comparison as a call's guard check.
    #[inline(always)]
    pub fn poll(&self, fp: *const u64) -> bool {
        // SAFETY: a goroutine is running.
        (fp as usize) < unsafe { (*self.g).stackguard.load(Ordering::Relaxed) }
    }
}

/// What the engine does after `safepoint_slow`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum After {
    /// Go on, with the state in `top` (the stack may have moved).
    Continue,
    /// The goroutine gave way: save nothing more, call `M::schedule`.
    Switch,
}
