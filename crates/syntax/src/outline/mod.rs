//! Outlines: what a package declares and where, without its trees.
//!
//! A program uses little of the packages that it imports. So the standard packages are parsed when the virtual machine is built, and
//! what is kept of each is an outline: a table of its files, imports, declarations and names, by places in the source text. Loading a
//! package then costs next to nothing; a declaration is parsed when its name is first looked up.
//!
//! An outline is a run of little-endian 32-bit words without pointers, so it can be embedded and is paged in as it is read:
//!
//! | section | words of an entry |
//! |---|---|
//! | header | the number of entries of each section below |
//! | files | package name: offset, length; first declaration; first import. A last entry holds the ends |
//! | imports | offset of the spec; local name: offset, length (0 for none); path without quotes: offset, length |
//! | declarations | kind and flags; start; end; first name. A last entry holds the end |
//! | names | offset, length; declaration; spec and index in it |
//! | methods | base type's name; method's name, top bit set for a pointer receiver. Sorted by base, then by source order |
//! | initial | declarations that act when the package is initialised: variables with values, init functions |
//! | buckets | hash table of the package's scope: name plus 1, 0 for empty; a power of two |
//!
//! Offsets count in the file's text. Blank names, methods and init functions are names, but not in the hash table.

mod write;

pub use write::write;

use crate::ast::{Decl, File, Ident, ImportDecl, NodeId, Pragma};
use crate::parser::parse_declaration;
use crate::pos::SourceFile;
use crate::symbol::Symbol;
use std::ops::Range;
use std::sync::{Arc, OnceLock};

/// The forms of declarations.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum DeclKind {
    Const,
    Var,
    Type,
    Func,
}

/// What an outline tells of a declaration.
#[derive(Clone, Debug)]
pub struct DeclOutline {
    pub kind: DeclKind,
    /// Whether it is a type's alias declaration.
    pub alias: bool,
    pub pragma: Pragma,
    /// Its file, and its index in it.
    pub file: u32,
    pub index: u32,
    /// Its bytes. A constant declaration is a whole group from its keyword on; others begin at their name, functions at `func`.
    pub range: Range<u32>,
    /// The names that it declares.
    pub names: Range<u32>,
}

/// What an outline tells of a name.
#[derive(Clone, Debug)]
pub struct NameOutline {
    /// The declaration, counted over the package.
    pub decl: u32,
    /// Its bytes.
    pub range: Range<u32>,
    /// In a constant declaration, the spec.
    pub spec: u32,
    /// Its index among the spec's names.
    pub index: u32,
}

/// A package's outline.
#[derive(Clone, Copy, Debug)]
pub struct Outline {
    bytes: &'static [u8],
    /// The first word of each section.
    starts: [u32; SECTIONS],
}

const SECTIONS: usize = 7;
const FILES: usize = 0;
const IMPORTS: usize = 1;
const DECLS: usize = 2;
const NAMES: usize = 3;
const METHODS: usize = 4;
const INITIAL: usize = 5;
const BUCKETS: usize = 6;
/// Words of an entry of each section.
const WIDTHS: [usize; SECTIONS] = [4, 5, 4, 4, 2, 1, 1];
/// Entries beyond the counted ones.
const SENTINELS: [u32; SECTIONS] = [1, 0, 1, 0, 0, 0, 0];

const KIND_BITS: u32 = 2;
const ALIAS: u32 = 1 << KIND_BITS;
const PRAGMAS: u32 = KIND_BITS + 1;
const POINTER: u32 = 1 << 31;

fn pragma_bits(p: Pragma) -> u32 {
    let all = [
        p.noinline,
        p.nosplit,
        p.noescape,
        p.norace,
        p.wrapper,
        p.uintptr_escapes,
    ];
    all.iter()
        .enumerate()
        .map(|(i, &set)| u32::from(set) << i)
        .sum()
}

fn pragma_of(bits: u32) -> Pragma {
    let set = |i: u32| bits & 1 << i != 0;
    Pragma {
        noinline: set(0),
        nosplit: set(1),
        noescape: set(2),
        norace: set(3),
        wrapper: set(4),
        uintptr_escapes: set(5),
    }
}

/// The hash of a name in the bucket section (FNV-1a).
fn hash(name: &[u8]) -> u32 {
    name.iter().fold(0x811c_9dc5, |h, &b| {
        (h ^ u32::from(b)).wrapping_mul(0x0100_0193)
    })
}

impl Outline {
    /// The outline that [`write`] wrote.
    pub fn new(bytes: &'static [u8]) -> Outline {
        let mut outline = Outline {
            bytes,
            starts: [0; SECTIONS],
        };
        let mut start = SECTIONS as u32;
        for section in 0..SECTIONS {
            outline.starts[section] = start;
            start += WIDTHS[section] as u32 * (outline.count(section) + SENTINELS[section]);
        }
        outline
    }

    fn word(self, at: usize) -> u32 {
        let bytes = &self.bytes[at * 4..at * 4 + 4];
        u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])
    }

    fn count(self, section: usize) -> u32 {
        self.word(section)
    }

    /// A word of an entry.
    fn entry(self, section: usize, index: u32, field: usize) -> u32 {
        let start = self.starts[section] as usize;
        self.word(start + WIDTHS[section] * index as usize + field)
    }

    /// The number of files.
    pub fn files(self) -> u32 {
        self.count(FILES)
    }

    fn decls_of(self, file: u32) -> Range<u32> {
        self.entry(FILES, file, 2)..self.entry(FILES, file + 1, 2)
    }

    /// The number of declarations.
    pub fn decls(self) -> u32 {
        self.count(DECLS)
    }

    /// A declaration, counted over the package.
    pub fn decl(self, decl: u32) -> DeclOutline {
        // The last file that begins at or before it.
        let (mut low, mut high) = (0, self.files());
        while high - low > 1 {
            let middle = (low + high) / 2;
            if self.entry(FILES, middle, 2) <= decl {
                low = middle;
            } else {
                high = middle;
            }
        }
        let flags = self.entry(DECLS, decl, 0);
        DeclOutline {
            kind: [
                DeclKind::Const,
                DeclKind::Var,
                DeclKind::Type,
                DeclKind::Func,
            ][(flags & 3) as usize],
            alias: flags & ALIAS != 0,
            pragma: pragma_of(flags >> PRAGMAS),
            file: low,
            index: decl - self.entry(FILES, low, 2),
            range: self.entry(DECLS, decl, 1)..self.entry(DECLS, decl, 2),
            names: self.entry(DECLS, decl, 3)..self.entry(DECLS, decl + 1, 3),
        }
    }

    /// The number of names.
    pub fn names(self) -> u32 {
        self.count(NAMES)
    }

    /// A name, counted over the package.
    pub fn name(self, name: u32) -> NameOutline {
        let start = self.entry(NAMES, name, 0);
        let site = self.entry(NAMES, name, 3);
        NameOutline {
            decl: self.entry(NAMES, name, 2),
            range: start..start + self.entry(NAMES, name, 1),
            spec: site >> 16,
            index: site & 0xffff,
        }
    }

    /// The methods of a type, by the type's name: their names, and whether the receiver is a pointer.
    pub fn methods(self, base: u32) -> impl Iterator<Item = (u32, bool)> {
        let count = self.count(METHODS);
        let (mut low, mut high) = (0, count);
        while low < high {
            let middle = (low + high) / 2;
            if self.entry(METHODS, middle, 0) < base {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        (low..count)
            .take_while(move |&i| self.entry(METHODS, i, 0) == base)
            .map(move |i| {
                let method = self.entry(METHODS, i, 1);
                (method & !POINTER, method & POINTER != 0)
            })
    }

    /// The declarations that act when the package is initialised, in source order: variables with values, init functions.
    pub fn initial(self) -> impl Iterator<Item = u32> {
        (0..self.count(INITIAL)).map(move |i| self.entry(INITIAL, i, 0))
    }
}

/// A package whose declarations are parsed when they are asked for.
#[derive(Clone, Debug)]
pub struct OutlinedPackage {
    pub outline: Outline,
    pub files: Vec<Arc<File>>,
}

impl OutlinedPackage {
    /// The package of these source files, which are those that the outline was made of.
    pub fn new(outline: Outline, sources: Vec<Arc<SourceFile>>) -> OutlinedPackage {
        let files = sources.into_iter().zip(0..);
        let files = files.map(|(source, i)| Arc::new(File::outlined(source, outline, i)));
        OutlinedPackage {
            outline,
            files: files.collect(),
        }
    }

    fn text(&self, file: u32, range: Range<u32>) -> &[u8] {
        &self.files[file as usize].source.text()[range.start as usize..range.end as usize]
    }

    fn symbol(&self, file: u32, range: Range<u32>) -> Symbol {
        Symbol::of_bytes(self.text(file, range))
    }

    /// A name as a declared identifier, which is no node.
    pub fn ident(&self, file: u32, range: Range<u32>) -> Ident {
        Ident {
            id: NodeId(u32::MAX),
            pos: self.files[file as usize].source.pos(range.start as usize),
            name: self.symbol(file, range),
        }
    }

    /// The name in the package's scope that reads so.
    pub fn find(&self, name: &str) -> Option<u32> {
        let outline = self.outline;
        let mask = outline.count(BUCKETS) - 1;
        let mut at = hash(name.as_bytes()) & mask;
        loop {
            let found = outline.entry(BUCKETS, at, 0).checked_sub(1)?;
            let entry = outline.name(found);
            if entry.range.len() == name.len() {
                let file = outline.decl(entry.decl).file;
                if self.text(file, entry.range) == name.as_bytes() {
                    return Some(found);
                }
            }
            at = (at + 1) & mask;
        }
    }

    /// All names in the package's scope.
    pub fn scope(&self) -> impl Iterator<Item = u32> {
        let outline = self.outline;
        (0..outline.count(BUCKETS)).filter_map(move |i| outline.entry(BUCKETS, i, 0).checked_sub(1))
    }

    /// The import paths of a file.
    pub fn import_paths(&self, file: u32) -> impl Iterator<Item = &str> {
        let imports = self.outline.entry(FILES, file, 3)..self.outline.entry(FILES, file + 1, 3);
        imports.map(move |i| {
            let start = self.outline.entry(IMPORTS, i, 3);
            let path = self.text(file, start..start + self.outline.entry(IMPORTS, i, 4));
            std::str::from_utf8(path).expect("import paths are of letters")
        })
    }

    /// The imports of a file.
    pub fn imports(&self, file: u32) -> Vec<ImportDecl> {
        let outline = self.outline;
        let source = &self.files[file as usize].source;
        let first = outline.entry(FILES, file, 3);
        self.import_paths(file)
            .zip(first..)
            .map(|(path, i)| {
                let name = outline.entry(IMPORTS, i, 1);
                let len = outline.entry(IMPORTS, i, 2);
                ImportDecl {
                    pos: source.pos(outline.entry(IMPORTS, i, 0) as usize),
                    name: (len > 0).then(|| self.ident(file, name..name + len)),
                    path_pos: source.pos(outline.entry(IMPORTS, i, 3) as usize - 1),
                    path: path.into(),
                }
            })
            .collect()
    }
}

/// The declarations of an outlined file.
#[derive(Debug)]
pub(crate) struct Outlined {
    outline: Outline,
    first: u32,
    decls: Box<[OnceLock<OwnDecl>]>,
}

/// A declaration with an arena of its own.
#[derive(Debug)]
pub(crate) struct OwnDecl {
    pub decl: Decl,
    pub node_count: u32,
}

impl Outlined {
    pub fn get(&self, source: &Arc<SourceFile>, index: u32) -> &OwnDecl {
        self.decls[index as usize]
            .get_or_init(|| parse_declaration(source, &self.outline.decl(self.first + index)))
    }
}

impl File {
    fn outlined(source: Arc<SourceFile>, outline: Outline, file: u32) -> File {
        let start = outline.entry(FILES, file, 0) as usize;
        let end = start + outline.entry(FILES, file, 1) as usize;
        let name = String::from_utf8_lossy(&source.text()[start..end]);
        let decls = outline.decls_of(file);
        File {
            pos: source.pos(0),
            package: Ident {
                id: NodeId(u32::MAX),
                pos: source.pos(start),
                name: Symbol::intern(&name),
            },
            imports: Vec::new(),
            decls: Vec::new(),
            outlined: Some(Outlined {
                outline,
                first: decls.start,
                decls: decls.map(|_| OnceLock::new()).collect(),
            }),
            build: None,
            go_version: None,
            linknames: Vec::new(),
            soft_errors: Vec::new(),
            node_count: 0,
            end: source.pos(source.text().len()),
            deep: false,
            source,
        }
    }
}
