//! A checked program brought to life: compiler, runtime and interpreter tied together.

use std::cell::RefCell;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytecode::func::{Func, FuncId, Function};
use bytecode::registry::MethodSource;
use bytecode::rtype::{Kind, Method, RType};
use bytecode::text::{Names, listing};
use compiler::escape::Escape;
use compiler::{Compiler, Host};
use jit::{Jit, When};
use runtime::native::NativeTable;
use runtime::runtime::{Config, M, Runtime};
use runtime::tier::Engine;
use types::{Diagnostic, PkgId};

use crate::check::{Checked, render};

/// What the compiler gets from the runtime.
pub(crate) struct RuntimeHost(pub &'static Runtime);

/// A function and its bytecode.
type Named = (&'static Func, Arc<Function>);

/// Names of functions that have no code yet, for listings.
#[derive(Default)]
struct ListingNames {
    funcs: RefCell<HashMap<*const Func, String>>,
}

/// As `RuntimeHost`, but remembers names.
struct ListingHost<'a> {
    rt: RuntimeHost,
    names: &'a ListingNames,
}

impl Host for ListingHost<'_> {
    fn new_func(&mut self, name: &str, flags: u32) -> *const Func {
        let func = self.rt.new_func(name, flags);
        self.names.funcs.borrow_mut().insert(func, name.to_owned());
        func
    }
    fn alloc_global(&mut self, typ: *const RType) -> *mut u8 {
        self.rt.alloc_global(typ)
    }
}

impl Names for ListingNames {
    fn func(&self, func: *const Func) -> String {
        self.funcs
            .borrow()
            .get(&func)
            .cloned()
            .unwrap_or_else(|| format!("func@{func:p}"))
    }
    fn global(&self, address: *mut u8) -> String {
        format!("var@{address:p}")
    }
}

impl Host for RuntimeHost {
    fn new_func(&mut self, _name: &str, flags: u32) -> *const Func {
        self.0.new_func(flags)
    }
    fn alloc_global(&mut self, typ: *const RType) -> *mut u8 {
        self.0.globals.alloc(typ)
    }
}

/// Every so many calls and back-edges, tiered execution looks where the program is and compiles that.
const TIER_SAMPLE: u32 = 1009;

/// A virtual machine with a program in it.
pub struct Machine {
    pub rt: &'static Runtime,
    pub(crate) m: M,
    compiler: Arc<Mutex<Compiler>>,
    main: PkgId,
}

/// Method tables are made by the compiler when they are first needed.
struct Methods {
    compiler: Arc<Mutex<Compiler>>,
    rt: &'static Runtime,
}

impl MethodSource for Methods {
    fn fill(&self, typ: *const RType) {
        lock(&self.compiler).fill_methods(&mut RuntimeHost(self.rt), typ);
    }

    fn method(&self, typ: *const RType, name: &str, pkg_path: &str) -> Option<Method> {
        lock(&self.compiler).one_method(&mut RuntimeHost(self.rt), typ, name, pkg_path)
    }
}

/// The compiler, whoever panicked while holding it.
fn lock(compiler: &Mutex<Compiler>) -> MutexGuard<'_, Compiler> {
    compiler.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Machine {
    /// Ties a checked program to a new virtual machine. `args` is os.Args.
    pub fn new(checked: Checked, config: Config, args: Vec<String>) -> Machine {
        let mut natives = NativeTable::new(stdlib::natives::ALL);
        for list in stdlib::natives::COMPUTING {
            natives.add_computing(list);
        }
        let (sample_every, when) = match config.engine {
            Engine::Interp => (0, When::Beside),
            Engine::Jit => (1, When::AtOnce),
            Engine::Tiered => (TIER_SAMPLE, When::Beside),
        };
        let options = jit::Options {
            sample_every,
            when,
            code_limit: usize::try_from(config.max_code).unwrap_or(usize::MAX),
            loops_only: config.stress.loops,
            always_poll: config.stress.any(),
            perf_map: config.perf_map,
            gdb: config.gdb,
            check: config.check_code,
            measure: config.stats,
            compiling: config.compiling,
        };
        let jit = (config.engine != Engine::Interp)
            .then(|| Jit::new(options))
            .flatten();
        let (rt, m) = Runtime::new(config, natives);
        if let Some(jit) = jit {
            rt.set_tier(Box::new(jit));
        }
        let _ = rt.args.set(args);
        let compiler = Arc::new(Mutex::new(Compiler::new(checked.program, rt.types.clone())));
        let machine = Machine {
            rt,
            m,
            compiler: compiler.clone(),
            main: checked.main,
        };
        machine.find_known_types();
        rt.types.set_method_source(Box::new(Methods {
            compiler: compiler.clone(),
            rt,
        }));
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
        // SAFETY: handles are immortal; a handle's closure word is the func value of a function that captures nothing.
        let value = unsafe { std::ptr::from_ref(&(*entry).closure) };
        self.m.spawn_main(value.cast_mut().cast());
        let code = interp::run(&mut self.m);
        self.rt.at_exit();
        code
    }

    /// Listings of the main package's functions, function literals included, whose name contains `filter`.
    ///
    /// # Errors
    /// The text of what the compiler or the verifier refused.
    pub fn listings(&self, filter: &str) -> Result<Vec<String>, String> {
        let names = ListingNames::default();
        let found = self.functions(filter, &names)?;
        let texts = found.iter().map(|(_, f)| listing(f, &names));
        Ok(texts.collect())
    }

    /// What the compiler for hot code makes of them.
    ///
    /// # Errors
    /// As for `listings`.
    pub fn compiled_listings(&self, filter: &str, form: &jit::Form) -> Result<Vec<String>, String> {
        // What is called may be put in the place of its call: all have their bytecode first.
        let mut found = self.functions("", &ListingNames::default())?;
        for (func, function) in &found {
            self.rt.publish(func, function.clone())?;
        }
        found.retain(|(_, function)| function.name.contains(filter));
        let texts = found.iter().map(|(func, _)| jit::listing(func, form));
        Ok(texts.collect())
    }

    /// The main package's functions, function literals included, whose name contains `filter`.
    fn functions(&self, filter: &str, names: &ListingNames) -> Result<Vec<Named>, String> {
        let mut compiler = lock(&self.compiler);
        let mut host = ListingHost {
            rt: RuntimeHost(self.rt),
            names,
        };
        let funcs = compiler.program.package(self.main).funcs.clone();
        let mut found = Vec::new();
        let mut waiting: Vec<*const Func> = Vec::new();
        for obj in funcs.into_iter().rev() {
            let ty = compiler.program.resolve(obj);
            // A generic function has code only as an instance.
            if !compiler.program.store.mentions_params(ty) {
                waiting.push(compiler.function(&mut host, obj));
            }
        }
        let mut seen: Vec<*const Func> = waiting.clone();
        while let Some(func) = waiting.pop() {
            // SAFETY: handles are immortal.
            let handle: &'static Func = unsafe { &*func };
            let function = compile_with(&mut compiler, &mut host, handle.id)?;
            // Literals and instances that it refers to follow it.
            let own = format!("{}.", function.name);
            for &callee in &function.func_pool {
                if !seen.contains(&callee) && names.func(callee).starts_with(&own) {
                    seen.push(callee);
                    waiting.push(callee);
                }
            }
            names.funcs.borrow_mut().insert(func, function.name.clone());
            if function.name.contains(filter) {
                found.push((handle, function));
            }
        }
        Ok(found)
    }

    /// What escape analysis decided for the main package, as `file:line:col: note`, sorted.
    pub fn escape_notes(&self) -> Vec<String> {
        let mut compiler = lock(&self.compiler);
        let compiler = &mut *compiler;
        let mut escape = Escape::new();
        let mut notes = Vec::new();
        for obj in compiler.program.package(self.main).funcs.clone() {
            notes.extend(
                escape
                    .body(&mut compiler.program, obj)
                    .notes
                    .iter()
                    .cloned(),
            );
        }
        notes.sort();
        notes.dedup();
        let diagnostics: Vec<Diagnostic> = notes
            .into_iter()
            .map(|(pos, msg)| Diagnostic { pos, msg })
            .collect();
        render(&diagnostics, &compiler.program.fileset)
            .iter()
            .map(ToString::to_string)
            .collect()
    }

    /// Go types that the runtime makes values of: its own panics.
    fn find_known_types(&self) {
        use std::sync::atomic::Ordering::Release;
        let mut compiler = lock(&self.compiler);
        let known = &self.rt.known;
        known
            .string
            .store(compiler.registry.basic(Kind::String).cast_mut(), Release);
        let Some(pkg) = compiler.program.find_package("runtime") else {
            return;
        };
        let mut find = |name: &str, pointer: bool| -> *mut RType {
            let Some(obj) = compiler.program.lookup_object(pkg, name) else {
                return std::ptr::null_mut();
            };
            let mut ty = compiler.program.resolve(obj);
            if pointer {
                ty = compiler.program.store.pointer(ty);
            }
            compiler.rtype(ty).cast_mut()
        };
        known
            .error_string
            .store(find("errorString", false), Release);
        known
            .bounds_error
            .store(find("boundsError", false), Release);
        known.plain_error.store(find("plainError", false), Release);
        known
            .type_assertion_error
            .store(find("TypeAssertionError", false), Release);
        known
            .type_assertion_error_ptr
            .store(find("TypeAssertionError", true), Release);
        known
            .panic_nil_error
            .store(find("PanicNilError", false), Release);
        known
            .panic_nil_error_ptr
            .store(find("PanicNilError", true), Release);
    }
}

/// Compiles and verifies one function.
fn compile(
    compiler: &mut Compiler,
    rt: &'static Runtime,
    id: FuncId,
) -> Result<Arc<Function>, String> {
    compile_with(compiler, &mut RuntimeHost(rt), id)
}

fn compile_with(
    compiler: &mut Compiler,
    host: &mut dyn Host,
    id: FuncId,
) -> Result<Arc<Function>, String> {
    let function = compiler.compile(host, id).map_err(|errors| {
        let lines: Vec<String> = render(&errors, &compiler.program.fileset)
            .iter()
            .map(ToString::to_string)
            .collect();
        lines.join("\n")
    })?;
    bytecode::verify::verify(&function).map_err(|e| e.to_string())?;
    Ok(Arc::new(function))
}
