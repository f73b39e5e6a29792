package aout

import (
	"fmt"

	"ufo/hosted/vm"
)

// traps are the texts of the notes for faults, as 9front's kernels have them.
var traps = map[vm.Trap]string{
	vm.Protection: "general protection violation",
	vm.Divide:     "divide error",
	vm.Float:      "floating point error",
	vm.Illegal:    "invalid opcode",
	vm.Breakpoint: "breakpoint",
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
	m := t.image.find(ev.Addr)
	if m == nil {
		t.trap(t.trapText(ev))
		return
	}
	i := m.index(ev.Addr)
	switch {
	case ev.Trap == vm.NotMapped:
	case ev.Trap == vm.NotAllowed && m.prot&vm.W != 0 && m.has(i) != m.prot:
	default:
		t.trap(t.trapText(ev))
		return
	}
	err := m.touch(t.space, i, ev.Trap == vm.NotAllowed, t.image.left())
	if err != nil {
		for _, o := range m.others(t) { // half a program is none
			o.p.Kill()
		}
		t.p.Exits(killed)
	}
}

// killed is the status of who needs memory that there is not.
const killed = "Killed: Insufficient physical memory"
