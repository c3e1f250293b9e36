// Package fs has the interfaces of file systems and what works on any of them.
package fs

import (
	"internal/oserror"
	"time"
	"unicode/utf8"
)

// FS is a tree of files. Names are slash-separated paths without . and .. elements; the root is ".".
type FS interface {
	Open(name string) (File, error)
}

// ValidPath reports whether name is a valid name for FS.Open.
func ValidPath(name string) bool {
	if !utf8.ValidString(name) {
		return false
	}
	if name == "." {
		return true
	}
	for start := 0; ; {
		end := start
		for end < len(name) && name[end] != '/' {
			end++
		}
		if e := name[start:end]; e == "" || e == "." || e == ".." {
			return false
		}
		if end == len(name) {
			return true
		}
		start = end + 1
	}
}

// File is an open file.
type File interface {
	Stat() (FileInfo, error)
	Read([]byte) (int, error)
	Close() error
}

// DirEntry is an entry of a directory.
type DirEntry interface {
	// Name is the entry's name, without its directory.
	Name() string
	// IsDir reports whether the entry is a directory.
	IsDir() bool
	// Type returns the type bits of the file's mode.
	Type() FileMode
	// Info describes the file, as it was when the directory was read or as it is now.
	Info() (FileInfo, error)
}

// ReadDirFile is an open directory.
type ReadDirFile interface {
	File
	// ReadDir returns the next n entries, and io.EOF at the end; for n <= 0 it returns all that are left.
	ReadDir(n int) ([]DirEntry, error)
}

// The errors of file systems, for errors.Is.
var (
	ErrInvalid    = oserror.ErrInvalid
	ErrPermission = oserror.ErrPermission
	ErrExist      = oserror.ErrExist
	ErrNotExist   = oserror.ErrNotExist
	ErrClosed     = oserror.ErrClosed
)

// FileInfo describes a file.
type FileInfo interface {
	Name() string       // without its directory
	Size() int64        // in bytes
	Mode() FileMode     // type and permissions
	ModTime() time.Time // of the last modification
	IsDir() bool
	Sys() any // what the system says, or nil
}

// FileMode is a file's type and permissions.
type FileMode uint32

const (
	ModeDir        FileMode = 1 << (32 - 1 - iota) // d
	ModeAppend                                     // a
	ModeExclusive                                  // l
	ModeTemporary                                  // T
	ModeSymlink                                    // L
	ModeDevice                                     // D
	ModeNamedPipe                                  // p
	ModeSocket                                     // S
	ModeSetuid                                     // u
	ModeSetgid                                     // g
	ModeCharDevice                                 // c
	ModeSticky                                     // t
	ModeIrregular                                  // ?

	// ModeType are the bits of the type; a regular file has none.
	ModeType = ModeDir | ModeSymlink | ModeNamedPipe | ModeSocket | ModeDevice | ModeCharDevice | ModeIrregular
	// ModePerm are the permissions.
	ModePerm FileMode = 0777
)

func (m FileMode) String() string {
	var buf []byte
	const letters = "dalTLDpSugct?"
	for i := range len(letters) {
		if m&(1<<(31-i)) != 0 {
			buf = append(buf, letters[i])
		}
	}
	if len(buf) == 0 {
		buf = append(buf, '-')
	}
	const permissions = "rwxrwxrwx"
	for i := range len(permissions) {
		if m&(1<<(8-i)) != 0 {
			buf = append(buf, permissions[i])
		} else {
			buf = append(buf, '-')
		}
	}
	return string(buf)
}

// IsDir reports whether the mode is a directory's.
func (m FileMode) IsDir() bool { return m&ModeDir != 0 }

// IsRegular reports whether the mode is a regular file's.
func (m FileMode) IsRegular() bool { return m&ModeType == 0 }

// Perm returns the permissions.
func (m FileMode) Perm() FileMode { return m & ModePerm }

// Type returns the bits of the type.
func (m FileMode) Type() FileMode { return m & ModeType }

// PathError is an error, what was being done, and to which file.
type PathError struct {
	Op   string
	Path string
	Err  error
}

func (e *PathError) Error() string { return e.Op + " " + e.Path + ": " + e.Err.Error() }
func (e *PathError) Unwrap() error { return e.Err }

// Timeout reports whether time ran out.
func (e *PathError) Timeout() bool {
	t, ok := e.Err.(interface{ Timeout() bool })
	return ok && t.Timeout()
}

// FormatFileInfo writes info as "-rw-r--r-- 100 1970-01-01 12:00:00 hello.go".
func FormatFileInfo(info FileInfo) string {
	name := info.Name()
	b := append([]byte(info.Mode().String()), ' ')
	size := info.Size()
	var digits []byte
	u := uint64(size)
	if size < 0 {
		b = append(b, '-')
		u = -u
	}
	for ; u >= 10; u /= 10 {
		digits = append(digits, byte('0'+u%10))
	}
	b = append(b, byte('0'+u))
	for i := len(digits) - 1; i >= 0; i-- {
		b = append(b, digits[i])
	}
	b = append(b, ' ')
	b = append(b, info.ModTime().Format(time.DateTime)...)
	b = append(b, ' ')
	b = append(b, name...)
	if info.IsDir() {
		b = append(b, '/')
	}
	return string(b)
}

// FormatDirEntry writes dir as "d subdir/" or "- hello.go".
func FormatDirEntry(dir DirEntry) string {
	name := dir.Name()
	mode := dir.Type().String()
	s := mode[:len(mode)-9] + " " + name
	if dir.IsDir() {
		s += "/"
	}
	return s
}

// infoEntry is a DirEntry made of a FileInfo.
type infoEntry struct{ info FileInfo }

func (e infoEntry) IsDir() bool             { return e.info.IsDir() }
func (e infoEntry) Type() FileMode          { return e.info.Mode().Type() }
func (e infoEntry) Info() (FileInfo, error) { return e.info, nil }
func (e infoEntry) Name() string            { return e.info.Name() }
func (e infoEntry) String() string          { return FormatDirEntry(e) }

// FileInfoToDirEntry returns a DirEntry that tells what info does.
func FileInfoToDirEntry(info FileInfo) DirEntry {
	if info == nil {
		return nil
	}
	return infoEntry{info}
}
