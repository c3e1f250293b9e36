//! The verifier and the assembler against each other: what is assembled passes, what is corrupted is refused (or harmless) and never makes
//! the verifier, the listing or the liveness analysis panic.

mod common;

use bytecode::func::{FuncId, Function, Safepoint};
use bytecode::isa::{Instr, Op};
use bytecode::text::listing;
use bytecode::verify::verify;
use common::*;
use compiler::asm::FnBuilder;
use proptest::collection::vec;
use proptest::prelude::*;

/// A corruption: which part, where, and what with.
type Damage = (u8, u32, u64);

fn damage(f: &mut Function, (kind, at, with): Damage) {
    let at = at as usize;
    let word = at % f.code.len();
    match kind % 14 {
        0 => f.code[word] = with,
        1 => f.code[word] ^= 1 << (with % 64),
        // A field of an instruction to a small number.
        2 | 3 => {
            let shift = 16 * (1 + with % 3);
            f.code[word] = f.code[word] & !(0xffff << shift) | (with >> 8 & 0x3f) << shift;
        }
        // Another operation with the same fields.
        4 => f.code[word] = f.code[word] & !0xffff | (with % (bytecode::isa::OP_COUNT as u64)),
        5 => {
            f.code.remove(word);
            if f.code.is_empty() {
                f.code.push(with);
            }
        }
        6 => f.code.truncate(word.max(1)),
        7 if !f.maps.is_empty() => {
            let map = at % f.maps.len();
            let bit = with as usize % f.slot_is_pointer.len();
            let old = f.maps[map][bit];
            f.maps[map].set(bit, !old);
        }
        8 => {
            let slot = at % f.slot_is_pointer.len();
            let old = f.slot_is_pointer[slot];
            f.slot_is_pointer.set(slot, !old);
        }
        9 => f.recover_pc = (with % 3 > 0).then_some(with as u32 >> 8),
        10 => f.frame_slots = f.frame_slots.wrapping_add(with as u32 % 5).wrapping_sub(2),
        11 => f.out_slots = with as u32,
        12 => (f.entry_map, f.panic_map) = (with as u32 % 4, at as u32 % 4),
        _ => {
            f.arg_slots = with as u32 % 8;
            f.type_pool.truncate(at % 4);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_assembled_passes(choices in vec(any::<u8>(), 0..120)) {
        let f = random_function(&Types::new(), handle(1), &choices);
        if let Err(error) = verify(&f) {
            panic!("{error}\n{}", listing(&f, &TestNames));
        }
    }

    #[test]
    fn damage_never_panics(
        choices in vec(any::<u8>(), 0..60),
        damages in vec((any::<u8>(), any::<u32>(), any::<u64>()), 1..6),
    ) {
        let mut f = random_function(&Types::new(), handle(1), &choices);
        for d in damages {
            damage(&mut f, d);
            let _ = verify(&f);
        }
    }

    /// Taking a slot out of a map makes a later use of it stale, or else nothing uses it: maps name nothing that is dead.
    #[test]
    fn maps_hold_no_more_than_is_needed(choices in vec(any::<u8>(), 0..80), at in any::<u32>(), bit in any::<u32>()) {
        let f = random_function(&Types::new(), handle(1), &choices);
        let used: Vec<usize> = (0..f.maps.len())
            .filter(|m| *m as u32 != f.entry_map && *m as u32 != f.panic_map)
            .collect();
        prop_assume!(!used.is_empty());
        let map = used[at as usize % used.len()];
        let ones: Vec<usize> = f.maps[map].iter_ones().collect();
        prop_assume!(!ones.is_empty());
        let slot = ones[bit as usize % ones.len()];
        let mut broken = copy(&f);
        broken.maps[map].set(slot, false);
        prop_assert!(verify(&broken).is_err(), "slot {} of map {:?} of\n{}", slot, ones, listing(&f, &TestNames));
    }
}

/// A loop with a call in it: `for i := 0; i < n; i++ { p = f(p) }; return p`.
fn sample() -> Function {
    let mut b = FnBuilder::new(
        "main.sample".to_owned(),
        FuncId(7),
        0,
        &[true, false],
        &[true],
    );
    let (i, p) = (b.local(WORD), b.local(PTR));
    let (top, done) = (b.label(), b.label());
    let (start, n) = (b.param(0), b.param(1));
    b.emit(Op::LdI, i, 0, ());
    b.emit(Op::Mov, p, start, ());
    b.branch(Op::JLeS, n, i, done);
    b.bind(top);
    let (arg, result) = (b.out(0), b.out(1));
    b.emit(Op::Mov, arg, p, ());
    b.call(handle(1), 1, 1);
    b.emit(Op::Mov, p, result, ());
    b.branch_back(Op::IncJLtL, i, n, top);
    b.bind(done);
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    b.finish().expect("a small frame")
}

fn refused(f: &Function, why: &str) {
    match verify(f) {
        Ok(()) => panic!("passed, but: {why}\n{}", listing(f, &TestNames)),
        Err(error) => assert!(
            error.to_string().contains(why),
            "expected '{why}', got '{error}'"
        ),
    }
}

fn set_field(f: &mut Function, pc: usize, field: usize, value: u16) {
    let shift = 16 * (field + 1);
    f.code[pc] = f.code[pc] & !(0xffff << shift) | u64::from(value) << shift;
}

#[test]
fn a_jump_into_the_middle_of_an_instruction() {
    let mut f = sample();
    verify(&f).unwrap();
    let call = find(&f, Op::Call)[0];
    let branch = find(&f, Op::JLeS)[0];
    set_field(&mut f, branch, 2, (call + 1 - branch) as u16);
    refused(&f, &format!("jump to {}", call + 1));
}

#[test]
fn jumps_out_of_the_function() {
    for distance in [-30000i16, 30000] {
        let mut f = sample();
        let branch = find(&f, Op::JLeS)[0];
        set_field(&mut f, branch, 2, distance as u16);
        refused(&f, "jump to ");
    }
}

#[test]
fn a_map_that_lacks_a_live_pointer() {
    let mut f = sample();
    let back = find(&f, Op::IncJLtL)[0];
    let map = Safepoint::unpack(f.code[back + 1]).map as usize;
    let p = f.out_slots as usize + 1;
    assert!(f.maps[map][p]);
    f.maps[map].set(p, false);
    refused(&f, "may be unset, stale");
}

#[test]
fn a_map_that_names_an_unset_slot() {
    let mut f = sample();
    let call = find(&f, Op::Call)[0];
    let map = Safepoint::unpack(f.code[call + 2]).map as usize;
    let result = f.slot_is_pointer.len() - 1;
    f.maps[map].set(result, true);
    refused(&f, "may be unset or stale");
}

#[test]
fn a_map_that_names_a_word() {
    let mut f = sample();
    let i = f.out_slots as usize;
    f.maps[0].set(i, true);
    refused(&f, "a map names word slot");
}

#[test]
fn slots_out_of_range() {
    for slot in [500, 0xffff] {
        let mut f = sample();
        let mov = find(&f, Op::Mov)[0];
        set_field(&mut f, mov, 1, slot);
        refused(&f, "out of range");
    }
    // The return pc is no slot that code may touch.
    let mut f = sample();
    let load = find(&f, Op::LdI)[0];
    let pc = f.frame_slots as u16;
    set_field(&mut f, load, 0, pc);
    refused(&f, "out of range");
}

#[test]
fn slots_of_the_wrong_kind() {
    let mut f = sample();
    let load = find(&f, Op::LdI)[0];
    let p = f.out_slots as u16 + 1;
    set_field(&mut f, load, 0, p);
    refused(&f, "wrong kind");
    // A word argument as the pointer that the loop starts with.
    let mut f = sample();
    let mov = find(&f, Op::Mov)[0];
    let n = f.frame_slots as u16 + 2;
    set_field(&mut f, mov, 1, n);
    refused(&f, "a word is moved to pointer slot");
}

#[test]
fn pool_indices_out_of_range() {
    let mut f = sample();
    let call = find(&f, Op::Call)[0];
    f.code[call + 1] = 1;
    refused(&f, "extension word 0 out of range");
    let mut f = sample();
    f.code[call + 2] = Safepoint {
        map: 99,
        func: f.id,
    }
    .pack();
    refused(&f, "bad safepoint word");
    // A frame walk would take the frame for another function's.
    let mut f = sample();
    let map = Safepoint::unpack(f.code[call + 2]).map;
    f.code[call + 2] = Safepoint {
        map,
        func: FuncId(8),
    }
    .pack();
    refused(&f, "bad safepoint word");
}

#[test]
fn code_that_ends_too_soon() {
    let mut f = sample();
    f.code.pop();
    refused(&f, "runs off the end");
    let mut f = sample();
    let call = find(&f, Op::Call)[0];
    f.code.truncate(call + 1);
    refused(&f, "cut off");
    let mut f = sample();
    f.code.clear();
    refused(&f, "no code");
}

#[test]
fn arguments_do_not_outlive_a_safepoint() {
    let mut b = FnBuilder::new("main.f".to_owned(), FuncId(7), 0, &[true], &[]);
    let (arg, p) = (b.out(0), b.param(0));
    let types = Types::new();
    let q = b.local(PTR);
    b.emit(Op::Mov, arg, p, ());
    b.emit_ext(
        Op::New,
        q,
        (),
        (),
        &[compiler::asm::ExtArg::Type(types.int)],
    );
    b.call(handle(1), 1, 0);
    b.emit(Op::Ret, (), (), ());
    refused(&b.finish().unwrap(), "slot 0 may be unset");
}

#[test]
fn results_must_be_set() {
    let mut b = FnBuilder::new("main.f".to_owned(), FuncId(7), 0, &[false], &[true]);
    b.emit(Op::Ret, (), (), ());
    let mut f = b.finish().unwrap();
    // The assembler clears what is not set on every path: without that it is refused.
    verify(&f).unwrap();
    let nop = Instr::new(Op::Nop, 0, 0, 0).pack();
    for pc in find(&f, Op::LdNil) {
        f.code[pc] = nop;
    }
    refused(&f, "unset or stale");
}
