package proc

import (
	"bytes"
	"io"

	"ufo/ninep"
	"ufo/ns"
)

// An FD is a descriptor of a process as an io.Reader and io.Writer, for
// packages of Go's library. Its calls are system calls of the process.
type FD struct {
	p  *Proc
	fd int
}

// FD returns the descriptor n.
func (p *Proc) FD(n int) FD { return FD{p, n} }

// Stdin returns the descriptor 0.
func (p *Proc) Stdin() FD { return FD{p, 0} }

// Stdout returns the descriptor 1.
func (p *Proc) Stdout() FD { return FD{p, 1} }

// Stderr returns the descriptor 2.
func (p *Proc) Stderr() FD { return FD{p, 2} }

// Read reads; the end of the file is io.EOF.
func (f FD) Read(b []byte) (int, error) {
	n, err := f.p.Read(f.fd, b)
	if n == 0 && err == nil && len(b) > 0 {
		err = io.EOF
	}
	return n, err
}

// Write writes all of b, in as many writes as it takes.
func (f FD) Write(b []byte) (int, error) {
	done := 0
	for {
		n, err := f.p.Write(f.fd, b[done:])
		done += n
		if err != nil || done >= len(b) {
			return done, err
		}
		if n == 0 {
			return done, io.ErrShortWrite
		}
	}
}

// Close closes the descriptor.
func (f FD) Close() error { return f.p.Close(f.fd) }

// Conn returns a descriptor as a stream of bytes for 9P. Unlike an FD it may
// be used by other goroutines; its calls end when the process does. Closing
// it leaves the descriptor open.
func (p *Proc) Conn(fd int) (io.ReadWriteCloser, error) {
	c, err := p.fgrp.get(fd)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	return ns.Conn(p.life, c), nil
}

// maxFile bounds what ReadFile returns: some files have no end.
const maxFile = 256 << 20

// ReadFile returns the contents of a file, of at most 256 MB.
func (p *Proc) ReadFile(name string) ([]byte, error) {
	fd, err := p.Open(name, ninep.OREAD)
	if err != nil {
		return nil, err
	}
	defer p.Close(fd)
	var all []byte
	buf := make([]byte, 8192)
	for {
		n, err := p.Read(fd, buf)
		if err != nil || n == 0 {
			return all, err
		}
		if all = append(all, buf[:n]...); len(all) > maxFile {
			return nil, ninep.ErrNoMem
		}
	}
}

// WriteFile creates or truncates a file and writes b to it.
func (p *Proc) WriteFile(name string, b []byte) error {
	fd, err := p.Create(name, ninep.OWRITE, 0666)
	if err != nil {
		return err
	}
	defer p.Close(fd)
	if len(b) == 0 {
		return nil
	}
	_, err = p.FD(fd).Write(b)
	return err
}

// Getenv returns the value of an environment variable, "" if there is none;
// the elements of a list are separated by blanks. See getenv(2).
func (p *Proc) Getenv(name string) string {
	b, err := p.ReadFile("/env/" + name)
	if err != nil {
		return ""
	}
	b = bytes.TrimSuffix(b, []byte{0})
	return string(bytes.ReplaceAll(b, []byte{0}, []byte{' '}))
}

// Putenv sets an environment variable. See getenv(2).
func (p *Proc) Putenv(name, value string) error {
	return p.WriteFile("/env/"+name, []byte(value))
}
