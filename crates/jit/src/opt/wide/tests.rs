use super::*;
use crate::opt::testing::{Maker, at, frame};
use crate::opt::wide::linear::Linear;
use crate::ssa::{Addr, Base, BinOp, Cond, Exit, Op, Type, Value, Width};

/// `for i := 0; i < slot 0; i++`, tested at the end and once before; `body` gets the counter and slots 1 to 3. The loop is block 1.
fn counting(body: impl FnOnce(&mut Maker, Value, [Value; 3])) -> Ssa {
    let mut m = Maker::new();
    let head = m.block(&[Type::Word]);
    let (poll, end) = (m.block(&[]), m.block(&[]));
    let (zero, one, n) = (m.constant(0), m.constant(1), m.slot(0));
    let slots = [1, 2, 3].map(|slot| m.slot(slot));
    let enter = m.edge_to(head, &[zero]);
    m.branch(Cond::LtS, zero, n, enter, end);
    m.at(head);
    let i = m.param(head, 0);
    body(&mut m, i, slots);
    let next = m.binary(BinOp::Add, i, one);
    let out = m.edge_to(end, &[]);
    m.branch(Cond::LtS, next, n, poll, out);
    m.at(poll);
    let exit = Exit {
        pc: 7,
        live: vec![(5, next)],
    };
    m.push_exit(Op::Poll, &[], None, Some(exit));
    m.jump(head, &[next]);
    m.at(end);
    m.ret();
    m.after(run)
}

fn is_wide(op: &Op) -> bool {
    matches!(op, Op::Copy(_) | Op::Fill(..) | Op::Span(..))
}

fn wide_moves(ssa: &Ssa) -> Vec<Op> {
    let insts = ssa.blocks.iter().flat_map(|b| &b.insts);
    insts.map(|i| i.op).filter(is_wide).collect()
}

fn load(m: &mut Maker, scale: u8, disp: i32, width: Width, args: &[Value]) -> Value {
    m.push(Op::Load(at(scale, disp), width), args, Some(Type::Word))
}

fn store(m: &mut Maker, scale: u8, disp: i32, width: Width, args: &[Value]) {
    m.push(Op::Store(at(scale, disp), width), args, None);
}

#[test]
fn a_copy_is_done_in_pieces_and_by_the_loop() {
    let ssa = counting(|m, i, [to, from, _]| {
        let x = load(m, 1, 0, Width::U8, &[from, i]);
        store(m, 1, 5, Width::U8, &[to, i, x]);
    });
    assert_eq!(wide_moves(&ssa), [Op::Copy(64), Op::Copy(16)]);
    let is_store = |op: Op| matches!(op, Op::Store(..));
    assert!(ssa.blocks[1].insts.iter().any(|i| is_store(i.op)));
}

#[test]
fn what_polls_has_the_state_after_a_round() {
    let ssa = counting(|m, i, [to, _, x]| {
        store(m, 1, 0, Width::U8, &[to, i, x]);
    });
    let mut polls = 0;
    for block in &ssa.blocks {
        for inst in &block.insts {
            let (Op::Poll, Some(exit)) = (inst.op, &inst.exit) else {
                continue;
            };
            polls += 1;
            let jumps = block.term.edges()[0].args[0];
            assert_eq!(exit.live, [(5, jumps)]);
        }
    }
    assert_eq!(polls, 3);
}

#[test]
fn elements_of_several_words_are_copied_whole() {
    let pairs = |second: i32| {
        counting(|m, i, [to, from, _]| {
            let four = m.constant(4);
            let offset = m.binary(BinOp::Shl, i, four);
            let to = m.binary(BinOp::Add, to, offset);
            let from = m.binary(BinOp::Add, from, offset);
            let x = load(m, 0, 0, Width::W, &[from]);
            let y = load(m, 0, second, Width::W, &[from]);
            store(m, 0, 8, Width::W, &[to, y]);
            store(m, 0, 0, Width::W, &[to, x]);
        })
    };
    assert_eq!(wide_moves(&pairs(8)), [Op::Copy(64), Op::Copy(16)]);
    // The same word twice is no copy.
    assert_eq!(wide_moves(&pairs(0)), []);
}

#[test]
fn gaps_between_elements_are_not_written() {
    let ssa = counting(|m, i, [to, ..]| {
        let k = m.constant(0);
        store(m, 8, 0, Width::U32, &[to, i, k]);
    });
    assert_eq!(wide_moves(&ssa), []);
}

#[test]
fn a_fill_repeats_a_value_that_does_not_change() {
    let ssa = counting(|m, i, [to, _, x]| {
        store(m, 4, 0, Width::U32, &[to, i, x]);
    });
    let fills = [Op::Fill(Width::U32, 64), Op::Fill(Width::U32, 16)];
    assert_eq!(wide_moves(&ssa), fills);
    let ssa = counting(|m, i, [to, ..]| {
        store(m, 4, 0, Width::U32, &[to, i, i]);
    });
    assert_eq!(wide_moves(&ssa), []);
}

#[test]
fn words_that_are_no_pointers_need_not_be_announced() {
    let marking = |width: Width| {
        let ssa = counting(|m, i, [to, ..]| {
            let k = m.constant(0);
            store(m, 8, 0, width, &[to, i, k]);
        });
        assert_eq!(wide_moves(&ssa).len(), 2);
        let insts = ssa.blocks.iter().flat_map(|b| &b.insts);
        let mut loads = insts.filter(|i| matches!(i.op, Op::Load(..)));
        loads.any(|i| matches!(i.op, Op::Load(addr, _) if matches!(addr.base, Base::Absolute(_))))
    };
    assert!(marking(Width::P));
    assert!(!marking(Width::W));
}

#[test]
fn a_loop_that_does_something_else_stays() {
    let ssa = counting(|m, i, [to, from, _]| {
        let k = m.constant(0);
        let x = load(m, 1, 0, Width::U8, &[from, i]);
        store(m, 1, 0, Width::U8, &[to, i, x]);
        store(m, 0, 0, Width::U8, &[from, k]);
    });
    assert_eq!(wide_moves(&ssa), []);
    let ssa = counting(|m, i, [to, from, _]| {
        let x = load(m, 1, 0, Width::U8, &[from, i]);
        store(m, 1, 0, Width::U8, &[to, x, x]);
    });
    assert_eq!(wide_moves(&ssa), []);
}

#[test]
fn what_is_loaded_anew_must_not_be_written() {
    let limit = Addr {
        base: Base::Absolute(1 << 20),
        scale: 0,
        disp: 0,
    };
    let guarded = |before: bool| {
        counting(|m, i, [to, _, x]| {
            let k = m.constant(0);
            let load = |m: &mut Maker| m.push(Op::Load(limit, Width::W), &[], Some(Type::Word));
            let len = match before {
                true => load(m),
                false => x,
            };
            m.guard(Cond::LtU, i, len);
            store(m, 8, 0, Width::W, &[to, i, k]);
        })
    };
    let branches = |ssa: &Ssa| {
        ssa.blocks
            .iter()
            .filter(|b| b.term.edges().len() == 2)
            .count()
    };
    let (fixed, plain) = (guarded(true), guarded(false));
    assert_eq!(wide_moves(&fixed).len(), 2);
    // It is not in the run, nor does it end there.
    assert_eq!(branches(&fixed), branches(&plain) + 2);
}

#[test]
fn a_search_looks_at_several_elements() {
    let search = |cond: Cond, width: Width, what: &dyn Fn(&mut Maker, Value) -> Value| {
        counting(|m, i, [_, from, with]| {
            let scale = crate::opt::size(width) as u8;
            let x = load(m, scale, 0, width, &[from, i]);
            let y = what(m, with);
            let found = m.block(&[]);
            let next = m.block(&[]);
            m.branch(cond, x, y, next, found);
            m.at(found);
            m.ret();
            m.at(next);
        })
    };
    let k = |k: i64| move |m: &mut Maker, _| m.constant(k);
    let is = |ssa: &Ssa, cond, width| assert_eq!(wide_moves(ssa), [Op::Span(cond, width, false)]);
    is(&search(Cond::Ne, Width::U8, &k(9)), Cond::Ne, Width::U8);
    is(&search(Cond::Eq, Width::S16, &k(-9)), Cond::Eq, Width::S16);
    is(&search(Cond::LtS, Width::U8, &k(128)), Cond::LtU, Width::U8);
    is(
        &search(Cond::Ne, Width::U32, &|_, x| x),
        Cond::Ne,
        Width::U32,
    );
    // No element is 256; signed orders are other ones; two words are not worth it.
    assert_eq!(wide_moves(&search(Cond::Ne, Width::U8, &k(256))), []);
    assert_eq!(wide_moves(&search(Cond::LtS, Width::S8, &k(3))), []);
    assert_eq!(wide_moves(&search(Cond::Ne, Width::W, &k(3))), []);
}

#[test]
fn a_comparison_of_runs() {
    let ssa = counting(|m, i, [one, other, _]| {
        let x = load(m, 1, 0, Width::U8, &[one, i]);
        let y = load(m, 1, 3, Width::U8, &[other, i]);
        m.guard(Cond::Eq, x, y);
    });
    assert_eq!(wide_moves(&ssa), [Op::Span(Cond::Eq, Width::U8, true)]);
}

#[test]
fn an_array_of_the_frame() {
    let ssa = counting(|m, i, _| {
        let addr = Addr {
            scale: 8,
            ..frame(40)
        };
        let k = m.constant(0);
        m.push(Op::Store(addr, Width::W), &[i, k], None);
    });
    assert_eq!(wide_moves(&ssa).len(), 2);
}

#[test]
fn sums_of_values() {
    let x = Linear::value(3).plus(&Linear::value(1), 8);
    let y = x.clone().plus(&Linear::constant(-5), 1);
    assert_eq!(y.distance(&x), Some(-5));
    assert_eq!(x.distance(&Linear::value(3)), None);
    let z = y.plus(&Linear::value(1), -8).times(2);
    assert_eq!(z.distance(&Linear::value(3).times(2)), Some(-10));
}
