package tapefs

import (
	"context"
	"io"
)

// A Mem is an Image in memory.
type Mem []byte

// ReadAt copies.
func (m Mem) ReadAt(_ context.Context, p []byte, off int64) (int, error) {
	if off < 0 || off >= int64(len(m)) {
		return 0, nil
	}
	return copy(p, m[off:]), nil
}

// A Reader is an Image as an io.ReaderAt, for one caller at a time.
type Reader struct {
	Ctx   context.Context // of the caller
	Image Image
}

// ReadAt reads all of p, or says why not.
func (r *Reader) ReadAt(p []byte, off int64) (int, error) {
	for n := 0; n < len(p); {
		got, err := r.Image.ReadAt(r.Ctx, p[n:], off+int64(n))
		if err == nil && got == 0 {
			err = io.EOF
		}
		if err != nil {
			return n, err
		}
		n += got
	}
	return len(p), nil
}
