//! Trees of choices to Go programs.
//!
//! A program is deterministic, ends (functions and loops take fuel), and prints a trace of values with a checksum over all of them. It
//! recovers from every panic, except where a section asks for one that ends the program.

use crate::program::{Node, Program, Tape};
use crate::types::*;

/// What every program has: the trace, digests, generic functions and types.
const PRELUDE: &str = include_str!("prelude.go");

/// A variable in scope.
pub struct Var {
    pub name: String,
    pub ty: Ty,
    /// It may be assigned to and pointed at.
    pub assign: bool,
    pub global: bool,
}

/// A declared function that expressions may call: it changes nothing that its caller can see.
pub struct FuncSig {
    pub name: String,
    pub params: Vec<Ty>,
    pub result: Ty,
}

/// The state of generation.
#[derive(Default)]
pub struct Gen {
    pub structs: Structs,
    pub vars: Vec<Var>,
    pub funcs: Vec<FuncSig>,
    /// Labels of the loops around, in this function.
    pub labels: Vec<String>,
    /// Result type of the function around.
    pub result: Option<Ty>,
    /// Globals must not be written.
    pub pure: bool,
    /// Declared functions must not be called.
    pub quiet: bool,
    pub text: String,
    names: usize,
    ids: usize,
}

/// The Go program of a tree.
pub fn generate(program: &Program) -> String {
    Gen::default().program(program, None)
}

/// The same without any imports but `unsafe` (and `sync` where a section uses it): it prints with the builtin `println`.
pub fn generate_plain(program: &Program) -> String {
    Gen::default().program(program, Some(PLAIN))
}

/// The mode of printing that needs no package.
const PLAIN: usize = 3;

impl Gen {
    pub fn line(&mut self, text: &str) {
        self.text.push_str(text);
        self.text.push('\n');
    }
    /// A name that nothing else has.
    pub fn fresh(&mut self, prefix: &str) -> String {
        self.names += 1;
        format!("{prefix}{}", self.names)
    }
    /// A number that marks a line of the trace.
    pub fn id(&mut self) -> usize {
        self.ids += 1;
        self.ids
    }

    fn program(&mut self, program: &Program, mode: Option<usize>) -> String {
        let t = &mut Tape::new(&program.header);
        let picked = t.pick(4);
        let mode = mode.unwrap_or(picked);
        self.structs = structs(t);
        self.struct_decls();
        for _ in 0..t.pick(5) {
            let ty = any_type(t, &self.structs.clone());
            let name = self.fresh("g");
            let value = self.literal(t, &ty, 1).text;
            self.line(&format!("var {name} {} = {value}", ty.text()));
            self.vars.push(Var {
                name,
                ty,
                assign: true,
                global: true,
            });
        }
        let mut calls = Vec::new();
        for section in &program.sections {
            let call = self.section(section);
            calls.push(call);
        }
        self.line("func main() {");
        for call in calls {
            self.line("fuel = 600");
            self.line(&call);
        }
        self.line("lines = 0");
        self.line("tU(0, sum)");
        self.line("}");
        finish(mode, &self.text)
    }

    fn struct_decls(&mut self) {
        for k in 0..self.structs.len() {
            let fields = self.structs[k].clone();
            self.line(&format!("type S{k} struct {{"));
            for (i, field) in fields.iter().enumerate() {
                self.line(&format!("f{i} {}", field.text()));
            }
            self.line("}");
            self.line(&format!("func (s S{k}) Sum() int64 {{"));
            self.line(&format!("h := int64({k})"));
            for (i, field) in fields.iter().enumerate() {
                let digest = self.digest(field, &format!("s.f{i}"));
                self.line(&format!("h = h*31 + {digest}"));
            }
            self.line("return h");
            self.line("}");
            self.line(&format!(
                "func (s S{k}) Name() string {{ return \"S{k}\" }}"
            ));
            self.line(&format!(
                "func (s S{k}) Add(d int64) int64 {{ return s.Sum() + d }}"
            ));
            self.line(&format!("func (s *S{k}) Bump(d int64) {{"));
            self.line("if d == 0 { return }");
            for (i, field) in fields.iter().enumerate() {
                match field {
                    Ty::Int(kind) => self.line(&format!("s.f{i} += {}(d)", INTS[*kind].name)),
                    Ty::Bool => self.line(&format!("s.f{i} = !s.f{i}")),
                    Ty::Str => self.line(&format!("s.f{i} = short(s.f{i} + \"b\")")),
                    Ty::F64 => self.line(&format!("s.f{i} -= float64(d)")),
                    Ty::Struct(_) => self.line(&format!("s.f{i}.Bump(d / 2)")),
                    _ => {}
                }
            }
            self.line("}");
        }
    }

    /// Declares a section; gives the statement with which `main` runs it.
    fn section(&mut self, section: &Node) -> String {
        let t = &mut Tape::new(&section.choices);
        let kids = &section.children[..];
        let globals = self.vars.len();
        let call = match t.pick(12) {
            0..=4 => self.plain(kids),
            5 | 6 => self.function(t, kids),
            7 | 8 => self.recursion(t, kids),
            9 | 10 => self.goroutines(t),
            _ => self.ending(t, kids),
        };
        self.vars.truncate(globals);
        call
    }

    fn plain(&mut self, kids: &[Node]) -> String {
        let name = self.fresh("section");
        self.line(&format!("func {name}() {{"));
        self.block(kids);
        self.line("}");
        format!("{name}()")
    }

    /// A function that later sections may call in expressions.
    fn function(&mut self, t: &mut Tape, kids: &[Node]) -> String {
        let structs = self.structs.clone();
        let params: Vec<Ty> = (0..t.pick(5)).map(|_| flat(t, &structs)).collect();
        let result = flat(t, &structs);
        let name = self.fresh("fun");
        let mut list = Vec::new();
        for ty in &params {
            let arg = self.fresh("x");
            list.push(format!("{arg} {}", ty.text()));
            self.add(&arg, ty.clone(), true);
        }
        self.line(&format!(
            "func {name}({}) (result {}) {{",
            list.join(", "),
            result.text()
        ));
        self.line("if tick() { return }");
        self.add("result", result.clone(), true);
        self.pure = true;
        self.result = Some(result.clone());
        self.block(kids);
        let e = self.expr(t, &result, 3);
        self.result = None;
        self.pure = false;
        self.line(&format!("return {e}"));
        self.line("}");
        self.funcs.push(FuncSig {
            name,
            params,
            result: result.clone(),
        });
        let scope = self.vars.iter().filter(|v| v.global).count();
        self.vars.truncate(scope);
        let call = self.call(t, self.funcs.len() - 1, 1);
        let id = self.id();
        let digest = self.digest(&result, "v");
        format!("func(v {}) {{ tI({id}, {digest}) }}({call})", result.text())
    }

    /// A deep recursion that hands pointers to its locals down and writes through what it was handed.
    fn recursion(&mut self, t: &mut Tape, kids: &[Node]) -> String {
        let structs = self.structs.clone();
        let (a, b, local, result) = (
            flat(t, &structs),
            flat(t, &structs),
            flat(t, &structs),
            flat(t, &structs),
        );
        let name = self.fresh("deep");
        let (x, r) = (a.text(), result.text());
        let (y, z) = (b.text(), local.text());
        self.line(&format!(
            "func {name}(n int, p *{x}, q *{y}, s []int32, h Shape, by {z}) (r {r}) {{"
        ));
        let outer = self.vars.len();
        self.add("n", INT, false);
        for (name, ty) in [("p", &a), ("q", &b)] {
            self.add(name, Ty::Ptr(Box::new(ty.clone())), false);
        }
        self.add("s", Ty::Slice(Box::new(Ty::Int(3))), false);
        self.add("h", Ty::Shape, true);
        self.add("by", local.clone(), true);
        self.add("r", result.clone(), true);
        self.result = Some(result.clone());
        let here = self.expr(t, &a, 2);
        let there = self.expr(t, &b, 2);
        self.line(&format!(
            "var here {x} = {here}; var there {y} = {there}; _, _ = here, there"
        ));
        self.add("here", a.clone(), true);
        self.add("there", b.clone(), true);
        if t.pick(3) == 2 {
            let id = self.id();
            let digest = self.digest(&a, "here");
            self.line(&format!(
                "defer func() {{ if n%64 == 0 {{ tI({id}, {digest}) }} }}()"
            ));
        }
        let half = kids.len() / 2;
        self.line("if n <= 0 {");
        self.block(&kids[..half]);
        let e = self.expr(t, &result, 2);
        self.line(&format!("return {e}"));
        self.line("}");
        self.line("var array [4]int32");
        self.line("array[n&3] = int32(n)");
        let e = self.expr(t, &local, 2);
        self.line(&format!("by = {e}"));
        let p = *t.of(&["&here", "p"]);
        let q = *t.of(&["q", "&there"]);
        let s = *t.of(&["s", "array[n&1:]", "array[:2:3]"]);
        let h = *t.of(&["h", "Shape(N0(n))", "Shape(&box{Shape: h})", "id(h)"]);
        // Interfaces that hold each other make Sum and digests deep; not deeper than this.
        let h = if h.contains("box") {
            "func() Shape { if n&31 == 0 { return &box{Shape: N0(n)} }; return h }()"
        } else {
            h
        };
        self.line(&format!("r = {name}(n-1, {p}, {q}, {s}, {h}, by)"));
        self.line("if !tick() {");
        self.block(&kids[half..]);
        self.line("}");
        let e = self.expr(t, &a, 2);
        self.line(&format!("*p = {e}"));
        let e = self.expr(t, &b, 2);
        self.line(&format!("*q = {e}"));
        self.line("if len(s) > 0 { s[0] += array[1] + int32(n) }");
        if t.pick(2) == 1 {
            let e = self.expr(t, &result, 2);
            self.line(&format!("return {e}"));
        } else {
            self.line("return");
        }
        self.line("}");
        self.result = None;
        self.vars.truncate(outer);
        let depth = [3, 17, 60, 150, 300, 2500][t.pick(6)];
        let run = self.fresh("section");
        self.line(&format!("func {run}() {{"));
        let e = self.expr(t, &a, 1);
        self.line(&format!("var a {x} = {e}; var b {y}; s := []int32{{1, 2}}"));
        let h = self.expr(t, &Ty::Shape, 1);
        let by = self.expr(t, &local, 1);
        self.line(&format!("r := {name}({depth}, &a, &b, s, {h}, {by})"));
        for (ty, v) in [(&a, "a"), (&b, "b"), (&result, "r")] {
            self.trace(ty, v);
        }
        self.trace(&Ty::Slice(Box::new(Ty::Int(3))), "s");
        self.line("}");
        format!("{run}()")
    }

    /// Goroutines in patterns whose outcome does not depend on who runs first.
    fn goroutines(&mut self, t: &mut Tape) -> String {
        let structs = self.structs.clone();
        let name = self.fresh("section");
        let globals = std::mem::take(&mut self.vars);
        self.quiet = true;
        self.pure = true;
        self.line(&format!("func {name}() {{"));
        let n = 1 + t.pick(20);
        let room = t.pick(5);
        let deep = [0, 5, 40, 300][t.pick(4)];
        let ty = flat(t, &structs);
        let x = ty.text();
        let id = self.id();
        match t.pick(7) {
            0 => {
                // Results by index.
                self.line(&format!("res := make([]{x}, {n}); at := [3]int64{{}}"));
                self.line("done := make(chan int)");
                self.line(&format!("for i := range {n} {{ go func() {{"));
                self.line("var p int64; var q [3]int32");
                self.line(&format!("k := dive({deep}+i, &p, &q); _ = k"));
                self.add("k", INT64, true);
                self.add("i", INT, false);
                self.add("p", INT64, true);
                self.add("q", Ty::Arr(3, Box::new(Ty::Int(3))), true);
                let e = self.expr(t, &ty, 3);
                self.line(&format!("res[i] = {e}; done <- i }}() }}"));
                self.vars.clear();
                self.line(&format!("for range {n} {{ at[0] += int64(<-done) }}"));
                self.line(&format!("tI({id}, at[0])"));
                self.trace(&Ty::Slice(Box::new(ty)), "res");
            }
            1 => {
                // A pipeline; what is received goes through a pointer far up the stack.
                self.line(&format!(
                    "in, out := make(chan {x}, {room}), make(chan {x})"
                ));
                self.line(&format!("go func() {{ for i := range {n} {{ _ = i"));
                self.add("i", INT, false);
                let e = self.expr(t, &ty, 2);
                self.vars.clear();
                self.line(&format!("in <- {e} }}; close(in) }}()"));
                self.line("go func() { for it := range in { _ = it");
                self.add("it", ty.clone(), true);
                let e = self.expr(t, &ty, 2);
                self.vars.clear();
                self.line(&format!("out <- {e} }}; close(out) }}()"));
                self.line(&format!("var receive func(n int, p *{x}, ok *bool)"));
                self.line(&format!("receive = func(n int, p *{x}, ok *bool) {{ if n == 0 {{ *p, *ok = <-out; return }}; var pad [4]int64; pad[n&3] = 1; receive(n-1, p, ok); pad[0]++ }}"));
                self.line(&format!(
                    "for n := 0; ; n++ {{ var v {x}; var ok bool; receive(n*{deep}%100, &v, &ok); if !ok {{ break }}"
                ));
                self.trace(&ty, "v");
                self.line("}");
            }
            2 => {
                // Two that answer each other through selects.
                self.line(&format!(
                    "ping, pong, quit := make(chan {x}), make(chan {x}), make(chan struct{{}})"
                ));
                self.line("go func() { for { select { case it := <-ping: _ = it");
                self.add("it", ty.clone(), true);
                let e = self.expr(t, &ty, 2);
                self.line(&format!(
                    "pong <- {e}; case <-quit: close(pong); return }} }} }}()"
                ));
                self.vars.clear();
                let e = self.expr(t, &ty, 1);
                self.line(&format!(
                    "var v {x} = {e}; for range {n} {{ ping <- v; v = <-pong"
                ));
                self.trace(&ty, "v");
                self.line("}; quit <- struct{}{}; _, ok := <-pong");
                self.line(&format!("tB({id}, ok)"));
            }
            3 => {
                // A panic in each goroutine, recovered there.
                self.line(&format!("res := make(chan any, {room})"));
                self.line(&format!("for i := range {n} {{ go func() {{ defer func() {{ res <- recover() }}(); var p int64; var q [3]int32; dive(i*{deep}%200, &p, &q); var s []int; if i%2 == 0 {{ s[i] = 1 }}; panic(failure{{i}}) }}()"));
                self.line(&format!("caught({id}, <-res) }}"));
            }
            4 => {
                // A chain: each hands its neighbour one more.
                self.line("first := make(chan int64); last := first");
                self.line(&format!("for i := range {n} {{ next := make(chan int64, {room}); go func(in, out chan int64) {{ var q [3]int32; v := <-in; dive({deep}, &v, &q); out <- v + int64(i) }}(last, next); last = next }}"));
                self.line(&format!("first <- 1; tI({id}, <-last)"));
            }
            5 => {
                // Senders that wait on a full channel, while the receiver's and their own stacks grow.
                self.line(&format!(
                    "c := make(chan [3]int32, {room}); var sum [3]int32"
                ));
                self.line(&format!("for i := range {n} {{ go func() {{ var p int64; q := [3]int32{{int32(i)}}; dive({deep}, &p, &q); c <- q; dive({deep}, &p, &q) }}() }}"));
                self.line(&format!("for range {n} {{ var p int64; v := <-c; dive({deep}, &p, &sum); for i, x := range v {{ sum[i] += x }} }}"));
                self.line(&format!(
                    "tI({id}, int64(sum[0]) + int64(sum[1])*7 + int64(sum[2])*31)"
                ));
            }
            _ => {
                self.line("var mu sync.Mutex; var wg sync.WaitGroup; total := map[int]int64{}");
                self.line(&format!("for i := range {n} {{ wg.Add(1); go func() {{ defer wg.Done(); var p int64; var q [3]int32; r := dive({deep}, &p, &q); mu.Lock(); defer mu.Unlock(); total[i%3] += r + int64(i) }}() }}"));
                self.line("wg.Wait()");
                self.trace(&Ty::Map(Box::new(INT), Box::new(INT64)), "total");
            }
        }
        self.line("}");
        self.quiet = false;
        self.pure = false;
        self.vars = globals;
        format!("{name}()")
    }

    /// The program ends here, with an exit code or a panic; `main` goes on only when the condition does not hold.
    fn ending(&mut self, t: &mut Tape, kids: &[Node]) -> String {
        let name = self.fresh("section");
        let id = self.id();
        self.line(&format!("func {name}() {{"));
        self.block(kids);
        let condition = self.expr(t, &Ty::Bool, 2);
        let end = match t.pick(6) {
            0 => format!("exit({})", 3 + t.pick(90)),
            1 => "panic(failure{3})".to_owned(),
            2 => "var p *failure; p.code++".to_owned(),
            3 => format!("defer tI({id}, 1); _ = id([]int{{}})[id({})]", t.pick(9)),
            4 => {
                format!(
                    "defer func() {{ r := recover(); caught({id}, r); panic(\"again\") }}(); panic(\"first\")"
                )
            }
            _ => format!("defer tI({id}, 2); go func() {{ panic(5) }}(); <-(chan int)(nil)"),
        };
        self.line(&format!("if ({condition}) {{ {end} }}"));
        self.line("}");
        format!("{name}()")
    }
}

/// Adds the head, the way of printing and the prelude, and indents the whole.
fn finish(mode: usize, body: &str) -> String {
    let sync = if body.contains("sync.") {
        "\"sync\"; "
    } else {
        ""
    };
    let (imports, emit, exit) = match mode {
        0 | 1 => (
            "\"fmt\"; \"os\"; ",
            "func emit(s string) { fmt.Println(s) }\nfunc format(f string, args ...any) string { return fmt.Sprintf(f, args...) }",
            "os.Exit(code)",
        ),
        2 => (
            "\"os\"; ",
            "func emit(s string) { os.Stdout.WriteString(s + \"\\n\") }\nfunc format(f string, args ...any) string { return f }",
            "os.Exit(code)",
        ),
        _ => (
            "",
            "func emit(s string) { println(s) }\nfunc format(f string, args ...any) string { return f }",
            "panic(failure{code})",
        ),
    };
    let mut text = format!(
        "package main\n\nimport ( {imports}{sync}\"unsafe\" )\n\n{emit}\nfunc exit(code int) {{ {exit} }}\n\n"
    );
    let mut depth = 0usize;
    for line in body.lines() {
        let closes = line.starts_with('}') as usize;
        text.extend(std::iter::repeat_n('\t', depth.saturating_sub(closes)));
        text.push_str(line);
        text.push('\n');
        let (open, close) = (line.matches('{').count(), line.matches('}').count());
        depth = (depth + open).saturating_sub(close);
    }
    text + "\n" + PRELUDE
}
