//! Expressions. What is made here never panics and has no effects but those of declared functions (which trace and take fuel), so it may
//! stand anywhere: Go fixes the order of calls among themselves only.

use crate::generate::Gen;
use crate::program::Tape;
use crate::types::*;

/// An expression's text, and whether Go may take it for a constant (whose arithmetic is checked when compiled).
pub struct Expr {
    pub text: String,
    pub constant: bool,
}

fn computed(text: String) -> Expr {
    Expr {
        text,
        constant: false,
    }
}

impl Gen {
    /// An expression of the type, nested up to `depth`.
    pub fn expr(&mut self, t: &mut Tape, ty: &Ty, depth: usize) -> String {
        self.any_expr(t, ty, depth).text
    }

    /// An expression that is no constant.
    pub fn value(&mut self, t: &mut Tape, ty: &Ty, depth: usize) -> String {
        let e = self.any_expr(t, ty, depth);
        if e.constant {
            format!("id({})", e.text)
        } else {
            e.text
        }
    }

    fn any_expr(&mut self, t: &mut Tape, ty: &Ty, depth: usize) -> Expr {
        if depth == 0 || t.pick(3) == 0 {
            if t.pick(4) != 3
                && let Some(place) = self.place(t, ty, false)
            {
                return computed(match ty {
                    Ty::Slice(_) => format!("clip({place})"),
                    _ => place,
                });
            }
            return self.literal(t, ty, depth.min(1));
        }
        let d = depth - 1;
        if t.chance(8) {
            let fitting: Vec<usize> = (0..self.funcs.len())
                .filter(|i| self.funcs[*i].result == *ty)
                .collect();
            if !fitting.is_empty() && !self.quiet {
                let index = *t.of(&fitting);
                return computed(self.call(t, index, d));
            }
        }
        if t.chance(10)
            && let Some(text) = self.container_read(t, ty, d)
        {
            return computed(text);
        }
        match ty {
            Ty::Int(kind) => self.int_expr(t, *kind, d),
            Ty::F32 | Ty::F64 => self.float_expr(t, ty, d),
            Ty::C128 => {
                let op = *t.of(&["+", "-", "*", "/"]);
                let a = self.value(t, ty, d);
                let b = self.value(t, ty, d);
                computed(format!("({a} {op} {b})"))
            }
            Ty::Bool => self.bool_expr(t, d),
            Ty::Str => self.string_expr(t, d),
            Ty::Slice(elem) => self.slice_expr(t, elem, d),
            Ty::Any => {
                let dynamic = match t.pick(8) {
                    7 => Ty::Shape,
                    k => [
                        INT,
                        INT8,
                        Ty::Int(2),
                        Ty::Int(9),
                        Ty::Str,
                        Ty::F64,
                        Ty::Bool,
                    ][k]
                        .clone(),
                };
                let value = self.expr(t, &dynamic, d);
                computed(format!("any({value})"))
            }
            _ => self.literal(t, ty, depth),
        }
    }

    /// A call of a declared function.
    pub fn call(&mut self, t: &mut Tape, index: usize, depth: usize) -> String {
        let (name, params) = {
            let f = &self.funcs[index];
            (f.name.clone(), f.params.clone())
        };
        let args: Vec<String> = params.iter().map(|p| self.expr(t, p, depth)).collect();
        format!("{name}({})", args.join(", "))
    }

    /// An element of some slice or map in scope.
    fn container_read(&mut self, t: &mut Tape, ty: &Ty, depth: usize) -> Option<String> {
        let slice = Ty::Slice(Box::new(ty.clone()));
        if let Some(place) = self.place(t, &slice, false) {
            let index = self.expr(t, &INT, depth);
            let read = format!("at({place}, {index})");
            return Some(match ty {
                Ty::Slice(_) => format!("clip({read})"),
                _ => read,
            });
        }
        let maps: Vec<(String, Ty)> = self
            .vars
            .iter()
            .filter_map(|v| match &v.ty {
                Ty::Map(key, elem) if **elem == *ty => Some((v.name.clone(), (**key).clone())),
                _ => None,
            })
            .collect();
        if maps.is_empty() {
            return None;
        }
        let (name, key) = t.of(&maps).clone();
        let key = self.expr(t, &key, depth);
        Some(format!("{name}[{key}]"))
    }

    fn int_expr(&mut self, t: &mut Tape, kind: usize, d: usize) -> Expr {
        let ty = Ty::Int(kind);
        let name = INTS[kind].name;
        computed(match t.pick(22) {
            0..=7 => {
                let op = *t.of(&["+", "-", "*", "&", "|", "^", "&^"]);
                let a = self.value(t, &ty, d);
                let b = self.expr(t, &ty, d);
                if t.pick(2) == 1 {
                    format!("({b} {op} {a})")
                } else {
                    format!("({a} {op} {b})")
                }
            }
            8 => format!("(-{})", self.value(t, &ty, d)),
            9 => format!("(^{})", self.value(t, &ty, d)),
            10 | 11 => {
                let op = *t.of(&["<<", ">>"]);
                let a = self.value(t, &ty, d);
                match t.pick(3) {
                    0 => format!("({a} {op} {})", t.of(&[1, 3, 7, 8, 15, 31, 32, 63, 64, 70])),
                    1 => {
                        let unsigned = Ty::Int(5 + t.pick(6));
                        format!("({a} {op} {})", self.value(t, &unsigned, d))
                    }
                    _ => format!("({a} {op} ({} & 127))", self.value(t, &INT, d)),
                }
            }
            12 | 13 => {
                let op = *t.of(&["/", "%"]);
                let a = self.value(t, &ty, d);
                match t.pick(3) {
                    0 => {
                        let max = if INTS[kind].signed { 127 } else { 255 };
                        let divisor = 1 + t.pick(max);
                        let sign = if INTS[kind].signed && t.pick(4) == 3 {
                            "-"
                        } else {
                            ""
                        };
                        format!("({a} {op} {sign}{divisor})")
                    }
                    _ => format!("({a} {op} ({} | 1))", self.value(t, &ty, d)),
                }
            }
            14 | 15 => {
                let from = Ty::Int(t.pick(13));
                format!("{name}({})", self.value(t, &from, d))
            }
            16 => format!("{name}(f2i({}))", self.expr(t, &Ty::F64, d)),
            17 => {
                let f = *t.of(&["min", "max"]);
                let a = self.value(t, &ty, d);
                format!("{f}({a}, {})", self.expr(t, &ty, d))
            }
            18 => {
                let s = self.value(t, &Ty::Str, d);
                let i = self.expr(t, &INT, d);
                match t.pick(2) {
                    0 => format!("{name}(len({s}))"),
                    _ => format!("{name}(byteAt({s}, {i}))"),
                }
            }
            19 => format!("{name}(hB({}))", self.expr(t, &Ty::Bool, d)),
            20 => match self.place(t, &Ty::Shape, false) {
                Some(shape) => format!("{name}({shape}.Sum())"),
                None => format!("{name}(hF({}))", self.expr(t, &Ty::F64, d)),
            },
            _ => {
                let a = self.value(t, &ty, d);
                let b = self.expr(t, &ty, d);
                match t.pick(2) {
                    0 => format!("total({a}, {b})"),
                    _ => format!("largest({a}, {b})"),
                }
            }
        })
    }

    fn float_expr(&mut self, t: &mut Tape, ty: &Ty, d: usize) -> Expr {
        let name = ty.text();
        computed(match t.pick(12) {
            0..=5 => {
                let op = *t.of(&["+", "-", "*", "/"]);
                let a = self.value(t, ty, d);
                let b = self.expr(t, ty, d);
                format!("({a} {op} {b})")
            }
            6 => format!("(-{})", self.value(t, ty, d)),
            7 | 8 => {
                let from = Ty::Int(t.pick(13));
                format!("{name}({})", self.value(t, &from, d))
            }
            9 => {
                let from = if *ty == Ty::F32 { Ty::F64 } else { Ty::F32 };
                format!("{name}({})", self.value(t, &from, d))
            }
            10 => {
                let c = self.value(t, &Ty::C128, d);
                let part = *t.of(&["real", "imag"]);
                format!("{name}({part}({c}))")
            }
            _ => {
                let f = *t.of(&["min", "max"]);
                let a = self.value(t, ty, d);
                format!("{f}({a}, {})", self.expr(t, ty, d))
            }
        })
    }

    fn bool_expr(&mut self, t: &mut Tape, d: usize) -> Expr {
        computed(match t.pick(8) {
            0..=3 => {
                let ty = match t.pick(6) {
                    0..=2 => Ty::Int(t.pick(13)),
                    3 => Ty::F64,
                    4 => Ty::F32,
                    _ => Ty::Str,
                };
                let op = *t.of(&["<", "<=", "==", "!=", ">", ">="]);
                let a = self.value(t, &ty, d);
                format!("({a} {op} {})", self.expr(t, &ty, d))
            }
            4 => {
                let op = *t.of(&["&&", "||"]);
                let a = self.value(t, &Ty::Bool, d);
                format!("({a} {op} {})", self.expr(t, &Ty::Bool, d))
            }
            5 => format!("(!{})", self.value(t, &Ty::Bool, d)),
            6 => {
                let ty = flat(t, &self.structs.clone());
                let a = self.value(t, &ty, d);
                let b = self.expr(t, &ty, d);
                format!("({a} {} {b})", t.of(&["==", "!="]))
            }
            _ => {
                let a = self.expr(t, &Ty::Any, d);
                let b = self.expr(t, &Ty::Any, d);
                // Some dynamic types of Shape cannot be compared.
                format!("(hA({a}) == hA({b}))")
            }
        })
    }

    fn string_expr(&mut self, t: &mut Tape, d: usize) -> Expr {
        computed(match t.pick(8) {
            0..=2 => {
                let a = self.value(t, &Ty::Str, d);
                let b = self.expr(t, &Ty::Str, d);
                format!("short({a} + {b})")
            }
            3 => {
                let s = self.value(t, &Ty::Str, d);
                let i = self.expr(t, &INT, d);
                format!(
                    "func(s string, i int) string {{ i = cut(len(s), i); return s[i:] + s[:i] }}({s}, {i})"
                )
            }
            4 => {
                let kind = Ty::Int(t.pick(13));
                format!("itoa(int64({}))", self.value(t, &kind, d))
            }
            5 => format!("string([]byte({}))", self.value(t, &Ty::Str, d)),
            6 => format!("string([]rune({}))", self.value(t, &Ty::Str, d)),
            _ => format!("string(rune({} & 0xffff))", self.value(t, &Ty::Int(3), d)),
        })
    }

    fn slice_expr(&mut self, t: &mut Tape, elem: &Ty, d: usize) -> Expr {
        let ty = Ty::Slice(Box::new(elem.clone()));
        match t.pick(5) {
            0 => self.literal(t, &ty, d),
            1 => computed(format!("make({}, {})", ty.text(), t.pick(7))),
            2 => {
                let s = self.value(t, &ty, d);
                computed(format!(
                    "apply({s}, func(v {0}) {0} {{ return v }})",
                    elem.text()
                ))
            }
            3 if *elem == UINT8 => computed(format!("[]byte({})", self.value(t, &Ty::Str, d))),
            _ => {
                let n = 1 + t.pick(3);
                let vs: Vec<String> = (0..n).map(|_| self.expr(t, elem, d)).collect();
                let s = self.value(t, &ty, d);
                computed(format!(
                    "append({}(nil), append(trim({s}), {})...)",
                    ty.text(),
                    vs.join(", ")
                ))
            }
        }
    }

    /// A literal; parts of composite ones are expressions of the depth.
    pub fn literal(&mut self, t: &mut Tape, ty: &Ty, depth: usize) -> Expr {
        let text = match ty {
            Ty::Int(kind) => {
                return Expr {
                    text: int_literal(t, *kind),
                    constant: true,
                };
            }
            Ty::F32 | Ty::F64 => {
                let v = *t.of(&[
                    "0", "1", "1.5", "-2.25", "0.1", "1e10", "-3e-5", "16777217", "1e30", "255.5",
                ]);
                return Expr {
                    text: format!("{}({v})", ty.text()),
                    constant: true,
                };
            }
            Ty::C128 => {
                let v = *t.of(&["0", "1", "1i", "2.5-3i", "-0.5+1e3i"]);
                return Expr {
                    text: format!("complex128({v})"),
                    constant: true,
                };
            }
            Ty::Bool => {
                return Expr {
                    text: (*t.of(&["false", "true"])).to_owned(),
                    constant: true,
                };
            }
            Ty::Str => {
                let v = *t.of(&[
                    "",
                    "a",
                    "hello",
                    "\u{e4}\u{4e16}x",
                    "\\x00\\xff",
                    "zz",
                    "longer than eight bytes",
                ]);
                return Expr {
                    text: format!("\"{v}\""),
                    constant: true,
                };
            }
            Ty::Arr(n, elem) => {
                let given = t.pick(n + 1);
                let parts: Vec<String> = (0..given)
                    .map(|_| self.expr(t, elem, depth.saturating_sub(1)))
                    .collect();
                if given > 0 && given < *n && t.pick(2) == 1 {
                    format!("{}{{{}: {}}}", ty.text(), n - 1, parts[0])
                } else {
                    format!("{}{{{}}}", ty.text(), parts.join(", "))
                }
            }
            Ty::Slice(elem) => {
                let parts: Vec<String> = (0..t.pick(5))
                    .map(|_| self.expr(t, elem, depth.saturating_sub(1)))
                    .collect();
                format!("{}{{{}}}", ty.text(), parts.join(", "))
            }
            Ty::Map(key, elem) => {
                let mut text = format!("{}{{", ty.text());
                // Constant keys must differ.
                if t.pick(2) == 1 {
                    let key = self.value(t, key, 0);
                    let elem = self.expr(t, elem, depth.saturating_sub(1));
                    text += &format!("{key}: {elem}");
                }
                text + "}"
            }
            Ty::Struct(k) => {
                let fields = self.structs[*k].clone();
                if t.pick(3) == 0 {
                    let at = t.pick(fields.len());
                    let e = self.expr(t, &fields[at], depth.saturating_sub(1));
                    format!("S{k}{{f{at}: {e}}}")
                } else {
                    let parts: Vec<String> = fields
                        .iter()
                        .map(|f| self.expr(t, f, depth.saturating_sub(1)))
                        .collect();
                    format!("S{k}{{{}}}", parts.join(", "))
                }
            }
            Ty::Pair(a, b) => {
                let (x, y) = (
                    self.expr(t, a, depth.saturating_sub(1)),
                    self.expr(t, b, depth.saturating_sub(1)),
                );
                match t.pick(3) {
                    0 => format!("{}{{first: {x}, second: {y}}}", ty.text()),
                    _ => format!(
                        "pair[{}, {}]{{{y}, {}, {x}}}.swap()",
                        b.text(),
                        a.text(),
                        t.pick(256)
                    ),
                }
            }
            Ty::Ptr(elem) => {
                let e = self.value(t, elem, depth.saturating_sub(1));
                format!("func(v {0}) *{0} {{ return &v }}({e})", elem.text())
            }
            Ty::Func(from, to) => {
                let e = self.expr(t, to, depth.saturating_sub(1));
                format!("func({}) {} {{ return {e} }}", from.text(), to.text())
            }
            Ty::Any => match t.pick(4) {
                0 => format!("any({})", t.pick(100)),
                1 => "any(\"dynamic\")".to_owned(),
                2 => format!("any(N0({}))", t.pick(100)),
                _ => format!("any({}.5)", t.pick(100)),
            },
            Ty::Shape => {
                let k = t.pick(self.structs.len());
                let s = self
                    .literal(t, &Ty::Struct(k), depth.saturating_sub(1))
                    .text;
                match t.pick(7) {
                    0 => format!("Shape(N0({}))", t.pick(256)),
                    1 => format!("Shape({s})"),
                    2 => format!("Shape(&{s})"),
                    3 => format!("Shape(box{{{s}, {}}})", t.pick(256)),
                    4 => format!("Shape(&box{{Shape: {s}}})"),
                    5 => "Shape(new(N1))".to_owned(),
                    _ => format!("Shape(fn({s}.Add))"),
                }
            }
        };
        computed(text)
    }

    /// An `int64` that depends on all of a value.
    pub fn digest(&self, ty: &Ty, v: &str) -> String {
        match ty {
            Ty::Int(_) => format!("int64({v})"),
            Ty::F32 => format!("hF(float64({v}))"),
            Ty::F64 => format!("hF({v})"),
            Ty::C128 => format!("hC({v})"),
            Ty::Bool => format!("hB({v})"),
            Ty::Str => format!("hS({v})"),
            Ty::Arr(n, elem) => {
                let parts: Vec<String> = if *n <= 3 {
                    (0..*n)
                        .map(|i| format!("{}*{}", self.digest(elem, &format!("{v}[{i}]")), i + 1))
                        .collect()
                } else {
                    return format!(
                        "func(a {}) (h int64) {{ for _, v := range a {{ h = h*31 + {} }}; return }}({v})",
                        ty.text(),
                        self.digest(elem, "v")
                    );
                };
                format!("({})", parts.join("+"))
            }
            Ty::Slice(elem) => format!(
                "hL({v}, func(v {}) int64 {{ return {} }})",
                elem.text(),
                self.digest(elem, "v")
            ),
            Ty::Map(key, elem) => format!(
                "hM({v}, func(k {}, v {}) int64 {{ return {} ^ {} }})",
                key.text(),
                elem.text(),
                self.digest(key, "k"),
                self.digest(elem, "v")
            ),
            Ty::Struct(_) | Ty::Shape => format!("{v}.Sum()"),
            Ty::Ptr(elem) => self.digest(elem, &format!("(*{v})")),
            Ty::Func(..) => format!("hB({v} != nil)"),
            Ty::Any => format!("hA({v})"),
            Ty::Pair(a, b) => format!(
                "({} + {}*5 + int64({v}.small))",
                self.digest(a, &format!("{v}.first")),
                self.digest(b, &format!("{v}.second"))
            ),
        }
    }

    /// Something in scope of the type that can be named (and assigned to, for `write`).
    pub fn place(&mut self, t: &mut Tape, ty: &Ty, write: bool) -> Option<String> {
        let mut found = Vec::new();
        for var in self.vars.iter().rev().take(40) {
            if write && self.pure && var.global {
                continue;
            }
            match &var.ty {
                Ty::Ptr(elem) if write && !var.assign => {
                    self.walk(format!("(*{})", var.name), elem, ty, 2, &mut found);
                }
                _ if write && !var.assign => {}
                _ => self.walk(var.name.clone(), &var.ty, ty, 3, &mut found),
            }
            if found.len() > 24 {
                break;
            }
        }
        if found.is_empty() {
            return None;
        }
        let mut path = t.of(&found).clone();
        // Each `@n` stands for an index below n.
        while let Some(start) = path.find('@') {
            let digits: String = path[start + 1..]
                .chars()
                .take_while(char::is_ascii_digit)
                .collect();
            let n: usize = digits.parse().expect("a length follows");
            let index = match t.pick(3) {
                0 => t.pick(n).to_string(),
                _ if n.is_power_of_two() => {
                    let ty = Ty::Int(t.pick(2) * 6);
                    format!("{}&{}", self.value(t, &ty, 0), n - 1)
                }
                _ => format!("ix({n}, {})", self.expr(t, &INT, 0)),
            };
            path.replace_range(start..start + 1 + digits.len(), &index);
        }
        Some(path)
    }

    fn walk(&self, path: String, ty: &Ty, want: &Ty, depth: usize, found: &mut Vec<String>) {
        if ty == want {
            found.push(path);
            return;
        }
        if depth == 0 {
            return;
        }
        match ty {
            Ty::Struct(k) => {
                for (i, field) in self.structs[*k].iter().enumerate() {
                    self.walk(format!("{path}.f{i}"), field, want, depth - 1, found);
                }
            }
            Ty::Pair(a, b) => {
                self.walk(format!("{path}.first"), a, want, depth - 1, found);
                self.walk(format!("{path}.second"), b, want, depth - 1, found);
                self.walk(format!("{path}.small"), &UINT8, want, depth - 1, found);
            }
            Ty::Arr(n, elem) => self.walk(format!("{path}[@{n}]"), elem, want, depth - 1, found),
            Ty::Ptr(elem) => self.walk(format!("(*{path})"), elem, want, depth - 1, found),
            _ => {}
        }
    }
}

fn int_literal(t: &mut Tape, kind: usize) -> String {
    let k = &INTS[kind];
    let max = if k.signed {
        (1u128 << (k.bits - 1)) - 1
    } else {
        (1u128 << k.bits) - 1
    };
    let value = match t.pick(10) {
        0 => "0".to_owned(),
        1 => "1".to_owned(),
        2 | 3 => (t.pick(128) as u128).min(max).to_string(),
        4 if k.signed => "-1".to_owned(),
        5 if k.signed => format!("-{}", max + 1),
        6 if k.signed => format!("-{}", t.pick(128)),
        7 => (max / 2 + 1).to_string(),
        8 => ((t.pick(256) as u128) << 24 | (t.pick(256) as u128) << 3 & max)
            .min(max)
            .to_string(),
        _ => max.to_string(),
    };
    format!("{}({value})", k.name)
}
