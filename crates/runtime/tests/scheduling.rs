//! Goroutines run in order, wake each other, sleep and wait.

mod common;

use common::Vm;
use runtime::g::{G, WaitReason};
use runtime::runtime::Config;
use runtime::sched::Next;
use runtime::timer::Action;

fn run(vm: &mut Vm) -> *mut G {
    match vm.m.schedule() {
        Next::Run(g) => g,
        Next::Exit(code) => panic!("exit {code}"),
    }
}

fn park(vm: &mut Vm, reason: WaitReason) {
    let top = vm.m.g().top();
    vm.m.park(&top, reason);
}

fn id(g: *mut G) -> u64 {
    unsafe { (*g).id }
}

#[test]
fn the_newest_goroutine_runs_first_then_the_others_in_order() {
    let mut vm = Vm::new(Config::default());
    vm.start();
    for _ in 0..4 {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    }
    park(&mut vm, WaitReason::Sleep);
    let mut order = Vec::new();
    for _ in 0..4 {
        order.push(id(run(&mut vm)));
        vm.m.end_goroutine(false);
    }
    assert_eq!(order, [5, 2, 3, 4]);
}

#[test]
fn more_goroutines_than_a_queue_holds_all_run() {
    let mut vm = Vm::new(Config::default());
    vm.start();
    for _ in 0..10_000 {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    }
    park(&mut vm, WaitReason::Sleep);
    let mut seen = vec![false; 10_002];
    for _ in 0..10_000 {
        let g = run(&mut vm);
        assert!(!std::mem::replace(&mut seen[id(g) as usize], true));
        vm.m.end_goroutine(false);
    }
    assert_eq!(vm.rt.sched.num_goroutines(), 1);
}

#[test]
fn a_semaphore_serves_its_waiters_in_order() {
    let mut vm = Vm::new(Config::default());
    let word = vm.m.alloc_noscan(4).cast::<u32>();
    vm.start();
    let main = vm.m.g;
    for _ in 0..3 {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    }
    let top = vm.m.g().top();
    vm.m.yield_now(&top);
    let mut waiting = Vec::new();
    loop {
        let g = run(&mut vm);
        if g == main {
            break;
        }
        waiting.push(g);
        assert!(!unsafe { vm.m.sema_acquire(word, false) });
        park(&mut vm, WaitReason::SemAcquire);
    }
    assert_eq!(waiting.len(), 3);
    for _ in 0..4 {
        unsafe { vm.m.sema_release(word) };
    }
    // Three units went to the waiters, one is left.
    assert_eq!(unsafe { *word }, 1);
    assert!(unsafe { vm.m.sema_acquire(word, false) });
    assert_eq!(unsafe { *word }, 0);
    park(&mut vm, WaitReason::Sleep);
    let first = run(&mut vm);
    // The last one woken runs next, then the others in order.
    assert_eq!(first, waiting[2]);
    vm.m.end_goroutine(false);
    assert_eq!(run(&mut vm), waiting[0]);
}

#[test]
fn notifications_go_by_ticket() {
    let mut vm = Vm::new(Config::default());
    let list = vm.m.alloc_noscan(8).cast::<u32>();
    vm.start();
    let main = vm.m.g;
    for _ in 0..3 {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    }
    let top = vm.m.g().top();
    vm.m.yield_now(&top);
    let mut waiting = Vec::new();
    loop {
        let g = run(&mut vm);
        if g == main {
            break;
        }
        unsafe {
            let ticket = *list;
            *list += 1;
            assert!(vm.m.notify_wait(list, ticket));
        }
        waiting.push(g);
        park(&mut vm, WaitReason::SyncCondWait);
    }
    unsafe { vm.m.notify(list, false) };
    let top = vm.m.g().top();
    vm.m.yield_now(&top);
    assert_eq!(run(&mut vm), waiting[0]);
    vm.m.end_goroutine(false);
    assert_eq!(run(&mut vm), main);
    unsafe {
        vm.m.notify(list, true);
        // A ticket from before a notification does not park.
        assert!(!vm.m.notify_wait(list, 2));
    }
    park(&mut vm, WaitReason::Sleep);
    let mut rest = vec![run(&mut vm)];
    vm.m.end_goroutine(false);
    rest.push(run(&mut vm));
    rest.sort();
    let mut expected = waiting[1..].to_vec();
    expected.sort();
    assert_eq!(rest, expected);
}

#[test]
fn sleepers_wake_in_order_of_time() {
    let mut vm = Vm::new(Config::default());
    vm.start();
    let main = vm.m.g;
    let now = vm.rt.nanotime();
    let mut names = Vec::new();
    for delay in [30, 10, 20] {
        let g = vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
        names.push((delay, g));
    }
    let top = vm.m.g().top();
    vm.m.yield_now(&top);
    loop {
        let g = run(&mut vm);
        if g == main {
            break;
        }
        let delay = names.iter().find(|(_, name)| *name == g).unwrap().0;
        vm.m.add_timer(now + delay * 1_000_000, 0, Action::Ready(g));
        park(&mut vm, WaitReason::Sleep);
    }
    park(&mut vm, WaitReason::Sleep);
    let mut order = Vec::new();
    for _ in 0..3 {
        order.push(run(&mut vm));
        vm.m.end_goroutine(false);
    }
    names.sort();
    assert_eq!(order, names.iter().map(|(_, g)| *g).collect::<Vec<_>>());
    assert!(vm.rt.nanotime() - now >= 30_000_000);
}

#[test]
fn nobody_left_to_run_is_a_deadlock() {
    let mut vm = Vm::new(Config {
        traceback: 0,
        ..Config::default()
    });
    vm.start();
    park(&mut vm, WaitReason::ChanReceive);
    assert_eq!(vm.m.schedule(), Next::Exit(2));
}

#[test]
fn a_goroutine_that_runs_long_is_asked_to_give_way() {
    let mut vm = Vm::new(Config::default());
    let mut top = vm.start();
    vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    let begin = vm.rt.nanotime();
    while !vm.m.poll(top.fp) {
        assert!(vm.rt.nanotime() - begin < 5_000_000_000, "never preempted");
        std::thread::yield_now();
    }
    let after =
        vm.m.safepoint_slow(&mut top, runtime::sched::SafepointKind::Loop);
    assert_eq!(after, runtime::runtime::After::Switch);
    assert_eq!(id(run(&mut vm)), 2);
}

#[test]
fn another_thread_can_wake_a_goroutine() {
    let mut vm = Vm::new(Config::default());
    vm.start();
    let g = vm.m.g as usize;
    let rt = vm.rt;
    rt.sched.begin_external();
    park(&mut vm, WaitReason::IoWait);
    let thread = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(5));
        rt.sched.ready_external(rt, g as *mut G);
    });
    assert_eq!(run(&mut vm) as usize, g);
    thread.join().unwrap();
}

#[test]
fn who_fills_the_queue_gives_way_until_it_is_worked_off() {
    let mut vm = Vm::new(Config::default());
    let mut top = vm.start();
    let main = vm.m.g;
    let mut made = 0;
    while !vm.m.poll(top.fp) {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
        made += 1;
        assert!(made < runtime::sched::QUEUE, "never asked to give way");
    }
    assert!(made > runtime::sched::QUEUE / 2);
    let after =
        vm.m.safepoint_slow(&mut top, runtime::sched::SafepointKind::Loop);
    assert_eq!(after, runtime::runtime::After::Switch);
    for _ in 0..made {
        assert_ne!(run(&mut vm), main);
        vm.m.end_goroutine(false);
    }
    assert_eq!(run(&mut vm), main);
}

#[test]
fn who_gave_way_is_not_forgotten_when_the_others_take_long() {
    let mut vm = Vm::new(Config::default());
    let mut top = vm.start();
    let main = vm.m.g;
    while !vm.m.poll(top.fp) {
        vm.m.spawn(std::ptr::null_mut(), std::ptr::null());
    }
    vm.m.safepoint_slow(&mut top, runtime::sched::SafepointKind::Loop);
    // The others run for 2 ms each: long before they are through the monitor has put the one that waits into everybody's queue.
    let mut before = 0;
    loop {
        let g = run(&mut vm);
        if g == main {
            break;
        }
        before += 1;
        std::thread::sleep(std::time::Duration::from_millis(2));
        vm.m.end_goroutine(false);
    }
    assert!(before < 200, "{before} ran first");
}
