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
//	-r  dial again, or run the command again, whenever the connection ends
//
// A service that is posted but no longer answers is dialed anew.
//
// With -r a process of srv stands between the connection and those who have
// mounted it, who do not see it end. They wait, and can be interrupted, while srv
// dials, with pauses that grow to 10 seconds, for up to a day; then it ends. On
// the new connection it looks for the files in use by their names, opens them as they
// were, and makes the requests again whose replies the old connection took along.
// Where that cannot be, a program is told:
//
//	file has been removed, file has been replaced
//	    the file is gone, or another one is there: it says so from then on
//	connection lost, and the open file with it
//	    the file is a device's, or for exclusive use; it has to be opened
//	    anew
//	connection lost, perhaps after it was done
//	    of create, remove, wstat, of making a file empty or adding to its
//	    end, and of a write to a device: these are not done twice
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
// A file tree that is still there when n1 was started anew, or the network was
// away:
//
//	srv -r tcp!n1!9fs n1
//	mount -c /srv/n1 /n/fs
//
// # FILES
//
//	/srv/*
//
// # SEE ALSO
//
// mount(1), rcpu(1), 9fs(4), exportfs(4), import(4), srv(3), 9p(2), dial(2)
//
// # BUGS
//
// A server that wants to know who its users are is shown by srv -r who the user of
// its process is, on each connection; factotum(4) must have the key beforehand. Other
// users cannot mount it then: there is nobody to ask theirs later.
//
// With -r the server at the other end must give its files the same qids on each
// connection. Files that others rename are not found again.
//
// An end that says nothing is not an end: when the other machine vanishes without
// a word, it takes a hangup in the ctl file of the connection, see ip(3).
func srvMain(p *proc.Proc) error {
	s := srvcall{prove: proveKey("")}
	var f bindflags
	seconds := 0
	arg := argbegin(p, "[-abcCmnNqr] [-s seconds] [net!]system[!service] [srvname [mtpt]]\n-e [-abcCmnNqr] [-s seconds] command [srvname [mtpt]]")
	for c := range arg.flags() {
		switch {
		case c == 'q':
			s.known = true
		case f.take(c, "abcC"), c == 'm':
			s.known, s.mount = true, true
		case c == 'e':
			s.exec = true
		case c == 'N':
			s.prove, s.none = nil, true
		case c == 'n':
			s.prove = nil
		case c == 'r':
			s.again = true
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
	again bool // when the connection ends
	wait  time.Duration
	name  string // in /srv
	known bool   // do not complain if it is there
	mount bool
	none  bool
	prove func(p *proc.Proc, fd int) error // who the user is; nil: nobody does
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
		err := mounting{flag: s.flag, none: s.none, prove: s.prove}.mount(p, file, s.mtpt)
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
	if s.again {
		srv := redialing(s.connect, s.prove != nil)
		srv.name, srv.perm = s.name, 0666
		return srv.start(p)
	}
	fd, err := s.connect(p)
	if err != nil {
		return err
	}
	srvfd, err := postfd(p, s.name, fd, 0, 0666)
	if err != nil {
		return err
	}
	p.Close(fd)
	return p.Close(srvfd)
}

// connect makes the connection and returns its descriptor.
func (s *srvcall) connect(p *proc.Proc) (int, error) {
	if s.exec {
		fd, err := connectcmd(p, s.dest)
		if err == nil {
			p.Sleep(s.wait)
		}
		return fd, err
	}
	var c conn
	err := within(p, dialTime, func() (err error) {
		c, err = dial(p, netmkaddr(s.dest, "", "9fs"))
		return err
	})
	if err != nil {
		return -1, fmt.Errorf("dial %s: %w", s.dest, err)
	}
	p.Close(c.ctl)
	p.Sleep(s.wait)
	return c.fd, nil
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
