package testing

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"
)

// InternalExample is an example with the output it is to have.
type InternalExample struct {
	Name      string
	F         func()
	Output    string
	Unordered bool // the lines may come in any order
}

// RunExamples runs the examples that match and reports whether they succeeded.
//
// Deprecated: it is for main functions made by old tools.
func RunExamples(matchString func(pat, str string) (bool, error), examples []InternalExample) (ok bool) {
	_, ok = runExamples(examples)
	return ok
}

func runExamples(examples []InternalExample) (ran, ok bool) {
	m, err := newMatcher(*runPattern, "-test.run", *skipPattern)
	if err != nil {
		badPattern(err)
	}
	ok = true
	for _, example := range examples {
		if _, chosen, _ := m.fullName(nil, example.Name); !chosen {
			continue
		}
		ran = true
		if !runExample(example) {
			ok = false
		}
	}
	return ran, ok
}

// runExample runs an example with its standard output going to a file.
func runExample(example InternalExample) (ok bool) {
	chatty := (*chattyPrinter)(nil)
	if chattyMode.on {
		chatty = newChattyPrinter(os.Stdout)
		fmt.Printf("%s=== RUN   %s\n", chatty.prefix(), example.Name)
	}
	stdout := os.Stdout
	// A file, not a pipe: nobody need read it meanwhile.
	file, err := os.CreateTemp("", "example")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Remove(file.Name())
	os.Stdout = file
	finished := false
	start := time.Now()
	defer func() {
		took := time.Since(start)
		os.Stdout = stdout
		file.Seek(0, 0)
		output, _ := io.ReadAll(file)
		file.Close()
		value := recover()
		ok = example.judge(string(output), took, finished, value, chatty)
	}()
	example.F()
	finished = true
	return
}

// sortedLines brings the lines of a text in order.
func sortedLines(text string) string {
	lines := strings.Split(text, "\n")
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

// judge reports an example's end.
func (e *InternalExample) judge(output string, took time.Duration, finished bool, value any, chatty *chattyPrinter) bool {
	d := fmtDuration(took)
	fail := ""
	got, want := strings.TrimSpace(output), strings.TrimSpace(e.Output)
	if e.Unordered {
		if sortedLines(got) != sortedLines(want) && value == nil {
			fail = fmt.Sprintf("got:\n%s\nwant (unordered):\n%s\n", output, e.Output)
		}
	} else if got != want && value == nil {
		fail = fmt.Sprintf("got:\n%s\nwant:\n%s\n", got, want)
	}
	if fail == "" && finished && value == nil {
		if chatty != nil {
			fmt.Printf("%s--- PASS: %s (%s)\n", chatty.prefix(), e.Name, d)
		}
		return true
	}
	fmt.Printf("%s--- FAIL: %s (%s)\n%s", chatty.prefix(), e.Name, d, fail)
	if value != nil {
		panic(value)
	}
	if !finished && fail == "" {
		panic(errNoEnd)
	}
	return false
}
