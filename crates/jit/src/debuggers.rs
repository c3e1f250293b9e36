//! What profilers and debuggers are told of compiled code: perf's map file, and GDB's interface for code made at run time.
//!
//! GDB sets a breakpoint in `__jit_debug_register_code` and reads the object files that the list in `__jit_debug_descriptor` points to (GDB manual, "JIT
//! Compilation Interface"). Ours have a symbol, call frame information and a line table each (DWARF 4). A frame is described from
//! the end of its prologue on; in the few instructions before, and in exits, a backtrace may stop short.

use std::fs::File;
use std::io::Write;
use std::ptr;
use std::sync::{Mutex, PoisonError};

use bytecode::func::FuncInfo;

use crate::elf::Object;
use crate::emit::Emitted;

/// Who wants to know.
pub struct Debuggers {
    perf: Option<Mutex<File>>,
    gdb: bool,
}

impl Debuggers {
    pub fn new(perf_map: bool, gdb: bool) -> Debuggers {
        let path = std::env::temp_dir().join(format!("perf-{}.map", std::process::id()));
        let perf = perf_map.then(|| match File::create(&path) {
            Ok(file) => Some(Mutex::new(file)),
            Err(e) => {
                eprintln!("{}: {e}", path.display());
                None
            }
        });
        Debuggers {
            perf: perf.flatten(),
            gdb,
        }
    }

    /// The stub by which compiled code is entered: from, to, and from where on its frame is complete.
    pub fn entry_stub(&self, start: *const u8, len: usize, call: usize) {
        self.perf_line(start, len, "morestack_enter");
        if self.gdb {
            register(Object::entry_stub(start as u64, len as u64, call as u64).bytes());
        }
    }

    /// Code of a function, or from a place in it on.
    pub fn code(&self, info: &FuncInfo, place: Option<u32>, code: *const u8, emitted: &Emitted) {
        if self.perf.is_none() && !self.gdb {
            return;
        }
        let f = &*info.function;
        let name = match place.and_then(|pc| f.line_at(pc)) {
            Some((_, line)) => format!("{}:{line}", f.name),
            None => f.name.clone(),
        };
        self.perf_line(code, emitted.bytes.len(), &name);
        if self.gdb {
            register(Object::function(&name, info, code as u64, emitted).bytes());
        }
    }

    fn perf_line(&self, start: *const u8, len: usize, name: &str) {
        if let Some(file) = &self.perf {
            let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
            // A profile without a name is no reason to stop the program.
            let _ = writeln!(file, "{:x} {len:x} {name}", start as usize);
        }
    }
}

/// An object file in memory, in GDB's list.
#[repr(C)]
struct CodeEntry {
    next: *mut CodeEntry,
    prev: *mut CodeEntry,
    symfile: *const u8,
    size: u64,
}

/// GDB's layout.
#[repr(C)]
pub struct Descriptor {
    version: u32,
    action: u32,
    relevant: *mut CodeEntry,
    first: *mut CodeEntry,
}

const REGISTER: u32 = 1;

/// GDB finds both by their names.
#[unsafe(no_mangle)]
static mut __jit_debug_descriptor: Descriptor = Descriptor {
    version: 1,
    action: 0,
    relevant: ptr::null_mut(),
    first: ptr::null_mut(),
};

#[unsafe(no_mangle)]
#[inline(never)]
extern "C" fn __jit_debug_register_code() {
    // Not to be merged with another function that does nothing.
    std::hint::black_box(());
}

/// Adds an object file, which stays for ever as code does.
fn register(object: Vec<u8>) {
    static LIST: Mutex<()> = Mutex::new(());
    let object: &'static [u8] = Vec::leak(object);
    let _guard = LIST.lock().unwrap_or_else(PoisonError::into_inner);
    let descriptor = &raw mut __jit_debug_descriptor;
    // SAFETY: under the lock; GDB reads the list while the process is stopped.
    unsafe {
        let entry = Box::leak(Box::new(CodeEntry {
            next: (*descriptor).first,
            prev: ptr::null_mut(),
            symfile: object.as_ptr(),
            size: object.len() as u64,
        }));
        if let Some(next) = entry.next.as_mut() {
            next.prev = entry;
        }
        (*descriptor).first = entry;
        (*descriptor).relevant = entry;
        (*descriptor).action = REGISTER;
    }
    __jit_debug_register_code();
}
