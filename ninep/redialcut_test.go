package ninep_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ramfs"
)

// A changer does to a server, step by step, what can be done to one.
type changer struct {
	ctx    context.Context
	direct File // the root, without a connection
	root   File
	log    strings.Builder
	maybe  string // what may have been done
	was    bool   // and whether it was
}

func (c *changer) say(format string, args ...any) { fmt.Fprintf(&c.log, format+"\n", args...) }

// length returns how long the file of that name is, -1 if there is none.
func (c *changer) length(name string) int64 {
	f, err := c.direct.Walk(c.ctx, name)
	if err != nil {
		return -1
	}
	defer f.Close()
	d, _ := f.Stat(c.ctx)
	return d.Length
}

// once makes a call that must not be made twice, and makes it again if it may have
// been made and was not. It reports whether it was made to its end.
func (c *changer) once(name string, done func() bool, call func() error) bool {
	err := call()
	if errors.Is(err, ErrMaybe) {
		c.maybe, c.was = name, done()
		if !c.was {
			return c.once(name, done, call)
		}
		c.say("%s: %v", name, nil)
		return false
	}
	c.say("%s: %v", name, err)
	return true
}

// create creates a file, or opens what was created.
func (c *changer) create(name string, perm Perm, mode Mode) (f File) {
	if !c.once("create "+name, func() bool { return c.length(name) >= 0 }, func() (err error) {
		f, err = c.root.Create(c.ctx, name, perm, mode)
		return err
	}) {
		f, _ = OpenFile(c.ctx, c.root, name, mode)
	}
	return f
}

func (c *changer) open(name string, mode Mode) File {
	f, err := OpenFile(c.ctx, c.root, name, mode)
	c.say("open %s: %v", name, err)
	return f
}

func (c *changer) write(f File, text string, off int64) {
	n, err := f.Write(c.ctx, []byte(text), off)
	c.say("write %d: %d %v", off, n, err)
}

func (c *changer) read(f File, off int64) {
	buf := make([]byte, 6)
	n, err := f.Read(c.ctx, buf, off)
	c.say("read %d: %q %v", off, buf[:n], err)
}

func (c *changer) list(f File) {
	dirs, err := f.ReadDir(c.ctx)
	for _, d := range dirs {
		c.say("%s %v %d", d.Name, d.Mode, d.Length)
	}
	c.say("list: %v", err)
}

// run does it all, and says how it came.
func (c *changer) run() string {
	c.create("d", DMDIR|0777, OREAD).Close()
	f := c.create("f", 0666, ORDWR)
	c.write(f, "hello, world\n", 0)
	c.read(f, 7)
	c.write(f, "W", 7)
	clone, err := c.root.Clone(c.ctx)
	c.say("clone: %v", err)
	rename := NullDir
	rename.Name = "g"
	if !c.once("rename", func() bool { return c.length("g") >= 0 }, func() error { return f.Wstat(c.ctx, rename) }) {
		f.Close()
		f, _ = OpenFile(c.ctx, c.root, "g", ORDWR)
	}
	c.write(f, "\nand you\n", 12)
	g := c.open("g", OREAD)
	for off := int64(0); off < 30; off += 6 {
		c.read(g, off)
	}
	d, err := g.Stat(c.ctx)
	c.say("stat: %s %d %v", d.Name, d.Length, err)
	f.Close()
	c.list(c.open("d", OREAD))
	c.say("open: %v", clone.Open(c.ctx, OREAD))
	c.list(clone)
	c.create("h", 0666, OWRITE).Close()
	c.once("remove", func() bool { return c.length("h") < 0 }, func() error {
		h, err := c.root.Walk(c.ctx, "h")
		if err != nil {
			return err
		}
		defer h.Close()
		return h.Remove(c.ctx)
	})
	c.read(g, 0)
	c.once("truncate", func() bool { return c.length("g") == 0 }, func() error {
		f, err := OpenFile(c.ctx, c.root, "g", OWRITE|OTRUNC)
		if err == nil {
			f.Close()
		}
		return err
	})
	c.list(c.open("d", OREAD))
	return c.log.String()
}

// A cut is one request at which a connection is cut.
type cut struct {
	n     int  // the how manieth request it is
	reply bool // not before it arrives there, but before the reply arrives here
}

// A connection is cut at each message of all that can be done to a server: before
// a request arrives there, and before the reply arrives here. All comes as if it had
// not been; only what must not be done twice may end with ErrMaybe, and is
// done then if the server has heard of it.
func TestRedialCutAnywhere(t *testing.T) {
	run := func(t *testing.T, at cut) (said string, hit *Fcall, ch *changer) {
		fs := ramfs.New("glenda", time.Now, 0)
		direct, _ := fs.Attach(t.Context(), "glenda", "")
		n := 0
		c := &cutter{srv: fs}
		c.lose = func(m *Fcall) bool {
			if n++; n == at.n {
				hit = m
			}
			return n == at.n && !at.reply
		}
		c.after = func(m *Fcall) bool { return m == hit }
		_, root := c.redialer(t, nil)
		ch = &changer{ctx: t.Context(), direct: direct, root: root}
		return ch.run(), hit, ch
	}
	var whole string
	synctest.Test(t, func(t *testing.T) { whole, _, _ = run(t, cut{}) })
	if strings.Count(whole, "nil") < 25 {
		t.Fatal(whole)
	}
	maybes := make(map[string]int)
	n := 2 // the first is the Tversion of NewRedialer
	for over := false; !over; n++ {
		for _, reply := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				got, hit, ch := run(t, cut{n, reply})
				if over = hit == nil; over {
					return
				}
				if got != whole {
					t.Errorf("cut at %v, reply %v: came as\n%s\nand not as\n%s", hit, reply, got, whole)
				}
				if ch.maybe != "" {
					maybes[ch.maybe]++
				}
				did := hit.Type == Tcreate || hit.Type == Tremove || hit.Type == Twstat || hit.Type == Topen && hit.Mode&OTRUNC != 0
				if ch.maybe != "" && ch.was != (reply && did) || ch.maybe == "" && did {
					t.Errorf("cut at %v, reply %v: perhaps it was done, %s, which it was: %v", hit, reply, ch.maybe, ch.was)
				}
			})
		}
	}
	if n < 40 || len(maybes) != 6 {
		t.Errorf("%d messages, and what was perhaps done: %v", n, maybes)
	}
}
