// Command unicode writes morestack's Unicode tables, taken as facts from the Go toolchain that runs it:
//
//	go run crates/stdlib/gen/unicode/main.go crates/stdlib
//
// It writes src/natives/unicode_tables.rs (the data) and go/unicode/tables.go (the exported names).
package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"unicode"
)

var (
	ranges16 [][3]uint16
	ranges32 [][3]uint32
	tables   [][5]int // first and number in ranges16, first and number in ranges32, LatinOffset
	known    []*unicode.RangeTable
)

// indexOf returns the number of t among the tables, adding it when no equal one is there.
func indexOf(t *unicode.RangeTable) int {
	for i, k := range known {
		if k == t || reflect.DeepEqual(k, t) {
			return i
		}
	}
	known = append(known, t)
	tables = append(tables, [5]int{len(ranges16), len(t.R16), len(ranges32), len(t.R32), t.LatinOffset})
	for _, r := range t.R16 {
		ranges16 = append(ranges16, [3]uint16{r.Lo, r.Hi, r.Stride})
	}
	for _, r := range t.R32 {
		ranges32 = append(ranges32, [3]uint32{r.Lo, r.Hi, r.Stride})
	}
	return len(known) - 1
}

func keys[V any](m map[string]V) []string {
	var k []string
	for name := range m {
		k = append(k, name)
	}
	slices.Sort(k)
	return k
}

// The basic categories, numbered as internal/unicode numbers them; 0 is Cn.
var basic = []string{"Cn", "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Pc", "Pd", "Ps", "Pe",
	"Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So", "Zs", "Zl", "Zp", "Cc", "Cf", "Cs", "Co"}

var longNames = [][2]string{{"Digit", "Nd"}, {"Letter", "L"}, {"Lower", "Ll"}, {"Mark", "M"}, {"Number", "N"},
	{"Other", "C"}, {"Punct", "P"}, {"Space", "Z"}, {"Symbol", "S"}, {"Title", "Lt"}, {"Upper", "Lu"}}

func goTables() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "// Written by gen/unicode; change that instead.\n\npackage unicode\n\n")
	fmt.Fprintf(&b, "// Version is the edition of Unicode from which the tables are made.\nconst Version = %q\n\n", unicode.Version)
	vars := func(what string, m map[string]*unicode.RangeTable) {
		fmt.Fprintf(&b, "// The tables of %s.\nvar (\n", what)
		for _, name := range keys(m) {
			fmt.Fprintf(&b, "%s = &tables[%d]\n", name, indexOf(m[name]))
		}
		fmt.Fprintf(&b, ")\n\n")
	}
	vars("the general categories", unicode.Categories)
	fmt.Fprintf(&b, "// The long names of some categories.\nvar (\n")
	for _, n := range longNames {
		fmt.Fprintf(&b, "%s = &tables[%d]\n", n[0], indexOf(unicode.Categories[n[1]]))
	}
	fmt.Fprintf(&b, ")\n\n")
	vars("the scripts", unicode.Scripts)
	vars("the properties", unicode.Properties)
	// Names stand in one string, so that little is to be compiled at every start; the tables follow each other.
	byName := func(name, what string, m map[string]*unicode.RangeTable) {
		names := keys(m)
		first := indexOf(m[names[0]])
		next := first
		for i, k := range names {
			switch indexOf(m[k]) {
			case next:
				next++
			case next - 1:
				names[i] = "=" + k // the table before once more
			default:
				panic("tables of " + name + " do not follow each other")
			}
		}
		fmt.Fprintf(&b, "// %s %s.\nvar %s = byName(%d, %s)\n\n", name, what, name, first, words(names))
	}
	byName("Categories", "is the set of general categories by name", unicode.Categories)
	byName("Scripts", "is the set of scripts by name", unicode.Scripts)
	byName("Properties", "is the set of properties by name", unicode.Properties)
	fold := func(name, what string, m map[string]*unicode.RangeTable) {
		fmt.Fprintf(&b, "// %s maps a %s to the code points outside it that are equal under simple case folding to one in it.\nvar %s = map[string]*RangeTable{\n", name, what, name)
		for _, k := range keys(m) {
			fmt.Fprintf(&b, "%q: &tables[%d],\n", k, indexOf(m[k]))
		}
		fmt.Fprintf(&b, "}\n\n")
	}
	fold("FoldCategory", "category", unicode.FoldCategory)
	fold("FoldScript", "script", unicode.FoldScript)
	var aliases []string
	for _, k := range keys(unicode.CategoryAliases) {
		aliases = append(aliases, k, unicode.CategoryAliases[k])
	}
	fmt.Fprintf(&b, "// CategoryAliases maps other names of categories to their standard names.\n")
	fmt.Fprintf(&b, "var CategoryAliases = pairs(%s)\n\n", words(aliases))
	fmt.Fprintf(&b, "// tables are all tables; fillTables makes them.\nvar tables [%d]RangeTable\n", len(known))
	return b.Bytes()
}

// words returns Go source of a string with the words, each with a space behind it.
func words(list []string) string {
	var b strings.Builder
	line := 0
	for _, w := range list {
		if b.Len()-line > 100 {
			b.WriteString("\" +\n\t\"")
			line = b.Len()
		}
		b.WriteString(w + " ")
	}
	return "\"\"+\n\t\"" + b.String() + "\""
}

// row prints items between brackets, wrapped at about 110 columns.
func rows(b *bytes.Buffer, name, typ string, items []string) {
	fmt.Fprintf(b, "pub static %s: [%s; %d] = [\n", name, typ, len(items))
	line := "   "
	for _, it := range items {
		if len(line)+len(it) > 108 {
			fmt.Fprintln(b, line)
			line = "   "
		}
		line += " " + it + ","
	}
	fmt.Fprintf(b, "%s\n];\n\n", line)
}

func rustTables() []byte {
	var b bytes.Buffer
	fmt.Fprintf(&b, "//! Unicode %s, written by gen/unicode; change that instead.\n\n", unicode.Version)
	list := func(n int, item func(i int) string) []string {
		var l []string
		for i := range n {
			l = append(l, item(i))
		}
		return l
	}
	fmt.Fprintf(&b, "/// Lo, Hi, Stride.\n#[rustfmt::skip]\n")
	rows(&b, "RANGES16", "[u16; 3]", list(len(ranges16), func(i int) string {
		r := ranges16[i]
		return fmt.Sprintf("[%d, %d, %d]", r[0], r[1], r[2])
	}))
	fmt.Fprintf(&b, "/// Lo, Hi, Stride.\n#[rustfmt::skip]\n")
	rows(&b, "RANGES32", "[u32; 3]", list(len(ranges32), func(i int) string {
		r := ranges32[i]
		return fmt.Sprintf("[%d, %d, %d]", r[0], r[1], r[2])
	}))
	fmt.Fprintf(&b, "/// A `unicode.RangeTable`: first and number in `RANGES16`, first and number in `RANGES32`, LatinOffset.\n#[rustfmt::skip]\n")
	rows(&b, "TABLES", "[u16; 5]", list(len(tables), func(i int) string {
		t := tables[i]
		return fmt.Sprintf("[%d, %d, %d, %d, %d]", t[0], t[1], t[2], t[3], t[4])
	}))

	// Categories as the code points where the category changes.
	category := func(r rune) int {
		for i, name := range basic[1:] {
			if unicode.Is(unicode.Categories[name], r) {
				return i + 1
			}
		}
		return 0
	}
	var starts []string
	last := -1
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if c := category(r); c != last {
			starts = append(starts, fmt.Sprintf("(%d, %d)", r, c))
			last = c
		}
	}
	fmt.Fprintf(&b, "/// First code point of a run of equal category, and that category's number in `internal/unicode`.\n#[rustfmt::skip]\n")
	rows(&b, "CATEGORY_RUNS", "(u32, u8)", starts)
	fmt.Fprintf(&b, "/// Lo, Hi, then the distances to upper, lower and title case (1114112: upper and lower case alternate).\n#[rustfmt::skip]\n")
	rows(&b, "CASE_RANGES", "[i32; 5]", list(len(unicode.CaseRanges), func(i int) string {
		c := unicode.CaseRanges[i]
		return fmt.Sprintf("[%d, %d, %d, %d, %d]", c.Lo, c.Hi, c.Delta[0], c.Delta[1], c.Delta[2])
	}))

	// Folding orbits that upper and lower case alone do not give.
	var orbits []string
	for r := rune(0); r <= unicode.MaxRune; r++ {
		next := unicode.SimpleFold(r)
		plain := unicode.ToLower(r)
		if plain == r {
			plain = unicode.ToUpper(r)
		}
		if next != plain {
			orbits = append(orbits, fmt.Sprintf("(%d, %d)", r, next))
		}
	}
	fmt.Fprintf(&b, "/// A code point and its successor under simple case folding, where that is neither its lower nor its upper case.\n#[rustfmt::skip]\n")
	rows(&b, "FOLD_ORBITS", "(u32, u32)", orbits)
	return bytes.TrimRight(b.Bytes(), "\n")
}

func main() {
	dir := os.Args[1]
	check := func(err error) {
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	}
	check(os.WriteFile(dir+"/go/unicode/tables.go", goTables(), 0o666))
	check(os.WriteFile(dir+"/src/natives/unicode_tables.rs", append(rustTables(), '\n'), 0o666))
}
