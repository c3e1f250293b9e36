//! Making outlines of parsed files.

use super::{
    ALIAS, BUCKETS, DECLS, DeclKind, FILES, IMPORTS, INITIAL, KIND_BITS, METHODS, NAMES, POINTER,
    PRAGMAS, SECTIONS, hash, pragma_bits,
};
use crate::ast::{Decl, Expr, ExprKind, File, FuncDecl, Ident, TypeDecl};
use crate::pos::Pos;
use crate::symbol::{Symbol, sym};
use std::collections::HashMap;
use std::sync::Arc;

#[derive(Default)]
struct Writer {
    sections: [Vec<u32>; SECTIONS],
    decls: u32,
    names: u32,
    /// Types by name: the number of the name, and the declaration.
    types: HashMap<Symbol, (u32, Arc<TypeDecl>)>,
    /// The package's scope.
    scope: Vec<(Symbol, u32)>,
    methods: Vec<(u32, Arc<FuncDecl>)>,
}

/// The outline of a package with these files, which have been parsed without errors.
///
/// # Errors
/// What the package declares that an outline can't tell: directives that name other symbols or files, the same name twice.
pub fn write(files: &[&File]) -> Result<Vec<u8>, String> {
    let mut w = Writer::default();
    for file in files {
        w.file(file)?;
    }
    w.sections[FILES].extend([0, 0, w.decls, w.imports()]);
    w.sections[DECLS].extend([0, 0, 0, w.names]);
    w.methods()?;
    w.buckets()?;
    let counts = [
        files.len() as u32,
        w.imports(),
        w.decls,
        w.names,
        w.sections[METHODS].len() as u32 / 2,
        w.sections[INITIAL].len() as u32,
        w.sections[BUCKETS].len() as u32,
    ];
    let words = counts.iter().chain(w.sections.iter().flatten());
    Ok(words.flat_map(|word| word.to_le_bytes()).collect())
}

impl Writer {
    fn imports(&self) -> u32 {
        self.sections[IMPORTS].len() as u32 / 5
    }

    fn file(&mut self, file: &File) -> Result<(), String> {
        if let Some(link) = file.linknames.first() {
            return Err(format!("//go:linkname {} in an outlined file", link.local));
        }
        let at = |pos: Pos| file.source.offset(pos) as u32;
        let name = file.package;
        let head = [
            at(name.pos),
            name.name.as_str().len() as u32,
            self.decls,
            self.imports(),
        ];
        self.sections[FILES].extend(head);
        for import in &file.imports {
            let path = at(import.path_pos) + 1;
            let range = path as usize..path as usize + import.path.len();
            if file.source.text().get(range) != Some(import.path.as_bytes()) {
                return Err(format!(
                    "import path {} is written with escapes",
                    import.path
                ));
            }
            let (name, len) = import
                .name
                .map_or((0, 0), |n| (at(n.pos), n.name.as_str().len()));
            let entry = [
                at(import.pos),
                name,
                len as u32,
                path,
                import.path.len() as u32,
            ];
            self.sections[IMPORTS].extend(entry);
        }
        for decl in &file.decls {
            self.decl(decl, &at)?;
        }
        Ok(())
    }

    fn decl(&mut self, decl: &Decl, at: &dyn Fn(Pos) -> u32) -> Result<(), String> {
        let (kind, flags, start, end) = match decl {
            Decl::Const(d) => (DeclKind::Const, 0, d.pos, d.end),
            Decl::Var(d) => (DeclKind::Var, 0, d.pos, d.end),
            Decl::Type(d) => (
                DeclKind::Type,
                if d.alias { ALIAS } else { 0 },
                d.pos,
                d.end,
            ),
            Decl::Func(d) => (
                DeclKind::Func,
                pragma_bits(d.pragma) << PRAGMAS,
                d.pos,
                d.end,
            ),
        };
        let kind = kind as u32;
        debug_assert!(kind < 1 << KIND_BITS);
        let entry = [kind | flags, at(start), at(end), self.names];
        self.sections[DECLS].extend(entry);
        let this = self.decls;
        let mut initial = false;
        match decl {
            Decl::Const(d) => {
                for (s, spec) in d.specs.iter().enumerate() {
                    for (n, name) in spec.names.iter().enumerate() {
                        self.name(name, at, s, n, true)?;
                    }
                }
            }
            Decl::Var(d) => {
                if !d.embeds.is_empty() {
                    return Err("//go:embed in an outlined file".into());
                }
                for (n, name) in d.names.iter().enumerate() {
                    self.name(name, at, 0, n, true)?;
                }
                initial = !d.values.is_empty();
            }
            Decl::Type(d) => {
                self.types.insert(d.name.name, (self.names, d.clone()));
                self.name(&d.name, at, 0, 0, true)?;
            }
            Decl::Func(d) => {
                initial = d.recv.is_none() && d.name.name == sym::INIT;
                if d.recv.is_some() {
                    self.methods.push((self.names, d.clone()));
                }
                self.name(&d.name, at, 0, 0, d.recv.is_none() && !initial)?;
            }
        }
        if initial {
            self.sections[INITIAL].push(this);
        }
        self.decls += 1;
        Ok(())
    }

    fn name(
        &mut self,
        name: &Ident,
        at: &dyn Fn(Pos) -> u32,
        spec: usize,
        index: usize,
        scoped: bool,
    ) -> Result<(), String> {
        if spec > 0xffff || index > 0xffff {
            return Err(format!("{} is declared after too many others", name.name));
        }
        if scoped && !name.name.is_blank() {
            self.scope.push((name.name, self.names));
        }
        let len = name.name.as_str().len() as u32;
        let site = (spec as u32) << 16 | index as u32;
        self.sections[NAMES].extend([at(name.pos), len, self.decls, site]);
        self.names += 1;
        Ok(())
    }

    fn methods(&mut self) -> Result<(), String> {
        let mut found = Vec::new();
        for (name, decl) in &self.methods {
            let recv = decl.recv.as_ref().map(|r| self.base(&r.ty));
            let Some(Some((base, pointer))) = recv else {
                return Err(format!("method {} has no base type here", decl.name.name));
            };
            found.push((base, name | if pointer { POINTER } else { 0 }));
        }
        found.sort_by_key(|&(base, method)| (base, method & !POINTER));
        let words = found.iter().flat_map(|&(base, method)| [base, method]);
        self.sections[METHODS] = words.collect();
        Ok(())
    }

    /// The name of a receiver's base type, through aliases, and whether the receiver is a pointer.
    fn base(&self, receiver: &Expr) -> Option<(u32, bool)> {
        let mut e = receiver.unparen();
        let mut pointer = false;
        for _ in 0..100 {
            if let ExprKind::Star(x) = &e.kind {
                pointer = true;
                e = x.unparen();
            }
            if let ExprKind::Index(ix) = &e.kind {
                e = ix.x.unparen();
            }
            let (name, decl) = self.types.get(&e.as_ident()?.name)?;
            if !decl.alias {
                return Some((*name, pointer));
            }
            e = decl.ty.unparen();
        }
        None
    }

    fn buckets(&mut self) -> Result<(), String> {
        let size = (self.scope.len() * 2 + 1).next_power_of_two();
        let mut buckets = vec![0u32; size];
        let mut seen = HashMap::new();
        for &(symbol, name) in &self.scope {
            if seen.insert(symbol, name).is_some() {
                return Err(format!("{symbol} redeclared"));
            }
            let mut at = hash(symbol.as_str().as_bytes()) as usize & (size - 1);
            while buckets[at] != 0 {
                at = (at + 1) & (size - 1);
            }
            buckets[at] = name + 1;
        }
        self.sections[BUCKETS] = buckets;
        Ok(())
    }
}
