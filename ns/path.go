package ns

import (
	"strings"
	"sync/atomic"
)

// A Path is the name by which a Chan was reached, kept in the form that ".."
// needs: what is above a file is decided by its name, not by its server (Rob
// Pike, "Lexical File Names in Plan 9 or Getting Dot-Dot Right").
//
// A name crosses from tree to tree at mount points. A Path describes the last
// of these trees: rel is walked from anchor, the root that was mounted there,
// and up is the Path of the mount point in the tree before. The parent of a
// file is therefore a walk of rel without its last element, or, when rel has
// only one, the mount point.
//
// Paths are immutable, shared and counted: a Path holds references to up,
// from and anchor.
type Path struct {
	up     *Path    // path of the mount point; nil in the first tree
	from   *Chan    // the file at up, which was mounted upon; nil with up
	anchor *Chan    // root of the tree; nil when the Path is that root's own
	root   string   // how a root's own Path reads: "/", "#c", "#M"
	rel    []string // names below anchor

	refs atomic.Int32
}

// newRootPath returns the Path of the root of a tree.
func newRootPath(name string) *Path {
	p := &Path{root: name}
	p.refs.Store(1)
	return p
}

// newPath returns the Path of rel below anchor, which was reached through
// the mount point up, the file from (both nil if anchor is the first tree).
// It takes references of its own, and keeps rel.
func newPath(up *Path, from, anchor *Chan, rel []string) *Path {
	p := &Path{up: up, from: from, anchor: anchor.Incref(), rel: rel}
	if up != nil {
		up.incref()
		from.Incref()
	}
	p.refs.Store(1)
	return p
}

// join returns the Path of names below the Chan at p, whose own tree they
// stay in; c is that Chan, the anchor if p is a root's own Path.
func (p *Path) join(c *Chan, names []string) *Path {
	if p.anchor == nil {
		return newPath(nil, nil, c, names)
	}
	rel := make([]string, 0, len(p.rel)+len(names))
	return newPath(p.up, p.from, p.anchor, append(append(rel, p.rel...), names...))
}

func (p *Path) incref() *Path {
	p.refs.Add(1)
	return p
}

// close gives one reference back.
func (p *Path) close() {
	if p == nil || p.refs.Add(-1) > 0 {
		return
	}
	if p.up != nil {
		p.up.close()
		p.from.Close()
	}
	if p.anchor != nil {
		p.anchor.Close()
	}
}

// String returns the name: "/usr/glenda", "#c/cons".
func (p *Path) String() string {
	var b strings.Builder
	p.format(&b)
	return b.String()
}

func (p *Path) format(b *strings.Builder) {
	switch {
	case p.up != nil:
		p.up.format(b)
	case p.anchor != nil:
		p.anchor.path.format(b)
	default:
		b.WriteString(p.root)
	}
	for _, name := range p.rel {
		if b.String() != "/" {
			b.WriteByte('/')
		}
		b.WriteString(name)
	}
}

// last returns the last element of the name, "/" for a root.
func (p *Path) last() string {
	if n := len(p.rel); n > 0 {
		return p.rel[n-1]
	}
	if p.up != nil {
		return p.up.last()
	}
	if p.root == "/" {
		return "/"
	}
	return p.root
}
