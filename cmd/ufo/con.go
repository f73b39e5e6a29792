package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"syscall"
	"time"

	"ufo/hosted/tty"
	"ufo/ninep"
)

// leaveKey is the key that ends a con: ^\, as in con(1). It is the only one
// that does not reach the node.
const leaveKey = 0x1c

// errLeft is that the user has left a console, where all goes on.
var errLeft = errors.New("left")

// runCon joins this terminal to a console of a node. The lines are edited at
// the other end: here bytes go to and fro.
func runCon(c *command) error {
	return c.control(func(ctx context.Context, g *control) error {
		switch {
		case len(c.args) == 0 && (c.isNew || c.logOnly):
			return usageError("con: of which node?")
		case len(c.args) == 0:
			return c.listConsoles(ctx, g)
		case c.logOnly:
			return c.printLog(ctx, g, c.args[0])
		case !tty.IsTerminal(os.Stdin) || !tty.IsTerminal(os.Stdout):
			return c.conScript(ctx, g)
		}
		cons, isNew, err := c.sitDown(ctx, g)
		if err != nil {
			return err
		}
		defer cons.Close()
		if isNew && !c.quiet {
			c.showLog(ctx, g, c.args[0])
		}
		err = c.conTerminal(ctx, cons)
		fmt.Fprint(os.Stdout, "\r\n")
		cons.Close()
		switch {
		case err == errLeft:
			fmt.Fprintf(c.stderr, "ufo: left a console of %s: ufo con %s comes back to it\n", c.args[0], c.args[0])
		case errors.Is(err, ninep.ErrHungup):
			return fmt.Errorf("grid %s has gone", g.name)
		case err != nil:
			return err
		}
		return gone(ctx, g, c.args[0])
	})
}

// conScript is runCon for input that nobody types: a console of its own, which
// ends with it.
func (c *command) conScript(ctx context.Context, g *control) error {
	if len(c.args) > 1 {
		return usageError("con: input or output is not a terminal: a script has a console of its own")
	}
	cons, err := g.open(ctx, "nodes/"+c.args[0]+"/cons", ninep.ORDWR)
	if err != nil {
		return conError(ctx, g, err, c.args...)
	}
	defer cons.Close()
	return copyScript(ctx, cons)
}

// copyScript gives a console what somebody has written before, and prints what
// it prints until it ends.
func copyScript(ctx context.Context, cons ninep.File) error {
	go func() { // ends with the input; the node then ends the console
		in := &keys{in: os.Stdin}
		in.send(ctx, cons)
		cons.Write(ctx, []byte{4, 4}, 0) // ^D: the first may only end a line
	}()
	return copyOut(ctx, os.Stdout, cons)
}

// conTerminal is runCon, and runRun, for somebody who sits there. On a terminal that can do
// nothing but print, the host edits the lines.
func (c *command) conTerminal(ctx context.Context, cons ninep.File) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	defer onSignal(func(s os.Signal) {
		if s == os.Interrupt {
			cons.Write(ctx, []byte{3}, 0)
			return
		}
		n, _ := s.(syscall.Signal)
		cancel(exitStatus(128 + int(n)))
	})()
	defer onQuit(func() { cancel(errLeft) })()
	in := &keys{in: os.Stdin, leaving: true}
	out := io.Writer(os.Stdout)
	say := func(size string) { cons.Write(ctx, []byte(size), 0) }
	if dumbTerminal() {
		say(tty.Size(0, 0))
		in.again = tty.IsTerminal
	} else {
		raw, err := tty.MakeRaw(os.Stdin)
		if err != nil {
			return err
		}
		defer raw.Restore()
		out = &crlf{out: out}
		say(hello())
		tty.OnResize(ctx, os.Stdin, func(width, height int) { say(tty.Size(width, height)) })
		tty.OnContinue(ctx, func() { // the prompt is drawn when there is a terminal again
			say(tty.Size(0, 0) + hello())
		})
	}
	go func() { // ends with the program at the latest
		in.send(ctx, cons)
		cancel(errLeft)
	}()
	end := make(chan error, 1)
	go func() { end <- copyOut(ctx, out, cons) }() // this too, if the terminal takes no more
	var err error
	select {
	case err = <-end:
	case <-ctx.Done():
		err = context.Cause(ctx)
	}
	return err
}

// hello returns what this terminal says first to a console.
func hello() string {
	width, height := tty.WindowSize(os.Stdin)
	return tty.Hello(os.Getenv("TERM"), width, height)
}

// dumbTerminal reports whether the terminal can only print.
func dumbTerminal() bool {
	t := os.Getenv("TERM")
	return t == "dumb" || t == ""
}

// Keys are what somebody types, or a script contains.
type keys struct {
	in      *os.File
	leaving bool                   // leaveKey ends them
	again   func(in *os.File) bool // whether they go on after ^D; nil: they do not
}

// patience is how long what was typed before leaveKey may be under way.
const patience = 500 * time.Millisecond

// send sends the keys to a console until they end. One that does not take them
// can be left all the same.
func (k *keys) send(ctx context.Context, cons ninep.File) {
	queue, sent := make(chan []byte, 64), make(chan bool)
	go func() { // ends with the queue
		defer close(sent)
		for b := range queue {
			if _, err := cons.Write(ctx, b, 0); err != nil {
				break
			}
		}
	}()
	for more := true; more; {
		buf := make([]byte, 8192)
		n, err := k.in.Read(buf)
		buf, more = buf[:n], err == nil
		if i := bytes.IndexByte(buf, leaveKey); k.leaving && i >= 0 {
			buf, more = buf[:i], false
		}
		if err == io.EOF && k.again != nil && k.again(k.in) {
			buf, more = []byte{4}, true
		}
		select {
		case queue <- buf:
		case <-sent: // it has ended
			more = false
		}
	}
	close(queue)
	if !k.leaving {
		<-sent
		return
	}
	select {
	case <-sent:
	case <-time.After(patience):
	}
}

// copyOut prints what the console prints until that ends.
func copyOut(ctx context.Context, out io.Writer, cons ninep.File) error {
	buf := make([]byte, 8192)
	for {
		n, err := cons.Read(ctx, buf, 0)
		if n == 0 || err != nil {
			return err
		}
		if _, err := out.Write(buf[:n]); err != nil {
			return err
		}
	}
}

// A crlf writes to a raw terminal. What a node prints before it knows that
// somebody sits there ends its lines as files do.
type crlf struct {
	out  io.Writer
	last byte
}

func (w *crlf) Write(p []byte) (int, error) {
	b := make([]byte, 0, len(p)+16)
	for _, c := range p {
		if c == '\n' && w.last != '\r' {
			b = append(b, '\r')
		}
		b = append(b, c)
		w.last = c
	}
	if _, err := w.out.Write(b); err != nil {
		return 0, err
	}
	return len(p), nil
}
