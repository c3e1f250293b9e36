use super::*;
use crate::opt::testing::Maker;
use crate::ssa::{BinOp, Callee, Cond, Type};

/// Three slots, of which the first is the outgoing area of a call at word 4 (one argument, no result). Slots 1 and 2 are live wherever control leaves.
fn demands() -> Demands {
    let point = |live: &[u32], uses: &[u32]| Point {
        live: live.to_vec(),
        uses: uses.to_vec(),
        ..Point::default()
    };
    let mut call = point(&[0, 1, 2], &[0]);
    call.args = 1;
    let points = [(0, point(&[1, 2], &[])), (4, call)];
    Demands {
        home: vec![0, 1, 2],
        memory: vec![false; 3],
        points: points.into_iter().collect(),
        results: 1..2,
        frame_slots: 3,
    }
}

fn becomes(m: &mut Maker, slot: u32, v: Value) {
    m.push(Op::Becomes(slot), &[v], None);
}

fn leave(m: &mut Maker, live: impl Into<Vec<(i32, Value)>>) {
    let exit = Exit {
        pc: 0,
        live: live.into(),
    };
    m.push_exit(Op::Poll, &[], None, Some(exit));
}

fn call(m: &mut Maker) {
    m.push(Op::Call(Callee::Direct(0), 6), &[], None);
    let block = m.ssa.blocks.len() - 1;
    m.ssa.blocks[block].insts.last_mut().unwrap().pc = 4;
}

fn verdict(m: Maker) -> Result<(), String> {
    check(&m.ssa, &demands())
}

#[test]
fn what_is_written_is_at_home_and_what_is_not_is_not() {
    for (stored, by_exit) in [(true, false), (false, true), (false, false)] {
        let mut m = Maker::new();
        let v = m.constant(7);
        becomes(&mut m, 1, v);
        if stored {
            m.set_slot(1, v);
        }
        leave(&mut m, if by_exit { vec![(1, v)] } else { vec![] });
        m.set_slot(1, v);
        m.ret();
        assert_eq!(verdict(m).is_ok(), stored || by_exit, "{stored} {by_exit}");
    }
}

#[test]
fn another_value_than_the_slots_is_refused() {
    let mut m = Maker::new();
    let (v, w) = (m.constant(7), m.constant(8));
    becomes(&mut m, 1, v);
    leave(&mut m, [(1, w)]);
    m.set_slot(1, v);
    assert!(verdict(m).is_err());
}

#[test]
fn a_return_wants_the_results() {
    let mut m = Maker::new();
    let v = m.constant(7);
    becomes(&mut m, 1, v);
    assert!(verdict(m).is_err());
}

/// A diamond that gives slot 1 a value on each side; at the join it is a parameter, which the exit writes, or has been written on the sides that are said.
fn diamond(left: bool, right: bool, by_exit: bool) -> Result<(), String> {
    let mut m = Maker::new();
    let x = m.slot(2);
    let join = m.block(&[Type::Word]);
    let sides = [m.block(&[]), m.block(&[])];
    m.branch(Cond::Eq, x, x, sides[0], sides[1]);
    for (i, stored) in [left, right].into_iter().enumerate() {
        m.at(sides[i]);
        let v = m.constant(i as i64);
        becomes(&mut m, 1, v);
        if stored {
            m.set_slot(1, v);
        }
        m.jump(join, &[v]);
    }
    m.at(join);
    let p = m.param(join, 0);
    leave(&mut m, if by_exit { vec![(1, p)] } else { vec![] });
    m.set_slot(1, p);
    m.ret();
    verdict(m)
}

#[test]
fn what_is_home_on_all_paths_is_home_where_they_meet() {
    assert_eq!(diamond(true, true, false), Ok(()));
    assert_eq!(diamond(false, false, true), Ok(()));
    assert!(diamond(true, false, false).is_err());
    assert!(diamond(false, true, false).is_err());
}

/// A loop that adds to slot 1; the exit in it writes the counter or the sum before.
#[test]
fn a_value_of_the_last_iteration_is_not_that_of_this_one() {
    for current in [true, false] {
        let mut m = Maker::new();
        let (zero, one) = (m.constant(0), m.constant(1));
        let head = m.block(&[Type::Word, Type::Word]);
        let end = m.block(&[]);
        becomes(&mut m, 1, zero);
        m.jump(head, &[zero, zero]);
        m.at(head);
        let (now, before) = (m.param(head, 0), m.param(head, 1));
        leave(&mut m, [(1, if current { now } else { before })]);
        let next = m.binary(BinOp::Add, now, one);
        becomes(&mut m, 1, next);
        m.set_slot(1, next);
        let again = m.edge_to(head, &[next, now]);
        m.branch(Cond::LtS, next, one, again, end);
        m.at(end);
        m.ret();
        assert_eq!(verdict(m).is_ok(), current);
    }
}

#[test]
fn a_call_leaves_homes_alone_but_not_values_and_its_arguments() {
    let made = |read: &dyn Fn(&mut Maker, Value)| {
        let mut m = Maker::new();
        let v = m.slot(1);
        becomes(&mut m, 0, v);
        m.set_slot(0, v);
        call(&mut m);
        read(&mut m, v);
        m.ret();
        verdict(m)
    };
    let again = |m: &mut Maker, _| {
        let w = m.slot(1);
        m.push(Op::Reads(1), &[w], None);
        leave(m, []);
    };
    assert_eq!(made(&again), Ok(()));
    // The stack may have moved.
    let stale = |m: &mut Maker, v| _ = m.push(Op::Reads(1), &[v], None);
    assert!(made(&stale).is_err());
    let argument = |m: &mut Maker, _| {
        let w = m.slot(0);
        m.push(Op::Reads(0), &[w], None);
    };
    assert!(made(&argument).is_err());
}

#[test]
fn a_call_wants_its_arguments_in_the_frame() {
    let mut m = Maker::new();
    let v = m.slot(1);
    becomes(&mut m, 0, v);
    call(&mut m);
    m.ret();
    assert!(verdict(m).is_err());
}

#[test]
fn a_helper_writes_what_it_has_the_address_of() {
    let mut d = demands();
    let point = d.points.get_mut(&0).unwrap();
    (point.uses, point.defs) = (vec![0], vec![1]);
    let mut m = Maker::new();
    let v = m.slot(1);
    becomes(&mut m, 0, v);
    m.set_slot(0, v);
    let at = m.push(Op::FrameAddr(0), &[], Some(Type::Ptr));
    let helper = crate::helpers::zero_memory();
    m.push(Op::Helper(helper), &[at], None);
    m.push(Op::Reads(1), &[v], None);
    m.ret();
    assert!(check(&m.ssa, &d).is_err());
    strip(&mut m.ssa, |op| matches!(op, Op::Reads(_)));
    assert_eq!(check(&m.ssa, &d), Ok(()));
}
