package vm

import (
	"fmt"
	"testing"
)

// each makes a test on each platform.
func each(t *testing.T, f func(t *testing.T, platform Platform)) {
	for _, p := range platforms {
		t.Run(p.name, func(t *testing.T) { f(t, p.new) })
	}
}

// eachBench makes a benchmark on each platform.
func eachBench(b *testing.B, f func(b *testing.B, platform Platform)) {
	for _, p := range platforms {
		b.Run(p.name, func(b *testing.B) { f(b, p.new) })
	}
}

// run runs code at 0x200000 with a page of data at 0x400000.
func run(t testing.TB, platform Platform, code string, prepare func(r *Regs)) (Space, *Regs, Event, []byte) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	text, err := mem.Alloc(2 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	data, _ := mem.Alloc(PageSize)
	copy(mem.Bytes(text.Off, text.Len), code)
	s, err := platform(mem)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.Close()
		mem.Close()
	})
	if err := s.Map(0x200000, text, R|X); err != nil {
		t.Fatal(err)
	}
	if err := s.Map(0x400000, data, R|W); err != nil {
		t.Fatal(err)
	}
	r := &Regs{IP: 0x200000, SP: 0x401000}
	if prepare != nil {
		prepare(r)
	}
	ev, err := s.Run(r)
	if err != nil {
		t.Fatal(err)
	}
	return s, r, ev, mem.Bytes(data.Off, data.Len)
}

func TestEvents(t *testing.T) { each(t, testEvents) }

func testEvents(t *testing.T, platform Platform) {
	for _, row := range []struct {
		name, code string
		want       Event
		ip         uint64
	}{
		{"a system call", "\x0f\x05", Event{Kind: Syscall}, 0x200002},
		{"read nowhere", "\x48\x8b\x04\x25\x00\x00\x50\x00", Event{Kind: Fault, Trap: NotMapped, Addr: 0x500000}, 0x200000},
		{"write to text", "\x48\x89\x04\x25\x00\x00\x20\x00", Event{Kind: Fault, Trap: NotAllowed, Addr: 0x200000}, 0x200000},
		{"execute data", "\xb8\x00\x00\x40\x00\xff\xe0", Event{Kind: Fault, Trap: NotAllowed, Addr: 0x400000}, 0x400000},
		{"divide by zero", "\x31\xc9\xf7\xf1", Event{Kind: Fault, Trap: Divide}, 0x200002},
		{"illegal", "\x0f\x0b", Event{Kind: Fault, Trap: Illegal}, 0x200000},
		{"breakpoint", "\xcc", Event{Kind: Fault, Trap: Breakpoint}, 0x200001},
		{"a kernel's instruction", "\xf4", Event{Kind: Fault, Trap: Protection}, 0x200000},
		{"an interrupt of Plan 9", "\xcd\x40", Event{Kind: Fault, Trap: Protection}, 0x200000},
		{"the host's vdso is gone", "\x48\xb8\x00\xf0\xff\xff\xff\x7f\x00\x00\x48\x8b\x40\xf8", Event{Kind: Fault, Trap: NotMapped, Addr: 0x7fffffffeff8}, 0x20000a},
	} {
		t.Run(row.name, func(t *testing.T) {
			_, r, ev, _ := run(t, platform, row.code, nil)
			if ev != row.want || r.IP != row.ip {
				t.Errorf("%+v at %#x, want %+v at %#x", ev, r.IP, row.want, row.ip)
			}
		})
	}
}

// TestRegs passes registers through a system call, and memory both ways.
func TestRegs(t *testing.T) { each(t, testRegs) }

func testRegs(t *testing.T, platform Platform) {
	// mov [0x400000], r15; inc rbx; syscall; jmp back
	s, r, _, data := run(t, platform, "\x4c\x89\x3c\x25\x00\x00\x40\x00\x48\xff\xc3\x0f\x05\xeb\xf1", func(r *Regs) {
		*r = Regs{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, r.IP, r.SP, 0, false}
	})
	want := Regs{1, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 0x20000d, 0x401000, r.Flags, false}
	want.CX, want.R11 = r.CX, r.R11 // SYSCALL changes them
	if *r != want || data[0] != 15 {
		t.Errorf("got %+v, want %+v", *r, want)
	}
	for i := range 10 {
		r.R15 = uint64(100 + i)
		ev, err := s.Run(r)
		if err != nil || ev.Kind != Syscall || data[0] != byte(100+i) || r.BX != uint64(4+i) {
			t.Fatalf("%d: %+v, %v, %+v", i, ev, err, r)
		}
	}
}

// TestNarrow runs 386 code.
func TestNarrow(t *testing.T) { each(t, testNarrow) }

func testNarrow(t *testing.T, platform Platform) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	if err := Narrow(mem); err == ErrNarrow {
		t.Skip(err)
	} else if err != nil {
		t.Fatal(err)
	}
	// inc eax (in 64 bits a prefix); int 0x40
	_, r, ev, _ := run(t, platform, "\x40\x40\xcd\x40", func(r *Regs) { r.Narrow = true })
	if r.AX != 2 || ev.Trap != Protection || r.IP != 0x200002 {
		t.Errorf("%+v, %+v", ev, r)
	}
}

// TestTry tells platforms that work from those that do not.
func TestTry(t *testing.T) { each(t, testTry) }

func testTry(t *testing.T, platform Platform) {
	if err := platform.Try(); err != nil {
		t.Error(err)
	}
	deaf := func(mem *Memory) (Space, error) {
		s, err := platform(mem)
		return deafSpace{s}, err
	}
	if err := Platform(deaf).Try(); err == nil {
		t.Error("one whose programs are never seen to make a call")
	}
}

// TestDefault is trap here, and the other where trap does not work.
func TestDefault(t *testing.T) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	broken := func(*Memory) (Space, error) { return nil, ErrUnsupported }
	for _, row := range []struct {
		name          string
		first, second Platform
		want          string
	}{
		{"works", Trapped, broken, "*vm.trapped"},
		{"does not", broken, Ptrace, "*vm.traced"},
		{"none does", broken, broken, "<nil>"},
		{"of who asks for none", Default, broken, "*vm.trapped"},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, _ := firstWorking(row.first, row.second)(mem)
			if got := fmt.Sprintf("%T", s); got != row.want {
				t.Errorf("got %s, want %s", got, row.want)
			}
			if s != nil {
				s.Close()
			}
		})
	}
}

// A deafSpace is one whose program does nothing.
type deafSpace struct{ Space }

func (deafSpace) Run(*Regs) (Event, error) { return Event{Kind: Kicked}, nil }

// TestWrites tells reads from writes, and leaves the registers as they were.
func TestWrites(t *testing.T) { each(t, testWrites) }

func testWrites(t *testing.T, platform Platform) {
	for _, row := range []struct {
		name, code string
		want       bool
	}{
		{"mov from 0", "\x48\x8b\x04\x25\x00\x00\x00\x00", false},
		{"mov to 0", "\x48\x89\x04\x25\x00\x00\x00\x00", true},
		{"mov to text", "\x48\x89\x04\x25\x00\x00\x20\x00", true},
		{"push on nothing", "\x31\xe4\x50", true},
		{"jump to 0", "\x31\xc0\xff\xe0", false},
	} {
		t.Run(row.name, func(t *testing.T) {
			// movq xmm3, rax first
			s, r, ev, _ := run(t, platform, "\x66\x48\x0f\x6e\xd8"+row.code, func(r *Regs) { r.AX = 77 })
			before, err := s.FP()
			if err != nil || ev.Kind != Fault {
				t.Fatal(ev, err)
			}
			regs := *r
			for range 2 {
				got, err := s.Writes(r)
				if err != nil || got != row.want || *r != regs {
					t.Errorf("%v, %v, %+v", got, err, *r)
				}
				if after, err := s.FP(); err != nil || string(after) != string(before) {
					t.Errorf("the floating point registers are others, %v", err)
				}
			}
		})
	}
}

// TestKick stops a loop.
func TestKick(t *testing.T) { each(t, testKick) }

func testKick(t *testing.T, platform Platform) {
	s, r, _, _ := run(t, platform, "\x0f\x05\xeb\xfe", nil)
	for range 10 {
		go s.Kick()
		ev, err := s.Run(r)
		if err != nil || ev.Kind != Kicked || r.IP != 0x200002 {
			t.Fatalf("%+v, %v, %#x", ev, err, r.IP)
		}
	}
}

// TestFP moves the state of the floating point registers to another space, of
// each platform.
func TestFP(t *testing.T) {
	each(t, func(t *testing.T, from Platform) {
		each(t, func(t *testing.T, to Platform) { testFP(t, from, to) })
	})
}

func testFP(t *testing.T, from, to Platform) {
	// movq xmm3, rax; syscall; movq rax, xmm3; syscall
	const code = "\x66\x48\x0f\x6e\xd8\x0f\x05\x66\x48\x0f\x7e\xd8\x0f\x05"
	s, r, _, _ := run(t, from, code, func(r *Regs) { r.AX = 0x1234567890abcdef })
	fp, err := s.FP()
	if err != nil {
		t.Fatal(err)
	}
	s2, r2, _, _ := run(t, to, code, nil)
	if err := s2.SetFP(fp); err != nil {
		t.Fatal(err)
	}
	if fp2, err := s2.FP(); err != nil || string(fp2) != string(fp) {
		t.Errorf("%d bytes, then %d, %v", len(fp), len(fp2), err)
	}
	if s2.SetFP(fp[:100]) == nil {
		t.Error("part of a state is enough")
	}
	for range 2 {
		r2.AX = 0
		if _, err := s2.Run(r2); err != nil {
			t.Fatal(err)
		}
		if r2.AX != 0x1234567890abcdef {
			t.Errorf("got %#x", r2.AX)
		}
		s2, r2 = s, r
	}
}

func TestMemory(t *testing.T) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	var e [4]Extent
	for i := range e {
		if e[i], err = mem.Alloc(1<<30 - 1); err != nil || e[i].Len != 1<<30 {
			t.Fatal(e[i], err)
		}
		mem.Bytes(e[i].Off+12345678, 1)[0] = 7
		mem.Bytes(e[i].Off+e[i].Len-1, 1)[0] = 8
	}
	if n := mem.Used(e[0]); n != 2*PageSize {
		t.Errorf("used %d", n)
	}
	mem.Free(e[1])
	mem.Free(e[2])
	if again, err := mem.Alloc(1 << 30); err != nil || again != e[2] {
		t.Errorf("%+v, %v, after %+v was freed", again, err, e[2])
	}
	mem.Free(e[2])
	mem.settle(0)
	two, err := mem.Alloc(2 << 30)
	if err != nil || two.Off != e[1].Off {
		t.Errorf("%+v, %v", two, err)
	}
	if n := mem.Used(two); n != 0 || mem.Bytes(two.Off+12345678, 1)[0] != 0 {
		t.Errorf("%d bytes of new memory are used", n)
	}
	if err := mem.Copy(two, e[3]); err != nil || mem.Bytes(two.Off+12345678, 1)[0] != 7 || mem.Used(two) != 2*PageSize {
		t.Errorf("copied %d bytes, %v", mem.Used(two), err)
	}
	for _, e := range []Extent{e[3], two, e[0]} {
		mem.Free(e)
	}
	mem.settle(0)
	if mem.top != 0 || len(mem.free) != 0 {
		t.Errorf("not all is free: %d, %v", mem.top, mem.free)
	}
}

// BenchmarkSyscall is a system call that does nothing.
func BenchmarkSyscall(b *testing.B) { eachBench(b, benchSyscall) }

func benchSyscall(b *testing.B, platform Platform) {
	s, r, _, _ := run(b, platform, "\x0f\x05\xeb\xfc", nil)
	for b.Loop() {
		if _, err := s.Run(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkCall is one where trap needs no signal.
func BenchmarkCall(b *testing.B) { eachBench(b, benchCall) }

func benchCall(b *testing.B, platform Platform) {
	s, r, _, _ := run(b, platform, callLong+"\xeb\xf5", nil)
	for b.Loop() {
		if _, err := s.Run(r); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSpace makes a space and lets it go.
func BenchmarkSpace(b *testing.B) { eachBench(b, benchSpace) }

func benchSpace(b *testing.B, platform Platform) {
	mem, err := NewMemory()
	if err != nil {
		b.Fatal(err)
	}
	defer mem.Close()
	for b.Loop() {
		s, err := platform(mem)
		if err != nil {
			b.Fatal(err)
		}
		s.Close()
	}
}
