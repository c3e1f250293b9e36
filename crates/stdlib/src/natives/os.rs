//! Packages syscall and os: system calls, the environment, the command line.

use std::os::unix::ffi::OsStringExt;

use bytecode::rtype::{GoSlice, GoStr, Kind};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// A `[]string` of these.
fn strings(cx: &mut NativeCx, texts: &[Vec<u8>]) -> GoSlice<GoStr> {
    let typ = cx.rt().types.basic(Kind::String);
    let list = cx.m.alloc_array(typ, texts.len()).cast::<GoStr>();
    for (i, text) in texts.iter().enumerate() {
        let text = cx.new_string(text);
        // SAFETY: the array has room for all of them.
        unsafe { list.add(i).write(text) };
    }
    GoSlice {
        ptr: list,
        len: texts.len(),
        cap: texts.len(),
    }
}

/// Makes a system call; the error's number, or 0.
fn system_call(trap: u64, args: [u64; 6]) -> (i64, i64) {
    let [a, b, c, d, e, f] = args;
    // SAFETY: what package syscall asks the kernel for is its business, as in Go.
    let result = unsafe { libc::syscall(trap as libc::c_long, a, b, c, d, e, f) };
    if result == -1 {
        let errno = std::io::Error::last_os_error().raw_os_error().unwrap_or(0);
        return (-1, i64::from(errno));
    }
    (result, 0)
}

/// `func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno)`
fn syscall3(_: &mut NativeCx, slots: Slots) -> Flow {
    let args = [slots.word(1), slots.word(2), slots.word(3), 0, 0, 0];
    let (result, errno) = system_call(slots.word(0), args);
    slots.set_int(4, result);
    slots.set_int(5, 0);
    slots.set_int(6, errno);
    Flow::Done
}

/// `func Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno)`
fn syscall6(_: &mut NativeCx, slots: Slots) -> Flow {
    let args = [1, 2, 3, 4, 5, 6].map(|i| slots.word(i));
    let (result, errno) = system_call(slots.word(0), args);
    slots.set_int(7, result);
    slots.set_int(8, 0);
    slots.set_int(9, errno);
    Flow::Done
}

/// `func Exit(code int)`
fn exit(_: &mut NativeCx, slots: Slots) -> Flow {
    Flow::Exit(slots.int(0) as i32)
}

/// `func environment() []string`
fn environment(cx: &mut NativeCx, slots: Slots) -> Flow {
    let texts: Vec<Vec<u8>> = std::env::vars_os()
        .map(|(key, value)| {
            let mut text = key.into_vec();
            text.push(b'=');
            text.extend(value.into_vec());
            text
        })
        .collect();
    let list = strings(cx, &texts);
    slots.set_slice(0, list);
    Flow::Done
}

/// `func arguments() []string`
fn arguments(cx: &mut NativeCx, slots: Slots) -> Flow {
    let texts: Vec<Vec<u8>> = cx.rt().args.get().map_or_else(Vec::new, |args| {
        args.iter().map(|arg| arg.clone().into_bytes()).collect()
    });
    let list = strings(cx, &texts);
    slots.set_slice(0, list);
    Flow::Done
}

/// `func random() uint32`
fn random(cx: &mut NativeCx, slots: Slots) -> Flow {
    slots.set_word(0, u64::from(cx.rt().random() as u32));
    Flow::Done
}

/// The packages' natives.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("syscall.Syscall", syscall3),
    ("syscall.RawSyscall", syscall3),
    ("syscall.Syscall6", syscall6),
    ("syscall.RawSyscall6", syscall6),
    ("syscall.Exit", exit),
    ("syscall.environment", environment),
    ("os.arguments", arguments),
    ("os.random", random),
];
