//! Traces read as Go's do.

mod common;

use bytecode::func::{HIDDEN, WRAPPER};
use common::{Spec, Vm};
use runtime::runtime::Config;

#[test]
fn frames_show_function_line_and_offset_but_no_wrappers() {
    let mut vm = Vm::new(Config::default());
    let spec = |name, flags| Spec {
        name,
        frame_slots: 2,
        maps: &[&[]],
        flags,
        ..Spec::default()
    };
    let main = vm.function(spec("main.main", 0));
    let wrapper = vm.function(spec("main.T.M", WRAPPER));
    let hidden = vm.function(spec("runtime.hidden", HIDDEN));
    let f = vm.function(spec("main.(*T).M", 0));
    let mut top = vm.start();
    for func in [main, wrapper, hidden, f] {
        vm.call(&mut top, func, 0);
    }
    top.pc = vm.return_pc(top.safepoint);
    vm.m.g().save(&top);
    let text = vm.m.stack_text(false);
    let expected = "goroutine 1 [running]:\n\
                    main.(*T).M()\n\t/src/x.go:7 +0x10\n\
                    main.main()\n\t/src/x.go:7 +0x10\n";
    assert_eq!(text, expected);
    let names: Vec<String> =
        vm.m.callers(0, 10)
            .into_iter()
            .map(|pc| vm.rt.location(pc).unwrap().function)
            .collect();
    assert_eq!(names, ["main.(*T).M", "main.main"]);
    assert_eq!(vm.m.callers(1, 10).len(), 1);
}

#[test]
fn deep_stacks_show_their_ends() {
    let mut vm = Vm::new(Config::default());
    let f = vm.function(Spec {
        name: "main.f",
        frame_slots: 2,
        maps: &[&[]],
        ..Spec::default()
    });
    let mut top = vm.start();
    for _ in 0..1000 {
        vm.call(&mut top, f, 0);
    }
    vm.m.g().save(&top);
    let text = vm.m.stack_text(false);
    assert_eq!(text.matches("main.f()").count(), 100);
    assert!(text.contains("...900 frames elided..."));
}

#[test]
fn a_goroutine_names_its_creator() {
    let mut vm = Vm::new(Config::default());
    let main = vm.function(Spec {
        name: "main.main",
        frame_slots: 2,
        maps: &[&[]],
        ..Spec::default()
    });
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    vm.m.g().save(&top);
    let after = vm.return_pc(top.safepoint);
    vm.m.spawn(std::ptr::null_mut(), after);
    let text = vm.m.stack_text(true);
    assert!(text.contains("\ngoroutine 2 [runnable]:\n"), "{text}");
    assert!(
        text.ends_with("created by main.main in goroutine 1\n\t/src/x.go:7 +0x10\n"),
        "{text}"
    );
}
