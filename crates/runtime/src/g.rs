//! A goroutine's descriptor.
//!
//! All control state of a goroutine is on its own stack and in its `G`; nothing of it ever lives on a Rust stack.
//! Switching goroutines is saving `{pc, fp, sp, safepoint}` here and loading another's. A million goroutines are
//! to fit in memory, so what few goroutines need hangs off `extra`.

use std::sync::atomic::{AtomicU32, AtomicUsize};

use crate::defers::Defers;
use crate::learn::Site;
use crate::panic::PanicRecord;
use crate::stack::{RED_ZONE, Stack};
use crate::sync::status::StatusCell;

pub use crate::sync::status::Status;

/// `G::stackguard` of a goroutine that is asked to come to the scheduler: above any frame address, so that every guard
/// check (calls, back-edges, allocations) takes its slow path.
pub const POISON: usize = usize::MAX - 4095;

/// Why a goroutine is parked, in the words of a traceback.
#[repr(u8)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum WaitReason {
    None = 0,
    ChanReceive,
    ChanReceiveNil,
    ChanSend,
    ChanSendNil,
    Select,
    SelectNoCases,
    Sleep,
    SemAcquire,
    SyncMutexLock,
    SyncRWMutexRLock,
    SyncRWMutexLock,
    SyncWaitGroupWait,
    SyncCondWait,
    FinalizerWait,
    IoWait,
    Preempted,
    GcWorker,
    CoroutineWait,
}

impl WaitReason {
    /// The text between the brackets of `goroutine 7 [...]:`.
    pub fn text(self) -> &'static str {
        match self {
            WaitReason::None => "waiting",
            WaitReason::ChanReceive => "chan receive",
            WaitReason::ChanReceiveNil => "chan receive (nil chan)",
            WaitReason::ChanSend => "chan send",
            WaitReason::ChanSendNil => "chan send (nil chan)",
            WaitReason::Select => "select",
            WaitReason::SelectNoCases => "select (no cases)",
            WaitReason::Sleep => "sleep",
            WaitReason::SemAcquire => "semacquire",
            WaitReason::SyncMutexLock => "sync.Mutex.Lock",
            WaitReason::SyncRWMutexRLock => "sync.RWMutex.RLock",
            WaitReason::SyncRWMutexLock => "sync.RWMutex.Lock",
            WaitReason::SyncWaitGroupWait => "sync.WaitGroup.Wait",
            WaitReason::SyncCondWait => "sync.Cond.Wait",
            WaitReason::FinalizerWait => "finalizer wait",
            WaitReason::IoWait => "IO wait",
            WaitReason::Preempted => "preempted",
            WaitReason::GcWorker => "GC worker (idle)",
            WaitReason::CoroutineWait => "coroutine",
        }
    }
}

/// What few goroutines need.
pub struct GExtra {
    /// Panics and Goexits under way, oldest first.
    pub panics: Vec<PanicRecord>,
    /// The texts of these panics are being collected for the final report.
    pub dying: bool,
    /// debug.SetPanicOnFault and the like.
    pub panic_on_fault: bool,
    /// The thread that alone runs this goroutine, after runtime.LockOSThread; null for none.
    pub locked_to: *const crate::sched::threads::Thread,
    /// How often it has locked itself.
    pub lock_count: u32,
}

impl Default for GExtra {
    fn default() -> GExtra {
        GExtra {
            panics: Vec::new(),
            dying: false,
            panic_on_fault: false,
            locked_to: std::ptr::null(),
            lock_count: 0,
        }
    }
}

/// `G::flags`: belongs to the runtime: not counted, not shown, not looked at by deadlock detection.
pub const G_SYSTEM: u8 = 1;
/// `G::flags`: the main goroutine.
pub const G_MAIN: u8 = 2;
/// `G::flags`: to end by a Goexit at its next safepoint.
pub const G_CANCELLED: u8 = 8;

/// `G::flags`: runs on one thread only (`GExtra::locked_to`).
pub const G_LOCKED: u8 = 16;
/// `G::flags`: is stopped where its stack must not move: in a native, or while it reports its end.
pub const G_PINNED: u8 = 32;

/// `G::flags`: has not come to need more than half of its first stack, which has a learned size (`learn`).
pub const G_UNPROVEN: u8 = 4;

/// `G::flags`: compiled code found no room below its frame for the frames of callees in it: the stack is to grow at the next safepoint.
pub const G_CRAMPED: u8 = 64;

/// A goroutine. Lives in the runtime's slabs at a fixed address; reused after its goroutine ended.
///
/// Two cache lines: what a switch reads and writes, and the rest.
#[repr(C, align(64))]
pub struct G {
    /// Calls, back-edges and allocations compare the frame pointer with this; see `POISON`.
    pub stackguard: AtomicUsize,
    pub stack: Stack,
    /// Saved state while not running: the next instruction,
    pub pc: *const u64,
    /// the topmost frame,
    pub fp: *mut u64,
    /// the lowest used address (`fp`, except at a function's entry),
    pub sp: *mut u64,
    /// and the safepoint word that describes the topmost frame.
    pub safepoint: u64,
    pub status: StatusCell,
    pub wait_reason: WaitReason,
    /// `G_SYSTEM`, `G_MAIN`, `G_UNPROVEN`
    pub flags: u8,
    /// Order of the largest stack it has had (`learn`).
    pub needed: u8,
    /// The collection (`Gc::number`) that has looked at its stack last. One that starts while marking is on has nothing to look at.
    pub scanned: AtomicU32,
    pub id: u64,
    /// A GC root: the closure before it has started, then what a parked operation holds (a channel's wait record and the like). In a dead descriptor the link of the free list.
    pub wait: *mut u8,
    /// What the waker says to the parked operation.
    pub wake: u64,
    pub defers: Defers,
    pub extra: Option<Box<GExtra>>,
    /// The `go` statement that started this goroutine.
    pub site: Option<&'static Site>,
    /// Id of the goroutine that started this one.
    pub parent: u64,
    /// Nanoseconds (monotonic) since when it is parked, set by collections: tracebacks show minutes.
    pub waiting_since: i64,
}

const _: () = assert!(size_of::<G>() == 128);

impl G {
    /// A descriptor without goroutine.
    pub(crate) fn empty() -> G {
        G {
            stackguard: AtomicUsize::new(POISON),
            stack: Stack { lo: 0, hi: 0 },
            pc: std::ptr::null(),
            fp: std::ptr::null_mut(),
            sp: std::ptr::null_mut(),
            safepoint: 0,
            id: 0,
            wait: std::ptr::null_mut(),
            wake: 0,
            defers: Defers::new(),
            extra: None,
            site: None,
            status: StatusCell::new(Status::Dead),
            wait_reason: WaitReason::None,
            flags: 0,
            needed: 0,
            scanned: AtomicU32::new(0),
            parent: 0,
            waiting_since: 0,
        }
    }

    #[inline]
    pub fn status(&self) -> Status {
        self.status.get()
    }

    /// The guard of a goroutine that nobody wants anything of.
    #[inline]
    pub fn plain_guard(&self) -> usize {
        self.stack.lo + RED_ZONE
    }

    /// Saves the topmost state.
    #[inline]
    pub fn save(&mut self, top: &Top) {
        self.pc = top.pc;
        self.fp = top.fp;
        self.sp = top.sp;
        self.safepoint = top.safepoint;
    }

    /// Whether it has run: before, it has no stack, and `wait` is the closure that it is to call.
    #[inline]
    pub fn has_started(&self) -> bool {
        !self.fp.is_null()
    }

    /// The saved state.
    #[inline]
    pub fn top(&self) -> Top {
        Top {
            pc: self.pc,
            fp: self.fp,
            sp: self.sp,
            safepoint: self.safepoint,
        }
    }

    /// A frame's name that survives moves.
    #[inline]
    pub fn frame_offset(&self, fp: *const u64) -> usize {
        self.stack.hi - fp as usize
    }

    /// The frame that `frame_offset` named.
    #[inline]
    pub fn frame_at(&self, offset: usize) -> *mut u64 {
        (self.stack.hi - offset) as *mut u64
    }

    pub fn extra(&mut self) -> &mut GExtra {
        self.extra.get_or_insert_default()
    }

    /// Panics and Goexits under way.
    pub fn panics(&self) -> &[PanicRecord] {
        self.extra.as_deref().map_or(&[], |extra| &extra.panics)
    }

    pub fn is_system(&self) -> bool {
        self.flags & G_SYSTEM != 0
    }
}

/// The topmost state of a goroutine at a safepoint.
///
/// * At an ordinary safepoint instruction: `pc` the instruction where execution goes on, `sp == fp`, `safepoint` the instruction's last word.
/// * At a function's entry (guard check failed): `fp` the callee's frame, which may lie below the stack; `sp` the caller's `fp - 8`, where the
///   return pc is stored already; `safepoint` = {the callee's `entry_map`, its id}; `pc` the callee's code.
#[derive(Clone, Copy, Debug)]
pub struct Top {
    pub pc: *const u64,
    pub fp: *mut u64,
    pub sp: *mut u64,
    pub safepoint: u64,
}

impl Top {
    /// State at a safepoint instruction of the frame `fp`.
    #[inline]
    pub fn at(pc: *const u64, fp: *mut u64, safepoint: u64) -> Top {
        Top {
            pc,
            fp,
            sp: fp,
            safepoint,
        }
    }
}
