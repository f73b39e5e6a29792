package hostexec

import (
	"context"
	"errors"
	"io"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"ufo/ninep"
)

// A stream is our end of a pipe to a command, or one direction of its
// terminal. The zero value has nothing to read, and nobody who reads.
//
// Calls wait with a deadline of the file, which a context that is done sets
// into the past. So that it is one call's alone there is one at a time; a
// terminal has one deadline for each direction.
type stream struct {
	f     *os.File      // does not block
	in    bool          // it is for writing: the command's input
	tty   bool          // f is a terminal's other side
	using chan struct{} // held by the call under way: capacity 1
	over  atomic.Bool   // the command has ended
}

func newStream(f *os.File, in, tty bool) *stream {
	return &stream{f: f, in: in, tty: tty, using: make(chan struct{}, 1)}
}

func (s *stream) deadline(t time.Time) {
	if s.in {
		s.f.SetWriteDeadline(t)
	} else {
		s.f.SetReadDeadline(t)
	}
}

// past returns a deadline that ends a call at once.
func past() time.Time { return time.Unix(1, 0) }

// read reads what the command has written. Its end is the end of the file,
// even if others still hold the pipe that it was started with.
func (s *stream) read(ctx context.Context, p []byte) (int, error) {
	n, err := s.call(ctx, func() (int, error) { return s.f.Read(p) }, func() (int, error) {
		return s.now(func(fd int) (int, error) { return syscall.Read(fd, p) })
	})
	switch {
	case n > 0:
		return n, nil
	case err == nil || errors.Is(err, os.ErrDeadlineExceeded) || errors.Is(hostError(err), ninep.ErrHungup) || errors.Is(err, io.EOF):
		return 0, nil
	}
	return 0, hostError(err)
}

// write writes what the command will read.
func (s *stream) write(ctx context.Context, p []byte) (int, error) {
	n, err := s.call(ctx, func() (int, error) { return s.f.Write(p) }, func() (int, error) { return 0, ninep.ErrHungup })
	return n, hostError(err)
}

// call makes f's call under ctx. If the command ends meanwhile it makes
// that of ended instead, which does not block.
func (s *stream) call(ctx context.Context, f, ended func() (int, error)) (int, error) {
	if s.f == nil {
		return 0, ninep.ErrHungup
	}
	select {
	case s.using <- struct{}{}:
	case <-ctx.Done():
		return 0, ninep.ErrIntr
	}
	defer func() { <-s.using }()
	for {
		s.deadline(time.Time{})
		if s.over.Load() && !s.tty {
			return ended()
		}
		fired := make(chan struct{})
		stop := context.AfterFunc(ctx, func() { s.deadline(past()); close(fired) })
		n, err := f()
		if !stop() {
			<-fired // so that it is not the next call's
		}
		switch {
		case !errors.Is(err, os.ErrDeadlineExceeded):
			return n, err
		case ctx.Err() != nil:
			return n, ninep.ErrIntr
		case n > 0: // a write that the command's end has cut short
			return n, ninep.ErrHungup
		}
	}
}

// now calls f with the descriptor; EAGAIN is the end.
func (s *stream) now(f func(fd int) (int, error)) (n int, err error) {
	raw, err := s.f.SyscallConn()
	if err != nil {
		return 0, err
	}
	var ferr error
	if err := raw.Control(func(fd uintptr) { n, ferr = f(int(fd)) }); err != nil {
		return 0, err
	}
	if ferr != nil {
		n = 0
	}
	if ferr == syscall.EAGAIN {
		ferr = nil
	}
	return n, ferr
}

// end notes that the command has ended, and ends calls that wait for more. A
// terminal hangs up by itself, once all is read.
func (s *stream) end() {
	s.over.Store(true)
	if s.f != nil && !s.tty {
		s.deadline(past())
	}
}

// eot is the key that ends the input from a terminal: ^D, twice, as the first
// may only end a line.
const eot = "\x04\x04"

// close tells the command that nobody will use this end any more. A terminal
// has one file for both ways, which stays: its input ends as it does when
// somebody types.
func (s *stream) close() {
	switch {
	case s.f == nil:
	case !s.tty:
		s.f.Close()
	case s.in:
		s.now(func(fd int) (int, error) { return syscall.Write(fd, []byte(eot)) })
	}
}
