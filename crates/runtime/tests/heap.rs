//! Allocation, marking, sweeping, what hangs on objects, and the figures.

mod common;

use common::{Spec, Vm, struct_type};
use runtime::g::Top;
use runtime::heap::special::Special;
use runtime::runtime::Config;

/// A machine in a frame of `slots` pointer slots.
fn with_frame(slots: u32) -> (Vm, Top) {
    let mut vm = Vm::new(Config::default());
    let all: Vec<usize> = (0..slots as usize).collect();
    let main = vm.function(Spec {
        name: "main.main",
        frame_slots: slots,
        maps: &[&all],
        ..Spec::default()
    });
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    (vm, top)
}

#[test]
fn what_a_frame_reaches_stays_and_the_rest_goes() {
    let (mut vm, mut top) = with_frame(2);
    let node = struct_type(2, &[0]);
    let mut head = std::ptr::null_mut::<u64>();
    for i in 0..10_000u64 {
        let object = vm.m.alloc(node).cast::<u64>();
        unsafe {
            assert_eq!([*object, *object.add(1)], [0, 0]);
            *object = head as u64;
            *object.add(1) = i;
            // Garbage between.
            *vm.m.alloc(node).cast::<u64>() = object as u64;
        }
        head = object;
    }
    unsafe { *top.fp = head as u64 };
    let before = vm.m.read_mem_stats();
    vm.collect(&mut top);
    let after = vm.m.read_mem_stats();
    assert_eq!(before.mallocs - after.heap_objects, after.frees);
    assert_eq!(after.heap_objects, 10_000);
    assert_eq!(after.heap_alloc, 160_000);
    let mut at = unsafe { *top.fp } as *const u64;
    for i in (0..10_000).rev() {
        unsafe {
            assert_eq!(*at.add(1), i);
            at = *at as *const u64;
        }
    }
    // Freed slots are zeroed when they are used again.
    for _ in 0..20_000 {
        let object = vm.m.alloc(node).cast::<u64>();
        unsafe {
            assert_eq!([*object, *object.add(1)], [0, 0]);
            *object.add(1) = u64::MAX;
        }
    }
    unsafe { *top.fp = 0 };
    vm.collect(&mut top);
    assert_eq!(vm.m.read_mem_stats().heap_objects, 0);
    vm.rt.verify();
}

#[test]
fn interior_pointers_keep_large_arrays_and_their_elements() {
    let (mut vm, mut top) = with_frame(1);
    let elem = struct_type(3, &[1]);
    let leaf = struct_type(1, &[]);
    let n = 10_000;
    let array = vm.m.alloc_array(elem, n).cast::<u64>();
    for i in 0..n {
        let object = vm.m.alloc(leaf).cast::<u64>();
        unsafe {
            *object = i as u64;
            *array.add(i * 3 + 1) = object as u64;
            // The same address in a word that is no pointer keeps nothing alive.
            *array.add(i * 3) = vm.m.alloc(leaf) as u64;
        }
    }
    unsafe { *top.fp = array.add(3 * 5000) as u64 };
    vm.collect(&mut top);
    let stats = vm.m.read_mem_stats();
    assert_eq!(stats.heap_objects, n as u64 + 1);
    for i in 0..n {
        unsafe { assert_eq!(*(*array.add(i * 3 + 1) as *const u64), i as u64) };
    }
    unsafe { *top.fp = 0 };
    vm.collect(&mut top);
    assert_eq!(vm.m.read_mem_stats().heap_alloc, 0);
}

#[test]
fn integers_keep_nothing_alive() {
    let mut vm = Vm::new(Config::default());
    let main = vm.function(Spec {
        name: "main.main",
        frame_slots: 2,
        maps: &[&[0]],
        ..Spec::default()
    });
    let mut top = vm.start();
    vm.call(&mut top, main, 0);
    let object = vm.m.alloc_noscan(64);
    unsafe { *top.fp.add(1) = object as u64 };
    vm.collect(&mut top);
    assert_eq!(vm.rt.heap.object_of(object as usize), None);
}

#[test]
fn package_variables_and_handles_are_roots() {
    let (mut vm, mut top) = with_frame(1);
    let node = struct_type(20, &[0, 19]);
    let global = vm.rt.globals.alloc(node).cast::<u64>();
    let a = vm.m.alloc(node);
    let b = vm.m.alloc_noscan(10);
    let handle = vm.rt.gc.new_handle(b);
    unsafe { *global.add(19) = a as u64 };
    vm.collect(&mut top);
    assert!(vm.rt.heap.object_of(a as usize).is_some());
    assert!(vm.rt.heap.object_of(b as usize).is_some());
    vm.rt.gc.drop_handle(handle);
    unsafe { *global.add(19) = 0 };
    vm.collect(&mut top);
    assert!(vm.rt.heap.object_of(a as usize).is_none());
    assert!(vm.rt.heap.object_of(b as usize).is_none());
}

#[test]
fn closures_and_odd_layouts_are_scanned_by_their_masks() {
    let (mut vm, mut top) = with_frame(2);
    let func = vm.function(Spec {
        name: "main.f",
        frame_slots: 1,
        maps: &[&[]],
        ..Spec::default()
    });
    let (kept, lost) = (vm.m.alloc_noscan(16), vm.m.alloc_noscan(16));
    let closure = vm.m.alloc_closure(func, 64, 1 << 63).cast::<u64>();
    let words = vm.m.alloc_scan_words(8 * 100, &[0, 1 << 35]).cast::<u64>();
    let deep = vm.m.alloc_noscan(16);
    unsafe {
        assert_eq!(*closure, std::ptr::from_ref(func) as u64);
        *closure.add(64) = kept as u64;
        *closure.add(1) = lost as u64;
        *words.add(99) = deep as u64;
        *top.fp = closure as u64;
        *top.fp.add(1) = words as u64;
    }
    vm.collect(&mut top);
    let live = |p: *mut u8| vm.rt.heap.object_of(p as usize).is_some();
    assert_eq!([live(kept), live(lost), live(deep)], [true, false, true]);
}

#[test]
fn a_finalizer_runs_once_and_its_object_lives_until_then() {
    let (mut vm, mut top) = with_frame(1);
    let node = struct_type(2, &[0]);
    let object = vm.m.alloc(node);
    let inner = vm.m.alloc_noscan(8);
    unsafe { *object.cast::<u64>() = inner as u64 };
    let closure = vm.m.alloc_noscan(8);
    let special = Special::Finalizer {
        closure,
        object,
        iface_word: None,
        result_slots: 0,
    };
    assert!(
        vm.rt
            .gc
            .specials
            .set_finalizer(&vm.rt.heap, object as usize, special)
    );
    unsafe { *top.fp = object as u64 };
    vm.collect(&mut top);
    assert!(!vm.rt.gc.specials.has_due());
    unsafe { *top.fp = 0 };
    vm.collect(&mut top);
    let call = vm.rt.gc.specials.take_due().unwrap();
    assert_eq!((call.closure, call.params[0]), (closure, object as u64));
    assert!(vm.rt.heap.object_of(inner as usize).is_some());
    vm.collect(&mut top);
    assert!(vm.rt.heap.object_of(object as usize).is_none());
    assert!(!vm.rt.gc.specials.has_due());
}

#[test]
fn weak_cells_are_cleared_and_cleanups_queued_when_the_object_goes() {
    let (mut vm, mut top) = with_frame(1);
    let object = vm.m.alloc_noscan(16);
    let cell = vm.m.alloc_noscan(8).cast::<u64>();
    unsafe {
        *cell = object as u64;
        *top.fp = object as u64;
    }
    vm.rt
        .gc
        .specials
        .weak_cell(&vm.rt.heap, object as usize, || cell);
    let closure = vm.m.alloc_noscan(8);
    vm.rt
        .gc
        .specials
        .add_cleanup(&vm.rt.heap, object as usize, closure);
    vm.collect(&mut top);
    assert_eq!(unsafe { *cell }, object as u64);
    unsafe { *top.fp = 0 };
    vm.collect(&mut top);
    assert_eq!(unsafe { *cell }, 0);
    assert_eq!(vm.rt.gc.specials.take_due().unwrap().param_slots, 0);
}

#[test]
fn a_collection_is_requested_when_the_heap_has_doubled() {
    let (mut vm, mut top) = with_frame(1);
    assert!(!vm.m.poll(top.fp));
    for _ in 0..(5 << 20) / 1024 {
        vm.m.alloc_noscan(1024);
    }
    assert!(vm.m.poll(top.fp));
    vm.m.safepoint_slow(&mut top, runtime::sched::SafepointKind::Alloc);
    assert!(!vm.m.poll(top.fp));
    assert_eq!(vm.m.read_mem_stats().num_gc, 1);
}

#[test]
fn memory_goes_back_to_the_system() {
    let (mut vm, mut top) = with_frame(1);
    for _ in 0..100 {
        vm.m.alloc_noscan(1 << 20);
    }
    vm.collect(&mut top);
    let stats = vm.m.read_mem_stats();
    assert!(stats.heap_sys >= 100 << 20);
    assert!(stats.heap_released > 90 << 20, "{}", stats.heap_released);
    assert_eq!(stats.heap_idle, stats.heap_sys - stats.heap_inuse);
    // Released memory reads as zero and can be used again.
    let again = vm.m.alloc_noscan(1 << 20);
    unsafe {
        assert!(
            std::slice::from_raw_parts(again, 1 << 20)
                .iter()
                .all(|&b| b == 0)
        )
    };
}

/// Random graphs, with a model of what is reachable: everything reachable keeps its contents, everything else is freed.
#[test]
fn random_graphs_keep_exactly_what_is_reachable() {
    const ROOTS: usize = 20;
    let (mut vm, mut top) = with_frame(ROOTS as u32);
    let types = [
        struct_type(2, &[1]),
        struct_type(5, &[0, 4]),
        struct_type(9, &[3]),
        struct_type(70, &[1, 65]),
        struct_type(200, &[0, 199]),
        struct_type(5000, &[2, 4999]),
    ];
    let pointers: [&[usize]; 6] = [&[1], &[0, 4], &[3], &[1, 65], &[0, 199], &[2, 4999]];
    let tag_word = [0, 1, 0, 0, 1, 0];
    // The model: address -> (type, tag, targets).
    let mut model: std::collections::HashMap<u64, (usize, u64, Vec<u64>)> = Default::default();
    let mut state = 12345u64;
    let mut random = |n: usize| {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        (state >> 33) as usize % n
    };
    for round in 0..60 {
        let mut known: Vec<u64> = model.keys().copied().collect();
        known.sort_unstable();
        for i in 0..300 {
            let kind = if random(50) == 0 { 5 } else { random(5) };
            let object = vm.m.alloc(types[kind]).cast::<u64>();
            let tag = round * 1000 + i;
            let mut targets = Vec::new();
            unsafe {
                for &word in pointers[kind] {
                    assert_eq!(*object.add(word), 0);
                    let target = if known.is_empty() {
                        0
                    } else {
                        known[random(known.len())]
                    };
                    // Interior pointers count as well.
                    *object.add(word) = if target != 0 && random(2) == 0 {
                        target + 8
                    } else {
                        target
                    };
                    targets.push(target);
                }
                *object.add(tag_word[kind]) = tag;
                if random(4) == 0 {
                    *top.fp.add(random(ROOTS)) = object as u64;
                }
            }
            known.push(object as u64);
            model.insert(object as u64, (kind, tag, targets));
        }
        unsafe { *top.fp.add(random(ROOTS)) = 0 };
        vm.collect(&mut top);
        vm.rt.verify();
        let mut reachable = std::collections::HashSet::new();
        let mut work: Vec<u64> = (0..ROOTS)
            .map(|i| unsafe { *top.fp.add(i) })
            .filter(|&p| p != 0)
            .collect();
        while let Some(object) = work.pop() {
            if reachable.insert(object) {
                work.extend(model[&object].2.iter().filter(|&&t| t != 0));
            }
        }
        model.retain(|object, _| reachable.contains(object));
        assert_eq!(vm.m.read_mem_stats().heap_objects, model.len() as u64);
        for (&object, (kind, tag, targets)) in &model {
            unsafe {
                assert_eq!(*(object as *const u64).add(tag_word[*kind]), *tag);
                for (&word, &target) in pointers[*kind].iter().zip(targets) {
                    let value = *(object as *const u64).add(word);
                    assert!(value == target || value == target + 8);
                }
            }
        }
    }
}
