package dev

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	"ufo/auth/tls"
	"ufo/ninep"
	"ufo/ns"
)

// The states of a filter, by the names status has.
const (
	tlsClosed      = "Closed" // no connection yet, or none any more
	tlsHandshaking = "Handshaking"
	tlsEstablished = "Established"
	tlsRemote      = "RemoteClosed"
	tlsLocal       = "LocalClosed"
	tlsErrored     = "Errored"
)

// The errors of filters.
const (
	errTLS        ninep.Error = "tls error"
	errTLSHungup  ninep.Error = "tls hungup"
	errTLSConfig  ninep.Error = "tls improperly configured"
	errTLSVersion ninep.Error = "unsupported version"
)

// version12 is the only version there is; a first record may claim another.
const version12 = 0x303

// maxQueued is how many records of one kind wait for who reads them. Only one who reads
// the other kind brings so many, or their sender means ill.
const maxQueued = 64

// goodbye is how long the end of a filter waits to tell the other side.
const goodbye = 5 * time.Second

// A filter is a connection that is encrypted.
type filter struct {
	dev *tlsDev
	num int
	dir *ninep.Node
	ctl *ninep.Node

	// Who reads or writes records has put something in here.
	reading, writing chan struct{}

	mu       sync.Mutex // guards what follows
	inuse    int        // how many of its files are open
	owner    string
	perm     ninep.Perm
	handOpen bool
	state    string // "" is tlsClosed
	why      string // of tlsErrored
	version  int
	verset   bool // it has been set, not only claimed
	opened   bool
	conn     *channel
	layer    *tls.Layer

	in, out, next   cipherNames // next is of in, nextOut of out
	nextOut         cipherNames
	data, hand      []item // not yet read
	dataIn, dataOut int64
	handIn, handOut int64
}

// A cipherNames is how records are kept.
type cipherNames struct{ enc, hash string }

// An item is what can be read next: bytes, or an error.
type item struct {
	b   []byte
	err error
}

// A channel is the connection under a filter, used with the context of the call
// that waits. Each direction is used by one at a time.
type channel struct {
	c          *ns.Chan // owned
	rctx, wctx context.Context
}

func (c *channel) Read(p []byte) (int, error) {
	n, err := c.c.Read(c.rctx, p)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return n, err
}

func (c *channel) Write(p []byte) (int, error) { return c.c.Write(c.wctx, p) }

// take takes what only one can have, unless ctx is done.
func take(ctx context.Context, token chan struct{}) error {
	select {
	case token <- struct{}{}:
		return nil
	case <-ctx.Done():
		return ninep.ErrIntr
	}
}

// fail puts the filter into its error state: who reads hand is told.
func (f *filter) fail(why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.state != tlsErrored {
		f.state, f.why = tlsErrored, why
		f.tell(why)
	}
}

// tell makes the next read of hand an error. It is called with mu held.
func (f *filter) tell(why string) {
	if f.handOpen && len(f.hand) <= maxQueued { // with many before it nobody reads
		f.hand = append(f.hand, item{err: ninep.Error(why)})
	}
}

// closed notes that one side has closed down.
func (f *filter) closed(which string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch f.state {
	case tlsHandshaking, tlsEstablished:
		f.state = which
	case tlsRemote, tlsLocal:
		if f.state != which {
			f.state = tlsClosed
		}
	}
	f.tell("close notify")
}

// usable returns the error of using data or hand in a state that does not allow
// it. It is called with mu held.
func (f *filter) usable(hand bool) error {
	switch f.state {
	case tlsEstablished:
		return nil
	case tlsHandshaking:
		if hand {
			return nil
		}
		return errTLSConfig
	case tlsErrored:
		if hand {
			return ninep.Error(f.why)
		}
		return errTLS
	}
	return errTLSHungup
}

// write writes data, or messages of the handshake.
func (f *filter) write(ctx context.Context, p []byte, typ tls.RecordType) (int, error) {
	f.mu.Lock()
	err := f.usable(typ == tls.Handshake)
	f.mu.Unlock()
	if err != nil {
		return 0, err
	}
	if err := f.send(ctx, func(l *tls.Layer) error { return l.Write(typ, p) }); err != nil {
		return 0, err
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if typ == tls.Handshake {
		f.handOut += int64(len(p))
	} else {
		f.dataOut += int64(len(p))
	}
	return len(p), nil
}

// read returns what is in a queue, of one record at most, and reads records until
// something is.
func (f *filter) read(ctx context.Context, p []byte, queue *[]item) (int, error) {
	for {
		if n, err, ok := f.queued(p, queue); ok {
			return n, err
		}
		if err := take(ctx, f.reading); err != nil {
			return 0, err
		}
		n, err, ok := f.queued(p, queue) // while we waited for who had it
		if !ok {
			err = f.record(ctx)
		}
		<-f.reading
		if ok || err != nil {
			return n, err
		}
	}
}

// queued takes from a queue. It reports false if that is empty, and more may come.
func (f *filter) queued(p []byte, queue *[]item) (int, error, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	q := *queue
	if len(q) == 0 {
		err := f.usable(queue == &f.hand)
		return 0, err, err != nil
	}
	n := copy(p, q[0].b)
	err := q[0].err
	if q[0].b = q[0].b[n:]; len(q[0].b) == 0 {
		*queue = q[1:]
	}
	return n, err, true
}

// record reads a record and puts what is in it where it belongs.
func (f *filter) record(ctx context.Context) error {
	f.conn.rctx = ctx
	typ, b, err := f.layer.Read()
	var a tls.Alert
	switch {
	case err == io.EOF, err == io.ErrUnexpectedEOF:
		f.fail("channel error")
		return ninep.ErrHungup
	case err != nil && ctx.Err() != nil:
		return err
	case errors.As(err, &a):
		return f.wrong(ctx, a)
	case err != nil:
		f.fail("channel error")
		return err
	}
	switch typ {
	case tls.ChangeCipherSpec:
		if len(b) != 1 || b[0] != 1 {
			return f.wrong(ctx, tls.DecodeError)
		}
		if f.layer.ChangeIn() != nil {
			return f.wrong(ctx, tls.UnexpectedMessage)
		}
		f.mu.Lock()
		defer f.mu.Unlock()
		f.in, f.next = f.next, cipherNames{}
	case tls.AlertRecord:
		return f.alerted(ctx, b)
	case tls.Handshake:
		return f.handshake(ctx, b)
	case tls.Application:
		return f.application(ctx, b)
	}
	return nil
}

// wrong tells the other side what is wrong with what it sent.
func (f *filter) wrong(ctx context.Context, a tls.Alert) error {
	f.alert(ctx, a)
	return f.broken(a)
}

// broken returns the error of an alert for who is reading.
func (f *filter) broken(a tls.Alert) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.opened {
		return errTLS
	}
	return ninep.Error(a.Error())
}

// alerted takes an alert.
func (f *filter) alerted(ctx context.Context, b []byte) error {
	if len(b) != 2 {
		return f.wrong(ctx, tls.DecodeError)
	}
	a := tls.Alert(b[1])
	switch {
	case a == tls.CloseNotify:
		f.closed(tlsRemote)
		f.mu.Lock()
		defer f.mu.Unlock()
		if f.opened {
			return errTLSHungup
		}
		return ninep.Error(a.Error())
	case a.Fatal() || b[0] != 1:
		f.fail(a.Error())
		return f.broken(a)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	f.tell(a.Error())
	return nil
}

// handshake queues messages for who has hand open. If nobody has, there will be no
// other handshake.
func (f *filter) handshake(ctx context.Context, b []byte) error {
	f.mu.Lock()
	f.handIn += int64(len(b))
	open, full := f.handOpen, len(f.hand) >= maxQueued
	if open && !full && len(b) > 0 {
		f.hand = append(f.hand, item{b: b})
	}
	f.mu.Unlock()
	switch {
	case !open:
		return f.alert(ctx, tls.NoRenegotiation)
	case full:
		return f.wrong(ctx, tls.UnexpectedMessage)
	}
	return nil
}

// application queues data.
func (f *filter) application(ctx context.Context, b []byte) error {
	f.mu.Lock()
	bad := !f.opened || len(f.data) >= maxQueued
	f.dataIn += int64(len(b))
	if !bad && len(b) > 0 {
		f.data = append(f.data, item{b: b})
	}
	f.mu.Unlock()
	if bad {
		return f.wrong(ctx, tls.UnexpectedMessage)
	}
	return nil
}

// end closes the connection, and before that tells the other side, if that is
// still of interest.
func (f *filter) end() {
	f.mu.Lock()
	conn, state := f.conn, f.state
	f.mu.Unlock()
	if conn == nil {
		return
	}
	if state == tlsHandshaking || state == tlsEstablished || state == tlsRemote {
		ctx, cancel := context.WithTimeout(context.Background(), goodbye)
		defer cancel()
		f.alert(ctx, tls.CloseNotify)
	}
	conn.c.Close()
}

// status is the file of that name.
func (f *filter) status() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	var b strings.Builder
	state := f.state
	if state == "" {
		state = tlsClosed
	}
	fmt.Fprintf(&b, "State: %s\nVersion: %#x\n", state, f.version)
	for _, c := range []struct {
		prefix, dir string
		names       cipherNames
	}{{"", "In", f.in}, {"New", "In", f.next}, {"", "Out", f.out}, {"New", "Out", f.nextOut}} {
		if c.names != (cipherNames{}) {
			fmt.Fprintf(&b, "%sEnc%s: %s\n%sHash%s: %s\n", c.prefix, c.dir, c.names.enc, c.prefix, c.dir, c.names.hash)
		}
	}
	return b.String()
}

// stats is the file of that name.
func (f *filter) stats() string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return fmt.Sprintf("DataIn: %d\nDataOut: %d\nHandIn: %d\nHandOut: %d\n", f.dataIn, f.dataOut, f.handIn, f.handOut)
}
