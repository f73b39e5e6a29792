package cmd

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ufo/proc"
)

// loops are programs that go on for ever, make no system call by themselves and
// print nothing. Whatever interprets them looks up from time to time.
var loops = []struct {
	name, in string
	args     []string
}{
	{"awk while", "", []string{"awk", "BEGIN { while (1) x++ }"}},
	{"awk for", "", []string{"awk", "BEGIN { for (;;) ; }"}},
	{"awk do", "", []string{"awk", "BEGIN { do ; while (1) }"}},
	{"awk calls", "", []string{"awk", "function f() { return 1 }\nBEGIN { while (f()) ; }"}},
	{"awk END", "", []string{"awk", "END { while (1) ; }"}},
	{"bc while", "while(1) x=1\n", []string{"bc"}},
	{"bc for", "for(i=1; i; i=1) x=1\n", []string{"bc"}},
	{"bc calls", "define f() {\nreturn 1\n}\nwhile(f()) x=1\n", []string{"bc"}},
	{"dc", "[lax]salax\n", []string{"dc"}},
	{"dc condition", "[1 1=a]sa lax\n", []string{"dc"}},
	{"hoc while", "while(1) x=1\n", []string{"hoc"}},
	{"hoc for", "for(i=1; i; i=1) x=1\n", []string{"hoc"}},
	{"hoc calls", "func f() { return 1 }\nwhile(f()) x=1\n", []string{"hoc"}},
	{"sed branch", "a\n", []string{"sed", ":a\nba"}},
	{"sed test", "a\n", []string{"sed", ":a\ns/a/a/\nta"}},
	{"sed delete", "a\n", []string{"sed", "s/^/\\\n/\nD"}},
	{"rc while", "", []string{"rc", "-c", "while() x=1"}},
	{"rc empty", "", []string{"rc", "-c", "while() {}"}},
	{"rc match", "", []string{"rc", "-c", "while(~ a a) ;"}},
	{"rc switch", "", []string{"rc", "-c", "while() switch(a){case a; x=y}"}},
	{"rc eval", "", []string{"rc", "-c", "while() eval ''"}},
}

// TestLoops ends programs that go on for ever: in the bubble of a test no time
// passes for them, so that they are told when they look up.
func TestLoops(t *testing.T) {
	for name, end := range map[string]func(p *proc.Proc){
		"interrupt": func(p *proc.Proc) { p.Post("interrupt") },
		"kill":      (*proc.Proc).Kill,
	} {
		for _, l := range loops {
			t.Run(name+"/"+l.name, func(t *testing.T) { endLoop(t, l.args, l.in, end) })
		}
	}
}

func endLoop(t *testing.T, args []string, in string, end func(p *proc.Proc)) {
	late := time.AfterFunc(time.Minute, func() { panic(strings.Join(args, " ") + ": makes no system call") })
	defer late.Stop()
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, files{"/fd/in": in})
		var looked atomic.Int32
		m.do(func(p *proc.Proc) error {
			_, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(c *proc.Proc) error {
				c.Trace(func(c *proc.Proc, call proc.Call) {
					if call.Name == "Sleep" && looked.Add(1) == 3 {
						end(c)
					}
				})
				return oracleCommand(args)(c)
			})
			if err != nil {
				return err
			}
			w, err := p.Wait()
			if err != nil || looked.Load() < 3 {
				errs, _ := p.ReadFile("/fd/err")
				t.Errorf("%q ends with %v, %v, and looked up %d times\n%s", args, w, err, looked.Load(), errs)
			}
			return nil
		})
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := m.table.Shutdown(ctx); err != nil {
			t.Error(err)
		}
	})
}

// TestSpaces makes what sed keeps grow without end.
func TestSpaces(t *testing.T) {
	if testing.Short() {
		t.Skip("-short: it copies some hundred MB")
	}
	f := files{"f": strings.Repeat("a", 1<<20) + "\n"}
	runRows(t, []row{
		{"sed pattern space", f, "sed ':a\ns/.*/&&/\nba' f", "sed: line too long\nstatus: error\n"},
		{"sed hold space", f, "sed ':a\nH\nba' f", "sed: line too long\nstatus: error\n"},
	})
}
