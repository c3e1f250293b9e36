package strings

import "io"

// Replacer replaces a list of strings with others. It may be used by several goroutines at once.
type Replacer struct {
	pairs   []string      // old, new, ...
	first   *[256]bool    // the bytes with which some old begins
	byByte  *[256][]int16 // for each of them, the pairs in order; nil when a pair alone does
	hasNone bool          // some old is empty
}

// NewReplacer returns a Replacer of old, new pairs. At each place the first pair that matches wins; what was replaced
// is not looked at again. It panics when the number of arguments is odd.
func NewReplacer(oldnew ...string) *Replacer {
	if len(oldnew)%2 == 1 {
		panic("strings.NewReplacer: odd argument count")
	}
	r := &Replacer{pairs: append([]string(nil), oldnew...)}
	if len(oldnew) == 2 && len(oldnew[0]) > 0 {
		return r
	}
	r.first = new([256]bool)
	r.byByte = new([256][]int16)
	for i := 0; i < len(oldnew); i += 2 {
		if oldnew[i] == "" {
			r.hasNone = true
			continue
		}
		c := oldnew[i][0]
		r.first[c] = true
		r.byByte[c] = append(r.byByte[c], int16(i))
	}
	return r
}

// indexIn returns where a byte of the set first stands in s at or after from, or len(s).
func indexIn(s string, from int, set *[256]bool) int

// find returns the first pair that matches at the start of s, or -1.
func (r *Replacer) find(s string, skipEmpty bool) int {
	best := -1
	if s != "" {
		for _, i := range r.byByte[s[0]] {
			if HasPrefix(s, r.pairs[i]) {
				best = int(i)
				break
			}
		}
	}
	if r.hasNone && !skipEmpty {
		for i := 0; i < len(r.pairs) && (best < 0 || i < best); i += 2 {
			if r.pairs[i] == "" {
				return i
			}
		}
	}
	return best
}

// replace appends s with its replacements to b; changed is false, and b as it was, when there are none.
func (r *Replacer) replace(b []byte, s string) (_ []byte, changed bool) {
	done, afterEmpty := 0, false
	for i := 0; i <= len(s); {
		if !r.hasNone {
			if i = indexIn(s, i, r.first); i == len(s) {
				break
			}
		}
		pair := r.find(s[i:], afterEmpty)
		if pair < 0 {
			afterEmpty = false
			i++
			continue
		}
		if !changed {
			changed = true
			b = make([]byte, 0, len(s)+len(s)/4+16)
		}
		old := r.pairs[pair]
		afterEmpty = old == ""
		b = append(b, s[done:i]...)
		b = append(b, r.pairs[pair+1]...)
		i += len(old)
		done = i
	}
	if changed {
		b = append(b, s[done:]...)
	}
	return b, changed
}

// Replace returns s with all replacements made.
func (r *Replacer) Replace(s string) string {
	if r.byByte == nil {
		return Replace(s, r.pairs[0], r.pairs[1], -1)
	}
	b, changed := r.replace(nil, s)
	if !changed {
		return s
	}
	return asString(b)
}

// WriteString writes s with all replacements made to w.
func (r *Replacer) WriteString(w io.Writer, s string) (n int, err error) {
	return io.WriteString(w, r.Replace(s))
}
