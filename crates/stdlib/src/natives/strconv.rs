//! The natives of `strconv`.
//!
//! ```text
//! strconv.atoi(s string) (n int, ok bool)
//! strconv.parseUint(s string, base, bitSize int) (n uint64, status int)
//! strconv.formatUint(u uint64, base int, neg bool) string
//! strconv.parseFloat(s string, bitSize int) (f float64, n int, status int)
//! strconv.formatFloat(f float64, fmt byte, prec, bitSize int) string
//! strconv.writeFloat(dst []byte, f float64, fmt byte, prec, bitSize int) int
//! ```

use runtime::native::{Flow, NativeCx, NativeFn, Slots};

use super::number;

pub static NATIVES: &[(&str, NativeFn)] = &[
    ("strconv.atoi", atoi),
    ("strconv.parseUint", parse_uint),
    ("strconv.formatUint", format_uint),
    ("strconv.parseFloat", parse_float),
    ("strconv.formatFloat", format_float),
    ("strconv.writeFloat", write_float),
];

fn atoi(_: &mut NativeCx, s: Slots) -> Flow {
    let n = number::atoi(s.str(0));
    s.set_int(2, n.unwrap_or(0));
    s.set_bool(3, n.is_some());
    Flow::Done
}

fn parse_uint(_: &mut NativeCx, s: Slots) -> Flow {
    let (n, status) = number::parse_uint(s.str(0), s.int(2) as u32, s.int(3) as u32);
    s.set_word(4, n);
    s.set_int(5, status as i64);
    Flow::Done
}

fn format_uint(cx: &mut NativeCx, s: Slots) -> Flow {
    let (buf, at) = number::format_uint(s.word(0), s.word(1), s.bool(2));
    let text = cx.new_string(&buf[at..]);
    s.set_str(3, text);
    Flow::Done
}

fn parse_float(_: &mut NativeCx, s: Slots) -> Flow {
    let (f, n, status) = number::parse_float(s.str(0), s.int(2) as u32);
    s.set_f64(3, f);
    s.set_int(4, n as i64);
    s.set_int(5, status as i64);
    Flow::Done
}

fn format_float(cx: &mut NativeCx, s: Slots) -> Flow {
    let text = number::format_float(s.f64(0), s.word(1) as u8, s.int(2), s.int(3) as u32);
    let text = cx.new_string(&text);
    s.set_str(4, text);
    Flow::Done
}

fn write_float(_: &mut NativeCx, s: Slots) -> Flow {
    let text = number::format_float(s.f64(3), s.word(4) as u8, s.int(5), s.int(6) as u32);
    if let Some(dst) = s.slice_mut(0).get_mut(..text.len()) {
        dst.copy_from_slice(&text);
    }
    s.set_int(7, text.len() as i64);
    Flow::Done
}
