//! Code memory: one region, mapped twice. Code is written through one mapping and runs in the other; no page is ever writable and
//! executable.
//!
//! A debugger can't put breakpoints into a mapping that is shared (the kernel lets it write where it may not only into pages that it can copy first). So for
//! GDB there is one private mapping, and each piece of code has pages of its own, which are writable until they become executable.

use std::ptr;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI32, Ordering};

/// Address space for code; pages become real when written.
const SIZE: usize = 64 << 20;
const PAGE: usize = 4096;

/// How the region is mapped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mapping {
    /// Twice, of the same memory.
    Shared,
    /// Once, for debuggers to write into.
    Private,
}

pub struct CodeMemory {
    mapping: Mapping,
    writable: *mut u8,
    executable: *mut u8,
    used: Mutex<usize>,
    limit: usize,
}

// SAFETY: bytes are written once, under the lock, before their address is given out.
unsafe impl Send for CodeMemory {}
// SAFETY: as above.
unsafe impl Sync for CodeMemory {}

impl CodeMemory {
    /// Reserves the region, of which `limit` bytes at most are used. None where the system refuses.
    pub fn new(limit: usize, mapping: Mapping) -> Option<CodeMemory> {
        let (writable, executable) = match mapping {
            Mapping::Shared => map_twice()?,
            Mapping::Private => {
                let region = map_private()?;
                (region, region)
            }
        };
        Some(CodeMemory {
            mapping,
            writable,
            executable,
            used: Mutex::new(0),
            limit: limit.min(SIZE),
        })
    }

    /// Puts code into the region; its address, or None when there is no more room for it. The code is position-independent, but for the words at the first of each pair of
    /// offsets in `addresses`, which get the address of the second.
    pub fn install(&self, code: &[u8], addresses: &[(u32, u32)]) -> Option<*const u8> {
        let mut used = self.used.lock().ok()?;
        let at = used.next_multiple_of(match self.mapping {
            // A cache line: an interpreter's loop with a jump table takes 12% longer at some places between.
            Mapping::Shared => 64,
            Mapping::Private => PAGE,
        });
        if at + code.len() > self.limit {
            return None;
        }
        *used = at + code.len();
        // SAFETY: the range lies in the region and is nobody else's.
        unsafe {
            let (to, from) = (self.writable.add(at), self.executable.add(at));
            ptr::copy_nonoverlapping(code.as_ptr(), to, code.len());
            for &(place, target) in addresses {
                debug_assert!(place as usize + 8 <= code.len() && (target as usize) < code.len());
                let address = from.add(target as usize) as u64;
                to.add(place as usize)
                    .cast::<u64>()
                    .write_unaligned(address);
            }
            if self.mapping == Mapping::Private {
                let rights = libc::PROT_READ | libc::PROT_EXEC;
                let pages = code.len().next_multiple_of(PAGE);
                if libc::mprotect(to.cast(), pages, rights) != 0 {
                    return None;
                }
            }
            Some(from.cast_const())
        }
    }

    /// Whether code can be changed after it was installed.
    pub fn can_patch(&self) -> bool {
        self.mapping == Mapping::Shared
    }

    /// Makes a call lead to `target`; `site` is the address of its distance, a multiple of 4, and other threads may be running there.
    pub fn patch(&self, site: usize, target: usize) {
        let offset = site.wrapping_sub(self.executable as usize);
        assert!(self.can_patch() && offset < SIZE && offset.is_multiple_of(4));
        // The distance counts from the next instruction, and the region is small enough.
        let distance = (target as i64 - (site as i64 + 4)) as i32;
        // SAFETY: an aligned word of the region, which only this function writes now.
        unsafe {
            let word = &*self.writable.add(offset).cast::<AtomicI32>();
            word.store(distance, Ordering::Release);
        }
    }

    /// Bytes of code that there may be.
    pub fn limit(&self) -> usize {
        self.limit
    }

    /// Bytes of code.
    pub fn used(&self) -> usize {
        self.used.lock().map_or(0, |used| *used)
    }
}

fn map_twice() -> Option<(*mut u8, *mut u8)> {
    // SAFETY: plain system calls; the descriptor is closed after mapping, which keeps the memory.
    unsafe {
        let fd = libc::memfd_create(c"morestack-code".as_ptr(), libc::MFD_CLOEXEC);
        if fd < 0 {
            return None;
        }
        let map =
            |protection| libc::mmap(ptr::null_mut(), SIZE, protection, libc::MAP_SHARED, fd, 0);
        let sized = libc::ftruncate(fd, SIZE as libc::off_t) == 0;
        let writable = map(libc::PROT_READ | libc::PROT_WRITE);
        let executable = map(libc::PROT_READ | libc::PROT_EXEC);
        libc::close(fd);
        let ok = sized && writable != libc::MAP_FAILED && executable != libc::MAP_FAILED;
        ok.then(|| (writable.cast(), executable.cast()))
    }
}

fn map_private() -> Option<*mut u8> {
    // SAFETY: a fresh mapping.
    let region = unsafe {
        libc::mmap(
            ptr::null_mut(),
            SIZE,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    (region != libc::MAP_FAILED).then(|| region.cast())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_page_is_writable_and_executable() {
        for mapping in [Mapping::Shared, Mapping::Private] {
            let memory = CodeMemory::new(SIZE, mapping).unwrap();
            for n in [42, 43] {
                // mov eax, n; ret
                let code = memory.install(&[0xb8, n, 0, 0, 0, 0xc3], &[]).unwrap();
                // SAFETY: the bytes are that function.
                let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(code) };
                assert_eq!(f(), i32::from(n));
            }
            let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
            let bad = |line: &&str| {
                let rights = line.split_whitespace().nth(1).unwrap_or("");
                rights.contains('w') && rights.contains('x')
            };
            assert_eq!(maps.lines().find(bad), None);
        }
    }

    #[test]
    fn a_call_is_led_elsewhere() {
        let memory = CodeMemory::new(SIZE, Mapping::Shared).unwrap();
        let functions = [42, 43].map(|n| memory.install(&[0xb8, n, 0, 0, 0, 0xc3], &[]).unwrap());
        // Three instructions of one byte that do nothing, a call, ret.
        let call = [0x90, 0x90, 0x90, 0xe8, 0, 0, 0, 0, 0xc3];
        let caller = memory.install(&call, &[]).unwrap();
        for (function, result) in functions.into_iter().zip([42, 43]) {
            memory.patch(caller as usize + 4, function as usize);
            // SAFETY: the bytes are that function.
            let f: extern "C" fn() -> i32 = unsafe { std::mem::transmute(caller) };
            assert_eq!(f(), result);
        }
    }

    #[test]
    fn nothing_goes_in_beyond_the_limit() {
        let memory = CodeMemory::new(132, Mapping::Shared).unwrap();
        assert!(memory.install(&[0x90; 90], &[]).is_some());
        assert!(memory.install(&[0x90; 10], &[]).is_none());
        assert!(memory.install(&[0x90; 4], &[]).is_some());
        assert_eq!(memory.used(), 132);
    }
}
