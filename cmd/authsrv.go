package cmd

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"ufo/auth"
	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/proc"
)

// authsrv - authentication server
//
// Authsrv answers requests on its descriptors 0 and 1: for tickets, of dp9ik, to
// change passwords, and to challenge clients of APOP, CRAM and CHAP, who must know
// a user's secret. It is started by listen(8) for each call to
// tcp port 567, as the owner of the host, where keyfs(4) has the users in
// /mnt/keys. The argument is the directory of the connection; it is used to say in
// the log who calls.
//
//	-1  also give tickets of p9sk1, which are encrypted with DES: anybody
//	    can get one and try passwords on it at home. The script of listen
//	    says so if ndb(6) has authproto=p9sk1 for the machine
//	-N  do not: as without -1
//	-d  print on descriptor 2 what is logged
//
// Who calls is not told whether there is a user, and has to wait as long for one as
// for the other. The second attempt of a call waits a second, each further one
// twice as long as the one before, up to half a minute; that nobody makes as many
// calls as he likes instead is the affair of listen's -r. A conversation ends after
// ten minutes.
//
// Everybody may get tickets for himself. Who may speak for others, as the owners
// of servers do, says /lib/ndb/auth: the first entry with his name as hostid has
// their names as uid; * is everybody, and an exclamation mark before a name makes it
// one for whom he may not speak, whatever else there is.
//
//	hostid=bootes
//		uid=!sys uid=!adm uid=*
//
// A user who changes his password must know the old one. That he did not, or did not
// answer a challenge well, is noted in his log, see keyfs(4).
//
// # FILES
//
//	/mnt/keys
//	/lib/ndb/auth
//	/adm/keyseed
//	    a secret of the server, which it makes
//	/sys/log/auth
//	/rc/bin/service.auth/tcp567
//
// # SEE ALSO
//
// explain(1), passwd(1), keyfs(4), authsrv(6), ndb(6), changeuser(8), debug(8),
// listen(8)
//
// # DIAGNOSTICS
//
// Who wants to change his password but knows the old one not finds that out by
// himself and hangs up, which the log tells as client hung up: type 3.
//
// Drawterm looks for a secstore at the port of the authentication server if it
// is not told of another place. That is noted in the log, and hung up on.
//
// # BUGS
//
// Challenges of MSCHAP, NTLM, VNC and SecureNet are not answered.
//
// Who asks for tickets shows not whether he can use them: such attempts are slowed
// down, but not counted in a user's log.
func authsrvMain(p *proc.Proc) error {
	a := authserver{p: p}
	legacy, debug := false, false
	arg := argbegin(p, "[-1Nd] [dir]")
	for c := range arg.flags() {
		switch c {
		case '1':
			legacy = true
		case 'N':
			legacy = false
		case 'd':
			debug = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 1 {
		arg.usage()
	}
	remote := "unknown"
	if len(arg.args) == 1 {
		remote = callerOf(p, arg.args[0])
	}
	private(p)
	p.Alarm(10 * time.Minute)
	in := bufio.NewReader(p.Stdin())
	log := &authlog{Reader: in, p: p, remote: remote, debug: debug}
	defer log.flush()
	var err error
	if a.rules, err = ndb.Open("/lib/ndb/auth", p.ReadFile); err != nil {
		log.add("no /lib/ndb/auth")
	}
	if what := strange(in); what != "" {
		log.add(what)
		return nil
	}
	srv := auth.Server{
		Key: a.key, SpeaksFor: a.speaksFor, Change: a.change, Tried: a.tried, Pause: a.pause,
		Secret: a.secret, Name: a.name(), Legacy: legacy, Seed: a.seed(log.add),
		Log: func(line string) { log.add(line + a.reason()) },
	}
	srv.Serve(p.Life(), struct {
		io.Reader
		io.Writer
	}{log, p.Stdout()})
	return nil
}

// An authlog reads requests, and keeps lines for the log until then: when the next
// one is read, the answer to the last has been sent. There is more to log of some users
// than of others, and who waits for an answer could tell.
type authlog struct {
	io.Reader
	p      *proc.Proc
	remote string
	debug  bool
	lines  []string
}

func (l *authlog) add(line string) { l.lines = append(l.lines, line) }

func (l *authlog) Read(b []byte) (int, error) {
	l.flush()
	return l.Reader.Read(b)
}

// flush writes the lines into the log.
func (l *authlog) flush() {
	for _, line := range l.lines {
		if l.debug {
			warn(l.p, "%s %s", l.remote, line)
		}
		syslog(l.p, false, "auth", "%s %s", l.remote, line)
	}
	l.lines = nil
}

// callerOf returns who calls on a connection.
func callerOf(p *proc.Proc, dir string) string {
	b, _ := p.ReadFile(dir + "/remote")
	addr, _, _ := strings.Cut(strings.TrimSpace(string(b)), "!")
	return addr
}

// strange says what a caller wants who begins with something that is no request.
func strange(in *bufio.Reader) string {
	b, err := in.Peek(1)
	if err != nil || b[0] < 0x80 {
		return ""
	}
	b, _ = in.Peek(in.Buffered())
	if bytes.Contains(b, []byte("secstore\tPAK\n")) {
		return "looks for a secstore, which is not here"
	}
	return "says what is no request"
}

// An authserver has the database of an authentication server. All is done by the
// process p.
type authserver struct {
	p     *proc.Proc
	rules *ndb.DB // who speaks for whom; nil: nobody
	why   error   // there is no key of the user that was asked for last
}

// key returns a user's key. For each as many files are opened, and for most as many
// read: the owner's in the place of those that somebody has not, and for who has his
// own, those of nobody.
func (a *authserver) key(_ context.Context, user string) *auth.Key {
	k, err := a.read(user)
	a.why = err
	if k, err := a.read(a.decoy(err == nil)); err == nil {
		k.Zero()
	}
	return k
}

// decoy returns whose files are to be opened after a user's, who is there or not.
func (a *authserver) decoy(there bool) string {
	if there {
		return "?" // nobody has that name: it is a pattern for rc
	}
	return a.p.User()
}

// reason returns why there was no key, once, for the log alone: that somebody is
// disabled and not unknown is nobody else's affair.
func (a *authserver) reason() string {
	err := a.why
	a.why = nil
	if err == nil || errors.Is(err, ninep.ErrNotExist) {
		return ""
	}
	return ": " + string(ninep.ErrorOf(err))
}

// read returns a user's key, or what keyfs has against it.
func (a *authserver) read(user string) (*auth.Key, error) {
	if !ninep.ValidName(user) {
		user = "?"
	}
	k := new(auth.Key)
	des, err1 := a.p.ReadFile(keydb + "/" + user + "/key")
	aes, err2 := a.p.ReadFile(keydb + "/" + user + "/aeskey")
	if err1 != nil && err2 != nil {
		return nil, err2
	}
	copy(k.DES[:], des)
	copy(k.AES[:], aes)
	clear(des)
	clear(aes)
	return k, nil
}

// secret returns a user's secret, opening as many files for one who has none.
func (a *authserver) secret(_ context.Context, user string) string {
	if !ninep.ValidName(user) {
		user = "?"
	}
	b, err := a.p.ReadFile(keydb + "/" + user + "/secret")
	a.p.ReadFile(keydb + "/" + a.decoy(err == nil) + "/secret")
	return string(b)
}

// name returns what the machine is called.
func (a *authserver) name() string {
	b, _ := a.p.ReadFile("#c/sysname")
	return strings.TrimSpace(string(b))
}

// speaksFor reports whether one user may be another.
func (a *authserver) speaksFor(host, user string) bool {
	return a.rules != nil && speaksFor(a.rules, host, user)
}

// speaksFor is the rule itself: the first entry about the host counts, and in it
// the first word against the user, or any word for him.
func speaksFor(rules *ndb.DB, host, user string) bool {
	entries := rules.Search("hostid", host)
	if len(entries) == 0 {
		return false
	}
	ok := false
	for _, uid := range entries[0].All("uid") {
		switch uid {
		case "!" + user:
			return false
		case "*", user:
			ok = true
		}
	}
	return ok
}

// change stores what a user wants to have changed.
func (a *authserver) change(_ context.Context, user string, key *auth.Key, r *auth.Passwordreq) error {
	if !keydbHas(a.p, user) {
		return ninep.Error("can't write key")
	}
	if r.ChangeSecret {
		if err := writekey(a.p, user, "secret", r.Secret); err != nil {
			return ninep.Error("can't write secret")
		}
	}
	if key != nil {
		if err := setkey(a.p, user, key); err != nil {
			return ninep.Error("can't write key")
		}
	}
	return nil
}

// tried notes in a user's log whether he knew his password.
func (a *authserver) tried(_ context.Context, user string, good bool) {
	word := "bad"
	if good {
		word = "good"
	}
	if keydbHas(a.p, user) {
		writekey(a.p, user, "log", word)
	}
}

// pause lets who tries again wait, longer each time.
func (a *authserver) pause(_ context.Context, attempts int) error {
	const most = 6 // doublings, to 32 seconds
	return a.p.Sleep(time.Second << min(attempts-1, most-1))
}

// seed returns the server's secret, which it makes when it is first needed. If that
// is not possible it has another one each time.
func (a *authserver) seed(log func(string)) (seed [32]byte) {
	const file = "/adm/keyseed"
	b, err := a.p.ReadFile(file)
	if err == nil && len(b) == len(seed) {
		return [32]byte(b)
	}
	rand.Read(seed[:])
	fd, err := a.p.Create(file, ninep.OWRITE, 0600)
	if err == nil {
		err = writeall(a.p, fd, seed[:])
		a.p.Close(fd)
	}
	if err != nil {
		log(fmt.Sprintf("no key seed: %v", err))
	}
	return seed
}
