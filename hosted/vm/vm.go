// Package vm runs the instructions of programs that were made for another
// system: each in an address space of its own, with memory that we share, until
// it makes a system call or a mistake.
//
// A [Space] is what hardware is to a kernel. Its instructions run in a child of
// the host, the stub, which has nothing but what is mapped in it and never gets
// to the host's own system calls. What runs there, which system's calls they
// are, and what its memory means is the caller's affair: this package knows no
// Plan 9, but for the call by which a program reads a [Clock].
//
// There are two platforms. [Ptrace] has the host stop the stub at each system call,
// before it is made. [Trapped] has the host send it a signal instead, which it
// handles, and costs less: it is the [Default]. A stub is used again when its program
// has ended.
//
// Neither lets a program get anything of the host. Under ptrace there is nothing
// that it could execute to that end. Under trap it can jump to the instructions by
// which its stub makes system calls, but a filter lets these have only what the
// stub needs, and nothing that reaches beyond it. With them a program could hang,
// mislead us about its own registers, or refuse to be interrupted: then it is
// killed. What is mapped in the stub the host lets us decide one by one, as the
// stub has the memory of all as a descriptor. The next program that gets a stub
// finds nothing of the last, though its mappings may stay until then: see
// [stubProc.reset], [layout] and [tracee.reset]. Both leave
// to the host what it does for all its processes: to share the processors fairly,
// and to keep what they speculate about to themselves.
//
// The memory of all spaces is one sparse file, [Memory], of which pieces are
// mapped wherever the programs expect them. We have it mapped whole: what a
// program stores is read by loads, without asking the host.
//
//	mem, err := vm.NewMemory()
//	text, err := mem.Alloc(4096)
//	copy(mem.Bytes(text.Off, 2), "\x0f\x05") // syscall
//	s, err := vm.Ptrace(mem)
//	err = s.Map(0x200000, text, vm.R|vm.X)
//	ev, err := s.Run(&vm.Regs{IP: 0x200000, SP: 0x201000})
//	// ev.Kind == vm.Syscall
package vm

import (
	"errors"
	"fmt"
	"strings"
)

// PageSize is the unit of mappings, in bytes.
const PageSize = 4096

// ErrGone means that a space's stub has ended: the host killed it.
var ErrGone = errors.New("the process of the host is gone")

// ErrUnsupported is what the platforms give where they cannot work.
var ErrUnsupported = errors.New("programs of other systems need Linux on amd64")

// ErrNarrow is what Narrow gives where the host, or the machine it believes to
// be on, has no programs of 32 bits.
var ErrNarrow = errors.New("this host runs no programs of 32 bits")

// A Prot says what a mapping allows.
type Prot uint8

// Read, write, execute; and a wish: the pages are all going to be used, so that they
// had better be there at once.
const (
	R Prot = 1 << iota
	W
	X
	Soon
)

// Regs are the registers of a program. The segment registers and what they stand
// for are the platform's: flat, of 64 or 32 bits.
type Regs struct {
	AX, BX, CX, DX, SI, DI, BP      uint64
	R8, R9, R10, R11, R12, R13, R14 uint64
	R15, IP, SP, Flags              uint64
	Narrow                          bool // 32 bits: a 386
}

// A Kind is why a program stopped.
type Kind int

// The kinds of events.
const (
	Syscall Kind = iota // it executed SYSCALL, which IP is behind
	Fault               // it made a mistake, or a trap: see Event
	Kicked              // somebody called Kick
)

// An Event tells why a program stopped.
type Event struct {
	Kind Kind
	Trap Trap   // of a Fault
	Addr uint64 // that was accessed, for NotMapped and NotAllowed
}

// A Trap is a kind of fault.
type Trap int

// The traps.
const (
	NotMapped  Trap = iota + 1 // an address where nothing is mapped
	NotAllowed                 // an address whose mapping does not allow it
	Protection                 // what only a kernel may do; 386: INT, or an address out of reach
	Divide                     // by zero, or with a result too large
	Float                      // floating point
	Illegal                    // no instruction
	Breakpoint                 // INT3
	Bus                        // the host has no memory for the address, or it is not aligned
)

// A Platform makes an address space whose programs have memory of mem.
type Platform func(mem *Memory) (Space, error)

// platforms are known by these names.
var platforms = []struct {
	name string
	new  Platform
}{{"trap", Trapped}, {"ptrace", Ptrace}}

// NewPlatform returns the platform with a name; "" is Default.
func NewPlatform(name string) (Platform, error) {
	if name == "" {
		return Default, nil
	}
	for _, p := range platforms {
		if p.name == name {
			return p.new, nil
		}
	}
	return nil, fmt.Errorf("no platform %q: there are %s", name, strings.Join(PlatformNames(), ", "))
}

// Default is the platform of who asks for none: trap, or ptrace where trap does not
// work.
func Default(mem *Memory) (Space, error) { return mem.platform()(mem) }

// firstWorking returns the first of two platforms, unless it does not work here.
func firstWorking(first, second Platform) Platform {
	if first.Try() != nil {
		return second
	}
	return first
}

// PlatformNames returns the names of the platforms.
func PlatformNames() (names []string) {
	for _, p := range platforms {
		names = append(names, p.name)
	}
	return names
}

// Try runs a program that makes a system call, and returns why the platform cannot
// do that here.
func (p Platform) Try() error {
	mem, err := NewMemory()
	if err != nil {
		return err
	}
	defer mem.Close()
	text, err := mem.Alloc(PageSize)
	if err != nil {
		return err
	}
	copy(mem.Bytes(text.Off, 2), "\x0f\x05")
	s, err := p(mem)
	if err != nil {
		return err
	}
	defer s.Close()
	const addr = 0x200000
	if err := s.Map(addr, text, R|X); err != nil {
		return err
	}
	r := Regs{IP: addr, SP: addr}
	ev, err := s.Run(&r)
	if err == nil && (ev.Kind != Syscall || r.IP != addr+2) {
		err = fmt.Errorf("a system call came as %+v, at %#x", ev, r.IP)
	}
	return err
}

// A Space is an address space and the program that runs in it. Its methods but
// Kick are called by the goroutine that made it, which stays on its thread until
// Close.
type Space interface {
	// Map makes an extent visible at an address, in place of what was there.
	// Both are multiples of PageSize. What can be executed and not written is
	// changed by WriteAt of Memory only. Where Map fails may be known only when
	// the program runs.
	Map(addr uint64, e Extent, prot Prot) error
	// Unmap takes away what is mapped in a range.
	Unmap(addr, n uint64) error
	// Run lets the program go on with the registers, until something
	// happens, and leaves them as they were then.
	Run(r *Regs) (Event, error)
	// Writes reports whether the instruction that made a Fault with these
	// registers, NotMapped or NotAllowed, was going to write. Where that
	// cannot be known it is false.
	Writes(r *Regs) (bool, error)
	// Kick makes Run return soon, or the next one if it does not run. Anyone
	// may call it, also after Close.
	Kick()
	// FP returns the state of the floating point registers, for SetFP.
	FP() ([]byte, error)
	// SetFP sets it.
	SetFP(state []byte) error
	// Close ends it all.
	Close()
}
