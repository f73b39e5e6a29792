package dev_test

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/proc"
)

// A tty is a terminal that a test types at and looks at.
type tty struct {
	typed chan string

	mu   sync.Mutex // guards what follows
	out  strings.Builder
	raw  bool
	note func(string)
}

func newTTY() *tty { return &tty{typed: make(chan string, 10)} }

func (y *tty) Read(ctx context.Context, p []byte) (int, error) {
	select {
	case line := <-y.typed:
		return copy(p, line), nil
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
}

func (y *tty) Write(_ context.Context, p []byte) (int, error) {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.out.Write(p)
}

func (y *tty) SetRaw(on bool) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.raw = on
}

func (y *tty) SetNote(f func(string)) {
	y.mu.Lock()
	defer y.mu.Unlock()
	y.note = f
}

func (y *tty) isRaw() bool {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.raw
}

func (y *tty) screen() string {
	y.mu.Lock()
	defer y.mu.Unlock()
	return y.out.String()
}

func (y *tty) interrupt() {
	y.mu.Lock()
	note := y.note
	y.mu.Unlock()
	note("interrupt")
}

func (y *tty) typeLine(s string) { y.typed <- s }

// line reads once from a descriptor.
func (x user) line(fd int) string {
	buf := make([]byte, 100)
	n, err := x.p.Read(fd, buf)
	if err != nil {
		return bare(err)
	}
	return string(buf[:n])
}

// TestConsLengths wants the true lengths of texts, also of those that can be
// written: a host's programs copy as much of a file as it says it has.
func TestConsLengths(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{Domain: "lab.local", Drivers: lines("#c cons")})
	root, err := m.cons.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]int64{
		"drivers": 8, "hostdomain": 9, "sysname": 2, "sysstat": int64(121 * runtime.GOMAXPROCS(0)), "user": 6, "cons": -1, "kprint": -1,
	} {
		f, err := root.Walk(t.Context(), name)
		if err != nil {
			t.Fatal(err)
		}
		n := int64(-1)
		if m, ok := ninep.As[ninep.Measurer](f); ok {
			if length, known := m.TrueLength(t.Context()); known {
				n = length
			}
		}
		if n != want {
			t.Errorf("%s: length %d, want %d", name, n, want)
		}
	}
}

// lines returns what a kernel says its devices are.
func lines(l ...string) func() []string { return func() []string { return slices.Clone(l) } }

func TestConsTexts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var seed [32]byte
		m := newMachine(t, dev.ConsConfig{Domain: "lab.local", Text: "core=four\n", Drivers: lines("#c cons", "#I ip"), Seed: &seed})
		time.Sleep(2 * time.Second)
		m.run("ken", func(x user) {
			now := time.Now()
			for _, c := range []struct{ file, want string }{
				{"config", "core=four\n"},
				{"cputime", strings.Repeat(number(0), 6)},
				{"drivers", "#c cons\n#I ip\n"},
				{"hostdomain", "lab.local"},
				{"hostowner", "glenda"},
				{"null", ""},
				{"osversion", "2000"},
				{"pgrpid", number(1)},
				{"pid", number(1)},
				{"ppid", number(0)},
				{"sysname", "n1"},
				{"time", fmt.Sprintf("%11d %21d %21d %21d ", now.Unix(), now.UnixNano(), int64(2e9), int64(1e9))},
				{"user", "ken"},
				{"kmesg", "permission denied"},
				{"cons", "permission denied"},
			} {
				same(t, c.file, x.cat("#c/"+c.file), c.want)
			}
			cpus := runtime.GOMAXPROCS(0)
			if f := strings.Fields(x.cat("#c/sysstat")); len(f) != 10*cpus || f[3] == "0" || f[7] != "0" || f[8] != "100" || f[10*cpus-10] != strconv.Itoa(cpus-1) {
				t.Errorf("sysstat: %q", f)
			}
			if s := x.cat("#c/swap"); !strings.Contains(s, " memory\n4096 pagesize\n") {
				t.Errorf("swap: %q", s)
			}
			buf := make([]byte, 100)
			n, _ := x.p.Read(x.open("#c/bintime", ninep.OREAD), buf)
			if n != 32 || !bytes.Equal(buf[8:24], []byte{0, 0, 0, 0, 0x77, 0x35, 0x94, 0, 0, 0, 0, 0, 0x3b, 0x9a, 0xca, 0}) || !bytes.Equal(buf[:8], buf[24:32]) {
				t.Errorf("bintime: %d bytes, %x", n, buf[:32])
			}
			n, _ = x.p.Read(x.open("#c/zero", ninep.OREAD), buf)
			if n != 100 || !bytes.Equal(buf, make([]byte, 100)) {
				t.Errorf("zero: %d, %x", n, buf)
			}
			random := x.open("#c/random", ninep.OREAD)
			first, again := x.line(random), x.line(random)
			if len(first) != 100 || first == again {
				t.Errorf("random: %x, %x", first, again)
			}
			// What is read in pieces was true at one moment.
			fd := x.open("#c/time", ninep.OREAD)
			x.p.Read(fd, buf[:12])
			time.Sleep(time.Second)
			x.p.Read(fd, buf[12:78])
			same(t, "time in pieces", string(buf[:78]), x.cat("#c/time")[:0]+
				fmt.Sprintf("%11d %21d %21d %21d ", now.Unix(), now.UnixNano(), int64(2e9), int64(1e9)))
		})
	})
}

func TestConsWrites(t *testing.T) {
	var set time.Time
	var rebooted []string
	cfg := dev.ConsConfig{
		SetTime: func(t time.Time) { set = t },
		Reboot:  func(words []string) error { rebooted = words; return nil },
	}
	m := newMachine(t, cfg)
	for _, c := range []struct{ name, user, file, text, want string }{
		{"null", "ken", "null", "anything", ""},
		{"zero", "ken", "zero", "x", "permission denied"},
		{"time", "glenda", "time", "1000000000", ""},
		{"time of another user", "ken", "time", "1", "permission denied"},
		{"no time", "glenda", "time", "noon", "bad time control"},
		{"negative time", "glenda", "time", "-5", "bad time control"},
		{"binary time", "glenda", "bintime", "n\x0d\xe0\xb6\xb3\xa7\x64\x00\x00", ""},
		{"short binary time", "glenda", "bintime", "n123", "bad time control"},
		{"unknown binary time", "glenda", "bintime", "z12345678", "bad time control"},
		{"frequency", "glenda", "bintime", "f\x00\x00\x00\x00\x00\x00\x00\x01", "permission denied"},
		{"sysname", "glenda", "sysname", "n7\n", ""},
		{"sysname of another user", "ken", "sysname", "n8", "permission denied"},
		{"empty sysname", "glenda", "sysname", "\n", "bad arg in system call"},
		{"hostdomain", "glenda", "hostdomain", "lab2", ""},
		{"hostowner", "glenda", "hostowner", "ken", "permission denied"},
		{"sysstat", "glenda", "sysstat", "x", ""},
		{"halt", "glenda", "reboot", "halt", ""},
		{"halt by another user", "ken", "reboot", "halt", "permission denied"},
		{"panic", "glenda", "reboot", "panic", `unknown control message "panic"`},
		{"user", "ken", "user", "glenda", "permission denied"},
		{"consctl", "glenda", "consctl", "rawish", "bad arg in system call"},
		{"drivers", "ken", "drivers", "chdev", "bad arg in system call"},
		{"drivers, other word", "ken", "drivers", "dev & c", "bad arg in system call"},
		{"drivers, other op", "ken", "drivers", "chdev + c", "bad arg in system call"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m.run(c.user, func(x user) { same(t, c.text, x.echo(c.text, "#c/"+c.file), c.want) })
		})
	}
	same(t, "time set", set.UTC().String(), "2001-09-09 01:46:40 +0000 UTC")
	same(t, "rebooted", strings.Join(rebooted, " "), "halt")
	same(t, "name", m.cons.Sysname(), "n7")
}

func TestConsDrivers(t *testing.T) {
	for _, c := range []struct{ msg, want string }{
		{"chdev & ced", "#c #d #e"},
		{"chdev &~ Ip", "#c #d #e"},
		{"chdev ~", ""},
	} {
		t.Run(c.msg, func(t *testing.T) {
			m := newMachine(t, dev.ConsConfig{Drivers: lines("#c cons", "#d dup", "#e env", "#I ip", "#p proc")})
			m.run("ken", func(x user) {
				fd := x.open("#c/drivers", ninep.ORDWR)
				if _, err := x.p.Write(fd, []byte(c.msg)); err != nil {
					t.Fatal(err)
				}
				buf := make([]byte, 1000)
				n, _ := x.p.Pread(fd, buf, 0)
				var letters []string
				for _, f := range strings.Fields(string(buf[:n])) {
					if f[0] == '#' {
						letters = append(letters, f)
					}
				}
				same(t, "left", strings.Join(letters, " "), c.want)
				same(t, "attach", x.ls("#p"), "mount/attach disallowed")
				x.p.Write(fd, []byte("chdev &~ x"))
				same(t, "for good", x.ls("#p"), "mount/attach disallowed")
			})
		})
	}
}

func TestConsole(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		y := newTTY()
		m.run("glenda", func(x user) {
			in, out := x.open("#c/cons", ninep.OREAD), x.open("#c/cons", ninep.OWRITE)
			x.p.Write(out, []byte("before there is a screen\n"))
			go func() {
				synctest.Wait() // the read below waits
				m.cons.Add(y)
				y.typeLine("first\n")
			}()
			same(t, "line", x.line(in), "first\n")
			x.p.Write(out, []byte("after\n"))
			m.cons.Log("from the kernel")
			same(t, "screen", y.screen(), "after\nfrom the kernel\n")
			same(t, "kmesg", x.cat("#c/kmesg"), "before there is a screen\nafter\nfrom the kernel\n")

			ctl := x.open("#c/consctl", ninep.OWRITE)
			other := x.open("#c/consctl", ninep.OWRITE)
			x.p.Write(ctl, []byte("rawon"))
			x.p.Close(ctl)
			same(t, "raw", fmt.Sprint(y.isRaw()), "true")
			x.p.Write(other, []byte("holdon"))
			y.typeLine("held")
			x.p.Notify(func(*proc.Proc, string) bool { return true })
			x.p.Alarm(time.Second)
			same(t, "held back", x.line(in), "interrupted")
			x.p.Close(other)
			same(t, "consctl closed", fmt.Sprint(y.isRaw()), "false")
			same(t, "held no more", x.line(in), "held")
		})
	})
}

func TestConsoleNote(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		y := newTTY()
		m.cons.Add(y)
		y.interrupt() // nobody has read yet
		bystander := m.sleeper("glenda")
		m.run("glenda", func(x user) {
			var notes []string
			x.p.Notify(func(_ *proc.Proc, note string) bool {
				notes = append(notes, note)
				return true
			})
			in := x.open("#c/cons", ninep.OREAD)
			soon := func() {
				synctest.Wait()
				y.interrupt()
			}
			go soon()
			same(t, "before it reads", fmt.Sprint(x.p.Sleep(time.Hour)), "interrupted")
			notes = nil
			go soon()
			same(t, "read", x.line(in), "interrupted")
			kid, _ := x.p.Fork(0, func(p *proc.Proc) error {
				p.Notify(nil)
				return p.Sleep(time.Hour)
			})
			synctest.Wait()
			y.interrupt()
			w, err := x.p.Wait()
			if err == ninep.ErrIntr {
				w, err = x.p.Wait()
			}
			same(t, "child in the group", fmt.Sprint(w, err), fmt.Sprintf("&{%d [0s 0s 0s] test %d: interrupt} <nil>", kid, kid))
			same(t, "notes", strings.Join(notes, " "), "interrupt interrupt")
		})
		same(t, "another group", bystander.Info().State, "Sleep")
	})
}

// TestConsoleServed has a process read a console for others: notes go to who read
// it before.
func TestConsoleServed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		y := newTTY()
		m.cons.Add(y)
		m.run("glenda", func(x user) {
			notes := 0
			x.p.Notify(func(*proc.Proc, string) bool {
				notes++
				return true
			})
			in := x.open("#c/cons", ninep.OREAD)
			y.typeLine("a line\n")
			same(t, "read", x.line(in), "a line\n")
			kid, _ := x.p.Fork(proc.RFNOTEG|proc.RFFDG, func(p *proc.Proc) error {
				p.Notify(nil)
				c, err := p.FdChan(in)
				if err != nil {
					return err
				}
				defer c.Close()
				read := make(chan struct{})
				time.AfterFunc(1, func() { // ends when a line is typed
					defer close(read)
					c.Read(p.Life(), make([]byte, 100))
				})
				return p.Until(read)
			})
			x.p.Sleep(time.Second)
			y.interrupt()
			x.p.Sleep(0)
			same(t, "notes", fmt.Sprint(notes), "1")
			y.typeLine("another\n")
			w, err := x.p.Wait()
			same(t, "who reads for others", fmt.Sprint(w, err), fmt.Sprintf("&{%d [0s 0s 1s] } <nil>", kid))
		})
	})
}

func TestConsoles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		y0, y1, y2 := newTTY(), newTTY(), newTTY()
		m.cons.Add(y0)
		n1, remove1 := m.cons.Add(y1)
		n2, _ := m.cons.Add(y2)
		same(t, "numbers", fmt.Sprint(n1, n2), "1 2")
		m.run("glenda", func(x user) {
			in, out := x.open("#c1/cons", ninep.OREAD), x.open("#c1/cons", ninep.OWRITE)
			x.p.Write(out, []byte("one"))
			y1.typeLine("typed\n")
			same(t, "line", x.line(in), "typed\n")
			same(t, "screens", y0.screen()+"|"+y1.screen()+"|"+y2.screen(), "|one|")
			same(t, "shared", x.cat("#c1/sysname"), "n1")
			remove1()
			same(t, "end", x.line(in), "")
			same(t, "gone", x.cat("#c1/cons"), "no free devices")
			same(t, "never was", x.cat("#c7/cons"), "no free devices")
			same(t, "no number", x.cat("#cx/cons"), "bad attach specifier")
			n, _ := m.cons.Add(y1)
			same(t, "number used again", fmt.Sprint(n), "1")
		})
	})
}

func TestKprint(t *testing.T) {
	m := newMachine(t, dev.ConsConfig{})
	m.run("glenda", func(x user) {
		m.cons.Log("before")
		fd := x.open("#c/kprint", ninep.OREAD)
		same(t, "second reader", x.cat("#c/kprint"), "device or object already in use")
		m.cons.Log("now")
		same(t, "copy", x.line(fd), "now\n")
		m.cons.Log(strings.Repeat("x", 2*8192))
		m.cons.Log("lost")
		x.p.Close(fd)
		x.p.Close(x.open("#c/kprint", ninep.OREAD))
		m.cons.Log(strings.Repeat("y", 3*16384))
		if s := x.cat("#c/kmesg"); len(s) != 16384 || s[0] != 'y' {
			t.Errorf("kmesg has %d bytes from %q", len(s), s[0])
		}
	})
}

// A sized is a terminal that can tell its size.
type sized struct {
	*tty
	rows    int
	changed chan struct{}
}

func (s *sized) Size() (rows, cols int, changed <-chan struct{}) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.rows, 80, s.changed
}

func (s *sized) set(rows int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.rows = rows
	close(s.changed)
	s.changed = make(chan struct{})
}

// Winsize tells the size, and then each other one.
func TestWinsize(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		m := newMachine(t, dev.ConsConfig{})
		y := &sized{tty: newTTY(), rows: 24, changed: make(chan struct{})}
		got := make(chan string, 10)
		p := m.start("glenda", func(p *proc.Proc) error {
			fd, err := p.Open("#c/winsize", ninep.OREAD)
			b := make([]byte, 100)
			for err == nil {
				var n int
				n, err = p.Read(fd, b)
				got <- string(b[:n])
			}
			return err
		})
		step := func(what, want string) {
			t.Helper()
			synctest.Wait()
			text := "nothing"
			select {
			case text = <-got:
			default:
			}
			if text != want {
				t.Errorf("%s: %q, want %q", what, text, want)
			}
		}
		step("no terminal", "0 0\n")
		_, remove := m.cons.Add(y)
		step("a terminal", "24 80\n")
		y.set(24)
		step("the same", "nothing")
		y.set(50)
		step("larger", "50 80\n")
		remove()
		step("gone", "0 0\n")
		p.Post("interrupt")
		step("interrupted", "nothing")
		<-p.Done()
	})
}
