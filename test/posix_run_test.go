package test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// A posixRow is something that programs of the host do with files: a script
// which is run in an empty directory, and what it prints there. The same row
// is run in a directory of the host, as an oracle, and in a tree of ours.
type posixRow struct {
	name  string
	needs string // programs of the host without which the row is skipped
	sh    string // for /bin/sh -e, after posixShell; or
	py    string // for python3, after posixPython
	want  string // what it prints, and how it exits if not with 0
	ours  string // what it prints on a tree of ours, which cannot do all that a host can
	long  bool   // takes seconds: not with -short, nor do those that need programs
	user  bool   // the host's superuser is refused nothing: compare as an ordinary user only
}

// posixShell comes before each shell script. What errno prints is the last
// part of a command's complaint: the text of its error number.
const posixShell = `
umask 022
errno() { "$@" 2>&1 >/dev/null | sed 's/.*: //'; }
await() { for i in $(seq 200); do if "$@"; then return 0; fi; sleep 0.02; done; echo "never: $*"; }
`

// posixPython comes before each Python program.
const posixPython = `
import os, sys, errno, stat
os.umask(0o22)
def err(f, *args, **kw):
    try:
        print(f(*args, **kw))
    except OSError as e:
        print(e.strerror)
def put(name, text):
    with open(name, 'w') as f:
        f.write(text)
def get(name):
    with open(name) as f:
        return f.read()
`

// posixDeadline is how long a row may take.
const posixDeadline = time.Minute

// A posixTree is a tree that rows are run in.
type posixTree struct {
	dir  string // on the host
	ours bool   // it is a tree of ours, not the oracle
	here bool   // rows are run in dir itself, not each in a new directory there

	// before, if set, is called before a row is run, and returns what the
	// row finds in its environment.
	before func(t *testing.T, row int) (env string)

	passed, refused, skipped atomic.Int32
}

// posixRun runs the rows of a table at the same time, and sums up.
func (tree *posixTree) posixRun(t *testing.T, rows []posixRow) {
	scratch := t.TempDir()
	t.Run("rows", func(t *testing.T) {
		for i, row := range rows {
			t.Run(strings.ReplaceAll(row.name, " ", "_"), func(t *testing.T) {
				t.Parallel()
				tree.run(t, row, i, scratch+"/"+strconv.Itoa(i))
			})
		}
	})
	t.Logf("%s: %d rows: %d passed, %d refused as expected, %d skipped", t.Name(), len(rows),
		tree.passed.Load(), tree.refused.Load(), tree.skipped.Load())
}

// run runs row i, which may use the directory scratch of the host, too.
func (tree *posixTree) run(t *testing.T, row posixRow, i int, scratch string) {
	if why := tree.cannot(row); why != "" {
		tree.skipped.Add(1)
		t.Skip(why)
	}
	if err := os.Mkdir(scratch, 0o777); err != nil {
		t.Fatal(err)
	}
	env := []string{"TREE=" + tree.dir, "ROW=" + strings.Map(plain, row.name), "OUT=" + scratch}
	if tree.here {
		env[1] = "ROW="
	}
	if tree.before != nil {
		env = append(env, tree.before(t, i))
	}
	want := row.want
	if tree.ours && row.ours != "" {
		want = row.ours
	}
	have, err := row.exec(t.Context(), env)
	if err != nil {
		t.Fatalf("%v\n%s", err, have)
	}
	if have != want {
		t.Fatalf("have:\n%s\nwant:\n%s", have, want)
	}
	if want == row.want {
		tree.passed.Add(1)
	} else {
		tree.refused.Add(1)
	}
}

// cannot returns why a row cannot be run, if so.
func (tree *posixTree) cannot(row posixRow) string {
	if testing.Short() && (row.long || row.needs != "") {
		return "takes long, and asks little of who one is"
	}
	needs := row.needs
	if row.py != "" {
		needs += " python3"
	}
	if slices.Contains(strings.Fields(needs), "go") && os.Getenv("GOCACHE") == "off" {
		return "there is no cache of Go packages"
	}
	for _, prog := range strings.Fields(needs) {
		if _, err := exec.LookPath(prog); err != nil {
			return "this host has no " + prog
		}
	}
	if row.user && !tree.ours && os.Getuid() == 0 {
		return "the superuser is refused nothing"
	}
	return ""
}

// exec runs the program of a row and returns what it prints. Whatever touches
// the tree is another process, and so is who goes there: this one may be the
// tree's server.
func (row posixRow) exec(ctx context.Context, env []string) (string, error) {
	prog := []string{"/bin/sh", "-ec", posixShell + row.sh}
	if row.py != "" {
		prog = []string{"python3", "-SEBc", posixPython + row.py}
	}
	into := `cd "$TREE"; [ -z "$ROW" ] || { mkdir "$ROW"; cd "$ROW"; }; exec "$@"`
	args := append([]string{"-ec", into, "row"}, prog...)
	return hostRun(ctx, slices.Concat(os.Environ(), posixEnv(), env), "/bin/sh", args...)
}

// plain makes a file's name of a row's.
func plain(r rune) rune {
	if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' {
		return r
	}
	return '-'
}

// posixEnv is the environment that differs from this process's. Python is
// where the system has it, since a wrapper of it takes its time.
func posixEnv() []string {
	return []string{
		"LC_ALL=C.UTF-8", "TZ=UTC0",
		"PATH=/usr/bin:/bin:/usr/sbin:/sbin:" + os.Getenv("PATH"),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=Glenda", "GIT_AUTHOR_EMAIL=glenda@lab.local",
		"GIT_COMMITTER_NAME=Glenda", "GIT_COMMITTER_EMAIL=glenda@lab.local",
		"GOFLAGS=-mod=mod", "GOWORK=off", "GOTOOLCHAIN=local", "GOTELEMETRY=off",
	}
}

// hostRun runs a program of the host, and returns what it prints, with a line
// about its exit if that was not 0. A program that takes too long is killed
// with all it started; one that does not even die then is left behind.
func hostRun(ctx context.Context, env []string, name string, args ...string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, posixDeadline)
	defer cancel()
	var out bytes.Buffer
	c := exec.CommandContext(ctx, name, args...)
	c.Env, c.Stdout, c.Stderr = env, &out, &out
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	kill := func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	c.Cancel, c.WaitDelay = kill, time.Second
	if err := c.Start(); err != nil {
		return "", err
	}
	done := make(chan error, 1)
	go func() { done <- c.Wait() }() // ends with the program
	stuck := time.NewTimer(posixDeadline + 5*time.Second)
	defer stuck.Stop()
	select {
	case err := <-done:
		kill() // what it left running
		text := strings.TrimRight(out.String(), "\n")
		var exit *exec.ExitError
		switch {
		case ctx.Err() != nil:
			return text, fmt.Errorf("not done after %v", posixDeadline)
		case errors.As(err, &exit):
			return strings.TrimLeft(text+"\n"+exit.String(), "\n"), nil
		}
		return text, err
	case <-stuck.C:
		return "", fmt.Errorf("pid %d cannot be killed", c.Process.Pid)
	}
}
