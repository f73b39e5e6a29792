package dev_test

import (
	"testing"

	"ufo/dev"
	"ufo/ninep"
	"ufo/proc"
)

func TestEnv(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		fd := x.create("#e/x", ninep.ORDWR, 0)
		x.p.Write(fd, []byte("hello"))
		x.p.Pwrite(fd, []byte("J"), 7)
		same(t, "value with a hole", x.cat("#e/x"), "hello\x00\x00J")
		d, err := x.p.Fstat(fd)
		if err != nil || d.Length != 8 || d.Qid.Vers != 2 || d.UID != "glenda" || d.Mode != 0666 {
			t.Errorf("stat: %+v, %v", d, err)
		}
		x.p.WriteFile("#e/x", []byte("short"))
		same(t, "truncated", x.cat("#e/x"), "short")
		x.p.WriteFile("#e/fn#f", []byte("{}"))
		same(t, "list", x.ls("#e"), "x fn#f")
		if _, err := x.p.Pwrite(fd, make([]byte, 10), 512*1024); err != ninep.ErrTooBig {
			t.Errorf("large value: %v", err)
		}
		if err := x.p.Remove("#e/x"); err != nil {
			t.Error(err)
		}
		x.p.WriteFile("#e/x", []byte("another"))
		if _, err := x.p.Pread(fd, make([]byte, 10), 0); err != ninep.ErrNotExist {
			t.Errorf("removed variable: %v", err)
		}
		fd = x.open("#e/x", ninep.OREAD|ninep.ORCLOSE)
		x.p.Close(fd)
		same(t, "removed on close", x.cat("#e/x"), "file does not exist")
		if _, err := x.p.Create("#e/dir", ninep.OREAD, ninep.DMDIR); err == nil {
			t.Error("made a directory")
		}
	})
}

func TestEnvGroups(t *testing.T) {
	for _, c := range []struct {
		name string
		flag int
		want string // what the parent and a child that changes $x see then
	}{
		{"shared", 0, "new new"},
		{"copied", proc.RFENVG, "old new"},
		{"clean", proc.RFCENVG, "old new"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := newMachine(t, dev.ConsConfig{})
			m.run("glenda", func(x user) {
				x.p.WriteFile("#e/x", []byte("old"))
				var before, after string
				x.p.Fork(c.flag, func(p *proc.Proc) error {
					before = user{t, p}.ls("#e")
					p.WriteFile("#e/x", []byte("new"))
					after = user{t, p}.cat("#e/x")
					return nil
				})
				x.p.Wait()
				same(t, "values", x.cat("#e/x")+" "+after, c.want)
				if clean := before == ""; clean != (c.flag == proc.RFCENVG) {
					t.Errorf("child found %q", before)
				}
			})
		})
	}
}

func TestEnvConfig(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("glenda", func(x user) {
		same(t, "config", x.cat("#ec/cputype"), "amd64")
		same(t, "host owner writes", x.echo("arm64", "#ec/cputype"), "")
	})
	m.run("ken", func(x user) {
		same(t, "all see it", x.cat("#ec/cputype"), "arm64")
		same(t, "others do not write", x.echo("mips", "#ec/cputype"), "permission denied")
		if _, err := x.p.Create("#ec/new", ninep.OWRITE, 0666); err == nil {
			t.Error("another user made a configuration variable")
		}
		if err := x.p.Remove("#ec/cputype"); err == nil {
			t.Error("another user removed a configuration variable")
		}
		same(t, "bad spec", x.cat("#ex/y"), "bad attach specifier")
	})
}
