package aout

import (
	"encoding/binary"

	"ufo/ninep"
)

// A debugger is a task as proc(3) has it in mem and regs: it belongs to another
// goroutine, and what it changes only while the process has stopped.
type debugger struct{ t *task }

// at returns the segment that an address is in, with a reference.
func (d debugger) at(addr uint64) (*segment, error) {
	d.t.mu.Lock()
	defer d.t.mu.Unlock()
	m := d.t.image.find(addr)
	if m == nil {
		return nil, ninep.ErrBadArg
	}
	return m.incref(), nil
}

func (d debugger) ReadMem(b []byte, addr uint64) (int, error) {
	s, err := d.at(addr)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return s.look(b, addr)
}

func (d debugger) WriteMem(b []byte, addr uint64) (int, error) {
	if err := d.t.unshare(addr); err != nil {
		return 0, err
	}
	s, err := d.at(addr)
	if err != nil {
		return 0, err
	}
	defer s.close()
	return s.change(b, addr)
}

func (d debugger) Regs() []byte { return d.t.getRegs() }

func (d debugger) SetRegs(b []byte) { d.t.setRegs(b) }

// clip returns what of b is in a segment, and in the run, that an address is in.
func (s *segment) clip(b []byte, addr uint64) []byte {
	n := min(s.end()-addr, runLen-(addr-s.base)%runLen)
	return b[:min(uint64(len(b)), n)]
}

// look copies memory to b, without giving any to the segment.
func (s *segment) look(b []byte, addr uint64) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(b) && addr < s.end() {
		c := s.clip(b[n:], addr)
		from := s
		switch s.state(s.index(addr)) {
		case absent:
			from = nil
			clear(c)
		case borrowed:
			from = s.lender
		}
		if from != nil {
			if err := s.mem.ReadAt(c, from.extent.Off+int64(addr-s.base)); err != nil {
				return n, err
			}
		}
		n, addr = n+len(c), addr+uint64(len(c))
	}
	return n, nil
}

// isAbsent reports whether there is nothing yet in a run.
func (s *segment) isAbsent(i uint64) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.state(int(i)) == absent
}

// change copies b to memory.
func (s *segment) change(b []byte, addr uint64) (n int, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for n < len(b) && addr < s.end() {
		c := s.clip(b[n:], addr)
		i := s.index(addr)
		if err := s.own(i, i+1, runLen); err != nil {
			return n, err
		}
		if err := s.mem.WriteAt(c, s.extent.Off+int64(addr-s.base)); err != nil {
			return n, err
		}
		n, addr = n+len(c), addr+uint64(len(c))
	}
	return n, nil
}

// unshare gives the process, which has stopped, text of its own if an address is in
// text that others have too: breakpoints are for one.
func (t *task) unshare(addr uint64) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	m := t.image.find(addr)
	if m == nil || m.name != textName || m.refs.Load() == 1 {
		return nil
	}
	old := m.segment
	s, err := newSegment(t.mem, t.account, m.name, m.base, m.size.Load(), uint64(m.extent.Len), m.prot)
	if err != nil {
		return err
	}
	old.mu.Lock()
	err = old.copyTo(s)
	old.mu.Unlock()
	if err != nil {
		s.close()
		return err
	}
	old.unuse(t)
	s.use(t)
	m.segment, m.mapped = s, nil // it maps all of it when it goes on
	t.halt()
	old.close()
	return nil
}

// getRegs returns the registers as a Ureg.
func (t *task) getRegs() []byte {
	b := make([]byte, t.uregLen())
	for i, r := range t.registers() {
		if t.word == 8 {
			binary.LittleEndian.PutUint64(b[8*i:], *r)
		} else {
			binary.LittleEndian.PutUint32(b[4*i:], uint32(*r))
		}
	}
	return b
}

// setRegs takes the registers from a Ureg.
func (t *task) setRegs(b []byte) {
	for i, r := range t.registers() {
		if t.word == 8 {
			*r = binary.LittleEndian.Uint64(b[8*i:])
		} else {
			*r = uint64(binary.LittleEndian.Uint32(b[4*i:]))
		}
	}
}
