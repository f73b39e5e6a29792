package hostnet

import (
	"context"
	"net/netip"
	"testing"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

func TestDatagrams(t *testing.T) {
	eachLoopback(t, "udp", func(t *testing.T, w dev.Wire, addr string) {
		l := announce(t, w, addr)
		dial := func(msg string) (c, s dev.Conn) {
			c, err := w.Dial(t.Context(), "udp!"+l.Addr())
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { c.Close() })
			write(t, c, msg)
			if s, err = l.Accept(t.Context()); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { s.Close() })
			expect(t, s, msg)
			return c, s
		}
		c1, s1 := dial("one")
		c2, s2 := dial("two")
		if s1.RemoteAddr() != c1.LocalAddr() || s1.LocalAddr() != c1.RemoteAddr() {
			t.Errorf("addresses %s %s, %s %s", c1.LocalAddr(), c1.RemoteAddr(), s1.LocalAddr(), s1.RemoteAddr())
		}
		write(t, s2, "to two")
		write(t, s1, "to one")
		expect(t, c1, "to one")
		expect(t, c2, "to two")
		write(t, c1, "cut short")
		buf := make([]byte, 3)
		if n, err := s1.Read(t.Context(), buf); n != 3 || err != nil || string(buf) != "cut" {
			t.Errorf("%d, %v, %q", n, err, buf)
		}
		write(t, c1, "")
		if n, err := s1.Read(t.Context(), buf); n != 0 || err != nil {
			t.Errorf("empty datagram: %d, %v", n, err)
		}
		for _, c := range []dev.Conn{c1, s1} {
			if _, err := c.Write(t.Context(), make([]byte, 70000)); err != ninep.ErrTooBig {
				t.Errorf("too long: %v", err)
			}
		}
		s1.Close()
		write(t, c1, "again")
		s3, err := l.Accept(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		expect(t, s3, "again")
		l.Close()
		write(t, s3, "still")
		expect(t, c1, "still")
		s3.Close()
		if _, err := s3.Write(t.Context(), []byte("x")); err != ninep.ErrHungup {
			t.Errorf("write after close: %v", err)
		}
	})
}

// TestDatagramsToNobody are lost without a word.
func TestDatagramsToNobody(t *testing.T) {
	out, _ := lab(t)
	l := announce(t, out, "udp!127.0.0.1!0")
	addr := l.Addr()
	l.Close()
	c, err := out.Dial(t.Context(), "udp!"+addr)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	for range 5 {
		write(t, c, "x")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Millisecond)
	defer cancel()
	if err := read1(ctx, c); err != ninep.ErrIntr {
		t.Errorf("read: %v", err)
	}
}

// TestManyDatagrams sends from more addresses than may call, and nobody
// accepts.
func TestManyDatagrams(t *testing.T) {
	out, _ := lab(t)
	l := announce(t, out, "udp!127.0.0.1!0")
	u := l.(*udpListener)
	for i := range 2 * maxCalls {
		u.deliver(netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), uint16(i+1)), []byte("x"))
	}
	for range 2 * maxDatagrams {
		u.deliver(netip.MustParseAddrPort("127.0.0.1:1"), []byte("x"))
	}
	u.mu.Lock()
	n, m := len(u.convs), len(u.convs[netip.MustParseAddrPort("127.0.0.1:1")].in)
	u.mu.Unlock()
	if n != maxCalls || m != maxDatagrams {
		t.Errorf("%d conversations, %d datagrams", n, m)
	}
	if err := l.Close(); err != nil || len(u.convs) != 0 {
		t.Errorf("%v, %d conversations", err, len(u.convs))
	}
}

// TestDatagramsOneByOne: who wants no calls has the senders of what comes.
func TestDatagramsOneByOne(t *testing.T) {
	eachLoopback(t, "udp", func(t *testing.T, w dev.Wire, addr string) {
		ctx := t.Context()
		l := announce(t, w, addr)
		d := l.(dev.Datagrammer).Datagrams()
		c, err := w.Dial(ctx, "udp!"+l.Addr())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		write(t, c, "question")
		buf := make([]byte, 5)
		n, from, to, err := d.ReadFrom(ctx, buf)
		if string(buf[:n]) != "quest" || end(from) != c.LocalAddr() || end(to) != l.Addr() || err != nil {
			t.Errorf("%q from %v to %v, %v", buf[:n], from, to, err)
		}
		if _, err := d.WriteTo(ctx, []byte("answer"), from); err != nil {
			t.Error(err)
		}
		expect(t, c, "answer")
		done, cancel := context.WithCancel(ctx)
		cancel()
		if _, _, _, err := d.ReadFrom(done, buf); err != ninep.ErrIntr {
			t.Errorf("interrupted: %v", err)
		}
		l.Close()
		if _, _, _, err := d.ReadFrom(ctx, buf); err != ninep.ErrHungup {
			t.Errorf("closed: %v", err)
		}
		if _, err := d.WriteTo(ctx, buf, from); err != ninep.ErrHungup {
			t.Errorf("closed: %v", err)
		}
	})
}
