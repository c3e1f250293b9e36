//! Source positions.
//!
//! A `Pos` is one number: the base of its file in the `FileSet` plus the byte offset in the file.
//! What line that is, is worked out only when somebody asks (an error, a line table), from the
//! file's text: newlines and `//line` directives are found at the first question about a file.

use crate::scanner::line_directives;
use std::fmt;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

/// A place in some file of a [`FileSet`]: the file's base plus a byte offset. 0 is no place.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
pub struct Pos(pub u32);

impl Pos {
    /// No place.
    pub const NONE: Pos = Pos(0);

    /// Whether this is a place at all.
    pub fn is_valid(self) -> bool {
        self.0 != 0
    }
}

impl fmt::Debug for Pos {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "@{}", self.0)
    }
}

/// A `Pos` as people read it.
#[derive(Clone, PartialEq, Eq, Debug, Hash)]
pub struct Position {
    /// The file's name, as it was given to the file set or by a `//line` directive.
    pub file: Arc<str>,
    /// The line, from 1; 0 when the position is unknown.
    pub line: u32,
    /// The column in bytes, from 1; 0 when unknown (after a `//line` directive without column).
    pub col: u32,
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.line, self.col) {
            (0, _) => f.write_str(if self.file.is_empty() {
                "-"
            } else {
                &self.file
            }),
            (line, 0) => write!(f, "{}:{line}", self.file),
            (line, col) => write!(f, "{}:{line}:{col}", self.file),
        }
    }
}

/// A `//line` or `/*line*/` directive: from `offset` on, lines count from `line` in `file`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineDirective {
    /// Offset of the first byte that the directive governs.
    pub offset: u32,
    /// The file it names.
    pub file: Arc<str>,
    /// The line number of that first byte.
    pub line: u32,
    /// The column of that first byte; 0 when the directive names none.
    pub col: u32,
}

/// A file's bytes: read, or part of the program.
#[derive(Clone, Debug)]
pub enum Text {
    Read(Arc<[u8]>),
    Embedded(&'static [u8]),
}

impl std::ops::Deref for Text {
    type Target = [u8];
    fn deref(&self) -> &[u8] {
        match self {
            Text::Read(bytes) => bytes,
            Text::Embedded(bytes) => bytes,
        }
    }
}

impl<T: Into<Arc<[u8]>>> From<T> for Text {
    fn from(bytes: T) -> Text {
        Text::Read(bytes.into())
    }
}

/// One source file: its name, text and place in the file set.
#[derive(Debug)]
pub struct SourceFile {
    name: Arc<str>,
    base: u32,
    text: Text,
    lines: OnceLock<LineTable>,
}

#[derive(Debug)]
struct LineTable {
    /// Offset of each line's first byte.
    starts: Vec<u32>,
    directives: Vec<LineDirective>,
}

impl SourceFile {
    /// The name it was added under.
    pub fn name(&self) -> &Arc<str> {
        &self.name
    }

    /// The position of its first byte.
    pub fn base(&self) -> u32 {
        self.base
    }

    /// Its bytes.
    pub fn text(&self) -> &[u8] {
        &self.text
    }

    /// The position of the byte at `offset`.
    pub fn pos(&self, offset: usize) -> Pos {
        Pos(self.base + offset as u32)
    }

    /// The offset of a position in this file.
    pub fn offset(&self, pos: Pos) -> usize {
        (pos.0 - self.base) as usize
    }

    /// Whether `pos` lies in this file (its end included).
    pub fn contains(&self, pos: Pos) -> bool {
        pos.0 >= self.base && pos.0 as usize <= self.base as usize + self.text.len()
    }

    fn lines(&self) -> &LineTable {
        self.lines.get_or_init(|| {
            let mut starts = vec![0];
            starts.extend(memchr::memchr_iter(b'\n', &self.text).map(|i| i as u32 + 1));
            LineTable {
                starts,
                directives: line_directives(&self.name, &self.text),
            }
        })
    }

    /// Line and column in the file itself, `//line` directives ignored.
    pub fn raw_line_col(&self, pos: Pos) -> (u32, u32) {
        let offset = pos.0.saturating_sub(self.base);
        let starts = &self.lines().starts;
        let line = starts.partition_point(|&s| s <= offset);
        (line as u32, offset - starts[line - 1] + 1)
    }

    /// The position with `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        let (line, col) = self.raw_line_col(pos);
        let offset = pos.0.saturating_sub(self.base);
        let directives = &self.lines().directives;
        let governed_by = directives.partition_point(|d| d.offset <= offset);
        let Some(d) = governed_by.checked_sub(1).map(|i| &directives[i]) else {
            return Position {
                file: self.name.clone(),
                line,
                col,
            };
        };
        let (dline, dcol) = self.raw_line_col(Pos(self.base + d.offset));
        let col = match d.col {
            0 => 0,
            // Only the directive's own line continues from the column it gave.
            c if line == dline => c + (col - dcol),
            _ => col,
        };
        Position {
            file: d.file.clone(),
            line: d.line + (line - dline),
            col,
        }
    }

    /// The bytes of the line (from 1, in the file itself) without its line end.
    pub fn line_text(&self, line: u32) -> &[u8] {
        let starts = &self.lines().starts;
        let Some(&start) = (line as usize).checked_sub(1).and_then(|i| starts.get(i)) else {
            return &[];
        };
        let end = starts
            .get(line as usize)
            .map_or(self.text.len(), |&e| e as usize - 1);
        &self.text[start as usize..end]
    }
}

/// All source files of a program. Files are only ever added; the set may be shared by threads.
#[derive(Debug, Default)]
pub struct FileSet {
    /// Ordered by base.
    files: RwLock<Vec<Arc<SourceFile>>>,
}

impl FileSet {
    /// An empty set.
    pub fn new() -> FileSet {
        FileSet::default()
    }

    /// Adds a file. `None` when the set's 4 GiB of positions are used up.
    pub fn try_add(&self, name: &str, text: impl Into<Text>) -> Option<Arc<SourceFile>> {
        let text = text.into();
        let mut files = self.files.write().unwrap_or_else(PoisonError::into_inner);
        let base = files
            .last()
            .map_or(1, |f| f.base as usize + f.text.len() + 1);
        u32::try_from(base + text.len() + 1).ok()?;
        let file = Arc::new(SourceFile {
            name: name.into(),
            base: base as u32,
            text,
            lines: OnceLock::new(),
        });
        files.push(file.clone());
        Some(file)
    }

    /// Adds a file.
    ///
    /// # Panics
    /// When all files together pass 4 GiB; see [`FileSet::try_add`].
    pub fn add(&self, name: &str, text: impl Into<Text>) -> Arc<SourceFile> {
        self.try_add(name, text)
            .expect("source files of less than 4 GiB in all")
    }

    /// The file that holds `pos`.
    pub fn file(&self, pos: Pos) -> Option<Arc<SourceFile>> {
        let files = self.files.read().unwrap_or_else(PoisonError::into_inner);
        let after = files.partition_point(|f| f.base <= pos.0);
        let file = files.get(after.checked_sub(1)?)?;
        file.contains(pos).then(|| file.clone())
    }

    /// File, line and column of `pos`, `//line` directives applied.
    pub fn position(&self, pos: Pos) -> Position {
        match self.file(pos) {
            Some(f) => f.position(pos),
            None => Position {
                file: "".into(),
                line: 0,
                col: 0,
            },
        }
    }
}

/// A diagnostic of the parser. The message is gc's, with its `syntax error: ` where gc has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Where.
    pub pos: Pos,
    /// What, without position.
    pub msg: String,
}
