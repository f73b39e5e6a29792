package ninep_test

import (
	"bytes"
	"errors"
	"fmt"
	"testing"

	. "ufo/ninep"
)

// The error of a write is told by that write, with how much was written before.
func TestClientWriteFails(t *testing.T) {
	const unit = DefaultMsize - IOHDRSZ
	for _, at := range []int{0, 1, 2, 3, 9, 15} {
		t.Run(fmt.Sprint("unit ", at), func(t *testing.T) {
			srv, _ := stored(t, 1)
			bad := int64(at)*unit + 5
			c, stop, err := wire(t.Context(), watched{srv, func(call MsgType, n int, off int64) error {
				if call == Twrite && off <= bad && bad < off+int64(n) {
					return ErrIO
				}
				return nil
			}})
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
