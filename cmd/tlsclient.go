package cmd

import (
	"errors"
	"fmt"
	"strings"

	"ufo/ninep"
	"ufo/proc"
)

// tlsclient - TLS client
//
// Tlsclient calls address, makes the handshake of a TLS client on the connection,
// and copies between that and its standard input and output until one of the two
// ends. If there is a cmd, that is executed in its place, with the connection as its
// standard input and output.
//
//	-a  have factotum(4) show the server first who one is, by p9any; both
//	    sides know a secret then, which is the key
//	-k  the key to authenticate with must fit keyspec, a pattern of
//	    factotum's; one that is missing is asked for on the console
//	-o  address is a file, opened to read and write, not to be dialed
//	-D  tell of the handshake
//
// # EXAMPLES
//
// Who does n2 take me for? There must be a service for the question: see
// tlssrv(8).
//
//	tlsclient -a tcp!n2!5555
//
// # FILES
//
//	/mnt/factotum/rpc
//
// # SEE ALSO
//
// aux/dial(1), rcpu(1), dial(2), tls(3), factotum(4), tlssrv(8)
//
// # BUGS
//
// There are no certificates: -c, -d, -n, -t and -x do not exist, and without
// -a there is no key.
func tlsclientMain(p *proc.Proc) error {
	var c tlsclient
	arg := argbegin(p, "[-D] [-a] [-k keyspec] [-o] address [cmd [args ...]]")
	for f := range arg.flags() {
		switch f {
		case 'D':
			c.debug = true
		case 'a':
			c.auth = true
		case 'k':
			c.keyspec = arg.eargf()
		case 'o':
			c.file = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	addr, cmd := arg.args[0], arg.args[1:]
	fd, err := c.connect(p, addr)
	if err != nil {
		return fatal(p, "%v", err)
	}
	if len(cmd) == 0 {
		return passBoth(p, fd, false)
	}
	p.Dup(fd, 0)
	p.Dup(fd, 1)
	if fd > 2 {
		p.Close(fd)
	}
	return fatal(p, "exec: %v", execpath(p, cmd))
}

// A tlsclient is what one tlsclient is asked to do.
type tlsclient struct {
	auth, file, debug bool
	keyspec           string
}

// connect returns the descriptor of an encrypted connection.
func (c *tlsclient) connect(p *proc.Proc, addr string) (int, error) {
	if !c.auth {
		return -1, errors.New("no shared secret: there are no certificates")
	}
	fd, err := c.dial(p, addr)
	if err != nil {
		return -1, fmt.Errorf("dial %s: %w", addr, err)
	}
	info, err := authProxy(p, fd, authGetkey, strings.TrimSpace("proto=p9any role=client "+c.keyspec))
	if err != nil {
		return -1, fmt.Errorf("%s: %w", addr, err)
	}
	defer info.Zero()
	err = within(p, tlsPatience, func() error {
		fd, err = tlsClient(p, fd, info)
		return err
	})
	if err != nil {
		return -1, fmt.Errorf("%s: %w", addr, err)
	}
	if c.debug {
		warn(p, "tls reports open: %s as %s", addr, info.Suid)
	}
	return fd, nil
}

// dial makes the connection.
func (c *tlsclient) dial(p *proc.Proc, addr string) (fd int, err error) {
	if c.file {
		return p.Open(addr, ninep.ORDWR)
	}
	err = within(p, dialTime, func() error {
		conn, err := dial(p, addr)
		if err == nil {
			fd = conn.fd
			p.Close(conn.ctl)
		}
		return err
	})
	return fd, err
}
