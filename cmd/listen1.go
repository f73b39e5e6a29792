package cmd

import (
	"fmt"

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
	var trusted, verbose bool
	namespace := "/lib/namespace"
	s := callserver{copts: []string{"keepalive"}}
	arg := argbegin(p, "[-1tv] [-n namespace] [-p maxprocs] [-r rate] [-o copt] [-O sopt] address cmd [args ...]")
	for c := range arg.flags() {
		switch c {
		case '1':
			s.once = true
		case 't':
			trusted = true
		case 'v':
			verbose = true
		case 'n':
			namespace = arg.eargf()
		default:
			s.option(arg, c)
		}
	}
	if len(arg.args) < 2 {
		arg.usage()
	}
	addr, cmd := arg.args[0], arg.args[1:]
	if !trusted {
		s.namespace = namespace
	}
	log := func(p *proc.Proc, format string, a ...any) {
		if verbose {
			fmt.Fprintf(p.Stdout(), format+"\n", a...)
		}
	}
	a, err := announce(p, addr)
	if err != nil {
		return fatal(p, "announce %s: %v", addr, err)
	}
	log(p, "listen started")
	s.run = func(k *proc.Proc, c conn) error {
		k.Putenv("net", c.dir)
		return fatal(k, "exec: %v", execpath(k, cmd))
	}
	s.called = func(c conn) { log(p, "incoming call for %s from %s in %s", addr, c.remote(p), c.dir) }
	return fatal(p, "listen %s: %v", addr, s.serve(p, a))
}
