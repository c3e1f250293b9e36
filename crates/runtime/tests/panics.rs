//! Panics run deferred calls, are recovered by the right frames, and leave the stack as it should be.

mod common;

use std::sync::atomic::Ordering;

use bytecode::func::{Func, WRAPPER};
use common::{Spec, Vm};
use runtime::g::Top;
use runtime::gopanic::GoPanic;
use runtime::panic::Step;
use runtime::runtime::Config;

fn plain(vm: &Vm, name: &str) -> &'static Func {
    vm.function(Spec {
        name,
        frame_slots: 2,
        maps: &[&[0]],
        ..Spec::default()
    })
}

fn closure(func: &'static Func) -> *mut u8 {
    (&raw const func.closure).cast_mut().cast()
}

/// The state of the stub's frame about to make the call in its closure slot; the function it calls.
fn called(vm: &Vm, step: Step) -> (Top, *const Func) {
    let Step::Continue { pc, fp } = step else {
        panic!("{step:?}")
    };
    let func = vm.rt.funcs.find(pc).unwrap();
    let top = Top::at(pc, fp, bytecode::func::Safepoint { map: 1, func }.pack());
    assert_eq!(
        pc,
        vm.rt
            .funcs
            .get(func)
            .code
            .load(Ordering::Relaxed)
            .cast_const()
    );
    (top, unsafe {
        *(*fp.add(runtime::stubs::STUB_CLOSURE) as *const *const Func)
    })
}

/// Executes the call that a stub is about to make; the deferred function's frame.
fn enter(vm: &mut Vm, step: Step) -> (Top, *const Func) {
    let (mut top, func) = called(vm, step);
    // The stub's return pc is its step instruction.
    let map = bytecode::func::Safepoint::unpack(top.safepoint);
    top.safepoint = bytecode::func::Safepoint {
        map: 0,
        func: map.func,
    }
    .pack();
    vm.call(&mut top, unsafe { &*func }, 0);
    (top, func)
}

fn step(vm: &mut Vm, step: Step) -> Step {
    let Step::Continue { fp, .. } = step else {
        panic!("{step:?}")
    };
    vm.m.panic_step(fp)
}

/// A deferred function has returned to the stub.
fn back(vm: &mut Vm, mut top: Top) -> Step {
    vm.ret(&mut top);
    vm.m.panic_step(top.fp)
}

fn text(value: runtime::gopanic::Eface) -> u64 {
    value.data as u64
}

fn value(n: u64) -> GoPanic {
    // Any non-nil type word does: nobody looks at it.
    let typ = common::struct_type(1, &[]);
    GoPanic::Value(runtime::gopanic::Eface {
        typ,
        data: n as *mut u8,
    })
}

#[test]
fn deferred_calls_run_last_first_and_recover_resumes_their_frame() {
    let mut vm = Vm::new(Config::default());
    let (main, f, d1, d2) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.f"),
        plain(&vm, "main.d1"),
        plain(&vm, "main.d2"),
    );
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.defer(top.fp, closure(d1));
    let main_fp = top.fp;
    vm.call(&mut top, f, 0);
    vm.m.defer(top.fp, closure(d2));
    let started = vm.m.start_panic(vm.call_pc(&top), top.fp, &value(7));
    let first = step(&mut vm, started);
    let (d2_top, func) = enter(&mut vm, first);
    assert_eq!(func, std::ptr::from_ref(d2));
    let second = back(&mut vm, d2_top);
    let (d1_top, func) = enter(&mut vm, second);
    assert_eq!(func, std::ptr::from_ref(d1));
    assert_eq!(text(vm.m.recover(d1_top.fp, d1_top.safepoint)), 7);
    // Only once.
    assert_eq!(text(vm.m.recover(d1_top.fp, d1_top.safepoint)), 0);
    let Step::Continue { pc, fp } = back(&mut vm, d1_top) else {
        panic!("not resumed")
    };
    assert_eq!(fp, main_fp);
    let info = vm.rt.funcs.info(main.id);
    assert_eq!(
        pc,
        info.code
            .wrapping_add(info.function.recover_pc.unwrap() as usize)
    );
    assert!(vm.m.g().panics().is_empty());
    assert!(vm.m.next_defer(fp).is_none());
}

#[test]
fn recover_works_only_in_a_directly_deferred_function_or_behind_wrappers() {
    let mut vm = Vm::new(Config::default());
    let (main, d, helper) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.d"),
        plain(&vm, "main.helper"),
    );
    let wrapper = vm.function(Spec {
        name: "main.wrapper",
        frame_slots: 2,
        maps: &[&[0]],
        flags: WRAPPER,
        ..Spec::default()
    });
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.defer(top.fp, closure(wrapper));
    vm.m.defer(top.fp, closure(d));
    let started = vm.m.start_panic(vm.call_pc(&top), top.fp, &value(9));
    let first = step(&mut vm, started);
    let (d_top, _) = enter(&mut vm, first);
    let mut inner = d_top;
    vm.call(&mut inner, helper, 0);
    assert_eq!(text(vm.m.recover(inner.fp, inner.safepoint)), 0);
    let second = back(&mut vm, d_top);
    let (mut w_top, func) = enter(&mut vm, second);
    assert_eq!(func, std::ptr::from_ref(wrapper));
    assert_eq!(text(vm.m.recover(w_top.fp, w_top.safepoint)), 0);
    vm.call(&mut w_top, helper, 0);
    assert_eq!(text(vm.m.recover(w_top.fp, w_top.safepoint)), 9);
}

#[test]
fn a_panic_in_a_deferred_call_replaces_the_first_when_an_older_frame_recovers() {
    let mut vm = Vm::new(Config::default());
    let (main, f, outer, inner) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.f"),
        plain(&vm, "main.outer"),
        plain(&vm, "main.inner"),
    );
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let main_offset = vm.m.g().frame_offset(top.fp);
    vm.m.defer(top.fp, closure(outer));
    vm.call(&mut top, f, 0);
    vm.m.defer(top.fp, closure(inner));
    let started = vm.m.start_panic(vm.call_pc(&top), top.fp, &value(1));
    let first = step(&mut vm, started);
    let (inner_top, _) = enter(&mut vm, first);
    let again =
        vm.m.start_panic(vm.call_pc(&inner_top), inner_top.fp, &value(2));
    assert_eq!(vm.m.g().panics().len(), 2);
    let second = step(&mut vm, again);
    let (outer_top, func) = enter(&mut vm, second);
    assert_eq!(func, std::ptr::from_ref(outer));
    assert_eq!(text(vm.m.recover(outer_top.fp, outer_top.safepoint)), 2);
    let Step::Continue { fp, .. } = back(&mut vm, outer_top) else {
        panic!("not resumed")
    };
    assert_eq!(vm.m.g().frame_offset(fp), main_offset);
    assert!(vm.m.g().panics().is_empty());
}

#[test]
fn a_panic_recovered_inside_a_deferred_call_leaves_the_first_one_running() {
    let mut vm = Vm::new(Config::default());
    let (main, d, f, r) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.d"),
        plain(&vm, "main.f"),
        plain(&vm, "main.r"),
    );
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.defer(top.fp, closure(d));
    let started = vm.m.start_panic(vm.call_pc(&top), top.fp, &value(1));
    let first = step(&mut vm, started);
    let (d_top, _) = enter(&mut vm, first);
    let mut f_top = d_top;
    vm.call(&mut f_top, f, 0);
    vm.m.defer(f_top.fp, closure(r));
    let again = vm.m.start_panic(vm.call_pc(&f_top), f_top.fp, &value(2));
    let second = step(&mut vm, again);
    let (r_top, _) = enter(&mut vm, second);
    assert_eq!(text(vm.m.recover(r_top.fp, r_top.safepoint)), 2);
    let Step::Continue { fp, .. } = back(&mut vm, r_top) else {
        panic!("not resumed")
    };
    assert_eq!(fp, f_top.fp);
    assert_eq!(vm.m.g().panics().len(), 1);
    // Back in d, the first panic can still be recovered.
    assert_eq!(text(vm.m.recover(d_top.fp, d_top.safepoint)), 1);
}

#[test]
fn a_stack_may_move_under_a_panic() {
    let mut vm = Vm::new(Config::default());
    let (main, d) = (plain(&vm, "main.main"), plain(&vm, "main.d"));
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let main_offset = vm.m.g().frame_offset(top.fp);
    unsafe { *top.fp = top.fp.add(1) as u64 };
    vm.m.defer(top.fp, closure(d));
    let started = vm.m.start_panic(vm.call_pc(&top), top.fp, &value(3));
    let first = step(&mut vm, started);
    let (mut d_top, _) = enter(&mut vm, first);
    let old = vm.m.g().stack;
    vm.m.grow_stack(&mut d_top, 0, &mut []).unwrap();
    assert_ne!(vm.m.g().stack, old);
    let main_fp = vm.m.g().frame_at(main_offset);
    unsafe { assert_eq!(*main_fp, main_fp.add(1) as u64) };
    assert_eq!(text(vm.m.recover(d_top.fp, d_top.safepoint)), 3);
    let Step::Continue { fp, .. } = back(&mut vm, d_top) else {
        panic!("not resumed")
    };
    assert_eq!(fp, main_fp);
}

#[test]
fn goexit_runs_deferred_calls_which_cannot_recover_it() {
    let mut vm = Vm::new(Config::default());
    let (main, d) = (plain(&vm, "main.main"), plain(&vm, "main.d"));
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.defer(top.fp, closure(d));
    let Step::Continue { fp, .. } = vm.m.start_goexit(vm.call_pc(&top), top.fp) else {
        panic!()
    };
    let first = vm.m.goexit_step(fp);
    let (d_top, _) = enter(&mut vm, first);
    assert_eq!(text(vm.m.recover(d_top.fp, d_top.safepoint)), 0);
    let mut stub = d_top;
    vm.ret(&mut stub);
    assert_eq!(vm.m.goexit_step(stub.fp), Step::End);
}

#[test]
fn a_recovered_panic_during_goexit_goes_on_with_the_goexit() {
    let mut vm = Vm::new(Config::default());
    let (main, f, d, outer) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.f"),
        plain(&vm, "main.d"),
        plain(&vm, "main.outer"),
    );
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.defer(top.fp, closure(outer));
    vm.call(&mut top, f, 0);
    vm.m.defer(top.fp, closure(d));
    let Step::Continue { fp, .. } = vm.m.start_goexit(vm.call_pc(&top), top.fp) else {
        panic!()
    };
    let first = vm.m.goexit_step(fp);
    let (d_top, _) = enter(&mut vm, first);
    let started = vm.m.start_panic(vm.call_pc(&d_top), d_top.fp, &value(1));
    let second = step(&mut vm, started);
    let (outer_top, _) = enter(&mut vm, second);
    assert_eq!(text(vm.m.recover(outer_top.fp, outer_top.safepoint)), 1);
    let Step::Continue { pc, fp } = back(&mut vm, outer_top) else {
        panic!()
    };
    assert_eq!(vm.rt.funcs.find(pc), Some(runtime::stubs::GOEXIT));
    assert_eq!(vm.m.goexit_step(fp), Step::End);
}

#[test]
fn a_frame_that_returns_gets_what_it_has_deferred() {
    let mut vm = Vm::new(Config::default());
    let (main, f, d) = (
        plain(&vm, "main.main"),
        plain(&vm, "main.f"),
        plain(&vm, "main.d"),
    );
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let main_fp = top.fp;
    vm.m.defer(main_fp, closure(f));
    vm.call(&mut top, f, 0);
    assert_eq!(vm.m.next_defer(top.fp), None);
    vm.m.defer(top.fp, closure(d));
    vm.m.defer(top.fp, closure(main));
    assert_eq!(vm.m.next_defer(main_fp), None);
    assert_eq!(vm.m.next_defer(top.fp), Some(closure(main)));
    assert_eq!(vm.m.next_defer(top.fp), Some(closure(d)));
    assert_eq!(vm.m.next_defer(top.fp), None);
    assert_eq!(vm.m.next_defer(main_fp), Some(closure(f)));
}

#[test]
fn run_time_errors_have_go_s_texts() {
    let texts = [
        (
            GoPanic::Index { index: 5, len: 3 },
            "runtime error: index out of range [5] with length 3",
        ),
        (
            GoPanic::Index { index: -1, len: 3 },
            "runtime error: index out of range [-1]",
        ),
        (
            GoPanic::SliceHigh {
                high: 5,
                limit: 3,
                is_cap: true,
            },
            "runtime error: slice bounds out of range [:5] with capacity 3",
        ),
        (
            GoPanic::SliceLow { low: 4, high: 3 },
            "runtime error: slice bounds out of range [4:3]",
        ),
        (GoPanic::Divide, "runtime error: integer divide by zero"),
        (
            GoPanic::NilDeref,
            "runtime error: invalid memory address or nil pointer dereference",
        ),
        (
            GoPanic::Plain("close of closed channel".to_owned()),
            "close of closed channel",
        ),
    ];
    for (panic, text) in texts {
        assert_eq!(panic.text(), text);
    }
}
