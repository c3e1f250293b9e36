package syscall

import "unsafe"

const (
	SYS_MMAP     = 9
	SYS_MPROTECT = 10
	SYS_MUNMAP   = 11
)

// Protections and flags of Mmap.
const (
	PROT_NONE  = 0
	PROT_READ  = 1
	PROT_WRITE = 2
	PROT_EXEC  = 4

	MAP_SHARED    = 0x1
	MAP_PRIVATE   = 0x2
	MAP_FIXED     = 0x10
	MAP_ANON      = 0x20
	MAP_ANONYMOUS = 0x20
)

// Mmap maps a file, or anonymous memory, into the process.
func Mmap(fd int, offset int64, length int, prot int, flags int) (data []byte, err error) {
	if length <= 0 {
		return nil, EINVAL
	}
	r, _, e := Syscall6(SYS_MMAP, 0, uintptr(length), uintptr(prot), uintptr(flags), uintptr(fd), uintptr(offset))
	if e != 0 {
		return nil, e
	}
	return unsafe.Slice((*byte)(unsafe.Pointer(r)), length), nil
}

// Munmap undoes Mmap.
func Munmap(b []byte) error {
	_, _, e := Syscall(SYS_MUNMAP, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), 0)
	return result(e)
}

// Mprotect changes the protection of mapped memory.
func Mprotect(b []byte, prot int) error {
	_, _, e := Syscall(SYS_MPROTECT, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(len(b)), uintptr(prot))
	return result(e)
}
