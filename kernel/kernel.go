// Package kernel is one node: it puts the devices, the processes and the
// first name space together, starts the first process, and halts.
//
// A kernel knows of no other kernel, and all its state hangs from a [Kernel]:
// any number of them live in one program.
package kernel

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"ufo/dev"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A Config says what a node is made of. Only Name is needed.
type Config struct {
	Name   string            // of the node: /dev/sysname
	User   string            // host owner; "" means glenda
	Domain string            // authentication domain: /dev/hostdomain
	Env    map[string]string // configuration, as plan9.ini has it: #ec
	Ndb    string            // first contents of /net/ndb

	// Terminal is the console; with nil nobody types at it and what is
	// printed goes to kmesg only.
	Terminal dev.Terminal

	// Posts are servers to post in /srv, by name. One called boot is the
	// file tree; a diskless node has none.
	Posts map[string]ninep.Server

	Loaders  []proc.Loader
	Builtins []string                   // names of the commands in #/ufo/bin, sorted
	Boot     map[string]string          // files in #/boot
	Wire     dev.Wire                   // the network below #I; nil for none
	Links    dev.Links                  // what #λ shows; nil for none
	Disks    []dev.Unit                 // of #S
	Nvram    dev.Disk                   // of dev.NvramSize bytes, in #r; nil: memory
	MaxProcs int                        // processes; 0: as many as proc has by itself
	Devices  map[rune]ninep.Server      // further devices, or others in the place of ours
	Clock    func() time.Time           // nil: time.Now
	Reboot   func(words []string) error // does what was written to #c/reboot; nil: nobody may

	// Wrap, if set, is given each device and returns the one to use in its
	// place: one that traces or checks.
	Wrap func(letter rune, srv ninep.Server) ninep.Server
}

// A Kernel is a node that runs.
type Kernel struct {
	name  string
	user  string
	devs  *ns.Devtab
	procs *proc.Table
	cons  *dev.Cons
	srv   *dev.Srv
	life  context.Context // done when the kernel has halted
	end   context.CancelFunc
}

// New makes a kernel without processes. Who made it halts it, or ends ctx.
func New(ctx context.Context, cfg Config) (*Kernel, error) {
	if cfg.User == "" {
		cfg.User = "glenda"
	}
	if cfg.Clock == nil {
		cfg.Clock = time.Now
	}
	host := dev.Host{Owner: cfg.User, Booted: cfg.Clock()}
	k := &Kernel{name: cfg.Name, user: cfg.User, srv: dev.NewSrv(host)}
	k.life, k.end = context.WithCancel(ctx)
	k.cons = dev.NewCons(dev.ConsConfig{
		Host: host, Sysname: cfg.Name, Domain: cfg.Domain, Clock: cfg.Clock,
		Text: configText(cfg.Env), Drivers: k.drivers, Reboot: cfg.Reboot, Procs: k.Procs,
	})
	k.devs = ns.NewDevtab(k.devices(cfg, host))
	k.procs = proc.NewTable(proc.Config{
		Devs: k.devs, Loaders: cfg.Loaders, Clock: cfg.Clock, Log: k.cons.Log, MaxProcs: cfg.MaxProcs,
	})
	if cfg.Terminal != nil {
		k.cons.Add(cfg.Terminal)
	}
	return k, k.post(cfg.Posts)
}

// devices makes the devices; package dev has the list of them.
func (k *Kernel) devices(cfg Config, host dev.Host) map[rune]ninep.Server {
	devs := dev.Config{
		Host: host, Env: cfg.Env, Cons: k.cons, Srv: k.srv, Procs: k.Procs,
		Root: dev.RootConfig{Boot: cfg.Boot, Builtins: cfg.Builtins},
		Wire: cfg.Wire, Ndb: cfg.Ndb, Links: cfg.Links, Disks: cfg.Disks, Nvram: cfg.Nvram,
	}.Servers()
	maps.Copy(devs, cfg.Devices)
	if cfg.Wrap != nil {
		for letter, srv := range devs {
			devs[letter] = cfg.Wrap(letter, srv)
		}
	}
	return devs
}

// drivers returns the lines of /dev/drivers.
func (k *Kernel) drivers() []string {
	var lines []string
	for _, letter := range k.devs.Letters() {
		line := "#" + string(letter)
		for _, d := range slices.Concat(dev.Devices, dev.Hosted) {
			if d.Letter == letter {
				line += " " + d.Name
			}
		}
		lines = append(lines, line)
	}
	return lines
}

// configText returns what /dev/config reads: the configuration.
func configText(env map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(env)) {
		b.WriteString(name + "=" + env[name] + "\n")
	}
	return b.String()
}

// post posts the node's own servers. They are the kernel's, and stay until it
// halts.
func (k *Kernel) post(posts map[string]ninep.Server) error {
	for name, srv := range posts {
		perm := ninep.Perm(0600)
		if name == "boot" { // everybody may ask for files; the server says who gets them
			perm = 0666
		}
		if err := k.Post(name, srv, perm); err != nil {
			return err
		}
	}
	return nil
}

// Post posts a server as /srv/name. Perm says who may use it. It stays until
// somebody removes the file, or the kernel halts.
func (k *Kernel) Post(name string, srv ninep.Server, perm ninep.Perm) error {
	return k.srv.Post(name, ns.Post(k.life, k.devs, "/srv/"+name, srv, nil), perm)
}

// Unpost takes a server away that Post has posted.
func (k *Kernel) Unpost(ctx context.Context, name string) error {
	root, err := k.srv.Attach(ctx, k.user, "")
	if err != nil {
		return err
	}
	defer root.Close()
	f, err := root.Walk(ctx, name)
	if err != nil {
		return err
	}
	defer f.Close()
	return f.Remove(ctx)
}

// Start starts a process without parent that runs the program called name on
// a console: 0 is the kernel's own. The program is looked up in a name space
// where nothing is bound, so the name begins with #.
func (k *Kernel) Start(ctx context.Context, console int, name string, args ...string) (*proc.Proc, error) {
	cons := "#c/cons"
	if console > 0 {
		cons = "#c" + strconv.Itoa(console) + "/cons"
	}
	return k.procs.Start(ctx, k.user, args, func(p *proc.Proc) error {
		for _, mode := range []ninep.Mode{ninep.OREAD, ninep.OWRITE, ninep.OWRITE} {
			if _, err := p.Open(cons, mode); err != nil {
				return err
			}
		}
		return p.Exec(name, args)
	})
}

// Boot starts the first process: the built-in boot, with the given arguments.
func (k *Kernel) Boot(ctx context.Context, args ...string) (*proc.Proc, error) {
	return k.Start(ctx, 0, "#/ufo/bin/boot", append([]string{"boot"}, args...)...)
}

// AddTerminal makes a console of t and returns its number; remove takes it
// away again. See dev.Cons.
func (k *Kernel) AddTerminal(t dev.Terminal) (n int, remove func()) { return k.cons.Add(t) }

// Log prints a message of the kernel on its console and into kmesg.
func (k *Kernel) Log(text string) { k.cons.Log(text) }

// Kmesg returns what the kernel and its console printed last.
func (k *Kernel) Kmesg() string { return k.cons.Kmesg() }

// Name returns the name of the node.
func (k *Kernel) Name() string { return k.name }

// Procs returns the table of processes.
func (k *Kernel) Procs() *proc.Table { return k.procs }

// Halt ends all processes and lets go of what is posted. It returns when they
// are gone, or with ctx's error and processes left: a built-in that makes no
// system call cannot be ended.
func (k *Kernel) Halt(ctx context.Context) error {
	err := k.procs.Shutdown(ctx)
	k.srv.Close()
	k.end()
	return err
}
