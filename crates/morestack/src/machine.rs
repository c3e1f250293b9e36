//! A checked program brought to life: compiler, runtime and interpreter tied together.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytecode::func::{Func, FuncId, Function};
use bytecode::registry::TypeRegistry;
use bytecode::rtype::{Kind, RType};
use compiler::{Compiler, Host};
use runtime::native::NativeTable;
use runtime::runtime::{Config, M, Runtime};
use types::PkgId;

use crate::check::{Checked, render};

/// What the compiler gets from the runtime.
struct RuntimeHost(&'static Runtime);

impl Host for RuntimeHost {
    fn new_func(&mut self, _name: &str, flags: u32) -> *const Func {
        self.0.new_func(flags)
    }
    fn alloc_global(&mut self, typ: *const RType) -> *mut u8 {
        self.0.globals.alloc(typ)
    }
}

/// A virtual machine with a program in it.
pub struct Machine {
    pub rt: &'static Runtime,
    m: M,
    compiler: Arc<Mutex<Compiler>>,
    main: PkgId,
}

/// The compiler, whoever panicked while holding it.
fn lock(compiler: &Mutex<Compiler>) -> MutexGuard<'_, Compiler> {
    compiler.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Machine {
    /// Ties a checked program to a new virtual machine. `args` is os.Args.
    pub fn new(checked: Checked, config: Config, args: Vec<String>) -> Machine {
        let natives = NativeTable::new(stdlib::natives::ALL);
        let (rt, m) = Runtime::new(config, natives);
        let _ = rt.args.set(args);
        let registry = Arc::new(TypeRegistry::new());
        let compiler = Arc::new(Mutex::new(Compiler::new(checked.program, registry)));
        let machine = Machine { rt, m, compiler: compiler.clone(), main: checked.main };
        machine.find_known_types();
        rt.set_compile_hook(Box::new(move |id| compile(&mut lock(&compiler), rt, id)));
        machine
    }

    /// The compiler, for listings and increments.
    pub fn compiler(&self) -> MutexGuard<'_, Compiler> {
        lock(&self.compiler)
    }

    /// The package that was loaded first.
    pub fn main_package(&self) -> PkgId {
        self.main
    }

    /// Runs package initialisation and `main.main` to the program's end; gives its exit code.
    pub fn run(&mut self) -> i32 {
        let entry = {
            let mut compiler = lock(&self.compiler);
            compiler.entry(&mut RuntimeHost(self.rt), self.main)
        };
        interp::run(&mut self.m, entry)
    }

    /// Compiles a function by hand, for listings.
    pub fn function(&self, func: *const Func) -> Result<Arc<Function>, String> {
        // SAFETY: handles are immortal.
        let id = unsafe { (*func).id };
        compile(&mut lock(&self.compiler), self.rt, id)
    }

    /// Go types that the runtime makes values of: its own panics.
    fn find_known_types(&self) {
        use std::sync::atomic::Ordering::Release;
        let mut compiler = lock(&self.compiler);
        let mut host = RuntimeHost(self.rt);
        let known = &self.rt.known;
        known.string.store(compiler.registry.basic(Kind::String).cast_mut(), Release);
        let Some(pkg) = compiler.program.find_package("runtime") else { return };
        let mut find = |name: &str, pointer: bool| -> *mut RType {
            let Some(obj) = compiler.program.lookup_object(pkg, name) else { return std::ptr::null_mut() };
            let mut ty = compiler.program.resolve(obj);
            if pointer {
                ty = compiler.program.store.pointer(ty);
            }
            compiler.rtype(&mut host, ty).cast_mut()
        };
        known.error_string.store(find("errorString", false), Release);
        known.bounds_error.store(find("boundsError", false), Release);
        known.plain_error.store(find("plainError", false), Release);
        known.type_assertion_error.store(find("TypeAssertionError", false), Release);
        known.type_assertion_error_ptr.store(find("TypeAssertionError", true), Release);
        known.panic_nil_error.store(find("PanicNilError", false), Release);
        known.panic_nil_error_ptr.store(find("PanicNilError", true), Release);
    }
}

/// Compiles and verifies one function.
fn compile(compiler: &mut Compiler, rt: &'static Runtime, id: FuncId) -> Result<Arc<Function>, String> {
    let function = compiler.compile(&mut RuntimeHost(rt), id).map_err(|errors| {
        let lines: Vec<String> = render(&errors, &compiler.program.fileset).iter().map(ToString::to_string).collect();
        lines.join("\n")
    })?;
    bytecode::verify::verify(&function).map_err(|e| e.to_string())?;
    Ok(Arc::new(function))
}
