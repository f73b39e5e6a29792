package proc_test

import (
	"context"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ninep/ramfs"
	"ufo/ns"
	"ufo/proc"
)

// BenchmarkForkExecWait starts a program that does nothing and waits for it.
func BenchmarkForkExecWait(b *testing.B) {
	progs := testLoader{"true": func(*proc.Proc) error { return nil }}
	table := proc.NewTable(proc.Config{
		Devs:    ns.NewDevtab(map[rune]ninep.Server{'/': ramfs.New("glenda", time.Now, 0), '|': dev.NewPipe()}),
		Loaders: []proc.Loader{progs},
	})
	b.ReportAllocs()
	p, err := table.Start(context.Background(), "glenda", []string{"init"}, func(p *proc.Proc) error {
		fd, err := p.Create("/true", ninep.OWRITE, 0777)
		if err != nil {
			return err
		}
		p.Write(fd, []byte("#test true\n"))
		p.Close(fd)
		run := func(p *proc.Proc) error { return p.Exec("/true", []string{"true"}) }
		for b.Loop() {
			if _, err := p.Fork(proc.RFFDG|proc.RFREND, run); err != nil {
				return err
			}
			if w, err := p.Wait(); err != nil || w.Msg != "" {
				b.Error(w, err)
			}
		}
		return nil
	})
	if err != nil {
		b.Fatal(err)
	}
	<-p.Done()
}
