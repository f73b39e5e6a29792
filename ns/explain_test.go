package ns_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// stepsText returns steps as one line.
func stepsText(steps []ns.Step) string {
	var words []string
	for _, s := range steps {
		word := ""
		switch s.Op {
		case ns.Began:
			word = "from "
		case ns.Asked:
			word = s.Elem + " in "
		case ns.Reached:
			word = "to "
		case ns.Crossed:
			word = "seen "
		case ns.Opened:
			word = "open "
		case ns.Created:
			word = "create " + s.Elem + " in "
		}
		word += s.Name
		if s.Tree.Type != 0 {
			word += fmt.Sprintf(" #%c%d", s.Tree.Type, s.Tree.Dev)
		}
		if s.Members > 0 {
			word += fmt.Sprintf(" %d/%d", s.Member, s.Members)
		}
		if s.Err != nil {
			word += " " + s.Err.Error()
		}
		words = append(words, word)
	}
	return strings.Join(words, ", ")
}

// Each row is a script in which explain prints the steps it is told of.
func TestExplain(t *testing.T) {
	for _, row := range []struct{ name, script string }{
		{"a name without mounts", `
			mkdir a; echo x a/f; explain /a/f => from / #/0, to /a #/0, to /a/f #/0
			cd a; explain f => from /a #/0, to /a/f #/0
			explain ../a => from /a #/0, to / #/0, to /a #/0`},
		{"the members of a union are asked in order", `
			mkdir a; mkdir b; echo x b/f; bind -a b a
			explain a/f => from / #/0, to /a #/0, f in /a #/0 1/2 file does not exist, f in /a #/0 2/2, to /a/f #/0
			explain a/g => from / #/0, to /a #/0, g in /a #/0 1/2 file does not exist, g in /a #/0 2/2 file does not exist! 'a/g' file does not exist`},
		{"a mounted tree, and what is seen at the end", `
			mkdir a; mkdir #r/d; mount a; explain /a/d => from / #/0, to /a #/0, d in /a #M2 1/1, to /a/d #M2
			explain /a => from / #/0, to /a #/0, seen /a #M2 1/1`},
		{"devices", `
			echo x #r/f; explain #r/f => from #r #r0, to #r/f #r0
			explain #z => ! '#z' unknown device in # filename
			deny r; explain #r/f => ! mount/attach disallowed`},
		{"each name of a long walk is asked for", `
			mkdir a; echo x a/f; explain a/f/g/h => from / #/0, to /a #/0, to /a/f #/0! 'a/f' not a directory
			explain a/n/o => from / #/0, to /a #/0, n in /a #/0 file does not exist! 'a/n' file does not exist`},
		{"opening", `
			mkdir a; echo x f; explain-w f => from / #/0, to /f #/0, open /f #/0
			explain-w a => from / #/0, to /a #/0! 'a' file is a directory
			cat f => x`},
		{"creating leaves nothing", `
			mkdir a; explain-c a/f => from / #/0, to /a #/0, f in /a #/0 file does not exist, create f in /a #/0
			cat a => 
			explain-c a => from / #/0, to /a #/0! 'a' file already exists`},
		{"creating in a union", `
			mkdir a; mkdir b; bind -a b a
			explain-c a/f => from / #/0, to /a #/0, f in /a #/0 1/2 file does not exist, f in /a #/0 2/2 file does not exist, create f in /a mounted directory forbids creation! 'a/f' mounted directory forbids creation
			unmount a; bind -ac b a
			explain-c a/f => from / #/0, to /a #/0, f in /a #/0 1/2 file does not exist, f in /a #/0 2/2 file does not exist, create f in /a #/0 2/2`},
	} {
		t.Run(row.name, func(t *testing.T) {
			w, done := newWorld(t)
			defer done()
			w.script(row.script)
		})
	}
}

// TestExplainTells looks at what else a step says: entries, and what a mounted
// tree is.
func TestExplainTells(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	w.script("mkdir a; echo x #r/f; mount a")
	steps, err := w.v.Explain(w.ctx, "/a/f", ns.ToStat)
	if err != nil || len(steps) != 4 {
		t.Fatal(len(steps), err)
	}
	asked, last := steps[2], steps[3]
	if asked.Line != "mount  '#s/r' /a" || len(asked.Rest) != 0 {
		t.Errorf("the line is %q, then %q", asked.Line, asked.Rest)
	}
	if want := (ns.Tree{Type: 'M', Dev: 2, Server: "#s/r", By: "#s/r", User: "glenda"}); last.Tree != want {
		t.Errorf("%+v, want %+v", last.Tree, want)
	}
	if last.StatErr != nil || last.Dir.Name != "f" || last.Dir.Mode != 0666 || last.Qid != last.Dir.Qid {
		t.Errorf("entry %v, qid %v, error %v", last.Dir, last.Qid, last.StatErr)
	}
}

// TestExplainInterrupted wants the steps until then when the call is ended.
func TestExplainInterrupted(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	ctx, cancel := context.WithCancel(w.ctx)
	c := ns.Post(w.ctx, w.v.Devs, "#s/deaf", deaf{cancel: cancel}, nil)
	defer c.Close()
	w.script("mkdir a")
	if err := w.v.Mount(w.ctx, c, "/a", ns.MREPL, ""); err != nil {
		t.Fatal(err)
	}
	steps, err := w.v.Explain(ctx, "/a/f", ns.ToStat)
	if ninep.ErrorOf(err) != ninep.ErrIntr || len(steps) != 3 || steps[2].Elem != "f" || steps[2].Err == nil {
		t.Errorf("%s, %v", stepsText(steps), err)
	}
}

// A deaf server answers no walk; whoever waits for it is interrupted.
type deaf struct {
	ninep.Plain
	cancel func()
}

func (d deaf) Attach(context.Context, string, string) (ninep.File, error) { return d, nil }

func (d deaf) Qid() ninep.Qid { return ninep.Qid{Type: ninep.QTDIR} }

func (d deaf) Stat(context.Context) (ninep.Dir, error) { return ninep.Dir{Name: "/"}, nil }

func (d deaf) Clone(context.Context) (ninep.File, error) { return d, nil }

func (d deaf) Walk(ctx context.Context, _ string) (ninep.File, error) {
	d.cancel()
	<-ctx.Done()
	return nil, ctx.Err()
}
