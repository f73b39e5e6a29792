package post

import (
	"io"
	"net"
	"path/filepath"
	"runtime"
	"testing"

	"ufo/ninep"
)

// A state is one that a connection may be in.
type state struct {
	name string
	make func(t *testing.T, near io.Reader, far io.Writer)
}

func states() []state {
	return append([]state{{"new", func(*testing.T, io.Reader, io.Writer) {}}}, moreStates...)
}

// pair returns the ends of a connection at a socket, the near one as it is served.
func pair(t *testing.T, b *busy) (near io.ReadWriteCloser, far net.Conn) {
	t.Helper()
	if n := runtime.GOMAXPROCS(0); n == 1 {
		runtime.GOMAXPROCS(2) // with one there is no thread
		t.Cleanup(func() { runtime.GOMAXPROCS(n) })
	}
	l, err := net.Listen("unix", filepath.Join(t.TempDir(), "s"))
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	if far, err = net.Dial("unix", l.Addr().String()); err != nil {
		t.Fatal(err)
	}
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
	near = withIdle(c, b)
	t.Cleanup(func() {
		near.Close()
		far.Close()
	})
	return near, far
}

// A connection of a socket says that a read waits, before it does, and only then.
func TestIdle(t *testing.T) {
	for _, st := range states() {
		t.Run(st.name, func(t *testing.T) { testIdle(t, st) })
	}
}

func testIdle(t *testing.T, st state) {
	c, far := pair(t, new(busy))
	near, ok := c.(ninep.IdleReader)
	if !ok {
		t.Skip("no read can be told not to wait on " + runtime.GOOS)
	}
	st.make(t, c, far)
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

// A connection is closed while who reads it writes, before he waits.
func TestIdleClose(t *testing.T) {
	for _, st := range states() {
		t.Run(st.name, func(t *testing.T) {
			c, far := pair(t, new(busy))
			near, ok := c.(ninep.IdleReader)
			if !ok {
				t.Skip("no read can be told not to wait on " + runtime.GOOS)
			}
			st.make(t, c, far)
			writes, ended := make(chan bool), make(chan error)
			go func() {
				_, err := near.ReadIdle(make([]byte, 1), func() {
					close(writes)
					for err := error(nil); err == nil; {
						_, err = c.Write(make([]byte, 64<<10))
					}
				})
				ended <- err
			}()
			<-writes
			c.Close()
			if err := <-ended; err == nil {
				t.Error("the read ends without an error")
			}
		})
	}
}
