package vm

import (
	"math/rand"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

// A toy is an address space of so many pages: what is mapped at each, and from
// where; zeros for nothing.
type toy [24]piece

var toySpans = []span{{PageSize, 9 * PageSize}, {10 * PageSize, 17 * PageSize}, {20 * PageSize, 24 * PageSize}}

// set maps a piece, or takes away what is in a range if it allows nothing.
func (y *toy) set(p piece) {
	for at := p.addr; at < p.end; at += PageSize {
		y[at/PageSize] = piece{}
		if p.prot != 0 {
			y[at/PageSize] = p.within(at, at+PageSize)[0]
		}
	}
}

// make makes the calls, which may not reach out of the spans.
func (y *toy) make(t *testing.T, list []hostCall) {
	for _, c := range list {
		p := piece{addr: c[1], end: c[1] + c[2], off: int64(c[6])}
		if c[0] == unix.SYS_MMAP {
			p.prot = Prot(c[3])
		}
		if !slices.ContainsFunc(toySpans, func(s span) bool { return s.addr <= p.addr && p.end <= s.end }) {
			t.Fatalf("call %x", c)
		}
		y.set(p)
	}
}

// change changes one at random, and a layout.
func (y *toy) change(r *rand.Rand, l *layout) {
	s := toySpans[r.Intn(len(toySpans))]
	n := int(s.end-s.addr) / PageSize
	from := r.Intn(n)
	to := from + 1 + r.Intn(n-from)
	p := piece{s.addr + uint64(from*PageSize), s.addr + uint64(to*PageSize), int64(from+r.Intn(3)) * PageSize, Prot(r.Intn(3))}
	if y.set(p); p.prot == 0 {
		l.cut(p.addr, p.end)
	} else {
		l.add(p)
	}
}

// TestLayout compares layouts with toys, and makes one of another by calls, of which
// there are none for what stays.
func TestLayout(t *testing.T) {
	r := rand.New(rand.NewSource(1))
	for range 20000 {
		var a, b toy
		var has, want layout
		for range r.Intn(8) {
			a.change(r, &has)
		}
		if b, want = a, slices.Clone(has); r.Intn(2) == 0 {
			b, want = toy{}, nil
		}
		for range r.Intn(4) {
			b.change(r, &want)
		}
		var pages toy
		for _, p := range want {
			pages.set(p)
		}
		if pages != b {
			t.Fatalf("%x is %x", want, b)
		}
		list := has.calls(want, toySpans)
		if len(list) > 0 && slices.Equal(has, want) {
			t.Fatalf("%x takes %x", want, list)
		}
		a.make(t, list)
		if a != b {
			t.Fatalf("%x\nfrom %x\nto %x\nis %x", list, has, want, a)
		}
	}
}

// TestStays gives a program what the one before had mapped, without a call; and
// another nothing of it.
func TestStays(t *testing.T) { each(t, testStays) }

func testStays(t *testing.T, platform Platform) {
	mem, err := NewMemory()
	if err != nil {
		t.Fatal(err)
	}
	defer mem.Close()
	text, _ := mem.Alloc(PageSize)
	data, _ := mem.Alloc(PageSize)
	copy(mem.Bytes(text.Off, PageSize), "\x48\x8b\x04\x25\x00\x00\x40\x00\x0f\x05") // mov rax, [0x400000]; syscall
	mem.Bytes(data.Off, PageSize)[0] = 99
	there, gone := Event{Kind: Syscall}, Event{Kind: Fault, Trap: NotMapped, Addr: 0x400000}
	for _, row := range []struct {
		name   string
		mapped bool // data
		unmaps bool // and does not run any more
		calls  int
		want   Event
	}{
		{"the first", true, false, 2, there},
		{"the same", true, false, 0, there},
		{"without data", false, false, 1, gone},
		{"with data", true, true, 1, there},
		{"after who did not run again", true, false, 2, there},
	} {
		t.Run(row.name, func(t *testing.T) {
			s, err := platform(mem)
			if err != nil {
				t.Fatal(err)
			}
			defer s.Close()
			s.Map(0x200000, text, R|X)
			if row.mapped {
				s.Map(0x400000, data, R|W)
			}
			if todo := planned(t, s); len(todo) != row.calls {
				t.Errorf("calls %x", todo)
			}
			r := &Regs{IP: 0x200000, SP: 0x400800}
			if ev, err := s.Run(r); ev != row.want || err != nil || ev == there && r.AX != 99 {
				t.Errorf("%+v, %v, AX is %d", ev, err, r.AX)
			}
			if row.unmaps {
				s.Unmap(0x400000, PageSize)
			}
		})
	}
}

// planned returns what the stub of a space is going to do.
func planned(t *testing.T, s Space) []hostCall {
	if stubPid(s) == 0 {
		t.Fatal("no stub")
	}
	if s, ok := s.(*traced); ok {
		return s.todo
	}
	return s.(*trapped).todo
}

// TestMapStub maps something where the stub is.
func TestMapStub(t *testing.T) { each(t, testMapStub) }

func testMapStub(t *testing.T, platform Platform) {
	s, _, _, _ := run(t, platform, "\x0f\x05", nil)
	for _, at := range []uint64{stubAddr - PageSize, stubAddr, contextAddr, clockAddr} {
		if err := s.Map(at, Extent{0, 2 * PageSize}, R); err != errStub {
			t.Errorf("%#x: %v", at, err)
		}
	}
}

// TestSoon maps pages that are going to be used, and does not use them.
func TestSoon(t *testing.T) { each(t, testSoon) }

func testSoon(t *testing.T, platform Platform) {
	s, r, _, _ := run(t, platform, "\x0f\x05\x0f\x05", nil)
	mem := memoryOf(s)
	e, err := mem.Alloc(3 * PageSize)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Map(0x600000, e, R|W|Soon); err != nil {
		t.Fatal(err)
	}
	if ev, err := s.Run(r); ev.Kind != Syscall || err != nil {
		t.Fatal(ev, err)
	}
	if n := mem.Used(e); n != e.Len {
		t.Errorf("%d bytes are there", n)
	}
}

func memoryOf(s Space) *Memory {
	if s, ok := s.(*traced); ok {
		return s.mem
	}
	return s.(*trapped).mem
}
