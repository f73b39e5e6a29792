package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ufo/dev"
	"ufo/grid"
	"ufo/hosted/hostnet"
	"ufo/hosted/post"
	"ufo/ninep"
)

// Services of nodes where programs of the host find them: at addresses, as the
// topology says, and at sockets, as is written to a file that only the host
// has:
//
//	host/posts    reads as a line for each socket: where, node, name in /srv
//	              takes  post NODE SRV PATH
//	              and    remove PATH

// A posts is the sockets of a grid.
type posts struct {
	grid *grid.Grid
	log  func(msg string)
	life context.Context // of the grid

	mu  sync.Mutex // guards all
	all map[string]*posted
}

// A posted is one of them.
type posted struct {
	node, srv string
	l         net.Listener
	done      chan struct{} // closed when it has gone
}

func newPosts(life context.Context, g *grid.Grid, log func(msg string)) *posts {
	return &posts{grid: g, log: log, life: life, all: make(map[string]*posted)}
}

func (s *posts) file() *ninep.Node {
	return &ninep.Node{
		Name: "posts", Perm: 0600, Write: s.ctl().Do,
		Read: func(context.Context) ([]byte, error) { return []byte(s.String()), nil },
	}
}

// String returns a line for each socket.
func (s *posts) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	var b strings.Builder
	for _, path := range slices.Sorted(maps.Keys(s.all)) {
		it := s.all[path]
		fmt.Fprintf(&b, "%s %s %s\n", ninep.Quote(path), it.node, ninep.Quote(it.srv))
	}
	return b.String()
}

// ctl is what the file posts takes.
func (s *posts) ctl() ninep.Ctl {
	return ninep.Ctl{
		{Name: "post", Args: "node srv path", Do: func(ctx context.Context, args []string) error {
			return whole(s.post(ctx, args[0], args[1], args[2]))
		}},
		{Name: "remove", Args: "path", Do: func(_ context.Context, args []string) error { return whole(s.remove(args[0])) }},
	}
}

// post serves what a node has in /srv at a socket, until it is removed or the
// grid halts.
func (s *posts) post(ctx context.Context, node, name, path string) error {
	n := s.grid.Node(node)
	if n == nil {
		return fmt.Errorf("%s: no such node: ufo ps lists them", node)
	}
	if !filepath.IsAbs(path) {
		return fmt.Errorf("%s: not an absolute path", path)
	}
	srv, release, err := n.Service(ctx, name)
	if err != nil {
		return err
	}
	l, err := post.Listen("unix!" + path)
	if err != nil {
		release()
		return err
	}
	it := &posted{node: node, srv: name, l: l, done: make(chan struct{})}
	s.mu.Lock()
	s.all[path] = it
	s.mu.Unlock()
	go func() { // ends when l is closed
		serveAtOnce(s.life, l, srv, s.log)
		release()
		s.mu.Lock()
		delete(s.all, path)
		s.mu.Unlock()
		close(it.done)
	}()
	return nil
}

func (s *posts) remove(path string) error {
	s.mu.Lock()
	it := s.all[path]
	s.mu.Unlock()
	if it == nil {
		return fmt.Errorf("%s: %w", path, ninep.ErrNotExist)
	}
	it.l.Close()
	<-it.done
	return nil
}

// close removes all sockets.
func (s *posts) close() {
	s.mu.Lock()
	all := maps.Clone(s.all)
	s.mu.Unlock()
	for path := range all {
		s.remove(path)
	}
}

// publish shows the services at the addresses that the topology says, and who
// could call them. The first that cannot be is an error.
func (h *host) publish(ctx context.Context) error {
	for _, p := range h.topo.Published {
		if p.NeedsKey() && !h.grid.Keyed(p.Node) {
			return fmt.Errorf("publish=%v: %s has no key to find out who calls: add noauth if everybody may", p, p.Node)
		}
		l, err := net.Listen("tcp", p.At.String())
		if err != nil {
			return fmt.Errorf("publish=%v: %w", p, err)
		}
		how := "without saying who he is"
		if p.Asks() {
			how = "when he has shown who he is"
		}
		h.log(fmt.Sprintf("%v: %s can use port %d of %s %s", p.At, hostnet.Who(p.At), p.Port, p.Node, how))
		node := h.grid.Node(p.Node)
		h.published.Go(func() { // ends when ctx is done
			hostnet.Publish(ctx, l, func(ctx context.Context) (dev.Conn, error) { return node.Dial(ctx, p.Port) }, h.log)
		})
	}
	return nil
}

// runPost serves what a node has in /srv at a socket, or ends that, or lists
// the sockets.
func runPost(c *command) error {
	if n := len(c.args); c.name == "post" && n != 0 && n != 3 {
		return usageError("post: wrong number of arguments")
	}
	return c.control(func(ctx context.Context, g *control) error {
		if len(c.args) == 0 {
			text, err := g.read(ctx, "host/posts")
			fmt.Fprint(c.stdout, text)
			return err
		}
		path, err := filepath.Abs(c.args[len(c.args)-1])
		if err != nil {
			return err
		}
		msg := "remove " + ninep.Quote(path)
		if c.name == "post" {
			msg = fmt.Sprintf("post %s %s %s", c.args[0], ninep.Quote(c.args[1]), ninep.Quote(path))
		}
		return c.postError(path, g.write(ctx, "host/posts", msg))
	})
}

// postError says of an error that names nothing what it is about.
func (c *command) postError(path string, err error) error {
	gone, dead := errors.Is(err, ninep.ErrNotExist), errors.Is(err, ninep.ErrShutdown)
	switch {
	case !gone && !dead:
		return err
	case c.name == "unpost":
		return fmt.Errorf("unpost: %s: %w: ufo post lists what is posted", path, err)
	case dead:
		return fmt.Errorf("post: /srv/%s of %s: %w: ufo start %s boots it", c.args[1], c.args[0], err, c.args[0])
	}
	return fmt.Errorf("post: /srv/%s of %s: %w", c.args[1], c.args[0], err)
}

// serveAtOnce answers those who connect to l with the files of srv until ctx is
// done or l is closed. What waits then is not waited for.
func serveAtOnce(ctx context.Context, l net.Listener, srv ninep.Server, log func(msg string)) {
	post.ServeListener(ctx, l, srv, &post.Options{Grace: -1, Log: log})
}
