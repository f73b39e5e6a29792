package dev

// The pipe device: two-way communication between processes.
//
//	#|          each attach, so each use of the name, makes a new pipe
//	#|/data     what is written here is read from data1, and
//	#|/data1    what is written here is read from data
//
// A read returns bytes of one write only; a write of up to 32 KB stays in one
// piece. When one end has been opened and is closed by the last who had it
// open, readers of the other end get what is left and then the end of file;
// writers get an error and the note "sys: write on closed pipe". Once both
// ends are closed they can be used again. A wstat of the length sets how many
// bytes a writer can be ahead.
//
//	% bind '#|' /n/p
//	% cat /n/p/data1 &
//	% echo hello >/n/p/data
//	hello

import (
	"context"
	"sync"
	"sync/atomic"

	"ufo/ninep"
)

// pipeLimit is how many bytes a writer can be ahead of the reader.
const pipeLimit = 256 * 1024

// A Pipe is the device #|.
type Pipe struct {
	made atomic.Uint64 // pipes, for their qids
}

// NewPipe returns the device #|.
func NewPipe() *Pipe { return new(Pipe) }

// Attach makes a pipe, which belongs to the user. Whoever has come by its name
// or a descriptor may use it, whoever that is.
func (dev *Pipe) Attach(ctx context.Context, user, spec string) (ninep.File, error) {
	if spec != "" {
		return nil, ninep.ErrBadSpec
	}
	p := &pipe{q: [2]*queue{newQueue(pipeLimit), newQueue(pipeLimit)}}
	path := dev.made.Add(1) << 2
	root := &ninep.Node{Path: path, Children: []*ninep.Node{
		p.node("data", path|1, 0),
		p.node("data1", path|2, 1),
	}}
	return ninep.NewTree(user, root).Attach(ctx, user, "")
}

// A pipe is two ends. End i reads q[i] and writes q[1-i].
type pipe struct {
	q [2]*queue

	mu   sync.Mutex // guards open
	open [2]int     // how often each end is open
}

// node returns the file of end i.
func (p *pipe) node(name string, path uint64, i int) *ninep.Node {
	in, out := p.q[i], p.q[1-i]
	return &ninep.Node{
		Name: name, Path: path, Perm: 0600,
		Stat: func(d *ninep.Dir) { d.Length = int64(in.len()) },
		Open: func(context.Context, string, ninep.Mode) (*ninep.Node, error) {
			p.mu.Lock()
			defer p.mu.Unlock()
			p.open[i]++
			return nil, nil
		},
		Close: func() { p.close(i) },
		ReadAt: func(ctx context.Context, b []byte, _ int64) (int, error) {
			return in.read(ctx, b)
		},
		WriteAt: func(ctx context.Context, b []byte, _ int64) (int, error) {
			return out.write(ctx, b)
		},
		Wstat: func(_ context.Context, _ string, d ninep.Dir) error {
			want := ninep.NullDir
			want.Length = d.Length
			if d != want || d.Length < 0 || d.Length > pipeLimit {
				return ninep.ErrPerm
			}
			in.setLimit(int(d.Length))
			out.setLimit(int(d.Length))
			return nil
		},
	}
}

// close ends one open of end i.
func (p *pipe) close(i int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.open[i]--; p.open[i] > 0 {
		return
	}
	p.q[i].close()
	p.q[1-i].hangup()
	if p.open[1-i] == 0 {
		p.q[0].reopen()
		p.q[1].reopen()
	}
}
