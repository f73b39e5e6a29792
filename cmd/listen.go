package cmd

import (
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// aux/listen - listen for calls on a network device
//
// Listen waits for calls to local services on the network proto, by default
// tcp, and starts a process for each call. A service is an executable file,
// not empty, whose name is that of the network and a port or service, as in
// tcp564 or tcp9fs. It runs with the connection as its descriptors 0 and 1
// and as /dev/cons, in name space, environment and note group of its own, and
// with the arguments: name of the service, network, line directory. A file
// !tcp564 is no service: that is how one is turned off.
//
// Services found in srvdir run as user none, in a new name space that the
// file namespace describes, by default /lib/namespace; if there is a file
// tcp564.namespace, that is for service tcp564. Services in trustsrvdir run as
// the user who started listen, in a copy of his name space. If neither is
// given, srvdir is /bin/service.
//
// These are there, and others with a ! before their names:
//
//	tcp7, tcp13
//	    echo, and the time
//	tcp17019
//	    rcpu(1): what a script says, as who sends it
//	tcp17020
//	    the file tree by 9P, encrypted, as who calls: see tlssrv(8)
//	/rc/bin/service.fs/tcp564
//	    the file tree of a file server, for the other machines
//	/rc/bin/service.auth/tcp567
//	    authsrv(8)
//
// Without a factotum(4), posted as /srv/factotum, that has a key of the owner of the
// machine, 17019 and 17020 refuse everybody.
//
// Listen returns when the services that are there have been announced. Its
// processes look once a minute for services that came and went.
//
//	-a  accept calls to addr only
//	-i  do not look for changes
//	-n  use another namespace file
//	-o  write copt to the ctl file of each call
//	-O  write sopt to the ctl file of each announcement
//	-p  serve at most maxprocs calls of a service at a time; let others
//	    wait
//	-q  do not log calls
//	-r  from one address, serve at most rate calls of a service a minute:
//	    more wait; those that would wait for half a minute are hung up on
//
// # EXAMPLES
//
// A service that tells the time, on port 5555:
//
//	mkdir /tmp/service
//	{echo '#!/bin/rc'; echo date} >/tmp/service/tcp5555
//	chmod +x /tmp/service/tcp5555
//	aux/listen -t /tmp/service
//
// # FILES
//
//	/rc/bin/service
//	/sys/log/listen
//
// # SEE ALSO
//
// rcpu(1), dial(2), exportfs(4), factotum(4), namespace(6), authsrv(8), cpurc(8),
// listen1(8), tlssrv(8)
//
// # BUGS
//
// Unlike on Plan 9 only those who answer calls become none. An announcement of none's
// is everybody's: anybody could answer its calls, and become who shows who he is.
//
// The names of srvdir, trustsrvdir and namespace must begin with a slash.
func listenMain(p *proc.Proc) error {
	l := listener{addr: "*", proto: "tcp", namespace: "/lib/namespace"}
	l.calls.copts = []string{"keepalive"}
	var servdir, trustdir string
	arg := argbegin(p, "[-iq] [-d srvdir] [-t trustsrvdir] [-n namespace] [-p maxprocs] [-r rate] [-o copt] [-O sopt] [-a addr] [proto]")
	for c := range arg.flags() {
		switch c {
		case 'd':
			servdir = arg.eargf()
		case 't':
			trustdir = arg.eargf()
		case 'a':
			l.addr = arg.eargf()
		case 'i':
			l.fixed = true
		case 'q':
			l.quiet = true
		case 'n':
			l.namespace = arg.eargf()
		default:
			l.calls.option(arg, c)
		}
	}
	switch len(arg.args) {
	case 0:
	case 1:
		l.proto = arg.args[0]
	default:
		arg.usage()
	}
	if servdir == "" && trustdir == "" {
		servdir = "/bin/service"
	}
	syslog(p, false, "listen", "started on %s", l.proto)
	err := l.start(p, servdir, false)
	if err == nil {
		err = l.start(p, trustdir, true)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// rescan is how often listen looks for services that came and went.
const rescan = time.Minute

// A listener is one listen and, in the second part, its process for one
// service directory.
type listener struct {
	addr, proto  string
	namespace    string
	fixed, quiet bool
	calls        callserver

	dir      string
	trusted  bool
	services []*service
}

// A service is a file of the service directory.
type service struct {
	name   string // "tcp564"
	pid    int    // of the process that listens; 0 for none
	whined bool   // it was said in the log that it cannot be announced
}

// start starts the process for the services in dir. It returns when all have
// been announced.
func (l listener) start(p *proc.Proc, dir string, trusted bool) error {
	if dir == "" {
		return nil
	}
	l.dir, l.trusted = dir, trusted
	ready := make(chan struct{})
	const flag = proc.RFNOTEG | proc.RFFDG | proc.RFNOWAIT | proc.RFENVG | proc.RFNAMEG
	_, err := p.Fork(flag, func(d *proc.Proc) error {
		first := sync.OnceFunc(func() { close(ready) })
		defer first()
		d.SetTitle(l.proto + " " + l.addr + " " + dir)
		for {
			l.scan(d)
			l.announce(d)
			first()
			l.rest(d)
		}
	})
	if err != nil {
		return err
	}
	return p.Until(ready)
}

// scan brings the list of services up to date. Those that are gone end.
func (l *listener) scan(d *proc.Proc) {
	entries, err := readdir(d, l.dir)
	if err != nil {
		return
	}
	there := make(map[string]bool)
	for _, e := range entries {
		if strings.HasPrefix(e.Name, l.proto) && !e.IsDir() && e.Length > 0 && !strings.HasSuffix(e.Name, ".namespace") {
			there[e.Name] = true
		}
	}
	l.services = slices.DeleteFunc(l.services, func(s *service) bool {
		gone := !there[s.name]
		if gone && s.pid != 0 {
			d.Postnote(s.pid, "die")
		}
		delete(there, s.name)
		return gone
	})
	for _, name := range slices.Sorted(maps.Keys(there)) {
		l.services = append(l.services, &service{name: name})
	}
}

// announce starts a process for each service that has none, and returns when
// they have announced it, or given up.
func (l *listener) announce(d *proc.Proc) {
	var starting sync.WaitGroup
	for _, s := range l.services {
		if s.pid != 0 {
			continue
		}
		starting.Add(1)
		started := sync.OnceFunc(starting.Done)
		whined := s.whined
		pid, err := d.Fork(proc.RFFDG, func(k *proc.Proc) error {
			defer started()
			return l.serve(k, s.name, whined, started)
		})
		if err != nil {
			started()
			syslog(d, true, "listen", "couldn't fork for %s: %v", s.name, err)
			continue
		}
		s.pid = pid
	}
	all := make(chan struct{})
	go func() { // each process says so, or dies
		starting.Wait()
		close(all)
	}()
	d.Until(all)
}

// serve announces a service and serves its calls.
func (l *listener) serve(k *proc.Proc, name string, whined bool, started func()) error {
	prog := l.dir + "/" + name
	addr := l.proto + "!" + l.addr + "!" + strings.TrimPrefix(name, l.proto)
	calls := l.calls
	if !l.trusted {
		calls.namespace = l.namespace
		own := prog + ".namespace"
		if _, err := k.Stat(own); err == nil {
			calls.namespace = own
		}
	}
	calls.run = func(k *proc.Proc, c conn) error {
		if !l.quiet {
			syslog(k, false, "listen", "%s call for %s on chan %s (%s)", l.proto, name, c.dir, c.remote(k))
		}
		err := k.Exec(prog, []string{prog, name, l.proto, c.dir})
		syslog(k, true, "listen", "%s: %v", l.proto, err)
		return err
	}
	for {
		a, err := announce(k, addr)
		if err != nil {
			if !whined {
				syslog(k, true, "listen", "giving up on %s: %v", addr, err)
			}
			return err
		}
		started()
		k.SetTitle(a.dir + " " + addr)
		err = calls.serve(k, a)
		if !l.quiet {
			syslog(k, true, "listen", "listen: %v", err)
		}
		a.close(k)
	}
}

// rest waits until it is time to look at the services again, and notes which
// processes have ended meanwhile.
func (l *listener) rest(d *proc.Proc) {
	wait := func() error {
		for {
			w, err := d.Wait()
			if err != nil {
				return err
			}
			for _, s := range l.services {
				if s.pid == w.Pid {
					s.pid, s.whined = 0, true
				}
			}
			if l.fixed {
				return nil
			}
		}
	}
	var err error
	if l.fixed {
		err = wait()
	} else {
		err = within(d, rescan, wait)
	}
	if !errors.Is(err, ninep.ErrTimedOut) {
		d.Sleep(rescan)
	}
}
