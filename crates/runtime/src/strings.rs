//! Strings: comparison, decoding of UTF-8 and conversions. What needs new memory takes an allocator of
//! pointer-free bytes, so that the engines, natives and tests share it.

use std::cmp::Ordering;

use bytecode::rtype::GoStr;

/// What decoding yields for bytes that are not UTF-8, and encoding writes for what is no Unicode code point.
pub const REPLACEMENT: u32 = 0xfffd;

/// Three-way comparison of byte strings.
///
/// # Safety
/// Both readable.
#[inline]
pub unsafe fn compare(a: GoStr, b: GoStr) -> Ordering {
    a.bytes().cmp(b.bytes())
}

/// Decodes the rune at the start of `bytes`, which is not empty: (rune, length). An invalid
/// or incomplete sequence gives (U+FFFD, 1).
#[inline]
pub fn decode_rune(bytes: &[u8]) -> (u32, usize) {
    let first = bytes[0];
    if first < 0x80 {
        return (u32::from(first), 1);
    }
    decode_wide(bytes)
}

#[inline(never)]
fn decode_wide(bytes: &[u8]) -> (u32, usize) {
    const BAD: (u32, usize) = (REPLACEMENT, 1);
    let continuation = |i: usize| {
        bytes
            .get(i)
            .filter(|b| **b & 0xc0 == 0x80)
            .map(|b| u32::from(*b & 0x3f))
    };
    let first = u32::from(bytes[0]);
    let Some(second) = continuation(1) else {
        return BAD;
    };
    match first {
        0xc2..=0xdf => ((first & 0x1f) << 6 | second, 2),
        0xe0..=0xef => {
            let Some(third) = continuation(2) else {
                return BAD;
            };
            let rune = (first & 0x0f) << 12 | second << 6 | third;
            if rune < 0x800 || (0xd800..0xe000).contains(&rune) {
                BAD
            } else {
                (rune, 3)
            }
        }
        0xf0..=0xf4 => {
            let (Some(third), Some(fourth)) = (continuation(2), continuation(3)) else {
                return BAD;
            };
            let rune = (first & 0x07) << 18 | second << 12 | third << 6 | fourth;
            if (0x10000..0x110000).contains(&rune) {
                (rune, 4)
            } else {
                BAD
            }
        }
        _ => BAD,
    }
}

/// Encodes a rune, U+FFFD for what is none: (bytes, length).
pub fn encode_rune(rune: i64) -> ([u8; 4], usize) {
    let c = u32::try_from(rune)
        .ok()
        .and_then(char::from_u32)
        .unwrap_or(char::REPLACEMENT_CHARACTER);
    let mut bytes = [0; 4];
    let len = c.encode_utf8(&mut bytes).len();
    (bytes, len)
}

/// Number of runes that a range loop over the bytes sees.
pub fn count_runes(bytes: &[u8]) -> usize {
    if bytes.is_ascii() {
        return bytes.len();
    }
    let mut at = 0;
    let mut count = 0;
    while at < bytes.len() {
        at += decode_rune(&bytes[at..]).1;
        count += 1;
    }
    count
}

/// Writes the runes of `bytes` to `to`, which has room for `count_runes` of them.
///
/// # Safety
/// `to` has that room.
pub unsafe fn write_runes(bytes: &[u8], mut to: *mut i32) {
    let mut at = 0;
    while at < bytes.len() {
        let (rune, len) = decode_rune(&bytes[at..]);
        at += len;
        // SAFETY: one rune for each that `count_runes` counted.
        unsafe {
            to.write(rune as i32);
            to = to.add(1);
        }
    }
}

/// Bytes that `write_utf8` will write.
pub fn utf8_len(runes: &[i32]) -> usize {
    runes
        .iter()
        .map(|rune| encode_rune(i64::from(*rune)).1)
        .sum()
}

/// Writes runes as UTF-8.
///
/// # Safety
/// `to` has room for `utf8_len(runes)` bytes.
pub unsafe fn write_utf8(runes: &[i32], mut to: *mut u8) {
    for rune in runes {
        let (bytes, len) = encode_rune(i64::from(*rune));
        // SAFETY: as counted by `utf8_len`.
        unsafe {
            std::ptr::copy_nonoverlapping(bytes.as_ptr(), to, len);
            to = to.add(len);
        }
    }
}

/// Position of a byte, as `strings.IndexByte`: a word at a time.
pub fn index_byte(bytes: &[u8], wanted: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let pattern = ONES * u64::from(wanted);
    let mut chunks = bytes.chunks_exact(8);
    let mut at = 0;
    for chunk in &mut chunks {
        let mut word = [0; 8];
        word.copy_from_slice(chunk);
        let differing = u64::from_le_bytes(word) ^ pattern;
        // The lowest byte whose high bit is set here is the first zero byte of `differing`.
        let zeros = differing.wrapping_sub(ONES) & !differing & HIGHS;
        if zeros != 0 {
            return Some(at + zeros.trailing_zeros() as usize / 8);
        }
        at += 8;
    }
    chunks
        .remainder()
        .iter()
        .position(|byte| *byte == wanted)
        .map(|i| at + i)
}

/// Position of a substring, as `strings.Index`: candidates by the rarer of first and last byte.
pub fn index(text: &[u8], wanted: &[u8]) -> Option<usize> {
    match wanted {
        [] => Some(0),
        [byte] => index_byte(text, *byte),
        [first, .., last] => {
            let span = wanted.len() - 1;
            let mut at = 0;
            let mut misses = 0;
            while at + span < text.len() {
                at += index_byte(&text[at..text.len() - span], *first)?;
                if text[at + span] == *last && &text[at..=at + span] == wanted {
                    return Some(at);
                }
                at += 1;
                misses += 1;
                // Many false candidates: go on with an algorithm that is linear in the worst case.
                if misses > 16 + at / 8 {
                    return rolling_index(&text[at..], wanted).map(|i| at + i);
                }
            }
            None
        }
    }
}

/// Rabin-Karp search.
fn rolling_index(text: &[u8], wanted: &[u8]) -> Option<usize> {
    const BASE: u32 = 16_777_619;
    if text.len() < wanted.len() {
        return None;
    }
    let hash = |bytes: &[u8]| {
        bytes.iter().fold(0u32, |h, b| {
            h.wrapping_mul(BASE).wrapping_add(u32::from(*b))
        })
    };
    let top = (1..wanted.len()).fold(BASE, |p, _| p.wrapping_mul(BASE));
    let target = hash(wanted);
    let mut rolling = hash(&text[..wanted.len()]);
    let mut at = 0;
    loop {
        if rolling == target && &text[at..at + wanted.len()] == wanted {
            return Some(at);
        }
        let next = *text.get(at + wanted.len())?;
        rolling = rolling
            .wrapping_mul(BASE)
            .wrapping_add(u32::from(next))
            .wrapping_sub(top.wrapping_mul(u32::from(text[at])));
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decoding_agrees_with_rust_on_every_character() {
        for c in '\0'..=char::MAX {
            let mut bytes = [0; 4];
            let text = c.encode_utf8(&mut bytes);
            assert_eq!(decode_rune(text.as_bytes()), (c as u32, text.len()));
            assert_eq!(
                &encode_rune(i64::from(c as u32)).0[..text.len()],
                text.as_bytes()
            );
        }
    }

    #[test]
    fn invalid_sequences_are_one_replacement_each() {
        let bad: [&[u8]; 8] = [
            b"\x80",
            b"\xc0\x80",
            b"\xe0\x80\x80",
            b"\xed\xa0\x80",
            b"\xf4\x90\x80\x80",
            b"\xff",
            b"\xe2\x82",
            b"\xc3A",
        ];
        for bytes in bad {
            assert_eq!(decode_rune(bytes), (REPLACEMENT, 1), "{bytes:x?}");
        }
        assert_eq!(encode_rune(-1), encode_rune(0xfffd));
        assert_eq!(encode_rune(0xd800), encode_rune(0xfffd));
    }

    #[test]
    fn searching() {
        let text = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab the end".as_bytes();
        for wanted in ["", "a", "b", "aab", "the", "end", "ends", "x", "aaaab t"] {
            let expected = std::str::from_utf8(text).unwrap().find(wanted);
            assert_eq!(index(text, wanted.as_bytes()), expected, "{wanted}");
            assert_eq!(rolling_index(text, wanted.as_bytes()), expected, "{wanted}");
        }
    }
}
