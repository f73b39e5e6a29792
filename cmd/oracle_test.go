package cmd

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// TestOracleCases runs the cases of the tables on a kernel's processes.
func TestOracleCases(t *testing.T) {
	for _, table := range readOracle(t) {
		for _, c := range table.cases {
			t.Run(path.Base(table.file)+"/"+c.name, func(t *testing.T) {
				var got oracleResult
				synctest.Test(t, func(t *testing.T) {
					fs := files{}
					for _, f := range slices.Concat(table.shared, c.files) {
						fs[f.name] = f.text
					}
					got = newMachine(t, fs).runCase(c)
				})
				if *update {
					c.want = got
				}
				if got != c.want {
					t.Errorf("%s\ngot:\n%s\nwant:\n%s", c.script, got, c.want)
				}
			})
		}
		if *update {
			if err := os.WriteFile(table.file, []byte(table.String()), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// runCase runs the commands of a case in /tmp.
func (m *machine) runCase(c *oracleCase) (r oracleResult) {
	m.t.Helper()
	m.do(func(p *proc.Proc) error {
		write(m.t, p, "/fd/in", c.in, 0o666)
		if err := p.Chdir("/tmp"); err != nil {
			return err
		}
		for _, args := range c.commands() {
			if _, err := p.Fork(proc.RFFDG|proc.RFREND, oracleCommand(args)); err != nil {
				return err
			}
			w, err := p.Wait()
			if err != nil {
				return err
			}
			out, _ := p.ReadFile("/fd/out")
			errs, _ := p.ReadFile("/fd/err")
			r.out += string(out)
			r.errs += string(errs)
			if _, status, ok := strings.Cut(w.Msg, ": "); ok {
				r.status = status
			}
		}
		return nil
	})
	return r
}

// oracleCommand executes a command with the input of the case.
func oracleCommand(args []string) proc.Main {
	return func(p *proc.Proc) error {
		if _, err := p.Open("/fd/in", ninep.OREAD); err != nil {
			return err
		}
		for _, name := range []string{"/fd/out", "/fd/err"} {
			if _, err := p.Create(name, ninep.OWRITE, 0o666); err != nil {
				return err
			}
		}
		return p.Exec("/bin/"+args[0], args)
	}
}

// oracleDirs are where Plan 9's programs are on Unix: plan9port, and Debian's
// package 9base.
var oracleDirs = []string{"/usr/local/plan9/bin", "/usr/lib/plan9/bin"}

// TestOracle compares the cases with what Plan 9's programs do. A reason why
// one does something else must be true.
func TestOracle(t *testing.T) {
	dir := ""
	for _, d := range oracleDirs {
		if _, err := os.Stat(d + "/sed"); err == nil {
			dir = d
		}
	}
	if dir == "" {
		t.Skip("no Plan 9 programs here to compare with: install plan9port or Debian's 9base")
	}
	for _, table := range readOracle(t) {
		for _, c := range table.cases {
			t.Run(path.Base(table.file)+"/"+c.name, func(t *testing.T) {
				t.Parallel()
				for _, args := range c.commands() {
					if _, err := os.Stat(filepath.Join(dir, args[0])); err != nil {
						t.Skip("no " + args[0] + " in " + dir)
					}
				}
				diff := compareOracle(runOracle(t, dir, table, c), c.want)
				switch {
				case diff != "" && c.why == "":
					t.Errorf("%s\nPlan 9's program differs in its %s", c.script, diff)
				case diff == "" && c.why != "":
					t.Errorf("%s\nPlan 9's program does the same, and not: %s", c.script, c.why)
				}
			})
		}
	}
}

// compareOracle says how a result differs from what is wanted: in what is
// printed, in whether there are complaints, or in success.
func compareOracle(got, want oracleResult) string {
	switch {
	case got.out != want.out:
		return "output:\n" + got.out + "here:\n" + want.out
	case (got.errs == "") != (want.errs == ""):
		return "complaint: " + got.errs + "here: " + want.errs
	case (got.status == "") != (want.status == ""):
		return "status: " + got.status + "\nhere: " + want.status
	}
	return ""
}

// runOracle runs a case with Plan 9's programs in a directory of its own.
func runOracle(t *testing.T, bin string, table *oracleTable, c *oracleCase) (r oracleResult) {
	dir := t.TempDir()
	for _, f := range slices.Concat(table.shared, c.files) {
		name := filepath.Join(dir, f.name)
		if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(name, []byte(f.text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	input := filepath.Join(t.TempDir(), "in") // a file, as here: ed sees the difference
	if err := os.WriteFile(input, []byte(c.in), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, args := range c.commands() {
		in, err := os.Open(input)
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		var out, errs bytes.Buffer
		cmd := exec.CommandContext(ctx, filepath.Join(bin, args[0]), args[1:]...)
		cmd.Args[0] = args[0]
		cmd.Dir, cmd.WaitDelay = dir, time.Second
		cmd.Env = []string{"PATH=" + bin, "HOME=" + dir, "TZ=UTC", "LC_ALL=C.UTF-8"}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = in, &out, &errs
		err = cmd.Run()
		cancel()
		in.Close()
		r.out += out.String()
		r.errs += errs.String()
		if exit := new(exec.ExitError); errors.As(err, &exit) {
			r.status = exit.String()
		} else if err != nil {
			t.Fatal(err)
		}
	}
	return r
}
