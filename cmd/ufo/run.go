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
	"sync"
	"syscall"

	"ufo/grid"
	"ufo/hosted/hostfs"
	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A program of the host is run in a node by showing its folder there, at
// hostPlace, to the one process that executes it. For a grid that runs, who
// wants that speaks to files that only the host has:
//
//	host/run/clone      reads as N; takes  run NODE ROOT FILE ARG ...
//	host/run/N/data     the console of the program; once
//	host/run/N/status   waits for its end and reads as its exit status
//
// Closing clone ends it all.

// hostPlace is where the program's folder is mounted.
const hostPlace = "/n/host"

// A hostProgram is a file of the host that is to run in a node.
type hostProgram struct {
	node *grid.Node
	at   string // where a program of the host's system sees the name space; "": where it can
	file string // absolute
	args []string
	n    int // makes the name of what is posted
}

// command posts the folder of the program and returns the command of rc that
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
	owner := p.node.User
	if owner == "" {
		owner = gridUser
	}
	srv, err := hostfs.New(owner, []hostfs.Dir{{Path: filepath.Dir(p.file)}})
	if err != nil {
		return "", nil, err
	}
	srv.Who = caller
	name := "run." + strconv.Itoa(p.n)
	if err := k.Post(name, asked{srv}, 0600); err != nil {
		srv.Close()
		return "", nil, err
	}
	words := []string{"exec", ns.Quote(hostPlace + "/" + filepath.Base(p.file))}
	if script {
		words[0] = "rc"
	}
	for _, arg := range p.args {
		words = append(words, ns.Quote(arg))
	}
	spec := ns.Quote(strings.TrimPrefix(filepath.Dir(p.file), "/"))
	cmd = fmt.Sprintf("hostroot=%s; mount -q /srv/%s %s %s && %s", ns.Quote(p.at), name, hostPlace, spec, strings.Join(words, " "))
	return cmd, func() {
		k.Unpost(context.Background(), name) // not there any more if the kernel has halted
		srv.Close()
	}, nil
}

// look looks at the first bytes of the file: a text without a #! line is one
// for rc.
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
	return text && !bytes.HasPrefix(buf, []byte("#!")), nil
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

// A runs is the programs that run for the host in a grid.
type runs struct {
	grid *grid.Grid

	mu   sync.Mutex // guards last and all
	last int
	all  map[int]*running
}

// A running is one of them.
type running struct {
	data *ninep.Node // nil once it was opened, or before there is something to open
	proc *proc.Proc  // nil before it runs
	done func()
}

func newRuns(g *grid.Grid) *runs { return &runs{grid: g, all: make(map[int]*running)} }

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
		Write: func(_ context.Context, p []byte) error { return whole(r.start(n, it, ns.Fields(string(p)))) },
		Close: func() { r.close(n, it) },
	}, nil
}

// start does what was written to clone.
func (r *runs) start(n int, it *running, words []string) error {
	if len(words) < 4 || words[0] != "run" {
		return ninep.ErrCtlUnknown
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
	p := &hostProgram{node: node, at: words[2], file: words[3], args: words[4:], n: n}
	cmd, done, err := p.command()
	if err != nil {
		return err
	}
	data, shell, err := node.Run(cmd)
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

// runRun runs a program of the host: in the grid that runs, or, if there is
// none, in a node of its own that keeps nothing.
func runRun(c *command) error {
	file, err := filepath.Abs(c.args[0])
	if err != nil {
		return err
	}
	if _, err := os.Stat(file); err != nil {
		return err
	}
	grids, err := runningGrids()
	if err != nil {
		grids = nil // no folder for state: no grids either
	}
	if len(grids) == 0 && c.node == "" && c.grid == "" {
		c.mem = true
		return c.up("one")
	}
	return c.control(func(ctx context.Context, g *control) error {
		ctl, err := g.open(ctx, "host/run/clone", ninep.ORDWR)
		if err != nil {
			return err
		}
		defer ctl.Close()
		num := make([]byte, 20)
		n, err := ctl.Read(ctx, num, 0)
		if err != nil {
			return err
		}
		words := []string{"run", ns.Quote(c.seat(ctx, g)), ns.Quote(c.at), ns.Quote(file)}
		for _, arg := range c.args[1:] {
			words = append(words, ns.Quote(arg))
		}
		if _, err := ctl.Write(ctx, []byte(strings.Join(words, " ")), 0); err != nil {
			return err
		}
		dir := "host/run/" + string(num[:n])
		data, err := g.open(ctx, dir+"/data", ninep.ORDWR)
		if err != nil {
			return err
		}
		if tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout) {
			err = c.conTerminal(ctx, data)
		} else {
			err = copyScript(ctx, data)
		}
		data.Close()
		if err == errLeft {
			return exitStatus(128 + int(syscall.SIGQUIT))
		} else if err != nil {
			return err
		}
		status, err := g.read(ctx, dir+"/status")
		return statusError(status, err)
	})
}

// seat returns the node that is meant: that of -n, or where the grid's user
// sits.
func (c *command) seat(ctx context.Context, g *control) string {
	if c.node != "" {
		return c.node
	}
	seat, err := g.read(ctx, "host/seat")
	if err != nil {
		return ""
	}
	return strings.TrimSpace(seat)
}

// runHere runs the program in the one node of this process.
func (h *host) runHere(ctx context.Context) error {
	file, err := filepath.Abs(h.c.args[0])
	if err != nil {
		return err
	}
	p := &hostProgram{node: h.grid.Node(h.topo.Seat()), at: h.c.at, file: file, args: h.c.args[1:]}
	cmd, done, err := p.command()
	if err != nil {
		return err
	}
	defer done()
	if tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout) {
		return h.sitAtTerminal(ctx, cmd)
	}
	h.term.Store(&atTerminal{tty.NewDumb(os.Stdin, h.c.stdout)})
	return statusError(h.session(ctx, nil, cmd))
}
