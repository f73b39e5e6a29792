package aan

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"testing"
	"testing/synctest"
	"time"
)

// A cutter is a connection that breaks in the middle of what is written to it:
// these bytes say that they were written, and are lost.
type cutter struct {
	net.Conn
	left int
}

func (c *cutter) Write(p []byte) (int, error) {
	if c.left < len(p) {
		c.Conn.Write(p[:c.left])
		c.Close()
		return len(p), nil
	}
	c.left -= len(p)
	return c.Conn.Write(p)
}

// TestCuts breaks connections all the time, and looks whether each side reads what
// the other has written. The last that is said, that the end has come, may be lost as
// well: then one side is over, and the other waits for nothing.
func TestCuts(t *testing.T) {
	for seed := range uint64(20) {
		synctest.Test(t, func(t *testing.T) {
			where := rand.New(rand.NewPCG(seed, 0))
			a, b := New(), New()
			cuts, ended := 0, make(chan struct{})
			go func() { // ends with the stream
				defer close(ended)
				for !isOver(a) || !isOver(b) {
					x, y := net.Pipe()
					ux := a.Use(&cutter{x, where.IntN(100000)})
					uy := b.Use(&cutter{y, where.IntN(100000)})
					<-ux
					<-uy
					cuts++
					time.Sleep(time.Second) // of simulated time: who waits for nothing gives up
				}
			}()
			texts := [2][]byte{make([]byte, 1<<20), make([]byte, 1<<20)}
			letters := rand.NewChaCha8([32]byte{byte(seed)})
			for _, b := range texts {
				letters.Read(b)
			}
			errs := make(chan error, 4)
			for i, c := range []*Conn{a, b} {
				sizes := rand.New(rand.NewPCG(seed, uint64(i+1)))
				go func() { errs <- writeAll(c, texts[i], sizes) }()
				go func() { errs <- readAll(c, texts[1-i]) }()
			}
			for range 4 {
				if err := <-errs; err != nil {
					t.Fatalf("seed %d: %v", seed, err)
				}
			}
			if err := a.Close(); err != nil && (err != ErrLost || !isOver(b)) {
				t.Errorf("seed %d: close: %v", seed, err)
			}
			if n, err := b.Read(make([]byte, 1)); n != 0 || err != io.EOF {
				t.Errorf("seed %d: at the end: %d, %v", seed, n, err)
			}
			b.Close()
			<-ended
			if cuts < 10 {
				t.Errorf("seed %d: only %d connections", seed, cuts)
			}
		})
	}
}

func isOver(c *Conn) bool {
	select {
	case <-c.Done():
		return true
	default:
		return false
	}
}

func writeAll(c *Conn, b []byte, sizes *rand.Rand) error {
	for len(b) > 0 {
		n, err := c.Write(b[:min(len(b), 1+sizes.IntN(30000))])
		if err != nil {
			return err
		}
		b = b[n:]
	}
	return nil
}

func readAll(c *Conn, want []byte) error {
	got := make([]byte, len(want))
	if n, err := io.ReadFull(c, got); err != nil {
		return fmt.Errorf("after %d bytes: %w", n, err)
	}
	if !bytes.Equal(got, want) {
		return errors.New("other bytes were read than written")
	}
	return nil
}

// hdr returns the bytes of a header.
func hdr(n, msg, acked uint32) string {
	return string(header{n, msg, acked}.append(nil))
}

// TestBytes compares what goes over the wire with what the manual says.
func TestBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		x, y := net.Pipe()
		broken := c.Use(x)
		expect := func(what, want string) {
			t.Helper()
			b := make([]byte, len(want))
			if _, err := io.ReadFull(y, b); err != nil || string(b) != want {
				t.Fatalf("%s: %q, %v; want %q", what, b, err, want)
			}
		}
		start := time.Now()
		c.Write([]byte("hello"))
		expect("the first message", "\x05\x00\x00\x00"+"\x00\x00\x00\x00"+"\x00\x00\x00\x00"+"hello")
		expect("no message", "\x00\x00\x00\x00"+"\xff\xff\xff\xff"+"\x00\x00\x00\x00")
		if d := time.Since(start); d != 8*time.Second {
			t.Errorf("after %v; want 8 s", d)
		}
		io.WriteString(y, hdr(3, 0, 1)+"you")
		b := make([]byte, 10)
		if n, err := c.Read(b); string(b[:n]) != "you" || err != nil {
			t.Errorf("%q, %v", b[:n], err)
		}
		c.Write([]byte("me"))
		expect("the second message", "\x02\x00\x00\x00"+"\x01\x00\x00\x00"+"\x01\x00\x00\x00"+"me")
		x, z := net.Pipe()
		y.Close()
		<-broken
		broken = c.Use(x)
		y = z
		expect("what was not acknowledged", "\x02\x00\x00\x00"+"\x01\x00\x00\x00"+"\x01\x00\x00\x00"+"me")
		go c.Close()
		expect("the end", "\x00\x00\x00\x00"+"\x02\x00\x00\x00"+"\x01\x00\x00\x00")
		io.WriteString(y, hdr(0, noMessage, 3))
		<-broken
		<-c.Done()
	})
}

// TestPeers has another side say things that it should not, or in another order.
func TestPeers(t *testing.T) {
	for _, tt := range []struct {
		name, says string
		read       string // what comes of it
		err        error  // and what after it; nil: no end
	}{
		{"a message", hdr(2, 0, 0) + "ab", "ab", nil},
		{"a message twice", hdr(2, 0, 0) + "ab" + hdr(2, 0, 0) + "ab" + hdr(1, 1, 0) + "c", "abc", nil},
		{"a message too early", hdr(2, 1, 0) + "cd" + hdr(2, 0, 0) + "ab", "ab", nil},
		{"the end", hdr(1, 0, 0) + "a" + hdr(0, 1, 0), "a", io.EOF},
		{"the end too early", hdr(0, 1, 0) + hdr(1, 0, 0) + "a", "a", nil},
		{"a message after the end", hdr(0, 0, 0) + hdr(1, 1, 0) + "a", "", io.EOF},
		{"the longest message", hdr(maxData, 0, 0) + string(make([]byte, maxData)), string(make([]byte, maxData)), nil},
		{"too long a message", hdr(maxData+1, 0, 0), "", ErrProtocol},
		{"a negative length", hdr(0xFFFFFFFF, 0, 0), "", ErrProtocol},
		{"what was not sent is acknowledged", hdr(0, noMessage, 2), "", ErrProtocol},
		{"half of all is acknowledged", hdr(0, noMessage, 1<<31-1), "", ErrProtocol},
		{"old news", hdr(0, noMessage, 1) + hdr(1, 0, 0) + "a", "a", nil},
		{"very old news", hdr(1, 0, 1<<31) + "a", "a", nil},
		{"half a header", hdr(1, 0, 0)[:7], "", nil},
		{"half a message", hdr(8, 0, 0) + "half", "", nil},
		{"data without a number", hdr(1, noMessage, 0) + "a", "", nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := New()
				c.Write([]byte("x"))
				x, y := net.Pipe()
				broken := c.Use(x)
				go io.Copy(io.Discard, y)
				io.WriteString(y, tt.says)
				synctest.Wait()
				y.Close()
				<-broken
				if tt.err == nil {
					c.Fail(net.ErrClosed)
					tt.err = net.ErrClosed
				}
				got, err := io.ReadAll(c)
				if err == nil {
					err = io.EOF
				}
				if string(got) != tt.read || err != tt.err {
					t.Errorf("read %q, %v; want %q, %v", got, err, tt.read, tt.err)
				}
			})
		})
	}
}

// TestLostNews loses what one side says of messages that it has taken: it is said at
// once over the next connection, since the other may have no room for more.
func TestLostNews(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		x, y := net.Pipe()
		broken := c.Use(&cutter{x, 1})
		go io.Copy(io.Discard, y)
		for i := range uint32(ackAfter) {
			io.WriteString(y, hdr(1, i, 0)+"a")
		}
		<-broken
		x, y = net.Pipe()
		broken = c.Use(x)
		start, b, want := time.Now(), make([]byte, headerLen), hdr(0, noMessage, ackAfter)
		if _, err := io.ReadFull(y, b); err != nil || string(b) != want || time.Since(start) != 0 {
			t.Errorf("after %v: %q, %v; want %q at once", time.Since(start), b, err, want)
		}
		c.Fail(net.ErrClosed)
		<-broken
	})
}

// TestQuiet lets the other side fall silent.
func TestQuiet(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New()
		x, y := net.Pipe()
		start := time.Now()
		broken := c.Use(x)
		go io.Copy(io.Discard, y)
		<-broken
		if d := time.Since(start); d != 24*time.Second {
			t.Errorf("given up after %v; want 24 s", d)
		}
		c.Fail(net.ErrClosed)
	})
}

// TestSlowReader is a side that does not read for an hour: this is no reason to take
// the connection for dead, and no more is kept than there is room for.
func TestSlowReader(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := New(), New()
		x, y := net.Pipe()
		ux, uy := a.Use(x), b.Use(y)
		text := make([]byte, 100*maxData)
		done := make(chan error)
		go func() { _, err := a.Write(text); done <- err }()
		time.Sleep(time.Hour)
		select {
		case <-ux:
			t.Fatal("the connection is gone")
		case <-done:
			t.Fatal("all was taken")
		default:
		}
		b.mu.Lock()
		if len(b.in) != window {
			t.Errorf("%d messages are kept; want %d", len(b.in), window)
		}
		b.mu.Unlock()
		if err := readAll(b, text); err != nil {
			t.Error(err)
		}
		<-done
		b.Close()
		<-ux
		<-uy
		if _, err := a.Write(text); err != io.ErrClosedPipe {
			t.Errorf("write to who has gone: %v", err)
		}
	})
}

// TestClose closes a stream whose other side does not answer.
func TestClose(t *testing.T) {
	for _, tt := range []struct {
		name string
		use  func(c *Conn)
		want error
	}{
		{"no connection", func(*Conn) {}, ErrLost},
		{"nobody dials any more", func(c *Conn) { c.Fail(net.ErrClosed) }, net.ErrClosed},
		{"nobody answers", func(c *Conn) {
			x, y := net.Pipe()
			go io.Copy(io.Discard, y)
			<-c.Use(x)
		}, ErrLost},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := New()
				go tt.use(c)
				if err := c.Close(); err != tt.want {
					t.Errorf("%v; want %v", err, tt.want)
				}
				if err := c.Close(); err != tt.want {
					t.Errorf("again: %v; want %v", err, tt.want)
				}
				x, _ := net.Pipe()
				<-c.Use(x)
				if _, err := x.Write([]byte("x")); err != io.ErrClosedPipe {
					t.Errorf("a connection that comes later: %v", err)
				}
			})
		})
	}
}

// model returns what a stream of bytes from the other side comes to, as long as no
// message of ours is acknowledged.
func model(b []byte) (data []byte) {
	for next := uint32(0); len(b) >= headerLen; {
		n, msg := binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint32(b[4:])
		acked := int32(binary.LittleEndian.Uint32(b[8:]))
		b = b[headerLen:]
		if n > maxData || int(n) > len(b) || acked > 0 {
			break
		}
		if msg == next && (n > 0 || msg != noMessage) {
			if n == 0 {
				break
			}
			data = append(data, b[:n]...)
			next++
		}
		b = b[n:]
	}
	return data
}

// FuzzPeer says anything to a Conn.
func FuzzPeer(f *testing.F) {
	f.Add([]byte(hdr(1, 0, 0) + "a" + hdr(0, noMessage, 0) + hdr(2, 1, 0) + "bc" + hdr(0, 2, 0)))
	f.Add([]byte(hdr(1, 1, 0) + "a" + hdr(0, 0, 5)))
	f.Fuzz(func(t *testing.T, b []byte) {
		synctest.Test(t, func(t *testing.T) {
			c := New()
			x, y := net.Pipe()
			broken := c.Use(x)
			go io.Copy(io.Discard, y)
			go func() {
				y.Write(b)
				y.Close()
			}()
			var got []byte
			done := make(chan struct{})
			go func() {
				got, _ = io.ReadAll(c)
				close(done)
			}()
			<-broken
			c.Fail(net.ErrClosed)
			<-done
			if want := model(b); !bytes.Equal(got, want) {
				t.Errorf("%q read from %q; want %q", got, b, want)
			}
		})
	})
}
