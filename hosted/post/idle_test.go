package post

import (
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"

	"ufo/ninep"
)

// A connection of a socket says that a read waits, before it does, and only then.
func TestIdle(t *testing.T) {
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	far, err := net.Dial("unix", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer far.Close()
	c, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	f, err := c.(*net.UnixConn).File() // as who asks for the peer's user id
	if err != nil {
		t.Fatal(err)
	}
	f.Fd()
	f.Close()
	near, ok := withIdle(c).(ninep.IdleReader)
	if !ok {
		t.Skip("no read can be told not to wait on " + runtime.GOOS)
	}
	p := make([]byte, 10)
	for _, tt := range []struct {
		name, there string
		late        func()
		idles       int
		want        string
		err         error
	}{
		{"what is there", "first", nil, 0, "first", nil},
		{"what comes", "", func() { io.WriteString(far, "late") }, 1, "late", nil},
		{"the end", "", func() { far.Close() }, 1, "", io.EOF},
		{"after the end", "", nil, 0, "", io.EOF},
	} {
		io.WriteString(far, tt.there)
		idles := 0
		n, err := near.ReadIdle(p, func() {
			idles++
			tt.late()
		})
		if string(p[:n]) != tt.want || err != tt.err || idles != tt.idles {
			t.Errorf("%s: %q, %v, idle %d times; want %q, %v, %d times", tt.name, p[:n], err, idles, tt.want, tt.err, tt.idles)
		}
	}
	if n := testing.AllocsPerRun(100, func() { near.ReadIdle(p, nil) }); n != 0 {
		t.Errorf("a read makes %v allocations", n)
	}
	c.Close()
	if n, err := near.ReadIdle(p, nil); n != 0 || err == nil || err == io.EOF {
		t.Errorf("of a closed connection: %d, %v", n, err)
	}
}
