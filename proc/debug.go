package proc

import "ufo/ninep"

// A Machine is what a debugger sees of a program that is not Go's: see mem and regs
// in proc(3). Other goroutines than the process's call it.
type Machine interface {
	// ReadMem reads memory from an address to the end of b, or of what is
	// there in one piece.
	ReadMem(b []byte, addr uint64) (int, error)
	// WriteMem writes it.
	WriteMem(b []byte, addr uint64) (int, error)
	// Halt is called by the process itself before it stops, more than once
	// perhaps; what follows only while it has stopped.
	Halt()
	// Regs returns the registers, a Ureg of the program's kind of machine.
	Regs() []byte
	// SetRegs sets them. What the program may not change stays.
	SetRegs(ureg []byte)
	// FPRegs and SetFPRegs are the same for those of floating point, in the
	// form of fpregs in proc(3).
	FPRegs() []byte
	SetFPRegs(b []byte)
}

// SetMachine makes m what debuggers see of the process, until it is nil. Only the
// process may call it.
func (p *Proc) SetMachine(m Machine) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.machine = m
}

// Machine returns what debuggers see of the process; nil for a program of Go's.
// Anyone may call it.
func (p *Proc) Machine() Machine {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.machine
}

// WhileStopped calls f with what debuggers see of the process, which has stopped
// and does not go on meanwhile. F calls nothing of p. Anyone may call it.
func (p *Proc) WhileStopped(f func(m Machine) error) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.machine == nil || !p.halted {
		return ninep.ErrBadCtl
	}
	return f(p.machine)
}

// SetPrivate keeps debuggers from the memory of the process and of its children,
// until they execute something else. Anyone may call it.
func (p *Proc) SetPrivate() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.private = true
}

// Private reports whether SetPrivate was called. Anyone may call it.
func (p *Proc) Private() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.private
}
