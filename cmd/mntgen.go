package cmd

import (
	"context"
	"hash/fnv"
	"net/netip"
	"slices"
	"sync"

	"ufo/cmd/ndb"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// exportfsPort is where listen(8) starts exportfs(4).
const exportfsPort = "17007"

// mntgen - automatically generate mount points for file systems
//
// Mntgen mounts itself on mnt, by default /n, after what is there. In it every
// name exists: a directory, empty, to mount something on. A directory lasts
// as long as it is used.
//
//	-s  post the server as /srv/service, too: for everybody, but with -g
//	    for oneself
//	-g  let the names of the grid's nodes, those that the network database
//	    has an address for, be the nodes: /n/n3 is n3's name space. Mntgen
//	    calls the node's exportfs(4) when one first walks to its name, and
//	    again after the connection broke.
//	-D  trace the 9P messages on the standard error
//
// A process called mntgen NODE holds the connection to a node, which is gone
// with it.
//
// # EXAMPLES
//
// What runs on n3?
//
//	cat /n/n3/proc/*/status
//
// # FILES
//
//	/lib/ndb/local
//	/srv/slashn  what /n is mounted from
//
// # SEE ALSO
//
// mount(1), exportfs(4), import(4), ndb(6)
func mntgenMain(p *proc.Proc) error {
	srv := server{mtpt: "/n", flag: ns.MAFTER}
	m := &mntgen{now: uint32(p.Now().Unix()), user: p.User(), used: make(map[string]int)}
	grid := false
	arg := argbegin(p, "[-gD] [-s service] [mnt]")
	for c := range arg.flags() {
		switch c {
		case 'g':
			grid = true
		case 's':
			srv.name = arg.eargf()
		case 'D':
			srv.trace = true
		default:
			arg.usage()
		}
	}
	switch len(arg.args) {
	case 0:
	case 1:
		srv.mtpt = arg.args[0]
	default:
		arg.usage()
	}
	if grid {
		srv.init, srv.main = m.readnodes, m.main
	} else {
		srv.perm = 0666 // what it has belongs to nobody
	}
	srv.Server = m
	if err := srv.start(p); err != nil {
		return fatal(p, "%v", err)
	}
	return nil
}

// A mntgen is the server: one directory in which all names exist.
type mntgen struct {
	now   uint32 // when it started
	user  string
	nodes []*gridnode // those of the grid

	mu     sync.Mutex     // guards what follows, and the nodes' state
	used   map[string]int // how many files stand for a directory made on demand
	called []*gridnode    // to be called by the server's process
	wake   chan struct{}  // closed when there is work for it
	over   bool
}

// readnodes finds the nodes of the grid: the systems that have an address.
func (m *mntgen) readnodes(p *proc.Proc) error {
	db, err := ndb.Open("/lib/ndb/local", p.ReadFile)
	if err != nil {
		return err
	}
	for _, t := range db.With("sys") {
		name, ip := t.Get("sys"), t.Get("ip")
		if addr, err := netip.ParseAddr(ip); err == nil && addr.IsLoopback() {
			continue // what each calls itself
		}
		if ip != "" && ninep.ValidName(name) && m.node(name) == nil {
			m.nodes = append(m.nodes, &gridnode{name: name, addr: "tcp!" + ip + "!" + exportfsPort})
		}
	}
	return nil
}

// node returns the node called name, nil for none.
func (m *mntgen) node(name string) *gridnode {
	i := slices.IndexFunc(m.nodes, func(n *gridnode) bool { return n.name == name })
	if i < 0 {
		return nil
	}
	return m.nodes[i]
}

// nameHash is the qid path of the file called name: the same each time, so
// that what is mounted on it stays in place.
func nameHash(name string) uint64 {
	h := fnv.New64a()
	h.Write([]byte(name))
	return h.Sum64() | 1 // the root is 0
}

// stat returns the entry of the directory called name.
func (m *mntgen) stat(name string) ninep.Dir {
	d := ninep.Dir{
		Qid:  ninep.Qid{Path: nameHash(name), Type: ninep.QTDIR},
		Mode: ninep.DMDIR | 0555, Atime: m.now, Mtime: m.now,
		Name: name, UID: m.user, GID: m.user, MUID: m.user,
	}
	if name == "/" {
		d.Qid.Path = 0
	}
	return d
}

// Attach returns the root.
func (m *mntgen) Attach(_ context.Context, _, spec string) (ninep.File, error) {
	if spec != "" {
		return nil, ninep.ErrBadSpec
	}
	return &mntroot{m: m}, nil
}

// A mntroot is the directory of all names.
type mntroot struct {
	ninep.Plain
	m *mntgen
}

func (f *mntroot) Qid() ninep.Qid { return ninep.Qid{Type: ninep.QTDIR} }

func (f *mntroot) Stat(context.Context) (ninep.Dir, error) { return f.m.stat("/"), nil }

func (f *mntroot) Clone(context.Context) (ninep.File, error) { c := *f; return &c, nil }

func (f *mntroot) Walk(ctx context.Context, name string) (ninep.File, error) {
	file, _, err := f.WalkNames(ctx, []string{name})
	return file, err
}

// WalkNames asks a node for all of what follows its name at once.
func (f *mntroot) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	n := f.m.node(names[0])
	if n == nil {
		dir := f.m.use(names[0])
		qids := []ninep.Qid{dir.Qid()}
		if len(names) > 1 {
			dir.Close()
			return nil, qids, ninep.ErrNotExist
		}
		return dir, qids, nil
	}
	tree, err := f.m.connect(ctx, n)
	if err != nil {
		return nil, nil, err
	}
	qids := []ninep.Qid{tree.qid(tree.root.Qid())}
	file, more, err := ninep.WalkNames(ctx, tree.root, names[1:])
	for _, q := range more {
		qids = append(qids, tree.qid(q))
	}
	if err != nil {
		return nil, qids, err
	}
	return &nodefile{file, tree}, qids, nil
}

func (f *mntroot) ReadDir(context.Context) ([]ninep.Dir, error) {
	var dirs []ninep.Dir
	for _, n := range f.m.nodes {
		dirs = append(dirs, f.m.stat(n.name))
	}
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	names := make([]string, 0, len(f.m.used))
	for name := range f.m.used {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		dirs = append(dirs, f.m.stat(name))
	}
	return dirs, nil
}

// use returns the directory called name, which exists until the last File for
// it is closed.
func (m *mntgen) use(name string) ninep.File {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.used[name]++
	return &mntdir{m: m, name: name}
}

// A mntdir is an empty directory made on demand.
type mntdir struct {
	ninep.Plain
	m    *mntgen
	name string
}

func (f *mntdir) Qid() ninep.Qid { return f.m.stat(f.name).Qid }

func (f *mntdir) Stat(context.Context) (ninep.Dir, error) { return f.m.stat(f.name), nil }

func (f *mntdir) Clone(context.Context) (ninep.File, error) { return f.m.use(f.name), nil }

func (f *mntdir) Close() error {
	f.m.mu.Lock()
	defer f.m.mu.Unlock()
	if f.m.used[f.name]--; f.m.used[f.name] == 0 {
		delete(f.m.used, f.name)
	}
	return nil
}
