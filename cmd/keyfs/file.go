package keyfs

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"

	"ufo/auth"
	"ufo/ninep"
)

// list returns the users' directories.
func (f *FS) list(ctx context.Context) (dirs []*ninep.Node, err error) {
	err = f.do(ctx, func() error {
		for _, u := range f.users {
			if u.raw == nil {
				dirs = append(dirs, f.dir(u))
			}
		}
		return nil
	})
	return dirs, err
}

// lookup returns a user's directory. For one who is not there it does the same as
// for one who is.
func (f *FS) lookup(ctx context.Context, name string) (dir *ninep.Node, err error) {
	err = f.do(ctx, func() error {
		i := find(f.users, name)
		if i < 0 {
			f.dir(&user{name: name})
			return ninep.ErrNotExist
		}
		dir = f.dir(f.users[i])
		return nil
	})
	return dir, err
}

// dir returns a user's directory. The user may change; his number does not.
func (f *FS) dir(u *user) *ninep.Node {
	id := u.id
	n := &ninep.Node{
		Name: u.name, Perm: ninep.DMDIR | 0700, Path: id<<8 | 1,
		Remove: func(ctx context.Context, _ string) error { return f.remove(ctx, id) },
		Wstat:  func(ctx context.Context, _ string, d ninep.Dir) error { return f.rename(ctx, id, d) },
	}
	for i, k := range kinds {
		file := &ninep.Node{Name: k.name, Perm: 0600, Path: id<<8 | uint64(i+2)}
		file.Read = func(ctx context.Context) ([]byte, error) { return f.read(ctx, id, k) }
		file.Write = func(ctx context.Context, p []byte) error { return f.write(ctx, id, k, p) }
		if k.newer {
			file.May = f.mayOpenNewer
		}
		if k.remove != nil {
			file.Remove = func(ctx context.Context, _ string) error {
				return f.change(ctx, id, func(u *user) error {
					k.remove(u)
					return nil
				})
			}
		}
		n.Children = append(n.Children, file)
	}
	return n
}

// A kind is a file that every user has.
type kind struct {
	name   string
	secret bool // only of users who can log in
	newer  bool // only of files in the newer form
	log    bool // not part of the file
	read   func(f *FS, u *user) string
	write  func(f *FS, u *user, p string) error
	remove func(u *user)
}

var kinds = []kind{
	{name: "key", secret: true,
		read: func(_ *FS, u *user) string { return string(u.key.DES[:]) },
		write: func(_ *FS, u *user, p string) error {
			return set(u.key.DES[:], p)
		}},
	{name: "aeskey", secret: true, newer: true,
		read: func(_ *FS, u *user) string { return string(u.key.AES[:]) },
		write: func(_ *FS, u *user, p string) error {
			return set(u.key.AES[:], p)
		}},
	{name: "secret", secret: true,
		read: func(_ *FS, u *user) string { return u.secret },
		write: func(_ *FS, u *user, p string) error {
			if len(p) >= auth.SecretLen {
				return errGarbled
			}
			u.secret, _, _ = strings.Cut(p, "\x00")
			return nil
		}},
	{name: "log", log: true,
		read:  func(_ *FS, u *user) string { return fmt.Sprintln(u.log.bad) },
		write: func(f *FS, u *user, p string) error { return u.log.attempt(f.cfg.Now().Unix(), line(p) == "good") }},
	{name: "expire", read: (*FS).expire, write: setExpire},
	{name: "status", read: (*FS).status, write: setStatus},
	{name: "warnings",
		read: func(_ *FS, u *user) string { return fmt.Sprintln(u.warnings) },
		write: func(_ *FS, u *user, p string) error {
			n, err := strconv.ParseUint(line(p), 10, 8)
			if err != nil {
				return errGarbled
			}
			u.warnings = byte(n)
			return nil
		},
		remove: func(u *user) { u.warnings = 0 }},
}

// set puts all of a key in its place.
func set(key []byte, p string) error {
	if len(p) != len(key) {
		return errGarbled
	}
	copy(key, p)
	return nil
}

// line returns the first line.
func line(p string) string {
	p, _, _ = strings.Cut(p, "\n")
	return p
}

// attempt counts an attempt. After ten that failed there is a pause, longer each
// time.
func (l *log) attempt(now int64, good bool) error {
	if good {
		l.bad = 0
		return nil
	}
	if l.bad++; l.bad%maxBad == 0 {
		l.purgatory = now + int64(l.bad)
	}
	return nil
}

// expired reports whether a user's time is over.
func (f *FS) expired(u *user) bool {
	return u.expire != 0 && int64(u.expire) < f.cfg.Now().Unix()
}

func (f *FS) expire(u *user) string {
	if u.expire == 0 {
		return "never\n"
	}
	return fmt.Sprintln(u.expire)
}

func setExpire(_ *FS, u *user, p string) error {
	text := line(p)
	if text == "never" {
		text = "0"
	}
	n, err := strconv.ParseUint(text, 10, 32)
	if err != nil || n > math.MaxUint32 {
		return errExpire
	}
	u.expire, u.warnings = uint32(n), 0
	return nil
}

func (f *FS) status(u *user) string {
	switch {
	case u.status != 0:
		return "disabled\n"
	case f.expired(u):
		return "expired\n"
	}
	return "ok\n"
}

func setStatus(_ *FS, u *user, p string) error {
	switch line(p) {
	case "ok":
		u.status = 0
	case "disabled":
		u.status = disabled
	default:
		return errStatus
	}
	u.log.bad = 0
	return nil
}

// mayOpenNewer refuses files that are not in a file of the older form.
func (f *FS) mayOpenNewer(ctx context.Context, _ string, _ ninep.Mode) error {
	return f.do(ctx, func() error {
		if !f.newer {
			return errNotAES
		}
		return nil
	})
}

// read returns what is in a user's file.
func (f *FS) read(ctx context.Context, id uint64, k kind) (b []byte, err error) {
	err = f.do(ctx, func() error {
		i, err := f.user(id)
		if err != nil {
			return err
		}
		u := f.users[i]
		if k.secret {
			switch {
			case u.status != 0:
				return errDisabled
			case u.log.purgatory > f.cfg.Now().Unix():
				return errPurgatory
			case f.expired(u):
				return errExpired
			}
		}
		b = []byte(k.read(f, u))
		return nil
	})
	return b, err
}

// write changes a user's file. Attempts are not kept.
func (f *FS) write(ctx context.Context, id uint64, k kind, p []byte) error {
	edit := func(u *user) error { return k.write(f, u, string(p)) }
	if !k.log {
		return f.change(ctx, id, edit)
	}
	return f.do(ctx, func() error {
		i, err := f.user(id)
		if err != nil {
			return err
		}
		return edit(f.users[i])
	})
}
