package kernel_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/proc"
)

// boot boots a kernel, runs main as a process of it, halts it, and checks
// that nothing is left.
func boot(t *testing.T, main proc.Main) {
	t.Helper()
	ctx := context.Background()
	strict := make(map[rune]*ninetest.StrictServer)
	k, err := kernel.New(ctx, kernel.Config{
		Name: "n1", Env: map[string]string{"service": "cpu"}, Builtins: []string{"boot", "cat"},
		Wrap: func(letter rune, srv ninep.Server) ninep.Server {
			strict[letter] = ninetest.Strict(srv)
			return strict[letter]
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p, err := k.Procs().Start(ctx, "glenda", []string{"init"}, main)
	if err != nil {
		t.Fatal(err)
	}
	<-p.Done()
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if err := k.Halt(ctx); err != nil {
		t.Error(err)
	}
	for letter, s := range strict {
		if err := s.Check(); err != nil {
			t.Errorf("#%c: %v", letter, err)
		}
	}
}

// The devices are there, answer for the process that asks, and give back what
// they gave.
func TestDevices(t *testing.T) {
	boot(t, func(p *proc.Proc) error {
		for name, want := range map[string]string{
			"#c/sysname":      "n1",
			"#c/user":         "glenda",
			"#c/pid":          fmt.Sprintf("%11d ", p.Getpid()),
			"#ec/service":     "cpu",
			"#/ufo/bin/cat":   "#builtin cat\n",
			"#//ufo/bin/boot": "#builtin boot\n",
			"#c/config":       "service=cpu\n",
		} {
			if b, err := p.ReadFile(name); err != nil || string(b) != want {
				t.Errorf("%s: %q %v, want %q", name, b, err, want)
			}
		}
		if b, err := p.ReadFile(fmt.Sprintf("#p/%d/status", p.Getpid())); err != nil || !strings.HasPrefix(string(b), "init ") {
			t.Errorf("status: %q %v", b, err)
		}
		if b, err := p.ReadFile("#c/drivers"); err != nil || strings.Contains(string(b), "#I") || !strings.Contains(string(b), "#c cons") {
			t.Errorf("drivers: %q %v", b, err)
		}
		return nil
	})
}
