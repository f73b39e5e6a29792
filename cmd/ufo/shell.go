package main

import (
	"context"
	"slices"
	"strings"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
	"ufo/rc"
)

// completer returns what completes lines typed for a shell, or for one that it
// has started: it finds the names that they would find.
func completer(shell func() *proc.Proc) func(ctx context.Context, line string, pos int) (int, []string) {
	return func(ctx context.Context, line string, pos int) (int, []string) {
		c := rc.Complete(line, pos)
		p := reader(shell())
		if p == nil {
			return pos, nil
		}
		view, release, err := p.Look()
		if err != nil {
			return pos, nil
		}
		defer release()
		var names []string
		switch c.What {
		case rc.Variable:
			names = variables(p, c.Base, "")
		case rc.File:
			dir := c.Dir
			if dir == "" {
				dir = "."
			}
			names = files(ctx, view, dir, c, func(ninep.Dir) bool { return true })
		case rc.Command:
			names = commands(ctx, view, p, c)
		}
		slices.Sort(names)
		return c.Start, slices.Compact(names)
	}
}

// reader returns the process that reads the lines: the youngest rc that waits
// for one, among the shell and its descendants.
func reader(shell *proc.Proc) *proc.Proc {
	if shell == nil {
		return nil
	}
	family := map[int]bool{shell.Getpid(): true}
	procs := shell.Table().Procs()
	slices.SortFunc(procs, func(a, b *proc.Proc) int { return a.Getpid() - b.Getpid() })
	at := shell
	for _, p := range procs {
		if !family[p.Getppid()] {
			continue
		}
		family[p.Getpid()] = true
		if in := p.Info(); in.Text == "rc" && in.State == "Pread" {
			at = p
		}
	}
	return at
}

// files returns the words for the files in dir that begin as c does and are
// wanted.
func files(ctx context.Context, view ns.View, dir string, c rc.Completion, wanted func(ninep.Dir) bool) []string {
	f, err := view.Open(ctx, dir, ninep.OREAD)
	if err != nil {
		return nil
	}
	defer f.Close()
	entries, err := view.ReadDir(ctx, f)
	if err != nil {
		return nil
	}
	var names []string
	for _, d := range entries {
		if strings.HasPrefix(d.Name, c.Base) && wanted(d) {
			names = append(names, c.Word(d))
		}
	}
	return names
}

// commands returns what can be run: functions, built-in commands, and what is
// in the directories of $path.
func commands(ctx context.Context, view ns.View, p *proc.Proc, c rc.Completion) []string {
	var names []string
	if c.Dir == "" {
		names = variables(p, c.Base, "fn#")
		for _, b := range rc.Builtins() {
			if strings.HasPrefix(b, c.Base) {
				names = append(names, b)
			}
		}
	}
	path := []string{"/bin", "."}
	if v := p.Env().Get("path"); v != nil {
		path = strings.Split(strings.TrimRight(string(v.Value), "\x00"), "\x00")
	}
	for _, dir := range path {
		names = append(names, files(ctx, view, dir+"/"+c.Dir, c, func(d ninep.Dir) bool { return d.IsDir() || d.Mode&0111 != 0 })...)
	}
	return names
}

// variables returns the names in the environment that have the prefix and then
// begin with base; without a prefix, not those of functions.
func variables(p *proc.Proc, base, prefix string) []string {
	var names []string
	for _, v := range p.Env().List() {
		name, ok := strings.CutPrefix(v.Name, prefix)
		if ok && strings.HasPrefix(name, base) && !strings.Contains(name, "#") {
			names = append(names, name)
		}
	}
	return names
}
