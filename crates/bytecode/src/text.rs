//! The text form of functions: what `morestack disasm` prints.

use std::fmt::Write;

use crate::func::{Function, HAS_CTX, HAS_DEFER, Safepoint, WRAPPER};
use crate::isa::{Ext, Extent, Field, Instr, NO_SLOT, Op};
use crate::operands::for_each_target;

/// Names for what extension words refer to; the function's pools know types and strings themselves.
pub trait Names {
    fn func(&self, func: *const crate::func::Func) -> String;
    fn global(&self, address: *mut u8) -> String;
}

/// A listing of the whole function: header, variables, instructions with source lines, maps at safepoints.
pub fn listing(f: &Function, names: &dyn Names) -> String {
    let mut out = String::new();
    let file = f.files.first().map_or("", |file| file);
    let _ = writeln!(out, "func {} {file}:{}", f.name, f.decl_line);
    let _ = writeln!(
        out,
        "  frame {} bytes: {} slots, {} of them outgoing; parameters {}, results {}",
        f.frame_slots * 8,
        f.frame_slots,
        f.out_slots,
        f.arg_slots,
        f.result_slots
    );
    let flags = [
        (HAS_CTX, "closure"),
        (WRAPPER, "wrapper"),
        (HAS_DEFER, "defers"),
    ];
    let flags: Vec<&str> = flags
        .iter()
        .filter(|(bit, _)| f.flags & bit != 0)
        .map(|(_, text)| *text)
        .collect();
    if !flags.is_empty() {
        let _ = writeln!(out, "  flags {}", flags.join(", "));
    }
    for var in &f.vars {
        // SAFETY: null or an immortal descriptor.
        let typ = unsafe { var.typ.as_ref() }.map_or("?", |t| t.display());
        let _ = write!(out, "  var {} {typ}: {}", var.name, slot_name(f, var.slot));
        if var.slots > 1 {
            let _ = write!(out, "..{}", slot_name(f, var.slot + var.slots - 1));
        }
        let note = if var.boxed {
            ", on the heap"
        } else if var.address_taken {
            ", address taken"
        } else {
            ""
        };
        let _ = writeln!(out, "{note}");
    }
    let _ = writeln!(out, "  entry map {}", map_text(f, f.entry_map));
    let _ = writeln!(out, "  panic map {}", map_text(f, f.panic_map));
    let mut pc = 0;
    let mut line = None;
    while pc < f.code.len() {
        let here = f.line_at(pc as u32);
        if here != line {
            line = here;
            if let Some((file, number)) = line {
                let _ = writeln!(
                    out,
                    "  {}:{number}",
                    file.rsplit('/').next().unwrap_or(file)
                );
            }
        }
        let Some(instr) = Instr::unpack(f.code[pc]) else {
            let _ = writeln!(out, "{pc:7}  ?{:#x}", f.code[pc]);
            pc += 1;
            continue;
        };
        if pc + instr.words() > f.code.len() {
            let _ = writeln!(out, "{pc:7}  (cut off)");
            break;
        }
        let mark = if f.recover_pc == Some(pc as u32) {
            "R"
        } else {
            " "
        };
        let _ = writeln!(out, "{pc:7}{mark} {}", instruction(f, pc, names));
        pc += instr.words();
    }
    out
}

/// One instruction.
pub fn instruction(f: &Function, pc: usize, names: &dyn Names) -> String {
    let Some(instr) = Instr::unpack(f.code[pc]) else {
        return "?".into();
    };
    let info = instr.op.info();
    let mut parts: Vec<String> = Vec::new();
    let extent = |is_def: bool| -> u32 { block_slots(f, pc, instr, is_def) };
    for (field, value) in info.fields.into_iter().zip([instr.a, instr.b, instr.c]) {
        let range = |n: u32| {
            let first = slot_name(f, u32::from(value));
            if n > 1 { format!("{first}:{n}") } else { first }
        };
        match field {
            Field::None | Field::Jump | Field::Jump32 => {}
            Field::Imm => parts.push(format!("{}", value as i16)),
            Field::UImm => parts.push(format!("{value}")),
            Field::Imm32 => {
                parts.push(format!("{}", instr.imm32()));
                break;
            }
            Field::OptWordUse if value == NO_SLOT => parts.push("_".into()),
            Field::StrDef | Field::StrUse | Field::IfaceDef | Field::IfaceUse => {
                parts.push(range(2))
            }
            Field::SliceDef | Field::SliceUse => parts.push(range(3)),
            Field::BlockDef => parts.push(range(extent(true))),
            Field::BlockUse => parts.push(range(extent(false))),
            Field::Address => parts.push(format!("&{}", slot_name(f, u32::from(value)))),
            _ => parts.push(slot_name(f, u32::from(value))),
        }
    }
    if instr.op == Op::Select {
        for case in 0..usize::from(instr.b) {
            let word = f.code[pc + 1 + case * 3];
            let slot = |shift: u32| match (word >> shift) as u16 {
                NO_SLOT => "_".to_owned(),
                slot => slot_name(f, u32::from(slot)),
            };
            let kind = if word as u16 == 1 { "send" } else { "recv" };
            parts.push(format!("({kind} {} {} {})", slot(16), slot(32), slot(48)));
        }
    }
    for (i, ext) in info.ext.iter().enumerate() {
        if matches!(instr.op, Op::Select | Op::JmpTable) {
            break;
        }
        let word = f.code[pc + 1 + i];
        let typ = |index: u64| {
            // SAFETY: pool entries are immortal descriptors.
            f.type_pool
                .get(index as usize)
                .map_or("?".to_owned(), |t| unsafe { (**t).display().to_owned() })
        };
        match ext {
            Ext::Const => parts.push(format!("{word:#x}")),
            Ext::Func => parts.push(
                f.func_pool
                    .get(word as usize)
                    .map_or("?".into(), |func| names.func(*func)),
            ),
            Ext::Type => parts.push(typ(word)),
            Ext::Itab => parts.push(format!(
                "itab({}, {})",
                typ(word >> 32),
                typ(word & 0xffff_ffff)
            )),
            Ext::StrPtr => {
                let text = f
                    .string_pool
                    .get(word as usize)
                    .map_or_else(String::new, |s| {
                        let text = String::from_utf8_lossy(s);
                        if text.chars().count() > 40 {
                            text.chars().take(40).chain("…".chars()).collect()
                        } else {
                            text.into_owned()
                        }
                    });
                parts.push(format!("{text:?}"));
            }
            Ext::Global => {
                let base = f
                    .global_pool
                    .get((word >> 32) as usize)
                    .map_or("?".into(), |g| names.global(*g));
                let offset = word as u32;
                parts.push(if offset == 0 {
                    base
                } else {
                    format!("{base}+{offset}")
                });
            }
            Ext::Native => parts.push(
                f.native_pool
                    .get(word as usize)
                    .map_or("?".into(), |n| n.to_string()),
            ),
            Ext::Slots => {
                for shift in [0, 16, 32, 48] {
                    let slot = (word >> shift) as u16;
                    if slot != NO_SLOT {
                        parts.push(slot_name(f, u32::from(slot)));
                    }
                }
            }
            Ext::SlotDef => parts.push(slot_name(f, u32::from(word as u16))),
            Ext::StrLen | Ext::Safepoint | Ext::Table => {}
        }
    }
    for_each_target(&f.code, pc, &mut |target| parts.push(format!("->{target}")));
    let mut text = format!("{:<12} {}", info.text, parts.join(", "));
    if instr.is_safepoint() {
        let safepoint = Safepoint::unpack(f.code[pc + instr.words() - 1]);
        let _ = write!(text, "  {}", map_text(f, safepoint.map));
    }
    text.trim_end().to_owned()
}

fn block_slots(f: &Function, pc: usize, instr: Instr, is_def: bool) -> u32 {
    // SAFETY: pool entries and the descriptors they name are immortal.
    let typ = |e: u8| unsafe {
        f.type_pool
            .get(f.code[pc + 1 + usize::from(e)] as usize)
            .map(|t| &**t)
    };
    // SAFETY: as above.
    let slots =
        |t: *const crate::rtype::RType| unsafe { t.as_ref() }.map_or(0, |t| t.slots() as u32);
    match instr.op.info().extent {
        Extent::None => 1,
        Extent::B => u32::from(instr.b),
        Extent::C => u32::from(instr.c),
        Extent::TwoC => 2 * u32::from(instr.c),
        Extent::Type(e) => typ(e).map_or(0, |t| t.slots() as u32),
        Extent::Elem(e) => typ(e).map_or(0, |t| slots(t.elem)),
        Extent::MapGet(e) if is_def => typ(e).map_or(0, |t| slots(t.elem)),
        Extent::MapGet(e) | Extent::MapKey(e) => typ(e).map_or(0, |t| slots(t.key)),
    }
}

/// `o3` outgoing, `s17` frame, `a0` parameter, `r1` result, `ctx`.
pub fn slot_name(f: &Function, slot: u32) -> String {
    if slot < f.out_slots {
        format!("o{slot}")
    } else if f.flags & HAS_CTX != 0 && slot + 1 == f.frame_slots {
        "ctx".into()
    } else if slot < f.frame_slots {
        format!("s{slot}")
    } else if slot <= f.frame_slots + f.arg_slots {
        format!("a{}", slot.wrapping_sub(f.frame_slots + 1))
    } else {
        format!("r{}", slot - f.frame_slots - 1 - f.arg_slots)
    }
}

/// `{s3 s4 a0}`: the slots of a pointer map.
pub fn map_text(f: &Function, map: u32) -> String {
    let slots: Vec<String> = f
        .maps
        .get(map as usize)
        .map(|m| {
            m.iter_ones()
                .map(|slot| slot_name(f, slot as u32))
                .collect()
        })
        .unwrap_or_default();
    format!("{{{}}}", slots.join(" "))
}
