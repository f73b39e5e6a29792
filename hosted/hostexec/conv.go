package hostexec

import (
	"context"
	"fmt"
	"strconv"
	"sync"

	"ufo/ninep"
)

// The files of a conversation, as numbers in qid paths.
const (
	qdir = 1 + iota
	qctl
	qdata
	qstderr
	qstatus
	qwait
)

// qpath returns the qid path of a file of a conversation, or with conv -1 of
// one that belongs to none.
func qpath(conv, file int) uint64 { return uint64(conv+1)<<8 | uint64(file) }

// A state of a conversation. It goes through them once: what is done is not
// used again, its number is, by another conv.
type state int

const (
	open     state = iota // nothing was run yet
	starting              // exec is under way
	execute               // the command runs
	ended                 // it has ended
)

// String returns the word that status shows.
func (s state) String() string { return [...]string{"Open", "Execute", "Execute", "Done"}[s] }

// A conv is a conversation: a command of the host, and what is to be known
// before it is run.
type conv struct {
	dev  *Cmd
	num  int
	dir  *ninep.Node
	ctl  *ninep.Node
	done chan struct{} // closed when the command has ended

	mu      sync.Mutex // guards what follows
	inuse   int        // how many of its files are open
	ctls    int        // how often ctl is
	writers int        // how often data is, for writing
	readers int        // and for reading
	errs    int        // how often stderr is
	owner   string
	perm    ninep.Perm
	state   state

	wdir        string // host folder in which the command starts
	env         []string
	clean       bool // only env is its environment
	nice        int
	pty         bool
	rows, cols  int
	killonclose bool // the end of ctl is the command's
	detached    bool // it outlives the conversation's files

	name string   // of the command
	run  *command // since execute
}

// makeNodes makes the files.
func (v *conv) makeNodes() {
	file := func(q int, n *ninep.Node, count *int) *ninep.Node {
		n.Path, n.Stat, n.Wstat = qpath(v.num, q), v.stat, v.wstat
		n.Open = func(_ context.Context, _ string, _ ninep.Mode) (*ninep.Node, error) { return nil, v.open(count) }
		n.Close = func() { v.close(count) }
		return n
	}
	v.ctl = file(qctl, &ninep.Node{Name: "ctl", Write: v.verbs().Do,
		Read: func(context.Context) ([]byte, error) { return []byte(strconv.Itoa(v.num)), nil }}, &v.ctls)
	v.dir = &ninep.Node{Name: strconv.Itoa(v.num), Path: qpath(v.num, qdir), Stat: v.ownedBy, Children: []*ninep.Node{
		v.ctl,
		v.data(),
		file(qstderr, &ninep.Node{Name: "stderr", ReadAt: v.readErr}, &v.errs),
		{Name: "status", Path: qpath(v.num, qstatus), Stat: v.ownedBy,
			Read: func(context.Context) ([]byte, error) { return []byte(v.status()), nil }},
		file(qwait, &ninep.Node{Name: "wait", ReadAt: v.wait}, new(int)),
	}}
}

// data returns the file data, of which readers and writers are counted.
func (v *conv) data() *ninep.Node {
	n := &ninep.Node{Name: "data", Path: qpath(v.num, qdata), Stat: v.stat, Wstat: v.wstat,
		ReadAt: v.read, WriteAt: v.write}
	n.Open = func(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
		opened := *n
		var counts []*int
		if a := mode.Access(); a != ninep.OWRITE {
			counts = append(counts, &v.readers)
		}
		if a := mode.Access(); a == ninep.OWRITE || a == ninep.ORDWR {
			counts = append(counts, &v.writers)
		}
		opened.Close = func() { v.close(counts...) }
		return &opened, v.open(counts...)
	}
	return n
}

// ownedBy puts the owner into an entry.
func (v *conv) ownedBy(d *ninep.Dir) {
	v.mu.Lock()
	defer v.mu.Unlock()
	d.UID, d.MUID, d.GID = v.owner, v.owner, v.dev.cfg.Owner
}

// stat puts owner and permissions into an entry.
func (v *conv) stat(d *ninep.Dir) {
	v.ownedBy(d)
	v.mu.Lock()
	defer v.mu.Unlock()
	d.Mode = v.perm
}

// wstat changes the permissions, for the owner.
func (v *conv) wstat(_ context.Context, user string, d ninep.Dir) error {
	want := ninep.NullDir
	want.Mode = d.Mode
	v.mu.Lock()
	defer v.mu.Unlock()
	if d != want || user != v.owner {
		return ninep.ErrPerm
	}
	v.perm = d.Mode & 0666
	return nil
}

// open counts one more open file, in its own counts too.
func (v *conv) open(counts ...*int) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.inuse == 0 {
		return ninep.ErrShutdown
	}
	v.inuse++
	for _, n := range counts {
		*n++
	}
	return nil
}

// close counts one open file less. What nobody can write or read any more the
// command is told of; the last file ends the conversation.
func (v *conv) close(counts ...*int) {
	v.mu.Lock()
	v.inuse--
	for _, n := range counts {
		*n--
	}
	idle := v.idle(counts)
	last := v.inuse == 0
	kill := !v.detached && (last || v.ctls == 0 && v.killonclose)
	v.mu.Unlock()
	for _, s := range idle {
		s.close()
	}
	if kill {
		v.kill(sigKill)
	}
	if last {
		v.release()
	}
}

// idle returns the streams that nobody uses any more, of those that counts
// count. Called with mu held.
func (v *conv) idle(counts []*int) []*stream {
	var idle []*stream
	for _, n := range counts {
		switch {
		case v.run == nil || *n > 0:
		case n == &v.writers:
			idle = append(idle, v.run.in)
		case n == &v.readers:
			idle = append(idle, v.run.out)
		case n == &v.errs:
			idle = append(idle, v.run.err)
		}
	}
	return idle
}

// release forgets a conversation without open files. Its number is free once
// its command has ended, so that those which are detached are bounded, too.
func (v *conv) release() {
	v.mu.Lock()
	run := v.run
	v.mu.Unlock()
	if run == nil {
		v.dev.free(v)
		return
	}
	go func() { // ends with the command
		<-v.done
		run.close()
		v.dev.free(v)
	}()
}

// kill sends the command's process group a signal, if it runs.
func (v *conv) kill(sig signal) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.state != execute {
		return ninep.Error("not started")
	}
	return v.run.signal(sig)
}

// status returns the line that status reads.
func (v *conv) status() string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return fmt.Sprintf("cmd/%d %d %s %s %s\n", v.num, v.inuse, v.state, ninep.Quote(v.wdir), ninep.Quote(v.name))
}

// command returns what runs or ran, nil before.
func (v *conv) command() *command {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.run
}

func (v *conv) read(ctx context.Context, p []byte, _ int64) (int, error) {
	if run := v.command(); run != nil {
		return run.out.read(ctx, p)
	}
	return 0, nil
}

func (v *conv) readErr(ctx context.Context, p []byte, _ int64) (int, error) {
	if run := v.command(); run != nil {
		return run.err.read(ctx, p)
	}
	return 0, nil
}

func (v *conv) write(ctx context.Context, p []byte, _ int64) (int, error) {
	if run := v.command(); run != nil {
		return run.in.write(ctx, p)
	}
	return 0, ninep.ErrHungup
}

// wait waits for the end of the command and reads its message.
func (v *conv) wait(ctx context.Context, p []byte, off int64) (int, error) {
	select {
	case <-v.done:
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
	msg := v.command().message()
	if off < 0 || off >= int64(len(msg)) {
		return 0, nil
	}
	return copy(p, msg[off:]), nil
}
