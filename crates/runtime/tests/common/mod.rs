//! A machine with functions made by hand, and calls made by hand: what an engine does at a call, without an engine.

#![allow(dead_code)]

use std::sync::Arc;
use std::sync::atomic::Ordering;

use bitvec::vec::BitVec;
use bytecode::func::{Func, FuncId, Function, LineEntry, Safepoint};
use bytecode::isa::{Instr, Op};
use bytecode::rtype::{GoStr, Kind, RType};
use runtime::g::Top;
use runtime::native::NativeTable;
use runtime::runtime::{Config, M, Runtime};
use runtime::sched::Next;
use runtime::walk::walk_pointers;

/// A function's frame and which of its slots each of its maps has.
#[derive(Default)]
pub struct Spec<'a> {
    pub name: &'a str,
    pub frame_slots: u32,
    pub arg_slots: u32,
    pub result_slots: u32,
    pub maps: &'a [&'a [usize]],
    pub entry_map: u32,
    pub panic_map: u32,
    pub flags: u32,
}

pub struct Vm {
    pub rt: &'static Runtime,
    pub m: M,
}

impl Vm {
    pub fn new(config: Config) -> Vm {
        let (rt, m) = Runtime::new(config, NativeTable::default());
        Vm { rt, m }
    }

    /// A function whose code is one call a map, then `ret`. Recovery goes on at the `ret`.
    pub fn function(&self, spec: Spec) -> &'static Func {
        let func: &'static Func = unsafe { &*self.rt.new_func(spec.flags) };
        let bits = (spec.frame_slots + 1 + spec.arg_slots + spec.result_slots) as usize;
        let mut code = Vec::new();
        let mut maps = Vec::new();
        for (i, slots) in spec.maps.iter().enumerate() {
            code.push(Instr::new(Op::CallClosure, 0, 0, 0).pack());
            code.push(
                Safepoint {
                    map: i as u32,
                    func: func.id,
                }
                .pack(),
            );
            let mut map: BitVec = BitVec::repeat(false, bits);
            for &slot in *slots {
                map.set(slot, true);
            }
            maps.push(map);
        }
        let recover_pc = Some(code.len() as u32);
        code.push(Instr::new(Op::Ret, 0, 0, 0).pack());
        let function = Function {
            name: spec.name.to_owned(),
            id: func.id,
            flags: spec.flags,
            code,
            frame_slots: spec.frame_slots,
            out_slots: 0,
            arg_slots: spec.arg_slots,
            result_slots: spec.result_slots,
            slot_is_pointer: BitVec::repeat(false, bits),
            maps,
            entry_map: spec.entry_map,
            panic_map: spec.panic_map,
            address_taken: Vec::new(),
            recover_pc,
            lines: vec![LineEntry {
                pc: 0,
                file: 0,
                line: 7,
            }],
            files: vec!["/src/x.go".into()],
            decl_line: 5,
            vars: Vec::new(),
            arg_words: Vec::new(),
            func_pool: Vec::new(),
            type_pool: Vec::new(),
            string_pool: Vec::new(),
            global_pool: Vec::new(),
            native_pool: Vec::new(),
        };
        self.rt.publish(func, Arc::new(function)).unwrap();
        func
    }

    /// Starts a goroutine and switches to it; its state.
    pub fn start(&mut self) -> Top {
        self.m.spawn_main(std::ptr::null_mut());
        match self.m.schedule() {
            Next::Run(g) => unsafe { (*g).top() },
            Next::Exit(code) => panic!("exit {code}"),
        }
    }

    /// Calls `callee` from the frame in `top`, growing the stack as an engine would; `top` becomes the callee's frame at its safepoint `map`.
    pub fn call(&mut self, top: &mut Top, callee: &Func, map: u32) {
        let ret = self.return_pc(top.safepoint);
        let sp = top.fp.wrapping_sub(1);
        let slots = callee.frame_slots.load(Ordering::Relaxed);
        unsafe { *sp = ret as u64 };
        let fp = sp.wrapping_sub(slots as usize);
        let entry = self.rt.funcs.info(callee.id).function.entry_map;
        let code = callee.code.load(Ordering::Relaxed).cast_const();
        let mut at = Top {
            pc: code,
            fp,
            sp,
            safepoint: Safepoint {
                map: entry,
                func: callee.id,
            }
            .pack(),
        };
        if !self.m.frame_fits(fp) {
            self.m.grow_stack(&mut at, 0, &mut []).unwrap();
        }
        for slot in 0..slots as usize {
            unsafe { *at.fp.add(slot) = 0 };
        }
        *top = Top::at(
            code,
            at.fp,
            Safepoint {
                map,
                func: callee.id,
            }
            .pack(),
        );
    }

    /// Returns to the caller's frame.
    pub fn ret(&mut self, top: &mut Top) {
        let safepoint = Safepoint::unpack(top.safepoint);
        let slots = self.rt.funcs.info(safepoint.func).frame_slots as usize;
        unsafe {
            let ret = *top.fp.add(slots) as *const u64;
            *top = Top::at(ret, top.fp.add(slots + 1), *ret.sub(1));
        }
    }

    pub fn return_pc(&self, safepoint: u64) -> *const u64 {
        let safepoint = Safepoint::unpack(safepoint);
        let code = self
            .rt
            .funcs
            .get(safepoint.func)
            .code
            .load(Ordering::Relaxed)
            .cast_const();
        if safepoint.func == FuncId(0) {
            code.wrapping_add(2)
        } else {
            code.wrapping_add(2 * safepoint.map as usize + 2)
        }
    }

    /// The pc of the call instruction at a frame's safepoint.
    pub fn call_pc(&self, top: &Top) -> *const u64 {
        self.return_pc(top.safepoint).wrapping_sub(2)
    }

    /// The values of all mapped slots, topmost frame first.
    pub fn pointers(&mut self, top: &Top) -> Vec<u64> {
        let hi = self.m.g().stack.hi;
        let mut values = Vec::new();
        unsafe { walk_pointers(self.rt, top, hi, |slot| values.push(*slot)) };
        values
    }

    /// Collects with this state; the state afterwards.
    pub fn collect(&mut self, top: &mut Top) {
        self.m.g().save(top);
        self.m.collect();
        *top = self.m.g().top();
    }
}

/// A struct type of `words` words, of which those in `pointers` are pointers.
pub fn struct_type(words: usize, pointers: &[usize]) -> &'static RType {
    let ptr_words = pointers.iter().max().map_or(0, |last| last + 1);
    let mut mask = vec![0u8; words.div_ceil(8).max(1)];
    for &word in pointers {
        mask[word / 8] |= 1 << (word % 8);
    }
    let mask: &'static [u8] = Box::leak(mask.into_boxed_slice());
    let mut made = RType::blank(Kind::Struct);
    made.size = words * 8;
    made.ptr_bytes = ptr_words * 8;
    (made.align, made.field_align) = (8, 8);
    made.gc_mask = mask.as_ptr();
    made.string = GoStr::leak("main.T");
    made.name = GoStr::leak("T");
    made.pkg_path = GoStr::leak("main");
    Box::leak(Box::new(made))
}
