package dev_test

import (
	"strings"
	"testing"

	"ufo/dev"
	"ufo/ninep"
)

func TestDup(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("ken", func(x user) {
		same(t, "none open", x.ls("#d"), "0 0ctl")
		a, b, err := x.p.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		null := x.open("#c/null", ninep.OREAD)
		same(t, "open", x.ls("#d"), "0 0ctl 1 1ctl 2 2ctl 3 3ctl")
		x.p.Write(b, []byte("through the pipe"))
		fd := x.open("#d/0", ninep.ORDWR)
		buf := make([]byte, 100)
		n, _ := x.p.Read(fd, buf)
		same(t, "the same pipe", string(buf[:n]), "through the pipe")
		d, err := x.p.Stat("#d/2")
		if err != nil || d.Mode != 0400 || d.UID != "ken" {
			t.Errorf("read-only descriptor: %+v, %v", d, err)
		}
		same(t, "wrong mode", x.echo("x", "#d/2"), "inappropriate use of fd")
		same(t, "not open", x.cat("#d/9"), "file does not exist")
		same(t, "no number", x.cat("#d/x"), "file does not exist")
		same(t, "no canonical number", x.cat("#d/00"), "file does not exist")
		same(t, "ctl", strings.Join(strings.Fields(x.cat("#d/2ctl"))[:3], " "), "2 r c")
		same(t, "its name", strings.Fields(x.cat("#d/2ctl"))[9], "#c/null")
		x.p.Close(a)
		x.p.Close(null)
		same(t, "closed", x.cat("#d/2ctl"), "file does not exist")
	})
}
