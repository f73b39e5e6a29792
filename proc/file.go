package proc

import (
	"context"
	"errors"

	"ufo/ninep"
	"ufo/ns"
)

// Open opens a file and returns the lowest free descriptor. See open(2).
func (p *Proc) Open(name string, mode ninep.Mode) (fd int, err error) {
	if p.trace != nil {
		defer p.tell("Open", p.Now(), &fd, &err, name, mode)
	}
	ctx := p.begin(callOpen)
	defer p.end()
	c, err := p.View().Open(ctx, name, mode)
	if err != nil {
		return -1, intr(ctx, err)
	}
	return p.fgrp.add(c, mode&ninep.OCEXEC != 0)
}

// Create creates a file, or truncates it, and opens it. See open(2).
func (p *Proc) Create(name string, mode ninep.Mode, perm ninep.Perm) (fd int, err error) {
	if p.trace != nil {
		defer p.tell("Create", p.Now(), &fd, &err, name, mode, perm)
	}
	ctx := p.begin(callCreate)
	defer p.end()
	c, err := p.View().Create(ctx, name, mode, perm)
	if err != nil {
		return -1, intr(ctx, err)
	}
	return p.fgrp.add(c, mode&ninep.OCEXEC != 0)
}

// intr returns the error of a call: "interrupted", whatever a device made of
// it, when a note ended it.
func intr(ctx context.Context, err error) error {
	if err != nil && ctx.Err() != nil && errors.Is(err, ctx.Err()) {
		return ninep.ErrIntr
	}
	return err
}

// Close closes a descriptor. See open(2).
func (p *Proc) Close(fd int) (err error) {
	if p.trace != nil {
		defer p.tell("Close", p.Now(), nil, &err, fd)
	}
	p.begin(callClose)
	defer p.end()
	c, err := p.fgrp.remove(fd)
	if err != nil {
		return err
	}
	return c.Close()
}

// Dup makes new another descriptor of what old refers to, or with new -1 the
// lowest free one. See dup(2).
func (p *Proc) Dup(old, new int) (fd int, err error) {
	if p.trace != nil {
		defer p.tell("Dup", p.Now(), &fd, &err, old, new)
	}
	c, err := p.fgrp.get(old)
	if err != nil {
		return -1, err
	}
	if new == -1 {
		return p.fgrp.add(c, false)
	}
	was, err := p.fgrp.set(new, c)
	if was != nil {
		was.Close()
	}
	if err != nil {
		return -1, err
	}
	return new, nil
}

// Pipe makes a pipe; what is written on either end is read at the other. See
// pipe(2).
func (p *Proc) Pipe() (a, b int, err error) {
	if p.trace != nil {
		defer p.tell("Pipe", p.Now(), &a, &err)
	}
	ctx := p.begin(callPipe)
	defer p.end()
	ca, cb, err := ns.Pipe(ctx, p.table.cfg.Devs, p.user)
	if err != nil {
		return -1, -1, err
	}
	if a, err = p.fgrp.add(ca, false); err != nil {
		cb.Close()
		return -1, -1, err
	}
	if b, err = p.fgrp.add(cb, false); err != nil {
		if c, err := p.fgrp.remove(a); err == nil {
			c.Close()
		}
		return -1, -1, err
	}
	return a, b, nil
}

// Read reads from a descriptor at its offset. End of file is 0, nil. What is
// read of a directory is entries in the form of stat(5). See read(2).
func (p *Proc) Read(fd int, b []byte) (n int, err error) {
	if p.trace != nil {
		defer p.tell("Read", p.Now(), &n, &err, fd, b, len(b))
	}
	ctx := p.begin(callPread)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n, err = p.View().Read(ctx, c, b)
	return n, intr(ctx, err)
}

// Write writes to a descriptor at its offset. See read(2).
func (p *Proc) Write(fd int, b []byte) (n int, err error) {
	if p.trace != nil {
		defer p.tell("Write", p.Now(), &n, &err, fd, b, len(b))
	}
	ctx := p.begin(callPwrite)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n, err = c.Write(ctx, b)
	return n, p.wrote(ctx, c, err)
}

// wrote returns the error of a write; one to a pipe that nobody reads is a
// note as well, so that a pipeline ends.
func (p *Proc) wrote(ctx context.Context, c *ns.Chan, err error) error {
	if c.Type() == '|' && errors.Is(err, ninep.ErrHungup) {
		p.Post(closedPipe)
	}
	return intr(ctx, err)
}

// Pread reads at an offset and leaves the descriptor's own alone. A directory
// is read where its offset is, or from the beginning.
func (p *Proc) Pread(fd int, b []byte, off int64) (n int, err error) {
	if p.trace != nil {
		defer p.tell("Pread", p.Now(), &n, &err, fd, b, len(b), off)
	}
	ctx := p.begin(callPread)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n, err = p.View().ReadAt(ctx, c, b, off)
	return n, intr(ctx, err)
}

// Pwrite writes at an offset and leaves the descriptor's own alone.
func (p *Proc) Pwrite(fd int, b []byte, off int64) (n int, err error) {
	if p.trace != nil {
		defer p.tell("Pwrite", p.Now(), &n, &err, fd, b, len(b), off)
	}
	ctx := p.begin(callPwrite)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return 0, err
	}
	defer c.Close()
	n, err = c.WriteAt(ctx, b, off)
	return n, p.wrote(ctx, c, err)
}

// Seek moves a descriptor's offset. See seek(2).
func (p *Proc) Seek(fd int, off int64, whence int) (at int64, err error) {
	if p.trace != nil {
		defer p.tell("Seek", p.Now(), nil, &err, fd, off, whence)
	}
	ctx := p.begin(callSeek)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return -1, err
	}
	defer c.Close()
	return c.Seek(ctx, off, whence)
}

// ReadDir returns the entries of an open directory that were not read yet;
// none at the end. See dirread(2).
func (p *Proc) ReadDir(fd int) (dirs []ninep.Dir, err error) {
	if p.trace != nil {
		defer p.tell("ReadDir", p.Now(), nil, &err, fd)
	}
	ctx := p.begin(callPread)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	dirs, err = p.View().ReadDir(ctx, c)
	return dirs, intr(ctx, err)
}

// Stat returns the directory entry of a file. See stat(2).
func (p *Proc) Stat(name string) (d ninep.Dir, err error) {
	if p.trace != nil {
		defer p.tell("Stat", p.Now(), nil, &err, name)
	}
	ctx := p.begin(callStat)
	defer p.end()
	d, err = p.View().Stat(ctx, name)
	return d, intr(ctx, err)
}

// Fstat returns the directory entry of an open file. See stat(2).
func (p *Proc) Fstat(fd int) (d ninep.Dir, err error) {
	if p.trace != nil {
		defer p.tell("Fstat", p.Now(), nil, &err, fd)
	}
	ctx := p.begin(callStat)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return ninep.Dir{}, err
	}
	defer c.Close()
	d, err = c.Stat(ctx)
	return d, intr(ctx, err)
}

// Wstat changes the directory entry of a file: the fields of d that differ
// from those of ninep.NullDir. See stat(2).
func (p *Proc) Wstat(name string, d ninep.Dir) (err error) {
	if p.trace != nil {
		defer p.tell("Wstat", p.Now(), nil, &err, name, d)
	}
	ctx := p.begin(callWstat)
	defer p.end()
	return intr(ctx, p.View().Wstat(ctx, name, d))
}

// Fwstat changes the directory entry of an open file. See stat(2).
func (p *Proc) Fwstat(fd int, d ninep.Dir) (err error) {
	if p.trace != nil {
		defer p.tell("Fwstat", p.Now(), nil, &err, fd, d)
	}
	ctx := p.begin(callWstat)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return err
	}
	defer c.Close()
	return intr(ctx, c.Wstat(ctx, d))
}

// Remove removes a file. See remove(2).
func (p *Proc) Remove(name string) (err error) {
	if p.trace != nil {
		defer p.tell("Remove", p.Now(), nil, &err, name)
	}
	ctx := p.begin(callRemove)
	defer p.end()
	return intr(ctx, p.View().Remove(ctx, name))
}

// Chdir changes the current directory. See chdir(2).
func (p *Proc) Chdir(name string) (err error) {
	if p.trace != nil {
		defer p.tell("Chdir", p.Now(), nil, &err, name)
	}
	ctx := p.begin(callChdir)
	defer p.end()
	c, err := p.View().Dir(ctx, name)
	if err != nil {
		return intr(ctx, err)
	}
	p.mu.Lock()
	old := p.dot
	p.dot = c
	p.mu.Unlock()
	return old.Close()
}

// Bind makes new visible at old too; the flags are ns.MREPL and its kin. See
// bind(2).
func (p *Proc) Bind(new, old string, flag int) (err error) {
	if p.trace != nil {
		defer p.tell("Bind", p.Now(), nil, &err, new, old, flag)
	}
	ctx := p.begin(callBind)
	defer p.end()
	return intr(ctx, p.View().Bind(ctx, new, old, flag))
}

// Mount makes the tree that the server at the other end of fd serves visible
// at old, and closes fd. Afd is a descriptor from Fauth, or -1. See bind(2).
func (p *Proc) Mount(fd, afd int, old string, flag int, spec string) (err error) {
	if p.trace != nil {
		defer p.tell("Mount", p.Now(), nil, &err, fd, afd, old, flag, spec)
	}
	ctx := p.begin(callMount)
	defer p.end()
	c, err := p.fgrp.get(fd)
	if err != nil {
		return err
	}
	defer c.Close()
	var auth *ns.Chan
	if afd != -1 {
		if auth, err = p.fgrp.get(afd); err != nil {
			return err
		}
		defer auth.Close()
	}
	if err := p.View().MountAuth(ctx, c, auth, old, flag, spec); err != nil {
		return intr(ctx, err)
	}
	if c, err := p.fgrp.remove(fd); err == nil {
		c.Close()
	}
	return nil
}

// Unmount undoes the bind or mount of new on old, or with new "" all that is
// mounted there. See bind(2).
func (p *Proc) Unmount(new, old string) (err error) {
	if p.trace != nil {
		defer p.tell("Unmount", p.Now(), nil, &err, new, old)
	}
	ctx := p.begin(callUnmount)
	defer p.end()
	return intr(ctx, p.View().Unmount(ctx, new, old))
}

// Fd2path returns the name under which a descriptor was opened. See
// fd2path(2).
func (p *Proc) Fd2path(fd int) (name string, err error) {
	if p.trace != nil {
		defer p.tell("Fd2path", p.Now(), nil, &err, fd)
	}
	c, err := p.fgrp.get(fd)
	if err != nil {
		return "", err
	}
	defer c.Close()
	return c.Name(), nil
}

// Explain returns the steps by which a name is resolved for what to says, as
// ns.View.Explain does.
func (p *Proc) Explain(name string, to ns.Access) ([]ns.Step, error) {
	ctx := p.begin(callStat)
	defer p.end()
	steps, err := p.View().Explain(ctx, name, to)
	return steps, intr(ctx, err)
}

// Getwd returns the name of the current directory. See getwd(2).
func (p *Proc) Getwd() string { return p.dot.Name() }
