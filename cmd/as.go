package cmd

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha1"
	"encoding/base64"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// auth/as - run a command as another user
//
// As becomes user, builds a new name space as the file namespace, by default
// /lib/namespace, describes it, and executes cmd there, by default an interactive
// rc(1). Only the owner of the host may, and only as long as there is
// #¤/caphash: see cap(3). User is not asked, and need not be known to anybody.
//
//	-d  print the operations that fail
//	-n  use another namespace file
//
// # EXAMPLES
//
// What may ken read there?
//
//	auth/as ken ls -l /adm
//
// # FILES
//
//	/lib/namespace
//	#¤/caphash, #¤/capuse
//
// # SEE ALSO
//
// cap(3), namespace(6), newns(8), none(8)
//
// # BUGS
//
// In a grid that does not authenticate, file servers believe that it is user.
func asMain(p *proc.Proc) error {
	space := nsoptions{file: "/lib/namespace"}
	arg := argbegin(p, "[-d] [-n namespace] user [cmd [args ...]]")
	for c := range arg.flags() {
		space.option(p, arg, c)
	}
	if len(arg.args) == 0 {
		arg.usage()
	}
	user := arg.args[0]
	if err := becomeAny(p, user); err != nil {
		return fatal(p, "can't change uid for %s: %v", user, err)
	}
	if err := p.Rfork(proc.RFNAMEG); err != nil { // the caller's stays as it is
		return fatal(p, "can't make namespace for %s: %v", user, err)
	}
	if _, err := p.Stat("/srv/factotum"); err == nil {
		if err := mountfile(p, "/srv/factotum", "/mnt", ns.MREPL, false, ""); err != nil {
			return fatal(p, "can't mount factotum for uid for %s: %v", user, err)
		}
	}
	if err := newns(p, space.file, space.debug); err != nil {
		return fatal(p, "can't build namespace: %v", err)
	}
	return execshell(p, arg.args[1:])
}

// becomeAny makes a process of the host's owner one of another user: it makes a
// capability, and uses it.
func becomeAny(p *proc.Proc, user string) error {
	random := make([]byte, 20)
	rand.Read(random)
	key := base64.StdEncoding.EncodeToString(random)
	users := p.User() + "@" + user
	h := hmac.New(sha1.New, []byte(key))
	h.Write([]byte(users))
	if err := writedev(p, "#¤/caphash", append(h.Sum(nil), user...)); err != nil {
		return err
	}
	return writedev(p, "#¤/capuse", []byte(users+"@"+key))
}

// writedev writes to a file that is there: one that is not is not made.
func writedev(p *proc.Proc, name string, b []byte) error {
	fd, err := p.Open(name, ninep.OWRITE)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	return writeall(p, fd, b)
}
