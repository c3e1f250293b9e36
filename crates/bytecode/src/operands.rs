//! The slots that an instruction reads and writes, one at a time: the one place that turns the instruction table's
//! operand schema into facts, for liveness, the verifier and printers.

use crate::isa::{Ext, Extent, Field, Instr, NO_SLOT, Op};
use crate::rtype::RType;

/// What an instruction does with a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Use,
    Def,
    /// Reads and writes, or writes only a part of the slot.
    Modify,
    /// Takes the address of the variable that begins here.
    Address,
}

/// What the instruction wants the slot to hold.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Class {
    Word,
    Ptr,
    /// Either.
    Any,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Operand {
    pub slot: u32,
    pub access: Access,
    pub class: Class,
    /// The operand lies in the outgoing area of a call.
    pub outgoing: bool,
}

/// A value of the type in consecutive slots.
fn block(typ: &RType, slot: u16, access: Access, f: &mut dyn FnMut(Operand)) {
    for i in 0..typ.slots() {
        let class = if typ.word_is_pointer(i) {
            Class::Ptr
        } else {
            Class::Word
        };
        f(Operand {
            slot: u32::from(slot) + i as u32,
            access,
            class,
            outgoing: false,
        });
    }
}

/// Whether the field is of slots that are written and not read.
fn defines(field: Field) -> bool {
    use Field::*;
    matches!(
        field,
        WordDef | PtrDef | AnyDef | StrDef | SliceDef | IfaceDef | BlockDef
    )
}

/// Calls `f` for every slot that the instruction at `code[at..]` touches: uses first, then definitions.
///
/// `types` is the function's type pool. The instruction must be whole and its pool indices in range
/// (the verifier checks both first).
pub fn for_each_operand(
    code: &[u64],
    at: usize,
    types: &[*const RType],
    f: &mut dyn FnMut(Operand),
) {
    let Some(instr) = Instr::unpack(code[at]) else {
        return;
    };
    let info = instr.op.info();
    // SAFETY: pool entries are immortal descriptors.
    let typ = |ext: u8| unsafe { &*types[code[at + 1 + usize::from(ext)] as usize] };
    let values = [instr.a, instr.b, instr.c];
    for pass_defs in [false, true] {
        for (&field, &value) in info.fields.iter().zip(&values) {
            if defines(field) != pass_defs {
                continue;
            }
            let slot = u32::from(value);
            let mut one = |i: u32, access: Access, class: Class| {
                f(Operand {
                    slot: slot + i,
                    access,
                    class,
                    outgoing: false,
                });
            };
            match field {
                Field::None
                | Field::Imm
                | Field::UImm
                | Field::Imm32
                | Field::Jump
                | Field::Jump32 => {}
                Field::WordDef => one(0, Access::Def, Class::Word),
                Field::WordUse => one(0, Access::Use, Class::Word),
                Field::WordMod => one(0, Access::Modify, Class::Word),
                Field::PtrDef => one(0, Access::Def, Class::Ptr),
                Field::PtrUse => one(0, Access::Use, Class::Ptr),
                Field::AnyDef => one(0, Access::Def, Class::Any),
                Field::AnyUse => one(0, Access::Use, Class::Any),
                // Never a part of a pointer.
                Field::PartDef => one(0, Access::Modify, Class::Word),
                Field::PartUse => one(0, Access::Use, Class::Any),
                Field::Address => one(0, Access::Address, Class::Any),
                Field::OptWordUse => {
                    if value != NO_SLOT {
                        one(0, Access::Use, Class::Word);
                    }
                }
                Field::StrDef | Field::SliceDef => {
                    one(0, Access::Def, Class::Ptr);
                    one(1, Access::Def, Class::Word);
                    if field == Field::SliceDef {
                        one(2, Access::Def, Class::Word);
                    }
                }
                Field::StrUse | Field::SliceUse => {
                    one(0, Access::Use, Class::Ptr);
                    one(1, Access::Use, Class::Word);
                    if field == Field::SliceUse {
                        one(2, Access::Use, Class::Word);
                    }
                }
                Field::IfaceDef => {
                    one(0, Access::Def, Class::Word);
                    one(1, Access::Def, Class::Ptr);
                }
                Field::IfaceUse => {
                    one(0, Access::Use, Class::Word);
                    one(1, Access::Use, Class::Ptr);
                }
                Field::BlockDef | Field::BlockUse => {
                    let is_def = field == Field::BlockDef;
                    let access = if is_def { Access::Def } else { Access::Use };
                    // SAFETY: element and key descriptors of a published type are immortal.
                    let part = |p: *const RType| unsafe { &*p };
                    match info.extent {
                        Extent::None => {}
                        Extent::B => {
                            (0..u32::from(instr.b)).for_each(|i| one(i, access, Class::Any))
                        }
                        Extent::C => {
                            (0..u32::from(instr.c)).for_each(|i| one(i, access, Class::Any))
                        }
                        Extent::TwoC => (0..u32::from(instr.c)).for_each(|i| {
                            one(2 * i, access, Class::Ptr);
                            one(2 * i + 1, access, Class::Word);
                        }),
                        Extent::Type(e) => block(typ(e), value, access, f),
                        Extent::Elem(e) => block(part(typ(e).elem), value, access, f),
                        Extent::MapGet(e) if is_def => block(part(typ(e).elem), value, access, f),
                        Extent::MapGet(e) | Extent::MapKey(e) => {
                            block(part(typ(e).key), value, access, f)
                        }
                    }
                }
            }
        }
        for (i, ext) in info.ext.iter().enumerate() {
            let word = code[at + 1 + i];
            match ext {
                Ext::Slots if !pass_defs => {
                    for shift in [0, 16, 32, 48] {
                        let slot = (word >> shift) as u16;
                        if slot != NO_SLOT {
                            let slot = u32::from(slot);
                            f(Operand {
                                slot,
                                access: Access::Use,
                                class: Class::Word,
                                outgoing: false,
                            });
                        }
                    }
                }
                Ext::SlotDef if pass_defs => {
                    let slot = u32::from(word as u16);
                    f(Operand {
                        slot,
                        access: Access::Def,
                        class: Class::Word,
                        outgoing: false,
                    });
                }
                _ => {}
            }
        }
        match instr.op {
            Op::Call | Op::CallClosure | Op::CallIface | Op::CallNative => {
                let (args, results) = (u32::from(instr.b), u32::from(instr.c));
                let (range, access) = if pass_defs {
                    (args..args + results, Access::Def)
                } else {
                    (0..args, Access::Use)
                };
                for slot in range {
                    f(Operand {
                        slot,
                        access,
                        class: Class::Any,
                        outgoing: true,
                    });
                }
            }
            Op::Select => {
                for case in 0..usize::from(instr.b) {
                    let word = code[at + 1 + case * 3];
                    // SAFETY: as above; a channel type has an element.
                    let elem = unsafe { &*(*types[code[at + 2 + case * 3] as usize]).elem };
                    let (channel, value, ok) = (
                        (word >> 16) as u16,
                        (word >> 32) as u16,
                        (word >> 48) as u16,
                    );
                    let sends = word as u16 == 1;
                    if !pass_defs {
                        let slot = u32::from(channel);
                        f(Operand {
                            slot,
                            access: Access::Use,
                            class: Class::Ptr,
                            outgoing: false,
                        });
                    }
                    if value != NO_SLOT && sends != pass_defs {
                        // A receive that does not go ahead leaves its variable alone.
                        block(
                            elem,
                            value,
                            if sends { Access::Use } else { Access::Modify },
                            f,
                        );
                    }
                    if ok != NO_SLOT && pass_defs {
                        let slot = u32::from(ok);
                        f(Operand {
                            slot,
                            access: Access::Modify,
                            class: Class::Word,
                            outgoing: false,
                        });
                    }
                }
            }
            _ => {}
        }
    }
}

/// The word offsets, from the start of the code, that the instruction at `at` may jump to.
pub fn for_each_target(code: &[u64], at: usize, f: &mut dyn FnMut(i64)) {
    let Some(instr) = Instr::unpack(code[at]) else {
        return;
    };
    for (field, value) in instr
        .op
        .info()
        .fields
        .into_iter()
        .zip([instr.a, instr.b, instr.c])
    {
        match field {
            Field::Jump => f(at as i64 + i64::from(value as i16)),
            Field::Jump32 => {
                f(at as i64 + i64::from(instr.imm32()));
                break;
            }
            _ => {}
        }
    }
    if instr.op == Op::JmpTable {
        for i in 0..usize::from(instr.b) {
            let word = code[at + 1 + i / 2];
            f(at as i64 + i64::from((word >> (i % 2 * 32)) as i32));
        }
    }
}
