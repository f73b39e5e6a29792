package cmd

import (
	"errors"
	"fmt"
	"strings"

	"ufo/auth/secstore"
	"ufo/proc"
)

// secstore - secure store client
//
// Secstore logs in to a server of secstored(8) with a password, and gets, stores
// and removes files there, in this order. It is for what must be kept secret, such
// as the keys of a factotum(4): files are encrypted here, with a key that is made
// from the password.
//
//	-c  change the password; files are encrypted anew
//	-g  get getfile, into the working directory; . is a list of all files
//	-G  the same, to the standard output
//	-i  the password is a line of the standard input
//	-n  the password is in nvram: see rtc(3)
//	-p  store putfile
//	-r  remove rmfile
//	-s  call server, by default what $secstore names, or else $auth
//	-u  be user there
//	-v  say more
//
// If the standard input is not the console, secrets are lines of it as with -i.
//
// # EXAMPLES
//
// A new key for the factotum of tomorrow, which nobody else sees meanwhile:
//
//	ramfs -p; cd /tmp
//	auth/secstore -g factotum
//	echo 'key proto=pass dom=x.com user=ehg !password=hi' >>factotum
//	auth/secstore -p factotum
//	read -m factotum >/mnt/factotum/ctl
//
// # SEE ALSO
//
// factotum(4), secstored(8), secuser(8)
//
// # DIAGNOSTICS
//
// A server does not say whether it has an account: no account, one that is
// disabled, and a wrong password are all the same.
//
// # BUGS
//
// There is no copy of what is removed. Who changes a password while the network
// fails may have to get some files with the old one. A server that is not honest
// can damage files unnoticed, or give old ones.
func secstoreMain(p *proc.Proc) error {
	s := secClient{p: p, user: p.User()}
	arg := argbegin(p, "[-cinv] [-g getfile] [-G getfile] [-p putfile] [-r rmfile] [-s server] [-u user]")
	for c := range arg.flags() {
		switch c {
		case 'c':
			s.chpass = true
		case 'g', 'G':
			s.gets = append(s.gets, secGet{arg.eargf(), c == 'G'})
		case 'i':
			s.stdin = true
		case 'n':
			s.nvram = true
		case 'p':
			s.puts = append(s.puts, arg.eargf())
		case 'r':
			s.removes = append(s.removes, arg.eargf())
		case 's':
			s.servers = append(s.servers, arg.eargf())
		case 'u':
			s.user = arg.eargf()
		case 'v':
			s.verbose = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 || s.chpass && len(s.gets)+len(s.puts)+len(s.removes) > 0 {
		arg.usage()
	}
	s.find()
	private(p)
	c, err := s.login()
	if err == nil {
		err = s.do(c)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// A secGet is a file to get, and whether it goes to the standard output.
type secGet struct {
	name   string
	stdout bool
}

// A secClient is what one secstore is asked to do.
type secClient struct {
	p             *proc.Proc
	user          string
	servers       []string
	stdin, nvram  bool
	known         string // the password, if nobody is to be asked
	chpass        bool
	gets          []secGet
	puts, removes []string
	verbose       bool

	answered bool // there is a server
}

// find looks for servers, if none was named.
func (s *secClient) find() {
	if len(s.servers) == 0 {
		s.servers = strings.Fields(s.p.Getenv("secstore"))
	}
	if len(s.servers) == 0 {
		s.servers = []string{"$auth"}
	}
}

// call calls the first server that answers; the connection becomes descriptor fd.
func (s *secClient) call() (fd int, err error) {
	for _, addr := range s.servers {
		var c conn
		err = within(s.p, dialTime, func() (err error) {
			c, err = dial(s.p, netmkaddr(addr, "tcp", "5356"))
			return err
		})
		if err == nil {
			s.p.Close(c.ctl)
			s.answered = true
			return c.fd, nil
		}
		err = fmt.Errorf("can't dial %s: %w", addr, err)
	}
	return -1, err
}

// maxTries is how often somebody at a console may mistype his password.
const maxTries = 3

// login asks for the password and logs in.
func (s *secClient) login() (*secstore.Client, error) {
	for try := 1; ; try++ {
		fd, err := s.call()
		if err != nil {
			return nil, err
		}
		pass, typed, err := s.password()
		if err != nil {
			return nil, err
		}
		pin := func() (string, error) { return s.secret("STA PIN+SecureID") }
		var c *secstore.Client
		err = within(s.p, secLogin, func() (err error) {
			c, err = secstore.Login(s.p.FD(fd), s.user, pass, pin)
			return err
		})
		if err == nil {
			if s.verbose {
				fmt.Fprintln(s.p.Stderr(), c.Server)
			}
			return c, nil
		}
		s.p.Close(fd)
		if !typed || try == maxTries || !errors.Is(err, secstore.ErrVerifier) {
			return nil, fmt.Errorf("authentication failed: %w", err)
		}
		warn(s.p, "%v", err)
	}
}

// password returns the password, and whether somebody has typed it.
func (s *secClient) password() (pass string, typed bool, err error) {
	switch {
	case s.known != "":
		pass = s.known
	case s.nvram:
		nv, err := readNvram(s.p)
		if err != nil {
			return "", false, err
		}
		defer nv.Key.Zero()
		pass = nv.Config
	default:
		if pass, err = s.secret("secstore password"); err != nil {
			return "", false, err
		}
		name, err := s.p.Fd2path(0)
		typed = !s.stdin && err == nil && strings.HasSuffix(name, "/cons")
	}
	switch {
	case pass == "":
		return "", false, errors.New("null password, skipping secstore login")
	case len(pass) > secstore.MaxPassword:
		return "", false, errors.New("password too long, skipping secstore login")
	}
	return pass, typed, nil
}

// secret asks for something that nobody is to see.
func (s *secClient) secret(prompt string) (string, error) {
	if s.stdin {
		line, err := readanswer(s.p, "")
		defer clear(line)
		return string(line), err
	}
	return ask(s.p, prompt, "", true)
}

// do does what is asked for, and says goodbye.
func (s *secClient) do(c *secstore.Client) error {
	if s.chpass {
		pass, err := askSecpass(s.p, "new password for "+s.user, false)
		if err != nil {
			return err
		}
		if err := c.ChangePassword(pass); err != nil {
			return err
		}
		return c.Bye()
	}
	for _, g := range s.gets {
		if err := s.get(c, g); err != nil {
			return fmt.Errorf("%s: %w", g.name, err)
		}
	}
	for _, name := range s.puts {
		data, err := s.p.ReadFile(name)
		if err == nil {
			err = c.Put(name, data)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		s.tell("saved %d bytes", len(data))
	}
	for _, name := range s.removes {
		s.tell("rm %s", name)
		if err := c.Remove(name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return c.Bye()
}

// tell says something with -v.
func (s *secClient) tell(format string, a ...any) {
	if s.verbose {
		warn(s.p, format, a...)
	}
}

// get gets a file.
func (s *secClient) get(c *secstore.Client, g secGet) error {
	s.tell("get %s", g.name)
	if g.name == "." {
		list, err := c.List()
		if err != nil {
			return err
		}
		return puts(s.p, list)
	}
	data, err := c.Get(g.name)
	if err != nil {
		return err
	}
	defer clear(data)
	if g.stdout { // a line at a time, as a factotum wants them
		for line := range strings.Lines(string(data)) {
			if err := writeall(s.p, 1, []byte(line)); err != nil {
				return err
			}
		}
		return nil
	}
	return writeSecret(s.p, g.name, data)
}
