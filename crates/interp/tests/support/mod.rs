//! A small assembler: functions written by hand, for tests of the engine that need no compiler.

#![allow(dead_code)]

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bitvec::vec::BitVec;
use bytecode::func::{Func, Function, Safepoint};
use bytecode::isa::{Instr, Op};
use bytecode::rtype::RType;
use runtime::native::NativeTable;
use runtime::runtime::{Config, M, Runtime};
use runtime::stress::Stress;

/// A place in the code.
#[derive(Clone, Copy)]
pub struct Label(usize);

/// A function under construction.
pub struct Asm {
    pub func: &'static Func,
    function: Function,
    labels: Vec<Option<usize>>,
    /// (instruction, label, 32-bit field)
    fixups: Vec<(usize, usize, bool)>,
}

/// The address of a function's closure object: its func value.
pub fn func_value(func: &Func) -> *mut u8 {
    (&raw const func.closure).cast_mut().cast()
}

/// Words that a program leaves behind for the test.
#[derive(Clone, Copy)]
pub struct Results(&'static [AtomicU64]);

pub fn results(words: usize) -> Results {
    Results(
        (0..words)
            .map(|_| AtomicU64::new(0))
            .collect::<Vec<_>>()
            .leak(),
    )
}

impl Results {
    /// The address of word i, for `ext_global`.
    pub fn at(self, i: usize) -> *mut u64 {
        self.0[i].as_ptr()
    }
    /// The word, which becomes 0.
    pub fn take(self, i: usize) -> u64 {
        self.0[i].swap(0, Ordering::Relaxed)
    }
}

/// The normal mode and every stress mode.
pub fn modes() -> Vec<Stress> {
    ["", "move", "gc", "preempt", "move,gc,preempt"]
        .into_iter()
        .map(Stress::parse)
        .collect()
}

/// Runs what `build` makes in every mode; `build` gets the machine and gives the main function.
pub fn in_every_mode(
    mut build: impl FnMut(&'static Runtime, &mut M) -> &'static Func,
    mut check: impl FnMut(i32),
) {
    for stress in modes() {
        let (rt, mut m) = machine(stress);
        let main = build(rt, &mut m);
        m.spawn_main(func_value(main));
        check(interp::run(&mut m));
    }
}

pub fn machine(stress: Stress) -> (&'static Runtime, M) {
    Runtime::new(
        Config {
            stress,
            ..Config::default()
        },
        NativeTable::default(),
    )
}

impl Asm {
    /// `shape`: frame slots, of them outgoing; parameter and result slots. `pointers`: slots that hold pointers, parameters numbered from the frame's end.
    pub fn new(rt: &Runtime, name: &str, shape: (u32, u32, u32, u32), pointers: &[usize]) -> Asm {
        Asm::with_flags(rt, name, shape, pointers, 0)
    }

    pub fn with_flags(
        rt: &Runtime,
        name: &str,
        (frame_slots, out_slots, arg_slots, result_slots): (u32, u32, u32, u32),
        pointers: &[usize],
        flags: u32,
    ) -> Asm {
        let func = unsafe { &*rt.new_func(flags) };
        let bits = (frame_slots + 1 + arg_slots + result_slots) as usize;
        let mut slot_is_pointer = BitVec::repeat(false, bits);
        pointers
            .iter()
            .for_each(|slot| slot_is_pointer.set(*slot, true));
        let mut entry: BitVec = BitVec::repeat(false, bits);
        let params = frame_slots as usize + 1..(frame_slots + 1 + arg_slots) as usize;
        pointers
            .iter()
            .filter(|slot| params.contains(slot))
            .for_each(|slot| entry.set(*slot, true));
        Asm {
            func,
            function: Function {
                name: name.to_owned(),
                id: func.id,
                flags,
                code: Vec::new(),
                frame_slots,
                out_slots,
                arg_slots,
                result_slots,
                slot_is_pointer,
                maps: vec![entry.clone(), entry],
                entry_map: 0,
                panic_map: 1,
                address_taken: Vec::new(),
                recover_pc: None,
                lines: Vec::new(),
                files: Vec::new(),
                decl_line: 1,
                vars: Vec::new(),
                arg_words: Vec::new(),
                func_pool: Vec::new(),
                type_pool: Vec::new(),
                string_pool: Vec::new(),
                global_pool: Vec::new(),
                native_pool: Vec::new(),
            },
            labels: Vec::new(),
            fixups: Vec::new(),
        }
    }

    /// An instruction without extension words.
    pub fn op(&mut self, op: Op, a: usize, b: usize, c: usize) -> &mut Asm {
        self.function
            .code
            .push(Instr::new(op, a as u16, b as u16, c as u16).pack());
        self
    }

    /// With a 32-bit immediate.
    pub fn imm(&mut self, op: Op, a: usize, value: i32) -> &mut Asm {
        self.function
            .code
            .push(Instr::new(op, a as u16, 0, 0).with_imm32(value).pack());
        self
    }

    pub fn ext(&mut self, word: u64) -> &mut Asm {
        self.function.code.push(word);
        self
    }

    pub fn ext_func(&mut self, func: &'static Func) -> &mut Asm {
        self.function.func_pool.push(func);
        self.ext(self.function.func_pool.len() as u64 - 1)
    }

    pub fn ext_type(&mut self, typ: *const RType) -> &mut Asm {
        self.function.type_pool.push(typ);
        self.ext(self.function.type_pool.len() as u64 - 1)
    }

    pub fn ext_global(&mut self, address: *mut u64) -> &mut Asm {
        self.function.global_pool.push(address.cast());
        self.ext((self.function.global_pool.len() as u64 - 1) << 32)
    }

    pub fn ext_string(&mut self, text: &str) -> &mut Asm {
        self.function.string_pool.push(Arc::from(text.as_bytes()));
        self.ext(self.function.string_pool.len() as u64 - 1)
            .ext(text.len() as u64)
    }

    /// The safepoint word; `pointers` are live.
    pub fn point(&mut self, pointers: &[usize]) -> &mut Asm {
        let mut map = self.function.maps[0].clone();
        pointers.iter().for_each(|slot| map.set(*slot, true));
        let index = self
            .function
            .maps
            .iter()
            .skip(2)
            .position(|m| *m == map)
            .map_or_else(
                || {
                    self.function.maps.push(map.clone());
                    self.function.maps.len() - 1
                },
                |i| i + 2,
            );
        self.ext(
            Safepoint {
                map: index as u32,
                func: self.func.id,
            }
            .pack(),
        )
    }

    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() - 1)
    }

    pub fn here(&mut self) -> Label {
        let label = self.label();
        self.bind(label);
        label
    }

    pub fn bind(&mut self, label: Label) {
        self.labels[label.0] = Some(self.function.code.len());
    }

    /// A branch: a and b as given, the jump in c.
    pub fn branch(&mut self, op: Op, a: usize, b: i64, to: Label) -> &mut Asm {
        self.fixups.push((self.function.code.len(), to.0, false));
        self.op(op, a, b as u16 as usize, 0)
    }

    pub fn jump(&mut self, op: Op, to: Label) -> &mut Asm {
        self.fixups.push((self.function.code.len(), to.0, true));
        self.op(op, 0, 0, 0)
    }

    /// Recovered panics continue here.
    pub fn recover_here(&mut self) {
        self.function.recover_pc = Some(self.function.code.len() as u32);
    }

    /// A call of `func` with arguments and results in the outgoing slots.
    pub fn call(
        &mut self,
        func: &'static Func,
        args: usize,
        results: usize,
        live: &[usize],
    ) -> &mut Asm {
        self.op(Op::Call, 0, args, results)
            .ext_func(func)
            .point(live)
    }

    pub fn finish(mut self, rt: &Runtime) -> &'static Func {
        for (at, label, wide) in self.fixups {
            let jump = self.labels[label].expect("a bound label") as i64 - at as i64;
            let instr = Instr::unpack(self.function.code[at]).unwrap();
            self.function.code[at] = if wide {
                instr.with_imm32(jump as i32).pack()
            } else {
                Instr {
                    c: jump as u16,
                    ..instr
                }
                .pack()
            };
        }
        if let Err(error) = bytecode::verify::verify(&self.function) {
            panic!("{}: {error:?}", self.function.name);
        }
        rt.publish(self.func, Arc::new(self.function)).unwrap();
        self.func
    }
}
