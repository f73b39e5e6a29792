package rc_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// programs calls f for every long script in testdata/scripts, with what it
// should do, which is in a file beside it: what it prints, and a last line
// with the status.
func programs(t *testing.T, f func(t *testing.T, script string, want *result)) {
	files, err := filepath.Glob("testdata/scripts/*.rc")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scripts: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".rc"), func(t *testing.T) {
			script, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			golden := strings.TrimSuffix(file, ".rc") + ".out"
			text, err := os.ReadFile(golden)
			if err != nil && !*update {
				t.Fatal(err)
			}
			var want result
			want.out, want.status, _ = strings.Cut(strings.TrimSuffix(string(text), "\n"), statusLine)
			f(t, string(script), &want)
			if *update {
				text := []byte(want.out + statusLine + want.status + "\n")
				if err := os.WriteFile(golden, text, 0o666); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// statusLine begins what is behind the output of a long script.
const statusLine = "-- status "

func TestPrograms(t *testing.T) {
	programs(t, func(t *testing.T, script string, want *result) {
		m := newMachine(t, nil)
		got := m.script(t, map[string]string{"t": script}, "./t")
		m.halt(t)
		if *update {
			*want = result{out: got.out, status: got.status}
		}
		if got.out != want.out || got.status != want.status {
			t.Errorf("got:\n%s%s%s\nstderr:\n%s", got.out, statusLine, got.status, got.errs)
		}
	})
}

// TestProgramsOracle runs the long scripts with a real rc, see TestOracle. One
// that begins with "# old: reason" is beyond older ones.
func TestProgramsOracle(t *testing.T) {
	oracle, old := findOracle(t)
	programs(t, func(t *testing.T, script string, want *result) {
		if why, ok := strings.CutPrefix(script, "# old: "); ok && old {
			why, _, _ = strings.Cut(why, "\n")
			t.Skip(why)
		}
		t.Parallel()
		got, err := runOracle(t, oracle, script)
		if err != nil {
			t.Fatal(err)
		}
		if got.out != want.out || (got.status == "") != (want.status == "") {
			t.Errorf("real rc:\n%s%s%s\nstderr:\n%s", got.out, statusLine, got.status, got.errs)
		}
	})
}
