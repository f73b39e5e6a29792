package cmd

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// 9ptrace - show the 9P messages of a command
//
// 9ptrace runs a command and prints, on the standard error, a line for each 9P
// message that passes between it and the file servers that are mounted in its
// name space: the seconds since it began, the tree, as #M, the number that
// ls(1) has for it, and the name in /srv it was mounted from, and the message
// as in intro(5). The request, a T message, is printed when it is made, the
// reply, an R message, when it has come.
//
// The command has a copy of the name space. What it and its children mount is
// shown as well. Devices of the kernel are called without messages, so there
// is nothing to show of them.
//
// # EXAMPLES
//
// What does it take to read a file?
//
//	9ptrace cat /lib/namespace >/dev/null
//
// # SEE ALSO
//
// explain(1), ns(1), ratrace(1), intro(5)
//
// # BUGS
//
// What is shown are the calls of the kernel. Tags and fids are 9ptrace's own.
// On a wire, a long read or write takes several messages, as the reading of a
// directory does; a clunk may wait for the next request.
//
// What a process that is private, see proc(3), reads and writes is shown, too, unlike
// by ratrace(1): a password, if the console is another machine's.
//
// What a process that is private, see proc(3), reads and writes is shown, too, unlike
// by ratrace(1): a password, if the console is another machine's.
func p9traceMain(p *proc.Proc) error {
	arg := argbegin(p, "command [arg ...]") // no flags: they are the command's
	if len(arg.args) == 0 || arg.args[0] == "-?" {
		arg.usage()
	}
	w, err := p.Conn(2)
	if err != nil {
		return fatal(p, "standard error: %v", err)
	}
	defer w.Close()
	t := &mounttrace{w: w, now: p.Now, began: p.Now(), trees: make(map[uint32]func(ninep.File) ninep.File)}
	return runTraced(p, proc.RFNAMEG, arg.args, func(k *proc.Proc) { k.WrapMounts(t.wrap) })
}

// A mounttrace traces the trees of a name space.
type mounttrace struct {
	w     io.Writer
	now   func() time.Time
	began time.Time

	mu    sync.Mutex // guards trees
	trees map[uint32]func(ninep.File) ninep.File
}

// wrap returns a File of a tree that is traced: an ns.Wrap.
func (t *mounttrace) wrap(tree ns.Tree, f ninep.File) ninep.File {
	t.mu.Lock()
	defer t.mu.Unlock()
	trace := t.trees[tree.Dev]
	if trace == nil {
		label := fmt.Sprintf("#M %d %s", tree.Dev, strings.TrimPrefix(tree.Server, "/srv/"))
		trace = ninep.TraceFiles(&labelled{t, label})
		t.trees[tree.Dev] = trace
	}
	return trace(f)
}

// A labelled writer puts the time and the name of a tree before each line. Each
// write is a line.
type labelled struct {
	t     *mounttrace
	label string
}

func (l *labelled) Write(b []byte) (int, error) {
	_, err := fmt.Fprintf(l.t.w, "%.6f %s %s", l.t.now().Sub(l.t.began).Seconds(), l.label, b)
	return len(b), err
}

// runTraced runs a command in a new process, which calls prepare first, waits
// for it and returns its status. Interrupts are the command's affair.
func runTraced(p *proc.Proc, flag int, args []string, prepare func(k *proc.Proc)) error {
	_, err := p.Fork(flag|proc.RFFDG|proc.RFREND, func(k *proc.Proc) error {
		prepare(k)
		name := args[0]
		if !rooted(name) {
			name = "/bin/" + name // and not elsewhere: that would be seen
		}
		return fatal(k, "%s: %v", args[0], k.Exec(name, args))
	})
	if err != nil {
		return fatal(p, "fork: %v", err)
	}
	p.Notify(func(_ *proc.Proc, note string) bool { return note == "interrupt" })
	w, err := p.Wait()
	for err == ninep.ErrIntr {
		w, err = p.Wait()
	}
	if err != nil {
		return fatal(p, "wait: %v", err)
	}
	return status(w.Msg)
}
