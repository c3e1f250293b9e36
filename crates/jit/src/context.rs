//! What compiled code finds through r13, and the few stubs between it and Rust.

#![expect(
    clippy::useless_conversion,
    reason = "the assembler's macro converts register numbers that are bytes already"
)]

use bytecode::func::Func;
use dynasmrt::{DynasmApi, DynasmLabelApi, VecAssembler, dynasm, x64::X64Relocation};
use runtime::g::G;
use runtime::heap::barrier::MARKING;
use runtime::runtime::M;
use runtime::tier::{Operation, Services, State};
use std::mem::offset_of;
use std::sync::atomic::{AtomicU32, Ordering};

use crate::debuggers::Debuggers;
use crate::lower::FLOATS;
use crate::memory::CodeMemory;
use crate::ssa::REGISTER_ARGS;

/// Lives as long as one visit to compiled code.
#[repr(C)]
pub struct Context {
    pub g: *mut G,
    /// The thread's stack pointer that `leave` restores, dropping all return addresses and spills of compiled code: where the return address of `enter`'s call is.
    pub saved_sp: u64,
    /// Compiled calls do not go deeper than this on the thread's stack.
    pub stack_limit: u64,
    pub leave: *const u8,
    /// The interpreter's functions, by operation code.
    pub operations: *const Operation,
    pub call_stub: *const u8,
    /// `M::switches` when the visit began. Once it has changed, the return addresses of compiled code mean nothing.
    pub switches: u64,
    /// Where helpers leave what does not fit into their result.
    pub second: u64,
    pub m: *mut M,
    pub barrier_stub: *const u8,
    /// Not 0: stores of pointers go through the barrier.
    pub marking: *const AtomicU32,
    pub alloc_stub: *const u8,
    /// Of the heap's pointer bits, as `Heap::bits_origin`.
    pub bits_origin: usize,
    /// Arguments of the function that is entered: `REGISTER_ARGS` words.
    args: *const u64,
    call: unsafe extern "sysv64" fn(*mut Context, &'static Func, *mut u64, u64) -> State,
    compile: unsafe extern "sysv64" fn(*mut Context, &'static Func) -> *const u8,
    barrier: unsafe extern "sysv64" fn(*mut Context, *const u64, u64),
    allocate: unsafe extern "sysv64" fn(*mut Context, usize, u64) -> *mut u8,
    services: *const Services,
    /// Compiled code has left; it has not returned.
    left: u8,
}

// What compiled code uses has displacements of a byte.
const _: () = assert!(offset_of!(Context, bits_origin) < 128);

/// Bytes of the thread's stack that compiled code may use, beyond which there is still room for the runtime.
const STACK_BUDGET: u64 = 768 << 10;

/// Added to a pc that compiled code must not go on at by itself: another goroutine's, or one too deep in the thread's stack.
const STOP: usize = 1;

/// Addresses of the stubs.
pub struct Stubs {
    /// Offset in `enter` to which compiled code returns.
    call_return: usize,
    /// Bytes of `enter` in which its frame is whole.
    described: usize,
    enter: *const u8,
    leave: *const u8,
    call: *const u8,
    /// `Func::native_call` of functions without code.
    pub uncompiled: *const u8,
    barrier: *const u8,
    alloc: *const u8,
}

// SAFETY: addresses of immutable code.
unsafe impl Send for Stubs {}
// SAFETY: as above.
unsafe impl Sync for Stubs {}

/// Bytes from rbp, where `save_registers` has set it, to what was pushed before the stub was called.
const SAVED: i32 = 80;

/// The beginning of a stub that keeps all registers in which compiled code has values; it sets rbp and aligns the stack.
fn save_registers(asm: &mut VecAssembler<X64Relocation>) {
    dynasm!(asm ; .arch x64
        ; push rax ; push rcx ; push rdx ; push rsi ; push rdi ; push r8 ; push r9 ; push r10 ; push rbp
        ; mov rbp, rsp
        ; sub rsp, 8 * i32::from(FLOATS)
    );
    for i in 0..FLOATS {
        dynasm!(asm ; .arch x64 ; vmovsd QWORD [rbp - 8 - 8 * i32::from(i)], Rx(i));
    }
    dynasm!(asm ; .arch x64 ; and rsp, -16);
}

/// Its end.
fn restore_registers(asm: &mut VecAssembler<X64Relocation>) {
    for i in 0..FLOATS {
        dynasm!(asm ; .arch x64 ; vmovsd Rx(i), QWORD [rbp - 8 - 8 * i32::from(i)]);
    }
    dynasm!(asm ; .arch x64
        ; mov rsp, rbp
        ; pop rbp ; pop r10 ; pop r9 ; pop r8 ; pop rdi ; pop rsi ; pop rdx ; pop rcx ; pop rax
        ; ret
    );
}

type Enter = unsafe extern "sysv64" fn(*mut Context, *mut u64, u64, *const u8) -> State;

impl Stubs {
    pub fn new(memory: &CodeMemory) -> Option<Stubs> {
        let mut asm = VecAssembler::<X64Relocation>::new(0);
        // enter(context, frame, closure, entry)
        dynasm!(asm ; .arch x64
            ; push rbx ; push rbp ; push r12 ; push r13 ; push r14 ; push r15
            ; mov r13, rdi
            ; mov rbx, rsi
            ; mov r10, rdx
            ; mov r12, [r13 + offset_of!(Context, g) as i32]
            // Compiled code keeps rsp at a multiple of 16 where it calls.
            ; sub rsp, 8
            ; lea rax, [rsp - 8]
            ; mov [r13 + offset_of!(Context, saved_sp) as i32], rax
            ; mov rax, rcx
            ; mov rdx, [r13 + offset_of!(Context, args) as i32]
            ; mov rdi, [rdx]
            ; mov rcx, [rdx + 8]
            ; mov r8, [rdx + 16]
            ; mov r9, [rdx + 24]
            ; mov rdx, r10
            ; call rax
        );
        let call_return = asm.offset().0;
        dynasm!(asm ; .arch x64
            ; cmp BYTE [r13 + offset_of!(Context, left) as i32], 0
            ; jne >left
            // The frame that was entered has returned: its caller goes on at the return pc.
            ; mov rax, [rbx - 8]
            ; left:
        );
        let epilogue = asm.offset().0;
        dynasm!(asm ; .arch x64
            ; mov rdx, rbx
            ; add rsp, 8
            ; pop r15 ; pop r14 ; pop r13 ; pop r12 ; pop rbp ; pop rbx
            ; ret
        );
        let leave = asm.offset().0;
        // A return like any other for the processor, which predicts returns by their calls: had the entry's call none, all later returns would be predicted wrong.
        dynasm!(asm ; .arch x64
            ; mov BYTE [r13 + offset_of!(Context, left) as i32], 1
            ; mov rsp, [r13 + offset_of!(Context, saved_sp) as i32]
            ; ret
        );
        let call = asm.offset().0;
        dynasm!(asm ; .arch x64
            // From a prologue, which has not moved rsp yet.
            ; mov rdi, r13
            ; mov rcx, rdx
            ; mov rdx, rbx
            ; call QWORD [r13 + offset_of!(Context, call) as i32]
            ; mov rbx, rdx
            ; ret
        );
        let uncompiled = asm.offset().0;
        // Called in place of a function without code: handle in rsi, closure in rdx.
        dynasm!(asm ; .arch x64
            ; push rsi
            ; push rdx
            ; sub rsp, 8
            ; mov rdi, r13
            ; call QWORD [r13 + offset_of!(Context, compile) as i32]
            ; add rsp, 8
            ; pop rdx
            ; pop rsi
            ; test rax, rax
            ; je >missing
            ; mov rdi, [rbx]
            ; mov rcx, [rbx + 8]
            ; mov r8, [rbx + 16]
            ; mov r9, [rbx + 24]
            ; jmp rax
            ; missing:
            // The interpreter makes the call, and goes on in it.
            ; sub rsp, 8
            ; mov rdi, r13
            ; mov rcx, rdx
            ; mov rdx, rbx
            ; call QWORD [r13 + offset_of!(Context, call) as i32]
            ; mov rbx, rdx
            ; jmp QWORD [r13 + offset_of!(Context, leave) as i32]
        );
        let barrier = asm.offset().0;
        // On the stack: the value, the address of the word.
        save_registers(&mut asm);
        dynasm!(asm ; .arch x64
            ; mov rdi, r13
            ; mov rdx, [rbp + SAVED]
            ; mov rsi, [rbp + SAVED + 8]
            ; call QWORD [r13 + offset_of!(Context, barrier) as i32]
        );
        restore_registers(&mut asm);
        let alloc = asm.offset().0;
        // On the stack: the size, the pointer bits. The object is returned in r11.
        save_registers(&mut asm);
        dynasm!(asm ; .arch x64
            ; mov rdi, r13
            ; mov rsi, [rbp + SAVED]
            ; mov rdx, [rbp + SAVED + 8]
            ; call QWORD [r13 + offset_of!(Context, allocate) as i32]
            ; mov r11, rax
        );
        restore_registers(&mut asm);
        let enter = memory.install(&asm.finalize().ok()?, &[])?;
        let at = |offset| enter.wrapping_add(offset);
        Some(Stubs {
            enter,
            call_return,
            described: epilogue,
            leave: at(leave),
            call: at(call),
            uncompiled: at(uncompiled),
            barrier: at(barrier),
            alloc: at(alloc),
        })
    }

    /// Tells debuggers how to get from compiled code to its caller.
    pub fn describe(&self, debuggers: &Debuggers) {
        debuggers.entry_stub(self.enter, self.described, self.call_return);
    }

    /// Runs compiled code.
    ///
    /// # Safety
    /// As `Tier::enter`.
    pub unsafe fn run(
        &self,
        m: &mut M,
        services: &Services,
        entry: *const u8,
        fp: *mut u64,
        closure: u64,
    ) -> State {
        let here = &raw const self as u64;
        // The frames above may have fewer words than there are registers. What is beyond them is not used, but there must be something.
        let room = (m.g().stack.hi - fp as usize) / 8;
        let mut copies = [0; REGISTER_ARGS];
        let args = if room >= REGISTER_ARGS {
            fp
        } else {
            // SAFETY: below the stack's end.
            unsafe { std::ptr::copy_nonoverlapping(fp, copies.as_mut_ptr(), room) };
            copies.as_ptr()
        };
        let mut context = Context {
            g: m.g,
            saved_sp: 0,
            stack_limit: here - STACK_BUDGET,
            leave: self.leave,
            operations: services.operations.as_ptr(),
            call_stub: self.call,
            barrier_stub: self.barrier,
            marking: &raw const MARKING,
            alloc_stub: self.alloc,
            bits_origin: m.rt().heap.bits_origin(),
            switches: m.switches,
            args,
            second: 0,
            m,
            call,
            compile,
            barrier,
            allocate,
            services,
            left: 0,
        };
        // SAFETY: the stub has this signature; the entry fits the state by the contract.
        let state = unsafe {
            let enter: Enter = std::mem::transmute(self.enter);
            enter(&mut context, fp, closure, entry)
        };
        State {
            pc: (state.pc as usize & !STOP) as *const u64,
            fp: state.fp,
        }
    }
}

fn stop(state: State) -> State {
    State {
        pc: (state.pc as usize | STOP) as *const u64,
        fp: state.fp,
    }
}

/// # Safety
/// Called by compiled code with its context; the return pc is below the caller's frame.
unsafe extern "sysv64" fn call(
    cx: *mut Context,
    func: &'static Func,
    fp: *mut u64,
    closure: u64,
) -> State {
    // SAFETY: as above.
    unsafe {
        let m = &mut *(*cx).m;
        let after = *fp.sub(1) as *const u64;
        let state = ((*(*cx).services).call)(m, after, fp, func, closure);
        let deep = (&raw const m as u64) < (*cx).stack_limit + 4096;
        if m.switches != (*cx).switches || deep {
            stop(state)
        } else {
            state
        }
    }
}

/// # Safety
/// Called by compiled code with its context.
unsafe extern "sysv64" fn compile(cx: *mut Context, func: &'static Func) -> *const u8 {
    // SAFETY: as above.
    let m = unsafe { &mut *(*cx).m };
    if let Some(tier) = m.rt().tier.get() {
        tier.compile(m, func);
    }
    func.native_entry.load(Ordering::Acquire)
}

/// # Safety
/// Called by compiled code with its context; `at` is a pointer word that is about to become `new`.
unsafe extern "sysv64" fn barrier(cx: *mut Context, at: *const u64, new: u64) {
    // SAFETY: as above.
    unsafe { (*(*cx).m).shade_store(at, new) }
}

/// # Safety
/// Called by compiled code with its context: an object for which there is no room where it would be made in place.
unsafe extern "sysv64" fn allocate(cx: *mut Context, bytes: usize, pointers: u64) -> *mut u8 {
    // SAFETY: as above.
    unsafe { (*(*cx).m).alloc_words(bytes, pointers) }
}
