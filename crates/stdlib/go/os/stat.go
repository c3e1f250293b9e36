package os

import (
	"io"
	"io/fs"
	"slices"
	"syscall"
	"time"
)

// fileStat is a FileInfo.
type fileStat struct {
	name string
	sys  syscall.Stat_t
}

func (s *fileStat) Name() string       { return s.name }
func (s *fileStat) Size() int64        { return s.sys.Size }
func (s *fileStat) ModTime() time.Time { return time.Unix(s.sys.Mtim.Sec, s.sys.Mtim.Nsec) }
func (s *fileStat) IsDir() bool        { return s.Mode().IsDir() }
func (s *fileStat) Sys() any           { return &s.sys }

func (s *fileStat) Mode() FileMode {
	m := FileMode(s.sys.Mode & 0777)
	switch s.sys.Mode & syscall.S_IFMT {
	case syscall.S_IFBLK:
		m |= ModeDevice
	case syscall.S_IFCHR:
		m |= ModeDevice | ModeCharDevice
	case syscall.S_IFDIR:
		m |= ModeDir
	case syscall.S_IFIFO:
		m |= ModeNamedPipe
	case syscall.S_IFLNK:
		m |= ModeSymlink
	case syscall.S_IFSOCK:
		m |= ModeSocket
	}
	if s.sys.Mode&syscall.S_ISGID != 0 {
		m |= ModeSetgid
	}
	if s.sys.Mode&syscall.S_ISUID != 0 {
		m |= ModeSetuid
	}
	if s.sys.Mode&syscall.S_ISVTX != 0 {
		m |= ModeSticky
	}
	return m
}

// baseName returns the last element of a path.
func baseName(name string) string {
	for len(name) > 1 && name[len(name)-1] == '/' {
		name = name[:len(name)-1]
	}
	for i := len(name) - 1; i >= 0; i-- {
		if name[i] == '/' && i+1 < len(name) {
			return name[i+1:]
		}
	}
	return name
}

// Stat describes a file.
func Stat(name string) (FileInfo, error) {
	s := &fileStat{name: baseName(name)}
	if err := syscall.Stat(name, &s.sys); err != nil {
		return nil, &PathError{Op: "stat", Path: name, Err: err}
	}
	return s, nil
}

// Lstat describes a file, or a symbolic link itself.
func Lstat(name string) (FileInfo, error) {
	s := &fileStat{name: baseName(name)}
	if err := syscall.Lstat(name, &s.sys); err != nil {
		return nil, &PathError{Op: "lstat", Path: name, Err: err}
	}
	return s, nil
}

// Stat describes the file.
func (f *File) Stat() (FileInfo, error) {
	if err := f.check("stat"); err != nil {
		return nil, err
	}
	s := &fileStat{name: baseName(f.name)}
	if err := syscall.Fstat(f.fd, &s.sys); err != nil {
		return nil, f.wrap("stat", err)
	}
	return s, nil
}

// SameFile reports whether two results of Stat are of one file.
func SameFile(fi1, fi2 FileInfo) bool {
	a, ok1 := fi1.(*fileStat)
	b, ok2 := fi2.(*fileStat)
	return ok1 && ok2 && a.sys.Dev == b.sys.Dev && a.sys.Ino == b.sys.Ino
}

// dirReader holds directory entries that were read but not returned yet.
type dirReader struct {
	buf  []byte
	rest []byte
}

// unixEntry is a DirEntry.
type unixEntry struct {
	parent string
	name   string
	typ    FileMode
}

func (d *unixEntry) Name() string   { return d.name }
func (d *unixEntry) IsDir() bool    { return d.typ.IsDir() }
func (d *unixEntry) Type() FileMode { return d.typ }
func (d *unixEntry) Info() (FileInfo, error) {
	return Lstat(d.parent + "/" + d.name)
}
func (d *unixEntry) String() string { return fs.FormatDirEntry(d) }

// next returns the next entry, nil at the end.
func (f *File) next() (*unixEntry, error) {
	if f.dir == nil {
		f.dir = &dirReader{buf: make([]byte, 8192)}
	}
	d := f.dir
	for {
		if len(d.rest) == 0 {
			n, err := syscall.Getdents(f.fd, d.buf)
			if err == syscall.EINTR {
				continue
			}
			if err != nil {
				return nil, &PathError{Op: "readdirent", Path: f.name, Err: err}
			}
			if n == 0 {
				return nil, nil
			}
			d.rest = d.buf[:n]
		}
		// ino 8 bytes, offset 8, length 2, type 1, name
		length := int(d.rest[16]) | int(d.rest[17])<<8
		kind := d.rest[18]
		text := d.rest[19:length]
		inode := false
		for _, c := range d.rest[:8] {
			inode = inode || c != 0
		}
		d.rest = d.rest[length:]
		n := 0
		for n < len(text) && text[n] != 0 {
			n++
		}
		name := string(text[:n])
		if !inode || name == "." || name == ".." {
			continue
		}
		e := &unixEntry{parent: f.name, name: name}
		switch kind {
		case 1:
			e.typ = ModeNamedPipe
		case 2:
			e.typ = ModeDevice | ModeCharDevice
		case 4:
			e.typ = ModeDir
		case 6:
			e.typ = ModeDevice
		case 8:
		case 10:
			e.typ = ModeSymlink
		case 12:
			e.typ = ModeSocket
		default:
			info, err := e.Info()
			if IsNotExist(err) {
				continue
			}
			if err != nil {
				return nil, err
			}
			e.typ = info.Mode().Type()
		}
		return e, nil
	}
}

// ReadDir returns the next n entries of a directory, all that are left for n <= 0; at the end of n > 0 comes io.EOF.
func (f *File) ReadDir(n int) ([]DirEntry, error) {
	if f == nil {
		return nil, ErrInvalid
	}
	if err := f.check("readdir"); err != nil {
		return nil, err
	}
	list := []DirEntry{}
	for n <= 0 || len(list) < n {
		e, err := f.next()
		if err != nil {
			return list, err
		}
		if e == nil {
			if n > 0 && len(list) == 0 {
				return list, io.EOF
			}
			break
		}
		list = append(list, e)
	}
	return list, nil
}

// Readdir is ReadDir with full descriptions.
func (f *File) Readdir(n int) ([]FileInfo, error) {
	entries, err := f.ReadDir(n)
	list := []FileInfo{}
	for _, e := range entries {
		info, err := e.Info()
		if IsNotExist(err) {
			continue
		}
		if err != nil {
			return list, err
		}
		list = append(list, info)
	}
	return list, err
}

// Readdirnames is ReadDir with names only.
func (f *File) Readdirnames(n int) (names []string, err error) {
	entries, err := f.ReadDir(n)
	names = []string{}
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names, err
}

// ReadDir reads a directory; the entries are sorted by name.
func ReadDir(name string) ([]DirEntry, error) {
	f, err := Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := f.ReadDir(-1)
	slices.SortFunc(list, func(a, b DirEntry) int {
		switch {
		case a.Name() < b.Name():
			return -1
		case a.Name() > b.Name():
			return 1
		}
		return 0
	})
	return list, err
}

// DirFS returns the tree of files under dir.
func DirFS(dir string) fs.FS { return dirFS(dir) }

type dirFS string

func (d dirFS) full(op, name string) (string, error) {
	if !fs.ValidPath(name) || d == "" {
		return "", &PathError{Op: op, Path: name, Err: ErrInvalid}
	}
	if d[len(d)-1] == '/' {
		return string(d) + name, nil
	}
	return string(d) + "/" + name, nil
}

// rename puts the name within the tree into an error.
func rename(err error, name string) error {
	if e, ok := err.(*PathError); ok {
		e.Path = name
	}
	return err
}

func (d dirFS) Open(name string) (fs.File, error) {
	full, err := d.full("open", name)
	if err != nil {
		return nil, err
	}
	f, err := Open(full)
	if err != nil {
		return nil, rename(err, name)
	}
	return f, nil
}

func (d dirFS) ReadFile(name string) ([]byte, error) {
	full, err := d.full("readfile", name)
	if err != nil {
		return nil, err
	}
	data, err := ReadFile(full)
	return data, rename(err, name)
}

func (d dirFS) ReadDir(name string) ([]DirEntry, error) {
	full, err := d.full("readdir", name)
	if err != nil {
		return nil, err
	}
	list, err := ReadDir(full)
	return list, rename(err, name)
}

func (d dirFS) Stat(name string) (FileInfo, error) {
	full, err := d.full("stat", name)
	if err != nil {
		return nil, err
	}
	info, err := Stat(full)
	return info, rename(err, name)
}

func (d dirFS) Lstat(name string) (FileInfo, error) {
	full, err := d.full("lstat", name)
	if err != nil {
		return nil, err
	}
	info, err := Lstat(full)
	return info, rename(err, name)
}

func (d dirFS) ReadLink(name string) (string, error) {
	full, err := d.full("readlink", name)
	if err != nil {
		return "", err
	}
	target, err := Readlink(full)
	return target, rename(err, name)
}
