package grid

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"ufo/cmd"
	"ufo/dev"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
)

// A Config says what a grid is made of. A Topology and a Root it must have.
type Config struct {
	Topology *Topology

	// Root is the disk of the node that serves the root.
	Root ninep.Server

	// Kernel is what all kernels have in common: Loaders and Builtins,
	// Clock, Wrap and so on. What differs from node to node the grid fills
	// in. The zero Config is glenda's, with the built-in commands.
	Kernel kernel.Config

	// Terminals are what nodes have as their consoles, by node.
	Terminals map[string]dev.Terminal

	// NewTerminal makes a terminal for a further console of a node, out of
	// the stream of bytes to who sits at it. Its Read fails when he leaves.
	// Nil: nodes have no further consoles.
	NewTerminal func(n *Node, c *Console) dev.Terminal

	// Keys has the grid make the keys that it needs to authenticate, before it boots:
	// see keymaker. People are those who are to have accounts there.
	Keys   bool
	People []Person

	// Nvram returns what a node remembers while it is off, a Disk of dev.NvramSize
	// bytes. Nil: it is in memory.
	Nvram func(node string) dev.Disk

	// Host, if set, adds to the configuration of a node what it is granted of
	// the host: devices, disks, loaders, a wire that reaches further. It is called
	// each time the node starts; what it adds lives as long as ctx.
	Host func(ctx context.Context, n *Node, c *kernel.Config) error

	// Log is told each line that a node without terminal prints on its
	// console. Nil: nobody is.
	Log func(node, text string)
}

// A Grid is nodes on a wire.
type Grid struct {
	cfg     Config
	wire    *Wire
	nodes   []*Node
	events  *events
	control ninep.Server

	// Set before nodes boot, and not changed.
	domain string          // that nodes have keys of; "": none has
	keyed  map[string]bool // which nodes

	halted   chan struct{} // closed when somebody asks for the end, see Halted
	haltOnce sync.Once
	wg       sync.WaitGroup // what nodes have running beside their kernels
}

// New makes a grid. No node runs yet.
func New(cfg Config) (*Grid, error) {
	w, err := cfg.Topology.NewWire()
	if err != nil {
		return nil, err
	}
	g := &Grid{cfg: cfg, wire: w, events: newEvents(), halted: make(chan struct{})}
	w.log = g.events.add
	g.defaults()
	for _, spec := range cfg.Topology.Nodes {
		g.nodes = append(g.nodes, newNode(g, spec))
	}
	g.control = newControl(g)
	return g, nil
}

// defaults fills in what the host has not said about kernels.
func (g *Grid) defaults() {
	k := &g.cfg.Kernel
	if k.User == "" {
		k.User = "glenda"
	}
	if k.Loaders == nil {
		k.Loaders, k.Builtins = []proc.Loader{cmd.Loader()}, cmd.Names()
	}
	if k.Boot == nil {
		k.Boot = cmd.BootFiles()
	}
}

// Wire returns the wire between the nodes.
func (g *Grid) Wire() *Wire { return g.wire }

// Nodes returns the nodes in the order of the topology.
func (g *Grid) Nodes() []*Node { return g.nodes }

// Node returns the node of that name, or nil.
func (g *Grid) Node(name string) *Node {
	for _, n := range g.nodes {
		if n.Name == name {
			return n
		}
	}
	return nil
}

// Boot starts the node that serves the root and then, as soon as it does, all
// others at once. It returns when all are up. The error says which are not, a
// line each, with what they said last; the others are up nevertheless.
func (g *Grid) Boot(ctx context.Context) error {
	if err := g.installNdb(ctx); err != nil {
		return err
	}
	var keyless error
	if g.cfg.Keys {
		if keyless = g.makeKeys(ctx); keyless != nil {
			keyless = fmt.Errorf("no keys: %w", keyless)
		}
	}
	fs := g.Node(g.cfg.Topology.FS)
	if err := fs.launch(ctx); err != nil {
		return err
	}
	if err := fs.await(ctx, portFS); err != nil {
		return fs.explain(err)
	}
	errs := make([]error, len(g.nodes), len(g.nodes)+1)
	var wg sync.WaitGroup
	for i, n := range g.nodes {
		wg.Go(func() {
			if n != fs {
				errs[i] = n.launch(ctx)
			}
			if errs[i] == nil {
				errs[i] = n.explain(n.ready(ctx))
			}
		})
	}
	wg.Wait()
	return joinSome(append(errs, keyless))
}

// joinSome joins errors; of many it tells the first.
func joinSome(errs []error) error {
	const some = 5
	errs = slices.DeleteFunc(errs, func(err error) bool { return err == nil })
	if n := len(errs) - some; n > 0 {
		errs = append(errs[:some], fmt.Errorf("and %d more", n))
	}
	return errors.Join(errs...)
}

// installNdb makes the topology the network database of the grid, unless it
// is already.
func (g *Grid) installNdb(ctx context.Context) error {
	text := g.cfg.Topology.Text
	root, err := g.cfg.Root.Attach(ctx, "sys", "")
	if err != nil {
		return err
	}
	defer root.Close()
	f, _, err := ninep.WalkNames(ctx, root, strings.Split(localNdb[1:], "/"))
	if err != nil {
		return fmt.Errorf("%s: %w", localNdb, err)
	}
	defer f.Close()
	if old, err := readAll(ctx, f); err != nil || old == text {
		return err
	}
	f, _, err = ninep.WalkNames(ctx, root, strings.Split(localNdb[1:], "/"))
	if err != nil {
		return err
	}
	defer f.Close()
	if err := f.Open(ctx, ninep.OWRITE|ninep.OTRUNC); err != nil {
		return fmt.Errorf("%s: %w", localNdb, err)
	}
	for off := 0; off < len(text); {
		n, err := f.Write(ctx, []byte(text[off:]), int64(off))
		if err != nil {
			return fmt.Errorf("%s: %w", localNdb, err)
		}
		off += n
	}
	return nil
}

// readAll opens f and returns what is in it.
func readAll(ctx context.Context, f ninep.File) (string, error) {
	if err := f.Open(ctx, ninep.OREAD); err != nil {
		return "", err
	}
	var text []byte
	p := make([]byte, 8192)
	for {
		n, err := f.Read(ctx, p, int64(len(text)))
		if n == 0 || err != nil {
			return string(text), err
		}
		text = append(text, p[:n]...)
	}
}

// Halt ends all nodes, the one that serves the root last. It returns when all
// is gone, or with ctx's error.
func (g *Grid) Halt(ctx context.Context) error {
	fs := g.Node(g.cfg.Topology.FS)
	errs := make([]error, len(g.nodes)+1)
	var wg sync.WaitGroup
	for i, n := range g.nodes {
		if n != fs {
			wg.Go(func() { errs[i] = n.Halt(ctx) })
		}
	}
	wg.Wait()
	errs[len(g.nodes)] = fs.Halt(ctx)
	gone := make(chan struct{})
	go func() { // ends with the last process, if that ends
		g.wg.Wait()
		close(gone)
	}()
	select {
	case <-gone:
	case <-ctx.Done():
		errs = append(errs, ctx.Err())
	}
	return errors.Join(errs...)
}

// Halted is closed when a program has asked for the end of the grid, by
// writing halt to its ctl file. The host then calls Halt.
func (g *Grid) Halted() <-chan struct{} { return g.halted }

// Status returns a line for each node: name, address, roles, state, and how
// long it took to boot.
func (g *Grid) Status() string {
	var b strings.Builder
	t := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	for _, n := range g.nodes {
		state, took := n.State()
		boot := ""
		if state == Up {
			boot = fmt.Sprintf("%d ms", took.Milliseconds())
		}
		fmt.Fprintf(t, "%s\t%v\t%s\t%v\t%s\n", n.Name, n.Addr, strings.Join(n.Roles, " "), state, boot)
	}
	t.Flush()
	return b.String()
}
