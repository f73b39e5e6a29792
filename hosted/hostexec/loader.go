package hostexec

import (
	"bytes"
	"context"
	"debug/elf"
	"errors"
	"fmt"
	"io"
	"slices"

	"ufo/ninep"
	"ufo/ns"
	"ufo/proc"
)

// A Loader runs programs of the host that are files of a name space, in that
// name space: see package hostexec. Main must call [Shim] first.
type Loader struct {
	// Owner is the user whose processes may run host programs; "":
	// everybody's.
	Owner string

	// Log is told of errors of the file system that the programs see: see
	// fuse.Options. Nil: nobody is.
	Log func(text string)
}

// Match reports whether a file is of the host's own kind of program.
func (l *Loader) Match(magic []byte) bool {
	return slices.ContainsFunc(magics, func(m string) bool { return bytes.HasPrefix(magic, []byte(m)) })
}

// Load returns a program that runs the file on the host.
func (l *Loader) Load(ctx context.Context, file *ns.Chan) (proc.Main, error) {
	e := executable{loader: l, name: file.Name()}
	var err error
	if e.interp, err = interpreter(ctx, file); err != nil {
		return nil, err
	}
	return e.main, nil
}

// An executable is a program of the host.
type executable struct {
	loader *Loader
	name   string // in the name space
	interp string // the host path of what loads its libraries; "" if there are none
}

// main is the program: a session with the host's.
func (e executable) main(p *proc.Proc) error {
	err := e.run(p)
	var failed *startError
	if errors.As(err, &failed) { // exec(2) has succeeded already, so nobody else will tell
		fmt.Fprintf(p.Stderr(), "%s: %v\n", e.name, failed.err)
	}
	return err
}

func (e executable) run(p *proc.Proc) error {
	if e.loader.Owner != "" && p.User() != e.loader.Owner {
		return &startError{ninep.ErrPerm}
	}
	s := newSession(p)
	defer s.end()
	if err := s.start(e); err != nil {
		return &startError{err}
	}
	return s.wait()
}

// A startError says why a program did not start.
type startError struct{ err error }

func (e *startError) Error() string { return e.err.Error() }
func (e *startError) Unwrap() error { return e.err }

// interpreter returns what an ELF file wants to be loaded by; "" for none, or
// for another kind of file.
func interpreter(ctx context.Context, file *ns.Chan) (string, error) {
	f, err := elf.NewFile(chanReader{ctx, file})
	var format *elf.FormatError
	switch {
	case errors.As(err, &format):
		return "", nil // the host will say what it thinks of it
	case err != nil:
		return "", err
	}
	for _, prog := range f.Progs {
		if prog.Type == elf.PT_INTERP {
			b := make([]byte, min(prog.Filesz, 4096))
			n, err := prog.ReadAt(b, 0)
			if err != nil && err != io.EOF {
				return "", err
			}
			return string(bytes.TrimRight(b[:n], "\x00")), nil
		}
	}
	return "", nil
}

// A chanReader is a Chan as an io.ReaderAt.
type chanReader struct {
	ctx context.Context
	c   *ns.Chan
}

func (r chanReader) ReadAt(p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := r.c.ReadAt(r.ctx, p[done:], off+int64(done))
		if err != nil {
			return done, err
		}
		if n == 0 {
			return done, io.EOF
		}
		done += n
	}
	return done, nil
}
