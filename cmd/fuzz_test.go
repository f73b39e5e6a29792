package cmd_test

import (
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"ufo/cmd"
	"ufo/ninep"
	"ufo/proc"
)

// FuzzCommands gives commands any words, which zeros separate in args, and any
// input. They may not panic, they end when they are killed, and leave nothing.
func FuzzCommands(f *testing.F) {
	names := cmd.Names()
	for i, name := range names {
		f.Add(uint(i), "", "a line\n")
		f.Add(uint(i), "f", "")
		f.Add(uint(i), "-\xff\x00f\x00g", "\xff\x00\n\n")
		f.Add(uint(i), "-c\x001\x00f", name)
	}
	for _, args := range cmd.Samples() {
		f.Add(uint(slices.Index(names, args[0])), strings.Join(args[1:], "\x00"), "some text\nand more\n")
	}
	f.Fuzz(func(t *testing.T, n uint, args, in string) {
		words := []string{names[n%uint(len(names))]}
		if args != "" {
			words = append(words, strings.Split(args, "\x00")...)
		}
		run(t, words, in)
	})
}

// maxCalls is how many system calls a command, with all it starts, has made when
// it is killed.
const maxCalls = 1000

// patience is how long a command may take that makes no system call.
const patience = 2 * time.Minute

// run runs a command on a node of its own with some services on the wire, and
// then looks at what it serves.
func run(t *testing.T, args []string, in string) {
	late := time.AfterFunc(patience, func() { panic(fmt.Sprintf("%q does not end, with %.1000q", args, in)) })
	defer late.Stop()
	defer func() {
		if t.Failed() {
			t.Logf("%q with %.1000q", args, in)
		}
	}()
	cmd.OnWire(t, new(lab).plug(services), func(p *proc.Proc) error {
		text := map[string]string{"in": in, "junk": in, "f": "b\na\xff\n", "g": "a\n", "prog": in, "d/x": "", "/env/x": "1 2\x003"}
		for name, s := range mentioned(t, args) {
			text[name] = s
		}
		fd, err := p.Create("d", ninep.OREAD, ninep.DMDIR|0o777)
		if err == nil {
			p.Close(fd)
		}
		for name, s := range text {
			if err := p.WriteFile(name, []byte(s)); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
		fork(t, p, args)
		fork(t, p, []string{"rc", "-c", look})
		return nil
	})
}

// services are at n1.
func services(t *testing.T, l *lab) {
	web(t, l)
	echoes(t, l)
	telnetServices(t, l)
}

// fork runs the command until it ends, has had a minute, or has made maxCalls.
func fork(t *testing.T, p *proc.Proc, args []string) {
	var calls atomic.Int64
	pid, err := p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG, func(c *proc.Proc) error {
		for fd := range 3 {
			c.Close(fd)
		}
		c.Open("in", ninep.OREAD)
		c.Create("out", ninep.OWRITE, 0o666)
		c.Create("err", ninep.OWRITE, 0o666)
		c.Trace(func(c *proc.Proc, _ proc.Call) {
			if calls.Add(1) > maxCalls {
				c.Kill()
			}
		})
		return c.Exec("/bin/"+args[0], args)
	})
	if err != nil {
		t.Error(err)
		return
	}
	if kid := p.Table().Find(pid); kid != nil {
		select {
		case <-kid.Done():
		case <-time.After(time.Minute):
		}
	}
	synctest.Wait()
}

// look is a script that looks at what was posted.
const look = `for(post in /srv/*) for(spec in '' /tmp/in /tmp/x.iso /tmp/x.dos) if(mount -c $post /n $spec) {
	walk /n
	ls -l /n
	cat /n/*
	echo x >/n/new && rm /n/new
	unmount /n
}
`
