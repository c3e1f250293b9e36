//! From a function to its machine code: the stages in order.

use std::sync::OnceLock;
use std::sync::atomic::Ordering;

use bytecode::func::{Func, FuncInfo};

use crate::alloc::Allocator;
use crate::build::Plan;
use crate::emit::Emitted;
use crate::lower::Code;
use crate::ssa::{Op, Ssa};
use crate::stats::{Counters, Stage, Watch, add};
use crate::{build, emit, homes, listing, lower, opt, validate};

/// What is known of a function that has bytecode.
pub fn info(func: &Func) -> Option<&'static FuncInfo> {
    // SAFETY: null, or immortal.
    unsafe { func.info.load(Ordering::Acquire).as_ref() }
}

/// What is wanted.
#[derive(Clone, Copy, Default)]
pub struct Order {
    /// The head of a loop, or another place in the function, where the code is to begin.
    pub head: Option<u32>,
    /// See `build`.
    pub cautious: bool,
    /// Check what each stage makes.
    pub check: bool,
    /// Jumps back may go past their polls (`polls`).
    pub patched: bool,
}

/// Position-independent code of the function, or from the head of a loop on; None when it is not compiled.
pub fn compile(
    func: &Func,
    order: Order,
    counters: &Counters,
    allocator: &mut Allocator,
    watch: &mut Watch,
) -> Option<Emitted> {
    let info = info(func)?;
    let (ssa, code, emitted) = if is_dumped(info) {
        let mut see = |stage: &str, ssa: &Ssa| eprintln!("{}", listing::stage(info, stage, ssa));
        let all = stages(func, info, order, allocator, watch, &mut see)?;
        eprintln!("{}", listing::native(info, &all.2));
        all
    } else {
        stages(func, info, order, allocator, watch, &mut |_, _| {})?
    };
    drop((ssa, code));
    let copies = emitted.origins.frames.iter();
    let copied: usize = copies.map(|f| f.function.code.len()).sum();
    let words = info.function.code.len() + copied;
    add(&counters.bytecode, 8 * words as u64);
    Some(emitted)
}

/// All stages; `see` gets the SSA form after each that changed it.
pub fn stages(
    func: &Func,
    info: &FuncInfo,
    order: Order,
    allocator: &mut Allocator,
    watch: &mut Watch,
    see: &mut dyn FnMut(&str, &Ssa),
) -> Option<(Ssa, Code, Emitted)> {
    let plan = Plan {
        place: order.head,
        cautious: order.cautious,
        check: order.check,
    };
    let (mut ssa, demands) = build::build(info, plan)?;
    watch.stage(Stage::Build);
    let at_home = |ssa: &Ssa, stage: &str| {
        if let Some(demands) = &demands
            && let Err(e) = homes::check(ssa, demands)
        {
            panic!("{} after {stage}: {e}\n{ssa:#}", info.function.name);
        }
    };
    let validate = |ssa: &Ssa, stage: &str| {
        if order.check
            && let Err(e) = validate::validate(ssa)
        {
            panic!("{} after {stage}: {e}\n{ssa}", info.function.name);
        }
    };
    validate(&ssa, "build");
    at_home(&ssa, "build");
    homes::strip(&mut ssa, |op| matches!(op, Op::Reads(_)));
    see("build", &ssa);
    watch.passes(&ssa);
    for (number, (name, pass)) in opt::PASSES.iter().enumerate() {
        // It takes out values that notes name.
        if *name == opt::DEAD {
            at_home(&ssa, "passes");
            homes::strip(&mut ssa, Op::is_note);
        }
        pass(&mut ssa);
        watch.pass(number, &ssa);
        validate(&ssa, name);
        see(name, &ssa);
    }
    let code = lower::lower(&ssa);
    watch.stage(Stage::Lower);
    let output = match allocator.allocate(&code, order.check) {
        Ok(output) => output,
        Err(e) => {
            assert!(
                !order.check,
                "{}: register allocation: {e}",
                info.function.name
            );
            return None;
        }
    };
    watch.stage(Stage::Allocate);
    let emitted = emit::emit(info, func, order.head, &ssa, &code, output, order.patched)?;
    watch.stage(Stage::Emit);
    Some((ssa, code, emitted))
}

/// What the checker of homes makes of a function with writes left out, after `build` and after all passes (`homes::unnoticed`).
pub fn unnoticed(info: &FuncInfo) -> Option<[(usize, Vec<String>); 2]> {
    let plan = Plan {
        place: None,
        cautious: false,
        check: true,
    };
    let (mut ssa, demands) = build::build(info, plan)?;
    let demands = demands?;
    homes::strip(&mut ssa, |op| matches!(op, Op::Reads(_)));
    let built = homes::unnoticed(&mut ssa, &demands);
    let passes = opt::PASSES
        .iter()
        .take_while(|(name, _)| *name != opt::DEAD);
    passes.for_each(|(_, pass)| pass(&mut ssa));
    Some([built, homes::unnoticed(&mut ssa, &demands)])
}

/// MORESTACK_DUMP=text: all stages of the functions whose names contain the text go to stderr when they are compiled.
fn is_dumped(info: &FuncInfo) -> bool {
    static WANTED: OnceLock<Option<String>> = OnceLock::new();
    let wanted = WANTED.get_or_init(|| std::env::var("MORESTACK_DUMP").ok());
    let wanted = wanted.as_ref().filter(|text| !text.is_empty());
    wanted.is_some_and(|text| info.function.name.contains(text.as_str()))
}
