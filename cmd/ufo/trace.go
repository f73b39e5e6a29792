package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"ufo/hosted/post"
	"ufo/ninep"
)

// runTrace stands between a 9P server and those who call it at a socket of its
// own, and shows what they say, until it is interrupted.
func runTrace(c *command) error {
	if err := post.Check(c.args[0]); err != nil {
		return usageError(err.Error())
	}
	ctx, stop := untilSignal()
	defer stop()
	out := c.stdout
	if c.out != "" {
		f, err := os.Create(c.out)
		if err != nil {
			return err
		}
		defer f.Close()
		out = f
	}
	t := &tracer{
		dial: func() (io.ReadWriteCloser, error) { return dial(c.args[0]) },
		told: func(err error) { fmt.Fprintf(c.stderr, "ufo: %v\n", err) }, out: out, now: time.Now,
	}
	if c.pcap != "" {
		f, err := os.Create(c.pcap)
		if err != nil {
			return err
		}
		defer f.Close()
		t.pcap = newPcap(f)
	}
	path := ""
	if len(c.args) == 2 {
		path = c.args[1]
	} else {
		dir, err := os.MkdirTemp("", "ufo-trace")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		path = filepath.Join(dir, "9p")
	}
	l, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	if len(c.args) == 1 {
		fmt.Fprintf(c.stderr, "ufo: who calls unix!%s is connected to %s, until ^C\n", path, c.args[0])
	}
	if err := t.serve(ctx, l); err != nil || t.pcap == nil {
		return err
	}
	return t.pcap.err
}

// A tracer shows what is said on connections to a server, byte by byte what
// they say.
type tracer struct {
	dial func() (io.ReadWriteCloser, error) // calls the server
	told func(err error)                    // is told why it cannot be called
	now  func() time.Time

	mu   sync.Mutex // guards out and pcap
	out  io.Writer
	pcap *pcap // nil: no file of packets
}

// serve connects those who call with the server, until ctx is done.
func (t *tracer) serve(ctx context.Context, l net.Listener) error {
	defer context.AfterFunc(ctx, func() { l.Close() })()
	var wg sync.WaitGroup
	defer wg.Wait()
	for n := 1; ; n++ {
		caller, err := l.Accept()
		if err != nil {
			return nil
		}
		server, err := t.dial()
		if err != nil {
			t.told(err)
			caller.Close()
			continue
		}
		end := context.AfterFunc(ctx, func() { caller.Close(); server.Close() })
		wg.Go(func() { // ends with either side, or with ctx
			t.connect(n, caller, server)
			end()
		})
	}
}

// connect carries what is said on the nth connection, until one side ends.
func (t *tracer) connect(n int, caller, server io.ReadWriteCloser) {
	var wg sync.WaitGroup
	wg.Go(func() { t.carry(n, fromCaller, server, caller) })
	wg.Go(func() { t.carry(n, fromServer, caller, server) })
	wg.Wait()
}

// carry carries what one side says to the other, and shows it.
func (t *tracer) carry(n, side int, to io.WriteCloser, from io.Reader) {
	defer to.Close()
	defer t.ended(n, side)
	in := bufio.NewReader(from)
	for {
		b, err := nextMessage(in)
		if len(b) > 0 {
			t.show(n, side, b)
			if _, err := to.Write(b); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// maxMessage is how long a message may be; what says that it is longer is none.
const maxMessage = 16 << 20

// nextMessage returns a message, or what there is of what is none.
func nextMessage(in *bufio.Reader) ([]byte, error) {
	head, err := in.Peek(4)
	size := len(head)
	if err == nil {
		if n := binary.LittleEndian.Uint32(head); n >= 4 && n <= maxMessage {
			size = int(n)
		} else {
			size = in.Buffered()
		}
	}
	b := make([]byte, size)
	got, readErr := io.ReadFull(in, b)
	if err == nil {
		err = readErr
	}
	return b[:got], err
}

// show shows a message.
func (t *tracer) show(n, side int, b []byte) {
	const most = 64 // bytes of what is no message
	var m ninep.Fcall
	line := fmt.Sprintf("raw %d %q", len(b), b[:min(len(b), most)])
	if m.Unmarshal(b) == nil {
		line = m.String()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	now := t.now()
	fmt.Fprintf(t.out, "%s %d %s\n", now.Format("15:04:05.000000"), n, line)
	if t.pcap != nil {
		t.pcap.message(n, side, b, now)
	}
}

// ended notes that one side says no more.
func (t *tracer) ended(n, side int) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.pcap != nil {
		t.pcap.end(n, side, t.now())
	}
}
