//! Functions assembled for tests, and what they need around them.
#![allow(dead_code)]

use std::ptr;
use std::sync::Arc;
use std::sync::atomic::{AtomicPtr, AtomicU32};

use bytecode::func::{Func, FuncId, Function, UNCOMPILED};
use bytecode::isa::Op;
use bytecode::registry::TypeRegistry;
use bytecode::rtype::{Kind, RType};
use bytecode::text::Names;
use compiler::asm::{ExtArg, FnBuilder, Opd, SelectCase, Slot};

pub const WORD: &[bool] = &[false];
pub const PTR: &[bool] = &[true];
pub const STR: &[bool] = &[true, false];
pub const SLICE: &[bool] = &[true, false, false];
pub const IFACE: &[bool] = &[false, true];

/// The types that test functions use.
pub struct Types {
    pub int: *const RType,
    pub string: *const RType,
    pub pointer: *const RType,
    pub map: *const RType,
    pub chan: *const RType,
    pub pair: *const RType,
}

impl Types {
    pub fn new() -> Types {
        let registry = TypeRegistry::new();
        let int = registry.basic(Kind::Int);
        let string = registry.basic(Kind::String);
        Types {
            int,
            string,
            pointer: registry.pointer(int),
            map: registry.map(string, int),
            chan: registry.chan(string, 3),
            pair: registry.array(string, 2),
        }
    }
}

/// A handle to call.
pub fn handle(id: u32) -> *const Func {
    Box::leak(Box::new(Func {
        code: AtomicPtr::new(ptr::null_mut()),
        frame_slots: AtomicU32::new(UNCOMPILED),
        flags: AtomicU32::new(0),
        closure: AtomicPtr::new(ptr::null_mut()),
        info: AtomicPtr::new(ptr::null_mut()),
        id: FuncId(id),
        hotness: AtomicU32::new(0),
        native_entry: AtomicPtr::new(ptr::null_mut()),
        native_call: AtomicPtr::new(ptr::null_mut()),
        room: AtomicU32::new(0),
    }))
}

/// Names for listings: functions by their number.
pub struct TestNames;

impl Names for TestNames {
    fn func(&self, func: *const Func) -> String {
        // SAFETY: test functions only call leaked handles.
        format!("main.f{}", unsafe { (*func).id.0 })
    }
    fn global(&self, _: *mut u8) -> String {
        "main.global".to_owned()
    }
}

/// Makes valid functions of all sorts from a list of small choices.
pub struct Random<'a> {
    pub b: FnBuilder,
    pub types: &'a Types,
    pub callee: *const Func,
    words: Vec<Slot>,
    pointers: Vec<Slot>,
    strings: Vec<Slot>,
    channel: Slot,
    taken: Slot,
}

impl<'a> Random<'a> {
    pub fn new(types: &'a Types, callee: *const Func, defers: bool) -> Random<'a> {
        // func(word, pointer, string) (pointer, word)
        let mut b = FnBuilder::new(
            "main.random".to_owned(),
            FuncId(7),
            0,
            &[false, true, true, false],
            &[true, false],
        );
        let file: Arc<str> = "random.go".into();
        b.set_pos(&file, 1);
        let words: Vec<Slot> = (0..4).map(|_| b.local(WORD)).collect();
        let pointers: Vec<Slot> = (0..4).map(|_| b.local(PTR)).collect();
        let strings: Vec<Slot> = (0..2).map(|_| b.local(STR)).collect();
        let channel = b.local(PTR);
        // A struct {pointer, word} whose address is taken.
        let taken = b.local(&[true, false]);
        b.mark_address_taken(taken, 2);
        b.emit(Op::ZeroN, taken, 2, ());
        for (i, word) in words.iter().enumerate() {
            b.emit(Op::LdI, *word, i as i64 * 3, ());
        }
        for pointer in &pointers {
            let from = b.param(1);
            b.emit(Op::Mov, *pointer, from, ());
        }
        for string in &strings {
            b.emit_ext(
                Op::LdStr,
                *string,
                (),
                (),
                &[ExtArg::Str((*b"text").into())],
            );
        }
        b.emit_ext(
            Op::MakeChan,
            channel,
            Opd::None,
            (),
            &[ExtArg::Type(types.chan)],
        );
        let results = b.result(0);
        b.emit(Op::LdNil, results, (), ());
        let results = b.result(1);
        b.emit(Op::LdI, results, 0, ());
        if defers {
            b.add_flags(bytecode::func::HAS_DEFER);
            b.emit(Op::Defer, pointers[0], (), ());
        }
        Random {
            b,
            types,
            callee,
            words,
            pointers,
            strings,
            channel,
            taken,
        }
    }

    /// Emits what the choices ask for; the rest of the choices is for those after.
    pub fn steps(&mut self, choices: &mut std::slice::Iter<u8>, depth: usize) {
        while let Some(&choice) = choices.next() {
            let pick = |n: u8| usize::from(choice / 16 % n);
            let (w, w2) = (self.words[pick(4)], self.words[pick(3) + 1]);
            let (p, p2) = (self.pointers[pick(4)], self.pointers[pick(3) + 1]);
            let (s, s2) = (self.strings[pick(2)], self.strings[1 - pick(2)]);
            let b = &mut self.b;
            match choice % 16 {
                0 => b.emit(Op::Add, w, w2, w),
                1 => b.emit(Op::LdW, w, p, 8),
                2 => b.emit_ext(Op::New, p, (), (), &[ExtArg::Type(self.types.pair)]),
                3 => b.emit(Op::Mov, p, p2, ()),
                4 => b.emit_ext(Op::Concat2, s, s, s2, &[]),
                5 => b.emit(Op::LeaL, p, self.taken, 8),
                6 => {
                    // A call with a pointer and a word; its result is a pointer.
                    let (first, second, result) = (b.out(0), b.out(1), b.out(2));
                    b.emit(Op::Mov, first, p, ());
                    b.emit(Op::Mov, second, w, ());
                    b.call(self.callee, 2, 1);
                    b.emit(Op::Mov, p2, result, ());
                }
                7 => {
                    let (first, second) = (b.out(0), b.out(1));
                    b.emit(Op::Mov2, first, s, 2);
                    let result = b.out(2);
                    let _ = second;
                    b.call_native("strings.Count", STR, 1);
                    b.emit(Op::Mov, w, result, ());
                }
                8 if depth < 4 => {
                    let (top, done) = (b.label(), b.label());
                    b.bind(top);
                    b.branch(Op::JGeSI, w, 10, done);
                    b.emit(Op::AddI, w, w, 1);
                    self.steps(choices, depth + 1);
                    self.b.jump_back(top);
                    self.b.bind(done);
                }
                9 if depth < 4 => {
                    let (no, done) = (b.label(), b.label());
                    b.branch(Op::JNil, p, (), no);
                    self.steps(choices, depth + 1);
                    self.b.jump(done);
                    self.b.bind(no);
                    self.steps(choices, depth + 1);
                    self.b.bind(done);
                }
                10 if depth < 4 => {
                    let (a, z, done) = (b.label(), b.label(), b.label());
                    b.jump_table(w, &[a, z, done]);
                    b.bind(a);
                    self.steps(choices, depth + 1);
                    self.b.bind(z);
                    self.steps(choices, depth + 1);
                    self.b.bind(done);
                }
                11 => {
                    let case = |send, value| SelectCase {
                        send,
                        channel: self.channel,
                        value: Some(value),
                        ok: None,
                        typ: self.types.chan,
                    };
                    b.select(w, &[case(true, s), case(false, s2)], choice > 99);
                }
                12 => b.emit_ext(Op::MapGet, w, p, s, &[ExtArg::Type(self.types.map)]),
                13 => {
                    let result = b.result(0);
                    b.emit(Op::Mov, result, p, ());
                }
                14 => b.emit_ext(Op::StrNext, w, s, w2, &[ExtArg::SlotDef(w2)]),
                _ if depth > 0 => return,
                _ => b.emit(Op::LdNil, p, (), ()),
            }
        }
    }

    pub fn finish(mut self) -> Function {
        if self.b.flags() & bytecode::func::HAS_DEFER != 0 {
            let (next, none) = (self.b.label(), self.b.label());
            let closure = self.pointers[0];
            self.b.bind_recover();
            self.b.bind(next);
            self.b.branch(Op::NextDefer, closure, (), none);
            self.b.call_closure(closure, 0, 0);
            self.b.jump_back(next);
            self.b.bind(none);
        }
        self.b.emit(Op::Ret, (), (), ());
        self.b.finish().expect("the frame is small")
    }
}

/// A valid function made from choices.
pub fn random_function(types: &Types, callee: *const Func, choices: &[u8]) -> Function {
    let mut random = Random::new(types, callee, choices.first().is_some_and(|c| c % 2 == 1));
    random.steps(&mut choices.iter(), 0);
    random.finish()
}

/// A copy to corrupt.
pub fn copy(f: &Function) -> Function {
    Function {
        name: f.name.clone(),
        id: f.id,
        flags: f.flags,
        code: f.code.clone(),
        frame_slots: f.frame_slots,
        out_slots: f.out_slots,
        arg_slots: f.arg_slots,
        result_slots: f.result_slots,
        slot_is_pointer: f.slot_is_pointer.clone(),
        maps: f.maps.clone(),
        entry_map: f.entry_map,
        panic_map: f.panic_map,
        address_taken: f.address_taken.clone(),
        recover_pc: f.recover_pc,
        lines: f.lines.clone(),
        files: f.files.clone(),
        decl_line: f.decl_line,
        vars: f.vars.clone(),
        arg_words: f.arg_words.clone(),
        func_pool: f.func_pool.clone(),
        type_pool: f.type_pool.clone(),
        string_pool: f.string_pool.clone(),
        global_pool: f.global_pool.clone(),
        native_pool: f.native_pool.clone(),
    }
}

/// Word offsets of the function's instructions with the operation.
pub fn find(f: &Function, op: Op) -> Vec<usize> {
    let mut pcs = Vec::new();
    let mut pc = 0;
    while pc < f.code.len() {
        let instr = bytecode::isa::Instr::unpack(f.code[pc]).expect("assembled code");
        if instr.op == op {
            pcs.push(pc);
        }
        pc += instr.words();
    }
    pcs
}
