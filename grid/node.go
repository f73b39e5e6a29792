package grid

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"ufo/cmd/ndb"
	"ufo/dev"
	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
)

// A State is what a node is at present.
type State string

// The states of a node.
const (
	Off     State = "off"     // never started
	Booting State = "booting" // started, not yet Up
	Up      State = "up"      // listening on what its roles promise
	Halted  State = "halted"  // ended in order
	Dead    State = "dead"    // killed
)

// What a node must listen on to be up: the name space it exports and, if it
// serves the root, that.
const (
	portExport = 17007
	portFS     = 564
)

// A Node is a machine of the grid. It can be started and ended any number of
// times; each time it has a new kernel.
type Node struct {
	NodeSpec
	grid  *Grid
	disks []dev.Unit // they stay when the node is off
	nvram dev.Disk   // and so does this

	op sync.Mutex // held by who starts or ends the node

	mu    sync.Mutex // guards the fields below
	state State
	began time.Time     // of booting
	took  time.Duration // to boot
	kern  *kernel.Kernel
	first *proc.Proc // the first process
	iface *Iface
	stop  context.CancelFunc // ends what runs for the node

	sessions []*session // on kern
	kmesg    string     // of the kernel before kern
}

func newNode(g *Grid, spec NodeSpec) *Node {
	n := &Node{NodeSpec: spec, grid: g, disks: spec.memory(), state: Off}
	if g.cfg.Nvram != nil {
		n.nvram = g.cfg.Nvram(spec.Name)
	} else {
		n.nvram = dev.NewMemDisk(dev.NvramSize)
	}
	return n
}

// State returns the node's state and, if it is up, how long that took.
func (n *Node) State() (State, time.Duration) {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.state, n.took
}

// Kernel returns the node's kernel, nil if it does not run.
func (n *Node) Kernel() *kernel.Kernel {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.kern
}

// Kmesg returns what the node's own console has printed last: since it was
// booted, or until it ended.
func (n *Node) Kmesg() string {
	n.mu.Lock()
	k, text := n.kern, n.kmesg
	n.mu.Unlock()
	if k != nil {
		return k.Kmesg()
	}
	return text
}

// Start boots the node and returns when it is up.
func (n *Node) Start(ctx context.Context) error {
	if err := n.launch(ctx); err != nil {
		return err
	}
	return n.ready(ctx)
}

// launch plugs the node in and starts its first process.
func (n *Node) launch(ctx context.Context) error {
	n.op.Lock()
	defer n.op.Unlock()
	if n.Kernel() != nil {
		return fmt.Errorf("%s: %w", n.Name, ninep.ErrInUse)
	}
	began := time.Now()
	iface, err := n.grid.wire.Plug(n.Name)
	if err != nil {
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	// The node lives longer than the call that starts it, and its calls are not
	// those of the process that makes it.
	life, stop := context.WithCancel(context.Background())
	kern, first, err := n.boot(life, iface)
	if err != nil {
		stop()
		iface.Unplug()
		return fmt.Errorf("%s: %w", n.Name, err)
	}
	n.mu.Lock()
	n.state, n.began = Booting, began
	n.kern, n.first, n.iface, n.stop = kern, first, iface, stop
	n.mu.Unlock()
	n.grid.events.add(n.Name, string(Booting))
	return nil
}

// boot makes the node's kernel and starts its first process.
func (n *Node) boot(life context.Context, iface *Iface) (*kernel.Kernel, *proc.Proc, error) {
	c := n.config(iface)
	if host := n.grid.cfg.Host; host != nil {
		if err := host(life, n, &c); err != nil {
			return nil, nil, err
		}
	}
	kern, err := kernel.New(life, c)
	if err != nil {
		return nil, nil, err
	}
	first, err := kern.Boot(life)
	return kern, first, err
}

// Dial calls a tcp port of the node from the node itself.
func (n *Node) Dial(ctx context.Context, port uint16) (dev.Conn, error) {
	n.mu.Lock()
	iface := n.iface
	n.mu.Unlock()
	if iface == nil {
		return nil, ninep.ErrShutdown
	}
	return iface.Dial(ctx, fmt.Sprintf("tcp!%v!%d", n.Addr, port))
}

// config returns the configuration of the node's kernel.
func (n *Node) config(iface *Iface) kernel.Config {
	g := n.grid
	c := g.cfg.Kernel
	c.Name = n.Name
	if n.User != "" {
		c.User = n.User
	}
	c.Terminal = g.cfg.Terminals[n.Name]
	if c.Terminal == nil {
		c.Terminal = &unattended{line: n.log()}
	}
	c.Wire = iface
	c.Links = g.wire.Links(n.Name)
	c.Disks, c.Nvram = n.disks, n.nvram
	c.MaxProcs = n.Limits.Procs
	c.Ndb = n.ndb()
	c.Env = n.env()
	c.Posts = map[string]ninep.Server{"grid": g.control}
	if n.Name == g.cfg.Topology.FS {
		c.Posts["boot"] = g.cfg.Root
		if g.keyed[n.Name] {
			c.Posts["boot"] = &vouched{g.cfg.Root, n.owner()}
		}
	}
	c.Reboot = n.reboot
	return c
}

// log returns what takes the lines that the node prints, if somebody does.
func (n *Node) log() func(text string) {
	if log := n.grid.cfg.Log; log != nil {
		return func(text string) { log(n.Name, text) }
	}
	return nil
}

// reboot does what a program of the node wrote to #c/reboot: halt or reboot.
func (n *Node) reboot(words []string) error {
	n.grid.wg.Go(func() {
		n.shutdown(Halted)
		if words[0] == "reboot" {
			n.Start(context.Background())
		}
	})
	return nil
}

// ndb is what the node knows of its network before it has a file tree.
func (n *Node) ndb() string {
	fs := n.grid.cfg.Topology.Node(n.grid.cfg.Topology.FS)
	return fmt.Sprintf("ip=%v sys=%s\n\tfs=%v\n", n.Addr, n.Name, fs.Addr)
}

// env is what plan9.ini would tell the kernel.
func (n *Node) env() map[string]string {
	top := n.grid.cfg.Topology
	env := map[string]string{
		"sysname": n.Name,
		"service": "cpu",
		"role":    strings.Join(n.Roles, " "),
		"fs":      top.Node(top.FS).Addr.String(),
	}
	if n.Is("terminal") {
		env["service"] = "terminal"
	}
	for _, p := range top.Published {
		if p.Node != n.Name {
			continue
		}
		env[fmt.Sprintf("publish%d", p.Port)] = ""
		if p.NoAuth {
			env[fmt.Sprintf("noauth%d", p.Port)] = ""
		}
	}
	if db, err := ndb.Parse(top.Name, top.Text); err == nil {
		for _, p := range db.IPInfo("sys", n.Name, "@auth", "authdom", "authproto") {
			env[p.Attr] = p.Val
		}
	}
	return env
}

// How long a node may take to be up: longer than it waits for its root, and
// longer in a grid where many boot at once.
const (
	slow       = 15 * time.Second
	slowerEach = 50 * time.Millisecond // for each node of the grid
)

// await waits until the node listens on a tcp port, or cannot any more.
func (n *Node) await(ctx context.Context, port uint16) error {
	n.mu.Lock()
	iface, first := n.iface, n.first
	n.mu.Unlock()
	if iface == nil {
		return fmt.Errorf("%s: %w", n.Name, ninep.ErrShutdown)
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(slow+time.Duration(len(n.grid.nodes))*slowerEach, func() { cancel(ninep.ErrTimedOut) })
	defer late.Stop()
	n.grid.wg.Go(func() {
		select {
		case <-first.Done():
			cancel(ninep.ErrProcDied)
		case <-ctx.Done():
		}
	})
	err := iface.announced(ctx, port)
	if why, ok := context.Cause(ctx).(ninep.Error); ok && err != nil {
		err = why
	}
	if err != nil {
		return fmt.Errorf("%s: not listening on tcp!*!%d: %w", n.Name, port, err)
	}
	return nil
}

// ready waits until the node is up.
func (n *Node) ready(ctx context.Context) error {
	err := n.await(ctx, portExport)
	if err == nil && n.Name == n.grid.cfg.Topology.FS {
		err = n.await(ctx, portFS)
	}
	if err != nil {
		return err
	}
	n.mu.Lock()
	up := n.state == Booting
	if up {
		n.state, n.took = Up, time.Since(n.began)
	}
	n.mu.Unlock()
	if up {
		n.grid.events.add(n.Name, string(Up))
	}
	return nil
}

// explain adds to an error, if there is one, what the node has said last.
func (n *Node) explain(err error) error {
	k := n.Kernel()
	if err == nil || k == nil {
		return err
	}
	text := strings.TrimSpace(k.Kmesg())
	return fmt.Errorf("%w\n%s", err, text[max(0, len(text)-1000):])
}

// Kill ends the node as a failure of power would: it is off the wire at once,
// its processes are gone, and whoever talked to it is hung up on.
func (n *Node) Kill(ctx context.Context) error { return n.end(ctx, Dead) }

// Halt ends the node in order: its processes end and close their
// conversations, then it leaves the wire.
func (n *Node) Halt(ctx context.Context) error { return n.end(ctx, Halted) }

// end ends the node. It returns when nothing of the node is left, or when ctx
// is done: that is the case of a process that ends the node it runs on.
func (n *Node) end(ctx context.Context, how State) error {
	done := make(chan error, 1)
	n.grid.wg.Go(func() { done <- n.shutdown(how) })
	select {
	case err := <-done:
		return err
	case <-ctx.Done():
		return ninep.ErrIntr
	}
}

// patience is how long a node's processes have to end. One that makes no
// system call does not.
const patience = 5 * time.Second

// shutdown does what end says.
func (n *Node) shutdown(how State) error {
	n.op.Lock()
	defer n.op.Unlock()
	n.mu.Lock()
	kern, iface, stop, sessions := n.kern, n.iface, n.stop, n.sessions
	if kern != nil {
		n.state, n.kern, n.iface, n.stop, n.sessions = how, nil, nil, nil, nil
		n.kmesg = kern.Kmesg()
	}
	n.mu.Unlock()
	if kern == nil {
		return nil
	}
	for _, s := range sessions { // no process waits for somebody to read what it prints
		s.hangup()
	}
	n.grid.events.add(n.Name, string(how))
	if how == Dead {
		iface.Unplug()
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	err := kern.Halt(ctx)
	iface.Unplug()
	stop()
	n.mu.Lock()
	n.kmesg = kern.Kmesg() // with its last words
	n.mu.Unlock()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", n.Name, err, left(kern))
	}
	return nil
}

// left tells of the processes that a kernel still has.
func left(k *kernel.Kernel) string {
	var procs []string
	for _, p := range k.Procs().Procs() {
		i := p.Info()
		procs = append(procs, fmt.Sprintf("%d %s (%s)", i.Pid, strings.Join(i.Args, " "), i.State))
	}
	return strings.Join(procs, ", ")
}
