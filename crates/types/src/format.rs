//! Types as text: as diagnostics print them, and as reflection does at run time.

use crate::objects::PkgId;
use crate::types::{BASIC, Param, Signature, Type, TypeId, TypeStore};
use std::fmt::Write;
use syntax::{ChanDir, sym};

/// How deep a type is printed before an ellipsis takes its place.
const MAX_DEPTH: u32 = 100;

/// How to print.
#[derive(Clone, Copy)]
enum Style {
    /// In a diagnostic of a package: its own types are not qualified.
    Diagnostic(Option<PkgId>),
    /// As reflect's `String`.
    Runtime,
    /// As a type argument within a runtime name: qualified by full path.
    RuntimeArg,
}

struct Printer<'a> {
    store: &'a TypeStore,
    out: String,
    style: Style,
    depth: u32,
}

impl TypeStore {
    /// The type as a diagnostic in package `pkg` prints it.
    pub fn type_string(&self, t: TypeId, pkg: Option<PkgId>) -> String {
        self.print(t, Style::Diagnostic(pkg))
    }

    /// The type as reflection prints it: `main.T[int]`, `struct { A int "tag" }`.
    pub fn runtime_string(&self, t: TypeId) -> String {
        self.print(t, Style::Runtime)
    }

    /// Parameters and results as in a function's declaration: `(a int) error`.
    pub fn signature_string(&self, s: &Signature, pkg: Option<PkgId>) -> String {
        let mut p = Printer {
            store: self,
            out: String::new(),
            style: Style::Diagnostic(pkg),
            depth: 0,
        };
        p.signature(s);
        p.out
    }

    fn print(&self, t: TypeId, style: Style) -> String {
        let mut p = Printer {
            store: self,
            out: String::new(),
            style,
            depth: 0,
        };
        p.ty(t);
        p.out
    }

    /// How diagnostics of package `from` qualify names of `pkg`; empty for its own.
    pub fn qualifier(&self, pkg: PkgId, from: Option<PkgId>) -> String {
        if from == Some(pkg) {
            return String::new();
        }
        let Some(p) = self.packages.get(pkg.0 as usize) else {
            return String::new();
        };
        let ambiguous = self
            .packages
            .iter()
            .any(|q| q.name == p.name && q.path != p.path);
        if ambiguous {
            format!("\"{}\"", p.path)
        } else {
            p.name.as_str().to_string()
        }
    }
}

impl Printer<'_> {
    fn runtime(&self) -> bool {
        !matches!(self.style, Style::Diagnostic(_))
    }

    fn package(&mut self, pkg: Option<PkgId>) {
        let Some(pkg) = pkg else { return };
        let q = match self.style {
            Style::Diagnostic(from) => self.store.qualifier(pkg, from),
            Style::Runtime => self
                .store
                .packages
                .get(pkg.0 as usize)
                .map_or("", |p| p.name.as_str())
                .to_string(),
            Style::RuntimeArg => self
                .store
                .packages
                .get(pkg.0 as usize)
                .map_or(String::new(), |p| p.path.to_string()),
        };
        if !q.is_empty() {
            self.out.push_str(&q);
            self.out.push('.');
        }
    }

    fn ty(&mut self, t: TypeId) {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            self.out.push_str("...");
        } else {
            self.ty_inner(t);
        }
        self.depth -= 1;
    }

    fn list(&mut self, ts: &[TypeId], separator: &str) {
        for (i, &t) in ts.iter().enumerate() {
            if i > 0 {
                self.out.push_str(separator);
            }
            self.ty(t);
        }
    }

    fn ty_inner(&mut self, t: TypeId) {
        let store = self.store;
        match store.get(t) {
            Type::Basic(k) => {
                let mut name = BASIC[*k as usize].1;
                if self.runtime() {
                    name = match name {
                        "byte" => "uint8",
                        "rune" => "int32",
                        n => n,
                    };
                }
                self.out.push_str(name);
            }
            Type::Named(n) => {
                let n = &store.nameds[n.0 as usize];
                self.package(n.pkg);
                self.out.push_str(n.name.as_str());
                if n.local > 0 && matches!(self.style, Style::RuntimeArg) {
                    let _ = write!(self.out, "·{}", n.local);
                }
                if self.runtime() && !n.targs.is_empty() {
                    let outer = self.style;
                    self.style = Style::RuntimeArg;
                    self.out.push('[');
                    self.list(&n.targs, ",");
                    self.out.push(']');
                    self.style = outer;
                } else if n.targs.len() > n.implicit as usize {
                    self.out.push('[');
                    self.list(&n.targs[n.implicit as usize..], ", ");
                    self.out.push(']');
                } else if n.tparams.len() > n.implicit as usize && n.targs.is_empty() {
                    let tparams = n.tparams.clone();
                    self.type_params(&tparams[n.implicit as usize..]);
                }
            }
            Type::Pointer(e) => {
                self.out.push('*');
                self.ty(*e);
            }
            Type::Slice(e) => {
                self.out.push_str("[]");
                self.ty(*e);
            }
            Type::Array(n, e) => {
                let _ = write!(self.out, "[{n}]");
                self.ty(*e);
            }
            Type::Map(k, v) => {
                self.out.push_str("map[");
                self.ty(*k);
                self.out.push(']');
                self.ty(*v);
            }
            Type::Chan(dir, e) => {
                self.out.push_str(match dir {
                    ChanDir::Both => "chan ",
                    ChanDir::Send => "chan<- ",
                    ChanDir::Recv => "<-chan ",
                });
                let parens =
                    *dir != ChanDir::Send && matches!(store.get(*e), Type::Chan(ChanDir::Recv, _));
                if parens {
                    self.out.push('(');
                }
                self.ty(*e);
                if parens {
                    self.out.push(')');
                }
            }
            Type::Struct(s) => {
                let wide = self.runtime();
                self.out.push_str(if wide { "struct {" } else { "struct{" });
                for (i, f) in s.fields.iter().enumerate() {
                    if i > 0 {
                        self.out.push(';');
                    }
                    if wide || i > 0 {
                        self.out.push(' ');
                    }
                    if !f.embedded {
                        self.out.push_str(f.name.as_str());
                        self.out.push(' ');
                    }
                    self.ty(f.ty);
                    if let Some(tag) = &f.tag {
                        self.out.push(' ');
                        self.out.push_str(&crate::constant::quote(tag.as_bytes()));
                    }
                }
                self.out.push_str(if wide && !s.fields.is_empty() {
                    " }"
                } else {
                    "}"
                });
            }
            Type::Tuple(ts) => {
                self.out.push('(');
                self.list(ts, ", ");
                self.out.push(')');
            }
            Type::Signature(s) => {
                self.out.push_str("func");
                self.signature(s);
            }
            Type::Interface(i) => {
                if i.any && !self.runtime() {
                    self.out.push_str("any");
                    return;
                }
                if i.implicit && i.methods.is_empty() && i.embeds.len() == 1 {
                    self.ty(i.embeds[0]);
                    return;
                }
                if self.runtime() {
                    self.runtime_interface(t);
                    return;
                }
                self.out.push_str("interface{");
                let mut first = true;
                for m in &i.methods {
                    if !std::mem::take(&mut first) {
                        self.out.push_str("; ");
                    }
                    self.out.push_str(m.name.as_str());
                    if let Type::Signature(s) = store.get(m.ty) {
                        self.signature(s);
                    }
                }
                for &e in &i.embeds {
                    if !std::mem::take(&mut first) {
                        self.out.push_str("; ");
                    }
                    self.ty(e);
                }
                self.out.push('}');
            }
            Type::Union(ts) => {
                for (i, m) in ts.iter().enumerate() {
                    if i > 0 {
                        self.out.push_str(" | ");
                    }
                    if m.tilde {
                        self.out.push('~');
                    }
                    self.ty(m.ty);
                }
            }
            Type::TypeParam(p) => self.out.push_str(store.tparams[p.0 as usize].name.as_str()),
        }
    }

    /// The flattened method list, as far as the cached type set goes.
    fn runtime_interface(&mut self, t: TypeId) {
        let store = self.store;
        let methods = match (store.typesets.get(&t), store.get(t)) {
            (Some(s), _) => s.methods.clone(),
            (None, Type::Interface(i)) => i.methods.clone(),
            _ => Vec::new(),
        };
        self.out.push_str("interface {");
        for (i, m) in methods.iter().enumerate() {
            self.out.push_str(if i > 0 { "; " } else { " " });
            if !m.name.is_exported() {
                self.package(m.pkg);
            }
            self.out.push_str(m.name.as_str());
            if let Type::Signature(s) = store.get(m.ty) {
                self.signature(s);
            }
        }
        self.out
            .push_str(if methods.is_empty() { "}" } else { " }" });
    }

    fn type_params(&mut self, ps: &[TypeId]) {
        self.out.push('[');
        for (i, &p) in ps.iter().enumerate() {
            let Some(tp) = self.store.type_param(p) else {
                continue;
            };
            let next = ps.get(i + 1).and_then(|&q| self.store.type_param(q));
            if i > 0 {
                self.out.push_str(", ");
            }
            self.out.push_str(tp.name.as_str());
            if next.is_none_or(|q| q.bound != tp.bound) {
                self.out.push(' ');
                self.ty(tp.bound);
            }
        }
        self.out.push(']');
    }

    fn signature(&mut self, s: &Signature) {
        if !s.tparams.is_empty() && !self.runtime() {
            self.type_params(&s.tparams);
        }
        self.params(&s.params, s.variadic);
        match &s.results[..] {
            [] => {}
            [r] if r.name == sym::EMPTY || self.runtime() => {
                self.out.push(' ');
                self.ty(r.ty);
            }
            rs => {
                self.out.push(' ');
                self.params(rs, false);
            }
        }
    }

    fn params(&mut self, ps: &[Param], variadic: bool) {
        self.out.push('(');
        for (i, p) in ps.iter().enumerate() {
            if i > 0 {
                self.out.push_str(", ");
            }
            if p.name != sym::EMPTY && !self.runtime() {
                self.out.push_str(p.name.as_str());
                self.out.push(' ');
            }
            match *self.store.get(p.ty) {
                Type::Slice(e) if variadic && i + 1 == ps.len() => {
                    self.out.push_str("...");
                    self.ty(e);
                }
                _ => {
                    self.ty(p.ty);
                    if variadic && i + 1 == ps.len() {
                        self.out.push_str("...");
                    }
                }
            }
        }
        self.out.push(')');
    }
}
