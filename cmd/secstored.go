package cmd

import (
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"time"

	"ufo/auth/secstore"
	"ufo/ninep"
	"ufo/proc"
)

// secstoreDir is where a secstore has its accounts and files.
const secstoreDir = "/adm/secstore"

// secstored - secure store server
//
// Secstored serves secstore(1) on tcp port 5356, in the background. Who knows the
// password of an account, which secuser(8) makes, may keep files there, of which
// the server knows nothing but their names and lengths.
//
//	-S  call itself servername, which clients are shown; by default
//	    secstore
//	-s  listen at address
//	-x  use network in the place of /net
//	-v  stay in the foreground, and print the log on the console, too
//
// Nobody is told whether an account exists: one that does not, or that is disabled
// or expired, behaves as if the password were wrong. So does one of which ten
// attempts in a row have failed, for five minutes after the last. What is true is
// in the log.
//
// # FILES
//
//	/adm/secstore/who/user
//	    expiration, state, and what is made of the password: enough to log
//	    in, and to try passwords on
//	/adm/secstore/who/FICTITIOUS
//	    an account of nobody, made if it is not there, which is read for
//	    those who have none
//	/adm/secstore/store/user/
//	    the user's files
//	/sys/log/secstore
//	    if it exists
//
// # SEE ALSO
//
// secstore(1), secuser(8), factotum(4)
//
// # BUGS
//
// There is no RADIUS, and so no -R: an account that needs more than a password
// cannot log in. As for old clients that ask for it first, all accounts exist, so
// that they ask their users for a password.
//
// A machine that ends while a file is written loses the file.
//
// The files can come from Plan 9's secstored and go back.
func secstoredMain(p *proc.Proc) error {
	name, addr, net, verbose := "secstore", "tcp!*!5356", "/net", false
	arg := argbegin(p, "[-v] [-S servername] [-s address] [-x network]")
	for c := range arg.flags() {
		switch c {
		case 'S':
			name = arg.eargf()
		case 's':
			addr = arg.eargf()
		case 'x':
			net = arg.eargf()
		case 'v':
			verbose = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 || strings.ContainsAny(name, "\n\x00") {
		arg.usage()
	}
	private(p)
	srv := secstore.NewServer(name, p.Now)
	store := secStore{p, verbose}
	err := makeSecstore(p)
	if err == nil {
		err = srv.Init(store)
	}
	if err != nil {
		return fatal(p, "%v", err)
	}
	if !strings.HasPrefix(addr, "/") {
		addr = net + "/" + addr
	}
	a, err := announce(p, addr)
	if err != nil {
		return fatal(p, "announce %s: %v", addr, err)
	}
	store.Log("ANNOUNCE " + addr)
	calls := callserver{maxprocs: secCalls, run: func(k *proc.Proc, c conn) error { return serveSecstore(k, srv, verbose, c) }}
	if verbose {
		return fatal(p, "listen: %v", calls.serve(p, a))
	}
	const flag = proc.RFNOTEG | proc.RFFDG | proc.RFREND | proc.RFNOWAIT
	if _, err := p.Fork(flag, func(k *proc.Proc) error { return calls.serve(k, a) }); err != nil {
		return fatal(p, "fork: %v", err)
	}
	return nil
}

// serveSecstore is the process of a call, on descriptors 0 and 1.
func serveSecstore(k *proc.Proc, srv *secstore.Server, verbose bool, c conn) error {
	private(k)
	store := secStore{k, verbose}
	store.Log("secstore from " + c.remote(k))
	k.Alarm(secLogin) // which is its end
	s, err := srv.Admit(stdio{k}, store)
	if err != nil { // which is in the log
		return nil
	}
	k.Alarm(secSession)
	s.Serve()
	return nil
}

const (
	secLogin   = time.Minute      // how long a client may take to log in, and a server
	secSession = 30 * time.Minute // and how long he may stay then
	secCalls   = 100              // clients at a time; others wait
)

// A stdio is a process's descriptors 0 and 1, as a stream.
type stdio struct{ p *proc.Proc }

func (s stdio) Read(b []byte) (int, error)  { return s.p.Stdin().Read(b) }
func (s stdio) Write(b []byte) (int, error) { return s.p.Stdout().Write(b) }

func (s stdio) Close() error {
	s.p.Close(0)
	return s.p.Close(1)
}

// A secStore is the Store of a secstore, in the name space of a process.
type secStore struct {
	p       *proc.Proc
	verbose bool
}

// makeSecstore makes the folders of a secstore.
func makeSecstore(p *proc.Proc) error {
	for _, d := range []struct {
		name string
		perm ninep.Perm
	}{{secstoreDir, 0770}, {secstoreDir + "/who", 0770}, {secstoreDir + "/store", 0770}} {
		if _, err := p.Stat(d.name); err == nil {
			continue
		}
		fd, err := p.Create(d.name, ninep.OREAD, ninep.DMDIR|d.perm)
		if err != nil {
			return fmt.Errorf("unable to create %s: %w", d.name, err)
		}
		p.Close(fd)
	}
	return nil
}

func (secStore) who(user string) string          { return secstoreDir + "/who/" + user }
func (secStore) dir(user string) string          { return secstoreDir + "/store/" + user }
func (s secStore) file(user, name string) string { return s.dir(user) + "/" + name }

// Users is a method of a secstore.Store.
func (s secStore) Users() ([]string, error) {
	dirs, err := readdir(s.p, secstoreDir+"/who")
	names := make([]string, len(dirs))
	for i, d := range dirs {
		names[i] = d.Name
	}
	return names, err
}

// Account is a method of a secstore.Store.
func (s secStore) Account(user string) ([]byte, time.Time, error) {
	text, err := s.p.ReadFile(s.who(user))
	if err != nil {
		return nil, time.Time{}, err
	}
	d, err := s.p.Stat(s.who(user))
	return text, time.Unix(int64(d.Mtime), 0), err
}

// SetAccount is a method of a secstore.Store.
func (s secStore) SetAccount(user string, text []byte) error {
	return writeSecret(s.p, s.who(user), text)
}

// writeSecret makes a file that only its owner may read, or replaces one.
func writeSecret(p *proc.Proc, name string, data []byte) error {
	fd, err := p.Create(name, ninep.OWRITE, 0600)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	_, err = p.FD(fd).Write(data)
	return err
}

// List is a method of a secstore.Store.
func (s secStore) List(user string) (string, error) {
	dirs, err := readdir(s.p, s.dir(user))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return "", err
	}
	var files []secstore.File
	for _, d := range dirs {
		if data, err := s.File(user, d.Name); err == nil {
			files = append(files, secstore.File{Name: d.Name, Mtime: time.Unix(int64(d.Mtime), 0), Data: data})
		}
	}
	return secstore.Listing(files), nil
}

// File is a method of a secstore.Store.
func (s secStore) File(user, name string) ([]byte, error) {
	d, err := s.p.Stat(s.file(user, name))
	switch {
	case err != nil:
		return nil, err
	case d.Mode&ninep.DMDIR != 0:
		return nil, ninep.ErrIsDir
	case d.Length > secstore.MaxFile:
		return nil, secstore.ErrSize
	}
	return s.p.ReadFile(s.file(user, name))
}

// SetFile is a method of a secstore.Store.
func (s secStore) SetFile(user, name string, data []byte) error {
	return writeSecret(s.p, s.file(user, name), data)
}

// RemoveFile is a method of a secstore.Store.
func (s secStore) RemoveFile(user, name string) error {
	if _, err := s.File(user, name); err != nil && !errors.Is(err, secstore.ErrSize) {
		return err
	}
	return s.p.Remove(s.file(user, name))
}

// Log is a method of a secstore.Store.
func (s secStore) Log(msg string) { syslog(s.p, s.verbose, "secstore", "%s", msg) }
