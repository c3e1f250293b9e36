//! The outlines made at build time against the parser: for every standard package both tell the same declarations, and each
//! declaration parsed alone is the tree that it is in its file.

use std::collections::HashMap;
use std::sync::Arc;

use syntax::outline::DeclKind;
use syntax::{
    Decl, Expr, ExprKind, File, FileSet, Ident, Mode, Outline, OutlinedPackage, Pos, SourceFile,
    Stmt, Text, Visitor, expr_string, parse_file, sym, walk_decl, walk_expr, walk_stmt, walk_stmts,
};

/// What is compared of a tree: each node's number from the first one's on, its place, and for expressions the text.
#[derive(Default)]
struct Nodes {
    first: Option<u32>,
    seen: Vec<(u32, Pos, Pos, String)>,
}

impl Nodes {
    fn number(&mut self, id: u32) -> u32 {
        id.wrapping_sub(*self.first.get_or_insert(id))
    }
}

impl Visitor for Nodes {
    fn visit_expr(&mut self, x: &Expr) {
        let number = self.number(x.id.0);
        self.seen.push((number, x.pos, x.end, expr_string(x)));
        walk_expr(self, x);
    }
    fn visit_stmt(&mut self, s: &Stmt) {
        let number = self.number(s.id.0);
        self.seen.push((number, s.pos, s.end, String::new()));
        walk_stmt(self, s);
    }
}

fn nodes(d: &Decl) -> Vec<(u32, Pos, Pos, String)> {
    let mut v = Nodes::default();
    walk_decl(&mut v, d);
    if let Decl::Func(f) = d
        && let Some(body) = f.body()
    {
        // Bodies number their nodes themselves.
        v.first = None;
        walk_stmts(&mut v, &body.block.stmts);
        v.seen.push((
            body.node_count,
            body.block.lbrace,
            body.block.rbrace,
            String::new(),
        ));
    }
    v.seen
}

fn kind(d: &Decl) -> DeclKind {
    match d {
        Decl::Const(_) => DeclKind::Const,
        Decl::Var(_) => DeclKind::Var,
        Decl::Type(_) => DeclKind::Type,
        Decl::Func(_) => DeclKind::Func,
    }
}

/// The names that a declaration declares, with their spec and index in it.
fn names(d: &Decl) -> Vec<(Ident, u32, u32)> {
    let list = |names: &[Ident], spec| {
        let names = names.iter().zip(0..);
        names.map(|(&n, i)| (n, spec, i)).collect::<Vec<_>>()
    };
    match d {
        Decl::Const(c) => {
            let specs = c.specs.iter().zip(0..);
            specs.flat_map(|(s, i)| list(&s.names, i)).collect()
        }
        Decl::Var(d) => list(&d.names, 0),
        Decl::Type(t) => vec![(t.name, 0, 0)],
        Decl::Func(f) => vec![(f.name, 0, 0)],
    }
}

/// The name of a receiver's base type, and whether it is a pointer; aliases aside, which standard packages do not use here.
fn receiver(ty: &Expr) -> (String, bool) {
    match &ty.unparen().kind {
        ExprKind::Star(x) => (receiver(x).0, true),
        ExprKind::Index(ix) => receiver(&ix.x),
        _ => (expr_string(ty), false),
    }
}

struct Package {
    path: &'static str,
    parsed: Vec<File>,
    outlined: OutlinedPackage,
}

fn packages() -> Vec<Package> {
    let packages = stdlib::packages().map(|path| {
        let package = stdlib::package(path).expect("listed");
        let set = FileSet::new();
        let sources: Vec<Arc<SourceFile>> = package
            .files
            .iter()
            .map(|&(name, text)| set.add(name, Text::Embedded(text)))
            .collect();
        Package {
            path,
            parsed: sources
                .iter()
                .map(|s| parse_file(s, Mode::Eager).0)
                .collect(),
            outlined: OutlinedPackage::new(Outline::new(package.outline), sources),
        }
    });
    packages.collect()
}

#[test]
fn declarations_are_those_of_the_parser() {
    let mut count = 0;
    for p in packages() {
        let outline = p.outlined.outline;
        let mut next = 0;
        for (file, tree) in p.parsed.iter().enumerate() {
            let alone = &p.outlined.files[file];
            assert_eq!(alone.package.name, tree.package.name, "{}", p.path);
            for decl in &tree.decls {
                let entry = outline.decl(next);
                let where_ = format!("{}, declaration {next}", p.path);
                assert_eq!(entry.file as usize, file, "{where_}");
                assert_eq!(entry.kind, kind(decl), "{where_}");
                let alias = matches!(decl, Decl::Type(t) if t.alias);
                assert_eq!(entry.alias, alias, "{where_}");
                let own = alone.decl(entry.index);
                assert_eq!(nodes(own), nodes(decl), "{where_}");
                if let (Decl::Func(a), Decl::Func(b)) = (own, decl) {
                    assert_eq!(a.pragma, b.pragma, "{where_}");
                    assert_eq!((a.pos, a.end), (b.pos, b.end), "{where_}");
                }
                let found: Vec<_> = entry
                    .names
                    .map(|n| {
                        let name = outline.name(n);
                        assert_eq!(name.decl, next, "{where_}");
                        let ident = p.outlined.ident(entry.file, name.range);
                        (ident.name, ident.pos, name.spec, name.index)
                    })
                    .collect();
                let want: Vec<_> = names(decl)
                    .into_iter()
                    .map(|(n, spec, index)| (n.name, n.pos, spec, index))
                    .collect();
                assert_eq!(found, want, "{where_}");
                next += 1;
                count += 1;
            }
        }
        assert_eq!(outline.decls(), next, "{}", p.path);
    }
    assert!(count > 1000);
}

#[test]
fn every_name_in_scope_is_found_and_no_other() {
    for p in packages() {
        let mut scope = HashMap::new();
        let mut number = 0;
        for decl in p.parsed.iter().flat_map(|f| &f.decls) {
            let scoped =
                !matches!(decl, Decl::Func(f) if f.recv.is_some() || f.name.name == sym::INIT);
            for (name, ..) in names(decl) {
                if scoped && !name.name.is_blank() {
                    scope.insert(name.name, number);
                }
                number += 1;
            }
        }
        for (&name, &at) in &scope {
            assert_eq!(
                p.outlined.find(name.as_str()),
                Some(at),
                "{}.{name}",
                p.path
            );
        }
        assert_eq!(p.outlined.scope().count(), scope.len(), "{}", p.path);
        for absent in ["", "_", "init", "int", "noSuchName"] {
            if !scope.contains_key(&syntax::Symbol::intern(absent)) {
                assert_eq!(p.outlined.find(absent), None, "{}.{absent}", p.path);
            }
        }
    }
}

#[test]
fn methods_imports_and_initial_declarations_agree() {
    for p in packages() {
        let outline = p.outlined.outline;
        let decls = || p.parsed.iter().flat_map(|f| &f.decls).zip(0u32..);
        let mut want = Vec::new();
        for (decl, i) in decls() {
            if let Decl::Func(f) = decl
                && let Some(recv) = &f.recv
            {
                let (base, pointer) = receiver(&recv.ty);
                let base = p.outlined.find(&base).expect("a type of the package");
                want.push((base, outline.decl(i).names.start, pointer));
            }
        }
        want.sort_unstable();
        let found: Vec<_> = (0..outline.names())
            .flat_map(|base| outline.methods(base).map(move |(m, ptr)| (base, m, ptr)))
            .collect();
        assert_eq!(found, want, "{}", p.path);

        let initial: Vec<u32> = decls()
            .filter(|(decl, _)| match decl {
                Decl::Var(v) => !v.values.is_empty(),
                Decl::Func(f) => f.recv.is_none() && f.name.name == sym::INIT,
                _ => false,
            })
            .map(|(_, i)| i)
            .collect();
        assert_eq!(outline.initial().collect::<Vec<_>>(), initial, "{}", p.path);

        for (file, tree) in p.parsed.iter().enumerate() {
            let told = p.outlined.imports(file as u32);
            let shape = |i: &syntax::ImportDecl| {
                let name = i.name.map(|n| (n.name, n.pos));
                (i.path.clone(), i.path_pos, i.pos, name)
            };
            let want: Vec<_> = tree.imports.iter().map(shape).collect();
            assert_eq!(
                told.iter().map(shape).collect::<Vec<_>>(),
                want,
                "{}",
                p.path
            );
        }
    }
}
