package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"ufo/dev"
	"ufo/grid"
	"ufo/hosted/tty"
	"ufo/ninep"
	"ufo/proc"
)

// A terminal is one that can be told of notes that do not come from a key.
type terminal interface {
	dev.Sizer
	Note(note string)
}

// sit does, with a grid that is up, what the command line wants: run a
// command, leave the grid in the background, or let the user sit at it.
func (h *host) sit(ctx context.Context) error {
	if h.c.ready != nil {
		h.summary(h.c.ready)
		h.c.booted()
		select {
		case <-ctx.Done():
		case <-h.grid.Halted():
		}
		return nil
	}
	if h.c.name == "run" {
		return h.runHere(ctx)
	}
	if h.c.hasCmd {
		h.term.Store(&atTerminal{tty.NewDumb(os.Stdin, h.c.stdout)})
		return statusError(h.session(ctx, nil, h.c.cmd))
	}
	if h.c.name != "" {
		h.summary(h.c.stdout)
	}
	if !tty.IsTerminal(os.Stdin) || !tty.IsTerminal(os.Stdout) || dumbTerminal() {
		h.term.Store(&atTerminal{tty.NewDumb(os.Stdin, h.c.stdout)})
		_, err := h.session(ctx, nil)
		return err
	}
	return h.sitAtTerminal(ctx)
}

// sitAtTerminal lets the user sit at a shell, or at a command.
func (h *host) sitAtTerminal(ctx context.Context, command ...string) error {
	raw, err := tty.MakeRaw(os.Stdin)
	if err != nil {
		return err
	}
	defer raw.Restore()
	var shell atomic.Pointer[proc.Proc]
	opt := h.editing(h.topo.Seat(), shell.Load)
	opt.Width, opt.Height = tty.WindowSize(os.Stdin)
	opt.Pastes = tty.Pastes(os.Getenv("TERM"))
	e := tty.NewEditor(stdio{}, opt)
	tty.OnResize(ctx, os.Stdin, e.SetSize)
	tty.OnContinue(ctx, e.Redraw)
	h.term.Store(&atTerminal{e})
	status, err := h.session(ctx, &shell, command...)
	if ctx.Err() != nil {
		io.WriteString(h.c.stdout, "\r\n") // the host's prompt on a line of its own
	} else {
		select {
		case <-h.grid.Halted():
			io.WriteString(h.c.stdout, "\r\nufo: halted\r\n") // by somebody elsewhere, perhaps
		default:
		}
	}
	if len(command) > 0 {
		return statusError(status, err)
	}
	return err
}

// atTerminal holds a terminal where a signal can find it.
type atTerminal struct{ terminal }

// stdio is the terminal of this program.
type stdio struct{}

func (stdio) Read(p []byte) (int, error)  { return os.Stdin.Read(p) }
func (stdio) Write(p []byte) (int, error) { return os.Stdout.Write(p) }

// session runs a shell, or one command, on the node where the user sits, and
// returns its exit status. It ends, too, when the grid does.
func (h *host) session(ctx context.Context, shell *atomic.Pointer[proc.Proc], command ...string) (status string, err error) {
	k := h.grid.Node(h.topo.Seat()).Kernel()
	if k == nil {
		return "", fmt.Errorf("%s: %w", h.topo.Seat(), ninep.ErrShutdown)
	}
	n, remove := k.AddTerminal(h.term.Load())
	defer remove()
	args := append([]string{"boot", "-c", strconv.Itoa(n)}, command...)
	p, err := k.Start(ctx, n, "#/ufo/bin/boot", args...)
	if err != nil {
		return "", err
	}
	if shell != nil {
		shell.Store(p)
	}
	select {
	case <-p.Done():
		return p.Info().Status, nil
	case <-ctx.Done():
	case <-h.grid.Halted():
	}
	return "", nil
}

// statusError turns the exit status of a program, or of one it ran, which has
// a name before it, into this one's: a number is itself, any other text is 1.
func statusError(status string, err error) error {
	if err != nil || status == "" {
		return err
	}
	if i := strings.LastIndex(status, ": "); i >= 0 {
		status = status[i+2:]
	}
	if n, err := strconv.Atoi(status); err == nil && n > 0 && n < 256 {
		return exitStatus(n)
	}
	return exitStatus(1)
}

// interrupt tells what runs on the terminal of ^C; false if there is none.
func (h *host) interrupt() bool {
	t := h.term.Load()
	if t != nil {
		t.Note("interrupt")
	}
	return t != nil
}

// newTerminal makes the terminal of a further console of a node: it may be
// used by somebody who sits there, or by a script.
func (h *host) newTerminal(n *grid.Node, c *grid.Console) dev.Terminal {
	opt := h.editing(n.Name, c.Shell)
	opt.Plain, opt.Width, opt.Height = c.Width == 0, c.Width, c.Height
	return tty.NewEditor(c, opt)
}

// editing returns what an Editor needs to know of a node and a shell there.
func (h *host) editing(node string, shell func() *proc.Proc) tty.Options {
	return tty.Options{
		History:  h.history.of(node, h.owner(node)),
		Command:  commands(shell),
		Complete: completer(shell),
		Status:   holders(shell),
	}
}

// summary says what was booted.
func (h *host) summary(w io.Writer) {
	nodes, other := "node", ""
	for _, n := range h.topo.Nodes { // one without the root, if there is one
		if n.Name != h.topo.Seat() {
			nodes, other = "nodes", "ls /n/"+n.Name+"   "
			if n.Name != h.topo.FS {
				break
			}
		}
	}
	try := other + "ps -A   man 1 intro   help   ^D halts"
	if h.c.ready != nil { // in the background
		try = "ufo con " + h.topo.Seat() + "   ufo mount DIR   ufo ps   ufo down"
	}
	fmt.Fprintf(w, "%s%d %s, %.2f s, %d MB.   Try:  %s\n",
		h.grid.Status(), len(h.topo.Nodes), nodes, time.Since(h.began).Seconds(), memory()>>20, try)
}
