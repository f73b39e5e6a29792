package hostexec

// The device #C: commands of the host, as Inferno's cmd(3) has them.
//
//	#C/cmd/clone      open it to reserve a conversation: the descriptor is then
//	                  its ctl, which reads its number
//	#C/cmd/n/ctl      takes exec dir chdir env nice pty winsize kill killonclose
//	                  detach
//	#C/cmd/n/data     read it for the command's output; written, it is its input
//	#C/cmd/n/stderr   the error output
//	#C/cmd/n/status   cmd/0 3 Execute /home/glenda ls
//	#C/cmd/n/wait     waits for the end of the command: 4711 0 10 120 ''
//
// A conversation is there while one of its ctl, data, stderr or wait is open;
// its command is killed with it, unless it was told to detach.
//
//	% bind -a '#C' /
//	% {dir=/cmd/`{read}; echo exec uname -s >$dir/ctl; cat $dir/data} </cmd/clone
//	Linux
//
// This file is the tree; conv.go the conversations, ctl.go the words of ctl,
// command.go what runs, stream.go its input and output.

import (
	"context"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/ninep"
	"ufo/proc"
)

// maxConvs bounds the conversations of a Cmd: each can be a host process with
// a thread and six descriptors.
const maxConvs = 200

// A Config says what a Cmd may do. The zero value refuses everything.
type Config struct {
	// Owner is the user of the node who may run commands; others are
	// denied permission.
	Owner string

	// Allowed are the names of the commands that may be run. They are
	// looked up in the host's PATH once, by NewCmd. A "*" stands for any
	// command, by its name or its host path.
	Allowed []string

	// Dir is the host folder in which commands start; "": the one in which
	// this program was started.
	Dir string

	// HostPath returns the path that a file of the caller's name space has
	// on the host, false if it has none. Nil: none has one.
	HostPath func(ctx context.Context, name string) (string, bool)

	// Log takes a line about what is wrong with the Config. Nil: it is lost.
	Log func(text string)
}

// A Cmd is the device #C, a ninep.Server.
type Cmd struct {
	cfg   Config
	any   bool              // any command may be run
	paths map[string]string // of those in Allowed, by their names
	tree  *ninep.Tree
	guard guard

	mu      sync.Mutex     // guards what follows
	convs   []*conv        // nil where a number is free
	closed  bool           // nothing is started any more
	running sync.WaitGroup // commands; added to with mu held
}

// NewCmd returns a device #C. Close it to end what it has started.
func NewCmd(cfg Config) *Cmd {
	c := &Cmd{cfg: cfg, paths: make(map[string]string)}
	for _, name := range cfg.Allowed {
		if name == "*" {
			c.any = true
			continue
		}
		path, err := find(name)
		if err != nil {
			c.log("#C: " + name + ": no such command on this host")
			continue
		}
		c.paths[name] = path
	}
	c.tree = ninep.NewTree(cfg.Owner, &ninep.Node{Children: []*ninep.Node{c.node()}})
	c.tree.Who = func(ctx context.Context, attached string) string {
		if up := proc.Up(ctx); up != nil {
			return up.User()
		}
		return attached
	}
	return c
}

// Attach returns the root, whose only file is the directory cmd.
func (c *Cmd) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return c.tree.Attach(ctx, user, spec)
}

// Close kills every command that still runs, and returns when they are gone.
// What is open stays open; nothing can be started any more.
func (c *Cmd) Close() error {
	c.mu.Lock()
	c.closed = true
	convs := slices.Clone(c.convs)
	c.mu.Unlock()
	for _, v := range convs {
		if v != nil {
			v.kill(sigKill)
		}
	}
	c.running.Wait()
	c.guard.dismiss()
	return nil
}

func (c *Cmd) log(text string) {
	if c.cfg.Log != nil {
		c.cfg.Log(text)
	}
}

// lookup returns the host path of a command.
func (c *Cmd) lookup(name string) (string, error) {
	if path, ok := c.paths[name]; ok {
		return path, nil
	}
	if !c.any {
		return "", ninep.ErrPerm
	}
	path, err := find(name)
	if err != nil {
		return "", hostError(err)
	}
	return path, nil
}

// find returns the absolute path of a command: it may start in another folder
// than the one this program is in.
func find(name string) (string, error) {
	path, err := exec.LookPath(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(path)
}

// node returns the directory cmd.
func (c *Cmd) node() *ninep.Node {
	clone := &ninep.Node{Name: "clone", Perm: 0660, Path: qpath(-1, qctl)}
	clone.Open = func(_ context.Context, user string, _ ninep.Mode) (*ninep.Node, error) {
		v, err := c.newConv(user)
		if err != nil {
			return nil, err
		}
		return v.ctl, nil
	}
	return &ninep.Node{
		Name: "cmd", Path: qpath(-1, qdir), Children: []*ninep.Node{clone},
		List: func(context.Context) ([]*ninep.Node, error) {
			c.mu.Lock()
			defer c.mu.Unlock()
			var dirs []*ninep.Node
			for _, v := range c.convs {
				if v != nil {
					dirs = append(dirs, v.dir)
				}
			}
			return dirs, nil
		},
		Lookup: func(_ context.Context, name string) (*ninep.Node, error) {
			n, err := strconv.Atoi(name)
			c.mu.Lock()
			defer c.mu.Unlock()
			if err != nil || n < 0 || n >= len(c.convs) || c.convs[n] == nil || name != strconv.Itoa(n) {
				return nil, ninep.ErrNotExist
			}
			return c.convs[n].dir, nil
		},
	}
}

// newConv reserves a conversation, whose ctl is open once, for user.
func (c *Cmd) newConv(user string) (*conv, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return nil, ninep.ErrShutdown
	}
	n := slices.Index(c.convs, nil)
	if n < 0 {
		if n = len(c.convs); n == maxConvs {
			return nil, ninep.ErrNoDev
		}
		c.convs = append(c.convs, nil)
	}
	v := &conv{dev: c, num: n, inuse: 1, ctls: 1, owner: user, perm: 0660, wdir: c.cfg.Dir, done: make(chan struct{})}
	v.makeNodes()
	c.convs[n] = v
	return v, nil
}

// free gives the number of a conversation back.
func (c *Cmd) free(v *conv) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.convs[v.num] = nil
}

// begin counts a command that is to start; running.Done ends it.
func (c *Cmd) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.closed {
		return ninep.ErrShutdown
	}
	c.running.Add(1)
	return nil
}

// isClosed reports whether nothing may run any more.
func (c *Cmd) isClosed() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.closed
}

// refused reports whether a variable of the environment could make a command
// that is allowed run code that is not.
func (c *Cmd) refused(name string) bool {
	return !c.any && (strings.HasPrefix(name, "LD_") || strings.HasPrefix(name, "DYLD_"))
}
