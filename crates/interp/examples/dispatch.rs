//! What instructions cost, on functions assembled by hand: `cargo run --release -p morestack-interp --example dispatch`.

use std::time::Instant;

use bytecode::func::{Func, HAS_CTX};
use bytecode::isa::{NO_SLOT, Op};
use bytecode::registry::TypeRegistry;
use bytecode::rtype::{Kind, RType};
use runtime::runtime::Runtime;
use runtime::stress::Stress;

#[path = "../tests/support/mod.rs"]
mod support;
use support::{Asm, func_value, machine};

const NONE: usize = NO_SLOT as usize;

struct Types {
    int: *const RType,
    ints: *const RType,
    map: *const RType,
    chan: *const RType,
    pair: *const RType,
}

type Build = fn(&'static Runtime, &Types) -> &'static Func;

/// fib(36), the recursive one.
fn fib(rt: &'static Runtime, _: &Types) -> &'static Func {
    // 0, 1: outgoing; 2: partial result. Parameter at 4, result at 5.
    let mut f = Asm::new(rt, "main.fib", (3, 2, 1, 1), &[]);
    let (func, recurse) = (f.func, f.label());
    f.branch(Op::JGeSI, 4, 2, recurse);
    f.op(Op::Mov, 5, 4, 0).op(Op::Ret, 0, 0, 0);
    f.bind(recurse);
    f.op(Op::AddI, 0, 4, -1i64 as usize)
        .call(func, 1, 1, &[])
        .op(Op::Mov, 2, 1, 0);
    f.op(Op::AddI, 0, 4, -2i64 as usize).call(func, 1, 1, &[]);
    f.op(Op::Add, 5, 2, 1).op(Op::Ret, 0, 0, 0);
    let fib = f.finish(rt);
    let mut f = Asm::new(rt, "main.main", (2, 2, 0, 0), &[]);
    f.imm(Op::LdI, 0, 36)
        .call(fib, 1, 1, &[])
        .op(Op::Ret, 0, 0, 0);
    f.finish(rt)
}

/// Two nested loops over 10,000 with three operations inside.
fn nested(rt: &'static Runtime, _: &Types) -> &'static Func {
    // 2: i, 3: j, 4: sum, 5: n
    let mut f = Asm::new(rt, "main.main", (8, 0, 0, 0), &[]);
    f.imm(Op::LdI, 4, 0)
        .imm(Op::LdI, 5, 10_000)
        .imm(Op::LdI, 2, 0);
    let outer = f.here();
    f.imm(Op::LdI, 3, 0);
    let inner = f.here();
    f.op(Op::Xor, 6, 2, 3)
        .op(Op::Add, 4, 4, 6)
        .op(Op::AddI, 4, 4, 3);
    f.branch(Op::IncJLtL, 3, 5, inner).point(&[]);
    f.branch(Op::IncJLtL, 2, 5, outer)
        .point(&[])
        .op(Op::Ret, 0, 0, 0);
    f.finish(rt)
}

/// Runs `body` a million times; 0 is the counter, 1 to 4 are words, 5 a pointer that `prepare` sets, 6 and 7 free pointers.
fn repeat(
    rt: &'static Runtime,
    prepare: impl FnOnce(&mut Asm),
    body: impl FnOnce(&mut Asm),
) -> &'static Func {
    let mut f = Asm::new(rt, "main.main", (10, 0, 0, 0), &[5, 6, 7]);
    f.imm(Op::LdI, 0, 0)
        .imm(Op::LdI, 1, 0)
        .imm(Op::LdI, 2, 0)
        .imm(Op::LdI, 3, 0)
        .imm(Op::LdI, 4, 0);
    prepare(&mut f);
    f.op(Op::LdK, 9, 0, 0).ext(1_000_000);
    let top = f.here();
    body(&mut f);
    f.branch(Op::IncJLtL, 0, 9, top)
        .point(&[5])
        .op(Op::Ret, 0, 0, 0);
    f.finish(rt)
}

fn map_set(rt: &'static Runtime, t: &Types) -> &'static Func {
    repeat(
        rt,
        |f| {
            f.op(Op::MakeMap, 5, NONE, 0).ext_type(t.map).point(&[]);
        },
        |f| {
            f.op(Op::MapRef, 6, 5, 0)
                .ext_type(t.map)
                .point(&[5])
                .op(Op::StW, 6, 0, 0);
        },
    )
}

fn map_get(rt: &'static Runtime, t: &Types) -> &'static Func {
    repeat(
        rt,
        |f| {
            f.op(Op::MakeMap, 5, NONE, 0).ext_type(t.map).point(&[]);
            let top = f.here();
            f.op(Op::MapRef, 6, 5, 1)
                .ext_type(t.map)
                .point(&[5])
                .op(Op::StW, 6, 1, 0);
            f.branch(Op::IncJLtIL, 1, 1000, top).point(&[5]);
        },
        |f| {
            f.op(Op::AndI, 1, 0, 511)
                .op(Op::MapGetWW, 2, 5, 1)
                .ext_type(t.map);
        },
    )
}

fn allocate(rt: &'static Runtime, t: &Types) -> &'static Func {
    repeat(
        rt,
        |f| {
            f.op(Op::LdNil, 5, 0, 0);
        },
        |f| {
            f.op(Op::New, 6, 0, 0)
                .ext_type(t.pair)
                .point(&[5])
                .op(Op::StP, 6, 5, 0)
                .op(Op::Mov, 5, 6, 0);
            f.op(Op::AndI, 1, 0, 1023);
            let keep = f.label();
            f.branch(Op::JNeI, 1, 0, keep).op(Op::LdNil, 5, 0, 0);
            f.bind(keep);
        },
    )
}

fn box_int(rt: &'static Runtime, t: &Types) -> &'static Func {
    repeat(
        rt,
        |f| {
            f.op(Op::LdNil, 5, 0, 0);
        },
        |f| {
            f.op(Op::MkEface, 4, 0, 0).ext_type(t.int).point(&[]);
        },
    )
}

fn append(rt: &'static Runtime, t: &Types) -> &'static Func {
    // The slice is 7, 8, 9 here: the counter's limit goes elsewhere.
    let mut f = Asm::new(rt, "main.main", (10, 0, 0, 0), &[5]);
    f.imm(Op::LdI, 0, 0)
        .op(Op::LdNil, 5, 0, 0)
        .imm(Op::LdI, 6, 0)
        .imm(Op::LdI, 7, 0);
    f.op(Op::LdK, 9, 0, 0).ext(1_000_000);
    let top = f.here();
    f.op(Op::AppendW, 5, 5, 0).ext_type(t.int).point(&[5]);
    f.branch(Op::IncJLtL, 0, 9, top)
        .point(&[5])
        .op(Op::Ret, 0, 0, 0);
    f.finish(rt)
}

fn index(rt: &'static Runtime, t: &Types) -> &'static Func {
    let mut f = Asm::new(rt, "main.main", (10, 0, 0, 0), &[5]);
    f.imm(Op::LdI, 0, 0)
        .imm(Op::LdI, 1, 1000)
        .imm(Op::LdI, 3, 0)
        .op(Op::LdK, 9, 0, 0)
        .ext(1_000_000);
    f.op(Op::MakeSlice, 5, 1, 1).ext_type(t.int).point(&[]);
    let top = f.here();
    f.op(Op::AndI, 1, 0, 511)
        .op(Op::LdXW, 2, 5, 1)
        .op(Op::AddI, 2, 2, 1)
        .op(Op::StX32, 5, 1, 2);
    f.branch(Op::IncJLtL, 0, 9, top)
        .point(&[5])
        .op(Op::Ret, 0, 0, 0);
    let _ = t.ints;
    f.finish(rt)
}

/// A million values through a channel without a buffer.
fn channel(rt: &'static Runtime, t: &Types) -> &'static Func {
    let mut send = Asm::with_flags(rt, "main.main.func1", (4, 0, 0, 0), &[1, 3], HAS_CTX);
    send.op(Op::LdP, 1, 3, 8)
        .imm(Op::LdI, 0, 0)
        .op(Op::LdK, 2, 0, 0)
        .ext(1_000_000);
    let top = send.here();
    send.op(Op::Send, 1, 0, 0).ext_type(t.chan).point(&[1]);
    send.branch(Op::IncJLtL, 0, 2, top)
        .point(&[1])
        .op(Op::Ret, 0, 0, 0);
    let send = send.finish(rt);
    repeat(
        rt,
        |f| {
            f.op(Op::MakeChan, 5, NONE, 0).ext_type(t.chan).point(&[]);
            f.op(Op::NewClosure, 6, 1, 0)
                .ext_func(send)
                .ext(1)
                .point(&[5])
                .op(Op::StP, 6, 5, 8);
            f.op(Op::Go, 6, 0, 0).point(&[5, 6]);
        },
        |f| {
            f.op(Op::Recv, 1, 5, 0).ext_type(t.chan).point(&[5]);
        },
    )
}

/// A million goroutines, one after the other.
fn goroutines(rt: &'static Runtime, t: &Types) -> &'static Func {
    let mut send = Asm::with_flags(rt, "main.main.func1", (4, 0, 0, 0), &[1, 3], HAS_CTX);
    send.op(Op::LdP, 1, 3, 8)
        .imm(Op::LdI, 0, 0)
        .op(Op::Send, 1, 0, 0)
        .ext_type(t.chan)
        .point(&[1]);
    send.op(Op::Ret, 0, 0, 0);
    let send = send.finish(rt);
    repeat(
        rt,
        |f| {
            f.op(Op::MakeChan, 5, NONE, 0).ext_type(t.chan).point(&[]);
        },
        |f| {
            f.op(Op::NewClosure, 6, 1, 0)
                .ext_func(send)
                .ext(1)
                .point(&[5])
                .op(Op::StP, 6, 5, 8);
            f.op(Op::Go, 6, 0, 0)
                .point(&[5, 6])
                .op(Op::Recv, 1, 5, 0)
                .ext_type(t.chan)
                .point(&[5]);
        },
    )
}

fn main() {
    let registry = TypeRegistry::default();
    let int = registry.basic(Kind::Int);
    let pair = registry.array(registry.pointer(int), 2);
    let types = Types {
        int,
        ints: registry.slice(int),
        map: registry.map(int, int),
        chan: registry.chan(int, 3),
        pair,
    };
    // Calls of fib(36): 2 * fib(37) - 1; half of them are leaves with 3 instructions, the rest have 8.
    let fib_instructions = (2 * 24_157_817 - 1) * 11 / 2;
    let million = 1_000_000;
    let programs: [(&str, u64, &str, Build); 10] = [
        ("fib(36)", fib_instructions, "instruction", fib),
        ("nested loop", 4 * 100 * million, "instruction", nested),
        ("slice index", 5 * million, "instruction", index),
        ("append", million, "append and loop", append),
        ("new", million, "new, store, loop", allocate),
        ("box an int", million, "box and loop", box_int),
        ("map set", million, "insertion and loop", map_set),
        ("map get", million, "lookup and loop", map_get),
        ("channel", million, "value, two switches", channel),
        ("go", million, "goroutine and its value", goroutines),
    ];
    for (name, count, unit, build) in programs {
        let (rt, mut m) = machine(Stress::default());
        let main = build(rt, &types);
        m.spawn_main(func_value(main));
        let begin = Instant::now();
        assert_eq!(interp::run(&mut m), 0);
        let time = begin.elapsed();
        println!(
            "{name:12} {time:>12.3?}  {:.2} ns a {unit}",
            time.as_nanos() as f64 / count as f64
        );
    }
}
