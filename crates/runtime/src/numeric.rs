//! Arithmetic in which Go differs from Rust.

/// A divisor that the instruction set guarantees to be neither 0 nor -1.
///
/// # Safety
/// It is that.
#[inline(always)]
pub unsafe fn divisor(value: i64) -> i64 {
    // SAFETY: by the contract.
    unsafe { std::hint::assert_unchecked(value != 0 && value != -1) };
    value
}

/// Go's `min`: NaN wins, -0 is less than +0. Which NaN is what uniting both operands' bits gives, as amd64's instructions do it best.
#[inline]
pub fn min(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x == y {
        f64::from_bits(x.to_bits() | y.to_bits())
    } else if x < y {
        x
    } else {
        y
    }
}

/// Go's `max`: NaN wins, +0 is more than -0.
#[inline]
pub fn max(x: f64, y: f64) -> f64 {
    -min(-x, -y)
}

/// `min` of float32.
#[inline]
pub fn min32(x: f32, y: f32) -> f32 {
    if x.is_nan() || y.is_nan() || x == y {
        f32::from_bits(x.to_bits() | y.to_bits())
    } else if x < y {
        x
    } else {
        y
    }
}

/// `max` of float32.
#[inline]
pub fn max32(x: f32, y: f32) -> f32 {
    -min32(-x, -y)
}

const TWO_63: f64 = 9_223_372_036_854_775_808.0;

/// Truncation as amd64 does it: what is out of range becomes the most negative number.
#[inline(always)]
pub fn to_signed(x: f64) -> i64 {
    if (-TWO_63..TWO_63).contains(&x) {
        x as i64
    } else {
        i64::MIN
    }
}

/// Truncation to 32 bits as amd64 does it, sign-extended.
#[inline(always)]
pub fn to_signed_32(x: f64) -> i64 {
    if x > -2_147_483_649.0 && x < 2_147_483_648.0 {
        x as i64
    } else {
        i64::from(i32::MIN)
    }
}

/// Truncation to unsigned as gc's sequence on amd64 does it.
#[inline(always)]
pub fn to_unsigned(x: f64) -> u64 {
    if x < TWO_63 {
        to_signed(x) as u64
    } else {
        to_signed(x - TWO_63) as u64 | 1 << 63
    }
}

/// Go's complex division: Smith's method (Algorithm 116 of the CACM), with infinities and zeros mended as C99's annex G asks.
pub fn divide_complex((a, b): (f64, f64), (c, d): (f64, f64)) -> (f64, f64) {
    let (re, im) = if c.abs() >= d.abs() {
        let ratio = d / c;
        let scale = c + ratio * d;
        ((a + b * ratio) / scale, (b - a * ratio) / scale)
    } else {
        let ratio = c / d;
        let scale = d + ratio * c;
        ((a * ratio + b) / scale, (b * ratio - a) / scale)
    };
    if !re.is_nan() && !im.is_nan() {
        return (re, im);
    }
    // Infinity becomes one, anything else zero, both with their sign.
    let unit = |x: f64| {
        if x.is_infinite() {
            1f64.copysign(x)
        } else {
            0f64.copysign(x)
        }
    };
    if c == 0.0 && d == 0.0 && (!a.is_nan() || !b.is_nan()) {
        let inf = f64::INFINITY.copysign(c);
        (inf * a, inf * b)
    } else if (a.is_infinite() || b.is_infinite()) && c.is_finite() && d.is_finite() {
        let (a, b) = (unit(a), unit(b));
        (
            f64::INFINITY * (a * c + b * d),
            f64::INFINITY * (b * c - a * d),
        )
    } else if (c.is_infinite() || d.is_infinite()) && a.is_finite() && b.is_finite() {
        let (c, d) = (unit(c), unit(d));
        (0.0 * (a * c + b * d), 0.0 * (b * c - a * d))
    } else {
        (re, im)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn minimum_and_maximum_know_zeros_and_nan() {
        assert!(min(0.0, -0.0).is_sign_negative() && min(-0.0, 0.0).is_sign_negative());
        assert!(max(0.0, -0.0).is_sign_positive() && max(-0.0, 0.0).is_sign_positive());
        assert!(min(1.0, f64::NAN).is_nan() && max(f64::NAN, 1.0).is_nan());
        assert_eq!((min(1.0, 2.0), max(1.0, 2.0)), (1.0, 2.0));
    }

    #[test]
    fn conversions_out_of_range() {
        assert_eq!(to_signed(f64::NAN), i64::MIN);
        assert_eq!(to_signed(1e300), i64::MIN);
        assert_eq!(to_signed(-1.9), -1);
        assert_eq!(to_unsigned(-1.0), u64::MAX);
        assert_eq!(to_unsigned(1e19), 10_000_000_000_000_000_000);
    }
}
