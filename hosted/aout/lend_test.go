package aout_test

import (
	"context"
	"strings"
	"testing"

	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
)

// TestLend forks with much memory: each process has its own afterwards, though
// nothing was copied.
func TestLend(t *testing.T) {
	lend := build(t, "lend", "amd64")
	for _, row := range []struct{ what, want string }{
		{"both", "parent true\nchild true\nparent true\nchild true\nparent true\nchild true\n"},
		{"deep", "deep true\n"},
		{"orphan", "parent true\nx"},
		{"late", "read x\nnot in the child true\n"},
		{"threads", "threads true\n"},
	} {
		t.Run(row.what, func(t *testing.T) {
			if got := newMachine(t).sh("/tmp/lend "+row.what, map[string][]byte{"lend": lend}); got != row.want {
				t.Errorf("got:\n%s\nwant:\n%s", got, row.want)
			}
		})
	}
}

// TestLendEarly forks from a child that shares the memory, and has just begun to run
// when its parent already reads: what comes then is not the child's child's.
func TestLendEarly(t *testing.T) {
	reading, forked, read := make(chan struct{}), make(chan struct{}), make(chan struct{})
	file := func(name string, come func()) *ninep.Node {
		return &ninep.Node{Name: name, ReadAt: func(_ context.Context, p []byte, _ int64) (int, error) {
			come()
			return copy(p, "x"), nil
		}}
	}
	files := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{
		file("first", func() { close(reading); <-forked }),
		file("second", func() { close(read) }),
	}})
	spaces, newSpace := 0, platform(t)
	inTurn := func(mem *vm.Memory) (vm.Space, error) {
		switch spaces++; spaces {
		case 2: // of the child
			<-reading
		case 3: // of its child
			close(forked)
			<-read
		}
		return newSpace(mem)
	}
	const buf = dataAddr + 0x1000
	data := make([]byte, 0x118)
	copy(data[noneStr-dataAddr:], "none")
	var c code
	c.touch(dataAddr, 128) // more than is copied at once
	c.call(sysRfork, proc.RFPROC|proc.RFMEM)
	c.ifZero(func() {
		c.call(sysRfork, proc.RFPROC)
		c.ifZero(func() {
			c.want(buf, 1)
			c.call(sysExits, 0)
		})
		c.call(sysAwait, buf+0x1000, 100)
		c.call(sysWrite, 1, buf+0x1000, 30, minusOne)
		c.call(sysExits, 0)
	})
	c.call(sysPread, 0, buf, 1, minusOne)
	c.call(sysPread, 3, buf+1, 1, minusOne)
	c.call(sysAwait, buf+0x2000, 100)
	c.call(sysExits, 0)
	m := newWith(t, &aout.Loader{Platform: inTurn}, aout.Limits{}, kernel.Config{Devices: map[rune]ninep.Server{'X': files}})
	got := m.sh("/tmp/x <'#X/first' <[3]'#X/second'", map[string][]byte{"x": c.program(1<<20, data...)})
	if !strings.Contains(got, "''") {
		t.Errorf("the child's child ended with %q", got)
	}
}
