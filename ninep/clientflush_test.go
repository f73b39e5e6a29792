package ninep_test

import (
	"context"
	"testing"
	"testing/synctest"

	. "ufo/ninep"
)

// What a client does about a call that is interrupted, by what the server
// does about the Tflush.
func TestClientFlush(t *testing.T) {
	walk := func(ctx context.Context, root File) error { _, err := root.Walk(ctx, "x"); return err }
	remove := func(ctx context.Context, root File) error { return root.Remove(ctx) }
	for _, tt := range []struct {
		name  string
		call  func(ctx context.Context, root File) error
		want  string
		late  *Fcall // a reply that comes before the Rflush
		after string // what the client sends then
	}{
		{"walk not done", walk, `Twalk tag 0 fid 0 newfid 1 nwname 1 "x"`, nil, ""},
		{"walk done", walk, `Twalk tag 0 fid 0 newfid 1 nwname 1 "x"`, &Fcall{Type: Rwalk, Wqid: []Qid{{}}}, "Tclunk tag 2 fid 1"},
		{"walk failed", walk, `Twalk tag 0 fid 0 newfid 1 nwname 1 "x"`, &Fcall{Type: Rerror, Ename: "no"}, ""},
		{"walk done in part", func(ctx context.Context, root File) error {
			_, _, err := WalkNames(ctx, root, []string{"x", "y"})
			return err
		}, `Twalk tag 0 fid 0 newfid 1 nwname 2 "x" "y"`, &Fcall{Type: Rwalk, Wqid: []Qid{{}}}, ""},
		{"remove not done", remove, "Tremove tag 0 fid 0", nil, "Tclunk tag 2 fid 0"},
		{"remove done", remove, "Tremove tag 0 fid 0", &Fcall{Type: Rremove}, ""},
		{"remove failed", remove, "Tremove tag 0 fid 0", &Fcall{Type: Rerror, Ename: "no"}, ""},
		{"open done", func(ctx context.Context, root File) error { return root.Open(ctx, OREAD) },
			"Topen tag 0 fid 0 mode 0x0", &Fcall{Type: Ropen}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeer(t)
				defer c.Close()
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- tt.call(ctx, root) }()
				p.expect(tt.want)
				cancel()
				if err := <-done; err != ErrIntr { // while the server says nothing
					t.Errorf("the call returned %v", err)
				}
				p.expect("Tflush tag 1 oldtag 0")
				if tt.late != nil {
					p.reply(*tt.late)
				}
				// The tag of the call is not used again, and its fid only
				// when it is known to be free.
				synctest.Wait()
				early := tt.late != nil
				if early && tt.after != "" {
					p.expect(tt.after)
				}
				p.reply(Fcall{Type: Rflush, Tag: 1})
				if !early && tt.after != "" {
					p.expect(tt.after)
				}
				p.quiet()
			})
		})
	}
}

// An open cannot be undone: what became of it the server says before Rflush.
func TestClientFlushOpen(t *testing.T) {
	for _, tt := range []struct {
		name string
		late *Fcall // a reply that comes before the Rflush
		want error
	}{
		{"not done", nil, ErrIntr},
		{"done", &Fcall{Type: Ropen, Qid: Qid{Type: QTDIR}}, nil},
		{"failed", &Fcall{Type: Rerror, Ename: "no"}, Error("no")},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				p, c, root := newPeer(t)
				defer c.Close()
				ctx, cancel := context.WithCancel(t.Context())
				done := make(chan error)
				go func() { done <- root.Open(ctx, OREAD) }()
				p.expect("Topen tag 0 fid 0 mode 0x0")
				cancel()
				p.expect("Tflush tag 1 oldtag 0")
				if tt.late != nil {
					p.reply(*tt.late)
				}
				p.reply(Fcall{Type: Rflush, Tag: 1})
				if err := <-done; err != tt.want {
					t.Errorf("the open returned %v, want %v", err, tt.want)
				}
				p.quiet()
			})
		})
	}
}

// A Tcreate is made on a fid of its own, which goes in any case.
func TestClientFlushCreate(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, c, root := newPeer(t)
		defer c.Close()
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error)
		go func() {
			_, err := root.Create(ctx, "x", 0666, OREAD)
			done <- err
		}()
		p.expect("Twalk tag 0 fid 0 newfid 1 nwname 0")
		p.reply(Fcall{Type: Rwalk})
		p.expect(`Tcreate tag 0 fid 1 name "x" perm 0666 mode 0x0`)
		cancel()
		if err := <-done; err != ErrIntr {
			t.Errorf("the call returned %v", err)
		}
		p.expect("Tflush tag 1 oldtag 0")
		p.reply(Fcall{Type: Rflush, Tag: 1})
		p.expect("Tclunk tag 2 fid 1")
		p.reply(Fcall{Type: Rclunk, Tag: 2})
		p.quiet()
	})
}
