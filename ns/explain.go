package ns

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"ufo/ninep"
)

// This file is how a View tells what it does. [View.Explain] resolves a name
// with a tracer in the View, to which the functions that resolve names report
// what they have done. Nothing here decides anything: a View without a tracer
// takes the same steps, but several names at a time.

// An Access is what a name is resolved for.
type Access int

const (
	ToStat   Access = iota // nothing more: as stat(2) does
	ToRead                 // open(2) for reading
	ToWrite                // open(2) for writing, without truncating
	ToExec                 // open(2) for execution
	ToCreate               // create(2); a file that is made is removed again
)

// An Op says what a Step is.
type Op int

const (
	Began   Op = iota // the name begins at this file
	Asked             // a directory was asked for Elem, and Err is nil if it has it
	Reached           // this file is what the name so far stands for
	Crossed           // this is mounted upon the last file, and seen in its place
	Opened            // the file was opened, or Err says why not
	Created           // the file was created, or Err says why not
)

// A Step is one step by which a name was resolved.
type Step struct {
	Op   Op
	Name string // from the root, as far as it was resolved
	Tree Tree   // where the file, or the directory that was asked, is
	Qid  ninep.Qid
	Dir  ninep.Dir // its entry as its server tells it, unless StatErr
	Elem string    // of Asked: the name that was looked for

	// At a mount point: which member of how many, from 1, and the line of
	// the name space that made it one. All are 0 where nothing is mounted.
	Member, Members int
	Line            string
	Rest            []string // lines of the members that come after

	StatErr error // why there is no entry
	Err     error // who was asked refused, with this
}

// A Tree says which tree a file is in.
type Tree struct {
	Type rune   // letter of the device, 'M' for a mounted tree
	Dev  uint32 // which of the device's trees

	// Of a mounted tree: what was mounted, what serves it, a process or the
	// file that is the connection, and as whom the user was attached.
	Server, By, User string
}

// A tracer collects the steps of one call.
type tracer struct{ steps []Step }

// Explain resolves a name, does with it what to says, undoes that, and
// returns the steps this took. The error is that of the last of them, or of
// the call; with it come the steps until then. Each name is asked for alone,
// so that whoever refuses can say why: where a server is asked for several at
// once, 9P tells only that it stopped.
func (v View) Explain(ctx context.Context, name string, to Access) ([]Step, error) {
	tr := new(tracer)
	v.trace = tr
	var c *Chan
	var err error
	switch to {
	case ToStat:
		c, err = v.Walk(ctx, name)
	case ToRead:
		c, err = v.Open(ctx, name, ninep.OREAD)
	case ToWrite:
		c, err = v.Open(ctx, name, ninep.OWRITE)
	case ToExec:
		c, err = v.Open(ctx, name, ninep.OEXEC)
	case ToCreate:
		c, err = v.Create(ctx, name, ninep.OWRITE|ninep.OEXCL|ninep.ORCLOSE, 0666)
	default:
		err = ninep.ErrBadArg
	}
	if c != nil {
		c.Close()
	}
	return tr.steps, err
}

// began notes where a name begins.
func (tr *tracer) began(ctx context.Context, c *Chan) {
	tr.add(ctx, Step{Op: Began, Name: c.path.String()}, c)
}

// asked notes that member i of mh, or with mh nil the directory itself, was
// asked for a name, and what came of it.
func (tr *tracer) asked(ctx context.Context, dir *Chan, mh *mhead, i int, path *Path, elem string, err error) {
	s := Step{Op: Asked, Name: path.String(), Elem: elem, Err: err}
	s.at(mh, i)
	tr.add(ctx, s, dir)
}

// reached notes a file that was walked to.
func (tr *tracer) reached(ctx context.Context, c *Chan) {
	tr.add(ctx, Step{Op: Reached, Name: c.path.String()}, c)
}

// crossed notes that c, the first member of mh, is seen at the end of a name.
func (tr *tracer) crossed(ctx context.Context, c *Chan, mh *mhead) {
	s := Step{Op: Crossed, Name: c.path.String()}
	s.at(mh, 0)
	tr.add(ctx, s, c)
}

// opened notes that c was opened, or refused to be.
func (tr *tracer) opened(ctx context.Context, c *Chan, err error) {
	tr.add(ctx, Step{Op: Opened, Name: c.path.String(), Err: err}, c)
}

// created notes that a file was created in dir, which is a member of mh if
// that is not nil, or refused to be. Dir is nil if no member may be asked.
func (tr *tracer) created(ctx context.Context, dir *Chan, mh *mhead, path *Path, elem string, err error) {
	s := Step{Op: Created, Name: path.String(), Elem: elem, Err: err}
	if mh != nil && dir != nil {
		s.at(mh, mh.index(dir.key()))
	}
	tr.add(ctx, s, dir)
}

// at says that the step concerns member i of mh.
func (s *Step) at(mh *mhead, i int) {
	if mh == nil {
		return
	}
	s.Member, s.Members = i+1, len(mh.mounts)
	lines := mh.lines()
	s.Line, s.Rest = lines[i], lines[i+1:]
}

// lines returns what made the members of mh: lines of the name space. The
// directory itself, which a bind -a leaves in the union, has none: "".
func (mh *mhead) lines() []string {
	lines := make([]string, len(mh.mounts))
	for i, m := range mh.mounts {
		if m.to.key() != mh.from.key() {
			lines[i] = strings.TrimSpace(m.format(mh.from))
		}
	}
	return lines
}

// add adds a step about c, which can be nil.
func (tr *tracer) add(ctx context.Context, s Step, c *Chan) {
	if c != nil {
		s.Tree, s.Qid = c.tree(), c.Qid()
		s.StatErr = s.Err
		if s.Err == nil || !broken(s.Err) {
			s.Dir, s.StatErr = c.file.Stat(ctx)
		}
	}
	tr.steps = append(tr.steps, s)
}

// broken reports whether who gave the error will not answer a stat either.
func broken(err error) bool {
	return errors.Is(err, ninep.ErrHungup) || errors.Is(err, ninep.ErrIntr)
}

// tree returns which tree c is in.
func (c *Chan) tree() Tree {
	t := Tree{Type: c.typ, Dev: c.dev}
	root := c
	for root.mnt == nil && root.path.anchor != nil && root.path.anchor.typ == c.typ && root.path.anchor.dev == c.dev {
		root = root.path.anchor
	}
	if m := root.mnt; m != nil {
		t.Server, t.User = m.from.postedName(), m.user
		t.By = m.from.Name()
		if by, ok := m.srv.(fmt.Stringer); ok {
			t.By = by.String()
		}
	}
	return t
}
