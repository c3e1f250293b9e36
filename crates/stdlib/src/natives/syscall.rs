//! Packages syscall and os: system calls, the environment, the command line.

use bytecode::rtype::{GoSlice, GoStr};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// Makes the call with `args` arguments after its number.
fn call(slots: Slots, args: usize) -> Flow {
    let arg = |i: usize| if i < args { slots.word(1 + i) } else { 0 };
    // SAFETY: what the call does to memory is the Go caller's responsibility, as in any Go program.
    let result = unsafe {
        *libc::__errno_location() = 0;
        libc::syscall(
            slots.word(0) as i64,
            arg(0),
            arg(1),
            arg(2),
            arg(3),
            arg(4),
            arg(5),
        )
    };
    let errno = if result == -1 {
        std::io::Error::last_os_error().raw_os_error().unwrap_or(0)
    } else {
        0
    };
    slots.set_word(args + 1, result as u64);
    slots.set_word(args + 2, 0);
    slots.set_word(args + 3, errno as u64);
    Flow::Done
}

/// `func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno)`
fn syscall(cx: &mut NativeCx, slots: Slots) -> Flow {
    blocking_call(cx, slots, 3)
}

/// As `call`, with the processor given away meanwhile.
fn blocking_call(cx: &mut NativeCx, slots: Slots, args: usize) -> Flow {
    cx.m.enter_blocking();
    let flow = call(slots, args);
    cx.m.exit_blocking();
    flow
}

/// `func RawSyscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno)`: for calls that do not block.
fn raw_syscall(_: &mut NativeCx, slots: Slots) -> Flow {
    call(slots, 3)
}

/// `func Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno)`
fn syscall6(cx: &mut NativeCx, slots: Slots) -> Flow {
    blocking_call(cx, slots, 6)
}

/// `func RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno)`
fn raw_syscall6(_: &mut NativeCx, slots: Slots) -> Flow {
    call(slots, 6)
}

/// `func Exit(code int)`
fn exit(_: &mut NativeCx, slots: Slots) -> Flow {
    Flow::Exit(slots.int(0) as i32)
}

/// A `[]string` of these.
fn strings<'a>(cx: &mut NativeCx, texts: impl Iterator<Item = &'a [u8]>) -> GoSlice<GoStr> {
    let texts: Vec<GoStr> = texts.map(|text| cx.new_string(text)).collect();
    let string = cx.rt().types.basic(bytecode::rtype::Kind::String);
    let array = cx.m.alloc_array(string, texts.len()).cast::<GoStr>();
    // SAFETY: the array has room for all of them.
    unsafe { std::ptr::copy_nonoverlapping(texts.as_ptr(), array, texts.len()) };
    GoSlice {
        ptr: array,
        len: texts.len(),
        cap: texts.len(),
    }
}

/// `func environment() []string`
fn environment(cx: &mut NativeCx, slots: Slots) -> Flow {
    use std::os::unix::ffi::OsStrExt;
    let vars: Vec<Vec<u8>> = std::env::vars_os()
        .map(|(k, v)| [k.as_bytes(), b"=", v.as_bytes()].concat())
        .collect();
    let list = strings(cx, vars.iter().map(|v| &v[..]));
    slots.set_slice(0, list);
    Flow::Done
}

/// `func arguments() []string`
fn arguments(cx: &mut NativeCx, slots: Slots) -> Flow {
    let args = cx.rt().args.get().map_or(&[][..], |args| &args[..]);
    let list = strings(cx, args.iter().map(|a| a.as_bytes()));
    slots.set_slice(0, list);
    Flow::Done
}

/// `func random() uint32`: for names of temporary files.
fn random(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_word(0, cx.rt().random() >> 32);
    Flow::Done
}

/// The packages' natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("syscall.Syscall", syscall),
    ("syscall.RawSyscall", raw_syscall),
    ("syscall.Syscall6", syscall6),
    ("syscall.RawSyscall6", raw_syscall6),
    ("syscall.Exit", exit),
    ("syscall.environment", environment),
    ("os.arguments", arguments),
    ("os.random", random),
];
