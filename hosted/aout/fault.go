package aout

import (
	"fmt"

	"ufo/hosted/vm"
)

// traps are the texts of the notes for faults, as 9front's kernels have them.
var traps = map[vm.Trap]string{
	vm.Protection: "general protection violation",
	vm.Divide:     "divide error",
	vm.Illegal:    "invalid opcode",
	vm.Bus:        "bus error",
}

// trapText returns the text of the note for a fault.
func (t *task) trapText(ev vm.Event) string {
	switch ev.Trap {
	case vm.NotMapped, vm.NotAllowed:
		how := "read"
		if writes, err := t.space.Writes(&t.regs); writes && err == nil {
			how = "write"
		}
		return fmt.Sprintf("sys: trap: fault %s addr=%#x", how, ev.Addr)
	case vm.Float:
		return t.floatText()
	case vm.Breakpoint:
		return "sys: debug exception"
	}
	return "sys: trap: " + traps[ev.Trap]
}

// trap gives the process a note for something that it did. In the handler of
// another, or without one, that is its end.
func (t *task) trap(text string) {
	text = fmt.Sprintf("%s pc=%#x", text, t.regs.IP)
	if t.notified {
		t.p.Notify(nil)
	}
	t.p.Post(text)
	t.p.Attend()
}

// fault makes a note of what the program did wrong, unless it only needs memory, or
// its own copy of what it shares.
func (t *task) fault(ev vm.Event) {
	if ev.Trap == vm.Breakpoint && t.stepBack() {
		t.trap("sys: breakpoint")
		return
	}
	m := t.image.find(ev.Addr)
	if m == nil {
		t.trap(t.trapText(ev))
		return
	}
	i := m.index(ev.Addr)
	switch {
	case ev.Trap == vm.NotMapped:
		if t.clears(m, ev.Addr) {
			return
		}
	case ev.Trap == vm.NotAllowed && m.prot&vm.W != 0 && m.has(i) != m.prot:
	default:
		t.trap(t.trapText(ev))
		return
	}
	err := m.touch(t.space, i, ev.Trap == vm.NotAllowed, t.image.left())
	if err != nil {
		for _, o := range m.others(t) { // half a program is none
			o.p.KillFor(killed)
		}
		t.starve()
	}
}

// clears lets the program go on behind the zeros that it was going to store at an
// address of a mapping, if there are nothing but zeros, which have no memory: it
// would get much that it has no use for. When programs of Go begin they clear some
// 50 MB that they have never used.
func (t *task) clears(m *mapping, addr uint64) bool {
	r := &t.regs
	word := t.storesZeros()
	if word == 0 || addr != r.DI || m.prot&vm.W == 0 {
		return false
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	i := m.index(addr)
	for i < m.count() && m.state(i) == absent {
		i++
	}
	end := max(addr, min(m.base+uint64(i)*runLen, m.end())) // addr may be in one that others share and use
	n := min(r.CX, (end-addr)/word)
	if n*word < runLen { // it may well use them
		return false
	}
	r.DI += n * word
	r.CX -= n
	return true
}

// storesZeros returns the length of the words that the program is storing, if that
// is done by REP STOS, upwards, and they are zeros; 0 for all else.
func (t *task) storesZeros() (word uint64) {
	const down = 0x400 // the direction, a flag
	r := &t.regs
	b, ok := t.image.bytes(r.IP, 3)
	switch {
	case !ok || r.Flags&down != 0 || b[0] != 0xf3:
	case b[1] == 0x48 && b[2] == 0xab && !t.narrow && r.AX == 0:
		return 8
	case b[1] == 0xab && uint32(r.AX) == 0:
		return 4
	}
	return 0
}

// stepBack makes the program counter that of the breakpoint before it, if there is
// one.
func (t *task) stepBack() bool {
	b, ok := t.image.bytes(t.regs.IP-1, 1)
	if !ok || b[0] != 0xcc {
		return false
	}
	t.regs.IP--
	return true
}

// starve ends a process that needs memory which there is not.
func (t *task) starve() {
	t.p.Pprint(killed)
	t.p.Exits(killed)
}

// suicide ends a process of which the kernel can make nothing.
func (t *task) suicide(why string) {
	t.p.Pprint("suicide: " + why)
	t.p.Exits(why)
}

const killed = "Killed: Insufficient physical memory"
