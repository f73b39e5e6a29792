package cmd

import (
	"strconv"
	"time"

	"ufo/ns"
	"ufo/proc"
)

// A callserver waits for calls to an announced address and starts a process
// for each: what listen and listen1 have in common.
type callserver struct {
	copts, sopts []string // written to the ctl file of each call, of the announcement
	maxprocs     int      // that may serve calls at a time; 0: any number
	once         bool     // serve one call only, in the process itself
	pace         callpace // of calls from one address

	// namespace is what none's name space is made by, who answers calls: "" for that
	// the one who listens does. None must not have the announcement itself: so could
	// everybody, and answer calls in the place of the service.
	namespace string

	called func(c conn) // told of each call; may be nil
	// run is called in the process of a call, which is its standard input
	// and output.
	run func(k *proc.Proc, c conn) error
}

// option takes the options -o, -O, -p and -r.
func (s *callserver) option(arg *argv, c rune) {
	switch c {
	case 'o':
		s.copts = append(s.copts, arg.eargf())
	case 'O':
		s.sopts = append(s.sopts, arg.eargf())
	case 'p':
		n, err := strconv.Atoi(arg.eargf())
		if err != nil {
			arg.usage()
		}
		s.maxprocs = n
	case 'r':
		n, err := strconv.Atoi(arg.eargf())
		if err != nil || n <= 0 {
			arg.usage()
		}
		s.pace.perMinute = n
	default:
		arg.usage()
	}
}

// serve serves calls until a cannot be listened on any more.
func (s *callserver) serve(p *proc.Proc, a conn) error {
	for _, opt := range s.sopts {
		if _, err := p.Write(a.ctl, []byte(opt)); err != nil {
			syslog(p, true, "listen", "%s/ctl: can't write %s: %v", a.dir, opt, err)
		}
	}
	flag := proc.RFFDG | proc.RFENVG | proc.RFNAMEG | proc.RFNOTEG | proc.RFREND
	if s.maxprocs <= 0 {
		flag |= proc.RFNOWAIT
	}
	procs := 0
	for {
		// At the limit, wait for the end of one: whichever ended first.
		for s.maxprocs > 0 && procs >= s.maxprocs {
			if _, err := p.Wait(); err != nil {
				return err
			}
			procs--
		}
		c, err := a.listen(p)
		if err != nil {
			return err
		}
		if s.called != nil {
			s.called(c)
		}
		if s.once {
			return s.answer(p, a, c)
		}
		var wait time.Duration
		if s.pace.perMinute > 0 {
			wait, err = s.pace.wait(p.Now(), c.remote(p))
		}
		if err != nil {
			c.reject(p, err.Error())
		} else if _, err := p.Fork(flag, func(k *proc.Proc) error {
			k.Sleep(wait)
			return s.answer(k, a, c)
		}); err != nil {
			c.reject(p, "host overloaded")
		} else {
			procs++
		}
		c.close(p)
	}
}

// answer accepts a call in its own process, which becomes none's if so wanted.
func (s *callserver) answer(k *proc.Proc, a, c conn) error {
	if err := c.accept(k); err != nil {
		syslog(k, true, "listen", "can't open %s/data: %v", c.dir, err)
		return err
	}
	for _, opt := range s.copts {
		k.Write(c.ctl, []byte(opt))
	}
	if s.namespace != "" {
		err := becomeUser(k, "none")
		if err == nil {
			err = newns(k, s.namespace, nil)
		}
		if err != nil {
			syslog(k, true, "listen", "%s: can't become none: %v", c.dir, err)
			return err
		}
	}
	k.Bind(c.dir+"/data", "/dev/cons", ns.MREPL)
	k.Dup(c.fd, 0)
	k.Dup(c.fd, 1)
	// The standard error stays: the console, or a log.
	for _, fd := range k.Fds() {
		if fd.Fd > 2 {
			k.Close(fd.Fd)
		}
	}
	return s.run(k, c)
}
