//! The delicate pieces of the scheduler as models: `src/sync` once more, over loom's atomics, in every interleaving of a few threads (bounded in the number of
//! preemptions, which is what finds bugs).
//!
//! The order of the atomic operations is what is checked here. That the scheduler uses the pieces as the models do is for the programs' tests and the soak.

/// What `src/sync` is written with.
mod atomics {
    pub use loom::sync::atomic::{AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, fence};

    /// On the machine the swap is a full fence by itself.
    pub fn fence_after_swap() {
        fence(Ordering::SeqCst);
    }

    #[derive(Default)]
    pub struct Backoff(());

    impl Backoff {
        pub fn wait(&mut self) {
            loom::thread::yield_now();
        }
    }
}

#[allow(dead_code)]
#[path = "../src/sync/claim.rs"]
mod claim;
#[allow(dead_code)]
#[path = "../src/sync/lock.rs"]
mod lock;
#[allow(dead_code)]
#[path = "../src/sync/run_queue.rs"]
mod run_queue;
#[allow(dead_code)]
#[path = "../src/sync/status.rs"]
mod status;
#[allow(dead_code)]
#[path = "../src/sync/wake.rs"]
mod wake;

use atomics::{AtomicPtr, AtomicU8, AtomicU32, AtomicUsize, Ordering, fence};
use loom::cell::UnsafeCell;
use loom::sync::Arc;
use loom::thread;

use claim::Claim;
use lock::SpinLock;
use run_queue::RunQueue;
use status::{Status, StatusCell};
use wake::WakeGate;

/// Runs a model; `preemptions` of running threads at most.
fn check(preemptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(preemptions);
    builder.max_branches = 20_000;
    builder.check(model);
}

type Queue = RunQueue<u8, 4>;

/// Items are told by their addresses, of which nobody follows any.
fn item(n: usize) -> *mut u8 {
    std::ptr::without_provenance_mut(n)
}

fn number(item: *mut u8) -> usize {
    item as usize
}

#[test]
fn the_owner_and_a_thief_get_each_item_once() {
    check(3, || {
        let queue = Arc::new(Queue::default());
        for n in 1..=3 {
            queue.push(item(n), |_| unreachable!("there is room"));
        }
        let victim = queue.clone();
        let thief = thread::spawn(move || {
            let own = Queue::default();
            let mut got = Vec::new();
            let first = own.steal_from(&victim);
            if !first.is_null() {
                got.push(number(first));
                while let n @ 1.. = number(own.pop()) {
                    got.push(n);
                }
            }
            got
        });
        let mut got = Vec::new();
        let mut spilt = Vec::new();
        // Two more: the ring may be full, then half of it overflows.
        for n in 4..=5 {
            queue.push(item(n), |g| spilt.push(number(g)));
        }
        while let n @ 1.. = number(queue.pop()) {
            got.push(n);
        }
        got.extend(spilt);
        got.extend(thief.join().unwrap());
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3, 4, 5]);
    });
}

#[test]
fn two_thieves_share_what_there_is() {
    check(2, || {
        let queue = Arc::new(Queue::default());
        for n in 1..=4 {
            queue.push(item(n), |_| unreachable!("there is room"));
        }
        let steal = |victim: Arc<Queue>| {
            move || {
                let own = Queue::default();
                let mut got = vec![number(own.steal_from(&victim))];
                while let n @ 1.. = number(own.pop()) {
                    got.push(n);
                }
                got.retain(|n| *n > 0);
                got
            }
        };
        let thieves = [
            thread::spawn(steal(queue.clone())),
            thread::spawn(steal(queue.clone())),
        ];
        let mut got: Vec<usize> = thieves
            .into_iter()
            .flat_map(|t| t.join().unwrap())
            .collect();
        while let n @ 1.. = number(queue.pop()) {
            got.push(n);
        }
        got.sort_unstable();
        assert_eq!(got, [1, 2, 3, 4]);
    });
}

#[test]
fn the_slot_is_emptied_by_one_thread_only() {
    check(3, || {
        let queue = Arc::new(Queue::default());
        queue.swap_next(item(1));
        let victim = queue.clone();
        let thief = thread::spawn(move || {
            let next = victim.peek_next();
            !next.is_null() && victim.take_next(next)
        });
        let next = queue.peek_next();
        let mine = !next.is_null() && queue.take_next(next);
        assert!(mine ^ thief.join().unwrap());
    });
}

#[test]
fn what_is_behind_the_ring_goes_to_one_thread_only() {
    check(3, || {
        let queue = Arc::new(Queue::default());
        queue.push(item(1), |_| unreachable!("there is room"));
        assert!(queue.put_behind(item(2)));
        let victim = queue.clone();
        let thief = thread::spawn(move || {
            let own = Queue::default();
            let stolen = number(own.steal_from(&victim));
            let rescued = number(victim.take_behind());
            [stolen, rescued]
        });
        let mut got = vec![number(queue.pop()), number(queue.pop())];
        got.extend(thief.join().unwrap());
        got.retain(|n| *n > 0);
        got.sort_unstable();
        assert_eq!(got, [1, 2]);
        assert!(queue.is_empty());
    });
}

/// A goroutine puts itself on a wait list and parks; a waker takes it off. What it wrote before it parked is seen by who runs it next.
#[test]
fn a_goroutine_is_woken_only_when_it_has_parked() {
    for scanned in [false, true] {
        check(3, move || {
            struct Goroutine {
                status: StatusCell,
                saved: UnsafeCell<u32>,
            }
            // SAFETY: `saved` belongs to whom the status says.
            unsafe impl Sync for Goroutine {}
            // SAFETY: as above.
            unsafe impl Send for Goroutine {}
            let g = Arc::new(Goroutine {
                status: StatusCell::new(Status::Running),
                saved: UnsafeCell::new(0),
            });
            let waiting = Arc::new(AtomicU32::new(0));
            let (other, list) = (g.clone(), waiting.clone());
            let waker = thread::spawn(move || {
                if list.swap(0, Ordering::AcqRel) == 1 {
                    other.status.make_runnable(scanned);
                    assert!(
                        other
                            .status
                            .change_unless(scanned, Status::Runnable, Status::Running)
                    );
                    // SAFETY: the goroutine is this thread's now.
                    other.saved.with(|saved| assert_eq!(unsafe { *saved }, 7));
                }
            });
            waiting.store(1, Ordering::Release);
            // SAFETY: the goroutine runs on this thread.
            g.saved.with_mut(|saved| unsafe { *saved = 7 });
            g.status.set(Status::Waiting);
            waker.join().unwrap();
        });
    }
}

#[test]
fn a_scanned_goroutine_does_not_start_running() {
    check(3, || {
        let status = Arc::new(StatusCell::new(Status::Runnable));
        let stack = Arc::new(AtomicU8::new(0));
        let (other, theirs) = (status.clone(), stack.clone());
        let scanner = thread::spawn(move || {
            if other.try_lock_scan().is_some() {
                assert_eq!(theirs.swap(1, Ordering::Relaxed), 0);
                theirs.store(0, Ordering::Relaxed);
                other.unlock_scan();
            }
        });
        assert!(status.change(Status::Runnable, Status::Running));
        assert_eq!(stack.swap(2, Ordering::Relaxed), 0);
        stack.store(0, Ordering::Relaxed);
        status.set(Status::Waiting);
        scanner.join().unwrap();
        assert_eq!(status.get(), Status::Waiting);
    });
}

#[test]
fn a_lock_is_held_by_one() {
    check(3, || {
        let shared = Arc::new((SpinLock::default(), UnsafeCell::new(0)));
        let add = |shared: &(SpinLock, UnsafeCell<u32>)| {
            shared.0.lock();
            // SAFETY: the lock is held.
            shared.1.with_mut(|n| unsafe { *n += 1 });
            shared.0.unlock();
        };
        let other = shared.clone();
        let thread = thread::spawn(move || add(&other));
        add(&shared);
        thread.join().unwrap();
        // SAFETY: the other thread has ended.
        shared.1.with(|n| assert_eq!(unsafe { *n }, 2));
    });
}

/// select: its records are on two channels; of two threads that complete cases at the same time one gets it. As `chan.rs` does: each under its channel's lock, by an
/// exchange of the common mark. The goroutine takes its records off both channels before any is used again.
#[test]
fn a_select_is_completed_once() {
    check(2, || {
        struct Select {
            locks: [SpinLock; 2],
            queued: [UnsafeCell<bool>; 2],
            fired: Claim,
            case: AtomicUsize,
            status: StatusCell,
        }
        // SAFETY: `queued` is accessed under the locks.
        unsafe impl Sync for Select {}
        // SAFETY: as above.
        unsafe impl Send for Select {}
        let select = Arc::new(Select {
            locks: Default::default(),
            queued: [UnsafeCell::new(true), UnsafeCell::new(true)],
            fired: Claim::default(),
            case: AtomicUsize::new(9),
            status: StatusCell::new(Status::Running),
        });
        let complete = |s: Arc<Select>, channel: usize| {
            move || {
                s.locks[channel].lock();
                // SAFETY: under the lock.
                let queued = s.queued[channel].with_mut(|q| unsafe { std::mem::take(&mut *q) });
                let mine = queued && s.fired.take();
                s.locks[channel].unlock();
                if mine {
                    s.case.store(channel, Ordering::Relaxed);
                    s.status.make_runnable(true);
                }
                mine
            }
        };
        let threads = [
            thread::spawn(complete(select.clone(), 0)),
            thread::spawn(complete(select.clone(), 1)),
        ];
        select.status.set(Status::Waiting);
        let won: Vec<bool> = threads.into_iter().map(|t| t.join().unwrap()).collect();
        assert!(won[0] ^ won[1]);
        assert_eq!(select.status.get(), Status::Runnable);
        assert_eq!(select.case.load(Ordering::Relaxed), usize::from(won[1]));
    });
}

/// One thread has work for others, and one that searched goes to sleep: the work is not forgotten.
#[test]
fn no_wake_up_is_lost() {
    check(3, || {
        struct Machine {
            gate: WakeGate,
            work: AtomicPtr<u8>,
            /// Set by who wakes the sleeper.
            woken: AtomicU32,
        }
        let machine = Arc::new(Machine {
            gate: WakeGate::default(),
            work: AtomicPtr::new(std::ptr::null_mut()),
            woken: AtomicU32::new(0),
        });
        machine.gate.begin_spin();
        let other = machine.clone();
        let searcher = thread::spawn(move || {
            let take = || {
                let work = other.work.load(Ordering::Acquire);
                !work.is_null()
                    && other
                        .work
                        .compare_exchange(
                            work,
                            std::ptr::null_mut(),
                            Ordering::AcqRel,
                            Ordering::Relaxed,
                        )
                        .is_ok()
            };
            if take() {
                other.gate.end_spin();
                return true;
            }
            other.gate.add_idle();
            other.gate.end_spin();
            fence(Ordering::SeqCst);
            take()
        });
        machine.work.store(item(1), Ordering::Release);
        if machine.gate.should_wake() {
            machine.woken.store(1, Ordering::Relaxed);
        }
        let found = searcher.join().unwrap();
        assert!(found || machine.woken.load(Ordering::Relaxed) == 1);
    });
}

/// Work comes through the slot, kicks out what was there, and nobody looks again after that has reached the ring: who goes to sleep sees the one or the other.
#[test]
fn no_wake_up_is_lost_behind_the_slot() {
    check(3, || {
        let machine = Arc::new((WakeGate::default(), Queue::default(), AtomicU32::new(0)));
        machine.1.swap_next(item(1));
        machine.0.begin_spin();
        let other = machine.clone();
        let searcher = thread::spawn(move || {
            let (gate, queue, _) = &*other;
            gate.add_idle();
            gate.end_spin();
            fence(Ordering::SeqCst);
            !queue.is_empty()
        });
        let (gate, queue, woken) = &*machine;
        let kicked = queue.swap_next(item(2));
        queue.push(kicked, |_| unreachable!("there is room"));
        if gate.should_wake_after_swap() {
            woken.store(1, Ordering::Relaxed);
        }
        let found = searcher.join().unwrap();
        assert!(found || woken.load(Ordering::Relaxed) == 1);
    });
}

/// Two selects that run want the same parked one, each over another of its channels, and nothing else. One meets it; the other, which may have seen it ready, knows that
/// it has met nobody, and queues. As `go_ahead` in `chan.rs` does.
#[test]
fn who_loses_a_partner_looks_again() {
    check(3, || {
        #[derive(Default)]
        struct Shared {
            locks: [SpinLock; 2],
            parked: Claim,
            queued: [AtomicU32; 2],
        }
        let shared = Arc::new(Shared::default());
        let select = |s: &Shared, channel: usize| {
            s.locks[channel].lock();
            let met = loop {
                if !s.parked.is_open() {
                    break false;
                }
                if s.parked.take() {
                    break true;
                }
            };
            if !met {
                s.queued[channel].store(1, Ordering::Relaxed);
            }
            s.locks[channel].unlock();
            met
        };
        let other = shared.clone();
        let thread = thread::spawn(move || select(&other, 1));
        let met = [select(&shared, 0), thread.join().unwrap()];
        assert!(met[0] ^ met[1]);
        for (channel, met) in met.into_iter().enumerate() {
            let queued = shared.queued[channel].load(Ordering::Relaxed) == 1;
            assert_eq!(queued, !met);
        }
    });
}
