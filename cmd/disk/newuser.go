package disk

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/rootfs"
)

// This file is what the console of a file server does, and no user may.

// Newuser makes a user known, with a group of his own and a directory below /usr,
// unless there are such already. See users(6).
func (d *Disk) Newuser(ctx context.Context, name string) error {
	if !ninep.ValidName(name) || name == None || strings.ContainsAny(name, "?=+-/:, \t") {
		return fmt.Errorf("%s: %w", name, ErrNoUser)
	}
	if err := d.enter(ctx, name); err != nil {
		return fmt.Errorf("/adm/users: %w", err)
	}
	home, err := d.home(ctx, name)
	if err != nil || home == nil {
		return err
	}
	defer home.Close()
	for _, dir := range []string{"bin", "bin/rc", "lib", "tmp"} {
		if err := mkdir(ctx, home, dir); err != nil {
			return err
		}
	}
	profile, err := rootfs.ReadFile("/usr/glenda/lib/profile")
	if err != nil {
		return err
	}
	return ninep.WriteFile(ctx, home, "lib/profile", profile, 0664)
}

// find returns the file with a name, as its owner has it, or nil.
func (d *Disk) find(names ...string) *file {
	d.mu.Lock()
	defer d.mu.Unlock()
	n := d.root
	for _, name := range names {
		if n == nil || !n.isDir() {
			return nil
		}
		n = d.kid(n, name)
	}
	if n == nil {
		return nil
	}
	return &file{d: d, n: n, user: n.uid}
}

// enter adds a user to /adm/users. Without that file everybody is one.
func (d *Disk) enter(ctx context.Context, name string) error {
	f := d.find("adm", "users")
	if f == nil {
		return nil
	}
	defer f.Close()
	if err := f.Open(ctx, ninep.ORDWR); err != nil {
		return err
	}
	text := make([]byte, maxUsers)
	n, err := f.Read(ctx, text, 0)
	if err != nil {
		return err
	}
	text = text[:n]
	if _, known := parseUsers(text)[name]; known {
		return nil
	}
	id := 0
	for line := range bytes.Lines(text) {
		if num, _, ok := bytes.Cut(line, []byte(":")); ok {
			k, _ := strconv.Atoi(string(num))
			id = max(id, k)
		}
	}
	line := fmt.Sprintf("%d:%s:%s:\n", id+1, name, name)
	if n > 0 && text[n-1] != '\n' {
		line = "\n" + line
	}
	_, err = f.Write(ctx, []byte(line), int64(n))
	return err
}

// home makes /usr/name, which is name's, and returns it as he has it; nil if it is
// there already.
func (d *Disk) home(ctx context.Context, name string) (*file, error) {
	usr := d.find("usr")
	if usr == nil {
		return nil, fmt.Errorf("/usr: %w", ninep.ErrNotExist)
	}
	defer usr.Close()
	if d.find("usr", name) != nil {
		return nil, nil
	}
	f, err := usr.Create(ctx, name, ninep.DMDIR|0775, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	home := &file{d: d, n: f.(*file).n, user: name}
	return home, d.chown(home.n, name)
}

// chown gives a file to a user and his group.
func (d *Disk) chown(n *node, user string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	b := d.begin()
	if err := d.log(n, true); err != nil {
		return err
	}
	m := n.meta
	m.uid, m.gid, m.muid = user, user, user
	b.node(n, n.parent, m, n.atime.Load())
	return d.commit()
}

// mkdir makes a directory below dir.
func mkdir(ctx context.Context, dir ninep.File, name string) error {
	names := strings.Split(name, "/")
	last := len(names) - 1
	at, _, err := ninep.WalkNames(ctx, dir, names[:last])
	if err != nil {
		return err
	}
	defer at.Close()
	f, err := at.Create(ctx, names[last], ninep.DMDIR|0775, ninep.OREAD)
	if err != nil {
		return err
	}
	return f.Close()
}
