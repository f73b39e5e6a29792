package cmd

import (
	"cmp"
	"fmt"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// auth/login - become another user, by his password
//
// Login asks for the password of user. If factotum(4) says that it is right, which
// must have a key to be a server with, login becomes user, in a new name space that
// /lib/namespace describes and with a factotum of its own that has user's key. It
// executes a login rc(1) in his home directory, with an environment that has little
// from the caller's.
//
//	-a  authdom is the domain of the key, by default that of the
//	    machine
//
// # EXAMPLES
//
// Somebody else at the console, until he types ^D:
//
//	auth/login ken
//
// # FILES
//
//	/lib/namespace
//	/usr/user
//	#¤/capuse
//
// # SEE ALSO
//
// cap(3), factotum(4), namespace(6), as(8), newns(8)
//
// # BUGS
//
// The window and what runs there still belong to who called login.
func loginMain(p *proc.Proc) error {
	dom := ""
	arg := argbegin(p, "[-a authdom] user")
	for c := range arg.flags() {
		switch c {
		case 'a':
			dom = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	if err := p.Rfork(proc.RFENVG | proc.RFNAMEG); err != nil {
		return fatal(p, "%v", err)
	}
	if p.Getenv("service") == "cpu" {
		warn(p, "warning: running on a cpu server!")
	}
	if err := login(p, arg.args[0], cmp.Or(dom, hostDomain(p))); err != nil {
		return fatal(p, "%v", err)
	}
	return fatal(p, "%v", p.Exec("/bin/rc", []string{"rc", "-li"}))
}

// login makes a process one of a user who knows his password.
func login(p *proc.Proc, user, dom string) error {
	private(p)
	pass, err := ask(p, "Password", "", true)
	if err != nil {
		return fmt.Errorf("no password: %w", err)
	}
	info, err := authUserpasswd(p, user, pass)
	if err != nil {
		return fmt.Errorf("login incorrect: %w", err)
	}
	defer info.Zero()
	if err := useCap(p, info); err != nil {
		return fmt.Errorf("can't change uid: %w", err)
	}
	srv := fmt.Sprintf("factotum.%d", p.Getpid())
	if err := startAgent(p, srv, dom, user, pass); err != nil {
		return fmt.Errorf("can't start factotum: %w", err)
	}
	if err := newns(p, "/lib/namespace", nil); err != nil {
		return fmt.Errorf("can't build name space: %w", err)
	}
	if err := mountfile(p, "#s/"+srv, "/mnt", ns.MBEFORE, false, ""); err != nil {
		return fmt.Errorf("can't mount factotum: %w", err)
	}
	p.Remove("#s/" + srv)
	loginEnv(p, user)
	if p.Chdir("/usr/"+user) != nil {
		p.Chdir("/")
	}
	return nil
}

// startAgent starts a factotum with a user's key, posted under a name for the time
// until the name space is made.
func startAgent(p *proc.Proc, name, dom, user, pass string) error {
	a := &agent{dialer: &authdialer{}, server: server{name: name, mtpt: "/mnt", flag: ns.MBEFORE, hide: true}}
	if err := a.start(p); err != nil {
		return err
	}
	line := fmt.Appendf(nil, "key proto=dp9ik dom=%s user=%s !password=%s", ninep.Quote(dom), ninep.Quote(user), ninep.Quote(pass))
	defer clear(line)
	return a.f.Ctl(line)
}

// loginEnv makes the environment of somebody who comes to the console.
func loginEnv(p *proc.Proc, user string) {
	kept := map[string]string{"service": "con", "user": user, "home": "/usr/" + user}
	for _, name := range []string{"cputype", "objtype", "sysname", "timezone", "prompt"} {
		if val, err := p.ReadFile("#e/" + name); err == nil {
			kept[name] = string(val)
		}
	}
	p.Rfork(proc.RFCENVG)
	for name, val := range kept {
		setenv(p, name, val)
	}
}
