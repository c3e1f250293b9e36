//! The builtins print and println: values to standard error, in the runtime's own short forms.

use runtime::native::{Flow, NativeCx, NativeFn, Slots};
use runtime::traceback::write_stderr;

use super::number::format_float;

fn write(text: &str) -> Flow {
    write_stderr(text.as_bytes());
    Flow::Done
}

/// A float in the shortest form that reads back the same.
fn float_text(value: f64, bits: u32) -> String {
    String::from_utf8_lossy(&format_float(value, b'g', -1, bits)).into_owned()
}

fn print_bool(_: &mut NativeCx, slots: Slots) -> Flow {
    write(if slots.bool(0) { "true" } else { "false" })
}

fn print_int(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&slots.int(0).to_string())
}

fn print_uint(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&slots.word(0).to_string())
}

fn print_float(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&float_text(slots.f64(0), 64))
}

fn print_float32(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&float_text(f64::from(slots.f32(0)), 32))
}

fn complex_text(re: f64, im: f64, bits: u32) -> String {
    let sign = if im.is_nan() || im.is_infinite() || im.is_sign_negative() {
        ""
    } else {
        "+"
    };
    let plus = if im.is_nan() { "+" } else { sign };
    format!("({}{plus}{}i)", float_text(re, bits), float_text(im, bits))
}

fn print_complex(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&complex_text(slots.f64(0), slots.f64(1), 64))
}

fn print_complex64(_: &mut NativeCx, slots: Slots) -> Flow {
    let word = slots.word(0);
    let part = |bits: u64| f64::from(f32::from_bits(bits as u32));
    write(&complex_text(part(word), part(word >> 32), 32))
}

fn print_string(_: &mut NativeCx, slots: Slots) -> Flow {
    write_stderr(slots.str(0));
    Flow::Done
}

fn print_pointer(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&format!("{:#x}", slots.word(0)))
}

fn print_slice(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&format!(
        "[{}/{}]{:#x}",
        slots.word(1),
        slots.word(2),
        slots.word(0)
    ))
}

fn print_iface(_: &mut NativeCx, slots: Slots) -> Flow {
    write(&format!("({:#x},{:#x})", slots.word(0), slots.word(1)))
}

fn print_space(_: &mut NativeCx, _: Slots) -> Flow {
    write(" ")
}

fn print_newline(_: &mut NativeCx, _: Slots) -> Flow {
    write("\n")
}

/// What the compiler emits for the builtins.
pub static NATIVES: &[(&str, NativeFn)] = &[
    ("runtime.printbool", print_bool),
    ("runtime.printint", print_int),
    ("runtime.printuint", print_uint),
    ("runtime.printfloat", print_float),
    ("runtime.printfloat32", print_float32),
    ("runtime.printcomplex", print_complex),
    ("runtime.printcomplex64", print_complex64),
    ("runtime.printstring", print_string),
    ("runtime.printpointer", print_pointer),
    ("runtime.printslice", print_slice),
    ("runtime.printiface", print_iface),
    ("runtime.printsp", print_space),
    ("runtime.printnl", print_newline),
];
