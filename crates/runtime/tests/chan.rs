//! Channels without goroutines: what can be done without waiting. Parking is tested with the engine.

use bytecode::registry::TypeRegistry;
use bytecode::rtype::{Kind, RType};
use runtime::chan::{self, Case, Chan, Misuse, Outcome, Target};
use runtime::native::NativeTable;
use runtime::runtime::{Config, M, Runtime};

fn machine() -> M {
    Runtime::new(Config::default(), NativeTable::default()).1
}

fn int_chan(types: &TypeRegistry) -> *const RType {
    types.chan(types.basic(Kind::Int), 3)
}

fn send(m: &mut M, chan: *mut Chan, value: u64) -> Outcome {
    unsafe { chan::try_send(m, chan, (&raw const value).cast()) }
}

fn recv(m: &mut M, chan: *mut Chan) -> (Outcome, u64) {
    let mut value = 99;
    let outcome = unsafe { chan::try_recv(m, chan, Target::Slots(&mut value)) };
    (outcome, value)
}

#[test]
fn a_buffer_is_first_in_first_out_and_survives_close() {
    let (types, mut m) = (TypeRegistry::default(), machine());
    let c = chan::make(&mut m, int_chan(&types), 3).unwrap();
    for round in 0..5 {
        for i in 0..3 {
            assert_eq!(send(&mut m, c, round * 10 + i), Outcome::Done);
        }
        assert_eq!(send(&mut m, c, 0), Outcome::WouldBlock);
        assert_eq!(unsafe { (chan::len(c), chan::cap(c)) }, (3, 3));
        for i in 0..3 {
            assert_eq!(recv(&mut m, c), (Outcome::Done, round * 10 + i));
        }
        assert_eq!(recv(&mut m, c).0, Outcome::WouldBlock);
    }
    send(&mut m, c, 5);
    unsafe {
        assert_eq!(chan::close(&mut m, c), Outcome::Done);
        assert_eq!(
            chan::close(&mut m, c),
            Outcome::Panic(Misuse::CloseOfClosed)
        );
        assert_eq!(
            chan::close(&mut m, std::ptr::null_mut()),
            Outcome::Panic(Misuse::CloseOfNil)
        );
    }
    assert_eq!(send(&mut m, c, 6), Outcome::Panic(Misuse::SendOnClosed));
    assert_eq!(recv(&mut m, c), (Outcome::Done, 5));
    assert_eq!(recv(&mut m, c), (Outcome::Closed, 0));
}

#[test]
fn impossible_capacities_are_refused() {
    let (types, mut m) = (TypeRegistry::default(), machine());
    for cap in [-1, i64::MAX, 1 << 46] {
        assert_eq!(
            chan::make(&mut m, int_chan(&types), cap),
            Err("makechan: size out of range")
        );
    }
}

#[test]
fn select_chooses_fairly_among_what_is_ready() {
    let (types, mut m) = (TypeRegistry::default(), machine());
    let chans: Vec<_> = (0..4)
        .map(|_| chan::make(&mut m, int_chan(&types), 1).unwrap())
        .collect();
    let value = 1u64;
    let case = |chan, sends| Case {
        chan,
        sends,
        from: (&raw const value).cast(),
        target: Target::Discard,
    };
    let mut counts = [0; 5];
    for _ in 0..4000 {
        // 1 and 2 can receive, 3 can send, 0 is empty; a nil channel never is ready.
        send(&mut m, chans[1], 1);
        send(&mut m, chans[2], 1);
        recv(&mut m, chans[3]);
        let cases = [
            case(chans[0], false),
            case(chans[1], false),
            case(chans[2], false),
            case(chans[3], true),
            case(std::ptr::null_mut(), false),
        ];
        let (outcome, chosen) = unsafe { chan::select(&mut m, &cases, true) };
        assert_eq!(outcome, Outcome::Done);
        counts[chosen] += 1;
    }
    assert_eq!((counts[0], counts[4]), (0, 0));
    assert!(
        counts[1..4].iter().all(|n| (1100..1600).contains(n)),
        "{counts:?}"
    );
    let none = [case(chans[0], false)];
    assert_eq!(
        unsafe { chan::select(&mut m, &none, true) }.0,
        Outcome::WouldBlock
    );
}

#[test]
fn a_timers_channel_shows_no_buffer_and_can_be_drained() {
    let (types, mut m) = (TypeRegistry::default(), machine());
    let c = chan::make(&mut m, int_chan(&types), 1).unwrap();
    unsafe {
        chan::mark_timer(c);
        assert_eq!(send(&mut m, c, 1), Outcome::Done);
        assert_eq!((chan::len(c), chan::cap(c)), (0, 0));
        chan::drain(&mut m, c);
    }
    assert_eq!(recv(&mut m, c).0, Outcome::WouldBlock);
}
