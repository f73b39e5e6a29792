package ninetest

import (
	"context"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
	"ufo/ninep/ramfs"
)

// run runs a suite on a server in a bubble, and returns the results by name.
func run(t *testing.T, s Suite, srv ninep.Server) map[string]Result {
	t.Helper()
	results := make(map[string]Result)
	strict := Strict(srv)
	dial, stop := Served(t.Context(), strict, nil)
	s.Dial = dial
	if err := s.Run(t.Context(), func(r Result) { results[r.Name] = r }); err != nil {
		t.Error(err)
	}
	stop()
	if err := strict.Check(); err != nil {
		t.Error(err)
	}
	return results
}

// Servers that keep the rules.
func TestSuitePasses(t *testing.T) {
	for _, tt := range []struct {
		name  string
		suite Suite
		srv   func() ninep.Server
		skips int // at most
	}{
		{"storage", Suite{}, func() ninep.Server { return ramfs.New("glenda", time.Now, 0) }, 15},
		{"device", Suite{Waits: []string{"block"}}, func() ninep.Server { return device() }, 190},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				skips := 0
				for _, r := range run(t, tt.suite, tt.srv()) {
					switch r.Status {
					case Failed:
						t.Errorf("%s: %s\n\t%s", r.Name, r.Saw, strings.Join(r.Transcript, "\n\t"))
					case Skipped:
						skips++
					}
				}
				if skips > tt.skips {
					t.Errorf("%d checks were skipped", skips)
				}
			})
		})
	}
}

// A server that begins anew with each connection, as a command does that serves
// its standard input, fails no check for that.
func TestSuiteOneEach(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, end := context.WithCancel(t.Context())
		var servers sync.WaitGroup
		s := Suite{User: "glenda", Dial: func(context.Context) (io.ReadWriteCloser, error) {
			a, b := ninep.Pipe()
			servers.Go(func() { ninep.Serve(ctx, a, ramfs.New("glenda", time.Now, 0), nil) })
			return b, nil
		}}
		count := make(map[Status]int)
		if err := s.Run(ctx, func(r Result) {
			if count[r.Status]++; r.Status == Failed {
				t.Errorf("%s: %s\n\t%s", r.Name, r.Saw, strings.Join(r.Transcript, "\n\t"))
			}
		}); err != nil {
			t.Error(err)
		}
		if count[Skipped] > 20 {
			t.Errorf("%d checks were skipped", count[Skipped])
		}
		end()
		servers.Wait()
	})
}

// Each check has a name of its own, in a group, a page and a sentence.
func TestChecks(t *testing.T) {
	seen := make(map[string]bool)
	for _, c := range Checks() {
		group, what, ok := strings.Cut(c.Name, "/")
		if seen[c.Name] || !ok || group == "" || what == "" {
			t.Errorf("%q: twice, or without a group", c.Name)
		}
		seen[c.Name] = true
		if !strings.HasSuffix(c.Says, ".") || !strings.HasSuffix(c.Page, "(5)") && c.Page != "remove(2)" {
			t.Errorf("%s: %s: %s", c.Name, c.Page, c.Says)
		}
	}
	if len(seen) < 150 {
		t.Errorf("only %d checks", len(seen))
	}
	t.Log(len(seen), "checks")
}
