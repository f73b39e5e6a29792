package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"ufo/hosted/fuse"
	"ufo/ninep"
	"ufo/ns"
)

// A grid's process serves the mounts of its name spaces itself, so that
// nothing is copied on the way. Who wants one writes to a file that only the
// host has:
//
//	host/mounts   reads as a line for each mount, quoted as rc does it: where, what
//	              takes  mount DIR [SPEC [ro] [cache]]
//	              and    unmount DIR
//	host/log      what went wrong on them: operation, name, error string, errno
//
// SPEC is a directory of the tree that grid.Names describes.

// A mounts is the mounts of a grid.
type mounts struct {
	names ninep.Server // what is mounted
	grid  string       // its name
	file  string       // on the host: where they are, one a line, for who cleans up after a kill; "" for none
	log   *lastLines

	mu  sync.Mutex // guards all and end
	all map[string]*mounted
	end bool // there shall be no more
}

// A mounted is one of them.
type mounted struct {
	*fuse.Mounted // nil while it is being mounted
	opt           fuse.Options
	made          bool // the directory is ours
}

func newMounts(grid, file string, names ninep.Server) *mounts {
	return &mounts{names: names, grid: grid, file: file, log: new(lastLines), all: make(map[string]*mounted)}
}

// node returns the directory of files that control them.
func (m *mounts) nodes() []*ninep.Node {
	return []*ninep.Node{
		{
			Name: "mounts", Perm: 0600, Write: m.ctl,
			Read: func(context.Context) ([]byte, error) { return []byte(m.String()), nil },
		},
		{
			Name: "log", Perm: 0400,
			Read: func(context.Context) ([]byte, error) { return []byte(m.log.String()), nil },
		},
	}
}

// String returns a line for each mount.
func (m *mounts) String() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	for _, dir := range slices.Sorted(maps.Keys(m.all)) {
		fmt.Fprintf(&b, "%s %s\n", ns.Quote(dir), ns.Quote(m.all[dir].opt.Spec))
	}
	return b.String()
}

// ctl does what was written to the file mounts.
func (m *mounts) ctl(ctx context.Context, p []byte) error {
	words := ns.Fields(string(p))
	switch n := len(words); {
	case n >= 2 && words[0] == "mount":
		it := &mounted{opt: fuse.Options{User: gridUser, Log: m.log.add}}
		for i, word := range words[2:] {
			switch {
			case i == 0:
				it.opt.Spec = word
			case word == "ro":
				it.opt.ReadOnly = true
			case word == "cache":
				it.opt.Cache = true
			default:
				return ninep.ErrCmdArgs
			}
		}
		return whole(m.mount(ctx, words[1], it))
	case n == 2 && words[0] == "unmount":
		return whole(m.unmount(words[1]))
	}
	return ninep.ErrCtlUnknown
}

// whole returns an error of the host as one that crosses a connection with all
// it says, names too. One of Plan 9 stays as it is.
func whole(err error) error {
	var e ninep.Error
	if err == nil || errors.As(err, &e) {
		return err
	}
	return ninep.Error(err.Error())
}

// mount shows a part of the tree as dir. It makes dir if need be.
func (m *mounts) mount(ctx context.Context, dir string, it *mounted) error {
	if !filepath.IsAbs(dir) || strings.Contains(dir, "\n") {
		return fmt.Errorf("%s: not an absolute path on one line", dir)
	}
	dir = filepath.Clean(dir)
	m.mu.Lock()
	_, taken := m.all[dir]
	if !taken && !m.end {
		m.all[dir] = it
	}
	end := m.end
	m.mu.Unlock()
	switch {
	case taken:
		return fmt.Errorf("%s: something of this grid is mounted there already", dir)
	case end:
		return ninep.ErrShutdown
	}
	if err := m.start(ctx, dir, it); err != nil {
		m.forget(dir, it)
		return err
	}
	return nil
}

// start does mount's work; dir is taken by it.
func (m *mounts) start(ctx context.Context, dir string, it *mounted) error {
	// Not MkdirAll, nor Stat before it: what was mounted there may be dead.
	if err := os.Mkdir(dir, 0700); err == nil {
		it.made = true
	} else if !errors.Is(err, os.ErrExist) {
		return err
	}
	it.opt.Name = mountName(m.grid, it.opt.Spec)
	fm, err := fuse.Mount(ctx, m.names, dir, it.opt)
	if err != nil {
		return err
	}
	m.mu.Lock()
	it.Mounted = fm
	end := m.end
	m.mu.Unlock()
	if end { // while it was being mounted
		fm.Unmount()
		return ninep.ErrShutdown
	}
	go func() { // ends with the mount, whoever unmounts it
		<-fm.Done()
		m.forget(dir, it)
	}()
	m.save()
	return nil
}

// mountName is what the host's table of mounts says of one.
func mountName(grid, spec string) string { return strings.TrimSuffix("ufo:"+grid+"/"+spec, "/") }

// forget takes a mount that is gone off the list, and its directory away.
func (m *mounts) forget(dir string, it *mounted) {
	m.mu.Lock()
	if m.all[dir] == it {
		delete(m.all, dir)
	}
	m.mu.Unlock()
	if it.made {
		os.Remove(dir)
	}
	m.save()
}

func (m *mounts) unmount(dir string) error {
	dir = filepath.Clean(dir)
	m.mu.Lock()
	it := m.all[dir]
	var fm *fuse.Mounted
	if it != nil {
		fm = it.Mounted
	}
	m.mu.Unlock()
	if fm == nil {
		return fmt.Errorf("%s: %w", dir, ninep.ErrUnmount)
	}
	err := fm.Unmount()
	m.forget(dir, it)
	return err
}

// close unmounts all. No more can be mounted.
func (m *mounts) close() {
	m.mu.Lock()
	m.end = true
	all := maps.Clone(m.all)
	m.mu.Unlock()
	var wg sync.WaitGroup
	for dir, it := range all {
		wg.Go(func() {
			if err := m.unmount(dir); err != nil && it.Mounted != nil {
				m.log.add(fmt.Sprintf("unmount %s: %v", dir, err))
			}
		})
	}
	wg.Wait()
}

// save writes down where the mounts are. Nobody needs it while this program
// lives, so that it is not told of an error.
func (m *mounts) save() {
	if m.file == "" {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var b strings.Builder
	for _, dir := range slices.Sorted(maps.Keys(m.all)) {
		b.WriteString(dir + "\n")
	}
	if b.Len() == 0 {
		os.Remove(m.file)
		return
	}
	os.WriteFile(m.file, []byte(b.String()), 0600)
}

// A lastLines keeps what was said last.
type lastLines struct {
	mu    sync.Mutex // guards lines
	lines []string
}

// keptLines is how many lines are kept.
const keptLines = 500

func (l *lastLines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) >= 2*keptLines {
		l.lines = append([]string(nil), l.lines[keptLines:]...)
	}
	l.lines = append(l.lines, line)
}

func (l *lastLines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.lines) == 0 {
		return ""
	}
	return strings.Join(l.lines[max(0, len(l.lines)-keptLines):], "\n") + "\n"
}

// runMount mounts a name space of the running grid; or a 9P server, which it
// serves until it is interrupted; or lists the mounts.
func runMount(c *command) error {
	if len(c.args) == 0 {
		return c.listMounts()
	}
	what, dir := "", c.args[0]
	if len(c.args) == 2 {
		what, dir = c.args[0], c.args[1]
	}
	dir, err := filepath.Abs(dir)
	if err != nil {
		return err
	}
	if strings.Contains(what, "!") {
		return c.mountServer(what, dir)
	}
	words := []string{"mount", ns.Quote(dir), ns.Quote(nameSpec(what))}
	if c.ro {
		words = append(words, "ro")
	}
	if c.cache {
		words = append(words, "cache")
	}
	return c.control(func(ctx context.Context, g *control) error {
		err := g.write(ctx, "host/mounts", strings.Join(words, " "))
		if errors.Is(err, ninep.ErrNotExist) || errors.Is(err, ninep.ErrShutdown) {
			return fmt.Errorf("mount %s: %w: ufo ps lists the nodes, ufo mount DIR shows all", what, err)
		}
		return err
	})
}

// nameSpec turns NODE[:PID] into the name that the tree of all name spaces has
// for it.
func nameSpec(what string) string {
	node, pid, ok := strings.Cut(what, ":")
	switch {
	case what == "":
		return ""
	case ok:
		return node + "/proc/" + pid + "/root"
	}
	return node + "/root"
}

// listMounts shows what is mounted, and with -v what went wrong there.
func (c *command) listMounts() error {
	return c.control(func(ctx context.Context, g *control) error {
		files := []string{"host/mounts"}
		if c.loud {
			files = append(files, "host/log")
		}
		for _, name := range files {
			text, err := g.read(ctx, name)
			if err != nil {
				return err
			}
			fmt.Fprint(c.stdout, text)
		}
		return nil
	})
}

// mountServer mounts a 9P server that is no part of a grid.
func (c *command) mountServer(addr, dir string) error {
	conn, err := dial(addr)
	if err != nil {
		return err
	}
	ctx := context.Background()
	client, err := ninep.NewClient(ctx, conn, nil)
	if err != nil {
		return fmt.Errorf("%s: %w", addr, err)
	}
	defer client.Close()
	user := c.user
	if user == "" {
		user = hostUser()
	}
	opt := fuse.Options{User: user, Name: "ufo:" + addr, ReadOnly: c.ro, Cache: c.cache}
	if c.loud {
		opt.Log = func(msg string) { fmt.Fprintf(c.stderr, "ufo: %s\n", msg) }
	}
	m, err := fuse.Mount(ctx, client, dir, opt)
	if err != nil {
		return fmt.Errorf("%s: %w (as %s: -u is for another name)", addr, err, user)
	}
	stop := onSignal(func(os.Signal) { m.Unmount() })
	defer stop()
	fmt.Fprintf(c.stdout, "%s is on %s until ^C\n", addr, dir)
	<-m.Done()
	return nil
}

// runUmount undoes mount, also what a program that was killed has left.
func runUmount(c *command) error {
	dir, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	if fuse.Dead(dir) {
		return fuse.Clear(dir)
	}
	grids, err := runningGrids()
	if err != nil {
		return err
	}
	for _, grid := range grids {
		if c.grid != "" && c.grid != grid {
			continue
		}
		g, err := dialControl(context.Background(), grid)
		if err != nil {
			continue
		}
		err = g.write(context.Background(), "host/mounts", "unmount "+ns.Quote(dir))
		g.close()
		if err == nil || !errors.Is(err, ninep.ErrUnmount) {
			return err
		}
	}
	return fmt.Errorf("%s: no running grid has mounted it: ufo mount lists what has been", dir)
}
