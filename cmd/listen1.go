package cmd

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"ufo/proc"
)

// aux/listen1 - listen for calls to one address
//
// Listen1 announces address and runs cmd for each call, with the connection
// as its descriptors 0 and 1 and as /dev/cons; $net is its line directory. Cmd
// runs as user none, in a name space built by the file namespace, by default
// /lib/namespace.
//
//	-t  stay the user who started listen1, in his name space
//	-1  serve one call and exit
//	-b  return when the address is announced, and serve in the background
//	-v  print on the standard output what happens
//	-n  use another namespace file
//	-o  write copt to the ctl file of each call
//	-O  write sopt to the ctl file of the announcement
//	-p  serve at most maxprocs calls at a time; let others wait
//	-r  from one address, serve at most rate calls a minute: more wait;
//	    those that would wait for half a minute are hung up on
//
// # EXAMPLES
//
// Echo what is said on port 7777:
//
//	aux/listen1 -t 'tcp!*!7777' /bin/cat &
//
// # SEE ALSO
//
// aux/dial(1), con(1), dial(2), listen(8)
func listen1Main(p *proc.Proc) error {
	var trusted, background bool
	namespace := "/lib/namespace"
	l := &listener1{callserver: callserver{copts: []string{"keepalive"}}}
	arg := argbegin(p, "[-1btv] [-n namespace] [-p maxprocs] [-r rate] [-o copt] [-O sopt] address cmd [args ...]")
	for c := range arg.flags() {
		switch c {
		case '1':
			l.once = true
		case 'b':
			background = true
		case 't':
			trusted = true
		case 'v':
			l.verbose = true
		case 'n':
			namespace = arg.eargf()
		default:
			l.option(arg, c)
		}
	}
	if len(arg.args) < 2 {
		arg.usage()
	}
	l.addr, l.cmd = arg.args[0], arg.args[1:]
	if !trusted {
		l.namespace = namespace
	}
	if background {
		return l.start(p)
	}
	return l.listen(p, func() {})
}

// A listener1 listens at one address.
type listener1 struct {
	callserver
	addr    string
	cmd     []string
	verbose bool
}

func (l *listener1) log(p *proc.Proc, format string, a ...any) {
	if l.verbose {
		fmt.Fprintf(p.Stdout(), format+"\n", a...)
	}
}

// listen announces the address, calls announced, and serves.
func (l *listener1) listen(p *proc.Proc, announced func()) error {
	a, err := announce(p, l.addr)
	if err != nil {
		return fatal(p, "announce %s: %v", l.addr, err)
	}
	announced()
	l.log(p, "listen started")
	l.run = func(k *proc.Proc, c conn) error {
		k.Putenv("net", c.dir)
		return fatal(k, "exec: %v", execpath(k, l.cmd))
	}
	l.called = func(c conn) { l.log(p, "incoming call for %s from %s in %s", l.addr, c.remote(p), c.dir) }
	return fatal(p, "listen %s: %v", l.addr, l.serve(p, a))
}

// start has another process listen, and returns when that has announced the address.
func (l *listener1) start(p *proc.Proc) error {
	status := errors.New("announce") // unless it is; of what went wrong it has told
	ready := make(chan struct{})
	done := sync.OnceFunc(func() { close(ready) })
	_, err := p.Fork(proc.RFFDG|proc.RFNOTEG|proc.RFNOWAIT, func(k *proc.Proc) error {
		defer done()
		k.SetTitle(l.addr + " " + strings.Join(l.cmd, " "))
		return l.listen(k, func() { status = nil; done() })
	})
	if err != nil {
		return fatal(p, "%v", err)
	}
	if err := p.Until(ready); err != nil {
		return err
	}
	return status
}
