package grid

import (
	"context"
	"strconv"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// The name spaces of a grid as one tree, for a host that mounts it:
//
//	NODE/root             what the node's first process sees as /
//	NODE/srv NODE/net     its /srv and /net
//	NODE/proc/PID/root    what the process sees as /
//
//	host$ ls grid/n2/proc/1/root/dev/sysname
//
// What is shown does not depend on who looks: the name space of a process is
// in a directory of its own. Calls are made with the process as their caller,
// so that /fd and /env are its own.

// Names returns that tree. An attach specifier is the name of a directory in
// it: "n2/root".
func (g *Grid) Names() ninep.Server { return names{g} }

type names struct{ g *Grid }

// Attach walks to the directory that spec names.
func (s names) Attach(ctx context.Context, _, spec string) (ninep.File, error) {
	var path []string
	if spec = strings.Trim(spec, "/"); spec != "" {
		path = strings.Split(spec, "/")
	}
	root := &place{list: s.g.nodePlaces, name: "/", owner: s.g.cfg.Kernel.User}
	f, _, err := ninep.WalkNames(ctx, root, path)
	return f, err
}

// nodePlaces returns the directories of the nodes.
func (g *Grid) nodePlaces() []*place {
	var all []*place
	for _, n := range g.nodes {
		all = append(all, &place{name: n.Name, list: n.places})
	}
	return all
}

// places returns what is in the directory of a node, which is there if the
// node does not run, too.
func (n *Node) places() []*place {
	portal := func(name, to string) *place {
		return &place{name: name, to: to, proc: func() *proc.Proc { return n.firstProc() }}
	}
	return []*place{
		portal("root", "/"), portal("srv", "/srv"), portal("net", "/net"),
		{name: "proc", list: n.procPlaces},
	}
}

func (n *Node) procPlaces() []*place {
	k := n.Kernel()
	if k == nil {
		return nil
	}
	var all []*place
	for _, p := range k.Procs().Procs() {
		all = append(all, &place{name: strconv.Itoa(p.Getpid()), list: func() []*place {
			return []*place{{name: "root", to: "/", proc: func() *proc.Proc { return p }}}
		}})
	}
	return all
}

// firstProc returns the first process of a node that runs, or nil.
func (n *Node) firstProc() *proc.Proc {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kern == nil {
		return nil
	}
	return n.first
}

// Service returns the file server that is posted on the node as /srv/name, and
// what to call when it is not used any more.
func (n *Node) Service(ctx context.Context, name string) (srv ninep.Server, release func(), err error) {
	p := n.firstProc()
	if p == nil {
		return nil, nil, ninep.ErrShutdown
	}
	view, let, err := p.Look()
	if err != nil {
		return nil, nil, err
	}
	defer let()
	conn, err := view.Open(ctx, "/srv/"+name, ninep.ORDWR)
	if err != nil {
		return nil, nil, err
	}
	defer conn.Close()
	return ns.Dial(ctx, conn)
}

// A place is a directory of the tree: one that lists others, or a portal,
// which stands for a directory of the name space of a process. What is behind
// a portal is looked up at each call, so it outlasts the kernels of a node.
type place struct {
	ninep.Plain
	name, owner string
	path        uint64
	list        func() []*place   // nil for a portal
	proc        func() *proc.Proc // of a portal: nil when there is none
	to          string            // of a portal
	open        ninep.File        // of a portal that is open: what it stands for
}

func (f *place) Qid() ninep.Qid { return ninep.Qid{Path: f.path, Type: ninep.QTDIR} }

func (f *place) entry() ninep.Dir {
	return ninep.Dir{Name: f.name, Qid: f.Qid(), Mode: ninep.DMDIR | 0555, UID: f.owner, GID: f.owner, MUID: f.owner}
}

// Stat returns the entry, of a portal with what the directory behind it says
// about permissions and times.
func (f *place) Stat(ctx context.Context) (ninep.Dir, error) {
	d := f.entry()
	if f.list != nil {
		return d, nil
	}
	b, err := f.behind(ctx)
	if err != nil {
		return d, nil // a node that does not run has a root, with nothing in it
	}
	defer b.Close()
	bd, err := b.Stat(ctx)
	if err != nil {
		return d, err
	}
	bd.Name, bd.Qid = d.Name, d.Qid
	return bd, nil
}

func (f *place) Clone(context.Context) (ninep.File, error) {
	c := *f
	c.open = nil
	return &c, nil
}

func (f *place) Walk(ctx context.Context, name string) (ninep.File, error) {
	if f.list == nil {
		b, err := f.behind(ctx)
		if err != nil {
			return nil, err
		}
		defer b.Close()
		return b.Walk(ctx, name)
	}
	for _, c := range f.places() {
		if c.name == name {
			return c, nil
		}
	}
	return nil, ninep.ErrNotExist
}

// places returns the directories in f, with qids made of their names.
func (f *place) places() []*place {
	all := f.list()
	for _, c := range all {
		c.owner, c.path = f.owner, spread(f.path, c.name)
	}
	return all
}

// spread returns the qid path of what is called name in the directory with
// the path dir.
func spread(dir uint64, name string) uint64 {
	h := dir*mix + 1
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * mix
	}
	return h
}

// mix is odd, and its bits are as good as random.
const mix = 0x9e3779b97f4a7c15

func (f *place) Open(ctx context.Context, mode ninep.Mode) error {
	if f.list != nil {
		return nil
	}
	b, err := f.behind(ctx)
	if err != nil {
		return err
	}
	if err := b.Open(ctx, mode); err != nil {
		b.Close()
		return err
	}
	f.open = b
	return nil
}

func (f *place) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	if f.open != nil {
		return f.open.ReadDir(ctx)
	}
	var dirs []ninep.Dir
	for _, c := range f.places() {
		dirs = append(dirs, c.entry())
	}
	return dirs, nil
}

func (f *place) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if f.list != nil {
		return nil, ninep.ErrPerm
	}
	b, err := f.behind(ctx)
	if err != nil {
		return nil, err
	}
	defer b.Close()
	return b.Create(ctx, name, perm, mode)
}

func (f *place) Close() error {
	if f.open != nil {
		return f.open.Close()
	}
	return nil
}

// behind returns the directory that a portal stands for. The files that come
// of it keep the name space, until the last of them is closed.
func (f *place) behind(ctx context.Context) (ninep.File, error) {
	p := f.proc()
	if p == nil {
		return nil, ninep.ErrShutdown
	}
	view, release, err := p.Look()
	if err != nil {
		return nil, err
	}
	s := &seen{by: p, mix: spread(f.path, "")}
	s.release = func() { release() }
	s.refs.Store(1)
	defer s.done()
	b, err := view.Export(f.to).Attach(s.ctx(ctx), view.User, "")
	return s.wrap(b, err)
}
