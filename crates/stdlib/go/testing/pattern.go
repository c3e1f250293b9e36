package testing

import (
	"fmt"
	"strconv"
	"strings"
	"sync"
	"unicode"
)

// matchPattern reports whether a regular expression matches somewhere in a text. A pattern that cannot be read gives a problem.
func matchPattern(pattern, text string) (matched bool, problem string)

// sequence is a pattern for the elements of a test's name: one regular expression for each, those left out match anything.
type sequence []string

// matches reports whether the elements that there are match, and whether there are too few of them for the whole sequence.
func (s sequence) matches(elements []string) (ok, partial bool) {
	for i, element := range elements {
		if i >= len(s) {
			break
		}
		if matched, _ := matchPattern(s[i], element); !matched {
			return false, false
		}
	}
	return true, len(elements) < len(s)
}

// alternatives are sequences one of which must match.
type alternatives []sequence

func (a alternatives) matches(elements []string) (ok, partial bool) {
	for _, s := range a {
		if ok, partial = s.matches(elements); ok {
			return ok, partial
		}
	}
	return false, false
}

// parsePattern splits what -run and its like are given at each '|', and those parts at each '/', where they stand outside of brackets.
func parsePattern(text string) alternatives {
	var all alternatives
	var current sequence
	start, square, round := 0, 0, 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '[':
			square++
		case ']':
			square = max(square-1, 0)
		case '(':
			if square == 0 {
				round++
			}
		case ')':
			if square == 0 {
				round--
			}
		case '\\':
			i++
		case '/', '|':
			if square == 0 && round == 0 {
				current = append(current, text[start:i])
				if text[i] == '|' {
					all = append(all, current)
					current = nil
				}
				start = i + 1
			}
		}
	}
	return append(all, append(current, text[start:]))
}

// compile rewrites the parts as names are rewritten, and checks them.
func (a alternatives) compile(flag string) error {
	for _, s := range a {
		for i := range s {
			s[i] = rewrite(s[i])
			if _, problem := matchPattern(s[i], "non-empty"); problem != "" {
				return fmt.Errorf("element %d of %s (%q): %s", i, flag, s[i], problem)
			}
		}
	}
	return nil
}

// matcher chooses tests by their names and makes names unique.
type matcher struct {
	chosen  alternatives
	skipped alternatives // empty: none

	mu sync.Mutex
	// How often each name of a subtest has been asked for.
	used map[string]int
}

func newMatcher(chosen, flag, skipped string) (*matcher, error) {
	m := &matcher{used: map[string]int{}}
	if chosen != "" {
		m.chosen = parsePattern(chosen)
		if err := m.chosen.compile(flag); err != nil {
			return nil, err
		}
	}
	if skipped != "" {
		m.skipped = parsePattern(skipped)
		if err := m.skipped.compile("-test.skip"); err != nil {
			return nil, err
		}
	}
	return m, nil
}

// fullName returns the name of a test below parent, and whether it is chosen; partial if only some of what is below it is.
func (m *matcher) fullName(parent *common, name string) (full string, ok, partial bool) {
	full = name
	m.mu.Lock()
	defer m.mu.Unlock()
	if parent != nil && parent.level > 0 {
		full = m.unique(parent.name, rewrite(name))
	}
	elements := strings.Split(full, "/")
	ok = true
	if m.chosen != nil {
		if ok, partial = m.chosen.matches(elements); !ok {
			return full, false, false
		}
	}
	if skip, partly := m.skipped.matches(elements); skip && !partly {
		return full, false, false
	}
	return full, ok, partial
}

// unique returns a name that no subtest has had: the second "x" becomes "x#01".
func (m *matcher) unique(parent, name string) string {
	base := parent + "/" + name
	for {
		n := m.used[base]
		m.used[base] = n + 1
		if n == 0 && name != "" {
			prefix, number := splitNumber(base)
			// "x#01" may have been given to the second "x" already.
			if len(prefix) == len(base) || number >= m.used[prefix] {
				return base
			}
			continue
		}
		if full := fmt.Sprintf("%s#%02d", base, n); m.used[full] == 0 {
			return full
		}
	}
}

// splitNumber splits "x#01" into "x" and 1; another text stays whole.
func splitNumber(s string) (prefix string, number int) {
	at := strings.LastIndexByte(s, '#')
	if at < 0 {
		return s, 0
	}
	digits := s[at+1:]
	if len(digits) < 2 || len(digits) > 2 && digits[0] == '0' || digits == "00" {
		return s, 0
	}
	n, err := strconv.ParseUint(digits, 10, 31)
	if err != nil {
		return s, 0
	}
	return s[:at], int(n)
}

// rewrite makes a name printable and free of spaces.
func rewrite(s string) string {
	var b strings.Builder
	for _, r := range s {
		switch {
		case unicode.IsSpace(r):
			b.WriteByte('_')
		case !strconv.IsPrint(r):
			q := strconv.QuoteRune(r)
			b.WriteString(q[1 : len(q)-1])
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}
