package aout_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"testing"

	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/proc"
)

// small is a program for amd64 that ends: it calls exits(nil).
const small = "\x00\x00\x8a\x97" + "\x00\x00\x00\x14" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" +
	"\x00\x20\x00\x28" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00" + "\x00\x00\x00\x00\x00\x20\x00\x28" +
	"\x6a\x00\x6a\x00\x48\xc7\xc5\x08\x00\x00\x00\x0f\x05\xcc\x90\x90\x90\x90\x90\x90" // push 0; push 0; mov rbp, 8; syscall

// eachPlatform makes a benchmark with a machine of each platform, whatever
// PLATFORM says: they are there to be compared.
func eachPlatform(b *testing.B, f func(b *testing.B, m *machine)) {
	for _, name := range vm.PlatformNames() {
		b.Run(name, func(b *testing.B) {
			platform, err := vm.NewPlatform(name)
			if err != nil {
				b.Fatal(err)
			}
			f(b, newOn(b, platform, aout.Limits{}, 0))
		})
	}
}

// BenchmarkExec forks, executes a program and waits for it. The one of the host
// is there to compare.
func BenchmarkExec(b *testing.B) {
	for _, row := range []struct {
		name string
		file []byte
	}{{"small", []byte(small)}, {"go", build(b, "hello", "amd64")}} {
		b.Run(row.name, func(b *testing.B) {
			eachPlatform(b, func(b *testing.B, m *machine) { m.benchExec(b, row.file) })
		})
	}
	b.Run("go/host", func(b *testing.B) { benchHost(b, "hello", "arg") })
}

// BenchmarkCPU is a program that computes.
func BenchmarkCPU(b *testing.B) {
	file := build(b, "cpu", "amd64")
	eachPlatform(b, func(b *testing.B, m *machine) { m.benchExec(b, file) })
	b.Run("host", func(b *testing.B) { benchHost(b, "cpu") })
}

// benchExec executes a program again and again.
func (m *machine) benchExec(b *testing.B, file []byte) {
	m.do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/program", file); err != nil {
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
}

// benchHost does the same with a program of the host's, made of the same text.
func benchHost(b *testing.B, name string, args ...string) {
	file := filepath.Join(b.TempDir(), name)
	if err := os.WriteFile(file, buildFor(b, name, runtime.GOOS, runtime.GOARCH), 0o777); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if err := exec.Command(file, args...).Run(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkNotify is a system call that does next to nothing.
func BenchmarkNotify(b *testing.B) {
	eachPlatform(b, func(b *testing.B, m *machine) {
		var c code
		c.loop(uint32(b.N), false, func() { c.call(sysNotify, 0) })
		c.call(sysExits, 0)
		if got := m.sh("/tmp/calls", map[string][]byte{"calls": c.program(100)}); got != "" {
			b.Error(got)
		}
	})
}
