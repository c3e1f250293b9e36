//! The error and gamma functions of `math`, with gc's results bit for bit; see `elementary.rs`.

// Constants have the digits with which they were published.
#![allow(clippy::excessive_precision)]

use std::f64::consts::PI;

use super::elementary::{NAN, cos, exp, log, pow, sin};

fn poly(x: f64, coefficients: &[f64]) -> f64 {
    let (first, rest) = coefficients
        .split_first()
        .expect("a polynomial has coefficients");
    rest.iter().fold(*first, |sum, c| sum * x + c)
}

/// erf(x) = x + x·y(x²) for |x| < 0.84375.
fn erf_small(x: f64) -> f64 {
    let z = x * x;
    let r = poly(
        z,
        &[
            -2.376_301_665_665_016_260_84e-05,
            -5.770_270_296_489_441_591_57e-03,
            -2.848_174_957_559_851_047_66e-02,
            -3.250_421_072_470_014_993_70e-01,
            1.283_791_670_955_125_585_61e-01,
        ],
    );
    let s = poly(
        z,
        &[
            -3.960_228_278_775_368_123_20e-06,
            1.324_947_380_043_216_445_26e-04,
            5.081_306_281_875_765_627_76e-03,
            6.502_224_998_876_729_444_85e-02,
            3.979_172_239_591_553_528_19e-01,
            1.0,
        ],
    );
    r / s
}

const ERX: f64 = 8.450_629_115_104_675_292_97e-01;

/// erf(x) - ERX for 0.84375 <= x < 1.25.
fn erf_middle(x: f64) -> f64 {
    let s = x - 1.0;
    let p = poly(
        s,
        &[
            -2.166_375_594_868_790_843_00e-03,
            3.547_830_432_561_823_593_71e-02,
            -1.108_946_942_823_966_774_76e-01,
            3.183_466_199_011_617_536_74e-01,
            -3.722_078_760_357_013_238_47e-01,
            4.148_561_186_837_483_316_66e-01,
            -2.362_118_560_752_659_440_77e-03,
        ],
    );
    let q = poly(
        s,
        &[
            1.198_449_984_679_910_741_70e-02,
            1.363_708_391_202_905_073_62e-02,
            1.261_712_198_087_616_421_12e-01,
            7.182_865_441_419_626_628_68e-02,
            5.403_979_177_021_710_489_37e-01,
            1.064_208_804_008_442_282_86e-01,
            1.0,
        ],
    );
    p / q
}

/// erfc(x)·x for 1.25 <= x < 28.
fn erfc_tail(x: f64) -> f64 {
    let s = 1.0 / (x * x);
    let (r, q) = if x < 2.857_142_857_142_857_142_86 {
        (
            poly(
                s,
                &[
                    -9.814_329_344_169_145_485_92e+00,
                    -8.128_743_550_630_659_342_46e+01,
                    -1.846_050_929_067_110_359_94e+02,
                    -1.623_966_694_625_734_703_55e+02,
                    -6.237_533_245_032_600_603_96e+01,
                    -1.055_862_622_532_329_098_14e+01,
                    -6.938_585_727_071_817_643_72e-01,
                    -9.864_944_034_847_148_227_05e-03,
                ],
            ),
            poly(
                s,
                &[
                    -6.042_441_521_485_809_874_38e-02,
                    6.570_249_770_319_281_701_35e+00,
                    1.086_350_055_417_794_351_34e+02,
                    4.290_081_400_275_678_333_86e+02,
                    6.453_872_717_332_678_803_36e+02,
                    4.345_658_774_752_292_288_21e+02,
                    1.376_577_541_435_190_426_00e+02,
                    1.965_127_166_743_925_712_92e+01,
                    1.0,
                ],
            ),
        )
    } else {
        (
            poly(
                s,
                &[
                    -4.835_191_916_086_513_970_19e+02,
                    -1.025_095_131_611_077_249_54e+03,
                    -6.375_664_433_683_896_277_22e+02,
                    -1.606_363_848_558_219_160_62e+02,
                    -1.775_795_491_775_475_198_89e+01,
                    -7.992_832_376_805_230_065_74e-01,
                    -9.864_942_924_700_099_285_97e-03,
                ],
            ),
            poly(
                s,
                &[
                    -2.244_095_244_658_581_833_62e+01,
                    4.745_285_412_069_553_672_15e+02,
                    2.553_050_406_433_164_425_83e+03,
                    3.199_858_219_508_595_539_08e+03,
                    1.536_729_586_084_436_959_94e+03,
                    3.257_925_129_965_739_188_26e+02,
                    3.033_806_074_348_245_829_24e+01,
                    1.0,
                ],
            ),
        )
    };
    let z = f64::from_bits(x.to_bits() & 0xFFFF_FFFF_0000_0000);
    exp(-z * z - 0.5625) * exp((z - x) * (z + x) + r / q)
}

pub fn erf(x: f64) -> f64 {
    if x.is_nan() {
        return NAN;
    }
    let size = x.abs();
    let y = if size < 0.84375 {
        if size < 2.848_094_538_889_218e-306 {
            0.125 * (8.0 * size + 1.027_033_336_764_100_690_53 * size)
        } else if size < 1.0 / (1u64 << 28) as f64 {
            size + 1.283_791_670_955_125_863_16e-01 * size
        } else {
            size + size * erf_small(size)
        }
    } else if size < 1.25 {
        ERX + erf_middle(size)
    } else if size >= 6.0 {
        1.0
    } else {
        1.0 - erfc_tail(size) / size
    };
    y.copysign(x)
}

pub fn erfc(x: f64) -> f64 {
    if x.is_nan() {
        return NAN;
    }
    let size = x.abs();
    let negative = x < 0.0;
    if size < 0.84375 {
        let y = if size < 1.0 / (1u64 << 56) as f64 {
            size
        } else if size < 0.25 {
            size + size * erf_small(size)
        } else {
            0.5 + (size * erf_small(size) + (size - 0.5))
        };
        return if negative { 1.0 + y } else { 1.0 - y };
    }
    if size < 1.25 {
        return if negative {
            1.0 + ERX + erf_middle(size)
        } else {
            1.0 - ERX - erf_middle(size)
        };
    }
    if size < 28.0 && !(negative && size > 6.0) {
        let y = erfc_tail(size) / size;
        return if negative { 2.0 - y } else { y };
    }
    if negative { 2.0 } else { 0.0 }
}

/// Stirling's formula for x > 33, as two factors since their product may overflow.
fn stirling(x: f64) -> (f64, f64) {
    if x > 200.0 {
        return (f64::INFINITY, 1.0);
    }
    let w = 1.0 / x;
    let w = 1.0
        + w * poly(
            w,
            &[
                7.873_113_957_930_936_283_97e-04,
                -2.295_499_616_133_781_263_80e-04,
                -2.681_326_178_057_812_328_25e-03,
                3.472_222_216_054_586_673_10e-03,
                8.333_333_333_334_822_571_26e-02,
            ],
        );
    let e = exp(x);
    let (y1, y2) = if x > 143.01608 {
        let v = pow(x, 0.5 * x - 0.25);
        (v, v / e)
    } else {
        (pow(x, x - 0.5) / e, 1.0)
    };
    (y1, 2.506_628_274_631_000_502_417 * w * y2)
}

pub fn gamma(x: f64) -> f64 {
    if x.is_nan() || x == f64::NEG_INFINITY || x < 0.0 && x.floor() == x {
        return NAN;
    }
    if x == f64::INFINITY {
        return x;
    }
    if x == 0.0 {
        return f64::INFINITY.copysign(x);
    }
    let q = x.abs();
    if q > 33.0 {
        if x > 0.0 {
            let (y1, y2) = stirling(x);
            return y1 * y2;
        }
        // Reflection.
        let mut p = q.floor();
        let sign = if p as i64 & 1 == 0 { -1.0 } else { 1.0 };
        let mut z = q - p;
        if z > 0.5 {
            p += 1.0;
            z = q - p;
        }
        let z = (q * sin(PI * z)).abs();
        if z == 0.0 {
            return f64::INFINITY * sign;
        }
        let (s1, s2) = stirling(q);
        let d = z * s1 * s2;
        return sign
            * if d.is_infinite() {
                PI / z / s1 / s2
            } else {
                PI / d
            };
    }
    // Into [2, 3) by the recurrence.
    let (mut x, mut z) = (x, 1.0);
    let near_zero = |x: f64, z: f64| {
        if x == 0.0 {
            f64::INFINITY
        } else {
            z / ((1.0 + 0.577_215_664_901_532_860_606_512_090_082_402_431 * x) * x)
        }
    };
    while x >= 3.0 {
        x -= 1.0;
        z *= x;
    }
    while x < 0.0 {
        if x > -1e-09 {
            return near_zero(x, z);
        }
        z /= x;
        x += 1.0;
    }
    while x < 2.0 {
        if x < 1e-09 {
            return near_zero(x, z);
        }
        z /= x;
        x += 1.0;
    }
    if x == 2.0 {
        return z;
    }
    x -= 2.0;
    let p = poly(
        x,
        &[
            1.601_195_224_767_518_614_07e-04,
            1.191_351_470_065_863_849_13e-03,
            1.042_137_975_617_615_699_35e-02,
            4.763_678_004_571_372_314_64e-02,
            2.074_482_276_484_359_751_50e-01,
            4.942_148_268_014_971_007_53e-01,
            9.999_999_999_999_999_967_96e-01,
        ],
    );
    let q = poly(
        x,
        &[
            -2.315_818_733_241_201_298_19e-05,
            5.396_055_804_933_033_978_42e-04,
            -4.456_419_138_517_972_404_94e-03,
            1.181_397_852_220_604_355_52e-02,
            3.582_363_986_054_986_533_73e-02,
            -2.345_917_957_182_433_485_68e-01,
            7.143_049_170_302_730_740_85e-02,
            1.000_000_000_000_000_003_20e+00,
        ],
    );
    z * p / q
}

/// -sin(πx) for x >= 0, by reduction to an eighth of the period.
fn minus_sin_pi(x: f64) -> f64 {
    if x < 0.25 {
        return -sin(PI * x);
    }
    let (reduced, eighths) = if x.floor() != x {
        let reduced = x % 2.0;
        (reduced, (reduced * 4.0) as i64)
    } else {
        let odd = if x < (1u64 << 53) as f64 {
            x as i64 & 1
        } else {
            0
        };
        (odd as f64, odd << 2)
    };
    -match eighths {
        0 => sin(PI * reduced),
        1 | 2 => cos(PI * (0.5 - reduced)),
        3 | 4 => sin(PI * (1.0 - reduced)),
        5 | 6 => -cos(PI * (reduced - 1.5)),
        _ => sin(PI * (reduced - 2.0)),
    }
}

/// log |Γ(x)|, and the sign of Γ(x).
pub fn lgamma(x: f64) -> (f64, i64) {
    if !x.is_finite() {
        return (x, 1);
    }
    if x == 0.0 {
        return (f64::INFINITY, 1);
    }
    let negative = x < 0.0;
    let x = x.abs();
    if x < 1.0 / (1u128 << 70) as f64 {
        return (-log(x), if negative { -1 } else { 1 });
    }
    let (mut reflection, mut sign) = (0.0, 1);
    if negative {
        if x >= (1u64 << 52) as f64 {
            return (f64::INFINITY, 1);
        }
        let t = minus_sin_pi(x);
        if t == 0.0 {
            return (f64::INFINITY, 1);
        }
        reflection = log(PI / (t * x).abs());
        if t < 0.0 {
            sign = -1;
        }
    }
    let value = if x == 1.0 || x == 2.0 {
        0.0
    } else if x < 2.0 {
        lgamma_below_2(x)
    } else if x < 8.0 {
        lgamma_below_8(x)
    } else if x < (1u64 << 58) as f64 {
        let z = 1.0 / x;
        let w = 4.189_385_332_046_727_250_52e-01
            + z * poly(
                z * z,
                &[
                    -1.630_929_340_965_752_739_89e-03,
                    8.363_399_189_962_821_391_26e-04,
                    -5.951_875_574_503_399_631_35e-04,
                    7.936_505_586_430_195_585_00e-04,
                    -2.777_777_777_287_755_364_70e-03,
                    8.333_333_333_333_296_788_49e-02,
                ],
            );
        (x - 0.5) * (log(x) - 1.0) + w
    } else {
        x * (log(x) - 1.0)
    };
    (if negative { reflection - value } else { value }, sign)
}

fn lgamma_below_2(x: f64) -> f64 {
    /// Where Γ has its minimum, and log Γ there as a sum of a high and a low part.
    const MINIMUM: f64 = 1.461_632_144_968_362_245;
    const CENTRE: f64 = 1.461_632_144_968_362_245_76e+00;
    const AT_MINIMUM: f64 = -1.214_862_905_358_496_114_61e-01;
    const AT_MINIMUM_LOW: f64 = -3.638_676_997_039_505_365_41e-18;
    let (start, shift) = if x <= 0.9 { (-log(x), 1.0) } else { (0.0, 0.0) };
    if x >= MINIMUM - shift + 0.27 {
        let y = 2.0 - shift - x;
        let z = y * y;
        let p1 = poly(
            z,
            &[
                2.521_445_654_512_573_269_39e-05,
                2.208_627_907_139_083_855_57e-04,
                1.192_707_631_833_620_678_45e-03,
                7.385_550_860_814_028_839_57e-03,
                6.735_230_105_312_926_818_24e-02,
                7.721_566_490_153_286_554_94e-02,
            ],
        );
        let p2 = z * poly(
            z,
            &[
                4.486_409_496_189_151_601_50e-05,
                1.080_115_672_475_839_399_54e-04,
                5.100_697_921_535_113_366_08e-04,
                2.890_513_836_734_156_290_91e-03,
                2.058_080_843_251_673_328_06e-02,
                3.224_670_334_241_135_916_11e-01,
            ],
        );
        start + (y * p1 + p2 - 0.5 * y)
    } else if x >= MINIMUM - shift - 0.27 {
        let y = x - (CENTRE - shift);
        let z = y * y;
        let w = z * y;
        let p1 = poly(
            w,
            &[
                3.156_320_709_036_259_503_61e-04,
                -1.403_464_699_892_328_438_13e-03,
                6.100_538_702_462_913_326_35e-03,
                -3.278_854_107_598_596_495_65e-02,
                4.838_361_227_238_100_470_42e-01,
            ],
        );
        let p2 = poly(
            w,
            &[
                -3.127_541_683_751_208_605_18e-04,
                8.810_818_824_376_540_113_82e-04,
                -3.684_520_167_811_382_567_60e-03,
                1.797_067_508_118_203_871_26e-02,
                -1.475_877_229_945_939_117_52e-01,
            ],
        );
        let p3 = poly(
            w,
            &[
                3.355_291_926_355_190_735_43e-04,
                -5.385_953_053_567_405_467_15e-04,
                2.259_647_809_006_124_722_50e-03,
                -1.031_422_412_983_414_374_50e-02,
                6.462_494_023_913_338_547_78e-02,
            ],
        );
        start + (AT_MINIMUM + (z * p1 - (AT_MINIMUM_LOW - w * (p2 + y * p3))))
    } else {
        let y = x - (1.0 - shift);
        let p1 = y * poly(
            y,
            &[
                1.338_109_185_367_876_603_77e-02,
                2.289_637_280_646_924_510_92e-01,
                9.777_175_279_633_727_456_03e-01,
                1.454_922_501_372_347_687_37e+00,
                6.328_270_640_250_933_665_17e-01,
                -7.721_566_490_153_286_554_94e-02,
            ],
        );
        let p2 = poly(
            y,
            &[
                3.217_092_422_824_239_118_10e-03,
                1.042_226_455_933_691_342_54e-01,
                7.692_851_504_566_727_838_25e-01,
                2.128_489_763_798_933_953_61e+00,
                2.455_977_937_130_411_348_22e+00,
                1.0,
            ],
        );
        start + (-0.5 * y + p1 / p2)
    }
}

fn lgamma_below_8(x: f64) -> f64 {
    let whole = x as i64;
    let y = x - whole as f64;
    let p = y * poly(
        y,
        &[
            3.194_753_265_841_008_676_17e-05,
            1.840_284_514_073_377_156_52e-03,
            2.664_227_030_336_386_095_60e-02,
            1.463_504_726_524_644_528_05e-01,
            3.257_787_964_089_309_817_87e-01,
            2.149_824_159_606_088_525_01e-01,
            -7.721_566_490_153_286_554_94e-02,
        ],
    );
    let q = poly(
        y,
        &[
            7.326_684_307_446_256_361_89e-06,
            7.779_424_963_818_935_964_34e-04,
            1.864_591_917_156_529_013_44e-02,
            1.719_338_656_328_030_789_93e-01,
            7.219_355_475_671_380_695_25e-01,
            1.392_005_334_676_210_459_58e+00,
            1.0,
        ],
    );
    let value = 0.5 * y + p / q;
    if whole < 3 {
        return value;
    }
    let product = (2..whole).rev().fold(1.0, |z, i| z * (y + i as f64));
    value + log(product)
}
