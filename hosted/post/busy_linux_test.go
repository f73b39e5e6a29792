package post

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
)

var moreStates = []state{
	{"busy", hurry},
	{"quiet again", func(t *testing.T, near io.Reader, far io.Writer) {
		hurry(t, near, far)
		quiet(t, near, far)
	}},
}

// readOne has near read what far writes.
func readOne(t *testing.T, near io.Reader, far io.Writer) {
	t.Helper()
	var p [2]byte
	io.WriteString(far, "x")
	if n, err := near.Read(p[:]); n != 1 || err != nil {
		t.Fatal(n, err)
	}
}

// hurry makes a connection busy.
func hurry(t *testing.T, near io.Reader, far io.Writer) {
	t.Helper()
	for range busyReads {
		readOne(t, near, far)
	}
	if c := near.(*busyConn); c.inPoller() {
		t.Fatal("a busy connection is in the poller")
	}
}

// quiet makes it one that is not.
func quiet(t *testing.T, near io.Reader, far io.Writer) {
	t.Helper()
	c, idles, done := near.(*busyConn), 0, make(chan error)
	go func() {
		_, err := c.ReadIdle(make([]byte, 1), func() { idles++ })
		done <- err
	}()
	for !c.inPoller() {
		runtime.Gosched()
	}
	io.WriteString(far, "x")
	if err := <-done; err != nil || idles != 1 {
		t.Fatalf("%v, idle %d times", err, idles)
	}
	if !c.inPoller() {
		t.Fatal("it is busy again at once")
	}
}

func (c *busyConn) inPoller() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.polled != nil
}

// descriptors returns how many of sockets the program has.
func descriptors(t *testing.T) (n int) {
	t.Helper()
	const dir = "/proc/self/fd"
	all, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range all {
		if of, _ := os.Readlink(filepath.Join(dir, d.Name())); strings.HasPrefix(of, "socket:") {
			n++
		}
	}
	return n
}

// What a thread does for a connection ends with it, whatever it waits for.
func TestBusyClose(t *testing.T) {
	read := func(c *busyConn) error { _, err := c.Read(make([]byte, 1)); return err }
	write := func(c *busyConn) error {
		for {
			if _, err := c.Write(make([]byte, 64<<10)); err != nil {
				return err
			}
		}
	}
	for _, tt := range []struct {
		name string
		do   []func(*busyConn) error
	}{
		{"nothing", nil},
		{"a read", []func(*busyConn) error{read}},
		{"a write", []func(*busyConn) error{write}},
		{"both", []func(*busyConn) error{read, write}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			before := descriptors(t)
			b := new(busy)
			near, far := pair(t, b)
			hurry(t, near, far)
			c := near.(*busyConn)
			ended := make(chan error)
			for _, do := range tt.do {
				go func() { ended <- do(c) }()
			}
			for using := -1; using != len(tt.do); runtime.Gosched() {
				c.mu.Lock()
				using = c.using
				c.mu.Unlock()
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
			for range tt.do {
				if err := <-ended; err == nil {
					t.Error("ended without an error")
				}
			}
			if err := c.Close(); !errors.Is(err, net.ErrClosed) {
				t.Error("closed again:", err)
			}
			if err := c.CloseWrite(); !errors.Is(err, net.ErrClosed) {
				t.Error("of what is closed:", err)
			}
			if _, err := c.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
				t.Error("written to what is closed:", err)
			}
			far.Close()
			if n := descriptors(t); n != before || b.taken.Load() {
				t.Errorf("%d descriptors, before %d; the thread is taken: %v", n, before, b.taken.Load())
			}
		})
	}
}

// A peer reads to the end of what was written, in every state.
func TestBusyCloseWrite(t *testing.T) {
	for _, st := range states() {
		t.Run(st.name, func(t *testing.T) {
			near, far := pair(t, new(busy))
			st.make(t, near, far)
			io.WriteString(near, "text")
			near.(interface{ CloseWrite() error }).CloseWrite()
			if b, err := io.ReadAll(far); string(b) != "text" || err != nil {
				t.Errorf("%q, %v", b, err)
			}
			readOne(t, near, far)
		})
	}
}

// One connection has the thread, and none while two are busy.
func TestBusyAlone(t *testing.T) {
	both := new(busy)
	a, farA := pair(t, both)
	b, farB := pair(t, both)
	for range 2 * busyReads {
		readOne(t, a, farA)
		readOne(t, b, farB)
	}
	where := func(what string, aPolled, bPolled bool) {
		t.Helper()
		if inA, inB := a.(*busyConn).inPoller(), b.(*busyConn).inPoller(); inA != aPolled || inB != bPolled {
			t.Errorf("%s: %v %v in the poller, want %v %v", what, inA, inB, aPolled, bPolled)
		}
	}
	where("both are busy", true, true)
	hurry(t, a, farA)
	where("the first alone", false, true)
	for range 2 * mostOthers {
		readOne(t, b, farB)
		hurry(t, a, farA)
	}
	where("the other now and then", false, true)
	for range 2 * busyReads {
		readOne(t, b, farB)
	}
	where("the other alone, for now", false, true)
	for range mostOthers {
		readOne(t, a, farA)
		readOne(t, b, farB)
	}
	where("both again", true, true)
	hurry(t, b, farB)
	where("the other alone", true, false)
	a.Close()
	readOne(t, b, farB)
	where("the first is gone", true, false)
}

// While somebody writes, a connection stays where it is.
func TestBusyWrites(t *testing.T) {
	text := bytes.Repeat([]byte("0123456789abcde\n"), 1<<18)
	for _, tt := range []struct {
		name string
		make func(t *testing.T, near io.Reader, far io.Writer)
		move func(c *busyConn)
		poll bool
	}{
		{"in the poller", func(*testing.T, io.Reader, io.Writer) {}, (*busyConn).toThread, true},
		{"in a thread", hurry, (*busyConn).toPoller, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			near, far := pair(t, new(busy))
			tt.make(t, near, far)
			c := near.(*busyConn)
			wrote := make(chan error)
			go func() { _, err := c.Write(text); wrote <- err }()
			for using := 0; using == 0; runtime.Gosched() {
				c.mu.Lock()
				using = c.using
				c.mu.Unlock()
			}
			if tt.move(c); c.inPoller() != tt.poll {
				t.Error("it moved")
			}
			got := make([]byte, len(text))
			if _, err := io.ReadFull(far, got); err != nil || !bytes.Equal(got, text) {
				t.Errorf("other bytes arrive than were written, %v", err)
			}
			if err := <-wrote; err != nil {
				t.Error(err)
			}
			if tt.move(c); c.inPoller() == tt.poll {
				t.Error("nobody writes, and it does not move")
			}
			readOne(t, near, far)
		})
	}
}

// Without another descriptor a connection stays where it is.
func TestBusyNoDescriptor(t *testing.T) {
	near, far := pair(t, new(busy))
	c := near.(*busyConn)
	without(t, c.toThread)
	if !c.inPoller() {
		t.Fatal("it moved")
	}
	hurry(t, near, far)
	without(t, c.toPoller)
	if c.inPoller() {
		t.Fatal("it moved")
	}
	readOne(t, near, far)
	quiet(t, near, far)
	readOne(t, near, far)
}

// without calls f when no descriptor is left.
func without(t *testing.T, f func()) {
	t.Helper()
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
	low := limit
	low.Cur = 0
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &low); err != nil {
		t.Fatal(err)
	}
	f()
	if err := syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		t.Fatal(err)
	}
}

// TestBusyServe has clients use a server at a socket, first one and then several.
func TestBusyServe(t *testing.T) {
	before := descriptors(t)
	srv := ninetest.Strict(ramfs.New("glenda", time.Now, 0))
	addr := "unix!" + filepath.Join(t.TempDir(), "s")
	ctx, stop := context.WithCancel(t.Context())
	l, err := Listen(addr)
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error, 1)
	go func() { served <- ServeListener(ctx, l, srv, nil) }()
	useBusily(t, addr, "f", 20<<10)
	var wg sync.WaitGroup
	for i := range 3 {
		wg.Go(func() {
			for j := range 4 {
				useBusily(t, addr, fmt.Sprint("f", i, j), 1<<j*20<<10)
			}
		})
	}
	wg.Wait()
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
	if err := srv.Check(); err != nil {
		t.Error(err)
	}
	if n := descriptors(t); n != before {
		t.Errorf("%d descriptors, before %d", n, before)
	}
}

// useBusily makes a file of size bytes, and reads it again and again.
func useBusily(t *testing.T, addr, name string, size int) {
	conn, err := Dial(t.Context(), addr)
	if err != nil {
		t.Error(err)
		return
	}
	c, err := ninep.NewClient(t.Context(), conn, nil)
	if err != nil {
		t.Error(err)
		return
	}
	defer c.Close()
	root, err := c.Attach(t.Context(), "glenda", "")
	if err != nil {
		t.Error(err)
		return
	}
	defer root.Close()
	f, err := root.Create(t.Context(), name, 0600, ninep.ORDWR)
	if err != nil {
		t.Error(err)
		return
	}
	defer f.Close()
	text := make([]byte, size)
	for i := range text {
		text[i] = byte(i * 7 >> 3)
	}
	for range busyReads {
		if n, err := f.Write(t.Context(), text, 0); n != size || err != nil {
			t.Errorf("%d bytes written, %v", n, err)
			return
		}
		got := make([]byte, size)
		if n, err := f.Read(t.Context(), got, 0); n != size || err != nil || string(got) != string(text) {
			t.Errorf("%d bytes read, %v", n, err)
			return
		}
	}
}
