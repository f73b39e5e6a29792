package grid

import (
	"fmt"
	"net/netip"
	"testing"
	"testing/synctest"
	"time"

	"ufo/dev"
	"ufo/ninep"
)

func TestDatagrams(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, l := lab(t, "")
		ctx := t.Context()
		ln, err := b.Announce(ctx, "udp!*!53")
		wantErr(t, err, nil)
		c, err := a.Dial(ctx, "udp!10.0.0.2!53")
		wantErr(t, err, nil)
		write(t, c, "question")
		s, err := ln.Accept(ctx)
		wantErr(t, err, nil)
		p := make([]byte, 5)
		n, err := s.Read(ctx, p)
		if string(p[:n]) != "quest" || err != nil {
			t.Errorf("%q %v", p[:n], err)
		}
		write(t, s, "answer")
		expect(t, c, "answer")

		ctl(t, l, "cut")
		write(t, c, "lost")
		ctl(t, l, "heal")
		ctl(t, l, "delay 1s")
		if d := elapsed(func() { write(t, c, "found"); expect(t, s, "found") }); d != time.Second {
			t.Errorf("took %v", d)
		}
		write(t, c, "lost on the way")
		ctl(t, l, "cut")
		time.Sleep(2 * time.Second)
		ctl(t, l, "heal")

		// Beyond the limit a sender waits, or the datagram is dropped.
		ctl(t, l, "limit 1000")
		half := string(make([]byte, 600))
		if d := elapsed(func() { write(t, c, half); write(t, c, half) }); d != time.Second {
			t.Errorf("waited %v for room", d)
		}
		ctl(t, l, "indrop 1")
		write(t, c, half)
		expect(t, s, half)
		expect(t, s, half)
		_, err = s.Read(timeout(t, time.Hour), p)
		wantErr(t, err, ninep.ErrIntr)
		if want := "to a packets 1 bytes 6 lost 0 overflows 0\nto b packets 7 bytes 1832 lost 2 overflows 1\n"; l.Stats() != want {
			t.Errorf("stats:\n%s", l.Stats())
		}
		_, err = c.Write(ctx, make([]byte, 70000))
		wantErr(t, err, ninep.ErrTooBig)
		c.Close()
		wantErr(t, readErr(t, c), ninep.ErrHungup)
		_, err = c.Write(ctx, p)
		wantErr(t, err, ninep.ErrHungup)
	})
}

// TestDatagramsOneByOne: who wants no calls has the senders of what comes.
func TestDatagramsOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, link := lab(t, "")
		ctx := t.Context()
		ln, err := b.Announce(ctx, "udp!*!53")
		wantErr(t, err, nil)
		d := ln.(dev.Datagrammer).Datagrams()
		c, err := a.Dial(ctx, "udp!10.0.0.2!53")
		wantErr(t, err, nil)
		c2, err := b.Dial(ctx, "udp!127.0.0.1!53")
		wantErr(t, err, nil)
		ctl(t, link, "delay 1s")
		write(t, c, "question")
		write(t, c2, "my own")
		p := make([]byte, 5)
		for _, want := range []string{"my ow 127.0.0.1:5000 127.0.0.1:53", "quest 10.0.0.1:5000 10.0.0.2:53"} {
			n, from, to, err := d.ReadFrom(ctx, p)
			if got := fmt.Sprintf("%s %v %v", p[:n], from, to); got != want || err != nil {
				t.Errorf("%s, %v, want %s", got, err, want)
			}
			_, err = d.WriteTo(ctx, []byte("to "+from.String()), from)
			wantErr(t, err, nil)
		}
		expect(t, c2, "to 127.0.0.1:5000")
		expect(t, c, "to 10.0.0.1:5000")
		_, err = ln.Accept(timeout(t, time.Hour))
		wantErr(t, err, ninep.ErrIntr)
		_, err = d.WriteTo(ctx, p, netip.MustParseAddrPort("10.0.0.7:1"))
		wantErr(t, err, ninep.ErrNoRoute)
		ln.Close()
		_, _, _, err = d.ReadFrom(ctx, p)
		wantErr(t, err, ninep.ErrHungup)
		_, err = d.WriteTo(ctx, p, netip.MustParseAddrPort("10.0.0.1:5000"))
		wantErr(t, err, ninep.ErrHungup)
	})
}
