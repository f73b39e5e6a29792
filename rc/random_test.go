//go:build unix

package rc_test

import (
	"context"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

var (
	randoms = flag.Int("random", 100, "how many random programs TestRandomOracle runs")
	seed    = flag.Uint64("seed", 1, "the first of their seeds")
)

// TestRandomOracle compares what random programs do here with what they do in
// a real rc. Those that differ are made as small as they can be. More of them:
//
//	go test ./rc -run RandomOracle -random 20000 -seed 1000 -timeout 0
func TestRandomOracle(t *testing.T) {
	oracle, old := findOracle(t)
	n := *randoms
	if testing.Short() {
		n = min(n, 20)
	}
	for s := *seed; s < *seed+uint64(n); s++ {
		t.Run(fmt.Sprint("seed ", s), func(t *testing.T) {
			t.Parallel()
			g := &generator{Rand: rand.New(rand.NewPCG(s, 0)), old: old}
			root := g.program()
			bad := func(text string) bool { return differs(t, oracle, old, text) }
			if !bad(root.String()) {
				return
			}
			shrink(root, bad)
			text := root.String()
			there, _ := confined(t, oracle, text)
			here := runHere(t, text)
			t.Errorf("%s\nreal rc:%s\nhere:%s", text, format([]row{{want: there}}), format([]row{{want: here}}))
		})
	}
}

// differs reports whether a program does something else here. What a real
// rc does not do the same each time does not count.
func differs(t *testing.T, oracle string, old bool, text string) bool {
	here := comparable(runHere(t, text), old)
	for range 3 {
		there, err := confined(t, oracle, text)
		if err != nil || comparable(there, old) == here {
			return false
		}
	}
	return comparable(runHere(t, text), old) == here
}

// comparable returns of a result what is the same in a real rc. There may be
// messages in the output too: an older one uses other words before the error.
func comparable(r result, old bool) result {
	out, errs := shape(r.out, false), tokens.Replace(shape(r.errs, old))
	if old {
		out = failed.ReplaceAllString(out, "an error")
	}
	return result{out, descriptors.ReplaceAllString(errs, "$1"), fmt.Sprint(r.status == "")}
}

// What a real rc's messages show of how it works: it puts a text in braces,
// marks patterns, and copies the first digit of a redirection twice.
var (
	failed      = regexp.MustCompile(`(?m)^.*an error$`)
	tokens      = strings.NewReplacer("token '}'", "token EOF", "\x01", "")
	descriptors = regexp.MustCompile(`(token '[<>|]+\[)[^']*`)
)

// runHere runs a program with our rc. It ends the test if that does not end.
func runHere(t *testing.T, text string) result {
	timer := time.AfterFunc(time.Minute, func() { panic("does not end:\n" + text) })
	defer timer.Stop()
	was := t.Failed()
	m := newMachine(t, nil)
	r := m.script(t, map[string]string{"t": text}, "./t")
	m.halt(t)
	if t.Failed() && !was {
		t.Log("did not end well:\n" + text)
	}
	return r
}

// nobody is a user without rights, and without other processes.
const nobody = 64999

// limits is what runs before a real rc, so that a mistake of the generator's is
// not one of the machine: how long a file may get, and how many processes there
// may be of nobody's. Others have theirs already, and root is not bound.
var limits = fmt.Sprintf(`ulimit -f 1000
test $(id -u) != %d || ulimit -p 100 2>/dev/null || ulimit -u 100
exec "$@"`, nobody)

// confined runs a program with a real rc, in a process group of its own that
// does not outlive it. Root's is nobody's.
func confined(t *testing.T, oracle, text string) (result, error) {
	dir, err := os.MkdirTemp("", "rc")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, "/bin/sh", "-c", limits, "sh", oracle, "./t")
	c.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if os.Getuid() == 0 {
		c.SysProcAttr.Credential = &syscall.Credential{Uid: nobody, Gid: nobody}
		if err := os.Chown(dir, nobody, nobody); err != nil {
			t.Fatal(err)
		}
	}
	c.Cancel = func() error { return syscall.Kill(-c.Process.Pid, syscall.SIGKILL) }
	defer func() {
		if c.Process != nil {
			syscall.Kill(-c.Process.Pid, syscall.SIGKILL)
		}
	}()
	r, err := outcome(c, oracle, dir)
	if ctx.Err() != nil {
		err = ctx.Err()
	}
	return r, err
}
