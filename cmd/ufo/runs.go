package main

import (
	"bytes"
	"context"
	"fmt"
	"strconv"
	"sync"

	"ufo/grid"
	"ufo/ninep"
	"ufo/proc"
)

// Who wants to run a program in a grid that runs speaks to files that only the
// host has:
//
//	host/run/clone      reads as N; takes  run NODE COLUMNS ROWS ROOT SHOWN FILE ARG ...
//	                    and a zero byte, in as many writes as it needs
//	host/run/N/data     the console of the program; once
//	host/run/N/status   waits for its end and reads as its exit status
//
// Closing clone ends it all.

// A runs is the programs that run for the host in a grid.
type runs struct {
	grid  *grid.Grid
	owner func(node string) string

	mu   sync.Mutex // guards last and all
	last int
	all  map[int]*running
}

// A running is one of them.
type running struct {
	data *ninep.Node // nil once it was opened, or before there is something to open
	proc *proc.Proc  // nil before it runs
	done func()
	text []byte // written so far; only by who has clone open
}

func newRuns(g *grid.Grid, owner func(node string) string) *runs {
	return &runs{grid: g, owner: owner, all: make(map[int]*running)}
}

func (r *runs) node() *ninep.Node {
	return &ninep.Node{
		Name:     "run",
		Children: []*ninep.Node{{Name: "clone", Perm: 0600, Open: r.clone}},
		List: func(context.Context) ([]*ninep.Node, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			var dirs []*ninep.Node
			for n, it := range r.all {
				dirs = append(dirs, r.dir(n, it))
			}
			return dirs, nil
		},
	}
}

// clone is the open of the file clone.
func (r *runs) clone(context.Context, string, ninep.Mode) (*ninep.Node, error) {
	it := new(running)
	r.mu.Lock()
	r.last++
	n := r.last
	r.all[n] = it
	r.mu.Unlock()
	return &ninep.Node{
		Name: "clone", Perm: 0600,
		Read:  func(context.Context) ([]byte, error) { return strconv.AppendInt(nil, int64(n), 10), nil },
		Write: func(_ context.Context, p []byte) error { return whole(r.write(n, it, p)) },
		Close: func() { r.close(n, it) },
	}, nil
}

// maxRun is how long what is written to clone may be.
const maxRun = 8 << 20

// write takes a piece of what is written to clone; the last one starts the program.
func (r *runs) write(n int, it *running, p []byte) error {
	if len(it.text)+len(p) > maxRun {
		return ninep.ErrTooBig
	}
	it.text = append(it.text, p...)
	text, ended := bytes.CutSuffix(it.text, []byte{0})
	if !ended {
		return nil
	}
	it.text = nil
	return r.start(n, it, ninep.Fields(string(text)))
}

// start does what was written to clone.
func (r *runs) start(n int, it *running, words []string) error {
	if len(words) < 7 || words[0] != "run" {
		return ninep.ErrCtlUnknown
	}
	width, err := strconv.Atoi(words[2])
	height, err2 := strconv.Atoi(words[3])
	if err != nil || err2 != nil {
		return ninep.ErrBadArg
	}
	node := r.grid.Node(words[1])
	if node == nil {
		return fmt.Errorf("%s: no such node: ufo ps lists them", words[1])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if it.proc != nil {
		return ninep.ErrInUse
	}
	p := &hostProgram{
		executable: executable{shown: words[5], file: words[6]}, node: node, at: words[4], args: words[7:], n: n, owner: r.owner(node.Name),
	}
	cmd, done, err := p.command()
	if err != nil {
		return err
	}
	data, shell, err := node.Run(width, height, cmd)
	if err != nil {
		done()
		return err
	}
	it.data, it.proc, it.done = data, shell, done
	return nil
}

// close ends the program, which is hung up on, and takes its directory away.
func (r *runs) close(n int, it *running) {
	r.mu.Lock()
	delete(r.all, n)
	data, done := it.data, it.done
	r.mu.Unlock()
	if data != nil { // nobody came to open it
		data.Close()
	}
	if done != nil {
		done()
	}
}

// dir returns the directory of a program.
func (r *runs) dir(n int, it *running) *ninep.Node {
	return &ninep.Node{Name: strconv.Itoa(n), Children: []*ninep.Node{
		{Name: "data", Perm: 0600, Open: func(context.Context, string, ninep.Mode) (*ninep.Node, error) {
			r.mu.Lock()
			defer r.mu.Unlock()
			data := it.data
			it.data = nil
			if data == nil {
				return nil, ninep.ErrInUse
			}
			return data, nil
		}},
		{Name: "status", Perm: 0400, ReadAt: func(ctx context.Context, p []byte, off int64) (int, error) {
			r.mu.Lock()
			shell := it.proc
			r.mu.Unlock()
			if shell == nil || off > 0 {
				return 0, nil
			}
			select {
			case <-shell.Done():
				return copy(p, shell.Info().Status), nil
			case <-ctx.Done():
				return 0, ninep.ErrIntr
			}
		}},
	}}
}
