package ns

import (
	"context"

	"ufo/ninep"
)

// ReadDir returns the entries of the open directory c that were not read yet,
// all of them; none at the end. In a union they are those of its members in
// order, duplicates included; a member that cannot be read is left out. An
// entry upon which something is mounted is shown as that, under the entry's
// name.
func (v View) ReadDir(ctx context.Context, c *Chan) ([]ninep.Dir, error) {
	dirs, err := v.fill(ctx, c)
	if err != nil {
		return nil, err
	}
	c.take(len(dirs))
	return dirs, nil
}

// Read reads c at its offset: bytes of a file, or of a directory as many
// whole entries, in the form of stat(5), as fit into p.
func (v View) Read(ctx context.Context, c *Chan, p []byte) (int, error) {
	if !c.Qid().IsDir() {
		return c.Read(ctx, p)
	}
	dirs, err := v.fill(ctx, c)
	if err != nil || len(dirs) == 0 {
		return 0, err
	}
	n, b := 0, p[:0]
	for n < len(dirs) {
		next, err := ninep.AppendDir(b, dirs[n])
		if err != nil {
			return 0, err
		}
		if len(next) > len(p) {
			break
		}
		b = next
		n++
	}
	if n == 0 {
		return 0, ninep.ErrShort
	}
	copy(p, b)
	c.take(n)
	c.offset.Add(int64(len(b)))
	return len(b), nil
}

// ReadAt reads c at an offset. Of a directory only what comes next can be read,
// or, at 0, all again: it moves the offset.
func (v View) ReadAt(ctx context.Context, c *Chan, p []byte, off int64) (int, error) {
	if !c.Qid().IsDir() {
		return c.ReadAt(ctx, p, off)
	}
	if off == 0 {
		if _, err := c.Seek(ctx, 0, 0); err != nil {
			return 0, err
		}
	}
	if off != c.offset.Load() {
		return 0, ninep.ErrDirSeek
	}
	return v.Read(ctx, c, p)
}

// take marks the first n of the entries fill returned as read.
func (c *Chan) take(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirs = c.dirs[min(n, len(c.dirs)):]
}

// fill returns the entries of c that were not read yet, after it read the
// directory the first time.
func (v View) fill(ctx context.Context, c *Chan) ([]ninep.Dir, error) {
	if !c.open || !c.mode.CanRead() {
		return nil, ninep.ErrBadUseFD
	}
	if !c.Qid().IsDir() {
		return nil, ninep.ErrNotDir
	}
	c.mu.Lock()
	dirs, got := c.dirs, c.gotdir
	c.mu.Unlock()
	if got {
		return dirs, nil
	}
	dirs, err := v.readAll(ctx, c)
	if err != nil {
		return nil, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.dirs, c.gotdir = dirs, true
	return dirs, nil
}

// readAll reads the whole of a directory or of a union.
func (v View) readAll(ctx context.Context, c *Chan) ([]ninep.Dir, error) {
	if c.union == nil {
		dirs, err := c.file.ReadDir(ctx)
		return v.mountfix(ctx, c, dirs), err
	}
	var all []ninep.Dir
	for _, m := range c.union.mounts {
		if dirs, err := readMember(ctx, m.to); err == nil {
			all = append(all, v.mountfix(ctx, m.to, dirs)...)
		} else if ctx.Err() != nil {
			return nil, ninep.ErrIntr
		}
	}
	return all, nil
}

// readMember reads the directory of one member of a union.
func readMember(ctx context.Context, c *Chan) ([]ninep.Dir, error) {
	f, err := c.file.Clone(ctx)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if err := f.Open(ctx, ninep.OREAD); err != nil {
		return nil, err
	}
	return f.ReadDir(ctx)
}

// mountfix fills in what the device of directory c cannot know of its
// entries: which device it is, and what is mounted on them.
func (v View) mountfix(ctx context.Context, c *Chan, dirs []ninep.Dir) []ninep.Dir {
	fixed := make([]ninep.Dir, len(dirs))
	for i, d := range dirs {
		d.Type, d.Dev = uint16(c.typ), c.dev
		k := key{c.typ, c.dev, d.Qid.Path}
		if v.Pgrp != nil && v.Pgrp.mounted(k) {
			d = v.statMounted(ctx, k, d)
		}
		fixed[i] = d
	}
	return fixed
}

// statMounted returns the entry of what is mounted on k, whose own is d. A
// union that has the original as a member keeps it.
func (v View) statMounted(ctx context.Context, k key, d ninep.Dir) ninep.Dir {
	mh := v.Pgrp.find(k)
	if mh == nil {
		return d
	}
	defer mh.close()
	if mh.index(k) >= 0 {
		return d
	}
	to := mh.mounts[0].to
	nd, err := to.file.Stat(ctx)
	if err != nil {
		return d
	}
	nd.Name, nd.Type, nd.Dev = d.Name, uint16(to.typ), to.dev
	return nd
}
