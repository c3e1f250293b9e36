// Package repl prints values for interactive sessions.
package repl

import (
	"fmt"
	"os"
	"strings"
)

// Show gives a function that prints values, a line each: what labels says of the value, and the value. A "%T" in a
// label stands for the dynamic type of an interface's value.
func Show(labels ...string) func(values ...any) {
	return func(values ...any) {
		for i, value := range values {
			os.Stdout.WriteString(label(labels[i], value) + " = " + text(labels[i], value) + "\n")
		}
	}
}

// Print prints a line.
func Print(line string) {
	os.Stdout.WriteString(line + "\n")
}

func label(label string, value any) string {
	before, after, found := strings.Cut(label, " (%T)")
	if !found {
		return label
	}
	if value == nil {
		return before + after
	}
	return fmt.Sprintf("%s (%T)%s", before, value, after)
}

// text is the value as Go programmers like to read it: strings quoted, fields named.
func text(label string, value any) string {
	switch value := value.(type) {
	case string, []string:
		return fmt.Sprintf("%q", value)
	case rune:
		if label == "rune" || strings.HasSuffix(label, " rune") {
			return fmt.Sprintf("%d %q", value, value)
		}
	}
	return fmt.Sprintf("%+v", value)
}
