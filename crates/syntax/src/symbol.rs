//! Interned names. A `Symbol` is a small number that is equal exactly when the text is equal.
//!
//! One table serves the whole process, because trees of different packages, read on different
//! threads, are compared by name. Entries are never removed. Reading a symbol's text takes no lock.

use rustc_hash::FxHashMap;
use std::fmt;
use std::sync::{Mutex, OnceLock, PoisonError};

/// An interned name: cheap to copy, compare and hash. Its order is that of interning, not of the
/// text.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol(pub u32);

macro_rules! predefined {
    ($($index:literal $name:ident $text:literal),* $(,)?) => {
        /// Symbols with fixed numbers, usable in patterns and constants.
        pub mod sym {
            use super::Symbol;
            $(#[doc = concat!("The symbol `", $text, "`.")] pub const $name: Symbol = Symbol($index);)*
        }
        const PREDEFINED: &[&str] = &[$($text),*];
    };
}

predefined! {
    0 EMPTY "",
    1 BLANK "_",
    2 DOT ".",
    3 INIT "init",
    4 MAIN "main",
    5 IOTA "iota",
    6 NIL "nil",
    7 TRUE "true",
    8 FALSE "false",
    9 ERROR "error",
    10 ANY "any",
    11 COMPARABLE "comparable",
    12 UNSAFE "unsafe",
    13 C "C",
    14 ERROR_METHOD "Error",
}

const FIRST_CHUNK_BITS: u32 = 10;
const CHUNKS: usize = 22;

type Chunk = OnceLock<Box<[OnceLock<&'static str>]>>;

/// Chunk k holds 2^(k+10) texts, so the place of a text never changes once it is written.
struct Table {
    chunks: [Chunk; CHUNKS],
    index: Mutex<FxHashMap<&'static str, u32>>,
}

static TABLE: OnceLock<Table> = OnceLock::new();

fn table() -> &'static Table {
    TABLE.get_or_init(|| {
        let t = Table {
            chunks: [const { OnceLock::new() }; CHUNKS],
            index: Mutex::new(FxHashMap::default()),
        };
        {
            let mut index = t.index.lock().unwrap_or_else(PoisonError::into_inner);
            for text in PREDEFINED {
                t.insert(&mut index, text);
            }
        }
        t
    })
}

fn place(id: u32) -> (usize, usize) {
    let shifted = u64::from(id) + (1 << FIRST_CHUNK_BITS);
    let bits = 63 - shifted.leading_zeros();
    (
        (bits - FIRST_CHUNK_BITS) as usize,
        (shifted - (1 << bits)) as usize,
    )
}

impl Table {
    fn insert(&self, index: &mut FxHashMap<&'static str, u32>, text: &'static str) -> Symbol {
        let id = u32::try_from(index.len()).expect("fewer than 2^32 distinct names");
        let (chunk, offset) = place(id);
        let slots = self.chunks[chunk].get_or_init(|| {
            (0..1usize << (chunk as u32 + FIRST_CHUNK_BITS))
                .map(|_| OnceLock::new())
                .collect()
        });
        slots[offset].set(text).expect("a symbol is written once");
        index.insert(text, id);
        Symbol(id)
    }
}

impl Symbol {
    /// The symbol of `text`.
    pub fn intern(text: &str) -> Symbol {
        let t = table();
        let mut index = t.index.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(&id) = index.get(text) {
            return Symbol(id);
        }
        t.insert(&mut index, Box::leak(text.into()))
    }

    /// The symbol of a name as it stands in a source file, where there may be any bytes.
    pub fn of_bytes(text: &[u8]) -> Symbol {
        // Far faster than looking for what is wrong.
        match std::str::from_utf8(text) {
            Ok(text) => Symbol::intern(text),
            Err(_) => Symbol::intern(&String::from_utf8_lossy(text)),
        }
    }

    /// The text of the symbol.
    pub fn as_str(self) -> &'static str {
        let (chunk, offset) = place(self.0);
        table().chunks[chunk]
            .get()
            .and_then(|slots| slots[offset].get())
            .copied()
            .expect("a symbol comes from intern")
    }

    /// Whether this is the blank identifier `_`.
    pub fn is_blank(self) -> bool {
        self == sym::BLANK
    }

    /// Whether the name is exported: its first character is an upper-case letter.
    pub fn is_exported(self) -> bool {
        self.as_str().chars().next().is_some_and(char::is_uppercase)
    }
}

impl fmt::Debug for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl From<&str> for Symbol {
    fn from(text: &str) -> Symbol {
        Symbol::intern(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn predefined_symbols_have_their_numbers() {
        for (i, text) in PREDEFINED.iter().enumerate() {
            assert_eq!(Symbol::intern(text), Symbol(i as u32));
            assert_eq!(Symbol(i as u32).as_str(), *text);
        }
    }

    #[test]
    fn equal_text_is_an_equal_symbol_on_every_thread() {
        let all: Vec<Vec<Symbol>> = std::thread::scope(|s| {
            let hs: Vec<_> = (0..4)
                .map(|_| {
                    s.spawn(|| {
                        (0..5000)
                            .map(|i| Symbol::intern(&format!("n{i}")))
                            .collect()
                    })
                })
                .collect();
            hs.into_iter().map(|h| h.join().unwrap()).collect()
        });
        assert!(all.windows(2).all(|w| w[0] == w[1]));
        assert_eq!(all[0][4999].as_str(), "n4999");
    }
}
