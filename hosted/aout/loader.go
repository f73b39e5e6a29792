package aout

import (
	"context"
	"encoding/binary"
	"sync"

	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A Loader makes processes of programs for Plan 9. Their memory is there from the
// first one on, until Close.
type Loader struct {
	// Platform makes the address spaces; nil: vm.Ptrace.
	Platform func(mem *vm.Memory) (vm.Space, error)

	mu  sync.Mutex // guards mem
	mem *vm.Memory // nil before there is a program
}

// memory returns the memory of all programs.
func (l *Loader) memory() (*vm.Memory, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mem == nil {
		mem, err := vm.NewMemory()
		if err != nil {
			return nil, err
		}
		l.mem = mem
	}
	return l.mem, nil
}

// Close gives the memory back. No program may run any more.
func (l *Loader) Close() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mem == nil {
		return nil
	}
	err := l.mem.Close()
	l.mem = nil
	return err
}

// Match reports whether a file is a program for Plan 9.
func (l *Loader) Match(magic []byte) bool { return kindOf(magic) != nil }

// dataRoom is how large a program's data may become, in bytes of its addresses;
// 386 has less.
const dataRoom = 2 << 30

// stackName is the name of the one segment that no process shares.
const stackName = "Stack"

// Load reads a program into memory.
func (l *Loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	mem, err := l.memory()
	if err != nil {
		return nil, err
	}
	d, err := file.Stat(ctx)
	if err != nil {
		return nil, err
	}
	head := make([]byte, 40)
	if err := readFull(ctx, file, head, 0); err != nil {
		return nil, err
	}
	h, err := parse(head, d.Length)
	if err != nil {
		return nil, err
	}
	if h.narrow {
		if err := vm.Narrow(mem); err != nil {
			return nil, err
		}
	}
	im, err := newImage(ctx, mem, h, file)
	if err != nil {
		return nil, err
	}
	platform := l.Platform
	if platform == nil {
		platform = vm.Ptrace
	}
	return func(p *proc.Proc) error {
		t := &task{p: p, mem: mem, platform: platform, calls: newCalls(), kind: h.kind, image: im}
		defer t.end()
		return t.start(h)
	}, nil
}

// newImage returns the memory of a program that begins.
func newImage(ctx context.Context, mem *vm.Memory, h header, file *ns.Chan) (im image, err error) {
	defer func() {
		if err != nil {
			im.close()
		}
	}()
	add := func(name string, base, size, room uint64, prot vm.Prot) *segment {
		var s *segment
		if err == nil {
			s, err = newSegment(mem, name, base, size, room, prot)
		}
		if err == nil {
			im = append(im, &mapping{segment: s})
		}
		return s
	}
	text := add("Text", h.text, pages(uint64(h.textLen)), uint64(h.textLen), vm.R|vm.X)
	room := min(dataRoom, h.stackBase()-h.data())
	data := add("Data", h.data(), h.dataEnd()-h.data(), room, vm.R|vm.W)
	add(stackName, h.stackBase(), uint64(h.stack), uint64(h.stack), vm.R|vm.W)
	if err != nil {
		return im, err
	}
	if err = readFull(ctx, file, text.bytes(h.text, uint64(h.textLen)), 0); err != nil {
		return im, err
	}
	return im, readFull(ctx, file, data.bytes(h.data(), uint64(h.dataLen)), h.textLen)
}

// readFull reads all of b at an offset.
func readFull(ctx context.Context, file *ns.Chan, b []byte, off int64) error {
	for len(b) > 0 {
		n, err := file.ReadAt(ctx, b, off)
		if err != nil {
			return err
		}
		if n == 0 {
			return ninep.ErrBadExec
		}
		b, off = b[n:], off+int64(n)
	}
	return nil
}

// push makes the stack that a program finds: its arguments, and above all else
// the structure Tos of tos.h.
func (t *task) push() bool {
	args := t.p.Args
	n := 0
	for _, arg := range args {
		n += len(arg) + 1
	}
	tos := t.stacktop - uint64(t.tosLen())
	strings := (tos - uint64(n)) &^ 15
	sp := (strings - uint64((len(args)+2)*t.word)) &^ 15
	if sp < t.stacktop-uint64(t.stack)/2 {
		return false
	}
	at := sp
	word := func(v uint64) {
		t.putWord(at, v)
		at += uint64(t.word)
	}
	word(uint64(len(args)))
	for _, arg := range args {
		word(strings)
		b, _ := t.image.bytes(strings, uint64(len(arg)+1))
		copy(b, arg)
		strings += uint64(len(arg) + 1)
	}
	word(0)
	t.regs = vm.Regs{SP: sp, AX: tos, Narrow: t.narrow}
	t.putPid()
	return true
}

// tosLen is the length of the structure Tos on top of the stack.
func (k *kind) tosLen() int {
	if k.word == 8 {
		return 72
	}
	return 56
}

// putPid writes the process's number where the C library and Go's runtime look
// for it: the last but one word of Tos.
func (t *task) putPid() {
	b, _ := t.image.bytes(t.stacktop-8, 4)
	binary.LittleEndian.PutUint32(b, uint32(t.p.Getpid()))
}
