package cmd

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// tlssrv - TLS server
//
// Tlssrv makes the handshake of a TLS server on its descriptors 0 and 1, which must
// be one connection, and executes cmd with those of the encrypted connection in their
// place. It is usually started by a service of listen(8). Before that it has
// factotum(4) find out who calls, by p9any; both sides know a secret then, which
// is the key.
//
//	-a  become the user who calls, in a new name space as
//	    /lib/namespace has it, by a capability: cap(3)
//	-A  stay who one is, whoever of those known calls
//	-k  the key to authenticate with must fit keyspec, a pattern of
//	    factotum's
//	-D  tell of the handshake, too
//	-l  tell what failed in the file logfile of /sys/log, not on
//	    descriptor 2
//	-r  name the caller in it: remotesys
//
// Who has not shown within a minute who he is, is hung up on.
//
// # EXAMPLES
//
// A service that tells its callers, and nobody else, who they are: see tlsclient(8)
// for the other side.
//
//	#!/bin/rc
//	exec tlssrv -a /bin/cat /dev/user
//
// # FILES
//
//	/mnt/factotum/rpc
//	/srv/factotum
//	    as the caller's /mnt, after -a
//	/rc/bin/service/tcp17019, /rc/bin/service/tcp17020
//
// # SEE ALSO
//
// rcpu(1), tls(3), factotum(4), listen(8), tlsclient(8)
//
// # BUGS
//
// There are no certificates: -c does not exist, and without -a or -A there
// is no key.
func tlssrvMain(p *proc.Proc) error {
	s := tlsserver{p: p}
	arg := argbegin(p, "[-D] [-aA] [-k keyspec] [-l logfile] [-r remotesys] cmd [args ...]")
	for c := range arg.flags() {
		switch c {
		case 'D':
			s.debug = true
		case 'a':
			s.auth, s.become = true, true
		case 'A':
			s.auth, s.become = true, false
		case 'k':
			s.keyspec = arg.eargf()
		case 'l':
			s.logfile = arg.eargf()
		case 'r':
			s.remote = arg.eargf()
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	if err := s.run(); err != nil {
		s.report("%v", err)
		return err
	}
	err := p.Exec(arg.args[0], arg.args)
	s.report("can't exec %s: %v", arg.args[0], err)
	return status("exec")
}

// tlsPatience is how long a caller may take to show who he is.
const tlsPatience = time.Minute

// A tlsserver is what one tlssrv is asked to do.
type tlsserver struct {
	p               *proc.Proc
	auth, become    bool
	debug           bool
	keyspec         string
	logfile, remote string
}

// report tells what happened to who wants to know.
func (s *tlsserver) report(format string, a ...any) {
	text := strings.TrimSpace(s.remote + " " + fmt.Sprintf(format, a...))
	if s.logfile != "" {
		syslog(s.p, false, s.logfile, "%s", text)
		return
	}
	warn(s.p, "%s", text)
}

// run makes the descriptors 0 and 1 those of the encrypted connection.
func (s *tlsserver) run() error {
	if !s.auth {
		return errors.New("no certificate or shared secret")
	}
	fd := 0
	err := within(s.p, tlsPatience, func() error {
		info, err := authProxy(s.p, 0, nil, strings.TrimSpace("proto=p9any role=server "+s.keyspec))
		if err != nil {
			return err
		}
		defer info.Zero()
		if s.become {
			if err := s.chuid(info); err != nil {
				return err
			}
		}
		if fd, err = tlsServer(s.p, 0, info); err != nil {
			return fmt.Errorf("%s: %w", info.Suid, err)
		}
		if s.debug {
			s.report("tls reports open: %s", info.Suid)
		}
		return nil
	})
	if err != nil {
		return err
	}
	s.p.Dup(fd, 0)
	s.p.Dup(fd, 1)
	if fd > 1 {
		s.p.Close(fd)
	}
	return nil
}

// chuid becomes the user who called, and gives him the connection.
func (s *tlsserver) chuid(info *auth.Info) error {
	if err := authChuid(s.p, info, "/lib/namespace"); err != nil {
		return fmt.Errorf("auth_chuid: %s: %w", info.Suid, err)
	}
	d := ninep.NullDir
	d.Mode, d.UID = 0660, info.Cuid
	s.p.Fwstat(0, d) // a pipe has no owner to change
	return nil
}
