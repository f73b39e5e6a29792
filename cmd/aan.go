package cmd

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"time"

	"ufo/cmd/aan"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// aan - always available network
//
// Aan carries what it reads on descriptor 0 to another aan, which writes it on its
// descriptor 1, and the other way round. Should the connection between the two
// break, or nothing be heard for 24 seconds, the client, with -c, calls the other
// again. Nothing is lost and nothing comes twice: each keeps what the other has not
// acknowledged. The client calls dialstring; the server waits for calls in netdir,
// the line directory of an announcement, or the name of a file in it.
//
// Aan ends with its input, when the other has acknowledged all of it, and with
// the other's.
//
//	-c  be the client
//	-d  say on the console, too, what goes to the log
//	-m  without a connection, end after maxto seconds, by default a
//	    day; for the first it waits at most a minute
//
// It is mostly started by import(4), rcpu(1) and exportfs(4).
//
// # EXAMPLES
//
// A machine is told the date by another, whatever happens to the network
// meanwhile. There
//
//	<[4]/net/tcp/clone {
//		line=/net/tcp/`{cat /fd/4}
//		echo announce '*!7000' >$line/ctl
//		date | aan $line
//	}
//
// and here
//
//	aan -c tcp!n2!7000
//
// # FILES
//
//	/sys/log/aan
//
// # SEE ALSO
//
// import(4), rcpu(1), exportfs(4), listen(8)
//
// # DIAGNOSTICS
//
// A client whose call is refused ends: nobody is there any more who knows what was
// carried. Otherwise it tries again every second.
//
// # BUGS
//
// Whoever calls the server while it waits is taken for its client. What is carried
// must be authenticated and encrypted by those who say it.
//
// A stream has one end for both directions: what the other still says to who has
// ended it is lost.
func aanMain(p *proc.Proc) error {
	e := aanEnd{maxto: aanMaxto}
	client := false
	arg := argbegin(p, "-c [-d] [-m maxto] dialstring\n[-d] [-m maxto] netdir")
	for c := range arg.flags() {
		switch c {
		case 'c':
			client = true
		case 'd':
			e.debug = true
		case 'm':
			e.maxto = seconds(arg)
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	if e.addr = arg.args[0]; !client {
		e.dir, _, _ = strings.Cut(e.addr, "/local")
	}
	local, err := twoFds(p, 0, 1)
	if err == nil {
		err = e.carry(p, local)
	}
	if err == nil || errors.As(err, new(aanLost)) {
		return err // which is in the log: nobody may be there any more to read it
	}
	return fatal(p, "%v", err)
}

// An aanLost is why there is no connection any more after there was one.
type aanLost struct{ error }

const (
	aanMaxto = 24 * time.Hour // how long an aan waits for a connection
	aanFirst = time.Minute    // and for the first
)

// seconds returns the argument of an option that is a number of seconds.
func seconds(arg *argv) time.Duration {
	n, err := strconv.ParseUint(arg.eargf(), 0, 31)
	if err != nil {
		arg.usage()
	}
	return time.Duration(n) * time.Second
}

// An aanEnd is one end of what an aan carries.
type aanEnd struct {
	addr  string // to call
	dir   string // of a line that is announced, where calls come; "": it calls
	maxto time.Duration
	debug bool
}

// start has a process of its own carry what is read from and written to the
// descriptor that is returned. It keeps the descriptor hold, if that is not -1,
// open as long as it lives.
func (e aanEnd) start(p *proc.Proc, hold int) (int, error) {
	mine, its, err := p.Pipe()
	if err != nil {
		return -1, err
	}
	var keep []*ns.Chan
	for _, fd := range []int{its, hold} {
		if c, err := p.FdChan(fd); err == nil {
			keep = append(keep, c)
		}
	}
	p.Close(its)
	// It keeps its name space: where it calls may be mounted over what it
	// carries.
	const flag = proc.RFNAMEG | proc.RFCFDG | proc.RFNOTEG | proc.RFREND | proc.RFNOWAIT
	_, err = p.ForkOr(flag, func(k *proc.Proc) error {
		k.SetName("aan", e.args())
		for _, c := range keep {
			if _, err := k.AddFd(c); err != nil {
				return err
			}
		}
		local, err := k.Conn(0)
		if err != nil {
			return err
		}
		k.Close(0)
		return e.carry(k, local)
	}, func() {
		for _, c := range keep {
			c.Close()
		}
	})
	if err != nil {
		p.Close(mine)
		return -1, fmt.Errorf("fork: %w", err)
	}
	return mine, nil
}

// args returns the arguments with which the command would do the same.
func (e aanEnd) args() []string {
	args := []string{"aan", "-m", strconv.Itoa(int(e.maxto / time.Second))}
	if e.dir != "" {
		return append(args, e.dir)
	}
	return append(args, "-c", e.addr)
}

// carry is the process of an aan: it carries what local reads and takes, until
// either end has no more to say, and closes it.
func (e aanEnd) carry(p *proc.Proc, local io.ReadWriteCloser) error {
	p.Notify(func(_ *proc.Proc, note string) bool { return note == "alarm" })
	defer p.Notify(nil)
	c := aan.New()
	var all sync.WaitGroup
	defer func() { // also when a note ends p
		local.Close()
		c.Fail(ninep.ErrProcDied)
		all.Wait()
	}()
	all.Go(func() { // ends with local, or the stream
		io.Copy(c, local)
		c.Close()
	})
	written := make(chan struct{})
	all.Go(func() { // as well
		defer close(written)
		if _, err := io.Copy(local, c); err != nil {
			c.Close()
		}
	})
	all.Go(func() { // ends with the stream
		<-c.Done()
		p.Post("alarm") // it may wait for a connection
	})
	if err := e.connect(p, c); err != nil {
		e.log(p, "%v, exiting...", err)
		return err
	}
	e.log(p, "exiting...")
	for p.Until(written) != nil { // an alarm
	}
	return nil
}

// connect gives c connections until it needs no more.
func (e aanEnd) connect(p *proc.Proc, c *aan.Conn) error {
	over := func() bool {
		select {
		case <-c.Done():
			return true
		default:
			return false
		}
	}
	used := false
	for limit := min(aanFirst, e.maxto); ; limit = e.maxto {
		conn, err := e.reach(p, limit, over)
		switch {
		case over():
			if err == nil {
				conn.Close()
			}
			return nil
		case err != nil && used:
			return aanLost{err}
		case err != nil:
			return err
		}
		used = true
		broken := c.Use(conn)
		for p.Until(broken) != nil { // an alarm
		}
		if over() {
			return nil
		}
		e.log(p, "connection broken")
	}
}

// reach makes a connection. It gives up after limit, or when it is over.
func (e aanEnd) reach(p *proc.Proc, limit time.Duration, over func() bool) (io.ReadWriteCloser, error) {
	end := time.Now().Add(limit)
	for {
		p.Alarm(max(time.Until(end), 1))
		conn, err := e.try(p)
		p.Alarm(0)
		switch {
		case err == nil:
			return conn, nil
		case over():
			return nil, err
		case !time.Now().Before(end):
			return nil, errors.New("timed out while waiting for reconnect")
		case e.dir != "" && !errors.Is(err, ninep.ErrIntr), errors.Is(err, ninep.ErrConRefused):
			return nil, err
		}
		p.Sleep(time.Second)
	}
}

// try calls once, or waits for a call.
func (e aanEnd) try(p *proc.Proc) (io.ReadWriteCloser, error) {
	var c conn
	var err error
	if e.dir == "" {
		e.log(p, "dialing %s", e.addr)
		c, err = dial(p, e.addr)
	} else {
		e.log(p, "waiting for connection on %s", e.dir)
		if c, err = (conn{dir: e.dir}).listen(p); err == nil {
			if err = c.accept(p); err != nil {
				p.Close(c.ctl)
			}
		}
	}
	if err != nil {
		return nil, err
	}
	defer c.close(p)
	e.log(p, "connected to %s", c.remote(p))
	return p.Conn(c.fd)
}

// log notes what happens.
func (e aanEnd) log(p *proc.Proc, format string, a ...any) {
	syslog(p, e.debug, "aan", format, a...)
}
