//! Bulk work on digits: the natives of `encoding/hex` and `encoding/base64`. The destination may begin where the source does.
//!
//! ```text
//! encoding/hex.encode(dst, src []byte)
//! encoding/hex.decode(dst, src []byte) int
//! encoding/base64.fill(values *[256]byte, alphabet string) bool
//! encoding/base64.encode(dst, src []byte, alphabet string)
//! encoding/base64.decode(dst, src []byte, values *[256]byte) int
//! ```

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("encoding/hex.encode", hex_encode),
    ("encoding/hex.decode", hex_decode),
    ("encoding/base64.fill", base64_fill),
    ("encoding/base64.encode", base64_encode),
    ("encoding/base64.decode", base64_decode),
];

/// What a byte that is no digit stands for in a table of values.
const NONE: u8 = 0xFF;

/// Both digits of each byte, as they are in memory.
const HEX_PAIRS: [[u8; 2]; 256] = {
    let digits = b"0123456789abcdef";
    let mut pairs = [[0; 2]; 256];
    let mut i = 0;
    while i < 256 {
        pairs[i] = [digits[i >> 4], digits[i & 0xF]];
        i += 1;
    }
    pairs
};

const HEX_VALUES: [u8; 256] = {
    let mut values = [NONE; 256];
    let mut i = 0;
    while i < 16 {
        values[b"0123456789abcdef"[i] as usize] = i as u8;
        values[b"0123456789ABCDEF"[i] as usize] = i as u8;
        i += 1;
    }
    values
};

/// Reads `FROM` bytes at a time and writes `TO` bytes for them, until `convert` has no answer, or one of the two ends. Returns how often it had.
///
/// # Safety
/// Slots 0.. hold a slice to write to and slots 3.. one to read from. They may overlap if no group is written before it has been read, as where they begin
/// at the same place and `TO <= FROM`.
unsafe fn groups<const FROM: usize, const TO: usize>(
    s: Slots,
    convert: impl Fn([u8; FROM]) -> Option<[u8; TO]>,
) -> usize {
    let (to, from) = (s.goslice(0), s.goslice(3));
    let count = (to.len / TO).min(from.len / FROM);
    let to = to.ptr.cast_mut().cast::<[u8; TO]>();
    let from = from.ptr.cast::<[u8; FROM]>();
    for i in 0..count {
        // SAFETY: group i lies within both slices.
        let Some(group) = convert(unsafe { from.add(i).read() }) else {
            return i;
        };
        // SAFETY: as above.
        unsafe { to.add(i).write(group) };
    }
    count
}

fn hex_encode(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: Go's callers write to memory of their own.
    unsafe { groups(s, |[byte]: [u8; 1]| Some(HEX_PAIRS[usize::from(byte)])) };
    Flow::Done
}

fn hex_decode(_: &mut NativeCx, s: Slots) -> Flow {
    let value = |digit: u8| HEX_VALUES[usize::from(digit)];
    // SAFETY: one byte is written for two.
    let count = unsafe {
        groups(s, |[high, low]: [u8; 2]| {
            let (high, low) = (value(high), value(low));
            (high | low != NONE).then_some([high << 4 | low])
        })
    };
    s.set_int(6, count as i64);
    Flow::Done
}

fn base64_fill(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: slot 0 holds a *[256]byte that the caller has just made.
    let values = unsafe { &mut *s.ptr(0).cast::<[u8; 256]>() };
    *values = [NONE; 256];
    let mut different = true;
    for (i, c) in s.str(1).iter().enumerate() {
        different &= values[usize::from(*c)] == NONE;
        values[usize::from(*c)] = i as u8;
    }
    s.set_bool(3, different);
    Flow::Done
}

fn base64_encode(_: &mut NativeCx, s: Slots) -> Flow {
    let Ok(alphabet) = <&[u8; 64]>::try_from(s.str(6)) else {
        return Flow::Done;
    };
    let digit = |bits: u32| alphabet[(bits & 63) as usize];
    // SAFETY: Go's callers write to memory of their own.
    unsafe {
        groups(s, |[a, b, c]: [u8; 3]| {
            let bits = u32::from_be_bytes([0, a, b, c]);
            Some([18, 12, 6, 0].map(|shift| digit(bits >> shift)))
        })
    };
    Flow::Done
}

fn base64_decode(_: &mut NativeCx, s: Slots) -> Flow {
    // SAFETY: slot 6 holds the *[256]byte of an encoding.
    let values = unsafe { &*s.ptr(6).cast::<[u8; 256]>() };
    // SAFETY: three bytes are written for four.
    let count = unsafe {
        groups(s, |digits: [u8; 4]| {
            let [a, b, c, d] = digits.map(|digit| u32::from(values[usize::from(digit)]));
            let [_, group @ ..] = (a << 18 | b << 12 | c << 6 | d).to_be_bytes();
            (a | b | c | d < 64).then_some(group)
        })
    };
    s.set_int(7, count as i64);
    Flow::Done
}
