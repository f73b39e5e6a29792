package cmd

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// This file is what servers have in common: how they are posted in /srv and
// mounted, and how long their processes live. See postmountsrv in 9p(2).

// A server is a file server about to be started.
type server struct {
	ninep.Server
	name string     // to be posted as /srv/name; "" for not at all
	perm ninep.Perm // of that file; 0: 0600
	mtpt string     // to be mounted here; "" for nowhere
	flag int        // of the mount

	// trace has the messages printed on the standard error; hide leaves out the data
	// that is read and written.
	trace, hide bool
	// stderr, too, lets the server's process keep the descriptors of its parent, to
	// print on.
	stderr bool
	// init, if not nil, is called by the server's process first.
	init func(s *proc.Proc) error
	// main, if not nil, is what the server's process does until done: then
	// nobody can reach the server any more.
	main func(s *proc.Proc, done <-chan struct{})
	// close, if not nil, is called when the server's process ends, however
	// it does.
	close func()
}

// start serves s in a process of its own, which lasts as long as somebody can
// reach it. When start returns the server is posted and mounted.
func (srv server) start(p *proc.Proc) error {
	c, err := srv.fork(p)
	if err != nil {
		return err
	}
	fd, err := p.AddFd(c)
	if err != nil {
		return err
	}
	if srv.mtpt == "" {
		return p.Close(fd)
	}
	if err := p.Mount(fd, -1, srv.mtpt, srv.flag, ""); err != nil {
		p.Close(fd)
		return fmt.Errorf("mount %s: %w", srv.mtpt, err)
	}
	return nil
}

// fork starts the server's process and returns a connection to it.
func (srv server) fork(p *proc.Proc) (*ns.Chan, error) {
	// The server has a name space of its own, because where it is mounted
	// it would wait for itself. It has no descriptors: it must not keep a
	// pipe of its parent's open.
	flag := proc.RFNAMEG | proc.RFCFDG | proc.RFNOTEG | proc.RFREND | proc.RFNOWAIT
	if srv.trace || srv.stderr {
		flag ^= proc.RFCFDG | proc.RFFDG
	}
	var c *ns.Chan
	err := error(ninep.ErrProcDied) // should it be killed before it knows better
	ready := make(chan struct{})
	_, ferr := p.Fork(flag, func(s *proc.Proc) error {
		posted := sync.OnceFunc(func() { close(ready) })
		defer posted()
		return srv.serve(s, func(conn *ns.Chan, e error) {
			c, err = conn, e
			posted()
		})
	})
	if ferr != nil {
		if srv.close != nil {
			srv.close()
		}
		return nil, ferr
	}
	taken := false
	defer func() { // a note may end p before it has taken the connection
		if taken {
			return
		}
		go func() { // ends when the server is posted
			<-ready
			if c != nil {
				c.Close()
			}
		}()
	}()
	if err := p.Until(ready); err != nil {
		return nil, err
	}
	taken = true
	return c, err
}

// serve is the server's process. It calls posted, once, with a connection to
// the server or with an error.
func (srv server) serve(s *proc.Proc, posted func(*ns.Chan, error)) error {
	if srv.close != nil {
		defer srv.close()
	}
	if srv.trace {
		w, err := s.Conn(2)
		if err != nil {
			return err
		}
		defer w.Close()
		trace := io.Writer(w)
		if srv.hide {
			trace = dataless{w}
		}
		srv.Server = ninep.Trace(trace, srv.Server)
	}
	c, done, err := srv.post(s)
	posted(c, err)
	switch {
	case err != nil:
		return err
	case srv.main != nil:
		srv.main(s, done)
		return nil
	}
	return s.Until(done)
}

// post makes s the process of the server and returns a connection to it, and
// a channel that is closed when there are none.
func (srv server) post(s *proc.Proc) (*ns.Chan, <-chan struct{}, error) {
	if srv.init != nil {
		if err := srv.init(s); err != nil {
			return nil, nil, err
		}
	}
	fd, done, err := s.ServerFd(argv0(s), srv.Server)
	if err != nil {
		return nil, nil, err
	}
	defer s.Close(fd)
	if srv.name != "" {
		// The file goes away with the process: it stays open.
		if _, err := postfd(s, srv.name, fd, ninep.ORCLOSE, cmp.Or(srv.perm, 0600)); err != nil {
			return nil, nil, err
		}
	}
	c, err := s.FdChan(fd)
	return c, done, err
}

// postfd posts the connection fd as /srv/name, or as name if that begins with a
// slash, and returns the descriptor of that file, still open.
func postfd(p *proc.Proc, name string, fd int, mode ninep.Mode, perm ninep.Perm) (int, error) {
	file := name
	if !strings.HasPrefix(name, "/") {
		file = "/srv/" + name
	}
	srvfd, err := p.Create(file, ninep.OWRITE|mode, perm)
	if err != nil {
		return -1, fmt.Errorf("create %s: %w", file, err)
	}
	if _, err := p.Write(srvfd, []byte(strconv.Itoa(fd))); err != nil {
		p.Close(srvfd)
		return -1, fmt.Errorf("write %s: %w", file, err)
	}
	return srvfd, nil
}

// serve9p speaks 9P for srv on the descriptors in and out, until the client
// hangs up, in whatever way, or the process is told to end.
func serve9p(p *proc.Proc, srv ninep.Server, in, out int, opt ninep.ServeOptions) error {
	conn, err := twoFds(p, in, out)
	if err != nil {
		return err
	}
	return serveConn(p, srv, conn, opt)
}

// twoFds returns a stream that reads from in and writes to out.
func twoFds(p *proc.Proc, in, out int) (io.ReadWriteCloser, error) {
	conn, err := p.Conn(in)
	if err != nil || out == in {
		return conn, err
	}
	w, err := p.Conn(out)
	if err != nil {
		conn.Close()
		return nil, err
	}
	return duplex{conn, w}, nil
}

// serveConn is serve9p on a stream, which it closes.
func serveConn(p *proc.Proc, srv ninep.Server, conn io.ReadWriteCloser, opt ninep.ServeOptions) error {
	opt.Panic = p.Trap
	var err error
	ctx, cancel := context.WithCancel(p.Life())
	done := make(chan struct{})
	defer func() { // also when a note ends p: the files are of its name space
		cancel()
		<-done
	}()
	go func() {
		defer close(done)
		err = ninep.Serve(ctx, conn, srv, &opt)
	}()
	if err := p.Until(done); err != nil {
		return err
	}
	if errors.Is(err, ninep.ErrHungup) || errors.Is(err, errTLSHungup) {
		err = nil
	}
	return err
}

// readView returns the contents of a file in v. It is for what runs on behalf
// of a server's clients: the system calls of the server's process are its own
// goroutine's.
func readView(ctx context.Context, v ns.View, name string) ([]byte, error) {
	c, err := v.Open(ctx, name, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var all []byte
	b := make([]byte, iounit)
	for {
		n, err := c.Read(ctx, b)
		if n == 0 || err != nil {
			return all, err
		}
		all = append(all, b[:n]...)
	}
}

// A dataless writer leaves out the data in the lines of a trace: it may be secret.
type dataless struct{ io.Writer }

func (d dataless) Write(b []byte) (int, error) {
	line := b
	if i := bytes.Index(b, []byte(` "`)); i >= 0 && (bytes.HasPrefix(b, []byte("Rread ")) || bytes.HasPrefix(b, []byte("Twrite "))) {
		line = append(bytes.Clone(b[:i]), '\n')
	}
	if _, err := d.Writer.Write(line); err != nil {
		return 0, err
	}
	return len(b), nil
}

// A duplex reads from one stream and writes to another.
type duplex struct {
	io.ReadWriteCloser
	w io.WriteCloser
}

func (d duplex) Write(b []byte) (int, error) { return d.w.Write(b) }

func (d duplex) Close() error {
	d.w.Close()
	return d.ReadWriteCloser.Close()
}
