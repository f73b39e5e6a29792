// Package keyfs is the users of an authentication server as files: keyfs(4).
//
//	/glenda/key        what she shares with the server, 7 bytes
//	/glenda/aeskey     and what dp9ik uses, 16 bytes
//	/glenda/secret     a password for protocols that are not Plan 9's
//	/glenda/status     ok or disabled
//	/glenda/expire     never, or seconds since 1970
//	/glenda/log        failed attempts in a row; takes bad and good
//	/glenda/warnings   how often she was told that the account expires
//
// Making, renaming and removing a directory does so to a user. All but log is kept
// in a file that is encrypted with a key of the machine, in the form of Plan 9:
// keyfile.go.
//
//	% mkdir /mnt/keys/ken
//	% echo disabled >/mnt/keys/glenda/status
package keyfs

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"time"

	"ufo/auth"
	"ufo/ninep"
)

// The errors of keyfs.
const (
	errDisabled  ninep.Error = "user disabled"
	errPurgatory ninep.Error = "user in purgatory"
	errExpired   ninep.Error = "user expired"
	errGarbled   ninep.Error = "garbled write data"
	errStatus    ninep.Error = "unknown status"
	errExpire    ninep.Error = "bad expiration date"
	errUserExist ninep.Error = "user already exists"
	errUserName  ninep.Error = "bad user name"
	errReadOnly  ninep.Error = "mounted read-only"
	errNotAES    ninep.Error = "keyfile not in aes format"
)

// A Store is where the file is.
type Store interface {
	// Version returns what is another when the file is another.
	Version(ctx context.Context) (Version, error)
	// Read returns what is in the file. If there is none the error is
	// fs.ErrNotExist.
	Read(ctx context.Context) ([]byte, error)
	// Write replaces the file, or leaves it as it is.
	Write(ctx context.Context, b []byte) error
}

// A Version is of a file.
type Version struct {
	Qid    ninep.Qid
	Mtime  uint32
	Length int64
}

// A Config is what a FS is made of.
type Config struct {
	Store    Store
	Key      auth.Key         // that the file is encrypted with
	Owner    string           // the only user who may use the files
	Now      func() time.Time // nil: time.Now
	ReadOnly bool

	// Who says who makes a call, when that can be another user than the one who
	// attached. Nil: the one who attached.
	Who func(ctx context.Context, attached string) string

	Warn func(msg string) // told what is wrong with a file that is read later; may be nil
}

// A FS is the users of a file. It is a [ninep.Server].
type FS struct {
	cfg  Config
	tree *ninep.Tree

	busy    chan struct{} // holds a token while somebody uses what follows
	users   []*user       // replaced whole, as each of them is
	newer   bool          // the form of the file
	version Version
	lastID  uint64
	broken  error // the file has become one that cannot be read
}

// A log is a user's attempts.
type log struct {
	bad       uint32 // in a row
	purgatory int64  // when it ends
}

// maxBad is how many failed attempts in a row lead to purgatory, each time.
const maxBad = 10

// New returns the users in a file; none if there is no file. The error is ErrKey,
// ErrNoKey or ErrSize, or the Store's.
func New(ctx context.Context, cfg Config) (*FS, error) {
	if cfg.Now == nil {
		cfg.Now = time.Now
	}
	f := &FS{cfg: cfg, busy: make(chan struct{}, 1), newer: cfg.Key.HasAES()}
	root := &ninep.Node{Perm: ninep.DMDIR | 0700, List: f.list, Lookup: f.lookup, Create: f.create}
	f.tree = ninep.NewTree(cfg.Owner, root)
	f.tree.Who = cfg.Who
	f.tree.Mtime = uint32(cfg.Now().Unix())
	err := f.do(ctx, func() error { return f.broken })
	return f, err
}

// Users returns how many there are, and whether the file is in the newer form.
func (f *FS) Users() (n int, newer bool) {
	f.busy <- struct{}{}
	defer func() { <-f.busy }()
	for _, u := range f.users {
		if u.raw == nil {
			n++
		}
	}
	return n, f.newer
}

// Attach returns the root, to the owner: who has keys can be everybody.
func (f *FS) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if user != f.cfg.Owner {
		return nil, ninep.ErrPerm
	}
	return f.tree.Attach(ctx, user, spec)
}

// do calls a function while nobody else uses the users, and the file has been
// read again if somebody else has written it.
func (f *FS) do(ctx context.Context, use func() error) error {
	select {
	case f.busy <- struct{}{}:
	case <-ctx.Done():
		return ninep.ErrIntr
	}
	defer func() { <-f.busy }()
	if err := f.refresh(ctx); err != nil {
		return err
	}
	return use()
}

// refresh reads the file if it is another. One that is gone, or cannot be read,
// leaves the users as they were, but it is not overwritten.
func (f *FS) refresh(ctx context.Context) error {
	v, err := f.cfg.Store.Version(ctx)
	if errors.Is(err, fs.ErrNotExist) || err == nil && v == f.version {
		return nil
	}
	if err != nil {
		return err
	}
	b, err := f.cfg.Store.Read(ctx)
	if err != nil {
		return err
	}
	users, newer, err := decode(b, &f.cfg.Key)
	f.version, f.broken = v, err
	if err != nil {
		f.warn("%v", err)
		return nil
	}
	f.newer = newer
	f.adopt(users)
	return nil
}

func (f *FS) warn(format string, args ...any) {
	if f.cfg.Warn != nil {
		f.cfg.Warn(fmt.Sprintf(format, args...))
	}
}

// adopt makes users those there are. Who was there before is the same still.
func (f *FS) adopt(users []*user) {
	var all []*user
	for i, u := range users {
		if u.raw != nil {
			f.warn("%d: bad user name", i)
		} else if j := find(all, u.name); j >= 0 {
			all[j] = u // the last one counts
			continue
		}
		all = append(all, u)
	}
	for _, u := range all {
		if i := find(f.users, u.name); i >= 0 && u.raw == nil {
			u.id, u.log = f.users[i].id, f.users[i].log
			continue
		}
		f.lastID++
		u.id = f.lastID
	}
	f.users = all
}

// find returns where the user of that name is; -1 for nowhere.
func find(users []*user, name string) int {
	return slices.IndexFunc(users, func(u *user) bool { return u.raw == nil && u.name == name })
}

// user returns where the user is whom a file belongs to.
func (f *FS) user(id uint64) (int, error) {
	i := slices.IndexFunc(f.users, func(u *user) bool { return u.id == id })
	if i < 0 {
		return i, ninep.ErrNotExist
	}
	return i, nil
}

// save writes the file with these users, and makes them those there are. The
// caller is in do.
func (f *FS) save(ctx context.Context, users []*user) error {
	switch {
	case f.cfg.ReadOnly:
		return errReadOnly
	case f.broken != nil:
		return f.broken
	case f.newer && !f.cfg.Key.HasAES() || !f.newer && !f.cfg.Key.HasDES():
		return ErrNoKey
	}
	if err := f.cfg.Store.Write(ctx, encode(users, &f.cfg.Key, f.newer)); err != nil {
		return err
	}
	f.users = users
	if v, err := f.cfg.Store.Version(ctx); err == nil {
		f.version = v
	}
	return nil
}

// change changes a user, and the file.
func (f *FS) change(ctx context.Context, id uint64, edit func(u *user) error) error {
	return f.do(ctx, func() error {
		i, err := f.user(id)
		if err != nil {
			return err
		}
		if f.cfg.ReadOnly {
			return errReadOnly
		}
		u := *f.users[i]
		if err := edit(&u); err != nil {
			return err
		}
		users := slices.Clone(f.users)
		users[i] = &u
		return f.save(ctx, users)
	})
}

// create makes a user.
func (f *FS) create(ctx context.Context, _, name string, perm ninep.Perm, mode ninep.Mode) (n *ninep.Node, err error) {
	if f.cfg.ReadOnly {
		return nil, errReadOnly
	}
	if !perm.IsDir() {
		return nil, ninep.ErrPerm
	}
	if !validName(name) {
		return nil, errUserName
	}
	err = f.do(ctx, func() error {
		if find(f.users, name) >= 0 {
			return errUserExist
		}
		f.lastID++
		u := &user{name: name, id: f.lastID, log: new(log)}
		n = f.dir(u)
		return f.save(ctx, append(slices.Clone(f.users), u))
	})
	return n, err
}

// remove removes a user.
func (f *FS) remove(ctx context.Context, id uint64) error {
	return f.do(ctx, func() error {
		i, err := f.user(id)
		if err != nil {
			return err
		}
		return f.save(ctx, slices.Delete(slices.Clone(f.users), i, i+1))
	})
}

// rename gives a user another name. Nothing else of an entry can be changed.
func (f *FS) rename(ctx context.Context, id uint64, d ninep.Dir) error {
	want := ninep.NullDir
	want.Name = d.Name
	if d != want {
		return ninep.ErrPerm
	}
	if !validName(d.Name) {
		return errUserName
	}
	return f.change(ctx, id, func(u *user) error {
		if find(f.users, d.Name) >= 0 && u.name != d.Name {
			return errUserExist
		}
		u.name = d.Name
		return nil
	})
}
