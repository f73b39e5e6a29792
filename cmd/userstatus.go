package cmd

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// status - say what is known of a user of the authentication server
//
// Status prints whether the account of a user is enabled, when it ends, and the last
// line about him in /adm/keys.who.
//
// # FILES
//
//	/mnt/keys
//	/adm/keys.who
//
// # SEE ALSO
//
// keyfs(4), changeuser(8), enable(8)
func statusMain(p *proc.Proc) error {
	arg := argbegin(p, "user")
	arg.noflags()
	if len(arg.args) != 1 {
		arg.usage()
	}
	user := arg.args[0]
	state, err := userFile(p, user, "status")
	var expire string
	if err == nil {
		expire, err = userFile(p, user, "expire")
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	text := fmt.Sprintf("user %s: plan 9 key status is %s and ", user, state)
	if sec, err := strconv.ParseInt(expire, 10, 64); err != nil {
		text += "never expires\n"
	} else {
		text += "expires on " + time.Unix(sec, 0).UTC().Format("Mon Jan _2 15:04:05 MST 2006") + "\n"
	}
	if state == "expired" {
		text = fmt.Sprintf("user %s: plan 9 key has expired\n", user)
	}
	if who := lastWho(p, user); len(who) > 0 {
		text += strings.Join(who, "|") + "\n"
	}
	return puts(p, text)
}

// userFile returns the line in a file of a user.
func userFile(p *proc.Proc, user, file string) (string, error) {
	if !ninep.ValidName(user) {
		return "", fmt.Errorf("bad user name")
	}
	b, err := p.ReadFile(keydb + "/" + user + "/" + file)
	return strings.TrimSpace(string(b)), err
}

// enable - let a user of the authentication server log in again
//
// Enable enables the account of a user whom disable(8) has disabled, and forgives
// failed attempts.
//
// # FILES
//
//	/mnt/keys
//
// # SEE ALSO
//
// keyfs(4), disable(8), status(8)
func enableMain(p *proc.Proc) error { return setStatus(p, argbegin(p, "user"), "ok") }

// disable - keep a user of the authentication server from logging in
//
// Disable disables the account of a user: nobody gets a ticket with his key any
// more. Tickets that were given out stay good.
//
// # FILES
//
//	/mnt/keys
//
// # SEE ALSO
//
// keyfs(4), enable(8), status(8)
func disableMain(p *proc.Proc) error { return setStatus(p, argbegin(p, "user"), "disabled") }

// setStatus is the program that sets the status of a user.
func setStatus(p *proc.Proc, arg *argv, state string) error {
	arg.noflags()
	if len(arg.args) != 1 {
		arg.usage()
	}
	user := arg.args[0]
	_, err := userFile(p, user, "status") // writing would try to make it
	if err == nil {
		err = writekey(p, user, "status", state)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}
