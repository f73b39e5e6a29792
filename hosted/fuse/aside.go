package fuse

// What becomes of a file that is removed while a program of the host has it
// open. The host's programs expect to go on using it. A file server of Plan 9
// removes it at once, and tells whoever has it open "phase error", see
// remove(5). So it is not removed but put aside: it gets a name that this
// mount does not list, and is removed when it is closed. Other users of the
// server see it there, as they do with clients of NFS. The host does not wait
// for what a close does, so the names stay hidden until the mount ends, and
// rmdir waits for a removal that is under way.
//
//	rm x            setName(x, .x.b81e07d43f1c9a20), because x is open
//	rmdir its dir   removes what is aside there, if nothing else is left
//	close x         Remove

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"time"

	"ufo/ninep"
)

// An aside is a file that has been put aside. Immutable.
type aside struct {
	node *node // whose file it is; the node's aside is nil once it is to be removed
	dir  *node
	name string        // in dir
	file ninep.File    // not open
	done chan struct{} // closed when it has been removed
}

// asideTime bounds the removal of a file that nobody waits for.
const asideTime = 5 * time.Second

// asideName returns a name that no other file has: it ends in what all names of
// the mount that are put aside have, and what only this one has.
func (fs *fileSystem) asideName(name string) string {
	return fmt.Sprintf(".%.200s%s%08x", name, fs.mark, rand.Uint32())
}

// isAside reports whether asideName made a name.
func (fs *fileSystem) isAside(name string) bool {
	n := len(name) - 8
	return n > 0 && strings.HasSuffix(name[:n], fs.mark)
}

// newMark returns what the names that a mount puts aside have in common.
func newMark() string { return fmt.Sprintf(".%08x", rand.Uint32()) }

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
		n.aside = &aside{n, dir, name, clone, make(chan struct{})}
		if dir.asides == nil {
			dir.asides = make(map[string]*aside)
		}
		dir.asides[name] = n.aside
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
	n.aside = nil
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
	fs.mu.Lock()
	delete(a.dir.asides, a.name)
	fs.mu.Unlock()
	close(a.done)
}

// unlink removes f, called name in dir, or puts it aside.
func (fs *fileSystem) unlink(ctx context.Context, dir *node, name string, f ninep.File) error {
	if n := fs.busy(dir, name, f); n != nil {
		away := fs.asideName(name)
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

// dropAsides removes what is aside in a directory and reports whether it had
// nothing else. It waits for what others are removing.
func (fs *fileSystem) dropAsides(ctx context.Context, parent *node, name string) bool {
	fs.mu.Lock()
	dir := parent.kids[name]
	fs.mu.Unlock()
	if dir == nil || !fs.onlyAsides(ctx, dir) {
		return false
	}
	var all, mine []*aside
	fs.mu.Lock()
	for _, a := range dir.asides {
		all = append(all, a)
		mine = append(mine, a.node.takeAside())
	}
	fs.mu.Unlock()
	for _, a := range mine {
		fs.drop(a)
	}
	for _, a := range all {
		<-a.done // within asideTime
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
