package cmd

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"ufo/auth/secstore"
	"ufo/ninep"
	"ufo/proc"
)

// secuser - make or change an account of a secstore
//
// Secuser asks for what is to be known of a user of secstored(8): his password,
// twice, which may stay as it is if he has one, the day on which the account ends,
// whether it is enabled, whether the password is not enough, and a comment. It
// forgets attempts to log in that have failed.
//
// In a script the answers are lines of the standard input; where they end, after
// the password, nothing is changed any more.
//
//	-v  say more
//
// # EXAMPLES
//
// A user with a password, for a year:
//
//	{echo a good one; echo a good one} | auth/secuser ken
//
// # FILES
//
//	/adm/secstore/who/user
//	/adm/secstore/store/user/
//	    made for a new user
//
// # SEE ALSO
//
// secstore(1), secstored(8)
//
// # DIAGNOSTICS
//
// A password of less than 7 characters is not taken.
//
// # BUGS
//
// Days end at midnight in Greenwich. Nothing of ours can check what else is to be
// said if the password is not enough.
func secuserMain(p *proc.Proc) error {
	verbose := false
	arg := argbegin(p, "[-v] username")
	for c := range arg.flags() {
		if c != 'v' {
			arg.usage()
		}
		verbose = true
	}
	if len(arg.args) != 1 {
		arg.usage()
	}
	user := arg.args[0]
	err := secstore.CheckName(user)
	if err == nil {
		private(p)
		err = makeSecstore(p)
	}
	if err == nil {
		err = secuser(p, user, verbose)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return puts(p, "change written\n")
}

// secuser asks all there is to ask, and writes it.
func secuser(p *proc.Proc, user string, verbose bool) error {
	store := secStore{p, verbose}
	a := &secstore.Account{Expire: p.Now().AddDate(1, 0, 0)}
	text, _, err := store.Account(user)
	isnew := errors.Is(err, fs.ErrNotExist)
	switch {
	case isnew:
		if _, err := p.Stat(store.dir(user)); err == nil {
			return fmt.Errorf("new user, but directory %s already exists", store.dir(user))
		}
		fmt.Fprintf(p.Stdout(), "new account\n")
	case err != nil:
		return err
	default:
		if a, err = secstore.ParseAccount(text); err != nil {
			return err
		}
	}
	pass, err := askSecpass(p, user+" password", !isnew)
	if err != nil {
		return err
	}
	if pass != "" {
		a.Hi = secstore.MakeHi(user, pass)
	}
	if a.Expire, err = askDay(p, a.Expire); err != nil {
		return err
	}
	if a.Failed > 0 {
		fmt.Fprintf(p.Stdout(), "clearing %d failed login attempts\n", a.Failed)
		a.Failed = 0
	}
	a.Disabled = askOne(p, "Enabled or Disabled", a.Disabled, "Disabled", "Enabled")
	a.STA = askOne(p, "require STA?", a.STA, "yes", "no")
	if s, err := ask(p, "comments", a.Other, false); err == nil && len(s) < 72 {
		a.Other = s
	}
	store.Log("CHANGELOGIN for '" + user + "'")
	if err := store.SetAccount(user, a.Text()); err != nil || !isnew {
		return err
	}
	fd, err := p.Create(store.dir(user), ninep.OREAD, ninep.DMDIR|0775)
	if err != nil {
		return fmt.Errorf("unable to create %s: %w", store.dir(user), err)
	}
	return p.Close(fd)
}

// askSecpass asks for a password that is good enough, and again for the same; ""
// is one that is to stay.
func askSecpass(p *proc.Proc, prompt string, may bool) (string, error) {
	if may {
		prompt += " [default = don't change]"
	}
	for {
		pass, err := ask(p, prompt, "", true)
		switch {
		case err != nil:
			return "", fmt.Errorf("password %w", err)
		case pass == "" && may:
			return "", nil
		case len(pass) < secstore.MinPassword:
			fmt.Fprintln(p.Stdout(), secstore.ErrPassword)
			continue
		case len(pass) > secstore.MaxPassword:
			fmt.Fprintln(p.Stdout(), "password too long")
			continue
		}
		again, err := ask(p, "retype password", "", true)
		if err != nil {
			return "", fmt.Errorf("password %w", err)
		}
		if again != pass {
			return "", errors.New("passwords didn't match")
		}
		return pass, nil
	}
}

// askDay asks when an account ends; by default it ends when it did.
func askDay(p *proc.Proc, def time.Time) (time.Time, error) {
	const form = "02012006"
	day := "never"
	if !def.IsZero() {
		day = def.UTC().Format(form)
	}
	for {
		s, err := ask(p, "expires [DDMMYYYY or never, default = "+day+"]", "", false)
		switch s = cmp.Or(s, day); {
		case err != nil, s == day:
			return def, nil
		case s == "never":
			return time.Time{}, nil
		}
		t, err := time.Parse(form, s)
		if err == nil && t.Year() >= 1970 && t.Year() <= 2105 { // as far as 32 bits go
			return t.Add(24*time.Hour - time.Second), nil
		}
		fmt.Fprintf(p.Stdout(), "!bad date format: %s\n", s)
	}
}

// askOne asks which of two it shall be, whose first letters are enough.
func askOne(p *proc.Proc, prompt string, is bool, yes, no string) bool {
	def := no
	if is {
		def = yes
	}
	for {
		s, err := ask(p, prompt+" [default "+def+"]", "", false)
		switch {
		case err != nil || s == "":
			return is
		case s[0]|' ' == yes[0]|' ':
			return true
		case s[0]|' ' == no[0]|' ':
			return false
		}
	}
}
