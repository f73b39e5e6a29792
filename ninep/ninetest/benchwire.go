package ninetest

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"ufo/ninep"
)

// A wire is a connection to measure with.
type wire struct {
	rwc   io.ReadWriteCloser
	in    *bufio.Reader
	out   []byte // to be written
	buf   []byte // of the last reply
	msize int
}

// open connects and attaches, which makes the root fid 0.
func (b *bencher) open(msize int) (*wire, error) {
	rwc, err := b.Dial(b.ctx)
	if err != nil {
		return nil, err
	}
	context.AfterFunc(b.ctx, func() { rwc.Close() })
	w := &wire{rwc: rwc, in: bufio.NewReaderSize(rwc, 64<<10), msize: 1 << 24}
	version := tversion(uint32(msize), ninep.VERSION9P)
	version.Tag = ninep.NOTAG
	r, err := w.rpc(version)
	if err == nil {
		w.msize = int(r.Msize)
		_, err = w.rpc(tattach(0, b.User, b.Aname))
	}
	if err != nil {
		rwc.Close()
		return nil, err
	}
	return w, nil
}

// add puts a request with what is to be written.
func (w *wire) add(tag uint16, t *ninep.Fcall) (err error) {
	t.Tag = tag
	w.out, err = t.Append(w.out)
	return err
}

// flush writes what there is to write.
func (w *wire) flush() error {
	_, err := w.rwc.Write(w.out)
	w.out = w.out[:0]
	return err
}

// recv sets r to the next reply, whose data are good until the one after it.
func (w *wire) recv(r *ninep.Fcall) error {
	head, err := w.in.Peek(4)
	if err != nil {
		return err
	}
	n := int(binary.LittleEndian.Uint32(head))
	if n < 7 || n > w.msize {
		return fmt.Errorf("a reply of %d bytes", n)
	}
	if cap(w.buf) < n {
		w.buf = make([]byte, n)
	}
	if _, err := io.ReadFull(w.in, w.buf[:n]); err != nil {
		return err
	}
	if err := r.Unmarshal(w.buf[:n]); err != nil {
		return err
	}
	if r.Type == ninep.Rerror {
		return errors.New(r.Ename)
	}
	return nil
}

// rpc sends a request and receives the reply.
func (w *wire) rpc(t *ninep.Fcall) (*ninep.Fcall, error) {
	var r ninep.Fcall
	if err := w.add(t.Tag, t); err != nil {
		return nil, err
	}
	if err := w.flush(); err != nil {
		return nil, err
	}
	if err := w.recv(&r); err != nil {
		return nil, fmt.Errorf("%v: %w", t.Type, err)
	}
	return &r, nil
}
