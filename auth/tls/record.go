package tls

import (
	"bufio"
	"encoding/binary"
	"errors"
	"io"
	"slices"
	"sync"
)

// A RecordType says what is in a record.
type RecordType byte

// The types of records.
const (
	ChangeCipherSpec RecordType = 20
	AlertRecord      RecordType = 21
	Handshake        RecordType = 22
	Application      RecordType = 23
)

const (
	version   = 0x0303  // TLS 1.2
	headerLen = 5       // of a record: type, version, length
	maxRecord = 1 << 14 // data in a record
	maxExtra  = 1 << 11 // what a cipher may add
)

// Errors of a Layer that is not used as it must be.
var (
	errNoSecret = errors.New("cannot change cipher spec without setting secret")
	errSpent    = errors.New("too many records")
)

// A Layer is the record layer on a connection. At first nothing is encrypted.
// Neither a Read nor a Write that waits keeps other calls waiting, except for
// those of the same kind.
type Layer struct {
	rmu sync.Mutex // guards r, and the order of what is read
	r   *bufio.Reader

	wmu sync.Mutex // guards w, and the order of what is written
	w   *bufio.Writer

	mu      sync.Mutex // guards in and out; locked last
	in, out direction
}

// A direction is how records one way are kept.
type direction struct {
	seq       uint64
	now, next protection // nil: not
}

// NewLayer returns one on a connection. It may read more than it has been asked
// for.
func NewLayer(rw io.ReadWriter) *Layer {
	return &Layer{r: bufio.NewReaderSize(rw, headerLen+maxRecord+maxExtra), w: bufio.NewWriter(rw)}
}

// Secret sets how records will be kept, from the next change of ciphers in each
// direction: see tls(3) for the names and the secret data.
func (l *Layer) Secret(hash, enc string, client bool, secret []byte) error {
	a, err := find(hash, enc)
	if err != nil {
		return err
	}
	c, s, err := a.protections(secret)
	if err != nil {
		return err
	}
	if client {
		c, s = s, c
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.in.next, l.out.next = c, s
	return nil
}

// change begins to keep records anew.
func (d *direction) change() error {
	if d.next == nil {
		return errNoSecret
	}
	d.now, d.next, d.seq = d.next, nil, 0
	return nil
}

// number returns the number of the next record.
func (d *direction) number() (uint64, error) {
	if d.seq+1 == 0 {
		return 0, errSpent
	}
	d.seq++
	return d.seq - 1, nil
}

// ChangeIn is to be called for a record of type ChangeCipherSpec that was read: the
// next is encrypted.
func (l *Layer) ChangeIn() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.in.change() != nil {
		return UnexpectedMessage
	}
	return nil
}

// ChangeOut writes a record of type ChangeCipherSpec, and encrypts those after it.
func (l *Layer) ChangeOut() error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	l.mu.Lock()
	ready := l.out.next != nil
	l.mu.Unlock()
	if !ready {
		return errNoSecret
	}
	if err := l.write(ChangeCipherSpec, []byte{1}); err != nil {
		return err
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.out.change()
}

// Write writes data in as many records as it takes, at least one. Records are sent
// by Flush.
func (l *Layer) Write(typ RecordType, data []byte) error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	for {
		n := min(len(data), maxRecord)
		if err := l.write(typ, data[:n]); err != nil {
			return err
		}
		if data = data[n:]; len(data) == 0 {
			return nil
		}
	}
}

// write writes a record.
func (l *Layer) write(typ RecordType, data []byte) error {
	body, err := l.protect(typ, data)
	if err != nil {
		return err
	}
	b := append(make([]byte, 0, headerLen), byte(typ))
	b = binary.BigEndian.AppendUint16(b, version)
	b = binary.BigEndian.AppendUint16(b, uint16(len(body)))
	l.w.Write(b)
	_, err = l.w.Write(body)
	return err
}

// protect returns the body of the next record.
func (l *Layer) protect(typ RecordType, data []byte) ([]byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq, err := l.out.number()
	if err != nil || l.out.now == nil {
		return data, err
	}
	return l.out.now.seal(seq, typ, data), nil
}

// Flush sends what was written.
func (l *Layer) Flush() error {
	l.wmu.Lock()
	defer l.wmu.Unlock()
	return l.w.Flush()
}

// Read returns the data of the next record, which is the caller's. An error that is
// an Alert is one to be sent: the connection is of no more use. The end of the
// connection is io.EOF, within a record io.ErrUnexpectedEOF. After an error of the
// connection that is not its end Read can be called again: nothing is lost.
func (l *Layer) Read() (RecordType, []byte, error) {
	l.rmu.Lock()
	defer l.rmu.Unlock()
	h, err := l.peek(headerLen)
	if err != nil {
		return 0, nil, err
	}
	typ, vers := RecordType(h[0]), binary.BigEndian.Uint16(h[1:])
	n := int(binary.BigEndian.Uint16(h[3:]))
	l.mu.Lock()
	plain := l.in.now == nil
	l.mu.Unlock()
	switch {
	case typ < ChangeCipherSpec || typ > Application:
		return 0, nil, UnexpectedMessage
	case vers>>8 != version>>8, vers != version && !plain: // a hello may claim less
		return 0, nil, ProtocolVersion
	case n > maxRecord+maxExtra, n > maxRecord && plain:
		return 0, nil, RecordOverflow
	}
	b, err := l.peek(headerLen + n)
	if err != nil {
		return 0, nil, err
	}
	b = slices.Clone(b[headerLen:])
	l.r.Discard(headerLen + n)
	return l.unprotect(typ, b)
}

// peek returns the next n bytes, which are not taken.
func (l *Layer) peek(n int) ([]byte, error) {
	b, err := l.r.Peek(n)
	if err == io.EOF && len(b) > 0 {
		err = io.ErrUnexpectedEOF
	}
	return b, err
}

// unprotect returns the data in the body of a record.
func (l *Layer) unprotect(typ RecordType, b []byte) (RecordType, []byte, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	seq, err := l.in.number()
	if err != nil {
		return 0, nil, err
	}
	if l.in.now != nil {
		if b, err = l.in.now.open(seq, typ, b); err != nil {
			return 0, nil, err
		}
	}
	if len(b) > maxRecord {
		return 0, nil, RecordOverflow
	}
	return typ, b, nil
}
