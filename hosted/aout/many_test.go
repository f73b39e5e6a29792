package aout_test

import (
	"flag"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"testing"
	"time"

	"ufo/hosted/aout"
	"ufo/ninep"
	"ufo/proc"
)

var forks = flag.Int("forks", 1000, "how many processes TestForks makes, one after the other")

// TestManyProcs has a thousand processes at once, in a group that a note ends.
func TestManyProcs(t *testing.T) {
	const n = 1000
	var c code
	c.loop(n-1, false, func() {
		c.call(sysRfork, proc.RFPROC|proc.RFFDG)
		c.check()
		c.ifZero(func() {
			c.call(sysSleep, 1<<30)
			c.call(sysExits, 0)
		})
	})
	c.call(sysWrite, 1, textAddr, 1, minusOne)
	c.loop(n-1, false, func() { c.call(sysAwait, dataAddr, 100) })
	c.call(sysExits, 0)
	newMachine(t).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/many", c.program(4096)); err != nil {
			return err
		}
		r, w, err := p.Pipe()
		if err != nil {
			return err
		}
		pid, err := p.Fork(proc.RFFDG|proc.RFNOTEG, func(p *proc.Proc) error {
			p.Dup(w, 1)
			return p.Exec("/tmp/many", []string{"many"})
		})
		if err != nil {
			return err
		}
		p.Close(w)
		if k, err := p.Read(r, make([]byte, 1)); k != 1 {
			t.Errorf("not all are there: %v", err)
		}
		if got := p.Table().Len(); got < n {
			t.Errorf("%d processes", got)
		}
		start := time.Now()
		fd, err := p.Open("/proc/"+strconv.Itoa(pid)+"/notepg", ninep.OWRITE)
		if err != nil {
			return err
		}
		p.Write(fd, []byte("hangup"))
		if w, err := p.Wait(); err != nil || !strings.HasSuffix(w.Msg, ": hangup") {
			t.Errorf("%+v, %v", w, err)
		}
		t.Log("they end in", time.Since(start))
		return nil
	})
}

// A holding is what this program has of the host: memory in bytes.
type holding struct{ fds, goroutines, children, heap, resident int }

func holds(t *testing.T) holding {
	h := holding{goroutines: runtime.NumGoroutine()}
	threads, _ := filepath.Glob("/proc/self/task/*/children")
	for _, name := range threads {
		children, _ := os.ReadFile(name) // the thread may be gone
		h.children += len(strings.Fields(string(children)))
	}
	// After that file, as Go opens two descriptors with the first.
	fds, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		t.Fatal(err)
	}
	h.fds = len(fds)
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	h.heap = int(m.HeapAlloc)
	statm, _ := os.ReadFile("/proc/self/statm")
	if f := strings.Fields(string(statm)); len(f) > 1 {
		pages, _ := strconv.Atoi(f[1])
		h.resident = pages * os.Getpagesize()
	}
	return h
}

// forking is a program that forks n children, one after the other.
func forking(n int) []byte {
	var c code
	c.touch(dataAddr, 512)
	c.loop(uint32(n), false, func() {
		c.call(sysRfork, proc.RFPROC|proc.RFFDG)
		c.check()
		c.ifZero(func() {
			c.touch(dataAddr, 1)
			c.call(sysExits, 0)
		})
		c.call(sysAwait, dataAddr, 100)
	})
	c.call(sysExits, 0)
	return c.program(4 << 20)
}

// end lets goroutines run until there are no more than n, as those have to of
// processes that have told their parents of their ends; or for long enough.
func end(n int) {
	for start := time.Now(); runtime.NumGoroutine() > n && time.Since(start) < 10*time.Second; {
		runtime.Gosched()
	}
}

// TestForks makes processes until it is sure that each gives back what it had: a
// platform keeps no more than two have.
func TestForks(t *testing.T) {
	if testing.Short() && *forks == 1000 {
		*forks = 100
	}
	m := newMachine(t)
	var before, after holding
	m.do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/forks", forking(*forks)); err != nil {
			return err
		}
		if err := writeProgram(p, "/tmp/first", forking(1)); err != nil {
			return err
		}
		run := func(name string) {
			p.Fork(0, func(p *proc.Proc) error { return p.Exec(name, []string{name}) })
			if w, err := p.Wait(); err != nil || w.Msg != "" {
				t.Error(w, err)
			}
		}
		run("/tmp/first") // there is a memory from then on
		before = holds(t)
		start := time.Now()
		run("/tmp/forks")
		t.Log("a fork takes", time.Since(start)/time.Duration(*forks))
		end(before.goroutines)
		after = holds(t)
		return nil
	})
	t.Logf("before: %+v, after: %+v", before, after)
	if after.fds > before.fds || after.goroutines > before.goroutines || after.children > before.children || after.heap > before.heap+1<<20 {
		t.Error("something is left")
	}
}

// readText reads standard input into its text.
func readText() (c code) {
	c.call(sysPread, 0, textAddr, 8, minusOne)
	c.call(sysExits, 0)
	return c
}

// TestBad: programs that do what they should not.
func TestBad(t *testing.T) { each(t, testBad) }

func testBad(t *testing.T) {
	for _, row := range []struct {
		name string
		code []byte
		want string
	}{
		{"writes over its text", []byte{0xc6, 0x04, 0x25, 0x28, 0x00, 0x20, 0x00, 0x90}, "sys: trap: fault write addr=0x200028 pc=0x200028"},
		{"writes nowhere", []byte{0xc6, 0x04, 0x25, 0x28, 0x00, 0x10, 0x00, 0x90}, "sys: trap: fault write addr=0x100028 pc=0x200028"},
		{"reads nowhere", []byte{0x8a, 0x04, 0x25, 0x28, 0x00, 0x10, 0x00}, "sys: trap: fault read addr=0x100028 pc=0x200028"},
		{"executes its data", []byte{0xb8, 0x00, 0x00, 0x40, 0x00, 0xff, 0xe0}, "sys: trap: fault read addr=0x400000 pc=0x400000"},
		{"has no such call", []byte{0xbd, 0x00, 0x01, 0x00, 0x00, 0x0f, 0x05}, "sys: bad sys call pc=0x20002f"},
		{"has no stack", []byte{0x31, 0xe4, 0xbd, 0x04, 0x00, 0x00, 0x00, 0x0f, 0x05}, "sys: bad address in syscall pc=0x200031"},
		{"reads a file into its text", readText(), "sys: bad address in syscall pc="},
		{"divides by zero", []byte{0x31, 0xd2, 0x31, 0xc9, 0xf7, 0xf1}, "sys: trap: divide error pc=0x20002c"},
		{"divides by zero in SSE", []byte{
			0xb8, 1, 0, 0, 0, 0xf2, 0x0f, 0x2a, 0xc0, // cvtsi2sd xmm0, eax
			0x0f, 0x57, 0xc9, 0xf2, 0x0f, 0x5e, 0xc1, // divsd xmm0, xmm1
		}, "sys: fp: division by zero fppc=0x200034 status=0x4 pc=0x200034"},
		{"divides by zero in x87", []byte{0xd9, 0xe8, 0xd9, 0xee, 0xde, 0xf9, 0x9b}, "sys: fp: division by zero fppc=0x20002c status=0x"},
		{"a root that is none", []byte{0xd9, 0xe8, 0xd9, 0xe0, 0xd9, 0xfa, 0x9b}, "sys: fp: invalid operation fppc=0x20002c status=0x"},
		{"pops what is not there", []byte{0xde, 0xf9, 0x9b}, "sys: fp: stack underflow fppc=0x200028 status=0x"},
		{"steps", []byte{0x9c, 0x48, 0x81, 0x0c, 0x24, 0, 1, 0, 0, 0x9d, 0x90, 0x90}, "sys: debug exception pc=0x2000"}, // pushf, with TF
		{"jumps beyond all addresses", []byte{0x48, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0x80, 0xff, 0xe0}, "sys: trap: general protection violation pc=0x200032"},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := newMachine(t)
			got := m.sh("/tmp/bad", map[string][]byte{"bad": code(row.code).program(4096)})
			if want := "status: " + row.want; !strings.HasPrefix(got, want) {
				t.Errorf("got %q, want %q", got, want)
			}
			if want := "bad 4: suicide: " + strings.TrimPrefix(got, "status: "); m.ended != want {
				t.Errorf("it was said %q, want %q", m.ended, want)
			}
		})
	}
}

// TestKillLoop kills a program that makes no system call.
func TestKillLoop(t *testing.T) { each(t, testKillLoop) }

func testKillLoop(t *testing.T) {
	program, _ := looper()
	newLimited(t, aout.Limits{}, 0).do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/loop", program); err != nil {
			return err
		}
		d := debug(t, p, "/tmp/loop")
		start := time.Now()
		d.ctl("kill")
		if got := d.status(); got != "Killed" {
			t.Errorf("status %q", got)
		}
		t.Log("killed in", time.Since(start))
		return nil
	})
}
