package proc_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A posted server is mounted, found by another process, and hung up with the
// one that serves it.
func TestServerFd(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		a, b, _ := p.Pipe()
		up := ""
		pid, _ := p.Fork(proc.RFNOTEG, func(p *proc.Proc) error {
			who := &ninep.Node{Name: "who", Read: func(ctx context.Context) ([]byte, error) {
				up = fmt.Sprint(proc.Up(ctx).Getpid())
				return []byte(up), nil
			}}
			hang := &ninep.Node{Name: "hang", Read: func(ctx context.Context) ([]byte, error) {
				<-ctx.Done()
				return nil, ctx.Err()
			}}
			fd, done, err := p.ServerFd("#s/x", ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{who, hang}}))
			must(t, err)
			must(t, p.Mount(fd, -1, "/", ns.MAFTER, ""))
			p.Write(b, []byte("x"))
			p.Until(done)
			return nil
		})
		p.Read(a, make([]byte, 1))
		text, err := p.ReadFile("/who")
		must(t, err)
		if string(text) != fmt.Sprint(pid) {
			t.Errorf("served by %q, want %d", text, pid)
		}
		kid, _ := p.Fork(proc.RFNOTEG, func(p *proc.Proc) error {
			_, err := p.ReadFile("/hang")
			return err
		})
		p.Sleep(time.Second)
		must(t, p.Unmount("", "/"))
		p.Table().Find(pid).Kill()
		for range 2 {
			w, err := p.Wait()
			must(t, err)
			if w.Pid == kid && !strings.HasSuffix(w.Msg, "i/o on hungup channel") {
				t.Error(w.Msg)
			}
		}
		return nil
	})
}

// A server can tell who mounts it from who says a name in 9P.
func TestCaller(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		var callers []int
		tree := ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{ninep.Text("f", "x")}})
		srv := ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
			pid := 0
			if c := proc.Caller(ctx); c != nil {
				pid = c.Getpid()
			}
			callers = append(callers, pid)
			return tree.Attach(ctx, user, spec)
		})
		if proc.Caller(p.Context()) != nil {
			t.Error("a server that is called is not posted")
		}
		a, b, _ := p.Pipe()
		fd := -1
		p.Fork(proc.RFNOTEG, func(s *proc.Proc) error { // its descriptors are p's
			f, done, err := s.ServerFd("#s/x", srv)
			must(t, err)
			fd = f
			s.Write(b, []byte("x"))
			return s.Until(done)
		})
		p.Read(a, make([]byte, 1))
		conn, err := p.Conn(fd)
		must(t, err)
		client, err := ninep.NewClient(p.Context(), conn, nil)
		must(t, err)
		f, err := client.Attach(p.Context(), "glenda", "")
		must(t, err)
		f.Close()
		client.Close()
		must(t, p.Mount(fd, -1, "/", ns.MAFTER, ""))
		if len(callers) != 2 || callers[0] != 0 || callers[1] != p.Getpid() {
			t.Errorf("called by %v, want 0 and %d", callers, p.Getpid())
		}
		must(t, p.Unmount("", "/"))
		p.Wait()
		return nil
	})
}

// Who has posted a note that ends a server is served no more.
func TestServerNoted(t *testing.T) {
	run(t, nil, func(p *proc.Proc) error {
		a, b, _ := p.Pipe()
		pid, _ := p.Fork(proc.RFNOTEG, func(p *proc.Proc) error {
			hi := &ninep.Node{Name: "hi", Read: func(context.Context) ([]byte, error) { return []byte("hi"), nil }}
			fd, done, err := p.ServerFd("#s/x", ninep.NewTree("glenda", &ninep.Node{Children: []*ninep.Node{hi}}))
			must(t, err)
			must(t, p.Mount(fd, -1, "/", ns.MAFTER, ""))
			p.Notify(func(p *proc.Proc, note string) bool {
				p.Notify(nil)
				p.Write(b, []byte("x"))
				return true
			})
			p.Write(b, []byte("x"))
			for p.Until(done) == ninep.ErrIntr {
			}
			return nil
		})
		p.Read(a, make([]byte, 1))
		must(t, p.Postnote(pid, "interrupt")) // it goes on
		_, err := p.ReadFile("/hi")
		must(t, err)
		p.Read(a, make([]byte, 1))
		must(t, p.Postnote(pid, "interrupt"))
		if _, err := p.ReadFile("/hi"); !errors.Is(err, ninep.ErrHungup) {
			t.Error(err)
		}
		return p.Unmount("", "/")
	})
}
