package disk

import (
	"bufio"
	"bytes"
	"slices"
	"strings"

	"ufo/ninep"
)

// users is who there is, from the /adm/users that file was at version vers.
// See users(6).
type users struct {
	file   *node
	vers   uint32
	groups map[string]group
}

// A group is a line of /adm/users. Each user is one.
type group struct {
	barred  bool // a negative id: cannot attach
	leader  string
	members []string
}

// maxUsers is how much of /adm/users counts. Its length is whatever somebody
// makes it, with a write far behind the end.
const maxUsers = 1 << 20

// users returns the current table. d.mu is held.
func (d *Disk) users() *users {
	var f *node
	if adm := d.kid(d.root, "adm"); adm != nil && adm.isDir() {
		f = d.kid(adm, "users")
	}
	if f != nil && f.isDir() {
		f = nil
	}
	u := d.table.Load()
	if u != nil && u.file == f && (f == nil || u.vers == f.vers) {
		return u
	}
	u = &users{file: f}
	if f != nil {
		u.vers = f.vers
		text := make([]byte, min(f.length, maxUsers))
		if d.read(f, text, 0) == nil { // unreadable: nobody is known
			u.groups = parseUsers(text)
		}
	}
	d.table.Store(u)
	return u
}

// contents returns what is in a file.
func (d *Disk) contents(n *node) ([]byte, error) {
	p := make([]byte, n.length)
	return p, d.read(n, p, 0)
}

// read fills p with what is in a file at off; there is that much.
func (d *Disk) read(n *node, p []byte, off int64) error {
	if n.src == nil {
		return n.data.read(d.store, p, off)
	}
	k, err := n.src.ReadAt(p, off)
	if k == len(p) {
		return nil // an EOF does not matter then
	}
	return err
}

func parseUsers(text []byte) map[string]group {
	groups := make(map[string]group)
	sc := bufio.NewScanner(bytes.NewReader(text))
	for sc.Scan() {
		f := strings.Split(sc.Text(), ":")
		if len(f) < 2 || strings.HasPrefix(f[0], "#") || f[1] == "" {
			continue
		}
		g := group{barred: strings.HasPrefix(f[0], "-")}
		if len(f) > 2 {
			g.leader = f[2]
		}
		if len(f) > 3 {
			g.members = strings.FieldsFunc(f[3], func(c rune) bool { return c == ',' })
		}
		groups[f[1]] = g
	}
	return groups
}

// known reports whether the user may attach. Without an /adm/users everybody
// may.
func (u *users) known(user string) bool {
	g, ok := u.groups[user]
	return ok && !g.barred || user == None || u.file == nil
}

// isGroup reports whether there is a group of that name.
func (u *users) isGroup(name string) bool {
	_, ok := u.groups[name]
	return ok || u.file == nil
}

// member reports whether user is in the group.
func (u *users) member(group, user string) bool {
	return user != None && (user == group || slices.Contains(u.groups[group].members, user))
}

// leads reports whether user leads the group. A group without a leader is led
// by all its members.
func (u *users) leads(group, user string) bool {
	if l := u.groups[group].leader; l != "" {
		return user == l && user != None
	}
	return u.member(group, user)
}

// may reports whether user may open n with mode. d.mu is held.
func (d *Disk) may(n *node, user string, mode ninep.Mode) bool {
	if user == None {
		user = "" // owns nothing
	}
	e := ninep.Dir{Mode: n.mode, UID: n.uid, GID: n.gid}
	if e.Access(user, nil, mode) { // most of the time: no need of the table
		return true
	}
	return user != "" && e.Access(user, d.users().member, mode)
}
