package cmd

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"
)

// zeros is /dev/zero: without end and without newline.
type zeros struct{}

func (zeros) Read(b []byte) (int, error) {
	clear(b)
	return len(b), nil
}

func TestReadline(t *testing.T) {
	long := strings.Repeat("x", 3*iounit)
	bad := errors.New("bad")
	for _, row := range []struct {
		name string
		in   io.Reader
		line int // its length
		err  error
	}{
		{"a line", strings.NewReader("ab\ncd\n"), 3, nil},
		{"no newline", strings.NewReader("ab"), 2, nil},
		{"empty", strings.NewReader(""), 0, io.EOF},
		{"longer than the buffer", strings.NewReader(long + "\n"), len(long) + 1, nil},
		{"before an error", io.MultiReader(strings.NewReader("ab"), errReader{bad}), 2, nil},
		{"an error", errReader{bad}, 0, bad},
		{"without end", zeros{}, 0, errLineLong},
	} {
		line, err := readline(bufio.NewReaderSize(row.in, iounit))
		if len(line) != row.line || err != row.err || err == nil && bytes.Contains(line[:len(line)-1], []byte("\n")) {
			t.Errorf("%s: %d bytes, %v", row.name, len(line), err)
		}
	}
}

// An errReader cannot be read.
type errReader struct{ err error }

func (r errReader) Read([]byte) (int, error) { return 0, r.err }
