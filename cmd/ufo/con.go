package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"

	"ufo/hosted/tty"
	"ufo/ninep"
)

// leave is the key that ends a con: ^\, as in con(1).
const leave = 0x1c

// runCon joins this terminal to a console of a node. The lines are edited at
// the other end: here bytes go to and fro.
func runCon(c *command) error {
	return c.control(func(ctx context.Context, g *control) error {
		cons, err := g.open(ctx, "nodes/"+c.args[0]+"/cons", ninep.ORDWR)
		if errors.Is(err, ninep.ErrNotExist) {
			return fmt.Errorf("%s: no such node: ufo ps lists them", c.args[0])
		} else if err != nil {
			return fmt.Errorf("console of %s: %w", c.args[0], err)
		}
		defer cons.Close()
		ctx, cancel := context.WithCancel(ctx)
		defer cancel()
		if tty.IsTerminal(os.Stdin) && tty.IsTerminal(os.Stdout) {
			return c.conTerminal(ctx, cancel, cons)
		}
		go func() { // ends with the input; the node then ends the console
			copyKeys(ctx, cons, os.Stdin, false)
			cons.Write(ctx, []byte{4, 4}, 0) // ^D: the first may only end a line
		}()
		return copyOut(ctx, os.Stdout, cons)
	})
}

// conTerminal is runCon for somebody who sits there.
func (c *command) conTerminal(ctx context.Context, cancel func(), cons ninep.File) error {
	raw, err := tty.MakeRaw(os.Stdin)
	if err != nil {
		return err
	}
	defer raw.Restore()
	stop := onSignal(func(os.Signal) { cancel() })
	defer stop()
	resized := func(width, height int) { cons.Write(ctx, []byte(tty.Size(width, height)), 0) }
	resized(tty.WindowSize(os.Stdin))
	tty.OnResize(ctx, os.Stdin, resized)
	go func() { // ends with the program at the latest
		copyKeys(ctx, cons, os.Stdin, true)
		cancel()
	}()
	err = copyOut(ctx, &crlf{out: os.Stdout}, cons)
	raw.Restore()
	fmt.Fprintln(os.Stdout)
	if ctx.Err() != nil {
		return nil
	}
	return err
}

// copyKeys sends what is typed until the input ends or, if leaving is
// possible, the key for that.
func copyKeys(ctx context.Context, cons ninep.File, in io.Reader, leaving bool) {
	buf := make([]byte, 8192)
	for {
		n, err := in.Read(buf)
		keys := buf[:n]
		i := bytes.IndexByte(keys, leave)
		if leaving && i >= 0 {
			return
		}
		if _, werr := cons.Write(ctx, keys, 0); werr != nil || err != nil {
			return
		}
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
