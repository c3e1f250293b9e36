//! Linking: a `Function`'s pool indices become addresses, and the function its handle's code.
//!
//! Word offsets stay as they are, so that line tables, jumps and safepoints need no translation.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bitvec::slice::BitSlice;
use bytecode::func::{CallSite, Func, FuncInfo, Function, UNCOMPILED};
use bytecode::isa::{Ext, Instr, Op};

use crate::func_table::FuncTable;
use crate::itab::ItabTable;
use crate::native::NativeTable;
use crate::runtime::Runtime;

impl Runtime {
    /// Links `function` and makes it the code of `func`.
    pub fn publish(&self, func: &Func, function: Arc<Function>) -> Result<(), String> {
        link(func, function, &self.funcs, &self.natives, &self.itabs)
    }
}

/// Links `function` and makes it the code of `func`.
pub fn link(
    func: &Func,
    function: Arc<Function>,
    funcs: &FuncTable,
    natives: &NativeTable,
    itabs: &ItabTable,
) -> Result<(), String> {
    let mut code = link_code(&function, natives, itabs)?;
    let sites = number_sites(&mut code, &function, funcs);
    let code: &'static [u64] = Box::leak(code.into_boxed_slice());
    let (maps, map_stride) = pack_maps(&function);
    if function.frame_slots >= UNCOMPILED {
        return Err(format!(
            "{}: frame too large ({} words)",
            function.name, function.frame_slots
        ));
    }
    let info = Box::leak(Box::new(FuncInfo {
        code: code.as_ptr(),
        frame_slots: function.frame_slots,
        arg_slots: function.arg_slots,
        result_slots: function.result_slots,
        map_stride,
        maps,
        sites,
        function,
    }));
    funcs.add_range(code, func.id);
    func.flags.fetch_or(info.function.flags, Ordering::Relaxed);
    func.info.store(info, Ordering::Release);
    func.code.store(code.as_ptr().cast_mut(), Ordering::Release);
    // Last: a call tests the frame size first.
    func.frame_slots.store(info.frame_slots, Ordering::Release);
    Ok(())
}

/// Gives each call of a closure or method its number, in the fields that only the verifier wants.
fn number_sites(
    code: &mut [u64],
    function: &Function,
    funcs: &FuncTable,
) -> Box<[(u32, &'static CallSite)]> {
    let mut sites = Vec::new();
    let mut pc = 0;
    while let Some(instr) = function.code.get(pc).and_then(|w| Instr::unpack(*w)) {
        if matches!(instr.op, Op::CallClosure | Op::CallIface) {
            let index = funcs.sites.add();
            sites.push((pc as u32, funcs.sites.get(index)));
            code[pc] = instr.with_imm32(index as i32).pack();
        }
        pc += instr.words();
    }
    sites.into_boxed_slice()
}

/// The maps as words, padded to a common length.
fn pack_maps(function: &Function) -> (Box<[u64]>, u32) {
    let bits = (function.frame_slots + 1 + function.arg_slots + function.result_slots) as usize;
    let stride = bits.div_ceil(64);
    let mut words = vec![0u64; stride * function.maps.len()];
    for (i, map) in function.maps.iter().enumerate() {
        let map: &BitSlice = map;
        for slot in map.iter_ones() {
            words[i * stride + slot / 64] |= 1 << (slot % 64);
        }
    }
    (words.into_boxed_slice(), stride as u32)
}

fn link_code(
    function: &Function,
    natives: &NativeTable,
    itabs: &ItabTable,
) -> Result<Vec<u64>, String> {
    let mut code = function.code.clone();
    let bad = |what: &str, at: usize| format!("{}: {what} at word {at}", function.name);
    let mut pc = 0;
    while pc < code.len() {
        let instr = Instr::unpack(code[pc]).ok_or_else(|| bad("no such instruction", pc))?;
        let words = instr.words();
        if pc + words > code.len() {
            return Err(bad("instruction cut off", pc));
        }
        if instr.op == Op::Ret {
            // `ret` finds its return pc without a look at the function: the frame's size is in its fields.
            code[pc] |= u64::from(function.frame_slots) << 16;
        }
        let typ = |index: u64| function.type_pool.get(index as usize).copied();
        if instr.op == Op::Select {
            for case in 0..usize::from(instr.b) {
                let word = &mut code[pc + 2 + case * 3];
                *word = typ(*word).ok_or_else(|| bad("type index", pc))? as u64;
            }
        } else if instr.op != Op::JmpTable {
            let mut string_len = 0;
            for (i, ext) in instr.op.info().ext.iter().enumerate() {
                let word = &mut code[pc + 1 + i];
                let index = *word as usize;
                match ext {
                    Ext::Func => {
                        *word = *function
                            .func_pool
                            .get(index)
                            .ok_or_else(|| bad("function index", pc))?
                            as u64;
                    }
                    Ext::Type => *word = typ(*word).ok_or_else(|| bad("type index", pc))? as u64,
                    Ext::Itab => {
                        let inter = typ(*word >> 32).ok_or_else(|| bad("type index", pc))?;
                        let concrete =
                            typ(*word & 0xffff_ffff).ok_or_else(|| bad("type index", pc))?;
                        let itab = itabs.get(inter, concrete).ok_or_else(|| {
                            // SAFETY: descriptors are immortal.
                            let (inter, concrete) = unsafe { (&*inter, &*concrete) };
                            bad(
                                &format!(
                                    "{} does not implement {}",
                                    concrete.display(),
                                    inter.display()
                                ),
                                pc,
                            )
                        })?;
                        *word = itab as u64;
                    }
                    Ext::StrPtr => {
                        let string = function
                            .string_pool
                            .get(index)
                            .ok_or_else(|| bad("string index", pc))?;
                        string_len = string.len() as u64;
                        *word = string.as_ptr() as u64;
                    }
                    Ext::StrLen => {
                        if *word > string_len {
                            return Err(bad("string length", pc));
                        }
                    }
                    Ext::Global => {
                        let (index, offset) = ((*word >> 32) as usize, *word & 0xffff_ffff);
                        let base = *function
                            .global_pool
                            .get(index)
                            .ok_or_else(|| bad("global index", pc))?;
                        *word = base as u64 + offset;
                    }
                    Ext::Native => {
                        let name = function
                            .native_pool
                            .get(index)
                            .ok_or_else(|| bad("native index", pc))?;
                        *word = natives.linked(name);
                    }
                    Ext::Const | Ext::Safepoint | Ext::Slots | Ext::SlotDef | Ext::Table => {}
                }
            }
        }
        pc += words;
    }
    Ok(code)
}
