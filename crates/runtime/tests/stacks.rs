//! Stacks move, grow and shrink, and every pointer into them follows; nothing else changes.

mod common;

use common::{Spec, Vm};
use runtime::g::Top;
use runtime::runtime::Config;
use runtime::sched::SafepointKind;
use runtime::stack::MIN_STACK;
use runtime::stress::Stress;

/// Slot 0 of both is the outgoing area. main has a variable in slot 2 and a pointer to it in slot 1; rec gets a pointer in its parameter (slot 4)
/// and keeps it in slot 1.
fn recursion(vm: &Vm) -> (&'static bytecode::func::Func, &'static bytecode::func::Func) {
    let main = vm.function(Spec {
        name: "main.main",
        frame_slots: 4,
        maps: &[&[1]],
        ..Spec::default()
    });
    let rec = vm.function(Spec {
        name: "main.rec",
        frame_slots: 3,
        arg_slots: 1,
        maps: &[&[1], &[4]],
        entry_map: 1,
        ..Spec::default()
    });
    (main, rec)
}

fn descend(vm: &mut Vm, top: &mut Top, rec: &bytecode::func::Func, depth: usize) {
    for _ in 0..depth {
        unsafe {
            *top.fp = *top.fp.add(1);
            vm.call(top, rec, 0);
            *top.fp.add(1) = *top.fp.add(4);
            // An integer that equals an address.
            *top.fp.add(2) = top.fp as u64;
        }
    }
}

#[test]
fn a_pointer_to_a_local_survives_ten_thousand_frames() {
    let mut vm = Vm::new(Config::default());
    let (main, rec) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    unsafe {
        *top.fp.add(2) = 42;
        *top.fp.add(1) = top.fp.add(2) as u64;
    }
    let before = vm.m.g().stack.size();
    assert_eq!(before, MIN_STACK);
    let offset = vm.m.g().frame_offset(top.fp);
    descend(&mut vm, &mut top, rec, 10_000);
    assert!(vm.m.g().stack.size() > before * 64);
    let main_fp = vm.m.g().frame_at(offset);
    let pointers = vm.pointers(&top);
    assert_eq!(pointers.len(), 10_001 + 1);
    unsafe {
        assert!(
            pointers[..10_001]
                .iter()
                .all(|&p| p == main_fp.add(2) as u64)
        );
        // Write through the pointer in the deepest frame.
        *(*top.fp.add(1) as *mut u64) = 43;
        assert_eq!(*main_fp.add(2), 43);
    }
}

#[test]
fn an_integer_that_equals_a_stack_address_stays() {
    let mut vm = Vm::new(Config::default());
    let (main, rec) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let looks_like_a_pointer = top.fp as u64;
    unsafe { *top.fp.add(3) = looks_like_a_pointer };
    let offset = vm.m.g().frame_offset(top.fp);
    let old = vm.m.g().stack;
    descend(&mut vm, &mut top, rec, 200);
    assert_ne!(vm.m.g().stack, old);
    assert_eq!(
        unsafe { *vm.m.g().frame_at(offset).add(3) },
        looks_like_a_pointer
    );
}

#[test]
fn extra_roots_and_deferred_closures_move_along() {
    let mut vm = Vm::new(Config::default());
    let (main, _) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let closure = unsafe { top.fp.add(2) } as usize;
    vm.m.defer(top.fp, closure as *mut u8);
    let mut extra = [closure, 12345];
    let old = vm.m.g().stack;
    vm.m.grow_stack(&mut top, 0, &mut extra).unwrap();
    let delta = vm.m.g().stack.hi.wrapping_sub(old.hi);
    assert_eq!(extra, [closure.wrapping_add(delta), 12345]);
    assert_eq!(vm.m.g().defers.records()[0].closure as usize, extra[0]);
    let frame = vm.m.g().defers.records()[0].frame;
    assert_eq!(vm.m.g().frame_at(frame), top.fp);
}

#[test]
fn growth_stops_at_the_limit() {
    let mut vm = Vm::new(Config {
        max_stack: 1 << 20,
        ..Config::default()
    });
    let (main, _) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    assert!(vm.m.grow_stack(&mut top, 300_000, &mut []).is_ok());
    let overflow = vm.m.grow_stack(&mut top, 2 << 20, &mut []).unwrap_err();
    assert_eq!(overflow.limit, 1 << 20);
}

#[test]
fn collections_halve_a_stack_that_is_hardly_used() {
    let mut vm = Vm::new(Config::default());
    let (main, rec) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    unsafe {
        *top.fp.add(2) = 42;
        *top.fp.add(1) = top.fp.add(2) as u64;
    }
    descend(&mut vm, &mut top, rec, 30_000);
    assert_eq!(vm.m.g().stack.size(), 1 << 20);
    for _ in 0..30_000 {
        vm.ret(&mut top);
    }
    let mut sizes = Vec::new();
    for _ in 0..12 {
        vm.collect(&mut top);
        sizes.push(vm.m.g().stack.size());
    }
    assert_eq!(sizes[..3], [512 << 10, 256 << 10, 128 << 10]);
    assert_eq!(*sizes.last().unwrap(), MIN_STACK);
    unsafe { assert_eq!(*(*top.fp.add(1) as *const u64), 42) };
    let stats = vm.m.read_mem_stats();
    assert_eq!(stats.stack_inuse, MIN_STACK as u64);
}

#[test]
fn stress_moves_the_stack_at_every_safepoint_and_poisons_the_old_one() {
    let stress = Stress::parse("move");
    let mut vm = Vm::new(Config {
        stress,
        ..Config::default()
    });
    let (main, _) = recursion(&vm);
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    unsafe {
        *top.fp.add(2) = 42;
        *top.fp.add(1) = top.fp.add(2) as u64;
    }
    assert!(vm.m.poll(top.fp));
    for _ in 0..10 {
        let old = top.fp;
        vm.m.safepoint_slow(&mut top, SafepointKind::Loop);
        assert_ne!(top.fp, old);
        unsafe {
            assert_eq!(*old.add(2), 0xdbdb_dbdb_dbdb_dbdb);
            assert_eq!(*(*top.fp.add(1) as *const u64), 42);
        }
    }
}

#[test]
fn stacks_of_ended_goroutines_are_used_again() {
    let mut vm = Vm::new(Config::default());
    vm.start();
    for _ in 0..10_000 {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
        let main = vm.m.g;
        let top = vm.m.g().top();
        vm.m.yield_now(&top);
        loop {
            let runtime::sched::Next::Run(g) = vm.m.schedule() else {
                panic!("exit")
            };
            if g == main {
                break;
            }
            vm.m.end_goroutine(false);
        }
    }
    let stats = vm.m.read_mem_stats();
    assert_eq!(stats.stack_inuse, MIN_STACK as u64);
    assert!(stats.stack_sys <= 256 << 10, "{}", stats.stack_sys);
    assert_eq!(vm.rt.sched.num_goroutines(), 1);
}
