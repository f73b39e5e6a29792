package dev

import (
	"context"
	"slices"
	"sync"

	"ufo/ninep"
)

const (
	kmesgSize  = 16 * 1024
	kprintSize = 8 * 1024
)

// A kmesg is what was printed on the kernel's console, by the kernel itself
// and by processes.
type kmesg struct {
	mu     sync.Mutex    // guards what follows
	text   []byte        // the end of it, up to twice kmesgSize
	kprint *ninep.Events // takes a copy while kprint is open; nil otherwise
}

// add takes down what is printed.
func (k *kmesg) add(p []byte) {
	k.mu.Lock()
	k.text = append(k.text, p...)
	if extra := len(k.text) - kmesgSize; extra > kmesgSize {
		k.text = slices.Clone(k.text[extra:])
	}
	events := k.kprint
	k.mu.Unlock()
	if events != nil {
		events.Send(string(p))
	}
}

// last returns the last 16 KB.
func (k *kmesg) last() []byte {
	k.mu.Lock()
	defer k.mu.Unlock()
	return slices.Clone(k.text[max(0, len(k.text)-kmesgSize):])
}

// file returns the file kmesg.
func (k *kmesg) file() *ninep.Node {
	return &ninep.Node{Name: "kmesg", Perm: 0440, Read: func(context.Context) ([]byte, error) {
		return k.last(), nil
	}}
}

// copyFile returns the file kprint, which one at a time may open.
func (k *kmesg) copyFile() *ninep.Node {
	n := &ninep.Node{Name: "kprint", Perm: ninep.DMEXCL | 0440}
	n.Open = func(ctx context.Context, user string, mode ninep.Mode) (*ninep.Node, error) {
		k.mu.Lock()
		defer k.mu.Unlock()
		if k.kprint != nil {
			return nil, ninep.ErrInUse
		}
		k.kprint = &ninep.Events{Keep: kprintSize}
		events := k.kprint.File("kprint")
		events.Perm = n.Perm
		open, err := events.Open(ctx, user, mode)
		open.Close = func() {
			k.mu.Lock()
			defer k.mu.Unlock()
			k.kprint = nil
		}
		return open, err
	}
	return n
}
