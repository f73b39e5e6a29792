package dev_test

import (
	"testing"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// bench runs f in a process with the usual devices bound.
func bench(b *testing.B, f func(p *proc.Proc)) {
	m := benchMachine()
	p, err := m.Start(b.Context(), "glenda", []string{"bench"}, func(p *proc.Proc) error {
		for _, d := range [][2]string{{"#c", "/dev"}, {"#e", "/env"}, {"#p", "/proc"}} {
			if err := p.Bind(d[0], d[1], ns.MREPL|ns.MCREATE); err != nil {
				b.Error(err)
			}
		}
		b.ReportAllocs()
		b.ResetTimer()
		f(p)
		b.StopTimer()
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	<-p.Done()
}

func benchMachine() *proc.Table {
	var procs *proc.Table
	table := func() *proc.Table { return procs }
	devs := dev.Config{Host: glenda, Cons: dev.NewCons(dev.ConsConfig{Host: glenda, Sysname: "n1"}), Srv: dev.NewSrv(glenda), Procs: table}
	procs = proc.NewTable(proc.Config{Devs: ns.NewDevtab(devs.Servers())})
	return procs
}

// BenchmarkFile opens, reads and closes small files of devices.
func BenchmarkFile(b *testing.B) {
	for _, name := range []string{"/dev/null", "/dev/sysname", "/dev/time", "/env/x", "/proc/1/status", "#c/pid"} {
		b.Run(name, func(b *testing.B) {
			bench(b, func(p *proc.Proc) {
				p.WriteFile("/env/x", []byte("value"))
				buf := make([]byte, 200)
				for range b.N {
					fd, err := p.Open(name, ninep.OREAD)
					if err != nil {
						b.Error(err)
						return
					}
					p.Read(fd, buf)
					p.Close(fd)
				}
			})
		})
	}
}

// BenchmarkPipe writes to a pipe and reads from it.
func BenchmarkPipe(b *testing.B) {
	bench(b, func(p *proc.Proc) {
		x, y, err := p.Pipe()
		if err != nil {
			b.Error(err)
			return
		}
		buf := make([]byte, 1024)
		b.SetBytes(int64(len(buf)))
		for range b.N {
			p.Write(x, buf)
			p.Read(y, buf)
		}
	})
}
