package test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamples builds the examples for the systems that their comments name.
func TestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("builds much")
	}
	for _, system := range []string{"plan9/arm", "plan9/amd64", "darwin/arm64", "linux/amd64"} {
		t.Run(strings.ReplaceAll(system, "/", " "), func(t *testing.T) {
			goos, goarch, _ := strings.Cut(system, "/")
			cmd := exec.Command("go", "build", "../examples/...")
			cmd.Env = append(os.Environ(), "GOOS="+goos, "GOARCH="+goarch, "CGO_ENABLED=0")
			if msg, err := cmd.CombinedOutput(); err != nil {
				t.Errorf("%v\n%s", err, msg)
			}
		})
	}
}

// TestDocsPrograms builds the Go programs that documents show.
func TestDocsPrograms(t *testing.T) {
	for _, name := range []string{"README.md", "docs/ninep.md"} {
		b, err := os.ReadFile("../" + name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(b), "```go\npackage main\n")
		program, _, end := strings.Cut(rest, "```\n")
		if !ok || !end {
			t.Fatalf("%s: shows no program", name)
		}
		file := filepath.Join(t.TempDir(), "main.go")
		if err := os.WriteFile(file, []byte("package main\n"+program), 0o600); err != nil {
			t.Fatal(err)
		}
		if msg, err := exec.Command("go", "vet", file).CombinedOutput(); err != nil {
			t.Errorf("%s: %v\n%s", name, err, msg)
		}
		if lines := strings.Count(program, "\n"); lines > 20 {
			t.Errorf("%s: a file server of %d lines", name, lines)
		}
	}
}
