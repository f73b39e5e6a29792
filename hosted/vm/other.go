//go:build !linux || !amd64

package vm

import "sync/atomic"

// Memory is what there is none of here.
type Memory struct{}

// An Extent is a piece of Memory: its offset and length in bytes.
type Extent struct{ Off, Len int64 }

// NewMemory returns ErrUnsupported.
func NewMemory() (*Memory, error) { return nil, ErrUnsupported }

// HostMemory returns 0: no program needs it.
func HostMemory() int64 { return 0 }

func (m *Memory) platform() Platform { return firstWorking(Trapped, Ptrace) }

// Close gives all of it back.
func (m *Memory) Close() error { return nil }

// Alloc returns n bytes of zeros.
func (m *Memory) Alloc(n int64) (Extent, error) { return Extent{}, ErrUnsupported }

// Free gives an extent back.
func (m *Memory) Free(e Extent) {}

// Given returns how many bytes were given out and not back.
func (m *Memory) Given() int64 { return 0 }

// Zero makes zeros of an extent.
func (m *Memory) Zero(e Extent) {}

// Bytes returns n bytes at an offset.
func (m *Memory) Bytes(off, n int64) []byte { return nil }

// Has reports whether an address is where Memory is mapped.
func (m *Memory) Has(addr uintptr) bool { return false }

// Copy copies an extent.
func (m *Memory) Copy(to, from Extent) error { return ErrUnsupported }

// ReadAt copies what is at an offset.
func (m *Memory) ReadAt(b []byte, off int64) error { return ErrUnsupported }

// WriteAt copies to an offset.
func (m *Memory) WriteAt(b []byte, off int64) error { return ErrUnsupported }

// Populate gives a range its pages.
func (m *Memory) Populate(off, n int64) error { return ErrUnsupported }

// Used returns how many bytes of an extent have pages.
func (m *Memory) Used(e Extent) int64 { return 0 }

// Ptrace returns ErrUnsupported.
func Ptrace(mem *Memory) (Space, error) { return nil, ErrUnsupported }

// Trapped returns ErrUnsupported.
func Trapped(mem *Memory) (Space, error) { return nil, ErrUnsupported }

// Narrow returns ErrUnsupported.
func Narrow(mem *Memory) error { return ErrUnsupported }

// A Clock is what there is none of here.
type Clock struct{}

// Times are nanoseconds, of several clocks.
type Times [4]uint64

// A Clocked is a Space that answers by a Clock.
type Clocked interface {
	// UseClock has it do so.
	UseClock(c *Clock) (*atomic.Uint32, error)
}

// NewClock returns a Clock.
func NewClock() *Clock { return new(Clock) }

// Read reads by a function.
func (c *Clock) Read(read func() (Times, error)) (t Times, on bool, err error) {
	t, err = read()
	return t, false, err
}
