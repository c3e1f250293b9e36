//! The values of string and rune literals.

/// The bytes of a string literal, interpreted or raw, given with its quotes. What is malformed (the
/// scanner has reported it) is taken as it stands.
pub fn unquote_string(text: &str) -> Vec<u8> {
    let bytes = text.as_bytes();
    if bytes.first() == Some(&b'`') {
        let inner = bytes[1..].strip_suffix(b"`").unwrap_or(&bytes[1..]);
        return inner.iter().copied().filter(|&b| b != b'\r').collect();
    }
    let inner = text.strip_prefix('"').unwrap_or(text);
    let inner = inner.strip_suffix('"').unwrap_or(inner);
    let mut out = Vec::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('\\') {
        out.extend_from_slice(&rest.as_bytes()[..at]);
        let (value, len) = unescape(&rest[at..]);
        match value {
            Escape::Byte(b) => out.push(b),
            Escape::Char(c) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
        rest = &rest[at + len..];
    }
    out.extend_from_slice(rest.as_bytes());
    out
}

/// The value of a rune literal, given with its quotes; `None` when it is malformed.
pub fn unquote_char(text: &str) -> Option<i32> {
    let inner = text.strip_prefix('\'')?.strip_suffix('\'')?;
    let (value, len) = if inner.starts_with('\\') {
        let (value, len) = unescape(inner);
        let value = match value {
            Escape::Byte(b) => i32::from(b),
            Escape::Char(c) => c as i32,
        };
        (value, len)
    } else {
        let c = inner.chars().next()?;
        (c as i32, c.len_utf8())
    };
    (len == inner.len()).then_some(value)
}

enum Escape {
    Byte(u8),
    Char(char),
}

/// The escape at the start of `s`, which begins with a backslash, and its length.
fn unescape(s: &str) -> (Escape, usize) {
    let number = |from: usize, len: usize, radix: u32| {
        let digits = s.get(from..from + len)?;
        u32::from_str_radix(digits, radix).ok()
    };
    let byte = |b: u8| (Escape::Byte(b), 2);
    let malformed = (Escape::Byte(b'\\'), 1);
    match s.as_bytes().get(1) {
        Some(b'a') => byte(7),
        Some(b'b') => byte(8),
        Some(b'f') => byte(12),
        Some(b'n') => byte(b'\n'),
        Some(b'r') => byte(b'\r'),
        Some(b't') => byte(b'\t'),
        Some(b'v') => byte(11),
        Some(&b @ (b'\\' | b'\'' | b'"')) => byte(b),
        Some(b'0'..=b'7') => number(1, 3, 8).map_or(malformed, |v| (Escape::Byte(v as u8), 4)),
        Some(b'x') => number(2, 2, 16).map_or(malformed, |v| (Escape::Byte(v as u8), 4)),
        Some(&b @ (b'u' | b'U')) => {
            let len = if b == b'u' { 4 } else { 8 };
            match number(2, len, 16).and_then(char::from_u32) {
                Some(c) => (Escape::Char(c), len + 2),
                None => (Escape::Byte(b'\\'), 1),
            }
        }
        _ => malformed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings() {
        for (text, want) in [
            (r#""a\tb\n""#, &b"a\tb\n"[..]),
            (
                r#""\x41\101\u00e9\U0001F600""#,
                "AA\u{e9}\u{1F600}".as_bytes(),
            ),
            (r#""\xff\"""#, b"\xff\""),
            ("`a\\n\r\nb`", b"a\\n\nb"),
            ("\"\"", b""),
            ("\"", b""),
            (r#""\u12"#, br"\u12"),
        ] {
            assert_eq!(unquote_string(text), want, "{text}");
        }
    }

    #[test]
    fn runes() {
        for (text, want) in [
            ("'a'", Some(97)),
            (r"'\''", Some(39)),
            (r"'\xff'", Some(255)),
            (r"'\U0010FFFF'", Some(0x10FFFF)),
            ("'\u{4e16}'", Some(0x4e16)),
            ("'ab'", None),
            ("''", None),
            ("'", None),
        ] {
            assert_eq!(unquote_char(text), want, "{text}");
        }
    }
}
