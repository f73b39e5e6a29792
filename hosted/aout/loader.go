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
	// Platform makes the address spaces; nil: vm.Default.
	Platform vm.Platform

	mu    sync.Mutex // guards what follows
	mem   *vm.Memory // nil before there is a program
	total account    // of all programs
	texts []*text    // used last is last
}

// Limits are how much memory programs may have, in bytes; 0: no more than the host
// can give, which is half of its memory for all.
type Limits struct {
	Node    int64 // all of a node
	Process int64 // each
}

// Limited returns a loader of programs with limits of their own, for a node.
func (l *Loader) Limited(limits Limits) proc.Loader {
	return &limited{l, &account{limit: limits.Node, process: limits.Process, above: &l.total}, vm.NewClock()}
}

type limited struct {
	*Loader
	account *account
	clock   *vm.Clock
}

func (l *limited) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	return l.load(ctx, file, l.account, l.clock)
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
		l.total.limit = vm.HostMemory() / 2
	}
	return l.mem, nil
}

// platform returns what makes the address spaces.
func (l *Loader) platform() vm.Platform {
	if l.Platform == nil {
		return vm.Default
	}
	return l.Platform
}

// Close gives the memory back. No program may run any more.
func (l *Loader) Close() error {
	l.forget()
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.mem == nil {
		return nil
	}
	err := l.mem.Close()
	l.mem = nil
	return err
}

// Match reports whether a file is a program for Plan 9, or one that was frozen.
func (l *Loader) Match(magic []byte) bool { return kindOf(magic) != nil || isSnap(magic) }

// dataRoom is how large a program's data may become, in bytes of its addresses;
// 386 has less. Go's tests of its own heap reserve some GB of them.
const dataRoom = 16 << 30

// The names of segments. Text is all that programs share which were not forked, and
// no process shares its stack.
const (
	textName  = "Text"
	dataName  = "Data"
	stackName = "Stack"
)

// Load reads a program into memory.
func (l *Loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	return l.load(ctx, file, &l.total, nil)
}

func (l *Loader) load(ctx context.Context, file *ns.Chan, account *account, clock *vm.Clock) (proc.Main, error) {
	mem, err := l.memory()
	if err != nil {
		return nil, err
	}
	magic := make([]byte, len(snapMagic))
	if _, err := file.ReadAt(ctx, magic, 0); err != nil {
		return nil, err
	}
	if isSnap(magic) {
		return l.loadSnap(ctx, mem, account, clock, file)
	}
	tx, err := l.text(ctx, mem, account, file)
	if err != nil {
		return nil, err
	}
	defer tx.close()
	h := tx.header
	im, err := tx.image(account)
	if err != nil {
		return nil, err
	}
	return func(p *proc.Proc) error {
		t := newTask(p, im)
		t.mem, t.account, t.clock, t.platform, t.calls, t.kind = mem, account, clock, l.platform(), newCalls(), h.kind
		new(share).add(t)
		defer t.end()
		t.inherit()
		return t.start(h)
	}, nil
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
	if _, ok := t.image.bytes(sp, t.stacktop-sp); !ok {
		return false
	}
	b := t.appendWord(make([]byte, 0, t.stacktop-sp), uint64(len(args)))
	at := strings
	for _, arg := range args {
		b = t.appendWord(b, at)
		at += uint64(len(arg) + 1)
	}
	b = b[:strings-sp] // with a word of zeros
	for _, arg := range args {
		b = append(append(b, arg...), 0)
	}
	b = b[:cap(b)]
	t.regs = vm.Regs{SP: sp, AX: tos, Narrow: t.narrow}
	_, err := t.image.find(sp).change(b, sp)
	t.putPid()
	return err == nil
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
	pid := binary.LittleEndian.AppendUint32(nil, uint32(t.p.Getpid()))
	at := t.stacktop - 8
	_, ok := t.image.bytes(at, uint64(len(pid)))
	if ok {
		_, err := t.image.find(at).change(pid, at)
		ok = err == nil
	}
	if !ok {
		t.starve()
	}
}
