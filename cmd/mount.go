package cmd

import (
	"fmt"

	"ufo/ninep"
	"ufo/proc"
)

// mount - mount a file tree
//
// Mount makes a file tree visible at the directory old, for all processes in
// the same name space group. Servename names a file that, when opened, yields
// a connection to a file server: almost always a file in /srv. The server
// gets spec in the attach(5) message, and may serve a different tree for
// each. The options -a, -b, -c and -q are those of bind(1); also:
//
//	-C  cache the contents of files: MCACHE of bind(2)
//	-n  do not authenticate
//	-N  do not authenticate, and attach as user none
//	-k  the key to authenticate with must fit keypattern: see factotum(4)
//
// A server that wants to know who its user is asks his factotum(4), which is in
// /mnt/factotum. A key that is missing there is asked for on the console.
//
// # EXAMPLES
//
// Another view of the file tree the system was booted from:
//
//	mount /srv/boot /n/boot
//
// # FILES
//
//	/srv/boot  the connection to the file server of the root
//
// # SEE ALSO
//
// bind(1), unmount(1), srv(4), mount(2), attach(5)
func mountMain(p *proc.Proc) error {
	var f bindflags
	m := mounting{prove: proveKey("")}
	arg := argbegin(p, "[-a|-b] [-cCnNq] [-k keypattern] servename old [spec]")
	for c := range arg.flags() {
		switch {
		case f.take(c, "abcCq"):
		case c == 'n':
			m.prove = nil
		case c == 'N':
			m.prove, m.none = nil, true
		case c == 'k':
			m.prove = proveKey(arg.eargf())
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 2 || len(arg.args) > 3 || f.bad() {
		arg.usage()
	}
	m.flag, m.spec = f.flag, append(arg.args, "")[2]
	err := m.mount(p, arg.args[0], arg.args[1])
	if err == nil || f.quiet {
		return nil
	}
	warn(p, "%v", err)
	return status("mount")
}

// mountfile mounts the server behind the file servename without authentication; as
// user none, if so wanted, which the process then stays.
func mountfile(p *proc.Proc, servename, old string, flag int, none bool, spec string) error {
	return mounting{flag: flag, spec: spec, none: none}.mount(p, servename, old)
}

// A mounting says how a server is to be mounted.
type mounting struct {
	flag int
	spec string
	none bool // as user none, which the process then stays

	// prove shows the server who the user is, by what is written to fd and read from
	// it, if it wants to know. Nil: it is not asked whether it does.
	prove func(p *proc.Proc, fd int) error
}

// proveKey returns a prove with a key that fits a pattern. If there is none it is
// asked for.
func proveKey(pattern string) func(p *proc.Proc, fd int) error {
	return func(p *proc.Proc, fd int) error { return showUser(p, p.FD(fd), authGetkey, pattern) }
}

// mount mounts the server behind the file servename.
func (m mounting) mount(p *proc.Proc, servename, old string) error {
	fd, err := p.Open(servename, ninep.ORDWR)
	if err != nil {
		return fmt.Errorf("can't open %s: %w", servename, err)
	}
	defer p.Close(fd)
	if m.none {
		if err := becomeUser(p, "none"); err != nil {
			return fmt.Errorf("can't become none: %w", err)
		}
	}
	if err := m.amount(p, fd, old); err != nil {
		return fmt.Errorf("mount %s: %w", old, err)
	}
	return nil
}

// amount is Mount of the server at the other end of fd, which may want to know who
// the user is. See auth(2).
func (m mounting) amount(p *proc.Proc, fd int, old string) error {
	afd := -1
	if m.prove != nil && p.User() != "none" { // who proves nothing
		afd, _ = p.Fauth(fd, m.spec)
	}
	if afd < 0 {
		return p.Mount(fd, -1, old, m.flag, m.spec)
	}
	defer p.Close(afd)
	unproven := m.prove(p, afd)
	err := p.Mount(fd, afd, old, m.flag, m.spec)
	if err != nil && unproven != nil {
		return fmt.Errorf("%w: %w", unproven, err)
	}
	return err
}

// becomeUser changes the process's user; only to none is always permitted.
// See procsetuser in auth(2).
func becomeUser(p *proc.Proc, user string) error {
	return p.WriteFile("#c/user", []byte(user))
}
