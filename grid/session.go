package grid

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"sync"

	"ufo/kernel"
	"ufo/ninep"
	"ufo/proc"
)

// A session is a further console of a node: a shell and the programs it
// started, who go on when nobody sits there. What they print is read all the
// time, so that none waits for somebody to look at it.
//
//	nodes/NAME/cons               each open is a new session; closing it hangs up
//	nodes/NAME/consoles/new       each open is a new session; closing it leaves it
//	nodes/NAME/consoles/N/data    open: sit down, if nobody does; close: leave
//	nodes/NAME/consoles/N/ctl     detach, hangup
//	nodes/NAME/consoles/N/status
//
//	n1% cd /mnt/grid/nodes/n2/consoles
//	n1% cat 1/status
//	state detached
//	pid 12
//	runs sleep 1000
//	n1% echo hangup >1/ctl
//
// N is the number of the console in the node, whose files are in #cN.
type session struct {
	num   int
	user  *Console // the other end is the node's
	node  *Console
	shell *proc.Proc

	mu   sync.Mutex // guards what follows
	tail []byte     // what was printed last: up to twice maxTail
	seat *half      // to who sits there; nil: nobody does
	over bool       // it ends: nobody may sit down
}

// maxTail is how many bytes are shown to who sits down again.
const maxTail = 16 << 10

// Run starts a command of rc on a further console of the node, whose terminal
// has so many columns and rows, or is none. Data is the file of who sits there;
// when it is closed the command is hung up on.
func (n *Node) Run(width, height int, command string) (data *ninep.Node, p *proc.Proc, err error) {
	s, seat, err := n.openSession(width, height, command)
	if err != nil {
		return nil, nil, err
	}
	return s.file(seat, func(seat *half) { s.hangup(); s.leave(seat) }), s.shell, nil
}

// openSession starts a shell, or a command, on a further console of the node;
// somebody sits there. The session ends when the shell does; when it is hung
// up, or the node ends, the shell is told.
func (n *Node) openSession(width, height int, command ...string) (*session, *half, error) {
	k := n.Kernel()
	newTerm := n.grid.cfg.NewTerminal
	switch {
	case newTerm == nil:
		return nil, nil, ninep.ErrNoDev
	case k == nil:
		return nil, nil, ninep.ErrShutdown
	}
	user, node := newConsole()
	node.Width, node.Height = width, height
	num, remove := k.AddTerminal(newTerm(n, node))
	s := &session{num: num, user: user, node: node}
	seat, _ := s.sit() // nobody can be there yet
	args := append([]string{"boot", "-c", strconv.Itoa(num)}, command...)
	p, err := k.Start(context.Background(), num, "#/ufo/bin/boot", args...)
	if err != nil {
		remove()
		s.node.Close()
		return nil, nil, err
	}
	s.shell = p
	node.shell.Store(p)
	kept := n.keepSession(k, s)
	n.grid.wg.Go(func() {
		<-p.Done()
		n.dropSession(s)
		remove()
		s.node.Close()
	})
	go s.pump() // ends with the stream, and when who sits there has read its end or left
	if !kept {
		s.hangup()
		return nil, nil, ninep.ErrShutdown
	}
	return s, seat, nil
}

// keepSession makes a session one of the node's, unless the kernel it is on has
// ended meanwhile.
func (n *Node) keepSession(k *kernel.Kernel, s *session) bool {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.kern == k {
		n.sessions = append(n.sessions, s)
	}
	return n.kern == k
}

func (n *Node) dropSession(s *session) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.sessions = slices.DeleteFunc(n.sessions, func(t *session) bool { return t == s })
}

// pump shows what is printed to who sits there, and remembers the end of it.
func (s *session) pump() {
	p := make([]byte, 8192)
	for {
		n, err := s.user.Read(p)
		if err != nil {
			break
		}
		if seat := s.printed(p[:n]); seat != nil {
			seat.write(context.Background(), p[:n]) // until read, or left
		}
	}
	s.mu.Lock()
	s.over = true
	seat := s.seat
	s.mu.Unlock()
	if seat != nil {
		seat.finish(endPacket)
	}
}

// printed remembers p and returns who is to see it.
func (s *session) printed(p []byte) *half {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.tail = append(s.tail, p...)
	if len(s.tail) > 2*maxTail {
		s.tail = append(s.tail[:0], s.tail[len(s.tail)-maxTail-1:]...)
	}
	return s.seat
}

// sit returns what somebody who sits down reads: the lines printed last, and
// then all that is.
func (s *session) sit() (*half, error) {
	seat := newHalf(nil, "")
	seat.opposite = newHalf(nil, "") // what is typed goes the other way
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.over:
		return nil, ninep.ErrHungup
	case s.seat != nil:
		return nil, ninep.ErrInUse
	}
	tail := s.tail
	if len(tail) > maxTail {
		// The byte before shows whether a line begins there.
		tail = tail[len(tail)-maxTail-1:]
		tail = tail[bytes.IndexByte(tail, '\n')+1:]
	}
	seat.write(context.Background(), tail) // there is room
	s.seat = seat
	return seat, nil
}

// leave takes the seat from who sits there; nil stands for whoever does.
func (s *session) leave(seat *half) {
	s.mu.Lock()
	if seat == nil {
		seat = s.seat
	}
	if s.seat == seat {
		s.seat = nil
	}
	s.mu.Unlock()
	if seat != nil {
		seat.finish(endPacket)
	}
}

// hangup ends the session from without.
func (s *session) hangup() {
	s.mu.Lock()
	s.over = true
	s.mu.Unlock()
	s.node.Close()
}

// file returns the file of somebody who sits there; done is called when it is
// closed.
func (s *session) file(seat *half, done func(seat *half)) *ninep.Node {
	return &ninep.Node{
		Name: "data", Perm: 0660,
		ReadAt: func(ctx context.Context, p []byte, _ int64) (int, error) {
			n, err := seat.read(ctx, p)
			if errors.Is(err, io.EOF) {
				err = nil
			}
			return n, err
		},
		WriteAt: func(ctx context.Context, p []byte, _ int64) (int, error) { return s.user.out.write(ctx, p) },
		Close:   func() { done(seat) },
	}
}

// openData is the open of consoles/N/data.
func (s *session) openData(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
	if mode.Access() != ninep.ORDWR {
		return nil, ninep.ErrPerm
	}
	seat, err := s.sit()
	if err != nil {
		return nil, err
	}
	return s.file(seat, s.leave), nil
}

// openCons is the open of cons.
func (n *Node) openCons(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
	return n.openNew(mode, func(s *session, seat *half) { s.hangup(); s.leave(seat) })
}

// openKept is the open of consoles/new.
func (n *Node) openKept(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
	return n.openNew(mode, (*session).leave)
}

func (n *Node) openNew(mode ninep.Mode, done func(*session, *half)) (*ninep.Node, error) {
	if mode.Access() != ninep.ORDWR {
		return nil, ninep.ErrPerm
	}
	s, seat, err := n.openSession(0, 0)
	if err != nil {
		return nil, err
	}
	return s.file(seat, func(seat *half) { done(s, seat) }), nil
}

// listSessions returns the directories of the sessions.
func (n *Node) listSessions(context.Context) ([]*ninep.Node, error) {
	n.mu.Lock()
	all := slices.Clone(n.sessions)
	n.mu.Unlock()
	slices.SortFunc(all, func(s, t *session) int { return cmp.Compare(s.num, t.num) })
	var dirs []*ninep.Node
	for _, s := range all {
		dirs = append(dirs, &ninep.Node{Name: strconv.Itoa(s.num), Children: []*ninep.Node{
			{Name: "data", Perm: 0660, Open: s.openData},
			{Name: "ctl", Perm: 0220, Write: s.ctl().Do},
			ninep.TextFunc("status", s.status),
		}})
	}
	return dirs, nil
}

// ctl are the control messages of a session.
func (s *session) ctl() ninep.Ctl {
	return ninep.Ctl{
		{Name: "detach", Do: func(context.Context, []string) error { s.leave(nil); return nil }},
		{Name: "hangup", Do: func(context.Context, []string) error { s.hangup(); return nil }},
	}
}

// status returns what there is to know of a session, a fact a line.
func (s *session) status() string {
	state := "detached"
	s.mu.Lock()
	if s.seat != nil {
		state = "attached"
	}
	s.mu.Unlock()
	return fmt.Sprintf("state %s\npid %d\nruns %s\n", state, s.shell.Getpid(), strings.Join(youngest(s.shell).Info().Args, " "))
}

// youngest returns the process that was started last of p and its
// descendants: what a shell runs, or the shell.
func youngest(p *proc.Proc) *proc.Proc {
	family := map[int]bool{p.Getpid(): true}
	procs := p.Table().Procs()
	slices.SortFunc(procs, func(a, b *proc.Proc) int { return cmp.Compare(a.Getpid(), b.Getpid()) })
	for _, q := range procs {
		if family[q.Getppid()] {
			family[q.Getpid()] = true
			p = q
		}
	}
	return p
}
