package grid

import (
	"context"
	"fmt"
	"strings"
	"time"

	"ufo/ninep"
)

// The control tree: all that a host can do to a grid, as files. It is posted
// as /srv/grid in every node, where cpurc mounts it on /mnt/grid. See grid(4).
//
//	ctl                halt
//	status             a line for each node
//	events             what happens, as it happens
//	nodes/NAME/ctl     start, halt, kill
//	nodes/NAME/status
//	nodes/NAME/log     what the node's own console has printed
//	nodes/NAME/cons    each open is a new console of the node
//	nodes/NAME/consoles/N/...  the consoles there are: see session
//	links/A-B/ctl      as Link has it: cut, heal, delay 80ms, to B loss 2% ...
//	links/A-B/status
//	links/A-B/stats
//
//	n1% cd /mnt/grid
//	n1% echo cut >links/n1-n2/ctl
//	n1% sed 1q events
//	0.000 n1 booting

// newControl returns the control tree of a grid, with further files.
func newControl(g *Grid, further ...*ninep.Node) ninep.Server {
	t := ninep.NewTree(g.cfg.Kernel.User, &ninep.Node{Children: append([]*ninep.Node{
		{Name: "ctl", Perm: 0220, Write: ninep.Ctl{{Name: "halt", Do: g.haltAll}}.Do},
		ninep.TextFunc("status", g.Status),
		g.events.File("events"),
		{Name: "nodes", List: g.listNodes},
		{Name: "links", List: g.listLinks, Lookup: g.lookupLink},
	}, further...)})
	t.Mtime = uint32(g.events.start.Unix())
	return t
}

// Server returns the control tree.
func (g *Grid) Server() ninep.Server { return g.control }

// HostServer returns the control tree with further files, for the host alone.
// With an attach specifier it is the tree of Names.
func (g *Grid) HostServer(further ...*ninep.Node) ninep.Server {
	control, names := newControl(g, further...), g.Names()
	return ninep.ServerFunc(func(ctx context.Context, user, spec string) (ninep.File, error) {
		if spec == "" {
			return control.Attach(ctx, user, spec)
		}
		return names.Attach(ctx, user, spec)
	})
}

// haltAll does the control message halt of the whole grid.
func (g *Grid) haltAll(context.Context, []string) error {
	g.haltOnce.Do(func() { close(g.halted) })
	return nil
}

func (g *Grid) listNodes(context.Context) ([]*ninep.Node, error) {
	var dirs []*ninep.Node
	for _, n := range g.nodes {
		dirs = append(dirs, &ninep.Node{Name: n.Name, Children: []*ninep.Node{
			{Name: "ctl", Perm: 0220, Write: n.ctl().Do},
			ninep.TextFunc("status", n.Status),
			ninep.TextFunc("log", n.Kmesg),
			{Name: "cons", Perm: 0660, Open: n.openCons},
			{Name: "consoles", Children: []*ninep.Node{{Name: "new", Perm: 0660, Open: n.openKept}}, List: n.listSessions},
		}})
	}
	return dirs, nil
}

// ctl are the control messages of a node.
func (n *Node) ctl() ninep.Ctl {
	return ninep.Ctl{
		{Name: "start", Do: func(ctx context.Context, _ []string) error { return n.Start(ctx) }},
		{Name: "halt", Do: func(ctx context.Context, _ []string) error { return n.Halt(ctx) }},
		{Name: "kill", Do: func(ctx context.Context, _ []string) error { return n.Kill(ctx) }},
	}
}

// Status returns what there is to know of a node, a fact a line.
func (n *Node) Status() string {
	state, took := n.State()
	var b strings.Builder
	fmt.Fprintf(&b, "name %s\naddr %v\nrole %s\nstate %s\n", n.Name, n.Addr, strings.Join(n.Roles, " "), state)
	if k := n.Kernel(); k != nil {
		n.mu.Lock()
		age := time.Since(n.began)
		n.mu.Unlock()
		fmt.Fprintf(&b, "boot %v\nuptime %v\nprocs %d\n",
			took.Round(time.Microsecond), age.Round(time.Millisecond), len(k.Procs().Procs()))
	}
	return b.String()
}

func (g *Grid) listLinks(context.Context) ([]*ninep.Node, error) {
	var dirs []*ninep.Node
	for i, a := range g.nodes {
		for _, b := range g.nodes[i+1:] {
			l, err := g.wire.Link(a.Name, b.Name)
			if err != nil {
				return nil, err
			}
			dirs = append(dirs, l.dir())
		}
	}
	return dirs, nil
}

// lookupLink finds the link called "a-b" or "b-a". Names of nodes may have
// hyphens too.
func (g *Grid) lookupLink(_ context.Context, name string) (*ninep.Node, error) {
	for i := range name {
		if name[i] != '-' {
			continue
		}
		if l, err := g.wire.Link(name[:i], name[i+1:]); err == nil {
			return l.dir(), nil
		}
	}
	return nil, ninep.ErrNotExist
}

// dir returns the directory of a link.
func (l *Link) dir() *ninep.Node {
	return &ninep.Node{Name: l.Name(), Children: []*ninep.Node{
		{Name: "ctl", Perm: 0220, Write: func(_ context.Context, p []byte) error { return l.ctls(string(p)) }},
		ninep.TextFunc("status", l.Status),
		ninep.TextFunc("stats", l.Stats),
	}}
}

// ctls does the control messages of one write, one a line, so that a status
// can be written back as it was read.
func (l *Link) ctls(msgs string) error {
	for msg := range strings.Lines(strings.TrimSuffix(msgs, "\n")) {
		if err := l.Ctl(msg); err != nil {
			return err
		}
	}
	return nil
}
