//! Bytes to tokens.
//!
//! The scanner works on text that is valid UTF-8 without NUL bytes and without byte order marks:
//! [`clean`] reports and blanks what is not, before any token is read, so that the loops here need
//! not look for it. A table gives each byte its class; the loops over names, blanks, comments and
//! strings touch each byte once.

use crate::pos::LineDirective;
use crate::token::{BinaryOp, LitKind, Token};
use std::borrow::Cow;
use std::sync::Arc;

/// The operator of an `Operator`, `Star`, `Arrow`, `AssignOp` or `IncOp` token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Op {
    Binary(BinaryOp),
    Not,
    Tilde,
    Recv,
}

impl Op {
    /// Its precedence as a binary operator, 0 if it is none.
    pub fn precedence(self) -> u8 {
        match self {
            Op::Binary(op) => op.precedence(),
            _ => 0,
        }
    }

    /// As it is written.
    pub fn text(self) -> &'static str {
        match self {
            Op::Binary(op) => op.text(),
            Op::Not => "!",
            Op::Tilde => "~",
            Op::Recv => "<-",
        }
    }
}

/// What made a semicolon token.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SemiKind {
    Written,
    Newline,
    Eof,
}

impl SemiKind {
    /// The word for it in diagnostics.
    pub fn text(self) -> &'static str {
        match self {
            SemiKind::Written => "semicolon",
            SemiKind::Newline => "newline",
            SemiKind::Eof => "EOF",
        }
    }
}

/// A lexical error at a byte offset.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanError {
    pub offset: usize,
    pub msg: String,
}

/// Which comments the scanner keeps.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Keep {
    /// `//go:` comments.
    Directives,
    /// `//line` and `/*line*/` comments.
    Lines,
}

/// The scanner. After [`Scanner::next`] its public fields describe the current token.
#[derive(Clone, Debug)]
pub struct Scanner<'a> {
    src: &'a [u8],
    at: usize,
    nlsemi: bool,
    keep: Keep,
    /// The current token.
    pub tok: Token,
    /// Its first byte.
    pub start: usize,
    /// The byte after the token before it.
    pub prev_end: usize,
    /// The byte after it.
    pub end: usize,
    /// Valid for operators.
    pub op: Op,
    /// Valid for literals.
    pub kind: LitKind,
    /// Valid for semicolons.
    pub semi: SemiKind,
    /// Comments kept since the parser last took them: first byte and byte after the last.
    pub comments: Vec<(usize, usize)>,
    /// Errors since the parser last took them.
    pub errors: Vec<ScanError>,
    /// Whether a raw string or a comment ran into the end of the text.
    pub unterminated: bool,
}

const LETTER: u8 = 1;
const DIGIT: u8 = 2;
const HEX: u8 = 4;
const BLANK: u8 = 8;

const CLASS: [u8; 256] = {
    let mut t = [0; 256];
    let mut b = 0;
    while b < 256 {
        let c = b as u8;
        if c.is_ascii_alphabetic() || c == b'_' {
            t[b] |= LETTER;
        }
        if c.is_ascii_digit() {
            t[b] |= DIGIT;
        }
        if c.is_ascii_hexdigit() {
            t[b] |= HEX;
        }
        if matches!(c, b' ' | b'\t' | b'\r') {
            t[b] |= BLANK;
        }
        b += 1;
    }
    t
};

fn class(b: u8, bits: u8) -> bool {
    CLASS[b as usize] & bits != 0
}

/// gc's `%#U`: the code point, and the character when it can be seen.
fn unicode_name(c: char) -> String {
    let seen = !c.is_control() && (c == ' ' || !c.is_whitespace()) && c != '\u{feff}';
    if seen {
        format!("U+{:04X} '{c}'", c as u32)
    } else {
        format!("U+{:04X}", c as u32)
    }
}

/// gc's `%q` of a character.
fn quoted(c: char) -> String {
    match c {
        '\n' => "'\\n'".into(),
        '\t' => "'\\t'".into(),
        '\r' => "'\\r'".into(),
        '\'' => "'\\''".into(),
        '\\' => "'\\\\'".into(),
        c if c.is_control() => format!("'\\x{:02x}'", c as u32),
        c => format!("'{c}'"),
    }
}

fn base_name(base: u32) -> &'static str {
    match base {
        2 => "binary",
        8 => "octal",
        10 => "decimal",
        _ => "hexadecimal",
    }
}

/// Binary garbage has an error in nearly every byte; nobody reads more than these.
const MAX_TEXT_ERRORS: usize = 10_000;

/// Reports NUL bytes, invalid UTF-8 and byte order marks (but at the start), and blanks them.
pub fn clean<'a>(src: &'a [u8], at_file_start: bool, errors: &mut Vec<ScanError>) -> Cow<'a, [u8]> {
    let bom = "\u{feff}".as_bytes();
    let ascii = src.is_ascii();
    let utf8 = ascii || std::str::from_utf8(src).is_ok();
    let has_nul = src.contains(&0);
    let has_bom = !ascii && src.windows(3).any(|w| w == bom);
    if utf8 && !has_nul && !has_bom {
        return Cow::Borrowed(src);
    }
    let mut out = src.to_vec();
    let mut report = |offset: usize, msg: &str| {
        if errors.len() < MAX_TEXT_ERRORS {
            errors.push(ScanError {
                offset,
                msg: msg.into(),
            });
        }
    };
    let mut offset = 0;
    for chunk in src.utf8_chunks() {
        let valid = chunk.valid().as_bytes();
        let mut i = 0;
        while i < valid.len() {
            if valid[i] == 0 {
                report(offset + i, "invalid NUL character");
                out[offset + i] = b' ';
            } else if valid[i..].starts_with(bom) {
                if offset + i > 0 || !at_file_start {
                    report(offset + i, "invalid BOM in the middle of the file");
                }
                out[offset + i..offset + i + 3].fill(b' ');
            }
            i += 1;
        }
        offset += valid.len();
        for _ in chunk.invalid() {
            report(offset, "invalid UTF-8 encoding");
            out[offset] = b' ';
            offset += 1;
        }
    }
    Cow::Owned(out)
}

impl<'a> Scanner<'a> {
    /// A scanner of cleaned text; there is no token before the first `next`.
    pub fn new(src: &'a [u8]) -> Scanner<'a> {
        Scanner {
            src,
            at: 0,
            nlsemi: false,
            keep: Keep::Directives,
            tok: Token::Eof,
            start: 0,
            prev_end: 0,
            end: 0,
            op: Op::Not,
            kind: LitKind::Int,
            semi: SemiKind::Written,
            comments: Vec::new(),
            errors: Vec::new(),
            unterminated: false,
        }
    }

    /// The text.
    pub fn src(&self) -> &'a [u8] {
        self.src
    }

    /// The bytes of the current token.
    pub fn text(&self) -> &'a [u8] {
        &self.src[self.start..self.end]
    }

    /// Goes on at `offset`, as if a token after which a newline ends a statement, or not, had just ended there.
    pub fn seek(&mut self, offset: usize, nlsemi: bool) {
        self.at = offset;
        self.end = offset;
        self.nlsemi = nlsemi;
    }

    fn peek(&self) -> u8 {
        self.byte(self.at)
    }

    /// The byte at `i`; 0, which cleaned text does not hold, past the end.
    fn byte(&self, i: usize) -> u8 {
        self.src.get(i).copied().unwrap_or(0)
    }

    fn char_at(&self, i: usize) -> Option<char> {
        let rest = &self.src[i..self.src.len().min(i + 4)];
        rest.utf8_chunks()
            .next()
            .and_then(|c| c.valid().chars().next())
    }

    fn error(&mut self, offset: usize, msg: impl Into<String>) {
        self.errors.push(ScanError {
            offset,
            msg: msg.into(),
        });
    }

    /// Moves to the next token.
    pub fn next(&mut self) {
        self.prev_end = self.end;
        let nlsemi = std::mem::replace(&mut self.nlsemi, false);
        loop {
            loop {
                let b = self.peek();
                if class(b, BLANK) || b == b'\n' && !nlsemi {
                    self.at += 1;
                } else {
                    break;
                }
            }
            self.start = self.at;
            if self.token(nlsemi) {
                break;
            }
        }
        self.end = self.at;
    }

    /// Scans one token at `self.at`; false for a comment or an invalid character, after which to try again.
    fn token(&mut self, nlsemi: bool) -> bool {
        use BinaryOp as B;
        let b = self.peek();
        if class(b, LETTER) {
            self.name();
            return true;
        }
        match b {
            b'\n' => {
                self.at += 1;
                self.semi = SemiKind::Newline;
                self.tok = Token::Semi;
            }
            b'0'..=b'9' => self.number(),
            b'"' => self.string(),
            b'`' => self.raw_string(),
            b'\'' => self.rune(),
            b'(' => self.punct(Token::Lparen),
            b'[' => self.punct(Token::Lbrack),
            b'{' => self.punct(Token::Lbrace),
            b',' => self.punct(Token::Comma),
            b';' => {
                self.semi = SemiKind::Written;
                self.punct(Token::Semi);
            }
            b')' => self.closing(Token::Rparen),
            b']' => self.closing(Token::Rbrack),
            b'}' => self.closing(Token::Rbrace),
            b':' if self.byte(self.at + 1) == b'=' => {
                self.at += 2;
                self.tok = Token::Define;
            }
            b':' => self.punct(Token::Colon),
            b'.' if class(self.byte(self.at + 1), DIGIT) => self.number(),
            b'.' if self.src[self.at..].starts_with(b"...") => {
                self.at += 3;
                self.tok = Token::DotDotDot;
            }
            b'.' => self.punct(Token::Dot),
            b'+' | b'-' if self.byte(self.at + 1) == b => {
                self.at += 2;
                self.op = Op::Binary(if b == b'+' { B::Add } else { B::Sub });
                self.tok = Token::IncOp;
                self.nlsemi = true;
            }
            b'+' => self.operator(1, B::Add),
            b'-' => self.operator(1, B::Sub),
            b'*' => {
                self.operator(1, B::Mul);
                if self.tok == Token::Operator {
                    self.tok = Token::Star;
                }
            }
            b'/' => match self.byte(self.at + 1) {
                b'/' => {
                    self.line_comment();
                    return false;
                }
                b'*' => {
                    let newline = self.general_comment();
                    if nlsemi && newline {
                        // A comment with a newline in it acts like a newline.
                        self.semi = SemiKind::Newline;
                        self.tok = Token::Semi;
                        return true;
                    }
                    return false;
                }
                _ => self.operator(1, B::Div),
            },
            b'%' => self.operator(1, B::Rem),
            b'&' => match self.byte(self.at + 1) {
                b'&' => self.plain_operator(2, Op::Binary(B::LogAnd)),
                b'^' => self.operator(2, B::AndNot),
                _ => self.operator(1, B::And),
            },
            b'|' => match self.byte(self.at + 1) {
                b'|' => self.plain_operator(2, Op::Binary(B::LogOr)),
                _ => self.operator(1, B::Or),
            },
            b'^' => self.operator(1, B::Xor),
            b'<' => match self.byte(self.at + 1) {
                b'=' => self.plain_operator(2, Op::Binary(B::Le)),
                b'<' => self.operator(2, B::Shl),
                b'-' => {
                    self.plain_operator(2, Op::Recv);
                    self.tok = Token::Arrow;
                }
                _ => self.plain_operator(1, Op::Binary(B::Lt)),
            },
            b'>' => match self.byte(self.at + 1) {
                b'=' => self.plain_operator(2, Op::Binary(B::Ge)),
                b'>' => self.operator(2, B::Shr),
                _ => self.plain_operator(1, Op::Binary(B::Gt)),
            },
            b'=' if self.byte(self.at + 1) == b'=' => self.plain_operator(2, Op::Binary(B::Eq)),
            b'=' => self.punct(Token::Assign),
            b'!' if self.byte(self.at + 1) == b'=' => self.plain_operator(2, Op::Binary(B::Ne)),
            b'!' => self.plain_operator(1, Op::Not),
            b'~' => self.plain_operator(1, Op::Tilde),
            0 if self.at >= self.src.len() => {
                if nlsemi {
                    self.semi = SemiKind::Eof;
                    self.tok = Token::Semi;
                } else {
                    self.tok = Token::Eof;
                }
            }
            _ => return self.other_character(),
        }
        true
    }

    fn punct(&mut self, tok: Token) {
        self.at += 1;
        self.tok = tok;
    }

    fn closing(&mut self, tok: Token) {
        self.punct(tok);
        self.nlsemi = true;
    }

    fn plain_operator(&mut self, len: usize, op: Op) {
        self.at += len;
        self.op = op;
        self.tok = Token::Operator;
    }

    /// An operator that an `=` may follow.
    fn operator(&mut self, len: usize, op: BinaryOp) {
        self.plain_operator(len, Op::Binary(op));
        if self.peek() == b'=' {
            self.at += 1;
            self.tok = Token::AssignOp;
        }
    }

    /// A character outside ASCII, or one that Go does not use.
    fn other_character(&mut self) -> bool {
        let Some(c) = self.char_at(self.at) else {
            self.at += 1;
            return false;
        };
        if c.is_ascii() {
            self.error(self.at, format!("invalid character {}", unicode_name(c)));
            self.at += c.len_utf8();
            return false;
        }
        self.name();
        true
    }

    fn name(&mut self) {
        while class(self.peek(), LETTER | DIGIT) {
            self.at += 1;
        }
        if self.peek() >= 0x80 {
            self.unicode_name_rest();
        }
        let text = &self.src[self.start..self.at];
        if (2..=11).contains(&text.len())
            && let Some(tok) = Token::keyword(text)
        {
            self.tok = tok;
            self.nlsemi = matches!(
                tok,
                Token::Break | Token::Continue | Token::Fallthrough | Token::Return
            );
            return;
        }
        self.tok = Token::Name;
        self.nlsemi = true;
    }

    #[cold]
    fn unicode_name_rest(&mut self) {
        while let Some(c) = self.char_at(self.at) {
            if c.is_ascii() && !class(c as u8, LETTER | DIGIT) {
                break;
            }
            if !c.is_ascii() && !is_letter(c) {
                if !is_decimal_digit(c) {
                    let msg = format!("invalid character {} in identifier", unicode_name(c));
                    self.error(self.at, msg);
                } else if self.at == self.start {
                    let msg = format!("identifier cannot begin with digit {}", unicode_name(c));
                    self.error(self.at, msg);
                }
            }
            self.at += c.len_utf8();
        }
    }

    /// Digits and underscores. Digits too large for the base are taken, the first is remembered.
    fn digits(&mut self, base: u32, invalid: &mut Option<usize>) -> Digits {
        let mut seen = Digits::default();
        let accepted = if base > 10 { HEX } else { DIGIT };
        loop {
            let b = self.peek();
            if b == b'_' {
                seen.underscore = true;
            } else if class(b, accepted) {
                seen.digit = true;
                if base < 10 && u32::from(b - b'0') >= base {
                    invalid.get_or_insert(self.at);
                }
            } else {
                return seen;
            }
            self.at += 1;
        }
    }

    fn number(&mut self) {
        self.tok = Token::Literal;
        self.nlsemi = true;
        let mut kind = LitKind::Int;
        let mut base = 10;
        let mut prefix = 0;
        let mut seen = Digits::default();
        let mut invalid = None;
        // The first thing that is wrong with the number; later ones are not reported.
        let mut wrong: Option<(usize, String)> = None;

        if self.peek() != b'.' {
            if self.peek() == b'0' {
                self.at += 1;
                let letter = self.peek() | 0x20;
                (base, prefix) = match letter {
                    b'x' => (16, b'x'),
                    b'o' => (8, b'o'),
                    b'b' => (2, b'b'),
                    _ => (8, b'0'),
                };
                if prefix == b'0' {
                    seen.digit = true;
                } else {
                    self.at += 1;
                }
            }
            seen |= self.digits(base, &mut invalid);
            if self.peek() == b'.' && matches!(prefix, b'o' | b'b') {
                wrong = Some((
                    self.at,
                    format!("invalid radix point in {} literal", base_name(base)),
                ));
            }
        }
        if self.peek() == b'.' {
            self.at += 1;
            kind = LitKind::Float;
            seen |= self.digits(base, &mut invalid);
        }
        if !seen.digit && wrong.is_none() {
            wrong = Some((
                self.at,
                format!("{} literal has no digits", base_name(base)),
            ));
        }

        let letter = self.peek() | 0x20;
        if letter == b'e' || letter == b'p' {
            if wrong.is_none() {
                let e = quoted(self.peek() as char);
                if letter == b'e' && prefix != 0 && prefix != b'0' {
                    wrong = Some((self.at, format!("{e} exponent requires decimal mantissa")));
                } else if letter == b'p' && prefix != b'x' {
                    wrong = Some((
                        self.at,
                        format!("{e} exponent requires hexadecimal mantissa"),
                    ));
                }
            }
            self.at += 1;
            kind = LitKind::Float;
            if matches!(self.peek(), b'+' | b'-') {
                self.at += 1;
            }
            let exponent = self.digits(10, &mut None);
            seen.underscore |= exponent.underscore;
            if !exponent.digit && wrong.is_none() {
                wrong = Some((self.at, "exponent has no digits".into()));
            }
        } else if prefix == b'x' && kind == LitKind::Float && wrong.is_none() {
            wrong = Some((
                self.at,
                "hexadecimal mantissa requires a 'p' exponent".into(),
            ));
        }
        if self.peek() == b'i' {
            kind = LitKind::Imag;
            self.at += 1;
        }
        self.kind = kind;

        if kind == LitKind::Int
            && wrong.is_none()
            && let Some(at) = invalid
        {
            let digit = quoted(self.src[at] as char);
            wrong = Some((
                at,
                format!("invalid digit {digit} in {} literal", base_name(base)),
            ));
        }
        if seen.underscore
            && wrong.is_none()
            && let Some(i) = misplaced_underscore(&self.src[self.start..self.at])
        {
            wrong = Some((self.start + i, "'_' must separate successive digits".into()));
        }
        if let Some((at, msg)) = wrong {
            self.error(at, msg);
        }
    }

    fn string(&mut self) {
        self.literal(LitKind::String);
        loop {
            match self.peek() {
                b'"' => {
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    self.at += 1;
                    self.escape(b'"');
                }
                b'\n' => {
                    self.error(self.at, "newline in string");
                    return;
                }
                0 if self.at >= self.src.len() => {
                    self.error(self.start, "string not terminated");
                    return;
                }
                _ => self.at += 1,
            }
        }
    }

    fn literal(&mut self, kind: LitKind) {
        self.at += 1;
        self.tok = Token::Literal;
        self.kind = kind;
        self.nlsemi = true;
    }

    fn raw_string(&mut self) {
        self.literal(LitKind::String);
        match self.src[self.at..].iter().position(|&b| b == b'`') {
            Some(n) => self.at += n + 1,
            None => {
                self.at = self.src.len();
                self.unterminated = true;
                self.error(self.start, "string not terminated");
            }
        }
    }

    fn rune(&mut self) {
        self.literal(LitKind::Char);
        let mut ok = true;
        let mut count = 0;
        loop {
            match self.peek() {
                b'\'' => {
                    if ok && count == 0 {
                        self.error(self.at, "empty rune literal or unescaped '");
                    } else if ok && count != 1 {
                        self.error(self.start, "more than one character in rune literal");
                    }
                    self.at += 1;
                    return;
                }
                b'\\' => {
                    self.at += 1;
                    ok &= self.escape(b'\'');
                }
                b'\n' => {
                    if ok {
                        self.error(self.at, "newline in rune literal");
                    }
                    return;
                }
                0 if self.at >= self.src.len() => {
                    if ok {
                        self.error(self.start, "rune literal not terminated");
                    }
                    return;
                }
                _ => self.at += self.char_at(self.at).map_or(1, char::len_utf8),
            }
            count += 1;
        }
    }

    /// The part of an escape after its backslash. False when an error was reported.
    fn escape(&mut self, quote: u8) -> bool {
        let b = self.peek();
        let (len, base, max) = match b {
            b'a' | b'b' | b'f' | b'n' | b'r' | b't' | b'v' | b'\\' => {
                self.at += 1;
                return true;
            }
            _ if b == quote => {
                self.at += 1;
                return true;
            }
            b'0'..=b'7' => (3, 8, 255),
            b'x' => (2, 16, 255),
            b'u' => (4, 16, 0x10_FFFF),
            b'U' => (8, 16, 0x10_FFFF),
            // The caller complains about the end of the text.
            0 if self.at >= self.src.len() => return true,
            _ => {
                self.error(self.at, "unknown escape");
                return false;
            }
        };
        if base == 16 {
            self.at += 1;
        }
        let mut value: u32 = 0;
        for _ in 0..len {
            let Some(c) = self.char_at(self.at) else {
                return true;
            };
            let Some(d) = c.to_digit(base) else {
                let msg = format!(
                    "invalid character {} in {} escape",
                    quoted(c),
                    base_name(base)
                );
                self.error(self.at, msg);
                return false;
            };
            value = value.wrapping_mul(base).wrapping_add(d);
            self.at += 1;
        }
        if value > max && base == 8 {
            self.error(self.at, format!("octal escape value {value} > 255"));
            return false;
        }
        if value > max || (0xD800..0xE000).contains(&value) && max > 255 {
            let msg = format!("escape is invalid Unicode code point U+{value:04X}");
            self.error(self.at, msg);
            return false;
        }
        true
    }

    fn line_comment(&mut self) {
        let rest = &self.src[self.at..];
        let len = rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len());
        let kept = match self.keep {
            Keep::Directives => rest.starts_with(b"//go:"),
            Keep::Lines => {
                rest.starts_with(b"//line ") && (self.at == 0 || self.byte(self.at - 1) == b'\n')
            }
        };
        if kept {
            let cr = usize::from(rest[..len].ends_with(b"\r"));
            self.comments.push((self.at, self.at + len - cr));
        }
        self.at += len;
    }

    /// Skips a `/* */` comment; whether a newline is in it.
    fn general_comment(&mut self) -> bool {
        let start = self.at;
        let mut newline = false;
        self.at += 2;
        loop {
            match self.peek() {
                b'*' if self.byte(self.at + 1) == b'/' => {
                    self.at += 2;
                    break;
                }
                0 if self.at >= self.src.len() => {
                    self.unterminated = true;
                    self.error(start, "comment not terminated");
                    break;
                }
                b => {
                    newline |= b == b'\n';
                    self.at += 1;
                }
            }
        }
        if self.keep == Keep::Lines && self.src[start..].starts_with(b"/*line ") && !newline {
            self.comments.push((start, self.at));
        }
        newline
    }
}

#[derive(Clone, Copy, Default)]
struct Digits {
    digit: bool,
    underscore: bool,
}

impl std::ops::BitOrAssign for Digits {
    fn bitor_assign(&mut self, other: Digits) {
        self.digit |= other.digit;
        self.underscore |= other.underscore;
    }
}

/// Where an underscore of a number does not stand between digits (a base prefix counts as a digit).
fn misplaced_underscore(text: &[u8]) -> Option<usize> {
    let prefixed =
        text.len() >= 2 && text[0] == b'0' && matches!(text[1] | 0x20, b'x' | b'o' | b'b');
    let is_digit = |b: u8| {
        if prefixed && text[1] | 0x20 == b'x' {
            class(b, HEX)
        } else {
            class(b, DIGIT)
        }
    };
    let mut before = if prefixed { b'0' } else { b'.' };
    for (i, &b) in text.iter().enumerate().skip(if prefixed { 2 } else { 0 }) {
        if b == b'_' {
            if !(is_digit(before)) {
                return Some(i);
            }
        } else if !is_digit(b) && before == b'_' {
            return Some(i - 1);
        }
        before = b;
    }
    (before == b'_').then(|| text.len() - 1)
}

/// Whether `c` is a letter to Go (Unicode categories L*). `is_alphabetic` holds more: marks and
/// letter-like numbers, which are told apart by what they are not.
pub fn is_letter(c: char) -> bool {
    c == '_' || c.is_alphabetic() && !c.is_numeric() && !is_mark(c)
}

/// Whether `c` is a decimal digit to Go (Unicode category Nd).
pub fn is_decimal_digit(c: char) -> bool {
    // Nd runs come in tens that start at a code point whose digit value is 0; the standard library knows
    // only "numeric", so letters and other numbers of the usual ranges are left out by hand.
    c.is_ascii_digit()
        || !c.is_ascii()
            && c.is_numeric()
            && !c.is_alphabetic()
            && !matches!(c as u32,
                0xB2..=0xBE | 0x09F4..=0x09F9 | 0x0B72..=0x0B77 | 0x0BF0..=0x0BF2 | 0x0C78..=0x0C7E
                | 0x0D58..=0x0D5E | 0x0D70..=0x0D78 | 0x0F2A..=0x0F33 | 0x1369..=0x137C | 0x17F0..=0x17F9
                | 0x19DA | 0x2070..=0x218B | 0x2460..=0x249B | 0x24EA..=0x24FF | 0x2776..=0x2793 | 0x2CFD
                | 0x3192..=0x3195 | 0x3220..=0x32BF | 0xA830..=0xA835 | 0x10107..=0x10133
                | 0x10140..=0x1018B | 0x102E1..=0x10323 | 0x10858..=0x10939 | 0x109BC..=0x10A7E
                | 0x10A9D..=0x10BAF | 0x10CFA..=0x10CFF | 0x10E60..=0x10E7E | 0x10F1D..=0x10FCB)
}

/// Combining marks that count as alphabetic in Unicode but are no letters.
fn is_mark(c: char) -> bool {
    matches!(c as u32,
        0x0345 | 0x0363..=0x036F | 0x05B0..=0x05C7 | 0x0610..=0x061A | 0x064B..=0x065F | 0x0670
        | 0x06D6..=0x06ED if !matches!(c as u32, 0x06E5 | 0x06E6))
        || matches!(c as u32, 0x0900..=0x0903 | 0x093A..=0x093B | 0x093E..=0x094F | 0x0955..=0x0957
            | 0x0962..=0x0963 | 0x0981..=0x0983 | 0x09BE..=0x09CC | 0x0E31 | 0x0E34..=0x0E3A | 0x0E4D
            | 0x0EB1 | 0x0EB4..=0x0EBC | 0x24B6..=0x24E9 | 0x2DE0..=0x2DFF)
}

/// The offset after the brace that closes the one at `open`, when the text holds it. Knows strings,
/// runes and comments, and nothing else: this is how bodies are skipped that may never be needed.
pub fn matching_brace(src: &[u8], open: usize) -> Option<usize> {
    let mut depth = 0usize;
    let mut i = open;
    loop {
        match *src.get(i)? {
            b'{' => depth += 1,
            b'}' => {
                depth -= 1;
                if depth == 0 {
                    return Some(i + 1);
                }
            }
            b'`' => i += 1 + src[i + 1..].iter().position(|&b| b == b'`')?,
            quote @ (b'"' | b'\'') => {
                i += 1;
                loop {
                    match *src.get(i)? {
                        b'\\' => i += 1,
                        b'\n' => return None,
                        b if b == quote => break,
                        _ => {}
                    }
                    i += 1;
                }
            }
            b'/' => match *src.get(i + 1)? {
                b'/' => i += src[i..].iter().position(|&b| b == b'\n')?,
                b'*' => {
                    i += 2;
                    i += src[i..].windows(2).position(|w| w == b"*/")? + 1;
                }
                _ => {}
            },
            _ => {}
        }
        i += 1;
    }
}

/// The `//line` and `/*line*/` directives of a file.
pub fn line_directives(name: &Arc<str>, text: &[u8]) -> Vec<LineDirective> {
    let mut out: Vec<LineDirective> = Vec::new();
    let possible = memchr::memmem::find_iter(text, b"line ")
        .any(|at| at >= 2 && matches!(&text[at - 2..at], b"//" | b"/*"));
    if !possible {
        return out;
    }
    let text = clean(text, true, &mut Vec::new());
    let mut s = Scanner::new(&text);
    s.keep = Keep::Lines;
    loop {
        s.next();
        if s.tok == Token::Eof {
            break;
        }
    }
    for &(start, end) in &s.comments {
        let general = text[start + 1] == b'*';
        let (arg_end, governs) = if general {
            (end - 2, end)
        } else {
            (end, end + 1)
        };
        let arg = String::from_utf8_lossy(&text[start + 7..arg_end]);
        let governs = if general || text.get(end) != Some(&b'\r') {
            governs
        } else {
            governs + 1
        };
        let current = out.last().map_or(name, |d| &d.file);
        if let Some((file, line, col)) = parse_line_argument(&arg, name, current) {
            out.push(LineDirective {
                offset: governs as u32,
                file,
                line,
                col,
            });
        }
    }
    out
}

/// `file:line` or `file:line:col`; an empty file with a column means the current one. A relative name is
/// relative to the folder of the source file `name`.
fn parse_line_argument(arg: &str, name: &str, current: &Arc<str>) -> Option<(Arc<str>, u32, u32)> {
    let in_folder = |file: &str| -> Arc<str> {
        match name.rsplit_once('/') {
            Some((folder, _)) if !file.is_empty() && !file.starts_with('/') => {
                format!("{folder}/{file}").into()
            }
            _ => file.into(),
        }
    };
    let number = |s: &str| s.parse::<u32>().ok().filter(|&n| n > 0 && n < 1 << 30);
    let (head, last) = arg.rsplit_once(':')?;
    let last = number(last)?;
    if let Some((file, line)) = head.rsplit_once(':')
        && let Some(line) = number(line)
    {
        let file = if file.is_empty() {
            current.clone()
        } else {
            in_folder(file)
        };
        return Some((file, line, last));
    }
    Some((in_folder(head), last, 0))
}
