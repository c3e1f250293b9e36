//! The elementary functions of `math`, with gc's results bit for bit.
//!
//! They are the algorithms that gc's library uses on amd64: Cephes (Moshier) for the trigonometric functions, tanh, sinh and
//! gamma; FreeBSD's msun (Sun Microsystems) for log, expm1, log1p, erf, cbrt and the inverse hyperbolic functions; a Taylor
//! series with fused multiply-add for exp. The order of the operations is part of the result, hence the lack of freedom.
//! None may be contracted or reassociated, which Rust never does.

// Constants have the digits with which they were published.
#![allow(clippy::excessive_precision)]

use std::f64::consts::{FRAC_1_SQRT_2, FRAC_PI_2, FRAC_PI_4, LN_2, LOG2_E, LOG10_E, PI};

/// The NaN that Go's math.NaN returns.
pub const NAN: f64 = f64::from_bits(0x7FF8_0000_0000_0001);

const LN2_HI: f64 = 6.931_471_803_691_238_164_90e-01;
const LN2_LO: f64 = 1.908_214_929_270_587_700_02e-10;

/// Horner's scheme, highest coefficient first.
#[inline]
fn poly(x: f64, coefficients: &[f64]) -> f64 {
    let (first, rest) = coefficients
        .split_first()
        .expect("a polynomial has coefficients");
    rest.iter().fold(*first, |sum, c| sum * x + c)
}

/// `frexp`: a fraction in [0.5, 1) and an exponent; zeros, infinities and NaN as they are.
pub fn frexp(f: f64) -> (f64, i32) {
    if f == 0.0 || !f.is_finite() {
        return (f, 0);
    }
    let (f, shift) = if f.abs() < f64::MIN_POSITIVE {
        (f * (1u64 << 52) as f64, -52)
    } else {
        (f, 0)
    };
    let bits = f.to_bits();
    let exponent = (bits >> 52 & 0x7FF) as i32 - 1022;
    (
        f64::from_bits(bits & !(0x7FF << 52) | 1022 << 52),
        exponent + shift,
    )
}

/// f × 2^e, rounded once.
pub fn ldexp(f: f64, e: i64) -> f64 {
    if f == 0.0 || !f.is_finite() {
        return f;
    }
    let (fraction, own) = frexp(f);
    let e = e.saturating_add(i64::from(own));
    if e < -1074 {
        return 0f64.copysign(f);
    }
    if e > 1024 {
        return f64::INFINITY.copysign(f);
    }
    // fraction × 2 is in [1, 2).
    let (e, down) = if e - 1 < -1022 {
        (e + 53, 1.0 / (1u64 << 53) as f64)
    } else {
        (e, 1.0)
    };
    down * f64::from_bits(fraction.to_bits() & !(0x7FF << 52) | ((e - 1 + 1023) as u64) << 52)
}

/// Integer part and fraction, both with f's sign.
pub fn modf(f: f64) -> (f64, f64) {
    let int = f.trunc();
    if f.is_infinite() {
        (f, NAN)
    } else {
        (int, (f - int).copysign(f))
    }
}

pub fn exp(x: f64) -> f64 {
    /// The machine's instruction for `mul_add`, instead of a call.
    #[cfg(target_arch = "x86_64")]
    #[target_feature(enable = "fma")]
    fn fused(x: f64) -> f64 {
        exp_by_series(x)
    }
    #[cfg(target_arch = "x86_64")]
    if is_x86_feature_detected!("fma") {
        // SAFETY: the machine has the instruction.
        return unsafe { fused(x) };
    }
    exp_by_series(x)
}

#[inline(always)]
fn exp_by_series(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x == f64::NEG_INFINITY {
        return 0.0;
    }
    if x > 7.097_827_128_933_84e+02 {
        return f64::INFINITY;
    }
    let scaled = (LOG2_E * x).round_ties_even();
    let k = if (f64::from(i32::MIN)..=f64::from(i32::MAX)).contains(&scaled) {
        scaled as i32
    } else {
        i32::MIN
    };
    let kf = f64::from(k);
    let r = (-kf).mul_add(0.693_147_180_559_662_956_511_601_801_805_696_868, x);
    let r = (-kf).mul_add(0.282_352_905_630_315_771_225_884_481_750_134_360e-12, r) * 0.0625;
    // 1/8! ... 1/2!, 1
    let series = [
        1.984_126_984_126_984_127_0e-4,
        1.388_888_888_888_888_888_9e-3,
        8.333_333_333_333_333_333_3e-3,
        4.166_666_666_666_666_666_7e-2,
        1.666_666_666_666_666_666_7e-1,
        0.5,
        1.0,
    ]
    .into_iter()
    .fold(2.480_158_730_158_730_158_7e-5, |sum: f64, c| {
        sum.mul_add(r, c)
    });
    // e^r - 1, squared up four times as (e - 1)(e + 1).
    let mut e = r * series;
    for _ in 0..3 {
        e *= e + 2.0;
    }
    let e = e.mul_add(e + 2.0, 1.0);
    let biased = k.wrapping_add(1023);
    if biased >= 0x7FF {
        f64::INFINITY
    } else if biased > 0 {
        e * f64::from_bits((biased as u64) << 52)
    } else if biased < -52 {
        0.0
    } else {
        e * f64::from_bits(((biased + 1022) as u64) << 52) * f64::from_bits(1 << 52)
    }
}

pub fn exp2(x: f64) -> f64 {
    if x.is_nan() {
        return x;
    }
    if x > 1.023_999_999_999_999_9e+03 {
        return f64::INFINITY;
    }
    if x < -1.0740e+03 {
        return 0.0;
    }
    let k = if x > 0.0 {
        (x + 0.5) as i64
    } else {
        (x - 0.5) as i64
    };
    let t = x - k as f64;
    let (hi, lo) = (t * LN2_HI, -t * LN2_LO);
    let r = hi - lo;
    let t = r * r;
    let c = r - t * poly(
        t,
        &[
            4.138_136_797_057_238_460_39e-08,
            -1.653_390_220_546_525_153_90e-06,
            6.613_756_321_437_934_361_17e-05,
            -2.777_777_777_701_559_338_42e-03,
            1.666_666_666_666_666_574_15e-01,
        ],
    );
    ldexp(1.0 - ((lo - (r * c) / (2.0 - c)) - hi), k)
}

pub fn expm1(x: f64) -> f64 {
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    let size = x.abs();
    if size >= 3.881_624_211_135_693_732_74e+01 {
        if x < 0.0 {
            return -1.0;
        }
        if size >= 7.097_827_128_933_839_730_96e+02 {
            return f64::INFINITY;
        }
    }
    let (mut r, mut c, mut k) = (x, 0.0, 0i64);
    if size > 3.465_735_902_799_726_547_09e-01 {
        let (hi, lo);
        if size < 1.039_720_770_839_917_964_13e+00 {
            k = if x < 0.0 { -1 } else { 1 };
            (hi, lo) = (x - k as f64 * LN2_HI, k as f64 * LN2_LO);
        } else {
            k = (LOG2_E * x + 0.5f64.copysign(x)) as i64;
            let t = k as f64;
            (hi, lo) = (x - t * LN2_HI, t * LN2_LO);
        }
        r = hi - lo;
        c = (hi - r) - lo;
    } else if size < 1.0 / (1u64 << 54) as f64 {
        return x;
    }
    let half = 0.5 * r;
    let square = r * half;
    let r1 = poly(
        square,
        &[
            -2.010_992_181_836_243_713_26e-07,
            4.008_217_827_329_362_395_52e-06,
            -7.936_507_578_674_879_424_73e-05,
            1.587_301_587_254_814_601_65e-03,
            -3.333_333_333_333_313_164_28e-02,
            1.0,
        ],
    );
    let t = 3.0 - r1 * half;
    let mut e = square * ((r1 - t) / (6.0 - r * t));
    if k == 0 {
        return r - (r * e - square);
    }
    e = r * (e - c) - c;
    e -= square;
    let scale = |y: f64| f64::from_bits(y.to_bits().wrapping_add((k as u64) << 52));
    match k {
        -1 => 0.5 * (r - e) - 0.5,
        1 if r < -0.25 => -2.0 * (e - (r + 0.5)),
        1 => 1.0 + 2.0 * (r - e),
        _ if k <= -2 || k > 56 => scale(1.0 - (e - r)) - 1.0,
        _ if k < 20 => {
            scale(f64::from_bits(0x3FF0_0000_0000_0000 - (0x20_0000_0000_0000 >> k)) - (e - r))
        }
        _ => scale(r - (e + f64::from_bits(((0x3FF - k) as u64) << 52)) + 1.0),
    }
}

/// The coefficients of log's and log1p's series in s = f/(2+f), for s² to s¹⁴.
const L: [f64; 7] = [
    6.666_666_666_666_735_130e-01,
    3.999_999_999_940_941_908e-01,
    2.857_142_874_366_239_149e-01,
    2.222_219_843_214_978_396e-01,
    1.818_357_216_161_805_012e-01,
    1.531_383_769_920_937_332e-01,
    1.479_819_860_511_658_591e-01,
];

pub fn log(x: f64) -> f64 {
    if x == 0.0 {
        return f64::NEG_INFINITY;
    }
    if x.is_nan() || x == f64::INFINITY {
        return x;
    }
    if x < 0.0 {
        return NAN;
    }
    // Subnormal numbers are not normalised first, as in gc's assembly.
    let bits = x.to_bits();
    let mut fraction = f64::from_bits(bits & 0x000F_FFFF_FFFF_FFFF | 0.5f64.to_bits());
    let mut k = ((bits >> 52) as i32 & 0x7FF) as f64 - 1022.0;
    if fraction <= FRAC_1_SQRT_2 {
        k -= 1.0;
        fraction *= 2.0;
    }
    let f = fraction - 1.0;
    let s = f / (2.0 + f);
    let s2 = s * s;
    let s4 = s2 * s2;
    let t1 = s2 * poly(s4, &[L[6], L[4], L[2], L[0]]);
    let t2 = s4 * poly(s4, &[L[5], L[3], L[1]]);
    let half = 0.5 * f * f;
    k * LN2_HI - ((half - (s * (half + (t1 + t2)) + k * LN2_LO)) - f)
}

pub fn log10(x: f64) -> f64 {
    log(x) * LOG10_E
}

pub fn log2(x: f64) -> f64 {
    let (fraction, e) = frexp(x);
    if fraction == 0.5 {
        return f64::from(e - 1);
    }
    log(fraction) * LOG2_E + f64::from(e)
}

pub fn log1p(x: f64) -> f64 {
    if x < -1.0 || x.is_nan() {
        return NAN;
    }
    if x == -1.0 {
        return f64::NEG_INFINITY;
    }
    if x == f64::INFINITY {
        return x;
    }
    let size = x.abs();
    let (mut k, mut f, mut low_bits, mut c) = (1i64, 0.0, 0u64, 0.0);
    if size < 4.142_135_623_730_950_488_017e-01 {
        if size < 1.0 / (1u64 << 29) as f64 {
            if size < 1.0 / (1u64 << 54) as f64 {
                return x;
            }
            return x - x * x * 0.5;
        }
        if x > -2.928_932_188_134_524_755_992e-01 {
            (k, f, low_bits) = (0, x, 1);
        }
    }
    if k != 0 {
        let exact = size >= (1u64 << 53) as f64;
        let u = if exact { x } else { 1.0 + x };
        low_bits = u.to_bits();
        k = (low_bits >> 52) as i64 - 1023;
        if !exact {
            c = if k > 0 { 1.0 - (u - x) } else { x - (u - 1.0) } / u;
        }
        low_bits &= 0x000F_FFFF_FFFF_FFFF;
        let u = if low_bits < 0x0006_A09E_667F_3BCD {
            f64::from_bits(low_bits | 0x3FF0_0000_0000_0000)
        } else {
            k += 1;
            let u = f64::from_bits(low_bits | 0x3FE0_0000_0000_0000);
            low_bits = (0x0010_0000_0000_0000 - low_bits) >> 2;
            u
        };
        f = u - 1.0;
    }
    let kf = k as f64;
    let half = 0.5 * f * f;
    if low_bits == 0 {
        if f == 0.0 {
            return if k == 0 {
                0.0
            } else {
                kf * LN2_HI + (c + kf * LN2_LO)
            };
        }
        let r = half * (1.0 - 0.666_666_666_666_666_66 * f);
        return if k == 0 {
            f - r
        } else {
            kf * LN2_HI - ((r - (kf * LN2_LO + c)) - f)
        };
    }
    let s = f / (2.0 + f);
    let z = s * s;
    let r = z * poly(z, &[L[6], L[5], L[4], L[3], L[2], L[1], L[0]]);
    if k == 0 {
        return f - (half - s * (half + r));
    }
    kf * LN2_HI - ((half - (s * (half + r) + (kf * LN2_LO + c))) - f)
}

fn is_odd_integer(x: f64) -> bool {
    x.abs() < (1u64 << 53) as f64 && x.trunc() == x && x as i64 & 1 == 1
}

pub fn pow(x: f64, y: f64) -> f64 {
    if y == 0.0 || x == 1.0 {
        return 1.0;
    }
    if y == 1.0 {
        return x;
    }
    if x.is_nan() || y.is_nan() {
        return NAN;
    }
    // Where only the size of the result is in question.
    let extreme = |grows: bool| if grows { f64::INFINITY } else { 0.0 };
    if x == 0.0 {
        let size = extreme(y < 0.0);
        return if x.is_sign_negative() && is_odd_integer(y) {
            -size
        } else {
            size
        };
    }
    if y.is_infinite() {
        return if x == -1.0 {
            1.0
        } else {
            extreme((x.abs() < 1.0) != (y > 0.0))
        };
    }
    if x == f64::INFINITY {
        return extreme(y > 0.0);
    }
    if x == f64::NEG_INFINITY {
        return pow(1.0 / x, -y);
    }
    if y == 0.5 {
        return x.sqrt();
    }
    if y == -0.5 {
        return 1.0 / x.sqrt();
    }
    let (mut whole, mut fraction) = modf(y.abs());
    if fraction != 0.0 && x < 0.0 {
        return NAN;
    }
    if whole >= 9.223_372_036_854_775_808e18 {
        return if x == -1.0 {
            1.0
        } else {
            extreme((x.abs() < 1.0) != (y > 0.0))
        };
    }
    let (mut result, mut result_exp) = (1.0, 0i64);
    if fraction != 0.0 {
        if fraction > 0.5 {
            fraction -= 1.0;
            whole += 1.0;
        }
        result = exp(fraction * log(x));
    }
    // Repeated squaring on fraction and exponent apart, so that neither overflows.
    let (mut power, e) = frexp(x);
    let mut power_exp = i64::from(e);
    let mut n = whole as i64;
    while n != 0 {
        if !(-1 << 12..=1 << 12).contains(&power_exp) {
            result_exp += power_exp;
            break;
        }
        if n & 1 == 1 {
            result *= power;
            result_exp += power_exp;
        }
        power *= power;
        power_exp <<= 1;
        if power < 0.5 {
            power += power;
            power_exp -= 1;
        }
        n >>= 1;
    }
    if y < 0.0 {
        result = 1.0 / result;
        result_exp = -result_exp;
    }
    ldexp(result, result_exp)
}

pub fn cbrt(x: f64) -> f64 {
    if x == 0.0 || !x.is_finite() {
        return x;
    }
    let size = x.abs();
    let mut t = if size < f64::MIN_POSITIVE {
        f64::from_bits(((1u64 << 54) as f64 * size).to_bits() / 3 + (696_219_795 << 32))
    } else {
        f64::from_bits(size.to_bits() / 3 + (715_094_163 << 32))
    };
    // To 23 bits by a rational approximation, then rounded so that the last Newton step is exact enough.
    let r = t * t / size;
    let s = 5.428_571_428_571_428_159_06e-01 + r * t;
    t *= 3.571_428_571_428_571_507_87e-01
        + 1.607_142_857_142_857_206_30e+00
            / (s + 1.414_285_714_285_714_368_19e+00 + -7.053_061_224_489_796_110_50e-01 / s);
    t = f64::from_bits((t.to_bits() & (0xF_FFFF_FFFC << 28)).wrapping_add(1 << 30));
    let r = size / (t * t);
    t += t * ((r - t) / ((t + t) + r));
    t.copysign(x)
}

pub fn hypot(p: f64, q: f64) -> f64 {
    if p.is_infinite() || q.is_infinite() {
        return f64::INFINITY;
    }
    if p.is_nan() || q.is_nan() {
        return NAN;
    }
    let (large, small) = (p.abs().max(q.abs()), p.abs().min(q.abs()));
    if large == 0.0 {
        return 0.0;
    }
    let ratio = small / large;
    large * (ratio * ratio + 1.0).sqrt()
}

const SIN: [f64; 6] = [
    1.589_623_015_765_465_680_60e-10,
    -2.505_074_776_285_780_728_66e-8,
    2.755_731_362_138_572_452_13e-6,
    -1.984_126_982_958_953_859_96e-4,
    8.333_333_333_322_118_588_78e-3,
    -1.666_666_666_666_663_072_95e-1,
];
const COS: [f64; 6] = [
    -1.135_853_652_138_768_173_00e-11,
    2.087_570_084_197_473_167_78e-9,
    -2.755_731_417_929_673_881_12e-7,
    2.480_158_728_885_170_453_48e-5,
    -1.388_888_888_887_305_641_16e-3,
    4.166_666_666_666_659_292_18e-2,
];

/// 4/π in binary, 64 bits a word, the first the integer part.
const FOUR_OVER_PI: [u64; 20] = [
    0x0000_0000_0000_0001,
    0x45f3_06dc_9c88_2a53,
    0xf84e_afa3_ea69_bb81,
    0xb6c5_2b32_7887_2083,
    0xfca2_c757_bd77_8ac3,
    0x6e48_dc74_849b_a5c0,
    0x0c92_5dd4_13a3_2439,
    0xfc3b_d639_6253_4e7d,
    0xd104_6bea_5d76_8909,
    0xd338_e04d_68be_fc82,
    0x7323_ac73_06a6_73e9,
    0x3908_bf17_7bf2_5076,
    0x3ff1_2fff_bc0b_301f,
    0xde5e_2316_b414_da3e,
    0xda6c_fd9e_4f96_136e,
    0x9e8c_7ecd_3cbf_d45a,
    0xea4f_758f_d7cb_e2f6,
    0x7a0e_73ef_14a5_25d4,
    0xd7f6_bf62_3f1a_ba10,
    0xac06_608d_f8f6_d757,
];

/// The octant of a finite x >= 0, made even, and what is left of x.
fn octant(x: f64) -> (u64, f64) {
    if x >= (1 << 29) as f64 {
        return payne_hanek(x);
    }
    let mut j = (x * 1.273_239_544_735_162_686_15) as u64;
    j += j & 1;
    let y = j as f64;
    // π/4 in three parts (Cody and Waite).
    let z = ((x - y * 7.853_981_256_484_985_351_56e-1) - y * 3.774_894_707_930_798_176_68e-8)
        - y * 2.695_151_429_079_059_526_45e-15;
    (j & 7, z)
}

/// The same for large x, by multiplication with the part of 4/π that matters (Payne and Hanek).
fn payne_hanek(x: f64) -> (u64, f64) {
    let bits = x.to_bits();
    let e = (bits >> 52 & 0x7FF) as i64 - 1023 - 52;
    let mantissa = bits & 0x000F_FFFF_FFFF_FFFF | 1 << 52;
    let (digit, shift) = (((e + 61) / 64) as usize, ((e + 61) % 64) as u32);
    let word = |i: usize| {
        (u128::from(FOUR_OVER_PI[i]) << 64 | u128::from(FOUR_OVER_PI[i + 1])) << shift >> 64
    };
    let (z0, z1, z2) = (
        word(digit) as u64,
        word(digit + 1) as u64,
        word(digit + 2) as u64,
    );
    let product = (u128::from(z0.wrapping_mul(mantissa)) << 64)
        .wrapping_add(u128::from(z1) * u128::from(mantissa))
        .wrapping_add((u128::from(z2) * u128::from(mantissa)) >> 64);
    let mut j = (product >> 125) as u64;
    let rest = product << 3;
    let hi = (rest >> 64) as u64;
    let zeros = hi.leading_zeros();
    let fraction = ((rest << zeros << 1) >> 64) as u64 >> 12;
    let mut z = f64::from_bits(fraction | u64::from(1023 - (zeros + 1)) << 52);
    if j & 1 == 1 {
        j = (j + 1) & 7;
        z -= 1.0;
    }
    (j, z * FRAC_PI_4)
}

fn sine_series(z: f64) -> f64 {
    let zz = z * z;
    z + z * zz * poly(zz, &SIN)
}

fn cosine_series(z: f64) -> f64 {
    let zz = z * z;
    1.0 - 0.5 * zz + zz * zz * poly(zz, &COS)
}

pub fn sin(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return NAN;
    }
    let (j, z) = octant(x.abs());
    let y = if j & 3 == 1 || j & 3 == 2 {
        cosine_series(z)
    } else {
        sine_series(z)
    };
    if (x < 0.0) != (j > 3) { -y } else { y }
}

pub fn cos(x: f64) -> f64 {
    if !x.is_finite() {
        return NAN;
    }
    let (j, z) = octant(x.abs());
    let quadrant = j & 3;
    let y = if quadrant == 1 || quadrant == 2 {
        sine_series(z)
    } else {
        cosine_series(z)
    };
    if (j > 3) != (quadrant > 1) { -y } else { y }
}

pub fn tan(x: f64) -> f64 {
    if x == 0.0 || x.is_nan() {
        return x;
    }
    if x.is_infinite() {
        return NAN;
    }
    let (j, z) = octant(x.abs());
    let zz = z * z;
    let mut y = z;
    if zz > 1e-14 {
        let p = poly(
            zz,
            &[
                -1.309_369_391_813_837_776_46e4,
                1.153_516_648_385_874_161_40e6,
                -1.795_652_519_764_848_779_88e7,
            ],
        );
        let q = poly(
            zz,
            &[
                1.0,
                1.368_129_634_706_929_546_78e4,
                -1.320_892_344_402_109_674_47e6,
                2.500_838_018_233_579_158_39e7,
                -5.386_957_559_294_546_298_81e7,
            ],
        );
        y = z + z * (zz * p / q);
    }
    if j & 2 == 2 {
        y = -1.0 / y;
    }
    if x < 0.0 { -y } else { y }
}

/// Arc tangent in [0, 0.66].
fn atan_small(x: f64) -> f64 {
    let z = x * x;
    let p = poly(
        z,
        &[
            -8.750_608_600_031_904_122_785e-01,
            -1.615_753_718_733_365_076_637e+01,
            -7.500_855_792_314_704_667_340e+01,
            -1.228_866_684_490_136_173_410e+02,
            -6.485_021_904_942_025_371_773e+01,
        ],
    );
    let q = poly(
        z,
        &[
            1.0,
            2.485_846_490_142_306_297_962e+01,
            1.650_270_098_316_988_542_046e+02,
            4.328_810_604_912_902_668_951e+02,
            4.853_903_996_359_136_964_868e+02,
            1.945_506_571_482_613_964_425e+02,
        ],
    );
    x * (z * p / q) + x
}

/// Arc tangent of x >= 0.
fn atan_positive(x: f64) -> f64 {
    const MORE_BITS: f64 = 6.123_233_995_736_765_886_130e-17;
    if x <= 0.66 {
        atan_small(x)
    } else if x > 2.414_213_562_373_095_048_80 {
        FRAC_PI_2 - atan_small(1.0 / x) + MORE_BITS
    } else {
        FRAC_PI_4 + atan_small((x - 1.0) / (x + 1.0)) + 0.5 * MORE_BITS
    }
}

pub fn atan(x: f64) -> f64 {
    if x == 0.0 {
        x
    } else if x > 0.0 {
        atan_positive(x)
    } else {
        -atan_positive(-x)
    }
}

pub fn asin(x: f64) -> f64 {
    if x == 0.0 {
        return x;
    }
    let size = x.abs();
    if size > 1.0 || x.is_nan() {
        return NAN;
    }
    let other = (1.0 - size * size).sqrt();
    let y = if size > 0.7 {
        FRAC_PI_2 - atan_positive(other / size)
    } else {
        atan_positive(size / other)
    };
    if x < 0.0 { -y } else { y }
}

pub fn acos(x: f64) -> f64 {
    FRAC_PI_2 - asin(x)
}

pub fn atan2(y: f64, x: f64) -> f64 {
    if y.is_nan() || x.is_nan() {
        return NAN;
    }
    let angle = if y == 0.0 {
        if x.is_sign_positive() { 0.0 } else { PI }
    } else if x == 0.0 {
        FRAC_PI_2
    } else if x.is_infinite() {
        match (x > 0.0, y.is_infinite()) {
            (true, true) => FRAC_PI_4,
            (true, false) => 0.0,
            (false, true) => 2.356_194_490_192_344_928_85,
            (false, false) => PI,
        }
    } else if y.is_infinite() {
        FRAC_PI_2
    } else {
        let q = atan(y / x);
        return match x < 0.0 {
            true if q <= 0.0 => q + PI,
            true => q - PI,
            false => q,
        };
    };
    angle.copysign(y)
}

pub fn sinh(x: f64) -> f64 {
    let size = x.abs();
    let y = if size > 21.0 {
        exp(size) * 0.5
    } else if size > 0.5 {
        let e = exp(size);
        (e - 1.0 / e) * 0.5
    } else {
        let sq = size * size;
        let p = poly(
            sq,
            &[
                -0.263_056_321_339_749_706_281_948_9e+2,
                -0.289_421_135_598_956_380_728_466_036_6e+4,
                -0.899_127_202_203_950_935_539_801_351_1e+5,
                -0.630_767_364_049_771_699_118_478_725_1e+6,
            ],
        );
        let q = poly(
            sq,
            &[
                1.0,
                -0.173_678_953_558_233_699_533_450_911e+3,
                0.152_151_737_879_001_907_069_648_517_6e+5,
                -0.630_767_364_049_771_699_121_207_727_7e+6,
            ],
        );
        p * size / q
    };
    y.copysign(x)
}

pub fn cosh(x: f64) -> f64 {
    let size = x.abs();
    let e = exp(size);
    if size > 21.0 {
        e * 0.5
    } else {
        (e + 1.0 / e) * 0.5
    }
}

pub fn tanh(x: f64) -> f64 {
    let size = x.abs();
    if size > 0.5 * 8.802_969_193_111_305_429_598_8e+01 {
        return 1f64.copysign(x);
    }
    if size >= 0.625 {
        let y = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
        return if x < 0.0 { -y } else { y };
    }
    if x == 0.0 {
        return x;
    }
    let s = x * x;
    let p = poly(
        s,
        &[
            -9.643_991_794_250_522_386_28e-1,
            -9.928_772_310_019_185_865_64e1,
            -1.614_687_684_417_084_479_52e3,
        ],
    );
    let q = poly(
        s,
        &[
            1.0,
            1.128_116_784_916_329_314_02e2,
            2.235_488_390_601_004_485_83e3,
            4.844_063_053_251_254_860_48e3,
        ],
    );
    x + x * s * p / q
}

pub fn asinh(x: f64) -> f64 {
    if !x.is_finite() {
        return x;
    }
    let size = x.abs();
    let large = (1u64 << 28) as f64;
    let y = if size > large {
        log(size) + LN_2
    } else if size > 2.0 {
        log(2.0 * size + 1.0 / ((size * size + 1.0).sqrt() + size))
    } else if size < 1.0 / large {
        size
    } else {
        log1p(size + size * size / (1.0 + (1.0 + size * size).sqrt()))
    };
    if x < 0.0 { -y } else { y.copysign(x) }
}

pub fn acosh(x: f64) -> f64 {
    if x < 1.0 || x.is_nan() {
        NAN
    } else if x == 1.0 {
        0.0
    } else if x >= (1u64 << 28) as f64 {
        log(x) + LN_2
    } else if x > 2.0 {
        log(2.0 * x - 1.0 / (x + (x * x - 1.0).sqrt()))
    } else {
        let t = x - 1.0;
        log1p(t + (2.0 * t + t * t).sqrt())
    }
}

pub fn atanh(x: f64) -> f64 {
    let size = x.abs();
    if size > 1.0 || x.is_nan() {
        return NAN;
    }
    if size == 1.0 {
        return f64::INFINITY.copysign(x);
    }
    let y = if size < 1.0 / (1u64 << 28) as f64 {
        size
    } else if size < 0.5 {
        let twice = size + size;
        0.5 * log1p(twice + twice * size / (1.0 - size))
    } else {
        0.5 * log1p((size + size) / (1.0 - size))
    };
    y.copysign(x)
}

/// IEEE 754's remainder, exact.
pub fn remainder(x: f64, y: f64) -> f64 {
    if x.is_nan() || y.is_nan() || x.is_infinite() || y == 0.0 {
        return NAN;
    }
    if y.is_infinite() {
        return x;
    }
    let (mut r, y) = (x.abs(), y.abs());
    if r == y {
        return 0f64.copysign(x);
    }
    if y <= f64::MAX / 2.0 {
        r %= y + y;
    }
    if y < 4.450_147_717_014_402_766_18e-308 {
        if r + r > y {
            r -= y;
            if r + r >= y {
                r -= y;
            }
        }
    } else {
        let half = 0.5 * y;
        if r > half {
            r -= y;
            if r >= half {
                r -= y;
            }
        }
    }
    if x.is_sign_negative() { -r } else { r }
}
