package dev

// The srv device: a board on which open connections are posted.
//
//	#s/name       create it, write the number of a descriptor to it: from then
//	              on opening it gives that connection
//	#s/clone      open it for a board of one's own; it reads the name of the
//	              board, which is there as long as it is open
//	#s/3/…        that board: the same files as in #s
//
// What is posted stays until the file is removed, whatever becomes of who
// posted it. Owner and host owner may remove and rename; a wstat changes name,
// owner and permissions.
//
//	% bind -c '#s' /srv
//	% ramfs -S scratch; ls /srv
//	/srv/boot
//	/srv/clone
//	/srv/scratch
//	% mount -c /srv/scratch /n/scratch
//	% {echo 0 >/srv/ear} <>/dev/cons

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A Srv is the device #s.
type Srv struct {
	owner string
	root  *board
	tree  *ninep.Tree

	mu   sync.Mutex // guards path, and all boards and posts
	path uint64     // last number given out
}

// A board is a directory.
type board struct {
	srv    *Srv
	parent *board
	link
	posts  []*post
	boards []*board
	closed bool // nothing can be posted any more
}

// A post is a file.
type post struct {
	srv *Srv
	on  *board
	link
	conn *ns.Chan // owned; nil until a descriptor was written
}

// A link is what a board and a post have of a directory entry.
type link struct {
	name string
	user string
	perm ninep.Perm
	path uint64 // number; makes the qid's
}

// NewSrv returns the device #s.
func NewSrv(h Host) *Srv {
	s := &Srv{owner: h.Owner}
	s.root = &board{srv: s, link: link{user: h.Owner, perm: 0777}}
	s.tree = newTree(h, s.root.node())
	return s
}

// Attach returns the board that spec names by its path, "3/7"; "" is the
// root.
func (s *Srv) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	f, err := s.tree.Attach(ctx, user, "")
	for name := range strings.SplitSeq(spec, "/") {
		if err != nil || name == "" {
			continue
		}
		var nf ninep.File
		nf, err = f.Walk(ctx, name)
		f.Close()
		f = nf
	}
	return f, err
}

// Post posts a connection on the root board, for the kernel. It consumes
// conn. Perm says who may use it.
func (s *Srv) Post(name string, conn *ns.Chan, perm ninep.Perm) error {
	p, err := s.root.add(name, s.owner, perm)
	if err == nil {
		err = p.post(conn)
	}
	if err != nil {
		conn.Close()
	}
	return err
}

// Close removes everything from all boards: the kernel halts.
func (s *Srv) Close() { s.root.clear() }

// nextPath returns a new number; called with mu held.
func (s *Srv) nextPath() uint64 {
	s.path++
	return s.path
}

// node returns the directory of the board.
func (b *board) node() *ninep.Node {
	clone := &ninep.Node{
		Name: "clone", Perm: 0444, Path: b.path<<1 | 1,
		Open: func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) { return b.clone(user) },
	}
	return &ninep.Node{
		Name: b.name, Perm: ninep.DMDIR, Path: b.path << 1,
		Stat:     b.srv.entry(&b.link),
		Children: []*ninep.Node{clone},
		List: func(context.Context) ([]*ninep.Node, error) {
			b.srv.mu.Lock()
			posts, boards := slices.Clone(b.posts), slices.Clone(b.boards)
			b.srv.mu.Unlock()
			var nodes []*ninep.Node
			for _, p := range posts {
				nodes = append(nodes, p.node())
			}
			for _, c := range boards {
				nodes = append(nodes, c.node())
			}
			return nodes, nil
		},
		Create: func(_ context.Context, user, name string, perm ninep.Perm, mode ninep.Mode) (*ninep.Node, error) {
			if perm.IsDir() || mode.Access() != ninep.OWRITE {
				return nil, ninep.ErrPerm
			}
			p, err := b.add(name, user, perm&0777)
			if err != nil {
				return nil, err
			}
			return p.node(), nil
		},
		Wstat: func(_ context.Context, user string, d ninep.Dir) error {
			if b.parent == nil {
				return ninep.ErrPerm
			}
			return b.srv.wstat(b.parent, &b.link, user, d)
		},
	}
}

// entry returns the function that puts into an entry what changes.
func (s *Srv) entry(l *link) func(d *ninep.Dir) {
	return func(d *ninep.Dir) {
		s.mu.Lock()
		defer s.mu.Unlock()
		d.UID, d.MUID, d.GID = l.user, l.user, s.owner
		d.Mode = d.Mode&ninep.DMDIR | l.perm
	}
}

// has reports whether there is a file called name; called with mu held.
func (b *board) has(name string) bool {
	return name == "clone" ||
		slices.ContainsFunc(b.posts, func(p *post) bool { return p.name == name }) ||
		slices.ContainsFunc(b.boards, func(c *board) bool { return c.name == name })
}

// add makes a file in which nothing is posted yet.
func (b *board) add(name, user string, perm ninep.Perm) (*post, error) {
	b.srv.mu.Lock()
	defer b.srv.mu.Unlock()
	switch {
	case b.closed:
		return nil, ninep.ErrShutdown
	case b.has(name):
		return nil, ninep.ErrExist
	}
	p := &post{srv: b.srv, on: b, link: link{name: name, user: user, perm: perm, path: b.srv.nextPath()}}
	b.posts = append(b.posts, p)
	return p, nil
}

// clone makes a board that lasts until the file that it returns is closed.
func (b *board) clone(user string) (*ninep.Node, error) {
	s := b.srv
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.closed {
		return nil, ninep.ErrShutdown
	}
	c := &board{srv: s, parent: b, link: link{user: user, perm: 0770}}
	for c.name == "" || b.has(c.name) {
		c.path = s.nextPath()
		c.name = strconv.FormatUint(c.path, 10)
	}
	b.boards = append(b.boards, c)
	lease := ninep.Text("clone", c.name)
	lease.Path = c.path<<1 | 1
	lease.Close = c.clear
	return lease, nil
}

// clear ends a board: its connections go, and it is taken down as soon as
// there is no board below it.
func (b *board) clear() {
	b.srv.mu.Lock()
	var conns []*ns.Chan
	for _, p := range b.posts {
		if p.conn != nil {
			conns = append(conns, p.conn)
			p.conn = nil
		}
	}
	b.posts, b.closed = nil, true
	for b.closed && len(b.boards) == 0 && b.parent != nil {
		b.parent.boards = slices.DeleteFunc(b.parent.boards, func(c *board) bool { return c == b })
		b = b.parent
	}
	b.srv.mu.Unlock()
	for _, c := range conns {
		c.Close()
	}
}

// pathname returns the name by which the usual name space has the board.
func (b *board) pathname() string {
	if b.parent == nil {
		return "/srv"
	}
	return b.parent.pathname() + "/" + b.name
}

// node returns the file.
func (p *post) node() *ninep.Node {
	return &ninep.Node{
		Name: p.name, Path: p.path << 1, Stat: p.srv.entry(&p.link),
		Write: p.write,
		Remove: func(_ context.Context, user string) error {
			if user != p.user && user != p.srv.owner {
				return ninep.ErrPerm
			}
			return p.remove()
		},
		Wstat: func(_ context.Context, user string, d ninep.Dir) error {
			return p.srv.wstat(p.on, &p.link, user, d)
		},
		Wrap: func(f ninep.File) ninep.File { return postFile{f, p} },
	}
}

// write posts the descriptor whose number is written.
func (p *post) write(ctx context.Context, b []byte) error {
	up := proc.Up(ctx)
	if up == nil {
		return ninep.ErrBadFD
	}
	fd, err := strconv.Atoi(strings.TrimSpace(string(b)))
	if err != nil {
		return ninep.ErrBadArg
	}
	conn, err := up.FdChan(fd)
	if err != nil {
		return err
	}
	if conn.Qid().Type&ninep.QTAUTH != 0 {
		err = ninep.Error("cannot post auth file in srv")
	} else {
		err = p.post(conn)
	}
	if err != nil {
		conn.Close()
	}
	return err
}

// post posts conn, which it consumes unless there is an error. While it gives
// conn its name somebody may already remove the post, so it keeps a reference.
func (p *post) post(conn *ns.Chan) error {
	p.srv.mu.Lock()
	name := p.on.pathname() + "/" + p.name
	gone := !slices.Contains(p.on.posts, p)
	full := p.conn != nil
	if !gone && !full {
		p.conn = conn.Incref()
	}
	p.srv.mu.Unlock()
	switch {
	case gone:
		return ninep.ErrShutdown
	case full:
		return ninep.ErrBadUseFD
	}
	conn.SetPosted(name)
	conn.Close()
	return nil
}

func (p *post) remove() error {
	p.srv.mu.Lock()
	i := slices.Index(p.on.posts, p)
	if i < 0 {
		p.srv.mu.Unlock()
		return ninep.ErrNotExist
	}
	p.on.posts = slices.Delete(p.on.posts, i, i+1)
	conn := p.conn
	p.conn = nil
	p.srv.mu.Unlock()
	if conn != nil {
		conn.Close()
	}
	return nil
}

// wstat changes name, owner and permissions of a file or board on b.
func (s *Srv) wstat(b *board, l *link, user string, d ninep.Dir) error {
	want := ninep.NullDir
	want.Name, want.UID, want.Mode = d.Name, d.UID, d.Mode
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case d != want || user != l.user && user != s.owner:
		return ninep.ErrPerm
	case d.Name != "" && d.Name != l.name && b.has(d.Name):
		return ninep.ErrExist
	}
	if d.Name != "" {
		l.name = d.Name
	}
	if d.UID != "" {
		l.user = d.UID
	}
	if d.Mode != ninep.NullDir.Mode {
		l.perm = d.Mode & 0777
	}
	return nil
}

// A postFile opens as the connection that is posted.
type postFile struct {
	ninep.File
	p *post
}

// Redirect returns the connection with one more reference.
func (f postFile) Redirect(ctx context.Context, mode ninep.Mode) (*ns.Chan, error) {
	switch {
	case mode&ninep.OTRUNC != 0:
		return nil, ninep.ErrExist
	case mode&ninep.ORCLOSE != 0:
		return nil, ninep.ErrPerm
	}
	d, err := f.Stat(ctx)
	if err != nil {
		return nil, err
	}
	may := d.Access(who(ctx, f.p.srv.owner), nil, mode)
	f.p.srv.mu.Lock()
	defer f.p.srv.mu.Unlock()
	conn := f.p.conn
	switch {
	case conn == nil:
		return nil, ninep.ErrShutdown
	case !may || mode.Access() != conn.Mode().Access() && conn.Mode().Access() != ninep.ORDWR:
		return nil, ninep.ErrPerm
	}
	return conn.Incref(), nil
}
