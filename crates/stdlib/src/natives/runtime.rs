//! Package runtime: scheduler, collector, stacks and functions as the program sees them.

use bytecode::func::FuncId;
use runtime::heap::special::Special;
use runtime::memstats::MemStats;
use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::traceback::Location;

fn gosched(_: &mut NativeCx, _: Slots) -> Flow {
    Flow::Yield
}

fn goexit(_: &mut NativeCx, _: Slots) -> Flow {
    Flow::Goexit
}

fn gc(cx: &mut NativeCx, _: Slots) -> Flow {
    cx.m.force_gc()
}

/// `func NumGoroutine() int`
fn num_goroutine(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_word(0, cx.rt().sched.num_goroutines() as u64);
    Flow::Done
}

/// `func NumCPU() int`
fn num_cpu(_: &mut NativeCx, slots: Slots) -> Flow {
    let n = std::thread::available_parallelism().map_or(1, usize::from);
    slots.set_word(0, n as u64);
    Flow::Done
}

/// `func GOMAXPROCS(n int) int`
fn gomaxprocs(cx: &mut NativeCx, slots: Slots) -> Flow {
    let wanted = usize::try_from(slots.int(0)).unwrap_or(0);
    let old = cx.m.set_procs(wanted);
    slots.set_word(1, old as u64);
    Flow::Done
}

/// `func LockOSThread()`
fn lock_os_thread(cx: &mut NativeCx, _: Slots) -> Flow {
    cx.m.lock_thread();
    Flow::Done
}

/// `func UnlockOSThread()`
fn unlock_os_thread(cx: &mut NativeCx, _: Slots) -> Flow {
    cx.m.unlock_thread();
    Flow::Done
}

/// `func Stack(buf []byte, all bool) int`
fn stack(cx: &mut NativeCx, slots: Slots) -> Flow {
    let text = cx.m.stack_text(slots.bool(3));
    let buf = slots.slice_mut::<u8>(0);
    let n = text.len().min(buf.len());
    buf[..n].copy_from_slice(&text.as_bytes()[..n]);
    slots.set_word(4, n as u64);
    Flow::Done
}

/// `func Callers(skip int, pc []uintptr) int`. Natives have no frame, so the first that there is belongs to the caller, skip 1.
fn callers(cx: &mut NativeCx, slots: Slots) -> Flow {
    let skip = (slots.int(0) - 1).max(0) as usize;
    let into = slots.slice_mut::<u64>(1);
    let pcs = cx.m.callers(skip, into.len());
    for (slot, pc) in into.iter_mut().zip(&pcs) {
        *slot = *pc as u64;
    }
    slots.set_word(4, pcs.len() as u64);
    Flow::Done
}

/// `func Caller(skip int) (pc uintptr, file string, line int, ok bool)`
fn caller(cx: &mut NativeCx, slots: Slots) -> Flow {
    let skip = slots.int(0).max(0) as usize;
    let pc = cx.m.callers(skip, 1).first().copied();
    let found = pc.and_then(|pc| Some((pc, cx.rt().location(pc)?)));
    let Some((pc, at)) = found else {
        for i in 1..6 {
            slots.set_word(i, 0);
        }
        return Flow::Done;
    };
    let file = cx.new_string(at.file.as_bytes());
    slots.set_word(1, pc as u64);
    slots.set_str(2, file);
    slots.set_word(4, u64::from(at.line));
    slots.set_bool(5, true);
    Flow::Done
}

/// A pc's place; `pc` may also be what reflect's `Value.Pointer` gives of a func: its handle's address.
fn locate(cx: &mut NativeCx, pc: usize) -> Option<Location> {
    let rt = cx.rt();
    if let Some(at) = rt.location(pc) {
        return Some(at);
    }
    let func = (0..rt.funcs.len())
        .map(|i| rt.funcs.get(FuncId(i as u32)))
        .find(|func| std::ptr::from_ref(*func) as usize == pc)?;
    rt.ensure_compiled(func).ok()?;
    let info = rt.funcs.info(func.id);
    let mut at = rt.location(info.code as usize)?;
    at.line = info.function.decl_line;
    Some(at)
}

/// `func locate(pc uintptr) (function, file string, line int, entry uintptr, ok bool)`
fn locate_native(cx: &mut NativeCx, slots: Slots) -> Flow {
    let Some(at) = locate(cx, slots.word(0) as usize) else {
        for i in 1..8 {
            slots.set_word(i, 0);
        }
        return Flow::Done;
    };
    let function = cx.new_string(at.function.as_bytes());
    let file = cx.new_string(at.file.as_bytes());
    slots.set_str(1, function);
    slots.set_str(3, file);
    slots.set_word(5, u64::from(at.line));
    slots.set_word(6, at.entry as u64);
    slots.set_bool(7, true);
    Flow::Done
}

/// `func ReadMemStats(m *MemStats)`
fn read_mem_stats(cx: &mut NativeCx, slots: Slots) -> Flow {
    let stats = cx.m.read_mem_stats();
    let into = slots.ptr(0).cast::<MemStats>();
    if into.is_null() {
        return Flow::panic(runtime::gopanic::GoPanic::NilDeref);
    }
    // SAFETY: the Go struct has the same layout.
    unsafe { into.write(stats) };
    Flow::Done
}

/// `func setFinalizer(object, closure unsafe.Pointer, asInterface bool, word uintptr, results int) int`: 0 done, 1 not the start of an
/// object of the heap, 2 it has one. A nil closure removes the finalizer.
fn set_finalizer(cx: &mut NativeCx, slots: Slots) -> Flow {
    let (object, closure) = (slots.ptr(0), slots.ptr(1));
    let rt = cx.rt();
    let found = rt.heap.object_of(object as usize);
    let code = match found {
        None => 1,
        Some(_) if closure.is_null() => {
            rt.gc.specials.clear_finalizer(object as usize);
            0
        }
        Some((start, _)) if start != object as usize && !rt.heap.is_tiny(start) => 1,
        Some(_) => {
            cx.m.need_finalizers();
            let special = Special::Finalizer {
                closure,
                object,
                iface_word: slots.bool(2).then(|| slots.word(3)),
                result_slots: slots.word(4) as u32,
            };
            if rt
                .gc
                .specials
                .set_finalizer(&rt.heap, object as usize, special)
            {
                0
            } else {
                2
            }
        }
    };
    slots.set_word(5, code);
    Flow::Done
}

/// `func addCleanup(object, closure unsafe.Pointer) uint64`: its number, 0 when the object is not of the heap.
fn add_cleanup(cx: &mut NativeCx, slots: Slots) -> Flow {
    let rt = cx.rt();
    let id = match rt.heap.object_of(slots.ptr(0) as usize) {
        Some(_) => {
            cx.m.need_finalizers();
            rt.gc
                .specials
                .add_cleanup(&rt.heap, slots.ptr(0) as usize, slots.ptr(1))
        }
        None => 0,
    };
    slots.set_word(2, id);
    Flow::Done
}

/// `func stopCleanup(object uintptr, id uint64)`
fn stop_cleanup(cx: &mut NativeCx, slots: Slots) -> Flow {
    let rt = cx.rt();
    rt.gc
        .specials
        .stop_cleanup(slots.word(0) as usize, slots.word(1));
    Flow::Done
}

/// `func fatal(text string)`
fn fatal(_: &mut NativeCx, slots: Slots) -> Flow {
    Flow::fatal(String::from_utf8_lossy(slots.str(0)))
}

/// The package's natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("runtime.Gosched", gosched),
    ("runtime.Goexit", goexit),
    ("runtime.GC", gc),
    ("runtime.NumGoroutine", num_goroutine),
    ("runtime.NumCPU", num_cpu),
    ("runtime.GOMAXPROCS", gomaxprocs),
    ("runtime.LockOSThread", lock_os_thread),
    ("runtime.UnlockOSThread", unlock_os_thread),
    ("runtime.Stack", stack),
    ("runtime.Callers", callers),
    ("runtime.Caller", caller),
    ("runtime.locate", locate_native),
    ("runtime.ReadMemStats", read_mem_stats),
    ("runtime.setFinalizer", set_finalizer),
    ("runtime.addCleanup", add_cleanup),
    ("runtime.stopCleanup", stop_cleanup),
    ("runtime.fatal", fatal),
];
