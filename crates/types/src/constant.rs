//! Constant values: exact integers, exact rationals that become 512-bit floats when they grow
//! large, complex numbers, strings and booleans, with the arithmetic the language defines on them.

use crate::bigfloat::BigFloat;
use num_bigint::{BigInt, BigUint, Sign};
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use std::cmp::Ordering;
use std::fmt;
use std::sync::Arc;

/// Rationals whose parts are wider than this become floats.
const MAX_RATIONAL_BITS: u64 = 4096;

/// A constant value. Numbers are normalised: an integer that fits is always `Int`, and a
/// `Rational` is never an integer unless it came from a floating-point constant.
#[derive(Clone, Debug)]
pub enum Const {
    /// Result of an erroneous operation; operations on it give `Unknown` again.
    Unknown,
    /// A boolean.
    Bool(bool),
    /// A string of bytes.
    Str(Arc<[u8]>),
    /// An integer that fits 64 bits.
    Int(i64),
    /// Any other integer.
    Big(Arc<BigInt>),
    /// An exact fraction.
    Rational(Arc<BigRational>),
    /// A number too large or small to be kept as a fraction.
    Float(Arc<BigFloat>),
    /// Real and imaginary part.
    Complex(Arc<(Const, Const)>),
}

/// How far a numeric constant is up the tower int < rational < float < complex.
fn rank(c: &Const) -> u8 {
    match c {
        Const::Int(_) => 1,
        Const::Big(_) => 2,
        Const::Rational(_) => 3,
        Const::Float(_) => 4,
        Const::Complex(_) => 5,
        _ => 0,
    }
}

fn ratio(r: BigRational) -> Const {
    if r.numer().bits() > MAX_RATIONAL_BITS || r.denom().bits() > MAX_RATIONAL_BITS {
        return float(BigFloat::from_rational(&r));
    }
    Const::Rational(Arc::new(r))
}

fn float(f: BigFloat) -> Const {
    if f.is_zero() {
        return Const::Int(0);
    }
    if f.is_infinite() {
        Const::Unknown
    } else {
        Const::Float(Arc::new(f))
    }
}

fn complex(re: Const, im: Const) -> Const {
    if matches!(re, Const::Unknown) || matches!(im, Const::Unknown) {
        return Const::Unknown;
    }
    Const::Complex(Arc::new((re, im)))
}

/// Two's-complement independent arithmetic operators.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Arith {
    /// `+` (also string concatenation)
    Add,
    /// `-`
    Sub,
    /// `*`
    Mul,
    /// `/` on floating-point and complex numbers
    Quo,
    /// `/` on integers, truncating
    IntQuo,
    /// `%`
    Rem,
    /// `&`
    And,
    /// `|`
    Or,
    /// `^`
    Xor,
    /// `&^`
    AndNot,
}

impl Const {
    /// From any big integer.
    pub fn big(v: BigInt) -> Const {
        match v.to_i64() {
            Some(i) => Const::Int(i),
            None => Const::Big(Arc::new(v)),
        }
    }

    /// From an unsigned integer.
    pub fn uint(v: u64) -> Const {
        Const::big(BigInt::from(v))
    }

    /// From text.
    pub fn string(s: &str) -> Const {
        Const::Str(s.as_bytes().into())
    }

    /// The exact value of a finite float64; `Unknown` for others.
    pub fn from_f64(v: f64) -> Const {
        if v == 0.0 {
            return Const::Int(0);
        }
        match BigRational::from_float(v) {
            Some(r) => ratio(r),
            None => Const::Unknown,
        }
    }

    /// A complex constant from two real ones.
    pub fn make_complex(re: Const, im: Const) -> Const {
        complex(re, im)
    }

    /// Whether the value is known.
    pub fn is_known(&self) -> bool {
        !matches!(self, Const::Unknown)
    }

    /// Whether the value is represented as an integer.
    pub fn is_int(&self) -> bool {
        matches!(self, Const::Int(_) | Const::Big(_))
    }

    /// Reads an integer literal (`0x`, `0b`, `0o`, `0` prefixes, underscores).
    pub fn parse_int(text: &str) -> Const {
        let clean: String = text.chars().filter(|&c| c != '_').collect();
        let lower = clean.to_ascii_lowercase();
        let (digits, radix) = if let Some(d) = lower.strip_prefix("0x") {
            (d, 16)
        } else if let Some(d) = lower.strip_prefix("0b") {
            (d, 2)
        } else if let Some(d) = lower.strip_prefix("0o") {
            (d, 8)
        } else if lower.len() > 1 && lower.starts_with('0') {
            (&lower[1..], 8)
        } else {
            (&lower[..], 10)
        };
        if let Ok(v) = i64::from_str_radix(digits, radix) {
            return Const::Int(v);
        }
        BigUint::parse_bytes(digits.as_bytes(), radix)
            .map_or(Const::Unknown, |v| Const::big(v.into()))
    }

    /// Reads a floating-point literal, decimal or hexadecimal.
    pub fn parse_float(text: &str) -> Const {
        let clean: String = text
            .chars()
            .filter(|&c| c != '_')
            .collect::<String>()
            .to_ascii_lowercase();
        let (body, radix, marker) = if let Some(h) = clean.strip_prefix("0x") {
            (h, 16, 'p')
        } else {
            (&clean[..], 10, 'e')
        };
        let (mantissa, exponent) = match body.split_once(marker) {
            Some((m, e)) => (
                m,
                e.parse::<i64>().unwrap_or(if e.starts_with('-') {
                    -(1 << 40)
                } else {
                    1 << 40
                }),
            ),
            None => (body, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let digits = format!("{whole}{fraction}");
        let Some(m) = BigUint::parse_bytes(
            if digits.is_empty() {
                b"0"
            } else {
                digits.as_bytes()
            },
            radix,
        ) else {
            return Const::Unknown;
        };
        let m = BigInt::from(m);
        if m.is_zero() {
            return Const::Int(0);
        }
        if radix == 16 {
            let e = exponent - 4 * fraction.len() as i64;
            let size = m.bits() as i64 + e;
            if e.abs() <= 4096 && size.abs() <= 4096 {
                let one = BigInt::one();
                return ratio(if e >= 0 {
                    BigRational::from_integer(m << e as u64)
                } else {
                    BigRational::new(m, one << (-e) as u64)
                });
            }
            if e > 1 << 31 {
                return Const::Unknown;
            }
            if e < -(1 << 31) {
                return Const::Int(0);
            }
            return float(BigFloat::from_binary(&m, e));
        }
        let e = exponent - fraction.len() as i64;
        if e.abs() <= 1200 {
            let ten = BigInt::from(10).pow(e.unsigned_abs() as u32);
            return ratio(if e >= 0 {
                BigRational::from_integer(m * ten)
            } else {
                BigRational::new(m, ten)
            });
        }
        if e > 700_000_000 {
            return Const::Unknown;
        }
        if e < -700_000_000 {
            return Const::Int(0);
        }
        float(BigFloat::from_decimal(&m, e))
    }

    /// Reads an imaginary literal (with its `i`).
    pub fn parse_imaginary(text: &str) -> Const {
        let t = text.strip_suffix('i').unwrap_or(text);
        let lower = t.to_ascii_lowercase();
        let prefixed =
            lower.starts_with("0x") || lower.starts_with("0b") || lower.starts_with("0o");
        let is_float = if lower.starts_with("0x") {
            lower.contains(['.', 'p'])
        } else {
            lower.contains(['.', 'e'])
        };
        let v = if is_float {
            Const::parse_float(t)
        } else if prefixed {
            Const::parse_int(t)
        } else {
            // 0123i is decimal, for history's sake.
            let d = lower.replace('_', "");
            let d = d.trim_start_matches('0');
            Const::parse_int(if d.is_empty() { "0" } else { d })
        };
        complex(Const::Int(0), v)
    }

    /// The value as a big integer, if it is represented as an integer.
    pub fn as_bigint(&self) -> Option<BigInt> {
        match self {
            Const::Int(i) => Some(BigInt::from(*i)),
            Const::Big(b) => Some((**b).clone()),
            _ => None,
        }
    }

    /// The value as i64, if it is an integer that fits.
    pub fn as_i64(&self) -> Option<i64> {
        match self {
            Const::Int(i) => Some(*i),
            _ => None,
        }
    }

    /// The value as u64, if it is an integer that fits.
    pub fn as_u64(&self) -> Option<u64> {
        match self {
            Const::Int(i) => u64::try_from(*i).ok(),
            Const::Big(b) => b.to_u64(),
            _ => None,
        }
    }

    /// The low 64 bits of an integer constant, in two's complement: what a register holds.
    pub fn bits64(&self) -> u64 {
        match self {
            Const::Int(i) => *i as u64,
            Const::Big(b) => b
                .to_u64()
                .or_else(|| b.to_i64().map(|v| v as u64))
                .unwrap_or(0),
            _ => match self.to_int() {
                c @ (Const::Int(_) | Const::Big(_)) => c.bits64(),
                _ => 0,
            },
        }
    }

    /// The truth value of a boolean constant.
    pub fn as_bool(&self) -> Option<bool> {
        match self {
            Const::Bool(b) => Some(*b),
            _ => None,
        }
    }

    /// The bytes of a string constant.
    pub fn as_str(&self) -> Option<&Arc<[u8]>> {
        match self {
            Const::Str(s) => Some(s),
            _ => None,
        }
    }

    fn as_float(&self) -> BigFloat {
        match self {
            Const::Int(i) => BigFloat::from_int(&BigInt::from(*i)),
            Const::Big(b) => BigFloat::from_int(b),
            Const::Rational(r) => BigFloat::from_rational(r),
            Const::Float(f) => (**f).clone(),
            _ => BigFloat::from_int(&BigInt::zero()),
        }
    }

    fn as_rational(&self) -> Option<BigRational> {
        match self {
            Const::Int(i) => Some(BigRational::from_integer(BigInt::from(*i))),
            Const::Big(b) => Some(BigRational::from_integer((**b).clone())),
            Const::Rational(r) => Some((**r).clone()),
            Const::Float(f) => f.to_rational(),
            _ => None,
        }
    }

    /// Nearest float64 of a real number (infinite when out of range).
    pub fn to_f64(&self) -> f64 {
        match self {
            Const::Complex(c) => c.0.to_f64(),
            // Exactly representable, the common case.
            Const::Int(i) if i.unsigned_abs() < 1 << 53 => *i as f64,
            _ => self.as_float_for_rounding().to_f64(),
        }
    }

    /// Nearest float32 of a real number (infinite when out of range).
    pub fn to_f32(&self) -> f32 {
        match self {
            Const::Complex(c) => c.0.to_f32(),
            _ => self.as_float_for_rounding().to_f32() as f32,
        }
    }

    fn as_float_for_rounding(&self) -> BigFloat {
        match self {
            Const::Int(i) => BigFloat::odd_quotient(&BigInt::from(*i), &BigInt::one()),
            Const::Big(b) => BigFloat::odd_quotient(b, &BigInt::one()),
            Const::Rational(r) => BigFloat::odd_quotient(r.numer(), r.denom()),
            _ => self.as_float(),
        }
    }

    /// Real part.
    pub fn real(&self) -> Const {
        match self {
            Const::Complex(c) => c.0.clone(),
            c if rank(c) > 0 => c.clone(),
            _ => Const::Unknown,
        }
    }

    /// Imaginary part.
    pub fn imag(&self) -> Const {
        match self {
            Const::Complex(c) => c.1.clone(),
            c if rank(c) > 0 => Const::Int(0),
            _ => Const::Unknown,
        }
    }

    /// The same number as an integer constant, or `Unknown` when it is none.
    pub fn to_int(&self) -> Const {
        match self {
            Const::Int(_) | Const::Big(_) => self.clone(),
            Const::Rational(r) if r.is_integer() => Const::big(r.to_integer()),
            Const::Float(f) => f.to_int().map_or(Const::Unknown, Const::big),
            Const::Complex(c) if c.1.is_zero() => c.0.to_int(),
            _ => Const::Unknown,
        }
    }

    /// The same number as a real constant, or `Unknown` when it has an imaginary part.
    pub fn to_real(&self) -> Const {
        match self {
            Const::Complex(c) if c.1.is_zero() => c.0.to_real(),
            Const::Complex(_) => Const::Unknown,
            c if rank(c) > 0 => c.clone(),
            _ => Const::Unknown,
        }
    }

    /// The same number as a complex constant.
    pub fn to_complex(&self) -> Const {
        match self {
            Const::Complex(_) => self.clone(),
            c if rank(c) > 0 => complex(c.clone(), Const::Int(0)),
            _ => Const::Unknown,
        }
    }

    /// Whether a number is zero.
    pub fn is_zero(&self) -> bool {
        match self {
            Const::Int(i) => *i == 0,
            Const::Rational(r) => r.is_zero(),
            Const::Float(f) => f.is_zero(),
            Const::Complex(c) => c.0.is_zero() && c.1.is_zero(),
            _ => false,
        }
    }

    /// -1, 0 or 1 for a real number.
    pub fn signum(&self) -> i32 {
        match self {
            Const::Int(i) => i.signum() as i32,
            Const::Big(b) => match b.sign() {
                Sign::Minus => -1,
                Sign::NoSign => 0,
                Sign::Plus => 1,
            },
            Const::Rational(r) => r.numer().signum().to_i32().unwrap_or(0),
            Const::Float(f) => f.signum(),
            Const::Complex(c) => c.0.signum() | c.1.signum(),
            _ => 1,
        }
    }

    /// Bits of an integer's magnitude.
    pub fn bit_len(&self) -> u64 {
        match self {
            Const::Int(i) => u64::from(64 - i.unsigned_abs().leading_zeros()),
            Const::Big(b) => b.bits(),
            _ => 0,
        }
    }

    /// `-x`
    pub fn neg(&self) -> Const {
        match self {
            Const::Int(i) => i
                .checked_neg()
                .map_or_else(|| Const::big(-BigInt::from(*i)), Const::Int),
            Const::Big(b) => Const::big(-(**b).clone()),
            Const::Rational(r) => ratio(-(**r).clone()),
            Const::Float(f) => float(f.neg()),
            Const::Complex(c) => complex(c.0.neg(), c.1.neg()),
            _ => Const::Unknown,
        }
    }

    /// `^x`; for an unsigned type of `unsigned_bits` only those bits are kept.
    pub fn not(&self, unsigned_bits: Option<u32>) -> Const {
        let Some(v) = self.as_bigint() else {
            return Const::Unknown;
        };
        let r = -v - 1;
        Const::big(match unsigned_bits {
            Some(bits) => r & ((BigInt::one() << bits) - 1),
            None => r,
        })
    }

    /// A binary arithmetic operation. Division by zero gives `Unknown`.
    pub fn arith(&self, op: Arith, o: &Const) -> Const {
        match (self, o) {
            (Const::Str(a), Const::Str(b)) if op == Arith::Add => {
                let mut v = Vec::with_capacity(a.len() + b.len());
                v.extend_from_slice(a);
                v.extend_from_slice(b);
                return Const::Str(v.into());
            }
            (Const::Int(a), Const::Int(b)) => {
                let small = match op {
                    Arith::Add => a.checked_add(*b),
                    Arith::Sub => a.checked_sub(*b),
                    Arith::Mul => a.checked_mul(*b),
                    Arith::IntQuo => a.checked_div(*b),
                    Arith::Rem => a.checked_rem(*b),
                    Arith::And => Some(a & b),
                    Arith::Or => Some(a | b),
                    Arith::Xor => Some(a ^ b),
                    Arith::AndNot => Some(a & !b),
                    Arith::Quo => None,
                };
                if let Some(v) = small {
                    return Const::Int(v);
                }
            }
            _ => {}
        }
        let (ra, rb) = (rank(self), rank(o));
        if ra == 0 || rb == 0 {
            return Const::Unknown;
        }
        match ra.max(rb) {
            1 | 2 => self.int_arith(op, o),
            3 => {
                let (Some(a), Some(b)) = (self.as_rational(), o.as_rational()) else {
                    return Const::Unknown;
                };
                match op {
                    Arith::Add => ratio(a + b),
                    Arith::Sub => ratio(a - b),
                    Arith::Mul => ratio(a * b),
                    Arith::Quo if !b.is_zero() => ratio(a / b),
                    _ => Const::Unknown,
                }
            }
            4 => {
                let (a, b) = (self.as_float(), o.as_float());
                match op {
                    Arith::Add => float(a.add(&b)),
                    Arith::Sub => float(a.sub(&b)),
                    Arith::Mul => float(a.mul(&b)),
                    Arith::Quo if !b.is_zero() => float(a.div(&b)),
                    _ => Const::Unknown,
                }
            }
            _ => self.complex_arith(op, o),
        }
    }

    fn int_arith(&self, op: Arith, o: &Const) -> Const {
        let (Some(a), Some(b)) = (self.as_bigint(), o.as_bigint()) else {
            return Const::Unknown;
        };
        if b.is_zero() && matches!(op, Arith::Quo | Arith::IntQuo | Arith::Rem) {
            return Const::Unknown;
        }
        Const::big(match op {
            Arith::Add => a + b,
            Arith::Sub => a - b,
            Arith::Mul => a * b,
            Arith::Quo => {
                let (q, r) = a.div_rem(&b);
                if !r.is_zero() {
                    return ratio(BigRational::new(a, b));
                }
                q
            }
            Arith::IntQuo => a / b,
            Arith::Rem => a % b,
            Arith::And => a & b,
            Arith::Or => a | b,
            Arith::Xor => a ^ b,
            Arith::AndNot => a & (-b - 1),
        })
    }

    fn complex_arith(&self, op: Arith, o: &Const) -> Const {
        let (a, b, c, d) = (self.real(), self.imag(), o.real(), o.imag());
        let f = |x: &Const, op, y: &Const| x.arith(op, y);
        use Arith::{Add, Mul, Quo, Sub};
        match op {
            Add => complex(f(&a, Add, &c), f(&b, Add, &d)),
            Sub => complex(f(&a, Sub, &c), f(&b, Sub, &d)),
            Mul => complex(
                f(&f(&a, Mul, &c), Sub, &f(&b, Mul, &d)),
                f(&f(&b, Mul, &c), Add, &f(&a, Mul, &d)),
            ),
            Quo => {
                let s = f(&f(&c, Mul, &c), Add, &f(&d, Mul, &d));
                let re = f(&f(&a, Mul, &c), Add, &f(&b, Mul, &d));
                let im = f(&f(&b, Mul, &c), Sub, &f(&a, Mul, &d));
                complex(f(&re, Quo, &s), f(&im, Quo, &s))
            }
            _ => Const::Unknown,
        }
    }

    /// `x << n` on integers.
    pub fn shl(&self, n: u32) -> Const {
        match self {
            Const::Int(0) => Const::Int(0),
            Const::Int(i) if n < 63 && (i << n) >> n == *i => Const::Int(i << n),
            _ => self
                .as_bigint()
                .map_or(Const::Unknown, |v| Const::big(v << n)),
        }
    }

    /// `x >> n` on integers (arithmetic).
    pub fn shr(&self, n: u32) -> Const {
        match self {
            Const::Int(i) => Const::Int(i >> n.min(63)),
            _ => self
                .as_bigint()
                .map_or(Const::Unknown, |v| Const::big(v >> n)),
        }
    }

    /// Order of two numbers or strings; complex numbers, booleans only compare equal or (arbitrarily) greater.
    pub fn compare(&self, o: &Const) -> Option<Ordering> {
        let equality = |eq: bool| {
            Some(if eq {
                Ordering::Equal
            } else {
                Ordering::Greater
            })
        };
        match (self, o) {
            (Const::Int(a), Const::Int(b)) => Some(a.cmp(b)),
            (Const::Bool(a), Const::Bool(b)) => equality(a == b),
            (Const::Str(a), Const::Str(b)) => Some(a.cmp(b)),
            _ => {
                let (ra, rb) = (rank(self), rank(o));
                if ra == 0 || rb == 0 {
                    return None;
                }
                match ra.max(rb) {
                    1 | 2 => Some(self.as_bigint()?.cmp(&o.as_bigint()?)),
                    3 => Some(self.as_rational()?.cmp(&o.as_rational()?)),
                    4 => Some(self.as_float().compare(&o.as_float())),
                    _ => {
                        let same = |a: &Const, b: &Const| a.compare(b) == Some(Ordering::Equal);
                        equality(same(&self.real(), &o.real()) && same(&self.imag(), &o.imag()))
                    }
                }
            }
        }
    }
}

impl PartialEq for Const {
    fn eq(&self, o: &Const) -> bool {
        self.compare(o) == Some(Ordering::Equal)
    }
}

/// Text of a float as C's `%.6g` prints it.
fn general(v: f64) -> String {
    let e = format!("{v:.5e}");
    let Some((mantissa, exponent)) = e.split_once('e') else {
        return e;
    };
    let x: i32 = exponent.parse().unwrap_or(0);
    let trim = |s: &str| {
        if s.contains('.') {
            s.trim_end_matches('0').trim_end_matches('.').to_string()
        } else {
            s.to_string()
        }
    };
    if (-4..6).contains(&x) {
        trim(&format!("{v:.*}", (5 - x).max(0) as usize))
    } else {
        format!(
            "{}e{}{:02}",
            trim(mantissa),
            if x < 0 { '-' } else { '+' },
            x.abs()
        )
    }
}

impl fmt::Display for Const {
    /// Short text for diagnostics, in gc's form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Const::Unknown => f.write_str("unknown"),
            Const::Bool(b) => write!(f, "{b}"),
            Const::Str(s) => {
                const MAX: usize = 72;
                let quoted = quote(s);
                if quoted.chars().count() > MAX {
                    let cut: String = quoted.chars().take(MAX - 3).collect();
                    write!(f, "{cut}...")
                } else {
                    f.write_str(&quoted)
                }
            }
            Const::Int(i) => write!(f, "{i}"),
            Const::Big(b) => write!(f, "{b}"),
            Const::Rational(r) if r.is_integer() && r.numer().bits() < 70 => {
                f.write_str(&general(self.to_f64()))
            }
            Const::Rational(_) | Const::Float(_) => {
                let v = self.to_f64();
                if v.is_finite() && (v != 0.0 || self.is_zero()) {
                    f.write_str(&general(v))
                } else {
                    f.write_str(&self.as_float().scientific())
                }
            }
            Const::Complex(c) => write!(f, "({} + {}i)", c.0, c.1),
        }
    }
}

/// Go's quoted form of a string.
pub fn quote(s: &[u8]) -> String {
    use fmt::Write;
    let mut out = String::from("\"");
    for chunk in s.utf8_chunks() {
        for c in chunk.valid().chars() {
            match c {
                '"' => out.push_str("\\\""),
                '\\' => out.push_str("\\\\"),
                '\n' => out.push_str("\\n"),
                '\t' => out.push_str("\\t"),
                '\r' => out.push_str("\\r"),
                '\x07' => out.push_str("\\a"),
                '\x08' => out.push_str("\\b"),
                '\x0c' => out.push_str("\\f"),
                '\x0b' => out.push_str("\\v"),
                c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                    let _ = write!(out, "\\x{:02x}", c as u32);
                }
                c => out.push(c),
            }
        }
        for b in chunk.invalid() {
            let _ = write!(out, "\\x{b:02x}");
        }
    }
    out.push('"');
    out
}
