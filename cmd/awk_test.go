package cmd

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"

	"ufo/ninep"
	"ufo/proc"
)

// An awkRow is a program with its arguments, and what it prints on descriptor 1.
// The same is asked of Plan 9's awk on the host, where there is one.
type awkRow struct {
	name    string
	args    []string
	in      string // the file that is the standard input
	want    string
	fails   bool   // the exit status says so
	differs string // why the awk of 9base prints something else, where it does
}

// awkFiles are the files of all rows.
var awkFiles = files{
	"f": "a b\nc d e\n", "g": "10\n", "nonl": "x\ny", "empty": "", "blanks": "\n\nx\n\n",
	"three": "one\ntwo\nthree\n", "paras": "\n\na b\nc,d\n\n\n\ne\nf\n\n", "bad": "\xff\xfeb c\n",
	"nul": "a\x00b c\n", "prog.awk": "{ print $2 }\n", "prog2.awk": "END { print NR }",
	"spaces": "  a   b\t c  \n", "nums": "10 9\n2 10\n", "csv": "a,b;c\n", "csv2": "a,b c\nd,e f\n",
	"tabs": "a\tb c\td\n", "bars": "a|b|c\n", "utf": "aéb→c d\nαβ γδ\n", "seps": ",a,,b,\n",
	"text": "the cat the dog\na cat\n", "nums1": "7\n250\n",
}

var awkTables = map[string][]awkRow{
	"records": awkRecords, "fields": awkFields, "expressions": awkExpressions, "statements": awkStatements,
	"functions": awkFunctions, "regexps": awkRegexps, "errors": awkErrors,
}

func TestAwk(t *testing.T) {
	for name, rows := range awkTables {
		for _, r := range rows {
			t.Run(name+"/"+r.name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					m := newMachine(t, awkFiles)
					got, errs, status := m.exec(append([]string{"awk"}, r.args...), r.in)
					if got != r.want || (status != "") != r.fails {
						t.Errorf("awk %q\ngot:\n%s\nwant:\n%s\nstatus: %q, fails: %v\n%s", r.args, got, r.want, status, r.fails, errs)
					}
					if r.fails && !strings.HasPrefix(errs, "awk: ") && status != "error" {
						t.Errorf("awk %q says %q", r.args, errs)
					}
				})
			})
		}
	}
}

// exec runs a command in /tmp with a file as its standard input, and returns
// what it prints on descriptors 1 and 2 and its exit status.
func (m *machine) exec(args []string, in string) (out, errs, status string) {
	m.t.Helper()
	if in == "" {
		in = "/dev/null"
	}
	m.do(func(p *proc.Proc) error {
		if err := p.Chdir("/tmp"); err != nil {
			return err
		}
		_, err := p.Fork(proc.RFFDG|proc.RFREND, func(p *proc.Proc) error {
			if _, err := p.Open(in, ninep.OREAD); err != nil {
				return err
			}
			for _, name := range []string{"/fd/out", "/fd/err"} {
				if _, err := p.Create(name, ninep.OWRITE, 0o666); err != nil {
					return err
				}
			}
			return p.Exec("/bin/"+args[0], args)
		})
		if err != nil {
			return err
		}
		w, err := p.Wait()
		if err != nil {
			return err
		}
		_, status, _ = strings.Cut(w.Msg, ": ")
		b, err := p.ReadFile("/fd/out")
		if err != nil {
			return err
		}
		e, err := p.ReadFile("/fd/err")
		out, errs = string(b), string(e)
		return err
	})
	return out, errs, status
}

// plan9awk is the awk of Debian's 9base.
const plan9awk = "/usr/lib/plan9/bin/awk"

// TestAwkOracle runs the rows with Plan 9's own awk.
func TestAwkOracle(t *testing.T) {
	if _, err := os.Stat(plan9awk); err != nil {
		t.Skip("no awk of Plan 9 on this host: ", err)
	}
	n := 0
	for name, rows := range awkTables {
		for _, r := range rows {
			n++
			t.Run(name+"/"+r.name, func(t *testing.T) {
				t.Parallel()
				dir := t.TempDir()
				for name, text := range awkFiles {
					if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
						t.Fatal(err)
					}
				}
				c := exec.Command(plan9awk, r.args...)
				c.Dir = dir
				if r.in != "" {
					c.Stdin = strings.NewReader(awkFiles[r.in])
				}
				var errs bytes.Buffer
				c.Stderr = &errs
				b, err := c.Output()
				same := string(b) == r.want && (err != nil) == r.fails
				if same != (r.differs == "") {
					t.Errorf("awk %q\nPlan 9 prints:\n%s\nwant:\n%s\n%v, fails: %v, differs: %q\n%s",
						r.args, b, r.want, err, r.fails, r.differs, errs.Bytes())
				}
			})
		}
	}
	if n < 150 {
		t.Errorf("%d rows", n)
	}
}
