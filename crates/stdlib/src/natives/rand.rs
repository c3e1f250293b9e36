//! The natives of `math/rand` and `math/rand/v2`.
//!
//! ```text
//! math/rand.seedVector(vec *[607]int64, seed int32)
//! math/rand.random() uint64
//! math/rand/v2.random() uint64
//! ```

use std::cell::Cell;

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

use super::rand_table::COOKED;

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("math/rand.seedVector", seed_vector),
    ("math/rand.random", random),
    ("math/rand/v2.random", random),
];

/// One step of the Lehmer generator x = 48271 x mod 2³¹-1, by Schrage's method.
fn lehmer(x: i32) -> i32 {
    let (hi, lo) = (x / 44488, x % 44488);
    let x = 48271 * lo - 3399 * hi;
    if x < 0 { x + i32::MAX } else { x }
}

/// The state of math/rand's additive lagged Fibonacci generator for a seed in 1..2³¹-1.
fn seeded(seed: i32) -> impl Iterator<Item = u64> {
    let mut x = (0..20).fold(seed, |x, _| lehmer(x));
    COOKED.iter().map(move |cooked| {
        let mut word = *cooked;
        for shift in [40, 20, 0] {
            x = lehmer(x);
            word ^= (x as u64) << shift;
        }
        word
    })
}

fn seed_vector(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: slot 0 holds a *[607]int64 that is not nil.
    let state = unsafe { &mut *s.ptr(0).cast::<[u64; COOKED.len()]>() };
    for (to, word) in state.iter_mut().zip(seeded(s.int(1) as i32)) {
        *to = word;
    }
    Flow::Done
}

thread_local! {
    /// Counter of SplitMix64 (Steele, Lea, Flood 2014), begun where the system's random numbers say.
    static COUNTER: Cell<u64> = Cell::new(system_random());
}

fn system_random() -> u64 {
    let mut seed = [0u8; 8];
    // SAFETY: the buffer is 8 bytes long.
    let n = unsafe { libc::getrandom(seed.as_mut_ptr().cast(), seed.len(), 0) };
    if n == 8 {
        u64::from_ne_bytes(seed)
    } else {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |d| d.as_nanos() as u64)
    }
}

pub fn random(_: &mut NativeCx, s: Slots) -> Flow {
    let mut z = COUNTER.with(|counter| {
        let next = counter.get().wrapping_add(0x9E37_79B9_7F4A_7C15);
        counter.set(next);
        next
    });
    z = (z ^ z >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ z >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    s.set_word(0, z ^ z >> 31);
    Flow::Done
}

#[cfg(test)]
mod tests {
    use super::*;

    /// rand.New(rand.NewSource(1)).Uint64() is the sum of the elements that taps and feed name first.
    #[test]
    fn first_output() {
        let state: Vec<u64> = seeded(1).collect();
        assert_eq!(
            state[606].wrapping_add(state[333]),
            5_577_006_791_947_779_410
        );
    }
}
