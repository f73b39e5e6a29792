package cmd

import (
	"errors"
	"fmt"
	"path"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// srv - start network file service
//
// Srv dials the machine system, by default its service 9fs, which for tcp is
// port 564, and posts the connection as /srv/srvname, by default the first
// argument, for everybody to mount. If a third argument is given it mounts the
// service there.
//
//	-m  mount the service on /n/system, or on mtpt if it is given
//	-a, -b, -c, -C
//	    as -m, with these options of mount(1)
//	-n  do not authenticate; -N attach as user none, too
//	-q  if /srv/srvname exists, say nothing
//	-e  the first argument is not an address but a command, which srv runs
//	    by rc(1) with the connection as its descriptors 0 and 1
//	-s  wait some seconds after the connection is made
//
// A service that is posted but no longer answers is dialed anew.
//
// # EXAMPLES
//
// Another machine's file tree:
//
//	srv tcp!n1!564 n1 /n/fs
//
// A file server started for this purpose:
//
//	srv -e 'ramfs -i' scratch /n/scratch
//
// # FILES
//
//	/srv/*
//
// # SEE ALSO
//
// mount(1), 9fs(4), exportfs(4), import(4), srv(3), dial(2)
func srvMain(p *proc.Proc) error {
	s := srvcall{auth: true}
	var f bindflags
	seconds := 0
	arg := argbegin(p, "[-abcCmnNq] [-s seconds] [net!]system[!service] [srvname [mtpt]]\n-e [-abcCmnNq] [-s seconds] command [srvname [mtpt]]")
	for c := range arg.flags() {
		switch {
		case c == 'q':
			s.known = true
		case f.take(c, "abcC"), c == 'm':
			s.known, s.mount = true, true
		case c == 'e':
			s.exec = true
		case c == 'N':
			s.auth, s.none = false, true
		case c == 'n':
			s.auth = false
		case c == 'r':
		case c == 's':
			n, err := strconv.Atoi(arg.eargf())
			if err != nil {
				arg.usage()
			}
			seconds = n
		default:
			arg.usage()
		}
	}
	n := len(arg.args)
	if n < 1 || n > 3 || f.bad() {
		arg.usage()
	}
	s.flag, s.wait = f.flag, time.Duration(seconds)*time.Second
	s.dest = arg.args[0]
	s.name = path.Base(s.dest)
	_, host, ok := strings.Cut(s.name, "!")
	if !ok {
		host = s.name
	}
	s.mtpt = "/n/" + host
	if n > 1 {
		s.name = arg.args[1]
	}
	if n > 2 {
		s.mtpt, s.known, s.mount = arg.args[2], true, true
	}
	return s.run(p)
}

// A srvcall is what one srv is asked to do.
type srvcall struct {
	dest  string // address or, with exec, command
	exec  bool
	wait  time.Duration
	name  string // in /srv
	known bool   // do not complain if it is there
	mount bool
	none  bool
	auth  bool
	flag  int
	mtpt  string
}

// run makes the service known, and mounts it.
func (s *srvcall) run(p *proc.Proc) error {
	file := "/srv/" + s.name
	for try := 1; ; try++ {
		if _, err := p.Stat(file); err != nil {
			if err := s.post(p); err != nil {
				return fatal(p, "%v", err)
			}
		} else if !s.known {
			warn(p, "%s already exists", file)
			return nil
		}
		if !s.mount {
			return nil
		}
		err := mounting{flag: s.flag, none: s.none, auth: s.auth}.mount(p, file, s.mtpt)
		if err == nil {
			return nil
		}
		if !hungup(err) || try > 1 {
			return fatal(p, "%s: %v", s.dest, err)
		}
		p.Remove(file)
	}
}

// hungup reports whether a connection broke, so that it helps to dial again.
func hungup(err error) bool {
	return errors.Is(err, ninep.ErrHungup) || errors.Is(err, ninep.ErrTimedOut)
}

// post makes the connection and posts it.
func (s *srvcall) post(p *proc.Proc) error {
	var fd int
	if s.exec {
		var err error
		if fd, err = connectcmd(p, s.dest); err != nil {
			return err
		}
	} else {
		var c conn
		err := within(p, dialTime, func() (err error) {
			c, err = dial(p, netmkaddr(s.dest, "", "9fs"))
			return err
		})
		if err != nil {
			return fmt.Errorf("dial %s: %w", s.dest, err)
		}
		p.Close(c.ctl)
		fd = c.fd
	}
	p.Sleep(s.wait)
	srvfd, err := postfd(p, s.name, fd, 0, 0666)
	if err != nil {
		return err
	}
	p.Close(fd)
	return p.Close(srvfd)
}

// connectcmd starts a command and returns the other end of its descriptors 0
// and 1.
func connectcmd(p *proc.Proc, cmd string) (int, error) {
	mine, its, err := p.Pipe()
	if err != nil {
		return -1, err
	}
	defer p.Close(its)
	_, err = p.Fork(proc.RFFDG|proc.RFREND|proc.RFNOTEG|proc.RFNOWAIT, func(c *proc.Proc) error {
		c.Dup(its, 0)
		c.Dup(its, 1)
		c.Close(its)
		c.Close(mine)
		return fatal(c, "exec: %v", c.Exec("/bin/rc", []string{"rc", "-c", cmd}))
	})
	return mine, err
}
