package dev

import (
	"context"

	"ufo/ninep"
	"ufo/proc"
)

// errNoRegs is what regs reads as long as the registers are those of a processor.
const errNoRegs = ninep.Error("process has no saved registers")

// mayDebug keeps the memory of a process that is private from all.
func (d *procDev) mayDebug(p *proc.Proc, n *ninep.Node) {
	n.May = func(ctx context.Context, user string, _ ninep.Mode) error {
		if p.Private() {
			return ninep.ErrPerm
		}
		return d.mayLook(ctx, user, p)
	}
}

func (d *procDev) mem(p *proc.Proc, n *ninep.Node) {
	d.mayDebug(p, n)
	n.ReadAt = func(_ context.Context, b []byte, off int64) (int, error) {
		m := p.Machine()
		if m == nil {
			return 0, ninep.ErrProcDied
		}
		return m.ReadMem(b, uint64(off))
	}
	n.WriteAt = func(_ context.Context, b []byte, off int64) (n int, err error) {
		err = p.WhileStopped(func(m proc.Machine) error {
			n, err = m.WriteMem(b, uint64(off))
			return err
		})
		return n, err
	}
}

// registers fills the node of registers, which a process has when it has stopped.
func registers(get func(proc.Machine) []byte, set func(proc.Machine, []byte)) func(*procDev, *proc.Proc, *ninep.Node) {
	return func(d *procDev, p *proc.Proc, n *ninep.Node) {
		d.mayDebug(p, n)
		n.ReadAt = func(_ context.Context, b []byte, off int64) (int, error) {
			var regs []byte
			if p.WhileStopped(func(m proc.Machine) error { regs = get(m); return nil }) != nil {
				return 0, errNoRegs
			}
			return copy(b, regs[min(off, int64(len(regs))):]), nil
		}
		n.WriteAt = func(_ context.Context, b []byte, off int64) (n int, err error) {
			err = p.WhileStopped(func(m proc.Machine) error {
				regs := get(m)
				n = copy(regs[min(off, int64(len(regs))):], b)
				set(m, regs)
				return nil
			})
			return n, err
		}
	}
}
