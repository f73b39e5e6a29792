package cmd

import (
	"fmt"
	"strings"

	"ufo/proc"
)

// auth/userpasswd - print a password that factotum has
//
// Userpasswd prints the user's name and the password of a key with proto=pass, a
// line for each. Fmt is the pattern that the key must fit; see factotum(4).
// If there is no such key it is asked for on the console.
//
// # EXAMPLES
//
// For a script that logs in elsewhere:
//
//	auth/userpasswd 'proto=pass service=imap server=mail' | {
//		user=`{read}
//		pass=`{read}
//		...
//	}
//
// # SEE ALSO
//
// factotum(4)
func userpasswdMain(p *proc.Proc) error {
	arg := argbegin(p, "fmt")
	arg.noflags()
	if len(arg.args) == 0 {
		arg.usage()
	}
	user, password, err := getUserpasswd(p, authGetkey, strings.Join(arg.args, " "))
	if err != nil {
		return fatal(p, "%v", err)
	}
	fmt.Fprintf(p.Stdout(), "%s\n%s\n", user, password)
	return nil
}
