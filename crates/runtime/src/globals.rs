//! Package variables: immortal memory outside the heap whose pointers are roots.

use std::sync::Mutex;

use bytecode::rtype::RType;

use crate::heap::mark::Marker;

/// Memory for globals is taken from the system in pieces of this size.
const CHUNK: usize = 256 << 10;

/// The package variables of a machine.
#[derive(Default)]
pub struct Globals {
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    next: usize,
    end: usize,
    /// Variables with pointers: address, type.
    roots: Vec<(usize, Type)>,
    /// Memory ranges of all variables.
    chunks: Vec<(usize, usize)>,
    bytes: u64,
}

struct Type(*const RType);
// SAFETY: descriptors are immutable and immortal.
unsafe impl Send for Type {}

impl Globals {
    /// A zeroed variable of the type.
    pub fn alloc(&self, typ: *const RType) -> *mut u8 {
        // SAFETY: descriptors are immortal.
        let t = unsafe { &*typ };
        let mut inner = self.inner.lock().unwrap();
        let bytes = t.size.next_multiple_of(8).max(8);
        if inner.next + bytes > inner.end {
            let chunk = CHUNK.max(bytes);
            let Some(addr) = crate::heap::reserve(chunk) else {
                panic!("out of memory for package variables")
            };
            inner.next = addr;
            inner.end = addr + chunk;
            inner.chunks.push((addr, chunk));
        }
        let addr = inner.next;
        inner.next += bytes;
        inner.bytes += bytes as u64;
        if t.has_pointers() {
            inner.roots.push((addr, Type(typ)));
        }
        addr as *mut u8
    }

    /// Bytes of all variables.
    pub fn bytes(&self) -> u64 {
        self.inner.lock().unwrap().bytes
    }

    /// Whether an address is in a variable.
    pub fn contains(&self, addr: usize) -> bool {
        self.inner
            .lock()
            .unwrap()
            .chunks
            .iter()
            .any(|&(start, len)| addr.wrapping_sub(start) < len)
    }

    /// Marks what variables point to; the bytes looked at.
    pub(crate) fn mark_roots(&self, marker: &mut Marker) -> u64 {
        let mut bytes = 0;
        self.for_each_pointer(|slot| {
            bytes += 8;
            // SAFETY: a word of a variable.
            marker.mark(unsafe { *slot } as usize);
        });
        bytes
    }

    /// Calls `visit` with the address of each pointer word.
    pub(crate) fn for_each_pointer(&self, mut visit: impl FnMut(*mut u64)) {
        for (addr, Type(typ)) in &self.inner.lock().unwrap().roots {
            // SAFETY: descriptors are immortal; gc_mask has a bit for each of ptr_bytes/8 words.
            unsafe {
                let t = &**typ;
                for word in 0..t.ptr_bytes / 8 {
                    if word % 8 == 0 && *t.gc_mask.add(word / 8) == 0 {
                        continue;
                    }
                    if t.word_is_pointer(word) {
                        visit((addr + word * 8) as *mut u64);
                    }
                }
            }
        }
    }
}
