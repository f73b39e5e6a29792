package ns_test

import (
	"bytes"
	"strings"
	"sync"
	"testing"

	"ufo/ninep"
	"ufo/ns"
)

// messages collects what a trace writes.
type messages struct {
	mu  sync.Mutex // guards buf
	buf bytes.Buffer
}

func (m *messages) Write(b []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.buf.Write(b)
}

// take returns the types of the requests since the last take.
func (m *messages) take() string {
	m.mu.Lock()
	defer m.mu.Unlock()
	var types []string
	for line := range strings.Lines(m.buf.String()) {
		if word, _, _ := strings.Cut(line, " "); word[0] == 'T' {
			types = append(types, word)
		}
	}
	m.buf.Reset()
	return strings.Join(types, " ")
}

// TestWrap sees what passes to trees that were mounted before and after, and
// wants names to mean what they did.
func TestWrap(t *testing.T) {
	w, done := newWorld(t)
	defer done()
	w.script("mkdir a; mkdir b; mkdir c; echo x #r/f; mkdir #r/d; echo y #r/d/g; mount a; bind a/d b; bind -a a c; cd a/d")
	before := w.do("ns")
	var m messages
	trace := ninep.TraceFiles(&m)
	wrap := func(tree ns.Tree, f ninep.File) ninep.File {
		if tree.Server != "#s/r" {
			t.Errorf("wrapped %+v", tree)
		}
		return trace(f)
	}
	w.v.Pgrp.Wrap(wrap)
	w.v.Dot = w.v.Dot.Wrapped(wrap)
	for _, step := range []struct{ name, script, want string }{
		{"nothing was called", "ns => " + before, ""},
		{"a file", "cat /a/f => x", "Twalk Topen Tread Tclunk"},
		{"below a bind", "cat /b/g => y", "Twalk Topen Tread Tclunk"},
		{"a member of a union", "cat /c/f => x", "Twalk Topen Tread Tclunk"},
		{"from the current directory", "cat g => y", "Twalk Topen Tread Tclunk"},
		{"above the current directory", "cat ../f => x", "Twalk Topen Tread Tclunk"},
		{"what is not mounted", "echo z /b2; cat /b2 => z", ""},
		{"a tree that is mounted now", "mkdir /e; mount /e; cat /e/f => x", "Twalk Topen Tread Tclunk"},
		{"unmounted", "unmount /e; unmount /a; cat /a => ", ""},
	} {
		t.Run(step.name, func(t *testing.T) {
			w.t = t
			w.script(step.script)
			if got := m.take(); got != step.want {
				t.Errorf("%s: %q, want %q", step.script, got, step.want)
			}
		})
	}
	copied := w.v.Pgrp.Copy()
	w.v.Pgrp.Close()
	w.v.Pgrp = copied
	w.script("mount /e; cat /e/f => x")
	if got := m.take(); got != "Twalk Topen Tread Tclunk" {
		t.Errorf("in a copy: %q", got)
	}
}
