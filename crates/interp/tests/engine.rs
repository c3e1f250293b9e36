//! The engine on functions assembled by hand: calls, growing stacks, closures, channels, maps, panics; each in the normal mode and under every kind of stress.

mod support;

use bytecode::func::{Func, HAS_CTX, HAS_DEFER};
use bytecode::isa::{NO_SLOT, Op};
use bytecode::registry::TypeRegistry;
use bytecode::rtype::Kind;
use runtime::runtime::Runtime;
use support::{Asm, in_every_mode, results};

const NONE: usize = NO_SLOT as usize;

fn minus(n: i64) -> usize {
    -n as usize
}

#[test]
fn a_loop_adds_up() {
    let out = results(1);
    in_every_mode(
        |rt, _| {
            let mut f = Asm::new(rt, "main.main", (4, 0, 0, 0), &[]);
            f.imm(Op::LdI, 0, 0).imm(Op::LdI, 1, 0);
            let top = f.here();
            f.op(Op::Add, 1, 1, 0);
            f.branch(Op::IncJLtIL, 0, 1000, top).point(&[]);
            f.op(Op::StGW, 1, 0, 0)
                .ext_global(out.at(0))
                .op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| {
            assert_eq!((code, out.take(0)), (0, 499_500));
        },
    );
}

/// `func down(p *int, n int)`: at the bottom, adds 1 to *p; every frame on the way back adds 1 as well.
fn down(rt: &'static Runtime) -> &'static Func {
    // 0, 1: outgoing; 2: a word of its own. Parameters at 4 (pointer) and 5.
    let mut f = Asm::new(rt, "main.down", (3, 2, 2, 0), &[4]);
    let (func, bottom) = (f.func, f.label());
    f.branch(Op::JEqI, 5, 0, bottom);
    f.op(Op::Mov, 0, 4, 0)
        .op(Op::AddI, 1, 5, minus(1))
        .call(func, 2, 0, &[4]);
    f.bind(bottom);
    f.op(Op::LdW, 2, 4, 0)
        .op(Op::AddI, 2, 2, 1)
        .op(Op::StW, 4, 2, 0)
        .op(Op::Ret, 0, 0, 0);
    f.finish(rt)
}

#[test]
fn a_pointer_to_a_local_survives_ten_thousand_frames() {
    let out = results(2);
    in_every_mode(
        |rt, _| {
            let down = down(rt);
            // 2: the variable; 3: an integer that equals its address
            let mut f = Asm::new(rt, "main.main", (5, 2, 0, 0), &[0]);
            f.imm(Op::LdI, 2, 0)
                .op(Op::LeaL, 0, 2, 0)
                .op(Op::PtrToWord, 3, 0, 0);
            f.op(Op::LeaL, 0, 2, 0)
                .imm(Op::LdI, 1, 10_000)
                .call(down, 2, 0, &[]);
            f.op(Op::StGW, 2, 0, 0).ext_global(out.at(0));
            // Where the variable is now, less where the integer says it was: not the same place, so the integer was left alone.
            f.op(Op::LeaL, 0, 2, 0)
                .op(Op::PtrToWord, 4, 0, 0)
                .op(Op::Ne, 4, 4, 3);
            f.op(Op::StGW, 4, 0, 0)
                .ext_global(out.at(1))
                .op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| {
            assert_eq!((code, out.take(0), out.take(1)), (0, 10_001, 1));
        },
    );
}

#[test]
fn closures_keep_what_they_capture() {
    let out = results(1);
    in_every_mode(
        |rt, _| {
            // func() int: adds 1 to the captured word, gives it. Slot 0: a word; 1: the closure; result at 3.
            let mut add = Asm::with_flags(rt, "main.main.func1", (2, 0, 0, 1), &[1], HAS_CTX);
            add.op(Op::LdW, 0, 1, 8)
                .op(Op::AddI, 0, 0, 1)
                .op(Op::StW, 1, 0, 8)
                .op(Op::Mov, 3, 0, 0);
            add.op(Op::Ret, 0, 0, 0);
            let add = add.finish(rt);
            // 1: the closure; 2: value
            let mut f = Asm::new(rt, "main.main", (3, 1, 0, 0), &[1]);
            f.op(Op::NewClosure, 1, 1, 0)
                .ext_func(add)
                .ext(0)
                .point(&[]);
            f.imm(Op::LdI, 2, 40).op(Op::StW, 1, 2, 8);
            f.op(Op::CallClosure, 1, 0, 1)
                .point(&[1])
                .op(Op::CallClosure, 1, 0, 1)
                .point(&[1]);
            f.op(Op::StGW, 0, 0, 0)
                .ext_global(out.at(0))
                .op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| assert_eq!((code, out.take(0)), (0, 42)),
    );
}

#[test]
fn goroutines_exchange_values() {
    let types = TypeRegistry::default();
    let chan = types.chan(types.basic(Kind::Int), 3);
    for cap in [0, 3] {
        let out = results(2);
        in_every_mode(
            |rt, _| {
                // func(): sends 1..=100, then closes. 0: i; 1: channel; 2: context
                let mut send =
                    Asm::with_flags(rt, "main.main.func1", (3, 0, 0, 0), &[1, 2], HAS_CTX);
                send.op(Op::LdP, 1, 2, 8).imm(Op::LdI, 0, 1);
                let top = send.here();
                send.op(Op::Send, 1, 0, 0).ext_type(chan).point(&[1]);
                send.branch(Op::IncJLtIL, 0, 101, top).point(&[1]);
                send.op(Op::Close, 1, 0, 0).op(Op::Ret, 0, 0, 0);
                let send = send.finish(rt);
                // 0: value; 1: ok; 2: sum; 3: count; 4: channel; 5: closure
                let mut f = Asm::new(rt, "main.main", (6, 0, 0, 0), &[4, 5]);
                f.imm(Op::LdI, 0, cap).imm(Op::LdI, 2, 0).imm(Op::LdI, 3, 0);
                f.op(Op::MakeChan, 4, 0, 0).ext_type(chan).point(&[]);
                f.op(Op::NewClosure, 5, 1, 0)
                    .ext_func(send)
                    .ext(1)
                    .point(&[4])
                    .op(Op::StP, 5, 4, 8);
                f.op(Op::Go, 5, 0, 0).point(&[4, 5]);
                let (top, done) = (f.here(), f.label());
                f.op(Op::RecvOk, 0, 4, 1).ext_type(chan).point(&[4]);
                f.branch(Op::JFalse, 1, 0, done);
                f.op(Op::Add, 2, 2, 0)
                    .op(Op::AddI, 3, 3, 1)
                    .jump(Op::JmpL, top)
                    .point(&[4]);
                f.bind(done);
                f.op(Op::StGW, 2, 0, 0)
                    .ext_global(out.at(0))
                    .op(Op::StGW, 3, 0, 0)
                    .ext_global(out.at(1));
                f.op(Op::Ret, 0, 0, 0);
                f.finish(rt)
            },
            |code| assert_eq!((code, out.take(0), out.take(1)), (0, 5050, 100)),
        );
    }
}

#[test]
fn select_takes_what_comes() {
    let types = TypeRegistry::default();
    let chan = types.chan(types.basic(Kind::Int), 3);
    let out = results(3);
    in_every_mode(
        |rt, _| {
            // func(): sends its captured number 50 times. 0: i; 1: channel; 2: number; 3: context
            let mut send = Asm::with_flags(rt, "main.main.func1", (4, 0, 0, 0), &[1, 3], HAS_CTX);
            send.op(Op::LdP, 1, 3, 8)
                .op(Op::LdW, 2, 3, 16)
                .imm(Op::LdI, 0, 0);
            let top = send.here();
            send.op(Op::Send, 1, 2, 0).ext_type(chan).point(&[1]);
            send.branch(Op::IncJLtIL, 0, 50, top)
                .point(&[1])
                .op(Op::Ret, 0, 0, 0);
            let send = send.finish(rt);
            // 0: chosen; 1: value a; 2: value b; 3, 4: sums; 5: count; 6: ok; 7, 8: channels; 9: closure
            let mut f = Asm::new(rt, "main.main", (10, 0, 0, 0), &[7, 8, 9]);
            f.imm(Op::LdI, 1, 0)
                .imm(Op::LdI, 2, 0)
                .imm(Op::LdI, 3, 0)
                .imm(Op::LdI, 4, 0)
                .imm(Op::LdI, 5, 0);
            f.imm(Op::LdI, 6, 0).op(Op::LdNil, 8, 0, 0);
            for (channel, number) in [(7, 3), (8, 5)] {
                let live: &[usize] = if channel == 7 { &[8] } else { &[7] };
                f.op(Op::MakeChan, channel, NONE, 0)
                    .ext_type(chan)
                    .point(live);
                f.op(Op::NewClosure, 9, 2, 0)
                    .ext_func(send)
                    .ext(1)
                    .point(&[7, 8]);
                f.op(Op::StP, 9, channel, 8)
                    .imm(Op::LdI, 0, number)
                    .op(Op::StW, 9, 0, 16);
                f.op(Op::Go, 9, 0, 0).point(&[7, 8, 9]);
            }
            let top = f.here();
            let second = f.label();
            let next = f.label();
            f.op(Op::Select, 0, 2, 0);
            f.ext(2 | 7 << 16 | 1 << 32 | 6 << 48).ext_type(chan).ext(0);
            f.ext(2 | 8 << 16 | 2 << 32 | 6 << 48).ext_type(chan).ext(0);
            f.point(&[7, 8]);
            f.branch(Op::JNeI, 0, 0, second);
            f.op(Op::Add, 3, 3, 1).jump(Op::Jmp, next);
            f.bind(second);
            f.op(Op::Add, 4, 4, 2);
            f.bind(next);
            f.branch(Op::IncJLtIL, 5, 100, top).point(&[7, 8]);
            for (i, slot) in [3, 4, 6].into_iter().enumerate() {
                f.op(Op::StGW, slot, 0, 0).ext_global(out.at(i));
            }
            f.op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| {
            assert_eq!(
                (code, out.take(0), out.take(1), out.take(2)),
                (0, 150, 250, 1)
            )
        },
    );
}

#[test]
fn maps_and_slices_grow() {
    let types = TypeRegistry::default();
    let (int, string) = (types.basic(Kind::Int), types.basic(Kind::String));
    let (map, names) = (types.map(int, int), types.map(string, int));
    let out = results(4);
    in_every_mode(
        |rt, _| {
            // 0: i; 1: value; 2: sum; 3: map; 4: address, then iterator; 5, 6, 7: slice; 8: string map; 9, 10: string; 11: key
            let mut f = Asm::new(rt, "main.main", (12, 0, 0, 0), &[3, 4, 5, 8, 9]);
            let live = [3, 5, 8];
            f.imm(Op::LdI, 0, 0)
                .imm(Op::LdI, 2, 0)
                .op(Op::LdNil, 5, 0, 0)
                .imm(Op::LdI, 6, 0)
                .imm(Op::LdI, 7, 0);
            f.op(Op::MakeMap, 3, NONE, 0).ext_type(map).point(&[5]);
            f.op(Op::MakeMap, 8, NONE, 0).ext_type(names).point(&[3, 5]);
            let top = f.here();
            f.op(Op::MapRef, 4, 3, 0)
                .ext_type(map)
                .point(&live)
                .op(Op::StW, 4, 0, 0);
            f.op(Op::AppendW, 5, 5, 0).ext_type(int).point(&live);
            f.op(Op::RuneToStr, 9, 0, 0).point(&live);
            f.op(Op::MapRef, 4, 8, 9)
                .ext_type(names)
                .point(&[3, 5, 8, 9])
                .op(Op::StW, 4, 0, 0);
            f.branch(Op::IncJLtIL, 0, 300, top).point(&live);
            // Sum over the map, deleting each key on the way.
            f.op(Op::IterInit, 4, 3, 0).ext_type(map).point(&live);
            let (next, done) = (f.here(), f.label());
            f.branch(Op::IterNext, 4, 0, done);
            f.op(Op::IterKey, 11, 4, 0)
                .ext_type(int)
                .op(Op::IterElem, 1, 4, 0)
                .ext_type(int);
            f.op(Op::Add, 2, 2, 1)
                .op(Op::MapDelete, 0, 3, 11)
                .ext_type(map);
            f.jump(Op::JmpL, next).point(&[3, 4, 5, 8]);
            f.bind(done);
            f.op(Op::MapLen, 1, 3, 0);
            f.op(Op::StGW, 2, 0, 0)
                .ext_global(out.at(0))
                .op(Op::StGW, 1, 0, 0)
                .ext_global(out.at(1));
            f.imm(Op::LdI, 0, 255).op(Op::LdXW, 1, 5, 0);
            f.op(Op::StGW, 1, 0, 0).ext_global(out.at(2));
            f.op(Op::LdStr, 9, 0, 0)
                .ext_string("A")
                .op(Op::MapGetSW, 1, 8, 9)
                .ext_type(names);
            f.op(Op::StGW, 1, 0, 0)
                .ext_global(out.at(3))
                .op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| {
            assert_eq!(
                (code, out.take(0), out.take(1), out.take(2), out.take(3)),
                (0, 44_850, 0, 255, 65)
            )
        },
    );
}

/// A function that panics (divides by zero) and recovers in a deferred closure, giving 7 through its result.
#[test]
fn a_recovered_panic_returns_named_results() {
    let out = results(2);
    in_every_mode(
        |rt, _| {
            // func(): recover(), and counts. 0, 1: the value; 2: word
            let mut deferred = Asm::new(rt, "main.f.func1", (3, 0, 0, 0), &[1]);
            deferred.op(Op::Recover, 0, 0, 0).point(&[]);
            deferred
                .op(Op::LdGW, 2, 0, 0)
                .ext_global(out.at(1))
                .op(Op::AddI, 2, 2, 1);
            deferred
                .op(Op::StGW, 2, 0, 0)
                .ext_global(out.at(1))
                .op(Op::Ret, 0, 0, 0);
            let deferred = deferred.finish(rt);
            // 0: zero; 1: closure; result at 3
            let mut f = Asm::with_flags(rt, "main.f", (2, 0, 0, 1), &[1], HAS_DEFER);
            f.imm(Op::LdI, 3, 7)
                .op(Op::LdFn, 1, 0, 0)
                .ext_func(deferred);
            f.op(Op::Defer, 1, 0, 0)
                .point(&[1])
                .op(Op::Defer, 1, 0, 0)
                .point(&[1]);
            f.imm(Op::LdI, 0, 0)
                .op(Op::DivS, 0, 0, 0)
                .op(Op::Mov, 3, 0, 0);
            f.recover_here();
            let (next, done) = (f.here(), f.label());
            f.branch(Op::NextDefer, 1, 0, done);
            f.op(Op::CallClosure, 1, 0, 0).point(&[]);
            f.jump(Op::JmpL, next).point(&[]);
            f.bind(done);
            f.op(Op::Ret, 0, 0, 0);
            let f = f.finish(rt);
            let mut main = Asm::new(rt, "main.main", (1, 1, 0, 0), &[]);
            main.call(f, 0, 1, &[])
                .op(Op::StGW, 0, 0, 0)
                .ext_global(out.at(0))
                .op(Op::Ret, 0, 0, 0);
            main.finish(rt)
        },
        |code| {
            assert_eq!((code, out.take(0), out.take(1)), (0, 7, 2));
        },
    );
}

#[test]
fn reflection_calls_through_a_block() {
    let types = TypeRegistry::default();
    let block = types.array(types.basic(Kind::Int), 3);
    let out = results(1);
    in_every_mode(
        |rt, _| {
            // func(a, b int) int { return a - b }: parameters at 2, 3, result at 4
            let mut sub = Asm::new(rt, "main.sub", (1, 0, 2, 1), &[]);
            sub.op(Op::Sub, 4, 2, 3).op(Op::Ret, 0, 0, 0);
            let sub = sub.finish(rt);
            // 0: block; 1: closure; 2: counts; 3: word
            let mut f = Asm::new(rt, "main.main", (4, 0, 0, 0), &[0, 1]);
            f.op(Op::New, 0, 0, 0)
                .ext_type(block)
                .point(&[])
                .op(Op::LdFn, 1, 0, 0)
                .ext_func(sub);
            f.imm(Op::LdI, 3, 50)
                .op(Op::StW, 0, 3, 0)
                .imm(Op::LdI, 3, 8)
                .op(Op::StW, 0, 3, 8);
            f.op(Op::LdK, 2, 0, 0).ext(2 | 1 << 32);
            f.op(Op::CallReflect, 1, 0, 2).point(&[0, 1]);
            f.op(Op::LdW, 3, 0, 16)
                .op(Op::StGW, 3, 0, 0)
                .ext_global(out.at(0))
                .op(Op::Ret, 0, 0, 0);
            f.finish(rt)
        },
        |code| assert_eq!((code, out.take(0)), (0, 42)),
    );
}

#[test]
fn programs_that_fail_exit_with_two() {
    let types = TypeRegistry::default();
    let chan = types.chan(types.basic(Kind::Int), 3);
    // A nil dereference that nobody recovers; a receive that nobody answers; a recursion without end.
    for kind in 0..3 {
        let (rt, mut m) = support::machine(Default::default());
        rt.max_stack
            .store(1 << 20, std::sync::atomic::Ordering::Relaxed);
        let mut f = Asm::new(rt, "main.main", (2, 0, 0, 0), &[1]);
        let func = f.func;
        match kind {
            0 => f.op(Op::LdNil, 1, 0, 0).op(Op::LdW, 0, 1, 0),
            1 => f
                .op(Op::MakeChan, 1, NONE, 0)
                .ext_type(chan)
                .point(&[])
                .op(Op::Recv, 0, 1, 0)
                .ext_type(chan)
                .point(&[1]),
            _ => f.call(func, 0, 0, &[]),
        };
        f.op(Op::Ret, 0, 0, 0);
        let main = f.finish(rt);
        m.spawn_main(support::func_value(main));
        assert_eq!(interp::run(&mut m), 2);
    }
}
