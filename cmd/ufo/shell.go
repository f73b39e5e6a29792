package main

import (
	"cmp"
	"context"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"time"

	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
	"ufo/rc"
)

// completer returns what completes lines typed for a shell, or for one that it
// has started: it finds the names that they would find.
func completer(shell func() *proc.Proc) func(ctx context.Context, line string, pos int) tty.Completion {
	return func(ctx context.Context, line string, pos int) tty.Completion {
		c := rc.Complete(line, pos)
		p := reader(shell())
		if p == nil {
			return tty.Completion{}
		}
		view, release, err := p.Look()
		if err != nil {
			return tty.Completion{}
		}
		defer release()
		l := looker{ctx, view, p, c}
		var names []rc.Name
		switch c.What {
		case rc.Variable:
			names = l.variables("")
		case rc.File:
			names = l.files(l.dir(), func(ninep.Dir) bool { return true })
		case rc.Command:
			names = l.commands()
		}
		slices.SortFunc(names, compareNames)
		names = slices.CompactFunc(names, func(a, b rc.Name) bool { return a.Text == b.Text })
		if len(names) == 0 {
			return tty.Completion{}
		}
		return tty.Completion{Start: c.Start, Text: c.Fill(line[c.Start:pos], names), Names: l.shown(names)}
	}
}

// compareNames orders names: numbers by their size, before others.
func compareNames(a, b rc.Name) int {
	x, err1 := strconv.Atoi(a.Text)
	y, err2 := strconv.Atoi(b.Text)
	switch {
	case err1 == nil && err2 == nil:
		return cmp.Compare(x, y)
	case err1 == nil:
		return -1
	case err2 == nil:
		return 1
	}
	return strings.Compare(a.Text, b.Text)
}

// A looker looks for the names that a completion can be, as a process sees them.
type looker struct {
	ctx  context.Context
	view ns.View
	p    *proc.Proc
	c    rc.Completion
}

// dir returns the directory of a file.
func (l *looker) dir() string {
	dir := l.c.Dir
	if l.c.Var != "" {
		dir = l.variable(l.c.Var) + dir
	}
	return cmp.Or(dir, ".")
}

// variable returns the first word of a variable's value.
func (l *looker) variable(name string) string {
	return slices.Concat(l.list(name), []string{""})[0]
}

// list returns the words of a variable's value.
func (l *looker) list(name string) []string {
	v := l.p.Env().Get(name)
	if v == nil || len(v.Value) == 0 {
		return nil
	}
	return strings.Split(strings.TrimRight(string(v.Value), "\x00"), "\x00")
}

// files returns the files in dir that begin as is typed and are wanted.
func (l *looker) files(dir string, wanted func(ninep.Dir) bool) (names []rc.Name) {
	f, err := l.view.Open(l.ctx, dir, ninep.OREAD)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, err := l.view.ReadDir(l.ctx, f)
	if err != nil {
		return nil
	}
	for _, d := range entries {
		if strings.HasPrefix(d.Name, l.c.Base) && wanted(d) {
			names = append(names, rc.Name{Text: d.Name, IsDir: d.IsDir()})
		}
	}
	return names
}

// commands returns what can be run: functions, built-in commands, and what is
// in the directories of $path.
func (l *looker) commands() (names []rc.Name) {
	if l.c.Dir == "" {
		names = l.variables("fn#")
		for _, b := range rc.Builtins() {
			if strings.HasPrefix(b, l.c.Base) {
				names = append(names, rc.Name{Text: b})
			}
		}
	}
	dirs := l.list("path")
	if dirs == nil {
		dirs = []string{"/bin", "."}
	}
	for _, dir := range dirs {
		names = append(names, l.files(dir+"/"+l.c.Dir, func(d ninep.Dir) bool { return d.IsDir() || d.Mode&0111 != 0 })...)
	}
	return names
}

// variables returns the variables whose names have the prefix and then begin as
// is typed; without a prefix, not those of functions.
func (l *looker) variables(prefix string) (names []rc.Name) {
	for _, v := range l.p.Env().List() {
		name, ok := strings.CutPrefix(v.Name, prefix)
		if ok && strings.HasPrefix(name, l.c.Base) && !strings.Contains(name, "#") {
			names = append(names, rc.Name{Text: name})
		}
	}
	return names
}

// noteTime is how long it may take to find out what processes are called.
const noteTime = 300 * time.Millisecond

// shown returns names as they are listed: behind directories a slash, but behind
// the number of a process what it runs.
func (l *looker) shown(names []rc.Name) []string {
	ctx, cancel := context.WithTimeout(l.ctx, noteTime)
	defer cancel()
	dir := l.dir()
	var all []string
	for _, n := range names {
		text := n.Text
		if _, err := strconv.Atoi(n.Text); err == nil && n.IsDir && path.Base(dir) == "proc" && len(names) > 1 {
			text = strings.TrimSpace(text + " " + l.program(ctx, dir+"/"+n.Text))
		} else if n.IsDir {
			text += "/"
		}
		all = append(all, text)
	}
	return all
}

// program returns the name of the program that a process runs, of which dir is
// the directory; "" if that cannot be found out.
func (l *looker) program(ctx context.Context, dir string) string {
	const nameLen = 28 // of the first field of a status file
	f, err := l.view.Open(ctx, dir+"/status", ninep.OREAD)
	if err != nil {
		return ""
	}
	defer f.Close()
	b := make([]byte, nameLen)
	n, err := f.ReadAt(ctx, b, 0)
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(b[:n]))
}

// descendants returns a shell and those that come from it, oldest first.
func descendants(shell *proc.Proc) (all []*proc.Proc) {
	if shell == nil {
		return nil
	}
	all = append(all, shell)
	family := map[int]bool{shell.Getpid(): true}
	procs := shell.Table().Procs()
	slices.SortFunc(procs, func(a, b *proc.Proc) int { return a.Getpid() - b.Getpid() })
	for _, p := range procs {
		if family[p.Getppid()] {
			family[p.Getpid()] = true
			all = append(all, p)
		}
	}
	return all
}

// reader returns the process that reads the lines: the youngest rc that waits
// for one, among the shell and its descendants.
func reader(shell *proc.Proc) *proc.Proc {
	at := shell
	for _, p := range descendants(shell) {
		if in := p.Info(); in.Text == "rc" && in.State == "Pread" {
			at = p
		}
	}
	return at
}

// commands returns what reports whether a shell, or one that it has started, waits
// for a command.
func commands(shell func() *proc.Proc) func() bool {
	return func() bool {
		p := reader(shell())
		return p != nil && p.Info().State == "Pread" && p.Info().Text == "rc"
	}
}

// holders returns what is told of the processes that have a shell's console: its
// note group, to which ^C goes, and then another that the shell waits for.
func holders(shell func() *proc.Proc) func() string {
	return func() string {
		family := descendants(shell())
		if len(family) == 0 {
			return "no process"
		}
		var all []string
		for _, group := range foreground(family) {
			for _, p := range family {
				in := p.Info()
				if in.Noteid != group || in.State == "Moribund" {
					continue
				}
				age := int(p.Now().Sub(in.Start).Seconds())
				all = append(all, fmt.Sprintf("%s %d %s %d:%02d", in.Text, in.Pid, in.State, age/60, age%60))
			}
		}
		return printable(strings.Join(all, ", "))
	}
}

// foreground returns the note groups that have the console: that of the first of
// a family and, while one waits that has no child in its group, that of another,
// its youngest.
func foreground(family []*proc.Proc) []int {
	at := family[0].Info()
	groups := []int{at.Noteid}
	for at.State == "Await" {
		child := at
		for _, p := range family {
			in := p.Info()
			if in.Ppid != at.Pid {
				continue
			}
			if in.Noteid == at.Noteid {
				return groups
			}
			child = in
		}
		if child.Pid == at.Pid {
			break
		}
		at = child
		groups = append(groups, at.Noteid)
	}
	return groups
}
