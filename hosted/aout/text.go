package aout

import (
	"context"
	"slices"

	"ufo/hosted/vm"
	"ufo/ninep"
	"ufo/ns"
)

// A text is a program in memory: its text, which all processes share that run it,
// and its data as they were in the file, which lend what each begins with. So a
// program that is run again need not be read.
type text struct {
	fileKey
	header
	text, data *segment
}

// A fileKey tells files apart, and those that were changed: of a node, as each
// numbers its devices itself.
type fileKey struct {
	node   *account
	letter rune
	dev    uint32
	qid    ninep.Qid
	length int64
	mtime  uint32
}

// maxTexts is how many programs are kept that may not be in use.
const maxTexts = 16

// text returns a program of a node, with references that close drops.
func (l *Loader) text(ctx context.Context, mem *vm.Memory, node *account, file *ns.Chan) (*text, error) {
	d, err := file.Stat(ctx)
	if err != nil {
		return nil, err
	}
	key := fileKey{node, file.Type(), file.Dev(), d.Qid, d.Length, d.Mtime}
	if tx := l.known(key); tx != nil {
		return tx, nil
	}
	tx, err := readText(ctx, mem, &l.total, file, d.Length)
	if err != nil {
		return nil, err
	}
	tx.fileKey = key
	l.keep(tx)
	return tx, nil
}

// known returns a program that is there.
func (l *Loader) known(key fileKey) *text {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := slices.IndexFunc(l.texts, func(tx *text) bool { return tx.fileKey == key })
	if i < 0 {
		return nil
	}
	tx := l.texts[i]
	l.texts = append(slices.Delete(l.texts, i, i+1), tx)
	return tx.incref()
}

// keep adds a program to those that are known.
func (l *Loader) keep(tx *text) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.texts = append(l.texts, tx.incref())
	if len(l.texts) > maxTexts {
		l.texts[0].close()
		l.texts = slices.Delete(l.texts, 0, 1)
	}
}

// forget drops them all.
func (l *Loader) forget() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for _, tx := range l.texts {
		tx.close()
	}
	l.texts = nil
}

func (tx *text) incref() *text {
	tx.text.incref()
	tx.data.incref()
	return tx
}

func (tx *text) close() {
	for _, s := range []*segment{tx.text, tx.data} {
		if s != nil {
			s.close()
		}
	}
}

// readText reads a program of a length.
func readText(ctx context.Context, mem *vm.Memory, account *account, file *ns.Chan, length int64) (*text, error) {
	head := make([]byte, min(length, 40)) // enough for all kinds
	if err := readFull(ctx, file, head, 0); err != nil {
		return nil, err
	}
	h, err := parse(head, length)
	if err != nil {
		return nil, err
	}
	if h.narrow {
		if err := vm.Narrow(mem); err != nil {
			return nil, err
		}
	}
	tx := &text{header: h}
	n := uint64(h.textLen)
	tx.text, err = newSegment(mem, account, textName, h.text, pages(n), n, vm.R|vm.X)
	if err == nil {
		room := min(dataRoom, h.stackBase()-h.data())
		tx.data, err = newSegment(mem, account, dataName, h.data(), h.dataEnd()-h.data(), room, vm.R|vm.W)
	}
	if err == nil {
		err = tx.text.fill(ctx, file, n, 0)
	}
	if err == nil {
		tx.data.bss = h.data() + pages(uint64(h.dataLen))
		err = tx.data.fill(ctx, file, uint64(h.dataLen), h.textLen)
	}
	if err != nil {
		tx.close()
		return nil, err
	}
	return tx, nil
}

// fill reads n bytes of a file into a new segment.
func (s *segment) fill(ctx context.Context, file *ns.Chan, n uint64, off int64) error {
	if n == 0 {
		return nil
	}
	if err := s.own(0, s.index(s.base+n-1)+1, int64(n)+runLen); err != nil {
		return err
	}
	if s.mem.Populate(s.extent.Off, int64(n)) != nil {
		return errNoMemory
	}
	return readFull(ctx, file, s.bytes(s.base, n), off)
}

// image returns the memory of a process that begins.
func (tx *text) image(account *account) (image, error) {
	im := image{{segment: tx.text.incref()}}
	data, err := tx.data.fork(account)
	if err == nil {
		im = append(im, &mapping{segment: data})
		var stack *segment
		h := tx.header
		stack, err = newSegment(data.mem, account, stackName, h.stackBase(), uint64(h.stack), uint64(h.stack), vm.R|vm.W)
		if err == nil {
			return append(im, &mapping{segment: stack}), nil
		}
	}
	im.close()
	return nil, err
}
