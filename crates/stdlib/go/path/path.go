// Package path works on slash-separated paths, such as those of URLs.
package path

import (
	"errors"
	"strings"
	"unicode/utf8"
)

// Clean returns the shortest path with the same meaning: without empty and "." parts, and without "name/.." pairs;
// "." for nothing.
func Clean(path string) string {
	if path == "" {
		return "."
	}
	rooted := path[0] == '/'
	var out []byte
	fixed := 0 // what ".." cannot take back
	if rooted {
		out = append(out, '/')
		fixed = 1
	}
	for path != "" {
		part, rest, _ := strings.Cut(path, "/")
		path = rest
		switch {
		case part == "" || part == ".":
			continue
		case part == ".." && len(out) > fixed:
			// Back to before the last slash.
			n := len(out) - 1
			for n > fixed && out[n] != '/' {
				n--
			}
			out = out[:n]
			continue
		case part == ".." && rooted:
			continue
		}
		if len(out) > 0 && out[len(out)-1] != '/' {
			out = append(out, '/')
		}
		out = append(out, part...)
		if part == ".." {
			fixed = len(out)
		}
	}
	if len(out) == 0 {
		return "."
	}
	return string(out)
}

// Split returns path up to and after its last slash.
func Split(path string) (dir, file string) {
	i := strings.LastIndexByte(path, '/')
	return path[:i+1], path[i+1:]
}

// Join puts slashes between the elements that are not empty and cleans the result.
func Join(elem ...string) string {
	var parts []string
	for _, e := range elem {
		if e != "" || len(parts) > 0 {
			parts = append(parts, e)
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return Clean(strings.Join(parts, "/"))
}

// Ext returns the last dot of the last element and what follows it.
func Ext(path string) string {
	for i := len(path) - 1; i >= 0 && path[i] != '/'; i-- {
		if path[i] == '.' {
			return path[i:]
		}
	}
	return ""
}

// Base returns the last element: "." for an empty path, "/" for slashes alone.
func Base(path string) string {
	if path == "" {
		return "."
	}
	path = strings.TrimRight(path, "/")
	if path == "" {
		return "/"
	}
	return path[strings.LastIndexByte(path, '/')+1:]
}

// IsAbs reports whether path begins with a slash.
func IsAbs(path string) bool { return path != "" && path[0] == '/' }

// Dir returns all but the last element, cleaned.
func Dir(path string) string {
	dir, _ := Split(path)
	return Clean(dir)
}

// ErrBadPattern says that a pattern is malformed.
var ErrBadPattern = errors.New("syntax error in pattern")

// Match reports whether name matches the whole shell pattern: * any characters but slashes, ? one such, [a-z] and [^a-z]
// one of a class, \c the character c.
func Match(pattern, name string) (matched bool, err error) {
	for pattern != "" {
		star := false
		for pattern != "" && pattern[0] == '*' {
			star = true
			pattern = pattern[1:]
		}
		chunk := pattern[:chunkLen(pattern)]
		pattern = pattern[len(chunk):]
		if star && chunk == "" {
			return !strings.Contains(name, "/"), nil
		}
		rest, ok, err := matchChunk(chunk, name)
		if err != nil {
			return false, err
		}
		// A last chunk must reach the end of the name.
		if ok && (rest == "" || pattern != "") {
			name = rest
			continue
		}
		found := false
		for i := 0; star && i < len(name) && name[i] != '/'; i++ {
			rest, ok, err := matchChunk(chunk, name[i+1:])
			if err != nil {
				return false, err
			}
			if ok && (rest == "" || pattern != "") {
				name, found = rest, true
				break
			}
		}
		if found {
			continue
		}
		// No match; what is left of the pattern must still be well formed.
		for pattern != "" {
			for pattern != "" && pattern[0] == '*' {
				pattern = pattern[1:]
			}
			chunk := pattern[:chunkLen(pattern)]
			pattern = pattern[len(chunk):]
			if _, _, err := matchChunk(chunk, ""); err != nil {
				return false, err
			}
		}
		return false, nil
	}
	return name == "", nil
}

// chunkLen returns the length of the pattern up to its next star.
func chunkLen(pattern string) int {
	class := false
	for i := 0; i < len(pattern); i++ {
		switch pattern[i] {
		case '\\':
			i++
		case '[':
			class = true
		case ']':
			class = false
		case '*':
			if !class {
				return i
			}
		}
	}
	return len(pattern)
}

// matchChunk matches a pattern without stars at the start of s and returns the rest of s. It checks the whole chunk.
func matchChunk(chunk, s string) (rest string, ok bool, err error) {
	failed := false
	for chunk != "" {
		failed = failed || s == ""
		switch chunk[0] {
		case '[':
			var r rune
			if !failed {
				var n int
				r, n = utf8.DecodeRuneInString(s)
				s = s[n:]
			}
			chunk = chunk[1:]
			negated := chunk != "" && chunk[0] == '^'
			if negated {
				chunk = chunk[1:]
			}
			in, ranges := false, 0
			for {
				if chunk != "" && chunk[0] == ']' && ranges > 0 {
					chunk = chunk[1:]
					break
				}
				var lo, hi rune
				if lo, chunk, err = classChar(chunk); err != nil {
					return "", false, err
				}
				hi = lo
				if chunk[0] == '-' {
					if hi, chunk, err = classChar(chunk[1:]); err != nil {
						return "", false, err
					}
				}
				in = in || lo <= r && r <= hi
				ranges++
			}
			failed = failed || in == negated
		case '?':
			if !failed {
				failed = s[0] == '/'
				_, n := utf8.DecodeRuneInString(s)
				s = s[n:]
			}
			chunk = chunk[1:]
		default:
			if chunk[0] == '\\' {
				if chunk = chunk[1:]; chunk == "" {
					return "", false, ErrBadPattern
				}
			}
			if !failed {
				failed = chunk[0] != s[0]
				s = s[1:]
			}
			chunk = chunk[1:]
		}
	}
	if failed {
		return "", false, nil
	}
	return s, true, nil
}

// classChar reads a character of a class; more must follow it.
func classChar(chunk string) (r rune, rest string, err error) {
	if chunk == "" || chunk[0] == '-' || chunk[0] == ']' {
		return 0, "", ErrBadPattern
	}
	if chunk[0] == '\\' {
		if chunk = chunk[1:]; chunk == "" {
			return 0, "", ErrBadPattern
		}
	}
	r, n := utf8.DecodeRuneInString(chunk)
	if r == utf8.RuneError && n == 1 || n == len(chunk) {
		return 0, "", ErrBadPattern
	}
	return r, chunk[n:], nil
}
