package cmd

import (
	"cmp"
	"crypto/rand"
	"fmt"
	"strings"

	"ufo/auth"
	"ufo/proc"
)

// wrkey - write the machine's key into its memory
//
// Wrkey asks for what a machine must know to start by itself, and writes it into
// nvram, see rtc(3): the owner of the machine, his authentication domain, his key
// to a secstore, and his password, twice. Of the password it keeps the key of
// dp9ik, and that of p9sk1 only if you say so. In a script the answers are lines
// of the standard input.
//
//	-r  ask nothing: keep what there is, and otherwise make a random key
//	    for the owner of the host in his authentication domain
//	-t  write nothing: the exit status tells whether there is a key
//
// # EXAMPLES
//
// A machine whose key nobody has to know:
//
//	auth/wrkey -r
//	auth/keyfs
//	auth/changeuser -o
//
// # FILES
//
//	#r/nvram
//	    or what $nvram names
//
// # SEE ALSO
//
// rtc(3), keyfs(4), changeuser(8)
//
// # DIAGNOSTICS
//
// With -r a node that has no authentication domain in /dev/hostdomain, nor in the
// network database as authdom, draws no authentication domain.
func wrkeyMain(p *proc.Proc) error {
	random, test := false, false
	arg := argbegin(p, "[-rt]")
	for c := range arg.flags() {
		switch c {
		case 'r':
			random = true
		case 't':
			test = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	private(p)
	_, err := readNvram(p)
	if test || random && err == nil {
		return err
	}
	nv := new(auth.Nvram)
	if random {
		err = randomNvram(p, nv)
	} else {
		err = askNvram(p, nv)
	}
	if err == nil {
		err = writeNvram(p, nv)
	}
	nv.Key.Zero()
	if err != nil {
		return fatal(p, "error writing nvram: %v", err)
	}
	return nil
}

// askNvram asks what to remember.
func askNvram(p *proc.Proc, nv *auth.Nvram) error {
	for _, q := range []struct {
		prompt string
		to     *string
		max    int
		secret bool
	}{
		{"authid", &nv.Authid, auth.NameLen, false},
		{"authdom", &nv.Authdom, auth.DomLen, false},
		{"secstore key", &nv.Config, 14, true},
	} {
		var err error
		for *q.to, err = ask(p, q.prompt, "", q.secret); err == nil && len(*q.to) >= q.max; {
			fmt.Fprintf(p.Stderr(), "%s longer than %d characters; try again\n", q.prompt, q.max-1)
			*q.to, err = ask(p, q.prompt, "", q.secret)
		}
		if err != nil {
			return err
		}
	}
	s, err := getpass(p, false, true)
	if err != nil {
		return err
	}
	nv.Key = *auth.PassKey(s)
	legacy, err := ask(p, "enable legacy p9sk1", "no", false)
	if err == nil && !strings.HasPrefix(strings.ToLower(legacy), "y") {
		nv.Key.DES = auth.Key{}.DES
	}
	return err
}

// randomNvram makes a key for the owner of the host.
func randomNvram(p *proc.Proc, nv *auth.Nvram) error {
	owner, err := p.ReadFile("#c/hostowner")
	if err != nil {
		return err
	}
	nv.Authid = string(owner)
	if nv.Authdom = hostDomain(p); nv.Authdom == "" {
		return fmt.Errorf("no authentication domain")
	}
	rand.Read(nv.Key.AES[:])
	return nil
}

// hostDomain returns the authentication domain of the machine, "" if it has none.
func hostDomain(p *proc.Proc) string {
	dom, _ := p.ReadFile("#c/hostdomain")
	return cmp.Or(string(dom), config(p, "authdom"))
}
