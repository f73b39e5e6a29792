package cmd

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"

	"ufo/auth"
	"ufo/cmd/keyfs"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// keyfs - authentication database files
//
// Keyfs serves the users of an authentication server and their keys as files,
// and mounts them on mtpt, by default /mnt/keys. It decrypts keyfile, by default
// /adm/keys, with the key in nvram, see rtc(3), and writes it anew after each
// change. If there is no file there are no users yet.
//
//	-m  mount on mtpt
//	-p  ask for a password and make the key of it
//	-r  permit no changes
//	-w  is accepted and does nothing: nobody is warned that his account
//	    expires
//
// Each user has a directory. Making one makes a user, and removing and renaming
// it does that to him. In it are these files, of text but for the keys, which are
// read and written as a whole:
//
//	key      7 bytes, the key of p9sk1
//	aeskey   16 bytes, the key of dp9ik, if the file is of the newer form
//	secret   a password for protocols that are not Plan 9's
//	log      how many attempts to authenticate have failed in a row; takes
//	         bad for one more, and good, which starts anew
//	expire   never, or when the account ends: seconds since 1970
//	status   ok, disabled or, when it is read, expired; takes ok and
//	         disabled
//	warnings how often the user was told that his account expires
//
// Keys and secret of a user cannot be read who is disabled, whose account has
// expired, or of whom ten attempts in a row have failed: after each ten he is in
// purgatory for as many seconds as have failed. What is in log is not kept.
//
// Keyfile is that of Plan 9 byte for byte, in its newer form, with AES, and in
// the older one, with DES: it can come from there and go back. A file that is
// made here is in the newer form if the machine has a key for it.
//
// # EXAMPLES
//
// Who is there, and whose account has been disabled:
//
//	auth/keyfs
//	cd /mnt/keys; ls; grep disabled */status
//
// # FILES
//
//	/adm/keys
//	/adm/keys.new
//	    while keys is written
//	#r/nvram
//
// # SEE ALSO
//
// rtc(3)
//
// # DIAGNOSTICS
//
// A keyfile of which nothing makes sense with the key, or that is not as long as
// some number of users would be, is not used, and not overwritten. One that
// another keyfs has written is read again.
//
// # BUGS
//
// The files are those of the user who started keyfs, and no other can use them,
// while in Plan 9 they are everybody's in whose name space they are. Still a file
// server for that name space gives them away, so mount it in one of its own.
//
// There is no pakhash: what it would remember is made anew each time. There is
// no database of SecureNet.
func keyfsMain(p *proc.Proc) error {
	cfg := keyfs.Config{Owner: p.User(), Now: p.Now}
	mtpt, usepass := "/mnt/keys", false
	arg := argbegin(p, "[-pr] [-m mtpt] [-w np] [keyfile]")
	for c := range arg.flags() {
		switch c {
		case 'm':
			mtpt = arg.eargf()
		case 'p':
			usepass = true
		case 'r':
			cfg.ReadOnly = true
		case 'w':
			arg.eargf()
		default:
			arg.usage()
		}
	}
	store := &keyStore{p: p, name: "/adm/keys"}
	switch len(arg.args) {
	case 0:
	case 1:
		store.name = arg.args[0]
	default:
		arg.usage()
	}
	private(p)
	key, err := databaseKey(p, usepass)
	if err != nil {
		return fatal(p, "%v", err)
	}
	cfg.Key, cfg.Store, cfg.Who = *key, store, callingUser
	cfg.Warn = func(msg string) { syslog(store.p, false, "auth", "keyfs: %s: %s", store.name, msg) }
	keys, err := keyfs.New(p.Context(), cfg)
	if err != nil {
		return fatal(p, "%s: %v", store.name, err)
	}
	srv := server{Server: keys, mtpt: mtpt, flag: ns.MREPL | ns.MCREATE}
	srv.init = func(s *proc.Proc) error {
		store.p = s
		private(s)
		return nil
	}
	if err := srv.start(p); err != nil {
		return fatal(p, "%v", err)
	}
	form := "DES"
	n, newer := keys.Users()
	if newer {
		form = "AES"
	}
	return puts(p, fmt.Sprintf("%d keys read in %s format\n", n, form))
}

// callingUser returns the user who calls a server that was posted: who shares a name
// space with the one who mounted it may be another.
func callingUser(ctx context.Context, _ string) string {
	if c := proc.Caller(ctx); c != nil {
		return c.User()
	}
	return "none"
}

// databaseKey returns the key that the file of keys is encrypted with.
func databaseKey(p *proc.Proc, usepass bool) (*auth.Key, error) {
	if !usepass {
		return machineKey(p)
	}
	s, err := getpass(p, false, false)
	if err != nil {
		return nil, err
	}
	return auth.PassKey(s), nil
}

// A keyStore is a file of keys in the name space of a process. Another file,
// keys.new, is written whole before it takes the place of the old one: should the
// machine stop in between, when there is no old one any more, it counts.
type keyStore struct {
	p    *proc.Proc
	name string
}

// file returns the file that counts.
func (s *keyStore) file(ctx context.Context) (name string, d ninep.Dir, err error) {
	d, err = s.p.View().Stat(ctx, s.name)
	if errors.Is(err, fs.ErrNotExist) {
		if d, err := s.p.View().Stat(ctx, s.fresh()); err == nil {
			return s.fresh(), d, nil
		}
	}
	return s.name, d, err
}

func (s *keyStore) fresh() string { return s.name + ".new" }

// Version is a method of a keyfs.Store.
func (s *keyStore) Version(ctx context.Context) (keyfs.Version, error) {
	_, d, err := s.file(ctx)
	return keyfs.Version{Qid: d.Qid, Mtime: d.Mtime, Length: d.Length}, err
}

// Read is a method of a keyfs.Store.
func (s *keyStore) Read(ctx context.Context) ([]byte, error) {
	name, _, err := s.file(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.p.View().Open(ctx, name, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	var b []byte
	for buf := make([]byte, iounit); ; {
		n, err := c.ReadAt(ctx, buf, int64(len(b)))
		if err != nil || n == 0 {
			return b, err
		}
		if b = append(b, buf[:n]...); len(b) > maxkept {
			return nil, errSpace
		}
	}
}

// Write is a method of a keyfs.Store.
func (s *keyStore) Write(ctx context.Context, b []byte) error {
	v := s.p.View()
	if name, _, err := s.file(ctx); err == nil && name == s.fresh() {
		if err := s.rename(ctx); err != nil {
			return err
		}
	}
	if err := s.write(ctx, b); err != nil {
		v.Remove(ctx, s.fresh())
		return err
	}
	if err := v.Remove(ctx, s.name); err != nil && !errors.Is(err, fs.ErrNotExist) {
		v.Remove(ctx, s.fresh())
		return err
	}
	return s.rename(ctx)
}

// write writes the new file.
func (s *keyStore) write(ctx context.Context, b []byte) error {
	c, err := s.p.View().Create(ctx, s.fresh(), ninep.OWRITE, 0600)
	if err != nil {
		return err
	}
	defer c.Close()
	for off := 0; off < len(b); {
		n, err := c.WriteAt(ctx, b[off:min(len(b), off+iounit)], int64(off))
		if err != nil {
			return err
		}
		if n == 0 {
			return ninep.ErrIO
		}
		off += n
	}
	return nil
}

// rename gives the new file the old one's name.
func (s *keyStore) rename(ctx context.Context) error {
	d := ninep.NullDir
	d.Name = path.Base(s.name)
	return s.p.View().Wstat(ctx, s.fresh(), d)
}
