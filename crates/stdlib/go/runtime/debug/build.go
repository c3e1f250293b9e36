package debug

import (
	"os"
	"runtime"
	"strings"
)

// BuildInfo tells what a program was made of.
type BuildInfo struct {
	GoVersion string         // of the language
	Path      string         // the main package's import path
	Main      Module         // the module of the main package
	Deps      []*Module      // modules that it uses
	Settings  []BuildSetting // how it was made
}

// Module is a module of a program.
type Module struct {
	Path    string
	Version string
	Sum     string
	Replace *Module // what stands for it
}

// BuildSetting is a setting that a program was made with.
type BuildSetting struct {
	Key, Value string
}

// ReadBuildInfo tells what the running program is made of, as far as that is known: it was compiled just now, from the files that lie there.
func ReadBuildInfo() (info *BuildInfo, ok bool) {
	path := "command-line-arguments"
	if len(os.Args) == 0 {
		return nil, false
	}
	return &BuildInfo{
		GoVersion: runtime.Version(),
		Path:      path,
		Settings: []BuildSetting{
			{"-compiler", "gc"},
			{"GOARCH", runtime.GOARCH},
			{"GOOS", runtime.GOOS},
		},
	}, true
}

// String returns the information a line each, its parts set off by tabs.
func (b *BuildInfo) String() string {
	var out strings.Builder
	line := func(parts ...string) { out.WriteString(strings.Join(parts, "\t") + "\n") }
	if b.GoVersion != "" {
		line("go", b.GoVersion)
	}
	if b.Path != "" {
		line("path", b.Path)
	}
	module := func(word string, m Module) {
		parts := []string{word, m.Path, m.Version}
		if m.Replace == nil {
			parts = append(parts, m.Sum)
		}
		line(parts...)
		if r := m.Replace; r != nil {
			line("=>", r.Path, r.Version, r.Sum)
		}
	}
	if b.Main != (Module{}) {
		module("mod", b.Main)
	}
	for _, m := range b.Deps {
		module("dep", *m)
	}
	for _, s := range b.Settings {
		line("build", s.Key+"="+s.Value)
	}
	return out.String()
}
