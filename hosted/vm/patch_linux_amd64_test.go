package vm

import (
	"strings"
	"sync"
	"testing"
)

// The instructions that become calls, for call number 50.
const (
	callLong  = "\x48\xc7\xc5\x32\x00\x00\x00\x0f\x05"
	callShort = "\xbd\x32\x00\x00\x00\x0f\x05"
)

// TestCalls makes system calls in ways that differ under trap.
func TestCalls(t *testing.T) { each(t, testCalls) }

func testCalls(t *testing.T, platform Platform) {
	for _, row := range []struct{ name, code string }{
		{"long", callLong},
		{"short", callShort},
		{"over two pages", strings.Repeat("\x90", PageSize-4) + callLong},
		{"at the end of a page", strings.Repeat("\x90", PageSize-7) + callShort},
		{"a number too large", "\xbd\x32\x01\x00\x00\x0f\x05"},
		{"another register", "\xbe\x32\x00\x00\x00\x0f\x05"},
	} {
		t.Run(row.name, func(t *testing.T) {
			again := "\x48\xff\xc3" + row.code + "\xeb\xfe" // inc rbx first; then a loop
			s, r, ev, _ := run(t, platform, again, func(r *Regs) {
				*r = Regs{AX: 1, BX: 2, CX: 3, DX: 4, SI: 5, DI: 6, BP: 50, R8: 8, R9: 9, R10: 10, R12: 12, R13: 13, R14: 14, R15: 15, IP: r.IP, SP: r.SP}
			})
			end := 0x200000 + uint64(len(again)) - 2
			want := Regs{AX: 1, BX: 3, CX: r.CX, DX: 4, SI: r.SI, DI: 6, BP: r.BP, R8: 8, R9: 9, R10: 10, R11: r.R11, R12: 12, R13: 13, R14: 14, R15: 15, IP: end, SP: 0x401000, Flags: r.Flags}
			if ev.Kind != Syscall || *r != want || r.BP&^0x100 != 50 {
				t.Errorf("%+v, %+v, want %+v", ev, *r, want)
			}
			r.IP -= 2
			if ev, err := s.Run(r); err != nil || ev.Kind != Syscall || r.IP != end {
				t.Errorf("again: %+v, %v, %#x", ev, err, r.IP)
			}
			r.IP, r.SP = 0x200000, 0
			if ev, err := s.Run(r); err != nil || ev.Kind != Syscall || r.IP != end || r.SP != 0 {
				t.Errorf("without a stack: %+v, %v, %#x", ev, err, r.IP)
			}
			s.Kick()
			if ev, err := s.Run(r); err != nil || ev.Kind != Kicked || r.IP != end {
				t.Errorf("kicked: %+v, %v, %#x", ev, err, r.IP)
			}
		})
	}
}

// TestTextStays reads text whose calls were replaced, and changes it.
func TestTextStays(t *testing.T) {
	const code = callLong + callShort
	s, r, _, _ := run(t, Trapped, code, nil)
	mem := s.(*trapped).mem
	if got := mem.Bytes(0, int64(len(code))); string(got) != code {
		t.Errorf("the text is %x", got)
	}
	if n := len(s.(*trapped).patched); n != 1 {
		t.Errorf("%d pages were replaced", n)
	}
	for _, row := range []struct {
		write string
		want  Event
	}{
		{"\xcc", Event{Kind: Fault, Trap: Breakpoint}},
		{callLong[:1], Event{Kind: Syscall}},
		{"\x0f\x0b", Event{Kind: Fault, Trap: Illegal}},
	} {
		if err := mem.WriteAt([]byte(row.write), 0); err != nil {
			t.Fatal(err)
		}
		r.IP = 0x200000
		if ev, err := s.Run(r); ev != row.want || err != nil {
			t.Errorf("with %x: %+v, %v", row.write, ev, err)
		}
	}
	mem.Free(Extent{0, 2 * PageSize})
	if n := mem.Given(); n != PageSize { // the data
		t.Errorf("%d bytes are in use", n)
	}
	if err := s.Map(0x200000, Extent{2 * PageSize, PageSize}, R|W|X); err != nil || len(s.(*trapped).patched) != 0 {
		t.Error("text that can be written was replaced", err)
	}
}

// TestKicks kicks a program that makes system calls all the time: none may get
// lost, of the registers neither.
func TestKicks(t *testing.T) { each(t, testKicks) }

func testKicks(t *testing.T, platform Platform) {
	for _, code := range []string{callLong, "\x0f\x05"} {
		// movq xmm3, rbx; call; movq rcx, xmm3; cmp rcx, rbx; jne to int3; inc rbx; jmp back; int3
		code = "\x66\x48\x0f\x6e\xdb" + code + "\x66\x48\x0f\x7e\xd9\x48\x39\xd9\x75\x05\x48\xff\xc3\xeb"
		code += string([]byte{byte(-len(code) - 1)}) + "\xcc"
		s, r, _, _ := run(t, platform, code, func(r *Regs) { r.BX, r.R12 = 100, 12345 })
		n := uint64(101)
		stop := make(chan bool)
		var kicker sync.WaitGroup
		kicker.Add(1)
		go func() {
			defer kicker.Done()
			for {
				select {
				case <-stop:
					return
				default:
					s.Kick()
				}
			}
		}()
		kicks := 0
		for kicks < 100 || n < 1000 {
			ev, err := s.Run(r)
			if err != nil || ev.Kind == Fault {
				t.Fatal(ev, err)
			}
			if ev.Kind == Kicked {
				if kicks++; r.IP < 0x200000 || r.IP > 0x200000+uint64(len(code)) {
					t.Fatalf("kicked at %#x", r.IP)
				}
				if kicks%3 == 0 {
					fp, err := s.FP()
					if err == nil {
						err = s.SetFP(fp)
					}
					if err != nil {
						t.Fatal(err)
					}
				}
				continue
			}
			if r.BX != n || r.R12 != 12345 || r.SP != 0x401000 {
				t.Fatalf("%d: %+v", n, r)
			}
			if n++; n%5 == 0 { // maps, and is kicked meanwhile
				if err := s.Map(0x600000, Extent{0, PageSize}, R); err != nil {
					t.Fatal(err)
				}
			}
		}
		close(stop)
		kicker.Wait()
	}
}
