package cmd

import (
	"context"

	"ufo/ninep"
	"ufo/proc"
)

// This file is how mntgen reaches the nodes of the grid.
//
// The first walk to a node's name has the server's process fork another, which
// calls the node and holds the connection. Walks meanwhile wait for it, each
// no longer than its own context lets it. Then the node's files are used
// directly, but for their qids, which must differ from those of all other
// nodes. When the connection breaks its process ends, and the next walk calls
// again.

// A gridnode is a node of the grid.
type gridnode struct {
	name, addr string

	calls uint64 // how many were successful; the calling process's

	// guarded by mntgen.mu
	tree    *nodetree     // the last connection; nil when the call failed
	err     error         // of the last call
	calling chan struct{} // closed when the call under way is over; nil for none
}

// A nodetree is a connection to a node. It is immutable.
type nodetree struct {
	name   string // of the node
	client *ninep.Client
	root   ninep.File // what the node exports; gone with the client
	rootid uint64     // qid path of the root, as mntgen has it
	salt   uint64     // mixed into all other qid paths
}

// qid returns a qid of the node's as mntgen has it. Two nodes' files, or those
// before and after the node was started anew, could only have the same if
// their paths differed in just the bits of a 64-bit product.
func (t *nodetree) qid(q ninep.Qid) ninep.Qid {
	if q.Path == t.root.Qid().Path {
		q.Path = t.rootid
	} else {
		q.Path ^= t.salt
	}
	return q
}

// connect returns the connection to a node, and makes it if there is none.
func (m *mntgen) connect(ctx context.Context, n *gridnode) (*nodetree, error) {
	m.mu.Lock()
	if n.alive() {
		defer m.mu.Unlock()
		return n.tree, nil
	}
	if n.calling == nil {
		n.calling = make(chan struct{})
		m.called = append(m.called, n)
		m.wakeup()
	}
	calling := n.calling
	m.mu.Unlock()
	select {
	case <-calling:
	case <-ctx.Done():
		return nil, ninep.ErrIntr
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if n.err != nil {
		return nil, n.err
	}
	return n.tree, nil
}

// alive reports whether there is a connection to n that is not broken. The
// caller holds mu.
func (n *gridnode) alive() bool {
	if n.tree == nil {
		return false
	}
	select {
	case <-n.tree.client.Done():
		return false
	default:
		return true
	}
}

// wakeup tells the server's process that there is something to do. The caller
// holds mu.
func (m *mntgen) wakeup() {
	if m.wake != nil {
		close(m.wake)
		m.wake = nil
	}
}

// main is the server's process: it starts the processes that call nodes.
func (m *mntgen) main(s *proc.Proc, done <-chan struct{}) {
	go func() { // ends when nobody can reach the server, or with its process
		select {
		case <-done:
		case <-s.Done():
		}
		m.mu.Lock()
		defer m.mu.Unlock()
		m.over = true
		m.wakeup()
	}()
	defer m.hangup()
	for {
		m.mu.Lock()
		called, over := m.called, m.over
		m.called = nil
		wake := make(chan struct{})
		m.wake = wake
		m.mu.Unlock()
		if over {
			return
		}
		for _, n := range called {
			_, err := s.Fork(proc.RFCFDG|proc.RFREND|proc.RFNOWAIT, func(c *proc.Proc) error { return m.hold(c, n) })
			if err != nil {
				m.answered(n, nil, err)
			}
		}
		s.Until(wake)
	}
}

// hold calls a node and holds the connection until it breaks.
func (m *mntgen) hold(c *proc.Proc, n *gridnode) error {
	c.SetTitle(n.name)
	tree, err := m.call(c, n)
	if err != nil {
		return err
	}
	defer tree.client.Close() // also when a note ends the process
	c.Until(tree.client.Done())
	return nil
}

// call calls a node and tells those who wait for it.
func (m *mntgen) call(c *proc.Proc, n *gridnode) (tree *nodetree, err error) {
	err = ninep.ErrHungup // should the process be killed before it knows better
	defer func() { m.answered(n, tree, err) }()
	err = within(c, dialTime, func() error {
		fd, info, err := callTree(c, n.addr, "/", inDomain(c))
		if err != nil {
			return err
		}
		info.Zero()
		conn, err := c.Conn(fd)
		if err != nil {
			return err
		}
		client, err := ninep.NewClient(c.Context(), conn, nil)
		if err != nil {
			return err
		}
		root, err := client.Attach(c.Context(), m.user, "")
		if err != nil {
			client.Close()
			return err
		}
		n.calls++
		id := nameHash(n.name)
		tree = &nodetree{n.name, client, root, id, (id + n.calls) * 0x9e3779b97f4a7c15}
		return nil
	})
	return tree, err
}

// answered ends the call to n: with a connection or with an error.
func (m *mntgen) answered(n *gridnode, tree *nodetree, err error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	n.tree, n.err = tree, err
	close(n.calling)
	n.calling = nil
	if m.over && tree != nil {
		go tree.client.Close()
	}
}

// hangup ends all connections, and with them the processes that hold them.
func (m *mntgen) hangup() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.over = true
	for _, n := range m.nodes {
		if n.tree != nil {
			go n.tree.client.Close() // it waits for the connection's goroutines
		}
	}
}

// A nodefile is a node's file, with a qid of its own.
type nodefile struct {
	ninep.File
	tree *nodetree
}

// file returns f as a nodefile.
func (t *nodetree) file(f ninep.File, err error) (ninep.File, error) {
	if err != nil {
		return nil, err
	}
	return &nodefile{f, t}, nil
}

func (f *nodefile) Qid() ninep.Qid { return f.tree.qid(f.File.Qid()) }

func (f *nodefile) Stat(ctx context.Context) (ninep.Dir, error) {
	d, err := f.File.Stat(ctx)
	d.Qid = f.tree.qid(d.Qid)
	if d.Name == "/" {
		d.Name = f.tree.name // here its root is an entry like others
	}
	return d, err
}

func (f *nodefile) Clone(ctx context.Context) (ninep.File, error) {
	return f.tree.file(f.File.Clone(ctx))
}

func (f *nodefile) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.tree.file(f.File.Walk(ctx, name))
}

func (f *nodefile) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	file, qids, err := ninep.WalkNames(ctx, f.File, names)
	for i, q := range qids {
		qids[i] = f.tree.qid(q)
	}
	file, err = f.tree.file(file, err)
	return file, qids, err
}

func (f *nodefile) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	return f.tree.file(f.File.Create(ctx, name, perm, mode))
}

func (f *nodefile) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	dirs, err := f.File.ReadDir(ctx)
	for i := range dirs {
		dirs[i].Qid = f.tree.qid(dirs[i].Qid)
	}
	return dirs, err
}
