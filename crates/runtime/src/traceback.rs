//! Reports: tracebacks in Go's format, panic reports, fatal errors, runtime.Stack and runtime.Callers.

use std::fmt::Write;
use std::sync::atomic::Ordering;

use bytecode::func::{ArgWord, HIDDEN, WRAPPER};
use bytecode::rtype::{GoStr, Kind, NAMED, RType};

use crate::copy::StackOverflow;
use crate::g::{G, Status, Top};
use crate::gopanic::Eface;
use crate::runtime::{M, Runtime, Stop};
use crate::stubs::{GOEXIT, PANIC};
use crate::walk::{Frame, Frames};

/// Frames shown at either end of a long trace.
const SHOWN: usize = 50;

/// The level of GOTRACEBACK=crash.
const CRASH: u32 = 4;

/// Writes to standard error, unbuffered, whatever happens.
pub fn write_stderr(bytes: &[u8]) {
    let mut rest = bytes;
    while !rest.is_empty() {
        // SAFETY: the buffer is valid.
        let n = unsafe { libc::write(2, rest.as_ptr().cast(), rest.len()) };
        if n <= 0 {
            return;
        }
        rest = &rest[n as usize..];
    }
}

/// A place in a program, as runtime.Frame has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Location {
    pub function: String,
    pub file: String,
    pub line: u32,
    /// Address of the function's code.
    pub entry: usize,
}

impl Runtime {
    /// The function and line of a pc that `callers` gave.
    pub fn location(&self, pc: usize) -> Option<Location> {
        let func = self.funcs.find(pc as *const u64)?;
        let info = self.funcs.info(func);
        let offset = ((pc - info.code as usize) / 8) as u32;
        let (file, line) = info.function.line_at(offset).unwrap_or(("?", 0));
        Some(Location {
            function: info.function.name.clone(),
            file: file.to_owned(),
            line,
            entry: info.code as usize,
        })
    }

    /// The trace of one goroutine, whose state is saved, as Go prints it. `running`: it is the one that reports.
    fn trace_g(&self, g: &G, running: bool, out: &mut String) {
        let state = if running {
            "running"
        } else {
            self.state_text(g)
        };
        let _ = write!(out, "goroutine {} [{state}", g.id);
        let waited = if g.waiting_since > 0 {
            (self.nanotime() - g.waiting_since) / 60_000_000_000
        } else {
            0
        };
        if g.status() == Status::Waiting && waited >= 1 {
            let _ = write!(out, ", {waited} minutes");
        }
        out.push_str("]:\n");
        if !running && self.sched.still_runs(g) {
            out.push_str("\tgoroutine running on other thread; stack unavailable\n");
        } else if g.has_started() {
            self.trace_frames(g, &g.top(), out);
        }
        if let Some(site) = g.site {
            let info = self.funcs.info(site.func());
            let offset = (site.pc as usize - info.code as usize) / 8;
            let (file, line) = info
                .function
                .line_at(offset.saturating_sub(1) as u32)
                .unwrap_or(("?", 0));
            let _ = writeln!(
                out,
                "created by {} in goroutine {}\n\t{file}:{line} +{:#x}",
                info.function.name,
                g.parent,
                offset * 8
            );
        }
    }

    /// The exit code after a report. With GOTRACEBACK=crash the process dies here, by a signal that leaves a core dump.
    fn end_of_report(&self) -> i32 {
        if self.traceback_level() >= CRASH {
            // SAFETY: ends the process, with the default action of the signal.
            unsafe {
                libc::signal(libc::SIGABRT, libc::SIG_DFL);
                libc::raise(libc::SIGABRT);
            }
        }
        2
    }

    fn state_text(&self, g: &G) -> &'static str {
        match g.status() {
            Status::Dead => "dead",
            Status::Runnable => "runnable",
            Status::Running => "running",
            Status::Waiting => g.wait_reason.text(),
            Status::Syscall => "syscall",
        }
    }

    fn trace_frames(&self, g: &G, top: &Top, out: &mut String) {
        // Where a parked or calling goroutine goes on is after the call.
        // SAFETY: the goroutine's state is saved, and it does not run.
        let count = unsafe { self.shown_frames(top) }.count();
        let elide = count > 2 * SHOWN;
        // SAFETY: as above.
        for (i, frame) in unsafe { self.shown_frames(top) }.enumerate() {
            if elide && i >= SHOWN && i < count - SHOWN {
                if i == SHOWN {
                    let _ = writeln!(out, "...{} frames elided...", count - 2 * SHOWN);
                }
                continue;
            }
            self.trace_frame(g, &frame, out);
        }
    }

    /// Frames that a traceback shows: no stubs, no wrappers.
    ///
    /// # Safety
    /// `top` is the state of a stopped goroutine.
    unsafe fn shown_frames(&self, top: &Top) -> impl Iterator<Item = Frame> {
        // SAFETY: contract of this function.
        let frames = unsafe { Frames::new(self, top) };
        frames.enumerate().filter_map(|(i, frame)| {
            let flags = frame.info.function.flags;
            let shown = if frame.func == PANIC || frame.func == GOEXIT {
                i > 0
            } else {
                flags & (HIDDEN | WRAPPER) == 0
            };
            shown.then_some(frame)
        })
    }

    fn trace_frame(&self, g: &G, frame: &Frame, out: &mut String) {
        if frame.func == PANIC {
            let offset = g.stack.hi - frame.fp as usize;
            let value = g
                .panics()
                .iter()
                .find(|p| p.stub == offset)
                .map_or(Eface::NIL, |p| p.value);
            let _ = writeln!(
                out,
                "panic({{{:#x}?, {:#x}?}})\n\truntime/panic.go:1 +0x10",
                value.typ as usize, value.data as usize
            );
            return;
        }
        if frame.func == GOEXIT {
            out.push_str("runtime.Goexit()\n\truntime/panic.go:1 +0x10\n");
            return;
        }
        let function = &frame.info.function;
        let _ = write!(out, "{}(", function.name);
        write_args(frame, out);
        let (file, mut line) = function
            .line_at(frame.pc_offset())
            .unwrap_or(("?", function.decl_line));
        if frame.at_entry && function.decl_line > 0 {
            line = function.decl_line;
        }
        let offset = (frame.pc as usize).wrapping_sub(frame.info.code as usize);
        let _ = writeln!(out, ")\n\t{file}:{line} +{offset:#x}");
    }

    /// The traces of all goroutines of the program except `but`. `flush`: they may be written to standard error piece by piece, for there can be a
    /// million of them.
    fn trace_others(&self, but: *const G, out: &mut String, flush: bool) {
        let mut gs = Vec::new();
        self.sched.for_each_g(|g| gs.push(g));
        // SAFETY: descriptors are never freed and the program is stopped.
        gs.sort_by_key(|&g| unsafe { (*g).id });
        for g in gs {
            // SAFETY: as above.
            let r = unsafe { &*g };
            if g.cast_const() != but && (!r.is_system() || self.traceback_level() >= 3) {
                out.push('\n');
                self.trace_g(r, false, out);
                if flush && out.len() > 1 << 16 {
                    write_stderr(out.as_bytes());
                    out.clear();
                }
            }
        }
    }
}

fn write_args(frame: &Frame, out: &mut String) {
    let base = frame.args() as usize;
    let mut first = true;
    for word in &frame.info.function.arg_words {
        if !first && *word != ArgWord::Close {
            out.push_str(", ");
        }
        first = false;
        match *word {
            ArgWord::Scalar { offset, size } => {
                // SAFETY: the offset is in the parameter area of a live frame, which is a multiple of 8 bytes long.
                let word = unsafe { *(((base + offset as usize) & !7) as *const u64) };
                let shift = (offset as usize % 8) * 8;
                let bits = usize::from(size) * 8;
                let value = word >> shift
                    & if bits >= 64 {
                        u64::MAX
                    } else {
                        (1 << bits) - 1
                    };
                let _ = write!(out, "{value:#x}");
            }
            ArgWord::Open => {
                out.push('{');
                first = true;
            }
            ArgWord::Close => out.push('}'),
            ArgWord::More => out.push_str("..."),
        }
    }
}

/// What Go prints for a panic value that has no `Error` or `String` method.
pub fn panic_value_text(value: &Eface) -> String {
    if value.typ.is_null() {
        return "nil".to_owned();
    }
    // SAFETY: descriptors are immortal; the data word fits the type.
    unsafe {
        let t: &RType = &*value.typ;
        let data = value.data;
        let word = if t.is_direct() {
            data as u64
        } else {
            match t.size {
                1 => u64::from(*data),
                2 => u64::from(*data.cast::<u16>()),
                4 => u64::from(*data.cast::<u32>()),
                8 => *data.cast::<u64>(),
                _ => 0,
            }
        };
        let text = match t.kind {
            Kind::Bool => (word & 1 != 0).to_string(),
            Kind::Int | Kind::Int64 => (word as i64).to_string(),
            Kind::Int8 => (word as i8).to_string(),
            Kind::Int16 => (word as i16).to_string(),
            Kind::Int32 => (word as i32).to_string(),
            Kind::Uint
            | Kind::Uint8
            | Kind::Uint16
            | Kind::Uint32
            | Kind::Uint64
            | Kind::Uintptr => word.to_string(),
            Kind::Float32 => float_text(f64::from(f32::from_bits(word as u32)), true),
            Kind::Float64 => float_text(f64::from_bits(word), false),
            Kind::Complex64 => {
                let [re, im] = *data.cast::<[f32; 2]>();
                complex_text(f64::from(re), f64::from(im), true)
            }
            Kind::Complex128 => {
                let [re, im] = *data.cast::<[f64; 2]>();
                complex_text(re, im, false)
            }
            Kind::String => {
                let text = String::from_utf8_lossy((*data.cast::<GoStr>()).bytes()).into_owned();
                return if is_predeclared(t) {
                    text
                } else {
                    format!("{}(\"{text}\")", t.display())
                };
            }
            _ => return format!("({}) {:#x}", t.display(), data as usize),
        };
        if is_predeclared(t) {
            text
        } else {
            format!("{}({text})", t.display())
        }
    }
}

fn is_predeclared(t: &RType) -> bool {
    t.flags & NAMED == 0 || t.pkg_path.len == 0
}

/// The shortest decimal that reads back as the number, in the form of `%v`.
fn float_text(value: f64, single: bool) -> String {
    if value.is_nan() {
        return "NaN".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "+Inf" } else { "-Inf" }.to_owned();
    }
    let digits = if single {
        format!("{:e}", value as f32)
    } else {
        format!("{value:e}")
    };
    let (mantissa, exponent) = digits.split_once('e').unwrap_or((&digits, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if (-4..21).contains(&exponent) {
        return if single {
            format!("{}", value as f32)
        } else {
            format!("{value}")
        };
    }
    format!(
        "{mantissa}e{}{:02}",
        if exponent < 0 { '-' } else { '+' },
        exponent.abs()
    )
}

fn complex_text(re: f64, im: f64, single: bool) -> String {
    let im = float_text(im, single);
    let sign = if im.starts_with(['+', '-']) { "" } else { "+" };
    format!("{}{sign}{im}i", float_text(re, single))
}

impl M {
    /// Before the report of the program's end: nothing runs any more, and the first one to report is the only one.
    fn stop_for_good(&mut self) {
        std::mem::forget(self.stop_world_to_report());
        self.holds_world = true;
    }

    /// Prints the report of the current goroutine's panic, whose stub frame is `fp`; the exit code.
    pub(crate) fn report_panic(&mut self, fp: *mut u64) -> i32 {
        self.stop = Stop::Died;
        let rt = self.rt();
        let code = rt.stubs.panic.code.load(Ordering::Relaxed);
        let safepoint = bytecode::func::Safepoint {
            map: 1,
            func: PANIC,
        }
        .pack();
        self.g().save(&Top::at(code, fp, safepoint));
        self.stop_for_good();
        let g = self.g();
        let mut out = String::new();
        let panics: Vec<_> = g.panics().iter().filter(|p| !p.goexit).collect();
        let mut shown = 0;
        let mut i = 0;
        while i < panics.len() {
            let p = panics[i];
            let text = p.text.as_deref().unwrap_or("nil").replace('\n', "\n\t");
            // A deferred function that recovered and panicked with the same value again is one panic to the reader.
            let again = p.recovered && panics.get(i + 1).is_some_and(|next| next.value == p.value);
            let note = match (p.recovered, again) {
                (_, true) => " [recovered, repanicked]",
                (true, false) => " [recovered]",
                _ => "",
            };
            let _ = writeln!(
                out,
                "{}panic: {text}{note}",
                if shown > 0 { "\t" } else { "" }
            );
            shown += 1;
            i += if again { 2 } else { 1 };
        }
        if panics.last().is_some_and(|p| p.nil_deref) {
            // SAFETY: the slot above the stub's frame holds the pc of the instruction that panicked.
            let pc = unsafe { *fp.add(crate::stubs::STUB_SLOTS) };
            let _ = writeln!(
                out,
                "[signal SIGSEGV: segmentation violation code=0x1 addr=0x0 pc={pc:#x}]"
            );
        }
        if rt.traceback_level() > 0 {
            out.push('\n');
            rt.trace_g(g, true, &mut out);
            if rt.traceback_level() >= 2 {
                rt.trace_others(self.g, &mut out, true);
            }
        }
        write_stderr(out.as_bytes());
        rt.end_of_report()
    }

    /// `fatal error: text` with the traces of all goroutines; the exit code. The current goroutine's state, if there is one, has been saved
    /// (`save_for_report`).
    pub fn fatal(&mut self, text: &str) -> i32 {
        self.stop = Stop::Died;
        self.stop_for_good();
        let rt = self.rt();
        let mut out = format!("fatal error: {text}\n");
        if rt.traceback_level() > 0 {
            if !self.g.is_null() && self.g().has_started() {
                out.push('\n');
                rt.trace_g(self.g(), true, &mut out);
            }
            rt.trace_others(self.g, &mut out, true);
        }
        write_stderr(out.as_bytes());
        rt.end_of_report()
    }

    /// As `fatal`, at a place in the current goroutine.
    pub fn fatal_at(&mut self, top: &Top, text: &str) -> i32 {
        self.g().save(top);
        self.fatal(text)
    }

    /// Go's end of a goroutine that recursed too deep; the exit code.
    pub fn stack_overflow(&mut self, top: &Top, overflow: StackOverflow) -> i32 {
        self.stop = Stop::Died;
        let rt = self.rt();
        self.g().save(top);
        self.stop_for_good();
        let g = self.g();
        let mut out = format!(
            "runtime: goroutine stack exceeds {}-byte limit\nruntime: sp={:#x} stack=[{:#x}, {:#x}]\nfatal error: stack overflow\n\n",
            overflow.limit, top.sp as usize, g.stack.lo, g.stack.hi
        );
        if rt.traceback_level() > 0 {
            rt.trace_g(g, true, &mut out);
            rt.trace_others(self.g, &mut out, true);
        }
        write_stderr(out.as_bytes());
        rt.end_of_report()
    }

    /// runtime.Stack: the trace of the current goroutine, whose state is saved, or of all.
    pub fn stack_text(&mut self, all: bool) -> String {
        let rt = self.rt();
        let mut out = String::new();
        if all {
            let _world = self.stop_world();
            rt.trace_g(self.g(), true, &mut out);
            rt.trace_others(self.g, &mut out, false);
        } else {
            rt.trace_g(self.g(), true, &mut out);
        }
        out
    }

    /// runtime.Callers: pcs of the current goroutine's frames, whose state is saved, topmost first. Each lies inside the call instruction.
    pub fn callers(&mut self, skip: usize, max: usize) -> Vec<usize> {
        let rt = self.rt();
        let top = self.g().top();
        // SAFETY: the current goroutine is in a native call with its state saved.
        let frames = unsafe { rt.shown_frames(&top) };
        frames
            .filter(|frame| frame.func != GOEXIT)
            .skip(skip)
            .take(max)
            .map(|frame| frame.info.code as usize + frame.pc_offset() as usize * 8)
            .collect()
    }
}
