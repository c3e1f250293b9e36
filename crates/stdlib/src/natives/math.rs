//! The natives of `math` and `math/bits`: what the machine has instructions for.
//!
//!     math.Sqrt, Floor, Ceil, Trunc, RoundToEven, Abs (x float64) float64
//!     math.Copysign(f, sign float64) float64
//!     math.FMA(x, y, z float64) float64
//!     math.Float64bits(f float64) uint64       math.Float64frombits(b uint64) float64
//!     math.Float32bits(f float32) uint32       math.Float32frombits(b uint32) float32
//!     math/bits.Len64, TrailingZeros64, OnesCount64 (x uint64) int
//!     math/bits.Reverse64, ReverseBytes64 (x uint64) uint64
//!     math/bits.Mul64(x, y uint64) (hi, lo uint64)
//!     math/bits.div128(hi, lo, y uint64) (quo, rem uint64)

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

/// A native of one float64 with a float64 as result.
macro_rules! unary {
    ($f:expr) => {
        |_: &mut NativeCx, s: Slots| {
            s.set_f64(1, $f(s.f64(0)));
            Flow::Done
        }
    };
}

/// A native of one word with a word as result.
macro_rules! word {
    ($f:expr) => {
        |_: &mut NativeCx, s: Slots| {
            s.set_word(1, $f(s.word(0)));
            Flow::Done
        }
    };
}

pub(super) const NATIVES: &[(&str, NativeFn)] = &[
    ("math.Sqrt", unary!(f64::sqrt)),
    ("math.Floor", unary!(f64::floor)),
    ("math.Ceil", unary!(f64::ceil)),
    ("math.Trunc", unary!(f64::trunc)),
    ("math.RoundToEven", unary!(f64::round_ties_even)),
    ("math.Abs", unary!(f64::abs)),
    ("math.Copysign", copysign),
    ("math.FMA", fma),
    // In a slot a float is its bits, so these are the identity.
    ("math.Float64bits", word!(|x| x)),
    ("math.Float64frombits", word!(|x| x)),
    ("math.Float32bits", word!(|x| x)),
    ("math.Float32frombits", word!(|x| x)),
    ("math/bits.Len64", word!(|x: u64| u64::from(64 - x.leading_zeros()))),
    ("math/bits.TrailingZeros64", word!(|x: u64| u64::from(x.trailing_zeros()))),
    ("math/bits.OnesCount64", word!(|x: u64| u64::from(x.count_ones()))),
    ("math/bits.Reverse64", word!(u64::reverse_bits)),
    ("math/bits.ReverseBytes64", word!(u64::swap_bytes)),
    ("math/bits.Mul64", mul64),
    ("math/bits.div128", div128),
];

fn copysign(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_f64(2, s.f64(0).copysign(s.f64(1)));
    Flow::Done
}

fn fma(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_f64(3, s.f64(0).mul_add(s.f64(1), s.f64(2)));
    Flow::Done
}

fn mul64(_: &mut NativeCx, s: Slots) -> Flow {
    let product = u128::from(s.word(0)) * u128::from(s.word(1));
    s.set_word(2, (product >> 64) as u64);
    s.set_word(3, product as u64);
    Flow::Done
}

fn div128(_: &mut NativeCx, s: Slots) -> Flow {
    let (dividend, divisor) = (u128::from(s.word(0)) << 64 | u128::from(s.word(1)), u128::from(s.word(2)));
    if divisor == 0 {
        return Flow::fatal("math/bits: division by zero in div128");
    }
    s.set_word(3, (dividend / divisor) as u64);
    s.set_word(4, (dividend % divisor) as u64);
    Flow::Done
}
