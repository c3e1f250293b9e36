//! Bulk work on bytes: the natives of `strings`, `bytes` and `unicode/utf8`.
//!
//! ```text
//! strings.Index(s, substr string) int              bytes.Index(s, sep []byte) int
//! strings.IndexByte(s string, c byte) int          bytes.IndexByte(b []byte, c byte) int
//! strings.LastIndex(s, substr string) int          bytes.LastIndex(s, sep []byte) int
//! strings.LastIndexByte(s string, c byte) int      bytes.LastIndexByte(s []byte, c byte) int
//! strings.Count(s, substr string) int              bytes.Count(s, sep []byte) int
//! strings.Compare(a, b string) int                 bytes.Compare(a, b []byte) int
//! strings.equalFold(s, t string) bool
//! strings.ToUpper(s string) string
//! strings.ToLower(s string) string
//! strings.indexIn(s string, from int, set *[256]bool) int
//! unicode/utf8.RuneCount(p []byte) int             unicode/utf8.RuneCountInString(s string) int
//! unicode/utf8.Valid(p []byte) bool                unicode/utf8.ValidString(s string) bool
//! ```

use memchr::{memmem, memrchr};
use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::strings::{decode_rune, encode_rune, index, index_byte};

use super::unicode::{LOWER, UPPER, same_fold, to_case};

// A string takes two slots, a slice three.
const STR: usize = 2;
const SLICE: usize = 3;

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("strings.Index", native_index::<STR>),
    ("strings.IndexByte", native_index_byte::<STR>),
    ("strings.LastIndex", native_last_index::<STR>),
    ("strings.LastIndexByte", native_last_index_byte::<STR>),
    ("strings.Count", native_count::<STR>),
    ("strings.Compare", native_compare::<STR>),
    ("bytes.Index", native_index::<SLICE>),
    ("bytes.IndexByte", native_index_byte::<SLICE>),
    ("bytes.LastIndex", native_last_index::<SLICE>),
    ("bytes.LastIndexByte", native_last_index_byte::<SLICE>),
    ("bytes.Count", native_count::<SLICE>),
    ("bytes.Compare", native_compare::<SLICE>),
    ("strings.equalFold", native_equal_fold),
    ("strings.ToUpper", native_to_upper),
    ("strings.ToLower", native_to_lower),
    ("strings.indexIn", native_index_in),
    ("unicode/utf8.RuneCount", native_rune_count::<SLICE>),
    ("unicode/utf8.RuneCountInString", native_rune_count::<STR>),
    ("unicode/utf8.Valid", native_valid::<SLICE>),
    ("unicode/utf8.ValidString", native_valid::<STR>),
];

/// A place, or -1.
fn place(found: Option<usize>) -> i64 {
    found.map_or(-1, |i| i as i64)
}

fn rune_count(s: &[u8]) -> usize {
    match std::str::from_utf8(s) {
        Ok(text) => text.chars().count(),
        Err(_) => Runes(s).count(),
    }
}

/// The runes of any bytes, with their lengths; U+FFFD for each invalid byte.
struct Runes<'a>(&'a [u8]);

impl Iterator for Runes<'_> {
    type Item = (u32, usize);

    fn next(&mut self) -> Option<(u32, usize)> {
        if self.0.is_empty() {
            return None;
        }
        let (rune, len) = decode_rune(self.0);
        self.0 = &self.0[len..];
        Some((rune, len))
    }
}

fn count(s: &[u8], part: &[u8]) -> usize {
    match part {
        [] => rune_count(s) + 1,
        [c] => memchr::memchr_iter(*c, s).count(),
        _ => memmem::find_iter(s, part).count(),
    }
}

fn equal_fold(mut a: &[u8], mut b: &[u8]) -> bool {
    loop {
        match (a, b) {
            ([], []) => return true,
            ([], _) | (_, []) => return false,
            ([x, rest_a @ ..], [y, rest_b @ ..]) if x | y < 0x80 => {
                if !x.eq_ignore_ascii_case(y) {
                    return false;
                }
                (a, b) = (rest_a, rest_b);
            }
            _ => {
                let ((x, n), (y, m)) = (decode_rune(a), decode_rune(b));
                if !same_fold(x, y) {
                    return false;
                }
                (a, b) = (&a[n..], &b[m..]);
            }
        }
    }
}

/// `None` when nothing changes.
fn convert(s: &[u8], kind: i64) -> Option<Vec<u8>> {
    if s.is_ascii() {
        let changes = if kind == UPPER {
            u8::is_ascii_lowercase
        } else {
            u8::is_ascii_uppercase
        };
        if !s.iter().any(changes) {
            return None;
        }
        return Some(if kind == UPPER {
            s.to_ascii_uppercase()
        } else {
            s.to_ascii_lowercase()
        });
    }
    let (from, to) = if kind == UPPER {
        (b'a', b'z')
    } else {
        (b'A', b'Z')
    };
    let mut out = Vec::with_capacity(s.len() + 8);
    let mut rest = s;
    while let [first, ..] = rest {
        if *first < 0x80 {
            let ascii = rest.iter().position(|c| *c >= 0x80).unwrap_or(rest.len());
            let flip = |c: &u8| c ^ u8::from((from..=to).contains(c)) << 5;
            out.extend(rest[..ascii].iter().map(flip));
            rest = &rest[ascii..];
        } else {
            let (rune, len) = decode_rune(rest);
            let (bytes, n) = encode_rune(i64::from(to_case(kind, rune as i32)));
            out.extend_from_slice(&bytes[..n]);
            rest = &rest[len..];
        }
    }
    (out != s).then_some(out)
}

fn native_index<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    let (text, part): (&[u8], &[u8]) = (s.slice(0), s.slice(W));
    s.set_int(2 * W, place(index(text, part)));
    Flow::Done
}

fn native_index_byte<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(W + 1, place(index_byte(s.slice(0), s.word(W) as u8)));
    Flow::Done
}

fn native_last_index<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    let (text, part): (&[u8], &[u8]) = (s.slice(0), s.slice(W));
    let found = match part {
        [] => Some(text.len()),
        [c] => memrchr(*c, text),
        _ => memmem::rfind(text, part),
    };
    s.set_int(2 * W, place(found));
    Flow::Done
}

fn native_last_index_byte<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(W + 1, place(memrchr(s.word(W) as u8, s.slice(0))));
    Flow::Done
}

fn native_count<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(2 * W, count(s.slice(0), s.slice(W)) as i64);
    Flow::Done
}

fn native_compare<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    let (a, b): (&[u8], &[u8]) = (s.slice(0), s.slice(W));
    s.set_int(2 * W, a.cmp(b) as i64);
    Flow::Done
}

fn native_equal_fold(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_bool(4, equal_fold(s.str(0), s.str(2)));
    Flow::Done
}

fn native_to_upper(cx: &mut NativeCx, s: Slots) -> Flow {
    to_case_native(cx, s, UPPER)
}

fn native_to_lower(cx: &mut NativeCx, s: Slots) -> Flow {
    to_case_native(cx, s, LOWER)
}

fn to_case_native(cx: &mut NativeCx, s: Slots, kind: i64) -> Flow {
    let converted = match convert(s.str(0), kind) {
        Some(bytes) => cx.new_string(&bytes),
        None => s.gostr(0),
    };
    s.set_str(2, converted);
    Flow::Done
}

fn native_index_in(_: &mut NativeCx, s: Slots) -> Flow {
    let text = s.str(0);
    // SAFETY: slot 3 holds a *[256]bool that is not nil.
    let set = unsafe { &*s.ptr(3).cast::<[u8; 256]>() };
    let from = (s.int(2).max(0) as usize).min(text.len());
    let found = text[from..].iter().position(|c| set[usize::from(*c)] != 0);
    s.set_int(4, found.map_or(text.len(), |i| from + i) as i64);
    Flow::Done
}

fn native_rune_count<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_int(W, rune_count(s.slice(0)) as i64);
    Flow::Done
}

fn native_valid<const W: usize>(_: &mut NativeCx, s: Slots) -> Flow {
    s.set_bool(W, std::str::from_utf8(s.slice(0)).is_ok());
    Flow::Done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folding_and_case() {
        assert!(equal_fold(
            "Straße K".as_bytes(),
            "sTRAßE \u{212A}".as_bytes()
        ));
        assert!(!equal_fold(b"ab", b"abc"));
        assert_eq!(count(b"abab\xff", b""), 6);
        assert_eq!(convert(b"abc", LOWER), None);
        assert_eq!(
            convert("é\u{ff}".as_bytes(), UPPER),
            Some("ÉŸ".as_bytes().to_vec())
        );
        assert_eq!(
            convert(b"\xff", UPPER),
            Some("\u{FFFD}".as_bytes().to_vec())
        );
    }
}
