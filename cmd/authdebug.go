package cmd

import (
	"context"
	"errors"
	"fmt"
	"io"

	"ufo/auth"
	"ufo/proc"
)

// auth/debug - test keys
//
// Debug goes through the keys of dp9ik and p9sk1 that the user's factotum(4) has, and,
// where the user may read it, the one that the machine remembers in nvram. For
// each it looks for the authentication server of the domain as factotum does, dials
// it, and has a ticket asked for. What comes of each step is a line; the
// exit status tells that of the last one that failed.
//
// Nothing has to be typed: the ticket is got by factotum, for a server that is
// played by debug itself. So it is also told whether factotum can do what is asked
// of it.
//
// # EXAMPLES
//
// A key that is right, one with another password than the authentication server
// knows, and one of a domain without such a server:
//
//	% auth/debug
//	key: proto=dp9ik dom=lab.local user=glenda !password?
//	    dialing auth server net!n1!ticket
//	    successfully dialed auth server
//	    ticket request using glenda@lab.local key succeeded
//	key: proto=dp9ik dom=lab.local user=ken !password?
//	    dialing auth server net!n1!ticket
//	    successfully dialed auth server
//	    auth server and you do not agree on key for ken@lab.local
//	key: proto=dp9ik dom=elsewhere user=glenda !password?
//	    csquery authdom=elsewhere auth=* failed
//	    csquery dom=elsewhere auth=* failed
//	    dialing auth server net!p9auth.elsewhere!ticket
//	    cannot dial auth server: net!p9auth.elsewhere!ticket: cs: ...
//
// # FILES
//
//	/mnt/factotum/ctl
//	/mnt/factotum/rpc
//	#r/nvram
//	    or what $nvram names
//	/lib/ndb/local
//
// # SEE ALSO
//
// explain(1), factotum(4), ndb(6), authsrv(8), netaudit(8), status(8)
//
// # DIAGNOSTICS
//
// That there is no agreement on a key can mean that the password is another one, or
// that the user is not there, disabled, or his account expired: an authentication
// server says nobody which. Its log does.
//
// # BUGS
//
// A key that proves to be bad becomes disabled=by.factotum, as by any other use,
// unless it has been right before, or factotum runs with -S.
//
// Clocks are not compared, as nothing that is said here has a time in it: dp9ik and
// p9sk1 work between machines with different ideas of the time. Only accounts
// expire, by the clock of the authentication server.
func authdebugMain(p *proc.Proc) error {
	arg := argbegin(p, "")
	arg.noflags()
	if len(arg.args) > 0 {
		arg.usage()
	}
	private(p)
	d := keydebug{p: p, out: p.Stdout(), dialer: &authdialer{view: p.View}}
	d.factotum()
	d.nvram()
	return d.last
}

// A keydebug is one run of auth/debug.
type keydebug struct {
	p      *proc.Proc
	out    io.Writer
	dialer *authdialer
	last   error // the last thing that went wrong
}

func (d *keydebug) printf(format string, a ...any) { fmt.Fprintf(d.out, format+"\n", a...) }

// fail prints what went wrong with a key.
func (d *keydebug) fail(format string, a ...any) {
	d.last = fmt.Errorf(format, a...)
	d.printf("\t%v", d.last)
}

// factotum tests the keys of factotum.
func (d *keydebug) factotum() {
	keys, err := ticketKeys(d.p)
	if err != nil {
		d.last = fmt.Errorf("cannot open %s: %w", factotumCtl, err)
		warn(d.p, "%v", d.last)
		return
	}
	for _, k := range keys {
		d.printf("key: %s", k.line)
		switch {
		case k.disabled != "":
			d.fail("key is disabled %s", k.disabled)
		case k.role != "" && k.role != "client":
			d.printf("\tonly for role=%s: not tested", k.role)
		case d.dial(k.dom):
			d.outcome(k, k.try(d.p))
		}
	}
	if len(keys) == 0 {
		d.last = errors.New("no p9sk1/dp9ik keys found in factotum")
		d.printf("%v", d.last)
	}
}

// nvram tests the key of the machine, if it has one that the user may read.
func (d *keydebug) nvram() {
	nv, err := readNvram(d.p)
	if err != nil {
		return
	}
	defer nv.Key.Zero()
	for _, k := range []*ticketkey{{proto: "dp9ik", dom: nv.Authdom, user: nv.Authid}, {proto: "p9sk1", dom: nv.Authdom, user: nv.Authid}} {
		if k.proto == "dp9ik" && !nv.Key.HasAES() || k.proto == "p9sk1" && !nv.Key.HasDES() {
			continue
		}
		d.printf("key in %s: proto=%s dom=%s user=%s", nvramFile(d.p), k.proto, k.dom, k.user)
		if d.dial(k.dom) {
			d.outcome(k, k.tryNvram(d.p.Context(), d.dialer, &nv.Key))
		}
	}
}

// dial looks for the authentication server of a domain and dials it.
func (d *keydebug) dial(dom string) bool {
	ctx := d.p.Context()
	if len(d.dialer.query(ctx, "authdom", dom)) == 0 {
		d.printf("\tcsquery authdom=%s auth=* failed", quoteAttr(dom))
		if len(d.dialer.query(ctx, "dom", dom)) == 0 {
			d.printf("\tcsquery dom=%s auth=* failed", quoteAttr(dom))
		}
	}
	for _, s := range d.dialer.servers(ctx, dom) {
		d.printf("\tdialing auth server %s", netmkaddr(s, "", "ticket"))
	}
	conn, _, err := d.dialer.dial(ctx, dom)
	if err != nil {
		d.fail("cannot dial auth server: %w", err)
		return false
	}
	conn.Close()
	d.printf("\tsuccessfully dialed auth server")
	return true
}

// outcome prints what came of a ticket request.
func (d *keydebug) outcome(k *ticketkey, err error) {
	switch {
	case err == nil:
		d.printf("\tticket request using %v key succeeded", k)
	case errors.Is(err, auth.ErrBadKey):
		d.fail("auth server and you do not agree on key for %v", k)
	default:
		d.fail("ticket request using %v key failed: %w", k, err)
	}
}

// dialer returns the Dial of an auth.Config, and notes what goes wrong.
func (d *authdialer) dialer(failed *error) func(ctx context.Context, dom string) (io.ReadWriteCloser, error) {
	return func(ctx context.Context, dom string) (io.ReadWriteCloser, error) {
		conn, _, err := d.dial(ctx, dom)
		*failed = err
		return conn, err
	}
}
