package cmd

import (
	"bytes"
	"fmt"
	"io"
	"strings"

	"ufo/proc"
)

// This file is what a client of exportfs may ask for between the name of a tree
// and 9P: see import(4).

// maxImpo is the length of the longest line that asks for a filter.
const maxImpo = 128

// filter returns the stream on which 9P will come, after it has done what the
// client asks for, if that is a filter.
func (e *exporter) filter(p *proc.Proc) (io.ReadWriteCloser, error) {
	if e.service != "" || e.root != "" {
		return twoFds(p, 0, 1)
	}
	var first []byte
	if err := e.early(p, func() (err error) {
		first, err = readImpo(p)
		return err
	}); err != nil {
		return nil, fmt.Errorf("read filter: %w", err)
	}
	line, asks := strings.CutPrefix(string(first), impo)
	switch {
	case !asks:
		conn, err := twoFds(p, 0, 1)
		return again{conn, io.MultiReader(bytes.NewReader(first), conn)}, err
	case line == " nofilter clear\n":
		return twoFds(p, 0, 1)
	case line == " aan clear\n" && !e.auth, line == " aan tls\n" && e.auth:
		return e.serveAan(p)
	}
	return nil, fmt.Errorf("bad request for a filter: %q", first)
}

// impo begins a line that asks for a filter.
const impo = "impo"

// readImpo reads such a line, or, if it is none, as much as it takes to know that.
func readImpo(p *proc.Proc) ([]byte, error) {
	b := make([]byte, len(impo), maxImpo)
	n, err := io.ReadFull(p.Stdin(), b)
	if err == io.EOF || err == io.ErrUnexpectedEOF {
		return b[:n], nil
	}
	for err == nil && strings.HasPrefix(string(b), impo) && b[len(b)-1] != '\n' && len(b) < maxImpo {
		b = b[:len(b)+1]
		_, err = io.ReadFull(p.Stdin(), b[len(b)-1:])
	}
	return b, err
}

// An again is a stream of which something has been read that is to be read again.
type again struct {
	io.ReadWriteCloser
	r io.Reader
}

func (a again) Read(b []byte) (int, error) { return a.r.Read(b) }

// serveAan announces an address, tells the client, and has an aan wait there. Whoever
// calls that is taken for the client, unless there is a secret which only he knows.
func (e *exporter) serveAan(p *proc.Proc) (io.ReadWriteCloser, error) {
	a, err := announce(p, e.aan)
	if err != nil {
		return nil, fmt.Errorf("announce %s: %w", e.aan, err)
	}
	defer p.Close(a.ctl)
	local, err := p.ReadFile(a.dir + "/local")
	if err != nil {
		return nil, err
	}
	fd, err := aanEnd{dir: a.dir, maxto: aanMaxto}.start(p, a.ctl)
	if err != nil {
		return nil, err
	}
	defer func() { p.Close(fd) }()
	if _, err := p.Write(1, bytes.TrimSpace(local)); err != nil {
		return nil, err
	}
	p.Close(0)
	p.Close(1)
	if e.auth {
		clear := -1
		err := within(p, tlsPatience, func() (err error) {
			clear, err = tlsServer(p, fd, e.info)
			return err
		})
		if err != nil {
			return nil, err
		}
		fd = clear
	}
	return p.Conn(fd)
}
