//! Binary floating-point numbers of 512 bits, for constants too large or too small to stay
//! exact rationals. Precision and rounding (nearest, ties to even) are those of gc's constants.

use num_bigint::{BigInt, BigUint, Sign};
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;

/// Mantissa bits kept by every operation.
pub const PRECISION: u64 = 512;
/// Exponents beyond this are an infinity for every purpose of a compiler.
const MAX_EXPONENT: i64 = 1 << 31;

/// The number `mantissa * 2^exponent`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BigFloat {
    mantissa: BigInt,
    exponent: i64,
}

/// Shifts `m` right by `shift`, rounding to nearest, ties to even; `sticky` says that bits below `m` were lost.
fn round_shift(m: &BigUint, shift: u64, sticky: bool) -> BigUint {
    if shift == 0 {
        return m.clone();
    }
    let mut q = m >> shift;
    let half = m.bit(shift - 1);
    let below = sticky || m.trailing_zeros().is_some_and(|z| z < shift - 1);
    if half && (below || q.bit(0)) {
        q += 1u32;
    }
    q
}

impl BigFloat {
    fn new(mantissa: BigInt, exponent: i64) -> Self {
        let f = BigFloat { mantissa, exponent }.rounded(PRECISION);
        if f.magnitude_exponent() < -MAX_EXPONENT {
            BigFloat {
                mantissa: BigInt::zero(),
                exponent: 0,
            }
        } else {
            f
        }
    }

    fn rounded(self, precision: u64) -> Self {
        let bits = self.mantissa.bits();
        if bits <= precision {
            return self;
        }
        let shift = bits - precision;
        let m = round_shift(self.mantissa.magnitude(), shift, false);
        let sign = if self.mantissa.is_negative() {
            Sign::Minus
        } else {
            Sign::Plus
        };
        BigFloat {
            mantissa: BigInt::from_biguint(sign, m),
            exponent: self.exponent + shift as i64,
        }
    }

    /// The nearest representable number to an integer.
    pub fn from_int(v: &BigInt) -> Self {
        Self::new(v.clone(), 0)
    }

    /// The nearest representable number to a rational.
    pub fn from_rational(v: &BigRational) -> Self {
        Self::quotient(v.numer(), v.denom(), 0)
    }

    /// `n / d` cut to a few hundred bits, the lowest of which says whether anything was cut off: rounding it
    /// once more, to fewer bits, gives what rounding the exact quotient would.
    pub fn odd_quotient(n: &BigInt, d: &BigInt) -> Self {
        if n.is_zero() {
            return Self::new(BigInt::zero(), 0);
        }
        let shift = 256 + d.bits() as i64 - n.bits() as i64;
        let (top, bottom) = if shift >= 0 {
            (n.abs() << shift as u64, d.abs())
        } else {
            (n.abs(), d.abs() << (-shift) as u64)
        };
        let mut q = &top / &bottom;
        let exact = &q * &bottom == top;
        q <<= 1;
        if !exact {
            q += 1;
        }
        if n.is_negative() != d.is_negative() {
            q = -q;
        }
        BigFloat {
            mantissa: q,
            exponent: -shift - 1,
        }
    }

    fn quotient(n: &BigInt, d: &BigInt, exponent: i64) -> Self {
        if n.is_zero() {
            return Self::new(BigInt::zero(), 0);
        }
        let want = PRECISION as i64 + 2;
        let shift = (want + d.bits() as i64 - n.bits() as i64).max(0);
        let scaled: BigInt = n.magnitude().clone().into();
        let scaled = scaled << shift as u64;
        let divisor: BigInt = d.magnitude().clone().into();
        let mut q = &scaled / &divisor;
        let exact = (&q * &divisor) == scaled;
        // One extra low bit stands for everything below.
        q <<= 1;
        if !exact {
            q += 1;
        }
        if n.is_negative() != d.is_negative() {
            q = -q;
        }
        Self::new(q, exponent - shift - 1)
    }

    /// `m * 10^e`.
    pub fn from_decimal(m: &BigInt, e: i64) -> Self {
        let mut power = BigInt::one();
        let mut power_exp = 0i64;
        let trim = |v: BigInt, x: i64| {
            let f = BigFloat {
                mantissa: v,
                exponent: x,
            }
            .rounded(PRECISION + 128);
            (f.mantissa, f.exponent)
        };
        let n = e.unsigned_abs();
        for i in (0..64 - n.leading_zeros()).rev() {
            (power, power_exp) = trim(&power * &power, power_exp * 2);
            if n >> i & 1 == 1 {
                (power, power_exp) = trim(&power * 10, power_exp);
            }
            if power_exp > MAX_EXPONENT {
                break;
            }
        }
        if e >= 0 {
            Self::new(m * power, power_exp)
        } else {
            Self::quotient(m, &power, -power_exp)
        }
    }

    /// `m * 2^e`.
    pub fn from_binary(m: &BigInt, e: i64) -> Self {
        Self::new(m.clone(), e)
    }

    /// Whether the number is out of every format's range.
    pub fn is_infinite(&self) -> bool {
        !self.mantissa.is_zero() && self.magnitude_exponent() > MAX_EXPONENT
    }

    /// Whether the number is zero.
    pub fn is_zero(&self) -> bool {
        self.mantissa.is_zero()
    }

    /// -1, 0 or 1.
    pub fn signum(&self) -> i32 {
        match self.mantissa.sign() {
            Sign::Minus => -1,
            Sign::NoSign => 0,
            Sign::Plus => 1,
        }
    }

    /// The `e` with `2^(e-1) <= |self| < 2^e`.
    pub fn magnitude_exponent(&self) -> i64 {
        self.exponent + self.mantissa.bits() as i64
    }

    /// Negation.
    pub fn neg(&self) -> Self {
        BigFloat {
            mantissa: -self.mantissa.clone(),
            exponent: self.exponent,
        }
    }

    /// Sum.
    pub fn add(&self, o: &Self) -> Self {
        if self.is_zero() {
            return o.clone();
        }
        if o.is_zero() {
            return self.clone();
        }
        let (big, small) = if self.magnitude_exponent() >= o.magnitude_exponent() {
            (self, o)
        } else {
            (o, self)
        };
        if big.magnitude_exponent() - small.magnitude_exponent() > PRECISION as i64 + 4 {
            return big.clone();
        }
        let e = big.exponent.min(small.exponent);
        let a = &big.mantissa << (big.exponent - e) as u64;
        let b = &small.mantissa << (small.exponent - e) as u64;
        Self::new(a + b, e)
    }

    /// Difference.
    pub fn sub(&self, o: &Self) -> Self {
        self.add(&o.neg())
    }

    /// Product.
    pub fn mul(&self, o: &Self) -> Self {
        Self::new(&self.mantissa * &o.mantissa, self.exponent + o.exponent)
    }

    /// Quotient; the divisor is not zero.
    pub fn div(&self, o: &Self) -> Self {
        Self::quotient(&self.mantissa, &o.mantissa, self.exponent - o.exponent)
    }

    /// Numeric order.
    pub fn compare(&self, o: &Self) -> Ordering {
        self.sub(o).mantissa.cmp(&BigInt::zero())
    }

    /// The exact integer, if the number is one (or within rounding noise of one) and of sane size.
    pub fn to_int(&self) -> Option<BigInt> {
        if self.magnitude_exponent() > 4096 {
            return None;
        }
        if self.exponent >= 0 {
            return Some(&self.mantissa << self.exponent as u64);
        }
        for f in [self.clone(), self.clone().rounded(PRECISION - 4)] {
            if f.exponent >= 0 {
                return Some(&f.mantissa << f.exponent as u64);
            }
            let down = (-f.exponent) as u64;
            if f.mantissa.is_zero() || f.mantissa.trailing_zeros().is_some_and(|z| z >= down) {
                return Some(f.mantissa >> down);
            }
        }
        None
    }

    /// The exact rational, when its size is sane.
    pub fn to_rational(&self) -> Option<BigRational> {
        if self.is_zero() {
            return Some(BigRational::zero());
        }
        if self.magnitude_exponent().abs() > 4096 {
            return None;
        }
        Some(if self.exponent >= 0 {
            BigRational::from_integer(&self.mantissa << self.exponent as u64)
        } else {
            BigRational::new(
                self.mantissa.clone(),
                BigInt::one() << (-self.exponent) as u64,
            )
        })
    }

    /// Nearest float64 (infinite when out of range).
    pub fn to_f64(&self) -> f64 {
        self.to_ieee(53, 1024, -1021)
    }

    /// Nearest float32, as a float64 (infinite when out of range).
    pub fn to_f32(&self) -> f64 {
        self.to_ieee(24, 128, -125)
    }

    fn to_ieee(&self, precision: i64, emax: i64, emin: i64) -> f64 {
        if self.is_zero() {
            return 0.0;
        }
        let m = self.mantissa.magnitude();
        let bits = m.bits() as i64;
        let e = self.exponent + bits;
        let magnitude = if e > emax {
            f64::INFINITY
        } else {
            let p = if e < emin {
                precision - (emin - e)
            } else {
                precision
            };
            if p < 0 {
                0.0
            } else {
                let shift = bits - p;
                let (q, k) = if shift <= 0 {
                    (m.clone(), self.exponent)
                } else {
                    (round_shift(m, shift as u64, false), self.exponent + shift)
                };
                if q.bits() as i64 + k > emax {
                    f64::INFINITY
                } else {
                    scale(q.to_u64().unwrap_or(u64::MAX) as f64, k)
                }
            }
        };
        if self.mantissa.is_negative() {
            -magnitude
        } else {
            magnitude
        }
    }

    /// Decimal scientific text with six significant digits, for numbers beyond float64.
    pub fn scientific(&self) -> String {
        if self.is_zero() {
            return "0".into();
        }
        // log10 from the leading 53 bits and the binary exponent.
        let bits = self.mantissa.bits() as i64;
        let lead = BigFloat {
            mantissa: self.mantissa.abs(),
            exponent: -bits,
        }
        .to_f64();
        let log = lead.log10() + (self.exponent + bits) as f64 * std::f64::consts::LOG10_2;
        let mut e = log.floor();
        let mut m = 10f64.powf(log - e);
        if format!("{m:.5}").starts_with("10") {
            m /= 10.0;
            e += 1.0;
        }
        let digits = format!("{m:.5}");
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        let sign = if self.mantissa.is_negative() { "-" } else { "" };
        format!(
            "{sign}{digits}e{}{:02}",
            if e < 0.0 { '-' } else { '+' },
            e.abs() as i64
        )
    }
}

/// `v * 2^k` without an intermediate overflow or double rounding for the ranges used above.
fn scale(v: f64, k: i64) -> f64 {
    let power = |k: i64| 2f64.powi(k as i32);
    if k < -1000 {
        // v < 2^53 has its trailing bits at or above 2^-1074, so both steps are exact.
        v * power(-900) * power(k + 900)
    } else if k > 971 {
        v * power(971) * power(k - 971)
    } else {
        v * power(k)
    }
}
