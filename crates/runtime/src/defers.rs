//! A goroutine's pending deferred calls: records one behind the other in one piece of memory, which compiled code pushes and takes in place.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::mem::offset_of;

/// A pending `defer`. The frame is named by its distance from `stack.hi`, which no copy changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
pub struct DeferRecord {
    /// The closure to call: a GC root, adjusted when the stack moves (closures may live in frames).
    pub closure: *mut u8,
    /// `stack.hi - fp` of the frame that registered it.
    pub frame: usize,
}

/// What stands before the records.
#[repr(C)]
struct Header {
    /// Bytes of records,
    used: usize,
    /// and how many fit.
    room: usize,
    /// Belongs to no frame: what is the last record when there is none.
    none: DeferRecord,
}

/// Offset of the bytes that are used,
pub const USED: usize = offset_of!(Header, used);
/// of those that there is room for,
pub const ROOM: usize = offset_of!(Header, room);
/// and of the last record, less the number of bytes used.
pub const LAST: usize = offset_of!(Header, none);
/// Bytes of a record.
pub const RECORD: usize = size_of::<DeferRecord>();

/// Room for the first records.
const FIRST: usize = 8 * RECORD;

/// Nobody writes it: there is no room, and no frame's record.
struct Empty(Header);

// SAFETY: it is only read.
unsafe impl Sync for Empty {}

static EMPTY: Empty = Empty(Header {
    used: 0,
    room: 0,
    none: DeferRecord {
        closure: std::ptr::null_mut(),
        frame: 0,
    },
});

/// The records, the newest last.
#[repr(transparent)]
pub struct Defers {
    header: *mut Header,
}

impl Defers {
    pub const fn new() -> Defers {
        Defers {
            header: (&raw const EMPTY.0).cast_mut(),
        }
    }

    #[inline]
    fn header(&self) -> &Header {
        // SAFETY: it points to a header as long as it lives.
        unsafe { &*self.header }
    }

    /// The record that ends after so many bytes.
    #[inline]
    fn at(&self, used: usize) -> *mut DeferRecord {
        self.header
            .wrapping_byte_add(LAST + used)
            .cast::<DeferRecord>()
    }

    pub fn len(&self) -> usize {
        self.header().used / RECORD
    }

    pub fn is_empty(&self) -> bool {
        self.header().used == 0
    }

    #[inline]
    pub fn push(&mut self, record: DeferRecord) {
        if self.header().used == self.header().room {
            self.grow();
        }
        let used = self.header().used + RECORD;
        // SAFETY: there is room, so the header is this list's own.
        unsafe {
            *self.at(used) = record;
            (*self.header).used = used;
        }
    }

    /// The newest record, which is removed.
    pub fn pop(&mut self) -> Option<DeferRecord> {
        let used = self.header().used;
        if used == 0 {
            return None;
        }
        // SAFETY: there is a record, so the header is this list's own.
        unsafe {
            (*self.header).used = used - RECORD;
            Some(*self.at(used))
        }
    }

    /// The closure of the newest record, which is removed, if that is the frame's.
    #[inline]
    pub fn take(&mut self, frame: usize) -> Option<*mut u8> {
        debug_assert!(frame != 0);
        // SAFETY: where there is no record, one that belongs to no frame stands in its place.
        let last = unsafe { *self.at(self.header().used) };
        if last.frame != frame {
            return None;
        }
        // SAFETY: as in `pop`.
        unsafe { (*self.header).used -= RECORD };
        Some(last.closure)
    }

    pub fn clear(&mut self) {
        if !self.is_empty() {
            // SAFETY: as in `pop`.
            unsafe { (*self.header).used = 0 };
        }
    }

    /// All records, the oldest first.
    pub fn records(&self) -> &[DeferRecord] {
        // SAFETY: so many follow the header.
        unsafe { std::slice::from_raw_parts(self.at(RECORD), self.len()) }
    }

    pub fn records_mut(&mut self) -> &mut [DeferRecord] {
        // SAFETY: as above; of the empty list there are none.
        unsafe { std::slice::from_raw_parts_mut(self.at(RECORD), self.len()) }
    }

    fn layout(room: usize) -> Layout {
        Layout::from_size_align(size_of::<Header>() + room, align_of::<Header>())
            .expect("records that are in memory already, twice")
    }

    #[cold]
    fn grow(&mut self) {
        let (used, room) = (self.header().used, self.header().room);
        let more = if room == 0 { FIRST } else { 2 * room };
        let layout = Defers::layout(more);
        // SAFETY: a fresh piece of memory for the header and `more` bytes; what is copied is there.
        unsafe {
            let new = alloc(layout).cast::<Header>();
            if new.is_null() {
                handle_alloc_error(layout);
            }
            std::ptr::copy_nonoverlapping(
                self.header.cast::<u8>(),
                new.cast::<u8>(),
                size_of::<Header>() + used,
            );
            (*new).room = more;
            drop(std::mem::replace(self, Defers { header: new }));
        }
    }
}

impl Default for Defers {
    fn default() -> Defers {
        Defers::new()
    }
}

impl Drop for Defers {
    fn drop(&mut self) {
        let room = self.header().room;
        if room > 0 {
            // SAFETY: allocated by `grow` with this layout.
            unsafe { dealloc(self.header.cast(), Defers::layout(room)) };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(n: usize) -> DeferRecord {
        DeferRecord {
            closure: (16 * n) as *mut u8,
            frame: n,
        }
    }

    #[test]
    fn the_newest_record_comes_first() {
        let mut defers = Defers::new();
        assert_eq!(
            (defers.pop(), defers.take(1), defers.len()),
            (None, None, 0)
        );
        for n in 1..=100 {
            defers.push(record(n));
        }
        assert_eq!(defers.records()[41], record(42));
        defers.records_mut()[98].frame = 7;
        assert_eq!(defers.pop(), Some(record(100)));
        assert_eq!(defers.take(99), None);
        assert_eq!(defers.take(7), Some(record(99).closure));
        for n in (1..=98).rev() {
            assert_eq!(defers.take(n), Some(record(n).closure));
        }
        assert!(defers.is_empty() && defers.take(1).is_none());
        defers.push(record(5));
        defers.clear();
        assert_eq!(defers.records(), []);
    }
}
