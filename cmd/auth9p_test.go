package cmd

import (
	"context"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/ninep/ninetest"
	"ufo/ninep/ramfs"
	"ufo/proc"
)

// A besieged is a guard, and who calls it: on a connection, or directly.
type besieged struct {
	t   *testing.T
	ctx context.Context
	p   *proc.Proc // whose factotum it has; it can also end that
	g   *guard
	c   *ninep.Client
}

// besiege calls f with a guard of files of bootes, in the domain lab.
func besiege(t *testing.T, f func(b *besieged)) {
	t.Helper()
	onNode(t, func(p *proc.Proc) error {
		rcOutput(p, "auth/factotum -S -s factotum; echo 'key proto=dp9ik dom=lab user=bootes !password=bootes' >/mnt/factotum/ctl")
		fd, err := p.Open("/srv/factotum", ninep.ORDWR)
		if err == nil {
			err = p.Mount(fd, -1, "/mnt", 0, "")
		}
		if err != nil {
			t.Fatal(err)
		}
		b := &besieged{t: t, ctx: p.Life(), p: p}
		b.g = &guard{Server: ramfs.New("bootes", time.Now, 1<<20), view: p.View, ctx: p.Life()}
		root, err := b.g.Server.Attach(b.ctx, "bootes", "")
		if err != nil {
			t.Fatal(err)
		}
		defer root.Close()
		file, err := root.Create(b.ctx, "f", 0644, ninep.OWRITE)
		if err != nil {
			t.Fatal(err)
		}
		file.Close()
		strict := ninetest.Strict(b.g)
		c, stop, err := ninetest.Wire(b.ctx, strict)
		if err != nil {
			t.Fatal(err)
		}
		b.c = c
		f(b)
		stop()
		synctest.Wait()
		if err := strict.Check(); err != nil {
			t.Error(err)
		}
		if b.g.afids != 0 {
			t.Errorf("%d authentications are left", b.g.afids)
		}
		return nil
	})
}

// client begins a conversation in which one is user, whose password is his name, or
// wrong.
func (b *besieged) client(user, password string) auth.Conv {
	as := &auth.Server{Key: func(_ context.Context, user string) *auth.Key { return auth.PassKey(user) }}
	conv, err := auth.Start(b.ctx, auth.Config{
		Proto: "p9any", Role: "client",
		Keys: auth.Keys{{Proto: "dp9ik", Dom: "lab", User: user, Key: *auth.PassKey(password)}},
		Dial: func(ctx context.Context, _ string) (io.ReadWriteCloser, error) {
			here, there := net.Pipe()
			go func() { // ends when the client does
				defer there.Close()
				as.Serve(ctx, there)
			}()
			return here, nil
		},
	})
	if err != nil {
		b.t.Fatal(err)
	}
	return conv
}

// talk proves on f to be user.
func (b *besieged) talk(f ninep.File, user, password string) error {
	conv := b.client(user, password)
	defer conv.Close()
	_, err := auth.Proxy(b.ctx, &authline{ctx: b.ctx, f: f}, conv)
	return err
}

// attach attaches as a user who proves to be that.
func (b *besieged) attach(srv ninep.Auther, user, spec string) (ninep.File, error) {
	f, err := srv.Auth(b.ctx, user, spec)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := b.talk(f, user, user); err != nil {
		return nil, err
	}
	return srv.AttachAuth(b.ctx, f, user, spec)
}

// afid returns a file of authentication for a user, on which who has proved to be
// another, if there is one.
func (b *besieged) afid(user, spec, who string) ninep.File {
	f, err := b.c.Auth(b.ctx, user, spec)
	if err == nil && who != "" {
		err = b.talk(f, who, who)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return f
}

// try attaches with f, which is closed then.
func (b *besieged) try(f ninep.File, user, spec string) error {
	defer f.Close()
	root, err := b.c.AttachAuth(b.ctx, f, user, spec)
	if err == nil {
		root.Close()
	}
	return err
}

// write writes s to f.
func (b *besieged) write(f ninep.File, s string) error {
	_, err := f.Write(b.ctx, []byte(s), 0)
	return err
}

// TestAttachAttacks has somebody try to be who he is not. What succeeds, or is refused for
// another reason, is an error.
func TestAttachAttacks(t *testing.T) {
	for _, c := range []struct {
		name string
		try  func(b *besieged) error
		want string // "": no error
	}{
		{"who proves it may attach", func(b *besieged) error { return b.try(b.afid("glenda", "", "glenda"), "glenda", "") }, ""},
		{"the server's owner is nobody special", func(b *besieged) error { return b.try(b.afid("bootes", "", ""), "bootes", "") }, "not authenticated"},
		{"without authentication", func(b *besieged) error { _, err := b.c.Attach(b.ctx, "glenda", ""); return err }, "not authenticated"},
		{"as the owner without authentication", func(b *besieged) error { _, err := b.c.Attach(b.ctx, "bootes", ""); return err }, "not authenticated"},
		{"as nobody", func(b *besieged) error { _, err := b.c.Attach(b.ctx, "", ""); return err }, "not authenticated"},
		{"as almost none", func(b *besieged) error { _, err := b.c.Attach(b.ctx, "none ", ""); return err }, "not authenticated"},
		{"an authentication of nobody", func(b *besieged) error { _, err := b.c.Auth(b.ctx, "", ""); return err }, "bad arg in system call"},
		{"before anything is said", func(b *besieged) error { return b.try(b.afid("glenda", "", ""), "glenda", "") }, "not authenticated"},
		{"in the middle of it", func(b *besieged) error {
			f, conv := b.afid("glenda", "", ""), b.client("glenda", "glenda")
			defer conv.Close()
			for range 4 { // the offer, the choice, OK, the challenge
				carry(b, f, conv)
			}
			return b.try(f, "glenda", "")
		}, "not authenticated"},
		{"in the middle, and then to the end", func(b *besieged) error {
			f := b.afid("glenda", "", "")
			if _, err := b.c.AttachAuth(b.ctx, f, "glenda", ""); err == nil {
				return errors.New("attached")
			}
			if err := b.talk(f, "glenda", "glenda"); err != nil {
				return err
			}
			return b.try(f, "glenda", "")
		}, ""},
		{"as another than one says", func(b *besieged) error { return b.try(b.afid("glenda", "", "ken"), "glenda", "") }, "auth uname mismatch: ken vs glenda"},
		{"as another than one said", func(b *besieged) error { return b.try(b.afid("ken", "", "ken"), "glenda", "") }, "permission denied"},
		{"to another tree than one said", func(b *besieged) error { return b.try(b.afid("ken", "", "ken"), "ken", "other") }, "permission denied"},
		{"another's afid, without a connection between", func(b *besieged) error {
			f, _ := b.g.Auth(b.ctx, "ken", "")
			defer f.Close()
			b.talk(f, "ken", "ken")
			_, err := b.g.AttachAuth(b.ctx, f, "glenda", "")
			return err
		}, "auth uname mismatch: ken vs glenda"},
		{"another tree's, without a connection between", func(b *besieged) error {
			f, _ := b.g.Auth(b.ctx, "ken", "")
			defer f.Close()
			b.talk(f, "ken", "ken")
			_, err := b.g.AttachAuth(b.ctx, f, "ken", "other")
			return err
		}, "auth aname mismatch:  vs other"},
		{"an afid of another server", func(b *besieged) error {
			g := &guard{Server: b.g.Server, view: b.g.view, ctx: b.g.ctx}
			f, _ := g.Auth(b.ctx, "ken", "")
			defer f.Close()
			b.talk(f, "ken", "ken")
			_, err := b.g.AttachAuth(b.ctx, f, "ken", "")
			return err
		}, "not an auth fid"},
		{"an ordinary file for an afid", func(b *besieged) error {
			root, _ := b.g.Server.Attach(b.ctx, "ken", "")
			defer root.Close()
			_, err := b.g.AttachAuth(b.ctx, root, "ken", "")
			return err
		}, "not an auth fid"},
		{"twice with the same afid, as attach(5) permits", func(b *besieged) error {
			f := b.afid("glenda", "", "glenda")
			root, err := b.c.AttachAuth(b.ctx, f, "glenda", "")
			if err != nil {
				return err
			}
			defer root.Close()
			return b.try(f, "glenda", "")
		}, ""},
		{"with an afid that was clunked", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Tclunk, Fid: 1},
				&ninep.Fcall{Type: ninep.Tattach, Fid: 2, Afid: 1, Uname: "glenda"})
		}, "unknown fid"},
		{"with an afid of nobody", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tattach, Fid: 2, Afid: 1, Uname: "glenda"})
		}, "unknown fid"},
		{"with none's root for an afid", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tattach, Fid: 1, Afid: ninep.NOFID, Uname: "none"},
				&ninep.Fcall{Type: ninep.Tattach, Fid: 2, Afid: 1, Uname: "glenda"})
		}, "permission denied"},
		{"a walk of an afid", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Twalk, Fid: 1, Newfid: 2})
		}, "9P protocol botch"},
		{"an open of an afid", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Topen, Fid: 1, Mode: ninep.ORDWR})
		}, "9P protocol botch"},
		{"a file made in an afid", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Tcreate, Fid: 1, Name: "x", Perm: 0666})
		}, "9P protocol botch"},
		{"an afid removed", func(b *besieged) error {
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Tremove, Fid: 1})
		}, "permission denied"},
		{"an afid given away", func(b *besieged) error {
			d := ninep.NullDir
			d.UID = "ken"
			return refused(b, &ninep.Fcall{Type: ninep.Tauth, Afid: 1, Uname: "glenda"}, &ninep.Fcall{Type: ninep.Twstat, Fid: 1, Stat: d})
		}, "permission denied"},
		{"the wrong password", func(b *besieged) error {
			f := b.afid("glenda", "", "")
			b.talk(f, "glenda", "GLENDA")
			return b.try(f, "glenda", "")
		}, "not authenticated"},
		{"nonsense, and then the truth", func(b *besieged) error {
			f := b.afid("glenda", "", "")
			f.Read(b.ctx, make([]byte, 100), 0)
			b.write(f, "dp9ik elsewhere\x00")
			b.talk(f, "glenda", "glenda")
			return b.try(f, "glenda", "")
		}, "negotiation failed, no common protocols or keys: no key matches proto=dp9ik role=server dom=elsewhere"},
		{"more than any message has", func(b *besieged) error {
			f := b.afid("glenda", "", "")
			f.Read(b.ctx, make([]byte, 100), 0)
			defer f.Close()
			return b.write(f, strings.Repeat("x", maxAuthRPC))
		}, "read or write too large"},
		{"what was heard, once more", func(b *besieged) error {
			tap := &taped{File: b.afid("glenda", "", "")}
			if err := b.talk(tap, "glenda", "glenda"); err != nil {
				return err
			}
			f := b.afid("glenda", "", "")
			for _, s := range tap.said {
				f.Read(b.ctx, make([]byte, maxAuthRPC), 0)
				b.write(f, s)
			}
			tap.Close()
			return b.try(f, "glenda", "")
		}, "auth server protocol botch"},
		{"none's files are everybody's", func(b *besieged) error {
			root, err := b.c.Attach(b.ctx, "none", "")
			if err != nil {
				return err
			}
			defer root.Close()
			f, err := root.Walk(b.ctx, "f")
			if err != nil {
				return err
			}
			defer f.Close()
			return f.Open(b.ctx, ninep.OWRITE)
		}, "permission denied"},
		{"none where there is none", func(b *besieged) error {
			b.g.noNone = true
			_, err := b.c.Attach(b.ctx, "none", "")
			return err
		}, "not authenticated"},
		{"none who would prove it, where there is none", func(b *besieged) error {
			b.g.noNone = true
			_, err := b.c.Auth(b.ctx, "none", "")
			return err
		}, "not authenticated"},
		{"none who says he is glenda", func(b *besieged) error { return b.try(b.afid("none", "", "glenda"), "none", "") }, "auth uname mismatch: glenda vs none"},
		{"authentications without end", func(b *besieged) error {
			for range maxAfids {
				defer b.afid("glenda", "", "").Close()
			}
			_, err := b.c.Auth(b.ctx, "glenda", "")
			return err
		}, "too many fids"},
		{"on other connections, so many that nobody can log in", func(b *besieged) error {
			for range 2000 / maxAfids {
				g := &guard{Server: b.g.Server, view: b.g.view, ctx: b.g.ctx}
				for range maxAfids {
					if f, err := g.Auth(b.ctx, "ken", ""); err == nil {
						defer f.Close()
					}
				}
			}
			return b.try(b.afid("glenda", "", "glenda"), "glenda", "")
		}, ""},
		{"no factotum any more", func(b *besieged) error {
			b.p.Unmount("", "/mnt")
			_, err := b.c.Auth(b.ctx, "glenda", "")
			return err
		}, "file does not exist"},
		{"no key any more", func(b *besieged) error {
			rcOutput(b.p, "mount /srv/factotum /mnt; echo 'delkey proto=dp9ik' >/mnt/factotum/ctl")
			f := b.afid("glenda", "", "")
			defer f.Close()
			_, err := f.Read(b.ctx, make([]byte, 100), 0)
			return err
		}, "negotiation failed, no common protocols or keys: no key matches proto=dp9ik role=server"},
		{"longer than patience", func(b *besieged) error {
			f := b.afid("glenda", "", "")
			time.Sleep(authPatience + time.Second)
			return b.try(f, "glenda", "")
		}, "connection timed out"},
		{"what was proved lasts", func(b *besieged) error {
			f := b.afid("glenda", "", "glenda")
			b.try(b.afid("ken", "", "ken"), "ken", "")
			if n, err := f.Read(b.ctx, make([]byte, 100), 0); n != 0 || err != nil {
				return errors.New("there is more to say")
			}
			time.Sleep(2 * authPatience)
			return b.try(f, "glenda", "")
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			besiege(t, func(b *besieged) {
				err := c.try(b)
				if c.want == "" && err == nil {
					return
				}
				if err == nil || c.want == "" || !strings.HasPrefix(err.Error(), c.want) {
					t.Errorf("have %v, want %s", err, c.want)
				}
			})
		})
	}
}

// carry carries one message between a file of authentication and a client.
func carry(b *besieged, f ninep.File, conv auth.Conv) {
	if m, err := conv.Read(b.ctx); err == nil {
		b.write(f, string(m))
		return
	}
	p := make([]byte, maxAuthRPC)
	n, err := f.Read(b.ctx, p, 0)
	if err == nil {
		err = conv.Write(b.ctx, p[:n])
	}
	if err != nil {
		b.t.Error(err)
	}
}

// A taped file remembers what was written.
type taped struct {
	ninep.File
	said []string
}

func (f *taped) Write(ctx context.Context, p []byte, off int64) (int, error) {
	f.said = append(f.said, string(p))
	return f.File.Write(ctx, p, off)
}

// refused sends messages on a connection, and returns what the last one is refused with.
func refused(b *besieged, msgs ...*ninep.Fcall) error {
	dial, stop := ninetest.Served(b.ctx, b.g, nil)
	defer stop()
	conn, err := dial(b.ctx)
	if err != nil {
		return err
	}
	defer conn.Close()
	msgs = append([]*ninep.Fcall{{Type: ninep.Tversion, Tag: ninep.NOTAG, Msize: 8192, Version: "9P2000"}}, msgs...)
	for i, m := range msgs {
		out, err := m.Append(nil)
		if err == nil {
			_, err = conn.Write(out)
		}
		head := make([]byte, 4)
		if err == nil {
			_, err = io.ReadFull(conn, head)
		}
		if err != nil {
			return err
		}
		in := append(head, make([]byte, binary.LittleEndian.Uint32(head)-4)...)
		if _, err := io.ReadFull(conn, in[4:]); err != nil {
			return err
		}
		var r ninep.Fcall
		if err := r.Unmarshal(in); err != nil {
			return err
		}
		if i == len(msgs)-1 && r.Type == ninep.Rerror {
			return errors.New(string(r.Ename))
		}
		if r.Type != m.Type+1 {
			b.t.Errorf("%v: %v", m, &r)
		}
	}
	return nil
}

// TestGuardRules has the rules of 9P checked of a guarded server, by calls and by
// messages, as somebody who has proved who he is, and as none.
func TestGuardRules(t *testing.T) {
	besiege(t, func(b *besieged) {
		proved := ninep.ServerFunc(func(_ context.Context, user, spec string) (ninep.File, error) {
			return b.attach(b.g, user, spec)
		})
		if err := (ninetest.Options{User: "bootes"}).Test(b.ctx, proved); err != nil {
			t.Error(err)
		}
		if err := (ninetest.Options{User: "none", ReadOnly: true}).Test(b.ctx, b.g); err != nil {
			t.Error(err)
		}
		if err := (ninetest.Options{User: "none", ReadOnly: true}).TestWire(b.ctx, b.g); err != nil {
			t.Error(err)
		}
	})
}

// TestGuardFlush interrupts an authentication that waits for a confirmation.
func TestGuardFlush(t *testing.T) {
	besiege(t, func(b *besieged) {
		rcOutput(b.p, "mount /srv/factotum /mnt; echo 'delkey proto=dp9ik' >/mnt/factotum/ctl; echo 'key proto=dp9ik dom=lab user=bootes confirm= !password=bootes' >/mnt/factotum/ctl")
		if _, err := b.p.Open("/mnt/factotum/confirm", ninep.ORDWR); err != nil {
			t.Fatal(err)
		}
		f, conv := b.afid("glenda", "", ""), b.client("glenda", "glenda")
		defer conv.Close()
		carry(b, f, conv)
		m, _ := conv.Read(b.ctx)
		ctx, cancel := context.WithCancel(b.ctx)
		done := make(chan error, 1)
		go func() {
			_, err := f.Write(ctx, m, 0)
			done <- err
		}()
		synctest.Wait()
		select {
		case err := <-done:
			t.Errorf("does not wait: %v", err)
		default:
		}
		cancel()
		if err := <-done; !errors.Is(err, ninep.ErrIntr) {
			t.Errorf("interrupted: %v", err)
		}
		if err := b.try(f, "glenda", ""); err == nil {
			t.Error("attached with what was interrupted")
		}
	})
}
