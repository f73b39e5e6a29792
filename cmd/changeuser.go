package cmd

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"ufo/auth"
	"ufo/ninep"
	"ufo/proc"
)

// keydb is where the authentication server's programs have the users.
const keydb = "/mnt/keys"

// changeuser - install or change a user of the authentication server
//
// Changeuser makes a user in the database that keyfs(4) has in /mnt/keys, or
// changes one. It asks for his password, twice, and for a secret that protocols
// use which are not Plan 9's, for the day when the account ends, and for what
// is to be known about him, which it adds to /adm/keys.who. It does not install
// him on a file server.
//
// In a script the answers are lines of the standard input. Where these end
// nothing is changed any more; a password must be there.
//
//	-p  the database of Plan 9, which is the only one
//	-o  ask nothing: install the owner of the machine, with the key in
//	    nvram
//
// # EXAMPLES
//
// A user with a password:
//
//	auth/keyfs
//	{echo a good one; echo a good one} | auth/changeuser ken
//
// # FILES
//
//	/adm/keys.who
//	    a line for each change: user, post id, name, department and mail
//	    addresses, with | between them
//	/sys/log/auth
//
// # SEE ALSO
//
// keyfs(4), status(8), wrkey(8)
//
// # DIAGNOSTICS
//
// A password shorter than eight characters, or that everybody tries first, is
// not taken.
//
// # BUGS
//
// There is no database of SecureNet, and so no -n. Days begin at midnight in
// Greenwich.
func changeuserMain(p *proc.Proc) error {
	owner := false
	arg := argbegin(p, "[-p] user\n-o")
	for c := range arg.flags() {
		switch c {
		case 'p':
		case 'o':
			owner = true
		default:
			arg.usage()
		}
	}
	if owner != (len(arg.args) == 0) || len(arg.args) > 1 {
		arg.usage()
	}
	private(p)
	err := keydbServed(p)
	var user string
	if err == nil && owner {
		user, err = installOwner(p)
	} else if err == nil {
		user = arg.args[0]
		err = changeuser(p, user)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	syslog(p, false, "auth", "user %s installed for plan 9", user)
	return puts(p, fmt.Sprintf("user %s installed for Plan 9\n", user))
}

// installOwner installs who nvram says that owns the machine.
func installOwner(p *proc.Proc) (string, error) {
	nv, err := readNvram(p)
	if err != nil {
		return "", err
	}
	defer nv.Key.Zero()
	if err := makeuser(p, nv.Authid); err != nil {
		return "", err
	}
	return nv.Authid, setkey(p, nv.Authid, &nv.Key)
}

// changeuser asks all there is to ask.
func changeuser(p *proc.Proc, user string) error {
	pass := ""
	newkey, err := true, error(nil)
	if keydbHas(p, user) {
		newkey, _ = answer(p, "assign new Plan 9 password?")
	}
	if newkey {
		if pass, err = getpass(p, true, true); err != nil {
			return err
		}
	}
	secret, asked, err := askSecret(p, pass)
	if err != nil {
		return err
	}
	expire, err := askExpire(p, user)
	if err != nil {
		return err
	}
	if err := makeuser(p, user); err != nil {
		return err
	}
	if newkey {
		key := auth.PassKey(pass)
		defer key.Zero()
		if err := setkey(p, user, key); err != nil {
			return fmt.Errorf("can't set key: %w", err)
		}
	}
	if expire != "" {
		if err := writekey(p, user, "expire", expire); err != nil {
			return fmt.Errorf("can't write expiration time: %w", err)
		}
	}
	if asked {
		if err := writekey(p, user, "secret", secret); err != nil {
			return fmt.Errorf("error writing Inferno/POP secret: %w", err)
		}
	}
	return changeWho(p, user)
}

// keydbServed says, before anything is asked, that nobody can be made in the database.
// Where keyfs is not mounted its place can be a directory of a mntgen.
func keydbServed(p *proc.Proc) error {
	if d, err := p.Stat(keydb); err == nil && d.Mode&0200 != 0 {
		return nil
	}
	return errors.New("no key database in " + keydb + ": start auth/keyfs")
}

// keydbHas reports whether there is a user.
func keydbHas(p *proc.Proc, user string) bool {
	_, err := p.Stat(keydb + "/" + user + "/expire")
	return ninep.ValidName(user) && err == nil
}

// makeuser makes a user who is not there yet.
func makeuser(p *proc.Proc, user string) error {
	if !ninep.ValidName(user) {
		return errors.New("bad user name")
	}
	if keydbHas(p, user) {
		return nil
	}
	fd, err := p.Create(keydb+"/"+user, ninep.OREAD, ninep.DMDIR|0777)
	if err != nil {
		return fmt.Errorf("can't create user %s: %w", user, err)
	}
	return p.Close(fd)
}

// writekey writes a file of a user.
func writekey(p *proc.Proc, user, file, text string) error {
	return p.WriteFile(keydb+"/"+user+"/"+file, []byte(text))
}

// setkey writes a user's keys. A database of the older form has but one of them.
func setkey(p *proc.Proc, user string, key *auth.Key) error {
	err := writekey(p, user, "key", string(key.DES[:]))
	if err == nil && key.HasAES() {
		err = writekey(p, user, "aeskey", string(key.AES[:]))
		if err != nil && key.HasDES() && ninep.ErrorOf(err) == "keyfile not in aes format" {
			err = nil
		}
	}
	return err
}

// askSecret asks whether there is to be another secret, and which.
func askSecret(p *proc.Proc, pass string) (secret string, asked bool, err error) {
	asked, _ = answer(p, "assign new Inferno/POP secret?")
	if !asked {
		return "", false, nil
	}
	if pass != "" {
		if same, _ := answer(p, "make it the same as Plan 9 password?"); same {
			return pass, true, nil
		}
	}
	secret, err = getpass(p, false, true)
	return secret, true, err
}

// askExpire asks when an account ends, and returns what to write into expire: ""
// for nothing.
func askExpire(p *proc.Proc, user string) (string, error) {
	const form = "20060102"
	def := "never"
	if b, err := p.ReadFile(keydb + "/" + user + "/expire"); err == nil {
		if sec, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64); err == nil {
			def = time.Unix(sec, 0).UTC().Format(form)
		}
	}
	for {
		s, err := ask(p, "Expiration date (YYYYMMDD or never)", def, false)
		if err != nil {
			return "", nil
		}
		if s == "never" {
			return s, nil
		}
		day, err := time.Parse(form, s)
		if now := p.Now(); err == nil && day.After(now) && day.Before(now.Add(2*365*24*time.Hour)) {
			return strconv.FormatInt(day.Unix(), 10), nil
		}
		fmt.Fprintln(p.Stdout(), "expiration time must fall between now and 2 years from now")
	}
}

// keysWho is a file of what is known about users.
const keysWho = "/adm/keys.who"

// changeWho asks what is known about a user, and notes it if anything is new.
func changeWho(p *proc.Proc, user string) error {
	old := lastWho(p, user)
	who := []string{user}
	changed := false
	for i, prompt := range []string{"Post id", "User's full name", "Department #", "User's email address", "Sponsor's email address"} {
		was := ""
		if i+1 < len(old) {
			was = old[i+1]
		}
		if was != "" {
			prompt += "[return = " + was + ", space = none]"
		}
		s, err := ask(p, prompt, was, false)
		if err != nil {
			s = was
		}
		s = strings.NewReplacer("|", "", "\n", "").Replace(strings.TrimSpace(s))
		changed = changed || s != was
		who = append(who, s)
	}
	if !changed {
		return nil
	}
	for len(who) > 5 && who[len(who)-1] == "" {
		who = who[:len(who)-1]
	}
	if who[4] == "" {
		who[4] = user
	}
	fd, err := p.Open(keysWho, ninep.OWRITE)
	if err != nil {
		if fd, err = p.Create(keysWho, ninep.OWRITE, 0660); err != nil {
			return err
		}
	}
	defer p.Close(fd)
	if _, err := p.Seek(fd, 0, 2); err != nil {
		return err
	}
	return writeall(p, fd, []byte(strings.Join(who, "|")+"\n"))
}

// lastWho returns the fields of the last line about a user, of which the first is
// his name.
func lastWho(p *proc.Proc, user string) (fields []string) {
	b, _ := p.ReadFile(keysWho)
	for line := range strings.Lines(string(b)) {
		if f := strings.Split(strings.TrimSuffix(line, "\n"), "|"); f[0] == user {
			fields = f
		}
	}
	return fields
}
