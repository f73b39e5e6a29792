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
//	-k  constrain the factotum keys to use: there is no authentication
//	    yet, and -k changes nothing
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
	none := false
	arg := argbegin(p, "[-a|-b] [-cCnNq] [-k keypattern] servename old [spec]")
	for c := range arg.flags() {
		switch {
		case f.take(c, "abcCq"), c == 'n':
		case c == 'N':
			none = true
		case c == 'k':
			arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) < 2 || len(arg.args) > 3 || f.bad() {
		arg.usage()
	}
	err := mountfile(p, arg.args[0], arg.args[1], f.flag, none, append(arg.args, "")[2])
	if err == nil || f.quiet {
		return nil
	}
	warn(p, "%v", err)
	return status("mount")
}

// mountfile mounts the server behind the file servename; as user none, if so
// wanted, which the process then stays.
func mountfile(p *proc.Proc, servename, old string, flag int, none bool, spec string) error {
	fd, err := p.Open(servename, ninep.ORDWR)
	if err != nil {
		return fmt.Errorf("can't open %s: %w", servename, err)
	}
	defer p.Close(fd)
	if none {
		if err := becomeUser(p, "none"); err != nil {
			return fmt.Errorf("can't become none: %w", err)
		}
	}
	if err := p.Mount(fd, -1, old, flag, spec); err != nil {
		return fmt.Errorf("mount %s: %w", old, err)
	}
	return nil
}

// becomeUser changes the process's user; only to none is always permitted.
// See procsetuser in auth(2).
func becomeUser(p *proc.Proc, user string) error {
	return p.WriteFile("#c/user", []byte(user))
}
