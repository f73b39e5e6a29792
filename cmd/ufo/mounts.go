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
	names ninep.Server             // what is mounted
	owner func(node string) string // whose files are shown as those of the host's user
	grid  string                   // its name
	file  string                   // on the host: where they are, one a line, for who cleans up after a kill; "" for none
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

func newMounts(grid, file string, names ninep.Server, owner func(node string) string) *mounts {
	return &mounts{names: names, owner: owner, grid: grid, file: file, log: new(lastLines), all: make(map[string]*mounted)}
}

// node returns the directory of files that control them.
func (m *mounts) nodes() []*ninep.Node {
	return []*ninep.Node{
		{
			Name: "mounts", Perm: 0600, Write: m.ctl().Do,
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
		fmt.Fprintf(&b, "%s %s\n", ninep.Quote(dir), ninep.Quote(m.all[dir].opt.Spec))
	}
	return b.String()
}

// ctl is what the file mounts takes.
func (m *mounts) ctl() ninep.Ctl {
	return ninep.Ctl{
		{Name: "mount", Args: "dir [spec] [ro] [cache]", Do: m.mountCtl},
		{Name: "unmount", Args: "dir", Do: func(_ context.Context, args []string) error { return whole(m.unmount(args[0])) }},
	}
}

// mountCtl does the message mount.
func (m *mounts) mountCtl(ctx context.Context, args []string) error {
	it := &mounted{opt: fuse.Options{Log: m.log.add}}
	for i, word := range args[1:] {
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
	node, _, _ := strings.Cut(it.opt.Spec, "/")
	it.opt.User = m.owner(node)
	return whole(m.mount(ctx, args[0], it))
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
