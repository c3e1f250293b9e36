package os

import (
	"io"
	"io/fs"
	"syscall"
	"time"
)

func pathError(op, name string, err error) error {
	if err == nil {
		return nil
	}
	return &PathError{Op: op, Path: name, Err: err}
}

func linkError(op, from, to string, err error) error {
	if err == nil {
		return nil
	}
	return &LinkError{op, from, to, err}
}

// Mkdir makes a directory.
func Mkdir(name string, perm FileMode) error {
	err := syscall.Mkdir(name, systemMode(perm))
	if err == nil && perm&ModeSticky != 0 {
		err = syscall.Chmod(name, systemMode(perm))
	}
	return pathError("mkdir", name, err)
}

// MkdirAll makes a directory and those above it that are missing.
func MkdirAll(path string, perm FileMode) error {
	if info, err := Stat(path); err == nil {
		if info.IsDir() {
			return nil
		}
		return &PathError{Op: "mkdir", Path: path, Err: syscall.ENOTDIR}
	}
	i := len(path)
	for i > 0 && path[i-1] == '/' {
		i--
	}
	for i > 0 && path[i-1] != '/' {
		i--
	}
	if parent := path[:max(i-1, 0)]; parent != "" {
		if err := MkdirAll(parent, perm); err != nil {
			return err
		}
	}
	if err := Mkdir(path, perm); err != nil {
		if info, e := Lstat(path); e == nil && info.IsDir() {
			return nil
		}
		return err
	}
	return nil
}

// Remove removes a file or an empty directory.
func Remove(name string) error {
	err := syscall.Unlink(name)
	if err == nil {
		return nil
	}
	e := syscall.Rmdir(name)
	if e == nil {
		return nil
	}
	// Which of the errors tells more?
	if e != syscall.ENOTDIR {
		err = e
	}
	return pathError("remove", name, err)
}

// RemoveAll removes a file or a directory with all that is in it.
func RemoveAll(path string) error {
	if path == "" {
		return nil
	}
	if n := len(path); path == "." || n >= 2 && path[n-2:] == "/." {
		return &PathError{Op: "RemoveAll", Path: path, Err: syscall.EINVAL}
	}
	err := Remove(path)
	if err == nil || IsNotExist(err) {
		return nil
	}
	info, e := Lstat(path)
	if e != nil {
		if IsNotExist(e) {
			return nil
		}
		return e
	}
	if !info.IsDir() {
		return err
	}
	entries, e := ReadDir(path)
	if e != nil && !IsNotExist(e) {
		return e
	}
	err = nil
	for _, entry := range entries {
		if e := RemoveAll(path + "/" + entry.Name()); e != nil && err == nil {
			err = e
		}
	}
	if e := Remove(path); e == nil || IsNotExist(e) {
		return nil
	} else if err == nil {
		err = e
	}
	return err
}

// Rename gives a file another name, replacing a file of that name.
func Rename(oldpath, newpath string) error {
	if info, err := Lstat(newpath); err == nil && info.IsDir() {
		if old, err := Lstat(oldpath); err != nil {
			return linkError("rename", oldpath, newpath, cause(err))
		} else if newpath == oldpath || !SameFile(info, old) {
			return linkError("rename", oldpath, newpath, syscall.EEXIST)
		}
	}
	return linkError("rename", oldpath, newpath, syscall.Rename(oldpath, newpath))
}

// Link gives a file a further name.
func Link(oldname, newname string) error {
	return linkError("link", oldname, newname, syscall.Link(oldname, newname))
}

// Symlink makes newname a symbolic link to oldname.
func Symlink(oldname, newname string) error {
	return linkError("symlink", oldname, newname, syscall.Symlink(oldname, newname))
}

// Readlink returns what a symbolic link points to.
func Readlink(name string) (string, error) {
	for size := 128; ; size *= 2 {
		b := make([]byte, size)
		n, err := syscall.Readlink(name, b)
		if err != nil {
			return "", pathError("readlink", name, err)
		}
		if n < size {
			return string(b[:n]), nil
		}
	}
}

// Chdir changes the working directory.
func Chdir(dir string) error { return pathError("chdir", dir, syscall.Chdir(dir)) }

// Getwd returns the working directory: what $PWD says, if it is right.
func Getwd() (dir string, err error) {
	if pwd := Getenv("PWD"); pwd != "" && pwd[0] == '/' {
		var a, b syscall.Stat_t
		if syscall.Stat(pwd, &a) == nil && syscall.Stat(".", &b) == nil && a.Dev == b.Dev && a.Ino == b.Ino {
			return pwd, nil
		}
	}
	dir, err = syscall.Getwd()
	return dir, NewSyscallError("getwd", err)
}

// Chmod sets a file's mode.
func Chmod(name string, mode FileMode) error {
	return pathError("chmod", name, syscall.Chmod(name, systemMode(mode)))
}

// Chown sets a file's owner.
func Chown(name string, uid, gid int) error {
	return pathError("chown", name, syscall.Chown(name, uid, gid))
}

// Lchown sets the owner of a file, or of a symbolic link itself.
func Lchown(name string, uid, gid int) error {
	return pathError("lchown", name, syscall.Lchown(name, uid, gid))
}

// Truncate sets a file's size.
func Truncate(name string, size int64) error {
	return pathError("truncate", name, syscall.Truncate(name, size))
}

// Chtimes sets a file's times of access and modification; a zero time changes nothing.
func Chtimes(name string, atime time.Time, mtime time.Time) error {
	spec := func(t time.Time) syscall.Timespec {
		if t.IsZero() {
			return syscall.Timespec{Nsec: 1<<30 - 2}
		}
		return syscall.Timespec{Sec: t.Unix(), Nsec: int64(t.Nanosecond())}
	}
	return pathError("chtimes", name, syscall.UtimesNano(name, []syscall.Timespec{spec(atime), spec(mtime)}))
}

// TempDir returns the directory for temporary files.
func TempDir() string {
	if dir := Getenv("TMPDIR"); dir != "" {
		return dir
	}
	return "/tmp"
}

// temporary tries random names for pattern in dir until try accepts one; the last * is replaced.
func temporary(op, dir, pattern string, try func(name string) error) (string, error) {
	if dir == "" {
		dir = TempDir()
	}
	prefix, suffix := pattern, ""
	for i := len(pattern) - 1; i >= 0; i-- {
		if pattern[i] == '/' {
			return "", &PathError{Op: op, Path: pattern, Err: errPatternHasSeparator}
		}
	}
	for i := len(pattern) - 1; i >= 0; i-- {
		if pattern[i] == '*' {
			prefix, suffix = pattern[:i], pattern[i+1:]
			break
		}
	}
	if dir[len(dir)-1] != '/' {
		dir += "/"
	}
	for attempt := 0; ; attempt++ {
		name := dir + prefix + uitoa(uint(random())) + suffix
		err := try(name)
		if err == nil || !IsExist(err) || attempt > 10000 {
			if IsExist(err) {
				err = &PathError{Op: op, Path: dir + prefix + "*" + suffix, Err: ErrExist}
			}
			return name, err
		}
	}
}

// random returns a number that is not predictable.
func random() uint32

func uitoa(n uint) string {
	if n < 10 {
		return string(rune('0' + n))
	}
	return uitoa(n/10) + string(rune('0'+n%10))
}

type textError string

func (e textError) Error() string { return string(e) }

const errPatternHasSeparator = textError("pattern contains path separator")

// CreateTemp makes and opens a new file in dir (TempDir, if empty).
func CreateTemp(dir, pattern string) (*File, error) {
	var f *File
	_, err := temporary("createtemp", dir, pattern, func(name string) (err error) {
		f, err = OpenFile(name, O_RDWR|O_CREATE|O_EXCL, 0600)
		return err
	})
	return f, err
}

// MkdirTemp makes a new directory in dir (TempDir, if empty).
func MkdirTemp(dir, pattern string) (string, error) {
	name, err := temporary("mkdirtemp", dir, pattern, func(name string) error { return Mkdir(name, 0700) })
	if err != nil {
		return "", err
	}
	return name, nil
}

// CopyFS copies a tree of files to dir; no file may exist there.
func CopyFS(dir string, fsys fs.FS) error {
	return fs.WalkDir(fsys, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := dir
		if path != "." {
			to = dir + "/" + path
		}
		switch d.Type() {
		case ModeDir:
			return MkdirAll(to, 0777)
		case ModeSymlink:
			target, err := fs.ReadLink(fsys, path)
			if err != nil {
				return err
			}
			return Symlink(target, to)
		case 0:
			r, err := fsys.Open(path)
			if err != nil {
				return err
			}
			defer r.Close()
			info, err := r.Stat()
			if err != nil {
				return err
			}
			w, err := OpenFile(to, O_CREATE|O_EXCL|O_WRONLY, 0666|info.Mode()&0777)
			if err != nil {
				return err
			}
			if _, err := io.Copy(w, r); err != nil {
				w.Close()
				return &PathError{Op: "Copy", Path: to, Err: err}
			}
			return w.Close()
		}
		return &PathError{Op: "CopyFS", Path: path, Err: ErrInvalid}
	})
}

// IsPathSeparator reports whether c separates the elements of paths.
func IsPathSeparator(c uint8) bool { return c == '/' }
