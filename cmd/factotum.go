package cmd

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"ufo/auth"
	"ufo/cmd/factotum"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// auth/factotum - authentication agent
//
// Factotum holds the keys of a user, the owner of its process, and speaks for him
// the protocols in which it is shown who one is: no other program has to know a
// password, or a protocol. It mounts itself before what is in mtpt, by default /mnt,
// and has there a directory factotum:
//
//	ctl      takes keys, and reads them without what is secret
//	rpc      each opening is a conversation, of a client or a server
//	proto    the protocols
//	confirm  asks whether a key may be used
//	needkey  asks for a key that is missing
//	log      what was done, a line to a read
//
// Ctl is read by everybody, who sees the keys that he may use. It is written, and
// the last three are opened, by the owner alone, and those by one program at a
// time. Who does not mount it but speaks 9P with the file in /srv, as another machine
// would, or through an exportfs(4) whose user is another, is none. The keys are in memory only, and overwritten when they are deleted.
//
//	-a  call the authentication server asaddr, in the place of those
//	    that the network database has as auth in the entry of a
//	    domain, authdom; may be repeated
//	-m  mount on mtpt
//	-s  post the server as /srv/srvname, too, for everybody
//	-S  the agent of a machine: take the key of its owner from
//	    #r/nvram; ask for no other, and disable none, unless the
//	    machine is a terminal, at which somebody sits
//	-o  use p9sk1, too, the protocol of old machines: who hears it can
//	    try out passwords. A machine's own does if ndb(6) has
//	    authproto=p9sk1 for it
//	-u  ask who owns the machine, and write it to /dev/hostowner
//	-n  do not look for a secstore
//	-p  let debuggers look
//	-d  print the log on the standard error, and each step of a
//	    conversation in it
//	-D  trace the 9P messages on the standard error, without the data
//	-g  start nothing: ask on the console for what is missing of a
//	    key, the attributes with ?, and add it in /mnt/factotum/ctl.
//	    Secrets are not shown when they are typed.
//
// Keys. A key is attributes with values, quoted as in rc(1); the value of one that
// begins with ! is secret. What it must have beside proto depends on that:
//
//	dp9ik, p9sk1       user, dom, and !password or !hex, the key itself
//	pass               user, !password
//	apop, cram, chap   !password, and by custom server and user
//	httpdigest         user, realm, !password
//
// Others are for those who look for a key, but some mean something: role=client,
// server or speakfor is the only use of the key, owner=name lets another user use
// it, owner=* everybody, with confirm each use has to be confirmed, disabled is not
// used at all. A key that the authentication server does not know becomes
// disabled=by.factotum, unless it has been right before.
//
// A pattern is also attributes: attr=value wants that value, attr? any, attr the empty
// one; role and disabled matter only to keys that have them. Ctl takes
//
//	key attr=value ...  adds a key, one for each proto, in the place
//	                    of one with the same attributes but secrets
//	delkey pattern      deletes all keys that fit
//	debug               logs each step, or no more
//
// Secstore. Without -n, keys can be kept where others cannot read them: factotum logs
// in to a secstore as secstore(1) does, with a password that it asks for, and does what
// the lines of the user's file factotum there say, as if they were written to ctl. With
// -S the password is in nvram, or there is none. Nobody is asked if no server
// answers.
//
// Conversations. A program writes a request to rpc and then reads the reply:
//
//	start pattern  begins: proto, role=client, server or login, and
//	               what else a key must have
//	read           asks for what is to be sent to the other side
//	write data     gives what came from it
//	authinfo       asks who has proved to be whom, and for the secret
//	               that both sides have from now on
//	attr           asks for the attributes
//
// The reply is ok, perhaps with data; done or done haveai at the end, in the second
// case authinfo has something; error and why; phase, if it is the other side's turn;
// toosmall n, if so many bytes are wanted; needkey and a template, for a key
// that has to be added before the request is made again; badkey, a template and on a
// second line who refused which key, or which is disabled, for one in its place; protocol not started.
//
// P9any agrees on dp9ik or p9sk1 and a domain. A client asks the domain's
// authentication server for tickets with a key of its user; others than the owner,
// who have no key, can have the owner speak for them, if that server permits it. A server
// uses a key of factotum's owner, and can run as anybody: authinfo has a capability
// for it to become the client's user; see cap(3). Role=login, of dp9ik and p9sk1, takes
// a name and a password in the place of messages. Pass reads both in the
// clear.
//
// In apop, cram and chap the client answers a challenge, and neither side has a secret
// afterwards. The server reads the challenge, and writes the user's name and his
// answer: of chap its number and 16 bytes, else 32 digits. The authentication server
// makes the challenge and knows the users' secrets; factotum calls it with a key of its owner,
// of dp9ik or p9sk1. After a wrong answer another name and answer may be written.
//
// Questions. Confirm and needkey read a line for each question,
//
//	confirm tag=n attr=value ...
//	needkey tag=n attr=value ... attr? ...
//
// to be answered by writing tag=n answer=yes, or no; and tag=n, or tag=n error=text.
// Who asks waits for it. While confirm is not open a key with that attribute
// is not used.
//
// # EXAMPLES
//
// A key, what can be seen of it, and its end:
//
//	auth/factotum
//	cd /mnt/factotum
//	echo 'key proto=dp9ik dom=lab user=glenda !password=secret' >ctl
//	cat ctl
//	echo 'delkey user=glenda' >ctl
//
// Without the password on the screen:
//
//	auth/factotum -g 'proto=dp9ik dom=lab user? !password?'
//
// # FILES
//
//	/mnt/factotum
//	#¤/caphash  where capabilities are made known
//	#r/nvram    the key of a machine's owner
//	#ec/service whether the machine is a terminal
//	#ec/auth, #ec/authdom
//	            the authentication server, as long as there is no
//	            network database
//
// # SEE ALSO
//
// mount(1), secstore(1), auth(2), fauth(2), cap(3), rtc(3), attach(5), authsrv(6),
// ndb(6), cs(8), debug(8), secstored(8), userpasswd(8), wrkey(8)
//
// # DIAGNOSTICS
//
// Of a conversation that fails, error and the log tell the key that was tried and
// the address of the authentication server.
//
// There are at most 1024 conversations at a time. For another one of those ends, any,
// of the user who has most; what it is asked then draws too much activity.
//
// # BUGS
//
// Nvram is written by wrkey(8), and not by -k, which there is not.
//
// When a machine starts its factotum, nothing tells it yet where $auth is: keys from a
// secstore have to be added later, by a line in /rc/bin/cpurc.local:
//
//	auth/secstore -n -G factotum >/mnt/factotum/ctl
//
// A client of apop, cram and chap has to answer within 30 seconds. Of the protocols of
// Plan 9, p9cr, mschap and its kin, ntlm, rsa, ecdsa, vnc and wpapsk do not exist.
//
// A key line must have values for all its attributes, and the domain and user of
// dp9ik and p9sk1 no blanks.
func factotumMain(p *proc.Proc) error {
	a := &agent{dialer: &authdialer{}, server: server{mtpt: "/mnt", flag: ns.MBEFORE, perm: 0666, hide: true}}
	ask, user, secstore := false, false, true
	arg := argbegin(p, "[-DdnopuS] [-a asaddr] [-s srvname] [-m mtpt]\n-g attribute=value ... attribute? ...")
	for c := range arg.flags() {
		switch {
		case a.take(c):
		case c == 'n':
			secstore = false
		case c == 'a':
			a.dialer.addrs = append(a.dialer.addrs, arg.eargf())
		case c == 's':
			a.server.name = arg.eargf()
		case c == 'm':
			a.server.mtpt = arg.eargf()
		case c == 'u':
			user = true
		case c == 'g':
			ask = true
		default:
			arg.usage()
		}
	}
	if ask != (len(arg.args) > 0) || user && a.cfg.Server {
		arg.usage()
	}
	var err error
	if ask {
		err = askKey(p, strings.Join(arg.args, " "))
	} else {
		if user {
			askOwner(p)
		}
		if err = a.start(p); err == nil && secstore {
			a.fetch(p)
		}
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// take takes a flag without an argument, if it is one of the server's.
func (a *agent) take(c rune) bool {
	switch c {
	case 'D':
		a.server.trace = true
	case 'd':
		a.cfg.Chat = true
	case 'o':
		a.cfg.Legacy = true
	case 'p':
		a.open = true
	case 'S':
		a.cfg.Server = true
	default:
		return false
	}
	return true
}

// start starts the server.
func (a *agent) start(p *proc.Proc) error {
	a.cfg.Owner = p.User()
	a.cfg.Asks = machineKind(p) == "terminal"
	a.cfg.Dial, a.cfg.Caphash, a.cfg.Debug = a.dialer.dial, a.writeHash, a.debug
	a.f = factotum.New(a.cfg)
	srv := a.server
	srv.Server, srv.stderr, srv.init, srv.close = a, a.cfg.Chat, a.init, a.close
	if err := srv.start(p); err != nil {
		return err
	}
	if a.nvram != nil {
		warn(p, "warning: cannot read nvram: %v", a.nvram)
	}
	return nil
}

// An agent is a factotum as the server of a process.
type agent struct {
	server server
	cfg    factotum.Config
	f      *factotum.Factotum
	dialer *authdialer
	open   bool // debuggers may look

	// Of the server's process; not changed when it serves.
	caphash *ns.Chan       // nil: there are no capabilities
	stderr  io.WriteCloser // nil: nothing is printed
	nvram   error          // why there is no key of the machine
	secret  string         // what the machine's memory has as the password of a secstore
}

// Attach returns the root. Only of who mounts it in this kernel is it known who he
// is: who speaks 9P with the file in /srv, from another machine perhaps, could say any
// name, and so could he to a user's exportfs.
func (a *agent) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if callingUser(ctx, user) != user {
		user = "none"
	}
	return a.f.Attach(ctx, user, spec)
}

// init is run by the server's process before there are clients.
func (a *agent) init(s *proc.Proc) error {
	if !a.open && !a.cfg.Chat {
		s.SetPrivate()
	}
	a.dialer.view = s.View
	// It may be that nobody can open it later: see cap(3).
	if c, err := s.View().Open(s.Context(), "#¤/caphash", ninep.OWRITE); err == nil {
		a.caphash = c
	}
	if a.cfg.Chat {
		w, err := s.Conn(2)
		if err != nil {
			return err
		}
		a.stderr = w
	}
	if a.cfg.Server {
		a.nvram = a.readNvram(s)
	}
	return nil
}

// readNvram takes the key of the machine's owner from its memory, if there is one and
// somebody has told it something.
func (a *agent) readNvram(s *proc.Proc) error {
	b, err := s.ReadFile("#r/nvram")
	defer clear(b)
	switch {
	case errors.Is(err, ninep.ErrBadSharp) || err == nil && len(bytes.Trim(b, "\x00")) == 0:
		return nil
	case err != nil:
		return err
	}
	n, err := auth.ParseNvram(b)
	if err != nil {
		return err
	}
	defer n.Key.Zero()
	a.secret = n.Config
	return a.f.AddNvram(n)
}

// close is called when the server's process ends.
func (a *agent) close() {
	a.f.Close()
	if a.caphash != nil {
		a.caphash.Close()
	}
	if a.stderr != nil {
		a.stderr.Close()
	}
}

// writeHash gives the kernel the hash of a capability.
func (a *agent) writeHash(ctx context.Context, hash []byte) error {
	if a.caphash == nil {
		return errNoCaps
	}
	_, err := a.caphash.WriteAt(ctx, hash, 0)
	return err
}

var errNoCaps = errors.New("there are no capabilities")

// debug prints a line of the log.
func (a *agent) debug(line string) {
	if a.stderr != nil {
		fmt.Fprintln(a.stderr, line)
	}
}

// askOwner asks for the owner of the machine, and tells the kernel.
func askOwner(p *proc.Proc) {
	user := getenv(p, "user")
	for user == "" {
		b, err := readcons(p, "user", "glenda", false)
		if err != nil {
			return
		}
		user = string(b)
	}
	user, _, _ = strings.Cut(user, "@")
	if err := p.WriteFile("/dev/hostowner", []byte(user)); err != nil {
		warn(p, "setting /dev/hostowner to %s: %v", ninep.Quote(user), err)
	}
}
