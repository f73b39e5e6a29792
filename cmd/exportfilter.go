package cmd

import (
	"context"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"

	"ufo/ninep"
)

// A filterServer lets through to a Server what exportfs's option -P permits.
type filterServer struct {
	ninep.Server
	include []*regexp.Regexp // all must match a file's name
	exclude []*regexp.Regexp // none may
}

// parse reads a file of patterns: lines of a + or a -, a blank, and a regular
// expression. Other lines are comments.
func (s *filterServer) parse(text string) error {
	for line := range strings.Lines(text) {
		kind, expr, ok := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if !ok || kind != "+" && kind != "-" {
			continue
		}
		re, err := regcomp(expr, false)
		if err != nil {
			return fmt.Errorf("pattern %s: %w", expr, err)
		}
		if kind == "+" {
			s.include = append(s.include, re)
		} else {
			s.exclude = append(s.exclude, re)
		}
	}
	return nil
}

// hides reports whether the file called name, "/" for the root and "/a/b" for
// others, is not to be seen.
func (s *filterServer) hides(name string) bool {
	match := func(re *regexp.Regexp) bool { return re.MatchString(name) }
	return slices.ContainsFunc(s.include, func(re *regexp.Regexp) bool { return !match(re) }) ||
		slices.ContainsFunc(s.exclude, match)
}

// Attach returns the root, filtered, or what the specifier names below it.
func (s filterServer) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	root := &filtered{s: &s, name: "/"}
	for elem := range strings.SplitSeq(path.Clean("/" + spec)[1:], "/") {
		if elem == "" { // all of the tree
			break
		}
		if root.name = root.join(elem); s.hides(root.name) {
			return nil, ninep.ErrNotExist
		}
	}
	var err error
	if root.File, err = s.Server.Attach(ctx, user, spec); err != nil {
		return nil, err
	}
	return root, nil
}

// A filtered is a File behind a filterServer.
type filtered struct {
	ninep.File
	s    *filterServer
	name string
}

// join returns the name of a file in the directory f.
func (f *filtered) join(elem string) string {
	return strings.TrimSuffix(f.name, "/") + "/" + elem
}

func (f *filtered) Clone(ctx context.Context) (ninep.File, error) {
	nf, err := f.File.Clone(ctx)
	if err != nil {
		return nil, err
	}
	return &filtered{nf, f.s, f.name}, nil
}

func (f *filtered) Walk(ctx context.Context, elem string) (ninep.File, error) {
	name := f.join(elem)
	if f.s.hides(name) {
		return nil, ninep.ErrNotExist
	}
	nf, err := f.File.Walk(ctx, elem)
	if err != nil {
		return nil, err
	}
	return &filtered{nf, f.s, name}, nil
}

func (f *filtered) Create(ctx context.Context, elem string, perm ninep.Perm, mode ninep.Mode) (ninep.File, error) {
	name := f.join(elem)
	if f.s.hides(name) {
		return nil, ninep.ErrPerm
	}
	nf, err := f.File.Create(ctx, elem, perm, mode)
	if err != nil {
		return nil, err
	}
	return &filtered{nf, f.s, name}, nil
}

func (f *filtered) ReadDir(ctx context.Context) ([]ninep.Dir, error) {
	dirs, err := f.File.ReadDir(ctx)
	return slices.DeleteFunc(dirs, func(d ninep.Dir) bool { return f.s.hides(f.join(d.Name)) }), err
}
