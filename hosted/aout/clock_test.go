package aout_test

import (
	"encoding/binary"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"ufo/hosted/aout"
	"ufo/hosted/vm"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/proc"
)

// Where a program that reads the clock has what, beside the time at dataAddr. It
// begins with /dev/zero as descriptor 3.
const (
	clockFile = dataAddr + 0x100
	sleepFile = dataAddr + 0x140
	sleepArgs = dataAddr + 0x180
	clockFd   = 4
)

// clockProgram opens #c/bintime, reads it n times, does something, and reads it
// once more: its output.
func clockProgram(n int, do func(c *code)) []byte {
	var c code
	read := func() {
		c.call(sysPread, clockFd, dataAddr, 32, 0)
		c.check()
	}
	c.call(sysOpen, clockFile, uint64(ninep.OREAD|ninep.OCEXEC))
	c.loop(uint32(n), false, read)
	do(&c)
	read()
	c.call(sysWrite, 1, dataAddr, 32, minusOne)
	c.call(sysExits, 0)
	data := make([]byte, 0x200)
	copy(data[clockFile-dataAddr:], "#c/bintime")
	copy(data[sleepFile-dataAddr:], "/bin/sleep\x000")
	binary.LittleEndian.PutUint64(data[sleepArgs-dataAddr:], sleepFile)
	binary.LittleEndian.PutUint64(data[sleepArgs+8-dataAddr:], sleepFile+11)
	return c.program(4096, data...)
}

// clocked boots a machine with a clock; nil: the host's.
func clocked(t testing.TB, platform vm.Platform, clock func() time.Time) *machine {
	t.Helper()
	return newWith(t, &aout.Loader{Platform: platform}, aout.Limits{}, kernel.Config{Clock: clock})
}

// runClock runs such a program, and returns its output and its status.
func runClock(m *machine, program []byte, trace proc.Tracer) (out []byte, status string) {
	m.do(func(p *proc.Proc) error {
		if err := writeProgram(p, "/tmp/clock", program); err != nil {
			m.t.Error(err)
		}
		p.Fork(proc.RFCFDG, func(p *proc.Proc) error {
			p.Open("/dev/zero", ninep.OREAD)
			p.Create("/tmp/out", ninep.OWRITE, 0o666)
			p.Dup(1, 2)
			p.Dup(0, 3)
			p.Trace(trace)
			return p.Exec("/tmp/clock", []string{"clock"})
		})
		w, err := p.Wait()
		if err != nil {
			m.t.Error(err)
		}
		out, _ = p.ReadFile("/tmp/out")
		_, status, _ = strings.Cut(w.Msg, ": ")
		return nil
	})
	return out, status
}

// TestClock has a program read the clock very often, which takes few system calls,
// and then do something after which it does not see the clock any more.
func TestClock(t *testing.T) {
	const n = 50_000
	inChild := func(flag uint64, do func(c *code)) func(c *code) {
		return func(c *code) {
			c.call(sysRfork, proc.RFPROC|flag)
			c.ifZero(func() {
				do(c)
				c.call(sysExits, 0)
			})
			c.call(sysAwait, dataAddr+0x800, 100)
		}
	}
	close := func(c *code) { c.call(sysClose, clockFd) }
	const gone = "fd out of range or not open"
	for _, row := range []struct {
		name   string
		do     func(c *code)
		zeros  bool
		status string
	}{
		{"nothing", func(*code) {}, false, ""},
		{"close", close, false, gone},
		{"dup", func(c *code) { c.call(sysDup, 3, clockFd) }, true, ""},
		{"open another", func(c *code) {
			c.call(sysClose, clockFd)
			c.call(sysDup, 3, minusOne)
		}, true, ""},
		{"close by a thread", inChild(proc.RFMEM, close), false, gone},
		{"dup by a thread", inChild(proc.RFMEM, func(c *code) { c.call(sysDup, 3, clockFd) }), true, ""},
		{"close by a process with these descriptors", inChild(0, close), false, gone},
		{"close by a process with its own", inChild(proc.RFFDG, close), false, ""},
		{"exec by a process with these descriptors", inChild(0, func(c *code) { c.call(sysExec, sleepFile, sleepArgs) }), false, gone},
		{"close of a copy of what another has", func(c *code) {
			c.call(sysRfork, proc.RFPROC|proc.RFNOWAIT)
			c.ifZero(func() { c.call(sysSleep, 1<<30) })
			c.call(sysRfork, proc.RFFDG)
			c.call(sysClose, clockFd)
		}, false, gone},
		{"no descriptors", func(c *code) { c.call(sysRfork, proc.RFCFDG) }, false, gone},
	} {
		t.Run(row.name, func(t *testing.T) {
			var calls atomic.Int64
			clock := func() time.Time {
				calls.Add(1)
				return time.Now()
			}
			m := clocked(t, vm.Trapped, clock)
			out, status := runClock(m, clockProgram(n, row.do), nil)
			if status != row.status || status == "" && (len(out) != 32 || allZero(out) != row.zeros) {
				t.Errorf("status %q, output %x", status, out)
			}
			if calls := calls.Load(); calls > n/2 {
				t.Errorf("%d system calls", calls)
			}
		})
	}
}

func allZero(b []byte) bool { return strings.Trim(string(b), "\x00") == "" }

// TestClockCalls has programs for which each read of the clock is a system call.
func TestClockCalls(t *testing.T) {
	const n = 20_000
	now := time.Unix(1e9, 0)
	traced := 0
	for _, row := range []struct {
		name  string
		clock func() time.Time
		trace proc.Tracer
	}{
		{"a simulated clock", func() time.Time { return now }, nil},
		{"a program that is traced", nil, func(_ *proc.Proc, c proc.Call) {
			if c.Name == "Pread" {
				traced++
			}
		}},
	} {
		t.Run(row.name, func(t *testing.T) {
			m := clocked(t, vm.Trapped, row.clock)
			out, status := runClock(m, clockProgram(n, func(*code) {}), row.trace)
			if len(out) != 32 || status != "" {
				t.Fatalf("%x, %q", out, status)
			}
			if got := binary.BigEndian.Uint64(out); row.clock != nil && got != uint64(now.UnixNano()) {
				t.Errorf("it is %d", got)
			}
			if row.trace != nil && traced != n+1 {
				t.Errorf("%d reads, not %d", traced, n+1)
			}
		})
	}
}

// TestClockThaw freezes a program that reads the clock, and has it go on where the
// clock is a simulated one: that is what it sees from then on.
func TestClockThaw(t *testing.T) {
	now := time.Unix(1e9, 0)
	fs := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	from := clocked(t, vm.Trapped, nil)
	to := clocked(t, vm.Trapped, func() time.Time { return now })
	from.with(fs, func(p *proc.Proc) {
		if err := writeProgram(p, "/mnt/count", waitFor(uint64(now.UnixNano()))); err != nil {
			t.Error(err)
		}
	})
	if !from.runAndFreeze(fs, "/mnt/count >/mnt/out", 300*time.Millisecond) {
		t.Fatal("it has ended")
	}
	if got := to.run(fs, "/mnt/job; cat /mnt/out"); got != "#" {
		t.Errorf("%q", got)
	}
}

// waitFor is a program that waits until the clock says what is given.
func waitFor(now uint64) []byte {
	const high = 20 // a descriptor that nobody has
	var c code
	c.call(sysOpen, clockFile, uint64(ninep.OREAD))
	c.emit(0x48, 0x89, 0xc3)                                      // mov rbx, rax
	c.call(sysDup, 0, high)                                       // for its arguments
	c.emit(0x48, 0x89, 0x5c, 0x24, 0x08)                          // mov [rsp+8], rbx
	c.emit(0xbd, sysDup, 0, 0, 0, 0x0f, 0x05)                     // mov ebp, dup; syscall
	c.emit(0x49, 0xbe)                                            // mov r14, now
	c = binary.BigEndian.AppendUint64(c, now)                     // as it is read
	top := len(c)                                                 //
	c.call(sysPread, high, dataAddr, 32, 0)                       //
	c.check()                                                     //
	c.emit(0x4c, 0x3b, 0x34, 0x25, 0x00, 0x00, 0x40, 0x00)        // cmp r14, [dataAddr]
	c.emit(0x0f, 0x85)                                            // jne top
	c = binary.LittleEndian.AppendUint32(c, uint32(top-len(c)-4)) //
	c.call(sysWrite, 1, clockFile, 1, minusOne)
	c.call(sysExits, 0)
	data := make([]byte, 0x200)
	copy(data[clockFile-dataAddr:], "#c/bintime")
	return c.program(4096, data...)
}

// BenchmarkClock reads the clock as Go's runtime does.
func BenchmarkClock(b *testing.B) {
	m := clocked(b, platform(b), nil)
	if _, status := runClock(m, clockProgram(b.N, func(*code) {}), nil); status != "" {
		b.Error(status)
	}
}
