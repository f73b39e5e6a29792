package cmd

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"ufo/ninep"
	"ufo/ns"
)

// This file is how explain tells about a name: it makes rows of the steps
// that the kernel took, and prints them.

// A waypoint is one file on the way, and what happened there.
type waypoint struct {
	name, where, perm, may, qid string
	notes                       []note
}

// A note is what happened at a file: to whom, by what line, with what result.
type note struct{ which, line, what string }

func (e *explainer) printf(format string, a ...any) { fmt.Fprintf(e.out, format, a...) }

// name explains a file name.
func (e *explainer) name(name string) error {
	var steps []ns.Step
	err := within(e.p, dialTime, func() (err error) {
		steps, err = e.p.Explain(name, e.to)
		return err
	})
	if late := errors.Is(err, ninep.ErrTimedOut); late && len(steps) > 0 {
		if last := &steps[len(steps)-1]; last.Err != nil {
			last.Err = errNoAnswer // and not that explain did not wait for it
		}
	}
	trees := e.trees(steps)
	e.table(e.rows(steps, trees))
	for _, t := range trees.list {
		e.printf("%s\n", t)
	}
	if err == nil {
		return nil
	}
	e.why(name, steps, trees, err)
	return err
}

// errNoAnswer is shown of a server that does not answer.
var errNoAnswer = errors.New("no answer")

// rows makes rows of steps.
func (e *explainer) rows(steps []ns.Step, trees *trees) []*waypoint {
	var rows []*waypoint
	for _, s := range steps {
		switch s.Op {
		case ns.Began, ns.Reached:
			rows = append(rows, e.row(s, trees))
			continue
		}
		if len(rows) == 0 {
			rows = append(rows, &waypoint{name: s.Name})
		}
		last := rows[len(rows)-1]
		last.notes = append(last.notes, e.note(s))
		last.notes = append(last.notes, e.rest(s)...)
		if s.Op == ns.Crossed {
			rows = append(rows, e.row(s, trees))
		}
	}
	return rows
}

// row makes the row of a file.
func (e *explainer) row(s ns.Step, trees *trees) *waypoint {
	r := &waypoint{name: s.Name, where: trees.label(s)}
	if e.verbose {
		r.qid = fmt.Sprintf("(%.16x %d %.2x)", s.Qid.Path, s.Qid.Vers, uint8(s.Qid.Type))
	}
	if s.StatErr != nil {
		r.perm = s.StatErr.Error()
		return r
	}
	who := e.who(s.Tree)
	r.perm = fmt.Sprintf("%v %s %s", s.Dir.Mode, s.Dir.UID, s.Dir.GID)
	r.may = who + " " + rwx(rights(s.Dir, who))
	return r
}

// note makes the note of a step that is not a file.
func (e *explainer) note(s ns.Step) note {
	n := note{line: s.Line}
	if s.Members > 0 {
		n.which = fmt.Sprintf("%d of %d", s.Member, s.Members)
		if s.Line == "" {
			n.line = "itself"
		}
	}
	switch s.Op {
	case ns.Asked:
		n.what = s.Elem + ": "
	case ns.Crossed:
		n.what = "seen here"
	case ns.Opened:
		n.what = "open for " + accessWord(e.to) + ": "
	case ns.Created:
		n.what = "create " + s.Elem + ": "
	}
	switch {
	case s.Op == ns.Crossed:
	case s.Err != nil:
		n.what += s.Err.Error()
	case s.Op == ns.Asked:
		n.what += "here"
	default:
		n.what += "ok"
		if who := e.who(s.Tree); s.Op == ns.Opened && s.StatErr == nil && rights(s.Dir, who)&e.needs() == 0 {
			n.what += ": so the server has " + who + " in group " + s.Dir.GID
		}
	}
	return n
}

// needs returns the permission that opening the file takes.
func (e *explainer) needs() ninep.Perm {
	switch e.to {
	case ns.ToRead:
		return ninep.DMREAD
	case ns.ToExec:
		return ninep.DMEXEC
	}
	return ninep.DMWRITE
}

// rest makes notes of the members that nobody had to ask, for -v.
func (e *explainer) rest(s ns.Step) []note {
	if !e.verbose || s.Op != ns.Crossed && (s.Op != ns.Asked || s.Err != nil) {
		return nil
	}
	var notes []note
	for i, line := range s.Rest {
		if line == "" {
			line = "itself"
		}
		notes = append(notes, note{fmt.Sprintf("%d of %d", s.Member+1+i, s.Members), line, "not asked"})
	}
	return notes
}

// accessWord returns what a file is opened for.
func accessWord(to ns.Access) string {
	switch to {
	case ns.ToRead:
		return "reading"
	case ns.ToExec:
		return "execution"
	}
	return "writing"
}

// table prints rows in columns, and their notes below them.
func (e *explainer) table(rows []*waypoint) {
	var name, where, qid, perm, line int
	for _, r := range rows {
		name, where = max(name, utf8.RuneCountInString(r.name)), max(where, utf8.RuneCountInString(r.where))
		qid, perm = max(qid, len(r.qid)), max(perm, len(r.perm))
		for _, n := range r.notes {
			line = max(line, utf8.RuneCountInString(n.line))
		}
	}
	if qid > 0 {
		qid += 2
	}
	for _, r := range rows {
		text := fmt.Sprintf("%-*s  %-*s  %-*s%-*s  %s", name, r.name, where, r.where, qid, r.qid, perm, r.perm, r.may)
		e.printf("%s\n", strings.TrimRight(text, " "))
		for _, n := range r.notes {
			switch {
			case n.which != "":
				e.printf("    %s  %-*s  %s\n", n.which, line, n.line, n.what)
			default:
				e.printf("    %s\n", n.what)
			}
		}
	}
}

// who returns as whom we ask in a tree.
func (e *explainer) who(t ns.Tree) string {
	if t.User != "" {
		return t.User
	}
	return e.p.User()
}

// rights returns which of read, write and execute the permissions give a user,
// as far as they can tell.
func rights(d ninep.Dir, user string) ninep.Perm {
	var have ninep.Perm
	for mode, bit := range map[ninep.Mode]ninep.Perm{
		ninep.OREAD: ninep.DMREAD, ninep.OWRITE: ninep.DMWRITE, ninep.OEXEC: ninep.DMEXEC,
	} {
		if d.Access(user, nil, mode) {
			have |= bit
		}
	}
	return have
}

// rwx returns permissions as ls(1) has them.
func rwx(perm ninep.Perm) string {
	b := []byte("rwx")
	for i := range b {
		if perm&(4>>i) == 0 {
			b[i] = '-'
		}
	}
	return string(b)
}
