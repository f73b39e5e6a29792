package cmd

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// base is where Debian's 9base has the commands of Plan 9.
const base = "/usr/lib/plan9/bin"

// An oracle row is a command, with its arguments in words, and its input. What
// it prints is compared with what the command of 9base prints.
type oracle struct {
	name  string
	cmd   string
	input string
	files files
	after string            // a file to compare as well
	want  string            // not the oracle's, for the reason the name gives
	edit  *strings.Replacer // of what the oracle prints, if not nil
}

// compareRows runs each row by the command here, and by that of 9base. The
// latter's word is what ours must print, unless the row knows better.
func compareRows(t *testing.T, rows []oracle) {
	t.Helper()
	name := strings.Fields(rows[0].cmd)[0]
	_, err := os.Stat(filepath.Join(base, name))
	missing := err != nil
	for _, r := range rows {
		t.Run(r.name, func(t *testing.T) {
			want := r.want
			if want == "" {
				if missing {
					t.Skipf("no %s of Plan 9 here to compare with: install 9base", name)
				}
				want = askOracle(t, r)
				if r.edit != nil {
					want = r.edit.Replace(want)
				}
			}
			synctest.Test(t, func(t *testing.T) {
				fs := files{"/in": r.input}
				for name, text := range r.files {
					fs[name] = text
				}
				got := newMachine(t, fs).run(oracleLines(r))
				if got != want {
					t.Errorf("%s\n%s\ngot:\n%s\nwant:\n%s", r.cmd, r.input, got, want)
				}
			})
		})
	}
}

// oracleLines returns the lines of commands of a row. Its input comes through a
// pipe, as the other program gets it.
func oracleLines(r oracle) string {
	lines := r.cmd + " |/in"
	if r.after != "" {
		lines += "\ncat " + r.after
	}
	return lines
}

// askOracle runs the row's command by 9base in a directory of the host.
func askOracle(t *testing.T, r oracle) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range r.files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	var args []string
	for _, w := range words(r.cmd, ' ') {
		args = append(args, strings.Trim(w, "'"))
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	c := exec.CommandContext(ctx, filepath.Join(base, args[0]), args[1:]...)
	c.WaitDelay = time.Second
	c.Dir = dir
	c.Env = []string{"PATH=" + base + ":/bin:/usr/bin", "TZ=UTC"}
	c.Stdin = strings.NewReader(r.input)
	out, err := c.CombinedOutput()
	if err != nil {
		if _, failed := err.(*exec.ExitError); !failed || ctx.Err() != nil {
			t.Fatalf("9base: %v", err)
		}
		t.Logf("9base: %v", err)
	}
	if r.after != "" {
		b, err := os.ReadFile(filepath.Join(dir, r.after))
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, b...)
	}
	return strings.ReplaceAll(string(out), base+"/", "")
}

// fuzzLine runs a command on a machine whose file in is the input, unless
// that contains one of the words that may make it go on for ever.
func fuzzLine(t *testing.T, cmd, in string, forever ...string) {
	for _, w := range forever {
		if strings.Contains(in, w) {
			return
		}
	}
	synctest.Test(t, func(t *testing.T) {
		newMachine(t, files{"f": "one\ntwo\nthree\n", "in": in}).run(cmd)
	})
}
