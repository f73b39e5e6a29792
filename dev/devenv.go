package dev

// The environment device: variables as files.
//
//	#e/path     the value of $path of the calling process: what its
//	            environment group says, see rfork in fork(2)
//	#ec/…       the configuration of the kernel, which all processes share
//	            and the host owner may change
//
// Files are made, written, read and removed like others. A file refers to the
// variable it was found as: removed and made again it is another one. A value
// has at most 512 KB.
//
//	% bind -c '#e' /env
//	% x=(a b c)
//	% xd -c /env/x
//	0000000   a 00  b 00  c 00
//
// The files of #e are the ones a shell opens all day: they are Files of their
// own, not nodes of a tree.

import (
	"context"
	"maps"
	"slices"

	"ufo/ninep"
	"ufo/proc"
)

// maxEnv bounds a variable.
const maxEnv = 512 * 1024

// An envDev is the device #e.
type envDev struct {
	host   Host
	config *proc.Egrp // of #ec
	none   *proc.Egrp // what is seen of #e without a process: nothing
}

// NewEnv returns the device #e; config is what #ec has.
func NewEnv(h Host, config map[string]string) ninep.Server {
	d := &envDev{h, proc.NewEgrp(), proc.NewEgrp()}
	for _, name := range slices.Sorted(maps.Keys(config)) {
		d.config.Set(name, []byte(config[name]))
	}
	return d
}

func (d *envDev) Attach(_ context.Context, user, spec string) (ninep.File, error) {
	if spec != "" && spec != "c" {
		return nil, ninep.ErrBadSpec
	}
	return &envDir{dev: d, user: user, conf: spec == "c"}, nil
}

// entry puts owner and time into an entry.
func (d *envDev) entry(e ninep.Dir) ninep.Dir {
	e.UID, e.GID, e.MUID = d.host.Owner, d.host.Owner, d.host.Owner
	e.Atime, e.Mtime = d.host.mtime(), d.host.mtime()
	return e
}

// An envDir is the root.
type envDir struct {
	ninep.Plain
	dev  *envDev
	user string // who attached
	conf bool   // #ec
}

// group returns the environment that the caller sees.
func (f *envDir) group(ctx context.Context) *proc.Egrp {
	if f.conf {
		return f.dev.config
	}
	if up := proc.Up(ctx); up != nil {
		return up.Env()
	}
	return f.dev.none
}

// writable says whether the caller may change variables.
func (f *envDir) writable(ctx context.Context) error {
	if f.conf && who(ctx, f.user) != f.dev.host.Owner {
		return ninep.ErrPerm
	}
	return nil
}

func (f *envDir) Qid() ninep.Qid { return ninep.Qid{Type: ninep.QTDIR} }

func (f *envDir) Stat(context.Context) (ninep.Dir, error) {
	return f.dev.entry(ninep.Dir{Qid: f.Qid(), Mode: ninep.DMDIR | 0775, Name: "/"}), nil
}

func (f *envDir) Clone(context.Context) (ninep.File, error) {
	nf := *f
	return &nf, nil
}

func (f *envDir) Walk(ctx context.Context, name string) (ninep.File, error) {
	eg := f.group(ctx)
	v := eg.Get(name)
	if v == nil {
		return nil, ninep.ErrNotExist
	}
	return &envFile{dir: f, eg: eg, name: name, path: v.Path}, nil
}

func (f *envDir) Create(ctx context.Context, name string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	if perm&ninep.DMDIR != 0 {
		return nil, ninep.ErrPerm
	}
	if err := f.writable(ctx); err != nil {
		return nil, err
	}
	eg := f.group(ctx)
	v, err := eg.Create(name)
	if err != nil {
		return nil, err
	}
	return &envFile{dir: f, eg: eg, name: name, path: v.Path, rclose: mode&ninep.ORCLOSE != 0}, nil
}

func (f *envDir) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	vars := f.group(ctx).List()
	dirs := make([]ninep.Dir, len(vars))
	for i, v := range vars {
		dirs[i] = f.entry(v)
	}
	return dirs, nil
}

func (f *envDir) entry(v *proc.Evar) ninep.Dir {
	mode := ninep.Perm(0666)
	if f.conf {
		mode = 0664
	}
	return f.dev.entry(ninep.Dir{Qid: ninep.Qid{Path: v.Path, Vers: v.Vers}, Mode: mode,
		Length: int64(len(v.Value)), Name: v.Name})
}

// An envFile is a variable: that with the path, as long as it exists.
type envFile struct {
	ninep.Plain
	dir    *envDir
	eg     *proc.Egrp
	name   string
	path   uint64 // of the qid
	rclose bool   // remove on close
}

// value returns what the variable is now.
func (f *envFile) value() (*proc.Evar, error) {
	v := f.eg.Get(f.name)
	if v == nil || v.Path != f.path {
		return nil, ninep.ErrNotExist
	}
	return v, nil
}

// change replaces the value by what set makes of it.
func (f *envFile) change(set func(old []byte) []byte) error {
	for {
		v, err := f.value()
		if err != nil {
			return err
		}
		if f.eg.Swap(v, set(v.Value)) {
			return nil
		}
	}
}

func (f *envFile) Qid() ninep.Qid {
	q := ninep.Qid{Path: f.path}
	if v, err := f.value(); err == nil {
		q.Vers = v.Vers
	}
	return q
}

func (f *envFile) Stat(context.Context) (ninep.Dir, error) {
	v, err := f.value()
	if err != nil {
		return ninep.Dir{}, err
	}
	return f.dir.entry(v), nil
}

func (f *envFile) Clone(context.Context) (ninep.File, error) {
	return &envFile{dir: f.dir, eg: f.eg, name: f.name, path: f.path}, nil
}

func (f *envFile) Open(ctx context.Context, mode ninep.Mode) error {
	if mode.CanWrite() || mode&(ninep.OTRUNC|ninep.ORCLOSE) != 0 {
		if err := f.dir.writable(ctx); err != nil {
			return err
		}
	}
	f.rclose = mode&ninep.ORCLOSE != 0
	if mode&ninep.OTRUNC != 0 {
		return f.change(func([]byte) []byte { return nil })
	}
	_, err := f.value()
	return err
}

func (f *envFile) Read(_ context.Context, p []byte, off int64) (int, error) {
	v, err := f.value()
	if err != nil {
		return 0, err
	}
	return copyAt(p, v.Value, off), nil
}

func (f *envFile) Write(_ context.Context, p []byte, off int64) (int, error) {
	if off > maxEnv || int64(len(p)) > maxEnv-off {
		return 0, ninep.ErrTooBig
	}
	err := f.change(func(old []byte) []byte {
		b := make([]byte, max(len(old), int(off)+len(p)))
		copy(b, old)
		copy(b[off:], p)
		return b
	})
	if err != nil {
		return 0, err
	}
	return len(p), nil
}

func (f *envFile) Remove(ctx context.Context) error {
	if err := f.dir.writable(ctx); err != nil {
		return err
	}
	return f.remove()
}

func (f *envFile) remove() error {
	if _, err := f.value(); err != nil {
		return err
	}
	return f.eg.Remove(f.name)
}

func (f *envFile) Close() error {
	if f.rclose {
		return f.remove()
	}
	return nil
}
