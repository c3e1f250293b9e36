//! The assembler: the lowering emits instructions over virtual slots and labels here; `finish` lays out the frame, resolves
//! jumps, computes pointer maps and gives a `Function`.
//!
//! Frame layout, from the frame pointer up: outgoing area, locals and temporaries, closure context if any | return pc | parameters,
//! results. Virtual slots are tagged with the area they belong to, since an area's place is known only when all others
//! are complete.

use std::sync::Arc;

use bitvec::vec::BitVec;
use bytecode::func::{
    ArgWord, Func, FuncId, Function, HAS_CTX, HAS_DEFER, LineEntry, Safepoint, VarSlot,
};
use bytecode::isa::{Ext, Field, Instr, NO_SLOT, Op};
use bytecode::rtype::RType;
use rustc_hash::FxHashMap;
use smallvec::SmallVec;

use crate::liveness;

/// A virtual frame slot.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Slot(u32);

const AREA_SHIFT: u32 = 28;
const INDEX_MASK: u32 = (1 << AREA_SHIFT) - 1;
const LOCAL: u32 = 0;
const OUT: u32 = 1;
/// Parameters, then results.
const PARAM: u32 = 2;
const CTX: u32 = 3;

impl Slot {
    fn new(area: u32, index: u32) -> Slot {
        Slot(area << AREA_SHIFT | index)
    }
    fn area(self) -> u32 {
        self.0 >> AREA_SHIFT
    }
    fn index(self) -> u32 {
        self.0 & INDEX_MASK
    }
    /// The k-th slot after this one.
    pub fn offset(self, k: u32) -> Slot {
        Slot(self.0 + k)
    }
    /// Whether the slot lies in the outgoing area.
    pub fn is_out(self) -> bool {
        self.area() == OUT
    }
}

/// A field of an instruction: a slot or an immediate.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Opd {
    Slot(Slot),
    Imm(i64),
    /// Unused field or absent optional slot.
    None,
}

impl From<Slot> for Opd {
    fn from(slot: Slot) -> Opd {
        Opd::Slot(slot)
    }
}
impl From<Option<Slot>> for Opd {
    fn from(slot: Option<Slot>) -> Opd {
        slot.map_or(Opd::None, Opd::Slot)
    }
}
impl From<i64> for Opd {
    fn from(value: i64) -> Opd {
        Opd::Imm(value)
    }
}
impl From<i32> for Opd {
    fn from(value: i32) -> Opd {
        Opd::Imm(i64::from(value))
    }
}
impl From<u32> for Opd {
    fn from(value: u32) -> Opd {
        Opd::Imm(i64::from(value))
    }
}
impl From<()> for Opd {
    fn from((): ()) -> Opd {
        Opd::None
    }
}

/// An extension word before layout. The safepoint word is added by the assembler.
#[derive(Clone, Debug)]
pub enum ExtArg {
    Const(u64),
    Func(*const Func),
    Type(*const RType),
    /// Interface type, concrete type.
    Itab(*const RType, *const RType),
    /// Makes two words.
    Str(Arc<[u8]>),
    /// Address of a package variable, byte offset into it.
    Global(*mut u8, u32),
    Native(Arc<str>),
    Slots([Option<Slot>; 4]),
    SlotDef(Slot),
}

/// A case of a `Select`.
#[derive(Clone, Copy, Debug)]
pub struct SelectCase {
    pub send: bool,
    pub channel: Slot,
    /// Value to send, or where a received one goes.
    pub value: Option<Slot>,
    pub ok: Option<Slot>,
    /// The channel type.
    pub typ: *const RType,
}

/// A place to jump to.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Label(u32);

/// The frame needs more slots than an instruction can name.
#[derive(Debug)]
pub struct FrameTooLarge {
    pub slots: u64,
}

enum Word {
    Raw(u64),
    Slots([Option<Slot>; 4]),
    SlotDef(Slot),
    Safepoint,
    /// Two jumps of a table.
    Targets(Label, Option<Label>),
    /// First word of a select case.
    Case(SelectCase),
}

struct Ins {
    op: Op,
    fields: [Opd; 3],
    ext: SmallVec<[Word; 2]>,
    target: Option<Label>,
    native_args: Option<Box<[bool]>>,
}

/// Builds one function.
pub struct FnBuilder {
    name: String,
    id: FuncId,
    flags: u32,
    params: Vec<bool>,
    results: Vec<bool>,
    locals: Vec<bool>,
    free_temps: FxHashMap<SmallVec<[bool; 4]>, Vec<Slot>>,
    temp_patterns: FxHashMap<Slot, SmallVec<[bool; 4]>>,
    out_slots: u32,
    instrs: Vec<Ins>,
    /// Instruction index of each bound label.
    labels: Vec<Option<u32>>,
    /// Where the last label was bound.
    last_bound: Option<u32>,
    address_taken: Vec<(Slot, u32)>,
    recover: Option<Label>,
    lines: Vec<(u32, u32, u32)>,
    files: Vec<Arc<str>>,
    vars: Vec<(VarSlot, Slot)>,
    arg_words: Vec<ArgWord>,
    decl_line: u32,
    func_pool: Pool<*const Func>,
    type_pool: Pool<*const RType>,
    string_pool: Pool<Arc<[u8]>>,
    global_pool: Pool<*mut u8>,
    native_pool: Pool<Arc<str>>,
}

/// Code words, the word offset of each instruction (and of the end), and the pointer patterns of native calls' arguments by offset.
type Encoded = (Vec<u64>, Vec<usize>, FxHashMap<u32, Box<[bool]>>);

/// Values with an index each.
struct Pool<T> {
    items: Vec<T>,
    known: FxHashMap<T, u32>,
}

impl<T: Clone + Eq + std::hash::Hash> Pool<T> {
    fn new() -> Pool<T> {
        Pool {
            items: Vec::new(),
            known: FxHashMap::default(),
        }
    }
    fn add(&mut self, item: T) -> u64 {
        let next = self.items.len() as u32;
        let index = *self.known.entry(item.clone()).or_insert(next);
        if index == next {
            self.items.push(item);
        }
        u64::from(index)
    }
}

impl FnBuilder {
    /// `params` and `results`: for each slot whether it holds a pointer.
    pub fn new(
        name: String,
        id: FuncId,
        flags: u32,
        params: &[bool],
        results: &[bool],
    ) -> FnBuilder {
        FnBuilder {
            name,
            id,
            flags,
            params: params.to_vec(),
            results: results.to_vec(),
            locals: Vec::new(),
            free_temps: FxHashMap::default(),
            temp_patterns: FxHashMap::default(),
            out_slots: 0,
            instrs: Vec::new(),
            labels: Vec::new(),
            last_bound: None,
            address_taken: Vec::new(),
            recover: None,
            lines: Vec::new(),
            files: Vec::new(),
            vars: Vec::new(),
            arg_words: Vec::new(),
            decl_line: 0,
            func_pool: Pool::new(),
            type_pool: Pool::new(),
            string_pool: Pool::new(),
            global_pool: Pool::new(),
            native_pool: Pool::new(),
        }
    }

    // ---- slots

    /// The k-th parameter slot.
    pub fn param(&self, k: u32) -> Slot {
        Slot::new(PARAM, k)
    }
    /// The k-th result slot.
    pub fn result(&self, k: u32) -> Slot {
        Slot::new(PARAM, self.params.len() as u32 + k)
    }
    /// The k-th slot of the outgoing area.
    pub fn out(&mut self, k: u32) -> Slot {
        self.out_slots = self.out_slots.max(k + 1);
        Slot::new(OUT, k)
    }
    /// Makes sure that the outgoing area has at least `n` slots.
    pub fn reserve_out(&mut self, n: u32) {
        self.out_slots = self.out_slots.max(n);
    }
    /// The slot where the closure of this function is found (the function must be built with `HAS_CTX`).
    pub fn ctx(&self) -> Slot {
        debug_assert!(self.flags & HAS_CTX != 0);
        Slot::new(CTX, 0)
    }
    /// Slots for a variable.
    pub fn local(&mut self, pattern: &[bool]) -> Slot {
        let slot = Slot::new(LOCAL, self.locals.len() as u32);
        self.locals.extend_from_slice(pattern);
        slot
    }
    /// Slots for a temporary value; of those given back, one with the same pattern is used again.
    pub fn temp(&mut self, pattern: &[bool]) -> Slot {
        let key: SmallVec<[bool; 4]> = SmallVec::from_slice(pattern);
        if let Some(slot) = self.free_temps.get_mut(&key).and_then(Vec::pop) {
            return slot;
        }
        let slot = self.local(pattern);
        self.temp_patterns.insert(slot, key);
        slot
    }
    /// Gives a temporary back. Slots that are no temporaries are ignored.
    pub fn free_temp(&mut self, slot: Slot) {
        if let Some(pattern) = self.temp_patterns.get(&slot) {
            let free = self.free_temps.entry(pattern.clone()).or_default();
            debug_assert!(
                !free.contains(&slot),
                "temporary given back twice in {}",
                self.name
            );
            free.push(slot);
        }
    }
    /// Whether the slot holds a pointer. Outgoing slots have no fixed kind.
    pub fn is_pointer(&self, slot: Slot) -> Option<bool> {
        let i = slot.index() as usize;
        match slot.area() {
            LOCAL => self.locals.get(i).copied(),
            PARAM if i < self.params.len() => Some(self.params[i]),
            PARAM => self.results.get(i - self.params.len()).copied(),
            CTX => Some(true),
            _ => None,
        }
    }
    /// The variable's address is taken and it stays in the frame: it is in every map and cleared at entry where it holds pointers.
    pub fn mark_address_taken(&mut self, slot: Slot, slots: u32) {
        self.address_taken.push((slot, slots));
    }

    // ---- labels and positions

    pub fn label(&mut self) -> Label {
        self.labels.push(None);
        Label(self.labels.len() as u32 - 1)
    }
    pub fn bind(&mut self, label: Label) {
        debug_assert!(self.labels[label.0 as usize].is_none(), "label bound twice");
        self.last_bound = Some(self.instrs.len() as u32);
        self.labels[label.0 as usize] = self.last_bound;
    }
    /// Number of instructions emitted so far.
    pub fn position(&self) -> usize {
        self.instrs.len()
    }
    /// Whether the next instruction can be reached by falling through or by a label bound here.
    pub fn reachable(&self) -> bool {
        self.last_bound == Some(self.instrs.len() as u32)
            || self
                .instrs
                .last()
                .is_none_or(|ins| Instr::new(ins.op, 0, 0, 0).falls_through())
    }
    pub fn set_pos(&mut self, file: &Arc<str>, line: u32) {
        let index = match self.files.iter().rposition(|f| f == file) {
            Some(index) => index,
            None => {
                self.files.push(file.clone());
                self.files.len() - 1
            }
        } as u32;
        let at = self.instrs.len() as u32;
        match self.lines.last_mut() {
            Some(last) if last.1 == index && last.2 == line => {}
            Some(last) if last.0 == at => (last.1, last.2) = (index, line),
            _ => self.lines.push((at, index, line)),
        }
    }
    pub fn set_decl_line(&mut self, line: u32) {
        self.decl_line = line;
    }
    /// Names the slots of a variable.
    pub fn var(&mut self, name: &str, slot: Slot, slots: u32, boxed: bool, typ: *const RType) {
        let var = VarSlot {
            name: name.to_owned(),
            slot: 0,
            slots,
            address_taken: false,
            boxed,
            typ,
        };
        self.vars.push((var, slot));
    }
    pub fn set_arg_words(&mut self, words: Vec<ArgWord>) {
        self.arg_words = words;
    }
    pub fn flags(&self) -> u32 {
        self.flags
    }
    pub fn add_flags(&mut self, flags: u32) {
        self.flags |= flags;
    }
    /// The next instruction is the `NextDefer` where a recovered frame goes on.
    pub fn bind_recover(&mut self) {
        let label = self.label();
        self.bind(label);
        self.recover = Some(label);
        self.flags |= HAS_DEFER;
    }

    // ---- instructions

    pub fn emit(&mut self, op: Op, a: impl Into<Opd>, b: impl Into<Opd>, c: impl Into<Opd>) {
        self.push(op, [a.into(), b.into(), c.into()], SmallVec::new(), None);
    }

    pub fn emit_ext(
        &mut self,
        op: Op,
        a: impl Into<Opd>,
        b: impl Into<Opd>,
        c: impl Into<Opd>,
        ext: &[ExtArg],
    ) {
        let mut words = SmallVec::new();
        for arg in ext {
            match arg {
                ExtArg::Const(value) => words.push(Word::Raw(*value)),
                ExtArg::Func(func) => words.push(Word::Raw(self.func_pool.add(*func))),
                ExtArg::Type(typ) => words.push(Word::Raw(self.type_pool.add(*typ))),
                ExtArg::Itab(inter, typ) => {
                    let pair = self.type_pool.add(*inter) << 32 | self.type_pool.add(*typ);
                    words.push(Word::Raw(pair));
                }
                ExtArg::Str(text) => {
                    words.push(Word::Raw(self.string_pool.add(text.clone())));
                    words.push(Word::Raw(text.len() as u64));
                }
                ExtArg::Global(base, offset) => {
                    words.push(Word::Raw(
                        self.global_pool.add(*base) << 32 | u64::from(*offset),
                    ));
                }
                ExtArg::Native(name) => words.push(Word::Raw(self.native_pool.add(name.clone()))),
                ExtArg::Slots(slots) => words.push(Word::Slots(*slots)),
                ExtArg::SlotDef(slot) => words.push(Word::SlotDef(*slot)),
            }
        }
        self.push(op, [a.into(), b.into(), c.into()], words, None);
    }

    fn push(
        &mut self,
        op: Op,
        fields: [Opd; 3],
        mut ext: SmallVec<[Word; 2]>,
        target: Option<Label>,
    ) {
        if op == Op::Mov && fields[0] == fields[1] {
            return;
        }
        let info = op.info();
        if info.ext.last() == Some(&Ext::Safepoint) {
            ext.push(Word::Safepoint);
        }
        debug_assert!(
            ext.len() == info.ext.len() || matches!(op, Op::JmpTable | Op::Select),
            "{}: {} extension words",
            info.text,
            ext.len()
        );
        for opd in fields {
            if let Opd::Slot(slot) = opd
                && slot.is_out()
            {
                self.out_slots = self.out_slots.max(slot.index() + 1);
            }
        }
        self.instrs.push(Ins {
            op,
            fields,
            ext,
            target,
            native_args: None,
        });
    }

    pub fn jump(&mut self, label: Label) {
        self.push(Op::Jmp, [Opd::None; 3], SmallVec::new(), Some(label));
    }
    /// A conditional jump: `op` is one of the `J*` opcodes, a and b its operands.
    pub fn branch(&mut self, op: Op, a: impl Into<Opd>, b: impl Into<Opd>, label: Label) {
        self.push(
            op,
            [a.into(), b.into(), Opd::None],
            SmallVec::new(),
            Some(label),
        );
    }
    /// An unconditional jump backwards.
    pub fn jump_back(&mut self, label: Label) {
        self.push(Op::JmpL, [Opd::None; 3], SmallVec::new(), Some(label));
    }
    /// A conditional jump backwards; `op` is given in its forward form.
    pub fn branch_back(&mut self, op: Op, a: impl Into<Opd>, b: impl Into<Opd>, label: Label) {
        let (a, b) = (a.into(), b.into());
        let back = match op {
            Op::JEq => Op::JEqL,
            Op::JNe => Op::JNeL,
            Op::JLtS => Op::JLtSL,
            Op::JLeS => Op::JLeSL,
            Op::JLtU => Op::JLtUL,
            Op::JNeI => Op::JNeIL,
            Op::JLtSI => Op::JLtSIL,
            Op::JLeSI => Op::JLeSIL,
            Op::JGtSI => Op::JGtSIL,
            Op::JGeSI => Op::JGeSIL,
            Op::JTrue => Op::JTrueL,
            Op::JFalse => Op::JFalseL,
            Op::JNotNil => Op::JNotNilL,
            Op::IncJLtL | Op::IncJLtIL => op,
            other => {
                // No looping form: jump forward to a back jump.
                let (taken, past) = (self.label(), self.label());
                self.branch(other, a, b, taken);
                self.jump(past);
                self.bind(taken);
                self.jump_back(label);
                self.bind(past);
                return;
            }
        };
        self.branch(back, a, b, label);
    }
    /// Jumps to `targets[slot]` when the (unsigned) word is below their number, else falls through.
    pub fn jump_table(&mut self, slot: Slot, targets: &[Label]) {
        let ext = targets
            .chunks(2)
            .map(|pair| Word::Targets(pair[0], pair.get(1).copied()))
            .collect();
        self.push(
            Op::JmpTable,
            [slot.into(), Opd::Imm(targets.len() as i64), Opd::None],
            ext,
            None,
        );
    }
    /// `index` receives the number of the case that went ahead, -1 for the default.
    pub fn select(&mut self, index: Slot, cases: &[SelectCase], has_default: bool) {
        let mut ext = SmallVec::new();
        for case in cases {
            ext.push(Word::Case(*case));
            ext.push(Word::Raw(self.type_pool.add(case.typ)));
            ext.push(Word::Raw(0));
        }
        let fields = [
            index.into(),
            Opd::Imm(cases.len() as i64),
            Opd::Imm(i64::from(has_default)),
        ];
        self.push(Op::Select, fields, ext, None);
    }

    fn counts(&mut self, args: u32, results: u32) -> (Opd, Opd) {
        self.reserve_out(args + results);
        (Opd::Imm(i64::from(args)), Opd::Imm(i64::from(results)))
    }
    /// Calls a known function; arguments are in outgoing slots 0.., results follow them.
    pub fn call(&mut self, callee: *const Func, args: u32, results: u32) {
        let (args, results) = self.counts(args, results);
        self.emit_ext(Op::Call, (), args, results, &[ExtArg::Func(callee)]);
    }
    pub fn call_closure(&mut self, closure: Slot, args: u32, results: u32) {
        let (args, results) = self.counts(args, results);
        self.emit_ext(Op::CallClosure, closure, args, results, &[]);
    }
    /// Calls method number `method` of the itab in slot `tab`; the interface's data word is in outgoing slot 0 and counted in `args`.
    pub fn call_iface(&mut self, tab: Slot, method: u32, args: u32, results: u32) {
        let (args, results) = self.counts(args, results);
        self.emit_ext(
            Op::CallIface,
            tab,
            args,
            results,
            &[ExtArg::Const(u64::from(method))],
        );
    }
    /// Calls a native; `args` tells for each argument slot whether it holds a pointer.
    pub fn call_native(&mut self, name: &str, args: &[bool], results: u32) {
        let (n, results) = self.counts(args.len() as u32, results);
        self.emit_ext(
            Op::CallNative,
            (),
            n,
            results,
            &[ExtArg::Native(name.into())],
        );
        self.instrs.last_mut().expect("just pushed").native_args = Some(args.into());
    }

    // ---- the end

    /// Lays out frame and code and computes the maps.
    pub fn finish(mut self) -> Result<Function, FrameTooLarge> {
        if self
            .instrs
            .last()
            .is_none_or(|ins| Instr::new(ins.op, 0, 0, 0).falls_through())
            || self.labels.contains(&Some(self.instrs.len() as u32))
        {
            self.emit(Op::Trap, bytecode::isa::Trap::Unreachable as u32, (), ());
        }
        let has_ctx = self.flags & HAS_CTX != 0;
        let frame = u64::from(self.out_slots) + self.locals.len() as u64 + u64::from(has_ctx);
        let total = frame + 1 + (self.params.len() + self.results.len()) as u64;
        if total >= u64::from(NO_SLOT) {
            return Err(FrameTooLarge { slots: total });
        }
        let frame_slots = frame as u32;
        let mut slot_is_pointer: BitVec = BitVec::repeat(false, self.out_slots as usize);
        slot_is_pointer.extend(self.locals.iter());
        if has_ctx {
            slot_is_pointer.push(true);
        }
        slot_is_pointer.push(false);
        slot_is_pointer.extend(self.params.iter().chain(&self.results));

        let address_taken: Vec<(u32, u32)> = self
            .address_taken
            .iter()
            .map(|(slot, n)| (self.real(*slot, frame_slots), *n))
            .collect();

        // What must be cleared at entry is known after the analysis, and clearing moves the code: at most two rounds.
        let mut zero: Vec<u32> = Vec::new();
        loop {
            let (code, offsets, native_args) = self.encode(frame_slots, &zero);
            let recover_pc = self.recover.map(|label| {
                offsets[self.labels[label.0 as usize].expect("bound") as usize] as u32
            });
            let maps = liveness::analyse(&liveness::Input {
                code: &code,
                types: &self.type_pool.items,
                slot_is_pointer: &slot_is_pointer,
                frame_slots,
                arg_slots: self.params.len() as u32,
                address_taken: &address_taken,
                has_ctx,
                recover_pc,
                native_args: &native_args,
            });
            // Once cleared, a slot that was merely live at entry is so no more: the second answer may lack it.
            debug_assert!(
                zero.is_empty() || maps.zero_at_entry.iter().all(|slot| zero.contains(slot)),
                "clearing slots made others live at entry"
            );
            if zero.is_empty() && !maps.zero_at_entry.is_empty() {
                zero = maps.zero_at_entry;
                continue;
            }
            return Ok(self.function(
                code,
                &offsets,
                maps,
                slot_is_pointer,
                frame_slots,
                recover_pc,
                &address_taken,
            ));
        }
    }

    #[expect(
        clippy::too_many_arguments,
        reason = "the pieces of the result, each made once"
    )]
    fn function(
        self,
        mut code: Vec<u64>,
        offsets: &[usize],
        maps: liveness::Maps,
        slot_is_pointer: BitVec,
        frame_slots: u32,
        recover_pc: Option<u32>,
        address_taken: &[(u32, u32)],
    ) -> Function {
        for (pc, map) in &maps.at {
            let words = Instr::unpack(code[*pc as usize])
                .expect("assembled code")
                .words();
            code[*pc as usize + words - 1] = Safepoint {
                map: *map,
                func: self.id,
            }
            .pack();
        }
        let mut lines: Vec<LineEntry> = Vec::with_capacity(self.lines.len());
        for (at, file, line) in &self.lines {
            let pc = if lines.is_empty() {
                0
            } else {
                offsets[*at as usize] as u32
            };
            lines.push(LineEntry {
                pc,
                file: *file,
                line: *line,
            });
        }
        let vars = self
            .vars
            .iter()
            .map(|(var, slot)| {
                let slot = self.real(*slot, frame_slots);
                let taken = address_taken
                    .iter()
                    .any(|(first, n)| (*first..first + n).contains(&slot));
                VarSlot {
                    slot,
                    address_taken: taken,
                    ..var.clone()
                }
            })
            .collect();
        Function {
            name: self.name,
            id: self.id,
            flags: self.flags,
            code,
            frame_slots,
            out_slots: self.out_slots,
            arg_slots: self.params.len() as u32,
            result_slots: self.results.len() as u32,
            slot_is_pointer,
            maps: maps.maps,
            entry_map: maps.entry_map,
            panic_map: maps.panic_map,
            address_taken: address_taken.to_vec(),
            recover_pc,
            lines,
            files: self.files,
            decl_line: self.decl_line,
            vars,
            arg_words: self.arg_words,
            func_pool: self.func_pool.items,
            type_pool: self.type_pool.items,
            string_pool: self.string_pool.items,
            global_pool: self.global_pool.items,
            native_pool: self.native_pool.items,
        }
    }

    /// The frame slot of a virtual slot.
    fn real(&self, slot: Slot, frame_slots: u32) -> u32 {
        match slot.area() {
            OUT => slot.index(),
            LOCAL => self.out_slots + slot.index(),
            PARAM => frame_slots + 1 + slot.index(),
            _ => frame_slots - 1 + slot.index(),
        }
    }

    /// Encodes the code with `zero` cleared first. Gives the words, the word offset of each instruction (and of the end), and the native calls' patterns by
    /// offset.
    fn encode(&self, frame_slots: u32, zero: &[u32]) -> Encoded {
        let mut prologue = Vec::new();
        let mut i = 0;
        while i < zero.len() {
            let mut n = 1;
            while i + n < zero.len() && zero[i + n] == zero[i] + n as u32 {
                n += 1;
            }
            let instr = if n == 1 {
                Instr::new(Op::LdNil, zero[i] as u16, 0, 0)
            } else {
                Instr::new(Op::ZeroN, zero[i] as u16, n as u16, 0)
            };
            prologue.push(instr.pack());
            i += n;
        }

        // Short jumps reach 32767 words; those that don't become three instructions. Lengthening can only push others out of
        // reach, so this ends.
        let mut long = vec![false; self.instrs.len()];
        let mut offsets = vec![0usize; self.instrs.len() + 1];
        loop {
            let mut at = prologue.len();
            for (i, ins) in self.instrs.iter().enumerate() {
                offsets[i] = at;
                at += 1 + ins.ext.len() + if long[i] { 2 } else { 0 };
            }
            offsets[self.instrs.len()] = at;
            let mut changed = false;
            for (i, ins) in self.instrs.iter().enumerate() {
                if let Some(label) = ins.target
                    && !long[i]
                    && !matches!(ins.op, Op::Jmp | Op::JmpL)
                {
                    let distance = self.target(label, &offsets) - offsets[i] as i64;
                    if i16::try_from(distance).is_err() {
                        long[i] = true;
                        changed = true;
                    }
                }
            }
            if !changed {
                break;
            }
        }

        let mut code = prologue;
        code.reserve(offsets[self.instrs.len()]);
        let mut native_args = FxHashMap::default();
        for (i, ins) in self.instrs.iter().enumerate() {
            let at = offsets[i];
            debug_assert_eq!(at, code.len());
            if let Some(args) = &ins.native_args {
                native_args.insert(at as u32, args.clone());
            }
            let words = 1 + ins.ext.len();
            let mut instr = self.fields(ins, frame_slots);
            let distance = ins
                .target
                .map(|label| self.target(label, &offsets) - at as i64);
            if let Some(distance) = distance {
                if matches!(ins.op, Op::Jmp | Op::JmpL) {
                    instr = instr.with_imm32(
                        i32::try_from(distance).expect("functions are smaller than 16 GB"),
                    );
                } else if long[i] {
                    instr.c = words as u16 + 1;
                } else {
                    instr.c = distance as u16;
                }
            }
            code.push(instr.pack());
            for word in &ins.ext {
                code.push(self.ext_word(word, at, &offsets, frame_slots));
            }
            if long[i] {
                let far = distance.expect("only jumps are long") - words as i64 - 1;
                let over = Instr::new(Op::Jmp, 0, 0, 0).with_imm32(2);
                code.push(over.pack());
                let far = i32::try_from(far).expect("functions are smaller than 16 GB");
                code.push(Instr::new(Op::Jmp, 0, 0, 0).with_imm32(far).pack());
            }
        }
        (code, offsets, native_args)
    }

    fn target(&self, label: Label, offsets: &[usize]) -> i64 {
        let index = self.labels[label.0 as usize]
            .unwrap_or_else(|| panic!("a label of {} was never bound", self.name));
        offsets[index as usize] as i64
    }

    fn fields(&self, ins: &Ins, frame_slots: u32) -> Instr {
        let mut values = [0u16; 3];
        for ((value, opd), field) in values.iter_mut().zip(ins.fields).zip(ins.op.info().fields) {
            *value = match opd {
                Opd::Slot(slot) => {
                    debug_assert!(
                        !matches!(
                            field,
                            Field::Imm | Field::UImm | Field::Imm32 | Field::Jump | Field::None
                        ),
                        "{}: a slot where the table has {field:?}",
                        ins.op.info().text
                    );
                    self.real(slot, frame_slots) as u16
                }
                Opd::Imm(imm) => {
                    debug_assert!(
                        matches!(field, Field::Imm | Field::UImm | Field::Imm32 | Field::Jump),
                        "{}: an immediate where the table has {field:?}",
                        ins.op.info().text
                    );
                    debug_assert!(
                        match field {
                            Field::Imm => i16::try_from(imm).is_ok(),
                            Field::UImm => u16::try_from(imm).is_ok(),
                            _ => true,
                        },
                        "{}: immediate {imm} out of range",
                        ins.op.info().text
                    );
                    imm as u16
                }
                Opd::None if field == Field::OptWordUse => NO_SLOT,
                Opd::None => 0,
            };
        }
        let mut instr = Instr::new(ins.op, values[0], values[1], values[2]);
        if ins.op.info().fields[1] == Field::Imm32
            && let Opd::Imm(imm) = ins.fields[1]
        {
            debug_assert!(i32::try_from(imm).is_ok(), "ldi {imm}");
            instr = instr.with_imm32(imm as i32);
        }
        instr
    }

    fn ext_word(&self, word: &Word, at: usize, offsets: &[usize], frame_slots: u32) -> u64 {
        let slot = |slot: &Option<Slot>| {
            slot.map_or(u64::from(NO_SLOT), |s| u64::from(self.real(s, frame_slots)))
        };
        let jump = |label: Label| {
            let distance = self.target(label, offsets) - at as i64;
            u64::from(i32::try_from(distance).expect("functions are smaller than 16 GB") as u32)
        };
        match word {
            Word::Raw(value) => *value,
            Word::Slots(slots) => slots.iter().rev().fold(0, |bits, s| bits << 16 | slot(s)),
            Word::SlotDef(s) => slot(&Some(*s)),
            Word::Safepoint => 0,
            Word::Targets(low, high) => jump(*low) | high.map_or(0, jump) << 32,
            Word::Case(case) => {
                let kind = if case.send { 1 } else { 2 };
                kind | slot(&Some(case.channel)) << 16
                    | slot(&case.value) << 32
                    | slot(&case.ok) << 48
            }
        }
    }
}
