//! What the compiler makes of a function, to be read: the SSA form after each stage, machine code with source lines, and where
//! it meets the interpreter.

use std::fmt::Write;

use bytecode::func::{Func, FuncInfo, Function, Safepoint};
use bytecode::isa::Instr;
use iced_x86::{Decoder, DecoderOptions, Formatter, Instruction, IntelFormatter};

use crate::alloc::Allocator;
use crate::emit::Emitted;
use crate::pipeline::{self, Order};
use crate::ssa::{Exit, Op, Ssa, Term};
use crate::stats::Counters;

/// What to show of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Form {
    /// The SSA form after the stage with this name, after each stage (`all`), or as it is given on.
    Ssa(String),
    Native,
    /// Calls, steps and exits: what of the frame is where.
    Maps,
    /// What the checker of homes does not notice when it is left out, each write of the frame in turn; and whether checks change the code.
    Unnoticed,
}

/// The listing of a function that has bytecode; says so when it is not compiled.
pub fn listing(func: &Func, form: &Form) -> String {
    let Some(info) = pipeline::info(func) else {
        return "no bytecode\n".to_owned();
    };
    if *form == Form::Unnoticed {
        return unnoticed(func, info);
    }
    let mut seen: Vec<(String, String)> = Vec::new();
    let mut see = |name: &str, ssa: &Ssa| {
        if matches!(form, Form::Ssa(_)) {
            seen.push((name.to_owned(), stage(info, name, ssa)));
        }
    };
    let counters = Counters::default();
    let mut allocator = Allocator::default();
    let mut watch = counters.watch();
    let order = Order {
        check: cfg!(debug_assertions),
        patched: true,
        ..Order::default()
    };
    let stages = pipeline::stages(func, info, order, &mut allocator, &mut watch, &mut see);
    let Some((ssa, _, emitted)) = stages else {
        return format!("func {}: stays interpreted\n", info.function.name);
    };
    match form {
        Form::Native => native(info, &emitted),
        Form::Maps | Form::Unnoticed => maps(info, &ssa),
        Form::Ssa(wanted) => {
            let last = seen.len() - 1;
            let texts: Vec<String> = seen
                .into_iter()
                .enumerate()
                .filter(|(i, (name, _))| match wanted.as_str() {
                    "" => *i == last,
                    "all" => true,
                    wanted => name == wanted,
                })
                .map(|(_, (_, text))| text)
                .collect();
            texts.join("\n")
        }
    }
}

/// The SSA form after a stage.
pub fn stage(info: &FuncInfo, name: &str, ssa: &Ssa) -> String {
    format!("func {} after {name}\n{ssa}", info.function.name)
}

/// A line for each stage that is checked, `writes N unnoticed M`, and one for each write that is not noticed.
fn unnoticed(func: &Func, info: &FuncInfo) -> String {
    let code = |check: bool| {
        let order = Order {
            check,
            patched: true,
            ..Order::default()
        };
        let (counters, mut allocator) = (Counters::default(), Allocator::default());
        let mut watch = counters.watch();
        let see = &mut |_: &str, _: &Ssa| {};
        let all = pipeline::stages(func, info, order, &mut allocator, &mut watch, see);
        all.map(|(_, _, emitted)| emitted.bytes)
    };
    let mut out = format!("func {}\n", info.function.name);
    for (all, missed) in pipeline::unnoticed(info).into_iter().flatten() {
        let _ = writeln!(out, "  writes {all} unnoticed {}", missed.len());
        for write in missed {
            let _ = writeln!(out, "    {write}");
        }
    }
    if code(true) != code(false) {
        out.push_str("  checks change the code\n");
    }
    out
}

/// `file:line`, where it is known.
fn place(function: &Function, pc: u32) -> String {
    function
        .line_at(pc)
        .map_or_else(String::new, |(file, line)| format!("{file}:{line}"))
}

fn operation(function: &Function, pc: u32) -> String {
    let instr = function
        .code
        .get(pc as usize)
        .and_then(|w| Instr::unpack(*w));
    instr.map_or_else(String::new, |i| format!("{:?}", i.op))
}

/// Machine code with the bytecode instructions and source lines it comes from.
pub fn native(info: &FuncInfo, emitted: &Emitted) -> String {
    let mut out = format!(
        "func {}: {} bytes\n",
        info.function.name,
        emitted.bytes.len()
    );
    let mut decoder = Decoder::new(64, &emitted.bytes, DecoderOptions::NONE);
    let mut formatter = IntelFormatter::new();
    formatter.options_mut().set_hex_prefix("0x");
    formatter.options_mut().set_hex_suffix("");
    let mut places = emitted.places.iter().peekable();
    let (mut line, mut instruction) = (String::new(), Instruction::default());
    while decoder.can_decode() {
        decoder.decode_out(&mut instruction);
        let at = instruction.ip() as u32;
        let mut here = None;
        while let Some((_, pc)) = places.next_if(|(offset, _)| *offset <= at) {
            here = Some(*pc);
        }
        if let Some(pc) = here {
            let (function, pc) = emitted.resolve(info, pc);
            let new = place(function, pc);
            if new != line {
                let _ = writeln!(out, "  {new}");
                line = new;
            }
            let _ = writeln!(out, "    {pc}: {}", operation(function, pc));
        }
        let mut text = String::new();
        formatter.format(&instruction, &mut text);
        let _ = writeln!(out, "      {at:6x}  {text}");
    }
    out
}

/// Where compiled code and interpreter meet: the slots that hold pointers at calls and steps (all of the frame is in memory there), and what
/// exits write.
fn maps(info: &FuncInfo, ssa: &Ssa) -> String {
    let mut out = format!("func {}\n", info.function.name);
    let exit = |exit: &Exit| {
        let writes: Vec<String> = exit
            .live
            .iter()
            .map(|(s, v)| format!("s{s}=v{v}"))
            .collect();
        format!("to {} [{}]", exit.pc, writes.join(", "))
    };
    let function = |pc: u32| {
        let place = ssa.origins.at(pc);
        let inlined = place.frame.map(|f| &*ssa.origins.frames[f].function);
        (inlined.unwrap_or(&info.function), place.pc)
    };
    let pointers = |pc: u32| {
        let (function, pc) = function(pc);
        let code = &function.code;
        let instr = Instr::unpack(code[pc as usize]).filter(|i| i.is_safepoint());
        let Some(instr) = instr else {
            return "no safepoint".to_owned();
        };
        let point = Safepoint::unpack(code[pc as usize + instr.words() - 1]);
        let slots: Vec<String> = function.maps[point.map as usize]
            .iter_ones()
            .map(|s| format!("s{s}"))
            .collect();
        format!("pointers [{}]", slots.join(", "))
    };
    for (b, block) in ssa.blocks.iter().enumerate() {
        let mut row = |pc: u32, what: &str, text: String| {
            let (function, own) = function(pc);
            let line = place(function, own);
            let _ = writeln!(out, "  b{b} {pc}: {what} {text}  {line}");
        };
        for inst in &block.insts {
            match (inst.op, &inst.exit) {
                (Op::Call(..), _) => row(inst.pc, "call", pointers(inst.pc)),
                (Op::Step(..), _) => row(inst.pc, "step", pointers(inst.pc)),
                (Op::Poll, Some(e)) => row(inst.pc, "poll", exit(e)),
                (_, Some(e)) => row(inst.pc, "check", exit(e)),
                _ => {}
            }
        }
        if let Term::Exit(e) = &block.term {
            row(e.pc, "exit", exit(e));
        }
    }
    out
}
