package cmd

import (
	"bytes"
	"fmt"
	"path"
	"strings"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// import - import a name space from a remote system
//
// Import calls system and mounts a part of its name space here: the tree
// below file there appears at mountpoint, by default under its own name. The
// options -a, -b, -c, -C and -q are those of mount(1).
//
//	-s  post the connection as /srv/service, too
//	-r  call again whenever the connection ends, as srv(4) says of its -r
//	-n  do not authenticate
//	-p  keep the connection itself over a network that fails, by an
//	    aan(8) at each end: open devices survive that, and not -r. It is
//	    encrypted if import has proved who the user is
//
// The other end is an exportfs(4), which listen(8) starts for calls to port
// 17007. If the machine has an authentication domain, which is in
// /dev/hostdomain, import first proves by factotum(4) who the user is, and he is that
// user there, too: on each connection anew.
//
// # EXAMPLES
//
// The processes of another machine, in this name space only:
//
//	rfork n
//	import n2 /proc
//	ps
//
// Call others through another machine's network:
//
//	import n1 /net /net.alt
//	srv /net.alt/tcp!n4!564
//
// # FILES
//
//	/rc/bin/cpurc, /rc/bin/termrc
//	/mnt/factotum/rpc
//
// # SEE ALSO
//
// mount(1), rcpu(1), exportfs(4), factotum(4), srv(4), aan(8), listen(8)
//
// # BUGS
//
// A machine that authenticates cannot import from one that does not, without -n:
// each waits for the other.
//
// A key that is missing is not asked for, and there is no encryption without -p: -A, -E, -e, -k
// and -z of the import of Plan 9 do not exist, nor does -m.
func importMain(p *proc.Proc) error {
	var f bindflags
	name, again, keep, prove := "", false, false, inDomain(p)
	arg := argbegin(p, "[-abcCnpqr] [-s service] system file [mountpoint]")
	for c := range arg.flags() {
		switch {
		case f.take(c, "abcCq"):
		case c == 'n':
			prove = false
		case c == 'r':
			again = true
		case c == 'p':
			keep = true
		case c == 's':
			name = path.Base(arg.eargf())
		default:
			arg.usage()
		}
	}
	n := len(arg.args)
	if n < 2 || n > 3 || f.bad() {
		arg.usage()
	}
	system, mtpt := arg.args[0], arg.args[n-1] // the tree's own name, if there is no other
	call := func(p *proc.Proc) (int, error) { return connectTree(p, system, arg.args[1], prove, keep) }
	var err error
	if again {
		srv := redialing(call, false)
		srv.name, srv.mtpt, srv.flag = name, mtpt, f.flag
		connect := srv.init
		srv.init = func(s *proc.Proc) error {
			err := connect(s)
			if err == nil && name != "" {
				s.Remove("/srv/" + name)
			}
			return err
		}
		err = srv.start(p)
	} else {
		err = importOnce(p, call, name, mtpt, f.flag)
	}
	if err != nil && !f.quiet {
		return fatal(p, "%s: %v", system, err)
	}
	return nil
}

// connectTree returns the descriptor of a connection to a tree of a system, through an
// aan if that is to keep it.
func connectTree(p *proc.Proc, system, tree string, prove, keep bool) (fd int, err error) {
	err = within(p, dialTime, func() error {
		addr := netmkaddr(system, "", "exportfs")
		var info *auth.Info
		if fd, info, err = callTree(p, addr, tree, prove); err != nil {
			return err
		}
		defer info.Zero()
		if keep {
			fd, err = throughAan(p, fd, addr, aanMaxto, info)
		}
		return err
	})
	return fd, err
}

// importOnce calls a tree, posts the connection if it is to have a name, and mounts
// it.
func importOnce(p *proc.Proc, call func(*proc.Proc) (int, error), name, mtpt string, flag int) error {
	fd, err := call(p)
	if err == nil && name != "" {
		err = repost(p, name, fd)
	}
	if err != nil {
		return err
	}
	return p.Mount(fd, -1, mtpt, flag, "")
}

// callTree calls the exportfs at addr and asks for a tree, with prove after it was
// shown who the user is. It returns the descriptor of the connection, and what the
// authentication came to.
func callTree(p *proc.Proc, addr, tree string, prove bool) (int, *auth.Info, error) {
	c, err := dial(p, addr)
	if err != nil {
		return -1, nil, err
	}
	p.Close(c.ctl)
	info := new(auth.Info)
	if prove {
		info, err = authProxy(p, c.fd, nil, "proto=p9any role=client")
	}
	if err == nil {
		err = askTree(p, c.fd, tree)
	}
	if err != nil {
		p.Close(c.fd)
		return -1, nil, err
	}
	return c.fd, info, nil
}

// inDomain reports whether the machine has an authentication domain, whose services
// want to know who calls.
func inDomain(p *proc.Proc) bool {
	b, _ := p.ReadFile("#c/hostdomain")
	return len(b) > 0
}

// askTree speaks the client's part of exportfs's handshake.
func askTree(p *proc.Proc, fd int, tree string) error {
	if _, err := p.Write(fd, []byte(tree)); err != nil {
		return fmt.Errorf("can't write tree: %w", err)
	}
	b := make([]byte, 256)
	n, err := p.Read(fd, b)
	switch {
	case err != nil:
		return fmt.Errorf("can't read tree: %w", err)
	case n == 0:
		return fmt.Errorf("can't read tree: %w", ninep.ErrHungup)
	case string(b[:n]) != "OK":
		return fmt.Errorf("bad remote tree: %s", bytes.TrimRight(b[:n], "\x00"))
	}
	return nil
}

// throughAan asks the exportfs at addr, with which fd is a connection, for an aan
// to call, and returns a descriptor of what goes through that; fd is closed. If the
// two share a secret, that is encrypted: anybody could call the aan there.
func throughAan(p *proc.Proc, fd int, addr string, maxto time.Duration, info *auth.Info) (int, error) {
	defer p.Close(fd)
	request := "impo aan clear\n"
	if len(info.Secret) > 0 {
		request = "impo aan tls\n"
	}
	if _, err := p.Write(fd, []byte(request)); err != nil {
		return -1, err
	}
	b := make([]byte, 256)
	n, err := p.Read(fd, b)
	if err != nil {
		return -1, fmt.Errorf("can't read remote port: %w", err)
	}
	reply := strings.TrimSpace(string(b[:n]))
	i := strings.LastIndexByte(reply, '!')
	if i < 0 {
		return -1, fmt.Errorf("malformed remote port: %s", reply)
	}
	addr = addr[:strings.LastIndexByte(addr, '!')] + reply[i:]
	kept, err := aanEnd{addr: addr, maxto: maxto}.start(p, -1)
	if err != nil || len(info.Secret) == 0 {
		return kept, err
	}
	return tlsClient(p, kept, info)
}

// repost posts fd as /srv/name in the place of what has the name.
func repost(p *proc.Proc, name string, fd int) error {
	p.Remove("/srv/" + name)
	srvfd, err := postfd(p, name, fd, 0, 0600)
	if err != nil {
		return err
	}
	return p.Close(srvfd)
}
