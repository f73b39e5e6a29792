package cmd

import (
	"ufo/proc"
)

// aux/dial - connect to a remote service
//
// Dial calls the address addr and copies from the connection to the standard
// output, and from the standard input to the connection. It ends when either
// of the two does. If there is a cmd, that is run instead, with the connection
// as its standard input and output.
//
//	-e  end only at the end of the connection, not at that of the input
//	-o  write msg to the ctl file of the connection; may be repeated
//
// # EXAMPLES
//
// Call the service of listen1(8)'s example:
//
//	echo hello | aux/dial -e 'tcp!n2!7777'
//
// # SEE ALSO
//
// con(1), dial(2), ip(3), listen1(8)
func dialMain(p *proc.Proc) error {
	keep := false
	var opts []string
	arg := argbegin(p, "[-e] [-o msg] ... addr [cmd [args ...]]")
	for c := range arg.flags() {
		switch c {
		case 'e':
			keep = true
		case 'o':
			opts = append(opts, arg.eargf())
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	c, err := dial(p, arg.args[0])
	if err != nil {
		return fatal(p, "dial: %v", err)
	}
	for _, opt := range opts {
		p.Write(c.ctl, []byte(opt))
	}
	p.Close(c.ctl)
	if cmd := arg.args[1:]; len(cmd) > 0 {
		p.Dup(c.fd, 0)
		p.Dup(c.fd, 1)
		if c.fd > 2 {
			p.Close(c.fd)
		}
		return fatal(p, "exec: %v", execpath(p, cmd))
	}
	return passBoth(p, c.fd, keep)
}

// passBoth copies between the connection fd and the standard input and output
// until the connection ends or, unless keep is set, the input.
func passBoth(p *proc.Proc, fd int, keep bool) error {
	p.Notify(func(p *proc.Proc, note string) bool {
		if note == "kill" { // the two end each other
			p.Exits("")
		}
		return false
	})
	me := p.Getpid()
	kid, err := p.Fork(proc.RFREND, func(k *proc.Proc) error {
		pass(k, 0, fd)
		if !keep {
			k.Postnote(me, "kill")
		}
		return nil
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	pass(p, fd, 1)
	p.Postnote(kid, "kill")
	p.Wait() // until it is gone, what is typed is its own
	return nil
}

// pass copies from one descriptor to another, a write for each read, until
// either ends.
func pass(p *proc.Proc, from, to int) {
	b := make([]byte, iounit)
	for {
		n, err := p.Read(from, b)
		if n == 0 || err != nil {
			return
		}
		if _, err := p.Write(to, b[:n]); err != nil {
			return
		}
	}
}
