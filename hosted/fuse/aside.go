package fuse

// What becomes of a file that is removed while a program of the host has it
// open. The host's programs expect to go on using it. A file server of Plan 9
// removes it at once, and tells whoever has it open "phase error", see
// remove(5). So it is not removed but put aside: it gets a name that this
// mount does not list, and is removed when it is closed. Other users of the
// server see it there, as they do with clients of NFS.
//
//	rm x            setName(x, .x.3f1c9a20), because x is open
//	rmdir its dir   removes what is aside there, if nothing else is left
//	close x         Remove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"ufo/ninep"
)

// An aside is a file that has been put aside. Immutable.
type aside struct {
	dir  *node
	name string     // in dir
	file ninep.File // not open
}

// asideTime bounds the removal of a file that nobody waits for.
const asideTime = 5 * time.Second

// asideName returns a name that no other file has.
func asideName(name string) string { return fmt.Sprintf(".%.200s.%08x", name, rand.Uint32()) }

// busy returns the node of a name in dir, if it is this file and is open.
func (fs *fileSystem) busy(dir *node, name string, f ninep.File) *node {
	qid := f.Qid()
	fs.mu.Lock()
	defer fs.mu.Unlock()
	n := dir.kids[name]
	if n == nil || len(n.handles) == 0 || !n.is(qid) || qid.IsDir() {
		return nil
	}
	return n
}

// keepAside notes that f, the file of n, is called name now and is to be
// removed when it is closed. It is false if it must be removed at once.
func (fs *fileSystem) keepAside(ctx context.Context, n, dir *node, name string, f ninep.File) bool {
	clone, err := f.Clone(ctx)
	if err != nil {
		return false
	}
	fs.mu.Lock()
	keep := len(n.handles) > 0 && n.aside == nil
	if keep {
		n.aside = &aside{dir, name, clone}
		if dir.asides == nil {
			dir.asides = make(map[string]*node)
		}
		dir.asides[name] = n
		fs.detach(n)
	}
	fs.mu.Unlock()
	if !keep {
		fs.closeFile(clone)
	}
	return keep
}

// takeAside returns what is aside for n, which the caller removes. The caller
// holds mu.
func (n *node) takeAside() *aside {
	a := n.aside
	if a != nil {
		n.aside = nil
		delete(a.dir.asides, a.name)
	}
	return a
}

// drop removes a file that was aside.
func (fs *fileSystem) drop(a *aside) {
	if a == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(fs.begin(nil, 0)), asideTime)
	defer cancel()
	fs.status("remove", a.dir, a.name, a.file.Remove(ctx)) // for the log
	fs.closeFile(a.file)
}

// unlink removes f, called name in dir, or puts it aside.
func (fs *fileSystem) unlink(ctx context.Context, dir *node, name string, f ninep.File) error {
	if n := fs.busy(dir, name, f); n != nil {
		away := asideName(name)
		if setName(ctx, f, away) == nil {
			ctx = context.WithoutCancel(ctx) // an interrupt must not leave it there
			if fs.keepAside(ctx, n, dir, away, f) {
				return nil
			}
		}
	}
	err := f.Remove(ctx)
	if errors.Is(err, ninep.ErrNotEmpty) && fs.dropAsides(ctx, dir, name) {
		again, err := fs.walkIn(ctx, dir, name)
		if err != nil {
			return err
		}
		defer fs.closeFile(again)
		return again.Remove(ctx)
	}
	return err
}

// dropAsides removes what is aside in a directory, if it has nothing else.
func (fs *fileSystem) dropAsides(ctx context.Context, parent *node, name string) bool {
	fs.mu.Lock()
	dir := parent.kids[name]
	some := dir != nil && len(dir.asides) > 0
	fs.mu.Unlock()
	if !some || !fs.onlyAsides(ctx, dir) {
		return false
	}
	var all []*aside
	fs.mu.Lock()
	for _, n := range dir.asides {
		all = append(all, n.takeAside())
	}
	fs.mu.Unlock()
	for _, a := range all {
		fs.drop(a)
	}
	return true
}

// onlyAsides reports whether all that a directory has is aside.
func (fs *fileSystem) onlyAsides(ctx context.Context, dir *node) bool {
	f, err := fs.take(ctx, dir)
	if err != nil {
		return false
	}
	defer fs.closeFile(f)
	if err := f.Open(ctx, ninep.OREAD); err != nil {
		return false
	}
	all, err := f.ReadDir(ctx)
	return err == nil && len(fs.listed(dir, all)) == 2 // itself and what is above
}
