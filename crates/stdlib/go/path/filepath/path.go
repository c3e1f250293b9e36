// Package filepath works on the names of files, which are slash-separated here.
package filepath

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
)

const (
	Separator     = os.PathSeparator
	ListSeparator = os.PathListSeparator
)

var (
	// ErrBadPattern says that a pattern is malformed.
	ErrBadPattern = path.ErrBadPattern
	// SkipDir, returned by a WalkFunc, skips the directory.
	SkipDir error = fs.SkipDir
	// SkipAll, returned by a WalkFunc, ends the walk.
	SkipAll error = fs.SkipAll
)

var errEscapes = errors.New("invalid path")

// Clean returns the shortest equivalent of path.
func Clean(name string) string { return path.Clean(name) }

// IsAbs reports whether name begins at the root.
func IsAbs(name string) bool { return path.IsAbs(name) }

// Base returns the last element of name.
func Base(name string) string { return path.Base(name) }

// Dir returns all but the last element of name.
func Dir(name string) string { return path.Dir(name) }

// Ext returns the part of the last element from its last dot on.
func Ext(name string) string { return path.Ext(name) }

// Join joins elements with slashes and cleans the result.
func Join(elem ...string) string { return path.Join(elem...) }

// Split splits name after its last slash.
func Split(name string) (dir, file string) { return path.Split(name) }

// Match reports whether name matches a shell pattern.
func Match(pattern, name string) (matched bool, err error) { return path.Match(pattern, name) }

// ToSlash replaces separators by slashes.
func ToSlash(name string) string { return name }

// FromSlash replaces slashes by separators.
func FromSlash(name string) string { return name }

// VolumeName returns the drive of a name: nothing here.
func VolumeName(name string) string { return "" }

// HasPrefix is strings.HasPrefix; it does not respect elements.
func HasPrefix(p, prefix string) bool { return strings.HasPrefix(p, prefix) }

// SplitList splits a list of names as in $PATH.
func SplitList(list string) []string {
	if list == "" {
		return []string{}
	}
	return strings.Split(list, string(ListSeparator))
}

// IsLocal reports whether name, lexically, stays within the directory it is used in.
func IsLocal(name string) bool {
	if name == "" || name[0] == '/' {
		return false
	}
	clean := path.Clean(name)
	return clean != ".." && !strings.HasPrefix(clean, "../")
}

// Localize converts a name of io/fs to one of the system.
func Localize(name string) (string, error) {
	if !fs.ValidPath(name) || strings.IndexByte(name, 0) >= 0 {
		return "", errEscapes
	}
	return name, nil
}

// Abs makes name absolute.
func Abs(name string) (string, error) {
	if IsAbs(name) {
		return Clean(name), nil
	}
	wd, err := os.Getwd()
	if err != nil {
		return "", err
	}
	return Join(wd, name), nil
}

// Rel returns how to get to target from base.
func Rel(base, target string) (string, error) {
	b, t := Clean(base), Clean(target)
	if b == t {
		return ".", nil
	}
	if b == "." {
		b = ""
	}
	if (b != "" && b[0] == '/') != (t[0] == '/') {
		return "", errors.New("Rel: can't make " + target + " relative to " + base)
	}
	// Skip the elements that both begin with.
	bi, ti := 0, 0
	for {
		be, te := bi, ti
		for be < len(b) && b[be] != '/' {
			be++
		}
		for te < len(t) && t[te] != '/' {
			te++
		}
		if bi >= len(b) && b != "" || b == "" || ti > len(t) || b[bi:be] != t[min(ti, len(t)):te] {
			break
		}
		bi, ti = be+1, te+1
		if ti > len(t) {
			ti = len(t) + 1
		}
		if bi > len(b) {
			break
		}
	}
	rest := ""
	if bi < len(b) {
		rest = b[bi:]
	}
	if rest == ".." || strings.HasPrefix(rest, "../") {
		return "", errors.New("Rel: can't make " + target + " relative to " + base)
	}
	tail := ""
	if ti < len(t) {
		tail = t[ti:]
	}
	if rest == "" {
		if tail == "" {
			return ".", nil
		}
		return tail, nil
	}
	up := ".." + strings.Repeat("/..", strings.Count(rest, "/"))
	if tail == "" || tail == "." {
		return up, nil
	}
	return up + "/" + tail, nil
}

// EvalSymlinks follows all symbolic links in name.
func EvalSymlinks(name string) (string, error) {
	rest := name
	done := ""
	if strings.HasPrefix(rest, "/") {
		done = "/"
	}
	for links := 0; rest != ""; {
		var e string
		e, rest, _ = strings.Cut(rest, "/")
		switch {
		case e == "" || e == ".":
			continue
		case e == "..":
			if done == "" || done == ".." || strings.HasSuffix(done, "/..") {
				done = join(done, "..")
			} else {
				done = parent(done)
			}
			continue
		}
		next := join(done, e)
		info, err := os.Lstat(next)
		if err != nil {
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			if !info.IsDir() && rest != "" {
				return "", errors.New("not a directory")
			}
			done = next
			continue
		}
		if links++; links > 255 {
			return "", errors.New("EvalSymlinks: too many links")
		}
		target, err := os.Readlink(next)
		if err != nil {
			return "", err
		}
		if IsAbs(target) {
			done = "/"
		}
		rest = target + "/" + rest
	}
	return Clean(done), nil
}

func join(dir, e string) string {
	switch dir {
	case "":
		return e
	case "/":
		return "/" + e
	}
	return dir + "/" + e
}

func parent(dir string) string {
	i := strings.LastIndexByte(dir, '/')
	switch {
	case i < 0:
		return ""
	case i == 0:
		return "/"
	}
	return dir[:i]
}

// WalkFunc is called by Walk for each file; see fs.WalkDirFunc.
type WalkFunc func(path string, info fs.FileInfo, err error) error

// Walk calls fn for the files under root, in lexical order.
func Walk(root string, fn WalkFunc) error {
	info, err := os.Lstat(root)
	if err != nil {
		err = fn(root, nil, err)
	} else {
		err = walk(root, info, fn)
	}
	if err == SkipDir || err == SkipAll {
		return nil
	}
	return err
}

func walk(name string, info fs.FileInfo, fn WalkFunc) error {
	if !info.IsDir() {
		return fn(name, info, nil)
	}
	entries, err := names(name)
	if e := fn(name, info, err); err != nil || e != nil {
		return e
	}
	for _, entry := range entries {
		full := Join(name, entry)
		info, err := os.Lstat(full)
		if err != nil {
			if err := fn(full, info, err); err != nil && err != SkipDir {
				return err
			}
			continue
		}
		if err := walk(full, info, fn); err != nil {
			if !info.IsDir() || err != SkipDir {
				return err
			}
		}
	}
	return nil
}

func names(dir string) ([]string, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	list, err := f.Readdirnames(-1)
	slices.Sort(list)
	return list, err
}

// WalkDir calls fn for the files under root, in lexical order; it is faster than Walk.
func WalkDir(root string, fn fs.WalkDirFunc) error {
	info, err := os.Lstat(root)
	if err != nil {
		err = fn(root, nil, err)
	} else {
		err = walkDir(root, fs.FileInfoToDirEntry(info), fn)
	}
	if err == SkipDir || err == SkipAll {
		return nil
	}
	return err
}

func walkDir(name string, d fs.DirEntry, fn fs.WalkDirFunc) error {
	if err := fn(name, d, nil); err != nil || !d.IsDir() {
		if err == SkipDir && d.IsDir() {
			err = nil
		}
		return err
	}
	entries, err := os.ReadDir(name)
	if err != nil {
		if err = fn(name, d, err); err != nil {
			if err == SkipDir && d.IsDir() {
				err = nil
			}
			return err
		}
	}
	for _, e := range entries {
		if err := walkDir(Join(name, e.Name()), e, fn); err != nil {
			if err == SkipDir {
				break
			}
			return err
		}
	}
	return nil
}

// Glob returns the names of existing files that match a pattern.
func Glob(pattern string) (matches []string, err error) {
	if _, err := Match(pattern, ""); err != nil {
		return nil, err
	}
	if !strings.ContainsAny(pattern, `*?[\`) {
		if _, err = os.Lstat(pattern); err != nil {
			return nil, nil
		}
		return []string{pattern}, nil
	}
	dir, file := Split(pattern)
	switch dir {
	case "":
		dir = "."
	case "/":
	default:
		dir = dir[:len(dir)-1]
	}
	dirs := []string{dir}
	if strings.ContainsAny(dir, `*?[\`) {
		if dir == pattern {
			return nil, ErrBadPattern
		}
		if dirs, err = Glob(dir); err != nil {
			return nil, err
		}
	}
	for _, d := range dirs {
		info, err := os.Stat(d)
		if err != nil || !info.IsDir() {
			continue
		}
		list, _ := names(d)
		for _, n := range list {
			ok, err := Match(file, n)
			if err != nil {
				return matches, err
			}
			if ok {
				matches = append(matches, Join(d, n))
			}
		}
	}
	return matches, nil
}
