// Package os is the operating system: files, processes, the environment.
package os

import (
	"errors"
	"io"
	"io/fs"
	"sync/atomic"
	"syscall"
)

// Flags of OpenFile.
const (
	O_RDONLY int = syscall.O_RDONLY
	O_WRONLY int = syscall.O_WRONLY
	O_RDWR   int = syscall.O_RDWR
	O_APPEND int = syscall.O_APPEND
	O_CREATE int = syscall.O_CREAT
	O_EXCL   int = syscall.O_EXCL
	O_SYNC   int = syscall.O_SYNC
	O_TRUNC  int = syscall.O_TRUNC
)

// The old names of io.SeekStart and its like.
const (
	SEEK_SET int = 0
	SEEK_CUR int = 1
	SEEK_END int = 2
)

const (
	PathSeparator     = '/'
	PathListSeparator = ':'
	DevNull           = "/dev/null"
)

// What describes files, from package fs.
type (
	FileInfo  = fs.FileInfo
	FileMode  = fs.FileMode
	DirEntry  = fs.DirEntry
	PathError = fs.PathError
)

const (
	ModeDir        = fs.ModeDir
	ModeAppend     = fs.ModeAppend
	ModeExclusive  = fs.ModeExclusive
	ModeTemporary  = fs.ModeTemporary
	ModeSymlink    = fs.ModeSymlink
	ModeDevice     = fs.ModeDevice
	ModeNamedPipe  = fs.ModeNamedPipe
	ModeSocket     = fs.ModeSocket
	ModeSetuid     = fs.ModeSetuid
	ModeSetgid     = fs.ModeSetgid
	ModeCharDevice = fs.ModeCharDevice
	ModeSticky     = fs.ModeSticky
	ModeIrregular  = fs.ModeIrregular
	ModeType       = fs.ModeType
	ModePerm       = fs.ModePerm
)

// The standard streams.
var (
	Stdin  = NewFile(0, "/dev/stdin")
	Stdout = NewFile(1, "/dev/stdout")
	Stderr = NewFile(2, "/dev/stderr")
)

// File is an open file.
type File struct {
	*file
}

type file struct {
	fd         int
	name       string
	appendMode bool
	closed     atomic.Bool
	dir        *dirReader // while a directory is being read
	in, out    direction
}

// NewFile makes a File of a descriptor.
func NewFile(fd uintptr, name string) *File {
	if int(fd) < 0 {
		return nil
	}
	f := &file{fd: int(fd), name: name}
	f.out.write = true
	return &File{f}
}

// Open opens a file for reading.
func Open(name string) (*File, error) { return OpenFile(name, O_RDONLY, 0) }

// Create makes a file, or empties it, and opens it for reading and writing.
func Create(name string) (*File, error) { return OpenFile(name, O_RDWR|O_CREATE|O_TRUNC, 0666) }

// systemMode converts a mode to the system's bits.
func systemMode(m FileMode) uint32 {
	o := uint32(m.Perm())
	if m&ModeSetuid != 0 {
		o |= syscall.S_ISUID
	}
	if m&ModeSetgid != 0 {
		o |= syscall.S_ISGID
	}
	if m&ModeSticky != 0 {
		o |= syscall.S_ISVTX
	}
	return o
}

// OpenFile opens a file as the flags say; a new file gets the permissions perm (less umask).
func OpenFile(name string, flag int, perm FileMode) (*File, error) {
	for {
		fd, err := syscall.Open(name, flag|syscall.O_CLOEXEC, systemMode(perm))
		if err == nil {
			f := NewFile(uintptr(fd), name)
			f.appendMode = flag&O_APPEND != 0
			return f, nil
		}
		if err != syscall.EINTR {
			return nil, &PathError{Op: "open", Path: name, Err: err}
		}
	}
}

// Name returns the name that the file was opened by.
func (f *File) Name() string { return f.name }

// Fd returns the descriptor.
func (f *File) Fd() uintptr {
	if f == nil || f.closed.Load() {
		return ^uintptr(0)
	}
	return uintptr(f.fd)
}

// check returns an error when the file cannot be used.
func (f *File) check(op string) error {
	if f == nil {
		return ErrInvalid
	}
	if f.closed.Load() {
		return &PathError{Op: op, Path: f.name, Err: ErrClosed}
	}
	return nil
}

func (f *File) wrap(op string, err error) error {
	if err == nil || err == io.EOF {
		return err
	}
	return &PathError{Op: op, Path: f.name, Err: err}
}

// Close closes the file.
func (f *File) Close() error {
	if err := f.check("close"); err != nil {
		return err
	}
	if f.closed.Swap(true) {
		return f.check("close")
	}
	f.leave()
	return f.wrap("close", syscall.Close(f.fd))
}

// maxTransfer is the most that one system call moves.
const maxTransfer = 1 << 30

// Read reads up to len(b) bytes; at the end it returns 0, io.EOF.
func (f *File) Read(b []byte) (n int, err error) {
	if err := f.check("read"); err != nil {
		return 0, err
	}
	if len(b) == 0 {
		return 0, nil
	}
	if len(b) > maxTransfer {
		b = b[:maxTransfer]
	}
	if err := f.in.begin(f); err != nil {
		return 0, f.wrap("read", err)
	}
	for {
		n, err = syscall.Read(f.fd, b)
		if err == syscall.EAGAIN {
			if err = f.in.wait(f); err == nil {
				continue
			}
		}
		if err != syscall.EINTR {
			break
		}
	}
	f.in.end()
	if n < 0 {
		n = 0
	}
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return n, f.wrap("read", err)
}

// ReadAt reads len(b) bytes at a place, or says why it read fewer.
func (f *File) ReadAt(b []byte, off int64) (n int, err error) {
	if err := f.check("read"); err != nil {
		return 0, err
	}
	if off < 0 {
		return 0, &PathError{Op: "readat", Path: f.name, Err: errors.New("negative offset")}
	}
	for len(b) > 0 {
		m, err := syscall.Pread(f.fd, b[:min(len(b), maxTransfer)], off)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, f.wrap("read", err)
		}
		if m == 0 {
			return n, io.EOF
		}
		n += m
		b = b[m:]
		off += int64(m)
	}
	return n, nil
}

// Write writes b.
func (f *File) Write(b []byte) (n int, err error) {
	if f == nil || f.closed.Load() {
		return 0, f.check("write")
	}
	if err := f.out.begin(f); err != nil {
		return 0, f.wrap("write", err)
	}
	defer f.out.end()
	for {
		m, err := syscall.Write(f.fd, b[n:min(len(b), n+maxTransfer)])
		if err == syscall.EAGAIN {
			if err = f.out.wait(f); err == nil {
				continue
			}
		}
		if m > 0 {
			n += m
		}
		if n == len(b) {
			return n, f.wrap("write", err)
		}
		if err == syscall.EINTR {
			continue
		}
		if err == syscall.EPIPE && (f.fd == 1 || f.fd == 2) {
			// Nobody reads the standard output any more.
			brokenPipe()
		}
		if err != nil {
			return n, f.wrap("write", err)
		}
		if m == 0 {
			return n, f.wrap("write", io.ErrUnexpectedEOF)
		}
	}
}

// brokenPipe ends the process as SIGPIPE does.
func brokenPipe() { syscall.Kill(syscall.Getpid(), syscall.SIGPIPE) }

var errWriteAtInAppendMode = errors.New("os: invalid use of WriteAt on file opened with O_APPEND")

// WriteAt writes b at a place.
func (f *File) WriteAt(b []byte, off int64) (n int, err error) {
	if err := f.check("write"); err != nil {
		return 0, err
	}
	if f.appendMode {
		return 0, errWriteAtInAppendMode
	}
	if off < 0 {
		return 0, &PathError{Op: "writeat", Path: f.name, Err: errors.New("negative offset")}
	}
	for len(b) > 0 {
		m, err := syscall.Pwrite(f.fd, b[:min(len(b), maxTransfer)], off)
		if err == syscall.EINTR {
			continue
		}
		if err != nil {
			return n, f.wrap("write", err)
		}
		n += m
		b = b[m:]
		off += int64(m)
	}
	return n, nil
}

// WriteString is Write of a string.
func (f *File) WriteString(s string) (n int, err error) { return f.Write([]byte(s)) }

// ReadFrom copies r to the file.
func (f *File) ReadFrom(r io.Reader) (n int64, err error) {
	if err := f.check("write"); err != nil {
		return 0, err
	}
	return io.Copy(onlyWriter{f}, r)
}

// WriteTo copies the rest of the file to w.
func (f *File) WriteTo(w io.Writer) (n int64, err error) {
	if err := f.check("read"); err != nil {
		return 0, err
	}
	return io.Copy(w, onlyReader{f})
}

// These hide ReadFrom and WriteTo from io.Copy.
type onlyWriter struct{ io.Writer }
type onlyReader struct{ io.Reader }

// Seek moves the place of the next Read or Write.
func (f *File) Seek(offset int64, whence int) (ret int64, err error) {
	if err := f.check("seek"); err != nil {
		return 0, err
	}
	f.dir = nil
	ret, err = syscall.Seek(f.fd, offset, whence)
	if err != nil {
		return 0, f.wrap("seek", err)
	}
	return ret, nil
}

// Sync writes the file's data to the disk.
func (f *File) Sync() error {
	if err := f.check("sync"); err != nil {
		return err
	}
	return f.wrap("sync", syscall.Fsync(f.fd))
}

// Truncate sets the file's size.
func (f *File) Truncate(size int64) error {
	if err := f.check("truncate"); err != nil {
		return err
	}
	return f.wrap("truncate", syscall.Ftruncate(f.fd, size))
}

// Chmod sets the file's mode.
func (f *File) Chmod(mode FileMode) error {
	if err := f.check("chmod"); err != nil {
		return err
	}
	return f.wrap("chmod", syscall.Fchmod(f.fd, systemMode(mode)))
}

// Chown sets the file's owner.
func (f *File) Chown(uid, gid int) error {
	if err := f.check("chown"); err != nil {
		return err
	}
	return f.wrap("chown", syscall.Fchown(f.fd, uid, gid))
}

// Chdir makes the directory the working directory.
func (f *File) Chdir() error {
	if err := f.check("chdir"); err != nil {
		return err
	}
	return f.wrap("chdir", syscall.Fchdir(f.fd))
}

// ReadFile reads a whole file.
func ReadFile(name string) ([]byte, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var st syscall.Stat_t
	size := 0
	if syscall.Fstat(f.fd, &st) == nil && st.Size < 1<<40 {
		size = int(st.Size)
	}
	data := make([]byte, 0, max(size+1, 512))
	for {
		n, err := f.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err != nil {
			if err == io.EOF {
				err = nil
			}
			return data, err
		}
		if len(data) == cap(data) {
			data = append(data, 0)[:len(data)]
		}
	}
}

// WriteFile writes a whole file; a new one gets the permissions perm (less umask).
func WriteFile(name string, data []byte, perm FileMode) error {
	f, err := OpenFile(name, O_WRONLY|O_CREATE|O_TRUNC, perm)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if e := f.Close(); e != nil && err == nil {
		err = e
	}
	return err
}

// Pipe makes a pipe. Goroutines that wait for it keep no thread waiting, and it has deadlines.
func Pipe() (r *File, w *File, err error) {
	var p [2]int
	if e := syscall.Pipe2(p[:], syscall.O_CLOEXEC|syscall.O_NONBLOCK); e != nil {
		return nil, nil, NewSyscallError("pipe2", e)
	}
	r, w = NewFile(uintptr(p[0]), "|0"), NewFile(uintptr(p[1]), "|1")
	r.setPolled()
	w.setPolled()
	return r, w, nil
}
