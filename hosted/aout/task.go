package aout

import (
	"bytes"
	"encoding/binary"
	"errors"
	"runtime/debug"
	"sync"
	"time"

	"ufo/hosted/vm"
	"ufo/proc"
)

// A task is a process whose program is a.out.
type task struct {
	p        *proc.Proc
	mem      *vm.Memory
	account  *account
	platform vm.Platform
	clock    *vm.Clock // of the node; nil: none
	calls    *calltable
	*kind
	mu     sync.Mutex // guards image against others, who read it
	image  image
	pinned []*segment
	space  vm.Space
	regs   vm.Regs
	gate   gate

	notify   uint64   // the handler of notes; 0 for none
	notes    []string // for the handler
	notified bool     // the handler runs
	ureg     uint64   // where the registers are with which noted goes on; 0 for nowhere
	last     string   // the note the handler runs for
	fp       []byte   // when it came

	halted []byte // the floating point registers when the process stopped
	fpset  bool   // a debugger has changed them

	share   *share
	pending int         // number of the system call to make before the program goes on, and 1; 0 for none
	until   time.Time   // when the call that waits is over; zero if none does
	was     map[int]int // processes' numbers, by what the program believes they are; nil but for thawed ones
}

func newTask(p *proc.Proc, im image) *task {
	t := &task{p: p, image: im}
	t.gate.left.L = &t.gate.mu
	return t
}

// catchFaults makes faults of ours panics. Memory that the host has not got is one,
// if we are first to touch it. Who runs a program calls it first.
func catchFaults() { debug.SetPanicOnFault(true) }

// start begins the program.
func (t *task) start(h header) error {
	catchFaults()
	if !t.push() {
		return errNoMemory
	}
	t.regs.IP = h.entry
	return t.run(nil)
}

// run makes the address space and runs the program in it until it ends, which is
// in a system call or by a note; what it returns is why it could not. The
// floating point registers are fp; nil: those with which one begins.
func (t *task) run(fp []byte) (err error) {
	if t.space, err = t.platform(t.mem); err != nil {
		return err
	}
	for _, m := range t.image {
		m.use(t)
	}
	if err := t.image.attach(t.space); err != nil {
		return err
	}
	if fp == nil {
		if fp, err = initFP(t.space, t.narrow); err != nil {
			return err
		}
	}
	if err := t.space.SetFP(fp); err != nil {
		return err
	}
	t.p.OnInterrupt(t.space.Kick)
	t.p.SetSegments(t.segments)
	t.p.SetMachine(debugger{t})
	t.p.OnFreeze(t.freeze)
	for {
		t.p.Attend()
		if err := t.settle(); err != nil {
			return err
		}
		if stood, err := t.stand(); err != nil {
			return err
		} else if stood || t.again() {
			continue
		}
		if err := t.deliver(); err != nil {
			return err
		}
		if err := t.enter(); err != nil {
			return err
		}
		ev, err := t.space.Run(&t.regs)
		t.leave()
		if errors.Is(err, vm.ErrGone) {
			t.suicide("sys: killed by the host")
		}
		if err != nil {
			return err
		}
		if err := t.handle(ev); err != nil {
			return err
		}
	}
}

// handle does what the program came out for.
func (t *task) handle(ev vm.Event) error {
	switch {
	case ev.Kind == vm.Syscall && !t.narrow, ev.Kind == vm.Fault && t.isCall(ev):
		return t.called()
	case ev.Kind == vm.Syscall: // INT $0x80, the host's: to Plan 9 like any other
		t.regs.IP -= 2
		t.fault(vm.Event{Kind: vm.Fault, Trap: vm.Protection})
	case ev.Kind == vm.Fault:
		t.fault(ev)
	}
	return nil
}

// end gives back what the task has. It is deferred: a program that cannot have
// memory which it must have, for the frame of a note, is killed.
func (t *task) end() {
	r := recover()
	t.share.remove(t)
	t.p.OnInterrupt(nil)
	t.p.SetSegments(nil)
	t.p.SetMachine(nil)
	t.p.OnFreeze(nil)
	t.untell()
	if t.space != nil {
		t.space.Close()
	}
	im := t.image
	t.change(nil)
	for _, m := range im {
		m.unuse(t)
	}
	im.close()
	switch {
	case r == nil:
	case t.starved(r):
		t.starve()
	default:
		panic(r)
	}
}

// segments tells of the memory. Anyone may call it.
func (t *task) segments() []proc.Segment {
	t.mu.Lock()
	defer t.mu.Unlock()
	var list []proc.Segment
	for _, m := range t.image {
		s := proc.Segment{
			Name: m.name, ReadOnly: m.prot&vm.W == 0, Base: m.base, End: m.end(), Refs: m.sharers(),
		}
		if m.name == memoryName {
			s.Name = "Bss" // as that of the data
		}
		if m.bss != 0 { // the data of the file, and what follows, are one to us
			data := s
			data.End = m.bss
			list = append(list, data)
			s.Name, s.Base = "Bss", m.bss
		}
		list = append(list, s)
	}
	return list
}

// change makes another image the process's.
func (t *task) change(im image) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.image = im
}

// isCall reports whether a fault is a 386's system call, INT $0x40, and then has
// the program go on behind it.
func (t *task) isCall(ev vm.Event) bool {
	if !t.narrow || ev.Trap != vm.Protection {
		return false
	}
	b, ok := t.image.bytes(t.regs.IP, 2)
	if !ok || b[0] != 0xcd || b[1] != 0x40 {
		return false
	}
	t.regs.IP += 2
	return true
}

// getWord returns the pointer-sized word at an address of the program.
func (t *task) getWord(addr uint64) uint64 {
	b := t.bytes(addr, uint64(t.word))
	if t.word == 8 {
		return binary.LittleEndian.Uint64(b)
	}
	return uint64(binary.LittleEndian.Uint32(b))
}

func (t *task) putWord(addr, v uint64) {
	b := t.room(addr, uint64(t.word))
	if t.word == 8 {
		binary.LittleEndian.PutUint64(b, v)
	} else {
		binary.LittleEndian.PutUint32(b, uint32(v))
	}
}

// appendWord appends a pointer-sized word.
func (k *kind) appendWord(b []byte, v uint64) []byte {
	if k.word == 8 {
		return binary.LittleEndian.AppendUint64(b, v)
	}
	return binary.LittleEndian.AppendUint32(b, uint32(v))
}

// bytes returns memory of the program. Where it has none the system call ends:
// see badAddress.
func (t *task) bytes(addr, n uint64) []byte {
	b, ok := t.image.bytes(addr, n)
	if !ok {
		t.bad(addr, n)
	}
	return b
}

// room returns memory of the program that is going to be written.
func (t *task) room(addr, n uint64) []byte {
	b, ok := t.image.room(addr, n)
	if !ok {
		t.bad(addr, n)
	}
	return b
}

// pin is bytes for what is read or written when the system call has waited.
func (t *task) pin(addr, n uint64) []byte {
	b, ok := t.image.pin(t, addr, n)
	if !ok {
		t.bad(addr, n)
	}
	return b
}

// bad ends the system call: n bytes at an address are not the program's, or there
// is no memory for them.
func (t *task) bad(addr, n uint64) {
	if m := t.image.find(addr); m != nil && n <= m.end()-addr && m.prot&vm.W != 0 {
		panic(errNoMemory)
	}
	panic(badAddress)
}

// A mistake is the panic of a system call that was given what no program means:
// the text of the note for it. [task.syscall] recovers it.
type mistake string

const (
	badAddress mistake = "sys: bad address in syscall"
	oddAddress mistake = "sys: odd address"
)

// str returns the string at an address, of less than room bytes. What there is of a
// longer one comes with false.
func (t *task) str(addr, room uint64) (string, bool) {
	var s []byte
	for uint64(len(s)) < room {
		n := vm.PageSize - addr%vm.PageSize
		m := t.image.find(addr)
		if m == nil {
			panic(badAddress)
		}
		b := t.bytes(addr, min(n, m.end()-addr, room-uint64(len(s))))
		if i := bytes.IndexByte(b, 0); i >= 0 {
			return string(append(s, b[:i]...)), true
		}
		s, addr = append(s, b...), addr+uint64(len(b))
	}
	return string(s), false
}
