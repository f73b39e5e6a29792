package ns

import (
	"context"
	"strings"

	"ufo/ninep"
)

// A View is what a name is resolved in: namec of the Plan 9 kernel takes the
// same things from up, the process that calls it. It is a value without
// references of its own: whoever has the Pgrp and the Chans keeps them alive.
type View struct {
	Pgrp  *Pgrp
	Slash *Chan // the root
	Dot   *Chan // the current directory
	User  string
	Devs  *Devtab

	trace *tracer // told of each step; nil but in Explain
	trail *trail  // told of each name that is walked; nil but in Export
}

// A NameError is an error about a name. It reads as the Plan 9 kernel has
// it: '/lib/nope' file does not exist.
type NameError struct {
	Name string
	Err  error
}

// Error returns the quoted name and the error.
func (e *NameError) Error() string {
	return "'" + strings.ReplaceAll(e.Name, "'", "''") + "' " + e.Err.Error()
}

// Unwrap returns the error without the name.
func (e *NameError) Unwrap() error { return e.Err }

// A name is a file name cut up: where it starts, and the elements from there.
type name struct {
	text    string
	start   *Chan // with a reference
	elems   []string
	sharp   bool // it starts with #, and sees no mounts
	mustdir bool // it ends in a slash or in "."
}

// errorAt returns err with the text of the name up to its nth element.
func (n *name) errorAt(nth int, err error) error {
	if nth == 0 {
		return err
	}
	rest, seen := n.text, 0
	if n.sharp {
		_, _, rest = splitSharp(n.text)
	}
	for rest != "" && seen < nth {
		elem, tail, _ := strings.Cut(rest, "/")
		if elem != "" && elem != "." {
			seen++
		}
		rest = tail
		if seen == nth && tail != "" {
			return &NameError{strings.TrimRight(n.text[:len(n.text)-len(tail)], "/"), err}
		}
	}
	return &NameError{n.text, err}
}

// parse finds where a name starts and cuts it up; the caller closes start.
func (v View) parse(ctx context.Context, text string) (*name, error) {
	if text == "" {
		return nil, ninep.Error("empty file name")
	}
	for i := range len(text) {
		if text[i] < ' ' || text[i] == 0x7f {
			return nil, &NameError{text, ninep.ErrBadChar}
		}
	}
	n := &name{text: text}
	rest := text
	switch text[0] {
	case '/':
		n.start = v.Slash.Incref()
	case '#':
		var letter rune
		var spec string
		var err error
		letter, spec, rest = splitSharp(text)
		n.sharp = true
		if v.Devs.Server(letter) != nil && !v.Pgrp.Allowed(letter) {
			return nil, ninep.ErrNoAttach
		}
		if n.start, err = v.Devs.Attach(ctx, v.User, letter, spec); err != nil {
			return nil, &NameError{text, err}
		}
	default:
		n.start = v.Dot.Incref()
	}
	n.elems, n.mustdir = elements(rest)
	if v.trace != nil {
		v.trace.began(ctx, n.start)
	}
	return n, nil
}

// elements cuts a name at its slashes; empty elements and "." mean nothing,
// except that what ends in one of them must be a directory.
func elements(rest string) (elems []string, mustdir bool) {
	mustdir = strings.HasSuffix(rest, "/") || rest == "." || strings.HasSuffix(rest, "/.")
	if n := strings.Count(rest, "/"); rest != "" {
		elems = make([]string, 0, n+1)
	}
	for rest != "" {
		var elem string
		elem, rest, _ = strings.Cut(rest, "/")
		if elem != "" && elem != "." {
			elems = append(elems, elem)
		}
	}
	return elems, mustdir
}

// A place is how far a walk has come.
type place struct {
	c    *Chan  // the file, on the near side of what is mounted there; nil when mh is set by a look ahead
	mh   *mhead // what is mounted there, if a look ahead found it
	path *Path  // the name so far; nil means c's own
}

// isDir reports whether names can be walked from here. A mount point and what
// is mounted on it are of a kind.
func (pl *place) isDir() bool {
	if pl.c == nil {
		return pl.mh.from.Qid().IsDir()
	}
	return pl.c.Qid().IsDir()
}

func (pl *place) close() {
	if pl.c != nil {
		pl.c.Close()
	}
	pl.mh.close()
	pl.path.close()
}

// walk resolves names from c, which it consumes, and returns the Chan there,
// on the near side of a last mount point. On error it also returns how many
// of the names the error is about.
//
// It goes in steps. Each starts at a directory whose mounts are known, asks
// the members of the union in turn for as many names as it can, and ends at
// the first mount point on the way, since there the names mean something
// else than the server thinks; ".." is a step of its own.
func (v View) walk(ctx context.Context, c *Chan, names []string, sharp bool) (*Chan, int, error) {
	at := place{c: c}
	for have := 0; have < len(names); {
		if !at.isDir() {
			at.close()
			return nil, have, ninep.ErrNotDir
		}
		n, next, err := v.step(ctx, at, names[have:], sharp)
		at.close()
		if err != nil {
			return nil, have + n, err
		}
		at = next
		have += n
		if v.trail != nil {
			v.trail.arrive(v, &at, sharp)
		}
		if v.trace != nil {
			v.trace.reached(ctx, at.c)
		}
	}
	return at.c, len(names), nil
}

// maxWalk is how many names one walk takes: MAXWELEM of walk(5).
const maxWalk = 16

// step takes the next step of a walk. It returns how many names it took, or
// how many the error is about.
func (v View) step(ctx context.Context, at place, names []string, sharp bool) (int, place, error) {
	if names[0] == ".." {
		c, err := dotdot(ctx, at.c)
		return 1, place{c: c}, err
	}
	try := len(names)
	if i := indexDotdot(names); i > 0 {
		try = i
	}
	try = min(try, maxWalk)
	if v.trace != nil {
		try = 1 // and so at.c is there: a look ahead finds mounts before the last name only
	}
	path := at.path
	if path == nil {
		path = at.c.path
	}
	mh := at.mh
	if mh == nil && !sharp {
		if mh = v.Pgrp.find(at.c.key()); mh != nil {
			defer mh.close()
		}
	}
	if mh == nil {
		n, next, err := v.reach(ctx, at.c, nil, path, names[:try], sharp)
		if v.trace != nil && err != nil {
			v.trace.asked(ctx, at.c, nil, 0, path, names[0], err)
		}
		return errorIndex(n, err), next, err
	}
	// The members are asked in order. The first name decides which of them
	// answers for the rest; if none has it, the last one's error counts.
	var n int
	var next place
	var err error
	for i, m := range mh.mounts {
		n, next, err = v.reach(ctx, m.to, mh, path, names[:try], sharp)
		if v.trace != nil {
			v.trace.asked(ctx, m.to, mh, i, path, names[0], err)
		}
		if err == nil || n > 0 || ctx.Err() != nil {
			break
		}
	}
	return errorIndex(n, err), next, err
}

// errorIndex returns how many names a walk took, if it went well, or how many
// its error is about: a file that is not a directory is itself to blame.
func errorIndex(n int, err error) int {
	if err == nil || err == ninep.ErrNotDir && n > 0 {
		return n
	}
	return n + 1
}

func indexDotdot(names []string) int {
	for i, name := range names {
		if name == ".." {
			return i
		}
	}
	return -1
}

// reach walks names in the tree of dir, as far as the first mount point, and
// returns how many it walked. With mh, dir is a member of it and path the
// mount point's; without, path is dir's own.
func (v View) reach(ctx context.Context, dir *Chan, mh *mhead, path *Path, names []string, sharp bool) (int, place, error) {
	f, n, ahead, err := v.walkFile(ctx, dir, names, sharp)
	if err != nil {
		return n, place{}, err
	}
	if mh != nil {
		path = newPath(path, mh.from, dir, names[:n:n])
	} else {
		path = path.join(dir, names[:n:n])
	}
	if ahead != nil {
		return n, place{mh: ahead, path: path}, nil
	}
	return n, place{c: newChan(f, dir.typ, dir.dev, path)}, nil
}

// walkFile walks names from dir's File to the last name or to the first mount
// point before it; that it returns, with a reference, instead of the File. It
// also returns how many names it walked.
func (v View) walkFile(ctx context.Context, dir *Chan, names []string, sharp bool) (ninep.File, int, *mhead, error) {
	if w, ok := dir.file.(ninep.NamesWalker); ok && len(names) > 1 {
		return v.walkNames(ctx, dir, w, names, sharp)
	}
	f := dir.file
	for i, name := range names {
		var next ninep.File
		err := error(ninep.ErrNotDir)
		if f.Qid().IsDir() {
			next, err = f.Walk(ctx, name)
		}
		if i > 0 {
			f.Close()
		}
		if err != nil {
			return nil, i, nil, err
		}
		f = next
		if v.trail != nil {
			v.trail.pass(dir, f.Qid())
		}
		if sharp || i == len(names)-1 {
			continue
		}
		if mh := v.Pgrp.find(key{dir.typ, dir.dev, f.Qid().Path}); mh != nil {
			f.Close()
			return nil, i + 1, mh, nil
		}
	}
	return f, len(names), nil, nil
}

// walkNames is walkFile for a server that takes all the names in one message.
func (v View) walkNames(ctx context.Context, dir *Chan, w ninep.NamesWalker, names []string, sharp bool) (ninep.File, int, *mhead, error) {
	f, qids, err := w.WalkNames(ctx, names)
	var mh *mhead
	n := len(qids)
	for i := 0; i < len(qids) && i < len(names)-1 && !sharp && mh == nil; i++ {
		if mh = v.Pgrp.find(key{dir.typ, dir.dev, qids[i].Path}); mh != nil {
			n, err = i+1, nil
		}
	}
	if v.trail != nil {
		for _, q := range qids[:n] {
			v.trail.pass(dir, q)
		}
	}
	if mh == nil && err == nil {
		return f, n, nil, nil
	}
	if f != nil {
		f.Close()
	}
	if err != nil && n > 0 && !qids[n-1].IsDir() {
		err = ninep.ErrNotDir
	}
	return nil, n, mh, err
}

// dotdot returns the Chan above c: a walk of c's name without its last
// element. What it returns is on the near side of a mount point, so that the
// next step decides what is mounted there now.
func dotdot(ctx context.Context, c *Chan) (*Chan, error) {
	p := c.path
	for len(p.rel) == 0 && p.up != nil {
		p = p.up // c is what is mounted at up
	}
	if p.anchor == nil {
		return c.Incref(), nil // nothing is above a root
	}
	dir, n := p.anchor, len(p.rel)-1
	path := p.anchor.path.incref
	switch {
	case n == 0 && p.up != nil:
		dir, path = p.from, p.up.incref
	case n > 0:
		path = func() *Path { return newPath(p.up, p.from, p.anchor, p.rel[:n:n]) }
	}
	f, _, err := ninep.WalkNames(ctx, dir.file, p.rel[:max(n, 0)])
	if err != nil {
		if f != nil {
			f.Close()
		}
		return nil, err
	}
	return newChan(f, dir.typ, dir.dev, path()), nil
}
