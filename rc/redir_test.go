package rc_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// showFds is a command that prints which descriptors it has.
const showFds = "rc -c 'cat /proc/$pid/fd'"

// shownFds returns what showFds printed, but for the first three, and the one that
// it read.
func shownFds(out string) map[int]string {
	fds := make(map[int]string)
	for line := range strings.Lines(out) {
		f := strings.Fields(line)
		n, err := strconv.Atoi(f[0])
		if name := f[len(f)-1]; err == nil && n > 2 && !strings.HasPrefix(name, "/proc/") {
			fds[n] = name
		}
	}
	return fds
}

// randomRedirs returns redirections of descriptors from 3 to 7, in their order,
// and what a program has that had none of these before.
func randomRedirs(r *rand.Rand) (list []string, fds map[int]string) {
	fds = make(map[int]string)
	for i := range 1 + r.IntN(5) {
		to, from, kind := 3+r.IntN(5), 3+r.IntN(5), r.IntN(6)
		switch kind {
		case 0:
			list = append(list, fmt.Sprintf(">[%d=]", to))
			delete(fds, to)
		case 1:
			list = append(list, fmt.Sprintf(">[%d=%d]", to, from))
			if file, ok := fds[from]; ok { // else this fails, and does nothing
				fds[to] = file
			}
		default:
			list = append(list, fmt.Sprintf("%s[%d]f%d", []string{"<", ">", ">>", "<>"}[kind-2], to, i))
			fds[to] = fmt.Sprint("/tmp/f", i)
		}
	}
	return list, fds
}

// TestRedirectionsMeet redirects at random, so that files happen to be opened
// under numbers that redirections before or behind name, in the same command or
// around it. A program finds what it would find if rc had no descriptors itself.
func TestRedirectionsMeet(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	script := "touch f0 f1 f2 f3 f4\n"
	var commands []string
	var wants []map[int]string
	for range 400 {
		command, group := showFds, ""
		list, fds := randomRedirs(r)
		for i, redir := range slices.Backward(list) { // the last is the innermost
			group = " " + redir + group
			if i == 0 || r.IntN(2) == 0 {
				command, group = []string{"{ ", "@ { "}[r.IntN(2)]+command+group+" }", ""
			}
		}
		commands, wants = append(commands, command), append(wants, fds)
		script += command + "; echo '=='\n"
	}
	m := newMachine(t, nil)
	got := m.script(t, map[string]string{"t": script}, "./t")
	m.halt(t)
	outs := strings.SplitAfter(got.out, "==\n")
	if len(outs) != len(commands)+1 {
		t.Fatalf("%d commands printed %d times:\n%s", len(commands), len(outs)-1, got.errs)
	}
	for i, command := range commands {
		if fds := shownFds(outs[i]); fmt.Sprint(fds) != fmt.Sprint(wants[i]) {
			t.Errorf("%s: %v, not %v", command, fds, wants[i])
		}
	}
}
