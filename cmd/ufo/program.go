package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"ufo/grid"
	"ufo/hosted/aout"
	"ufo/hosted/hostfs"
	"ufo/ninep"
)

// A program of the host is run in a node by showing its folder there, at
// hostPlace, to the one process that executes it.

// hostPlace is where the folder is mounted that belongs to the program, and
// builtPlace where that is which the program was built in, if that is another.
const (
	hostPlace  = "/n/host"
	builtPlace = "/n/built"
)

// An executable is a file of the host that is to run in a node. Both names are
// absolute.
type executable struct {
	file  string
	shown string // the folder that belongs to it: its own, or that of its source
}

// A hostProgram is one with all that is needed to run it.
type hostProgram struct {
	executable
	node *grid.Node
	at   string // where a program of the host's system sees the name space; "": where it can
	args []string
	n    int   // makes the name of what is posted
	here *here // nil without -here

	owner string // of the node
}

// command posts the folders of the program and returns the command of rc that
// runs it, and what to call when that has ended.
func (p *hostProgram) command() (cmd string, done func(), err error) {
	k := p.node.Kernel()
	if k == nil {
		return "", nil, fmt.Errorf("%s: %w", p.node.Name, ninep.ErrShutdown)
	}
	script, err := p.look()
	if err != nil {
		return "", nil, err
	}
	folder, place := filepath.Dir(p.file), hostPlace
	dirs := []hostfs.Dir{{Path: p.shown}}
	if folder != p.shown {
		place = builtPlace
		dirs = append(dirs, hostfs.Dir{Path: folder})
	}
	if p.here != nil {
		dirs = p.here.add(dirs)
	}
	srv, err := hostfs.New(p.owner, dirs)
	if err != nil {
		return "", nil, err
	}
	srv.Who = caller
	name := "run." + strconv.Itoa(p.n)
	if err := k.Post(name, asked{srv}, 0600); err != nil {
		srv.Close()
		return "", nil, err
	}
	words := []string{"exec", ninep.Quote(place + "/" + filepath.Base(p.file))}
	if script {
		words[0] = "rc"
	}
	for _, arg := range p.args {
		words = append(words, ninep.Quote(arg))
	}
	steps := []string{"hostroot=" + ninep.Quote(p.at), mountHost(name, hostPlace, p.shown)}
	if place == builtPlace {
		steps[1] += " && " + mountHost(name, builtPlace, folder)
	}
	if p.here != nil {
		steps = append(steps, p.here.steps("/srv/"+name)...)
	}
	cmd = strings.Join(steps, "; ") + " && " + strings.Join(words, " ")
	return cmd, func() {
		k.Unpost(context.Background(), name) // not there any more if the kernel has halted
		srv.Close()
	}, nil
}

// mountHost returns the command that mounts a folder of what is posted.
func mountHost(name, place, folder string) string {
	return fmt.Sprintf("mount -q /srv/%s %s %s", name, place, ninep.Quote(strings.TrimPrefix(folder, "/")))
}

// look looks at the first bytes of the file: a text without a #! line is one
// for rc, unless it is the beginning of a snapshot.
func (p *hostProgram) look() (script bool, err error) {
	f, err := os.Open(p.file)
	if err != nil {
		return false, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err == nil && !info.Mode().IsRegular() {
		err = &fs.PathError{Op: "run", Path: p.file, Err: errors.New("not a file")}
	}
	if err != nil {
		return false, err
	}
	buf := make([]byte, 256)
	n, _ := f.Read(buf)
	text := !bytes.ContainsFunc(buf[:n], func(r rune) bool { return r < ' ' && r != '\n' && r != '\t' && r != '\r' || r == 0xFFFD })
	return text && !bytes.HasPrefix(buf, []byte("#!")) && !new(aout.Loader).Match(buf), nil
}

// An asked is a server of programs that the host's user has asked for: they may
// run whatever the node is granted.
type asked struct{ ninep.Server }

// askedFor is implemented by files of an asked.
type askedFor interface{ askedFor() }

func (s asked) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	return askedFile{}.wrap(s.Server.Attach(ctx, user, spec))
}

type askedFile struct{ ninep.File }

func (askedFile) askedFor() {}

func (f askedFile) Unwrap() ninep.File { return f.File }

func (askedFile) wrap(f ninep.File, err error) (ninep.File, error) {
	if f == nil || err != nil {
		return nil, err
	}
	return askedFile{f}, nil
}

func (f askedFile) Clone(ctx context.Context) (ninep.File, error) { return f.wrap(f.File.Clone(ctx)) }

func (f askedFile) Walk(ctx context.Context, name string) (ninep.File, error) {
	return f.wrap(f.File.Walk(ctx, name))
}
