//! The natives of `math` and `math/bits`: what the machine has instructions for.
//!
//! ```text
//! math.Sqrt, Floor, Ceil, Trunc, RoundToEven, Abs (x float64) float64
//! math.Exp, Exp2, Expm1, Log, Log10, Log2, Log1p, Cbrt, Sin, Cos, Tan, Asin, Acos, Atan, Sinh, Cosh, Tanh, Asinh, Acosh,
//!     Atanh, Erf, Erfc, Gamma, J0, J1, Y0, Y1 (x float64) float64
//! math.Pow, Hypot, Atan2, Mod, Remainder (x, y float64) float64
//! math.Frexp(f float64) (frac float64, exp int)
//! math.Ldexp(frac float64, exp int) float64
//! math.Modf(f float64) (int float64, frac float64)
//! math.Lgamma(x float64) (lgamma float64, sign int)
//! math.Jn, Yn (n int, x float64) float64
//! math.Copysign(f, sign float64) float64
//! math.FMA(x, y, z float64) float64
//! math.Float64bits(f float64) uint64       math.Float64frombits(b uint64) float64
//! math.Float32bits(f float32) uint32       math.Float32frombits(b uint32) float32
//! math/bits.Len64, TrailingZeros64, OnesCount64 (x uint64) int
//! math/bits.ReverseBytes64(x uint64) uint64
//! math/bits.Mul64(x, y uint64) (hi, lo uint64)
//! math/bits.div128(hi, lo, y uint64) (quo, rem uint64)
//! ```

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

use super::{elementary, special};

/// A native of one float64 with a float64 as result.
macro_rules! unary {
    ($f:expr) => {
        |_: &mut NativeCx, s: Slots| {
            s.set_f64(1, $f(s.f64(0)));
            Flow::Done
        }
    };
}

/// A native of two float64s with a float64 as result.
macro_rules! binary {
    ($f:expr) => {
        |_: &mut NativeCx, s: Slots| {
            s.set_f64(2, $f(s.f64(0), s.f64(1)));
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

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("math.Sqrt", unary!(f64::sqrt)),
    ("math.Floor", unary!(f64::floor)),
    ("math.Ceil", unary!(f64::ceil)),
    ("math.Trunc", unary!(f64::trunc)),
    ("math.RoundToEven", unary!(f64::round_ties_even)),
    ("math.Abs", unary!(f64::abs)),
    ("math.Exp", unary!(elementary::exp)),
    ("math.Exp2", unary!(elementary::exp2)),
    ("math.Expm1", unary!(elementary::expm1)),
    ("math.Log", unary!(elementary::log)),
    ("math.Log10", unary!(elementary::log10)),
    ("math.Log2", unary!(elementary::log2)),
    ("math.Log1p", unary!(elementary::log1p)),
    ("math.Cbrt", unary!(elementary::cbrt)),
    ("math.Sin", unary!(elementary::sin)),
    ("math.Cos", unary!(elementary::cos)),
    ("math.Tan", unary!(elementary::tan)),
    ("math.Asin", unary!(elementary::asin)),
    ("math.Acos", unary!(elementary::acos)),
    ("math.Atan", unary!(elementary::atan)),
    ("math.Sinh", unary!(elementary::sinh)),
    ("math.Cosh", unary!(elementary::cosh)),
    ("math.Tanh", unary!(elementary::tanh)),
    ("math.Asinh", unary!(elementary::asinh)),
    ("math.Acosh", unary!(elementary::acosh)),
    ("math.Atanh", unary!(elementary::atanh)),
    ("math.Erf", unary!(special::erf)),
    ("math.Erfc", unary!(special::erfc)),
    ("math.Gamma", unary!(special::gamma)),
    ("math.J0", unary!(bessel::j0)),
    ("math.J1", unary!(bessel::j1)),
    ("math.Y0", unary!(bessel::y0)),
    ("math.Y1", unary!(bessel::y1)),
    ("math.Jn", jn),
    ("math.Yn", yn),
    ("math.Pow", binary!(elementary::pow)),
    ("math.Hypot", binary!(elementary::hypot)),
    ("math.Atan2", binary!(elementary::atan2)),
    ("math.Mod", binary!(modulo)),
    ("math.Remainder", binary!(elementary::remainder)),
    ("math.Frexp", frexp),
    ("math.Ldexp", ldexp),
    ("math.Modf", modf),
    ("math.Lgamma", lgamma),
    ("math.Copysign", copysign),
    ("math.FMA", fma),
    // In a slot a float is its bits, so these are the identity.
    ("math.Float64bits", word!(|x| x)),
    ("math.Float64frombits", word!(|x| x)),
    ("math.Float32bits", word!(|x| x)),
    ("math.Float32frombits", word!(|x| x)),
    (
        "math/bits.Len64",
        word!(|x: u64| u64::from(64 - x.leading_zeros())),
    ),
    (
        "math/bits.TrailingZeros64",
        word!(|x: u64| u64::from(x.trailing_zeros())),
    ),
    (
        "math/bits.OnesCount64",
        word!(|x: u64| u64::from(x.count_ones())),
    ),
    ("math/bits.ReverseBytes64", word!(u64::swap_bytes)),
    ("math/bits.Mul64", mul64),
    ("math/bits.div128", div128),
];

/// The Bessel functions of the C library; domain errors are Go's.
mod bessel {
    mod c {
        unsafe extern "C" {
            pub safe fn j0(x: f64) -> f64;
            pub safe fn j1(x: f64) -> f64;
            pub safe fn y0(x: f64) -> f64;
            pub safe fn y1(x: f64) -> f64;
            pub safe fn jn(n: libc::c_int, x: f64) -> f64;
            pub safe fn yn(n: libc::c_int, x: f64) -> f64;
        }
    }
    use crate::natives::elementary::NAN;
    pub use c::{j0, j1};

    pub fn y0(x: f64) -> f64 {
        if x < 0.0 || x.is_nan() { NAN } else { c::y0(x) }
    }

    pub fn y1(x: f64) -> f64 {
        if x < 0.0 || x.is_nan() { NAN } else { c::y1(x) }
    }

    /// The C library takes 32 bits; beyond, the values are 0 and -∞.
    pub fn jn(n: i64, x: f64) -> f64 {
        libc::c_int::try_from(n).map_or(if x.is_nan() { x } else { 0.0 }, |n| c::jn(n, x))
    }

    pub fn yn(n: i64, x: f64) -> f64 {
        if x < 0.0 || x.is_nan() {
            return NAN;
        }
        libc::c_int::try_from(n).map_or(f64::NEG_INFINITY, |n| c::yn(n, x))
    }
}

/// Exact, with x's sign.
fn modulo(x: f64, y: f64) -> f64 {
    if y == 0.0 || x.is_infinite() || x.is_nan() || y.is_nan() {
        elementary::NAN
    } else {
        x % y
    }
}

fn jn(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_f64(2, bessel::jn(s.int(0), s.f64(1)));
    Flow::Done
}

fn yn(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_f64(2, bessel::yn(s.int(0), s.f64(1)));
    Flow::Done
}

fn frexp(_: &mut NativeCx, s: Slots) -> Flow {
    let (fraction, exponent) = elementary::frexp(s.f64(0));
    s.set_f64(1, fraction);
    s.set_int(2, i64::from(exponent));
    Flow::Done
}

fn ldexp(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_f64(2, elementary::ldexp(s.f64(0), s.int(1)));
    Flow::Done
}

fn modf(_: &mut NativeCx, s: Slots) -> Flow {
    let (int, fraction) = elementary::modf(s.f64(0));
    s.set_f64(1, int);
    s.set_f64(2, fraction);
    Flow::Done
}

fn lgamma(_: &mut NativeCx, s: Slots) -> Flow {
    let (value, sign) = special::lgamma(s.f64(0));
    s.set_f64(1, value);
    s.set_int(2, sign);
    Flow::Done
}

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
    let (dividend, divisor) = (
        u128::from(s.word(0)) << 64 | u128::from(s.word(1)),
        u128::from(s.word(2)),
    );
    if divisor == 0 {
        return Flow::fatal("math/bits: division by zero in div128");
    }
    s.set_word(3, (dividend / divisor) as u64);
    s.set_word(4, (dividend % divisor) as u64);
    Flow::Done
}
