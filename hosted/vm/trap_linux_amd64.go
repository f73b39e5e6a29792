package vm

import (
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// A trapped is a space whose stub handles the signals that the host has for its
// mistakes, and for its system calls: a filter makes signals of them. The registers
// of its program are then in memory that we share, where we read and change them.
type trapped struct {
	kicked atomic.Bool // since Run returned last

	mu   sync.Mutex // guards stub for Kick
	stub *stubProc  // nil after Close
}

// Trapped returns a new space, whose stub gets what it does as signals. It is the fast
// platform.
func Trapped(mem *Memory) (Space, error) {
	stub, err := mem.pool.get(mem)
	if err != nil {
		return nil, fmt.Errorf("trap: %w", err)
	}
	return &trapped{stub: stub}, nil
}

func (s *trapped) Map(addr uint64, e Extent, prot Prot) error {
	return s.stub.call(hostCall{unix.SYS_MMAP, addr, uint64(e.Len), hostProt(prot), unix.MAP_SHARED | unix.MAP_FIXED, stubMemory, uint64(e.Off)})
}

func (s *trapped) Unmap(addr, n uint64) error {
	return s.stub.call(hostCall{unix.SYS_MUNMAP, addr, n})
}

func (s *trapped) Run(r *Regs) (Event, error) {
	f, err := s.stub.frame()
	if err != nil {
		return Event{}, err
	}
	f.put(r)
	if err := s.resume(); err != nil {
		return Event{}, err
	}
	if f, err = s.stub.frame(); err != nil {
		return Event{}, err
	}
	f.get(r)
	return f.event(), nil
}

// resume lets the program go on until it stops. One that does not let itself be
// kicked ends.
func (s *trapped) resume() error {
	s.stub.context().op = opResume
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
	if s.stub != nil {
		s.kicked.Store(true)
		s.stub.kick()
	}
}

func (s *trapped) FP() ([]byte, error) {
	f, err := s.stub.frame()
	if err != nil {
		return nil, err
	}
	return f.getFP(), nil
}

func (s *trapped) SetFP(state []byte) error {
	f, err := s.stub.frame()
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
		stub.mem.pool.put(stub)
	}
}
