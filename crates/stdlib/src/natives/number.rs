//! Numbers as text, with Go's syntax, formats and rounding: what the natives of `strconv` are made of.
//!
//! Decimal digits come from `decimal`, or from Rust's standard library where many are asked for, as does correctly rounded parsing; what is Go's own
//! (hexadecimal floats, underscores, the layout of each format) is here.

use std::io::Write as _;

use smallvec::SmallVec;

use super::decimal::{self, Decimal};

/// Text that is short nearly always.
pub type Text = SmallVec<[u8; 64]>;

/// What a parser says of its input; the numbers are those of `status...` in `strconv/numbers.go`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    Ok = 0,
    Syntax = 1,
    Range = 2,
}

/// An optional sign and 1 to 18 decimal digits.
pub fn atoi(s: &[u8]) -> Option<i64> {
    let (neg, digits) = match s.first()? {
        b'-' => (true, &s[1..]),
        b'+' => (false, &s[1..]),
        _ => (false, s),
    };
    if digits.is_empty() || digits.len() > 18 {
        return None;
    }
    let mut n = 0;
    for c in digits {
        let d = c.wrapping_sub(b'0');
        if d > 9 {
            return None;
        }
        n = n * 10 + i64::from(d);
    }
    Some(if neg { -n } else { n })
}

/// Digits in a base of 0 or 2 to 36 as a number of `bits` (1 to 64) bits.
pub fn parse_uint(s: &[u8], base: u32, bits: u32) -> (u64, Status) {
    let from_prefix = base == 0;
    let (base, digits) = match (base, s) {
        (0, [b'0', c, rest @ ..]) if !rest.is_empty() && matches!(c | 0x20, b'b' | b'o' | b'x') => {
            match c | 0x20 {
                b'b' => (2, rest),
                b'o' => (8, rest),
                _ => (16, rest),
            }
        }
        (0, [b'0', rest @ ..]) => (8, rest),
        (0, _) => (10, s),
        _ => (base, s),
    };
    let max = u64::MAX >> (64 - bits);
    let mut n: u64 = 0;
    let mut underscores = false;
    for &c in digits {
        let d = match c {
            b'_' if from_prefix => {
                underscores = true;
                continue;
            }
            b'0'..=b'9' => c - b'0',
            b'a'..=b'z' => c - b'a' + 10,
            b'A'..=b'Z' => c - b'A' + 10,
            _ => return (0, Status::Syntax),
        };
        if u32::from(d) >= base {
            return (0, Status::Syntax);
        }
        match n
            .checked_mul(u64::from(base))
            .and_then(|n| n.checked_add(u64::from(d)))
        {
            Some(next) if next <= max => n = next,
            _ => return (max, Status::Range),
        }
    }
    if underscores && !underscores_ok(s) {
        return (0, Status::Syntax);
    }
    (n, Status::Ok)
}

/// Whether each underscore stands between digits, or between a base prefix and a digit.
fn underscores_ok(s: &[u8]) -> bool {
    #[derive(PartialEq)]
    enum Before {
        Start,
        Digit,
        Underscore,
        Other,
    }
    let s = s
        .strip_prefix(b"-")
        .or_else(|| s.strip_prefix(b"+"))
        .unwrap_or(s);
    let mut before = Before::Start;
    let mut hex = false;
    let mut rest = s;
    if let [b'0', c, tail @ ..] = s
        && matches!(c | 0x20, b'b' | b'o' | b'x')
    {
        before = Before::Digit;
        hex = c | 0x20 == b'x';
        rest = tail;
    }
    for &c in rest {
        if c.is_ascii_digit() || hex && c.is_ascii_hexdigit() {
            before = Before::Digit;
        } else if c == b'_' {
            if before != Before::Digit {
                return false;
            }
            before = Before::Underscore;
        } else {
            if before == Before::Underscore {
                return false;
            }
            before = Before::Other;
        }
    }
    before != Before::Underscore
}

/// The digits of `n` in a base of 2 to 36.
pub fn format_uint(mut n: u64, base: u64, neg: bool) -> ([u8; 65], usize) {
    let mut buf = [0; 65];
    let mut at = buf.len();
    // Division by a constant is a multiplication.
    macro_rules! digits {
        ($base:expr) => {
            loop {
                at -= 1;
                buf[at] = b"0123456789abcdefghijklmnopqrstuvwxyz"[(n % $base) as usize];
                n /= $base;
                if n == 0 {
                    break;
                }
            }
        };
    }
    match base {
        10 => digits!(10),
        16 => digits!(16),
        2 => digits!(2),
        _ => digits!(base),
    }
    if neg {
        at -= 1;
        buf[at] = b'-';
    }
    (buf, at)
}

/// A binary floating-point format.
struct Format {
    mantissa_bits: u32,
    bias: i32,
    exponent_mask: u64,
}

const F32: Format = Format {
    mantissa_bits: 23,
    bias: 127,
    exponent_mask: 0xFF,
};
const F64: Format = Format {
    mantissa_bits: 52,
    bias: 1023,
    exponent_mask: 0x7FF,
};

/// The longest prefix of `s` that is a number, rounded to `bits` (32 or 64) bits, and its length.
pub fn parse_float(s: &[u8], bits: u32) -> (f64, usize, Status) {
    if let Some((f, n)) = special(s) {
        let f = if f.is_nan() && bits == 32 {
            f64::NAN
        } else {
            f
        };
        return (f, n, Status::Ok);
    }
    let Some(parsed) = scan_float(s) else {
        return (0.0, 0, Status::Syntax);
    };
    let f = if parsed.hex {
        let format = if bits == 32 { F32 } else { F64 };
        hex_value(&parsed, &format, bits)
    } else if let Some(f) = exact_value(&parsed, bits) {
        f
    } else {
        let text = &s[..parsed.len];
        if parsed.underscores {
            let digits = text.iter().copied().filter(|c| *c != b'_');
            decimal_value(&digits.collect::<Vec<_>>(), bits)
        } else {
            decimal_value(text, bits)
        }
    };
    let status = if f.is_infinite() {
        Status::Range
    } else {
        Status::Ok
    };
    (f, parsed.len, status)
}

/// The value of a decimal number without underscores.
fn decimal_value(text: &[u8], bits: u32) -> f64 {
    // Only ASCII digits, signs, a dot and an exponent got past the scanner.
    let text = std::str::from_utf8(text).unwrap_or("0");
    if bits == 32 {
        f64::from(text.parse::<f32>().unwrap_or(0.0))
    } else {
        text.parse::<f64>().unwrap_or(0.0)
    }
}

/// The value of a decimal number where one operation on two exact numbers gives it, which rounds as it has to (Clinger, "How to read floating point numbers
/// accurately", 1990).
fn exact_value(parsed: &Scanned, bits: u32) -> Option<f64> {
    const POWERS: [f64; 23] = [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
        1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];
    let power = *POWERS.get(parsed.exponent.unsigned_abs() as usize)?;
    if parsed.truncated || parsed.mantissa > 1 << 53 {
        return None;
    }
    let f = parsed.mantissa as f64;
    let f = if bits == 32 {
        if parsed.mantissa > 1 << 24 || power > 1e10 {
            return None;
        }
        let (f, power) = (f as f32, power as f32);
        f64::from(if parsed.exponent < 0 {
            f / power
        } else {
            f * power
        })
    } else if parsed.exponent < 0 {
        f / power
    } else {
        f * power
    };
    Some(if parsed.neg { -f } else { f })
}

/// Infinities and NaN, in any case.
fn special(s: &[u8]) -> Option<(f64, usize)> {
    let (sign, signed, rest) = match s.first()? {
        b'-' => (-1.0, 1, &s[1..]),
        b'+' => (1.0, 1, &s[1..]),
        _ => (1.0, 0, s),
    };
    if !rest.first()?.is_ascii_alphabetic() {
        return None;
    }
    let starts = |word: &str| {
        rest.len() >= word.len() && rest[..word.len()].eq_ignore_ascii_case(word.as_bytes())
    };
    if starts("infinity") {
        Some((sign * f64::INFINITY, signed + 8))
    } else if starts("inf") {
        Some((sign * f64::INFINITY, signed + 3))
    } else if signed == 0 && starts("nan") {
        // The quiet NaN that Go's math.NaN returns.
        Some((f64::from_bits(0x7FF8_0000_0000_0001), 3))
    } else {
        None
    }
}

struct Scanned {
    len: usize,
    neg: bool,
    hex: bool,
    underscores: bool,
    /// Up to 16 hexadecimal or 19 decimal digits, whether other digits than 0 follow, and the power of two or ten they are to be multiplied by.
    mantissa: u64,
    truncated: bool,
    exponent: i64,
}

fn scan_float(s: &[u8]) -> Option<Scanned> {
    let at = |i: usize| s.get(i).copied().unwrap_or(0);
    let mut i = usize::from(matches!(at(0), b'+' | b'-'));
    let neg = at(0) == b'-';
    let hex = i + 2 < s.len() && s[i] == b'0' && s[i + 1] | 0x20 == b'x';
    if hex {
        i += 2;
    }
    let (mut digits, mut dot, mut underscores) = (false, false, false);
    let (mut mantissa, mut taken, mut truncated, mut exponent) = (0u64, 0, false, 0i64);
    // What a digit, and its place, are worth.
    let (base, room, step) = if hex { (16, 16, 4) } else { (10, 19, 1) };
    while i < s.len() {
        let c = s[i];
        let d = match c {
            b'0'..=b'9' => c - b'0',
            b'_' => {
                underscores = true;
                i += 1;
                continue;
            }
            b'.' if !dot => {
                dot = true;
                i += 1;
                continue;
            }
            b'a'..=b'f' | b'A'..=b'F' if hex => (c | 0x20) - b'a' + 10,
            _ => break,
        };
        digits = true;
        if taken < room {
            mantissa = mantissa * base + u64::from(d);
            taken += u32::from(mantissa != 0);
            exponent -= if dot { step } else { 0 };
        } else {
            truncated |= d != 0;
            exponent += if dot { 0 } else { step };
        }
        i += 1;
    }
    if !digits {
        return None;
    }
    if i < s.len() && s[i] | 0x20 == (if hex { b'p' } else { b'e' }) {
        i += 1;
        let minus = at(i) == b'-';
        i += usize::from(matches!(at(i), b'+' | b'-'));
        if !at(i).is_ascii_digit() {
            return None;
        }
        let mut e = 0i64;
        while i < s.len() && (s[i].is_ascii_digit() || s[i] == b'_') {
            if s[i] == b'_' {
                underscores = true;
            } else if e < 100_000 {
                e = e * 10 + i64::from(s[i] - b'0');
            }
            i += 1;
        }
        exponent += if minus { -e } else { e };
    } else if hex {
        return None;
    }
    if underscores && !underscores_ok(&s[..i]) {
        return None;
    }
    Some(Scanned {
        len: i,
        neg,
        hex,
        underscores,
        mantissa,
        truncated,
        exponent,
    })
}

/// Rounds to nearest, ties to even.
fn hex_value(parsed: &Scanned, format: &Format, bits: u32) -> f64 {
    let sign = if parsed.neg { -1.0 } else { 1.0 };
    if parsed.mantissa == 0 {
        return sign * 0.0;
    }
    // The value is wide * 2^(exponent), wide with its top bit set.
    let shift = parsed.mantissa.leading_zeros();
    let wide = parsed.mantissa << shift;
    let exponent = parsed.exponent - i64::from(shift);
    let lowest = i64::from(1 - format.bias - format.mantissa_bits as i32);
    // Drop bits until mantissa_bits + 1 are left, more for subnormal numbers.
    let drop = i64::from(63 - format.mantissa_bits).max(lowest - exponent);
    let kept = if drop > 64 {
        0
    } else {
        let wide = u128::from(wide) << 1 | u128::from(parsed.truncated);
        let drop = drop as u32 + 1;
        let (kept, rest, half) = (wide >> drop, wide & ((1 << drop) - 1), 1u128 << (drop - 1));
        (kept + u128::from(rest > half || rest == half && kept & 1 == 1)) as u64
    };
    let exponent = exponent + drop;
    // kept * 2^exponent is exact, or beyond the format's range.
    let largest = i64::from(format.bias);
    if i64::from(63 - kept.leading_zeros() as i32) + exponent > largest && kept != 0 {
        return sign * f64::INFINITY;
    }
    let magnitude = if bits == 32 || exponent >= -1022 {
        kept as f64 * 2f64.powi(exponent as i32)
    } else {
        // 2^exponent alone would not be a normal number.
        kept as f64 * 2f64.powi(exponent as i32 + 512) * 2f64.powi(-512)
    };
    sign * magnitude
}

/// Decimal digits d₁d₂... without trailing zeros, standing for 0.d₁d₂... × 10^point.
struct Digits {
    digits: SmallVec<[u8; 24]>,
    point: i32,
}

impl Digits {
    fn zero() -> Digits {
        Digits {
            digits: SmallVec::new(),
            point: 0,
        }
    }

    fn new(digits: &[u8], point: i32) -> Digits {
        let zeros = digits.iter().rev().take_while(|d| **d == b'0').count();
        Digits {
            digits: SmallVec::from_slice(&digits[..digits.len() - zeros]),
            point,
        }
    }

    fn from_decimal(Decimal { number, exponent }: Decimal) -> Digits {
        let (buf, at) = format_uint(number, 10, false);
        let digits = &buf[at..];
        Digits::new(digits, exponent + digits.len() as i32)
    }

    /// All of this number's digits after so many, rounded.
    fn exact(f: f64, digits: usize) -> Digits {
        let text = format!("{f:.*e}", digits - 1);
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let digits: SmallVec<[u8; 64]> = mantissa.bytes().filter(u8::is_ascii_digit).collect();
        Digits::new(&digits, exponent.parse::<i32>().unwrap_or(0) + 1)
    }

    /// The fewest digits that tell `f` (not negative).
    fn shortest(f: f64, bits: u32) -> Digits {
        if f == 0.0 {
            return Digits::zero();
        }
        Digits::from_decimal(decimal::shortest(if bits == 32 {
            decimal::binary32(f as f32)
        } else {
            decimal::binary64(f)
        }))
    }

    /// `f` (not negative) rounded to so many digits, at least one.
    fn rounded(f: f64, digits: usize) -> Digits {
        if f == 0.0 {
            return Digits::zero();
        }
        let few = (digits <= 17).then(|| decimal::rounded(decimal::binary64(f), digits as u32));
        match few.flatten() {
            Some(decimal) => Digits::from_decimal(decimal),
            None => Digits::exact(f, digits),
        }
    }

    fn at(&self, i: i32) -> u8 {
        usize::try_from(i)
            .ok()
            .and_then(|i| self.digits.get(i))
            .copied()
            .unwrap_or(b'0')
    }
}

/// `f` in one of Go's formats `b e E f g G x X`; a negative precision asks for the fewest digits that tell the value of
/// `bits` (32 or 64) bits.
pub fn format_float(f: f64, verb: u8, precision: i64, bits: u32) -> Text {
    let f = if bits == 32 { f64::from(f as f32) } else { f };
    let mut out = Text::new();
    if !f.is_finite() {
        out.extend_from_slice(match f {
            f64::INFINITY => b"+Inf",
            f64::NEG_INFINITY => b"-Inf",
            _ => b"NaN",
        });
        return out;
    }
    if f.is_sign_negative() {
        out.push(b'-');
    }
    let magnitude = f.abs();
    match verb {
        b'b' => binary(&mut out, magnitude, bits),
        b'x' | b'X' => hexadecimal(&mut out, magnitude, verb, precision, bits),
        b'e' | b'E' | b'f' | b'g' | b'G' => decimal(&mut out, magnitude, verb, precision, bits),
        _ => {
            out.clear();
            out.extend_from_slice(&[b'%', verb]);
        }
    }
    out
}

/// Writes `f` (not negative) with so many digits after the point, where it is an integer and a fraction of which 128 bits hold all that decides the rounding: half to even, as the
/// value is exact. False, with nothing written, for other values.
fn fixed_point(out: &mut Text, f: f64, precision: i64) -> bool {
    const MOST: i64 = 18;
    if !(0..=MOST).contains(&precision) || f.to_bits() >> 52 == 0 && f != 0.0 {
        return false;
    }
    let exponent = (f.to_bits() >> 52) as i32 - 1075;
    let mantissa = f.to_bits() & ((1 << 52) - 1) | u64::from(f != 0.0) << 52;
    let scale = 10u64.pow(precision as u32);
    // The fraction has `shift` bits.
    let (mut whole, mut fraction) = match -exponent {
        -11..=0 => (mantissa << exponent, 0),
        shift @ 1..=120 => {
            let whole = mantissa.checked_shr(shift as u32).unwrap_or(0);
            // Below 2^53 * 10^18.
            let scaled = u128::from(mantissa) - (u128::from(whole) << shift);
            let scaled = scaled * u128::from(scale);
            let (digits, rest) = ((scaled >> shift) as u64, scaled & ((1 << shift) - 1));
            let half = 1 << (shift - 1);
            let odd = if precision == 0 { whole } else { digits } & 1 == 1;
            (
                whole,
                digits + u64::from(rest > half || rest == half && odd),
            )
        }
        _ if f == 0.0 => (0, 0),
        _ => return false,
    };
    if fraction == scale {
        whole += 1;
        fraction = 0;
    }
    let (digits, at) = format_uint(whole, 10, false);
    out.extend_from_slice(&digits[at..]);
    if precision > 0 {
        out.push(b'.');
        let (digits, at) = format_uint(fraction, 10, false);
        zeros(out, precision as usize - (digits.len() - at));
        out.extend_from_slice(&digits[at..]);
    }
    true
}

fn decimal(out: &mut Text, f: f64, verb: u8, precision: i64, bits: u32) {
    let shortest = precision < 0;
    // Beyond this many digits after the point all are zeros.
    const MAX_DIGITS: i64 = 1100;
    let wanted = precision.min(MAX_DIGITS) as usize;
    let digits = if shortest {
        Digits::shortest(f, bits)
    } else {
        match verb {
            b'e' | b'E' => Digits::rounded(f, wanted + 1),
            b'f' => {
                if fixed_point(out, f, precision) {
                    return;
                }
                write!(out, "{f:.wanted$}").expect("writing to memory");
                zeros(out, precision as usize - wanted);
                return;
            }
            _ => Digits::rounded(f, wanted.max(1)),
        }
    };
    let count = digits.digits.len() as i64;
    let point = i64::from(digits.point);
    match verb {
        b'e' | b'E' => exponential(
            out,
            &digits,
            if shortest {
                (count - 1).max(0)
            } else {
                precision
            },
            verb,
        ),
        b'f' => fixed(out, &digits, (count - point).max(0)),
        _ => {
            let precision = if shortest { count } else { precision.max(1) };
            let mut threshold = precision;
            if threshold > count && count >= point {
                threshold = count;
            }
            if shortest {
                threshold = 6;
            }
            let exponent = point - 1;
            if exponent < -4 || exponent >= threshold {
                exponential(out, &digits, precision.min(count) - 1, verb - (b'g' - b'e'));
            } else {
                let precision = if precision > point { count } else { precision };
                fixed(out, &digits, (precision - point).max(0));
            }
        }
    }
}

fn zeros(out: &mut Text, count: usize) {
    out.resize(out.len() + count, b'0');
}

/// d.ddde±dd
fn exponential(out: &mut Text, digits: &Digits, precision: i64, e: u8) {
    out.push(digits.at(0));
    if precision > 0 {
        out.push(b'.');
        let precision = usize::try_from(precision).unwrap_or(0);
        let rest = digits.digits.get(1..).unwrap_or(&[]);
        let rest = &rest[..rest.len().min(precision)];
        out.extend_from_slice(rest);
        zeros(out, precision - rest.len());
    }
    let exponent = if digits.digits.is_empty() {
        0
    } else {
        digits.point - 1
    };
    out.push(e);
    signed_exponent(out, exponent);
}

/// Sign and at least two digits.
fn signed_exponent(out: &mut Text, exponent: i32) {
    out.push(if exponent < 0 { b'-' } else { b'+' });
    let exponent = exponent.unsigned_abs();
    if exponent < 10 {
        out.push(b'0');
    }
    let (digits, at) = format_uint(u64::from(exponent), 10, false);
    out.extend_from_slice(&digits[at..]);
}

/// ddd.ddd
fn fixed(out: &mut Text, digits: &Digits, precision: i64) {
    if digits.point > 0 {
        for i in 0..digits.point {
            out.push(digits.at(i));
        }
    } else {
        out.push(b'0');
    }
    if precision > 0 {
        out.push(b'.');
        for i in 0..precision {
            let i = i32::try_from(i).unwrap_or(i32::MAX);
            out.push(digits.at(digits.point.saturating_add(i)));
        }
    }
}

/// Mantissa with its implicit bit, exponent of its top bit's place, and the format.
fn parts(f: f64, bits: u32) -> (u64, i32, Format) {
    let (raw, format) = if bits == 32 {
        (u64::from((f as f32).to_bits()), F32)
    } else {
        (f.to_bits(), F64)
    };
    let mut exponent = (raw >> format.mantissa_bits & format.exponent_mask) as i32;
    let mut mantissa = raw & ((1 << format.mantissa_bits) - 1);
    if exponent == 0 {
        exponent = 1;
    } else {
        mantissa |= 1 << format.mantissa_bits;
    }
    (mantissa, exponent - format.bias, format)
}

/// ddddp±ddd
fn binary(out: &mut Text, f: f64, bits: u32) {
    let (mantissa, exponent, format) = parts(f, bits);
    write!(
        out,
        "{mantissa}p{:+}",
        exponent - format.mantissa_bits as i32
    )
    .expect("writing to memory");
}

/// 0x1.hhhp±dd
fn hexadecimal(out: &mut Text, f: f64, verb: u8, precision: i64, bits: u32) {
    const TOP: u64 = 1 << 60;
    let (mut mantissa, mut exponent, format) = parts(f, bits);
    if mantissa == 0 {
        exponent = 0;
    }
    mantissa <<= 60 - format.mantissa_bits;
    while mantissa != 0 && mantissa & TOP == 0 {
        mantissa <<= 1;
        exponent -= 1;
    }
    if (0..15).contains(&precision) {
        let shift = precision as u32 * 4;
        let extra = mantissa << shift & (TOP - 1);
        mantissa >>= 60 - shift;
        if extra | (mantissa & 1) > 1 << 59 {
            mantissa += 1;
        }
        mantissa <<= 60 - shift;
        if mantissa & (TOP << 1) != 0 {
            mantissa >>= 1;
            exponent += 1;
        }
    }
    let digit = |m: u64| {
        let c = b"0123456789abcdef"[(m >> 60 & 0xF) as usize];
        if verb == b'X' {
            c.to_ascii_uppercase()
        } else {
            c
        }
    };
    out.extend_from_slice(&[b'0', verb]);
    out.push(if mantissa & TOP != 0 { b'1' } else { b'0' });
    mantissa <<= 4;
    if precision < 0 && mantissa != 0 {
        out.push(b'.');
        while mantissa != 0 {
            out.push(digit(mantissa));
            mantissa <<= 4;
        }
    } else if precision > 0 {
        out.push(b'.');
        for _ in 0..precision {
            out.push(digit(mantissa));
            mantissa <<= 4;
        }
    }
    out.push(if verb == b'X' { b'P' } else { b'p' });
    signed_exponent(out, exponent);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fixed_point_is_what_all_digits_round_to() {
        let mut x = 0x9E37_79B9_7F4A_7C15_u64;
        let mut written = 0;
        for i in 0..200_000_u64 {
            x = x
                .wrapping_mul(6364136223846793005)
                .wrapping_add(1442695040888963407);
            let f = match i % 4 {
                0 => (x >> 20) as f64 / 1024.0,
                1 => (x >> 40) as f64 / 1000.0,
                2 => f64::from_bits((x >> 2) % (1087 << 52)),
                _ => (x >> 50) as f64 * 0.5,
            };
            let precision = (x % 20) as usize;
            let mut text = Text::new();
            if fixed_point(&mut text, f, precision as i64) {
                written += 1;
                let text = std::str::from_utf8(&text).unwrap();
                assert_eq!(text, format!("{f:.precision$}"), "{f:e} with {precision}");
            }
        }
        assert!(written > 100_000);
        let mut text = Text::new();
        for (f, precision) in [
            (0.5, 0),
            (1.5, 0),
            (2.5, 0),
            (0.0, 2),
            (0.125, 2),
            (9.996, 2),
            (1e17, 1),
        ] {
            assert!(fixed_point(&mut text, f, precision));
            text.push(b' ');
        }
        assert_eq!(&text[..], b"0 2 2 0.00 0.12 10.00 100000000000000000.0 ");
    }

    #[test]
    fn formats() {
        let cases: &[(f64, u8, i64, &str)] = &[
            (1.0, b'g', -1, "1"),
            (1e21, b'g', -1, "1e+21"),
            (123456.0, b'g', -1, "123456"),
            (1234567.0, b'g', -1, "1.234567e+06"),
            (100.0, b'g', 5, "100"),
            (0.00001, b'g', -1, "1e-05"),
            (0.0, b'e', -1, "0e+00"),
            (0.0, b'f', 3, "0.000"),
            (-0.0, b'g', -1, "-0"),
            (2.5, b'f', 0, "2"),
            (3.5, b'f', 0, "4"),
            (0.5, b'f', 0, "0"),
            (1.5, b'f', 0, "2"),
            (0.25, b'f', 1, "0.2"),
            (12345.678, b'e', 3, "1.235e+04"),
            (1.0, b'x', -1, "0x1p+00"),
            (0.1, b'x', -1, "0x1.999999999999ap-04"),
            (1.0, b'b', -1, "4503599627370496p-52"),
            (5e-324, b'g', -1, "5e-324"),
            (1.0, b'q', -1, "%q"),
        ];
        for &(f, verb, precision, want) in cases {
            assert_eq!(
                &format_float(f, verb, precision, 64)[..],
                want.as_bytes(),
                "{f} {} {precision}",
                verb as char
            );
        }
        assert_eq!(&format_float(0.1, b'g', -1, 32)[..], b"0.1");
    }

    #[test]
    fn parses() {
        let cases: &[(&str, f64, usize, Status)] = &[
            ("1_0.5e1_0", 1.05e11, 9, Status::Ok),
            ("0x_1p0", 1.0, 6, Status::Ok),
            ("1__0", 0.0, 0, Status::Syntax),
            ("1e", 0.0, 0, Status::Syntax),
            ("0x1", 0.0, 0, Status::Syntax),
            ("infi", f64::INFINITY, 3, Status::Ok),
            ("1e400", f64::INFINITY, 5, Status::Range),
            ("0x1p1024", f64::INFINITY, 8, Status::Range),
            ("0x1p-1074", 5e-324, 9, Status::Ok),
            ("0x1p-1075", 0.0, 9, Status::Ok),
            ("0x1.8p-1074", 1e-323, 11, Status::Ok),
            ("0x.8p1", 1.0, 6, Status::Ok),
            ("3+2i", 3.0, 1, Status::Ok),
        ];
        for &(text, f, n, status) in cases {
            assert_eq!(parse_float(text.as_bytes(), 64), (f, n, status), "{text}");
        }
        assert_eq!(
            parse_uint(b"18446744073709551616x", 10, 64),
            (u64::MAX, Status::Range)
        );
        assert_eq!(parse_uint(b"0_7", 0, 64), (7, Status::Ok));
        assert_eq!(parse_uint(b"0x_f", 0, 8), (15, Status::Ok));
        assert_eq!(parse_uint(b"256", 10, 8), (255, Status::Range));
    }
}
