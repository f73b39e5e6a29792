package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"ufo/hosted/hostexec"
)

// TestReadme types, into a shell of the host, what the README says that can be
// typed there. The form is that of the transcripts in test/testdata: [...] in
// what is printed stands for any characters, a line ... for any lines.
func TestReadme(t *testing.T) {
	needsFUSE(t)
	if err := hostexec.Available(); err != nil {
		t.Skip(err)
	}
	b, err := os.ReadFile("../../README.md")
	if err != nil {
		t.Fatal(err)
	}
	_, text, ok := strings.Cut(string(b), "## And the host")
	_, text, ok2 := strings.Cut(text, "```\n")
	text, _, ok3 := strings.Cut(text, "```\n")
	if !ok || !ok2 || !ok3 {
		t.Fatal("no transcript")
	}
	dir := t.TempDir()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	write("bin/ufo", "#!/bin/sh\n"+asProgram+"=1 exec "+exe+" \"$@\"\n")(t, dir)
	if err := os.Chmod(filepath.Join(dir, "bin", "ufo"), 0755); err != nil {
		t.Fatal(err)
	}
	env := append(os.Environ(), "PATH="+filepath.Join(dir, "bin")+":"+os.Getenv("PATH"), "UFO_STATE="+filepath.Join(dir, "state"))
	t.Cleanup(func() {
		c := program(t, "down")
		c.Env = append(env, asProgram+"=1")
		c.Run()
	})
	here := filepath.Join(dir, "here")
	if err := os.Mkdir(here, 0777); err != nil {
		t.Fatal(err)
	}
	for _, step := range strings.Split("\n"+text, "\nhost$ ")[1:] {
		line, want, _ := strings.Cut(strings.TrimSuffix(step, "\n"), "\n")
		c := exec.Command("sh", "-c", line)
		c.Dir, c.Env = here, env
		out, err := c.CombinedOutput()
		have := strings.TrimSuffix(string(out), "\n")
		if err != nil || !pattern(want).MatchString(have) {
			t.Errorf("host$ %s: %v\nhave:\n%s\nwant:\n%s", line, err, have, want)
		}
	}
}

// pattern returns what matches the lines of a transcript.
func pattern(text string) *regexp.Regexp {
	text = strings.ReplaceAll(regexp.QuoteMeta(text), `\[\.\.\.\]`, ".*")
	return regexp.MustCompile("^" + strings.ReplaceAll(text, `\.\.\.`+"\n", "(?s:.*\n)?") + "$")
}
