package vm

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// A trapped is a space whose stub handles the signals that the host has for its
// mistakes, and for its system calls: a filter makes signals of them. The registers
// of its program are then in memory that we share, where we read and change them.
// Most system calls come without a signal: see patch_linux_amd64.go.
type trapped struct {
	plan
	mem     *Memory
	light   bool             // the program stopped at a call of the stub
	patched map[uint64]patch // by address; page is in memory
	noTable bool             // the program has something else there
	clock   *Clock           // whose page is mapped

	kicked atomic.Bool // since Run returned last

	mu   sync.Mutex // guards stub for Kick
	stub *stubProc  // nil before there is need of it, and after Close
}

// Trapped returns a new space, whose stub gets what it does as signals. It is the
// fast platform.
func Trapped(mem *Memory) (Space, error) {
	return &trapped{mem: mem, patched: make(map[uint64]patch)}, nil
}

// start gives the space its stub.
func (s *trapped) start() error {
	if s.stub != nil {
		return nil
	}
	stub, err := s.mem.pool.get(s.mem, s.layout)
	if err != nil {
		return fmt.Errorf("trap: %w", err)
	}
	s.begin(stub.has, trappedSpans)
	stub.has = nil
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.stub = stub; s.kicked.Load() {
		stub.kick()
	}
	return nil
}

// Map and Unmap only plan what the stub does before the program runs again.
func (s *trapped) Map(addr uint64, e Extent, prot Prot) error {
	var list []patch
	s.unpatch(addr, uint64(e.Len))
	if prot&(X|W) == X && !s.noTable {
		list = s.mem.pool.patches(s.mem, e)
	}
	if err := s.add(addr, e, prot); err != nil {
		return err
	}
	for _, p := range list {
		at := addr + uint64(p.page)
		s.add(at, p.copy, prot)
		s.patched[at] = patch{e.Off + p.page, p.copy}
	}
	return nil
}

func (s *trapped) Unmap(addr, n uint64) error {
	s.unpatch(addr, n)
	s.cut(addr, n)
	return nil
}

// unpatch forgets what is mapped in a range, which may be where the table is.
func (s *trapped) unpatch(addr, n uint64) {
	for at := range s.patched {
		if at-addr < n {
			delete(s.patched, at)
		}
	}
	if addr < tableAddr+PageSize && tableAddr < addr+n {
		s.noTable = true
	}
}

// atCall reports whether IP is at a SYSCALL that is not there any more.
func (s *trapped) atCall(ip uint64) bool {
	p, ok := s.patched[ip&^(PageSize-1)]
	if at := ip % PageSize; ok && at < PageSize-1 {
		was, is := s.mem.Bytes(p.page, PageSize)[at:at+2], s.mem.Bytes(p.copy.Off, PageSize)[at:at+2]
		return string(was) == "\x0f\x05" && string(is) != string(was)
	}
	return false
}

// callAt returns the number of the system call for which a call is at an address,
// and its length.
func (s *trapped) callAt(addr uint64) (n, length uint64, ok bool) {
	var b []byte
	for at := addr; at < addr+uint64(longCall); at++ {
		p, ok := s.patched[at&^(PageSize-1)]
		if !ok {
			break
		}
		b = append(b, s.mem.Bytes(p.copy.Off+int64(at%PageSize), 1)[0])
	}
	return calls(b)
}

func (s *trapped) Run(r *Regs) (Event, error) {
	if s.atCall(r.IP) {
		r.IP += 2
		return Event{Kind: Syscall}, nil
	}
	if err := s.start(); err != nil {
		return Event{}, err
	}
	if len(s.todo) > 0 {
		if err := s.stub.call(s.todo...); err != nil {
			return Event{}, err
		}
		s.todo = s.todo[:0]
	}
	if err := s.putRegs(r); err != nil {
		return Event{}, err
	}
	if err := s.resume(); err != nil {
		return Event{}, err
	}
	c := s.stub.context()
	switch c.kind {
	case kindKicked:
		if c.op == opLight {
			s.getLight(r)
		}
		return Event{Kind: Kicked}, nil
	case kindLight:
		s.getLight(r)
		return Event{Kind: Syscall}, nil
	}
	s.light = false
	f, err := s.stub.frame()
	if err != nil {
		return Event{}, err
	}
	f.get(r)
	ev := f.event()
	if n, length, ok := s.callAt(r.IP); ok && ev.Kind == Fault { // no stack to call on
		r.BP, r.IP, ev = n, r.IP+length, Event{Kind: Syscall}
	}
	return ev, nil
}

// putRegs gives the stub the registers. Without a signal it cannot go on with
// flags, or 32 bits.
func (s *trapped) putRegs(r *Regs) error {
	c := s.stub.context()
	if s.light && !r.Narrow && r.Flags&userFlags == 0 {
		for i, reg := range light(r) {
			c.regs[i] = *reg
		}
		c.op = opLight
		return nil
	}
	f, err := s.frame()
	if err == nil {
		f.put(r)
		c.op = opResume
	}
	return err
}

func (s *trapped) getLight(r *Regs) {
	s.light = true
	for i, reg := range light(r) {
		*reg = s.stub.context().regs[i]
	}
	r.Flags = mustFlags
}

// frame returns the frame of the program. At a call of the stub it is made: then
// its registers are not in it, but those of floating point are.
func (s *trapped) frame() (frame, error) {
	if err := s.start(); err != nil {
		return frame{}, err
	}
	if c := s.stub.context(); s.light {
		s.light = false
		c.op, c.frame, c.fp = opSave, contextAddr+frame0, contextAddr+frame0FP
		s.stub.give()
		if err := s.stub.wait(); err != nil {
			return frame{}, err
		}
	}
	return s.stub.frame()
}

// resume lets the program go on until it stops. One that does not let itself be
// kicked ends.
func (s *trapped) resume() error {
	s.stub.give()
	for patient := time.Duration(0); !s.stub.await(glance); {
		if s.kicked.Load() {
			patient += glance
		}
		if s.stub.ended() || patient > patience {
			return s.stub.lost()
		}
	}
	s.kicked.Store(false)
	return nil
}

func (s *trapped) Writes(r *Regs) (bool, error) {
	f, err := s.stub.frame()
	if err != nil {
		return false, err
	}
	return f.writes(), nil
}

func (s *trapped) Kick() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.kicked.Swap(true) && s.stub != nil { // one is enough: many would leave it no time
		s.stub.kick()
	}
}

func (s *trapped) FP() ([]byte, error) {
	f, err := s.frame()
	if err != nil {
		return nil, err
	}
	return f.getFP(), nil
}

func (s *trapped) SetFP(state []byte) error {
	f, err := s.frame()
	if err != nil {
		return err
	}
	return f.setFP(state)
}

func (s *trapped) Close() {
	s.mu.Lock()
	stub := s.stub
	s.stub = nil
	s.mu.Unlock()
	if stub != nil {
		stub.has = s.left()
		stub.mem.pool.put(stub, s.noTable)
	}
	if s.clock != nil {
		s.clock.unuse()
		s.clock = nil
	}
}
