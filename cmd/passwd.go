package cmd

import (
	"errors"
	"fmt"
	"strings"

	"ufo/auth"
	"ufo/proc"
)

// passwd - change user password
//
// Passwd changes the user's password on the authentication server, his secret for
// protocols that are not Plan 9's, or both. It asks for the old password, then for
// what is to be changed, each twice. A password has at least eight characters. In
// a script the answers are lines of the standard input.
//
// The argument says whose password it is, and in which authentication domain, if
// that is not the user's on this machine. The server is what the network database
// has as auth for that domain, or for this machine.
//
//	-1  authenticate with p9sk1, for servers that know nothing better
//
// # EXAMPLES
//
//	% passwd
//	Password:
//	change Plan 9 Password? [y/n]: y
//	Password:
//	Confirm password:
//	change Inferno/POP secret? [y/n]: n
//
// # FILES
//
//	/lib/ndb/local
//
// # SEE ALSO
//
// ndb(6), authsrv(8), changeuser(8)
//
// # DIAGNOSTICS
//
// What the server does not take is told as refused, and asked for again.
func passwdMain(p *proc.Proc) error {
	legacy := false
	arg := argbegin(p, "[-1] [user[@domain]]")
	for c := range arg.flags() {
		if c != '1' {
			arg.usage()
		}
		legacy = true
	}
	user, dom := p.User(), ""
	switch len(arg.args) {
	case 0:
	case 1:
		var name string
		if name, dom, _ = strings.Cut(arg.args[0], "@"); name != "" {
			user = name
		}
	default:
		arg.usage()
	}
	private(p)
	addr := authAddr(p, dom)
	old, err := getpass(p, false, false)
	for err == nil {
		var r *auth.Passwordreq
		if r, err = askChange(p, old); err != nil {
			break
		}
		if err = changePassword(p, addr, user, r, legacy); err == nil {
			return nil
		}
		if refused := auth.Refusal(""); errors.As(err, &refused) {
			fmt.Fprintf(p.Stderr(), "passwd: refused: %v\n", err)
			err = nil
		} else if errors.Is(err, auth.ErrBadKey) {
			err = errors.New("bad password")
		}
	}
	return fatal(p, "%v", err)
}

// askChange asks what is to be changed.
func askChange(p *proc.Proc, old string) (*auth.Passwordreq, error) {
	r := &auth.Passwordreq{Old: old}
	yes, err := answer(p, "change Plan 9 Password?")
	if err == nil && yes {
		r.New, err = getpass(p, false, true)
	}
	if err != nil {
		return nil, err
	}
	if r.ChangeSecret, err = answer(p, "change Inferno/POP secret?"); err != nil || !r.ChangeSecret {
		return r, err
	}
	if yes, err = answer(p, "make it the same as your plan 9 password?"); err != nil {
		return nil, err
	}
	switch {
	case !yes:
		r.Secret, err = getpass(p, false, true)
	case r.New != "":
		r.Secret = r.New
	default:
		r.Secret = old
	}
	return r, err
}

// changePassword calls the authentication server and changes a password.
func changePassword(p *proc.Proc, addr, user string, r *auth.Passwordreq, legacy bool) error {
	c, err := dial(p, addr)
	if err != nil {
		return fmt.Errorf("dial %s: %w", addr, err)
	}
	defer c.close(p)
	return auth.ChangePassword(p.FD(c.fd), user, r, legacy)
}

// authAddr returns the address of the authentication server of a domain; of this
// machine's if dom is empty.
func authAddr(p *proc.Proc, dom string) string {
	host := "$auth"
	if dom != "" {
		host = (&authdialer{view: p.View}).servers(p.Context(), dom)[0]
	}
	return netmkaddr(host, "net", "ticket")
}
