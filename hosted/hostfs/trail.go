package hostfs

import (
	"io/fs"
	"os"
	"strings"

	"ufo/ninep"
)

// A trail is the way from the root of a grant to a file: the directories on
// it, each open, and the file's name in the last one.
//
// It goes one name at a time. What has the name is looked at, and a directory
// is opened and then compared with what was seen, so that it is never a
// symbolic link that took its place. [os.Root] would follow links by itself,
// but without telling where they lead; that matters when one grant is inside
// another, and to say who is allowed to pass.
//
//	t, err := s.trail(grant, user, "a", "b")
//	defer t.close()
//	f, err := t.dir().OpenFile(t.name, ...)
type trail struct {
	s      *Server
	user   string
	levels []level
	links  int // symbolic links followed

	// Where the trail ends.
	name string // in the last level's directory; "." for that itself
	info fs.FileInfo
}

// A level is a directory on a trail.
type level struct {
	dir   *os.Root
	info  fs.FileInfo
	grant *grant // whose rights count in it
}

// How many symbolic links and directories may be on a trail: each of the latter
// is an open file of the host.
const (
	maxLinks = 40
	maxDepth = 256
)

// trail returns the trail from the root of a grant along names of the host,
// symbolic links followed. The caller closes it.
func (s *Server) trail(g *grant, user string, names ...string) (*trail, error) {
	info, err := g.root.Stat(".")
	if err != nil {
		return nil, hostError(err)
	}
	first := level{dir: g.root, info: info, grant: g}
	t := &trail{s: s, user: user, levels: []level{first}, name: ".", info: info}
	for _, name := range names {
		if err := t.step(name, true); err != nil {
			t.close()
			return nil, err
		}
	}
	return t, nil
}

// close closes the directories, but for the grant's.
func (t *trail) close() { t.cut(1) }

// cut leaves the first n levels.
func (t *trail) cut(n int) {
	for _, l := range t.levels[n:] {
		l.dir.Close()
	}
	t.levels = t.levels[:n]
}

// in returns the directory that the end of the trail is in, or is.
func (t *trail) in() level { return t.levels[len(t.levels)-1] }

// dir returns the open directory in which the end of the trail has its name.
func (t *trail) dir() *os.Root { return t.in().dir }

// grant returns the grant that decides about the end of the trail.
func (t *trail) grant() *grant {
	if t.info.IsDir() {
		return t.s.inner(t.info, t.in().grant)
	}
	return t.in().grant
}

// step goes on by one name and, if follow is set and it is a symbolic link's,
// by what that says. A link that leads out of the grant gives ErrPerm, one
// that leads nowhere ErrNotExist. After
// an error the trail can only be closed.
func (t *trail) step(name string, follow bool) error {
	todo := []string{name}
	for len(todo) > 0 {
		name, todo = todo[0], todo[1:]
		if err := t.enter(); err != nil {
			return err
		}
		switch name {
		case "", ".": // of a link: it says that what is before it is a directory
			continue
		case "..":
			if len(t.levels) == 1 {
				return ninep.ErrPerm
			}
			t.cut(len(t.levels) - 1)
			t.name, t.info = ".", t.in().info
			continue
		}
		info, err := t.dir().Lstat(name)
		if err != nil {
			return hostError(err)
		}
		if info.Mode()&fs.ModeSymlink == 0 || !follow {
			t.name, t.info = name, info
			continue
		}
		to, err := t.dir().Readlink(name)
		if err != nil {
			return hostError(err)
		}
		if strings.HasPrefix(to, "/") {
			return ninep.ErrPerm
		}
		if t.links++; t.links > maxLinks {
			return ninep.ErrNotExist
		}
		todo = append(strings.Split(to, "/"), todo...)
	}
	return nil
}

// enter makes the end of the trail, a directory, the one that names are looked
// up in. Whoever does that needs the permission to.
func (t *trail) enter() error {
	if err := t.push(); err != nil {
		return err
	}
	if !t.s.may(t.user, t.info, ninep.OEXEC) {
		return ninep.ErrPerm
	}
	return nil
}

// push opens the directory at the end of the trail.
func (t *trail) push() error {
	if t.name == "." {
		return nil
	}
	if !t.info.IsDir() {
		return ninep.ErrNotDir
	}
	if len(t.levels) > maxDepth {
		return ninep.ErrTooLong
	}
	// The dot has it opened as a directory only: without, a fifo that took its
	// place would be waited for, and a device be opened.
	dir, err := t.dir().OpenRoot(t.name + "/.")
	if err != nil {
		return hostError(err)
	}
	info, err := dir.Stat(".")
	if err != nil || !os.SameFile(info, t.info) {
		dir.Close()
		return ninep.ErrNotExist
	}
	t.levels = append(t.levels, level{dir: dir, info: info, grant: t.s.inner(info, t.in().grant)})
	t.name, t.info = ".", info
	return nil
}

// mayChange says whether the directory that the trail ends in may get and lose
// entries.
func (t *trail) mayChange() error {
	in := t.in()
	if !in.grant.write || !t.s.may(t.user, in.info, ninep.OWRITE) {
		return ninep.ErrPerm
	}
	return nil
}

// mayMove says whether the file at the end of the trail may lose its name.
func (t *trail) mayMove() error {
	if t.name == "." || t.s.inner(t.info, nil) != nil {
		return ninep.ErrPerm // a grant stays where it is
	}
	if err := t.mayChange(); err != nil {
		return err
	}
	// The host does not apply this rule to its super-user, as whom we may run.
	dir := t.in().info
	if dir.Mode()&fs.ModeSticky != 0 && !t.s.owns(t.user, dir) && !t.s.owns(t.user, t.info) {
		return ninep.ErrPerm
	}
	return nil
}

// owns reports whether a user has an owner's rights to a file, as far as that
// is not for the host to say.
func (s *Server) owns(user string, info fs.FileInfo) bool {
	return user == s.owner || user == s.dir("", info).UID
}
