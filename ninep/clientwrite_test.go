package ninep_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	. "ufo/ninep"
	"ufo/ninep/ninetest"
)

// badBlock is a server whose files cannot be written at one place.
type badBlock struct {
	Server
	at int64
}

func (s badBlock) Attach(ctx context.Context, user, spec string) (File, error) {
	f, err := s.Server.Attach(ctx, user, spec)
	return badBlockFile{f, s.at}, err
}

type badBlockFile struct {
	File
	at int64
}

func (f badBlockFile) Walk(ctx context.Context, name string) (File, error) {
	nf, err := f.File.Walk(ctx, name)
	return badBlockFile{nf, f.at}, err
}

func (f badBlockFile) Clone(ctx context.Context) (File, error) {
	nf, err := f.File.Clone(ctx)
	return badBlockFile{nf, f.at}, err
}

func (f badBlockFile) Write(ctx context.Context, p []byte, off int64) (int, error) {
	if off <= f.at && f.at < off+int64(len(p)) {
		return 0, ErrIO
	}
	return f.File.Write(ctx, p, off)
}

// The error of a write is told by that write, with how much was written before.
func TestClientWriteFails(t *testing.T) {
	const unit = DefaultMsize - IOHDRSZ
	for _, at := range []int{0, 1, 2, 3, 9, 15} {
		t.Run(fmt.Sprint("unit ", at), func(t *testing.T) {
			srv, _ := stored(t, 1)
			c, stop, err := ninetest.Wire(t.Context(), badBlock{srv, int64(at)*unit + 5})
			if err != nil {
				t.Fatal(err)
			}
			f := openFile(t, c, ORDWR)
			p := pattern(16 * unit)
			n, err := f.Write(t.Context(), p, 0)
			if n != at*unit || !errors.Is(err, ErrIO) {
				t.Errorf("wrote %d, %v", n, err)
			}
			got := make([]byte, at*unit)
			if m, err := f.Read(t.Context(), got, 0); err != nil || !bytes.Equal(got[:m], p[:m]) || m < n {
				t.Errorf("read %d, %v", m, err)
			}
			f.Close()
			stop()
		})
	}
}
