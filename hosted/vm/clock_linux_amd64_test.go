package vm

import (
	"encoding/binary"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// hostTimes are times of the host's.
func hostTimes() (Times, error) {
	now := uint64(time.Now().UnixNano())
	return Times{now, now - 1000, 1e9, now - 500}, nil
}

// startClock returns a clock that programs are told, by the host's.
func startClock(t testing.TB) *Clock {
	c := NewClock()
	if !c.steady() {
		t.Skip("the processor's counter is not steady")
	}
	for range 1_000_000 {
		if _, on, err := c.Read(hostTimes); err != nil {
			t.Fatal(err)
		} else if on {
			return c
		}
	}
	t.Fatal("nobody is told")
	return nil
}

// watch has a space answer for the descriptor 3.
func watch(t testing.TB, s Space, c *Clock) *atomic.Uint32 {
	word, err := s.(Clocked).UseClock(c)
	if err != nil {
		t.Fatal(err)
	}
	word.Store(3 + 1)
	return word
}

// Where a program that reads a clock has its arguments, and the time.
const (
	clockStack = 0x400800
	clockBuf   = 0x400100
)

// putArgs writes the arguments of a read to a program's data.
func putArgs(data []byte, args ...uint64) {
	for i, arg := range args {
		binary.LittleEndian.PutUint64(data[clockStack-0x400000+8+8*i:], arg)
	}
}

// callOther is another call, number 51.
const callOther = "\xbd\x33\x00\x00\x00\x0f\x05"

// TestClock reads a clock, with a system call or without.
func TestClock(t *testing.T) {
	for _, row := range []struct {
		name string
		args []uint64
		off  func(c *Clock, word *atomic.Uint32)
		told bool
	}{
		{"all", []uint64{3, clockBuf, 32, 0}, nil, true},
		{"the first", []uint64{3, clockBuf, 8, 0}, nil, true},
		{"what is not of an int", []uint64{3 | 1<<40, clockBuf, 8 | 1<<40, 0}, nil, true},
		{"another length", []uint64{3, clockBuf, 16, 0}, nil, false},
		{"another offset", []uint64{3, clockBuf, 8, 8}, nil, false},
		{"the descriptor's offset", []uint64{3, clockBuf, 8, 1<<64 - 1}, nil, false},
		{"another descriptor", []uint64{4, clockBuf, 8, 0}, nil, false},
		{"no descriptor", []uint64{1<<64 - 1, clockBuf, 8, 0}, func(_ *Clock, w *atomic.Uint32) { w.Store(0) }, false},
		{"a buffer that is not there", []uint64{3, 0x700000, 32, 0}, nil, false},
		{"a buffer in the text", []uint64{3, 0x200000, 32, 0}, nil, false},
		{"a buffer that ends", []uint64{3, 0x401000 - 16, 32, 0}, nil, false},
		{"nobody watches", []uint64{3, clockBuf, 32, 0}, func(_ *Clock, w *atomic.Uint32) { w.Store(0) }, false},
		{"long ago", []uint64{3, clockBuf, 32, 0}, func(c *Clock, _ *atomic.Uint32) { c.line.span = 0; c.publish() }, false},
		{"while it changes", []uint64{3, clockBuf, 32, 0}, func(c *Clock, _ *atomic.Uint32) { c.page().seq.Add(1) }, false},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, r, _, data := run(t, Trapped, callLong+callOther, nil)
			c := startClock(t)
			word := watch(t, s, c)
			if row.off != nil {
				row.off(c, word)
			}
			putArgs(data, row.args...)
			*r = Regs{AX: 1, BX: 2, CX: 3, DX: 4, SI: 5, DI: 6, R8: 8, R9: 9, R10: 10, R12: 12, R13: 13, R14: 14, R15: 15, IP: 0x200000, SP: clockStack}
			want := *r
			before := c.now()
			ev, err := s.Run(r)
			after := c.now()
			want.IP, want.BP, want.R11, want.Flags = 0x200000+uint64(len(callLong)), 50, r.R11, r.Flags
			if row.told {
				want.IP, want.BP, want.AX = want.IP+uint64(len(callOther)), 51, uint64(uint32(row.args[2]))
			}
			if err != nil || ev.Kind != Syscall || *r != want {
				t.Fatalf("%+v, %v, %+v, want %+v", ev, err, *r, want)
			}
			for i := range 4 {
				got := binary.BigEndian.Uint64(data[clockBuf-0x400000+8*i:])
				switch {
				case row.told && 8*i < int(uint32(row.args[2])):
					if got < before[i] || got > after[i] {
						t.Errorf("%d: %d, not from %d to %d", i, got, before[i], after[i])
					}
				case got != 0 && row.name != "while it changes":
					t.Errorf("%d: %d", i, got)
				}
			}
		})
	}
}

// now returns what programs are told now.
func (c *Clock) now() Times {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.line.at(counter())
}

// TestClockKicks kicks a program that does nothing but read a clock, without system
// calls: each time it stops, and what it reads is right.
func TestClockKicks(t *testing.T) {
	// call; cmp eax, 32; jne to int3; inc rbx; jmp back; int3
	code := callLong + "\x83\xf8\x20\x75\x05\x48\xff\xc3\xeb"
	code += string([]byte{byte(-len(code) - 1)}) + "\xcc"
	s, r, _, data := run(t, Trapped, code, func(r *Regs) { r.SP, r.R12 = clockStack, 12345 })
	c := startClock(t)
	watch(t, s, c)
	putArgs(data, 3, clockBuf, 32, 0)
	for kicks := 0; kicks < 1000; {
		go s.Kick()
		r.AX = 32
		ev, err := s.Run(r)
		if err != nil || ev.Kind == Fault || r.R12 != 12345 || r.SP != clockStack {
			t.Fatalf("%+v, %v, %+v", ev, err, r)
		}
		if ev.Kind == Kicked {
			kicks++
		} else if _, _, err := c.Read(hostTimes); err != nil {
			t.Fatal(err)
		}
	}
	if r.BX < 1000 {
		t.Errorf("it has read the clock %d times", r.BX)
	}
}

// TestClockForward has two programs read a clock, with and without system calls, and
// leave what they read to each other: they never see it go backwards.
func TestClockForward(t *testing.T) {
	// mov r14, [shared]; mov r15, [shared+8]; call
	// mov rax, [buf+24]; bswap rax; cmp rax, r14; jb to int3; mov [shared], rax
	// mov rax, [buf]; bswap rax; cmp rax, r15; jb to int3; mov [shared+8], rax
	const load = "\x4c\x8b\x34\x25\x00\x00\x50\x00" + "\x4c\x8b\x3c\x25\x08\x00\x50\x00"
	const steady = "\x48\x8b\x04\x25\x18\x01\x40\x00" + "\x48\x0f\xc8" + "\x4c\x39\xf0" + "\x72\x21" + "\x48\x89\x04\x25\x00\x00\x50\x00"
	const wall = "\x48\x8b\x04\x25\x00\x01\x40\x00" + "\x48\x0f\xc8" + "\x4c\x39\xf8" + "\x72\x0b" + "\x48\x89\x04\x25\x08\x00\x50\x00" + "\xe9"
	code := load + callLong + steady + wall
	code += string(binary.LittleEndian.AppendUint32(nil, uint32(-len(code)-4))) + "\xcc"

	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	text, _ := mem.Alloc(PageSize)
	both, _ := mem.Alloc(PageSize)
	copy(mem.Bytes(text.Off, PageSize), code)
	c := startClock(t)
	var wg sync.WaitGroup
	for range 2 {
		wg.Go(func() {
			if err := readForward(mem, c, text, both); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if n := mem.Given(); n != 5*PageSize { // text, its copy, both, and their data
		t.Errorf("%d bytes are in use", n)
	}
}

// readForward runs such a program until it has made some system calls.
func readForward(mem *Memory, c *Clock, text, both Extent) error {
	data, err := mem.Alloc(PageSize)
	if err != nil {
		return err
	}
	s, err := Trapped(mem)
	if err != nil {
		return err
	}
	defer s.Close()
	s.Map(0x200000, text, R|X)
	s.Map(0x400000, data, R|W)
	s.Map(0x500000, both, R|W)
	word, err := s.(Clocked).UseClock(c)
	if err != nil {
		return err
	}
	word.Store(4)
	b := mem.Bytes(data.Off, PageSize)
	putArgs(b, 3, clockBuf, 32, 0)
	r := &Regs{IP: 0x200000, SP: clockStack}
	for range 8 {
		ev, err := s.Run(r)
		if err != nil {
			return err
		}
		if ev.Kind != Syscall {
			return errors.New("the time went backwards")
		}
		times, _, err := c.Read(hostTimes)
		if err != nil {
			return err
		}
		for i, v := range times {
			binary.BigEndian.PutUint64(b[clockBuf-0x400000+8*i:], v)
		}
	}
	return nil
}

// TestClockOff has clocks by which nobody is told without a system call, and which
// are told as they are.
func TestClockOff(t *testing.T) {
	unsteady := NewClock()
	unsteady.steady = func() bool { return false }
	begin, _ := hostTimes()
	var last Times
	for _, row := range []struct {
		name string
		c    *Clock
		read func() (Times, error)
	}{
		{"an unsteady counter", unsteady, hostTimes},
		{"stands still", NewClock(), func() (Times, error) { return begin, nil }},
		{"is slow", NewClock(), func() (Times, error) {
			now, err := hostTimes()
			for i := range now {
				now[i] -= (now[i] - begin[i]) / 10
			}
			return now, err
		}},
		{"is an hour late", NewClock(), func() (Times, error) {
			now, err := hostTimes()
			now[0] -= uint64(time.Hour)
			return now, err
		}},
		{"fails", NewClock(), func() (Times, error) { return Times{}, ErrGone }},
	} {
		t.Run(row.name, func(t *testing.T) {
			read := func() (Times, error) {
				var err error
				last, err = row.read()
				return last, err
			}
			for end := time.Now().Add(3 * clockEnough); time.Now().Before(end); {
				if got, on, _ := row.c.Read(read); on || got != last {
					t.Fatalf("%v, not %v; %v", got, last, on)
				}
			}
		})
	}
}

// TestClockSlows: what has been told stays true when the clock turns out to be late.
func TestClockSlows(t *testing.T) {
	c := startClock(t)
	c.mu.Lock()
	defer c.mu.Unlock()
	const ahead = 50_000
	now := counter()
	told := c.line.at(now)
	c.draw(now, told, ahead)
	if got := c.line.at(now); got != told {
		t.Errorf("%v, not %v", got, told)
	}
	if got, want := c.line.at(now + c.line.span)[1]-told[1], uint64(clockSpan)-ahead; got > want || got < want-1000 {
		t.Errorf("after a span it is %d later, not %d", got, want)
	}
}

// BenchmarkClock reads a clock without a system call.
func BenchmarkClock(b *testing.B) {
	// call; dec rbx; jnz back; another
	code := callLong + "\x48\xff\xcb\x75"
	code += string([]byte{byte(-len(code) - 1)}) + callOther
	s, r, _, data := run(b, Trapped, code, func(r *Regs) { r.SP = clockStack })
	c := startClock(b)
	watch(b, s, c)
	putArgs(data, 3, clockBuf, 32, 0)
	r.BX = uint64(b.N)
	b.ResetTimer()
	for r.IP = 0x200000; r.BP != 51; {
		if ev, err := s.Run(r); err != nil || ev.Kind != Syscall {
			b.Fatal(ev, err)
		}
		c.Read(hostTimes)
	}
}
