// Package syscall calls Linux. The four natives pass numbers on; conversions of pointers to uintptr must stand in their
// argument lists, where nothing can move a stack in between.
package syscall

import (
	"errors"
	"internal/oserror"
	"unsafe"
)

// The standard descriptors.
var (
	Stdin  = 0
	Stdout = 1
	Stderr = 2
)

// Syscall makes a system call.
func Syscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno)

// Syscall6 makes a system call with six arguments.
func Syscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno)

// RawSyscall is Syscall.
func RawSyscall(trap, a1, a2, a3 uintptr) (r1, r2 uintptr, err Errno)

// RawSyscall6 is Syscall6.
func RawSyscall6(trap, a1, a2, a3, a4, a5, a6 uintptr) (r1, r2 uintptr, err Errno)

// Errno is the number of an error.
type Errno uintptr

// line returns line n of a text, lines counted from 1.
func line(text string, n int) string {
	start := 0
	for i := range len(text) {
		if text[i] == '\n' {
			if n--; n == 0 {
				return text[start:i]
			}
			start = i + 1
		}
	}
	return ""
}

func itoa(n int) string {
	if n < 0 {
		return "-" + itoa(-n)
	}
	if n < 10 {
		return string(rune('0' + n))
	}
	return itoa(n/10) + string(rune('0'+n%10))
}

func (e Errno) Error() string {
	if 0 < e && e < 1000 {
		if s := line(errorTexts, int(e)); s != "" {
			return s
		}
	}
	return "errno " + itoa(int(e))
}

// Is makes errors.Is find the errors of package os.
func (e Errno) Is(target error) bool {
	switch target {
	case oserror.ErrPermission:
		return e == EACCES || e == EPERM
	case oserror.ErrExist:
		return e == EEXIST || e == ENOTEMPTY
	case oserror.ErrNotExist:
		return e == ENOENT
	case errors.ErrUnsupported:
		return e == ENOSYS || e == ENOTSUP || e == EOPNOTSUPP
	}
	return false
}

// Temporary reports whether trying again may help.
func (e Errno) Temporary() bool {
	return e == EINTR || e == EMFILE || e == ENFILE || e.Timeout()
}

// Timeout reports whether time ran out.
func (e Errno) Timeout() bool { return e == EAGAIN || e == EWOULDBLOCK || e == ETIMEDOUT }

// Signal is the number of a signal.
type Signal int

// Signal makes a Signal an os.Signal.
func (s Signal) Signal() {}

func (s Signal) String() string {
	if 0 < s && s < 100 {
		if t := line(signalTexts, int(s)); t != "" {
			return t
		}
	}
	return "signal " + itoa(int(s))
}

// Numbers of system calls (amd64).
const (
	SYS_READ          = 0
	SYS_WRITE         = 1
	SYS_OPEN          = 2
	SYS_CLOSE         = 3
	SYS_FSTAT         = 5
	SYS_LSEEK         = 8
	SYS_PREAD64       = 17
	SYS_PWRITE64      = 18
	SYS_GETPID        = 39
	SYS_KILL          = 62
	SYS_UNAME         = 63
	SYS_FSYNC         = 74
	SYS_TRUNCATE      = 76
	SYS_FTRUNCATE     = 77
	SYS_GETCWD        = 79
	SYS_CHDIR         = 80
	SYS_FCHDIR        = 81
	SYS_RENAME        = 82
	SYS_MKDIR         = 83
	SYS_RMDIR         = 84
	SYS_LINK          = 86
	SYS_UNLINK        = 87
	SYS_SYMLINK       = 88
	SYS_READLINK      = 89
	SYS_CHMOD         = 90
	SYS_FCHMOD        = 91
	SYS_CHOWN         = 92
	SYS_FCHOWN        = 93
	SYS_LCHOWN        = 94
	SYS_UMASK         = 95
	SYS_GETUID        = 102
	SYS_GETGID        = 104
	SYS_GETEUID       = 107
	SYS_GETEGID       = 108
	SYS_GETPPID       = 110
	SYS_GETGROUPS     = 115
	SYS_GETDENTS64    = 217
	SYS_NEWFSTATAT    = 262
	SYS_UTIMENSAT     = 280
	SYS_PIPE2         = 293
	SYS_GETTID        = 186
	SYS_EXIT_GROUP    = 231
	_AT_FDCWD         = -100
	_AT_SYMLINK_NOFOL = 0x100
)

// Flags of Open.
const (
	O_RDONLY    = 0x0
	O_WRONLY    = 0x1
	O_RDWR      = 0x2
	O_CREAT     = 0x40
	O_EXCL      = 0x80
	O_NOCTTY    = 0x100
	O_TRUNC     = 0x200
	O_APPEND    = 0x400
	O_NONBLOCK  = 0x800
	O_SYNC      = 0x101000
	O_DIRECTORY = 0x10000
	O_NOFOLLOW  = 0x20000
	O_CLOEXEC   = 0x80000
)

// Bits of Stat_t.Mode.
const (
	S_IFMT   = 0xf000
	S_IFSOCK = 0xc000
	S_IFLNK  = 0xa000
	S_IFREG  = 0x8000
	S_IFBLK  = 0x6000
	S_IFDIR  = 0x4000
	S_IFCHR  = 0x2000
	S_IFIFO  = 0x1000
	S_ISUID  = 0x800
	S_ISGID  = 0x400
	S_ISVTX  = 0x200
)

// Timespec is a time since 1970.
type Timespec struct {
	Sec  int64
	Nsec int64
}

// Unix returns the time's parts.
func (ts *Timespec) Unix() (sec int64, nsec int64) { return ts.Sec, ts.Nsec }

// Nano returns the time in nanoseconds.
func (ts *Timespec) Nano() int64 { return ts.Sec*1e9 + ts.Nsec }

// Stat_t is what Stat tells of a file.
type Stat_t struct {
	Dev       uint64
	Ino       uint64
	Nlink     uint64
	Mode      uint32
	Uid       uint32
	Gid       uint32
	X__pad0   int32
	Rdev      uint64
	Size      int64
	Blksize   int64
	Blocks    int64
	Atim      Timespec
	Mtim      Timespec
	Ctim      Timespec
	X__unused [3]int64
}

// cstring returns s with a zero byte at its end; it is allocated, so that it stays where it is.
func cstring(s string) ([]byte, error) {
	for i := range len(s) {
		if s[i] == 0 {
			return nil, EINVAL
		}
	}
	b := make([]byte, len(s)+1)
	copy(b, s)
	return b, nil
}

// BytePtrFromString returns a copy of s with a zero byte at its end.
func BytePtrFromString(s string) (*byte, error) {
	b, err := cstring(s)
	if err != nil {
		return nil, err
	}
	return &b[0], nil
}

// ByteSliceFromString returns a copy of s with a zero byte at its end.
func ByteSliceFromString(s string) ([]byte, error) { return cstring(s) }

func result(e Errno) error {
	if e != 0 {
		return e
	}
	return nil
}

// Read reads up to len(p) bytes.
func Read(fd int, p []byte) (n int, err error) {
	r, _, e := Syscall(SYS_READ, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// Write writes up to len(p) bytes.
func Write(fd int, p []byte) (n int, err error) {
	r, _, e := Syscall(SYS_WRITE, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// Pread reads at a place.
func Pread(fd int, p []byte, offset int64) (n int, err error) {
	r, _, e := Syscall6(SYS_PREAD64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(offset), 0, 0)
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// Pwrite writes at a place.
func Pwrite(fd int, p []byte, offset int64) (n int, err error) {
	r, _, e := Syscall6(SYS_PWRITE64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(p))), uintptr(len(p)), uintptr(offset), 0, 0)
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// path1 makes a call whose first argument is a path.
func path1(trap uintptr, path string, a2, a3 uintptr) (uintptr, error) {
	b, err := cstring(path)
	if err != nil {
		return 0, err
	}
	r, _, e := Syscall(trap, uintptr(unsafe.Pointer(unsafe.SliceData(b))), a2, a3)
	return r, result(e)
}

// path2 makes a call with two paths.
func path2(trap uintptr, from, to string) error {
	b, err := cstring(from)
	if err != nil {
		return err
	}
	c, err := cstring(to)
	if err != nil {
		return err
	}
	_, _, e := Syscall(trap, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(unsafe.SliceData(c))), 0)
	return result(e)
}

// Open opens a file.
func Open(path string, mode int, perm uint32) (fd int, err error) {
	r, err := path1(SYS_OPEN, path, uintptr(mode), uintptr(perm))
	if err != nil {
		return -1, err
	}
	return int(r), nil
}

// number makes a call of numbers only.
func number(trap, a1, a2, a3 uintptr) error {
	_, _, e := Syscall(trap, a1, a2, a3)
	return result(e)
}

// Close closes a descriptor.
func Close(fd int) error { return number(SYS_CLOSE, uintptr(fd), 0, 0) }

// Fsync writes a file's data to the disk.
func Fsync(fd int) error { return number(SYS_FSYNC, uintptr(fd), 0, 0) }

// Ftruncate sets a file's size.
func Ftruncate(fd int, length int64) error {
	return number(SYS_FTRUNCATE, uintptr(fd), uintptr(length), 0)
}

// Fchmod sets a file's mode.
func Fchmod(fd int, mode uint32) error { return number(SYS_FCHMOD, uintptr(fd), uintptr(mode), 0) }

// Fchown sets a file's owner.
func Fchown(fd, uid, gid int) error {
	return number(SYS_FCHOWN, uintptr(fd), uintptr(uid), uintptr(gid))
}

// Fchdir makes an open directory the working directory.
func Fchdir(fd int) error { return number(SYS_FCHDIR, uintptr(fd), 0, 0) }

// Kill sends a signal.
func Kill(pid int, sig Signal) error { return number(SYS_KILL, uintptr(pid), uintptr(sig), 0) }

// Seek moves a descriptor's place.
func Seek(fd int, offset int64, whence int) (off int64, err error) {
	r, _, e := Syscall(SYS_LSEEK, uintptr(fd), uintptr(offset), uintptr(whence))
	return int64(r), result(e)
}

// Stat describes a file.
func Stat(path string, st *Stat_t) error { return statAt(path, st, 0) }

// Lstat describes a file, or a symbolic link itself.
func Lstat(path string, st *Stat_t) error { return statAt(path, st, _AT_SYMLINK_NOFOL) }

func statAt(path string, st *Stat_t, flags uintptr) error {
	b, err := cstring(path)
	if err != nil {
		return err
	}
	at := _AT_FDCWD
	_, _, e := Syscall6(SYS_NEWFSTATAT, uintptr(at), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(st)), flags, 0, 0)
	return result(e)
}

// Fstat describes an open file.
func Fstat(fd int, st *Stat_t) error {
	_, _, e := Syscall(SYS_FSTAT, uintptr(fd), uintptr(unsafe.Pointer(st)), 0)
	return result(e)
}

// Mkdir makes a directory.
func Mkdir(path string, mode uint32) error {
	_, err := path1(SYS_MKDIR, path, uintptr(mode), 0)
	return err
}

// Rmdir removes a directory.
func Rmdir(path string) error {
	_, err := path1(SYS_RMDIR, path, 0, 0)
	return err
}

// Unlink removes a file.
func Unlink(path string) error {
	_, err := path1(SYS_UNLINK, path, 0, 0)
	return err
}

// Chdir changes the working directory.
func Chdir(path string) error {
	_, err := path1(SYS_CHDIR, path, 0, 0)
	return err
}

// Chmod sets a file's mode.
func Chmod(path string, mode uint32) error {
	_, err := path1(SYS_CHMOD, path, uintptr(mode), 0)
	return err
}

// Chown sets a file's owner.
func Chown(path string, uid, gid int) error {
	_, err := path1(SYS_CHOWN, path, uintptr(uid), uintptr(gid))
	return err
}

// Lchown sets the owner of a file, or of a symbolic link itself.
func Lchown(path string, uid, gid int) error {
	_, err := path1(SYS_LCHOWN, path, uintptr(uid), uintptr(gid))
	return err
}

// Truncate sets a file's size.
func Truncate(path string, length int64) error {
	_, err := path1(SYS_TRUNCATE, path, uintptr(length), 0)
	return err
}

// Rename gives a file another name.
func Rename(from, to string) error { return path2(SYS_RENAME, from, to) }

// Link gives a file a further name.
func Link(path, link string) error { return path2(SYS_LINK, path, link) }

// Symlink makes a symbolic link.
func Symlink(path, link string) error { return path2(SYS_SYMLINK, path, link) }

// Readlink reads a symbolic link.
func Readlink(path string, buf []byte) (n int, err error) {
	b, err := cstring(path)
	if err != nil {
		return -1, err
	}
	r, _, e := Syscall(SYS_READLINK, uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// Getdents reads directory entries.
func Getdents(fd int, buf []byte) (n int, err error) {
	r, _, e := Syscall(SYS_GETDENTS64, uintptr(fd), uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)))
	if e != 0 {
		return -1, e
	}
	return int(r), nil
}

// UtimesNano sets a file's times of access and modification.
func UtimesNano(path string, ts []Timespec) error {
	if len(ts) != 2 {
		return EINVAL
	}
	b, err := cstring(path)
	if err != nil {
		return err
	}
	at := _AT_FDCWD
	_, _, e := Syscall6(SYS_UTIMENSAT, uintptr(at), uintptr(unsafe.Pointer(unsafe.SliceData(b))), uintptr(unsafe.Pointer(unsafe.SliceData(ts))), 0, 0, 0)
	return result(e)
}

// Pipe2 makes a pipe.
func Pipe2(p []int, flags int) error {
	if len(p) != 2 {
		return EINVAL
	}
	fds := make([]int32, 2)
	_, _, e := Syscall(SYS_PIPE2, uintptr(unsafe.Pointer(unsafe.SliceData(fds))), uintptr(flags), 0)
	p[0], p[1] = int(fds[0]), int(fds[1])
	return result(e)
}

// Pipe makes a pipe.
func Pipe(p []int) error { return Pipe2(p, 0) }

// Getwd returns the working directory.
func Getwd() (string, error) {
	buf := make([]byte, 4096)
	r, _, e := Syscall(SYS_GETCWD, uintptr(unsafe.Pointer(unsafe.SliceData(buf))), uintptr(len(buf)), 0)
	if e != 0 {
		return "", e
	}
	if r < 1 || buf[0] != '/' {
		return "", ENOENT
	}
	return string(buf[:r-1]), nil
}

func id(trap uintptr) int {
	r, _, _ := RawSyscall(trap, 0, 0, 0)
	return int(r)
}

// Getpid returns the process's number.
func Getpid() int { return id(SYS_GETPID) }

// Getppid returns the parent process's number.
func Getppid() int { return id(SYS_GETPPID) }

// Getuid returns the user's number.
func Getuid() int { return id(SYS_GETUID) }

// Geteuid returns the effective user's number.
func Geteuid() int { return id(SYS_GETEUID) }

// Getgid returns the group's number.
func Getgid() int { return id(SYS_GETGID) }

// Getegid returns the effective group's number.
func Getegid() int { return id(SYS_GETEGID) }

// Gettid returns the thread's number.
func Gettid() int { return id(SYS_GETTID) }

// Getpagesize returns the size of a page of memory.
func Getpagesize() int { return 4096 }

// Umask sets the mode bits that new files lack and returns the previous ones.
func Umask(mask int) int {
	r, _, _ := RawSyscall(SYS_UMASK, uintptr(mask), 0, 0)
	return int(r)
}

// Getgroups returns the numbers of the user's groups.
func Getgroups() ([]int, error) {
	list := make([]uint32, 1024)
	r, _, e := RawSyscall(SYS_GETGROUPS, uintptr(len(list)), uintptr(unsafe.Pointer(unsafe.SliceData(list))), 0)
	if e != 0 {
		return nil, e
	}
	groups := make([]int, r)
	for i := range groups {
		groups[i] = int(list[i])
	}
	return groups, nil
}

// Exit ends the process.
func Exit(code int)
