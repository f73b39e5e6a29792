package hostfs

import (
	"context"

	"ufo/ninep"
)

// A made is a directory that is made up: on the way to a Dir.
type made struct {
	ninep.Plain
	s    *Server
	user string
	n    *node
}

// entry returns the entry of a node without grant.
func (s *Server) entry(n *node) ninep.Dir {
	name := "/"
	if n.host != "" {
		name = escape(n.host)
	}
	return ninep.Dir{
		Qid: ninep.Qid{Path: n.path, Type: ninep.QTDIR}, Mode: ninep.DMDIR | 0555,
		Atime: s.made, Mtime: s.made, Name: name, UID: s.owner, GID: s.owner, MUID: s.owner,
	}
}

// Qid returns an identity made from the name.
func (m *made) Qid() ninep.Qid { return ninep.Qid{Path: m.n.path, Type: ninep.QTDIR} }

// Stat returns an entry that never changes.
func (m *made) Stat(context.Context) (ninep.Dir, error) { return m.s.entry(m.n), nil }

// Clone returns another File at the same place.
func (m *made) Clone(context.Context) (ninep.File, error) {
	return &made{s: m.s, user: m.user, n: m.n}, nil
}

// Walk finds what leads to a Dir, and nothing else.
func (m *made) Walk(_ context.Context, name string) (ninep.File, error) {
	host, ok := unescape(name)
	if !ok {
		return nil, ninep.ErrNotExist
	}
	k := m.n.kid(host)
	if k == nil {
		return nil, ninep.ErrNotExist
	}
	return m.s.at(m.user, k)
}

// WalkNames walks to a Dir, and from there on at once.
func (m *made) WalkNames(ctx context.Context, names []string) (ninep.File, []ninep.Qid, error) {
	f, err := m.Walk(ctx, names[0])
	if err != nil {
		return nil, nil, err
	}
	qids := []ninep.Qid{f.Qid()}
	if len(names) == 1 {
		return f, qids, nil
	}
	nf, more, err := ninep.WalkNames(ctx, f, names[1:])
	f.Close()
	return nf, append(qids, more...), err
}

// Open lets everybody read.
func (m *made) Open(_ context.Context, mode ninep.Mode) error {
	if mode.CanWrite() || mode&(ninep.OTRUNC|ninep.ORCLOSE) != 0 {
		return ninep.ErrPerm
	}
	return nil
}

// ReadDir lists what leads to a Dir.
func (m *made) ReadDir(context.Context) ([]ninep.Dir, error) {
	var dirs []ninep.Dir
	for _, k := range m.n.kids {
		if k.grant == nil {
			dirs = append(dirs, m.s.entry(k))
			continue
		}
		if info, err := k.grant.root.Stat("."); err == nil {
			dirs = append(dirs, m.s.dir(escape(k.host), info))
		}
	}
	return dirs, nil
}
