//! Decimal digits of floating-point numbers, by multiplication with a power of ten of 128 bits.
//!
//! The fewest digits that tell a number are found as in Raffaello Giulietti's "The Schubfach way to render doubles" (2021). A given number of digits is taken from
//! the product where the product's error cannot matter; the caller has to ask exact arithmetic in the few other cases.

/// A positive number: `mantissa * 2^exponent`.
#[derive(Clone, Copy, Debug)]
pub struct Binary {
    pub mantissa: u64,
    pub exponent: i32,
    /// The next smaller number of the format is nearer than the next greater one.
    pub lopsided: bool,
}

/// `number * 10^exponent`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Decimal {
    pub number: u64,
    pub exponent: i32,
}

/// A positive float64.
pub fn binary64(f: f64) -> Binary {
    binary(f.to_bits(), f64::MANTISSA_DIGITS - 1)
}

/// A positive float32.
pub fn binary32(f: f32) -> Binary {
    binary(u64::from(f.to_bits()), f32::MANTISSA_DIGITS - 1)
}

/// From the bits of a format with so many bits of the mantissa, all ones of the exponent being infinity.
fn binary(bits: u64, mantissa_bits: u32) -> Binary {
    let bias = if mantissa_bits == 52 { 1075 } else { 150 };
    let exponent = (bits >> mantissa_bits) as i32;
    let mantissa = bits & ((1 << mantissa_bits) - 1);
    Binary {
        mantissa: mantissa | u64::from(exponent > 0) << mantissa_bits,
        exponent: exponent.max(1) - bias,
        lopsided: mantissa == 0 && exponent > 1,
    }
}

const LEAST_POWER: i32 = -308;
const GREATEST_POWER: i32 = 341;
/// Powers of ten that 128 bits hold.
const EXACT: std::ops::RangeInclusive<i32> = 0..=55;

/// The first 128 bits of each power of ten.
static POWERS: [u128; (GREATEST_POWER - LEAST_POWER + 1) as usize] = powers();

const fn powers() -> [u128; (GREATEST_POWER - LEAST_POWER + 1) as usize] {
    /// 5^341 has 792 bits; 2^895 / 5^308 has 180.
    const LIMBS: usize = 14;
    const fn top(limbs: &[u64; LIMBS]) -> u128 {
        let mut i = LIMBS - 1;
        while limbs[i] == 0 {
            i -= 1;
        }
        let shift = limbs[i].leading_zeros();
        let second = if i < 1 { 0 } else { limbs[i - 1] };
        let third = if i < 2 { 0 } else { limbs[i - 2] };
        let first = (limbs[i] as u128) << 64 | second as u128;
        if shift == 0 {
            first
        } else {
            first << shift | (third >> (64 - shift)) as u128
        }
    }
    let mut powers = [0; (GREATEST_POWER - LEAST_POWER + 1) as usize];
    let mut limbs = [0; LIMBS];
    limbs[0] = 1;
    let mut power = 0;
    while power <= GREATEST_POWER {
        powers[(power - LEAST_POWER) as usize] = top(&limbs);
        let mut carry = 0;
        let mut i = 0;
        while i < LIMBS {
            let product = limbs[i] as u128 * 5 + carry;
            limbs[i] = product as u64;
            carry = product >> 64;
            i += 1;
        }
        power += 1;
    }
    limbs = [0; LIMBS];
    limbs[LIMBS - 1] = 1 << 63;
    power = -1;
    while power >= LEAST_POWER {
        let mut rest = 0;
        let mut i = LIMBS;
        while i > 0 {
            i -= 1;
            let part = rest << 64 | limbs[i] as u128;
            limbs[i] = (part / 5) as u64;
            rest = part % 5;
        }
        powers[(power - LEAST_POWER) as usize] = top(&limbs);
        power -= 1;
    }
    powers
}

/// 10^power is at least this times `2^(floor_log2_pow10(power) - 127)`, and less than one more of it.
fn power_of_ten(power: i32) -> u128 {
    POWERS[(power - LEAST_POWER) as usize]
}

// Multiplications with an approximation of the logarithm; right for all exponents of a float64 and more.

fn floor_log2_pow10(e: i32) -> i32 {
    (e * 1_741_647) >> 19
}

fn floor_log10_pow2(e: i32) -> i32 {
    (e * 315_653) >> 20
}

/// Of `3/4 * 2^e`.
fn floor_log10_three_quarters_pow2(e: i32) -> i32 {
    (e * 631_305 - 261_663) >> 21
}

/// The product's 64 bits from the 128th on, their lowest set if what is below is not nearly nothing.
fn round_to_odd(power: u128, factor: u64) -> u64 {
    let low = (power as u64 as u128 * factor as u128) >> 64;
    let product = (power >> 64) * factor as u128 + low;
    (product >> 64) as u64 | u64::from(product as u64 > 1)
}

/// The fewest digits that tell `f` from the other numbers of its format; of those the nearest to it; of two equally near ones the even one. They may end in zeros.
pub fn shortest(f: Binary) -> Decimal {
    let Binary {
        mantissa,
        exponent,
        lopsided,
    } = f;
    let odd = mantissa & 1;
    let k = if lopsided {
        floor_log10_three_quarters_pow2(exponent)
    } else {
        floor_log10_pow2(exponent)
    };
    let shift = exponent + floor_log2_pow10(-k) + 1;
    let power = power_of_ten(-k) + u128::from(!EXACT.contains(&-k));
    // Four times the number and the ends of the interval that rounds to it, in units of 10^k.
    let value = round_to_odd(power, mantissa << 2 << shift);
    let least = round_to_odd(
        power,
        ((mantissa << 2) - if lopsided { 1 } else { 2 }) << shift,
    );
    let most = round_to_odd(power, ((mantissa << 2) + 2) << shift);
    let (least, most) = (least + odd, most - odd);
    let inside = |number: u64| (least <= number * 4, number * 4 + 4 <= most);
    let down = value / 4;
    if down >= 10 {
        let tens = down / 10;
        let (this, next) = (least <= tens * 40, tens * 40 + 40 <= most);
        if this != next {
            return Decimal {
                number: tens + u64::from(next),
                exponent: k + 1,
            };
        }
    }
    let (this, next) = inside(down);
    let up = if this != next {
        next
    } else {
        let middle = down * 4 + 2;
        value > middle || value == middle && down & 1 == 1
    };
    Decimal {
        number: down + u64::from(up),
        exponent: k,
    }
}

/// `f` to 1 to 17 digits, half to even; `None` where 128 bits of the power of ten do not tell which way to round.
pub fn rounded(f: Binary, digits: u32) -> Option<Decimal> {
    let zeros = f.mantissa.leading_zeros();
    let (mantissa, exponent) = (f.mantissa << zeros, f.exponent - zeros as i32);
    let limit = 10u64.pow(digits);
    // Of the first digit; it may be one less.
    let mut place = floor_log10_pow2(exponent + 63);
    loop {
        let power = digits as i32 - 1 - place;
        let ten = power_of_ten(power);
        // The product's upper 64 bits, and 128 bits below.
        let low = u128::from(mantissa) * u128::from(ten as u64);
        let high = u128::from(mantissa) * (ten >> 64) + (low >> 64);
        let (upper, lower) = ((high >> 64) as u64, high << 64 | u128::from(low as u64));
        // The binary point is in the upper part: the number is below 10^18, the product at least 2^190.
        let point = -(exponent + floor_log2_pow10(power) - 127) - 128;
        let mut number = upper >> point;
        if number >= limit {
            place += 1;
            continue;
        }
        let fraction = upper & ((1 << point) - 1);
        let half = 1 << (point - 1);
        let up = if EXACT.contains(&power) {
            fraction > half || fraction == half && (lower > 0 || number & 1 == 1)
        } else {
            // The real product is above this one, by less than 2^64.
            if fraction == half - 1 && lower > u128::MAX - u128::from(u64::MAX) {
                return None;
            }
            fraction >= half
        };
        number += u64::from(up);
        return Some(if number == limit {
            Decimal {
                number: number / 10,
                exponent: 1 - power,
            }
        } else {
            Decimal {
                number,
                exponent: -power,
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `d.ddde±x` without zeros at the end of the digits.
    fn text(Decimal { number, exponent }: Decimal) -> String {
        let digits = number.to_string();
        let exponent = exponent + digits.len() as i32 - 1;
        let kept = digits.trim_end_matches('0');
        match kept.split_at(1) {
            (first, "") => format!("{first}e{exponent}"),
            (first, rest) => format!("{first}.{rest}e{exponent}"),
        }
    }

    fn without_zeros(text: &str) -> String {
        let (digits, exponent) = text.split_once('e').unwrap();
        let digits = digits.trim_end_matches('0').trim_end_matches('.');
        format!("{digits}e{exponent}")
    }

    struct Random(u64);

    impl Random {
        fn next(&mut self) -> u64 {
            self.0 = self
                .0
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            self.0 ^ self.0 >> 29
        }

        /// Of all kinds, positive.
        fn float(&mut self, i: u64) -> f64 {
            let x = self.next();
            let f = match i % 8 {
                0 => (x >> 30) as f64 / 1000.0,
                1 => (x >> 54) as f64 * 0.5,
                2 => (x >> 11) as f64,
                3 => f64::from_bits(x >> 12),
                4 => f64::from_bits(x >> 12 & 0xFFF | self.next() >> 1 & 0x7FF << 52),
                5 => (x >> 40) as f64 * 10f64.powi((x % 40) as i32 - 20),
                _ => f64::from_bits(x >> 1),
            };
            if f.is_finite() && f > 0.0 { f } else { 1.0 }
        }
    }

    #[test]
    fn shortest_is_what_rust_finds() {
        let mut random = Random(1);
        for i in 0..200_000 {
            let f = random.float(i);
            let want = format!("{f:e}");
            let got = text(shortest(binary64(f)));
            // Of two equally near ones Rust takes the greater.
            if got != want {
                assert_eq!(got.parse(), Ok(f), "{f:e}");
                let exact = format!("{f:.800e}");
                let digits = got.split('e').next().unwrap().len();
                assert_eq!(got.len(), want.len(), "{f:e}");
                assert_eq!(
                    without_zeros(&format!("{f:.*e}", digits.saturating_sub(2))),
                    got
                );
                assert!(
                    without_zeros(&exact).split('e').next().unwrap().len() == digits + 1,
                    "{f:e} {got}"
                );
            }
            let f = f as f32;
            if f.is_finite() && f > 0.0 {
                let got = text(shortest(binary32(f)));
                let want = format!("{f:e}");
                if got != want {
                    assert_eq!(got.parse(), Ok(f), "{f:e}");
                    assert_eq!(got.len(), want.len(), "{f:e}");
                    let digits = got.split('e').next().unwrap().len();
                    assert_eq!(
                        without_zeros(&format!("{f:.*e}", digits.saturating_sub(2))),
                        got
                    );
                }
            }
        }
    }

    #[test]
    fn rounded_is_exact() {
        let mut random = Random(2);
        let mut unknown = 0;
        for i in 0..300_000 {
            let f = random.float(i);
            let digits = random.next() % 17 + 1;
            let Some(got) = rounded(binary64(f), digits as u32) else {
                unknown += 1;
                continue;
            };
            assert_eq!(got.number.to_string().len(), digits as usize);
            let want = format!("{f:.*e}", digits as usize - 1);
            assert_eq!(text(got), without_zeros(&want), "{f:e} {digits}");
        }
        // Great numbers halfway between two decimal ones.
        assert!(unknown < 1_000, "{unknown}");
    }

    #[test]
    fn logarithms_and_powers() {
        for e in LEAST_POWER..=GREATEST_POWER {
            let f = format!("1e{e}").parse::<f64>().unwrap();
            if f.is_finite() && f > 0.0 {
                let top = POWERS[(e - LEAST_POWER) as usize] as f64;
                let scaled = top / 2f64.powi(127) * 2f64.powi(floor_log2_pow10(e) / 2);
                let scaled = scaled * 2f64.powi(floor_log2_pow10(e) - floor_log2_pow10(e) / 2);
                assert!((scaled / f - 1.0).abs() < 1e-15, "{e}");
            }
        }
        for e in -1074..=971 {
            let places = |f: f64| f.log10();
            let log = f64::from(e) * std::f64::consts::LOG10_2;
            assert_eq!(floor_log10_pow2(e), log.floor() as i32, "{e}");
            let log = log + places(0.75);
            assert_eq!(
                floor_log10_three_quarters_pow2(e),
                log.floor() as i32,
                "{e}"
            );
        }
    }
}
