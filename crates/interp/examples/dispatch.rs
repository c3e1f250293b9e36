//! Nanoseconds per instruction of the loop, on two functions assembled by hand: `cargo run --release -p morestack-interp --example dispatch`.

use std::time::Instant;

use bytecode::func::Func;
use bytecode::isa::Op;
use runtime::runtime::Runtime;
use runtime::stress::Stress;

#[path = "../tests/support/mod.rs"]
mod support;
use support::{Asm, func_value, machine, results};

/// fib(n), the recursive one: 4 to 8 instructions a call.
fn fib(rt: &'static Runtime) -> &'static Func {
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
    f.finish(rt)
}

fn main() {
    for (name, n, instructions) in [("fib", 36, 0u64), ("loop", 20_000, 0)] {
        let (rt, mut m) = machine(Stress::default());
        let out = results(1);
        let to = out.at(0);
        let mut f = Asm::new(rt, "main.main", (8, 2, 0, 0), &[]);
        let count;
        if name == "fib" {
            let fib = fib(rt);
            f.imm(Op::LdI, 0, n)
                .call(fib, 1, 1, &[])
                .op(Op::StGW, 1, 0, 0)
                .ext_global(to);
            // Calls of fib(n): 2 * fib(n+1) - 1; half of them are leaves with 3 instructions, the rest have 8.
            let (mut x, mut y) = (0u64, 1u64);
            for _ in 0..=n {
                (x, y) = (y, x + y);
            }
            count = (2 * x - 1) * 11 / 2 + instructions;
        } else {
            // 2: i, 3: j, 4: sum, 5: n
            f.imm(Op::LdI, 4, 0).imm(Op::LdI, 5, n).imm(Op::LdI, 2, 0);
            let outer = f.here();
            f.imm(Op::LdI, 3, 0);
            let inner = f.here();
            f.op(Op::Xor, 6, 2, 3)
                .op(Op::Add, 4, 4, 6)
                .op(Op::AddI, 4, 4, 3);
            f.branch(Op::IncJLtL, 3, 5, inner).point(&[]);
            f.branch(Op::IncJLtL, 2, 5, outer).point(&[]);
            f.op(Op::StGW, 4, 0, 0).ext_global(to);
            count = n as u64 * n as u64 * 4;
        }
        f.op(Op::Ret, 0, 0, 0);
        let main = f.finish(rt);
        m.spawn_main(func_value(main));
        let begin = Instant::now();
        let code = interp::run(&mut m);
        let time = begin.elapsed();
        assert_eq!(code, 0);
        let each = time.as_nanos() as f64 / count as f64;
        println!(
            "{name}: {time:?}, {count} instructions, {each:.2} ns each, result {}",
            out.take(0)
        );
    }
}
