package grid

import (
	"context"
	"io"
	"testing"
	"testing/synctest"
	"time"

	"ufo/ninep"
)

func TestCut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, a, b, l := lab(t, "delay=10ms")
		c, s := pair(t, a, b)
		write(t, c, "one ")
		ctl(t, l, "cut")
		write(t, c, "two ")
		got := make(chan time.Time)
		go func() {
			io.ReadFull(reader{t.Context(), s}, make([]byte, 8))
			got <- time.Now()
		}()
		time.Sleep(time.Hour)
		synctest.Wait()
		select {
		case <-got:
			t.Fatal("something came over a cut link")
		default:
		}
		healed := time.Now()
		ctl(t, l, "heal")
		if d := (<-got).Sub(healed); d != 10*time.Millisecond {
			t.Errorf("came %v after the link was healed", d)
		}

		// Only one direction.
		ctl(t, l, "to a cut")
		write(t, c, "x")
		expect(t, s, "x")
		write(t, s, "y")
		_, err := c.Read(timeout(t, time.Minute), make([]byte, 1))
		wantErr(t, err, ninep.ErrIntr)
		ctl(t, l, "to a heal")
		expect(t, c, "y")
	})
}

func timeout(t *testing.T, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(t.Context(), d)
	t.Cleanup(cancel)
	return ctx
}

func TestDialCut(t *testing.T) {
	for _, test := range []struct {
		name, cut string
		heal      time.Duration
		want      error
		after     time.Duration
	}{
		{"for good", "cut", 0, ninep.ErrTimedOut, 31 * time.Second},
		{"no way back", "to a cut", 0, ninep.ErrTimedOut, 31 * time.Second},
		{"for five seconds", "cut", 5 * time.Second, nil, 5 * time.Second},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				_, a, b, l := lab(t, test.cut)
				_, err := b.Announce(t.Context(), "tcp!*!1")
				wantErr(t, err, nil)
				if test.heal != 0 {
					time.AfterFunc(test.heal, func() { ctl(t, l, "heal") })
				}
				d := elapsed(func() { _, err = a.Dial(t.Context(), "tcp!10.0.0.2!1") })
				wantErr(t, err, test.want)
				if d != test.after {
					t.Errorf("dial took %v", d)
				}
			})
		})
	}
}

// TestUnplug: a node that dies takes its conversations with it, and can come
// back.
func TestUnplug(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, a, b, l := lab(t, "")
		c, s := pair(t, a, b)
		ln, _ := b.Announce(t.Context(), "tcp!*!1")
		write(t, s, "last words")
		ctl(t, l, "delay 1s")
		b.Unplug()
		b.Unplug()
		wantErr(t, readErr(t, s), ninep.ErrHungup)
		_, err := ln.Accept(t.Context())
		wantErr(t, err, ninep.ErrHungup)
		_, err = b.Announce(t.Context(), "tcp!*!2")
		wantErr(t, err, ninep.ErrShutdown)
		_, err = b.Dial(t.Context(), "tcp!10.0.0.1!2")
		wantErr(t, err, ninep.ErrShutdown)

		expect(t, c, "last words")
		if d := elapsed(func() { wantErr(t, readErr(t, c), ninep.ErrHungup) }); d != time.Second {
			t.Errorf("heard of it after %v", d)
		}
		_, err = c.Write(t.Context(), []byte("x"))
		wantErr(t, err, ninep.ErrHungup)
		_, err = a.Dial(t.Context(), "tcp!10.0.0.2!1")
		wantErr(t, err, ninep.ErrConRefused)

		b2, err := w.Plug("b")
		wantErr(t, err, nil)
		_, err = w.Plug("b")
		wantErr(t, err, ninep.ErrInUse)
		c, s = pair(t, a, b2)
		write(t, c, "again")
		expect(t, s, "again")

		// Over a cut link the news comes when it is healed.
		ctl(t, l, "cut")
		b2.Unplug()
		_, err = c.Read(timeout(t, time.Hour), make([]byte, 1))
		wantErr(t, err, ninep.ErrIntr)
		ctl(t, l, "heal")
		wantErr(t, readErr(t, c), ninep.ErrHungup)
	})
}
