//! Statements. Each is made from one node; what a block declares is known to the statements after it, and gone at its end.

use crate::generate::{Gen, Var};
use crate::program::{Node, Tape};
use crate::types::*;

/// How many loop iterations a generated loop asks for at most.
const LOOP: usize = 7;

impl Gen {
    /// The statements of a block, in a scope of their own.
    pub fn block(&mut self, nodes: &[Node]) {
        let mark = self.vars.len();
        for node in nodes {
            self.stmt(node);
        }
        self.vars.truncate(mark);
    }

    /// The statements of a function literal: outer loops cannot be left from there.
    fn body(&mut self, nodes: &[Node], result: Option<Ty>) {
        let labels = std::mem::take(&mut self.labels);
        let outer = std::mem::replace(&mut self.result, result);
        self.block(nodes);
        self.result = outer;
        self.labels = labels;
    }

    /// Declares a variable, so that Go does not complain that it is unused.
    pub fn declare(&mut self, ty: Ty, value: &str) -> String {
        let name = self.fresh("v");
        self.line(&format!("var {name} {} = {value}", ty.text()));
        self.line(&format!("_ = {name}"));
        self.add(&name, ty, true);
        name
    }

    pub fn add(&mut self, name: &str, ty: Ty, assign: bool) {
        self.vars.push(Var {
            name: name.to_owned(),
            ty,
            assign,
            global: false,
        });
    }

    /// Traces a value, in full or as a digest.
    pub fn trace(&mut self, ty: &Ty, v: &str) {
        let id = self.id();
        self.line(&match ty {
            Ty::Int(kind) if INTS[*kind].signed => format!("tI({id}, int64({v}))"),
            Ty::Int(_) => format!("tU({id}, uint64({v}))"),
            Ty::Str => format!("tS({id}, {v})"),
            Ty::Bool => format!("tB({id}, {v})"),
            Ty::F64 => format!("tF({id}, {v})"),
            _ => format!("tI({id}, {})", self.digest(ty, v)),
        });
    }

    fn random_var(&mut self, t: &mut Tape) -> Option<(String, Ty)> {
        let n = self.vars.len().min(30);
        if n == 0 {
            return None;
        }
        let var = &self.vars[self.vars.len() - 1 - t.pick(n)];
        Some((var.name.clone(), var.ty.clone()))
    }

    fn stmt(&mut self, node: &Node) {
        let t = &mut Tape::new(&node.choices);
        let kids = &node.children[..];
        if self.text.len() > 60_000 {
            return;
        }
        // Statements with blocks need children to be of use.
        if kids.is_empty() {
            match t.pick(34) {
                0..=2 => self.trace_something(t),
                3..=7 => {
                    let ty = any_type(t, &self.structs.clone());
                    let e = self.expr(t, &ty, 3);
                    self.declare(ty, &e);
                }
                8..=13 => self.assign(t),
                14..=16 => self.pointer(t),
                17..=19 => self.slices(t),
                20 | 21 => self.maps(t),
                22 | 23 => self.call_closure(t),
                24 | 25 => self.panics(t),
                26 if t.chance(2) => self.late(t),
                26 => self.order(t),
                27 => self.generics(t),
                28 => self.shapes(t),
                29 => self.loop_captures(t),
                30 => self.constants(t),
                31 => self.links(t),
                32 => self.formats(t),
                _ => self.leave(t),
            }
        } else {
            match t.pick(24) {
                0..=2 => self.if_stmt(t, kids),
                3..=5 => self.for_stmt(t, kids),
                6..=9 => self.range_stmt(t, kids),
                10 | 11 => self.switch_stmt(t, kids),
                12 => self.type_switch(t, kids),
                13..=15 => self.closure(t, kids),
                16 | 17 => self.defers(t, kids),
                18 | 19 => self.protected(t, kids),
                20 => self.goto_stmt(t, kids),
                21 => self.select(t, kids),
                22 => {
                    self.line("{");
                    self.block(kids);
                    self.line("}");
                }
                _ => self.if_stmt(t, kids),
            }
        }
    }

    fn trace_something(&mut self, t: &mut Tape) {
        if t.pick(3) > 0
            && let Some((name, ty)) = self.random_var(t)
        {
            return self.trace(&ty, &name);
        }
        let ty = basic(t);
        let e = self.value(t, &ty, 3);
        self.trace(&ty, &e);
    }

    fn assign(&mut self, t: &mut Tape) {
        let ty = match t.pick(4) {
            0 => Ty::Int(t.pick(13)),
            1 => basic(t),
            _ => match self.random_var(t) {
                Some((_, Ty::Ptr(elem))) => *elem,
                Some((_, ty)) => ty,
                None => INT,
            },
        };
        if matches!(ty, Ty::Func(..) | Ty::Ptr(_)) {
            return;
        }
        let Some(place) = self.place(t, &ty, true) else {
            return;
        };
        match (t.pick(6), &ty) {
            (0, _) => {
                if let Some(other) = self.place(t, &ty, true) {
                    self.line(&format!("{place}, {other} = {other}, {place}"));
                }
            }
            (1 | 2, Ty::Int(_)) => {
                let op = *t.of(&["+=", "-=", "*=", "^=", "&=", "|=", "&^="]);
                let e = self.expr(t, &ty, 2);
                self.line(&format!("{place} {op} {e}"));
            }
            (3, Ty::Int(_)) => {
                let op = *t.of(&["++", "--", " <<= 3", " >>= 1", " /= 3", " %= 7"]);
                self.line(&format!("{place}{op}"));
            }
            (1 | 2, Ty::F32 | Ty::F64) => {
                let e = self.expr(t, &ty, 2);
                self.line(&format!("{place} *= {e}"));
            }
            (1 | 2, Ty::Str) => {
                let e = self.expr(t, &ty, 1);
                self.line(&format!("{place} = short({place} + {e})"));
            }
            _ => {
                let e = self.expr(t, &ty, 3);
                self.line(&format!("{place} = {e}"));
            }
        }
        if t.pick(3) == 2 {
            self.trace(&ty, &place);
        }
    }

    /// A pointer to a variable or a part of one, or a write through one.
    fn pointer(&mut self, t: &mut Tape) {
        let ty = match self.random_var(t) {
            Some((_, ty)) if t.pick(2) == 0 => ty,
            _ => basic(t),
        };
        if matches!(ty, Ty::Func(..) | Ty::Ptr(_)) {
            return;
        }
        let place = match self.place(t, &ty, true) {
            Some(place) => place,
            None => {
                let e = self.expr(t, &ty, 2);
                self.declare(ty.clone(), &e)
            }
        };
        match t.pick(4) {
            0..=1 => {
                let pointer = self.fresh("p");
                self.line(&format!("{pointer} := &{place}"));
                let e = self.expr(t, &ty, 2);
                self.line(&format!("*{pointer} = {e}"));
                self.add(&pointer, Ty::Ptr(Box::new(ty)), false);
            }
            2 => {
                // Through a function, inlined or not.
                let e = self.value(t, &ty, 2);
                let text = ty.text();
                self.line(&format!(
                    "func(p *{text}, v {text}) {{ old := *p; *p = v; _ = old }}(&{place}, {e})"
                ));
                self.trace(&ty, &place);
            }
            _ => {
                let id = self.id();
                let n = [1, 3, 20, 200, 1500][t.pick(5)];
                let (p, q) = (self.fresh("p"), self.fresh("q"));
                self.line(&format!("var {p} int64; var {q} [3]int32"));
                if ty == INT64 {
                    self.line(&format!("tI({id}, dive({n}, &{place}, &{q}))"));
                } else {
                    self.line(&format!("tI({id}, dive({n}, &{p}, &{q}))"));
                }
                self.line(&format!(
                    "tI({id}, {p} + int64({q}[0]) + int64({q}[1])*3 + int64({q}[2])*5)"
                ));
                self.trace(&ty, &place);
            }
        }
    }

    fn slices(&mut self, t: &mut Tape) {
        let known: Vec<(String, Ty)> = self
            .vars
            .iter()
            .filter(|v| v.assign && !(v.global && self.pure))
            .filter_map(|v| match &v.ty {
                Ty::Slice(elem) => Some((v.name.clone(), (**elem).clone())),
                _ => None,
            })
            .collect();
        if known.is_empty() {
            let elem = flat(t, &self.structs.clone());
            let ty = Ty::Slice(Box::new(elem));
            let e = self.literal(t, &ty, 2).text;
            self.declare(ty, &e);
            return;
        }
        let (s, elem) = t.of(&known).clone();
        let ty = Ty::Slice(Box::new(elem.clone()));
        match t.pick(10) {
            0 | 1 => {
                let e = self.expr(t, &elem, 2);
                self.line(&format!("{s} = append(trim({s}), {e})"));
            }
            2 => {
                let e = self.expr(t, &elem, 2);
                self.line(&format!(
                    "for len({s}) < {} {{ {s} = append({s}, {e}) }}",
                    5 + t.pick(40)
                ));
            }
            3 | 4 => {
                let (i, e) = (self.expr(t, &INT, 1), self.expr(t, &elem, 2));
                self.line(&format!(
                    "if len({s}) > 0 {{ {s}[ix(len({s}), {i})] = {e} }}"
                ));
            }
            5 => {
                let (i, j) = (self.expr(t, &INT, 1), self.expr(t, &INT, 1));
                let (a, b) = (self.fresh("i"), self.fresh("j"));
                self.line(&format!("{a} := cut(len({s}), {i})"));
                self.line(&format!("{b} := {a} + cut(len({s})-{a}, {j})"));
                self.add(&a, INT, false);
                self.add(&b, INT, false);
                let text = match t.pick(2) {
                    0 => format!("{s}[{a}:{b}:{b}]"),
                    _ => format!("{s}[{a}:{b}:len({s})]"),
                };
                let v = self.declare(ty.clone(), &text);
                // This writes into the first one's array if there is room: both are looked at. How much room append leaves is up to
                // the implementation, so no two slices may share what lies past their ends.
                let e = self.expr(t, &elem, 1);
                self.line(&format!("{v} = append({v}, {e})"));
                self.trace(&ty, &s);
            }
            6 => {
                let id = self.id();
                let i = self.expr(t, &INT, 1);
                self.line(&format!(
                    "tI({id}, int64(copy({s}, {s}[cut(len({s}), {i}):])))"
                ));
            }
            7 => {
                let i = self.expr(t, &INT, 1);
                let p = self.fresh("p");
                let e = self.expr(t, &elem, 2);
                self.line(&format!("if len({s}) > 0 {{ {p} := &{s}[ix(len({s}), {i})]; {s} = append(clip({s}), *{p}); *{p} = {e} }}"));
            }
            8 => self.line(&format!("clear({s})")),
            _ => {
                let n = 1 + t.pick(4);
                let arr = Ty::Arr(n, Box::new(elem));
                let v = self.fresh("a");
                self.line(&format!("var {v} {}", arr.text()));
                self.line(&format!(
                    "if len({s}) >= {n} {{ {v} = {}({s}) }}",
                    arr.text()
                ));
                self.trace(&arr, &v);
                self.add(&v, arr, true);
            }
        }
        self.trace(&ty, &s);
    }

    fn maps(&mut self, t: &mut Tape) {
        let known: Vec<(String, Ty, Ty)> = self
            .vars
            .iter()
            .filter(|v| !(v.global && self.pure))
            .filter_map(|v| match &v.ty {
                Ty::Map(key, elem) => Some((v.name.clone(), (**key).clone(), (**elem).clone())),
                _ => None,
            })
            .collect();
        if known.is_empty() {
            let ty = Ty::Map(Box::new(key(t)), Box::new(flat(t, &self.structs.clone())));
            let e = self.literal(t, &ty, 1).text;
            self.declare(ty, &e);
            return;
        }
        let (m, key, elem) = t.of(&known).clone();
        let k = self.value(t, &key, 2);
        match t.pick(8) {
            0..=2 => {
                let e = self.expr(t, &elem, 2);
                self.line(&format!("{m}[{k}] = {e}"));
            }
            3 => self.line(&format!("delete({m}, {k})")),
            4 => {
                let id = self.id();
                let (v, ok) = (self.fresh("v"), self.fresh("ok"));
                self.line(&format!("{v}, {ok} := {m}[{k}]"));
                self.line(&format!("tB({id}, {ok})"));
                self.add(&v, elem.clone(), true);
                self.trace(&elem, &v);
            }
            5 if key.is_ordered() => {
                let e = self.digest(&elem, &format!("{m}[k]"));
                let d = self.digest(&key, "k");
                let id = self.id();
                self.line(&format!(
                    "for _, k := range sorted({m}) {{ tI({id}, {d}); tI({id}, {e}) }}"
                ));
            }
            6 if matches!(elem, Ty::Int(_)) => self.line(&format!("{m}[{k}] += 3")),
            7 => self.line(&format!(
                "for k := range {m} {{ if hS(itoa({}))%3 == 0 {{ delete({m}, k) }} }}",
                self.digest(&key, "k")
            )),
            _ => {
                let (i, e) = (self.fresh("i"), self.expr(t, &elem, 1));
                if let Ty::Int(kind) = key {
                    let name = INTS[kind].name;
                    self.line(&format!(
                        "for {i} := range {} {{ {m}[{name}({i})*5] = {e} }}",
                        3 + t.pick(30)
                    ));
                }
            }
        }
        let ty = Ty::Map(Box::new(key), Box::new(elem));
        self.trace(&ty, &m);
    }

    fn call_closure(&mut self, t: &mut Tape) {
        let known: Vec<(String, Ty, Ty)> = self
            .vars
            .iter()
            .filter_map(|v| match &v.ty {
                Ty::Func(from, to) => Some((v.name.clone(), (**from).clone(), (**to).clone())),
                _ => None,
            })
            .collect();
        if known.is_empty() {
            return self.trace_something(t);
        }
        let (f, from, to) = t.of(&known).clone();
        let arg = self.expr(t, &from, 2);
        match t.pick(3) {
            0 => {
                self.line(&format!("go1({f}, {arg})"));
            }
            1 => {
                let id = self.id();
                self.line(&format!(
                    "tI({id}, int64(sideways({}, func(n int) int {{ return n ^ 3 }})))",
                    [2, 30, 400][t.pick(3)]
                ));
                let v = self.declare(to.clone(), &format!("{f}({arg})"));
                self.trace(&to, &v);
            }
            _ => {
                let v = self.declare(to.clone(), &format!("{f}({arg})"));
                self.trace(&to, &v);
            }
        }
    }

    /// A run-time panic of some kind; `x` and the like keep the compiler from seeing it coming.
    fn panic_op(&mut self, t: &mut Tape) -> String {
        let n = t.pick(8);
        match t.pick(27) {
            0 => format!("panic({n})"),
            1 => "panic(\"text\")".to_owned(),
            2 => format!("panic(failure{{{n}}})"),
            3 => format!("_ = id([]int{{1, 2, 3}})[id({})]", n + 3),
            4 => format!("_ = [4]int8{{}}[id(-{})]", n + 1),
            5 => format!("_ = id(\"abc\")[id({})]", n + 3),
            6 => format!("_ = id([]byte{{1, 2, 3}})[id({}):]", n + 4),
            7 => format!("_ = id([]int16{{1, 2, 3}})[id(3):id({n}):id(2)]"),
            8 => format!("_ = id(\"abc\")[id({}):id({})]", n % 3 + 1, n % 3),
            9 => "var p *failure; _ = p.code".to_owned(),
            10 => "var p *[4]int; p[id(2)] = 1".to_owned(),
            11 => "var m map[string]int; m[\"a\"] = 1".to_owned(),
            12 => format!("_ = {n} / id(0)"),
            13 => format!("_ = uint8({n}) % id(uint8(0))"),
            14 => "_ = id(any(5)).(string)".to_owned(),
            15 => "_ = id(any(nil)).(int)".to_owned(),
            16 => "_ = id(any(\"s\")).(Shape)".to_owned(),
            17 => format!("_ = 1 << id(-{})", n + 1),
            18 => format!("_ = make([]int, id(-{}))", n + 1),
            19 => "var c chan int; close(c)".to_owned(),
            20 => "c := make(chan int); close(c); close(c)".to_owned(),
            21 => "c := make(chan int, 1); close(c); c <- 1".to_owned(),
            22 => "_ = [4]int(id([]int{1, 2}))".to_owned(),
            23 => "m := map[any]int{}; m[id(any([]int{1}))]++".to_owned(),
            24 => "a, b := id(any([]int{1})), id(any([]int{1})); _ = a == b".to_owned(),
            25 => "var f func(); f()".to_owned(),
            _ => "var s Shape; _ = s.Sum()".to_owned(),
        }
    }

    fn panics(&mut self, t: &mut Tape) {
        let id = self.id();
        let op = self.panic_op(t);
        match t.pick(4) {
            0 | 1 => self.line(&format!(
                "func() {{ defer func() {{ caught({id}, recover()) }}(); {op} }}()"
            )),
            2 => {
                let second = self.panic_op(t);
                self.line(&format!("func() {{ defer func() {{ caught({id}, recover()) }}(); defer func() {{ {second} }}(); {op} }}()"));
            }
            _ => {
                let second = self.panic_op(t);
                self.line(&format!("func() {{ defer func() {{ caught({id}, recover()) }}(); defer func() {{ defer func() {{ caught({id}, recover()) }}(); {second} }}(); {op} }}()"));
            }
        }
    }

    /// Reads beside calls that change what is read. Go leaves their order open; gc reads last.
    fn late(&mut self, t: &mut Tape) {
        let (b, id) = (self.fresh("b"), self.id());
        self.line(&format!("{b} := newMoving({})", t.pick(9)));
        let e: Vec<String> = (0..4).map(|_| moving_expr(t, &b, 3)).collect();
        let (x, y) = (self.fresh("x"), self.fresh("y"));
        let text = match t.pick(14) {
            0 => format!("tI({id}, int64({}))", e[0]),
            1 => format!("tI({id}, int64(total({}, {}, {})))", e[0], e[1], e[2]),
            2 => format!(
                "{x}, {y} := {}, {}; tI({id}, int64({x}*5 + {y}))",
                e[0], e[1]
            ),
            3 => format!("{b}.list[({})&3] = {}", e[0], e[1]),
            4 => format!("{b}.n += {}", e[0]),
            5 => format!("{b}.arr[({})&3], {b}.n = {}, {}", e[0], e[1], e[2]),
            6 => format!(
                "tI({id}, int64([]int{{{}, {}}}[1] + pair[int, int]{{second: {}, first: {}}}.first))",
                e[0], e[1], e[2], e[3]
            ),
            7 => format!("{b}.m[{b}.s] = {}", e[0]),
            8 => format!(
                "{x}, {y} := func() (int, int) {{ return {}, {} }}(); tI({id}, int64({x}*5 + {y}))",
                e[0], e[1]
            ),
            9 => format!(
                "variadic({id}, {}, {b}.s, {}, {b}.part.first, {b}.s + \"x\")",
                e[0], e[1]
            ),
            10 => format!(
                "{b}.list = append({b}.list[:2:2], {}, {}, 3, 4)",
                e[0], e[1]
            ),
            11 => format!(
                "tI({id}, int64(len({b}.list[({})&1 : 2+({})&1])))",
                e[0], e[1]
            ),
            12 => format!("if {} < {} && {} > 3 {{ tI({id}, 1) }}", e[0], e[1], e[2]),
            _ => format!(
                "switch ({})&3 {{ case 1, ({})&3: tI({id}, 2) }}",
                e[0], e[1]
            ),
        };
        self.line(&text);
        self.line(&format!("tI({id}, {b}.Sum())"));
    }

    /// Probes of the order of evaluation, where Go fixes it.
    fn order(&mut self, t: &mut Tape) {
        let p: Vec<String> = (0..5)
            .map(|_| {
                let id = self.id();
                format!("probe({id}, {})", t.pick(8))
            })
            .collect();
        let id = self.id();
        let op = *t.of(&["+", "-", "*", "^"]);
        match t.pick(8) {
            0 => self.line(&format!(
                "tI({id}, int64({} {op} {} * {}))",
                p[0], p[1], p[2]
            )),
            1 => {
                let a = self.declare(Ty::Arr(8, Box::new(INT)), "[8]int{}");
                self.line(&format!(
                    "{a}[{}], {a}[{}] = {}, {}",
                    p[0], p[1], p[2], p[3]
                ));
                self.trace(&Ty::Arr(8, Box::new(INT)), &a);
            }
            2 => {
                let m = self.declare(Ty::Map(Box::new(INT), Box::new(INT)), "map[int]int{}");
                self.line(&format!("{m}[{}] = {} {op} {}", p[0], p[1], p[2]));
                self.line(&format!("{m}[{}] += {}", p[3], p[4]));
                self.trace(&Ty::Map(Box::new(INT), Box::new(INT)), &m);
            }
            3 => self.line(&format!(
                "if {} > 3 && {} > 2 || {} < 5 {{ tI({id}, 1) }}",
                p[0], p[1], p[2]
            )),
            4 => self.line(&format!(
                "tI({id}, int64(total({}, {}, {})))",
                p[0], p[1], p[2]
            )),
            5 => self.line(&format!("defer tI({}, int64({} {op} {}))", id, p[0], p[1])),
            6 => self.line(&format!(
                "tI({id}, int64(pair[int, int]{{second: {}, first: {}}}.swap().first))",
                p[0], p[1]
            )),
            _ => {
                let (a, b) = (self.fresh("a"), self.fresh("i"));
                self.line(&format!("{a}, {b} := []int{{1, 2, 3}}, 0"));
                self.line(&format!("{b}, {a}[{b}] = 2, {}", p[0]));
                self.line(&format!(
                    "{a}[0], {a}[{b}], {b} = {a}[{b}], {a}[0], {}",
                    p[1]
                ));
                self.line(&format!(
                    "tI({id}, int64({a}[0] + {a}[1]*10 + {a}[2]*100 + {b}))"
                ));
            }
        }
    }

    fn generics(&mut self, t: &mut Tape) {
        let structs = self.structs.clone();
        let id = self.id();
        match t.pick(5) {
            0 => {
                let ty = loop_ordered(t);
                let x = ty.text();
                let vs: Vec<String> = (0..2 + t.pick(6)).map(|_| self.value(t, &ty, 1)).collect();
                let d = self.digest(&ty, "v");
                let stop = t.pick(8);
                self.line("{");
                self.line(&format!("var root *tree[{x}]"));
                self.line(&format!(
                    "for _, v := range []{x}{{{}}} {{ root = root.insert(v) }}",
                    vs.join(", ")
                ));
                self.line(&format!(
                    "for v, n := range root.all {{ tI({id}, {d}); if n > {stop} {{ break }} }}"
                ));
                self.line("}");
            }
            1 => {
                let (a, b) = (flat(t, &structs), flat(t, &structs));
                let ty = Ty::Pair(Box::new(a.clone()), Box::new(b.clone()));
                let e = self.expr(t, &ty, 2);
                let v = self.declare(ty.clone(), &e);
                let (x, y) = (self.expr(t, &a, 1), self.expr(t, &b, 1));
                self.line(&format!("{v}.set({x}, {y})"));
                self.trace(&ty, &v);
                let back = Ty::Pair(Box::new(b), Box::new(a));
                let w = self.declare(back.clone(), &format!("{v}.swap()"));
                self.trace(&back, &w);
            }
            2 => {
                let (a, b) = (flat(t, &structs), basic(t));
                let s = self.expr(t, &Ty::Slice(Box::new(a.clone())), 2);
                self.vars.push(Var {
                    name: "it".to_owned(),
                    ty: a.clone(),
                    assign: false,
                    global: false,
                });
                let e = self.expr(t, &b, 2);
                self.vars.pop();
                let ty = Ty::Slice(Box::new(b.clone()));
                let v = self.declare(
                    ty.clone(),
                    &format!(
                        "apply({s}, func(it {}) {} {{ return {e} }})",
                        a.text(),
                        b.text()
                    ),
                );
                self.trace(&ty, &v);
            }
            3 => {
                let a = flat(t, &structs);
                let s = self.expr(t, &Ty::Slice(Box::new(a.clone())), 2);
                let d = self.digest(&a, "v");
                self.line(&format!("tI({id}, fold({s}, int64({}), func(a int64, v {}) int64 {{ return a*7 + {d} }}))", t.pick(9), a.text()));
            }
            _ => {
                let kind = Ty::Int(t.pick(13));
                let vs: Vec<String> = (0..1 + t.pick(4)).map(|_| self.expr(t, &kind, 1)).collect();
                let v = self.declare(
                    kind.clone(),
                    &format!("total[{}]({})", kind.text(), vs.join(", ")),
                );
                self.trace(&kind, &v);
            }
        }
    }

    fn shapes(&mut self, t: &mut Tape) {
        let id = self.id();
        let e = self.expr(t, &Ty::Shape, 2);
        let v = self.declare(Ty::Shape, &e);
        match t.pick(5) {
            0 => self.line(&format!("tS({id}, {v}.Name())")),
            1 => self.line(&format!(
                "if b, ok := {v}.(Bumper); ok {{ b.Bump({}); tI({id}, b.Sum()) }}",
                t.pick(256)
            )),
            2 => {
                let f = self.fresh("f");
                self.line(&format!("{f} := {v}.Sum"));
                let again = self.expr(t, &Ty::Shape, 1);
                self.line(&format!("{v} = {again}"));
                self.line(&format!("tI({id}, {f}() - {v}.Sum())"));
            }
            3 => {
                let k = t.pick(self.structs.len());
                let ty = Ty::Struct(k);
                let e = self.expr(t, &ty, 2);
                let s = self.declare(ty.clone(), &e);
                let f = self.fresh("f");
                let how = *t.of(&[".Bump", ".Add"]);
                // The receiver is bound now: by address, or by value.
                self.line(&format!("{f} := {s}{how}"));
                let d = self.expr(t, &INT64, 1);
                self.line(&format!("{f}({d}); {f}(3)"));
                self.line(&format!(
                    "(*S{k}).Bump(&{s}, 2); tI({id}, S{k}.Add({s}, 1))"
                ));
                self.trace(&ty, &s);
            }
            _ => {
                let mut parts = Vec::new();
                for _ in 0..t.pick(5) {
                    parts.push(self.expr(t, &Ty::Any, 2));
                }
                parts.push(v.clone());
                self.line(&format!("variadic({id}, {})", parts.join(", ")));
            }
        }
        self.trace(&Ty::Shape, &v);
    }

    /// Closures and pointers that keep the variables of each iteration apart.
    fn loop_captures(&mut self, t: &mut Tape) {
        let id = self.id();
        let n = 1 + t.pick(LOOP);
        let head = match t.pick(3) {
            0 => format!("for i := 0; i < {n}; i++"),
            1 => format!("for i := range {n}"),
            _ => format!("for i := range make([]int, {n})"),
        };
        self.line("{");
        self.line("var fs []func() int; var ps []*int");
        self.line(&format!("{head} {{ j := i * 3; fs = append(fs, func() int {{ i++; j += i; return j }}); ps = append(ps, &i); {} }}", if t.pick(3) == 2 { "i++" } else { "_ = j" }));
        self.line(&format!(
            "for k, f := range fs {{ tI({id}, int64(f() + f() + *ps[len(ps)-1-k])) }}"
        ));
        self.line("}");
    }

    fn constants(&mut self, t: &mut Tape) {
        let id = self.id();
        let ty = ["int", "int8", "uint16", "float64", "N1"][t.pick(5)];
        let step = 1 + t.pick(5);
        self.line("{");
        self.line(
            &format!("const ( c0 {ty} = iota*{step} + 1; c1; _; c3; c4 = c3 << 1 )").replace(
                "c3 << 1",
                if ty == "float64" { "c3 / 3" } else { "c3 << 1" },
            ),
        );
        self.line(
            "const big = 1 << 100; const ( k0 = 1 << (iota * 3); k1; k2; name = \"n\" + \"m\" )",
        );
        self.line(&format!(
            "tI({id}, int64(c0+c1*c3) + int64(big >> 95) + k2 + int64(len(name)))"
        ));
        self.line(&format!("tF({id}, float64(c4) + big / 3)"));
        self.line("}");
    }

    /// Data that refers to itself and to functions, and what the prelude has for it.
    fn links(&mut self, t: &mut Tape) {
        let id = self.id();
        let n = [1, 2, 7, 60, 400][t.pick(5)];
        let k = t.pick(9);
        match t.pick(10) {
            0 | 1 => {
                let list = self.fresh("list");
                self.line(&format!("{list} := chain({n}, nil)"));
                self.line(&format!("tI({id}, {list}.weigh(0))"));
                self.line(&format!(
                    "if {list}.next != nil {{ tI({id}, {list}.hook({list}.next) + {list}.next.hook({list})) }}"
                ));
                self.line(&format!(
                    "tI({id}, {list}.weigh(0)); tS({id}, {list}.Name())"
                ));
            }
            2 => {
                let s = self.fresh("s");
                self.line(&format!("var {s} ints"));
                self.line(&format!(
                    "for i := range {n} {{ {s}.push(i).push(i ^ {k}) }}"
                ));
                self.line(&format!("tI({id}, Shape({s}).Sum() + Shape(&{s}).Sum())"));
            }
            3 => self.line(&format!(
                "tI({id}, joined(several({n})) + joined(several({k})))"
            )),
            4 => {
                let m = self.fresh("m");
                let e = self.expr(t, &Ty::Str, 1);
                self.line(&format!("{m} := map[key]int{{}}"));
                self.line(&format!("for i := range {n} {{ {m}[key{{point{{int8(i), {k}}}, {e}, i % 3}}]++; {m}[key{{name: \"x\", any: \"y\"}}] += i }}"));
                self.line(&format!(
                    "tI({id}, int64(len({m})*1000 + {m}[key{{name: \"x\", any: \"y\"}}]))"
                ));
                self.line(&format!(
                    "tI({id}, int64({m}[key{{point{{0, {k}}}, {e}, 0}}]))"
                ));
            }
            5 => {
                let m = self.fresh("m");
                self.line(&format!("{m} := map[int][]string{{}}"));
                self.line(&format!(
                    "for i := range {n} {{ {m}[i%5] = append({m}[i%5], itoa(int64(i))) }}"
                ));
                self.line(&format!("for _, k := range sorted({m}) {{ for _, s := range trim({m}[k]) {{ tS({id}, s) }} }}"));
            }
            6 => {
                let f = self.fresh("f");
                self.line(&format!("var {f} func(n int, acc *int64) int64"));
                self.line(&format!("{f} = func(n int, acc *int64) int64 {{ if n == 0 {{ return *acc }}; here := int64(n); *acc += here; defer func() {{ *acc -= here / 2 }}(); return {f}(n-1, acc) + {f}(0, &here) }}"));
                self.line(&format!(
                    "{{ var acc int64; tI({id}, {f}({n}, &acc)); tI({id}, acc) }}"
                ));
            }
            7 => {
                // Whoever guesses what is called from what has been called is wrong now and then.
                let f = self.fresh("f");
                self.line(&format!(
                    "{f} := func(n int, at *int64) int64 {{ *at += int64(n); return *at ^ {k} }}"
                ));
                self.line(&format!("for r := range 4 {{ func() {{ defer func() {{ caught({id}, recover()) }}(); var all int64; for i := range {n} {{"));
                self.line("local := int64(i)");
                self.line(&format!("if i == {k}*9 {{ {f} = func(n int, at *int64) int64 {{ s := make([]int64, n%7+2-r%2); s[n%4] = *at; *at--; return s[0] + int64(len(s)) }} }}"));
                self.line(&format!("if i == 300 && r == {k} {{ {f} = nil }}"));
                self.line(&format!("all ^= {f}(i, &local) + local"));
                self.line(&format!("}}; tI({id}, all) }}() }}"));
            }
            8 => {
                let each = self.fresh("each");
                self.line(&format!("{each} := func(n int) func(func(int) bool) {{ return func(yield func(int) bool) {{ for i := range n {{ if !yield(i) {{ return }} }} }} }}"));
                self.line(&format!("func() {{ defer func() {{ caught({id}, recover()) }}(); var sum int64; few := make([]int8, {k}+3)"));
                self.line(&format!("for i := range {each}({n}) {{ for j := range {each}(i % 11) {{ p := &sum; few[j]++; *p += int64(i ^ j) + int64(few[i%3]); if j == 5 {{ break }} }} }}"));
                self.line(&format!("tI({id}, sum) }}()"));
            }
            _ => {
                let a = self.fresh("a");
                self.line(&format!(
                    "{a} := [3][2]struct {{ b byte; p *int; f func() int }}{{}}"
                ));
                self.line(&format!("for i := range {a} {{ for j := range {a}[i] {{ e := &{a}[i][j]; e.b = byte(i*{k} + j); v := int(e.b); e.p = &v; e.f = func() int {{ *{a}[i][j].p += j + 1; return v }} }} }}"));
                self.line(&format!("{a}[0], {a}[2] = {a}[2], {a}[0]"));
                self.line(&format!("for _, row := range {a} {{ for _, e := range row {{ tI({id}, int64(e.f()*100 + *e.p + int(e.b))) }} }}"));
            }
        }
    }

    /// Values through `fmt`'s verbs, where the program prints with `fmt`.
    fn formats(&mut self, t: &mut Tape) {
        let id = self.id();
        let structs = self.structs.clone();
        let ty = any_type(t, &structs);
        // %v of an interface may print an address.
        if matches!(ty, Ty::Shape | Ty::Any) {
            return;
        }
        let e = self.value(t, &ty, 2);
        let verb = match &ty {
            Ty::Int(_) => *t.of(&["%d", "%5d|%-5d", "%+d", "%x", "%#o", "%08b", "%v"]),
            Ty::F32 | Ty::F64 => *t.of(&["%v", "%.3f", "%e", "%10.2g", "%x"]),
            Ty::Str => *t.of(&["%s", "%q", "%x", "%.2s|", "%+q", "%8s|"]),
            _ => *t.of(&["%v", "%+v"]),
        };
        // A verb that stands twice is given the value twice.
        let args = if verb.matches('%').count() == 2 {
            "v, v"
        } else {
            "v"
        };
        self.line(&format!(
            "func(v {}) {{ tS({id}, format(\"{verb}\", {args})) }}({e})",
            ty.text()
        ));
    }

    /// Leaves a loop or the function, on a condition.
    fn leave(&mut self, t: &mut Tape) {
        let condition = self.expr(t, &Ty::Bool, 2);
        if !self.labels.is_empty() && t.pick(4) > 0 {
            let label = t.of(&self.labels).clone();
            let word = *t.of(&["break", "continue"]);
            self.line(&format!("if {condition} {{ {word} {label} }}"));
        } else if let Some(ty) = self.result.clone() {
            let e = self.expr(t, &ty, 2);
            self.line(&format!("if {condition} {{ return {e} }}"));
        } else {
            self.line(&format!("if {condition} {{ return }}"));
        }
    }

    fn if_stmt(&mut self, t: &mut Tape, kids: &[Node]) {
        let half = t.pick(kids.len() + 1);
        let init = if t.pick(3) == 2 {
            let ty = basic(t);
            let v = self.fresh("v");
            let e = self.value(t, &ty, 2);
            self.add(&v, ty, true);
            format!("{v} := ({e}); id({v}) == {v} && ")
        } else {
            String::new()
        };
        let condition = self.expr(t, &Ty::Bool, 3);
        self.line(&format!("if {init}({condition}) {{"));
        self.block(&kids[..kids.len() - half]);
        if half > 0 {
            self.line("} else {");
            self.block(&kids[kids.len() - half..]);
        }
        self.line("}");
        if !init.is_empty() {
            self.vars.pop();
        }
    }

    /// A loop's head, body and label. Every iteration takes fuel.
    fn loop_of(&mut self, head: &str, vars: &[(String, Ty)], kids: &[Node]) {
        let label = self.fresh("L");
        let at = self.text.len();
        self.line(&format!("{head} {{"));
        self.line("if tick() { break }");
        let mark = self.vars.len();
        for (name, ty) in vars {
            self.line(&format!("_ = {name}"));
            self.add(name, ty.clone(), false);
        }
        self.labels.push(label.clone());
        self.block(kids);
        self.labels.pop();
        self.vars.truncate(mark);
        self.line("}");
        let body = &self.text[at..];
        if body.contains(&format!("break {label} ")) || body.contains(&format!("continue {label} "))
        {
            self.text.insert_str(at, &format!("{label}:\n"));
        }
    }

    fn for_stmt(&mut self, t: &mut Tape, kids: &[Node]) {
        let n = 1 + t.pick(LOOP);
        let kind = *t.of(&[0, 4, 6, 3, 9]);
        let (name, i) = (INTS[kind].name, self.fresh("i"));
        let head = match t.pick(4) {
            0 | 1 => format!("for {i} := {name}(0); {i} < {n}; {i}++"),
            2 => format!("for {i} := {name}({n}); {i} > 0; {i}--"),
            _ => format!(
                "for {i}, stop := {name}(1), {name}({}); {i} <= stop; {i} *= 2",
                n * 3
            ),
        };
        self.loop_of(&head, &[(i, Ty::Int(kind))], kids);
    }

    fn range_stmt(&mut self, t: &mut Tape, kids: &[Node]) {
        let structs = self.structs.clone();
        let (i, v) = (self.fresh("i"), self.fresh("v"));
        let id = self.id();
        let n = 1 + t.pick(LOOP);
        match t.pick(10) {
            0 => {
                let kind = Ty::Int(t.pick(13));
                self.loop_of(
                    &format!("for {i} := range {}({n})", kind.text()),
                    &[(i.clone(), kind)],
                    kids,
                );
            }
            1 | 2 => {
                let elem = flat(t, &structs);
                let s = self.expr(t, &Ty::Slice(Box::new(elem.clone())), 2);
                self.loop_of(
                    &format!("for {i}, {v} := range trim({s})"),
                    &[(i.clone(), INT), (v.clone(), elem)],
                    kids,
                );
            }
            3 => {
                let elem = basic(t);
                let ty = Ty::Arr(1 + t.pick(5), Box::new(elem.clone()));
                let e = self.value(t, &ty, 2);
                let a = self.declare(ty, &e);
                // An array is copied before the loop, unless it is ranged over by its address.
                let by = *t.of(&["", "&"]);
                self.loop_of(
                    &format!("for {i}, {v} := range {by}{a}"),
                    &[(i.clone(), INT), (v.clone(), elem)],
                    kids,
                );
            }
            4 => {
                let s = self.expr(t, &Ty::Str, 2);
                self.loop_of(
                    &format!("for {i}, {v} := range short({s})"),
                    &[(i.clone(), INT), (v.clone(), Ty::Int(3))],
                    kids,
                );
            }
            5 => {
                // Only how often the loop runs is the same each time.
                let m = self.fresh("m");
                self.line(&format!("{m} := map[int]int{{1: 2, 3: 4, 5: 6}}"));
                self.loop_of(&format!("for range {m}"), &[], kids);
            }
            6 | 7 => self.loop_of(
                &format!("for {i} := range count({id}, {n})"),
                &[(i.clone(), INT)],
                kids,
            ),
            8 => {
                let elem = flat(t, &structs);
                let s = self.value(t, &Ty::Slice(Box::new(elem.clone())), 2);
                self.loop_of(
                    &format!("for {i}, {v} := range each(trim({s}))"),
                    &[(i.clone(), INT), (v.clone(), Ty::Ptr(Box::new(elem)))],
                    kids,
                );
            }
            _ => {
                let c = self.fresh("c");
                self.line(&format!("{c} := make(chan int16, {n})"));
                self.line(&format!("for i := range int16({n}) {{ {c} <- i * 7 }}"));
                self.line(&format!("close({c})"));
                self.loop_of(
                    &format!("for {v} := range {c}"),
                    &[(v.clone(), Ty::Int(2))],
                    kids,
                );
            }
        }
    }

    fn switch_stmt(&mut self, t: &mut Tape, kids: &[Node]) {
        let tagless = t.pick(3) == 2;
        let strings = !tagless && t.pick(3) == 2;
        if tagless {
            self.line("switch {");
        } else if strings {
            let e = self.value(t, &Ty::Str, 2);
            self.line(&format!("switch ({e}) {{"));
        } else {
            let e = self.value(t, &INT, 3);
            self.line(&format!("switch ({e}) & 7 {{"));
        }
        let default = t.pick(kids.len() + 1);
        let spread = 1 + t.pick(2);
        for (k, kid) in kids.iter().enumerate() {
            if k == default {
                self.line("default:");
            } else if tagless {
                let e = self.value(t, &Ty::Bool, 2);
                self.line(&format!("case {e}:"));
            } else if strings {
                let text = ["a", "hello", "", "zz", "q", "w", "x"][k % 7];
                self.line(&format!("case \"{text}\":"));
            } else {
                self.line(&format!("case {}, {}:", k * spread, 100 + k));
            }
            self.block(std::slice::from_ref(kid));
            if k + 1 < kids.len() && t.pick(4) == 3 {
                self.line("fallthrough");
            }
        }
        self.line("}");
    }

    fn type_switch(&mut self, t: &mut Tape, kids: &[Node]) {
        let e = self.expr(t, &Ty::Any, 3);
        let v = self.fresh("v");
        self.line(&format!("switch {v} := ({e}).(type) {{"));
        let types = [INT, Ty::Str, Ty::F64, Ty::Shape, INT8, Ty::Bool];
        for (kid, ty) in kids.iter().zip(types) {
            self.line(&format!("case {}:", ty.text()));
            self.trace(&ty, &v);
            self.add(&v, ty, true);
            self.block(std::slice::from_ref(kid));
            self.vars.pop();
        }
        let id = self.id();
        self.line(&format!("default: tI({id}, hA({v}))"));
        self.line("}");
    }

    fn closure(&mut self, t: &mut Tape, kids: &[Node]) {
        let structs = self.structs.clone();
        let (from, to) = (basic(t), flat(t, &structs));
        let (f, arg, r) = (self.fresh("f"), self.fresh("x"), self.fresh("r"));
        self.line(&format!(
            "{f} := func({arg} {}) ({r} {}) {{",
            from.text(),
            to.text()
        ));
        self.line("if tick() { return }");
        self.add(&arg, from.clone(), true);
        if t.pick(4) == 3 {
            let id = self.id();
            self.line(&format!(
                "defer func() {{ tI({id}, {}) }}()",
                self.digest(&to, &r)
            ));
        }
        self.body(kids, Some(to.clone()));
        let e = self.expr(t, &to, 2);
        self.vars.pop();
        self.line(&format!("return {e}"));
        self.line("}");
        self.line(&format!("_ = {f}"));
        let ty = Ty::Func(Box::new(from.clone()), Box::new(to.clone()));
        self.add(&f, ty, false);
        let arg = self.expr(t, &from, 1);
        let v = self.declare(to.clone(), &format!("{f}({arg})"));
        self.trace(&to, &v);
    }

    fn defers(&mut self, t: &mut Tape, kids: &[Node]) {
        if t.pick(3) == 2
            && let Some((name, ty)) = self.random_var(t)
        {
            let id = self.id();
            self.line(&format!("defer tI({id}, {})", self.digest(&ty, &name)));
        }
        let arg = t.pick(2) == 1;
        let x = self.fresh("x");
        self.line(&if arg {
            format!("defer func({x} int) {{")
        } else {
            "defer func() {".to_owned()
        });
        if arg {
            self.add(&x, INT, true);
        }
        self.body(kids, None);
        if arg {
            self.vars.pop();
            let e = self.expr(t, &INT, 2);
            self.line(&format!("}}({e})"));
        } else {
            self.line("}()");
        }
    }

    /// Statements in a function with a named result that recovers from what they may do.
    fn protected(&mut self, t: &mut Tape, kids: &[Node]) {
        let structs = self.structs.clone();
        let ty = flat(t, &structs);
        let id = self.id();
        let e = self.expr(t, &ty, 2);
        let (v, r) = (self.fresh("v"), self.fresh("r"));
        self.line(&format!("{v} := func() ({r} {}) {{", ty.text()));
        self.line(&format!(
            "defer func() {{ if e := recover(); e != nil {{ caught({id}, e); {r} = {e} }} }}()"
        ));
        self.add(&r, ty.clone(), true);
        self.body(kids, Some(ty.clone()));
        self.vars.pop();
        if t.pick(2) == 1 {
            let op = self.panic_op(t);
            let condition = self.expr(t, &Ty::Bool, 1);
            self.line(&format!("if ({condition}) {{ {op} }}"));
        }
        self.line("return");
        self.line("}()");
        self.add(&v, ty.clone(), true);
        self.trace(&ty, &v);
    }

    fn goto_stmt(&mut self, t: &mut Tape, kids: &[Node]) {
        let label = self.fresh("G");
        let id = self.id();
        let condition = self.expr(t, &Ty::Bool, 2);
        self.line("{");
        self.line(&format!("if {condition} {{ goto {label} }}"));
        self.line("{");
        self.block(kids);
        self.line("}");
        self.line(&format!("{label}: tI({id}, 0)"));
        self.line("}");
    }

    /// Selects of which one case is ready.
    fn select(&mut self, t: &mut Tape, kids: &[Node]) {
        let structs = self.structs.clone();
        let ty = flat(t, &structs);
        let (c, v, id) = (self.fresh("c"), self.fresh("v"), self.id());
        let x = ty.text();
        let e = self.expr(t, &ty, 2);
        self.line(&format!("{c} := make(chan {x}, 1)"));
        match t.pick(4) {
            0 => {
                self.line(&format!("{c} <- {e}"));
                self.line(&format!("select {{ case {v} := <-{c}:"));
                self.add(&v, ty.clone(), true);
                self.trace(&ty, &v);
                self.block(kids);
                self.vars.pop();
                self.line(&format!("case <-(chan int)(nil): tI({id}, 1)"));
                self.line("}");
            }
            1 => {
                self.line(&format!("select {{ case {c} <- {e}: tI({id}, 1)"));
                self.block(kids);
                self.line(&format!("case {v}, ok := <-{c}: tB({id}, ok); _ = {v}"));
                self.line("}");
                let v = self.declare(ty.clone(), &format!("<-{c}"));
                self.trace(&ty, &v);
            }
            2 => {
                self.line(&format!(
                    "select {{ case {v} := <-{c}: _ = {v}; tI({id}, 1)"
                ));
                self.line("default:");
                self.block(kids);
                self.line("}");
            }
            _ => {
                self.line(&format!("close({c})"));
                self.line(&format!("var {v} {x}; var ok{v} bool"));
                self.line(&format!(
                    "select {{ case {v}, ok{v} = <-{c}: tB({id}, ok{v})"
                ));
                self.trace(&ty, &v);
                self.block(kids);
                self.line("}");
            }
        }
    }
}

/// An int made of parts of a `moving`, and of calls that change it.
fn moving_expr(t: &mut Tape, b: &str, depth: usize) -> String {
    if depth == 0 || t.pick(4) == 0 {
        return match t.pick(16) {
            0 => format!("{b}.n"),
            1 => format!("{b}.list[{b}.n&3]"),
            2 => format!("{b}.part.first"),
            3 => format!("{b}.next.n"),
            4 => format!("len({b}.s)"),
            5 => format!("{b}.any.(int)"),
            6 => format!("int({b}.s[0])"),
            7 => format!("{b}.m[{b}.s]"),
            8 => format!("*{b}.p"),
            9 => format!("{b}.arr[{b}.n&3]"),
            10 => format!("len({b}.list[1:])"),
            11 => format!("{b}.next.shift({})", t.pick(5)),
            _ => format!("{b}.shift({})", t.pick(5)),
        };
    }
    let x = moving_expr(t, b, depth - 1);
    match t.pick(6) {
        0 => format!("-({x})"),
        1 => format!("{b}.shift({x})"),
        2 => format!("min({x}, {})", moving_expr(t, b, depth - 1)),
        _ => {
            let op = *t.of(&["+", "-", "*", "^", "&"]);
            format!("({x} {op} {})", moving_expr(t, b, depth - 1))
        }
    }
}

/// An ordered type without floats (a NaN is in no order).
fn loop_ordered(t: &mut Tape) -> Ty {
    match t.pick(16) {
        k @ 0..=12 => Ty::Int(k),
        _ => Ty::Str,
    }
}
