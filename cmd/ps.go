package cmd

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// ps - process status
//
// Ps prints the processes in /proc: user, process id, user time, system time,
// size, state, and name of the program. The state is the system call the
// process is in, or one of
//
//	Running   between system calls
//	Stopped   by a write to its ctl file
//	Moribund  about to be gone
//
// The options are:
//
//	-a  the arguments instead of the name; newlines become blanks
//	-n  the note group, after the process id
//	-p  base and current priority, after the system time
//	-r  the real time since the process began, before the user time
//	-A  the processes of all machines in /n, each line after the machine's
//	    name. A machine that is dead, or does not answer for most of a
//	    second, has a line with a ? and the reason.
//
// # EXAMPLES
//
// Which machines are up?
//
//	ps -A | grep '\?'
//
// # FILES
//
//	/proc/*/status
//
// # SEE ALSO
//
// kill(1), ns(1), proc(3), mntgen(4)
func psMain(p *proc.Proc) error {
	var l pslister
	all := false
	arg := argbegin(p, "[-aAnpr]")
	for c := range arg.flags() {
		switch c {
		case 'a':
			l.args = true
		case 'A':
			all = true
		case 'n':
			l.noteid = true
		case 'p':
			l.pri = true
		case 'r':
			l.real = true
		default:
			arg.usage()
		}
	}
	if len(arg.args) > 0 {
		arg.usage()
	}
	out := stdout(p)
	defer flush(p, out)
	if all {
		return l.nodes(p, out)
	}
	rows, err := l.list(p.Context(), p.View(), "/proc", func() {})
	if err != nil {
		return fatal(p, "/proc: %v", err)
	}
	for _, r := range rows {
		out.WriteString(r.text)
	}
	return nil
}

// A pslister says what to print of a process.
type pslister struct {
	args, noteid, pri, real bool
}

// A psrow is the line of one process.
type psrow struct {
	pid  int
	text string
}

// list returns lines for the processes in the directory dir of v, by pid. It
// reads them all at once, since they may be far away, and calls alive when an
// answer came.
func (l *pslister) list(ctx context.Context, v ns.View, dir string, alive func()) ([]psrow, error) {
	c, err := v.Open(ctx, dir, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	dirs, err := v.ReadDir(ctx, c)
	if err != nil {
		return nil, err
	}
	alive()
	var mu sync.Mutex // guards rows
	var rows []psrow
	var wg sync.WaitGroup
	for _, d := range dirs {
		pid, err := strconv.Atoi(d.Name)
		if err != nil {
			continue
		}
		wg.Go(func() {
			text, ok := l.row(ctx, v, dir+"/"+d.Name, d.Name)
			if !ok {
				return // it is gone
			}
			alive()
			mu.Lock()
			defer mu.Unlock()
			rows = append(rows, psrow{pid, text})
		})
	}
	wg.Wait()
	slices.SortFunc(rows, func(a, b psrow) int { return cmp.Compare(a.pid, b.pid) })
	return rows, context.Cause(ctx)
}

// row returns the line of the process whose directory is dir.
func (l *pslister) row(ctx context.Context, v ns.View, dir, pid string) (string, bool) {
	text, err := readView(ctx, v, dir+"/status")
	if err != nil {
		return "", false
	}
	st, ok := parseStatus(string(text))
	if !ok {
		return "", false
	}
	var note, pri, real string
	if l.noteid {
		note = fmt.Sprintf(" %8s", "?")
		if id, err := readView(ctx, v, dir+"/noteid"); err == nil {
			note = fmt.Sprintf(" %7s", strings.TrimSpace(string(id)))
		}
	}
	if l.pri {
		pri = fmt.Sprintf(" %2d %2d", st.basepri, st.pri)
	}
	if l.real {
		real = fmt.Sprintf("%12s", " "+clock(st.real))
	}
	name := st.text
	if l.args {
		args, err := readView(ctx, v, dir+"/args")
		if err != nil {
			name += " ?"
		} else if len(args) > 0 {
			name = strings.ReplaceAll(strings.TrimSuffix(string(args), "\n"), "\n", " ")
		}
	}
	return fmt.Sprintf("%-10s %8s%s%s %4d:%02d %3d:%02d %s %7dK %-8.8s %s\n",
		st.user, pid, note, real, st.utime/60, st.utime%60, st.stime/60, st.stime%60, pri, st.size, st.state, name), true
}

// clock returns seconds as days, hours, minutes and seconds.
func clock(s int) string {
	switch {
	case s >= 86400:
		return fmt.Sprintf("%d:%02d:%02d:%02d", s/86400, s/3600%24, s/60%60, s%60)
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// A procstatus is what the status file of a process says; times in seconds,
// size in units of 1024 bytes.
type procstatus struct {
	text, user, state  string
	utime, stime, real int
	size               int
	basepri, pri       int
}

// parseStatus takes a status file apart. See proc(3).
func parseStatus(s string) (procstatus, bool) {
	f := strings.Fields(s)
	if len(f) < 12 {
		return procstatus{}, false
	}
	var n [9]int
	for i := range n {
		v, err := strconv.Atoi(f[3+i])
		if err != nil {
			return procstatus{}, false
		}
		n[i] = v
	}
	return procstatus{f[0], f[1], f[2], n[0] / 1000, n[1] / 1000, n[2] / 1000, n[6], n[7], n[8]}, true
}

// patience is how long ps -A waits for a sign of life.
const patience = 900 * time.Millisecond

// nodes prints the processes of all machines in /n.
func (l *pslister) nodes(p *proc.Proc, out *bufio.Writer) error {
	dirs, err := readdir(p, "/n")
	if err != nil {
		return fatal(p, "/n: %v", err)
	}
	texts := make([]string, len(dirs))
	done := make(chan struct{})
	ctx, cancel := context.WithCancel(p.Context())
	var wg sync.WaitGroup
	defer wg.Wait() // the view is good as long as p lives
	defer cancel()
	view := p.View()
	for i, d := range dirs {
		wg.Go(func() { texts[i] = l.node(ctx, view, d.Name) })
	}
	go func() { wg.Wait(); close(done) }()
	if err := p.Until(done); err != nil {
		return status("interrupted")
	}
	for _, t := range texts {
		out.WriteString(t)
	}
	return nil
}

// errSilent is the reason of a machine that does not answer.
var errSilent = errors.New("no answer")

// node returns the lines of the machine called name: none if the name is that
// of something else.
func (l *pslister) node(ctx context.Context, v ns.View, name string) string {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	late := time.AfterFunc(patience, func() { cancel(errSilent) })
	defer late.Stop()
	rows, err := l.list(ctx, v, "/n/"+name+"/proc", func() { late.Reset(patience) })
	switch {
	case errors.Is(err, ninep.ErrNotExist):
		return ""
	case context.Cause(ctx) != nil:
		err = context.Cause(ctx)
	}
	if err != nil {
		var reason ninep.Error
		if errors.As(err, &reason) {
			err = reason
		}
		return fmt.Sprintf("%-8s ?%18s%s\n", name, "", err)
	}
	var b strings.Builder
	for _, r := range rows {
		fmt.Fprintf(&b, "%-8s %s", name, r.text)
	}
	return b.String()
}
