package tls

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
)

// ClientFiles makes the handshake of a client through a filter of tls(3): its ctl,
// which has been given the connection, and its hand. Data can be used then.
func ClientFiles(ctl io.Writer, hand io.ReadWriter, cfg *Config) error {
	return throughFiles(ctl, hand, cfg, true)
}

// ServerFiles is like ClientFiles, for a server.
func ServerFiles(ctl io.Writer, hand io.ReadWriter, cfg *Config) error {
	return throughFiles(ctl, hand, cfg, false)
}

func throughFiles(ctl io.Writer, hand io.ReadWriter, cfg *Config, client bool) error {
	h, err := newHandshake(&files{ctl, hand}, cfg, client)
	if err == nil {
		err = h.run()
	}
	if a, ok := err.(Alert); ok {
		fmt.Fprintf(ctl, "alert %d", byte(a))
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(ctl, "opened")
	return err
}

// files are the records of a filter.
type files struct {
	ctl  io.Writer
	hand io.ReadWriter
}

func (f *files) Secret(hash, enc string, client bool, secret []byte) error {
	if _, err := fmt.Fprintf(f.ctl, "version %#x", version); err != nil {
		return err
	}
	side := 0
	if client {
		side = 1
	}
	msg := fmt.Appendf(nil, "secret %s %s %d %s", hash, enc, side, base64.StdEncoding.EncodeToString(secret))
	defer clear(msg)
	_, err := f.ctl.Write(msg)
	return err
}

func (f *files) ChangeOut() error {
	_, err := io.WriteString(f.ctl, "changecipher")
	return err
}

func (f *files) Flush() error { return nil }

func (f *files) put(b []byte) error {
	_, err := f.hand.Write(b)
	return err
}

func (f *files) get() ([]byte, error) {
	b := make([]byte, maxRecord)
	n, err := f.hand.Read(b)
	if n == 0 && err == nil {
		err = io.EOF
	}
	return b[:n], err
}

// change does nothing: the filter sees it, and refuses to be opened if it has not.
func (f *files) change() error { return nil }

// overLayer are the records of a Layer.
type overLayer struct{ *Layer }

func (l overLayer) put(b []byte) error   { return l.Layer.Write(Handshake, b) }
func (l overLayer) get() ([]byte, error) { return l.record(Handshake) }

func (l overLayer) change() error {
	b, err := l.record(ChangeCipherSpec)
	if err != nil {
		return err
	}
	if !bytes.Equal(b, []byte{1}) {
		return DecodeError
	}
	return l.ChangeIn()
}

// record returns the data of the next record, which must be of a type. A warning
// does not count.
func (l overLayer) record(want RecordType) ([]byte, error) {
	for range maxWarnings {
		typ, b, err := l.Read()
		if err != nil {
			return nil, err
		}
		if typ == AlertRecord {
			if err := received(b); err != nil {
				return nil, err
			}
			continue
		}
		if typ != want || len(b) == 0 {
			return nil, UnexpectedMessage
		}
		return b, nil
	}
	return nil, UnexpectedMessage
}
