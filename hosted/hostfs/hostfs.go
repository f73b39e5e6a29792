// Package hostfs is a file server of folders of the host: the device #U.
//
//	srv, err := hostfs.New("glenda", []hostfs.Dir{{Path: "/home/me/src", Write: true}})
//	defer srv.Close()
//
// What it shows are the folders it is given, at their names on the host, and
// what leads to them:
//
//	/                  lists home only; cannot be changed
//	/home/me           lists src only
//	/home/me/src       the folder
//
// Nothing is remembered: each call looks at the host anew. A File that is not
// open is a name, so it stands for what has the name when it is used.
//
// Nobody gets out of a folder. A name is never given to the host whole:
// trail.go goes down one directory at a time, holds each open as an
// [os.Root], and has a look at what it opened; a symbolic link is read and
// followed in the same way. So it does not matter who renames what in the
// meantime, and the rights that count are those of the folder in which a file
// really is.
//
// There are two permissions to pass: for users other than the owner the one
// that the entry shows, by the rules of intro(5); and that of the host, for
// which every caller is the user who runs this program.
//
// Locks: each stands alone, and none is held during a call of the host.
package hostfs

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"ufo/ninep"
)

// A Dir is a folder of the host that is shown. When one is inside another,
// the inner one decides about what is in it.
type Dir struct {
	Path  string // absolute and clean: "/home/me/src"
	Write bool   // may be changed
}

// A Server is the device #U. It is a ninep.Server.
type Server struct {
	// Who says who makes a call, when that can be another user than the
	// one who attached. Nil: the one who attached.
	Who func(ctx context.Context, attached string) string

	owner  string
	top    *node
	grants []*grant
	users  *users
	made   uint32 // when New was called
}

// A grant is a Dir that is open.
type grant struct {
	root  *os.Root
	info  fs.FileInfo // as long as root is open, no other directory is os.SameFile
	write bool
}

// A node is a directory on the way to a Dir, or one.
type node struct {
	host  string // name on the host; "" for the root
	path  uint64 // of its qid, where there is no grant
	grant *grant // nil: made up
	kids  []*node
}

// New returns the server of the folders. Owner is the Plan 9 user who owns
// what belongs to the user who runs this program. A folder that cannot be
// opened, or is given twice, is an error.
func New(owner string, dirs []Dir) (*Server, error) {
	s := &Server{owner: owner, top: newNode("", "/"), users: newUsers(owner), made: seconds(time.Now())}
	for _, d := range dirs {
		if err := s.add(d); err != nil {
			s.Close()
			return nil, fmt.Errorf("%s: %w", d.Path, err)
		}
	}
	return s, nil
}

// add opens a folder.
func (s *Server) add(d Dir) error {
	if !filepath.IsAbs(d.Path) || filepath.Clean(d.Path) != d.Path {
		return errors.New("not an absolute, clean name")
	}
	root, err := os.OpenRoot(d.Path + "/.") // the dot: a fifo is not waited for
	if err != nil {
		return hostError(err)
	}
	g := &grant{root: root, write: d.Write}
	s.grants = append(s.grants, g)
	if g.info, err = root.Stat("."); err != nil {
		return hostError(err)
	}
	n := s.top
	for i, name := range strings.Split(d.Path, "/") {
		if name != "" {
			n = n.make(name, d.Path, i)
		}
	}
	if n.grant != nil {
		return errors.New("given twice")
	}
	n.grant = g
	return nil
}

func newNode(host, path string) *node {
	h := fnv.New64a()
	h.Write([]byte("made up " + path))
	return &node{host: host, path: h.Sum64()}
}

// make returns the kid called host, the ith element of path; it is new if
// there is none.
func (n *node) make(host, path string, i int) *node {
	if k := n.kid(host); k != nil {
		return k
	}
	k := newNode(host, strings.Join(strings.Split(path, "/")[:i+1], "/"))
	n.kids = append(n.kids, k)
	return k
}

// kid returns the kid called host, nil if there is none. There may be no node.
func (n *node) kid(host string) *node {
	if n == nil {
		return nil
	}
	for _, k := range n.kids {
		if k.host == host {
			return k
		}
	}
	return nil
}

// Close gives the folders back to the host. Files that are not open give
// errors from now on; those that are can be used until they are closed.
func (s *Server) Close() error {
	var errs []error
	for _, g := range s.grants {
		errs = append(errs, g.root.Close())
	}
	return errors.Join(errs...)
}

// Attach returns the root or, with a spec like "home/me", the directory of
// that name as a root. Any user may attach.
func (s *Server) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	var names []string
	if spec = strings.Trim(spec, "/"); spec != "" {
		names = strings.Split(spec, "/")
	}
	for _, name := range names {
		if !ninep.ValidName(name) {
			return nil, ninep.ErrBadSpec
		}
	}
	root, err := s.at(user, s.top)
	if err != nil {
		return nil, err
	}
	f, _, err := ninep.WalkNames(ctx, root, names)
	root.Close()
	if err != nil {
		return nil, err
	}
	if !f.Qid().IsDir() {
		f.Close()
		return nil, ninep.ErrNotDir
	}
	return f, nil
}

// at returns the File of a node.
func (s *Server) at(user string, n *node) (ninep.File, error) {
	if n.grant == nil {
		return &made{s: s, user: user, n: n}, nil
	}
	info, err := n.grant.root.Stat(".")
	if err != nil {
		return nil, hostError(err)
	}
	return &file{s: s, user: user, grant: n.grant, node: n, qid: qid(info)}, nil
}

// who returns the user that makes a call.
func (s *Server) who(ctx context.Context, attached string) string {
	if s.Who == nil {
		return attached
	}
	return s.Who(ctx, attached)
}

// inner returns the grant whose root is the directory with the given info,
// or else g.
func (s *Server) inner(info fs.FileInfo, g *grant) *grant {
	for _, other := range s.grants {
		if os.SameFile(info, other.info) {
			return other
		}
	}
	return g
}
