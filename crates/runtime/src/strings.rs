//! Strings: comparison, decoding of UTF-8 and conversions. What needs new memory takes an allocator of
//! pointer-free bytes, so that the engines, natives and tests share it.

use std::cmp::Ordering;

use bytecode::rtype::GoStr;
use memchr::{memchr, memmem};

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

/// Where a byte first stands in `text`.
#[inline]
pub fn index_byte(text: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGHS: u64 = 0x8080_8080_8080_8080;
    let (Some(first), Some(last)) = (text.first_chunk::<8>(), text.last_chunk::<8>()) else {
        return text.iter().position(|b| *b == byte);
    };
    if text.len() > 16 {
        return memchr(byte, text);
    }
    // Two words have it all. The lowest byte whose high bit is set in the result is the first one that is equal.
    let place = |word: &[u8; 8]| {
        let differing = u64::from_le_bytes(*word) ^ (ONES * u64::from(byte));
        let equal = differing.wrapping_sub(ONES) & !differing & HIGHS;
        (equal != 0).then(|| equal.trailing_zeros() as usize / 8)
    };
    place(first).or_else(|| Some(text.len() - 8 + place(last)?))
}

/// Where `part` first stands in `text`.
pub fn index(text: &[u8], part: &[u8]) -> Option<usize> {
    /// Below, what prepares a search of more than a byte takes longer than the search.
    const SHORT: usize = 64;
    let (first, rest) = match part {
        [] => return Some(0),
        [c] => return index_byte(text, *c),
        [first, rest @ ..] => (*first, rest),
    };
    if text.len() > SHORT {
        return memmem::find(text, part);
    }
    let ends = text.len().checked_sub(rest.len())?;
    let mut at = 0;
    loop {
        at += memchr(first, &text[at..ends])? + 1;
        if text[at..].starts_with(rest) {
            return Some(at - 1);
        }
    }
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
    fn searching_for_a_byte() {
        for len in 0..40_u8 {
            let text: Vec<u8> = (0..len).map(|i| i % 13 + 0x7A).collect();
            for byte in 0..=255 {
                let expected = text.iter().position(|b| *b == byte);
                assert_eq!(index_byte(&text, byte), expected, "{byte} in {text:?}");
            }
        }
    }

    #[test]
    fn searching() {
        for letters in [0, 1, 3, 50, 100] {
            let text = "a".repeat(letters) + "b the end";
            for wanted in ["", "a", "b", "aab", "the", "end", "ends", "x", "aaaab t"] {
                let found = index(text.as_bytes(), wanted.as_bytes());
                assert_eq!(found, text.find(wanted), "{wanted} in {text}");
            }
        }
    }
}
