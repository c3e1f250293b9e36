//! Listings of assembled functions: frame layout, jumps and pointer maps as they come out. And how long large functions take.

mod common;

use std::time::Instant;

use bytecode::func::{FuncId, Function, HAS_CTX};
use bytecode::isa::Op;
use bytecode::text::listing;
use bytecode::verify::verify;
use common::*;
use compiler::asm::{ExtArg, FnBuilder, SelectCase};

fn builder(name: &str, flags: u32, params: &[bool], results: &[bool]) -> FnBuilder {
    let mut b = FnBuilder::new(name.to_owned(), FuncId(7), flags, params, results);
    b.set_decl_line(1);
    b.set_pos(&"dir/file.go".into(), 2);
    b
}

fn check(b: FnBuilder) -> String {
    let f = b.finish().expect("the frame fits");
    verify(&f).unwrap_or_else(|error| panic!("{error}\n{}", listing(&f, &TestNames)));
    listing(&f, &TestNames)
}

#[test]
fn a_loop() {
    let mut b = builder("main.sum", 0, SLICE, WORD);
    let types = Types::new();
    let (sum, i, v) = (b.local(WORD), b.local(WORD), b.temp(WORD));
    b.var("sum", sum, 1, false, types.int);
    let (s, length, result) = (b.param(0), b.param(1), b.result(0));
    let (top, done) = (b.label(), b.label());
    b.emit(Op::LdI, sum, 0, ());
    b.emit(Op::LdI, i, 0, ());
    b.set_pos(&"dir/file.go".into(), 3);
    b.branch(Op::JLeS, length, i, done);
    b.bind(top);
    b.emit(Op::LdXW, v, s, i);
    b.emit(Op::Add, sum, sum, v);
    b.branch_back(Op::IncJLtL, i, length, top);
    b.bind(done);
    b.set_pos(&"dir/file.go".into(), 5);
    b.emit(Op::Mov, result, sum, ());
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

#[test]
fn calls_of_every_kind() {
    let mut b = builder("main.calls", HAS_CTX, &[true, false, true], PTR);
    let (p, tab, data) = (b.param(0), b.param(1), b.param(2));
    let kept = b.local(PTR);
    let ctx = b.ctx();
    b.emit(Op::LdP, kept, ctx, 8);
    let first = b.out(0);
    b.emit(Op::Mov, first, p, ());
    b.call(handle(1), 1, 1);
    let result = b.out(1);
    b.emit(Op::Mov, p, result, ());
    let first = b.out(0);
    b.emit(Op::Mov, first, data, ());
    b.call_iface(tab, 2, 1, 0);
    let first = b.out(0);
    b.emit(Op::Mov, first, p, ());
    b.call_closure(kept, 1, 1);
    let (zeroth, first) = (b.out(0), b.out(1));
    b.emit(Op::Mov, zeroth, kept, ());
    b.emit(Op::LdI, first, 3, ());
    b.call_native("time.sleep", &[true, false], 0);
    let result = b.result(0);
    b.emit(Op::Mov, result, kept, ());
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

#[test]
fn an_address_taken_variable_is_in_every_map() {
    let mut b = builder("main.taken", 0, WORD, WORD);
    let types = Types::new();
    let s = b.local(STR);
    b.var("s", s, 2, false, types.string);
    b.mark_address_taken(s, 2);
    let (p, other) = (b.local(PTR), b.local(PTR));
    b.emit(Op::ZeroN, s, 2, ());
    b.emit(Op::LeaL, p, s, 0);
    b.emit_ext(Op::New, other, (), (), &[ExtArg::Type(types.int)]);
    let first = b.out(0);
    b.emit(Op::Mov, first, p, ());
    b.call(handle(1), 1, 0);
    let result = b.result(0);
    b.emit(Op::LdW, result, other, 0);
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

#[test]
fn defers_keep_results_and_the_epilogue_alive() {
    let mut b = builder("main.defers", 0, PTR, PTR);
    let closure = b.local(PTR);
    let done = b.label();
    b.emit_ext(
        Op::NewClosure,
        closure,
        0,
        (),
        &[ExtArg::Func(handle(2)), ExtArg::Const(0)],
    );
    b.emit(Op::Defer, closure, (), ());
    let (p, result) = (b.param(0), b.result(0));
    b.branch(Op::JNil, p, (), done);
    b.emit(Op::Mov, result, p, ());
    b.call(handle(1), 0, 0);
    b.bind(done);
    let (next, none) = (b.label(), b.label());
    let deferred = b.local(PTR);
    b.bind_recover();
    b.bind(next);
    b.branch(Op::NextDefer, deferred, (), none);
    b.call_closure(deferred, 0, 0);
    b.jump_back(next);
    b.bind(none);
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

#[test]
fn a_select() {
    let mut b = builder("main.sel", 0, PTR, WORD);
    let types = Types::new();
    let (index, ok) = (b.local(WORD), b.local(WORD));
    let (sent, got) = (b.local(STR), b.local(STR));
    let c = b.param(0);
    b.emit_ext(Op::LdStr, sent, (), (), &[ExtArg::Str((*b"hi").into())]);
    b.emit(Op::ZeroN, got, 2, ());
    b.emit(Op::LdI, ok, 0, ());
    let cases = [
        SelectCase {
            send: true,
            channel: c,
            value: Some(sent),
            ok: None,
            typ: types.chan,
        },
        SelectCase {
            send: false,
            channel: c,
            value: Some(got),
            ok: Some(ok),
            typ: types.chan,
        },
        SelectCase {
            send: false,
            channel: c,
            value: None,
            ok: None,
            typ: types.chan,
        },
    ];
    b.select(index, &cases, true);
    let result = b.result(0);
    b.emit(Op::Add, result, index, ok);
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

#[test]
fn a_jump_table() {
    let mut b = builder("main.table", 0, WORD, WORD);
    let (x, result) = (b.param(0), b.result(0));
    let labels: Vec<_> = (0..3).map(|_| b.label()).collect();
    let done = b.label();
    b.jump_table(x, &labels);
    b.emit(Op::LdI, result, -1, ());
    b.jump(done);
    for (i, label) in labels.iter().enumerate() {
        b.bind(*label);
        b.emit(Op::LdI, result, i as i64 * 10, ());
        b.jump(done);
    }
    b.bind(done);
    b.emit(Op::Ret, (), (), ());
    insta::assert_snapshot!(check(b));
}

/// Conditional jumps reach 32767 words; past that they go by way of an unconditional one.
#[test]
fn long_jumps() {
    let mut b = builder("main.long", 0, WORD, WORD);
    let (x, result) = (b.param(0), b.result(0));
    let (top, end) = (b.label(), b.label());
    b.emit(Op::LdI, result, 0, ());
    b.bind(top);
    b.branch(Op::JEqI, x, 0, end);
    for _ in 0..40_000 {
        b.emit(Op::Add, result, result, x);
    }
    b.branch_back(Op::IncJLtIL, x, 100, top);
    b.bind(end);
    b.emit(Op::Ret, (), (), ());
    let text = check(b);
    let lines: Vec<&str> = text.lines().collect();
    let parts = [&lines[..12], &["..."], &lines[lines.len() - 8..]];
    insta::assert_snapshot!(parts.concat().join("\n"));
}

/// Assembles and verifies, and tells how long that took: `cargo test --release -- --nocapture large`.
fn timed(what: &str, b: FnBuilder) -> Function {
    let start = Instant::now();
    let f = b.finish().expect("the frame fits");
    let assembled = start.elapsed();
    verify(&f).unwrap_or_else(|error| panic!("{what}: {error}"));
    let verified = start.elapsed() - assembled;
    println!(
        "{what}: {} words, {} slots, {} maps: assembled in {assembled:?}, verified in {verified:?}",
        f.code.len(),
        f.slot_is_pointer.len(),
        f.maps.len()
    );
    f
}

#[test]
fn large_straight_code() {
    let mut b = builder("main.straight", 0, WORD, WORD);
    let (x, result) = (b.param(0), b.result(0));
    b.emit(Op::LdI, result, 0, ());
    for _ in 0..100_000 {
        b.emit(Op::Add, result, result, x);
    }
    b.emit(Op::Ret, (), (), ());
    timed("100,000 additions", b);
}

/// As the initialisation of a large table: a call after the other, with a temporary each.
#[test]
fn large_number_of_calls() {
    let mut b = builder("main.calls", 0, PTR, PTR);
    let p = b.param(0);
    for _ in 0..25_000 {
        let t = b.temp(PTR);
        let (arg, result) = (b.out(0), b.out(1));
        b.emit(Op::Mov, arg, p, ());
        b.call(handle_once(), 1, 1);
        b.emit(Op::Mov, t, result, ());
        b.emit(Op::Mov, p, t, ());
        b.free_temp(t);
    }
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    timed("25,000 calls", b);
}

/// Branches that set a pointer on one side only, without any safepoint between.
#[test]
fn large_number_of_branches() {
    let mut b = builder("main.branches", 0, &[true, false], PTR);
    let (p, x) = (b.param(0), b.param(1));
    for i in 0..20_000 {
        let skip = b.label();
        let t = b.local(PTR);
        b.branch(Op::JEqI, x, i % 1000, skip);
        b.emit(Op::Mov, t, p, ());
        b.emit(Op::LdW, x, t, 0);
        b.bind(skip);
    }
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    timed("20,000 branches with a pointer each", b);
}

/// The same with an else: which of the ways to a join is followed first must not matter.
#[test]
fn large_number_of_choices() {
    let mut b = builder("main.choices", 0, &[true, false], PTR);
    let (p, x) = (b.param(0), b.param(1));
    for i in 0..20_000 {
        let (no, done) = (b.label(), b.label());
        let t = b.local(PTR);
        b.branch(Op::JEqI, x, i % 1000, no);
        b.emit(Op::Mov, t, p, ());
        b.emit(Op::LdW, x, t, 0);
        b.jump(done);
        b.bind(no);
        b.emit(Op::AddI, x, x, 1);
        b.bind(done);
    }
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    timed("20,000 choices with a pointer each", b);
}

/// A switch with 50,000 cases.
#[test]
fn large_jump_table() {
    let mut b = builder("main.switch", 0, WORD, WORD);
    let (x, result) = (b.param(0), b.result(0));
    let labels: Vec<_> = (0..50_000).map(|_| b.label()).collect();
    let done = b.label();
    b.jump_table(x, &labels);
    b.emit(Op::LdI, result, 0, ());
    for (i, label) in labels.iter().enumerate() {
        b.bind(*label);
        b.emit(Op::LdI, result, i as i64, ());
        b.jump(done);
    }
    b.bind(done);
    b.emit(Op::Ret, (), (), ());
    timed("50,000 cases", b);
}

/// Loops one after the other and inside each other, with pointers that live across them.
#[test]
fn large_number_of_loops() {
    let mut b = builder("main.loops", 0, &[true, false], PTR);
    let (p, x) = (b.param(0), b.param(1));
    for _ in 0..4_000 {
        let (outer, inner) = (b.label(), b.label());
        let (t, i) = (b.local(PTR), b.local(WORD));
        b.emit(Op::Mov, t, p, ());
        b.bind(outer);
        b.emit(Op::LdI, i, 0, ());
        b.bind(inner);
        b.emit(Op::LdW, x, t, 0);
        b.branch_back(Op::IncJLtIL, i, 10, inner);
        b.branch_back(Op::JNeI, x, 5, outer);
    }
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    timed("8,000 loops with 4,000 pointers", b);
}

/// Branches all of whose pointers live to the end of a loop around them, so that every block's state is large.
#[test]
fn large_number_of_live_pointers() {
    let mut b = builder("main.live", 0, &[true, false], PTR);
    let (p, x) = (b.param(0), b.param(1));
    let top = b.label();
    let all: Vec<_> = (0..3_000).map(|_| b.local(PTR)).collect();
    for t in &all {
        b.emit(Op::Mov, *t, p, ());
    }
    b.bind(top);
    for t in &all {
        let skip = b.label();
        b.branch(Op::JNil, *t, (), skip);
        b.call(handle_once(), 0, 0);
        b.bind(skip);
    }
    b.branch_back(Op::JNeI, x, 5, top);
    let result = b.result(0);
    b.emit(Op::Mov, result, p, ());
    b.emit(Op::Ret, (), (), ());
    timed("3,000 pointers live across 3,000 calls in a loop", b);
}

fn handle_once() -> *const bytecode::func::Func {
    use std::sync::OnceLock;
    static HANDLE: OnceLock<usize> = OnceLock::new();
    *HANDLE.get_or_init(|| handle(1) as usize) as *const _
}
