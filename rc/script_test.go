package rc_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

var update = flag.Bool("update", false, "write what the scripts do to testdata")

// A row is a script with what it does, from a file in testdata:
//
//	== name | why a real rc on Unix does something else
//	script
//	-- out
//	standard output
//	-- err
//	standard error
//	-- status text
//
// Parts that are empty are left out. A reason that begins with old: is one for
// which only older versions than 9front's differ, one with err: is for the
// standard error alone, and one with old err: for that of older versions.
type row struct {
	name, why, script string
	want              result
}

// differs reports whether a real rc may write something else than the row says,
// and whether it may at least to standard error.
func (r row) differs(old bool) (out, errs bool) {
	why := r.why
	if s, ok := strings.CutPrefix(why, "old"); ok && strings.Contains(why, ":") {
		if why = strings.TrimLeft(s, " "); !old {
			return false, false
		}
	}
	errs = why != ""
	return errs && !strings.HasPrefix(why, "err:"), errs
}

// readRows returns the rows of a file.
func readRows(t *testing.T, file string) []row {
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var rows []row
	var part *string
	for line := range strings.Lines(string(b)) {
		head := strings.TrimSuffix(line, "\n")
		if name, ok := strings.CutPrefix(head, "== "); ok {
			name, why, _ := strings.Cut(name, " | ")
			rows = append(rows, row{name: name, why: why})
			part = &rows[len(rows)-1].script
			continue
		}
		r := &rows[len(rows)-1]
		if status, ok := strings.CutPrefix(head, "-- status "); ok {
			r.want.status = status
		} else if head == "-- out" {
			part = &r.want.out
		} else if head == "-- err" {
			part = &r.want.errs
		} else {
			*part += line
		}
	}
	return rows
}

// format returns rows as readRows reads them.
func format(rows []row) string {
	var b strings.Builder
	for _, r := range rows {
		b.WriteString("== " + r.name)
		if r.why != "" {
			b.WriteString(" | " + r.why)
		}
		b.WriteString("\n" + r.script)
		for _, part := range []struct{ name, text string }{{"out", r.want.out}, {"err", r.want.errs}} {
			if part.text != "" {
				b.WriteString("-- " + part.name + "\n" + part.text)
			}
		}
		if r.want.status != "" {
			b.WriteString("-- status " + r.want.status + "\n")
		}
	}
	return b.String()
}

// eachRow calls f for every row in testdata.
func eachRow(t *testing.T, f func(t *testing.T, file string, r *row)) {
	files, err := filepath.Glob("testdata/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		rows := readRows(t, file)
		base := strings.TrimSuffix(filepath.Base(file), ".txt")
		for i := range rows {
			t.Run(base+"/"+rows[i].name, func(t *testing.T) { f(t, base, &rows[i]) })
		}
		if *update {
			if err := os.WriteFile(file, []byte(format(rows)), 0o666); err != nil {
				t.Fatal(err)
			}
		}
	}
}

func TestScripts(t *testing.T) {
	eachRow(t, func(t *testing.T, file string, r *row) {
		m := newMachine(t, nil)
		got := m.script(t, map[string]string{"t": r.script}, "./t")
		m.halt(t)
		if *update {
			r.want = got
		}
		if got != r.want {
			t.Errorf("got:\n%s\nwant:\n%s", format([]row{{script: r.script, want: got}}), format([]row{{want: r.want}}))
		}
	})
}

// TestOracle compares the rows with what a real rc does: $RC, which should be
// 9front's, or the older ones of plan9port and 9base.
func TestOracle(t *testing.T) {
	oracle, old := findOracle(t)
	eachRow(t, func(t *testing.T, file string, r *row) {
		out, errs := r.differs(old)
		if out {
			t.Skip(r.why)
		}
		t.Parallel()
		got, err := runOracle(t, oracle, r.script)
		if err != nil {
			t.Fatal(err)
		}
		if got.out != r.want.out {
			t.Errorf("%s\nreal rc:\n%s\nhere:\n%s", r.script, got.out, r.want.out)
		}
		if (got.status == "") != (r.want.status == "") {
			t.Errorf("real rc: status %q, here: %q", got.status, r.want.status)
		}
		if !errs && shape(got.errs, old) != shape(r.want.errs, old) {
			t.Errorf("%s\nreal rc:\n%s\nhere:\n%s", r.script, got.errs, r.want.errs)
		}
	})
}

// findOracle returns a real rc, and whether it is of an older kind than 9front's.
func findOracle(t *testing.T) (oracle string, old bool) {
	oracle = os.Getenv("RC")
	for _, name := range []string{"/usr/local/plan9/bin/rc", "/usr/lib/plan9/bin/rc"} {
		if _, err := os.Stat(name); err == nil && oracle == "" {
			oracle, old = name, true
		}
	}
	if oracle == "" {
		t.Skip("no real rc here to compare with: set RC, or install plan9port or Debian's 9base")
	}
	return oracle, old
}

var (
	// hostErrors are what the same errors are called here and on Unix.
	hostErrors = regexp.MustCompile(`('([^']|'')*' )?(file does not exist|cannot exec directory|permission denied|fd out of range or not open|not a directory|empty file name|bad character in file name|unknown device in # filename)|` +
		`No such file or directory|Permission denied|Bad file descriptor|Not a directory`)
	hostNames = strings.NewReplacer("/dev/fd/", "/fd/")
	lines     = regexp.MustCompile(`:[0-9]+`)
)

// shape returns of messages what is the same in a real rc. Line numbers are
// not: in a syntax error a real one has often counted the newline behind it,
// and it counts no continued lines. Older ones use other words, so that all
// that counts is whether they said something.
func shape(errs string, old bool) string {
	if old {
		return fmt.Sprint(errs != "")
	}
	return lines.ReplaceAllString(hostErrors.ReplaceAllString(hostNames.Replace(errs), "an error"), ":N")
}

// runOracle runs a script with a real rc in an empty directory.
func runOracle(t *testing.T, oracle, script string) (result, error) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "t"), []byte(script), 0o666); err != nil {
		return result{}, err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	c := exec.CommandContext(ctx, oracle, "./t")
	return outcome(c, oracle, dir)
}

// outcome runs c, which is to become a real rc, in dir.
func outcome(c *exec.Cmd, oracle, dir string) (result, error) {
	var out, errs bytes.Buffer
	c.Dir = dir
	path := []string{filepath.Dir(oracle), "/usr/lib/plan9/bin", "/bin", "/usr/bin"}
	c.Env = []string{
		"PATH=" + strings.Join(path, ":"), "path=" + strings.Join(path, "\x01"), // one for each kind of rc
		"HOME=" + dir, "LC_ALL=C.UTF-8",
	}
	c.Stdout, c.Stderr = &out, &errs
	c.WaitDelay = time.Second
	err := c.Run()
	status := ""
	if exit := new(exec.ExitError); errors.As(err, &exit) {
		status, err = fmt.Sprint(exit), nil
	}
	return result{out.String(), errs.String(), status}, err
}
