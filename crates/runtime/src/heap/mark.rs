//! Marking: from what is grey through every pointer that the bitmap shows. Precise, iterative, and by several threads at once.
//!
//! An object is white (not marked), grey (marked, on some list of objects to be looked at) or black. The lists are buffers: each marking thread
//! works on one of its own, processors collect what their write barriers shade, and full ones are shared through `GreyList`.
//!
//! Most of the time would go into waiting for memory, so the marker works on several objects at once: a pointer that it has found first
//! waits in a ring while its span's descriptor is fetched, an object that it has marked waits in another until its words are there.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::Heap;
use super::sizeclass::SIZES;
use super::span::Span;

/// A grey object: its address, and its size class in the high bits. Class 0 is (the rest of) a large object.
type Item = u64;
const CLASS_SHIFT: u32 = 48;

/// Items in a shared buffer.
const BUFFER: usize = 512;
/// Large objects are looked at in pieces of this many bytes, so that several threads share them and none is busy for long.
const PIECE: usize = 128 << 10;
/// Lengths of the rings, powers of two.
const FOUND: usize = 16;
const READY: usize = 8;

/// Grey objects that a thread has made, and the bytes of all objects that it has marked.
#[derive(Default)]
pub struct Grey {
    items: Vec<Item>,
    pub marked_bytes: u64,
}

impl Grey {
    pub fn is_empty(&self) -> bool {
        self.items.is_empty()
    }
}

/// Full buffers, for whoever has time.
#[derive(Default)]
pub struct GreyList {
    buffers: Mutex<Vec<Vec<Item>>>,
    len: AtomicUsize,
}

impl GreyList {
    pub fn is_empty(&self) -> bool {
        self.len.load(Ordering::Acquire) == 0
    }

    fn put(&self, items: Vec<Item>) {
        if items.is_empty() {
            return;
        }
        let mut buffers = self.buffers.lock().unwrap();
        buffers.push(items);
        self.len.store(buffers.len(), Ordering::Release);
    }

    fn take(&self) -> Option<Vec<Item>> {
        if self.is_empty() {
            return None;
        }
        let mut buffers = self.buffers.lock().unwrap();
        let items = buffers.pop();
        self.len.store(buffers.len(), Ordering::Release);
        items
    }
}

impl Heap {
    /// Marks the object that `addr` points into, if it is in the heap and white; it is grey then.
    #[inline]
    pub fn shade(&self, addr: usize, grey: &mut Grey) {
        let span = self.span_of(addr);
        if !span.is_null() {
            // SAFETY: the table holds valid spans.
            shade_in(unsafe { &*span }, addr, grey);
        }
    }

    /// Makes what a thread has shaded available to all.
    pub fn flush_grey(&self, grey: &mut Grey) {
        self.greys.put(std::mem::take(&mut grey.items));
        let bytes = std::mem::take(&mut grey.marked_bytes);
        self.marked_bytes.fetch_add(bytes, Ordering::Relaxed);
    }

    /// As `shade`, for threads that shade much and mark little: their buffers are shared when full.
    #[inline]
    pub fn shade_and_share(&self, addr: usize, grey: &mut Grey) {
        self.shade(addr, grey);
        if grey.items.len() >= BUFFER {
            self.flush_grey(grey);
        }
    }
}

#[inline(always)]
fn shade_in(span: &Span, addr: usize, grey: &mut Grey) {
    let slot = span.slot_of(addr);
    if slot >= span.slots as usize {
        return;
    }
    if span.set_mark(slot) {
        grey.marked_bytes += span.size as u64;
        if !span.noscan {
            let item = span.slot_addr(slot) as u64 | u64::from(span.class) << CLASS_SHIFT;
            grey.items.push(item);
        }
    }
}

#[inline(always)]
fn prefetch(addr: usize) {
    // SAFETY: a hint, for any address.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T0 }>(addr as *const i8);
    }
}

/// A thread's marking.
pub struct Marker<'a> {
    heap: &'a Heap,
    grey: Grey,
    /// Pointers that have been found, with their spans.
    found: [(usize, *const Span); FOUND],
    found_at: usize,
    /// Objects whose words are to be looked at next; 0: none.
    ready: [Item; READY],
    ready_at: usize,
    /// Bytes of objects looked at.
    pub scanned: usize,
}

impl<'a> Marker<'a> {
    pub fn new(heap: &'a Heap) -> Marker<'a> {
        Marker {
            heap,
            grey: Grey::default(),
            found: [(0, std::ptr::null()); FOUND],
            found_at: 0,
            ready: [0; READY],
            ready_at: 0,
            scanned: 0,
        }
    }

    /// Marks the object that `addr` points into, if it is in the heap.
    #[inline]
    pub fn mark(&mut self, addr: usize) {
        self.heap.shade(addr, &mut self.grey);
    }

    /// Marks what the object at `addr` points to, but not the object itself.
    pub fn mark_contents(&mut self, addr: usize) {
        let span = self.heap.span_of(addr);
        if span.is_null() {
            return;
        }
        // SAFETY: the table holds valid spans.
        let span = unsafe { &*span };
        if !span.noscan {
            let start = span.slot_addr(span.slot_of(addr));
            self.grey
                .items
                .push(start as u64 | u64::from(span.class) << CLASS_SHIFT);
        }
    }

    /// Works until `budget` bytes have been looked at or nothing is left, here or on the shared list; false: something is left.
    pub fn drain(&mut self, budget: usize) -> bool {
        let end = self.scanned.saturating_add(budget);
        while self.scanned < end {
            let Some(item) = self.grey.items.pop() else {
                // What waits in the rings comes out, and may bring more.
                if !self.empty_rings() {
                    match self.heap.greys.take() {
                        Some(items) => self.grey.items = items,
                        None => return true,
                    }
                }
                continue;
            };
            if self.grey.items.len() >= 2 * BUFFER && self.heap.greys.is_empty() {
                self.heap
                    .greys
                    .put(self.grey.items.drain(..BUFFER).collect());
            }
            let addr = (item << 16 >> 16) as usize;
            prefetch(addr);
            prefetch(self.heap.bit_of(addr).0 as usize);
            let at = self.ready_at & (READY - 1);
            self.ready_at += 1;
            let due = std::mem::replace(&mut self.ready[at], item);
            if due != 0 {
                self.scan(due);
            }
        }
        false
    }

    /// Puts what is left where other threads find it.
    pub fn share(&mut self) {
        for at in 0..READY {
            let item = std::mem::take(&mut self.ready[at]);
            if item != 0 {
                self.grey.items.push(item);
            }
        }
        self.test_found();
        while self.grey.items.len() > BUFFER {
            let rest = self.grey.items.len() - BUFFER;
            let items = self.grey.items.split_off(rest);
            self.heap.greys.put(items);
        }
        self.heap.flush_grey(&mut self.grey);
    }

    /// Looks at what is in the rings; false when they were empty.
    fn empty_rings(&mut self) -> bool {
        let mut any = false;
        for _ in 0..READY {
            let at = self.ready_at & (READY - 1);
            self.ready_at += 1;
            let item = std::mem::take(&mut self.ready[at]);
            if item != 0 {
                any = true;
                self.scan(item);
            }
        }
        self.test_found() || any
    }

    fn test_found(&mut self) -> bool {
        let mut any = false;
        for at in 0..FOUND {
            let (addr, span) = std::mem::replace(&mut self.found[at], (0, std::ptr::null()));
            if !span.is_null() {
                any = true;
                // SAFETY: the table holds valid spans.
                shade_in(unsafe { &*span }, addr, &mut self.grey);
            }
        }
        any
    }

    #[inline(always)]
    fn find(&mut self, addr: usize) {
        let span = self.heap.span_of(addr);
        if span.is_null() {
            return;
        }
        prefetch(span as usize);
        let at = self.found_at & (FOUND - 1);
        self.found_at += 1;
        let (addr, span) = std::mem::replace(&mut self.found[at], (addr, span.cast_const()));
        if !span.is_null() {
            // SAFETY: the table holds valid spans.
            shade_in(unsafe { &*span }, addr, &mut self.grey);
        }
    }

    fn scan(&mut self, item: Item) {
        let (addr, class) = ((item << 16 >> 16) as usize, (item >> CLASS_SHIFT) as usize);
        let mut bytes = usize::from(SIZES[class]);
        if class == 0 {
            // SAFETY: a large object's span.
            let span = unsafe { &*self.heap.span_of(addr) };
            bytes = span.start + span.size - addr;
            if bytes > PIECE {
                bytes = PIECE;
                self.grey.items.push((addr + PIECE) as u64);
            }
        }
        self.scanned += bytes;
        let (mut word, mut skip) = self.heap.bit_of(addr);
        let mut base = addr;
        let mut left = bytes / 8;
        while left > 0 {
            let count = left.min(64 - skip);
            // SAFETY: bitmap words of a live object; its neighbours' bits may change at the same time.
            let mut bits = unsafe { (*word).load(Ordering::Relaxed) } >> skip;
            if count < 64 {
                bits &= (1u64 << count) - 1;
            }
            while bits != 0 {
                let i = bits.trailing_zeros() as usize;
                bits &= bits - 1;
                // SAFETY: word i of a live object, which the program may be writing.
                let pointer =
                    unsafe { (*((base + i * 8) as *const AtomicUsize)).load(Ordering::Relaxed) };
                if pointer != 0 {
                    self.find(pointer);
                }
            }
            base += count * 8;
            left -= count;
            skip = 0;
            word = word.wrapping_add(1);
        }
    }
}
