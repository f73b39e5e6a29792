package cmd

import (
	"fmt"

	"ufo/auth"
	"ufo/cmd/keyfs"
	"ufo/proc"
)

// auth/convkeys - encrypt the users of an authentication server anew
//
// Convkeys decrypts keyfile, a file of keyfs(4), with the key in nvram, and encrypts
// it with that of a password, for which it asks twice. In a script the answers are
// lines of the standard input.
//
//	-p  ask for the password of the old key, too
//	-a  write the newer form, with AES, whatever it was
//
// # EXAMPLES
//
// Take the users to another machine, whose owner's password is known:
//
//	cp /adm/keys /tmp/keys
//	auth/convkeys /tmp/keys
//
// # FILES
//
//	/adm/keys
//	#r/nvram
//
// # SEE ALSO
//
// keyfs(4), wrkey(8)
//
// # DIAGNOSTICS
//
// A file that the old key did not encrypt is left as it is.
func convkeysMain(p *proc.Proc) error {
	usepass, newer := false, false
	arg := argbegin(p, "[-pa] keyfile")
	for c := range arg.flags() {
		switch c {
		case 'p':
			usepass = true
		case 'a':
			newer = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	private(p)
	if err := convkeys(p, &keyStore{p: p, name: arg.args[0]}, usepass, newer); err != nil {
		return fatal(p, "%s: %v", arg.args[0], err)
	}
	return nil
}

// convkeys encrypts a file anew.
func convkeys(p *proc.Proc, store *keyStore, usepass, newer bool) error {
	old := new(auth.Key)
	var err error
	if usepass {
		fmt.Fprintln(p.Stdout(), "enter password file is encoded with")
		var s string
		if s, err = getpass(p, false, true); err == nil {
			old = auth.PassKey(s)
		}
	} else {
		old, err = machineKey(p)
	}
	if err != nil {
		return err
	}
	defer old.Zero()
	fmt.Fprintln(p.Stdout(), "enter password to reencode with")
	s, err := getpass(p, false, true)
	if err != nil {
		return err
	}
	fresh := auth.PassKey(s)
	defer fresh.Zero()
	b, err := store.Read(p.Context())
	if err == nil {
		b, err = keyfs.Convert(b, old, fresh, newer)
	}
	if err != nil {
		return err
	}
	return store.Write(p.Context(), b)
}
