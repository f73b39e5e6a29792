package ninep_test

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	. "ufo/ninep"
	"ufo/ninep/ramfs"
)

// Who waits for a connection can be interrupted, and many who wait have one dialed.
func TestRedialTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fs := ramfs.New("glenda", time.Now, 0)
		c := &cutter{srv: fs}
		r, root := c.redialer(t, nil)
		f, err := root.Create(t.Context(), "f", 0666, ORDWR)
		if err != nil {
			t.Fatal(err)
		}
		f.Write(t.Context(), []byte("text"), 0)
		opens := 0
		c.set(func() {
			c.lose = func(m *Fcall) bool {
				if m.Type == Topen {
					opens++
				}
				return false
			}
		})
		c.cut(ErrConRefused)
		began := time.Now()
		ctx, cancel := context.WithTimeout(t.Context(), 7*time.Second)
		defer cancel()
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				if i < 5 {
					if err := readOnce(ctx, f); says(err) != "interrupted" || time.Since(began) != 7*time.Second {
						t.Errorf("the interrupted read: %v after %v", err, time.Since(began))
					}
				} else if err := readOnce(t.Context(), f); err != nil || time.Since(began) < time.Minute {
					t.Errorf("the read: %v after %v", err, time.Since(began))
				}
			})
		}
		wg.Go(func() {
			if _, err := r.Attach(t.Context(), "glenda", ""); err != nil {
				t.Error(err)
			}
		})
		time.Sleep(time.Minute)
		before := c.dialed()
		c.heal()
		wg.Wait()
		if n := c.dialed() - before; n != 1 || opens != 1 {
			t.Errorf("%d connections, and the file was opened %d times", n, opens)
		}
	})
}

// The pauses between dials grow.
func TestRedialPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cutter{srv: world()}
		var at []time.Duration
		began := time.Now()
		strict := c.dial
		down := false
		r, err := NewRedialer(t.Context(), func(ctx context.Context) (io.ReadWriteCloser, error) {
			at = append(at, time.Since(began))
			if down {
				return nil, ErrConRefused
			}
			return strict(ctx)
		}, &RedialOptions{Pause: 4 * time.Second, Limit: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		root, err := r.Attach(t.Context(), "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(10 * time.Second) // this connection has lasted
		at, began, down = nil, time.Now(), true
		c.cut(nil)
		synctest.Wait()
		if err := statOnce(t.Context(), root); err != ErrConRefused || time.Since(began) != 20*time.Second {
			t.Errorf("after %v: %v", time.Since(began), err)
		}
		ms := time.Millisecond
		want := []time.Duration{0, 100 * ms, 300 * ms, 700 * ms, 1500 * ms, 3100 * ms, 6300 * ms, 10300 * ms, 14300 * ms, 18300 * ms}
		if !slices.Equal(at, want) {
			t.Errorf("dialed at %v, want %v", at, want)
		}
		<-r.Done()
		if err := statOnce(t.Context(), root); err != ErrConRefused || len(at) != len(want) {
			t.Errorf("when it has given up: %v, %d dials", err, len(at))
		}
		root.Close()
		r.Close()
		c.wg.Wait()
	})
}

// A call that ends each connection is given up, and not made as fast as one can.
func TestRedialDeadly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &cutter{srv: world()}
		_, root := c.redialer(t, nil)
		c.set(func() { c.lose = func(m *Fcall) bool { return m.Type == Tstat } })
		began := time.Now()
		if err := statOnce(t.Context(), root); says(err) != "/: i/o on hungup channel" || time.Since(began) < 10*time.Second || c.dialed() > 12 {
			t.Errorf("%v after %v and %d dials", err, time.Since(began), c.dialed())
		}
		if _, err := root.Walk(t.Context(), "motd"); err != nil {
			t.Error(err)
		}
	})
}

// Close ends who waits, whatever the other end does.
func TestRedialClose(t *testing.T) {
	for _, tt := range []struct {
		name string
		dial func(ctx context.Context) (io.ReadWriteCloser, error)
	}{
		{"refused", func(context.Context) (io.ReadWriteCloser, error) { return nil, ErrConRefused }},
		{"no answer to the dial", func(ctx context.Context) (io.ReadWriteCloser, error) { <-ctx.Done(); return nil, ErrIntr }},
		{"no answer to Tversion", func(context.Context) (io.ReadWriteCloser, error) { a, _ := Pipe(); return a, nil }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				c := &cutter{srv: world()}
				dial := c.dial
				r, err := NewRedialer(t.Context(), func(ctx context.Context) (io.ReadWriteCloser, error) { return dial(ctx) }, nil)
				if err != nil {
					t.Fatal(err)
				}
				root, err := r.Attach(t.Context(), "glenda", "")
				if err != nil {
					t.Fatal(err)
				}
				dial = tt.dial
				c.cut(nil)
				synctest.Wait()
				done := make(chan error)
				go func() { done <- statOnce(t.Context(), root) }()
				time.Sleep(time.Hour)
				began := time.Now()
				r.Close()
				if err := <-done; err != ErrHungup || time.Since(began) != 0 {
					t.Errorf("%v, %v after Close", err, time.Since(began))
				}
				if _, err := r.Attach(t.Context(), "glenda", ""); err != ErrHungup {
					t.Error(err)
				}
				root.Close()
				c.wg.Wait()
			})
		})
	}
}

// The first dial is told about.
func TestRedialFirst(t *testing.T) {
	r, err := NewRedialer(t.Context(), func(context.Context) (io.ReadWriteCloser, error) { return nil, ErrConRefused }, nil)
	if r != nil || err != ErrConRefused {
		t.Errorf("%v, %v", r, err)
	}
}

// prove attaches as a user who knows the secret.
func prove(ctx context.Context, srv Auther, user, spec string) (File, error) {
	auth, err := srv.Auth(ctx, user, spec)
	if err != nil {
		return nil, err
	}
	defer auth.Close()
	if _, err := auth.Write(ctx, []byte("swordfish"), 0); err != nil {
		return nil, err
	}
	return srv.AttachAuth(ctx, auth, user, spec)
}

// Who the user is has to be proved on each connection.
func TestRedialAuth(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		c := &cutter{srv: guarded{world()}}
		_, root := c.redialer(t, &RedialOptions{Attach: func(ctx context.Context, c *Client, user, spec string) (File, error) {
			f, err := prove(ctx, c, user, spec)
			if err != nil {
				err = fmt.Errorf("who I am: %w", err)
			}
			return f, err
		}})
		begun := 0
		c.set(func() {
			c.lose = func(m *Fcall) bool {
				if m.Type == Tauth {
					begun++
				}
				return m.Type == Tauth && begun == 1
			}
		})
		c.cut(nil)
		synctest.Wait()
		if err := statOnce(ctx, root); err != nil || begun != 2 {
			t.Errorf("%v, it was begun %d times", err, begun)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		ctx := t.Context()
		c := &cutter{srv: guarded{world()}}
		r, err := NewRedialer(ctx, c.dial, nil)
		if err != nil {
			t.Fatal(err)
		}
		root, err := prove(ctx, r, "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		auth, err := r.Auth(ctx, "glenda", "")
		if err != nil {
			t.Fatal(err)
		}
		c.cut(nil)
		synctest.Wait()
		if err := statOnce(ctx, root); says(err) != "/: permission denied" {
			t.Errorf("the root: %v", err)
		}
		if err := writeOnce(ctx, auth); err != ErrHungup {
			t.Errorf("the file of authentication: %v", err)
		}
		if _, err := r.AttachAuth(ctx, auth, "glenda", ""); err != ErrLostOpen {
			t.Errorf("attach with it: %v", err)
		}
		if _, err := prove(ctx, r, "glenda", ""); err != nil {
			t.Error(err)
		}
		r.Close()
		c.wg.Wait()
	})
}
