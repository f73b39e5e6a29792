package dev

import (
	"context"
	"strconv"
	"strings"
	"time"

	"ufo/ninep"
	"ufo/proc"
)

// maxNote bounds what is written to note, notepg, noteid and args: ERRMAX.
const maxNote = 128

// shortText returns what was written, if it is short enough.
func shortText(b []byte) (string, error) {
	if len(b) >= maxNote {
		return "", ninep.ErrTooBig
	}
	return string(b), nil
}

// writes sets what a write of a short text to the file does, as long as the
// process is there.
func writes(p *proc.Proc, n *ninep.Node, do func(ctx context.Context, s string) error) {
	n.Write = func(ctx context.Context, b []byte) error {
		s, err := shortText(b)
		switch {
		case err != nil:
			return err
		case gone(p):
			return ninep.ErrProcDied
		}
		return do(ctx, s)
	}
}

func (d *procDev) args(p *proc.Proc, n *ninep.Node) {
	reads(func(p *proc.Proc) (string, error) {
		in := p.Info()
		if in.Title != "" {
			return in.Text + " [" + in.Title + "]", nil
		}
		var words []string
		for _, arg := range in.Args {
			words = append(words, ninep.Quote(arg))
		}
		return strings.Join(words, " "), nil
	})(d, p, n)
	writes(p, n, func(_ context.Context, s string) error {
		p.SetTitle(s)
		return nil
	})
}

func (d *procDev) note(p *proc.Proc, n *ninep.Node) {
	writes(p, n, func(_ context.Context, s string) error { return p.Post(s) })
	n.ReadAt = func(_ context.Context, b []byte, _ int64) (int, error) {
		note := p.TakeNote()
		if note == "" || len(b) == 0 {
			return 0, nil
		}
		got := copy(b[:len(b)-1], note)
		b[got] = 0
		return got + 1, nil
	}
}

func (d *procDev) notepg(p *proc.Proc, n *ninep.Node) {
	n.Write = func(context.Context, []byte) error { return ninep.ErrPerm }
	n.Open = func(_ context.Context, _ string, mode ninep.Mode) (*ninep.Node, error) {
		if mode.Access() != ninep.OWRITE {
			return nil, ninep.ErrPerm
		}
		// The group is that at the time of the open, even if the
		// process is gone when the note comes.
		id, open := p.Noteid(), *n
		open.Write = func(ctx context.Context, b []byte) error {
			s, err := shortText(b)
			if err == nil {
				d.table().Postgroup(id, s, proc.Up(ctx))
			}
			return err
		}
		return &open, nil
	}
}

func (d *procDev) noteid(p *proc.Proc, n *ninep.Node) {
	reads(func(p *proc.Proc) (string, error) { return number(p.Noteid()), nil })(d, p, n)
	writes(p, n, func(ctx context.Context, s string) error {
		id, err := strconv.Atoi(strings.TrimSpace(s))
		if err != nil || id <= 0 {
			return ninep.ErrBadArg
		}
		return d.joinNotes(ctx, p, id)
	})
}

// joinNotes moves a process to a note group of the same user.
func (d *procDev) joinNotes(ctx context.Context, p *proc.Proc, id int) error {
	if id == p.Noteid() || id == p.Getpid() {
		p.SetNoteid(id)
		return nil
	}
	for _, other := range d.table().Procs() {
		if other.Noteid() != id || other.User() != p.User() {
			continue
		}
		if err := d.mayLook(ctx, who(ctx, d.owner), other); err != nil {
			return err
		}
		p.SetNoteid(id)
		return nil
	}
	return ninep.ErrPerm
}

// verbs are the control messages of a process. What makes no sense where the
// kernel schedules nothing and maps no memory is accepted if a program cannot
// tell the difference, and refused otherwise.
func (d *procDev) verbs(p *proc.Proc) ninep.Ctl {
	on := func(do func(d *procDev, ctx context.Context, p *proc.Proc, arg string) error) func(context.Context, []string) error {
		return func(ctx context.Context, args []string) error { return do(d, ctx, p, strings.Join(args, " ")) }
	}
	c := ninep.Ctl{
		{Name: "close", Args: "fd", Do: on((*procDev).closeFd)},
		{Name: "closefiles", Do: on(tell(closeFiles))},
		{Name: "fixedpri", Args: "n", Do: on((*procDev).setPriority)},
		{Name: "hang", Do: on(tell(func(p *proc.Proc) { p.Hang(true) }))},
		{Name: "kill", Do: on((*procDev).kill)},
		{Name: "nohang", Do: on(tell(func(p *proc.Proc) { p.Hang(false) }))},
		{Name: "noswap", Do: on(tell(nothing))},
		{Name: "pri", Args: "n", Do: on((*procDev).setPriority)},
		{Name: "private", Do: on(tell((*proc.Proc).SetPrivate))},
		{Name: "start", Do: on((*procDev).start)},
		{Name: "startstop", Do: on((*procDev).startStop)},
		{Name: "startsyscall", Do: on((*procDev).startSyscall)},
		{Name: "stop", Do: on((*procDev).stop)},
		{Name: "waitstop", Do: on((*procDev).waitStop)},
		{Name: "wired", Args: "n", Do: on(tell(nothing))},
	}
	for _, word := range refused {
		c = append(c, ninep.Verb{Name: word, Args: "[...]", Do: on(refuse)})
	}
	return c
}

// refused are the control messages that are known, and no more.
var refused = []string{
	"admit", "cost", "deadline", "deadlinenotes", "event", "expel", "extra", "interrupt",
	"nointerrupt", "period", "profile", "sporadic", "trace",
}

func (d *procDev) ctl(p *proc.Proc, n *ninep.Node) {
	reads(func(p *proc.Proc) (string, error) { return number(p.Getpid()), nil })(d, p, n)
	n.Write = func(ctx context.Context, b []byte) error {
		v, words, err := d.verbs(p).Lookup(b)
		switch {
		case err == ninep.ErrCtlShort:
			return err
		case gone(p):
			return ninep.ErrProcDied
		case err == ninep.ErrCmdArgs:
			return ctlError(string(ninep.ErrCmdArgs), words)
		case err != nil:
			return ctlError("unknown control message", words)
		}
		return v.Do(ctx, words[1:])
	}
}

// ctlError returns an error about a control message.
func ctlError(what string, words []string) error {
	var quoted []string
	for _, w := range words {
		quoted = append(quoted, ninep.Quote(w))
	}
	return ninep.Error(what + ` "` + strings.Join(quoted, " ") + `"`)
}

// tell makes a control message of what cannot fail.
func tell(f func(p *proc.Proc)) func(*procDev, context.Context, *proc.Proc, string) error {
	return func(_ *procDev, _ context.Context, p *proc.Proc, _ string) error {
		f(p)
		return nil
	}
}

func nothing(*proc.Proc) {}

func refuse(*procDev, context.Context, *proc.Proc, string) error {
	return ninep.Error("not supported by this kernel")
}

func (d *procDev) setPriority(ctx context.Context, _ *proc.Proc, arg string) error {
	pri, err := strconv.Atoi(arg)
	switch {
	case err != nil:
		return ninep.ErrBadArg
	case pri > priority && who(ctx, d.owner) != d.owner:
		return ninep.ErrPerm
	}
	return nil
}

func (d *procDev) closeFd(_ context.Context, p *proc.Proc, arg string) error {
	fd, err := strconv.Atoi(arg)
	if err != nil {
		return ninep.ErrBadFD
	}
	return p.CloseFd(fd)
}

func closeFiles(p *proc.Proc) {
	for _, f := range p.Fds() {
		p.CloseFd(f.Fd) // one that the process closed meanwhile is closed too
	}
}

func (d *procDev) start(_ context.Context, p *proc.Proc, _ string) error { return p.Go() }

func (d *procDev) stop(ctx context.Context, p *proc.Proc, _ string) error {
	p.Stop()
	return d.waitStop(ctx, p, "")
}

func (d *procDev) startStop(ctx context.Context, p *proc.Proc, _ string) error {
	if err := p.Go(); err != nil {
		return err
	}
	return d.waitStop(ctx, p, "")
}

// startSyscall lets a stopped process go on to the beginning or the end of a
// system call, whichever comes next.
func (d *procDev) startSyscall(ctx context.Context, p *proc.Proc, _ string) error {
	if err := p.GoToCall(); err != nil {
		return err
	}
	return d.waitStop(ctx, p, "")
}

// waitStop waits until the process has stopped. One that means itself is
// not kept: it stops when its write is done.
func (d *procDev) waitStop(ctx context.Context, p *proc.Proc, _ string) error {
	if proc.Up(ctx) == p {
		return nil
	}
	return p.WaitStop(ctx)
}

// kill ends a process. It waits a little to see it gone, so that whoever looks
// next does not find it, but not for one that makes no system call.
func (*procDev) kill(ctx context.Context, p *proc.Proc, _ string) error {
	p.Kill()
	if p == proc.Up(ctx) {
		return nil
	}
	t := time.NewTimer(100 * time.Millisecond)
	defer t.Stop()
	select {
	case <-p.Done():
	case <-t.C:
	case <-ctx.Done():
	}
	return nil
}
