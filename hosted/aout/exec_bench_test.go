package aout_test

import (
	"testing"

	"ufo/ninep"
	"ufo/proc"
)

// small is a program for amd64 that ends: it calls exits(nil).
const small = "\x00\x00\x8a\x97" + "\x00\x00\x00\x14" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" +
	"\x00\x20\x00\x28" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x20\x00\x28" +
	"\x6a\x00\x6a\x00\x48\xc7\xc5\x08\x00\x00\x00\x0f\x05\xcc\x90\x90\x90\x90\x90\x90" // push 0; push 0; mov rbp, 8; syscall

// BenchmarkExec forks, executes a program and waits for it.
func BenchmarkExec(b *testing.B) {
	for _, row := range []struct {
		name string
		file []byte
	}{{"small", []byte(small)}, {"go", build(b, "hello", "amd64")}} {
		b.Run(row.name, func(b *testing.B) {
			newMachine(b).do(func(p *proc.Proc) error {
				if err := writeProgram(p, "/tmp/program", row.file); err != nil {
					b.Error(err)
				}
				if _, err := p.Create("/env/x", ninep.OREAD, 0o666); err != nil { // Go must have one
					b.Error(err)
				}
				for _, mode := range []ninep.Mode{ninep.OWRITE, ninep.OWRITE} {
					p.Open("/dev/null", mode)
				}
				for b.Loop() {
					p.Fork(proc.RFFDG, func(p *proc.Proc) error { return p.Exec("/tmp/program", []string{"program", "arg"}) })
					if w, err := p.Wait(); err != nil || w.Msg != "" {
						b.Fatal(w, err)
					}
				}
				return nil
			})
		})
	}
}
