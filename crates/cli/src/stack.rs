//! The main thread's second stack: room for recursion over deep trees, without a thread.

use std::arch::naked_asm;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::ptr;

/// As much as `morestack::on_large_stack` gives; only what is touched is paid for.
const SIZE: usize = 512 << 20;
/// Lies below it, and can't be touched.
const GUARD: usize = 4096;

/// Runs `f` on a large stack. A thread would have one, but to make it, wait for it and fill its caches takes a tenth of hello world's time.
pub fn on_large_stack<T: Send>(f: impl FnOnce() -> T + Send) -> T {
    let Some(top) = map() else {
        return morestack::on_large_stack(f);
    };
    let mut work = Some(f);
    let mut result = None;
    let mut run = || {
        let f = work.take().expect("run once");
        result = Some(catch_unwind(AssertUnwindSafe(f)));
    };
    let mut run: &mut dyn FnMut() = &mut run;
    // SAFETY: the stack is fresh, nothing unwinds out of `call`, and `run` outlives the call.
    unsafe { switch(top, call, (&raw mut run).cast()) };
    match result.expect("it was run") {
        Ok(value) => value,
        Err(panic) => resume_unwind(panic),
    }
}

/// The upper end of a new stack, which stays for the rest of the process. None where the system refuses.
fn map() -> Option<*mut u8> {
    // SAFETY: fresh mappings.
    unsafe {
        let base = libc::mmap(
            ptr::null_mut(),
            GUARD + SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_STACK,
            -1,
            0,
        );
        let ok = base != libc::MAP_FAILED && libc::mprotect(base, GUARD, libc::PROT_NONE) == 0;
        ok.then(|| base.cast::<u8>().add(GUARD + SIZE))
    }
}

/// # Safety
/// `run` is the address of a closure's reference.
unsafe extern "sysv64" fn call(run: *mut u8) {
    // SAFETY: as above.
    unsafe { (*run.cast::<&mut dyn FnMut()>())() };
}

/// Calls `f` with `argument` on the stack that ends at `top`.
///
/// # Safety
/// `top` is a multiple of 16, the stack is large enough and nobody else's, and `f` returns.
#[unsafe(naked)]
unsafe extern "sysv64" fn switch(
    top: *mut u8,
    f: unsafe extern "sysv64" fn(*mut u8),
    argument: *mut u8,
) {
    // Unwinders find the caller by rbp.
    naked_asm!(
        ".cfi_startproc",
        "push rbp",
        ".cfi_adjust_cfa_offset 8",
        ".cfi_rel_offset rbp, 0",
        "mov rbp, rsp",
        ".cfi_def_cfa_register rbp",
        "mov rsp, rdi",
        "mov rdi, rdx",
        "call rsi",
        "mov rsp, rbp",
        "pop rbp",
        ".cfi_def_cfa rsp, 8",
        "ret",
        ".cfi_endproc",
    )
}

#[cfg(test)]
mod tests {
    use super::on_large_stack;

    fn depth(n: u64) -> u64 {
        let room = std::hint::black_box([n; 64]);
        if n == 0 {
            0
        } else {
            depth(n - 1) + room[7] / n
        }
    }

    #[test]
    fn deep_recursion_has_room_and_results_come_back() {
        let text = String::from("kept");
        let (n, text) = on_large_stack(move || (depth(100_000), text));
        assert_eq!((n, text.as_str()), (100_000, "kept"));
    }

    #[test]
    #[should_panic(expected = "from below")]
    fn panics_come_through() {
        on_large_stack(|| panic!("from below"));
    }
}
