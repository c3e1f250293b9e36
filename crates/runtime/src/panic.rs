//! Panics, deferred calls, recover and Goexit.
//!
//! A panic pushes a call stub (`stubs`) below the panicking frame. The stub's step instruction comes here again and again: it calls the next
//! deferred closure, resumes a frame that recovered, or reports the end. So everything a panic has to remember is on the goroutine's stack and in its
//! records, a deferred function may itself panic, park or be preempted, and the stack may move under it.
//!
//! `recover` is valid in a function that the stub of the newest panic called directly; frames of compiler-made wrappers do not count.
//! A recovered panic resumes the frame that registered the deferred call at its `recover_pc`. Panics and Goexits whose stubs are
//! younger than that frame are dropped; a dropped Goexit starts again from there.

use std::sync::atomic::Ordering;

use bytecode::func::{Func, FuncId, Safepoint, VALUE_WRAPPER, WRAPPER};
use bytecode::rtype::{GoStr, RType};

use crate::copy::StackOverflow;
use crate::defers::DeferRecord;
use crate::g::Top;
use crate::gopanic::{Eface, GoPanic};
use crate::runtime::M;
use crate::stubs::{
    START, STUB_CLOSURE, STUB_SAFEPOINT, STUB_SLOTS, STUB_STATE, STUB_STEP, is_call_stub,
};
use crate::traceback;
use crate::walk::Frames;

/// A panic or Goexit under way.
#[derive(Clone, Debug)]
pub struct PanicRecord {
    /// The value; its data word is a GC root.
    pub value: Eface,
    /// `stack.hi - fp` of its stub's frame.
    pub stub: usize,
    /// The frame whose deferred call the stub has called last.
    pub defer_frame: usize,
    pub goexit: bool,
    pub recovered: bool,
    /// Its report shows a signal line: a nil dereference.
    pub nil_deref: bool,
    /// What is printed after `panic: `, once known.
    pub text: Option<String>,
}

/// How the engine goes on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// At this instruction with this frame.
    Continue { pc: *const u64, fp: *mut u64 },
    /// The goroutine has ended by Goexit: `M::end_goroutine(true)`, then `schedule`.
    End,
    /// The process ends; everything has been printed.
    Exit(i32),
}

impl M {
    /// `defer`: registers `closure` to run when frame `fp` ends.
    #[inline]
    pub fn defer(&mut self, fp: *mut u64, closure: *mut u8) {
        let g = self.g();
        let frame = g.frame_offset(fp);
        g.defers.push(DeferRecord { closure, frame });
    }

    /// `next.defer`: the closure that frame `fp` has deferred last, which is deferred no more.
    #[inline]
    pub fn next_defer(&mut self, fp: *mut u64) -> Option<*mut u8> {
        let g = self.g();
        let frame = g.frame_offset(fp);
        g.defers.take(frame)
    }

    /// Starts a panic in frame `fp`, at the instruction at `pc`.
    pub fn start_panic(&mut self, pc: *const u64, fp: *mut u64, panic: &GoPanic) -> Step {
        let rt = self.rt();
        let named = match panic {
            GoPanic::NilDeref => self.value_method_on_nil(pc),
            _ => None,
        };
        let panic = named.as_ref().unwrap_or(panic);
        let mut value = panic.to_eface(self);
        let mut text = match panic {
            GoPanic::Value(_) => None,
            other => Some(other.text()),
        };
        if value.typ.is_null() && matches!(panic, GoPanic::Value(_)) {
            // panic(nil)
            let known = &rt.known;
            let typ = known.panic_nil_error_ptr.load(Ordering::Acquire);
            let object = known.panic_nil_error.load(Ordering::Acquire);
            if !typ.is_null() && !object.is_null() {
                value = Eface {
                    typ,
                    data: self.alloc(object),
                };
            }
            text = Some("runtime error: panic called with nil argument".to_owned());
        }
        if value.typ.is_null() && text.is_none() {
            text = Some("nil".to_owned());
        }
        self.start(
            pc,
            fp,
            PanicRecord {
                value,
                stub: 0,
                defer_frame: 0,
                goexit: false,
                recovered: false,
                nil_deref: *panic == GoPanic::NilDeref,
                text,
            },
        )
    }

    /// The words for a nil dereference by the forwarding function of a value method.
    fn value_method_on_nil(&self, pc: *const u64) -> Option<GoPanic> {
        let rt = self.rt();
        let function = &rt.funcs.info(rt.funcs.find(pc)?).function;
        if function.flags & VALUE_WRAPPER == 0 {
            return None;
        }
        let (package, rest) = function.name.split_once(".(*")?;
        let (typ, method) = rest.rsplit_once(").")?;
        Some(GoPanic::Plain(format!(
            "value method {package}.{typ}.{method} called using nil *{typ} pointer"
        )))
    }

    /// Starts a Goexit in frame `fp`, at the instruction at `pc`.
    pub fn start_goexit(&mut self, pc: *const u64, fp: *mut u64) -> Step {
        self.start(
            pc,
            fp,
            PanicRecord {
                value: Eface::NIL,
                stub: 0,
                defer_frame: 0,
                goexit: true,
                recovered: false,
                nil_deref: false,
                text: None,
            },
        )
    }

    fn start(&mut self, pc: *const u64, fp: *mut u64, mut record: PanicRecord) -> Step {
        let rt = self.rt();
        let Some(func) = rt.funcs.find(pc) else {
            return Step::Exit(self.fatal("morestack: internal error: panic at an unknown pc"));
        };
        let map = rt.funcs.info(func).function.panic_map;
        let top = Top::at(pc, fp, Safepoint { map, func }.pack());
        let stub = if record.goexit {
            rt.stubs.goexit
        } else {
            rt.stubs.panic
        };
        let mut data = record.value.data as usize;
        match self.push_stub(stub, &top, &mut [&mut data]) {
            Ok(fp) => {
                record.value.data = data as *mut u8;
                record.stub = self.g().frame_offset(fp);
                self.g().extra().panics.push(record);
                Step::Continue {
                    pc: stub.code.load(Ordering::Relaxed).wrapping_add(STUB_STEP),
                    fp,
                }
            }
            Err(overflow) => Step::Exit(self.stack_overflow(&top, overflow)),
        }
    }

    /// Pushes a call stub's frame below the topmost frame; its address.
    fn push_stub(
        &mut self,
        stub: &Func,
        top: &Top,
        extra: &mut [&mut usize],
    ) -> Result<*mut u64, StackOverflow> {
        let mut above = top.fp;
        if !self.frame_fits(above.wrapping_sub(STUB_SLOTS + 1)) {
            above = self.grow_for_stub(*top, extra)?;
        }
        let fp = above.wrapping_sub(STUB_SLOTS + 1);
        // SAFETY: the words below the topmost frame are free, and fit (checked above).
        unsafe {
            for slot in 0..STUB_SLOTS {
                *fp.add(slot) = 0;
            }
            *fp.add(STUB_SAFEPOINT) = top.safepoint;
            *fp.add(STUB_SLOTS) = top.pc as u64;
        }
        debug_assert!(!stub.code.load(Ordering::Relaxed).is_null());
        Ok(fp)
    }

    /// Room for a stub's frame below the topmost frame: where that is afterwards.
    #[cold]
    fn grow_for_stub(
        &mut self,
        mut top: Top,
        extra: &mut [&mut usize],
    ) -> Result<*mut u64, StackOverflow> {
        let mut values: Vec<usize> = extra.iter().map(|value| **value).collect();
        self.grow_stack(&mut top, 8 * (STUB_SLOTS + 1), &mut values)?;
        for (value, moved) in extra.iter_mut().zip(values) {
            **value = moved;
        }
        Ok(top.fp)
    }

    /// `panicstep` in stub frame `fp`.
    pub fn panic_step(&mut self, fp: *mut u64) -> Step {
        let stub_code = self.rt().stubs.panic.code.load(Ordering::Relaxed);
        let offset = self.g().frame_offset(fp);
        // SAFETY: slots of the stub's frame.
        let state = unsafe { *fp.add(STUB_STATE) };
        if state != 0 {
            return self.take_text(fp, state);
        }
        let g = self.g();
        let Some(record) = g.extra().panics.last_mut() else {
            return Step::Exit(self.fatal("morestack: internal error: a panic without a record"));
        };
        debug_assert_eq!(record.stub, offset);
        if record.recovered {
            return self.resume_recovered(fp);
        }
        if let Some(call) = g.defers.pop() {
            g.extra()
                .panics
                .last_mut()
                .expect("checked above")
                .defer_frame = call.frame;
            // SAFETY: a slot of the stub's frame.
            unsafe { *fp.add(STUB_CLOSURE) = call.closure as u64 };
            return Step::Continue { pc: stub_code, fp };
        }
        if std::mem::replace(&mut g.extra().dying, true) {
            // An Error or String method panicked while the report was being made.
            let inner = g.panics().last().and_then(|p| p.text.clone());
            let inner = inner.unwrap_or_else(|| {
                let value = self.g().panics().last().map_or(Eface::NIL, |p| p.value);
                traceback::panic_value_text(&value)
            });
            return Step::Exit(self.fatal(&format!("panic while printing panic value: {inner}")));
        }
        self.collect_texts(fp)
    }

    /// Makes the next missing text of the final report, by a call of `Error` or `String` where the value has one; prints the report when all are there.
    fn collect_texts(&mut self, fp: *mut u64) -> Step {
        let count = self.g().panics().len();
        for index in 0..count {
            let record = &self.g().panics()[index];
            if record.goexit || record.text.is_some() {
                continue;
            }
            let value = record.value;
            if let Some(func) = text_method(&self.rt().types, value.typ) {
                // SAFETY: slots of the stub's frame: receiver, closure, and what to do with the result.
                unsafe {
                    *fp = value.data as u64;
                    *fp.add(STUB_CLOSURE) = (&raw const (*func).closure) as u64;
                    *fp.add(STUB_STATE) = index as u64 + 1;
                }
                let pc = self.rt().stubs.panic.code.load(Ordering::Relaxed);
                return Step::Continue { pc, fp };
            }
            let text = traceback::panic_value_text(&value);
            self.g().extra().panics[index].text = Some(text);
        }
        Step::Exit(self.report_panic(fp))
    }

    /// A text method has returned to the stub.
    fn take_text(&mut self, fp: *mut u64, state: u64) -> Step {
        // SAFETY: slots of the stub's frame: the result of a method without parameters stands after the receiver.
        let text = unsafe {
            *fp.add(STUB_STATE) = 0;
            let text = GoStr {
                ptr: *fp.add(1) as *const u8,
                len: *fp.add(2) as usize,
            };
            String::from_utf8_lossy(text.bytes()).into_owned()
        };
        let index = state as usize - 1;
        if let Some(record) = self.g().extra().panics.get_mut(index) {
            record.text = Some(text);
        }
        self.collect_texts(fp)
    }

    /// Unwinds to the frame that registered the deferred call that recovered.
    fn resume_recovered(&mut self, fp: *mut u64) -> Step {
        let rt = self.rt();
        let g = self.g();
        let panics = &mut g.extra().panics;
        let Some(record) = panics.pop() else {
            unreachable!("the caller looked at it")
        };
        let mut goexit = false;
        while panics.last().is_some_and(|p| p.stub > record.defer_frame) {
            goexit |= panics.pop().is_some_and(|p| p.goexit);
        }
        let target = g.frame_at(record.defer_frame);
        let stub = Safepoint {
            map: 1,
            func: crate::stubs::PANIC,
        };
        let top = Top::at(rt.stubs.panic.code.load(Ordering::Relaxed), fp, stub.pack());
        // SAFETY: the stub's frame is the topmost; the goroutine is ours.
        let frame = unsafe { Frames::new(rt, &top) }.find(|frame| frame.fp == target);
        let Some(frame) = frame else {
            return Step::Exit(
                self.fatal("morestack: internal error: a deferred call of a lost frame"),
            );
        };
        let Some(recover_pc) = frame.info.function.recover_pc else {
            return Step::Exit(self.fatal(
                "morestack: internal error: a frame with deferred calls cannot be resumed",
            ));
        };
        let pc = frame.info.code.wrapping_add(recover_pc as usize);
        if goexit {
            return self.start_goexit(pc, target);
        }
        Step::Continue { pc, fp: target }
    }

    /// `goexitstep` in stub frame `fp`.
    pub fn goexit_step(&mut self, fp: *mut u64) -> Step {
        let g = self.g();
        if let Some(call) = g.defers.pop() {
            if let Some(record) = g.extra().panics.last_mut() {
                record.defer_frame = call.frame;
            }
            // SAFETY: a slot of the stub's frame.
            unsafe { *fp.add(STUB_CLOSURE) = call.closure as u64 };
            return Step::Continue {
                pc: self.rt().stubs.goexit.code.load(Ordering::Relaxed),
                fp,
            };
        }
        Step::End
    }

    /// `recover()` in frame `fp`, whose safepoint word is given.
    pub fn recover(&mut self, fp: *mut u64, safepoint: u64) -> Eface {
        let rt = self.rt();
        let g = self.g();
        let hi = g.stack.hi;
        let Some(record) = g.extra.as_mut().and_then(|extra| extra.panics.last_mut()) else {
            return Eface::NIL;
        };
        if record.goexit || record.recovered {
            return Eface::NIL;
        }
        let stub_fp = hi - record.stub;
        let stub_pc = rt
            .stubs
            .panic
            .code
            .load(Ordering::Relaxed)
            .wrapping_add(STUB_STEP);
        let mut fp = fp;
        let mut func = Safepoint::unpack(safepoint).func;
        // `defer recover()` runs in a forwarding function, called by the function with the statement when that returns. Called by the panic
        // itself it is no call by a deferred function.
        let mut forwarded = is_wrapper(self, func);
        loop {
            let ret = fp.wrapping_add(rt.funcs.info(func).frame_slots as usize);
            // SAFETY: frames of a running goroutine; the word before a return pc is its safepoint word.
            let (pc, caller) = unsafe {
                let pc = *ret as *const u64;
                (pc, Safepoint::unpack(*pc.sub(1)).func)
            };
            fp = ret.wrapping_add(1);
            if pc == stub_pc.cast_const() {
                if fp as usize != stub_fp || forwarded {
                    return Eface::NIL;
                }
                break;
            }
            if forwarded && caller != START && !is_call_stub(caller) {
                // The function with the statement returns.
                func = caller;
                forwarded = is_wrapper(self, func);
                continue;
            }
            if !is_wrapper(self, caller) {
                return Eface::NIL;
            }
            func = caller;
        }
        let Some(record) = self.g().extra().panics.last_mut() else {
            return Eface::NIL;
        };
        record.recovered = true;
        record.value
    }
}

fn is_wrapper(m: &M, func: FuncId) -> bool {
    m.rt().funcs.get(func).flags.load(Ordering::Relaxed) & WRAPPER != 0
}

/// The `Error` or `String` method that makes a panic value's text.
fn text_method(types: &bytecode::registry::TypeRegistry, typ: *const RType) -> Option<*const Func> {
    if typ.is_null() {
        return None;
    }
    let find = |name: &str| {
        let method = types.method(typ, name, "")?;
        // SAFETY: descriptors are immortal.
        let is_text = unsafe { (*method.typ).display() } == "func() string";
        is_text.then_some(method.func)
    };
    find("Error").or_else(|| find("String"))
}
